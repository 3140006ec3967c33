//! The fuzzy form of the filter line, `-f words`: letters in this order, not necessarily side by side.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{Atom, AtomKind, CaseMatching, Normalization},
};

use super::{Context, FilterError, Truth, value_of};
use crate::{core::table::value, domain::SessionFacts};

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
        Ok(Self { words })
    }

    /// Whether every word is found.
    pub(super) fn judge<'a>(
        &self,
        session: impl SessionFacts<'a>,
        context: &Context<'a>,
        scratch: &mut Scratch,
    ) -> Truth {
        let (login, machine) = (value::login(session), value::machine(session));
        let own = [login.as_deref(), value::pool(session), machine.as_deref()];
        let mut found = |word: &Atom| {
            let values = own.iter().copied().flatten();
            values.chain(value_of::display_name(session, context)).any(|text| {
                word.score(Utf32Str::new(text, &mut scratch.characters), &mut scratch.matcher).is_some()
            })
        };
        if self.words.iter().all(&mut found) {
            Truth::Yes
        } else if value_of::is_named(session) {
            Truth::No
        } else {
            Truth::Unknown
        }
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
