//! What a key costs on a large estate: building the table, filtering, sorting, drawing a frame.
//!
//! `cargo bench`. It begins with the memory that a session takes. Machines differ and are noisy: compare ratios within
//! one run.
#![expect(clippy::unwrap_used, reason = "a benchmark stops with a clear message")]
#![expect(clippy::print_stdout, reason = "the memory of a session is a result")]

use std::sync::Arc;

use divan::{Bencher, black_box};
use foretop::{
    core::{
        filter::{Context, Filter, Truth},
        init,
        msg::Msg,
        state::{ScreenSize, Settings, State},
        table::{Column, SessionTable, Sort, Surroundings, TableView},
        update,
    },
    domain::{Account, Capabilities, EventFeed, Session, SessionState, WireKind},
    ui::{self, Theme},
};
use jiff::{SignedDuration, Timestamp};
use ratatui::{Terminal, backend::TestBackend};

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

/// A console that shows so many sessions.
fn console(count: usize, width: u16, height: u16) -> State {
    let mut state = State::new(Settings::default(), ScreenSize { width, height }, now(), 1);
    init(&mut state);
    let capabilities = Capabilities {
        wire: WireKind::Horizon,
        release: None,
        product_version: None,
        pod: None,
        cluster: None,
        sessions_version: 7,
        server: "cs1".into(),
        events: EventFeed::Available,
        account: Account::default(),
    };
    update(&mut state, Msg::Connected(Box::new(capabilities)));
    let request = state.sessions.poll.in_flight.unwrap();
    update(&mut state, Msg::SessionsLoaded { request, table: table(count), unreadable: 0 });
    state
}

#[divan::bench(args = SIZES, sample_count = 50)]
fn draw_a_frame_of_200x60(bencher: Bencher<'_, '_>, count: usize) {
    let state = console(count, 200, 60);
    let theme = Theme::default();
    let mut terminal = Terminal::new(TestBackend::new(200, 60)).unwrap();
    bencher.bench_local(|| {
        terminal
            .draw(|frame| {
                black_box(ui::draw(&state, &theme, frame));
            })
            .unwrap();
    });
}
