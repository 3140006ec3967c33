//! The grammar: terms, negation, AND, OR and parentheses. It is the same for sessions and for events; which terms mean
//! something is up to a [`Vocabulary`].
//!
//! ```text
//! or     = and { "|" and }
//! and    = not { not }                      terms side by side
//! not    = { "!" } ( term | "(" or ")" )
//! term   = [ field operator ] value         operators  :  =  ~  <  >  <=  >=
//! value  = bare | '"' text '"'              a quote inside is doubled: ""
//! ```
//!
//! A field name is letters only, directly followed by an operator; everything else is a word. The value of `~` may hold
//! blanks only in quotes, and `|` and parentheses also inside its own parentheses or brackets.

use std::ops::Range;

use super::{FilterError, Truth};
use crate::domain::Text;

/// Texts longer than this are refused: nobody types them.
const MAX_LENGTH: usize = 4096;
/// Parentheses nested deeper than this are refused.
const MAX_DEPTH: usize = 32;
/// More regular expressions than this are refused: each costs time for every row.
const MAX_REGEXES: usize = 16;

/// A tree of terms.
#[derive(Debug)]
pub(super) enum Expression<T> {
    Term(T),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

impl<T> Expression<T> {
    /// Whether a test holds for every term.
    pub(super) fn all(&self, test: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::Term(term) => test(term),
            Self::Not(inner) => inner.all(test),
            Self::And(parts) | Self::Or(parts) => parts.iter().all(|part| part.all(test)),
        }
    }

    /// Whether anything in it is negated.
    pub(super) fn negates(&self) -> bool {
        match self {
            Self::Term(_) => false,
            Self::Not(_) => true,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::negates),
        }
    }

    /// The same with other terms.
    pub(super) fn map<'t, U>(&'t self, to: &mut impl FnMut(&'t T) -> U) -> Expression<U> {
        match self {
            Self::Term(term) => Expression::Term(to(term)),
            Self::Not(inner) => Expression::Not(Box::new(inner.map(to))),
            Self::And(parts) => Expression::And(parts.iter().map(|part| part.map(to)).collect()),
            Self::Or(parts) => Expression::Or(parts.iter().map(|part| part.map(to)).collect()),
        }
    }

    /// The truth of the whole from the truth of its terms. Terms that cannot change the result are not asked.
    pub(super) fn evaluate(&self, ask: &mut impl FnMut(&T) -> Truth) -> Truth {
        match self {
            Self::Term(term) => ask(term),
            Self::Not(inner) => !inner.evaluate(ask),
            Self::And(parts) => {
                let mut truth = Truth::Yes;
                for part in parts {
                    truth = truth.and(part.evaluate(ask));
                    if truth == Truth::No {
                        break;
                    }
                }
                truth
            }
            Self::Or(parts) => {
                let mut truth = Truth::No;
                for part in parts {
                    truth = truth.or(part.evaluate(ask));
                    if truth == Truth::Yes {
                        break;
                    }
                }
                truth
            }
        }
    }
}

/// How a field and a value are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `:` or `=`.
    Is,
    /// `~`.
    Regex,
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `>`.
    More,
    /// `>=`.
    AtLeast,
}

impl Operator {
    /// Whether it asks for an order.
    pub(super) fn is_ordering(self) -> bool {
        !matches!(self, Self::Is | Self::Regex)
    }

    /// Whether an ordering operator holds.
    pub(super) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::More => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
            Self::Is | Self::Regex => ordering.is_eq(),
        }
    }
}

/// A value as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) span: Range<usize>,
    pub(super) quoted: bool,
}

/// `field`, operator and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldTerm<'a> {
    pub(super) name: &'a str,
    pub(super) name_span: Range<usize>,
    pub(super) operator: Operator,
    pub(super) value: Value,
}

/// Gives terms their meaning.
pub(super) trait Vocabulary {
    /// A term that was understood.
    type Term;
    /// A plain word.
    fn word(&self, word: Value) -> Result<Self::Term, FilterError>;
    /// A field with a value.
    fn field(&self, term: FieldTerm<'_>) -> Result<Self::Term, FilterError>;
}

/// Reads an expression; `text` must hold more than blanks. Spans count from `base`.
pub(super) fn parse<V: Vocabulary>(
    text: &str,
    base: usize,
    vocabulary: &V,
) -> Result<Expression<V::Term>, FilterError> {
    if text.len() > MAX_LENGTH {
        return Err(FilterError::new(
            base..base + text.len(),
            format!("a filter may have at most {MAX_LENGTH} bytes"),
        ));
    }
    let mut parser = Parser { text, at: 0, base, depth: 0, regexes: 0, vocabulary };
    let expression = parser.alternatives()?;
    match parser.peek() {
        None => Ok(expression),
        Some(_) => {
            Err(parser.error_here("this parenthesis closes nothing").suggest("remove it, or open one before"))
        }
    }
}

/// The operators, the longer ones first.
const OPERATORS: [(&str, Operator); 7] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("<", Operator::Less),
    (">", Operator::More),
    ("~", Operator::Regex),
    (":", Operator::Is),
    ("=", Operator::Is),
];

/// Splits `field`, operator and the rest; `None` when the text begins with no field.
pub(super) fn split_field(text: &str) -> Option<(&str, Operator, &str)> {
    let end = text.find(|character: char| !character.is_ascii_alphabetic())?;
    let (name, rest) = text.split_at_checked(end)?;
    if name.is_empty() {
        return None;
    }
    OPERATORS.iter().find_map(|(sign, operator)| Some((name, *operator, rest.strip_prefix(sign)?)))
}

struct Parser<'a, V> {
    text: &'a str,
    at: usize,
    base: usize,
    depth: usize,
    regexes: usize,
    vocabulary: &'a V,
}

impl<'a, V: Vocabulary> Parser<'a, V> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
    }

    fn span(&self, from: usize) -> Range<usize> {
        self.base + from..self.base + self.at
    }

    /// An error at the next character, or at the end of the text.
    fn error_here(&self, message: &str) -> FilterError {
        let length = self.peek().map_or(0, char::len_utf8);
        FilterError::new(self.base + self.at..self.base + self.at + length, message)
    }

    fn alternatives(&mut self) -> Result<Expression<V::Term>, FilterError> {
        let mut parts = vec![self.sequence()?];
        while self.peek() == Some('|') {
            self.bump();
            parts.push(self.sequence()?);
        }
        Ok(single_or(parts, Expression::Or))
    }

    fn sequence(&mut self) -> Result<Expression<V::Term>, FilterError> {
        let mut parts = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some('|' | ')') if parts.is_empty() => {
                    return Err(self.error_here("a term is missing here").suggest("for example state:disc"));
                }
                None | Some('|' | ')') => return Ok(single_or(parts, Expression::And)),
                Some(_) => parts.push(self.negated()?),
            }
        }
    }

    fn negated(&mut self) -> Result<Expression<V::Term>, FilterError> {
        let mut negated = false;
        while self.peek() == Some('!') {
            let sign = self.at;
            self.bump();
            negated = !negated;
            if self.peek().is_none_or(|next| next.is_whitespace() || matches!(next, '|' | ')')) {
                return Err(FilterError::new(self.span(sign), "! stands directly before what it negates")
                    .suggest(
                        "for example !pool:test-*, or \"! \" at the very beginning for the inverse of all",
                    ));
            }
        }
        let inner = if self.peek() == Some('(') { self.group()? } else { self.term()? };
        Ok(if negated { Expression::Not(Box::new(inner)) } else { inner })
    }

    fn group(&mut self) -> Result<Expression<V::Term>, FilterError> {
        let open = self.at;
        self.bump();
        let open_span = self.span(open);
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FilterError::new(
                open_span,
                format!("parentheses may be nested at most {MAX_DEPTH} deep"),
            ));
        }
        let inner = self.alternatives()?;
        if self.peek() != Some(')') {
            return Err(FilterError::new(open_span, "this parenthesis is never closed").suggest("add )"));
        }
        self.bump();
        self.depth -= 1;
        Ok(inner)
    }

    fn term(&mut self) -> Result<Expression<V::Term>, FilterError> {
        let start = self.at;
        let Some((name, operator, after)) = split_field(self.rest()) else {
            let word = self.bare_or_quoted()?;
            return Ok(Expression::Term(self.vocabulary.word(word)?));
        };
        let name_span = self.base + start..self.base + start + name.len();
        self.at = self.text.len() - after.len();
        let value = if operator == Operator::Regex {
            self.regexes += 1;
            if self.regexes > MAX_REGEXES {
                return Err(FilterError::new(
                    name_span,
                    format!("a filter may have at most {MAX_REGEXES} regular expressions"),
                ));
            }
            self.regex()?
        } else {
            self.bare_or_quoted()?
        };
        Ok(Expression::Term(self.vocabulary.field(FieldTerm { name, name_span, operator, value })?))
    }

    fn bare_or_quoted(&mut self) -> Result<Value, FilterError> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let start = self.at;
        while let Some(next) = self.peek() {
            match next {
                '|' | ')' => break,
                '(' | '"' => {
                    return Err(self
                        .error_here(&format!("{next} cannot stand inside a word"))
                        .suggest("put the whole value in quotes: \"...\""));
                }
                blank if blank.is_whitespace() => break,
                _ => self.bump(),
            }
        }
        Ok(self.value_from(start))
    }

    fn quoted(&mut self) -> Result<Value, FilterError> {
        let start = self.at;
        self.bump();
        let mut text = String::new();
        loop {
            let Some(next) = self.peek() else {
                return Err(FilterError::new(self.span(start), "this quote is never closed")
                    .suggest("add \" at the end"));
            };
            self.bump();
            if next != '"' {
                text.push(next);
            } else if self.peek() == Some('"') {
                self.bump();
                text.push('"');
            } else {
                break;
            }
        }
        if self.peek().is_some_and(|next| !next.is_whitespace() && !matches!(next, '|' | ')')) {
            return Err(self
                .error_here("after a closing quote comes a blank")
                .suggest("a quote inside a quoted value is doubled: \"\""));
        }
        Ok(Value { text, span: self.span(start), quoted: true })
    }

    /// The value of `~`: up to a blank, or to `|` or `)` outside its own parentheses and brackets.
    fn regex(&mut self) -> Result<Value, FilterError> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let start = self.at;
        let (mut parentheses, mut bracket) = (0_usize, false);
        while let Some(next) = self.peek() {
            match next {
                blank if blank.is_whitespace() => break,
                '\\' => {
                    self.bump();
                    if self.peek().is_some_and(char::is_whitespace) {
                        break;
                    }
                }
                '[' => bracket = true,
                ']' => bracket = false,
                _ if bracket => {}
                '(' => parentheses += 1,
                ')' | '|' if parentheses == 0 => break,
                ')' => parentheses -= 1,
                _ => {}
            }
            self.bump();
        }
        Ok(self.value_from(start))
    }

    fn value_from(&self, start: usize) -> Value {
        let text = self.text.get(start..self.at).unwrap_or_default().to_owned();
        Value { text, span: self.span(start), quoted: false }
    }
}

/// One part stands for itself.
fn single_or<T>(
    mut parts: Vec<Expression<T>>,
    join: fn(Vec<Expression<T>>) -> Expression<T>,
) -> Expression<T> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

/// What was typed, harmless to draw, in quotation marks of its own.
pub(super) fn shown(typed: &str) -> String {
    let text = Text::clean(typed);
    let mut characters = text.as_str().chars();
    let beginning: String = characters.by_ref().take(40).collect();
    if characters.next().is_some() { format!("`{beginning}…`") } else { format!("`{beginning}`") }
}

/// The candidate that is most like what was typed, if any is near enough to be meant.
pub(super) fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&typed, &lower);
            // A beginning or an end of the right name is nearer than its missing letters say.
            let part = typed.len() > 1 && (lower.starts_with(&typed) || typed.starts_with(&lower));
            (if part { distance.min(1) } else { distance }, candidate)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 3)
        .map(|(_, candidate)| candidate)
}
