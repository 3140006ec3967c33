//! A simulated estate behind real HTTP: the console's demo, the training ground, the peer of the tests.
//!
//! ```text
//!  worlds/*.toml ─> world ─> estate (pure: step(now), act) <── control (tests)
//!                               ▲
//!  HTTP ─> server ─> horizon: faults ─> throttling ─> token ─> privileges ─> handler
//!                 └─> workspace: faults ─> token or signature ─> throttling ─> project, rights ─> handler
//! ```
//!
//! One seed and one sequence of steps give one estate. The simulator enforces what a real server does
//! (authentication, privileges, paging, the filter grammar, the fields of each version) and answers 404 to what it
//! does not implement. It must not be reachable from the core or the screen.

mod access;
mod clock;
mod control;
mod estate;
mod faults;
mod horizon;
mod ids;
mod names;
mod nearest;
mod release;
mod request_log;
mod server;
mod shared;
#[cfg(test)]
mod tests;
mod tls;
mod tokens;
mod wire;
mod workspace;
mod world;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

pub use clock::{ClockMode, ClockModeError};
pub use control::{PermissionTruth, SessionKind, SessionTruth, SimControl, StateCounts};
pub use estate::Ending;
pub use faults::{FAULT_HELP, FaultId, FaultKind, FaultSpec, FaultSpecError};
pub use release::{Release, ReleaseError};
pub use request_log::LoggedRequest;
pub use tls::TlsError;
pub use workspace::{AppSessionTruth, ImageJobTruth, ImageServerTruth, WorkspaceAccess};
pub use world::{WorldError, WorldSource};

use clock::SimClock;
use faults::Faults;
use shared::Shared;

/// The most sessions that an estate can be asked for.
const MOST_SESSIONS: usize = 2_000_000;

/// How to start a simulator.
#[derive(Debug, Clone)]
pub struct SimOptions {
    /// The world to simulate; `helpdesk` by default.
    pub world: WorldSource,
    /// How many sessions; as many as the world says when absent.
    pub sessions: Option<usize>,
    /// The seed of everything random, ids and the password included.
    pub seed: u64,
    /// How simulated time passes.
    pub clock: ClockMode,
    /// The release of the simulated server.
    pub release: Release,
    /// Faults that are on from the start.
    pub faults: Vec<FaultSpec>,
    /// Where to listen; a free port of 127.0.0.1 by default.
    pub listen: SocketAddr,
    /// Whether to serve HTTPS with a new self-signed certificate.
    pub tls: bool,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            world: WorldSource::default(),
            sessions: None,
            seed: 1,
            clock: ClockMode::default(),
            release: Release::default(),
            faults: Vec::new(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: false,
        }
    }
}

impl SimOptions {
    /// A built-in world whose clock stands still until a test moves it.
    pub fn manual(world: &str) -> Self {
        Self { world: WorldSource::Builtin(world.to_owned()), clock: ClockMode::manual(), ..Self::default() }
    }
}

/// A simulator that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The world cannot be used.
    #[error(transparent)]
    World(#[from] WorldError),
    /// Too many sessions.
    #[error("{0} sessions are too many; the most is {MOST_SESSIONS}")]
    TooManySessions(usize),
    /// A fault names a pod that cannot be taken down.
    #[error("`pod-down={given}`: {why}")]
    NoSuchPod {
        /// The name as given.
        given: String,
        /// Why it cannot be, with the pods that can.
        why: String,
    },
    /// The certificate cannot be made.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The simulator is for this machine only: whoever reaches it can log in.
    #[error(
        "{0} is not an address of this machine alone: the simulator listens on loopback only, such as 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// An account that can log in.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The short name.
    pub username: String,
    /// The NetBIOS name of the domain.
    pub domain: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("username", &self.username)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

/// A running simulator. Dropping it leaves the server running until the runtime ends; call
/// [`shutdown`](Self::shutdown) to end it.
#[derive(Debug)]
pub struct Simulator {
    url: String,
    fingerprint: Option<String>,
    world: String,
    description: String,
    accounts: Vec<Credentials>,
    control: SimControl,
    server: server::Server,
}

/// Builds the estate and serves it.
///
/// # Errors
///
/// A world that cannot be used, too many sessions, a certificate that cannot be made, an address that is taken or that
/// others can reach.
pub async fn start(options: SimOptions) -> Result<Simulator, SimError> {
    if let Some(count) = options.sessions.filter(|count| *count > MOST_SESSIONS) {
        return Err(SimError::TooManySessions(count));
    }
    if !options.listen.ip().is_loopback() {
        return Err(SimError::NotLoopback(options.listen));
    }
    let clock = SimClock::new(options.clock);
    let (world, sessions, seed, now) = (options.world, options.sessions, options.seed, clock.now());
    let built = tokio::task::spawn_blocking(move || {
        world::load(&world).map(|world| estate::build(&Arc::new(world), sessions, seed, now))
    });
    let estate = match built.await {
        Ok(built) => built?,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    };
    let mut faults = Faults::default();
    for fault in options.faults {
        faults.add(fault);
    }
    check_pods(&estate, &faults)?;
    let password = password(options.seed);
    let domain = estate.defined.world.domain.netbios.clone();
    let (world, description) = (estate.defined.world.name.clone(), estate.defined.world.description.clone());
    let shared =
        Arc::new(Shared::new(clock, options.release, estate, faults, password.clone(), options.seed));
    let (tls, fingerprint) = if options.tls {
        let (config, fingerprint) = tls::self_signed()?;
        (Some(config), Some(fingerprint))
    } else {
        (None, None)
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let server = server::start(options.listen, tls, Arc::clone(&shared))
        .map_err(|source| SimError::Listen { listen: options.listen, source })?;
    let accounts = shared.accounts.iter().map(|account| Credentials {
        username: account.clone(),
        domain: domain.clone(),
        password: password.clone(),
    });
    Ok(Simulator {
        url: format!("{scheme}://{}", server.address),
        fingerprint,
        world,
        description,
        accounts: accounts.collect(),
        control: SimControl::new(shared),
        server,
    })
}

/// Faults may name only pods that are there, and not the one that is asked: for that there is `down`.
fn check_pods(estate: &estate::Estate, faults: &Faults) -> Result<(), SimError> {
    let pods = &estate.defined.world.pods;
    let others: Vec<&str> = pods.iter().filter(|pod| !pod.local).map(|pod| pod.name.as_str()).collect();
    for given in faults.named_pods() {
        if others.iter().any(|name| name.eq_ignore_ascii_case(given)) {
            continue;
        }
        let why = match estate.pod_named(given) {
            Some(_) => "this is the pod that is asked; to take it down use `down`".to_owned(),
            None if others.is_empty() => "the world has no other pod".to_owned(),
            None => format!("the world has no such pod; there are {}", others.join(", ")),
        };
        return Err(SimError::NoSuchPod { given: given.to_owned(), why });
    }
    Ok(())
}

/// The one password of all accounts, made from the seed.
fn password(seed: u64) -> String {
    format!("Lookout-{:08x}", ids::spread(seed ^ 0x0070_6173_7377_6f72) >> 32)
}

impl Simulator {
    /// The address of the server, such as `http://127.0.0.1:40123`; the API is below `/rest`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The name of the simulated world.
    pub fn world(&self) -> &str {
        &self.world
    }

    /// What the world says of itself, in a few words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The SHA-256 of the certificate's DER form in lower-case hex; `None` without TLS.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// The first account of the world: the administrator.
    pub fn credentials(&self) -> Credentials {
        let nobody =
            || Credentials { username: String::new(), domain: String::new(), password: String::new() };
        self.accounts.first().cloned().unwrap_or_else(nobody)
    }

    /// All accounts. The built-in worlds have `admin`, `helpdesk` (no restart, no reset), `viewer` (looks only) and
    /// `finance-lead` (one access group only).
    pub fn accounts(&self) -> &[Credentials] {
        &self.accounts
    }

    /// The account with this user name.
    pub fn account(&self, username: &str) -> Option<&Credentials> {
        self.accounts.iter().find(|account| account.username == username)
    }

    /// The one line of JSON that says where the simulator is and how to log in.
    pub fn ready_line(&self) -> String {
        let credentials = self.credentials();
        let mut line = horizon::Json::default();
        line.object(|line| {
            line.text_field("url", &self.url);
            line.text_field("username", &credentials.username);
            line.text_field("domain", &credentials.domain);
            line.text_field("password", &credentials.password);
            line.optional_field("sha256", self.fingerprint());
            if let Some(access) = self.workspace() {
                line.key("workspace");
                access.write(&self.url, line);
            }
        });
        String::from_utf8_lossy(&line.finish()).into_owned()
    }

    /// How the first identity of Workspace gets in; `None` where the world has no workspace.
    pub fn workspace(&self) -> Option<WorkspaceAccess> {
        self.control.workspace_access().into_iter().next()
    }

    /// The test hook.
    pub fn control(&self) -> &SimControl {
        &self.control
    }

    /// Ends the server and waits for its end.
    pub async fn shutdown(self) {
        self.server.stop().await;
    }
}
