//! `foretop plan` and `foretop apply`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ConnectionArgs, CourseArgs, OutputArgs, WishArgs};
use crate::{
    cli::values,
    domain::{MessageSeverity, MessageText, Verb},
};

/// `foretop plan`.
#[derive(Debug, Clone, Args)]
// The estate can also be named behind the verb.
#[command(mut_args(|argument| argument.global(true)))]
pub struct PlanArgs {
    /// What is planned.
    #[command(subcommand)]
    pub command: PlanCommand,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What can be planned.
#[derive(Debug, Clone, Subcommand)]
pub enum PlanCommand {
    /// Plan a disconnect
    Disconnect(PlanActionArgs),
    /// Plan a logoff
    Logoff {
        /// Log off locked sessions too; unsaved work is lost
        #[arg(long)]
        forced: bool,
        /// What comes before it, and after it.
        #[command(flatten)]
        course: Box<CourseArgs>,
        /// What all plans take.
        #[command(flatten)]
        plan: PlanActionArgs,
    },
    /// Plan a restart of the guests
    Restart(PlanActionArgs),
    /// Plan a reset of the machines
    Reset(PlanActionArgs),
    /// Plan a message
    Message {
        /// The label on the pop-up; it changes nothing else
        #[arg(long, value_name = "LEVEL", value_parser = values::severity(), default_value = "info")]
        severity: MessageSeverity,
        /// What the users read; may have several lines
        #[arg(long, value_name = "TEXT", value_parser = values::not_blank)]
        text: String,
        /// What all plans take.
        #[command(flatten)]
        plan: PlanActionArgs,
    },
}

impl PlanCommand {
    /// The verb, its message, and what all plans take.
    pub fn parts(&self) -> (Verb, Option<MessageText>, &PlanActionArgs) {
        match self {
            Self::Disconnect(plan) => (Verb::Disconnect, None, plan),
            Self::Logoff { forced: false, plan, .. } => (Verb::Logoff, None, plan),
            Self::Logoff { forced: true, plan, .. } => (Verb::LogoffForced, None, plan),
            Self::Restart(plan) => (Verb::Restart, None, plan),
            Self::Reset(plan) => (Verb::Reset, None, plan),
            Self::Message { severity, text, plan } => {
                let message = MessageText { severity: *severity, text: text.as_str().into() };
                (Verb::Message, Some(message), plan)
            }
        }
    }
}

impl PlanCommand {
    /// Warn, wait, log off, force: what a logoff takes beside.
    pub fn course(&self) -> Option<&CourseArgs> {
        match self {
            Self::Logoff { course, .. } => Some(course),
            _ => None,
        }
    }
}

/// What all plans take.
#[derive(Debug, Clone, Args)]
pub struct PlanActionArgs {
    /// On whom, and how.
    #[command(flatten)]
    pub wish: WishArgs,
    /// How long the plan may be applied, such as 15m or 8h
    #[arg(long, value_name = "TIME", value_parser = values::age, default_value = "1h")]
    pub expires: jiff::SignedDuration,
    /// Save it in this file, which must not exist, and not in the folder of plans
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `foretop apply`.
#[derive(Debug, Clone, Args)]
pub struct ApplyArgs {
    /// The plan: its id, the beginning of it, or a file
    #[arg(value_name = "PLAN")]
    pub plan: String,
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
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}
