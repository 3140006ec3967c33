//! App groups and who may use them: reading, marking, and changing.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    core::{
        cloud::{
            AccessBook, AccessRow, CloudEffect, CloudSheet, CloudState, Drafted, authorize_form,
            authorize_plan, remove_plan,
        },
        command::Command,
        effect::{Effect, RequestId},
        form::Form,
        rows::Rows,
        state::{ChangeChoice, NoticeKind, Overlay, PromptError, State, Tab},
    },
    domain::{AppGroupId, ChangeKind, Fault, Support, Text},
};

use super::{
    super::{changes, form},
    is_wanted, polled,
};

pub(super) fn due(state: &mut State) -> Vec<Effect> {
    let is_shown = state.tab == Tab::Permissions;
    if !is_wanted(&mut state.cloud.access_poll, is_shown, state.now) {
        return Vec::new();
    }
    let request = state.request_id();
    state.cloud.access.ask();
    state.cloud.access_poll.in_flight = Some(request);
    state.cloud.access_poll.next_at = None;
    state.cloud.access_poll.again = false;
    vec![Effect::Cloud(CloudEffect::FetchAccess { request })]
}

fn rows(state: &State) -> Vec<AccessRow> {
    state.cloud.shown_access().iter().map(crate::core::cloud::AccessLine::row).collect()
}

pub(super) fn read(state: &mut State, request: RequestId, answer: Result<Arc<AccessBook>, Fault>) {
    if state.cloud.access_poll.in_flight != Some(request) {
        return;
    }
    let now = state.now;
    let before = rows(state);
    let fault = answer.as_ref().err().cloned();
    match answer {
        Ok(book) => {
            // A mark on something that may only not have been read stays: the plan will hold it back.
            if book.complete && book.unreadable == 0 {
                state.cloud.access_view.marks.retain(|row| match row {
                    AccessRow::Authorization(id) => book.authorization(id).is_some(),
                    AccessRow::Group(_) => false,
                });
            }
            state.cloud.access.load(book, now);
        }
        Err(why) => state.cloud.access.fail(why, now),
    }
    let seconds = i64::from(state.cloud.access_interval());
    polled(&mut state.cloud.access_poll, fault.as_ref(), seconds, now);
    let shown = rows(state);
    state.cloud.access_view.keep(&before, &shown);
}

pub(super) fn set_filter(state: &mut State, text: &str) -> Option<PromptError> {
    let before = rows(state);
    let error = state.cloud.access_view.set_filter(text, CloudState::access_fields());
    let shown = rows(state);
    state.cloud.access_view.keep(&before, &shown);
    error
}

pub(super) fn step(state: &mut State, by: isize) {
    let shown = rows(state);
    state.cloud.access_view.step(&shown, by);
}

pub(super) fn keep_in_sight(state: &mut State) {
    let height = usize::from(Rows::of(state).table);
    let shown = rows(state);
    state.cloud.access_view.keep_in_sight(&shown, height);
}

pub(super) fn run(state: &mut State, command: Command) {
    match command {
        Command::OpenCloudDetail => match state.cloud.access_view.cursor.clone() {
            Some(row) => state.overlays.push(Overlay::Cloud(CloudSheet::Access { row, scroll: 0 })),
            None => state.notify(NoticeKind::Info, "there is nothing under the cursor"),
        },
        Command::ChangeMenu => open_menu(state),
        Command::MarkToggle => mark(state),
        Command::MarkAllShown => {
            let shown = rows(state).into_iter().filter(is_authorization);
            let shown: BTreeSet<AccessRow> = shown.collect();
            let marks = &mut state.cloud.access_view.marks;
            if shown.is_subset(marks) {
                marks.retain(|row| !shown.contains(row));
            } else {
                marks.extend(shown);
            }
        }
        Command::MarkClear => {
            state.cloud.access_view.marks.clear();
            state.notify(NoticeKind::Info, "marks cleared");
        }
        _ => {}
    }
}

fn is_authorization(row: &AccessRow) -> bool {
    matches!(row, AccessRow::Authorization(_))
}

fn mark(state: &mut State) {
    let Some(row) = state.cloud.access_view.cursor.clone() else { return };
    if is_authorization(&row) {
        let marks = &mut state.cloud.access_view.marks;
        if !marks.remove(&row) {
            marks.insert(row);
        }
    } else {
        state.notify(NoticeKind::Info, "an app group is not marked here: only who may use it");
    }
    step(state, 1);
}

/// The row that a command is about: that of the sheet on top, or the one under the cursor.
fn target(state: &State) -> Option<&AccessRow> {
    match state.overlays.last() {
        Some(Overlay::Cloud(CloudSheet::Access { row, .. })) => Some(row),
        _ => state.cloud.access_view.cursor.as_ref(),
    }
}

/// The authorizations that are taken away: that of the sheet, else the marked ones, else the one under the cursor.
fn targets(state: &State) -> Vec<AccessRow> {
    let sheet = matches!(state.overlays.last(), Some(Overlay::Cloud(CloudSheet::Access { .. })));
    if sheet || state.cloud.access_view.marks.is_empty() {
        return target(state).filter(|row| is_authorization(row)).cloned().into_iter().collect();
    }
    state.cloud.access_view.marks.iter().cloned().collect()
}

/// The app group that somebody would be authorized for.
fn group(state: &State) -> Option<AppGroupId> {
    let book = state.cloud.access.value()?;
    book.group_of(target(state)?).map(|group| group.id.clone())
}

fn objection(state: &State, kind: ChangeKind) -> Option<Text> {
    if state.settings.read_only {
        return Some("read-only".into());
    }
    match state.capabilities()?.may(kind) {
        Support::No(reason) => Some(reason),
        Support::Yes | Support::Unknown if state.cloud.access.value().is_none() => {
            Some("the app groups are not there yet".into())
        }
        Support::Yes | Support::Unknown => None,
    }
}

pub(super) fn open_menu(state: &mut State) {
    let label = group(state).and_then(|id| Some(state.cloud.access.value()?.group_label(&id)));
    let name = label.map_or_else(|| "an app group".to_owned(), |label| label.to_string());
    let no_group = || group(state).is_none().then(|| Text::from("there is no app group under the cursor"));
    let many = targets(state).len();
    let taken = match many {
        1 => "take this authorization away".to_owned(),
        many => format!("take {many} marked authorizations away"),
    };
    let nobody = || (many == 0).then(|| Text::from("there is nobody under the cursor, and none is marked"));
    let choices = vec![
        ChangeChoice {
            command: Command::ChangeNew,
            label: Text::clean(&format!("let somebody use {name}")),
            objection: objection(state, ChangeKind::AddAuthorization).or_else(no_group),
        },
        ChangeChoice {
            command: Command::ChangeDelete,
            label: Text::clean(if many == 0 { "take an authorization away" } else { &taken }),
            objection: objection(state, ChangeKind::RemoveAuthorization).or_else(nobody),
        },
    ];
    changes::open_menu(state, "APP GROUPS".into(), choices);
}

/// Opens the form or the sheet of a change.
pub(super) fn change(state: &mut State, command: Command) {
    let Some(book) = state.cloud.access.value().cloned() else { return };
    match command {
        Command::ChangeNew => {
            if let Some(id) = group(state) {
                form::open(state, authorize_form(&book, &id));
            }
        }
        Command::ChangeDelete => {
            let targets = targets(state);
            let shown = rows(state);
            let hidden = targets.iter().filter(|row| !shown.contains(row)).count();
            let id = state.plan_id();
            let mut plan = remove_plan(&book, &targets, hidden, id, state.now);
            warn_if_old(state, &mut plan);
            changes::open_sheet(state, plan);
        }
        _ => {}
    }
}

fn warn_if_old(state: &State, plan: &mut crate::core::change::ChangePlan) {
    if let Some(why) = state.cloud.access.fault() {
        let words = format!("made from old data: the last reading failed ({})", why.message);
        plan.warnings.push(Text::clean(&words));
    }
}

/// The plan of a form.
pub(super) fn drafted(state: &mut State, form: &Form, group: &AppGroupId) -> Drafted {
    let Some(book) = state.cloud.access.value().cloned() else { return Err(Vec::new()) };
    let id = state.plan_id();
    let mut plan = authorize_plan(&book, form, group, id, state.now)?;
    warn_if_old(state, &mut plan);
    Ok(plan)
}
