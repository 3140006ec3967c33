//! Who uses an image, in numbers.

use std::collections::BTreeSet;

use super::LiveSessions;
use crate::domain::{ImageUse, SubscriberKind};

/// Pools, farms and sessions that use a node. `None` is unknown, which is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Desktop pools.
    pub pools: Option<usize>,
    /// Farms.
    pub farms: Option<usize>,
    /// Their sessions.
    pub sessions: Option<usize>,
    /// Those of them with a client attached.
    pub connected: Option<usize>,
    /// Pools and farms whose image this is not yet, because a push is pending.
    pub pending: usize,
}

impl Usage {
    /// Nobody knows.
    #[cfg(test)]
    pub(super) const UNKNOWN: Self =
        Self { pools: None, farms: None, sessions: None, connected: None, pending: 0 };

    /// The numbers of pools and farms; one that is named twice counts once.
    pub fn of(uses: &[&ImageUse], live: &LiveSessions) -> Self {
        let distinct: BTreeSet<(SubscriberKind, &str)> =
            uses.iter().map(|subscriber| (subscriber.kind, subscriber.id.as_str())).collect();
        let count = |kind| distinct.iter().filter(|(one, _)| *one == kind).count();
        let mut sessions = Some(0);
        let mut connected = Some(0);
        for (kind, id) in &distinct {
            let counts = live.of_subscriber(*kind, id);
            sessions = sessions.zip(counts).map(|(sum, counts)| sum + counts.sessions);
            connected = connected.zip(counts).map(|(sum, counts)| sum + counts.connected);
        }
        Self {
            pools: Some(count(SubscriberKind::Pool)),
            farms: Some(count(SubscriberKind::Farm)),
            sessions,
            connected,
            pending: uses.iter().filter(|subscriber| subscriber.pending == Some(true)).count(),
        }
    }

    /// Whether nothing uses it; `None` when that is not known.
    pub fn is_unused(&self) -> Option<bool> {
        // One that is known is enough.
        if [self.pools, self.farms].into_iter().flatten().any(|count| count > 0) {
            return Some(false);
        }
        self.pools.zip(self.farms).map(|_| true)
    }

    /// `2 pools, 1 farm, 598 sessions (412 connected)`, with `?` for what is not known; `nothing` for nothing, `unknown`
    /// when nobody knows.
    pub fn words(&self) -> String {
        match (self.pools, self.farms) {
            (None, None) => return "unknown".to_owned(),
            (Some(0), Some(0)) => return "nothing".to_owned(),
            _ => {}
        }
        let part = |count: Option<usize>, noun: &str| match count {
            None => Some(format!("? {noun}s")),
            Some(0) => None,
            Some(count) => Some(counted(count, noun)),
        };
        let mut parts: Vec<String> =
            [part(self.pools, "pool"), part(self.farms, "farm")].into_iter().flatten().collect();
        parts.push(sessions_words(self.sessions, self.connected));
        parts.join(", ")
    }
}

/// `598 sessions (412 connected)`, `? sessions` when they are not known.
pub(super) fn sessions_words(sessions: Option<usize>, connected: Option<usize>) -> String {
    match (sessions, connected) {
        (None, _) => "? sessions".to_owned(),
        (Some(0), _) => "no sessions".to_owned(),
        (Some(count), Some(connected)) => format!("{} ({connected} connected)", counted(count, "session")),
        (Some(count), None) => counted(count, "session"),
    }
}

/// `1 pool`, `2 pools`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
