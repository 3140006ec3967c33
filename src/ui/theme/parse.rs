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
}

/// What was wrong, before the place is turned into line and column.
struct Mistake {
    span: Range<usize>,
    message: String,
}

type Found<T> = Result<T, Mistake>;

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
    pair: Option<String>,
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

/// Reads a theme with all that it inherits.
pub(super) fn parse(text: &str, source_name: &str) -> Result<Parsed, ThemeError> {
    let mut sheet = Sheet::default();
    read_into(&mut sheet, text, source_name, 0)?;
    let plain = NamedLook::default();
    let looks: Found<Vec<Look>> =
        Role::ALL.iter().map(|role| sheet.look(sheet.roles.get(role).unwrap_or(&plain))).collect();
    let placed = |mistake: Mistake| mistake.placed(text, source_name);
    Ok(Parsed {
        looks: looks.map_err(placed)?,
        #[cfg(test)]
        palette: sheet.paints().map_err(placed)?,
        background: sheet.background,
        pair: sheet.pair,
    })
}

/// Reads the inherited file first, so that this one overrides it.
fn read_into(sheet: &mut Sheet, text: &str, source_name: &str, depth: usize) -> Result<(), ThemeError> {
    let document = DeTable::parse(text).map_err(|error| {
        Mistake { span: error.span().unwrap_or(0..0), message: error.message().to_owned() }
            .placed(text, source_name)
    })?;
    let document = document.into_inner();
    if let Some((_, parent)) = document.iter().find(|(key, _)| key.get_ref() == "inherits") {
        let parent_text = inherited(parent, depth).map_err(|mistake| mistake.placed(text, source_name))?;
        let name = parent.get_ref().as_str().unwrap_or_default();
        read_into(sheet, parent_text, name, depth + 1)?;
    }
    sheet.take(&document).map_err(|mistake| mistake.placed(text, source_name))
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
    fn take(&mut self, document: &DeTable<'_>) -> Found<()> {
        // Of a pair each names the other: what is inherited is the other's partner.
        self.pair = None;
        for (key, value) in document {
            match key.get_ref().as_ref() {
                "name" | "inherits" => {
                    string(value, key.get_ref())?;
                }
                "background" => {
                    self.background = Some(true_colour(string(value, "background")?, value.span())?);
                }
                "pair" => self.pair = Some(string(value, "pair")?.to_owned()),
                "palette" => {
                    for (name, entry) in table(value, "palette")? {
                        self.palette.insert(name.get_ref().to_string(), paint(entry)?);
                    }
                }
                "roles" => {
                    for (name, entry) in table(value, "roles")? {
                        let role = Role::from_name(name.get_ref()).ok_or_else(|| {
                            let known = Role::ALL.iter().map(|role| role.name());
                            unknown(name.span(), "role", name.get_ref(), known)
                        })?;
                        self.roles.insert(role, named_look(entry)?);
                    }
                }
                other => return Err(unknown(key.span(), "key", other, KEYS)),
            }
        }
        // A wrong name is an error of the file that says it, where its place is known.
        self.paints()?;
        self.roles.values().try_for_each(|look| self.look(look).map(|_| ()))
    }

    /// The palette, every name in it resolved.
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
            Some(Colour::Named(..)) if depth >= DEEPEST => Err(Mistake {
                span: span.clone(),
                message: "colours of the palette name each other in a circle".into(),
            }),
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
fn named_look(entry: &Spanned<DeValue<'_>>) -> Found<NamedLook> {
    if entry.get_ref().as_str().is_some() {
        return Ok(NamedLook { fg: Some(colour(entry)?), ..NamedLook::default() });
    }
    let mut look = NamedLook::default();
    let mut inline = Paint::default();
    for (key, value) in table(entry, "a role")? {
        match key.get_ref().as_ref() {
            "fg" => look.fg = Some(colour(value)?),
            "bg" => look.bg = Some(colour(value)?),
            "ansi" | "rgb" => inline = paint_part(inline, key.get_ref(), value)?,
            name => {
                let modifier = modifier(name).ok_or_else(|| {
                    let known = ["fg", "bg", "ansi", "rgb"].into_iter();
                    unknown(key.span(), "style", name, known.chain(MODIFIERS.iter().map(|(name, _)| *name)))
                })?;
                look.modifiers.set(modifier, yes_or_no(value, name)?);
            }
        }
    }
    if inline != Paint::default() {
        look.fg = Some(Colour::Said(inline));
    }
    Ok(look)
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
fn paint(entry: &Spanned<DeValue<'_>>) -> Found<Colour> {
    if entry.get_ref().as_str().is_some() {
        return colour(entry);
    }
    let mut paint = Paint::default();
    for (key, value) in table(entry, "an entry of the palette")? {
        match key.get_ref().as_ref() {
            part @ ("ansi" | "rgb") => paint = paint_part(paint, part, value)?,
            "dim" => paint.dim = yes_or_no(value, "dim")?,
            other => return Err(unknown(key.span(), "key", other, PAINT_KEYS)),
        }
    }
    Ok(Colour::Said(paint))
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
}
