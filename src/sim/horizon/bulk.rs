//! Answers to bulk calls: HTTP 200 and one `BulkItemResponseInfo` for each item (`horizon-rest.md section 4.1`).

use super::json::Json;
use crate::sim::release::Release;

/// Why an item failed: status, error key and message.
pub(crate) type ItemError = (u16, &'static str, &'static str);

/// Writes the result of one item: the status of a success, or the error, which a `timestamp` goes with. What could not
/// be created has no id.
pub(crate) fn write_item(
    json: &mut Json,
    id: Option<&str>,
    outcome: Result<u16, ItemError>,
    now: i64,
    release: Release,
) {
    json.object(|json| {
        json.optional_field("id", id);
        let (status, key, message) = match outcome {
            Ok(status) => {
                json.integer_field("status_code", i64::from(status));
                return;
            }
            Err(error) => error,
        };
        json.integer_field("status_code", i64::from(status));
        json.integer_field("timestamp", now);
        if release >= Release::R2206 {
            json.key("errors");
            json.begin_array();
            json.object(|json| {
                json.text_field("error_key", key);
                json.text_field("error_message", message);
            });
            json.end_array();
        }
        json.key("error_messages");
        json.texts([message]);
    });
}
