//! The life of the estate: people come, idle, disconnect, reconnect and leave.
//!
//! Each happening has its own moment, drawn from the rates of the world, so it does not matter in how many
//! steps time passes: one step of an hour and sixty steps of a minute end in the same estate.

use std::cmp::Ordering;

use super::events::About;
use super::images::ImageWork;
use super::{ACTIVE, Ending, Estate, Flags, PlaceKind, Seat, State};

/// Sessions disconnected for longer than this are not taken up again.
const RECONNECT_WITHIN: i64 = 12 * 3_600_000;
/// How many sessions are looked at to find one for a happening.
const TRIES: usize = 60;
/// The part of the log-ins that hang: they take long, and half of them expire.
const PENDING_HANGS: f64 = 0.06;
/// How long a log-in that hangs does so, in seconds.
pub(super) const HANGING: [f64; 2] = [360.0, 2400.0];
/// How long a machine starts up, in seconds.
const STARTUP: [f64; 2] = [25.0, 70.0];

/// What was begun and finishes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Connect { serial: u32 },
    ExpirePending { serial: u32 },
    Disconnect { serial: u32 },
    End { serial: u32, ending: Ending },
    Startup { machine: u32 },
    Image(ImageWork),
}

/// A piece of work with its moment; the earliest is the greatest, for the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Task {
    due: i64,
    number: u64,
    work: Work,
}

impl Ord for Task {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.number).cmp(&(self.due, self.number))
    }
}

impl PartialOrd for Task {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Debug, Clone, Copy)]
enum Happening {
    Logon,
    Logoff,
    Disconnect,
    Reconnect,
    GoIdle,
    ComeBack,
    Trouble,
}

impl Estate {
    /// Lets the estate live until `to` (epoch milliseconds); going back does nothing.
    pub(crate) fn step(&mut self, to: i64) {
        loop {
            let task_due = self.tasks.peek().map_or(i64::MAX, |task| task.due);
            let next = task_due.min(self.next_life_at);
            if next > to {
                break;
            }
            self.now = self.now.max(next);
            if task_due <= self.next_life_at {
                if let Some(task) = self.tasks.pop() {
                    self.finish(task.work);
                }
            } else {
                self.happen();
                self.draw_next();
            }
        }
        self.now = self.now.max(to);
        self.sweep();
        if let Some(workspace) = &mut self.workspace {
            workspace.step(to);
        }
    }

    /// Plans work between `range[0]` and `range[1]` seconds from now.
    pub(super) fn schedule(&mut self, range: [f64; 2], work: Work) {
        let seconds = self.between(range[0], range[1]);
        self.schedule_at(self.now + (seconds * 1000.0) as i64, work);
    }

    /// Plans work for a moment.
    pub(super) fn schedule_at(&mut self, due: i64, work: Work) {
        self.task_count += 1;
        self.tasks.push(Task { due, number: self.task_count, work });
    }

    pub(super) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + self.random.f64() * (to - from).max(0.0)
    }

    pub(super) fn chance(&mut self, percent: f64) -> bool {
        self.random.f64() * 100.0 < percent
    }

    fn weights(&self) -> [(Happening, f64); 7] {
        let rates = &self.defined.rates;
        let connected = (self.counts.active + self.counts.idle) as f64;
        let usual = self.target as f64;
        [
            (Happening::Logon, rates.logon * usual),
            (Happening::Logoff, rates.logoff * connected),
            (Happening::Disconnect, rates.disconnect * connected),
            (Happening::Reconnect, rates.reconnect * self.counts.disconnected as f64),
            (Happening::GoIdle, rates.go_idle * self.counts.active as f64),
            (Happening::ComeBack, rates.come_back * self.counts.idle as f64),
            (Happening::Trouble, rates.trouble * usual),
        ]
    }

    /// Draws the moment of the next happening.
    pub(super) fn draw_next(&mut self) {
        let per_hour: f64 = self.weights().iter().map(|(_, rate)| rate).sum();
        if per_hour <= 0.0 {
            self.next_life_at = i64::MAX;
            return;
        }
        let draw = (1.0 - self.random.f64()).max(f64::MIN_POSITIVE);
        let wait = -draw.ln() / per_hour * 3_600_000.0;
        self.next_life_at = self.now.saturating_add((wait as i64).max(1));
    }

    fn happen(&mut self) {
        let weights = self.weights();
        let total: f64 = weights.iter().map(|(_, rate)| rate).sum();
        let mut draw = self.random.f64() * total;
        let mut chosen = Happening::Logon;
        for (happening, rate) in weights {
            chosen = happening;
            if draw < rate {
                break;
            }
            draw -= rate;
        }
        match chosen {
            Happening::Logon => self.logon(),
            Happening::Logoff => self.somebody_leaves(),
            Happening::Disconnect => self.somebody_disconnects(),
            Happening::Reconnect => self.somebody_reconnects(),
            Happening::GoIdle => self.somebody_idles(),
            Happening::ComeBack => self.somebody_returns(),
            Happening::Trouble => self.trouble(),
        }
    }

    /// A random session that is free to change and fits. Drawn by serial and not by position, so that it makes
    /// no difference whether ended sessions were swept out already.
    fn find(&mut self, fits: impl Fn(&super::Session) -> bool) -> Option<usize> {
        let per_live = self.next_serial as usize / self.sessions.len().max(1) + 1;
        for _ in 0..TRIES * per_live.min(40) {
            let serial = self.random.u32(..self.next_serial.max(1));
            let Some(position) = self.position_of(serial) else { continue };
            let session = &self.sessions[position];
            let busy = [Flags::GHOST, Flags::LEAVING, Flags::DROPPING];
            if busy.iter().all(|flag| !session.flags.contains(*flag)) && fits(session) {
                return Some(position);
            }
        }
        None
    }

    fn about(&self, position: usize) -> About {
        let session = self.sessions[position].clone();
        About { user: Some(session.user), session: Some(session), ..About::default() }
    }

    fn somebody_leaves(&mut self) {
        let Some(position) = self.find(|session| session.state == State::Connected) else { return };
        let about = self.about(position);
        self.end(position, Ending::LoggedOffByUser);
        self.log("AGENT_ENDED", self.now, about.clone());
        let user = About { user: about.user, ..About::default() };
        self.log("BROKER_USERLOGGEDOUT", self.now + 180, user);
    }

    fn somebody_disconnects(&mut self) {
        let gateways = self.defined.world.gateways.clone();
        let worst = gateways.iter().map(|gateway| gateway.drop_factor).fold(1.0, f64::max);
        let luck = self.random.f64() * worst;
        let found = self.find(|session| {
            let factor =
                gateways.get(usize::from(session.gateway)).map_or(1.0, |gateway| gateway.drop_factor);
            session.state == State::Connected && luck <= factor
        });
        let Some(position) = found else { return };
        self.drop_connection(position);
        // Whoever leaves like this may leave a locked session, or an agent that hangs.
        let factor = self.ghost_factor(position);
        let locked = self.chance(self.defined.mix.locked_disconnected);
        let ghost = self.chance(self.defined.mix.ghosts_disconnected * factor);
        self.change(position, |session| {
            session.flags.set(Flags::LOCKED, session.flags.contains(Flags::LOCKED) || locked);
            session.flags.set(Flags::GHOST, ghost);
        });
        if ghost {
            let about = About { user: None, ..self.about(position) };
            self.log("BROKER_AGENT_OFFLINE", self.now + 60_000, about);
        }
    }

    /// How much likelier than elsewhere the agent of a session gets stuck.
    pub(super) fn ghost_factor(&self, position: usize) -> f64 {
        match self.place(&self.sessions[position]).kind {
            PlaceKind::Pool(pool) => self.pool(pool).ghost_factor,
            _ => 1.0,
        }
    }

    /// Makes a session DISCONNECTED, as the agent reports it.
    pub(crate) fn drop_connection(&mut self, position: usize) {
        let now = self.now;
        self.change(position, |session| {
            session.last_duration = (now - session.since).max(0);
            session.state = State::Disconnected;
            session.since = now;
            session.dropped_at = now;
            session.flags.remove(Flags::DROPPING);
            session.flags.insert(Flags::DROPPED);
            if session.last_input == ACTIVE {
                session.last_input = now;
            }
        });
        let about = self.about(position);
        self.log("AGENT_DISCONNECTED", now, about);
    }

    fn somebody_reconnects(&mut self) {
        let now = self.now;
        let found = self
            .find(|session| session.state == State::Disconnected && now - session.since < RECONNECT_WITHIN);
        if let Some(position) = found {
            self.take_up(position);
        }
    }

    /// Makes a disconnected session CONNECTED again.
    pub(crate) fn take_up(&mut self, position: usize) {
        let now = self.now;
        self.change(position, |session| {
            session.state = State::Connected;
            session.since = now;
            session.last_input = ACTIVE;
            session.flags.remove(Flags::LOCKED);
        });
        let about = self.about(position);
        let user = About { user: about.user, ..About::default() };
        self.log("BROKER_USERLOGGEDIN", now, user);
        self.log("AGENT_RECONNECTED", now + 900, about);
    }

    fn somebody_idles(&mut self) {
        let found = self.find(|session| session.state == State::Connected && session.last_input == ACTIVE);
        if let Some(position) = found {
            let now = self.now;
            self.change(position, |session| session.last_input = now);
        }
    }

    fn somebody_returns(&mut self) {
        let found = self.find(|session| session.state == State::Connected && session.last_input != ACTIVE);
        if let Some(position) = found {
            self.change(position, |session| {
                session.last_input = ACTIVE;
                session.flags.remove(Flags::LOCKED);
            });
        }
    }

    fn logon(&mut self) {
        let place = self.draw_place();
        let second = self.chance(self.defined.mix.duplicates);
        let Some(position) = self.open(place, second) else {
            let user = self.draw_user(place);
            let about = About { user, place: Some(place), ..About::default() };
            self.log("BROKER_POOL_OVERLOADED", self.now, about);
            return;
        };
        self.log_chain(position, self.now);
        let serial = self.sessions[position].serial;
        if self.random.f64() < PENDING_HANGS {
            self.hang(serial, HANGING);
        } else {
            self.schedule(self.defined.delays.pending, Work::Connect { serial });
        }
    }

    /// Lets a log-in stay unfinished for so many seconds; what becomes of it then is luck.
    pub(super) fn hang(&mut self, serial: u32, seconds: [f64; 2]) {
        let work = if self.chance(50.0) { Work::ExpirePending { serial } } else { Work::Connect { serial } };
        self.schedule(seconds, work);
    }

    /// The rows of a log-in up to `AGENT_PENDING` (events.md section 4.1).
    fn log_chain(&mut self, position: usize, at: i64) {
        for (offset, kind) in chain(self.sessions[position].seat) {
            let mut about = self.about(position);
            if kind == "BROKER_USERLOGGEDIN" {
                about.session = None;
            }
            self.log(kind, at + offset, about);
        }
    }

    /// Things that go wrong without a session.
    fn trouble(&mut self) {
        const KINDS: [&str; 7] = [
            "BROKER_USER_AUTHFAILED_BAD_USER_PASSWORD",
            "BROKER_MACHINE_NOT_READY",
            "BROKER_USER_AUTHFAILED_ACCOUNT_LOCKED_OUT",
            "BROKER_MACHINE_REJECTED_SESSION",
            "BROKER_POOL_NO_RESPONSES",
            "BROKER_AGENT_OFFLINE",
            "BROKER_DESKTOP_LAUNCH_FAILURE",
        ];
        let kind = KINDS[self.random.usize(..KINDS.len())];
        let about = self.draw_trouble(kind);
        self.log(kind, self.now, about);
    }

    /// Somebody and something for a trouble event of this type.
    pub(super) fn draw_trouble(&mut self, kind: &str) -> About {
        let place = self.draw_place();
        let user = self.draw_user(place);
        let mut about = About { user, ..About::default() };
        if !kind.contains("AUTHFAILED") {
            about.place = Some(place);
            about.machine = self.places[usize::from(place)].free.last().copied();
            if kind == "BROKER_AGENT_OFFLINE" {
                about.user = None;
            }
        }
        about
    }

    fn finish(&mut self, work: Work) {
        match work {
            Work::Startup { machine } => {
                if let Some(row) = self.machines.get_mut(machine as usize) {
                    row.starting = false;
                    let about = About { machine: Some(machine), ..About::default() };
                    self.log("AGENT_STARTUP", self.now, about);
                }
            }
            Work::Image(work) => self.finish_image(work),
            Work::Connect { serial } => self.finish_connect(serial),
            Work::ExpirePending { serial } => {
                let waiting = |position: &usize| self.sessions[*position].state == State::Pending;
                if let Some(position) = self.position_of(serial).filter(waiting) {
                    let about = self.about(position);
                    self.end(position, Ending::PendingExpired);
                    self.log("AGENT_PENDING_EXPIRED", self.now, about);
                }
            }
            Work::Disconnect { serial } => {
                let connected = |position: &usize| self.sessions[*position].state == State::Connected;
                if let Some(position) = self.position_of(serial).filter(connected) {
                    self.drop_connection(position);
                }
            }
            Work::End { serial, ending } => self.finish_end(serial, ending),
        }
    }

    fn finish_connect(&mut self, serial: u32) {
        let Some(position) = self.position_of(serial) else { return };
        if self.sessions[position].state != State::Pending {
            return;
        }
        let now = self.now;
        self.change(position, |session| {
            session.state = State::Connected;
            session.since = now;
            session.start = now;
            session.last_input = ACTIVE;
        });
        let about = self.about(position);
        self.log("AGENT_CONNECTED", now, about);
    }

    fn finish_end(&mut self, serial: u32, ending: Ending) {
        let Some(position) = self.position_of(serial) else { return };
        let about = self.about(position);
        let seat = self.sessions[position].seat;
        self.end(position, ending);
        self.log("AGENT_ENDED", self.now, about);
        let Seat::Machine { machine } = seat else { return };
        if matches!(ending, Ending::Reset | Ending::Restarted) {
            self.machines[machine as usize].starting = true;
            let about = About { machine: Some(machine), ..About::default() };
            self.log("AGENT_SHUTDOWN", self.now + 150, about);
            self.schedule(STARTUP, Work::Startup { machine });
        }
    }
}

/// The broker's and agent's rows of a log-in, with their offsets in milliseconds.
pub(super) fn chain(seat: Seat) -> Vec<(i64, &'static str)> {
    match seat {
        Seat::Console { .. } => vec![(0, "AGENT_PENDING")],
        Seat::Machine { .. } | Seat::RdsDesktop { .. } => vec![
            (0, "BROKER_USERLOGGEDIN"),
            (140, "BROKER_DESKTOP_REQUEST"),
            (390, "BROKER_MACHINE_ALLOCATED"),
            (390, "AGENT_PENDING"),
        ],
        Seat::Application { .. } => vec![
            (0, "BROKER_USERLOGGEDIN"),
            (140, "BROKER_APPLICATION_REQUEST"),
            (390, "BROKER_MACHINE_ALLOCATED"),
            (390, "AGENT_PENDING"),
        ],
    }
}
