//! Builds of images: ordered, followed, and told when they are over.

use crate::{
    core::{
        change::ChangePlan,
        cloud::{Asked, Build, BuildList, CloudEffect, CloudSheet, OrderRecord, is_cloud},
        command::{Command, Context},
        effect::{Effect, RequestId},
        events::{OwnRecord, RecordLevel},
        remote::Remote,
        rows::Rows,
        state::{NoticeKind, Overlay, Poll, State},
    },
    domain::{CloudJobId, CloudJobStatus, Fault, FaultKind, ImageJob, JobId, Text, WireKind},
};

use super::{super::connection, NOT_PERMITTED_SECONDS, step};

/// Asks for the list when it is due, and looks at the builds whose time has come.
pub(super) fn due(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if connection::is_due(&state.cloud.builds.poll, state.now) {
        let request = state.request_id();
        state.cloud.builds.list.ask();
        state.cloud.builds.poll = Poll { in_flight: Some(request), ..Poll::default() };
        effects.push(Effect::Cloud(CloudEffect::FetchBuilds { request }));
    }
    let now = state.now;
    let follow = |job| Effect::Cloud(CloudEffect::FollowBuild { job });
    effects.extend(state.cloud.builds.take_due(now).into_iter().map(follow));
    effects
}

/// Builds were ordered by a job of changes: the cloud's jobs, by place in its plan.
pub(in crate::core::update) fn ordered(
    state: &mut State,
    by: JobId,
    plan: &ChangePlan,
    ids: &[(usize, String)],
) {
    let now = state.now;
    for (place, id) in ids {
        let change = plan.items.get(*place).map(|item| &item.change);
        let Some(asked) = change.and_then(|change| Asked::of(change, now)) else { continue };
        let text = format!(
            "build of image \"{}\" on {} began: job {}",
            asked.image,
            asked.server_label(),
            Text::clean(id)
        );
        record(state, RecordLevel::Info, &text, Some(by));
        state.cloud.builds.ordered(&CloudJobId::from(id.as_str()), asked, by, now);
    }
}

/// Takes the list of all builds.
pub(super) fn read(
    state: &mut State,
    request: RequestId,
    record: &OrderRecord,
    answer: Result<Box<BuildList>, Fault>,
) {
    if state.cloud.builds.poll.in_flight != Some(request) {
        return;
    }
    let now = state.now;
    let again = state.cloud.builds.poll.again;
    state.cloud.builds.poll = Poll::default();
    match answer {
        Ok(list) => {
            let first = state.cloud.builds.list.value().is_none();
            let complete = list.complete;
            let over = state.cloud.builds.listed(*list, now);
            state.cloud.builds.recall(record);
            state.cloud.builds.list.load(complete, now);
            for job in over {
                tell(state, &job);
            }
            if first {
                tell_running(state);
            }
        }
        Err(why) => failed(state, record, why),
    }
    // A list that was read is not read again: what runs is looked at one by one. Otherwise somebody else's builds, and those
    // of an earlier run, would never be found.
    let builds = &mut state.cloud.builds;
    let whole = matches!(builds.list, Remote::Loaded { value: true, .. });
    builds.failures = if whole { 0 } else { builds.failures.saturating_add(1) };
    let fault = builds.list.fault();
    let forbidden = fault.is_some_and(|fault| fault.kind == FaultKind::InsufficientPermission);
    let wait = match fault {
        _ if again => 0,
        _ if forbidden => NOT_PERMITTED_SECONDS,
        fault => connection::patience(fault, builds.patience()),
    };
    builds.poll.next_at = (again || !whole).then(|| connection::after(now, wait));
}

/// The list could not be read: what is on record is looked at by itself.
fn failed(state: &mut State, record: &OrderRecord, why: Fault) {
    let now = state.now;
    // That nothing is sent any more is told once for all.
    let is_told = state.refusal().is_some() && why.ends_credentials();
    let builds = &mut state.cloud.builds;
    builds.recall(record);
    if !why.ends_credentials() {
        builds.look_for_recorded(record, now);
    }
    if builds.list.value().is_none() && builds.failures == 0 && !is_told {
        let text = format!("whether builds of images run is not known: {}: {}", why.kind, why.message);
        self::record(state, RecordLevel::Warning, &text, None);
    }
    state.cloud.builds.list.fail(why, now);
}

/// Names the builds that run already when the console starts.
fn tell_running(state: &mut State) {
    let shows = state.key(Context::Sessions, Command::Builds);
    let found =
        state.cloud.builds.rows.iter().filter(|build| build.is_running() && build.ordered_by.is_none());
    let lines: Vec<String> = found
        .map(|build| {
            let name = build.image().map_or_else(|| "?".to_owned(), |name| format!("\"{name}\""));
            let server = build.server().map(|server| format!(" on {server}")).unwrap_or_default();
            format!("build of image {name}{server} is {}: job {}; {shows} shows it", build.word(), build.job)
        })
        .collect();
    for line in lines {
        record(state, RecordLevel::Info, &line, None);
    }
}

/// Takes a look at one build.
pub(super) fn looked(state: &mut State, job: &CloudJobId, answer: Result<ImageJob, Fault>) {
    let now = state.now;
    let before = state.cloud.builds.get(job).and_then(|build| build.fault.clone());
    if answer.as_ref().is_err_and(Fault::ends_credentials) {
        tell_unfollowed(state);
    }
    let over = state.cloud.builds.looked(job, answer, now);
    if over {
        return tell(state, job);
    }
    let Some(build) = state.cloud.builds.get(job) else { return };
    // Said once, not at every try: it goes on all the same.
    if let (Some(fault), None) = (build.fault.as_ref().filter(|fault| !fault.ends_credentials()), &before) {
        let name = build.image().map_or_else(|| "?".to_owned(), |name| format!("\"{name}\""));
        let text = format!(
            "build of image {name} could not be looked at ({}: {}); it goes on, and is looked at again",
            fault.kind, fault.message
        );
        record(state, RecordLevel::Warning, &text, None);
    }
}

/// Nothing is sent any more: says once for all builds that they go on, and that nobody looks.
fn tell_unfollowed(state: &mut State) {
    let is_told =
        |build: &Build| build.fault.as_ref().is_some_and(Fault::ends_credentials) && build.is_running();
    if state.cloud.builds.rows.iter().any(is_told) {
        return;
    }
    let text = "builds of images go on in the cloud, but are not looked at any more: nothing is sent";
    record(state, RecordLevel::Warning, text, None);
}

/// Says that a build is over, and has its image server read again.
fn tell(state: &mut State, job: &CloudJobId) {
    let now = state.now;
    let Some(build) = state.cloud.builds.get(job) else { return };
    let done = !build.gone && build.status() == Some(&CloudJobStatus::Success);
    let (text, by) = (build.farewell(now), build.ordered_by);
    let level = if done { RecordLevel::Info } else { RecordLevel::Error };
    record(state, level, &text, by);
    state.notify(if done { NoticeKind::Info } else { NoticeKind::Warning }, &text);
    connection::ask_soon(&mut state.cloud.servers_poll, now);
}

fn record(state: &mut State, level: RecordLevel, text: &str, job: Option<JobId>) {
    let record = OwnRecord { time: state.now, level, text: Text::clean(text), job, session: None };
    state.events.record(record);
}

/// Opens the list of builds, and has it read again.
pub(in crate::core::update) fn show(state: &mut State) {
    // Before anybody answered the profile says which wire it is.
    if !is_cloud(state) {
        let words = format!("image builds: {}", WireKind::Horizon.not_offered());
        return state.notify(NoticeKind::Warning, &words);
    }
    if !matches!(state.overlays.last(), Some(Overlay::Cloud(CloudSheet::Builds { .. }))) {
        state.overlays.push(Overlay::Cloud(CloudSheet::Builds { chosen: None }));
    }
    let now = state.now;
    connection::ask_soon(&mut state.cloud.builds.poll, now);
}

/// Runs a command of the list.
pub(super) fn run(state: &mut State, command: Command) {
    if command == Command::Back {
        state.overlays.pop();
        return;
    }
    if command == Command::OpenCloudDetail {
        return open(state);
    }
    let page = isize::try_from(Rows::of(state).sheet.max(1)).unwrap_or(1);
    let Some(by) = step(command, page) else { return };
    let jobs: Vec<CloudJobId> = state.cloud.builds.rows.iter().map(|build| build.job.clone()).collect();
    if let Some(Overlay::Cloud(CloudSheet::Builds { chosen })) = state.overlays.last_mut() {
        let at = chosen.as_ref().and_then(|job| jobs.iter().position(|one| one == job)).unwrap_or(0);
        *chosen = jobs.get(at.saturating_add_signed(by).min(jobs.len().saturating_sub(1))).cloned();
    }
}

/// Opens everything about the build under the cursor.
fn open(state: &mut State) {
    let Some(Overlay::Cloud(CloudSheet::Builds { chosen })) = state.overlays.last() else { return };
    let known = chosen.as_ref().filter(|job| state.cloud.builds.get(job).is_some()).cloned();
    let job = known.or_else(|| state.cloud.builds.rows.first().map(|build| build.job.clone()));
    match job {
        Some(job) => state.overlays.push(Overlay::Cloud(CloudSheet::Build { job, scroll: 0 })),
        None => state.notify(NoticeKind::Info, "there is no build under the cursor"),
    }
}
