//! What an action prints of its targets (`design.md section 7`).

use serde::Serialize;

use crate::{
    cli::{
        args::Format,
        carry::report::{self, Became, Targets, Told, closing},
        output::{self, Heading},
        run::{Stop, Streams},
    },
    core::{
        bulk::{Job, Report, Target},
        session_record::pod_of,
    },
    domain::{Capabilities, Outcome, OutcomeKind, SessionState, Text, UserId, Verb},
};

/// Where the column of the pod stands, when there are several.
const POD: usize = 4;

/// One target.
#[derive(Debug, Serialize)]
struct TargetRow<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desktop_pool_or_farm_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_or_rds_server_name: Option<&'a str>,
    /// The pod that hosts it, as far as known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pod: Option<&'a str>,
    #[serde(flatten)]
    became: Became,
    /// Whether the server took the warning for it; only with a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    warned: Option<bool>,
    /// What became of the warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
    /// How many reminders the server took for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reminders: Option<usize>,
}

impl<'a> TargetRow<'a> {
    fn new(target: &'a Target, outcome: &Outcome, capabilities: &'a Capabilities) -> Self {
        let session = &target.session;
        Self {
            id: session.id.raw(),
            user_id: session.user_id.as_ref().map(UserId::raw),
            user_name: session.user_name.as_ref().map(Text::as_str),
            session_state: session.state.as_ref().map(SessionState::word),
            desktop_pool_or_farm_name: session.pool_name.as_ref().map(Text::as_str),
            machine_or_rds_server_name: session.machine_name.as_ref().map(Text::as_str),
            pod: pod_of(session, capabilities),
            became: outcome.into(),
            warned: None,
            warning: None,
            reminders: None,
        }
    }

    /// The same with what became of the messages of the course.
    fn with_messages(self, job: &Job, place: usize) -> Self {
        if job.plan.terms.course.is_none() || place >= job.total() {
            return self;
        }
        Self {
            warned: Some(job.was_warned(place)),
            warning: job.messages.get(&place).map(|outcome| outcome.kind().name()),
            reminders: Some(job.reminders.get(&place).copied().unwrap_or_default()),
            ..self
        }
    }
}

/// Prints the outcomes of a job; before it was started they are "unsent" and "held back".
pub(super) fn print(
    job: &Job,
    capabilities: &Capabilities,
    ticket: Option<&str>,
    format: Format,
    ascii: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let verb = job.plan.verb.name();
    let told = Told { verb, ticket, consequences: &[], warnings: &[], confirm: None };
    report::print(job, &told, &Acted { job, capabilities, ticket }, format, ascii, streams)
}

/// The counts of what did not go well, with the words of each cause; the first few causes only.
pub(super) fn troubles(job: &Job) -> String {
    let report = Report::of(job);
    let causes = report.groups.iter().map(|group| (&group.cause, group.places.len()));
    let in_vain = match job.told_in_vain().len() {
        0 => String::new(),
        1 => "1 was told of a logoff that does not come".to_owned(),
        count => format!("{count} were told of a logoff that does not come"),
    };
    let parts = [in_vain, unconfirmed(job), report::name_causes(causes)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Why some that were taken were not seen to have happened; empty when nothing says so.
pub(super) fn unconfirmed(job: &Job) -> String {
    let report = Report::of(job);
    let open = report.groups.iter().filter(|group| group.cause.outcome == OutcomeKind::Accepted);
    let told = open.filter_map(|group| {
        let evidence = group.evidence.filter(|_| job.plan.verb != Verb::Message)?;
        Some(format!("{} not confirmed ({})", group.places.len(), evidence.label()))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The targets of an action.
struct Acted<'a> {
    job: &'a Job,
    capabilities: &'a Capabilities,
    ticket: Option<&'a str>,
}

impl<'a> Targets for Acted<'a> {
    type Row = TargetRow<'a>;

    const FIELDS: &'static [&'static str] = &[
        "id",
        "user_id",
        "user_name",
        "session_state",
        "desktop_pool_or_farm_name",
        "machine_or_rds_server_name",
        "pod",
        "outcome",
        "fault",
        "message",
        "warned",
        "warning",
        "reminders",
    ];

    fn rows(&self) -> impl Iterator<Item = TargetRow<'a>> {
        let capabilities = self.capabilities;
        let job = self.job;
        let targets = job.targets().enumerate();
        targets.map(move |(place, (target, outcome))| {
            TargetRow::new(target, &outcome, capabilities).with_messages(job, place)
        })
    }

    /// The targets with trouble come first.
    fn table(&self, ascii: bool) -> String {
        let targets: Vec<_> = self.job.targets().collect();
        // With one pod only, it says nothing.
        let pods = targets.iter().any(|(target, _)| target.pod.is_some());
        let label = |text: Option<Text>| text.map_or_else(|| "?".to_owned(), |text| text.as_str().to_owned());
        let rows: Vec<Vec<String>> = Report::of(self.job)
            .groups
            .iter()
            .flat_map(|group| &group.places)
            .filter_map(|place| targets.get(*place))
            .map(|(target, outcome)| {
                let row = TargetRow::new(target, outcome, self.capabilities);
                let mut cells = vec![
                    outcome.cause().label(),
                    label(target.session.login()),
                    label(target.session.pool_label()),
                    label(target.session.machine_label()),
                    target.session.id.to_string(),
                    row.became.fault.unwrap_or_default().to_owned(),
                    row.became.message.unwrap_or_default(),
                ];
                if pods {
                    cells.insert(POD, row.pod.unwrap_or("?").to_owned());
                }
                cells
            })
            .collect();
        let mut headings = vec!["OUTCOME", "USER", "POOL/FARM", "MACHINE", "ID", "FAULT", "MESSAGE"];
        if pods {
            headings.insert(POD, "POD");
        }
        let headings: Vec<Heading> = headings.into_iter().map(Heading::left).collect();
        let list = if rows.is_empty() { String::new() } else { output::columns(&headings, &rows, ascii) };
        list + &closing(self.job, self.job.plan.verb.name(), self.ticket, "no sessions")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::*;
    use crate::{
        core::{
            bulk::{Course, Facts, HeldBack, HoldReason, JobEvent, JobNote, Plan, Step, Terms},
            fixtures::{capabilities, session, start},
        },
        domain::{Fault, FaultKind, JobId, MessageSeverity, MessageText, Verb},
    };

    /// A job with a course, of which one was refused, one held back, and one is without an answer.
    fn ended() -> Job {
        let target = |id: &str, user: &str| {
            let mut session = session(id, user, SessionState::Connected, 5);
            session.resourced_remotely = Some(false);
            Target { session, hidden: false, pod: None }
        };
        let warning = MessageText { severity: MessageSeverity::Warning, text: "save your work".into() };
        let course = Course {
            warning,
            wait_seconds: 60,
            reminders: Vec::new(),
            force_after_seconds: None,
            even_unwarned: false,
        };
        let plan = Plan {
            id: "7f3a".into(),
            verb: Verb::Logoff,
            message: None,
            to_send: vec![target("1", "abel"), target("2", "bauer"), target("3", "chen")],
            held_back: vec![HeldBack { target: target("4", "dogan"), reason: HoldReason::Own }],
            made_at: start(),
            data_at: start(),
            retry_of: None,
            terms: Terms { ticket: Some("INC-1".into()), course: Some(course), ..Terms::default() },
        };
        let fault = |kind| Fault::new(kind, "log off", "words of the server");
        let mut job = Job::new(JobId(1), Arc::new(plan), start());
        for event in [
            JobEvent::Messaged { step: Step::Warn, outcomes: vec![(0, Outcome::Accepted)] },
            JobEvent::Settled {
                outcomes: vec![
                    (0, Outcome::Confirmed),
                    (1, Outcome::Refused(fault(FaultKind::InvalidState))),
                    (2, Outcome::NoAnswer(fault(FaultKind::Unreachable))),
                ],
            },
            JobEvent::Finished { stopped: true, fault: Some(fault(FaultKind::Unauthenticated)) },
        ] {
            job.apply(&event, start());
        }
        job
    }

    #[test]
    fn the_export_of_the_sheet_says_what_a_run_without_a_screen_prints() {
        let (job, known) = (ended(), capabilities());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams { out: &mut out, err: &mut err };
        assert!(print(&job, &known, Some("INC-1"), Format::Json, false, &mut streams).is_ok());
        let printed: Value = serde_json::from_slice(&out).unwrap();
        let facts = Facts { operator: "CORP\\admin".into(), estate: "prod".into(), pod: known.pod.clone() };
        let mut exported: Value = serde_json::from_str(&JobNote::of_job(&job, facts).json()).unwrap();
        // What a run without a screen cannot know, or was told by whoever started it.
        for name in ["job", "operator", "estate", "started_at", "ended_at"] {
            assert!(exported.as_object_mut().unwrap().remove(name).is_some(), "{name}");
        }
        assert_eq!(exported, printed);
    }
}
