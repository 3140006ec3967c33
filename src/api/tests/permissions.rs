//! Permissions against servers that answer what no server should.

use super::*;
use crate::domain::{Change, NewPermission, PermissionId, PrincipalKind, UserId};

/// Answers every question and order below `/config` and `/external` with this.
async fn saying(answer: ResponseTemplate) -> (MockServer, Estate) {
    let server = server("8.17.0").await;
    let estate = connect(&[&server]).await;
    Mock::given(path_regex("^/rest/(config|external)/")).respond_with(answer).mount(&server).await;
    (server, estate)
}

#[tokio::test]
async fn hostile_answers_are_faults_or_unknown_and_never_a_panic() {
    let html = "<html><body>Bad <b>Gateway</b></body></html>";
    let bodies = [
        html,
        "",
        "null",
        "7",
        "{}",
        "[]",
        "[null,7,\"x\",[],{}]",
        r#"[{"id":7,"name":{},"privileges":"all","group":"maybe","group_membership_ids":{"a":1}}]"#,
        r#"{"id":[],"local_privileges_info":"none","federated_privileges_info":[7],"login_name":5}"#,
        r#"[{"id":"a\u001b[2J","display_name":"\\\\\\\\","role_id":"\u0000","local_access_group_id":""}]"#,
    ];
    let id = PermissionId::from("a/../b?c");
    let sid = UserId::from("S-1-5\u{1b}");
    let spec = NewPermission {
        principal: sid.clone(),
        role: "r".into(),
        local_group: None,
        federation_group: Some("f".into()),
    };
    let changes = [Change::CreatePermission(spec), Change::DeletePermission(id.clone())];
    for body in bodies {
        let (_server, estate) = saying(ResponseTemplate::new(200).set_body_string(body)).await;
        if let Ok(book) = estate.permission_book(RequestClass::Poll).await {
            assert!(
                book.permissions.iter().all(|row| row.principal_kind == PrincipalKind::Unknown),
                "{body}"
            );
            assert!(book.permissions.iter().all(|row| row.local_group.is_none()), "{body}");
        }
        drop(estate.permission(&id).await);
        drop(estate.permissions(std::slice::from_ref(&id)).await);
        drop(estate.search_principals("x", 5).await);
        drop(estate.principal(&sid).await);
        drop(estate.rights_of(&sid).await);
        for change in &changes {
            match estate.change(&[change], &unstopped()).await {
                Err(fault) => assert!(fault.maybe_done, "{body}: an order may have been carried out"),
                Ok(answers) => {
                    assert!(matches!(answers[0].answer, ItemAnswer::NoAnswer(_)), "{body}: {answers:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_missing_permission_is_not_mistaken_for_a_missing_version() {
    let server = server("9.9").await;
    get(&server, "/config/v2/permissions", status(404)).await;
    get(&server, "/config/v1/permissions", ok(json!([]))).await;
    let estate = connect(&[&server]).await;
    let fault = estate.permission(&"gone".into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::EntityNotFound);
    // The list has shown that only v1 is there; by its id the permission is then asked for there.
    get(&server, "/config/v1/permissions/p", ok(json!({"id": "p"}))).await;
    assert_eq!(estate.permission(&"p".into()).await.unwrap().id, "p".into());
    assert_eq!(count(&server, "/config/v2/permissions").await, 1);
}

#[tokio::test]
async fn a_user_is_asked_for_in_the_first_version_when_a_newer_one_is_missing() {
    let server = server("9.9").await;
    get(&server, "/external/v1/ad-users-or-groups/S-1", ok(json!({"id": "S-1", "login_name": "kaya"}))).await;
    let estate = connect(&[&server]).await;
    let found = estate.principal(&"S-1".into()).await.unwrap();
    assert_eq!((found.name, found.groups), (Some("kaya".into()), None));
    assert_eq!(count(&server, "/external/v4/ad-users-or-groups/S-1").await, 1);
    assert_eq!(estate.principal(&"S-2".into()).await.unwrap_err().kind, FaultKind::EntityNotFound);
}

#[tokio::test]
async fn the_rights_of_oneself_are_not_taken_for_those_of_somebody_else() {
    let server = server("9.9").await;
    let own = json!({"id": "S-1", "local_privileges_info": []});
    get(&server, "/config/v1/admin-users-or-groups/permissions", ok(own)).await;
    let estate = connect(&[&server]).await;
    assert_eq!(estate.rights_of(&"S-2".into()).await.unwrap_err().kind, FaultKind::BadAnswer);
    assert_eq!(estate.rights_of(&"S-1".into()).await.unwrap().id, Some("S-1".into()));
}

#[tokio::test]
async fn a_delete_answered_without_a_body_is_done() {
    let server = server("8.17.0").await;
    Mock::given(method("DELETE"))
        .and(path(rest("/config/v2/permissions")))
        .and(body_json(json!(["a", "b"])))
        .respond_with(status(204))
        .expect(1)
        .mount(&server)
        .await;
    let estate = connect(&[&server]).await;
    let changes = ["a", "b"].map(|id| Change::DeletePermission(id.into()));
    let answers = estate.change(&changes.each_ref(), &unstopped()).await.unwrap();
    assert!(answers.iter().all(|answer| answer.answer == ItemAnswer::Accepted));
}

/// What a privilege on the root group looks like among the rights.
fn rights_of_root(privilege: &str) -> ResponseTemplate {
    ok(json!({"local_privileges_info": [
        {"access_group_id": "g", "access_group_name": "Root", "privileges": [privilege]}]}))
}

#[tokio::test]
async fn rights_are_read_again_and_a_failure_keeps_the_old_ones() {
    let server = server("8.17.0").await;
    let answers = in_turn([
        rights_of_root("MACHINE_REBOOT"),
        rights_of_root("MACHINE_VIEW"),
        status(403),
        ok(json!({})),
        ok(json!({"local_privileges_info": []})),
    ]);
    get(&server, "/config/v1/admin-users-or-groups/permissions", answers).await;
    let estate = connect(&[&server]).await;
    let names = |estate: &Estate| estate.capabilities().account.privileges.unwrap().into_values().next();
    assert_eq!(names(&estate), Some(vec!["MACHINE_REBOOT".into()]));
    let again = || estate.refresh_rights(RequestClass::Poll);
    assert_eq!(again().await.unwrap(), estate.capabilities());
    assert_eq!(names(&estate), Some(vec!["MACHINE_VIEW".into()]));
    assert_eq!(again().await.unwrap_err().kind, FaultKind::InsufficientPermission);
    assert_eq!(again().await.unwrap_err().kind, FaultKind::BadAnswer, "an answer that tells nothing");
    assert_eq!(names(&estate), Some(vec!["MACHINE_VIEW".into()]));
    let none = again().await.unwrap().account;
    assert_eq!((none.privileges, none.root_group), (Some([].into()), Some("g".into())));
}

#[tokio::test]
async fn a_release_that_does_not_tell_rights_is_not_asked_again() {
    let server = server("8.4.0").await;
    let estate = connect(&[&server]).await;
    assert_eq!(estate.refresh_rights(RequestClass::Poll).await.unwrap().account.privileges, None);
    assert_eq!(count(&server, "/config/v1/admin-users-or-groups/permissions").await, 0);
}

#[tokio::test]
async fn a_release_without_permissions_names_the_one_that_brought_them() {
    let server = server("8.1.0").await;
    let estate = connect(&[&server]).await;
    for fault in [
        estate.permission_book(RequestClass::Poll).await.unwrap_err(),
        estate.permission(&"p".into()).await.unwrap_err(),
    ] {
        assert_eq!((fault.kind, fault.status), (FaultKind::NotInRelease, Some(404)));
        assert_eq!(fault.message, "not in release 2012, since 2206");
    }
    assert_eq!(count(&server, "/config/v1/permissions").await, 0);
}

#[tokio::test]
async fn a_missing_permission_among_rows_that_cannot_be_read_is_not_called_gone() {
    let server = server("8.17.0").await;
    get(&server, "/config/v2/permissions", ok(json!([{"id": "a"}, {"id": 7}]))).await;
    let estate = connect(&[&server]).await;
    let there = estate.permissions(&["a".into()]).await.unwrap();
    assert_eq!(there.len(), 1, "nothing is missing");
    let fault = estate.permissions(&["a".into(), "b".into()]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::BadAnswer);
    assert!(fault.message.as_str().contains("1 rows could not be read"), "{fault}");
}
