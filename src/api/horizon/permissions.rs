//! Permissions: what to ask and what the answers mean (`horizon-rest.md section 9`).

use serde::Deserialize;
use serde_json::json;

use super::{bulk, directory::tidy};
use crate::{
    api::{
        ChangeAnswer, ItemAnswer, Operation, decode, fault,
        request::{Body, Request, encode, json_ids},
    },
    domain::{Fault, NewPermission, Permission, PermissionId, PrincipalKind, Text, UserId},
};

/// The most ids that one call may ask for.
pub(crate) const MOST_IDS: usize = 100;

const PATH: &str = "/config/{v}/permissions";

/// All permissions: the list takes neither paging nor filters.
pub(crate) fn list_request() -> Request {
    Request::get(Operation::ListPermissions, PATH)
}

/// Some permissions, [`MOST_IDS`] at most.
pub(crate) fn some_request(ids: &[PermissionId]) -> Request {
    ids.iter().fold(list_request(), |request, id| request.with("ids", id.raw()))
}

/// One permission.
pub(crate) fn one_request(id: &PermissionId) -> Request {
    Request::get(Operation::ReadPermission, format!("{PATH}/{}", encode(id.raw())))
}

/// Creates permissions: one is a list of one.
pub(crate) fn create_request(specs: &[&NewPermission]) -> Request {
    let spec = |spec: &&NewPermission| {
        let mut body = json!({
            "ad_user_or_group_id": spec.principal.raw(),
            "role_id": spec.role.raw(),
        });
        if let Some(group) = &spec.local_group {
            body["local_access_group_id"] = group.raw().into();
        }
        if let Some(group) = &spec.federation_group {
            body["federation_access_group_id"] = group.raw().into();
        }
        body
    };
    let body = specs.iter().map(spec).collect::<serde_json::Value>().to_string();
    Request::post(Operation::CreatePermissions, PATH, Body::Json(body))
}

/// Deletes permissions: their ids travel in the body (`method-map.md` P4).
pub(crate) fn delete_request(ids: &[&PermissionId]) -> Request {
    let body = Body::Json(json_ids(ids.iter().map(|id| id.raw())));
    Request::delete(Operation::DeletePermissions, PATH, body)
}

/// `PermissionInfoV2`; v1 lacks `display_name` and `group`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WirePermission {
    id: Option<String>,
    ad_user_or_group_id: Option<String>,
    display_name: Option<String>,
    group: Option<bool>,
    role_id: Option<String>,
    local_access_group_id: Option<String>,
    federation_access_group_id: Option<String>,
}

/// An id that is there and not empty.
fn full(id: Option<String>) -> Option<String> {
    id.filter(|id| !id.is_empty())
}

impl WirePermission {
    /// Without an id it can be neither shown nor deleted.
    fn permission(self) -> Option<Permission> {
        let principal_name = self.display_name.as_deref().and_then(tidy);
        let principal_kind = match self.group.filter(|_| principal_name.is_some()) {
            Some(true) => PrincipalKind::Group,
            Some(false) => PrincipalKind::User,
            None => PrincipalKind::Unknown,
        };
        Some(Permission {
            id: full(self.id)?.into(),
            principal: full(self.ad_user_or_group_id).map(UserId::from),
            principal_name: principal_name.map(Text::from),
            principal_kind,
            role: full(self.role_id).map(Into::into),
            local_group: full(self.local_access_group_id).map(Into::into),
            federation_group: full(self.federation_access_group_id).map(Into::into),
        })
    }
}

/// Reads a list, and how many of its rows could not be read.
pub(crate) fn read_list(body: &[u8]) -> Result<(Vec<Permission>, usize), Fault> {
    let read = decode::rows::<WirePermission>(Operation::ListPermissions, body)?;
    let permissions: Vec<Permission> = read.rows.into_iter().filter_map(WirePermission::permission).collect();
    let unreadable = read.sent.saturating_sub(permissions.len());
    Ok((permissions, unreadable))
}

/// Reads one permission.
pub(crate) fn read_one(body: &[u8]) -> Result<Permission, Fault> {
    let operation = Operation::ReadPermission;
    let (wire, _) = decode::object::<WirePermission>(operation, body)?;
    wire.permission().ok_or_else(|| fault::bad_answer(operation, "the answer has no id"))
}

/// What became of each permission to be created, in their order.
pub(crate) fn read_created(count: usize, body: &[u8]) -> Result<Vec<ChangeAnswer>, Fault> {
    let read = bulk::in_order(Operation::CreatePermissions, "permission", count, body)?;
    Ok(read.into_iter().map(|(answer, created)| ChangeAnswer { answer, created }).collect())
}

/// What became of each permission to be deleted, in their order. Some servers answer 204 without a body: all are gone.
pub(crate) fn read_deleted(
    ids: &[&PermissionId],
    status: u16,
    body: &[u8],
) -> Result<Vec<ItemAnswer>, Fault> {
    if status == 204 {
        return Ok(vec![ItemAnswer::Accepted; ids.len()]);
    }
    let ids: Vec<&str> = ids.iter().map(|id| id.raw()).collect();
    bulk::by_id(Operation::DeletePermissions, "permission", &ids, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FaultKind;

    #[test]
    fn requests_are_as_documented() {
        assert_eq!(some_request(&["a b".into(), "c".into()]).query, "ids=a%20b&ids=c");
        assert_eq!(one_request(&"../x".into()).at_version(2).path, "/config/v2/permissions/..%2Fx");
        let spec = NewPermission {
            principal: "S-1".into(),
            role: "r".into(),
            local_group: Some("g".into()),
            federation_group: None,
        };
        let Body::Json(body) = create_request(&[&spec]).body else { panic!("a body") };
        let expected = json!([{"ad_user_or_group_id": "S-1", "role_id": "r", "local_access_group_id": "g"}]);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), expected);
        let delete = delete_request(&[&"p\"1".into()]);
        assert!(matches!(&delete.body, Body::Json(body) if body == r#"["p\"1"]"#));
        assert!(!delete.idempotent);
    }

    #[test]
    fn rows_of_all_kinds_are_read() {
        let (rows, unreadable) = read_list(
            br#"[{"id":"p1","ad_user_or_group_id":"S-1","display_name":"CORP\\\\it","group":true,"role_id":"r",
                  "local_access_group_id":"g"},
                 {"id":"p2","ad_user_or_group_id":"S-2","group":false,"role_id":7,"new":{}},
                 {"id":"p3","display_name":"CORP\\kaya"},
                 {"display_name":"nobody"}, {"id":""}, 17]"#,
        )
        .unwrap();
        assert_eq!((rows.len(), unreadable), (3, 3));
        assert_eq!(rows[0].principal_name, Some("CORP\\it".into()));
        assert_eq!(rows[0].principal_kind, PrincipalKind::Group);
        assert_eq!(rows[1].principal_name, None);
        assert_eq!(rows[1].principal_kind, PrincipalKind::Unknown, "a name that no longer resolves");
        assert_eq!((rows[1].role.as_ref(), rows[2].principal_kind), (None, PrincipalKind::Unknown));
        for bad in [&b"<html>"[..], b"{}", b""] {
            assert_eq!(read_list(bad).unwrap_err().kind, FaultKind::BadAnswer);
            assert_eq!(read_one(bad).unwrap_err().kind, FaultKind::BadAnswer);
        }
    }

    #[test]
    fn an_empty_answer_to_a_delete_is_only_believed_with_its_status() {
        let ids = [&"a".into(), &"b".into()];
        assert_eq!(read_deleted(&ids, 204, b"").unwrap(), [ItemAnswer::Accepted, ItemAnswer::Accepted]);
        let fault = read_deleted(&ids, 200, b"").unwrap_err();
        assert!(fault.maybe_done);
    }
}
