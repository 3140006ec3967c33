//! Changes to images with everything that the sheet of their plan tells: what exactly changes, what follows, what is
//! to be expected of the server. The console and the command line make their plans here.

mod delete;
mod difference;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use self::delete::delete_order;
pub(super) use self::difference::details_edit;
use self::difference::{Changed, given, push_details, push_option};
use super::{Consequences, ImageNode, Shelf, consequences};
use crate::{
    core::{
        change::{ChangeItem, ChangePlan, HeldChange},
        shell::quoted,
    },
    domain::{
        Asset, AssetEdit, AssetSource, Change, NewAsset, NewStream, NewTag, NewVersion, PlanId, Stream,
        StreamEdit, Tag, TagEdit, Text, Version, VersionEdit,
    },
};

/// A plan without its id and time.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What it does, in capitals.
    pub title: Text,
    /// What will be sent.
    pub items: Vec<ChangeItem>,
    /// What will not, and why.
    pub held_back: Vec<HeldChange>,
    /// What follows.
    pub consequences: Vec<Text>,
    /// What must not be overlooked.
    pub warnings: Vec<Text>,
    /// How many of all of them were not to be seen when they were chosen: folded away or filtered out.
    pub hidden: usize,
    /// Whether somebody is connected to what it touches, or may be.
    pub touches_connected: bool,
    /// The equivalent command line, without what confirms it.
    pub command: Option<Text>,
}

impl Draft {
    fn new(title: &str, items: Vec<ChangeItem>, told: Consequences, command: Option<String>) -> Self {
        Self {
            title: Text::clean(title),
            items,
            held_back: Vec::new(),
            consequences: told.lines,
            warnings: told.warnings,
            hidden: 0,
            touches_connected: false,
            command: command.map(|command| Text::clean(&command)),
        }
    }

    /// A draft of one update. When nothing would be another, it is held back before anything is sent.
    fn update(title: &str, label: String, changed: Changed, change: Change) -> Self {
        if !changed.lines.is_empty() {
            return Self::new(title, vec![item(label, changed.lines, change)], Consequences::default(), None);
        }
        let mut draft = Self::new(title, Vec::new(), Consequences::default(), None);
        draft.held_back.push(HeldChange {
            label: Text::clean(&label),
            target: change.target_id(),
            principal: None,
            reason: Text::clean("nothing would change: it is like that already"),
        });
        draft
    }

    /// The same with what follows, and the command that does it.
    fn telling(mut self, told: Consequences, command: &str) -> Self {
        if !self.items.is_empty() {
            self.consequences = told.lines;
            self.warnings = told.warnings;
            self.command = Some(Text::clean(command));
        }
        self
    }

    /// The same; somebody may be connected to what it touches.
    fn touching(self, touches: bool) -> Self {
        Self { touches_connected: touches && !self.items.is_empty(), ..self }
    }

    /// The plan.
    pub fn plan(self, id: PlanId, made_at: Timestamp) -> ChangePlan {
        let count = self.items.len();
        let command = self.command.map(|command| Text::clean(&format!("{command} --yes {count}")));
        ChangePlan {
            hidden: self.hidden,
            touches_connected: self.touches_connected,
            items: self.items,
            held_back: self.held_back,
            consequences: self.consequences,
            warnings: self.warnings,
            command,
            ..ChangePlan::new(id, self.title, made_at)
        }
    }

    /// Everything it tells in lines, as the preview of a form shows it.
    pub fn lines(&self) -> Vec<Text> {
        let mut lines = Vec::new();
        for item in &self.items {
            lines.push(item.label.clone());
            lines.extend(item.details.iter().map(|detail| Text::clean(&format!("  {detail}"))));
        }
        lines.extend(
            self.held_back.iter().map(|held| Text::clean(&format!("{}: {}", held.label, held.reason))),
        );
        lines.extend(self.consequences.iter().cloned());
        lines.extend(self.warnings.iter().map(|warning| Text::clean(&format!("! {warning}"))));
        lines
    }
}

/// Makes drafts from what is known of the images.
#[derive(Debug, Clone, Copy)]
pub struct ImageDrafts<'a> {
    shelf: &'a Shelf<'a>,
}

impl<'a> ImageDrafts<'a> {
    /// From these images.
    pub fn new(shelf: &'a Shelf<'a>) -> Self {
        Self { shelf }
    }

    /// Creates streams.
    pub fn create_streams(&self, streams: Vec<NewStream>) -> Draft {
        let mut told = Consequences::default();
        for stream in &streams {
            if self.shelf.book.streams.iter().any(|known| is_called(known.name.as_ref(), &stream.name)) {
                let text =
                    format!("a stream {} is there already: the server would refuse another", stream.name);
                told.warnings.push(Text::clean(&text));
            }
        }
        if streams.iter().any(|stream| stream.status != "AVAILABLE") {
            told.lines
                .push(Text::clean("a stream can be used once it is AVAILABLE and a tag points at a version"));
        }
        let command = streams.first().map(|first| {
            let names: Vec<String> = streams.iter().map(|stream| quoted(&stream.name)).collect();
            let mut command = format!(
                "foretop images create {} --operating-system {} --source {} --status {}",
                names.join(" "),
                quoted(&first.operating_system),
                quoted(&first.source),
                quoted(&first.status)
            );
            push_option(&mut command, "description", first.description.as_deref());
            push_option(&mut command, "publisher", first.publisher.as_deref());
            push_details(&mut command, &first.additional_details);
            command
        });
        let title = if streams.len() == 1 { "CREATE STREAM" } else { "CREATE STREAMS" };
        let items = streams
            .into_iter()
            .map(|stream| {
                let details = [
                    ("operating system", Some(stream.operating_system.clone())),
                    ("source", Some(stream.source.clone())),
                    ("status", Some(stream.status.clone())),
                    ("description", stream.description.clone()),
                    ("publisher", stream.publisher.clone()),
                ];
                let details = given(details, &stream.additional_details);
                item(format!("stream {}", stream.name), details, Change::CreateStream(stream))
            })
            .collect();
        Draft::new(title, items, told, command)
    }

    /// Creates a version.
    pub fn create_version(&self, version: NewVersion) -> Draft {
        let node = ImageNode::Stream(version.stream.clone());
        let stream = self.shelf.path(&node);
        let mut told = Consequences::default();
        let taken = self
            .shelf
            .versions_of(&version.stream)
            .iter()
            .any(|known| is_called(known.name.as_ref(), &version.name));
        if taken {
            let text =
                format!("{stream} has a version {} already: the server may refuse another", version.name);
            told.warnings.push(Text::clean(&text));
        }
        let mut command = format!(
            "foretop images versions create {} --status {}",
            quoted(&format!("{stream}/{}", version.name)),
            quoted(&version.status)
        );
        push_option(&mut command, "description", version.description.as_deref());
        push_details(&mut command, &version.additional_details);
        let details =
            [("status", Some(version.status.clone())), ("description", version.description.clone())];
        let details = given(details, &version.additional_details);
        let items =
            vec![item(format!("version {stream}/{}", version.name), details, Change::CreateVersion(version))];
        Draft::new("CREATE VERSION", items, told, Some(command))
    }

    /// Creates a tag.
    pub fn create_tag(&self, tag: NewTag) -> Draft {
        let stream = self.shelf.path(&ImageNode::Stream(tag.stream.clone()));
        let version = self.shelf.version_name(Some(&tag.version)).unwrap_or_default();
        let mut told = Consequences::default();
        told.lines.push(Text::clean("no pool or farm gets a new image: none subscribes to it yet"));
        let taken = self
            .shelf
            .tags_of_stream(&tag.stream)
            .iter()
            .any(|known| is_called(known.name.as_ref(), &tag.name));
        if taken {
            let text = format!("{stream} has a tag {} already: the server would refuse another", tag.name);
            told.warnings.push(Text::clean(&text));
        }
        let mut command = format!(
            "foretop images tags create {} --to {}",
            quoted(&format!("{stream}/{}", tag.name)),
            quoted(version.as_str())
        );
        push_details(&mut command, &tag.additional_details);
        let details = given([("version", Some(version.to_string()))], &tag.additional_details);
        let items = vec![item(format!("tag {stream}/{}", tag.name), details, Change::CreateTag(tag))];
        Draft::new("CREATE TAG", items, told, Some(command))
    }

    /// Creates an asset.
    pub fn create_asset(&self, asset: NewAsset) -> Draft {
        let version = self.shelf.path(&ImageNode::Version(asset.version.clone()));
        let vcenter = self.shelf.vcenter(&asset.vcenter);
        let mut command = format!(
            "foretop images assets create {} --vcenter {} --clone-type {} --image-type {} --status {}",
            quoted(version.as_str()),
            quoted(asset.vcenter.raw()),
            quoted(&asset.clone_type),
            quoted(&asset.image_type),
            quoted(&asset.status)
        );
        let made_from = match &asset.source {
            AssetSource::Template(template) => {
                push_option(&mut command, "template", Some(template));
                format!("template {template}")
            }
            AssetSource::Snapshot { vm, snapshot } => {
                push_option(&mut command, "vm", Some(vm));
                push_option(&mut command, "snapshot", Some(snapshot));
                format!("machine {vm}, snapshot {snapshot}")
            }
        };
        push_details(&mut command, &asset.additional_details);
        let details = [
            ("vCenter", Some(vcenter.to_string())),
            ("clone type", Some(asset.clone_type.clone())),
            ("image type", Some(asset.image_type.clone())),
            ("status", Some(asset.status.clone())),
            ("made from", Some(made_from)),
        ];
        let details = given(details, &asset.additional_details);
        let items =
            vec![item(format!("asset of {version} in {vcenter}"), details, Change::CreateAsset(asset))];
        Draft::new("CREATE ASSET", items, Consequences::default(), Some(command))
    }

    /// Changes a stream.
    pub fn update_stream(&self, seen: &Stream, edit: StreamEdit) -> Draft {
        let node = ImageNode::Stream(seen.id.clone());
        let path = self.shelf.path(&node);
        let mut changed = Changed::default();
        changed.field("name", "name", seen.name.as_ref(), edit.name.as_deref());
        changed.field(
            "operating system",
            "operating-system",
            seen.operating_system.as_ref(),
            edit.operating_system.as_deref(),
        );
        changed.field("source", "source", seen.source.as_ref(), edit.source.as_deref());
        changed.field("status", "status", seen.status.as_ref(), edit.status.as_deref());
        changed.field("description", "description", seen.description.as_ref(), edit.description.as_deref());
        changed.field("publisher", "publisher", seen.publisher.as_ref(), edit.publisher.as_deref());
        changed.details(&seen.additional_details, &edit.additional_details);
        let mut told = Consequences::default();
        self.warn_of_status(&node, edit.status.as_deref(), &mut told);
        if let Some(name) = edit.name.as_deref()
            && self.shelf.book.streams.iter().any(|known| is_called(known.name.as_ref(), name))
        {
            told.warnings.push(Text::clean(&format!(
                "a stream {name} is there already: the server may refuse the name"
            )));
        }
        let command = changed.command("images update", path.as_str());
        let touches = edit.status.is_some() && self.may_touch(&node);
        let change = Change::UpdateStream { seen: Box::new(seen.clone()), edit };
        let label = format!("stream {path}");
        Draft::update("UPDATE STREAM", label, changed, change).telling(told, &command).touching(touches)
    }

    /// Changes a version.
    pub fn update_version(&self, seen: &Version, edit: VersionEdit) -> Draft {
        let node = ImageNode::Version(seen.id.clone());
        let path = self.shelf.path(&node);
        let mut changed = Changed::default();
        changed.field("name", "name", seen.name.as_ref(), edit.name.as_deref());
        changed.field("status", "status", seen.status.as_ref(), edit.status.as_deref());
        changed.field("description", "description", seen.description.as_ref(), edit.description.as_deref());
        changed.details(&seen.additional_details, &edit.additional_details);
        let mut told = Consequences::default();
        self.warn_of_status(&node, edit.status.as_deref(), &mut told);
        let command = changed.command("images versions update", path.as_str());
        let touches = edit.status.is_some() && self.may_touch(&node);
        let change = Change::UpdateVersion { seen: Box::new(seen.clone()), edit };
        let label = format!("version {path}");
        Draft::update("UPDATE VERSION", label, changed, change).telling(told, &command).touching(touches)
    }

    /// Changes a tag; pointing it at another version has consequences.
    pub fn update_tag(&self, seen: &Tag, edit: TagEdit) -> Draft {
        let node = ImageNode::Tag(seen.id.clone());
        let path = self.shelf.path(&node);
        let mut changed = Changed::default();
        changed.field("name", "name", seen.name.as_ref(), edit.name.as_deref());
        let mut touches = false;
        let mut told = Consequences::default();
        let mut only_moves = None;
        let moves = edit.version.as_ref().filter(|version| seen.version.as_ref() != Some(*version));
        if let Some(version) = moves {
            touches = self.may_touch(&node);
            let before = self.shelf.version_name(seen.version.as_ref());
            let after = self.shelf.version_name(Some(version));
            changed.field("version", "to", before.as_ref(), after.as_ref().map(Text::as_str));
            told = consequences::moving(self.shelf, seen, version);
            if edit.name.is_none() && edit.additional_details.is_empty() {
                only_moves = after;
            }
        }
        changed.details(&seen.additional_details, &edit.additional_details);
        let (title, command) = match only_moves {
            Some(version) => (
                "MOVE TAG",
                format!(
                    "foretop images tags move {} --to {}",
                    quoted(path.as_str()),
                    quoted(version.as_str())
                ),
            ),
            None => ("UPDATE TAG", changed.command("images tags update", path.as_str())),
        };
        let only_to = edit.name.is_none() && edit.additional_details.is_empty() && edit.version.is_some();
        let title = if only_to { "MOVE TAG" } else { title };
        let change = Change::UpdateTag { seen: Box::new(seen.clone()), edit };
        let label = format!("tag {path}");
        Draft::update(title, label, changed, change).telling(told, &command).touching(touches)
    }

    /// Changes an asset.
    pub fn update_asset(&self, seen: &Asset, edit: AssetEdit) -> Draft {
        let node = ImageNode::Asset(seen.id.clone());
        let mut changed = Changed::default();
        changed.field("clone type", "clone-type", seen.clone_type.as_ref(), edit.clone_type.as_deref());
        changed.field("image type", "image-type", seen.image_type.as_ref(), edit.image_type.as_deref());
        changed.field("status", "status", seen.status.as_ref(), edit.status.as_deref());
        changed.details(&seen.additional_details, &edit.additional_details);
        let mut told = Consequences::default();
        self.warn_of_status(&node, edit.status.as_deref(), &mut told);
        let command = changed.command("images assets update", seen.id.raw());
        let label = format!("asset {}", self.shelf.path(&node));
        let change = Change::UpdateAsset { seen: Box::new(seen.clone()), edit };
        let touches = self.may_touch(&node);
        Draft::update("UPDATE ASSET", label, changed, change).telling(told, &command).touching(touches)
    }

    /// Whether somebody is connected to what is made from a node, or may be, for all that is known.
    fn may_touch(self, node: &ImageNode) -> bool {
        let usage = self.shelf.usage(node);
        usage.is_unused() != Some(true) && usage.connected != Some(0)
    }

    /// Tells what a new status means for those who use the node.
    fn warn_of_status(self, node: &ImageNode, status: Option<&str>, told: &mut Consequences) {
        let Some(status) = status.filter(|status| *status != "AVAILABLE") else {
            return;
        };
        let usage = self.shelf.usage(node);
        if usage.is_unused() != Some(true) {
            let text = format!("{} becomes {status}; used by: {}", self.shelf.path(node), usage.words());
            told.warnings.push(Text::clean(&text));
        }
    }
}

fn is_called(known: Option<&Text>, name: &str) -> bool {
    known.is_some_and(|known| known.as_str().eq_ignore_ascii_case(name))
}

fn item(label: String, details: Vec<Text>, change: Change) -> ChangeItem {
    ChangeItem::new(change, label).with_details(details)
}
