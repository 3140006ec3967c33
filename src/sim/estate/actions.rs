//! What an administrator may ask of a session, and the refusals.

use super::events::{About, Extra};
use super::life::Work;
use super::{Ending, Estate, Flags, PlaceKind, Seat, SentMessage, State};
use crate::sim::world::PoolSource;

/// An action on a session (`horizon-rest.md section 7.4`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Disconnect,
    Logoff { forced: bool },
    Reset,
    Restart,
    Message,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    /// The operator's user number.
    pub(crate) user: u32,
}

/// Why an action on one session was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    NotFound,
    Forbidden,
    AlreadyDisconnected,
    NotConnected,
    Locked,
    /// RDS desktops and applications have no machine of their own to restart.
    NotAMachine,
    /// The machine is not managed by vCenter.
    Unmanaged,
    /// Another pod hosts it: it takes the global path (method-map.md S2).
    Elsewhere,
}

impl Refusal {
    /// Status, error key and message of the item.
    pub(crate) fn answer(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::NotFound => (404, "common.entity.does.not.exist", "Entity does not exist."),
            Self::Forbidden => (
                403,
                "common.insufficient.permission",
                "The user does not have sufficient permission on the access group of this session.",
            ),
            Self::AlreadyDisconnected => (
                400,
                "inventory.session.invalid.state.already.disconnected",
                "Invalid state: the session is already disconnected.",
            ),
            Self::NotConnected => {
                (400, "inventory.session.invalid.state.pending", "Invalid state: the session is pending.")
            }
            Self::Locked => (400, "inventory.session.locked", "Session is locked."),
            Self::NotAMachine => (
                400,
                "inventory.session.operation.not.supported.rds",
                "The operation is not supported for RDS desktop and application sessions.",
            ),
            Self::Unmanaged => (
                400,
                "inventory.session.machine.not.managed",
                "The operation is supported only for machines managed by vCenter.",
            ),
            Self::Elsewhere => (
                400,
                "inventory.session.hosted.by.other.pod",
                "The operation is not supported here: another pod hosts the session.",
            ),
        }
    }
}

impl Verb {
    /// Event types of success and failure; a reset's come from the world (events.md section 3.1).
    fn events(self, estate: &Estate) -> (String, String) {
        let (done, failed) = match self {
            Self::Disconnect => {
                ("ADMIN_DESKTOP_SESSION_DISCONNECTED", "ADMIN_DESKTOP_SESSION_DISCONNECT_FAILED")
            }
            Self::Logoff { .. } => ("ADMIN_DESKTOP_SESSION_LOGOFF", "ADMIN_DESKTOP_SESSION_LOGOFF_FAILED"),
            Self::Restart => ("ADMIN_DESKTOP_SESSION_RESTARTED", "ADMIN_DESKTOP_SESSION_RESTART_FAILED"),
            Self::Message => ("ADMIN_SESSION_SENDMSG", "ADMIN_SESSION_SENDMSG_FAILED"),
            Self::Reset => {
                let world = &estate.defined.world;
                return (world.reset_event.clone(), world.reset_failed_event.clone());
            }
        };
        (done.to_owned(), failed.to_owned())
    }
}

impl Estate {
    /// Asks for an action on one session. `allowed` says whether the operator may act where the session is.
    /// Accepted means begun: the session changes some seconds later.
    pub(crate) fn act(
        &mut self,
        verb: Verb,
        id: &str,
        operator: Operator,
        message: Option<(&str, &str)>,
        allowed: impl FnOnce(&Self, &super::Session) -> bool,
    ) -> Result<(), Refusal> {
        let Some(position) = self.position(id) else {
            return Err(Refusal::NotFound);
        };
        let session = self.sessions[position].clone();
        if self.is_elsewhere(&session) {
            let known = self.brokering_pod(&session) == self.local_pod;
            return Err(if known { Refusal::Elsewhere } else { Refusal::NotFound });
        }
        let outcome =
            if allowed(self, &session) { self.check(verb, &session) } else { Err(Refusal::Forbidden) };
        let (done, failed) = verb.events(self);
        let kind = if outcome.is_ok() { done } else { failed };
        let about = About {
            user: Some(operator.user),
            subject: Some(session.user),
            session: Some(session),
            extra: message.map(|(text, _)| Extra {
                message: Some(text.to_owned()),
                object: Some(id.to_owned()),
                ..Extra::default()
            }),
            ..About::default()
        };
        self.log(&kind, self.now, about);
        if outcome.is_ok() {
            self.begin(verb, position, message);
        }
        outcome
    }

    pub(super) fn check(&self, verb: Verb, session: &super::Session) -> Result<(), Refusal> {
        match verb {
            Verb::Message => Ok(()),
            Verb::Disconnect => match session.state {
                State::Connected => Ok(()),
                State::Disconnected => Err(Refusal::AlreadyDisconnected),
                State::Pending => Err(Refusal::NotConnected),
            },
            Verb::Logoff { forced } => {
                if session.flags.contains(Flags::LOCKED) && !forced {
                    return Err(Refusal::Locked);
                }
                Ok(())
            }
            Verb::Reset | Verb::Restart => match session.seat {
                Seat::RdsDesktop { .. } | Seat::Application { .. } => Err(Refusal::NotAMachine),
                Seat::Console { .. } => Err(Refusal::Unmanaged),
                Seat::Machine { .. } => match self.place(session).kind {
                    PlaceKind::Pool(pool) if self.pool(pool).source != PoolSource::Unmanaged => Ok(()),
                    _ => Err(Refusal::Unmanaged),
                },
            },
        }
    }

    pub(super) fn begin(&mut self, verb: Verb, position: usize, message: Option<(&str, &str)>) {
        let session = &self.sessions[position];
        let (serial, flags) = (session.serial, session.flags);
        let ghost = flags.contains(Flags::GHOST);
        let leaving = flags.contains(Flags::LEAVING);
        let delays = self.defined.delays.clone();
        match verb {
            Verb::Message => {
                if let Some((text, severity)) = message {
                    let (text, severity) = (text.to_owned(), severity.to_owned());
                    self.remember(SentMessage { serial, text, severity });
                }
            }
            Verb::Disconnect => {
                if !ghost && !leaving && !flags.contains(Flags::DROPPING) {
                    self.sessions[position].flags.insert(Flags::DROPPING);
                    self.schedule(delays.disconnect, Work::Disconnect { serial });
                }
            }
            Verb::Logoff { forced } => {
                if !ghost && !leaving {
                    self.sessions[position].flags.insert(Flags::LEAVING);
                    let ending = if forced { Ending::LoggedOffByForce } else { Ending::LoggedOff };
                    self.schedule(delays.logoff, Work::End { serial, ending });
                }
            }
            Verb::Reset => {
                // A hard reset frees even a stuck agent.
                self.sessions[position].flags.insert(Flags::LEAVING);
                self.schedule(delays.reset, Work::End { serial, ending: Ending::Reset });
            }
            Verb::Restart => {
                self.sessions[position].flags.insert(Flags::LEAVING);
                self.schedule(delays.restart, Work::End { serial, ending: Ending::Restarted });
            }
        }
    }
}
