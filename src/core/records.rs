//! The jobs of this run and those on record, as one list.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    bulk::{
        Job, JobPhase, Plan, Planned,
        journal::{JobLine, JobState, ListedJob, Recovered, Standing, Tally},
        rank,
    },
    effect::RequestId,
    remote::Remote,
    state::State,
};
use crate::domain::{JobId, Outcome, OutcomeKind, Text};

/// What is known of the jobs on record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Records {
    /// The list, as last read.
    pub listed: Remote<Vec<ListedJob>>,
    /// The question that is out.
    pub request: Option<RequestId>,
    /// This estate as journals name it, once told.
    pub estate: Option<Text>,
    /// The journals of the jobs of this run.
    pub journals: BTreeMap<JobId, String>,
    /// The newest job that the start named as cut off, until the list was opened.
    pub cut_off: Option<String>,
}

impl Default for Records {
    fn default() -> Self {
        Self {
            listed: Remote::NotAsked,
            request: None,
            estate: None,
            journals: BTreeMap::new(),
            cut_off: None,
        }
    }
}

/// A job of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobKey {
    /// A job of this run.
    Run(JobId),
    /// A job on record, by its journal.
    Record(String),
}

/// How the list calls a job that another process carries out.
const ELSEWHERE: &str = "elsewhere";

/// A line of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRow {
    /// Which job.
    pub key: JobKey,
    /// When it was started; unknown for a journal that cannot be read.
    pub started_at: Option<Timestamp>,
    /// Where it stands, in a word or two.
    pub state: &'static str,
    /// Whether somebody should look at it: it failed in part, or was left.
    pub needs_a_look: bool,
    /// What it does.
    pub verb: Text,
    /// The plan.
    pub plan: Text,
    /// The ticket.
    pub ticket: Option<Text>,
    /// Who carries or carried it out; `?` when it is not known.
    pub operator: Text,
    /// User and machine that it was started from, when it is on record.
    pub from: Option<Text>,
    /// Profile and server.
    pub estate: Text,
    /// Targets by outcome; none for a journal that cannot be read.
    pub counts: Option<BTreeMap<OutcomeKind, usize>>,
    /// How many targets stand where, when it is on record.
    pub tally: Option<Tally>,
    /// How many targets may be sent when it is gone on with, when it is on record.
    pub open: Option<usize>,
    /// How many were taken and not seen to have happened, when it is on record.
    pub to_confirm: usize,
    /// Why its journal says nothing.
    pub why: Option<Text>,
}

impl JobRow {
    /// The journal, where it is known.
    pub fn journal<'a>(&'a self, state: &'a State) -> Option<&'a str> {
        match &self.key {
            JobKey::Run(id) => state.records.journals.get(id).map(String::as_str),
            JobKey::Record(journal) => Some(journal),
        }
    }

    /// Whether something of it is left that somebody could go on with.
    pub fn may_go_on(&self, state: &State) -> bool {
        match &self.key {
            JobKey::Run(id) => {
                let left = [OutcomeKind::Unsent, OutcomeKind::Sent, OutcomeKind::NoAnswer];
                let job = state.job(*id);
                let has_ended = job.is_some_and(|job| !job.is_running());
                let counts = self.counts.iter().flat_map(BTreeMap::keys);
                has_ended
                    && self.journal(state).is_some()
                    && (counts.into_iter().any(|kind| left.contains(kind)) || job.is_some_and(may_force))
            }
            JobKey::Record(_) => {
                self.state != ELSEWHERE && (self.open.is_some_and(|open| open > 0) || self.to_confirm > 0)
            }
        }
    }

    /// How many targets it has.
    pub fn targets(&self) -> Option<usize> {
        self.counts.as_ref().map(|counts| counts.values().sum())
    }

    /// The counts in words, first what needs a look: `1 refused, 2 confirmed`.
    pub fn result(&self) -> String {
        let Some(counts) = &self.counts else { return "?".to_owned() };
        let mut kinds = OutcomeKind::ALL;
        kinds.sort_by_key(|kind| rank(*kind));
        let all = kinds.into_iter().filter_map(|kind| Some((kind, *counts.get(&kind)?)));
        let words: Vec<String> = all.map(|(kind, count)| format!("{count} {kind}")).collect();
        words.join(", ")
    }
}

/// All jobs, the newest first. A job of this run that is on record too comes once, as it is now.
pub fn job_rows(state: &State) -> Vec<JobRow> {
    let of_run = |id: JobId| match state.job(id) {
        Some(job) => Some(run_row(state, job, job.plan.verb.name())),
        None => state.change_job(id).map(|job| run_row(state, job, &job.plan.deed())),
    };
    let mut rows: Vec<JobRow> = state.job_ids().into_iter().filter_map(of_run).collect();
    let ours: BTreeSet<&String> = state.records.journals.values().collect();
    let listed = state.records.listed.value().map(Vec::as_slice).unwrap_or_default();
    rows.extend(listed.iter().filter(|listed| !ours.contains(&listed.id)).map(record_row));
    // Stable: jobs of the same second stay the newest first.
    rows.sort_by_key(|row| std::cmp::Reverse(begun(row)));
    rows
}

/// When a job began, to the second. What cannot be read has it in the name of its file.
fn begun(row: &JobRow) -> String {
    const DIGITS: usize = "20260302T140220Z".len();
    match (&row.started_at, &row.key) {
        (Some(at), _) => at.strftime("%Y%m%dT%H%M%SZ").to_string(),
        (None, JobKey::Record(id)) => id.chars().take(DIGITS).collect(),
        (None, JobKey::Run(_)) => String::new(),
    }
}

fn run_row<P: Planned>(state: &State, job: &Job<P>, verb: &str) -> JobRow {
    let known = state.capabilities();
    let ticket = state.job(job.id).and_then(|job| job.plan.terms.ticket.clone());
    let estate = known.map_or_else(
        || state.settings.profile.clone(),
        |known| Text::clean(&format!("{} {}", state.settings.profile, known.server)),
    );
    JobRow {
        key: JobKey::Run(job.id),
        started_at: Some(job.started_at),
        state: phase(job),
        needs_a_look: job.failed() > 0 || job.ending().1.is_some(),
        verb: Text::clean(verb),
        plan: Text::clean(job.plan.id().raw()),
        ticket,
        operator: known.map_or_else(|| "?".into(), |known| known.account.name.clone()),
        from: None,
        estate: state.records.estate.clone().unwrap_or(estate),
        counts: Some(job.counts()),
        tally: None,
        open: None,
        to_confirm: 0,
        why: None,
    }
}

/// Whether a job of this run ended before the force of its course, for which somebody is left.
fn may_force(job: &Job) -> bool {
    let course = job.plan.terms.course.as_ref();
    let forces = course.is_some_and(|course| course.force_after_seconds.is_some());
    let done = |outcome: &Outcome| {
        matches!(outcome.kind(), OutcomeKind::Confirmed | OutcomeKind::NotFound | OutcomeKind::HeldBack)
    };
    forces && job.ending() != (false, None) && !job.outcomes.iter().all(done)
}

fn phase<P: Planned>(job: &Job<P>) -> &'static str {
    match &job.phase {
        JobPhase::Running if job.waiting.is_some() => "waiting",
        JobPhase::Running => JobState::Running.label(),
        JobPhase::Stopping => "stopping",
        JobPhase::Finished { fault: Some(_), .. } => JobState::GaveUp.label(),
        JobPhase::Finished { stopped: true, .. } => JobState::Stopped.label(),
        JobPhase::Finished { .. } => JobState::Finished.label(),
    }
}

fn record_row(listed: &ListedJob) -> JobRow {
    let key = JobKey::Record(listed.id.clone());
    let unknown = || Text::clean("?");
    match &listed.told {
        Ok(line) => JobRow {
            key,
            started_at: Some(line.started_at),
            state: if line.state == JobState::Running { ELSEWHERE } else { line.state.label() },
            needs_a_look: needs_a_look(line),
            verb: line.verb.clone(),
            plan: line.plan.clone(),
            ticket: line.ticket.clone(),
            operator: line.operator.clone(),
            from: Some(line.from.clone()),
            estate: line.estate.clone(),
            counts: Some(line.counts.clone()),
            tally: Some(line.tally),
            open: Some(line.open),
            to_confirm: line.to_confirm,
            why: line.damaged.then(|| Text::clean("lines of its record are damaged or missing")),
        },
        Err(why) => JobRow {
            key,
            started_at: None,
            state: "unreadable",
            needs_a_look: true,
            verb: unknown(),
            plan: unknown(),
            ticket: None,
            operator: unknown(),
            from: None,
            estate: unknown(),
            counts: None,
            tally: None,
            open: None,
            to_confirm: 0,
            why: Some(why.clone()),
        },
    }
}

fn needs_a_look(line: &JobLine) -> bool {
    let failed = [OutcomeKind::Refused, OutcomeKind::NoAnswer, OutcomeKind::StillListed];
    let left = line.open > 0 && line.state != JobState::Running;
    left || line.damaged || failed.iter().any(|kind| line.counts.contains_key(kind))
}

impl Job<Plan> {
    /// The job as an earlier run left it.
    pub fn resumed(
        id: JobId,
        plan: &std::sync::Arc<Plan>,
        recovered: &Recovered,
        started_at: Timestamp,
    ) -> Self {
        Self {
            outcomes: recovered.outcomes(),
            messages: recovered.course.messages.clone(),
            reminders: recovered.course.reminders.clone(),
            evidence: recovered.evidence.clone(),
            ..Self::new(id, std::sync::Arc::clone(plan), started_at)
        }
    }
}

impl Plan {
    /// The part of a plan that is left: what was never sent, what has no answer, and whose force is still to come. So much may be sent at most, and it
    /// takes as much to set it going as a plan of these alone would.
    #[must_use]
    pub fn left(&self, recovered: &Recovered) -> Self {
        let is_open = |standing: &Standing| matches!(standing, Standing::Unsent | Standing::Unanswered(_));
        let forced = recovered.awaiting_force();
        let targets = self.to_send.iter().zip(&recovered.standings).enumerate();
        let left = targets.filter(|(place, (_, standing))| is_open(standing) || forced.contains(place));
        let to_send = left.map(|(_, (target, _))| target.clone());
        Self { to_send: to_send.collect(), held_back: Vec::new(), ..self.clone() }
    }
}
