//! Image servers: reading them, moving among them, and building images.

use std::sync::Arc;

use crate::{
    core::{
        cloud::{
            CloudEffect, CloudList, CloudSheet, Drafted, build_form, build_plan, is_cloud,
            server_filter_fields,
        },
        command::Command,
        effect::{Effect, RequestId},
        form::Form,
        rows::Rows,
        state::{ChangeChoice, NoticeKind, Overlay, PromptError, State, Tab},
    },
    domain::{ChangeKind, Fault, ImageServer, ImageServerId, Support, Text},
};

use super::{
    super::{changes, form},
    is_wanted, polled,
};

pub(super) fn due(state: &mut State) -> Vec<Effect> {
    let is_shown = state.tab == Tab::Images;
    if !is_wanted(&mut state.cloud.servers_poll, is_shown, state.now) {
        return Vec::new();
    }
    let request = state.request_id();
    state.cloud.servers.ask();
    state.cloud.servers_poll.in_flight = Some(request);
    state.cloud.servers_poll.next_at = None;
    state.cloud.servers_poll.again = false;
    vec![Effect::Cloud(CloudEffect::FetchServers { request })]
}

fn ids(state: &State) -> Vec<ImageServerId> {
    state.cloud.shown_servers().into_iter().map(|server| server.id.clone()).collect()
}

pub(super) fn read(
    state: &mut State,
    request: RequestId,
    answer: Result<Arc<CloudList<ImageServer>>, Fault>,
) {
    if state.cloud.servers_poll.in_flight != Some(request) {
        return;
    }
    let now = state.now;
    let before = ids(state);
    let fault = answer.as_ref().err().cloned();
    match answer {
        Ok(list) => state.cloud.servers.load(list, now),
        Err(why) => state.cloud.servers.fail(why, now),
    }
    let seconds = i64::from(state.cloud.servers_interval());
    polled(&mut state.cloud.servers_poll, fault.as_ref(), seconds, now);
    let gone = state
        .cloud
        .servers_view
        .cursor
        .as_ref()
        .is_some_and(|id| fault.is_none() && state.cloud.server(id).is_none());
    let shown = ids(state);
    state.cloud.servers_view.keep(&before, &shown);
    if gone && state.tab == Tab::Images {
        state.notify(NoticeKind::Info, "the image server under the cursor is gone");
    }
}

pub(super) fn set_filter(state: &mut State, text: &str) -> Option<PromptError> {
    let before = ids(state);
    let error = state.cloud.servers_view.set_filter(text, server_filter_fields());
    let shown = ids(state);
    state.cloud.servers_view.keep(&before, &shown);
    error
}

pub(super) fn step(state: &mut State, by: isize) {
    let shown = ids(state);
    state.cloud.servers_view.step(&shown, by);
}

pub(super) fn keep_in_sight(state: &mut State) {
    let height = usize::from(Rows::of(state).table);
    let shown = ids(state);
    state.cloud.servers_view.keep_in_sight(&shown, height);
}

pub(super) fn run(state: &mut State, command: Command) {
    match command {
        Command::OpenCloudDetail => match state.cloud.servers_view.cursor.clone() {
            Some(server) => state.overlays.push(Overlay::Cloud(CloudSheet::Server { server, scroll: 0 })),
            None => state.notify(NoticeKind::Info, "there is no image server under the cursor"),
        },
        Command::ChangeMenu => open_menu(state),
        _ => {}
    }
}

/// The image server that a command is about: that of the sheet on top, or the one under the cursor.
fn target(state: &State) -> Option<&ImageServer> {
    let id = match state.overlays.last() {
        Some(Overlay::Cloud(CloudSheet::Server { server, .. })) => Some(server),
        _ => state.cloud.servers_view.cursor.as_ref(),
    };
    state.cloud.server(id?)
}

/// Why no image can be built here, if none can. What is not known may be tried: the server decides.
fn objection(state: &State) -> Option<Text> {
    if state.settings.read_only {
        return Some("read-only".into());
    }
    if !is_cloud(state) {
        return Some("not connected to Workspace".into());
    }
    if let Some(Support::No(reason)) = state.capabilities().map(|known| known.may(ChangeKind::BuildImage)) {
        return Some(reason);
    }
    let Some(server) = target(state) else {
        return Some("there is no image server under the cursor".into());
    };
    if let Some(build) = state.cloud.builds.running_on(&server.id) {
        let name = build.image().map_or_else(|| "?".to_owned(), ToString::to_string);
        return Some(Text::clean(&format!("the build of \"{name}\" runs on it")));
    }
    let status = server.status.as_ref()?;
    (status.may_build() == Some(false))
        .then(|| Text::clean(&format!("it is {status}: images are built from ACTIVE or BUILT ones only")))
}

pub(super) fn open_menu(state: &mut State) {
    let name = target(state).map(|server| server.label().to_string());
    let title =
        name.as_ref().map_or_else(|| "IMAGE SERVERS".to_owned(), |name| format!("image server {name}"));
    let name = name.unwrap_or_else(|| "an image server".to_owned());
    let choices = vec![ChangeChoice {
        command: Command::ImageBuild,
        label: Text::clean(&format!("build an image from {name}")),
        objection: objection(state),
    }];
    changes::open_menu(state, Text::clean(&title), choices);
}

/// Opens the form of a build.
pub(super) fn change(state: &mut State, command: Command) {
    if command != Command::ImageBuild {
        return;
    }
    if let Some(objection) = objection(state) {
        return state.notify(NoticeKind::Warning, &format!("cannot build an image: {objection}"));
    }
    if let Some(opened) = target(state).map(build_form) {
        form::open(state, opened);
    }
}

/// The plan of a form.
pub(super) fn drafted(state: &mut State, form: &Form, seen: &ImageServer) -> Drafted {
    let id = state.plan_id();
    let newest = state.cloud.server(&seen.id).cloned();
    let mut plan = build_plan(form, seen, newest.as_ref(), id, state.now)?;
    if let Some(build) = state.cloud.builds.running_on(&seen.id) {
        let name = build.image().map_or_else(|| "?".to_owned(), ToString::to_string);
        plan.warnings.push(Text::clean(&format!("the build of \"{name}\" runs on this image server")));
    }
    if let Some(why) = state.cloud.servers.fault() {
        let words = format!("made from old data: the last reading failed ({})", why.message);
        plan.warnings.push(Text::clean(&words));
    }
    Ok(plan)
}
