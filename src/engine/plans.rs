//! The folder of saved plans: `plans/ID.json`, and beside it `ID.applied` once it was applied.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::core::bulk::{PlanRefusal, SavedPlan};

/// So many characters of a plan's id go into the name of its file.
const ID_IN_NAME: usize = 32;
/// So many plans may have the same id.
const SAME_ID: usize = 1000;

/// Why a plan could not be saved, found or applied.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// The system's words about a file.
    #[error("cannot {what} {}: {source}", .path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// No plan has a name that begins like this.
    #[error("there is no saved plan \"{0}\"")]
    NotFound(String),
    /// Several have.
    #[error("\"{wanted}\" may be any of {}", .names.join(", "))]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// The names that begin with it.
        names: Vec<String>,
    },
    /// It was applied already.
    #[error("{} was applied already", .0.display())]
    Applied(PathBuf),
    /// What is in the file may not be applied.
    #[error("{} {refusal}", .path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        refusal: PlanRefusal,
    },
}

/// The folder.
#[derive(Debug, Clone)]
pub struct PlanFolder {
    folder: PathBuf,
}

impl PlanFolder {
    /// The folder below the one of everything that Foretop writes.
    pub fn new(state_dir: &Path) -> Self {
        Self { folder: state_dir.join("plans") }
    }

    /// Saves a plan under its id, or under the next free name when that is taken. Returns the name and the file.
    pub fn save(&self, saved: &SavedPlan) -> Result<(String, PathBuf), PlanFileError> {
        create_folder(&self.folder).map_err(file("create", &self.folder))?;
        let clean = |character: &char| character.is_ascii_alphanumeric() || *character == '-';
        let id: String = saved.plan.id.raw().chars().filter(clean).take(ID_IN_NAME).collect();
        for number in 1..SAME_ID {
            let name = if number == 1 { id.clone() } else { format!("{id}-{number}") };
            let path = self.folder.join(format!("{name}.json"));
            match save_new(&path, saved) {
                Ok(()) => return Ok((name, path)),
                Err(PlanFileError::File { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(PlanFileError::Applied(self.folder.join(id)))
    }

    /// Saves a plan in a file of its own, which must not exist.
    pub fn save_as(path: &Path, saved: &SavedPlan) -> Result<(), PlanFileError> {
        save_new(path, saved)
    }

    /// The file of a plan: by its name, the beginning of it that no other has, or a path.
    pub fn find(&self, wanted: &str) -> Result<PathBuf, PlanFileError> {
        let as_path = Path::new(wanted);
        if wanted.contains(std::path::is_separator)
            || as_path.extension().is_some_and(|extension| extension == "json")
        {
            return Ok(as_path.to_owned());
        }
        let mut names = self.names().map_err(file("read", &self.folder))?;
        if !names.iter().any(|name| name == wanted) {
            names.retain(|name| !wanted.is_empty() && name.starts_with(wanted));
            match names.as_slice() {
                [] => return Err(PlanFileError::NotFound(wanted.to_owned())),
                [_] => {}
                _ => return Err(PlanFileError::Ambiguous { wanted: wanted.to_owned(), names }),
            }
            return Ok(self.folder.join(format!("{}.json", names.concat())));
        }
        Ok(self.folder.join(format!("{wanted}.json")))
    }

    /// The names of all plans, sorted.
    fn names(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "json")
                && let Some(name) = path.file_stem().and_then(|name| name.to_str())
            {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }
}

/// Reads a plan and says whether it may still be applied, as far as the file tells.
pub fn read_plan(path: &Path) -> Result<SavedPlan, PlanFileError> {
    let text = fs::read_to_string(path).map_err(file("read", path))?;
    let saved = SavedPlan::from_text(&text)
        .map_err(|refusal| PlanFileError::Refused { path: path.to_owned(), refusal })?;
    if applied_mark(path).exists() {
        return Err(PlanFileError::Applied(path.to_owned()));
    }
    Ok(saved)
}

/// Notes beside a plan that it is applied now, with a line about who does it. Of two who try, one fails.
pub fn claim_plan(path: &Path, who: &str) -> Result<(), PlanFileError> {
    let mark = applied_mark(path);
    match write_new(&mark, who) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(PlanFileError::Applied(path.to_owned()))
        }
        other => other.map_err(file("write", &mark)),
    }
}

fn applied_mark(path: &Path) -> PathBuf {
    path.with_extension("applied")
}

fn save_new(path: &Path, saved: &SavedPlan) -> Result<(), PlanFileError> {
    let text = saved.to_text().map_err(|error| file("write", path)(error.into()))?;
    write_new(path, &text).map_err(file("create", path))
}

fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PlanFileError {
    let path = path.to_owned();
    move |source| PlanFileError::File { what, path, source }
}

/// Writes a file that only its owner may read (0600) and that was not there before.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Creates a folder that only its owner may enter (0700), with the folders above it.
fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
