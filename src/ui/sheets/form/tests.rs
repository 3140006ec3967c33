//! Forms at the sizes that matter.

use crate::{
    core::{
        effect::RequestId,
        form::{Field, FieldKind, FieldOption, Form, FormPurpose},
        line_input::LineInput,
        state::{Overlay, State},
    },
    domain::{FaultKind, Text},
    ui::fixtures::{fault, main_screen, picture, pictures},
};

fn roles() -> Vec<FieldOption> {
    let names = [
        "Administrators",
        "Administrators (Read only)",
        "Agent Registration Administrators",
        "Global Configuration and Policy Administrators",
        "Help Desk Administrators",
        "Help Desk Administrators (Read Only)",
        "Inventory Administrators",
        "Inventory Administrators (Read only)",
        "Local Administrators",
        "Sessions-Only",
        "研发管理员",
    ];
    let option = |name: &str| FieldOption::new(format!("id-{name}"), name);
    names.into_iter().map(option).collect()
}

fn people() -> Vec<FieldOption> {
    [
        ("S-1-5-21-7-1", "CORP\\a.kaya", "user, Ayşe Kaya"),
        ("S-1-5-21-7-2", "CORP\\kayak-club", "group, Everybody who paddles"),
        ("S-1-5-21-7-3", "CORP\\m.kayser", "user, Max Kayser"),
    ]
    .map(|(id, name, note)| FieldOption::new(id, name).with_note(note))
    .into()
}

/// A form with a field of each kind, the keys on the one at this place.
fn form(at: usize) -> Form {
    let fields = vec![
        Field::search(
            "principal",
            "Users, groups",
            true,
            people().into_iter().take(1).collect(),
            "Login, name or e-mail begins with what is typed.",
        ),
        Field::choice(
            "role",
            "Role",
            roles(),
            Some("id-Help Desk Administrators"),
            "What they will be able to do.",
        ),
        Field::line("note", "Note", "for the night shift", "At most 1024 characters."),
    ];
    let mut form = Form::new(FormPurpose::NewPermission, "NEW PERMISSIONS", fields);
    form.at = at;
    form.preview = [
        "CORP\\a.kaya gets Help Desk Administrators on Root(/)",
        "message, disconnect, log off: yes, on 1,842 sessions",
        "restart, reset: yes, on 1,842 sessions",
        "push images, change permissions: no",
    ]
    .map(Text::clean)
    .into();
    if let Some(FieldKind::Search(search)) = form.fields.first_mut().map(|field| &mut field.kind) {
        search.input = LineInput::new("kay");
        search.found = people();
        search.cursor = 1;
        search.answered = Some("kay".to_owned());
    }
    form
}

fn with(form: Form, width: u16, height: u16) -> State {
    let mut state = main_screen(width, height);
    state.overlays.push(Overlay::Form(Box::new(form)));
    state
}

fn snapshots(name: &str, form: &Form) {
    pictures!(name, |width, height| with(form.clone(), width, height));
}

#[test]
fn a_search_shows_what_was_found_and_what_was_taken() {
    snapshots("form_search", &form(0));
}

#[test]
fn a_choice_is_a_list_while_it_has_the_keys() {
    snapshots("form_choice", &form(1));
}

#[test]
fn a_line_shows_its_mistake_beside_it() {
    let mut form = form(2);
    form.set_error("note", "it must not begin with a blank");
    form.complaint = Some("it must not begin with a blank".into());
    snapshots("form_line", &form);
}

#[test]
fn a_search_says_how_far_it_is() {
    let standing = |change: fn(&mut crate::core::form::SearchField)| {
        let mut form = form(0);
        if let Some(FieldKind::Search(search)) = form.fields.first_mut().map(|field| &mut field.kind) {
            search.found.clear();
            search.answered = None;
            change(search);
        }
        picture(&with(form, 80, 24))
    };
    assert!(standing(|search| search.input = LineInput::new("k")).contains("type 2 letters"));
    assert!(standing(|search| search.asking = Some((RequestId(1), "kay".to_owned()))).contains("looking"));
    assert!(standing(|search| search.answered = Some("kay".to_owned())).contains("nobody found"));
    let refused = standing(|search| {
        search.answered = Some("kay".to_owned());
        search.fault = Some(fault(FaultKind::InsufficientPermission, "no look-ups for you"));
    });
    assert!(refused.contains("! InsufficientPermission: no look-ups for you"), "{refused}");
}

#[test]
fn a_line_longer_than_the_screen_is_shown_around_its_cursor() {
    let mut form = form(2);
    form.set_text("note", &"a long note, ".repeat(20));
    let text = picture(&with(form, 60, 15));
    assert!(text.lines().any(|line| line.starts_with("> Note") || line.starts_with(" >Note")), "{text}");
}

#[test]
fn every_size_can_be_drawn() {
    for at in 0..4 {
        for height in 10..40 {
            for width in [58, 60, 80, 130] {
                picture(&with(form(at), width, height));
            }
        }
    }
}

#[test]
fn a_list_that_was_cut_says_so() {
    let mut cut = form(0);
    if let Some(FieldKind::Search(search)) = cut.fields.first_mut().map(|field| &mut field.kind) {
        search.more = true;
    }
    let seen = picture(&with(cut, 80, 24));
    assert!(seen.contains("first 3, type more"), "{seen}");
}
