//! The federation: pods, whose sessions are listed.

use std::sync::Arc;

use crate::{
    core::{
        command::Command,
        effect::{Effect, RequestId},
        events::RecordLevel,
        remote::Remote,
        rows::Rows,
        state::{NoticeKind, Overlay, Poll, Scope, State},
        table::{PodRead, SessionTable},
    },
    domain::{Fault, Federation},
};

use super::connection;

/// Seconds between two questions for the pods: they hardly ever change, and the server answers from a cache
/// (`horizon-rest.md section 15`).
const POD_SECONDS: i64 = 300;

/// Asks for what is due.
pub(super) fn due(state: &mut State) -> Vec<Effect> {
    if !connection::is_due(&state.federation.poll, state.now) {
        return Vec::new();
    }
    let request = state.request_id();
    state.federation.poll = Poll { in_flight: Some(request), ..Poll::default() };
    state.federation.pods.ask();
    vec![Effect::FetchFederation { request }]
}

/// Takes the pods. Without a federation there is nothing to say: the list is that of the one pod there is.
pub(super) fn read(
    state: &mut State,
    request: RequestId,
    answer: Result<Option<Arc<Federation>>, Fault>,
) -> Vec<Effect> {
    if state.federation.poll.in_flight != Some(request) {
        return Vec::new();
    }
    let seconds = if state.federation.poll.again { 0 } else { POD_SECONDS };
    state.federation.poll = Poll { next_at: Some(connection::after(state.now, seconds)), ..Poll::default() };
    match answer {
        Ok(found) => {
            let changed = state.federation.pods.value() != Some(&found);
            state.federation.pods.load(found, state.now);
            if state.federation.scope == Scope::Global {
                follow(state, changed);
            }
        }
        Err(fault) => {
            if state.federation.scope == Scope::Global && state.federation.pods.fault() != Some(&fault) {
                let text = format!("the pods could not be read: {fault}");
                connection::record(state, RecordLevel::Warning, &text);
            }
            state.federation.pods.fail(fault, state.now);
        }
    }
    Vec::new()
}

/// Lists all pods as they are now, or this one where there are no others.
fn follow(state: &mut State, changed: bool) {
    if let Err(why) = others(state) {
        state.federation.scope = Scope::Local;
        state.notify(NoticeKind::Info, &format!("{why}: the sessions of this pod are listed"));
        connection::refresh_sessions(state);
    } else if changed {
        connection::refresh_sessions(state);
    }
}

/// Whether there are other pods to list, and if not, why.
fn others(state: &State) -> Result<(), String> {
    match &state.federation.pods {
        Remote::Loaded { value: Some(federation), .. } | Remote::Stale { value: Some(federation), .. } => {
            if federation.local().is_none() {
                Err("the server does not say which pod it is".to_owned())
            } else if federation.remote().next().is_none() {
                Err("the federation has no other pod".to_owned())
            } else {
                Ok(())
            }
        }
        Remote::Loaded { value: None, .. } | Remote::Stale { value: None, .. } => {
            Err("there is no federation here".to_owned())
        }
        Remote::NotAsked | Remote::Loading => Err("the pods are not known yet".to_owned()),
        Remote::Failed { why, .. } => Err(format!("the pods could not be read ({})", why.kind)),
    }
}

/// Lists the sessions of all pods, or of this pod only.
pub(super) fn toggle_scope(state: &mut State) {
    let scope = match state.federation.scope {
        Scope::Local => Scope::Global,
        Scope::Global => Scope::Local,
    };
    set_scope(state, scope);
}

/// Lists the sessions of this scope.
pub(super) fn set_scope(state: &mut State, scope: Scope) {
    if state.federation.scope == scope {
        let text = match scope {
            Scope::Local => "the sessions of this pod are listed already",
            Scope::Global => "the sessions of all pods are listed already",
        };
        return state.notify(NoticeKind::Info, text);
    }
    if scope == Scope::Global
        && let Err(why) = others(state)
    {
        return state.notify(NoticeKind::Info, &format!("{why}: the sessions of this pod are listed"));
    }
    state.federation.scope = scope;
    connection::refresh_sessions(state);
    state.notify(NoticeKind::Info, being_read(scope));
}

/// What is said while the list of another scope is being read.
fn being_read(scope: Scope) -> &'static str {
    match scope {
        Scope::Local => "reading the sessions of this pod",
        Scope::Global => "reading the sessions of all pods",
    }
}

/// The list was read, or could not be: that it is being read is not true any more.
pub(super) fn was_read(state: &mut State) {
    let words = being_read(state.federation.scope);
    state.notice.take_if(|notice| notice.text.as_str() == words);
}

/// Takes `:scope local` and `:scope global`.
pub(super) fn scope_named(state: &mut State, name: &str) {
    match name {
        "local" => set_scope(state, Scope::Local),
        "global" => set_scope(state, Scope::Global),
        _ => state.notify(NoticeKind::Warning, "scope takes local (this pod) or global (all pods)"),
    }
}

/// Says in the event pane which pods have stopped answering and which answer again.
pub(super) fn tell_silence(state: &mut State, before: Option<&Arc<SessionTable>>, table: &SessionTable) {
    let kind_before = |pod: &PodRead| {
        let before = before.and_then(|before| before.pod(&pod.id));
        before.and_then(|before| before.fault.as_ref()).map(|fault| fault.kind)
    };
    for pod in table.pods() {
        match (kind_before(pod), &pod.fault) {
            (None, Some(fault)) => {
                let kept = match pod.as_of {
                    Some(_) => "its rows are kept as they were",
                    None => "its sessions are missing",
                };
                let text = format!("pod {} does not answer: {fault}; {kept}", pod.name);
                connection::record(state, RecordLevel::Error, &text);
            }
            (Some(_), None) => {
                let text = format!("pod {} answers again", pod.name);
                connection::record(state, RecordLevel::Info, &text);
            }
            (Some(_), Some(_)) | (None, None) => continue,
        }
        // What the server says of their health will have changed too.
        connection::refresh_pods(state);
    }
}

/// Shows the pods.
pub(super) fn open_pods(state: &mut State) {
    state.overlays.push(Overlay::Pods { cursor: 0 });
}

/// Runs a command of the sheet of pods.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    if command == Command::Back {
        state.overlays.pop();
        return Vec::new();
    }
    let count = state.federation.pods.value().and_then(Option::as_ref).map_or(0, |found| found.pods.len());
    let page = usize::from(Rows::of(state).sheet.max(1));
    let last = count.saturating_sub(1);
    if let Some(Overlay::Pods { cursor }) = state.overlays.last_mut() {
        *cursor = match command {
            Command::MoveDown => *cursor + 1,
            Command::MoveUp => cursor.saturating_sub(1),
            Command::MoveHalfDown => *cursor + page / 2,
            Command::MoveHalfUp => cursor.saturating_sub(page / 2),
            Command::MovePageDown => *cursor + page,
            Command::MovePageUp => cursor.saturating_sub(page),
            Command::MoveFirst => 0,
            Command::MoveLast => last,
            _ => *cursor,
        }
        .min(last);
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
