//! Access groups of the pod and of the federation (`horizon-rest.md section 11`).

use serde::Deserialize;

use super::rights::is_root;
use crate::{
    api::{Operation, decode, request::Request},
    domain::{AccessGroup, Fault, FederationGroup, Text},
};

/// The local access groups.
pub(crate) fn local_request() -> Request {
    Request::get(Operation::ListAccessGroups, "/config/{v}/local-access-groups")
}

/// The federation access groups; 409 without a federation.
pub(crate) fn federation_request() -> Request {
    Request::get(Operation::ListFederationGroups, "/config/{v}/federation-access-groups")
}

/// Either kind: both have the same fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireGroup {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    deletable: Option<bool>,
}

/// One group without its kind.
struct Group {
    id: String,
    name: Option<Text>,
    description: Option<Text>,
    root: bool,
}

fn read(operation: Operation, body: &[u8]) -> Result<Vec<Group>, Fault> {
    let mut rows = decode::rows::<WireGroup>(operation, body)?.rows;
    rows.retain(|row| row.id.as_ref().is_some_and(|id| !id.is_empty()));
    let named = rows.iter().position(|row| row.name.as_deref().is_some_and(is_root));
    let mut fixed = (0..rows.len()).filter(|at| rows[*at].deletable == Some(false));
    let only = fixed.next().filter(|_| fixed.next().is_none());
    let root = named.or(only);
    let full = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Text::from);
    let group = |(at, row): (usize, WireGroup)| {
        Some(Group {
            id: row.id?,
            name: full(row.name),
            description: full(row.description),
            root: root == Some(at),
        })
    };
    Ok(rows.into_iter().enumerate().filter_map(group).collect())
}

/// Reads the local access groups.
pub(crate) fn read_local(body: &[u8]) -> Result<Vec<AccessGroup>, Fault> {
    let groups = read(Operation::ListAccessGroups, body)?.into_iter();
    let group =
        |Group { id, name, description, root }| AccessGroup { id: id.into(), name, description, root };
    Ok(groups.map(group).collect())
}

/// Reads the federation access groups.
pub(crate) fn read_federation(body: &[u8]) -> Result<Vec<FederationGroup>, Fault> {
    let groups = read(Operation::ListFederationGroups, body)?.into_iter();
    let group =
        |Group { id, name, description, root }| FederationGroup { id: id.into(), name, description, root };
    Ok(groups.map(group).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_told_by_its_name_or_by_being_fixed() {
        let roots = |body: &[u8]| -> Vec<bool> {
            read_local(body).unwrap().into_iter().map(|group| group.root).collect()
        };
        assert_eq!(
            roots(br#"[{"id":"a","name":"x"},{"id":"b","name":"Root"},{"name":"lost"}]"#),
            [false, true]
        );
        assert_eq!(roots(br#"[{"id":"a","deletable":true},{"id":"b","deletable":false}]"#), [false, true]);
        assert_eq!(roots(br#"[{"id":"a","deletable":false},{"id":"b","deletable":false}]"#), [false, false]);
        assert!(read_federation(b"{}").is_err());
    }
}
