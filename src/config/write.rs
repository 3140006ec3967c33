//! Adding a profile to the configuration file: the one place that writes it.
//!
//! What is there stays as it is, with its comments and in its order. The new text is checked as any other before it takes
//! the place of the old one, beside which it is written.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret as _, zeroize::Zeroizing};
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::{
    CloudIdentity, CloudProfile, ConfigError, Diagnostic, File, Gravity, Names, PasswordCommand,
    PasswordSource, Paths, Profile, SourceFile, Target, Trust, create_private_dir,
};

/// Links that lead from one to the next; more are a circle.
const MOST_LINKS: usize = 40;

/// A profile that is not in the file yet.
#[derive(Debug, Clone)]
pub struct NewProfile {
    /// How it is reached, and as whom: never the simulated estate.
    pub target: Target,
    /// Whether acting is impossible.
    pub read_only: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// The profile that is used when none is named; `None` when several are there and none is the default.
    pub used_by_default: Option<String>,
    /// Whether `default_profile` was written for it.
    pub default_was_set: bool,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// There is a profile of that name.
    #[error("the profile `{0}` exists already; it is left as it is")]
    Exists(String),
    /// The file, or what would become of it, cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The file is a symbolic link: renaming would replace it, and writing through it would change another file.
    #[error("{} is a symbolic link {}", path.display(), leads(end.as_deref()))]
    Link {
        /// The link: the file, or its folder.
        path: PathBuf,
        /// Where it ends, which need not exist; `None` when it leads in a circle.
        end: Option<PathBuf>,
        /// The file that is meant by it, when it ends somewhere.
        file: Option<PathBuf>,
    },
    /// `profiles` is written in a way into which nothing can be added without changing it.
    #[error("`profiles` in {} is not written as [profiles.NAME]: add the profile by hand", .0.display())]
    NotTables(PathBuf),
    /// Somebody else changed the file meanwhile.
    #[error("{} was changed meanwhile; nothing was written", .0.display())]
    Changed(PathBuf),
    /// The disk refused.
    #[error("cannot write {}: {source}", path.display())]
    Disk {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl WriteError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Exists(_) => Some("choose another name, or change the file by hand".to_owned()),
            Self::Config(error) => error.hint(),
            Self::Link { file: Some(file), .. } => {
                Some(format!("set FORETOP_CONFIG={} to mean that file", file.display()))
            }
            Self::Link { file: None, .. } => Some("remove the link".to_owned()),
            Self::NotTables(_) | Self::Disk { .. } => None,
            Self::Changed(_) => Some("try again".to_owned()),
        }
    }
}

/// The file as it is before a profile is added.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    source: Option<SourceFile>,
    file: File,
}

impl Draft {
    /// Reads the file, if there is one. It has to be one without mistakes, and no link.
    ///
    /// # Errors
    ///
    /// When nothing may be added to it.
    pub fn open(paths: &Paths, names: &Names) -> Result<Self, WriteError> {
        let path = paths.config_file().to_owned();
        if !paths.config_is_explicit() {
            refuse_link(paths.config_dir(), &path)?;
        }
        refuse_link(&path, &path)?;
        let source = match SourceFile::read(paths) {
            Ok(source) => source,
            // It is the file that is to be made.
            Err(ConfigError::Missing(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let file = match &source {
            Some(source) => checked(source, names)?,
            None => File::default(),
        };
        Ok(Self { path, source, file })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The profile that is used when none is named.
    pub fn default_profile(&self) -> Option<&str> {
        let mut names = self.file.profiles.keys();
        match (&self.file.default_profile, names.next(), names.next()) {
            (Some(name), ..) => Some(name),
            (None, Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// Adds the profile. With `is_default` it is used when none is named. What was used until now stays so otherwise:
    /// beside a second profile the only one has to be named in `default_profile`.
    ///
    /// # Errors
    ///
    /// When it exists, or the file cannot be written; then nothing has changed.
    pub fn add(self, new: &NewProfile, is_default: bool, names: &Names) -> Result<Written, WriteError> {
        let name = new.target.name();
        if self.file.profiles.contains_key(name) {
            return Err(WriteError::Exists(name.to_owned()));
        }
        let default = match self.default_profile() {
            _ if is_default && !self.file.profiles.is_empty() => Some(name.to_owned()),
            Some(only) if self.file.default_profile.is_none() => Some(only.to_owned()),
            _ => None,
        };
        // It may hold a password in clear.
        let text = Zeroizing::new(self.with_profile(new, default.as_deref())?);
        let after = SourceFile { path: self.path.clone(), text: text.to_string(), mode: private_mode() };
        let file = checked(&after, names)?;
        self.replace_with(&text)?;
        let used = Self { path: self.path.clone(), source: None, file };
        Ok(Written {
            used_by_default: used.default_profile().map(str::to_owned),
            path: self.path,
            default_was_set: default.is_some(),
        })
    }

    /// The text with the profile at its end.
    fn with_profile(&self, new: &NewProfile, default: Option<&str>) -> Result<String, WriteError> {
        let before = self.source.as_ref().map_or("", |source| source.text.as_str());
        let mut document: DocumentMut =
            before.parse().map_err(|_parsed_before| WriteError::NotTables(self.path.clone()))?;
        if let Some(default) = default {
            document["default_profile"] = value(default);
        }
        let profiles = document.entry("profiles").or_insert_with(|| {
            let mut table = Table::new();
            // Only [profiles.NAME] is shown.
            table.set_implicit(true);
            Item::Table(table)
        });
        let profiles = profiles.as_table_mut().ok_or_else(|| WriteError::NotTables(self.path.clone()))?;
        let mut table = table_of(new);
        // At the end, behind comments that nothing follows: beside another profile it would take that one's away.
        table.set_position(Some(isize::MAX));
        profiles.insert(new.target.name(), Item::Table(table));
        let behind = document.trailing().as_str().unwrap_or_default().to_owned();
        document.set_trailing("");
        let gap = match behind.as_str() {
            _ if before.trim().is_empty() => "",
            behind if behind.ends_with("\n\n") => "",
            behind if behind.is_empty() || behind.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let profiles = document.get_mut("profiles").and_then(Item::as_table_mut);
        if let Some(Item::Table(table)) = profiles.and_then(|profiles| profiles.get_mut(new.target.name())) {
            table.decor_mut().set_prefix(format!("{behind}{gap}"));
        }
        let text = document.to_string();
        // A first key at the top stands apart from the table that was the beginning.
        Ok(match text.split_once('\n') {
            Some((first, rest)) if default.is_some() && rest.starts_with(['[', '#']) => {
                format!("{first}\n\n{rest}")
            }
            _ => text,
        })
    }

    /// Writes beside the file and renames: it is the old one or the new one at any time, and never open to others.
    fn replace_with(&self, text: &str) -> Result<(), WriteError> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| WriteError::Disk { path, source }
        };
        create_private_dir(folder).map_err(failed(folder))?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.join(format!(".{name}.{}.new", std::process::id()));
        let written = write_new(&beside, text).and_then(|()| self.is_unchanged());
        let renamed = match written {
            Ok(true) => fs::rename(&beside, &self.path).map_err(failed(&self.path)),
            Ok(false) => Err(WriteError::Changed(self.path.clone())),
            Err(source) => Err(WriteError::Disk { path: beside.clone(), source }),
        };
        if renamed.is_err() {
            // What could not be renamed is not wanted; that it cannot be removed changes nothing about the error.
            drop(fs::remove_file(&beside));
        }
        renamed?;
        // The name is as lasting as the text. Not every file system can do that for a folder.
        fs::File::open(folder).and_then(|folder| folder.sync_all()).ok();
        Ok(())
    }

    /// Whether the file is what was read.
    fn is_unchanged(&self) -> io::Result<bool> {
        match (fs::symlink_metadata(&self.path), &self.source) {
            (Err(error), None) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            (Ok(found), Some(source)) if found.is_file() => {
                Ok(fs::read_to_string(&self.path)? == source.text)
            }
            (Err(error), _) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(false),
        }
    }
}

/// What a text says, when nothing is wrong with it that matters.
fn checked(source: &SourceFile, names: &Names) -> Result<File, ConfigError> {
    let (file, mistakes) = File::parse(source, names);
    // That others may read the file is put right by writing it.
    let matters = |mistake: &Diagnostic| mistake.gravity == Gravity::Error && mistake.place.is_some();
    if mistakes.iter().any(matters) {
        return Err(ConfigError::Invalid(mistakes.into_iter().filter(matters).collect()));
    }
    Ok(file)
}

fn private_mode() -> Option<u32> {
    cfg!(unix).then_some(0o600)
}

/// Refuses a file or its folder that is a link, and says where the file would really be.
fn refuse_link(path: &Path, file: &Path) -> Result<(), WriteError> {
    if fs::read_link(path).is_err() {
        // Not a link, or not there.
        return Ok(());
    }
    let end = end_of(path);
    let name = file.file_name().filter(|_| path != file);
    let file = end.as_ref().map(|end| name.map_or_else(|| end.clone(), |name| end.join(name)));
    Err(WriteError::Link { path: path.to_owned(), end, file })
}

/// Where a link ends, whether or not something is there; `None` when it leads in a circle.
fn end_of(link: &Path) -> Option<PathBuf> {
    if let Ok(there) = fs::canonicalize(link) {
        return Some(there);
    }
    let mut path = link.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(next) = fs::read_link(&path) else {
            // As far as it exists it is written without links and dots.
            let resolved = path.ancestors().find_map(|part| {
                let there = fs::canonicalize(part).ok()?;
                Some(there.join(path.strip_prefix(part).ok()?))
            });
            return Some(resolved.unwrap_or(path));
        };
        path = path.parent().unwrap_or(Path::new("")).join(next);
    }
    None
}

/// Where a link leads, in words.
fn leads(end: Option<&Path>) -> String {
    match end {
        Some(end) if end.exists() => format!("to {}", end.display()),
        Some(end) => format!("to {}, which does not exist", end.display()),
        None => "that leads in a circle".to_owned(),
    }
}

/// A file that was not there before, on the disk.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The keys of a profile.
fn table_of(new: &NewProfile) -> Table {
    let mut table = Table::new();
    let trust = match &new.target {
        Target::Simulated { .. } => &Trust::System,
        Target::Profile(profile) => {
            horizon_keys(&mut table, profile);
            &profile.trust
        }
        Target::Cloud(profile) => {
            cloud_keys(&mut table, profile);
            &profile.trust
        }
    };
    match trust {
        Trust::System => {}
        Trust::CaFile(path) => table["ca_file"] = value(path.display().to_string()),
        Trust::Pinned(pin) => table["pin_sha256"] = value(pin),
    }
    if new.read_only {
        table["read_only"] = value(true);
    }
    table
}

fn horizon_keys(table: &mut Table, profile: &Profile) {
    let servers: Array = profile.servers.iter().map(|server| server.as_str().trim_end_matches('/')).collect();
    table["servers"] = value(servers);
    table["domain"] = value(&profile.domain);
    table["username"] = value(&profile.username);
    secret_key(table, "password", &profile.password);
}

fn cloud_keys(table: &mut Table, profile: &CloudProfile) {
    table["wire"] = value("workspace");
    let addresses = [("endpoint", &profile.endpoint), ("iam_endpoint", &profile.iam_endpoint)];
    if let Some(region) = &profile.region {
        table["region"] = value(region);
    }
    for (key, address) in addresses {
        if let Some(address) = address {
            table[key] = value(address.as_str().trim_end_matches('/'));
        }
    }
    if let Some(project) = &profile.project_id {
        table["project_id"] = value(project);
    }
    match &profile.identity {
        CloudIdentity::Keys { access_key, secret_key: source, .. } => {
            table["access_key"] = value(access_key);
            secret_key(table, "secret_key", source);
        }
        CloudIdentity::User { domain, username, password } => {
            table["domain"] = value(domain);
            table["username"] = value(username);
            secret_key(table, "password", password);
        }
    }
}

/// Where a secret comes from. To be asked for it needs no key.
fn secret_key(table: &mut Table, prefix: &str, source: &PasswordSource) {
    let mut set = |how: &str, item: Item| table[&format!("{prefix}_{how}")] = item;
    match source {
        PasswordSource::Prompt => {}
        PasswordSource::Variable(name) => set("env", value(name)),
        PasswordSource::Command(PasswordCommand::Shell(line)) => set("command", value(line)),
        PasswordSource::Command(PasswordCommand::Program(parts)) => {
            set("command", value(parts.iter().collect::<Array>()));
        }
        PasswordSource::Keyring => set("keyring", value(true)),
        PasswordSource::Plaintext(secret) => set("plaintext", value(secret.expose_secret())),
    }
}

#[cfg(test)]
mod tests;
