//! The card of a user: how the session stands, where it is, what else the user has, what happened, and what can be done.

use crate::{
    core::{
        bulk::objection,
        command::{Command, Context},
        events::{Entry, EntryBody},
        rows::Rows,
        state::{Elsewhere, State},
        table::{Column, Flag, RowContext, TimeStyle},
        timeline,
    },
    domain::{Session, SessionFacts, SessionRow, SessionState, Text, Verb},
    ui::{theme::Role, time::Clock},
};

use super::{Line, UNKNOWN, blank};

/// Events that are shown of it, on a small sheet and on others; the timeline has them all.
const EVENTS: (usize, usize) = (3, 6);

/// From so many lines on a sheet is not small.
const ROOMY: u16 = 24;

/// The card: what one asks first stands first.
pub(super) fn lines(
    state: &State,
    session: &Session,
    elsewhere: Option<&Elsewhere>,
    clock: &Clock,
) -> Vec<Line> {
    let table = state.sessions.view.table();
    let mut lines = standing(state, session, clock);
    lines.extend(place(state, session));
    lines.push(blank());
    lines.extend(same_user(state, session, elsewhere, clock));
    lines.extend(events(state, session, clock));
    lines.extend(verbs(state, session));
    for flag in Flag::of(session, table.as_of(), table, &state.sessions.flags) {
        let value = format!("{} {}: {}", flag.code(), flag.title(), flag.explain());
        lines.push(Line { label: "FLAG", value, role: Role::Warning });
    }
    lines
}

fn line(label: &'static str, value: String) -> Line {
    let role = if value == UNKNOWN { Role::Disabled } else { Role::Text };
    Line { label, value, role }
}

/// The state and since when.
fn standing(state: &State, session: &Session, clock: &Clock) -> Vec<Line> {
    let names = state.sessions.group_names.as_names();
    let time = if clock.is_utc() { TimeStyle::Utc } else { TimeStyle::Zone(clock.zone()) };
    let table = state.sessions.view.table();
    let context = RowContext { table, flags: &state.sessions.flags, names: &names, time };
    let cell = |column: Column| column.cell(session, &context);
    let ago = |column: Column| column.cell(session, &RowContext { time: TimeStyle::Relative, ..context });
    let word = session.state.as_ref().map_or(UNKNOWN, SessionState::word);
    let since = format!("{word} since {} ({})", cell(Column::Since), ago(Column::Since));
    let logged_on = session
        .started_at
        .map_or_else(|| UNKNOWN.to_owned(), |at| format!("{} ({})", clock.full(at), cell(Column::Age)));
    let kind = format!("{}, protocol {}", cell(Column::Type), cell(Column::Protocol));
    vec![
        line("state", since),
        line("no input", cell(Column::Idle)),
        line("logged on", logged_on),
        line("type", kind),
    ]
}

/// Where it is and how it got there.
fn place(state: &State, session: &Session) -> Vec<Line> {
    let joined = |parts: &[Option<String>]| {
        let known: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
        if known.is_empty() { UNKNOWN.to_owned() } else { known.join("  ") }
    };
    let text = |text: Option<&Text>| text.map(Text::to_string);
    let client = session.client_kind().map(|kind| kind.word().to_owned());
    let location = session.gateway.location.as_ref().map(|location| location.word().to_owned());
    let mut lines = vec![
        line(
            "pool",
            joined(&[session.pool_label().map(|pool| pool.to_string()), text(session.pool_source.as_ref())]),
        ),
        line(
            "machine",
            joined(&[
                session.machine_label().map(|name| name.to_string()),
                text(session.machine_dns.as_ref()),
            ]),
        ),
        line(
            "gateway",
            joined(&[text(session.gateway.name.as_ref()), text(session.gateway.address.as_ref()), location]),
        ),
        line(
            "client",
            joined(&[
                client,
                text(session.client.version.as_ref()),
                text(session.client.name.as_ref()),
                text(session.client.address.as_ref()),
            ]),
        ),
        line("agent", joined(&[text(session.agent_version.as_ref())])),
    ];
    lines.extend(pod(state, session).map(|pod| line("pod", pod)));
    lines
}

/// Its pod: the one that was told, or the one that answers. No line where there is no federation.
fn pod(state: &State, session: &Session) -> Option<String> {
    let own = state.capabilities().map(|capabilities| capabilities.pod.as_ref());
    match (session.pod_label(), own) {
        (Some(told), _) => Some(told.to_string()),
        (None, Some(None)) => None,
        (None, Some(Some(own))) if session.resourced_remotely == Some(false) => Some(own.to_string()),
        (None, _) => Some(UNKNOWN.to_owned()),
    }
}

/// The other sessions of the same user: those of the list, and those of other pods that were asked for.
fn same_user(state: &State, session: &Session, elsewhere: Option<&Elsewhere>, clock: &Clock) -> Vec<Line> {
    let table = state.sessions.view.table();
    let rows = table.rows_of_same_user(session).into_iter().filter_map(|row| table.get(row));
    let listed: Vec<Session> = rows.map(SessionRow::to_session).collect();
    let (found, note) = elsewhere_of(state, session, &listed, elsewhere, clock);
    let others = listed.iter().filter(|other| other.id != session.id).chain(found.iter().copied());
    let mut lines: Vec<Line> =
        others.map(|other| Line { label: "", value: describe(session, other), role: Role::Text }).collect();
    if lines.is_empty() && note.is_none() {
        // Without the user, or the rest of the list, nobody knows of others.
        let value = match (session.user_label(), table.complete()) {
            (None, _) => UNKNOWN,
            (Some(_), true) => "no other session",
            (Some(_), false) => "no other in what was read",
        };
        lines.push(Line { label: "", value: value.to_owned(), role: Role::Muted });
    }
    lines.extend(note);
    if let Some(first) = lines.first_mut() {
        first.label = "SAME USER";
    }
    lines
}

/// How another session of the same user stands, and what tells the two apart: where they are, and where the user sits.
fn describe(session: &Session, other: &Session) -> String {
    let state = other.state.as_ref().map_or(UNKNOWN, SessionState::word);
    let pool = other.pool_label().unwrap_or_else(|| Text::clean(UNKNOWN));
    let machine = other.machine_label().unwrap_or_else(|| Text::clean(UNKNOWN));
    let pod = other.pod_label().filter(|pod| session.pod_label().as_ref() != Some(pod));
    let parts =
        [("pod ", pod), ("through ", other.gateway.name.clone()), ("from ", other.client.name.clone())];
    let more = parts.into_iter().filter_map(|(lead, part)| Some(format!(", {lead}{}", part?)));
    format!("{state} on {machine}, {pool}{}", more.collect::<String>())
}

/// The sessions of the user that the list does not have, and what is to be said of the pods that it does not tell of.
fn elsewhere_of<'a>(
    state: &State,
    session: &Session,
    listed: &[Session],
    elsewhere: Option<&'a Elsewhere>,
    clock: &Clock,
) -> (Vec<&'a Session>, Option<Line>) {
    let note = |role, value: String| Some(Line { label: "", value, role });
    match elsewhere {
        _ if session.user_label().is_none() || !state.has_unlisted_pods() => (Vec::new(), None),
        Some(Elsewhere::Read(Ok(all), at)) => {
            let own = state.federation.pods.value().and_then(Option::as_ref).and_then(|found| found.local());
            let own = own.map(|pod| &pod.id);
            let is_own = |other: &Session| other.pod_id.as_ref().is_none_or(|pod| Some(pod) == own);
            // What came in here and runs elsewhere is in the list as well, under the same id.
            let is_same = |known: &Session, other: &Session| {
                known.id == other.id && (is_own(other) || known.resourced_remotely != Some(false))
            };
            let is_new =
                |other: &&Session| !listed.iter().chain([session]).any(|known| is_same(known, other));
            let found: Vec<&Session> = all.iter().filter(is_new).collect();
            let nothing = if found.is_empty() { "nothing on other pods, " } else { "" };
            let silent = silent_pods(state);
            let at = clock.short(*at);
            if silent.is_empty() {
                (found, note(Role::Muted, format!("{nothing}all pods asked at {at}")))
            } else {
                let words = format!("{nothing}asked at {at}; offline, so not known: {}", silent.join(", "));
                (found, note(Role::Warning, words))
            }
        }
        Some(Elsewhere::Read(Err(fault), _)) => {
            (Vec::new(), note(Role::Warning, format!("what there is on other pods is not known: {fault}")))
        }
        Some(Elsewhere::Asking(_)) => (Vec::new(), note(Role::Muted, "asking the other pods ...".to_owned())),
        Some(Elsewhere::NotAsked) => {
            let words = "what there is on other pods is not known: no SID to ask with";
            (Vec::new(), note(Role::Muted, words.to_owned()))
        }
        None => {
            let key = state.key(Context::Sessions, Command::OpenDetail);
            (Vec::new(), note(Role::Muted, format!("{key} asks the other pods")))
        }
    }
}

/// The pods of which the one that answers says that they are offline.
fn silent_pods(state: &State) -> Vec<String> {
    let federation = state.federation.pods.value().and_then(Option::as_ref);
    let pods = federation.into_iter().flat_map(|found| found.remote());
    pods.filter(|pod| pod.is_offline()).map(|pod| pod.label().to_string()).collect()
}

/// The newest rows of the event pane about this user or this machine, the newest first.
fn events(state: &State, session: &Session, clock: &Clock) -> Vec<Line> {
    let describe = |(place, entry): (usize, &Entry)| {
        let words = match &entry.body {
            EntryBody::Audit { event, .. } => event.message.as_ref().map_or(UNKNOWN, Text::as_str),
            EntryBody::Own(record) => record.text.as_str(),
        };
        let (severity, role) = match entry.rank() {
            0 => ("", Role::Text),
            1 => ("WARN ", Role::Warning),
            _ => ("ERR ", Role::Danger),
        };
        let label = if place == 0 { "EVENTS" } else { "" };
        Line { label, value: format!("{} {severity}{words}", clock.short(entry.time)), role }
    };
    let about = state.events.entries().rev().filter(|entry| timeline::is_about(entry, session));
    let most = if Rows::of(state).card < ROOMY { EVENTS.0 } else { EVENTS.1 };
    about.take(most).enumerate().map(describe).collect()
}

/// What may be done to it, and why the rest may not: verbs with the same reason together.
fn verbs(state: &State, session: &Session) -> Vec<Line> {
    let Some(capabilities) = state.capabilities() else {
        return Vec::new();
    };
    if state.settings.read_only {
        let value = "read-only: acting is switched off".to_owned();
        return vec![Line { label: "CANNOT", value, role: Role::ReadOnly }];
    }
    let mut can = Vec::new();
    let mut cannot: Vec<(String, Vec<&str>)> = Vec::new();
    for verb in Verb::ALL {
        let Some(reason) = objection(capabilities, state.sessions.view.table(), verb, session) else {
            can.push(verb.name());
            continue;
        };
        let reason = reason.to_string();
        match cannot.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, verbs)) => verbs.push(verb.name()),
            None => cannot.push((reason, vec![verb.name()])),
        }
    }
    let mut lines = Vec::new();
    if !can.is_empty() {
        lines.push(Line { label: "CAN DO", value: can.join(", "), role: Role::Success });
    }
    lines.extend(cannot.into_iter().map(|(reason, verbs)| {
        let value = format!("{}: {reason}", verbs.join(", "));
        Line { label: "CANNOT", value, role: Role::Disabled }
    }));
    lines
}
