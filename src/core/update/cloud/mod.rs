//! What only Workspace has: image servers on the tab of images, app groups on that of permissions, app servers,
//! and builds.

mod access;
mod app_servers;
mod builds;
mod servers;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::core::{
    change::ChangeItem,
    cloud::{CloudMsg, CloudSheet, is_cloud},
    command::{Command, Context},
    effect::Effect,
    form::{Form, FormPurpose},
    remote::Remote,
    rows::Rows,
    state::{NoticeKind, Overlay, Poll, PromptError, PromptKind, State, Tab},
};
use crate::domain::{Change, Fault, FaultKind, JobId};

use super::{commands, connection, events, prompt};

pub(super) use app_servers::show as show_app_servers;
pub(super) use builds::{ordered, show as show_builds};

/// What is older than this many seconds is read again when its tab is shown.
const SECONDS: i64 = 60;
/// Seconds between two readings of a list when the account may not look: that will hardly change soon.
const NOT_PERMITTED_SECONDS: i64 = 300;

/// Takes what Workspace tells.
pub(super) fn told(state: &mut State, told: CloudMsg) {
    match told {
        CloudMsg::SessionsSince(since) => state.cloud.sessions_since = Some(since),
        CloudMsg::ServersRead { request, answer } => servers::read(state, request, answer),
        CloudMsg::AccessRead { request, answer } => access::read(state, request, answer),
        CloudMsg::AppServersRead { request, answer } => app_servers::read(state, request, answer),
        CloudMsg::BuildsRead { request, record, answer } => builds::read(state, request, &record, answer),
        CloudMsg::BuildRead { job, answer } => builds::looked(state, &job, answer.map(|job| *job)),
    }
}

/// Asks for what is due. Builds are followed whatever is shown, lists while their tab is.
pub(super) fn due(state: &mut State) -> Vec<Effect> {
    if !is_cloud(state) {
        return Vec::new();
    }
    let mut effects = builds::due(state);
    effects.extend(servers::due(state));
    effects.extend(access::due(state));
    effects.extend(app_servers::due(state));
    effects
}

/// When the next question is due.
pub(super) fn next_at(state: &State) -> Option<Timestamp> {
    let polls = [&state.cloud.servers_poll, &state.cloud.access_poll, &state.cloud.app_servers_poll];
    let lists = polls.into_iter().filter(|poll| poll.in_flight.is_none()).filter_map(|poll| poll.next_at);
    lists.chain(state.cloud.builds.next_at()).min()
}

/// Logged in: builds of earlier runs are looked for.
pub(super) fn connected(state: &mut State) {
    if is_cloud(state) {
        state.cloud.builds.poll.next_at = Some(state.now);
        // What was shown before it was known which wire it is.
        shown(state, state.tab);
    }
}

/// A tab is shown: what is older than the time between two readings is read again.
pub(super) fn shown(state: &mut State, tab: Tab) {
    let now = state.now;
    match tab {
        Tab::Sessions => {}
        Tab::Images => ask_if_old(&mut state.cloud.servers_poll, &mut state.cloud.servers, now),
        Tab::Permissions => ask_if_old(&mut state.cloud.access_poll, &mut state.cloud.access, now),
        Tab::AppServers => ask_if_old(&mut state.cloud.app_servers_poll, &mut state.cloud.app_servers, now),
    }
}

fn ask_if_old<T>(poll: &mut Poll, data: &mut Remote<T>, now: Timestamp) {
    data.ask();
    if poll.in_flight.is_none() {
        let fresh = data.read_at().filter(|_| !poll.again);
        let next = fresh.map_or(now, |at| connection::after(at, SECONDS));
        *poll = Poll { next_at: Some(next), ..Poll::default() };
    }
}

/// Asks again as soon as possible for what is shown.
pub(super) fn refresh(state: &mut State) {
    if !is_cloud(state) {
        return;
    }
    let now = state.now;
    match state.tab {
        Tab::Sessions => {}
        Tab::Images => connection::ask_soon(&mut state.cloud.servers_poll, now),
        Tab::Permissions => connection::ask_soon(&mut state.cloud.access_poll, now),
        Tab::AppServers => connection::ask_soon(&mut state.cloud.app_servers_poll, now),
    }
    if matches!(state.overlays.last(), Some(Overlay::Cloud(CloudSheet::Builds { .. }))) {
        connection::ask_soon(&mut state.cloud.builds.poll, now);
    }
}

/// Whether a poll of a tab is due; otherwise puts it aside while nobody looks.
fn is_wanted(poll: &mut Poll, is_shown: bool, now: Timestamp) -> bool {
    if !is_shown {
        poll.again |= poll.next_at.take().is_some_and(|at| at <= now);
        return false;
    }
    if poll.in_flight.is_none() && poll.next_at.is_none() {
        poll.next_at = Some(now);
    }
    connection::is_due(poll, now)
}

/// Ends a poll and sets the time of the next one.
fn polled(poll: &mut Poll, fault: Option<&Fault>, seconds: i64, now: Timestamp) {
    let seconds = match fault {
        _ if poll.again => 0,
        Some(fault) if fault.kind == FaultKind::InsufficientPermission => NOT_PERMITTED_SECONDS,
        fault => connection::patience(fault, seconds),
    };
    *poll = Poll { next_at: Some(connection::after(now, seconds)), ..Poll::default() };
}

/// Puts a filter in force on the list of a tab; says what is wrong with it.
pub(super) fn set_filter(state: &mut State, tab: Tab, text: &str) -> Option<PromptError> {
    match tab {
        Tab::Images => servers::set_filter(state, text),
        Tab::Permissions => access::set_filter(state, text),
        Tab::AppServers => app_servers::set_filter(state, text),
        Tab::Sessions => None,
    }
}

/// Keeps the row of the cursor among those that are drawn.
pub(super) fn sync(state: &mut State) {
    match state.tab {
        Tab::Images => servers::keep_in_sight(state),
        Tab::Permissions => access::keep_in_sight(state),
        Tab::AppServers => app_servers::keep_in_sight(state),
        Tab::Sessions => {}
    }
}

/// Runs a command of a list or of a sheet.
pub(super) fn run(state: &mut State, command: Command, context: Context) -> Vec<Effect> {
    match context {
        Context::Builds => builds::run(state, command),
        Context::CloudDetail => detail(state, command),
        _ if shared(state, command) => {}
        Context::AppGroups => access::run(state, command),
        Context::AppServers => app_servers::run(state, command),
        _ => servers::run(state, command),
    }
    Vec::new()
}

/// What the lists have in common. Says whether it was one of these commands.
fn shared(state: &mut State, command: Command) -> bool {
    match command {
        Command::PromptFilter => {
            let kind = match state.tab {
                Tab::Images => PromptKind::ImageFilter,
                Tab::AppServers => PromptKind::AppServerFilter,
                Tab::Permissions | Tab::Sessions => PromptKind::PermissionFilter,
            };
            prompt::open(state, kind);
        }
        Command::EventSize => events::cycle_size(state),
        Command::PaneNext => commands::focus_events(state),
        Command::Back => back(state),
        _ => {
            let page = isize::try_from(Rows::of(state).table.max(1)).unwrap_or(1);
            let Some(by) = step(command, page) else { return false };
            match state.tab {
                Tab::Images => servers::step(state, by),
                Tab::AppServers => app_servers::step(state, by),
                Tab::Permissions | Tab::Sessions => access::step(state, by),
            }
        }
    }
    true
}

/// How many rows a command moves by.
fn step(command: Command, page: isize) -> Option<isize> {
    Some(match command {
        Command::MoveDown => 1,
        Command::MoveUp => -1,
        Command::MoveHalfDown => (page / 2).max(1),
        Command::MoveHalfUp => -(page / 2).max(1),
        Command::MovePageDown => page,
        Command::MovePageUp => -page,
        Command::MoveFirst => isize::MIN,
        Command::MoveLast => isize::MAX,
        _ => return None,
    })
}

/// One layer back: the filter, at the second Esc. Marks stay.
fn back(state: &mut State) {
    let tab = state.tab;
    let filter = match tab {
        Tab::Images => &state.cloud.servers_view.filter,
        Tab::AppServers => &state.cloud.app_servers_view.filter,
        Tab::Permissions | Tab::Sessions => &state.cloud.access_view.filter,
    };
    if filter.is_empty() {
        state.sessions.escape_armed = false;
    } else if state.sessions.escape_armed {
        state.sessions.escape_armed = false;
        drop(set_filter(state, tab, ""));
    } else {
        state.sessions.escape_armed = true;
        state.notify(NoticeKind::Info, "Esc again clears the filter");
    }
}

/// At most as many lines as the details have.
const DETAIL_LINES: usize = 200;

/// Commands of the details.
fn detail(state: &mut State, command: Command) {
    match command {
        Command::Back => {
            state.overlays.pop();
            return;
        }
        // There is nothing that could be done to a build.
        Command::ChangeMenu if is_build(state) => return,
        Command::ChangeMenu => return open_menu(state),
        _ => {}
    }
    let rows = usize::from(Rows::of(state).sheet.max(1));
    let Some(by) = step(command, isize::try_from(rows).unwrap_or(1)) else { return };
    // How many lines there are only the drawing knows; it stops at the last one.
    if let Some(Overlay::Cloud(
        CloudSheet::Server { scroll, .. }
        | CloudSheet::Access { scroll, .. }
        | CloudSheet::AppServer { scroll, .. }
        | CloudSheet::Build { scroll, .. },
    )) = state.overlays.last_mut()
    {
        *scroll = scroll.saturating_add_signed(by).min(DETAIL_LINES);
    }
}

fn is_build(state: &State) -> bool {
    matches!(state.overlays.last(), Some(Overlay::Cloud(CloudSheet::Build { .. })))
}

fn open_menu(state: &mut State) {
    match state.tab {
        Tab::Permissions => access::open_menu(state),
        Tab::AppServers => app_servers::open_menu(state),
        _ => servers::open_menu(state),
    }
}

/// Runs what was chosen from the menu of changes.
pub(super) fn chosen(state: &mut State, command: Command) {
    match state.tab {
        Tab::Permissions => access::change(state, command),
        Tab::AppServers => app_servers::change(state, command),
        _ => servers::change(state, command),
    }
}

/// A field of a form was changed: brings its preview up to date, and says at once what is wrong with what was filled in.
pub(super) fn form_changed(state: &State, form: &mut Form) {
    let errors = match form.purpose.clone() {
        FormPurpose::BuildImage(server) => {
            let newest = state.cloud.server(&server.id).unwrap_or(&server);
            form.preview = crate::core::cloud::build_preview(form, newest);
            crate::core::cloud::build_errors(form)
        }
        _ => crate::core::cloud::access_errors(form),
    };
    for field in &mut form.fields {
        field.error = None;
    }
    for (key, words) in errors {
        // What is only missing is said when it is to be reviewed.
        if !form.typed(key).is_empty() {
            form.set_error(key, words);
        }
    }
}

/// A form is complete: the sheet of its plan, or complaints in the form.
pub(super) fn form_reviewed(state: &mut State) {
    let Some(Overlay::Form(form)) = state.overlays.last() else { return };
    let form = form.clone();
    let drafted = match &form.purpose {
        FormPurpose::BuildImage(server) => servers::drafted(state, &form, server),
        FormPurpose::Authorize(group) => access::drafted(state, &form, group),
        _ => return,
    };
    match drafted {
        Ok(plan) => super::changes::open_sheet(state, plan),
        Err(errors) => {
            if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
                for (key, words) in errors {
                    form.set_error(key, words);
                }
            }
        }
    }
}

/// Something became of changes of a job that may go on for minutes: what it shows in is read at once.
pub(super) fn settled(state: &mut State, job: JobId) {
    let is_order = |item: &ChangeItem| matches!(item.change, Change::OrderServer { .. });
    if state.change_job(job).is_some_and(|job| job.plan.items.iter().any(is_order)) {
        let now = state.now;
        connection::ask_soon(&mut state.cloud.app_servers_poll, now);
    }
}

/// The lists may have changed by a job: they are read again.
pub(super) fn changed(state: &mut State) {
    let now = state.now;
    connection::ask_soon(&mut state.cloud.servers_poll, now);
    connection::ask_soon(&mut state.cloud.access_poll, now);
    connection::ask_soon(&mut state.cloud.app_servers_poll, now);
}
