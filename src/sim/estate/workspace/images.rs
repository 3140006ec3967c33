//! Image servers and the jobs on them (`workspace.md sections 5 and 6`).
//!
//! Inferred, and said so: a failed build gives the image server back in the status it had; a failing part is in
//! `ROLLBACK` for a while; the image is known on the server at the moment the job succeeds.

use super::life::Work;
use super::{ImageJob, ImageServerStatus, JobStatus, JobType, Made, SubJob, Workspace, WorkspaceRefusal};

/// The part of a failing job after which it rolls back.
const ROLLS_BACK_AFTER: f64 = 0.7;

/// What an image is to be built from and as.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuildOrder<'a> {
    pub(crate) server: &'a str,
    pub(crate) name: &'a str,
    /// Whether a fault makes it fail.
    pub(crate) fails: bool,
}

impl Workspace {
    /// Begins to build an image; the id of the job.
    pub(crate) fn build_image(&mut self, order: BuildOrder<'_>) -> Result<String, WorkspaceRefusal> {
        let fails = order.fails || order.name.contains(self.world().fails_with.as_str());
        let now = self.now;
        let found = self.image_servers.iter_mut().find(|server| server.id == order.server);
        let server = found.ok_or(WorkspaceRefusal::Unknown)?;
        if !matches!(server.status, ImageServerStatus::Active | ImageServerStatus::Built) {
            return Err(WorkspaceRefusal::WrongState);
        }
        let (before, number) = (server.status, server.number);
        server.status = ImageServerStatus::Building;
        server.updated = now;
        let error =
            ("WKS.00290105".to_owned(), "Sysprep did not finish: the system disk is full.".to_owned());
        let fails = fails.then_some(error);
        let job =
            self.add_job(JobType::CreateServerImage, before, fails, &[(number, String::new(), order.name)]);
        Ok(self.start_job(job))
    }

    /// Begins to delete image servers; ids that are unknown are passed over (section 5.5).
    pub(crate) fn delete_image_servers(&mut self, ids: &[String]) -> Result<String, WorkspaceRefusal> {
        let busy = |status| matches!(status, ImageServerStatus::Creating | ImageServerStatus::Building);
        let wanted = || self.image_servers.iter().filter(|server| ids.contains(&server.id));
        if wanted().any(|server| busy(server.status)) {
            return Err(WorkspaceRefusal::WrongState);
        }
        let parts: Vec<(u64, String, String)> =
            wanted().map(|server| (server.number, server.id.clone(), server.name.clone())).collect();
        let now = self.now;
        for server in self.image_servers.iter_mut().filter(|server| ids.contains(&server.id)) {
            server.status = ImageServerStatus::Deleting;
            server.updated = now;
        }
        let parts: Vec<(u64, String, &str)> =
            parts.iter().map(|(number, id, name)| (*number, id.clone(), name.as_str())).collect();
        let job = self.add_job(JobType::DeleteServer, ImageServerStatus::Active, None, &parts);
        Ok(self.start_job(job))
    }

    /// Renames or describes; false when there is no such image server.
    pub(crate) fn change_image_server(
        &mut self,
        id: &str,
        name: Option<String>,
        description: Option<String>,
    ) -> bool {
        let now = self.now;
        let Some(server) = self.image_servers.iter_mut().find(|server| server.id == id) else { return false };
        server.name = name.unwrap_or_else(|| std::mem::take(&mut server.name));
        server.description = description.unwrap_or_else(|| std::mem::take(&mut server.description));
        server.updated = now;
        true
    }

    /// Clears finished parts from the history; the others stop the call.
    pub(crate) fn clear_sub_jobs(&mut self, ids: &[String]) -> Result<(), WorkspaceRefusal> {
        let mut wanted: Vec<&mut SubJob> = self
            .jobs
            .iter_mut()
            .flat_map(|job| &mut job.parts)
            .filter(|part| ids.contains(&part.id))
            .collect();
        if wanted.iter().any(|part| !part.status.is_over()) {
            return Err(WorkspaceRefusal::WrongState);
        }
        for part in &mut wanted {
            part.cleared = true;
        }
        Ok(())
    }

    /// Adds a job that waits; its number. Each part: number of the image server, id and name of the resource.
    pub(super) fn add_job(
        &mut self,
        kind: JobType,
        before: ImageServerStatus,
        fails: Option<(String, String)>,
        parts: &[(u64, String, &str)],
    ) -> u64 {
        let number = self.next();
        let mut made = Vec::new();
        for (server, resource, name) in parts {
            let part = self.next();
            made.push(SubJob {
                id: self.ids.digits(Made::SubJob, part),
                begin: None,
                end: None,
                status: JobStatus::Waiting,
                resource_id: resource.clone(),
                resource_name: (*name).to_owned(),
                error: None,
                cleared: false,
                server: *server,
            });
        }
        self.jobs.push(ImageJob {
            number,
            id: self.ids.digits(Made::Job, number),
            kind,
            begin: self.now,
            end: None,
            status: JobStatus::Waiting,
            parts: made,
            fails,
            before,
        });
        number
    }

    /// Lets a waiting job run after its wait; its id.
    pub(super) fn start_job(&mut self, number: u64) -> String {
        self.schedule(self.world().wait_seconds, Work::Job(number));
        self.job_at(number).map(|at| self.jobs[at].id.clone()).unwrap_or_default()
    }

    fn job_at(&self, number: u64) -> Option<usize> {
        self.jobs.binary_search_by_key(&number, |job| job.number).ok()
    }

    /// The next thing that a job does: run, perhaps roll back, end.
    pub(super) fn job_goes_on(&mut self, number: u64) {
        let Some(at) = self.job_at(number) else { return };
        let (kind, status) = (self.jobs[at].kind, self.jobs[at].status);
        let fails = self.jobs[at].fails.is_some();
        let takes = match kind {
            JobType::CreateServerImage => self.world().build_seconds,
            JobType::CreateServer | JobType::DeleteServer => self.world().server_seconds,
        };
        let rolled_back = self.jobs[at].parts.iter().any(|part| part.status == JobStatus::Rollback);
        let now = self.now;
        match status {
            JobStatus::Waiting => {
                self.jobs[at].status = JobStatus::Running;
                for part in &mut self.jobs[at].parts {
                    part.status = JobStatus::Running;
                    part.begin = Some(now);
                }
                let part = if fails { ROLLS_BACK_AFTER } else { 1.0 };
                self.schedule(takes.map(|seconds| seconds * part), Work::Job(number));
            }
            JobStatus::Running if fails && !rolled_back => {
                for part in &mut self.jobs[at].parts {
                    part.status = JobStatus::Rollback;
                }
                self.schedule(takes.map(|seconds| seconds * (1.0 - ROLLS_BACK_AFTER)), Work::Job(number));
            }
            JobStatus::Running => self.end_job(at),
            JobStatus::Rollback | JobStatus::Success | JobStatus::Failed => {}
        }
    }

    fn end_job(&mut self, at: usize) {
        let (now, ids) = (self.now, self.ids);
        let job = &mut self.jobs[at];
        let error = job.fails.clone();
        job.status = if error.is_some() { JobStatus::Failed } else { JobStatus::Success };
        job.end = Some(now);
        for part in &mut job.parts {
            part.status = job.status;
            part.end = Some(now);
            part.error.clone_from(&error);
            if job.kind == JobType::CreateServerImage && error.is_none() {
                part.resource_id = ids.uuid(Made::Image, job.number);
            }
        }
        let (kind, before, parts) = (job.kind, job.before, job.parts.clone());
        for part in parts {
            if kind == JobType::DeleteServer {
                self.image_servers.retain(|server| server.number != part.server);
                continue;
            }
            let Some(server) = self.image_servers.iter_mut().find(|server| server.number == part.server)
            else {
                continue;
            };
            server.updated = now;
            server.status = match (kind, &error) {
                (JobType::CreateServer, Some(_)) => ImageServerStatus::Error,
                (JobType::CreateServer, None) => ImageServerStatus::Active,
                (_, Some(_)) => before,
                (_, None) => ImageServerStatus::Built,
            };
            if kind == JobType::CreateServerImage && error.is_none() {
                server.image_id = part.resource_id;
            }
        }
    }
}
