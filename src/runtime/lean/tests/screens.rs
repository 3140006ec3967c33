//! What keys cost on whole screens, counted in bytes: the same state gives the same bytes on every machine.

use std::sync::Arc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{assert_shows, emulator};
use crate::{
    core::{
        self,
        key::{Key, KeyCode},
        msg::Msg,
        state::{ScreenSize, Settings, State},
        table::SessionTable,
    },
    domain::{Account, Capabilities, EventFeed, Session, SessionState, WireKind},
    runtime::lean::difference,
    ui::{self, ColorDepth, Theme},
};

/// Sessions of an estate: many users, few pools, gateways and versions.
fn sessions() -> Vec<Session> {
    let names = ["alvarez", "baker", "costa", "dogan", "evans", "haddad", "novak", "tanaka"];
    let pools = ["Finance", "Calls W10", "Office", "office-rds", "Build", "erp-rds", "CAD", "Extern"];
    let pools = [&pools[..], &["view-rds", "Treasury", "Laboratory", "ERP", "3D Viewing"]].concat();
    let mut random = fastrand::Rng::with_seed(7);
    // The first ones are the most frequent, as in most estates.
    let mut few = |count: usize| random.usize(..count).min(random.usize(..count));
    let one = |number: usize| {
        let mut session = Session::new(format!("5e55-{number:08}").as_str().into());
        let name = names[few(names.len())];
        let pool = pools[few(pools.len())];
        session.user_name = Some(format!("CORP\\{name}.{:03}", few(800)).into());
        session.user_id = Some(format!("S-1-5-21-{number}").as_str().into());
        session.state = Some(if few(8) > 2 { SessionState::Disconnected } else { SessionState::Connected });
        session.idle_minutes = Some(few(600) as i64);
        session.started_at = Some(now() - jiff::SignedDuration::from_mins(few(2_000) as i64 + 10));
        session.pool_name = Some(pool.into());
        let short: String = pool.chars().take(3).collect();
        session.machine_name = Some(format!("{}-{:04}", short.to_uppercase(), few(900)).into());
        session.machine_dns = Some(format!("{short}-{number:04}.corp.example").into());
        session.gateway.name = Some(format!("uag-ams{}", 1 + few(5)).into());
        session.agent_version = Some(format!("8.{}.0", 14 - few(5)).into());
        session.client.kind = Some(["WINDOWS", "MAC", "LINUX", "HTML"][few(4)].into());
        session.client.version = Some(format!("8.{}.0", 13 - few(4)).into());
        session
    };
    (0..1_000).map(one).collect()
}

fn now() -> jiff::Timestamp {
    "2026-11-21T14:02:14Z".parse().unwrap()
}

/// A console, what its terminal shows, and a terminal.
struct Console {
    state: State,
    shown: Buffer,
    terminal: vt100::Parser,
}

impl Console {
    fn start(width: u16, height: u16, pane: bool) -> Self {
        let mut state = State::new(Settings::default(), ScreenSize { width, height }, now(), 1);
        state.sessions.facets.pane = Some(pane);
        core::init(&mut state);
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
        core::update(&mut state, Msg::Connected(Box::new(capabilities)));
        let request = state.sessions.poll.in_flight.unwrap();
        let table = Arc::new(SessionTable::new(sessions(), now(), true));
        core::update(&mut state, Msg::SessionsLoaded { request, table, unreadable: 0 });
        let shown = Buffer::empty(Rect::new(0, 0, width, height));
        let terminal = emulator(&shown);
        let mut console = Self { state, shown, terminal };
        console.draw();
        console
    }

    /// Presses a key; how many bytes its frame has. The terminal shows what was drawn.
    fn press(&mut self, key: Key) -> usize {
        core::update(&mut self.state, Msg::Key(key));
        self.draw()
    }

    fn draw(&mut self) -> usize {
        let theme = Theme::default().with_depth(ColorDepth::Ansi256);
        let mut drawn = Buffer::empty(self.shown.area);
        ui::draw(&self.state, &theme, &mut drawn);
        let bytes = difference(&self.shown, &drawn, true);
        self.terminal.process(&bytes);
        assert_shows(&self.terminal, &drawn, &bytes);
        self.shown = drawn;
        bytes.len()
    }
}

/// What keys cost: the most bytes of a few of each.
#[derive(Debug)]
struct Costs {
    cursor: usize,
    scroll: usize,
    page: usize,
    letter: usize,
}

impl Costs {
    fn of(width: u16, height: u16, pane: bool) -> Self {
        let mut console = Console::start(width, height, pane);
        let mut most = |keys: &[Key]| keys.iter().map(|key| console.press(*key)).max().unwrap_or_default();
        let cursor = most(&[Key::char('j'); 10]);
        let _ = most(&vec![Key::char('j'); usize::from(height)]);
        let scroll = most(&[Key::char('j'); 10]);
        let page = most(&[Key::plain(KeyCode::PageDown); 4]);
        let letter = most(&"/eva".chars().map(Key::char).collect::<Vec<_>>());
        assert!(console.state.sessions.view.offset() == 0 && console.state.prompt.is_some());
        Self { cursor, scroll, page, letter }
    }
}

/// In the colours of most terminals. Without rows that the terminal moves, scrolling would cost what a page does.
#[test]
fn keys_cost_no_more_than_this() {
    let expected = [
        ((80, 24, false), Costs { cursor: 90, scroll: 200, page: 850, letter: 1_150 }),
        ((120, 40, false), Costs { cursor: 95, scroll: 240, page: 2_600, letter: 2_700 }),
        ((120, 40, true), Costs { cursor: 95, scroll: 900, page: 2_000, letter: 2_700 }),
        ((200, 60, false), Costs { cursor: 110, scroll: 320, page: 4_700, letter: 6_200 }),
        ((200, 60, true), Costs { cursor: 110, scroll: 1_500, page: 4_200, letter: 6_200 }),
    ];
    for ((width, height, pane), most) in expected {
        let costs = Costs::of(width, height, pane);
        let kept = costs.cursor <= most.cursor
            && costs.scroll <= most.scroll
            && costs.page <= most.page
            && costs.letter <= most.letter;
        assert!(kept, "{width}x{height}, breakdown {pane}: {costs:?}");
    }
}
