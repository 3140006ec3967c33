//! The tabs line, the filter line, and the band above old data.

use ratatui::layout::Rect;

use crate::{
    core::{
        bulk::{Job, JobPhase, Planned, Stage},
        cloud::is_cloud,
        command::{Command, Context},
        remote::Remote,
        state::{PromptKind, State, Tab},
        table::SessionTable,
        views,
    },
    domain::{Fault, FaultKind, JobId},
    ui::{
        cloud, images,
        pen::{Pen, Piece, piece, pieces_width},
        permissions, pods,
        text::{self, counted},
        theme::Role,
        time::{Clock, seconds, stopwatch},
    },
};

/// From these widths on there is room for a few words, and for a sentence.
const NORMAL: u16 = 80;
const WIDE: u16 = 100;

/// From this width on the view that is shown has its name beside the tabs.
const NAMES_THE_VIEW: u16 = WIDE;

/// Draws the tabs with marks, order and jobs.
pub(crate) fn draw_tabs(pen: &mut Pen<'_>, area: Rect, state: &State, clock: &Clock) {
    let view = &state.sessions.view;
    if state.tab != Tab::Sessions {
        let right = match state.tab {
            Tab::Permissions | Tab::Images if is_cloud(state) => cloud::tab_facts(state),
            Tab::AppServers => cloud::tab_facts(state),
            Tab::Permissions => permissions::tab_facts(state),
            Tab::Images => images::tab_facts(state, area.width),
            Tab::Sessions => Vec::new(),
        };
        return draw_fitted(pen, area, state, Vec::new(), right);
    }
    let mut left = Vec::new();
    if let Some(frozen) = &state.sessions.frozen {
        let since = clock.time(frozen.since);
        let changes = counted(frozen.changes, "change", "changes");
        left.push(piece("  ", Role::Text));
        left.push(piece(format!("FROZEN {since}, {changes}"), Role::Stale));
    }
    if view.range_active() {
        left.push(piece(
            format!("  range, {} ends it", state.key(Context::Sessions, Command::MarkRange)),
            Role::Mark,
        ));
    }
    if view.only_marked() {
        left.push(piece("  marked only", Role::Warning));
    }
    if view.only_flagged() {
        left.push(piece("  flagged only", Role::Warning));
    }
    let sort = view.sort();
    let direction = if sort.descending { "v" } else { "^" };
    let sort = piece(format!("  sort {} {direction}", sort.column.title().to_lowercase()), Role::Muted);
    let mut right = Vec::new();
    let counts = view.counts();
    if counts.marked > 0 {
        right.push(piece(format!("marked {}", counts.marked), Role::Mark));
        if counts.marked_hidden > 0 {
            right.push(piece(format!(" ({} hidden)", counts.marked_hidden), Role::Warning));
        }
        right.push(piece("   ", Role::Text));
    }
    if is_cloud(state) {
        right.extend(cloud::build_facts(state));
        // The order is the first thing that goes: it shows in the titles too.
        let told = if state.job_ids().is_empty() { 0 } else { text::width(&jobs(state).0) };
        let taken = pieces_width(&tab_names(state)) + pieces_width(&left) + pieces_width(&right) + told + 2;
        left.extend((taken + text::width(&sort.0) <= usize::from(area.width)).then_some(sort));
        return draw_fitted(pen, area, state, left, right);
    }
    left.push(sort);
    // Where there is room: the filter line says the same in more words.
    if area.width >= NAMES_THE_VIEW
        && let Some(view) = views::in_force(state)
    {
        left.push(piece(format!("  view: {view}"), Role::Accent));
    }
    let left: Vec<Piece<'_>> = tab_names(state).into_iter().chain(left).collect();
    right.push(jobs(state));
    right.push(piece(" ", Role::Text));
    pen.line(area, 0, &left, &right);
}

/// Draws tabs, what is said beside them, and what is to be said about them. What does not fit is left out, least important first: that there are no
/// jobs, then the names of the other tabs; their numbers are their keys. The name of the tab that is shown stays.
fn draw_fitted(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    beside: Vec<Piece<'static>>,
    mut right: Vec<Piece<'static>>,
) {
    let mut left = tab_names(state);
    let (end, jobs) = (piece(" ", Role::Text), jobs(state));
    let room = usize::from(area.width).saturating_sub(pieces_width(&right) + text::width(&end.0) + 1);
    let told = text::width(&jobs.0);
    let wide = pieces_width(&left) + pieces_width(&beside);
    let is_told = !state.job_ids().is_empty() || wide + told <= room;
    let room = if is_told { room.saturating_sub(told) } else { room };
    if wide > room {
        left = tab_numbers(state);
    }
    left.extend(beside);
    right.extend(is_told.then_some(jobs).into_iter().chain([end]));
    pen.line(area, 0, &left, &right);
}

/// The numbers of the tabs; the one that is shown with its name, in brackets.
fn tab_numbers(state: &State) -> Vec<Piece<'static>> {
    let mut names = tab_names(state);
    for (words, _) in names.iter_mut().filter(|(words, _)| !words.starts_with('[')) {
        if let Some(number) = words.trim().split(' ').next().filter(|number| !number.is_empty()) {
            *words = format!(" {number} ").into();
        }
    }
    names
}

/// The names of the tabs, the one that is shown in brackets.
fn tab_names(state: &State) -> Vec<Piece<'static>> {
    let mut names = vec![piece(" ", Role::Text)];
    for (number, tab) in (1..).zip(Tab::of(state.wire())) {
        let name = format!("{number} {}", tab.title(state.wire()));
        names.push(if *tab == state.tab {
            piece(format!("[{name}]"), Role::Accent)
        } else {
            piece(format!(" {name} "), Role::Muted)
        });
    }
    names
}

/// `jobs: none`, or how far the newest one is, whichever kind it is.
fn jobs(state: &State) -> Piece<'static> {
    let ids = state.job_ids();
    let all = ids.iter().filter_map(|id| Standing::of(state, *id));
    let running = all.clone().filter(Standing::is_running).count();
    let Some(job) = all.clone().find(Standing::is_running).or_else(|| all.clone().next()) else {
        return piece("jobs: none", Role::Muted);
    };
    let more = if running > 1 { format!(" +{}", running - 1) } else { String::new() };
    // Nothing is answered while a countdown runs: what counts is when it ends.
    let countdown = state.job(job.id).and_then(|running| countdown(state, running));
    let count = match countdown {
        Some(left) => format!("job {}: {left}{more}", job.id),
        None => format!("job {}: {}/{}{more}", job.id, job.answered, job.total),
    };
    match job.phase {
        JobPhase::Finished { fault: Some(_), .. } => piece(format!("{count} gave up"), Role::Danger),
        JobPhase::Finished { stopped: true, .. } => piece(format!("{count} stopped"), Role::Warning),
        JobPhase::Finished { .. } => piece(format!("{count} done"), Role::Muted),
        JobPhase::Running | JobPhase::Stopping => piece(count, Role::Accent),
    }
}

/// `log off in 7:12`, while a countdown runs.
fn countdown(state: &State, job: &Job) -> Option<String> {
    let Stage::Countdown { until, left_seconds } = job.stage else { return None };
    let left = until.map_or(i64::from(left_seconds), |until| seconds(state.now, until).max(0));
    let held = if until.is_none() { ", held" } else { "" };
    job.is_running().then(|| format!("log off in {}{held}", stopwatch(left)))
}

/// How far a job is.
#[derive(Clone)]
struct Standing<'a> {
    id: JobId,
    phase: &'a JobPhase,
    answered: usize,
    total: usize,
}

impl<'a> Standing<'a> {
    fn of(state: &'a State, id: JobId) -> Option<Self> {
        match state.job(id) {
            Some(job) => Some(Self::new(job)),
            None => state.change_job(id).map(Self::new),
        }
    }

    fn new<P: Planned>(job: &'a Job<P>) -> Self {
        Self { id: job.id, phase: &job.phase, answered: job.answered(), total: job.total() }
    }

    fn is_running(&self) -> bool {
        !matches!(self.phase, JobPhase::Finished { .. })
    }
}

/// Draws the filter and how much of the list it shows.
pub(crate) fn draw_filter(pen: &mut Pen<'_>, area: Rect, state: &State, clock: &Clock) {
    let view = &state.sessions.view;
    let typing = state.prompt.as_ref().filter(|prompt| prompt.kind == PromptKind::Filter);
    let line = view.filter_line();
    let filter = typing.map_or(line.text(), |prompt| prompt.input.text());
    let broken = line.error().is_some();
    let role = if broken { Role::Danger } else { Role::Input };
    let mut left = vec![piece(" / ", Role::Muted), piece(filter, role)];
    // While it is typed, the mistake stands above the line being typed, with its place.
    if let (Some(error), None) = (line.error(), typing) {
        left.push(piece(format!("  {error}"), Role::Danger));
    }
    // Rows that are missing only because names are must not pass for rows that do not match.
    if let Some(doubt) = state.sessions.group_names.doubt(line.filter(), view.table()) {
        left.push(piece(format!("  {doubt}"), Role::Warning));
    }
    let mut right = Vec::new();
    if broken {
        right.push(piece("no rows hidden  ", Role::Warning));
    }
    if let Some(since) = state.cloud.sessions_since {
        // A session that began earlier is in no list: the operator must know from when on they are there.
        let since = if area.width >= NORMAL { clock.since(since) } else { clock.day(since) };
        right.push(piece(format!("since {since}  "), Role::Info));
    }
    if let Some(table) = state.sessions.table.value() {
        let counts = view.counts();
        let shown = counts.shown.to_string();
        let shown = if view.awaits_rows() { pen.glyphs.ellipsis() } else { &shown };
        right.push(piece(format!("{shown} of {}", counts.total), Role::Text));
        right.push(wholeness(state, table, area.width, clock));
        if state.sessions.unreadable > 0 {
            right.push(piece(format!("  {} unreadable", state.sessions.unreadable), Role::Warning));
        }
    }
    right.push(piece(" ", Role::Text));
    pen.line(area, 0, &left, &right);
}

/// Whether this is all there is. Old data is never called complete: nobody knows what was added since.
fn wholeness(state: &State, table: &SessionTable, width: u16, clock: &Clock) -> Piece<'static> {
    if state.sessions.growing {
        let words = match state.sessions.poll.progress {
            Some((received, Some(total))) => format!("  READING: {received} of {total}"),
            Some((received, None)) => format!("  READING: {received} so far"),
            None => "  READING".to_owned(),
        };
        return piece(words, Role::Stale);
    }
    let old = matches!(state.sessions.table, Remote::Stale { .. });
    // With several pods each has its own word, as much of it as half of the line holds.
    let ways = if old { Vec::new() } else { pods::wholeness(state, table, clock) };
    let room = usize::from(width) / 2;
    let fitting = ways.iter().find(|(words, _)| text::width(words) <= room).or(ways.last());
    if let Some((words, whole)) = fitting {
        return piece(format!("  {words}"), if *whole { Role::Muted } else { Role::Stale });
    }
    match (table.complete(), old) {
        (true, false) => piece("  complete", Role::Muted),
        (true, true) => piece("  OLD", Role::Stale),
        (false, true) => piece("  OLD, PARTIAL", Role::Stale),
        (false, false) => {
            let words = match width {
                WIDE.. => "  PARTIAL: list moved while read",
                NORMAL.. => "  PARTIAL (moving)",
                _ => "  PARTIAL",
            };
            piece(words, Role::Stale)
        }
    }
}

/// Draws why the data is old and since when.
pub(crate) fn draw_band(pen: &mut Pen<'_>, area: Rect, state: &State, clock: &Clock) {
    let Remote::Stale { at, why, .. } = &state.sessions.table else {
        return;
    };
    draw_old_data(pen, area, &clock.time(*at), why, &state.key(Context::Sessions, Command::Refresh));
}

/// Draws why the data of a tab is old and since when.
pub(crate) fn draw_old_data(pen: &mut Pen<'_>, area: Rect, at: &str, why: &Fault, refresh: &str) {
    if area.height == 0 {
        return;
    }
    pen.rule(area, 0, Role::Stale);
    pen.clear(area);
    // What to do stands at the end of these words: the time, which the status bar has too, gives way to it.
    let bare = format!(" ! {}", reason(why));
    let dated = format!(" ! OLD DATA of {at}: {}", reason(why));
    let cut = why.ends_credentials() && text::width(&dated) > usize::from(area.width);
    let left = [piece(if cut { bare } else { dated }, Role::Stale)];
    let again = piece(format!("{refresh} tries again "), Role::Stale);
    let right = if why.ends_credentials() { Vec::new() } else { vec![again] };
    pen.line(area, 0, &left, &right);
    pen.tint(area, 0, Role::Stale);
}

/// A fault in one line, what matters most first.
fn reason(fault: &Fault) -> String {
    if fault.ends_credentials() {
        return fault.message.to_string();
    }
    if fault.rest().is_some() {
        return "server given up; :governor tells more".to_owned();
    }
    match (fault.kind, fault.status) {
        // The kind says nothing that the status does not.
        (FaultKind::Unexpected, Some(status)) => format!("HTTP {status}: {}", fault.message),
        _ => format!("{}: {}", fault.kind, fault.message),
    }
}
