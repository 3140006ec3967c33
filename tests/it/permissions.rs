//! The seven methods of the Permission service over real HTTP, each with its faults and the event that it leaves, on an
//! old, a middle and a new release; and that rights follow from permissions at once.

use std::{sync::Arc, time::Duration};

use foretop::{
    api::{ChangeAnswer, Connection, ItemAnswer, Password, RequestClass},
    domain::{
        AuditEvent, Change, Fault, FaultKind, FederationGroupId, NewPermission, PermissionId, PrincipalKind,
        Privilege, Support, UserId, Verb,
    },
    engine::governor::Governor,
    sim::{FaultSpec, SimControl, SimOptions, Simulator, WorldSource},
};
use rstest::rstest;
use tokio_util::sync::CancellationToken;

use crate::support::{AtOnce, Estate, simulate, small};

/// A simulated estate with somebody who is logged in to it.
struct Bench {
    simulator: Simulator,
    estate: Estate,
}

impl Bench {
    async fn new(release: &str) -> Self {
        Self::of(SimOptions { release: release.parse().unwrap(), ..small() }).await
    }

    async fn of(options: SimOptions) -> Self {
        let simulator = simulate(options).await;
        let estate = log_in(&simulator, "admin").await.unwrap();
        Self { simulator, estate }
    }

    async fn log_in_as(&mut self, username: &str) {
        self.estate = log_in(&self.simulator, username).await.unwrap();
    }

    fn control(&self) -> &SimControl {
        self.simulator.control()
    }

    fn fault(&self, spec: &str) {
        self.control().add_fault(spec.parse::<FaultSpec>().unwrap());
    }

    /// The id of the permission of this account or group.
    fn permission_of(&self, name: &str) -> PermissionId {
        let permissions = self.control().permissions();
        let found = permissions.iter().find(|known| known.principal.as_deref() == Some(name));
        found.unwrap().id.as_str().into()
    }

    /// A permission to be created.
    fn wanted(&self, name: &str, role: &str, group: Option<&str>) -> NewPermission {
        let control = self.control();
        NewPermission {
            principal: control.sid(name).unwrap().into(),
            role: control.role_id(role).unwrap().into(),
            local_group: group.map(|group| control.access_group_id(group).unwrap().into()),
            federation_group: None,
        }
    }

    async fn create(&self, specs: &[NewPermission]) -> Result<Vec<ChangeAnswer>, Fault> {
        let changes: Vec<Change> = specs.iter().cloned().map(Change::CreatePermission).collect();
        self.estate.change(&changes.iter().collect::<Vec<_>>(), &CancellationToken::new()).await
    }

    async fn delete(&self, ids: &[PermissionId]) -> Result<Vec<ChangeAnswer>, Fault> {
        let changes: Vec<Change> = ids.iter().cloned().map(Change::DeletePermission).collect();
        self.estate.change(&changes.iter().collect::<Vec<_>>(), &CancellationToken::new()).await
    }

    /// The events of some kinds, oldest first. The event database lags behind.
    async fn events(&self, kinds: &[&str]) -> Vec<AuditEvent> {
        self.control().advance(Duration::from_secs(10));
        let events = self.estate.events(None).await.unwrap().events;
        let fits = |event: &AuditEvent| kinds.iter().any(|kind| event.kind.as_ref().unwrap() == kind);
        events.into_iter().filter(fits).collect()
    }

    /// Kind and text of the events about permissions.
    async fn told(&self) -> Vec<(String, String)> {
        let kinds = [
            "ADMIN_PERMISSION_ADDED",
            "ADMIN_PERMISSION_ADD_FAILED",
            "ADMIN_PERMISSION_REMOVED",
            "ADMIN_PERMISSION_REMOVE_FAILED",
        ];
        let events = self.events(&kinds).await;
        assert!(events.iter().all(|event| event.module.as_ref().unwrap() == "Admin"));
        let told = |event: AuditEvent| (event.kind.unwrap().to_string(), event.message.unwrap().to_string());
        let mut told: Vec<_> = events.into_iter().map(told).collect();
        // Rows of one millisecond are not in the order of their numbers.
        told.sort();
        told
    }
}

async fn log_in(simulator: &Simulator, username: &str) -> Result<Estate, Fault> {
    let credentials = simulator.account(username).unwrap().clone();
    let server = simulator.url().parse().unwrap();
    let connection = Connection::new(vec![server], credentials.username, credentials.domain);
    let password = Password::from(credentials.password);
    Estate::connect(connection, password, Arc::new(AtOnce(Governor::default())))
        .await
        .map(|(estate, _)| estate)
}

fn event(kind: &str, text: &str) -> (String, String) {
    (format!("ADMIN_PERMISSION_{kind}"), text.to_owned())
}

/// What an answer comes to: `accepted`, or the kind of the fault.
fn words(answers: &[ChangeAnswer]) -> Vec<String> {
    let word = |answer: &ChangeAnswer| match &answer.answer {
        ItemAnswer::Accepted => "accepted".to_owned(),
        ItemAnswer::Refused(fault) => fault.kind.to_string(),
        ItemAnswer::NotFound(fault) => {
            assert_eq!(fault.message, "Entity does not exist.");
            fault.kind.to_string()
        }
        ItemAnswer::NoAnswer(_) => "no answer".to_owned(),
    };
    answers.iter().map(word).collect()
}

fn kind<T: std::fmt::Debug>(answer: Result<T, Fault>) -> FaultKind {
    answer.unwrap_err().kind
}

#[rstest]
#[case("2206")]
#[case("2309")]
#[case("2512")]
#[tokio::test]
async fn list_reads_everything_that_belongs_together(#[case] release: &str) {
    let bench = Bench::new(release).await;
    let book = bench.estate.permission_book(RequestClass::Poll).await.unwrap();
    let truth = bench.control().permissions();
    assert_eq!((book.permissions.len(), book.unreadable), (truth.len(), 0));
    let short = release != "2206";
    for (row, truth) in book.permissions.iter().zip(&truth) {
        assert_eq!(row.id.raw(), truth.id);
        assert_eq!(row.principal.as_ref().unwrap().raw(), truth.principal_id);
        // Before 2209 nobody tells how a domain is called for short.
        let name = truth
            .principal
            .as_ref()
            .map(|name| if short { name.clone() } else { name.replace("CORP\\", "corp.example\\") });
        assert_eq!(row.principal_name.as_ref().map(ToString::to_string), name);
        let expected = match (&truth.principal, truth.group) {
            (None, _) => PrincipalKind::Unknown,
            (Some(_), true) => PrincipalKind::Group,
            (Some(_), false) => PrincipalKind::User,
        };
        assert_eq!(row.principal_kind, expected, "{truth:?}");
        assert_eq!(book.role(row.role.as_ref().unwrap()).unwrap().label(), truth.role.as_str());
        let group = book.local_group(row.local_group.as_ref().unwrap()).unwrap();
        assert_eq!(group.name, Some(truth.access_group.as_str().into()));
        assert_eq!(group.root, truth.access_group == "Root");
    }
    assert!(book.permissions.iter().any(|row| row.principal_kind == PrincipalKind::Unknown));
    assert_eq!(book.federation_groups.as_ref().unwrap().len(), 0, "409: there is no federation");
    let roles = book.roles.as_ref().unwrap();
    let help_desk = roles.iter().find(|role| role.built_in == Some("HELP_DESK_ADMIN".into())).unwrap();
    assert_eq!((help_desk.applies_to_local, help_desk.applies_to_federation), (Some(true), Some(false)));
    let images = roles.iter().find(|role| role.name == Some("Image Managers".into())).unwrap();
    assert_eq!(images.built_in, None, "made here");
    let privileges = book.privileges.as_ref().unwrap();
    let manage = privileges.iter().find(|known| known.name == "GLOBAL_PERMISSION_MANAGEMENT").unwrap();
    assert_eq!(manage.sub_privileges, ["GLOBAL_PERMISSION_VIEW"]);
}

#[rstest]
#[case("2206")]
#[case("2309")]
#[case("2512")]
#[tokio::test]
async fn the_faults_of_reading(#[case] release: &str) {
    let mut bench = Bench::new(release).await;
    let id = bench.permission_of("CORP\\viewer");
    let gone = PermissionId::from("7cdd624f-37d1-46c1-ab96-695a5d13956f");
    // Get, GetInfos and List as they should be.
    let one = bench.estate.permission(&id).await.unwrap();
    assert_eq!((&one.id, one.principal_kind), (&id, PrincipalKind::User));
    assert_eq!(one.principal_name.unwrap().as_str().rsplit('\\').next(), Some("viewer"));
    let some = bench.estate.permissions(&[id.clone(), gone.clone()]).await.unwrap();
    assert_eq!(some.len(), 1, "those that are still there");
    // What is gone, also after the list has proven that the version is there.
    let fault = bench.estate.permission(&gone).await.unwrap_err();
    assert_eq!((fault.kind, fault.status), (FaultKind::EntityNotFound, Some(404)));
    assert_eq!(bench.estate.permission(&id).await.unwrap().id, id, "no version was given up for it");
    // The server fails, each time that it is asked: three times for each question.
    bench.fault("status=500@/permissions:9");
    assert_eq!(kind(bench.estate.permission(&id).await), FaultKind::Unexpected);
    assert_eq!(kind(bench.estate.permissions(std::slice::from_ref(&id)).await), FaultKind::Unexpected);
    assert_eq!(kind(bench.estate.permission_book(RequestClass::Poll).await), FaultKind::Unexpected);
    // Nothing was written so far: reading leaves no events.
    assert_eq!(bench.told().await, []);
    // Who may not look is refused in the server's words, once each, and nothing more is asked.
    bench.log_in_as("helpdesk").await;
    bench.control().clear_requests();
    assert_eq!(
        kind(bench.estate.permission_book(RequestClass::Poll).await),
        FaultKind::InsufficientPermission
    );
    assert_eq!(bench.control().requests_to("GET", "/config/v1/roles").len(), 0);
    assert_eq!(kind(bench.estate.permission(&id).await), FaultKind::InsufficientPermission);
    assert_eq!(kind(bench.estate.permissions(&[id]).await), FaultKind::InsufficientPermission);
    assert_eq!(bench.events(&["REST_AUTH_PERMISSION_FAILURE"]).await.len(), 3);
}

#[tokio::test]
async fn more_than_a_hundred_are_asked_for_in_several_calls() {
    let bench = Bench::new("2512").await;
    let mut ids: Vec<PermissionId> = (0..240).map(|number| format!("no-{number}").into()).collect();
    ids.push(bench.permission_of("CORP\\admin"));
    assert_eq!(bench.estate.permissions(&ids).await.unwrap().len(), 1);
    let calls = bench.control().requests_to("GET", "/config/v2/permissions");
    let asked: Vec<usize> = calls.iter().map(|call| call.query.matches("ids=").count()).collect();
    assert_eq!(asked, [100, 100, 41]);
}

#[rstest]
#[case("2206")]
#[case("2309")]
#[case("2512")]
#[tokio::test]
async fn create_one_and_its_faults(#[case] release: &str) {
    let mut bench = Bench::new(release).await;
    let wanted = bench.wanted("m.ito", "Help Desk Administrators", Some("Finance"));
    let answers = bench.create(std::slice::from_ref(&wanted)).await.unwrap();
    assert_eq!(words(&answers), ["accepted"]);
    let created = PermissionId::from(answers[0].created.as_ref().unwrap().0.as_str());
    let read = bench.estate.permission(&created).await.unwrap();
    assert_eq!(
        (read.principal, read.role, read.local_group),
        (Some(wanted.principal.clone()), Some(wanted.role.clone()), wanted.local_group.clone())
    );
    let added = "CORP\\admin added Permission to CORP\\m.ito with Role Help Desk Administrators on Access Group Finance";
    let failed = added.replace("added", "failed to add");
    assert_eq!(bench.told().await, [event("ADDED", added)]);
    // The same again.
    assert_eq!(words(&bench.create(std::slice::from_ref(&wanted)).await.unwrap()), ["InvalidState"]);
    // An unknown role.
    let unknown = NewPermission { role: "nothing".into(), ..wanted.clone() };
    let answers = bench.create(&[unknown]).await.unwrap();
    assert_eq!((words(&answers), &answers[0].created), (vec!["InvalidArgument".to_owned()], &None));
    let told = bench.told().await;
    assert_eq!(told.len(), 3);
    assert!(told.contains(&event("ADD_FAILED", &failed)), "{told:?}");
    // The call as a whole: 500 is not known to be undone, a refusal is.
    bench.fault("status=500@/permissions:1");
    let fault = bench.create(std::slice::from_ref(&wanted)).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Unexpected, true));
    for login in ["helpdesk", "viewer"] {
        bench.log_in_as(login).await;
        let fault = bench.create(std::slice::from_ref(&wanted)).await.unwrap_err();
        assert_eq!((fault.kind, fault.maybe_done), (FaultKind::InsufficientPermission, false));
    }
    assert_eq!(bench.told().await.len(), 3, "what is refused as a whole adds none");
    assert_eq!(bench.events(&["REST_AUTH_PERMISSION_FAILURE"]).await.len(), 2);
}

#[rstest]
#[case("2206")]
#[case("2309")]
#[case("2512")]
#[tokio::test]
async fn create_many_with_mixed_results(#[case] release: &str) {
    let bench = Bench::new(release).await;
    let good = bench.wanted("vdi-operators", "Second Line", Some("Root"));
    let specs = [
        good.clone(),
        NewPermission { role: "nothing".into(), ..good.clone() },
        NewPermission { principal: "S-1-5-21-9-9-9-9".into(), ..good.clone() },
        NewPermission { local_group: Some("nowhere".into()), ..good.clone() },
        // A role for access groups needs one; one for the whole system can only be had on the root.
        NewPermission { local_group: None, ..good.clone() },
        bench.wanted("m.ito", "Agent Registration Administrators", Some("Finance")),
        bench.wanted("m.ito", "Agent Registration Administrators", None),
        good,
    ];
    let answers = bench.create(&specs).await.unwrap();
    let invalid = "InvalidArgument";
    assert_eq!(
        words(&answers),
        ["accepted", invalid, invalid, invalid, invalid, invalid, "accepted", "InvalidState"]
    );
    let created: Vec<bool> = answers.iter().map(|answer| answer.created.is_some()).collect();
    assert_eq!(created, [true, false, false, false, false, false, true, false]);
    let told = bench.told().await;
    let count = |kind: &str| told.iter().filter(|(known, _)| known == kind).count();
    assert_eq!((count("ADMIN_PERMISSION_ADDED"), count("ADMIN_PERMISSION_ADD_FAILED")), (2, 6));
    let system = "CORP\\admin added Permission to CORP\\m.ito with Role Agent Registration Administrators on Access \
                  Group Root";
    assert!(told.contains(&event("ADDED", system)), "{told:?}");
    let stranger =
        "CORP\\admin failed to add Permission to S-1-5-21-9-9-9-9 with Role Second Line on Access Group Root";
    assert!(told.contains(&event("ADD_FAILED", stranger)), "{told:?}");
}

#[rstest]
#[case("2206")]
#[case("2309")]
#[case("2512")]
#[tokio::test]
async fn delete_one_and_its_faults(#[case] release: &str) {
    let mut bench = Bench::new(release).await;
    let id = bench.permission_of("CORP\\vdi-helpdesk");
    let request = || std::slice::from_ref(&id);
    bench.fault("status=500@/permissions:1");
    let fault = bench.delete(request()).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Unexpected, true));
    for login in ["helpdesk", "viewer"] {
        bench.log_in_as(login).await;
        assert_eq!(kind(bench.delete(request()).await), FaultKind::InsufficientPermission);
    }
    bench.log_in_as("admin").await;
    assert_eq!(words(&bench.delete(request()).await.unwrap()), ["accepted"]);
    assert_eq!(kind(bench.estate.permission(&id).await), FaultKind::EntityNotFound);
    assert_eq!(words(&bench.delete(request()).await.unwrap()), ["EntityNotFound"]);
    let removed = "CORP\\admin removed Permission to CORP\\vdi-helpdesk with Role Help Desk Administrators on Access \
                   Group Root";
    let told = bench.told().await;
    assert_eq!(told.len(), 2);
    assert!(told.contains(&event("REMOVED", removed)), "{told:?}");
    assert_eq!(told[1].0, "ADMIN_PERMISSION_REMOVE_FAILED");
}

#[rstest]
#[case("2206")]
#[case("2309")]
#[case("2512")]
#[tokio::test]
async fn delete_many_where_one_is_gone_already(#[case] release: &str) {
    let bench = Bench::new(release).await;
    let ids = ["CORP\\m.ito", "CORP\\svc-hz-script", "CORP\\img-team"].map(|name| bench.permission_of(name));
    assert!(bench.control().remove_permission(ids[1].raw()), "behind everybody's back");
    // One is given twice: it is asked for once, and both get the answer.
    let asked = [ids[0].clone(), ids[1].clone(), ids[2].clone(), ids[0].clone()];
    let answers = bench.delete(&asked).await.unwrap();
    assert_eq!(words(&answers), ["accepted", "EntityNotFound", "accepted", "accepted"]);
    let kinds: Vec<_> = bench.told().await.into_iter().map(|(kind, _)| kind).collect();
    let (removed, failed) = ("ADMIN_PERMISSION_REMOVED", "ADMIN_PERMISSION_REMOVE_FAILED");
    assert_eq!(kinds, [removed, removed, failed]);
}

#[tokio::test]
async fn a_permission_event_has_its_attributes() {
    let bench = Bench::new("2512").await;
    bench.delete(&[bench.permission_of("CORP\\m.ito")]).await.unwrap();
    let events = bench.events(&["ADMIN_PERMISSION_REMOVED"]).await;
    let attributes = bench.estate.event_attributes(events[0].id).await.unwrap();
    let of = |name: &str| attributes.get(&name.into()).map(ToString::to_string);
    assert_eq!(of("AdminPermissionEntity").unwrap(), "CORP\\m.ito");
    assert_eq!(of("AdminRoleName").unwrap(), "Sessions-Only");
    assert_eq!(of("AdminFolderName").unwrap(), "Engineering");
}

#[tokio::test]
async fn orders_are_never_sent_twice_and_can_be_stopped_before_they_leave() {
    let bench = Bench::new("2512").await;
    let wanted = bench.wanted("m.ito", "Second Line", Some("Root"));
    // Carried out, and the answer lost.
    bench.fault("drop@/permissions:1");
    let fault = bench.create(std::slice::from_ref(&wanted)).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Unreachable, true));
    assert_eq!(bench.control().requests_to("POST", "/permissions").len(), 1);
    let count = |role: &str| bench.control().permissions().iter().filter(|known| known.role == role).count();
    assert_eq!(count("Second Line"), 1);
    let stop = CancellationToken::new();
    stop.cancel();
    let change = Change::DeletePermission(bench.permission_of("CORP\\m.ito"));
    let fault = bench.estate.change(&[&change], &stop).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Cancelled, false));
    assert_eq!(bench.control().requests_to("DELETE", "/permissions").len(), 0);
    // Garbage in answer to an order: it may have been carried out.
    bench.fault("garbage@/permissions:1");
    let fault = bench.estate.change(&[&change], &CancellationToken::new()).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::BadAnswer, true));
    let mixed = [&change, &Change::CreatePermission(wanted)];
    let fault = bench.estate.change(&mixed, &CancellationToken::new()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InvalidArgument, "never sent");
}

#[tokio::test]
async fn rights_follow_from_permissions_at_once() {
    let bench = Bench::new("2512").await;
    let engineering = bench.control().access_group_id("Engineering").unwrap().as_str().into();
    let restart = |estate: &Estate| {
        estate.capabilities().account.holds(Privilege::needed_for(Verb::Restart), Some(&engineering))
    };
    // Through a group of a group.
    let lead = log_in(&bench.simulator, "finance-lead").await.unwrap();
    let sessions = lead.list_sessions(RequestClass::Poll, |_| {}).await.unwrap().sessions.len();
    assert!(matches!(restart(&lead), Support::No(_)));
    let wanted = bench.wanted("Department Leads", "Second Line", Some("Root"));
    let created = bench.create(&[wanted]).await.unwrap().remove(0).created.unwrap();
    let more = lead.list_sessions(RequestClass::Poll, |_| {}).await.unwrap().sessions.len();
    assert!(more > sessions, "the same log-in sees all groups now");
    assert_eq!(restart(&log_in(&bench.simulator, "finance-lead").await.unwrap()), Support::Yes);
    bench.delete(&[created.0.as_str().into()]).await.unwrap();
    let again = lead.list_sessions(RequestClass::Poll, |_| {}).await.unwrap().sessions.len();
    assert_eq!(again, sessions);
    // Without any permission nobody is let in, and who is in is out.
    let viewer = log_in(&bench.simulator, "viewer").await.unwrap();
    bench.delete(&[bench.permission_of("CORP\\viewer")]).await.unwrap();
    let fault = viewer.list_sessions(RequestClass::Poll, |_| {}).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InsufficientPermission);
    assert_eq!(log_in(&bench.simulator, "viewer").await.unwrap_err().kind, FaultKind::Unauthenticated);
    assert!(!bench.events(&["REST_AUTH_LOGIN_FAILURE"]).await.is_empty());
}

#[rstest]
#[case("2206", "corp.example")]
#[case("2512", "CORP")]
#[tokio::test]
async fn people_are_found_as_one_types(#[case] release: &str, #[case] domain: &str) {
    let bench = Bench::new(release).await;
    let names = async |text: &str| -> Vec<String> {
        let found = bench.estate.search_principals(text, 20).await.unwrap();
        found.iter().map(|principal| principal.label().to_string()).collect()
    };
    let full = |login: &str| format!("{domain}\\{login}");
    assert_eq!(names("vdi-").await, [full("vdi-helpdesk"), full("vdi-operators")]);
    assert_eq!(names("VDI-Operators").await, [full("vdi-operators")]);
    assert_eq!(names("Mika").await, [full("m.ito")], "by the full name");
    assert_eq!(names("CORP\\m.ito").await, [full("m.ito")]);
    assert_eq!(names("m.ito@corp").await, [full("m.ito")], "by the address");
    assert_eq!(names(&bench.control().sid("m.ito").unwrap()).await, [full("m.ito")], "by the SID");
    assert_eq!(names("no such person").await, Vec::<String>::new());
    assert_eq!(names("  ").await, Vec::<String>::new());
    let found = bench.estate.search_principals("fin", 3).await.unwrap();
    assert_eq!(found.len(), 3);
    // An exact match goes first, whatever comes before it in the directory.
    assert_eq!(names("admin").await[0], full("admin"));
    bench.fault("status=500@ad-users");
    assert_eq!(kind(bench.estate.search_principals("vdi", 5).await), FaultKind::Unexpected);
}

#[rstest]
#[case("2206")]
#[case("2309")]
#[case("2312")]
#[case("2512")]
#[tokio::test]
async fn one_principal_has_its_groups(#[case] release: &str) {
    let bench = Bench::new(release).await;
    let sid = |name: &str| UserId::from(bench.control().sid(name).unwrap());
    let lead = bench.estate.principal(&sid("finance-lead")).await.unwrap();
    assert_eq!(lead.kind, PrincipalKind::User);
    assert_eq!(lead.full_name, Some("Fiona Finance".into()));
    assert!(lead.groups.unwrap().contains(&sid("Finance Leads")));
    let group = bench.estate.principal(&sid("Finance Leads")).await.unwrap();
    assert_eq!((group.kind, group.groups), (PrincipalKind::Group, Some(vec![sid("Department Leads")])));
    let fault = bench.estate.principal(&"S-1-5-21-9-9-9-9".into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::EntityNotFound);
}

#[tokio::test]
async fn the_server_works_out_what_somebody_else_may_do() {
    let mut bench = Bench::new("2309").await;
    let sid = |name: &str| UserId::from(bench.control().sid(name).unwrap());
    let finance = bench.control().access_group_id("Finance").unwrap().as_str().into();
    let account = bench.estate.rights_of(&sid("finance-lead")).await.unwrap();
    assert_eq!(account.id, Some(sid("finance-lead")));
    assert_eq!(account.holds(Privilege::Reboot, Some(&finance)), Support::Yes);
    assert!(matches!(account.holds(Privilege::Reboot, account.root_group.as_ref()), Support::No(_)));
    // A group's rights, and those of somebody who has none.
    let group = bench.estate.rights_of(&sid("vdi-operators")).await.unwrap();
    assert_eq!(group.holds(Privilege::ManageSession, group.root_group.as_ref()), Support::Yes);
    let nobody = bench.estate.rights_of(&sid("zalgo")).await.unwrap();
    assert!(matches!(nobody.may_act(), Support::No(_)));
    assert_eq!(kind(bench.estate.rights_of(&"S-1-5-21-9-9-9-9".into()).await), FaultKind::EntityNotFound);
    let lead = sid("finance-lead");
    bench.log_in_as("helpdesk").await;
    assert_eq!(kind(bench.estate.rights_of(&lead).await), FaultKind::InsufficientPermission);
    // An older server would answer for oneself.
    let old = Bench::new("2306").await;
    assert_eq!(kind(old.estate.rights_of(&lead).await), FaultKind::BadAnswer);
}

#[tokio::test]
async fn a_federated_role_needs_a_federation_access_group() {
    let world = WorldSource::Builtin("federation".to_owned());
    let bench = Bench::of(SimOptions { world, sessions: Some(60), ..small() }).await;
    let book = bench.estate.permission_book(RequestClass::Poll).await.unwrap();
    let groups = book.federation_groups.clone().unwrap();
    let names: Vec<_> =
        groups.iter().map(|group| (group.name.clone().unwrap().to_string(), group.root)).collect();
    assert_eq!(names, [("Root".to_owned(), true), ("Europe".to_owned(), false)]);
    let without = bench.wanted("m.ito", "Global Session Operators", Some("Root"));
    let group: FederationGroupId = bench.control().federation_group_id("Europe").unwrap().as_str().into();
    let europe = Some(group.clone());
    let with = NewPermission { federation_group: europe.clone(), ..without.clone() };
    let needless =
        NewPermission { federation_group: europe.clone(), ..bench.wanted("m.ito", "Image Managers", None) };
    let answers = bench.create(&[without, with, needless]).await.unwrap();
    assert_eq!(words(&answers), ["InvalidArgument", "accepted", "InvalidArgument"]);
    let created = answers[1].created.as_ref().unwrap().0.as_str().into();
    assert_eq!(bench.estate.permission(&created).await.unwrap().federation_group, europe);
    let rights = bench.estate.rights_of(&bench.control().sid("m.ito").unwrap().into()).await.unwrap();
    assert!(rights.federated.unwrap().contains_key(&group));
}

#[tokio::test]
async fn a_part_that_cannot_be_read_hides_nothing_else() {
    let bench = Bench::new("2512").await;
    bench.fault("garbage@/roles");
    bench.fault("status=500@/privileges");
    bench.fault("status=403@federation-access-groups");
    let book = bench.estate.permission_book(RequestClass::Poll).await.unwrap();
    assert_eq!(kind(book.roles), FaultKind::BadAnswer);
    assert_eq!(kind(book.privileges), FaultKind::Unexpected);
    assert_eq!(kind(book.federation_groups), FaultKind::InsufficientPermission);
    assert!(!book.local_groups.unwrap().is_empty() && !book.permissions.is_empty());
    // Fields that are missing and words that nobody knows.
    bench.control().clear_faults();
    bench.fault("missing-fields");
    bench.fault("new-enum");
    let book = bench.estate.permission_book(RequestClass::Poll).await.unwrap();
    assert!(book.permissions.iter().any(|row| row.role.is_none()));
    let roles = book.roles.unwrap();
    assert!(roles.iter().any(|role| role.privileges.is_none()), "unknown, not empty");
    assert!(roles.iter().any(|role| role.built_in == Some("WIZARD".into())));
}

/// Uses all of it, for the contract test; before 2206 there is nothing to use.
pub(crate) async fn use_everything(estate: &Estate) {
    if estate.capabilities().release.is_some_and(|release| release.0 < 2206) {
        assert_eq!(kind(estate.permission_book(RequestClass::Poll).await), FaultKind::NotInRelease);
        return;
    }
    let book = estate.permission_book(RequestClass::Poll).await.unwrap();
    let first = book.permissions[0].clone();
    estate.permission(&first.id).await.unwrap();
    estate.permissions(&[first.id, "gone".into()]).await.unwrap();
    estate.search_principals("vdi", 10).await.unwrap();
    let principal = first.principal.unwrap();
    estate.principal(&principal).await.unwrap();
    drop(estate.rights_of(&principal).await);
    let role =
        book.roles.unwrap().into_iter().find(|role| role.name == Some("Sessions-Only".into())).unwrap();
    let good = NewPermission {
        principal,
        role: role.id,
        local_group: Some(book.local_groups.unwrap()[1].id.clone()),
        federation_group: None,
    };
    let bad = NewPermission { role: "nothing".into(), ..good.clone() };
    let creates = [Change::CreatePermission(good), Change::CreatePermission(bad)];
    let stop = CancellationToken::new();
    let answers = estate.change(&creates.each_ref(), &stop).await.unwrap();
    assert_eq!(words(&answers), ["accepted", "InvalidArgument"]);
    let created = PermissionId::from(answers[0].created.as_ref().unwrap().0.as_str());
    let deletes = [created, "gone".into()].map(Change::DeletePermission);
    let answers = estate.change(&deletes.each_ref(), &stop).await.unwrap();
    assert_eq!(words(&answers), ["accepted", "EntityNotFound"]);
}
