//! What tests may see and do behind the server's back: the simulator's own books.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::estate::{Ending, Estate, Flags, Holder, Permission, PlaceKind, Principal, Seat, Session, State};
use super::faults::{FaultId, FaultKind, FaultSpec};
use super::horizon::SessionLists;
use super::ids::Kind;
use super::request_log::LoggedRequest;
use super::shared::Shared;

/// What a session runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// A machine of a pool that vCenter manages.
    ManagedDesktop,
    /// A machine of a pool that vCenter does not manage.
    UnmanagedDesktop,
    /// A physical machine outside any pool.
    Console,
    /// A desktop on an RDS host.
    RdsDesktop,
    /// Published applications.
    Application,
}

/// What is true of a session now, whatever the API says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionTruth {
    /// The id that actions take.
    pub id: String,
    /// CONNECTED, DISCONNECTED or PENDING.
    pub state: String,
    /// The user's login name.
    pub user_name: String,
    /// The user's SID.
    pub user_id: String,
    /// The machine or RDS host.
    pub machine_name: String,
    /// What it runs on.
    pub kind: SessionKind,
    /// The name of its access group.
    pub access_group: String,
    /// The name of its pool or farm; `None` for console sessions.
    pub pool_or_farm: Option<String>,
    /// The name of the pod that hosts it.
    pub pod: String,
    /// The name of the pod that brokered it.
    pub brokering_pod: String,
    /// Refuses a polite logoff.
    pub locked: bool,
    /// Its agent is stuck: it accepts a logoff and stays.
    pub ghost: bool,
    /// A logoff, reset or restart was accepted and is under way.
    pub leaving: bool,
    /// Minutes since the last input; `None` when the agent does not report it.
    pub idle_minutes: Option<i64>,
    /// How long it has been disconnected, in minutes; `None` while it is not.
    pub disconnected_minutes: Option<i64>,
    /// The texts of the messages sent to it, oldest first.
    pub messages: Vec<String>,
}

/// How many sessions are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateCounts {
    /// Connected, idle ones included.
    pub connected: usize,
    /// Connected and idle.
    pub idle: usize,
    /// Disconnected.
    pub disconnected: usize,
    /// Pending.
    pub pending: usize,
}

/// A permission as the simulator's books have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionTruth {
    /// The id that the API knows it by.
    pub id: String,
    /// The SID it is given to.
    pub principal_id: String,
    /// `DOMAIN\name` of whom it is given to; `None` for a SID that no longer leads to anybody.
    pub principal: Option<String>,
    /// Whether that is a group.
    pub group: bool,
    /// The name of the role.
    pub role: String,
    /// The id of the role.
    pub role_id: String,
    /// The name of the local access group.
    pub access_group: String,
    /// The id of the local access group.
    pub access_group_id: String,
    /// The name of the federation access group.
    pub federation_group: Option<String>,
}

/// The test hook of a running simulator. Cloning gives another handle to the same simulator.
#[derive(Debug, Clone)]
pub struct SimControl {
    pub(super) shared: Arc<Shared>,
}

impl SimControl {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The simulated time.
    pub fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.shared.clock.now()).unwrap_or_default()
    }

    /// Moves the clock forward and lets the estate live until then.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
        self.step();
    }

    /// Brings the estate up to the clock, as every request does too.
    pub fn step(&self) {
        drop(self.shared.estate());
    }

    /// Switches a fault on.
    pub fn add_fault(&self, fault: impl Into<FaultSpec>) -> FaultId {
        self.shared.faults().add(fault.into())
    }

    /// Switches a fault off; false when it is off already.
    pub fn remove_fault(&self, fault: FaultId) -> bool {
        self.shared.faults().remove(fault)
    }

    /// Switches all faults off, and forgets what throttling counted.
    pub fn clear_faults(&self) {
        self.shared.faults().clear();
    }

    /// Takes the server down, or up again: down, it answers 503 on open connections and closes new ones.
    pub fn set_down(&self, down: bool) -> Option<FaultId> {
        let mut faults = self.shared.faults();
        faults.remove_kind(&FaultKind::Down);
        down.then(|| faults.add(FaultKind::Down.into()))
    }

    /// Takes another pod of the federation down, or up again: down, its sessions cannot be listed, every action on it
    /// fails as a whole, and its endpoints are offline. False when no other pod has this name.
    pub fn set_pod_down(&self, name: &str, down: bool) -> bool {
        let known = {
            let estate = self.shared.estate();
            estate.pod_named(name).is_some_and(|pod| pod != estate.local_pod)
        };
        let mut faults = self.shared.faults();
        faults.bring_pod_up(name);
        if known && down {
            faults.add(FaultKind::PodDown(name.to_owned()).into());
        }
        known
    }

    /// Makes every access token invalid, those of Workspace too; refresh tokens still work.
    pub fn expire_access_tokens(&self) {
        self.shared.tokens().expire_access();
        self.shared.gate().expire_tokens();
    }

    /// Makes every refresh token invalid; access tokens still work.
    pub fn expire_refresh_tokens(&self) {
        self.shared.tokens().expire_refresh();
    }

    /// The requests so far, oldest first; at most the last 100,000.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.log().rows.iter().cloned().collect()
    }

    /// The requests with this method whose path contains `path`, oldest first.
    pub fn requests_to(&self, method: &str, path: &str) -> Vec<LoggedRequest> {
        let log = self.shared.log();
        let fits = |request: &&LoggedRequest| request.method == method && request.path.contains(path);
        log.rows.iter().filter(fits).cloned().collect()
    }

    /// How many requests ever came.
    pub fn request_count(&self) -> u64 {
        self.shared.log().count
    }

    /// Empties the request log; the count goes on.
    pub fn clear_requests(&self) {
        self.shared.log().clear();
    }

    /// How many connections were accepted.
    pub fn connection_count(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// What is true of a session; `None` when there is no such session (any more).
    pub fn session(&self, id: &str) -> Option<SessionTruth> {
        let estate = self.shared.estate();
        let session = &estate.sessions[estate.position(id)?];
        let messages = estate.messages.iter().filter(|message| message.serial == session.serial);
        let messages = messages.map(|message| message.text.clone()).collect();
        Some(truth(&estate, session, messages))
    }

    /// Whether the session is still listed.
    pub fn is_present(&self, id: &str) -> bool {
        self.shared.estate().position(id).is_some()
    }

    /// How a session ended; `None` while it lives, or when it never was.
    pub fn ending(&self, id: &str) -> Option<Ending> {
        let estate = self.shared.estate();
        let serial = estate.ids.number(Kind::Session, id)?;
        estate.endings.get(&serial).map(|(_, ending)| *ending)
    }

    /// What is true of all sessions, in the order of the list.
    pub fn sessions(&self) -> Vec<SessionTruth> {
        let estate = self.shared.estate();
        let mut messages: HashMap<u32, Vec<String>> = HashMap::new();
        for message in &estate.messages {
            messages.entry(message.serial).or_default().push(message.text.clone());
        }
        let read = |session: &Session| {
            truth(&estate, session, messages.get(&session.serial).cloned().unwrap_or_default())
        };
        estate.sessions.iter().map(read).collect()
    }

    /// The ids of the sessions that fit, in the order of the list.
    pub fn ids_where(&self, fits: impl Fn(&SessionTruth) -> bool) -> Vec<String> {
        // All are read before `fits` is asked, which may use this control too.
        self.sessions().into_iter().filter(fits).map(|truth| truth.id).collect()
    }

    /// The ids of all sessions, in the order of the list.
    pub fn ids(&self) -> Vec<String> {
        let estate = self.shared.estate();
        estate.sessions.iter().map(|session| estate.session_id(session)).collect()
    }

    /// How many sessions are in which state, in all pods.
    pub fn counts(&self) -> StateCounts {
        let estate = self.shared.estate();
        StateCounts {
            connected: estate.counts.active + estate.counts.idle,
            idle: estate.counts.idle,
            disconnected: estate.counts.disconnected,
            pending: estate.counts.pending,
        }
    }

    fn change<T>(&self, id: &str, change: impl FnOnce(&mut Estate, usize) -> T) -> Option<T> {
        let mut estate = self.shared.estate();
        let position = estate.position(id)?;
        let changed = change(&mut estate, position);
        let now = estate.now;
        estate.step(now);
        *self.shared.lists() = SessionLists::default();
        Some(changed)
    }

    fn set_flag(&self, id: &str, flag: Flags, on: bool) -> bool {
        self.change(id, |estate, position| {
            estate.change(position, |session| session.flags.set(flag, on));
        })
        .is_some()
    }

    /// Locks or unlocks a session; false when there is none.
    pub fn set_locked(&self, id: &str, locked: bool) -> bool {
        self.set_flag(id, Flags::LOCKED, locked)
    }

    /// Makes a session a ghost, or frees it; false when there is none.
    pub fn set_ghost(&self, id: &str, ghost: bool) -> bool {
        self.set_flag(id, Flags::GHOST, ghost)
    }

    /// Lets the user of a disconnected session come back, as users do while a plan is being carried out.
    /// False when there is no such session, or it is not disconnected.
    pub fn reconnect(&self, id: &str) -> bool {
        let done = self.change(id, |estate, position| {
            let disconnected = estate.sessions[position].state == State::Disconnected;
            if disconnected {
                estate.take_up(position);
            }
            disconnected
        });
        done == Some(true)
    }

    /// Disconnects a connected session, as a broken line does. False when it is not connected.
    pub fn disconnect(&self, id: &str) -> bool {
        let done = self.change(id, |estate, position| {
            let connected = estate.sessions[position].state == State::Connected;
            if connected {
                estate.drop_connection(position);
            }
            connected
        });
        done == Some(true)
    }

    /// All permissions, in the order of the list.
    pub fn permissions(&self) -> Vec<PermissionTruth> {
        let estate = self.shared.estate();
        estate.rights.permissions.iter().map(|permission| permission_truth(&estate, permission)).collect()
    }

    /// Takes a permission away behind everybody's back: at once and without an event; false when there is none.
    pub fn remove_permission(&self, id: &str) -> bool {
        let mut estate = self.shared.estate();
        let Some(number) = estate.ids.number(Kind::Permission, id) else { return false };
        estate.forget_permission(number)
    }

    /// The SID of a user or group of the directory by its name without the domain; `None` when there is none.
    pub fn sid(&self, name: &str) -> Option<String> {
        let estate = self.shared.estate();
        let group =
            estate.groups.iter().position(|known| known == name).map(|at| Principal::Group(at as u16));
        let user = || {
            let at = estate.users.iter().position(|user| *user.login == *name);
            at.map(|at| Principal::User(at as u32))
        };
        group.or_else(user).map(|who| estate.sid_of(who))
    }

    /// The id of a role by its name; `None` when there is none.
    pub fn role_id(&self, name: &str) -> Option<String> {
        let estate = self.shared.estate();
        let role = estate.rights.roles.iter().find(|role| role.name == name)?;
        Some(estate.ids.id(Kind::Role, role.number))
    }

    /// The id of a local access group by its name; `None` when there is none.
    pub fn access_group_id(&self, name: &str) -> Option<String> {
        let estate = self.shared.estate();
        let at = estate.defined.world.access_groups.iter().position(|group| group.name == name)?;
        Some(estate.ids.id(Kind::AccessGroup, at as u32))
    }

    /// The id of a federation access group by its name; `None` when there is none.
    pub fn federation_group_id(&self, name: &str) -> Option<String> {
        let estate = self.shared.estate();
        let at = estate.defined.world.federation_groups.iter().position(|group| group.name == name)?;
        Some(estate.ids.id(Kind::FederationGroup, at as u32))
    }

    /// Takes a session away at once and without an event; false when there is none.
    pub fn remove(&self, id: &str) -> bool {
        self.change(id, |estate, position| estate.end(position, Ending::Removed)).is_some()
    }
}

fn permission_truth(estate: &Estate, permission: &Permission) -> PermissionTruth {
    let world = &estate.defined.world;
    let known = match permission.holder {
        Holder::Known(who) => Some(who),
        Holder::Gone(_) => None,
    };
    let federation =
        permission.federation.map(|group| world.federation_groups[usize::from(group)].name.clone());
    PermissionTruth {
        id: estate.ids.id(Kind::Permission, permission.number),
        principal_id: estate.holder_sid(&permission.holder),
        principal: known.map(|who| estate.principal_name(who)),
        group: matches!(known, Some(Principal::Group(_))),
        role: estate.role(permission.role).map(|role| role.name.clone()).unwrap_or_default(),
        role_id: estate.ids.id(Kind::Role, permission.role),
        access_group: world.access_groups[usize::from(permission.local)].name.clone(),
        access_group_id: estate.ids.id(Kind::AccessGroup, u32::from(permission.local)),
        federation_group: federation,
    }
}

fn truth(estate: &Estate, session: &Session, messages: Vec<String>) -> SessionTruth {
    let world = &estate.defined.world;
    let place = estate.place(session);
    let (kind, pool_or_farm) = match (place.kind, session.seat) {
        (PlaceKind::Console(_), _) => (SessionKind::Console, None),
        (PlaceKind::Farm(farm), Seat::Application { .. }) => {
            (SessionKind::Application, Some(estate.farm(farm).name.clone()))
        }
        (PlaceKind::Farm(farm), _) => (SessionKind::RdsDesktop, Some(estate.farm(farm).name.clone())),
        (PlaceKind::Pool(number), _) => {
            let pool = estate.pool(number);
            let managed = pool.source != super::world::PoolSource::Unmanaged;
            let kind = if managed { SessionKind::ManagedDesktop } else { SessionKind::UnmanagedDesktop };
            (kind, Some(pool.name.clone()))
        }
    };
    SessionTruth {
        id: estate.session_id(session),
        state: session.state.word().to_owned(),
        user_name: estate.users[session.user as usize].login.to_string(),
        user_id: estate.sid(session.user),
        machine_name: estate.machine_name(session).to_owned(),
        kind,
        access_group: world.access_groups[usize::from(place.access_group)].name.clone(),
        pool_or_farm,
        pod: world.pods[usize::from(place.pod)].name.clone(),
        brokering_pod: world.pods[usize::from(estate.brokering_pod(session))].name.clone(),
        locked: session.flags.contains(Flags::LOCKED),
        ghost: session.flags.contains(Flags::GHOST),
        leaving: session.flags.contains(Flags::LEAVING),
        idle_minutes: estate.idle_minutes(session),
        disconnected_minutes: (session.state == State::Disconnected)
            .then(|| (estate.now - session.since) / 60_000),
        messages,
    }
}
