//! Stand-ins for names: the same name has the same one everywhere in a recording, and nobody finds the name without the
//! key, which is in no file.
//!
//! A name is taken apart into words (runs of letters and digits); what stands between them stays. Each character of a word
//! is replaced by one of its own script, case and width. By which one, the key and the characters before it decide. So
//! words that begin alike have stand-ins that begin alike, and the typed beginning of a name finds its stand-in. Length,
//! script and case survive, which characters are digits, and how much two words have in common at their beginnings;
//! nothing else about a word does.

use std::collections::HashMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::alphabet::Letter;

/// Longer runs of letters and digits are ids that nobody types: replaced as a whole, which is quicker.
const OPAQUE: usize = 24;

/// So many stand-ins are remembered: a long list has more names, and a long run has many lists.
const REMEMBERED: usize = if cfg!(test) { 100 } else { 400_000 };

/// Makes stand-ins.
#[derive(Clone)]
pub struct Scrambler {
    keyed: Hmac<Sha256>,
    /// Stand-ins that were made, so that they need not be made again. They follow from the name and the key: nothing is
    /// lost when they are forgotten.
    names: HashMap<String, String>,
}

impl std::fmt::Debug for Scrambler {
    /// Without the key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Scrambler").field("names", &self.names.len()).finish_non_exhaustive()
    }
}

impl Scrambler {
    /// One with this key, which must come from chance, and be forgotten with it.
    pub fn new(key: &[u8; 32]) -> Self {
        // A short key is filled up with zeros.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        let keyed = Hmac::new(&block.into());
        Self { keyed, names: HashMap::new() }
    }

    /// The stand-in of a name, an address or an id.
    pub fn name(&mut self, name: &str) -> String {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let (kept, rest) = sid_head(name);
        let scrambled = if is_opaque(rest) { self.opaque(rest) } else { words(rest, |word| self.word(word)) };
        let scrambled = format!("{kept}{scrambled}");
        if self.names.len() >= REMEMBERED {
            self.names.clear();
        }
        self.names.insert(name.to_owned(), scrambled.clone());
        scrambled
    }

    /// The stand-in of a word: letters and digits only.
    pub(super) fn word(&self, word: &str) -> String {
        let mut before = String::with_capacity(word.len());
        let mut scrambled = String::with_capacity(word.len());
        for character in word.chars() {
            scrambled.push(match Letter::of(character) {
                Some(letter) => letter.at(self.place(&before, letter)),
                None => character,
            });
            before.extend(character.to_lowercase());
        }
        scrambled
    }

    /// Where the stand-in of a letter stands behind these characters: the alphabet is shuffled anew for each beginning.
    fn place(&self, before: &str, letter: Letter) -> u32 {
        let count = letter.count().max(1);
        let bytes = self.mac(&[b"word", &count.to_be_bytes(), before.as_bytes()]);
        if count > 32 {
            // Too long to be shuffled: a step and a beginning that reach every place.
            let number =
                |at: usize| bytes.iter().skip(at).take(4).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
            let count = u64::from(count);
            let step = (0..count).map(|more| number(0) % count + more).find(|step| is_coprime(*step, count));
            let place = u64::from(letter.place()) * step.unwrap_or(1) + number(4);
            return u32::try_from(place % count).unwrap_or_default();
        }
        let mut shuffled: Vec<u32> = (0..count).collect();
        for (last, byte) in (1..count as usize).rev().zip(bytes) {
            shuffled.swap(last, usize::from(byte) % (last + 1));
        }
        shuffled.get(letter.place() as usize).copied().unwrap_or_default()
    }

    /// The stand-in of an id that is long and means nothing to people. It follows from the id and the key alone; that two
    /// have the same one does not happen, so long they are.
    fn opaque(&self, id: &str) -> String {
        let is_hexadecimal =
            id.chars().all(|character| !character.is_alphanumeric() || character.is_ascii_hexdigit());
        let letters = if is_hexadecimal { 6 } else { 26 };
        let mut bytes = Vec::new();
        let mut block = 0_u32;
        let mut scrambled = String::with_capacity(id.len());
        for character in id.chars() {
            let alphabet = match character {
                '0'..='9' => ('0', 10),
                'a'..='z' => ('a', letters),
                'A'..='Z' => ('A', letters),
                other => {
                    scrambled.push(other);
                    continue;
                }
            };
            if bytes.is_empty() {
                bytes = self.mac(&[b"id", &block.to_be_bytes(), id.as_bytes()]).to_vec();
                block += 1;
            }
            let byte = u32::from(bytes.pop().unwrap_or_default());
            scrambled.push(char::from_u32(alphabet.0 as u32 + byte % alphabet.1).unwrap_or(alphabet.0));
        }
        scrambled
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Replaces each run of letters and digits.
pub(super) fn words(text: &str, mut replace: impl FnMut(&str) -> String) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = first.is_alphanumeric();
        let end = rest.find(|next: char| next.is_alphanumeric() != is_word).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if is_word {
            replaced.push_str(&replace(run));
        } else {
            replaced.push_str(run);
        }
        rest = after;
    }
    replaced
}

/// What the beginning of a SID says about nobody, and the rest. A well-known SID says nothing about anybody.
fn sid_head(name: &str) -> (&str, &str) {
    /// How SIDs begin that a domain gives.
    const OF_DOMAIN: &str = "S-1-5-21-";
    if let Some(rest) = name.strip_prefix(OF_DOMAIN) {
        return (OF_DOMAIN, rest);
    }
    let is_sid = name.strip_prefix("S-1-").is_some_and(|numbers| {
        numbers.len() < 20 && numbers.chars().all(|character| character.is_ascii_digit() || character == '-')
    });
    if is_sid { (name, "") } else { ("", name) }
}

/// Whether it is an id that no name is made of.
fn is_opaque(name: &str) -> bool {
    let is_uuid = name.len() == 36
        && name.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    let is_run = name.len() >= OPAQUE
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte))
        && name.bytes().any(|byte| byte.is_ascii_digit())
        && name.split(['-', '_']).any(|run| run.len() >= OPAQUE);
    is_uuid || is_run
}

fn is_coprime(one: u64, other: u64) -> bool {
    let (mut one, mut other) = (one, other);
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one == 1
}
