//! The fuzzy form of the filter line, `-f words`: letters in this order, not necessarily side by side.

use std::borrow::Cow;

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{Atom, AtomKind, CaseMatching, Normalization},
};

use super::{Context, FilterError, Truth, value_of};
use crate::{
    core::table::value,
    domain::{Common, SessionFacts},
};

/// What fits into the bits of a number.
const MOST_WORDS: usize = 64;

/// Words that must each be found, fuzzily, in the user's login or display name, the pool or farm, or the machine.
#[derive(Debug)]
pub(super) struct Fuzzy {
    words: Vec<FuzzyWord>,
}

#[derive(Debug)]
struct FuzzyWord {
    atom: Atom,
    /// Its letters, small, when all are ASCII.
    letters: Option<Box<[u8]>>,
}

impl FuzzyWord {
    fn new(word: &str) -> Self {
        let atom = Atom::new(word, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false);
        let letters = word.is_ascii().then(|| word.to_ascii_lowercase().into_bytes().into());
        Self { atom, letters }
    }

    fn is_found(&self, text: &str, scratch: &mut Scratch) -> bool {
        match &self.letters {
            // Only whether, not how well: that needs no matcher where a letter is a byte.
            Some(letters) if text.is_ascii() => stand_in_order(letters, text.as_bytes()),
            _ => {
                let text = Utf32Str::new(text, &mut scratch.characters);
                self.atom.score(text, &mut scratch.matcher).is_some()
            }
        }
    }
}

/// Whether the letters stand in a text in this order, in whatever case.
fn stand_in_order(letters: &[u8], text: &[u8]) -> bool {
    let mut rest = text.iter();
    letters.iter().all(|letter| rest.any(|other| other.to_ascii_lowercase() == *letter))
}

impl Fuzzy {
    /// Compiles the words; `base` is where they begin in the line.
    pub(super) fn parse(words: &str, base: usize) -> Result<Self, FilterError> {
        let words: Vec<FuzzyWord> = words.split_whitespace().map(FuzzyWord::new).collect();
        if words.is_empty() {
            return Err(FilterError::new(base..base, "-f needs a word").suggest("for example -f alvz fin"));
        }
        if words.len() > MOST_WORDS {
            return Err(FilterError::new(base..base, format!("-f takes {MOST_WORDS} words at most")));
        }
        Ok(Self { words })
    }

    /// Whether every word is found.
    pub(super) fn judge<'a>(
        &self,
        session: impl SessionFacts<'a>,
        context: &Context<'a>,
        scratch: &mut Scratch,
    ) -> Truth {
        let parts = [Common::User, Common::Place, Common::Machine];
        let found = parts.map(|common| self.found(common, session, context, scratch));
        if self.is_all(found.into_iter().fold(0, |all, found| all | found)) {
            Truth::Yes
        } else if value_of::is_named(session) {
            Truth::No
        } else {
            Truth::Unknown
        }
    }

    /// Which words are found in what comes from that which sessions have in common, a bit for each.
    pub(super) fn found<'a>(
        &self,
        common: Common,
        session: impl SessionFacts<'a>,
        context: &Context<'a>,
        scratch: &mut Scratch,
    ) -> u64 {
        let texts = match common {
            Common::User => {
                [value::login(session), value_of::display_name(session, context).map(Cow::Borrowed)]
            }
            Common::Place => [value::pool(session).map(Cow::Borrowed), None],
            Common::Machine => [value::machine(session), None],
            Common::Mode | Common::Way | Common::Row => [None, None],
        };
        let mut found = 0;
        for text in texts.iter().flatten() {
            for (place, word) in self.words.iter().enumerate() {
                if found & 1 << place == 0 && word.is_found(text, scratch) {
                    found |= 1 << place;
                }
            }
        }
        found
    }

    /// Whether these are all words.
    pub(super) fn is_all(&self, found: u64) -> bool {
        found.count_ones() as usize == self.words.len()
    }
}

/// The matcher's memory, kept for a whole pass.
pub(super) struct Scratch {
    matcher: Matcher,
    characters: Vec<char>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self { matcher: Matcher::new(Config::DEFAULT), characters: Vec::new() }
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Scratch").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn letters_stand_in_order_where_the_matcher_finds_them(
            word in prop_oneof!["[aAbB.1-]{1,4}", "[ -~&&[^ ]]{1,3}", "[a\u{e4}B]{1,3}"],
            text in prop_oneof!["[aAbB.1-]{0,8}", "[ -~]{0,8}", "[aA\u{e4}b]{0,6}"],
        ) {
            let mut scratch = Scratch::default();
            let word = FuzzyWord::new(&word);
            let mut characters = Vec::new();
            let scored = word.atom.score(Utf32Str::new(&text, &mut characters), &mut scratch.matcher);
            prop_assert_eq!(word.is_found(&text, &mut scratch), scored.is_some());
        }
    }
}
