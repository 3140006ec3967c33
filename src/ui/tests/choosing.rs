//! What is chosen on the screen: columns; and what keys of one's own and a newcomer's lessons look like.

use super::*;
use crate::core::{
    keymap::{Flavour, Keymap},
    table::{ChosenColumn, Column},
};

#[test]
fn the_list_of_columns_beside_the_table() {
    snapshots("columns", |width, height| {
        let mut state = main_screen(width, height);
        press(&mut state, Key::char('z'));
        press(&mut state, Key::char('c'));
        for key in "jj >+".chars() {
            press(&mut state, Key::char(key));
        }
        state
    });
}

#[test]
fn columns_beyond_the_edges_are_marked_there() {
    let mut state = main_screen(80, 24);
    let wide = |column| ChosenColumn { column, width: Some(30) };
    let chosen = [Column::User, Column::Pool, Column::Machine, Column::Gateway, Column::Agent];
    state.settings.columns = Some(chosen.map(wide).to_vec());
    snapshot("columns_right_edge", &state);
    for _ in 0..2 {
        press(&mut state, Key::char('l'));
    }
    snapshot("columns_both_edges", &state);
}

#[test]
fn hints_and_chords_show_the_keys_in_force() {
    let mut state = main_screen(80, 24);
    state.settings.keymap = Keymap::plain(Flavour::Arrows);
    state.settings.lessons = true;
    snapshot("arrows_and_a_lesson", &state);
    state.pending = vec![Key::char('z')];
    snapshot("chords_of_z", &state);
}

fn press(state: &mut State, key: Key) {
    crate::core::update(state, crate::core::msg::Msg::Key(key));
}
