//! How the pods of a federation stand, in words: for the status bar, the filter line and the sheet of pods.

use crate::{
    core::{
        remote::Remote,
        state::{Scope, State},
        table::{PodRead, SessionTable},
    },
    ui::{
        pen::{Piece, piece},
        theme::Role,
        time::Clock,
    },
};

/// More pods than these are counted in the status bar; those with trouble are named all the same.
const NAMED: usize = 6;

/// How much room there is for words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Every pod by name, and what is wrong with it.
    Names,
    /// How many there are, and those with trouble by name.
    Count,
    /// Those with trouble, or else how many there are.
    Least,
}

/// The table, when it was asked for the sessions of more pods than one.
pub(super) fn global_table(state: &State) -> Option<&SessionTable> {
    state.sessions.table.value().map(|table| &**table).filter(|table| table.is_global())
}

/// How the list of a pod stands, in one word or two.
pub(super) fn standing(pod: &PodRead) -> (&'static str, Role) {
    match (pod.is_stale(), pod.as_of, pod.complete) {
        (true, Some(_), _) => ("STALE", Role::Stale),
        (true, None, _) => ("NO DATA", Role::Danger),
        (false, _, false) => ("PARTIAL", Role::Warning),
        (false, _, true) => ("OK", Role::Success),
    }
}

/// The pods for the status bar; nothing where only one was asked. Times are those of silent pods and stand still.
pub(super) fn status(state: &State, clock: &Clock, room: Room) -> Vec<Piece<'static>> {
    let Some(table) = global_table(state) else {
        return Vec::new();
    };
    let pods = table.pods();
    let trouble = |pod: &&PodRead| !pod.is_whole();
    let names = room == Room::Names && pods.len() <= NAMED;
    let mut pieces = Vec::new();
    if names {
        pieces.push(piece("  pods:", Role::Muted));
    } else if room != Room::Least || !pods.iter().any(|pod| trouble(&pod)) {
        pieces.push(piece(format!("  {} pods", pods.len()), Role::Muted));
    }
    for pod in pods.iter().filter(|pod| names || trouble(pod)) {
        let (word, role) = standing(pod);
        let gap = match (names, pieces.is_empty()) {
            (true, _) if pieces.len() == 1 => " ",
            (true, _) | (false, true) => "  ",
            (false, false) => ", ",
        };
        pieces.push(piece(format!("{gap}{} ", pod.name), Role::Status));
        pieces.push(piece(word, role));
        if let (Room::Names, Some(fault)) = (room, &pod.fault) {
            let since = pod.as_of.map_or_else(String::new, |at| format!(" {}", clock.time(at)));
            pieces.push(piece(format!("{since} ({})", fault.kind), Role::Stale));
        }
    }
    pieces
}

/// Whether the list is all there is, pod by pod: the longest way to say it first, each with whether all is well.
pub(super) fn wholeness(state: &State, table: &SessionTable, clock: &Clock) -> Vec<(String, bool)> {
    if !table.is_global() {
        return if state.federation.scope == Scope::Global && is_federation(state) {
            vec![("this pod only so far".to_owned(), false), ("one pod".to_owned(), false)]
        } else {
            this_pod(state, table)
        };
    }
    let joined = |pods: &[&PodRead]| pods.iter().map(|pod| pod.name.as_str()).collect::<Vec<_>>().join(" ");
    let whole: Vec<&PodRead> = table.pods().iter().filter(|pod| pod.is_whole()).collect();
    let rest: Vec<&PodRead> = table.pods().iter().filter(|pod| !pod.is_whole()).collect();
    let count = table.pods().len();
    if rest.is_empty() {
        return vec![
            (format!("complete for {}", joined(&whole)), true),
            (format!("complete, {count} pods"), true),
            ("complete".to_owned(), true),
        ];
    }
    let said = |pod: &&PodRead| match (pod.is_stale(), pod.as_of) {
        (true, Some(at)) => format!("{} as of {}", pod.name, clock.time(at)),
        (true, None) => format!("{} missing", pod.name),
        (false, _) => format!("{} PARTIAL", pod.name),
    };
    let rest_said = rest.iter().map(said).collect::<Vec<_>>().join(", ");
    let mut ways = Vec::new();
    if !whole.is_empty() {
        ways.push((format!("complete for {}; {rest_said}", joined(&whole)), false));
    }
    ways.push((rest_said, false));
    ways.push((format!("{} of {count} pods whole", whole.len()), false));
    ways.push(("PARTIAL".to_owned(), false));
    ways
}

/// Whether there are other pods than the one that answers.
pub(super) fn has_others(state: &State) -> bool {
    let federation = state.federation.pods.value().and_then(Option::as_ref);
    federation.is_some_and(|found| found.remote().next().is_some())
}

/// Whether the list of this pod is all there is of it, where there are others; nothing where there are none.
fn this_pod(state: &State, table: &SessionTable) -> Vec<(String, bool)> {
    let federation = state.federation.pods.value().and_then(Option::as_ref);
    let Some(local) = federation.and_then(|found| found.local()) else {
        return Vec::new();
    };
    if !has_others(state) || !table.complete() {
        return Vec::new();
    }
    let name = local.label();
    vec![(format!("complete for {name} only"), true), (format!("{name} only"), true)]
}

/// Whether the pods of a federation are known.
pub(super) fn is_federation(state: &State) -> bool {
    matches!(
        &state.federation.pods,
        Remote::Loaded { value: Some(_), .. } | Remote::Stale { value: Some(_), .. }
    )
}

#[cfg(test)]
mod tests;
