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
    /// Check that the record is as it was written; ends with 1 when it is not
    Verify,
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
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}
