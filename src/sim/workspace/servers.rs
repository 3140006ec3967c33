//! App server groups, app servers, and what can be done to them (`workspace.md section 9`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::{Answer, Call, Reply, contains, is, put, refused, time, workspace, workspace_mut};
use super::error::CloudError;
use super::route::Api;
use super::sessions::vm_ip;
use crate::sim::estate::{AppServer, Power, ServerGroup, Workspace};

/// The most servers of one action.
const MOST_SERVERS: usize = 20;

pub(crate) fn answer(call: &Call<'_>, api: Api) -> Answer {
    match api {
        Api::ListServerGroups => groups(call),
        Api::ServerGroupNames => group_names(call),
        Api::ShowServerGroup => group(call),
        Api::ServerGroupState => group_state(call),
        Api::Restrict => Ok(Reply::json(json!({"max_session": 40, "max_group_count": 50}))),
        Api::ListServers => servers(call),
        Api::ShowServer => server(call),
        Api::UpdateServer => update(call),
        Api::Maintain => maintain(call),
        _ => power(call, api),
    }
}

fn app_type(group: &ServerGroup) -> &'static str {
    if group.desktops { "SESSION_DESKTOP_APP" } else { "COMMON_APP" }
}

fn group_row(workspace: &Workspace, at: usize, group: &ServerGroup) -> Value {
    let servers = workspace.servers.iter().filter(|server| server.group == at).count();
    let app_groups = workspace.app_groups.iter().filter(|app| app.server_group == Some(at)).count();
    json!({
        "id": group.id, "name": group.name, "description": group.description,
        "image_id": group.image_id, "image_name": group.image, "os_type": "Windows",
        "product_id": "workspace.appstream.general.xlarge.4", "subnet_id": workspace.project_id,
        "subnet_name": "subnet-apps", "system_disk_type": "SSD", "system_disk_size": 80, "is_vdi": false,
        "extra_session_type": "CPU", "extra_session_size": 0, "app_type": app_type(group),
        "create_time": time(group.created), "update_time": time(group.created),
        "storage_mount_policy": "ANY", "enterprise_project_id": "0",
        "primary_server_group_ids": [], "secondary_server_group_ids": [], "server_group_status": true,
        "site_type": "CENTER", "site_id": "", "app_server_flavor_count": 1,
        "app_server_count": servers, "app_group_count": app_groups, "tags": [], "ou_name": "",
    })
}

fn groups(call: &Call<'_>) -> Answer {
    let kind = call.one_of("app_type", &["SESSION_DESKTOP_APP", "COMMON_APP"])?;
    let secondary = call.flag("is_secondary_server_group")?;
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let fits = |(_, group): &(usize, &ServerGroup)| {
        contains(&group.name, call.parameter("server_group_name"))
            && is(&group.id, call.parameter("server_group_id"))
            && is(app_type(group), kind)
            && secondary != Some(true)
    };
    let rows: Vec<_> = workspace.server_groups.iter().enumerate().filter(fits).collect();
    call.page("items", &rows, |(at, group)| group_row(workspace, *at, group))
}

/// Slim rows; the misspelt parameter is the contract.
fn group_names(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let part = call.parameter("sever_group_name");
    let rows: Vec<&ServerGroup> =
        workspace.server_groups.iter().filter(|group| contains(&group.name, part)).collect();
    call.page("items", &rows, |group| json!({"id": group.id, "name": group.name}))
}

fn group(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let at = workspace.server_group_at(call.id()).map_err(|refusal| refused(refusal, "server group"))?;
    let mut body = group_row(workspace, at, &workspace.server_groups[at]);
    body["route_policy"] = json!({"max_session": 20, "cpu_threshold": 80, "mem_threshold": 80});
    body["image_type"] = Value::from("private");
    body["ip_virtual"] = json!({"enable": false});
    body["project_name"] = Value::from(call.identity.region.as_str());
    Ok(Reply::json(body))
}

fn group_state(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let at = workspace.server_group_at(call.id()).map_err(|refusal| refused(refusal, "server group"))?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for server in workspace.servers.iter().filter(|server| server.group == at) {
        *counts.entry(server.status()).or_default() += 1;
    }
    Ok(Reply::json(json!({"aps_status": counts})))
}

fn server_row(workspace: &Workspace, at: usize, server: &AppServer, domain: &str) -> Value {
    let group = &workspace.server_groups[server.group];
    let mut row = json!({
        "id": server.id, "name": server.name, "machine_name": server.name, "description": server.description,
        "server_group_id": group.id, "server_group_name": group.name,
        "flavor": {"id": "x1.4u.16g", "links": []},
        "status": server.status(), "vm_status": server.vm_status,
        // Idle is the word null, not the value.
        "task_status": server.task.unwrap_or("null"),
        "create_time": time(server.created), "update_time": time(server.updated),
        "image_id": server.image_id, "availability_zone": "cn-north-4a", "domain": domain, "ou_name": "",
        "sid": "", "instance_id": server.instance_id, "os_version": "Windows Server 2022", "os_type": "Windows",
        "order_id": "", "maintain_status": server.maintained, "scaling_auto_create": false,
        "resource_pool_id": "", "resource_pool_type": "private",
        "host_id": "", "metadata": {}, "session_count": workspace.session_count(at), "freeze": [],
        "host_address": [{"addr": vm_ip(server.number), "version": "4",
            "OS-EXT-IPS-MAC:mac_addr": format!("fa:16:3e:00:{:02x}:{:02x}", server.number >> 8 & 255, server.number & 255)}],
        "enterprise_project_id": "0", "tags": [],
    });
    let job = workspace.last_server_job(at);
    row["job_id"] = Value::from(job.map_or("", |job| job.id.as_str()));
    put(&mut row, "job_type", job.map(|job| job.kind.word().to_owned()));
    put(&mut row, "job_status", job.map(|job| job.status.word().to_owned()));
    put(&mut row, "job_time", job.map(|job| time(job.end.unwrap_or(job.begin))));
    row
}

fn servers(call: &Call<'_>) -> Answer {
    let maintained = call.flag("maintain_status")?;
    let scaled = call.flag("scaling_auto_create")?;
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let fits = |(_, server): &(usize, &AppServer)| {
        is(&workspace.server_groups[server.group].id, call.parameter("server_group_id"))
            && contains(&server.name, call.parameter("server_name"))
            && contains(&server.name, call.parameter("machine_name"))
            && contains(&vm_ip(server.number), call.parameter("ip_addr"))
            && is(&server.id, call.parameter("server_id"))
            && maintained.is_none_or(|maintained| maintained == server.maintained)
            && scaled != Some(true)
    };
    let rows: Vec<_> = workspace.servers.iter().enumerate().filter(fits).collect();
    let domain = &estate.defined.world.domain.dns;
    call.page("items", &rows, |(at, server)| server_row(workspace, *at, server, domain))
}

fn server(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let found = workspace.servers.iter().position(|server| server.id == call.id());
    let at = found.ok_or_else(|| CloudError::not_found("server"))?;
    let server = &workspace.servers[at];
    let mut body = server_row(workspace, at, server, &estate.defined.world.domain.dns);
    body["addresses"] = json!({workspace.project_id.as_str(): body["host_address"].clone()});
    body["root_volume"] = json!({"type": "SSD", "size": 80});
    body["data_volumes"] = json!([]);
    body["security_groups"] = json!([{"id": workspace.project_id, "name": "WorkspaceUserSecurityGroup"}]);
    Ok(Reply::json(body))
}

fn update(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let name = fields.owned("name", 1, 64)?;
    let description = fields.owned("description", 0, 255)?;
    let maintained = fields.flag("maintain_status")?;
    let mut estate = call.shared.estate();
    let changed = workspace_mut(&mut estate)?.change_server(call.id(), name, description, maintained);
    changed.map(|()| Reply::empty()).map_err(|refusal| refused(refusal, "server"))
}

fn maintain(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let ids = fields.ids("items", MOST_SERVERS)?;
    let maintained = fields.needed_flag("maintain_status")?;
    let mut estate = call.shared.estate();
    let done = workspace_mut(&mut estate)?.maintain(&ids, maintained);
    done.map(|()| Reply::empty()).map_err(|refusal| refused(refusal, "server"))
}

/// Reboot, start and stop: 200 with nothing, and no job.
fn power(call: &Call<'_>, api: Api) -> Answer {
    let fields = call.fields()?;
    let ids = fields.ids("items", MOST_SERVERS)?;
    let needed = || CloudError::bad_request("The field type is required: SOFT or HARD.");
    let hard = match api {
        Api::Start => false,
        _ => fields.word("type", &["SOFT", "HARD"])?.ok_or_else(needed)? == "HARD",
    };
    let power = match api {
        Api::Start => Power::Start,
        Api::Stop => Power::Stop,
        _ if hard => Power::HardReboot,
        _ => Power::Reboot,
    };
    let mut estate = call.shared.estate();
    let done = workspace_mut(&mut estate)?.power(&ids, power);
    done.map(|()| Reply::empty()).map_err(|refusal| refused(refusal, "server"))
}
