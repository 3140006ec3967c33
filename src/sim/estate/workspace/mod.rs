//! The Workspace part of the estate: app servers, app sessions, image servers and their jobs, app groups
//! (`workspace.md sections 5 to 9`).
//!
//! It draws from a random source of its own and has a queue of its own, so it changes nothing of what Horizon shows,
//! and one step of an hour ends like sixty steps of a minute.

mod access;
mod build;
mod images;
mod life;
mod server_jobs;
mod servers;

use std::collections::BinaryHeap;
use std::sync::Arc;

pub(crate) use access::AccountWanted;
pub(crate) use build::build;
pub(crate) use images::BuildOrder;
pub(crate) use server_jobs::{ServerJob, ServerJobType};
pub(crate) use servers::Power;

use crate::sim::ids::{push_hex, spread};
use crate::sim::world::{self, CheckedWorld};

/// What an object is; ids of two kinds never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Made {
    Project = 1,
    Account,
    Session,
    ImageServer,
    Job,
    SubJob,
    Image,
    ServerGroup,
    Server,
    Machine,
    AppGroup,
    App,
    Authorization,
    UserId,
}

/// Ids of Workspace, computed from the seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CloudIds {
    seed: u64,
}

impl CloudIds {
    fn word(self, made: Made, number: u64) -> u64 {
        spread(spread(self.seed ^ ((made as u64) << 40)) ^ number)
    }

    /// 32 hexadecimal digits.
    pub(crate) fn hex(self, made: Made, number: u64) -> String {
        let high = self.word(made, number);
        let mut text = String::with_capacity(32);
        push_hex(&mut text, high, 16);
        push_hex(&mut text, spread(high), 16);
        text
    }

    /// A UUID.
    pub(crate) fn uuid(self, made: Made, number: u64) -> String {
        let mut hex = self.hex(made, number);
        for at in [8, 13, 18, 23] {
            hex.insert(at, '-');
        }
        hex
    }

    /// Eighteen digits, more than fit into a double (section 4.5). They grow with the number.
    pub(crate) fn digits(self, made: Made, number: u64) -> String {
        let spread_out = self.word(made, number) % 1_000_000_000;
        (600_000_000_000_000_001
            + (made as u64) * 10_000_000_000_000_000
            + number * 2_000_000_000
            + spread_out)
            .to_string()
    }
}

/// A group of app servers.
#[derive(Debug, Clone)]
pub(crate) struct ServerGroup {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) desktops: bool,
    pub(crate) image: String,
    pub(crate) image_id: String,
    pub(crate) created: i64,
    pub(crate) share: u32,
    pub(crate) applications: Vec<String>,
}

/// An app server.
#[derive(Debug, Clone)]
pub(crate) struct AppServer {
    pub(crate) id: String,
    pub(crate) instance_id: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) description: String,
    /// Index into [`Workspace::server_groups`].
    pub(crate) group: usize,
    /// The machine runs; what it does besides is in `task`.
    pub(crate) vm_status: &'static str,
    /// What the machine is doing; `None` when it idles.
    pub(crate) task: Option<&'static str>,
    /// Whether its agent has registered.
    pub(crate) registered: bool,
    pub(crate) maintained: bool,
    /// The image it was made from, which its group may have left behind.
    pub(crate) image_id: String,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    /// How many tasks were ever begun: work of an older task is void.
    task_number: u32,
}

impl AppServer {
    /// Whether users can get in (section 9.2).
    pub(crate) fn status(&self) -> &'static str {
        match self.vm_status {
            "SHUTOFF" => "STOPPED",
            _ if self.maintained => "MAINTAINING",
            _ if self.registered => "REGISTERED",
            _ => "UNREGISTER",
        }
    }

    fn takes_users(&self) -> bool {
        self.vm_status == "ACTIVE" && self.task.is_none() && self.registered && !self.maintained
    }
}

/// The state of an app session (section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppState {
    Active,
    Disconnected,
    AppcInit,
    SignedOut,
    InitFail,
}

impl AppState {
    pub(crate) const ALL: [Self; 5] =
        [Self::Active, Self::Disconnected, Self::AppcInit, Self::SignedOut, Self::InitFail];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Disconnected => "Disconnected",
            Self::AppcInit => "AppcInit",
            Self::SignedOut => "SignedOut",
            Self::InitFail => "InitFail",
        }
    }

    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::SignedOut | Self::InitFail)
    }
}

/// Somebody's session on an app server. Times are epoch milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct AppSession {
    pub(crate) number: u64,
    pub(crate) id: String,
    /// Index into the estate's users.
    pub(crate) user: u32,
    /// The login without the domain.
    pub(crate) login: Box<str>,
    /// Index into [`Workspace::servers`].
    pub(crate) server: usize,
    pub(crate) state: AppState,
    pub(crate) start: i64,
    /// Since when the state holds.
    pub(crate) since: i64,
    pub(crate) end: Option<i64>,
    /// Whether a logoff was accepted.
    pub(crate) leaving: bool,
    /// Whether it accepts a logoff and stays.
    pub(crate) stuck: bool,
    pub(crate) messages: Vec<String>,
    /// How many of its group's applications run; they are the first ones.
    pub(crate) applications: usize,
    pub(crate) client: u32,
}

/// The status of an image server (section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageServerStatus {
    Creating,
    Active,
    Building,
    Built,
    Error,
    Deleting,
}

impl ImageServerStatus {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Building => "BUILDING",
            Self::Built => "BUILT",
            Self::Error => "ERROR",
            Self::Deleting => "DELETING",
        }
    }
}

/// A machine that images are made from.
#[derive(Debug, Clone)]
pub(crate) struct ImageServer {
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) image_type: String,
    pub(crate) status: ImageServerStatus,
    /// The image last built; empty before.
    pub(crate) image_id: String,
    pub(crate) account: String,
    pub(crate) created: i64,
    pub(crate) updated: i64,
}

/// The type of an image job (section 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobType {
    CreateServer,
    CreateServerImage,
    DeleteServer,
}

impl JobType {
    pub(crate) const ALL: [Self; 3] = [Self::CreateServer, Self::CreateServerImage, Self::DeleteServer];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::CreateServer => "CREATE_SERVER",
            Self::CreateServerImage => "CREATE_SERVER_IMAGE",
            Self::DeleteServer => "DELETE_SERVER",
        }
    }
}

/// The status of a job or of a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobStatus {
    Waiting,
    Running,
    Rollback,
    Success,
    Failed,
}

impl JobStatus {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Running => "RUNNING",
            Self::Rollback => "ROLLBACK",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
        }
    }

    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::Success | Self::Failed)
    }
}

/// One thing that a job does.
#[derive(Debug, Clone)]
pub(crate) struct SubJob {
    pub(crate) id: String,
    pub(crate) begin: Option<i64>,
    pub(crate) end: Option<i64>,
    pub(crate) status: JobStatus,
    pub(crate) resource_id: String,
    pub(crate) resource_name: String,
    pub(crate) error: Option<(String, String)>,
    /// Whether its history was cleared: it is listed no more.
    pub(crate) cleared: bool,
    /// The number of the image server it works on.
    server: u64,
}

/// Work on image servers that takes its time.
#[derive(Debug, Clone)]
pub(crate) struct ImageJob {
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) kind: JobType,
    pub(crate) begin: i64,
    pub(crate) end: Option<i64>,
    pub(crate) status: JobStatus,
    pub(crate) parts: Vec<SubJob>,
    /// Why it will fail.
    fails: Option<(String, String)>,
    /// The status to which the image server returns after a failure.
    before: ImageServerStatus,
}

/// Published applications with a server group of their own.
#[derive(Debug, Clone)]
pub(crate) struct AppGroup {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// Index into [`Workspace::server_groups`].
    pub(crate) server_group: Option<usize>,
    pub(crate) desktops: bool,
    pub(crate) created: i64,
}

/// Somebody who may use an app group.
#[derive(Debug, Clone)]
pub(crate) struct Authorization {
    pub(crate) id: String,
    pub(crate) account_id: String,
    pub(crate) account: String,
    /// `USER` or `USER_GROUP`.
    pub(crate) account_type: String,
    pub(crate) platform_type: String,
    pub(crate) domain: String,
    /// The id of the app group.
    pub(crate) app_group: String,
    pub(crate) created: i64,
}

/// A call that is understood and refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkspaceRefusal {
    /// There is no such object.
    Unknown,
    /// The object is not in a state for it.
    WrongState,
    /// It exists already, or stands in the way.
    Conflict,
}

/// One project of Workspace and everything that is true of it.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) ids: CloudIds,
    pub(crate) project_id: String,
    pub(crate) tenant_id: String,
    pub(crate) server_groups: Vec<ServerGroup>,
    pub(crate) servers: Vec<AppServer>,
    /// In the order of their creation, those that are over included.
    pub(crate) sessions: Vec<AppSession>,
    pub(crate) image_servers: Vec<ImageServer>,
    /// In the order of their creation.
    pub(crate) jobs: Vec<ImageJob>,
    /// Jobs on app servers, which another backend serves.
    pub(crate) server_jobs: Vec<ServerJob>,
    pub(crate) app_groups: Vec<AppGroup>,
    pub(crate) authorizations: Vec<Authorization>,
    pub(crate) now: i64,
    defined: Arc<CheckedWorld>,
    /// Who may get a session: number and login of users of the estate.
    people: Vec<(u32, Box<str>)>,
    made: u64,
    next_life_at: i64,
    tasks: BinaryHeap<life::Task>,
    task_count: u64,
    random: fastrand::Rng,
}

impl Workspace {
    /// What the world says; a workspace exists only where it says something.
    fn world(&self) -> &world::Workspace {
        self.defined.world.workspace.as_ref().unwrap_or_else(|| unreachable!("built from it"))
    }

    /// The next number for an object.
    fn next(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// How many live sessions a server has.
    pub(crate) fn session_count(&self, server: usize) -> usize {
        self.sessions.iter().filter(|session| session.server == server && !session.state.is_over()).count()
    }

    pub(crate) fn image_server(&self, id: &str) -> Option<&ImageServer> {
        self.image_servers.iter().find(|server| server.id == id)
    }

    pub(crate) fn job(&self, id: &str) -> Option<&ImageJob> {
        self.jobs.iter().find(|job| job.id == id)
    }

    fn between(&mut self, range: [f64; 2]) -> i64 {
        let seconds = range[0] + self.random.f64() * (range[1] - range[0]).max(0.0);
        (seconds * 1000.0) as i64
    }
}

#[cfg(test)]
mod tests;
