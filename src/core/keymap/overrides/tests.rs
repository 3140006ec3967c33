use proptest::prelude::*;

use super::*;
use crate::core::keymap::{Keymap, Meaning};

fn change(place: Place, keys: &str, command: Option<Command>) -> Override {
    Override { place, keys: keys.to_owned(), command }
}

fn sessions(keys: &str, command: Command) -> Override {
    change(Place::In(Context::Sessions), keys, Some(command))
}

fn made(changes: Vec<Override>) -> Keymap {
    Keymap::new(Flavour::Vim, changes).unwrap()
}

fn refused(changes: Vec<Override>) -> String {
    let refusals = Keymap::new(Flavour::Vim, changes).unwrap_err();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    refusals[0].1.to_string()
}

fn meaning(keymap: &Keymap, context: Context, keys: &str) -> Meaning {
    keymap.look_up(context, &key_name::parse(keys).unwrap())
}

#[test]
fn a_key_of_the_users_own_is_the_first_that_hints_name_and_the_old_one_still_works() {
    let keymap = made(vec![sessions("Ctrl-f", Command::PromptFilter)]);
    assert_eq!(keymap.key(Context::Sessions, Command::PromptFilter), "Ctrl-f");
    for keys in ["Ctrl-f", "/"] {
        assert_eq!(meaning(&keymap, Context::Sessions, keys), Meaning::Command(Command::PromptFilter));
    }
    let hints: Vec<_> = keymap.bindings(Context::Sessions).filter(|one| one.hint == Some("filter")).collect();
    assert_eq!(hints.len(), 1);
    assert_eq!(hints[0].keys, "Ctrl-f");
}

#[test]
fn a_key_can_be_given_another_meaning_or_none() {
    let taken_away = change(Place::In(Context::Sessions), "p", None);
    let keymap = made(vec![sessions("v", Command::Freeze), taken_away]);
    assert_eq!(meaning(&keymap, Context::Sessions, "v"), Meaning::Command(Command::Freeze));
    assert_eq!(meaning(&keymap, Context::Sessions, "p"), Meaning::Nothing);
}

#[test]
fn what_holds_everywhere_holds_where_the_command_has_a_key_and_where_nothing_else_is_said() {
    let keymap = made(vec![
        change(Place::Everywhere, "F2", Some(Command::Refresh)),
        change(Place::In(Context::Events), "F2", Some(Command::Redraw)),
    ]);
    assert_eq!(meaning(&keymap, Context::Sessions, "F2"), Meaning::Command(Command::Refresh));
    assert_eq!(meaning(&keymap, Context::Events, "F2"), Meaning::Command(Command::Redraw));
    assert_eq!(meaning(&keymap, Context::PlanSheet, "F2"), Meaning::Nothing);
}

#[test]
fn what_is_typed_into_a_text_stays_text_whatever_holds_everywhere() {
    let keymap = made(vec![change(Place::Everywhere, "Q", Some(Command::Redraw))]);
    assert_eq!(meaning(&keymap, Context::Sessions, "Q"), Meaning::Command(Command::Redraw));
    assert_eq!(meaning(&keymap, Context::Composer, "Q"), Meaning::Nothing);
}

#[test]
fn no_single_key_and_no_enter_leads_to_what_ends_work() {
    let told = refused(vec![sessions("L", Command::Logoff)]);
    assert!(told.contains("`session.logoff` needs two keys at least, as in `Z l`"), "{told}");
    let told = refused(vec![change(Place::Everywhere, "F8", Some(Command::Reset))]);
    assert!(told.contains("needs two keys"), "{told}");
    let told = refused(vec![change(Place::In(Context::ActionMenu), "Enter", Some(Command::Logoff))]);
    assert!(told.contains("Enter opens, it never fires"), "{told}");
    let told = refused(vec![change(Place::In(Context::PlanSheet), "Enter", Some(Command::Confirm))]);
    assert!(told.contains("never fires"), "{told}");
    // What the refusal proposes is taken, for each of them.
    for command in
        [Command::Logoff, Command::LogoffForced, Command::Disconnect, Command::Restart, Command::Reset]
    {
        let told = refused(vec![sessions("L", command)]);
        let keys = told.split('`').find(|part| part.starts_with("Z ")).expect("it proposes keys");
        assert_eq!(
            meaning(&made(vec![sessions(keys, command)]), Context::Sessions, keys),
            Meaning::Command(command)
        );
    }
    let keymap = made(vec![sessions("L L", Command::Logoff)]);
    assert_eq!(meaning(&keymap, Context::Sessions, "L L"), Meaning::Command(Command::Logoff));
}

#[test]
fn the_way_out_stays() {
    let told = refused(vec![sessions("Esc", Command::Freeze)]);
    assert!(told.contains("`Esc` is the way out"), "{told}");
    let told = refused(vec![change(Place::Everywhere, "Ctrl-c", None)]);
    assert!(told.contains("`Ctrl-c` is the way out"), "{told}");
}

#[test]
fn what_hides_or_is_hidden_is_refused_at_the_users_line() {
    let told = refused(vec![sessions("g", Command::Freeze)]);
    assert!(told.starts_with("`g` (`view.freeze`) would hide `g"), "{told}");
    let told = refused(vec![sessions("p p", Command::Freeze)]);
    assert!(told.contains("`p` (`view.freeze`) would hide `pp` (`view.freeze`)"), "{told}");
    let freed = vec![change(Place::In(Context::Sessions), "p", None), sessions("p p", Command::Freeze)];
    assert_eq!(meaning(&made(freed), Context::Sessions, "p p"), Meaning::Command(Command::Freeze));
}

#[test]
fn what_means_something_in_one_place_is_not_taken_by_what_holds_everywhere() {
    let told = refused(vec![change(Place::Everywhere, "f", Some(Command::Redraw))]);
    assert!(told.contains("`f` is `events.follow` in [keys.events] (event pane)"), "{told}");
}

#[test]
fn keys_given_twice_are_refused_however_they_are_spelled() {
    let told = refused(vec![sessions("Ctrl-f", Command::Freeze), sessions("ctrl+f", Command::Refresh)]);
    assert_eq!(told, "`Ctrl-f` is given twice");
    let everywhere = |keys| change(Place::Everywhere, keys, Some(Command::Refresh));
    let other = change(Place::Everywhere, "f2", Some(Command::Redraw));
    assert_eq!(refused(vec![everywhere("F2"), other]), "`F2` is given twice");
}

#[test]
fn a_command_without_a_use_there_or_a_key_without_a_meaning_is_told() {
    let told = refused(vec![sessions("F2", Command::PlanGuard)]);
    assert!(told.contains("`plan.guard` does nothing in [keys.sessions] (sessions table)"), "{told}");
    assert!(told.ends_with("it belongs to plan-sheet"), "{told}");
    let told = refused(vec![change(Place::In(Context::Events), "x", None)]);
    assert!(told.contains("`x` has no meaning in [keys.events]"), "{told}");
}

#[test]
fn digits_and_letters_that_are_typed_are_no_keys() {
    let told = refused(vec![change(Place::In(Context::PlanSheet), "5", Some(Command::PlanGuard))]);
    assert!(told.contains("`5` is typed into a number in [keys.plan-sheet]"), "{told}");
    let told = refused(vec![change(Place::In(Context::Composer), "x", Some(Command::ComposerReview))]);
    assert!(told.contains("`x` is typed into a text"), "{told}");
}

#[test]
fn what_must_have_a_key_keeps_one() {
    let told = refused(vec![change(Place::In(Context::Sessions), "?", None)]);
    assert!(told.contains("`view.help` would have no key in [keys.sessions]"), "{told}");
    let told = refused(vec![change(Place::Everywhere, "?", None)]);
    assert!(told.contains("`view.help` would have no key"), "{told}");
    let moved = vec![change(Place::In(Context::Sessions), "?", None), sessions("F1", Command::Help)];
    assert_eq!(made(moved).key(Context::Sessions, Command::Help), "F1");
}

#[test]
fn all_refusals_are_told_each_for_its_line() {
    let changes = vec![
        sessions("Hyper-x", Command::Freeze),
        sessions("F2", Command::Freeze),
        sessions("L", Command::Reset),
    ];
    let refusals = Keymap::new(Flavour::Vim, changes).unwrap_err();
    let lines: Vec<usize> = refusals.iter().map(|(index, _)| *index).collect();
    assert_eq!(lines, [0, 2]);
}

fn any_change() -> impl Strategy<Value = Override> {
    let keys = prop::sample::select(vec![
        "p", "x", "L", "g", "g g", "z", "z z", "Enter", "Space", "a", "a l", "L L", "F2", "Ctrl-f", "5", "?",
        "Esc", "y", "q", ":",
    ]);
    let commands = prop::sample::select(Command::ALL.to_vec());
    let places = prop::option::of(prop::sample::select(Context::ALL.to_vec()));
    (places, keys, prop::option::weighted(0.8, commands)).prop_map(|(place, keys, command)| Override {
        place: place.map_or(Place::Everywhere, Place::In),
        keys: keys.to_owned(),
        command,
    })
}

proptest! {
    /// `screens.md section 5`: each destructive verb needs at least two keys under every loadable keymap.
    #[test]
    fn every_keymap_that_loads_is_safe(
        arrows in any::<bool>(),
        changes in prop::collection::vec(any_change(), 0..6),
    ) {
        let flavour = if arrows { Flavour::Arrows } else { Flavour::Vim };
        // What is refused alone is left out, so that much is left to be tried.
        let changes: Vec<Override> =
            changes.into_iter().filter(|change| Keymap::new(flavour, vec![change.clone()]).is_ok()).collect();
        let Ok(keymap) = Keymap::new(flavour, changes) else {
            return Ok(());
        };
        for context in Context::ALL {
            let in_menu = matches!(context, Context::ActionMenu | Context::ChangeMenu);
            let bindings: Vec<&Binding> = keymap.bindings(*context).collect();
            for binding in &bindings {
                let keys: Vec<&str> = binding.keys.split(' ').collect();
                prop_assert!(in_menu || keys.len() > 1 || !binding.command.is_destructive(), "{binding:?}");
                let fires = binding.command.is_destructive() || binding.command == Command::Confirm;
                prop_assert!(!fires || keys.last() != Some(&"Enter"), "{binding:?}");
                let pressed = key_name::parse(&binding.keys).unwrap();
                prop_assert_eq!(keymap.look_up(*context, &pressed), Meaning::Command(binding.command));
            }
            for command in KEPT.iter().filter(|command| command::offered(*context).contains(command)) {
                prop_assert!(bindings.iter().any(|binding| binding.command == *command), "{command:?}");
            }
        }
    }
}
