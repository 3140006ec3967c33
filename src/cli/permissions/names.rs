//! Names of roles, access groups, users and groups, as people type them.

use crate::{
    cli::{
        interrupt::Interrupts,
        reach::Reached,
        run::{Stop, Streams, note},
    },
    config::nearest,
    core::{
        cloud::AccessBook,
        permissions::walk::{Next, Walk, is_sid},
    },
    domain::{AccessGroupId, AppGroupId, FaultKind, FederationGroupId, PermissionBook, RoleId, Text, UserId},
    error::Error,
};

/// Users and groups that one search brings at most.
const MOST_FOUND: usize = 50;

/// The role with this name or id. An id that the list does not have is passed on: the server decides.
pub(super) fn role(book: &PermissionBook, given: &str) -> Result<RoleId, Error> {
    let known: Vec<(&str, &str)> = book
        .roles
        .iter()
        .flatten()
        .map(|role| (role.id.raw(), role.name.as_ref().map_or("", Text::as_str)))
        .collect();
    pick("role", given, &known, book.roles.is_err()).map(RoleId::from)
}

/// The local access group with this name or id.
pub(super) fn local_group(book: &PermissionBook, given: &str) -> Result<AccessGroupId, Error> {
    let known: Vec<(&str, &str)> = book
        .local_groups
        .iter()
        .flatten()
        .map(|group| (group.id.raw(), group.name.as_ref().map_or("", Text::as_str)))
        .collect();
    pick("access group", given, &known, book.local_groups.is_err()).map(AccessGroupId::from)
}

/// The federation access group with this name or id.
pub(super) fn federation_group(book: &PermissionBook, given: &str) -> Result<FederationGroupId, Error> {
    let known: Vec<(&str, &str)> = book
        .federation_groups
        .iter()
        .flatten()
        .map(|group| (group.id.raw(), group.name.as_ref().map_or("", Text::as_str)))
        .collect();
    pick("federation access group", given, &known, book.federation_groups.is_err())
        .map(FederationGroupId::from)
}

/// The app group of Workspace with this name or id.
pub(super) fn app_group(book: &AccessBook, given: &str) -> Result<AppGroupId, Error> {
    let known: Vec<(&str, &str)> = book
        .groups
        .iter()
        .map(|group| (group.id.raw(), group.name.as_ref().map_or("", Text::as_str)))
        .collect();
    pick("app group", given, &known, false).map(AppGroupId::from)
}

/// The id that a name or an id means.
fn pick(what: &str, given: &str, known: &[(&str, &str)], unread: bool) -> Result<String, Error> {
    if let Some((id, _)) = known.iter().find(|(id, _)| *id == given) {
        return Ok((*id).to_owned());
    }
    let named: Vec<&str> = known
        .iter()
        .filter(|(_, name)| name.to_lowercase() == given.to_lowercase())
        .map(|(id, _)| *id)
        .collect();
    match named.as_slice() {
        [only] => return Ok((*only).to_owned()),
        [] => {}
        many => {
            return Err(Error::usage(format!("{what} {given} means more than one"))
                .hint(format!("take the id: {}", many.join(" or "))));
        }
    }
    if looks_like_an_id(given) {
        return Ok(given.to_owned());
    }
    if unread {
        return Err(Error::usage(format!("the list of {what}s could not be read: {given} is not known"))
            .hint("give the id instead of the name"));
    }
    let error = Error::usage(format!("there is no {what} {given}"));
    let names = || known.iter().map(|(_, name)| *name).filter(|name| !name.is_empty());
    Err(match nearest(given, names()) {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None if known.is_empty() => error.hint(format!("there is no {what} at all")),
        None => error.hint(format!("there are: {}", names().collect::<Vec<_>>().join(", "))),
    })
}

/// Whether something is an id and no name: long, and nothing but hexadecimal digits and dashes. Those of Workspace have 18
/// digits (`workspace.md section 4.5`).
fn looks_like_an_id(given: &str) -> bool {
    let digits = given.len() >= 15 && given.bytes().all(|byte| byte.is_ascii_digit());
    digits
        || given.len() >= 24
            && given.chars().all(|character| character.is_ascii_hexdigit() || character == '-')
}

/// The user or group with this name, or SID. A SID that the directory does not know is passed on: the server decides.
pub(super) async fn principal(
    given: &str,
    book: &PermissionBook,
    reached: &Reached,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<(UserId, Text), Stop> {
    if is_sid(given) {
        let id = UserId::from(given);
        return match interrupts.or(reached.estate.principal(&id)).await? {
            Ok(principal) => Ok((id, principal.label())),
            Err(fault) => {
                let why = if fault.kind == FaultKind::EntityNotFound {
                    "the directory does not know it".to_owned()
                } else {
                    fault.to_string()
                };
                note(streams, &format!("{given} is taken as it stands: {why}"));
                Ok((id.clone(), Text::clean(id.raw())))
            }
        };
    }
    let mut walk = Walk::new(given, book, None);
    while let Next::Search(text) = walk.next() {
        walk.searched(interrupts.or(reached.estate.search_principals(&text, MOST_FOUND)).await?);
    }
    let found = walk.membership().map_err(|why| Error::usage(format!("--principal: {why}")))?;
    Ok((found.id, found.label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::permissions::fixtures::book;

    #[test]
    fn names_and_ids_are_found_and_mistakes_have_a_nearest_name() {
        let book = book();
        assert_eq!(role(&book, "help desk administrators").unwrap().raw(), "helpdesk");
        assert_eq!(local_group(&book, "finance").unwrap().raw(), "finance");
        let wrong = role(&book, "Help Desk Administrator").unwrap_err();
        assert_eq!(wrong.class().code(), 2);
        assert_eq!(wrong.advice(), Some("did you mean 'Help Desk Administrators'?"));
        let wrong = local_group(&book, "xyz").unwrap_err();
        assert_eq!(wrong.advice(), Some("there are: Root, Finance, APAC"));
        let id = "0123456789abcdef-01234567";
        assert_eq!(role(&book, id).unwrap().raw(), id, "the server says what it thinks of it");
    }
}
