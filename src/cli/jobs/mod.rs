//! `foretop jobs`: the record of what was done, read from the disk, and going on with what was cut off. A server is asked
//! for that alone.

mod list;
mod resume;
mod show;
mod stop;
mod verify;

use super::{
    args::{ConnectionArgs, JobsArgs, JobsCommand},
    reach::within_runtime,
    run::{Stop, Streams},
};
use crate::{
    config::{Environment, Paths},
    core::bulk::journal::{Recovered, Tally},
    engine::journal::JournalStore,
};

/// Runs it.
pub(super) fn run(
    args: JobsArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let store = JournalStore::new(paths.state_dir());
    if let Some(JobsCommand::Resume(args)) = args.command {
        return resume::run(&store, &args, outer, environment, paths, streams);
    }
    within_runtime(async {
        match args.command {
            None => list::print(&store, args.output.format, streams).await,
            Some(JobsCommand::List(args)) => list::print(&store, args.output.format, streams).await,
            Some(JobsCommand::Show(args)) => show::print(&store, &args, paths, streams).await,
            Some(JobsCommand::Stop(args)) => stop::run(&store, &args, environment, paths, streams).await,
            // It came before, because it has a runtime of its own.
            Some(JobsCommand::Resume(_)) => Ok(0),
            Some(JobsCommand::Verify) => verify::print(&store, streams).await,
        }
    })
}

/// How many targets stand where, as JSON names it; they add up to the targets of the plan.
#[derive(Debug, Clone, Copy, serde::Serialize)]
struct Counts {
    unsent: usize,
    /// Sent, or perhaps sent, and nothing known of what became of it.
    unanswered: usize,
    answered: usize,
    held_back: usize,
}

impl From<Tally> for Counts {
    fn from(tally: Tally) -> Self {
        let Tally { unsent, unanswered, answered, held_back } = tally;
        Self { unsent, unanswered, answered, held_back }
    }
}

/// The counts in words, those that are none left out.
fn in_words(tally: Tally) -> String {
    let counts = [
        (tally.answered, "answered"),
        (tally.unanswered, "sent without answer"),
        (tally.unsent, "unsent"),
        (tally.held_back, "held back"),
    ];
    let words: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if words.is_empty() { "no targets".to_owned() } else { words.join(", ") }
}

/// What is wrong with a journal, in sentences.
fn damage(recovered: &Recovered) -> Vec<String> {
    recovered.damage.iter().map(ToString::to_string).collect()
}
