//! What holds on every screen.

use super::*;

#[test]
fn an_idle_screen_with_unchanged_data_stays_as_it_is() {
    let mut state = main_screen(120, 40);
    let before = drawn(&state, &Theme::default()).0;
    state.now = super::super::fixtures::at("14:02:26");
    assert_eq!(drawn(&state, &Theme::default()).0, before);
}

#[test]
fn a_cursor_move_changes_two_rows_of_the_table() {
    let mut state = main_screen(80, 24);
    let before = lines(&drawn(&state, &Theme::default()).0);
    change_view(&mut state, |view, _| view.move_by(1));
    let after = lines(&drawn(&state, &Theme::default()).0);
    let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    assert_eq!(changed, 2);
}

#[test]
fn monochrome_draws_no_colour_anywhere() {
    let theme = Theme::builtin("light").unwrap().with_depth(ColorDepth::Mono);
    for (width, height) in SIZES {
        for state in all_overlays(width, height) {
            let (buffer, _) = drawn(&state, &theme);
            for cell in &buffer.content {
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{:?}", state.overlays.last());
            }
        }
    }
}

#[test]
fn ascii_mode_draws_ascii_only() {
    for (width, height) in SIZES {
        for mut state in all_overlays(width, height) {
            state.settings.ascii = true;
            let (buffer, _) = drawn(&state, &Theme::default());
            for line in lines(&buffer) {
                assert!(line.is_ascii(), "{line}");
            }
        }
    }
}

#[test]
fn names_in_any_script_leave_the_columns_where_they_are() {
    let (buffer, _) = drawn(&main_screen(120, 40), &Theme::default());
    let header = lines(&buffer)[3].clone();
    let place = header.find("POOL/FARM").unwrap() as u16;
    for y in 4..20 {
        assert_eq!(buffer[(place - 1, y)].symbol(), " ", "row {y}: {}", lines(&buffer)[usize::from(y)]);
    }
}

/// In parts, so that each processor has some of it.
#[rstest::rstest]
fn no_size_panics_and_no_line_leaves_the_screen(#[values(0, 1, 2, 3)] part: u16) {
    let theme = Theme::default();
    let mut states = all_overlays(80, 24);
    let mut number = 0;
    for width in (0..=90).chain([100, 103, 200, 210]) {
        for height in 0..=40 {
            for (place, state) in states.iter_mut().enumerate() {
                // The main screen at every size, all others at a sixth of them and at the edges of the layout.
                number += 1;
                let edge = [(60, 15), (80, 24), (90, 40), (100, 30), (103, 33), (200, 40)]
                    .contains(&(width, height));
                if width % 4 == part && (place == 0 || edge || number % 6 == 0) {
                    state.screen = ScreenSize { width, height };
                    drawn(state, &theme);
                }
            }
        }
    }
}

#[test]
fn a_screen_of_another_size_than_the_state_believes_is_no_danger() {
    for (width, height) in [(0, 0), (1, 1), (40, 10), (79, 23), (300, 90)] {
        for state in all_overlays(80, 24) {
            drawn_at(&state, &Theme::default(), ScreenSize { width, height });
        }
    }
}
