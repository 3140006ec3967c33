//! Terms over sessions: what a field and a value mean, compiled once, and whether it is true of a session.

use super::{
    Context, FilterError, Truth,
    choice::{self, Choice},
    fields::{FIELDS, Field, FieldKind, choices, flag_with_code, unknown_field},
    grammar::{FieldTerm, Operator, Value, Vocabulary, shown},
    pattern::{Pattern, Word},
    quantity::Duration,
    value_of::{self, Said},
};
use crate::{
    core::table::{Flag, sessions_of_user, value, version},
    domain::{SessionFacts, Support, Verb},
};

/// A compiled term.
#[derive(Debug)]
pub(super) enum Term {
    /// A plain word.
    Word(Word),
    /// `field:?`: the value is not known.
    IsUnknown(Field),
    /// `field:-`: there is no value.
    IsNone(Field),
    /// A text field.
    Text(Field, Pattern),
    /// A field that knows certain words, and the server's word.
    Choice(Field, &'static str),
    /// The same, compared as text.
    ChoiceText(Field, Pattern),
    /// A duration.
    Duration(Field, Operator, Duration),
    /// A version, by its numbers.
    Version(Field, Operator, String),
    /// A flag.
    Flag(Flag),
    /// Any flag.
    AnyFlag,
    /// So many sessions of one user, or more.
    SessionsOfUser(u32),
    /// What the account may do.
    Can(Verb),
}

impl Term {
    /// Whether a session alone says if it is true: not the rest of the list, nor names that were looked up.
    pub(super) fn is_of_session_alone(&self) -> bool {
        match self {
            Self::Flag(_) | Self::AnyFlag | Self::SessionsOfUser(_) => false,
            Self::Text(Field::Group, _) => !self.asks_group_names(),
            Self::IsUnknown(field) | Self::Text(field, _) => !matches!(field, Field::Name | Field::Group),
            Self::Word(_)
            | Self::IsNone(_)
            | Self::Choice(..)
            | Self::ChoiceText(..)
            | Self::Duration(..)
            | Self::Version(..)
            | Self::Can(_) => true,
        }
    }
}

impl Term {
    /// Whether it speaks of a group by its name: then the names must be known, for it to miss none.
    pub(super) fn asks_group_names(&self) -> bool {
        matches!(self, Self::Text(Field::Group, pattern) if !pattern.is_for_sids() && !pattern.is_anything())
    }
}

/// The fields of sessions.
#[derive(Debug)]
pub(super) struct SessionVocabulary;

impl Vocabulary for SessionVocabulary {
    type Term = Term;

    fn word(&self, word: Value) -> Result<Term, FilterError> {
        Ok(Term::Word(Word::new(&word.text)))
    }

    fn field(&self, term: FieldTerm<'_>) -> Result<Term, FilterError> {
        let Some(field) = Field::from_name(term.name) else {
            return Err(unknown_field(term.name, term.name_span, FIELDS));
        };
        let help = field.help();
        let FieldTerm { operator, value, .. } = term;
        if value.text.is_empty() && !value.quoted {
            return Err(FilterError::new(
                term.name_span.start..value.span.end,
                format!("{} needs a value", help.name),
            )
            .suggest(format!("for example {}", help.example)));
        }
        if operator == Operator::Is && value.text == "?" && !value.quoted {
            return match field {
                Field::Flag => {
                    Err(FilterError::new(value.span, "a flag is set or not").suggest("flag:* for any"))
                }
                field => Ok(Term::IsUnknown(field)),
            };
        }
        if operator == Operator::Is && value.text == "-" && !value.quoted && can_be_none(field) {
            return Ok(Term::IsNone(field));
        }
        match help.kind {
            FieldKind::Text => text(field, operator, &value),
            FieldKind::Choice => choice_term(field, operator, &value),
            FieldKind::Duration => duration(field, operator, &value),
            FieldKind::Version => version_term(field, operator, &value),
        }
    }
}

/// Whether it can be known of a field that there is no value.
fn can_be_none(field: Field) -> bool {
    matches!(field, Field::Farm | Field::Proto | Field::Group)
}

fn no_order(field: Field, value: &Value) -> FilterError {
    let help = field.help();
    let before = value.span.start.saturating_sub(1);
    FilterError::new(before..value.span.end, format!("{} has no order", help.name)).suggest(format!(
        "operators: {}, for example {}",
        help.kind.operators(),
        help.example
    ))
}

fn text(field: Field, operator: Operator, value: &Value) -> Result<Term, FilterError> {
    if operator.is_ordering() {
        return Err(no_order(field, value));
    }
    Ok(Term::Text(field, Pattern::compile(operator, value)?))
}

fn choice_term(field: Field, operator: Operator, value: &Value) -> Result<Term, FilterError> {
    if operator.is_ordering() {
        return Err(no_order(field, value));
    }
    match field {
        Field::Flag | Field::Can if operator == Operator::Regex => Err(FilterError::new(
            value.span.clone(),
            format!("{} takes no regular expression", field.help().name),
        )
        .suggest(format!("for example {}", field.help().example))),
        Field::Flag => flag(value),
        Field::Can => {
            let word = choice::resolve(choices(field), value)?.word;
            // The words are the names of the verbs; a test holds them together.
            Verb::from_name(word)
                .map(Term::Can)
                .ok_or_else(|| FilterError::new(value.span.clone(), "no such verb"))
        }
        _ if operator == Operator::Regex || value.quoted || value.text.contains('*') => {
            Ok(Term::ChoiceText(field, Pattern::compile(operator, value)?))
        }
        _ => choice::resolve(choices(field), value)
            .map(|choice: &Choice| Term::Choice(field, choice.word))
            .map_err(|error| {
                let more = "in quotes it is compared as text";
                let suggestion =
                    error.suggestion.map_or_else(|| more.to_owned(), |other| format!("{other}; {more}"));
                FilterError { suggestion: Some(suggestion), ..error }
            }),
    }
}

fn flag(value: &Value) -> Result<Term, FilterError> {
    if value.text == "*" {
        return Ok(Term::AnyFlag);
    }
    let count = value.text.to_ascii_lowercase().strip_suffix('x').and_then(|count| count.parse().ok());
    if let Some(count @ 2..) = count {
        return Ok(Term::SessionsOfUser(count));
    }
    let word = choice::resolve(choices(Field::Flag), value)?.word;
    flag_with_code(word).map(Term::Flag).ok_or_else(|| FilterError::new(value.span.clone(), "no such flag"))
}

fn duration(field: Field, operator: Operator, value: &Value) -> Result<Term, FilterError> {
    if operator == Operator::Regex {
        return Err(FilterError::new(
            value.span.clone(),
            format!("{} is a duration, not a text", field.help().name),
        )
        .suggest(format!("for example {}", field.help().example)));
    }
    Ok(Term::Duration(field, operator, Duration::parse(value)?))
}

fn version_term(field: Field, operator: Operator, value: &Value) -> Result<Term, FilterError> {
    let is_version = version::is_version(&value.text);
    if operator.is_ordering() && (!is_version || value.text.contains('*')) {
        return Err(FilterError::new(value.span.clone(), format!("{} is no version", shown(&value.text)))
            .suggest(format!("for example {}", field.help().example)));
    }
    // With a build number or a word behind the numbers, exactly that version is meant.
    let numbers_only = is_version && value.text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let plain = operator.is_ordering() || (operator == Operator::Is && numbers_only && !value.quoted);
    if plain {
        return Ok(Term::Version(field, operator, value.text.clone()));
    }
    Ok(Term::Text(field, Pattern::compile(operator, value)?))
}

impl Term {
    /// Whether it is true of a session. `text` gives the lower-cased text that words are searched in.
    pub(super) fn judge<'a, 't>(
        &self,
        session: impl SessionFacts<'a>,
        context: &Context<'a>,
        text: impl FnOnce() -> &'t str,
    ) -> Truth {
        match self {
            Self::Word(word) => judge_word(word, session, context, text()),
            Self::IsUnknown(field) => is_unknown(*field, session, context),
            Self::IsNone(field) => Truth::from(value_of::has_none(field.help().name, session)),
            Self::Text(field, pattern) => value_of::judge_text(*field, pattern, session, context),
            Self::Choice(field, wanted) => match value_of::word(*field, session) {
                Said::Known(word) => Truth::from(word == *wanted),
                Said::Strange(_) | Said::Nothing => Truth::Unknown,
            },
            Self::ChoiceText(field, pattern) => match value_of::word(*field, session) {
                Said::Known(word) | Said::Strange(word) => Truth::from(pattern.matches(word)),
                Said::Nothing => Truth::Unknown,
            },
            Self::Duration(field, operator, duration) => {
                judge_duration(*field, *operator, *duration, session, context)
            }
            Self::Version(field, operator, wanted) => {
                let Some(said) = value_of::version(*field, session) else {
                    return Truth::Unknown;
                };
                match version::compare_numbers(said, wanted) {
                    Some(ordering) => Truth::from(operator.holds(ordering)),
                    // What was said is no version: it is not the wanted one, but neither newer nor older.
                    None if operator.is_ordering() => Truth::Unknown,
                    None => Truth::No,
                }
            }
            Self::Flag(flag) => flag.holds(session, context.now, context.table, context.flags),
            Self::AnyFlag => Flag::ALL.iter().fold(Truth::No, |truth, flag| {
                truth.or(flag.holds(session, context.now, context.table, context.flags))
            }),
            Self::SessionsOfUser(least) => sessions_of_user(session, context.table)
                .map_or(Truth::Unknown, |count| Truth::from(count >= *least)),
            Self::Can(verb) => can(*verb, session, context),
        }
    }
}

/// A word speaks about what is shown. If it is not found although user, pool or machine are not known, it could still
/// be their name.
fn judge_word<'a>(word: &Word, session: impl SessionFacts<'a>, context: &Context<'a>, text: &str) -> Truth {
    let is_name =
        || value_of::display_name(session, context).is_some_and(|name| word.is_in(&name.to_lowercase()));
    if word.is_in(text) || is_name() {
        return Truth::Yes;
    }
    if value_of::is_named(session) { Truth::No } else { Truth::Unknown }
}

fn can<'a>(verb: Verb, session: impl SessionFacts<'a>, context: &Context<'a>) -> Truth {
    if context.table.is_some_and(|table| !table.reach(session).is_open()) {
        return Truth::No;
    }
    match context.capabilities.map(|capabilities| capabilities.supports(verb, session)) {
        Some(Support::Yes) => Truth::Yes,
        Some(Support::No(_)) => Truth::No,
        Some(Support::Unknown) | None => Truth::Unknown,
    }
}

fn judge_duration<'a>(
    field: Field,
    operator: Operator,
    duration: Duration,
    session: impl SessionFacts<'a>,
    context: &Context<'a>,
) -> Truth {
    let seconds = match field {
        Field::Idle => value::idle_minutes(session, context.now).map(|minutes| minutes.saturating_mul(60)),
        Field::Age => value::age_seconds(session, context.now),
        Field::Disc => match value::disconnected(session, context.now) {
            value::Disconnected::For(seconds) => Some(seconds),
            value::Disconnected::No => return Truth::No,
            value::Disconnected::Unknown => None,
        },
        _ => None,
    };
    seconds.map_or(Truth::Unknown, |seconds| {
        let ordering = if operator == Operator::Is {
            (seconds / duration.unit).cmp(&(duration.seconds / duration.unit))
        } else {
            seconds.cmp(&duration.seconds)
        };
        Truth::from(operator.holds(ordering))
    })
}

/// Whether the value of a field is not known; this itself is always known.
fn is_unknown<'a>(field: Field, session: impl SessionFacts<'a>, context: &Context<'a>) -> Truth {
    let unknown = match field.help().kind {
        FieldKind::Text => {
            value_of::judge_text(field, &Pattern::glob("*"), session, context) == Truth::Unknown
        }
        FieldKind::Version => value_of::version(field, session).is_none(),
        FieldKind::Duration => match field {
            Field::Idle => value::idle_minutes(session, context.now).is_none(),
            Field::Age => session.started_at().is_none(),
            _ => value::disconnected(session, context.now) == value::Disconnected::Unknown,
        },
        FieldKind::Choice if field == Field::Can => {
            return Truth::from(
                Verb::ALL.into_iter().any(|verb| can(verb, session, context) == Truth::Unknown),
            );
        }
        FieldKind::Choice => !matches!(value_of::word(field, session), Said::Known(_)),
    };
    Truth::from(unknown)
}
