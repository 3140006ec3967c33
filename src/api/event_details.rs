//! The attributes of an event, on demand (`events.md section 1.1`).

use std::collections::BTreeMap;

use super::Estate;
use crate::domain::{EventId, Fault, FaultKind, Text};

impl Estate {
    /// The extended attributes of an event; any may be missing. Since release 2106.
    pub async fn event_attributes(&self, _id: EventId) -> Result<BTreeMap<Text, Text>, Fault> {
        Err(Fault::new(FaultKind::Unexpected, "events", "not there yet"))
    }
}
