//! The simulated estate: people, machines, hosts and sessions, and what happens to them.
//!
//! The estate is plain data that moves only in [`Estate::step`] and when somebody acts on it. Time and seed
//! come from outside, so the same seed and the same steps give the same estate. It knows nothing of HTTP.

mod actions;
mod build;
mod events;
mod federation;
mod images;
mod life;
mod past;
mod rights;
mod seats;
mod session;
mod workspace;

use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;

pub(crate) use actions::{Operator, Refusal, Verb};
pub(crate) use build::build;
pub(crate) use events::{About, Event, EventLog, Extra};
pub(crate) use images::{
    AssetSpec, AssetUpdate, Details, ImageAsset, ImageKind, ImageRefusal, ImageStream, ImageTag,
    ImageVersion, Images, Origin, STATUS_SINCE, Status, StreamSpec, Subscriber, TagSpec, TagUpdate,
    VersionSpec,
};
pub(crate) use rights::{Denial, Holder, Permission, Role, RoleDenial, Wanted};
pub(crate) use session::{ACTIVE, Flags, NONE, Protocol, Seat, Session, State};
pub(crate) use workspace::{
    AccountWanted, AppGroup, AppServer, AppSession, AppState, Authorization, BuildOrder, ImageJob,
    ImageServer, JobType, Made, Power, ServerGroup, ServerJobType, SubJob, Workspace, WorkspaceRefusal,
};

use super::ids::{Ids, Kind};
use super::world::{self, CheckedWorld};

/// How many endings of sessions are remembered for questions about the past.
const ENDINGS_KEPT: usize = 100_000;
/// How many sent messages are remembered.
const MESSAGES_KEPT: usize = 10_000;

/// Somebody of the directory. Accounts of administrators come first, then users.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) login: Box<str>,
    pub(crate) display: Box<str>,
    /// Index into [`Estate::places`]; the place this user works at. `None` for administrators.
    pub(crate) home: Option<u16>,
    /// How many sessions the user has now.
    pub(crate) sessions: u8,
}

/// What a share of the sessions belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    Pool(u16),
    Farm(u16),
    Console(u16),
}

/// A pool, a farm or a set of physical machines.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) kind: PlaceKind,
    pub(crate) access_group: u16,
    pub(crate) pod: u16,
    pub(crate) share: u32,
    /// Indexes into [`Estate::groups`].
    pub(crate) groups: Vec<u16>,
    /// Machines that nobody uses; empty for farms.
    pub(crate) free: Vec<u32>,
    /// Users who work here.
    pub(crate) users: Vec<u32>,
    /// Hosts of a farm: first and count.
    pub(crate) hosts: (u32, u32),
}

/// A machine of a pool, or a physical one.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) place: u16,
    pub(crate) name: Box<str>,
    pub(crate) agent: u16,
    /// The serial of its session, or [`NONE`].
    pub(crate) session: u32,
    /// The user it is assigned to in a dedicated pool, or [`NONE`].
    pub(crate) assigned: u32,
    /// Starting up after a reset or restart.
    pub(crate) starting: bool,
}

/// A host of a farm.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) place: u16,
    pub(crate) name: Box<str>,
    pub(crate) agent: u16,
    pub(crate) sessions: u32,
}

/// How many sessions are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) active: usize,
    pub(crate) idle: usize,
    pub(crate) disconnected: usize,
    pub(crate) pending: usize,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The user logged off.
    LoggedOffByUser,
    /// An administrator logged the user off.
    LoggedOff,
    /// An administrator logged the user off by force.
    LoggedOffByForce,
    /// The machine was reset.
    Reset,
    /// The machine was restarted.
    Restarted,
    /// The user never arrived.
    PendingExpired,
    /// A test took it away.
    Removed,
}

/// A message that was sent to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentMessage {
    pub(crate) serial: u32,
    pub(crate) text: String,
    pub(crate) severity: String,
}

/// The estate and everything that is true of it.
#[derive(Debug)]
pub(crate) struct Estate {
    pub(crate) ids: Ids,
    pub(crate) defined: Arc<CheckedWorld>,
    pub(crate) users: Vec<User>,
    /// Groups of the directory.
    pub(crate) groups: Vec<String>,
    pub(crate) places: Vec<Place>,
    pub(crate) machines: Vec<Machine>,
    pub(crate) hosts: Vec<Host>,
    /// Versions of agents and clients, interned.
    pub(crate) versions: Vec<String>,
    /// In the order of their creation, so serials ascend.
    pub(crate) sessions: Vec<Session>,
    pub(crate) counts: Counts,
    pub(crate) events: EventLog,
    pub(crate) images: Images,
    /// What the Workspace face shows, where the world has it.
    pub(crate) workspace: Option<Workspace>,
    /// Roles, permissions and memberships.
    pub(crate) rights: rights::Rights,
    /// Changes with every change of a session or of somebody's rights.
    pub(crate) generation: u64,
    /// Up to when the estate was stepped, in epoch milliseconds.
    pub(crate) now: i64,
    /// The usual number of sessions, which log-ons keep up.
    pub(crate) target: usize,
    pub(crate) messages: VecDeque<SentMessage>,
    pub(crate) endings: BTreeMap<u32, (i64, Ending)>,
    pub(crate) local_pod: u16,
    /// Whether several pods share the sessions, so that lists must be narrowed to the local one.
    pub(crate) several_pods: bool,
    next_serial: u32,
    next_life_at: i64,
    tasks: BinaryHeap<life::Task>,
    task_count: u64,
    gone: usize,
    random: fastrand::Rng,
}

impl Estate {
    /// The id of a session.
    pub(crate) fn session_id(&self, session: &Session) -> String {
        self.ids.id(Kind::Session, session.serial)
    }

    /// The position of the session with this id in [`Estate::sessions`].
    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.position_of(self.ids.number(Kind::Session, id)?)
    }

    /// The position of the session with this serial.
    pub(crate) fn position_of(&self, serial: u32) -> Option<usize> {
        let found = self.sessions.binary_search_by_key(&serial, |session| session.serial).ok()?;
        (!self.sessions[found].flags.contains(Flags::GONE)).then_some(found)
    }

    /// The pool, farm or console set of a session.
    pub(crate) fn place(&self, session: &Session) -> &Place {
        &self.places[usize::from(self.place_index(session))]
    }

    pub(crate) fn place_index(&self, session: &Session) -> u16 {
        match session.seat {
            Seat::Machine { machine } | Seat::Console { machine } => self.machines[machine as usize].place,
            Seat::RdsDesktop { host } | Seat::Application { host, .. } => self.hosts[host as usize].place,
        }
    }

    /// The name of the machine or RDS host of a session.
    pub(crate) fn machine_name(&self, session: &Session) -> &str {
        match session.seat {
            Seat::Machine { machine } | Seat::Console { machine } => &self.machines[machine as usize].name,
            Seat::RdsDesktop { host } | Seat::Application { host, .. } => &self.hosts[host as usize].name,
        }
    }

    /// The SID of a user.
    pub(crate) fn sid(&self, user: u32) -> String {
        format!("{}-{}", self.defined.world.domain.sid, u64::from(user) + FIRST_USER_RID)
    }

    /// The SID of a group.
    pub(crate) fn group_sid(&self, group: u16) -> String {
        format!("{}-{}", self.defined.world.domain.sid, FIRST_GROUP_RID + u64::from(group))
    }

    /// Who has this SID.
    pub(crate) fn by_sid(&self, sid: &str) -> Option<Principal> {
        let number: u64 =
            sid.strip_prefix(self.defined.world.domain.sid.as_str())?.strip_prefix('-')?.parse().ok()?;
        if let Some(user) = number.checked_sub(FIRST_USER_RID) {
            return u32::try_from(user)
                .ok()
                .filter(|user| (*user as usize) < self.users.len())
                .map(Principal::User);
        }
        let group = u16::try_from(number.checked_sub(FIRST_GROUP_RID)?).ok()?;
        (usize::from(group) < self.groups.len()).then_some(Principal::Group(group))
    }

    /// `DOMAIN\login` of a user.
    pub(crate) fn full_name(&self, user: u32) -> String {
        let login = self.users.get(user as usize).map_or("?", |user| &user.login);
        format!("{}\\{login}", self.defined.world.domain.netbios)
    }

    /// What a name becomes in DNS.
    pub(crate) fn dns(&self, name: &str) -> String {
        format!("{}.{}", name.to_lowercase(), self.defined.world.domain.dns)
    }

    /// The pool or farm a session belongs to, as events name it; the desktop pool for RDS desktops.
    pub(crate) fn pool_name(&self, place: u16) -> Option<&str> {
        match self.places[usize::from(place)].kind {
            PlaceKind::Pool(pool) => Some(&self.pool(pool).name),
            PlaceKind::Farm(farm) => Some(&self.farm(farm).desktop_pool),
            PlaceKind::Console(_) => None,
        }
    }

    pub(crate) fn pool(&self, pool: u16) -> &world::Pool {
        &self.defined.world.pools[usize::from(pool)]
    }

    pub(crate) fn farm(&self, farm: u16) -> &world::Farm {
        &self.defined.world.farms[usize::from(farm)]
    }

    /// The id number of the desktop pool that publishes a farm: pools come first, then farms' pools.
    pub(crate) fn farm_pool_number(&self, farm: u16) -> u32 {
        (self.defined.world.pools.len() + usize::from(farm)) as u32
    }

    /// Minutes since the last input; `None` when the agent does not report it.
    pub(crate) fn idle_minutes(&self, session: &Session) -> Option<i64> {
        if session.flags.contains(Flags::OLD) || session.state == State::Pending {
            return None;
        }
        if session.last_input == ACTIVE {
            return Some(0);
        }
        Some(((self.now - session.last_input) / 60_000).max(0))
    }

    /// Takes sessions that ended out of the list.
    fn sweep(&mut self) {
        if self.gone > 0 {
            self.sessions.retain(|session| !session.flags.contains(Flags::GONE));
            self.gone = 0;
        }
    }

    /// Marks a session as ended and frees its seat.
    pub(crate) fn end(&mut self, position: usize, ending: Ending) {
        self.uncount(position);
        let session = &mut self.sessions[position];
        session.flags.insert(Flags::GONE);
        let (serial, user, seat) = (session.serial, session.user, session.seat);
        self.gone += 1;
        self.generation += 1;
        if let Some(user) = self.users.get_mut(user as usize) {
            user.sessions = user.sessions.saturating_sub(1);
        }
        match seat {
            Seat::Machine { machine } | Seat::Console { machine } => {
                let row = &mut self.machines[machine as usize];
                row.session = NONE;
                let place = row.place;
                self.places[usize::from(place)].free.push(machine);
            }
            Seat::RdsDesktop { host } | Seat::Application { host, .. } => {
                let row = &mut self.hosts[host as usize];
                row.sessions = row.sessions.saturating_sub(1);
            }
        }
        self.endings.insert(serial, (self.now, ending));
        if self.endings.len() > ENDINGS_KEPT {
            self.endings.pop_first();
        }
    }

    fn bucket(&mut self, position: usize) -> &mut usize {
        let session = &self.sessions[position];
        match session.state {
            State::Pending => &mut self.counts.pending,
            State::Disconnected => &mut self.counts.disconnected,
            State::Connected if session.last_input == ACTIVE => &mut self.counts.active,
            State::Connected => &mut self.counts.idle,
        }
    }

    fn uncount(&mut self, position: usize) {
        let bucket = self.bucket(position);
        *bucket = bucket.saturating_sub(1);
    }

    fn count(&mut self, position: usize) {
        *self.bucket(position) += 1;
    }

    /// Changes a session, keeping the counts right.
    pub(crate) fn change(&mut self, position: usize, change: impl FnOnce(&mut Session)) {
        self.uncount(position);
        change(&mut self.sessions[position]);
        self.count(position);
        self.generation += 1;
    }

    /// Remembers a message to a session.
    fn remember(&mut self, message: SentMessage) {
        if self.messages.len() == MESSAGES_KEPT {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }
}

/// A user or a group of the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Principal {
    User(u32),
    Group(u16),
}

/// The relative id of the first user; groups lie below.
const FIRST_USER_RID: u64 = 5000;
const FIRST_GROUP_RID: u64 = 1100;
