//! Usage records, made from the sessions (`workspace.md section 7.4`): lists that are asked for with POST, and that
//! IAM classes as writes.

use serde_json::{Value, json};

use super::call::{Answer, Call, Fields, contains, is, put, time, workspace};
use super::error::CloudError;
use super::sessions::{Facts, app_id};

/// The longest window, in milliseconds.
const LONGEST_WINDOW: i64 = 30 * 86_400_000;

/// A window of two fields, both or neither, 30 days at most; the last month without them.
fn window(fields: &Fields, names: [&str; 2], now: i64) -> Result<(i64, i64), CloudError> {
    let mut found = [None, None];
    for (slot, name) in found.iter_mut().zip(names) {
        let text = fields.text(name, 1, 32)?;
        *slot = match text.map(str::parse::<jiff::Timestamp>) {
            None => None,
            Some(Ok(time)) => Some(time.as_millisecond()),
            Some(Err(_)) => {
                return Err(CloudError::bad_request(format!("The field {name} is not a UTC time.")));
            }
        };
    }
    match found {
        [Some(from), Some(to)] if from <= to && to - from <= LONGEST_WINDOW => Ok((from, to)),
        [None, None] => Ok((now - LONGEST_WINDOW, now)),
        _ => Err(CloudError::bad_request(format!(
            "{} and {} belong together and span 30 days at most.",
            names[0], names[1]
        ))),
    }
}

/// The filters that both records have.
fn common(fields: &Fields, facts: &Facts<'_>) -> bool {
    let wanted = |name: &str| fields.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (failed_code, _) = facts.failure();
    contains(&facts.login_user(), wanted("user_name"))
        && is(facts.machine(), wanted("machine_name"))
        && is(failed_code, wanted("failed_code"))
        && is(&facts.client_name(), wanted("client_name"))
        && is(facts.client_type(), wanted("client_type"))
        && is(&facts.vm_ip(), wanted("vm_ip"))
        && is(&facts.public_ip(), wanted("public_ip"))
}

/// `POST …/session/app-connection`: who opened which application.
pub(crate) fn applications(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let (from, to) = window(&fields, ["brokering_start_time", "brokering_end_time"], estate.now)?;
    let wanted = |name: &str| fields.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut rows = Vec::new();
    for session in workspace.sessions.iter().rev() {
        let facts = Facts { estate: &estate, workspace, session };
        if !(from..=to).contains(&session.start) || !common(&fields, &facts) {
            continue;
        }
        let server = &workspace.servers[session.server];
        let group = workspace.app_groups.iter().find(|group| group.server_group == Some(server.group));
        let (group_id, group_name) = group.map_or(("", ""), |group| (group.id.as_str(), group.name.as_str()));
        let (failed_code, reason) = facts.failure();
        for (number, name) in facts.applications().iter().enumerate() {
            if !contains(name, wanted("app_name"))
                || !is(group_id, wanted("app_group_id"))
                || !is(group_name, wanted("app_group_name"))
            {
                continue;
            }
            let mut row = json!({
                "id": format!("{}{number:02}", session.id),
                "sid": facts.user_sid(),
                "app_id": app_id(workspace, server.group, number),
                "machine_name": facts.machine(), "user_name": facts.login_user(),
                "app_group_name": group_name, "app_group_id": group_id, "app_name": name,
                "brokering_time": time(session.start + number as i64 * 61_000),
                "failed_code": failed_code, "connection_failure_reason": reason,
                "client_mac": facts.client_mac(), "client_name": facts.client_name(),
                "client_ip": facts.client_ip(), "client_version": "23.12.1", "client_type": facts.client_type(),
                "agent_version": "24.2.0", "vm_ip": facts.vm_ip(), "wi_ip": "", "virtual_ip": "",
                "public_ip": facts.public_ip(), "tenant_id": workspace.tenant_id, "transaction_id": "",
                "aps_instance_id": server.instance_id, "aps_instance_name": server.name, "aps_host_id": "",
                "primary_server_group_id": "", "secondary_server_group_id": "",
            });
            put(&mut row, "end_time", session.end.map(time));
            rows.push(row);
        }
    }
    call.page("items", &rows, Value::clone)
}

/// `POST …/session/user-connection`: who logged in.
pub(crate) fn users(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let (from, to) = window(&fields, ["login_start_time", "login_end_time"], estate.now)?;
    let kind = fields.word("connect_type", &["1", "2"])?;
    let facts = |session| Facts { estate: &estate, workspace, session };
    let fits = |facts: &Facts<'_>| {
        (from..=to).contains(&facts.session.start) && is(facts.session_type(), kind) && common(&fields, facts)
    };
    let rows: Vec<Facts<'_>> = workspace.sessions.iter().rev().map(facts).filter(fits).collect();
    call.page("items", &rows, |facts| {
        let (failed_code, failed_reason) = facts.failure();
        let mut row = json!({
            "id": facts.session.id, "connect_type": facts.session_type(), "user_name": facts.login_user(),
            "desktop_group_name": facts.group().name,
            "pre_conn_time": time(facts.session.start - 2000), "start_time": time(facts.session.start),
            "machine_sid": facts.machine_sid(), "machine_name": facts.machine(),
            "failed_reason": failed_reason, "failed_code": failed_code,
            "client_mac": facts.client_mac(), "client_name": facts.client_name(), "client_ip": facts.client_ip(),
            "client_version": "23.12.1", "client_type": facts.client_type(), "agent_version": "24.2.0",
            "vm_ip": facts.vm_ip(), "connect_flag": "", "wi_ip": "", "virtual_ip": "",
            "public_ip": facts.public_ip(), "update_time": time(facts.session.since),
            "tenant_id": workspace.tenant_id,
        });
        put(&mut row, "end_time", facts.session.end.map(time));
        row
    })
}
