//! Lines that a crash cut off while they were written. No request ever left because of such a line.

/// What is put behind a line that was cut off, before the next one begins.
const MARK: &[u8] = b"#cut off";

/// `MARK` and the end of the line.
pub const CLOSING: &str = "#cut off\n";

/// Whether a line of a file, with its end if it has one, was left by a crash. One with its end and without the mark had
/// been written in full: if it cannot be read, it was damaged later.
pub fn is_torn(raw: &[u8]) -> bool {
    match raw.strip_suffix(b"\n") {
        Some(text) => text.ends_with(MARK) && may_be_torn(text),
        None => may_be_torn(raw),
    }
}

/// Whether bytes are the beginning of a line, or of the mark behind it.
fn may_be_torn(mut text: &[u8]) -> bool {
    while let Some(rest) = (1..=MARK.len()).rev().find_map(|length| text.strip_suffix(MARK.get(..length)?)) {
        text = rest;
    }
    is_cut_off(text)
}

/// Whether bytes are the beginning of a line of JSON that was being written, as a crash leaves it: it stops in the
/// middle, or the file system had made room for it and not filled it.
fn is_cut_off(raw: &[u8]) -> bool {
    let zeros = raw.iter().rev().take_while(|byte| **byte == 0).count();
    let written = raw.get(..raw.len() - zeros).unwrap_or(raw);
    let is_beginning = |bytes| match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Ok(_) => false,
        Err(error) => error.is_eof(),
    };
    written.is_empty() || is_beginning(written)
}
