//! Typed lines: filters and commands keep their language, what they are about is replaced.
//!
//! What is typed in the middle of a line is no whole expression yet, so nothing here refuses anything, and every text
//! has as many characters afterwards as before.

use super::{
    kept, pattern,
    scramble::{Scrambler, words},
};
use crate::{
    core::{
        filter::{
            EVENT_FIELDS, EventFilter, FIELDS, FieldHelp, FieldKind, Filter, IMAGE_FIELDS, ImageFilter,
            PERMISSION_FIELDS, PermissionFilter,
        },
        palette,
    },
    domain::EventMeaning,
};

/// The fields of all filters.
const ALL_FIELDS: [&[FieldHelp]; 4] = [FIELDS, EVENT_FIELDS, PERMISSION_FIELDS, IMAGE_FIELDS];

/// Fields of text whose values name nobody.
const PLAIN: &[&str] = &["type", "kind", "module", "os", "platform", "status", "power", "state", "system"];

/// A filter.
pub(super) fn filter(scrambler: &mut Scrambler, text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    if let Some(words) = rest.strip_prefix("-f ") {
        replaced.push_str("-f ");
        rest = words;
    }
    while let Some(first) = rest.chars().next() {
        let end = if first.is_whitespace() || "()|!".contains(first) {
            replaced.push(first);
            first.len_utf8()
        } else {
            let end = term_end(rest);
            let (term, _) = rest.split_at(end);
            replaced.push_str(&self::term(scrambler, term));
            end
        };
        rest = rest.get(end..).unwrap_or_default();
    }
    replaced
}

/// A filter that is in force: what reads it again understands it. One of which no stand-in is understood becomes words in
/// quotes, which find nothing.
pub(super) fn filter_in_force(scrambler: &mut Scrambler, text: &str) -> String {
    let readers: [fn(&str) -> bool; 4] = [
        |text| Filter::parse(text).is_ok(),
        |text| EventFilter::parse(text).is_ok(),
        |text| PermissionFilter::parse(text).is_ok(),
        |text| ImageFilter::parse(text).is_ok(),
    ];
    let replaced = filter(scrambler, text);
    // Nobody says here of which list it is.
    if readers.iter().all(|reads| !reads(text) || reads(&replaced)) {
        return replaced;
    }
    let bare: String = text.chars().map(|character| if character == '"' { ' ' } else { character }).collect();
    format!("\"{}\"", words(&bare, |word| scrambler.word(word)))
}

/// Where a term ends: at a blank or bar outside quotes, at a parenthesis outside a regular expression.
fn term_end(text: &str) -> usize {
    let (mut quoted, mut regex, mut depth) = (false, false, 0_usize);
    for (at, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '~' => regex = true,
            '(' | '[' if regex => depth += 1,
            ')' | ']' if regex && depth > 0 => depth -= 1,
            '|' if depth > 0 => {}
            '(' | ')' | '|' => return at.max(1),
            blank if blank.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

fn term(scrambler: &mut Scrambler, term: &str) -> String {
    let end = term.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(term.len());
    let (name, rest) = term.split_at(end);
    let is_field = rest.starts_with([':', '=', '~', '<', '>']);
    match kind_of(name).filter(|_| is_field) {
        None => name_in(scrambler, term),
        Some(FieldKind::Text) if !PLAIN.iter().any(|plain| plain.eq_ignore_ascii_case(name)) => {
            format!("{name}{}", value(scrambler, rest))
        }
        Some(kind) if names_nobody(name, kind, rest) => term.to_owned(),
        Some(_) => format!("{name}{}", value(scrambler, rest)),
    }
}

/// What stands behind a field, from its operator on.
fn value(scrambler: &mut Scrambler, text: &str) -> String {
    if text.starts_with('~') { pattern::masked(scrambler, text) } else { name_in(scrambler, text) }
}

/// Words of values that are no names, beside those that the fields know.
const GENERIC: &[&str] = &[
    "windows",
    "linux",
    "mac",
    "macos",
    "ios",
    "android",
    "server",
    "desktop",
    "application",
    "rds",
    "vdi",
    "instant",
    "clone",
    "automated",
    "manual",
    "available",
    "unknown",
    "enabled",
    "disabled",
    "error",
];

/// Whether a value is one that its field knows, a number, a time or a version: what is typed into such a field by mistake
/// may be a name.
fn names_nobody(field: &str, kind: FieldKind, value: &str) -> bool {
    let bare = value.trim_start_matches([':', '=', '~', '<', '>', '"']).trim_end_matches(['"', '*']);
    let known: Vec<&str> =
        ALL_FIELDS.into_iter().flatten().flat_map(|help| help.values.iter().copied()).collect();
    let begins = |part: &str, word: &str| {
        word.split(|letter: char| !letter.is_alphanumeric())
            .any(|word| word.get(..part.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(part)))
    };
    let is_plain = PLAIN.iter().any(|plain| plain.eq_ignore_ascii_case(field));
    let is_measure = |part: &str| match kind {
        FieldKind::Duration => is_measure(part),
        // A number alone may be that of a person.
        FieldKind::Version => is_measure(part) || bare.contains('.') && kept::is_number(part, 10),
        FieldKind::Text | FieldKind::Choice => false,
    };
    bare.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty()).all(|part| {
        is_measure(part)
            || is_plain && (kept::is_known(part) || EventMeaning::all().any(|known| begins(part, known.kind)))
            || known.iter().chain(GENERIC).any(|word| begins(part, word))
    })
}

/// Whether a word is a number that no person has, with units of time or without.
fn is_measure(word: &str) -> bool {
    let is_short = |number: &str| number.len() <= 4;
    word.split(|letter: char| !letter.is_ascii_digit()).all(is_short)
        && word.starts_with(|first: char| first.is_ascii_digit())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b's' | b'm' | b'h' | b'd' | b'w' | b'x'))
}

/// Words that stand behind commands and are no names: forms, places, and parts of the names of shipped themes.
const ARGUMENTS: &[&str] = &[
    "csv",
    "json",
    "markdown",
    "md",
    "local",
    "global",
    "foretop",
    "dark",
    "light",
    "high",
    "contrast",
    "monochrome",
    "solarized",
    "gruvbox",
    "catppuccin",
    "latte",
    "mocha",
    "nord",
];

/// A name with what stands around it, which is what stands around it in a SID as well.
fn name_in(scrambler: &mut Scrambler, text: &str) -> String {
    let start = text.find(char::is_alphanumeric).unwrap_or(text.len());
    let (before, name) = text.split_at(start);
    if name.starts_with("S-1-") {
        return format!("{before}{}", scrambler.name(name));
    }
    format!("{before}{}", words(name, |word| scrambler.word(word)))
}

fn kind_of(name: &str) -> Option<FieldKind> {
    let is_called = |field: &&FieldHelp| {
        std::iter::once(&field.name).chain(field.aliases).any(|known| known.eq_ignore_ascii_case(name))
    };
    let mut kinds = ALL_FIELDS.into_iter().flatten().filter(is_called).map(|field| field.kind);
    // A name that means a text in one list and a word of the language in another is a text.
    let first = kinds.next();
    if kinds.any(|kind| kind == FieldKind::Text) {
        return Some(FieldKind::Text);
    }
    let of_cloud = || crate::core::cloud::is_field(name).then_some(FieldKind::Text);
    first.or_else(of_cloud)
}

/// A line behind `:`.
pub(super) fn command(scrambler: &mut Scrambler, line: &str) -> String {
    // Blanks before a command are of no account when it is run.
    let (blanks, line) = line.split_at(line.len() - line.trim_start().len());
    let Some((name, argument)) = line.split_once(' ') else {
        let word = if palette::begins_name(line) { line.to_owned() } else { name_in(scrambler, line) };
        return format!("{blanks}{word}");
    };
    // The beginning of a name is enough.
    let taking = [
        "filter", "events", "save", "forget", "can", "images", "interval", "diff", "export", "scope", "theme",
    ];
    let argument = match taking.into_iter().find(|known| known.starts_with(name)).unwrap_or(name) {
        "filter" | "events" => filter(scrambler, argument),
        "save" => saved_view(scrambler, argument),
        "forget" | "can" | "images" => {
            words(argument, |word| if is_of_language(word) { word.to_owned() } else { scrambler.word(word) })
        }
        "interval" | "diff" => {
            words(argument, |word| if is_measure(word) { word.to_owned() } else { scrambler.word(word) })
        }
        "export" | "scope" | "theme" => {
            words(
                argument,
                |word| if ARGUMENTS.contains(&word) { word.to_owned() } else { scrambler.word(word) },
            )
        }
        _ => words(argument, |word| scrambler.word(word)),
    };
    let name = if palette::begins_name(name) { name.to_owned() } else { name_in(scrambler, name) };
    format!("{blanks}{name} {argument}")
}

/// The name of a view and the key that brings it.
fn saved_view(scrambler: &Scrambler, argument: &str) -> String {
    let is_key = |word: &str| matches!(word, "5" | "6" | "7" | "8" | "9");
    words(argument, |word| if is_key(word) { word.to_owned() } else { scrambler.word(word) })
}

/// Whether a word is one of `:can` and `:images`.
fn is_of_language(word: &str) -> bool {
    const WORDS: &[&str] = &["status", "kind", "clone", "vcenter", "source", "pool", "farm", "group", "on"];
    let is_constant = word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let of_status = || {
        let images = IMAGE_FIELDS.iter().flat_map(|field| field.values);
        images.flat_map(|value| value.split('_')).any(|part| part.eq_ignore_ascii_case(word))
    };
    WORDS.contains(&word)
        || is_constant && of_status()
        || crate::domain::Verb::ALL.iter().any(|verb| verb.name().split('-').any(|part| part == word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn scrambler() -> Scrambler {
        Scrambler::new(&[3; 32])
    }

    #[rstest]
    #[case("state:d idle>4h")]
    #[case("! (st:disc | proto:blast) !flag:2x")]
    #[case("agent<8.13 clientver:8.12")]
    #[case("type:AGENT_* level>=warning")]
    #[case("type:AGENT_CONN")]
    #[case("user~^[a-m]\\w{2,3}.*")]
    #[case("agent:8.12.0-23149323")]
    fn the_language_stays(#[case] text: &str) {
        assert_eq!(filter(&mut scrambler(), text), text);
    }

    #[rstest]
    #[case("alva", "", "alva", "")]
    #[case("user:alva*", "user:", "alva", "*")]
    #[case("!host:FINRDS-*", "!host:", "FINRDS", "-*")]
    #[case("name:\"Alvarez, *\"", "name:\"", "Alvarez", ", *\"")]
    #[case("state:d|alva", "state:d|", "alva", "")]
    #[case("user~^alva\\d[0-9]", "user~^", "alva", "\\d[0-9]")]
    fn what_it_is_about_is_replaced(
        #[case] text: &str,
        #[case] before: &str,
        #[case] name: &str,
        #[case] after: &str,
    ) {
        let mut scrambler = scrambler();
        let stand_in = scrambler.name(name);
        assert_ne!(stand_in, name);
        assert_eq!(filter(&mut scrambler, text), format!("{before}{stand_in}{after}"));
    }

    #[rstest]
    #[case("client:LT-ALVAREZ-01", "ALVAREZ")]
    #[case("client:10.20.30.40", "10.20.30.40")]
    #[case("agent:\"alvarez\"", "alvarez")]
    #[case("idle>alvarez", "alvarez")]
    #[case("os:alvarez", "alvarez")]
    #[case("state:ALVAREZ", "ALVAREZ")]
    #[case("type:ALVAREZ_CONNECTED", "ALVAREZ")]
    #[case("state~[alvarez]x{2}", "alvarez")]
    #[case("idle>4711234", "4711234")]
    #[case("agent:4711234", "4711234")]
    fn a_name_in_a_field_that_takes_none_is_replaced_all_the_same(#[case] text: &str, #[case] name: &str) {
        let replaced = filter(&mut scrambler(), text);
        assert!(!replaced.contains(name), "{replaced}");
    }

    #[rstest]
    #[case("logoff alvarez.m")]
    #[case("message Dear alvarez")]
    #[case("filt user:alvarez")]
    #[case(" filter user:alvarez")]
    #[case("theme alvarez")]
    #[case("interval alvarez")]
    fn a_name_behind_any_command_is_replaced(#[case] line: &str) {
        let replaced = command(&mut scrambler(), line);
        assert!(!replaced.contains("alvarez"), "{replaced}");
        assert_eq!(replaced.split_whitespace().next(), line.split_whitespace().next());
    }

    #[rstest]
    #[case("export csv")]
    #[case("diff 15m")]
    #[case("scope global")]
    #[case("theme gruvbox-dark")]
    fn what_stands_behind_a_command_and_names_nobody_stays(#[case] line: &str) {
        assert_eq!(command(&mut scrambler(), line), line);
    }

    #[rstest]
    #[case("logoff 4711234", "4711234")]
    #[case("logoff 4711", "4711")]
    #[case("interval 4711234", "4711234")]
    #[case("message nord", "nord")]
    fn a_number_stays_only_where_one_is_asked_for(#[case] line: &str, #[case] number: &str) {
        let replaced = command(&mut scrambler(), line);
        assert!(!replaced.contains(number), "{replaced}");
    }

    #[rstest]
    #[case(r"user~^[a-m]\w{2,3}.*")]
    #[case(r"user~(?i)alva|bauer")]
    #[case(r"user~\p{L}+ host~\x{41}")]
    #[case("user~^al(v|x) state:d")]
    #[case("user~\"[alv]{1,2} x\"")]
    #[case("user~(?x)alva")]
    #[case(r"user~alva(?P<one>x)\b{start}")]
    #[case("clientver:8 | app:alva*")]
    fn a_filter_in_force_can_be_read(#[case] text: &str) {
        Filter::parse(text).unwrap();
        for key in 0..20 {
            let replaced = filter_in_force(&mut Scrambler::new(&[key; 32]), text);
            Filter::parse(&replaced).unwrap();
            assert!(!replaced.contains("alva") && !replaced.contains("bauer"), "{replaced}");
        }
    }

    #[test]
    fn a_command_keeps_its_name() {
        let mut scrambler = scrambler();
        let alva = scrambler.name("alva");
        assert_eq!(command(&mut scrambler, "filter user:alva"), format!("filter user:{alva}"));
        assert_eq!(command(&mut scrambler, "interval 30"), "interval 30");
        assert_eq!(command(&mut scrambler, "refr"), "refr");
        let view = scrambler.name("finance");
        assert_eq!(command(&mut scrambler, "save finance 7"), format!("save {view} 7"));
    }

    proptest! {
        #[test]
        fn nothing_grows_or_shrinks(text in "[a-z:!|()\"~<\\[\\\\ 王é0-9-]{0,24}") {
            let mut scrambler = scrambler();
            prop_assert_eq!(filter(&mut scrambler, &text).chars().count(), text.chars().count());
            prop_assert_eq!(command(&mut scrambler, &text).chars().count(), text.chars().count());
        }
    }
}
