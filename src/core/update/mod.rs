//! `update(state, message) -> effects`: the only place where the state changes.
//!
//! One file per concern. Nothing here waits, reads a clock or talks to anybody: the time is in `state.now`, what
//! should be done is returned.

mod afterwards;
mod card;
mod changes;
mod cloud;
mod columns;
mod command_line;
mod commands;
mod composer;
mod connection;
mod countdown;
mod diff;
mod event_detail;
mod events;
mod export;
mod facets;
mod federation;
mod form;
mod groups;
mod images;
mod jobs;
mod keys;
mod leave;
mod panel;
mod permissions;
mod plan_terms;
mod plans;
mod prompt;
mod records;
mod renewal;
mod rights;
mod sessions;
mod sheets;
#[cfg(test)]
mod tests;
mod themes;
mod views;

use jiff::{SignedDuration, Timestamp};

use super::{
    cloud::is_cloud,
    effect::{Effect, ExitReason},
    msg::Msg,
    rows::Rows,
    state::{Link, State},
    table::TableView,
};

pub use facets::SUMMARY as SUMMARY_FACETS;
#[cfg(test)]
pub(crate) use facets::sync as sync_facets;
pub(in crate::core) use form::refresh_preview as refresh_form;
pub use jobs::summaries as job_summaries;
pub use keys::context as key_context;
pub use leave::detach_obstacle;

/// What to do before the first message.
pub fn init(state: &mut State) -> Vec<Effect> {
    sync_heights(state);
    vec![Effect::Connect]
}

/// Takes a message, changes the state, and returns what is to be done.
pub fn update(state: &mut State, message: Msg) -> Vec<Effect> {
    rights::heed(state, &message);
    if !waits_for_rows(state, &message) {
        // Whatever is done now is done to what the filter shows.
        state.with_view(TableView::judge);
    }
    let mut effects = match message {
        Msg::Tick(now) => {
            state.now = now;
            panel::tick(state);
            Vec::new()
        }
        Msg::Key(key) => {
            let before = panel::place(state);
            // The first key of all leaves a place, too.
            views::note(state);
            let effects = keys::pressed(state, key);
            // The first line on the screen follows from the room that there is.
            sync_heights(state);
            panel::follow(state, before);
            views::note(state);
            effects
        }
        Msg::Paste(text) => keys::pasted(state, &text),
        Msg::Resized(screen) => {
            state.screen = screen;
            state.sessions.panel = None;
            facets::resized(state);
            events::resized(state);
            Vec::new()
        }
        Msg::Measured(measure) => {
            state.measure = state.measure.map(|_| measure);
            Vec::new()
        }
        Msg::Connected(capabilities) => connection::connected(state, capabilities),
        Msg::ConnectFailed(fault) => vec![Effect::Exit(ExitReason::NotConnected(fault))],
        Msg::CapabilitiesChanged(capabilities) => connection::capabilities_changed(state, capabilities),
        Msg::RightsRead { request, answer } => rights::read(state, request, answer),
        Msg::SessionsProgressed { request, received, total } => {
            sessions::progressed(state, request, received, total);
            Vec::new()
        }
        Msg::SessionsGlimpsed { request, table } => {
            sessions::glimpsed(state, request, table);
            Vec::new()
        }
        Msg::SessionsLoaded { request, table, unreadable } => {
            state.sessions.panel = None;
            sessions::loaded(state, request, table, unreadable)
        }
        Msg::SessionsFailed { request, fault } => sessions::failed(state, request, fault),
        Msg::RowsJudged { request } => {
            sessions::judged(state, request);
            Vec::new()
        }
        Msg::PlanMade { request, sheet } => plans::made(state, request, sheet),
        Msg::SessionsRenewed { request, of, answer } => {
            renewal::answered(state, request, &of, answer);
            Vec::new()
        }
        Msg::EventsLoaded { request, events, feed, truncated, unreadable } => {
            events::loaded(state, request, events, feed, events::Gaps { truncated, unreadable });
            Vec::new()
        }
        Msg::EventsFailed { request, fault } => {
            events::failed(state, request, fault);
            Vec::new()
        }
        Msg::FederationRead { request, answer } => federation::read(state, request, answer),
        Msg::PermissionsRead { request, answer } => permissions::read(state, request, answer),
        Msg::ImagesRead { request, answer } => images::read(state, request, answer),
        Msg::PrincipalsFound { request, answer } if permissions::is_asking(state, request) => {
            permissions::principals_found(state, request, answer)
        }
        Msg::PrincipalsFound { request, answer } => form::found(state, request, answer),
        Msg::PrincipalsRead { request, answer } if groups::is_asking(state, request) => {
            groups::read(state, request, answer);
            Vec::new()
        }
        Msg::PrincipalsRead { request, answer } => permissions::principals_read(state, request, answer),
        Msg::EventAttributesRead { request, answer } => event_detail::read(state, request, answer),
        Msg::UserSessionsRead { request, answer } => {
            card::read(state, request, answer);
            Vec::new()
        }
        Msg::JobProgressed { job, event } if changes::is_ours(state, job) => {
            changes::progressed(state, job, &event)
        }
        Msg::JobProgressed { job, event } => jobs::progressed(state, job, &event),
        Msg::FileWritten { answer } => {
            export::written(state, answer);
            Vec::new()
        }
        Msg::RecordingEnded(why) => {
            export::recording_ended(state, &why);
            Vec::new()
        }
        Msg::ReportWritten { job, answer } => {
            jobs::report_written(state, job, answer);
            Vec::new()
        }
        Msg::JobReadAgain { job, answer } => jobs::read_again(state, job, answer),
        Msg::JobsInterrupted(left) => {
            jobs::interrupted(state, &left);
            Vec::new()
        }
        Msg::Records(told) => records::told(state, told),
        Msg::Cloud(told) => {
            cloud::told(state, told);
            Vec::new()
        }
        Msg::PlanSaved { plan, answer } => {
            plan_terms::saved(state, &plan, answer);
            Vec::new()
        }
        Msg::CannotRecord(why) => {
            connection::cannot_record(state, &why);
            Vec::new()
        }
        Msg::ProtectedGroupsFound { found, unfound, again } => {
            connection::protected_groups_found(state, found, &unfound, again);
            Vec::new()
        }
        Msg::PressureChanged(pressure) => {
            state.pressure = pressure;
            Vec::new()
        }
        Msg::Terminated => leave::terminated(state),
    };
    effects.extend(connection::due_polls(state));
    sync_heights(state);
    facets::sync(state);
    effects.extend(groups::sync(state));
    effects
}

/// When the next message of time is needed although nothing else happens; none when nothing is due.
pub fn next_wake(state: &State) -> Option<Timestamp> {
    let polls = [
        &state.sessions.poll,
        &state.sessions.renewal,
        &state.event_poll,
        &state.rights.poll,
        &state.federation.poll,
        &state.permissions.poll,
        &state.images.poll,
    ];
    let due = polls.into_iter().filter(|poll| poll.in_flight.is_none()).filter_map(|poll| poll.next_at);
    // Nothing is asked for before there is a connection, whatever was looked at.
    let is_up = matches!(state.link, Link::Up(_));
    let due = due.chain(cloud::next_at(state)).min().filter(|_| is_up);
    // While a job runs or something cools down, the screen counts seconds.
    let counting = state.has_running_job() || state.pressure.held_until(state.now).is_some();
    let second =
        counting.then(|| state.now.saturating_add(SignedDuration::from_secs(1)).unwrap_or(state.now));
    [due, second, panel::wake(state)].into_iter().flatten().min()
}

/// Whether a message has nothing to do with the rows that are shown, or goes on typing what they are to be.
fn waits_for_rows(state: &State, message: &Msg) -> bool {
    match message {
        Msg::Key(key) => prompt::types_filter(state, *key),
        Msg::Tick(_) | Msg::Measured(_) | Msg::PressureChanged(_) | Msg::RowsJudged { .. } => true,
        _ => !state.sessions.view.awaits_rows(),
    }
}

/// Tells the table how many rows it has, so that paging and scrolling fit what is drawn.
fn sync_heights(state: &mut State) {
    let rows = Rows::of(state);
    state.sessions.view.set_height(usize::from(rows.table));
    if is_cloud(state) {
        return cloud::sync(state);
    }
    images::sync(state);
}
