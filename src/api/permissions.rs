//! Permissions, roles, access groups and the directory (`horizon-rest.md sections 9 to 12 and 18.2`).

use tokio_util::sync::CancellationToken;

use super::{ChangeAnswer, Estate, RequestClass};
use crate::domain::{
    Account, Change, Fault, FaultKind, Permission, PermissionBook, PermissionId, Principal, UserId,
};

fn later<T>() -> Result<T, Fault> {
    Err(Fault::new(FaultKind::Unexpected, "permissions", "not there yet"))
}

impl Estate {
    /// Everything about permissions. `Permission_List`.
    pub async fn permission_book(&self, _class: RequestClass) -> Result<PermissionBook, Fault> {
        later()
    }

    /// One permission as it is now; `EntityNotFound` when it is gone. `Permission_Get`.
    pub async fn permission(&self, _id: &PermissionId) -> Result<Permission, Fault> {
        later()
    }

    /// Those of these permissions that are still there. `Permission_GetInfos`.
    pub async fn permissions(&self, _ids: &[PermissionId]) -> Result<Vec<Permission>, Fault> {
        later()
    }

    /// Users and groups whose login, name or e-mail begins with what is typed, `limit` of them at most.
    pub async fn search_principals(&self, _text: &str, _limit: usize) -> Result<Vec<Principal>, Fault> {
        later()
    }

    /// One user or group, with the groups it belongs to where the release tells them; `EntityNotFound` when the SID does
    /// not resolve.
    pub async fn principal(&self, _id: &UserId) -> Result<Principal, Fault> {
        later()
    }

    /// What somebody else may do, as the server works it out; needs `GLOBAL_PERMISSION_VIEW` and release 2309.
    pub async fn rights_of(&self, _id: &UserId) -> Result<Account, Fault> {
        later()
    }

    /// Creates or deletes permissions: see [`Estate::change`].
    pub(super) async fn change_permissions(
        &self,
        _changes: &[&Change],
        _stop: &CancellationToken,
    ) -> Result<Vec<ChangeAnswer>, Fault> {
        later()
    }
}
