//! The panel beside the table rests while the cursor moves: redrawing it at every step of a held key would cost a slow
//! line twenty times what the step itself costs, for a session that is left in the same moment.

use jiff::{SignedDuration, Timestamp};

use crate::{
    core::{
        rows,
        state::{PanelRest, State, Tab},
        table::{Cursor, Sort},
    },
    domain::SessionId,
};

/// How long the cursor has to stand still before the panel shows its session.
const REST: SignedDuration = SignedDuration::from_millis(150);

/// Where the cursor was before a key, and among which rows.
#[derive(Debug, PartialEq)]
pub(super) struct Place {
    session: SessionId,
    offset: usize,
    rows: usize,
    sort: Sort,
    filter: String,
}

/// Where the cursor is; nothing where no panel shows its session.
pub(super) fn place(state: &State) -> Option<Place> {
    let view = &state.sessions.view;
    let Cursor::On(session) = view.cursor() else { return None };
    let is_seen =
        state.tab == Tab::Sessions && state.overlays.is_empty() && rows::detail_panel(state.screen) > 0;
    is_seen.then(|| Place {
        session: session.clone(),
        offset: view.offset(),
        rows: view.rows().len(),
        sort: view.sort(),
        filter: view.filter_line().text().to_owned(),
    })
}

/// Lets the panel rest when a key did nothing but move the cursor; otherwise it follows at once.
pub(super) fn follow(state: &mut State, before: Option<Place>) {
    let now = place(state);
    let (Some(before), Some(now)) = (before, now) else {
        state.sessions.panel = None;
        return;
    };
    if before == now {
        return;
    }
    let same_rows = (before.rows, before.sort, &before.filter) == (now.rows, now.sort, &now.filter);
    let until = state.now.saturating_add(REST).unwrap_or(state.now);
    let rest = state.sessions.panel.take().map_or(
        PanelRest { session: before.session, offset: before.offset, until },
        |rest| PanelRest { until, ..rest },
    );
    let is_back = rest.session == now.session && rest.offset == now.offset;
    state.sessions.panel = Some(rest).filter(|_| same_rows && !is_back);
}

/// Ends the rest when it has lasted long enough.
pub(super) fn tick(state: &mut State) {
    if wake(state).is_some_and(|until| state.now >= until) {
        state.sessions.panel = None;
    }
}

/// When the rest ends.
pub(super) fn wake(state: &State) -> Option<Timestamp> {
    state.sessions.panel.as_ref().map(|rest| rest.until)
}
