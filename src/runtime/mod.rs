//! The console's event loop: messages in, state changed by the core, effects performed, frames written.
//!
//! The only floor that awaits, spawns, reads clocks and holds the terminal. It decides nothing about sessions.

mod clipboard;
mod decode;
mod frame;
mod input;
mod lean;
mod pacing;
mod perform;
mod remembered;
mod replay;
mod signals;
mod tape;
mod terminal;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use self::input::Gone;
use crate::{
    api::Login,
    core::{
        self,
        effect::{Effect, ExitReason},
        msg::Msg,
        state::{ScreenSize, Settings, State},
    },
    engine::{governor::Limits, journal::Scribe},
    ui::{self, Themes},
};

pub use lean::difference;
pub use replay::{ReplayError, ReplayOptions, Screens, Script, print as print_replay, replay};
pub use tape::Blank;
pub use terminal::last_words;

/// Messages that may wait: enough for a burst of keys and progress, little enough that nobody runs far ahead.
const WAITING_MESSAGES: usize = 256;
/// Changes of data are drawn at most this often; keys are drawn at once.
const FRAME_PAUSE: Duration = Duration::from_millis(33);
/// How long the end waits for what the terminal still says.
const LAST_ANSWER: Duration = Duration::from_secs(1);

/// What the console is started with.
#[derive(Debug)]
pub struct ConsoleOptions {
    /// What the core needs to know.
    pub settings: Settings,
    /// How to reach the estate, and as whom.
    pub login: Login,
    /// Writes down what jobs do.
    pub scribe: Scribe,
    /// What the governor keeps to.
    pub limits: Limits,
    /// The themes; the state says which one is drawn with.
    pub themes: Themes,
    /// The folder of everything that Foretop writes.
    pub state_dir: PathBuf,
    /// How long the server gets to carry out what it did not answer to an earlier run: [`crate::engine::SETTLING`], but in tests.
    pub settling: SignedDuration,
    /// Whether the mouse is asked for; off unless the operator wants it.
    pub mouse: bool,
    /// Where the run is recorded, if it is.
    pub record: Option<Blank>,
}

/// How the console ended.
#[derive(Debug)]
pub struct Ended {
    /// Why, or what went wrong with the terminal.
    pub reason: io::Result<ExitReason>,
    /// What became of the jobs that were running when the end came, or that the end waited for; a line each. For
    /// whoever cannot see the screen any more.
    pub jobs: Vec<String>,
    /// The jobs that the end stopped or cut off.
    pub left: Vec<LeftJournal>,
    /// What became of the recording, if there is one; a line.
    pub recorded: Option<String>,
    /// Whether the terminal takes no bytes any more: a word to it would never end.
    pub terminal_is_dead: bool,
}

/// The journal of a job that the end of the console stopped or cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftJournal {
    /// Its id.
    pub id: String,
    /// Whether a process without a terminal is to go on with the job.
    pub hand_on: bool,
}

/// Runs the console until the operator leaves or it cannot go on. The terminal is given back in every case, and before
/// the last answers are waited for.
///
/// # Errors
///
/// I/O errors of the terminal when it cannot be taken over. Later ones are in [`Ended::reason`]: the jobs come to their
/// end all the same.
pub async fn run(options: ConsoleOptions) -> io::Result<Ended> {
    terminal::install_panic_hook();
    let mut screen = terminal::Screen::enter(options.mouse)?;
    let mut console = Console::new(options, &screen)?;
    let reason = console.run(&mut screen).await;
    // Also when the terminal failed.
    console.performer.stop_jobs();
    console.painter.finish();
    let tape = console.tape.take();
    // A terminal that was closed cannot be given back: no reason to leave the answers behind.
    let given_back = screen.leave();
    let waits = console.state.has_running_job();
    if waits {
        last_words(b"foretop: waiting for the answers to requests that are out\n".to_vec());
    }
    // On a thread of its own: a disk may be slow.
    let recorded = tape.map(|tape| tokio::task::spawn_blocking(|| tape.finish()));
    let (jobs, left) = console.finish(waits).await;
    let recorded = match recorded {
        Some(recorded) => rest_of_recording(recorded).await,
        None => None,
    };
    let reason = reason.and_then(|reason| given_back.map(|()| reason));
    Ok(Ended { reason, jobs, left, recorded, terminal_is_dead: terminal::is_dead() })
}

/// Waits until the recording is written; says so when that takes longer, as it does behind a long list.
async fn rest_of_recording(mut recorded: tokio::task::JoinHandle<String>) -> Option<String> {
    if let Ok(recorded) = tokio::time::timeout(LAST_ANSWER, &mut recorded).await {
        return recorded.ok();
    }
    last_words(b"foretop: writing the rest of the recording\n".to_vec());
    recorded.await.ok()
}

/// The console while it runs.
struct Console {
    state: State,
    themes: Themes,
    performer: perform::Performer,
    answers: mpsc::Receiver<Msg>,
    painter: frame::Painter,
    /// What the console is told goes there as well.
    tape: Option<tape::Tape>,
}

impl Console {
    fn new(options: ConsoleOptions, screen: &terminal::Screen) -> io::Result<Self> {
        let (sender, answers) = mpsc::channel(WAITING_MESSAGES);
        let (width, height) = screen.size()?;
        let now = Timestamp::now();
        let seed = u64::from(now.subsec_nanosecond().unsigned_abs()) ^ now.as_second().unsigned_abs();
        let mut state = State::new(options.settings, ScreenSize { width, height }, now, seed);
        state.remember(remembered::load(&options.state_dir));
        state.settings.recording = options.record.is_some();
        let begin = |blank: Blank| blank.begin(&state, Some(tape::scrambler()), sender.clone());
        let tape = options.record.map(begin).transpose()?;
        let performer = perform::Performer::new(
            options.login,
            options.limits,
            options.scribe,
            options.state_dir,
            options.settling,
            sender,
        );
        let painter = frame::Painter::new(width, height)?;
        Ok(Self { state, themes: options.themes, performer, answers, painter, tape })
    }

    async fn run(&mut self, screen: &mut terminal::Screen) -> io::Result<ExitReason> {
        let mut signals = signals::Signals::new()?;
        let mut keys = input::Keys::new(self.painter.asked())?;
        let effects = core::init(&mut self.state);
        let mut exit = self.perform(effects, screen, &mut keys)?;
        let mut draw_at = tokio::time::Instant::now();
        let mut dirty = true;
        while exit.is_none() {
            if dirty && self.painter.is_free() && tokio::time::Instant::now() >= draw_at {
                drop(self.update(Msg::Measured(self.painter.measure())));
                self.painter.paint(&self.state, self.themes.named(self.state.theme().as_str()))?;
                panic_if_asked();
                draw_at = tokio::time::Instant::now() + FRAME_PAUSE;
                dirty = false;
            }
            let message = tokio::select! {
                biased;
                signal = signals.next() => match signal {
                    signals::Signal::Terminate => Msg::Terminated,
                    signals::Signal::Stop => {
                        exit = self.perform(vec![Effect::Suspend], screen, &mut keys)?;
                        dirty = true;
                        continue;
                    }
                    signals::Signal::Resized => {
                        let (width, height) = screen.size()?;
                        draw_at = tokio::time::Instant::now();
                        Msg::Resized(ScreenSize { width, height })
                    }
                },
                input = keys.next() => {
                    match input {
                        // A key is answered at once, whatever was drawn a moment ago.
                        Some(input::Input::Message(message)) => { draw_at = tokio::time::Instant::now(); message }
                        Some(input::Input::Shown) => { self.painter.shown(); continue; }
                        Some(input::Input::Synchronizes(can)) => { self.painter.synchronizes(can); continue; }
                        None => Msg::Terminated,
                    }
                }
                Some(answer) = self.answers.recv() => answer,
                () = self.painter.freed(), if dirty => continue,
                () = tokio::time::sleep_until(draw_at), if dirty && self.painter.is_free() => continue,
                () = wait_until(core::next_wake(&self.state)) => Msg::Tick(Timestamp::now()),
            };
            exit = self.take(message, screen, &mut keys, &mut draw_at)?;
            dirty = true;
        }
        // Before anything that may take time: no further request of a job leaves.
        self.performer.stop_jobs();
        hear_out(&mut self.painter, &mut keys);
        Ok(exit.unwrap_or(ExitReason::Left))
    }

    /// Tells the core something, and whoever records it.
    fn update(&mut self, message: Msg) -> Vec<Effect> {
        let note = self.tape.as_ref().and_then(|tape| tape.before(&self.state, &message));
        let mut effects = core::update(&mut self.state, message);
        if let (Some(tape), Some(note)) = (&mut self.tape, note)
            && let Some(ended) = tape.after(note, &self.state)
        {
            effects.extend(core::update(&mut self.state, ended));
        }
        effects
    }

    /// Takes the answers that are still to come, logs out, and tells what became of the jobs.
    async fn finish(mut self, waits: bool) -> (Vec<String>, Vec<LeftJournal>) {
        // Also when it was the terminal that ended.
        if waits && !self.state.leaving {
            drop(core::update(&mut self.state, Msg::Terminated));
        }
        let mut last_answers = std::pin::pin!(self.performer.last_answers());
        loop {
            tokio::select! {
                biased;
                Some(answer) = self.answers.recv() => {
                    // Whatever the core wants done now is too late.
                    drop(core::update(&mut self.state, answer));
                }
                () = &mut last_answers => break,
            }
        }
        while let Ok(answer) = self.answers.try_recv() {
            drop(core::update(&mut self.state, answer));
        }
        self.performer.remember(&self.state);
        self.performer.log_out().await;
        let jobs = if waits || self.state.leaving { core::job_summaries(&self.state) } else { Vec::new() };
        let left = self.state.left.iter().filter_map(|left| {
            Some(LeftJournal { id: self.performer.journal_of(left.job)?, hand_on: left.hand_on })
        });
        (jobs, left.collect())
    }

    /// Gives a message, and whatever waits behind it, to the core; performs what it wants done.
    fn take(
        &mut self,
        first: Msg,
        screen: &mut terminal::Screen,
        keys: &mut input::Keys,
        draw_at: &mut tokio::time::Instant,
    ) -> io::Result<Option<ExitReason>> {
        let mut next = Some(first);
        // Bounded, so that a flood of answers cannot keep a key waiting.
        for _ in 0..WAITING_MESSAGES {
            let Some(message) = next else { break };
            if let Msg::Resized(size) = &message {
                self.painter.resize(size.width, size.height)?;
            }
            let mut effects = self.update(Msg::Tick(Timestamp::now()));
            let is_first = matches!(message, Msg::SessionsGlimpsed { .. }) && !self.state.has_list();
            if is_first || matches!(message, Msg::RowsJudged { .. }) {
                // Somebody waits for it.
                *draw_at = tokio::time::Instant::now();
            }
            let swaps = matches!(message, Msg::SessionsLoaded { .. } | Msg::SessionsRenewed { .. });
            let shown = swaps.then(|| Arc::clone(self.state.sessions.view.table()));
            effects.extend(self.update(message));
            if let Some(before) = shown {
                // A long list is let go of where no key waits for it.
                drop(tokio::task::spawn_blocking(move || drop(before)));
            }
            if let Some(reason) = self.perform(effects, screen, keys)? {
                return Ok(Some(reason));
            }
            next = self.answers.try_recv().ok();
        }
        Ok(None)
    }

    fn perform(
        &mut self,
        effects: Vec<Effect>,
        screen: &mut terminal::Screen,
        keys: &mut input::Keys,
    ) -> io::Result<Option<ExitReason>> {
        let mut effects = std::collections::VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Exit(reason) => return Ok(Some(reason)),
                Effect::Redraw => self.painter.forget()?,
                Effect::DumpScreen { name } => {
                    let theme = self.themes.named(self.state.theme().as_str());
                    self.performer.dump_screen(name, ui::text_of(&self.state, theme));
                }
                Effect::Copy(text) => self.painter.add(clipboard::sequence(&text, clipboard::Around::here())),
                Effect::Suspend => {
                    hear_out(&mut self.painter, keys);
                    keys.pause();
                    self.painter.finish();
                    screen.suspend()?;
                    keys.resume()?;
                    let (width, height) = screen.size()?;
                    self.painter.restart(width, height)?;
                    effects.extend(self.update(Msg::Resized(ScreenSize { width, height })));
                }
                other => self.performer.perform(other),
            }
        }
        Ok(None)
    }
}

/// Takes the terminal's answer to the last frame, but does not wait for ever: whoever gets the terminal next would find it
/// among the keys.
fn hear_out(painter: &mut frame::Painter, keys: &mut input::Keys) {
    let end = std::time::Instant::now() + LAST_ANSWER;
    while painter.is_asked() && std::time::Instant::now() < end {
        match keys.heard() {
            Ok(Some(input::Input::Shown)) => painter.shown(),
            Ok(Some(_)) => {}
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Err(Gone) => return,
        }
    }
}

/// Sleeps until a moment, or for ever when there is none.
async fn wait_until(moment: Option<Timestamp>) {
    match moment {
        Some(moment) => {
            let left = moment.duration_since(Timestamp::now());
            tokio::time::sleep(Duration::try_from(left).unwrap_or(Duration::ZERO)).await;
        }
        None => std::future::pending().await,
    }
}

/// Lets a test of the whole program see what a panic leaves behind; not in release builds.
fn panic_if_asked() {
    #[cfg(debug_assertions)]
    assert!(std::env::var_os("FORETOP_DEBUG_PANIC").is_none(), "asked for by FORETOP_DEBUG_PANIC");
}
