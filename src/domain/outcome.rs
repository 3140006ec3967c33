//! What became of each target of a job.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Fault, FaultKind, Text};

/// What became of one target (`design.md sections 2 and 4`). Accepted is not confirmed, and no answer is not failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Nothing has left for it yet.
    Unsent,
    /// It was kept back on purpose, for this reason.
    HeldBack(Text),
    /// The request left; no answer yet.
    Sent,
    /// The server took it. It is not known to have happened.
    Accepted,
    /// It was seen to have happened.
    Confirmed,
    /// Accepted, but still there after the deadline.
    StillListed,
    /// The server refused this target.
    Refused(Fault),
    /// The target was not there any more.
    NotFound(Fault),
    /// The request may or may not have been carried out: no usable answer came.
    NoAnswer(Fault),
}

/// An outcome without its details: what counts are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// See [`Outcome::Unsent`].
    Unsent,
    /// See [`Outcome::HeldBack`].
    HeldBack,
    /// See [`Outcome::Sent`].
    Sent,
    /// See [`Outcome::Accepted`].
    Accepted,
    /// See [`Outcome::Confirmed`].
    Confirmed,
    /// See [`Outcome::StillListed`].
    StillListed,
    /// See [`Outcome::Refused`].
    Refused,
    /// See [`Outcome::NotFound`].
    NotFound,
    /// See [`Outcome::NoAnswer`].
    NoAnswer,
}

impl OutcomeKind {
    /// All, in the order of reports.
    pub const ALL: [Self; 9] = [
        Self::Confirmed,
        Self::Accepted,
        Self::StillListed,
        Self::Refused,
        Self::NotFound,
        Self::NoAnswer,
        Self::HeldBack,
        Self::Sent,
        Self::Unsent,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::HeldBack => "held_back",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Confirmed => "confirmed",
            Self::StillListed => "still_listed",
            Self::Refused => "refused",
            Self::NotFound => "not_found",
            Self::NoAnswer => "no_answer",
        }
    }

    /// The words on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::HeldBack => "held back",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Confirmed => "confirmed",
            Self::StillListed => "still listed",
            Self::Refused => "refused",
            Self::NotFound => "not found",
            Self::NoAnswer => "no answer",
        }
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.label())
    }
}

/// Why targets share an outcome: what reports are grouped by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cause {
    /// The outcome.
    pub outcome: OutcomeKind,
    /// The fault's class, where there is a fault.
    pub fault: Option<FaultKind>,
    /// The status of a server that answered, but so that nobody knows whether it acted: 5xx.
    #[serde(default)]
    pub status: Option<u16>,
    /// The server's words or the reason, without what differs between targets.
    pub words: Option<Text>,
}

impl Cause {
    /// The outcome in a word or two. A server that answered 500 did answer: what is not known is whether it acted.
    pub fn label(&self) -> String {
        self.status.map_or_else(|| self.outcome.label().to_owned(), |status| format!("answered {status}"))
    }

    /// The outcome, and what remains open about it.
    pub fn phrase(&self) -> String {
        let open = if self.status.is_some() { ", whether it acted is not known" } else { "" };
        self.label() + open
    }
}

impl Outcome {
    /// The outcome without its details.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Unsent => OutcomeKind::Unsent,
            Self::HeldBack(_) => OutcomeKind::HeldBack,
            Self::Sent => OutcomeKind::Sent,
            Self::Accepted => OutcomeKind::Accepted,
            Self::Confirmed => OutcomeKind::Confirmed,
            Self::StillListed => OutcomeKind::StillListed,
            Self::Refused(_) => OutcomeKind::Refused,
            Self::NotFound(_) => OutcomeKind::NotFound,
            Self::NoAnswer(_) => OutcomeKind::NoAnswer,
        }
    }

    /// The fault that came with it.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Refused(fault) | Self::NotFound(fault) | Self::NoAnswer(fault) => Some(fault),
            Self::Unsent
            | Self::HeldBack(_)
            | Self::Sent
            | Self::Accepted
            | Self::Confirmed
            | Self::StillListed => None,
        }
    }

    /// What to group it under in a report.
    pub fn cause(&self) -> Cause {
        let words = match self {
            Self::HeldBack(reason) => Some(reason.clone()),
            other => other.fault().map(|fault| fault.message.clone()),
        };
        let status = match self {
            Self::NoAnswer(fault) => fault.status.filter(|status| *status >= 500),
            _ => None,
        };
        Cause { outcome: self.kind(), fault: self.fault().map(|fault| fault.kind), status, words }
    }

    /// Whether an answer or a decision is there: nothing more comes without a new request.
    pub fn is_settled(&self) -> bool {
        !matches!(self, Self::Unsent | Self::Sent)
    }

    /// Whether it is something that a retry could still change: refused or without an answer.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::NoAnswer(_) | Self::StillListed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_answered_is_not_said_to_have_given_no_answer() {
        let no_answer = |kind, status| {
            let fault = Fault { status, maybe_done: true, ..Fault::new(kind, "log off", "words") };
            Outcome::NoAnswer(fault)
        };
        let answered = no_answer(FaultKind::Unexpected, Some(500));
        assert_eq!(answered.kind(), OutcomeKind::NoAnswer, "nobody knows more");
        assert_eq!(answered.cause().label(), "answered 500");
        assert_eq!(answered.cause().phrase(), "answered 500, whether it acted is not known");
        // An answer that says nothing of a target is none for it.
        for (kind, status) in [(FaultKind::Unreachable, None), (FaultKind::BadAnswer, Some(200))] {
            assert_eq!(no_answer(kind, status).cause().phrase(), "no answer");
        }
        let fault = Fault { status: Some(500), ..Fault::new(FaultKind::Unexpected, "log off", "words") };
        assert_eq!(Outcome::Refused(fault).cause().label(), "refused");
    }
}
