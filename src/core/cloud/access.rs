//! App groups and who may use them.

use serde::{Deserialize, Serialize};

use super::{
    CloudFilter,
    filter::{Facts, unheard},
};
use crate::domain::{
    AccountKind, AppAccount, AppGroup, AppGroupId, AppGroupKind, Authorization, AuthorizationId, Text,
};

/// The fields of the filter.
pub(super) const FIELDS: &[&str] = &["group", "account", "kind", "domain", "platform"];

/// Everything that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessBook {
    /// The app groups.
    pub groups: Vec<AppGroup>,
    /// Who may use them.
    pub authorizations: Vec<Authorization>,
    /// Whether all of both are there.
    pub complete: bool,
    /// Rows that could not be read and were left out.
    pub unreadable: usize,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AccessRow {
    /// An app group.
    Group(AppGroupId),
    /// Somebody who may use it.
    Authorization(AuthorizationId),
}

/// A row with what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessLine<'a> {
    /// An app group, and how many may use it.
    Group(&'a AppGroup, usize),
    /// Somebody who may use the group above.
    Authorization(&'a Authorization),
}

impl AccessLine<'_> {
    /// The row.
    pub fn row(&self) -> AccessRow {
        match self {
            Self::Group(group, _) => AccessRow::Group(group.id.clone()),
            Self::Authorization(one) => AccessRow::Authorization(one.id.clone()),
        }
    }
}

/// `user` or `group`; the word as it came when it is another one.
pub fn account_kind(kind: Option<&AccountKind>) -> Option<String> {
    Some(match kind? {
        AccountKind::User => "user".to_owned(),
        AccountKind::Group => "group".to_owned(),
        AccountKind::Unknown(word) => format!("?{word}"),
    })
}

impl AccessBook {
    /// The group with this id.
    pub fn group(&self, id: &AppGroupId) -> Option<&AppGroup> {
        self.groups.iter().find(|group| group.id == *id)
    }

    /// The authorization with this id.
    pub fn authorization(&self, id: &AuthorizationId) -> Option<&Authorization> {
        self.authorizations.iter().find(|one| one.id == *id)
    }

    /// Those who may use a group.
    pub fn of_group<'a>(&'a self, id: &'a AppGroupId) -> impl Iterator<Item = &'a Authorization> {
        self.authorizations.iter().filter(move |one| one.app_group_id.as_ref() == Some(id))
    }

    /// The group that a row is about.
    pub fn group_of(&self, row: &AccessRow) -> Option<&AppGroup> {
        match row {
            AccessRow::Group(id) => self.group(id),
            AccessRow::Authorization(id) => self.group(self.authorization(id)?.app_group_id.as_ref()?),
        }
    }

    /// What to call a group.
    pub fn group_label(&self, id: &AppGroupId) -> Text {
        let name = self.group(id).and_then(|group| group.name.clone());
        let told = || self.of_group(id).find_map(|one| one.app_group_name.clone());
        name.or_else(told).unwrap_or_else(|| Text::clean(id.raw()))
    }

    /// How many rows there are without a filter.
    pub fn lines_in_all(&self) -> usize {
        self.groups.len() + self.authorizations.len()
    }

    /// What every row says to a filter.
    pub(super) fn facts(&self) -> Vec<Facts<'_>> {
        let group_name = |one: &Authorization| {
            self.group(one.app_group_id.as_ref()?).and_then(|group| group.name.as_ref())
        };
        let accounts = self.authorizations.iter().map(|one| facts(one, group_name(one)));
        self.groups.iter().map(group_facts).chain(accounts).collect()
    }

    /// What no row says of what a filter asks for, in words with the nearest value.
    pub fn unheard(&self, filter: &CloudFilter) -> Option<String> {
        unheard(filter, &self.facts())
    }

    /// The rows that a filter shows: each group with those of its accounts that match, or all of them when it matches by
    /// itself. Accounts of groups that are not listed stand at the end.
    pub fn lines(&self, filter: &CloudFilter) -> Vec<AccessLine<'_>> {
        let mut lines = Vec::new();
        for group in &self.groups {
            let accounts: Vec<&Authorization> = self.of_group(&group.id).collect();
            let whole = filter.matches(&group_facts(group));
            let shown: Vec<&Authorization> = accounts
                .iter()
                .copied()
                .filter(|one| whole || filter.matches(&facts(one, group.name.as_ref())))
                .collect();
            if whole || !shown.is_empty() {
                lines.push(AccessLine::Group(group, accounts.len()));
                lines.extend(shown.into_iter().map(AccessLine::Authorization));
            }
        }
        let astray = |one: &&Authorization| {
            one.app_group_id.as_ref().is_none_or(|id| self.group(id).is_none())
                && filter.matches(&facts(one, None))
        };
        lines.extend(self.authorizations.iter().filter(astray).map(AccessLine::Authorization));
        lines
    }
}

fn said(text: Option<&Text>) -> Option<String> {
    text.map(ToString::to_string)
}

fn group_facts(group: &AppGroup) -> Facts<'_> {
    let kind = group.kind.as_ref().map(|kind| match kind {
        AppGroupKind::Desktop => "desktop".to_owned(),
        AppGroupKind::Applications => "apps".to_owned(),
        AppGroupKind::Unknown(word) => word.to_string(),
    });
    vec![("group", said(group.name.as_ref())), ("kind", kind)]
}

fn facts<'a>(one: &'a Authorization, group: Option<&'a Text>) -> Facts<'a> {
    vec![
        ("group", said(group.or(one.app_group_name.as_ref()))),
        ("account", said(one.account.as_ref())),
        ("kind", account_kind(one.account_kind.as_ref())),
        ("domain", said(one.domain.as_ref())),
        ("platform", one.platform.as_ref().map(ToString::to_string)),
    ]
}

/// The account of an authorization, to be taken away; `None` when the server does not tell enough of it: a name, and for
/// groups the id. What had to be cleaned is not what the server has.
pub(super) fn account_of(one: &Authorization) -> Option<AppAccount> {
    let kind = one.account_kind.clone()?;
    let id = one.account_id.as_ref().map(ToString::to_string);
    let was_cleaned = |text: &Text| text.as_str().contains(char::REPLACEMENT_CHARACTER);
    let cleaned = [&one.account, &one.account_id, &one.domain].into_iter().flatten().any(was_cleaned);
    if cleaned || kind == AccountKind::Group && id.is_none() {
        return None;
    }
    Some(AppAccount {
        account: one.account.as_ref()?.to_string(),
        kind,
        id,
        domain: one.domain.as_ref().map(ToString::to_string),
        platform: one.platform.clone(),
    })
}
