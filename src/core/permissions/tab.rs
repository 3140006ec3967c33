//! What the permissions tab shows and where its cursor stands.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    core::{remote::Remote, state::Poll},
    domain::{PermissionBook, PermissionId},
};

/// What the list is grouped by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Regroup {
    /// By who has the permission.
    #[default]
    Principal,
    /// By role.
    Role,
    /// By access group.
    AccessGroup,
}

/// The permissions tab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PermissionsTab {
    /// What was read.
    pub book: Remote<Arc<PermissionBook>>,
    /// Reading it.
    pub poll: Poll,
    /// What the list is grouped by.
    pub group: Regroup,
    /// The permission under the cursor.
    pub cursor: Option<PermissionId>,
    /// Marked permissions.
    pub marks: BTreeSet<PermissionId>,
    /// The filter as typed.
    pub filter: String,
    /// First row shown.
    pub top: usize,
}

impl Default for PermissionsTab {
    fn default() -> Self {
        Self {
            book: Remote::NotAsked,
            poll: Poll::default(),
            group: Regroup::default(),
            cursor: None,
            marks: BTreeSet::new(),
            filter: String::new(),
            top: 0,
        }
    }
}
