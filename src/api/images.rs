//! Image streams, versions, tags and assets (`horizon-rest.md section 13`).

use tokio_util::sync::CancellationToken;

use super::{ChangeAnswer, Estate, RequestClass};
use crate::domain::{Change, Fault, FaultKind, ImageBook, Stream, StreamId, StreamQuery};

fn later<T>() -> Result<T, Fault> {
    Err(Fault::new(FaultKind::Unexpected, "images", "not there yet"))
}

impl Estate {
    /// The streams that a query picks, with everything below them and who uses them.
    /// `ImageManagementStream_ListBySpec`.
    pub async fn image_book(&self, _class: RequestClass, _query: &StreamQuery) -> Result<ImageBook, Fault> {
        later()
    }

    /// One stream as it is now; `EntityNotFound` when it is gone. `ImageManagementStream_Get`.
    pub async fn stream(&self, _id: &StreamId) -> Result<Stream, Fault> {
        later()
    }

    /// Creates, changes or deletes images: see [`Estate::change`].
    pub(super) async fn change_images(
        &self,
        _changes: &[&Change],
        _stop: &CancellationToken,
    ) -> Result<Vec<ChangeAnswer>, Fault> {
        later()
    }
}
