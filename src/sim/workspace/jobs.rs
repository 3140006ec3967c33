//! Image jobs and their parts (`workspace.md section 6`).

use serde_json::{Value, json};

use super::call::{Answer, Call, Reply, put, refused, time, workspace, workspace_mut};
use super::error::CloudError;
use super::route::Api;
use crate::sim::estate::{ImageJob, JobType, SubJob};

const JOB_STATUSES: [&str; 4] = ["WAITING", "RUNNING", "SUCCESS", "FAILED"];
const SUB_JOB_STATUSES: [&str; 7] =
    ["WAITING", "RUNNING", "SUCCESS", "FAILED", "ABNORMAL", "ROLLBACK", "ABORTING"];

pub(crate) fn answer(call: &Call<'_>, api: Api) -> Answer {
    match api {
        Api::ListJobs => list(call),
        Api::ShowJob => show(call),
        Api::ListSubJobs => list_parts(call),
        Api::CountSubJobs => count_parts(call),
        _ => delete_parts(call),
    }
}

fn kind(word: &str) -> Result<JobType, CloudError> {
    let found = JobType::ALL.into_iter().find(|kind| kind.word() == word);
    found.ok_or_else(|| CloudError::bad_request("The parameter job_type is not valid."))
}

fn list(call: &Call<'_>) -> Answer {
    let wanted = kind(call.required("job_type")?)?;
    let status = call.one_of("status", &JOB_STATUSES)?;
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let fits =
        |job: &&ImageJob| job.kind == wanted && status.is_none_or(|status| status == job.status.word());
    let mut rows: Vec<&ImageJob> = workspace.jobs.iter().filter(fits).collect();
    rows.sort_by_key(|job| std::cmp::Reverse((job.begin, job.number)));
    call.page("items", &rows, |job| row(job))
}

fn row(job: &ImageJob) -> Value {
    let mut row = json!({
        "id": job.id,
        "job_type": job.kind.word(),
        "begin_time": time(job.begin),
        "status": job.status.word(),
        "sub_jobs_total": job.parts.len(),
    });
    put(&mut row, "end_time", job.end.map(time));
    row
}

fn show(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let job = workspace.job(call.id()).ok_or_else(|| CloudError::not_found("job"))?;
    let mut body = call.rows([job].iter(), |job| row(job)).remove(0);
    let shown: Vec<&SubJob> = job.parts.iter().filter(|part| !part.cleared).collect();
    body["sub_jobs"] =
        Value::Array(call.rows(shown.iter(), |part| part_row(job, part, &workspace.project_id)));
    Ok(Reply::json(body))
}

fn part_row(job: &ImageJob, part: &SubJob, project: &str) -> Value {
    let (code, message) = part.error.clone().unwrap_or_default();
    let mut row = json!({
        "id": part.id,
        "job_id": job.id,
        "project_id": project,
        "job_type": job.kind.word(),
        "status": part.status.word(),
        "job_resource_info": {"resource_id": part.resource_id, "resource_name": part.resource_name},
        "job_execute_info": {"error_code": code, "error_message": message},
    });
    put(&mut row, "begin_time", part.begin.map(time));
    put(&mut row, "end_time", part.end.map(time));
    row
}

/// The parts of jobs of these kinds that the query asks for.
fn parts<'a>(
    call: &Call<'_>,
    jobs: &'a [ImageJob],
    kinds: &[JobType],
) -> Result<Vec<(&'a ImageJob, &'a SubJob)>, CloudError> {
    let status = call.one_of("status", &SUB_JOB_STATUSES)?;
    let job_id = call.parameter("job_id");
    let fits = |job: &&ImageJob| kinds.contains(&job.kind) && job_id.is_none_or(|id| id == job.id);
    let mut found: Vec<(&ImageJob, &SubJob)> = (jobs.iter().filter(fits))
        .flat_map(|job| job.parts.iter().map(move |part| (job, part)))
        .filter(|(_, part)| !part.cleared && status.is_none_or(|status| status == part.status.word()))
        .collect();
    found.sort_by_key(|(job, _)| std::cmp::Reverse((job.begin, job.number)));
    Ok(found)
}

fn list_parts(call: &Call<'_>) -> Answer {
    let wanted = kind(call.required("job_type")?)?;
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let rows = parts(call, &workspace.jobs, &[wanted])?;
    call.page("items", &rows, |(job, part)| part_row(job, part, &workspace.project_id))
}

fn count_parts(call: &Call<'_>) -> Answer {
    let kinds = match call.parameter("job_type") {
        None => JobType::ALL.to_vec(),
        Some(list) => list.split(',').map(|word| kind(word.trim())).collect::<Result<_, _>>()?,
    };
    let estate = call.shared.estate();
    let count = parts(call, &workspace(&estate)?.jobs, &kinds)?.len();
    Ok(Reply::json(json!({"count": count})))
}

fn delete_parts(call: &Call<'_>) -> Answer {
    let ids = call.fields()?.ids("items", 20)?;
    let mut estate = call.shared.estate();
    let cleared = workspace_mut(&mut estate)?.clear_sub_jobs(&ids);
    cleared.map(|()| Reply::empty()).map_err(|refusal| refused(refusal, "sub-job"))
}
