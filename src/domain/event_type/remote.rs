//! Events about sessions of other pods: only the sending of the request (`events.md section 3.2`).

use super::{
    EventMeaning,
    EventResult::{Failed, Sent},
    EventSubject::RemoteSession,
    EventUrgency::WhoDidWhat,
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "VLSI_FEDERATED_DESKTOP_SESSION_DISCONNECT_REQUEST_SENT",
        (RemoteSession, Sent, WhoDidWhat),
        "The request to disconnect a session left for the pod that hosts it. It only says that the request \
         left; what happened stands in the other pod's events.",
        "Look at the session in the list of all pods, or at the events of that pod.",
    ),
    meaning(
        "VLSI_FEDERATED_DESKTOP_SESSION_DISCONNECT_REQUEST_SEND_FAILED",
        (RemoteSession, Failed, WhoDidWhat),
        "The request to disconnect a session could not be sent to the pod that hosts it: nothing happened \
         there.",
        "Look at the health of that pod and of the link between the pods, then try again.",
    ),
    meaning(
        "VLSI_FEDERATED_DESKTOP_SESSION_LOGOFF_REQUEST_SENT",
        (RemoteSession, Sent, WhoDidWhat),
        "The request to log off a session left for the pod that hosts it. It only says that the request \
         left; what happened stands in the other pod's events.",
        "Look at the session in the list of all pods, or at the events of that pod.",
    ),
    meaning(
        "VLSI_FEDERATED_DESKTOP_SESSION_LOGOFF_REQUEST_SEND_FAILED",
        (RemoteSession, Failed, WhoDidWhat),
        "The request to log off a session could not be sent to the pod that hosts it: nothing happened \
         there.",
        "Look at the health of that pod and of the link between the pods, then try again.",
    ),
    meaning(
        "VLSI_FEDERATED_DESKTOP_SESSION_RESET_REQUEST_SENT",
        (RemoteSession, Sent, WhoDidWhat),
        "The request to reset the machine of a session left for the pod that hosts it. It only says that the \
         request left; what happened stands in the other pod's events.",
        "Look at the session in the list of all pods, or at the events of that pod.",
    ),
    meaning(
        "VLSI_FEDERATED_DESKTOP_SESSION_RESET_REQUEST_SEND_FAILED",
        (RemoteSession, Failed, WhoDidWhat),
        "The request to reset the machine of a session could not be sent to the pod that hosts it: nothing \
         happened there.",
        "Look at the health of that pod and of the link between the pods, then try again.",
    ),
    meaning(
        "VLSI_FEDERATED_DESKTOP_SESSION_RESTART_REQUEST_SENT",
        (RemoteSession, Sent, WhoDidWhat),
        "The request to restart the machine of a session left for the pod that hosts it. It only says that \
         the request left; what happened stands in the other pod's events.",
        "Look at the session in the list of all pods, or at the events of that pod.",
    ),
    meaning(
        "VLSI_FEDERATED_DESKTOP_SESSION_RESTART_REQUEST_SEND_FAILED",
        (RemoteSession, Failed, WhoDidWhat),
        "The request to restart the machine of a session could not be sent to the pod that hosts it: nothing \
         happened there.",
        "Look at the health of that pod and of the link between the pods, then try again.",
    ),
    meaning(
        "VLSI_FEDERATED_DESKTOP_SESSION_SEND_MESSAGE_REQUEST_SENT",
        (RemoteSession, Sent, WhoDidWhat),
        "The request to send a message to a session left for the pod that hosts it. It only says that the \
         request left; what happened stands in the other pod's events.",
        "Look at the session in the list of all pods, or at the events of that pod.",
    ),
    meaning(
        "VLSI_FEDERATED_DESKTOP_SESSION_SEND_MESSAGE_REQUEST_SEND_FAILED",
        (RemoteSession, Failed, WhoDidWhat),
        "The request to send a message to a session could not be sent to the pod that hosts it: nothing \
         happened there.",
        "Look at the health of that pod and of the link between the pods, then try again.",
    ),
    meaning(
        "VLSI_FEDERATED_REMOTE_ASSISTANCE",
        (RemoteSession, Sent, WhoDidWhat),
        "An administrator asked another pod for a ticket to help in a session that it hosts.",
        "What became of it stands in the other pod's events.",
    ),
];
