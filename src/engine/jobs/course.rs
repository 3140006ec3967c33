//! Warn, wait, log off, force.

use super::runner::Runner;
use crate::{core::bulk::Course, engine::pacing::Break};

impl Runner {
    /// Takes the steps of a course.
    pub(super) async fn take_course(&mut self, _course: &Course) -> Result<(), Break> {
        Ok(())
    }
}
