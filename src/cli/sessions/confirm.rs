//! What a plan of sessions asks for before it may start, and what the person who is asked sees.

use std::fmt::Write as _;

use super::{act::Go, deed};
use crate::{
    cli::{
        carry::confirm::{Asked, Said},
        interrupt::Interrupts,
        output::{self, Heading},
        run::{Stop, Streams},
    },
    config::Environment,
    core::bulk::{BlastRadius, Plan, Planned as _},
    domain::{SessionState, Text},
};

/// So many targets are named before the question.
const NAMED: usize = 25;

/// How many sessions, in words.
fn sessions(count: usize) -> String {
    if count == 1 { "1 session".to_owned() } else { format!("{count} sessions") }
}

/// What a plan asks for.
pub(super) fn asked(plan: &Plan) -> Asked {
    let count = plan.to_send.len();
    let targets = sessions(count);
    Asked {
        count,
        deed: format!("{} {targets}", deed(plan.verb)),
        targets,
        confirmation: plan.confirmation().into(),
        why: String::new(),
    }
}

/// What the arguments say about going ahead.
pub(super) async fn confirm(
    plan: &Plan,
    blast: &BlastRadius,
    go: Go,
    environment: &Environment,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let said = Said { max: go.max, yes: go.yes, confirm: None };
    asked(plan).confirm(said, || describe(plan, blast), environment, interrupts, streams).await
}

/// Whom it hits, for the person who is asked.
fn describe(plan: &Plan, blast: &BlastRadius) -> String {
    let label = |text: Option<Text>| text.map_or_else(|| "?".to_owned(), |text| text.as_str().to_owned());
    let rows: Vec<Vec<String>> = plan
        .to_send
        .iter()
        .take(NAMED)
        .map(|target| {
            let session = &target.session;
            let state = session.state.as_ref().map_or("?", SessionState::word);
            vec![
                label(session.login()),
                Text::clean(state).as_str().to_owned(),
                label(session.pool_label()),
                label(session.machine_label()),
            ]
        })
        .collect();
    let headings = ["USER", "STATE", "POOL/FARM", "MACHINE"].map(Heading::left);
    let mut text = output::columns(&headings, &rows, false);
    // Writing to a String cannot fail.
    if plan.to_send.len() > NAMED {
        writeln!(text, "... and {} more; --dry-run shows all", plan.to_send.len() - NAMED).ok();
    }
    write!(
        text,
        "{}: {} of {} users{} on {} machines{}: {} connected, {} disconnected, {} pending, {} unknown",
        plan.title(),
        sessions(plan.to_send.len()),
        blast.users,
        unknown(blast.users_unknown),
        blast.machines,
        unknown(blast.machines_unknown),
        blast.connected,
        blast.disconnected,
        blast.pending,
        blast.unmeasured,
    )
    .ok();
    for (reason, count) in &blast.held_back {
        write!(text, "\nheld back: {count} ({reason})").ok();
    }
    text
}

/// How many more there may be.
fn unknown(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" and {count} not known") }
}
