//! Lines typed at the bottom of the screen: filters (in force while typed), commands, expressions that mark.

use crate::{
    core::{
        bulk::Pace,
        cloud::is_cloud,
        effect::Effect,
        filter::{Filter, FilterError},
        key::{Key, KeyCode},
        line_input::LineInput,
        palette,
        remembered::HISTORY,
        state::{NoticeKind, Prompt, PromptError, PromptKind, State, Tab},
        table::TableView,
    },
    domain::Text,
};

use super::{cloud, command_line, groups, images, permissions, plan_terms, sessions};

pub(super) fn open(state: &mut State, kind: PromptKind) {
    let before = match kind {
        PromptKind::Filter => state.sessions.view.filter_line().text().to_owned(),
        PromptKind::EventFilter => state.events.filter_text.clone(),
        PromptKind::PermissionFilter if is_cloud(state) => state.cloud.access_view.filter.clone(),
        PromptKind::ImageFilter if is_cloud(state) => state.cloud.servers_view.filter.clone(),
        PromptKind::AppServerFilter => state.cloud.app_servers_view.filter.clone(),
        PromptKind::PermissionFilter => state.permissions.filter.clone(),
        PromptKind::ImageFilter => state.images.filter.clone(),
        PromptKind::Command
        | PromptKind::Mark
        | PromptKind::Unmark
        | PromptKind::Guard
        | PromptKind::Pace
        | PromptKind::Ticket
        | PromptKind::Include => String::new(),
    };
    // The line begins empty: typed behind an old filter, a new one would silently mean something else. The old one
    // stays in force until something is typed, and Up brings it back.
    remember(state, kind, &before);
    state.prompt = Some(Prompt {
        kind,
        input: LineInput::default(),
        before,
        recalled: None,
        taken: None,
        touched: false,
        whole: false,
        error: None,
    });
}

/// Opens a line with what holds now in it, all of it chosen: a letter takes its place. The keys of the cursor keep it, and so do
/// a blank and a comma: nothing begins with them, they go on behind it.
pub(super) fn open_chosen(state: &mut State, kind: PromptKind, text: &str) {
    open_with(state, kind, text);
    if let Some(prompt) = &mut state.prompt {
        prompt.whole = !text.is_empty();
    }
}

/// Opens a line with a text to be corrected in it.
pub(super) fn open_with(state: &mut State, kind: PromptKind, text: &str) {
    open(state, kind);
    if let Some(prompt) = &mut state.prompt {
        prompt.input = LineInput::new(text);
        prompt.touched = true;
    }
    // The line begins with it: nobody is typing yet.
    drop(changed(state));
    state.with_view(TableView::judge);
}

/// Whether a key goes on typing the filter of the sessions, so that what was typed before need not be shown first.
pub(super) fn types_filter(state: &State, key: Key) -> bool {
    let is_filter = state.prompt.as_ref().is_some_and(|prompt| prompt.kind == PromptKind::Filter);
    is_filter && !key.ctrl && matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace)
}

pub(super) fn pressed(state: &mut State, key: Key) -> Vec<Effect> {
    match (key.code, key.ctrl) {
        (KeyCode::Esc, _) | (KeyCode::Char('c'), true) => {
            cancel(state);
            return Vec::new();
        }
        (KeyCode::Enter, _) => return accept(state),
        (KeyCode::Up, _) => recall(state, true),
        (KeyCode::Down, _) => recall(state, false),
        (KeyCode::Char('l'), true) => return vec![Effect::Redraw],
        (KeyCode::Char('z'), true) => return vec![Effect::Suspend],
        (KeyCode::Tab, _) if is_command(state) => take_offer(state, true),
        (KeyCode::BackTab, _) if is_command(state) => take_offer(state, false),
        (KeyCode::Tab, _) => complete(state),
        _ => {
            if let Some(prompt) = &mut state.prompt {
                let was_empty = prompt.input.text().is_empty();
                prompt.taken = None;
                let replaces = !key.ctrl
                    && match key.code {
                        KeyCode::Char(letter) => !matches!(letter, ' ' | ','),
                        KeyCode::Backspace | KeyCode::Delete => true,
                        _ => false,
                    };
                if std::mem::take(&mut prompt.whole) && replaces {
                    prompt.input = LineInput::default();
                }
                prompt.input.handle(key);
                prompt.touched = true;
                // Backspace on an empty line closes it, as in vim and k9s; but not above the sheet of a plan, where what
                // is typed on would be taken for its keys.
                let closes = was_empty && key.code == KeyCode::Backspace;
                if closes && !is_of_plan(prompt.kind) {
                    cancel(state);
                    return Vec::new();
                }
            }
        }
    }
    changed(state)
}

pub(super) fn pasted(state: &mut State, text: &str) -> Vec<Effect> {
    if let Some(prompt) = &mut state.prompt {
        if std::mem::take(&mut prompt.whole) {
            prompt.input = LineInput::default();
        }
        prompt.input.insert(text);
        prompt.touched = true;
    }
    changed(state)
}

/// Puts a filter in force while it is typed; checks the others.
fn changed(state: &mut State) -> Vec<Effect> {
    let Some((kind, text)) =
        state.prompt.as_ref().map(|prompt| (prompt.kind, prompt.input.text().to_owned()))
    else {
        return Vec::new();
    };
    let mut effects = Vec::new();
    let error = match kind {
        PromptKind::Filter => {
            effects.extend(sessions::filter(state, &text));
            Filter::parse(&text).err().map(|error| prompt_error(&text, &error))
        }
        PromptKind::EventFilter => {
            state.events.set_filter(&text);
            state.events.filter_error.clone().map(|message| PromptError { column: 0, message })
        }
        PromptKind::PermissionFilter | PromptKind::ImageFilter | PromptKind::AppServerFilter => {
            set_tab_filter(state, kind, &text)
        }
        PromptKind::Mark | PromptKind::Unmark | PromptKind::Guard => {
            Filter::parse(&text).err().map(|error| prompt_error(&text, &error))
        }
        PromptKind::Pace => text
            .parse::<Pace>()
            .err()
            .map(|error| PromptError { column: error.column, message: Text::clean(&error.message) }),
        PromptKind::Command | PromptKind::Ticket | PromptKind::Include => None,
    };
    if let Some(prompt) = &mut state.prompt {
        prompt.error = error;
    }
    effects
}

/// Puts a filter in force on a tab other than that of sessions, whichever wire fills it.
pub(super) fn set_tab_filter(state: &mut State, kind: PromptKind, text: &str) -> Option<PromptError> {
    let tab = match kind {
        PromptKind::ImageFilter => Tab::Images,
        PromptKind::AppServerFilter => Tab::AppServers,
        _ => Tab::Permissions,
    };
    match tab {
        _ if is_cloud(state) => cloud::set_filter(state, tab, text),
        Tab::Images => images::set_filter(state, text),
        Tab::Permissions => permissions::set_filter(state, text),
        Tab::Sessions | Tab::AppServers => None,
    }
}

fn prompt_error(text: &str, error: &FilterError) -> PromptError {
    let before = text.get(..error.span.start.min(text.len())).unwrap_or_default();
    PromptError { column: before.chars().count(), message: Text::clean(&error.to_string()) }
}

/// Closes the line; a filter is again what it was before.
fn cancel(state: &mut State) {
    let Some(prompt) = state.prompt.take() else {
        return;
    };
    match prompt.kind {
        PromptKind::Filter => state.with_view(|view, with| view.set_filter(&prompt.before, with)),
        PromptKind::EventFilter => state.events.set_filter(&prompt.before),
        PromptKind::PermissionFilter | PromptKind::ImageFilter | PromptKind::AppServerFilter => {
            drop(set_tab_filter(state, prompt.kind, &prompt.before));
        }
        PromptKind::Command
        | PromptKind::Mark
        | PromptKind::Unmark
        | PromptKind::Guard
        | PromptKind::Pace
        | PromptKind::Ticket
        | PromptKind::Include => {}
    }
}

/// Whether a line belongs to the sheet of a plan.
fn is_of_plan(kind: PromptKind) -> bool {
    matches!(kind, PromptKind::Guard | PromptKind::Pace | PromptKind::Ticket | PromptKind::Include)
}

/// What is found wrong with a line only when it is used.
fn mistake(state: &mut State, kind: PromptKind, text: &str) -> Option<Text> {
    match kind {
        PromptKind::Guard | PromptKind::Pace | PromptKind::Ticket | PromptKind::Include => {
            plan_terms::take(state, kind, text).err()
        }
        PromptKind::Command => command_line::mistake(state, text),
        PromptKind::Mark | PromptKind::Unmark => {
            let filter = Filter::parse(text).ok().filter(|_| !text.is_empty())?;
            groups::doubt(state, Some(&filter))
        }
        _ => None,
    }
}

/// Uses the line. One with a mistake stays open and hides nothing: whoever types on must not press the keys of what is
/// below it.
fn accept(state: &mut State) -> Vec<Effect> {
    let Some(prompt) = &state.prompt else {
        return Vec::new();
    };
    if prompt.error.is_some() {
        return Vec::new();
    }
    let kind = prompt.kind;
    let text = prompt.input.text().trim().to_owned();
    if prompt.input.text() == "" && prompt.recalled.is_none() && !prompt.touched {
        state.prompt = None;
        return Vec::new();
    }
    if let Some(message) = mistake(state, kind, &text) {
        if let Some(prompt) = &mut state.prompt {
            prompt.error = Some(PromptError { column: 0, message });
        }
        return Vec::new();
    }
    let Some(prompt) = state.prompt.take() else {
        return Vec::new();
    };
    remember(state, prompt.kind, &text);
    match prompt.kind {
        // Filters are in force while they are typed; lines of a plan were taken when they were seen to have no mistake.
        PromptKind::Filter
        | PromptKind::EventFilter
        | PromptKind::PermissionFilter
        | PromptKind::ImageFilter
        | PromptKind::AppServerFilter
        | PromptKind::Guard
        | PromptKind::Pace
        | PromptKind::Ticket
        | PromptKind::Include => Vec::new(),
        PromptKind::Command => command_line::run(state, &text),
        PromptKind::Mark | PromptKind::Unmark => {
            mark_where(state, prompt.kind, &text);
            Vec::new()
        }
    }
}

fn mark_where(state: &mut State, kind: PromptKind, text: &str) {
    let Ok(filter) = Filter::parse(text) else {
        return;
    };
    if text.is_empty() {
        return;
    }
    let marks = kind == PromptKind::Mark;
    let count = state.with_view(|view, with| {
        if marks { view.mark_by_expression(&filter, with) } else { view.unmark_by_expression(&filter, with) }
    });
    state.notify(NoticeKind::Info, &format!("{count} {}", if marks { "marked" } else { "unmarked" }));
}

pub(super) fn remember(state: &mut State, kind: PromptKind, text: &str) {
    let lines = state.history.entry(kind).or_default();
    if text.is_empty() || lines.last().is_some_and(|last| last == text) {
        return;
    }
    lines.push(text.to_owned());
    if lines.len() > HISTORY {
        lines.remove(0);
    }
}

/// Walks through earlier lines.
fn recall(state: &mut State, older: bool) {
    let Some(prompt) = &mut state.prompt else {
        return;
    };
    let Some(lines) = state.history.get(&prompt.kind).filter(|lines| !lines.is_empty()) else {
        return;
    };
    let place = match (prompt.recalled, older) {
        (None, true) => Some(lines.len() - 1),
        (None, false) => None,
        (Some(place), true) => Some(place.saturating_sub(1)),
        (Some(place), false) => Some(place + 1).filter(|place| *place < lines.len()),
    };
    prompt.recalled = place;
    prompt.taken = None;
    prompt.whole = false;
    let text = place.and_then(|place| lines.get(place)).map_or("", String::as_str);
    prompt.input = LineInput::new(text);
}

fn is_command(state: &State) -> bool {
    state.prompt.as_ref().is_some_and(|prompt| prompt.kind == PromptKind::Command)
}

/// Puts the next of what is offered for a `:` line into it, or the one before; after the last one what was typed.
fn take_offer(state: &mut State, next: bool) {
    let Some(prompt) = &state.prompt else { return };
    let typed = prompt.typed().to_owned();
    let offers = palette::offers(state, command_line::typed_over(state), &typed);
    let place = match (prompt.taken.as_ref().map(|(_, place)| *place), next) {
        (None, true) => Some(0),
        (None, false) => offers.len().checked_sub(1),
        (Some(place), true) => Some(place + 1),
        (Some(place), false) => place.checked_sub(1),
    };
    let taken = place.and_then(|place| Some((place, offers.get(place)?)));
    let line = taken.map_or_else(|| typed.clone(), |(_, offer)| offer.line.clone());
    let taken = taken.map(|(place, _)| (typed, place));
    if let Some(prompt) = &mut state.prompt {
        prompt.input = LineInput::new(&line);
        prompt.taken = taken;
        prompt.touched = true;
    }
}

/// Completes the word before the cursor: the only candidate, or as far as all candidates agree.
fn complete(state: &mut State) {
    let table = state.sessions.table.value().cloned();
    let cloud = is_cloud(state);
    let Some(prompt) = &mut state.prompt else {
        return;
    };
    let text = prompt.input.text().to_owned();
    let candidates: Vec<String> = match prompt.kind {
        PromptKind::Filter | PromptKind::Mark | PromptKind::Unmark | PromptKind::Guard => {
            crate::core::filter::complete(&text, text.len(), table.as_deref())
                .into_iter()
                .map(|completion| {
                    format!("{}{}", text.get(..completion.span.start).unwrap_or_default(), completion.text)
                })
                .collect()
        }
        PromptKind::Command => return,
        PromptKind::ImageFilter if cloud => state.cloud.complete_servers(&text),
        PromptKind::PermissionFilter if cloud => state.cloud.complete_access(&text),
        PromptKind::ImageFilter => crate::core::filter::complete_images(&text, text.len())
            .into_iter()
            .map(|completion| {
                format!("{}{}", text.get(..completion.span.start).unwrap_or_default(), completion.text)
            })
            .collect(),
        PromptKind::PermissionFilter => crate::core::filter::complete_permissions(&text, text.len())
            .into_iter()
            .map(|completion| {
                format!("{}{}", text.get(..completion.span.start).unwrap_or_default(), completion.text)
            })
            .collect(),
        PromptKind::AppServerFilter
        | PromptKind::EventFilter
        | PromptKind::Pace
        | PromptKind::Ticket
        | PromptKind::Include => Vec::new(),
    };
    let Some(first) = candidates.first() else {
        return;
    };
    let common = candidates.iter().skip(1).fold(first.clone(), |common, next| {
        common
            .chars()
            .zip(next.chars())
            .take_while(|(left, right)| left == right)
            .map(|(left, _)| left)
            .collect()
    });
    // The only one is taken as it is written there.
    if common.len() > text.len() || candidates.len() == 1 && common != text {
        prompt.input = LineInput::new(&common);
    } else if candidates.len() > 1 {
        let shown: Vec<&str> = candidates.iter().take(12).map(|candidate| last_word(candidate)).collect();
        let text = shown.join("  ");
        state.notify(NoticeKind::Info, &text);
    }
}

fn last_word(line: &str) -> &str {
    line.rsplit([' ', '(', '!', '|']).next().unwrap_or(line)
}
