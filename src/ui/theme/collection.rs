//! The themes of a run, by their names.

use super::Theme;

/// Themes by name; there is always one to draw with.
#[derive(Debug, Clone, Default)]
pub struct Themes {
    named: Vec<(String, Theme)>,
    /// What is drawn with when a name means none of them.
    fallback: Theme,
}

impl Themes {
    /// No themes yet, but for the one that is drawn with when a name is not known.
    pub fn new(fallback: Theme) -> Self {
        Self { named: Vec::new(), fallback }
    }

    /// Adds one under a name.
    pub fn add(&mut self, name: &str, theme: Theme) {
        self.named.push((name.to_owned(), theme));
    }

    /// The theme of a name.
    pub fn named(&self, name: &str) -> &Theme {
        self.named.iter().find(|(known, _)| known == name).map_or(&self.fallback, |(_, theme)| theme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_means_nothing_still_gives_a_theme() {
        let mut themes = Themes::new(Theme::default());
        themes.add("nord", Theme::builtin("nord").unwrap());
        assert_eq!(themes.named("nord").name(), "nord");
        assert_eq!(themes.named("nobody").name(), "foretop-dark");
    }
}
