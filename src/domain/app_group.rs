//! App groups and who may use them: the nearest thing to entitlements (`workspace.md section 8`).

use serde::{Deserialize, Serialize};

use super::{AppGroupId, AppServerGroupId, AuthorizationId, Moment, Text, session::words};

words! {
    /// What an app group publishes.
    AppGroupKind {
        /// Whole shared desktops.
        Desktop = "SESSION_DESKTOP_APP",
        /// Applications.
        Applications = "COMMON_APP",
    }
}

words! {
    /// Who is authorized.
    AccountKind {
        /// One user.
        User = "USER",
        /// A group of users.
        Group = "USER_GROUP",
    }
}

words! {
    /// Where an account is kept.
    AccountPlatform {
        /// In Active Directory.
        ActiveDirectory = "AD",
        /// In the service itself.
        Local = "LOCAL",
        /// Made by the service.
        System = "SYSTEM",
    }
}

/// A set of published applications, bound to one app server group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppGroup {
    /// Its id.
    pub id: AppGroupId,
    /// Its name.
    pub name: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// The servers on which it runs.
    pub server_group_id: Option<AppServerGroupId>,
    /// The name of these.
    pub server_group_name: Option<Text>,
    /// What it publishes.
    pub kind: Option<AppGroupKind>,
    /// How it is authorized: `APP_GROUP`.
    pub authorization_type: Option<Text>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// How many applications are in it.
    pub apps: Option<i64>,
}

/// That a user or group may use an app group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// Its id.
    pub id: AuthorizationId,
    /// The account's id.
    pub account_id: Option<Text>,
    /// The account's name.
    pub account: Option<Text>,
    /// User or group.
    pub account_kind: Option<AccountKind>,
    /// Where the account is kept.
    pub platform: Option<AccountPlatform>,
    /// The account's domain.
    pub domain: Option<Text>,
    /// What may be used.
    pub app_group_id: Option<AppGroupId>,
    /// The name of that.
    pub app_group_name: Option<Text>,
    /// Since when.
    pub created_at: Option<Moment>,
}

/// Somebody to be authorized, or not to be any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppAccount {
    /// The account's name.
    pub account: String,
    /// User or group.
    pub kind: AccountKind,
    /// The account's id; a group must have it.
    pub id: Option<String>,
    /// The account's domain.
    pub domain: Option<String>,
    /// Where the account is kept.
    pub platform: Option<AccountPlatform>,
}

/// Which authorizations are asked for; all of them without a condition. Both are matched exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationQuery {
    /// For this app group.
    pub app_group: Option<AppGroupId>,
    /// Of this account, by name.
    pub account: Option<String>,
}
