//! Data that comes from a server: asked for, there, old, or failed; each looks different on the screen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::Fault;

/// The life of a piece of remote data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Remote<T> {
    /// Nobody asked yet.
    NotAsked,
    /// Asked for, nothing there yet.
    Loading,
    /// There.
    Loaded {
        /// The data.
        value: T,
        /// When it was read from the server.
        at: Timestamp,
    },
    /// There, but the last attempt to renew it failed: still shown, marked as old.
    Stale {
        /// The data of the last success.
        value: T,
        /// When that was.
        at: Timestamp,
        /// Why it could not be renewed.
        why: Fault,
    },
    /// The first attempt failed; there is nothing to show.
    Failed {
        /// Why.
        why: Fault,
        /// When.
        at: Timestamp,
    },
}

impl<T> Remote<T> {
    /// The data, fresh or old.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Loaded { value, .. } | Self::Stale { value, .. } => Some(value),
            Self::NotAsked | Self::Loading | Self::Failed { .. } => None,
        }
    }

    /// When the data was read.
    pub fn read_at(&self) -> Option<Timestamp> {
        match self {
            Self::Loaded { at, .. } | Self::Stale { at, .. } => Some(*at),
            Self::NotAsked | Self::Loading | Self::Failed { .. } => None,
        }
    }

    /// Why it is not fresh.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Stale { why, .. } | Self::Failed { why, .. } => Some(why),
            Self::NotAsked | Self::Loading | Self::Loaded { .. } => None,
        }
    }

    /// Takes new data.
    pub fn load(&mut self, value: T, at: Timestamp) {
        *self = Self::Loaded { value, at };
    }

    /// Takes a failure: what was there stays, marked as old. That a server was not even asked, because it was given up,
    /// does not take the place of why it was.
    pub fn fail(&mut self, why: Fault, now: Timestamp) {
        let reason = self.fault().filter(|known| why.rest().is_some() && known.status.is_some());
        let why = reason.cloned().unwrap_or(why);
        let before = std::mem::replace(self, Self::NotAsked);
        *self = match before {
            Self::Loaded { value, at } | Self::Stale { value, at, .. } => Self::Stale { value, at, why },
            Self::NotAsked | Self::Loading | Self::Failed { .. } => Self::Failed { why, at: now },
        };
    }

    /// Notes that it was asked for; data that is there stays.
    pub fn ask(&mut self) {
        if matches!(self, Self::NotAsked | Self::Failed { .. }) {
            *self = Self::Loading;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FaultKind;

    #[test]
    fn a_failure_keeps_old_data_and_marks_it() {
        let mut remote = Remote::Loading;
        let fault = Fault::new(FaultKind::Unreachable, "list sessions", "no route");
        remote.fail(fault.clone(), Timestamp::UNIX_EPOCH);
        assert!(matches!(remote, Remote::Failed { .. }));
        remote.ask();
        remote.load(7, Timestamp::UNIX_EPOCH);
        remote.fail(fault, Timestamp::UNIX_EPOCH);
        assert_eq!(remote.value(), Some(&7));
        assert!(remote.fault().is_some());
        remote.ask();
        assert!(matches!(remote, Remote::Stale { .. }), "asking again hides nothing");
    }
}
