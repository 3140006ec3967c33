//! What could stand at the cursor of the filter line.

use std::{borrow::Cow, collections::BTreeSet, ops::Range};

use serde::{Deserialize, Serialize};

use super::{
    events::EVENT_FIELDS,
    fields::{FIELDS, FieldHelp, FieldKind, is_called},
    grammar::{Operator, split_field},
    images::IMAGE_FIELDS,
    permissions::PERMISSION_FIELDS,
};
use crate::{
    core::table::{SessionTable, value},
    domain::{EventMeaning, SessionFacts, SessionRow},
};

/// No more than this many values are offered.
const MAX_VALUES: usize = 50;

/// Something that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// What it replaces, in bytes of the text.
    pub span: Range<usize>,
    /// What to put there.
    pub text: String,
    /// What it means.
    pub help: String,
}

/// What could stand at the cursor (a byte offset) of a filter on sessions: field names, the values of fields that know
/// only certain words, and, with a table, the pools, farms, gateways, pods, machines, users and agent versions in it.
pub fn complete(text: &str, cursor: usize, table: Option<&SessionTable>) -> Vec<Completion> {
    complete_in(FIELDS, text, cursor, table)
}

/// What could stand at the cursor of a filter on events.
pub fn complete_events(text: &str, cursor: usize) -> Vec<Completion> {
    complete_in(EVENT_FIELDS, text, cursor, None)
}

/// What could stand at the cursor of a filter on permissions.
pub fn complete_permissions(text: &str, cursor: usize) -> Vec<Completion> {
    complete_in(PERMISSION_FIELDS, text, cursor, None)
}

/// What could stand at the cursor of a filter on images.
pub fn complete_images(text: &str, cursor: usize) -> Vec<Completion> {
    complete_in(IMAGE_FIELDS, text, cursor, None)
}

fn complete_in(
    fields: &[FieldHelp],
    text: &str,
    cursor: usize,
    table: Option<&SessionTable>,
) -> Vec<Completion> {
    let Some((token, token_start)) = token_before(text, cursor) else {
        return Vec::new();
    };
    let Some((name, operator, typed)) = split_field(token) else {
        let span = token_start..token_start + token.len();
        return names(fields, token, &span);
    };
    let Some(field) = fields.iter().find(|field| is_called(field, name)) else {
        return Vec::new();
    };
    if operator != Operator::Is {
        return Vec::new();
    }
    let start = token_start + token.len() - typed.len();
    values(field, typed, &(start..start + typed.len()), table)
}

/// The part of a term that ends at the cursor, without `!` and parentheses before it, and where it begins. `None`
/// inside quotes and on fuzzy lines, where nothing can be completed.
fn token_before(text: &str, cursor: usize) -> Option<(&str, usize)> {
    let before = text.get(..cursor)?;
    if before.trim_start().starts_with("-f ") {
        return None;
    }
    let (mut start, mut quoted) = (0, false);
    for (at, character) in before.char_indices() {
        match character {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | ')' | '|' | '!' => start = at + 1,
            blank if blank.is_whitespace() => start = at + blank.len_utf8(),
            _ => {}
        }
    }
    if quoted { None } else { before.get(start..).map(|token| (token, start)) }
}

fn names(fields: &[FieldHelp], typed: &str, span: &Range<usize>) -> Vec<Completion> {
    let lower = typed.to_ascii_lowercase();
    let matching = fields.iter().filter(|field| {
        field.name.starts_with(&lower)
            || (!lower.is_empty() && field.aliases.iter().any(|alias| alias.starts_with(&lower)))
    });
    let offer = |field: &FieldHelp| {
        let operator = match field.kind {
            FieldKind::Duration => '>',
            FieldKind::Version => '<',
            FieldKind::Text | FieldKind::Choice => ':',
        };
        Completion {
            span: span.clone(),
            text: format!("{}{operator}", field.name),
            help: format!("{}; {}", field.meaning, field.example),
        }
    };
    matching.map(offer).collect()
}

fn values(
    field: &FieldHelp,
    typed: &str,
    span: &Range<usize>,
    table: Option<&SessionTable>,
) -> Vec<Completion> {
    let lower = typed.to_lowercase();
    let fixed =
        field.values.iter().filter(|value| value.starts_with(&lower)).map(|value| (*value).to_owned());
    let seen = table.map(|table| seen_values(field, &lower, table)).unwrap_or_default();
    let offer = |text: String| Completion { span: span.clone(), text, help: field.meaning.to_owned() };
    fixed.chain(seen).map(offer).chain(event_types(field, &lower, span)).collect()
}

/// The known types of events, each with what it means.
fn event_types<'a>(
    field: &FieldHelp,
    lower: &'a str,
    span: &'a Range<usize>,
) -> impl Iterator<Item = Completion> + 'a {
    // The type of a session is one of a few words.
    let wanted = field.name == "type" && matches!(field.kind, FieldKind::Text);
    let types = wanted.then(EventMeaning::all).into_iter().flatten();
    let begins = move |meaning: &&EventMeaning| meaning.kind.to_ascii_lowercase().starts_with(lower);
    types.filter(begins).take(MAX_VALUES).map(|meaning| Completion {
        span: span.clone(),
        text: meaning.kind.to_owned(),
        help: meaning.words.to_owned(),
    })
}

/// The values of a text field that sessions of the table have, in alphabetical order.
fn seen_values(field: &FieldHelp, lower: &str, table: &SessionTable) -> Vec<String> {
    let read: fn(SessionRow<'_>) -> Option<Cow<'_, str>> = match field.name {
        "user" => |session| value::login(session),
        "pool" => |session| value::pool(session).map(Cow::Borrowed),
        "farm" => |session| value::farm(session).map(Cow::Borrowed),
        "host" => |session| value::machine(session),
        "gw" => |session| value::gateway(session).map(Cow::Borrowed),
        "pod" => |session| value::pod(session).map(Cow::Borrowed),
        "agent" => |session| session.agent_version().map(Cow::Borrowed),
        "clientver" => |session| session.client_version().map(Cow::Borrowed),
        _ => return Vec::new(),
    };
    let mut seen: BTreeSet<Cow<'_, str>> = BTreeSet::new();
    for value in table.iter().filter_map(read) {
        if value.to_lowercase().starts_with(lower) {
            seen.insert(value);
        }
    }
    seen.iter().take(MAX_VALUES).map(|value| quoted_if_needed(value)).collect()
}

/// The value as it must be typed.
pub(super) fn quoted_if_needed(value: &str) -> String {
    let special = |character: char| character.is_whitespace() || matches!(character, '(' | ')' | '|' | '"');
    if value.is_empty() || value == "?" || value.contains(special) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Session;

    fn texts(text: &str) -> Vec<String> {
        complete(text, text.len(), None).into_iter().map(|completion| completion.text).collect()
    }

    #[test]
    fn names_and_values_are_offered_where_they_can_stand() {
        assert_eq!(texts("us"), ["user:"]);
        assert_eq!(texts("state:disc (!id"), ["idle>", "id:"]);
        assert_eq!(texts("machi"), ["host:"]);
        assert_eq!(texts("state:d"), ["disconnected"]);
        assert_eq!(texts("!can:re"), ["restart", "reset"]);
        assert_eq!(texts("").len(), FIELDS.len());
        assert!(texts("idle>4").is_empty());
        assert!(texts("nonsense:x").is_empty());
        assert!(texts("user:\"al").is_empty());
        assert!(texts("-f us").is_empty());
    }

    #[test]
    fn types_of_events_are_offered_with_what_they_mean() {
        let offered = complete_events("type:admin_perm", 15);
        let types: Vec<&str> = offered.iter().map(|completion| completion.text.as_str()).collect();
        assert_eq!(
            types,
            [
                "ADMIN_PERMISSION_ADDED",
                "ADMIN_PERMISSION_ADD_FAILED",
                "ADMIN_PERMISSION_REMOVED",
                "ADMIN_PERMISSION_REMOVE_FAILED"
            ]
        );
        assert!(offered[0].help.contains("gave a user or group a role"));
        assert!(complete_events("text:admin_perm", 15).is_empty());
        assert!(complete("type:admin_perm", 15, None).is_empty(), "sessions have types of their own");
    }

    #[test]
    fn values_of_the_table_are_offered_as_they_must_be_typed() {
        let mut session = Session::new("1".into());
        session.pool_name = Some("Fin Desktops".into());
        let table = SessionTable::new(vec![session], Timestamp::UNIX_EPOCH, true);
        let offered = complete("pool:fi", 7, Some(&table));
        assert_eq!(offered.len(), 1);
        assert_eq!((offered[0].text.as_str(), offered[0].span.clone()), ("\"Fin Desktops\"", 5..7));
    }

    proptest! {
        #[test]
        fn any_text_and_cursor_are_survived(text in any::<String>(), cursor in 0_usize..40) {
            for completion in complete(&text, cursor, None) {
                prop_assert!(text.get(completion.span).is_some());
            }
        }
    }
}
