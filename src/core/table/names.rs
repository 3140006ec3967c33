//! Names that the session list does not carry: what SIDs and machine ids are called.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::SessionTable;
use crate::domain::{MachineId, SessionFacts, Text, UserId};

/// What is known about ids beside the session list, from look-ups. An id that is not in it has no known name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Display names of users and groups, by SID.
    pub accounts: HashMap<UserId, Text>,
    /// Account names (`DOMAIN\\login`), by SID (for events, which carry only the SID).
    pub logins: HashMap<UserId, Text>,
    /// Names of machines, by id (for events, which carry only the id).
    pub machines: HashMap<MachineId, Text>,
}

impl Names {
    /// What the users and machines of a list are called.
    pub fn of_sessions(table: &SessionTable) -> Self {
        let mut names = Self::default();
        for session in table.iter() {
            if let (Some(id), Some(name)) = (session.user_id(), session.user_name()) {
                names.logins.insert(id.as_ref().into(), Text::clean(name));
            }
            if let (Some(id), Some(name)) = (session.machine_id(), session.machine_name()) {
                names.machines.insert(id.as_ref().into(), Text::clean(name));
            }
        }
        names
    }

    /// The display name of a user or group.
    pub fn account(&self, sid: &str) -> Option<&str> {
        if self.accounts.is_empty() {
            return None;
        }
        self.accounts.get(&UserId::from(sid)).map(Text::as_str)
    }

    /// The account name of a user.
    pub fn login(&self, id: &UserId) -> Option<&str> {
        self.logins.get(id).map(Text::as_str)
    }

    /// The name of a machine.
    pub fn machine(&self, id: &MachineId) -> Option<&str> {
        self.machines.get(id).map(Text::as_str)
    }
}
