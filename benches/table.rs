//! What a key costs on a large estate: building the table, filtering, sorting, drawing a frame.
//!
//! `cargo bench`. Machines differ and are noisy: compare ratios within one run.
#![expect(clippy::unwrap_used, reason = "a benchmark stops with a clear message")]

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
    divan::main();
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000)
}

/// Sessions as an estate has them: many users, few pools and gateways.
fn sessions(count: usize) -> Vec<Session> {
    let mut random = fastrand::Rng::with_seed(7);
    let one = |number: usize| {
        let mut session = Session::new(format!("session-{number:08}").into());
        let disconnected = random.u32(..100) < 26;
        session.user_name = Some(format!("user{:06}", random.usize(..count)).into());
        session.user_id = Some(format!("S-1-5-21-{number}").into());
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
fn filter_by_a_word(bencher: Bencher<'_, '_>, count: usize) {
    let table = table(count);
    let mut view = view(&table);
    let mut letters = ["user0012", "user00123"].into_iter().cycle();
    bencher.bench_local(|| view.set_filter(letters.next().unwrap(), Surroundings::default()));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn sort_by_machine(bencher: Bencher<'_, '_>, count: usize) {
    let table = table(count);
    let mut view = view(&table);
    let mut descending = false;
    bencher.bench_local(|| {
        descending = !descending;
        view.set_sort(Sort { column: Column::Machine, descending }, Surroundings::default());
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
