//! Events about sessions of the local pod (`events.md sections 3.1 and 4.6`).

use super::{
    EventMeaning,
    EventResult::{Done, Failed},
    EventSubject::Session,
    EventUrgency::WhoDidWhat,
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "ADMIN_DESKTOP_SESSION_DISCONNECTED",
        (Session, Done, WhoDidWhat),
        "An administrator disconnected a session from its client. The desktop and its programs run on.",
        "The user can come back to it; AGENT_DISCONNECTED on the same machine shows that it really happened.",
    ),
    meaning(
        "ADMIN_DESKTOP_SESSION_DISCONNECT_FAILED",
        (Session, Failed, WhoDidWhat),
        "An administrator asked for a session to be disconnected and it was not.",
        "It may have been disconnected already or have ended. Look at the fault in the job's report, at the \
         state of the session and at your privilege on its access group.",
    ),
    meaning(
        "ADMIN_DESKTOP_SESSION_LOGOFF",
        (Session, Done, WhoDidWhat),
        "An administrator logged a session off. Polite and forced log-offs write the same type: they cannot \
         be told apart here.",
        "AGENT_ENDED on the same machine shows the end. A session that stays in the list afterwards is \
         stuck.",
    ),
    meaning(
        "ADMIN_DESKTOP_SESSION_LOGOFF_FAILED",
        (Session, Failed, WhoDidWhat),
        "An administrator asked for a log-off and it was refused. A locked session refuses a polite one.",
        "If it is locked, log it off by force: unsaved work is lost. Otherwise look at the fault in the \
         job's report.",
    ),
    meaning(
        "ADMIN_DESKTOP_SESSION_REBOOTED",
        (Session, Done, WhoDidWhat),
        "An administrator reset the machine of a session, as by its power button. Servers write REBOOTED or \
         RESET for it: both mean the same.",
        "Unsaved work is lost. AGENT_STARTUP from the machine shows that it is back.",
    ),
    meaning(
        "ADMIN_DESKTOP_SESSION_RESET",
        (Session, Done, WhoDidWhat),
        "An administrator reset the machine of a session, as by its power button. Servers write REBOOTED or \
         RESET for it: both mean the same.",
        "Unsaved work is lost. AGENT_STARTUP from the machine shows that it is back.",
    ),
    meaning(
        "ADMIN_DESKTOP_SESSION_REBOOT_FAILED",
        (Session, Failed, WhoDidWhat),
        "An administrator asked for the machine of a session to be reset and it was not. Servers write \
         REBOOT_FAILED or RESET_FAILED for it: both mean the same.",
        "Only machines that vCenter manages can be reset, never RDS servers. Look at vCenter and at your \
         privilege MACHINE_REBOOT.",
    ),
    meaning(
        "ADMIN_DESKTOP_SESSION_RESET_FAILED",
        (Session, Failed, WhoDidWhat),
        "An administrator asked for the machine of a session to be reset and it was not. Servers write \
         REBOOT_FAILED or RESET_FAILED for it: both mean the same.",
        "Only machines that vCenter manages can be reset, never RDS servers. Look at vCenter and at your \
         privilege MACHINE_REBOOT.",
    ),
    meaning(
        "ADMIN_DESKTOP_SESSION_RESTARTED",
        (Session, Done, WhoDidWhat),
        "An administrator restarted the guest of the machine of a session, gracefully.",
        "AGENT_SHUTDOWN, then AGENT_STARTUP from the machine show that it went down and came back.",
    ),
    meaning(
        "ADMIN_DESKTOP_SESSION_RESTART_FAILED",
        (Session, Failed, WhoDidWhat),
        "An administrator asked for the machine of a session to be restarted and it was not.",
        "Only machines that vCenter manages can be restarted, never RDS servers. A guest that hangs may need \
         a reset.",
    ),
    meaning(
        "ADMIN_SESSION_SENDMSG",
        (Session, Done, WhoDidWhat),
        "An administrator sent a message to a session. The text of the event holds the message.",
        "Nothing tells whether the user saw it: a disconnected session shows it to nobody.",
    ),
    meaning(
        "ADMIN_SESSION_SENDMSG_FAILED",
        (Session, Failed, WhoDidWhat),
        "An administrator sent a message to a session and it did not get there.",
        "The session may have ended or its agent may not answer. Look at the fault in the job's report, at \
         the state of the session and at your privilege on its access group.",
    ),
    meaning(
        "VLSI_KILLEDPROCESS",
        (Session, Done, WhoDidWhat),
        "An administrator ended a process in a user's session.",
        "Unsaved work in it is lost.",
    ),
    meaning(
        "VLSI_KILLPROCESS_FAILED",
        (Session, Failed, WhoDidWhat),
        "An administrator tried to end a process in a user's session and it was not done.",
        "It may be gone already, or the agent does not answer.",
    ),
    meaning(
        "VLSI_REMOTE_ASSISTANCE",
        (Session, Done, WhoDidWhat),
        "An administrator asked for a ticket to look at and help in a user's session.",
        "",
    ),
    meaning(
        "ADMIN_SESSION_REMOTE_ASSISTANT_TICKET",
        (Session, Done, WhoDidWhat),
        "An administrator asked for a ticket to look at and help in a user's session.",
        "",
    ),
];
