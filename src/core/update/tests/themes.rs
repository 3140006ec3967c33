//! Choosing a theme.

use super::*;
use crate::core::{
    looks::{Looks, ThemeChoice},
    state::NoticeKind,
};

fn bench() -> Bench {
    let choice =
        |name: &str, pair: Option<&str>| ThemeChoice { pair: pair.map(Into::into), ..ThemeChoice::new(name) };
    let mut choices = vec![
        ThemeChoice { former: Some("dark".into()), ..choice("foretop-dark", Some("foretop-light")) },
        choice("foretop-light", Some("foretop-dark")),
        choice("monochrome", None),
        choice("nord", Some("nord-light")),
    ];
    let objection = Some("themes/mine.toml:2:1: unknown role \"dangr\"".into());
    choices.push(ThemeChoice { own: true, objection, ..choice("mine", None) });
    let mut bench = Bench::with(estate());
    bench.state.settings.looks = Looks {
        choices: choices.into(),
        kept_in: "~/.config/foretop/config.toml".into(),
        ..Looks::default()
    };
    bench.take_effects();
    bench
}

fn shown(bench: &Bench) -> &str {
    bench.state.theme().as_str()
}

fn in_force(bench: &Bench) -> &str {
    bench.state.settings.looks.theme.as_str()
}

fn notice(bench: &Bench) -> &str {
    bench.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

#[test]
fn the_theme_under_the_cursor_is_shown_and_esc_brings_the_former_one_back() {
    let mut bench = bench();
    bench.press(":theme<enter>");
    assert_eq!(bench.state.overlays.last(), Some(&Overlay::Themes { cursor: 0 }));
    bench.press("jjj");
    assert_eq!((shown(&bench), in_force(&bench)), ("nord", "foretop-dark"));
    bench.press("<esc>");
    assert_eq!(shown(&bench), "foretop-dark");
    assert!(bench.state.overlays.is_empty() && bench.take_effects().is_empty());
}

#[test]
fn enter_keeps_it_for_this_run_and_says_how_it_stays() {
    let mut bench = bench();
    bench.press("ztG");
    assert_eq!(shown(&bench), "foretop-dark", "one with a mistake is not shown");
    bench.press("k<enter>");
    assert_eq!((shown(&bench), in_force(&bench)), ("nord", "nord"));
    assert!(bench.state.overlays.is_empty());
    let words = "for this run; for good: theme = \"nord\" in ~/.config/foretop/config.toml";
    assert_eq!(notice(&bench), words);
    bench.press(":theme<enter>");
    assert_eq!(bench.state.overlays.last(), Some(&Overlay::Themes { cursor: 3 }), "the list begins there");
}

#[test]
fn one_with_a_mistake_is_not_taken() {
    let mut bench = bench();
    bench.press("ztG<enter>");
    assert_eq!(in_force(&bench), "foretop-dark");
    assert!(notice(&bench).starts_with("mine cannot be used: themes/mine.toml:2:1"), "{}", notice(&bench));
    assert!(!bench.state.overlays.is_empty());
}

#[test]
fn tab_goes_to_the_same_for_the_other_background() {
    let mut bench = bench();
    bench.press("zt<tab>");
    assert_eq!(shown(&bench), "foretop-light");
    bench.press("<tab>");
    assert_eq!(shown(&bench), "foretop-dark");
    bench.press("jj<tab>");
    assert_eq!(shown(&bench), "monochrome");
    assert_eq!(notice(&bench), "this theme has no other for that");
}

#[test]
fn the_preview_goes_on_below_the_help() {
    let mut bench = bench();
    bench.press("ztj?");
    assert_eq!(shown(&bench), "foretop-light");
    bench.press("<esc><esc>");
    assert_eq!(shown(&bench), "foretop-dark");
}

#[test]
fn the_cursor_stays_in_the_list() {
    let mut bench = bench();
    bench.press("zt");
    for (keys, cursor) in [("k", 0), ("<c-d>", 2), ("<c-d>", 4), ("j", 4), ("<c-u>", 2), ("gg", 0), ("G", 4)]
    {
        bench.press(keys);
        assert_eq!(bench.state.overlays.last(), Some(&Overlay::Themes { cursor }), "{keys}");
    }
}

#[test]
fn a_name_is_taken_at_once_and_a_mistake_names_the_nearest() {
    let mut bench = bench();
    bench.press(":theme nord<enter>");
    assert_eq!(shown(&bench), "nord");
    bench.press(":theme dark<enter>");
    assert_eq!(shown(&bench), "foretop-dark", "the name that it had before");
    bench.press(":theme nrod<enter>");
    let error =
        |bench: &Bench| bench.state.prompt.as_ref().unwrap().error.as_ref().unwrap().message.to_string();
    assert_eq!(error(&bench), "unknown theme: nrod; nearest is nord");
    bench.press("<esc>:theme mine<enter>");
    assert!(error(&bench).starts_with("mine cannot be used: themes/mine.toml:2:1"), "{}", error(&bench));
}

#[test]
fn names_are_completed() {
    let mut bench = bench();
    bench.press(":theme no<tab><enter>");
    assert_eq!(shown(&bench), "nord");
}

#[test]
fn without_colours_it_says_so() {
    for keys in [":theme<enter>", "zt", ":theme nord<enter>"] {
        let mut bench = bench();
        bench.state.settings.looks.has_colours = false;
        bench.press(keys);
        assert!(bench.state.overlays.is_empty(), "{keys}");
        let notice = bench.state.notice.as_ref().unwrap();
        assert_eq!(notice.kind, NoticeKind::Warning);
        assert!(notice.text.as_str().starts_with("colours are off (NO_COLOR"), "{keys}");
    }
}

#[test]
fn of_a_broken_theme_the_other_is_not_known() {
    let mut bench = bench();
    bench.press("ztG<tab>");
    assert!(notice(&bench).contains("its other is not known"), "{}", notice(&bench));
    assert_eq!(bench.state.overlays.last(), Some(&Overlay::Themes { cursor: 4 }));
}
