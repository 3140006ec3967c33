//! Where a key goes: into the line being typed, the sheet on top, or the pane with the focus.

use crate::core::{
    cloud::{CloudSheet, is_cloud},
    command::{Command, Context},
    effect::Effect,
    key::{Key, KeyCode},
    keymap::Meaning,
    lessons, rows,
    state::{Focus, NoticeKind, Overlay, State, Tab},
};

use super::{changes, commands, composer, form, leave, prompt, sheets};

/// The context whose bindings hold now.
pub fn context(state: &State) -> Context {
    match state.overlays.last() {
        Some(Overlay::Actions(_)) => Context::ActionMenu,
        Some(Overlay::Planning { .. }) => Context::Planning,
        Some(Overlay::Plan(_)) => Context::PlanSheet,
        Some(Overlay::Composer(_)) => Context::Composer,
        Some(Overlay::Job(_)) => Context::JobSheet,
        Some(Overlay::Jobs(_)) => Context::JobList,
        Some(Overlay::Record(_)) => Context::RecordSheet,
        Some(Overlay::Resume(_)) => Context::ResumeSheet,
        Some(Overlay::Detail { .. }) => Context::Detail,
        Some(Overlay::Help { .. }) => Context::Help,
        Some(Overlay::Leave) => Context::Leave,
        Some(Overlay::ChangeMenu(_)) => Context::ChangeMenu,
        Some(Overlay::Form(_)) => Context::Form,
        Some(Overlay::Change(_)) => Context::ChangeSheet,
        Some(Overlay::ChangeJob { .. }) => Context::ChangeJobSheet,
        Some(Overlay::Permission { .. } | Overlay::Answer { .. }) => Context::PermissionDetail,
        Some(Overlay::Image { .. }) => Context::ImageDetail,
        Some(Overlay::Event { .. }) => Context::EventDetail,
        Some(Overlay::Pods { .. }) => Context::Pods,
        Some(Overlay::WhoAmI { .. }) => Context::WhoAmI,
        Some(Overlay::Governor { .. }) => Context::Governor,
        Some(Overlay::Themes { .. }) => Context::Themes,
        Some(Overlay::Columns(_)) => Context::Columns,
        Some(Overlay::Facets) => Context::Facets,
        Some(Overlay::Diff(_)) => Context::Diff,
        Some(Overlay::Timeline { .. }) => Context::Timeline,
        Some(Overlay::Raw { .. }) => Context::Raw,
        Some(Overlay::Cloud(CloudSheet::Builds { .. })) => Context::Builds,
        Some(Overlay::Cloud(
            CloudSheet::Server { .. }
            | CloudSheet::Access { .. }
            | CloudSheet::AppServer { .. }
            | CloudSheet::Build { .. },
        )) => Context::CloudDetail,
        None => match state.focus {
            Focus::Table => match state.tab {
                Tab::Sessions => Context::Sessions,
                Tab::Permissions if is_cloud(state) => Context::AppGroups,
                Tab::Images if is_cloud(state) => Context::ImageServers,
                Tab::Permissions => Context::Permissions,
                Tab::Images => Context::Images,
                Tab::AppServers => Context::AppServers,
            },
            Focus::Events => Context::Events,
            Focus::Facets => Context::Facets,
        },
    }
}

/// Handles a key.
pub(super) fn pressed(state: &mut State, key: Key) -> Vec<Effect> {
    state.notice = None;
    if rows::is_too_small(state.screen) {
        return pressed_unseen(state, key);
    }
    if key != Key::plain(KeyCode::Esc) {
        state.sessions.escape_armed = false;
    }
    if state.prompt.is_some() {
        return prompt::pressed(state, key);
    }
    if state.leaving && key == Key::plain(KeyCode::Esc) && state.overlays.is_empty() {
        leave::stay(state);
        return Vec::new();
    }
    let context = context(state);
    state.pending.push(key);
    match state.settings.keymap.look_up(context, &state.pending) {
        Meaning::Command(command) if !types_instead(state, context, key) => {
            state.pending.clear();
            lessons::note(state, command);
            let effects = commands::run(state, command);
            let cycles = command == Command::EventNextError && state.last_command == Some(Command::EventSize);
            state.last_command = Some(if cycles { Command::EventSize } else { command });
            effects
        }
        Meaning::Prefix if !types_instead(state, context, key) => Vec::new(),
        Meaning::Command(_) | Meaning::Prefix | Meaning::Nothing => {
            let sequence = std::mem::take(&mut state.pending);
            let (used, effects) = typed(state, key);
            if !used && key.code != KeyCode::Esc {
                let keys: Vec<String> = sequence.iter().map(ToString::to_string).collect();
                let help = state.settings.keymap.keys_of(context, Command::Help);
                let help = help.first().map_or_else(String::new, |key| format!("; {key} shows the keys"));
                state.notify(NoticeKind::Info, &format!("{} does nothing here{help}", keys.join(" ")));
            }
            effects
        }
    }
}

/// A key on a screen that shows nothing but a request for more room. What cannot be seen cannot be meant: only
/// leaving works, and that only when there is nothing to ask.
fn pressed_unseen(state: &mut State, key: Key) -> Vec<Effect> {
    state.pending.clear();
    let leaves = key == Key::char('q') || key == Key::ctrl('c');
    if leaves && !state.has_running_job() { commands::quit(state) } else { Vec::new() }
}

/// Whether the sheet on top takes this key as text although it is bound: arrows and Enter within a text.
fn types_instead(state: &State, context: Context, key: Key) -> bool {
    match context {
        Context::Composer => composer::takes(state, key),
        Context::Form => form::takes(state, key),
        Context::ChangeSheet => changes::takes(state, key),
        // Enter after a search is no leave-taking: what is typed then would be taken for keys of what is below. Ctrl-u
        // empties the line as everywhere where there is something in it.
        Context::Help => (key.code == KeyCode::Enter || key == Key::ctrl('u')) && is_searched(state),
        _ => false,
    }
}

fn is_searched(state: &State) -> bool {
    matches!(state.overlays.last(), Some(Overlay::Help { search, .. }) if !search.text().is_empty())
}

/// Gives a key that is not bound to the sheet on top. Says whether it had a use for it, and what is to be done.
fn typed(state: &mut State, key: Key) -> (bool, Vec<Effect>) {
    let used = match state.overlays.last_mut() {
        Some(Overlay::Plan(sheet)) => sheets::type_number(&mut sheet.typed, &mut sheet.complaint, key),
        Some(Overlay::Resume(sheet)) => sheets::type_number(&mut sheet.typed, &mut sheet.complaint, key),
        Some(Overlay::Composer(composer)) => {
            composer::pressed(composer, key);
            true
        }
        Some(Overlay::Help { search, scroll, .. }) => {
            *scroll = 0;
            search.handle(key) || key.code == KeyCode::Enter
        }
        Some(Overlay::Form(_)) => return (true, form::pressed(state, key)),
        Some(Overlay::Change(sheet)) => changes::typed(sheet, key),
        Some(_) | None => false,
    };
    (used, Vec::new())
}

/// Handles pasted text: only where text is typed; anywhere else it could be taken for keys, so it is dropped.
pub(super) fn pasted(state: &mut State, text: &str) -> Vec<Effect> {
    if rows::is_too_small(state.screen) {
        return Vec::new();
    }
    if state.prompt.is_some() {
        return prompt::pasted(state, text);
    }
    if matches!(state.overlays.last(), Some(Overlay::Form(_))) {
        return form::pasted(state, text);
    }
    if let Some(Overlay::Composer(composer)) = state.overlays.last_mut() {
        composer.text.insert(text);
    } else {
        state.notify(NoticeKind::Warning, "pasted text is ignored here: it could be taken for keys");
    }
    Vec::new()
}
