//! Events about machines and their provisioning (`events.md sections 4.4 and 4.6`).

use super::{
    EventMeaning,
    EventResult::{Done, Failed, Happened},
    EventSubject::Machine,
    EventUrgency::{ActNow, MachineIll, Normal, Watch, WhoDidWhat},
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "BROKER_AGENT_OFFLINE",
        (Machine, Failed, MachineIll),
        "The agent of a machine does not answer any more: the machine is marked as offline.",
        "Its sessions may be stuck. Look at the machine in vCenter; several on one host: look at that host.",
    ),
    meaning(
        "BROKER_AGENT_ONLINE",
        (Machine, Happened, Normal),
        "The agent of a machine answers again without having been started anew.",
        "If it comes and goes, look at the machine's network.",
    ),
    meaning(
        "BROKER_MACHINE_OPERATION_DELETED",
        (Machine, Happened, Normal),
        "A machine of a pool was deleted.",
        "Instant clones are deleted after each log-off: that is normal.",
    ),
    meaning(
        "BROKER_PROVISIONING_DISABLED",
        (Machine, Happened, Watch),
        "No new machines are made for a pool any more.",
        "The server switches it off by itself after errors: look for those of the same pool before it.",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_CONFIG_SET",
        (Machine, Failed, ActNow),
        "New machines of a pool cannot be made because its settings do not fit the environment. The problem \
         stands until the same type with CLEARED.",
        "Look at the settings of the pool: snapshot, folder, resource pool, account.",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_CONFIG_CLEARED",
        (Machine, Happened, Normal),
        "A problem of a pool is over: machines could not be made because its settings do not fit the \
         environment.",
        "",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_DISK_SET",
        (Machine, Failed, ActNow),
        "New machines of a pool cannot be made because of its storage. The problem stands until the same \
         type with CLEARED.",
        "Look at the free space and the state of the datastores of the pool.",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_DISK_CLEARED",
        (Machine, Happened, Normal),
        "A problem of a pool is over: machines could not be made because of its storage.",
        "",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_LICENCE_SET",
        (Machine, Failed, ActNow),
        "New machines of a pool cannot be made because a licence is missing. The problem stands until the \
         same type with CLEARED.",
        "Look at the licences of vCenter and Horizon.",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_LICENCE_CLEARED",
        (Machine, Happened, Normal),
        "A problem of a pool is over: machines could not be made because a licence is missing.",
        "",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_NETWORKING_SET",
        (Machine, Failed, ActNow),
        "New machines of a pool cannot be made because the new machines do not reach the connection server. \
         The problem stands until the same type with CLEARED.",
        "Look at DNS, DHCP and the firewall of the network that the machines get.",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_NETWORKING_CLEARED",
        (Machine, Happened, Normal),
        "A problem of a pool is over: machines could not be made because the new machines do not reach the \
         connection server.",
        "",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_RESOURCE_SET",
        (Machine, Failed, ActNow),
        "New machines of a pool cannot be made because the cluster has no room. The problem stands until the \
         same type with CLEARED.",
        "Look at memory and processors of the cluster under the pool.",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_RESOURCE_CLEARED",
        (Machine, Happened, Normal),
        "A problem of a pool is over: machines could not be made because the cluster has no room.",
        "",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_TIMEOUT_CUSTOMIZATION_SET",
        (Machine, Failed, ActNow),
        "New machines of a pool cannot be made because preparing the machines takes too long. The problem \
         stands until the same type with CLEARED.",
        "Look at a machine that hangs in it, and at the domain controllers.",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_TIMEOUT_CUSTOMIZATION_CLEARED",
        (Machine, Happened, Normal),
        "A problem of a pool is over: machines could not be made because preparing the machines takes too \
         long.",
        "",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_VM_CLONING",
        (Machine, Failed, MachineIll),
        "A machine could not be cloned.",
        "Look at the task of that machine in vCenter and at its storage.",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_VM_CUSTOMIZATION_ERROR",
        (Machine, Failed, MachineIll),
        "A new machine could not be prepared for its domain.",
        "Look at the account that joins machines to the domain and at the log in the machine.",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_VM_CUSTOMIZATION_TIMEOUT",
        (Machine, Failed, MachineIll),
        "Preparing a new machine took too long.",
        "Look at the machine's console in vCenter: it often waits there for an answer.",
    ),
    meaning(
        "BROKER_PROVISIONING_ERROR_VM_CUSTOMIZATION_NETWORKING",
        (Machine, Failed, MachineIll),
        "The agent of a new machine does not reach the connection server.",
        "Look at DNS, DHCP and the firewall of the network that the machine got.",
    ),
    meaning(
        "BROKER_PROVISIONING_NGVC_ERROR_COMPOSER_AGENT_INIT_FAILED",
        (Machine, Failed, MachineIll),
        "The part of the agent that prepares instant clones did not start in a machine.",
        "Look at the image: the agent's version and how it was installed.",
    ),
    meaning(
        "BROKER_PROVISIONING_VERIFICATION_FAILED_USER_ASSIGNED",
        (Machine, Failed, Watch),
        "A machine was not made for a user because the user has one in that pool already.",
        "Look at the assignments of the pool.",
    ),
    meaning(
        "BROKER_PROVISIONING_VERIFICATION_FAILED_VMNAME_IN_USE",
        (Machine, Failed, Watch),
        "A machine was not made because the pool has one of that name already.",
        "Look at the names of the pool; a machine that was not cleaned up may hold the name.",
    ),
    meaning(
        "BROKER_PROVISIONING_PUBLISH_IMAGE_SUCCESS",
        (Machine, Done, Normal),
        "A pool has its new image: its machines are made from it from now on.",
        "",
    ),
    meaning(
        "BROKER_PROVISIONING_PUBLISH_IMAGE_FAILED",
        (Machine, Failed, ActNow),
        "A pool did not get its new image: it goes on with the old one.",
        "Look at the snapshot, the storage and the tasks in vCenter, then push the image again.",
    ),
    meaning(
        "BROKER_PROVISIONING_RECOVERY_START",
        (Machine, Happened, Normal),
        "The server tries to mend a machine that is in error.",
        "",
    ),
    meaning(
        "BROKER_PROVISIONING_RECOVERY_COMPLETE",
        (Machine, Done, Normal),
        "A machine that was in error has been mended.",
        "",
    ),
    meaning(
        "BROKER_PROVISIONING_RECOVERY_FAILED",
        (Machine, Failed, MachineIll),
        "The server could not mend a machine and has given up.",
        "Look at that machine in vCenter; deleting it lets the pool make another.",
    ),
    meaning(
        "BROKER_NETWORK_LABEL_ALL_CAPACITY_REACHED",
        (Machine, Failed, Watch),
        "A machine of a pool found no free port in any of its networks.",
        "Add network labels to the pool, or free ports.",
    ),
    meaning(
        "VLSI_MACHINE_RESET",
        (Machine, Done, WhoDidWhat),
        "An administrator reset a machine.",
        "Unsaved work on it is lost. AGENT_STARTUP from the machine shows that it is back.",
    ),
    meaning(
        "VLSI_MACHINE_RESET_FAILED",
        (Machine, Failed, WhoDidWhat),
        "An administrator tried to reset a machine and it was not done.",
        "Look at the task of that machine in vCenter and at the administrator's privileges.",
    ),
    meaning(
        "VLSI_MACHINE_RESTART",
        (Machine, Done, WhoDidWhat),
        "An administrator restarted a machine.",
        "AGENT_STARTUP from the machine shows that it is back.",
    ),
    meaning(
        "VLSI_MACHINE_RESTART_FAILED",
        (Machine, Failed, WhoDidWhat),
        "An administrator tried to restart a machine and it was not done.",
        "Look at the task of that machine in vCenter and at the administrator's privileges.",
    ),
    meaning(
        "VLSI_MACHINE_REBUILD",
        (Machine, Done, WhoDidWhat),
        "An administrator rebuilt a machine.",
        "The machine is made anew; AGENT_STARTUP shows when it can be used.",
    ),
    meaning(
        "VLSI_MACHINE_REBUILD_FAILED",
        (Machine, Failed, WhoDidWhat),
        "An administrator tried to rebuild a machine and it was not done.",
        "Look at the task of that machine in vCenter and at the administrator's privileges.",
    ),
    meaning(
        "VLSI_MACHINE_RECOVERY_REQUESTED",
        (Machine, Done, WhoDidWhat),
        "An administrator asked for a machine to be mended.",
        "BROKER_PROVISIONING_RECOVERY_COMPLETE or _FAILED tells how it went.",
    ),
    meaning(
        "VLSI_MACHINE_RECOVERY_REQUEST_FAILED",
        (Machine, Failed, WhoDidWhat),
        "An administrator asked for a machine to be mended and it was refused.",
        "Machines of some pools cannot be mended like this.",
    ),
    meaning(
        "VLSI_MACHINE_MAINTENANCE",
        (Machine, Done, WhoDidWhat),
        "An administrator put a machine into maintenance or took it out.",
        "In maintenance it takes no new sessions.",
    ),
    meaning(
        "VLSI_MACHINE_MAINTENANCE_FAILED",
        (Machine, Failed, WhoDidWhat),
        "An administrator tried to put a machine into maintenance or to take it out and it was not done.",
        "Look at the state of that machine.",
    ),
    meaning(
        "VLSI_MACHINE_DELETED",
        (Machine, Done, WhoDidWhat),
        "An administrator deleted a machine.",
        "A session on it ended with it.",
    ),
    meaning(
        "VLSI_MACHINE_DELETE_FAILED",
        (Machine, Failed, WhoDidWhat),
        "An administrator tried to delete a machine and it was not done.",
        "A session on it may keep it; look at its state and its task in vCenter.",
    ),
    meaning(
        "ADMIN_RESET_VM",
        (Machine, Done, WhoDidWhat),
        "An administrator reset a machine, as by its power button.",
        "Unsaved work on it is lost. AGENT_STARTUP from the machine shows that it is back.",
    ),
    meaning(
        "ADMIN_RESET_VM_FAIL",
        (Machine, Failed, WhoDidWhat),
        "An administrator tried to reset a machine and it was not done.",
        "Look at the machine in vCenter and at the administrator's privileges.",
    ),
    meaning(
        "ADMIN_RESTART_VM",
        (Machine, Done, WhoDidWhat),
        "An administrator restarted a machine.",
        "AGENT_STARTUP from the machine shows that it is back.",
    ),
    meaning(
        "ADMIN_RESTART_VM_FAIL",
        (Machine, Failed, WhoDidWhat),
        "An administrator tried to restart a machine and it was not done.",
        "Look at the machine in vCenter and at the administrator's privileges.",
    ),
    meaning(
        "ADMIN_DESKTOP_MAINTENANCE_MODE_UPDATED",
        (Machine, Done, WhoDidWhat),
        "An administrator put a machine into maintenance or took it out; the text says which.",
        "In maintenance it takes no new sessions.",
    ),
    meaning(
        "ADMIN_DESKTOP_ASSIGN",
        (Machine, Done, WhoDidWhat),
        "An administrator assigned a machine to a user.",
        "",
    ),
    meaning(
        "ADMIN_DESKTOP_UNASSIGN",
        (Machine, Done, WhoDidWhat),
        "An administrator took a machine away from its user.",
        "The user gets another one, or none, at the next log-in.",
    ),
];
