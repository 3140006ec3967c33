//! Jobs of changes.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ChangePlan;
use crate::{
    core::bulk::{JobPhase, Wait},
    domain::{JobId, Outcome},
};

/// A plan of changes being carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeJob {
    /// Number, counted together with the jobs on sessions.
    pub id: JobId,
    /// What it carries out; frozen.
    pub plan: Arc<ChangePlan>,
    /// What became of each of [`ChangePlan::items`], by place.
    pub outcomes: Vec<Outcome>,
    /// When it was started.
    pub started_at: Timestamp,
    /// Where it stands.
    pub phase: JobPhase,
    /// Why nothing leaves just now.
    pub waiting: Option<Wait>,
    /// Requests sent so far.
    pub calls: usize,
}
