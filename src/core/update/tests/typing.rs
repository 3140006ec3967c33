//! What is typed on after a mistake is never taken for a key that starts something.

use super::*;
use crate::core::key::{Key, KeyCode};

/// A console with the sheet of a plan that `y` starts; the sessions of abel are protected.
fn planned() -> Bench {
    let mut bench = Bench::with(estate());
    bench.state.settings.protected.users = vec!["a*".to_owned()];
    bench.press("/state:disc<enter>*al");
    assert_eq!(plan_ids(&bench), ids(&["2", "4"]));
    bench
}

fn starts(bench: &mut Bench) -> bool {
    let effects = bench.take_effects();
    effects.iter().any(|effect| matches!(effect, Effect::RunJob { .. } | Effect::RunChanges { .. }))
}

#[test]
fn whoever_mistypes_on_the_sheet_of_a_plan_and_types_on_starts_nothing() {
    for keys in ["oab.el<enter>y", "osmith<enter>yy<enter>y", "g<c-u>sate:disc<enter>y", "pslowly<enter>y"] {
        let mut bench = planned();
        bench.take_effects();
        bench.press(keys);
        assert!(!starts(&mut bench), "{keys}");
        assert!(bench.state.prompt.is_some(), "{keys}: the line stays open");
        bench.press("<esc>y");
        assert!(starts(&mut bench), "{keys}: Esc leads back to the sheet, as it was");
    }
    // Backspace on an empty line, and Enter after a search in the help, do not lead back either.
    for keys in ["o<bs>y", "t<bs><bs>y", "g<c-u><bs>y", "p<c-u><bs>y", "?forced<enter>y"] {
        let mut bench = planned();
        bench.take_effects();
        bench.press(keys);
        assert!(!starts(&mut bench), "{keys}");
        let in_help = matches!(bench.state.overlays.last(), Some(Overlay::Help { .. }));
        assert!(bench.state.prompt.is_some() || in_help, "{keys}");
    }
}

#[test]
fn a_login_that_is_not_protected_stays_in_its_line_with_the_reason() {
    let mut bench = planned();
    bench.press("obaker<enter>");
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap();
    assert!(error.message.as_str().contains("no protected target has the login baker"));
    bench.press("<c-u>Abel");
    assert!(bench.state.prompt.as_ref().unwrap().error.is_none(), "it goes with the next key");
    bench.press("<enter>");
    assert!(bench.state.prompt.is_none());
    assert_eq!(plan_ids(&bench), ids(&["1", "2", "4"]));
}

#[test]
fn numbers_messages_and_commands_with_mistakes_start_nothing() {
    for keys in [
        "*af99abc<enter>y",
        "*af4<bs><enter>y",
        "*m{noon}<c-o>y",
        "*awsoon<tab><tab><bs><bs><c-o>y",
        "/sate:disc<enter>y",
        "+sate:disc<enter>y",
        ":lgoff<enter>y<enter>y",
        ":interval soon<enter>y",
        ":scope here<enter>y",
        ":can abel<enter>y",
    ] {
        let mut bench = Bench::with(estate());
        bench.take_effects();
        bench.press(keys);
        assert!(!starts(&mut bench), "{keys}");
        let open = bench.state.prompt.is_some() || !bench.state.overlays.is_empty();
        assert!(open && bench.state.jobs.is_empty(), "{keys}");
    }
    let mut bench = Bench::with(estate());
    bench.press(":lgoff<enter>");
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap();
    assert_eq!(error.message.as_str(), "unknown command: lgoff; nearest is :logoff");
}

fn line(bench: &Bench) -> &str {
    bench.state.prompt.as_ref().unwrap().input.text()
}

#[test]
fn tab_walks_through_what_is_offered_and_back_to_what_was_typed() {
    let mut bench = Bench::with(estate());
    bench.press(":res<tab>");
    assert_eq!(line(&bench), "reset");
    bench.press("<tab>");
    assert_eq!(line(&bench), "restart");
    bench.send(Msg::Key(Key::plain(KeyCode::BackTab)));
    assert_eq!(line(&bench), "reset");
    bench.send(Msg::Key(Key::plain(KeyCode::BackTab)));
    assert_eq!(line(&bench), "res");
    bench.press("<tab>x");
    assert_eq!((line(&bench), bench.state.prompt.as_ref().unwrap().typed()), ("resetx", "resetx"));
}

#[test]
fn after_the_name_of_a_command_tab_goes_on_to_its_argument() {
    let mut bench = Bench::with(estate());
    bench.press(":dscln<enter>");
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap();
    assert!(
        error.message.as_str().ends_with("Tab takes disc-cleanup, which is like it"),
        "{}",
        error.message
    );
    bench.press("<c-u>scop<tab>");
    assert_eq!(line(&bench), "scope");
    bench.press(" <tab><tab>");
    assert_eq!(line(&bench), "scope global");
}

#[test]
fn any_command_with_a_key_here_runs_by_its_id_and_others_say_so() {
    let mut bench = Bench::with(estate());
    bench.press(":mark.all-shown<enter>");
    assert_eq!(bench.state.sessions.view.counts().marked, 4);
    bench.press(":permission.regroup<enter>");
    let error = bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap();
    assert_eq!(error.message.as_str(), "permission.regroup does nothing here; Tab lists what does");
}

#[test]
fn the_beginning_of_one_name_is_enough_and_of_two_is_not() {
    let mut bench = Bench::with(estate());
    bench.press(":gov<enter>");
    assert!(matches!(bench.state.overlays.last(), Some(Overlay::Governor { .. })));
    let mut bench = Bench::with(estate());
    bench.press(":logof<enter>");
    assert!(bench.state.overlays.is_empty() && bench.state.prompt.is_some());
}

#[test]
fn the_search_of_the_help_is_emptied_like_any_line() {
    let mut bench = Bench::with(estate());
    let searched = |bench: &Bench| match bench.state.overlays.last() {
        Some(Overlay::Help { search, .. }) => search.text().to_owned(),
        other => panic!("no help but {other:?}"),
    };
    bench.press("?log off");
    assert_eq!(searched(&bench), "log off");
    bench.press("<c-u>x");
    assert_eq!(searched(&bench), "x");
}
