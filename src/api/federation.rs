//! Pods and their sessions (`horizon-rest.md sections 8 and 15`).

use tokio_util::sync::CancellationToken;

use super::{Action, Estate, ItemAnswer, ListProgress, RequestClass, SessionList};
use crate::domain::{Fault, FaultKind, Federation, PodId, SessionId};

fn later<T>() -> Result<T, Fault> {
    Err(Fault::new(FaultKind::Unexpected, "federation", "not there yet"))
}

impl Estate {
    /// The pods of the federation; `None` where there is none (`409`, or a state other than `ENABLED`), and before
    /// release 2012.
    pub async fn federation(&self, _class: RequestClass) -> Result<Option<Federation>, Fault> {
        later()
    }

    /// The sessions that a pod hosts, as the federation knows them, with `pod_id` and, where the release gives it, names.
    pub async fn list_pod_sessions(
        &self,
        _pod: &PodId,
        _class: RequestClass,
        _progress: impl Fn(ListProgress) + Send + Sync,
    ) -> Result<SessionList, Fault> {
        later()
    }

    /// Asks for a verb on sessions of other pods, grouped by pod in one call: one answer for each target, in their order.
    /// What a pod as a whole refused is the answer for each of its targets.
    ///
    /// # Errors
    ///
    /// As [`Estate::act`].
    pub async fn act_on_pods(
        &self,
        _action: &Action,
        _targets: &[(PodId, SessionId)],
        _stop: &CancellationToken,
    ) -> Result<Vec<ItemAnswer>, Fault> {
        later()
    }
}
