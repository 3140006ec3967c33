//! The images tab as its keys and the server's answers change it.

use std::sync::Arc;

use super::*;
use crate::{
    core::{
        fixtures::{Bench, capabilities},
        form::FormPurpose,
        images::testing,
        msg::Msg,
        remote::Remote,
        state::ScreenSize,
    },
    domain::{Change, TagEdit},
};

/// The question about images that is out.
fn asked(bench: &mut Bench) -> Option<RequestId> {
    bench.take_effects().into_iter().find_map(|effect| match effect {
        Effect::FetchImages { request, .. } => Some(request),
        _ => None,
    })
}

/// Answers the question about images that is out.
fn answer(bench: &mut Bench, answer: Result<ImageBook, Fault>) {
    let request = bench.state.images.poll.in_flight.expect("a question is out");
    bench.send(Msg::ImagesRead { request, answer: answer.map(Arc::new) });
}

/// The tab with the book of the tests, on a screen with room for all of it.
fn tab() -> Bench {
    let mut bench = Bench::with(testing::sessions());
    bench.send(Msg::Resized(ScreenSize { width: 120, height: 60 }));
    bench.press("3");
    answer(&mut bench, Ok(testing::book()));
    bench.take_effects();
    bench
}

fn cursor(bench: &Bench) -> String {
    let book = bench.state.images.book.value().unwrap();
    let shelf = Shelf::new(book, &bench.state.images.live);
    shelf.path(bench.state.images.cursor.as_ref().unwrap()).to_string()
}

fn notice(bench: &Bench) -> &str {
    bench.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

/// The plan on the sheet.
fn plan(bench: &Bench) -> &crate::core::change::ChangePlan {
    match bench.state.overlays.last() {
        Some(Overlay::Change(sheet)) => &sheet.plan,
        other => panic!("no sheet: {other:?}"),
    }
}

#[test]
fn nothing_is_read_before_the_tab_is_shown_or_after_it_was_left() {
    let mut bench = Bench::with(testing::sessions());
    bench.pass(600);
    assert_eq!(asked(&mut bench), None);
    bench.press("3");
    assert!(asked(&mut bench).is_some());
    assert_eq!(bench.state.images.book, Remote::Loading);
    let mut still = testing::book();
    still.versions[1].status = Some("AVAILABLE".into());
    still.assets[2].status = Some("AVAILABLE".into());
    answer(&mut bench, Ok(still));
    bench.pass(59);
    assert_eq!(asked(&mut bench), None);
    bench.pass(1);
    assert!(asked(&mut bench).is_some(), "once a minute while nothing runs");
    answer(&mut bench, Ok(testing::book()));
    bench.pass(10);
    assert!(asked(&mut bench).is_some(), "every 10 s while something runs");
    answer(&mut bench, Ok(testing::book()));
    bench.press("1");
    bench.pass(600);
    assert_eq!(asked(&mut bench), None);
    bench.press("3");
    assert!(asked(&mut bench).is_some(), "what is old is read when somebody looks again");
}

#[test]
fn a_failed_reading_keeps_what_was_there_and_answers_to_older_questions_are_dropped() {
    let mut bench = tab();
    bench.pass(10);
    let request = asked(&mut bench).unwrap();
    answer(
        &mut bench,
        Err(Fault::new(crate::domain::FaultKind::Unreachable, "list image streams", "no route")),
    );
    assert!(matches!(bench.state.images.book, Remote::Stale { .. }));
    bench.send(Msg::ImagesRead { request, answer: Ok(Arc::new(testing::book())) });
    assert!(matches!(bench.state.images.book, Remote::Stale { .. }), "that question was answered already");
    bench.press("<c-r>");
    assert!(asked(&mut bench).is_some());
}

#[test]
fn what_runs_is_open_from_the_beginning_and_ages_from_when_it_was_first_seen() {
    let mut bench = tab();
    let shown = bench.state.images.shown();
    assert!(shown.contains(&ImageNode::Asset("x3".into())), "{shown:?}");
    let since = bench.state.images.running_since(&ImageNode::Version("v4".into())).unwrap();
    bench.pass(10);
    answer(&mut bench, Ok(testing::book()));
    assert_eq!(bench.state.images.running_since(&ImageNode::Version("v4".into())), Some(since));
    bench.pass(10);
    let mut book = testing::book();
    book.versions[1].status = Some("PUBLISHING".into());
    answer(&mut bench, Ok(book));
    assert_eq!(
        bench.state.images.running_since(&ImageNode::Version("v4".into())),
        Some(bench.state.now),
        "another state began anew"
    );
}

#[test]
fn the_cursor_walks_opens_and_closes() {
    let mut bench = tab();
    assert_eq!(cursor(&bench), "win11-office");
    bench.press("zM");
    assert_eq!(bench.state.images.shown().len(), 3);
    bench.press("ll");
    assert_eq!(cursor(&bench), "win11-office/v24.3");
    bench.press("<enter>j");
    assert_eq!(cursor(&bench), "win11-office/prod");
    bench.press("ll");
    assert_eq!(cursor(&bench), "win11-office/fin-w11");
    bench.press("h");
    assert_eq!(cursor(&bench), "win11-office/prod");
    bench.press("hhh");
    assert_eq!(
        cursor(&bench),
        "win11-office/v24.3",
        "the first closes the tag, the second leaves it, the third closes"
    );
    bench.press("h");
    assert_eq!(cursor(&bench), "win11-office");
    bench.press("zRG");
    assert_eq!(cursor(&bench), "apps/a1/vc01 instant clone, RDSH_APPS".replace("RDSH_APPS", "RDSH apps"));
    bench.press("zM");
    assert_eq!(cursor(&bench), "apps", "what is hidden gives the cursor to what is above it");
}

#[test]
fn cursor_and_marks_stay_with_what_they_stand_for() {
    let mut bench = tab();
    bench.press("zM");
    bench.press("j jl");
    assert_eq!(bench.state.images.marks.len(), 1);
    let mut book = testing::book();
    book.streams.reverse();
    bench.pass(10);
    answer(&mut bench, Ok(book.clone()));
    assert_eq!(cursor(&bench), "apps");
    assert!(bench.state.images.marks.contains(&ImageNode::Stream("s2".into())));
    book.streams.retain(|stream| stream.id != "s3".into() && stream.id != "s2".into());
    bench.pass(10);
    answer(&mut bench, Ok(book.clone()));
    assert_eq!(cursor(&bench), "win11-office", "the next one takes its place");
    assert!(notice(&bench).contains("gone"), "{}", notice(&bench));
    assert!(bench.state.images.marks.is_empty(), "what is deleted is not marked any more");
}

#[test]
fn a_mark_stays_when_its_part_could_only_not_be_read() {
    let mut bench = tab();
    bench.state.images.marks.insert(ImageNode::Tag("t1".into()));
    let mut book = testing::book();
    book.tags.clear();
    book.gaps.push(Fault::new(crate::domain::FaultKind::Unexpected, "list tags", "HTTP 500"));
    bench.pass(10);
    answer(&mut bench, Ok(book));
    bench.press("ax");
    assert!(plan(&bench).items.is_empty());
    assert_eq!(plan(&bench).held_back[0].reason, "not in the list, which could not all be read");
}

#[test]
fn a_filter_is_in_force_while_it_is_typed_and_a_mistake_hides_nothing() {
    let mut bench = tab();
    bench.press("/is:unused");
    assert_eq!(bench.state.images.shown().len(), 4, "{:?}", bench.state.images.shown());
    bench.press("<enter>");
    let before = bench.state.images.shown();
    bench.press("/staus:x");
    assert!(bench.state.prompt.as_ref().unwrap().error.is_some());
    assert!(bench.state.images.shown().len() > before.len());
    bench.press("<esc>");
    assert_eq!(bench.state.images.shown(), before, "Esc brings the filter back");
    bench.press("<esc>");
    assert!(notice(&bench).contains("Esc again"));
    bench.press("<esc>");
    assert!(bench.state.images.filter.is_empty());
}

#[test]
fn moving_a_tag_goes_by_a_form_with_consequences_and_a_sheet() {
    let mut bench = tab();
    bench.state.images.cursor = Some(ImageNode::Tag("t1".into()));
    bench.state.images.open.insert(ImageNode::Version("v3".into()));
    bench.press("at");
    let Some(Overlay::Form(form)) = bench.state.overlays.last() else { panic!("no form") };
    assert!(matches!(form.purpose, FormPurpose::MoveTag(_)));
    bench.press("<c-o>");
    let Some(Overlay::Form(form)) = bench.state.overlays.last() else { panic!("no form") };
    assert_eq!(form.complaint.as_ref().unwrap(), "nothing is changed so far");
    bench.press("v");
    let Some(Overlay::Form(form)) = bench.state.overlays.last() else { panic!("no form") };
    assert_eq!(form.chosen("version").unwrap().id, "v4");
    assert!(
        form.preview
            .iter()
            .any(|line| line.as_str().starts_with("2 pools, 4 sessions (3 connected) get v24.4"))
    );
    bench.press("<c-o>");
    let plan = plan(&bench);
    assert_eq!(plan.title, "MOVE TAG");
    assert_eq!(plan.warnings, [Text::from("v24.4 is REPLICATING, not AVAILABLE")]);
    let Change::UpdateTag { edit, .. } = &plan.items[0].change else { panic!() };
    assert_eq!(*edit, TagEdit { version: Some("v4".into()), ..TagEdit::default() });
    assert!(bench.take_effects().is_empty(), "nothing was sent");
    bench.press("y");
    assert!(bench.take_effects().is_empty(), "sessions are connected: the number must be typed");
    bench.press("1<enter>");
    assert!(bench.take_effects().iter().any(|effect| matches!(effect, Effect::RunChanges { .. })));
}

#[test]
fn a_delete_is_predicted_and_can_be_sent_all_the_same() {
    let mut bench = tab();
    bench.press("ggax");
    let plan = plan(&bench);
    assert_eq!(plan.title, "DELETE STREAM");
    assert!(plan.warnings[0].as_str().contains("the server would refuse"), "{:?}", plan.warnings);
    assert_eq!(plan.items.len(), 1);
}

#[test]
fn marks_that_are_folded_away_or_filtered_out_are_counted_on_the_sheet() {
    let mut bench = tab();
    bench.press("zRgg j j ");
    assert_eq!(bench.state.images.marks.len(), 2, "{:?}", bench.state.images.marks);
    bench.press("zMax");
    let told = plan(&bench);
    assert_eq!((told.len(), told.hidden), (2, 1), "{:?}", told.items);
    assert!(told.warnings[0].as_str().starts_with("1 of them hidden"), "{:?}", told.warnings);
    bench.press("<esc>/name:apps<enter>ax");
    assert_eq!(plan(&bench).hidden, 2);
    bench.press("<esc>uax");
    assert_eq!(plan(&bench).hidden, 0, "what is under the cursor is seen");
}

#[test]
fn the_menu_says_why_something_cannot_be_done() {
    let mut bench = tab();
    bench.press("gga");
    let objection = |bench: &Bench, command| match bench.state.overlays.last() {
        Some(Overlay::ChangeMenu(menu)) => {
            let choice = menu.choices.iter().find(|choice| choice.command == command).unwrap();
            choice.objection.as_ref().map(ToString::to_string)
        }
        other => panic!("no menu: {other:?}"),
    };
    assert_eq!(objection(&bench, Command::ChangeNew), None);
    assert_eq!(objection(&bench, Command::ChangeMove).as_deref(), Some("not for this node: choose a tag"));
    bench.press("<esc>");
    let mut viewer = capabilities();
    viewer.account.privileges = Some([("root".into(), vec!["GLOBAL_CONFIG_VIEW".into()])].into());
    bench.send(Msg::CapabilitiesChanged(Box::new(viewer)));
    bench.press("a");
    assert_eq!(objection(&bench, Command::ChangeNew).as_deref(), Some("needs GLOBAL_CONFIG_MANAGEMENT"));
    bench.press("n");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::ChangeMenu(_))), "no form opens");
    bench.press("<esc>");
    bench.state.settings.read_only = true;
    bench.press("a");
    assert_eq!(objection(&bench, Command::ChangeDelete).as_deref(), Some("read-only"));
}

#[test]
fn the_sessions_of_a_node_are_shown_by_a_filter() {
    let mut bench = tab();
    bench.press("ggs");
    assert_eq!(bench.state.tab, Tab::Sessions);
    assert_eq!(
        bench.state.sessions.view.filter_line().text(),
        "pool:\"fin-w11\" | pool:\"hr-w11\" | pool:\"it-w11\""
    );
    bench.press("3");
    bench.state.images.cursor = Some(ImageNode::Stream("s3".into()));
    bench.press("s");
    assert_eq!(bench.state.sessions.view.filter_line().text(), "farm:\"farm-1\"");
    assert_eq!(bench.state.sessions.view.counts().shown, 1);
    bench.press("3");
    bench.state.images.cursor = Some(ImageNode::Version("v1".into()));
    bench.press("s");
    assert_eq!(bench.state.tab, Tab::Images, "no pool or farm uses it");
}

#[test]
fn the_server_can_be_asked_for_less() {
    let mut bench = tab();
    bench.press(":images status=avail kind=vdi<enter>");
    assert_eq!(bench.state.images.query.status.as_deref(), Some("AVAILABLE"));
    let effects = bench.take_effects();
    let query = effects.iter().find_map(|effect| match effect {
        Effect::FetchImages { query, .. } => Some(query),
        _ => None,
    });
    assert_eq!(query.unwrap().image_type.as_deref(), Some("VDI_DESKTOP"));
    bench.press(":images sttus=x<enter>");
    let error = bench.state.prompt.as_ref().unwrap().error.clone().unwrap();
    assert!(error.message.as_str().contains("did you mean status?"), "{error:?}");
}

#[test]
fn sessions_are_counted_again_when_their_list_is_new() {
    let mut bench = tab();
    let pool = |bench: &Bench| {
        bench
            .state
            .images
            .live
            .of_subscriber(crate::domain::SubscriberKind::Pool, "pool-1")
            .map(|live| live.sessions)
    };
    assert_eq!(pool(&bench), Some(3));
    bench.pass(60);
    bench.answer(testing::sessions().into_iter().skip(1).collect(), true);
    assert_eq!(pool(&bench), Some(2));
    bench.pass(60);
    bench.answer(testing::sessions(), false);
    assert_eq!(pool(&bench), None, "a list that is not whole tells nothing");
}

#[test]
fn a_vcenter_that_nobody_knows_is_said_and_not_shown_as_an_empty_list() {
    let mut bench = tab();
    bench.press(":images vcenter=nope<enter>");
    let mut none = ImageBook { vcenters: [("vc-1".into(), "Prod".into())].into(), ..testing::book() };
    none.assets.clear();
    answer(&mut bench, Ok(none.clone()));
    assert_eq!(notice(&bench), "no vCenter with the id nope is known; there are: vc-1 (Prod)");
    bench.press(":images vcenter=vc-1<enter>");
    answer(&mut bench, Ok(none.clone()));
    assert!(!notice(&bench).contains("vCenter"), "{}", notice(&bench));
    bench.press(":images vcenter=nope<enter>");
    none.vcenters.clear();
    answer(&mut bench, Ok(none));
    assert!(notice(&bench).contains("could not be read"), "{}", notice(&bench));
}
