//! What the target of a question is, and on which access groups it stands.

use std::collections::BTreeSet;

use super::can::Question;
use crate::{
    core::{
        filter::Truth,
        table::{SessionTable, value},
    },
    domain::{AccessGroupId, PermissionBook, PoolNames, SessionFacts, SessionRow, Text},
};

/// What a target can be qualified with, when its name alone is not clear.
const QUALIFIERS: &[&str] = &["pool", "farm", "machine", "session", "user", "group"];

/// What a target turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The whole system: images, permissions.
    System,
    /// Pools, farms, machines or sessions on these access groups.
    Groups {
        /// What it is: `fin-w11 is a pool`.
        what: Text,
        /// The access groups that its sessions are on.
        groups: BTreeSet<AccessGroupId>,
        /// Sessions whose access group is not told.
        untold: usize,
        /// Whether every one of its sessions runs on an RDS server, which nobody may restart.
        only_rds: bool,
    },
    /// It could not be told what it is, for this reason: then nothing is certain, whatever holds on the root group.
    Unknown(Text),
}

/// Whether a session belongs to something of this name.
type Is = fn(SessionRow<'_>, &Named<'_>) -> bool;

/// A name as it was typed, with the pools that are called so.
struct Named<'a> {
    name: &'a str,
    pools: Vec<&'a PoolNames>,
}

impl<'a> Named<'a> {
    fn new(name: &'a str, book: &'a PermissionBook) -> Self {
        let is_one = |pool: &&PoolNames| {
            is_text(pool.name.as_ref().map(Text::as_str), name)
                || is_text(pool.display_name.as_ref().map(Text::as_str), name)
                || pool.id.raw() == name
        };
        Self { name, pools: book.pools.iter().flatten().filter(is_one).collect() }
    }
}

/// Finds out what a target is, from the sessions in the list and the access groups.
pub fn place(question: &Question, book: &PermissionBook, table: Option<&SessionTable>) -> Place {
    if question.deed.is_global() {
        return Place::System;
    }
    let (qualifier, name) = match question.target.split_once(':') {
        Some((word, rest)) if QUALIFIERS.contains(&word.to_lowercase().as_str()) => {
            (Some(word.to_lowercase()), rest)
        }
        _ => (None, question.target.as_str()),
    };
    let wanted = |kind: &str| qualifier.as_deref().is_none_or(|given| given == kind);
    let mut found: Vec<Place> = Vec::new();
    if wanted("group") {
        found.extend(access_group(name, book));
    }
    let kinds: [(&str, Is); 5] = [
        ("pool", is_pool),
        ("farm", is_farm),
        ("machine", is_machine),
        ("session", is_session),
        ("user", is_user),
    ];
    let named = Named::new(name, book);
    for (kind, is) in kinds.into_iter().filter(|(kind, _)| wanted(kind)) {
        found.extend(of_sessions(kind, &named, is, table));
    }
    if found.is_empty() && wanted("pool") && !named.pools.is_empty() {
        found.push(without_sessions(&named));
    }
    match found.len() {
        0 => Place::Unknown(not_found(name, book, table)),
        1 => found.remove(0),
        _ => several(name, &found),
    }
}

/// The same name for several things is no matter when all of them are in one place; then it is said what they are.
fn several(name: &str, found: &[Place]) -> Place {
    let mut whats = Vec::new();
    let mut first = None;
    for place in found {
        let Place::Groups { what, groups, untold: 0, only_rds } = place else {
            first = None;
            break;
        };
        whats.push(what.as_str());
        if *first.get_or_insert((groups, *only_rds)) != (groups, *only_rds) {
            first = None;
            break;
        }
    }
    match first {
        Some((groups, only_rds)) => Place::Groups {
            what: Text::clean(&format!("{}; all of it in one place", whats.join("; "))),
            groups: groups.clone(),
            untold: 0,
            only_rds,
        },
        None => Place::Unknown(Text::clean(&format!(
            "{name} names more than one thing; write pool:, farm:, machine:, session:, user: or group: before it"
        ))),
    }
}

/// A pool that no session in the list belongs to: the list of pools tells where it is.
fn without_sessions(named: &Named<'_>) -> Place {
    let name = named.name;
    let groups: BTreeSet<AccessGroupId> =
        named.pools.iter().filter_map(|pool| pool.access_group.clone()).collect();
    if named.pools.iter().any(|pool| pool.access_group.is_none()) {
        let why = format!("{name} is a pool without a session in the list, and its access group is not told");
        return Place::Unknown(Text::clean(&why));
    }
    Place::Groups {
        what: Text::clean(&format!("{name} is a pool without a session in the list")),
        groups,
        untold: 0,
        only_rds: named.pools.iter().all(|pool| pool.kind.as_ref().is_some_and(|kind| *kind == "RDS")),
    }
}

fn not_found(name: &str, book: &PermissionBook, table: Option<&SessionTable>) -> Text {
    let words = match (table, &book.pools) {
        (None, _) => format!("the list of sessions is not there, so where {name} is cannot be told"),
        (Some(_), Some(_)) => format!(
            "no session in the list belongs to {name}, and no pool or access group is called that: where it is cannot be told"
        ),
        (Some(_), None) => format!(
            "no session in the list belongs to {name}, and no access group is called that: where it is cannot be told; \
             the names of the pools could not be read"
        ),
    };
    Text::clean(&words)
}

fn access_group(name: &str, book: &PermissionBook) -> Option<Place> {
    let groups = book.local_groups.as_ref().ok()?;
    let is = |text: &str| text.to_lowercase() == name.to_lowercase();
    let group = groups.iter().find(|group| {
        group.name.as_ref().is_some_and(|known| is(known.as_str())) || group.id.raw() == name
    })?;
    let label = group.name.clone().unwrap_or_else(|| Text::clean(group.id.raw()));
    Some(Place::Groups {
        what: Text::clean(&format!("{label} is an access group")),
        groups: BTreeSet::from([group.id.clone()]),
        untold: 0,
        only_rds: false,
    })
}

fn of_sessions(kind: &str, named: &Named<'_>, is: Is, table: Option<&SessionTable>) -> Option<Place> {
    let (table, name) = (table?, named.name);
    let sessions: Vec<SessionRow<'_>> = table.iter().filter(|session| is(*session, named)).collect();
    if sessions.is_empty() {
        return None;
    }
    // Local access groups say nothing about what another pod hosts.
    let elsewhere = sessions.iter().filter(|session| table.runs_here(**session) != Truth::Yes).count();
    if elsewhere > 0 {
        let why = format!(
            "{name}: {elsewhere} of its sessions run on another pod, and what holds there is not told"
        );
        return Some(Place::Unknown(Text::clean(&why)));
    }
    let count = sessions.len();
    let what = match kind {
        "session" => format!("{name} is a session"),
        "user" => format!("{name} has {count} session{}", if count == 1 { "" } else { "s" }),
        kind => format!("{name} is a {kind} with {count} session{}", if count == 1 { "" } else { "s" }),
    };
    Some(Place::Groups {
        what: Text::clean(&what),
        groups: sessions.iter().filter_map(|session| session.access_group_id().cloned()).collect(),
        untold: sessions.iter().filter(|session| session.access_group_id().is_none()).count(),
        only_rds: sessions.iter().all(|session| session.is_on_rds_server()),
    })
}

fn is_text(text: Option<&str>, name: &str) -> bool {
    text.is_some_and(|text| text.to_lowercase() == name.to_lowercase())
}

fn is_pool(session: SessionRow<'_>, named: &Named<'_>) -> bool {
    let id = session.pool_id();
    let by_name = is_text(session.pool_name(), named.name);
    let by_id =
        |id: &crate::domain::PoolId| id.raw() == named.name || named.pools.iter().any(|pool| pool.id == *id);
    (session.farm_id().is_none() || id.is_some()) && (by_name || id.is_some_and(by_id))
}

fn is_farm(session: SessionRow<'_>, named: &Named<'_>) -> bool {
    let name = named.name;
    session.farm_id().is_some_and(|id| {
        id.raw() == name || (session.pool_id().is_none() && is_text(session.pool_name(), name))
    })
}

fn is_machine(session: SessionRow<'_>, named: &Named<'_>) -> bool {
    let name = named.name;
    is_text(session.machine_name(), name)
        || session.machine_id().is_some_and(|id| id == name)
        || session.rds_server_id().is_some_and(|id| id == name)
}

fn is_session(session: SessionRow<'_>, named: &Named<'_>) -> bool {
    session.id() == named.name
}

fn is_user(session: SessionRow<'_>, named: &Named<'_>) -> bool {
    let name = named.name;
    is_text(session.user_name(), name)
        || is_text(value::login(session).as_deref(), name)
        || session.user_id().is_some_and(|id| id == name)
}
