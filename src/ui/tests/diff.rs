//! What changed since some time ago.

use super::*;
use crate::core::past::DiffSheet;

/// A poll in which four sessions of one gateway drop, and others come and go.
fn changed(width: u16, height: u16) -> State {
    let mut state = main_screen(width, height);
    let before =
        SessionTable::new((0..24).map(|number| session(number, false)).collect(), at("13:58:00"), true);
    let after =
        SessionTable::new((2..26).map(|number| session(number, true)).collect(), at("14:02:11"), true);
    state.sessions.past.note(None, &before, before.fetched_at());
    state.sessions.past.note(Some(&before), &after, after.fetched_at());
    let sheet = DiffSheet::new(&state.sessions.past, after.rows(), state.now, 900);
    state.overlays.push(Overlay::Diff(Box::new(sheet)));
    state
}

fn session(number: usize, is_after: bool) -> crate::domain::Session {
    let mut session = crate::domain::Session::new(SessionId::from(format!("s{number}")));
    session.user_name = Some(format!("CORP\\user{number:02}").into());
    session.machine_name = Some(format!("FINW11-{number:03}").into());
    session.pool_name = Some("fin-w11".into());
    session.gateway.name = Some(format!("uag-e{}", number % 4).into());
    session.agent_version = Some("8.13.0".into());
    let drops = is_after && number % 4 == 1;
    session.state = Some(if drops { "DISCONNECTED" } else { "CONNECTED" }.into());
    if drops {
        session.disconnected_at = Some(at(&format!("14:01:{:02}", 10 + number)));
    }
    session
}

#[test]
fn what_changed_at_every_size() {
    snapshots("diff", changed);
    snapshot("diff_60x15", &changed(60, 15));
}
