//! Images created, changed and deleted.

use tokio_util::sync::CancellationToken;

use crate::{
    api::{ChangeAnswer, Estate},
    domain::{Change, Fault, FaultKind},
};

impl Estate {
    /// Creates, changes or deletes images: see [`Estate::change`].
    pub(in crate::api) async fn change_images(
        &self,
        _changes: &[&Change],
        _stop: &CancellationToken,
    ) -> Result<Vec<ChangeAnswer>, Fault> {
        Err(Fault::new(FaultKind::Unexpected, "images", "not there yet"))
    }
}
