//! What is handed on of a job: a table, an object for programs, and a short note for the ticket.
//!
//! All three tell every target or count it; the numbers add up to the targets of the plan.

mod row;

use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Evidence, Job, Planned,
    journal::{Recovered, Work},
};
use crate::{
    core::{change::ChangeJob, interchange},
    domain::{ChangeKind, Fault, FaultKind, OutcomeKind, PlanId, Text},
};

pub use row::Row;

use row::put;

/// The fields in CSV, in order.
const FIELDS: [&str; 13] = [
    "plan",
    "verb",
    "ticket",
    "id",
    "user_name",
    "name",
    "machine_name",
    "pool_name",
    "pod_name",
    "outcome",
    "fault",
    "message",
    "evidence",
];

/// Who did it, and where: what a plan does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The account on the server; `?` when it is not known.
    pub operator: Text,
    /// The estate, in words that tell it from others.
    pub estate: Text,
    /// The pod that was asked, where it has a name.
    pub pod: Option<Text>,
}

/// Targets of a note that share outcome and fault.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteGroup {
    /// The outcome.
    pub outcome: OutcomeKind,
    /// The same with its fault: `refused, InvalidState`.
    pub result: String,
    /// Its targets, by place in [`JobNote::rows`].
    pub places: Vec<usize>,
}

/// What JSON has of changes beside their targets.
#[derive(Debug, Clone, Default, PartialEq)]
struct Beside {
    consequences: Vec<Text>,
    warnings: Vec<Text>,
}

/// Everything that is told of a job to others.
#[derive(Debug, Clone, PartialEq)]
pub struct JobNote {
    job: String,
    plan: PlanId,
    verb: String,
    title: Text,
    /// How it was to be carried out, and the message.
    how: Vec<(&'static str, Text)>,
    beside: Beside,
    facts: Facts,
    ticket: Option<Text>,
    retry_of: Option<PlanId>,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    stopped: bool,
    fault: Option<Fault>,
    rows: Vec<Row>,
}

impl JobNote {
    /// What is told of a job of this run.
    pub fn of_job(job: &Job, facts: Facts) -> Self {
        let plan = &job.plan;
        let rows = row::of_job(job, facts.pod.as_ref());
        let how = how(plan, Some(job.pace()));
        Self { how, ticket: plan.terms.ticket.clone(), ..Self::of_any(job, plan.verb.name(), facts, rows) }
    }

    /// What is told of a job of changes of this run.
    pub fn of_changes(job: &ChangeJob, facts: Facts) -> Self {
        let plan = &job.plan;
        let beside = Beside { consequences: plan.consequences.clone(), warnings: plan.warnings.clone() };
        Self { beside, ..Self::of_any(job, &plan.deed(), facts, row::of_changes(job)) }
    }

    fn of_any<P: Planned>(job: &Job<P>, verb: &str, facts: Facts, rows: Vec<Row>) -> Self {
        let (stopped, fault) = job.ending();
        Self {
            job: job.id.to_string(),
            plan: job.plan.id().clone(),
            verb: verb.to_owned(),
            title: Text::clean(job.plan.title()),
            how: Vec::new(),
            beside: Beside::default(),
            facts,
            ticket: None,
            retry_of: job.plan.retry_of().cloned(),
            started_at: job.started_at,
            ended_at: job.finished_at(),
            stopped,
            fault: fault.cloned(),
            rows,
        }
    }

    /// The same under the name of its journal, by which it is found later: its number is of this run only.
    #[must_use]
    pub fn on_record(self, journal: Option<&str>) -> Self {
        Self { job: journal.map_or(self.job, str::to_owned), ..self }
    }

    /// What is told of a job on record. `id` is the journal's.
    pub fn of_record(id: &str, recovered: &Recovered) -> Self {
        let opened = &recovered.opened;
        let ended = recovered.ended.as_ref();
        let (title, mut how, retry_of) = match &opened.work {
            Work::Sessions(plan) => (Text::clean(plan.title()), how(plan, None), plan.retry_of.clone()),
            Work::Changes(plan) => (plan.title.clone(), Vec::new(), plan.retry_of.clone()),
        };
        for (place, id) in &recovered.created {
            let item = match &opened.work {
                Work::Changes(plan) => plan.items.get(*place),
                Work::Sessions(_) => None,
            };
            // The order was taken; the record does not know how the cloud went on with it.
            if item.is_some_and(|item| item.change.kind() == ChangeKind::BuildImage) {
                let id = Text::clean(id);
                let words = format!(
                    "the cloud's job {id} tells whether it was built: foretop image-servers jobs show {id}"
                );
                how.push(("Build", Text::clean(&words)));
            }
        }
        let beside = match &opened.work {
            Work::Sessions(_) => Beside::default(),
            Work::Changes(plan) => {
                Beside { consequences: plan.consequences.clone(), warnings: plan.warnings.clone() }
            }
        };
        Self {
            job: id.to_owned(),
            plan: opened.work.plan_id().clone(),
            verb: opened.work.verb(),
            title,
            how,
            beside,
            facts: Facts { operator: opened.by.operator.clone(), estate: opened.estate.clone(), pod: None },
            ticket: opened.ticket.clone(),
            retry_of,
            started_at: recovered.started_at,
            ended_at: ended.map(|ended| ended.at),
            stopped: ended.is_some_and(|ended| ended.stopped),
            fault: ended.and_then(|ended| ended.fault.clone()),
            rows: row::recorded(recovered),
        }
    }

    /// Every target: first those to be sent, then those held back.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Which account did it, and on which estate.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What it did, in capitals.
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// The targets by outcome and fault: failures first, then what is open, then what went well; within these the
    /// largest first.
    pub fn groups(&self) -> Vec<NoteGroup> {
        let mut groups: BTreeMap<(OutcomeKind, String), Vec<usize>> = BTreeMap::new();
        for (place, row) in self.rows.iter().enumerate() {
            groups.entry((row.outcome, row.brief())).or_default().push(place);
        }
        let of_entry = |((outcome, result), places)| NoteGroup { outcome, result, places };
        let mut groups: Vec<NoteGroup> = groups.into_iter().map(of_entry).collect();
        groups.sort_by_key(|group| (rank(group.outcome), std::cmp::Reverse(group.places.len())));
        groups
    }

    /// The name of its files: `20260302T140220Z-7f3a` sorts by time, and is safe.
    pub fn file_name(&self) -> String {
        let plan: String = self.plan.raw().chars().filter(char::is_ascii_alphanumeric).collect();
        format!("{}-{plan}", self.started_at.strftime("%Y%m%dT%H%M%SZ"))
    }

    /// Ending and contents of each of its files.
    pub fn files(&self) -> Vec<(String, String)> {
        let files = [("csv", self.csv()), ("json", self.json()), ("md", self.markdown())];
        files.into_iter().map(|(ending, text)| (ending.to_owned(), text)).collect()
    }

    /// Counts by outcome, in the order of reports, without those that nothing has.
    fn counts(&self) -> Vec<(OutcomeKind, usize)> {
        let count = |kind| self.rows.iter().filter(|row| row.outcome == kind).count();
        let all = OutcomeKind::ALL.into_iter().map(|kind| (kind, count(kind)));
        all.filter(|(_, count)| *count > 0).collect()
    }

    /// Comma-separated values: a header, and a line for each target. Spreadsheets compute nothing of it.
    pub fn csv(&self) -> String {
        let mut text = interchange::csv_line(FIELDS);
        for row in &self.rows {
            let shown = |text: &Option<Text>| Cow::from(text.as_ref().map_or("", Text::as_str).to_owned());
            let fault = row.fault.map_or("", FaultKind::name);
            text += &interchange::csv_line([
                Cow::from(self.plan.raw()),
                Cow::from(&self.verb),
                shown(&self.ticket),
                Cow::from(Text::clean(row.id.as_deref().unwrap_or_default()).as_str().to_owned()),
                shown(&row.user),
                shown(&row.name),
                shown(&row.machine),
                shown(&row.pool),
                shown(&row.pod),
                Cow::from(row.outcome.name()),
                Cow::from(fault),
                shown(&row.words),
                Cow::from(row.evidence.map_or("", Evidence::label)),
            ]);
        }
        text
    }

    /// The object that programs read, in the form of headless runs.
    pub fn json(&self) -> String {
        let counts: Map<String, Value> =
            self.counts().into_iter().map(|(kind, count)| (kind.name().to_owned(), json!(count))).collect();
        let mut object = json!({
            "job": self.job, "plan": self.plan.raw(), "verb": self.verb,
            "operator": self.facts.operator.as_str(), "estate": self.facts.estate.as_str(),
            "started_at": self.started_at.to_string(), "counts": counts,
            "targets": self.rows.iter().map(Row::json).collect::<Vec<_>>(),
        });
        let gave_up = self
            .fault
            .as_ref()
            .map(|fault| json!({"fault": fault.kind.name(), "message": fault.message.as_str()}));
        let texts = |texts: &[Text]| {
            (!texts.is_empty()).then(|| json!(texts.iter().map(Text::as_str).collect::<Vec<_>>()))
        };
        let present = [
            ("ticket", self.ticket.as_ref().map(|ticket| json!(ticket.as_str()))),
            ("retry_of", self.retry_of.as_ref().map(|plan| json!(plan.raw()))),
            ("ended_at", self.ended_at.map(|at| json!(at.to_string()))),
            ("stopped", self.stopped.then_some(json!(true))),
            ("gave_up", gave_up),
            ("consequences", texts(&self.beside.consequences)),
            ("warnings", texts(&self.beside.warnings)),
        ];
        put(&mut object, present);
        format!("{object:#}\n")
    }

    /// A short note in Markdown: what, who, when, why, how many, and the exceptions by name.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# {}: job {}\n\n",
            interchange::markdown(self.title.as_str()),
            interchange::markdown(&self.job)
        );
        let mut item = |name: &str, words: &str| {
            // Writing to a String cannot fail.
            writeln!(text, "- {name}: {}", interchange::markdown(words)).ok();
        };
        let total = self.rows.len();
        let targets = if total == 1 { "target" } else { "targets" };
        item("What", &format!("{}, {total} {targets}, plan {}", self.title, self.plan));
        for (name, words) in &self.how {
            item(name, words.as_str());
        }
        item("Who", &format!("{} on {}", self.facts.operator, self.facts.estate));
        let began = moment(self.started_at);
        let ended = self.ended_at.map(moment);
        let when =
            ended.map_or_else(|| format!("since {began}, not ended"), |ended| format!("{began} to {ended}"));
        item("When", &when);
        item("Why", self.ticket.as_ref().map_or("no ticket was given", Text::as_str));
        if let Some(parent) = &self.retry_of {
            item("Retry of", &format!("plan {parent}"));
        }
        item("End", &self.end());
        let in_vain = self.rows.iter().filter(|row| row.told_in_vain).count();
        if in_vain > 0 {
            let were = if in_vain == 1 { "was" } else { "were" };
            item("To be told", &format!("{in_vain} {were} warned of a logoff that does not come"));
        }
        self.write_counts(&mut text);
        self.write_exceptions(&mut text);
        text
    }

    fn end(&self) -> String {
        match (&self.fault, self.stopped, self.ended_at) {
            (Some(fault), _, _) => format!("gave up: {fault}"),
            (None, true, _) => "stopped by the operator".to_owned(),
            (None, false, Some(_)) => "done".to_owned(),
            (None, false, None) => "not ended".to_owned(),
        }
    }

    fn write_counts(&self, text: &mut String) {
        let mut groups: BTreeMap<(usize, String), usize> = BTreeMap::new();
        for row in &self.rows {
            let rank = OutcomeKind::ALL.iter().position(|kind| *kind == row.outcome).unwrap_or_default();
            *groups.entry((rank, row.result())).or_default() += 1;
        }
        text.push_str("\n| N | result |\n|--:|---|\n");
        for ((_, result), count) in groups {
            // A stroke would end the cell.
            writeln!(text, "| {count} | {} |", interchange::markdown(&result).replace('|', "\\|")).ok();
        }
        writeln!(text, "| {} | in all |", self.rows.len()).ok();
    }

    fn write_exceptions(&self, text: &mut String) {
        let well = |row: &&Row| matches!(row.outcome, OutcomeKind::Confirmed | OutcomeKind::Accepted);
        let mut exceptions: Vec<&Row> = self.rows.iter().filter(|row| !well(row)).collect();
        if exceptions.is_empty() {
            text.push_str("\nNo exceptions.\n");
            return;
        }
        exceptions.sort_by_key(|row| OutcomeKind::ALL.iter().position(|kind| *kind == row.outcome));
        text.push_str("\nExceptions:\n\n");
        for row in exceptions {
            let words = row.words.as_ref().map_or_else(String::new, |words| format!(": {words}"));
            let line = format!("{}: {}{words}", row.who(), row.brief());
            writeln!(text, "- {}", interchange::markdown(&line)).ok();
        }
    }
}

/// How a plan is carried out, where that is worth a line.
fn how(plan: &super::Plan, pace: Option<super::Pace>) -> Vec<(&'static str, Text)> {
    let pace = pace.unwrap_or(plan.terms.pace);
    let mut how = vec![("Pace", Text::clean(&pace.to_string()))];
    if let Some(guard) = &plan.terms.guard {
        how.push(("Guard", Text::clean(guard.text())));
    }
    if let Some(message) = &plan.message {
        how.push(("Message", Text::clean(&message.text.replace('\n', " / "))));
    }
    how
}

/// Where an outcome stands in a list: failures first, then what is open, then what went well.
pub(in crate::core) fn rank(outcome: OutcomeKind) -> usize {
    match outcome {
        OutcomeKind::Refused | OutcomeKind::NoAnswer | OutcomeKind::StillListed => 0,
        OutcomeKind::NotFound => 1,
        OutcomeKind::Sent | OutcomeKind::Unsent => 2,
        OutcomeKind::HeldBack => 3,
        OutcomeKind::Accepted | OutcomeKind::Confirmed => 4,
    }
}

/// `2026-03-02 14:02:20Z`.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        core::bulk::{HeldBack, HoldReason, JobEvent, Plan, Target, Terms},
        core::fixtures::{session, start},
        domain::{JobId, Outcome, SessionState, Verb},
    };

    fn ended() -> Job {
        let target = |id: &str, user: &str| Target {
            session: session(id, user, SessionState::Disconnected, 60),
            hidden: false,
            pod: None,
        };
        let plan = Plan {
            id: "7f3a".into(),
            verb: Verb::Logoff,
            message: None,
            to_send: vec![target("1", "abel"), target("2", "=cmd|x"), target("3", "chen")],
            held_back: vec![HeldBack { target: target("4", "dogan"), reason: HoldReason::Own }],
            made_at: start(),
            data_at: start(),
            retry_of: Some("11aa".into()),
            terms: Terms { ticket: Some("INC-48213".into()), ..Terms::default() },
        };
        let mut job = Job::new(JobId(17), Arc::new(plan), start());
        let locked = Fault::new(FaultKind::InvalidState, "log off", "=Session \"is\" <locked>, *really*");
        for event in [
            JobEvent::Sent { targets: vec![0, 1, 2] },
            JobEvent::Evidence { found: vec![(0, Evidence::TwoLists)] },
            JobEvent::Settled {
                outcomes: vec![
                    (0, Outcome::Confirmed),
                    (1, Outcome::Refused(locked)),
                    (2, Outcome::StillListed),
                ],
            },
            JobEvent::Finished { stopped: false, fault: None },
        ] {
            job.apply(&event, start() + jiff::SignedDuration::from_secs(59));
        }
        job
    }

    fn note() -> JobNote {
        let facts = Facts { operator: "CORP\\a.kaya".into(), estate: "PROD-EMEA / ams1".into(), pod: None };
        JobNote::of_job(&ended(), facts)
    }

    #[test]
    fn the_note_tells_what_who_when_why_how_many_and_names_exceptions() {
        insta::assert_snapshot!("note_markdown", note().markdown());
    }

    #[test]
    fn the_table_and_the_object_have_every_target() {
        insta::assert_snapshot!("note_csv", note().csv());
        let object: Value = serde_json::from_str(&note().json()).unwrap();
        let counts: u64 = object["counts"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
        assert_eq!(counts, 4);
        assert_eq!(object["targets"].as_array().unwrap().len(), 4);
        assert_eq!(object["targets"][0]["evidence"], "two_lists");
        assert_eq!((&object["ticket"], &object["retry_of"]), (&json!("INC-48213"), &json!("11aa")));
    }
}
