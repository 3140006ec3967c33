//! Who uses the program, and on which machine: for the record of jobs.

use std::{ffi::OsStr, fs};

use crate::{api::Login, config::Environment, core::bulk::journal::Author, domain::Text};

/// The user and the machine, as far as this system tells; `?` where it does not.
#[derive(Debug, Clone)]
pub(super) struct Place {
    user: Text,
    host: Text,
}

impl Place {
    /// Asks the environment, and for the machine also the system.
    pub(super) fn find(environment: &Environment) -> Self {
        let named = |names: &[&str]| {
            let found = names.iter().find_map(|name| environment.raw(name));
            found.map(OsStr::to_string_lossy).map(|name| Text::clean(&name))
        };
        let unknown = || Text::clean("?");
        Self {
            user: named(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_else(unknown),
            host: system_host().or_else(|| named(&["HOSTNAME", "COMPUTERNAME"])).unwrap_or_else(unknown),
        }
    }

    /// Whether this machine is the one that is called so; no machine whose name is not known is.
    pub(super) fn is_on(&self, host: &Text) -> bool {
        self.host == *host && host.as_str() != "?"
    }

    /// Whoever works from here with this account.
    pub(super) fn author(&self, login: &Login) -> Author {
        Author {
            operator: Text::clean(&login.operator()),
            user: self.user.clone(),
            host: self.host.clone(),
            pid: std::process::id(),
        }
    }
}

/// The name of the machine as the system has it, where it is in a file.
fn system_host() -> Option<Text> {
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let name = files.iter().find_map(|file| fs::read_to_string(file).ok())?;
    let name = name.trim();
    (!name.is_empty()).then(|| Text::clean(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_is_a_question_mark() {
        let place = Place::find(&Environment::of([("LOGNAME", "ada")]));
        assert_eq!(place.user.as_str(), "ada");
        assert!(!place.host.as_str().is_empty());
        let nobody = Place::find(&Environment::default());
        let servers = vec!["https://cs1".parse().unwrap()];
        let connection = crate::api::Connection::new(servers, "ada", "CORP");
        let author = nobody.author(&Login::Horizon { connection, password: "x".into() });
        assert_eq!((author.operator.as_str(), author.user.as_str()), ("CORP\\ada", "?"));
    }
}
