//! The folder of saved plans: `plans/ID.json`, and beside it `ID.applied` once it was applied.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    core::bulk::{Plan, PlanRefusal, SavedPlan},
    domain::Text,
};

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
    /// It was applied or started already.
    #[error("{} was applied already{}", .path.display(), .by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default())]
    Applied {
        /// The file.
        path: PathBuf,
        /// What its mark says of whom; `None` when that cannot be read.
        by: Option<Text>,
    },
    /// No free name is left for it.
    #[error("there is no free name for plan {0}")]
    NoName(String),
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

    /// Saves a plan under its id, or under the next free name when another plan has that. A plan that was saved already is
    /// replaced, unless it was applied in the meantime: one plan never has two files here. Returns the name and the file.
    pub fn save(&self, saved: &SavedPlan) -> Result<(String, PathBuf), PlanFileError> {
        create_folder(&self.folder).map_err(file("create", &self.folder))?;
        let id: String =
            saved.plan.id.raw().chars().filter(|character| in_name(*character)).take(ID_IN_NAME).collect();
        for number in 1..SAME_ID {
            let name = if number == 1 { id.clone() } else { format!("{id}-{number}") };
            let path = self.folder.join(format!("{name}.json"));
            match save_new(&path, saved) {
                Ok(()) => return Ok((name, path)),
                Err(PlanFileError::File { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
                    if holds(&path, &saved.plan) {
                        replace(&path, saved)?;
                        return Ok((name, path));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(PlanFileError::NoName(id))
    }

    /// Claims a plan that is started by other means than its file, when it was saved here. `None` when it was not.
    ///
    /// # Errors
    ///
    /// [`PlanFileError::Applied`] when it was applied meanwhile, by whoever may read the file.
    pub fn claim(&self, plan: &Plan, who: &str) -> Result<Option<PlanClaim>, PlanFileError> {
        let id: String =
            plan.id.raw().chars().filter(|character| in_name(*character)).take(ID_IN_NAME).collect();
        let names = self.names().map_err(file("read", &self.folder))?;
        let candidates = names.iter().filter(|name| name.starts_with(&id));
        let mut paths = candidates.map(|name| self.folder.join(format!("{name}.json")));
        let found = paths.find(|path| holds(path, plan));
        found.map(|path| claim_plan(&path, who)).transpose()
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
        return Err(applied(path));
    }
    Ok(saved)
}

/// That nobody else may start a plan any more.
#[derive(Debug)]
#[must_use]
pub struct PlanClaim {
    mark: PathBuf,
}

impl PlanClaim {
    /// Takes it back: nothing of the plan was sent, and nothing will be.
    pub fn give_back(self) {
        if let Err(error) = fs::remove_file(&self.mark) {
            tracing::warn!(mark = %self.mark.display(), %error, "a plan of which nothing was sent stays applied");
        }
    }
}

/// Notes beside a plan that it is applied now, with a line about who does it. Of two who try, one fails.
pub fn claim_plan(path: &Path, who: &str) -> Result<PlanClaim, PlanFileError> {
    let mark = applied_mark(path);
    match write_new(&mark, who) {
        Ok(()) => Ok(PlanClaim { mark }),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(applied(path)),
        Err(error) => {
            // A mark that is not whole is one all the same; it must not keep the plan from being applied.
            fs::remove_file(&mark).ok();
            Err(file("write", &mark)(error))
        }
    }
}

fn applied(path: &Path) -> PlanFileError {
    let by = fs::read_to_string(applied_mark(path)).ok();
    let by = by.as_deref().and_then(|text| text.lines().next()).map(Text::clean);
    PlanFileError::Applied { path: path.to_owned(), by: by.filter(|by| !by.is_empty()) }
}

/// What of a plan's id goes into names.
fn in_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-'
}

/// Whether a file holds this plan. Short ids repeat; the moment when a plan was made does not.
fn holds(path: &Path, plan: &Plan) -> bool {
    let there = fs::read_to_string(path).ok().and_then(|text| SavedPlan::from_text(&text).ok());
    there.is_some_and(|there| there.plan.is_same(plan))
}

/// Saves a plan again over its own file, which is whole at every moment.
fn replace(path: &Path, saved: &SavedPlan) -> Result<(), PlanFileError> {
    if applied_mark(path).exists() {
        return Err(applied(path));
    }
    let next = path.with_extension("json.new");
    match fs::remove_file(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file("replace", &next)(error)),
        _ => {}
    }
    save_new(&next, saved)?;
    fs::rename(&next, path).map_err(file("replace", path))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{
            bulk::{PLAN_LIFETIME, Pace, Terms},
            fixtures::{capabilities, start},
        },
        domain::Verb,
    };

    fn saved() -> SavedPlan {
        let plan = Plan {
            id: "7f3a".into(),
            verb: Verb::Logoff,
            message: None,
            to_send: Vec::new(),
            held_back: Vec::new(),
            made_at: start(),
            data_at: start(),
            retry_of: None,
            terms: Terms::default(),
        };
        SavedPlan::new(plan, &"emea".into(), &capabilities(), start(), PLAN_LIFETIME)
    }

    #[test]
    fn a_plan_has_one_file_however_often_it_is_saved_and_changed() {
        let state = tempfile::tempdir().unwrap();
        let folder = PlanFolder::new(state.path());
        let (name, path) = folder.save(&saved()).unwrap();
        assert_eq!(name, "7f3a");
        let mut changed = saved();
        changed.plan.terms.pace = Pace { chunk: 3, ..Pace::default() };
        assert_eq!(folder.save(&changed).unwrap(), (name, path.clone()));
        assert_eq!(read_plan(&path).unwrap().plan.terms.pace.chunk, 3);

        // Another one that happens to have the same short id.
        let mut other = saved();
        other.plan.made_at += jiff::SignedDuration::from_secs(1);
        assert_eq!(folder.save(&other).unwrap().0, "7f3a-2");
        assert_eq!(folder.names().unwrap(), ["7f3a", "7f3a-2"]);
    }

    #[test]
    fn whoever_claims_first_starts_it_wherever_it_is_started() {
        let state = tempfile::tempdir().unwrap();
        let folder = PlanFolder::new(state.path());
        let plan = saved().plan;
        assert!(folder.claim(&plan, "ada\n").unwrap().is_none(), "it was never saved");
        let (_, path) = folder.save(&saved()).unwrap();
        let claim = folder.claim(&plan, "started by ada\nat noon\n").unwrap().unwrap();
        let refused = claim_plan(&path, "bob\n").unwrap_err().to_string();
        assert!(refused.ends_with("was applied already (started by ada)"), "{refused}");
        assert!(read_plan(&path).is_err());
        assert!(matches!(folder.save(&saved()), Err(PlanFileError::Applied { .. })), "no second chance");
        claim.give_back();
        let _kept = claim_plan(&path, "bob\n").unwrap();
        let refused = folder.claim(&plan, "ada\n").unwrap_err().to_string();
        assert!(refused.contains("(bob)"), "{refused}");
    }
}
