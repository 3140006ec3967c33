//! The same language over permissions, for the permissions tab and `foretop permissions list --where`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    FilterError, Truth,
    choice::{self, Choice},
    fields::{FieldHelp, FieldKind},
    grammar::{FieldTerm, Value, Vocabulary},
    pattern::{Pattern, Word},
    typed::{KnownTerm, Typed},
};
use crate::{
    core::permissions::{Deed, PermissionFlag, PermissionRow, matrix},
    domain::{PermissionBook, PrincipalKind, Text},
};

/// Every field of permissions.
pub const PERMISSION_FIELDS: &[FieldHelp] = &[
    FieldHelp {
        name: "principal",
        aliases: &["user", "who", "name", "sid"],
        kind: FieldKind::Text,
        values: &[],
        meaning: "who has it: DOMAIN\\name, the name alone, or the SID",
        example: "principal:corp\\vdi-*",
    },
    FieldHelp {
        name: "role",
        aliases: &[],
        kind: FieldKind::Text,
        values: &[],
        meaning: "name or id of the role",
        example: "role:\"help desk*\"",
    },
    FieldHelp {
        name: "group",
        aliases: &["accessgroup", "folder"],
        kind: FieldKind::Text,
        values: &[],
        meaning: "name or id of the access group that it is given on, local or federation",
        example: "group:finance",
    },
    FieldHelp {
        name: "covers",
        aliases: &["on"],
        kind: FieldKind::Text,
        values: &[],
        meaning: "access group that it holds on: the group itself, or the root group above it",
        example: "covers:finance",
    },
    FieldHelp {
        name: "kind",
        aliases: &["type"],
        kind: FieldKind::Choice,
        values: &["user", "group", "unknown"],
        meaning: "what has it",
        example: "kind:user",
    },
    FieldHelp {
        name: "can",
        aliases: &["allows"],
        kind: FieldKind::Choice,
        values: &["message", "logoff", "reset", "push-image", "images", "permissions"],
        meaning: "what it allows, by the privileges of its role",
        example: "can:reset",
    },
    FieldHelp {
        name: "flag",
        aliases: &["flags"],
        kind: FieldKind::Choice,
        values: &["dead", "admin"],
        meaning: "a mark of the column !; * for any",
        example: "flag:dead",
    },
    FieldHelp {
        name: "id",
        aliases: &[],
        kind: FieldKind::Text,
        values: &[],
        meaning: "id of the permission",
        example: "id:1f6d*",
    },
];

const KINDS: &[Choice] = &[
    Choice { word: "user", aliases: &["u"] },
    Choice { word: "group", aliases: &["g"] },
    Choice { word: "unknown", aliases: &["?"] },
];

const DEEDS: &[Choice] = &[
    Choice { word: "message", aliases: &["msg", "disconnect"] },
    Choice { word: "logoff", aliases: &["off"] },
    Choice { word: "reset", aliases: &["rst", "restart"] },
    Choice { word: "push-image", aliases: &["psh", "push"] },
    Choice { word: "images", aliases: &["img"] },
    Choice { word: "permissions", aliases: &["prm"] },
];

const FLAGS: &[Choice] =
    &[Choice { word: "dead", aliases: &["d"] }, Choice { word: "admin", aliases: &["a"] }];

/// A filter on permissions that was understood; cheap to clone, equal when the text is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PermissionFilter(Typed<PermissionVocabulary>);

impl PermissionFilter {
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

    /// What it says about a row. Words are searched in who, SID, role and access groups.
    pub fn matches(&self, row: &PermissionRow<'_>, book: &PermissionBook) -> Truth {
        self.0.evaluate(|term| term.judge(row, book))
    }
}

impl fmt::Display for PermissionFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Principal,
    Role,
    Group,
    Id,
}

#[derive(Debug)]
enum Term {
    Word(Word),
    Text(Field, Pattern),
    TextUnknown(Field),
    Covers(Pattern),
    Kind(PrincipalKind),
    Can(Deed),
    Flag(Option<PermissionFlag>),
}

#[derive(Default)]
struct PermissionVocabulary;

impl Vocabulary for PermissionVocabulary {
    type Term = Term;

    fn word(&self, word: Value) -> Result<Term, FilterError> {
        Ok(Term::Word(Word::new(&word.text)))
    }

    fn field(&self, term: FieldTerm<'_>) -> Result<Term, FilterError> {
        let term = KnownTerm::of(term, PERMISSION_FIELDS)?.without_order()?;
        if term.help.kind == FieldKind::Choice {
            term.must_not_be_regex()?;
            return chosen(term.help.name, &term.value);
        }
        let field = match term.help.name {
            "covers" => return Ok(Term::Covers(term.pattern()?)),
            "principal" => Field::Principal,
            "role" => Field::Role,
            "group" => Field::Group,
            _ => Field::Id,
        };
        let unknown = term.asks_for_unknown();
        Ok(if unknown { Term::TextUnknown(field) } else { Term::Text(field, term.pattern()?) })
    }
}

/// A term on a field that knows only certain words.
fn chosen(field: &str, value: &Value) -> Result<Term, FilterError> {
    match field {
        "kind" => Ok(Term::Kind(match choice::resolve(KINDS, value)?.word {
            "user" => PrincipalKind::User,
            "group" => PrincipalKind::Group,
            _ => PrincipalKind::Unknown,
        })),
        "can" => Ok(Term::Can(match choice::resolve(DEEDS, value)?.word {
            "message" => Deed::Message,
            "logoff" => Deed::Logoff,
            "reset" => Deed::Reset,
            "push-image" => Deed::PushImage,
            "images" => Deed::ManageImages,
            _ => Deed::ManagePermissions,
        })),
        _ if value.text == "*" => Ok(Term::Flag(None)),
        _ => Ok(Term::Flag(Some(match choice::resolve(FLAGS, value)?.word {
            "dead" => PermissionFlag::Dead,
            _ => PermissionFlag::DirectAdministrator,
        }))),
    }
}

impl Term {
    fn judge(&self, row: &PermissionRow<'_>, book: &PermissionBook) -> Truth {
        match self {
            Self::Word(word) => {
                let sid = row.permission.principal.as_ref().map(|id| Text::clean(id.raw()));
                let texts = [Some(&row.principal), sid.as_ref(), Some(&row.role), Some(&row.local_group)];
                let mut texts = texts.into_iter().chain([row.federation_group.as_ref()]).flatten();
                Truth::from(texts.any(|text| word.is_in(&text.as_str().to_lowercase())))
            }
            Self::Text(field, pattern) => {
                let (texts, known) = texts(*field, row, book);
                if texts.iter().any(|text| pattern.matches(text)) {
                    Truth::Yes
                } else if known || (*field == Field::Principal && pattern.is_for_sids()) {
                    Truth::No
                } else {
                    Truth::Unknown
                }
            }
            Self::TextUnknown(field) => Truth::from(!texts(*field, row, book).1),
            Self::Covers(pattern) => covers(pattern, row, book),
            Self::Kind(wanted) => match row.permission.principal_kind {
                PrincipalKind::Unknown if *wanted != PrincipalKind::Unknown => Truth::Unknown,
                kind => Truth::from(kind == *wanted),
            },
            Self::Can(deed) => Deed::ALL
                .iter()
                .position(|other| other == deed)
                .and_then(|place| row.grants.get(place))
                .map_or(Truth::Unknown, matrix::Grant::truth),
            Self::Flag(None) => PermissionFlag::Dead
                .holds(book, row.permission)
                .or(PermissionFlag::DirectAdministrator.holds(book, row.permission)),
            Self::Flag(Some(flag)) => flag.holds(book, row.permission),
        }
    }
}

/// The texts of a field, and whether its own name is among them (and not only an id).
fn texts(field: Field, row: &PermissionRow<'_>, book: &PermissionBook) -> (Vec<String>, bool) {
    let permission = row.permission;
    let mut texts = Vec::new();
    match field {
        Field::Principal => {
            texts.extend(permission.principal.as_ref().map(|id| id.raw().to_owned()));
            let name = permission.principal_name.as_ref().map(Text::as_str);
            texts.extend(name.map(str::to_owned));
            texts.extend(name.and_then(|name| name.rsplit_once('\\')).map(|(_, login)| login.to_owned()));
            (texts, name.is_some())
        }
        Field::Role => {
            let name =
                permission.role.as_ref().and_then(|id| book.role(id)).and_then(|role| role.name.as_ref());
            texts.extend(name.map(|name| name.as_str().to_owned()));
            texts.extend(permission.role.as_ref().map(|id| id.raw().to_owned()));
            (texts, name.is_some())
        }
        Field::Group => {
            let local = permission.local_group.as_ref();
            let name = local.and_then(|id| book.local_group(id)).and_then(|group| group.name.as_ref());
            texts.extend(name.map(|name| name.as_str().to_owned()));
            texts.extend(local.map(|id| id.raw().to_owned()));
            texts.extend(row.federation_group.as_ref().map(|name| name.as_str().to_owned()));
            texts.extend(permission.federation_group.as_ref().map(|id| id.raw().to_owned()));
            (texts, name.is_some())
        }
        Field::Id => (vec![permission.id.raw().to_owned()], true),
    }
}

/// Whether a permission holds on a group with that name. A group that does not exist is covered by nobody.
fn covers(pattern: &Pattern, row: &PermissionRow<'_>, book: &PermissionBook) -> Truth {
    let permission = row.permission;
    let local = match &book.local_groups {
        Ok(groups) => groups
            .iter()
            .filter(|group| {
                group.name.as_ref().is_some_and(|name| pattern.matches(name.as_str()))
                    || pattern.matches(group.id.raw())
            })
            .fold(Truth::No, |truth, group| truth.or(matrix::covers(book, permission, &group.id))),
        Err(_) if pattern.matches(row.local_group.as_str()) => Truth::Yes,
        Err(_) => Truth::Unknown,
    };
    let Some(own) = permission.federation_group.as_ref() else {
        return local;
    };
    let federation = match &book.federation_groups {
        Ok(groups) => {
            let everywhere = groups.iter().any(|group| group.id == *own && group.root);
            let covered = groups.iter().any(|group| {
                (everywhere || group.id == *own)
                    && (group.name.as_ref().is_some_and(|name| pattern.matches(name.as_str()))
                        || pattern.matches(group.id.raw()))
            });
            Truth::from(covered)
        }
        Err(_) if pattern.matches(own.raw()) => Truth::Yes,
        Err(_) => Truth::Unknown,
    };
    local.or(federation)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::core::permissions::fixtures::book;

    fn shown(text: &str) -> Vec<String> {
        let book = book();
        let filter = PermissionFilter::parse(text).unwrap();
        let rows = book.permissions.iter().map(|permission| PermissionRow::new(&book, permission));
        rows.filter(|row| filter.matches(row, &book).is_yes())
            .map(|row| row.permission.id.to_string())
            .collect()
    }

    #[test]
    fn without_names_who_is_dead_is_not_known() {
        let mut book = book();
        let away = crate::domain::Fault::new(crate::domain::FaultKind::Unreachable, "look up users", "away");
        book.names = Err(away);
        let judge = |text: &str, id: &str| {
            let permission = book.permission(&id.into()).unwrap();
            let row = PermissionRow::new(&book, permission);
            PermissionFilter::parse(text).unwrap().matches(&row, &book)
        };
        assert_eq!(judge("flag:dead", "p5"), Truth::Unknown);
        assert_eq!(judge("!flag:dead", "p5"), Truth::Unknown);
        assert_eq!(judge("flag:*", "p5"), Truth::Unknown);
        assert_eq!(judge("flag:dead", "p1"), Truth::No, "it has a name");
        assert_eq!(judge("flag:admin", "p4"), Truth::Yes);
    }

    #[rstest]
    #[case("", &["p1", "p2", "p3", "p4", "p5", "p6"])]
    #[case("helpdesk", &["p1"])]
    #[case("principal:a.kaya", &["p3"])]
    #[case("principal:S-1-5-21-9914", &["p5"])]
    #[case("principal:?", &["p5"])]
    #[case("role:inventory*", &["p2", "p5"])]
    #[case("group:finance", &["p2", "p3", "p5"])]
    #[case("covers:finance", &["p1", "p2", "p3", "p4", "p5", "p6"])]
    #[case("covers:apac", &["p1", "p4", "p6"])]
    #[case("covers:nowhere", &[])]
    #[case("kind:user", &["p3", "p4"])]
    #[case("kind:g", &["p1", "p2", "p6"])]
    #[case("kind:unknown", &["p5"])]
    #[case("can:reset", &["p2", "p4", "p5"])]
    #[case("!can:reset", &["p1", "p3", "p6"])]
    #[case("can:permissions", &["p4"])]
    #[case("flag:dead", &["p5"])]
    #[case("flag:admin", &["p4"])]
    #[case("flag:*", &["p4", "p5"])]
    #[case("id:p6 | kaya", &["p3", "p6"])]
    #[case("! can:message", &["p6"])]
    fn permissions_are_judged(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn what_is_not_known_is_neither_shown_nor_denied() {
        let mut book = book();
        book.roles = Err(crate::domain::Fault::new(
            crate::domain::FaultKind::InsufficientPermission,
            "list roles",
            "no",
        ));
        let row = PermissionRow::new(&book, &book.permissions[0]);
        for text in ["can:reset", "!can:reset", "role:\"help desk*\"", "!role:\"help desk*\""] {
            assert_eq!(PermissionFilter::parse(text).unwrap().matches(&row, &book), Truth::Unknown, "{text}");
        }
    }

    #[test]
    fn every_example_and_value_is_understood() {
        for field in PERMISSION_FIELDS {
            PermissionFilter::parse(field.example).unwrap();
            for value in field.values {
                PermissionFilter::parse(&format!("{}:{value}", field.name)).unwrap();
            }
        }
    }

    #[test]
    fn an_unknown_field_has_a_place_and_a_nearest_name() {
        let error = PermissionFilter::parse("vdi rol:x").unwrap_err();
        assert_eq!(error.span, 4..7);
        assert_eq!(error.suggestion.as_deref(), Some("did you mean role?"));
        for wrong in ["role>3", "can:fly", "kind~u", "-f vdi", "role:"] {
            assert!(PermissionFilter::parse(wrong).is_err(), "{wrong}");
        }
    }
}
