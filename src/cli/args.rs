//! The command line: every command, flag and help text (`design.md section 7`).
//!
//! Types only. Environment variables are not read here: they are a layer of their own in [`crate::config`].

mod app_servers;
mod changes;
mod config;
mod image_servers;
mod images;
mod jobs;
mod permissions;
mod plans;
mod replay;

use std::{net::SocketAddr, path::PathBuf};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use app_servers::{
    AppServerListArgs, AppServersArgs, AppServersCommand, DrainArgs, RebootArgs, ServerTargetArgs,
    UndrainArgs,
};
pub use changes::ChangeArgs;
pub use config::{
    CloudInitArgs, ConfigCommand, ConfigInitArgs, ConfigShowArgs, DoctorArgs, ManArgs, SecretArgs,
};
pub use image_servers::{
    ImageJobShowArgs, ImageJobsArgs, ImageJobsCommand, ImageServerListArgs, ImageServerShowArgs,
    ImageServersArgs, ImageServersCommand, RecreateImageArgs,
};
pub use images::{
    AssetCreateArgs, AssetUpdateArgs, AssetsCommand, DetailArgs, DetailEditArgs, ImageDeleteArgs,
    ImageShowArgs, ImagesArgs, ImagesCommand, PartListArgs, StreamCreateArgs, StreamListArgs,
    StreamUpdateArgs, TagCreateArgs, TagMoveArgs, TagUpdateArgs, TagsCommand, VersionCreateArgs,
    VersionUpdateArgs, VersionsCommand,
};
pub use jobs::{JobsArgs, JobsCommand, JobsListArgs, JobsResumeArgs, JobsShowArgs, JobsStopArgs};
pub use permissions::{
    AccessArgs, PermissionCanArgs, PermissionCreateArgs, PermissionDeleteArgs, PermissionListArgs,
    PermissionReplaceArgs, PermissionShowArgs, PermissionsArgs, PermissionsCommand,
};

pub use plans::{ApplyArgs, PlanActionArgs, PlanArgs, PlanCommand};
pub use replay::{ReplayArgs, ReplayScreens};

use super::values;
use crate::config::{Choice, DEFAULT_WORLD, PartialSettings};
use crate::core::{
    bulk::{self, Canary},
    facets::Facet,
};
use crate::domain::{MessageSeverity, Verb};
use crate::sim::{ClockMode, FaultSpec, Release, WorldSource};

/// A terminal operations console for virtual desktops.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "foretop",
    version,
    max_term_width = 100,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    about = "A terminal operations console for virtual desktops: VMware/Omnissa Horizon first",
    long_about = "A terminal operations console for virtual desktops: VMware/Omnissa Horizon first.\n\n\
        Without a command the console opens. With nothing configured it shows a simulated estate and says SIMULATED.",
    after_long_help = super::help::TOP
)]
pub struct Cli {
    /// What to do; the console without it.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// How the console looks.
    #[command(flatten)]
    pub looks: LooksArgs,
    /// Whose sessions.
    #[command(flatten)]
    pub pods: PodArgs,
    /// Record the run in this new file, with other names, to be played by `foretop replay`
    #[arg(long, value_name = "FILE", help_heading = "Bug reports and demos")]
    pub record: Option<PathBuf>,
}

/// Whose sessions are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct PodArgs {
    /// List the sessions of all pods of the federation, not only of the pod that answers
    #[arg(long, help_heading = "Federation")]
    pub all_pods: bool,
}

/// Which estate to connect to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Estate")]
pub struct ConnectionArgs {
    /// Name of a profile.
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "demo",
        help = "Connect with this profile of the configuration file (or set FORETOP_PROFILE)"
    )]
    pub profile: Option<String>,
    /// Use a simulated estate: small, helpdesk, federation or huge
    #[arg(
        long,
        value_name = "WORLD",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = DEFAULT_WORLD,
        value_parser = values::Offered(["small", "helpdesk", "federation", "huge"]),
        hide_possible_values = true
    )]
    pub demo: Option<String>,
    /// Look, but never act; cannot be taken back during the run
    #[arg(long)]
    pub read_only: bool,
}

impl ConnectionArgs {
    /// These arguments, completed by those given before the command.
    #[must_use]
    pub fn over(self, outer: Self) -> Self {
        // An estate named beside the command wins whole: `--demo` there must not meet `--profile` from further left.
        let (profile, demo) = if self.profile.is_some() || self.demo.is_some() {
            (self.profile, self.demo)
        } else {
            (outer.profile, outer.demo)
        };
        Self { profile, demo, read_only: self.read_only || outer.read_only }
    }

    /// What these arguments say, as the configuration takes it.
    pub fn choice(&self, looks: &LooksArgs) -> Choice {
        let settings = PartialSettings {
            read_only: self.read_only.then_some(true),
            theme: looks.theme.clone(),
            ascii: looks.ascii.then_some(true),
            ..PartialSettings::default()
        };
        Choice { profile: self.profile.clone(), demo: self.demo.clone(), settings }
    }
}

/// How the console looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Looks of the console")]
pub struct LooksArgs {
    /// Use this theme: one that ships with Foretop, or a file in themes/ beside the configuration
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Draw with ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// The commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// List sessions and act on them, without a screen
    Sessions(SessionsArgs),
    /// List and change image streams, versions, tags and assets
    Images(ImagesArgs),
    /// List image servers of Workspace, build images from them, and follow the builds
    ImageServers(ImageServersArgs),
    /// List app servers of Workspace, drain them, let users in again, and reboot them
    AppServers(AppServersArgs),
    /// List audit events, or follow them
    Events(EventsArgs),
    /// Show the account, and what it may do as far as the server tells
    Whoami(WhoAmIArgs),
    /// Who may do what: list, create, delete and replace permissions, and ask about them
    Permissions(PermissionsArgs),
    /// Make a plan and save it, to be applied later or by somebody else; nothing is sent
    #[command(after_long_help = super::help::PLAN)]
    Plan(PlanArgs),
    /// Carry out a saved plan
    #[command(after_long_help = super::help::APPLY)]
    Apply(ApplyArgs),
    /// Look at the record of jobs: what was sent, what became of it, and whether the record is whole
    #[command(after_long_help = super::help::JOBS)]
    Jobs(JobsArgs),
    /// Play a recorded run of the console; no server is asked and nothing is changed
    #[command(after_long_help = super::help::REPLAY)]
    Replay(ReplayArgs),
    /// Serve a simulated estate over HTTP on this machine
    Sim(SimArgs),
    /// Add a profile, and look at the configuration
    #[command(after_long_help = super::help::CONFIG)]
    Config {
        /// What about it.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Check terminal, configuration, servers and account, and say what follows from it
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    #[command(after_long_help = super::help::COMPLETIONS)]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page, or write the pages of all commands
    #[command(after_long_help = super::help::MAN)]
    Man(ManArgs),
}

/// `foretop sessions`.
#[derive(Debug, Clone, Args)]
// The estate can also be named behind the commands below this one.
#[command(after_long_help = super::help::SESSIONS, mut_args(|argument| argument.global(true)))]
pub struct SessionsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SessionsCommand,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What to do with sessions.
#[derive(Debug, Clone, Subcommand)]
pub enum SessionsCommand {
    /// List sessions
    #[command(after_long_help = super::help::LIST)]
    List(ListArgs),
    /// Show everything known about one session
    Show(ShowArgs),
    /// Detach the clients; the sessions run on
    #[command(after_long_help = super::help::ACTION)]
    Disconnect(ActionArgs),
    /// Log the users off; a locked session refuses, unless --forced
    #[command(after_long_help = super::help::ACTION)]
    Logoff(LogoffArgs),
    /// Restart the guests of the machines, gracefully
    #[command(after_long_help = super::help::ACTION)]
    Restart(ActionArgs),
    /// Reset the machines, as their power buttons would
    #[command(after_long_help = super::help::ACTION)]
    Reset(ActionArgs),
    /// Show a message to the users
    #[command(after_long_help = super::help::MESSAGE)]
    Message(MessageArgs),
}

impl SessionsCommand {
    /// The verb that it stands for, with its common arguments; `None` for those that only look.
    pub fn action(&self) -> Option<(Verb, &ActionArgs)> {
        match self {
            Self::List(_) | Self::Show(_) => None,
            Self::Disconnect(action) => Some((Verb::Disconnect, action)),
            Self::Logoff(LogoffArgs { forced: false, action, .. }) => Some((Verb::Logoff, action)),
            Self::Logoff(LogoffArgs { forced: true, action, .. }) => Some((Verb::LogoffForced, action)),
            Self::Restart(action) => Some((Verb::Restart, action)),
            Self::Reset(action) => Some((Verb::Reset, action)),
            Self::Message(message) => Some((Verb::Message, &message.action)),
        }
    }
}

/// `foretop sessions list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Only sessions for which this filter holds
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true, value_parser = values::expression)]
    pub filter: Option<String>,
    /// Sort by this column; a minus before it reverses
    #[arg(long, value_name = "COL", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Print these columns, in this order
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Print no sessions but how many have each value: of pool, gateway, agent, client, host, ...
    #[arg(
        long,
        value_name = "FACET",
        conflicts_with = "columns",
        value_parser = values::Offered(Facet::ALL.map(Facet::name)),
        hide_possible_values = true
    )]
    pub by: Option<String>,
    /// Whose sessions.
    #[command(flatten)]
    pub pods: PodArgs,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `foretop sessions show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// The session's id
    #[arg(value_name = "ID")]
    pub id: String,
    /// Whose sessions.
    #[command(flatten)]
    pub pods: PodArgs,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What all verbs on sessions take.
#[derive(Debug, Clone, Args)]
pub struct ActionArgs {
    /// On whom, and how.
    #[command(flatten)]
    pub wish: WishArgs,
    /// Refuse when more than N sessions would be sent
    #[arg(long, value_name = "N")]
    pub max: Option<usize>,
    /// Print what would be sent and held back, and send nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Go ahead without asking; N must be the number of sessions that will be sent
    #[arg(long, value_name = "N")]
    pub yes: Option<usize>,
    /// Let a process without a terminal carry it out, and end once that has taken over
    #[arg(long, conflicts_with = "dry_run")]
    pub detach: bool,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What a plan is made from.
#[derive(Debug, Clone, Args)]
pub struct WishArgs {
    /// Which sessions.
    #[command(flatten)]
    pub targets: TargetArgs,
    /// Send those named by --id although they are protected
    #[arg(long, requires = "ids", conflicts_with = "filter")]
    pub include_protected: bool,
    /// Whose sessions.
    #[command(flatten)]
    pub pods: PodArgs,
    /// How it is carried out.
    #[command(flatten)]
    pub terms: TermArgs,
    /// The ticket that this is done for; it is kept with the plan
    #[arg(long, value_name = "TICKET")]
    pub ticket: Option<String>,
}

/// How a plan is carried out.
#[derive(Debug, Clone, Args)]
pub struct TermArgs {
    /// What must still hold for a session when its request leaves; the filter of --where when not given, '' for nothing
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, value_parser = values::expression)]
    pub guard: Option<String>,
    /// Send the first N, or N% of them, alone; go on only when they went well; waits as --wait does
    #[arg(long, value_name = "N|N%", value_parser = str::parse::<Canary>)]
    pub canary: Option<Canary>,
    /// Sessions in one call, 1 to 1000
    #[arg(long, value_name = "N", value_parser = bulk::chunk)]
    pub chunk: Option<usize>,
    /// Pause between two calls, such as 5s
    #[arg(long, value_name = "TIME", value_parser = bulk::seconds)]
    pub pause: Option<u32>,
    /// Stop when more than this share failed, such as 10%
    #[arg(long, value_name = "SHARE", value_parser = bulk::percent)]
    pub stop_above: Option<u8>,
    /// Wait until it is known what became of what was accepted; what is not confirmed then is not done
    #[arg(long)]
    pub wait: bool,
}

/// Which sessions are meant: a filter or ids, never both, never neither.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct TargetArgs {
    /// The sessions for which this filter holds
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true, value_parser = values::expression)]
    pub filter: Option<String>,
    /// The session with this id; can be repeated
    #[arg(long = "id", value_name = "ID", action = ArgAction::Append)]
    pub ids: Vec<String>,
}

/// Warn, wait, log off, force: the flags of `foretop sessions logoff` for it.
#[derive(Debug, Clone, Args)]
pub struct CourseArgs {
    /// Warn first with this text; {user}, {machine}, {pool}, {minutes}, {ticket} and {who} are filled in
    #[arg(long, value_name = "TEXT", value_parser = values::not_blank, requires = "after", conflicts_with = "forced")]
    pub warn: Option<String>,
    /// The label on the pop-up of the warning
    #[arg(long, value_name = "LEVEL", value_parser = values::severity(), default_value = "warning")]
    pub severity: MessageSeverity,
    /// Wait so long between the warning and the logoff, such as 15m
    #[arg(long, value_name = "AGE", value_parser = values::age, requires = "warn")]
    pub after: Option<jiff::SignedDuration>,
    /// Warn again so long before the logoff, such as 5m,1m
    #[arg(long, value_name = "AGE,AGE", value_parser = values::age, value_delimiter = ',', requires = "warn")]
    pub remind: Vec<jiff::SignedDuration>,
    /// So long after the logoff, force those that refused as locked or are still listed
    #[arg(long, value_name = "AGE", value_parser = values::age, requires = "warn")]
    pub force_after: Option<jiff::SignedDuration>,
    /// Log those off too that the warning did not reach
    #[arg(long, requires = "warn")]
    pub even_unwarned: bool,
}

/// `foretop sessions logoff`.
#[derive(Debug, Clone, Args)]
pub struct LogoffArgs {
    /// Log off locked sessions too; unsaved work is lost
    #[arg(long)]
    pub forced: bool,
    /// What comes before it, and after it.
    #[command(flatten)]
    pub course: CourseArgs,
    /// What all verbs take.
    #[command(flatten)]
    pub action: ActionArgs,
}

/// `foretop sessions message`.
#[derive(Debug, Clone, Args)]
pub struct MessageArgs {
    /// The label on the pop-up; it changes nothing else
    #[arg(long, value_name = "LEVEL", value_parser = values::severity(), default_value = "info")]
    pub severity: MessageSeverity,
    /// What the users read; may have several lines
    #[arg(long, value_name = "TEXT", value_parser = values::not_blank)]
    pub text: String,
    /// What all verbs take.
    #[command(flatten)]
    pub action: ActionArgs,
}

/// How to print a result.
#[derive(Debug, Clone, Copy, Args)]
pub struct OutputArgs {
    /// How to print it
    #[arg(short = 'o', long = "output", value_name = "FORMAT", value_enum, default_value_t)]
    pub format: Format,
}

/// A format of results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns, for reading
    #[default]
    Table,
    /// One JSON value
    Json,
    /// One JSON object a line
    Jsonl,
    /// Comma-separated values with a header
    Csv,
}

/// `foretop events`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = super::help::EVENTS, args_conflicts_with_subcommands = true)]
pub struct EventsArgs {
    /// What else to do than list them.
    #[command(subcommand)]
    pub command: Option<EventsCommand>,
    /// Events of this last while, such as 15m, 1h or 2d; without it, the newest 200
    #[arg(long, value_name = "AGE", value_parser = values::age)]
    pub since: Option<jiff::SignedDuration>,
    /// Go on and print new events as the server writes them
    #[arg(long)]
    pub follow: bool,
    /// Only events for which this filter holds
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true, value_parser = values::expression)]
    pub filter: Option<String>,
    /// How to print them.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What to do with events other than listing them.
#[derive(Debug, Clone, Subcommand)]
pub enum EventsCommand {
    /// Explain types of events in plain words; without a type, list the known ones. Needs no server
    Explain(ExplainArgs),
}

/// `foretop events explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// The types.
    #[arg(
        value_name = "TYPE",
        help = "The types, such as ADMIN_DESKTOP_SESSION_LOGOFF; in small letters as well"
    )]
    pub kinds: Vec<String>,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `foretop whoami`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = super::help::WHOAMI)]
pub struct WhoAmIArgs {
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `foretop sim`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = super::help::SIM)]
pub struct SimArgs {
    /// Listen here; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The world: small, helpdesk, federation, huge, or a file
    #[arg(long, value_name = "NAME|FILE", value_parser = str::parse::<WorldSource>, default_value = DEFAULT_WORLD)]
    pub world: WorldSource,
    /// Begin with this many sessions instead of the world's own number
    #[arg(long, value_name = "N")]
    pub sessions: Option<usize>,
    /// The seed: the same one gives the same estate
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How time goes: real, xN (N times as fast), or manual (it stands still until told)
    #[arg(long, value_name = "CLOCK", value_parser = str::parse::<ClockMode>, default_value = "real")]
    pub clock: ClockMode,
    /// Switch a fault on, such as latency=200ms; can be repeated
    #[arg(long = "fault", value_name = "SPEC", value_parser = str::parse::<FaultSpec>, action = ArgAction::Append)]
    pub faults: Vec<FaultSpec>,
    /// Behave like this release of the server, from 2006 to 2512
    #[arg(long, value_name = "RELEASE", value_parser = str::parse::<Release>)]
    pub release: Option<Release>,
    /// Serve HTTPS with a certificate made for this run; its fingerprint is printed
    #[arg(long)]
    pub tls: bool,
}

#[cfg(test)]
mod tests;
