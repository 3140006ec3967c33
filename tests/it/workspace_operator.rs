//! Somebody who works with a profile of Workspace without a screen, against the simulator's face of it.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
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

    /// One whose profile has the name and password of an IAM user instead of keys.
    pub(crate) async fn with_password(options: SimOptions) -> Self {
        let operator = Self::new(options).await;
        let user = operator.simulator.credentials();
        let file = operator.home.path().join("config/foretop/config.toml");
        let config = std::fs::read_to_string(&file).unwrap();
        let keys = config.find("access_key").unwrap();
        let config = format!(
            "{}domain = \"{}\"\nusername = \"{}\"\npassword_env = \"CLOUD_PASSWORD\"\n",
            &config[..keys],
            user.domain,
            user.username
        );
        std::fs::write(file, config).unwrap();
        operator
    }

    /// Starts a command and waits until it says something on standard error.
    pub(crate) fn start_until(&self, line: &str, says: &str) -> UnderWay {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = self.command(&words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains(says) {
            assert!(told.read_line(&mut said).unwrap() > 0, "it ended without {says:?}: {said}");
        }
        UnderWay { child, told, said }
    }

    pub(crate) async fn run(&self, line: &str) -> Ran {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.run_words(&words).await
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        let home = self.home.path();
        command.env_clear().env("HOME", home).current_dir(home).stdin(Stdio::null());
        command.env("XDG_CONFIG_HOME", home.join("config")).env("XDG_STATE_HOME", home.join("state"));
        command.env("FORETOP_DEBUG_SETTLING_MS", "0");
        command.env("CLOUD_SECRET", self.simulator.workspace().unwrap().secret_key);
        command.env("CLOUD_PASSWORD", self.simulator.credentials().password).args(words);
        command
    }

    pub(crate) async fn run_words(&self, words: &[&str]) -> Ran {
        let mut command = self.command(words);
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

/// A command that runs.
pub(crate) struct UnderWay {
    child: Child,
    told: BufReader<ChildStderr>,
    said: String,
}

impl UnderWay {
    /// What Ctrl-c sends.
    pub(crate) fn interrupt(&self) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ran {
        self.told.read_to_string(&mut self.said).unwrap();
        let output = self.child.wait_with_output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        Ran { code: output.status.code().unwrap_or(-1), out, err: self.said }
    }
}

/// Everything in the journals.
pub(crate) fn journals(home: &Path) -> String {
    let folder = home.join("state/foretop/jobs");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let journals = files.filter(|file| file.path().extension().is_some_and(|end| end == "jsonl"));
    journals.map(|file| std::fs::read_to_string(file.path()).unwrap()).collect()
}
