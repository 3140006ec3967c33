//! `foretop app-servers`.

use clap::{Args, Subcommand};
use jiff::SignedDuration;

use super::{ChangeArgs, ConnectionArgs, OutputArgs};
use crate::cli::{help, values};

/// `foretop app-servers`.
#[derive(Debug, Clone, Args)]
// The estate can also be named behind the commands below this one.
#[command(after_long_help = help::APP_SERVERS, mut_args(|argument| argument.global(true)))]
pub struct AppServersArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AppServersCommand,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What to do with app servers.
#[derive(Debug, Clone, Subcommand)]
pub enum AppServersCommand {
    /// List app servers: who can get in, what they are doing, how many sessions are left on those that are drained
    List(AppServerListArgs),
    /// Keep new sessions away (maintenance on); sessions that run go on
    #[command(after_long_help = help::APP_SERVERS_DRAIN)]
    Drain(DrainArgs),
    /// Let new sessions in again (maintenance off)
    Undrain(UndrainArgs),
    /// Restart them; ends the sessions on them
    #[command(after_long_help = help::APP_SERVERS_REBOOT)]
    Reboot(RebootArgs),
}

/// `foretop app-servers list`.
#[derive(Debug, Clone, Args)]
pub struct AppServerListArgs {
    /// Only app servers that match: words, !words, and FIELD:WORD as in the console
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true, value_parser = values::expression)]
    pub filter: Option<String>,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Which app servers.
#[derive(Debug, Clone, Args)]
pub struct ServerTargetArgs {
    /// Names of app servers, or of their machines
    #[arg(value_name = "NAME", required_unless_present_any = ["id", "filter"], value_parser = values::not_blank)]
    pub names: Vec<String>,
    /// An app server's id; may be given more than once
    #[arg(long, value_name = "ID", value_parser = values::not_blank)]
    pub id: Vec<String>,
    /// All app servers that match, as for the list
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true, value_parser = values::some_expression, conflicts_with_all = ["names", "id"])]
    pub filter: Option<String>,
}

/// `foretop app-servers drain`.
#[derive(Debug, Clone, Args)]
pub struct DrainArgs {
    /// Which.
    #[command(flatten)]
    pub servers: ServerTargetArgs,
    /// Wait until no session is left on them
    #[arg(long)]
    pub wait: bool,
    /// How long to wait at most; else 1 hour
    #[arg(long, value_name = "TIME", requires = "wait", value_parser = values::age)]
    pub deadline: Option<SignedDuration>,
    /// How often they are read meanwhile; else every 15 seconds
    #[arg(long, value_name = "TIME", requires = "wait", value_parser = values::age)]
    pub every: Option<SignedDuration>,
    /// What all changes take.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop app-servers undrain`.
#[derive(Debug, Clone, Args)]
pub struct UndrainArgs {
    /// Which.
    #[command(flatten)]
    pub servers: ServerTargetArgs,
    /// What all changes take.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `foretop app-servers reboot`.
#[derive(Debug, Clone, Args)]
pub struct RebootArgs {
    /// Which.
    #[command(flatten)]
    pub servers: ServerTargetArgs,
    /// Switch the machines off and on without asking the guests
    #[arg(long)]
    pub hard: bool,
    /// Wait until they are seen to run again
    #[arg(long)]
    pub wait: bool,
    /// How long to wait at most; else 10 minutes
    #[arg(long, value_name = "TIME", requires = "wait", value_parser = values::age)]
    pub deadline: Option<SignedDuration>,
    /// How often they are read meanwhile; else every 5 seconds
    #[arg(long, value_name = "TIME", requires = "wait", value_parser = values::age)]
    pub every: Option<SignedDuration>,
    /// What all changes take.
    #[command(flatten)]
    pub change: ChangeArgs,
}
