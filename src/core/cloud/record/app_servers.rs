//! App servers.

use serde::Serialize;

use super::{Listed, shown, time};
use crate::{
    core::cloud::{drain_words, machine_words, os_words},
    domain::{AppServer, AppServerGroupId, AppServerStatus, CloudJobId, Text},
};

/// An app server with the field names of the vendor's API. What is not known is absent.
#[derive(Debug, Serialize)]
pub(crate) struct AppServerRecord<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_name: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_group_name: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vm_status: Option<&'a Text>,
    /// `null` as text when it is idle, as the vendor has it; absent when it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    task_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maintain_status: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os_type: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os_version: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_id: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a Text>,
    addresses: &'a [Text],
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_type: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_status: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_time: Option<String>,
}

impl Listed for AppServer {
    type Row<'a> = AppServerRecord<'a>;

    const FIELDS: &'static [&'static str] = &[
        "id",
        "name",
        "machine_name",
        "description",
        "server_group_id",
        "server_group_name",
        "status",
        "vm_status",
        "task_status",
        "maintain_status",
        "session_count",
        "os_type",
        "os_version",
        "image_id",
        "instance_id",
        "domain",
        "addresses",
        "job_id",
        "job_type",
        "job_status",
        "create_time",
        "update_time",
    ];
    const TITLES: &'static [&'static str] =
        &["NAME", "MACHINE", "GROUP", "STATUS", "VM", "MAINTENANCE", "SESSIONS", "OS", "CREATED", "ID"];

    fn row(&self) -> AppServerRecord<'_> {
        let idle = (self.idle == Some(true)).then_some("null");
        AppServerRecord {
            id: self.id.raw(),
            name: self.name.as_ref(),
            machine_name: self.machine_name.as_ref(),
            description: self.description.as_ref(),
            server_group_id: self.server_group_id.as_ref().map(AppServerGroupId::raw),
            server_group_name: self.server_group_name.as_ref(),
            status: self.status.as_ref().map(AppServerStatus::word),
            vm_status: self.vm_status.as_ref(),
            task_status: self.task_status.as_ref().map(Text::as_str).or(idle),
            maintain_status: self.maintenance,
            session_count: self.sessions,
            os_type: self.os_type.as_ref(),
            os_version: self.os_version.as_ref(),
            image_id: self.image_id.as_ref(),
            instance_id: self.instance_id.as_ref(),
            domain: self.domain.as_ref(),
            addresses: &self.addresses,
            job_id: self.job_id.as_ref().map(CloudJobId::raw),
            job_type: self.job_kind.as_ref(),
            job_status: self.job_status.as_ref(),
            create_time: time(self.created_at.as_ref()),
            update_time: time(self.updated_at.as_ref()),
        }
    }

    fn cells(&self) -> Vec<String> {
        vec![
            shown(self.name.as_ref()),
            shown(self.machine_name.as_ref()),
            shown(self.server_group_name.as_ref()),
            shown(self.status.as_ref()),
            shown(machine_words(self)),
            shown(drain_words(self)),
            shown(self.sessions),
            shown(os_words(self)),
            shown(time(self.created_at.as_ref())),
            Text::clean(self.id.raw()).to_string(),
        ]
    }
}
