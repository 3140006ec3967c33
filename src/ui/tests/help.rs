//! The help as a whole.

use super::*;
use crate::core::{rows::Rows, views::NamedView};

/// All lines of the help, page by page.
fn pages(mut state: State) -> String {
    let page = usize::from(Rows::of(&state).sheet);
    let mut pages: Vec<String> = Vec::new();
    loop {
        let scroll = pages.len() * page;
        state.overlays =
            vec![Overlay::Help { context: Context::Sessions, search: LineInput::new(""), scroll }];
        let shown = picture(&state);
        // At the end it does not scroll any more.
        if pages.last() == Some(&shown) {
            return pages.join("\n");
        }
        pages.push(shown);
    }
}

#[test]
fn nothing_of_the_help_is_cut() {
    for (width, height) in [(80, 24), (60, 15)] {
        let shown = pages(main_screen(width, height));
        let cut: Vec<&str> =
            shown.lines().filter(|line| line.contains('\u{2026}') && !line.starts_with(" HELP")).collect();
        assert!(cut.is_empty(), "{width}x{height}: {cut:#?}");
        assert!(
            shown.lines().any(|line| line.trim().ends_with("so on") && line.starts_with("          ")),
            "what is long goes on below"
        );
    }
}

#[test]
fn the_key_of_a_view_has_the_name_of_the_view_that_is_there() {
    let mut state = main_screen(80, 24);
    let own = NamedView { filter: "pool:fin".to_owned(), key: Some(6), ..NamedView::default() };
    state.memory.views.insert("finance".to_owned(), own);
    let shown = pages(state);
    assert!(shown.contains("Show the view on key 5: disc-cleanup"), "built in");
    assert!(shown.contains("Show the view on key 6: finance"), "of one's own, which took the place");
    assert!(shown.lines().any(|line| line.trim_end().ends_with("Show the view on key 9")), "none yet");
}
