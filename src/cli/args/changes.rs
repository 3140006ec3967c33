//! What all commands take that change something.

use clap::Args;

use super::OutputArgs;

/// How a plan of changes is set going and told of.
#[derive(Debug, Clone, Args)]
pub struct ChangeArgs {
    /// Refuse when more than N changes would be sent
    #[arg(long, value_name = "N")]
    pub max: Option<usize>,
    /// The ticket that this is done for; it is printed with the outcomes
    #[arg(long, value_name = "TICKET")]
    pub ticket: Option<String>,
    /// Print what would be sent and held back, and send nothing
    #[arg(long, conflicts_with_all = ["yes", "confirm"])]
    pub dry_run: bool,
    /// Go ahead without asking; N must be the number of changes that will be sent
    #[arg(long, value_name = "N")]
    pub yes: Option<usize>,
    /// The words that a change asks for which may lock everybody out
    #[arg(long, value_name = "WORDS")]
    pub confirm: Option<String>,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputArgs,
}
