//! Server text made harmless.
//!
//! Names, messages and event texts come from machines and people that Foretop does not control. Before they enter
//! any domain type they lose everything that could drive a terminal or mislead an eye: control characters (and with
//! them every escape sequence), bidirectional overrides, and invisible format characters (design.md section 4, rule 9).

use std::{borrow::Cow, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A piece of server text that is safe to draw: cheap to clone, never holding a control character.
///
/// The only ways to make one go through [`Text::clean`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

impl Text {
    /// Makes server text harmless. Line breaks and tabs become spaces; other dangerous characters become `�`,
    /// so that a tampered name is visibly tampered with.
    pub fn clean(raw: &str) -> Self {
        Self(Arc::from(clean(raw).as_ref()))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Cleans without allocating when there is nothing to clean, which is nearly always.
pub(crate) fn clean(raw: &str) -> Cow<'_, str> {
    // Nearly everything is ASCII, and then it is told byte by byte.
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    if raw.as_bytes().iter().all(is_plain) || raw.chars().all(|character| !is_dangerous(character)) {
        return Cow::Borrowed(raw);
    }
    let replaced = raw.chars().map(|character| match character {
        '\n' | '\r' | '\t' => ' ',
        other if is_dangerous(other) => '\u{fffd}',
        other => other,
    });
    Cow::Owned(replaced.collect())
}

/// Whether a character may drive the terminal, reorder the line or hide itself.
fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Bidirectional marks, embeddings, overrides and isolates.
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators, zero-width space, word joiner and invisible operators, BOM.
            | '\u{2028}' | '\u{2029}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            // Soft hyphen, Mongolian vowel separator, interlinear annotation, tags: drawn as nothing.
            | '\u{00ad}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

impl Default for Text {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(raw: &str) -> Self {
        Self::clean(raw)
    }
}

impl From<String> for Text {
    fn from(raw: String) -> Self {
        Self::clean(&raw)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Self::clean(&raw))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_in_any_script_are_kept() {
        for name in ["alvarez.m", "jörg doe", "王伟", "مريم", "e\u{301}va", "CORP\\a.kaya", "👩‍💻"]
        {
            assert_eq!(Text::clean(name), *name, "{name}");
        }
    }

    #[test]
    fn escape_sequences_and_bidi_overrides_lose_their_power() {
        assert_eq!(Text::clean("\u{1b}[2Jx"), "\u{fffd}[2Jx");
        assert_eq!(Text::clean("\u{9b}31mx"), "\u{fffd}31mx");
        assert_eq!(Text::clean("a\u{202e}b\u{200b}c"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(Text::clean("one\r\ntwo\tthree"), "one  two three");
    }

    proptest! {
        #[test]
        fn nothing_dangerous_survives(raw in any::<String>()) {
            prop_assert!(Text::clean(&raw).as_str().chars().all(|character| !is_dangerous(character)));
        }

        #[test]
        fn cleaning_twice_changes_nothing(raw in any::<String>()) {
            let once = Text::clean(&raw);
            prop_assert_eq!(Text::clean(once.as_str()), once);
        }
    }
}
