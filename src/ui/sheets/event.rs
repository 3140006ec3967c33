//! What an event means in plain words, what it belongs to and how that is known, its text in full, its attributes.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::{
    core::{
        event_session::{FoundBy, sessions_of},
        events::{Entry, EntryBody, OwnRecord},
        own_events::Claim,
        rows::Rows,
        state::{EventAttributes, State},
    },
    domain::{AuditEvent, EventMeaning, EventResult, EventUrgency, Fault, JobId, Session, SessionId, Text},
    ui::{
        event_pane::severity_role,
        pen::{Pen, piece},
        theme::Role,
        time::Clock,
    },
};

use super::{
    fields::{self, Field, UNKNOWN},
    sheet::{Sheet, first_line, part_of},
};

/// Columns of the labels.
const LABEL: usize = 15;
/// So many sessions are named that an event may belong to; the rest are counted.
const NAMED: usize = 5;

/// Draws the details.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    state: &State,
    number: u64,
    attributes: &EventAttributes,
    scroll: usize,
    clock: &Clock,
) {
    let Some(entry) = state.events.entry(number) else {
        let sheet = Sheet::open(pen, state, &[piece("EVENT", Role::Accent)], None);
        sheet.close(pen, state, None, "this event has fallen out of the list", "");
        return;
    };
    let kind = match &entry.body {
        EntryBody::Audit { event, .. } => event.kind.as_ref().map_or(UNKNOWN, Text::as_str),
        EntryBody::Own(_) => "record of this console",
    };
    let title = [piece("EVENT  ", Role::Accent), piece(kind, Role::Heading)];
    let sheet = Sheet::open(pen, state, &title, None);
    let body = sheet.body;
    let fields = match &entry.body {
        EntryBody::Audit { event, ours } => {
            draw_summary(pen, body, event, clock);
            let mut fields = audit(state, event, ours.as_ref());
            fields.push(Field::blank());
            fields.extend(attribute_fields(attributes));
            fields
        }
        EntryBody::Own(record) => {
            let left = [piece(clock.full(record.time), Role::Text)];
            pen.line(body, 0, &left, &[piece("written by this console", Role::Own)]);
            pen.rule(body, 1, Role::Border);
            own(state, entry, record)
        }
    };
    let fields = fields::wrapped(fields, LABEL, body.width);
    let height = usize::from(Rows::of(state).sheet);
    let first = first_line(scroll, fields.len(), height);
    let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    fields::draw(pen, list, LABEL, fields.iter().skip(first).take(height));
    sheet.close(pen, state, None, "", &part_of(first, height, fields.len()));
}

/// When it was, how serious the server calls it, how much it matters; and a rule.
fn draw_summary(pen: &mut Pen<'_>, body: Rect, event: &AuditEvent, clock: &Clock) {
    let time = event.time.map_or_else(|| "time ?".to_owned(), |time| clock.full(time));
    let (severity, role) = match &event.severity {
        Some(severity) => (severity.word(), severity_role(severity)),
        None => (UNKNOWN, Role::Warning),
    };
    let left = [piece(time, Role::Text), piece("  ", Role::Text), piece(severity, role)];
    let right = match meaning(event) {
        Some(meaning) => piece(meaning.urgency.label(), urgency_role(meaning.urgency)),
        None => piece("unknown type", Role::Warning),
    };
    pen.line(body, 0, &left, &[right]);
    pen.rule(body, 1, Role::Border);
}

fn meaning(event: &AuditEvent) -> Option<&'static EventMeaning> {
    EventMeaning::of(event.kind.as_ref()?.as_str())
}

fn urgency_role(urgency: EventUrgency) -> Role {
    match urgency {
        EventUrgency::ActNow => Role::Danger,
        EventUrgency::UserStuck | EventUrgency::MachineIll => Role::Warning,
        EventUrgency::Watch => Role::Info,
        EventUrgency::WhoDidWhat => Role::Audit,
        EventUrgency::Normal => Role::Muted,
    }
}

/// Everything about a row of the server but its attributes.
fn audit(state: &State, event: &AuditEvent, ours: Option<&Claim>) -> Vec<Field> {
    let names = &state.events.names;
    let mut fields = meaning_fields(event);
    fields.push(Field::blank());
    fields.push(Field::shown("text", event.message.as_ref()));
    fields.push(Field::blank());
    fields.push(job_field(state, ours));
    fields.extend(session_fields(state, event));
    fields.push(Field::blank());
    let user = event.user_id.as_ref().map(|id| named(names.login(id), id.raw()));
    let machine = event.machine_id.as_ref().map(|id| named(state.events.machine_name(id), id.raw()));
    // Where there can be none, which is usual, there is nothing to call unknown.
    fields.push(absent_or("user", user));
    fields.push(absent_or("machine", machine));
    fields.push(absent_or("pool", event.pool_name.as_ref().map(Text::to_string)));
    fields.push(absent_or("application", event.application_pool_name.as_ref().map(Text::to_string)));
    fields.push(Field::shown("module", event.module.as_ref()));
    fields.push(Field::shown("written by", event.written_by.as_ref()));
    fields.push(Field::shown("number", Some(event.id.0)));
    fields
}

/// What the type means.
fn meaning_fields(event: &AuditEvent) -> Vec<Field> {
    let Some(meaning) = meaning(event) else {
        let words = match &event.kind {
            Some(_) => "unknown type: shown as it came",
            None => "the row has no type: shown as it came",
        };
        return vec![Field::new("MEANS", words, Role::Warning)];
    };
    let failed = meaning.result == EventResult::Failed;
    let mut fields =
        vec![Field::new("MEANS", meaning.words, if failed { Role::Warning } else { Role::Text })];
    if !meaning.next.is_empty() {
        fields.push(Field::new("LOOK AT", meaning.next, Role::Text));
    }
    let about = format!("{}; {}", meaning.subject.label(), meaning.result.label());
    fields.push(Field::new("about", about, Role::Muted));
    fields
}

/// `CORP\kaya (S-1-5-21-7)`, or the id alone.
fn named(name: Option<&str>, id: &str) -> String {
    let id = Text::clean(id);
    name.map_or_else(|| id.to_string(), |name| format!("{name} ({id})"))
}

fn absent_or(label: &'static str, value: Option<String>) -> Field {
    match value {
        Some(value) => Field::new(label, value, Role::Text),
        None => Field::new(label, "-", Role::Disabled),
    }
}

/// The job of this console that it belongs to, and how that is known.
fn job_field(state: &State, ours: Option<&Claim>) -> Field {
    match ours {
        Some(claim) => {
            let value = format!("{}; tied by {}", job_name(state, claim.job), claim.by);
            Field::new("job", value, Role::Own)
        }
        None => Field::new("job", "none of this run", Role::Disabled),
    }
}

/// `job 3, plan 3f2a, log off`.
fn job_name(state: &State, id: JobId) -> String {
    if let Some(job) = state.job(id) {
        return format!("job {id}, plan {}, {}", job.plan.id, job.plan.verb);
    }
    match state.change_jobs.iter().find(|job| job.id == id) {
        Some(job) => format!("job {id}, plan {}, {}", job.plan.id, job.plan.title.as_str().to_lowercase()),
        None => format!("job {id}"),
    }
}

/// The sessions that it may be about, and how that is known.
fn session_fields(state: &State, event: &AuditEvent) -> Vec<Field> {
    let Some(table) = state.sessions.table.value() else {
        let words = "cannot be told: the list of sessions has not been read";
        return vec![Field::new("session", words, Role::Disabled)];
    };
    let Some((by, found)) = sessions_of(event, table) else {
        let words = "cannot be told: the row has no session id";
        return vec![Field::new("session", words, Role::Disabled)];
    };
    let describe = |id: &SessionId| {
        let Some(session) = table.session(id) else {
            return id.to_string();
        };
        let user = session.login().map_or_else(|| UNKNOWN.to_owned(), |login| login.to_string());
        let machine = session.machine_label().map_or_else(|| UNKNOWN.to_owned(), |name| name.to_string());
        format!("{user} on {machine}")
    };
    match found.len() {
        0 => {
            let words = format!("none of the list, looked for {}", looked(by));
            vec![Field::new("session", words, Role::Disabled)]
        }
        1 => {
            let names: Vec<String> = found.iter().map(describe).collect();
            vec![Field::new("session", format!("{}; {by}", names.concat()), Role::Text)]
        }
        count => {
            let mut fields = vec![Field::new("session", format!("one of {count}; {by}"), Role::Text)];
            fields.extend(found.iter().take(NAMED).map(|id| Field::new("", describe(id), Role::Text)));
            if count > NAMED {
                fields.push(Field::new("", format!("and {} more", count - NAMED), Role::Muted));
            }
            fields
        }
    }
}

fn looked(by: FoundBy) -> &'static str {
    match by {
        FoundBy::Id => "by the id in the text",
        FoundBy::Machine => "by machine and time",
        FoundBy::User => "by user and time",
    }
}

/// The attributes, or why they are not there.
fn attribute_fields(attributes: &EventAttributes) -> Vec<Field> {
    const LABEL: &str = "ATTRIBUTES";
    let told = |words: &str, role| vec![Field::new(LABEL, words, role)];
    match attributes {
        EventAttributes::Asking(_) => told("being read", Role::Muted),
        EventAttributes::None => Vec::new(),
        EventAttributes::Read(Err(fault)) => {
            told(&format!("could not be read: {}", why(fault)), Role::Warning)
        }
        EventAttributes::Read(Ok(read)) if read.is_empty() => told("the server has none", Role::Muted),
        EventAttributes::Read(Ok(read)) => listed(LABEL, read),
    }
}

fn why(fault: &Fault) -> String {
    fault.to_string()
}

fn listed(heading: &'static str, read: &BTreeMap<Text, Text>) -> Vec<Field> {
    let count = format!("{} from the server", read.len());
    let mut fields = vec![Field::new(heading, count, Role::Muted)];
    for (name, value) in read {
        // Names are as long as they please: they stand before the value, not in the column of labels.
        let value = if value.as_str().is_empty() { "(empty)" } else { value.as_str() };
        fields.push(Field::new("", format!("{name} = {value}"), Role::Text));
    }
    fields
}

/// A record of the console's own.
fn own(state: &State, entry: &Entry, record: &OwnRecord) -> Vec<Field> {
    let words = match entry.rank() {
        0 => "The console notes what it did and what it learned. This stands in no log of the server.",
        1 => "The console notes that something did not go as asked. This stands in no log of the server.",
        _ => "The console notes that something failed. This stands in no log of the server.",
    };
    let mut fields = vec![
        Field::new("MEANS", words, Role::Text),
        Field::blank(),
        Field::new("text", record.text.to_string(), Role::Text),
        Field::blank(),
    ];
    fields.push(match record.job {
        Some(job) => Field::new("job", job_name(state, job), Role::Own),
        None => Field::new("job", "-", Role::Disabled),
    });
    let session = record.session.as_ref();
    fields.push(absent_or(
        "session",
        session.map(|id| {
            let label = state.session(id).as_ref().and_then(Session::login);
            named(label.as_ref().map(Text::as_str), id.raw())
        }),
    ));
    fields
}

#[cfg(test)]
mod tests;
