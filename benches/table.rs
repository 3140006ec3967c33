//! What the parts cost on a large estate: reading a page, building the table, filtering, sorting, drawing a frame, making
//! a plan, writing it down.
//!
//! `cargo bench --bench table`; the whole program is measured by `cargo bench --bench console`. It begins with the memory that a session takes. Machines differ and are noisy: compare ratios within
//! one run.
#![expect(clippy::unwrap_used, reason = "a benchmark stops with a clear message")]
#![expect(clippy::print_stdout, reason = "the memory of a session is a result")]

use std::{collections::BTreeMap, sync::Arc};

use divan::{Bencher, black_box};
use foretop::{
    api,
    core::{
        bulk::{
            Plan, PlanRequest, Protected, Terms, Visible,
            journal::{Author, Work},
        },
        facets::{Breakdown, Counted, Facet},
        filter::{Context, Filter, Truth},
        init,
        key::Key,
        msg::Msg,
        past::Past,
        state::{ScreenSize, Settings, State},
        table::{Column, SessionTable, Sort, Surroundings, TableView},
        update,
    },
    domain::{
        Account, AuditEvent, Capabilities, EventFeed, EventId, Outcome, Session, SessionId, SessionState,
        Verb, WireKind,
    },
    engine::journal::{JournalStore, Opening},
    runtime,
    ui::{self, Theme},
};
use jiff::{SignedDuration, Timestamp};
use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::json;

const SIZES: [usize; 3] = [5_000, 50_000, 250_000];

fn main() {
    for count in SIZES {
        let table = table(count);
        let bytes = table.rows().bytes();
        println!("{count} sessions: {} bytes each, {} KB", bytes / table.len(), bytes / 1024);
    }
    divan::main();
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000)
}

/// An id as servers make them up.
fn uuid(random: &mut fastrand::Rng) -> String {
    let [a, b, c, d] = [(); 4].map(|()| random.u16(..));
    format!("{:08x}-{a:04x}-{b:04x}-{c:04x}-{d:04x}{:08x}", random.u32(..), random.u32(..))
}

/// Sessions as an estate has them: many users, few pools and gateways.
fn sessions(count: usize) -> Vec<Session> {
    let mut random = fastrand::Rng::with_seed(7);
    let one = |number: usize| {
        let random = &mut random;
        let mut session = Session::new(uuid(random).into());
        let disconnected = random.u32(..100) < 26;
        session.guid = Some(uuid(random).into());
        session.machine_id = Some(uuid(random).into());
        session.machine_dns = Some(format!("vdi-{number:06}.corp.example").into());
        session.client.name = Some(format!("LAPTOP-{:05}", random.u32(..100_000)).into());
        session.client.address = Some(format!("10.{}.{}.7", random.u8(..), random.u8(..)).into());
        session.client.location_id = Some(uuid(random).into());
        session.groups = Some(vec![format!("S-1-5-21-{}", random.u8(..8)).into()]);
        session.started_at = now().checked_sub(SignedDuration::from_secs(random.i64(..400_000))).ok();
        session.user_name = Some(format!("user{:06}", random.usize(..count)).into());
        session.user_id = Some(format!("S-1-5-21-1593846203-2718281828-{number}").into());
        session.broker_user_id.clone_from(&session.user_id);
        session.state = Some(if disconnected { SessionState::Disconnected } else { SessionState::Connected });
        session.idle_minutes = Some(random.i64(..2_000));
        session.pool_name = Some(format!("pool-{}", random.u32(..40)).into());
        session.machine_name = Some(format!("VDI-{:06}", random.usize(..count)).into());
        session.gateway.name = Some(format!("uag-{}", random.u32(..8)).into());
        session.agent_version = Some(format!("8.{}.0", random.u32(8..17)).into());
        session
    };
    (0..count).map(one).collect()
}

fn table(count: usize) -> Arc<SessionTable> {
    Arc::new(SessionTable::new(sessions(count), now(), true))
}

fn view(table: &Arc<SessionTable>) -> TableView {
    let mut view = TableView::new();
    view.replace_table(Arc::clone(table), Surroundings::default());
    view
}

/// A page of the list as a server sends it.
fn page() -> Vec<u8> {
    let rows = sessions(1000).into_iter().map(|session| {
        json!({
            "id": session.id.raw(), "guid": session.guid, "user_id": session.user_id,
            "user_name": session.user_name,
            "session_state": "CONNECTED", "session_protocol": "BLAST", "session_type": "DESKTOP",
            "start_time": session.started_at.map(Timestamp::as_millisecond),
            "idle_duration": session.idle_minutes,
            "machine_id": session.machine_id,
            "machine_or_rds_server_dns": session.machine_dns,
            "machine_or_rds_server_name": session.machine_name,
            "desktop_pool_or_farm_name": session.pool_name,
            "agent_version": session.agent_version,
            "client_data": {
                "name": session.client.name,
                "address": session.client.address,
                "type": "WINDOWS", "version": "8.13.0",
            },
            "security_gateway_data": {"domain_name": session.gateway.name},
            "unauthenticated": false, "forever_session": false,
        })
    });
    serde_json::to_vec(&rows.collect::<Vec<_>>()).unwrap()
}

#[divan::bench(sample_count = 100)]
fn parse_a_page(bencher: Bencher<'_, '_>) {
    let page = page();
    let counter = divan::counter::BytesCount::of_slice(&page);
    bencher.counter(counter).bench_local(|| api::read_page(black_box(&page)).unwrap());
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn build_the_table(bencher: Bencher<'_, '_>, count: usize) {
    bencher.with_inputs(|| sessions(count)).bench_values(|rows| SessionTable::new(rows, now(), true));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn filter_by_fields(bencher: Bencher<'_, '_>, count: usize) {
    let table = table(count);
    let filter = Filter::parse("state:disc idle>4h").unwrap();
    let context = Context { table: Some(&table), ..Context::at(now()) };
    bencher.bench_local(|| {
        let mut evaluator = filter.evaluator(context);
        let rows = 0..u32::try_from(table.len()).unwrap();
        rows.filter(|row| evaluator.row(&table, *row) == Truth::Yes).count()
    });
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn filter_by_a_first_letter(bencher: Bencher<'_, '_>, count: usize) {
    let table = table(count);
    let mut view = view(&table);
    let mut letters = ["u", "7", "e"].into_iter().cycle();
    bencher.bench_local(|| view.set_filter(letters.next().unwrap(), Surroundings::default()));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn refine_by_the_next_letter(bencher: Bencher<'_, '_>, count: usize) {
    let table = table(count);
    let with = Surroundings::default();
    let typed = || {
        let mut view = view(&table);
        view.set_filter("user0012", with);
        view
    };
    bencher.with_inputs(typed).bench_local_values(|mut view| {
        view.set_filter("user00123", with);
        view
    });
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn search_fuzzily(bencher: Bencher<'_, '_>, count: usize) {
    let table = table(count);
    let mut view = view(&table);
    let mut words = ["-f us12", "-f vd7"].into_iter().cycle();
    bencher.bench_local(|| view.set_filter(words.next().unwrap(), Surroundings::default()));
}

/// Pools, gateways, agents and clients of what a filter shows, on a list that was counted before.
#[divan::bench(args = SIZES, sample_count = 20)]
fn break_down_what_a_filter_shows(bencher: Bencher<'_, '_>, count: usize) {
    let table = table(count);
    let mut view = view(&table);
    let facets = Facet::default().with_next(4);
    let mut counted = Counted::default();
    let mut filters = ["state:disc", ""].into_iter().cycle();
    bencher.bench_local(|| {
        view.set_filter(filters.next().unwrap(), Surroundings::default());
        counted.sync(&view, &facets, false);
    });
}

/// The same by users, who are as many as the sessions, on a list that is new.
#[divan::bench(args = SIZES, sample_count = 10)]
fn break_a_new_list_down_by_user(bencher: Bencher<'_, '_>, count: usize) {
    let table = table(count);
    let rows: Vec<u32> = (0..u32::try_from(table.len()).unwrap()).collect();
    bencher.bench_local(|| Breakdown::of(Facet::User, table.rows(), &rows, false));
}

/// What changed since a poll in which a few sessions are in another state.
#[divan::bench(args = SIZES, sample_count = 10)]
fn note_what_changed(bencher: Bencher<'_, '_>, count: usize) {
    let before = table(count);
    let other = |(number, mut session): (usize, Session)| {
        if number % 300 == 0 {
            session.state = Some(SessionState::Pending);
        }
        session
    };
    let after = SessionTable::new(sessions(count).into_iter().enumerate().map(other).collect(), now(), true);
    after.prepare_like(Some(&before));
    bencher.with_inputs(Past::default).bench_local_values(|mut past| {
        past.note(Some(&before), &after, now());
        past
    });
}

/// A table of the same size takes the place of the one that is shown, prepared as a poll prepares it.
#[divan::bench(args = SIZES, sample_count = 10)]
fn swap_the_table(bencher: Bencher<'_, '_>, count: usize) {
    let before = table(count);
    let mut view = view(&before);
    let next = || {
        let next = table(count);
        next.prepare_like(Some(&before));
        next
    };
    bencher.with_inputs(next).bench_local_values(|next| {
        view.replace_table(next, Surroundings::default());
    });
}

/// By each column of 250,000 rows for the first time, when nothing is known of it yet.
#[divan::bench(args = Column::ALL.iter().map(|column| column.id()), sample_count = 5)]
fn sort_first_by(bencher: Bencher<'_, '_>, column: &str) {
    let column = Column::from_id(column).unwrap();
    let fresh = || {
        let mut view = TableView::new();
        let table = table(SIZES[2]);
        table.prepare_like(None);
        view.replace_table(table, Surroundings::default());
        view
    };
    bencher.with_inputs(fresh).bench_local_values(|mut view| {
        view.set_sort(Sort { column, descending: false }, Surroundings::default());
        view
    });
}

/// By each column of 250,000 rows again.
#[divan::bench(args = Column::ALL.iter().map(|column| column.id()), sample_count = 10)]
fn sort_again_by(bencher: Bencher<'_, '_>, column: &str) {
    let column = Column::from_id(column).unwrap();
    let table = table(SIZES[2]);
    let mut view = view(&table);
    let mut descending = false;
    view.set_sort(Sort { column, descending }, Surroundings::default());
    bencher.bench_local(|| {
        descending = !descending;
        view.set_sort(Sort { column, descending }, Surroundings::default());
    });
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn mark_all_shown(bencher: Bencher<'_, '_>, count: usize) {
    let table = table(count);
    bencher.with_inputs(|| view(&table)).bench_local_values(|mut view| {
        view.mark_all_shown();
        view
    });
}

/// What server and account can do.
fn capabilities() -> Capabilities {
    Capabilities {
        wire: WireKind::Horizon,
        release: None,
        product_version: None,
        pod: None,
        cluster: None,
        sessions_version: 7,
        server: "cs1".into(),
        events: EventFeed::Available,
        account: Account::default(),
    }
}

/// A polite logoff of the first 10,000 sessions.
fn plan(table: &SessionTable) -> Plan {
    let ids: Vec<SessionId> = table.iter().take(10_000).map(|row| row.to_session().id).collect();
    Plan::make(&PlanRequest {
        id: "plan".into(),
        verb: Verb::Logoff,
        message: None,
        shown: Visible::All,
        ids: &ids,
        table,
        capabilities: &capabilities(),
        retry_of: None,
        terms: Terms::default(),
        protected: &Protected::default(),
        named: false,
        spoken_for: &BTreeMap::new(),
        homes: &BTreeMap::new(),
        now: now(),
    })
}

#[divan::bench(args = SIZES[1..].iter().copied(), sample_count = 20)]
fn plan_of_10_000(bencher: Bencher<'_, '_>, count: usize) {
    let table = table(count);
    bencher.bench_local(|| plan(&table));
}

/// The intent and the outcomes of a chunk of 250, on disk.
#[divan::bench(sample_count = 50)]
fn append_to_the_journal(bencher: Bencher<'_, '_>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let by = Author { operator: "CORP\\ada".into(), user: "ada".into(), host: "jump".into(), pid: 1 };
    let work = Work::Sessions(Arc::new(plan(&table(10_000))));
    let opening = Opening { at: now(), by, estate: "cs1".into(), ticket: None, work };
    let mut journal = runtime.block_on(JournalStore::new(folder.path()).open(opening)).unwrap();
    let mut chunks = (0..40).cycle();
    bencher.bench_local(|| {
        let first = chunks.next().unwrap() * 250;
        let places: Vec<usize> = (first..first + 250).collect();
        let outcomes = places.iter().map(|place| (*place, Outcome::Accepted)).collect();
        runtime.block_on(async {
            journal.intent(now(), places, "logoff".into()).await.unwrap();
            journal.outcomes(now(), outcomes).await.unwrap();
        });
    });
}

/// A console that shows so many sessions.
fn console(count: usize, width: u16, height: u16) -> State {
    let mut state = State::new(Settings::default(), ScreenSize { width, height }, now(), 1);
    init(&mut state);
    update(&mut state, Msg::Connected(Box::new(capabilities())));
    let request = state.sessions.poll.in_flight.unwrap();
    update(&mut state, Msg::SessionsLoaded { request, table: table(count), unreadable: 0 });
    state
}

#[divan::bench(args = SIZES, sample_count = 50)]
fn draw_a_frame_of_200x60(bencher: Bencher<'_, '_>, count: usize) {
    let state = console(count, 200, 60);
    let theme = Theme::default();
    let mut buffer = Buffer::empty(Rect::new(0, 0, 200, 60));
    bencher.bench_local(|| {
        buffer.reset();
        black_box(ui::draw(&state, &theme, &mut buffer));
    });
}

/// The newest rows of the event pane, folded where they belong together: done for each frame. In a large pod all of these
/// came within the time of one fold.
#[divan::bench(args = [100, 1_000, 2_000], sample_count = 50)]
fn fold_the_newest_events(bencher: Bencher<'_, '_>, count: i64) {
    let mut state = console(SIZES[0], 200, 60);
    let request = state.event_poll.in_flight.unwrap();
    let event = |number: i64| AuditEvent {
        id: EventId(number),
        time: Some(now() + SignedDuration::from_millis(number * 10)),
        severity: Some("INFO".into()),
        kind: Some("AGENT_CONNECTED".into()),
        module: Some("Agent".into()),
        message: Some(format!("User CORP\\user{number} has logged in to machine PC-{number}").into()),
        written_by: None,
        user_id: None,
        machine_id: None,
        pool_name: None,
        application_pool_name: None,
    };
    let events = (1..=count).map(event).collect();
    let feed = EventFeed::Available;
    update(&mut state, Msg::EventsLoaded { request, events, feed, truncated: false, unreadable: 0 });
    bencher.bench_local(|| black_box(state.events.window(20).len()));
}

/// The cursor goes to the next row: the state changes, a frame is drawn and written as far as it differs from the last.
#[divan::bench(args = SIZES, sample_count = 50)]
fn move_the_cursor_on_200x60(bencher: Bencher<'_, '_>, count: usize) {
    let mut state = console(count, 200, 60);
    let theme = Theme::default();
    let area = Rect::new(0, 0, 200, 60);
    let (mut shown, mut drawn) = (Buffer::empty(area), Buffer::empty(area));
    bencher.bench_local(|| {
        update(&mut state, Msg::Key(Key::char('j')));
        drawn.reset();
        black_box(ui::draw(&state, &theme, &mut drawn));
        black_box(runtime::difference(&shown, &drawn, true));
        std::mem::swap(&mut shown, &mut drawn);
    });
}
