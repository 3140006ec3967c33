//! What a call may change of images, and the refusals.

use super::{
    Details, Estate, ImageAsset, ImageKind, ImageStream, ImageTag, ImageVersion, Origin, STATUS_SINCE, Status,
};
use crate::sim::ids::Kind;

/// Why a change was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImageRefusal {
    /// There is no such thing.
    NotFound,
    /// Something with this name, or at this place, is there already.
    Taken(String),
    /// What is asked for cannot be.
    Invalid(String),
    /// Pools or farms use it.
    InUse(String),
}

impl ImageRefusal {
    /// HTTP status, error key and message. The keys are the simulator's own: no real ones are known.
    pub(crate) fn answer(&self) -> (u16, &'static str, String) {
        match self {
            Self::NotFound => (404, "common.entity.does.not.exist", "Entity does not exist.".to_owned()),
            Self::Taken(what) => (409, "config.image-management.already.exists", what.clone()),
            Self::Invalid(why) => (400, "config.image-management.invalid", why.clone()),
            Self::InUse(by) => (400, "config.image-management.in.use", format!("It is in use by {by}.")),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamSpec {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) operating_system: String,
    pub(crate) publisher: Option<String>,
    pub(crate) source: String,
    pub(crate) status: String,
    pub(crate) details: Details,
}

/// A new version, or what becomes of one: then its stream does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VersionSpec {
    pub(crate) stream: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) status: String,
    pub(crate) details: Details,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TagSpec {
    pub(crate) stream: String,
    pub(crate) of: TagUpdate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TagUpdate {
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) details: Details,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssetSpec {
    pub(crate) stream: String,
    pub(crate) version: String,
    pub(crate) vcenter: String,
    pub(crate) origin: Origin,
    pub(crate) of: AssetUpdate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssetUpdate {
    pub(crate) clone_type: String,
    pub(crate) image_type: String,
    pub(crate) status: String,
    pub(crate) details: Details,
}

type Changed<T = ()> = Result<T, ImageRefusal>;

fn taken(what: &str, name: &str) -> ImageRefusal {
    ImageRefusal::Taken(format!("There is {what} named {name} already."))
}

/// A name that is taken is a conflict for what is new; a change of name declares none and is refused as invalid.
fn as_invalid(refusal: ImageRefusal) -> ImageRefusal {
    match refusal {
        ImageRefusal::Taken(what) => ImageRefusal::Invalid(what),
        other => other,
    }
}

/// What a client sends back of the simulator's own key is not kept: it follows from the status.
fn own(mut details: Details) -> Details {
    details.remove(STATUS_SINCE);
    details
}

impl Estate {
    /// The number of something that exists, by its id in a body.
    fn referenced(
        &self,
        kind: Kind,
        id: &str,
        what: &str,
        there: impl Fn(&Self, u32) -> bool,
    ) -> Changed<u32> {
        let number = self.ids.number(kind, id).filter(|number| there(self, *number));
        number.ok_or_else(|| ImageRefusal::Invalid(format!("{what} does not exist: {id}")))
    }

    fn stream_referenced(&self, id: &str) -> Changed<u32> {
        self.referenced(Kind::ImageStream, id, "im_stream_id", |estate, number| {
            estate.images.stream(number).is_some()
        })
    }

    fn version_referenced(&self, id: &str, stream: u32) -> Changed<u32> {
        self.referenced(Kind::ImageVersion, id, "im_version_id", |estate, number| {
            estate.images.version(number).is_some_and(|version| version.stream == stream)
        })
    }

    fn free_stream_name(&self, name: &str, but: Option<u32>) -> Changed {
        let mut others = self.images.streams.iter().filter(|row| Some(row.number) != but);
        if others.any(|row| row.name == name) { Err(taken("a stream", name)) } else { Ok(()) }
    }

    /// That the names of versions are unique within a stream is inferred.
    fn free_version_name(&self, stream: u32, name: &str, but: Option<u32>) -> Changed {
        let versions = &self.images.versions;
        let mut others = versions.iter().filter(|row| row.stream == stream && Some(row.number) != but);
        if others.any(|row| row.name == name) { Err(taken("a version", name)) } else { Ok(()) }
    }

    fn free_tag_name(&self, stream: u32, name: &str, but: Option<u32>) -> Changed {
        let tags = &self.images.tags;
        let mut others = tags.iter().filter(|row| row.stream == stream && Some(row.number) != but);
        if others.any(|row| row.name == name) { Err(taken("a tag", name)) } else { Ok(()) }
    }

    pub(crate) fn add_stream(&mut self, spec: StreamSpec) -> Changed<u32> {
        self.free_stream_name(&spec.name, None)?;
        let number = self.images.number();
        let status = Status::new(spec.status, self.now);
        self.plan_end(ImageKind::Stream, number, &status);
        self.images.streams.push(ImageStream {
            number,
            name: spec.name,
            description: spec.description,
            operating_system: spec.operating_system,
            publisher: spec.publisher,
            source: spec.source,
            status,
            details: own(spec.details),
        });
        Ok(number)
    }

    pub(crate) fn put_stream(&mut self, number: u32, spec: StreamSpec) -> Changed {
        self.free_stream_name(&spec.name, Some(number)).map_err(as_invalid)?;
        let now = self.now;
        let row = self.images.streams.iter_mut().find(|row| row.number == number);
        let row = row.ok_or(ImageRefusal::NotFound)?;
        row.name = spec.name;
        row.description = spec.description;
        row.operating_system = spec.operating_system;
        row.publisher = spec.publisher;
        row.source = spec.source;
        row.status.become_now(spec.status, now);
        row.details = own(spec.details);
        let status = row.status.clone();
        self.plan_end(ImageKind::Stream, number, &status);
        Ok(())
    }

    /// Removes a stream that nobody subscribes to, with everything below it (inferred: `method-map.md` I2).
    pub(crate) fn delete_stream(&mut self, number: u32) -> Changed {
        self.images.stream(number).ok_or(ImageRefusal::NotFound)?;
        if let Some(users) = self.users_of_stream(number) {
            return Err(ImageRefusal::InUse(users));
        }
        let images = &mut self.images;
        images.streams.retain(|row| row.number != number);
        images.versions.retain(|row| row.stream != number);
        images.tags.retain(|row| row.stream != number);
        images.assets.retain(|row| row.stream != number);
        Ok(())
    }

    pub(crate) fn add_version(&mut self, spec: VersionSpec) -> Changed<u32> {
        let stream = self.stream_referenced(&spec.stream)?;
        self.free_version_name(stream, &spec.name, None)?;
        let number = self.images.number();
        let status = Status::new(spec.status, self.now);
        self.plan_end(ImageKind::Version, number, &status);
        self.images.versions.push(ImageVersion {
            number,
            stream,
            name: spec.name,
            description: spec.description,
            status,
            details: own(spec.details),
        });
        Ok(number)
    }

    pub(crate) fn put_version(&mut self, number: u32, spec: VersionSpec) -> Changed {
        let stream = self.images.version(number).ok_or(ImageRefusal::NotFound)?.stream;
        self.free_version_name(stream, &spec.name, Some(number)).map_err(as_invalid)?;
        let now = self.now;
        let row = self.images.versions.iter_mut().find(|row| row.number == number);
        let row = row.ok_or(ImageRefusal::NotFound)?;
        row.name = spec.name;
        row.description = spec.description;
        row.status.become_now(spec.status, now);
        row.details = own(spec.details);
        let status = row.status.clone();
        self.plan_end(ImageKind::Version, number, &status);
        Ok(())
    }

    /// Removes a version that no pool or farm runs or will run, with its assets and the tags that point at it (inferred).
    pub(crate) fn delete_version(&mut self, number: u32) -> Changed {
        self.images.version(number).ok_or(ImageRefusal::NotFound)?;
        if let Some(users) = self.users_of_version(number) {
            return Err(ImageRefusal::InUse(users));
        }
        let images = &mut self.images;
        images.versions.retain(|row| row.number != number);
        images.tags.retain(|row| row.version != number);
        images.assets.retain(|row| row.version != number);
        Ok(())
    }

    pub(crate) fn add_tag(&mut self, spec: TagSpec) -> Changed<u32> {
        let stream = self.stream_referenced(&spec.stream)?;
        let version = self.version_referenced(&spec.of.version, stream)?;
        self.free_tag_name(stream, &spec.of.name, None)?;
        let number = self.images.number();
        let (name, details) = (spec.of.name, spec.of.details);
        self.images.tags.push(ImageTag { number, stream, version, name, description: None, details });
        Ok(number)
    }

    /// Changes a tag; a move to another version is pushed to its subscribers (inferred).
    pub(crate) fn put_tag(&mut self, number: u32, spec: TagUpdate) -> Changed {
        let (stream, before) =
            self.images.tag(number).map(|tag| (tag.stream, tag.version)).ok_or(ImageRefusal::NotFound)?;
        let version = self.version_referenced(&spec.version, stream)?;
        self.free_tag_name(stream, &spec.name, Some(number)).map_err(as_invalid)?;
        if let Some(row) = self.images.tags.iter_mut().find(|row| row.number == number) {
            row.version = version;
            row.name = spec.name;
            row.details = spec.details;
        }
        if version != before {
            self.push_to_subscribers(number, version);
        }
        Ok(())
    }

    pub(crate) fn delete_tag(&mut self, number: u32) -> Changed {
        self.images.tag(number).ok_or(ImageRefusal::NotFound)?;
        if let Some(users) = self.users_of_tag(number) {
            return Err(ImageRefusal::InUse(users));
        }
        self.images.tags.retain(|row| row.number != number);
        Ok(())
    }

    /// Adds an asset. That a version has at most one of each kind in a vCenter is inferred.
    pub(crate) fn add_asset(&mut self, spec: AssetSpec) -> Changed<u32> {
        let stream = self.stream_referenced(&spec.stream)?;
        let version = self.version_referenced(&spec.version, stream)?;
        let vcenter =
            self.referenced(Kind::VirtualCenter, &spec.vcenter, "vcenter_id", |estate, number| {
                (number as usize) < estate.vcenters().len()
            })? as u16;
        let of = spec.of;
        let same = |row: &ImageAsset| {
            row.version == version
                && row.vcenter == vcenter
                && row.clone_type == of.clone_type
                && row.image_type == of.image_type
        };
        if self.images.assets.iter().any(same) {
            let what = "The version has such an asset in this vCenter already.";
            return Err(ImageRefusal::Taken(what.to_owned()));
        }
        let number = self.images.number();
        let status = Status::new(of.status, self.now);
        self.plan_end(ImageKind::Asset, number, &status);
        self.images.assets.push(ImageAsset {
            number,
            stream,
            version,
            vcenter,
            clone_type: of.clone_type,
            image_type: of.image_type,
            status,
            origin: spec.origin,
            details: own(of.details),
        });
        Ok(number)
    }

    pub(crate) fn put_asset(&mut self, number: u32, spec: AssetUpdate) -> Changed {
        let now = self.now;
        let row = self.images.assets.iter_mut().find(|row| row.number == number);
        let row = row.ok_or(ImageRefusal::NotFound)?;
        row.clone_type = spec.clone_type;
        row.image_type = spec.image_type;
        row.status.become_now(spec.status, now);
        row.details = own(spec.details);
        let status = row.status.clone();
        self.plan_end(ImageKind::Asset, number, &status);
        Ok(())
    }

    pub(crate) fn delete_asset(&mut self, number: u32) -> Changed {
        let asset = self.images.assets.iter().find(|row| row.number == number);
        let asset = asset.ok_or(ImageRefusal::NotFound)?;
        let (version, vcenter) = (asset.version, asset.vcenter);
        if let Some(users) = self.users_of_asset(version, vcenter, &asset.clone_type) {
            return Err(ImageRefusal::InUse(users));
        }
        self.images.assets.retain(|row| row.number != number);
        Ok(())
    }
}
