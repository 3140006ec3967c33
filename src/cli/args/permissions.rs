//! `foretop permissions`.

use clap::{Args, Subcommand};

use super::{ChangeArgs, ConnectionArgs, OutputArgs};
use crate::cli::{help, values};

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
    #[arg(long = "where", value_name = "EXPR")]
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
pub struct PermissionCreateArgs {
    /// Who gets it: DOMAIN\name, the name alone, or a SID; can be repeated
    #[arg(long = "principal", value_name = "NAME|SID", required = true, value_parser = values::not_blank)]
    pub principals: Vec<String>,
    /// The role, by name or id
    #[arg(long, value_name = "NAME|ID", value_parser = values::not_blank)]
    pub role: String,
    /// Where it holds in the pod, by name or id; only roles that apply to no access group do without
    #[arg(long, value_name = "NAME|ID", value_parser = values::not_blank)]
    pub access_group: Option<String>,
    /// Where it holds in the federation, by name or id; for roles with privileges for the federation
    #[arg(long, value_name = "NAME|ID", value_parser = values::not_blank)]
    pub federation_access_group: Option<String>,
    /// What all changes take.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop permissions delete`.
#[derive(Debug, Clone, Args)]
#[group(id = "which", required = true, args = ["ids", "filter"])]
pub struct PermissionDeleteArgs {
    /// The ids of the permissions
    #[arg(value_name = "ID", value_parser = values::not_blank)]
    pub ids: Vec<String>,
    /// The permissions for which this filter holds
    #[arg(long = "where", value_name = "EXPR")]
    pub filter: Option<String>,
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
