//! `foretop jobs`: the record of what was done.

use clap::{Args, Subcommand};

use super::{ConnectionArgs, OutputArgs};

/// Look at the record of jobs.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct JobsArgs {
    /// What to do; the list without it.
    #[command(subcommand)]
    pub command: Option<JobsCommand>,
    /// How to print the list.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The commands on the record.
#[derive(Debug, Clone, Subcommand)]
pub enum JobsCommand {
    /// List the jobs on record, the newest first
    List(JobsListArgs),
    /// Show what became of each target of a job
    Show(JobsShowArgs),
    /// Go on with a job that was cut off, stopped or given up; what has no answer is read before anything is sent
    Resume(JobsResumeArgs),
    /// End a job that goes on without a terminal, after the request that is out
    Stop(JobsStopArgs),
    /// Check that the record is as it was written; ends with 1 when it is not
    Verify,
}

/// Arguments of `jobs stop`.
#[derive(Debug, Clone, Args)]
pub struct JobsStopArgs {
    /// The job: its id, the beginning of it, or the id of its plan
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Arguments of `jobs list`.
#[derive(Debug, Clone, Args)]
pub struct JobsListArgs {
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `jobs show`.
#[derive(Debug, Clone, Args)]
pub struct JobsShowArgs {
    /// The job: its id, the beginning of it, or the id of its plan
    #[arg(value_name = "ID")]
    pub id: String,
    /// Print a short note for the ticket, in Markdown: what, who, when, why, how many, and the exceptions by name
    #[arg(long, conflicts_with = "format")]
    pub note: bool,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `jobs resume`.
#[derive(Debug, Clone, Args)]
pub struct JobsResumeArgs {
    /// The job: its id, the beginning of it, or the id of its plan
    #[arg(value_name = "ID")]
    pub id: String,
    /// Print where each target stands, and send nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Go ahead without asking; N must be the number of targets that are unsent or sent without answer
    #[arg(long, value_name = "N")]
    pub yes: Option<usize>,
    /// Let a process without a terminal go on with it, and end once that has taken over
    #[arg(long, conflicts_with = "dry_run")]
    pub detach: bool,
    /// Be that process: `--detach` starts it so, with its estate and password on a socket as standard input.
    #[arg(long, hide = true, requires = "yes", conflicts_with_all = ["detach", "profile", "demo"])]
    pub detached: bool,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}
