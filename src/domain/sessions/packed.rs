//! Ids in little room: what servers call ids is mostly a UUID in letters, or a security identifier whose beginning all
//! users share. Every text comes out exactly as it went in.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

/// As it is.
const PLAIN: u8 = 0;
/// A UUID in small letters: its 16 bytes.
const UUID: u8 = 1;
/// Base64: what it stands for, packed in turn.
const BASE64: u8 = 2;
/// A text that ends with a UUID: the text, then its 16 bytes.
const ENDS_WITH_UUID: u8 = 3;
/// A security identifier: the number of its beginning (2 bytes), then its last number (4 bytes).
const SID: u8 = 4;

/// Letters of a UUID.
const UUID_LETTERS: usize = 36;

/// The beginnings of security identifiers, up to the last hyphen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Beginnings(Vec<Box<str>>);

/// Packs a text. `beginnings` is where that of a security identifier is found; without it, it stays as it is.
pub(super) fn pack(text: &str, beginnings: Option<&mut Beginnings>, into: &mut Vec<u8>) {
    if let Some(uuid) = uuid_of(text.as_bytes()) {
        into.push(UUID);
        into.extend_from_slice(&uuid);
        return;
    }
    if let Some(beginnings) = beginnings
        && let Some((beginning, number)) = beginnings.of(text)
    {
        into.push(SID);
        into.extend_from_slice(&beginning.to_le_bytes());
        into.extend_from_slice(&number.to_le_bytes());
        return;
    }
    // Shorter ones gain nothing. The engine takes only what it would write itself.
    if text.len() >= 24
        && text.len().is_multiple_of(4)
        && let Ok(inner) = STANDARD.decode(text)
        && let Ok(inner) = str::from_utf8(&inner)
    {
        into.push(BASE64);
        pack_end(inner, into);
        return;
    }
    pack_end(text, into);
}

/// Packs a text that is nothing as a whole.
fn pack_end(text: &str, into: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let split = bytes.len().checked_sub(UUID_LETTERS);
    if let Some((start, end)) = split.and_then(|at| bytes.split_at_checked(at))
        && let Some(uuid) = uuid_of(end)
    {
        into.push(ENDS_WITH_UUID);
        into.extend_from_slice(start);
        into.extend_from_slice(&uuid);
        return;
    }
    into.push(PLAIN);
    into.extend_from_slice(bytes);
}

/// Packs what was packed with other beginnings.
pub(super) fn pack_again(packed: &[u8], other: &Beginnings, beginnings: &mut Beginnings, into: &mut Vec<u8>) {
    match packed.split_first() {
        Some((&SID, rest)) => {
            match other.apart(rest).and_then(|(text, last)| Some((beginnings.number(text)?, last))) {
                Some((beginning, last)) => {
                    into.push(SID);
                    into.extend_from_slice(&beginning.to_le_bytes());
                    into.extend_from_slice(last);
                }
                None => pack(&unpack(packed, other), Some(beginnings), into),
            }
        }
        // The others may have had no room for its beginning.
        Some((&PLAIN, text)) if text.starts_with(b"S-1-") => {
            pack(&unpack(packed, other), Some(beginnings), into);
        }
        _ => into.extend_from_slice(packed),
    }
}

/// The text that was packed.
pub(super) fn unpack<'a>(packed: &'a [u8], beginnings: &Beginnings) -> Cow<'a, str> {
    let Some((kind, rest)) = packed.split_first() else {
        return Cow::Borrowed("");
    };
    match *kind {
        UUID => Cow::Owned(letters_of(rest)),
        BASE64 => Cow::Owned(STANDARD.encode(unpack(rest, beginnings).as_bytes())),
        ENDS_WITH_UUID => {
            let (start, uuid) = rest.split_at(rest.len().saturating_sub(16));
            Cow::Owned(String::from_utf8_lossy(start).into_owned() + &letters_of(uuid))
        }
        SID => Cow::Owned(beginnings.text(rest).unwrap_or_default()),
        // It was a text when it was packed.
        _ => String::from_utf8_lossy(rest),
    }
}

impl Beginnings {
    /// None at all.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    /// The number of a security identifier's beginning, and its last number.
    fn of(&mut self, text: &str) -> Option<(u16, u32)> {
        if !text.starts_with("S-1-") {
            return None;
        }
        let (beginning, last) = text.rsplit_once('-')?;
        let canonical = !last.is_empty()
            && last.bytes().all(|byte| byte.is_ascii_digit())
            && (last == "0" || !last.starts_with('0'));
        let number = last.parse().ok().filter(|_| canonical)?;
        Some((self.number(beginning)?, number))
    }

    /// The number of a beginning. So many domains has nobody: what has more beginnings than that is kept as it is.
    fn number(&mut self, beginning: &str) -> Option<u16> {
        let known = self.0.iter().position(|known| **known == *beginning);
        let place = match known {
            Some(place) => place,
            None if self.0.len() < 64 => {
                self.0.push(beginning.into());
                self.0.len() - 1
            }
            None => return None,
        };
        Some(place as u16)
    }

    /// The beginning and the last number of what was packed.
    fn apart<'a>(&self, packed: &'a [u8]) -> Option<(&str, &'a [u8])> {
        let (beginning, last) = packed.split_first_chunk::<2>()?;
        Some((self.0.get(usize::from(u16::from_le_bytes(*beginning)))?, last))
    }

    fn text(&self, packed: &[u8]) -> Option<String> {
        let (beginning, number) = self.apart(packed)?;
        let number = u32::from_le_bytes(*number.first_chunk()?);
        let mut text = String::with_capacity(beginning.len() + 11);
        text.push_str(beginning);
        text.push('-');
        // A filter asks for all of them: what writes numbers of every kind takes longer.
        let digits = number.checked_ilog10().unwrap_or_default();
        for place in (0..=digits).rev() {
            text.push(char::from(b'0' + (number / 10_u32.pow(place) % 10) as u8));
        }
        Some(text)
    }
}

/// The 16 bytes of a UUID in small letters.
fn uuid_of(letters: &[u8]) -> Option<[u8; 16]> {
    let letters: &[u8; UUID_LETTERS] = letters.try_into().ok()?;
    let mut uuid = [0; 16];
    let mut at = 0;
    for (place, byte) in uuid.iter_mut().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            if *letters.get(at)? != b'-' {
                return None;
            }
            at += 1;
        }
        *byte = digit(*letters.get(at)?)? << 4 | digit(*letters.get(at + 1)?)?;
        at += 2;
    }
    Some(uuid)
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

fn letters_of(uuid: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut letters = [b'-'; UUID_LETTERS];
    let mut slots = letters.iter_mut();
    for (place, byte) in uuid.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            slots.next();
        }
        for half in [byte >> 4, byte & 15] {
            if let (Some(slot), Some(digit)) = (slots.next(), DIGITS.get(usize::from(half))) {
                *slot = *digit;
            }
        }
    }
    str::from_utf8(&letters).map(str::to_owned).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round(text: &str) -> (String, usize) {
        let mut beginnings = Beginnings::default();
        let mut packed = Vec::new();
        pack(text, Some(&mut beginnings), &mut packed);
        (unpack(&packed, &beginnings).into_owned(), packed.len())
    }

    #[test]
    fn ids_take_little_room() {
        for (text, room) in [
            ("184b12c1-f7eb-41c6-9979-c5a0c2095b74", 17),
            ("184B12C1-F7EB-41C6-9979-C5A0C2095B74", 37),
            ("S-1-5-21-1593846203-2718281828-3141592653-5004", 7),
            ("S-1-5-21-1-05", 14),
            ("S-1-", 5),
            ("S-1-5-21-4294967296", 20),
            ("U0VTU0lPTjowOzViN2I4NzdlLTdlMjYtNDM4Mi1hNGUwLTk1MDA5OGQ4ZjRmNw==", 28),
            ("cst://x/184b12c1-f7eb-41c6-9979-c5a0c2095b74", 25),
            ("", 1),
        ] {
            assert_eq!(round(text), (text.to_owned(), room));
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_out_as_it_went_in(
            text in prop_oneof![
                any::<String>(),
                "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-f]{12}",
                "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
                "S-1(-[0-9]{0,11}){1,4}",
                "[A-Za-z0-9+/]{24,28}={0,2}",
                "U0VTU0lPTj[A-Za-z0-9+/]{0,40}={0,2}",
            ],
        ) {
            prop_assert_eq!(round(&text).0, text);
        }
    }
}
