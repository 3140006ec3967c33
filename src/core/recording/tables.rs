//! Long lists in few words: what is as it was in the list before is not said again, and what many rows have in common is
//! said once.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Weak},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{mask::mask, player::in_short, scramble::Scrambler};
use crate::{
    core::table::SessionTable,
    domain::{Session, SessionId, SessionRow, SessionRows, Text},
};

/// So many rows make a line.
const ROWS: usize = 2048;
/// The longest list that is read: a recording may come from anybody, and a few words may stand for many rows.
pub(super) const MOST_ROWS: usize = 1_000_000;
/// So much memory all lists that are remembered may take together, in bytes: with lists of 250,000 sessions two thirds.
const MOST_MEMORY: usize = 2 << 30;
/// What a session takes in a list beside its texts.
const ROW: usize = 256;
/// So many lists are remembered: an answer may be about one that has just given way to another.
const REMEMBERED: usize = 4;

/// Begins a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TableLine {
    pub(super) number: u64,
    /// The list that the rows are compared with.
    base: Option<u64>,
    /// Everything but the rows.
    head: Value,
    /// How many lines with rows follow.
    lines: usize,
}

impl TableLine {
    /// Everything but the rows.
    pub(super) fn head(&self) -> &Value {
        &self.head
    }
}

impl RowsLine {
    /// All values in it.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.set.values().flat_map(|cells| &cells.values)
    }
}

/// Rows of a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct RowsLine {
    /// Which rows of the base these are, as runs: the first one, or none for new sessions, and how many.
    from: Vec<(Option<u32>, u32)>,
    /// What is different, by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    set: BTreeMap<String, Cells>,
}

/// The values of a field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Cells {
    /// The rows that have one; all of them where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rows: Vec<u32>,
    /// Each value once.
    values: Vec<Value>,
    /// For each row which one it has; the first one where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    which: Vec<u32>,
}

impl Cells {
    /// How many rows have a value, of so many.
    fn count(&self, rows: u32) -> usize {
        if self.rows.is_empty() { rows as usize } else { self.rows.len() }
    }

    /// The row that has a value.
    fn row_of(&self, at: usize) -> Option<u32> {
        if self.rows.is_empty() { Some(at as u32) } else { self.rows.get(at).copied() }
    }

    /// Which value it has.
    fn which_of(&self, at: usize) -> Option<usize> {
        if self.which.is_empty() { Some(0) } else { self.which.get(at).map(|which| *which as usize) }
    }
}

/// Numbers lists and turns them into lines.
#[derive(Debug, Default)]
pub(super) struct Writer {
    next: u64,
    known: VecDeque<(u64, Weak<SessionTable>)>,
    base: Option<(u64, Arc<SessionTable>)>,
}

impl Writer {
    /// The number of a list; lines for it when it was not written before.
    pub(super) fn number(
        &mut self,
        table: &Arc<SessionTable>,
        scrambler: &mut Option<Scrambler>,
        out: &mut dyn FnMut(super::line::Line),
    ) -> serde_json::Result<u64> {
        let is_it = |(_, known): &&(u64, Weak<SessionTable>)| known.as_ptr() == Arc::as_ptr(table);
        if let Some((number, _)) = self.known.iter().find(is_it) {
            return Ok(*number);
        }
        self.next += 1;
        let base = self.base.take();
        let before = base.as_ref().map(|(_, table)| table.as_ref());
        let is_same = before.is_some_and(|before| Arc::ptr_eq(before.rows(), table.rows()));
        let lines = if is_same { 1 } else { table.len().div_ceil(ROWS) };
        let head = mask(&table.without_rows(), scrambler)?;
        let number = self.next;
        let base_number = base.as_ref().map(|(number, _)| *number);
        out(super::line::Line::Table(TableLine { number, base: base_number, head, lines }));
        if is_same {
            let from = vec![(Some(0), table.len() as u32)];
            out(super::line::Line::Rows(RowsLine { from, set: BTreeMap::new() }));
        } else {
            let unsaid = mask(&Session::new(SessionId::from("")), scrambler)?;
            let rows: Vec<SessionRow<'_>> = table.iter().collect();
            for part in rows.chunks(ROWS) {
                out(super::line::Line::Rows(part_of(part, before, &unsaid, scrambler)?));
            }
        }
        self.known.push_back((number, Arc::downgrade(table)));
        if self.known.len() > REMEMBERED {
            self.known.pop_front();
        }
        self.base = Some((number, Arc::clone(table)));
        Ok(number)
    }
}

/// The line of some rows.
fn part_of(
    rows: &[SessionRow<'_>],
    base: Option<&SessionTable>,
    unsaid: &Value,
    scrambler: &mut Option<Scrambler>,
) -> serde_json::Result<RowsLine> {
    let mut from: Vec<(Option<u32>, u32)> = Vec::new();
    let mut columns: BTreeMap<String, Column> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let before = base.and_then(|base| base.get(base.row_number(*row)?));
        let number = before.map(SessionRow::number);
        match from.last_mut() {
            Some((first, count)) if first.map(|first| first + *count) == number => *count += 1,
            _ => from.push((number, 1)),
        }
        let session = row.to_session();
        let before = before.map(SessionRow::to_session);
        if before.as_ref() == Some(&session) {
            continue;
        }
        let before = before.map(|before| mask(&before, scrambler)).transpose()?;
        let before = before.as_ref().unwrap_or(unsaid);
        let Value::Object(fields) = mask(&session, scrambler)? else { continue };
        for (field, value) in fields {
            if before.get(&field) != Some(&value) {
                columns.entry(field).or_default().add(place as u32, value);
            }
        }
    }
    let set = columns.into_iter().map(|(field, column)| (field, column.finish(rows.len()))).collect();
    Ok(RowsLine { from, set })
}

/// A field while its values come in.
#[derive(Debug, Default)]
struct Column {
    cells: Cells,
    places: HashMap<String, u32>,
}

impl Column {
    fn add(&mut self, row: u32, value: Value) {
        let next = self.places.len() as u32;
        let place = *self.places.entry(value.to_string()).or_insert(next);
        if place == next {
            self.cells.values.push(value);
        }
        self.cells.rows.push(row);
        self.cells.which.push(place);
    }

    fn finish(mut self, rows: usize) -> Cells {
        if self.cells.rows.len() == rows {
            self.cells.rows.clear();
        }
        if self.cells.values.len() == 1 {
            self.cells.which.clear();
        }
        self.cells
    }
}

/// Turns lines into lists.
#[derive(Debug, Default)]
pub(super) struct Reader {
    known: VecDeque<Known>,
    open: Option<Open>,
}

/// A list that is whole.
#[derive(Debug)]
struct Known {
    number: u64,
    table: Arc<SessionTable>,
    /// About how much memory its rows take.
    size: usize,
}

/// A list of which lines are still to come.
#[derive(Debug)]
struct Open {
    number: u64,
    base: Option<Arc<SessionTable>>,
    /// Which rows of the base were taken: none may be twice.
    taken: Vec<bool>,
    head: SessionTable,
    lines: usize,
    sessions: Vec<Session>,
    /// How much memory the lists before take.
    before: usize,
    /// How much text there is in the sessions, with what each takes in a list.
    size: usize,
    /// Whether the rows are those of the base so far.
    is_base: bool,
    /// Whether one run said that they are, whatever their number.
    is_said: bool,
    /// A session of which nothing is known, and so the fields that there are.
    unsaid: Map<String, Value>,
}

impl Reader {
    /// The list with this number.
    pub(super) fn table(&self, number: u64) -> Result<Arc<SessionTable>, String> {
        let known = self.known.iter().find(|known| known.number == number);
        known.map(|known| Arc::clone(&known.table)).ok_or_else(|| format!("there is no list {number}"))
    }

    /// How much memory the lists take; rows that several of them have are there once.
    pub(super) fn size(&self) -> usize {
        let is_new = |at: usize, known: &Known| {
            !self.known.iter().take(at).any(|other| Arc::ptr_eq(other.table.rows(), known.table.rows()))
        };
        self.known
            .iter()
            .enumerate()
            .filter(|(at, known)| is_new(*at, known))
            .map(|(_, known)| known.size)
            .sum()
    }

    /// Begins a list, and says of when it is.
    pub(super) fn begin(&mut self, line: TableLine) -> Result<Timestamp, String> {
        let head: SessionTable = serde_json::from_value(line.head).map_err(|error| in_short(&error))?;
        let base = line.base.map(|base| self.table(base)).transpose()?;
        if line.lines > MOST_ROWS.div_ceil(ROWS) {
            return Err(format!("a list of more than {MOST_ROWS} rows"));
        }
        let unsaid = serde_json::to_value(Session::new(SessionId::from("")));
        let Value::Object(unsaid) = unsaid.map_err(|error| in_short(&error))? else {
            return Err("a session has no fields".to_owned());
        };
        let at = head.as_of();
        self.open = Some(Open {
            number: line.number,
            taken: vec![false; base.as_ref().map_or(0, |base| base.len())],
            is_base: base.is_some(),
            is_said: false,
            base,
            head,
            lines: line.lines,
            sessions: Vec::new(),
            before: self.size(),
            size: 0,
            unsaid,
        });
        self.close_if_whole()?;
        Ok(at)
    }

    /// Takes rows of the list that began.
    pub(super) fn rows(&mut self, line: RowsLine) -> Result<(), String> {
        let open = self.open.as_mut().ok_or("these rows are of no list")?;
        open.take(line)?;
        self.close_if_whole()
    }

    fn close_if_whole(&mut self) -> Result<(), String> {
        let Some(open) = self.open.take_if(|open| open.lines == 0) else { return Ok(()) };
        let mut size = open.size;
        let rows = match &open.base {
            Some(base) if open.is_said || open.is_base && base.len() == open.sessions.len() => {
                let of_base = |known: &&Known| Arc::ptr_eq(known.table.rows(), base.rows());
                size = self.known.iter().find(of_base).map_or(0, |known| known.size);
                Arc::clone(base.rows())
            }
            _ => {
                let count = open.sessions.len();
                let rows = Arc::new(open.sessions.into_iter().collect::<SessionRows>());
                if rows.len() != count {
                    return Err("an id stands twice in a list".to_owned());
                }
                rows
            }
        };
        let table = Arc::new(open.head.with_rows(rows));
        self.known.push_back(Known { number: open.number, table, size });
        if self.known.len() > REMEMBERED {
            self.known.pop_front();
        }
        Ok(())
    }
}

impl Open {
    fn take(&mut self, line: RowsLine) -> Result<(), String> {
        self.lines = self.lines.saturating_sub(1);
        if self.says_all(&line) {
            self.is_said = true;
            return Ok(());
        }
        let sum = line.from.iter().try_fold(0_u32, |sum, (_, count)| sum.checked_add(*count));
        let rows = sum.filter(|rows| *rows as usize <= ROWS).ok_or("more rows than a line has")?;
        if self.sessions.len() + rows as usize > MOST_ROWS {
            return Err(format!("a list of more than {MOST_ROWS} rows"));
        }
        let mut changed = self.changes(&line.set, rows)?;
        let mut row = 0;
        for (first, count) in line.from {
            for more in 0..count {
                let number = first.map(|first| first.saturating_add(more));
                let before = number.map(|number| self.before(number)).transpose()?;
                self.is_base &= number == Some(self.sessions.len() as u32) && !changed.contains_key(&row);
                let session = match changed.remove(&row) {
                    None => before.ok_or("nothing is said of a new session")?,
                    Some(fields) => self.with_fields(before, fields)?,
                };
                self.size += size_of_session(&session);
                is_not_too_much(self.memory())?;
                self.sessions.push(session);
                row += 1;
            }
        }
        Ok(())
    }

    /// Whether a line says that the rows are those of the base, all of them.
    fn says_all(&self, line: &RowsLine) -> bool {
        let all = self.base.as_ref().map(|base| vec![(Some(0), base.len() as u32)]);
        self.lines == 0 && self.sessions.is_empty() && line.set.is_empty() && Some(&line.from) == all.as_ref()
    }

    /// What is new of each row of a line. A value that many rows have is there for each of them: that counts as text.
    fn changes(
        &self,
        set: &BTreeMap<String, Cells>,
        rows: u32,
    ) -> Result<BTreeMap<u32, Map<String, Value>>, String> {
        // A field that nobody knows is that of another version.
        let known = || set.iter().filter(|(field, _)| self.unsaid.contains_key(*field));
        let mut text = self.memory();
        for (_, cells) in known() {
            let lengths: Vec<usize> = cells.values.iter().map(length).collect();
            for at in 0..cells.count(rows) {
                text += cells.which_of(at).and_then(|which| lengths.get(which)).copied().unwrap_or(0);
            }
        }
        is_not_too_much(text)?;
        let mut changed: BTreeMap<u32, Map<String, Value>> = BTreeMap::new();
        for (field, cells) in known() {
            for at in 0..cells.count(rows) {
                let row = cells.row_of(at).filter(|row| *row < rows);
                let value = cells.which_of(at).and_then(|which| cells.values.get(which));
                let (Some(row), Some(value)) = (row, value) else {
                    return Err(format!("values of {field} are missing"));
                };
                changed.entry(row).or_default().insert(field.clone(), value.clone());
            }
        }
        Ok(changed)
    }

    /// About how much memory all lists take, with the sessions of this one.
    fn memory(&self) -> usize {
        self.before + self.size + self.sessions.len() * size_of::<Session>()
    }

    fn before(&mut self, row: u32) -> Result<Session, String> {
        let before = self.base.as_ref().and_then(|base| base.get(row)).map(SessionRow::to_session);
        let before = before.ok_or_else(|| format!("the list before has no row {row}"))?;
        match self.taken.get_mut(row as usize).map(|taken| std::mem::replace(taken, true)) {
            Some(false) => Ok(before),
            Some(true) | None => Err(format!("row {row} of the list before stands twice in a list")),
        }
    }

    fn with_fields(&self, before: Option<Session>, fields: Map<String, Value>) -> Result<Session, String> {
        let mut object =
            match before.map(serde_json::to_value).transpose().map_err(|error| in_short(&error))? {
                Some(Value::Object(object)) => object,
                Some(_) | None => self.unsaid.clone(),
            };
        object.extend(fields);
        serde_json::from_value(Value::Object(object)).map_err(|error| in_short(&error))
    }
}

fn is_not_too_much(memory: usize) -> Result<(), String> {
    if memory > MOST_MEMORY { Err(format!("lists of more than {} MB", MOST_MEMORY >> 20)) } else { Ok(()) }
}

/// About how much memory a value takes.
fn length(value: &Value) -> usize {
    let inner = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(length).sum(),
        Value::Object(fields) => {
            fields.iter().map(|(field, value)| field.len() + length(value) + ENTRY).sum()
        }
    };
    size_of::<Value>() + inner
}

/// What an entry of an object takes beside its key and its value.
const ENTRY: usize = 64;

/// About how much memory a session takes in a list.
fn size_of_session(session: &Session) -> usize {
    let Session { client, gateway, groups, applications, .. } = session;
    let texts = [
        &session.user_name,
        &session.pool_name,
        &session.pool_type,
        &session.pool_source,
        &session.machine_name,
        &session.machine_dns,
        &session.domain_name,
        &session.agent_version,
        &session.pod_name,
        &session.brokering_pod_name,
        &session.guid,
        &session.internal_id,
        &client.name,
        &client.address,
        &client.version,
        &client.location_id,
        &gateway.name,
        &gateway.address,
    ];
    let texts = texts.into_iter().flatten().map(|text| text.as_str().len()).sum::<usize>();
    let lists = [groups, applications].into_iter().flatten().flatten();
    let lists = lists.map(|text| text.as_str().len() + size_of::<Text>()).sum::<usize>();
    ROW + session.id.raw().len() + texts + lists
}
