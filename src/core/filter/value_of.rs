//! What a session says about a field, and what it leaves open.

use super::{Context, Truth, fields::Field, pattern::Pattern};
use crate::{
    core::table::value,
    domain::{
        ClientKind, FarmId, GatewayLocation, PodId, PoolId, Protocol, SessionFacts, SessionKind,
        SessionState, Texts,
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
pub(super) fn word<'a>(field: Field, session: impl SessionFacts<'a>) -> Said<'a> {
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
        Field::State => said!(session.state(), SessionState::Unknown),
        Field::Type => said!(session.kind(), SessionKind::Unknown),
        Field::Proto => said!(session.protocol(), Protocol::Unknown),
        Field::Gwloc => said!(session.gateway_location(), GatewayLocation::Unknown),
        Field::Client => said!(session.client_kind(), ClientKind::Unknown),
        _ => Said::Nothing,
    }
}

/// Whether it is known that a field has no value. Only of these fields there can be none; of the others nothing is told.
pub(in crate::core) fn has_none<'a>(field: &str, session: impl SessionFacts<'a>) -> bool {
    match field {
        "farm" => session.farm_id().is_none() && session.pool_id().is_some(),
        "proto" => session.protocol().is_none() && session.state() == Some(&SessionState::Disconnected),
        "group" => session.groups().is_some_and(Texts::is_empty),
        _ => false,
    }
}

/// The version that a field holds.
pub(super) fn version<'a>(field: Field, session: impl SessionFacts<'a>) -> Option<&'a str> {
    match field {
        Field::Agent => session.agent_version(),
        Field::Clientver => session.client_version(),
        _ => None,
    }
}

/// The display name of the user, where it was looked up.
pub(super) fn display_name<'a>(session: impl SessionFacts<'a>, context: &Context<'a>) -> Option<&'a str> {
    context.names?.account(&session.user_id()?)
}

/// Whether user, pool and machine have names. Where one has not, a word that is not found could still be it.
pub(super) fn is_named<'a>(session: impl SessionFacts<'a>) -> bool {
    session.user_name().is_some()
        && session.pool_name().is_some()
        && (session.machine_name().is_some() || session.machine_dns().is_some())
}

/// Whether one of the texts of a field matches. When none does and the field's own name is not known, the answer is not
/// known either: the id that stands in for it says nothing about the name.
pub(super) fn judge_text<'a>(
    field: Field,
    pattern: &Pattern,
    session: impl SessionFacts<'a>,
    context: &Context<'a>,
) -> Truth {
    match field {
        Field::User => {
            let name = session.user_name();
            if any([name, name.map(value::login_part)], true, pattern).is_yes() {
                return Truth::Yes;
            }
            // Put together from its parts only when the name does not decide it.
            let sid = session.user_id();
            let known = if pattern.is_for_sids() { sid.is_some() } else { name.is_some() };
            any([sid.as_deref()], known, pattern)
        }
        Field::Name => {
            let name = display_name(session, context);
            any([name], name.is_some(), pattern)
        }
        Field::Group => judge_groups(pattern, session, context),
        Field::Pool => {
            let name = session.pool_name();
            let pool = session.pool_id().map(PoolId::raw);
            let farm = session.farm_id().map(FarmId::raw);
            any([name, pool, farm], name.is_some(), pattern)
        }
        Field::App => judge_app(pattern, session),
        Field::Farm => judge_farm(pattern, session),
        Field::Host => {
            let (name, dns) = (session.machine_name(), session.machine_dns());
            let known = name.is_some() || dns.is_some();
            let names = [name, dns, dns.map(value::first_label)];
            match any(names, known, pattern) {
                Truth::Yes => Truth::Yes,
                open => {
                    let (machine, server) = (session.machine_id(), session.rds_server_id());
                    open.or(any([machine.as_deref(), server.as_deref()], known, pattern))
                }
            }
        }
        Field::Gw => {
            let (name, address) = (session.gateway_name(), session.gateway_address());
            any([name, address], name.is_some() || address.is_some(), pattern)
        }
        Field::Pod => {
            let name = session.pod_name();
            any([name, session.pod_id().map(PodId::raw)], name.is_some(), pattern)
        }
        Field::Id => Truth::from(pattern.matches(&session.id())),
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

/// A whole desktop has no published applications. Of another session all names are known, or none.
fn judge_app<'a>(pattern: &Pattern, session: impl SessionFacts<'a>) -> Truth {
    if session.kind() == Some(&SessionKind::Desktop) {
        return any([Some("desktop")], true, pattern);
    }
    let Some(names) = session.applications() else { return Truth::Unknown };
    any(names.iter().map(|name| Some(name.as_str())), true, pattern)
}

/// A session that is known to come from a pool and from no farm is in no farm.
fn judge_farm<'a>(pattern: &Pattern, session: impl SessionFacts<'a>) -> Truth {
    if session.farm_id().is_none() {
        return if session.pool_id().is_some() { Truth::No } else { Truth::Unknown };
    }
    let id = session.farm_id().map(FarmId::raw);
    // With a pool, the name is the pool's, and the farm's own name was not said.
    let name = session.pool_name().filter(|_| session.pool_id().is_none());
    any([name, id], name.is_some() || pattern.is_for_ids(), pattern)
}

fn judge_groups<'a>(pattern: &Pattern, session: impl SessionFacts<'a>, context: &Context<'a>) -> Truth {
    let Some(groups) = session.groups() else {
        return Truth::Unknown;
    };
    groups.iter().fold(Truth::No, |truth, sid| truth.or(judge_group(pattern, sid.as_str(), context)))
}

/// Whether a group is meant. As long as its name is not known, it could be the one that is asked for.
pub(super) fn judge_group(pattern: &Pattern, sid: &str, context: &Context<'_>) -> Truth {
    let name = context.names.and_then(|names| names.groups.name(sid));
    let known = pattern.is_for_sids() || name.is_some();
    any([Some(sid), name, name.map(value::login_part)], known, pattern)
}
