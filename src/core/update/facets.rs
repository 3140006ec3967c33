//! The breakdown of the shown sessions: where it is shown, what its keys do, and when it is counted.

use crate::core::{
    command::Command,
    effect::Effect,
    events::PaneSize,
    facets::{Facet, FacetValue},
    filter::Filter,
    rows::{self, Rows},
    state::{Focus, NoticeKind, Overlay, PromptKind, State, Tab},
};

use super::{commands, groups, prompt, sessions};

/// Why a key does nothing: the cursor stays with its bucket, and no other is meant by it.
const GONE: &str = "no shown session has that value any more; j or k chooses another";

/// Opens the breakdown: beside the table where there is room, else as a sheet.
pub(super) fn open(state: &mut State) {
    if rows::facet_pane_width(state.screen) == 0 {
        state.overlays.push(Overlay::Facets);
        return;
    }
    state.sessions.facets.pane = Some(true);
    if Rows::of(state).facets == 0 {
        // The event pane fills the screen.
        state.events.size = PaneSize::Normal;
    }
    state.focus = Focus::Facets;
}

/// Runs a command of the breakdown.
pub(super) fn run(state: &mut State, command: Command) -> Vec<Effect> {
    let page = isize::try_from(page(state)).unwrap_or(1);
    let facets = &mut state.sessions.facets;
    match command {
        Command::MoveDown => facets.move_by(1),
        Command::MoveUp => facets.move_by(-1),
        Command::MoveHalfDown => facets.move_by((page / 2).max(1)),
        Command::MoveHalfUp => facets.move_by(-(page / 2).max(1)),
        Command::MovePageDown => facets.move_by(page),
        Command::MovePageUp => facets.move_by(-page),
        Command::MoveFirst => facets.move_by(isize::MIN),
        Command::MoveLast => facets.move_by(isize::MAX),
        Command::FacetNext => facets.choose(facets.facet.neighbour(true)),
        Command::FacetPrevious => facets.choose(facets.facet.neighbour(false)),
        Command::FacetSort => {
            facets.by_lift = !facets.by_lift;
            let words = if facets.by_lift { "what stands out most first" } else { "what is most first" };
            state.notify(NoticeKind::Info, words);
        }
        Command::FacetOnly => return narrow(state, false),
        Command::FacetExclude => return narrow(state, true),
        Command::FacetMark => mark(state),
        Command::MarkClear | Command::MarkRestore => commands::table(state, command),
        Command::PromptFilter => prompt::open(state, PromptKind::Filter),
        Command::FacetClose => close(state),
        Command::PaneNext => leave(state, true),
        Command::Back => leave(state, false),
        _ => {}
    }
    Vec::new()
}

/// So many buckets are a page.
fn page(state: &State) -> usize {
    let rows = Rows::of(state);
    let page = if rows.facets > 0 { rows.table.saturating_sub(2) } else { rows.sheet.saturating_sub(2) };
    usize::from(page.max(1))
}

/// Gives the keys back: the sheet closes, the pane stays.
fn leave(state: &mut State, to_events: bool) {
    if matches!(state.overlays.last(), Some(Overlay::Facets)) {
        state.overlays.pop();
        return;
    }
    let events = to_events && Rows::of(state).events > 0;
    state.focus = if events { Focus::Events } else { Focus::Table };
}

/// Closes sheet or pane.
fn close(state: &mut State) {
    if !matches!(state.overlays.last(), Some(Overlay::Facets)) {
        state.sessions.facets.pane = Some(false);
    }
    leave(state, false);
}

/// What the bucket under the cursor means, in the words of the operator, and its terms.
fn chosen<T>(state: &State, what: impl FnOnce(&FacetValue<'_>, bool) -> T) -> Option<(String, T)> {
    let (breakdown, bucket) = state.sessions.facets.current()?;
    let value = breakdown.value(bucket);
    let label =
        format!("{} {}", breakdown.facet().name(), value.label(&state.sessions.group_names.as_names()));
    Some((label, what(&value, breakdown.has_unknown)))
}

/// Adds to the filter that a session must be in the bucket under the cursor, or must not.
fn narrow(state: &mut State, exclude: bool) -> Vec<Effect> {
    let terms =
        |value: &FacetValue<'_>, unknown| if exclude { value.excluding(unknown) } else { value.terms() };
    let Some((label, terms)) = chosen(state, terms) else {
        state.notify(NoticeKind::Info, GONE);
        return Vec::new();
    };
    let facets = &state.sessions.facets;
    let is_all = facets.current().is_some_and(|(all, bucket)| bucket.shown as usize == all.shown);
    if is_all && !exclude {
        state.notify(NoticeKind::Info, &format!("all that is shown is of {label} already"));
        return Vec::new();
    }
    let line = state.sessions.view.filter_line();
    if line.error().is_some() {
        state.notify(NoticeKind::Warning, "the filter has a mistake: correct or clear it first");
        return Vec::new();
    }
    let joined = Filter::parse(&terms).ok().and_then(|added| line.filter().and(&added));
    let Some(joined) = joined else {
        state.notify(NoticeKind::Warning, "this filter takes no more terms: a fuzzy search stands alone");
        return Vec::new();
    };
    let text = joined.text().to_owned();
    if exclude {
        state.sessions.facets.leave_bucket();
    }
    let words = if exclude { format!("without {label}") } else { format!("only {label}") };
    let effect = sessions::filter(state, &text);
    state.notify(NoticeKind::Info, &words);
    effect.into_iter().collect()
}

/// Marks the shown sessions of the bucket under the cursor, or unmarks them when all are marked.
fn mark(state: &mut State) {
    let Some((label, terms)) = chosen(state, |value, _| value.terms()) else {
        return state.notify(NoticeKind::Info, GONE);
    };
    if let Some(doubt) = groups::doubt(state, None) {
        return state.notify(NoticeKind::Warning, &format!("nothing marked: {doubt}"));
    }
    let rows = state.sessions.facets.current();
    let rows = rows.map(|(all, bucket)| all.rows_of(bucket, state.sessions.view.rows())).unwrap_or_default();
    let filter = Filter::parse(&terms).unwrap_or_default();
    let (count, marked) = state.with_view(|view, with| view.mark_some(&rows, &filter, with));
    let words = if marked { "marked" } else { "unmarked" };
    state.notify(NoticeKind::Info, &format!("{count} {words}: {label}"));
}

/// Follows a new size of the screen: what was a pane becomes a sheet, and the other way round.
pub(super) fn resized(state: &mut State) {
    let has_room = rows::facet_pane_width(state.screen) > 0;
    if has_room && matches!(state.overlays.last(), Some(Overlay::Facets)) {
        state.overlays.pop();
        open(state);
    } else if !has_room && state.focus == Focus::Facets {
        state.focus = Focus::Table;
        state.overlays.push(Overlay::Facets);
    }
}

/// Counts what is shown, if anything of it is and has changed.
pub(crate) fn sync(state: &mut State) {
    let rows = Rows::of(state);
    let facets = &mut state.sessions.facets;
    let is_sheet = state.overlays.iter().any(|overlay| matches!(overlay, Overlay::Facets));
    let mut told = Vec::new();
    if state.tab == Tab::Sessions {
        if rows.facets > 0 {
            told = facets.facet.with_next(usize::from(rows::facet_sections(rows.table)));
        } else if is_sheet {
            told.push(facets.facet);
        }
        if rows.summary > 0 {
            told.extend(SUMMARY);
        }
    }
    // The line under the table always tells what is most.
    let by_lift = facets.by_lift && (rows.facets > 0 || is_sheet);
    facets.counted.sync(&state.sessions.view, &told, by_lift);
    if let Some(place) = facets.cursor_place() {
        facets.place = place;
    }
    if state.focus == Focus::Facets && rows.facets == 0 {
        state.focus = Focus::Table;
    }
}

/// What the line under the table tells.
pub const SUMMARY: [Facet; 2] = [Facet::Pool, Facet::Gateway];
