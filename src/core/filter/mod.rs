//! The filter language (`screens.md section 2`): one text that says which rows are meant, and guards of plans.
//!
//! It owns the grammar, the fields and the three-valued evaluation. It must not know the screen, marks or plans.
//!
//! # The language
//!
//! * `word` is searched, without regard to case, in the texts that columns show: user (with domain, and display name
//!   where known), pool or farm, published applications, machine, its DNS name, gateway, agent version, client (as shown, host
//!   name and address), pod. States, types, protocols and times are not searched. `*` stands for anything in one value.
//! * `field:value` (or `field=value`) is the whole value; `*` stands for anything at any place. `field:?` is an unknown
//!   value, `field:-` (`farm:`, `proto:`, `group:`) one that is known not to be there. `field~regex` is a regular expression, found anywhere. Case never matters.
//! * Fields that know certain words (`state:`, `type:`, `proto:`, `client:`, `gwloc:`, `can:`, `flag:`) take any
//!   beginning that is clear: `state:d`, `state:disc`.
//! * `<`, `<=`, `>`, `>=` compare durations (`idle>4h`, `age<10m`, `disc>2d`; units s m h d w, also `1h30m`) and versions
//!   (`agent<8.13`, by numbers). `idle:4h` means four whole hours, `agent:8.13` also 8.13.0, `agent:"8.13"` exactly that.
//! * A blank is AND, `|` is OR and binds less, parentheses group, `!` directly before a term or parenthesis negates it.
//! * Quotes hold values with blanks, parentheses or `|`; a quote inside is doubled.
//! * `! ` (with the blank) at the very beginning is the inverse of the whole line; `-f words` there is a fuzzy search in
//!   user, display name, pool or farm, and machine.
//!
//! # Unknown values
//!
//! A comparison over a value that is not known is [`Truth::Unknown`], and so is its negation: neither shows the row, and
//! a guard holds the target back. An id that stands in for an unknown name matches, but its not matching says nothing
//! about the name. A word that is not found is unknown when the session's user, pool or machine have no name.

mod choice;
mod complete;
mod error;
mod events;
mod fields;
mod fuzzy;
mod grammar;
mod images;
mod line;
mod pattern;
mod permissions;
mod quantity;
mod rows;
mod term;
#[cfg(test)]
mod tests;
mod truth;
mod typed;
mod value_of;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use complete::{Completion, complete, complete_events, complete_images, complete_permissions};
pub use error::FilterError;
pub use events::{EVENT_FIELDS, EventFilter};
pub use fields::{FIELDS, FieldHelp, FieldKind};
pub use images::{IMAGE_FIELDS, ImageFacts, ImageField, ImageFilter};
pub use permissions::{PERMISSION_FIELDS, PermissionFilter};
pub use truth::Truth;
pub(in crate::core) use value_of::has_none;

use self::{
    fuzzy::{Fuzzy, Scratch},
    grammar::Expression,
    line::Line,
    term::{SessionVocabulary, Term},
    typed::{Grammar, Typed},
};
use crate::{
    core::table::{Flags, Names, SessionTable, append_haystack},
    domain::{Capabilities, SessionFacts},
};

/// What a filter may look at beside the session itself. Whatever is `None` makes the terms that need it unknown.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// As of when "how long" is measured: normally [`SessionTable::as_of`].
    pub now: Timestamp,
    /// For `can:`.
    pub capabilities: Option<&'a Capabilities>,
    /// For duplicates.
    pub table: Option<&'a SessionTable>,
    /// For the flags that the table does not know.
    pub flags: Option<&'a Flags>,
    /// For `name:` and `group:`.
    pub names: Option<&'a Names>,
}

impl Context<'_> {
    /// A context in which nothing but the time is known.
    pub fn at(now: Timestamp) -> Self {
        Self { now, capabilities: None, table: None, flags: None, names: None }
    }
}

/// The seconds of a duration as it is typed: `15m`, `1h30m`.
pub fn duration_seconds(text: &str) -> Option<i64> {
    quantity::Duration::read(text).map(|duration| duration.seconds)
}

/// A filter that was understood; compiled once, cheap to clone. Equal when the text is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Filter(Typed<SessionGrammar>);

/// What a line says behind its prefix.
#[derive(Debug)]
enum Body {
    Terms(Expression<Term>),
    Fuzzy(Fuzzy),
}

/// Terms, or a fuzzy search.
struct SessionGrammar;

impl Grammar for SessionGrammar {
    type Body = Body;

    fn read(rest: &str, base: usize) -> Result<Body, FilterError> {
        let fuzzy = rest
            .strip_prefix("-f")
            .filter(|words| words.is_empty() || words.starts_with(char::is_whitespace));
        match fuzzy {
            Some(words) => Fuzzy::parse(words, base + rest.len()).map(Body::Fuzzy),
            None => grammar::parse(rest, base, &SessionVocabulary).map(Body::Terms),
        }
    }
}

impl Filter {
    /// Understands a text. The empty text matches everything.
    ///
    /// The error names the place, what is wrong there, and the nearest valid name or an example.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Typed::parse(text).map(Self)
    }

    /// The text as it was typed.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// Whether it matches everything because there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it speaks of groups by their names: as long as these are not known it lets too little through. SIDs need
    /// no look-up.
    pub fn asks_group_names(&self) -> bool {
        match &self.0.line().body {
            Some(Body::Terms(expression)) => !expression.all(&|term| !term.asks_group_names()),
            None | Some(Body::Fuzzy(_)) => false,
        }
    }

    /// Whether one session, read again alone, says if it holds: a fuzzy search, flags and names that are looked up need
    /// more than that, so such a filter is no guard by itself.
    pub fn is_lasting(&self) -> bool {
        match &self.0.line().body {
            None => true,
            Some(Body::Terms(expression)) => expression.all(&Term::is_of_session_alone),
            Some(Body::Fuzzy(_)) => false,
        }
    }

    /// The filter that asks for both; `None` when they cannot be written as one, as with a fuzzy search.
    pub fn and(&self, other: &Self) -> Option<Self> {
        if self.is_empty() || self == other {
            return Some(other.clone());
        }
        if other.is_empty() {
            return Some(self.clone());
        }
        let part = |filter: &Self| {
            let text = filter.text().trim();
            match (filter.0.line().inverse, &filter.0.line().body) {
                (_, Some(Body::Fuzzy(_))) => None,
                (true, _) => Some(format!("!({})", text.strip_prefix('!')?.trim())),
                // A line without alternatives needs no parentheses.
                (false, Some(Body::Terms(Expression::Or(_)))) => Some(format!("({text})")),
                (false, _) => Some(text.to_owned()),
            }
        };
        Self::parse(&format!("{} {}", part(self)?, part(other)?)).ok()
    }

    /// What it says about one session. For whole tables use [`Filter::evaluator`].
    pub fn matches<'a>(&self, session: impl SessionFacts<'a>, context: &Context<'a>) -> Truth {
        self.evaluator(*context).session(session)
    }

    /// What is needed to ask about many sessions without allocating for each.
    pub fn evaluator<'f, 'a>(&'f self, context: Context<'a>) -> Evaluator<'f, 'a> {
        Evaluator { line: self.0.line(), context, text: String::new(), scratch: None }
    }
}

/// Asks one filter about many sessions.
#[derive(Debug)]
pub struct Evaluator<'f, 'a> {
    line: &'f Line<Body>,
    context: Context<'a>,
    text: String,
    scratch: Option<Scratch>,
}

impl<'a> Evaluator<'_, 'a> {
    /// What the filter says about a session.
    pub fn session(&mut self, session: impl SessionFacts<'a>) -> Truth {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let truth = self.judge(session, |context, term| {
            let text = &mut text;
            term.judge(session, context, || {
                if text.is_empty() {
                    append_haystack(session, text);
                }
                text.as_str()
            })
        });
        self.text = text;
        truth
    }

    /// What the filter says about a row of a table. A row that the table has not is [`Truth::No`].
    pub fn row(&mut self, table: &'a SessionTable, row: u32) -> Truth {
        table.get(row).map_or(Truth::No, |session| self.session(session))
    }

    fn judge(
        &mut self,
        session: impl SessionFacts<'a>,
        mut ask: impl FnMut(&Context<'a>, &Term) -> Truth,
    ) -> Truth {
        let truth = match &self.line.body {
            None => return Truth::Yes,
            Some(Body::Terms(expression)) => expression.evaluate(&mut |term| ask(&self.context, term)),
            Some(Body::Fuzzy(fuzzy)) => {
                fuzzy.judge(session, &self.context, self.scratch.get_or_insert_default())
            }
        };
        self.line.apply(truth)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
