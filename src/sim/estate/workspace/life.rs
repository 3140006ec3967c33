//! What happens by itself: people come, go and lose their connection; begun work ends.

use std::cmp::Ordering;

use super::{AppSession, AppState, Made, Workspace};

/// How many sessions that are over stay in the list.
const OVER_KEPT: usize = 3000;
/// How long an agent needs to prepare a session, in seconds.
pub(super) const INIT: [f64; 2] = [3.0, 12.0];
/// How long a logoff needs, in seconds.
const LOGOFF: [f64; 2] = [1.0, 5.0];
/// One session of so many never gets ready.
const INIT_FAILS: u32 = 25;

/// What was begun and finishes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// The agent is done with a session: number.
    Ready(u64),
    /// A session ends: number.
    SignOut(u64),
    /// A job goes on: number.
    Job(u64),
    /// A job on an app server goes on: number.
    ServerJob(u64),
    /// A server goes on with a task: index, number of the task, step.
    Power(usize, u32, u8),
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

impl Workspace {
    /// Lets the workspace live until `to` (epoch milliseconds); going back does nothing.
    pub(crate) fn step(&mut self, to: i64) {
        loop {
            let task_due = self.tasks.peek().map_or(i64::MAX, |task| task.due);
            let next = task_due.min(self.next_life_at);
            if next > to {
                break;
            }
            self.now = self.now.max(next);
            if task_due > self.next_life_at {
                self.happen();
                self.draw_next();
            } else if let Some(task) = self.tasks.pop() {
                match task.work {
                    Work::Ready(session) => self.ready(session),
                    Work::SignOut(session) => self.sign_out(session),
                    Work::Job(job) => self.job_goes_on(job),
                    Work::ServerJob(job) => self.server_job_goes_on(job),
                    Work::Power(server, number, step) => self.power_goes_on(server, number, step),
                }
            }
        }
        self.now = self.now.max(to);
    }

    /// Plans work between `range[0]` and `range[1]` seconds from now.
    pub(super) fn schedule(&mut self, range: [f64; 2], work: Work) {
        let wait = self.between(range);
        self.schedule_at(self.now + wait, work);
    }

    pub(super) fn schedule_at(&mut self, due: i64, work: Work) {
        self.task_count += 1;
        self.tasks.push(Task { due, number: self.task_count, work });
    }

    fn count(&self, state: AppState) -> usize {
        self.sessions.iter().filter(|session| session.state == state).count()
    }

    /// Log-ons, logoffs, lost connections and returns in an hour, by the rates that Horizon's sessions have too.
    fn weights(&self) -> [f64; 4] {
        let rates = &self.defined.rates;
        let (active, away) = (self.count(AppState::Active) as f64, self.count(AppState::Disconnected) as f64);
        let usual = self.world().sessions as f64;
        // Whoever is above the usual number comes back later.
        let missing = if active + away < usual { 1.3 } else { 0.7 };
        [
            rates.logon * usual * missing,
            rates.logoff * active,
            rates.disconnect * active,
            rates.reconnect * away,
        ]
    }

    /// Draws the moment of the next happening.
    pub(super) fn draw_next(&mut self) {
        let per_hour: f64 = self.weights().iter().sum();
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
        let mut draw = self.random.f64() * weights.iter().sum::<f64>();
        let mut chosen = 0;
        for (number, weight) in weights.iter().enumerate() {
            chosen = number;
            if draw < *weight {
                break;
            }
            draw -= weight;
        }
        match chosen {
            0 => {
                if let Some(number) = self.log_on() {
                    self.schedule(INIT, Work::Ready(number));
                }
            }
            1 => {
                if let Some(number) = self.somebody(AppState::Active) {
                    self.sign_out(number);
                }
            }
            2 => self.turn(AppState::Active, AppState::Disconnected),
            _ => self.turn(AppState::Disconnected, AppState::Active),
        }
    }

    /// A session in this state that is free to change.
    fn somebody(&mut self, state: AppState) -> Option<u64> {
        let fits = |session: &&AppSession| session.state == state && !session.leaving && !session.stuck;
        let numbers: Vec<u64> = self.sessions.iter().filter(fits).map(|session| session.number).collect();
        let draw = self.random.usize(..numbers.len().max(1));
        numbers.get(draw).copied()
    }

    fn turn(&mut self, from: AppState, into: AppState) {
        let number = self.somebody(from);
        let now = self.now;
        if let Some(session) = number.and_then(|number| self.session_mut(number)) {
            session.state = into;
            session.since = now;
        }
    }

    pub(super) fn session_mut(&mut self, number: u64) -> Option<&mut AppSession> {
        let at = self.sessions.binary_search_by_key(&number, |session| session.number).ok()?;
        self.sessions.get_mut(at)
    }

    /// A session that begins now, on a server that takes users; `None` when there is none.
    pub(super) fn log_on(&mut self) -> Option<u64> {
        let group = self.draw_group();
        let fits = |server: &(usize, &super::AppServer)| server.1.group == group && server.1.takes_users();
        let open: Vec<usize> = self.servers.iter().enumerate().filter(fits).map(|server| server.0).collect();
        let server = *open.get(self.random.usize(..open.len().max(1)))?;
        let (user, login) = self.people.get(self.random.usize(..self.people.len().max(1)))?.clone();
        let most = self.server_groups[group].applications.len();
        let number = self.next();
        let session = AppSession {
            number,
            id: self.ids.hex(Made::Session, number),
            user,
            login,
            server,
            state: AppState::AppcInit,
            start: self.now,
            since: self.now,
            end: None,
            leaving: false,
            stuck: false,
            messages: Vec::new(),
            applications: self.random.usize(1..=most.max(1)),
            client: self.random.u32(1..60_000),
        };
        self.sessions.push(session);
        self.forget_old_sessions();
        Some(number)
    }

    fn draw_group(&mut self) -> usize {
        let total: u32 = self.server_groups.iter().map(|group| group.share).sum();
        let mut draw = self.random.u32(..total.max(1));
        for (number, group) in self.server_groups.iter().enumerate() {
            if draw < group.share {
                return number;
            }
            draw -= group.share;
        }
        0
    }

    fn ready(&mut self, number: u64) {
        let fails = self.random.u32(..INIT_FAILS) == 0;
        let now = self.now;
        let Some(session) = self.session_mut(number) else { return };
        if session.state != AppState::AppcInit {
            return;
        }
        session.since = now;
        if fails {
            session.state = AppState::InitFail;
            session.end = Some(now);
        } else {
            session.state = AppState::Active;
        }
    }

    fn sign_out(&mut self, number: u64) {
        let now = self.now;
        let Some(session) = self.session_mut(number) else { return };
        if session.state.is_over() || session.stuck {
            return;
        }
        session.state = AppState::SignedOut;
        session.since = now;
        session.end = Some(now);
    }

    /// Ends every session of a server, as a stop or a reboot does.
    pub(super) fn empty_server(&mut self, server: usize) {
        let now = self.now;
        for session in &mut self.sessions {
            if session.server == server && !session.state.is_over() {
                session.state = AppState::SignedOut;
                session.since = now;
                session.end = Some(now);
            }
        }
    }

    fn forget_old_sessions(&mut self) {
        let over = self.sessions.iter().filter(|session| session.state.is_over()).count();
        if over <= OVER_KEPT {
            return;
        }
        let mut surplus = over - OVER_KEPT;
        self.sessions.retain(|session| {
            let goes = surplus > 0 && session.state.is_over();
            surplus -= usize::from(goes);
            !goes
        });
    }

    /// Accepts the logoff of sessions, `delay` seconds from now (section 7.3). Unknown ones and those that are over
    /// are passed over: what the service says to them is documented nowhere.
    pub(crate) fn log_off(&mut self, ids: &[String], delay: u32, message: Option<&str>) {
        let mut leaving = Vec::new();
        for session in &mut self.sessions {
            if session.state.is_over() || !ids.contains(&session.id) {
                continue;
            }
            session.messages.extend(message.map(str::to_owned));
            if !session.leaving {
                session.leaving = !session.stuck;
                leaving.push(session.number);
            }
        }
        for number in leaving {
            let wait = i64::from(delay) * 1000 + self.between(LOGOFF);
            self.schedule_at(self.now + wait, Work::SignOut(number));
        }
    }
}
