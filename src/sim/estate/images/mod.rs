//! Image streams, versions, tags and assets, and the pools and farms that are made from them
//! (`horizon-rest.md section 13`).
//!
//! What the vendor does not document is inferred here and said so: what a deletion takes along, how long a publishing
//! or replicating takes, and that a moved tag gives its subscribers a new image.

mod change;
mod uses;

use std::collections::BTreeMap;

pub(crate) use change::{AssetSpec, AssetUpdate, ImageRefusal, StreamSpec, TagSpec, TagUpdate, VersionSpec};

use super::Estate;
use super::life::Work;
use crate::sim::ids::Kind;
use crate::sim::world::{CheckedWorld, Name};

/// Free keys and values.
pub(crate) type Details = BTreeMap<String, String>;

/// The free key under which the simulator tells since when a running status holds, in epoch milliseconds: its own
/// invention, no server is known to have it.
pub(crate) const STATUS_SINCE: &str = "last_status_change";

const MINUTE: i64 = 60_000;
/// How long a stream that was begun takes.
const STREAM_TAKES: i64 = 2 * MINUTE;
/// How long publishing a version takes.
const VERSION_TAKES: i64 = 4 * MINUTE;
/// How long replicating an asset takes.
const ASSET_TAKES: i64 = 5 * MINUTE;
/// How long an asset waits until it is tried again.
const RETRY_AFTER: i64 = 15 * MINUTE;
/// How long a push waits before it begins, and how long it takes altogether.
const PUSH_WAITS: i64 = MINUTE / 2;
const PUSH_TAKES: i64 = 5 * MINUTE;

/// What of images a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageKind {
    Stream,
    Version,
    Tag,
    Asset,
}

impl ImageKind {
    /// The kind of its ids.
    pub(crate) fn ids(self) -> Kind {
        match self {
            Self::Stream => Kind::ImageStream,
            Self::Version => Kind::ImageVersion,
            Self::Tag => Kind::ImageTag,
            Self::Asset => Kind::ImageAsset,
        }
    }
}

/// A status with the moment since when it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) word: String,
    pub(crate) since: i64,
}

impl Status {
    fn new(word: impl Into<String>, since: i64) -> Self {
        Self { word: word.into(), since }
    }

    /// Whether it will change by itself.
    pub(crate) fn is_running(&self) -> bool {
        matches!(
            self.word.as_str(),
            "IN_PROGRESS"
                | "PENDING"
                | "DEPLOYING_VM"
                | "DEPLOYMENT_DONE"
                | "PUBLISHING"
                | "REPLICATING"
                | "RETRY_PENDING"
                | "SPECIALIZING_VM"
        )
    }

    fn is_usable(&self) -> bool {
        matches!(self.word.as_str(), "AVAILABLE" | "PARTIALLY_AVAILABLE")
    }

    /// Another word begins to hold now; the same word goes on.
    fn become_now(&mut self, word: String, now: i64) {
        if self.word != word {
            *self = Self::new(word, now);
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageStream {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) operating_system: String,
    pub(crate) publisher: Option<String>,
    pub(crate) source: String,
    pub(crate) status: Status,
    pub(crate) details: Details,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageVersion {
    pub(crate) number: u32,
    /// The number of its stream.
    pub(crate) stream: u32,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) status: Status,
    pub(crate) details: Details,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageTag {
    pub(crate) number: u32,
    /// The number of its stream.
    pub(crate) stream: u32,
    /// The number of the version it points at.
    pub(crate) version: u32,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) details: Details,
}

/// What an asset is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Template(String),
    Snapshot { vm: String, snapshot: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageAsset {
    pub(crate) number: u32,
    /// The number of its stream.
    pub(crate) stream: u32,
    /// The number of the version it realises.
    pub(crate) version: u32,
    /// Index of its vCenter.
    pub(crate) vcenter: u16,
    pub(crate) clone_type: String,
    pub(crate) image_type: String,
    pub(crate) status: Status,
    pub(crate) origin: Origin,
    pub(crate) details: Details,
}

/// A push of a new image to a pool or farm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Push {
    pub(crate) since: i64,
    /// Ready, but held back until somebody says otherwise.
    pub(crate) held: bool,
}

impl Push {
    /// `instant_clone_pending_image_state`, and how far it is in percent.
    pub(crate) fn state(self, now: i64) -> (&'static str, i64) {
        let runs = now - self.since;
        match () {
            () if self.held => ("READY_HELD", 100),
            () if runs < PUSH_WAITS => ("PENDING_PUBLISH", 0),
            () => ("PUBLISHING", ((runs - PUSH_WAITS) * 100 / (PUSH_TAKES - PUSH_WAITS)).clamp(0, 99)),
        }
    }
}

/// A pool or farm that is made from a stream's tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscriber {
    /// Index into [`Estate::places`].
    pub(crate) place: u16,
    pub(crate) stream: u32,
    pub(crate) tag: u32,
    /// The version that its machines run.
    pub(crate) version: u32,
    pub(crate) push: Option<Push>,
}

/// All there is of images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Images {
    pub(crate) streams: Vec<ImageStream>,
    pub(crate) versions: Vec<ImageVersion>,
    pub(crate) tags: Vec<ImageTag>,
    pub(crate) assets: Vec<ImageAsset>,
    pub(crate) subscribers: Vec<Subscriber>,
    /// The next number of anything here.
    next: u32,
}

/// Something of images that is begun and finishes later, unless its status has changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageWork {
    Stream { number: u32, since: i64 },
    Version { number: u32, since: i64 },
    Asset { number: u32, since: i64 },
    Push { place: u16, since: i64 },
}

impl Images {
    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    pub(crate) fn stream(&self, number: u32) -> Option<&ImageStream> {
        self.streams.iter().find(|stream| stream.number == number)
    }

    pub(crate) fn version(&self, number: u32) -> Option<&ImageVersion> {
        self.versions.iter().find(|version| version.number == number)
    }

    pub(crate) fn tag(&self, number: u32) -> Option<&ImageTag> {
        self.tags.iter().find(|tag| tag.number == number)
    }

    /// What makes a pool or farm: its subscription.
    pub(crate) fn subscriber(&self, place: u16) -> Option<&Subscriber> {
        self.subscribers.iter().find(|subscriber| subscriber.place == place)
    }

    /// `usable` of a stream: it and one of its versions are available, at least in part, and a tag points at that version.
    pub(crate) fn is_usable(&self, stream: &ImageStream) -> bool {
        let tagged = |version: &ImageVersion| self.tags.iter().any(|tag| tag.version == version.number);
        let mut versions = self.versions.iter().filter(|version| version.stream == stream.number);
        stream.status.is_usable() && versions.any(|version| version.status.is_usable() && tagged(version))
    }
}

impl Estate {
    /// The names of the vCenters; there is always one.
    pub(crate) fn vcenters(&self) -> Vec<&str> {
        let vcenters = &self.defined.world.vcenters;
        if vcenters.is_empty() {
            vec!["vc01"]
        } else {
            vcenters.iter().map(|vcenter| &*vcenter.name).collect()
        }
    }

    /// Fills the estate with the images of its world, as old as the world says.
    pub(super) fn add_images(&mut self, defined: &CheckedWorld) {
        let word = |word: Option<&Name>, usual: &str| {
            word.map_or_else(|| usual.to_owned(), |word| word.get_ref().clone())
        };
        for image in &defined.world.images {
            let stream = self.images.number();
            self.images.streams.push(ImageStream {
                number: stream,
                name: image.name.clone(),
                description: image.description.clone(),
                operating_system: image.operating_system.get_ref().clone(),
                publisher: image.publisher.clone(),
                source: word(image.source.as_ref(), "UPLOADED"),
                status: Status::new(word(image.status.as_ref(), "AVAILABLE"), self.now),
                details: image.details.clone(),
            });
            for version in &image.versions {
                let number = self.images.number();
                let since = self.now - i64::from(version.since_minutes) * MINUTE;
                self.images.versions.push(ImageVersion {
                    number,
                    stream,
                    name: version.name.clone(),
                    description: version.description.clone(),
                    status: Status::new(word(version.status.as_ref(), "AVAILABLE"), since),
                    details: version.details.clone(),
                });
                self.after(version.left_minutes, Work::Image(ImageWork::Version { number, since }));
                for asset in &version.assets {
                    self.add_asset_of_world(stream, number, asset);
                }
            }
            for tag in &image.tags {
                let points_at = |version: &&ImageVersion| {
                    version.stream == stream && version.name == *tag.version.get_ref()
                };
                let version = self.images.versions.iter().find(points_at).map_or(0, |version| version.number);
                let number = self.images.number();
                self.images.tags.push(ImageTag {
                    number,
                    stream,
                    version,
                    name: tag.name.clone(),
                    description: tag.description.clone(),
                    details: tag.details.clone(),
                });
            }
        }
        self.add_subscribers(defined);
    }

    fn add_asset_of_world(&mut self, stream: u32, version: u32, asset: &crate::sim::world::ImageAsset) {
        let word = |word: Option<&Name>, usual: &str| {
            word.map_or_else(|| usual.to_owned(), |word| word.get_ref().clone())
        };
        let number = self.images.number();
        let since = self.now - i64::from(asset.since_minutes) * MINUTE;
        let clone_type = word(asset.clone_type.as_ref(), "INSTANT_CLONE");
        let origin = if clone_type == "FULL_CLONE" {
            Origin::Template(format!("vm-{}", 4000 + number))
        } else {
            Origin::Snapshot {
                vm: format!("vm-{}", 2000 + number),
                snapshot: format!("snapshot-{}", 600 + number),
            }
        };
        self.images.assets.push(ImageAsset {
            number,
            stream,
            version,
            vcenter: self.vcenter_called(Some(&asset.vcenter)),
            clone_type,
            image_type: word(asset.image_type.as_ref(), "VDI_DESKTOP"),
            status: Status::new(word(asset.status.as_ref(), "AVAILABLE"), since),
            origin,
            details: asset.details.clone(),
        });
        self.after(asset.left_minutes, Work::Image(ImageWork::Asset { number, since }));
    }

    /// Plans what is over so many minutes from now; what has no end is not planned.
    fn after(&mut self, minutes: Option<u32>, work: Work) {
        if let Some(minutes) = minutes {
            self.schedule_at(self.now + i64::from(minutes) * MINUTE, work);
        }
    }

    pub(super) fn finish_image(&mut self, work: ImageWork) {
        let now = self.now;
        match work {
            ImageWork::Stream { number, since } => {
                let mut streams = self.images.streams.iter_mut();
                if let Some(stream) = streams.find(|stream| stream.number == number)
                    && stream.status.since == since
                {
                    stream.status.become_now("AVAILABLE".to_owned(), now);
                }
            }
            ImageWork::Version { number, since } => {
                let waits = self.has_running_assets(number);
                let mut versions = self.images.versions.iter_mut();
                if let Some(version) = versions.find(|version| version.number == number)
                    && version.status.since == since
                {
                    // Its last asset completes it.
                    let word = if waits { "REPLICATING" } else { "AVAILABLE" };
                    version.status.become_now(word.to_owned(), now);
                }
            }
            ImageWork::Asset { number, since } => self.finish_asset(number, since),
            ImageWork::Push { place, since } => self.finish_push(place, since),
        }
    }

    fn has_running_assets(&self, version: u32) -> bool {
        let mut assets = self.images.assets.iter().filter(|asset| asset.version == version);
        assets.any(|asset| asset.status.is_running())
    }

    fn finish_asset(&mut self, number: u32, since: i64) {
        let now = self.now;
        let mut assets = self.images.assets.iter_mut();
        let Some(asset) = assets.find(|asset| asset.number == number && asset.status.since == since) else {
            return;
        };
        if asset.status.word == "RETRY_PENDING" {
            asset.status = Status::new("REPLICATING", now);
            self.schedule_at(now + ASSET_TAKES, Work::Image(ImageWork::Asset { number, since: now }));
            return;
        }
        asset.status.become_now("AVAILABLE".to_owned(), now);
        let version = asset.version;
        if !self.has_running_assets(version)
            && let Some(version) = self.images.versions.iter_mut().find(|row| row.number == version)
            && version.status.word == "REPLICATING"
        {
            version.status = Status::new("AVAILABLE", now);
        }
    }

    fn finish_push(&mut self, place: u16, since: i64) {
        let now = self.now;
        let images = &mut self.images;
        let Some(subscriber) = images.subscribers.iter_mut().find(|row| row.place == place) else { return };
        if subscriber.push != Some(Push { since, held: false }) {
            return;
        }
        let tag = images.tags.iter().find(|tag| tag.number == subscriber.tag);
        let version = tag.and_then(|tag| images.versions.iter().find(|row| row.number == tag.version));
        match version {
            // What is not there yet cannot be pushed: the push waits for it.
            Some(version) if !version.status.is_usable() => {
                self.schedule_at(now + MINUTE, Work::Image(ImageWork::Push { place, since }));
            }
            Some(version) => {
                subscriber.version = version.number;
                subscriber.push = None;
            }
            None => subscriber.push = None,
        }
    }

    /// Plans the end of what runs since now.
    fn plan_end(&mut self, kind: ImageKind, number: u32, status: &Status) {
        if !status.is_running() || status.since != self.now {
            return;
        }
        let since = status.since;
        let (takes, work) = match kind {
            ImageKind::Stream => (STREAM_TAKES, ImageWork::Stream { number, since }),
            ImageKind::Version => (VERSION_TAKES, ImageWork::Version { number, since }),
            ImageKind::Asset if status.word == "RETRY_PENDING" => {
                (RETRY_AFTER, ImageWork::Asset { number, since })
            }
            ImageKind::Asset => (ASSET_TAKES, ImageWork::Asset { number, since }),
            ImageKind::Tag => return,
        };
        self.schedule_at(since + takes, Work::Image(work));
    }
}
