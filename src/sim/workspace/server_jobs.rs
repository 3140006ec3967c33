//! Actions on app servers that give jobs, and those jobs (`workspace.md sections 9.3 and 9.4`).

use serde_json::{Value, json};

use super::call::{Answer, Call, Fields, Reply, put, refused, time, workspace, workspace_mut};
use super::error::{CloudError, code};
use super::route::Api;
use crate::sim::estate::ServerJobType;

/// The most servers of one action, and of one that tells of each.
const MOST_SERVERS: usize = 20;
const MOST_LISTED: usize = 50;

pub(crate) fn answer(call: &Call<'_>, api: Api) -> Answer {
    if api == Api::ServerJob {
        return show(call);
    }
    let fields = call.fields()?;
    let (kind, image) = match api {
        Api::Reinstall | Api::ReinstallMany => (ServerJobType::ReinstallOs, None),
        Api::ChangeImage | Api::ChangeImageMany => {
            (ServerJobType::ChangeServerImage, Some(image(&fields)?.to_owned()))
        }
        Api::RejoinDomain => (ServerJobType::RejoinDomain, None),
        _ => (ServerJobType::UpgradeAccessAgent, None),
    };
    fields.flag("update_access_agent")?;
    match api {
        Api::ReinstallMany | Api::ChangeImageMany => many(call, &fields, kind, image.as_deref()),
        Api::Reinstall | Api::ChangeImage => one(call, kind, &[call.id().to_owned()], image.as_deref()),
        _ => one(call, kind, &fields.ids("items", MOST_SERVERS)?, None),
    }
}

/// The image of a change, with what the service wants to know of it.
fn image(fields: &Fields) -> Result<&str, CloudError> {
    let types = ["gold", "public", "private", "shared", "other"];
    let needed = |name| CloudError::bad_request(format!("The field {name} is required."));
    let kind = fields.word("image_type", &types)?.ok_or_else(|| needed("image_type"))?;
    fields.word("os_type", &["Windows", "Linux", "Other"])?.ok_or_else(|| needed("os_type"))?;
    if kind == "gold" {
        fields.needed_text("image_product_id", 1, 128)?;
    }
    fields.needed_text("image_id", 1, 128)
}

fn one(call: &Call<'_>, kind: ServerJobType, ids: &[String], image: Option<&str>) -> Answer {
    let mut estate = call.shared.estate();
    let job = workspace_mut(&mut estate)?.begin_server_job(kind, ids, image);
    job.map(|job| Reply::json(json!({"job_id": job}))).map_err(|refusal| refused(refusal, "server"))
}

/// 200 for all, with a job or an error for each.
fn many(call: &Call<'_>, fields: &Fields, kind: ServerJobType, image: Option<&str>) -> Answer {
    let ids = fields.ids("server_ids", MOST_LISTED)?;
    let mut estate = call.shared.estate();
    let workspace = workspace_mut(&mut estate)?;
    let mut items = Vec::new();
    for id in ids {
        let begun = workspace.begin_server_job(kind, std::slice::from_ref(&id), image);
        items.push(match begun.map_err(|refusal| refused(refusal, "server")) {
            Ok(job) => json!({"server_id": id, "job_id": job, "error_code": "", "error_message": ""}),
            Err(error) => json!({
                "server_id": id, "job_id": "", "error_code": code(error.status), "error_message": error.message,
            }),
        });
    }
    Ok(Reply::json(json!({"items": items})))
}

/// `GET /v2/{project_id}/job/{job_id}`: the error fields sit in the part itself. Image jobs are not here.
fn show(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let found = workspace.server_jobs.iter().find(|job| job.id == call.id());
    let job = found.ok_or_else(|| CloudError::not_found("job"))?;
    let common = || {
        let mut row =
            json!({"job_type": job.kind.word(), "begin_time": time(job.begin), "status": job.status.word()});
        put(&mut row, "end_time", job.end.map(time));
        row
    };
    let mut body = common();
    body["id"] = Value::from(job.id.as_str());
    body["sub_jobs_total"] = Value::from(job.parts.len());
    let part = |(id, at): &(String, usize)| {
        let server = &workspace.servers[*at];
        let mut row = common();
        row["id"] = Value::from(id.as_str());
        row["job_id"] = Value::from(job.id.as_str());
        row["project_id"] = Value::from(workspace.project_id.as_str());
        row["job_resource_info"] =
            json!({"resource_id": server.id, "resource_name": server.name, "resource_type": "APS"});
        row["error_code"] = Value::from("");
        row["error_message"] = Value::from("");
        row
    };
    body["sub_jobs"] = job.parts.iter().map(part).collect();
    Ok(Reply::json(body))
}
