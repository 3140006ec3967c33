//! The sessions of the federation: the list, and the model of v1 to v3 (`horizon-rest.md section 8`).

use axum::http::StatusCode;

use super::super::call::{Answer, Call};
use super::super::error::ApiError;
use super::super::fields::{BT, CO, EQ, Field, NE, Row, SW, Value};
use super::super::sessions::{Of as Local, SessionRow, VIEW};
use super::{Down, may, no_answer_of, pod_number};
use crate::sim::access::Access;
use crate::sim::estate::{Estate, PlaceKind, Seat, Session};
use crate::sim::ids::Kind;
use crate::sim::release::Release;

/// The fields of a session of the federation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// As in the list of a pod, perhaps under another name.
    Same(Local),
    BrokeringPodId,
    BrokeringPodName,
    FederatedGroups,
    ApplicationEntitlementIds,
    ApplicationEntitlementNames,
    DesktopEntitlementId,
    DesktopEntitlementName,
    PodId,
    PodName,
    SiteId,
    SiteName,
}

/// A session as the federation lists it.
pub(super) struct GlobalRow<'a>(SessionRow<'a>);

impl Row for GlobalRow<'_> {
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::Same(Local::AgentVersion), "agent_version", 1, EQ, true),
        Field::new(Of::Same(Local::ApplicationNames), "application_names", 1, CO, false),
        Field::new(Of::Same(Local::BrokerUserId), "broker_user_id", 1, EQ, false),
        Field::new(Of::Same(Local::BrokeredRemotely), "brokered_remotely", 1, EQ, true),
        Field::new(Of::BrokeringPodId, "brokering_pod_id", 1, 0, false),
        Field::new(Of::BrokeringPodName, "brokering_pod_name", 3, EQ | CO, true),
        Field::new(Of::Same(Local::ClientAddress), "client_data.address", 1, EQ, true),
        Field::new(Of::Same(Local::ClientLocation), "client_data.location_id", 1, EQ, false),
        Field::new(Of::Same(Local::ClientName), "client_data.name", 1, EQ, true),
        Field::new(Of::Same(Local::ClientType), "client_data.type", 1, EQ, true),
        Field::new(Of::Same(Local::ClientVersion), "client_data.version", 1, EQ, true),
        Field::new(Of::Same(Local::PoolId), "desktop_pool_id", 1, EQ, false),
        Field::new(Of::Same(Local::PlaceName), "desktop_pool_or_farm_name", 1, EQ | SW | CO, true),
        Field::new(Of::Same(Local::PlaceSource), "desktop_pool_or_farm_source", 1, 0, true),
        Field::new(Of::Same(Local::PlaceType), "desktop_pool_or_farm_type", 1, 0, true),
        Field::new(Of::Same(Local::DisconnectedTime), "disconnected_time", 1, EQ | BT, true),
        Field::new(Of::Same(Local::FarmId), "farm_id", 1, EQ, false),
        Field::new(Of::FederatedGroups, "federated_access_group_ids", 1, CO, false),
        Field::new(Of::Same(Local::Forever), "forever_session", 1, 0, true),
        Field::new(Of::ApplicationEntitlementIds, "global_application_entitlement_ids", 1, CO, false),
        Field::new(Of::ApplicationEntitlementNames, "global_application_entitlement_names", 3, CO, false),
        Field::new(Of::DesktopEntitlementId, "global_desktop_entitlement_id", 1, EQ, false),
        Field::new(Of::DesktopEntitlementName, "global_desktop_entitlement_name", 3, EQ | CO, true),
        Field::new(Of::Same(Local::Id), "id", 1, EQ, false),
        Field::new(Of::Same(Local::Idle), "idle_duration", 1, EQ, true),
        Field::new(Of::Same(Local::InternalId), "internal_session_id", 2, EQ, false),
        Field::new(Of::Same(Local::LastDuration), "last_session_duration_ms", 1, EQ, true),
        Field::new(Of::Same(Local::AccessGroupId), "local_access_group_id", 1, EQ, false),
        Field::new(Of::Same(Local::MachineId), "machine_id", 1, EQ, false),
        Field::new(Of::Same(Local::MachineDns), "machine_or_rds_server_dns_name", 1, EQ | SW | CO, true),
        Field::new(Of::Same(Local::MachineName), "machine_or_rds_server_name", 3, EQ | CO, true),
        Field::new(Of::PodId, "pod_id", 1, 0, false),
        Field::new(Of::PodName, "pod_name", 3, EQ | CO, true),
        Field::new(Of::Same(Local::RdsServerId), "rds_server_id", 1, EQ, false),
        Field::new(Of::Same(Local::ResourcedRemotely), "resourced_remotely", 1, EQ, true),
        Field::new(Of::Same(Local::GatewayAddress), "security_gateway_data.address", 1, EQ, true),
        Field::new(Of::Same(Local::GatewayName), "security_gateway_data.domain_name", 1, EQ | SW | CO, true),
        Field::new(Of::Same(Local::GatewayLocation), "security_gateway_data.location", 1, EQ, true),
        Field::new(Of::Same(Local::Protocol), "session_protocol", 1, EQ, true),
        Field::new(Of::Same(Local::State), "session_state", 1, EQ | NE, true),
        Field::new(Of::Same(Local::Type), "session_type", 1, EQ, true),
        Field::new(Of::SiteId, "site_id", 1, 0, false),
        Field::new(Of::SiteName, "site_name", 3, EQ | CO, true),
        Field::new(Of::Same(Local::Start), "start_time", 1, EQ | BT, true),
        Field::new(Of::Same(Local::Unauthenticated), "unauthenticated", 1, EQ, true),
        Field::new(Of::Same(Local::UserId), "user_id", 1, 0, false),
        Field::new(Of::Same(Local::UserName), "user_name", 3, EQ | CO, true),
    ];

    const FILTERED_SINCE: Release = Release::R2303;

    fn value(&self, field: Of) -> Value<'_> {
        let (estate, session) = (self.0.estate, self.0.session);
        let pods = &estate.defined.world.pods;
        let hosting = estate.hosting_pod(session);
        let brokering = estate.brokering_pod(session);
        match field {
            Of::Same(field) => self.0.value(field),
            Of::BrokeringPodId => Value::owned(estate.ids.id(Kind::Pod, u32::from(brokering))),
            Of::BrokeringPodName => Value::text(&pods[usize::from(brokering)].name),
            Of::PodId => Value::owned(estate.ids.id(Kind::Pod, u32::from(hosting))),
            Of::PodName => Value::text(&pods[usize::from(hosting)].name),
            Of::SiteId => Value::owned(super::pods::site_id(estate, &pods[usize::from(hosting)].site)),
            Of::SiteName => Value::text(&pods[usize::from(hosting)].site),
            _ => self.entitlement(field),
        }
    }
}

impl GlobalRow<'_> {
    /// What the session was entitled by: a desktop or applications, never both.
    fn entitlement(&self, field: Of) -> Value<'_> {
        let (estate, session) = (self.0.estate, self.0.session);
        let kind = estate.place(session).kind;
        if matches!(kind, PlaceKind::Console(_)) {
            return Value::Absent;
        }
        let desktop = estate.desktop_entitlement(session);
        match (field, kind, session.seat) {
            (Of::FederatedGroups, ..) => {
                let group = u32::from(estate.federation_group(session));
                Value::Texts(vec![estate.ids.id(Kind::FederationGroup, group).into()])
            }
            (Of::DesktopEntitlementId, ..) => {
                Value::optional(desktop.map(|number| estate.ids.id(Kind::DesktopEntitlement, number).into()))
            }
            (Of::DesktopEntitlementName, ..) => Value::optional(
                desktop.and_then(|number| estate.desktop_entitlement_name(number)).map(Into::into),
            ),
            (_, PlaceKind::Farm(farm), Seat::Application { applications, .. }) => {
                let used = (estate.farm(farm).applications.iter().enumerate())
                    .filter(|(bit, _)| applications & (1 << bit) != 0);
                Value::Texts(match field {
                    Of::ApplicationEntitlementIds => {
                        used.map(|(bit, _)| estate.application_entitlement(farm, bit).into()).collect()
                    }
                    _ => used.map(|(_, application)| application.display_name.as_str().into()).collect(),
                })
            }
            _ => Value::Absent,
        }
    }
}

/// Which sessions a call wants: exactly one of three parameters says so.
enum Wanted<'a> {
    OfUser(&'a str),
    HostedBy(u16),
    BrokeredBy(u16),
}

fn wanted<'a>(call: &'a Call<'_>, estate: &Estate) -> Result<Wanted<'a>, ApiError> {
    const NAMES: [&str; 3] = ["user_id", "pod_id", "brokering_pod_id"];
    let given: Vec<(&str, &str)> =
        NAMES.into_iter().filter_map(|name| call.query.get(name).map(|value| (name, value))).collect();
    let [(name, value)] = given.as_slice() else {
        return Err(ApiError::bad_request(
            "inventory.global.session.query.invalid",
            "Exactly one of user_id, pod_id and brokering_pod_id must be given.",
        ));
    };
    if *name == "user_id" {
        return Ok(Wanted::OfUser(value));
    }
    let pod = pod_number(estate, value)
        .ok_or_else(|| ApiError::not_found("The pod with the requested id was not found."))?;
    Ok(if *name == "pod_id" { Wanted::HostedBy(pod) } else { Wanted::BrokeredBy(pod) })
}

/// Whether a caller sees a session: by its access group when it runs here, by its entitlement's otherwise.
fn visible(estate: &Estate, caller: &Access, session: &Session) -> bool {
    may(estate, caller, session, "FEDERATED_SESSIONS_VIEW")
        || (!estate.is_elsewhere(session) && caller.on(estate.place(session).access_group, &["MACHINE_VIEW"]))
}

/// GET `/inventory/vN/global-sessions`.
pub(super) fn list(call: &Call<'_>, version: u8) -> Answer {
    call.need(&VIEW)?;
    let down = Down::of(call);
    let estate = call.shared.estate();
    let wanted = wanted(call, &estate)?;
    if let Wanted::HostedBy(pod) | Wanted::BrokeredBy(pod) = wanted
        && down.has(&estate, pod)
    {
        return Err(ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "federation.pod.unreachable",
            no_answer_of(&estate, pod),
        ));
    }
    let fits = |session: &Session| match wanted {
        Wanted::OfUser(sid) => estate.sid(session.user) == sid,
        Wanted::HostedBy(pod) => estate.hosting_pod(session) == pod,
        Wanted::BrokeredBy(pod) => estate.brokering_pod(session) == pod,
    };
    let rows = (estate.sessions.iter())
        .filter(|session| fits(session) && visible(&estate, call.caller, session))
        // What a pod that does not answer hosts is not known.
        .filter(|session| !down.has(&estate, estate.hosting_pod(session)))
        .map(|session| GlobalRow(SessionRow { estate: &estate, session }))
        .collect();
    call.list(rows, version, None)
}
