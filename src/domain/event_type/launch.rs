//! Events about desktops and applications that were asked for (`events.md section 4.3`).

use super::{
    EventMeaning,
    EventResult::{Failed, Happened},
    EventSubject::Launch,
    EventUrgency::{ActNow, Normal, UserStuck, Watch},
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "BROKER_DESKTOP_REQUEST",
        (Launch, Happened, Normal),
        "A user asked for a desktop of a pool.",
        "BROKER_MACHINE_ALLOCATED or a refusal should follow at once.",
    ),
    meaning(
        "BROKER_APPLICATION_REQUEST",
        (Launch, Happened, Normal),
        "A user asked for a published application.",
        "",
    ),
    meaning(
        "BROKER_APPLICATION_SESSION_REQUEST",
        (Launch, Happened, Normal),
        "A client asked for a session for published applications.",
        "",
    ),
    meaning(
        "BROKER_MACHINE_ALLOCATED",
        (Launch, Happened, Normal),
        "A machine was found for a user's request.",
        "AGENT_PENDING from that machine should follow within seconds.",
    ),
    meaning(
        "BROKER_POOL_EMPTY",
        (Launch, Failed, ActNow),
        "A user got no desktop: the pool has no machine at all. Everyone of that pool is shut out.",
        "Look at the provisioning of the pool: is it on, and does it report errors.",
    ),
    meaning(
        "BROKER_POOL_NO_RESPONSES",
        (Launch, Failed, ActNow),
        "A user got no desktop: no machine of the pool answers. Everyone of that pool is shut out.",
        "Look at the host and storage under the pool, and at the agents of its machines.",
    ),
    meaning(
        "BROKER_POOL_OVERLOADED",
        (Launch, Failed, ActNow),
        "A user got no desktop: all machines of the pool that answer are in use.",
        "Disconnected sessions may hold machines that others need; else the pool needs more of them.",
    ),
    meaning(
        "BROKER_POOL_NO_MACHINE_ASSIGNED",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the pool gives everyone an own machine and this user has none.",
        "Assign a machine to the user, or let the pool assign by itself.",
    ),
    meaning(
        "BROKER_POOL_CANNOT_ASSIGN",
        (Launch, Failed, UserStuck),
        "A user got no desktop: no free machine is left that could be assigned.",
        "Add machines to the pool, or take back those that nobody uses.",
    ),
    meaning(
        "BROKER_POOL_POLICY_VIOLATION",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the pool does not allow sessions of this kind.",
        "Look at the policies of the pool.",
    ),
    meaning(
        "BROKER_POOL_PROTOCOL_NOT_SUPPORTED",
        (Launch, Failed, UserStuck),
        "A user got no desktop: no machine of the pool supports the display protocol that was asked for.",
        "Look at the protocol that the client is set to and at those that the pool allows.",
    ),
    meaning(
        "BROKER_POOL_PROTOCOL_UNAVAILABLE",
        (Launch, Failed, UserStuck),
        "A user got no desktop: no machine of the pool has the display protocol ready.",
        "Look at the agents of the pool: the protocol's service may not have started.",
    ),
    meaning(
        "BROKER_POOL_TUNNEL_NOT_SUPPORTED",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the display protocol cannot go through the tunnel.",
        "Look at the gateway's settings and at the client's protocol.",
    ),
    meaning(
        "BROKER_POOL_NO_UNAUTHENTICATED_ACCESS_SUPPORT",
        (Launch, Failed, UserStuck),
        "A user got no desktop: no machine of the pool takes sessions without authentication.",
        "Look at the farm's setting for unauthenticated access.",
    ),
    meaning(
        "BROKER_DESKTOP_NOT_ENTITLED",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the user is not entitled to that pool.",
        "Look at the entitlements of the pool and at the user's groups.",
    ),
    meaning(
        "BROKER_APPLICATION_NOT_ENTITLED",
        (Launch, Failed, UserStuck),
        "A user got no application: the user is not entitled to it.",
        "Look at the entitlements of the application and at the user's groups.",
    ),
    meaning(
        "BROKER_DESKTOP_PROTOCOL_NOT_SUPPORTED",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the desktop does not support the display protocol that was asked for.",
        "Look at the protocol that the client is set to.",
    ),
    meaning(
        "BROKER_APPLICATION_PROTOCOL_NOT_SUPPORTED",
        (Launch, Failed, UserStuck),
        "A user got no application: it does not support the display protocol that was asked for.",
        "Look at the protocol that the client is set to.",
    ),
    meaning(
        "BROKER_MACHINE_ASSIGNED_UNAVAILABLE",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the machine that is assigned to the user cannot be used.",
        "Look at the state of that machine: powered off, agent down, in maintenance.",
    ),
    meaning(
        "BROKER_MACHINE_ASSIGNED_BUSY",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the machine that is assigned to the user is busy.",
        "Look who has a session on it; it may be the user's own that hangs.",
    ),
    meaning(
        "BROKER_MACHINE_CANNOT_CONNECT",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the connection server cannot reach the machine by its display protocol.",
        "Look at the firewall between them and at the machine's network.",
    ),
    meaning(
        "BROKER_MACHINE_PROTOCOL_NOT_SUPPORTED",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the machine does not support the display protocol.",
        "Look at what was installed with the agent of that machine.",
    ),
    meaning(
        "BROKER_MACHINE_PROTOCOL_UNAVAILABLE",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the machine does not have the display protocol ready.",
        "The protocol's service may hang: a restart of the machine often helps.",
    ),
    meaning(
        "BROKER_MACHINE_NOT_READY",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the machine is not ready to take it.",
        "It may still be starting; if that lasts, look at its agent.",
    ),
    meaning(
        "BROKER_MACHINE_REJECTED_SESSION",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the agent of the machine refused it.",
        "Look at the sessions on that machine: an old one may hang there.",
    ),
    meaning(
        "BROKER_DESKTOP_LAUNCH_FAILURE",
        (Launch, Failed, UserStuck),
        "A user got no desktop: the connection server met an error of its own.",
        "Look at the log of the connection server that wrote the event.",
    ),
    meaning(
        "BROKER_APPLICATION_LAUNCH_FAILURE",
        (Launch, Failed, UserStuck),
        "A user got no application: the connection server met an error of its own.",
        "Look at the log of the connection server that wrote the event.",
    ),
    meaning(
        "BROKER_APPLICATION_MISSING",
        (Launch, Failed, Watch),
        "Published applications are not installed on a machine of the farm.",
        "Users who land on that machine cannot start them: compare its image with the others.",
    ),
    meaning(
        "BROKER_MACHINE_SESSION_TIMEDOUT",
        (Launch, Failed, UserStuck),
        "The session of a user timed out at the connection server.",
        "Look whether the machine answers, and at the user's other events.",
    ),
    meaning(
        "BROKER_LMV_REMOTE_POD_DESKTOP_LAUNCH",
        (Launch, Happened, Normal),
        "Another pod opened a desktop for a user of this one, from a global entitlement.",
        "Its further events stand in that pod.",
    ),
    meaning(
        "BROKER_LMV_REMOTE_POD_APPLICATION_LAUNCH",
        (Launch, Happened, Normal),
        "Another pod opened an application for a user of this one, from a global entitlement.",
        "Its further events stand in that pod.",
    ),
];
