//! Filling in a form.

#[cfg(test)]
mod tests;

use crate::{
    core::{
        command::Command,
        effect::{Effect, RequestId},
        form::{Field, FieldKind, FieldOption, Form, FormPurpose, SearchField},
        key::{Key, KeyCode},
        rows::{self, Rows},
        state::{NoticeKind, Overlay, State},
    },
    domain::{Fault, Principal, Text},
};

use super::{cloud, images, permissions};

/// Columns of a sheet that lines of the preview do not have.
const PREVIEW_MARGIN: usize = 8;

/// Opens a form.
pub(super) fn open(state: &mut State, form: Form) {
    state.overlays.push(Overlay::Form(Box::new(form)));
    refresh_preview(state);
}

/// Takes the users and groups that were looked for.
pub(super) fn found(
    state: &mut State,
    request: RequestId,
    answer: Result<Vec<Principal>, Fault>,
) -> Vec<Effect> {
    let Some(search) = asking(state, request) else {
        return Vec::new();
    };
    let Some((_, text)) = search.asking.take() else {
        return Vec::new();
    };
    // What was typed meanwhile is asked for instead of showing what does not fit it.
    if search.wanted() == Some(text.as_str()) {
        search.cursor = 0;
        match answer {
            Ok(principals) => {
                search.more = principals.len() > SearchField::MOST;
                search.found = principals.iter().take(SearchField::MOST).map(FieldOption::from).collect();
                search.fault = None;
                if search.found.is_empty() && text.starts_with("S-1-") {
                    let note = "as typed; the directory does not know it";
                    search.found = vec![FieldOption::new(text.as_str(), text.as_str()).with_note(note)];
                }
            }
            Err(fault) => {
                search.forget();
                search.fault = Some(fault);
            }
        }
        search.answered = Some(text);
    }
    ask_everywhere(state)
}

/// The search field that waits for this answer, whatever lies above its form.
fn asking(state: &mut State, request: RequestId) -> Option<&mut SearchField> {
    searches(state).find(|search| search.asking.as_ref().is_some_and(|(out, _)| *out == request))
}

fn searches(state: &mut State) -> impl Iterator<Item = &mut SearchField> {
    let forms = state.overlays.iter_mut().filter_map(|overlay| match overlay {
        Overlay::Form(form) => Some(form),
        _ => None,
    });
    forms.flat_map(|form| &mut form.fields).filter_map(|field| match &mut field.kind {
        FieldKind::Search(search) => Some(&mut **search),
        FieldKind::Line(_) | FieldKind::Choice { .. } => None,
    })
}

/// Asks for the newest text of each search field that waits for nothing.
fn ask_everywhere(state: &mut State) -> Vec<Effect> {
    let mut next = state.next_request;
    let mut effects = Vec::new();
    for search in searches(state) {
        // What was listed for other text went with the key that changed the text.
        let Some(text) = search.wanted().map(str::to_owned) else {
            continue;
        };
        if search.asking.is_some() || search.answered.as_ref() == Some(&text) {
            continue;
        }
        let request = RequestId(next);
        next += 1;
        search.asking = Some((request, text.clone()));
        effects.push(Effect::SearchPrincipals { request, text });
    }
    state.next_request = next;
    effects
}

/// Runs a command of the form on top.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    let page = usize::from(Rows::of(state).sheet / 2).max(1);
    let width = usize::from(rows::sheet_size(state.screen).width).saturating_sub(PREVIEW_MARGIN).max(1);
    let Some(form) = top(state) else {
        return Vec::new();
    };
    if command != Command::Back {
        form.escape_armed = false;
    }
    match command {
        Command::FormNext => go(form, 1),
        Command::FormPrevious => go(form, form.fields.len().saturating_sub(1)),
        Command::MovePageDown => {
            // How many lines there are only the drawing knows; it stops at the last one.
            let lines = form.preview.iter().map(|line| 1 + line.as_str().chars().count() / width);
            form.scroll = (form.scroll + page).min(lines.sum::<usize>().saturating_sub(1));
        }
        Command::MovePageUp => form.scroll = form.scroll.saturating_sub(page),
        Command::FormReview => return review(state),
        Command::Back => back(state),
        _ => {}
    }
    Vec::new()
}

fn top(state: &mut State) -> Option<&mut Form> {
    match state.overlays.last_mut() {
        Some(Overlay::Form(form)) => Some(form),
        _ => None,
    }
}

/// Gives the keys to a field so many places further, around the end.
fn go(form: &mut Form, steps: usize) {
    form.at = (form.at + steps) % form.fields.len().max(1);
}

/// Leaves the form; asks for a second Esc when that would cost something typed.
fn back(state: &mut State) {
    match top(state) {
        Some(form) if form.is_dirty() && !form.escape_armed => {
            form.escape_armed = true;
            state.notify(NoticeKind::Info, "Esc again drops what was filled in");
        }
        _ => {
            state.overlays.pop();
        }
    }
}

/// On to the sheet of the plan; with mistakes, to the first field that has one.
fn review(state: &mut State) -> Vec<Effect> {
    let Some(form) = top(state) else {
        return Vec::new();
    };
    form.clear_errors();
    let effects = match owner(&form.purpose) {
        Owner::Cloud => {
            cloud::form_reviewed(state);
            Vec::new()
        }
        Owner::Permissions => permissions::form_reviewed(state),
        Owner::Images => images::form_reviewed(state),
    };
    if let Some(form) = top(state)
        && let Some(wrong) = form.fields.iter().position(|field| field.error.is_some())
    {
        form.at = wrong;
        if form.complaint.is_none() {
            form.complaint = form.fields.get(wrong).and_then(|field| field.error.clone());
        }
    }
    effects
}

/// Whose form it is.
enum Owner {
    Cloud,
    Permissions,
    Images,
}

fn owner(purpose: &FormPurpose) -> Owner {
    match purpose {
        FormPurpose::BuildImage(_) | FormPurpose::Authorize(_) => Owner::Cloud,
        FormPurpose::NewPermission | FormPurpose::ReplacePermission(_) => Owner::Permissions,
        FormPurpose::NewStream
        | FormPurpose::EditStream(_)
        | FormPurpose::NewVersion(_)
        | FormPurpose::EditVersion(_)
        | FormPurpose::NewTag(..)
        | FormPurpose::EditTag(_)
        | FormPurpose::MoveTag(_)
        | FormPurpose::NewAsset(..)
        | FormPurpose::EditAsset(_) => Owner::Images,
    }
}

/// Lets the owner of the form on top bring its preview up to date.
pub(in crate::core) fn refresh_preview(state: &mut State) {
    let Some(Overlay::Form(mut form)) = state.overlays.pop_if(|overlay| matches!(overlay, Overlay::Form(_)))
    else {
        return;
    };
    match owner(&form.purpose) {
        Owner::Cloud => cloud::form_changed(state, &mut form),
        Owner::Permissions => permissions::form_changed(state, &mut form),
        Owner::Images => images::form_changed(state, &mut form),
    }
    // Another preview is read from its beginning.
    form.scroll = 0;
    state.overlays.push(Overlay::Form(form));
}

/// Whether the field takes this key although it is bound: none does.
pub(super) fn takes(_state: &State, _key: Key) -> bool {
    false
}

/// What a key did to a field.
enum Did {
    /// Nothing: the field has no use for it.
    Nothing,
    /// The cursor moved, or the operator was told something.
    Moved,
    /// It holds something else now.
    Changed,
    /// It holds something else now, and the next field has the keys.
    Done,
}

/// A key for the field that has the keys.
pub(super) fn pressed(state: &mut State, key: Key) -> Vec<Effect> {
    let Some(form) = top(state) else {
        return Vec::new();
    };
    form.escape_armed = false;
    let (at, last) = (form.at, form.fields.len().saturating_sub(1));
    let did = form.fields.get_mut(at).map_or(Did::Nothing, |field| press(field, key));
    let told = form.fields.get(at).and_then(|field| letter_in_words(field, key));
    if let Some(words) = told {
        state.notify(NoticeKind::Info, &words);
    }
    let Some(form) = top(state) else {
        return Vec::new();
    };
    match did {
        Did::Nothing => match key.code {
            KeyCode::Down => form.at = (at + 1).min(last),
            KeyCode::Up => form.at = at.saturating_sub(1),
            KeyCode::Enter if at < last => form.at = at + 1,
            KeyCode::Enter => state.notify(NoticeKind::Info, "that was the last field; Ctrl-o reviews"),
            _ => {}
        },
        Did::Moved => {}
        Did::Changed => return changed(state, at),
        Did::Done => {
            form.at = (at + 1).min(last);
            return changed(state, at);
        }
    }
    Vec::new()
}

/// What a letter did to a list: whoever meant to type text is told that something was chosen instead.
fn letter_in_words(field: &Field, key: Key) -> Option<String> {
    let (KeyCode::Char(letter), false) = (key.code, key.ctrl) else {
        return None;
    };
    let FieldKind::Choice { options, chosen } = &field.kind else {
        return None;
    };
    let begins = |option: &&FieldOption| option.begins_with(letter);
    Some(match chosen.and_then(|place| options.get(place)).filter(begins) {
        Some(option) => format!("{}: {letter} chose {}", field.label, option.label),
        None => format!("{}: nothing begins with {letter}", field.label),
    })
}

/// Gives a key to a field.
fn press(field: &mut Field, key: Key) -> Did {
    match &mut field.kind {
        FieldKind::Line(input) => {
            let before = input.text().to_owned();
            match input.handle(key) {
                false => Did::Nothing,
                true if input.text() == before => Did::Moved,
                true => Did::Changed,
            }
        }
        FieldKind::Choice { options, chosen } => choose(options, chosen, key),
        FieldKind::Search(search) => press_search(search, key),
    }
}

/// The arrows go through the options, a letter jumps to the next one that begins with it.
fn choose(options: &[FieldOption], chosen: &mut Option<usize>, key: Key) -> Did {
    let last = options.len().saturating_sub(1);
    let next = match (key.code, *chosen) {
        _ if options.is_empty() || key.ctrl => return Did::Nothing,
        (KeyCode::Right | KeyCode::Down, None) | (KeyCode::Home, _) => 0,
        (KeyCode::Right | KeyCode::Down, Some(place)) => (place + 1).min(last),
        (KeyCode::Left | KeyCode::Up, None) | (KeyCode::End, _) => last,
        (KeyCode::Left | KeyCode::Up, Some(place)) => place.saturating_sub(1),
        (KeyCode::Char(letter), _) => {
            let begins = |place: &usize| options.get(*place).is_some_and(|option| option.begins_with(letter));
            let from = chosen.map_or(0, |place| place + 1);
            match (from..options.len()).chain(0..from.min(options.len())).find(begins) {
                Some(place) => place,
                None => return Did::Moved,
            }
        }
        _ => return Did::Nothing,
    };
    if *chosen == Some(next) {
        return Did::Moved;
    }
    *chosen = Some(next);
    Did::Changed
}

fn press_search(search: &mut SearchField, key: Key) -> Did {
    match key.code {
        KeyCode::Down if search.cursor + 1 < search.found.len() => search.cursor += 1,
        // Below the last one stands nothing: only an empty list gives the keys away.
        KeyCode::Down if !search.found.is_empty() => {}
        KeyCode::Up if search.cursor > 0 => search.cursor -= 1,
        KeyCode::Enter if search.toggle() => {
            return if search.many || search.taken.is_empty() { Did::Changed } else { Did::Done };
        }
        KeyCode::Enter if !search.input.text().is_empty() => {}
        KeyCode::Backspace if search.input.text().is_empty() => {
            search.forget();
            return if search.taken.pop().is_some() { Did::Changed } else { Did::Moved };
        }
        _ => {
            let before = search.input.text().to_owned();
            return match search.input.handle(key) {
                false => Did::Nothing,
                true if search.input.text() == before => Did::Moved,
                true => {
                    // What was found belongs to the text before: it must not be taken by mistake.
                    search.forget();
                    Did::Changed
                }
            };
        }
    }
    Did::Moved
}

/// A field holds something else: the owner looks at it, and what is searched for is asked for.
fn changed(state: &mut State, at: usize) -> Vec<Effect> {
    if let Some(form) = top(state) {
        form.touched = true;
        form.complaint = None;
        // Its mistake is gone with what it was about.
        if let Some(field) = form.fields.get_mut(at) {
            field.error = None;
        }
    }
    refresh_preview(state);
    ask_everywhere(state)
}

/// Text pasted into the field that has the keys.
pub(super) fn pasted(state: &mut State, text: &str) -> Vec<Effect> {
    let Some(form) = top(state) else {
        return Vec::new();
    };
    form.escape_armed = false;
    let at = form.at;
    let input = match form.fields.get_mut(at).map(|field| &mut field.kind) {
        Some(FieldKind::Line(input)) => input,
        Some(FieldKind::Search(search)) => {
            search.forget();
            &mut search.input
        }
        Some(FieldKind::Choice { .. }) | None => {
            form.complaint =
                Some(Text::clean("pasted text is ignored here: this field is chosen from a list"));
            return Vec::new();
        }
    };
    input.insert(text.trim_end_matches(['\n', '\r']));
    changed(state, at)
}
