//! Error answers of the API (`horizon-rest.md section 3`).

use axum::http::StatusCode;

use super::json::Json;
use crate::sim::release::Release;

/// An answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) key: &'static str,
    pub(crate) message: String,
    /// For 429: whole seconds after which the call passes.
    pub(crate) retry_after: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, key: &'static str, message: impl Into<String>) -> Self {
        Self { status, key, message: message.into(), retry_after: None }
    }

    pub(crate) fn bad_request(key: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, key, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "common.authentication.failed",
            "The access token is missing, not valid or expired.",
        )
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "common.insufficient.permission",
            "The user does not have sufficient permission for this operation.",
        )
    }

    pub(crate) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "common.entity.does.not.exist", message)
    }

    pub(crate) fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "common.not.found", "No such resource.")
    }

    pub(crate) fn conflict(key: &'static str, message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, key, message)
    }

    /// The body in the shape of the release. `single` chooses the older one-message form, which log-in and
    /// most reads used; writes listed their messages.
    pub(crate) fn body(&self, release: Release, single: bool, now: i64) -> Vec<u8> {
        let mut json = Json::default();
        json.object(|json| {
            if release >= Release::R2206 {
                json.text_field("status", &status_name(self.status));
                json.integer_field("timestamp", now);
                json.key("errors");
                json.begin_array();
                json.object(|json| {
                    json.text_field("error_key", self.key);
                    json.text_field("error_message", &self.message);
                });
                json.end_array();
            } else if single {
                json.text_field("error_message", &self.message);
            } else {
                json.key("error_messages");
                json.texts([&self.message]);
            }
        });
        json.finish()
    }
}

/// `TOO_MANY_REQUESTS` for 429.
fn status_name(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("UNKNOWN");
    reason.to_uppercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_follows_the_release() {
        let error = ApiError::bad_request("key", "words");
        let read = |release, single| -> serde_json::Value {
            serde_json::from_slice(&error.body(release, single, 5)).unwrap()
        };
        assert_eq!(
            read(Release::R2512, true),
            serde_json::json!({"status": "BAD_REQUEST", "timestamp": 5,
                "errors": [{"error_key": "key", "error_message": "words"}]})
        );
        assert_eq!(read(Release::R2103, true), serde_json::json!({"error_message": "words"}));
        assert_eq!(read(Release::R2103, false), serde_json::json!({"error_messages": ["words"]}));
        assert_eq!(status_name(StatusCode::TOO_MANY_REQUESTS), "TOO_MANY_REQUESTS");
    }
}
