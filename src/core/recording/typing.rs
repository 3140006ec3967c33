//! The text that has the keys: what is typed into it is scrambled as a whole, whatever key changed it.
//!
//! A key that makes a text out of a text is recorded as the stand-in of the text before and the key that makes the
//! stand-in of the text after out of it. So the console is told one key for each that was pressed, and asks the same
//! questions as it did.

use super::{
    mask::mask_text,
    place::Rule,
    scramble::{Scrambler, words},
};
use crate::core::{
    bulk::Confirmation,
    change::ChangeConfirmation,
    form::FieldKind,
    key::{Key, KeyCode},
    line_input::LineInput,
    msg::Msg,
    rows,
    state::{Composer, ComposerField, Overlay, PromptKind, State},
    text_area::TextArea,
};

/// How the number or the words on the sheet of a plan are called here.
const PLAN: &str = "plan";
/// The same of a plan of changes.
const CHANGE: &str = "change";

/// The text that has the keys, and its cursor in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focused {
    /// Which one it is.
    field: String,
    rule: Rule,
    /// What is asked for, where one thing is: as much of it as was typed stays. Numbers beside it become zeros, which
    /// are never asked for.
    expected: Option<String>,
    text: String,
    cursor: usize,
}

impl Focused {
    /// That of a state, if a text has the keys.
    pub fn of(state: &State) -> Option<Self> {
        if rows::is_too_small(state.screen) {
            return None;
        }
        let line = |field: String, rule, input: &LineInput| {
            let (text, cursor) = (input.text().to_owned(), input.cursor());
            Some(Self { field, rule, expected: None, text, cursor })
        };
        if let Some(prompt) = &state.prompt {
            return line(format!("{:?}", prompt.kind), rule_of(prompt.kind), &prompt.input);
        }
        match state.overlays.last()? {
            Overlay::Composer(composer) if composer.field == ComposerField::Text => {
                Some(Self::message(composer))
            }
            Overlay::Help { search, .. } => line("help".to_owned(), Rule::Sentence, search),
            Overlay::Change(sheet) => {
                let expected = match sheet.plan.confirmation() {
                    ChangeConfirmation::Number(count) => count.to_string(),
                    ChangeConfirmation::Words(words) => words.to_string(),
                    ChangeConfirmation::Key | ChangeConfirmation::Nothing => return None,
                };
                let line = line(CHANGE.to_owned(), Rule::Name, &sheet.typed)?;
                Some(Self { expected: Some(expected), ..line })
            }
            Overlay::Plan(sheet) => Some(Self::number(&sheet.typed, sheet.plan.confirmation())),
            Overlay::Resume(sheet) => Some(Self::number(&sheet.typed, sheet.confirmation())),
            Overlay::Form(form) => {
                let input = match &form.fields.get(form.at)?.kind {
                    FieldKind::Line(input) => input,
                    FieldKind::Search(search) => &search.input,
                    FieldKind::Choice { .. } => return None,
                };
                line(format!("form {}", form.at), Rule::Name, input)
            }
            _ => None,
        }
    }

    /// The text that something pasted goes into: in the composer it is the message, whatever has the keys.
    pub(super) fn pasted_into(state: &State) -> Option<Self> {
        match state.overlays.last() {
            Some(Overlay::Composer(composer))
                if state.prompt.is_none() && !rows::is_too_small(state.screen) =>
            {
                Some(Self::message(composer))
            }
            _ => Self::of(state),
        }
    }

    fn message(composer: &Composer) -> Self {
        let (text, cursor) = (composer.text.text().to_owned(), composer.text.cursor());
        Self { field: "message".to_owned(), rule: Rule::Message, expected: None, text, cursor }
    }

    /// The digits on the sheet of a plan.
    fn number(typed: &str, confirmation: Confirmation) -> Self {
        let expected = match confirmation {
            Confirmation::Number(count) => count.to_string(),
            Confirmation::Key | Confirmation::Nothing => String::new(),
        };
        let cursor = typed.chars().count();
        let (field, rule, text) = (PLAN.to_owned(), Rule::Name, typed.to_owned());
        Self { field, rule, expected: Some(expected), text, cursor }
    }

    fn stand_in(&self, scrambler: &mut Scrambler) -> Vec<char> {
        if let Some(expected) = &self.expected {
            let is_number = !self.text.is_empty() && self.text.bytes().all(|byte| byte.is_ascii_digit());
            // With zeros before it a number means the same.
            let means_it = || expected.parse().is_ok_and(|count: usize| self.text.parse() == Ok(count));
            if is_number && means_it() || expected.starts_with(&self.text) {
                return self.text.chars().collect();
            }
            if is_number {
                return vec!['0'; self.text.len()];
            }
        }
        mask_text(&self.text, self.rule, scrambler).chars().collect()
    }
}

fn rule_of(kind: PromptKind) -> Rule {
    match kind {
        PromptKind::Command => Rule::Command,
        PromptKind::Pace => Rule::Pace,
        PromptKind::Ticket | PromptKind::Include => Rule::Name,
        PromptKind::Filter
        | PromptKind::EventFilter
        | PromptKind::Mark
        | PromptKind::Unmark
        | PromptKind::PermissionFilter
        | PromptKind::ImageFilter
        | PromptKind::AppServerFilter
        | PromptKind::Guard => Rule::Filter,
    }
}

/// Makes a text the one that has the keys; nothing else changes.
pub(super) fn put(state: &mut State, text: &str, cursor: usize) {
    let line = || LineInput::at(text, cursor);
    if let Some(prompt) = &mut state.prompt {
        prompt.input = line();
        return;
    }
    match state.overlays.last_mut() {
        Some(Overlay::Composer(composer)) => composer.text = TextArea::at(text, cursor),
        Some(Overlay::Help { search, .. }) => *search = line(),
        Some(Overlay::Change(sheet)) => sheet.typed = line(),
        Some(Overlay::Plan(sheet)) => text.clone_into(&mut sheet.typed),
        Some(Overlay::Resume(sheet)) => text.clone_into(&mut sheet.typed),
        Some(Overlay::Form(form)) => {
            let at = form.at;
            match form.fields.get_mut(at).map(|field| &mut field.kind) {
                Some(FieldKind::Line(input)) => *input = line(),
                Some(FieldKind::Search(search)) => search.input = line(),
                Some(FieldKind::Choice { .. }) | None => {}
            }
        }
        _ => {}
    }
}

/// What is recorded for something typed.
#[derive(Debug, PartialEq)]
pub(super) struct Typed {
    /// What the text becomes first.
    pub(super) first: Option<(String, usize)>,
    /// What is told then.
    pub(super) message: Msg,
}

/// Whether the text of the replay is known to be the stand-in of the text of the run.
#[derive(Debug, Default)]
pub(super) struct Typing {
    is_unsure: bool,
}

impl Typing {
    /// What is recorded for a key or something pasted, which made one text out of another.
    pub(super) fn typed(
        &mut self,
        message: &Msg,
        before: Option<&Focused>,
        after: Option<&Focused>,
        scrambler: &mut Scrambler,
    ) -> Typed {
        let pasted = matches!(message, Msg::Paste(_));
        let plain = || {
            let message = match message {
                Msg::Key(key) => Msg::Key(without_digit(*key, before)),
                _ if pasted => Msg::Paste(String::new()),
                other => other.clone(),
            };
            Typed { first: None, message }
        };
        let (Some(before), Some(after)) = (before, after) else {
            return plain();
        };
        if before.field != after.field || before.text == after.text {
            return plain();
        }
        let change = Change::of(before, after);
        let key = if let Msg::Key(key) = message { Some(*key) } else { None };
        let whole = after.stand_in(scrambler);
        let replaced = change.inserted(&whole);
        let message = match key {
            None => Msg::Paste(replaced.clone()),
            Some(key) if deletes(key) && replaced.is_empty() => Msg::Key(key),
            Some(key) if key.typed().is_some() && change.removed.is_empty() => match single(&replaced) {
                Some(character) => Msg::Key(Key::char(character)),
                None => Msg::Key(key),
            },
            // What is offered is put in as if it was pasted: the offers of the replay stand in another order.
            Some(key) if key.code == KeyCode::Tab && after.rule == Rule::Filter => {
                Msg::Paste(replaced.clone())
            }
            Some(_) => {
                self.is_unsure = true;
                return plain();
            }
        };
        let is_paste = matches!(message, Msg::Paste(_));
        let removed =
            if is_paste { String::new() } else { words(&change.removed, |word| scrambler.word(word)) };
        let (head, tail) = change.around(&whole);
        let first: String = head.iter().copied().chain(removed.chars()).chain(tail.iter().copied()).collect();
        let cursor = if is_paste { change.start } else { before.cursor };
        let is_there = !self.is_unsure
            && first.chars().eq(before.stand_in(scrambler))
            && (!is_paste || before.cursor == cursor);
        self.is_unsure = false;
        Typed { first: (!is_there).then_some((first, cursor)), message }
    }
}

/// A key that changed no text. A digit for which the number on a sheet had no more room is part of a number all the same.
fn without_digit(key: Key, before: Option<&Focused>) -> Key {
    let of_number = before.is_some_and(|before| [PLAN, CHANGE].contains(&before.field.as_str()));
    let is_digit = key.typed().is_some_and(|character| character.is_ascii_digit());
    if of_number && is_digit { Key::char('0') } else { key }
}

/// What is recorded of a key on a screen that shows nothing: no letter of it means anything there, but the one that leaves.
pub(super) fn unseen(key: Key) -> Key {
    if key.typed().is_some() && key != Key::char('q') { Key::char(' ') } else { key }
}

/// Whether a key takes something out of a text.
fn deletes(key: Key) -> bool {
    matches!(
        (key.code, key.ctrl),
        (KeyCode::Backspace | KeyCode::Delete, _) | (KeyCode::Char('w' | 'u'), true)
    )
}

fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// What is different between two texts: one piece.
#[derive(Debug)]
struct Change {
    start: usize,
    removed: String,
    inserted: usize,
}

impl Change {
    fn of(before: &Focused, after: &Focused) -> Self {
        let old: Vec<char> = before.text.chars().collect();
        let new: Vec<char> = after.text.chars().collect();
        let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
        // Where a letter was doubled only the cursor tells which one is new.
        let start = same.min(before.cursor).min(after.cursor);
        let most = old.len().min(new.len()) - start;
        let end =
            old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
        let removed = old.get(start..old.len() - end).unwrap_or_default().iter().collect();
        Self { start, removed, inserted: new.len() - end - start }
    }

    fn inserted(&self, whole: &[char]) -> String {
        whole.iter().skip(self.start).take(self.inserted).collect()
    }

    fn around<'w>(&self, whole: &'w [char]) -> (&'w [char], &'w [char]) {
        let tail = whole.get(self.start + self.inserted..).unwrap_or_default();
        (whole.get(..self.start).unwrap_or_default(), tail)
    }
}
