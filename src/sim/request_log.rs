//! The last requests, for tests and for whoever wants to see what a client really sent.

use std::collections::VecDeque;

/// How many requests are kept.
const KEPT: usize = 100_000;
/// How much of one body is kept, in bytes.
const BODY_KEPT: usize = 1024 * 1024;
/// How much text is kept of all requests together, in bytes.
const TEXT_KEPT: usize = 128 * 1024 * 1024;

/// One request as it arrived, and the status it was answered with. Passwords and tokens are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// When, by the simulated clock.
    pub at: jiff::Timestamp,
    /// The method, such as `GET`.
    pub method: String,
    /// The path, with `/rest` where it is Horizon's.
    pub path: String,
    /// The query string as sent, percent-encoded; empty without one.
    pub query: String,
    /// The body as text; `[redacted]` for log-in, refresh and log-out.
    pub body: String,
    /// The status of the answer, also when a fault broke the connection behind it.
    pub status: u16,
    /// The login name of the token's account.
    pub token_subject: Option<String>,
}

impl LoggedRequest {
    fn text(&self) -> usize {
        self.path.len() + self.query.len() + self.body.len()
    }
}

/// The requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    pub(crate) rows: VecDeque<LoggedRequest>,
    /// How many requests ever came.
    pub(crate) count: u64,
    /// The text of all kept rows together, in bytes.
    text: usize,
}

impl RequestLog {
    pub(crate) fn push(&mut self, request: LoggedRequest) {
        self.count += 1;
        self.text += request.text();
        self.rows.push_back(request);
        while self.rows.len() > KEPT || self.text > TEXT_KEPT {
            let Some(oldest) = self.rows.pop_front() else { break };
            self.text = self.text.saturating_sub(oldest.text());
        }
    }

    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.text = 0;
    }
}

/// What is kept of a body.
pub(crate) fn kept_body(path: &str, body: &[u8]) -> String {
    if ["/rest/login", "/rest/refresh", "/rest/logout", "/v3/auth/tokens"].contains(&path) {
        return "[redacted]".to_owned();
    }
    String::from_utf8_lossy(body.get(..BODY_KEPT).unwrap_or(body)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_kept_and_the_log_is_bounded() {
        assert_eq!(kept_body("/rest/login", b"{\"password\":\"x\"}"), "[redacted]");
        assert_eq!(kept_body("/rest/x", &vec![b'a'; BODY_KEPT + 5]).len(), BODY_KEPT);
        let mut log = RequestLog::default();
        let request = |body: String| LoggedRequest {
            at: jiff::Timestamp::UNIX_EPOCH,
            method: String::new(),
            path: String::new(),
            query: String::new(),
            body,
            status: 200,
            token_subject: None,
        };
        for _ in 0..KEPT + 3 {
            log.push(request(String::new()));
        }
        assert_eq!((log.rows.len(), log.count), (KEPT, KEPT as u64 + 3));
        for _ in 0..(TEXT_KEPT / BODY_KEPT) + 5 {
            log.push(request("x".repeat(BODY_KEPT)));
        }
        assert_eq!(log.rows.len(), TEXT_KEPT / BODY_KEPT);
        log.clear();
        log.push(request("x".repeat(BODY_KEPT)));
        assert_eq!(log.rows.len(), 1);
    }
}
