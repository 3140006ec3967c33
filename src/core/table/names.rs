//! Names that the session list does not carry: what SIDs and machine ids are called.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{GroupNames, SessionTable};
use crate::domain::{MachineId, SessionRows, Text, UserId};

/// What is known about ids beside the session list, from look-ups. An id that is not in it has no known name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Display names of users, by SID.
    pub accounts: HashMap<UserId, Text>,
    /// Account names (`DOMAIN\\login`), by SID (for events, which carry only the SID).
    pub logins: HashMap<UserId, Text>,
    /// Names of machines, by id (for events, which carry only the id).
    pub machines: HashMap<MachineId, Text>,
    /// Names of groups.
    #[serde(default)]
    pub groups: Arc<GroupNames>,
    /// The list in which the other users and machines are named.
    #[serde(skip)]
    listed: Option<Arc<SessionRows>>,
}

impl Names {
    /// What the users and machines of a list are called.
    pub fn of_sessions(table: &SessionTable) -> Self {
        Self { listed: Some(Arc::clone(table.rows())), ..Self::default() }
    }

    /// What groups are called, and nothing else.
    pub fn of_groups(groups: Arc<GroupNames>) -> Self {
        Self { groups, ..Self::default() }
    }

    /// What a group is called: its name, or else the SID.
    pub fn group<'a>(&'a self, sid: &'a str) -> &'a str {
        self.groups.label(sid).unwrap_or(sid)
    }

    /// The display name of a user.
    pub fn account(&self, sid: &str) -> Option<&str> {
        if self.accounts.is_empty() {
            return None;
        }
        self.accounts.get(&UserId::from(sid)).map(Text::as_str)
    }

    /// The account name of a user.
    pub fn login(&self, id: &UserId) -> Option<&str> {
        let known = self.logins.get(id).map(Text::as_str);
        known.or_else(|| self.listed.as_ref()?.user_named(id))
    }

    /// The name of a machine.
    pub fn machine(&self, id: &MachineId) -> Option<&str> {
        let known = self.machines.get(id).map(Text::as_str);
        known.or_else(|| self.listed.as_ref()?.machine_named(id))
    }
}
