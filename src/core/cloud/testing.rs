//! Image servers, builds and app groups for tests.

use super::{AccessBook, BuildList, CloudList};
use crate::domain::{
    AppGroup, AppServer, Authorization, CloudJobKind, ImageJob, ImageServer, ImageServerAccount, Moment,
    SubJob,
};

/// An image server in a status.
pub(crate) fn server(id: &str, name: &str, status: &str) -> ImageServer {
    let mut server = ImageServer::new(id.into());
    server.name = Some(name.into());
    server.status = Some(status.into());
    server.source.image_type = Some("gold".into());
    server.accounts =
        vec![ImageServerAccount { account: Some("kaya".into()), ..ImageServerAccount::default() }];
    server.updated_at = Moment::read("2026-11-21 13:40:00");
    server
}

/// Image servers in all the shapes that there are.
pub(crate) fn servers() -> CloudList<ImageServer> {
    let mut built = server("is-2", "win11-cad", "BUILT");
    built.image_id = Some("8f0a4c1e-0b1c-4a0e-9c7a-3f1f0e5a2b11".into());
    built.source.image_type = Some("private".into());
    built.description = Some("CAD workstations".into());
    let mut unknown = ImageServer::new("is-6".into());
    unknown.status = Some("THAWING".into());
    let rows = vec![
        server("is-1", "win11-office", "ACTIVE"),
        built,
        server("is-3", "win2022-apps", "BUILDING"),
        server("is-4", "办公镜像-2", "ERROR"),
        server("is-5", "a-very-long-name-of-an-image-server-for-finance-amsterdam", "CREATING"),
        unknown,
    ];
    CloudList { rows, complete: true, unreadable: 0 }
}

/// An app server that runs, with so many sessions.
pub(crate) fn app_server(id: &str, name: &str, maintenance: bool, sessions: i64) -> AppServer {
    AppServer {
        name: Some(name.into()),
        machine_name: Some(name.to_uppercase().as_str().into()),
        server_group_id: Some("sg-1".into()),
        server_group_name: Some("office-apps".into()),
        status: Some(if maintenance { "MAINTAINING" } else { "REGISTERED" }.into()),
        vm_status: Some("ACTIVE".into()),
        idle: Some(true),
        maintenance: Some(maintenance),
        sessions: Some(sessions),
        os_type: Some("Windows".into()),
        os_version: Some("Windows Server 2022".into()),
        created_at: Moment::read("2026-02-01 07:30:00"),
        updated_at: Moment::read("2026-11-21 13:40:00"),
        ..AppServer::new(id.into())
    }
}

/// App servers in all the shapes that there are.
pub(crate) fn app_servers() -> CloudList<AppServer> {
    let mut rebooting = app_server("as-4", "aps-off-04", true, 0);
    rebooting.vm_status = Some("REBOOT".into());
    (rebooting.idle, rebooting.task_status) = (Some(false), Some("rebooting".into()));
    rebooting.status = Some("UNREGISTER".into());
    let mut off = app_server("as-5", "aps-desk-01", false, 0);
    (off.vm_status, off.status) = (Some("SHUTOFF".into()), Some("STOPPED".into()));
    let mut unknown = AppServer::new("as-6".into());
    unknown.status = Some("THAWING".into());
    let mut uncounted = app_server("as-7", "a-very-long-name-of-an-app-server-办公-amsterdam", true, 0);
    uncounted.sessions = None;
    let rows = vec![
        app_server("as-1", "aps-off-01", false, 12),
        app_server("as-2", "aps-off-02", true, 3),
        app_server("as-3", "aps-off-03", true, 0),
        rebooting,
        off,
        unknown,
        uncounted,
    ];
    CloudList { rows, complete: true, unreadable: 0 }
}

/// A job of the cloud that builds an image.
pub(crate) fn build(id: &str, name: &str, status: &str, began: &str, ended: Option<&str>) -> ImageJob {
    let kind = Some(CloudJobKind::CreateServerImage);
    let failed = status == "FAILED";
    let part = SubJob {
        id: format!("{id}-1").into(),
        job_id: Some(id.into()),
        kind: kind.clone(),
        began_at: Moment::read(began),
        ended_at: ended.and_then(Moment::read),
        status: Some(status.into()),
        resource_id: (status == "SUCCESS").then(|| "3f1f0e5a-2b11-4a0e".into()),
        resource_name: Some(name.into()),
        error_code: failed.then(|| "WKS.00170207".into()),
        error_message: failed.then(|| "The disk of the image server cannot be copied.".into()),
    };
    ImageJob {
        id: id.into(),
        kind,
        began_at: Moment::read(began),
        ended_at: ended.and_then(Moment::read),
        status: Some(status.into()),
        sub_jobs_total: Some(1),
        sub_jobs: Some(vec![part]),
    }
}

/// A build that runs, one that is done and one that failed.
pub(crate) fn builds() -> BuildList {
    let jobs = vec![
        build("697354472828968960", "office-2026-11", "RUNNING", "2026-11-21 13:50:00", None),
        build("697354472828968959", "cad-7", "SUCCESS", "2026-11-21 10:00:00", Some("2026-11-21 10:23:30")),
        build("697354472828968958", "apps", "FAILED", "2026-11-20 09:00:00", Some("2026-11-20 09:04:10")),
    ];
    BuildList { jobs, complete: true }
}

/// An app group.
pub(crate) fn group(id: &str, name: &str, kind: &str) -> AppGroup {
    AppGroup {
        id: id.into(),
        name: Some(name.into()),
        description: None,
        server_group_id: Some("sg-1".into()),
        server_group_name: Some("aps-office".into()),
        kind: Some(kind.into()),
        authorization_type: Some("APP_GROUP".into()),
        created_at: Moment::read("2026-01-02 08:00:00"),
        apps: Some(4),
    }
}

/// Somebody who may use a group.
pub(crate) fn authorization(id: &str, group: &str, account: &str, kind: &str) -> Authorization {
    Authorization {
        id: id.into(),
        account_id: Some(format!("acc-{account}").as_str().into()),
        account: Some(account.into()),
        account_kind: Some(kind.into()),
        platform: Some("AD".into()),
        domain: Some("corp.example".into()),
        app_group_id: Some(group.into()),
        app_group_name: None,
        created_at: Moment::read("2026-02-03 09:30:00"),
    }
}

/// Two groups, one with nobody, and an authorization for one that is not listed.
pub(crate) fn access() -> AccessBook {
    let groups =
        vec![group("g1", "Office", "COMMON_APP"), group("g2", "Shared desktop", "SESSION_DESKTOP_APP")];
    let mut astray = authorization("a4", "g9", "weber", "USER");
    astray.domain = None;
    let authorizations = vec![
        authorization("a1", "g1", "kaya", "USER"),
        authorization("a2", "g1", "Finance", "USER_GROUP"),
        authorization("a3", "g1", "jansen.p", "USER"),
        astray,
    ];
    AccessBook { groups, authorizations, complete: true, unreadable: 0 }
}
