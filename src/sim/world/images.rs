//! What a world says of images: streams with their versions, tags and assets, and which pools and farms are made from
//! them (`horizon-rest.md section 13`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::check::Checker;
use super::{Name, World, WorldError};

/// What `operating_system` of a stream may be.
pub(crate) const OPERATING_SYSTEMS: [&str; 20] = [
    "LINUX_CENTOS",
    "LINUX_OTHER",
    "LINUX_RHEL",
    "LINUX_SERVER_OTHER",
    "LINUX_SUSE",
    "LINUX_UBUNTU",
    "UNKNOWN",
    "WINDOWS_10",
    "WINDOWS_11",
    "WINDOWS_7",
    "WINDOWS_8",
    "WINDOWS_SERVER_2003",
    "WINDOWS_SERVER_2008",
    "WINDOWS_SERVER_2008_R2",
    "WINDOWS_SERVER_2012",
    "WINDOWS_SERVER_2012_R2",
    "WINDOWS_SERVER_2016_OR_ABOVE",
    "WINDOWS_VISTA",
    "WINDOWS_XP",
    "MACOS_15",
];
/// What `source` of a stream may be.
pub(crate) const SOURCES: [&str; 4] =
    ["COPIED_FROM_STREAM", "COPIED_FROM_VERSION", "MARKET_PLACE", "UPLOADED"];
/// What `status` of a stream may be.
pub(crate) const STREAM_STATUSES: [&str; 7] =
    ["AVAILABLE", "DELETED", "DISABLED", "FAILED", "IN_PROGRESS", "PARTIALLY_AVAILABLE", "PENDING"];
/// What `status` of a version may be.
pub(crate) const VERSION_STATUSES: [&str; 9] = [
    "AVAILABLE",
    "DELETED",
    "DEPLOYING_VM",
    "DEPLOYMENT_DONE",
    "DISABLED",
    "FAILED",
    "PARTIALLY_AVAILABLE",
    "PUBLISHING",
    "REPLICATING",
];
/// What `status` of an asset may be.
pub(crate) const ASSET_STATUSES: [&str; 9] = [
    "AVAILABLE",
    "DELETED",
    "DEPLOYING_VM",
    "DEPLOYMENT_DONE",
    "DISABLED",
    "FAILED",
    "REPLICATING",
    "RETRY_PENDING",
    "SPECIALIZING_VM",
];
/// What `clone_type` of an asset may be.
pub(crate) const CLONE_TYPES: [&str; 2] = ["FULL_CLONE", "INSTANT_CLONE"];
/// What `image_type` of an asset may be.
pub(crate) const IMAGE_TYPES: [&str; 3] = ["RDSH_APPS", "RDSH_DESKTOP", "VDI_DESKTOP"];

/// A vCenter of the local pod.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vcenter {
    pub(crate) name: String,
    pub(crate) datacenter: String,
}

/// A stream with everything below it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) operating_system: Name,
    pub(crate) publisher: Option<String>,
    /// `UPLOADED` when absent.
    pub(crate) source: Option<Name>,
    /// `AVAILABLE` when absent.
    pub(crate) status: Option<Name>,
    #[serde(default)]
    pub(crate) details: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) versions: Vec<ImageVersion>,
    #[serde(default)]
    pub(crate) tags: Vec<ImageTag>,
}

/// A version of a stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageVersion {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// `AVAILABLE` when absent.
    pub(crate) status: Option<Name>,
    /// For how many minutes its status has held at the start.
    #[serde(default)]
    pub(crate) since_minutes: u32,
    /// After how many minutes what runs is done; never by itself when absent.
    pub(crate) left_minutes: Option<u32>,
    #[serde(default)]
    pub(crate) details: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) assets: Vec<ImageAsset>,
}

/// A version realised in one vCenter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageAsset {
    pub(crate) vcenter: Name,
    /// `INSTANT_CLONE` when absent.
    pub(crate) clone_type: Option<Name>,
    /// `VDI_DESKTOP` when absent.
    pub(crate) image_type: Option<Name>,
    /// `AVAILABLE` when absent.
    pub(crate) status: Option<Name>,
    /// For how many minutes its status has held at the start.
    #[serde(default)]
    pub(crate) since_minutes: u32,
    /// After how many minutes what runs is done; never by itself when absent.
    pub(crate) left_minutes: Option<u32>,
    #[serde(default)]
    pub(crate) details: BTreeMap<String, String>,
}

/// A movable label of a stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageTag {
    pub(crate) name: String,
    pub(crate) version: Name,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) details: BTreeMap<String, String>,
}

/// What a pool or farm is made from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subscription {
    pub(crate) stream: Name,
    pub(crate) tag: Name,
    /// The first one when absent.
    pub(crate) vcenter: Option<Name>,
    /// Whether a push of the tag's version is ready and held back.
    #[serde(default)]
    pub(crate) held: bool,
}

impl Checker<'_> {
    /// Images whose references lead somewhere and whose words the API knows.
    pub(super) fn images(&self, world: &World) -> Result<(), WorldError> {
        let word = |what: &str, word: Option<&Name>, known: &[&str]| {
            word.map_or(Ok(()), |word| self.known(what, word, known))
        };
        self.unique("vcenters", world.vcenters.iter().map(|vcenter| vcenter.name.as_str()))?;
        self.unique("images", world.images.iter().map(|image| image.name.as_str()))?;
        let vcenters: Vec<&str> = world.vcenters.iter().map(|vcenter| vcenter.name.as_str()).collect();
        for image in &world.images {
            self.known("operating system", &image.operating_system, &OPERATING_SYSTEMS)?;
            word("source", image.source.as_ref(), &SOURCES)?;
            word("status of a stream", image.status.as_ref(), &STREAM_STATUSES)?;
            self.unique("versions of a stream", image.versions.iter().map(|version| version.name.as_str()))?;
            self.unique("tags of a stream", image.tags.iter().map(|tag| tag.name.as_str()))?;
            let versions: Vec<&str> = image.versions.iter().map(|version| version.name.as_str()).collect();
            for version in &image.versions {
                word("status of a version", version.status.as_ref(), &VERSION_STATUSES)?;
                for asset in &version.assets {
                    self.known("vcenter", &asset.vcenter, &vcenters)?;
                    word("clone type", asset.clone_type.as_ref(), &CLONE_TYPES)?;
                    word("image type", asset.image_type.as_ref(), &IMAGE_TYPES)?;
                    word("status of an asset", asset.status.as_ref(), &ASSET_STATUSES)?;
                }
            }
            for tag in &image.tags {
                self.known("version", &tag.version, &versions)?;
            }
        }
        let pools = world.pools.iter().filter_map(|pool| pool.image.as_ref());
        let farms = world.farms.iter().filter_map(|farm| farm.image.as_ref());
        for subscription in pools.chain(farms) {
            let streams: Vec<&str> = world.images.iter().map(|image| image.name.as_str()).collect();
            self.known("image", &subscription.stream, &streams)?;
            let stream = world.images.iter().find(|image| image.name == *subscription.stream.get_ref());
            let tags: Vec<&str> =
                stream.iter().flat_map(|image| &image.tags).map(|tag| tag.name.as_str()).collect();
            self.known("tag", &subscription.tag, &tags)?;
            word("vcenter", subscription.vcenter.as_ref(), &vcenters)?;
        }
        Ok(())
    }
}
