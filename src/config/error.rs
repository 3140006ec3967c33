//! What can be wrong with the configuration. All of it ends in exit code 2.

use std::{fmt, io, path::PathBuf};

use super::Diagnostic;

/// A configuration that cannot be used. `Display` says what is wrong; [`ConfigError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file holds mistakes; every one of them is listed.
    #[error("{}", Listed(.0))]
    Invalid(Vec<Diagnostic>),
    /// The file could not be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// `FORETOP_CONFIG` names a file that does not exist.
    #[error("the configuration file {} does not exist", .0.display())]
    Missing(PathBuf),
    /// No home folder is known, and the XDG variables do not say where else the files are.
    #[error(
        "cannot tell where the configuration lives: neither HOME nor XDG_CONFIG_HOME and XDG_STATE_HOME are set"
    )]
    NoHome,
    /// There is no profile of that name.
    #[error("there is no profile `{name}`")]
    UnknownProfile {
        /// The name that was asked for.
        name: String,
        /// The nearest name that exists.
        nearest: Option<String>,
        /// Every name that exists.
        known: Vec<String>,
    },
    /// Several profiles, and nothing says which.
    #[error("the configuration has several profiles and no default")]
    NoDefaultProfile {
        /// Every name that exists.
        known: Vec<String>,
    },
    /// A server is meant, but none is named.
    #[error("{variable} is set, but FORETOP_SERVER names no server")]
    NoServer {
        /// The variable that is set.
        variable: &'static str,
    },
    /// Two environment variables name two different estates.
    #[error("FORETOP_PROFILE and FORETOP_SERVER are both set: which estate is meant?")]
    TwoEstates,
    /// An environment variable or argument holds something unusable. The value is not repeated: it may be secret.
    #[error("{name}: {problem}")]
    Value {
        /// The variable, argument or profile key.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// A part of the account is missing and there is nobody to ask.
    #[error("{estate} does not say which {part} to log in with")]
    MissingAccount {
        /// The profile, or the variable.
        estate: String,
        /// `user name` or `domain`.
        part: &'static str,
        /// Where it can be set.
        set: String,
    },
    /// The question for user name or domain could not be asked.
    #[error("cannot ask for the {part}: {source}")]
    Ask {
        /// What was asked for.
        part: &'static str,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

impl ConfigError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid(_) | Self::Value { .. } => None,
            Self::Read { source, .. } if source.kind() == io::ErrorKind::InvalidData => {
                Some("write it as UTF-8 text".to_owned())
            }
            Self::Read { .. } => {
                Some("correct its owner and mode, or name another file by FORETOP_CONFIG".to_owned())
            }
            Self::Ask { part, .. } => {
                Some(format!("answer at a terminal, or write the {part} into the profile"))
            }
            Self::Missing(_) => Some("correct or unset FORETOP_CONFIG".to_owned()),
            Self::NoHome => Some("set HOME".to_owned()),
            Self::UnknownProfile { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownProfile { known, .. } if known.is_empty() => {
                Some("the configuration file has no profiles; `foretop config init` adds one".to_owned())
            }
            Self::UnknownProfile { known, .. } => Some(format!("known profiles: {}", known.join(", "))),
            Self::NoDefaultProfile { known } => Some(format!(
                "choose one with --profile, or set default_profile in the file: {}",
                known.join(", ")
            )),
            Self::NoServer { .. } => {
                Some("set FORETOP_SERVER, choose --profile, or unset it for the simulated estate".to_owned())
            }
            Self::TwoEstates => Some("unset one of them, or choose with --profile".to_owned()),
            Self::MissingAccount { set, .. } => Some(format!("set {set}")),
        }
    }
}

/// Diagnostics one after another, a blank line between them.
struct Listed<'a>(&'a [Diagnostic]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n\n")?;
            }
            diagnostic.fmt(formatter)?;
        }
        Ok(())
    }
}
