//! What the permissions tab shows and where its cursor stands.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    PermissionRow,
    can::Question,
    guard::Me,
    rows,
    walk::{Membership, Walk},
};
use crate::{
    core::{
        effect::RequestId,
        filter::{FilterError, PermissionFilter},
        remote::Remote,
        rows as screen_rows,
        state::{Poll, State},
    },
    domain::{Account, Fault, PermissionBook, PermissionId, Text},
};

/// What is missing when the directory could not be asked: SIDs are shown.
const NAMES: &str = "names of users and groups";

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

impl Regroup {
    /// The next one, around the end.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Principal => Self::Role,
            Self::Role => Self::AccessGroup,
            Self::AccessGroup => Self::Principal,
        }
    }

    /// What it is called on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Role => "role",
            Self::AccessGroup => "access group",
        }
    }
}

/// What somebody is looked up for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To know which permissions are the account's own.
    Own,
    /// To answer `:can`.
    Question(Question),
}

/// Somebody being looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookUp {
    /// What for.
    pub purpose: Purpose,
    /// How far it has come; none before the permissions are there.
    pub walk: Option<Walk>,
    /// The question that is out.
    pub out: Option<RequestId>,
}

/// The permissions tab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PermissionsTab {
    /// What was read.
    pub book: Remote<Arc<PermissionBook>>,
    /// Reading it.
    pub poll: Poll,
    /// When the read that is out was asked for.
    pub asked_at: Option<Timestamp>,
    /// When the book that is there was asked for: what happened later may not be in it.
    pub since: Option<Timestamp>,
    /// What the list is grouped by.
    pub group: Regroup,
    /// The permission under the cursor.
    pub cursor: Option<PermissionId>,
    /// Marked permissions.
    pub marks: BTreeSet<PermissionId>,
    /// The filter as typed.
    pub filter: String,
    /// The filter in force: nothing is hidden while the typed one has a mistake.
    pub matcher: PermissionFilter,
    /// What is wrong with the filter.
    pub filter_error: Option<FilterError>,
    /// First row shown.
    pub top: usize,
    /// The account with its groups, where it could be read.
    pub own: Option<Membership>,
    /// Who is being looked up.
    pub look_ups: Vec<LookUp>,
}

impl Default for PermissionsTab {
    fn default() -> Self {
        Self {
            book: Remote::NotAsked,
            poll: Poll::default(),
            asked_at: None,
            since: None,
            group: Regroup::default(),
            cursor: None,
            marks: BTreeSet::new(),
            filter: String::new(),
            matcher: PermissionFilter::default(),
            filter_error: None,
            top: 0,
            own: None,
            look_ups: Vec::new(),
        }
    }
}

impl PermissionsTab {
    /// The rows that are shown, in their order.
    pub fn rows(&self) -> Vec<PermissionRow<'_>> {
        self.book.value().map_or_else(Vec::new, |book| rows::rows(book, self.group, &self.matcher))
    }

    /// The ids of the rows that are shown, in their order.
    pub fn shown(&self) -> Vec<PermissionId> {
        self.rows().iter().map(|row| row.permission.id.clone()).collect()
    }

    /// Marked permissions that the filter hides.
    pub fn hidden_marks(&self) -> BTreeSet<PermissionId> {
        let shown: BTreeSet<PermissionId> = self.shown().into_iter().collect();
        self.marks.difference(&shown).cloned().collect()
    }

    /// Who is logged in, as far as that is known.
    pub fn me<'a>(&'a self, account: &'a Account) -> Me<'a> {
        Me { account, membership: self.own.as_ref() }
    }

    /// A part that could not be read, without which the list says less than it could: what is missing, and why.
    pub fn gap(&self) -> Option<(&'static str, &Fault)> {
        let book = self.book.value()?;
        let roles = book.roles.as_ref().err().map(|fault| ("roles", fault));
        let groups = || book.local_groups.as_ref().err().map(|fault| ("access groups", fault));
        let names = || book.names.as_ref().err().map(|fault| (NAMES, fault));
        roles.or_else(groups).or_else(names)
    }

    /// Who and what the list is about, in figures: permissions, principals, roles that are in use.
    pub fn figures(&self) -> Option<(usize, usize, usize)> {
        let book = self.book.value()?;
        let people: BTreeSet<_> =
            book.permissions.iter().filter_map(|known| known.principal.as_ref()).collect();
        let roles: BTreeSet<_> = book.permissions.iter().filter_map(|known| known.role.as_ref()).collect();
        Some((book.permissions.len(), people.len(), roles.len()))
    }
}

/// How the room between filter line and event pane is shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Rows of the band that says why the data is old, or what of it is missing.
    pub band: u16,
    /// Permissions in the list, below the titles of its columns.
    pub list: u16,
    /// Rows about the permission under the cursor, below a rule; 0 where there is none or a panel beside the list.
    pub strip: u16,
}

/// From this many rows on, some tell of the permission under the cursor.
const STRIP_FROM: u16 = 13;

impl Room {
    /// The room in a state.
    pub fn of(state: &State) -> Self {
        let body = screen_rows::rows(state.screen, state.events.size, state.settings.event_lines);
        // With the titles of the columns.
        let room = if body.table == 0 { 0 } else { body.table + 1 };
        let tab = &state.permissions;
        let told = matches!(tab.book, Remote::Stale { .. }) || tab.gap().is_some();
        let band = u16::from(room > 0 && told);
        let rest = room.saturating_sub(band + 1);
        let wide = screen_rows::detail_panel(state.screen) > 0;
        let strip = if wide || room < STRIP_FROM { 0 } else { (room / 3).min(9) };
        let rule = u16::from(strip > 0);
        Self { band, list: rest.saturating_sub(strip + rule), strip }
    }
}

/// The first row to show: as before, but for the cursor, which is never out of sight, and the last page, which stays full.
pub fn first_shown(top: usize, cursor: Option<usize>, height: usize, length: usize) -> usize {
    let top = top.min(length.saturating_sub(height));
    match cursor {
        Some(place) if place < top => place,
        Some(place) if place >= top + height.max(1) => (place + 1).saturating_sub(height.max(1)),
        Some(_) | None => top,
    }
}

/// What the answer to a question says while it is being looked for.
pub fn looking(question: &Question) -> Vec<Text> {
    vec![Text::clean(&format!("looking up {} and the groups it belongs to", question.principal))]
}
