//! The breakdown of the shown sessions.

use super::*;
use crate::core::facets::Facet;

fn open(width: u16, height: u16) -> State {
    let mut state = main_screen(width, height);
    if width >= 120 {
        state.sessions.facets.pane = Some(true);
        state.focus = Focus::Facets;
    } else {
        state.overlays.push(Overlay::Facets);
    }
    change_view(&mut state, |view, with| view.set_filter("state:d", with));
    state
}

#[test]
fn the_breakdown_at_every_size() {
    snapshots("facets", open);
    snapshot("facets_60x15", &open(60, 15));
}

#[test]
fn another_facet_by_lift_and_without_rows() {
    let mut state = open(80, 24);
    state.sessions.facets.choose(Facet::Client);
    state.sessions.facets.by_lift = true;
    snapshot("facets_client_by_lift", &state);
    state.settings.ascii = true;
    state.sessions.facets.choose(Facet::User);
    snapshot("facets_user_ascii", &state);
    change_view(&mut state, |view, with| view.set_filter("user:nobody", with));
    snapshot("facets_nothing", &state);
}
