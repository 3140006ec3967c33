//! The list of themes, over the screen that shows the one under the cursor.

use super::*;
use crate::core::looks::{Looks, ThemeChoice};

/// The main screen with all shipped themes and two of the user's own, and the list open at one of them.
fn themes(width: u16, height: u16, cursor: usize) -> State {
    let mut choices: Vec<ThemeChoice> = Theme::builtin_names()
        .map(|name| ThemeChoice { ground: Theme::builtin(name).unwrap().ground(), ..ThemeChoice::new(name) })
        .collect();
    let objection = "themes/night-shift.toml:12:1: unknown role \"dangr\"; the nearest is \"danger\"";
    choices.push(ThemeChoice { own: true, ..ThemeChoice::new("desk") });
    choices.push(ThemeChoice {
        own: true,
        objection: Some(objection.into()),
        ..ThemeChoice::new("night-shift")
    });
    let mut state = main_screen(width, height);
    state.settings.looks = Looks {
        choices: choices.into(),
        kept_in: "~/.config/foretop/config.toml".into(),
        ..Looks::default()
    };
    state.overlays.push(Overlay::Themes { cursor });
    state
}

#[test]
fn the_list_of_themes() {
    snapshots("themes", |width, height| themes(width, height, 11));
    snapshot("themes_small", &themes(60, 15, 3));
    snapshot("themes_broken", &themes(80, 24, 14));
    let mut ascii = themes(80, 24, 0);
    ascii.settings.ascii = true;
    snapshot("themes_ascii", &ascii);
}

#[test]
fn a_long_path_keeps_its_end() {
    let mut state = themes(80, 24, 7);
    state.settings.looks.kept_in =
        "[profiles.prod-emea] of /srv/helpdesk/shared/settings/foretop/config.toml".into();
    snapshot("themes_long_path", &state);
}

#[test]
fn no_size_breaks_the_list() {
    for (width, height) in [(60, 15), (61, 16), (80, 20), (300, 90)] {
        for cursor in [0, 14, 99] {
            drawn(&themes(width, height, cursor), &Theme::default());
        }
    }
}
