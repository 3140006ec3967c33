//! A job that goes on without a terminal: a process of its own carries it out (`docs/jobs.md`).
//!
//! ```text
//!  foreground                              foretop jobs resume ID --yes N --detached
//!  the journal is there, nobody holds it
//!  starts the process; estate, password ─> a session of its own; logs in; takes the journal up under its lock
//!                                       <─ taken, or why not
//!  go                                   ─> the first request leaves
//!  tells who goes on with it, and ends
//! ```
//!
//! They talk over a pair of sockets that is the standard input of the process: neither arguments nor environment hold a
//! secret. Nothing leaves before "go": when either of them dies before, the job is as it was and can be gone on with.

mod child;
mod parent;
mod route;

use std::{
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};

use self::route::Route;
use crate::{api::Login, config::GovernorSettings};

pub(super) use self::{
    child::Line,
    parent::{JobToLeave, hand_on, start},
};

/// Longest head and password that are read: whoever is on the other side cannot fill the memory.
const MAX_HEAD_BYTES: u64 = 16 << 20;
const MAX_PASSWORD_BYTES: u64 = 64 << 10;
/// The word that lets the first request leave.
const GO: &[u8] = b"g";

/// What another process needs to reach the same estate with the same account. Nothing is looked up again there.
#[derive(Debug, Clone)]
pub(super) struct Handover {
    /// The name of the profile.
    pub(super) name: String,
    /// How to reach it, and as whom.
    pub(super) login: Login,
    /// What the governor keeps to.
    pub(super) governor: GovernorSettings,
    /// The environment variables that its secrets came from: the other process does not get them.
    pub(super) secret_variables: Vec<String>,
    /// Where jobs are recorded.
    pub(super) state_dir: PathBuf,
}

/// All of it that is no secret, as it goes over the socket.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    name: String,
    #[serde(flatten)]
    route: Route,
    governor: GovernorSettings,
    state_dir: PathBuf,
}

/// What the process says, on one line.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Answer {
    /// The job is under its lock, and waits for "go".
    Taken,
    /// It cannot be gone on with.
    Failed { words: String, hint: Option<String> },
}

impl Handover {
    /// Sends it: the lengths of head and password, then both.
    fn send(&self, to: &mut impl Write) -> io::Result<()> {
        let (route, secret) = Route::of(&self.login);
        let head = serde_json::to_vec(&Head {
            name: self.name.clone(),
            route,
            governor: self.governor,
            state_dir: self.state_dir.clone(),
        })?;
        let password = secret.as_bytes();
        to.write_all(&(head.len() as u64).to_le_bytes())?;
        to.write_all(&(password.len() as u64).to_le_bytes())?;
        to.write_all(&head)?;
        to.write_all(password)?;
        to.flush()
    }

    /// Receives it.
    fn receive(from: &mut impl Read) -> io::Result<Self> {
        let head = length(from, MAX_HEAD_BYTES)?;
        let password = length(from, MAX_PASSWORD_BYTES)?;
        let mut bytes = vec![0; head];
        from.read_exact(&mut bytes)?;
        let Head { name, route, governor, state_dir } = serde_json::from_slice(&bytes)?;
        let mut secret = Zeroizing::new(vec![0; password]);
        from.read_exact(&mut secret)?;
        let password = std::str::from_utf8(&secret).map_err(|_not_repeated| io::ErrorKind::InvalidData)?;
        let login = route.with(password).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self { name, login, governor, secret_variables: Vec::new(), state_dir })
    }
}

fn length(from: &mut impl Read, most: u64) -> io::Result<usize> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    let length = u64::from_le_bytes(bytes);
    if length > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(length as usize)
}

/// The file that a detached job writes its report and its warnings to, beside its journal.
pub(super) fn log_path(state_dir: &Path, journal: &str) -> PathBuf {
    state_dir.join("jobs").join(format!("{journal}.log"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    use crate::api::{Connection, Password, TlsTrust};

    fn handover() -> Handover {
        let servers = vec!["https://cs1.example.com".parse().unwrap()];
        let connection = Connection::new(servers, "ada", "CORP");
        Handover {
            name: "emea".to_owned(),
            login: Login::Horizon {
                connection: Connection { tls: TlsTrust::CaFile(b"PEM".to_vec()), ..connection },
                password: Password::from("hunter2 \n ü"),
            },
            governor: GovernorSettings::default(),
            secret_variables: vec!["PW".to_owned()],
            state_dir: PathBuf::from("/var/ops/foretop"),
        }
    }

    #[test]
    fn what_is_handed_over_arrives_and_debug_shows_no_secret() {
        let mut bytes = Vec::new();
        handover().send(&mut bytes).unwrap();
        let there = Handover::receive(&mut bytes.as_slice()).unwrap();
        let parts = |handover: &Handover| match &handover.login {
            Login::Horizon { connection, password } => {
                (handover.name.clone(), connection.clone(), password.expose_secret().to_owned())
            }
            Login::Workspace(_) => panic!("not this wire"),
        };
        assert_eq!(parts(&there), parts(&handover()));
        assert_eq!((there.governor, &there.state_dir), (handover().governor, &handover().state_dir));
        assert!(!format!("{there:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_cut_short_or_boundless_is_no_handover() {
        let mut bytes = Vec::new();
        handover().send(&mut bytes).unwrap();
        for length in [0, 7, 15, 40, bytes.len() - 1] {
            assert!(Handover::receive(&mut &bytes[..length]).is_err(), "{length}");
        }
        assert!(Handover::receive(&mut [0xff; 16].as_slice()).is_err());
    }
}
