//! Names of groups: asked for when something wants them, a few at a time, and never twice.

use crate::{
    core::{
        effect::{Effect, RequestId},
        events::RecordLevel,
        facets::Facet,
        filter::Filter,
        group_look_up::AT_ONCE,
        rows,
        state::{Link, Overlay, PromptKind, State, Tab},
        table::Column,
    },
    domain::{Fault, Principal, SessionFacts, Text, Texts, UserId, WireKind},
};

use super::{connection, facets, sessions};

/// Whether an answer from the directory is about names of groups.
pub(super) fn is_asking(state: &State, request: RequestId) -> bool {
    state.sessions.group_names.out.as_ref().is_some_and(|(out, _)| *out == request)
}

/// Takes names.
pub(super) fn read(state: &mut State, request: RequestId, answer: Result<Vec<Principal>, Fault>) {
    let before = state.sessions.group_names.told.clone();
    state.sessions.group_names.answered(request, answer);
    let Some(why) = state.sessions.group_names.failed.clone() else {
        return;
    };
    // Said once, however often it is tried.
    if !before.is_some_and(|told| told.is_same_as(&why)) {
        let text = format!("names of groups could not be looked up: {why}; their SIDs are shown");
        connection::record(state, RecordLevel::Warning, &text);
    }
    state.sessions.group_names.told = Some(why);
}

/// Why what a filter shows, or this one, may be too little to act on.
pub(super) fn doubt(state: &State, filter: Option<&Filter>) -> Option<Text> {
    let view = &state.sessions.view;
    let in_force = std::iter::once(view.filter_line().filter());
    in_force.chain(filter).find_map(|filter| state.sessions.group_names.doubt(filter, view.table()))
}

/// Asks for what is wanted and not known; when nothing is left to ask for, the rows are judged by what came.
pub(super) fn sync(state: &mut State) -> Vec<Effect> {
    let is_up = matches!(state.link, Link::Up(_));
    if !is_up
        || state.wire() != WireKind::Horizon
        || state.sessions.view.table().rows().group_sids().is_empty()
    {
        return Vec::new();
    }
    let ids = wanted(state);
    if !ids.is_empty() {
        let request = state.request_id();
        state.sessions.group_names.out = Some((request, ids.clone()));
        return vec![Effect::NameGroups { request, ids }];
    }
    let look_up = &mut state.sessions.group_names;
    if look_up.out.is_none() && std::mem::take(&mut look_up.unjudged) {
        let effect = sessions::judge_again(state);
        facets::sync(state);
        return effect.into_iter().collect();
    }
    Vec::new()
}

/// The groups to ask for now.
fn wanted(state: &State) -> Vec<UserId> {
    let look_up = &state.sessions.group_names;
    if look_up.out.is_some() || look_up.failed.is_some() || look_up.barred {
        return Vec::new();
    }
    let view = &state.sessions.view;
    let table = view.table();
    // What is on the screen comes first.
    let on_screen = look_up.next(on_screen(state).iter().map(String::as_str));
    if !on_screen.is_empty() {
        return on_screen;
    }
    if !wants_all(state) {
        return Vec::new();
    }
    look_up.next(table.rows().group_sids().iter().map(Text::as_str))
}

/// Whether something needs every name: a filter that speaks of groups, the order of the rows.
fn wants_all(state: &State) -> bool {
    let view = &state.sessions.view;
    let in_force = || view.filter_line().filter().asks_group_names();
    let asks = match state.prompt.as_ref().map(|prompt| (prompt.kind, prompt.input.text())) {
        Some((PromptKind::Filter, text)) => !begins_sid(text) && in_force(),
        Some((PromptKind::Mark | PromptKind::Unmark, text)) => {
            let typed = Filter::parse(text).is_ok_and(|filter| filter.asks_group_names());
            typed && !begins_sid(text) || in_force()
        }
        _ => in_force(),
    };
    asks || view.sort().column == Column::Groups
}

/// Whether a line that is being typed ends with what may become a SID: nobody is to be asked for `S`.
fn begins_sid(text: &str) -> bool {
    let value = text.rsplit([':', '=']).next().unwrap_or_default();
    value.len() < SID.len() && SID.get(..value.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(value))
}

/// How every SID begins.
const SID: &str = "S-1-";

/// Those of the groups that are looked at whose names are not known: of the breakdown, of the rows in the column of groups, of
/// the session with its card.
fn on_screen(state: &State) -> Vec<String> {
    let mut sids: Vec<String> = Vec::new();
    if state.tab != Tab::Sessions {
        return sids;
    }
    let names = &state.sessions.group_names.names;
    let mut add = |sid: &str| {
        if sids.len() < AT_ONCE && !sid.is_empty() && !names.is_asked(sid) {
            sids.push(sid.to_owned());
        }
    };
    let view = &state.sessions.view;
    let facets = &state.sessions.facets;
    if let Some(breakdown) = facets.breakdown(Facet::Group).filter(|_| facets.facet == Facet::Group) {
        let values = breakdown.buckets.iter().map(|bucket| breakdown.value(*bucket));
        values.filter_map(|value| value.said()).for_each(|sid| add(&sid));
    }
    let opened = state.overlays.iter().filter_map(|overlay| match overlay {
        Overlay::Detail { session, .. } => state.row(session),
        _ => None,
    });
    let panel = view.cursor_session().filter(|_| rows::detail_panel(state.screen) > 0);
    let sessions = opened.chain(panel).filter_map(SessionFacts::groups);
    sessions.flat_map(Texts::iter).for_each(|sid| add(sid.as_str()));
    if state.columns().iter().any(|(column, _)| *column == Column::Groups) {
        for groups in view.lines().iter().filter_map(|line| line.session.groups()) {
            groups.iter().for_each(|sid| add(sid.as_str()));
        }
    }
    sids
}
