//! What events a job of this console is expected to cause, so that they can be marked as ours when they arrive.
//!
//! A row has no session id (`events.md section 1`). It is claimed by type and time, and by the best of these that it
//! offers: the id of a target in its text, its machine, its user, or else by number. Each target claims one row. A wrong
//! claim only mislabels a line; how a row was tied is kept, so that it can be told.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    bulk::{Plan, Target},
    change::{ChangeItem, ChangePlan},
};
use crate::domain::{
    AuditEvent, ChangeKind, JobId, MachineId, Session, Text, UserId, Verb, WrittenTypes, written_by_change,
    written_by_verb,
};

/// How long after a job's end its events may still arrive: event databases lag, clocks differ.
const OURS_UNTIL_SECONDS: i64 = 15 * 60;
/// How far the clock of the server may be behind ours.
const CLOCK_SKEW_SECONDS: i64 = 120;

/// What tied a row to a job, the surest first; type and time always do as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tie {
    /// Its text has the id of a target.
    Id,
    /// It names the machine of a target.
    Machine,
    /// It names the user of a target.
    User,
    /// Only their number: so many rows of that type are expected.
    Number,
}

impl fmt::Display for Tie {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Id => "the id of a target in its text, type and time",
            Self::Machine => "machine, type and time",
            Self::User => "user, type and time",
            Self::Number => "type, time and number only: it may be another's",
        })
    }
}

/// The job that a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The job.
    pub job: JobId,
    /// How it was tied.
    pub by: Tie,
}

/// What was asked for; it decides the types of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Deed {
    Session { verb: Verb, on_other_pod: bool },
    Change(ChangeKind),
}

impl Deed {
    fn of_target(verb: Verb, target: &Target) -> Self {
        Self::Session { verb, on_other_pod: target.pod.is_some() }
    }

    fn writes(self) -> WrittenTypes {
        match self {
            Self::Session { verb, on_other_pod } => written_by_verb(verb, on_other_pod),
            Self::Change(kind) => written_by_change(kind),
        }
    }
}

/// The targets of a job that write rows of the same types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Part {
    deed: Deed,
    /// Whether each target has not claimed a row yet.
    open: Vec<bool>,
    /// Targets by their ids.
    ids: BTreeMap<String, usize>,
    /// Targets by their machines.
    machines: BTreeMap<String, Vec<usize>>,
    /// Targets whose rows name no machine, by their users.
    users: BTreeMap<String, Vec<usize>>,
    /// Targets whose rows name no machine.
    loose: Vec<usize>,
    /// Ids of what was created, as they become known.
    created: BTreeSet<String>,
}

impl Part {
    fn new(deed: Deed) -> Self {
        Self {
            deed,
            open: Vec::new(),
            ids: BTreeMap::new(),
            machines: BTreeMap::new(),
            users: BTreeMap::new(),
            loose: Vec::new(),
            created: BTreeSet::new(),
        }
    }

    /// Adds a target. Rows about sessions on RDS servers and about other pods name no machine, and whether their user
    /// is the operator or the session's is documented nowhere.
    fn add(&mut self, id: Option<String>, machine: Option<&str>, user: Option<&str>) {
        let place = self.open.len();
        self.open.push(true);
        if let Some(id) = id {
            self.ids.insert(id, place);
        }
        if let Some(machine) = machine {
            self.machines.entry(machine.to_owned()).or_default().push(place);
            return;
        }
        self.loose.push(place);
        if let Some(user) = user {
            self.users.entry(user.to_owned()).or_default().push(place);
        }
    }

    fn add_session(&mut self, session: &Session) {
        let on_other_pod = matches!(self.deed, Deed::Session { on_other_pod: true, .. });
        let machine = session.machine_id.as_ref().filter(|_| !on_other_pod);
        self.add(
            Some(session.id.raw().to_owned()),
            machine.map(MachineId::raw),
            session.user_id.as_ref().map(UserId::raw),
        );
    }

    /// Claims a row that names one of the targets; says whether it is the first one for that target.
    fn claim_named(&mut self, event: &AuditEvent) -> Option<(Tie, bool)> {
        for word in event.message.iter().flat_map(words) {
            if let Some(open) = self.ids.get(word).and_then(|place| self.open.get_mut(*place)) {
                return Some((Tie::Id, std::mem::replace(open, false)));
            }
            if self.created.contains(word) {
                return Some((Tie::Id, take_open(&mut self.loose, &mut self.open)));
            }
        }
        let places = self.machines.get_mut(event.machine_id.as_ref()?.raw())?;
        take_open(places, &mut self.open).then_some((Tie::Machine, true))
    }

    /// Claims a row that does not say whom it is about; not one of another account than the operator's.
    fn claim_loose(&mut self, event: &AuditEvent, operator: Option<&UserId>) -> Option<Tie> {
        if event.machine_id.is_some() {
            return None;
        }
        let user = event.user_id.as_ref().and_then(|user| self.users.get_mut(user.raw()));
        if user.is_some_and(|places| take_open(places, &mut self.open)) {
            return Some(Tie::User);
        }
        if operator.zip(event.user_id.as_ref()).is_some_and(|(operator, by)| operator != by) {
            return None;
        }
        take_open(&mut self.loose, &mut self.open).then_some(Tie::Number)
    }
}

/// The words of a text, among which ids are looked for. A text is never understood beyond that.
pub(super) fn words(text: &Text) -> impl Iterator<Item = &str> {
    let edge = |character: char| !character.is_alphanumeric();
    text.as_str().split_whitespace().map(move |word| word.trim_matches(edge)).filter(|word| !word.is_empty())
}

/// Takes the next open target.
fn take_open(places: &mut Vec<usize>, open: &mut [bool]) -> bool {
    while let Some(place) = places.pop() {
        if let Some(open) = open.get_mut(place)
            && std::mem::replace(open, false)
        {
            return true;
        }
    }
    false
}

/// What events a job is expected to cause, used to mark them as ours: one for each target that was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnEvents {
    job: JobId,
    offset: SignedDuration,
    /// The account that acts, as far as it is known.
    operator: Option<UserId>,
    /// The places that were sent.
    sent: BTreeSet<usize>,
    /// By the server's clock, as the end is.
    from: Timestamp,
    until: Option<Timestamp>,
    parts: Vec<Part>,
    /// How many rows were claimed.
    pub claimed: usize,
    /// How many are expected.
    pub expected: usize,
}

impl OwnEvents {
    /// What a job that starts now may cause: nothing until something is sent. `offset` is how far the server's clock, which
    /// dates the events, is ahead of this machine's; `operator` is the account that acts, as far as it is known.
    pub fn new(job: JobId, started_at: Timestamp, offset: SignedDuration, operator: Option<UserId>) -> Self {
        Self {
            job,
            offset,
            operator,
            sent: BTreeSet::new(),
            from: started_at.saturating_add(offset).unwrap_or(started_at),
            until: None,
            parts: Vec::new(),
            claimed: 0,
            expected: 0,
        }
    }

    /// Targets of a job on sessions are sent; each counts once, however often it is.
    pub fn sent(&mut self, plan: &Plan, places: &[usize]) {
        for place in places {
            if let Some(target) = plan.to_send.get(*place).filter(|_| self.sent.insert(*place)) {
                self.part(Deed::of_target(plan.verb, target)).add_session(&target.session);
            }
        }
        self.expected = self.sent.len();
    }

    /// Changes are sent.
    pub fn sent_changes(&mut self, plan: &ChangePlan, places: &[usize]) {
        // What writes no rows is not waited for.
        let writes = |item: &&ChangeItem| !written_by_change(item.change.kind()).success.is_empty();
        for place in places {
            if let Some(item) = plan.items.get(*place).filter(writes).filter(|_| self.sent.insert(*place)) {
                self.part(Deed::Change(item.change.kind())).add(item.change.target_id(), None, None);
            }
        }
        self.expected = self.sent.len();
    }

    /// The part of a deed, made where there is none yet.
    fn part(&mut self, deed: Deed) -> &mut Part {
        let place = self.parts.iter().position(|part| part.deed == deed).unwrap_or_else(|| {
            self.parts.push(Part::new(deed));
            self.parts.len() - 1
        });
        &mut self.parts[place]
    }

    /// The job it belongs to.
    pub fn job(&self) -> JobId {
        self.job
    }

    /// Notes the id of something that the job created.
    pub fn created(&mut self, kind: ChangeKind, id: &str) {
        self.part(Deed::Change(kind)).created.insert(id.to_owned());
    }

    /// Notes that the job ended; its events may arrive for a while longer. `unsent` are the places that never left after all:
    /// what the server throws back was called sent for a moment.
    pub fn end(&mut self, at: Timestamp, unsent: impl IntoIterator<Item = usize>) {
        for place in unsent {
            self.sent.remove(&place);
        }
        self.expected = self.sent.len();
        self.until = Some(at.saturating_add(self.offset).unwrap_or(at));
    }

    /// Whether no more events are waited for.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let now = now.saturating_add(self.offset).unwrap_or(now);
        self.until.is_some_and(|until| now.as_second() - until.as_second() > OURS_UNTIL_SECONDS)
    }

    /// Whether a row may be one of this job by its time.
    fn is_in_time(&self, event: &AuditEvent) -> bool {
        let Some(time) = event.time.map(Timestamp::as_second) else {
            return false;
        };
        let early = time < self.from.as_second() - CLOCK_SKEW_SECONDS;
        let late = self.until.is_some_and(|until| time > until.as_second() + OURS_UNTIL_SECONDS);
        !early && !late
    }

    /// The parts that write rows of a type.
    fn parts_of<'a>(&'a mut self, event: &'a AuditEvent) -> impl Iterator<Item = &'a mut Part> {
        let kind = event.kind.as_ref().filter(|_| self.is_in_time(event));
        let parts = self.parts.iter_mut();
        parts.filter(move |part| kind.is_some_and(|kind| part.deed.writes().contains(kind.as_str())))
    }

    fn claim_named(&mut self, event: &AuditEvent) -> Option<Claim> {
        let (by, first) = self.parts_of(event).find_map(|part| part.claim_named(event))?;
        self.claimed += usize::from(first);
        Some(Claim { job: self.job, by })
    }

    fn claim_loose(&mut self, event: &AuditEvent) -> Option<Claim> {
        if self.claimed >= self.expected {
            return None;
        }
        let operator = self.operator.clone();
        let by = self.parts_of(event).find_map(|part| part.claim_loose(event, operator.as_ref()))?;
        self.claimed += 1;
        Some(Claim { job: self.job, by })
    }
}

/// The job that a row belongs to, if it is one of ours. A job whose targets it names goes before one that only waits
/// for rows of that type.
pub(super) fn claim(jobs: &mut [OwnEvents], event: &AuditEvent) -> Option<Claim> {
    let named = jobs.iter_mut().find_map(|job| job.claim_named(event));
    named.or_else(|| jobs.iter_mut().find_map(|job| job.claim_loose(event)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::change::ChangeItem,
        domain::{Change, EventId, NewPermission, Severity},
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn row(kind: &str, second: i64) -> AuditEvent {
        AuditEvent {
            id: EventId(second),
            time: Some(at(second)),
            severity: Some(Severity::AuditSuccess),
            kind: Some(kind.into()),
            module: None,
            message: None,
            written_by: None,
            user_id: None,
            machine_id: None,
            pool_name: None,
            application_pool_name: None,
        }
    }

    fn session(id: &str, machine: Option<&str>, remote: bool) -> Session {
        let mut session = Session::new(id.into());
        session.machine_id = machine.map(Into::into);
        session.user_id = Some(format!("S-1-5-{id}").as_str().into());
        session.resourced_remotely = Some(remote);
        session
    }

    fn job(number: u64, verb: Verb, sessions: Vec<Session>) -> OwnEvents {
        let targets = sessions.into_iter().map(|session| {
            let pod = session.resourced_remotely.filter(|remote| *remote).map(|_| "fra".into());
            Target { session, hidden: false, pod }
        });
        let plan = Plan {
            id: "3f2a".into(),
            verb,
            message: None,
            to_send: targets.collect(),
            held_back: Vec::new(),
            made_at: at(0),
            data_at: at(0),
            retry_of: None,
            terms: crate::core::bulk::Terms::default(),
        };
        let mut own = OwnEvents::new(JobId(number), at(0), SignedDuration::ZERO, None);
        own.sent(&plan, &(0..plan.to_send.len()).collect::<Vec<_>>());
        own
    }

    fn changes(number: u64, changes: Vec<Change>) -> OwnEvents {
        let item = |change| ChangeItem { change, label: "x".into(), details: Vec::new(), after: None };
        let plan = ChangePlan {
            items: changes.into_iter().map(item).collect(),
            ..ChangePlan::new("3f2b".into(), "DELETE", at(0))
        };
        let mut own = OwnEvents::new(JobId(number), at(0), SignedDuration::ZERO, None);
        own.sent_changes(&plan, &(0..plan.items.len()).collect::<Vec<_>>());
        own
    }

    fn tie(jobs: &mut [OwnEvents], event: &AuditEvent) -> Option<(u64, Tie)> {
        claim(jobs, event).map(|claim| (claim.job.0, claim.by))
    }

    #[test]
    fn both_spellings_of_a_reset_are_claimed_by_the_machine() {
        let mut jobs =
            [job(1, Verb::Reset, vec![session("a", Some("vm-a"), false), session("b", Some("vm-b"), false)])];
        let on = |kind, machine: &str| AuditEvent { machine_id: Some(machine.into()), ..row(kind, 5) };
        assert_eq!(tie(&mut jobs, &on("ADMIN_DESKTOP_SESSION_RESET", "vm-c")), None);
        assert_eq!(tie(&mut jobs, &on("ADMIN_DESKTOP_SESSION_RESET", "vm-a")), Some((1, Tie::Machine)));
        assert_eq!(tie(&mut jobs, &on("ADMIN_DESKTOP_SESSION_RESET", "vm-a")), None, "one for each target");
        let refused = on("ADMIN_DESKTOP_SESSION_REBOOT_FAILED", "vm-b");
        assert_eq!(tie(&mut jobs, &refused), Some((1, Tie::Machine)));
        assert_eq!((jobs[0].claimed, jobs[0].expected), (2, 2));
    }

    #[test]
    fn sessions_on_servers_are_claimed_by_user_or_by_number() {
        let mut jobs = [job(1, Verb::Logoff, vec![session("a", None, false), session("b", None, false)])];
        let of =
            |user: &str| AuditEvent { user_id: Some(user.into()), ..row("ADMIN_DESKTOP_SESSION_LOGOFF", 5) };
        assert_eq!(tie(&mut jobs, &of("S-1-5-b")), Some((1, Tie::User)));
        assert_eq!(tie(&mut jobs, &of("S-1-5-operator")), Some((1, Tie::Number)));
        assert_eq!(tie(&mut jobs, &of("S-1-5-a")), None, "all targets have their row");
    }

    #[test]
    fn requests_to_other_pods_are_claimed_by_the_id_in_the_text_or_by_number() {
        let kind = "VLSI_FEDERATED_DESKTOP_SESSION_LOGOFF_REQUEST_SENT";
        let sent = |text: &str| AuditEvent { message: Some(text.into()), ..row(kind, 5) };
        let mut jobs = [
            job(1, Verb::Logoff, vec![session("11-a", Some("vm-a"), true)]),
            job(2, Verb::Logoff, vec![session("22-b", None, true), session("33-c", Some("vm-c"), false)]),
        ];
        let text = sent("CORP\\x has sent a session logoff request to pod fra for session with id 22-b.");
        assert_eq!(tie(&mut jobs, &text), Some((2, Tie::Id)));
        assert_eq!(tie(&mut jobs, &sent("in another language")), Some((1, Tie::Number)));
        assert_eq!(tie(&mut jobs, &sent("one more")), None);
        // The local one of the second job waits for a local row.
        let local = AuditEvent { machine_id: Some("vm-c".into()), ..row("ADMIN_DESKTOP_SESSION_LOGOFF", 6) };
        assert_eq!(tie(&mut jobs, &local), Some((2, Tie::Machine)));
        // A row with the id still belongs to the job although another was taken for it by number.
        assert_eq!(tie(&mut jobs, &sent("session with id 11-a")), Some((1, Tie::Id)));
        assert_eq!((jobs[0].claimed, jobs[1].claimed), (1, 2));
        let failed = row("VLSI_FEDERATED_DESKTOP_SESSION_LOGOFF_REQUEST_SEND_FAILED", 7);
        let mut jobs = [job(3, Verb::LogoffForced, vec![session("x", None, true)])];
        assert_eq!(tie(&mut jobs, &failed), Some((3, Tie::Number)));
    }

    #[test]
    fn changes_claim_rows_of_their_kinds() {
        let mut jobs = [changes(
            4,
            vec![
                Change::DeleteStream("aa-1".into()),
                Change::DeletePermission("p1".into()),
                Change::DeletePermission("p2".into()),
            ],
        )];
        let deleted = AuditEvent {
            message: Some("CORP\\admin deleted Image Management Stream aa-1".into()),
            ..row("VLSI_IM_STREAM_DELETED", 1)
        };
        assert_eq!(tie(&mut jobs, &row("VLSI_IM_STREAM_ADDED", 1)), None);
        assert_eq!(tie(&mut jobs, &deleted), Some((4, Tie::Id)));
        assert_eq!(tie(&mut jobs, &row("ADMIN_PERMISSION_REMOVED", 2)), Some((4, Tie::Number)));
        assert_eq!(tie(&mut jobs, &row("ADMIN_PERMISSION_REMOVE_FAILED", 2)), Some((4, Tie::Number)));
        assert_eq!(tie(&mut jobs, &row("ADMIN_PERMISSION_REMOVED", 2)), None);
        assert_eq!((jobs[0].claimed, jobs[0].expected), (3, 3));
    }

    #[test]
    fn what_was_created_is_known_by_its_id_once_the_server_told_it() {
        let new = |user: &str| {
            Change::CreatePermission(NewPermission {
                principal: user.into(),
                role: "r".into(),
                local_group: None,
                federation_group: None,
            })
        };
        let mut jobs = [changes(1, vec![new("a")]), changes(2, vec![new("b")])];
        jobs[1].created(ChangeKind::CreatePermission, "77-p");
        let added =
            |text: &str| AuditEvent { message: Some(text.into()), ..row("ADMIN_PERMISSION_ADDED", 1) };
        assert_eq!(tie(&mut jobs, &added("permission 77-p")), Some((2, Tie::Id)));
        assert_eq!(tie(&mut jobs, &added("another")), Some((1, Tie::Number)));
        assert_eq!(tie(&mut jobs, &added("one more")), None);
    }

    #[test]
    fn rows_out_of_the_time_of_a_job_are_not_its_own() {
        let mut own = [job(1, Verb::Message, vec![session("a", None, false); 3])];
        assert_eq!(tie(&mut own, &row("ADMIN_SESSION_SENDMSG", -121)), None);
        assert_eq!(tie(&mut own, &AuditEvent { time: None, ..row("ADMIN_SESSION_SENDMSG", 1) }), None);
        assert!(tie(&mut own, &row("ADMIN_SESSION_SENDMSG", -120)).is_some());
        own[0].end(at(60), []);
        assert!(tie(&mut own, &row("ADMIN_SESSION_SENDMSG", 60 + 900)).is_some());
        assert_eq!(tie(&mut own, &row("ADMIN_SESSION_SENDMSG", 60 + 901)), None);
        assert!(!own[0].is_over(at(60 + 900)));
        assert!(own[0].is_over(at(60 + 901)));
    }

    #[test]
    fn only_what_was_sent_is_expected_and_claimed() {
        let plan = {
            let targets = ["a", "b", "c"].map(|id| session(id, None, false));
            Plan {
                id: "3f2a".into(),
                verb: Verb::Message,
                message: None,
                to_send: targets.map(|session| Target { session, hidden: false, pod: None }).to_vec(),
                held_back: Vec::new(),
                made_at: at(0),
                data_at: at(0),
                retry_of: None,
                terms: crate::core::bulk::Terms::default(),
            }
        };
        let mut jobs = [OwnEvents::new(JobId(1), at(0), SignedDuration::ZERO, Some("S-1-5-me".into()))];
        let by = |user: &str| AuditEvent { user_id: Some(user.into()), ..row("ADMIN_SESSION_SENDMSG", 5) };
        assert_eq!(tie(&mut jobs, &by("S-1-5-me")), None, "nothing was sent: another console's");
        jobs[0].sent(&plan, &[0, 1]);
        jobs[0].sent(&plan, &[1]);
        assert_eq!(jobs[0].expected, 2, "one is held back, one was sent twice");
        assert_eq!(tie(&mut jobs, &by("S-1-5-other")), None, "another operator's");
        assert_eq!(tie(&mut jobs, &by("S-1-5-me")), Some((1, Tie::Number)));
        jobs[0].end(at(60), [1]);
        assert_eq!((jobs[0].claimed, jobs[0].expected), (1, 1), "it was thrown back and never left");
        assert_eq!(tie(&mut jobs, &by("S-1-5-me")), None);
    }
}
