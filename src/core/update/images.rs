//! The images tab: reading, moving, folding and changing.

mod act;
#[cfg(test)]
mod tests;
mod tree;

use std::sync::Arc;

use crate::{
    core::{
        command::{Command, Context},
        effect::{Effect, RequestId},
        filter::{FilterError, ImageFilter},
        images::{ImageNode, ImagesTab, LiveSessions, RunningNode, Shelf, describe_query, parse_query},
        state::{NoticeKind, Overlay, Poll, PromptError, PromptKind, State, Tab},
    },
    domain::{Fault, ImageBook, Text},
};

use super::{commands, connection, events, prompt};

pub(super) use act::{form_changed, form_reviewed};

/// The tab is shown.
pub(super) fn shown(state: &mut State) {
    state.images.book.ask();
    if state.images.poll.in_flight.is_none() {
        // What is fresh is not read again because somebody looked elsewhere for a moment.
        let fresh = state.images.book.read_at().filter(|_| !state.images.poll.again);
        let next = fresh.map(|at| connection::after(at, seconds(&state.images)));
        state.images.poll = Poll { next_at: Some(next.unwrap_or(state.now)), ..Poll::default() };
    }
}

/// Whether anything on the screen shows images.
fn is_shown(state: &State) -> bool {
    state.tab == Tab::Images
}

/// Seconds until the next reading.
fn seconds(tab: &ImagesTab) -> i64 {
    i64::from(tab.seconds_between_reads())
}

/// Asks for what is due. Nothing is read while nobody looks.
pub(super) fn due(state: &mut State) -> Vec<Effect> {
    if !is_shown(state) {
        // What was asked for meanwhile, because a job changed something, is read when somebody looks again.
        let asked = state.images.poll.next_at.take().is_some_and(|at| at <= state.now);
        state.images.poll.again |= asked;
        return Vec::new();
    }
    if state.images.poll.in_flight.is_none() && state.images.poll.next_at.is_none() {
        shown(state);
    }
    if !connection::is_due(&state.images.poll, state.now) {
        return Vec::new();
    }
    let request = state.request_id();
    state.images.book.ask();
    state.images.poll = Poll { in_flight: Some(request), ..Poll::default() };
    vec![Effect::FetchImages { request, query: state.images.query.clone() }]
}

/// Asks again as soon as possible; a reading that is out is followed by one more.
pub(super) fn refresh(state: &mut State) {
    if !is_shown(state) {
        return;
    }
    if state.images.poll.in_flight.is_some() {
        state.images.poll.again = true;
    } else {
        state.images.poll.next_at = Some(state.now);
    }
}

/// Takes what was read.
pub(super) fn read(
    state: &mut State,
    request: RequestId,
    answer: Result<Arc<ImageBook>, Fault>,
) -> Vec<Effect> {
    if state.images.poll.in_flight != Some(request) {
        return Vec::new();
    }
    let fault = answer.as_ref().err().cloned();
    match answer {
        Ok(book) => loaded(state, book),
        Err(fault) => state.images.book.fail(fault, state.now),
    }
    let again = state.images.poll.again;
    let wait = if again { 0 } else { connection::patience(fault.as_ref(), seconds(&state.images)) };
    state.images.poll = Poll { next_at: Some(connection::after(state.now, wait)), ..Poll::default() };
    Vec::new()
}

/// Puts a new book in the place of the old one. Cursor, marks and open nodes stay with what they stand for.
fn loaded(state: &mut State, book: Arc<ImageBook>) {
    let tab = &mut state.images;
    let before = tab.shown();
    let first = tab.book.value().is_none();
    let shelf = Shelf::new(&book, &tab.live);
    tab.running = running(&shelf, &tab.running, state.now);
    if first {
        // What runs is to be seen without looking for it.
        for running in &tab.running {
            let mut above = shelf.parent(&running.node);
            while let Some(node) = above {
                above = shelf.parent(&node);
                tab.open.insert(node);
            }
        }
    }
    // A mark on something that may only not have been read stays: the plan will hold it back.
    if shelf.is_whole() {
        tab.marks.retain(|node| shelf.has(node));
        tab.open.retain(|node| shelf.has(node));
    }
    let gone = tab.cursor.as_ref().filter(|node| !shelf.has(node)).cloned();
    drop(shelf);
    tab.book.load(book, state.now);
    tree::keep_cursor(&mut state.images, &before);
    if let Some(node) = gone {
        state.notify(NoticeKind::Info, &format!("the {} under the cursor is gone", node.kind()));
    }
    if let Some(words) = unknown_vcenter(&state.images) {
        state.notify(NoticeKind::Warning, &words);
    }
}

/// That the list was asked for by a vCenter that is not known: nothing found would look like nothing there.
fn unknown_vcenter(tab: &ImagesTab) -> Option<String> {
    let (wanted, book) = (tab.query.vcenter.as_ref()?, tab.book.value()?);
    if book.vcenters.contains_key(wanted) || !book.assets.is_empty() {
        return None;
    }
    let wanted = Text::clean(wanted.raw());
    if book.vcenters.is_empty() {
        return Some(format!("whether there is a vCenter {wanted} is unknown: they could not be read"));
    }
    let there: Vec<String> =
        book.vcenters.iter().map(|(id, name)| format!("{} ({name})", Text::clean(id.raw()))).collect();
    Some(format!("no vCenter with the id {wanted} is known; there are: {}", there.join(", ")))
}

/// What runs now, each with when it was first seen in the state in which it is.
fn running(shelf: &Shelf<'_>, before: &[RunningNode], now: jiff::Timestamp) -> Vec<RunningNode> {
    shelf
        .running()
        .into_iter()
        .map(|(node, status)| {
            let known = before.iter().find(|one| one.node == node && one.status == status);
            RunningNode { since: known.map_or(now, |one| one.since), node, status }
        })
        .collect()
}

/// Brings up to date what follows from the rest of the state: sessions by pool, the cursor, the first row shown.
pub(super) fn sync(state: &mut State) {
    if state.tab != Tab::Images {
        return;
    }
    if let Some(table) = state.sessions.newest()
        && !state.images.live.is_of(table)
    {
        state.images.live = LiveSessions::of(table);
    }
    tree::keep_in_sight(state);
}

/// Puts a filter in force; says what is wrong with it.
pub(super) fn set_filter(state: &mut State, text: &str) -> Option<PromptError> {
    let before = state.images.shown();
    text.clone_into(&mut state.images.filter);
    state.images.filter_error = ImageFilter::parse(text).err();
    tree::keep_cursor(&mut state.images, &before);
    state.images.filter_error.as_ref().map(|error| prompt_error(text, error))
}

fn prompt_error(text: &str, error: &FilterError) -> PromptError {
    let before = text.get(..error.span.start.min(text.len())).unwrap_or_default();
    PromptError { column: before.chars().count(), message: Text::clean(&error.to_string()) }
}

/// `:images`: shows the tab; with words, asks the server for less.
pub(super) fn query(state: &mut State, argument: &str) {
    match parse_query(argument) {
        Err(message) => state.notify(NoticeKind::Warning, &message),
        Ok(query) => {
            let changed = state.images.query != query;
            state.images.query = query;
            commands::show_tab(state, Tab::Images);
            if changed {
                refresh(state);
                let words = describe_query(&state.images.query);
                let words = if words.is_empty() { "all streams".to_owned() } else { words };
                state.notify(NoticeKind::Info, &format!("asking the server for: {words}"));
            }
        }
    }
}

/// Runs a command of the tree or of the details.
pub(super) fn run(state: &mut State, command: Command, context: Context) -> Vec<Effect> {
    let armed = std::mem::take(&mut state.images.escape_armed);
    if context == Context::ImageDetail {
        detail(state, command);
        return Vec::new();
    }
    match command {
        Command::Back => back(state, armed),
        Command::PromptFilter => prompt::open(state, PromptKind::ImageFilter),
        Command::EventSize => events::cycle_size(state),
        Command::PaneNext => commands::focus_events(state),
        Command::NodeDetail => open_detail(state),
        Command::OpenNode => {
            if !tree::toggle(state) {
                open_detail(state);
            }
        }
        _ => {
            if !tree::run(state, command) {
                act::run(state, command, context);
            }
        }
    }
    Vec::new()
}

/// One layer back: the filter, at the second Esc. Marks stay.
fn back(state: &mut State, armed: bool) {
    if state.images.filter.is_empty() {
        return;
    }
    if armed {
        drop(set_filter(state, ""));
    } else {
        state.images.escape_armed = true;
        state.notify(NoticeKind::Info, "Esc again clears the filter");
    }
}

fn open_detail(state: &mut State) {
    match state.images.cursor.clone() {
        Some(node) => state.overlays.push(Overlay::Image { node, scroll: 0 }),
        None => state.notify(NoticeKind::Info, "there is nothing under the cursor"),
    }
}

/// Commands of the details.
fn detail(state: &mut State, command: Command) {
    let page = usize::from(crate::core::rows::Rows::of(state).sheet.max(1));
    let length = detail_length(state);
    let Some(Overlay::Image { scroll, .. }) = state.overlays.last_mut() else {
        return;
    };
    let last = length.saturating_sub(page);
    let by = |steps: usize, down: bool| {
        if down { (*scroll + steps).min(last) } else { scroll.saturating_sub(steps) }
    };
    let moved = match command {
        Command::MoveDown => by(1, true),
        Command::MoveUp => by(1, false),
        Command::MoveHalfDown => by(page / 2, true),
        Command::MoveHalfUp => by(page / 2, false),
        Command::MovePageDown => by(page, true),
        Command::MovePageUp => by(page, false),
        Command::Back => {
            state.overlays.pop();
            return;
        }
        _ => return act::run(state, command, Context::ImageDetail),
    };
    *scroll = moved;
}

/// At most as many lines as the details have: long ones are broken when drawn.
fn detail_length(state: &State) -> usize {
    const HEADINGS: usize = 3;
    let Some(Overlay::Image { node, .. }) = state.overlays.last() else {
        return 0;
    };
    let Some(book) = state.images.book.value() else {
        return 0;
    };
    let width = usize::from(crate::core::rows::sheet_size(state.screen).width).saturating_sub(24).max(8);
    let lines = |text: &Text| 1 + text.as_str().chars().count() / width;
    let shelf = Shelf::new(book, &state.images.live);
    crate::core::images::detail(&shelf, node, &state.images, state.now).map_or(0, |told| {
        let fields = told.fields.iter().map(|(_, value)| value.as_ref().map_or(1, lines));
        let outlook = told.outlook.iter().map(|(line, _)| lines(line));
        HEADINGS + fields.chain(outlook).sum::<usize>()
    })
}

/// The node that a command of a context is about.
fn target(state: &State, context: Context) -> Option<ImageNode> {
    match (context, state.overlays.last()) {
        (Context::ImageDetail, Some(Overlay::Image { node, .. })) => Some(node.clone()),
        _ => state.images.cursor.clone(),
    }
}
