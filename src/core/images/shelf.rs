//! The book of images with its parts found by what they belong to.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{ImageNode, LiveSessions, Usage, name_or_id};
use crate::domain::{
    Asset, AssetId, ImageBook, ImageHole, ImagePart, ImageUse, Stream, StreamId, SubscriberKind, Tag, TagId,
    Text, VcenterId, Version, VersionId,
};

/// A book of images, ready to be looked things up in.
#[derive(Debug, Clone)]
pub struct Shelf<'a> {
    /// The book itself.
    pub book: &'a ImageBook,
    live: &'a LiveSessions,
    streams: BTreeMap<&'a StreamId, &'a Stream>,
    versions: BTreeMap<&'a VersionId, &'a Version>,
    tags: BTreeMap<&'a TagId, &'a Tag>,
    assets: BTreeMap<&'a AssetId, &'a Asset>,
    versions_of: BTreeMap<&'a StreamId, Vec<&'a Version>>,
    tags_of: BTreeMap<&'a VersionId, Vec<&'a Tag>>,
    assets_of: BTreeMap<&'a VersionId, Vec<&'a Asset>>,
    loose_tags: BTreeMap<&'a StreamId, Vec<&'a Tag>>,
    loose_assets: BTreeMap<&'a StreamId, Vec<&'a Asset>>,
    uses_of: BTreeMap<&'a TagId, Vec<&'a ImageUse>>,
}

impl<'a> Shelf<'a> {
    /// Puts a book in order. Everything stays in the order in which the server gave it.
    pub fn new(book: &'a ImageBook, live: &'a LiveSessions) -> Self {
        let mut shelf = Self {
            book,
            live,
            streams: book.streams.iter().map(|stream| (&stream.id, stream)).collect(),
            versions: book.versions.iter().map(|version| (&version.id, version)).collect(),
            tags: book.tags.iter().map(|tag| (&tag.id, tag)).collect(),
            assets: book.assets.iter().map(|asset| (&asset.id, asset)).collect(),
            versions_of: BTreeMap::new(),
            tags_of: BTreeMap::new(),
            assets_of: BTreeMap::new(),
            loose_tags: BTreeMap::new(),
            loose_assets: BTreeMap::new(),
            uses_of: BTreeMap::new(),
        };
        for version in &book.versions {
            if let Some(stream) = &version.stream {
                shelf.versions_of.entry(stream).or_default().push(version);
            }
        }
        for tag in &book.tags {
            match (tag.version.as_ref().filter(|id| shelf.versions.contains_key(id)), &tag.stream) {
                (Some(version), _) => shelf.tags_of.entry(version).or_default().push(tag),
                (None, Some(stream)) => shelf.loose_tags.entry(stream).or_default().push(tag),
                (None, None) => {}
            }
        }
        for asset in &book.assets {
            match (asset.version.as_ref().filter(|id| shelf.versions.contains_key(id)), &asset.stream) {
                (Some(version), _) => shelf.assets_of.entry(version).or_default().push(asset),
                (None, Some(stream)) => shelf.loose_assets.entry(stream).or_default().push(asset),
                (None, None) => {}
            }
        }
        for subscriber in &book.uses {
            if let Some(tag) = &subscriber.tag {
                shelf.uses_of.entry(tag).or_default().push(subscriber);
            }
        }
        shelf
    }

    /// The sessions of pools and farms.
    pub fn live(&self) -> &'a LiveSessions {
        self.live
    }

    /// The stream with this id.
    pub fn stream(&self, id: &StreamId) -> Option<&'a Stream> {
        self.streams.get(id).copied()
    }

    /// The version with this id.
    pub fn version(&self, id: &VersionId) -> Option<&'a Version> {
        self.versions.get(id).copied()
    }

    /// The tag with this id.
    pub fn tag(&self, id: &TagId) -> Option<&'a Tag> {
        self.tags.get(id).copied()
    }

    /// The asset with this id.
    pub fn asset(&self, id: &AssetId) -> Option<&'a Asset> {
        self.assets.get(id).copied()
    }

    /// The pool or farm of a node of the tree.
    pub fn subscriber(&self, node: &ImageNode) -> Option<&'a ImageUse> {
        let ImageNode::Use(tag, kind, id) = node else {
            return None;
        };
        self.uses_of_tag(tag).iter().copied().find(|one| one.kind == *kind && one.id == *id)
    }

    /// The versions of a stream.
    pub fn versions_of(&self, stream: &StreamId) -> &[&'a Version] {
        self.versions_of.get(stream).map_or(&[], Vec::as_slice)
    }

    /// The tags that point at a version.
    pub fn tags_of(&self, version: &VersionId) -> &[&'a Tag] {
        self.tags_of.get(version).map_or(&[], Vec::as_slice)
    }

    /// The assets of a version.
    pub fn assets_of(&self, version: &VersionId) -> &[&'a Asset] {
        self.assets_of.get(version).map_or(&[], Vec::as_slice)
    }

    /// The tags of a stream that point at no version that is known.
    pub fn loose_tags(&self, stream: &StreamId) -> &[&'a Tag] {
        self.loose_tags.get(stream).map_or(&[], Vec::as_slice)
    }

    /// The assets of a stream that belong to no version that is known.
    pub fn loose_assets(&self, stream: &StreamId) -> &[&'a Asset] {
        self.loose_assets.get(stream).map_or(&[], Vec::as_slice)
    }

    /// All tags of a stream.
    pub fn tags_of_stream(&self, stream: &StreamId) -> Vec<&'a Tag> {
        let below = self.versions_of(stream).iter().flat_map(|version| self.tags_of(&version.id));
        below.chain(self.loose_tags(stream)).copied().collect()
    }

    /// All assets of a stream.
    pub fn assets_of_stream(&self, stream: &StreamId) -> Vec<&'a Asset> {
        let below = self.versions_of(stream).iter().flat_map(|version| self.assets_of(&version.id));
        below.chain(self.loose_assets(stream)).copied().collect()
    }

    /// The pools and farms that subscribe to a tag, as far as they are known: see [`Self::unclear`].
    pub fn uses_of_tag(&self, tag: &TagId) -> &[&'a ImageUse] {
        self.uses_of.get(tag).map_or(&[], Vec::as_slice)
    }

    /// The pools and farms that use a stream, whatever the tag.
    pub fn uses_of_stream(&self, stream: &StreamId) -> Vec<&'a ImageUse> {
        let tags: Vec<&TagId> = self.tags_of_stream(stream).into_iter().map(|tag| &tag.id).collect();
        let is_of = |subscriber: &&ImageUse| {
            subscriber.stream.as_ref() == Some(stream)
                || subscriber.tag.as_ref().is_some_and(|tag| tags.contains(&tag))
        };
        self.book.uses.iter().filter(is_of).collect()
    }

    /// The pools and farms that use a version through one of its tags.
    pub fn uses_of_version(&self, version: &VersionId) -> Vec<&'a ImageUse> {
        self.tags_of(version).iter().flat_map(|tag| self.uses_of_tag(&tag.id)).copied().collect()
    }

    /// The pools and farms of a node: of an asset those of its version.
    pub fn uses_of_node(&self, node: &ImageNode) -> Vec<&'a ImageUse> {
        match node {
            ImageNode::Stream(id) => self.uses_of_stream(id),
            ImageNode::Version(id) => self.uses_of_version(id),
            ImageNode::Tag(id) => self.uses_of_tag(id).to_vec(),
            ImageNode::Asset(id) => {
                let version = self.asset(id).and_then(|asset| asset.version.as_ref());
                version.map(|version| self.uses_of_version(version)).unwrap_or_default()
            }
            ImageNode::Use(..) => self.subscriber(node).into_iter().collect(),
        }
    }

    /// Why not all pools and farms are known, if that is so: `farms could not be read: HTTP 500`.
    pub fn uses_unknown(&self) -> Option<String> {
        let kinds: Vec<String> = self.book.uses_unknown.keys().map(|kind| format!("{kind}s")).collect();
        let mut whys: Vec<&str> = Vec::new();
        for fault in self.book.uses_unknown.values() {
            if !whys.contains(&fault.message.as_str()) {
                whys.push(fault.message.as_str());
            }
        }
        (!kinds.is_empty()).then(|| format!("{} could not be read: {}", kinds.join(" and "), whys.join("; ")))
    }

    /// Whether nothing was left out of the tree: of the streams and of what is below them.
    pub fn is_whole(&self) -> bool {
        self.book.gaps.is_empty() && self.book.holes.is_empty() && self.book.unreadable == 0
    }

    /// Whether nothing at all is missing: neither of the tree, nor of who uses it.
    pub fn is_complete(&self) -> bool {
        self.is_whole() && self.book.uses_unknown.is_empty()
    }

    /// Whether all of a part of a stream are known.
    pub fn knows_all(&self, part: ImagePart, stream: Option<&StreamId>) -> bool {
        let concerns = |hole: &ImageHole| {
            hole.part == part && (hole.stream.is_none() || stream.is_none() || hole.stream.as_ref() == stream)
        };
        !self.book.holes.iter().any(concerns)
    }

    /// Whether everything that is below a node in its stream is known.
    pub fn knows_all_below(&self, node: &ImageNode) -> bool {
        let stream = self.stream_of(node).map(|stream| &stream.id);
        match node {
            ImageNode::Stream(_) => [ImagePart::Version, ImagePart::Tag, ImagePart::Asset]
                .into_iter()
                .all(|part| self.knows_all(part, stream)),
            ImageNode::Version(_) => {
                [ImagePart::Tag, ImagePart::Asset].into_iter().all(|part| self.knows_all(part, stream))
            }
            ImageNode::Tag(_) | ImageNode::Asset(_) | ImageNode::Use(..) => true,
        }
    }

    /// Why it cannot be told, from the tree alone, whom a pool or farm that is known stands for.
    fn tree_unclear(&self, node: &ImageNode) -> Option<String> {
        let stream = self.stream_of(node).map(|stream| &stream.id);
        // Of this stream for all that is known, but by which tag, or by one that is not listed.
        let astray = |one: &&ImageUse| match (&one.stream, &one.tag) {
            (Some(of), None) => Some(of) == stream,
            (Some(of), Some(tag)) => Some(of) == stream && !self.tags.contains_key(tag),
            (None, Some(tag)) => !self.tags.contains_key(tag),
            (None, None) => true,
        };
        let name =
            |one: &ImageUse| format!("{} {} names a tag that is not listed", one.kind, super::use_label(one));
        match node {
            ImageNode::Stream(_) => {
                let mut homeless = self.book.uses.iter().filter(|one| one.stream.is_none());
                homeless.find(astray).map(name)
            }
            ImageNode::Tag(_) => {
                let mut tagless = self.book.uses.iter().filter(|one| one.tag.is_none());
                let found = tagless.find(astray);
                found.map(|one| format!("{} {} names no tag", one.kind, super::use_label(one)))
            }
            ImageNode::Version(_) => {
                if !self.knows_all(ImagePart::Tag, stream) {
                    return Some(self.not_read(ImagePart::Tag));
                }
                let Some(stream) = stream else {
                    return Some("its stream is not known".to_owned());
                };
                let placeless = |tag: &&&Tag| tag.version.is_none() && !self.uses_of_tag(&tag.id).is_empty();
                if let Some(tag) = self.loose_tags(stream).iter().find(placeless) {
                    let tag = name_or_id(tag.name.as_ref(), tag.id.raw());
                    return Some(format!("which version tag {tag} points at is not known"));
                }
                self.book.uses.iter().find(astray).map(name)
            }
            ImageNode::Asset(id) => match self.asset(id).and_then(|asset| asset.version.as_ref()) {
                Some(version) => self.tree_unclear(&ImageNode::Version(version.clone())),
                None => Some("its version is not known".to_owned()),
            },
            ImageNode::Use(..) => None,
        }
    }

    /// `tags could not be read: HTTP 500`, or without the reason, when only single ones could not be understood.
    fn not_read(&self, part: ImagePart) -> String {
        let why = self.book.gaps.first().map_or_else(String::new, |gap| format!(": {}", gap.message));
        format!("{part}s could not be read{why}")
    }

    /// Why it cannot be told who uses a node; `None` when it can.
    pub fn unclear(&self, node: &ImageNode) -> Option<String> {
        if matches!(node, ImageNode::Use(..)) {
            return None;
        }
        self.uses_unknown().or_else(|| self.tree_unclear(node))
    }

    /// Whether it can be told who uses a node.
    pub fn knows_uses(&self, node: &ImageNode) -> bool {
        self.unclear(node).is_none()
    }

    /// Who uses a node, in numbers: only those that can be told.
    pub fn usage(&self, node: &ImageNode) -> Usage {
        let mut usage = Usage::of(&self.uses_of_node(node), self.live);
        if matches!(node, ImageNode::Use(..)) {
            return usage;
        }
        let unclear = self.tree_unclear(node).is_some();
        let unknown = |kind| unclear || self.book.uses_unknown.contains_key(&kind);
        if unknown(SubscriberKind::Pool) {
            usage.pools = None;
        }
        if unknown(SubscriberKind::Farm) {
            usage.farms = None;
        }
        if usage.pools.is_none() || usage.farms.is_none() {
            (usage.sessions, usage.connected) = (None, None);
        }
        usage
    }

    /// The name of a vCenter, else its id.
    pub fn vcenter(&self, id: &VcenterId) -> Text {
        self.book.vcenters.get(id).cloned().unwrap_or_else(|| Text::clean(id.raw()))
    }

    /// The name of the version that a tag points at, else its id; `None` when it points nowhere.
    pub fn version_name(&self, id: Option<&VersionId>) -> Option<Text> {
        let id = id?;
        Some(
            self.version(id)
                .map_or_else(|| Text::clean(id.raw()), |version| name_or_id(version.name.as_ref(), id.raw())),
        )
    }

    /// The stream that a node belongs to.
    pub fn stream_of(&self, node: &ImageNode) -> Option<&'a Stream> {
        let id = match node {
            ImageNode::Stream(id) => return self.stream(id),
            ImageNode::Version(id) => self.version(id)?.stream.as_ref(),
            ImageNode::Tag(id) | ImageNode::Use(id, ..) => self.tag(id)?.stream.as_ref(),
            ImageNode::Asset(id) => self.asset(id)?.stream.as_ref(),
        };
        self.stream(id?)
    }

    /// The version that a node belongs to or points at; of a stream none.
    pub fn version_of(&self, node: &ImageNode) -> Option<&'a Version> {
        let id = match node {
            ImageNode::Stream(_) => return None,
            ImageNode::Version(id) => return self.version(id),
            ImageNode::Tag(id) | ImageNode::Use(id, ..) => self.tag(id)?.version.as_ref(),
            ImageNode::Asset(id) => self.asset(id)?.version.as_ref(),
        };
        self.version(id?)
    }

    /// The node directly above another.
    pub fn parent(&self, node: &ImageNode) -> Option<ImageNode> {
        let below_version = |version: Option<&VersionId>, stream: Option<&StreamId>| {
            let version = version.filter(|id| self.versions.contains_key(id));
            version
                .map(|id| ImageNode::Version(id.clone()))
                .or_else(|| stream.map(|id| ImageNode::Stream(id.clone())))
        };
        match node {
            ImageNode::Stream(_) => None,
            ImageNode::Version(id) => self.version(id)?.stream.clone().map(ImageNode::Stream),
            ImageNode::Tag(id) => {
                let tag = self.tag(id)?;
                below_version(tag.version.as_ref(), tag.stream.as_ref())
            }
            ImageNode::Asset(id) => {
                let asset = self.asset(id)?;
                below_version(asset.version.as_ref(), asset.stream.as_ref())
            }
            ImageNode::Use(tag, ..) => Some(ImageNode::Tag(tag.clone())),
        }
    }

    /// Whether a node is in the book.
    pub fn has(&self, node: &ImageNode) -> bool {
        match node {
            ImageNode::Stream(id) => self.stream(id).is_some(),
            ImageNode::Version(id) => self.version(id).is_some(),
            ImageNode::Tag(id) => self.tag(id).is_some(),
            ImageNode::Asset(id) => self.asset(id).is_some(),
            ImageNode::Use(..) => self.subscriber(node).is_some(),
        }
    }

    /// The status of a node, as the server spells it. Tags, pools and farms have none.
    pub fn status(&self, node: &ImageNode) -> Option<&'a Text> {
        match node {
            ImageNode::Stream(id) => self.stream(id)?.status.as_ref(),
            ImageNode::Version(id) => self.version(id)?.status.as_ref(),
            ImageNode::Asset(id) => self.asset(id)?.status.as_ref(),
            ImageNode::Tag(_) | ImageNode::Use(..) => None,
        }
    }

    /// Every node that can have others below it.
    pub fn all_nodes(&self) -> Vec<ImageNode> {
        let streams = self.book.streams.iter().map(|one| ImageNode::Stream(one.id.clone()));
        let versions = self.book.versions.iter().map(|one| ImageNode::Version(one.id.clone()));
        let tags = self.book.tags.iter().map(|one| ImageNode::Tag(one.id.clone()));
        streams.chain(versions).chain(tags).collect()
    }

    /// Whether something of a node still runs on the server.
    pub fn is_running(&self, node: &ImageNode) -> bool {
        match node {
            ImageNode::Stream(id) => self.stream(id).is_some_and(Stream::is_running),
            ImageNode::Version(id) => self.version(id).is_some_and(Version::is_running),
            ImageNode::Asset(id) => self.asset(id).is_some_and(Asset::is_running),
            ImageNode::Tag(_) | ImageNode::Use(..) => false,
        }
    }

    /// Since when the status of a node holds, where the server tells.
    pub fn status_since(&self, node: &ImageNode) -> Option<Timestamp> {
        match node {
            ImageNode::Stream(id) => self.stream(id)?.status_since(),
            ImageNode::Version(id) => self.version(id)?.status_since(),
            ImageNode::Asset(id) => self.asset(id)?.status_since(),
            ImageNode::Tag(_) | ImageNode::Use(..) => None,
        }
    }

    /// Everything that runs on the server, each with its status.
    pub fn running(&self) -> Vec<(ImageNode, Text)> {
        let streams = self.book.streams.iter().map(|one| ImageNode::Stream(one.id.clone()));
        let versions = self.book.versions.iter().map(|one| ImageNode::Version(one.id.clone()));
        let assets = self.book.assets.iter().map(|one| ImageNode::Asset(one.id.clone()));
        streams
            .chain(versions)
            .chain(assets)
            .filter(|node| self.is_running(node))
            .filter_map(|node| self.status(&node).cloned().map(|status| (node, status)))
            .collect()
    }

    /// What a node is called: its name, else its id.
    pub fn label(&self, node: &ImageNode) -> Text {
        match node {
            ImageNode::Stream(id) => name_or_id(self.stream(id).and_then(|one| one.name.as_ref()), id.raw()),
            ImageNode::Version(id) => {
                name_or_id(self.version(id).and_then(|one| one.name.as_ref()), id.raw())
            }
            ImageNode::Tag(id) => name_or_id(self.tag(id).and_then(|one| one.name.as_ref()), id.raw()),
            ImageNode::Asset(id) => {
                self.asset(id).map_or_else(|| Text::clean(id.raw()), |asset| super::asset_label(asset, self))
            }
            ImageNode::Use(_, _, id) => {
                name_or_id(self.subscriber(node).and_then(|one| one.name.as_ref()), id)
            }
        }
    }

    /// What a node is called with what it stands in: `win11-office/v24.3`.
    pub fn path(&self, node: &ImageNode) -> Text {
        let label = self.label(node);
        let stream = self.stream_of(node).map(|stream| name_or_id(stream.name.as_ref(), stream.id.raw()));
        match (node, stream) {
            (ImageNode::Stream(_), _) | (_, None) => label,
            (ImageNode::Asset(_), Some(stream)) => {
                let version = self.version_of(node).map_or_else(
                    || Text::clean("?"),
                    |version| name_or_id(version.name.as_ref(), version.id.raw()),
                );
                Text::clean(&format!("{stream}/{version}/{label}"))
            }
            (_, Some(stream)) => Text::clean(&format!("{stream}/{label}")),
        }
    }
}
