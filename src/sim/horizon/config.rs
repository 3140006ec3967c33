//! Configuration that a console reads: the environment, access groups, the event database
//! (`horizon-rest.md sections 11, 16.2 and 21`).

use super::call::{Answer, Call, Reply};
use super::error::ApiError;
use super::json::Json;
use crate::sim::estate::{Estate, Permission};
use crate::sim::ids::Kind;
use crate::sim::world::AccessGroup;

/// GET `/config/vN/environment-properties`.
pub(crate) fn environment(call: &Call<'_>, version: u8) -> Reply {
    let estate = call.shared.estate();
    let world = &estate.defined.world;
    let mut json = Json::default();
    json.object(|json| {
        json.text_field("cluster_guid", &estate.ids.id(Kind::Cluster, 0));
        json.text_field(
            "cluster_name",
            &format!("Cluster-{}", world.pods[usize::from(estate.local_pod)].name),
        );
        if version >= 2 {
            json.text_field("deployment_type", "GENERAL");
        }
        json.boolean_field("fips_mode_enabled", false);
        if version >= 3 {
            json.boolean_field("has_new_data_partition", true);
        }
        json.text_field("ip_mode", "IPv4");
        if version >= 2 {
            json.text_field("local_connection_server_build", "23456789");
            json.text_field("local_connection_server_version", call.release().product_version());
        }
        if world.cloud_pod_architecture {
            json.text_field("local_pod_name", &world.pods[usize::from(estate.local_pod)].name);
        }
        json.integer_field("timezone_offset", 0);
    });
    Reply::json(json)
}

/// GET `/config/vN/local-access-groups`, with `id` for one.
pub(crate) fn access_groups(call: &Call<'_>, version: u8, id: Option<&str>) -> Answer {
    call.need(&["GLOBAL_PERMISSION_VIEW", "FOLDER_VIEW"])?;
    let estate = call.shared.estate();
    let all = call.caller.any(&["GLOBAL_PERMISSION_VIEW"]);
    let groups = Groups {
        list: &estate.defined.world.access_groups,
        kind: Kind::AccessGroup,
        seen: &|group| all || call.caller.on(group, &["FOLDER_VIEW"]),
        of: &|permission| Some(permission.local),
    };
    groups.answer(call, &estate, version, id)
}

/// GET `/config/vN/federation-access-groups`, with `id` for one; 409 without a federation.
pub(crate) fn federation_groups(call: &Call<'_>, version: u8, id: Option<&str>) -> Answer {
    let estate = call.shared.estate();
    if !estate.defined.world.cloud_pod_architecture {
        return Err(ApiError::conflict(
            "federation.cpa.not.initialized",
            "Cloud Pod Architecture is not initialized.",
        ));
    }
    call.need(&["GLOBAL_PERMISSION_VIEW", "FOLDER_VIEW"])?;
    let all = call.caller.any(&["GLOBAL_PERMISSION_VIEW"]);
    // Which federation group a FOLDER_VIEW opens is written nowhere: those on which one holds something.
    let own: Vec<u16> = call.caller.federated_privileges().iter().map(|(group, _)| *group).collect();
    let groups = Groups {
        list: &estate.defined.world.federation_groups,
        kind: Kind::FederationGroup,
        seen: &|group| all || own.contains(&group),
        of: &|permission| permission.federation,
    };
    groups.answer(call, &estate, version, id)
}

/// Access groups of either kind: both look the same.
struct Groups<'a> {
    list: &'a [AccessGroup],
    kind: Kind,
    seen: &'a dyn Fn(u16) -> bool,
    /// The group of a permission.
    of: &'a dyn Fn(&Permission) -> Option<u16>,
}

impl Groups<'_> {
    fn answer(&self, call: &Call<'_>, estate: &Estate, version: u8, id: Option<&str>) -> Answer {
        let count = self.list.len() as u16;
        let mut json = Json::default();
        if let Some(id) = id {
            let number = estate.ids.number(self.kind, id).and_then(|number| u16::try_from(number).ok());
            let Some(group) = number.filter(|group| *group < count) else {
                return Err(ApiError::not_found("Entity does not exist."));
            };
            if !(self.seen)(group) {
                return Err(ApiError::forbidden());
            }
            self.write(call, estate, version, group, &mut json);
            return Ok(Reply::json(json));
        }
        json.begin_array();
        for group in (0..count).filter(|group| (self.seen)(*group)) {
            self.write(call, estate, version, group, &mut json);
        }
        json.end_array();
        Ok(Reply::json(json))
    }

    fn write(&self, call: &Call<'_>, estate: &Estate, version: u8, number: u16, json: &mut Json) {
        let group = &self.list[usize::from(number)];
        json.object(|json| {
            json.boolean_field("deletable", !group.root);
            json.optional_field("description", (!group.description.is_empty()).then_some(&group.description));
            json.text_field("id", &estate.ids.id(self.kind, u32::from(number)));
            json.text_field("name", &group.name);
            if version >= 2 && call.caller.any(&["GLOBAL_PERMISSION_VIEW"]) {
                json.key("permission_ids");
                let every = estate.rights.permissions.iter();
                let here = every.filter(|permission| (self.of)(permission) == Some(number));
                json.texts(here.map(|permission| estate.ids.id(Kind::Permission, permission.number)));
            }
        });
    }
}

/// GET `/config/v1/event-database`; the connection only for those who may see the configuration.
pub(crate) fn event_database(call: &Call<'_>) -> Reply {
    let configured = call.shared.faults().has_event_database();
    let mut json = Json::default();
    json.object(|json| {
        json.integer_field("admin_events_count", 2000);
        json.integer_field("classify_events_as_new_for_days", 2);
        let details = configured && call.caller.any(&["GLOBAL_CONFIG_VIEW"]);
        if details {
            json.text_field("database_name", "horizon_events");
        }
        json.boolean_field("event_database_configured", configured);
        if details {
            json.integer_field("port", 5432);
        }
        json.integer_field("query_timeout_seconds", 30);
        if details {
            json.text_field("server_name", "db-01.corp.example");
        }
        json.text_field("show_events_for_time", "TWO_WEEKS");
        if details {
            json.text_field("table_prefix", "hz_");
        }
        json.integer_field("timing_profiler_data_longevity_days", 7);
        if details {
            json.text_field("type", "POSTGRESQL");
            json.text_field("username", "horizon");
        }
    });
    Reply::json(json)
}
