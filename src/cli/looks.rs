//! How the console looks: themes by name, and how many colours there are.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    config::{Diagnostic, Environment, Gravity, Names, Paths, Settings, nearest},
    core::{
        bulk::template::Field,
        looks::{Looks, ThemeChoice},
        table::{ChosenColumn, Column},
    },
    domain::Text,
    error::Error,
    ui::{ColorDepth, Theme, Themes},
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

/// Every name that means a theme, former ones included.
fn theme_names(paths: &Paths) -> Vec<String> {
    let shipped = Theme::builtin_names().chain(Theme::builtin_names().filter_map(Theme::former_name));
    let mut names: Vec<String> = shipped.map(str::to_owned).collect();
    names.extend(paths.user_themes());
    names.sort();
    names.dedup();
    names
}

/// The columns of the settings; `None` when the width of the screen decides.
pub(super) fn columns(settings: &Settings) -> Option<Vec<ChosenColumn>> {
    let names = settings.session_columns.as_ref()?;
    Some(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// Every theme for this terminal, and which one is in force at the start. `profile` is the profile that says a theme of
/// its own, if one does. A theme that is not in force may have mistakes: the list of themes says so.
pub(super) fn themes(
    settings: &Settings,
    profile: Option<&str>,
    paths: &Paths,
    environment: &Environment,
) -> Result<(Themes, Looks), Error> {
    let depth = depth(settings, environment);
    let own = paths.user_themes();
    let name = present_name(&settings.theme, &own);
    let is_own = |name: &str| own.iter().any(|own| own == name);
    let mut themes = Themes::new(read(name, is_own(name), paths)?.with_depth(depth));
    let mut names: Vec<&str> = Theme::builtin_names().map(|name| -> &str { name }).collect();
    names.extend(
        own.iter().map(String::as_str).filter(|name| !Theme::builtin_names().any(|known| known == *name)),
    );
    let mut choices = Vec::new();
    for name in names {
        let mut choice = ThemeChoice {
            own: is_own(name),
            former: Theme::former_name(name).map(Text::clean),
            ..ThemeChoice::new(name)
        };
        match read(name, choice.own, paths) {
            Ok(theme) => {
                choice.ground = theme.ground();
                choice.pair = theme.pair().map(Text::clean);
                themes.add(choice.name.as_str(), theme.with_depth(depth));
            }
            Err(error) => {
                // The mistake counts, not the way to the folder: there is little room for it.
                let folder = paths.themes_dir().display().to_string();
                choice.objection = Some(Text::clean(&error.to_string().replace(&folder, "themes")));
            }
        }
        choices.push(choice);
    }
    let looks = Looks {
        theme: Text::clean(name),
        choices: Arc::from(choices),
        has_colours: depth != ColorDepth::Mono,
        kept_in: Text::clean(&kept_in(profile, paths, environment)),
    };
    Ok((themes, looks))
}

/// The name in the list of what a name means: a theme of the user's own comes before a shipped one's former name.
fn present_name<'a>(name: &'a str, own: &[String]) -> &'a str {
    if own.iter().any(|own| own == name) { name } else { Theme::builtin_name(name).unwrap_or(name) }
}

/// Reads a theme. A file of the user's own comes before a shipped theme of that name.
fn read(name: &str, is_own: bool, paths: &Paths) -> Result<Theme, Error> {
    if !is_own {
        return Theme::builtin(name).ok_or_else(|| unknown(name, paths));
    }
    let file = paths.themes_dir().join(format!("{name}.toml"));
    let shown = file.display().to_string();
    let text = fs::read_to_string(&file)
        .map_err(|error| Error::usage("cannot read the theme").on(&shown).words(error.to_string()))?;
    Theme::parse(&text, &shown).map_err(|error| Error::usage(error.to_string()))
}

/// A theme file of the user's own, and what is wrong with it.
#[derive(Debug)]
pub(super) struct OwnTheme {
    /// Where it is.
    pub(super) file: PathBuf,
    /// Every mistake, in the order of the file.
    pub(super) mistakes: Vec<Diagnostic>,
}

/// Reads every theme of the user's own. A mistake is an error where the theme is one of those `in_force`: the console does
/// not open with it. Elsewhere it is a warning.
pub(super) fn check_own(paths: &Paths, in_force: &[String]) -> Vec<OwnTheme> {
    let (own, known) = (paths.user_themes(), theme_names(paths));
    let in_force: Vec<&str> = in_force.iter().map(|name| present_name(name, &own)).collect();
    let check = |name: &String| {
        let is_in_force = in_force.contains(&name.as_str());
        let gravity = if is_in_force { Gravity::Error } else { Gravity::Warning };
        let file = paths.themes_dir().join(format!("{name}.toml"));
        let mistakes = match fs::read_to_string(&file) {
            Ok(text) => Theme::mistakes(&text, name, &known)
                .into_iter()
                .map(|told| Diagnostic::in_open_file(gravity, &file, &text, told.span, told.message))
                .collect(),
            Err(error) => {
                vec![Diagnostic::of_file(gravity, &file, format!("the theme cannot be read: {error}"))]
            }
        };
        OwnTheme { file, mistakes }
    };
    own.iter().map(check).collect()
}

/// Where a theme is said for good: the configuration file, and in it the profile that has one of its own.
fn kept_in(profile: Option<&str>, paths: &Paths, environment: &Environment) -> String {
    let file = from_home(paths.config_file(), environment);
    profile.map_or_else(|| file.clone(), |profile| format!("[profiles.{profile}] of {file}"))
}

/// A path as people write it: `~` for their home.
fn from_home(path: &Path, environment: &Environment) -> String {
    let below = environment.home().and_then(|home| path.strip_prefix(home).ok());
    below.map_or_else(|| path.display().to_string(), |below| format!("~/{}", below.display()))
}

fn unknown(name: &str, paths: &Paths) -> Error {
    let known = theme_names(paths);
    let error = Error::usage(format!("there is no theme `{name}`"));
    match nearest(name, known.iter().map(String::as_str)) {
        Some(nearest) => error.hint(format!("did you mean `{nearest}`?")),
        None => error.hint(format!("themes: {}", known.join(", "))),
    }
}

/// Terminals that show true colours and have a name of their own. SSH passes the name on, but not `COLORTERM`.
const RICH: [&str; 5] = ["alacritty", "foot", "ghostty", "kitty", "wezterm"];

/// How many colours the terminal has, as far as the environment says.
pub(super) fn depth(settings: &Settings, environment: &Environment) -> ColorDepth {
    let is = |name: &str, values: &[&str]| {
        environment
            .get(name)
            .is_some_and(|given| values.iter().any(|value| given.eq_ignore_ascii_case(value)))
    };
    let terminal = environment.get("TERM").unwrap_or_default();
    let is_rich = terminal.ends_with("-direct") || RICH.iter().any(|name| terminal.contains(name));
    if settings.monochrome {
        ColorDepth::Mono
    } else if is_rich || is("COLORTERM", &["truecolor", "24bit"]) {
        ColorDepth::TrueColor
    } else if terminal.contains("256color") {
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
    #[case(&[("TERM", "xterm-kitty")], ColorDepth::TrueColor)]
    #[case(&[("TERM", "xterm-direct")], ColorDepth::TrueColor)]
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

    fn started(name: &str, paths: &Paths) -> Result<(Themes, Looks), Error> {
        themes(&settings(name), None, paths, &Environment::of([("TERM", "xterm")]))
    }

    #[test]
    fn the_users_own_theme_comes_before_a_shipped_one() {
        let home = tempfile::tempdir().unwrap();
        let paths = paths(home.path());
        let (themes, looks) = started("light", &paths).unwrap();
        assert_eq!(looks.theme.as_str(), "foretop-light", "that is what it is called now");
        assert_eq!(themes.named("foretop-light").name(), "foretop-light");
        assert_eq!(looks.choices.len(), Theme::builtin_names().len());
        fs::create_dir_all(paths.themes_dir()).unwrap();
        for name in ["light", "nord", "night"] {
            fs::write(paths.themes_dir().join(format!("{name}.toml")), "inherits = \"dark\"\n").unwrap();
        }
        let (themes, looks) = started("light", &paths).unwrap();
        assert_eq!(looks.theme.as_str(), "light");
        assert!(themes.named("light").name().ends_with("light.toml"));
        assert!(themes.named("nord").name().ends_with("nord.toml"), "it replaces the shipped one");
        assert_eq!(looks.choices.len(), Theme::builtin_names().len() + 2);
        let own: Vec<&str> =
            looks.choices.iter().filter(|choice| choice.own).map(|choice| choice.name.as_str()).collect();
        assert_eq!(own, ["nord", "light", "night"]);
        assert!(names(&paths).themes.contains(&"night".to_owned()));
        assert!(names(&paths).themes.contains(&"dark".to_owned()), "former names go on working");
    }

    #[test]
    fn a_theme_that_is_missing_or_broken_is_a_usage_error_when_it_is_asked_for() {
        let home = tempfile::tempdir().unwrap();
        let paths = paths(home.path());
        let error = started("drak", &paths).unwrap_err();
        assert_eq!((error.class().code(), error.advice()), (2, Some("did you mean `dark`?")));
        fs::create_dir_all(paths.themes_dir()).unwrap();
        fs::write(paths.themes_dir().join("mine.toml"), "[roles]\nmutedd = \"red\"\n").unwrap();
        let error = started("mine", &paths).unwrap_err();
        assert_eq!(error.class().code(), 2);
        assert!(error.to_string().contains("mine.toml"), "{error}");
        let (_, looks) = started("nord", &paths).unwrap();
        let objection = looks.find("mine").unwrap().objection.clone().unwrap();
        assert!(objection.as_str().starts_with("themes/mine.toml:2:1: unknown role"), "{objection}");
    }

    #[test]
    fn every_own_theme_is_checked_and_counts_as_much_as_it_is_used() {
        let home = tempfile::tempdir().unwrap();
        let paths = paths(home.path());
        assert!(check_own(&paths, &["nord".to_owned()]).is_empty());
        fs::create_dir_all(paths.themes_dir().join("folder.toml")).unwrap();
        let broken = "inherits = \"nope\"\nfoo = 3\n[roles]\nfocus = \"blurple\"\n";
        for (name, text) in
            [("mine", broken), ("foretop-dark", "foo = 3\n"), ("fine", "inherits = \"nord\"\n")]
        {
            fs::write(paths.themes_dir().join(format!("{name}.toml")), text).unwrap();
        }
        let checked = check_own(&paths, &["mine", "dark"].map(str::to_owned));
        let told = |name: &str| {
            let end = format!("themes/{name}.toml");
            let theme = checked.iter().find(|theme| theme.file.ends_with(&end)).unwrap();
            let place = |mistake: &Diagnostic| mistake.place.as_ref().map(|place| (place.line, place.column));
            theme.mistakes.iter().map(|mistake| (mistake.gravity, place(mistake))).collect::<Vec<_>>()
        };
        let places = [(1, 12), (2, 1), (4, 1), (4, 9)].map(|place| (Gravity::Error, Some(place)));
        assert_eq!(told("mine"), places);
        assert_eq!(told("foretop-dark"), [(Gravity::Error, Some((1, 1)))], "its former name means it");
        assert_eq!(told("folder"), [(Gravity::Warning, None)]);
        assert_eq!(told("fine"), []);
    }

    #[test]
    fn it_is_said_where_a_theme_is_kept() {
        let environment = Environment::of([("HOME", "/home/ops")]);
        let paths = Paths::new(&environment).unwrap();
        assert_eq!(kept_in(None, &paths, &environment), "~/.config/foretop/config.toml");
        let of_profile = kept_in(Some("emea"), &paths, &environment);
        assert_eq!(of_profile, "[profiles.emea] of ~/.config/foretop/config.toml");
        let elsewhere = environment.with("FORETOP_CONFIG", "/srv/f.toml");
        let paths = Paths::new(&elsewhere).unwrap();
        assert_eq!(kept_in(None, &paths, &elsewhere), "/srv/f.toml");
    }

    #[test]
    fn without_colours_the_list_knows() {
        let home = tempfile::tempdir().unwrap();
        let settings = Settings { monochrome: true, ..settings("nord") };
        let (_, looks) = themes(&settings, None, &paths(home.path()), &Environment::default()).unwrap();
        assert!(!looks.has_colours);
    }
}
