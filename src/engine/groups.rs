//! Names of the groups that sessions tell the SIDs of, for headless commands.

use crate::{
    api::Estate,
    core::table::{GroupNames, SessionTable},
    domain::{Fault, Text, UserId},
};

/// Looks up what all groups of a list are called; asks nobody when it tells of none.
///
/// # Errors
///
/// When not all could be asked for: names that are missing then say nothing.
pub async fn name_groups(estate: &Estate, table: &SessionTable) -> Result<GroupNames, Fault> {
    let mut names = GroupNames::default();
    let sids: Vec<UserId> = table
        .rows()
        .group_sids()
        .iter()
        .map(Text::as_str)
        .filter(|sid| !sid.is_empty())
        .map(UserId::from)
        .collect();
    if !sids.is_empty() {
        names.learn(&sids, &estate.principals(&sids).await?);
    }
    Ok(names)
}
