//! A recorded run, played on the terminal or printed as text. Nobody is asked and nothing is written: the state changes as
//! it did, and what it wants done is not done.

#[cfg(test)]
mod hostile;
mod script;
#[cfg(test)]
mod tests;

use std::{
    io::{self, Write},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use self::script::Play;
use super::{frame, input, signals, terminal};
use crate::{
    core::{
        key::{Key, KeyCode},
        msg::Msg,
        recording::{Kind, Told},
    },
    domain::Text,
    ui::{self, ReplayBar, Themes},
};

pub use script::{ReplayError, Script};

/// The slowest and the fastest.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.125..=64.0;

/// How a recording is played.
#[derive(Debug)]
pub struct ReplayOptions {
    /// The recording.
    pub script: Script,
    /// The themes; the state says which one is drawn with.
    pub themes: Themes,
    /// How many times as fast as it was.
    pub speed: f64,
    /// Longer pauses are shortened to this.
    pub max_idle: Duration,
}

/// Which screens are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screens {
    /// The one after each key and each change of the size, and the last one.
    Keys,
    /// The last one.
    Last,
}

/// Prints screens of a recording as text.
///
/// # Errors
///
/// When the recording cannot be read, or nothing can be written.
pub fn print(
    script: &Script,
    themes: &Themes,
    screens: Screens,
    out: &mut dyn Write,
) -> Result<(), ReplayError> {
    let mut play = script.play()?;
    let (mut number, mut now) = (0, play.player.started());
    while let Some(told) = play.next()? {
        number += 1;
        now = told.at.unwrap_or(now);
        let after = match &told.kind {
            Kind::Key(key) => Some(format!("key {key}")),
            Kind::Resized(size) => Some(format!("size {}x{}", size.width, size.height)),
            Kind::Other => None,
        };
        play.player.tell(told);
        if let Some(after) = after.filter(|_| screens == Screens::Keys) {
            write_screen(&play, themes, number, script.told(), now, &after, out)?;
        }
    }
    let end = match (script.is_whole(), script.is_behind()) {
        (true, _) => "end",
        (false, true) => "the run went on",
        (false, false) => "cut off",
    };
    write_screen(&play, themes, number, script.told(), now, end, out)
}

fn write_screen(
    play: &Play,
    themes: &Themes,
    number: usize,
    count: usize,
    now: Timestamp,
    after: &str,
    out: &mut dyn Write,
) -> Result<(), ReplayError> {
    let state = play.player.state();
    let time = clock(play.since_beginning(now));
    writeln!(out, "=== message {number} of {count}, {time}, {}", Text::clean(after))?;
    // Somebody else made the file: not everything in it came through the door by which the console takes texts in.
    for line in ui::text_of(state, themes.named(state.theme().as_str())).lines() {
        writeln!(out, "{}", Text::clean(line))?;
    }
    Ok(())
}

/// Minutes and seconds.
fn clock(since: SignedDuration) -> String {
    let seconds = since.as_secs().max(0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Plays a recording on the terminal until somebody leaves. The terminal is given back in every case.
///
/// # Errors
///
/// When the terminal cannot be taken over or fails, or the recording cannot be read.
pub async fn replay(options: ReplayOptions) -> Result<(), ReplayError> {
    let play = options.script.play()?;
    terminal::install_panic_hook();
    let mut screen = terminal::Screen::enter(false)?;
    let (width, height) = screen.size()?;
    let mut stage = Stage::new(options, play, frame::Painter::new(width, height)?);
    let played = stage.run(&mut screen).await;
    stage.painter.finish();
    let given_back = screen.leave();
    played?;
    Ok(given_back?)
}

/// A recording while it is played on the terminal.
struct Stage {
    options: ReplayOptions,
    play: Play,
    painter: frame::Painter,
    /// What is told next.
    next: Option<Told>,
    /// When that is due; never while it is halted.
    due: Instant,
    number: usize,
    now: Option<Timestamp>,
    is_halted: bool,
    /// Whether it goes on to what the next key did, without a pause.
    is_stepping: bool,
    speed: f64,
}

/// What a key asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    Leave,
    Halt,
    Step,
    Faster,
    Slower,
    Suspend,
    Redraw,
    Nothing,
}

impl Wish {
    fn of(key: Key) -> Self {
        match (key.code, key.ctrl) {
            (KeyCode::Char('c'), true) | (KeyCode::Char('q') | KeyCode::Esc, false) => Self::Leave,
            (KeyCode::Char('z'), true) => Self::Suspend,
            (KeyCode::Char('l'), true) => Self::Redraw,
            (KeyCode::Char(' '), false) => Self::Halt,
            (KeyCode::Right | KeyCode::Char('n'), false) => Self::Step,
            (KeyCode::Char('+'), false) => Self::Faster,
            (KeyCode::Char('-'), false) => Self::Slower,
            _ => Self::Nothing,
        }
    }
}

impl Stage {
    fn new(options: ReplayOptions, play: Play, painter: frame::Painter) -> Self {
        let speed = options.speed.clamp(*SPEEDS.start(), *SPEEDS.end());
        Self {
            options,
            play,
            painter,
            next: None,
            due: Instant::now(),
            number: 0,
            now: None,
            is_halted: false,
            is_stepping: false,
            speed,
        }
    }

    async fn run(&mut self, screen: &mut terminal::Screen) -> Result<(), ReplayError> {
        let mut signals = signals::Signals::new()?;
        let mut keys = input::Keys::new(self.painter.asked())?;
        self.advance()?;
        let mut dirty = true;
        let mut draw_at = Instant::now();
        loop {
            if dirty && self.painter.is_free() && Instant::now() >= draw_at {
                self.paint()?;
                draw_at = Instant::now() + super::FRAME_PAUSE;
                dirty = false;
            }
            let is_playing = self.next.is_some() && !self.is_halted;
            tokio::select! {
                biased;
                signal = signals.next() => match signal {
                    signals::Signal::Terminate => break,
                    signals::Signal::Stop => self.suspend(screen, &mut keys)?,
                    signals::Signal::Resized => {
                        let (width, height) = screen.size()?;
                        self.painter.resize(width, height)?;
                    }
                },
                heard = keys.next() => match heard {
                    Some(input::Input::Message(Msg::Key(key))) => match Wish::of(key) {
                        Wish::Leave => break,
                        Wish::Suspend => self.suspend(screen, &mut keys)?,
                        wish => self.grant(&wish)?,
                    },
                    Some(input::Input::Message(_)) => {}
                    Some(input::Input::Shown) => { self.painter.shown(); continue; }
                    Some(input::Input::Synchronizes(can)) => { self.painter.synchronizes(can); continue; }
                    None => break,
                },
                () = tokio::time::sleep_until(self.due), if is_playing => self.step()?,
                // A message at a time: keys and signals are heard between them, however far away the next key is.
                () = tokio::task::yield_now(), if self.is_stepping => self.step_on()?,
                () = self.painter.freed(), if dirty => continue,
                () = tokio::time::sleep_until(draw_at), if dirty && self.painter.is_free() => continue,
            }
            dirty = true;
        }
        super::hear_out(&mut self.painter, &mut keys);
        Ok(())
    }

    fn grant(&mut self, wish: &Wish) -> Result<(), ReplayError> {
        match wish {
            Wish::Halt => {
                // What is on its way to the next key stops where it is.
                self.is_halted = self.is_stepping || !self.is_halted;
                self.is_stepping = false;
                self.due = Instant::now();
            }
            Wish::Step => {
                self.is_halted = true;
                self.is_stepping = self.next.is_some();
            }
            Wish::Faster => self.speed = (self.speed * 2.0).min(*SPEEDS.end()),
            Wish::Slower => self.speed = (self.speed / 2.0).max(*SPEEDS.start()),
            Wish::Redraw => self.painter.forget()?,
            Wish::Leave | Wish::Suspend | Wish::Nothing => {}
        }
        Ok(())
    }

    /// Goes a message on towards what follows the next key.
    fn step_on(&mut self) -> Result<(), ReplayError> {
        let is_key = self.next.as_ref().is_some_and(|told| matches!(told.kind, Kind::Key(_)));
        self.step()?;
        self.is_stepping = !is_key && self.next.is_some();
        Ok(())
    }

    /// Tells the console what is due.
    fn step(&mut self) -> Result<(), ReplayError> {
        if let Some(told) = self.next.take() {
            self.number += 1;
            self.play.player.tell(told);
        }
        self.advance()
    }

    /// Looks what comes next, and when.
    fn advance(&mut self) -> Result<(), ReplayError> {
        self.next = self.play.next()?;
        let at = self.next.as_ref().and_then(|told| told.at);
        let wait = match (self.now, at) {
            (Some(now), Some(at)) => Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO),
            _ => Duration::ZERO,
        };
        self.now = at.or(self.now);
        self.due = Instant::now() + wait.min(self.options.max_idle).div_f64(self.speed);
        Ok(())
    }

    fn paint(&mut self) -> io::Result<()> {
        let state = self.play.player.state();
        let theme = self.options.themes.named(state.theme().as_str());
        let bar = ReplayBar {
            scrambled: self.play.player.is_scrambled(),
            time: clock(self.now.map_or(SignedDuration::ZERO, |now| self.play.since_beginning(now))),
            length: clock(self.options.script.length()),
            number: self.number,
            count: self.options.script.told(),
            speed: self.speed,
            is_halted: self.is_halted,
            end: match &self.next {
                Some(_) => None,
                None if self.options.script.is_whole() => Some("END"),
                None if self.options.script.is_behind() => Some("THE RUN WENT ON"),
                None => Some("CUT OFF HERE"),
            },
        };
        self.painter.paint_with(|buffer| ui::draw_replay(state, theme, &bar, buffer))
    }

    fn suspend(&mut self, screen: &mut terminal::Screen, keys: &mut input::Keys) -> io::Result<()> {
        super::hear_out(&mut self.painter, keys);
        keys.pause();
        self.painter.finish();
        screen.suspend()?;
        keys.resume()?;
        let (width, height) = screen.size()?;
        self.painter.restart(width, height)
    }
}
