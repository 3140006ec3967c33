//! What a permission reaches: sessions, pools and farms of the pod that answers, as far as role and list tell.

use super::{Deed, Grant, PermissionRow, matrix};
use crate::{
    core::{
        filter::Truth,
        table::{GroupContents, SessionTable},
    },
    domain::{Permission, PermissionBook, Text},
};

/// Lets its holder look at sessions.
const SEES_SESSIONS: &str = "MACHINE_VIEW";

/// What a role does to sessions wherever it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// It acts on those of its access group.
    Acts,
    /// It acts only on those that came through a global entitlement.
    ActsByFederation,
    /// It only looks at those of its access group.
    Looks,
    /// It has no right to sessions.
    Nothing,
    /// It cannot be told, for this reason.
    Unknown(Text),
}

/// What a permission reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// What its role does to sessions.
    pub hold: Hold,
    /// What it holds for.
    pub reached: GroupContents,
    /// Sessions of which it cannot be told.
    pub open: usize,
    /// Sessions that run on the pod that answers.
    pub here: usize,
    /// Sessions that other pods host: local access groups say nothing about them.
    pub elsewhere: usize,
    /// Whether the list of sessions is whole.
    pub complete: bool,
}

/// What a permission does to sessions, by its role.
pub fn hold(book: &PermissionBook, permission: &Permission) -> Hold {
    let row = PermissionRow::new(book, permission);
    let on_sessions = || {
        let pairs = Deed::ALL.iter().zip(&row.grants);
        pairs.filter(|(deed, _)| deed.is_about_sessions()).map(|(_, grant)| grant)
    };
    if on_sessions().any(|grant| matches!(grant, Grant::Yes(_))) {
        return Hold::Acts;
    }
    if on_sessions().any(|grant| matches!(grant, Grant::Federated(_))) {
        return Hold::ActsByFederation;
    }
    let unknown = on_sessions().find_map(|grant| match grant {
        Grant::Unknown(why) => Some(why.clone()),
        _ => None,
    });
    if let Some(why) = unknown {
        return Hold::Unknown(why);
    }
    let role = permission.role.as_ref().and_then(|id| book.role(id));
    let held = role.and_then(|role| matrix::held(book, role)).unwrap_or_default();
    if held.iter().any(|privilege| privilege.name == SEES_SESSIONS) { Hold::Looks } else { Hold::Nothing }
}

/// What a permission reaches by the sessions in a list. Pools and farms are those that have a session in it.
pub fn reach(book: &PermissionBook, permission: &Permission, table: &SessionTable) -> Reach {
    let contents = table.contents();
    let mut reach = Reach {
        hold: hold(book, permission),
        reached: GroupContents::default(),
        open: contents.unclear,
        here: 0,
        elsewhere: contents.elsewhere,
        complete: table.complete(),
    };
    for (group, on_group) in &contents.here {
        reach.here += on_group.sessions;
        let holds = match group {
            Some(group) => matrix::covers(book, permission, group),
            // Wherever it is, the root group is above it.
            None => permission
                .local_group
                .as_ref()
                .map_or(Truth::Unknown, |group| matrix::is_root(book, group))
                .or(Truth::Unknown),
        };
        match holds {
            Truth::Yes => reach.reached.add(on_group),
            Truth::Unknown => reach.open += on_group.sessions,
            Truth::No => {}
        }
    }
    reach
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{fixtures::session, permissions::fixtures::book},
        domain::{Session, SessionState},
    };

    fn on(id: &str, group: &str) -> Session {
        let mut session = session(id, "CORP\\x", SessionState::Connected, 5);
        session.access_group_id = Some(group.into());
        session
    }

    #[test]
    fn sessions_of_other_pods_are_not_reached() {
        let book = book();
        let far = Session { resourced_remotely: Some(true), ..on("s3", "finance") };
        let other = Session { resourced_remotely: None, pod_id: Some("lon1".into()), ..on("s4", "root") };
        let rows = vec![on("s1", "finance"), on("s2", "apac"), far, other];
        let table = SessionTable::new(rows, "2024-10-01T12:00:00Z".parse().unwrap(), true);
        let of = |id: &str| reach(&book, book.permission(&id.into()).unwrap(), &table);
        let finance = of("p2");
        assert_eq!((finance.reached.sessions, finance.here, finance.elsewhere, finance.open), (1, 2, 1, 1));
        assert_eq!(of("p1").reached.sessions, 2, "root holds on everything of this pod");
    }

    #[test]
    fn a_role_without_a_right_to_sessions_holds_none() {
        let mut book = book();
        let with = |role: &str, book: &PermissionBook| {
            hold(book, &Permission { role: Some(role.into()), ..book.permissions[0].clone() })
        };
        assert_eq!(with("sessions", &book), Hold::Acts);
        assert_eq!(with("global", &book), Hold::ActsByFederation);
        assert_eq!(with("readonly", &book), Hold::Looks);
        assert_eq!(with("config", &book), Hold::Nothing);
        assert!(matches!(with("no-such-role", &book), Hold::Unknown(_)));
        book.roles =
            Err(crate::domain::Fault::new(crate::domain::FaultKind::Unreachable, "list roles", "away"));
        assert!(matches!(with("config", &book), Hold::Unknown(_)));
    }
}
