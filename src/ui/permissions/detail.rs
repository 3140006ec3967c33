//! Everything about a permission: what it allows and by which privilege, what it reaches, who else has the role.

use std::collections::BTreeSet;

use crate::{
    core::{
        filter::Truth,
        permissions::{
            Deed, Grant, PermissionFlag, PermissionRow,
            guard::is_mine,
            matrix::held,
            reach::{Hold, reach},
        },
        state::State,
    },
    domain::{Permission, PermissionBook, PermissionId, Role as Set, Text},
    ui::{
        pen::piece,
        sheets::page::{Line, wrapped},
        text::{counted, left},
        theme::Role,
    },
};

/// Columns of the labels.
const LABEL: usize = 22;

/// The first things to know, for a few rows below the list.
pub(super) fn brief(state: &State, id: &PermissionId, width: u16) -> Vec<Line> {
    let Some((book, permission)) = find(state, id) else {
        return Vec::new();
    };
    let row = PermissionRow::new(book, permission);
    let kind = permission.role.as_ref().and_then(|id| book.role(id)).map(role_kind);
    let kind = kind.map(|kind| format!(" ({kind})")).unwrap_or_default();
    let mut lines = vec![Line::new(vec![
        piece(row.principal.to_string(), Role::Accent),
        piece(format!(" on {}   role {}{kind}", row.groups(), row.role), Role::Text),
    ])];
    lines.extend(flags(state, book, permission, &row, width));
    lines.extend(deeds(&row, width));
    lines.extend(wrapped("  ", &reach_words(state, book, permission), Role::Text, width));
    lines
}

/// Everything, for the sheet and for the panel of wide screens.
pub(in crate::ui) fn lines(state: &State, id: &PermissionId, width: u16) -> Vec<Line> {
    let Some((book, permission)) = find(state, id) else {
        return vec![Line::of(
            "GONE: the newest list does not have this permission any more.",
            Role::Warning,
        )];
    };
    let row = PermissionRow::new(book, permission);
    let role = permission.role.as_ref().and_then(|id| book.role(id));
    let mut lines = Vec::new();
    let mut fact =
        |label: &str, value: &str| lines.extend(wrapped(&left(label, LABEL, ""), value, Role::Text, width));
    fact("who", row.principal.as_str());
    fact("kind", kind(permission));
    fact("role", row.role.as_str());
    if let Some(role) = role {
        fact("", role_kind(role).as_str());
        if let Some(words) = role.description.as_ref().filter(|words| !words.is_empty()) {
            fact("", words.as_str());
        }
    }
    fact("access group", row.local_group.as_str());
    if let Some(group) = &row.federation_group {
        fact("federation group", group.as_str());
    }
    let flagged = flags(state, book, permission, &row, width);
    if !flagged.is_empty() {
        lines.push(Line::blank());
        lines.extend(flagged);
    }
    section(&mut lines, "WHAT IT ALLOWS");
    lines.extend(deeds(&row, width));
    section(&mut lines, "WHAT IT REACHES");
    lines.extend(wrapped("  ", &reach_words(state, book, permission), Role::Text, width));
    lines.extend(others(book, permission, &row, width));
    section(&mut lines, "PRIVILEGES OF THE ROLE");
    lines.extend(privileges(book, role, width));
    section(&mut lines, "IDS");
    let ids = [
        ("permission", Some(permission.id.to_string())),
        ("SID", permission.principal.as_ref().map(ToString::to_string)),
        ("role", permission.role.as_ref().map(ToString::to_string)),
        ("access group", permission.local_group.as_ref().map(ToString::to_string)),
        ("federation group", permission.federation_group.as_ref().map(ToString::to_string)),
    ];
    for (label, id) in ids {
        let id = id.unwrap_or_else(|| "-".to_owned());
        lines.extend(wrapped(&format!("  {}", left(label, LABEL - 2, "")), &id, Role::Muted, width));
    }
    lines
}

fn find<'a>(state: &'a State, id: &PermissionId) -> Option<(&'a PermissionBook, &'a Permission)> {
    let book = state.permissions.book.value()?;
    Some((book, book.permission(id)?))
}

fn section(lines: &mut Vec<Line>, title: &str) {
    lines.push(Line::blank());
    lines.push(Line::of(title, Role::Heading));
}

fn kind(permission: &Permission) -> &'static str {
    match permission.principal_kind {
        crate::domain::PrincipalKind::User => "user",
        crate::domain::PrincipalKind::Group => "group",
        crate::domain::PrincipalKind::Unknown => "not known whether user or group",
    }
}

fn role_kind(role: &Set) -> String {
    match &role.built_in {
        Some(kind) => format!("built in: {kind}"),
        None => "custom role".to_owned(),
    }
}

/// What deserves a look, in words.
fn flags(
    state: &State,
    book: &PermissionBook,
    permission: &Permission,
    row: &PermissionRow<'_>,
    width: u16,
) -> Vec<Line> {
    let flag = |flag: &PermissionFlag| {
        wrapped(&format!("! {} ", flag.letter()), flag.explain(), Role::Warning, width)
    };
    let mut lines: Vec<Line> = row.flags.iter().flat_map(flag).collect();
    if let Some(capabilities) = state.capabilities() {
        let mine = is_mine(book, state.permissions.me(&capabilities.account), permission);
        if mine == Truth::Yes {
            lines.push(Line::of("this is one that you are using", Role::Info));
        }
    }
    lines
}

/// What it allows; deeds for the same reason in one line.
fn deeds(row: &PermissionRow<'_>, width: u16) -> Vec<Line> {
    let mut merged: Vec<(Vec<&str>, &Grant)> = Vec::new();
    for (deed, grant) in Deed::ALL.iter().zip(&row.grants) {
        match merged.last_mut() {
            Some((deeds, known)) if *known == grant => deeds.push(deed.describe()),
            _ => merged.push((vec![deed.describe()], grant)),
        }
    }
    let line = |(deeds, grant): (Vec<&str>, &Grant)| {
        let role = match grant {
            Grant::Yes(_) => Role::Success,
            Grant::Federated(_) => Role::Info,
            Grant::No(_) => Role::Muted,
            Grant::Unknown(_) => Role::Warning,
        };
        let names = deeds.join(", ");
        let label = if names.len() <= 30 { left(&names, 30, "") } else { names };
        wrapped(&format!("  {} ", grant.letter()), &format!("{label}  {}", grant.words()), role, width)
    };
    merged.into_iter().flat_map(line).collect()
}

/// The sessions, pools and farms that it holds for, as far as its role and the list of sessions tell.
fn reach_words(state: &State, book: &PermissionBook, permission: &Permission) -> String {
    let Some(table) = state.sessions.newest() else {
        return "the list of sessions is not there".to_owned();
    };
    let reach = reach(book, permission, table);
    let verb = match &reach.hold {
        Hold::Acts => "reaches",
        Hold::Looks => "acts on no session; sees",
        Hold::Nothing => return "reaches no session: its role has no right to sessions".to_owned(),
        Hold::ActsByFederation => {
            return "only sessions that came through a global entitlement; which ones these are is not told"
                .to_owned();
        }
        Hold::Unknown(why) => return format!("whether it reaches any session cannot be told: {why}"),
    };
    let mut words = format!(
        "{verb} {} of {}, {}, {}",
        reach.reached.sessions,
        counted(reach.here, "session", "sessions"),
        counted(reach.reached.pools.len(), "pool", "pools"),
        counted(reach.reached.farms.len(), "farm", "farms"),
    );
    if table.is_global() || reach.elsewhere > 0 {
        words.push_str(" of this pod");
    }
    if reach.open > 0 {
        words.extend(["; of ", &reach.open.to_string(), " it cannot be told"]);
    }
    if reach.elsewhere > 0 {
        words.extend(["; none of the ", &reach.elsewhere.to_string(), " on other pods"]);
    }
    if !reach.complete {
        words.push_str("; the list is not whole");
    }
    words
}

/// Who else has the role, and what else the same user or group has.
fn others(book: &PermissionBook, permission: &Permission, row: &PermissionRow<'_>, width: u16) -> Vec<Line> {
    let mut lines = Vec::new();
    section(&mut lines, "WHO ELSE HAS THE ROLE");
    let same_role = |other: &&Permission| {
        other.id != permission.id && other.role == permission.role && permission.role.is_some()
    };
    let mut names: BTreeSet<Text> = BTreeSet::new();
    for other in book.permissions.iter().filter(same_role) {
        let other = PermissionRow::new(book, other);
        names.insert(Text::clean(&format!("{} on {}", other.principal, other.groups())));
    }
    lines.extend(list(&names, width));
    section(&mut lines, "OTHER PERMISSIONS OF THE SAME");
    let same_principal = |other: &&Permission| {
        other.id != permission.id && other.principal == permission.principal && permission.principal.is_some()
    };
    let mut names: BTreeSet<Text> = BTreeSet::new();
    for other in book.permissions.iter().filter(same_principal) {
        let other = PermissionRow::new(book, other);
        names.insert(Text::clean(&format!("{} on {}", other.role, other.groups())));
    }
    if names.is_empty() && permission.principal.is_none() {
        names.insert(Text::clean(&format!("? (the server does not say who {} is)", row.principal)));
    }
    lines.extend(list(&names, width));
    lines
}

fn list(names: &BTreeSet<Text>, width: u16) -> Vec<Line> {
    if names.is_empty() {
        return vec![Line::of("  none", Role::Muted)];
    }
    names.iter().flat_map(|name| wrapped("  ", name.as_str(), Role::Text, width)).collect()
}

/// The privileges of the role and where they come from.
fn privileges(book: &PermissionBook, role: Option<&Set>, width: u16) -> Vec<Line> {
    let Some(role) = role else {
        let why = match &book.roles {
            Err(fault) => format!("the roles could not be read: {}", fault.message),
            Ok(_) => "its role is not in the list of roles".to_owned(),
        };
        return wrapped("  ", &why, Role::Warning, width);
    };
    let Some(held) = held(book, role) else {
        return vec![Line::of("  ? the server does not tell them", Role::Warning)];
    };
    if held.is_empty() {
        return vec![Line::of("  none", Role::Muted)];
    }
    held.iter()
        .flat_map(|privilege| {
            let from = privilege.through.as_ref().map(|through| format!("  comes with {through}"));
            let words = format!("{}{}", privilege.name, from.unwrap_or_default());
            wrapped("  ", &words, Role::Text, width)
        })
        .collect()
}
