//! Keys of a form.

use crate::{
    core::{
        effect::{Effect, RequestId},
        fixtures::Bench,
        form::{Field, FieldKind, FieldOption, Form, FormPurpose, SearchField},
        key::{Key, KeyCode},
        msg::Msg,
        state::{Overlay, ScreenSize},
    },
    domain::{Fault, FaultKind, Principal, PrincipalKind},
};

fn principal(id: &str, name: &str) -> Principal {
    Principal {
        id: id.into(),
        kind: PrincipalKind::User,
        name: Some(name.into()),
        full_name: None,
        description: None,
        groups: None,
    }
}

/// A console with a form on top: who, role, note.
fn bench(many: bool) -> Bench {
    let mut bench = Bench::with(Vec::new());
    let options = [("1", "Administrators"), ("2", "Help Desk"), ("3", "Help Desk (read only)")]
        .map(|(id, name)| FieldOption::new(id, name));
    let fields = vec![
        Field::search("who", "Who", many, Vec::new(), ""),
        Field::choice("kind", "Kind", options.into(), None, ""),
        Field::line("note", "Note", "", ""),
    ];
    super::open(&mut bench.state, Form::new(FormPurpose::NewPermission, "NEW", fields));
    bench.take_effects();
    bench
}

fn form(bench: &Bench) -> &Form {
    let form = bench.state.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Form(form) => Some(form),
        _ => None,
    });
    form.expect("a form")
}

fn search(bench: &Bench) -> &SearchField {
    match &form(bench).field("who").expect("a field").kind {
        FieldKind::Search(search) => search,
        other => panic!("{other:?}"),
    }
}

fn press(bench: &mut Bench, code: KeyCode) {
    bench.send(Msg::Key(Key::plain(code)));
}

/// What is asked for by now.
fn asked(bench: &mut Bench) -> Vec<(RequestId, String)> {
    let effects = bench.take_effects();
    effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::SearchPrincipals { request, text } => Some((request, text)),
            _ => None,
        })
        .collect()
}

fn answer(bench: &mut Bench, request: RequestId, found: Vec<Principal>) {
    bench.send(Msg::PrincipalsFound { request, answer: Ok(found) });
}

fn labels(options: &[FieldOption]) -> Vec<&str> {
    options.iter().map(|option| option.label.as_str()).collect()
}

#[test]
fn one_question_is_out_at_a_time_and_the_newest_text_is_asked_next() {
    let mut bench = bench(true);
    bench.press("k");
    assert_eq!(asked(&mut bench), [], "one letter would find everybody");
    bench.press("a");
    let first = asked(&mut bench);
    assert_eq!(first.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["ka"]);
    bench.press("ya");
    assert_eq!(asked(&mut bench), [], "one is out");
    answer(&mut bench, first[0].0, vec![principal("S-1", "CORP\\kant")]);
    assert!(search(&bench).found.is_empty(), "it does not fit what is typed by now");
    let second = asked(&mut bench);
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].1, "kaya");
    // An answer to the older question changes nothing.
    answer(&mut bench, first[0].0, vec![principal("S-1", "CORP\\kant")]);
    assert!(search(&bench).found.is_empty());
    answer(&mut bench, second[0].0, vec![principal("S-2", "CORP\\a.kaya")]);
    assert_eq!(labels(&search(&bench).found), ["CORP\\a.kaya"]);
    assert_eq!(asked(&mut bench), []);
}

#[test]
fn what_is_found_is_taken_and_given_back() {
    let mut bench = bench(true);
    bench.press("ka");
    let (request, _) = asked(&mut bench).remove(0);
    answer(&mut bench, request, vec![principal("S-1", "CORP\\kant"), principal("S-2", "CORP\\kaya")]);
    bench.press("<down><enter><up><enter>");
    assert_eq!(labels(form(&bench).taken("who")), ["CORP\\kaya", "CORP\\kant"]);
    bench.press("<enter>");
    assert_eq!(labels(form(&bench).taken("who")), ["CORP\\kaya"]);
    bench.press("<c-u><bs>");
    assert!(form(&bench).taken("who").is_empty(), "Backspace on an empty line removes the last");
    assert!(search(&bench).found.is_empty());
}

#[test]
fn where_one_is_wanted_the_next_field_follows() {
    let mut bench = bench(false);
    bench.press("ka");
    let (request, _) = asked(&mut bench).remove(0);
    answer(&mut bench, request, vec![principal("S-1", "CORP\\kant"), principal("S-2", "CORP\\kaya")]);
    bench.press("<enter>");
    assert_eq!(labels(form(&bench).taken("who")), ["CORP\\kant"]);
    assert_eq!(form(&bench).at, 1);
}

#[test]
fn typing_on_drops_what_was_found_for_the_text_before() {
    let mut bench = bench(true);
    bench.press("ka");
    let (request, _) = asked(&mut bench).remove(0);
    answer(&mut bench, request, vec![principal("S-1", "CORP\\kant")]);
    bench.press("y<enter>");
    assert!(form(&bench).taken("who").is_empty(), "Enter must not take what is not seen any more");
    assert_eq!(form(&bench).at, 0);
}

#[test]
fn a_fault_is_kept_and_the_same_text_is_not_asked_again_by_itself() {
    let mut bench = bench(true);
    bench.press("ka");
    let (request, _) = asked(&mut bench).remove(0);
    let fault = Fault::new(FaultKind::InsufficientPermission, "look up users", "no");
    bench.send(Msg::PrincipalsFound { request, answer: Err(fault.clone()) });
    assert_eq!(search(&bench).fault, Some(fault));
    assert_eq!(asked(&mut bench), []);
    bench.press("y");
    assert_eq!(asked(&mut bench).len(), 1);
}

#[test]
fn a_sid_that_nobody_knows_can_be_taken_as_typed() {
    let mut bench = bench(true);
    bench.press("S-1-5-21-9");
    let (request, _) = asked(&mut bench).remove(0);
    answer(&mut bench, request, Vec::new());
    let (request, text) = asked(&mut bench).remove(0);
    assert_eq!(text, "S-1-5-21-9");
    answer(&mut bench, request, Vec::new());
    bench.press("<enter>");
    assert_eq!(form(&bench).taken("who")[0].id, "S-1-5-21-9");
}

#[test]
fn keys_go_from_field_to_field_where_the_field_has_no_use_for_them() {
    let mut bench = bench(true);
    bench.press("<tab>");
    assert_eq!(form(&bench).at, 1);
    bench.press("<enter>");
    assert_eq!(form(&bench).at, 2);
    bench.press("<tab>");
    assert_eq!(form(&bench).at, 0, "around the end");
    press(&mut bench, KeyCode::BackTab);
    assert_eq!(form(&bench).at, 2);
    bench.press("<up>");
    assert_eq!(form(&bench).at, 1, "a line has no use for it");
    bench.press("<enter>");
    assert_eq!(form(&bench).at, 2, "Enter goes on");
    assert!(!form(&bench).is_dirty());
}

#[test]
fn choices_are_made_by_arrows_and_letters_and_never_by_going_past() {
    let mut bench = bench(true);
    bench.press("<tab><enter>");
    assert_eq!(form(&bench).chosen("kind"), None, "going past chooses nothing");
    press(&mut bench, KeyCode::BackTab);
    let chosen = |bench: &Bench| form(bench).chosen("kind").map(|option| option.id.clone());
    bench.press("h");
    assert_eq!(chosen(&bench).as_deref(), Some("2"));
    bench.press("h");
    assert_eq!(chosen(&bench).as_deref(), Some("3"));
    bench.press("h");
    assert_eq!(chosen(&bench).as_deref(), Some("2"), "around the end");
    press(&mut bench, KeyCode::Left);
    assert_eq!(chosen(&bench).as_deref(), Some("1"));
    press(&mut bench, KeyCode::Left);
    press(&mut bench, KeyCode::Right);
    assert_eq!(chosen(&bench).as_deref(), Some("2"));
    bench.press("z");
    assert_eq!(chosen(&bench).as_deref(), Some("2"), "nothing begins with z");
    assert_eq!(notice(&bench), "Kind: nothing begins with z");
    bench.press("A");
    assert_eq!(notice(&bench), "Kind: A chose Administrators");
}

fn notice(bench: &Bench) -> &str {
    bench.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

#[test]
fn up_and_down_move_inside_an_open_list_and_do_not_leave_it() {
    let mut bench = bench(true);
    bench.press("<tab><down>");
    let chosen = |bench: &Bench| form(bench).chosen("kind").map(|option| option.id.clone());
    assert_eq!(chosen(&bench).as_deref(), Some("1"));
    bench.press("<down><down><down><down>");
    assert_eq!(chosen(&bench).as_deref(), Some("3"));
    bench.press("<up>");
    assert_eq!((chosen(&bench).as_deref(), form(&bench).at), (Some("2"), 1));
}

#[test]
fn what_was_typed_goes_when_somebody_was_taken() {
    let mut many = bench(true);
    many.press("ka");
    let (request, _) = asked(&mut many).remove(0);
    answer(&mut many, request, vec![principal("S-1", "CORP\\kant"), principal("S-2", "CORP\\kaya")]);
    many.press("<enter>");
    assert_eq!((search(&many).input.text(), search(&many).found.len()), ("", 2), "the others stay at hand");
    many.press("ch");
    assert_eq!(asked(&mut many)[0].1, "ch", "the next one does not begin with what was typed for the first");
    assert!(search(&many).found.is_empty());
    let mut one = bench(false);
    one.press("ka");
    let (request, _) = asked(&mut one).remove(0);
    answer(&mut one, request, vec![principal("S-1", "CORP\\kant")]);
    one.press("<enter>");
    assert_eq!((search(&one).input.text(), search(&one).found.len()), ("", 0));
}

#[test]
fn more_than_are_listed_are_not_taken_for_all() {
    let mut bench = bench(true);
    let people = |count: usize| (0..count).map(|n| principal(&format!("S-{n}"), &format!("ka{n}"))).collect();
    bench.press("ka");
    let (request, _) = asked(&mut bench).remove(0);
    answer(&mut bench, request, people(SearchField::MOST));
    assert_eq!((search(&bench).found.len(), search(&bench).more), (SearchField::MOST, false));
    bench.press("y");
    let (request, _) = asked(&mut bench).remove(0);
    answer(&mut bench, request, people(SearchField::MOST + 1));
    assert_eq!((search(&bench).found.len(), search(&bench).more), (SearchField::MOST, true));
}

#[test]
fn esc_asks_once_when_something_was_filled_in() {
    let mut untouched = bench(true);
    untouched.press("<esc>");
    assert!(untouched.state.overlays.is_empty());
    let mut bench = bench(true);
    bench.press("<tab><tab>night<esc>");
    assert_eq!(form(&bench).text("note"), "night");
    assert!(bench.state.notice.is_some());
    bench.press("!<esc>");
    assert_eq!(form(&bench).text("note"), "night!", "another key takes the first Esc back");
    bench.press("<esc>");
    assert!(bench.state.overlays.is_empty());
}

#[test]
fn pasted_text_goes_into_lines_and_searches_only() {
    let mut bench = bench(true);
    bench.send(Msg::Paste("kaya\n".to_owned()));
    assert_eq!(asked(&mut bench)[0].1, "kaya");
    bench.press("<tab>");
    bench.send(Msg::Paste("help".to_owned()));
    assert_eq!(form(&bench).chosen("kind"), None);
    assert!(form(&bench).complaint.is_some());
    bench.press("<tab>");
    bench.send(Msg::Paste("two\nlines".to_owned()));
    assert_eq!(form(&bench).text("note"), "two lines");
}

#[test]
fn letters_that_are_commands_elsewhere_are_typed() {
    let mut bench = bench(true);
    bench.press("<tab><tab>q?:/ jk");
    assert_eq!(form(&bench).text("note"), "q?:/ jk");
}

#[test]
fn nothing_typed_is_lost_when_the_screen_changes() {
    let mut bench = bench(true);
    bench.press("ka<tab><tab>night");
    let before = form(&bench).clone();
    for (width, height) in [(40, 10), (60, 15), (200, 60), (80, 24)] {
        bench.send(Msg::Resized(ScreenSize { width, height }));
        bench.press("<esc>");
        if width >= 60 {
            bench.press("x<bs>");
        }
    }
    assert_eq!(form(&bench).text("note"), before.text("note"));
    assert_eq!(search(&bench).input, LineOf::of(&before));
}

/// The typed line of the search field.
struct LineOf;

impl LineOf {
    fn of(form: &Form) -> crate::core::line_input::LineInput {
        match &form.fields[0].kind {
            FieldKind::Search(search) => search.input.clone(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_answer_after_the_form_is_gone_is_dropped() {
    let mut bench = bench(true);
    bench.press("ka");
    let (request, _) = asked(&mut bench).remove(0);
    bench.press("<esc><esc>");
    answer(&mut bench, request, vec![principal("S-1", "CORP\\kant")]);
    assert!(bench.state.overlays.is_empty());
    assert_eq!(asked(&mut bench), []);
}

#[test]
fn other_options_keep_what_was_chosen_if_it_is_among_them() {
    let mut bench = bench(true);
    bench.press("<tab>h");
    let mut form = form(&bench).clone();
    form.set_options("kind", vec![FieldOption::new("9", "Other"), FieldOption::new("2", "Help Desk")]);
    assert_eq!(form.chosen("kind").map(|option| option.id.as_str()), Some("2"));
    form.set_options("kind", vec![FieldOption::new("9", "Other")]);
    assert_eq!(form.chosen("kind"), None);
    form.set_error("kind", "choose one");
    assert!(form.has_errors());
    form.clear_errors();
    assert!(!form.has_errors());
}
