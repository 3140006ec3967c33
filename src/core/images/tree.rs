//! The rows of the tree: stream, version, then tags with who uses them, and assets.

use std::collections::BTreeSet;

use super::{ImageNode, Shelf, Usage, facts, is_trouble};
use crate::{
    core::filter::{ImageFilter, Truth},
    domain::{Asset, ImageUse, Stream, Tag, Version},
};

/// Whether the children of a row are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// They are.
    Open,
    /// They are because the filter matches below, and cannot be closed.
    Held,
    /// They are not.
    Closed,
    /// There are none.
    Leaf,
}

/// What a row is about.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// A stream.
    Stream(&'a Stream),
    /// A version.
    Version(&'a Version),
    /// A tag.
    Tag(&'a Tag),
    /// An asset.
    Asset(&'a Asset),
    /// A pool or farm.
    Use(&'a ImageUse),
}

/// A row of the tree.
#[derive(Debug, Clone)]
pub struct TreeRow<'a> {
    /// What it stands for.
    pub node: ImageNode,
    /// What it is about.
    pub entry: Entry<'a>,
    /// How deep it stands; streams at 0.
    pub depth: usize,
    /// Whether it is the last one below the row above it.
    pub last: bool,
    /// Whether its children are shown.
    pub fold: Fold,
    /// Who uses it.
    pub usage: Usage,
    /// How much of what is closed below it still runs on the server.
    pub running_below: usize,
    /// Whether it, or something closed below it, failed or is tried again.
    pub trouble: bool,
}

/// The rows that are shown, and how many that is.
#[derive(Debug, Clone, Default)]
pub struct Outline<'a> {
    /// The rows.
    pub rows: Vec<TreeRow<'a>>,
    /// Streams that are shown.
    pub streams: usize,
    /// Nodes of which the filter cannot be told, because it rests on what is not known; they are not shown.
    pub unknown: usize,
}

/// What a filter makes of a tree.
#[derive(Default)]
struct Matches {
    /// Whether there is a filter at all.
    filtered: bool,
    /// Nodes that match.
    matched: BTreeSet<ImageNode>,
    /// Nodes above those.
    leads: BTreeSet<ImageNode>,
    unknown: usize,
}

/// The rows of a tree: of closed nodes the children are not shown; of a filter what matches, what is above that, and
/// what is below it.
pub fn outline<'a>(
    shelf: &Shelf<'a>,
    is_open: impl Fn(&ImageNode) -> bool,
    filter: &ImageFilter,
) -> Outline<'a> {
    let matches = Matches::of(shelf, filter);
    let mut outline = Outline { unknown: matches.unknown, ..Outline::default() };
    let streams = shelf.book.streams.iter().map(|stream| ImageNode::Stream(stream.id.clone()));
    for node in streams {
        if matches.shows(&node, false) {
            outline.streams += 1;
            add(
                shelf,
                &is_open,
                &matches,
                node,
                Place { depth: 0, last: false, below: false },
                &mut outline.rows,
            );
        }
    }
    outline
}

/// Where a row stands.
#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    last: bool,
    /// Whether something above it matches.
    below: bool,
}

fn add<'a>(
    shelf: &Shelf<'a>,
    is_open: &impl Fn(&ImageNode) -> bool,
    matches: &Matches,
    node: ImageNode,
    place: Place,
    rows: &mut Vec<TreeRow<'a>>,
) {
    let Some(entry) = entry(shelf, &node) else {
        return;
    };
    let below = place.below || matches.matched.contains(&node);
    let children: Vec<ImageNode> =
        children(shelf, &node).into_iter().filter(|child| matches.shows(child, below)).collect();
    let fold = if children.is_empty() {
        Fold::Leaf
    } else if matches.filtered && !below {
        Fold::Held
    } else if is_open(&node) {
        Fold::Open
    } else {
        Fold::Closed
    };
    let hidden = if fold == Fold::Closed { descendants(shelf, &node) } else { Vec::new() };
    let in_trouble = |node: &ImageNode| shelf.status(node).is_some_and(|status| is_trouble(status.as_str()));
    rows.push(TreeRow {
        usage: shelf.usage(&node),
        running_below: hidden.iter().filter(|child| shelf.is_running(child)).count(),
        trouble: in_trouble(&node) || hidden.iter().any(in_trouble),
        node,
        entry,
        depth: place.depth,
        last: place.last,
        fold,
    });
    if matches!(fold, Fold::Open | Fold::Held) {
        let count = children.len();
        for (number, child) in (1..).zip(children) {
            let place = Place { depth: place.depth + 1, last: number == count, below };
            add(shelf, is_open, matches, child, place, rows);
        }
    }
}

fn entry<'a>(shelf: &Shelf<'a>, node: &ImageNode) -> Option<Entry<'a>> {
    Some(match node {
        ImageNode::Stream(id) => Entry::Stream(shelf.stream(id)?),
        ImageNode::Version(id) => Entry::Version(shelf.version(id)?),
        ImageNode::Tag(id) => Entry::Tag(shelf.tag(id)?),
        ImageNode::Asset(id) => Entry::Asset(shelf.asset(id)?),
        ImageNode::Use(..) => Entry::Use(shelf.subscriber(node)?),
    })
}

/// The nodes directly below another, in the server's order.
pub(super) fn children(shelf: &Shelf<'_>, node: &ImageNode) -> Vec<ImageNode> {
    let tag = |tag: &&Tag| ImageNode::Tag(tag.id.clone());
    let asset = |asset: &&Asset| ImageNode::Asset(asset.id.clone());
    match node {
        ImageNode::Stream(id) => {
            let versions = shelf.versions_of(id).iter().map(|version| ImageNode::Version(version.id.clone()));
            let tags = shelf.loose_tags(id).iter().map(tag);
            versions.chain(tags).chain(shelf.loose_assets(id).iter().map(asset)).collect()
        }
        ImageNode::Version(id) => {
            shelf.tags_of(id).iter().map(tag).chain(shelf.assets_of(id).iter().map(asset)).collect()
        }
        ImageNode::Tag(id) => {
            let uses = shelf.uses_of_tag(id).iter();
            uses.map(|subscriber| ImageNode::Use(id.clone(), subscriber.kind, subscriber.id.clone()))
                .collect()
        }
        ImageNode::Asset(_) | ImageNode::Use(..) => Vec::new(),
    }
}

/// Everything below a node.
pub(super) fn descendants(shelf: &Shelf<'_>, node: &ImageNode) -> Vec<ImageNode> {
    let mut found = children(shelf, node);
    let mut at = 0;
    while let Some(next) = found.get(at) {
        let below = children(shelf, next);
        found.extend(below);
        at += 1;
    }
    found
}

impl Matches {
    fn of(shelf: &Shelf<'_>, filter: &ImageFilter) -> Self {
        let mut matches = Self { filtered: !filter.is_empty(), ..Self::default() };
        if !matches.filtered {
            return matches;
        }
        for stream in &shelf.book.streams {
            let top = ImageNode::Stream(stream.id.clone());
            let below = descendants(shelf, &top);
            for node in std::iter::once(top).chain(below) {
                match filter.matches(&facts(shelf, &node)) {
                    Truth::Yes => {
                        let mut above = shelf.parent(&node);
                        while let Some(node) = above {
                            above = shelf.parent(&node);
                            matches.leads.insert(node);
                        }
                        matches.matched.insert(node);
                    }
                    Truth::Unknown => matches.unknown += 1,
                    Truth::No => {}
                }
            }
        }
        matches
    }

    fn shows(&self, node: &ImageNode, below: bool) -> bool {
        !self.filtered || below || self.matched.contains(node) || self.leads.contains(node)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        LiveSessions,
        testing::{book, live},
    };
    use super::*;
    use crate::domain::{Fault, FaultKind, ImageBook, ImageHole, ImagePart, SubscriberKind};

    /// The rows as text: fold, kind and name by depth.
    fn drawn(book: &ImageBook, open: &[&str], filter: &str) -> Vec<String> {
        let live = live();
        let shelf = Shelf::new(book, &live);
        let filter = ImageFilter::parse(filter).unwrap();
        let outline =
            outline(&shelf, |node| open.contains(&shelf.label(node).as_str()) || open == ["*"], &filter);
        let line = |row: &TreeRow<'_>| {
            let fold = match row.fold {
                Fold::Open => '-',
                Fold::Held => '=',
                Fold::Closed => '+',
                Fold::Leaf => ' ',
            };
            format!("{}{fold} {} {}", "  ".repeat(row.depth), row.node.kind(), shelf.label(&row.node))
        };
        outline.rows.iter().map(line).collect()
    }

    #[test]
    fn closed_nodes_hide_what_is_below_and_tell_what_runs_there() {
        let book = book();
        assert_eq!(drawn(&book, &[], ""), ["+ stream win11-office", "+ stream win11-dev", "+ stream apps"]);
        let live = live();
        let shelf = Shelf::new(&book, &live);
        let outline = outline(&shelf, |_| false, &ImageFilter::default());
        let first = &outline.rows[0];
        assert_eq!((first.running_below, first.trouble), (2, true));
        assert_eq!(first.usage.words(), "3 pools, 4 sessions (3 connected)");
        assert_eq!(outline.rows[2].usage.words(), "1 farm, 1 session (0 connected)");
    }

    #[test]
    fn open_nodes_show_tags_before_assets_and_who_uses_them() {
        let open = ["win11-office", "v24.3", "prod"];
        assert_eq!(
            drawn(&book(), &open, ""),
            [
                "- stream win11-office",
                "  - version v24.3",
                "    - tag prod",
                "        pool fin-w11",
                "        pool hr-w11",
                "      tag rollback",
                "      asset vc01 instant clone, VDI desktop",
                "  + version v24.4",
                "    version v24.1",
                "+ stream win11-dev",
                "+ stream apps",
            ]
        );
    }

    #[test]
    fn a_filter_keeps_what_is_above_a_match_and_what_is_below_it() {
        assert_eq!(
            drawn(&book(), &[], "status:replicating"),
            ["= stream win11-office", "  + version v24.4"],
            "what matches opens by its own key"
        );
        assert_eq!(
            drawn(&book(), &[], "it-w11"),
            ["= stream win11-office", "  = version v24.4", "    + tag canary"]
        );
        assert_eq!(drawn(&book(), &["win11-dev", "d1"], "name:win11-dev").len(), 4);
        assert!(drawn(&book(), &["*"], "nothing").is_empty());
    }

    #[test]
    fn what_points_nowhere_stays_under_its_stream() {
        let mut book = book();
        book.tags[1].version = Some("gone".into());
        book.assets[0].version = None;
        let rows = drawn(&book, &["win11-office"], "");
        assert!(rows.contains(&"    tag rollback".to_owned()), "{rows:?}");
        assert!(rows.contains(&"    asset vc01 instant clone, VDI desktop".to_owned()), "{rows:?}");
    }

    #[test]
    fn unknown_uses_are_never_none() {
        let mut unknown = book();
        let fault = Fault::new(FaultKind::InsufficientPermission, "list pools", "no");
        unknown.uses.clear();
        unknown.uses_unknown =
            [(SubscriberKind::Pool, fault.clone()), (SubscriberKind::Farm, fault.clone())].into();
        let live = live();
        let shelf = Shelf::new(&unknown, &live);
        let tree = outline(&shelf, |_| true, &ImageFilter::default());
        assert!(
            tree.rows
                .iter()
                .all(|row| matches!(row.node, ImageNode::Asset(_)) || row.usage == Usage::UNKNOWN)
        );
        let filtered = outline(&shelf, |_| true, &ImageFilter::parse("is:unused").unwrap());
        assert!(filtered.rows.is_empty());
        assert!(filtered.unknown > 0, "the operator is told");
        // One of the two lists is not both: what the other shows is there, and nothing is unused.
        let mut half = book();
        half.uses_unknown = [(SubscriberKind::Farm, fault)].into();
        half.uses.retain(|one| one.kind == SubscriberKind::Pool);
        let shelf = Shelf::new(&half, &live);
        let words = |node| shelf.usage(&node).words();
        assert_eq!(words(ImageNode::Tag("t1".into())), "2 pools, ? farms, ? sessions");
        assert_eq!(words(ImageNode::Tag("t2".into())), "? farms, ? sessions");
        for node in
            [ImageNode::Stream("s3".into()), ImageNode::Tag("t2".into()), ImageNode::Version("v1".into())]
        {
            assert_eq!(shelf.usage(&node).is_unused(), None, "{node}");
        }
        assert_eq!(shelf.usage(&ImageNode::Stream("s1".into())).is_unused(), Some(false));
        let unused = outline(&shelf, |_| true, &ImageFilter::parse("is:unused").unwrap());
        assert!(unused.rows.is_empty() && unused.unknown > 0);
        // Without a list of sessions the pools are known, their sessions are not.
        let (known, nothing) = (book(), LiveSessions::default());
        let shelf = Shelf::new(&known, &nothing);
        let usage = shelf.usage(&ImageNode::Stream("s1".into()));
        assert_eq!(usage.words(), "3 pools, ? sessions");
    }

    #[test]
    fn a_version_is_not_unused_when_tags_may_be_missing() {
        let mut book = book();
        book.tags.retain(|tag| tag.id != "t1".into());
        let live = live();
        let shelf = Shelf::new(&book, &live);
        let version = ImageNode::Version("v3".into());
        assert_eq!(shelf.usage(&version), Usage::UNKNOWN, "a pool names a tag that is not listed");
        book.uses.clear();
        let shelf = Shelf::new(&book, &live);
        assert_eq!(shelf.usage(&version).is_unused(), Some(true));
        book.gaps.push(Fault::new(FaultKind::Unexpected, "list tags", "no"));
        book.holes.push(ImageHole { part: ImagePart::Tag, stream: Some("s1".into()) });
        let shelf = Shelf::new(&book, &live);
        assert_eq!(shelf.usage(&version).is_unused(), None);
        assert_eq!(shelf.unclear(&version).unwrap(), "tags could not be read: no");
        let other = ImageNode::Version("d1".into());
        assert_eq!(shelf.usage(&other).is_unused(), Some(true), "the tags of its stream are all there");
    }
}
