//! What the target of a question is, and on which access groups it stands.

use std::collections::BTreeSet;

use super::can::Question;
use crate::{
    core::table::SessionTable,
    domain::{AccessGroupId, PermissionBook, Session, Text},
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
type Is = fn(&Session, &str) -> bool;

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
    for (kind, is) in kinds.into_iter().filter(|(kind, _)| wanted(kind)) {
        found.extend(of_sessions(name, kind, is, table));
    }
    match found.len() {
        0 => Place::Unknown(not_found(name, table)),
        1 => found.remove(0),
        _ => {
            // The same name for several things is no matter when all of them are in one place.
            let mut groups = found.iter().filter_map(|place| match place {
                Place::Groups { groups, .. } => Some(groups),
                Place::System | Place::Unknown(_) => None,
            });
            let first = groups.next().cloned();
            if groups.all(|other| Some(other) == first.as_ref()) {
                return found.remove(0);
            }
            Place::Unknown(Text::clean(&format!(
                "{name} names more than one thing; write pool:, farm:, machine:, session:, user: or group: before it"
            )))
        }
    }
}

fn not_found(name: &str, table: Option<&SessionTable>) -> Text {
    let words = match table {
        None => format!("the list of sessions is not there, so where {name} is cannot be told"),
        Some(_) => format!(
            "no session in the list belongs to {name}, and no access group is called that: where it is cannot be told"
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

fn of_sessions(
    name: &str,
    kind: &str,
    is: fn(&Session, &str) -> bool,
    table: Option<&SessionTable>,
) -> Option<Place> {
    let sessions: Vec<&Session> = table?.iter().filter(|session| is(session, name)).collect();
    if sessions.is_empty() {
        return None;
    }
    // Local access groups say nothing about what another pod hosts.
    let elsewhere = sessions.iter().filter(|session| session.resourced_remotely == Some(true)).count();
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
        groups: sessions.iter().filter_map(|session| session.access_group_id.clone()).collect(),
        untold: sessions.iter().filter(|session| session.access_group_id.is_none()).count(),
        only_rds: sessions.iter().all(|session| session.is_on_rds_server()),
    })
}

fn is_text(text: Option<&Text>, name: &str) -> bool {
    text.is_some_and(|text| text.as_str().to_lowercase() == name.to_lowercase())
}

fn is_pool(session: &Session, name: &str) -> bool {
    let id = session.pool_id.as_ref();
    (session.farm_id.is_none() || id.is_some())
        && (is_text(session.pool_name.as_ref(), name) || id.is_some_and(|id| id.raw() == name))
}

fn is_farm(session: &Session, name: &str) -> bool {
    session.farm_id.as_ref().is_some_and(|id| {
        id.raw() == name || (session.pool_id.is_none() && is_text(session.pool_name.as_ref(), name))
    })
}

fn is_machine(session: &Session, name: &str) -> bool {
    is_text(session.machine_name.as_ref(), name)
        || session.machine_id.as_ref().is_some_and(|id| id.raw() == name)
        || session.rds_server_id.as_ref().is_some_and(|id| id.raw() == name)
}

fn is_session(session: &Session, name: &str) -> bool {
    session.id.raw() == name
}

fn is_user(session: &Session, name: &str) -> bool {
    is_text(session.user_name.as_ref(), name)
        || is_text(session.login().as_ref(), name)
        || session.user_id.as_ref().is_some_and(|id| id.raw() == name)
}
