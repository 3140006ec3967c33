//! Everything about an image server, an app group or an authorization; and the list of builds.

use ratatui::layout::Rect;

use crate::{
    core::{
        cloud::{
            AccessRow, Build, CloudSheet, account_kind, columns_of, drain_words, machine_words, os_words,
            took,
        },
        remote::Remote,
        state::{State, Tab},
    },
    domain::{
        AppGroup, AppServer, AppServerId, Authorization, CloudJobId, CloudJobStatus, ImageJob, ImageServer,
        ImageServerId, Text,
    },
    ui::{
        cloud::{app_server_role, drain_role, moment, status_role},
        pen::{Pen, piece},
        table::{draw_message, fault_lines},
        text::{self, counted},
        theme::Role,
        time::{Clock, duration},
    },
};

use super::{
    page::{Line, draw_page, wrapped},
    sheet::{Sheet, cells, first_around, part_of},
};

/// Columns of the labels.
const LABEL: usize = 18;
/// Lines below the builds that tell everything about the chosen one, with the rule above them.
const FOOT: u16 = 7;
/// The least builds that are seen above them.
const LEAST_BUILDS: u16 = 3;

/// Draws a sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, open: &CloudSheet, clock: &Clock) {
    match open {
        CloudSheet::Server { server, scroll } => {
            let known = state.cloud.server(server);
            let name = known.map_or_else(|| Text::clean(server.raw()), ImageServer::label);
            let title = [piece("IMAGE SERVER  ", Role::Accent), piece(name.to_string(), Role::Heading)];
            let fault = state.cloud.servers.fault().is_some();
            let read_at = state.cloud.servers.read_at();
            let time = read_at.map(|at| clock.time(at));
            let sheet = Sheet::open(pen, state, &title, time.as_deref());
            let lines = server_lines(state, server, sheet.body.width, clock);
            let part = draw_page(pen, sheet.body, &lines, *scroll);
            sheet.close(pen, state, None, if fault { "OLD DATA" } else { "" }, &part);
        }
        CloudSheet::Access { row, scroll } => {
            let title = [piece(access_title(state, row), Role::Accent)];
            let time = state.cloud.access.read_at().map(|at| clock.time(at));
            let fault = state.cloud.access.fault().is_some();
            let sheet = Sheet::open(pen, state, &title, time.as_deref());
            let lines = access_lines(state, row, sheet.body.width, clock);
            let part = draw_page(pen, sheet.body, &lines, *scroll);
            sheet.close(pen, state, None, if fault { "OLD DATA" } else { "" }, &part);
        }
        CloudSheet::AppServer { server, scroll } => {
            let known = state.cloud.app_server(server);
            let name = known.map_or_else(|| Text::clean(server.raw()), AppServer::label);
            let title = [piece("APP SERVER  ", Role::Accent), piece(name.to_string(), Role::Heading)];
            let time = state.cloud.app_servers.read_at().map(|at| clock.time(at));
            let fault = state.cloud.app_servers.fault().is_some();
            let sheet = Sheet::open(pen, state, &title, time.as_deref());
            let lines = app_server_lines(state, server, sheet.body.width, clock);
            let part = draw_page(pen, sheet.body, &lines, *scroll);
            sheet.close(pen, state, None, if fault { "OLD DATA" } else { "" }, &part);
        }
        CloudSheet::Build { job, scroll } => {
            let title = [piece("IMAGE BUILD  ", Role::Accent), piece(job.to_string(), Role::Heading)];
            let time = state.cloud.builds.read_at().map(|at| clock.time(at));
            let sheet = Sheet::open(pen, state, &title, time.as_deref());
            let lines = build_lines(state, job, sheet.body.width, clock);
            let part = draw_page(pen, sheet.body, &lines, *scroll);
            sheet.close(pen, state, None, "", &part);
        }
        CloudSheet::Builds { chosen } => draw_builds(pen, state, chosen.as_ref(), clock),
    }
}

/// Everything about what is under the cursor, beside the list.
pub(crate) fn draw_panel(pen: &mut Pen<'_>, area: Rect, state: &State, clock: &Clock) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    pen.wall(area, Role::Border);
    let inside = Rect { x: area.x + 2, width: area.width.saturating_sub(3), ..area };
    let width = inside.width;
    let lines = match state.tab {
        Tab::Images => {
            let cursor = state.cloud.servers_view.cursor.as_ref();
            cursor.map(|id| server_lines(state, id, width, clock))
        }
        Tab::AppServers => {
            let cursor = state.cloud.app_servers_view.cursor.as_ref();
            cursor.map(|id| app_server_lines(state, id, width, clock))
        }
        Tab::Permissions | Tab::Sessions => {
            let cursor = state.cloud.access_view.cursor.as_ref();
            cursor.map(|row| access_lines(state, row, width, clock))
        }
    };
    match lines {
        Some(lines) => drop(draw_page(pen, inside, &lines, 0)),
        None => {
            pen.text(inside, inside.x, 0, "nothing under the cursor", Role::Muted);
        }
    }
}

/// A field: what it is, and its value or `?`.
fn field(lines: &mut Vec<Line>, label: &str, value: Option<String>, width: u16) {
    field_as(lines, label, value, Role::Text, width);
}

fn field_as(lines: &mut Vec<Line>, label: &str, value: Option<String>, role: Role, width: u16) {
    let room = usize::from(width).saturating_sub(LABEL).max(8);
    let (value, role) = value.map_or(("?".to_owned(), Role::Disabled), |value| (value, role));
    for (place, part) in text::wrap(&value, room).into_iter().enumerate() {
        let label = text::left(if place == 0 { label } else { "" }, LABEL, "");
        lines.push(Line::new(vec![piece(label, Role::Muted), piece(part.trim_end().to_owned(), role)]));
    }
}

fn said(text: Option<&Text>) -> Option<String> {
    text.map(ToString::to_string)
}

fn gone() -> Vec<Line> {
    vec![Line::of("GONE: it is not in the newest list any more.", Role::Warning)]
}

fn server_lines(state: &State, id: &ImageServerId, width: u16, clock: &Clock) -> Vec<Line> {
    let Some(server) = state.cloud.server(id) else { return gone() };
    let [name, status, kind, image, account] = columns_of(server);
    let mut lines = Vec::new();
    let all = &mut lines;
    field(all, "Name", name, width);
    field_as(all, "Status", status, status_role(server.status.as_ref()), width);
    field(
        all,
        "Description",
        Some(said(server.description.as_ref()).unwrap_or_else(|| "none told".to_owned())),
        width,
    );
    field(all, "Source image type", kind, width);
    field(all, "Source image", said(server.source.id.as_ref()), width);
    field(all, "Image last built", Some(image.unwrap_or_else(|| "none told".to_owned())), width);
    field(all, "Account", account, width);
    field(all, "Made", moment(server.created_at.as_ref(), |at| clock.full(at)), width);
    field(all, "Updated", moment(server.updated_at.as_ref(), |at| clock.full(at)), width);
    all.push(Line::blank());
    field(all, "Id", Some(server.id.to_string()), width);
    field(all, "App server", server.app_server_id.as_ref().map(ToString::to_string), width);
    field(all, "Machine", said(server.instance_id.as_ref()), width);
    field(all, "Server group", server.server_group_id.as_ref().map(ToString::to_string), width);
    field(all, "App group", server.app_group_id.as_ref().map(ToString::to_string), width);
    let builds = state.cloud.builds.rows.iter();
    let here: Vec<&Build> =
        builds.filter(|build| build.asked.as_ref().is_some_and(|asked| asked.server == *id)).collect();
    if !here.is_empty() {
        lines.push(Line::blank());
        lines.push(Line::of("BUILDS ORDERED FROM HERE", Role::Heading));
        for build in here {
            let name = build.image().map_or_else(|| "?".to_owned(), ToString::to_string);
            let began = build.began_at().map_or_else(|| "?".to_owned(), |at| clock.day(at));
            lines.extend(wrapped("  ", &format!("{began}  {}  {name}", build.word()), role(build), width));
        }
    }
    lines
}

fn app_server_lines(state: &State, id: &AppServerId, width: u16, clock: &Clock) -> Vec<Line> {
    let Some(server) = state.cloud.app_server(id) else { return gone() };
    let mut lines = Vec::new();
    let all = &mut lines;
    let none = || "none told".to_owned();
    field(all, "Name", said(server.name.as_ref()), width);
    field(all, "Machine", said(server.machine_name.as_ref()), width);
    field(all, "Group", said(server.server_group_name.as_ref()), width);
    field(all, "Description", Some(said(server.description.as_ref()).unwrap_or_else(none)), width);
    let status = server.status.as_ref();
    field_as(all, "Status", status.map(ToString::to_string), app_server_role(status), width);
    field(all, "Machine is", machine_words(server), width);
    field_as(all, "Maintenance", drain_words(server), drain_role(server), width);
    field(all, "Sessions", server.sessions.map(|count| count.to_string()), width);
    field(all, "System", os_words(server), width);
    field(all, "Domain", said(server.domain.as_ref()), width);
    let addresses: Vec<&str> = server.addresses.iter().map(Text::as_str).collect();
    field(all, "Addresses", (!addresses.is_empty()).then(|| addresses.join(" ")), width);
    field(all, "Made", moment(server.created_at.as_ref(), |at| clock.full(at)), width);
    field(all, "Updated", moment(server.updated_at.as_ref(), |at| clock.full(at)), width);
    all.push(Line::blank());
    field(all, "Id", Some(server.id.to_string()), width);
    field(all, "Server group", server.server_group_id.as_ref().map(ToString::to_string), width);
    field(all, "Image", said(server.image_id.as_ref()), width);
    field(all, "Instance", said(server.instance_id.as_ref()), width);
    let job = server.job_id.as_ref().map(|id| {
        let words = [server.job_kind.as_ref(), server.job_status.as_ref()];
        let words: Vec<&str> = words.into_iter().flatten().map(Text::as_str).collect();
        format!("{} {id}", words.join(" "))
    });
    field(all, "Last job", Some(job.unwrap_or_else(none)), width);
    lines
}

fn access_title(state: &State, row: &AccessRow) -> String {
    let book = state.cloud.access.value();
    match row {
        AccessRow::Group(id) => {
            let name = book.map_or_else(|| Text::clean(id.raw()), |book| book.group_label(id));
            format!("APP GROUP  {name}")
        }
        AccessRow::Authorization(id) => {
            let known = book.and_then(|book| book.authorization(id));
            let name = known.and_then(|one| one.account.clone()).unwrap_or_else(|| Text::clean(id.raw()));
            format!("AUTHORIZATION  {name}")
        }
    }
}

fn access_lines(state: &State, row: &AccessRow, width: u16, clock: &Clock) -> Vec<Line> {
    let Some(book) = state.cloud.access.value() else { return gone() };
    match row {
        AccessRow::Group(id) => book.group(id).map_or_else(gone, |group| {
            let mut lines = group_lines(group, width, clock);
            let who: Vec<String> = book
                .of_group(id)
                .map(|one| {
                    let kind = account_kind(one.account_kind.as_ref()).unwrap_or_else(|| "?".to_owned());
                    let name = one.account.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string);
                    format!("{kind} {name}")
                })
                .collect();
            lines.push(Line::blank());
            lines.push(Line::of("WHO MAY USE IT", Role::Heading));
            if who.is_empty() {
                let words = if book.complete { "nobody" } else { "? (not all could be read)" };
                lines.push(Line::of(format!("  {words}"), Role::Muted));
            }
            lines.extend(who.iter().flat_map(|words| wrapped("  ", words, Role::Text, width)));
            lines
        }),
        AccessRow::Authorization(id) => book.authorization(id).map_or_else(gone, |one| {
            let group = one.app_group_id.as_ref().map(|id| book.group_label(id).to_string());
            authorization_lines(one, group, width, clock)
        }),
    }
}

fn group_lines(group: &AppGroup, width: u16, clock: &Clock) -> Vec<Line> {
    let mut lines = Vec::new();
    let all = &mut lines;
    field(all, "Name", said(group.name.as_ref()), width);
    field(
        all,
        "Description",
        Some(said(group.description.as_ref()).unwrap_or_else(|| "none told".to_owned())),
        width,
    );
    field(all, "Kind", group.kind.as_ref().map(ToString::to_string), width);
    field(all, "Applications", group.apps.map(|apps| apps.to_string()), width);
    field(all, "Server group", said(group.server_group_name.as_ref()), width);
    field(all, "Authorized as", said(group.authorization_type.as_ref()), width);
    field(all, "Made", moment(group.created_at.as_ref(), |at| clock.full(at)), width);
    field(all, "Id", Some(group.id.to_string()), width);
    lines
}

fn authorization_lines(one: &Authorization, group: Option<String>, width: u16, clock: &Clock) -> Vec<Line> {
    let mut lines = Vec::new();
    let all = &mut lines;
    field(all, "Account", said(one.account.as_ref()), width);
    field(all, "Kind", account_kind(one.account_kind.as_ref()), width);
    field(all, "Domain", said(one.domain.as_ref()), width);
    field(all, "Kept in", one.platform.as_ref().map(ToString::to_string), width);
    field(all, "May use", group, width);
    field(all, "Since", moment(one.created_at.as_ref(), |at| clock.full(at)), width);
    field(all, "Account id", said(one.account_id.as_ref()), width);
    field(all, "Id", Some(one.id.to_string()), width);
    lines
}

/// How a build looks; its word says the same.
fn role(build: &Build) -> Role {
    match build.status() {
        _ if build.gone => Role::Warning,
        Some(CloudJobStatus::Success) => Role::Success,
        Some(CloudJobStatus::Failed) => Role::Danger,
        Some(_) => Role::Accent,
        None => Role::Warning,
    }
}

/// Draws the builds: the newest first, everything about the chosen one below.
fn draw_builds(pen: &mut Pen<'_>, state: &State, chosen: Option<&CloudJobId>, clock: &Clock) {
    let builds = &state.cloud.builds;
    let running = match state.refusal() {
        // They go on, and nobody looks.
        Some(_) => format!("? running ({} when last seen)", builds.running()),
        None => format!("{} running", builds.running_words()),
    };
    let title = [piece("IMAGE BUILDS  ", Role::Accent), piece(running, Role::Muted)];
    let time = builds.read_at().map(|at| clock.time(at));
    let sheet = Sheet::open(pen, state, &title, time.as_deref());
    if builds.rows.is_empty()
        && let Some(why) = builds.list.fault()
    {
        let mut lines = fault_lines("THE BUILDS COULD NOT BE READ", why);
        lines.extend(asked_again(state, clock).map(|words| (words, Role::Muted)));
        let lines: Vec<(&str, Role)> = lines.iter().map(|(words, role)| (words.as_str(), *role)).collect();
        draw_message(pen, sheet.body, &lines);
        return sheet.close(pen, state, None, "", "");
    }
    let body = sheet.body;
    let cursor = chosen.and_then(|job| builds.rows.iter().position(|build| build.job == *job)).unwrap_or(0);
    let foot = if body.height > FOOT + LEAST_BUILDS + 1 && !builds.rows.is_empty() { FOOT } else { 0 };
    let ellipsis = pen.glyphs.ellipsis();
    let widths = widths(body.width);
    let titles = ["IMAGE", "SERVER", "STATUS", "PART", "AGE", "TOOK", "REASON"];
    let row = |cells_of: &[String]| {
        let columns: Vec<(&str, usize)> =
            cells_of.iter().map(String::as_str).zip(widths).filter(|(_, width)| *width > 0).collect();
        cells(&columns, ellipsis)
    };
    pen.line(body, 0, &[piece(format!(" {}", row(&titles.map(str::to_owned))), Role::Heading)], &[]);
    let told = above(state, body.width, clock);
    for (line, told) in (1..).zip(&told) {
        told.draw(pen, body, line);
    }
    let head = 1 + told.len() as u16;
    let height = usize::from(body.height.saturating_sub(head + foot));
    let first = first_around(cursor, height);
    for (line, (place, build)) in (head..).zip(builds.rows.iter().enumerate().skip(first).take(height)) {
        let mark = piece(if place == cursor { ">" } else { " " }, Role::Accent);
        pen.line(body, line, &[mark, piece(row(&columns(state, build)), role(build))], &[]);
        if place == cursor {
            pen.tint(body, line, Role::Selection);
        }
    }
    if let Some(build) = builds.rows.get(cursor).filter(|_| foot > 0) {
        let area = Rect { y: body.bottom().saturating_sub(foot), height: foot, ..body };
        draw_foot(pen, area, state, build, clock);
    }
    sheet.close(pen, state, None, "", &part_of(first, height, builds.rows.len()));
}

/// Image, server, status, status of the part, age, duration, reason.
fn widths(width: u16) -> [usize; 7] {
    let width = usize::from(width).saturating_sub(1);
    let (server, part, reason) = match width {
        96.. => (18, 8, 24),
        75..96 => (16, 8, 0),
        _ => (12, 0, 0),
    };
    let fixed = [server, 8, part, 6, 7, reason];
    let taken: usize = fixed.iter().filter(|width| **width > 0).map(|width| width + 1).sum();
    [width.saturating_sub(taken), server, 8, part, 6, 7, reason]
}

fn columns(state: &State, build: &Build) -> [String; 7] {
    let unknown = || "?".to_owned();
    let part = build.part().and_then(|part| part.status.as_ref());
    let age = build.began_at().map(|at| duration((state.now.as_second() - at.as_second()).max(0)));
    [
        build.image().map_or_else(unknown, ToString::to_string),
        build.server_words(),
        build.word().to_owned(),
        part.map_or_else(unknown, ToString::to_string),
        age.unwrap_or_else(unknown),
        build.seconds(state.now).map_or_else(unknown, took),
        build.error().map_or_else(String::new, |why| why.to_string()),
    ]
}

/// The most lines that are said above the builds.
const MOST_ABOVE: usize = 3;

/// What is to be known of the list beside its builds.
fn above(state: &State, width: u16, clock: &Clock) -> Vec<Line> {
    let builds = &state.cloud.builds;
    let (words, role) = match (&builds.list, state.refusal()) {
        (_, Some(why)) => (format!("NOTHING IS SENT ANY MORE: {}", why.message), Role::Danger),
        (Remote::NotAsked | Remote::Loading, _) => ("reading the builds ...".to_owned(), Role::Muted),
        (Remote::Failed { why, .. }, _) => {
            let again = asked_again(state, clock).map(|words| format!("; {words}")).unwrap_or_default();
            (
                format!("the other builds could not be read{again}: {}: {}", why.kind, why.message),
                Role::Danger,
            )
        }
        (Remote::Stale { why, .. }, _) => {
            let again = asked_again(state, clock).map(|words| format!("; {words}")).unwrap_or_default();
            (format!("OLD LIST{again}: {}: {}", why.kind, why.message), Role::Stale)
        }
        (Remote::Loaded { value: false, .. }, _) => {
            ("PARTIAL: not all builds could be read".to_owned(), Role::Stale)
        }
        (Remote::Loaded { .. }, _) if builds.rows.is_empty() => {
            ("no image was built in this project, as far as the cloud remembers".to_owned(), Role::Muted)
        }
        (Remote::Loaded { .. }, _) => return Vec::new(),
    };
    let mut lines = wrapped(" ", &words, role, width);
    lines.truncate(MOST_ABOVE);
    lines
}

/// When the list is asked for again, if it is.
fn asked_again(state: &State, clock: &Clock) -> Option<String> {
    let next = state.cloud.builds.poll.next_at.filter(|_| state.refusal().is_none())?;
    Some(format!("asked again at {}", clock.time(next)))
}

/// Where a build runs, as far as it is known.
fn on_server(build: &Build, clock: &Clock) -> String {
    match (build.server(), &build.perhaps) {
        (Some(server), _) => format!("on {server}"),
        (None, Some(asked)) => format!(
            "perhaps on {}: an order of this name from here has no answer on record ({})",
            asked.server_label(),
            clock.day(asked.at)
        ),
        (None, None) => "on an unknown server: nothing on record here ordered it".to_owned(),
    }
}

/// When it is looked at next, and that nobody can stop it.
fn course_of(state: &State, build: &Build, clock: &Clock) -> String {
    let next = match (state.refusal(), build.next_at) {
        (Some(_), _) => "not looked at any more: nothing is sent".to_owned(),
        (None, Some(at)) => format!("looked at next {}", clock.time(at)),
        (None, None) => "being looked at".to_owned(),
    };
    let parts = build.seen.as_ref().and_then(|job| job.sub_jobs.as_ref()).map_or(0, Vec::len);
    let parts = if parts > 1 { format!("   {}", counted(parts, "part", "parts")) } else { String::new() };
    format!("{next}{parts}   it cannot be cancelled")
}

/// What the last look came to, where that is worth a word.
fn look_lines(build: &Build, width: u16) -> Vec<Line> {
    if build.gone {
        let words = "the cloud does not know this job any more: what became of it shows in its image server";
        return wrapped("", words, Role::Warning, width);
    }
    // That nothing is sent any more is said of all of them.
    let Some(fault) = build.fault.as_ref().filter(|fault| !fault.ends_credentials()) else {
        return Vec::new();
    };
    let words = format!("last look failed, which is not its failure: {}: {}", fault.kind, fault.message);
    wrapped("", &words, Role::Stale, width)
}

/// Everything about the chosen build, as far as there is room.
fn draw_foot(pen: &mut Pen<'_>, area: Rect, state: &State, build: &Build, clock: &Clock) {
    pen.rule(area, 0, Role::Border);
    let mut lines: Vec<Line> = Vec::new();
    let image = build.image().map_or_else(|| "?".to_owned(), |name| format!("\"{name}\""));
    let words = format!("image {image} {}", on_server(build, clock));
    lines.extend(wrapped("", &words, Role::Text, area.width));
    let began = build.began_at().map_or_else(|| "?".to_owned(), |at| clock.full(at));
    lines.push(Line::of(format!("job {}   began {began}", build.job), Role::Text));
    let made = build.seen.as_ref().and_then(ImageJob::product);
    if let Some((id, _)) = made {
        lines.push(Line::of(format!("image id {id}"), Role::Success));
    }
    if let Some(why) = build.error() {
        lines.extend(wrapped("reason: ", why.as_str(), Role::Danger, area.width));
    }
    lines.extend(look_lines(build, area.width));
    if build.is_running() {
        lines.push(Line::of(course_of(state, build, clock), Role::Muted));
    }
    for (row, line) in (1..area.height).zip(&lines) {
        line.draw(pen, area, row);
    }
}

/// Everything about a build, in full.
fn build_lines(state: &State, job: &CloudJobId, width: u16, clock: &Clock) -> Vec<Line> {
    let Some(build) = state.cloud.builds.get(job) else { return gone() };
    let mut lines = Vec::new();
    let all = &mut lines;
    field(all, "Image", said(build.image()), width);
    field(all, "Image server", Some(on_server(build, clock)), width);
    let status = Some(build.word().to_owned()).filter(|word| word != "?");
    field_as(all, "Status", status, role(build), width);
    let part = build.part();
    field(all, "Its part is", part.and_then(|part| part.status.as_ref()).map(ToString::to_string), width);
    if let Some(why) = build.error() {
        field_as(all, "Reason", Some(why.to_string()), Role::Danger, width);
    }
    field(all, "Began", build.began_at().map(|at| clock.full(at)), width);
    let job_ended = build.seen.as_ref().and_then(|job| job.ended_at.as_ref());
    let none = if build.is_running() { "it runs".to_owned() } else { "none told".to_owned() };
    let ended = moment(job_ended, |at| clock.full(at)).unwrap_or(none);
    field(all, "Ended", Some(ended), width);
    field(all, "Took", build.seconds(state.now).map(took), width);
    let made = build.seen.as_ref().and_then(ImageJob::product).map(|(id, _)| id.to_string());
    field(all, "Image id", Some(made.unwrap_or_else(|| "none told".to_owned())), width);
    field(all, "Job of the cloud", Some(build.job.to_string()), width);
    field(all, "Id of its part", part.map(|part| part.id.to_string()), width);
    let by = build.ordered_by.map(|id| format!("job {id} of this run"));
    let by = by.or_else(|| build.asked.as_ref().map(|asked| format!("from here, {}", clock.full(asked.at))));
    field(all, "Ordered", by, width);
    let look = look_lines(build, width);
    if build.is_running() || !look.is_empty() {
        all.push(Line::blank());
    }
    all.extend(look);
    if build.is_running() {
        all.extend(wrapped("", &course_of(state, build, clock), Role::Muted, width));
    }
    lines
}
