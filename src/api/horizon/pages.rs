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

/// What tells one answer from another: its length and 64 bits. An answer is compared with few others, so that two that differ
/// look the same once in more readings than there will ever be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint(usize, u64);

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
    hasher: DefaultHashBuilder,
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

    /// Its seed is known to nobody outside.
    fn print(&self, body: &[u8]) -> Fingerprint {
        Fingerprint(body.len(), self.hasher.hash_one(body))
    }
}

impl Before {
    /// The page that had this number and these letters, if all its rows stand where it was taken in.
    fn find(&self, number: usize, print: Fingerprint) -> Option<&Seen> {
        let is_it = |seen: &&Seen| seen.is(number, print);
        // Pages are there in their order, but for those that were read a second time.
        let in_place = self.pages.get(number.saturating_sub(1)).filter(is_it);
        in_place.or_else(|| self.pages.iter().find(is_it)).filter(|seen| seen.is_whole())
    }
}

/// A page that was read, or that need not be read.
pub(in crate::api) struct SessionPage {
    number: usize,
    print: Fingerprint,
    rows: PageRows,
    more: bool,
    total: Option<usize>,
}

enum PageRows {
    /// Those of a page of the list before.
    Known { seen: Seen, of: Arc<SessionRows> },
    /// Others, and how many had come with this page already.
    New { rows: Box<SessionRows>, told: Told, repeated: usize },
}

impl fmt::Debug for SessionPage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SessionPage({}, {} bytes)", self.number, self.print.0)
    }
}

impl SessionPage {
    /// Reads the answer to the request for a page, unless it is known. `adjust` completes what a row says, and must be what it
    /// was for the list before. This takes a while: pages are read beside one another, away from whoever asks for them.
    pub(in crate::api) fn read(
        number: usize,
        operation: Operation,
        answer: Answer,
        memory: &PageMemory,
        before: Option<&Before>,
        adjust: impl Fn(&mut SessionParts<'_>),
    ) -> Result<Self, Fault> {
        let mut page = Self::of(number, operation, &answer.body, memory, before, adjust)?;
        (page.more, page.total) = (answer.more, answer.total);
        answer.done();
        Ok(page)
    }

    fn of(
        number: usize,
        operation: Operation,
        body: &[u8],
        memory: &PageMemory,
        before: Option<&Before>,
        adjust: impl Fn(&mut SessionParts<'_>),
    ) -> Result<Self, Fault> {
        let print = memory.print(body);
        let known = before.and_then(|before| Some((before, before.find(number, print)?)));
        let rows = if let Some((list, seen)) = known {
            PageRows::Known { seen: seen.clone(), of: Arc::clone(&list.rows) }
        } else {
            let mut reader = PageReader { rows: SessionRowsBuilder::default(), repeated: 0, adjust };
            let told = decode::rows_into(operation, body, &mut reader)?;
            PageRows::New { rows: Box::new(reader.rows.finish()), told, repeated: reader.repeated }
        };
        Ok(Self { number, print, rows, more: false, total: None })
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

/// Takes the rows of one page.
struct PageReader<A> {
    rows: SessionRowsBuilder,
    repeated: usize,
    adjust: A,
}

impl<A: Fn(&mut SessionParts<'_>)> TakeRows for PageReader<A> {
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

impl Seen {
    fn is(&self, number: usize, print: Fingerprint) -> bool {
        self.number == number && self.print == print
    }

    /// Whether all its rows are among those that came with it: none had come with another page.
    fn is_whole(&self) -> bool {
        self.repeated == 0
    }
}

/// Sessions page by page, of this pod or of the federation.
pub(in crate::api) struct SessionPages {
    /// While page by page everything was as before: so many rows of the list before.
    same: Option<u32>,
    /// After that: rows put together anew.
    rows: SessionRowsBuilder,
    seen: Vec<Seen>,
    before: Option<Before>,
}

impl SessionPages {
    /// No page yet.
    pub(in crate::api) fn new(before: Option<Before>) -> Self {
        let rows = SessionRowsBuilder::default();
        Self { same: before.as_ref().map(|_| 0), rows, seen: Vec::new(), before }
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

    /// The sessions that have arrived.
    pub(in crate::api) fn so_far(&self) -> SessionRows {
        match (self.same, &self.before) {
            (Some(count), Some(before)) => {
                let mut rows = SessionRowsBuilder::default();
                rows.add_all(&before.rows, 0..count);
                rows.finish()
            }
            _ => self.rows.clone().finish(),
        }
    }

    /// From here on rows are put together anew; those so far are copied.
    fn begin(&mut self) {
        if let (Some(count), Some(before)) = (self.same.take(), &self.before) {
            self.rows.add_all(&before.rows, 0..count);
            self.rows.expect(before.rows.len());
        }
    }

    /// Takes in a page that the list before had in this place as well.
    fn take_same(&mut self, page: &SessionPage) -> Option<Taken> {
        let (count, before) = (self.same.as_mut()?, self.before.as_ref()?);
        let next = before.pages.get(self.seen.len()).filter(|seen| seen.is(page.number, page.print))?;
        *count = next.rows.end;
        let taken = page.taken(next.told, next.repeated);
        self.seen.push(next.clone());
        Some(taken)
    }
}

impl Gather for SessionPages {
    type Page = SessionPage;

    fn take(&mut self, page: SessionPage) -> Result<Taken, Fault> {
        if let Some(taken) = self.take_same(&page) {
            return Ok(taken);
        }
        self.begin();
        let from = self.len() as u32;
        let (told, repeated) = match &page.rows {
            PageRows::New { rows, told, repeated } => {
                (*told, repeated + self.rows.add_all(rows, 0..rows.len() as u32))
            }
            PageRows::Known { seen, of } => (seen.told, self.rows.add_all(of, seen.rows.clone())),
        };
        if let (0, Some(total)) = (from, page.total) {
            self.rows.expect(total);
        }
        let rows = from..self.len() as u32;
        self.seen.push(Seen { number: page.number, print: page.print, told, repeated, rows });
        Ok(page.taken(told, repeated))
    }

    fn len(&self) -> usize {
        self.same.map_or_else(|| self.rows.len(), |count| count as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rows of a page: the number of the session, and what is different about it.
    type Page = Vec<(u8, u8)>;

    fn body(page: &Page) -> Vec<u8> {
        let row = |(id, change): &(u8, u8)| match change {
            // A row that nothing can be done with, and one of which a field is left out.
            9 => r#"{"user_name":"nobody"}"#.to_owned(),
            8 => format!(r#"{{"id":"s{id}","idle_duration":"long","user_name":"u{id}"}}"#),
            _ => format!(r#"{{"id":"s{id}","idle_duration":{change},"user_name":"u{id}"}}"#),
        };
        format!("[{}]", page.iter().map(row).collect::<Vec<_>>().join(",")).into_bytes()
    }

    struct ReadOnce {
        rows: Arc<SessionRows>,
        pages: Vec<Seen>,
        /// What each page brought: sent, unreadable rows and fields, repeated.
        told: Vec<[usize; 4]>,
    }

    fn read(pages: &[(usize, Page)], memory: &PageMemory, before: Option<&Before>) -> ReadOnce {
        let adjust = |parts: &mut SessionParts<'_>| parts.pod_name = Some("ams1".into());
        let mut into = SessionPages::new(before.cloned());
        let mut told = Vec::new();
        for (number, rows) in pages {
            let body = body(rows);
            let page = SessionPage::of(*number, Operation::ListSessions, &body, memory, before, adjust);
            let page = page.unwrap();
            let taken = Gather::take(&mut into, page).unwrap();
            told.push([taken.sent, taken.unreadable, taken.unreadable_fields, taken.repeated]);
        }
        let length = into.len();
        let (rows, pages) = into.finish();
        assert_eq!(rows.len(), length);
        ReadOnce { rows, pages, told }
    }

    fn pages() -> impl Strategy<Value = Vec<Page>> {
        let row = (0_u8..12, prop_oneof![8 => 0_u8..3, 1 => 8_u8..10]);
        prop::collection::vec(prop::collection::vec(row, 0..4), 0..6)
    }

    /// Their numbers, and one that is read a second time.
    fn numbered(pages: &[Page], again: Option<usize>) -> Vec<(usize, Page)> {
        let mut numbered: Vec<(usize, Page)> = (1..).zip(pages.iter().cloned()).collect();
        numbered.extend(again.and_then(|place| numbered.get(place).cloned()));
        numbered
    }

    #[test]
    fn a_list_that_has_not_changed_is_the_same_one_as_long_as_somebody_has_it() {
        let memory = PageMemory::default();
        let pages = numbered(&[vec![(1, 0), (2, 0)], vec![(2, 0), (3, 0)]], None);
        let first = read(&pages, &memory, None);
        let pod = Some(Text::clean("ams1"));
        memory.keep(pod.clone(), first.pages, &first.rows);
        assert!(memory.recall(None).is_none(), "its rows name a pod");
        let second = read(&pages, &memory, memory.recall(pod.as_ref()).as_ref());
        assert!(Arc::ptr_eq(&first.rows, &second.rows));
        assert_eq!(second.told, first.told);
        drop((first.rows, second.rows));
        assert!(memory.recall(pod.as_ref()).is_none(), "it holds no sessions itself");
    }

    proptest! {
        #[test]
        fn what_is_known_changes_nothing_about_what_is_read(
            first in pages(),
            changes in prop::collection::vec((0_usize..6, pages()), 0..3),
            again in prop::option::of(0_usize..3),
        ) {
            let memory = PageMemory::default();
            let one = read(&numbered(&first, again), &memory, None);
            let mut second = first.clone();
            for (place, pages) in changes {
                // Pages change, come and go; those behind move.
                let place = place.min(second.len());
                let end = (place + pages.len() / 2).min(second.len());
                second.splice(place..end, pages);
            }
            let is_same = first == second;
            let second = numbered(&second, again);
            let before = Before { pages: one.pages.into(), rows: Arc::clone(&one.rows) };
            let known = read(&second, &memory, Some(&before));
            let fresh = read(&second, &memory, None);
            prop_assert_eq!(&known.rows, &fresh.rows);
            prop_assert_eq!(known.told, fresh.told);
            prop_assert!(!is_same || Arc::ptr_eq(&known.rows, &one.rows));
            // And what is remembered of it is as good for the next time.
            let before = Before { pages: known.pages.into(), rows: Arc::clone(&known.rows) };
            let next = read(&second, &memory, Some(&before));
            prop_assert!(Arc::ptr_eq(&next.rows, &known.rows));
        }
    }
}
