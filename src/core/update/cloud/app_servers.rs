//! App servers: reading them, moving among them, and the plans that empty them or let them start again.

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    core::{
        cloud::{Chosen, CloudEffect, CloudList, CloudSheet, app_server_fields, is_cloud, order_plan},
        command::Command,
        effect::{Effect, RequestId},
        rows::Rows,
        state::{ChangeChoice, NoticeKind, Overlay, PromptError, State, Tab},
    },
    domain::{AppServer, AppServerId, ChangeKind, Fault, ServerOrder, Support, Text, WireKind},
};

use super::{
    super::{changes, commands},
    is_wanted, polled,
};

/// Shows the tab, where there is one.
pub(in crate::core::update) fn show(state: &mut State) {
    // Before anybody answered the profile says which wire it is.
    if !is_cloud(state) {
        let words = format!("app servers: {}", WireKind::Horizon.not_offered());
        return state.notify(NoticeKind::Warning, &words);
    }
    commands::show_tab(state, Tab::AppServers);
}

pub(super) fn due(state: &mut State) -> Vec<Effect> {
    let is_shown = state.tab == Tab::AppServers;
    if !is_wanted(&mut state.cloud.app_servers_poll, is_shown, state.now) {
        return Vec::new();
    }
    let request = state.request_id();
    state.cloud.app_servers.ask();
    state.cloud.app_servers_poll.in_flight = Some(request);
    state.cloud.app_servers_poll.next_at = None;
    state.cloud.app_servers_poll.again = false;
    vec![Effect::Cloud(CloudEffect::FetchAppServers { request })]
}

fn ids(state: &State) -> Vec<AppServerId> {
    state.cloud.shown_app_servers().into_iter().map(|server| server.id.clone()).collect()
}

pub(super) fn read(state: &mut State, request: RequestId, answer: Result<Arc<CloudList<AppServer>>, Fault>) {
    if state.cloud.app_servers_poll.in_flight != Some(request) {
        return;
    }
    let now = state.now;
    let before = ids(state);
    let fault = answer.as_ref().err().cloned();
    match answer {
        Ok(list) => {
            // A mark on one that may only not have been read stays: the plan will hold it back.
            if list.complete && list.unreadable == 0 {
                let there: BTreeSet<&AppServerId> = list.rows.iter().map(|server| &server.id).collect();
                state.cloud.app_servers_view.marks.retain(|id| there.contains(id));
            }
            state.cloud.app_servers.load(list, now);
        }
        Err(why) => state.cloud.app_servers.fail(why, now),
    }
    let seconds = i64::from(state.cloud.app_servers_interval());
    polled(&mut state.cloud.app_servers_poll, fault.as_ref(), seconds, now);
    let shown = ids(state);
    state.cloud.app_servers_view.keep(&before, &shown);
}

pub(super) fn set_filter(state: &mut State, text: &str) -> Option<PromptError> {
    let before = ids(state);
    let error = state.cloud.app_servers_view.set_filter(text, app_server_fields());
    let shown = ids(state);
    state.cloud.app_servers_view.keep(&before, &shown);
    error
}

pub(super) fn step(state: &mut State, by: isize) {
    let shown = ids(state);
    state.cloud.app_servers_view.step(&shown, by);
}

pub(super) fn keep_in_sight(state: &mut State) {
    let height = usize::from(Rows::of(state).table);
    let shown = ids(state);
    state.cloud.app_servers_view.keep_in_sight(&shown, height);
}

pub(super) fn run(state: &mut State, command: Command) {
    match command {
        Command::OpenCloudDetail => match state.cloud.app_servers_view.cursor.clone() {
            Some(server) => state.overlays.push(Overlay::Cloud(CloudSheet::AppServer { server, scroll: 0 })),
            None => state.notify(NoticeKind::Info, "there is no app server under the cursor"),
        },
        Command::ChangeMenu => open_menu(state),
        Command::MarkToggle => {
            let Some(id) = state.cloud.app_servers_view.cursor.clone() else { return };
            let marks = &mut state.cloud.app_servers_view.marks;
            if !marks.remove(&id) {
                marks.insert(id);
            }
            step(state, 1);
        }
        Command::MarkAllShown => {
            let shown: BTreeSet<AppServerId> = ids(state).into_iter().collect();
            let marks = &mut state.cloud.app_servers_view.marks;
            if shown.is_subset(marks) {
                marks.retain(|id| !shown.contains(id));
            } else {
                marks.extend(shown);
            }
        }
        Command::MarkClear => {
            state.cloud.app_servers_view.marks.clear();
            state.notify(NoticeKind::Info, "marks cleared");
        }
        _ => {}
    }
}

/// The servers that an order is for: that of the sheet on top, else the marked ones, else the one under the cursor.
fn targets(state: &State) -> Vec<AppServerId> {
    if let Some(Overlay::Cloud(CloudSheet::AppServer { server, .. })) = state.overlays.last() {
        return vec![server.clone()];
    }
    let view = &state.cloud.app_servers_view;
    if view.marks.is_empty() {
        return view.cursor.iter().cloned().collect();
    }
    // In the order of the table; those that are in no list any more come last.
    let rows = state.cloud.app_servers.value().map(|list| list.rows.as_slice()).unwrap_or_default();
    let listed: Vec<AppServerId> =
        rows.iter().map(|server| server.id.clone()).filter(|id| view.marks.contains(id)).collect();
    let gone: Vec<AppServerId> = view.marks.iter().filter(|id| !listed.contains(id)).cloned().collect();
    listed.into_iter().chain(gone).collect()
}

/// The order behind a line of the menu.
fn order_of(command: Command) -> Option<ServerOrder> {
    Some(match command {
        Command::ServerDrain => ServerOrder::Drain,
        Command::ServerUndrain => ServerOrder::Undrain,
        Command::ServerReboot => ServerOrder::Reboot,
        Command::ServerRebootHard => ServerOrder::RebootHard,
        _ => return None,
    })
}

/// Why an order cannot be given to any of them. What is not known may be tried: the server decides.
fn objection(state: &State, order: ServerOrder, targets: &[AppServerId]) -> Option<Text> {
    if state.settings.read_only {
        return Some("read-only".into());
    }
    let Some(list) = state.cloud.app_servers.value() else {
        return Some("the app servers are not there yet".into());
    };
    if let Some(Support::No(reason)) =
        state.capabilities().map(|known| known.may(ChangeKind::of_server(order)))
    {
        return Some(reason);
    }
    if targets.is_empty() {
        return Some("there is no app server under the cursor, and none is marked".into());
    }
    // The plan says it best; it is thrown away.
    let chosen = Chosen { ids: targets, hidden: 0, repeat: false };
    let plan = order_plan(order, list, &chosen, "".into(), state.now);
    match plan.held_back.as_slice() {
        _ if !plan.items.is_empty() => None,
        [one] => Some(one.reason.clone()),
        all => Some(Text::clean(&format!("all {} would be held back", all.len()))),
    }
}

/// What the orders are called on the menu, `{}` being whom they are for.
const LINES: [(Command, &str); 4] = [
    (Command::ServerDrain, "drain {}: no new sessions"),
    (Command::ServerUndrain, "undrain {}: let new sessions in"),
    (Command::ServerReboot, "reboot {}: its sessions end"),
    (Command::ServerRebootHard, "reboot {} hard: by the power button"),
];

pub(super) fn open_menu(state: &mut State) {
    let targets = targets(state);
    let whom = match targets.as_slice() {
        [one] => state
            .cloud
            .app_server(one)
            .map_or_else(|| "this app server".to_owned(), |s| s.label().to_string()),
        [] => "an app server".to_owned(),
        many => format!("{} marked", many.len()),
    };
    let choice = |(command, words): (Command, &str)| {
        let order = order_of(command)?;
        let words = if targets.len() > 1 {
            words.replace("its sessions", "their sessions")
        } else {
            words.to_owned()
        };
        Some(ChangeChoice {
            command,
            label: Text::clean(&words.replace("{}", &whom)),
            objection: objection(state, order, &targets),
        })
    };
    let choices = LINES.into_iter().filter_map(choice).collect();
    changes::open_menu(state, "APP SERVERS".into(), choices);
}

/// Opens the sheet of an order's plan.
pub(super) fn change(state: &mut State, command: Command) {
    let (Some(order), Some(list)) = (order_of(command), state.cloud.app_servers.value().cloned()) else {
        return;
    };
    let targets = targets(state);
    let shown = ids(state);
    let hidden = targets.iter().filter(|id| !shown.contains(id)).count();
    let id = state.plan_id();
    let chosen = Chosen { ids: &targets, hidden, repeat: false };
    let mut plan = order_plan(order, &list, &chosen, id, state.now);
    if let Some(why) = state.cloud.app_servers.fault() {
        let words = format!("made from old data: the last reading failed ({})", why.message);
        plan.warnings.push(Text::clean(&words));
    }
    changes::open_sheet(state, plan);
}
