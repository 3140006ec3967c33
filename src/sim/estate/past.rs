//! The past that an estate has when it starts: states of its sessions, and the events that led to them.

use super::events::{About, Event};
use super::life::{HANGING, Work, chain};
use super::{ACTIVE, Estate, Flags, Seat, State};

const MINUTE: f64 = 60_000.0;
const HOUR: f64 = 60.0 * MINUTE;
/// The longest that somebody is disconnected at the start, in minutes: six days.
const LONGEST_DISCONNECTED: f64 = 6.0 * 24.0 * 60.0;

impl Estate {
    /// Gives a new session a past, so that the estate looks as on an ordinary day.
    pub(super) fn give_past(&mut self, position: usize) {
        let mix = self.defined.mix.clone();
        let gateway = self.sessions[position].gateway;
        let console = matches!(self.sessions[position].seat, Seat::Console { .. });
        let gateways = &self.defined.world.gateways;
        let weight: f64 = gateways.iter().map(|gateway| f64::from(gateway.weight)).sum();
        let mean = gateways.iter().map(|gate| gate.drop_factor * f64::from(gate.weight)).sum::<f64>()
            / weight.max(1.0);
        let factor = gateways.get(usize::from(gateway)).map_or(1.0, |gate| gate.drop_factor / mean.max(0.01));
        let ghost_factor = self.ghost_factor(position);
        let draw = self.random.f64() * 100.0;
        let disconnected = (mix.disconnected * factor).min(90.0);
        if !console && draw < disconnected {
            self.past_of_disconnected(position);
            let locked = self.chance(mix.locked_disconnected);
            let ghost = self.chance(mix.ghosts_disconnected * ghost_factor);
            self.sessions[position].flags.set(Flags::LOCKED, locked);
            self.sessions[position].flags.set(Flags::GHOST, ghost);
        } else if !console && draw < disconnected + mix.pending {
            self.past_of_pending(position);
        } else {
            self.past_of_connected(position);
            let locked = self.chance(mix.locked_connected);
            let ghost = self.chance(mix.ghosts_connected * ghost_factor);
            self.sessions[position].flags.set(Flags::LOCKED, locked);
            self.sessions[position].flags.set(Flags::GHOST, ghost);
        }
    }

    /// Of those that are pending at some moment more than half hang, because the others soon are not any more.
    fn past_of_pending(&mut self, position: usize) {
        let serial = self.sessions[position].serial;
        let hangs = self.chance(60.0);
        let [least, most] = if hangs { HANGING } else { self.defined.delays.pending };
        let takes = self.between(least, most);
        // Those that hang do so long enough to be seen as such.
        let begun = if hangs { self.between(least.min(takes), takes) } else { self.between(0.0, takes) };
        let start = self.now - (begun * 1000.0) as i64;
        self.sessions[position].start = start;
        self.sessions[position].since = start;
        let left = (takes - begun).max(1.0);
        if hangs {
            self.hang(serial, [left, left]);
        } else {
            self.schedule([left, left], Work::Connect { serial });
        }
    }

    fn past_of_disconnected(&mut self, position: usize) {
        // Even on the logarithm: as many between one and ten minutes as between ten hours and four days.
        let minutes = (self.random.f64() * LONGEST_DISCONNECTED.ln()).exp();
        let dropped_at = self.now - (minutes * MINUTE) as i64;
        let last_input = dropped_at - (self.random.f64() * 20.0 * MINUTE) as i64;
        let lasted = ((10.0 * MINUTE) + self.random.f64() * 9.0 * HOUR) as i64;
        self.change(position, |session| {
            session.state = State::Disconnected;
            session.since = dropped_at;
            session.dropped_at = dropped_at;
            session.last_input = last_input;
            session.last_duration = lasted;
            session.start = dropped_at - lasted;
            session.flags.insert(Flags::DROPPED);
        });
    }

    fn past_of_connected(&mut self, position: usize) {
        let age = (3.0 * MINUTE + self.random.f64() * 9.0 * HOUR) as i64;
        let idle = self.chance(self.defined.mix.idle);
        let longest = (age as f64 / MINUTE * 0.9).clamp(2.0, 240.0);
        let idle_minutes = (self.random.f64() * longest.ln()).exp().max(1.0);
        let now = self.now;
        self.change(position, |session| {
            session.state = State::Connected;
            session.start = now - age;
            session.since = session.start;
            session.last_input = if idle { now - (idle_minutes * MINUTE) as i64 } else { ACTIVE };
        });
    }

    /// The events of the last hours: those of the sessions that exist, those of people who have left, and troubles.
    pub(super) fn add_history(&mut self) {
        let from = self.now - (self.defined.delays.history_hours * HOUR) as i64;
        let mut events: Vec<Event> = Vec::new();
        for position in 0..self.sessions.len() {
            self.past_events(position, from, &mut events);
        }
        self.departed(from, &mut events);
        self.troubles(from, &mut events);
        self.events.fill(events);
    }

    fn past_events(&self, position: usize, from: i64, events: &mut Vec<Event>) {
        let session = &self.sessions[position];
        let about = || About { user: Some(session.user), session: Some(session.clone()), ..About::default() };
        if session.start >= from {
            let begun = session.start - if session.state == State::Pending { 0 } else { 9_000 };
            for (offset, kind) in chain(session.seat) {
                let mut about = about();
                if kind == "BROKER_USERLOGGEDIN" {
                    about.session = None;
                }
                events.extend(self.event(kind, begun + offset, about));
            }
            if session.state != State::Pending {
                events.extend(self.event("AGENT_CONNECTED", session.start, about()));
            }
        }
        if session.flags.contains(Flags::DROPPED) && session.dropped_at >= from {
            events.extend(self.event("AGENT_DISCONNECTED", session.dropped_at, about()));
        }
    }

    /// Rows of people who came and went before the start.
    fn departed(&mut self, from: i64, events: &mut Vec<Event>) {
        let hours = self.defined.delays.history_hours;
        let count = (self.target as f64 * self.defined.rates.logoff * hours * 0.75) as usize;
        for _ in 0..count.min(self.sessions.len() * 2) {
            let position = self.random.usize(..self.sessions.len());
            let end = from + (self.random.f64() * (self.now - from) as f64) as i64;
            let mut session = self.sessions[position].clone();
            let users = &self.places[usize::from(self.place_index(&session))].users;
            let chosen = self.random.usize(..users.len().max(1));
            session.user = users.get(chosen).copied().unwrap_or(session.user);
            let user = Some(session.user);
            let about = About { user, session: Some(session), ..About::default() };
            events.extend(self.event("AGENT_ENDED", end, about));
            events.extend(self.event("BROKER_USERLOGGEDOUT", end + 180, About { user, ..About::default() }));
        }
    }

    fn troubles(&mut self, from: i64, events: &mut Vec<Event>) {
        let hours = self.defined.delays.history_hours;
        let kinds = [
            "BROKER_USER_AUTHFAILED_BAD_USER_PASSWORD",
            "BROKER_AGENT_OFFLINE",
            "BROKER_MACHINE_NOT_READY",
            "BROKER_DESKTOP_LAUNCH_FAILURE",
        ];
        let count = (self.target as f64 * self.defined.rates.trouble * hours) as usize + kinds.len();
        for number in 0..count {
            let kind = kinds[number % kinds.len()];
            // One of each in the last hour, however small the estate is.
            let span = self.now - from;
            let span = if number < kinds.len() { span.min(HOUR as i64) } else { span };
            let at = self.now - (self.random.f64() * span as f64) as i64;
            let about = self.draw_trouble(kind);
            events.extend(self.event(kind, at, about));
        }
    }
}
