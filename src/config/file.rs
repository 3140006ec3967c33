//! `config.toml`: reading it, checking every key, and the typed result.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use indexmap::IndexMap;
use toml::de::DeTable;
use url::Url;

use super::{
    ConfigError, Diagnostic, FileCloud, Gravity, PartialSettings, PasswordSource, Paths, Trust,
    diagnostic::{Reveal, Source},
    reader::Reader,
    toml_words::{self, Mistake},
};
use crate::domain::MessageSeverity;

/// Keys at the top of the file.
pub(super) const TOP_KEYS: &[&str] = &[
    "default_profile",
    "theme",
    "refresh_seconds",
    "event_lines",
    "read_only",
    "mouse",
    "ascii",
    "chunk_size",
    "columns",
    "templates",
    "governor",
    "jobs",
    "protected",
    "keys",
    "profiles",
];

/// Keys of `[templates.NAME]`.
pub(super) const TEMPLATE_KEYS: &[&str] = &["severity", "text"];

/// Keys of `[profiles.NAME]`.
pub(super) const PROFILE_KEYS: &[&str] = &[
    "server",
    "servers",
    "domain",
    "username",
    "password_prompt",
    "password_env",
    "password_command",
    "password_keyring",
    "password_plaintext",
    "wire",
    "region",
    "endpoint",
    "iam_endpoint",
    "project_id",
    "access_key",
    "secret_key_prompt",
    "secret_key_env",
    "secret_key_command",
    "secret_key_keyring",
    "secret_key_plaintext",
    "session_window",
    "pin_sha256",
    "ca_file",
    "read_only",
    "refresh_seconds",
    "theme",
    "chunk_size",
];

/// Keys of `[columns]`.
pub(super) const COLUMN_KEYS: &[&str] = &["sessions"];

/// Keys of `[keys]` beside the names of contexts.
pub(super) const KEYS_KEYS: &[&str] = &["flavour", "everywhere"];

/// Keys of `[governor]`.
pub(super) const GOVERNOR_KEYS: &[&str] = &["requests", "lookups", "failures", "longest_rest_seconds"];

/// Keys of `[jobs]`.
pub(super) const JOB_KEYS: &[&str] = &[
    "canary",
    "pause",
    "stop_above",
    "wait",
    "confirm_disconnect",
    "confirm_logoff",
    "confirm_restart",
    "confirm_reset",
    "confirm_message",
];

/// Keys of `[protected]`.
pub(super) const PROTECTED_KEYS: &[&str] = &["users", "groups", "machines", "pools"];

/// Keys whose values may hold a secret, or hold one by mistake.
pub(super) const PASSWORD_KEYS: &[&str] = &[
    "password_prompt",
    "password_env",
    "password_command",
    "password_keyring",
    "password_plaintext",
    // The two keys look alike: one may stand where the other belongs.
    "access_key",
    "secret_key_prompt",
    "secret_key_env",
    "secret_key_command",
    "secret_key_keyring",
    "secret_key_plaintext",
];

/// Keys whose lines can be shown whole.
pub(super) const HARMLESS_KEYS: &[&str] = &[
    "default_profile",
    "theme",
    "refresh_seconds",
    "event_lines",
    "read_only",
    "mouse",
    "ascii",
    "chunk_size",
    "sessions",
    "severity",
    "flavour",
    "requests",
    "lookups",
    "failures",
    "longest_rest_seconds",
    "canary",
    "pause",
    "stop_above",
    "wait",
    "confirm_disconnect",
    "confirm_logoff",
    "confirm_restart",
    "confirm_reset",
    "confirm_message",
    "users",
    "groups",
    "machines",
    "pools",
    "server",
    "servers",
    "domain",
    "username",
    "wire",
    "region",
    "endpoint",
    "iam_endpoint",
    "project_id",
    "session_window",
    "pin_sha256",
    "ca_file",
];

/// Names that the file may use and that others own. An empty list means: not checked.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Columns of the session table.
    pub session_columns: Vec<String>,
    /// Themes, the user's own included.
    pub themes: Vec<String>,
    /// Fields that the text of a template may have in braces.
    pub template_fields: Vec<String>,
    /// Regions of the cloud whose address is known.
    pub regions: Vec<String>,
}

/// The text of a configuration file with what is needed to judge it.
#[derive(Clone)]
pub struct SourceFile {
    /// Where it was read from, for messages.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Permission bits; `None` where the system has none.
    pub mode: Option<u32>,
}

/// Without the text, which may hold a password.
impl std::fmt::Debug for SourceFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SourceFile")
            .field("path", &self.path)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// What the file says. Without a file it is empty.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// The profile to use when nobody names one.
    pub default_profile: Option<String>,
    /// Settings for all profiles.
    pub settings: PartialSettings,
    /// Texts for messages in the order of the file.
    pub templates: IndexMap<String, FileTemplate>,
    /// Profiles in the order of the file.
    pub profiles: IndexMap<String, FileProfile>,
}

/// A text for messages as the file has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileTemplate {
    /// The label of the pop-up.
    pub severity: MessageSeverity,
    /// The text, with its fields in braces.
    pub text: String,
}

/// A profile as the file has it.
#[derive(Debug, Clone, Default)]
pub struct FileProfile {
    /// Connection servers of one pod, in the order in which they are tried.
    pub servers: Vec<Url>,
    /// Domain to log in to.
    pub domain: Option<String>,
    /// Short account name, or `DOMAIN\name`.
    pub username: Option<String>,
    /// Where the password comes from; a prompt when nothing is said.
    pub password: Option<PasswordSource>,
    /// Which certificates are trusted; the system's when nothing is said. A relative path is still relative.
    pub trust: Option<Trust>,
    /// What only a profile of Huawei Cloud Workspace has; `None` for one of Horizon.
    pub cloud: Option<FileCloud>,
    /// Settings of this profile.
    pub settings: PartialSettings,
}

/// A usable file, and what should be said about it.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The file.
    pub file: File,
    /// Mistakes that one can live with.
    pub warnings: Vec<Diagnostic>,
}

impl SourceFile {
    /// Reads the configuration file. `None` when there is none, which is only right when `FORETOP_CONFIG` does not name
    /// it.
    pub fn read(paths: &Paths) -> Result<Option<Self>, ConfigError> {
        let path = paths.config_file().to_owned();
        let unreadable = |source| ConfigError::Read { path: path.clone(), source };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !paths.config_is_explicit() => {
                return Ok(None);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ConfigError::Missing(path)),
            Err(error) => return Err(unreadable(error)),
        };
        let mode = mode_of(&path).map_err(unreadable)?;
        Ok(Some(Self { path, text, mode }))
    }
}

#[cfg(unix)]
fn mode_of(path: &Path) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt;
    Ok(Some(fs::metadata(path)?.permissions().mode() & 0o777))
}

#[cfg(not(unix))]
fn mode_of(_path: &Path) -> io::Result<Option<u32>> {
    Ok(None)
}

impl File {
    /// Reads and checks the configuration file; an empty one when there is none. Fails on a mistake that matters, with
    /// all the mistakes.
    pub fn load(paths: &Paths, names: &Names) -> Result<Loaded, ConfigError> {
        let Some(source) = SourceFile::read(paths)? else {
            return Ok(Loaded::default());
        };
        let (file, mistakes) = Self::parse(&source, names);
        if mistakes.iter().any(|mistake| mistake.gravity == Gravity::Error) {
            return Err(ConfigError::Invalid(mistakes));
        }
        Ok(Loaded { file, warnings: mistakes })
    }

    /// Checks the text of a file. What could be understood is returned beside all mistakes.
    pub fn parse(source_file: &SourceFile, names: &Names) -> (Self, Vec<Diagnostic>) {
        let source = Source { path: &source_file.path, text: &source_file.text };
        let mut reader = Reader::new(source);
        let table = match DeTable::parse(&source_file.text) {
            Ok(table) => table,
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let told = toml_words::explain(&source_file.text, span, error.message());
                let Mistake { span, problem, hint } = told;
                let mistake = source.mistake(Gravity::Error, span, Reveal::Nothing, problem, hint);
                return (Self::default(), vec![mistake]);
            }
        };
        let file = read::read_top(&mut reader, table.get_ref(), names);
        check_permissions(&mut reader, source_file, &file);
        // Some are found later than what stands further down. Those of the file as a whole come last.
        reader.mistakes.sort_by_key(|mistake| {
            mistake.place.as_ref().map_or((usize::MAX, 0), |place| (place.line, place.column))
        });
        (file, reader.mistakes)
    }
}

fn check_permissions(reader: &mut Reader<'_>, source_file: &SourceFile, file: &File) {
    let in_clear = |source: &Option<PasswordSource>| matches!(source, Some(PasswordSource::Plaintext(_)));
    // A profile with mistakes has no password for us, but the file may have it all the same.
    let is_written = |line: &str| {
        let name = line.split_once('=').map_or("", |(name, _)| name.trim().trim_matches(['"', '\'']));
        ["password", "password_plaintext", "secret_key", "secret_key_plaintext"].contains(&name)
    };
    let holds_password = file.profiles.values().any(|profile| {
        in_clear(&profile.password) || profile.cloud.as_ref().is_some_and(|cloud| in_clear(&cloud.secret_key))
    }) || source_file.text.lines().any(is_written);
    let chmod = Some(format!("chmod 600 {}", source_file.path.display()));
    let others_mode = source_file.mode.map(|mode| mode & 0o077);
    let source = reader.source;
    let mistake = match (holds_password, others_mode) {
        (true, Some(0)) | (false, None | Some(0)) => return,
        (true, Some(_)) => source.mistake_of_file(
            Gravity::Error,
            "holds a password or key in clear and is open to other users",
            chmod,
        ),
        (true, None) => source.mistake_of_file(
            Gravity::Error,
            "password_plaintext is refused where file permissions cannot be checked",
            Some("use password_keyring or password_command".to_owned()),
        ),
        (false, Some(_)) => {
            source.mistake_of_file(Gravity::Warning, "is open to other users (it holds no password)", chmod)
        }
    };
    reader.mistakes.push(mistake);
}

mod bulk;
mod cloud;
mod keys;
mod read;
mod templates;
#[cfg(test)]
mod tests;
