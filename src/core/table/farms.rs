//! What farms are called. A session of a desktop pool has the pool's name and of its farm the id alone; sessions of
//! applications name the farm (`horizon-rest.md section 7.2`). What one of the list says holds for the others.

use std::collections::HashMap;

use crate::domain::{Common, SessionFacts, SessionRows};

use super::value;

/// The names of farms, as far as some session of the list tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::core) struct FarmNames(HashMap<Box<str>, Box<str>>);

impl FarmNames {
    /// Those that some rows tell.
    pub(in crate::core) fn of(rows: &SessionRows) -> Self {
        let told = rows.representatives(Common::Place).filter_map(|row| {
            let name = value::farm(row).filter(|_| row.pool_id().is_none() && row.pool_name().is_some())?;
            Some((row.farm_id()?.raw().into(), name.into()))
        });
        Self(told.collect())
    }

    /// The name of the farm with this id.
    pub(in crate::core) fn get(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(|name| &**name)
    }
}
