//! Somebody who works with a profile of Workspace without a screen, against the simulator's face of it.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use foretop::sim::{SimOptions, Simulator, WorldSource};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::simulate;

const PROGRAM: &str = env!("CARGO_BIN_EXE_foretop");

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "no {words:?} in {self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// An operator with a profile of the simulator's Workspace face.
pub(crate) struct Operator {
    pub(crate) simulator: Simulator,
    pub(crate) home: TempDir,
}

impl Operator {
    pub(crate) async fn new(options: SimOptions) -> Self {
        let simulator = simulate(options).await;
        let home = tempfile::tempdir().unwrap();
        let access = simulator.workspace().unwrap();
        let url = simulator.url();
        let folder = home.path().join("config/foretop");
        std::fs::create_dir_all(&folder).unwrap();
        let config = format!(
            "default_profile = \"cloud\"\n[profiles.cloud]\nwire = \"workspace\"\nregion = \"cn-north-4\"\n\
             endpoint = \"{url}\"\niam_endpoint = \"{url}\"\naccess_key = \"{}\"\nsecret_key_env = \"CLOUD_SECRET\"\n",
            access.access_key
        );
        std::fs::write(folder.join("config.toml"), config).unwrap();
        Self { simulator, home }
    }

    /// Builds that end at once.
    pub(crate) async fn hasty() -> Self {
        let world = include_str!("../../src/sim/worlds/small.toml");
        let hasty = world.replace("build_seconds = [6.0, 12.0]", "build_seconds = [0.001, 0.002]");
        assert_ne!(world, hasty);
        Self::new(SimOptions { world: WorldSource::Toml(hasty), ..SimOptions::default() }).await
    }

    pub(crate) async fn run(&self, line: &str) -> Ran {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.run_words(&words).await
    }

    pub(crate) async fn run_words(&self, words: &[&str]) -> Ran {
        let mut command = Command::new(PROGRAM);
        let home = self.home.path();
        command.env_clear().env("HOME", home).current_dir(home).stdin(Stdio::null());
        command.env("XDG_CONFIG_HOME", home.join("config")).env("XDG_STATE_HOME", home.join("state"));
        command.env("CLOUD_SECRET", self.simulator.workspace().unwrap().secret_key).args(words);
        // The simulated estate answers in this process: its thread must not be the one that waits.
        let ran = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        Ran {
            code: ran.status.code().unwrap_or(-1),
            out: String::from_utf8(ran.stdout).unwrap(),
            err: String::from_utf8(ran.stderr).unwrap(),
        }
    }

    /// The id of an image server.
    pub(crate) fn server(&self, name: &str) -> String {
        let servers = self.simulator.control().image_servers();
        servers.into_iter().find(|server| server.name == name).unwrap().id
    }

    /// How many requests of this method went to paths that end like that.
    pub(crate) fn sent(&self, method: &str, end: &str) -> usize {
        self.simulator.control().requests_to(method, end).len()
    }

    pub(crate) fn orders(&self) -> usize {
        let requests = self.simulator.control().requests();
        requests.iter().filter(|request| request.path.ends_with("/recreate-image")).count()
    }
}

/// Everything in the journals.
pub(crate) fn journals(home: &Path) -> String {
    let folder = home.join("state/foretop/jobs");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let journals = files.filter(|file| file.path().extension().is_some_and(|end| end == "jsonl"));
    journals.map(|file| std::fs::read_to_string(file.path()).unwrap()).collect()
}
