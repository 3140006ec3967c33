//! Configuration that a console reads: the environment, access groups, own privileges, the event database
//! (`horizon-rest.md sections 11, 12, 16.2 and 21`).

use super::call::{Answer, Call, Reply};
use super::error::ApiError;
use super::json::Json;
use crate::sim::estate::Estate;
use crate::sim::ids::Kind;

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
    let seen = |group: u16| all || call.caller.on(group, &["FOLDER_VIEW"]);
    let count = estate.defined.world.access_groups.len() as u16;
    let mut json = Json::default();
    if let Some(id) = id {
        let number = estate.ids.number(Kind::AccessGroup, id).and_then(|number| u16::try_from(number).ok());
        let Some(group) = number.filter(|group| *group < count) else {
            return Err(ApiError::not_found("Entity does not exist."));
        };
        if !seen(group) {
            return Err(ApiError::forbidden());
        }
        write_group(call, &estate, version, group, &mut json);
        return Ok(Reply::json(json));
    }
    json.begin_array();
    for group in (0..count).filter(|group| seen(*group)) {
        write_group(call, &estate, version, group, &mut json);
    }
    json.end_array();
    Ok(Reply::json(json))
}

fn write_group(call: &Call<'_>, estate: &Estate, version: u8, number: u16, json: &mut Json) {
    let group = &estate.defined.world.access_groups[usize::from(number)];
    json.object(|json| {
        json.boolean_field("deletable", !group.root);
        json.optional_field("description", (!group.description.is_empty()).then_some(&group.description));
        json.text_field("id", &estate.ids.id(Kind::AccessGroup, u32::from(number)));
        json.text_field("name", &group.name);
        if version >= 2 && call.caller.any(&["GLOBAL_PERMISSION_VIEW"]) {
            json.key("permission_ids");
            let here = call.shared.accounts.iter().filter(|account| account.group == number);
            json.texts(here.map(|account| estate.ids.id(Kind::Permission, account.user)));
        }
    });
}

/// GET `/config/v1/admin-users-or-groups/permissions`: of the caller, or of somebody else.
pub(crate) fn own_permissions(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let subject = match call.query.get("ad_user_or_group_id") {
        None => call.caller,
        Some(sid) => {
            if sid != estate.sid(call.caller.user) {
                call.need(&["GLOBAL_PERMISSION_VIEW"])?;
            }
            let account = call.shared.accounts.iter().find(|account| estate.sid(account.user) == sid);
            account.ok_or_else(|| ApiError::not_found("Entity does not exist."))?
        }
    };
    let (federated, local): (Vec<&String>, Vec<&String>) =
        subject.privileges().iter().partition(|privilege| privilege.starts_with("FEDERATED_"));
    let group = &estate.defined.world.access_groups[usize::from(subject.group)];
    let mut json = Json::default();
    json.object(|json| {
        json.key("federated_privileges_info");
        json.begin_array();
        if estate.defined.world.cloud_pod_architecture && !federated.is_empty() && subject.everywhere {
            let id = estate.ids.id(Kind::FederationGroup, 0);
            write_privileges(json, &id, "Root", &federated);
        }
        json.end_array();
        json.boolean_field("help_desk_admin", subject.any(&["HELPDESK_ADMINISTRATOR", "ADMINISTRATOR"]));
        json.text_field("id", &estate.sid(subject.user));
        json.key("local_privileges_info");
        json.begin_array();
        let id = estate.ids.id(Kind::AccessGroup, u32::from(subject.group));
        write_privileges(json, &id, &group.name, &local);
        json.end_array();
    });
    Ok(Reply::json(json))
}

fn write_privileges(json: &mut Json, id: &str, name: &str, privileges: &[&String]) {
    json.object(|json| {
        json.text_field("access_group_id", id);
        json.text_field("access_group_name", name);
        json.key("privileges");
        json.texts(privileges);
    });
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
