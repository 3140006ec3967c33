//! Pods and the state of the federation (`horizon-rest.md section 15`).

use super::call::{Answer, Call, Reply};
use super::error::ApiError;
use super::json::Json;
use crate::sim::estate::Estate;
use crate::sim::ids::Kind;

/// GET `/federation/v1/pods`, with `id` for one; 409 without a federation.
pub(crate) fn pods(call: &Call<'_>, id: Option<&str>) -> Answer {
    let estate = call.shared.estate();
    if !estate.defined.world.cloud_pod_architecture {
        return Err(ApiError::conflict(
            "federation.cpa.not.initialized",
            "Cloud Pod Architecture is not initialized.",
        ));
    }
    call.need(&["FEDERATED_LDAP_VIEW", "FEDERATED_SESSIONS_VIEW"])?;
    let count = estate.defined.world.pods.len() as u32;
    let mut json = Json::default();
    if let Some(id) = id {
        let number = estate.ids.number(Kind::Pod, id).filter(|number| *number < count);
        let number = number.ok_or_else(|| ApiError::not_found("Entity does not exist."))?;
        write_pod(call, &estate, number, &mut json);
        return Ok(Reply::json(json));
    }
    json.begin_array();
    for number in 0..count {
        write_pod(call, &estate, number, &mut json);
    }
    json.end_array();
    Ok(Reply::json(json))
}

fn write_pod(call: &Call<'_>, estate: &Estate, number: u32, json: &mut Json) {
    let pod = &estate.defined.world.pods[number as usize];
    json.object(|json| {
        json.key("active_global_application_entitlements");
        json.texts::<&str>([]);
        json.key("active_global_desktop_entitlements");
        json.texts::<&str>([]);
        json.boolean_field("cloud_managed", false);
        json.optional_field("description", (!pod.description.is_empty()).then_some(&pod.description));
        if call.caller.everywhere {
            json.key("endpoints");
            let servers = 0..pod.connection_servers.len() as u32;
            json.texts(servers.map(|server| estate.ids.id(Kind::Endpoint, number * 100 + server)));
        }
        json.text_field("id", &estate.ids.id(Kind::Pod, number));
        json.boolean_field("local_pod", pod.local);
        json.text_field("name", &pod.name);
        json.text_field("site_id", &site_id(estate, &pod.site));
    });
}

/// The id of a site: that of the first pod in it.
fn site_id(estate: &Estate, site: &str) -> String {
    let first = estate.defined.world.pods.iter().position(|pod| pod.site == site).unwrap_or(0);
    estate.ids.id(Kind::Site, first as u32)
}

/// GET `/federation/vN/cpa`: works without a federation and says so.
pub(crate) fn cpa(call: &Call<'_>) -> Reply {
    let estate = call.shared.estate();
    let world = &estate.defined.world;
    let enabled = world.cloud_pod_architecture;
    let word = if enabled { "ENABLED" } else { "DISABLED" };
    let details = enabled && call.caller.any(&["FEDERATED_LDAP_VIEW", "GLOBAL_CONFIG_VIEW"]);
    let mut json = Json::default();
    json.object(|json| {
        if details {
            json.key("connection_server_statuses");
            json.begin_array();
            for (number, name) in estate.servers().iter().enumerate() {
                json.object(|json| {
                    json.text_field("id", &estate.ids.id(Kind::ConnectionServer, number as u32));
                    json.text_field("name", name);
                    json.text_field("status", word);
                });
            }
            json.end_array();
            json.text_field("guid", &estate.ids.id(Kind::Cluster, 1));
        }
        json.text_field("local_connection_server_status", word);
        if details {
            json.text_field("name", "Federation");
            json.key("sites");
            let mut sites: Vec<String> = world.pods.iter().map(|pod| site_id(&estate, &pod.site)).collect();
            sites.dedup();
            json.texts(sites);
        }
    });
    Reply::json(json)
}
