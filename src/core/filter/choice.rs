//! Values of fields that know only certain words: a word may be shortened as long as it is clear what is meant.

use std::fmt::Write as _;

use super::{
    FilterError,
    grammar::{Value, nearest, shown},
};

/// One word that a field knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    /// The word itself, as the server or the column says it.
    pub(super) word: &'static str,
    /// Other names for it.
    pub(super) aliases: &'static [&'static str],
}

impl Choice {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.word).chain(self.aliases.iter().copied())
    }
}

/// Finds the word that was meant: written out, or any beginning of one word only. When one of several is itself the
/// beginning of the others (logoff, logoff-forced), the shortest is meant.
pub(super) fn resolve<'a>(choices: &'a [Choice], value: &Value) -> Result<&'a Choice, FilterError> {
    let typed = value.text.to_lowercase();
    let exact = choices.iter().find(|choice| choice.names().any(|name| name.eq_ignore_ascii_case(&typed)));
    if let Some(choice) = exact {
        return Ok(choice);
    }
    let begins = |choice: &&Choice| {
        !typed.is_empty() && choice.names().any(|name| name.to_lowercase().starts_with(&typed))
    };
    let candidates: Vec<&Choice> = choices.iter().filter(begins).collect();
    let shortest = candidates.iter().min_by_key(|choice| choice.word.len());
    match (shortest, candidates.len()) {
        (Some(only), 1) => Ok(only),
        (Some(shortest), _) if candidates.iter().all(|choice| choice.word.starts_with(shortest.word)) => {
            Ok(shortest)
        }
        (Some(_), _) => Err(ambiguous(value, &candidates)),
        (None, _) => Err(unknown(value, choices)),
    }
}

fn ambiguous(value: &Value, candidates: &[&Choice]) -> FilterError {
    let words: Vec<String> = candidates.iter().map(|choice| choice.word.to_lowercase()).collect();
    FilterError::new(value.span.clone(), format!("{} could mean more than one", shown(&value.text)))
        .suggest(words.join(" or "))
}

fn unknown(value: &Value, choices: &[Choice]) -> FilterError {
    let mut suggestion = match nearest(&value.text, choices.iter().flat_map(Choice::names)) {
        Some(name) => format!("did you mean {}? ", name.to_lowercase()),
        None => String::new(),
    };
    let words: Vec<String> = choices.iter().map(|choice| choice.word.to_lowercase()).collect();
    // Writing to a string cannot fail.
    if write!(suggestion, "valid: {}", words.join(", ")).is_err() {
        suggestion.clear();
    }
    FilterError::new(value.span.clone(), format!("{} is none of the values", shown(&value.text)))
        .suggest(suggestion)
}
