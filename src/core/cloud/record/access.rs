//! App groups and who may use them.

use serde::Serialize;

use super::{shown, time};
use crate::{
    core::cloud::{AccessBook, AccessLine, account_kind},
    domain::{
        AccountKind, AccountPlatform, AppGroup, AppGroupId, AppGroupKind, AppServerGroupId, Authorization,
        Text,
    },
};

/// An app group or an authorization, with the field names of the vendor's API. What is not known is absent.
#[derive(Debug, Default, Serialize)]
pub(crate) struct AccessRecord<'a> {
    /// `app_group` or `authorization`.
    kind: &'static str,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_group_name: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_server_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_server_group_name: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_count: Option<i64>,
    /// How many may use the app group.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizations: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_at: Option<String>,
}

impl<'a> AccessRecord<'a> {
    /// The fields in CSV, in order.
    pub(crate) const FIELDS: &'static [&'static str] = &[
        "kind",
        "id",
        "account",
        "account_id",
        "account_type",
        "platform_type",
        "domain",
        "app_group_id",
        "app_group_name",
        "app_type",
        "app_server_group_id",
        "app_server_group_name",
        "app_count",
        "authorizations",
        "create_at",
    ];
    /// The titles of a list for reading.
    pub(crate) const TITLES: [&'static str; 6] = ["APP GROUP", "ACCOUNT", "KIND", "DOMAIN", "KEPT IN", "ID"];

    /// A line; the number of accounts of a group only where all of them are there.
    pub(crate) fn new(line: &AccessLine<'a>, complete: bool) -> Self {
        match *line {
            AccessLine::Group(group, count) => Self::of_group(group, complete.then_some(count)),
            AccessLine::Authorization(one) => Self::of_authorization(one),
        }
    }

    /// A line for reading, below the titles.
    pub(crate) fn cells(line: &AccessLine<'_>, book: &AccessBook) -> Vec<String> {
        let id = |raw: &str| Text::clean(raw).to_string();
        match *line {
            AccessLine::Group(group, count) => {
                let accounts = format!("{count}{} accounts", if book.complete { "" } else { "+" });
                let kind = group.kind.as_ref().map(|kind| kind.word().to_owned());
                let name = shown(group.name.as_ref().map(ToString::to_string));
                vec![name, accounts, shown(kind), String::new(), String::new(), id(group.id.raw())]
            }
            AccessLine::Authorization(one) => vec![
                shown(one.app_group_id.as_ref().map(|id| book.group_label(id).to_string())),
                shown(one.account.as_ref().map(ToString::to_string)),
                shown(account_kind(one.account_kind.as_ref())),
                one.domain.as_ref().map_or_else(String::new, ToString::to_string),
                shown(one.platform.as_ref().map(ToString::to_string)),
                id(one.id.raw()),
            ],
        }
    }

    fn of_group(group: &'a AppGroup, count: Option<usize>) -> Self {
        Self {
            kind: "app_group",
            id: group.id.raw(),
            app_group_id: Some(group.id.raw()),
            app_group_name: group.name.as_ref(),
            app_type: group.kind.as_ref().map(AppGroupKind::word),
            app_server_group_id: group.server_group_id.as_ref().map(AppServerGroupId::raw),
            app_server_group_name: group.server_group_name.as_ref(),
            app_count: group.apps,
            authorizations: count,
            create_at: time(group.created_at.as_ref()),
            ..Self::default()
        }
    }

    fn of_authorization(one: &'a Authorization) -> Self {
        Self {
            kind: "authorization",
            id: one.id.raw(),
            account: one.account.as_ref(),
            account_id: one.account_id.as_ref(),
            account_type: one.account_kind.as_ref().map(AccountKind::word),
            platform_type: one.platform.as_ref().map(AccountPlatform::word),
            domain: one.domain.as_ref(),
            app_group_id: one.app_group_id.as_ref().map(AppGroupId::raw),
            app_group_name: one.app_group_name.as_ref(),
            create_at: time(one.created_at.as_ref()),
            ..Self::default()
        }
    }
}
