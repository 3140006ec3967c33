//! What drafts of changes to images tell.

use std::collections::BTreeMap;

use super::{
    super::testing::{book, live},
    *,
};

#[test]
fn an_update_shows_the_difference_and_its_command() {
    let (mut book, live) = (book(), live());
    book.streams[0].additional_details = [("owner".into(), "it".into()), ("old".into(), "x".into())].into();
    let shelf = Shelf::new(&book, &live);
    let edit = StreamEdit {
        description: Some("September".to_owned()),
        status: Some("DISABLED".to_owned()),
        additional_details: [("owner".to_owned(), Some("desk".to_owned())), ("old".to_owned(), None)].into(),
        ..StreamEdit::default()
    };
    let draft = ImageDrafts::new(&shelf).update_stream(&book.streams[0], edit);
    let details: Vec<&str> = draft.items[0].details.iter().map(Text::as_str).collect();
    assert_eq!(
        details,
        [
            "status: AVAILABLE -> DISABLED",
            "description: ? -> September",
            "old: x -> (removed)",
            "owner: it -> desk"
        ]
    );
    assert_eq!(
        draft.command.unwrap(),
        "foretop images update win11-office --status DISABLED --description September --remove-detail old \
         --detail owner=desk"
    );
    assert!(draft.warnings[0].as_str().contains("used by: 3 pools, 4 sessions"), "{:?}", draft.warnings);
}

#[test]
fn deletes_go_from_below_and_what_is_gone_is_held_back() {
    let (book, live) = (book(), live());
    let shelf = Shelf::new(&book, &live);
    let nodes = [
        ImageNode::Stream("s1".into()),
        ImageNode::Version("v1".into()),
        ImageNode::Tag("t2".into()),
        ImageNode::Tag("t2".into()),
        ImageNode::Tag("gone".into()),
    ];
    let draft = ImageDrafts::new(&shelf).delete(nodes, None);
    let labels: Vec<&str> = draft.items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["tag win11-office/rollback", "version win11-office/v24.1", "stream win11-office"]);
    assert_eq!(draft.held_back.len(), 1);
    assert_eq!(draft.command, None, "no one command does all that");
    let draft = ImageDrafts::new(&shelf).delete([ImageNode::Tag("t2".into())], None);
    assert_eq!(draft.title, "DELETE TAG");
    assert_eq!(draft.command.unwrap(), "foretop images tags delete win11-office/rollback");
}

#[test]
fn a_taken_name_is_said_before_sending_and_sent_all_the_same() {
    let (book, live) = (book(), live());
    let shelf = Shelf::new(&book, &live);
    let stream = |name: &str| NewStream {
        name: name.to_owned(),
        operating_system: "WINDOWS_11".to_owned(),
        source: "UPLOADED".to_owned(),
        status: "AVAILABLE".to_owned(),
        description: None,
        publisher: None,
        additional_details: BTreeMap::new(),
    };
    let draft = ImageDrafts::new(&shelf).create_streams(vec![stream("new-one"), stream("WIN11-DEV")]);
    assert_eq!((draft.items.len(), draft.warnings.len()), (2, 1));
    assert_eq!(draft.title, "CREATE STREAMS");
}

#[test]
fn keys_are_set_removed_and_left_alone() {
    let before: BTreeMap<Text, Text> =
        [("a".into(), "1".into()), ("b".into(), "2".into()), ("c=d".into(), "3".into())].into();
    let after = [("a".to_owned(), "1".to_owned()), ("e".to_owned(), "5".to_owned())].into();
    let edit = details_edit(&before, &after);
    assert_eq!(edit, [("b".to_owned(), None), ("e".to_owned(), Some("5".to_owned()))].into());
}

#[test]
fn what_would_change_nothing_is_held_back() {
    let (book, live) = (book(), live());
    let shelf = Shelf::new(&book, &live);
    let drafts = ImageDrafts::new(&shelf);
    let edit = StreamEdit {
        status: Some("AVAILABLE".to_owned()),
        description: Some(String::new()),
        additional_details: [("nosuch".to_owned(), None)].into(),
        ..StreamEdit::default()
    };
    let draft = drafts.update_stream(&book.streams[0], edit);
    assert!(draft.items.is_empty() && draft.command.is_none() && !draft.touches_connected, "{draft:?}");
    assert_eq!(draft.held_back[0].reason, "nothing would change: it is like that already");
    assert_eq!(draft.held_back[0].target.as_deref(), Some("s1"));
    let edit = TagEdit { version: Some("v3".into()), ..TagEdit::default() };
    let draft = drafts.update_tag(&book.tags[0], edit);
    assert_eq!((draft.title.as_str(), draft.items.len(), draft.held_back.len()), ("MOVE TAG", 0, 1));
    assert!(draft.consequences.is_empty(), "{:?}", draft.consequences);
}

#[test]
fn what_is_folded_away_is_counted() {
    let (book, live) = (book(), live());
    let shelf = Shelf::new(&book, &live);
    let nodes = [
        ImageNode::Stream("s1".into()),
        ImageNode::Version("v1".into()),
        ImageNode::Tag("t2".into()),
        ImageNode::Tag("gone".into()),
    ];
    let shown = [ImageNode::Stream("s1".into()), ImageNode::Version("v1".into())].into();
    let draft = ImageDrafts::new(&shelf).delete(nodes, Some(&shown));
    assert_eq!((draft.items.len(), draft.held_back.len(), draft.hidden), (3, 1, 2));
    assert_eq!(draft.warnings[0], "2 of them hidden: folded away or filtered out");
    assert_eq!(draft.items[0].details, [Text::from("hidden: folded away or filtered out")]);
    assert_eq!(draft.plan("p".into(), Timestamp::UNIX_EPOCH).hidden, 2);
}

#[test]
fn the_number_is_asked_for_where_somebody_may_be_connected() {
    use crate::core::change::ChangeConfirmation::{Key, Number};
    let (mut book, live) = (book(), live());
    let confirmation = |book: &crate::domain::ImageBook, live: &_, tag: usize, to: &str| {
        let shelf = Shelf::new(book, live);
        let edit = TagEdit { version: Some(to.into()), ..TagEdit::default() };
        let plan = ImageDrafts::new(&shelf)
            .update_tag(&book.tags[tag], edit)
            .plan("p".into(), Timestamp::UNIX_EPOCH);
        plan.confirmation()
    };
    assert_eq!(confirmation(&book, &live, 0, "v4"), Number(1), "three are connected");
    assert_eq!(confirmation(&book, &live, 1, "v4"), Key, "nothing uses it");
    assert_eq!(confirmation(&book, &live, 2, "v3"), Key, "a pool without sessions");
    let nothing = crate::core::images::LiveSessions::default();
    assert_eq!(confirmation(&book, &nothing, 2, "v3"), Number(1), "nobody knows the sessions");
    let fault = crate::domain::Fault::new(crate::domain::FaultKind::Unexpected, "list farms", "no");
    book.uses_unknown.insert(crate::domain::SubscriberKind::Farm, fault);
    assert_eq!(confirmation(&book, &live, 1, "v4"), Number(1), "nobody knows who uses it");
    let shelf = Shelf::new(&book, &live);
    let edit = TagEdit { name: Some("live".to_owned()), ..TagEdit::default() };
    let plan =
        ImageDrafts::new(&shelf).update_tag(&book.tags[0], edit).plan("p".into(), Timestamp::UNIX_EPOCH);
    assert_eq!(plan.confirmation(), Key, "a name touches no session");
    assert_eq!(plan.command.unwrap(), "foretop images tags update win11-office/prod --name live --yes 1");
}
