//! What goes wrong with the record of jobs.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::core::bulk::journal::Unreadable;

/// Why something could not be written down or read back.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refused; a full disk and a folder without rights among them.
    #[error("cannot {doing}: {source}: {}", path.display())]
    File {
        /// What was being done: "create", "write to", "read".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Somebody carries the job out just now.
    #[error("job {0} is running in another console")]
    Running(String),
    /// A plan is started once.
    #[error("plan {plan} was started already, as job {journal}")]
    Started {
        /// The id of the plan.
        plan: String,
        /// The journal of the job.
        journal: String,
    },
    /// No journal has an id that begins like this, and none is of a plan that is called so.
    #[error("no job {0:?} is on record")]
    NotFound(String),
    /// Several have.
    #[error("{wanted:?} means more than one job: {}", ids.join(", "))]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// The ids that it may mean.
        ids: Vec<String>,
    },
    /// The file says nothing that can be understood.
    #[error("the record {} cannot be understood: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: Unreadable,
    },
    /// It has no end that something could be added behind.
    #[error("job {0} has not ended")]
    NotEnded(String),
    /// The writing was cut off because the program ends.
    #[error("the program ended while the record was being written")]
    CutOff,
}

impl JournalError {
    /// Whether there is no room left.
    pub fn is_full(&self) -> bool {
        let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
        matches!(self, Self::File { source, .. } if full.contains(&source.kind()))
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            _ if self.is_full() => Some("make room on that disk; without a record nothing is sent"),
            Self::File { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => Some(
                "the folder must be yours, or XDG_STATE_HOME name another; without a record nothing is sent",
            ),
            Self::Running(_) => Some("stop it there, or wait for its end"),
            Self::Started { .. } => {
                Some("`foretop jobs show` tells how it went; make a new plan for what is left")
            }
            Self::NotFound(_) => Some("`foretop jobs` lists them"),
            Self::Ambiguous { .. } => Some("use more of the id"),
            Self::File { .. } | Self::Unreadable { .. } | Self::NotEnded(_) | Self::CutOff => None,
        }
    }

    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }
}
