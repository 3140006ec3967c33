//! What is shown of one session beside its details: what was seen of it, and the raw record.

use crate::{
    core::{
        card,
        command::Command,
        effect::{Effect, RequestId},
        interchange::for_clipboard,
        rows::Rows,
        state::{Elsewhere, NoticeKind, Overlay, State},
        timeline,
    },
    domain::{Fault, Session, SessionFacts, SessionId, UserId},
};

/// The session that a sheet is about, or else the one under the cursor.
fn session(state: &State) -> Option<SessionId> {
    match state.overlays.last() {
        Some(
            Overlay::Detail { session, .. }
            | Overlay::Timeline { session, .. }
            | Overlay::Raw { session, .. },
        ) => Some(session.clone()),
        _ => state.sessions.view.cursor_session().map(SessionFacts::session_id),
    }
}

/// Opens the card of the session under the cursor. What its user has on other pods is asked for when the list is that of
/// this pod alone.
pub(super) fn open_detail(state: &mut State) -> Vec<Effect> {
    let Some(row) = state.sessions.view.cursor_session() else {
        state.notify(NoticeKind::Info, "there is no session under the cursor");
        return Vec::new();
    };
    let (session, user) = (row.session_id(), row.user_id().map(|id| UserId::from(id.into_owned())));
    let (elsewhere, effects) = match user.filter(|_| state.has_unlisted_pods()) {
        Some(user) => {
            let request = state.request_id();
            (Elsewhere::Asking(request), vec![Effect::FetchUserSessions { request, user }])
        }
        None => (Elsewhere::NotAsked, Vec::new()),
    };
    state.overlays.push(Overlay::Detail { session, elsewhere, scroll: 0 });
    effects
}

/// Takes what a user has, if the card that asked for it is still open.
pub(super) fn read(state: &mut State, request: RequestId, answer: Result<Vec<Session>, Fault>) {
    let now = state.now;
    let waiting = state.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Detail { elsewhere, .. } if *elsewhere == Elsewhere::Asking(request) => Some(elsewhere),
        _ => None,
    });
    if let Some(elsewhere) = waiting {
        *elsewhere = Elsewhere::Read(answer, now);
    }
}

/// Opens the timeline or the raw record.
pub(super) fn open(state: &mut State, command: Command) {
    let Some(session) = session(state) else {
        return state.notify(NoticeKind::Info, "there is no session under the cursor");
    };
    state.overlays.push(match command {
        Command::Timeline => Overlay::Timeline { session, scroll: 0 },
        _ => Overlay::Raw { session, scroll: 0 },
    });
}

/// Runs a command of these sheets.
pub(super) fn run(state: &mut State, command: Command) {
    let rows = usize::from(Rows::of(state).sheet.max(1));
    let page = isize::try_from(rows).unwrap_or(1);
    let step = match command {
        Command::MoveDown => 1,
        Command::MoveUp => -1,
        Command::MoveHalfDown => (page / 2).max(1),
        Command::MoveHalfUp => -(page / 2).max(1),
        Command::MovePageDown => page,
        Command::MovePageUp => -page,
        Command::Back => return drop(state.overlays.pop()),
        _ => return,
    };
    let length = match state.overlays.last() {
        Some(Overlay::Timeline { session, .. }) => timeline::of(state, session).len(),
        // Long values are broken into several lines; the drawing stops at the last one.
        Some(Overlay::Raw { session, .. }) => card::raw(state, session).lines().count() * 2,
        _ => return,
    };
    if let Some(Overlay::Timeline { scroll, .. } | Overlay::Raw { scroll, .. }) = state.overlays.last_mut() {
        *scroll = scroll.saturating_add_signed(step).min(length.saturating_sub(rows));
    }
}

/// Copies what the sheet on top tells of its session, as text.
pub(super) fn copy(state: &mut State) -> Vec<Effect> {
    let Some(id) = session(state) else { return Vec::new() };
    let text = match state.overlays.last() {
        Some(Overlay::Timeline { .. }) => {
            let line = |seen: timeline::Seen| format!("{} {}\n", seen.at, seen.words);
            timeline::of(state, &id).into_iter().map(line).collect()
        }
        _ => card::raw(state, &id),
    };
    if text.is_empty() {
        state.notify(NoticeKind::Warning, "there is nothing to copy");
        return Vec::new();
    }
    let (text, _) = for_clipboard(&text);
    let text = text.into_owned();
    state.notify(NoticeKind::Info, "sent to the clipboard of your terminal, if it takes it");
    vec![Effect::Copy(text)]
}
