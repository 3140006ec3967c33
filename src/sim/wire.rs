//! What faults do to an answer on its way out, the same for every face.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, HeaderValue, Response};
use futures_util::{StreamExt as _, stream};
use jiff::fmt::rfc2822::DateTimePrinter;

use super::faults::Effects;

/// The largest body that is read.
pub(crate) const BODY_LIMIT: usize = 32 * 1024 * 1024;
/// In how many pieces a dripping body comes.
const DRIPS: usize = 16;

/// An answer that looks like the beginning of a good one: nobody can tell from it whether the call was carried out.
pub(crate) fn lost() -> Response<Body> {
    let mut response = Response::new(broken_off(Bytes::new()));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(1_u64));
    response
}

/// The moment of the answer by the simulated clock, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn date(now: i64) -> Option<HeaderValue> {
    let now = jiff::Timestamp::from_millisecond(now).ok()?;
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok()?;
    HeaderValue::from_str(&text).ok()
}

fn part_of(length: usize, part: f64) -> usize {
    ((length as f64 * part) as usize).min(length.saturating_sub(1))
}

/// Does to a body what the faults ask for.
pub(crate) fn spoil(mut bytes: Vec<u8>, effects: &Effects, headers: &mut HeaderMap) -> Body {
    if effects.garbage {
        bytes = b"<html><body>Bad Gateway</body></html>{\"oops\":".to_vec();
    }
    if let Some(part) = effects.truncate {
        bytes.truncate(part_of(bytes.len(), part));
    }
    if let Some(part) = effects.drop {
        // The announced length is the whole; the connection ends before it.
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len().max(1) as u64));
        bytes.truncate(part_of(bytes.len(), part));
        return broken_off(Bytes::from(bytes));
    }
    if let Some(pause) = effects.drip {
        return drip(&bytes, pause);
    }
    Body::from(bytes)
}

/// A body that ends in an error. The pause lets the first part reach the wire before the connection goes.
fn broken_off(bytes: Bytes) -> Body {
    let first = stream::iter([Ok(bytes)]);
    let end = stream::once(async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "simulated drop"))
    });
    Body::from_stream(first.chain(end))
}

/// A body in small pieces with a pause before each.
fn drip(bytes: &[u8], pause: Duration) -> Body {
    let size = (bytes.len() / DRIPS).max(1);
    let pieces: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
    let stream = stream::unfold(pieces.into_iter(), move |mut pieces| async move {
        let piece = pieces.next()?;
        tokio::time::sleep(pause).await;
        Some((Ok::<Bytes, std::io::Error>(piece), pieces))
    });
    Body::from_stream(stream)
}
