//! States for the tests of the screen, built directly: what is drawn depends on nothing else.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect, style::Color};

use super::{ColorDepth, Theme, draw, lines};
use crate::{
    core::{
        bulk::{BlastRadius, Job, JobEvent, Plan, PlanRequest, Visible},
        events::{OwnRecord, RecordLevel},
        own_events::OwnEvents,
        rows::Rows,
        state::{Link, Overlay, PlanPage, PlanSheet, ScreenSize, Settings, State},
        table::{Flag, SessionTable, Surroundings},
    },
    domain::{
        Account, AuditEvent, Capabilities, EventFeed, EventId, Fault, FaultKind, JobId, MessageText, Outcome,
        Release, Session, SessionFacts, SessionId, Text, Verb,
    },
};

/// The sizes of `screens.md section 5`.
pub(super) const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (200, 60), (59, 14)];
/// These, and the smallest screen on which there is something to see.
pub(super) const PICTURED: [(u16, u16); 5] = [(80, 24), (120, 40), (200, 60), (59, 14), (60, 15)];

/// A moment, by the time of day.
pub(super) fn at(time: &str) -> Timestamp {
    format!("2026-11-21T{time}Z").parse().unwrap()
}

/// A session with what most have.
fn session(number: usize, user: &str, state: &str, pool: &str, machine: &str) -> Session {
    let mut session = Session::new(SessionId::from(format!("s{number}")));
    session.user_id = Some(format!("S-1-5-21-7-{number}").as_str().into());
    session.user_name = Some(format!("CORP\\{user}").into());
    session.state = Some(state.into());
    session.kind = Some("DESKTOP".into());
    session.pool_name = Some(pool.into());
    session.pool_source = Some("INSTANT_CLONE".into());
    session.machine_name = Some(machine.into());
    session.machine_id = Some(format!("m-{machine}").as_str().into());
    session.agent_version = Some(if number.is_multiple_of(3) { "8.12.1" } else { "8.13.0" }.into());
    session.client.kind = Some(if number.is_multiple_of(4) { "MAC" } else { "WINDOWS" }.into());
    session.client.version = Some("8.12.1".into());
    session.gateway.name = (!number.is_multiple_of(5)).then(|| format!("uag-e{}", 1 + number % 2).into());
    session.access_group_id = Some("finance".into());
    let minutes = (number as i64 * 37) % 700 + 3;
    session.started_at = Some(at("07:12:09"));
    if state == "DISCONNECTED" {
        let since = at("14:00:00").as_second() - minutes * 60;
        session.disconnected_at = Some(Timestamp::from_second(since).unwrap());
    } else {
        session.idle_minutes = Some(minutes % 60);
        session.protocol = Some("BLAST".into());
    }
    session
}

/// Sessions in all the shapes that a server sends: other scripts, unknown words, missing fields, long names.
pub(super) fn sessions() -> Vec<Session> {
    let people = [
        ("abel.n", "DISCONNECTED", "fin-w11", "FINW11-014"),
        ("adams.k", "CONNECTED", "fin-w11", "FINW11-022"),
        ("alvarez.m", "DISCONNECTED", "fin-vdi", "FINVDI-007"),
        ("anand.p", "DISCONNECTED", "fin-w11", "FINW11-031"),
        ("baker.j", "PENDING", "fin-w11", "FINW11-040"),
        ("bauer.s", "CONNECTED", "fin-w11", "FINW11-002"),
        ("王伟", "CONNECTED", "研发-w11", "RDW11-001"),
        ("مريم", "DISCONNECTED", "hr-w11", "HRW11-033"),
        ("e\u{301}va.novotna\u{301}", "CONNECTED", "hr-w11", "HRW11-034"),
        ("chen.w", "HIBERNATING", "fin-w11", "FINW11-019"),
        (
            "a-very-long-login-name.of.somebody",
            "DISCONNECTED",
            "finance-windows-11-amsterdam",
            "FINW11-AMS1-0001",
        ),
        ("dogan.e", "DISCONNECTED", "fin-vdi", "FINVDI-011"),
        ("evans.t", "DISCONNECTED", "fin-w11", "FINW11-027"),
        ("fischer.a", "CONNECTED", "fin-w11", "FINW11-008"),
        ("garcia.l", "DISCONNECTED", "fin-rds", "FINRDS-04"),
        ("hughes.b", "CONNECTED", "hr-w11", "HRW11-035"),
        ("ivanov.d", "DISCONNECTED", "fin-vdi", "FINVDI-003"),
        ("jansen.p", "CONNECTED", "fin-w11", "FINW11-012"),
    ];
    let mut sessions: Vec<Session> = (0..)
        .zip(people)
        .map(|(number, (user, state, pool, machine))| session(number, user, state, pool, machine))
        .collect();
    if let Some(rds) = sessions
        .iter_mut()
        .find(|session| session.machine_name.as_ref().is_some_and(|name| name == "FINRDS-04"))
    {
        rds.rds_server_id = Some("rds-4".into());
        rds.machine_id = None;
    }
    // Twice the same user, and one of which nothing is known but the id.
    let mut second = session(40, "adams.k", "DISCONNECTED", "fin-vdi", "FINVDI-002");
    second.user_id = sessions[1].user_id.clone();
    sessions.push(second);
    sessions.push(Session::new(SessionId::from("nothing-known")));
    sessions
}

/// What a server with a federation can do, and an account that may not restart machines.
fn capabilities() -> Capabilities {
    let privileges = [("root".into(), vec!["MACHINE_MANAGE_VDI_SESSION".into()])].into_iter().collect();
    Capabilities {
        wire: crate::domain::WireKind::Horizon,
        release: Some(Release(2412)),
        product_version: Some("8.14.0".into()),
        pod: Some("ams1".into()),
        cluster: Some("cluster-ams1".into()),
        sessions_version: 7,
        server: "cs1.corp.example".into(),
        events: EventFeed::Available,
        account: Account {
            name: "CORP\\a.kaya".into(),
            privileges: Some(privileges),
            root_group: Some("root".into()),
            ..Account::default()
        },
    }
}

/// A state before the connection is there.
pub(super) fn connecting(width: u16, height: u16) -> State {
    let settings = Settings { profile: "PROD-EMEA".into(), simulated: false, ..Settings::default() };
    State::new(settings, ScreenSize { width, height }, at("14:02:14"), 7)
}

/// A state that is connected and has no list yet.
pub(super) fn connected(width: u16, height: u16) -> State {
    let mut state = connecting(width, height);
    state.link = Link::Up(Box::new(capabilities()));
    state.sessions.table.ask();
    state
}

/// A state with these sessions.
pub(super) fn with_sessions(width: u16, height: u16, sessions: Vec<Session>) -> State {
    let mut state = connected(width, height);
    let table = Arc::new(SessionTable::new(sessions, at("14:02:11"), true));
    state.sessions.table.load(Arc::clone(&table), at("14:02:11"));
    state.sessions.flags.insert(SessionId::from("s11"), BTreeSet::from([Flag::Ghost]));
    state.sessions.flags.insert(SessionId::from("s3"), BTreeSet::from([Flag::EventContradicts]));
    change_view(&mut state, |view, with| view.replace_table(table, with));
    state.events.feed = Some(EventFeed::Available);
    state
}

/// Changes the view as the core does, and tells it how many rows it has.
pub(super) fn change_view<R>(
    state: &mut State,
    change: impl FnOnce(&mut crate::core::table::TableView, Surroundings<'_>) -> R,
) -> R {
    let rows = Rows::of(state);
    let capabilities = match &state.link {
        Link::Up(capabilities) => Some(&**capabilities),
        Link::Connecting => None,
    };
    let with = Surroundings { capabilities, flags: Some(&state.sessions.flags), names: None };
    state.sessions.view.set_height(usize::from(rows.table));
    change(&mut state.sessions.view, with)
}

/// The main screen: sessions, marks, events, a filter.
pub(super) fn main_screen(width: u16, height: u16) -> State {
    let mut state = with_sessions(width, height, sessions());
    change_view(&mut state, |view, with| {
        view.set_marks(["s0", "s2", "s6", "s12", "s1"].map(SessionId::from));
        view.set_filter("!user:adams.k", with);
        assert!(view.move_to(&SessionId::from("s2")));
    });
    let rows = [
        ("14:01:58", "ERROR", "Agent", "desktop FINVDI-011 not responding", Some("fin-vdi")),
        ("14:02:03", "INFO", "Broker", "anand.p reconnected to FINW11-031", Some("fin-w11")),
        ("14:02:09", "WARNING", "Broker", "uag-e1: 4 sessions dropped within 30 s", None),
        ("14:02:10", "AUDIT_SUCCESS", "Admin", "a.kaya logged off bauer.s on FINW11-002", Some("fin-w11")),
        ("14:02:10", "EMERGENCY", "Vlsi", "研发: 一台机器没有响应", None),
    ];
    let events = (1..).zip(rows).map(|(id, row)| event(id, row)).collect();
    state.events.take(events, &mut [], at("14:02:12"), false);
    state.events.lag_seconds = Some(20);
    state.events.record(OwnRecord {
        time: at("14:02:13"),
        level: RecordLevel::Info,
        text: "started: logoff, 35 sent, 3 held back, plan 7f3a".into(),
        job: Some(JobId(17)),
        session: None,
    });
    state
}

/// A row of the server.
pub(super) fn event(
    id: i64,
    (time, severity, module, message, pool): (&str, &str, &str, &str, Option<&str>),
) -> AuditEvent {
    AuditEvent {
        id: EventId(id),
        time: Some(at(time)),
        severity: Some(severity.into()),
        kind: Some("SOMETHING_HAPPENED".into()),
        module: Some(module.into()),
        message: Some(message.into()),
        written_by: Some("cs1".into()),
        user_id: None,
        machine_id: None,
        pool_name: pool.map(Text::clean),
        application_pool_name: None,
    }
}

/// A plan over all sessions of a state; those that the filter hides are counted as such.
pub(super) fn plan(state: &State, verb: Verb, message: Option<MessageText>) -> Plan {
    let table = state.sessions.newest().unwrap();
    let mut ids: Vec<SessionId> = table.iter().map(SessionFacts::session_id).collect();
    ids.push(SessionId::from("ended-meanwhile"));
    Plan::make(&PlanRequest {
        id: "7f3a".into(),
        verb,
        message,
        ids: &ids,
        shown: Visible::In(&state.sessions.view),
        table,
        capabilities: state.capabilities().unwrap(),
        retry_of: None,
        terms: crate::core::bulk::Terms::default(),
        protected: &crate::core::bulk::Protected::default(),
        named: false,
        spoken_for: &std::collections::BTreeMap::new(),
        homes: &std::collections::BTreeMap::new(),
        now: at("14:02:20"),
    })
}

/// The sheet of a plan.
pub(super) fn plan_sheet(state: &State, plan: Plan, page: PlanPage) -> Overlay {
    let blast = BlastRadius::of(&plan, state.sessions.newest().unwrap());
    let order = plan.to_send.iter().map(|target| target.session.id.clone()).collect();
    Overlay::Plan(Box::new(PlanSheet {
        plan,
        order,
        saved: None,
        chosen_by: None,
        blast,
        typed: "1".to_owned(),
        page,
        scroll: 0,
        complaint: None,
        table: Arc::clone(state.sessions.newest().unwrap()),
    }))
}

/// A fault as a server answers it.
pub(super) fn fault(kind: FaultKind, message: &str) -> Fault {
    Fault { status: Some(400), ..Fault::new(kind, "log off", message) }
}

/// A polite logoff of which some were refused as locked, some not answered, the rest confirmed.
pub(super) fn job(state: &State, finished: bool) -> Job {
    let plan = Arc::new(plan(state, Verb::Logoff, None));
    let total = plan.to_send.len();
    let mut job = Job::new(JobId(17), plan, at("14:02:20"));
    job.apply(&JobEvent::Sent { targets: (0..total).collect() }, at("14:02:21"));
    let outcome = |place: usize| match place {
        0..5 => Outcome::Refused(fault(FaultKind::InvalidState, "session is locked")),
        5 => Outcome::NoAnswer(fault(FaultKind::Unreachable, "no answer within 30 s")),
        6..8 => Outcome::StillListed,
        8 => Outcome::NotFound(fault(FaultKind::EntityNotFound, "no such session")),
        9..13 => Outcome::Accepted,
        _ => Outcome::Confirmed,
    };
    let answered = if finished { total } else { 9 };
    let outcomes = (0..answered).map(|place| (place, outcome(place))).collect();
    job.apply(&JobEvent::Settled { outcomes }, at("14:02:40"));
    job.throttled = 1;
    if finished {
        job.apply(&JobEvent::Finished { stopped: false, fault: None }, at("14:03:19"));
    } else {
        let wait =
            crate::core::bulk::Wait { until: at("14:02:55"), why: "the server asked to slow down".into() };
        job.apply(&JobEvent::Waiting(wait), at("14:02:43"));
    }
    job
}

/// Adds a job with the events that it will cause.
pub(super) fn add_job(state: &mut State, job: Job) {
    let mut own = OwnEvents::new(job.id, job.started_at, jiff::SignedDuration::ZERO, None);
    own.sent(&job.plan, &(0..job.plan.to_send.len()).collect::<Vec<_>>());
    own.claimed = 6;
    state.own_events.push(own);
    state.now = if job.is_running() { at("14:02:46") } else { at("14:03:19") };
    state.jobs.push(job);
}

/// Draws a state, and says where the terminal's cursor is.
pub(super) fn drawn(state: &State, theme: &Theme) -> (Buffer, Option<(u16, u16)>) {
    drawn_at(state, theme, state.screen)
}

/// Draws a state on a screen that may have another size than the state believes.
pub(super) fn drawn_at(state: &State, theme: &Theme, screen: ScreenSize) -> (Buffer, Option<(u16, u16)>) {
    // The states of these tests are built directly: what follows from them is found out here.
    let mut state = state.clone();
    crate::core::sync_facets(&mut state);
    let mut buffer = Buffer::empty(Rect::new(0, 0, screen.width, screen.height));
    let cursor = draw(&state, theme, &mut buffer);
    (buffer, cursor.map(|position| (position.x, position.y)))
}

/// The text of a screen, one line for each row, without the blanks at their ends.
pub(super) fn picture(state: &State) -> String {
    let theme = Theme::default().with_depth(ColorDepth::Ansi16);
    lines(&drawn(state, &theme).0).join("\n")
}

/// The pictures of a state with ASCII only, one below the other. In monochrome it must be the same text, without a colour.
pub(super) fn in_ascii(state: impl Fn(u16, u16) -> State) -> String {
    let monochrome = Theme::default().with_depth(ColorDepth::Mono);
    let mut text = String::new();
    for (width, height) in PICTURED {
        let mut state = state(width, height);
        let (buffer, _) = drawn(&state, &monochrome);
        assert_eq!(lines(&buffer).join("\n"), picture(&state), "monochrome says something else");
        let is_plain = |cell: &ratatui::buffer::Cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset);
        assert!(buffer.content.iter().all(is_plain), "monochrome has a colour");
        state.settings.ascii = true;
        let ascii = picture(&state);
        assert!(ascii.is_ascii(), "{ascii}");
        writeln!(text, "== {width}x{height}\n{ascii}").unwrap();
    }
    text
}

/// Takes pictures of a state at each size that matters: one file for each, and one for all of them with ASCII only.
macro_rules! pictures {
    ($name:expr, $state:expr) => {{
        let (name, state) = ($name, $state);
        for (width, height) in $crate::ui::fixtures::PICTURED {
            insta::assert_snapshot!(
                format!("{name}_{width}x{height}"),
                $crate::ui::fixtures::picture(&state(width, height))
            );
        }
        insta::assert_snapshot!(format!("{name}_in_ascii"), $crate::ui::fixtures::in_ascii(state));
    }};
}

pub(super) use pictures;
