//! Where a user's files live, and how private ones are created (`design.md section 8`).

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::{ConfigError, Environment};

/// The folders and files of one user. Nothing is created until it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    config_file: PathBuf,
    config_is_explicit: bool,
    state_dir: PathBuf,
}

impl Paths {
    /// Works the paths out: `$FORETOP_CONFIG`, else `$XDG_CONFIG_HOME/foretop/config.toml`, else
    /// `~/.config/foretop/config.toml`; and `$XDG_STATE_HOME/foretop`, else `~/.local/state/foretop`.
    ///
    /// Fails when a home folder would be needed and there is none.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        let explicit = environment.raw("FORETOP_CONFIG").map(PathBuf::from);
        let config_is_explicit = explicit.is_some();
        let config_file = match explicit {
            Some(file) => file,
            None => folder(environment, "XDG_CONFIG_HOME", "APPDATA", ".config")?.join("config.toml"),
        };
        let state_dir = folder(environment, "XDG_STATE_HOME", "LOCALAPPDATA", ".local/state")?;
        Ok(Self { config_file, config_is_explicit, state_dir })
    }

    /// The configuration file.
    pub fn config_file(&self) -> &Path {
        &self.config_file
    }

    /// Whether `FORETOP_CONFIG` named the configuration file, which must then exist.
    pub fn config_is_explicit(&self) -> bool {
        self.config_is_explicit
    }

    /// The folder of the configuration file; relative paths in the file start here.
    pub fn config_dir(&self) -> &Path {
        self.config_file.parent().unwrap_or(Path::new("."))
    }

    /// The user's own themes, `*.toml`, beside the configuration file.
    pub fn themes_dir(&self) -> PathBuf {
        self.config_dir().join("themes")
    }

    /// The folder of everything that Foretop itself writes.
    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// The log file.
    pub fn log_file(&self) -> PathBuf {
        self.state_dir.join("foretop.log")
    }

    /// Names of the user's own themes, sorted; none when the folder cannot be read.
    pub fn user_themes(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.themes_dir()) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        names.sort();
        names
    }
}

fn folder(
    environment: &Environment,
    xdg: &str,
    windows: &str,
    below_home: &str,
) -> Result<PathBuf, ConfigError> {
    let from_system = if cfg!(windows) { environment.absolute_path(windows) } else { None };
    let base = match environment.absolute_path(xdg).or(from_system) {
        Some(base) => base.to_owned(),
        None => environment.home().ok_or(ConfigError::NoHome)?.join(below_home),
    };
    Ok(base.join("foretop"))
}

/// Creates a folder that only its owner may enter (0700), with the folders above it. One that exists is left as it is.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file that only its owner may read (0600) for appending; creates it when it is missing.
pub fn open_private(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xdg_variables_come_before_the_home_folder() {
        let home = Environment::of([("HOME", "/home/ops")]);
        let paths = Paths::new(&home).unwrap();
        assert_eq!(paths.config_file(), Path::new("/home/ops/.config/foretop/config.toml"));
        assert_eq!(paths.themes_dir(), Path::new("/home/ops/.config/foretop/themes"));
        assert_eq!(paths.log_file(), Path::new("/home/ops/.local/state/foretop/foretop.log"));

        let xdg = home.with("XDG_CONFIG_HOME", "/etc/ops").with("XDG_STATE_HOME", "/var/ops");
        let paths = Paths::new(&xdg).unwrap();
        assert_eq!(paths.config_file(), Path::new("/etc/ops/foretop/config.toml"));
        assert_eq!(paths.state_dir(), Path::new("/var/ops/foretop"));
        assert!(!paths.config_is_explicit());
    }

    #[test]
    fn relative_xdg_folders_are_ignored() {
        let environment = Environment::of([("HOME", "/home/ops"), ("XDG_CONFIG_HOME", "here")]);
        let paths = Paths::new(&environment).unwrap();
        assert_eq!(paths.config_dir(), Path::new("/home/ops/.config/foretop"));
    }

    #[test]
    fn foretop_config_names_the_file_and_moves_the_themes() {
        let environment = Environment::of([("HOME", "/home/ops"), ("FORETOP_CONFIG", "/srv/f.toml")]);
        let paths = Paths::new(&environment).unwrap();
        assert!(paths.config_is_explicit());
        assert_eq!(paths.config_file(), Path::new("/srv/f.toml"));
        assert_eq!(paths.themes_dir(), Path::new("/srv/themes"));
    }

    #[test]
    fn without_a_home_it_says_what_to_set() {
        let error = Paths::new(&Environment::default()).unwrap_err();
        assert!(error.to_string().contains("HOME"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_created_is_private() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("a/foretop");
        create_private_dir(&state).unwrap();
        let file = state.join("foretop.log");
        drop(open_private(&file).unwrap());
        assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        create_private_dir(&state).unwrap();
    }

    #[test]
    fn own_themes_are_found_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.toml");
        let paths = Paths::new(
            &Environment::of([("HOME", "/nowhere")]).with("FORETOP_CONFIG", config.to_str().unwrap()),
        )
        .unwrap();
        assert!(paths.user_themes().is_empty());
        fs::create_dir(paths.themes_dir()).unwrap();
        for name in ["night.toml", "alarm.toml", "notes.txt"] {
            fs::write(paths.themes_dir().join(name), "").unwrap();
        }
        assert_eq!(paths.user_themes(), ["alarm", "night"]);
    }
}
