//! How a plan is carried out: what the arguments say, over what the configuration says.

use super::{chosen::Chosen, filter};
use crate::{
    cli::{args::TermArgs, reach::Reached},
    core::bulk::{Canary, Guard, Pace, Terms},
    domain::Text,
    error::Error,
};

/// The terms that arguments ask for, understood; what they leave open comes from the configuration.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    guard: Option<Guard>,
    ticket: Option<Text>,
    args: TermArgs,
    /// What must be said of them.
    pub(super) note: Option<String>,
}

impl Wanted {
    /// Understands the arguments.
    pub(super) fn new(args: &TermArgs, ticket: Option<&str>, chosen: &Chosen) -> Result<Self, Error> {
        let mut note = None;
        let guard = match (&args.guard, chosen) {
            (Some(text), _) => {
                let guard = filter::guard(text)?;
                if !guard.is_lasting() {
                    note = Some(format!(
                        "the guard \"{guard}\" asks for more than one session alone tells: whom it leaves open is held back"
                    ));
                }
                Guard::of(&guard)
            }
            (None, Chosen::Where(filter)) if filter.is_lasting() => Guard::of(filter),
            (None, Chosen::Where(filter)) => {
                note = Some(format!("no guard: \"{filter}\" cannot be asked of one session alone"));
                None
            }
            (None, Chosen::Ids(_)) => None,
        };
        Ok(Self { guard, ticket: ticket.map(Text::clean), args: args.clone(), note })
    }

    /// The terms of a plan.
    pub(super) fn over(&self, reached: &Reached) -> Terms {
        let configured = reached.terms();
        let jobs = &reached.settings.jobs;
        let args = &self.args;
        let pace = Pace {
            chunk: args.chunk.unwrap_or(configured.pace.chunk),
            pause_seconds: args.pause.unwrap_or(configured.pace.pause_seconds),
            canary: args.canary.unwrap_or(configured.pace.canary),
            stop_above_percent: args.stop_above.or(configured.pace.stop_above_percent),
        };
        // What became of the first ones is waited for: then of the others, too.
        let waits = args.wait || jobs.wait || pace.canary != Canary::None;
        let deadlines = waits.then_some(jobs.deadlines);
        Terms { guard: self.guard.clone(), pace, deadlines, ticket: self.ticket.clone(), ..configured }
    }
}
