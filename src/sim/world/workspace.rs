//! The part of a world that the Workspace face shows: app server groups, image servers, app groups, and how long
//! things take (`workspace.md sections 5 to 9`).

use serde::Deserialize;
use toml::Spanned;

use super::check::Checker;
use super::{Name, World, WorldError};
use crate::sim::names::Pattern;

/// The statuses that an image server can start with.
pub(crate) const IMAGE_SERVER_STATUSES: [&str; 6] =
    ["CREATING", "ACTIVE", "BUILDING", "BUILT", "ERROR", "DELETING"];

/// One project of Huawei Cloud Workspace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Workspace {
    /// The region, which is also the name of the project.
    pub(crate) region: String,
    /// How many app sessions there usually are.
    pub(crate) sessions: usize,
    /// Sessions that accept a logoff and stay.
    #[serde(default)]
    pub(crate) stuck_sessions: usize,
    /// Accounts of the world that IAM knows as well.
    pub(crate) identities: Vec<Identity>,
    /// How long a build of an image takes, in seconds, from and to.
    pub(crate) build_seconds: [f64; 2],
    /// How long the creation or deletion of an image server takes, in seconds, from and to.
    pub(crate) server_seconds: [f64; 2],
    /// How long a job waits before it runs, in seconds, from and to.
    #[serde(default = "wait_seconds")]
    pub(crate) wait_seconds: [f64; 2],
    /// How long a start, stop or reboot takes, in seconds, from and to.
    #[serde(default = "power_seconds")]
    pub(crate) power_seconds: [f64; 2],
    /// A build whose image has this in its name fails.
    #[serde(default = "fails_with")]
    pub(crate) fails_with: String,
    /// An image with this in its name is refused at once.
    #[serde(default = "refuses_with")]
    pub(crate) refuses_with: String,
    pub(crate) server_groups: Vec<ServerGroup>,
    #[serde(default)]
    pub(crate) app_groups: Vec<AppGroup>,
    #[serde(default)]
    pub(crate) image_servers: Vec<ImageServer>,
    pub(crate) history: History,
}

fn wait_seconds() -> [f64; 2] {
    [1.0, 3.0]
}

fn power_seconds() -> [f64; 2] {
    [20.0, 60.0]
}

fn fails_with() -> String {
    "fail".to_owned()
}

fn refuses_with() -> String {
    "refuse".to_owned()
}

/// An account that IAM knows, with keys of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    pub(crate) account: Name,
    /// Whether it may only call what IAM classes as a read.
    #[serde(default)]
    pub(crate) read_only: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerGroup {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// Whether its sessions are shared desktops; published applications otherwise.
    #[serde(default)]
    pub(crate) desktops: bool,
    /// Its part of all app sessions, relative to the other shares.
    pub(crate) share: u32,
    /// How many app servers there are.
    pub(crate) count: u32,
    /// Names of the servers, with `{n:3}` for a number.
    pub(crate) servers: Spanned<String>,
    pub(crate) image: String,
    /// How many of its servers are in maintenance, shut off, not registered, and with a task that hangs.
    #[serde(default)]
    pub(crate) maintained: u32,
    #[serde(default)]
    pub(crate) stopped: u32,
    #[serde(default)]
    pub(crate) unregistered: u32,
    pub(crate) applications: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppGroup {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) server_group: Name,
    /// How many users are authorized one by one.
    #[serde(default)]
    pub(crate) users: usize,
    /// Authorized groups of the directory, by name; they need not exist for Horizon.
    #[serde(default)]
    pub(crate) groups: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageServer {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) status: Name,
    /// `gold`, `public`, `private`, `shared` or `other`.
    #[serde(default = "private")]
    pub(crate) image_type: String,
    /// How many days ago it was made.
    pub(crate) days: f64,
}

fn private() -> String {
    "private".to_owned()
}

/// The image jobs of the past.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    pub(crate) days: f64,
    /// Builds that went well.
    pub(crate) builds: usize,
    /// Builds that failed.
    pub(crate) failures: usize,
    /// Deleted image servers.
    pub(crate) deletions: usize,
    /// App sessions that are over.
    pub(crate) sessions: usize,
}

impl Checker<'_> {
    /// What the types of the Workspace part cannot show.
    pub(super) fn workspace(&self, world: &World) -> Result<(), WorldError> {
        let Some(workspace) = &world.workspace else { return Ok(()) };
        let groups: Vec<&str> = workspace.server_groups.iter().map(|group| group.name.as_str()).collect();
        let accounts: Vec<&str> = world.accounts.iter().map(|account| account.login.as_str()).collect();
        self.unique("app server groups", groups.iter().copied())?;
        self.unique("image servers", workspace.image_servers.iter().map(|server| server.name.as_str()))?;
        self.unique("app groups", workspace.app_groups.iter().map(|group| group.name.as_str()))?;
        if workspace.identities.is_empty() {
            return self.fail_at("[workspace]", "a workspace needs at least one identity");
        }
        for identity in &workspace.identities {
            self.known("account", &identity.account, &accounts)?;
        }
        for group in &workspace.server_groups {
            if Pattern::parse(group.servers.get_ref()).is_none() {
                return self.fail(
                    &group.servers.span(),
                    format!("`{}` has no place for a number", group.servers.get_ref()),
                );
            }
            if group.applications.is_empty()
                || group.maintained + group.stopped + group.unregistered > group.count
            {
                return self.fail(
                    &group.servers.span(),
                    "an app server group needs an application, and as many servers as are told apart"
                        .to_owned(),
                );
            }
        }
        for group in &workspace.app_groups {
            self.known("app server group", &group.server_group, &groups)?;
        }
        for server in &workspace.image_servers {
            self.known("status of an image server", &server.status, &IMAGE_SERVER_STATUSES)?;
        }
        let ranges = [
            ("build_seconds", workspace.build_seconds),
            ("server_seconds", workspace.server_seconds),
            ("wait_seconds", workspace.wait_seconds),
            ("power_seconds", workspace.power_seconds),
        ];
        let wrong = |[from, to]: [f64; 2]| !(0.0..=1e6).contains(&from) || !(from..=1e6).contains(&to);
        if let Some((name, _)) = ranges.iter().find(|(_, range)| wrong(*range)) {
            return self
                .fail_at(name, &format!("`{name}` must be two numbers of seconds, the smaller first"));
        }
        Ok(())
    }
}
