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

/// How long after a list without it a second one is waited for, when the deadline is nearer.
const SECOND_LOOK: SignedDuration = SignedDuration::from_secs(20);

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
    /// Whether the deadline was put off for a second look.
    put_off: bool,
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
            put_off: false,
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

    /// Takes a list of sessions.
    pub fn list_read(&mut self, table: &SessionTable) -> Vec<Finding> {
        self.settle(|pending| pending.list_read(table))
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

    /// Ends the waiting for those whose deadline has passed.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Finding> {
        self.settle(|pending| (pending.deadline <= now).then(|| pending.verdict()))
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
    fn list_read(&mut self, table: &SessionTable) -> Option<(Outcome, Evidence)> {
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
            Some(now) if self.verb == Verb::Disconnect && now.state.is_none() => None,
            Some(now) => {
                self.last_list = Some(read_at);
                self.absent = 0;
                let is_done = self.verb == Verb::Disconnect && now.state == Some(SessionState::Disconnected);
                is_done.then_some((Outcome::Confirmed, Evidence::State))
            }
            None if table.proves_absence(pod) => {
                self.last_list = Some(read_at);
                self.absent += 1;
                self.absence().or_else(|| self.put_off(read_at))
            }
            None => None,
        }
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
    fn put_off<T>(&mut self, read_at: Timestamp) -> Option<T> {
        if self.absent == 1 && !std::mem::replace(&mut self.put_off, true) {
            let until = read_at.saturating_add(SECOND_LOOK).unwrap_or(read_at);
            self.deadline = self.deadline.max(until);
        }
        None
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
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::core::{fixtures, table::SessionTable};

    fn at(second: i64) -> Timestamp {
        fixtures::start() + SignedDuration::from_secs(second)
    }

    fn target() -> Target {
        let mut session = fixtures::session("s1", "abel", SessionState::Connected, 0);
        session.started_at = Some(at(-3600));
        Target { session, hidden: false, pod: None }
    }

    /// A job that sent a verb at 0 and had the answer at 1.
    fn accepted(verb: Verb) -> Confirmer {
        let mut confirmer = Confirmer::default();
        confirmer.expect(0, &target(), verb, (at(0), at(1)), &Deadlines::default());
        confirmer
    }

    fn list(second: i64, sessions: Vec<Session>) -> SessionTable {
        SessionTable::new(sessions, at(second), true)
    }

    fn cut_short(second: i64) -> SessionTable {
        SessionTable::new(Vec::new(), at(second), false)
    }

    fn event(kind: &str, second: i64, machine: Option<&str>) -> AuditEvent {
        AuditEvent {
            id: EventId(7),
            time: Some(at(second)),
            severity: None,
            kind: Some(Text::clean(kind)),
            module: None,
            message: None,
            written_by: None,
            user_id: None,
            machine_id: machine.map(Into::into),
            pool_name: None,
            application_pool_name: None,
        }
    }

    fn one(findings: &[Finding]) -> Option<(Outcome, Evidence)> {
        assert!(findings.len() <= 1);
        findings.first().map(|finding| (finding.outcome.clone(), finding.evidence))
    }

    const CONFIRMED: Outcome = Outcome::Confirmed;

    #[test]
    fn a_logoff_is_confirmed_by_two_complete_lists_in_a_row() {
        let mut confirmer = accepted(Verb::Logoff);
        assert_eq!(one(&confirmer.list_read(&list(2, Vec::new()))), None);
        // The same list again is no second one.
        assert_eq!(one(&confirmer.list_read(&list(2, Vec::new()))), None);
        assert_eq!(one(&confirmer.list_read(&list(3, Vec::new()))), Some((CONFIRMED, Evidence::TwoLists)));
        assert!(confirmer.is_empty());
    }

    #[test]
    fn whoever_is_gone_near_the_deadline_gets_a_second_look_once() {
        let mut confirmer = accepted(Verb::Logoff);
        confirmer.list_read(&list(115, vec![target().session]));
        confirmer.list_read(&list(120, Vec::new()));
        assert_eq!(one(&confirmer.expire(at(139))), None, "put off, but not for ever");
        assert_eq!(
            one(&confirmer.clone().list_read(&list(130, Vec::new()))),
            Some((CONFIRMED, Evidence::TwoLists))
        );
        confirmer.list_read(&list(130, vec![target().session]));
        confirmer.list_read(&list(135, Vec::new()));
        assert_eq!(one(&confirmer.expire(at(140))), Some((Outcome::Accepted, Evidence::OneList)));
    }

    #[test]
    fn whoever_is_seen_in_between_is_counted_anew() {
        let mut confirmer = accepted(Verb::Logoff);
        confirmer.list_read(&list(2, Vec::new()));
        confirmer.list_read(&list(3, vec![target().session]));
        assert_eq!(one(&confirmer.list_read(&list(4, Vec::new()))), None);
    }

    #[test]
    fn lists_that_are_cut_short_or_older_than_the_answer_confirm_nothing() {
        let mut confirmer = accepted(Verb::Logoff);
        for table in [cut_short(2), cut_short(3), list(-5, Vec::new()), list(0, Vec::new())] {
            assert_eq!(one(&confirmer.list_read(&table)), None);
        }
        assert_eq!(
            one(&confirmer.expire(at(1000))),
            Some((Outcome::Accepted, Evidence::NothingRead)),
            "and nothing is called still listed that nobody saw"
        );
    }

    #[test]
    fn an_event_saves_one_list_but_is_not_enough_alone() {
        let mut confirmer = accepted(Verb::Logoff);
        let seen = [event("ADMIN_DESKTOP_SESSION_LOGOFF", 1, Some("vm-s1"))];
        assert_eq!(one(&confirmer.events_read(&seen, SignedDuration::ZERO)), None);
        let found = one(&confirmer.list_read(&list(2, Vec::new())));
        assert_eq!(found, Some((CONFIRMED, Evidence::EventAndList)));
    }

    #[test]
    fn a_ghost_with_an_event_is_still_listed() {
        let mut confirmer = accepted(Verb::Logoff);
        confirmer
            .events_read(&[event("ADMIN_DESKTOP_SESSION_LOGOFF", 1, Some("vm-s1"))], SignedDuration::ZERO);
        confirmer.list_read(&list(60, vec![target().session]));
        assert_eq!(one(&confirmer.expire(at(120))), None, "the deadline runs from the answer");
        assert_eq!(one(&confirmer.expire(at(121))), Some((Outcome::StillListed, Evidence::Listed)));
    }

    #[test]
    fn the_id_in_other_hands_is_an_absence() {
        let mut confirmer = accepted(Verb::Logoff);
        let anew = Session { started_at: Some(at(1)), ..target().session };
        confirmer.list_read(&list(2, vec![anew.clone()]));
        assert_eq!(one(&confirmer.list_read(&list(3, vec![anew]))), Some((CONFIRMED, Evidence::TwoLists)));
    }

    #[test]
    fn a_disconnect_is_confirmed_by_the_state() {
        let mut confirmer = accepted(Verb::Disconnect);
        assert_eq!(one(&confirmer.list_read(&list(2, vec![target().session]))), None);
        let gone = Session { state: Some(SessionState::Disconnected), ..target().session };
        assert_eq!(one(&confirmer.list_read(&list(3, vec![gone]))), Some((CONFIRMED, Evidence::State)));
    }

    #[test]
    fn a_state_that_is_not_told_says_nothing_about_a_disconnect() {
        let mut confirmer = accepted(Verb::Disconnect);
        let untold = Session { state: None, ..target().session };
        assert_eq!(one(&confirmer.list_read(&list(2, vec![untold]))), None);
        assert_eq!(one(&confirmer.expire(at(1000))), Some((Outcome::Accepted, Evidence::NothingRead)));
    }

    #[test]
    fn a_reset_is_confirmed_by_either_spelling_of_its_event() {
        for kind in ["ADMIN_DESKTOP_SESSION_RESET", "ADMIN_DESKTOP_SESSION_REBOOTED"] {
            let mut confirmer = accepted(Verb::Reset);
            let failed = event("ADMIN_DESKTOP_SESSION_RESET_FAILED", 1, Some("vm-s1"));
            let other = event(kind, 1, Some("vm-s2"));
            let old = event(kind, -60, Some("vm-s1"));
            assert_eq!(one(&confirmer.events_read(&[failed, other, old], SignedDuration::ZERO)), None);
            let own = [event(kind, 1, Some("vm-s1"))];
            assert_eq!(
                one(&confirmer.events_read(&own, SignedDuration::ZERO)),
                Some((CONFIRMED, Evidence::Event))
            );
        }
    }

    #[test]
    fn events_are_dated_by_the_servers_clock() {
        let mut confirmer = accepted(Verb::Reset);
        let own = [event("ADMIN_DESKTOP_SESSION_RESET", -3600, Some("vm-s1"))];
        let behind = SignedDuration::from_hours(-1);
        assert_eq!(one(&confirmer.events_read(&own, behind)), Some((CONFIRMED, Evidence::Event)));
    }

    #[test]
    fn a_message_is_confirmed_by_the_id_in_its_event_or_stays_accepted() {
        let mut confirmer = accepted(Verb::Message);
        assert!(!confirmer.needs_lists());
        confirmer.list_read(&list(2, Vec::new()));
        confirmer.list_read(&list(3, Vec::new()));
        let mut named = event("ADMIN_SESSION_SENDMSG", 1, None);
        named.message = Some(Text::clean("CORP\\admin sent message (hi) to session s1"));
        let mut late = confirmer.clone();
        let found = one(&confirmer.events_read(&[named], SignedDuration::ZERO));
        assert_eq!(found, Some((CONFIRMED, Evidence::Event)));
        assert_eq!(one(&late.expire(at(1000))), Some((Outcome::Accepted, Evidence::NothingRead)));
    }

    #[test]
    fn rows_that_name_no_machine_are_taken_by_their_names_from_the_own_account_each_once() {
        let session = |id: &str, user: &str| Session {
            machine_id: None,
            machine_name: Some("RDS-04".into()),
            user_name: Some(Text::clean(&format!("CORP\\{user}"))),
            id: id.into(),
            ..target().session
        };
        let row = |id: i64, by: &str, text: &str| AuditEvent {
            id: EventId(id),
            user_id: Some(by.into()),
            message: Some(Text::clean(text)),
            ..event("ADMIN_SESSION_SENDMSG", 1, None)
        };
        let mut confirmer = Confirmer::of(Some("S-1-5-me".into()));
        // Two sessions of one user on one server.
        for (place, (id, user)) in [("s1", "abel"), ("s2", "abel"), ("s3", "baker")].into_iter().enumerate() {
            let target = Target { session: session(id, user), hidden: false, pod: None };
            confirmer.expect(place, &target, Verb::Message, (at(0), at(1)), &Deadlines::default());
        }
        let mut take = |row: AuditEvent| {
            let found = confirmer.events_read(&[row], SignedDuration::ZERO);
            found.iter().map(|finding| finding.place).collect::<Vec<_>>()
        };
        let told = "CORP\\me sent message (to session of baker on RDS-04) to session (User CORP\\abel, Desktop rds-04.corp.local)";
        assert_eq!(take(row(1, "S-1-5-other", told)), [0; 0], "another operator's");
        assert_eq!(take(row(2, "S-1-5-me", told)), [0]);
        assert_eq!(take(row(2, "S-1-5-me", told)), [0; 0], "the same row again");
        assert_eq!(take(row(3, "S-1-5-me", told)), [1]);
        assert_eq!(take(row(4, "S-1-5-me", told)), [0; 0], "it names none that waits");
        let text = "CORP\\me sent message (hi) to session (User CORP\\baker, Desktop RDS-05)";
        assert_eq!(take(row(5, "S-1-5-me", text)), [0; 0], "another server");
        assert_eq!(take(row(6, "S-1-5-me", &text.replace("05", "04"))), [2]);
    }

    #[test]
    fn a_session_of_another_pod_is_not_confirmed_by_a_request_that_left() {
        let mut confirmer = Confirmer::default();
        let remote = Target { pod: Some("fra1".into()), ..target() };
        confirmer.expect(0, &remote, Verb::Reset, (at(0), at(1)), &Deadlines::default());
        let sent = event("VLSI_FEDERATED_DESKTOP_SESSION_RESET_REQUEST_SENT", 1, None);
        assert_eq!(one(&confirmer.events_read(&[sent], SignedDuration::ZERO)), None);
        // A list of the local pod says nothing of the other one.
        confirmer.list_read(&list(2, Vec::new()));
        assert_eq!(one(&confirmer.list_read(&list(3, Vec::new()))), None);
    }
}
