//! What the changing commands want, understood before anything is asked for; and the draft of the plan made of it.

use std::collections::BTreeMap;

use super::{
    find::{What, find, find_all, in_stream, not_found, split, version_of},
    list::word,
    read_book, read_live,
};
use crate::{
    cli::{
        args::{
            AssetCreateArgs, AssetUpdateArgs, ChangeArgs, DetailArgs, DetailEditArgs, ImageDeleteArgs,
            StreamCreateArgs, StreamUpdateArgs, TagCreateArgs, TagMoveArgs, TagUpdateArgs, VersionCreateArgs,
            VersionUpdateArgs,
        },
        interrupt::Interrupts,
        reach::Reached,
        run::{Stop, Streams},
    },
    core::change::HeldChange,
    core::images::{
        ASSET_STATUSES, CLONE_TYPES, DESCRIPTION_LENGTH, Draft, IMAGE_TYPES, ImageDrafts, ImageNode,
        LiveSessions, OPERATING_SYSTEMS, STREAM_SOURCES, STREAM_STATUSES, Shelf, VERSION_STATUSES,
        stream_name, version_name,
    },
    domain::{
        AssetEdit, AssetSource, ChangeKind, NewAsset, NewStream, NewTag, NewVersion, Stream, StreamEdit,
        StreamQuery, TagEdit, Text, VcenterId, VersionEdit,
    },
    error::Error,
};

/// A change with its arguments, understood.
#[derive(Debug)]
pub(super) struct Order {
    deed: Deed,
    /// How it is set going.
    pub(super) change: ChangeArgs,
}

#[derive(Debug)]
enum Deed {
    CreateStreams(Vec<NewStream>),
    UpdateStream { target: String, edit: StreamEdit },
    CreateVersion { target: String, status: String, description: Option<String>, details: Details },
    UpdateVersion { target: String, edit: VersionEdit },
    CreateTag { target: String, to: String, details: Details },
    UpdateTag { target: String, name: Option<String>, to: Option<String>, details: DetailEdits },
    MoveTag { target: String, to: String },
    CreateAsset { target: String, asset: AssetWish },
    UpdateAsset { target: String, edit: AssetEdit },
    Delete { what: What, targets: Vec<String> },
}

type Details = BTreeMap<String, String>;
type DetailEdits = BTreeMap<String, Option<String>>;

/// A new asset without its version.
#[derive(Debug)]
struct AssetWish {
    vcenter: VcenterId,
    clone_type: String,
    image_type: String,
    status: String,
    source: AssetSource,
    details: Details,
}

impl Order {
    /// Understands `images create`.
    pub(super) fn create_streams(args: StreamCreateArgs) -> Result<Self, Error> {
        let operating_system = word("--operating-system", &args.operating_system, OPERATING_SYSTEMS)?;
        let source = word("--source", &args.source, STREAM_SOURCES)?;
        let status = word("--status", &args.status, STREAM_STATUSES)?;
        let description = description(args.description)?;
        let details = details(args.details)?;
        for (place, name) in args.names.iter().enumerate() {
            stream_name(name).map_err(|message| Error::usage(format!("{name}: {message}")))?;
            if args.names.iter().take(place).any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(Error::usage(format!("{name} is there twice")));
            }
        }
        let stream = |name: String| NewStream {
            name,
            operating_system: operating_system.clone(),
            source: source.clone(),
            status: status.clone(),
            description: description.clone(),
            publisher: args.publisher.clone(),
            additional_details: details.clone(),
        };
        let streams = args.names.into_iter().map(stream).collect();
        Ok(Self { deed: Deed::CreateStreams(streams), change: args.change })
    }

    /// Understands `images update`.
    pub(super) fn update_stream(args: StreamUpdateArgs) -> Result<Self, Error> {
        let edit = StreamEdit {
            name: checked(args.name, stream_name)?,
            description: description(args.description)?,
            operating_system: known("--operating-system", args.operating_system, OPERATING_SYSTEMS)?,
            publisher: args.publisher,
            source: known("--source", args.source, STREAM_SOURCES)?,
            status: known("--status", args.status, STREAM_STATUSES)?,
            additional_details: detail_edits(args.details)?,
        };
        something(&edit)?;
        Ok(Self { deed: Deed::UpdateStream { target: args.target, edit }, change: args.change })
    }

    /// Understands `images versions create`.
    pub(super) fn create_version(args: VersionCreateArgs) -> Result<Self, Error> {
        let (_, name) = split(&args.target)?;
        version_name(name).map_err(|message| Error::usage(format!("{name}: {message}")))?;
        let deed = Deed::CreateVersion {
            status: word("--status", &args.status, VERSION_STATUSES)?,
            description: description(args.description)?,
            details: details(args.details)?,
            target: args.target,
        };
        Ok(Self { deed, change: args.change })
    }

    /// Understands `images versions update`.
    pub(super) fn update_version(args: VersionUpdateArgs) -> Result<Self, Error> {
        let edit = VersionEdit {
            name: checked(args.name, version_name)?,
            description: description(args.description)?,
            status: known("--status", args.status, VERSION_STATUSES)?,
            additional_details: detail_edits(args.details)?,
        };
        something(&edit)?;
        Ok(Self { deed: Deed::UpdateVersion { target: args.target, edit }, change: args.change })
    }

    /// Understands `images tags create`.
    pub(super) fn create_tag(args: TagCreateArgs) -> Result<Self, Error> {
        split(&args.target)?;
        let deed = Deed::CreateTag { target: args.target, to: args.to, details: details(args.details)? };
        Ok(Self { deed, change: args.change })
    }

    /// Understands `images tags update`.
    pub(super) fn update_tag(args: TagUpdateArgs) -> Result<Self, Error> {
        let details = detail_edits(args.details)?;
        if args.name.is_none() && args.to.is_none() && details.is_empty() {
            return Err(nothing());
        }
        if args.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
            return Err(Error::usage("--name: a name is missing"));
        }
        let deed = Deed::UpdateTag { target: args.target, name: args.name, to: args.to, details };
        Ok(Self { deed, change: args.change })
    }

    /// Understands `images tags move`.
    pub(super) fn move_tag(args: TagMoveArgs) -> Self {
        Self { deed: Deed::MoveTag { target: args.target, to: args.to }, change: args.change }
    }

    /// Understands `images assets create`.
    pub(super) fn create_asset(args: AssetCreateArgs) -> Result<Self, Error> {
        let source = match (args.template, args.vm, args.snapshot) {
            (Some(template), ..) => AssetSource::Template(template),
            (None, Some(vm), Some(snapshot)) => AssetSource::Snapshot { vm, snapshot },
            (None, ..) => return Err(Error::usage("--vm with --snapshot is missing, or --template")),
        };
        let asset = AssetWish {
            vcenter: VcenterId::from(args.vcenter),
            clone_type: word("--clone-type", &args.clone_type, CLONE_TYPES)?,
            image_type: word("--image-type", &args.image_type, IMAGE_TYPES)?,
            status: word("--status", &args.status, ASSET_STATUSES)?,
            source,
            details: details(args.details)?,
        };
        Ok(Self { deed: Deed::CreateAsset { target: args.target, asset }, change: args.change })
    }

    /// Understands `images assets update`.
    pub(super) fn update_asset(args: AssetUpdateArgs) -> Result<Self, Error> {
        let edit = AssetEdit {
            clone_type: known("--clone-type", args.clone_type, CLONE_TYPES)?,
            image_type: known("--image-type", args.image_type, IMAGE_TYPES)?,
            status: known("--status", args.status, ASSET_STATUSES)?,
            additional_details: detail_edits(args.details)?,
        };
        something(&edit)?;
        Ok(Self { deed: Deed::UpdateAsset { target: args.target, edit }, change: args.change })
    }

    /// Understands the deletes.
    pub(super) fn delete(what: What, args: ImageDeleteArgs) -> Self {
        Self { deed: Deed::Delete { what, targets: args.targets }, change: args.change }
    }

    /// The kind of change whose privilege it needs.
    pub(super) fn kind(&self) -> ChangeKind {
        match &self.deed {
            Deed::CreateStreams(_) => ChangeKind::CreateStream,
            Deed::UpdateStream { .. } => ChangeKind::UpdateStream,
            Deed::CreateVersion { .. } => ChangeKind::CreateVersion,
            Deed::UpdateVersion { .. } => ChangeKind::UpdateVersion,
            Deed::CreateTag { .. } => ChangeKind::CreateTag,
            Deed::UpdateTag { .. } | Deed::MoveTag { .. } => ChangeKind::UpdateTag,
            Deed::CreateAsset { .. } => ChangeKind::CreateAsset,
            Deed::UpdateAsset { .. } => ChangeKind::UpdateAsset,
            Deed::Delete { what, .. } => match what {
                What::Stream => ChangeKind::DeleteStream,
                What::Version => ChangeKind::DeleteVersion,
                What::Tag => ChangeKind::DeleteTag,
                What::Asset => ChangeKind::DeleteAsset,
            },
        }
    }

    /// What JSON calls it.
    pub(super) fn verb(&self) -> &'static str {
        match &self.deed {
            Deed::MoveTag { .. } => "move-tag",
            _ => self.kind().name(),
        }
    }

    /// Reads what is there and makes the draft of the plan.
    pub(super) async fn draft(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        streams: &mut Streams<'_>,
    ) -> Result<Draft, Stop> {
        let book = read_book(reached, interrupts, &StreamQuery::default(), streams).await?;
        // Only what touches those who use an image needs their sessions counted.
        let touches = !matches!(
            self.deed,
            Deed::CreateStreams(_)
                | Deed::CreateVersion { .. }
                | Deed::CreateTag { .. }
                | Deed::CreateAsset { .. }
        );
        let live =
            if touches { read_live(reached, interrupts, streams).await? } else { LiveSessions::default() };
        Ok(self.drafted(&Shelf::new(&book, &live))?)
    }

    fn drafted(&self, shelf: &Shelf<'_>) -> Result<Draft, Error> {
        let drafts = ImageDrafts::new(shelf);
        match &self.deed {
            Deed::CreateStreams(streams) => Ok(drafts.create_streams(streams.clone())),
            Deed::UpdateStream { target, edit } => {
                let node = find(What::Stream, target, shelf)?;
                let seen = shelf.stream_of(&node).ok_or_else(|| vanished(target))?;
                Ok(drafts.update_stream(seen, edit.clone()))
            }
            Deed::CreateVersion { target, status, description, details } => {
                let (stream, name) = in_stream(target, shelf)?;
                Ok(drafts.create_version(NewVersion {
                    stream: stream.id.clone(),
                    name,
                    status: status.clone(),
                    description: description.clone(),
                    additional_details: details.clone(),
                }))
            }
            Deed::UpdateVersion { target, edit } => {
                let node = find(What::Version, target, shelf)?;
                let seen = shelf.version_of(&node).ok_or_else(|| vanished(target))?;
                Ok(drafts.update_version(seen, edit.clone()))
            }
            Deed::CreateTag { target, to, details } => {
                let (stream, name) = in_stream(target, shelf)?;
                Ok(drafts.create_tag(NewTag {
                    stream: stream.id.clone(),
                    version: version_of(stream, to, shelf)?,
                    name,
                    additional_details: details.clone(),
                }))
            }
            Deed::UpdateTag { target, name, to, details } => {
                drafted_tag(shelf, target, name.clone(), to.as_deref(), details.clone())
            }
            Deed::MoveTag { target, to } => drafted_tag(shelf, target, None, Some(to), DetailEdits::new()),
            Deed::CreateAsset { target, asset } => {
                let node = find(What::Version, target, shelf)?;
                let version = shelf.version_of(&node).ok_or_else(|| vanished(target))?;
                let stream = version.stream.clone();
                Ok(drafts.create_asset(NewAsset {
                    stream: stream
                        .ok_or_else(|| Error::usage(format!("the stream of `{target}` is unknown")))?,
                    version: version.id.clone(),
                    vcenter: asset.vcenter.clone(),
                    clone_type: asset.clone_type.clone(),
                    image_type: asset.image_type.clone(),
                    status: asset.status.clone(),
                    source: asset.source.clone(),
                    additional_details: asset.details.clone(),
                }))
            }
            Deed::UpdateAsset { target, edit } => match find(What::Asset, target, shelf)? {
                ImageNode::Asset(id) => {
                    let seen = shelf.asset(&id).ok_or_else(|| vanished(target))?;
                    Ok(drafts.update_asset(seen, edit.clone()))
                }
                _ => Err(vanished(target)),
            },
            Deed::Delete { what, targets } => {
                let mut nodes = Vec::new();
                let mut absent = Vec::new();
                for target in targets {
                    match find_all(*what, target, shelf)? {
                        Some(node) => nodes.push(node),
                        None => absent.push(HeldChange {
                            principal: None,
                            label: Text::clean(&format!("{} {target}", what.word())),
                            target: None,
                            reason: Text::clean(&not_found(*what, target, shelf)),
                        }),
                    }
                }
                // The rest is done without those.
                let mut draft = drafts.delete(nodes, None);
                draft.held_back.extend(absent);
                Ok(draft)
            }
        }
    }
}

fn drafted_tag(
    shelf: &Shelf<'_>,
    target: &str,
    name: Option<String>,
    to: Option<&str>,
    details: DetailEdits,
) -> Result<Draft, Error> {
    let node = find(What::Tag, target, shelf)?;
    let ImageNode::Tag(id) = &node else {
        return Err(vanished(target));
    };
    let seen = shelf.tag(id).ok_or_else(|| vanished(target))?;
    let stream: Option<&Stream> = shelf.stream_of(&node);
    let version = match (to, stream) {
        (None, _) => None,
        (Some(to), Some(stream)) => Some(version_of(stream, to, shelf)?),
        (Some(_), None) => return Err(Error::usage(format!("the stream of `{target}` is unknown"))),
    };
    let edit = TagEdit { name, version, additional_details: details };
    Ok(ImageDrafts::new(shelf).update_tag(seen, edit))
}

fn vanished(target: &str) -> Error {
    Error::usage(format!("there is no `{target}`"))
}

fn nothing() -> Error {
    Error::usage("nothing is to be changed").hint("name what shall be another, such as --description TEXT")
}

/// An edit that changes something.
fn something<T: Default + PartialEq>(edit: &T) -> Result<(), Error> {
    if *edit == T::default() { Err(nothing()) } else { Ok(()) }
}

fn checked(name: Option<String>, check: fn(&str) -> Result<(), String>) -> Result<Option<String>, Error> {
    match name {
        Some(name) => match check(&name) {
            Ok(()) => Ok(Some(name)),
            Err(message) => Err(Error::usage(format!("--name: {message}"))),
        },
        None => Ok(None),
    }
}

fn known(
    option: &str,
    given: Option<String>,
    words: &'static [&'static str],
) -> Result<Option<String>, Error> {
    given.map(|given| word(option, &given, words)).transpose()
}

fn description(text: Option<String>) -> Result<Option<String>, Error> {
    match text {
        Some(text) if text.chars().count() > DESCRIPTION_LENGTH => {
            Err(Error::usage(format!("--description may have at most {DESCRIPTION_LENGTH} characters")))
        }
        text => Ok(text),
    }
}

fn details(args: DetailArgs) -> Result<Details, Error> {
    let mut details = Details::new();
    for (key, value) in args.details {
        if details.insert(key.clone(), value).is_some() {
            return Err(Error::usage(format!("--detail: the key {key} is there twice")));
        }
    }
    Ok(details)
}

fn detail_edits(args: DetailEditArgs) -> Result<DetailEdits, Error> {
    let set = args.details.into_iter().map(|(key, value)| (key, Some(value)));
    let removed = args.removed.into_iter().map(|key| (key, None));
    let mut edits = DetailEdits::new();
    for (key, value) in set.chain(removed) {
        if edits.insert(key.clone(), value).is_some() {
            return Err(Error::usage(format!("the key {key} is there twice")));
        }
    }
    Ok(edits)
}
