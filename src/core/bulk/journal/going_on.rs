//! Whether a job on record can be gone on with here, in which way, and why not.
//!
//! One answer for the command line and for the screen. It is asked before anybody is asked for a password, and again of
//! the estate that was reached.

use super::{Recovered, Standing, Tally, Work};
use crate::domain::Text;

/// How a job on record can be gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoOn {
    /// What has no answer is read, then what is left is sent.
    Send,
    /// Sessions whose request was taken are read, and what is seen is written down. Nothing is left to be sent.
    Confirm,
    /// What has no answer is read and written down. Nothing is sent: changes to permissions and images that never left
    /// belong into a new plan, which looks at what is there now.
    Settle,
}

/// Where somebody stands who wants to go on with a job.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    /// The estate, as journals name it: profile and server. `None` before one was chosen.
    pub estate: Option<&'a Text>,
    /// Whether nothing may be changed there.
    pub read_only: bool,
}

/// Why a job cannot be gone on with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotGoOn {
    /// Somebody carries it out just now.
    #[error("it is running in another console")]
    Running,
    /// Every target has an answer, or was held back.
    #[error("nothing is left to do of it")]
    NothingLeft(Tally),
    /// Changes of which none is without an answer: only such are looked at again.
    #[error("its changes that are left never were sent: they are not sent from the record")]
    NothingToSettle(Tally),
    /// It was begun on another estate: its ids mean nothing here, or something else.
    #[error("it belongs to {there}, this is {here}")]
    OtherEstate {
        /// Where it was begun.
        there: Text,
        /// Where it would be gone on with.
        here: Text,
    },
    /// It would send, and nothing may be changed here.
    #[error("it would send, and this is read-only")]
    ReadOnly,
}

impl CannotGoOn {
    /// What can be done about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Running => Some("stop it there, or wait for its end"),
            Self::NothingLeft(_) => None,
            Self::NothingToSettle(_) => Some("look at what is there, and make a new plan for the rest"),
            Self::OtherEstate { .. } => Some("choose its profile with --profile"),
            Self::ReadOnly => Some("choose a profile that may act, or leave --read-only out"),
        }
    }
}

impl Recovered {
    /// Whether the job can be gone on with, and in which way. `running` when somebody holds its journal. What cannot
    /// change comes first: a job that is done is done on every estate.
    pub fn going_on(&self, running: bool, here: Here<'_>) -> Result<GoOn, CannotGoOn> {
        if running {
            return Err(CannotGoOn::Running);
        }
        if !self.is_open() {
            return Err(CannotGoOn::NothingLeft(self.tally()));
        }
        let way = match self.opened.work {
            Work::Sessions(_) if self.to_go_on_with() == 0 => GoOn::Confirm,
            Work::Sessions(_) => GoOn::Send,
            Work::Changes(_) => GoOn::Settle,
        };
        let is_unanswered = |standing: &Standing| matches!(standing, Standing::Unanswered(_));
        if way == GoOn::Settle && !self.standings.iter().any(is_unanswered) {
            return Err(CannotGoOn::NothingToSettle(self.tally()));
        }
        if let Some(estate) = here.estate
            && *estate != self.opened.estate
        {
            return Err(CannotGoOn::OtherEstate { there: self.opened.estate.clone(), here: estate.clone() });
        }
        if here.read_only && way == GoOn::Send {
            return Err(CannotGoOn::ReadOnly);
        }
        Ok(way)
    }
}
