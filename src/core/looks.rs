//! How the console looks: the themes that there are, by name, and the one in force. What a theme looks like is not known
//! here: the screen has that.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::Text;

/// The names of the themes that come with the program, former ones included. Whoever chose another name for a theme may
/// have put one of somebody into it.
pub const SHIPPED: [&str; 15] = [
    "foretop-dark",
    "foretop-light",
    "high-contrast",
    "high-contrast-light",
    "monochrome",
    "solarized-dark",
    "solarized-light",
    "gruvbox-dark",
    "gruvbox-light",
    "catppuccin-mocha",
    "catppuccin-latte",
    "nord",
    "nord-light",
    "dark",
    "light",
];

/// The background of a terminal that a theme is made for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ground {
    /// Black, or nearly so.
    Dark,
    /// White, or nearly so.
    Light,
    /// It does not matter, or the theme does not say.
    #[default]
    Any,
}

impl Ground {
    /// In a word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Any => "any",
        }
    }
}

/// A theme that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThemeChoice {
    /// Its name.
    pub name: Text,
    /// A name that it had before, and that still means it.
    pub former: Option<Text>,
    /// The background that it is made for.
    pub ground: Ground,
    /// The name of the theme that is the same for the other background.
    pub pair: Option<Text>,
    /// Whether it is a file of the user's own.
    pub own: bool,
    /// Why it cannot be used, if it cannot: the mistake in its file.
    pub objection: Option<Text>,
}

impl ThemeChoice {
    /// A shipped theme for any background, without a pair.
    pub fn new(name: &str) -> Self {
        let name = Text::clean(name);
        Self { name, former: None, ground: Ground::Any, pair: None, own: false, objection: None }
    }
}

/// The themes, and the one in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looks {
    /// The name of the theme in force.
    pub theme: Text,
    /// All that can be chosen, in the order of the list.
    pub choices: Arc<[ThemeChoice]>,
    /// Whether the terminal shows colours: `NO_COLOR` and terminals without any switch them off.
    pub has_colours: bool,
    /// Where a theme is kept for good: the configuration file.
    pub kept_in: Text,
}

impl Default for Looks {
    fn default() -> Self {
        Self {
            theme: Text::clean("foretop-dark"),
            choices: Arc::default(),
            has_colours: true,
            kept_in: Text::clean("the configuration"),
        }
    }
}

impl Looks {
    /// A theme by its name, or by one that it had before.
    pub fn find(&self, name: &str) -> Option<&ThemeChoice> {
        let is = |text: &Text| text.as_str() == name;
        let by_name = self.choices.iter().find(|choice| is(&choice.name));
        by_name.or_else(|| self.choices.iter().find(|choice| choice.former.as_ref().is_some_and(is)))
    }

    /// The place in the list of the theme in force.
    pub fn place(&self) -> usize {
        self.choices.iter().position(|choice| choice.name == self.theme).unwrap_or(0)
    }

    /// The place in the list of the theme that is the same for the other background.
    pub fn pair_of(&self, place: usize) -> Option<usize> {
        let pair = self.choices.get(place)?.pair.as_ref()?;
        let name = &self.find(pair.as_str())?.name;
        self.choices.iter().position(|choice| choice.name == *name)
    }

    /// The name that is nearest to one that nobody knows, former ones included; not one that could not be used.
    pub fn nearest(&self, name: &str) -> Option<&Text> {
        let usable = self.choices.iter().filter(|choice| choice.objection.is_none());
        usable
            .flat_map(|choice| std::iter::once(&choice.name).chain(&choice.former))
            .min_by_key(|known| strsim::osa_distance(known.as_str(), name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(name: &str, pair: Option<&str>) -> ThemeChoice {
        ThemeChoice { pair: pair.map(Text::clean), ..ThemeChoice::new(name) }
    }

    fn looks() -> Looks {
        let former = ThemeChoice { former: Some("dark".into()), ..choice("foretop-dark", Some("light")) };
        let light = ThemeChoice { former: Some("light".into()), ..choice("foretop-light", Some("lost")) };
        Looks { choices: [former, light, choice("nord", None)].into(), ..Looks::default() }
    }

    #[test]
    fn themes_are_found_by_their_names_and_by_former_ones() {
        let looks = looks();
        assert_eq!(looks.find("dark").map(|choice| choice.name.as_str()), Some("foretop-dark"));
        assert_eq!(looks.find("nord").map(|choice| choice.name.as_str()), Some("nord"));
        assert_eq!(looks.find("drak"), None);
        assert_eq!(looks.nearest("nrod").map(Text::as_str), Some("nord"));
        assert_eq!(looks.nearest("lihgt").map(Text::as_str), Some("light"));
    }

    #[test]
    fn a_theme_of_the_users_own_comes_before_a_former_name() {
        let mut choices = looks().choices.to_vec();
        choices.push(ThemeChoice { own: true, ..choice("dark", None) });
        let looks = Looks { choices: choices.into(), ..Looks::default() };
        assert!(looks.find("dark").is_some_and(|choice| choice.own));
    }

    #[test]
    fn a_pair_is_looked_up_like_any_name() {
        let looks = looks();
        assert_eq!(looks.pair_of(0), Some(1));
        assert_eq!((looks.pair_of(1), looks.pair_of(2), looks.pair_of(9)), (None, None, None));
    }
}
