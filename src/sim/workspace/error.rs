//! Error answers: of the service, of the gateway in front of it, and of IAM (`workspace.md section 4.2`).

use axum::http::StatusCode;
use serde_json::{Value, json};

/// What a call gets that the object's state does not allow: 400 or 409. Which one the cloud answers is documented
/// nowhere; for building an image 409 is not among the documented ones (section 5.6).
pub(crate) const WRONG_STATE: StatusCode = StatusCode::BAD_REQUEST;

/// Who refuses, which decides the shape of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refuser {
    Service,
    /// Its bodies carry the request id too.
    Gateway,
    Iam,
}

/// An answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CloudError {
    pub(crate) status: StatusCode,
    pub(crate) refuser: Refuser,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl CloudError {
    fn new(refuser: Refuser, status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        // The specification knows no longer messages.
        let message = message.into().chars().take(255).collect();
        Self { status, refuser, code: code.to_owned(), message }
    }

    pub(crate) fn service(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(Refuser::Service, status, &code(status), message)
    }

    pub(crate) fn gateway(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::new(Refuser::Gateway, status, code, message)
    }

    pub(crate) fn iam(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(Refuser::Iam, status, "", message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::service(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::service(StatusCode::NOT_FOUND, format!("The {what} does not exist."))
    }

    pub(crate) fn wrong_state(message: &str) -> Self {
        Self::service(WRONG_STATE, message)
    }

    pub(crate) fn conflict(message: &str) -> Self {
        Self::service(StatusCode::CONFLICT, message)
    }

    /// The gateway does not know the caller.
    pub(crate) fn unauthorized(why: &str) -> Self {
        let message = format!("Incorrect IAM authentication information: {why}");
        Self::gateway(StatusCode::UNAUTHORIZED, "APIGW.0301", message)
    }

    pub(crate) fn no_such_api() -> Self {
        let message = "The API does not exist or has not been published in the environment";
        Self::gateway(StatusCode::NOT_FOUND, "APIGW.0101", message)
    }

    /// Who is asked for the time of an answer: the gateway judges by real time, the service lives in simulated time.
    pub(crate) fn is_of_gateway_clock(&self) -> bool {
        self.refuser == Refuser::Gateway && self.status == StatusCode::UNAUTHORIZED
    }

    pub(crate) fn body(&self, request_id: &str) -> Value {
        match self.refuser {
            Refuser::Service => json!({"error_code": self.code, "error_msg": self.message}),
            Refuser::Gateway => {
                json!({"error_code": self.code, "error_msg": self.message, "request_id": request_id})
            }
            Refuser::Iam => json!({"error": {
                "code": self.status.as_u16(), "message": self.message,
                "title": self.status.canonical_reason().unwrap_or("Error"),
            }}),
        }
    }
}

/// The code of the specification's example for a status.
pub(crate) fn code(status: StatusCode) -> String {
    match status.as_u16() {
        400 => "WKS.00211102",
        401 => "WKS.00211302",
        403 => "WKS.00081102",
        404 => "WKS.00211902",
        405 => "WKS.00000405",
        409 => "WKS.00211103",
        415 => "WKS.00000415",
        429 => "APIGW.0308",
        500 => "WKS.00211401",
        503 => "WKS.00050902",
        other => return format!("WKS.00000{other}"),
    }
    .to_owned()
}
