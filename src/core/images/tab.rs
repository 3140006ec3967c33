//! What the images tab shows and where its cursor stands.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    core::{remote::Remote, state::Poll},
    domain::{AssetId, ImageBook, StreamId, StreamQuery, SubscriberKind, TagId, VersionId},
};

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
    /// First row shown.
    pub top: usize,
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
            top: 0,
        }
    }
}
