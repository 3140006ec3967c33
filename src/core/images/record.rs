//! What is printed of streams, versions, tags and assets: the vendor's REST field names, and ours.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    core::images::{ImageNode, Shelf, name_or_id, use_label},
    domain::{ImagePart, SubscriberKind, Text},
};

/// The fields in CSV, by kind.
pub(crate) const STREAM_FIELDS: &[&str] = &[
    "id",
    "name",
    "description",
    "operating_system",
    "publisher",
    "source",
    "status",
    "usable",
    "versions",
    "tags",
    "pools",
    "farms",
    "sessions",
    "connected",
];
pub(crate) const VERSION_FIELDS: &[&str] = &[
    "id",
    "im_stream_id",
    "stream",
    "name",
    "description",
    "status",
    "tags",
    "pools",
    "farms",
    "sessions",
    "connected",
];
pub(crate) const TAG_FIELDS: &[&str] = &[
    "id",
    "im_stream_id",
    "stream",
    "im_version_id",
    "version",
    "name",
    "description",
    "pools",
    "farms",
    "sessions",
    "connected",
];
pub(crate) const ASSET_FIELDS: &[&str] = &[
    "id",
    "im_stream_id",
    "stream",
    "im_version_id",
    "version",
    "vcenter_id",
    "vcenter",
    "clone_type",
    "image_type",
    "status",
    "base_vm_id",
    "base_snapshot_id",
    "vm_template_id",
];

/// The fields in CSV of a tree, whose rows are of all kinds.
pub(crate) const TREE_FIELDS: &[&str] = &[
    "kind",
    "id",
    "im_stream_id",
    "stream",
    "im_version_id",
    "version",
    "name",
    "description",
    "status",
    "operating_system",
    "pools",
    "farms",
    "sessions",
    "connected",
];

/// The columns of a tree for people, in order, and the fields that stand in them.
pub(crate) const TREE_COLUMNS: &[(&str, &str)] = &[
    ("kind", "kind"),
    ("stream", "stream"),
    ("version", "version"),
    ("name", "name"),
    ("description", "description"),
    ("status", "status"),
    ("os", "operating_system"),
    ("pools", "pools"),
    ("farms", "farms"),
    ("sessions", "sessions"),
];

/// A row of any kind.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ImageRow {
    Stream(StreamRow),
    Version(VersionRow),
    Tag(TagRow),
    Asset(AssetRow),
}

/// Who uses it. `null` is unknown, which is not the same as none.
#[derive(Debug, Serialize)]
pub(crate) struct UsedBy {
    pub(crate) pools: Option<Vec<Text>>,
    pub(crate) farms: Option<Vec<Text>>,
    pub(crate) sessions: Option<usize>,
    pub(crate) connected: Option<usize>,
}

/// A stream.
#[derive(Debug, Serialize)]
pub(crate) struct StreamRow {
    pub(crate) id: String,
    pub(crate) name: Option<Text>,
    pub(crate) description: Option<Text>,
    pub(crate) operating_system: Option<Text>,
    pub(crate) publisher: Option<Text>,
    pub(crate) source: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) usable: Option<bool>,
    pub(crate) additional_details: BTreeMap<Text, Text>,
    /// The names of its versions and tags; `None` when not all of them could be read.
    pub(crate) versions: Option<Vec<Text>>,
    pub(crate) tags: Option<Vec<Text>>,
    #[serde(flatten)]
    pub(crate) used_by: UsedBy,
}

/// A version.
#[derive(Debug, Serialize)]
pub(crate) struct VersionRow {
    pub(crate) id: String,
    pub(crate) im_stream_id: Option<String>,
    pub(crate) stream: Option<Text>,
    pub(crate) name: Option<Text>,
    pub(crate) description: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) additional_details: BTreeMap<Text, Text>,
    /// `None` when not all tags of its stream could be read.
    pub(crate) tags: Option<Vec<Text>>,
    #[serde(flatten)]
    pub(crate) used_by: UsedBy,
}

/// A tag.
#[derive(Debug, Serialize)]
pub(crate) struct TagRow {
    pub(crate) id: String,
    pub(crate) im_stream_id: Option<String>,
    pub(crate) stream: Option<Text>,
    pub(crate) im_version_id: Option<String>,
    pub(crate) version: Option<Text>,
    pub(crate) name: Option<Text>,
    pub(crate) description: Option<Text>,
    pub(crate) additional_details: BTreeMap<Text, Text>,
    #[serde(flatten)]
    pub(crate) used_by: UsedBy,
}

/// An asset. It is used through its version.
#[derive(Debug, Serialize)]
pub(crate) struct AssetRow {
    pub(crate) id: String,
    pub(crate) im_stream_id: Option<String>,
    pub(crate) stream: Option<Text>,
    pub(crate) im_version_id: Option<String>,
    pub(crate) version: Option<Text>,
    pub(crate) vcenter_id: Option<String>,
    pub(crate) vcenter: Option<Text>,
    pub(crate) clone_type: Option<Text>,
    pub(crate) image_type: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) base_vm_id: Option<Text>,
    pub(crate) base_snapshot_id: Option<Text>,
    pub(crate) vm_template_id: Option<Text>,
    pub(crate) additional_details: BTreeMap<Text, Text>,
}

impl ImageRow {
    /// What kind it is of, in a word.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Stream(_) => "stream",
            Self::Version(_) => "version",
            Self::Tag(_) => "tag",
            Self::Asset(_) => "asset",
        }
    }

    /// What is printed of a node; nothing of pools and farms.
    pub(crate) fn of(node: &ImageNode, shelf: &Shelf<'_>) -> Option<Self> {
        let stream = shelf.stream_of(node).and_then(|stream| stream.name.clone());
        Some(match node {
            ImageNode::Stream(id) => {
                let one = shelf.stream(id)?;
                let names =
                    shelf.versions_of(id).iter().map(|one| name_or_id(one.name.as_ref(), one.id.raw()));
                let tags = shelf.tags_of_stream(id);
                Self::Stream(StreamRow {
                    id: one.id.raw().to_owned(),
                    name: one.name.clone(),
                    description: one.description.clone(),
                    operating_system: one.operating_system.clone(),
                    publisher: one.publisher.clone(),
                    source: one.source.clone(),
                    status: one.status.clone(),
                    usable: one.usable,
                    additional_details: one.additional_details.clone(),
                    versions: shelf.knows_all(ImagePart::Version, Some(id)).then(|| names.collect()),
                    tags: shelf.knows_all(ImagePart::Tag, Some(id)).then(|| {
                        tags.iter().map(|tag| name_or_id(tag.name.as_ref(), tag.id.raw())).collect()
                    }),
                    used_by: UsedBy::of(node, shelf),
                })
            }
            ImageNode::Version(id) => {
                let one = shelf.version(id)?;
                let tags = shelf.tags_of(id).iter().map(|tag| name_or_id(tag.name.as_ref(), tag.id.raw()));
                Self::Version(VersionRow {
                    id: one.id.raw().to_owned(),
                    im_stream_id: one.stream.as_ref().map(|id| id.raw().to_owned()),
                    stream,
                    name: one.name.clone(),
                    description: one.description.clone(),
                    status: one.status.clone(),
                    additional_details: one.additional_details.clone(),
                    tags: shelf.knows_all(ImagePart::Tag, one.stream.as_ref()).then(|| tags.collect()),
                    used_by: UsedBy::of(node, shelf),
                })
            }
            ImageNode::Tag(id) => {
                let one = shelf.tag(id)?;
                Self::Tag(TagRow {
                    id: one.id.raw().to_owned(),
                    im_stream_id: one.stream.as_ref().map(|id| id.raw().to_owned()),
                    stream,
                    im_version_id: one.version.as_ref().map(|id| id.raw().to_owned()),
                    version: shelf.version_of(node).and_then(|version| version.name.clone()),
                    name: one.name.clone(),
                    description: one.description.clone(),
                    additional_details: one.additional_details.clone(),
                    used_by: UsedBy::of(node, shelf),
                })
            }
            ImageNode::Asset(id) => {
                let one = shelf.asset(id)?;
                Self::Asset(AssetRow {
                    id: one.id.raw().to_owned(),
                    im_stream_id: one.stream.as_ref().map(|id| id.raw().to_owned()),
                    stream,
                    im_version_id: one.version.as_ref().map(|id| id.raw().to_owned()),
                    version: shelf.version_of(node).and_then(|version| version.name.clone()),
                    vcenter_id: one.vcenter.as_ref().map(|id| id.raw().to_owned()),
                    vcenter: one.vcenter.as_ref().and_then(|id| shelf.book.vcenters.get(id).cloned()),
                    clone_type: one.clone_type.clone(),
                    image_type: one.image_type.clone(),
                    status: one.status.clone(),
                    base_vm_id: one.base_vm.clone(),
                    base_snapshot_id: one.base_snapshot.clone(),
                    vm_template_id: one.template.clone(),
                    additional_details: one.additional_details.clone(),
                })
            }
            ImageNode::Use(..) => return None,
        })
    }
}

impl UsedBy {
    fn of(node: &ImageNode, shelf: &Shelf<'_>) -> Self {
        let usage = shelf.usage(node);
        let names = |kind: SubscriberKind| {
            let mut names: Vec<Text> = Vec::new();
            for one in shelf.uses_of_node(node).into_iter().filter(|one| one.kind == kind) {
                let name = use_label(one);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            names
        };
        Self {
            pools: usage.pools.map(|_| names(SubscriberKind::Pool)),
            farms: usage.farms.map(|_| names(SubscriberKind::Farm)),
            sessions: usage.sessions,
            connected: usage.connected,
        }
    }
}
