//! When to ask again, and after how long. Pure: nobody sleeps here.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// How often a question is repeated on the same server after a broken answer.
pub(super) const REPEATS: u32 = 2;

/// How often a request goes back to the gate after a 429 before the fault is handed up.
pub(super) const THROTTLES: u32 = 20;

/// The longest wait that is taken from a server's word: beyond an hour it is no wait but nonsense.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// The longest pause before a repeat. A server that asks for more is not asked again, but the next one is.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The pause before repeat number `attempt` (from 0): anything up to 400 ms, 1.6 s, 6.4 s … 30 s. `jitter` is in 0..1.
/// All of the pause is left to chance: whoever failed together does not come back together.
pub(super) fn pause(attempt: u32, jitter: f64) -> Duration {
    let longest = Duration::from_millis(400).saturating_mul(4_u32.saturating_pow(attempt.min(8)));
    longest.min(LONGEST_PAUSE).mul_f64(jitter.clamp(0.0, 1.0))
}

/// The wait after throttled attempt number `attempt` (from 0) when the server does not say how long:
/// 1, 2, 4 … 64 s, and up to a quarter more.
pub(super) fn throttle_wait(attempt: u32, jitter: f64) -> Duration {
    Duration::from_secs(1 << attempt.min(6)).mul_f64(1.0 + 0.25 * jitter.clamp(0.0, 1.0))
}

/// The wait that an answer asks for: `X-Rate-Limit-Retry-After-Seconds` (`horizon-rest.md section 6`), or else
/// `Retry-After`, which gateways send, in seconds or as a date. A date is compared with `now`, the time of whoever wrote
/// it as well as it is known. An hour at most.
pub(super) fn told_wait(own: Option<&str>, standard: Option<&str>, now: Timestamp) -> Option<Duration> {
    let seconds = |text: &str| {
        let seconds: f64 = text.trim().parse().ok()?;
        (seconds.is_finite() && seconds >= 0.0)
            .then(|| Duration::from_secs_f64(seconds.min(LONGEST_WAIT.as_secs_f64())))
    };
    let date = |text: &str| {
        let date = DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
        let wait = Duration::try_from(date.duration_since(now)).unwrap_or_default();
        Some(wait.min(LONGEST_WAIT))
    };
    own.and_then(seconds).or_else(|| standard.and_then(|text| seconds(text).or_else(|| date(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_cap_and_are_all_chance() {
        let pauses: Vec<_> = (0..5).map(|attempt| pause(attempt, 1.0).as_millis()).collect();
        assert_eq!(pauses, [400, 1600, 6400, 25_600, 30_000]);
        assert_eq!(pause(1, 0.5).as_millis(), 800);
        assert_eq!(pause(1, 0.0), Duration::ZERO);
        assert_eq!(pause(u32::MAX, 1.0), LONGEST_PAUSE, "no overflow");
    }

    #[test]
    fn without_a_word_from_the_server_the_wait_doubles() {
        let waits: Vec<_> = (0..8).map(|attempt| throttle_wait(attempt, 0.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 64]);
        assert_eq!(throttle_wait(0, 1.0).as_millis(), 1250);
    }

    #[test]
    fn the_servers_own_header_comes_first() {
        let now = "2026-10-21T07:27:50Z".parse().unwrap();
        let wait = |own, standard| told_wait(own, standard, now).map(|wait| wait.as_millis());
        assert_eq!(wait(Some("7"), Some("99")), Some(7000));
        assert_eq!(wait(None, Some(" 3 ")), Some(3000));
        assert_eq!(wait(Some("0.5"), None), Some(500));
        assert_eq!(wait(Some("soon"), Some("2")), Some(2000));
        assert_eq!(wait(Some("-1"), None), None);
        assert_eq!(wait(Some("1e300"), None), Some(3_600_000));
        assert_eq!(wait(Some("NaN"), None), None);
        assert_eq!(wait(None, Some("Wed, 21 Oct 2026 07:28:00 GMT")), Some(10_000));
        assert_eq!(wait(None, Some("Wed, 21 Oct 2026 07:00:00 GMT")), Some(0), "a date that is over");
        assert_eq!(wait(None, Some("Wed, 21 Oct 2099 07:00:00 GMT")), Some(3_600_000));
        assert_eq!(wait(None, Some("tomorrow")), None);
    }
}
