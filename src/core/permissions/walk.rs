//! Finding out who somebody is and which groups they belong to, as far as the server shows it: one question after the
//! other, answered from outside.
//!
//! Groups are told with a user or group that is asked for by its SID (`horizon-rest.md section 18.2`,
//! `group_membership_ids`); groups of groups are asked for in turn. A server that does not tell them leaves a doubt.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    core::table::SessionTable,
    domain::{Fault, PermissionBook, Principal, PrincipalKind, SessionFacts, Text, UserId},
};

/// More users and groups than this are not followed for one question.
const MOST_FOLLOWED: usize = 200;
/// So many SIDs are asked for at once.
const AT_ONCE: usize = 50;
/// When nobody begins like what was typed, those are looked for who begin with so many of its characters.
const WIDER_BY: usize = 3;
/// From this likeness on a name is offered in the place of an unknown one.
const LIKE: f64 = 0.85;

/// What to ask next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Look for users and groups by this text.
    Search(String),
    /// Read these, with the groups they belong to.
    Read(Vec<UserId>),
    /// Nothing: everything that can be known is known.
    Done,
}

/// Somebody, with every group they belong to as far as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// What they are called.
    pub label: Text,
    /// Their SID.
    pub id: UserId,
    /// They themselves and their groups, with their names.
    pub ids: BTreeMap<UserId, Text>,
    /// Why there may be more groups; `None` when these are all.
    pub doubt: Option<Text>,
    /// Whether the directory does not know the SID: then not even the server can tell the groups.
    #[serde(default)]
    pub unresolved: bool,
}

/// Where the walk stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// Who is meant has to be found.
    Search,
    /// Who is meant is known; these are still to be asked for.
    Groups(Vec<UserId>),
}

/// The way to a [`Membership`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    wanted: String,
    stage: Stage,
    id: Option<UserId>,
    label: Option<Text>,
    ids: BTreeMap<UserId, Text>,
    asked: BTreeSet<UserId>,
    doubt: Option<Text>,
    /// Why nobody could be found.
    failed: Option<Text>,
    /// Nobody begins like what was typed: those are looked for now who begin with a part of it, to name the nearest.
    #[serde(default)]
    wider: bool,
    /// Names known from elsewhere that are near what was typed.
    #[serde(default)]
    near: Vec<Text>,
    #[serde(default)]
    unresolved: bool,
}

impl Walk {
    /// Begins with a name (`DOMAIN\name`, or the name alone) or a SID. What permissions and sessions say about it saves
    /// the search.
    pub fn new(wanted: &str, book: &PermissionBook, table: Option<&SessionTable>) -> Self {
        let mut walk = Self::wanting(wanted);
        if is_sid(wanted) {
            let id = UserId::from(wanted);
            let label = named(&id, book, table).unwrap_or_else(|| Text::clean(wanted));
            walk.begin(id, label);
        } else if let Some((id, label)) = known(wanted, book, table) {
            walk.begin(id, label);
        } else {
            walk.near = near_names(wanted, book, table);
        }
        walk
    }

    fn wanting(wanted: &str) -> Self {
        Self {
            wanted: wanted.to_owned(),
            stage: Stage::Search,
            id: None,
            label: None,
            ids: BTreeMap::new(),
            asked: BTreeSet::new(),
            doubt: None,
            failed: None,
            wider: false,
            near: Vec::new(),
            unresolved: false,
        }
    }

    /// Begins with somebody who is known already.
    pub fn of(id: UserId, label: Text) -> Self {
        let mut walk = Self::wanting(label.as_str());
        walk.begin(id, label);
        walk
    }

    fn begin(&mut self, id: UserId, label: Text) {
        self.ids.insert(id.clone(), label.clone());
        self.stage = Stage::Groups(vec![id.clone()]);
        self.id = Some(id);
        self.label = Some(label);
    }

    /// What to ask next.
    pub fn next(&self) -> Next {
        if self.failed.is_some() {
            return Next::Done;
        }
        match &self.stage {
            // The directory compares the login's beginning: the domain is not part of it.
            Stage::Search if self.wider => Next::Search(login(&self.wanted).chars().take(WIDER_BY).collect()),
            Stage::Search => Next::Search(login(&self.wanted).to_owned()),
            Stage::Groups(open) if open.is_empty() => Next::Done,
            Stage::Groups(open) => Next::Read(open.iter().take(AT_ONCE).cloned().collect()),
        }
    }

    /// Takes the answer to [`Next::Search`].
    pub fn searched(&mut self, answer: Result<Vec<Principal>, Fault>) {
        match answer {
            // That nobody is called so is known; only who is near is not.
            Err(_) if self.wider => self.failed = Some(nobody(&self.wanted, &[], &self.near)),
            Err(fault) => {
                self.failed = Some(Text::clean(&format!("the directory could not be asked: {fault}")));
            }
            Ok(found) if self.wider => self.failed = Some(nobody(&self.wanted, &found, &self.near)),
            Ok(found) => {
                let meant: Vec<&Principal> =
                    found.iter().filter(|principal| is_called(principal, &self.wanted)).collect();
                match meant.as_slice() {
                    [only] => self.begin(only.id.clone(), only.label()),
                    [] if found.is_empty() && login(&self.wanted).chars().count() > WIDER_BY => {
                        self.wider = true;
                    }
                    [] => self.failed = Some(nobody(&self.wanted, &found, &self.near)),
                    many => {
                        let names: Vec<String> = many.iter().map(|found| found.label().to_string()).collect();
                        let words = format!("{} may be {}", self.wanted, names.join(" or "));
                        self.failed = Some(Text::clean(&words));
                    }
                }
            }
        }
    }

    /// Takes the answer to [`Next::Read`].
    pub fn read(&mut self, answer: Result<Vec<Principal>, Fault>) {
        let Stage::Groups(open) = &mut self.stage else {
            return;
        };
        let asked: Vec<UserId> = open.drain(..open.len().min(AT_ONCE)).collect();
        self.asked.extend(asked.iter().cloned());
        let found = match answer {
            Ok(found) => found,
            Err(fault) => {
                open.clear();
                self.doubt = Some(Text::clean(&format!("groups could not be read: {fault}")));
                return;
            }
        };
        let is_found = |id: &UserId| found.iter().any(|one| one.id.raw().eq_ignore_ascii_case(id.raw()));
        self.unresolved |= self.id.as_ref().is_some_and(|id| asked.contains(id) && !is_found(id));
        if let Some(missing) = asked.iter().find(|id| !is_found(id)) {
            // Its groups are not known; it may be somebody whom the directory does not show just now.
            let name = self.ids.get(missing).map_or_else(|| missing.raw(), Text::as_str);
            self.doubt = Some(Text::clean(&format!("{name} could not be found in the directory")));
        }
        for principal in found {
            self.ids.insert(principal.id.clone(), principal.label());
            if self.id.as_ref() == Some(&principal.id) {
                self.label = Some(principal.label());
            }
            match principal.groups {
                None => self.doubt = Some("group membership is not told by this server".into()),
                Some(groups) => {
                    for group in groups {
                        let label = Text::clean(group.raw());
                        self.ids.entry(group.clone()).or_insert(label);
                        if !self.asked.contains(&group) && !open.contains(&group) {
                            open.push(group);
                        }
                    }
                }
            }
        }
        if self.asked.len() + open.len() > MOST_FOLLOWED {
            open.clear();
            self.doubt = Some(Text::clean(&format!("only the first {MOST_FOLLOWED} groups were followed")));
        }
    }

    /// What was found; or why nobody was.
    pub fn membership(&self) -> Result<Membership, Text> {
        match (&self.id, &self.label, &self.failed) {
            (Some(id), Some(label), None) => Ok(Membership {
                label: label.clone(),
                id: id.clone(),
                ids: self.ids.clone(),
                doubt: self.doubt.clone(),
                unresolved: self.unresolved,
            }),
            (_, _, Some(failed)) => Err(failed.clone()),
            _ => Err("the directory was not asked".into()),
        }
    }
}

/// That nobody is called so, with those who are nearest.
fn nobody(wanted: &str, found: &[Principal], near: &[Text]) -> Text {
    let mut names: Vec<Text> = found.iter().map(Principal::label).chain(near.iter().cloned()).collect();
    names.sort_by(|one, other| likeness(wanted, other.as_str()).total_cmp(&likeness(wanted, one.as_str())));
    names.dedup();
    // Whoever begins with the whole of it is worth naming, however much longer the name is.
    let begins = |name: &Text| login(name.as_str()).to_lowercase().starts_with(&login(wanted).to_lowercase());
    names.retain(|name| begins(name) || likeness(wanted, name.as_str()) >= LIKE);
    let names: Vec<&str> = names.iter().take(3).map(Text::as_str).collect();
    let hint = match names.as_slice() {
        [] => String::new(),
        [only] => format!("; did you mean {only}?"),
        many => format!("; there is {}", many.join(", ")),
    };
    Text::clean(&format!("no user or group is called {wanted}{hint}"))
}

/// How alike two names are without their domains, from 0 to 1.
fn likeness(one: &str, other: &str) -> f64 {
    strsim::jaro_winkler(&login(one).to_lowercase(), &login(other).to_lowercase())
}

/// The names that permissions and sessions know which are most like the one that was typed.
fn near_names(wanted: &str, book: &PermissionBook, table: Option<&SessionTable>) -> Vec<Text> {
    let of_permissions = book.permissions.iter().filter_map(|permission| permission.principal_name.as_ref());
    let of_sessions = table.into_iter().flat_map(SessionTable::iter).filter_map(SessionFacts::user_name);
    let names = of_permissions.map(Text::as_str).chain(of_sessions);
    let near: BTreeSet<&str> = names.filter(|name| likeness(wanted, name) >= LIKE).collect();
    near.into_iter().take(AT_ONCE).map(Text::clean).collect()
}

/// Whether a text is a security identifier and not a name.
pub fn is_sid(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("S-1-"))
}

/// A name without its domain: `DOMAIN\login` or `login@domain`.
pub fn login(name: &str) -> &str {
    let after = name.rsplit_once('\\').map_or(name, |(_, login)| login);
    after.split_once('@').map_or(after, |(login, _)| login)
}

/// Whether a user or group is the one that was typed: the whole name, or the login where no domain was typed.
pub fn is_called(principal: &Principal, wanted: &str) -> bool {
    principal.name.as_ref().is_some_and(|name| same_name(name.as_str(), wanted))
}

fn same_name(name: &str, wanted: &str) -> bool {
    if wanted.contains(['\\', '@']) {
        return name.to_lowercase() == wanted.to_lowercase();
    }
    login(name).to_lowercase() == wanted.to_lowercase()
}

/// The one that permissions and sessions know by this name; nobody when several have it.
fn known(wanted: &str, book: &PermissionBook, table: Option<&SessionTable>) -> Option<(UserId, Text)> {
    let of_permissions = book
        .permissions
        .iter()
        .filter_map(|permission| Some((permission.principal.clone()?, permission.principal_name.clone()?)));
    let of_sessions = table.into_iter().flat_map(SessionTable::iter).filter_map(|session| {
        let name = session.user_name().filter(|name| same_name(name, wanted))?;
        Some((session.user_id()?.as_ref().into(), Text::clean(name)))
    });
    let mut found: BTreeMap<UserId, Text> = BTreeMap::new();
    for (id, name) in of_permissions.chain(of_sessions) {
        if same_name(name.as_str(), wanted) {
            found.entry(id).or_insert(name);
        }
    }
    // Without a domain another one of that name may be in the directory.
    if found.len() == 1 && wanted.contains('\\') { found.pop_first() } else { None }
}

fn named(id: &UserId, book: &PermissionBook, table: Option<&SessionTable>) -> Option<Text> {
    let in_book = book.permissions.iter().find(|permission| permission.principal.as_ref() == Some(id));
    in_book.and_then(|permission| permission.principal_name.clone()).or_else(|| {
        let mut sessions = table.into_iter().flat_map(SessionTable::iter);
        sessions.find(|session| session.user_id().as_deref() == Some(id.raw()))?.user_name().map(Text::clean)
    })
}

/// A user or group as the walk wants to see one; for what permissions tell of somebody.
pub fn principal_of(id: UserId, name: Text, kind: PrincipalKind) -> Principal {
    Principal { id, kind, name: Some(name), full_name: None, description: None, groups: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{core::permissions::fixtures::book, domain::FaultKind};

    fn principal(id: &str, name: &str, groups: Option<&[&str]>) -> Principal {
        Principal {
            groups: groups.map(|groups| groups.iter().map(|id| UserId::from(*id)).collect()),
            ..principal_of(id.into(), name.into(), PrincipalKind::User)
        }
    }

    #[test]
    fn groups_of_groups_are_followed_and_circles_end() {
        let mut walk = Walk::new("t.lee", &book(), None);
        assert_eq!(walk.next(), Next::Search("t.lee".to_owned()));
        walk.searched(Ok(vec![
            principal("S-1-7", "CORP\\t.lee", None),
            principal("S-1-8", "CORP\\t.leeson", None),
        ]));
        assert_eq!(walk.next(), Next::Read(vec!["S-1-7".into()]));
        walk.read(Ok(vec![principal("S-1-7", "CORP\\t.lee", Some(&["S-1-20", "S-1-21"]))]));
        assert_eq!(walk.next(), Next::Read(vec!["S-1-20".into(), "S-1-21".into()]));
        // The second one does not resolve: it stays a member, by its SID, and leaves a doubt.
        walk.read(Ok(vec![principal("S-1-20", "CORP\\all", Some(&["S-1-7", "S-1-22"]))]));
        walk.read(Ok(vec![principal("S-1-22", "CORP\\more", Some(&["S-1-20"]))]));
        assert_eq!(walk.next(), Next::Done);
        let membership = walk.membership().unwrap();
        let ids: Vec<&str> = membership.ids.keys().map(UserId::raw).collect();
        assert_eq!(ids, ["S-1-20", "S-1-21", "S-1-22", "S-1-7"]);
        assert_eq!(membership.label, "CORP\\t.lee");
        assert_eq!(membership.doubt.unwrap(), "S-1-21 could not be found in the directory");
    }

    #[test]
    fn who_is_asked_about_may_not_be_found_either() {
        let mut walk = Walk::of("S-1-7".into(), "CORP\\t.lee".into());
        walk.read(Ok(Vec::new()));
        assert_eq!(walk.next(), Next::Done);
        let doubt = walk.membership().unwrap().doubt.unwrap();
        assert_eq!(doubt, "CORP\\t.lee could not be found in the directory");
        assert!(walk.membership().unwrap().unresolved);
        let mut walk = Walk::of("S-1-7".into(), "CORP\\t.lee".into());
        walk.read(Ok(vec![principal("S-1-7", "CORP\\t.lee", Some(&[]))]));
        assert_eq!(walk.membership().unwrap().doubt, None);
    }

    #[test]
    fn a_server_that_tells_no_groups_leaves_a_doubt() {
        let mut walk = Walk::new("CORP\\a.kaya", &book(), None);
        assert_eq!(walk.next(), Next::Read(vec!["S-1-5-21-3".into()]), "the permissions know who that is");
        walk.read(Ok(vec![principal("S-1-5-21-3", "CORP\\a.kaya", None)]));
        assert!(walk.membership().unwrap().doubt.unwrap().as_str().contains("not told by this server"));
    }

    #[test]
    fn nobody_and_several_are_told_apart() {
        let mut walk = Walk::new("lee", &book(), None);
        walk.searched(Ok(vec![principal("S-1-8", "CORP\\leeson", None)]));
        assert_eq!(
            walk.membership().unwrap_err(),
            "no user or group is called lee; did you mean CORP\\leeson?"
        );
        let mut walk = Walk::new("lee", &book(), None);
        walk.searched(Ok(vec![principal("S-1-8", "CORP\\lee", None), principal("S-1-9", "LAB\\lee", None)]));
        assert_eq!(walk.membership().unwrap_err(), "lee may be CORP\\lee or LAB\\lee");
        let mut walk = Walk::new("helpdsek", &book(), None);
        walk.searched(Ok(Vec::new()));
        assert_eq!(walk.next(), Next::Search("hel".to_owned()), "who begins alike is worth naming");
        let many = [("S-1-8", "CORP\\helga"), ("S-1-9", "CORP\\helpdesk")];
        walk.searched(Ok(many.map(|(id, name)| principal(id, name, None)).into()));
        assert_eq!(walk.next(), Next::Done);
        let why = walk.membership().unwrap_err();
        assert_eq!(why, "no user or group is called helpdsek; did you mean CORP\\helpdesk?");
        let mut walk = Walk::new("vdi-helpdsk", &book(), None);
        walk.searched(Ok(Vec::new()));
        walk.searched(Err(Fault::new(FaultKind::Unreachable, "look up users", "away")));
        assert!(walk.membership().unwrap_err().as_str().ends_with("did you mean CORP\\vdi-helpdesk?"));
        let mut walk = Walk::new("lee", &book(), None);
        walk.searched(Err(Fault::new(FaultKind::Unreachable, "look up users", "away")));
        assert_eq!((walk.next(), walk.membership().is_err()), (Next::Done, true));
    }
}
