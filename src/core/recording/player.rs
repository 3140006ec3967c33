//! The run again, from its lines.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    line::{FORMAT, Head, Line, ToldLine, Unreadable},
    meant::Meant,
    recorder::tables_of,
    tables, typing,
};
use crate::core::{
    self,
    effect::{Effect, RequestId},
    msg::Msg,
    planning::PlanBrief,
    state::{ScreenSize, State},
};

/// What the console was told, read from a line.
#[derive(Debug, Clone)]
pub struct Told {
    /// When, if that was told with it.
    pub at: Option<Timestamp>,
    /// What kind of thing it is.
    pub kind: Kind,
    typed: Option<(String, usize)>,
    message: Option<Box<Msg>>,
    plan: Option<RequestId>,
    meant: Option<Box<Meant>>,
}

impl Told {
    /// Whether it is the time alone.
    pub fn is_time(&self) -> bool {
        self.message.is_none() && self.plan.is_none()
    }
}

/// What kind of thing the console was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A key, and its name.
    Key(String),
    /// Another size of the screen.
    Resized(ScreenSize),
    /// Anything else.
    Other,
}

/// Plays a recording: the state changes as it did.
#[derive(Debug)]
pub struct Player {
    state: State,
    tables: tables::Reader,
    line: usize,
    started: Timestamp,
    scrambled: bool,
    ended: bool,
    /// The plan that is being made.
    brief: Option<(RequestId, Box<PlanBrief>)>,
}

impl Player {
    /// Begins with the first line.
    ///
    /// # Errors
    ///
    /// When it is not the first line of a recording of this form.
    pub fn begin(line: &str, version: &str) -> Result<Self, Unreadable> {
        let wrong = |words: &str| Unreadable::new(1, words);
        let head: Result<Line, _> = serde_json::from_str(line);
        let head = match head {
            Ok(Line::Recording(head)) if head.format == FORMAT => head,
            Ok(Line::Recording(head)) => {
                let made =
                    format!("this recording has form {}, made by Foretop {}", head.format, head.foretop);
                let here = format!("this is Foretop {version}, which plays form {FORMAT}");
                return Err(wrong(&format!("{made}; {here}")));
            }
            Ok(_) | Err(_) => return Err(wrong("this is no recording of Foretop")),
        };
        let Head { foretop, started, scrambled, screen, state, .. } = *head;
        is_in_reason(&state).map_err(|words| wrong(&words))?;
        let mut state: State = serde_json::from_value(state).map_err(|error| {
            let other = if foretop == version { "" } else { ", another version than this one" };
            let error = in_short(&error);
            wrong(&format!("the state of Foretop {foretop}{other}, cannot be read: {error}"))
        })?;
        for size in [screen, state.screen] {
            is_size(size).map_err(|words| wrong(&words))?;
        }
        for at in [started, state.now] {
            is_moment(at).map_err(|words| wrong(&words))?;
        }
        drop(core::init(&mut state));
        let tables = tables::Reader::default();
        Ok(Self { state, tables, line: 1, started, scrambled, ended: false, brief: None })
    }

    /// The state now.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// When the run began.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Whether names are stand-ins.
    pub fn is_scrambled(&self) -> bool {
        self.scrambled
    }

    /// Whether the last line was read.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The line that was read last, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The lists.
    #[cfg(test)]
    pub(super) fn lists(&self) -> &tables::Reader {
        &self.tables
    }

    /// Reads the next line; `None` when it tells the console nothing.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn read(&mut self, line: &str) -> Result<Option<Told>, Unreadable> {
        self.line += 1;
        let number = self.line;
        self.understand(line).map_err(|words| Unreadable::new(number, &words))
    }

    fn understand(&mut self, line: &str) -> Result<Option<Told>, String> {
        let line = serde_json::from_str(line).map_err(|error| in_short(&error))?;
        match line {
            Line::Recording(_) => return Err("a second beginning".to_owned()),
            Line::Table(table) => {
                is_in_reason(table.head())?;
                is_moment(self.tables.begin(table)?)?;
            }
            Line::Rows(rows) => {
                rows.values().try_for_each(is_in_reason)?;
                self.tables.rows(rows)?;
            }
            Line::Ended(end) => self.ended = !end.behind,
            Line::Told(told) => return self.told(*told).map(Some),
        }
        Ok(None)
    }

    fn told(&self, line: ToldLine) -> Result<Told, String> {
        let ToldLine { at, typed, tables, message, meant, plan } = line;
        is_in_reason(&message)?;
        let meant: Option<Box<Meant>> = serde_json::from_value(meant)
            .map_err(|error| format!("whom it meant cannot be read: {}", in_short(&error)))?;
        if meant.as_ref().is_some_and(|meant| meant.targets() > tables::MOST_ROWS) {
            return Err(format!("a plan of more than {} targets", tables::MOST_ROWS));
        }
        let message: Option<Box<Msg>> = serde_json::from_value(message)
            .map_err(|error| format!("the message cannot be read: {}", in_short(&error)))?;
        let message = message
            .map(|mut message| {
                let mut numbers = tables.into_iter();
                for table in tables_of(&mut message) {
                    *table = self.tables.table(numbers.next().ok_or("a list is missing")?)?;
                }
                Ok::<_, String>(message)
            })
            .transpose()?;
        if let Some(at) = at {
            is_moment(at)?;
        }
        let kind = match message.as_deref() {
            Some(Msg::Key(key)) => Kind::Key(key.to_string()),
            Some(Msg::Resized(size)) => {
                is_size(*size)?;
                Kind::Resized(*size)
            }
            Some(Msg::Tick(now)) => {
                is_moment(*now)?;
                Kind::Other
            }
            _ => Kind::Other,
        };
        Ok(Told { at, kind, typed, message, plan, meant })
    }

    /// Tells the console.
    pub fn tell(&mut self, told: Told) {
        if let Some(now) = told.at {
            self.update(Msg::Tick(now));
        }
        if let Some((text, cursor)) = told.typed {
            typing::put(&mut self.state, &text, cursor);
        }
        if let Some(message) = told.message {
            self.update(*message);
        }
        let made = told.plan.and_then(|plan| self.brief.take_if(|(request, _)| *request == plan));
        if let Some((request, brief)) = made {
            let sheet = Box::new(brief.make());
            self.update(Msg::PlanMade { request, sheet });
        }
        if let Some(meant) = told.meant {
            meant.put(&mut self.state);
        }
    }

    /// Changes the state; nothing is done of what it wants done.
    fn update(&mut self, message: Msg) {
        for effect in core::update(&mut self.state, message) {
            if let Effect::MakePlan { request, brief } = effect {
                self.brief = Some((request, brief));
            }
        }
    }
}

/// The largest screen that is played, in columns and in rows.
const LARGEST: u16 = 1000;
/// How many cells it may have: each takes memory, and time with each key.
const CELLS: u32 = 200_000;

fn is_size(size: ScreenSize) -> Result<(), String> {
    let ScreenSize { width, height } = size;
    if width > LARGEST || height > LARGEST {
        return Err(format!("a screen of {width}x{height}: more than {LARGEST}x{LARGEST} is not played"));
    }
    if u32::from(width) * u32::from(height) > CELLS {
        return Err(format!("a screen of {width}x{height}: more than {CELLS} cells are not played"));
    }
    Ok(())
}

/// Whether all numbers may be those of a console: nothing is counted on from the largest that there are.
fn is_in_reason(value: &Value) -> Result<(), String> {
    /// The largest whole number that every program reads from JSON as it was written.
    const MOST: u64 = 1 << 53;
    match value {
        Value::Array(values) => values.iter().try_for_each(is_in_reason),
        Value::Object(fields) => fields.values().try_for_each(is_in_reason),
        Value::Number(number) => {
            let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if size.is_some_and(|size| size > MOST) {
                return Err(format!("the number {number} is larger than any of a run"));
            }
            Ok(())
        }
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// Whether a console may have run then: nothing is reckoned with times at the end of all times.
fn is_moment(at: Timestamp) -> Result<(), String> {
    /// The year 2500.
    const END: i64 = 16_725_225_600;
    if (0..END).contains(&at.as_second()) { Ok(()) } else { Err(format!("the time {at} is none of a run")) }
}

/// What is wrong, without everything that would be right.
pub(super) fn in_short(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let end = words.find(", expected").unwrap_or(words.len());
    let short: String = words.chars().take(100).collect();
    words.get(..end.min(100)).map_or(short, str::to_owned)
}
