//! Confirmation: accepted is not done (`design.md section 4`, rule 4).
//!
//! What counts as seen to have happened, by verb:
//!
//! * logoff: two complete lists in a row without the session, or its event and one such list. An event alone says that
//!   the request was carried out, not that a stuck agent let go of the session.
//! * disconnect: a list that shows it disconnected, or what counts for a logoff.
//! * restart and reset: the event, or two complete lists without the session.
//! * message: the event. Nothing tells whether somebody read it (`method-map.md`, S5).
//!
//! Rows about sessions on RDS servers name no machine by its id (`events.md section 1`). Such a row counts when it is of the
//! operator's own account and its text names user and server of the target; each row counts for one target only.
//!
//! A list that failed or was cut short confirms nothing; neither does one that was begun before the answer came. For
//! sessions of other pods events say only that a request left.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Target;
use crate::{
    core::{own_events::words, table::SessionTable},
    domain::{AuditEvent, EventId, Outcome, Session, SessionState, Text, UserId, Verb, written_by_verb},
};

/// How far the clock of the server, which dates its events, may be behind what is known of it.
const CLOCK_SKEW_SECONDS: i64 = 5;

/// How long another list is waited for when the deadline is nearer: at least, and at most.
const PATIENCE: [SignedDuration; 2] = [SignedDuration::from_secs(20), SignedDuration::from_mins(5)];

/// So many times as long as a list took the next one is waited for: whoever reads them rests for three times as long.
const PER_READING: i32 = 5;

/// A list that was whole so long before the deadline is no last look.
const FRESH: SignedDuration = SignedDuration::from_secs(10);

/// Seconds for which each verb is given time until what is still there counts as "still listed".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deadlines {
    /// Disconnect.
    pub disconnect: u32,
    /// Logoff, polite or forced.
    pub logoff: u32,
    /// Restart of the guest.
    pub restart: u32,
    /// Reset of the machine.
    pub reset: u32,
    /// Message: how long its event is waited for.
    pub message: u32,
}

impl Default for Deadlines {
    fn default() -> Self {
        // Guests take a minute to log somebody off and several to restart; event databases lag by half a minute.
        Self { disconnect: 60, logoff: 120, restart: 300, reset: 300, message: 45 }
    }
}

impl Deadlines {
    /// The same time for every verb.
    pub fn all(seconds: u32) -> Self {
        Self { disconnect: seconds, logoff: seconds, restart: seconds, reset: seconds, message: seconds }
    }

    /// The time for a verb.
    pub fn of(&self, verb: Verb) -> SignedDuration {
        let seconds = match verb {
            Verb::Disconnect => self.disconnect,
            Verb::Logoff | Verb::LogoffForced => self.logoff,
            Verb::Restart => self.restart,
            Verb::Reset => self.reset,
            Verb::Message => self.message,
        };
        SignedDuration::from_secs(i64::from(seconds))
    }
}

/// What an outcome rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Two complete lists in a row do not have it.
    TwoLists,
    /// Its event was seen.
    Event,
    /// Its event was seen, and a complete list does not have it.
    EventAndList,
    /// A list shows the state that was asked for.
    State,
    /// It was gone when it was read again after the job.
    GoneOnRead,
    /// There was no answer, and it was still there when it was read again after the job.
    ThereOnRead,
    /// The newest list that may tell still has it.
    Listed,
    /// The newest list that may tell does not have it; no second one was read in time.
    OneList,
    /// No list that may tell was read before the deadline.
    NothingRead,
    /// There was no answer, and a list has one thing that began since and has the name that was asked for.
    NamedSince,
}

impl Evidence {
    /// The words on sheets.
    pub fn label(self) -> &'static str {
        match self {
            Self::TwoLists => "confirmed by two polls",
            Self::Event => "confirmed by its event",
            Self::EventAndList => "confirmed by its event and a poll",
            Self::State => "confirmed by its state",
            Self::GoneOnRead => "gone when read again",
            Self::ThereOnRead => "no answer; still there when read again",
            Self::Listed => "still listed at the deadline",
            Self::OneList => "gone from one poll, no second one in time",
            Self::NothingRead => "no complete list was read before the deadline",
            Self::NamedSince => "no answer; found by its name, the only one that began since",
        }
    }
}

/// A target whose outcome became known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Place in [`super::Plan::to_send`].
    pub place: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// What that rests on.
    pub evidence: Evidence,
}

/// A target that was accepted.
#[derive(Debug, Clone)]
struct Pending {
    target: Target,
    verb: Verb,
    /// When the request left: its event is no older.
    sent_at: Timestamp,
    /// When the answer came: what was read before does not count.
    since: Timestamp,
    deadline: Timestamp,
    /// The lists without it, one after the other: when the newest of them was begun, and how many.
    absent: usize,
    last_list: Option<Timestamp>,
    /// When the newest of the lists that tell something of it was whole, and how long another one is waited for.
    told: Option<(Timestamp, SignedDuration)>,
    /// Whether the deadline was put off for a second list without it.
    put_off: bool,
    /// Whether the deadline was put off because the newest list was old by then.
    looks_again: bool,
    event: bool,
}

/// Looks out for what confirms the accepted targets of a job.
#[derive(Debug, Clone, Default)]
pub struct Confirmer {
    pending: BTreeMap<usize, Pending>,
    /// The account that acts; rows that name no machine are only taken from it.
    operator: Option<UserId>,
    /// The rows that were taken by the names in their texts.
    taken: BTreeSet<EventId>,
}

impl Confirmer {
    /// Looks out for what this account does; `None` when its id is not known.
    pub fn of(operator: Option<UserId>) -> Self {
        Self { operator, ..Self::default() }
    }

    /// A target was accepted: it is looked out for until the deadline. `sent_at` is when the request left, `since` when
    /// the answer came.
    pub fn expect(
        &mut self,
        place: usize,
        target: &Target,
        verb: Verb,
        (sent_at, since): (Timestamp, Timestamp),
        deadlines: &Deadlines,
    ) {
        let deadline = since.saturating_add(deadlines.of(verb)).unwrap_or(Timestamp::MAX);
        let pending = Pending {
            target: target.clone(),
            verb,
            sent_at,
            since,
            deadline,
            absent: 0,
            last_list: None,
            told: None,
            put_off: false,
            looks_again: false,
            event: false,
        };
        self.pending.insert(place, pending);
    }

    /// Whether nothing is waited for.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// How many targets are waited for.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Those that are waited for, by place.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        self.pending.keys().copied()
    }

    /// When the next deadline is.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.pending.values().map(|pending| pending.deadline).min()
    }

    /// When the last deadline is.
    pub fn last_deadline(&self) -> Option<Timestamp> {
        self.pending.values().map(|pending| pending.deadline).max()
    }

    /// Whether a list can tell anything of those that are waited for.
    pub fn needs_lists(&self) -> bool {
        self.pending.values().any(|pending| pending.verb != Verb::Message)
    }

    /// When the first of those that are waited for was accepted.
    pub fn since(&self) -> Option<Timestamp> {
        self.pending.values().map(|pending| pending.since).min()
    }

    /// Takes a list of sessions that is whole `now`.
    pub fn list_read(&mut self, table: &SessionTable, now: Timestamp) -> Vec<Finding> {
        self.settle(|pending| pending.list_read(table, now))
    }

    /// Takes events. `offset` is how far the clock of the server, which dates them, is ahead of this machine's.
    pub fn events_read(&mut self, events: &[AuditEvent], offset: SignedDuration) -> Vec<Finding> {
        let mut findings =
            self.settle(|pending| events.iter().find_map(|event| pending.event_read(event, offset)));
        findings.extend(self.named_read(events, offset));
        findings
    }

    /// Takes rows that name no machine by the names in their texts.
    fn named_read(&mut self, events: &[AuditEvent], offset: SignedDuration) -> Vec<Finding> {
        let Some(operator) = &self.operator else { return Vec::new() };
        let mut waiting: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for (place, pending) in self.pending.iter().filter(|(_, pending)| pending.is_nameless()) {
            for names in pending.names() {
                waiting.entry(names).or_default().push(*place);
            }
        }
        if waiting.is_empty() {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for event in events {
            let is_ours = event.machine_id.is_none() && event.user_id.as_ref() == Some(operator);
            if !is_ours || self.taken.contains(&event.id) {
                continue;
            }
            let words = named_in(event);
            let pairs = words.iter().flat_map(|user| words.iter().map(move |machine| (user, machine)));
            let mut places =
                pairs.filter_map(|(user, machine)| waiting.get(&(user.clone(), machine.clone()))).flatten();
            let meant = places.find(|place| {
                self.pending
                    .get(place)
                    .is_some_and(|pending| !pending.event && pending.is_carried_out(event, offset))
            });
            let Some(&place) = meant else { continue };
            self.taken.insert(event.id);
            if let Some((outcome, evidence)) = self.pending.get_mut(&place).and_then(Pending::event_seen) {
                self.pending.remove(&place);
                findings.push(Finding { place, outcome, evidence });
            }
        }
        findings
    }

    /// Ends the waiting for those whose deadline has passed. What is listed still is looked at once more where the newest
    /// list is old.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Finding> {
        self.settle(|pending| {
            (pending.deadline <= now && !pending.look_again(now)).then(|| pending.verdict())
        })
    }

    /// Ends all waiting: what is known by now is the last word.
    pub fn give_up(&mut self) -> Vec<Finding> {
        self.settle(|_| Some((Outcome::Accepted, Evidence::NothingRead)))
    }

    fn settle(&mut self, mut ask: impl FnMut(&mut Pending) -> Option<(Outcome, Evidence)>) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.pending.retain(|place, pending| match ask(pending) {
            Some((outcome, evidence)) => {
                findings.push(Finding { place: *place, outcome, evidence });
                false
            }
            None => true,
        });
        findings
    }
}

impl Pending {
    fn list_read(&mut self, table: &SessionTable, now: Timestamp) -> Option<(Outcome, Evidence)> {
        let pod = self.target.pod.as_ref().or(self.target.session.pod_id.as_ref());
        let read_at = table.read_at(pod)?;
        // One that was begun before the answer came shows what was before; one that was seen already shows nothing new.
        if read_at < self.since
            || self.last_list.is_some_and(|last| read_at <= last)
            || self.verb == Verb::Message
        {
            return None;
        }
        match table.session(&self.target.session.id).filter(|now| self.is_same(now)) {
            // A state that is not told may be any: it says neither that it is done nor that it is not.
            Some(row) if self.verb == Verb::Disconnect && row.state.is_none() => None,
            Some(row) => {
                self.told_by(read_at, now);
                self.absent = 0;
                let is_done = self.verb == Verb::Disconnect && row.state == Some(SessionState::Disconnected);
                is_done.then_some((Outcome::Confirmed, Evidence::State))
            }
            None if table.proves_absence(pod) => {
                self.told_by(read_at, now);
                self.absent += 1;
                self.absence().or_else(|| self.put_off(now))
            }
            None => None,
        }
    }

    /// A list that was begun then and is whole now tells something of it.
    fn told_by(&mut self, read_at: Timestamp, now: Timestamp) {
        let [least, most] = PATIENCE;
        let patience = now.duration_since(read_at).checked_mul(PER_READING).unwrap_or(most);
        self.last_list = Some(read_at);
        self.told = Some((now, patience.clamp(least, most)));
    }

    /// Whether a row is the session that was acted on, and not one that has its id now.
    fn is_same(&self, now: &crate::domain::Session) -> bool {
        let planned = &self.target.session;
        let differs = |one: Option<Timestamp>, other: Option<Timestamp>| {
            one.zip(other).is_some_and(|(one, other)| one != other)
        };
        !differs(planned.started_at, now.started_at)
            && planned.user_id.as_ref().zip(now.user_id.as_ref()).is_none_or(|(one, other)| one == other)
    }

    /// Gone from a first list: the second one is waited for, once, even beyond the deadline. Never settles it.
    fn put_off<T>(&mut self, now: Timestamp) -> Option<T> {
        if self.absent == 1 && !std::mem::replace(&mut self.put_off, true) {
            self.wait_from(now);
        }
        None
    }

    /// At the deadline: whether it is listed by an old list only, so that a newer one is waited for, once.
    fn look_again(&mut self, now: Timestamp) -> bool {
        let is_old = self.told.is_some_and(|(at, _)| now.duration_since(at) > FRESH);
        let looks = self.absent == 0 && is_old && !std::mem::replace(&mut self.looks_again, true);
        if looks {
            self.wait_from(now);
        }
        looks
    }

    /// Puts the deadline so far away that another list can be read.
    fn wait_from(&mut self, now: Timestamp) {
        let patience = self.told.map_or(PATIENCE[0], |(_, patience)| patience);
        self.deadline = self.deadline.max(now.saturating_add(patience).unwrap_or(now));
    }

    fn absence(&self) -> Option<(Outcome, Evidence)> {
        match (self.absent, self.event) {
            (0, _) | (1, false) => None,
            (1, true) => Some((Outcome::Confirmed, Evidence::EventAndList)),
            _ => Some((Outcome::Confirmed, Evidence::TwoLists)),
        }
    }

    fn event_read(&mut self, event: &AuditEvent, offset: SignedDuration) -> Option<(Outcome, Evidence)> {
        if self.event || !self.is_its_event(event, offset) {
            return None;
        }
        self.event_seen()
    }

    /// Its event was seen.
    fn event_seen(&mut self) -> Option<(Outcome, Evidence)> {
        self.event = true;
        match self.verb {
            Verb::Message | Verb::Restart | Verb::Reset => Some((Outcome::Confirmed, Evidence::Event)),
            Verb::Logoff | Verb::LogoffForced | Verb::Disconnect => self.absence(),
        }
    }

    /// Whether an event says that the request was carried out. It has no session id (`events.md section 1`): only the
    /// id in its text, or the machine, ties it surely enough.
    fn is_its_event(&self, event: &AuditEvent, offset: SignedDuration) -> bool {
        let session = &self.target.session;
        let named = || event.message.iter().flat_map(words).any(|word| word == session.id.raw());
        let machine = session.machine_id.is_some() && session.machine_id == event.machine_id;
        self.is_carried_out(event, offset) && (machine || named())
    }

    /// Whether rows about it name no machine by its id.
    fn is_nameless(&self) -> bool {
        !self.event && self.target.pod.is_none() && self.target.session.machine_id.is_none()
    }

    /// What its rows may call user and server.
    fn names(&self) -> Vec<(String, String)> {
        let session: &Session = &self.target.session;
        let Some(login) = session.user_name.as_ref().and_then(|_| session.login()) else {
            return Vec::new();
        };
        let servers: BTreeSet<String> = [&session.machine_name, &session.machine_dns]
            .into_iter()
            .flatten()
            .map(|name| first_label(&name.as_str().to_lowercase()).to_owned())
            .collect();
        servers.into_iter().map(|server| (login.as_str().to_lowercase(), server)).collect()
    }

    /// Whether an event is of the right type and time for its request.
    fn is_carried_out(&self, event: &AuditEvent, offset: SignedDuration) -> bool {
        if self.target.pod.is_some() {
            return false;
        }
        let types = written_by_verb(self.verb, false).success;
        let is_type = event
            .kind
            .as_ref()
            .is_some_and(|kind| types.iter().any(|known| known.eq_ignore_ascii_case(kind.as_str())));
        let sent_at = self.sent_at.saturating_add(offset).unwrap_or(self.sent_at);
        let earliest = sent_at.as_second() - CLOCK_SKEW_SECONDS;
        is_type && event.time.is_some_and(|time| time.as_second() >= earliest)
    }

    /// What is known when the deadline has passed.
    fn verdict(&self) -> (Outcome, Evidence) {
        match self.verb {
            // Without its event nothing more is ever known of a message.
            Verb::Message => (Outcome::Accepted, Evidence::NothingRead),
            _ if self.last_list.is_none() => (Outcome::Accepted, Evidence::NothingRead),
            // Gone from the newest list alone: not enough to be sure, not a reason to act again.
            _ if self.absent > 0 => (Outcome::Accepted, Evidence::OneList),
            _ => (Outcome::StillListed, Evidence::Listed),
        }
    }
}

/// The names in the text of a row, in small letters: without domains, and machines without theirs. What the operator wrote
/// in a message names nobody: it stands before the last "to session" (`events.md section 3.1`).
fn named_in(event: &AuditEvent) -> BTreeSet<String> {
    let Some(text) = &event.message else { return BTreeSet::new() };
    let is_message = event.kind.as_ref().is_some_and(|kind| kind.as_str().contains("SENDMSG"));
    let told = match text.as_str().rsplit_once(" to session ") {
        Some((_, told)) => told,
        None if is_message => return BTreeSet::new(),
        None => text.as_str(),
    };
    let mut names = BTreeSet::new();
    for word in words(&Text::clean(told)) {
        let word = word.to_lowercase();
        let bare = word.rsplit_once('\\').map_or(word.as_str(), |(_, bare)| bare);
        names.insert(first_label(bare).to_owned());
        names.insert(bare.to_owned());
    }
    names
}

/// A name without its DNS domain.
fn first_label(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests;
