//! `foretop image-servers`.

use clap::{Args, Subcommand};
use jiff::SignedDuration;

use super::{ChangeArgs, ConnectionArgs, OutputArgs};
use crate::cli::{help, values};

/// `foretop image-servers`.
#[derive(Debug, Clone, Args)]
// The estate can also be named behind the commands below this one.
#[command(after_long_help = help::IMAGE_SERVERS, mut_args(|argument| argument.global(true)))]
pub struct ImageServersArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ImageServersCommand,
    /// Which estate.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What to do with image servers.
#[derive(Debug, Clone, Subcommand)]
pub enum ImageServersCommand {
    /// List image servers
    List(ImageServerListArgs),
    /// Show everything known about one image server
    Show(ImageServerShowArgs),
    /// Build an image from an image server that is ACTIVE or BUILT
    #[command(after_long_help = help::RECREATE_IMAGE)]
    RecreateImage(RecreateImageArgs),
    /// List the jobs of the cloud on image servers and images, those that run and those that are over
    Jobs(ImageJobsArgs),
}

/// `foretop image-servers list`.
#[derive(Debug, Clone, Args)]
pub struct ImageServerListArgs {
    /// Only image servers with this part in their name
    #[arg(long, value_name = "TEXT", value_parser = values::not_blank)]
    pub name: Option<String>,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `foretop image-servers show`.
#[derive(Debug, Clone, Args)]
pub struct ImageServerShowArgs {
    /// The image server's id
    #[arg(value_name = "ID", value_parser = values::not_blank)]
    pub id: String,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `foretop image-servers recreate-image`.
#[derive(Debug, Clone, Args)]
pub struct RecreateImageArgs {
    /// The image server's id
    #[arg(value_name = "ID", value_parser = values::not_blank)]
    pub id: String,
    /// The name of the image: letters a-z, digits, Chinese characters, blanks, . _ and -
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub name: String,
    /// What is in it
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub description: Option<String>,
    /// Generalise the system first
    #[arg(long, conflicts_with = "no_sysprep")]
    pub sysprep: bool,
    /// Do not generalise the system; without either of the two the server decides
    #[arg(long)]
    pub no_sysprep: bool,
    /// Follow the build to its end
    #[arg(long)]
    pub wait: bool,
    /// How often the cloud is asked for it, from the first time on; else after 10 seconds, then every 30
    #[arg(long, value_name = "TIME", requires = "wait", value_parser = values::age)]
    pub every: Option<SignedDuration>,
    /// What all changes take.
    #[command(flatten)]
    pub change: ChangeArgs,
}

impl RecreateImageArgs {
    /// Whether the system is to be generalised; `None` leaves it to the server.
    pub fn sysprep(&self) -> Option<bool> {
        match (self.sysprep, self.no_sysprep) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }
}

/// `foretop image-servers jobs`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, after_long_help = help::IMAGE_JOBS)]
pub struct ImageJobsArgs {
    /// What about them; the list without it.
    #[command(subcommand)]
    pub command: Option<ImageJobsCommand>,
    /// Only jobs of this kind.
    #[arg(
        long,
        value_name = "KIND",
        help = "Only jobs of this kind: CREATE_SERVER, CREATE_SERVER_IMAGE or DELETE_SERVER"
    )]
    pub kind: Option<String>,
    /// Only jobs that are this far.
    #[arg(
        long,
        value_name = "STATUS",
        help = "Only jobs that are this far: WAITING, RUNNING, SUCCESS or FAILED"
    )]
    pub status: Option<String>,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What about the jobs.
#[derive(Debug, Clone, Subcommand)]
pub enum ImageJobsCommand {
    /// Show one job with its parts, and why it failed
    Show(ImageJobShowArgs),
}

/// `foretop image-servers jobs show`.
#[derive(Debug, Clone, Args)]
pub struct ImageJobShowArgs {
    /// The job's id
    #[arg(value_name = "ID", value_parser = values::not_blank)]
    pub id: String,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}
