//! The same language over audit events, for the text filter of the event pane and `foretop events --where`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    FilterError, Truth,
    choice::{self, Choice},
    fields::{FieldHelp, FieldKind},
    grammar::{FieldTerm, Operator, Value, Vocabulary},
    pattern::{Pattern, Word},
    typed::{KnownTerm, Typed},
};
use crate::{
    core::table::{Names, value},
    domain::{AuditEvent, MachineId, Severity, Text, UserId},
};

/// Every field of events.
pub const EVENT_FIELDS: &[FieldHelp] = &[
    FieldHelp {
        name: "type",
        aliases: &["kind"],
        kind: FieldKind::Text,
        values: &[],
        meaning: "type of the event",
        example: "type:AGENT_*",
    },
    FieldHelp {
        name: "sev",
        aliases: &["severity"],
        kind: FieldKind::Choice,
        values: &["info", "warning", "error", "audit_success", "audit_fail"],
        meaning: "severity, as the server says it",
        example: "sev:audit_fail",
    },
    FieldHelp {
        name: "level",
        aliases: &[],
        kind: FieldKind::Choice,
        values: &["info", "warning", "error"],
        meaning: "how serious: audits count as info or error; also < <= > >=",
        example: "level>=warning",
    },
    FieldHelp {
        name: "user",
        aliases: &["login"],
        kind: FieldKind::Text,
        values: &[],
        meaning: "login, display name or SID of the user it is about",
        example: "user:alva*",
    },
    FieldHelp {
        name: "module",
        aliases: &[],
        kind: FieldKind::Text,
        values: &[],
        meaning: "who wrote it: Admin, Broker, Agent and others",
        example: "module:broker",
    },
    FieldHelp {
        name: "pool",
        aliases: &["app"],
        kind: FieldKind::Text,
        values: &[],
        meaning: "desktop pool or application pool",
        example: "pool:fin-*",
    },
    FieldHelp {
        name: "machine",
        aliases: &["host"],
        kind: FieldKind::Text,
        values: &[],
        meaning: "the desktop it is about, or the machine that wrote it",
        example: "machine:FINVDI-*",
    },
    FieldHelp {
        name: "text",
        aliases: &["message", "msg"],
        kind: FieldKind::Text,
        values: &[],
        meaning: "the rendered text",
        example: "text~\"not responding$\"",
    },
];

const SEVERITIES: &[Choice] = &[
    Choice { word: "INFO", aliases: &[] },
    Choice { word: "WARNING", aliases: &[] },
    Choice { word: "ERROR", aliases: &[] },
    Choice { word: "AUDIT_SUCCESS", aliases: &["aud+"] },
    Choice { word: "AUDIT_FAIL", aliases: &["aud-"] },
];

const LEVELS: &[Choice] = &[
    Choice { word: "INFO", aliases: &[] },
    Choice { word: "WARNING", aliases: &[] },
    Choice { word: "ERROR", aliases: &[] },
];

/// A filter on events that was understood; cheap to clone, equal when the text is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventFilter(Typed<EventVocabulary>);

impl EventFilter {
    /// Understands a text. The empty text matches everything; fuzzy lines are for sessions only.
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

    /// What it says about an event. Words are searched in type, text, module, pools, and in the names of user and
    /// machine.
    pub fn matches(&self, event: &AuditEvent, names: Option<&Names>) -> Truth {
        self.0.evaluate(|term| term.judge(event, names))
    }
}

impl fmt::Display for EventFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Type,
    User,
    Module,
    Pool,
    Machine,
    Text,
}

#[derive(Debug)]
enum Term {
    Word(Word),
    Text(Field, Pattern),
    Severity(&'static str),
    SeverityText(Pattern),
    Level(Operator, u8),
    TextUnknown(Field),
    SeverityUnknown,
}

#[derive(Default)]
struct EventVocabulary;

impl Vocabulary for EventVocabulary {
    type Term = Term;

    fn word(&self, word: Value) -> Result<Term, FilterError> {
        Ok(Term::Word(Word::new(&word.text)))
    }

    fn field(&self, term: FieldTerm<'_>) -> Result<Term, FilterError> {
        let term = KnownTerm::of(term, EVENT_FIELDS)?;
        let term = if term.help.name == "level" { term } else { term.without_order()? };
        let unknown = term.asks_for_unknown();
        let field = match term.help.name {
            "sev" | "level" if unknown => return Ok(Term::SeverityUnknown),
            "level" => {
                term.must_not_be_regex()?;
                let word = choice::resolve(LEVELS, &term.value)?.word;
                return Ok(Term::Level(term.operator, Severity::from(word).rank()));
            }
            "sev" if term.is_text() => return Ok(Term::SeverityText(term.pattern()?)),
            "sev" => return Ok(Term::Severity(choice::resolve(SEVERITIES, &term.value)?.word)),
            "type" => Field::Type,
            "user" => Field::User,
            "module" => Field::Module,
            "pool" => Field::Pool,
            "machine" => Field::Machine,
            _ => Field::Text,
        };
        Ok(if unknown { Term::TextUnknown(field) } else { Term::Text(field, term.pattern()?) })
    }
}

impl Term {
    fn judge(&self, event: &AuditEvent, names: Option<&Names>) -> Truth {
        match self {
            Self::Word(word) => Truth::from(
                ALL_TEXTS
                    .iter()
                    .flat_map(|field| texts(*field, event, names).0)
                    .flatten()
                    .any(|text| word.is_in(&text.to_lowercase())),
            ),
            Self::Text(field, pattern) => {
                let (texts, named) = texts(*field, event, names);
                let known = if *field == Field::User && pattern.is_for_sids() {
                    event.user_id.is_some()
                } else {
                    named
                };
                if texts.into_iter().flatten().any(|text| pattern.matches(text)) {
                    Truth::Yes
                } else if known {
                    Truth::No
                } else {
                    Truth::Unknown
                }
            }
            Self::Severity(wanted) => match &event.severity {
                Some(Severity::Unknown(_)) | None => Truth::Unknown,
                Some(known) => Truth::from(known.word() == *wanted),
            },
            Self::SeverityText(pattern) => event
                .severity
                .as_ref()
                .map_or(Truth::Unknown, |severity| Truth::from(pattern.matches(severity.word()))),
            Self::Level(operator, rank) => event
                .severity
                .as_ref()
                .map_or(Truth::Unknown, |severity| Truth::from(operator.holds(severity.rank().cmp(rank)))),
            Self::TextUnknown(field) => {
                Truth::from(texts(*field, event, names).0.into_iter().flatten().next().is_none())
            }
            Self::SeverityUnknown => Truth::from(matches!(event.severity, Some(Severity::Unknown(_)) | None)),
        }
    }
}

const ALL_TEXTS: [Field; 6] =
    [Field::Type, Field::User, Field::Module, Field::Pool, Field::Machine, Field::Text];

/// The texts of a field, and whether its own name is among them (and not only an id).
fn texts<'a>(field: Field, event: &'a AuditEvent, names: Option<&'a Names>) -> ([Option<&'a str>; 4], bool) {
    let one = |text: &'a Option<Text>| {
        let text = text.as_ref().map(Text::as_str);
        ([text, None, None, None], text.is_some())
    };
    match field {
        Field::Type => one(&event.kind),
        Field::Module => one(&event.module),
        Field::Text => one(&event.message),
        Field::Pool => {
            let desktop = event.pool_name.as_ref().map(Text::as_str);
            let application = event.application_pool_name.as_ref().map(Text::as_str);
            ([desktop, application, None, None], desktop.is_some() || application.is_some())
        }
        Field::User => {
            let id = event.user_id.as_ref();
            let login = id.and_then(|id| names?.login(id));
            let display = id.and_then(|id| names?.account(id.raw()));
            let texts = [login, login.map(value::login_part), display, id.map(UserId::raw)];
            (texts, login.is_some())
        }
        Field::Machine => {
            let id = event.machine_id.as_ref();
            let name = id.and_then(|id| names?.machine(id));
            let writer = event.written_by.as_ref().map(Text::as_str);
            let texts = [name, writer, writer.map(value::first_label), id.map(MachineId::raw)];
            (texts, name.is_some() || (id.is_none() && writer.is_some()))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::EventId;

    fn event() -> AuditEvent {
        AuditEvent {
            id: EventId(7),
            time: None,
            severity: Some(Severity::AuditFail),
            kind: Some("AGENT_CONNECTED".into()),
            module: Some("Agent".into()),
            message: Some("User alvarez.m connected to FINVDI-007".into()),
            written_by: Some("cs1.corp.example".into()),
            user_id: Some("S-1-5-21-7".into()),
            machine_id: Some("m-7".into()),
            pool_name: None,
            application_pool_name: None,
        }
    }

    #[rstest]
    #[case("", Truth::Yes)]
    #[case("alvarez", Truth::Yes)]
    #[case("AGENT_conn finvdi", Truth::Yes)]
    #[case("type:agent_* module:agent", Truth::Yes)]
    #[case("sev:audit_fail", Truth::Yes)]
    #[case("sev:error", Truth::No)]
    #[case("sev:aud+ | level>=error", Truth::Yes)]
    #[case("level<warning", Truth::No)]
    #[case("level:?", Truth::No)]
    #[case("user:S-1-5-21-7", Truth::Yes)]
    #[case("user:alvarez.m", Truth::Unknown)]
    #[case("!user:alvarez.m", Truth::Unknown)]
    #[case("pool:fin", Truth::Unknown)]
    #[case("pool:?", Truth::Yes)]
    #[case("machine:cs1", Truth::Yes)]
    #[case("text~\"connected to (fin|hr)vdi\"", Truth::Yes)]
    #[case("!nothing (agent | broker)", Truth::Yes)]
    #[case("! nothing", Truth::Yes)]
    fn events_are_judged(#[case] text: &str, #[case] expected: Truth) {
        assert_eq!(EventFilter::parse(text).unwrap().matches(&event(), None), expected);
    }

    #[test]
    fn names_make_the_user_and_the_machine_known() {
        let mut names = Names::default();
        names.logins.insert("S-1-5-21-7".into(), "CORP\\alvarez.m".into());
        names.machines.insert("m-7".into(), "FINVDI-007".into());
        for text in ["user:alvarez.m", "user:corp\\*", "machine:finvdi-*", "!user:chen.w", "corp"] {
            assert_eq!(
                EventFilter::parse(text).unwrap().matches(&event(), Some(&names)),
                Truth::Yes,
                "{text}"
            );
        }
    }

    #[test]
    fn every_example_and_value_is_understood() {
        for field in EVENT_FIELDS {
            EventFilter::parse(field.example).unwrap();
            for value in field.values {
                EventFilter::parse(&format!("{}:{value}", field.name)).unwrap();
            }
        }
    }

    #[test]
    fn an_unknown_field_has_a_place_and_a_nearest_name() {
        let error = EventFilter::parse("alva modul:broker").unwrap_err();
        assert_eq!(error.span, 5..10);
        assert_eq!(error.suggestion.as_deref(), Some("did you mean module?"));
        assert!(EventFilter::parse("pool>3").is_err());
        assert!(EventFilter::parse("-f alva").is_err());
    }
}
