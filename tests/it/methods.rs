//! The table of the vendor's 25 methods against the code: keys, command lines, events, and, against the simulator, the
//! requests that leave and the events that are written.

use std::{fmt::Write as _, path::Path, time::Duration};

use clap::Parser;
use foretop::{
    api::{Action, ItemAnswer, RequestClass},
    cli::{
        args::Cli,
        methods::{COMMON_FAULTS, Deed, METHODS, Method},
    },
    domain::{
        Change, ChangeKind, EventMeaning, FaultKind, MessageSeverity, MessageText, NewPermission, NewStream,
        PodId, SessionId, StreamEdit, StreamQuery, Verb, WrittenTypes,
    },
    sim::{SessionKind, SimOptions, Simulator, WorldSource},
};
use tokio_util::sync::CancellationToken;

use crate::{
    docs::check,
    support::{Estate, connect_as, connect_to, simulate, small},
};

#[test]
fn all_25_are_there_in_the_order_of_the_reference() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/method-map.md");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: no {}; the names are not compared with it", path.display());
        return;
    };
    let rows = text.lines().filter_map(|line| line.split('|').nth(2)?.trim().strip_prefix('`'));
    let named: Vec<&str> = rows.filter_map(|cell| cell.strip_suffix('`')).collect();
    let services = ["Session_", "Permission_", "ImageManagementStream_"];
    let named: Vec<&str> =
        named.into_iter().filter(|name| services.iter().any(|service| name.starts_with(service))).collect();
    assert_eq!(METHODS.map(|method| method.name).to_vec(), named);
}

#[test]
fn every_step_has_a_key_and_every_event_is_known() {
    for method in &METHODS {
        assert!(method.keys().is_some_and(|keys| !keys.is_empty()), "{}: {:?}", method.name, method.steps);
        for written in [method.events(), method.remote_events()].into_iter().flatten() {
            for kind in written.success.iter().chain(written.failure) {
                assert!(EventMeaning::of(kind).is_some(), "{}: {kind}", method.name);
            }
        }
        assert_eq!(method.remote.is_some(), method.remote_events().is_some(), "{}", method.name);
    }
}

#[test]
fn every_command_line_is_understood() {
    for method in &METHODS {
        let line = ["foretop"].iter().chain(method.command);
        if let Err(error) = Cli::try_parse_from(line) {
            panic!("{}: {error}", method.name);
        }
    }
}

fn codes<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join("<br>")
}

fn events(written: Option<WrittenTypes>) -> String {
    written.map_or_else(String::new, |written| codes(written.success.iter().chain(written.failure).copied()))
}

fn command_line(words: &[&str]) -> String {
    let quoted = words
        .iter()
        .map(|word| if word.contains([' ', '\\', '>']) { format!("'{word}'") } else { (*word).to_owned() });
    format!("`foretop {}`", quoted.collect::<Vec<_>>().join(" "))
}

fn row(method: &Method) -> String {
    let keys: Vec<String> =
        method.keys().unwrap_or_default().iter().map(|keys| format!("`{keys}`")).collect();
    let both = |one: String, other: String| {
        [one, other].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("<br>")
    };
    let faults: Vec<&str> = method.faults.iter().map(|fault| fault.name()).collect();
    let privileges: Vec<&str> = method.privileges().iter().map(|privilege| privilege.name()).collect();
    let told = both(events(method.events()), events(method.remote_events()));
    let cells = [
        format!("`{}`", method.name),
        keys.join(" "),
        command_line(method.command),
        codes(std::iter::once(method.local).chain(method.remote)),
        if told.is_empty() { "none".to_owned() } else { told },
        codes(privileges),
        if faults.is_empty() { "-".to_owned() } else { faults.join("<br>") },
    ];
    format!("| {} |", cells.join(" | "))
}

#[test]
fn the_document_is_made_from_the_table() {
    let mut text = String::new();
    let mut service = "";
    for method in &METHODS {
        if method.service() != service {
            service = method.service();
            write!(text, "\n## {service}\n\n").unwrap();
            text.push_str("| method | keys | command line | request | events | privileges | faults |\n");
            text.push_str("|---|---|---|---|---|---|---|\n");
        }
        writeln!(text, "{}", row(method)).unwrap();
    }
    text.push('\n');
    check("docs/methods.md", "methods", &text);
    assert_eq!(COMMON_FAULTS.len(), 5);
}

/// A method and the path of its request, without its query and with the version left open: `POST`, `/inventory/`,
/// `/sessions/action/logoff`.
fn seen(simulator: &Simulator, request: &str) -> bool {
    let (verb, target) = request.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').map_or((target, ""), |(path, query)| (path, query));
    let path = path.trim_end_matches("{id}");
    simulator.control().requests().iter().any(|logged| {
        let fits = if target.contains("{id}") {
            logged.path.contains(path) && logged.path.len() > logged.path.find(path).unwrap_or(0) + path.len()
        } else {
            logged.path.ends_with(path)
        };
        logged.method == verb && fits && logged.query.contains(query)
    })
}

fn action(verb: Verb) -> Action {
    let text = MessageText { severity: MessageSeverity::Warning, text: "Please save".into() };
    Action { verb, message: (verb == Verb::Message).then_some(text) }
}

/// Sessions on which every verb works.
fn sessions(simulator: &Simulator, count: usize) -> Vec<SessionId> {
    let plain = simulator.control().ids_where(|one| {
        !one.locked
            && !one.ghost
            && !one.leaving
            && one.state == "CONNECTED"
            && one.kind == SessionKind::ManagedDesktop
    });
    plain.into_iter().take(count).map(SessionId::from).collect()
}

/// Whether one of these types was written. The event database lags behind.
async fn was_written(simulator: &Simulator, estate: &Estate, kinds: &[&str]) -> bool {
    simulator.control().advance(Duration::from_secs(10));
    let events = estate.events(None).await.unwrap().events;
    events.iter().any(|event| event.kind.as_ref().is_some_and(|kind| kinds.contains(&kind.as_str())))
}

async fn change(estate: &Estate, changes: &[Change]) -> Vec<ItemAnswer> {
    let changes: Vec<&Change> = changes.iter().collect();
    let answers = estate.change(&changes, &CancellationToken::new()).await.unwrap();
    answers.into_iter().map(|answer| answer.answer).collect()
}

fn is_many(method: &Method) -> bool {
    method.faults.contains(&FaultKind::PartialFailure)
}

fn new_permission(simulator: &Simulator, login: &str, role: &str) -> Change {
    let control = simulator.control();
    Change::CreatePermission(NewPermission {
        principal: control.sid(login).unwrap().into(),
        role: control.role_id(role).unwrap_or_else(|| role.to_owned()).into(),
        local_group: Some(control.access_group_id("Finance").unwrap().into()),
        federation_group: None,
    })
}

fn new_stream(name: &str) -> Change {
    Change::CreateStream(NewStream {
        name: name.into(),
        description: None,
        operating_system: "WINDOWS_11".into(),
        publisher: None,
        source: "UPLOADED".into(),
        status: "AVAILABLE".into(),
        additional_details: std::collections::BTreeMap::default(),
    })
}

/// What a method is done with: changes that work, and one that does not.
async fn changes_for(kind: ChangeKind, simulator: &Simulator, estate: &Estate) -> (Vec<Change>, Change) {
    let book = estate.image_book(RequestClass::Poll, &StreamQuery::default()).await.unwrap();
    let stream = |name: &str| {
        let named =
            |known: &&foretop::domain::Stream| known.name.as_ref().is_some_and(|known| *known == name);
        book.streams.iter().find(named).unwrap().clone()
    };
    match kind {
        ChangeKind::CreatePermission => (
            ["viewer", "helpdesk"]
                .map(|login| new_permission(simulator, login, "Inventory Administrators"))
                .into(),
            new_permission(simulator, "viewer", "no-such-role"),
        ),
        ChangeKind::DeletePermission => {
            let made = ["viewer", "helpdesk"]
                .map(|login| new_permission(simulator, login, "Inventory Administrators"));
            let changes: Vec<&Change> = made.iter().collect();
            let answers = estate.change(&changes, &CancellationToken::new()).await.unwrap();
            let ids = answers.into_iter().map(|answer| answer.created.unwrap().0);
            let delete = |id: String| Change::DeletePermission(id.as_str().into());
            (ids.map(delete).collect(), delete("gone".to_owned()))
        }
        ChangeKind::CreateStream => {
            (vec![new_stream("made-a"), new_stream("made-b")], new_stream("win11-office"))
        }
        ChangeKind::DeleteStream => {
            change(estate, &[new_stream("made-a")]).await;
            let book = estate.image_book(RequestClass::Poll, &StreamQuery::default()).await.unwrap();
            let made =
                book.streams.iter().find(|known| known.name.as_ref().is_some_and(|name| *name == "made-a"));
            let used = stream("win11-office").id;
            (vec![Change::DeleteStream(made.unwrap().id.clone())], Change::DeleteStream(used))
        }
        ChangeKind::UpdateStream => {
            let seen = Box::new(stream("win11-office"));
            let edit = |edit: StreamEdit| Change::UpdateStream { seen: seen.clone(), edit };
            (
                vec![edit(StreamEdit { description: Some("September".into()), ..StreamEdit::default() })],
                edit(StreamEdit { operating_system: Some("BEOS".into()), ..StreamEdit::default() }),
            )
        }
        other => panic!("{other:?} is none of the 25"),
    }
}

async fn acts(method: &Method, verb: Verb, simulator: &Simulator, estate: &Estate) {
    let ids = sessions(simulator, if is_many(method) { 2 } else { 1 });
    let answers = estate.act(&action(verb), &ids, &CancellationToken::new()).await.unwrap();
    assert!(answers.iter().all(|answer| *answer == ItemAnswer::Accepted), "{}: {answers:?}", method.name);
    // Whoever may act on one access group only is refused elsewhere, and that is written down as well.
    let lead = connect_as(simulator.url(), simulator.account("finance-lead").unwrap()).await;
    let elsewhere = sessions(simulator, usize::MAX).into_iter().find(|id| {
        let truth = simulator.control().session(id.raw());
        truth.is_some_and(|truth| truth.access_group != "Finance")
    });
    let answers = lead.act(&action(verb), &[elsewhere.unwrap()], &CancellationToken::new()).await.unwrap();
    assert!(
        matches!(&answers[0], ItemAnswer::Refused(fault) if fault.kind == FaultKind::InsufficientPermission),
        "{}: {answers:?}",
        method.name
    );
}

async fn reads(method: &Method, simulator: &Simulator, estate: &Estate) {
    let book = estate.permission_book(RequestClass::Poll).await.unwrap();
    let permission = book.permissions[0].id.clone();
    let images = estate.image_book(RequestClass::Poll, &StreamQuery::default()).await.unwrap();
    simulator.control().clear_requests();
    match method.name {
        "Session_GetLocalSummaryView" => drop(estate.session(&sessions(simulator, 1)[0]).await.unwrap()),
        "Permission_Get" => drop(estate.permission(&permission).await.unwrap()),
        "Permission_GetInfos" => drop(estate.permissions(&[permission]).await.unwrap()),
        "Permission_List" => drop(estate.permission_book(RequestClass::Poll).await.unwrap()),
        "ImageManagementStream_Get" => drop(estate.stream(&images.streams[0].id).await.unwrap()),
        "ImageManagementStream_ListBySpec" => {
            drop(estate.image_book(RequestClass::Poll, &StreamQuery::default()).await.unwrap());
        }
        other => panic!("{other} is not read here"),
    }
}

#[tokio::test]
async fn each_leaves_as_the_request_of_its_row_and_writes_the_events_of_its_row() {
    for method in &METHODS {
        let simulator = simulate(SimOptions { sessions: Some(100), ..small() }).await;
        let estate = connect_to(simulator.url(), &simulator).await;
        match method.deed {
            Deed::Read(_) => Box::pin(reads(method, &simulator, &estate)).await,
            Deed::Act(verb) => acts(method, verb, &simulator, &estate).await,
            Deed::Change(kind) => {
                let (good, bad) = changes_for(kind, &simulator, &estate).await;
                // The one that fails goes first: an update that is based on what has changed since is not sent.
                let answers = change(&estate, std::slice::from_ref(&bad)).await;
                assert_ne!(answers, [ItemAnswer::Accepted], "{}", method.name);
                let count = if is_many(method) { good.len() } else { 1 };
                let answers = change(&estate, &good[..count]).await;
                let accepted = answers.iter().all(|answer| *answer == ItemAnswer::Accepted);
                assert!(accepted, "{}: {answers:?}", method.name);
            }
        }
        assert!(seen(&simulator, method.local), "{}: {} was not asked", method.name, method.local);
        if let Some(written) = method.events() {
            let name = method.name;
            assert!(was_written(&simulator, &estate, written.success).await, "{name}: {:?}", written.success);
            // Of a permission that is gone already nothing is known that could be written.
            let silent = method.deed == Deed::Change(ChangeKind::DeletePermission);
            let failure = was_written(&simulator, &estate, written.failure).await;
            assert!(failure || silent, "{name}: {:?}", written.failure);
        }
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn each_leaves_for_another_pod_as_the_second_request_of_its_row() {
    let options = SimOptions { world: WorldSource::Builtin("federation".to_owned()), ..small() };
    let simulator = simulate(options).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    let federation = estate.federation(RequestClass::Poll).await.unwrap().unwrap();
    let pod: PodId = federation.remote().next().unwrap().id.clone();
    for method in &METHODS {
        let (Deed::Act(verb), Some(remote), Some(written)) =
            (method.deed, method.remote, method.remote_events())
        else {
            continue;
        };
        simulator.control().clear_requests();
        // A session of the list of that pod, connected and on a managed machine.
        let list = estate.list_pod_sessions(&pod, RequestClass::Poll, |_| {}).await.unwrap();
        let fits = |session: &&foretop::domain::Session| {
            session.state == Some(foretop::domain::SessionState::Connected) && !session.is_on_rds_server()
        };
        let target = list.sessions.iter().find(fits).unwrap().id.clone();
        let targets = [(pod.clone(), target)];
        estate.act_on_pods(&action(verb), &targets, &CancellationToken::new()).await.unwrap();
        assert!(seen(&simulator, remote), "{}: {remote} was not asked", method.name);
        assert!(was_written(&simulator, &estate, written.success).await, "{}", method.name);
    }
}
