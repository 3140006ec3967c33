//! Names of groups: looked up before anything rests on them.

use std::sync::Arc;

use super::of;
use crate::{
    cli::{
        interrupt::Interrupts,
        reach::Reached,
        run::{Stop, Streams, warn},
    },
    core::{
        filter::Filter,
        table::{Names, SessionTable},
    },
    engine::name_groups,
    error::Error,
};

/// What names of groups are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing speaks of groups.
    None,
    /// They are shown: where they cannot be had their SIDs are.
    Shown,
    /// A filter decides by them which sessions are meant: without them nothing is.
    Decides,
}

impl Need {
    /// That of a filter, or to show them.
    pub(super) fn of(filter: &Filter, shown: bool) -> Self {
        match (filter.asks_group_names(), shown) {
            (true, _) => Self::Decides,
            (false, true) => Self::Shown,
            (false, false) => Self::None,
        }
    }
}

/// The names of the groups of a list, as far as they are needed.
pub(super) async fn names(
    need: Need,
    table: &SessionTable,
    reached: &Reached,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<Names, Stop> {
    if need == Need::None {
        return Ok(Names::default());
    }
    match interrupts.or(Box::pin(name_groups(&reached.estate, table))).await? {
        Ok(groups) => Ok(Names::of_groups(Arc::new(groups))),
        Err(fault) if need == Need::Shown => {
            warn(streams, &format!("names of groups could not be looked up: {fault}; their SIDs are shown"));
            Ok(Names::default())
        }
        Err(fault) => {
            let words = fault.to_string();
            let what = "--where names a group, and what groups are called could not be looked up";
            Err(Error::new(of(reached, fault).class(), what)
                .on(&reached.name)
                .words(words)
                .hint("write the SID of the group: group:S-1-5-21-...")
                .into())
        }
    }
}
