//! Images changed over real HTTP: the five methods and what lies below streams, each with its faults and its events.

use std::{collections::BTreeMap, time::Duration};

use foretop::{
    api::{ChangeAnswer, Estate, ItemAnswer, RequestClass},
    domain::{
        AssetEdit, AssetSource, Change, Fault, FaultKind, ImageBook, NewAsset, NewStream, NewTag, NewVersion,
        Stream, StreamEdit, StreamQuery, Tag, TagEdit, Text, Version, VersionEdit,
    },
    sim::{FaultSpec, SimOptions, Simulator},
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::support::{connect_as, connect_to, simulate, small};

/// The releases in which something is done in another way.
const RELEASES: [&str; 4] = ["2012", "2206", "2309", "2512"];

async fn start(release: &str) -> (Simulator, Estate) {
    let simulator = simulate(SimOptions { release: release.parse().unwrap(), ..small() }).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    (simulator, estate)
}

async fn book(estate: &Estate) -> ImageBook {
    estate.image_book(RequestClass::Poll, &StreamQuery::default()).await.unwrap()
}

fn stream(book: &ImageBook, name: &str) -> Stream {
    let is = |stream: &&Stream| stream.name.as_ref().is_some_and(|known| *known == name);
    book.streams.iter().find(is).unwrap().clone()
}

fn version(book: &ImageBook, name: &str) -> Version {
    let is = |version: &&Version| version.name.as_ref().is_some_and(|known| *known == name);
    book.versions.iter().find(is).unwrap().clone()
}

fn tag(book: &ImageBook, name: &str) -> Tag {
    book.tags.iter().find(|tag| tag.name.as_ref().is_some_and(|known| *known == name)).unwrap().clone()
}

fn new_stream(name: &str) -> NewStream {
    NewStream {
        name: name.into(),
        operating_system: "WINDOWS_11".into(),
        source: "UPLOADED".into(),
        status: "AVAILABLE".into(),
        description: Some("For tests".into()),
        publisher: None,
        additional_details: BTreeMap::new(),
    }
}

fn new_version(stream: &Stream, name: &str) -> NewVersion {
    NewVersion {
        stream: stream.id.clone(),
        name: name.into(),
        status: "PUBLISHING".into(),
        description: None,
        additional_details: [("kb".to_owned(), "5041585".to_owned())].into(),
    }
}

async fn change(estate: &Estate, changes: &[&Change]) -> Result<Vec<ChangeAnswer>, Fault> {
    estate.change(changes, &CancellationToken::new()).await
}

/// The answer to one change.
async fn one(estate: &Estate, wanted: Change) -> ChangeAnswer {
    change(estate, &[&wanted]).await.unwrap().pop().unwrap()
}

async fn accepted(estate: &Estate, wanted: Change) -> Option<String> {
    let answer = one(estate, wanted).await;
    assert_eq!(answer.answer, ItemAnswer::Accepted);
    answer.created.map(|id| id.0)
}

async fn refused(estate: &Estate, wanted: Change) -> Fault {
    match one(estate, wanted).await.answer {
        ItemAnswer::Refused(fault) | ItemAnswer::NotFound(fault) => fault,
        other => panic!("not refused: {other:?}"),
    }
}

/// The texts of the events of this type; none on releases without events.
async fn events(simulator: &Simulator, estate: &Estate, kind: &str) -> Vec<String> {
    simulator.control().advance(Duration::from_secs(5));
    let events = estate.events(None).await.unwrap().events;
    let of_kind = events.into_iter().filter(|event| event.kind.as_ref().is_some_and(|known| *known == kind));
    of_kind.map(|event| event.message.unwrap_or_default().as_str().to_owned()).collect()
}

fn add_fault(simulator: &Simulator, spec: &str) {
    simulator.control().add_fault(spec.parse::<FaultSpec>().unwrap());
}

/// The bodies of the calls with this method below this path.
fn bodies(simulator: &Simulator, method: &str, path: &str) -> Vec<Value> {
    let requests = simulator.control().requests_to(method, path);
    requests.iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect()
}

#[tokio::test]
async fn a_stream_is_created_and_found_again_on_every_release() {
    for release in RELEASES {
        let (simulator, estate) = start(release).await;
        let id = accepted(&estate, Change::CreateStream(new_stream("win11-lab"))).await;
        let made = stream(&book(&estate).await, "win11-lab");
        assert_eq!(id.as_deref(), Some(made.id.raw()), "{release}");
        assert_eq!(made.usable, Some(false));
        assert_eq!(simulator.control().requests_to("POST", "bulk-create").len(), 0);
        if release != "2012" {
            let events = events(&simulator, &estate, "VLSI_IM_STREAM_ADDED").await;
            assert_eq!(
                events,
                [format!("CORP\\admin added Image Management Stream {}", made.id)],
                "{release}"
            );
        }
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn several_streams_each_get_their_own_answer() {
    for release in RELEASES {
        let (simulator, estate) = start(release).await;
        let mut bad = new_stream("no spaces here");
        let taken = Change::CreateStream(new_stream("win11-office"));
        let odd = Change::CreateStream(NewStream { operating_system: "BEOS".into(), ..new_stream("beos") });
        bad.description = None;
        let (good, bad, last) = (
            Change::CreateStream(new_stream("one")),
            Change::CreateStream(bad),
            Change::CreateStream(new_stream("two")),
        );
        let answers = change(&estate, &[&good, &bad, &taken, &odd, &last]).await.unwrap();
        let book = book(&estate).await;
        let created: Vec<_> =
            answers.iter().map(|answer| answer.created.as_ref().map(|id| id.0.clone())).collect();
        let (one, two) = (stream(&book, "one"), stream(&book, "two"));
        assert_eq!(created[0].as_deref(), Some(one.id.raw()), "{release}");
        assert_eq!(created[4].as_deref(), Some(two.id.raw()), "{release}");
        for answer in &answers[1..4] {
            let ItemAnswer::Refused(fault) = &answer.answer else { panic!("{release}: {answer:?}") };
            assert_eq!(
                (fault.kind, &answer.created),
                (FaultKind::InvalidArgument, &None),
                "{release}: {fault}"
            );
        }
        assert_eq!(book.streams.len(), 5);
        if release != "2012" {
            assert_eq!(events(&simulator, &estate, "VLSI_IM_STREAM_ADDED").await.len(), 2);
            let failed = events(&simulator, &estate, "VLSI_IM_STREAM_ADD_FAILED").await;
            assert_eq!(failed, ["CORP\\admin failed to add Image Management Stream"; 3]);
        }
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn a_single_creation_has_its_faults() {
    let (simulator, estate) = start("2512").await;
    let fault = refused(&estate, Change::CreateStream(new_stream("win11-office"))).await;
    assert_eq!((fault.kind, fault.status), (FaultKind::InvalidArgument, Some(409)));
    let fault = refused(&estate, Change::CreateStream(new_stream("ä"))).await;
    assert_eq!((fault.kind, fault.status), (FaultKind::InvalidArgument, Some(400)));
    let helpdesk = connect_as(simulator.url(), simulator.account("helpdesk").unwrap()).await;
    let wanted = Change::CreateStream(new_stream("mine"));
    let fault = change(&helpdesk, &[&wanted]).await.unwrap_err();
    assert_eq!((fault.kind, fault.status), (FaultKind::InsufficientPermission, Some(403)));
    assert_eq!(events(&simulator, &estate, "REST_AUTH_PERMISSION_FAILURE").await.len(), 1);
    assert_eq!(events(&simulator, &estate, "VLSI_IM_STREAM_ADD_FAILED").await.len(), 2);
    add_fault(&simulator, "status=500@im-streams");
    let fault = change(&estate, &[&wanted]).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Unexpected, true));
}

#[tokio::test]
async fn an_answer_that_breaks_off_may_have_been_carried_out_and_is_not_repeated() {
    let (simulator, estate) = start("2512").await;
    add_fault(&simulator, "drop@bulk-create");
    let (one, two) = (Change::CreateStream(new_stream("one")), Change::CreateStream(new_stream("two")));
    let fault = change(&estate, &[&one, &two]).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Unreachable, true));
    assert_eq!(simulator.control().requests_to("POST", "bulk-create").len(), 1);
    assert_eq!(book(&estate).await.streams.len(), 5, "it was");
}

#[tokio::test]
async fn what_is_stopped_before_it_leaves_is_cancelled() {
    let (simulator, estate) = start("2512").await;
    let stop = CancellationToken::new();
    stop.cancel();
    let seen = Box::new(stream(&book(&estate).await, "win11-office"));
    simulator.control().clear_requests();
    let edit = StreamEdit { status: Some("DISABLED".into()), ..StreamEdit::default() };
    for wanted in [
        Change::CreateStream(new_stream("one")),
        Change::DeleteStream(seen.id.clone()),
        Change::UpdateStream { seen, edit },
    ] {
        let fault = estate.change(&[&wanted], &stop).await.unwrap_err();
        assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Cancelled, false));
    }
    assert!(simulator.control().requests().is_empty());
}

#[tokio::test]
async fn an_update_keeps_what_the_operator_did_not_touch_byte_for_byte() {
    for release in RELEASES {
        let (simulator, estate) = start(release).await;
        let seen = stream(&book(&estate).await, "win11-office");
        let shown: Vec<&str> = seen.additional_details.keys().map(Text::as_str).collect();
        assert_eq!(shown, ["built\u{fffd} by", "owner"], "what is shown is cleaned");
        let edit = StreamEdit {
            description: Some("New words".into()),
            additional_details: [("owner".to_owned(), Some("kaya".to_owned()))].into(),
            ..StreamEdit::default()
        };
        accepted(&estate, Change::UpdateStream { seen: Box::new(seen.clone()), edit }).await;
        let sent = bodies(&simulator, "PUT", "/im-streams/");
        assert_eq!(
            sent,
            [serde_json::json!({
                "name": "win11-office", "operating_system": "WINDOWS_11", "source": "UPLOADED", "status": "AVAILABLE",
                "description": "New words", "publisher": "Workplace team",
                "additional_details": {"built\u{7} by": "ops\u{1b}[31m\tteam", "owner": "kaya"},
            })],
            "{release}"
        );
        let now = estate.stream(&seen.id).await.unwrap();
        assert_eq!(now.description.unwrap(), "New words");
        if release != "2012" {
            let events = events(&simulator, &estate, "VLSI_IM_STREAM_UPDATED").await;
            assert_eq!(events, [format!("CORP\\admin updated Image Management Stream {}", seen.id)]);
        }
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn an_update_of_what_somebody_else_changed_is_not_sent() {
    let (simulator, estate) = start("2512").await;
    let seen = stream(&book(&estate).await, "win11-office");
    let edit = StreamEdit { status: Some("DISABLED".into()), ..StreamEdit::default() };
    accepted(&estate, Change::UpdateStream { seen: Box::new(seen.clone()), edit }).await;
    let edit = StreamEdit { publisher: Some("me".into()), ..StreamEdit::default() };
    let fault = refused(&estate, Change::UpdateStream { seen: Box::new(seen.clone()), edit }).await;
    assert_eq!(fault.kind, FaultKind::InvalidState);
    assert_eq!(fault.message, "changed on the server since it was read: status DISABLED, was AVAILABLE");
    assert_eq!(simulator.control().requests_to("PUT", "/im-streams/").len(), 1);
    assert_eq!(estate.stream(&seen.id).await.unwrap().publisher.unwrap(), "Workplace team");
}

#[tokio::test]
async fn an_update_has_its_faults() {
    let (simulator, estate) = start("2512").await;
    let seen = stream(&book(&estate).await, "linux-lab");
    let update = |edit| Change::UpdateStream { seen: Box::new(seen.clone()), edit };
    let rename = |name: &str| update(StreamEdit { name: Some(name.into()), ..StreamEdit::default() });
    for bad in ["two words", "win11-office", ""] {
        let fault = refused(&estate, rename(bad)).await;
        assert_eq!((fault.kind, fault.status), (FaultKind::InvalidArgument, Some(400)), "{bad}");
    }
    let helpdesk = connect_as(simulator.url(), simulator.account("helpdesk").unwrap()).await;
    let fault = change(&helpdesk, &[&rename("lab")]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InsufficientPermission);
    // A question is asked three times.
    add_fault(&simulator, "status=500@im-streams:3");
    let fault = change(&estate, &[&rename("lab")]).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Unexpected, false), "only the reading has failed");
    accepted(&estate, Change::DeleteStream(seen.id.clone())).await;
    let ItemAnswer::NotFound(fault) = one(&estate, rename("lab")).await.answer else { panic!("it is gone") };
    assert_eq!(fault.kind, FaultKind::EntityNotFound);
    let failed = events(&simulator, &estate, "VLSI_IM_STREAM_UPDATE_FAILED").await;
    assert_eq!(failed, vec![format!("CORP\\admin failed to update Image Management Stream {}", seen.id); 3]);
}

#[tokio::test]
async fn a_stream_in_use_stays_and_one_that_is_free_goes_with_all_below_it() {
    for release in RELEASES {
        let (simulator, estate) = start(release).await;
        let book_before = book(&estate).await;
        let (used, free) = (stream(&book_before, "win11-office"), stream(&book_before, "linux-lab"));
        let fault = refused(&estate, Change::DeleteStream(used.id.clone())).await;
        assert_eq!((fault.kind, fault.status), (FaultKind::EntityInUse, Some(400)), "{release}");
        assert!(fault.message.as_str().contains("desktop pool fin-w11"), "{fault}");
        accepted(&estate, Change::DeleteStream(free.id.clone())).await;
        let after = book(&estate).await;
        assert_eq!((after.streams.len(), after.versions.len(), after.assets.len()), (2, 5, 7), "{release}");
        let answer = one(&estate, Change::DeleteStream(free.id.clone())).await.answer;
        assert!(matches!(answer, ItemAnswer::NotFound(_)), "{release}: {answer:?}");
        if release != "2012" {
            let deleted = events(&simulator, &estate, "VLSI_IM_STREAM_DELETED").await;
            assert_eq!(deleted, [format!("CORP\\admin deleted Image Management Stream {}", free.id)]);
            let failed = events(&simulator, &estate, "VLSI_IM_STREAM_DELETE_FAILED").await;
            assert_eq!(failed.len(), 2, "in use, and not there");
        }
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn a_deletion_has_its_faults() {
    let (simulator, estate) = start("2512").await;
    let free = stream(&book(&estate).await, "linux-lab");
    let delete = Change::DeleteStream(free.id.clone());
    let helpdesk = connect_as(simulator.url(), simulator.account("helpdesk").unwrap()).await;
    assert_eq!(change(&helpdesk, &[&delete]).await.unwrap_err().kind, FaultKind::InsufficientPermission);
    add_fault(&simulator, "status=400@im-streams:1");
    assert_eq!(refused(&estate, delete.clone()).await.kind, FaultKind::InvalidArgument);
    add_fault(&simulator, "status=500@im-streams:1");
    let fault = change(&estate, &[&delete]).await.unwrap_err();
    assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Unexpected, true));
    assert!(book(&estate).await.streams.iter().any(|stream| stream.id == free.id));
}

#[tokio::test]
async fn versions_are_created_published_changed_and_deleted() {
    for release in RELEASES {
        let (simulator, estate) = start(release).await;
        let lab = stream(&book(&estate).await, "linux-lab");
        let id = accepted(&estate, Change::CreateVersion(new_version(&lab, "24.04.1"))).await.unwrap();
        let made = version(&book(&estate).await, "24.04.1");
        assert_eq!(made.id.raw(), id, "{release}");
        assert!(made.is_running() && made.status_since().is_some());
        let fault = refused(&estate, Change::CreateVersion(new_version(&lab, "24.04.1"))).await;
        assert_eq!((fault.kind, fault.status), (FaultKind::InvalidArgument, Some(409)));
        simulator.control().advance(Duration::from_mins(5));
        let done = version(&book(&estate).await, "24.04.1");
        assert_eq!(done.status.as_ref().unwrap().as_str(), "AVAILABLE", "{release}");
        assert!(!done.is_running());
        let edit = VersionEdit { description: Some("For the lab".into()), ..VersionEdit::default() };
        let fault =
            refused(&estate, Change::UpdateVersion { seen: Box::new(made), edit: edit.clone() }).await;
        assert!(fault.message.as_str().contains("status AVAILABLE, was PUBLISHING"), "{fault}");
        accepted(&estate, Change::UpdateVersion { seen: Box::new(done), edit }).await;
        let changed = version(&book(&estate).await, "24.04.1");
        assert_eq!(changed.description.unwrap(), "For the lab");
        assert_eq!(changed.additional_details.len(), 1, "kept");
        let used = version(&book(&estate).await, "v24.3").id;
        assert_eq!(refused(&estate, Change::DeleteVersion(used)).await.kind, FaultKind::EntityInUse);
        accepted(&estate, Change::DeleteVersion(changed.id)).await;
        if release != "2012" {
            for (kind, count) in [
                ("VLSI_IM_VERSION_ADDED", 1),
                ("VLSI_IM_VERSION_ADD_FAILED", 1),
                ("VLSI_IM_VERSION_UPDATED", 1),
                ("VLSI_IM_VERSION_DELETED", 1),
                ("VLSI_IM_VERSION_DELETE_FAILED", 1),
            ] {
                assert_eq!(events(&simulator, &estate, kind).await.len(), count, "{kind}");
            }
        }
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn a_moved_tag_gives_its_pools_another_image() {
    for release in RELEASES {
        let (simulator, estate) = start(release).await;
        let before = book(&estate).await;
        let (prod, next) = (tag(&before, "prod"), version(&before, "v24.2"));
        let edit = TagEdit { version: Some(next.id.clone()), ..TagEdit::default() };
        accepted(&estate, Change::UpdateTag { seen: Box::new(prod.clone()), edit }).await;
        let pushed = book(&estate).await;
        let finance = pushed.uses[0].clone();
        assert_eq!((finance.tag.as_ref(), finance.pending), (Some(&prod.id), Some(true)), "{release}");
        assert_eq!(finance.push.unwrap(), "PENDING_PUBLISH");
        assert_eq!(tag(&pushed, "prod").version.as_ref(), Some(&next.id));
        simulator.control().advance(Duration::from_mins(6));
        let finance = book(&estate).await.uses[0].clone();
        assert_eq!((finance.pending, finance.push), (Some(false), None), "{release}");
        if release != "2012" {
            assert_eq!(events(&simulator, &estate, "VLSI_IM_TAG_UPDATED").await.len(), 1);
        }
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn tags_are_created_and_deleted_and_must_point_into_their_stream() {
    let (simulator, estate) = start("2512").await;
    let book = book(&estate).await;
    let (office, lab) = (stream(&book, "win11-office"), stream(&book, "linux-lab"));
    let new = |stream: &Stream, version: &str, name: &str| {
        let version = self::version(&book, version).id;
        NewTag { stream: stream.id.clone(), version, name: name.into(), additional_details: BTreeMap::new() }
    };
    let id = accepted(&estate, Change::CreateTag(new(&lab, "22.04", "lab"))).await.unwrap();
    let fault = refused(&estate, Change::CreateTag(new(&lab, "v24.3", "astray"))).await;
    assert_eq!((fault.kind, fault.status), (FaultKind::InvalidArgument, Some(400)));
    let (one, two) =
        (Change::CreateTag(new(&office, "v24.3", "fresh")), Change::CreateTag(new(&office, "v24.3", "prod")));
    let answers = change(&estate, &[&one, &two]).await.unwrap();
    assert_eq!(answers[0].answer, ItemAnswer::Accepted);
    assert!(answers[0].created.is_some() && matches!(answers[1].answer, ItemAnswer::Refused(_)));
    let edit = TagEdit { name: Some("lab-2".into()), ..TagEdit::default() };
    let seen = Box::new(tag(&self::book(&estate).await, "lab"));
    accepted(&estate, Change::UpdateTag { seen, edit }).await;
    assert_eq!(tag(&self::book(&estate).await, "lab-2").id.raw(), id);
    assert_eq!(refused(&estate, Change::DeleteTag(tag(&book, "prod").id)).await.kind, FaultKind::EntityInUse);
    accepted(&estate, Change::DeleteTag(id.as_str().into())).await;
    for (kind, count) in [
        ("VLSI_IM_TAG_ADDED", 2),
        ("VLSI_IM_TAG_ADD_FAILED", 2),
        ("VLSI_IM_TAG_DELETED", 1),
        ("VLSI_IM_TAG_DELETE_FAILED", 1),
    ] {
        assert_eq!(events(&simulator, &estate, kind).await.len(), count, "{kind}");
    }
}

#[tokio::test]
async fn assets_are_created_replicated_changed_and_deleted() {
    for release in RELEASES {
        let (simulator, estate) = start(release).await;
        let before = book(&estate).await;
        let lab = version(&before, "22.04");
        let vcenter = before.vcenters.iter().find(|(_, name)| **name == "vc01-ams").unwrap().0.clone();
        let new = NewAsset {
            stream: lab.stream.clone().unwrap(),
            version: lab.id.clone(),
            vcenter,
            clone_type: "INSTANT_CLONE".into(),
            image_type: "VDI_DESKTOP".into(),
            status: "REPLICATING".into(),
            source: AssetSource::Snapshot { vm: "vm-9".into(), snapshot: "snapshot-9".into() },
            additional_details: BTreeMap::new(),
        };
        let id = accepted(&estate, Change::CreateAsset(new.clone())).await.unwrap();
        let find = |book: ImageBook| book.assets.into_iter().find(|asset| asset.id.raw() == id).unwrap();
        let made = find(book(&estate).await);
        assert!(made.is_running());
        assert_eq!(refused(&estate, Change::CreateAsset(new.clone())).await.status, Some(409));
        let nowhere = Change::CreateAsset(NewAsset { vcenter: "nowhere".into(), ..new.clone() });
        assert_eq!(refused(&estate, nowhere).await.kind, FaultKind::InvalidArgument);
        simulator.control().advance(Duration::from_mins(6));
        let done = find(book(&estate).await);
        assert_eq!(done.status.as_ref().unwrap().as_str(), "AVAILABLE", "{release}");
        let edit = AssetEdit { status: Some("DISABLED".into()), ..AssetEdit::default() };
        accepted(&estate, Change::UpdateAsset { seen: Box::new(done), edit }).await;
        assert_eq!(find(book(&estate).await).status.unwrap(), "DISABLED");
        accepted(&estate, Change::DeleteAsset(id.as_str().into())).await;
        let office = version(&before, "v24.3").id;
        let used = before.assets.iter().find(|asset| asset.version.as_ref() == Some(&office)).unwrap();
        let fault = refused(&estate, Change::DeleteAsset(used.id.clone())).await;
        assert_eq!(fault.kind, FaultKind::EntityInUse, "{release}");
        if release != "2012" {
            for (kind, count) in [
                ("VLSI_IM_ASSET_ADDED", 1),
                ("VLSI_IM_ASSET_ADD_FAILED", 2),
                ("VLSI_IM_ASSET_UPDATED", 1),
                ("VLSI_IM_ASSET_DELETED", 1),
                ("VLSI_IM_ASSET_DELETE_FAILED", 1),
            ] {
                assert_eq!(events(&simulator, &estate, kind).await.len(), count, "{kind}");
            }
        }
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn changes_of_several_kinds_do_not_travel_together() {
    let (simulator, estate) = start("2512").await;
    let lab = stream(&book(&estate).await, "linux-lab");
    let (one, two) = (Change::CreateStream(new_stream("one")), Change::CreateVersion(new_version(&lab, "1")));
    assert!(change(&estate, &[&one, &two]).await.is_err());
    let delete = Change::DeleteStream(lab.id);
    assert!(change(&estate, &[&delete, &delete]).await.is_err(), "one at a time");
    assert!(simulator.control().requests_to("POST", "/im-").is_empty());
    assert!(simulator.control().requests_to("DELETE", "/im-").is_empty());
}

/// Changes everything that can be changed, for the check against the vendor's definition.
pub(crate) async fn use_everything(estate: &Estate) {
    let before = book(estate).await;
    let office = stream(&before, "win11-office");
    let (one, two) = (Change::CreateStream(new_stream("one")), Change::CreateStream(new_stream("two")));
    change(estate, &[&one, &two]).await.unwrap();
    accepted(estate, Change::CreateStream(new_stream("three"))).await;
    let edit = StreamEdit { publisher: Some(String::new()), ..StreamEdit::default() };
    accepted(estate, Change::UpdateStream { seen: Box::new(office.clone()), edit }).await;
    refused(estate, Change::DeleteStream(office.id.clone())).await;
    accepted(estate, Change::CreateVersion(new_version(&office, "v25.1"))).await;
    let (three, four) = (
        Change::CreateVersion(new_version(&office, "v25.2")),
        Change::CreateVersion(new_version(&office, "v25.2")),
    );
    change(estate, &[&three, &four]).await.unwrap();
    let made = version(&book(estate).await, "v25.1");
    let edit = VersionEdit { description: Some("New".into()), ..VersionEdit::default() };
    accepted(estate, Change::UpdateVersion { seen: Box::new(made.clone()), edit }).await;
    let new = NewTag {
        stream: office.id.clone(),
        version: made.id.clone(),
        name: "next".into(),
        additional_details: BTreeMap::new(),
    };
    accepted(estate, Change::CreateTag(new.clone())).await;
    let (five, six) = (
        Change::CreateTag(NewTag { name: "later".into(), ..new.clone() }),
        Change::CreateTag(NewTag { name: "last".into(), ..new }),
    );
    change(estate, &[&five, &six]).await.unwrap();
    let edit = TagEdit { version: Some(made.id.clone()), ..TagEdit::default() };
    accepted(estate, Change::UpdateTag { seen: Box::new(tag(&before, "prod")), edit }).await;
    book(estate).await;
    let new = NewAsset {
        stream: office.id.clone(),
        version: made.id.clone(),
        vcenter: before.vcenters.keys().next().unwrap().clone(),
        clone_type: "FULL_CLONE".into(),
        image_type: "VDI_DESKTOP".into(),
        status: "AVAILABLE".into(),
        source: AssetSource::Template("vm-7".into()),
        additional_details: BTreeMap::new(),
    };
    let id = accepted(estate, Change::CreateAsset(new.clone())).await.unwrap();
    let (seven, eight) = (
        Change::CreateAsset(NewAsset { image_type: "RDSH_APPS".into(), ..new.clone() }),
        Change::CreateAsset(new),
    );
    change(estate, &[&seven, &eight]).await.unwrap();
    let seen = book(estate).await.assets.into_iter().find(|asset| asset.id.raw() == id).unwrap();
    let edit = AssetEdit { status: Some("DISABLED".into()), ..AssetEdit::default() };
    accepted(estate, Change::UpdateAsset { seen: Box::new(seen), edit }).await;
    accepted(estate, Change::DeleteAsset(id.as_str().into())).await;
    accepted(estate, Change::DeleteTag(tag(&book(estate).await, "next").id)).await;
    accepted(estate, Change::DeleteVersion(version(&book(estate).await, "v25.2").id)).await;
}
