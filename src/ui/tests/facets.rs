//! The breakdown of the shown sessions.

use std::sync::Arc;

use super::*;
use crate::{
    core::facets::Facet,
    domain::{Fault, Principal, PrincipalKind, Session, Text, UserId},
    ui::fixtures::sessions,
};

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

#[test]
fn groups_are_shown_by_their_names_and_hostile_ones_do_no_harm() {
    let names =
        [("S-1-5-21-7-1", "CORP\\finance-controlling"), ("S-1-5-21-7-2", "CORP\\evil\u{1b}[31m\u{202e}")];
    let mut state = open(80, 24);
    let grouped = |(number, mut session): (usize, Session)| {
        session.groups = match number % 4 {
            0 => None,
            1 => Some(vec!["S-1-5-21-7-1".into()]),
            2 => Some(vec!["S-1-5-21-7-1".into(), "S-1-5-21-7-2".into()]),
            _ => Some(vec!["S-1-5-21-7-3".into()]),
        };
        session
    };
    let sessions: Vec<Session> = sessions().into_iter().enumerate().map(grouped).collect();
    let table = Arc::new(SessionTable::new(sessions, at("14:02:33"), true));
    change_view(&mut state, |view, with| view.replace_table(table, with));
    state.sessions.facets.choose(Facet::Group);
    let found: Vec<Principal> = names
        .iter()
        .map(|(sid, name)| Principal {
            id: (*sid).into(),
            kind: PrincipalKind::Group,
            name: Some(Text::clean(name)),
            full_name: None,
            description: None,
            groups: None,
        })
        .collect();
    let asked: Vec<UserId> = ["S-1-5-21-7-1", "S-1-5-21-7-2"].map(UserId::from).to_vec();
    Arc::make_mut(&mut state.sessions.group_names.names).learn(&asked, &found);
    snapshot("facets_group", &state);
    change_view(&mut state, |view, with| view.set_filter("group:finance*", with));
    state.overlays.clear();
    snapshot("filter_by_group_being_looked_up", &state);
    let fault = Fault::new(FaultKind::InsufficientPermission, "look up users", "no");
    state.sessions.group_names.failed = Some(fault);
    snapshot("filter_by_group_not_looked_up", &state);
}

#[test]
fn names_that_begin_alike_can_be_told_apart_beside_the_table() {
    let pools = ["Frankfurt Office desktops", "Frankfurt Office servers"];
    let mut list = crate::ui::fixtures::sessions();
    for (place, session) in list.iter_mut().enumerate() {
        session.pool_name = Some(pools[place % 2].into());
    }
    let mut state = with_sessions(120, 40, list);
    state.sessions.facets.pane = Some(true);
    crate::core::sync_facets(&mut state);
    let screen = picture(&state);
    let labels: Vec<&str> = screen
        .lines()
        .filter_map(|line| line.split('│').next())
        .filter(|pane| pane.contains("Frank"))
        .collect();
    assert_eq!(labels.len(), 2, "{screen}");
    assert!(labels[0].contains("ktops") && labels[1].contains("rvers"), "{screen}");
}

#[test]
fn the_keys_to_other_facets_are_told_on_the_least_screen() {
    let screen = picture(&open(60, 15));
    assert!(screen.lines().last().is_some_and(|hints| hints.contains("h l facet")), "{screen}");
}
