//! Images over real HTTP: every release, every fault, every event of the five methods and of what lies below streams.

use std::collections::BTreeMap;

use foretop::{
    api::{Estate, RequestClass},
    domain::{
        Asset, FaultKind, ImageBook, ImagePart, Stream, StreamQuery, SubscriberKind, Tag, Text, Version,
    },
    sim::{Release, SimOptions, Simulator},
};

use crate::support::{connect_as, connect_to, simulate, small};

/// Uses everything that the client can do with images, for the check against the vendor's definition.
pub(crate) async fn use_everything(estate: &Estate) {
    let book = book(estate).await;
    let vcenter = book.vcenters.keys().next().cloned();
    let query = StreamQuery {
        status: Some("AVAILABLE".into()),
        clone_type: Some("INSTANT_CLONE".into()),
        image_type: Some("VDI_DESKTOP".into()),
        vcenter,
    };
    let book = estate.image_book(RequestClass::Poll, &query).await.unwrap();
    assert_eq!(names(&book), ["win11-office"]);
    estate.stream(&book.streams[0].id).await.unwrap();
}

async fn start(release: &str) -> (Simulator, Estate) {
    let simulator = simulate(SimOptions { release: release.parse().unwrap(), ..small() }).await;
    let estate = connect_to(simulator.url(), &simulator).await;
    (simulator, estate)
}

async fn book(estate: &Estate) -> ImageBook {
    estate.image_book(RequestClass::Poll, &StreamQuery::default()).await.unwrap()
}

fn stream<'a>(book: &'a ImageBook, name: &str) -> &'a Stream {
    book.streams.iter().find(|stream| stream.name.as_ref().is_some_and(|known| *known == name)).unwrap()
}

fn version<'a>(book: &'a ImageBook, name: &str) -> &'a Version {
    book.versions.iter().find(|version| version.name.as_ref().is_some_and(|known| *known == name)).unwrap()
}

fn tag<'a>(book: &'a ImageBook, stream: &Stream, name: &str) -> &'a Tag {
    let mut tags = book.tags.iter().filter(|tag| tag.stream.as_ref() == Some(&stream.id));
    tags.find(|tag| tag.name.as_ref().is_some_and(|known| *known == name)).unwrap()
}

fn names(book: &ImageBook) -> Vec<&str> {
    book.streams.iter().filter_map(|stream| stream.name.as_ref()).map(Text::as_str).collect()
}

#[tokio::test]
async fn every_release_shows_the_same_images() {
    let mut first: Option<ImageBook> = None;
    for release in Release::all() {
        let (simulator, estate) = start(&release.to_string()).await;
        let mut book = book(&estate).await;
        assert_eq!(names(&book), ["win11-office", "rds-office", "linux-lab"], "{release}");
        assert_eq!((book.versions.len(), book.tags.len(), book.assets.len()), (6, 4, 8), "{release}");
        let kinds: Vec<_> = book.uses.iter().map(|used| used.kind).collect();
        if release < "2103".parse().unwrap() {
            // The list of farms has no version that tells.
            assert_eq!(kinds, [SubscriberKind::Pool], "{release}");
            let why = &book.uses_unknown[&SubscriberKind::Farm].message;
            assert!(
                why.as_str().contains("does not tell which image a farm is made from"),
                "{release}: {why}"
            );
            assert_eq!(book.uses_unknown.len(), 1, "{release}");
        } else {
            assert_eq!(kinds, [SubscriberKind::Pool, SubscriberKind::Farm], "{release}");
            assert!(book.uses_unknown.is_empty(), "{release}: {:?}", book.uses_unknown);
        }
        assert!(book.gaps.is_empty() && book.holes.is_empty(), "{release}: {:?}", book.gaps);
        let vcenters: Vec<&str> = book.vcenters.values().map(Text::as_str).collect();
        assert_eq!(vcenters.len(), 2, "{release}");
        assert!(vcenters.contains(&"vc01-ams") && vcenters.contains(&"vc02-lon"), "{release}");
        let paged =
            simulator.control().requests_to("GET", "/im-").iter().all(|asked| asked.query.contains("page="));
        assert_eq!(paged, release >= Release::R2309, "{release}");
        assert!(
            simulator.control().requests_to("GET", "/im-").iter().all(|asked| asked.status < 400),
            "{release}"
        );
        (book.uses, book.uses_unknown) = (Vec::new(), BTreeMap::new());
        assert_eq!(first.get_or_insert_with(|| book.clone()), &book, "{release}");
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn a_pool_names_the_stream_and_tag_that_it_is_made_from() {
    let (_simulator, estate) = start("2512").await;
    let book = book(&estate).await;
    let office = stream(&book, "win11-office");
    let uses = &book.uses;
    assert_eq!(uses[0].name.as_ref().unwrap().as_str(), "Finance", "as the list of sessions names it");
    assert_eq!(uses[0].stream.as_ref(), Some(&office.id));
    assert_eq!(uses[0].tag.as_ref(), Some(&tag(&book, office, "prod").id));
    assert_eq!((uses[0].pending, &uses[0].push), (Some(false), &None));
    let sessions = estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap().sessions;
    assert!(sessions.iter().any(|session| session.pool_id.as_ref().is_some_and(|id| id.raw() == uses[0].id)));
    assert!(sessions.iter().any(|session| session.farm_id.as_ref().is_some_and(|id| id.raw() == uses[1].id)));
}

#[tokio::test]
async fn conditions_pick_the_same_streams_on_every_release() {
    for release in ["2012", "2206", "2309", "2512"] {
        let (simulator, estate) = start(release).await;
        let all = book(&estate).await;
        let vcenter = all.vcenters.iter().find(|(_, name)| **name == "vc02-lon").map(|(id, _)| id.clone());
        let queries = [
            (StreamQuery { status: Some("DISABLED".into()), ..StreamQuery::default() }, vec!["linux-lab"]),
            (
                StreamQuery { clone_type: Some("FULL_CLONE".into()), ..StreamQuery::default() },
                vec!["linux-lab"],
            ),
            (
                StreamQuery { image_type: Some("RDSH_DESKTOP".into()), ..StreamQuery::default() },
                vec!["rds-office"],
            ),
            (
                StreamQuery { vcenter: vcenter.clone(), ..StreamQuery::default() },
                vec!["win11-office", "linux-lab"],
            ),
            (
                StreamQuery { vcenter, clone_type: Some("INSTANT_CLONE".into()), ..StreamQuery::default() },
                vec!["win11-office"],
            ),
        ];
        for (query, expected) in queries {
            let book = estate.image_book(RequestClass::Poll, &query).await.unwrap();
            assert_eq!(names(&book), expected, "{release} {query:?}");
            let ids: Vec<_> = book.streams.iter().map(|stream| &stream.id).collect();
            assert!(book.versions.iter().all(|version| ids.contains(&version.stream.as_ref().unwrap())));
            assert!(book.assets.iter().all(|asset: &Asset| ids.contains(&asset.stream.as_ref().unwrap())));
            assert!(book.gaps.is_empty(), "{release}");
        }
        simulator.shutdown().await;
    }
}

#[tokio::test]
async fn what_runs_tells_since_when() {
    let (simulator, estate) = start("2512").await;
    let book = book(&estate).await;
    let now = simulator.control().now();
    let minutes: BTreeMap<&str, i64> = (book.assets.iter())
        .filter(|asset| asset.is_running())
        .map(|asset| {
            let since = asset.status_since().unwrap();
            (asset.status.as_ref().unwrap().as_str(), now.duration_since(since).as_mins())
        })
        .collect();
    assert_eq!(minutes, [("REPLICATING", 41), ("RETRY_PENDING", 187)].into_iter().collect());
    assert!(version(&book, "v24.4").is_running());
    assert!(!version(&book, "v24.3").is_running());
    assert_eq!(version(&book, "v24.3").status_since(), None);
}

#[tokio::test]
async fn who_may_not_see_images_is_told_so() {
    let (simulator, _) = start("2512").await;
    let lead = simulator.account("finance-lead").unwrap();
    let estate = connect_as(simulator.url(), lead).await;
    let fault = estate.image_book(RequestClass::Poll, &StreamQuery::default()).await.unwrap_err();
    assert_eq!((fault.kind, fault.status), (FaultKind::InsufficientPermission, Some(403)));
    let helpdesk = connect_as(simulator.url(), simulator.account("helpdesk").unwrap()).await;
    assert_eq!(book(&helpdesk).await.streams.len(), 3);
}

#[tokio::test]
async fn a_part_that_cannot_be_read_is_a_gap_and_a_broken_line_is_the_end() {
    let (simulator, estate) = start("2512").await;
    let fault =
        simulator.control().add_fault("status=500@im-tags".parse::<foretop::sim::FaultSpec>().unwrap());
    let holes = book(&estate).await;
    assert_eq!((holes.streams.len(), holes.tags.len(), holes.versions.len()), (3, 0, 6));
    assert_eq!(holes.gaps.len(), 1, "the same for all streams is said once");
    assert_eq!(holes.gaps[0].kind, FaultKind::Unexpected);
    assert_eq!(holes.holes.iter().filter(|hole| hole.part == ImagePart::Tag).count(), 3, "one a stream");
    simulator.control().remove_fault(fault);
    simulator.control().add_fault("drop@im-versions".parse::<foretop::sim::FaultSpec>().unwrap());
    let fault = estate.image_book(RequestClass::Poll, &StreamQuery::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
}

#[tokio::test]
async fn one_stream_is_read_and_a_missing_one_is_not_found() {
    let (simulator, estate) = start("2512").await;
    let book = book(&estate).await;
    let office = stream(&book, "win11-office");
    assert_eq!(estate.stream(&office.id).await.unwrap(), *office);
    assert_eq!(office.usable, Some(true));
    let fault = estate.stream(&"no-such-stream".into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::EntityNotFound);
    let lead = connect_as(simulator.url(), simulator.account("finance-lead").unwrap()).await;
    assert_eq!(lead.stream(&office.id).await.unwrap_err().kind, FaultKind::InsufficientPermission);
    simulator.control().add_fault("status=500@im-streams".parse::<foretop::sim::FaultSpec>().unwrap());
    assert_eq!(estate.stream(&office.id).await.unwrap_err().kind, FaultKind::Unexpected);
}
