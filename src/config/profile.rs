//! Which estate is meant, as whom, and with which settings.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use url::Url;

use super::{
    Account, CloudProfile, ConfigError, Environment, File, FileProfile, PartialSettings, PasswordSource,
    Paths, Prompt, SecretError, Settings, nearest, obtain,
    server::{parse_pin, parse_server},
};
use crate::api::check_ca_file;

/// The simulated estate that is shown when nothing else is configured.
pub const DEFAULT_WORLD: &str = "helpdesk";

/// What the command line says about the estate.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--demo`, with the name of the world.
    pub demo: Option<String>,
    /// Settings given as arguments.
    pub settings: PartialSettings,
}

/// Where to connect to.
#[derive(Debug, Clone)]
pub enum Target {
    /// A simulated estate inside this process; the screen says SIMULATED.
    Simulated {
        /// Name of the world.
        world: String,
    },
    /// A real one.
    Profile(Profile),
    /// One in the cloud.
    Cloud(Box<CloudProfile>),
}

impl Target {
    /// The name to show in the status bar.
    pub fn name(&self) -> &str {
        match self {
            Self::Simulated { world } => world,
            Self::Profile(profile) => &profile.name,
            Self::Cloud(profile) => &profile.name,
        }
    }

    /// The profile of the file that it is, if it is one.
    pub fn profile_name(&self) -> Option<&str> {
        match self {
            Self::Profile(profile) if profile.is_in_file => Some(&profile.name),
            Self::Cloud(profile) => Some(&profile.name),
            Self::Profile(_) | Self::Simulated { .. } => None,
        }
    }
}

/// A connection that can be tried: complete but for the password.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name; for one made of environment variables, the host.
    pub name: String,
    /// Connection servers of one pod, never empty: the next one is tried when one is down.
    pub servers: Vec<Url>,
    /// Short account name.
    pub username: String,
    /// NetBIOS or DNS name of the account's domain (`horizon-rest.md section 2`).
    pub domain: String,
    /// Which certificates are trusted.
    pub trust: Trust,
    /// Where the password comes from.
    pub password: PasswordSource,
    /// Whether it is one of the file, so that its name means it on a command line.
    pub is_in_file: bool,
}

impl Profile {
    /// Whose password it is.
    pub fn account(&self) -> Account<'_> {
        Account { profile: &self.name, domain: &self.domain, username: &self.username }
    }

    /// Gets the password. Waits: see [`obtain`].
    pub fn password(
        &self,
        environment: &Environment,
        prompt: Option<&mut dyn Prompt>,
    ) -> Result<secrecy::SecretString, SecretError> {
        obtain(&self.password, self.account(), environment, prompt)
    }
}

/// Which certificates are trusted. There is no "any".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those that the operating system trusts.
    #[default]
    System,
    /// Those that chain to an authority in this PEM file.
    CaFile(PathBuf),
    /// The one with this SHA-256 fingerprint: 64 lower-case hexadecimal digits.
    Pinned(String),
}

/// The answer to all of it.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Where to connect to.
    pub target: Target,
    /// With which settings.
    pub settings: Settings,
}

/// Works out the estate and the settings. In this order: `--demo`, `--profile`, `FORETOP_PROFILE`, `FORETOP_SERVER`,
/// the default (or only) profile of the file, the simulated estate.
///
/// `prompt` is asked for a missing user name or domain; without it they are errors.
pub fn resolve(
    choice: &Choice,
    environment: &Environment,
    paths: &Paths,
    file: &File,
    prompt: Option<&mut dyn Prompt>,
) -> Result<Resolved, ConfigError> {
    let selected = select(choice, environment, file)?;
    let (target, profile_settings) = match selected {
        Selected::Simulated(world) => (Target::Simulated { world }, PartialSettings::default()),
        Selected::FromFile(name, profile @ FileProfile { cloud: Some(cloud), .. }) => {
            let trust = trust_of(name, profile, environment, paths)?;
            let target = CloudProfile::from_file(name, profile, cloud, trust, environment, prompt)?;
            (Target::Cloud(Box::new(target)), profile.settings.clone())
        }
        Selected::FromFile(name, profile) => {
            let draft = Draft::from_file(name, profile, environment, paths)?;
            (Target::Profile(draft.finish(prompt)?), profile.settings.clone())
        }
        Selected::FromEnvironment(servers) => {
            let draft = Draft::from_environment(servers, environment)?;
            (Target::Profile(draft.finish(prompt)?), PartialSettings::default())
        }
    };
    let settings = choice
        .settings
        .clone()
        .over(of_environment(environment))
        .over(profile_settings)
        .over(file.settings.clone())
        .complete();
    Ok(Resolved { target, settings })
}

/// What the environment says about looks.
pub(super) fn of_environment(environment: &Environment) -> PartialSettings {
    PartialSettings {
        ascii: (!environment.is_utf8()).then_some(true),
        monochrome: environment.wants_no_color().then_some(true),
        ..PartialSettings::default()
    }
}

/// Which of the estates is meant.
pub(super) enum Selected<'a> {
    Simulated(String),
    FromFile(&'a str, &'a FileProfile),
    FromEnvironment(&'a str),
}

/// Which estate is meant.
pub(super) fn select<'a>(
    choice: &'a Choice,
    environment: &'a Environment,
    file: &'a File,
) -> Result<Selected<'a>, ConfigError> {
    if let Some(world) = &choice.demo {
        return Ok(Selected::Simulated(world.clone()));
    }
    if let Some(name) = &choice.profile {
        return named(name, file);
    }
    match (environment.get("FORETOP_PROFILE"), environment.get("FORETOP_SERVER")) {
        (Some(_), Some(_)) => return Err(ConfigError::TwoEstates),
        (Some(name), None) => return named(name, file),
        (None, Some(servers)) => return Ok(Selected::FromEnvironment(servers)),
        (None, None) => {}
    }
    if let Some(name) = &file.default_profile {
        return named(name, file);
    }
    let mut profiles = file.profiles.iter();
    match (profiles.next(), profiles.next()) {
        (Some((name, profile)), None) => Ok(Selected::FromFile(name, profile)),
        (Some(_), Some(_)) => Err(file.no_default()),
        (None, _) => {
            let companions = ["FORETOP_USERNAME", "FORETOP_DOMAIN", "FORETOP_PASSWORD", "FORETOP_PIN_SHA256"];
            // Somebody means a real server: the simulated estate would look like an answer.
            let meant =
                companions.into_iter().chain(["FORETOP_SERVER"]).find(|name| environment.raw(name).is_some());
            if let Some(variable) = meant {
                return Err(ConfigError::NoServer { variable });
            }
            Ok(Selected::Simulated(DEFAULT_WORLD.to_owned()))
        }
    }
}

fn names(file: &File) -> Vec<String> {
    file.profiles.keys().cloned().collect()
}

impl File {
    /// What is said where no profile is named and none is the default.
    fn no_default(&self) -> ConfigError {
        ConfigError::NoDefaultProfile { known: names(self) }
    }

    /// The same, where several profiles are there and none is the default: every command has to be told which one then.
    pub fn lacks_default(&self) -> Option<ConfigError> {
        (self.profiles.len() > 1 && self.default_profile.is_none()).then(|| self.no_default())
    }
}

fn named<'a>(name: &str, file: &'a File) -> Result<Selected<'a>, ConfigError> {
    match file.profiles.get_key_value(name) {
        Some((name, profile)) => Ok(Selected::FromFile(name, profile)),
        None => Err(ConfigError::UnknownProfile {
            name: name.to_owned(),
            nearest: nearest(name, file.profiles.keys().map(String::as_str)).map(str::to_owned),
            known: names(file),
        }),
    }
}

/// A profile whose account may still be incomplete.
struct Draft {
    name: String,
    servers: Vec<Url>,
    username: Option<String>,
    domain: Option<String>,
    trust: Trust,
    password: PasswordSource,
    /// Whether it is a profile of the file, for messages.
    is_in_file: bool,
}

impl Draft {
    /// A profile of the file. What it does not say about the account comes from the environment, unless those variables
    /// belong to another server.
    fn from_file(
        name: &str,
        profile: &FileProfile,
        environment: &Environment,
        paths: &Paths,
    ) -> Result<Self, ConfigError> {
        let companions = environment.raw("FORETOP_SERVER").is_none();
        let variable = |name| environment.get(name).filter(|_| companions).map(str::to_owned);
        let password = match &profile.password {
            Some(source) => source.clone(),
            None if companions => password_of(environment),
            None => PasswordSource::Prompt,
        };
        let trust = trust_of(name, profile, environment, paths)?;
        let username = profile.username.clone().or_else(|| variable("FORETOP_USERNAME"));
        let names_its_domain = profile.username.as_ref().is_some_and(|username| username.contains('\\'));
        let other_domain = || variable("FORETOP_DOMAIN").filter(|_| !names_its_domain);
        Ok(Self {
            name: name.to_owned(),
            servers: profile.servers.clone(),
            username,
            domain: profile.domain.clone().or_else(other_domain),
            trust,
            password,
            is_in_file: true,
        })
    }

    fn from_environment(servers: &str, environment: &Environment) -> Result<Self, ConfigError> {
        let value_error = |name: &str, problem| ConfigError::Value { name: name.to_owned(), problem };
        let servers: Vec<Url> = servers
            .split(',')
            .map(parse_server)
            .collect::<Result<_, _>>()
            .map_err(|problem| value_error("FORETOP_SERVER", problem))?;
        let trust = match environment.get("FORETOP_PIN_SHA256").map(parse_pin) {
            Some(Ok(pin)) => Trust::Pinned(pin),
            Some(Err(problem)) => return Err(value_error("FORETOP_PIN_SHA256", problem)),
            None => Trust::System,
        };
        let name = servers.first().and_then(Url::host_str).unwrap_or("FORETOP_SERVER").to_owned();
        Ok(Self {
            name,
            servers,
            username: environment.get("FORETOP_USERNAME").map(str::to_owned),
            domain: environment.get("FORETOP_DOMAIN").map(str::to_owned),
            trust,
            password: password_of(environment),
            is_in_file: false,
        })
    }

    /// Completes the account, asking when there is somebody.
    fn finish(self, mut prompt: Option<&mut dyn Prompt>) -> Result<Profile, ConfigError> {
        let mut ask = |part: &'static str, key: &str, variable: &str| match prompt.as_deref_mut() {
            Some(prompt) => {
                let question = format!("{} for {}: ", capitalised(part), self.name);
                prompt.line(&question).map_err(|source| ConfigError::Ask { part, source })
            }
            None if self.is_in_file => Err(ConfigError::MissingAccount {
                estate: format!("the profile `{}`", self.name),
                part,
                set: format!("`{key}` in [profiles.{}], or {variable}", self.name),
            }),
            None => Err(ConfigError::MissingAccount {
                estate: "FORETOP_SERVER".to_owned(),
                part,
                set: variable.to_owned(),
            }),
        };
        let typed = match &self.username {
            Some(username) => username.clone(),
            None => ask("user name", "username", "FORETOP_USERNAME")?,
        };
        let (domain, username) = split_account(&typed, self.domain.as_deref())?;
        let domain = match domain {
            Some(domain) => domain,
            None => ask("domain", "domain", "FORETOP_DOMAIN")?,
        };
        if domain.trim().is_empty() {
            return Err(ConfigError::Value { name: "domain".to_owned(), problem: "is empty".to_owned() });
        }
        let Self { name, servers, trust, password, is_in_file, .. } = self;
        Ok(Profile { name, servers, username, domain, trust, password, is_in_file })
    }
}

fn password_of(environment: &Environment) -> PasswordSource {
    match environment.raw("FORETOP_PASSWORD") {
        Some(_) => PasswordSource::Variable("FORETOP_PASSWORD".to_owned()),
        None => PasswordSource::Prompt,
    }
}

fn capitalised(part: &str) -> String {
    let mut characters = part.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// Takes `DOMAIN\user` apart and compares it with a domain given elsewhere.
///
/// # Errors
///
/// When it is empty, not an account of Horizon, or says another domain.
pub fn split_account(typed: &str, domain: Option<&str>) -> Result<(Option<String>, String), ConfigError> {
    let wrong = |problem: String| ConfigError::Value { name: "user name".to_owned(), problem };
    let typed = typed.trim();
    let (own_domain, username) = match typed.split_once('\\') {
        Some((own_domain, username)) => (Some(own_domain), username),
        None => (None, typed),
    };
    if username.is_empty() || own_domain == Some("") {
        return Err(wrong("is empty; write DOMAIN\\user".to_owned()));
    }
    if username.contains('@') {
        // horizon-rest.md section 2: a UPN is not supported.
        return Err(wrong("Horizon does not take user@domain; write DOMAIN\\user".to_owned()));
    }
    match (own_domain, domain) {
        (Some(own), Some(other)) if !own.eq_ignore_ascii_case(other) => {
            Err(wrong(format!("says domain {own}, but the domain is set to {other}")))
        }
        (own, other) => Ok((other.or(own).map(|domain| domain.trim().to_owned()), username.to_owned())),
    }
}

/// Which certificates a profile trusts.
fn trust_of(
    name: &str,
    profile: &FileProfile,
    environment: &Environment,
    paths: &Paths,
) -> Result<Trust, ConfigError> {
    Ok(match profile.trust.clone().unwrap_or_default() {
        Trust::CaFile(path) => Trust::CaFile(ca_file(&path, name, environment, paths)?),
        other => other,
    })
}

impl File {
    /// Files that profiles name and that are not there: a file is only looked for when its profile is used.
    pub fn missing_files(&self, environment: &Environment, paths: &Paths) -> Vec<ConfigError> {
        let trust = self.profiles.iter().map(|(name, profile)| trust_of(name, profile, environment, paths));
        trust.filter_map(Result::err).collect()
    }
}

/// The path of a CA file: `~/` is the home folder, and relative paths start at the configuration file.
fn ca_file(
    path: &Path,
    profile: &str,
    environment: &Environment,
    paths: &Paths,
) -> Result<PathBuf, ConfigError> {
    let resolved = match (path.strip_prefix("~"), environment.home()) {
        (Ok(below), Some(home)) => home.join(below),
        _ => paths.config_dir().join(path),
    };
    let shown = resolved.display();
    let problem = match std::fs::read(&resolved) {
        Ok(pem) => match check_ca_file(&pem) {
            Ok(()) => return Ok(resolved),
            Err(fault) => format!("{shown}: {}", fault.message),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => format!("there is no file {shown}"),
        Err(error) => format!("{shown} cannot be read: {error}"),
    };
    Err(ConfigError::Value { name: format!("`ca_file` in [profiles.{profile}]"), problem })
}

#[cfg(test)]
mod tests;
