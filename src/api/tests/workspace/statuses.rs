//! Every call with every status that the cloud documents (`workspace.md section 4.2`): what it means, whether an order may
//! have been carried out, and that no order is ever sent a second time.

use futures_util::FutureExt as _;

use super::*;
use crate::domain::{AccountKind, AppAccount};

/// Statuses of the gateway and the service, and what each means.
const STATUSES: [(u16, FaultKind); 9] = [
    (400, FaultKind::InvalidArgument),
    (401, FaultKind::Unauthenticated),
    (403, FaultKind::InsufficientPermission),
    (404, FaultKind::EntityNotFound),
    (405, FaultKind::InvalidArgument),
    (409, FaultKind::InvalidState),
    (415, FaultKind::InvalidArgument),
    (500, FaultKind::Unexpected),
    (503, FaultKind::Unexpected),
];

/// A call of the client.
struct Call {
    name: &'static str,
    method: &'static str,
    path: String,
    /// Whether it changes something.
    is_order: bool,
    make: for<'a> fn(&'a Estate) -> BoxFuture<'a, Result<(), Fault>>,
}

fn call(
    name: &'static str,
    method: &'static str,
    rest: &str,
    make: for<'a> fn(&'a Estate) -> BoxFuture<'a, Result<(), Fault>>,
) -> Call {
    Call { name, method, path: at(rest), is_order: method != "GET", make }
}

const CLASS: RequestClass = RequestClass::Job;

fn account() -> AppAccount {
    AppAccount { account: "kaya".into(), kind: AccountKind::User, id: None, domain: None, platform: None }
}

/// A future of a call, without what it brings.
macro_rules! ask {
    (|$estate:ident| $call:expr) => {
        |$estate| async move { $call.await.map(drop) }.boxed()
    };
}

/// Those that only look.
fn questions() -> Vec<Call> {
    vec![
        call(
            "image servers",
            "GET",
            "image-servers",
            ask!(|estate| estate.image_servers(CLASS, &ImageServerQuery::default(), |_| {})),
        ),
        call(
            "an image server",
            "GET",
            "image-servers/7",
            ask!(|estate| estate.image_server(CLASS, &"7".into())),
        ),
        call(
            "image jobs",
            "GET",
            "image-server-jobs",
            ask!(|estate| estate.image_jobs(CLASS, Some(CloudJobKind::CreateServerImage), None)),
        ),
        call(
            "image jobs of all kinds",
            "GET",
            "image-server-jobs",
            ask!(|estate| estate.image_jobs(CLASS, None, None)),
        ),
        call(
            "an image job",
            "GET",
            "image-server-jobs/7",
            ask!(|estate| estate.image_job(CLASS, &"7".into())),
        ),
        call(
            "parts of jobs",
            "GET",
            "image-server-sub-jobs",
            ask!(|estate| estate.image_sub_jobs(CLASS, CloudJobKind::CreateServerImage, None)),
        ),
        call("sessions", "GET", "session/list-sessions", ask!(|estate| estate.list_sessions(CLASS, |_| {}))),
        call(
            "sessions of a user",
            "GET",
            "session/user-session-info",
            ask!(|estate| estate.sessions_of(CLASS, "kaya")),
        ),
        call("app groups", "GET", "app-groups", ask!(|estate| estate.app_groups(CLASS))),
        call(
            "authorizations",
            "GET",
            "app-groups/actions/list-authorizations",
            ask!(|estate| estate.authorizations(CLASS, &AuthorizationQuery::default())),
        ),
        call("app server groups", "GET", "app-server-groups", ask!(|estate| estate.app_server_groups(CLASS))),
        call(
            "states of app servers",
            "GET",
            "app-server-groups/7/state",
            ask!(|estate| estate.app_server_counts(CLASS, &"7".into())),
        ),
        call(
            "app servers",
            "GET",
            "app-servers",
            ask!(|estate| estate.app_servers(CLASS, &AppServerQuery::default())),
        ),
        call("an app server", "GET", "app-servers/7", ask!(|estate| estate.app_server(CLASS, &"7".into()))),
        Call {
            path: format!("/v2/{PROJECT}/job/7"),
            ..call(
                "a job on app servers",
                "GET",
                "",
                ask!(|estate| estate.app_server_job(CLASS, &"7".into())),
            )
        },
    ]
}

/// Asks something of app servers.
macro_rules! on_servers {
    ($name:literal, $rest:literal, $verb:ident) => {
        call($name, "PATCH", concat!("app-servers/actions/", $rest), |estate| {
            let ids = ["s".into()];
            async move { estate.act_on_app_servers(AppServerVerb::$verb, &ids, &unstopped()).await }.boxed()
        })
    };
}

/// Those that change something.
fn orders() -> Vec<Call> {
    vec![
        call("update an image server", "PATCH", "image-servers/7", |estate| {
            let edit = ImageServerEdit { name: Some("new".into()), description: None };
            async move { estate.update_image_server(&"7".into(), &edit, &unstopped()).await }.boxed()
        }),
        call("delete image servers", "PATCH", "image-servers/actions/batch-delete", |estate| {
            async move { estate.delete_image_servers(&["7".into()], true, &unstopped()).await.map(drop) }
                .boxed()
        }),
        call("build an image", "POST", "image-servers/7/actions/recreate-image", |estate| {
            let image = NewImage { name: "x".into(), ..NewImage::default() };
            async move { estate.recreate_image(&"7".into(), &image, &unstopped()).await.map(drop) }.boxed()
        }),
        call("log off", "POST", "session/logoff", |estate| {
            async move { estate.act(&LOGOFF, &["x".into(), "y".into()], &unstopped()).await.map(drop) }
                .boxed()
        }),
        call("authorize", "POST", "app-groups/authorizations", |estate| {
            async move { estate.authorize(&["g".into()], &[account()], &unstopped()).await }.boxed()
        }),
        call("take an authorization", "POST", "app-groups/actions/batch-delete-authorization", |estate| {
            async move { estate.unauthorize(&["g".into()], &[account()], &unstopped()).await }.boxed()
        }),
        on_servers!("reboot", "batch-reboot", Reboot),
        on_servers!("reboot by the power button", "batch-reboot", RebootHard),
        on_servers!("start", "batch-start", Start),
        on_servers!("stop", "batch-stop", Stop),
        on_servers!("maintenance", "batch-maint", MaintenanceOn),
    ]
}

/// What a call comes to when it is answered with a status, and how often it was asked.
async fn answered(call: &Call, code: u16) -> (Fault, usize) {
    let server = cloud().await;
    let estate = reached(&server).await;
    let before = received(&server).await.len();
    let answer =
        status(code).insert_header("X-Request-Id", "req-7").set_body_json(said("WKS.00211401", "so it is"));
    let refusing = Mock::given(method(call.method)).and(path(call.path.as_str())).respond_with(answer);
    refusing.with_priority(1).mount(&server).await;
    let fault = (call.make)(&estate).await.unwrap_err();
    let received = received(&server).await;
    assert!(received[before..].iter().all(is_signed), "{}: each try is signed anew", call.name);
    (fault, received.len() - before)
}

#[tokio::test]
async fn every_call_understands_every_status_and_no_order_is_repeated() {
    for call in questions().iter().chain(&orders()) {
        for (code, kind) in STATUSES {
            let (fault, asked) = answered(call, code).await;
            let what = format!("{} with {code}: {fault}", call.name);
            assert_eq!(
                (fault.kind, fault.status, fault.wire),
                (kind, Some(code), WireKind::Workspace),
                "{what}"
            );
            for words in ["so it is", "WKS.00211401", "req-7"] {
                assert!(fault.to_string().contains(words), "{words} in {what}");
            }
            let is_open = call.is_order && code >= 500;
            assert_eq!(fault.maybe_done, is_open, "{what}");
            // Questions are asked again when the server broke down, orders never.
            let again = !call.is_order && code >= 500;
            assert_eq!(asked, if again { 3 } else { 1 }, "{what}");
        }
    }
}

/// What a log-in comes to when IAM answers with a status, and how often IAM was asked.
async fn iam_answers(at: &str, identity: Identity, code: u16) -> (Fault, usize) {
    let server = cloud().await;
    let words = json!({"error": {"code": code, "message": "so it is", "title": "Title"}});
    let answer = status(code).set_body_json(words);
    Mock::given(path(at)).respond_with(answer).mount(&server).await;
    let fault = reach(Arc::default(), &server, identity, None).await.unwrap_err();
    (fault, asked_for(&server, at).await)
}

#[tokio::test]
async fn every_status_of_iam_keeps_its_meaning_and_a_password_goes_out_once() {
    for (code, kind) in STATUSES {
        for (at, identity) in [("/v3/auth/tokens", user()), ("/v3/projects", keys())] {
            let (fault, asked) = iam_answers(at, identity, code).await;
            let what = format!("{at} with {code}: {fault}");
            assert_eq!((fault.kind, fault.status), (kind, Some(code)), "{what}");
            assert!(fault.to_string().contains("so it is"), "{what}");
            let again = at == "/v3/projects" && code >= 500;
            assert_eq!(asked, if again { 3 } else { 1 }, "{what}");
        }
    }
}
