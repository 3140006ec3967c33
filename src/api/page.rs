//! Reading a list page by page (`horizon-rest.md section 5.1`). Knows neither HTTP nor what the rows are.

use std::{collections::HashSet, future::Future, hash::Hash};

use futures_util::{StreamExt, stream};

use super::ListProgress;
use crate::domain::{Fault, FaultKind};

/// The largest page that a server gives.
pub(super) const PAGE_SIZE: usize = 1000;

/// More pages than any list has: where a server that repeats itself is stopped at the latest.
const MOST_PAGES: usize = 10_000;

/// At most this many pages are read again because rows may have slid to them.
const MOST_REREAD: usize = 32;

/// What makes a row the same row on another page.
pub(super) trait Keyed {
    type Key: Eq + Hash;
    fn key(&self) -> Self::Key;
}

/// What the pages of a list are gathered in.
pub(super) trait Gather {
    /// A page as it came.
    type Page;

    /// Takes a page in: each row once, the first of those with one key.
    fn take(&mut self, page: Self::Page) -> Result<Taken, Fault>;

    /// How many rows there are.
    fn len(&self) -> usize;
}

/// What a page brought.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    /// How many rows the server sent, readable or not.
    pub(super) sent: usize,
    /// Rows that could not be read.
    pub(super) unreadable: usize,
    /// Fields that could not be read.
    pub(super) unreadable_fields: usize,
    /// Rows that were there already.
    pub(super) repeated: usize,
    /// The server says that there are more.
    pub(super) more: bool,
    /// How many rows the list has, if the server says.
    pub(super) total: Option<usize>,
}

impl Taken {
    /// Whether to ask for the next page: by the header, or, when the server sends no paging header at all, because
    /// this page is full.
    fn is_followed(&self, size: usize) -> bool {
        self.more || (self.total.is_none() && self.sent == size)
    }
}

/// A list that was read to its end, as far as it has one.
#[derive(Debug)]
pub(super) struct Gathered<G> {
    /// Its rows.
    pub(super) rows: G,
    /// Rows that could not be read and are not there.
    pub(super) unreadable: usize,
    /// Fields that could not be read.
    pub(super) unreadable_fields: usize,
    /// The list stood still while it was read, as far as can be told.
    pub(super) steady: bool,
    /// The list went on where the reading stopped.
    pub(super) cut: bool,
}

impl<G> Gathered<G> {
    /// Whether every row of the list is there: what is not in it does not exist.
    pub(super) fn is_complete(&self) -> bool {
        self.steady && !self.cut && self.unreadable == 0
    }
}

/// Rows, each once.
struct Unique<R: Keyed> {
    rows: Vec<R>,
    keys: HashSet<R::Key>,
}

impl<R: Keyed> Gather for Unique<R> {
    type Page = Page<R>;

    fn take(&mut self, page: Page<R>) -> Result<Taken, Fault> {
        let Page { rows, sent, unreadable, unreadable_fields, more, total } = page;
        let mut taken = Taken { sent, unreadable, unreadable_fields, repeated: 0, more, total };
        for row in rows {
            if self.keys.insert(row.key()) {
                self.rows.push(row);
            } else {
                taken.repeated += 1;
            }
        }
        Ok(taken)
    }

    fn len(&self) -> usize {
        self.rows.len()
    }
}

/// One page.
#[derive(Debug, Default)]
pub(super) struct Page<R> {
    pub(super) rows: Vec<R>,
    /// How many rows the server sent, readable or not.
    pub(super) sent: usize,
    /// Rows that could not be read.
    pub(super) unreadable: usize,
    /// Fields that could not be read: their rows are there without them.
    pub(super) unreadable_fields: usize,
    /// The server says that there are more.
    pub(super) more: bool,
    /// How many rows the list has, if the server says.
    pub(super) total: Option<usize>,
}

/// A whole list.
#[derive(Debug)]
pub(super) struct Whole<R> {
    pub(super) rows: Vec<R>,
    /// Rows that could not be read and are not there.
    pub(super) unreadable: usize,
    /// Fields that could not be read.
    pub(super) unreadable_fields: usize,
    /// The list stood still while it was read, as far as can be told.
    pub(super) steady: bool,
    /// The list went on where the reading stopped.
    pub(super) cut: bool,
}

impl<R> Whole<R> {
    /// Whether every row of the list is there: what is not in it does not exist.
    pub(super) fn is_complete(&self) -> bool {
        self.steady && !self.cut && self.unreadable == 0
    }
}

/// How to read a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) size: usize,
    /// How many pages are asked for at a time, once their number is known.
    pub(super) in_flight: usize,
    /// Stop after this many rows.
    pub(super) limit: usize,
}

/// Collects pages.
struct Collector<G> {
    whole: Gathered<G>,
    /// Rows counted in headers: the first and the last word of the server.
    first_total: Option<usize>,
    last_total: Option<usize>,
    /// The totals of the pages, from the first on.
    totals: Vec<Option<usize>>,
}

impl<G: Gather> Collector<G> {
    fn new(rows: G) -> Self {
        let whole = Gathered { rows, unreadable: 0, unreadable_fields: 0, steady: true, cut: false };
        Self { whole, first_total: None, last_total: None, totals: Vec::new() }
    }

    /// Takes a page in; says what it was, and whether any of its rows is new.
    fn take(&mut self, page: G::Page) -> Result<(Taken, bool), Fault> {
        let before = self.whole.rows.len();
        let page = self.whole.rows.take(page)?;
        self.totals.push(page.total);
        if page.total.is_some() {
            self.first_total = self.first_total.or(page.total);
            self.whole.steady &= self.first_total == page.total;
            self.last_total = page.total;
        }
        self.whole.unreadable += page.unreadable;
        self.whole.unreadable_fields += page.unreadable_fields;
        // A row that is there already moved between two pages while they were read.
        self.whole.steady &= page.repeated == 0;
        Ok((page, self.whole.rows.len() > before))
    }

    /// The pages to read again: when the list became shorter between a page and the one behind it, the rows at the seam
    /// have slid from the latter to the former, which had been read by then.
    fn seams(&self) -> Vec<usize> {
        let pairs = self.totals.windows(2).zip(1..);
        let shrunk = pairs.filter(|(pair, _)| matches!(pair, [Some(before), Some(after)] if before > after));
        shrunk.map(|(_, number)| number).take(MOST_REREAD).collect()
    }

    /// Takes in a page that is read again: most of its rows are known, which says nothing.
    fn take_again(&mut self, page: G::Page) -> Result<(), Fault> {
        self.whole.rows.take(page).map(drop)
    }

    fn tell(&self, progress: &impl Fn(ListProgress<'_>, &G)) {
        let rows = &self.whole.rows;
        progress(ListProgress::of(rows.len(), self.last_total), rows);
    }
}

/// Reads a whole list. `fetch` gets page numbers from 1; the end of the list may also be a fault with status 400.
pub(super) async fn read_all<R, Fetched>(
    reading: Reading,
    fetch: impl Fn(usize) -> Fetched,
    progress: impl Fn(ListProgress<'_>),
) -> Result<Whole<R>, Fault>
where
    R: Keyed,
    Fetched: Future<Output = Result<Page<R>, Fault>>,
{
    let unique = Unique { rows: Vec::new(), keys: HashSet::new() };
    let Gathered { rows, unreadable, unreadable_fields, steady, cut } =
        read_into(reading, unique, fetch, |so_far, _| progress(so_far)).await?;
    Ok(Whole { rows: rows.rows, unreadable, unreadable_fields, steady, cut })
}

/// Reads a whole list as [`read_all`] does, page by page into something that `progress` may look at.
pub(super) async fn read_into<G, Fetched>(
    reading: Reading,
    rows: G,
    fetch: impl Fn(usize) -> Fetched,
    progress: impl Fn(ListProgress<'_>, &G),
) -> Result<Gathered<G>, Fault>
where
    G: Gather,
    Fetched: Future<Output = Result<G::Page, Fault>>,
{
    let mut collector = Collector::new(rows);
    let (first, _) = collector.take(fetch(1).await?)?;
    let mut followed = first.is_followed(reading.size);
    let mut promised = first.more;
    let announced = first.total.map_or(1, |total| total.min(reading.limit).div_ceil(reading.size));
    collector.tell(&progress);
    let mut number = 1;
    if announced > 1 {
        let last = announced.min(MOST_PAGES);
        let mut pages = stream::iter(2..=last).map(&fetch).buffered(reading.in_flight.max(1));
        while let Some(page) = pages.next().await {
            number += 1;
            let Some(page) = unless_past_the_end(page)? else {
                // The list has become shorter meanwhile.
                collector.whole.steady = false;
                followed = false;
                break;
            };
            let (page, _) = collector.take(page)?;
            followed = page.is_followed(reading.size);
            promised = page.more;
            collector.tell(&progress);
        }
    }
    // Beyond what was announced, or without any announcement: one at a time, as long as there is more.
    while followed && collector.whole.rows.len() < reading.limit && number < MOST_PAGES {
        number += 1;
        let Some(page) = unless_past_the_end(fetch(number).await)? else {
            // An end that was promised to come later has come nearer meanwhile.
            collector.whole.steady &= !promised;
            followed = false;
            break;
        };
        let (page, has_new) = collector.take(page)?;
        promised = page.more;
        // A server that does not know paging sends the same rows again and again.
        followed = page.is_followed(reading.size) && has_new;
        collector.tell(&progress);
    }
    if reading.limit == usize::MAX {
        let seams = collector.seams();
        let mut pages = stream::iter(seams).map(&fetch).buffered(reading.in_flight.max(1));
        while let Some(page) = pages.next().await {
            if let Some(page) = unless_past_the_end(page)? {
                collector.take_again(page)?;
            }
        }
    }
    let whole = &mut collector.whole;
    whole.cut = followed;
    // Rows that could not be read are counted apart: the list may still have stood still.
    whole.steady &= collector.last_total.is_none_or(|total| total == whole.rows.len() + whole.unreadable);
    Ok(collector.whole)
}

/// A page behind the last one answers 400 instead of being empty.
fn unless_past_the_end<P>(page: Result<P, Fault>) -> Result<Option<P>, Fault> {
    match page {
        // A refused log-in may be a 400 as well, but of another kind.
        Err(fault) if fault.status == Some(400) && fault.kind == FaultKind::InvalidArgument => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Row(usize);

    impl Keyed for Row {
        type Key = usize;

        fn key(&self) -> usize {
            self.0
        }
    }

    const READING: Reading = Reading { size: 10, in_flight: 3, limit: usize::MAX };

    fn page(rows: impl IntoIterator<Item = usize>, more: bool, total: Option<usize>) -> Page<Row> {
        let rows: Vec<_> = rows.into_iter().map(Row).collect();
        Page { sent: rows.len(), rows, unreadable: 0, unreadable_fields: 0, more, total }
    }

    fn past_the_end() -> Fault {
        Fault { status: Some(400), ..Fault::new(FaultKind::InvalidArgument, "list", "page") }
    }

    /// Reads a list whose pages come from a function; returns it with the page numbers in the order of asking.
    async fn read(
        reading: Reading,
        pages: impl Fn(usize) -> Result<Page<Row>, Fault>,
    ) -> (Result<Whole<Row>, Fault>, Vec<usize>) {
        let asked = Mutex::new(Vec::new());
        let fetch = |number| {
            asked.lock().unwrap().push(number);
            std::future::ready(pages(number))
        };
        let whole = read_all(reading, fetch, |_| {}).await;
        (whole, asked.into_inner().unwrap())
    }

    fn numbers(whole: &Whole<Row>) -> Vec<usize> {
        whole.rows.iter().map(|row| row.0).collect()
    }

    #[tokio::test]
    async fn with_a_total_exactly_the_announced_pages_are_read() {
        let (whole, asked) = read(READING, |number| {
            let from = (number - 1) * 10;
            Ok(page(from..(from + 10).min(34), number < 4, Some(34)))
        })
        .await;
        let whole = whole.unwrap();
        assert_eq!(numbers(&whole), (0..34).collect::<Vec<_>>());
        assert_eq!(asked, [1, 2, 3, 4]);
        assert!(whole.steady && !whole.cut);
    }

    #[tokio::test]
    async fn without_a_total_the_header_decides_and_without_any_header_the_size() {
        let by_header = |number| Ok(page((number - 1) * 5..number * 5, number < 3, None));
        let (whole, asked) = read(READING, by_header).await;
        assert_eq!((whole.unwrap().rows.len(), asked), (15, vec![1, 2, 3]));
        let by_size = |number: usize| {
            let from = (number - 1) * 10;
            Ok(page(from..(from + 10).min(25), false, None))
        };
        let (whole, asked) = read(READING, by_size).await;
        assert_eq!((whole.unwrap().rows.len(), asked), (25, vec![1, 2, 3]));
    }

    #[tokio::test]
    async fn a_full_last_page_may_be_followed_by_the_end() {
        let pages = |number| if number == 1 { Ok(page(0..10, false, None)) } else { Err(past_the_end()) };
        let (whole, _) = read(READING, pages).await;
        let whole = whole.unwrap();
        assert_eq!((whole.rows.len(), whole.steady), (10, true));
    }

    #[tokio::test]
    async fn only_a_400_behind_the_first_page_is_an_end() {
        let (first, _) = read(READING, |_| Err(past_the_end())).await;
        assert!(first.is_err());
        let refused = Fault { status: Some(400), ..Fault::new(FaultKind::Unauthenticated, "log in", "no") };
        let pages = |number| if number == 1 { Ok(page(0..10, true, None)) } else { Err(refused.clone()) };
        let (later, _) = read(READING, pages).await;
        assert!(later.is_err(), "a list that lacks pages must not pass for whole");
    }

    #[tokio::test]
    async fn a_server_that_knows_no_paging_is_asked_twice_at_most() {
        let (whole, asked) = read(READING, |_| Ok(page(0..10, false, None))).await;
        assert_eq!((whole.unwrap().rows.len(), asked), (10, vec![1, 2]));
        let (whole, asked) = read(READING, |_| Ok(page(0..500, false, None))).await;
        assert_eq!((whole.unwrap().rows.len(), asked), (500, vec![1]));
    }

    #[tokio::test]
    async fn a_list_that_grows_is_read_past_its_announcement() {
        let (whole, _) = read(READING, |number| {
            let from = (number - 1) * 10;
            let total = if number == 1 { 20 } else { 35 };
            Ok(page(from..(from + 10).min(total), from + 10 < total, Some(total)))
        })
        .await;
        let whole = whole.unwrap();
        assert_eq!(numbers(&whole), (0..35).collect::<Vec<_>>());
        assert!(!whole.steady);
    }

    #[tokio::test]
    async fn rows_that_slide_to_a_page_already_read_are_fetched_again() {
        // Row 3 ends after page 1 was read: row 10 slides to page 1, 20 to page 2.
        let first_reading = Mutex::new(true);
        let (whole, asked) = read(READING, |number| {
            let before = number == 1 && std::mem::take(&mut *first_reading.lock().unwrap());
            let rows = (0..30).filter(|row| before || *row != 3);
            let total = if before { 30 } else { 29 };
            Ok(page(rows.skip((number - 1) * 10).take(10), number < 3, Some(total)))
        })
        .await;
        let whole = whole.unwrap();
        let mut rows = numbers(&whole);
        rows.sort_unstable();
        assert_eq!(rows, (0..30).collect::<Vec<_>>(), "nobody is missing; the one that ended is still shown");
        assert_eq!(asked, [1, 2, 3, 1]);
        assert!(!whole.steady);
    }

    #[tokio::test]
    async fn a_list_that_shrinks_below_a_page_ends_there() {
        let (whole, _) = read(READING, |number| match number {
            1 => Ok(page(0..10, true, Some(30))),
            2 => Ok(page(10..15, false, Some(15))),
            _ => Err(past_the_end()),
        })
        .await;
        let whole = whole.unwrap();
        assert_eq!((whole.rows.len(), whole.steady), (15, false));
    }

    #[tokio::test]
    async fn a_row_on_two_pages_is_taken_once() {
        let (whole, _) = read(READING, |number| {
            Ok(if number == 1 { page(0..10, true, Some(19)) } else { page(9..18, false, Some(19)) })
        })
        .await;
        let whole = whole.unwrap();
        assert_eq!(numbers(&whole), (0..18).collect::<Vec<_>>());
        assert!(!whole.steady);
    }

    #[tokio::test]
    async fn a_row_that_cannot_be_read_is_missing_and_a_field_is_not() {
        for total in [Some(15), None] {
            let spoilt = |rows: usize, fields: usize| {
                move |number: usize| {
                    let mut page = match number {
                        1 => page(0..10, true, total),
                        _ => page(10..15 - rows, false, total),
                    };
                    if number == 2 {
                        (page.sent, page.unreadable, page.unreadable_fields) = (5, rows, fields);
                    }
                    Ok(page)
                }
            };
            let fields = read(READING, spoilt(0, 3)).await.0.unwrap();
            assert_eq!((fields.rows.len(), fields.unreadable, fields.unreadable_fields), (15, 0, 3));
            assert!(fields.is_complete(), "{total:?}");
            let rows = read(READING, spoilt(1, 0)).await.0.unwrap();
            assert_eq!((rows.rows.len(), rows.unreadable), (14, 1));
            assert!(!rows.is_complete(), "{total:?}");
        }
    }

    #[tokio::test]
    async fn bad_fields_do_not_make_up_for_missing_rows() {
        let mut short = Some(page(0..8, false, Some(10)));
        short.as_mut().unwrap().unreadable_fields = 2;
        let short = Mutex::new(short);
        let (whole, _) = read(READING, |_| Ok(short.lock().unwrap().take().unwrap())).await;
        assert!(!whole.unwrap().is_complete());
    }

    #[tokio::test]
    async fn an_end_where_more_was_promised_is_a_list_that_shrank() {
        for (more, complete) in [(false, true), (true, false)] {
            let pages = |number| if number == 1 { Ok(page(0..10, more, None)) } else { Err(past_the_end()) };
            let whole = read(READING, pages).await.0.unwrap();
            assert_eq!((whole.rows.len(), whole.is_complete(), whole.cut), (10, complete, false));
        }
    }

    #[tokio::test]
    async fn the_limit_cuts_and_says_so() {
        let limited = Reading { limit: 20, ..READING };
        let (whole, asked) =
            read(limited, |number| Ok(page((number - 1) * 10..number * 10, true, Some(1000)))).await;
        let whole = whole.unwrap();
        assert_eq!((whole.rows.len(), whole.cut, asked), (20, true, vec![1, 2]));
    }
}
