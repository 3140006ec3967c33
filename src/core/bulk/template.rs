//! Texts with fields: `{user}`, `{minutes}` and so on, filled in for each who reads them.
//!
//! What is the same for all of a plan is filled in when the plan is made; what differs by session, and the minutes that
//! are left, when the message leaves. The server takes one text for many sessions: those whose text is the same are told
//! in one request, the others in requests of their own.

use std::{borrow::Cow, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::domain::{MessageSeverity, Session, Text};

/// What can stand in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The user's name, as the lists show it.
    User,
    /// The machine.
    Machine,
    /// The pool or farm.
    Pool,
    /// Minutes until the logoff, rounded up; only with a wait.
    Minutes,
    /// The ticket that the plan is for.
    Ticket,
    /// The operator.
    Who,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::User, Self::Machine, Self::Pool, Self::Minutes, Self::Ticket, Self::Who];

    /// The name in braces.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Machine => "machine",
            Self::Pool => "pool",
            Self::Minutes => "minutes",
            Self::Ticket => "ticket",
            Self::Who => "who",
        }
    }

    /// The field with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{{{}}}", self.name())
    }
}

/// The words in braces of a text, known or not: what looks like a field, small letters and nothing else.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    parts(text).filter_map(|part| match part {
        Part::Braces { name, .. } => Some(name),
        Part::Words(_) => None,
    })
}

/// Whether a text has a field.
pub fn has(text: &str, field: Field) -> bool {
    names(text).any(|name| name == field.name())
}

/// Whether the text differs between sessions.
pub fn differs(text: &str) -> bool {
    [Field::User, Field::Machine, Field::Pool].into_iter().any(|field| has(text, field))
}

/// The text with the fields filled in for which `value` has one; all else stays as it is.
pub fn fill(text: &str, mut value: impl FnMut(Field) -> Option<String>) -> String {
    parts(text)
        .map(|part| match part {
            Part::Words(words) => Cow::Borrowed(words),
            Part::Braces { name, whole } => {
                Field::named(name).and_then(&mut value).map_or(Cow::Borrowed(whole), Cow::Owned)
            }
        })
        .collect()
}

/// The text as the user of a session gets it, with so many minutes left. What the server does not tell is `?`.
pub fn fill_for(text: &str, session: &Session, minutes: Option<u32>) -> String {
    fill(text, |field| {
        let told = match field {
            Field::User => session.user_label(),
            Field::Machine => session.machine_label(),
            Field::Pool => session.pool_label(),
            Field::Minutes => return minutes.map(|minutes| minutes.to_string()),
            Field::Ticket | Field::Who => return None,
        };
        Some(told.map_or_else(|| "?".to_owned(), |told| told.to_string()))
    })
}

/// Says what is wrong with the fields of a text, if something is. `waits` says whether a wait comes after it.
pub fn check(text: &str, waits: bool) -> Result<(), String> {
    if let Some(unknown) = names(text).find(|name| Field::named(name).is_none()) {
        let known: Vec<String> = Field::ALL.iter().map(ToString::to_string).collect();
        return Err(format!("no field {{{unknown}}}; known: {}", known.join(" ")));
    }
    if has(text, Field::Minutes) && !waits {
        return Err(format!("{} has a meaning only before a wait", Field::Minutes));
    }
    Ok(())
}

/// A text that is kept under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The name.
    pub name: Text,
    /// The label of the pop-up.
    pub severity: MessageSeverity,
    /// The text with its fields.
    pub text: Arc<str>,
}

/// A part of a text.
enum Part<'a> {
    Words(&'a str),
    Braces { name: &'a str, whole: &'a str },
}

fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (taken, part) = if let Some(name) = field_at(rest) {
            let length = name.len() + 2;
            (length, Part::Braces { name, whole: rest.get(..length)? })
        } else {
            // Up to the next brace that begins a field.
            let mut braces = rest.match_indices('{').map(|(at, _)| at);
            let next = braces.find(|at| rest.get(*at..).and_then(field_at).is_some());
            let end = next.unwrap_or(rest.len());
            (end, Part::Words(rest.get(..end)?))
        };
        rest = rest.get(taken..)?;
        Some(part)
    })
}

/// The name of the field that a text begins with.
fn field_at(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{core::fixtures::session, domain::SessionState};

    #[test]
    fn fields_are_filled_in_and_all_else_stays() {
        let ada = session("s1", "ada", SessionState::Connected, 0);
        let text = "{user}: {minutes} min, {{ticket}} {} {No} {other} {";
        assert_eq!(names(text).collect::<Vec<_>>(), ["user", "minutes", "ticket", "other"]);
        let user = ada.user_label().unwrap();
        let filled = fill_for(text, &ada, Some(5));
        assert_eq!(filled, format!("{user}: 5 min, {{{{ticket}}}} {{}} {{No}} {{other}} {{"));
        let ticket = fill(&filled, |field| (field == Field::Ticket).then(|| "INC-1 {user}".to_owned()));
        assert!(ticket.contains("{INC-1 {user}}"), "{ticket}");
    }

    #[test]
    fn what_is_not_told_is_a_question_mark() {
        assert_eq!(fill_for("Dear {user}", &Session::new("s1".into()), None), "Dear ?");
        assert!(differs("{machine}") && !differs("{minutes} {who}"));
        assert!(has("in {minutes}", Field::Minutes) && !has("minutes", Field::Minutes));
    }
}
