//! The journal of a job: what is written down before and after each request, and what it tells after a crash.
//!
//! One line of JSON each, only ever appended. The intent is on disk before the request leaves, the outcomes follow
//! (`design.md section 4`, rule 6). This is the pure half: lines and their reading; the engine owns the files.
//! Nothing secret is in it: plans hold none, and passwords and tokens never come here.

mod course;
mod going_on;
mod record;
mod recovered;
#[cfg(test)]
mod tests;
mod torn;

use std::{fmt::Write as _, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use course::{CountdownState, CourseLine, CourseSoFar, is_case_for_force};
pub use going_on::{CannotGoOn, GoOn, Here};
pub use record::{JobLine, JobState, ListedJob, Record};
pub use recovered::{Damage, DamageKind, Ended, Recovered, Silence, Standing, Tally, Unreadable};
pub use torn::{CLOSING, is_torn};

use super::{Evidence, Plan};
use crate::{
    core::change::ChangePlan,
    domain::{Fault, Outcome, PlanId, Text},
};

/// The version of the format. A journal of a newer one is not read: what it means is not known.
pub const JOURNAL_FORMAT: u32 = 1;

/// Who does something, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The account on the server, such as `CORP\ada`.
    pub operator: Text,
    /// The user of this machine; `?` when it is not known.
    pub user: Text,
    /// This machine; `?` when it is not known.
    pub host: Text,
    /// The process.
    pub pid: u32,
}

/// What a job carries out: the whole plan, frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// A verb on sessions.
    Sessions(Arc<Plan>),
    /// Changes to permissions or images.
    Changes(Arc<ChangePlan>),
}

impl Work {
    /// The id of the plan.
    pub fn plan_id(&self) -> &PlanId {
        match self {
            Self::Sessions(plan) => &plan.id,
            Self::Changes(plan) => &plan.id,
        }
    }

    /// Whether both carry out the same plan. Short ids repeat; the moment when a plan was made does not.
    pub fn is_same_plan(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sessions(one), Self::Sessions(other)) => one.is_same(other),
            (Self::Changes(one), Self::Changes(other)) => one.id == other.id && one.made_at == other.made_at,
            _ => false,
        }
    }

    /// What is done: the verb's name, or the title of the changes in small letters.
    pub fn verb(&self) -> String {
        match self {
            Self::Sessions(plan) => plan.verb.name().to_owned(),
            Self::Changes(plan) => plan.deed(),
        }
    }

    /// How many targets will be sent. Lines name them by their place in this list.
    pub fn to_send(&self) -> usize {
        match self {
            Self::Sessions(plan) => plan.to_send.len(),
            Self::Changes(plan) => plan.items.len(),
        }
    }

    /// How many targets the plan holds back.
    pub fn held_back(&self) -> usize {
        match self {
            Self::Sessions(plan) => plan.held_back.len(),
            Self::Changes(plan) => plan.held_back.len(),
        }
    }
}

/// The first line: everything that is needed to understand the others without the program that wrote them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// See [`JOURNAL_FORMAT`].
    pub version: u32,
    /// The id of the journal: the name of its file without the ending.
    pub journal: String,
    /// The version of the program.
    pub program: String,
    /// Who started it.
    pub by: Author,
    /// Which estate, in words that tell it from others: profile and server.
    pub estate: Text,
    /// The ticket that it is done for.
    pub ticket: Option<Text>,
    /// What is carried out.
    pub work: Work,
}

/// What a line says. Targets are named by their place in the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalLine {
    /// The job begins; nothing was sent yet.
    Opened(Box<Opened>),
    /// A request is about to leave for these targets. On disk before it does.
    Intent {
        /// Number of the request within the job, from 0; the same request sent again gets a line and a number of its own.
        step: usize,
        /// Its targets.
        places: Vec<usize>,
        /// The request in the API's words: `logoff`, `POST /…/action/logoff`.
        request: Text,
    },
    /// What became of targets. `Unsent` says that a request certainly did not reach the server's work.
    Outcomes {
        /// Place in the plan, and what became of it.
        outcomes: Vec<(usize, Outcome)>,
    },
    /// Ids of what was created. Comes with changes only.
    Created {
        /// Place in the plan, and the id, byte for byte.
        ids: Vec<(usize, String)>,
    },
    /// What a course does beside sending. Comes with courses only.
    Course {
        /// What it says.
        says: CourseLine,
    },
    /// What the outcomes of these targets rest on. Comes before them.
    Evidence {
        /// Place in the plan, and by what its outcome is known.
        found: Vec<(usize, Evidence)>,
    },
    /// Something that a reader wants to know: it waited, was paused, the countdown began.
    Note {
        /// In the operator's words.
        text: Text,
    },
    /// The job goes on after it was left.
    Resumed {
        /// Who goes on with it.
        by: Author,
    },
    /// Nothing more will be sent.
    Closed {
        /// Whether it was stopped before everything was sent.
        stopped: bool,
        /// What made it give up.
        fault: Option<Fault>,
        /// When that was, where lines were added to a job that had ended before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended_at: Option<Timestamp>,
    },
}

/// A line with what makes it safe to read back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Number of the line in the file, from 1: a line that was removed leaves a gap.
    pub n: usize,
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub line: JournalLine,
}

impl Entry {
    /// The line as text, with a sum that shows whether a byte of it changed, and with its end.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string(self)?;
        // The brace comes again behind the sum.
        text.pop();
        let sum = sum(text.as_bytes());
        text.extend([SUM, &sum, "\"}\n"]);
        Ok(text)
    }

    /// Reads a line, with or without its end; `None` when it is not as it was written.
    pub fn from_text(raw: &[u8]) -> Option<Self> {
        let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
        let body = raw.strip_suffix(b"\"}")?;
        let (body, found) = body.split_at_checked(body.len().checked_sub(SUM_DIGITS)?)?;
        let body = body.strip_suffix(SUM.as_bytes())?;
        if sum(body).as_bytes() != found {
            return None;
        }
        serde_json::from_slice(raw).ok()
    }
}

/// What stands before the sum.
const SUM: &str = ",\"sum\":\"";

/// So many hexadecimal digits show damage; it is no protection against forgery, which `audit.jsonl` is for.
const SUM_DIGITS: usize = 16;

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(SUM_DIGITS / 2).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}
