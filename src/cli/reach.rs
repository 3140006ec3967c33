//! From arguments, environment and configuration to an estate that one is logged in to.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use jiff::Timestamp;
use url::Url;

use super::{
    args::{ConnectionArgs, LooksArgs},
    author::Place,
    detach::Handover,
    interrupt::{Heeded, Interrupts},
    looks,
    run::{Stop, Streams, note, warn},
    way::{cloud_connection, cloud_sources, connection, variable},
};
use crate::{
    api::{Connection, Estate, Login},
    config::{self, Environment, File, Paths, Prompt, Resolved, Settings, Target, Terminal, resolve},
    core::bulk::{Pace, Protected, Terms, template::Template},
    domain::{Capabilities, Text, WireKind},
    engine::{
        self,
        governor::{Governor, Limits},
        journal::{JournalStore, Scribe},
    },
    error::{Class, Error},
    sim::{SimOptions, Simulator, WorldSource},
};

/// How long leaving waits for the log-out.
const LAST_WORD: Duration = Duration::from_secs(2);

/// What to do next, for whoever came without a configuration and without `--demo`.
const UNCONFIGURED: &str = "nothing is configured: `foretop config init` sets up your own servers; until then, as with `foretop --demo`, they are simulated";

/// The estate that is meant and the settings that hold, before anything is asked or sent.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Where to.
    target: Target,
    /// With which settings.
    pub(super) settings: Settings,
    /// Where jobs are recorded.
    state_dir: PathBuf,
    /// Texts for messages.
    pub(super) templates: Arc<[Template]>,
    /// Whether the profile says a theme of its own.
    profile_has_theme: bool,
}

impl Wanted {
    /// Works out what is meant, and prints what the person should know about the configuration.
    pub(super) fn resolve(
        connection: &ConnectionArgs,
        looks: &LooksArgs,
        environment: &Environment,
        paths: &Paths,
        streams: &mut Streams<'_>,
    ) -> Result<Self, Stop> {
        let loaded = File::load(paths, &looks::names(paths))?;
        for warning in &loaded.warnings {
            warn(streams, &warning.to_string());
        }
        let mut terminal = Terminal::find(environment);
        let prompt = terminal.as_mut().map(|terminal| terminal as &mut dyn Prompt);
        let choice = connection.choice(looks);
        let resolved = resolve(&choice, environment, paths, &loaded.file, prompt)?;
        let wanted = Self::of(resolved, &loaded.file, paths);
        if wanted.is_simulated() && connection.demo.is_none() {
            // Beside the console it is what stands on the terminal when one comes back.
            note(streams, UNCONFIGURED);
        }
        Ok(wanted)
    }

    /// What was worked out already.
    pub(super) fn of(resolved: Resolved, file: &File, paths: &Paths) -> Self {
        let Resolved { target, settings } = resolved;
        let templates = file.templates.iter().map(|(name, template)| Template {
            name: Text::clean(name),
            severity: template.severity,
            text: template.text.trim_end().into(),
        });
        let profile = target.profile_name().and_then(|name| file.profiles.get(name));
        let profile_has_theme = profile.is_some_and(|profile| profile.settings.theme.is_some());
        let state_dir = paths.state_dir().to_owned();
        Self { target, settings, state_dir, templates: templates.collect(), profile_has_theme }
    }

    /// Where to.
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Whether the estate is simulated.
    pub(super) fn is_simulated(&self) -> bool {
        matches!(self.target, Target::Simulated { .. })
    }

    /// The name of the simulated estate, if it is one.
    pub(super) fn world(&self) -> Option<&str> {
        match &self.target {
            Target::Simulated { world } => Some(world),
            Target::Profile(_) | Target::Cloud(_) => None,
        }
    }

    /// Whether it is an estate of Huawei Cloud Workspace.
    pub(super) fn is_cloud(&self) -> bool {
        self.wire() == WireKind::Workspace
    }

    /// By which API it is reached.
    pub(super) fn wire(&self) -> WireKind {
        match self.target {
            Target::Cloud(_) => WireKind::Workspace,
            Target::Profile(_) | Target::Simulated { .. } => WireKind::Horizon,
        }
    }

    /// The name of the profile, as the status bar shows it.
    pub(super) fn name(&self) -> &str {
        match &self.target {
            Target::Simulated { .. } => "demo",
            Target::Profile(profile) => &profile.name,
            Target::Cloud(profile) => &profile.name,
        }
    }

    /// The profile of the file by which it is reached, if it is one.
    pub(super) fn profile_name(&self) -> Option<&str> {
        self.target.profile_name()
    }

    /// The profile of the file, if it says a theme of its own: that one comes before the theme at the top.
    pub(super) fn profile_with_theme(&self) -> Option<&str> {
        self.profile_name().filter(|_| self.profile_has_theme)
    }

    /// Fails when these settings forbid acting.
    pub(super) fn must_act(&self) -> Result<(), Error> {
        if self.settings.read_only {
            return Err(Error::refused("this is read-only: nothing was sent").hint(
                "--dry-run shows what would be sent; read_only is set by --read-only or the configuration",
            ));
        }
        Ok(())
    }

    /// Fails when a job on this estate cannot outlive this process.
    pub(super) fn must_outlive(&self) -> Result<(), Error> {
        if self.is_simulated() {
            return Err(Error::usage(
                "--detach cannot be used here: the simulated estate ends with this process",
            )
            .hint("`foretop sim` serves one that stays; nothing was sent"));
        }
        Ok(())
    }

    /// Gets what is needed to connect. Waits for a person or a program that knows the password: not for async code.
    pub(super) fn prepare(self, environment: &Environment) -> Result<Prepared, Error> {
        let mut terminal = Terminal::find(environment);
        let prompt = terminal.as_mut().map(|terminal| terminal as &mut dyn Prompt);
        self.prepare_asking(environment, prompt)
    }

    /// The same, with somebody to ask, or nobody.
    pub(super) fn prepare_asking(
        self,
        environment: &Environment,
        prompt: Option<&mut dyn Prompt>,
    ) -> Result<Prepared, Error> {
        let name = self.name().to_owned();
        let mut secret_variables = Vec::new();
        let way = match self.target {
            Target::Simulated { world } => {
                let world = world.parse().map_err(|error: crate::sim::WorldError| unusable_world(&error))?;
                Way::Simulated(world)
            }
            Target::Profile(profile) => {
                let connection = connection(&profile)?;
                secret_variables.extend(variable(&profile.password));
                let password = profile.password(environment, prompt)?;
                Way::Server(Login::Horizon { connection, password })
            }
            Target::Cloud(profile) => {
                secret_variables.extend(cloud_sources(&profile.identity).into_iter().filter_map(variable));
                let secret = profile.secret(environment, prompt)?;
                let token = profile.security_token(environment)?;
                Way::Server(Login::Workspace(Box::new(cloud_connection(*profile, secret, token)?)))
            }
        };
        let (store, place) = (JournalStore::new(&self.state_dir), Place::find(environment));
        let (settings, state_dir) = (self.settings, self.state_dir);
        let heeded = Heeded::All;
        Ok(Prepared { way, name, settings, store, place, state_dir, secret_variables, heeded })
    }
}

/// Everything that is needed to connect.
#[derive(Debug)]
pub(super) struct Prepared {
    way: Way,
    name: String,
    settings: Settings,
    store: JournalStore,
    place: Place,
    state_dir: PathBuf,
    /// The environment variables that the secrets came from.
    secret_variables: Vec<String>,
    heeded: Heeded,
}

#[derive(Debug)]
enum Way {
    Simulated(WorldSource),
    Server(Login),
}

/// An address and an account, and the simulator behind it if there is one.
#[derive(Debug)]
pub(super) struct Opened {
    /// How to connect, and as whom.
    pub(super) login: Login,
    /// Writes down what jobs do there.
    pub(super) scribe: Scribe,
    simulator: Option<Simulator>,
}

impl Prepared {
    /// What was handed over to this process, which has no terminal. Everything was decided by whoever handed it over:
    /// no configuration is read.
    pub(super) fn handed_over(handover: Handover, paths: &Paths, environment: &Environment) -> Self {
        let Handover { name, login, governor, .. } = handover;
        Self {
            way: Way::Server(login),
            name,
            settings: Settings { governor, ..Settings::default() },
            store: JournalStore::new(paths.state_dir()),
            place: Place::find(environment),
            state_dir: paths.state_dir().to_owned(),
            secret_variables: Vec::new(),
            heeded: Heeded::AllButHangUp,
        }
    }

    /// What another process needs to reach the same estate; `None` for one that ends with this process.
    pub(super) fn handover(&self) -> Option<Handover> {
        let Way::Server(login) = &self.way else { return None };
        Some(Handover {
            name: self.name.clone(),
            login: login.clone(),
            governor: self.settings.governor,
            secret_variables: self.secret_variables.clone(),
            state_dir: self.state_dir.clone(),
        })
    }

    /// Starts the simulator when there has to be one.
    pub(super) async fn open(self) -> Result<Opened, Error> {
        let Self { way, name, store, place, .. } = self;
        let scribe = |login: &Login| {
            // A simulated estate has an address of its own each time: its jobs end with it.
            let server = login.server().map(|server| server.as_str().trim_end_matches('/'));
            let estate = Text::clean(&format!("{name} {}", server.unwrap_or_default()));
            Scribe::new(store, place.author(login), estate)
        };
        let world = match way {
            Way::Server(login) => {
                let scribe = scribe(&login);
                return Ok(Opened { login, scribe, simulator: None });
            }
            Way::Simulated(world) => world,
        };
        let options = SimOptions { world, ..SimOptions::default() };
        let simulator = crate::sim::start(options).await.map_err(|error| no_simulator(&error))?;
        let account = simulator.credentials();
        let address = Url::parse(simulator.url()).map_err(|error| {
            Error::new(Class::Unexpected, "the simulated estate has no address").words(error.to_string())
        })?;
        let connection = Connection::new(vec![address], account.username, account.domain);
        let login = Login::Horizon { connection, password: account.password.into() };
        let scribe = scribe(&login);
        Ok(Opened { login, scribe, simulator: Some(simulator) })
    }

    /// Logs in.
    pub(super) async fn connect(self, streams: &mut Streams<'_>) -> Result<Reached, Error> {
        let (name, settings, handover) = (self.name.clone(), self.settings.clone(), self.handover());
        if let Way::Simulated(world) = &self.way {
            note(
                streams,
                &format!("simulated estate, world {}: nothing real is shown or touched", world_name(world)),
            );
        }
        let Opened { login, scribe, simulator } = self.open().await?;
        let governor = Governor::new(limits(&settings));
        let servers = match &login {
            Login::Horizon { connection, .. } => connection.server_names(),
            Login::Workspace { .. } => Vec::new(),
        };
        match Estate::log_in(login, Arc::new(governor.clone())).await {
            Ok((estate, capabilities)) => Ok(Reached {
                estate,
                capabilities,
                governor,
                name,
                servers,
                settings,
                scribe,
                handover,
                simulator,
            }),
            Err(fault) => Err(Error::from(fault).on(&name)),
        }
    }
}

impl Opened {
    /// Ends the simulator, if there is one.
    pub(super) async fn close(simulator: Option<Simulator>) {
        if let Some(simulator) = simulator {
            simulator.shutdown().await;
        }
    }

    /// Takes the simulator out, to be ended later.
    pub(super) fn take_simulator(&mut self) -> Option<Simulator> {
        self.simulator.take()
    }
}

/// The name of a built-in world, or the file of another.
fn world_name(world: &WorldSource) -> String {
    match world {
        WorldSource::Builtin(name) => name.clone(),
        WorldSource::File(path) => path.display().to_string(),
        WorldSource::Toml(_) => "given as text".to_owned(),
    }
}

/// An estate that one is logged in to.
pub(super) struct Reached {
    /// The estate.
    pub(super) estate: Estate,
    /// What server and account can do.
    pub(super) capabilities: Capabilities,
    /// What lets requests leave.
    pub(super) governor: Governor,
    /// The profile's name.
    pub(super) name: String,
    /// The servers by which it is reached.
    pub(super) servers: Vec<Text>,
    /// The settings that hold.
    pub(super) settings: Settings,
    /// Writes down what jobs do.
    pub(super) scribe: Scribe,
    /// What another process needs to reach it; `None` when it ends with this one.
    pub(super) handover: Option<Handover>,
    simulator: Option<Simulator>,
}

impl fmt::Debug for Reached {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reached").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Reached {
    /// How fast jobs go.
    pub(super) fn terms(&self) -> Terms {
        terms(&self.settings)
    }

    /// Who is protected, with the groups that are named looked up. What could not be found is said loudly: it protects
    /// everybody until it is.
    pub(super) async fn protected(&self, streams: &mut Streams<'_>) -> Protected {
        let mut protected = self.settings.protected.clone();
        let names: Vec<String> = protected.groups_to_find().into_iter().map(str::to_owned).collect();
        if !names.is_empty() {
            let groups = engine::find_groups(&self.estate, &names).await;
            for words in &groups.unfound {
                warn(streams, words.as_str());
            }
            protected.learn(groups.found);
        }
        protected
    }

    /// What the server's clock shows now, as far as it is known: the times of sessions and events are from it.
    pub(super) fn server_now(&self) -> Timestamp {
        let now = Timestamp::now();
        self.estate.clock_offset().and_then(|offset| now.checked_add(offset).ok()).unwrap_or(now)
    }

    /// Logs out, and ends the simulator if there is one.
    async fn leave(self) {
        if tokio::time::timeout(LAST_WORD, self.estate.logout()).await.is_err() {
            tracing::warn!("the log-out was not answered; the tokens end by themselves");
        }
        Opened::close(self.simulator).await;
    }
}

/// What the governor keeps to with these settings.
pub(super) fn limits(settings: &Settings) -> Limits {
    let config::GovernorSettings { requests, lookups, failures, longest_rest } = settings.governor;
    Limits { requests: requests as usize, lookups: lookups as usize, failures, longest_rest }
}

/// How jobs go with these settings; nothing is waited for.
pub(super) fn terms(settings: &Settings) -> Terms {
    let jobs = &settings.jobs;
    let pace = Pace {
        chunk: settings.chunk_size as usize,
        pause_seconds: jobs.pause_seconds,
        canary: jobs.canary,
        stop_above_percent: jobs.stop_above_percent,
    };
    Terms { pace, ..Terms::default() }
}

/// Logs in, does something with the estate, and logs out again whatever came of it.
pub(super) fn with_estate(
    prepared: Prepared,
    streams: &mut Streams<'_>,
    body: impl AsyncFnOnce(&Reached, &Interrupts, &mut Streams<'_>) -> Result<u8, Stop>,
) -> Result<u8, Stop> {
    within_runtime(async {
        let interrupts = Interrupts::listen(prepared.heeded)?;
        let reached = interrupts.or(prepared.connect(streams)).await??;
        let result = body(&reached, &interrupts, streams).await;
        reached.leave().await;
        result
    })
}

/// Runs something async to its end. Tasks that still wait for a keyboard are left behind.
pub(super) fn within_runtime<T>(future: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Error::new(Class::Unexpected, "cannot start the runtime").words(error.to_string())
    })?;
    let result = runtime.block_on(future);
    runtime.shutdown_background();
    result
}

/// A world that cannot be used is a wrong argument.
fn unusable_world(error: &crate::sim::WorldError) -> Error {
    Error::usage(error.to_string())
}

/// A simulator that could not be started: wrong arguments, or the machine.
pub(super) fn no_simulator(error: &crate::sim::SimError) -> Error {
    use crate::sim::SimError;

    let class = match error {
        SimError::World(_)
        | SimError::TooManySessions(_)
        | SimError::NotLoopback(_)
        | SimError::NoSuchPod { .. } => Class::Usage,
        SimError::Tls(_) | SimError::Listen { .. } => Class::Unexpected,
    };
    let told = Error::new(class, error.to_string());
    match std::error::Error::source(error) {
        Some(source) if class == Class::Unexpected => told.words(source.to_string()),
        _ => told,
    }
}
