//! Reading a list page by page (`horizon-rest.md section 5.1`). Knows neither HTTP nor what the rows are.

use std::{collections::HashSet, future::Future, hash::Hash};

use futures_util::{StreamExt, stream};

use super::ListProgress;
use crate::domain::{Fault, FaultKind};

/// The largest page that a server gives.
pub(super) const PAGE_SIZE: usize = 1000;

/// More pages than any list has: where a server that repeats itself is stopped at the latest.
const MOST_PAGES: usize = 10_000;

/// What makes a row the same row on another page.
pub(super) trait Keyed {
    type Key: Eq + Hash;
    fn key(&self) -> Self::Key;
}

/// One page.
#[derive(Debug, Default)]
pub(super) struct Page<R> {
    pub(super) rows: Vec<R>,
    /// How many rows the server sent, readable or not.
    pub(super) sent: usize,
    /// Rows and fields that could not be read.
    pub(super) unreadable: usize,
    /// The server says that there are more.
    pub(super) more: bool,
    /// How many rows the list has, if the server says.
    pub(super) total: Option<usize>,
}

impl<R> Page<R> {
    /// Whether to ask for the next page: by the header, or, when the server sends no paging header at all, because
    /// this page is full.
    fn is_followed(&self, size: usize) -> bool {
        self.more || (self.total.is_none() && self.sent == size)
    }
}

/// A whole list.
#[derive(Debug)]
pub(super) struct Whole<R> {
    pub(super) rows: Vec<R>,
    pub(super) unreadable: usize,
    /// The list stood still while it was read, as far as can be told.
    pub(super) steady: bool,
    /// The list went on where the reading stopped.
    pub(super) cut: bool,
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

/// Collects rows, each once.
struct Collector<R: Keyed> {
    whole: Whole<R>,
    keys: HashSet<R::Key>,
    /// Rows counted in headers: the first and the last word of the server.
    first_total: Option<usize>,
    last_total: Option<usize>,
}

impl<R: Keyed> Collector<R> {
    fn new() -> Self {
        let whole = Whole { rows: Vec::new(), unreadable: 0, steady: true, cut: false };
        Self { whole, keys: HashSet::new(), first_total: None, last_total: None }
    }

    /// Takes a page in; returns how many of its rows are new.
    fn take(&mut self, page: Page<R>) -> usize {
        if page.total.is_some() {
            self.first_total = self.first_total.or(page.total);
            self.whole.steady &= self.first_total == page.total;
            self.last_total = page.total;
        }
        self.whole.unreadable += page.unreadable;
        let before = self.whole.rows.len();
        for row in page.rows {
            if self.keys.insert(row.key()) {
                self.whole.rows.push(row);
            } else {
                // It moved between two pages while they were read.
                self.whole.steady = false;
            }
        }
        self.whole.rows.len() - before
    }

    fn progress(&self) -> ListProgress {
        ListProgress { received: self.whole.rows.len(), total: self.last_total }
    }
}

/// Reads a whole list. `fetch` gets page numbers from 1; the end of the list may also be a fault with status 400.
pub(super) async fn read_all<R, Fetched>(
    reading: Reading,
    fetch: impl Fn(usize) -> Fetched,
    progress: impl Fn(ListProgress),
) -> Result<Whole<R>, Fault>
where
    R: Keyed,
    Fetched: Future<Output = Result<Page<R>, Fault>>,
{
    let mut collector = Collector::new();
    let first = fetch(1).await?;
    let mut followed = first.is_followed(reading.size);
    let announced = first.total.map_or(1, |total| total.min(reading.limit).div_ceil(reading.size));
    collector.take(first);
    progress(collector.progress());
    let mut number = 1;
    if announced > 1 {
        let last = announced.min(MOST_PAGES);
        let mut pages = stream::iter(2..=last).map(&fetch).buffered(reading.in_flight.max(1));
        while let Some(page) = pages.next().await {
            number += 1;
            let Some(page) = unless_past_the_end(page)? else {
                // The list has become shorter meanwhile.
                collector.whole.steady = false;
                return Ok(collector.whole);
            };
            followed = page.is_followed(reading.size);
            collector.take(page);
            progress(collector.progress());
        }
    }
    // Beyond what was announced, or without any announcement: one at a time, as long as there is more.
    while followed && collector.whole.rows.len() < reading.limit && number < MOST_PAGES {
        number += 1;
        let Some(page) = unless_past_the_end(fetch(number).await)? else { break };
        followed = page.is_followed(reading.size);
        // A server that does not know paging sends the same rows again and again.
        followed &= collector.take(page) > 0;
        progress(collector.progress());
    }
    let whole = &mut collector.whole;
    whole.cut = followed;
    whole.steady &= collector.last_total.is_none_or(|total| total == whole.rows.len() + whole.unreadable);
    Ok(collector.whole)
}

/// A page behind the last one answers 400 instead of being empty.
fn unless_past_the_end<R>(page: Result<Page<R>, Fault>) -> Result<Option<Page<R>>, Fault> {
    match page {
        // A refused log-in may be a 400 as well, but of another kind.
        Err(fault) if fault.status == Some(400) && fault.kind == FaultKind::InvalidArgument => Ok(None),
        other => other.map(Some),
    }
}
