//! The status bar: where one is, whether one may act, how many sessions, how old the data, how the link is.
//!
//! It shows how often the data is read and not its age, so that an idle screen with unchanged data stays as it is.

use ratatui::layout::Rect;

use crate::{
    core::{
        cloud::is_cloud,
        remote::Remote,
        rights::WriteMode,
        state::{Link, State, Tab},
        table::SessionTable,
    },
    domain::{FaultKind, Text},
    ui::{
        cloud, images,
        pen::{Pen, Piece, piece, pieces_width},
        pods::{self, Room},
        text,
        theme::Role,
        time::{Clock, duration, seconds},
    },
};

/// The least columns that the name of profile and pod keeps.
const LEAST_NAME: usize = 8;

/// Draws the status bar.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, clock: &Clock) {
    pen.tint(area, 0, Role::Status);
    let mut right = measure(state);
    right.extend(governor(state));
    right.extend(link(state));
    // The pods stand beside it and are not counted twice.
    let name = match pods::global_table(state) {
        Some(_) => state.settings.profile.to_string(),
        None => place_name(state),
    };
    // What does not fit is left out, least important first: users, what stands for "as always", words, the sum.
    let mut middle = Vec::new();
    let mut room = 0;
    for detail in Detail::ALL {
        middle = facts(state, clock, detail);
        let taken = pieces_width(&middle) + pieces_width(&right) + 4;
        room = usize::from(area.width).saturating_sub(taken);
        if room >= LEAST_NAME.max(text::width(&name).min(24)) {
            break;
        }
    }
    let name = text::cut_middle(&name, room.max(LEAST_NAME), pen.glyphs.ellipsis()).into_owned();
    let mut left = vec![piece(" ", Role::Status), piece(name, Role::Accent)];
    left.extend(middle);
    right.push(piece(" ", Role::Status));
    pen.line(area, 0, &left, &right);
}

/// How many words the facts have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Detail {
    Least,
    Words,
    /// The sum, but the short word for a simulation.
    Short,
    /// Pods are counted, not named.
    Count,
    /// Without what stands for "as always".
    Unusual,
    Sum,
    Full,
}

impl Detail {
    const ALL: [Self; 7] =
        [Self::Full, Self::Sum, Self::Unusual, Self::Count, Self::Short, Self::Words, Self::Least];
}

/// Profile and pod: `PROD-EMEA / ams1`, or how many pods it is about.
pub(crate) fn place_name(state: &State) -> String {
    let profile = state.settings.profile.as_str();
    if let Some(table) = pods::global_table(state) {
        return format!("{profile} / {} pods", table.pods().len());
    }
    let pod = state.capabilities().map(|capabilities| {
        let pod = capabilities.pod.as_ref().or(capabilities.cluster.as_ref());
        pod.unwrap_or(&capabilities.server)
    });
    match pod.map(Text::as_str) {
        Some(pod) if !pod.is_empty() => format!("{profile} / {pod}"),
        Some(_) | None => profile.to_owned(),
    }
}

/// The letters RW, RO or LOOK: see [`WriteMode`].
pub(crate) fn write_mode(state: &State) -> Piece<'static> {
    let mode = WriteMode::of(state.settings.read_only, state.capabilities());
    let role = if mode == WriteMode::Acts { Role::ReadWrite } else { Role::ReadOnly };
    piece(mode.letters(), role)
}

fn facts(state: &State, clock: &Clock, detail: Detail) -> Vec<Piece<'static>> {
    let mut pieces = vec![piece("  ", Role::Status), write_mode(state)];
    if state.settings.recording {
        pieces.push(piece("  REC", Role::Warning));
    }
    if state.settings.simulated {
        let word = if detail >= Detail::Count { "  SIMULATED" } else { "  SIM" };
        pieces.push(piece(word, Role::Warning));
    }
    let room = match detail {
        Detail::Full | Detail::Sum | Detail::Unusual => Room::Names,
        Detail::Count | Detail::Short | Detail::Words => Room::Count,
        Detail::Least => Room::Least,
    };
    match state.tab {
        Tab::Permissions | Tab::Images | Tab::AppServers if is_cloud(state) => {
            pieces.extend(cloud::totals(state).map(|totals| piece(totals, Role::Status)));
        }
        Tab::Permissions => pieces.extend(permission_totals(state, detail)),
        Tab::Images => {
            pieces.extend(pods::status(state, clock, room));
            pieces.extend(images::totals(state).map(|totals| piece(totals, Role::Status)));
        }
        Tab::AppServers => {}
        Tab::Sessions => {
            pieces.extend(pods::status(state, clock, room));
            if let Some(table) = state.sessions.table.value() {
                pieces.extend(totals(table, detail));
            }
        }
    }
    pieces.extend(data_time(state, clock, detail));
    pieces
}

/// Seconds between two reads of the permissions.
const PERMISSION_SECONDS: u32 = 60;

/// `62 permissions  31 principals  11 roles`.
fn permission_totals(state: &State, detail: Detail) -> Vec<Piece<'static>> {
    let Some((permissions, principals, roles)) = state.permissions.figures() else {
        return Vec::new();
    };
    let words = if detail >= Detail::Words { " permissions" } else { " perm" };
    let mut pieces = vec![piece(format!("  {permissions}{words}"), Role::Status)];
    if detail >= Detail::Sum {
        pieces.push(piece(format!("  {principals} principals"), Role::Status));
    }
    if detail == Detail::Full {
        pieces.push(piece(format!("  {roles} roles"), Role::Muted));
    }
    pieces
}

/// `1842 sess  C 1401  D 431  P 10  ? 2`.
fn totals(table: &SessionTable, detail: Detail) -> Vec<Piece<'static>> {
    let counts = table.counts();
    let mut pieces = Vec::new();
    if detail >= Detail::Short {
        pieces.push(piece(format!("  {} sess", table.len()), Role::Status));
    }
    for (letter, count) in [("C", counts.connected), ("D", counts.disconnected), ("P", counts.pending)] {
        pieces.push(piece(format!("  {letter} {count}"), Role::Status));
    }
    if counts.other > 0 {
        pieces.push(piece(format!("  ? {}", counts.other), Role::Warning));
    }
    if detail == Detail::Full {
        pieces.push(piece(format!("  users {}", counts.users), Role::Muted));
    }
    pieces
}

/// `poll 15s` while the data is as fresh as the polls make it; its time when a poll is late; since when it is old.
fn data_time(state: &State, clock: &Clock, detail: Detail) -> Vec<Piece<'static>> {
    match state.tab {
        Tab::Images if is_cloud(state) => {
            age_of(&state.cloud.servers, state.cloud.servers_interval(), state, clock, detail)
        }
        Tab::Permissions if is_cloud(state) => {
            age_of(&state.cloud.access, state.cloud.access_interval(), state, clock, detail)
        }
        Tab::Images => {
            let interval = state.images.seconds_between_reads();
            age_of(&state.images.book, interval, state, clock, detail)
        }
        Tab::Permissions => age_of(&state.permissions.book, PERMISSION_SECONDS, state, clock, detail),
        Tab::AppServers => {
            age_of(&state.cloud.app_servers, state.cloud.app_servers_interval(), state, clock, detail)
        }
        Tab::Sessions => age_of(&state.sessions.table, state.seconds_between_lists(), state, clock, detail),
    }
}

/// The age of some data that is read every so many seconds.
fn age_of<T>(
    data: &Remote<T>,
    interval: u32,
    state: &State,
    clock: &Clock,
    detail: Detail,
) -> Vec<Piece<'static>> {
    let label = if detail > Detail::Least { "  data " } else { "  " };
    match data {
        // The age itself would change with every poll, and an unchanged list must not cost a byte.
        Remote::Loaded { at, .. } if seconds(*at, state.now) <= 2 * i64::from(interval) => {
            if detail < Detail::Sum {
                return Vec::new();
            }
            vec![piece(format!("  poll {interval}s"), Role::Muted)]
        }
        Remote::Loaded { at, .. } => vec![piece(format!("{label}{}", clock.time(*at)), Role::Warning)],
        Remote::Stale { at, .. } => {
            let age = duration(seconds(*at, state.now));
            vec![piece("  ", Role::Status), piece(format!("STALE {age}"), Role::Stale)]
        }
        Remote::Failed { .. } => vec![piece("  NO DATA", Role::Danger)],
        Remote::NotAsked | Remote::Loading => Vec::new(),
    }
}

/// Fewer waiting requests than these are an ordinary poll and not worth a place.
const MANY_WAITING: usize = 10;

/// What holds requests up, most serious first: `brk` when servers were given up, `429 9s` while one asked for patience,
/// `pace 3s` while its known limit is kept, `gov 2/8` when there are fewer places than usual, or how many requests wait.
/// What was written to the terminal, where it is to be shown.
fn measure(state: &State) -> Vec<Piece<'static>> {
    let Some(measure) = state.measure else { return Vec::new() };
    let shown = measure.shown_after_ms.map_or_else(|| "?".to_owned(), |ms| ms.to_string());
    let words =
        format!("{} frames {} B, last {} B {shown} ms  ", measure.frames, measure.bytes, measure.last);
    vec![piece(words, Role::Muted)]
}

fn governor(state: &State) -> Vec<Piece<'static>> {
    let pressure = &state.pressure;
    let (words, role) = if pressure.given_up() > 0 {
        match pressure.servers.len() {
            1 => ("brk".to_owned(), Role::Danger),
            all => (format!("brk {}/{all}", pressure.given_up()), Role::Warning),
        }
    } else if let Some(until) = pressure.held_until(state.now) {
        let word = if pressure.is_told(state.now) { "429" } else { "pace" };
        (format!("{word} {}", duration(seconds(state.now, until))), Role::Warning)
    } else if let Some(server) = pressure.narrowest() {
        (format!("gov {}/{}", server.limit, server.most), Role::Muted)
    } else if pressure.waiting >= MANY_WAITING {
        (format!("wait {}", pressure.waiting), Role::Muted)
    } else {
        return Vec::new();
    };
    vec![piece(words, role), piece("  ", Role::Status)]
}

/// How the link is. `OK` means that the server just answered everything: it never stands beside a wait or before the
/// first answer, nor while something is old, on this tab or another one.
fn link(state: &State) -> Option<Piece<'static>> {
    let events_lost = state.events.fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::Unreachable);
    match (&state.link, &state.sessions.table) {
        (Link::Connecting, _) => Some(piece("connecting", Role::Warning)),
        (Link::Up(_), Remote::Stale { .. } | Remote::Failed { .. }) => Some(piece("ERR", Role::Danger)),
        (Link::Up(_), _) if events_lost => Some(piece("ERR", Role::Danger)),
        (Link::Up(_), Remote::NotAsked | Remote::Loading) => Some(piece("...", Role::Muted)),
        (Link::Up(_), Remote::Loaded { .. }) if state.sessions.growing => Some(piece("...", Role::Muted)),
        (Link::Up(_), Remote::Loaded { .. }) if state.pressure.held_until(state.now).is_some() => None,
        (Link::Up(_), Remote::Loaded { .. }) => Some(what_is_old(state)),
    }
}

/// `FRA1 STALE`, `images STALE +1`, `OLD` where this tab says itself what is old; else `OK`.
fn what_is_old(state: &State) -> Piece<'static> {
    let mut hidden: Vec<String> = Vec::new();
    let mut shown = false;
    for pod in pods::global_table(state).into_iter().flat_map(SessionTable::silent_pods) {
        if state.tab == Tab::Permissions {
            hidden.push(format!("{} {}", pod.name, pods::standing(pod).0));
        } else {
            shown = true;
        }
    }
    let books = if is_cloud(state) {
        vec![
            (Tab::Permissions, "app groups", trouble_of(&state.cloud.access)),
            (Tab::Images, "image servers", trouble_of(&state.cloud.servers)),
            (Tab::AppServers, "app servers", trouble_of(&state.cloud.app_servers)),
        ]
    } else {
        vec![
            (Tab::Permissions, "permissions", trouble_of(&state.permissions.book)),
            (Tab::Images, "images", trouble_of(&state.images.book)),
        ]
    };
    for (tab, name, trouble) in books {
        match trouble {
            Some(_) if tab == state.tab => shown = true,
            Some(word) => hidden.push(format!("{name} {word}")),
            None => {}
        }
    }
    // What is wrong with what is shown comes before what is wrong elsewhere.
    if is_cloud(state) && is_refused(state) {
        return piece("NOT PERMITTED", Role::Danger);
    }
    match hidden.split_first() {
        Some((first, [])) => piece(first.clone(), Role::Stale),
        Some((first, rest)) => piece(format!("{first} +{}", rest.len()), Role::Stale),
        None if shown => piece("OLD", Role::Stale),
        None => piece("OK", Role::Success),
    }
}

/// Whether the list of Workspace that is shown was refused.
fn is_refused(state: &State) -> bool {
    let fault = match state.tab {
        Tab::Sessions => state.sessions.table.fault(),
        Tab::Permissions => state.cloud.access.fault(),
        Tab::Images => state.cloud.servers.fault(),
        Tab::AppServers => state.cloud.app_servers.fault(),
    };
    fault.is_some_and(|fault| fault.kind == FaultKind::InsufficientPermission)
}

/// What is wrong with some data that was asked for. That it may not be seen, or is not there, is an answer.
fn trouble_of<T>(data: &Remote<T>) -> Option<&'static str> {
    let answered = [
        FaultKind::InsufficientPermission,
        FaultKind::NotConfigured,
        FaultKind::NotInRelease,
        FaultKind::EntityNotFound,
    ];
    match data {
        Remote::Stale { .. } => Some("STALE"),
        Remote::Failed { why, .. } if !answered.contains(&why.kind) => Some("NO DATA"),
        Remote::Failed { .. } | Remote::Loaded { .. } | Remote::NotAsked | Remote::Loading => None,
    }
}
