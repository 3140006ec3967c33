//! The line that is typed into, with the terminal's cursor; or a notice.

use ratatui::layout::Rect;

use crate::{
    core::{
        lessons,
        state::{NoticeKind, Prompt, PromptKind, State},
    },
    ui::{
        pen::{Pen, piece},
        text,
        theme::Role,
    },
};

/// Draws the prompt line, and above it what is wrong with what was typed.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, above: Rect, state: &State) {
    if let Some(prompt) = &state.prompt {
        super::offers::draw(pen, above, state, prompt);
        draw_typed(pen, area, above, prompt);
    } else if let Some(notice) = &state.notice {
        let (mark, role) = match notice.kind {
            NoticeKind::Info => (" ", Role::Info),
            NoticeKind::Warning => ("! ", Role::Warning),
        };
        pen.line(
            area,
            0,
            &[piece(" ", Role::Text), piece(mark.trim_start(), role), piece(notice.text.as_str(), role)],
            &[],
        );
    } else if state.leaving {
        let running = state.jobs.iter().filter(|job| job.is_running()).count()
            + state.change_jobs.iter().filter(|job| job.is_running()).count();
        let words = if state.left.iter().any(|left| left.hand_on) {
            " leaving once what is out is answered; then it goes on"
        } else if running > 1 {
            " leaving as soon as all jobs are done"
        } else {
            " leaving as soon as the job is done"
        };
        pen.line(area, 0, &[piece(words, Role::Warning)], &[]);
    } else if let Some(words) = lessons::lesson(state) {
        let words =
            text::cut(&words, usize::from(area.width).saturating_sub(1), pen.glyphs.ellipsis()).into_owned();
        pen.line(area, 0, &[piece(" ", Role::Text), piece(words, Role::Muted)], &[]);
    }
}

fn draw_typed(pen: &mut Pen<'_>, area: Rect, above: Rect, prompt: &Prompt) {
    let lead = lead(prompt.kind);
    let room = usize::from(area.width).saturating_sub(text::width(lead) + 2);
    // A line longer than the screen is shown around its cursor.
    let cursor = prompt.input.visual_cursor();
    let skipped = cursor.saturating_sub(room);
    let shown = skip_columns(prompt.input.text(), skipped);
    let role = match &prompt.error {
        Some(_) => Role::Danger,
        None if prompt.whole => Role::Selection,
        None => Role::Input,
    };
    pen.line(area, 0, &[piece(" ", Role::Text), piece(lead, Role::Key), piece(shown, role)], &[]);
    let first = area.x + 1 + text::width(lead) as u16;
    pen.put_cursor(area, first + (cursor - skipped) as u16, 0);
    if let Some(example) = example(prompt.kind).filter(|_| prompt.input.text().is_empty()) {
        // Beside the cursor, and gone with the first letter.
        let completes = if prompt.kind == PromptKind::Pace { "" } else { "   Tab completes" };
        let words = format!("such as {example}{completes}");
        pen.text(area, first.saturating_add(2), 0, &words, Role::Muted);
    }
    let Some(error) = &prompt.error else {
        return;
    };
    // `v` points at the place in the line below; the words stand on the side that has room.
    let before: String = prompt.input.text().chars().take(error.column).collect();
    let place = usize::from(first) + text::width(&before).saturating_sub(skipped);
    let place = place.min(usize::from(area.width).saturating_sub(1));
    let words = error.message.as_str();
    pen.clear(above);
    if place + 2 + text::width(words) <= usize::from(above.width) || place < usize::from(above.width) / 2 {
        let x = pen.text(above, above.x + place as u16, 0, "v ", Role::Danger);
        pen.text(above, x, 0, words, Role::Danger);
    } else {
        let words = text::cut(words, place.saturating_sub(1), pen.glyphs.ellipsis()).into_owned();
        let x = above.x + place.saturating_sub(text::width(&words) + 1) as u16;
        pen.text(above, x, 0, &words, Role::Danger);
        pen.text(above, above.x + place as u16, 0, "v", Role::Danger);
    }
}

/// What stands before the line: what it is typed for.
fn lead(kind: PromptKind) -> &'static str {
    match kind {
        PromptKind::Filter
        | PromptKind::PermissionFilter
        | PromptKind::ImageFilter
        | PromptKind::AppServerFilter => "/",
        PromptKind::EventFilter => "events /",
        PromptKind::Command => ":",
        PromptKind::Mark => "+",
        PromptKind::Unmark => "_",
        PromptKind::Guard => "only if: ",
        PromptKind::Pace => "pace: ",
        PromptKind::Ticket => "ticket: ",
        PromptKind::Include => "protected login to include: ",
    }
}

/// What can be typed, for lines in a language of which nothing else on the screen tells.
fn example(kind: PromptKind) -> Option<&'static str> {
    match kind {
        PromptKind::Filter | PromptKind::Mark | PromptKind::Unmark | PromptKind::Guard => {
            Some("state:disc idle>4h")
        }
        PromptKind::EventFilter => Some("level>=warning"),
        PromptKind::Pace => Some("canary 1, 25 per call, 5 s between, stop above 10%"),
        PromptKind::PermissionFilter
        | PromptKind::ImageFilter
        | PromptKind::AppServerFilter
        | PromptKind::Command
        | PromptKind::Ticket
        | PromptKind::Include => None,
    }
}

/// A text without its first so many columns.
fn skip_columns(text: &str, columns: usize) -> &str {
    let skipped = text::head(text, columns);
    text.get(skipped.len()..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::bulk::Pace;
    use crate::core::filter::{EventFilter, Filter};

    #[test]
    fn examples_can_be_typed_as_they_stand() {
        assert!(Filter::parse(example(PromptKind::Filter).unwrap()).is_ok());
        assert!(EventFilter::parse(example(PromptKind::EventFilter).unwrap()).is_ok());
        assert!(Filter::parse(example(PromptKind::Guard).unwrap()).is_ok());
        assert!(example(PromptKind::Pace).unwrap().parse::<Pace>().is_ok());
    }
}
