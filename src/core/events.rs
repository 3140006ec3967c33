//! The event pane: the server's audit events and the console's own records, in one list.
//!
//! Own records appear at once; the server's rows come later, by as much as the event database lags. Rows that tell of
//! a job of this console are marked as ours when they arrive.

mod fold;
mod rate;

use std::collections::{BTreeSet, HashSet, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    filter::{EventFilter, Truth},
    own_events::{self, Claim, OwnEvents},
    table::Names,
};
use crate::domain::{
    AuditEvent, EventFeed, EventId, Fault, JobId, MachineId, SessionId, Severity, Text, WireKind,
};

pub use fold::{Fold, Row};
pub use rate::Minute;

/// Rows that are kept; the oldest fall out. Enough for a night of a busy pod, little enough to search at once.
const KEPT: usize = 20_000;

/// How much room the pane has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaneSize {
    /// Not shown.
    Hidden,
    /// A few rows, by the size of the screen.
    Normal,
    /// Half of the screen.
    Half,
    /// All of the screen.
    Full,
}

impl PaneSize {
    /// The next size at the key.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Normal => Self::Half,
            Self::Half => Self::Full,
            Self::Full => Self::Hidden,
            Self::Hidden => Self::Normal,
        }
    }
}

/// How serious a record of the console's own is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RecordLevel {
    /// Something was done.
    Info,
    /// Something was refused.
    Warning,
    /// Something failed.
    Error,
}

/// What the console itself has to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnRecord {
    /// When.
    pub time: Timestamp,
    /// How serious.
    pub level: RecordLevel,
    /// What.
    pub text: Text,
    /// The job it belongs to.
    pub job: Option<JobId>,
    /// The session it is about.
    pub session: Option<SessionId>,
}

impl OwnRecord {
    /// The record in the shape of a row of the server, so that the same filters work on both.
    fn as_event(&self, module: &str) -> AuditEvent {
        let severity = match self.level {
            RecordLevel::Info => Severity::Info,
            RecordLevel::Warning => Severity::Warning,
            RecordLevel::Error => Severity::Error,
        };
        AuditEvent {
            id: EventId(0),
            time: Some(self.time),
            severity: Some(severity),
            kind: Some(Text::clean("FORETOP")),
            module: Some(Text::clean(module)),
            message: Some(self.text.clone()),
            written_by: None,
            user_id: None,
            machine_id: None,
            pool_name: None,
            application_pool_name: None,
        }
    }
}

/// What a row is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EntryBody {
    /// A row of the server.
    Audit {
        /// The row.
        event: AuditEvent,
        /// The job of this console that it tells of.
        ours: Option<Claim>,
    },
    /// A record of the console.
    Own(OwnRecord),
}

/// One row of the pane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts up by one for each row that comes in; never reused, so the cursor can hold on to it.
    pub number: u64,
    /// When it happened.
    pub time: Timestamp,
    /// What it is.
    pub body: EntryBody,
}

impl Entry {
    /// 0 informative, 1 warning, 2 error.
    pub fn rank(&self) -> u8 {
        match &self.body {
            EntryBody::Audit { event, .. } => event.severity.as_ref().map_or(1, Severity::rank),
            EntryBody::Own(record) => match record.level {
                RecordLevel::Info => 0,
                RecordLevel::Warning => 1,
                RecordLevel::Error => 2,
            },
        }
    }
}

/// Which rows the level filter lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LevelFilter {
    /// All.
    All,
    /// Warnings and errors.
    Warnings,
    /// Errors.
    Errors,
}

impl LevelFilter {
    /// The next, stricter one; then all again.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::All => Self::Warnings,
            Self::Warnings => Self::Errors,
            Self::Errors => Self::All,
        }
    }

    /// The lowest rank that passes.
    pub fn rank(self) -> u8 {
        match self {
            Self::All => 0,
            Self::Warnings => 1,
            Self::Errors => 2,
        }
    }

    /// The words on the rule of the pane.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Warnings => ">=WARN",
            Self::Errors => ">=ERR",
        }
    }
}

/// The event pane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventPane {
    /// Oldest first, by time.
    entries: VecDeque<Entry>,
    /// Ids of the server's rows that are in it.
    seen: HashSet<EventId>,
    next_number: u64,
    /// How much room it has.
    pub size: PaneSize,
    /// Whether the newest row is always shown.
    pub follow: bool,
    /// The row under the cursor, by number; none while following.
    pub cursor: Option<u64>,
    /// Least severity shown.
    pub level: LevelFilter,
    /// Text filter as typed; empty for none.
    pub filter_text: String,
    /// The filter that is in force.
    pub filter: EventFilter,
    /// Names of users and machines in the newest list: the rows themselves carry only ids.
    pub names: Names,
    /// What was folded and is open, by its first rows.
    #[serde(default)]
    pub opened: BTreeSet<u64>,
    /// Why the typed filter is not in force.
    pub filter_error: Option<Text>,
    /// Rows that came in since the operator last looked at the newest.
    pub unseen: usize,
    /// Whether the server has events for us; none before the first answer.
    pub feed: Option<EventFeed>,
    /// Why the last read failed.
    pub fault: Option<Fault>,
    /// Seconds between the time of the newest row and the moment it came here, at the last batch that had rows.
    pub lag_seconds: Option<i64>,
    /// When the last answer came.
    pub read_at: Option<Timestamp>,
}

impl Default for EventPane {
    fn default() -> Self {
        Self {
            entries: VecDeque::new(),
            seen: HashSet::new(),
            next_number: 1,
            size: PaneSize::Normal,
            follow: true,
            cursor: None,
            level: LevelFilter::All,
            filter_text: String::new(),
            filter: EventFilter::default(),
            names: Names::default(),
            opened: BTreeSet::new(),
            filter_error: None,
            unseen: 0,
            feed: None,
            fault: None,
            lag_seconds: None,
            read_at: None,
        }
    }
}

impl EventPane {
    /// Takes a batch of the server's rows, in any order; rows that are there already are left alone.
    pub fn take(&mut self, events: Vec<AuditEvent>, jobs: &mut [OwnEvents], now: Timestamp, first: bool) {
        let newest = events.iter().filter_map(|event| event.time).max();
        let (mut fresh, mut shown) = (0, 0);
        for event in events {
            if !self.seen.insert(event.id) {
                continue;
            }
            let ours = own_events::claim(jobs, &event);
            let time = event.time.unwrap_or(now);
            shown += usize::from(self.insert(time, EntryBody::Audit { event, ours }));
            fresh += 1;
        }
        if fresh > 0 && !first {
            self.lag_seconds = newest.map(|newest| (now.as_second() - newest.as_second()).max(0));
            self.note_unseen(shown);
        }
        self.read_at = Some(now);
        self.fault = None;
    }

    /// Adds a record of the console's own.
    pub fn record(&mut self, record: OwnRecord) {
        let shown = self.insert(record.time, EntryBody::Own(record));
        self.note_unseen(usize::from(shown));
    }

    fn note_unseen(&mut self, count: usize) {
        if !self.follow || self.size == PaneSize::Hidden {
            self.unseen += count;
        }
    }

    /// Puts a row where its time belongs; most belong at the end. Says whether the filters let it through.
    fn insert(&mut self, time: Timestamp, body: EntryBody) -> bool {
        let entry = Entry { number: self.next_number, time, body };
        let shown = self.shows(&entry);
        self.next_number += 1;
        let mut place = self.entries.len();
        while place > 0 && self.entries.get(place - 1).is_some_and(|before| before.time > time) {
            place -= 1;
        }
        self.entries.insert(place, entry);
        if self.entries.len() > KEPT
            && let Some(Entry { body: EntryBody::Audit { event, .. }, .. }) = self.entries.pop_front()
        {
            self.seen.remove(&event.id);
        }
        shown
    }

    /// All rows, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Whether the filters let a row through.
    pub fn shows(&self, entry: &Entry) -> bool {
        entry.rank() >= self.level.rank()
            && match &entry.body {
                EntryBody::Audit { event, .. } => self.filter.matches(event, Some(&self.names)) == Truth::Yes,
                EntryBody::Own(record) => {
                    // Only Workspace has no such feed.
                    let wire = match self.feed {
                        Some(EventFeed::NotOffered) => WireKind::Workspace,
                        _ => WireKind::Horizon,
                    };
                    self.filter.matches(&record.as_event(wire.letters()), Some(&self.names)) == Truth::Yes
                }
            }
    }

    /// The rows that the filters let through, oldest first.
    pub fn shown(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().filter(|entry| self.shows(entry))
    }

    /// The rows to draw in so many lines, oldest first: the newest while following, else around the cursor.
    pub fn window(&self, height: usize) -> Vec<Row<'_>> {
        let mut rows = if self.follow { self.newest_rows(height) } else { self.rows() };
        let last = match self.place(&rows) {
            Some(place) => (place + 1 + height / 2).min(rows.len()).max(height.min(rows.len())),
            None => rows.len(),
        };
        rows.truncate(last);
        rows.split_off(last.saturating_sub(height))
    }

    /// The entry with this number, whether the filters let it through or not.
    pub fn entry(&self, number: u64) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.number == number)
    }

    /// The entry under the cursor; the newest one while following.
    pub fn current(&self) -> Option<&Entry> {
        let rows = self.rows();
        let row = match self.place(&rows) {
            Some(place) => rows.get(place),
            None => rows.last(),
        };
        row.map(|row| row.entry)
    }

    /// Where the cursor is among the shown rows; none while following. When its row is filtered out or has fallen out
    /// of the list, the nearest one before it in the list stands for it.
    fn place(&self, shown: &[Row<'_>]) -> Option<usize> {
        let cursor = self.cursor.filter(|_| !self.follow)?;
        let exact = shown.iter().position(|row| row.holds(cursor));
        exact.or_else(|| {
            let before: HashSet<u64> = self
                .entries
                .iter()
                .map(|entry| entry.number)
                .take_while(|number| *number != cursor)
                .collect();
            let stands_in = shown.iter().rposition(|row| before.contains(&row.entry.number));
            // A row that fell out was older than all that are left.
            let fell_out = before.len() == self.entries.len();
            if fell_out { Some(0) } else { stands_in.or(Some(0)) }
        })
    }

    /// Moves the cursor; moving up stops following, moving down past the end follows again.
    pub fn move_by(&mut self, rows: isize) {
        let shown = self.rows();
        let Some(last) = shown.len().checked_sub(1) else {
            return;
        };
        let place = self.place(&shown).unwrap_or(last);
        let numbers: Vec<u64> = shown.iter().map(|row| row.entry.number).collect();
        let target = place.saturating_add_signed(rows);
        if target > last || (target == last && rows > 0 && place == last) {
            self.follow_newest();
        } else {
            self.follow = false;
            self.cursor = numbers.get(target).copied();
        }
    }

    /// Goes to the oldest row.
    pub fn move_to_first(&mut self) {
        let first = self.rows().first().map(|row| row.entry.number);
        if first.is_some() {
            self.follow = false;
            self.cursor = first;
        }
    }

    /// Goes to the newest row and stays with it.
    pub fn follow_newest(&mut self) {
        self.follow = true;
        self.cursor = None;
        self.unseen = 0;
    }

    /// Follows, or stays where it is.
    pub fn toggle_follow(&mut self) {
        if self.follow {
            self.cursor = self.current().map(|entry| entry.number);
            self.follow = self.cursor.is_none();
        } else {
            self.follow_newest();
        }
    }

    /// Goes to the next (or previous) row of at least this rank. Says whether there was one.
    pub fn jump(&mut self, rank: u8, forward: bool) -> bool {
        let ranked = self.ranked_beyond(rank, forward);
        let found = if forward { ranked.first() } else { ranked.last() };
        let Some(number) = found else {
            return false;
        };
        self.cursor = Some(*number);
        self.follow = false;
        true
    }

    /// How many rows of at least this rank are below the cursor, or above it.
    pub fn count_from_here(&self, rank: u8, forward: bool) -> usize {
        self.ranked_beyond(rank, forward).len()
    }

    /// The rows of at least this rank below the cursor or above it, oldest first.
    fn ranked_beyond(&self, rank: u8, forward: bool) -> Vec<u64> {
        let here = self.current().map_or(0, |entry| entry.number);
        let rows = self.rows();
        let place = rows.iter().position(|row| row.entry.number == here).unwrap_or(0);
        let (skipped, taken) = if forward { (place + 1, rows.len()) } else { (0, place) };
        let ranked = rows.iter().skip(skipped).take(taken).filter(|row| row.entry.rank() >= rank);
        ranked.map(|row| row.entry.number).collect()
    }

    /// The name of a machine: as the list has it, else as its own agent wrote it below an event. The list has no machine whose
    /// session has ended.
    pub fn machine_name(&self, id: &MachineId) -> Option<&str> {
        let is_agent = |event: &AuditEvent| {
            event.module.as_ref().is_some_and(|module| module.as_str().eq_ignore_ascii_case("agent"))
        };
        let written = || {
            self.entries.iter().rev().find_map(|entry| match &entry.body {
                EntryBody::Audit { event, .. }
                    if event.machine_id.as_ref() == Some(id) && is_agent(event) =>
                {
                    event.written_by.as_ref().map(Text::as_str)
                }
                EntryBody::Audit { .. } | EntryBody::Own(_) => None,
            })
        };
        self.names.machine(id).or_else(written)
    }

    /// Takes the text filter as typed; a filter with a mistake hides nothing.
    pub fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter_text);
        match EventFilter::parse(text) {
            Ok(filter) => {
                self.filter = filter;
                self.filter_error = None;
            }
            Err(error) => {
                self.filter = EventFilter::default();
                self.filter_error = Some(Text::clean(&error.to_string()));
            }
        }
    }

    /// How many errors and warnings came within so many seconds before `now`.
    pub fn recent(&self, now: Timestamp, seconds: i64) -> (usize, usize) {
        let since = now.as_second() - seconds;
        let recent = self.entries.iter().rev().take_while(|entry| entry.time.as_second() >= since);
        recent.fold((0, 0), |(errors, warnings), entry| match entry.rank() {
            2 => (errors + 1, warnings),
            1 => (errors, warnings + 1),
            _ => (errors, warnings),
        })
    }
}
