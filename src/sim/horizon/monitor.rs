//! Counts for a header line (`horizon-rest.md section 16`).

use std::collections::HashSet;

use super::call::{Call, Reply};
use super::json::Json;
use crate::sim::estate::{ACTIVE, Estate, Flags, Protocol, Seat, Session, State};
use crate::sim::ids::Kind;
use crate::sim::world::Location;

#[derive(Debug, Clone, Copy, Default)]
struct States {
    active: i64,
    disconnected: i64,
    idle: i64,
    pending: i64,
}

impl States {
    fn add(&mut self, session: &Session) {
        match session.state {
            State::Connected if session.last_input == ACTIVE => self.active += 1,
            State::Connected => self.idle += 1,
            State::Disconnected => self.disconnected += 1,
            State::Pending => self.pending += 1,
        }
    }

    fn write(self, name: &str, json: &mut Json) {
        json.key(name);
        json.object(|json| {
            json.integer_field("num_active_sessions", self.active);
            json.integer_field("num_disconnected_sessions", self.disconnected);
            json.integer_field("num_idle_sessions", self.idle);
            json.integer_field("num_pending_sessions", self.pending);
        });
    }
}

fn local(estate: &Estate) -> impl Iterator<Item = &Session> {
    estate.sessions.iter().filter(|session| estate.place(session).pod == estate.local_pod)
}

/// Field and client type.
const CLIENTS: [(&str, &str); 7] = [
    ("num_android_clients", "ANDROID"),
    ("num_browser_clients", "HTMLACCESS"),
    ("num_ios_clients", "IOS"),
    ("num_linux_clients", "LINUX"),
    ("num_mac_clients", "MAC"),
    ("num_other_clients", "OTHER"),
    ("num_windows_clients", "WINDOWS"),
];

/// Everything that is counted in one pass over the sessions.
#[derive(Debug, Default)]
struct Tally {
    sessions: i64,
    users: HashSet<u32>,
    desktops: States,
    rds: States,
    applications: States,
    clients: [i64; CLIENTS.len()],
    external: i64,
    internal: i64,
    unknown: i64,
    blast: i64,
    pcoip: i64,
    rdp: i64,
    other: i64,
}

impl Tally {
    fn add(&mut self, estate: &Estate, session: &Session) {
        let world = &estate.defined.world;
        self.sessions += 1;
        self.users.insert(session.user);
        match session.seat {
            Seat::Machine { .. } | Seat::Console { .. } => self.desktops.add(session),
            Seat::RdsDesktop { .. } => self.rds.add(session),
            Seat::Application { .. } => self.applications.add(session),
        }
        match world.gateways.get(usize::from(session.gateway)).map(|gateway| gateway.location) {
            Some(Location::External) => self.external += 1,
            Some(Location::Internal) => self.internal += 1,
            _ => self.unknown += 1,
        }
        if let Some(kind) = world.clients.get(usize::from(session.client.kind)) {
            let other = CLIENTS.iter().position(|(_, word)| *word == "OTHER");
            let known = CLIENTS.iter().position(|(_, word)| *word == kind.kind).or(other);
            if let Some(count) = known.and_then(|known| self.clients.get_mut(known)) {
                *count += 1;
            }
        }
        // A disconnected session has no protocol.
        if session.state != State::Disconnected {
            match session.protocol {
                Protocol::Blast => self.blast += 1,
                Protocol::Pcoip => self.pcoip += 1,
                Protocol::Rdp => self.rdp += 1,
                Protocol::Console => self.other += 1,
            }
        }
    }

    fn write(&self, json: &mut Json) {
        self.applications.write("application_session_metrics", json);
        json.key("client_metrics");
        json.object(|json| {
            for ((name, _), count) in CLIENTS.iter().zip(self.clients) {
                json.integer_field(name, count);
            }
        });
        self.desktops.write("desktop_session_metrics", json);
        json.key("gateway_metrics");
        json.object(|json| {
            json.integer_field("num_external_gateways", self.external);
            json.integer_field("num_internal_gateways", self.internal);
            json.integer_field("num_unknown_gateways", self.unknown);
        });
        json.integer_field("num_sessions", self.sessions);
        json.integer_field("num_users", self.users.len() as i64);
        json.key("protocol_metrics");
        json.object(|json| {
            json.integer_field("num_blast_sessions", self.blast);
            json.integer_field("num_other_protocols", self.other);
            json.integer_field("num_pcoip_sessions", self.pcoip);
            json.integer_field("num_rdp_sessions", self.rdp);
        });
        self.rds.write("rds_session_metrics", json);
    }
}

/// GET `/monitor/v1/sessions/metrics`.
pub(crate) fn sessions(call: &Call<'_>) -> Reply {
    let estate = call.shared.estate();
    let mut tally = Tally::default();
    for session in local(&estate) {
        tally.add(&estate, session);
    }
    let mut json = Json::default();
    json.object(|json| tally.write(json));
    Reply::json(json)
}

/// GET `/monitor/vN/system-metrics`.
pub(crate) fn system(call: &Call<'_>, version: u8) -> Reply {
    const WINDOW: i64 = 24 * 3_600_000;
    let estate = call.shared.estate();
    let severity = |word: &str| {
        let recent = estate.events.rows.iter().filter(|event| event.time > estate.now - WINDOW);
        recent.filter(|event| estate.events.kinds[usize::from(event.kind)].severity == word).count() as i64
    };
    let ill = local(&estate)
        .filter(|session| session.flags.contains(Flags::GHOST))
        .filter(|session| matches!(session.seat, Seat::Machine { .. }))
        .count() as i64;
    let components = (estate.servers().len() + estate.defined.world.gateways.len() + 2) as i64;
    let mut json = Json::default();
    json.object(|json| {
        json.integer_field("event_error_count", severity("ERROR"));
        json.integer_field("event_warning_count", severity("WARNING"));
        json.key("health_metrics_info");
        json.object(|json| {
            json.text_field("component", "ALL");
            json.integer_field("error_count", 0);
            json.integer_field("healthy_count", components);
            json.integer_field("total_count", components);
            json.integer_field("unknown_count", 0);
            json.integer_field("warning_count", 0);
        });
        if version >= 2 {
            json.integer_field("problem_capacity_provider_vms_count", 0);
        }
        json.integer_field("problem_rds_hosts_count", 0);
        json.integer_field("problem_vcenter_vms_count", ill);
        json.integer_field("sessions_count", local(&estate).count() as i64);
    });
    Reply::json(json)
}

/// GET `/monitor/vN/virtual-centers`: which there are, without hosts and datastores. No version declares a 403: whoever may
/// not see them gets none.
pub(crate) fn virtual_centers(call: &Call<'_>, version: u8) -> Reply {
    let estate = call.shared.estate();
    let seen = call.caller.any(&["GLOBAL_CONFIG_VIEW", "VC_CONFIG_VIEW"]);
    let mut json = Json::default();
    json.begin_array();
    for (number, name) in estate.vcenters().into_iter().enumerate().filter(|_| seen) {
        json.object(|json| {
            let here = |place: &u16| usize::from(estate.vcenter_of(*place)) == number;
            let local = |place: &u16| estate.places[usize::from(*place)].pod == estate.local_pod;
            let places = (0..estate.places.len() as u16).filter(local).filter(here).count();
            json.integer_field("desktop_pools_and_farms_count", places as i64);
            json.key("details");
            json.object(|json| {
                json.text_field("api_version", "8.0.2.0");
                json.text_field("build", "22617221");
                if version >= 4 {
                    json.text_field("instance_uuid", &estate.ids.id(Kind::Cluster, 1 + number as u32));
                }
                json.text_field("version", "8.0.2");
            });
            json.text_field("id", &estate.ids.id(Kind::VirtualCenter, number as u32));
            json.text_field("name", name);
        });
    }
    json.end_array();
    Reply::json(json)
}
