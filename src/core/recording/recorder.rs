//! What the console was told, as lines.

use std::sync::Arc;

use jiff::Timestamp;
use serde::ser::Error as _;
use serde_json::Value;

use super::{
    line::{EndLine, FORMAT, Head, Line, ToldLine},
    mask::mask,
    meant::{Before, Meant},
    player::Player,
    scramble::Scrambler,
    tables,
    typing::{self, Focused, Typing},
};
use crate::core::{
    effect::RequestId,
    msg::{Msg, RecordsMsg},
    rows,
    state::State,
    table::SessionTable,
};

/// Something that the console was told, as it is handed to whoever records it.
#[derive(Debug, Clone)]
pub struct Note {
    told: Told,
    before: Option<Focused>,
    after: Option<Focused>,
    /// Whether it was typed on a screen that showed nothing.
    unseen: bool,
    there: Option<Before>,
    meant: Meant,
}

#[derive(Debug, Clone)]
enum Told {
    Message(Box<Msg>),
    /// A plan follows from the state, and may be long.
    Plan(RequestId),
}

impl Note {
    /// What is noted of a message before the state is changed by it; `None` when nothing follows from it.
    pub fn before(state: &State, message: &Msg) -> Option<Self> {
        let is_typed = matches!(message, Msg::Key(_) | Msg::Paste(_));
        let told = match message {
            Msg::Measured(_) if state.measure.is_none() => return None,
            Msg::PlanMade { request, .. } => Told::Plan(*request),
            other => Told::Message(Box::new(other.clone())),
        };
        let before = Self::text(state, &told);
        let unseen = is_typed && rows::is_too_small(state.screen);
        let is_time = matches!(message, Msg::Tick(_));
        let there = (!is_time).then(|| Before::of(state, is_typed));
        Some(Self { told, before, after: None, unseen, there, meant: Meant::default() })
    }

    /// The text that it is typed into.
    fn text(state: &State, told: &Told) -> Option<Focused> {
        match told {
            Told::Message(message) => match message.as_ref() {
                Msg::Key(_) => Focused::of(state),
                Msg::Paste(_) => Focused::pasted_into(state),
                _ => None,
            },
            Told::Plan(_) => None,
        }
    }

    /// How many rows of lists, targets of jobs and events it holds in memory until it is written.
    pub fn rows(&self) -> usize {
        let Told::Message(message) = &self.told else { return 0 };
        match message.as_ref() {
            Msg::SessionsGlimpsed { table, .. }
            | Msg::SessionsLoaded { table, .. }
            | Msg::SessionsRenewed { answer: Ok(Some(table)), .. } => table.len(),
            Msg::EventsLoaded { events, .. } => events.len(),
            Msg::Records(RecordsMsg::Read { answer: Ok(record), .. }) => record.recovered.standings.len(),
            _ => 0,
        }
    }

    /// The same when the state has changed.
    #[must_use]
    pub fn after(self, state: &State) -> Self {
        let after = if self.before.is_some() { Self::text(state, &self.told) } else { None };
        let meant = self.there.map_or_else(Meant::default, |there| there.after(state));
        Self { after, meant, there: None, ..self }
    }
}

/// Turns what the console was told into lines.
#[derive(Debug)]
pub struct Recorder {
    scrambler: Option<Scrambler>,
    tables: tables::Writer,
    typing: Typing,
    /// A time that was told, and nothing since.
    tick: Option<Timestamp>,
}

impl Recorder {
    /// A recorder, and the first line. Without a scrambler names are told as they are.
    ///
    /// # Errors
    ///
    /// When the state has no form in JSON, or what is written of it cannot be read: nobody could play it.
    pub fn begin(
        scrambler: Option<Scrambler>,
        state: &State,
        version: &str,
    ) -> serde_json::Result<(Self, String)> {
        let mut recorder =
            Self { scrambler, tables: tables::Writer::default(), typing: Typing::default(), tick: None };
        let head = Head {
            format: FORMAT,
            foretop: version.to_owned(),
            started: state.now,
            scrambled: recorder.scrambler.is_some(),
            screen: state.screen,
            state: mask(state, &mut recorder.scrambler)?,
        };
        let line = serde_json::to_string(&Line::Recording(Box::new(head)))?;
        Player::begin(&line, version).map_err(serde_json::Error::custom)?;
        Ok((recorder, line))
    }

    /// Turns a note into lines, and hands them on one by one.
    ///
    /// # Errors
    ///
    /// When something has no form in JSON.
    pub fn note(&mut self, note: Note, out: &mut dyn FnMut(String)) -> serde_json::Result<()> {
        let mut failed = None;
        let lines = &mut |line: Line| match serde_json::to_string(&line) {
            Ok(line) => out(line),
            Err(error) => failed = Some(error),
        };
        self.lines_of(note, lines)?;
        failed.map_or(Ok(()), Err)
    }

    /// The last lines: of a run that ended, or of one that told more than could be written and went on.
    ///
    /// # Errors
    ///
    /// When something has no form in JSON.
    pub fn end(&mut self, behind: bool, out: &mut dyn FnMut(String)) -> serde_json::Result<()> {
        if let Some(at) = self.tick.take() {
            out(serde_json::to_string(&Line::Told(Box::new(ToldLine {
                at: Some(at),
                ..ToldLine::default()
            })))?);
        }
        out(serde_json::to_string(&Line::Ended(EndLine { behind }))?);
        Ok(())
    }

    fn lines_of(&mut self, note: Note, out: &mut dyn FnMut(Line)) -> serde_json::Result<()> {
        let Note { told, before, after, meant, unseen, .. } = note;
        let mut line = ToldLine::default();
        // Under their own names all have the order that they had.
        if self.scrambler.is_some() && !meant.is_nothing() {
            line.meant = mask(&meant, &mut self.scrambler)?;
        }
        match told {
            Told::Plan(request) => line.plan = Some(request),
            Told::Message(message) => match *message {
                Msg::Tick(now) => {
                    if let Some(at) = self.tick.replace(now) {
                        out(Line::Told(Box::new(ToldLine { at: Some(at), ..line })));
                    }
                    return Ok(());
                }
                Msg::Key(key) if unseen && self.scrambler.is_some() => {
                    line.message = serde_json::to_value(Msg::Key(typing::unseen(key)))?;
                }
                message @ (Msg::Key(_) | Msg::Paste(_)) => {
                    line.message = self.typed(message, before.as_ref(), after.as_ref(), &mut line.typed)?;
                }
                mut message => {
                    for table in tables_of(&mut message) {
                        let table = std::mem::take(table);
                        line.tables.push(self.tables.number(&table, &mut self.scrambler, out)?);
                    }
                    line.message = mask(&message, &mut self.scrambler)?;
                }
            },
        }
        line.at = self.tick.take();
        out(Line::Told(Box::new(line)));
        Ok(())
    }

    fn typed(
        &mut self,
        message: Msg,
        before: Option<&Focused>,
        after: Option<&Focused>,
        first: &mut Option<(String, usize)>,
    ) -> serde_json::Result<Value> {
        let Some(scrambler) = &mut self.scrambler else {
            return serde_json::to_value(message);
        };
        let typed = self.typing.typed(&message, before, after, scrambler);
        *first = typed.first;
        serde_json::to_value(typed.message)
    }
}

/// The lists in a message, in their order.
pub(super) fn tables_of(message: &mut Msg) -> Vec<&mut Arc<SessionTable>> {
    match message {
        Msg::SessionsGlimpsed { table, .. } | Msg::SessionsLoaded { table, .. } => vec![table],
        Msg::SessionsRenewed { of, answer: Ok(Some(table)), .. } => vec![of, table],
        Msg::SessionsRenewed { of, .. } => vec![of],
        _ => Vec::new(),
    }
}
