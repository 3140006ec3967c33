//! `foretop permissions`.

use clap::{ArgGroup, Args, Subcommand};

use super::{ChangeArgs, ConnectionArgs, OutputArgs};
use crate::{
    cli::{help, values},
    domain::{AccountKind, AccountPlatform, AppAccount},
};

/// `foretop permissions`.
#[derive(Debug, Clone, Args)]
// The estate can also be named behind the commands below this one.
#[command(after_long_help = help::PERMISSIONS, mut_args(|argument| argument.global(true)))]
pub struct PermissionsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PermissionsCommand,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What to do with permissions.
#[derive(Debug, Clone, Subcommand)]
pub enum PermissionsCommand {
    /// List permissions with what they allow
    #[command(after_long_help = help::PERMISSIONS_LIST)]
    List(PermissionListArgs),
    /// Show everything known about one permission
    Show(PermissionShowArgs),
    /// Give a role on an access group to one or many users and groups
    #[command(after_long_help = help::PERMISSIONS_CREATE)]
    Create(PermissionCreateArgs),
    /// Take permissions away
    #[command(after_long_help = help::PERMISSIONS_DELETE)]
    Delete(PermissionDeleteArgs),
    /// Create a permission with another role or access group, then delete the old one
    #[command(after_long_help = help::PERMISSIONS_REPLACE)]
    Replace(PermissionReplaceArgs),
    /// Say whether somebody may do something, and why
    #[command(after_long_help = help::PERMISSIONS_CAN)]
    Can(PermissionCanArgs),
}

impl PermissionsCommand {
    /// The app groups and accounts of a command that takes them.
    pub fn access(&self) -> Option<&AccessArgs> {
        match self {
            Self::Create(args) => Some(&args.access),
            Self::Delete(args) => Some(&args.access),
            Self::List(_) | Self::Show(_) | Self::Can(_) | Self::Replace(_) => None,
        }
    }

    /// What changes something takes; `None` for those that only look.
    pub fn change(&self) -> Option<&ChangeArgs> {
        match self {
            Self::List(_) | Self::Show(_) | Self::Can(_) => None,
            Self::Create(args) => Some(&args.change),
            Self::Delete(args) => Some(&args.change),
            Self::Replace(args) => Some(&args.change),
        }
    }
}

/// `foretop permissions list`.
#[derive(Debug, Clone, Args)]
pub struct PermissionListArgs {
    /// Only permissions for which this filter holds
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true, value_parser = values::expression)]
    pub filter: Option<String>,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `foretop permissions show`.
#[derive(Debug, Clone, Args)]
pub struct PermissionShowArgs {
    /// The permission's id
    #[arg(value_name = "ID")]
    pub id: String,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `foretop permissions create`.
#[derive(Debug, Clone, Args)]
#[command(
    override_usage = "foretop permissions create [OPTIONS] --principal <NAME|SID> --role <NAME|ID>\n       \
                      foretop permissions create [OPTIONS] --app-group <NAME|ID> --user <NAME>"
)]
pub struct PermissionCreateArgs {
    /// Who gets it: DOMAIN\name, the name alone, or a SID; can be repeated
    #[arg(
        long = "principal",
        value_name = "NAME|SID",
        required_unless_present = "app_groups",
        conflicts_with = "app_groups",
        value_parser = values::not_blank
    )]
    pub principals: Vec<String>,
    /// The role, by name or id
    #[arg(
        long,
        value_name = "NAME|ID",
        required_unless_present = "app_groups",
        conflicts_with = "app_groups",
        value_parser = values::not_blank
    )]
    pub role: Option<String>,
    /// Where it holds in the pod, by name or id; only roles that apply to no access group do without
    #[arg(long, value_name = "NAME|ID", conflicts_with = "app_groups", value_parser = values::not_blank)]
    pub access_group: Option<String>,
    /// Where it holds in the federation, by name or id; for roles with privileges for the federation
    #[arg(long, value_name = "NAME|ID", conflicts_with = "app_groups", value_parser = values::not_blank)]
    pub federation_access_group: Option<String>,
    /// Over Workspace: who may use what.
    #[command(flatten)]
    pub access: AccessArgs,
    /// What all changes take.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// The heading of what only Workspace has.
const WORKSPACE: &str = "Over Workspace";

/// Accounts and app groups of Workspace: each account for each group.
#[derive(Debug, Clone, Default, Args)]
#[command(group = ArgGroup::new("accounts").args(["users", "user_groups"]).multiple(true))]
pub struct AccessArgs {
    /// The app group, by name or id; can be repeated, up to 10
    #[arg(
        help_heading = WORKSPACE,
        long = "app-group",
        value_name = "NAME|ID",
        requires = "accounts",
        value_parser = values::not_blank
    )]
    pub app_groups: Vec<String>,
    /// A user, by login name without the domain; can be repeated
    #[arg(
        help_heading = WORKSPACE,
        long = "user",
        value_name = "NAME",
        requires = "app_groups",
        value_parser = values::not_blank
    )]
    pub users: Vec<String>,
    /// A group of users, with its id, which the API needs; can be repeated
    #[arg(
        help_heading = WORKSPACE,
        long = "user-group",
        value_name = "NAME=ID",
        requires = "app_groups",
        value_parser = values::name_and_id
    )]
    pub user_groups: Vec<(String, String)>,
    /// The domain of these accounts
    #[arg(help_heading = WORKSPACE, long, value_name = "DOMAIN", requires = "app_groups", value_parser = values::not_blank)]
    pub user_domain: Option<String>,
    /// Where these accounts are kept
    #[arg(help_heading = WORKSPACE, long, value_name = "PLATFORM", requires = "app_groups", value_parser = ["AD", "LOCAL", "SYSTEM"])]
    pub platform: Option<String>,
}

impl AccessArgs {
    /// Every account that is named, groups after users.
    pub fn accounts(&self) -> Vec<AppAccount> {
        let account = |name: &str, kind: AccountKind, id: Option<&str>| AppAccount {
            account: name.to_owned(),
            kind,
            id: id.map(str::to_owned),
            domain: self.user_domain.clone(),
            platform: self.platform.as_deref().map(AccountPlatform::from),
        };
        let users = self.users.iter().map(|name| account(name, AccountKind::User, None));
        let groups = self.user_groups.iter().map(|(name, id)| account(name, AccountKind::Group, Some(id)));
        users.chain(groups).collect()
    }
}

/// `foretop permissions delete`.
#[derive(Debug, Clone, Args)]
#[group(id = "which", required = true, args = ["ids", "filter", "app_groups"])]
pub struct PermissionDeleteArgs {
    /// The ids of the permissions
    #[arg(value_name = "ID", value_parser = values::not_blank)]
    pub ids: Vec<String>,
    /// The permissions for which this filter holds
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true, value_parser = values::expression)]
    pub filter: Option<String>,
    /// Over Workspace: who may not use what any more.
    #[command(flatten)]
    pub access: AccessArgs,
    /// What all changes take.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop permissions replace`.
#[derive(Debug, Clone, Args)]
#[command(
    override_usage = "foretop permissions replace [OPTIONS] <ID> --role <NAME|ID> | --access-group <NAME|ID> ..."
)]
#[group(id = "another", required = true, multiple = true, args = ["role", "access_group", "federation_access_group"])]
pub struct PermissionReplaceArgs {
    /// The id of the permission
    #[arg(value_name = "ID", value_parser = values::not_blank)]
    pub id: String,
    /// Another role, by name or id
    #[arg(long, value_name = "NAME|ID", value_parser = values::not_blank)]
    pub role: Option<String>,
    /// Another access group, by name or id
    #[arg(long, value_name = "NAME|ID", value_parser = values::not_blank)]
    pub access_group: Option<String>,
    /// Another federation access group, by name or id
    #[arg(long, value_name = "NAME|ID", value_parser = values::not_blank)]
    pub federation_access_group: Option<String>,
    /// What all changes take.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop permissions can`.
#[derive(Debug, Clone, Args)]
pub struct PermissionCanArgs {
    /// Who: DOMAIN\name, the name alone, or a SID
    #[arg(value_name = "PRINCIPAL")]
    pub principal: String,
    /// What: message, disconnect, logoff, logoff-forced, restart, reset, push-image or manage
    #[arg(value_name = "VERB")]
    pub verb: String,
    /// On what: a pool, farm, machine, session, user or access group; images or permissions for manage
    #[arg(value_name = "TARGET")]
    pub target: String,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}
