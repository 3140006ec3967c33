//! How many sessions each pool and farm has.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    core::table::SessionTable,
    domain::{ImageUse, SessionFacts, SessionState, SubscriberKind},
};

/// The sessions of a pool or farm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// All of them.
    pub sessions: usize,
    /// Those with a client attached.
    pub connected: usize,
}

/// Sessions counted by pool and farm, once for each list of sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSessions {
    /// Of which list: when its reading began.
    as_of: Option<Timestamp>,
    /// Whether that list was complete. Of a list that is not, no count is known.
    complete: bool,
    pools: BTreeMap<String, Live>,
    farms: BTreeMap<String, Live>,
}

impl LiveSessions {
    /// Counts the sessions of a list.
    pub fn of(table: &SessionTable) -> Self {
        let mut pools: BTreeMap<&str, Live> = BTreeMap::new();
        let mut farms: BTreeMap<&str, Live> = BTreeMap::new();
        for session in table.iter() {
            let connected = usize::from(session.state() == Some(&SessionState::Connected));
            let add = |live: &mut Live| {
                live.sessions += 1;
                live.connected += connected;
            };
            if let Some(pool) = session.pool_id() {
                add(pools.entry(pool.raw()).or_default());
            }
            if let Some(farm) = session.farm_id() {
                add(farms.entry(farm.raw()).or_default());
            }
        }
        let owned = |counts: BTreeMap<&str, Live>| {
            counts.into_iter().map(|(id, live)| (id.to_owned(), live)).collect()
        };
        Self {
            as_of: Some(table.fetched_at()),
            complete: table.complete(),
            pools: owned(pools),
            farms: owned(farms),
        }
    }

    /// Whether these are the counts of this list.
    pub fn is_of(&self, table: &SessionTable) -> bool {
        self.as_of == Some(table.fetched_at()) && self.complete == table.complete()
    }

    /// Whether the counts are known at all: there is a list, and it is complete.
    pub fn is_known(&self) -> bool {
        self.as_of.is_some() && self.complete
    }

    /// The sessions of a pool or farm; `None` when they are not known, which is not the same as none.
    pub fn of_use(&self, subscriber: &ImageUse) -> Option<Live> {
        self.of_subscriber(subscriber.kind, &subscriber.id)
    }

    /// The sessions of a pool or farm by its id.
    pub fn of_subscriber(&self, kind: SubscriberKind, id: &str) -> Option<Live> {
        if !self.is_known() {
            return None;
        }
        let counts = match kind {
            SubscriberKind::Pool => &self.pools,
            SubscriberKind::Farm => &self.farms,
        };
        Some(counts.get(id).copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::fixtures::session;

    #[test]
    fn sessions_are_counted_by_pool_and_a_list_that_is_not_whole_tells_nothing() {
        let mut on_farm = session("3", "c", SessionState::Connected, 1);
        on_farm.pool_id = None;
        on_farm.farm_id = Some("farm-1".into());
        let all = vec![
            session("1", "a", SessionState::Connected, 1),
            session("2", "b", SessionState::Disconnected, 1),
            on_farm,
        ];
        let table = SessionTable::new(all.clone(), Timestamp::UNIX_EPOCH, true);
        let live = LiveSessions::of(&table);
        assert!(live.is_of(&table));
        let of = |kind, id| live.of_subscriber(kind, id);
        assert_eq!(of(SubscriberKind::Pool, "pool-1"), Some(Live { sessions: 2, connected: 1 }));
        assert_eq!(of(SubscriberKind::Farm, "farm-1"), Some(Live { sessions: 1, connected: 1 }));
        assert_eq!(of(SubscriberKind::Pool, "other"), Some(Live::default()));
        let partial = LiveSessions::of(&SessionTable::new(all, Timestamp::UNIX_EPOCH, false));
        assert_eq!(partial.of_subscriber(SubscriberKind::Pool, "pool-1"), None);
        assert_eq!(LiveSessions::default().of_subscriber(SubscriberKind::Pool, "pool-1"), None);
    }
}
