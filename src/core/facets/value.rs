//! What a session says about a facet: what it is called, and how the filter language says it.

use std::borrow::Cow;

use super::Facet;
use crate::{
    core::{
        filter::has_none,
        table::{FarmNames, Names, value},
    },
    domain::{ClientKind, FarmId, SessionFacts, SessionKind, SessionRow, Text, Texts},
};

/// What stands for a value that is not known, and for one that is known not to be there.
const UNKNOWN: &str = "?";
const NONE: &str = "-";

/// One thing that is said, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part<'a> {
    Unknown,
    /// There can be none.
    None,
    Said(Cow<'a, str>),
    /// One of the words that the filter language knows.
    Word(&'a str),
}

impl<'a> Part<'a> {
    fn known(said: Option<Cow<'a, str>>) -> Self {
        said.map_or(Self::Unknown, Self::Said)
    }
}

/// What a session says about a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue<'a> {
    facet: Facet,
    part: Part<'a>,
    /// The version of the client.
    version: Option<Part<'a>>,
    /// What the farm is called.
    farm: Option<&'a str>,
}

impl<'a> FacetValue<'a> {
    /// What a row says; of several groups the one at this place.
    pub(super) fn of(facet: Facet, row: SessionRow<'a>, place: u32) -> Self {
        let borrowed = |said: Option<&'a str>| Part::known(said.map(Cow::Borrowed));
        let none_or = |field, said: Part<'a>| if has_none(field, row) { Part::None } else { said };
        let mut version = None;
        let part = match facet {
            Facet::Pool => borrowed(value::pool(row)),
            // By the id, which all its sessions have: some name the farm, others their pool.
            Facet::Farm => none_or("farm", borrowed(row.farm_id().map(FarmId::raw))),
            Facet::Host => Part::known(value::machine(row)),
            Facet::Gateway => borrowed(value::gateway(row)),
            Facet::Agent => borrowed(row.agent_version()),
            Facet::Pod => borrowed(value::pod(row)),
            Facet::User => Part::known(row.user_name().map(Cow::Borrowed).or_else(|| row.user_id())),
            Facet::Client => {
                version = Some(borrowed(row.client_version()));
                word(
                    row.client_kind().map(ClientKind::word),
                    matches!(row.client_kind(), Some(ClientKind::Unknown(_))),
                )
            }
            Facet::Protocol => {
                let said = row.protocol();
                let strange = matches!(said, Some(crate::domain::Protocol::Unknown(_)));
                none_or("proto", word(said.map(crate::domain::Protocol::word), strange))
            }
            Facet::State => {
                let said = row.state();
                let strange = matches!(said, Some(crate::domain::SessionState::Unknown(_)));
                word(said.map(crate::domain::SessionState::word), strange)
            }
            Facet::Type => {
                word(row.kind().map(SessionKind::word), matches!(row.kind(), Some(SessionKind::Unknown(_))))
            }
            Facet::Group => {
                let nth = |groups: Texts<'a>| groups.iter().nth(place as usize);
                none_or("group", borrowed(row.groups().and_then(nth).map(Text::as_str)))
            }
        };
        Self { facet, part, version, farm: None }
    }

    /// The same with what farms are called.
    pub(super) fn with_farms(mut self, farms: &'a FarmNames) -> Self {
        self.farm = match &self.part {
            Part::Said(id) if self.facet == Facet::Farm => farms.get(id),
            _ => None,
        };
        self
    }

    /// The name of the farm, where its value is the id and the name is known.
    pub fn farm_name(&self) -> Option<&'a str> {
        self.farm
    }

    /// What a row says; of several groups the first.
    pub fn of_row(facet: Facet, row: SessionRow<'a>) -> Self {
        Self::of(facet, row, 0)
    }

    /// What is said where nothing is known.
    pub(super) fn unknown(facet: Facet) -> Self {
        Self { facet, part: Part::Unknown, version: None, farm: None }
    }

    /// What tells it from others, whatever its case: the filter language knows no case either.
    pub fn key(&self) -> String {
        let mut key = String::new();
        self.append_key(&mut key);
        key
    }

    /// Writes the key behind what is there.
    pub(super) fn append_key(&self, key: &mut String) {
        for part in std::iter::once(&self.part).chain(&self.version) {
            match part {
                Part::Unknown => key.push_str("\u{10fffd}?"),
                Part::None => key.push_str("\u{10fffd}-"),
                Part::Word(said) => append_small(said, key),
                Part::Said(said) => append_small(said, key),
            }
            key.push('\u{2}');
        }
    }

    /// What it is called on the screen: clean, `?` where it is not known and `-` where there is none.
    pub fn label(&self, names: &Names) -> String {
        let said = |part: &Part<'_>| match part {
            Part::Unknown => UNKNOWN.to_owned(),
            Part::None => NONE.to_owned(),
            Part::Word(word) if self.facet == Facet::Client => {
                value::client_word(&ClientKind::from(Text::clean(word))).to_owned()
            }
            Part::Word(word) => word.to_lowercase(),
            Part::Said(text) if text.is_empty() => "\"\"".to_owned(),
            Part::Said(text) if self.facet == Facet::User => Text::clean(value::login_part(text)).to_string(),
            Part::Said(text) if self.facet == Facet::Group => Text::clean(names.group(text)).to_string(),
            Part::Said(text) => Text::clean(self.farm.unwrap_or(text)).to_string(),
        };
        match &self.version {
            None => said(&self.part),
            Some(version) if self.part == Part::Unknown && *version == Part::Unknown => UNKNOWN.to_owned(),
            Some(version) => format!("{} {}", said(&self.part), said(version)),
        }
    }

    /// The value as data: none where it is not known, an empty text where there is none.
    pub fn said(&self) -> Option<String> {
        match (&self.part, &self.version) {
            (Part::Unknown, None | Some(Part::Unknown)) => None,
            (Part::None, _) => Some(String::new()),
            _ => Some(Self { farm: None, ..self.clone() }.label(&Names::default())),
        }
    }

    /// The terms that are true of every session of the bucket, and of no other.
    pub fn terms(&self) -> String {
        let first = term(self.field(), &self.part);
        match &self.version {
            Some(version) => format!("{first} {}", term("clientver", version)),
            // That there is none is not known to the server's word: the filter calls both unknown.
            None if self.part == Part::Unknown && self.facet == Facet::Protocol => {
                format!("{first} !proto:-")
            }
            None => first,
        }
    }

    /// The terms that are true of every other session. With `unknown` also of those of which it cannot be told: a negation alone
    /// would hide them.
    pub fn excluding(&self, unknown: bool) -> String {
        let terms = self.terms();
        let negated = if terms.contains(' ') && (self.version.is_some() || self.part == Part::Unknown) {
            format!("!({terms})")
        } else {
            format!("!{terms}")
        };
        // The filter calls a word that it does not know unknown too: asking for that would bring the bucket back.
        let is_strange = self.is_of_words() && matches!(self.part, Part::Said(_));
        let is_said = |part: &Part<'_>| matches!(part, Part::Said(_) | Part::Word(_));
        let mut parts = vec![negated];
        // Of a session without a protocol the filter does not know which one it had.
        if self.facet == Facet::Protocol && is_said(&self.part) {
            parts.push("proto:-".to_owned());
        }
        if unknown && !is_strange && is_said(&self.part) {
            parts.push(format!("{}:?", self.field()));
        }
        if unknown && !is_strange && self.version.as_ref().is_some_and(is_said) {
            parts.push("clientver:?".to_owned());
        }
        parts.join("|")
    }

    /// Whether its field knows certain words.
    fn is_of_words(&self) -> bool {
        matches!(self.facet, Facet::State | Facet::Type | Facet::Protocol | Facet::Client)
    }

    /// Whether anything of it is not known.
    pub fn is_unknown(&self) -> bool {
        self.part == Part::Unknown || self.version == Some(Part::Unknown)
    }

    /// Whether the filter cannot tell of it what it is not.
    pub(super) fn is_open(&self) -> bool {
        self.is_unknown() || (self.is_of_words() && matches!(self.part, Part::Said(_)))
    }

    /// The field of the filter language.
    fn field(&self) -> &'static str {
        match self.facet {
            Facet::Gateway => "gw",
            Facet::Protocol => "proto",
            facet => facet.name(),
        }
    }
}

/// A word of the server: known to the filter language, or to be compared as it stands.
fn word(said: Option<&str>, strange: bool) -> Part<'_> {
    match said {
        None => Part::Unknown,
        Some(word) if strange => Part::Said(Cow::Borrowed(word)),
        Some(word) => Part::Word(word),
    }
}

fn append_small(text: &str, to: &mut String) {
    if text.is_ascii() {
        to.extend(text.chars().map(|letter| letter.to_ascii_lowercase()));
    } else {
        to.push_str(&text.to_lowercase());
    }
}

/// `field:value`, in quotes where the value needs them.
fn term(field: &str, part: &Part<'_>) -> String {
    let text = match part {
        Part::Unknown => return format!("{field}:?"),
        Part::None => return format!("{field}:-"),
        // The web client is known by another word than the server's.
        Part::Word("HTMLACCESS") => return format!("{field}:web"),
        Part::Word(word) => return format!("{field}:{}", word.to_lowercase()),
        Part::Said(text) => text,
    };
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    if text.contains('*') {
        // A star stands for anything, in quotes too: only a regular expression can say the letter.
        return format!("{field}~{}", quoted(&format!("^{}$", regex::escape(text))));
    }
    // Versions and words are compared as they stand in quotes only.
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_.\\@/".contains(letter);
    let is_text = !matches!(field, "agent" | "clientver" | "state" | "type" | "proto" | "client");
    if is_text && !text.is_empty() && text != NONE && text.chars().all(is_plain) {
        return format!("{field}:{text}");
    }
    format!("{field}:{}", quoted(text))
}
