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
    words: Vec<Atom>,
}

impl Fuzzy {
    /// Compiles the words; `base` is where they begin in the line.
    pub(super) fn parse(words: &str, base: usize) -> Result<Self, FilterError> {
        let atom = |word| Atom::new(word, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false);
        let words: Vec<Atom> = words.split_whitespace().map(atom).collect();
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
            let text = Utf32Str::new(text, &mut scratch.characters);
            for (place, word) in self.words.iter().enumerate() {
                let mut is_found = || word.score(text, &mut scratch.matcher).is_some();
                if found & 1 << place == 0 && is_found() {
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
