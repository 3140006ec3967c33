//! What follows a message: nothing, a polite logoff after a wait, or force for those that need it.

use std::sync::Arc;

use crate::{
    core::{
        bulk::{
            Course, Reminder,
            template::{self, Field},
        },
        key::{Key, KeyCode},
        state::{Afterwards, Composer, ComposerField, State, Then},
    },
    domain::{MessageSeverity, MessageText},
};

/// The longest wait and the longest time before force, in minutes: a day.
const LONGEST: u32 = 24 * 60;
/// The most characters of a field of minutes.
const MINUTES: usize = 4;
/// The most characters of the field of reminders.
const REMINDERS: usize = 12;

/// The fields of the wait that have the keys one after the other.
pub(super) fn next_field(field: ComposerField, then: Then) -> ComposerField {
    match (field, then) {
        (ComposerField::Then, Then::Logoff | Then::Force) => ComposerField::Wait,
        (ComposerField::Wait, _) => ComposerField::Remind,
        (ComposerField::Remind, Then::Force) => ComposerField::ForceAfter,
        _ => ComposerField::Disconnected,
    }
}

/// Handles a key in one of these fields. The first digit takes the place of the number that was found there.
pub(super) fn pressed(composer: &mut Composer, key: Key) {
    let field = composer.field;
    let then = &mut composer.then;
    let (text, most) = match field {
        ComposerField::Wait => (&mut then.wait, MINUTES),
        ComposerField::Remind => (&mut then.remind, REMINDERS),
        ComposerField::ForceAfter => (&mut then.force_after, MINUTES),
        _ => return choose(then, key),
    };
    let found = std::mem::take(&mut composer.fresh);
    if found && matches!(key.code, KeyCode::Char(character) if character.is_ascii_digit()) && !key.ctrl {
        text.clear();
    }
    match key.code {
        KeyCode::Char('u') if key.ctrl => text.clear(),
        KeyCode::Char(character) if character.is_ascii_digit() && text.len() < most => text.push(character),
        KeyCode::Char(' ' | ',') if field == ComposerField::Remind && text.len() < most => text.push(' '),
        KeyCode::Backspace => {
            text.pop();
        }
        _ => {}
    }
}

fn choose(then: &mut Afterwards, key: Key) {
    let place = Then::ALL.iter().position(|choice| *choice == then.then).unwrap_or(0);
    let step = |by: usize| Then::ALL[(place + by) % Then::ALL.len()];
    then.then = match key.code {
        KeyCode::Char('n') => Then::Nothing,
        KeyCode::Char('l') => Then::Logoff,
        KeyCode::Char('f') => Then::Force,
        KeyCode::Right | KeyCode::Char(' ') => step(1),
        KeyCode::Left => step(Then::ALL.len() - 1),
        _ => then.then,
    };
}

/// The course that was chosen; `None` when nothing follows. The error names the field and what is wrong with it.
pub(super) fn course(
    then: &Afterwards,
    message: &MessageText,
) -> Result<Option<Course>, (ComposerField, String)> {
    if then.then == Then::Nothing {
        return Ok(None);
    }
    let minutes = |text: &str| text.parse::<u32>().ok().filter(|minutes| (1..=LONGEST).contains(minutes));
    let bad = |field, what: &str| (field, format!("{what} is a number of minutes from 1 to {LONGEST}"));
    let wait = minutes(&then.wait).ok_or_else(|| bad(ComposerField::Wait, "the wait"))?;
    let force_after = match then.then {
        Then::Force => {
            Some(minutes(&then.force_after).ok_or_else(|| bad(ComposerField::ForceAfter, "force after"))?)
        }
        Then::Nothing | Then::Logoff => None,
    };
    let mut reminders = Vec::new();
    for word in then.remind.split_whitespace() {
        let before = minutes(word).ok_or_else(|| bad(ComposerField::Remind, "a reminder"))?;
        if before >= wait {
            let words = format!("{before} min before the end: not within {wait}");
            return Err((ComposerField::Remind, words));
        }
        reminders.push(Reminder { before_seconds: before * 60, text: Reminder::text_of(message) });
    }
    reminders.sort_by_key(|reminder| std::cmp::Reverse(reminder.before_seconds));
    reminders.dedup_by_key(|reminder| reminder.before_seconds);
    Ok(Some(Course {
        warning: message.clone(),
        wait_seconds: wait * 60,
        reminders,
        force_after_seconds: force_after.map(|minutes| minutes * 60),
        even_unwarned: false,
    }))
}

/// Fills in what is the same for all; says what keeps the text from being sent. The ticket is filled in when the plan
/// starts or is saved: its sheet edits it.
pub(super) fn settled(state: &State, text: &str, waits: bool) -> Result<String, String> {
    template::check(text, waits)?;
    let who = state.capabilities().map(|known| &known.account.name);
    if who.is_none() && template::has(text, Field::Who) {
        return Err(format!("{}: none is known here", Field::Who));
    }
    Ok(template::fill(text, |field| who.filter(|_| field == Field::Who).map(ToString::to_string)))
}

/// Takes the next template; after the last one the text that was typed comes back.
pub(super) fn next_template(state: &mut State) {
    let templates = Arc::clone(&state.settings.templates);
    let Some(crate::core::state::Overlay::Composer(composer)) = state.overlays.last_mut() else { return };
    if templates.is_empty() {
        composer.complaint = Some("the configuration file has no [templates.NAME]".into());
        return;
    }
    let current = composer.template.and_then(|place| templates.get(place));
    let is_template = current.is_some_and(|template| *template.text == *composer.text.text());
    if !is_template {
        composer.own = (composer.severity, composer.text.text().to_owned());
    }
    let next = composer.template.filter(|_| is_template).map_or(0, |place| place + 1);
    let (severity, text, place) = match templates.get(next) {
        Some(template) => (template.severity, template.text.to_string(), Some(next)),
        None => (composer.own.0, composer.own.1.clone(), None),
    };
    take(composer, severity, &text, place);
}

fn take(composer: &mut Composer, severity: MessageSeverity, text: &str, place: Option<usize>) {
    composer.severity = severity;
    composer.text = crate::core::text_area::TextArea::new(text);
    composer.template = place;
}
