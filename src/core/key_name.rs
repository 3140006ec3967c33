//! Keys as people write them in the configuration file: `Ctrl-d`, `g g`, `PgDn`.

use std::fmt;

use super::key::{Key, KeyCode};

/// The keys with names, as [`Key`] displays them.
const NAMES: &[(&str, KeyCode)] = &[
    ("Space", KeyCode::Char(' ')),
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Shift-Tab", KeyCode::BackTab),
    ("Backspace", KeyCode::Backspace),
    ("Del", KeyCode::Delete),
    ("Ins", KeyCode::Insert),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
];

/// What people call some of them elsewhere.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("Return", "Enter"),
    ("Escape", "Esc"),
    ("PageUp", "PgUp"),
    ("PageDown", "PgDn"),
    ("Delete", "Del"),
    ("Insert", "Ins"),
    ("BackTab", "Shift-Tab"),
    ("S-Tab", "Shift-Tab"),
];

/// More keys in a row than this nobody remembers.
const LONGEST_SEQUENCE: usize = 4;

/// Why a text names no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAKey {
    /// Nothing was given.
    Empty,
    /// More keys in a row than anybody remembers.
    TooMany(usize),
    /// No key has this name; perhaps the other one was meant.
    Unknown(String, Option<String>),
    /// Alt is no modifier of ours: over a slow line Alt and Escape cannot be told apart.
    Alt(String),
    /// Terminals send the second for the first.
    SentAs(String, &'static str),
    /// Terminals do not tell the first from the second.
    SameAs(String, String),
}

impl fmt::Display for NotAKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("no key is named"),
            Self::TooMany(count) => write!(formatter, "{count} keys in a row; at most {LONGEST_SEQUENCE}"),
            Self::Unknown(given, Some(near)) => {
                write!(formatter, "there is no key `{given}`; did you mean `{near}`?")
            }
            Self::Unknown(given, None) => write!(
                formatter,
                "there is no key `{given}`; keys are a character, Ctrl-x, F1 to F12, {}; several in a row have blanks \
                 between them",
                NAMES.map_names()
            ),
            Self::Alt(given) => {
                write!(
                    formatter,
                    "`{given}`: Alt is not used: over a slow line it looks like Esc and a letter"
                )
            }
            Self::SentAs(given, sent) => {
                write!(formatter, "`{given}`: terminals send {sent} for it; write `{sent}` if that is meant")
            }
            Self::SameAs(given, same) => {
                write!(formatter, "`{given}`: terminals do not tell it from {same}; write `{same}`")
            }
        }
    }
}

impl std::error::Error for NotAKey {}

/// The names of a table, joined.
trait Names {
    fn map_names(&self) -> String;
}

impl Names for [(&str, KeyCode)] {
    fn map_names(&self) -> String {
        self.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// Reads keys with blanks between them: `g g`, `Ctrl-d`, `z F2`.
///
/// # Errors
///
/// When a part names no key, or one that terminals do not send.
pub fn parse(text: &str) -> Result<Vec<Key>, NotAKey> {
    let keys: Vec<Key> = text.split_whitespace().map(parse_one).collect::<Result<_, _>>()?;
    match keys.len() {
        0 => Err(NotAKey::Empty),
        1..=LONGEST_SEQUENCE => Ok(keys),
        count => Err(NotAKey::TooMany(count)),
    }
}

fn parse_one(text: &str) -> Result<Key, NotAKey> {
    let mut characters = text.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return Ok(Key::char(character));
    }
    if let Some(code) = named(text) {
        return Ok(Key::plain(code));
    }
    let (modifier, rest) = text.split_once(['-', '+']).unwrap_or(("", text));
    match modifier.to_ascii_lowercase().as_str() {
        "ctrl" | "c" | "control" => parse_ctrl(text, rest),
        "alt" | "a" | "m" | "meta" => Err(NotAKey::Alt(text.to_owned())),
        "shift" | "s" if rest.chars().count() == 1 => {
            Err(NotAKey::SameAs(text.to_owned(), rest.to_uppercase()))
        }
        _ => Err(unknown(text)),
    }
}

fn parse_ctrl(text: &str, rest: &str) -> Result<Key, NotAKey> {
    let sent = match rest.to_ascii_lowercase().as_str() {
        "i" => "Tab",
        "m" => "Enter",
        "[" => "Esc",
        "h" => "Backspace",
        _ => "",
    };
    if !sent.is_empty() {
        return Err(NotAKey::SentAs(text.to_owned(), sent));
    }
    let mut characters = rest.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        if character.is_uppercase() {
            let small = format!("Ctrl-{}", character.to_lowercase());
            return Err(NotAKey::SameAs(text.to_owned(), small));
        }
        return Ok(Key::ctrl(character));
    }
    match named(rest) {
        // Most terminals send these without the modifier, or not at all.
        Some(KeyCode::Enter | KeyCode::Tab | KeyCode::BackTab | KeyCode::Esc | KeyCode::Backspace) => {
            Err(NotAKey::SameAs(text.to_owned(), rest.to_owned()))
        }
        Some(code) => Ok(Key { code, ctrl: true }),
        None => Err(unknown(text)),
    }
}

fn named(text: &str) -> Option<KeyCode> {
    let found = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, code)| *code).or_else(|| {
        let number: u8 = text.strip_prefix(['F', 'f'])?.parse().ok()?;
        (1..=12).contains(&number).then_some(KeyCode::Function(number))
    })
}

fn unknown(text: &str) -> NotAKey {
    let other = OTHER_NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, ours)| *ours);
    let near = || {
        let distance = |name: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &text.to_lowercase());
        let nearest = NAMES.iter().map(|(name, _)| *name).min_by_key(|name| distance(name))?;
        (distance(nearest) <= 2).then_some(nearest)
    };
    // Two letters are two keys, of which each stands by itself.
    let mut letters = text.chars();
    if let (Some(first), Some(second), None) = (letters.next(), letters.next(), letters.next())
        && other.is_none()
    {
        return NotAKey::Unknown(text.to_owned(), Some(format!("{first} {second}")));
    }
    NotAKey::Unknown(text.to_owned(), other.or_else(near).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_reads_back_as_it_is_shown() {
        let mut keys: Vec<Key> = NAMES.iter().map(|(_, code)| Key::plain(*code)).collect();
        keys.extend([
            Key::char('G'),
            Key::char('é'),
            Key::char('-'),
            Key::char('+'),
            Key::ctrl('d'),
            Key::ctrl(' '),
        ]);
        keys.extend((1..=12).map(|number| Key::plain(KeyCode::Function(number))));
        keys.push(Key { code: KeyCode::Home, ctrl: true });
        for key in keys {
            assert_eq!(parse(&key.to_string()), Ok(vec![key]), "{key}");
        }
        assert_eq!(parse("g g"), Ok(vec![Key::char('g'); 2]));
        assert_eq!(parse("ctrl+f"), Ok(vec![Key::ctrl('f')]));
    }

    #[test]
    fn what_is_no_key_is_told_with_what_was_perhaps_meant() {
        let told = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(told(" "), "no key is named");
        assert_eq!(told("PageDown"), "there is no key `PageDown`; did you mean `PgDn`?");
        assert_eq!(told("Spcae"), "there is no key `Spcae`; did you mean `Space`?");
        assert_eq!(told("DD"), "there is no key `DD`; did you mean `D D`?");
        assert!(told("F13").contains("F1 to F12"), "{}", told("F13"));
        assert!(told("Alt-x").contains("Alt is not used"));
        assert!(told("Ctrl-i").contains("send Tab for it"));
        assert!(told("Ctrl-R").contains("write `Ctrl-r`"));
        assert!(told("Shift-j").contains("write `J`"));
        assert!(told("Ctrl-Enter").contains("write `Enter`"));
        assert_eq!(told("a b c d e"), "5 keys in a row; at most 4");
    }
}
