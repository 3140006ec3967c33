//! The same language over image streams and what is below them, for the images tab and `foretop images list --where`.
//!
//! It knows fields and values, not how they are found: see [`crate::core::images`].

use std::{collections::BTreeMap, fmt};

use super::{
    FilterError, Truth,
    choice::{self, Choice},
    fields::{FieldHelp, FieldKind, unknown_field},
    grammar::{FieldTerm, Value, Vocabulary},
    pattern::{Pattern, Word},
    typed::{KnownTerm, Typed},
};

/// Declares the fields of images with their help.
macro_rules! fields {
    ($($variant:ident = $name:literal, $aliases:expr, $kind:ident, $values:expr, $meaning:literal, $example:literal;)+) => {
        /// A field of images.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ImageField { $(#[doc = $meaning] $variant,)+ }

        impl ImageField {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
        }

        /// Every field of images.
        pub const IMAGE_FIELDS: &[FieldHelp] = &[$(FieldHelp {
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
    Name = "name", [], Text, [],
        "name of the stream, version, tag, pool or farm itself", "name:win11-*";
    Stream = "stream", [], Text, [],
        "name of the stream that it is or belongs to", "stream:win11-office";
    Version = "version", [], Text, [],
        "name of the version that it is, belongs to or points at", "version:v24.*";
    Tag = "tag", [], Text, [],
        "name of the tag", "tag:prod";
    Status = "status", ["state"], Choice,
        ["available", "deleted", "deploying_vm", "deployment_done", "disabled", "failed", "in_progress",
         "partially_available", "pending", "publishing", "replicating", "retry_pending", "specializing_vm"],
        "status of the stream, version or asset itself", "status:replicating";
    Os = "os", ["system"], Text, [],
        "operating system of the stream", "os:win11";
    Kind = "kind", ["type"], Choice, ["vdi_desktop", "rdsh_desktop", "rdsh_apps"],
        "image type of the asset, or of any asset below", "kind:vdi";
    Clone = "clone", [], Choice, ["instant_clone", "full_clone"],
        "clone type of the asset, or of any asset below", "clone:instant";
    Vcenter = "vcenter", ["vc"], Text, [],
        "vCenter of the asset, or of any asset below: name or id", "vcenter:vc01*";
    Pool = "pool", [], Text, [],
        "desktop pool that subscribes to the tag", "pool:fin-*";
    Farm = "farm", [], Text, [],
        "farm that subscribes to the tag", "farm:fin-rds";
    Publisher = "publisher", [], Text, [],
        "publisher of the stream", "publisher:IT";
    Source = "source", [], Choice,
        ["copied_from_stream", "copied_from_version", "market_place", "uploaded"],
        "where the stream is from", "source:uploaded";
    Is = "is", ["flag"], Choice, ["unused", "used", "running", "trouble"],
        "nothing uses it, something does, the server is still at it, it failed or is tried again", "is:unused";
}

/// Declares words with their other names.
macro_rules! choices {
    ($($word:literal $(| $alias:literal)*),+) => { &[$(Choice { word: $word, aliases: &[$($alias),*] }),+] };
}

/// The words that a field knows; empty for those that take any text.
fn choices(field: ImageField) -> &'static [Choice] {
    match field {
        ImageField::Status => choices!(
            "AVAILABLE",
            "DELETED",
            "DEPLOYING_VM",
            "DEPLOYMENT_DONE",
            "DISABLED",
            "FAILED",
            "IN_PROGRESS",
            "PARTIALLY_AVAILABLE",
            "PENDING",
            "PUBLISHING",
            "REPLICATING",
            "RETRY_PENDING",
            "SPECIALIZING_VM"
        ),
        ImageField::Kind => {
            choices!("VDI_DESKTOP", "RDSH_DESKTOP" | "rdsh-desktop", "RDSH_APPS" | "rdsh-apps")
        }
        ImageField::Clone => choices!("INSTANT_CLONE", "FULL_CLONE"),
        ImageField::Source => {
            choices!("COPIED_FROM_STREAM", "COPIED_FROM_VERSION", "MARKET_PLACE", "UPLOADED")
        }
        ImageField::Is => choices!("UNUSED", "USED", "RUNNING", "TROUBLE"),
        _ => &[],
    }
}

/// What a filter looks at in one node of the tree.
#[derive(Debug, Clone, Default)]
pub struct ImageFacts {
    values: BTreeMap<ImageField, Vec<String>>,
    unknown: Vec<ImageField>,
    is: BTreeMap<&'static str, Truth>,
    words: String,
}

impl ImageFacts {
    /// Adds a value of a field.
    pub fn add(&mut self, field: ImageField, value: impl Into<String>) {
        self.values.entry(field).or_default().push(value.into());
    }

    /// Notes that a field may have more values than those that are known.
    pub fn unknown(&mut self, field: ImageField) {
        self.unknown.push(field);
    }

    /// Notes whether a word of `is:` holds: UNUSED, USED, RUNNING, TROUBLE.
    pub fn is(&mut self, word: &'static str, truth: Truth) {
        self.is.insert(word, truth);
    }

    /// Adds a text in which plain words are searched.
    pub fn add_words(&mut self, text: &str) {
        self.words.push_str(&text.to_lowercase());
        self.words.push('\n');
    }

    fn judge(&self, field: ImageField, matches: impl Fn(&str) -> bool) -> Truth {
        let values = self.values.get(&field).map_or(&[][..], Vec::as_slice);
        if values.iter().any(|value| matches(value)) {
            Truth::Yes
        } else if self.unknown.contains(&field) {
            Truth::Unknown
        } else {
            Truth::No
        }
    }
}

/// A filter on images that was understood; cheap to clone, equal when the text is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageFilter(Typed<ImageVocabulary>);

impl ImageFilter {
    /// Understands a text. The empty text matches everything; fuzzy lines are for sessions only.
    ///
    /// # Errors
    ///
    /// With the place, what is wrong there, and the nearest valid name or an example.
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

    /// What it says about a node.
    pub fn matches(&self, facts: &ImageFacts) -> Truth {
        self.0.evaluate(|term| term.judge(facts))
    }
}

impl fmt::Display for ImageFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[derive(Debug)]
enum Term {
    Word(Word),
    Text(ImageField, Pattern),
    Choice(ImageField, &'static str),
    Is(&'static str),
    Missing(ImageField),
}

#[derive(Default)]
struct ImageVocabulary;

impl Vocabulary for ImageVocabulary {
    type Term = Term;

    fn word(&self, word: Value) -> Result<Term, FilterError> {
        Ok(Term::Word(Word::new(&word.text)))
    }

    fn field(&self, term: FieldTerm<'_>) -> Result<Term, FilterError> {
        let name = term.name_span.clone();
        let term = KnownTerm::of(term, IMAGE_FIELDS)?.without_order()?;
        let Some(&field) = ImageField::ALL.get(term.place) else {
            return Err(unknown_field(term.help.name, name, IMAGE_FIELDS));
        };
        if field == ImageField::Is {
            term.must_not_be_regex()?;
            return Ok(Term::Is(choice::resolve(choices(field), &term.value)?.word));
        }
        if term.asks_for_unknown() {
            return Ok(Term::Missing(field));
        }
        if term.is_text() || choices(field).is_empty() {
            return Ok(Term::Text(field, term.pattern()?));
        }
        Ok(Term::Choice(field, choice::resolve(choices(field), &term.value)?.word))
    }
}

impl Term {
    fn judge(&self, facts: &ImageFacts) -> Truth {
        match self {
            Self::Word(word) => Truth::from(word.is_in(&facts.words)),
            Self::Text(field, pattern) => facts.judge(*field, |value| pattern.matches(value)),
            Self::Choice(field, wanted) => facts.judge(*field, |value| value == *wanted),
            Self::Is(word) => facts.is.get(word).copied().unwrap_or(Truth::No),
            Self::Missing(field) => {
                Truth::from(facts.unknown.contains(field) && !facts.values.contains_key(field))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn facts() -> ImageFacts {
        let mut facts = ImageFacts::default();
        facts.add(ImageField::Name, "v24.4");
        facts.add(ImageField::Stream, "win11-office");
        facts.add(ImageField::Status, "REPLICATING");
        facts.add(ImageField::Os, "WINDOWS_11");
        facts.add(ImageField::Os, "win11");
        facts.add(ImageField::Kind, "RDSH_APPS");
        facts.unknown(ImageField::Pool);
        facts.is("RUNNING", Truth::Yes);
        facts.is("UNUSED", Truth::Unknown);
        facts.add_words("v24.4\nSeptember patches");
        facts
    }

    #[rstest]
    #[case("", Truth::Yes)]
    #[case("september", Truth::Yes)]
    #[case("october", Truth::No)]
    #[case("status:repl os:win11", Truth::Yes)]
    #[case("status:available", Truth::No)]
    #[case("status:\"replicating\"", Truth::Yes)]
    #[case("kind:rdsh-apps", Truth::Yes)]
    #[case("kind:vdi | name:v24.*", Truth::Yes)]
    #[case("pool:fin-w11", Truth::Unknown)]
    #[case("!pool:fin-w11", Truth::Unknown)]
    #[case("pool:?", Truth::Yes)]
    #[case("is:running", Truth::Yes)]
    #[case("is:unused", Truth::Unknown)]
    #[case("is:trouble", Truth::No)]
    #[case("! is:trouble", Truth::Yes)]
    #[case("os~^win stream:win11-*", Truth::Yes)]
    fn nodes_are_judged(#[case] text: &str, #[case] expected: Truth) {
        assert_eq!(ImageFilter::parse(text).unwrap().matches(&facts()), expected);
    }

    #[test]
    fn every_example_and_value_is_understood() {
        for field in IMAGE_FIELDS {
            ImageFilter::parse(field.example).unwrap();
            for value in field.values {
                ImageFilter::parse(&format!("{}:{value}", field.name)).unwrap();
            }
        }
    }

    #[test]
    fn a_mistake_has_a_place_and_what_would_be_right() {
        let error = ImageFilter::parse("september staus:avail").unwrap_err();
        assert_eq!(error.span, 10..15);
        assert_eq!(error.suggestion.as_deref(), Some("did you mean status?"));
        let error = ImageFilter::parse("status:replikating").unwrap_err();
        assert!(error.to_string().contains("did you mean replicating?"), "{error}");
        for wrong in ["name>3", "-f win", "is~x", "name:"] {
            assert!(ImageFilter::parse(wrong).is_err(), "{wrong}");
        }
    }
}
