//! Writing a message: severity, text, preview, and on to the review.

use std::sync::Arc;

use crate::{
    core::{
        bulk::{Course, Terms},
        command::Command,
        effect::Effect,
        key::{Key, KeyCode},
        planning::{Origin, Wanted},
        state::{Afterwards, Composer, ComposerField, NoticeKind, Overlay, State, Then},
        text_area::TextArea,
    },
    domain::{MessageSeverity, MessageText, PlanId, SessionId, Text, Verb},
};

use super::{afterwards, plans};

/// What those are told who were warned of a logoff that does not come; it can be changed before it is sent.
const CORRECTION: &str = "The logoff that was announced does not take place. You can go on working.";

/// Opens the composer, empty: a text for others must not reach these by mistake. The last one comes back at Up.
pub(super) fn open(state: &mut State, targets: Vec<SessionId>, then: Then) {
    let last = state.last_message.clone();
    // Who announces a logoff warns.
    let severity = if then == Then::Nothing { MessageSeverity::default() } else { MessageSeverity::Warning };
    let complaint = last.as_ref().map(|_| Text::clean("Up brings the last text back"));
    state.overlays.push(Overlay::Composer(Box::new(Composer {
        targets,
        severity,
        text: TextArea::default(),
        field: ComposerField::Text,
        leave_out_disconnected: false,
        preview: 0,
        last,
        then: Afterwards { then, ..Afterwards::default() },
        template: None,
        own: (MessageSeverity::default(), String::new()),
        fresh: false,
        corrects: None,
        complaint,
    })));
}

/// Opens the composer for those whom a plan told of a logoff that does not come, with a text that says so.
pub(super) fn open_correction(state: &mut State, targets: Vec<SessionId>, plan: PlanId) {
    open(state, targets, Then::Nothing);
    if let Some(Overlay::Composer(composer)) = state.overlays.last_mut() {
        composer.text = TextArea::new(CORRECTION);
        composer.corrects = Some(plan);
        composer.complaint = None;
    }
}

/// Whether the text takes a key although it is bound.
pub(super) fn takes(state: &State, key: Key) -> bool {
    let Some(Overlay::Composer(composer)) = state.overlays.last() else {
        return false;
    };
    composer.field == ComposerField::Text
        && !key.ctrl
        && !matches!(key.code, KeyCode::Tab | KeyCode::BackTab | KeyCode::Esc)
}

/// Handles a key that is not bound.
pub(super) fn pressed(composer: &mut Composer, key: Key) {
    composer.complaint = None;
    match composer.field {
        ComposerField::Text if key.code == KeyCode::Up && composer.text.text().is_empty() => {
            if let Some((severity, text)) = &composer.last {
                composer.severity = *severity;
                composer.text = TextArea::new(text);
            }
        }
        ComposerField::Text => {
            composer.text.handle(key);
        }
        ComposerField::Severity => choose_severity(composer, key),
        ComposerField::Then | ComposerField::Wait | ComposerField::Remind | ComposerField::ForceAfter => {
            afterwards::pressed(composer, key);
        }
        ComposerField::Disconnected => {
            if matches!(key.code, KeyCode::Char('x' | ' ') | KeyCode::Enter | KeyCode::Left | KeyCode::Right)
            {
                composer.leave_out_disconnected = !composer.leave_out_disconnected;
            }
        }
    }
    if key.code == KeyCode::BackTab {
        // Round once, and stop before where it began.
        let mut field = next_field(composer.field, composer.then.then);
        while next_field(field, composer.then.then) != composer.field {
            field = next_field(field, composer.then.then);
        }
        composer.focus(field);
    }
}

fn choose_severity(composer: &mut Composer, key: Key) {
    let place = MessageSeverity::ALL.iter().position(|severity| *severity == composer.severity).unwrap_or(0);
    let step = |by: usize| MessageSeverity::ALL.into_iter().cycle().nth(place + by).unwrap_or_default();
    composer.severity = match key.code {
        KeyCode::Char('i') => MessageSeverity::Info,
        KeyCode::Char('w') => MessageSeverity::Warning,
        KeyCode::Char('e') => MessageSeverity::Error,
        KeyCode::Right | KeyCode::Char('l' | ' ') => step(1),
        KeyCode::Left | KeyCode::Char('h') => step(MessageSeverity::ALL.len() - 1),
        _ => composer.severity,
    };
}

/// The fields in the order in which they stand on the screen.
fn next_field(field: ComposerField, then: Then) -> ComposerField {
    match field {
        ComposerField::Severity => ComposerField::Text,
        ComposerField::Text => ComposerField::Then,
        ComposerField::Disconnected => ComposerField::Severity,
        field => afterwards::next_field(field, then),
    }
}

/// Runs a command of the composer.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    let Some(Overlay::Composer(composer)) = state.overlays.last_mut() else {
        return Vec::new();
    };
    match command {
        Command::ComposerNext => composer.focus(next_field(composer.field, composer.then.then)),
        Command::ComposerPreview => composer.preview = (composer.preview + 1) % composer.targets.len().max(1),
        Command::ComposerReview => return review(state),
        Command::ComposerTemplate => afterwards::next_template(state),
        Command::Back => {
            // What was written is kept for the next time: an Esc must not cost a text.
            let text = composer.text.text().trim();
            let kept = !text.is_empty() && (composer.corrects.is_none() || text != CORRECTION);
            if kept {
                state.last_message = Some((composer.severity, composer.text.text().to_owned()));
            }
            state.overlays.pop();
            if kept {
                state.notify(
                    NoticeKind::Info,
                    "nothing was sent; Up brings the text back in the next message",
                );
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Goes on to the plan sheet. The composer stays below it, so that Esc there comes back here.
fn review(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Composer(composer)) = state.overlays.last() else {
        return Vec::new();
    };
    let (severity, text) = (composer.severity, composer.text.text().trim_end().to_owned());
    let (targets, leaves_out) = (composer.targets.clone(), composer.leave_out_disconnected);
    let corrects = composer.corrects.clone();
    let (message, course) = match written(state, composer) {
        Ok(written) => written,
        Err((field, words)) => {
            if let Some(Overlay::Composer(composer)) = state.overlays.last_mut() {
                composer.complaint = Some(Text::clean(&words));
                composer.focus(field);
            }
            return Vec::new();
        }
    };
    state.last_message = Some((severity, text));
    let terms = Terms { course, ..state.settings.terms.clone() };
    let wanted = if terms.course.is_some() {
        Wanted { leaves_out, ..Wanted::new(Verb::Logoff, targets, terms) }
    } else {
        let origin = corrects.map_or(Origin::New, Origin::Correction);
        Wanted { message: Some(message), origin, leaves_out, ..Wanted::new(Verb::Message, targets, terms) }
    };
    plans::open_sheet(state, wanted)
}

/// The message and what follows it. The error names the field and what is wrong with it.
fn written(
    state: &State,
    composer: &Composer,
) -> Result<(MessageText, Option<Course>), (ComposerField, String)> {
    let text = composer.text.text().trim_end();
    if text.trim().is_empty() {
        return Err((ComposerField::Text, "there is no text yet".to_owned()));
    }
    let waits = composer.then.then != Then::Nothing;
    let text = afterwards::settled(state, text, waits).map_err(|words| (ComposerField::Text, words))?;
    let message = MessageText { severity: composer.severity, text: Arc::from(text) };
    let course = afterwards::course(&composer.then, &message)?;
    Ok((message, course))
}
