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
            user: named(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_else(system_user),
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

/// The name of the user that this process runs as, or its number where no name is in the file of users.
fn system_user() -> Text {
    let id = rustix::process::getuid().as_raw();
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    Text::clean(&user_called(&users, id).map_or_else(|| format!("uid {id}"), str::to_owned))
}

/// The name of a user in the text of `/etc/passwd`.
fn user_called(users: &str, id: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(id) && !name.is_empty()).then_some(name)
    })
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
    fn a_user_without_variables_is_known_by_the_file_of_users() {
        let users = "root:x:0:0:root:/root:/bin/sh\n# no user\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!((user_called(users, 1000), user_called(users, 0)), (Some("ada"), Some("root")));
        assert_eq!(user_called(users, 7), None);
    }

    #[test]
    fn who_works_here_is_told_by_the_environment_else_by_the_system() {
        let place = Place::find(&Environment::of([("LOGNAME", "ada")]));
        assert_eq!(place.user.as_str(), "ada");
        assert!(!place.host.as_str().is_empty());
        let nobody = Place::find(&Environment::default());
        let servers = vec!["https://cs1".parse().unwrap()];
        let connection = crate::api::Connection::new(servers, "ada", "CORP");
        let author = nobody.author(&Login::Horizon { connection, password: "x".into() });
        assert_eq!(author.operator.as_str(), "CORP\\ada");
        assert_ne!(author.user.as_str(), "?", "the system knows whose process it is");
    }
}
