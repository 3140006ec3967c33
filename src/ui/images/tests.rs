//! The images tab at the sizes of `screens.md section 5`, and everything that can stand in it.

use std::sync::Arc;

use insta::assert_snapshot;

use crate::{
    core::{
        images::{ImageNode, ImagesTab, LiveSessions, RunningNode, testing},
        state::{Overlay, State, Tab},
        table::SessionTable,
    },
    domain::{Fault, FaultKind, ImageBook, ImageHole, ImagePart, StreamQuery, SubscriberKind},
    ui::fixtures::{at, connected, main_screen, picture, pictures},
};

/// The tab with a book, its first stream and two of its versions open.
fn with_book(width: u16, height: u16, book: ImageBook) -> State {
    let mut state = main_screen(width, height);
    state.tab = Tab::Images;
    let tab = &mut state.images;
    tab.live = LiveSessions::of(&SessionTable::new(testing::sessions(), at("14:02:11"), true));
    tab.book.load(Arc::new(book), at("14:02:11"));
    tab.open = ["s1"].map(|id| ImageNode::Stream(id.into())).into();
    tab.open.extend(["v3", "v4"].map(|id| ImageNode::Version(id.into())));
    tab.open.insert(ImageNode::Tag("t1".into()));
    tab.cursor = Some(ImageNode::Version("v4".into()));
    tab.running = [("v4", "REPLICATING", 41), ("x3", "RETRY_PENDING", 190)]
        .map(|(id, status, minutes)| RunningNode {
            node: if id == "v4" { ImageNode::Version(id.into()) } else { ImageNode::Asset(id.into()) },
            status: status.into(),
            since: at("14:02:14") - jiff::SignedDuration::from_mins(minutes),
        })
        .into();
    in_sight(&mut state);
    state
}

/// Scrolls as the core does.
fn in_sight(state: &mut State) {
    let height = ImagesTab::tree_rows(state).max(1);
    let shown = state.images.shown();
    let at = shown.iter().position(|node| Some(node) == state.images.cursor.as_ref()).unwrap_or(0);
    state.images.top = (at + 1).saturating_sub(height);
}

fn main(width: u16, height: u16) -> State {
    let mut state = with_book(width, height, testing::book());
    state.images.marks = [ImageNode::Version("v1".into()), ImageNode::Tag("t4".into())].into();
    state
}

fn refused() -> Fault {
    Fault {
        status: Some(403),
        ..Fault::new(FaultKind::InsufficientPermission, "list image streams", "not allowed")
    }
}

#[test]
fn the_tree_at_every_size() {
    pictures!("tree", main);
}

#[test]
fn the_details_as_a_sheet() {
    pictures!("detail", |width, height| {
        let mut state = main(width, height);
        state.overlays.push(Overlay::Image { node: ImageNode::Version("v4".into()), scroll: 0 });
        state
    });
    let mut state = main(80, 24);
    state.overlays.push(Overlay::Image { node: ImageNode::Stream("gone".into()), scroll: 0 });
    assert_snapshot!("detail_gone", picture(&state));
}

#[test]
fn a_filter_and_a_mistake_in_one() {
    let mut state = main(80, 24);
    state.images.filter = "it-w11".to_owned();
    in_sight(&mut state);
    assert_snapshot!("filter", picture(&state));
    let mut state = main(80, 24);
    state.images.filter = "staus:avail".to_owned();
    state.images.filter_error = crate::core::filter::ImageFilter::parse("staus:avail").err();
    assert_snapshot!("filter_error", picture(&state));
    let mut state = main(80, 24);
    state.images.filter = "nothing-like-this".to_owned();
    assert_snapshot!("nothing_matches", picture(&state));
}

#[test]
fn loading_failed_refused_and_empty() {
    let mut state = connected(80, 24);
    state.tab = Tab::Images;
    state.images.book.ask();
    assert_snapshot!("loading", picture(&state));
    state
        .images
        .book
        .fail(Fault::new(FaultKind::Unreachable, "list image streams", "no route"), at("14:02:14"));
    assert_snapshot!("failed", picture(&state));
    let mut state = connected(80, 24);
    state.tab = Tab::Images;
    state.images.book.fail(refused(), at("14:02:14"));
    assert_snapshot!("not_permitted", picture(&state));
    let empty = ImageBook {
        streams: Vec::new(),
        versions: Vec::new(),
        tags: Vec::new(),
        assets: Vec::new(),
        uses: Vec::new(),
        ..testing::book()
    };
    let mut state = with_book(80, 24, empty);
    state.images.query = StreamQuery { status: Some("FAILED".to_owned()), ..StreamQuery::default() };
    assert_snapshot!("none_for_query", picture(&state));
}

#[test]
fn old_data_gaps_and_unknown_uses_are_said() {
    let mut book = testing::book();
    let fault = Fault::new(FaultKind::InsufficientPermission, "list farms", "no right to see farms");
    book.uses_unknown.insert(SubscriberKind::Farm, fault);
    book.uses.retain(|one| one.kind == SubscriberKind::Pool);
    book.gaps.push(Fault::new(FaultKind::Unexpected, "list tags", "HTTP 500"));
    book.holes.push(ImageHole { part: ImagePart::Tag, stream: Some("s2".into()) });
    let mut state = with_book(80, 24, book);
    state
        .images
        .book
        .fail(Fault::new(FaultKind::Unreachable, "list image streams", "no route"), at("14:02:14"));
    in_sight(&mut state);
    assert_snapshot!("stale_with_gaps", picture(&state));
}

#[test]
fn names_of_any_kind_and_unknown_words_keep_their_columns() {
    let mut book = testing::book();
    book.streams[0].name = Some("研发-windows-11-办公室-非常长的名字-研发".into());
    book.streams[0].status = Some("BRAND_NEW_STATUS_OF_A_LATER_RELEASE".into());
    book.streams[1].operating_system = None;
    book.streams[1].status = None;
    book.versions[0].name = None;
    book.versions[0].description = Some("مريم patches".into());
    book.tags[0].version = Some("not-listed".into());
    book.assets[1].vcenter = None;
    let state = with_book(80, 24, book);
    assert_snapshot!("unknown_things", picture(&state));
}
