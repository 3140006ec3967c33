//! A recorded run on the screen: the screens as they were, and below them a line that says that this is no estate.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Modifier,
};

use super::{Role, Theme, draw, text};
use crate::core::state::{ScreenSize, State};

/// So many lines at the bottom of a screen are shown in any case.
const LAST_LINES: u16 = 2;

/// What the line below a replay tells.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayBar {
    /// Whether names are stand-ins.
    pub scrambled: bool,
    /// The time since the beginning.
    pub time: String,
    /// The time of the whole run.
    pub length: String,
    /// The number of the last message.
    pub number: usize,
    /// How many messages there are.
    pub count: usize,
    /// How many times as fast as it was.
    pub speed: f64,
    /// Whether it stands still.
    pub is_halted: bool,
    /// What to say at the end.
    pub end: Option<&'static str>,
}

impl ReplayBar {
    fn words(&self, size: ScreenSize, room: Rect) -> String {
        let names = if self.scrambled { ", names scrambled" } else { "" };
        let pace = match self.end {
            Some(end) => end.to_owned(),
            None if self.is_halted => "HALTED".to_owned(),
            None => format!("x{}", self.speed),
        };
        let Self { time, length, number, count, .. } = self;
        let is_cut = size.width > room.width || size.height > room.height;
        let cut = if is_cut { format!("  cut: was {}x{}", size.width, size.height) } else { String::new() };
        format!(
            " REPLAY{names}  {pace} {time}/{length}  q leave  Space halt  n next  +- speed{cut}  {number}/{count}"
        )
    }
}

/// Draws the screen of a replay at the size that it had, as far as there is room, and the line below it.
pub fn draw_replay(state: &State, theme: &Theme, bar: &ReplayBar, buffer: &mut Buffer) -> Option<Position> {
    let area = buffer.area;
    if area.is_empty() {
        return None;
    }
    let room = Rect { height: area.height.saturating_sub(1), ..area };
    let size = state.screen;
    let mut screen = Buffer::empty(Rect::new(0, 0, size.width, size.height));
    let cursor = draw(state, theme, &mut screen);
    let (width, height) = (size.width.min(room.width), size.height.min(room.height));
    // The last lines tell what can be done, what is typed and what was answered: where not all fit, those above them go.
    let left_out = size.height - height;
    let kept = height.saturating_sub(LAST_LINES);
    let line_of = |y: u16| if y < kept { y } else { y + left_out };
    for y in 0..height {
        for x in 0..width {
            let (Some(from), Some(to)) = (screen.cell((x, line_of(y))), buffer.cell_mut((x, y))) else {
                continue;
            };
            *to = from.clone();
            // Half of a wide character is none.
            if text::width(from.symbol()) > usize::from(width - x) {
                to.set_symbol(" ");
            }
        }
    }
    let line: String = bar.words(size, room).chars().take(usize::from(area.width)).collect();
    let line = format!("{line:<width$}", width = usize::from(area.width));
    // Reversed: no line of the console looks like it, with colours or without.
    let style = theme.style(Role::Warning).add_modifier(Modifier::REVERSED);
    buffer.set_stringn(0, room.height, line, usize::from(area.width), style);
    let shown = cursor.filter(|cursor| cursor.x < width)?;
    let line = (0..height).find(|y| line_of(*y) == shown.y)?;
    Some(Position { y: line, ..shown })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{fixtures, lines};

    fn bar() -> ReplayBar {
        let (time, length) = ("0:07".to_owned(), "3:10".to_owned());
        let (number, count, speed) = (12, 340, 1.0);
        ReplayBar { scrambled: true, time, length, number, count, speed, is_halted: false, end: None }
    }

    fn drawn(width: u16, height: u16, bar: &ReplayBar) -> Vec<String> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        draw_replay(&fixtures::main_screen(100, 30), &Theme::default(), bar, &mut buffer);
        lines(&buffer)
    }

    #[test]
    fn the_screen_is_as_it_was_and_the_line_below_says_what_it_is() {
        let screen = crate::ui::text_of(&fixtures::main_screen(100, 30), &Theme::default());
        let size = fixtures::main_screen(100, 30).screen;
        let large = drawn(size.width + 20, size.height + 1, &bar());
        assert_eq!(large.get(..usize::from(size.height)).unwrap().join("\n") + "\n", screen);
        let line = large.last().unwrap();
        assert!(
            line.starts_with(" REPLAY, names scrambled  x1 0:07/3:10  q leave  Space halt  n next"),
            "{line}"
        );
        assert!(line.contains("12/340"), "{line}");
        assert!(drawn(80, 24, &bar()).last().unwrap().contains("+- speed"), "all keys at 80 columns");
        let halted = ReplayBar { is_halted: true, scrambled: false, ..bar() };
        let small = drawn(80, 10, &halted);
        let line = small.last().unwrap();
        assert!(
            line.starts_with(" REPLAY  HALTED 0:07/3:10  q leave") && line.contains("cut: was"),
            "{line}"
        );
        let below: Vec<String> =
            screen.lines().skip(28).map(|line| line.chars().take(80).collect()).collect();
        let kept: Vec<&str> = small.iter().skip(7).take(2).map(|line| line.trim_end()).collect();
        assert_eq!(
            kept,
            below.iter().map(|line| line.trim_end()).collect::<Vec<_>>(),
            "keys and messages stay"
        );
        let ended = ReplayBar { end: Some("CUT OFF HERE"), ..bar() };
        assert!(drawn(80, 10, &ended).last().unwrap().contains("CUT OFF HERE"));
        for (width, height) in [(1, 1), (0, 0), (3, 2)] {
            drawn(width, height, &bar());
        }
    }
}
