//! What the images tab shows and where its cursor stands.

use std::{collections::BTreeSet, fmt, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{LiveSessions, Outline, Shelf, outline};
use crate::{
    core::{
        filter::{FilterError, ImageFilter},
        remote::Remote,
        rows::{self, Rows},
        state::{Poll, State},
    },
    domain::{AssetId, FaultKind, ImageBook, StreamId, StreamQuery, SubscriberKind, TagId, Text, VersionId},
};

/// Seconds between two readings while the tab is shown.
const SECONDS: u32 = 60;
/// The same while something runs on the server.
const RUNNING_SECONDS: u32 = 10;
/// The same when the account may not look at images: that will hardly change soon.
const NOT_PERMITTED_SECONDS: u32 = 300;

/// From this many rows of the table on, some of them go to the node under the cursor.
const DETAIL_FROM: u16 = 11;

/// A line of the tree, by what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ImageNode {
    /// A stream.
    Stream(StreamId),
    /// A version of a stream.
    Version(VersionId),
    /// A tag of a stream.
    Tag(TagId),
    /// An asset of a version.
    Asset(AssetId),
    /// A pool or farm that uses a tag, by the tag, its kind and its id.
    Use(TagId, SubscriberKind, String),
}

impl ImageNode {
    /// What it is, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Stream(_) => "stream",
            Self::Version(_) => "version",
            Self::Tag(_) => "tag",
            Self::Asset(_) => "asset",
            Self::Use(_, SubscriberKind::Pool, _) => "pool",
            Self::Use(_, SubscriberKind::Farm, _) => "farm",
        }
    }

    /// Whether it is something of its own that can be marked and deleted. A pool or farm in the tree is not.
    pub fn is_own(&self) -> bool {
        !matches!(self, Self::Use(..))
    }
}

impl fmt::Display for ImageNode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(id) => write!(formatter, "stream {id}"),
            Self::Version(id) => write!(formatter, "version {id}"),
            Self::Tag(id) => write!(formatter, "tag {id}"),
            Self::Asset(id) => write!(formatter, "asset {id}"),
            Self::Use(_, kind, id) => write!(formatter, "{kind} {}", Text::clean(id)),
        }
    }
}

/// Something that was running on the server when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningNode {
    /// What runs.
    pub node: ImageNode,
    /// In which state.
    pub status: Text,
    /// When this console saw it first in that state. The server does not tell since when it really runs: it is at least
    /// as long.
    pub since: Timestamp,
}

/// The images tab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImagesTab {
    /// What was read.
    pub book: Remote<Arc<ImageBook>>,
    /// Reading it.
    pub poll: Poll,
    /// What the server is asked for.
    pub query: StreamQuery,
    /// The node under the cursor.
    pub cursor: Option<ImageNode>,
    /// Nodes whose children are shown.
    pub open: BTreeSet<ImageNode>,
    /// Marked nodes.
    pub marks: BTreeSet<ImageNode>,
    /// The filter as typed.
    pub filter: String,
    /// What is wrong with it; nothing is hidden as long as there is something.
    pub filter_error: Option<FilterError>,
    /// First row shown.
    pub top: usize,
    /// What runs on the server, and since when at least.
    pub running: Vec<RunningNode>,
    /// How many sessions each pool and farm has, from the list of sessions.
    pub live: LiveSessions,
    /// Whether Esc was pressed once and would clear the filter the second time.
    pub escape_armed: bool,
}

impl Default for ImagesTab {
    fn default() -> Self {
        Self {
            book: Remote::NotAsked,
            poll: Poll::default(),
            query: StreamQuery::default(),
            cursor: None,
            open: BTreeSet::new(),
            marks: BTreeSet::new(),
            filter: String::new(),
            filter_error: None,
            top: 0,
            running: Vec::new(),
            live: LiveSessions::default(),
            escape_armed: false,
        }
    }
}

impl ImagesTab {
    /// Seconds from one reading to the next while the tab is shown.
    pub fn seconds_between_reads(&self) -> u32 {
        match &self.book {
            Remote::Failed { why, .. } | Remote::Stale { why, .. }
                if why.kind == FaultKind::InsufficientPermission =>
            {
                NOT_PERMITTED_SECONDS
            }
            _ if self.running.is_empty() => SECONDS,
            _ => RUNNING_SECONDS,
        }
    }

    /// Since when at least a node is in the running state in which it is.
    pub fn running_since(&self, node: &ImageNode) -> Option<Timestamp> {
        self.running.iter().find(|running| running.node == *node).map(|running| running.since)
    }

    /// The filter that is in force: none as long as there is a mistake in it, so that nothing is hidden by it.
    pub fn filter_in_force(&self) -> ImageFilter {
        ImageFilter::parse(&self.filter).unwrap_or_default()
    }

    /// The rows of the tree as they are shown.
    pub fn outline<'a>(&self, shelf: &Shelf<'a>) -> Outline<'a> {
        outline(shelf, |node| self.open.contains(node), &self.filter_in_force())
    }

    /// The nodes that are shown, from top to bottom.
    pub fn shown(&self) -> Vec<ImageNode> {
        self.book.value().map_or_else(Vec::new, |book| {
            let shelf = Shelf::new(book, &self.live);
            self.outline(&shelf).rows.into_iter().map(|row| row.node).collect()
        })
    }

    /// The rows that the tree has on the screen.
    pub fn tree_rows(state: &State) -> usize {
        let table = Rows::of(state).table;
        usize::from(table.saturating_sub(Self::detail_rows(state, table)))
    }

    /// The rows below the tree that tell of the node under the cursor, their rule included; 0 where there is a panel for
    /// that or no room.
    pub fn detail_rows(state: &State, table: u16) -> u16 {
        if rows::detail_panel(state.screen) > 0 {
            return 0;
        }
        match table {
            0..DETAIL_FROM => 0,
            DETAIL_FROM..20 => 4,
            _ => 7,
        }
    }
}
