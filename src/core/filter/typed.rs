//! A filter as it was typed, with what was understood: what the filters on sessions, permissions, images and events
//! have in common. They are equal when their texts are, and they are kept as their texts.

use std::{fmt, ops::Range, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    FilterError, Truth,
    fields::{FieldHelp, is_called, unknown_field},
    grammar::{self, Expression, FieldTerm, Operator, Value, Vocabulary},
    line::{self, Line},
    pattern::Pattern,
};

/// Understands what stands behind the prefix of a line.
pub(super) trait Grammar {
    /// What it says.
    type Body;

    /// Reads it; it begins at this byte of the line.
    fn read(rest: &str, base: usize) -> Result<Self::Body, FilterError>;
}

/// Fuzzy lines are for sessions only, which have a grammar of their own.
impl<V: Vocabulary + Default> Grammar for V {
    type Body = Expression<V::Term>;

    fn read(rest: &str, base: usize) -> Result<Self::Body, FilterError> {
        if rest.split_whitespace().next() == Some("-f") {
            return Err(FilterError::new(base..base + 2, "fuzzy search is for sessions only")
                .suggest("type the words without -f"));
        }
        grammar::parse(rest, base, &V::default())
    }
}

/// A filter that was understood; cheap to clone, equal when the text is.
pub(super) struct Typed<G: Grammar> {
    text: Arc<str>,
    line: Arc<Line<G::Body>>,
}

impl<G: Grammar> Typed<G> {
    /// Understands a text. The empty text matches everything.
    pub(super) fn parse(text: &str) -> Result<Self, FilterError> {
        let line = line::read(text, G::read)?;
        Ok(Self { text: Arc::from(text), line: Arc::new(line) })
    }

    /// The text as it was typed.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches everything because there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.line.body.is_none()
    }

    /// What was understood.
    pub(super) fn line(&self) -> &Line<G::Body> {
        &self.line
    }
}

impl<V: Vocabulary + Default> Typed<V> {
    /// What it says, when this is what its terms say.
    pub(super) fn evaluate(&self, mut judge: impl FnMut(&V::Term) -> Truth) -> Truth {
        match &self.line.body {
            None => Truth::Yes,
            Some(body) => self.line.apply(body.evaluate(&mut judge)),
        }
    }
}

impl<G: Grammar> fmt::Debug for Typed<G> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

impl<G: Grammar> fmt::Display for Typed<G> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

impl<G: Grammar> Clone for Typed<G> {
    fn clone(&self) -> Self {
        Self { text: Arc::clone(&self.text), line: Arc::clone(&self.line) }
    }
}

impl<G: Grammar> Default for Typed<G> {
    fn default() -> Self {
        Self { text: Arc::from(""), line: Arc::new(Line { inverse: false, body: None }) }
    }
}

impl<G: Grammar> PartialEq for Typed<G> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<G: Grammar> Eq for Typed<G> {}

impl<G: Grammar> Serialize for Typed<G> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // By its name whoever records it knows that it is no name of anybody.
        serializer.serialize_newtype_struct("Filter", &*self.text)
    }
}

impl<'de, G: Grammar> Deserialize<'de> for Typed<G> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A term on a field that exists, with some value.
pub(super) struct KnownTerm {
    /// The field.
    pub(super) help: &'static FieldHelp,
    /// Its place among the fields.
    pub(super) place: usize,
    /// The operator.
    pub(super) operator: Operator,
    /// The value.
    pub(super) value: Value,
    whole: Range<usize>,
}

impl KnownTerm {
    /// Finds the field. One that does not exist, and a term without a value, are errors.
    pub(super) fn of(term: FieldTerm<'_>, fields: &'static [FieldHelp]) -> Result<Self, FilterError> {
        let mut known = fields.iter().enumerate();
        let Some((place, help)) = known.find(|(_, field)| is_called(field, term.name)) else {
            return Err(unknown_field(term.name, term.name_span, fields));
        };
        let FieldTerm { name_span, operator, value, .. } = term;
        let whole = name_span.start..value.span.end;
        let term = Self { help, place, operator, value, whole };
        if term.value.text.is_empty() && !term.value.quoted {
            return Err(term.objection("needs a value"));
        }
        Ok(term)
    }

    /// An ordering of what has no order is an error.
    pub(super) fn without_order(self) -> Result<Self, FilterError> {
        if self.operator.is_ordering() { Err(self.objection("has no order")) } else { Ok(self) }
    }

    /// A regular expression over a field that knows only certain words is an error.
    pub(super) fn must_not_be_regex(&self) -> Result<(), FilterError> {
        match self.operator {
            Operator::Regex => Err(self.objection("takes no regular expression")),
            _ => Ok(()),
        }
    }

    /// Whether it asks for what is not known: `field:?`.
    pub(super) fn asks_for_unknown(&self) -> bool {
        self.operator == Operator::Is && self.value.text == "?" && !self.value.quoted
    }

    /// Whether it is meant as text, also where a field knows only certain words: quotes and `*` reach words that this
    /// version does not know.
    pub(super) fn is_text(&self) -> bool {
        self.operator == Operator::Regex || self.value.quoted || self.value.text.contains('*')
    }

    /// The pattern that it asks for.
    pub(super) fn pattern(&self) -> Result<Pattern, FilterError> {
        Pattern::compile(self.operator, &self.value)
    }

    fn objection(&self, words: &str) -> FilterError {
        FilterError::new(self.whole.clone(), format!("{} {words}", self.help.name))
            .suggest(format!("for example {}", self.help.example))
    }
}
