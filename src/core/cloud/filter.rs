//! The filter of these lists: words that must all be found, `!` before one that must not, `field:word` for one field.

use std::collections::BTreeSet;

use crate::{core::state::PromptError, domain::Text};

/// A filter; the empty one hides nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloudFilter(Vec<Term>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    not: bool,
    field: Option<String>,
    word: String,
}

/// What a row says for a field; `None` is not known and matches no word.
pub(super) type Facts<'a> = Vec<(&'static str, Option<String>)>;

impl CloudFilter {
    /// Understands a text. A colon behind a word that is no field is an error: the row would be hidden for a typing mistake.
    pub fn parse(text: &str, fields: &[&str]) -> Result<Self, PromptError> {
        let mut terms = Vec::new();
        let mut column = 0;
        for part in text.split(' ') {
            let at = column;
            column += part.chars().count() + 1;
            if part.is_empty() {
                continue;
            }
            let (not, word) = part.strip_prefix('!').map_or((false, part), |rest| (true, rest));
            let (field, word) = match word.split_once(':') {
                Some((field, word)) => {
                    let field = field.to_lowercase();
                    if !fields.contains(&field.as_str()) {
                        let near =
                            fields.iter().min_by_key(|known| strsim::damerau_levenshtein(known, &field));
                        let near = near.map(|near| format!(", nearest is {near}")).unwrap_or_default();
                        let message = format!("no field {field}{near}; there are: {}", fields.join(" "));
                        return Err(PromptError { column: at, message: Text::clean(&message) });
                    }
                    (Some(field), word)
                }
                None => (None, word),
            };
            terms.push(Term { not, field, word: word.to_lowercase() });
        }
        Ok(Self(terms))
    }

    /// Whether it hides nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a row is shown. `field:` alone asks for what is not known.
    pub(super) fn matches(&self, facts: &Facts<'_>) -> bool {
        self.0.iter().all(|term| {
            let found = facts.iter().any(|(name, value)| {
                let asked = term.field.as_deref().is_none_or(|field| field == *name);
                asked
                    && match value {
                        Some(value) => {
                            !(term.word.is_empty() && term.field.is_some())
                                && value.to_lowercase().contains(&term.word)
                        }
                        None => term.word.is_empty() && term.field.is_some(),
                    }
            });
            found != term.not
        })
    }
}

/// The words that rows may say, of fields that have certain words.
const LEGAL: &[(&str, &[&str])] = &[("maintenance", &["off", "draining", "drained"])];

/// What no row at all says, of what is asked for by `field:word`, and what rows do say there: a typing mistake would look
/// like an empty list. `None` when every word is somewhere.
pub(super) fn unheard(filter: &CloudFilter, rows: &[Facts<'_>]) -> Option<String> {
    filter.0.iter().find_map(|term| {
        let field = term.field.as_deref().filter(|_| !term.word.is_empty())?;
        let facts = rows.iter().flatten().filter(|(name, _)| *name == field);
        let values: BTreeSet<&str> = facts.filter_map(|(_, value)| value.as_deref()).collect();
        let legal = LEGAL.iter().filter(|(known, _)| *known == field).flat_map(|(_, words)| words.iter());
        // What a row may say is no mistake, only because none says it now.
        let mut known = values.iter().chain(legal);
        if known.any(|value| value.to_lowercase().contains(&term.word)) {
            return None;
        }
        let near =
            values.iter().min_by_key(|known| strsim::damerau_levenshtein(&known.to_lowercase(), &term.word));
        let near = near.map(|near| format!("; nearest is {near}")).unwrap_or_default();
        Some(format!("nothing has {field}:{}{near}", term.word))
    })
}

/// No more than this many values are offered.
const MAX_VALUES: usize = 50;

/// What a filter line could become at its end: names of fields, and behind one the words that rows have there. `rows` is
/// what they say.
pub(super) fn complete<'a>(
    text: &str,
    fields: &[&str],
    rows: impl Iterator<Item = Facts<'a>>,
) -> Vec<String> {
    let term = text.rsplit(' ').next().unwrap_or(text).trim_start_matches('!');
    let before = text.strip_suffix(term).unwrap_or_default();
    let Some((field, typed)) = term.split_once(':') else {
        let lower = term.to_lowercase();
        let matching = fields.iter().filter(|field| field.starts_with(&lower));
        return matching.map(|field| format!("{before}{field}:")).collect();
    };
    let (name, lower) = (field.to_lowercase(), typed.to_lowercase());
    if !fields.contains(&name.as_str()) {
        return Vec::new();
    }
    let values = rows.flatten().filter(|(known, _)| *known == name).filter_map(|(_, value)| value);
    // A blank ends a term: of a longer value its first word finds it.
    let words: BTreeSet<String> = values
        .filter_map(|value| value.split_whitespace().next().map(str::to_owned))
        .filter(|word| word.to_lowercase().starts_with(&lower))
        .collect();
    words.into_iter().take(MAX_VALUES).map(|word| format!("{before}{field}:{word}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str) -> bool {
        let facts = vec![("name", Some("Win11 Office".to_owned())), ("status", None)];
        CloudFilter::parse(text, &["name", "status"]).unwrap().matches(&facts)
    }

    #[test]
    fn words_fields_and_their_opposites() {
        for text in ["", "win11", "win11 OFFICE", "name:office", "!status:active", "status:", "!zzz"] {
            assert!(matches(text), "{text}");
        }
        for text in ["win10", "win11 !office", "status:active", "name:"] {
            assert!(!matches(text), "{text}");
        }
    }

    #[test]
    fn fields_and_the_words_that_rows_have_are_offered_where_they_can_stand() {
        let rows = || {
            [("Win11 Office", Some("ACTIVE")), ("win10", Some("BUILT")), ("cad", None)].into_iter().map(
                |(name, status)| vec![("name", Some(name.to_owned())), ("status", status.map(str::to_owned))],
            )
        };
        let offered = |text: &str| complete(text, &["name", "status"], rows());
        assert_eq!(offered("st"), ["status:"]);
        assert_eq!(offered("cad !NA"), ["cad !name:"]);
        assert_eq!(offered(""), ["name:", "status:"]);
        assert_eq!(offered("x "), ["x name:", "x status:"]);
        assert_eq!(offered("status:"), ["status:ACTIVE", "status:BUILT"]);
        assert_eq!(offered("!name:w"), ["!name:Win11", "!name:win10"]);
        assert_eq!(offered("Status:a"), ["Status:ACTIVE"]);
        assert!(offered("kind:a").is_empty() && offered("status:zz").is_empty());
        for line in offered("status:") {
            assert!(CloudFilter::parse(&line, &["name", "status"]).is_ok(), "{line}");
        }
    }

    #[test]
    fn a_word_that_no_row_has_is_said_with_the_nearest_one() {
        let rows = ["drained", "in service"].map(|word| vec![("maintenance", Some(word.to_owned()))]);
        let told = |text: &str| unheard(&CloudFilter::parse(text, &["maintenance"]).unwrap(), &rows);
        assert_eq!(told("maintenance:draned").unwrap(), "nothing has maintenance:draned; nearest is drained");
        for fine in [
            "maintenance:drain",
            "maintenance:draining",
            "maintenance:off",
            "zzz",
            "maintenance:",
            "!maintenance:service",
        ] {
            assert_eq!(told(fine), None, "{fine}");
        }
    }

    #[test]
    fn a_field_that_is_none_is_said_with_its_place_and_the_nearest_one() {
        let error = CloudFilter::parse("win staus:active", &["name", "status"]).unwrap_err();
        assert_eq!(error.column, 4);
        assert!(error.message.as_str().contains("nearest is status"), "{}", error.message);
    }
}
