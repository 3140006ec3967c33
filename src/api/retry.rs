//! When to ask again, and after how long. Pure: nobody sleeps here.

use std::time::Duration;

/// How often a question is repeated on the same server after a broken answer.
pub(super) const REPEATS: u32 = 2;

/// How often a request goes back to the gate after a 429 before the fault is handed up.
pub(super) const THROTTLES: u32 = 20;

/// The longest wait that is taken from a server's word: beyond a day it is no wait but nonsense.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The pause before repeat number `attempt` (from 0): 200 ms, 800 ms, 3.2 s …, shortened by up to a quarter so that
/// several clients do not come back together. `jitter` is in 0..1.
pub(super) fn pause(attempt: u32, jitter: f64) -> Duration {
    let longest = Duration::from_millis(200).saturating_mul(4_u32.saturating_pow(attempt.min(4)));
    longest.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
}

/// The wait after throttled attempt number `attempt` (from 0) when the server does not say how long:
/// 1, 2, 4 … 64 s, and up to a quarter more.
pub(super) fn throttle_wait(attempt: u32, jitter: f64) -> Duration {
    Duration::from_secs(1 << attempt.min(6)).mul_f64(1.0 + 0.25 * jitter.clamp(0.0, 1.0))
}

/// The wait that a 429 asks for: `X-Rate-Limit-Retry-After-Seconds`, or else `Retry-After`, both in seconds
/// (`horizon-rest.md section 6`). A date in `Retry-After` counts as no answer.
pub(super) fn told_wait(own: Option<&str>, standard: Option<&str>) -> Option<Duration> {
    let seconds = |text: &str| {
        let seconds: f64 = text.trim().parse().ok()?;
        (seconds.is_finite() && seconds >= 0.0)
            .then(|| Duration::from_secs_f64(seconds.min(LONGEST_WAIT.as_secs_f64())))
    };
    own.and_then(seconds).or_else(|| standard.and_then(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_jitter_only_shortens_them() {
        let pauses: Vec<_> = (0..3).map(|attempt| pause(attempt, 0.0).as_millis()).collect();
        assert_eq!(pauses, [200, 800, 3200]);
        assert_eq!(pause(1, 1.0).as_millis(), 600);
        assert_eq!(pause(u32::MAX, 0.0), pause(4, 0.0), "no overflow");
    }

    #[test]
    fn without_a_word_from_the_server_the_wait_doubles() {
        let waits: Vec<_> = (0..8).map(|attempt| throttle_wait(attempt, 0.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 64]);
        assert_eq!(throttle_wait(0, 1.0).as_millis(), 1250);
    }

    #[test]
    fn the_servers_own_header_comes_first() {
        let seconds = |own, standard| told_wait(own, standard).map(|wait| wait.as_millis());
        assert_eq!(seconds(Some("7"), Some("99")), Some(7000));
        assert_eq!(seconds(None, Some(" 3 ")), Some(3000));
        assert_eq!(seconds(Some("0.5"), None), Some(500));
        assert_eq!(seconds(Some("soon"), Some("2")), Some(2000));
        assert_eq!(seconds(Some("-1"), None), None);
        assert_eq!(seconds(None, Some("Wed, 21 Oct 2026 07:28:00 GMT")), None);
        assert_eq!(seconds(Some("1e300"), None), Some(86_400_000));
        assert_eq!(seconds(Some("NaN"), None), None);
    }
}
