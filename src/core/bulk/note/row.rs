//! One target of a note: who it is, and what became of it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::{
    Evidence, Job, Planned as _,
    journal::{Recovered, Standing, Work},
};
use crate::{
    core::change::{ChangeItem, ChangeJob, HeldChange},
    domain::{FaultKind, Outcome, OutcomeKind, PodId, Session, SessionState, Text, UserId},
};

/// One target.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its id, byte for byte; none for what was to be created and has none yet.
    pub(super) id: Option<String>,
    pub(super) user: Option<Text>,
    /// Of what is changed.
    pub(super) name: Option<Text>,
    pub(super) machine: Option<Text>,
    pub(super) pool: Option<Text>,
    pub(super) pod: Option<Text>,
    pub(super) outcome: OutcomeKind,
    pub(super) fault: Option<FaultKind>,
    /// The server's words, or why it was held back.
    pub(super) words: Option<Text>,
    pub(super) evidence: Option<Evidence>,
    /// Whether it was told of a logoff that does not come.
    pub(super) told_in_vain: bool,
    /// What JSON has of it beside id and outcome, named as headless runs name it.
    fields: Vec<(&'static str, Value)>,
}

/// What became of a target: outcome, fault, words.
type Became = (OutcomeKind, Option<FaultKind>, Option<Text>);

impl Row {
    fn of_session(session: &Session, (outcome, fault, words): Became, own_pod: Option<&Text>) -> Self {
        Self {
            id: Some(session.id.raw().to_owned()),
            user: session.login(),
            name: None,
            machine: session.machine_label(),
            pool: session.pool_label(),
            pod: session.pod_label(),
            outcome,
            fault,
            words,
            evidence: None,
            told_in_vain: false,
            fields: session_fields(session, own_pod),
        }
    }

    fn of_change(id: Option<String>, name: &Text, (outcome, fault, words): Became) -> Self {
        Self {
            id,
            user: None,
            name: Some(name.clone()),
            machine: None,
            pool: None,
            pod: None,
            outcome,
            fault,
            words,
            evidence: None,
            told_in_vain: false,
            fields: vec![("name", json!(name.as_str()))],
        }
    }

    fn of_item(item: &ChangeItem, created: Option<&String>, became: Became) -> Self {
        let mut row =
            Self::of_change(item.change.target_id().or_else(|| created.cloned()), &item.label, became);
        row.fields.push(("change", json!(item.change.kind().name())));
        row.take_principal(item.change.principal());
        let after = item.after.map(|before| format!("only when change {} has worked", before + 1));
        let details: Vec<String> = item.details.iter().map(ToString::to_string).chain(after).collect();
        if !details.is_empty() {
            row.fields.push(("details", json!(details)));
        }
        row
    }

    fn of_held(held: &HeldChange) -> Self {
        let became = (OutcomeKind::HeldBack, None, Some(held.reason.clone()));
        let mut row = Self::of_change(held.target.clone(), &held.label, became);
        row.take_principal(held.principal.as_ref());
        row
    }

    fn take_principal(&mut self, principal: Option<&UserId>) {
        self.fields.extend(principal.map(|id| ("ad_user_or_group_id", json!(id.raw()))));
    }

    /// What became of it.
    pub fn outcome(&self) -> OutcomeKind {
        self.outcome
    }

    /// Login of the user, or the name of what is changed, or the id; `?` when nothing is known.
    pub fn label(&self) -> String {
        match (self.user.as_ref().or(self.name.as_ref()), &self.id) {
            (Some(name), _) => name.to_string(),
            (None, Some(id)) => format!("id {}", Text::clean(id)),
            (None, None) => "?".to_owned(),
        }
    }

    /// The machine of a session.
    pub fn machine(&self) -> Option<&Text> {
        self.machine.as_ref()
    }

    /// The pool or farm of a session.
    pub fn pool(&self) -> Option<&Text> {
        self.pool.as_ref()
    }

    /// The server's words, or why it was held back.
    pub fn words(&self) -> Option<&Text> {
        self.words.as_ref()
    }

    pub(super) fn json(&self) -> Value {
        let mut object = json!({"outcome": self.outcome.name()});
        let shown = |text: &Option<Text>| text.as_ref().map(|text| json!(text.as_str()));
        let present = [
            ("id", self.id.as_ref().map(|id| json!(id))),
            ("fault", self.fault.map(|fault| json!(fault.name()))),
            ("message", shown(&self.words)),
            ("evidence", self.evidence.map(|evidence| json!(evidence))),
        ];
        put(&mut object, present);
        let fields = self.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        if let Some(object) = object.as_object_mut() {
            object.extend(fields);
        }
        object
    }

    /// The outcome with its fault: `refused, InvalidState`.
    pub fn brief(&self) -> String {
        if self.told_in_vain {
            return "unsent: warned, not logged off".to_owned();
        }
        // That it was not found says all that its fault says.
        let fault = self.fault.filter(|_| self.outcome != OutcomeKind::NotFound);
        fault.map_or_else(|| self.outcome.to_string(), |fault| format!("{}, {fault}", self.outcome))
    }

    /// The outcome as it is counted: with what it rests on, or with its fault.
    pub(super) fn result(&self) -> String {
        match self.evidence {
            // Some begin with the outcome.
            Some(evidence) if evidence.label().starts_with(&self.outcome.to_string()) => {
                evidence.label().to_owned()
            }
            Some(evidence) => format!("{}: {}", self.outcome, evidence.label()),
            None => self.brief(),
        }
    }

    pub(super) fn who(&self) -> String {
        let mut words = self.label();
        if let Some(machine) = &self.machine {
            write!(words, " on {machine}").ok();
        }
        let places: Vec<&str> = [&self.pool, &self.pod].into_iter().flatten().map(Text::as_str).collect();
        if !places.is_empty() {
            write!(words, " ({})", places.join(", ")).ok();
        }
        words
    }
}

/// What JSON has of a session, as the vendor names it; what is not known is left out.
fn session_fields(session: &Session, own_pod: Option<&Text>) -> Vec<(&'static str, Value)> {
    let text = |text: &Option<Text>| text.as_ref().map(|text| json!(text.as_str()));
    // The list of one pod does not name it: what does not run elsewhere runs there.
    let own = || own_pod.filter(|_| session.resourced_remotely == Some(false)).map(|pod| json!(pod.as_str()));
    let pod = text(&session.pod_name).or_else(|| session.pod_id.as_ref().map(|id: &PodId| json!(id.raw())));
    let fields = [
        ("user_id", session.user_id.as_ref().map(|id| json!(id.raw()))),
        ("user_name", text(&session.user_name)),
        ("session_state", session.state.as_ref().map(|state: &SessionState| json!(state.word()))),
        ("desktop_pool_or_farm_name", text(&session.pool_name)),
        ("machine_or_rds_server_name", text(&session.machine_name)),
        ("pod", pod.or_else(own)),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn became(outcome: &Outcome) -> Became {
    let words = match outcome {
        Outcome::HeldBack(reason) => Some(reason.clone()),
        other => other.fault().map(|fault| fault.message.clone()),
    };
    (outcome.kind(), outcome.fault().map(|fault| fault.kind), words)
}

/// The rows of a job on sessions: first those to be sent, then those held back.
pub(super) fn of_job(job: &Job, own_pod: Option<&Text>) -> Vec<Row> {
    let targets = job.targets().enumerate();
    let rows = targets.map(|(place, (target, outcome))| {
        let mut row = Row::of_session(&target.session, became(&outcome), own_pod);
        row.evidence = job.evidence.get(&place).copied();
        row.told_in_vain = job.is_told_in_vain(place);
        if job.plan.terms.course.is_some() && place < job.plan.sends() {
            let warning = job.messages.get(&place).map(|outcome| ("warning", json!(outcome.kind().name())));
            let reminders = job.reminders.get(&place).copied().unwrap_or_default();
            row.fields.push(("warned", json!(job.was_warned(place))));
            row.fields.extend(warning);
            row.fields.push(("reminders", json!(reminders)));
        }
        row
    });
    rows.collect()
}

/// The rows of a job of changes, in the same order.
pub(super) fn of_changes(job: &ChangeJob) -> Vec<Row> {
    let items = job.plan.items.iter().zip(&job.outcomes).enumerate();
    let sent =
        items.map(|(place, (item, outcome))| Row::of_item(item, job.created.get(&place), became(outcome)));
    sent.chain(job.plan.held_back.iter().map(Row::of_held)).collect()
}

/// The rows of a job on record, in the same order.
pub(super) fn recorded(recovered: &Recovered) -> Vec<Row> {
    let standings = recovered.standings.iter().enumerate();
    let became = |standing: &Standing| {
        let fault = standing.fault().map(|fault| fault.kind);
        (standing.outcome(), fault, standing.words().map(Text::clean))
    };
    match &recovered.opened.work {
        Work::Sessions(plan) => {
            let sent = standings.zip(&plan.to_send).map(|((place, standing), target)| {
                let mut row = Row::of_session(&target.session, became(standing), None);
                let evidence = recovered.evidence.get(&place).copied();
                row.told_in_vain = recovered.ended.is_some()
                    && row.outcome == OutcomeKind::Unsent
                    && recovered.course.was_told(place);
                row.evidence = evidence.filter(|_| matches!(standing, Standing::Answered(_)));
                row
            });
            let held = plan.held_back.iter().map(|held| {
                let standing = Standing::HeldBack(Text::clean(&held.reason.to_string()));
                Row::of_session(&held.target.session, became(&standing), None)
            });
            sent.chain(held).collect()
        }
        Work::Changes(plan) => {
            let sent = standings.zip(&plan.items).map(|((place, standing), item)| {
                Row::of_item(item, recovered.created.get(&place), became(standing))
            });
            sent.chain(plan.held_back.iter().map(Row::of_held)).collect()
        }
    }
}

/// Puts fields into an object where there is something.
pub(super) fn put<const N: usize>(object: &mut Value, fields: [(&str, Option<Value>); N]) {
    if let Some(object) = object.as_object_mut() {
        object.extend(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
}
