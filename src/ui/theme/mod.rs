//! Themes: how each role looks. A theme is a file of roles; no widget names a colour itself.

mod collection;
mod contrast;
mod nearest;
mod paint;
mod parse;
mod role;
mod shipped;
#[cfg(test)]
mod shipped_tests;

use ratatui::style::{Modifier, Style};

pub use collection::Themes;
pub use paint::ColorDepth;
pub use parse::ThemeError;
pub use role::Role;

use contrast::Rgb;
use paint::Paint;

use crate::core::looks::Ground;

/// How one role looks, before it is known how many colours there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Look {
    fg: Paint,
    bg: Paint,
    modifiers: Modifier,
}

impl Look {
    /// How it looks with so many colours.
    fn at(self, depth: ColorDepth) -> Style {
        let mut style = Style::new().add_modifier(self.modifiers | self.fg.modifier_at(depth));
        style.fg = self.fg.at(depth);
        style.bg = self.bg.at(depth);
        if style.bg.is_some() {
            // A bar is laid over what is there, and what was dim there shall be read on it.
            style = style.remove_modifier(Modifier::DIM);
        }
        style
    }
}

/// How each role looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    name: String,
    looks: Vec<Look>,
    /// The looks on the terminal that there is: many pieces of a screen ask for them.
    styles: Vec<Style>,
    background: Option<Rgb>,
    pair: Option<String>,
}

impl Theme {
    /// Reads a theme. `source_name` is what errors call the text: the path of the file, for instance.
    ///
    /// # Errors
    /// With the place and, for a wrong name, the nearest right one.
    pub fn parse(text: &str, source_name: &str) -> Result<Self, ThemeError> {
        let parsed = parse::parse(text, source_name)?;
        let theme = Self {
            name: source_name.to_owned(),
            looks: parsed.looks,
            styles: Vec::new(),
            background: parsed.background,
            pair: parsed.pair,
        };
        Ok(theme.with_depth(ColorDepth::Ansi16))
    }

    /// Every mistake of the text of a theme, in its order. `themes` are the names that a pair may have.
    pub fn mistakes(text: &str, source_name: &str, themes: &[String]) -> Vec<ThemeError> {
        parse::mistakes(text, source_name, themes)
    }

    /// A shipped theme, for sixteen colours, by its present or its former name.
    pub fn builtin(name: &str) -> Option<Self> {
        Self::parse(shipped::text(name)?, Self::builtin_name(name)?).ok()
    }

    /// The names of the shipped themes.
    pub fn builtin_names() -> impl ExactSizeIterator<Item = &'static str> {
        shipped::names()
    }

    /// The present name of a shipped theme, by that or by a former one.
    pub fn builtin_name(name: &str) -> Option<&'static str> {
        shipped::present_name(name)
    }

    /// The name that a shipped theme had before, if it had another.
    pub fn former_name(name: &str) -> Option<&'static str> {
        shipped::former_name(name)
    }

    /// The name that it was read under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the theme that is the same for the other kind of background.
    pub fn pair(&self) -> Option<&str> {
        self.pair.as_deref()
    }

    /// The kind of background that it is made for.
    pub fn ground(&self) -> Ground {
        match self.background {
            None => Ground::Any,
            // Light is what black can be read on.
            Some(background) => {
                let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
                let is_light = background.contrast(black) > background.contrast(white);
                if is_light { Ground::Light } else { Ground::Dark }
            }
        }
    }

    /// The same theme for a terminal with so many colours.
    ///
    /// Without colours, a theme that rests on them would leave selection and danger invisible: its looks are then
    /// those of the monochrome theme.
    #[must_use]
    pub fn with_depth(self, depth: ColorDepth) -> Self {
        let colored = self.looks.iter().any(|look| look.fg.is_coloured() || look.bg.is_coloured());
        if depth == ColorDepth::Mono
            && colored
            && let Some(monochrome) = Self::builtin("monochrome")
        {
            return Self { styles: monochrome.styles, ..self };
        }
        Self { styles: self.looks.iter().map(|look| look.at(depth)).collect(), ..self }
    }

    /// How a role looks.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

impl Default for Theme {
    /// The dark theme for sixteen colours.
    fn default() -> Self {
        Self::builtin("foretop-dark").unwrap_or_else(|| Self {
            name: "plain".to_owned(),
            looks: vec![Look::default(); Role::ALL.len()],
            styles: Vec::new(),
            background: None,
            pair: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::*;

    #[test]
    fn monochrome_has_no_colour_at_any_depth() {
        for depth in [ColorDepth::Mono, ColorDepth::Ansi16, ColorDepth::Ansi256, ColorDepth::TrueColor] {
            let theme = Theme::builtin("monochrome").unwrap().with_depth(depth);
            for role in Role::ALL {
                let style = theme.style(*role);
                assert_eq!((style.fg, style.bg), (None, None), "{}", role.name());
            }
        }
    }

    #[test]
    fn a_coloured_theme_without_colours_still_shows_the_selection() {
        let theme = Theme::builtin("dark").unwrap().with_depth(ColorDepth::Mono);
        assert!(theme.style(Role::Selection).add_modifier.contains(Modifier::REVERSED));
        assert_eq!(theme.style(Role::Danger).fg, None);
    }

    #[test]
    fn what_a_theme_does_not_say_comes_from_the_one_it_inherits() {
        let text = "inherits = \"dark\"\n[palette]\nred = \"#112233\"\n[roles]\nmuted = \"red\"\n";
        let theme = Theme::parse(text, "mine").unwrap().with_depth(ColorDepth::TrueColor);
        assert_eq!(theme.style(Role::Muted).fg, Some(Color::Rgb(0x11, 0x22, 0x33)));
        assert_eq!(theme.style(Role::Danger).fg, Some(Color::Rgb(0x11, 0x22, 0x33)), "the palette is shared");
        assert!(theme.style(Role::Danger).add_modifier.contains(Modifier::BOLD));
    }

    #[test]
    fn nothing_is_dim_on_a_bar() {
        let theme = Theme::default();
        assert!(theme.style(Role::Muted).add_modifier.contains(Modifier::DIM));
        let both = theme.style(Role::Muted).patch(theme.style(Role::Selection));
        assert!(!both.add_modifier.contains(Modifier::DIM));
    }

    #[test]
    fn a_palette_alone_makes_a_theme() {
        let text =
            "inherits = \"foretop-dark\"\n[palette]\ncyan = \"#ff8800\"\nown = \"red\"\nred = \"red\"\n";
        let theme = Theme::parse(text, "mine").unwrap().with_depth(ColorDepth::TrueColor);
        let orange = Some(Color::Rgb(255, 0x88, 0));
        assert_eq!(theme.style(Role::Accent).fg, orange, "the accent is that colour of the palette");
        assert_eq!(theme.style(Role::Selection).bg, orange);
        assert_eq!(theme.style(Role::Danger).fg, Some(Color::Red), "an entry does not mean itself");
    }

    #[test]
    fn what_is_inherited_of_the_head() {
        let mine = Theme::parse("inherits = \"foretop-light\"\n", "mine").unwrap();
        assert_eq!((mine.ground(), mine.pair()), (Ground::Light, None), "the pair is the other's");
        let own = Theme::parse("background = \"#101010\"\npair = \"mine\"\n", "own").unwrap();
        assert_eq!((own.ground(), own.pair()), (Ground::Dark, Some("mine")));
        assert_eq!(Theme::builtin("monochrome").unwrap().ground(), Ground::Any);
    }

    #[test]
    fn a_theme_of_an_old_name_is_read_as_the_new_one() {
        let theme = Theme::parse("inherits = \"dark\"\n", "mine").unwrap();
        assert_eq!(theme.style(Role::Danger), Theme::default().style(Role::Danger));
        assert_eq!(Theme::builtin("light").unwrap().name(), "foretop-light");
    }
}
