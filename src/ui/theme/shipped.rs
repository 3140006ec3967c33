//! The themes that ship with Foretop: files of `themes/`, compiled in.

/// Name and text of each, in the order of the list and the reference.
const SHIPPED: [(&str, &str); 13] = [
    ("foretop-dark", include_str!("../../../themes/foretop-dark.toml")),
    ("foretop-light", include_str!("../../../themes/foretop-light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("high-contrast-light", include_str!("../../../themes/high-contrast-light.toml")),
    ("monochrome", include_str!("../../../themes/monochrome.toml")),
    ("solarized-dark", include_str!("../../../themes/solarized-dark.toml")),
    ("solarized-light", include_str!("../../../themes/solarized-light.toml")),
    ("gruvbox-dark", include_str!("../../../themes/gruvbox-dark.toml")),
    ("gruvbox-light", include_str!("../../../themes/gruvbox-light.toml")),
    ("catppuccin-mocha", include_str!("../../../themes/catppuccin-mocha.toml")),
    ("catppuccin-latte", include_str!("../../../themes/catppuccin-latte.toml")),
    ("nord", include_str!("../../../themes/nord.toml")),
    ("nord-light", include_str!("../../../themes/nord-light.toml")),
];

/// Names that themes had before: configurations and themes of users' own go on using them.
const FORMER: [(&str, &str); 2] = [("dark", "foretop-dark"), ("light", "foretop-light")];

/// The names, in their order.
pub(super) fn names() -> impl ExactSizeIterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// The names and the former ones.
pub(super) fn all_names() -> impl Iterator<Item = &'static str> {
    names().chain(FORMER.iter().map(|(former, _)| *former))
}

/// The name that a theme had before, if it had another.
pub(super) fn former_name(name: &str) -> Option<&'static str> {
    FORMER.iter().find(|(_, now)| *now == name).map(|(former, _)| *former)
}

/// The present name of a theme, by that or by its former one.
pub(super) fn present_name(name: &str) -> Option<&'static str> {
    let now = FORMER.iter().find(|(former, _)| *former == name).map_or(name, |(_, now)| now);
    names().find(|known| *known == now)
}

/// The text of a theme, by its present or its former name.
pub(super) fn text(name: &str) -> Option<&'static str> {
    let now = present_name(name)?;
    SHIPPED.iter().find(|(known, _)| *known == now).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_knows_the_names() {
        assert!(all_names().eq(crate::core::looks::SHIPPED));
    }

    #[test]
    fn former_names_go_on_meaning_their_themes() {
        assert_eq!(present_name("dark"), Some("foretop-dark"));
        assert_eq!(text("light"), text("foretop-light"));
        assert_eq!(former_name("foretop-light"), Some("light"));
        assert_eq!((present_name("drak"), former_name("nord")), (None, None));
    }
}
