//! A job on record: what its journal tells, and the line that a list has of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Recovered, Tally};
use crate::domain::{OutcomeKind, Text};

/// Where a job on record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobState {
    /// Somebody carries it out just now.
    Running,
    /// It came to its end.
    Finished,
    /// It was stopped before everything was sent.
    Stopped,
    /// Going on made no sense.
    GaveUp,
    /// It was cut off: it neither runs nor has an end.
    Interrupted,
}

impl JobState {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::GaveUp => "gave_up",
            Self::Interrupted => "interrupted",
        }
    }

    /// The words for reading.
    pub fn label(self) -> &'static str {
        match self {
            Self::GaveUp => "gave up",
            other => other.name(),
        }
    }
}

/// A journal that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// Whether somebody carries it out just now: then it may say more in a moment.
    pub running: bool,
    /// What it tells.
    pub recovered: Recovered,
}

impl Record {
    /// Whether it was cut off: it neither runs nor has an end.
    pub fn is_interrupted(&self) -> bool {
        self.standing() == JobState::Interrupted
    }

    /// Where the job stands.
    pub fn standing(&self) -> JobState {
        match &self.recovered.ended {
            _ if self.running => JobState::Running,
            None => JobState::Interrupted,
            Some(ended) if ended.fault.is_some() => JobState::GaveUp,
            Some(ended) if ended.stopped => JobState::Stopped,
            Some(_) => JobState::Finished,
        }
    }

    /// Where the job stands, in one word for JSON.
    pub fn state(&self) -> &'static str {
        self.standing().name()
    }
}

/// A journal of the folder, for a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListedJob {
    /// The id of its journal.
    pub id: String,
    /// What it tells, or why it tells nothing.
    pub told: Result<JobLine, Text>,
}

/// What a list says of a job on record: no target by name, so that a long list stays small.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobLine {
    /// Where it stands.
    pub state: JobState,
    /// When it was started.
    pub started_at: Timestamp,
    /// What is done: the verb's name, or the title of the changes in small letters.
    pub verb: Text,
    /// The plan.
    pub plan: Text,
    /// The account on the server.
    pub operator: Text,
    /// The user of the machine it was started on, and that machine.
    pub from: Text,
    /// Which estate: profile and server.
    pub estate: Text,
    /// The ticket that it is done for.
    pub ticket: Option<Text>,
    /// How many targets stand where.
    pub tally: Tally,
    /// How many targets may be sent when it is gone on with: see [`Recovered::to_go_on_with`](super::Recovered).
    pub open: usize,
    /// How many were taken and not seen to have happened: see [`Recovered::to_confirm`](super::Recovered).
    #[serde(default)]
    pub to_confirm: usize,
    /// Targets by outcome; they add up to the plan's.
    pub counts: BTreeMap<OutcomeKind, usize>,
    /// Whether lines of the journal are not as they were written.
    pub damaged: bool,
}

impl From<&Record> for JobLine {
    fn from(record: &Record) -> Self {
        let recovered = &record.recovered;
        let opened = &recovered.opened;
        Self {
            state: record.standing(),
            started_at: recovered.started_at,
            verb: Text::clean(&opened.work.verb()),
            plan: Text::clean(opened.work.plan_id().raw()),
            operator: opened.by.operator.clone(),
            from: Text::clean(&format!("{}@{}", opened.by.user, opened.by.host)),
            estate: opened.estate.clone(),
            ticket: opened.ticket.clone(),
            tally: recovered.tally(),
            open: recovered.to_go_on_with(),
            to_confirm: recovered.to_confirm().len(),
            counts: recovered.counts(),
            damaged: !recovered.damage.is_empty(),
        }
    }
}
