//! Worlds as data: what a TOML file may say, and its checks.
//!
//! A world file describes one estate: pods, access groups, pools, farms, gateways, and how people behave in
//! it. What it leaves out (names of people, clients, roles, accounts, event texts, rates) comes from
//! `worlds/common.toml`. This module reads and checks; it builds nothing.

mod check;
mod images;
mod rights;
mod workspace;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::nearest::nearest;
use check::{Checker, line_of};

pub(crate) use images::{
    ASSET_STATUSES, CLONE_TYPES, IMAGE_TYPES, Image, ImageAsset, OPERATING_SYSTEMS, SOURCES, STREAM_STATUSES,
    Subscription, VERSION_STATUSES, Vcenter,
};
pub(crate) use rights::{Group, Permission, Role, Selectable, Staff};
pub(crate) use workspace::Workspace;

const COMMON: &str = include_str!("../worlds/common.toml");

/// The built-in worlds: name and text.
const BUILT_IN: [(&str, &str); 4] = [
    ("small", include_str!("../worlds/small.toml")),
    ("helpdesk", include_str!("../worlds/helpdesk.toml")),
    ("federation", include_str!("../worlds/federation.toml")),
    ("huge", include_str!("../worlds/huge.toml")),
];

/// Where a world comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorldSource {
    /// One of the built-in worlds: `small`, `helpdesk`, `federation`, `huge`.
    Builtin(String),
    /// A TOML file.
    File(PathBuf),
    /// The text of a TOML file.
    Toml(String),
}

impl Default for WorldSource {
    fn default() -> Self {
        Self::Builtin("helpdesk".to_owned())
    }
}

impl std::str::FromStr for WorldSource {
    type Err = WorldError;

    /// A name of a built-in world, or a path (something with a separator or ending in `.toml`).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_path = text.contains(['/', '\\'])
            || Path::new(text).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
        if is_path {
            return Ok(Self::File(PathBuf::from(text)));
        }
        built_in(text).map(|_| Self::Builtin(text.to_owned()))
    }
}

/// A world that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// No built-in world has this name.
    #[error(
        "there is no world `{given}`; the nearest is `{nearest}` (worlds: small, helpdesk, federation, huge, or a TOML file)"
    )]
    NoSuchWorld {
        /// The name asked for.
        given: String,
        /// The most similar name.
        nearest: String,
    },
    /// The file cannot be read.
    #[error("cannot read the world file {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The text is not a valid world.
    #[error("{file}:{line}: {message}")]
    Invalid {
        /// The file, or `world <name>`.
        file: String,
        /// The line of the mistake, from 1.
        line: usize,
        /// What is wrong, with the nearest valid name where there is one.
        message: String,
    },
}

fn built_in(name: &str) -> Result<&'static str, WorldError> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).ok_or_else(|| {
        let nearest = nearest(name, BUILT_IN.iter().map(|(known, _)| *known)).unwrap_or("helpdesk");
        WorldError::NoSuchWorld { given: name.to_owned(), nearest: nearest.to_owned() }
    })
}

/// A name with its place in the file, for messages about names that do not exist.
pub(crate) type Name = Spanned<String>;

/// A whole world file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct World {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// How many sessions the estate has when nothing else is asked for.
    pub(crate) sessions: usize,
    /// The type written for a reset; `…_REBOOTED` is the other spelling (events.md section 3.1).
    #[serde(default = "reset_event")]
    pub(crate) reset_event: String,
    /// The type written for a failed reset.
    #[serde(default = "reset_failed_event")]
    pub(crate) reset_failed_event: String,
    /// Whether `user_name` carries `DOMAIN\` in front.
    #[serde(default)]
    pub(crate) user_names_with_domain: bool,
    /// Whether the pods form a federation; without it federation calls answer 409.
    #[serde(default)]
    pub(crate) cloud_pod_architecture: bool,
    /// How many sessions of a federation were brokered by another pod than the one that hosts them, in percent.
    #[serde(default)]
    pub(crate) brokered_elsewhere: f64,
    /// How many sessions of a federation are of somebody who has one on another pod as well, in percent.
    #[serde(default)]
    pub(crate) on_two_pods: f64,
    pub(crate) domain: Domain,
    pub(crate) pods: Vec<Pod>,
    pub(crate) access_groups: Vec<AccessGroup>,
    #[serde(default)]
    pub(crate) pools: Vec<Pool>,
    #[serde(default)]
    pub(crate) farms: Vec<Farm>,
    #[serde(default)]
    pub(crate) consoles: Vec<Consoles>,
    /// The vCenters of the local pod.
    #[serde(default)]
    pub(crate) vcenters: Vec<Vcenter>,
    #[serde(default)]
    pub(crate) images: Vec<Image>,
    pub(crate) gateways: Vec<Gateway>,
    #[serde(default)]
    pub(crate) clients: Vec<Client>,
    pub(crate) users: Option<Users>,
    #[serde(default)]
    pub(crate) roles: Vec<Role>,
    /// The privileges that custom roles may hold.
    #[serde(default)]
    pub(crate) privileges: Vec<Selectable>,
    #[serde(default)]
    pub(crate) accounts: Vec<Account>,
    /// Only with a federation; a root group alone when there are none.
    #[serde(default)]
    pub(crate) federation_groups: Vec<AccessGroup>,
    #[serde(default)]
    pub(crate) groups: Vec<Group>,
    #[serde(default)]
    pub(crate) staff: Vec<Staff>,
    /// Beyond those of the accounts.
    #[serde(default)]
    pub(crate) permissions: Vec<Permission>,
    /// Event types that differ from, or add to, the common ones.
    #[serde(default)]
    pub(crate) events: Vec<EventKind>,
    pub(crate) mix: Option<Mix>,
    pub(crate) rates: Option<Rates>,
    pub(crate) delays: Option<Delays>,
    /// What the Workspace face shows; it shows nothing when absent.
    pub(crate) workspace: Option<Workspace>,
}

fn reset_event() -> String {
    "ADMIN_DESKTOP_SESSION_RESET".to_owned()
}

fn reset_failed_event() -> String {
    "ADMIN_DESKTOP_SESSION_RESET_FAILED".to_owned()
}

/// What worlds share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    clients: Vec<Client>,
    users: Users,
    roles: Vec<Role>,
    privileges: Vec<Selectable>,
    groups: Vec<Group>,
    accounts: Vec<Account>,
    events: Vec<EventKind>,
    mix: Mix,
    rates: Rates,
    delays: Delays,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Domain {
    pub(crate) netbios: String,
    pub(crate) dns: String,
    /// The SID of the domain; users get `-<number>` behind it.
    pub(crate) sid: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pod {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) site: String,
    #[serde(default)]
    pub(crate) local: bool,
    pub(crate) connection_servers: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessGroup {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// True for exactly one: a permission on it counts for all.
    #[serde(default)]
    pub(crate) root: bool,
}

/// A version and how often it is met.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Weighted {
    pub(crate) version: String,
    pub(crate) weight: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PoolSource {
    InstantClone,
    VirtualCenter,
    Unmanaged,
}

impl PoolSource {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::InstantClone => "INSTANT_CLONE",
            Self::VirtualCenter => "VIRTUAL_CENTER",
            Self::Unmanaged => "UNMANAGED",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pool {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) access_group: Name,
    /// The pod that hosts it; the local one when absent.
    pub(crate) pod: Option<Name>,
    /// The federation access group of its global entitlement; the root when absent.
    pub(crate) federation_group: Option<Name>,
    pub(crate) source: PoolSource,
    #[serde(default)]
    pub(crate) dedicated: bool,
    /// Its part of all sessions, relative to the other shares.
    pub(crate) share: u32,
    /// Machine names, with `{n:4}` for the number in four digits.
    pub(crate) machines: Spanned<String>,
    /// The users' groups.
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    pub(crate) agents: Vec<Weighted>,
    #[serde(default = "windows_11")]
    pub(crate) operating_system: String,
    /// How many times likelier than elsewhere its agents get stuck.
    #[serde(default = "one")]
    pub(crate) ghost_factor: f64,
    /// The image it is made from, where it comes from a stream.
    pub(crate) image: Option<Subscription>,
}

fn windows_11() -> String {
    "WINDOWS_11".to_owned()
}

fn one() -> f64 {
    1.0
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Farm {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) access_group: Name,
    pub(crate) pod: Option<Name>,
    /// The federation access group of its global entitlements; the root when absent.
    pub(crate) federation_group: Option<Name>,
    /// Whether its hosts are instant clones; a manual farm otherwise.
    #[serde(default)]
    pub(crate) automated: bool,
    pub(crate) share: u32,
    pub(crate) hosts: Spanned<String>,
    pub(crate) sessions_per_host: u32,
    /// The desktop pool that publishes the farm's desktops.
    pub(crate) desktop_pool: String,
    pub(crate) desktop_pool_display_name: String,
    /// How many of its sessions are desktops, in percent; the others are applications.
    pub(crate) desktop_percent: u32,
    pub(crate) applications: Vec<Application>,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    pub(crate) agents: Vec<Weighted>,
    /// The image its hosts are made from, where it comes from a stream.
    pub(crate) image: Option<Subscription>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Application {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) executable: String,
    pub(crate) publisher: String,
    pub(crate) version: String,
}

/// Physical machines outside any pool, with console sessions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consoles {
    pub(crate) machines: Spanned<String>,
    pub(crate) access_group: Name,
    pub(crate) share: u32,
    pub(crate) agents: Vec<Weighted>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Location {
    External,
    Internal,
    Unknown,
}

impl Location {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::Internal => "INTERNAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gateway {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) location: Location,
    pub(crate) weight: u32,
    /// How many times likelier than elsewhere its sessions are disconnected.
    #[serde(default = "one")]
    pub(crate) drop_factor: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    /// WINDOWS, MAC, HTMLACCESS, LINUX, IOS, ANDROID, OTHER.
    pub(crate) kind: String,
    pub(crate) weight: u32,
    /// Client host names, with `{n:5}` for a number.
    pub(crate) names: Spanned<String>,
    pub(crate) versions: Vec<Weighted>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Users {
    /// Users for each session; at least 1.
    pub(crate) per_session: f64,
    pub(crate) given: Vec<String>,
    pub(crate) family: Vec<String>,
    /// People with names that programs get wrong; always present, always with a session.
    #[serde(default)]
    pub(crate) hard: Vec<HardUser>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HardUser {
    pub(crate) login: String,
    pub(crate) display: String,
    /// The name of this user's machine, when it is special too.
    pub(crate) machine: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) login: String,
    pub(crate) display: String,
    pub(crate) role: Name,
    /// The access group that limits the role; the root group when absent.
    pub(crate) access_group: Option<Name>,
    /// The groups of the directory that it belongs to.
    #[serde(default)]
    pub(crate) groups: Vec<Name>,
}

/// One event type: who writes it, how grave it is, and its text with `{Variables}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventKind {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) module: String,
    pub(crate) severity: String,
    pub(crate) text: String,
}

/// The state of the estate at the start, in percent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mix {
    pub(crate) disconnected: f64,
    pub(crate) pending: f64,
    /// Of the connected ones.
    pub(crate) idle: f64,
    pub(crate) locked_disconnected: f64,
    pub(crate) locked_connected: f64,
    pub(crate) ghosts_disconnected: f64,
    pub(crate) ghosts_connected: f64,
    pub(crate) unauthenticated: f64,
    /// Sessions of a user who has one already.
    pub(crate) duplicates: f64,
    /// Sessions of agents too old to report their version, idle time or gateway.
    pub(crate) old_agents: f64,
    pub(crate) forever_applications: f64,
}

/// How often things happen, for each session in a given state and hour.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rates {
    /// New log-ons for each session of the estate's usual size.
    pub(crate) logon: f64,
    pub(crate) logoff: f64,
    pub(crate) disconnect: f64,
    pub(crate) reconnect: f64,
    pub(crate) go_idle: f64,
    pub(crate) come_back: f64,
    /// Refused or failed launches, for each session of the estate's usual size.
    pub(crate) trouble: f64,
}

/// How long things take, in seconds, from and to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delays {
    pub(crate) pending: [f64; 2],
    pub(crate) disconnect: [f64; 2],
    pub(crate) logoff: [f64; 2],
    pub(crate) reset: [f64; 2],
    pub(crate) restart: [f64; 2],
    /// Until a written event can be read.
    pub(crate) event_database: f64,
    pub(crate) access_token_minutes: f64,
    pub(crate) refresh_token_minutes: f64,
    /// How far back the events of the start reach.
    pub(crate) history_hours: f64,
}

/// A checked world with everything filled in.
#[derive(Debug, Clone)]
pub(crate) struct CheckedWorld {
    pub(crate) world: World,
    pub(crate) users: Users,
    pub(crate) mix: Mix,
    pub(crate) rates: Rates,
    pub(crate) delays: Delays,
}

/// Reads and checks a world.
pub(crate) fn load(source: &WorldSource) -> Result<CheckedWorld, WorldError> {
    match source {
        WorldSource::Builtin(name) => check(&format!("world {name}"), built_in(name)?),
        WorldSource::Toml(text) => check("world text", text),
        WorldSource::File(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| WorldError::Unreadable { path: path.clone(), source })?;
            check(&path.display().to_string(), &text)
        }
    }
}

fn check(file: &str, text: &str) -> Result<CheckedWorld, WorldError> {
    let mut world: World = parse(file, text)?;
    let common: Common = parse("worlds/common.toml", COMMON)?;
    Checker { file, text }.run(&world)?;
    if world.clients.is_empty() {
        world.clients = common.clients;
    }
    if world.roles.is_empty() {
        world.roles = common.roles;
    }
    if world.privileges.is_empty() {
        world.privileges = common.privileges;
    }
    if world.accounts.is_empty() {
        world.accounts = common.accounts;
        world.groups.extend(common.groups);
    }
    if world.cloud_pod_architecture && world.federation_groups.is_empty() {
        let root = AccessGroup { name: "Root".to_owned(), description: String::new(), root: true };
        world.federation_groups.push(root);
    }
    // The world's own event kinds come first and win.
    world.events.extend(common.events);
    let checked = CheckedWorld {
        users: world.users.clone().unwrap_or(common.users),
        mix: world.mix.clone().unwrap_or(common.mix),
        rates: world.rates.clone().unwrap_or(common.rates),
        delays: world.delays.clone().unwrap_or(common.delays),
        world,
    };
    let checker = Checker { file, text };
    checker.rights(&checked.world)?;
    checker.workspace(&checked.world)?;
    checker.numbers(&checked)?;
    Ok(checked)
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, WorldError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, &span));
        WorldError::Invalid { file: file.to_owned(), line, message: with_hint(error.message()) }
    })
}

/// Adds the nearest valid name to serde's "unknown field `x`, expected one of `a`, `b`".
fn with_hint(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let given = names.next();
    match given {
        Some(given) if message.starts_with("unknown") => match nearest(given, names) {
            Some(name) => format!("{message}; did you mean `{name}`?"),
            None => message.to_owned(),
        },
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        check("my.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn every_built_in_world_is_valid() {
        for (name, text) in BUILT_IN {
            let checked = check(name, text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(checked.world.name, name);
        }
    }

    #[test]
    fn an_unknown_world_names_the_nearest() {
        let error = "helpdsk".parse::<WorldSource>().unwrap_err().to_string();
        assert!(error.contains("`helpdesk`"), "{error}");
        assert_eq!("a/b.toml".parse::<WorldSource>().unwrap(), WorldSource::File("a/b.toml".into()));
    }

    #[test]
    fn a_misspelt_field_is_reported_with_line_and_nearest_name() {
        let text = built_in("small").unwrap().replace("sessions_per_host", "session_per_host");
        let line = text.lines().position(|line| line.contains("session_per_host")).unwrap() + 1;
        let message = error(&text);
        assert!(message.starts_with(&format!("my.toml:{line}: ")), "{message}");
        assert!(message.contains("did you mean `sessions_per_host`?"), "{message}");
    }

    #[test]
    fn a_reference_to_nothing_is_reported_with_line_and_nearest_name() {
        let text =
            built_in("small").unwrap().replace("access_group = \"Finance\"", "access_group = \"Finanze\"");
        let line = text.lines().position(|line| line.contains("Finanze")).unwrap() + 1;
        let message = error(&text);
        assert!(message.starts_with(&format!("my.toml:{line}: ")), "{message}");
        assert!(message.contains("did you mean `Finance`?"), "{message}");
    }

    #[test]
    fn a_pattern_without_a_number_and_two_roots_are_refused() {
        let small = built_in("small").unwrap();
        assert!(error(&small.replace("{n:3}", "")).contains("no place for a number"));
        assert!(error(&small.replace("root = true", "root = false")).contains("exactly one access group"));
    }

    #[test]
    fn impossible_numbers_are_refused() {
        let mix = "[mix]\ndisconnected = 25.0\npending = 0.8\nidle = 30.0\nlocked_disconnected = 4.0\n\
            locked_connected = 1.5\nghosts_disconnected = 2.0\nghosts_connected = 0.2\n\
            unauthenticated = 0.6\nduplicates = 1.5\nold_agents = 1.2\nforever_applications = 3.0\n";
        let small = built_in("small").unwrap();
        assert!(check("good", &format!("{small}\n{mix}")).is_ok());
        for bad in ["-1.0", "nan", "101.0"] {
            let text = format!("{small}\n{}", mix.replace("30.0", bad));
            assert!(error(&text).contains("`idle` is a percentage"), "{bad}");
        }
    }

    #[test]
    fn a_workspace_names_only_what_there_is() {
        let small = built_in("small").unwrap();
        for (from, into, says) in [
            ("account = \"viewer\"", "account = \"viewr\"", "did you mean `viewer`?"),
            (
                "server_group = \"office-apps\"",
                "server_group = \"office-app\"",
                "did you mean `office-apps`?",
            ),
            ("status = \"BUILT\"", "status = \"BUILD\"", "status of an image server"),
            ("\"APS-OFF-{n:2}\"", "\"APS-OFF\"", "no place for a number"),
            ("stopped = 1", "stopped = 3", "as many servers as are told apart"),
            ("build_seconds = [6.0, 12.0]", "build_seconds = [12.0, 6.0]", "the smaller first"),
        ] {
            let text = small.replace(from, into);
            let message = error(&text);
            assert!(text != small && message.contains(says), "{message}");
        }
    }

    #[test]
    fn a_missing_file_says_which() {
        let error = load(&WorldSource::File("no/such/world.toml".into())).unwrap_err().to_string();
        assert!(error.contains("no/such/world.toml"), "{error}");
    }
}
