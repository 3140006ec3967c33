//! Themes: how each role looks. A theme is a file of roles; no widget names a colour itself.

mod paint;
mod parse;
mod role;

use ratatui::style::{Modifier, Style};

pub use paint::ColorDepth;
pub use parse::ThemeError;
pub use role::Role;

use paint::Paint;

/// How one role looks, before it is known how many colours there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Look {
    fg: Paint,
    bg: Paint,
    modifiers: Modifier,
}

/// The shipped themes, in the order of the reference.
const BUILTIN: [(&str, &str); 3] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("monochrome", include_str!("../../../themes/monochrome.toml")),
];

/// How each role looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    name: String,
    looks: Vec<Look>,
    depth: ColorDepth,
}

impl Theme {
    /// Reads a theme. `source_name` is what errors call the text: the path of the file, for instance.
    ///
    /// # Errors
    /// With the place and, for a wrong name, the nearest right one.
    pub fn parse(text: &str, source_name: &str) -> Result<Self, ThemeError> {
        let looks = parse::parse(text, source_name)?;
        Ok(Self { name: source_name.to_owned(), looks, depth: ColorDepth::Ansi16 })
    }

    /// A shipped theme, for sixteen colours.
    pub fn builtin(name: &str) -> Option<Self> {
        let text = builtin_text(name)?;
        Self::parse(text, name).ok()
    }

    /// The names of the shipped themes.
    pub fn builtin_names() -> impl ExactSizeIterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// The name that it was read under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same theme for a terminal with so many colours.
    ///
    /// Without colours, a theme that rests on them would leave selection and danger invisible: its looks are then
    /// those of the monochrome theme.
    #[must_use]
    pub fn with_depth(self, depth: ColorDepth) -> Self {
        let plain = Paint::default();
        let colored = self.looks.iter().any(|look| look.fg != plain || look.bg != plain);
        if depth == ColorDepth::Mono
            && colored
            && let Some(monochrome) = Self::builtin("monochrome")
        {
            return Self { name: self.name, looks: monochrome.looks, depth };
        }
        Self { depth, ..self }
    }

    /// How a role looks.
    pub fn style(&self, role: Role) -> Style {
        let look = self.looks.get(role as usize).copied().unwrap_or_default();
        let mut style = Style::new().add_modifier(look.modifiers);
        style.fg = look.fg.at(self.depth);
        style.bg = look.bg.at(self.depth);
        style
    }
}

impl Default for Theme {
    /// The dark theme for sixteen colours.
    fn default() -> Self {
        Self::builtin("dark").unwrap_or_else(|| Self {
            name: "plain".to_owned(),
            looks: vec![Look::default(); Role::ALL.len()],
            depth: ColorDepth::Mono,
        })
    }
}

/// The text of a shipped theme.
fn builtin_text(name: &str) -> Option<&'static str> {
    BUILTIN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::*;

    #[test]
    fn every_shipped_theme_can_be_read_and_says_all_it_needs() {
        for (name, text) in BUILTIN {
            let theme = Theme::parse(text, name).unwrap_or_else(|error| panic!("{error}"));
            assert_ne!(theme.style(Role::Selection), Style::new(), "{name}: the selection can be seen");
            assert_ne!(theme.style(Role::Danger), theme.style(Role::Text), "{name}");
            assert!(Theme::builtin_names().any(|known| known == name));
        }
        for role in Role::ALL {
            assert!(
                builtin_text("dark").unwrap().contains(&format!("\n{} = ", role.name())),
                "dark says {}",
                role.name()
            );
        }
    }

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
}
