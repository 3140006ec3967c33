//! Events of agents: the life of a session as the desktop reports it (`events.md section 4.1`).

use super::{
    EventMeaning,
    EventResult::{Failed, Happened},
    EventSubject::Agent,
    EventUrgency::{MachineIll, Normal, UserStuck},
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "AGENT_PENDING",
        (Agent, Happened, Normal),
        "The agent of a machine accepted a session that was given to it; the user's client has not arrived \
         yet.",
        "AGENT_CONNECTED should follow within seconds. If it does not, the user sees a black screen.",
    ),
    meaning(
        "AGENT_PENDING_EXPIRED",
        (Agent, Failed, UserStuck),
        "A session was accepted by the agent but the client never came, and the wait is over: the classic \
         black screen.",
        "Look at the gateway and the network between client and machine, and at the display protocol of that \
         client.",
    ),
    meaning(
        "AGENT_CONNECTED",
        (Agent, Happened, Normal),
        "A user logged in to a new session on a machine.",
        "",
    ),
    meaning(
        "AGENT_RECONNECTED",
        (Agent, Happened, Normal),
        "A user came back to a session that was there.",
        "",
    ),
    meaning(
        "AGENT_DISCONNECTED",
        (Agent, Happened, Normal),
        "A user's client went away; the session goes on without it.",
        "Many at one moment through one gateway: look at that gateway.",
    ),
    meaning(
        "AGENT_ENDED",
        (Agent, Happened, Normal),
        "A session ended: the user logged off or was logged off.",
        "",
    ),
    meaning(
        "AGENT_STARTUP",
        (Agent, Happened, Normal),
        "The agent of a machine started and reported to the connection server.",
        "After a reset or a restart this is the sign that the machine is back.",
    ),
    meaning(
        "AGENT_SHUTDOWN",
        (Agent, Happened, MachineIll),
        "The agent of a machine went down: nobody gets a session there until it is back.",
        "In working hours and without an administrator's action on that machine: look at its host and at \
         vCenter.",
    ),
    meaning(
        "AGENT_SUSPEND",
        (Agent, Happened, Normal),
        "A machine is being suspended.",
        "Its sessions stand still until it resumes.",
    ),
    meaning("AGENT_RESUME", (Agent, Happened, Normal), "A machine that was suspended runs again.", ""),
    meaning(
        "AGENT_RECONFIGURED",
        (Agent, Happened, Normal),
        "The agent of a machine took over new settings.",
        "",
    ),
    meaning(
        "AGENT_LAUNCH_FAILED",
        (Agent, Failed, UserStuck),
        "The agent could not start a session on its machine: a user stands before a closed door.",
        "Look at the other events of that machine; a restart of it often helps.",
    ),
    meaning(
        "AGENT_APPLICATION_LAUNCH_FAILED",
        (Agent, Failed, UserStuck),
        "A published application could not be started on a machine.",
        "The program may not be installed there, or its path is wrong in the application's settings.",
    ),
];
