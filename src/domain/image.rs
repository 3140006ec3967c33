//! Image management: streams, their versions, tags and assets, and who uses them (`horizon-rest.md section 13`).

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AssetId, StreamId, TagId, Text, VcenterId, VersionId};

/// A line of images (`ImageManagementStreamInfo`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Its id.
    pub id: StreamId,
    /// Its name.
    pub name: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// `WINDOWS_11` and the like, as the server spells it.
    pub operating_system: Option<Text>,
    /// Who made it.
    pub publisher: Option<Text>,
    /// `UPLOADED`, `COPIED_FROM_STREAM`, …
    pub source: Option<Text>,
    /// `AVAILABLE`, `IN_PROGRESS`, …
    pub status: Option<Text>,
    /// Whether a tag of it can be used: computed by the server.
    pub usable: Option<bool>,
    /// Free keys and values.
    pub additional_details: BTreeMap<Text, Text>,
}

/// A version of a stream (`ImageManagementVersionInfo`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// The stream it belongs to.
    pub stream: Option<StreamId>,
    /// Its name.
    pub name: Option<Text>,
    /// What is new in it.
    pub description: Option<Text>,
    /// `AVAILABLE`, `PUBLISHING`, `REPLICATING`, …
    pub status: Option<Text>,
    /// Free keys and values.
    pub additional_details: BTreeMap<Text, Text>,
}

/// A movable label of a stream that points at a version (`ImageManagementTagInfo`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its id.
    pub id: TagId,
    /// The stream it belongs to.
    pub stream: Option<StreamId>,
    /// The version it points at.
    pub version: Option<VersionId>,
    /// Its name.
    pub name: Option<Text>,
    /// What it is for; read-only in this API.
    pub description: Option<Text>,
    /// Free keys and values.
    pub additional_details: BTreeMap<Text, Text>,
}

/// A version realised in one vCenter (`ImageManagementAssetInfo`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// The stream it belongs to.
    pub stream: Option<StreamId>,
    /// The version it realises.
    pub version: Option<VersionId>,
    /// Where.
    pub vcenter: Option<VcenterId>,
    /// `INSTANT_CLONE` or `FULL_CLONE`.
    pub clone_type: Option<Text>,
    /// `VDI_DESKTOP`, `RDSH_DESKTOP` or `RDSH_APPS`.
    pub image_type: Option<Text>,
    /// `AVAILABLE`, `REPLICATING`, `RETRY_PENDING`, …
    pub status: Option<Text>,
    /// The virtual machine it is made from.
    pub base_vm: Option<Text>,
    /// The snapshot of that machine.
    pub base_snapshot: Option<Text>,
    /// The template it is made from, where it is not a machine and its snapshot.
    pub template: Option<Text>,
    /// Free keys and values.
    pub additional_details: BTreeMap<Text, Text>,
}

/// The key of `additional_details` under which some servers tell since when a status holds, in epoch milliseconds. The
/// vendor documents none; the simulator writes it while something runs.
const STATUS_SINCE: &str = "last_status_change";

/// Whether a status means that something still runs on the server and will change by itself.
fn is_running(status: Option<&Text>) -> bool {
    status.is_some_and(|status| {
        matches!(
            status.as_str(),
            "IN_PROGRESS"
                | "PENDING"
                | "DEPLOYING_VM"
                | "DEPLOYMENT_DONE"
                | "PUBLISHING"
                | "REPLICATING"
                | "RETRY_PENDING"
                | "SPECIALIZING_VM"
        )
    })
}

/// Since when a status holds, as far as the free keys tell.
fn status_since(details: &BTreeMap<Text, Text>) -> Option<Timestamp> {
    let since = details.iter().find(|(key, _)| **key == STATUS_SINCE).map(|(_, value)| value)?;
    let milliseconds: i64 = since.as_str().trim().parse().ok()?;
    Timestamp::from_millisecond(milliseconds).ok().filter(|_| milliseconds > 0)
}

macro_rules! statuses {
    ($($name:ident),+) => {$(
        impl $name {
            /// Whether something still runs on the server, so that the status will change by itself.
            pub fn is_running(&self) -> bool {
                is_running(self.status.as_ref())
            }

            /// Since when the status holds, where the server tells: the free key `last_status_change`, which the vendor
            /// does not document. Without it one can only count from when the status was first seen.
            pub fn status_since(&self) -> Option<Timestamp> {
                status_since(&self.additional_details)
            }
        }
    )+};
}

statuses!(Stream, Version, Asset);

/// What subscribes to a stream and tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubscriberKind {
    /// A desktop pool.
    Pool,
    /// A farm.
    Farm,
}

impl fmt::Display for SubscriberKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pool => "pool",
            Self::Farm => "farm",
        })
    }
}

/// A pool or farm that is made from a stream's tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageUse {
    /// Pool or farm.
    pub kind: SubscriberKind,
    /// The id of the pool or farm, as it stands in `desktop_pool_id` or `farm_id` of a session. Not for the screen.
    pub id: String,
    /// Its name.
    pub name: Option<Text>,
    /// The stream it subscribes to.
    pub stream: Option<StreamId>,
    /// The tag it subscribes to.
    pub tag: Option<TagId>,
    /// Whether this is not yet its image: a push to it is pending. `None` when the server does not tell.
    pub pending: Option<bool>,
    /// How far a pending push is, as the server spells it: `PENDING_PUBLISH`, `PUBLISHING`, `READY_HELD`, …
    pub push: Option<Text>,
}

/// A part of what is known of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImagePart {
    /// Streams.
    Stream,
    /// Versions.
    Version,
    /// Tags.
    Tag,
    /// Assets.
    Asset,
}

impl fmt::Display for ImagePart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Stream => "stream",
            Self::Version => "version",
            Self::Tag => "tag",
            Self::Asset => "asset",
        })
    }
}

/// Where something is missing in a book of images: not all of these are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageHole {
    /// What is missing.
    pub part: ImagePart,
    /// Of which stream; `None` when it may be any.
    pub stream: Option<StreamId>,
}

/// Everything about images, read together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageBook {
    /// The streams that the query picked.
    pub streams: Vec<Stream>,
    /// Their versions.
    pub versions: Vec<Version>,
    /// Their tags.
    pub tags: Vec<Tag>,
    /// Their assets.
    pub assets: Vec<Asset>,
    /// The pools and farms that use a stream, as far as they could be read.
    pub uses: Vec<ImageUse>,
    /// The kinds of subscribers of which not all could be read, and why: the account or release does not tell, or the
    /// answer had holes. Of these, nobody who is not in `uses` is known to use nothing.
    pub uses_unknown: BTreeMap<SubscriberKind, super::Fault>,
    /// Names of the vCenters, as far as they could be read.
    pub vcenters: BTreeMap<VcenterId, Text>,
    /// Parts that could not be read, such as the tags of a stream: the operator is told that something is missing.
    pub gaps: Vec<super::Fault>,
    /// Where those parts are missing, and rows that could not be read.
    pub holes: Vec<ImageHole>,
    /// Rows that could not be read and were left out.
    pub unreadable: usize,
}

/// What to list (`ImageManagementStream_ListBySpec`, `method-map.md` I4). Empty: everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamQuery {
    /// Streams of this status.
    pub status: Option<String>,
    /// Streams with assets of this clone type: `INSTANT_CLONE` or `FULL_CLONE`.
    pub clone_type: Option<String>,
    /// Streams with assets of this kind: `VDI_DESKTOP`, `RDSH_DESKTOP` or `RDSH_APPS`.
    pub image_type: Option<String>,
    /// Streams with assets in this vCenter.
    pub vcenter: Option<VcenterId>,
}

/// A stream to be created. Words of the operator, not of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewStream {
    /// `[a-zA-Z0-9_-]{1,64}`.
    pub name: String,
    /// `WINDOWS_11` and the like.
    pub operating_system: String,
    /// `UPLOADED` and the like.
    pub source: String,
    /// `AVAILABLE` and the like.
    pub status: String,
    /// At most 1024 characters.
    pub description: Option<String>,
    /// Who made it.
    pub publisher: Option<String>,
    /// Free keys and values.
    pub additional_details: BTreeMap<String, String>,
}

/// A version to be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewVersion {
    /// The stream.
    pub stream: StreamId,
    /// `[a-zA-Z0-9_.-]{1,64}`.
    pub name: String,
    /// `AVAILABLE`, `PUBLISHING`, …
    pub status: String,
    /// What is new in it.
    pub description: Option<String>,
    /// Free keys and values.
    pub additional_details: BTreeMap<String, String>,
}

/// A tag to be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTag {
    /// The stream.
    pub stream: StreamId,
    /// The version it will point at.
    pub version: VersionId,
    /// Unique within the stream.
    pub name: String,
    /// Free keys and values.
    pub additional_details: BTreeMap<String, String>,
}

/// What an asset is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssetSource {
    /// A template.
    Template(String),
    /// A virtual machine and its snapshot.
    Snapshot {
        /// The virtual machine, such as `vm-1234`.
        vm: String,
        /// The snapshot.
        snapshot: String,
    },
}

/// An asset to be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAsset {
    /// The stream.
    pub stream: StreamId,
    /// The version.
    pub version: VersionId,
    /// Where.
    pub vcenter: VcenterId,
    /// `INSTANT_CLONE` or `FULL_CLONE`.
    pub clone_type: String,
    /// `VDI_DESKTOP`, `RDSH_DESKTOP` or `RDSH_APPS`.
    pub image_type: String,
    /// `AVAILABLE` and the like.
    pub status: String,
    /// What it is made from.
    pub source: AssetSource,
    /// Free keys and values.
    pub additional_details: BTreeMap<String, String>,
}

/// Fields of a stream to be changed; `None` leaves one as it is. The wire reads the whole object, changes these and puts
/// it back (`method-map.md` I5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamEdit {
    /// New name.
    pub name: Option<String>,
    /// New description; empty clears it.
    pub description: Option<String>,
    /// New operating system.
    pub operating_system: Option<String>,
    /// New publisher; empty clears it.
    pub publisher: Option<String>,
    /// New source.
    pub source: Option<String>,
    /// New status.
    pub status: Option<String>,
    /// Free keys to be set, or with `None` removed; others stay.
    pub additional_details: BTreeMap<String, Option<String>>,
}

/// Fields of a version to be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionEdit {
    /// New name.
    pub name: Option<String>,
    /// New description; empty clears it.
    pub description: Option<String>,
    /// New status.
    pub status: Option<String>,
    /// Free keys to be set, or with `None` removed; others stay.
    pub additional_details: BTreeMap<String, Option<String>>,
}

/// Fields of a tag to be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagEdit {
    /// New name.
    pub name: Option<String>,
    /// The version it will point at: subscribers get a new image.
    pub version: Option<VersionId>,
    /// Free keys to be set, or with `None` removed; others stay.
    pub additional_details: BTreeMap<String, Option<String>>,
}

/// Fields of an asset to be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetEdit {
    /// New clone type.
    pub clone_type: Option<String>,
    /// New image type.
    pub image_type: Option<String>,
    /// New status.
    pub status: Option<String>,
    /// Free keys to be set, or with `None` removed; others stay.
    pub additional_details: BTreeMap<String, Option<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(status: Option<&str>, details: &[(&str, &str)]) -> Asset {
        Asset {
            id: "a".into(),
            stream: None,
            version: None,
            vcenter: None,
            clone_type: None,
            image_type: None,
            status: status.map(Text::from),
            base_vm: None,
            base_snapshot: None,
            template: None,
            additional_details: details.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        }
    }

    #[test]
    fn what_runs_is_told_from_what_is_done_or_unknown() {
        for running in ["REPLICATING", "RETRY_PENDING", "SPECIALIZING_VM", "DEPLOYMENT_DONE"] {
            assert!(asset(Some(running), &[]).is_running(), "{running}");
        }
        for still in [Some("AVAILABLE"), Some("FAILED"), Some("A_NEW_WORD"), None] {
            assert!(!asset(still, &[]).is_running(), "{still:?}");
        }
    }

    #[test]
    fn the_age_of_a_status_is_known_only_where_it_is_told() {
        let since = |value: &str| asset(None, &[(STATUS_SINCE, value)]).status_since();
        assert_eq!(since("1700000000000"), Timestamp::from_millisecond(1_700_000_000_000).ok());
        for nonsense in ["", "soon", "0", "-5", "99999999999999999999"] {
            assert_eq!(since(nonsense), None, "{nonsense}");
        }
        assert_eq!(asset(None, &[]).status_since(), None);
    }
}
