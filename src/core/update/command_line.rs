//! The `:` line.

use crate::core::{
    cloud::is_cloud,
    command::{Command, Context},
    effect::Effect,
    filter::{EventFilter, Filter},
    images::parse_query,
    palette::{self, WITH_ARGUMENT},
    state::{NoticeKind, PromptKind, State, Tab},
};
use crate::domain::Text;

use super::{
    commands, connection, diff, export, federation, images, keys, permissions, prompt, themes, views,
};

/// What is wrong with a line, without running it. Such a line stays open.
pub(super) fn mistake(state: &State, line: &str) -> Option<Text> {
    let (name, argument) = parts(line);
    let context = typed_over(state);
    let words = match name {
        "" => return None,
        _ if palette::command_named(context, name).is_some() => return None,
        "interval" => interval(argument)
            .is_none()
            .then(|| "interval takes seconds from 2 to 3600, such as :interval 30".to_owned()),
        "scope" => (!["local", "global"].contains(&argument))
            .then(|| "scope takes local (this pod) or global (all pods)".to_owned()),
        known if views::named(state, known).is_some() => return None,
        "save" => return views::save_mistake(argument),
        "forget" => return views::forget_mistake(state, argument),
        "images" if !is_cloud(state) => parse_query(argument).err(),
        "events" => EventFilter::parse(argument).err().map(|error| error.to_string()),
        "export" => return export::mistake(argument),
        "can" => return permissions::mistake(argument),
        "diff" => diff::mistake(argument),
        "theme" => themes::mistake(&state.settings.looks, argument),
        known if WITH_ARGUMENT.iter().any(|(name, ..)| *name == known) => None,
        elsewhere if Command::ALL.iter().any(|command| command.id() == elsewhere) => {
            Some(format!("{elsewhere} does nothing here; Tab lists what does"))
        }
        unknown => {
            if let Some(whole) = palette::only_one(state, context, unknown).filter(|_| argument.is_empty()) {
                return mistake(state, &whole);
            }
            let begun: Vec<String> = palette::offers(state, context, unknown)
                .into_iter()
                .map(|offer| offer.line)
                .filter(|name| name.starts_with(unknown))
                .collect();
            if let [first, second, ..] = begun.as_slice() {
                return Some(Text::clean(&format!(
                    "not whole: {unknown} may be {first} or {second}; Tab takes one"
                )));
            }
            let near = palette::nearest(state, context, unknown);
            let hint = near.map_or_else(
                || "Ctrl-u empties the line and lists them all".to_owned(),
                |known| format!("nearest is :{known}"),
            );
            Some(format!("unknown command: {unknown}; {hint}"))
        }
    };
    words.map(|words| Text::clean(&words))
}

/// The context that a `:` line is typed over.
pub(super) fn typed_over(state: &State) -> Context {
    keys::context(state)
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
    let context = typed_over(state);
    if let Some(command) = palette::command_named(context, name) {
        return commands::run(state, command);
    }
    if let Some(known) = views::named(state, name) {
        return views::show(state, &known);
    }
    match name {
        "save" => return views::save(state, argument),
        "forget" => return views::forget(state, argument),
        "interval" => set_interval(state, argument),
        "scope" if is_cloud(state) => return commands::run(state, Command::ScopeToggle),
        "scope" => federation::scope_named(state, argument),
        "can" if is_cloud(state) => {
            let words = format!("can: {}", state.wire().not_offered());
            state.notify(NoticeKind::Warning, &words);
        }
        "can" => return permissions::ask(state, argument),
        "export" => return export::list(state, argument),
        "diff" => diff::named(state, argument),
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
        // The beginning of one name and no other; what is wrong with anything else was told.
        begun => {
            let whole = palette::only_one(state, context, begun).filter(|whole| whole != begun);
            return whole.map_or_else(Vec::new, |whole| run(state, &whole));
        }
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
