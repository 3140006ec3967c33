//! The `:` line.

use crate::core::{
    cloud::is_cloud,
    command::Command,
    effect::Effect,
    filter::Filter,
    looks::Looks,
    state::{NoticeKind, PromptKind, State, Tab},
};
use crate::domain::Text;

use super::{commands, connection, federation, images, permissions, prompt, themes};

/// Names that people try, and the command that they mean. The first of each command is the one that docs show.
const NAMES: &[(&str, Command, &str)] = &[
    ("quit", Command::Quit, "leave"),
    ("q", Command::Quit, "leave"),
    ("refresh", Command::Refresh, "read the lists again now"),
    ("builds", Command::Builds, "list the builds of images (Workspace)"),
    ("app-servers", Command::AppServers, "show the app servers (Workspace)"),
    ("jobs", Command::Jobs, "list the jobs of this run and those on record"),
    ("help", Command::Help, "show the keys"),
    ("whoami", Command::WhoAmI, "show the account and what it may do"),
    ("governor", Command::Governor, "show how the servers are being asked"),
    ("freeze", Command::Freeze, "freeze the picture, or let it go on"),
    ("redraw", Command::Redraw, "draw the screen afresh"),
    ("ascii", Command::ToggleAscii, "draw with ASCII characters only, or not"),
    ("utc", Command::ToggleUtc, "show times in UTC or local time"),
    ("measure", Command::ToggleMeasure, "show frames and bytes to the terminal, or not"),
    ("marked", Command::MarkedOnly, "show only the marked sessions, or all"),
    ("flagged", Command::FlaggedOnly, "show only flagged sessions, or all"),
    ("unmark", Command::MarkClear, "clear all marks"),
    ("logoff", Command::Logoff, "plan a polite logoff"),
    ("warn", Command::WarnLogoff, "write a warning; the logoff follows it"),
    ("logoff-forced", Command::LogoffForced, "plan a forced logoff"),
    ("disconnect", Command::Disconnect, "plan a disconnect"),
    ("restart", Command::Restart, "plan a restart of the guest"),
    ("reset", Command::Reset, "plan a hard reset of the machine"),
    ("message", Command::Message, "write a message"),
    ("pods", Command::Pods, "show the pods and their health"),
];

/// Commands with an argument: name, argument, what it does.
const WITH_ARGUMENT: &[(&str, &str, &str)] = &[
    ("interval", "SECONDS", "read the list every so many seconds, 2 to 3600"),
    ("scope", "local|global", "list the sessions of this pod, or of all pods"),
    ("filter", "EXPRESSION", "set the filter; without an expression, clear it"),
    (
        "images",
        "WORDS",
        "show the image streams; with words such as status=AVAILABLE kind=VDI_DESKTOP clone=INSTANT_CLONE \
         vcenter=ID, ask the server for these only",
    ),
    ("events", "EXPRESSION", "set the filter of the event pane; without an expression, clear it"),
    ("theme", "NAME", "draw with this theme for this run; without a name, choose one from the list"),
    ("can", "PRINCIPAL VERB TARGET", "say whether somebody may do something, and why"),
];

/// Every `:` command with its argument and meaning, for help and docs.
pub fn reference() -> Vec<(String, &'static str)> {
    let plain = NAMES.iter().map(|(name, _, meaning)| (format!(":{name}"), *meaning));
    let more =
        WITH_ARGUMENT.iter().map(|(name, argument, meaning)| (format!(":{name} {argument}"), *meaning));
    plain.chain(more).collect()
}

/// Names that begin with what is typed.
pub(super) fn complete(text: &str, looks: &Looks) -> Vec<String> {
    if let Some(typed) = text.strip_prefix("theme ") {
        let names = looks.choices.iter().map(|choice| choice.name.as_str());
        return names.filter(|name| name.starts_with(typed)).map(|name| format!("theme {name}")).collect();
    }
    let names = NAMES.iter().map(|(name, ..)| *name).chain(WITH_ARGUMENT.iter().map(|(name, ..)| *name));
    names.filter(|name| name.starts_with(text)).map(str::to_owned).collect()
}

/// What is wrong with a line, without running it. Such a line stays open.
pub(super) fn mistake(state: &State, line: &str) -> Option<Text> {
    let (name, argument) = parts(line);
    let is_named = NAMES.iter().any(|(known, ..)| *known == name);
    let words = match name {
        "" => return None,
        _ if is_named => return None,
        "interval" => interval(argument)
            .is_none()
            .then(|| "interval takes seconds from 2 to 3600, such as :interval 30".to_owned()),
        "scope" => (!["local", "global"].contains(&argument))
            .then(|| "scope takes local (this pod) or global (all pods)".to_owned()),
        "can" => return permissions::mistake(argument),
        "theme" => themes::mistake(&state.settings.looks, argument),
        known if WITH_ARGUMENT.iter().any(|(name, ..)| *name == known) => None,
        unknown => {
            let names =
                NAMES.iter().map(|(name, ..)| *name).chain(WITH_ARGUMENT.iter().map(|(name, ..)| *name));
            // One-letter names are near to everything.
            let near = names
                .filter(|known| known.len() > 1)
                .map(|known| (strsim::damerau_levenshtein(known, unknown), known))
                .filter(|(distance, known)| *distance <= known.len() / 2)
                .min();
            let hint =
                near.map_or_else(|| "Tab lists them".to_owned(), |(_, known)| format!("nearest is :{known}"));
            Some(format!("unknown command: {unknown}; {hint}"))
        }
    };
    words.map(|words| Text::clean(&words))
}

/// Name and argument of a line.
fn parts(line: &str) -> (&str, &str) {
    line.split_once(' ').map_or((line, ""), |(name, rest)| (name, rest.trim()))
}

/// Seconds between two reads of the list, as they are typed.
fn interval(argument: &str) -> Option<u32> {
    argument.parse().ok().filter(|seconds| (2..=3600).contains(seconds))
}

/// Runs a line that has no [`mistake`].
pub(super) fn run(state: &mut State, line: &str) -> Vec<Effect> {
    let (name, argument) = parts(line);
    if let Some((_, command, _)) = NAMES.iter().find(|(known, ..)| *known == name) {
        return commands::run(state, *command);
    }
    match name {
        "interval" => set_interval(state, argument),
        "scope" if is_cloud(state) => return commands::run(state, Command::ScopeToggle),
        "scope" => federation::scope_named(state, argument),
        "can" if is_cloud(state) => {
            let words = format!("can: {}", state.wire().not_offered());
            state.notify(NoticeKind::Warning, &words);
        }
        "can" => return permissions::ask(state, argument),
        "filter" => set_filter(state, argument),
        "events" => {
            state.events.set_filter(argument);
            if let Some(error) = state.events.filter_error.clone() {
                state.notify(NoticeKind::Warning, error.as_str());
            }
        }
        "theme" => themes::named(state, argument),
        "images" if is_cloud(state) => commands::show_tab(state, Tab::Images),
        "images" => images::query(state, argument),
        _ => {}
    }
    Vec::new()
}

/// Sets the filter of the tab that is shown. With a mistake the filter in force stays what Esc brings back.
fn set_filter(state: &mut State, text: &str) {
    let (kind, before) = match state.tab {
        Tab::Sessions if Filter::parse(text).is_err() => {
            return prompt::open_with(state, PromptKind::Filter, text);
        }
        Tab::Sessions => return state.with_view(|view, with| view.set_filter(text, with)),
        Tab::Permissions if is_cloud(state) => {
            (PromptKind::PermissionFilter, state.cloud.access_view.filter.clone())
        }
        Tab::Images if is_cloud(state) => (PromptKind::ImageFilter, state.cloud.servers_view.filter.clone()),
        Tab::Permissions => (PromptKind::PermissionFilter, state.permissions.filter.clone()),
        Tab::Images => (PromptKind::ImageFilter, state.images.filter.clone()),
        Tab::AppServers => (PromptKind::AppServerFilter, state.cloud.app_servers_view.filter.clone()),
    };
    if prompt::set_tab_filter(state, kind, text).is_some() {
        drop(prompt::set_tab_filter(state, kind, &before));
        prompt::open_with(state, kind, text);
    }
}

fn set_interval(state: &mut State, argument: &str) {
    let Some(seconds) = interval(argument) else { return };
    state.settings.refresh_seconds = seconds;
    connection::refresh_now(state);
    state.notify(NoticeKind::Info, &format!("the list is read every {seconds} s"));
}
