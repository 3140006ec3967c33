//! Theme files: roles and a palette in TOML, with errors that say where and what would be right.

use std::{collections::BTreeMap, ops::Range};

use ratatui::style::Modifier;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Look, Role,
    contrast::Rgb,
    paint::{Paint, ansi, ansi_names, hex},
    shipped,
};

/// Themes may inherit from themes that inherit, and colours of the palette may name others; deeper than this is a circle.
const DEEPEST: usize = 8;

/// What is said of such a circle in the palette.
const CIRCLE: &str = "colours of the palette name each other in a circle";

/// The theme by which names are judged where the one that is inherited does not exist.
const DEFAULT: &str = "foretop-dark";

/// The keys of a theme.
const KEYS: [&str; 6] = ["name", "inherits", "background", "pair", "palette", "roles"];
/// The keys of an entry of the palette.
const PAINT_KEYS: [&str; 3] = ["ansi", "rgb", "dim"];

/// What is wrong with a theme file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{source_name}:{line}:{column}: {message}")]
pub struct ThemeError {
    /// What the text is called.
    pub source_name: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and the nearest right name.
    pub message: String,
    /// The bytes of the text that are meant.
    pub span: Range<usize>,
}

/// What was wrong, before the place is turned into line and column.
struct Mistake {
    span: Range<usize>,
    message: String,
}

type Found<T> = Result<T, Mistake>;

/// Goes on without what is wrong, which is noted.
fn noted<T>(found: Found<T>, mistakes: &mut Vec<Mistake>) -> Option<T> {
    found.map_err(|mistake| mistakes.push(mistake)).ok()
}

/// A theme as its file and those that it inherits from say it.
#[derive(Debug)]
pub(super) struct Parsed {
    /// How each role looks, in the order of [`Role::ALL`].
    pub(super) looks: Vec<Look>,
    /// The background that it is made for.
    pub(super) background: Option<Rgb>,
    /// The name of the theme for the other kind of background.
    pub(super) pair: Option<String>,
    /// The colours by name.
    #[cfg(test)]
    pub(super) palette: BTreeMap<String, Paint>,
}

/// One file, not yet resolved: looks name entries of the palette.
#[derive(Default)]
struct Sheet {
    palette: BTreeMap<String, Colour>,
    roles: BTreeMap<Role, NamedLook>,
    background: Option<Rgb>,
    pair: Option<(String, Range<usize>)>,
}

/// A look whose colours may be names of the palette.
#[derive(Clone, Default)]
struct NamedLook {
    fg: Option<Colour>,
    bg: Option<Colour>,
    modifiers: Modifier,
}

/// A colour in a role: said outright, or by a name in the palette.
#[derive(Clone)]
enum Colour {
    Said(Paint),
    Named(String, Range<usize>),
}

/// Reads a theme with all that it inherits. Fails with the first mistake.
pub(super) fn parse(text: &str, source_name: &str) -> Result<Parsed, ThemeError> {
    let (mut sheet, mut told) = (Sheet::default(), Vec::new());
    read_into(&mut sheet, text, source_name, 0, &mut told);
    if let Some(first) = told.into_iter().next() {
        return Err(first);
    }
    let plain = NamedLook::default();
    let looks: Found<Vec<Look>> =
        Role::ALL.iter().map(|role| sheet.look(sheet.roles.get(role).unwrap_or(&plain))).collect();
    let placed = |mistake: Mistake| mistake.placed(text, source_name);
    Ok(Parsed {
        looks: looks.map_err(placed)?,
        #[cfg(test)]
        palette: sheet.paints().map_err(placed)?,
        background: sheet.background,
        pair: sheet.pair.map(|(name, _)| name),
    })
}

/// Every mistake of a theme, in the order of its text. `themes` are the names that a pair may have.
pub(super) fn mistakes(text: &str, source_name: &str, themes: &[String]) -> Vec<ThemeError> {
    let (mut sheet, mut told) = (Sheet::default(), Vec::new());
    read_into(&mut sheet, text, source_name, 0, &mut told);
    if let Some((name, span)) = sheet.pair.filter(|(name, _)| !themes.contains(name)) {
        let known = themes.iter().map(String::as_str);
        told.push(unknown(span, "theme", &name, known).placed(text, source_name));
    }
    told.sort_by_key(|mistake| mistake.span.start);
    told
}

/// Reads the inherited file first, so that this one overrides it. What is wrong is told, and left out.
fn read_into(sheet: &mut Sheet, text: &str, source_name: &str, depth: usize, told: &mut Vec<ThemeError>) {
    let document = match DeTable::parse(text) {
        Ok(document) => document.into_inner(),
        Err(error) => {
            let mistake = Mistake { span: error.span().unwrap_or(0..0), message: error.message().to_owned() };
            told.push(mistake.placed(text, source_name));
            return;
        }
    };
    let mut mistakes = Vec::new();
    if let Some((_, parent)) = document.iter().find(|(key, _)| key.get_ref() == "inherits") {
        let known = noted(inherited(parent, depth), &mut mistakes);
        // The names of the palette are mostly the same: with another parent only what is wrong anyhow is told.
        if let Some(parent_text) = known.or_else(|| shipped::text(DEFAULT).filter(|_| depth == 0)) {
            let name = parent.get_ref().as_str().unwrap_or_default();
            read_into(sheet, parent_text, name, depth + 1, told);
        }
    }
    sheet.take(&document, &mut mistakes);
    mistakes.sort_by_key(|mistake| mistake.span.start);
    told.extend(mistakes.into_iter().map(|mistake| mistake.placed(text, source_name)));
}

/// The text of the shipped theme that is named.
fn inherited(parent: &Spanned<DeValue<'_>>, depth: usize) -> Found<&'static str> {
    let name = string(parent, "inherits")?;
    if depth >= DEEPEST {
        return Err(Mistake {
            span: parent.span(),
            message: "themes inherit from each other in a circle".into(),
        });
    }
    shipped::text(name).ok_or_else(|| unknown(parent.span(), "theme", name, shipped::all_names()))
}

impl Sheet {
    /// Takes what a file says over what is there.
    fn take(&mut self, document: &DeTable<'_>, mistakes: &mut Vec<Mistake>) {
        // Of a pair each names the other: what is inherited is the other's partner.
        self.pair = None;
        let (mut paints, mut looks) = (Vec::new(), Vec::new());
        for (key, value) in document {
            match key.get_ref().as_ref() {
                // Told when the parent was looked for.
                "inherits" => {}
                "name" => {
                    noted(string(value, "name"), mistakes);
                }
                "background" => {
                    let said = string(value, "background").and_then(|text| true_colour(text, value.span()));
                    self.background = noted(said, mistakes).or(self.background);
                }
                "pair" => {
                    let said = noted(string(value, "pair"), mistakes);
                    self.pair = said.map(|name| (name.to_owned(), value.span()));
                }
                "palette" => {
                    for (name, entry) in noted(table(value, "palette"), mistakes).into_iter().flatten() {
                        self.palette.insert(name.get_ref().to_string(), paint(entry, mistakes));
                        paints.push(name.get_ref().as_ref());
                    }
                }
                "roles" => {
                    for (name, entry) in noted(table(value, "roles"), mistakes).into_iter().flatten() {
                        let look = named_look(entry, mistakes);
                        looks.push(look.clone());
                        if let Some(role) = Role::from_name(name.get_ref()) {
                            self.roles.insert(role, look);
                        } else {
                            let known = Role::ALL.iter().map(|role| role.name());
                            mistakes.push(unknown(name.span(), "role", name.get_ref(), known));
                        }
                    }
                }
                other => mistakes.push(unknown(key.span(), "key", other, KEYS)),
            }
        }
        // A wrong name is a mistake of the file that says it, where its place is known.
        self.check_names(&paints, &looks, mistakes);
    }

    /// Notes the names of colours that mean none: those of these entries of the palette, and of these looks.
    fn check_names(&self, paints: &[&str], looks: &[NamedLook], mistakes: &mut Vec<Mistake>) {
        for within in paints {
            if let Some(Colour::Named(name, span)) = self.palette.get(*within)
                && let Err(mistake) = self.named(name, span, Some(within), 0)
            {
                // What another entry says wrong is told there.
                let is_own = !self.palette.contains_key(name) || name == within;
                mistakes.extend((is_own || mistake.message == CIRCLE).then_some(mistake));
            }
        }
        for colour in looks.iter().flat_map(|look| [&look.fg, &look.bg]).flatten() {
            if let Colour::Named(name, span) = colour
                && !self.palette.contains_key(name)
            {
                noted(self.named(name, span, None, 0), mistakes);
            }
        }
    }

    /// The palette, every name in it resolved.
    #[cfg(test)]
    fn paints(&self) -> Found<BTreeMap<String, Paint>> {
        let resolved = |(name, colour): (&String, &Colour)| match colour {
            Colour::Said(paint) => Ok((name.clone(), *paint)),
            Colour::Named(other, span) => Ok((name.clone(), self.named(other, span, Some(name), 0)?)),
        };
        self.palette.iter().map(resolved).collect()
    }

    /// A colour by its name: the palette comes first, then the sixteen. An entry of the palette does not mean itself:
    /// `red = "red"` is one of the sixteen.
    fn named(&self, name: &str, span: &Range<usize>, within: Option<&str>, depth: usize) -> Found<Paint> {
        match self.palette.get(name).filter(|_| within != Some(name)) {
            Some(Colour::Said(paint)) => Ok(*paint),
            Some(Colour::Named(..)) if depth >= DEEPEST => {
                Err(Mistake { span: span.clone(), message: CIRCLE.into() })
            }
            Some(Colour::Named(other, _)) => self.named(other, span, Some(name), depth + 1),
            None => {
                ansi(name).map(|color| Paint { ansi: Some(color), ..Paint::default() }).ok_or_else(|| {
                    let mut known: Vec<&str> = self.palette.keys().map(String::as_str).collect();
                    known.extend(ansi_names());
                    unknown(span.clone(), "colour", name, known)
                })
            }
        }
    }

    /// Puts the colours of the palette into a look.
    fn look(&self, look: &NamedLook) -> Found<Look> {
        let resolve = |colour: &Option<Colour>| match colour {
            None => Ok(Paint::default()),
            Some(Colour::Said(paint)) => Ok(*paint),
            Some(Colour::Named(name, span)) => self.named(name, span, None, 0),
        };
        Ok(Look { fg: resolve(&look.fg)?, bg: resolve(&look.bg)?, modifiers: look.modifiers })
    }
}

/// A role's value: a colour, or a table of colours and modifiers.
fn named_look(entry: &Spanned<DeValue<'_>>, mistakes: &mut Vec<Mistake>) -> NamedLook {
    if entry.get_ref().as_str().is_some() {
        return NamedLook { fg: noted(colour(entry), mistakes), ..NamedLook::default() };
    }
    let mut look = NamedLook::default();
    let mut inline = Paint::default();
    for (key, value) in noted(table(entry, "a role"), mistakes).into_iter().flatten() {
        match key.get_ref().as_ref() {
            "fg" => look.fg = noted(colour(value), mistakes),
            "bg" => look.bg = noted(colour(value), mistakes),
            part @ ("ansi" | "rgb") => {
                inline = noted(paint_part(inline, part, value), mistakes).unwrap_or(inline);
            }
            name => {
                if let Some(modifier) = modifier(name) {
                    let is_set = noted(yes_or_no(value, name), mistakes).unwrap_or_default();
                    look.modifiers.set(modifier, is_set);
                } else {
                    let known = ["fg", "bg", "ansi", "rgb"].into_iter();
                    let known = known.chain(MODIFIERS.iter().map(|(name, _)| *name));
                    mistakes.push(unknown(key.span(), "style", name, known));
                }
            }
        }
    }
    if inline != Paint::default() {
        look.fg = Some(Colour::Said(inline));
    }
    look
}

/// A colour by name or number.
fn colour(value: &Spanned<DeValue<'_>>) -> Found<Colour> {
    let text = string(value, "a colour")?;
    if text.starts_with('#') {
        return Ok(Colour::Said(Paint { rgb: Some(true_colour(text, value.span())?), ..Paint::default() }));
    }
    Ok(Colour::Named(text.to_owned(), value.span()))
}

/// An entry of the palette: a name, a number, or both sides in a table.
fn paint(entry: &Spanned<DeValue<'_>>, mistakes: &mut Vec<Mistake>) -> Colour {
    let mut paint = Paint::default();
    if entry.get_ref().as_str().is_some() {
        return noted(colour(entry), mistakes).unwrap_or(Colour::Said(paint));
    }
    for (key, value) in noted(table(entry, "an entry of the palette"), mistakes).into_iter().flatten() {
        match key.get_ref().as_ref() {
            part @ ("ansi" | "rgb") => {
                paint = noted(paint_part(paint, part, value), mistakes).unwrap_or(paint);
            }
            "dim" => paint.dim = noted(yes_or_no(value, "dim"), mistakes).unwrap_or_default(),
            other => mistakes.push(unknown(key.span(), "key", other, PAINT_KEYS)),
        }
    }
    Colour::Said(paint)
}

/// One of the two sides of a colour.
fn paint_part(paint: Paint, part: &str, value: &Spanned<DeValue<'_>>) -> Found<Paint> {
    let text = string(value, part)?;
    if part == "rgb" {
        return Ok(Paint { rgb: Some(true_colour(text, value.span())?), ..paint });
    }
    let color = ansi(text).ok_or_else(|| unknown(value.span(), "colour", text, ansi_names()))?;
    Ok(Paint { ansi: Some(color), ..paint })
}

fn true_colour(text: &str, span: Range<usize>) -> Found<Rgb> {
    hex(text).ok_or_else(|| Mistake { span, message: format!("{text:?} is not a colour like \"#rrggbb\"") })
}

/// The modifiers that terminals agree on.
const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];

fn modifier(name: &str) -> Option<Modifier> {
    MODIFIERS.iter().find(|(known, _)| *known == name).map(|(_, modifier)| *modifier)
}

fn yes_or_no(value: &Spanned<DeValue<'_>>, name: &str) -> Found<bool> {
    value
        .get_ref()
        .as_bool()
        .ok_or_else(|| Mistake { span: value.span(), message: format!("{name} is true or false") })
}

fn string<'a>(value: &'a Spanned<DeValue<'_>>, what: &str) -> Found<&'a str> {
    value
        .get_ref()
        .as_str()
        .ok_or_else(|| Mistake { span: value.span(), message: format!("{what} is a text in quotes") })
}

fn table<'a, 'i>(value: &'a Spanned<DeValue<'i>>, what: &str) -> Found<&'a DeTable<'i>> {
    value
        .get_ref()
        .as_table()
        .ok_or_else(|| Mistake { span: value.span(), message: format!("{what} is a table: {{ … }}") })
}

/// An unknown name, with the nearest known one.
fn unknown<'a>(
    span: Range<usize>,
    what: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Mistake {
    let nearest = known.into_iter().min_by_key(|known| strsim::osa_distance(name, known));
    let message = match nearest {
        Some(nearest) => format!("unknown {what} {name:?}; the nearest is {nearest:?}"),
        None => format!("unknown {what} {name:?}"),
    };
    Mistake { span, message }
}

impl Mistake {
    /// With line and column.
    fn placed(self, text: &str, source_name: &str) -> ThemeError {
        let before = text.get(..self.span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).map_or(0, |head| head.chars().count()) + 1;
        ThemeError {
            source_name: source_name.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
            message: self.message,
            span: self.span,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("[roles]\ndangr = \"red\"", 2, 1, "unknown role \"dangr\"; the nearest is \"danger\"")]
    #[case("[roles]\ndanger = \"rde\"", 2, 10, "unknown colour \"rde\"; the nearest is \"red\"")]
    #[case("[roles]\ndanger = { fg = \"#12\" }", 2, 17, "not a colour like")]
    #[case("[roles]\ndanger = { bolt = true }", 2, 12, "the nearest is \"bold\"")]
    #[case("[roles]\ndanger = { bold = 1 }", 2, 19, "bold is true or false")]
    #[case("inherits = \"drak\"", 1, 12, "unknown theme \"drak\"; the nearest is \"dark\"")]
    #[case("[palette]\nx = { ansi = \"rad\" }", 2, 14, "the nearest is \"red\"")]
    #[case("[rolse]\n", 1, 2, "the nearest is \"roles\"")]
    #[case("roles = 3", 1, 9, "is a table")]
    #[case("background = \"black\"", 1, 14, "not a colour like")]
    #[case("pair = 3", 1, 8, "pair is a text in quotes")]
    #[case("[palette]\nx = { dim = 1 }", 2, 13, "dim is true or false")]
    #[case("[palette]\nx = \"rad\"", 2, 5, "the nearest is \"red\"")]
    #[case("[palette]\nx = \"y\"\ny = \"x\"", 2, 5, "in a circle")]
    #[case("[roles\n", 1, 7, "")]
    fn mistakes_are_told_with_their_place(
        #[case] text: &str,
        #[case] line: usize,
        #[case] column: usize,
        #[case] message: &str,
    ) {
        let error = parse(text, "mine.toml").unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{error}");
        assert!(error.message.contains(message), "{error}");
        assert!(error.to_string().starts_with(&format!("mine.toml:{line}:{column}: ")));
    }
    /// Places and messages, one a line.
    fn all(text: &str) -> Vec<String> {
        let themes = ["nord", "mine"].map(str::to_owned);
        let told = mistakes(text, "mine.toml", &themes).into_iter();
        told.map(|error| format!("{}:{} {}", error.line, error.column, error.message)).collect()
    }

    #[test]
    fn one_mistake_hides_no_other() {
        let text = concat!(
            "inherits = \"nope\"\n",
            "foo = 3\n",
            "pair = \"nrod\"\n",
            "background = \"black\"\n",
            "[palette]\n",
            "x = { ansi = \"rad\", dim = 1 }\n",
            "[roles]\n",
            "focus = \"blurple\"\n",
            "danger = { fg = \"x\", bg = \"accent\", bolt = true }\n",
            "mark = 3\n",
        );
        insta::assert_snapshot!(all(text).join("\n"), @r##"
        1:12 unknown theme "nope"; the nearest is "nord"
        2:1 unknown key "foo"; the nearest is "name"
        3:8 unknown theme "nrod"; the nearest is "nord"
        4:14 "black" is not a colour like "#rrggbb"
        6:14 unknown colour "rad"; the nearest is "red"
        6:27 dim is true or false
        8:1 unknown role "focus"; the nearest is "forced"
        8:9 unknown colour "blurple"; the nearest is "blue"
        9:37 unknown style "bolt"; the nearest is "bold"
        10:8 a role is a table: { … }
        "##);
    }

    #[test]
    fn what_a_wrong_colour_is_called_is_told_once() {
        assert_eq!(all("[palette]\nx = \"rad\"\n[roles]\ndanger = \"x\"\n").len(), 1);
        let circle = all("[palette]\nx = \"y\"\ny = \"x\"\n[roles]\ndanger = \"x\"\n");
        assert_eq!(circle.len(), 2, "both entries are part of it: {circle:?}");
        assert_eq!(all("[palette]\nx = \"x\"\n").len(), 1);
        assert_eq!(all("pair = \"mine\"\ninherits = \"nord\"\n[palette]\naccent = \"red\"\n"), [""; 0]);
    }
}
