//! The lists that only Workspace has: image servers, and app groups with who may use them. On wide screens everything
//! about the one under the cursor stands beside the list.

#[cfg(test)]
mod app_server_tests;
mod rows;
#[cfg(test)]
mod tests;

use ratatui::layout::Rect;

use super::{
    chrome::draw_old_data,
    layout::Layout,
    pen::{Pen, Piece, piece},
    sheets::draw_cloud_panel,
    table::{draw_message, fault_lines},
    text::counted,
    theme::Role,
    time::Clock,
};
use crate::{
    core::{
        cloud::CloudList,
        command::{Command, Context},
        remote::Remote,
        rows::GUTTER,
        state::{Link, PromptKind, State, Tab},
    },
    domain::{AppServer, Fault, FaultKind},
};

pub(super) use rows::{app_server_role, drain_role, moment, status_role};

/// What the parts of a list that hold for all of them are made from.
struct Shown<'a> {
    context: Context,
    prompt: PromptKind,
    /// What it is a list of.
    what: (&'static str, &'static str),
    filter: &'a str,
    error: Option<String>,
    /// Rows that are shown, and all.
    counts: Option<(usize, usize)>,
    complete: bool,
    unreadable: usize,
    data: Data<'a>,
}

/// How the data is, whatever is in it.
enum Data<'a> {
    Waiting,
    There,
    Old(jiff::Timestamp, &'a Fault),
    Failed(&'a Fault),
}

fn data<T>(remote: &Remote<T>) -> Data<'_> {
    match remote {
        Remote::NotAsked | Remote::Loading => Data::Waiting,
        Remote::Loaded { .. } => Data::There,
        Remote::Stale { at, why, .. } => Data::Old(*at, why),
        Remote::Failed { why, .. } => Data::Failed(why),
    }
}

impl<'a> Shown<'a> {
    fn of(state: &'a State) -> Self {
        let cloud = &state.cloud;
        if state.tab == Tab::Images {
            let list = cloud.servers.value();
            let view = &cloud.servers_view;
            return Self {
                context: Context::ImageServers,
                prompt: PromptKind::ImageFilter,
                what: ("image server", "image servers"),
                filter: &view.filter,
                error: view.filter_error.as_ref().map(|error| error.message.to_string()),
                counts: list.map(|list| (cloud.shown_servers().len(), list.rows.len())),
                complete: list.is_some_and(|list| list.complete),
                unreadable: list.map_or(0, |list| list.unreadable),
                data: data(&cloud.servers),
            };
        }
        if state.tab == Tab::AppServers {
            let list = cloud.app_servers.value();
            let view = &cloud.app_servers_view;
            return Self {
                context: Context::AppServers,
                prompt: PromptKind::AppServerFilter,
                what: ("app server", "app servers"),
                filter: &view.filter,
                error: view.filter_error.as_ref().map(|error| error.message.to_string()),
                counts: list.map(|list| (cloud.shown_app_servers().len(), list.rows.len())),
                complete: list.is_some_and(|list| list.complete),
                unreadable: list.map_or(0, |list| list.unreadable),
                data: data(&cloud.app_servers),
            };
        }
        let book = cloud.access.value();
        let view = &cloud.access_view;
        Self {
            context: Context::AppGroups,
            prompt: PromptKind::PermissionFilter,
            what: ("app group", "app groups"),
            filter: &view.filter,
            error: view.filter_error.as_ref().map(|error| error.message.to_string()),
            counts: book.map(|book| (cloud.shown_access().len(), book.lines_in_all())),
            complete: book.is_some_and(|book| book.complete),
            unreadable: book.map_or(0, |book| book.unreadable),
            data: data(&cloud.access),
        }
    }
}

/// Draws the tab of image servers, of app groups or of app servers.
pub(super) fn draw(pen: &mut Pen<'_>, areas: &Layout, state: &State, clock: &Clock) {
    let shown = Shown::of(state);
    draw_filter(pen, areas.filter, state, &shown);
    if let Data::Old(at, why) = &shown.data {
        draw_old_data(pen, areas.band, &clock.time(*at), why, &state.key(shown.context, Command::Refresh));
    }
    if areas.table.height == 0 {
        return;
    }
    if shown.counts.is_none_or(|(rows, _)| rows == 0) {
        draw_absence(pen, areas.table, state, &shown);
    } else {
        let width = areas.table.width.saturating_sub(GUTTER);
        rows::draw(pen, areas.header, areas.table, state, clock, width);
    }
    draw_cloud_panel(pen, areas.panel, state, clock);
}

/// Draws the filter and how much of the list it shows.
fn draw_filter(pen: &mut Pen<'_>, area: Rect, state: &State, shown: &Shown<'_>) {
    let typing = state.prompt.as_ref().filter(|prompt| prompt.kind == shown.prompt);
    let filter = typing.map_or(shown.filter, |prompt| prompt.input.text());
    let role = if shown.error.is_some() { Role::Danger } else { Role::Input };
    let mut left = vec![piece(" / ", Role::Muted), piece(filter, role)];
    let mut right: Vec<Piece<'_>> = Vec::new();
    if let Some(error) = &shown.error {
        // While it is typed, the mistake stands above the line being typed, with its place.
        if typing.is_none() {
            left.push(piece(format!("  {error}"), Role::Danger));
        }
        right.push(piece("no rows hidden  ", Role::Warning));
    }
    if let Some((rows, all)) = shown.counts {
        right.push(piece(format!("{rows} of {all}"), Role::Text));
        right.push(match (shown.complete, &shown.data) {
            (true, Data::Old(..)) => piece("  OLD", Role::Stale),
            (true, _) => piece("  complete", Role::Muted),
            (false, Data::Old(..)) => piece("  OLD, PARTIAL", Role::Stale),
            (false, _) => piece("  PARTIAL", Role::Stale),
        });
        if shown.unreadable > 0 {
            right.push(piece(format!("  {} unreadable", shown.unreadable), Role::Warning));
        }
    }
    right.push(piece(" ", Role::Text));
    pen.line(area, 0, &left, &right);
}

/// Says why there is no row, and what to do.
fn draw_absence(pen: &mut Pen<'_>, area: Rect, state: &State, shown: &Shown<'_>) {
    let (one, many) = shown.what;
    let refresh = state.key(shown.context, Command::Refresh);
    let again = format!("{refresh} tries again");
    let lines: Vec<(String, Role)> = match (&shown.data, shown.counts) {
        (Data::Waiting, _) if matches!(state.link, Link::Connecting) => {
            vec![(format!("CONNECTING TO {}", state.settings.profile), Role::Heading)]
        }
        (Data::Failed(why), _) => {
            let refused = why.kind == FaultKind::InsufficientPermission;
            let title = format!("THE {} COULD NOT BE READ", many.to_uppercase());
            let mut lines = fault_lines(if refused { "NOT PERMITTED" } else { &title }, why);
            if !why.ends_credentials() {
                lines.push((again, Role::Muted));
            }
            lines
        }
        (Data::There | Data::Old(..), Some((_, all))) if all > 0 => {
            let back = state.key(shown.context, Command::Back);
            vec![
                ("NOTHING MATCHES".to_owned(), Role::Heading),
                (format!("none of {} is shown", counted(all, "row", "rows")), Role::Text),
                (format!("{back} {back} clears the filter"), Role::Muted),
            ]
        }
        (Data::There | Data::Old(..), _) => {
            let whole = shown.complete && shown.unreadable == 0;
            let why = if whole {
                "The project has none.".to_owned()
            } else {
                format!("parts of the answer could not be read; there may be {one}s")
            };
            vec![
                (format!("NO {}", many.to_uppercase()), Role::Heading),
                (why, Role::Text),
                (format!("{refresh} reads the list again"), Role::Muted),
            ]
        }
        (Data::Waiting, _) => {
            vec![("LOADING".to_owned(), Role::Heading), (format!("reading the {many}"), Role::Text)]
        }
    };
    let lines: Vec<(&str, Role)> = lines.iter().map(|(words, role)| (words.as_str(), *role)).collect();
    draw_message(pen, area, &lines);
}

/// What the status bar says: `6 image servers`, `8 app groups  41 authorizations`.
pub(super) fn totals(state: &State) -> Option<String> {
    if state.tab == Tab::Images {
        let list = state.cloud.servers.value()?;
        return Some(format!("  {}", counted(list.rows.len(), "image server", "image servers")));
    }
    if state.tab == Tab::AppServers {
        return Some(app_server_totals(state.cloud.app_servers.value()?));
    }
    let book = state.cloud.access.value()?;
    Some(format!(
        "  {}  {}",
        counted(book.groups.len(), "app group", "app groups"),
        counted(book.authorizations.len(), "authorization", "authorizations")
    ))
}

/// `48 app servers  3 draining  12 sessions left`.
fn app_server_totals(list: &CloudList<AppServer>) -> String {
    let mut words = format!("  {}", counted(list.rows.len(), "app server", "app servers"));
    let draining: Vec<&AppServer> = list
        .rows
        .iter()
        .filter(|server| server.maintenance == Some(true) && server.sessions != Some(0))
        .collect();
    if !draining.is_empty() {
        let known: i64 = draining.iter().filter_map(|server| server.sessions).sum();
        let uncounted = draining.iter().filter(|server| server.sessions.is_none()).count();
        let left = match uncounted {
            0 => known.to_string(),
            all if all == draining.len() => "?".to_owned(),
            _ => format!("{known}+?"),
        };
        let left = format!("  {} draining, {left} left", draining.len());
        words.push_str(&left);
    }
    words
}

/// What the tabs line says: marks, and how many builds run.
pub(super) fn tab_facts(state: &State) -> Vec<Piece<'static>> {
    let mut facts = Vec::new();
    let (marked, hidden) = marks(state);
    if marked > 0 {
        facts.push(piece(format!("marked {marked}"), Role::Mark));
        if hidden > 0 {
            facts.push(piece(format!(" ({hidden} hidden)"), Role::Warning));
        }
        facts.push(piece("   ", Role::Text));
    }
    facts.extend(build_facts(state));
    facts
}

/// How many builds run, with a `?` where there may be more; nothing when none does.
pub(super) fn build_facts(state: &State) -> Option<Piece<'static>> {
    let builds = &state.cloud.builds;
    let running = builds.running();
    if state.refusal().is_some() || builds.may_be_more() {
        let known = if state.refusal().is_some() { "?".to_owned() } else { builds.running_words() };
        return Some(piece(format!("{known} builds   "), Role::Warning));
    }
    (running > 0).then(|| piece(format!("{}   ", counted(running, "build", "builds")), Role::Accent))
}

/// How many rows are marked on the tab, and how many of these the filter hides.
fn marks(state: &State) -> (usize, usize) {
    match state.tab {
        Tab::Permissions => {
            let marks = &state.cloud.access_view.marks;
            let shown = state.cloud.shown_access();
            let hidden = marks.iter().filter(|row| !shown.iter().any(|line| line.row() == **row));
            (marks.len(), hidden.count())
        }
        Tab::AppServers => {
            let marks = &state.cloud.app_servers_view.marks;
            let shown = state.cloud.shown_app_servers();
            let hidden = marks.iter().filter(|id| !shown.iter().any(|server| server.id == **id));
            (marks.len(), hidden.count())
        }
        Tab::Sessions | Tab::Images => (0, 0),
    }
}
