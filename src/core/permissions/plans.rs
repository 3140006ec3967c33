//! Plans that create, delete and replace permissions, for the console and the command line alike.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Deed, Grant, PermissionRow, can,
    guard::{Me, danger},
    matrix::{is_root, matrix},
    rows,
};
use crate::{
    core::{
        change::{ChangeItem, ChangePlan, HeldChange},
        filter::Truth,
        shell::quoted,
    },
    domain::{
        AccessGroupId, Change, FederationGroupId, NewPermission, Permission, PermissionBook, PermissionId,
        PlanId, Role, RoleId, Text, UserId,
    },
};

/// What every plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct PlanBasis<'a> {
    /// The permissions as they were read.
    pub book: &'a PermissionBook,
    /// Who is logged in.
    pub me: Me<'a>,
    /// When.
    pub now: Timestamp,
}

/// What a permission to be created gives, apart from who gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The role.
    pub role: RoleId,
    /// Where in the pod.
    pub local_group: Option<AccessGroupId>,
    /// Where in the federation.
    pub federation_group: Option<FederationGroupId>,
}

impl Terms {
    /// What is wrong with them by the rules of `method-map.md` P3, if anything.
    pub fn objection(&self, book: &PermissionBook) -> Option<Text> {
        let role = book.role(&self.role)?;
        let name = role.label();
        // Without a federation there is no such group to give.
        let federated = book.federation_groups.as_ref().is_ok_and(|groups| !groups.is_empty());
        if federated && role.applies_to_federation == Some(true) && self.federation_group.is_none() {
            return Some(Text::clean(&format!("the role {name} needs a federation access group")));
        }
        if role.applies_to_federation == Some(false) && self.federation_group.is_some() {
            return Some(Text::clean(&format!("the role {name} takes no federation access group")));
        }
        let not_root = self.local_group.as_ref().is_some_and(|group| is_root(book, group) == Truth::No);
        if role.applies_to_local == Some(false) && not_root {
            return Some(Text::clean(&format!(
                "the role {name} does not apply to access groups: it can only be given on the root group"
            )));
        }
        None
    }

    /// `Help Desk on Finance`, with the federation access group where there is one.
    fn label(&self, book: &PermissionBook, principal: &Text) -> Text {
        PermissionRow::new(book, &self.permission(None, principal)).label()
    }

    fn permission(&self, principal: Option<&UserId>, name: &Text) -> Permission {
        Permission {
            id: "".into(),
            principal: principal.cloned(),
            principal_name: Some(name.clone()),
            principal_kind: crate::domain::PrincipalKind::Unknown,
            role: Some(self.role.clone()),
            local_group: self.local_group.clone(),
            federation_group: self.federation_group.clone(),
        }
    }

    fn new_permission(&self, principal: &UserId) -> NewPermission {
        NewPermission {
            principal: principal.clone(),
            role: self.role.clone(),
            local_group: self.local_group.clone(),
            federation_group: self.federation_group.clone(),
        }
    }

    /// The permission that already is what would be created.
    fn existing<'a>(&self, book: &'a PermissionBook, principal: &UserId) -> Option<&'a Permission> {
        book.permissions.iter().find(|permission| {
            permission.principal.as_ref() == Some(principal)
                && permission.role.as_ref() == Some(&self.role)
                && permission.local_group == self.local_group
                && permission.federation_group == self.federation_group
        })
    }
}

/// The root access group, which roles take that apply to no access group (`method-map.md` P3).
pub fn root_group(book: &PermissionBook) -> Option<&AccessGroupId> {
    book.local_groups.as_ref().ok()?.iter().find(|group| group.root).map(|group| &group.id)
}

/// A plan that creates one permission for each of these users and groups.
pub fn create(basis: &PlanBasis<'_>, id: PlanId, people: &[(UserId, Text)], terms: &Terms) -> ChangePlan {
    let mut plan = ChangePlan::new(id, "CREATE PERMISSIONS", basis.now);
    let book = basis.book;
    let mut taken: BTreeSet<&UserId> = BTreeSet::new();
    for (principal, name) in people {
        let label = terms.label(book, name);
        let hold = |reason: &str| HeldChange {
            label: label.clone(),
            target: None,
            principal: Some(principal.clone()),
            reason: Text::clean(reason),
        };
        if !taken.insert(principal) {
            plan.held_back.push(hold("named twice"));
        } else if let Some(existing) = terms.existing(book, principal) {
            plan.held_back.push(hold(&format!("there already is one like it: {}", existing.id)));
        } else {
            plan.items.push(ChangeItem {
                change: Change::CreatePermission(terms.new_permission(principal)),
                label,
                details: Vec::new(),
                after: None,
            });
        }
    }
    plan.consequences = allowed_lines(book, terms);
    plan.command = Some(create_command(book, people, terms));
    if book.role(&terms.role).is_some_and(super::matrix::is_full_administrator) {
        plan.warnings.push("this makes full administrators: they may do everything".into());
    }
    plan
}

/// A plan that deletes these permissions. `hidden` are those that a filter hides from the list.
pub fn delete(
    basis: &PlanBasis<'_>,
    id: PlanId,
    ids: &[PermissionId],
    hidden: &BTreeSet<PermissionId>,
) -> ChangePlan {
    let mut plan = ChangePlan::new(id, "DELETE PERMISSIONS", basis.now);
    let book = basis.book;
    let mut gone = Vec::new();
    let mut taken: BTreeSet<&PermissionId> = BTreeSet::new();
    for id in ids {
        let Some(permission) = book.permission(id) else {
            plan.held_back.push(HeldChange {
                label: Text::clean(&format!("permission {id}")),
                target: Some(id.raw().to_owned()),
                principal: None,
                reason: absent(book),
            });
            continue;
        };
        if !taken.insert(id) {
            continue;
        }
        let row = PermissionRow::new(book, permission);
        let mut details = vec![allows(&row.grants)];
        if hidden.contains(id) {
            details.push("hidden by the filter".into());
        }
        plan.items.push(ChangeItem {
            change: Change::DeletePermission(id.clone()),
            label: row.label(),
            details,
            after: None,
        });
        gone.push(permission);
    }
    plan.consequences = left_over(book, &gone);
    let asked: BTreeSet<&PermissionId> = ids.iter().collect();
    plan.hidden = asked.iter().filter(|id| hidden.contains(**id)).count();
    let hidden = taken.iter().filter(|id| hidden.contains(**id)).count();
    if hidden > 0 {
        plan.warnings.push(Text::clean(&format!("{hidden} of them hidden by the filter")));
    }
    let danger = danger(book, basis.me, &gone, &[]);
    plan.warnings.extend(danger.warnings);
    plan.words = danger.words;
    let raw: Vec<String> = gone.iter().map(|permission| quoted(permission.id.raw())).collect();
    plan.command = Some(Text::clean(&format!(
        "foretop permissions delete {} --yes {}{}",
        raw.join(" "),
        plan.items.len(),
        confirm_argument(plan.words.as_ref())
    )));
    plan
}

/// A plan that creates a permission and then deletes the one that it takes the place of.
pub fn replace(basis: &PlanBasis<'_>, id: PlanId, old: &PermissionId, terms: &Terms) -> ChangePlan {
    let mut plan = ChangePlan::new(id, "REPLACE PERMISSION", basis.now);
    let book = basis.book;
    let hold = |label: Text, reason: Text| HeldChange {
        label,
        target: Some(old.raw().to_owned()),
        principal: book.permission(old).and_then(|old| old.principal.clone()),
        reason,
    };
    let Some(permission) = book.permission(old) else {
        plan.held_back.push(hold(Text::clean(&format!("permission {old}")), absent(book)));
        return plan;
    };
    let row = PermissionRow::new(book, permission);
    let Some(principal) = &permission.principal else {
        plan.held_back.push(hold(row.label(), "the server does not say who has it".into()));
        return plan;
    };
    let label = terms.label(book, &row.principal);
    if let Some(existing) = terms.existing(book, principal) {
        let reason = if existing.id == *old {
            "nothing would change".into()
        } else {
            Text::clean(&format!("there already is one like it: {}; delete the old one instead", existing.id))
        };
        plan.held_back.push(hold(label, reason));
        return plan;
    }
    let new = terms.new_permission(principal);
    let danger = danger(book, basis.me, &[permission], &[&new]);
    let fresh = matrix(book, Some(&terms.role));
    plan.consequences = differences(&row, &fresh);
    plan.items.push(ChangeItem {
        change: Change::CreatePermission(new),
        label,
        details: vec![allows(&fresh)],
        after: None,
    });
    plan.items.push(ChangeItem {
        change: Change::DeletePermission(old.clone()),
        label: row.label(),
        details: vec![allows(&row.grants)],
        after: Some(0),
    });
    plan.warnings = danger.warnings;
    plan.words = danger.words;
    plan.command = Some(Text::clean(&format!(
        "foretop permissions replace {}{} --yes 2{}",
        quoted(old.raw()),
        terms_arguments(book, terms),
        confirm_argument(plan.words.as_ref())
    )));
    plan
}

fn absent(book: &PermissionBook) -> Text {
    if book.unreadable > 0 {
        "not in the list, of which some rows could not be read".into()
    } else {
        "not there (any more)".into()
    }
}

/// `allows message, disconnect; log off`.
fn allows(grants: &[Grant; 6]) -> Text {
    let names = |wanted: Truth| -> Vec<&str> {
        let pairs = Deed::ALL.iter().zip(grants);
        pairs.filter(|(_, grant)| grant.truth() == wanted).map(|(deed, _)| deed.describe()).collect()
    };
    let (yes, unknown) = (names(Truth::Yes), names(Truth::Unknown));
    let mut words = match yes.as_slice() {
        [] if unknown.is_empty() => "allows none of what the matrix shows".to_owned(),
        [] => "allows what is not known".to_owned(),
        some => format!("allows {}", some.join("; ")),
    };
    if !yes.is_empty() && !unknown.is_empty() {
        words.push_str("; more is not known");
    }
    Text::clean(&words)
}

/// What those who get a permission will be able to do, line by line.
pub fn allowed_lines(book: &PermissionBook, terms: &Terms) -> Vec<Text> {
    let grants = matrix(book, Some(&terms.role));
    let place = terms.permission(None, &"".into());
    let row = PermissionRow::new(book, &place);
    let mut lines: Vec<Text> = Deed::ALL
        .into_iter()
        .zip(&grants)
        .map(|(deed, grant)| {
            let word = match grant {
                Grant::Yes(_) | Grant::Federated(_) => "yes",
                Grant::No(_) => "no",
                Grant::Unknown(_) => "?",
            };
            Text::clean(&format!("{:20}{word:5}{}", deed.describe(), grant.words()))
        })
        .collect();
    lines.push(Text::clean(&format!("on {}", row.groups())));
    lines
}

/// What somebody has already where this would be given, for the preview.
pub fn already_lines(book: &PermissionBook, people: &[(UserId, Text)]) -> Vec<Text> {
    let mut lines = Vec::new();
    for (id, name) in people {
        let who = BTreeSet::from([id.raw()]);
        let count = book.permissions.iter().filter(|known| known.principal.as_ref() == Some(id)).count();
        if count == 0 {
            lines.push(Text::clean(&format!("{name} has no permission of its own yet")));
            continue;
        }
        let can: Vec<String> = can::already(book, &who)
            .iter()
            .map(|(deed, places)| {
                let places: Vec<&str> = places.iter().map(Text::as_str).collect();
                format!("{} on {}", deed.describe(), places.join(", "))
            })
            .collect();
        let can = if can.is_empty() { "none of the above".to_owned() } else { can.join("; ") };
        lines.push(Text::clean(&format!("{name} already has {count}: {can}")));
    }
    lines
}

/// What stays with those who lose permissions.
fn left_over(book: &PermissionBook, gone: &[&Permission]) -> Vec<Text> {
    let leaving: BTreeSet<&PermissionId> = gone.iter().map(|permission| &permission.id).collect();
    let mut told: BTreeSet<&UserId> = BTreeSet::new();
    let mut lines = Vec::new();
    for permission in gone {
        let Some(principal) = permission.principal.as_ref().filter(|id| told.insert(*id)) else {
            continue;
        };
        let name = permission.principal_label();
        let kept: Vec<String> = book
            .permissions
            .iter()
            .filter(|other| other.principal.as_ref() == Some(principal) && !leaving.contains(&other.id))
            .map(|other| {
                let row = PermissionRow::new(book, other);
                format!("{} on {}", row.role, row.groups())
            })
            .collect();
        lines.push(Text::clean(&if kept.is_empty() {
            format!("{name} keeps no permission of its own")
        } else {
            format!("{name} keeps {}", kept.join("; "))
        }));
    }
    lines
}

/// What a replacement gives and takes.
fn differences(old: &PermissionRow<'_>, fresh: &[Grant; 6]) -> Vec<Text> {
    let pairs = || Deed::ALL.iter().zip(old.grants.iter().zip(fresh));
    let names = |change: fn(Truth, Truth) -> bool| -> Vec<&str> {
        pairs()
            .filter(|(_, (before, after))| change(before.truth(), after.truth()))
            .map(|(deed, _)| deed.describe())
            .collect()
    };
    let gains = names(|before, after| before != Truth::Yes && after == Truth::Yes);
    let losses = names(|before, after| before == Truth::Yes && after == Truth::No);
    let unclear = names(|_, after| after == Truth::Unknown);
    let mut lines = Vec::new();
    for (word, names) in [("gains", gains), ("loses", losses), ("not known:", unclear)] {
        if !names.is_empty() {
            lines.push(Text::clean(&format!("{} {word} {}", old.principal, names.join("; "))));
        }
    }
    lines
}

fn create_command(book: &PermissionBook, people: &[(UserId, Text)], terms: &Terms) -> Text {
    let principals: Vec<String> =
        people.iter().map(|(id, _)| format!(" --principal {}", quoted(id.raw()))).collect();
    Text::clean(&format!(
        "foretop permissions create{}{} --yes {}",
        principals.concat(),
        terms_arguments(book, terms),
        people.len()
    ))
}

fn terms_arguments(book: &PermissionBook, terms: &Terms) -> String {
    let role = rows::role_label(book, Some(&terms.role));
    let mut arguments = format!(" --role {}", quoted(role.as_str()));
    if let Some(group) = &terms.local_group {
        let name = book.local_group(group).and_then(|group| group.name.clone());
        let name = name.map_or_else(|| group.raw().to_owned(), |name| name.to_string());
        arguments.extend([" --access-group ", &quoted(&name)]);
    }
    if let Some(group) = &terms.federation_group {
        let name = book.federation_group(group).and_then(|group| group.name.clone());
        let name = name.map_or_else(|| group.raw().to_owned(), |name| name.to_string());
        arguments.extend([" --federation-access-group ", &quoted(&name)]);
    }
    arguments
}

/// The words that a plan asks for, as an argument.
fn confirm_argument(words: Option<&Text>) -> String {
    words.map_or_else(String::new, |words| format!(" --confirm {}", quoted(words.as_str())))
}

/// Has a plan ask for other words than before, on its sheet and in its command line.
pub fn ask_for(plan: &mut ChangePlan, words: Text) {
    let before = confirm_argument(plan.words.as_ref());
    if let Some(command) = &plan.command {
        let bare = command.as_str().strip_suffix(before.as_str()).unwrap_or(command.as_str());
        plan.command = Some(Text::clean(&format!("{bare}{}", confirm_argument(Some(&words)))));
    }
    plan.words = Some(words);
}

/// Whether a role may be given on a federation access group; unknown where the server does not say.
pub fn takes_federation_group(role: &Role) -> Truth {
    role.applies_to_federation.map_or(Truth::Unknown, Truth::from)
}

/// Whether a role may be given on any local access group; roles that may not take the root group.
pub fn takes_local_group(role: &Role) -> Truth {
    role.applies_to_local.map_or(Truth::Unknown, Truth::from)
}
