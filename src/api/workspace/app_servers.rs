//! App servers and their groups (`workspace.md section 9`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    read::{self, Row},
    sessions::lacks,
    wire::{Workspace, segment, within},
};
use crate::{
    api::{
        Estate, Listing, Operation, RequestClass, decode,
        gate::Turn,
        request::{Body, Request},
    },
    domain::{
        AppServer, AppServerCounts, AppServerGroup, AppServerGroupId, AppServerId, AppServerQuery,
        AppServerStatus, AppServerVerb, Fault, Text,
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireAppServer {
    id: Option<String>,
    name: Option<String>,
    machine_name: Option<String>,
    description: Option<String>,
    server_group_id: Option<String>,
    server_group_name: Option<String>,
    status: Option<String>,
    vm_status: Option<String>,
    task_status: Option<String>,
    maintain_status: Option<bool>,
    session_count: Option<i64>,
    image_id: Option<String>,
    instance_id: Option<String>,
    domain: Option<String>,
    os_type: Option<String>,
    os_version: Option<String>,
    host_address: Option<Vec<WireAddress>>,
    create_time: Option<String>,
    update_time: Option<String>,
    job_id: Option<String>,
    job_type: Option<String>,
    job_status: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireAddress {
    addr: Option<String>,
}

impl WireAppServer {
    fn app_server(self) -> Option<AppServer> {
        let addresses = self.host_address.unwrap_or_default();
        Some(AppServer {
            name: read::text(self.name),
            machine_name: read::text(self.machine_name),
            description: read::text(self.description),
            server_group_id: read::id(self.server_group_id),
            server_group_name: read::text(self.server_group_name),
            status: read::word(self.status),
            vm_status: read::word(self.vm_status),
            idle: idle(self.task_status.as_deref()),
            task_status: read::word(self.task_status),
            maintenance: self.maintain_status,
            sessions: self.session_count,
            image_id: read::text(self.image_id),
            instance_id: read::text(self.instance_id),
            domain: read::text(self.domain),
            os_type: read::word(self.os_type),
            os_version: read::text(self.os_version),
            addresses: addresses.into_iter().filter_map(|address| read::text(address.addr)).collect(),
            created_at: read::moment(self.create_time),
            updated_at: read::moment(self.update_time),
            job_id: read::id(self.job_id),
            job_kind: read::word(self.job_type),
            job_status: read::word(self.job_status),
            ..AppServer::new(read::id(self.id)?)
        })
    }

    fn row(self) -> Option<Row<AppServer>> {
        let server = self.app_server()?;
        Some(Row(server.id.raw().to_owned(), server))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireGroup {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    image_id: Option<String>,
    image_name: Option<String>,
    os_type: Option<String>,
    app_type: Option<String>,
    server_group_status: Option<bool>,
    is_vdi: Option<bool>,
    app_server_count: Option<i64>,
    app_group_count: Option<i64>,
    create_time: Option<String>,
    update_time: Option<String>,
}

impl WireGroup {
    fn row(self) -> Option<Row<AppServerGroup>> {
        let id: AppServerGroupId = read::id(self.id)?;
        Some(Row(
            id.raw().to_owned(),
            AppServerGroup {
                id,
                name: read::text(self.name),
                description: read::text(self.description),
                image_id: read::text(self.image_id),
                image_name: read::text(self.image_name),
                os_type: read::word(self.os_type),
                app_type: read::word(self.app_type),
                enabled: self.server_group_status,
                single_session: self.is_vdi,
                servers: self.app_server_count,
                app_groups: self.app_group_count,
                created_at: read::moment(self.create_time),
                updated_at: read::moment(self.update_time),
            },
        ))
    }
}

/// Whether a server does nothing: the text `null` says so, nothing at all says nothing (`workspace.md section 9.2`).
fn idle(task: Option<&str>) -> Option<bool> {
    task.filter(|task| !task.is_empty()).map(|task| task == "null")
}

/// Path and body of what is asked of app servers.
fn order(verb: AppServerVerb, items: &[&str]) -> (&'static str, Value) {
    let mut body = json!({ "items": items });
    let action = match verb {
        AppServerVerb::Reboot | AppServerVerb::RebootHard => "batch-reboot",
        AppServerVerb::Start => "batch-start",
        AppServerVerb::Stop | AppServerVerb::StopHard => "batch-stop",
        AppServerVerb::MaintenanceOn | AppServerVerb::MaintenanceOff => "batch-maint",
    };
    match verb {
        AppServerVerb::Reboot | AppServerVerb::Stop => body["type"] = json!("SOFT"),
        AppServerVerb::RebootHard | AppServerVerb::StopHard => body["type"] = json!("HARD"),
        AppServerVerb::MaintenanceOn | AppServerVerb::MaintenanceOff => {
            body["maintain_status"] = json!(verb == AppServerVerb::MaintenanceOn);
        }
        AppServerVerb::Start => {}
    }
    (action, body)
}

impl Workspace {
    pub(in crate::api) async fn app_server_groups(
        &self,
        class: RequestClass,
    ) -> Result<Listing<AppServerGroup>, Fault> {
        let request = Request::get(Operation::ListAppServerGroups, self.path(1, "app-server-groups"));
        self.list(class, &request, "items", WireGroup::row, |_| {}).await
    }

    pub(in crate::api) async fn app_server_counts(
        &self,
        class: RequestClass,
        id: &AppServerGroupId,
    ) -> Result<AppServerCounts, Fault> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Wire {
            aps_status: Option<BTreeMap<String, i64>>,
        }
        let operation = Operation::ReadAppServerGroupState;
        let id = segment(operation, id.raw())?;
        let request = Request::get(operation, self.path(1, &format!("app-server-groups/{id}/state")));
        let answer = self.ask(class, &request).await?;
        let (wire, _) = decode::object::<Wire>(operation, &answer.body)?;
        let counts = wire.aps_status.ok_or_else(|| lacks(operation, "aps_status", false))?;
        let named = |(word, count): (String, i64)| (AppServerStatus::from(Text::from(word)), count);
        Ok(counts.into_iter().map(named).collect())
    }

    pub(in crate::api) async fn app_servers(
        &self,
        class: RequestClass,
        query: &AppServerQuery,
    ) -> Result<Listing<AppServer>, Fault> {
        let mut request = Request::get(Operation::ListAppServers, self.path(1, "app-servers"));
        let maintenance = query.maintenance.map(|on| on.to_string());
        let conditions = [
            ("server_group_id", query.group.as_ref().map(AppServerGroupId::raw)),
            ("server_name", query.name.as_deref()),
            ("machine_name", query.machine_name.as_deref()),
            ("maintain_status", maintenance.as_deref()),
        ];
        for (name, value) in conditions {
            if let Some(value) = value {
                request = request.with(name, value);
            }
        }
        self.list(class, &request, "items", WireAppServer::row, |_| {}).await
    }

    pub(in crate::api) async fn app_server(
        &self,
        class: RequestClass,
        id: &AppServerId,
    ) -> Result<AppServer, Fault> {
        let operation = Operation::ReadAppServer;
        let path = self.path(1, &format!("app-servers/{}", segment(operation, id.raw())?));
        let answer = self.ask(class, &Request::get(operation, path)).await?;
        let (wire, _) = decode::object::<WireAppServer>(operation, &answer.body)?;
        wire.app_server().ok_or_else(|| lacks(operation, "id", false))
    }

    pub(in crate::api) async fn act_on_app_servers(
        &self,
        verb: AppServerVerb,
        ids: &[AppServerId],
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let operation = Operation::of_app_servers(verb);
        let mut items: Vec<&str> = ids.iter().map(AppServerId::raw).collect();
        items.sort_unstable();
        items.dedup();
        within(operation, "app servers", items.len(), Estate::MAX_SERVERS)?;
        let (action, body) = order(verb, &items);
        let path = self.path(1, &format!("app-servers/actions/{action}"));
        let request = Request::patch(operation, path, Body::Json(body.to_string()));
        self.ask(Turn::stoppable(RequestClass::Job, stop), &request).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_null_says_that_a_server_is_idle() {
        assert_eq!(
            [Some("null"), Some("rebooting"), Some(""), None].map(idle),
            [Some(true), Some(false), None, None]
        );
    }

    #[test]
    fn each_verb_has_its_call() {
        let body = |verb| {
            let (action, body) = order(verb, &["a"]);
            format!("{action} {body}")
        };
        assert_eq!(body(AppServerVerb::Reboot), r#"batch-reboot {"items":["a"],"type":"SOFT"}"#);
        assert_eq!(body(AppServerVerb::StopHard), r#"batch-stop {"items":["a"],"type":"HARD"}"#);
        assert_eq!(body(AppServerVerb::Start), r#"batch-start {"items":["a"]}"#);
        assert_eq!(
            body(AppServerVerb::MaintenanceOff),
            r#"batch-maint {"items":["a"],"maintain_status":false}"#
        );
    }
}
