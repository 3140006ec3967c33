//! Requests as values: what is asked, without any I/O.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;

use super::{Operation, Repeat};

/// Everything but the unreserved characters of RFC 3986 is encoded; a space becomes `%20`, never `+`
/// (`horizon-rest.md section 5.2`).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes one part of a path or query.
pub(super) fn encode(raw: &str) -> String {
    utf8_percent_encode(raw, ENCODED).to_string()
}

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As it stands in the request line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What travels in a request.
#[derive(Debug, Clone)]
pub(super) enum Body {
    None,
    /// JSON text.
    Json(String),
    /// JSON text that holds a password or token.
    Secret(SecretString),
}

/// One request to a server, relative to its REST base.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) operation: Operation,
    pub(super) method: Method,
    /// Path below `/rest`, encoded; `{v}` stands for the version where the resource comes in several.
    pub(super) path: String,
    /// Encoded query without the question mark; may be empty.
    pub(super) query: String,
    pub(super) body: Body,
    /// Whether asking twice does no more than asking once, as [`Operation::repeat`] says.
    pub(super) idempotent: bool,
}

impl Request {
    /// A question.
    pub(super) fn get(operation: Operation, path: impl Into<String>) -> Self {
        Self {
            operation,
            method: Method::Get,
            path: path.into(),
            query: String::new(),
            body: Body::None,
            idempotent: operation.repeat() == Repeat::Question,
        }
    }

    /// An order: never repeated when its fate is unknown.
    pub(super) fn post(operation: Operation, path: impl Into<String>, body: Body) -> Self {
        Self {
            operation,
            method: Method::Post,
            path: path.into(),
            query: String::new(),
            body,
            idempotent: operation.repeat() == Repeat::Question,
        }
    }

    /// An order that replaces something: never repeated when its fate is unknown, because somebody else may have
    /// changed it since.
    pub(super) fn put(operation: Operation, path: impl Into<String>, body: Body) -> Self {
        Self { method: Method::Put, ..Self::post(operation, path, body) }
    }

    /// An order that changes something, or several things.
    pub(super) fn patch(operation: Operation, path: impl Into<String>, body: Body) -> Self {
        Self { method: Method::Patch, ..Self::post(operation, path, body) }
    }

    /// An order that removes something; some take a body (`method-map.md` P4).
    pub(super) fn delete(operation: Operation, path: impl Into<String>, body: Body) -> Self {
        Self { method: Method::Delete, ..Self::post(operation, path, body) }
    }

    /// Adds a query parameter.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.push_str(&encode(name));
        self.query.push('=');
        self.query.push_str(&encode(value));
        self
    }

    /// The same with the version filled in.
    pub(super) fn at_version(&self, version: u8) -> Self {
        Self { path: self.path.replacen("{v}", &format!("v{version}"), 1), ..self.clone() }
    }

    /// Asks for one page; both parameters are always sent (`horizon-rest.md section 5.1`).
    pub(super) fn page(self, page: usize, size: usize) -> Self {
        self.with("page", &page.to_string()).with("size", &size.to_string())
    }
}

/// A JSON array of ids.
pub(super) fn json_ids<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    serde_json::Value::from_iter(ids).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded_once_and_joined() {
        let request = Request::get(Operation::ListSessions, "/inventory/v7/sessions")
            .page(2, 1000)
            .with("filter", "{\"a b\":\"ö\\\\\"}");
        assert_eq!(request.query, "page=2&size=1000&filter=%7B%22a%20b%22%3A%22%C3%B6%5C%5C%22%7D");
        assert!(request.idempotent);
    }

    #[test]
    fn the_version_goes_where_it_belongs() {
        let request =
            Request::get(Operation::ReadSession, format!("/inventory/{{v}}/sessions/{}", encode("{v}")));
        assert_eq!(request.at_version(3).path, "/inventory/v3/sessions/%7Bv%7D");
    }

    #[test]
    fn secrets_do_not_show() {
        let request = Request::post(Operation::LogIn, "/login", Body::Secret("hunter2".into()));
        assert!(!format!("{request:?}").contains("hunter2"));
        assert!(!request.idempotent);
    }

    #[test]
    fn hostile_ids_stay_ids() {
        assert_eq!(json_ids(["a\"],[\"b", "c"]), r#"["a\"],[\"b","c"]"#);
        assert_eq!(encode("../v1/x?y"), "..%2Fv1%2Fx%3Fy");
    }
}
