//! What stands on which access group: sessions, pools and farms, as far as the list tells.

use std::collections::{BTreeMap, BTreeSet};

use super::SessionTable;
use crate::domain::{AccessGroupId, FarmId, PoolId, Session};

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

/// Sessions by access group; those that do not say theirs stand under `None`.
pub(super) type ByGroup = BTreeMap<Option<AccessGroupId>, GroupContents>;

/// Counts the sessions of a table.
pub(super) fn by_group<'a>(sessions: impl Iterator<Item = &'a Session>) -> ByGroup {
    let mut groups = ByGroup::new();
    for session in sessions {
        if !groups.contains_key(&session.access_group_id) {
            groups.insert(session.access_group_id.clone(), GroupContents::default());
        }
        let Some(reach) = groups.get_mut(&session.access_group_id) else {
            continue;
        };
        reach.sessions += 1;
        if let Some(pool) = session.pool_id.as_ref().filter(|pool| !reach.pools.contains(*pool)) {
            reach.pools.insert(pool.clone());
        }
        if let Some(farm) = session.farm_id.as_ref().filter(|farm| !reach.farms.contains(*farm)) {
            reach.farms.insert(farm.clone());
        }
    }
    groups
}

impl SessionTable {
    /// What stands on each access group; counted once for a table.
    pub fn by_access_group(&self) -> &BTreeMap<Option<AccessGroupId>, GroupContents> {
        self.groups.get_or_init(|| by_group(self.iter()))
    }
}
