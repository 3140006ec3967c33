//! The columns of a compact list.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;

use super::packed::{self, Beginnings};

/// Set in the end of a value that is not known.
const NONE: u32 = 1 << 31;

/// How many more sessions are to come, and how many are there.
#[derive(Debug, Clone, Copy)]
pub(super) struct More {
    pub(super) have: usize,
    pub(super) total: usize,
}

impl More {
    /// How much more of something is to come when there is so much of it by now; with a little to spare.
    pub(super) fn of(self, have: usize) -> usize {
        let to_come = self.total.saturating_sub(self.have);
        have.saturating_mul(to_come).checked_div(self.have).map_or(0, |more| more + more / 16)
    }

    /// Makes room for it.
    pub(super) fn reserve<T>(self, values: &mut Vec<T>) {
        values.reserve_exact(self.of(values.len()));
    }
}

/// Values behind one another, each known or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Spans {
    ends: Vec<u32>,
}

impl Spans {
    /// Notes where a value ends.
    fn push(&mut self, end: usize, known: bool) {
        self.ends.push(end as u32 & !NONE | if known { 0 } else { NONE });
    }

    /// From where to where a value goes; `None` when it is not known.
    fn get(&self, place: u32) -> Option<std::ops::Range<usize>> {
        let place = place as usize;
        let end = *self.ends.get(place)?;
        if end & NONE != 0 {
            return None;
        }
        let start =
            place.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| end & !NONE);
        Some(start as usize..end as usize)
    }
}

/// Texts, as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TextColumn {
    text: String,
    spans: Spans,
    /// The texts that are not ASCII.
    foreign: Vec<u32>,
}

impl TextColumn {
    pub(super) fn push(&mut self, text: Option<&str>) {
        if text.is_some_and(|text| !text.is_ascii()) {
            self.foreign.push(self.len() as u32);
        }
        self.text.push_str(text.unwrap_or_default());
        self.spans.push(self.text.len(), text.is_some());
    }

    pub(super) fn get(&self, place: u32) -> Option<&str> {
        self.text.get(self.spans.get(place)?)
    }

    pub(super) fn len(&self) -> usize {
        self.spans.ends.len()
    }

    /// The numbers of the texts that are not ASCII.
    pub(super) fn foreign(&self) -> &[u32] {
        &self.foreign
    }

    /// All texts behind one another.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where each text ends in [`Self::text`]; of one that is not known, where the one before it ends.
    pub(super) fn ends(&self) -> impl ExactSizeIterator<Item = usize> {
        self.spans.ends.iter().map(|end| (end & !NONE) as usize)
    }

    pub(super) fn expect(&mut self, more: More) {
        self.text.reserve_exact(more.of(self.text.len()));
        more.reserve(&mut self.spans.ends);
    }

    pub(super) fn shrink(&mut self) {
        self.foreign.shrink_to_fit();
        self.text.shrink_to_fit();
        self.spans.ends.shrink_to_fit();
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.capacity()
            + self.foreign.capacity() * size_of::<u32>()
            + self.spans.ends.capacity() * size_of::<u32>()
    }
}

/// Ids, packed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct IdColumn {
    packed: Vec<u8>,
    spans: Spans,
}

impl IdColumn {
    pub(super) fn push(&mut self, id: Option<&str>, beginnings: Option<&mut Beginnings>) {
        if let Some(id) = id {
            packed::pack(id, beginnings, &mut self.packed);
        }
        self.spans.push(self.packed.len(), id.is_some());
    }

    /// Takes an id that is packed already.
    pub(super) fn push_packed(&mut self, packed: Option<&[u8]>) {
        self.packed.extend_from_slice(packed.unwrap_or_default());
        self.spans.push(self.packed.len(), packed.is_some());
    }

    pub(super) fn len(&self) -> usize {
        self.spans.ends.len()
    }

    pub(super) fn packed(&self, place: u32) -> Option<&[u8]> {
        self.packed.get(self.spans.get(place)?)
    }

    pub(super) fn get(&self, place: u32, beginnings: &Beginnings) -> Option<Cow<'_, str>> {
        self.packed(place).map(|packed| packed::unpack(packed, beginnings))
    }

    /// An id that was packed without beginnings.
    pub(super) fn plain(&self, place: u32) -> Option<Cow<'_, str>> {
        const NO_BEGINNINGS: &Beginnings = &Beginnings::none();
        self.get(place, NO_BEGINNINGS)
    }

    pub(super) fn expect(&mut self, more: More) {
        more.reserve(&mut self.packed);
        more.reserve(&mut self.spans.ends);
    }

    pub(super) fn shrink(&mut self) {
        self.packed.shrink_to_fit();
        self.spans.ends.shrink_to_fit();
    }

    pub(super) fn bytes(&self) -> usize {
        self.packed.capacity() + self.spans.ends.capacity() * size_of::<u32>()
    }
}

/// Numbers that are mostly small.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NumberColumn {
    small: Vec<i32>,
    /// Those that are not.
    large: BTreeMap<u32, i64>,
}

/// Stands for a number that is not known.
const NO_NUMBER: i32 = i32::MIN;
/// Stands for one that is among the large ones.
const LARGE: i32 = i32::MIN + 1;

impl NumberColumn {
    pub(super) fn push(&mut self, number: Option<i64>) {
        let small = match number.map(|number| (number, i32::try_from(number))) {
            None => NO_NUMBER,
            Some((_, Ok(small))) if small > LARGE => small,
            Some((number, _)) => {
                self.large.insert(self.small.len() as u32, number);
                LARGE
            }
        };
        self.small.push(small);
    }

    pub(super) fn get(&self, row: u32) -> Option<i64> {
        match *self.small.get(row as usize)? {
            NO_NUMBER => None,
            LARGE => self.large.get(&row).copied(),
            small => Some(i64::from(small)),
        }
    }

    pub(super) fn expect(&mut self, more: More) {
        more.reserve(&mut self.small);
    }

    pub(super) fn shrink(&mut self) {
        self.small.shrink_to_fit();
    }

    pub(super) fn bytes(&self) -> usize {
        self.small.capacity() * size_of::<i32>() + self.large.len() * 32
    }
}

/// Points in time, which come in whole milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TimeColumn {
    milliseconds: Vec<i64>,
    /// Those that do not.
    finer: BTreeMap<u32, Timestamp>,
}

/// Stands for a time that is not known.
const NO_TIME: i64 = i64::MIN;
/// Stands for one that is among the finer ones.
const FINER: i64 = i64::MIN + 1;

impl TimeColumn {
    pub(super) fn push(&mut self, time: Option<Timestamp>) {
        let milliseconds = match time {
            None => NO_TIME,
            Some(time) if time.subsec_nanosecond() % 1_000_000 == 0 => time.as_millisecond(),
            Some(time) => {
                self.finer.insert(self.milliseconds.len() as u32, time);
                FINER
            }
        };
        self.milliseconds.push(milliseconds);
    }

    /// Takes over the time of a row of another column.
    pub(super) fn push_from(&mut self, other: &Self, row: u32) {
        match other.milliseconds.get(row as usize) {
            Some(milliseconds) if *milliseconds != FINER => self.milliseconds.push(*milliseconds),
            _ => self.push(other.get(row)),
        }
    }

    pub(super) fn get(&self, row: u32) -> Option<Timestamp> {
        match *self.milliseconds.get(row as usize)? {
            NO_TIME => None,
            FINER => self.finer.get(&row).copied(),
            milliseconds => Timestamp::from_millisecond(milliseconds).ok(),
        }
    }

    pub(super) fn expect(&mut self, more: More) {
        more.reserve(&mut self.milliseconds);
    }

    pub(super) fn shrink(&mut self) {
        self.milliseconds.shrink_to_fit();
    }

    pub(super) fn bytes(&self) -> usize {
        self.milliseconds.capacity() * size_of::<i64>() + self.finer.len() * 40
    }
}
