//! A workspace from a world, with its recent past.

use std::collections::BinaryHeap;
use std::sync::Arc;

use super::life::{INIT, Work};
use super::{
    AccountWanted, AppServer, AppState, CloudIds, ImageServer, ImageServerStatus, JobStatus, JobType, Made,
    ServerGroup, Workspace,
};
use crate::sim::estate::User;
use crate::sim::ids::spread;
use crate::sim::names::Pattern;
use crate::sim::world::{self, CheckedWorld};

const HOUR: i64 = 3_600_000;
const DAY: f64 = 86_400_000.0;
/// The longest that a session of the start has lasted, in hours.
const LONGEST_SESSION: f64 = 34.0;
/// How many sessions of the start are disconnected, in percent.
const AWAY_PERCENT: u32 = 26;

/// Builds the workspace of a world as it is at `now`; `None` when the world has none.
pub(crate) fn build(defined: &Arc<CheckedWorld>, users: &[User], seed: u64, now: i64) -> Option<Workspace> {
    let world = defined.world.workspace.as_ref()?;
    let seed = spread(seed ^ 0x0077_6f72_6b73_7061);
    let ids = CloudIds { seed };
    let administrators = defined.world.accounts.len();
    let people: Vec<(u32, Box<str>)> = (users.iter().enumerate().skip(administrators))
        .filter(|(_, user)| user.home.is_some())
        .map(|(number, user)| (number as u32, user.login.clone()))
        .collect();
    let mut workspace = Workspace {
        ids,
        project_id: ids.hex(Made::Project, 0),
        tenant_id: ids.hex(Made::Account, 0),
        server_groups: Vec::new(),
        servers: Vec::new(),
        sessions: Vec::new(),
        image_servers: Vec::new(),
        jobs: Vec::new(),
        server_jobs: Vec::new(),
        app_groups: Vec::new(),
        authorizations: Vec::new(),
        now,
        defined: Arc::clone(defined),
        people,
        made: 0,
        next_life_at: i64::MAX,
        tasks: BinaryHeap::new(),
        task_count: 0,
        random: fastrand::Rng::with_seed(seed),
    };
    workspace.add_servers(world);
    workspace.add_sessions(world, defined.users.hard.len());
    workspace.add_image_servers(world);
    workspace.add_history(world);
    workspace.jobs.sort_by_key(|job| job.number);
    workspace.add_app_groups(world);
    workspace.draw_next();
    Some(workspace)
}

impl Workspace {
    fn add_servers(&mut self, world: &world::Workspace) {
        for (at, defined) in world.server_groups.iter().enumerate() {
            let number = self.next();
            let created = self.now - self.between([200.0 * DAY / 1000.0, 500.0 * DAY / 1000.0]);
            self.server_groups.push(ServerGroup {
                id: self.ids.uuid(Made::ServerGroup, number),
                name: defined.name.clone(),
                description: defined.description.clone(),
                desktops: defined.desktops,
                image: defined.image.clone(),
                image_id: self.ids.uuid(Made::Image, number),
                created,
                share: defined.share,
                applications: defined.applications.clone(),
            });
            let pattern = Pattern::parse(defined.servers.get_ref());
            for place in 0..defined.count {
                let number = self.next();
                let name = pattern.as_ref().map_or_else(|| place.to_string(), |names| names.name(place + 1));
                let stopped = place < defined.stopped;
                let maintained = !stopped && place < defined.stopped + defined.maintained;
                let silent =
                    !maintained && place < defined.stopped + defined.maintained + defined.unregistered;
                let id = format!("wksapp-{}", self.ids.uuid(Made::Server, number));
                self.servers.push(AppServer {
                    id,
                    instance_id: self.ids.uuid(Made::Machine, number),
                    number: number as u32,
                    name,
                    description: String::new(),
                    group: at,
                    vm_status: if stopped { "SHUTOFF" } else { "ACTIVE" },
                    task: None,
                    registered: !stopped && !silent,
                    maintained,
                    image_id: self.server_groups[at].image_id.clone(),
                    created,
                    updated: created + 3 * HOUR,
                    task_number: 0,
                });
            }
        }
    }

    /// The sessions of the start, oldest first, those of the people with hard names among them.
    fn add_sessions(&mut self, world: &world::Workspace, hard: usize) {
        let now = self.now;
        let total = world.sessions + world.history.sessions;
        let mut starts: Vec<(i64, bool)> = Vec::with_capacity(total);
        for number in 0..total {
            let over = number >= world.sessions;
            // Most sessions are young; those that are over began within the days of the history.
            let draw = self.random.f64();
            let hours = if over { draw * world.history.days * 24.0 } else { draw * draw * LONGEST_SESSION };
            starts.push((now - (hours * HOUR as f64) as i64 - 30_000, over));
        }
        starts.sort_unstable();
        let mut live = 0;
        for (start, over) in starts {
            self.now = start;
            let Some(number) = self.log_on() else { continue };
            let person = self.people.get(live).filter(|_| !over && live < hard).cloned();
            let (away, lasts) = (self.random.u32(..100) < AWAY_PERCENT, self.random.f64());
            let failed = over && self.random.u32(..20) == 0;
            live += usize::from(!over);
            let Some(session) = self.session_mut(number) else { continue };
            if let Some((user, login)) = person {
                (session.user, session.login) = (user, login);
            }
            if over {
                let lasted = (lasts * 9.0 * HOUR as f64) as i64;
                let end = if failed { start + 20_000 } else { (start + lasted).min(now) };
                session.state = if failed { AppState::InitFail } else { AppState::SignedOut };
                (session.since, session.end) = (end, Some(end));
            } else {
                session.state = if away { AppState::Disconnected } else { AppState::Active };
                session.since = start + ((now - start) as f64 * lasts) as i64;
            }
        }
        self.now = now;
        let away = self.sessions.iter_mut().filter(|session| session.state == AppState::Disconnected);
        for session in away.take(world.stuck_sessions) {
            session.stuck = true;
        }
        // Somebody is just coming in.
        if let Some(session) = self.sessions.iter_mut().rfind(|session| session.state == AppState::Active) {
            (session.state, session.since) = (AppState::AppcInit, session.start);
            let number = session.number;
            self.schedule(INIT, Work::Ready(number));
        }
    }

    fn add_image_servers(&mut self, world: &world::Workspace) {
        let now = self.now;
        let account = self.people.first().map(|(_, login)| login.to_string()).unwrap_or_default();
        for defined in &world.image_servers {
            let number = self.next();
            let created = now - (defined.days * DAY) as i64;
            let status = match defined.status.get_ref().as_str() {
                "CREATING" => ImageServerStatus::Creating,
                "BUILDING" => ImageServerStatus::Building,
                "BUILT" => ImageServerStatus::Built,
                "ERROR" => ImageServerStatus::Error,
                "DELETING" => ImageServerStatus::Deleting,
                _ => ImageServerStatus::Active,
            };
            let built = matches!(status, ImageServerStatus::Built | ImageServerStatus::Building);
            let server = ImageServer {
                number,
                id: self.ids.digits(Made::ImageServer, number),
                name: defined.name.clone(),
                description: defined.description.clone(),
                image_type: defined.image_type.clone(),
                status,
                image_id: if built { self.ids.uuid(Made::Image, number) } else { String::new() },
                account: account.clone(),
                created,
                updated: created,
            };
            self.image_servers.push(server.clone());
            self.made_job(&server);
            self.running_job(&server);
        }
    }

    /// The job that made an image server, as far as it is over.
    fn made_job(&mut self, server: &ImageServer) {
        if server.status == ImageServerStatus::Creating {
            return;
        }
        let broken = server.status == ImageServerStatus::Error;
        let error = ("WKS.00290101".to_owned(), "No host has room for this flavor.".to_owned());
        let resource = (server.number, server.id.as_str(), server.name.as_str());
        let takes = self.between([240.0, 900.0]);
        self.past_job(JobType::CreateServer, server.created, takes, broken.then_some(&error), resource);
    }

    /// The job that works on an image server of the start.
    fn running_job(&mut self, server: &ImageServer) {
        let (kind, name, resource) = match server.status {
            ImageServerStatus::Creating => (JobType::CreateServer, server.name.clone(), server.id.clone()),
            ImageServerStatus::Deleting => (JobType::DeleteServer, server.name.clone(), server.id.clone()),
            ImageServerStatus::Building => {
                (JobType::CreateServerImage, format!("{}-next", server.name), String::new())
            }
            ImageServerStatus::Active | ImageServerStatus::Built | ImageServerStatus::Error => return,
        };
        let job = self.add_job(kind, ImageServerStatus::Built, None, &[(server.number, resource, &name)]);
        self.job_goes_on(job);
    }

    /// A job that is over.
    fn past_job(
        &mut self,
        kind: JobType,
        begin: i64,
        takes: i64,
        error: Option<&(String, String)>,
        (server, resource, name): (u64, &str, &str),
    ) {
        let number =
            self.add_job(kind, ImageServerStatus::Active, None, &[(server, resource.to_owned(), name)]);
        let image = self.ids.uuid(Made::Image, number);
        let Some(job) = self.jobs.last_mut() else { return };
        job.begin = begin;
        job.end = Some(begin + takes);
        job.status = if error.is_some() { JobStatus::Failed } else { JobStatus::Success };
        for part in &mut job.parts {
            part.begin = Some(begin + 2000);
            part.end = job.end;
            part.status = job.status;
            if kind == JobType::CreateServerImage && error.is_none() {
                part.resource_id.clone_from(&image);
            }
            part.error = error.cloned();
        }
    }

    /// Builds and deletions of the days before.
    fn add_history(&mut self, world: &world::Workspace) {
        // Those that were ever ready.
        let ready = |server: &&ImageServer| {
            use ImageServerStatus::{Active, Building, Built};
            matches!(server.status, Active | Building | Built)
        };
        let servers = self.image_servers.iter().filter(ready);
        let names: Vec<(u64, String)> = servers.map(|server| (server.number, server.name.clone())).collect();
        let history = &world.history;
        let total = history.builds + history.failures + history.deletions;
        for number in 0..total {
            let hours = (total - number) as f64 / (total + 1) as f64 * history.days * 24.0;
            let begin = self.now - (hours * HOUR as f64) as i64;
            let Some((server, name)) = names.get(number % names.len().max(1)).cloned() else { return };
            let kind =
                if number < history.deletions { JobType::DeleteServer } else { JobType::CreateServerImage };
            let fails = number >= total - history.failures.min(total) - 1 && number + 1 < total;
            let error = match number % 3 {
                0 => ("WKS.00290105", "Sysprep did not finish: the system disk is full."),
                1 => ("WKS.00290108", "The quota of private images is used up."),
                _ => ("WKS.00290111", "The access agent did not answer within 30 minutes."),
            };
            let error = fails.then(|| (error.0.to_owned(), error.1.to_owned()));
            let takes = self.between([700.0, 2400.0]);
            let old = format!("{name}-{:02}", number + 1);
            let resource = if kind == JobType::DeleteServer { 0 } else { server };
            self.past_job(kind, begin, takes, error.as_ref(), (resource, "", &old));
        }
    }

    fn add_app_groups(&mut self, world: &world::Workspace) {
        let now = self.now;
        for defined in &world.app_groups {
            self.now = now - self.between([30.0 * DAY / 1000.0, 190.0 * DAY / 1000.0]);
            let at =
                self.server_groups.iter().position(|group| group.name == *defined.server_group.get_ref());
            let id = at.map(|at| self.server_groups[at].id.clone());
            let desktops = at.is_some_and(|at| self.server_groups[at].desktops);
            let made = self.add_app_group(&defined.name, &defined.description, id.as_deref(), desktops);
            let Ok(group) = made else { continue };
            for name in &defined.groups {
                let number = self.next();
                let id = Some(self.ids.uuid(Made::UserId, number));
                self.add_authorization(&group.id, &wanted(name, "USER_GROUP", id));
            }
            for _ in 0..defined.users {
                let draw = self.random.usize(..self.people.len().max(1));
                let Some((_, login)) = self.people.get(draw).cloned() else { continue };
                let account = wanted(&login, "USER", None);
                // The group is there: it was made above.
                if self.authorize(std::slice::from_ref(&group.id), &[account]).is_err() {
                    break;
                }
            }
        }
        self.now = now;
    }
}

fn wanted(account: &str, account_type: &str, id: Option<String>) -> AccountWanted {
    AccountWanted {
        account: account.to_owned(),
        account_type: account_type.to_owned(),
        id,
        domain: None,
        platform_type: None,
    }
}
