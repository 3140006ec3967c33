//! What stands on which access group: sessions, pools and farms, as far as the list tells.

use std::collections::{BTreeMap, BTreeSet};

use super::SessionTable;
use crate::{
    core::filter::Truth,
    domain::{AccessGroupId, FarmId, PoolId, SessionFacts},
};

/// What stands on an access group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupContents {
    /// Its sessions.
    pub sessions: usize,
    /// Pools with a session.
    pub pools: BTreeSet<PoolId>,
    /// Farms with a session.
    pub farms: BTreeSet<FarmId>,
}

impl GroupContents {
    /// Counts another group in.
    pub fn add(&mut self, other: &Self) {
        self.sessions += other.sessions;
        self.pools.extend(other.pools.iter().cloned());
        self.farms.extend(other.farms.iter().cloned());
    }
}

/// What a table has on the access groups of the pod that answers, and what stands elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Sessions that run on the pod that answers, by access group; those that do not say theirs stand under `None`.
    pub here: BTreeMap<Option<AccessGroupId>, GroupContents>,
    /// Sessions that other pods host: no access group of this one says anything about them.
    pub elsewhere: usize,
    /// Sessions of which it is not known where they run.
    pub unclear: usize,
}

impl Contents {
    fn of(table: &SessionTable) -> Self {
        let mut contents = Self::default();
        for session in table.iter() {
            match table.runs_here(session) {
                Truth::Yes => contents.count(session),
                Truth::No => contents.elsewhere += 1,
                Truth::Unknown => contents.unclear += 1,
            }
        }
        contents
    }

    fn count<'a>(&mut self, session: impl SessionFacts<'a>) {
        let reach = self.here.entry(session.access_group_id().cloned()).or_default();
        reach.sessions += 1;
        if let Some(pool) = session.pool_id().filter(|pool| !reach.pools.contains(*pool)) {
            reach.pools.insert(pool.clone());
        }
        if let Some(farm) = session.farm_id().filter(|farm| !reach.farms.contains(*farm)) {
            reach.farms.insert(farm.clone());
        }
    }
}

impl SessionTable {
    /// What stands on each access group, and what stands on none of this pod; counted once for a table.
    pub fn contents(&self) -> &Contents {
        self.groups.get_or_init(|| Contents::of(self))
    }
}
