//! What app servers do as jobs: reinstall, change of the image, the domain again, a newer agent
//! (`workspace.md sections 9.3 and 9.4`).

use super::life::Work;
use super::{JobStatus, Made, Workspace, WorkspaceRefusal};

/// The type of a job on app servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerJobType {
    ReinstallOs,
    ChangeServerImage,
    RejoinDomain,
    UpgradeAccessAgent,
}

impl ServerJobType {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::ReinstallOs => "REINSTALL_OS",
            Self::ChangeServerImage => "CHANGE_SERVER_IMAGE",
            Self::RejoinDomain => "REJOIN_DOMAIN",
            Self::UpgradeAccessAgent => "UPGRADE_ACCESS_AGENT",
        }
    }

    /// The machine's status and task meanwhile.
    fn under_way(self) -> (&'static str, &'static str) {
        match self {
            Self::ReinstallOs | Self::ChangeServerImage => ("REBUILD", "rebuilding"),
            Self::RejoinDomain => ("ACTIVE", "rejoining_domain"),
            Self::UpgradeAccessAgent => ("ACTIVE", "upgrading_access_agent"),
        }
    }

    /// Whether it wipes the system disk, and with it every session.
    fn wipes(self) -> bool {
        matches!(self, Self::ReinstallOs | Self::ChangeServerImage)
    }
}

/// A job on app servers. All its parts go together.
#[derive(Debug, Clone)]
pub(crate) struct ServerJob {
    number: u64,
    pub(crate) id: String,
    pub(crate) kind: ServerJobType,
    pub(crate) begin: i64,
    pub(crate) end: Option<i64>,
    pub(crate) status: JobStatus,
    /// Id of the part, and index into [`Workspace::servers`].
    pub(crate) parts: Vec<(String, usize)>,
    image: Option<String>,
}

impl Workspace {
    /// Begins a job on these servers; nothing is done when one is unknown or busy. The id of the job.
    pub(crate) fn begin_server_job(
        &mut self,
        kind: ServerJobType,
        ids: &[String],
        image: Option<&str>,
    ) -> Result<String, WorkspaceRefusal> {
        let wanted = self.wanted(ids, true)?;
        if image.is_some_and(|image| wanted.iter().any(|at| self.servers[*at].image_id == image)) {
            return Err(WorkspaceRefusal::WrongState);
        }
        let (number, now) = (self.next(), self.now);
        let mut parts = Vec::new();
        for at in wanted {
            let part = self.next();
            parts.push((self.ids.digits(Made::SubJob, part), at));
            if kind.wipes() {
                self.empty_server(at);
            }
            let server = &mut self.servers[at];
            let (vm_status, task) = kind.under_way();
            (server.vm_status, server.task) = (vm_status, Some(task));
            server.registered = false;
            server.updated = now;
            server.task_number += 1;
        }
        let id = self.ids.digits(Made::Job, number);
        self.server_jobs.push(ServerJob {
            number,
            id: id.clone(),
            kind,
            begin: now,
            end: None,
            status: JobStatus::Waiting,
            parts,
            image: image.map(str::to_owned),
        });
        self.schedule(self.world().wait_seconds, Work::ServerJob(number));
        Ok(id)
    }

    /// The last job of a server.
    pub(crate) fn last_server_job(&self, server: usize) -> Option<&ServerJob> {
        self.server_jobs.iter().rev().find(|job| job.parts.iter().any(|(_, at)| *at == server))
    }

    pub(super) fn server_job_goes_on(&mut self, number: u64) {
        let now = self.now;
        let Some(job) = self.server_jobs.iter_mut().find(|job| job.number == number) else { return };
        if job.status == JobStatus::Waiting {
            job.status = JobStatus::Running;
            self.schedule(self.world().power_seconds, Work::ServerJob(number));
            return;
        }
        job.status = JobStatus::Success;
        job.end = Some(now);
        let (servers, image) = (job.parts.clone(), job.image.clone());
        for (_, at) in servers {
            if let Some(image) = &image {
                self.servers[at].image_id.clone_from(image);
            }
            // It runs again, and its agent registers in a while.
            let task = self.servers[at].task_number;
            self.power_goes_on(at, task, 0);
        }
    }
}
