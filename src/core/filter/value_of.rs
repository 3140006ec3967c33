//! What a session says about a field, and what it leaves open.

use super::{Context, Truth, fields::Field, pattern::Pattern};
use crate::{
    core::table::value,
    domain::{
        ClientKind, FarmId, GatewayLocation, MachineId, PodId, PoolId, Protocol, RdsServerId, Session,
        SessionKind, SessionState, Text, UserId,
    },
};

/// What was said about a field that knows certain words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// A word that Foretop knows.
    Known(&'a str),
    /// A word that it does not know: it may mean anything.
    Strange(&'a str),
    /// Nothing.
    Nothing,
}

/// The server's word for a field that knows certain words.
pub(super) fn word(field: Field, session: &Session) -> Said<'_> {
    macro_rules! said {
        ($value:expr, $unknown:path) => {
            match $value {
                Some($unknown(word)) => Said::Strange(word.as_str()),
                Some(known) => Said::Known(known.word()),
                None => Said::Nothing,
            }
        };
    }
    match field {
        Field::State => said!(&session.state, SessionState::Unknown),
        Field::Type => said!(&session.kind, SessionKind::Unknown),
        Field::Proto => said!(&session.protocol, Protocol::Unknown),
        Field::Gwloc => said!(&session.gateway.location, GatewayLocation::Unknown),
        Field::Client => said!(&session.client.kind, ClientKind::Unknown),
        _ => Said::Nothing,
    }
}

/// The version that a field holds.
pub(super) fn version(field: Field, session: &Session) -> Option<&str> {
    match field {
        Field::Agent => value::text(session.agent_version.as_ref()),
        Field::Clientver => value::text(session.client.version.as_ref()),
        _ => None,
    }
}

/// Display name and names of groups, where they were looked up.
pub(super) fn names<'a>(session: &'a Session, context: &Context<'a>) -> impl Iterator<Item = &'a str> {
    let known = context.names.filter(|names| !names.accounts.is_empty());
    let user = session.user_id.as_ref().map(UserId::raw);
    let groups = session.groups.iter().flatten().map(Text::as_str);
    user.into_iter().chain(groups).filter_map(move |sid| known?.account(sid))
}

/// The display name of the user, where it was looked up.
pub(super) fn display_name<'a>(session: &Session, context: &Context<'a>) -> Option<&'a str> {
    context.names?.account(session.user_id.as_ref()?.raw())
}

/// Whether user, pool and machine have names. Where one has not, a word that is not found could still be it.
pub(super) fn is_named(session: &Session) -> bool {
    session.user_name.is_some()
        && session.pool_name.is_some()
        && (session.machine_name.is_some() || session.machine_dns.is_some())
}

/// Whether one of the texts of a field matches. When none does and the field's own name is not known, the answer is not
/// known either: the id that stands in for it says nothing about the name.
pub(super) fn judge_text(field: Field, pattern: &Pattern, session: &Session, context: &Context<'_>) -> Truth {
    match field {
        Field::User => {
            let name = value::text(session.user_name.as_ref());
            let sid = session.user_id.as_ref().map(UserId::raw);
            let known = if pattern.is_for_sids() { sid.is_some() } else { name.is_some() };
            any([name, name.map(value::login_part), sid], known, pattern)
        }
        Field::Name => {
            let name = display_name(session, context);
            any([name], name.is_some(), pattern)
        }
        Field::Group => judge_groups(pattern, session, context),
        Field::Pool => {
            let name = value::text(session.pool_name.as_ref());
            let pool = session.pool_id.as_ref().map(PoolId::raw);
            let farm = session.farm_id.as_ref().map(FarmId::raw);
            any([name, pool, farm], name.is_some(), pattern)
        }
        Field::Farm => judge_farm(pattern, session),
        Field::Host => {
            let name = value::text(session.machine_name.as_ref());
            let dns = value::text(session.machine_dns.as_ref());
            let machine = session.machine_id.as_ref().map(MachineId::raw);
            let server = session.rds_server_id.as_ref().map(RdsServerId::raw);
            let known = name.is_some() || dns.is_some();
            any([name, dns, dns.map(value::first_label), machine, server], known, pattern)
        }
        Field::Gw => {
            let name = value::text(session.gateway.name.as_ref());
            let address = value::text(session.gateway.address.as_ref());
            any([name, address], name.is_some() || address.is_some(), pattern)
        }
        Field::Pod => {
            let name = value::text(session.pod_name.as_ref());
            any([name, session.pod_id.as_ref().map(PodId::raw)], name.is_some(), pattern)
        }
        Field::Id => Truth::from(pattern.matches(session.id.raw())),
        Field::Agent | Field::Clientver => {
            let version = version(field, session);
            any([version], version.is_some(), pattern)
        }
        // These fields are no texts; the parser never asks for them here.
        Field::State
        | Field::Type
        | Field::Proto
        | Field::Gwloc
        | Field::Client
        | Field::Idle
        | Field::Age
        | Field::Disc
        | Field::Flag
        | Field::Can => Truth::Unknown,
    }
}

fn any<'a>(values: impl IntoIterator<Item = Option<&'a str>>, known: bool, pattern: &Pattern) -> Truth {
    if values.into_iter().flatten().any(|value| pattern.matches(value)) {
        Truth::Yes
    } else if known {
        Truth::No
    } else {
        Truth::Unknown
    }
}

/// A session that is known to come from a pool and from no farm is in no farm.
fn judge_farm(pattern: &Pattern, session: &Session) -> Truth {
    if session.farm_id.is_none() {
        return if session.pool_id.is_some() { Truth::No } else { Truth::Unknown };
    }
    let id = session.farm_id.as_ref().map(FarmId::raw);
    // With a pool, the name is the pool's, and the farm's own name was not said.
    let name = value::text(session.pool_name.as_ref()).filter(|_| session.pool_id.is_none());
    any([name, id], name.is_some(), pattern)
}

fn judge_groups(pattern: &Pattern, session: &Session, context: &Context<'_>) -> Truth {
    let Some(groups) = &session.groups else {
        return Truth::Unknown;
    };
    let by_sid = pattern.is_for_sids();
    groups.iter().fold(Truth::No, |truth, sid| {
        let name = context.names.and_then(|names| names.account(sid.as_str()));
        truth.or(any([Some(sid.as_str()), name], by_sid || name.is_some(), pattern))
    })
}
