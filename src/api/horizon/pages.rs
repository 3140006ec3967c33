//! Lists of sessions page by page: each is read when its turn comes, straight from its letters into the columns, unless it
//! came as it was the last time.

use std::{
    fmt,
    hash::BuildHasher,
    ops::Range,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use hashbrown::DefaultHashBuilder;

use super::sessions::{WireSession, parts};
use crate::{
    api::{
        Operation,
        decode::{self, TakeRows, Told},
        http::Answer,
        page::{Gather, Taken},
    },
    domain::{Fault, SessionParts, SessionRows, SessionRowsBuilder, Text},
};

/// What tells one answer from another: its length and 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint(usize, u64, u64);

/// A page that was taken into a list.
#[derive(Debug, Clone)]
pub(in crate::api) struct Seen {
    number: usize,
    print: Fingerprint,
    told: Told,
    repeated: usize,
    /// The rows of the list that came with it.
    rows: Range<u32>,
}

/// What the last list was made of: pages that come again as they were need not be read again. Holds no sessions itself; whoever
/// still looks at them does.
#[derive(Debug, Default)]
pub(in crate::api) struct PageMemory {
    hashers: [DefaultHashBuilder; 2],
    last: Mutex<Option<Remembered>>,
}

#[derive(Debug)]
struct Remembered {
    /// The pod that was named in its rows.
    named: Option<Text>,
    pages: Arc<[Seen]>,
    rows: Weak<SessionRows>,
}

/// A list that is still there, and the pages that it was made of.
#[derive(Debug, Clone)]
pub(in crate::api) struct Before {
    pages: Arc<[Seen]>,
    rows: Arc<SessionRows>,
}

impl PageMemory {
    /// The last list, if its rows name this pod and somebody still has them.
    pub(in crate::api) fn recall(&self, named: Option<&Text>) -> Option<Before> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.as_ref().filter(|last| last.named.as_ref() == named)?;
        Some(Before { pages: Arc::clone(&last.pages), rows: last.rows.upgrade()? })
    }

    /// Remembers what a list was made of.
    pub(in crate::api) fn keep(&self, named: Option<Text>, pages: Vec<Seen>, rows: &Arc<SessionRows>) {
        let last = Remembered { named, pages: pages.into(), rows: Arc::downgrade(rows) };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
    }

    /// Seeds that nobody outside knows make this good enough to tell two answers of one server apart.
    fn print(&self, body: &[u8]) -> Fingerprint {
        let [one, two] = &self.hashers;
        Fingerprint(body.len(), one.hash_one(body), two.hash_one(body))
    }
}

impl Before {
    /// The page that had this number and these letters.
    fn find(&self, number: usize, print: Fingerprint) -> Option<usize> {
        let is_it = |seen: &Seen| seen.number == number && seen.print == print;
        // Pages are there in their order, but for those that were read a second time.
        let place = number.saturating_sub(1);
        if self.pages.get(place).is_some_and(is_it) { Some(place) } else { self.pages.iter().position(is_it) }
    }
}

/// A page as it came.
pub(in crate::api) struct SessionPage {
    number: usize,
    operation: Operation,
    print: Fingerprint,
    /// Where it is among the pages of the list before.
    known: Option<usize>,
    /// Empty when the rows of the list before say the same.
    body: Vec<u8>,
    more: bool,
    total: Option<usize>,
}

impl fmt::Debug for SessionPage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SessionPage({}, {} bytes)", self.number, self.print.0)
    }
}

impl SessionPage {
    /// The answer to the request for a page. Letters that are known are let go of at once: a page may have to wait for
    /// those before it.
    pub(in crate::api) fn new(
        number: usize,
        operation: Operation,
        answer: Answer,
        memory: &PageMemory,
        before: Option<&Before>,
    ) -> Self {
        let (more, total, mut body) = (answer.more, answer.total, answer.body);
        let print = memory.print(&body);
        let known = before.and_then(|before| before.find(number, print));
        let is_enough = |place: usize| before.and_then(|before| before.pages.get(place)).is_some_and(Seen::is_whole);
        if known.is_some_and(is_enough) {
            body = Vec::new();
        }
        Self { number, operation, print, known, body, more, total }
    }

    fn taken(&self, told: Told, repeated: usize) -> Taken {
        Taken {
            sent: told.sent,
            unreadable: told.unreadable,
            unreadable_fields: told.unreadable_fields,
            repeated,
            more: self.more,
            total: self.total,
        }
    }
}

impl Seen {
    /// Whether all its rows are among those that came with it: none had come with another page.
    fn is_whole(&self) -> bool {
        self.repeated == 0
    }
}

/// Sessions page by page, of this pod or of the federation. `adjust` completes what a row says.
pub(in crate::api) struct SessionPages<A> {
    /// While page by page everything was as before: so many rows of the list before.
    same: Option<u32>,
    /// After that: rows put together anew.
    rows: SessionRowsBuilder,
    repeated: usize,
    seen: Vec<Seen>,
    before: Option<Before>,
    adjust: A,
}

impl<A: Fn(&mut SessionParts<'_>)> SessionPages<A> {
    /// No page yet. `adjust` must be what it was for the list before.
    pub(in crate::api) fn new(adjust: A, before: Option<Before>) -> Self {
        let rows = SessionRowsBuilder::default();
        Self { same: before.as_ref().map(|_| 0), rows, repeated: 0, seen: Vec::new(), before, adjust }
    }

    /// The sessions, which are those of the list before when nothing has changed, and what they were made of.
    pub(in crate::api) fn finish(mut self) -> (Arc<SessionRows>, Vec<Seen>) {
        if let (Some(count), Some(before)) = (self.same, &self.before)
            && count as usize == before.rows.len()
        {
            return (Arc::clone(&before.rows), self.seen);
        }
        self.begin();
        (Arc::new(self.rows.finish()), self.seen)
    }

    /// From here on rows are put together anew; those so far are copied.
    fn begin(&mut self) {
        if let (Some(count), Some(before)) = (self.same.take(), &self.before) {
            copy(before, 0..count, &mut self.rows);
            self.rows.expect(before.rows.len());
        }
    }

    /// Takes in a page that the list before had as well, if that is enough.
    fn take_known(&mut self, page: &SessionPage) -> Option<Taken> {
        let before = self.before.clone()?;
        let known = before.pages.get(page.known?)?;
        if let Some(count) = &mut self.same
            && page.known == Some(self.seen.len())
        {
            *count = known.rows.end;
            self.seen.push(known.clone());
            return Some(page.taken(known.told, known.repeated));
        }
        if !known.is_whole() {
            return None;
        }
        self.begin();
        let from = self.len() as u32;
        let repeated = copy(&before, known.rows.clone(), &mut self.rows);
        self.note(page, known.told, repeated, from);
        Some(page.taken(known.told, repeated))
    }

    fn note(&mut self, page: &SessionPage, told: Told, repeated: usize, from: u32) {
        let rows = from..self.len() as u32;
        self.seen.push(Seen { number: page.number, print: page.print, told, repeated, rows });
    }
}

/// Copies rows of the list before; says how many were there already.
fn copy(before: &Before, rows: Range<u32>, into: &mut SessionRowsBuilder) -> usize {
    let rows = rows.filter_map(|row| before.rows.get(row));
    rows.filter(|row| !into.add(&SessionParts::of(*row))).count()
}

impl<A: Fn(&mut SessionParts<'_>)> Gather for SessionPages<A> {
    type Page = SessionPage;

    fn take(&mut self, page: SessionPage) -> Result<Taken, Fault> {
        if let Some(taken) = self.take_known(&page) {
            return Ok(taken);
        }
        self.begin();
        self.repeated = 0;
        let from = self.len() as u32;
        let told = decode::rows_into(page.operation, &page.body, self)?;
        if let (0, Some(total)) = (from, page.total) {
            self.rows.expect(total);
        }
        self.note(&page, told, self.repeated, from);
        Ok(page.taken(told, self.repeated))
    }

    fn len(&self) -> usize {
        self.same.map_or_else(|| self.rows.len(), |count| count as usize)
    }
}

impl<A: Fn(&mut SessionParts<'_>)> TakeRows for SessionPages<A> {
    type Row<'body> = WireSession<'body>;

    fn take(&mut self, row: WireSession<'_>) -> bool {
        let Some(mut parts) = parts(row) else {
            return false;
        };
        (self.adjust)(&mut parts);
        self.repeated += usize::from(!self.rows.add(&parts));
        true
    }
}
