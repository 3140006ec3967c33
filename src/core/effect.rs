//! What the core wants done; the runtime does it, and answers come back as messages.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bulk::Plan;
use crate::domain::{Fault, JobId};

/// Tells answers to older questions from answers to the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId(pub u64);

/// A thing to do. No secret travels in one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Log in. Answered by `Connected` or `ConnectFailed`.
    Connect,
    /// Read the whole list of sessions. Answered by `SessionsProgressed`, then `SessionsLoaded` or `SessionsFailed`.
    FetchSessions {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Read the events since the last ones. Answered by `EventsLoaded` or `EventsFailed`.
    FetchEvents {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Carry out a plan. Answered by `JobProgressed`, the last of which says that it is finished.
    RunJob {
        /// The job's number.
        job: JobId,
        /// What to carry out.
        plan: Arc<Plan>,
    },
    /// Send nothing more for this job; what is out is waited for.
    StopJob {
        /// The job's number.
        job: JobId,
    },
    /// Draw everything afresh, as after a garbled screen.
    Redraw,
    /// Put the program into the background.
    Suspend,
    /// End the program.
    Exit(ExitReason),
}

/// Why the program ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ExitReason {
    /// The operator left.
    Left,
    /// The first connection failed: there is nothing to show.
    NotConnected(Fault),
    /// A signal asked for it.
    Signal,
}
