//! Where each value comes from: the layers once more, asked one by one, for `foretop config show`.
//!
//! [`resolve`] stays the one place that decides; here is only told which layer gave what it decided. No secret passes
//! through: of a password no more than the kind of its source.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::{Value, json};
use toml::de::{DeTable, DeValue};

use super::{
    Choice, ConfigError, Environment, File, Paths, Resolved, SourceFile, Target,
    profile::{Selected, of_environment, select},
    resolve,
};

mod estate;
mod settings;

/// Which layer a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An argument.
    CommandLine(&'static str),
    /// An environment variable that is set.
    Variable(&'static str),
    /// Variables of which none is set, which means something too.
    NoneSet(&'static str),
    /// A key of a profile of the file.
    Profile {
        /// The profile.
        name: String,
        /// Where the key stands.
        line: Option<usize>,
    },
    /// A key at the top of the file, or in one of its tables for all profiles.
    Top {
        /// Where the key stands.
        line: Option<usize>,
    },
    /// Another value, such as the region that an address follows from.
    Derived(&'static str),
    /// Nobody said anything.
    Default,
}

/// One value that is used, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The key as the file has it, with its table: `governor.requests`.
    pub key: &'static str,
    /// The value for people.
    pub shown: String,
    /// The value for programs.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

impl Explained {
    /// A value that is the same text for both.
    fn text(key: &'static str, value: impl Into<String>, origin: Origin) -> Self {
        let shown = value.into();
        Self { key, value: json!(shown), shown, origin }
    }
}

/// Everything that would be used, with its origins.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// What would be used.
    pub resolved: Resolved,
    /// The configuration file, if there is one.
    pub file: Option<PathBuf>,
    /// The values in their order: the estate, then the settings.
    pub values: Vec<Explained>,
}

/// Works out what would be used, as [`resolve`] does without asking anybody, and where it comes from. `source` is the
/// text that `file` was read from.
///
/// # Errors
///
/// As [`resolve`].
pub fn explain(
    choice: &Choice,
    environment: &Environment,
    paths: &Paths,
    file: &File,
    source: Option<&SourceFile>,
) -> Result<Explanation, ConfigError> {
    let resolved = resolve(choice, environment, paths, file, None)?;
    let lines = source.map(|source| Lines::of(&source.text)).unwrap_or_default();
    let selected = select(choice, environment, file)?;
    let layers = Layers { choice, environment, file, lines: &lines, selected: &selected };
    let mut values = vec![Explained::text("estate", estate_name(&resolved.target), layers.estate())];
    values.extend(layers.target(&resolved.target));
    values.extend(layers.settings(&resolved.settings));
    Ok(Explanation { resolved, file: source.map(|source| source.path.clone()), values })
}

fn estate_name(target: &Target) -> String {
    match target {
        Target::Simulated { world } => format!("SIMULATED, world {world}"),
        Target::Profile(profile) => profile.name.clone(),
        Target::Cloud(profile) => profile.name.clone(),
    }
}

/// The layers of one run.
struct Layers<'a> {
    choice: &'a Choice,
    environment: &'a Environment,
    file: &'a File,
    lines: &'a Lines,
    selected: &'a Selected<'a>,
}

impl Layers<'_> {
    /// What made it this estate.
    fn estate(&self) -> Origin {
        let Choice { profile, demo, .. } = self.choice;
        if demo.is_some() {
            return Origin::CommandLine("--demo");
        }
        if profile.is_some() {
            return Origin::CommandLine("--profile");
        }
        let set = |name: &&str| self.environment.get(name).is_some();
        if let Some(variable) = ["FORETOP_PROFILE", "FORETOP_SERVER"].into_iter().find(set) {
            return Origin::Variable(variable);
        }
        match self.selected {
            Selected::FromFile(..) if self.file.default_profile.is_some() => self.top(&["default_profile"]),
            Selected::FromFile(..) => Origin::Derived("the only profile"),
            Selected::Simulated(_) | Selected::FromEnvironment(_) => Origin::Default,
        }
    }

    /// The profile of the file, if it is one.
    fn profile_name(&self) -> Option<&str> {
        match self.selected {
            Selected::FromFile(name, _) => Some(name),
            Selected::Simulated(_) | Selected::FromEnvironment(_) => None,
        }
    }

    /// A key of the profile, or of the file when it is none.
    fn of_profile(&self, key: &str) -> Origin {
        match self.profile_name() {
            Some(name) => {
                Origin::Profile { name: name.to_owned(), line: self.lines.of_key(&["profiles", name, key]) }
            }
            None => self.top(&[key]),
        }
    }

    /// A key at the top or in a table there.
    fn top(&self, path: &[&str]) -> Origin {
        Origin::Top { line: self.lines.of_key(path) }
    }

    /// The variable that says something about looks, if one does: whether colours are wanted and UTF-8 is shown.
    fn of_looks(&self, key: &str) -> Option<Origin> {
        let said = of_environment(self.environment);
        match key {
            "ascii" if said.ascii.is_some() => Some(match self.environment.locale() {
                Some((variable, _)) => Origin::Variable(variable),
                None => Origin::NoneSet("LC_ALL, LC_CTYPE and LANG"),
            }),
            "monochrome" if said.monochrome.is_some() => {
                let by_wish = self.environment.raw("NO_COLOR").is_some();
                Some(Origin::Variable(if by_wish { "NO_COLOR" } else { "TERM" }))
            }
            _ => None,
        }
    }
}

/// The lines on which the keys of a file stand, counted from 1.
#[derive(Debug, Default)]
struct Lines(BTreeMap<Vec<String>, usize>);

impl Lines {
    /// Of a text that is valid TOML; none of another.
    fn of(text: &str) -> Self {
        let mut lines = Self::default();
        if let Ok(table) = DeTable::parse(text) {
            lines.walk(table.get_ref(), &[], text);
        }
        lines
    }

    fn walk(&mut self, table: &DeTable<'_>, above: &[String], text: &str) {
        for (key, value) in table {
            let mut path = above.to_vec();
            path.push(key.get_ref().clone().into_owned());
            if let DeValue::Table(inner) = value.get_ref() {
                self.walk(inner, &path, text);
            }
            let before = text.get(..key.span().start).unwrap_or(text);
            self.0.insert(path, before.matches('\n').count() + 1);
        }
    }

    fn of_key(&self, path: &[&str]) -> Option<usize> {
        let path: Vec<String> = path.iter().map(|&part| part.to_owned()).collect();
        self.0.get(&path).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Names;

    const TEXT: &str = r#"
theme = "light"
read_only = true

[governor]
requests = 4

[profiles.emea]
servers = ["cs1.example.com"]
username = 'CORP\a.kaya'
password_command = "echo hunter2"
read_only = false
"#;

    fn explained(choice: &Choice, text: &str, variables: &[(&str, &str)]) -> Explanation {
        let environment = Environment::of([("HOME", "/home/ops"), ("LANG", "C.UTF-8")]);
        let environment = variables.iter().fold(environment, |all, (name, value)| all.with(name, value));
        let paths = Paths::new(&environment).unwrap();
        let source = SourceFile { path: "/home/ops/c.toml".into(), text: text.to_owned(), mode: Some(0o600) };
        let (file, mistakes) = File::parse(&source, &Names::default());
        assert_eq!(mistakes, []);
        explain(choice, &environment, &paths, &file, Some(&source)).unwrap()
    }

    fn of<'a>(explanation: &'a Explanation, key: &str) -> (&'a str, &'a Origin) {
        let found = explanation.values.iter().find(|value| value.key == key);
        let found = found.unwrap_or_else(|| panic!("no {key} in {explanation:#?}"));
        (&found.shown, &found.origin)
    }

    fn emea(line: usize) -> Origin {
        Origin::Profile { name: "emea".to_owned(), line: Some(line) }
    }

    #[test]
    fn each_layer_is_named_with_its_line() {
        let told = explained(&Choice::default(), TEXT, &[]);
        assert_eq!(of(&told, "estate"), ("emea", &Origin::Derived("the only profile")));
        assert_eq!(of(&told, "servers"), ("https://cs1.example.com/", &emea(9)));
        assert_eq!(of(&told, "domain"), ("CORP", &emea(10)));
        assert_eq!(of(&told, "username"), ("a.kaya", &emea(10)));
        assert_eq!(of(&told, "password"), ("command", &emea(11)));
        assert_eq!(of(&told, "read_only"), ("false", &emea(12)));
        assert_eq!(of(&told, "theme"), ("light", &Origin::Top { line: Some(2) }));
        assert_eq!(of(&told, "governor.requests"), ("4", &Origin::Top { line: Some(6) }));
        assert_eq!(of(&told, "governor.lookups"), ("2", &Origin::Default));
        assert!(!format!("{:?}", told.values).contains("hunter2"));
    }

    #[test]
    fn what_follows_from_another_value_says_so() {
        let told = explained(&Choice::default(), "[governor]\nrequests = 1\n", &[]);
        assert_eq!(of(&told, "governor.lookups"), ("1", &Origin::Derived("governor.requests")));
    }

    #[test]
    fn arguments_and_variables_are_named() {
        let choice = Choice {
            profile: Some("emea".to_owned()),
            settings: crate::config::PartialSettings { read_only: Some(true), ..Default::default() },
            ..Choice::default()
        };
        let told = explained(&choice, TEXT, &[("NO_COLOR", "1"), ("LC_ALL", "C")]);
        assert_eq!(of(&told, "estate"), ("emea", &Origin::CommandLine("--profile")));
        assert_eq!(of(&told, "read_only"), ("true", &Origin::CommandLine("--read-only")));
        assert_eq!(of(&told, "monochrome"), ("true", &Origin::Variable("NO_COLOR")));
        assert_eq!(of(&told, "ascii"), ("true", &Origin::Variable("LC_ALL")));
        let server = [
            ("FORETOP_SERVER", "cs9"),
            ("FORETOP_DOMAIN", "CORP"),
            ("FORETOP_USERNAME", "kaya"),
            ("FORETOP_PASSWORD", "hunter2"),
        ];
        let told = explained(&Choice::default(), TEXT, &server);
        assert_eq!(of(&told, "estate"), ("cs9", &Origin::Variable("FORETOP_SERVER")));
        assert_eq!(of(&told, "username").1, &Origin::Variable("FORETOP_USERNAME"));
        assert_eq!(of(&told, "password").1, &Origin::Variable("FORETOP_PASSWORD"));
        assert_eq!(of(&told, "read_only"), ("true", &Origin::Top { line: Some(3) }));
        assert!(!format!("{:?}", told.values).contains("hunter2"));
    }

    #[test]
    fn a_profile_of_the_cloud_tells_what_follows_from_its_region() {
        let text = "[profiles.cloud]\nwire = \"workspace\"\nregion = \"cn-north-4\"\naccess_key = \"AK1\"\n";
        let variables = [("HUAWEICLOUD_SDK_AK", "AK1"), ("HUAWEICLOUD_SDK_SK", "hunter2")];
        let told = explained(&Choice::default(), text, &variables);
        let cloud = |line| Origin::Profile { name: "cloud".to_owned(), line: Some(line) };
        assert_eq!(of(&told, "wire"), ("workspace", &cloud(2)));
        assert_eq!(of(&told, "endpoint"), ("by the region", &Origin::Derived("region")));
        assert_eq!(of(&told, "access_key"), ("AK1", &cloud(4)));
        assert_eq!(of(&told, "secret_key").1, &Origin::Variable("HUAWEICLOUD_SDK_SK"));
        assert_eq!(of(&told, "session_window"), ("30d", &Origin::Default));
    }
}
