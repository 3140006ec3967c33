//! Changes to permissions and images: one answer for each.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Estate, ItemAnswer};
use crate::domain::{Change, ChangeKind, Fault};

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeAnswer {
    /// What the server said.
    pub answer: ItemAnswer,
    /// The id of what was created, where the server tells it.
    pub created: Option<CreatedId>,
}

/// The id of something new, byte for byte; cleaned when displayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedId(pub String);

impl Estate {
    /// How many changes of a kind may travel in one [`Self::change`].
    pub fn most_changes(kind: ChangeKind) -> usize {
        match kind {
            // Permissions are bulk only; images have a bulk call for creating.
            ChangeKind::CreatePermission
            | ChangeKind::DeletePermission
            | ChangeKind::CreateStream
            | ChangeKind::CreateVersion
            | ChangeKind::CreateTag
            | ChangeKind::CreateAsset => 100,
            // Each account of a call for each app group of it: only whole blocks travel together.
            ChangeKind::AddAuthorization | ChangeKind::RemoveAuthorization => {
                Self::MAX_APP_GROUPS * Self::MAX_ACCOUNTS
            }
            ChangeKind::DrainServer
            | ChangeKind::UndrainServer
            | ChangeKind::RebootServer
            | ChangeKind::RebootServerHard => Self::MAX_SERVERS,
            _ => 1,
        }
    }

    /// Carries out changes of one kind, [`Self::most_changes`] of them at most: one answer for each, in their order.
    ///
    /// An update reads the object first and compares it with what the operator saw; when it is another by then it is
    /// refused (`InvalidState`, in our words) and nothing is sent.
    ///
    /// # Errors
    ///
    /// When the call as a whole failed. `maybe_done` then says whether the server may have carried it out.
    pub async fn change(
        &self,
        changes: &[&Change],
        stop: &CancellationToken,
    ) -> Result<Vec<ChangeAnswer>, Fault> {
        match changes.first().map(|change| change.kind()) {
            None => Ok(Vec::new()),
            Some(ChangeKind::CreatePermission | ChangeKind::DeletePermission) => {
                self.change_permissions(changes, stop).await
            }
            Some(_) => self.change_images(changes, stop).await,
        }
    }
}
