//! Valid domain objects by one call, for tests.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    effect::Effect,
    init,
    key::{Key, KeyCode},
    msg::Msg,
    state::{ScreenSize, Settings, State},
    table::SessionTable,
    update,
};
use crate::domain::{
    Account, Capabilities, EventFeed, Outcome, Release, Session, SessionId, SessionState, Text,
};

/// The moment at which all tests begin.
pub(crate) fn start() -> Timestamp {
    "2026-03-02T14:00:00Z".parse().unwrap()
}

/// A session of `user`, in a state, idle for so many minutes.
pub(crate) fn session(id: &str, user: &str, state: SessionState, idle_minutes: i64) -> Session {
    let mut session = Session::new(id.into());
    session.user_id = Some(format!("S-1-5-21-{user}").into());
    session.user_name = Some(Text::clean(&format!("CORP\\{user}")));
    session.state = Some(state);
    session.idle_minutes = Some(idle_minutes);
    session.machine_id = Some(format!("vm-{id}").into());
    session.machine_name = Some(Text::clean(&format!("FINW11-{id}")));
    session.pool_id = Some("pool-1".into());
    session.pool_name = Some("fin-w11".into());
    session.access_group_id = Some("finance".into());
    session
}

/// An account that may do everything on a current server.
pub(crate) fn capabilities() -> Capabilities {
    let privileges = [("root".into(), vec![Text::clean("ADMINISTRATOR")])].into_iter().collect();
    Capabilities {
        wire: crate::domain::WireKind::Horizon,
        release: Some(Release(2512)),
        product_version: Some("8.17.0".into()),
        pod: Some("ams1".into()),
        cluster: None,
        sessions_version: 7,
        server: "cs1".into(),
        events: EventFeed::Available,
        account: Account {
            name: "CORP\\admin".into(),
            privileges: Some(privileges),
            root_group: Some("root".into()),
            ..Account::default()
        },
    }
}

/// What Workspace can do, as far as it tells.
pub(crate) fn workspace_capabilities() -> Capabilities {
    Capabilities {
        wire: crate::domain::WireKind::Workspace,
        release: None,
        product_version: None,
        pod: None,
        cluster: None,
        sessions_version: 1,
        server: "workspace-app.cn-north-4.example".into(),
        events: EventFeed::NotOffered,
        account: Account { name: "EXAMPLEAKID000000001".into(), ..Account::default() },
    }
}

/// A console in a test: messages in, effects collected.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) state: State,
    pub(crate) effects: Vec<Effect>,
    /// When the poll of the list that is out began.
    began_at: Timestamp,
}

impl Bench {
    /// A console that is connected and shows these sessions.
    pub(crate) fn with(sessions: Vec<Session>) -> Self {
        Self::connected(capabilities(), sessions)
    }

    /// The same over Workspace.
    pub(crate) fn in_the_cloud(sessions: Vec<Session>) -> Self {
        Self::connected(workspace_capabilities(), sessions)
    }

    fn connected(capabilities: Capabilities, sessions: Vec<Session>) -> Self {
        let mut bench = Self::unconnected();
        bench.send(Msg::Connected(Box::new(capabilities)));
        bench.answer(sessions, true);
        bench
    }

    /// A console that has just begun.
    pub(crate) fn unconnected() -> Self {
        let settings = Settings::default();
        let mut bench = Self {
            state: State::new(settings, ScreenSize { width: 80, height: 24 }, start(), 1),
            effects: Vec::new(),
            began_at: start(),
        };
        bench.effects = init(&mut bench.state);
        bench
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, message: Msg) {
        let effects = update(&mut self.state, message);
        if effects.iter().any(|effect| matches!(effect, Effect::FetchSessions { .. })) {
            self.began_at = self.state.now;
        }
        self.effects.extend(effects);
    }

    /// Lets seconds pass.
    pub(crate) fn pass(&mut self, seconds: i64) {
        let now = self.state.now + jiff::SignedDuration::from_secs(seconds);
        self.send(Msg::Tick(now));
    }

    /// Answers the poll of the list that is out.
    pub(crate) fn answer(&mut self, sessions: Vec<Session>, complete: bool) {
        let request = self.state.sessions.poll.in_flight.expect("a poll is out");
        let table = Arc::new(SessionTable::new(sessions, self.began_at, complete));
        self.send(Msg::SessionsLoaded { request, table, unreadable: 0 });
    }

    /// Waits for the next poll, a minute at least, and answers.
    pub(crate) fn refresh(&mut self, sessions: Vec<Session>) {
        self.pass(i64::from(self.state.seconds_between_lists()).max(60));
        self.answer(sessions, true);
    }

    /// Presses keys: characters as they stand, `<esc>`, `<enter>`, `<tab>`, `<c-x>` by name.
    pub(crate) fn press(&mut self, keys: &str) {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let (key, length) = match rest.strip_prefix('<').and_then(|tail| tail.split_once('>')) {
                Some((name, _)) if name.len() > 1 => (named(name), name.len() + 2),
                _ => (Key::char(first), first.len_utf8()),
            };
            self.send(Msg::Key(key));
            rest = rest.get(length..).unwrap();
        }
    }

    /// The effects so far, which are then forgotten.
    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Lets the newest job end with these outcomes, by target.
    pub(crate) fn finish_job(&mut self, outcomes: impl Fn(&SessionId) -> Outcome) {
        use super::bulk::JobEvent;
        let job = self.state.jobs.last().expect("a job").clone();
        let places = job.plan.to_send.iter().enumerate();
        let settled = places.map(|(place, target)| (place, outcomes(&target.session.id))).collect();
        let targets = (0..job.plan.to_send.len()).collect();
        for event in [
            JobEvent::Sent { targets },
            JobEvent::Settled { outcomes: settled },
            JobEvent::Finished { stopped: false, fault: None },
        ] {
            self.send(Msg::JobProgressed { job: job.id, event });
        }
    }
}

fn named(name: &str) -> Key {
    match name {
        "esc" => Key::plain(KeyCode::Esc),
        "enter" => Key::plain(KeyCode::Enter),
        "tab" => Key::plain(KeyCode::Tab),
        "up" => Key::plain(KeyCode::Up),
        "down" => Key::plain(KeyCode::Down),
        "left" => Key::plain(KeyCode::Left),
        "bs" => Key::plain(KeyCode::Backspace),
        other => {
            Key::ctrl(other.strip_prefix("c-").and_then(|rest| rest.chars().next()).expect("a key name"))
        }
    }
}
