//! `foretop images` as a program, against a simulated estate in this process: what it prints, what it sends, and how it
//! ends (`docs/images.md`).

use std::process::{Command, Stdio};

use foretop::sim::{SimOptions, Simulator};
use serde_json::Value;

use crate::support;

const PROGRAM: &str = env!("CARGO_BIN_EXE_foretop");

/// What a run left behind.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }
}

/// Runs the program as somebody, in an empty home.
fn run_as(simulator: &Simulator, user: &str, line: &[&str]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    let access = &simulator.access;
    let password =
        access.accounts.iter().find(|account| account.username == user).map_or("", |account| &account.password);
    let ran = Command::new(PROGRAM)
        .env_clear()
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_STATE_HOME", home.path().join("state"))
        .env("FORETOP_SERVER", &access.url)
        .env("FORETOP_DOMAIN", &access.domain)
        .env("FORETOP_USERNAME", user)
        .env("FORETOP_PASSWORD", password)
        .current_dir(home.path())
        .stdin(Stdio::null())
        .arg("images")
        .args(line)
        .output()
        .unwrap();
    Ran {
        code: ran.status.code().unwrap(),
        out: String::from_utf8(ran.stdout).unwrap(),
        err: String::from_utf8(ran.stderr).unwrap(),
    }
}
