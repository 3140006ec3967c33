//! The hash chain of `audit.jsonl`: making the next line, and finding the first that is not as it was written.
//!
//! A line is canonical JSON: keys in order, no blanks. Its hash is the SHA-256 over the hash of the line before and the
//! line without its own hash, so that no byte can change and no line can go without all later hashes changing. The chain
//! shows changes; it cannot show that its last lines were cut off whole, or that somebody wrote all of it anew.

use std::fmt;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::core::bulk::journal::{CLOSING, is_torn};

/// What the first line names as the hash before it.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// SHA-256 as 64 lower-case hexadecimal digits.
pub(super) fn sha256(parts: &[&[u8]]) -> String {
    use std::fmt::Write as _;
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

/// JSON with the keys of each object in order and no blanks.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let mut before = '{';
            for key in keys {
                text.push(before);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                canonical(&map[key], text);
                before = ',';
            }
            text.push_str(if before == '{' { "{}" } else { "}" });
        }
        Value::Array(values) => {
            let mut before = '[';
            for value in values {
                text.push(before);
                canonical(value, text);
                before = ',';
            }
            text.push_str(if before == '[' { "[]" } else { "]" });
        }
        other => text.push_str(&other.to_string()),
    }
}

fn to_text(map: &Map<String, Value>) -> String {
    let mut text = String::new();
    canonical(&Value::Object(map.clone()), &mut text);
    text
}

/// The hash of a line from the one before and the line without its own.
fn hash_of(prev: &str, line: &Map<String, Value>) -> String {
    let mut line = line.clone();
    line.remove("hash");
    sha256(&[prev.as_bytes(), to_text(&line).as_bytes()])
}

fn seq_of(line: &Map<String, Value>) -> Option<u64> {
    line.get("seq")?.as_u64()
}

fn word<'a>(line: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    line.get(key)?.as_str()
}

fn parse(raw: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(raw) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    }
}

/// What the next line is chained to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tail {
    seq: u64,
    hash: String,
    /// What closes a last line without an end.
    closing: &'static str,
    /// Bytes behind the last good line, closed, that a crash left, and their SHA-256.
    torn: Option<(usize, String)>,
}

impl Tail {
    /// Reads the end of a file: all of it, or from the beginning of some line on. `None` when there is no line in it to
    /// chain to, although there may be one before it.
    pub(super) fn read(bytes: &[u8], is_all: bool) -> Option<Self> {
        let (mut end, mut rest_from, mut last) = (0, 0, None);
        for raw in bytes.split_inclusive(|byte| *byte == b'\n') {
            end += raw.len();
            let line = parse(raw.strip_suffix(b"\n").unwrap_or(raw));
            let found = line.and_then(|line| Some((seq_of(&line)?, word(&line, "hash")?.to_owned())));
            if found.is_some() {
                (last, rest_from) = (found, end);
            }
        }
        let (seq, hash) = match last {
            Some(last) => last,
            None if is_all => (0, NOTHING.to_owned()),
            None => return None,
        };
        let rest = bytes.get(rest_from..).unwrap_or_default();
        let is_open = bytes.last().is_some_and(|last| *last != b'\n');
        let closing = match is_open {
            true if rest.is_empty() => "\n",
            true => CLOSING,
            false => "",
        };
        let all_torn = rest.split_inclusive(|byte| *byte == b'\n').all(is_torn);
        let closed = [rest, closing.as_bytes()].concat();
        let torn = (!rest.is_empty() && all_torn).then(|| (closed.len(), sha256(&[&closed])));
        Some(Self { seq, hash, closing, torn })
    }

    /// The bytes to append for a record: they close a line that was cut off and say so.
    pub(super) fn next(&self, mut line: Map<String, Value>) -> Vec<u8> {
        line.insert("seq".to_owned(), (self.seq + 1).into());
        line.insert("prev".to_owned(), self.hash.as_str().into());
        if let Some((bytes, sha256)) = &self.torn {
            let torn = [("bytes", Value::from(*bytes)), ("sha256", Value::from(sha256.as_str()))];
            let torn: Map<String, Value> =
                torn.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
            line.insert("torn".to_owned(), torn.into());
        }
        let hash = hash_of(&self.hash, &line);
        line.insert("hash".to_owned(), hash.into());
        [self.closing, &to_text(&line), "\n"].concat().into_bytes()
    }
}

/// What differs in the first line that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It is no line of a record.
    NotALine,
    /// Its hash is not that of its contents: it was changed.
    Hash,
    /// Lines were removed before it: it has this number where that one was due.
    Removed {
        /// The number that was due.
        due: u64,
        /// The number that it has.
        found: u64,
    },
    /// It has a number that came before: lines were repeated or moved.
    Repeated {
        /// The number that was due.
        due: u64,
        /// The number that it has.
        found: u64,
    },
    /// It does not follow the line above it: that one was replaced, or this one.
    Prev,
    /// What it says of the cut-off line above it is not so.
    Torn,
}

impl Difference {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotALine => "not_a_line",
            Self::Hash => "hash",
            Self::Removed { .. } => "removed",
            Self::Repeated { .. } => "repeated",
            Self::Prev => "prev",
            Self::Torn => "torn",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotALine => formatter.write_str("it is no line of this record"),
            Self::Hash => formatter.write_str("its hash is not that of its contents: it was changed"),
            Self::Removed { due, found } => {
                write!(formatter, "it has the number {found} and {due} was due: lines were removed before it")
            }
            Self::Repeated { due, found } => {
                write!(formatter, "it has the number {found} and {due} was due: lines were repeated or moved")
            }
            Self::Prev => {
                formatter.write_str("it does not follow the line above it: one of the two was replaced")
            }
            Self::Torn => formatter.write_str("the line above it is not what was cut off there"),
        }
    }
}

/// The first line that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its number in the file, from 1.
    pub line: usize,
    /// What differs.
    pub difference: Difference,
}

/// What a look at the whole chain shows.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// Good lines up to the first broken one.
    pub(super) good: Vec<(usize, Map<String, Value>)>,
    /// Lines that were cut off while they were written.
    pub(super) torn: Vec<usize>,
    /// The first broken one.
    pub(super) broken: Option<Broken>,
}

/// Checks every line up to the first that is not as it was written.
pub(super) fn check(bytes: &[u8]) -> Chain {
    let mut chain = Chain::default();
    let mut due = 1;
    let mut prev = NOTHING.to_owned();
    // Numbers and bytes of lines that a crash may have left: the next good line says what was there.
    let (mut torn, mut fragment): (Vec<usize>, Vec<u8>) = (Vec::new(), Vec::new());
    for (place, raw) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let number = place + 1;
        let text = raw.strip_suffix(b"\n").unwrap_or(raw);
        let Some(line) = parse(text) else {
            if !is_torn(raw) {
                chain.broken = Some(Broken { line: number, difference: Difference::NotALine });
                return chain;
            }
            torn.push(number);
            fragment.extend(raw);
            continue;
        };
        let difference = difference(text, &line, due, &prev).or_else(|| {
            let says = line.get("torn").map(|torn| (torn["bytes"].as_u64(), torn["sha256"].as_str()));
            let found = sha256(&[&fragment]);
            let is = (!torn.is_empty()).then_some((Some(fragment.len() as u64), Some(found.as_str())));
            (says != is).then_some(Difference::Torn)
        });
        if let Some(difference) = difference {
            chain.broken = Some(Broken { line: number, difference });
            return chain;
        }
        chain.torn.append(&mut torn);
        fragment.clear();
        due += 1;
        word(&line, "hash").unwrap_or_default().clone_into(&mut prev);
        chain.good.push((number, line));
    }
    chain.torn.append(&mut torn);
    chain
}

fn difference(text: &[u8], line: &Map<String, Value>, due: u64, prev: &str) -> Option<Difference> {
    let says = (seq_of(line), word(line, "prev"), word(line, "hash"));
    let (Some(seq), Some(says_prev), Some(hash)) = says else {
        return Some(Difference::NotALine);
    };
    // Also another way of writing the same is a change.
    if to_text(line).as_bytes() != text || hash_of(says_prev, line) != hash {
        return Some(Difference::Hash);
    }
    match seq {
        found if found > due => Some(Difference::Removed { due, found }),
        found if found < due => Some(Difference::Repeated { due, found }),
        _ => (says_prev != prev).then_some(Difference::Prev),
    }
}
