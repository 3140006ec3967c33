//! What holds for every theme that ships: it can be read, in both senses.

use ratatui::style::{Color, Modifier};

use super::{
    nearest::{ANSI_RGB, indexed},
    paint::ANSI_NAMES,
    *,
};

/// Text is read, lines are only seen.
fn is_line(role: Role) -> bool {
    matches!(role, Role::Border | Role::BorderFocus | Role::Disabled)
}

/// The least contrast of a role.
fn least(name: &str, role: Role) -> f64 {
    match (name.starts_with("high-contrast"), is_line(role)) {
        (true, _) => 7.0,
        (false, false) => 4.5,
        (false, true) => 3.0,
    }
}

fn text_of(name: &str) -> &'static str {
    shipped::text(name).unwrap()
}

fn at(name: &str, depth: ColorDepth) -> Theme {
    Theme::parse(text_of(name), name).unwrap_or_else(|error| panic!("{error}")).with_depth(depth)
}

/// What a colour looks like, if that is known: the terminal's own is not.
fn seen(color: Option<Color>, sixteen: &[Rgb; 16]) -> Option<Rgb> {
    match color? {
        Color::Rgb(red, green, blue) => Some(Rgb(red, green, blue)),
        Color::Indexed(index) => indexed(index),
        Color::Reset => None,
        color => {
            let place = ANSI_NAMES.iter().position(|(_, known)| *known == color).unwrap();
            Some(sixteen[place])
        }
    }
}

/// Every role of a theme that is too near to what is behind it.
fn weak(
    name: &str,
    depth: ColorDepth,
    sixteen: &[Rgb; 16],
    behind: Rgb,
    least: impl Fn(Role) -> f64,
) -> Vec<String> {
    let theme = at(name, depth);
    let mut found = Vec::new();
    for role in Role::ALL {
        let style = theme.style(*role);
        let bg = seen(style.bg, sixteen);
        let Some(fg) = seen(style.fg, sixteen) else {
            assert!(
                bg.is_none(),
                "{name}: {} says a background and leaves its text to the terminal",
                role.name()
            );
            continue;
        };
        let mut contrast = fg.contrast(bg.unwrap_or(behind));
        if style.add_modifier.contains(Modifier::DIM) {
            // Terminals take about a third away.
            contrast *= 0.67;
        }
        if contrast < least(*role) {
            found.push(format!("{name} {depth:?}: {} has {contrast:.2}", role.name()));
        }
        // Where the cursor is must be seen from afar.
        if let Some(bg) = bg.filter(|bg| bg.contrast(behind) < 3.0) {
            found.push(format!("{name} {depth:?}: the bar of {} is {bg:?}", role.name()));
        }
    }
    found
}

#[test]
fn every_shipped_theme_can_be_read_and_says_all_it_needs() {
    for name in Theme::builtin_names() {
        let theme = at(name, ColorDepth::Ansi16);
        assert_ne!(theme.style(Role::Selection), Style::new(), "{name}: the selection can be seen");
        assert_ne!(theme.style(Role::Danger), theme.style(Role::Text), "{name}");
    }
    for role in Role::ALL {
        let says = text_of("foretop-dark").contains(&format!("\n{} = ", role.name()));
        assert!(says, "foretop-dark says {}", role.name());
    }
}

#[test]
fn every_colour_of_a_palette_is_said_for_few_and_for_many_colours() {
    for name in Theme::builtin_names() {
        for (entry, paint) in parse::parse(text_of(name), name).unwrap().palette {
            let few = paint.ansi.unwrap_or_else(|| panic!("{name}: {entry} has no ansi"));
            assert!(paint.rgb.is_some() || few == Color::Reset, "{name}: {entry} has no rgb");
        }
    }
}

#[test]
fn text_and_lines_stand_out_from_the_background() {
    for name in Theme::builtin_names().filter(|name| *name != "monochrome") {
        let behind = at(name, ColorDepth::TrueColor).background.unwrap();
        for depth in [ColorDepth::TrueColor, ColorDepth::Ansi256] {
            let weak = weak(name, depth, &ANSI_RGB, behind, |role| least(name, role));
            assert!(weak.is_empty(), "{weak:#?}");
        }
    }
}

#[test]
fn pairs_name_each_other_and_one_of_them_is_light() {
    for name in Theme::builtin_names().filter(|name| *name != "monochrome") {
        let theme = Theme::builtin(name).unwrap();
        let pair = Theme::builtin(theme.pair().unwrap_or_else(|| panic!("{name} has no pair"))).unwrap();
        assert_eq!(pair.pair(), Some(name));
        assert_ne!(pair.ground(), theme.ground(), "{name}");
    }
}

/// What the sixteen look like on terminals that many people have, with the dark background that goes with it.
fn usual_terminals() -> [(&'static str, [Rgb; 16], Rgb); 4] {
    let palette = |text: &str| -> [Rgb; 16] {
        let colours: Vec<Rgb> = text.split(' ').map(|hex| paint::hex(&format!("#{hex}")).unwrap()).collect();
        colours.try_into().unwrap()
    };
    let vga = "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff \
               55ffff ffffff";
    let tango = "2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 \
                 34e2e2 eeeeec";
    let campbell = "0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff \
                    b4009e 61d6d6 f2f2f2";
    [
        ("xterm", ANSI_RGB, Rgb(0, 0, 0)),
        ("linux", palette(vga), Rgb(0, 0, 0)),
        ("gnome", palette(tango), Rgb(0x1e, 0x1e, 0x1e)),
        ("windows", palette(campbell), Rgb(0x0c, 0x0c, 0x0c)),
    ]
}

#[test]
fn with_sixteen_colours_usual_terminals_can_be_read() {
    for name in Theme::builtin_names().filter(|name| *name != "monochrome") {
        let is_light = at(name, ColorDepth::Ansi16).ground() == Ground::Light;
        for (terminal, sixteen, dark) in usual_terminals() {
            let behind = if is_light { Rgb(255, 255, 255) } else { dark };
            // What a terminal shows as its sixteen is not for a theme to say: less has to do.
            let weak =
                weak(
                    name,
                    ColorDepth::Ansi16,
                    &sixteen,
                    behind,
                    |role| if is_line(role) { 2.0 } else { 3.0 },
                );
            assert!(weak.is_empty(), "{terminal}: {weak:#?}");
        }
    }
}
