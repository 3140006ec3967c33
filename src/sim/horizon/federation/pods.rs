//! Pods, sites, the state of the federation, and health (`horizon-rest.md sections 15 and 16`).

use super::super::call::{Answer, Call, Reply};
use super::super::error::ApiError;
use super::super::json::Json;
use super::{Down, need, pod_number};
use crate::sim::estate::Estate;
use crate::sim::ids::Kind;
use crate::sim::world::Pod;

/// What a caller needs to see pods and sites.
const SEE: [&str; 2] = ["FEDERATED_LDAP_VIEW", "FEDERATED_SESSIONS_VIEW"];
/// How old the server's knowledge of another pod is, in milliseconds.
const CHECKED_AGO: i64 = 15_000;

fn unknown() -> ApiError {
    ApiError::not_found("Entity does not exist.")
}

fn numbered(estate: &Estate) -> impl Iterator<Item = (u16, &Pod)> {
    estate.defined.world.pods.iter().enumerate().map(|(number, pod)| (number as u16, pod))
}

/// GET `/federation/v1/pods`, with `id` for one.
pub(super) fn pods(call: &Call<'_>, id: Option<&str>) -> Answer {
    need(call, &SEE)?;
    let estate = call.shared.estate();
    let mut json = Json::default();
    if let Some(id) = id {
        write_pod(call, &estate, pod_number(&estate, id).ok_or_else(unknown)?, &mut json);
        return Ok(Reply::json(json));
    }
    json.begin_array();
    for (number, _) in numbered(&estate) {
        write_pod(call, &estate, number, &mut json);
    }
    json.end_array();
    Ok(Reply::json(json))
}

fn write_pod(call: &Call<'_>, estate: &Estate, number: u16, json: &mut Json) {
    let world = &estate.defined.world;
    let pod = &world.pods[usize::from(number)];
    let hosts = |named: Option<&str>| named.map_or(pod.local, |name| name == pod.name);
    let pools = (world.pools.iter().enumerate())
        .filter(|(_, pool)| hosts(pool.pod.as_ref().map(|name| name.get_ref().as_str())))
        .map(|(pool, _)| pool as u32);
    let farms: Vec<u16> = (world.farms.iter().enumerate())
        .filter(|(_, farm)| hosts(farm.pod.as_ref().map(|name| name.get_ref().as_str())))
        .map(|(farm, _)| farm as u16)
        .collect();
    let desktops = pools.chain(farms.iter().map(|farm| estate.farm_pool_number(*farm)));
    let applications = farms.iter().flat_map(|farm| {
        (0..estate.farm(*farm).applications.len()).map(|one| estate.application_entitlement(*farm, one))
    });
    json.object(|json| {
        json.key("active_global_application_entitlements");
        json.texts(applications);
        json.key("active_global_desktop_entitlements");
        json.texts(desktops.map(|number| estate.ids.id(Kind::DesktopEntitlement, number)));
        json.boolean_field("cloud_managed", false);
        json.optional_field("description", (!pod.description.is_empty()).then_some(&pod.description));
        if call.caller.federated(Some(estate.root_federation_group()), &SEE) {
            json.key("endpoints");
            json.texts((0..pod.connection_servers.len()).map(|server| endpoint_id(estate, number, server)));
        }
        json.text_field("id", &estate.ids.id(Kind::Pod, u32::from(number)));
        json.boolean_field("local_pod", pod.local);
        json.text_field("name", &pod.name);
        json.text_field("site_id", &site_id(estate, &pod.site));
    });
}

fn endpoint_id(estate: &Estate, pod: u16, server: usize) -> String {
    estate.ids.id(Kind::Endpoint, u32::from(pod) * 100 + server as u32)
}

/// Where the other pods reach a connection server.
fn address(estate: &Estate, server: &str) -> String {
    format!("https://{}:8472/", estate.dns(server))
}

/// GET `/federation/v1/pods/{id}/endpoints`, with `id` for one.
pub(super) fn endpoints(call: &Call<'_>, pod: &str, id: Option<&str>) -> Answer {
    need(call, &["FEDERATED_LDAP_VIEW"])?;
    let estate = call.shared.estate();
    let number = pod_number(&estate, pod).ok_or_else(unknown)?;
    let servers = &estate.defined.world.pods[usize::from(number)].connection_servers;
    let write = |json: &mut Json, server: usize, name: &str| {
        json.object(|json| {
            json.boolean_field("enabled", true);
            json.text_field("id", &endpoint_id(&estate, number, server));
            json.text_field("name", name);
            json.text_field("server_address", &address(&estate, name));
        });
    };
    let mut json = Json::default();
    if let Some(id) = id {
        let found =
            servers.iter().enumerate().find(|(server, _)| endpoint_id(&estate, number, *server) == id);
        let (server, name) = found.ok_or_else(unknown)?;
        write(&mut json, server, name);
        return Ok(Reply::json(json));
    }
    json.begin_array();
    for (server, name) in servers.iter().enumerate() {
        write(&mut json, server, name);
    }
    json.end_array();
    Ok(Reply::json(json))
}

/// The id of a site: that of the first pod in it.
pub(super) fn site_id(estate: &Estate, site: &str) -> String {
    let first = estate.defined.world.pods.iter().position(|pod| pod.site == site).unwrap_or(0);
    estate.ids.id(Kind::Site, first as u32)
}

/// The sites, each once.
fn site_names(estate: &Estate) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for (_, pod) in numbered(estate) {
        if !names.contains(&pod.site.as_str()) {
            names.push(&pod.site);
        }
    }
    names
}

/// GET `/federation/vN/sites`, with `id` for one.
pub(super) fn sites(call: &Call<'_>, version: u8, id: Option<&str>) -> Answer {
    need(call, &SEE)?;
    let estate = call.shared.estate();
    let write = |json: &mut Json, site: &str| {
        json.object(|json| {
            json.text_field("id", &site_id(&estate, site));
            json.text_field("name", site);
            json.key("pods");
            let here = numbered(&estate).filter(|(_, pod)| pod.site == site);
            json.texts(here.map(|(number, _)| estate.ids.id(Kind::Pod, u32::from(number))));
            if version >= 3 {
                json.key("preferred_sites");
                json.texts::<&str>([]);
            }
        });
    };
    let mut json = Json::default();
    if let Some(id) = id {
        let found = site_names(&estate).into_iter().find(|site| site_id(&estate, site) == id);
        write(&mut json, found.ok_or_else(unknown)?);
        return Ok(Reply::json(json));
    }
    json.begin_array();
    for site in site_names(&estate) {
        write(&mut json, site);
    }
    json.end_array();
    Ok(Reply::json(json))
}

/// GET `/federation/vN/cpa`: works without a federation and says so.
pub(super) fn cpa(call: &Call<'_>, version: u8) -> Reply {
    let estate = call.shared.estate();
    let enabled = estate.is_federated();
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
            if version >= 2 {
                json.key("site_redirection_settings");
                json.object(|json| {
                    json.boolean_field("site_redirection_enabled", false);
                    json.boolean_field("site_redirection_enabled_without_sso", false);
                });
            }
            json.key("sites");
            json.texts(site_names(&estate).into_iter().map(|site| site_id(&estate, site)));
        }
    });
    Reply::json(json)
}

/// GET `/monitor/vN/pods`, with `id` for one, which has the newer model (section 16).
pub(super) fn health(call: &Call<'_>, version: u8, id: Option<&str>) -> Answer {
    need(call, &["FEDERATED_LDAP_VIEW"])?;
    let down = Down::of(call);
    let estate = call.shared.estate();
    let write = |json: &mut Json, number: u16, version: u8| {
        let pod = &estate.defined.world.pods[usize::from(number)];
        json.object(|json| {
            json.key("endpoints");
            json.begin_array();
            for (server, name) in pod.connection_servers.iter().enumerate() {
                write_endpoint(&estate, (number, server, name), down.has(&estate, number), version, json);
            }
            json.end_array();
            json.text_field("id", &estate.ids.id(Kind::Pod, u32::from(number)));
            json.text_field("name", &pod.name);
            json.text_field("site_id", &site_id(&estate, &pod.site));
        });
    };
    let mut json = Json::default();
    if let Some(id) = id {
        write(&mut json, pod_number(&estate, id).ok_or_else(unknown)?, 2);
        return Ok(Reply::json(json));
    }
    json.begin_array();
    for (number, _) in numbered(&estate) {
        write(&mut json, number, version);
    }
    json.end_array();
    Ok(Reply::json(json))
}

fn write_endpoint(
    estate: &Estate,
    (pod, server, name): (u16, usize, &str),
    down: bool,
    version: u8,
    json: &mut Json,
) {
    json.object(|json| {
        json.boolean_field("enabled", true);
        json.text_field("id", &endpoint_id(estate, pod, server));
        if version >= 2 {
            json.integer_field("last_updated_timestamp", estate.now - CHECKED_AGO);
        }
        json.text_field("name", name);
        if !down {
            json.integer_field("roundtrip_time", if pod == estate.local_pod { 1 } else { 24 });
        }
        json.text_field("status", if down { "OFFLINE" } else { "ONLINE" });
        json.text_field("url", &address(estate, name));
    });
}

/// GET `/monitor/v1/pods/global-session-metrics`.
pub(super) fn metrics(call: &Call<'_>) -> Answer {
    need(call, &["FEDERATED_SESSIONS_VIEW"])?;
    let estate = call.shared.estate();
    let mut counts = vec![(0_i64, 0_i64); estate.defined.world.pods.len()];
    for session in &estate.sessions {
        counts[usize::from(estate.hosting_pod(session))].0 += 1;
        counts[usize::from(estate.brokering_pod(session))].1 += 1;
    }
    let mut json = Json::default();
    json.begin_array();
    for ((number, pod), (hosted, brokered)) in numbered(&estate).zip(counts) {
        json.object(|json| {
            json.boolean_field("local_pod", pod.local);
            json.integer_field("num_brokered_sessions", brokered);
            json.integer_field("num_hosted_sessions", hosted);
            json.text_field("pod_id", &estate.ids.id(Kind::Pod, u32::from(number)));
            json.text_field("pod_name", &pod.name);
        });
    }
    json.end_array();
    Ok(Reply::json(json))
}
