//! Jobs of the cloud, on images and on app servers (`workspace.md sections 6 and 9.4`).

use serde::Deserialize;

use super::{
    read::{self, Row},
    sessions::lacks,
    wire::{Workspace, segment},
};
use crate::{
    api::{Listing, Operation, RequestClass, decode, http::never_sent, request::Request},
    domain::{CloudJobId, CloudJobKind, CloudJobStatus, Fault, ImageJob, SubJob},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireImageJob {
    id: Option<String>,
    job_type: Option<String>,
    begin_time: Option<String>,
    end_time: Option<String>,
    status: Option<String>,
    sub_jobs_total: Option<i64>,
    sub_jobs: Option<Vec<WireSubJob>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireSubJob {
    id: Option<String>,
    job_id: Option<String>,
    job_type: Option<String>,
    begin_time: Option<String>,
    end_time: Option<String>,
    status: Option<String>,
    job_resource_info: Option<WireResource>,
    job_execute_info: Option<WireError>,
    /// In the sub-job itself for jobs on app servers.
    error_code: Option<String>,
    error_message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireResource {
    resource_id: Option<String>,
    resource_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireError {
    error_code: Option<String>,
    error_message: Option<String>,
}

impl WireSubJob {
    fn sub_job(self) -> Option<SubJob> {
        let resource = self.job_resource_info.unwrap_or_default();
        let error = self.job_execute_info.unwrap_or_default();
        Some(SubJob {
            id: read::id(self.id)?,
            job_id: read::id(self.job_id),
            kind: read::word(self.job_type),
            began_at: read::moment(self.begin_time),
            ended_at: read::moment(self.end_time),
            status: read::word(self.status),
            resource_id: read::text(resource.resource_id),
            resource_name: read::text(resource.resource_name),
            error_code: read::text(error.error_code).or_else(|| read::text(self.error_code)),
            error_message: read::text(error.error_message).or_else(|| read::text(self.error_message)),
        })
    }

    fn row(self) -> Option<Row<SubJob>> {
        let part = self.sub_job()?;
        Some(Row(part.id.raw().to_owned(), part))
    }
}

impl WireImageJob {
    fn job(self) -> Option<ImageJob> {
        let parts = |parts: Vec<WireSubJob>| parts.into_iter().filter_map(WireSubJob::sub_job).collect();
        Some(ImageJob {
            id: read::id(self.id)?,
            kind: read::word(self.job_type),
            began_at: read::moment(self.begin_time),
            ended_at: read::moment(self.end_time),
            status: read::word(self.status),
            sub_jobs_total: self.sub_jobs_total,
            sub_jobs: self.sub_jobs.map(parts),
        })
    }

    fn row(self) -> Option<Row<ImageJob>> {
        let job = self.job()?;
        Some(Row(job.id.raw().to_owned(), job))
    }
}

impl Workspace {
    /// Jobs on images; of all three kinds one after the other, when no kind is given.
    pub(in crate::api) async fn image_jobs(
        &self,
        class: RequestClass,
        kind: Option<CloudJobKind>,
        status: Option<CloudJobStatus>,
    ) -> Result<Listing<ImageJob>, Fault> {
        let kinds = kind.map_or_else(|| CloudJobKind::KNOWN.to_vec(), |kind| vec![kind]);
        let mut all = Listing { rows: Vec::new(), complete: true, unreadable: 0, unreadable_fields: 0 };
        for kind in kinds {
            listable(Operation::ListImageJobs, &kind)?;
            let path = self.path(1, "image-server-jobs");
            let mut request = Request::get(Operation::ListImageJobs, path).with("job_type", kind.word());
            if let Some(status) = &status {
                request = request.with("status", status.word());
            }
            let listing = self.list(class, &request, "items", WireImageJob::row, |_| {}).await?;
            all.complete &= listing.complete;
            all.unreadable += listing.unreadable;
            all.unreadable_fields += listing.unreadable_fields;
            all.rows.extend(listing.rows);
        }
        Ok(all)
    }

    pub(in crate::api) async fn image_job(
        &self,
        class: RequestClass,
        id: &CloudJobId,
    ) -> Result<ImageJob, Fault> {
        let operation = Operation::ReadImageJob;
        let id = segment(operation, id.raw())?;
        self.job(class, Request::get(operation, self.path(1, &format!("image-server-jobs/{id}")))).await
    }

    /// A job on app servers: the second version, on the same host.
    pub(in crate::api) async fn app_server_job(
        &self,
        class: RequestClass,
        id: &CloudJobId,
    ) -> Result<ImageJob, Fault> {
        let operation = Operation::ReadAppServerJob;
        let id = segment(operation, id.raw())?;
        self.job(class, Request::get(operation, self.path(2, &format!("job/{id}")))).await
    }

    async fn job(&self, class: RequestClass, request: Request) -> Result<ImageJob, Fault> {
        let answer = self.ask(class, &request).await?;
        let (wire, _) = decode::object::<WireImageJob>(request.operation, &answer.body)?;
        wire.job().ok_or_else(|| lacks(request.operation, "id", false))
    }

    pub(in crate::api) async fn image_sub_jobs(
        &self,
        class: RequestClass,
        kind: &CloudJobKind,
        job: Option<&CloudJobId>,
    ) -> Result<Listing<SubJob>, Fault> {
        listable(Operation::ListImageSubJobs, kind)?;
        let path = self.path(1, "image-server-sub-jobs");
        let mut request = Request::get(Operation::ListImageSubJobs, path).with("job_type", kind.word());
        if let Some(job) = job {
            request = request.with("job_id", job.raw());
        }
        self.list(class, &request, "items", WireSubJob::row, |_| {}).await
    }
}

/// Other kinds appear in answers, but no list takes them.
fn listable(operation: Operation, kind: &CloudJobKind) -> Result<(), Fault> {
    if CloudJobKind::KNOWN.contains(kind) {
        return Ok(());
    }
    let known: Vec<&str> = CloudJobKind::KNOWN.iter().map(CloudJobKind::word).collect();
    Err(never_sent(operation, &format!("jobs of the kind {kind} cannot be listed; {} can", known.join(", "))))
}
