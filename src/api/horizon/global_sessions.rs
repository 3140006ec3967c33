//! Sessions of the federation: what to ask (`horizon-rest.md section 8`). A row means what a local one does.

use crate::{
    api::{Operation, request::Request},
    domain::PodId,
};

/// One page of the sessions that a pod hosts.
pub(crate) fn list_request(pod: &PodId, page: usize, size: usize) -> Request {
    Request::get(Operation::ListGlobalSessions, "/inventory/{v}/global-sessions")
        .with("pod_id", pod.raw())
        .page(page, size)
}

/// The list without the parameter that it needs: 404 where the version is missing, a refusal where it is there.
pub(crate) fn probe_request() -> Request {
    Request::get(Operation::ListGlobalSessions, "/inventory/{v}/global-sessions").page(1, 1)
}
