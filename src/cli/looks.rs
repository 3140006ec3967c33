//! How the console looks: themes by name, and how many colours there are.

use std::fs;

use crate::{
    config::{Environment, Names, Paths, Settings, nearest},
    core::{bulk::template::Field, table::Column},
    error::Error,
    ui::{ColorDepth, Theme},
};

/// Every name that the configuration file may use for a column or a theme.
pub(super) fn names(paths: &Paths) -> Names {
    Names {
        session_columns: Column::ALL.iter().map(|column| column.id().to_owned()).collect(),
        themes: theme_names(paths),
        regions: crate::api::regions().map(str::to_owned).collect(),
        template_fields: Field::ALL.iter().map(|field| field.name().to_owned()).collect(),
    }
}

fn theme_names(paths: &Paths) -> Vec<String> {
    let mut names: Vec<String> = Theme::builtin_names().map(str::to_owned).collect();
    names.extend(paths.user_themes());
    names.sort();
    names.dedup();
    names
}

/// The columns of the settings; `None` when the width of the screen decides.
pub(super) fn columns(settings: &Settings) -> Option<Vec<Column>> {
    let names = settings.session_columns.as_ref()?;
    Some(names.iter().filter_map(|name| Column::from_id(name)).collect())
}

/// The theme of the settings, for this terminal. A file of the user's own comes before a shipped theme of that name.
pub(super) fn theme(settings: &Settings, paths: &Paths, environment: &Environment) -> Result<Theme, Error> {
    let name = &settings.theme;
    let theme = if paths.user_themes().contains(name) {
        let file = paths.themes_dir().join(format!("{name}.toml"));
        let shown = file.display().to_string();
        let text = fs::read_to_string(&file)
            .map_err(|error| Error::usage("cannot read the theme").on(&shown).words(error.to_string()))?;
        Theme::parse(&text, &shown).map_err(|error| Error::usage(error.to_string()))?
    } else {
        Theme::builtin(name).ok_or_else(|| unknown(name, paths))?
    };
    Ok(theme.with_depth(depth(settings, environment)))
}

fn unknown(name: &str, paths: &Paths) -> Error {
    let known = theme_names(paths);
    let error = Error::usage(format!("there is no theme `{name}`"));
    match nearest(name, known.iter().map(String::as_str)) {
        Some(nearest) => error.hint(format!("did you mean `{nearest}`?")),
        None => error.hint(format!("themes: {}", known.join(", "))),
    }
}

/// How many colours the terminal has, as far as the environment says.
pub(super) fn depth(settings: &Settings, environment: &Environment) -> ColorDepth {
    let is = |name: &str, values: &[&str]| {
        environment
            .get(name)
            .is_some_and(|given| values.iter().any(|value| given.eq_ignore_ascii_case(value)))
    };
    if settings.monochrome {
        ColorDepth::Mono
    } else if is("COLORTERM", &["truecolor", "24bit"]) {
        ColorDepth::TrueColor
    } else if environment.get("TERM").is_some_and(|terminal| terminal.contains("256color")) {
        ColorDepth::Ansi256
    } else {
        ColorDepth::Ansi16
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn paths(home: &std::path::Path) -> Paths {
        Paths::new(&Environment::of([("HOME", home)])).unwrap()
    }

    fn settings(theme: &str) -> Settings {
        Settings { theme: theme.to_owned(), ..Settings::default() }
    }

    #[rstest]
    #[case(&[("COLORTERM", "truecolor"), ("TERM", "xterm")], ColorDepth::TrueColor)]
    #[case(&[("COLORTERM", "24bit")], ColorDepth::TrueColor)]
    #[case(&[("TERM", "tmux-256color")], ColorDepth::Ansi256)]
    #[case(&[("TERM", "xterm")], ColorDepth::Ansi16)]
    #[case(&[], ColorDepth::Ansi16)]
    fn the_environment_says_how_many_colours(
        #[case] variables: &[(&str, &str)],
        #[case] expected: ColorDepth,
    ) {
        let environment = Environment::of(variables.iter().copied());
        assert_eq!(depth(&Settings::default(), &environment), expected);
        let monochrome = Settings { monochrome: true, ..Settings::default() };
        assert_eq!(depth(&monochrome, &environment), ColorDepth::Mono);
    }

    #[test]
    fn the_users_own_theme_comes_before_a_shipped_one() {
        let home = tempfile::tempdir().unwrap();
        let paths = paths(home.path());
        let environment = Environment::default();
        assert_eq!(theme(&settings("light"), &paths, &environment).unwrap().name(), "light");
        fs::create_dir_all(paths.themes_dir()).unwrap();
        fs::write(paths.themes_dir().join("light.toml"), "inherits = \"dark\"\n").unwrap();
        let own = theme(&settings("light"), &paths, &environment).unwrap();
        assert!(own.name().ends_with("light.toml"), "{}", own.name());
        assert!(names(&paths).themes.contains(&"light".to_owned()));
    }

    #[test]
    fn a_theme_that_is_missing_or_broken_is_a_usage_error() {
        let home = tempfile::tempdir().unwrap();
        let paths = paths(home.path());
        let error = theme(&settings("drak"), &paths, &Environment::default()).unwrap_err();
        assert_eq!((error.class().code(), error.advice()), (2, Some("did you mean `dark`?")));
        fs::create_dir_all(paths.themes_dir()).unwrap();
        fs::write(paths.themes_dir().join("mine.toml"), "[roles]\nmutedd = \"red\"\n").unwrap();
        let error = theme(&settings("mine"), &paths, &Environment::default()).unwrap_err();
        assert_eq!(error.class().code(), 2);
        assert!(error.to_string().contains("mine.toml"), "{error}");
    }
}
