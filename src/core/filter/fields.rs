//! The fields of sessions: names, meaning and examples as data, for the parser, completion, help and documentation.

use serde::Serialize;

use super::{
    FilterError,
    choice::Choice,
    grammar::{nearest, shown},
};
use crate::core::table::Flag;

/// What kind of values a field takes, and so which operators it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// Text: `:` exact, with `*` for anything; `~` regular expression. Case never matters.
    Text,
    /// One of certain words: `:` with the word or its beginning; `~` on the server's word; a word in quotes is
    /// compared as text, for words that Foretop does not know.
    Choice,
    /// A duration with a unit (`s`, `m`, `h`, `d`, `w`): `<`, `<=`, `>`, `>=`; `:` counts in whole units.
    Duration,
    /// A version: `<`, `<=`, `>`, `>=` by numbers; `:` the same version (8.13 is 8.13.0), or text with `*`; `~`.
    Version,
}

impl FieldKind {
    /// The operators, for help.
    pub fn operators(self) -> &'static str {
        match self {
            Self::Text | Self::Choice => ": ~",
            Self::Duration => ": < <= > >=",
            Self::Version => ": ~ < <= > >=",
        }
    }
}

/// One field of the language, for help and documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FieldHelp {
    /// The name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// What values it takes.
    pub kind: FieldKind,
    /// The valid values, for a field that knows only certain words.
    pub values: &'static [&'static str],
    /// What it means.
    pub meaning: &'static str,
    /// A term that shows its use.
    pub example: &'static str,
}

/// Declares the fields of sessions with their help.
macro_rules! fields {
    ($($variant:ident = $name:literal, $aliases:expr, $kind:ident, $values:expr, $meaning:literal, $example:literal;)+) => {
        /// A field of sessions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field { $($variant,)+ }

        impl Field {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
        }

        /// Every field of sessions, in the order of `screens.md section 2`.
        pub const FIELDS: &[FieldHelp] = &[$(FieldHelp {
            name: $name,
            aliases: &$aliases,
            kind: FieldKind::$kind,
            values: &$values,
            meaning: $meaning,
            example: $example,
        },)+];
    };
}

fields! {
    User = "user", ["login"], Text, [],
        "login name, DOMAIN\\login or SID of the user", "user:alva*";
    Name = "name", ["displayname"], Text, [],
        "display name of the user, where it was looked up", "name:\"Alvarez, *\"";
    Group = "group", ["groups"], Text, [],
        "any group of the user: its name, DOMAIN\\name or SID", "group:finance*";
    State = "state", ["st"], Choice, ["connected", "disconnected", "pending"],
        "state of the session", "state:disc";
    Type = "type", ["kind"], Choice, ["desktop", "application"],
        "whole desktop or published application", "type:app";
    Proto = "proto", ["protocol"], Choice, ["pcoip", "rdp", "blast", "console", "ultra"],
        "display protocol; unknown while disconnected", "proto:blast";
    Pool = "pool", [], Text, [],
        "desktop pool or farm, as the column shows it", "pool:fin-*";
    App = "app", ["application"], Text, [],
        "one of the published applications, or `desktop` for a whole one", "app:winword*";
    Farm = "farm", [], Text, [],
        "farm, for sessions on RDS servers only", "farm:fin-rds";
    Host = "host", ["machine", "dns"], Text, [],
        "machine or RDS server: name, DNS name, its first part, or id", "host:FINRDS-04";
    Gw = "gw", ["gateway"], Text, [],
        "gateway: name or address", "gw:uag-e2";
    Gwloc = "gwloc", ["location"], Choice, ["external", "internal"],
        "where the gateway stands", "gwloc:ext";
    Client = "client", [], Choice, ["windows", "mac", "web", "linux", "ios", "android", "other"],
        "client program", "client:mac";
    Clientver = "clientver", ["clientversion"], Version, [],
        "version of the client", "clientver<8.12";
    Agent = "agent", ["agentver"], Version, [],
        "version of the agent", "agent<8.13";
    Pod = "pod", [], Text, [],
        "pod that hosts the session", "pod:ams1";
    Idle = "idle", [], Duration, [],
        "time without input; for disconnected sessions at least the time since the disconnect", "idle>4h";
    Age = "age", [], Duration, [],
        "time since the user logged on", "age<10m";
    Disc = "disc", ["disconnected"], Duration, [],
        "time since the disconnect; never matches what is known to be connected", "disc>2d";
    Flag = "flag", ["flags"], Choice, ["2x", "pe", "gh", "ev", "rc", "pr"],
        "a mark of the column !; * for any, 3x for three or more sessions of one user", "flag:gh";
    Can = "can", [],
        Choice, ["logoff", "logoff-forced", "disconnect", "restart", "reset", "message"],
        "what this account may do to it, as far as is known", "can:logoff";
    Id = "id", [], Text, [],
        "id of the session", "id:1f6d*";
}

impl Field {
    /// The field with this name or alias.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        let position = FIELDS.iter().position(|field| is_called(field, name))?;
        Self::ALL.get(position).copied()
    }

    /// Its help.
    pub(super) fn help(self) -> &'static FieldHelp {
        // Both lists come from one declaration, in one order.
        &FIELDS[self as usize]
    }
}

/// Whether a field has this name or alias.
pub(super) fn is_called(field: &FieldHelp, name: &str) -> bool {
    std::iter::once(&field.name).chain(field.aliases).any(|known| known.eq_ignore_ascii_case(name))
}

/// The error for a field that does not exist.
pub(super) fn unknown_field(name: &str, span: std::ops::Range<usize>, fields: &[FieldHelp]) -> FilterError {
    let known =
        fields.iter().flat_map(|field| std::iter::once(field.name).chain(field.aliases.iter().copied()));
    let suggestion = nearest(name, known).map_or_else(
        || {
            let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
            format!("fields: {}", names.join(", "))
        },
        |nearest| format!("did you mean {nearest}?"),
    );
    FilterError::new(span, format!("there is no field {}", shown(name))).suggest(suggestion)
}

/// The words of a field that knows only certain ones; empty for the others.
pub(super) fn choices(field: Field) -> &'static [Choice] {
    macro_rules! choices {
        ($($word:literal $(| $alias:literal)*),+) => { &[$(Choice { word: $word, aliases: &[$($alias),*] }),+] };
    }
    match field {
        Field::State => choices!("CONNECTED", "DISCONNECTED", "PENDING"),
        Field::Type => choices!("DESKTOP", "APPLICATION"),
        Field::Proto => choices!("PCOIP", "RDP", "BLAST", "CONSOLE", "ULTRA"),
        Field::Gwloc => choices!("EXTERNAL", "INTERNAL"),
        Field::Client => choices!(
            "WINDOWS",
            "MAC" | "macos",
            "HTMLACCESS" | "web",
            "LINUX",
            "IOS" | "ipad",
            "ANDROID",
            "OTHER"
        ),
        Field::Flag => choices!(
            "2x" | "duplicate",
            "PE" | "pending",
            "GH" | "ghost",
            "EV" | "event",
            "RC" | "reconnected",
            "PR" | "protected"
        ),
        Field::Can => choices!(
            "logoff",
            "logoff-forced" | "forced",
            "disconnect",
            "restart",
            "reset",
            "message" | "msg"
        ),
        _ => &[],
    }
}

/// The flag with this code.
pub(super) fn flag_with_code(code: &str) -> Option<Flag> {
    Flag::ALL.into_iter().find(|flag| flag.code() == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_aliases_are_unique_and_lead_to_their_field() {
        let mut seen = std::collections::BTreeSet::new();
        for (field, help) in Field::ALL.iter().zip(FIELDS) {
            for name in std::iter::once(&help.name).chain(help.aliases) {
                assert!(seen.insert(*name), "{name} twice");
                assert_eq!(Field::from_name(name), Some(*field));
            }
            assert_eq!(field.help(), help);
            assert_eq!(help.kind == FieldKind::Choice, !choices(*field).is_empty(), "{}", help.name);
            assert_eq!(help.values.len(), choices(*field).len(), "{}", help.name);
        }
    }

    #[test]
    fn every_example_and_every_value_is_understood() {
        for help in FIELDS {
            crate::core::filter::Filter::parse(help.example).unwrap();
            for value in help.values {
                crate::core::filter::Filter::parse(&format!("{}:{value}", help.name)).unwrap();
            }
        }
    }

    #[test]
    fn every_flag_and_verb_has_its_word() {
        assert!(choices(Field::Flag).iter().all(|choice| flag_with_code(choice.word).is_some()));
        for verb in crate::domain::Verb::ALL {
            assert!(choices(Field::Can).iter().any(|choice| choice.word == verb.name()));
        }
    }
}
