//! The attributes of an event, on demand (`events.md section 1.1`).

use std::collections::BTreeMap;

use super::{Estate, RequestClass, horizon::event_details};
use crate::domain::{EventId, Fault, Text};

impl Estate {
    /// The extended attributes of an event, by the names of the variables in its text; any may be missing. Since release
    /// 2106, as events are.
    ///
    /// # Errors
    ///
    /// `EntityNotFound` when the log does not have the event any more.
    pub async fn event_attributes(&self, id: EventId) -> Result<BTreeMap<Text, Text>, Fault> {
        let request = event_details::request(id);
        let answer = self.horizon(request.operation)?.put(RequestClass::Poll, None, &request).await?.answer;
        event_details::read(id, &answer.body)
    }
}
