//! Changes to images with everything that the sheet of their plan tells: what exactly changes, what follows, what is
//! to be expected of the server. The console and the command line make their plans here.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Consequences, ImageNode, Shelf, consequences, shell_quoted, words::can_be_typed};
use crate::{
    core::change::{ChangeItem, ChangePlan, HeldChange},
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
    /// The equivalent command line.
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
            command: command.map(|command| Text::clean(&command)),
        }
    }

    /// The plan.
    pub fn plan(self, id: PlanId, made_at: Timestamp) -> ChangePlan {
        ChangePlan {
            items: self.items,
            held_back: self.held_back,
            consequences: self.consequences,
            warnings: self.warnings,
            command: self.command,
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

/// The order in which nodes are deleted: what is below before what is above. The same node is deleted once; what cannot
/// be deleted is left out.
pub fn delete_order(nodes: impl IntoIterator<Item = ImageNode>) -> Vec<ImageNode> {
    let rank = |node: &ImageNode| match node {
        ImageNode::Tag(_) => 0,
        ImageNode::Asset(_) => 1,
        ImageNode::Version(_) => 2,
        ImageNode::Stream(_) => 3,
        ImageNode::Use(..) => 4,
    };
    let mut ordered: Vec<ImageNode> = Vec::new();
    for node in nodes {
        if node.is_own() && !ordered.contains(&node) {
            ordered.push(node);
        }
    }
    ordered.sort_by_key(rank);
    ordered
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
            let names: Vec<String> = streams.iter().map(|stream| shell_quoted(&stream.name)).collect();
            let mut command = format!(
                "foretop images create {} --operating-system {} --source {} --status {}",
                names.join(" "),
                shell_quoted(&first.operating_system),
                shell_quoted(&first.source),
                shell_quoted(&first.status)
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
            shell_quoted(&format!("{stream}/{}", version.name)),
            shell_quoted(&version.status)
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
            shell_quoted(&format!("{stream}/{}", tag.name)),
            shell_quoted(version.as_str())
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
            shell_quoted(version.as_str()),
            shell_quoted(asset.vcenter.raw()),
            shell_quoted(&asset.clone_type),
            shell_quoted(&asset.image_type),
            shell_quoted(&asset.status)
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
        let change = Change::UpdateStream { seen: Box::new(seen.clone()), edit };
        let items = vec![item(format!("stream {path}"), changed.lines, change)];
        Draft::new("UPDATE STREAM", items, told, Some(command))
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
        let change = Change::UpdateVersion { seen: Box::new(seen.clone()), edit };
        let items = vec![item(format!("version {path}"), changed.lines, change)];
        Draft::new("UPDATE VERSION", items, told, Some(command))
    }

    /// Changes a tag; pointing it at another version has consequences.
    pub fn update_tag(&self, seen: &Tag, edit: TagEdit) -> Draft {
        let path = self.shelf.path(&ImageNode::Tag(seen.id.clone()));
        let mut changed = Changed::default();
        changed.field("name", "name", seen.name.as_ref(), edit.name.as_deref());
        let mut told = Consequences::default();
        let mut only_moves = None;
        if let Some(version) = &edit.version {
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
                    shell_quoted(path.as_str()),
                    shell_quoted(version.as_str())
                ),
            ),
            None => ("UPDATE TAG", changed.command("images tags update", path.as_str())),
        };
        let change = Change::UpdateTag { seen: Box::new(seen.clone()), edit };
        Draft::new(title, vec![item(format!("tag {path}"), changed.lines, change)], told, Some(command))
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
        Draft::new("UPDATE ASSET", vec![item(label, changed.lines, change)], told, Some(command))
    }

    /// Deletes nodes, what is below before what is above. Those that are not there any more are held back.
    pub fn delete(&self, nodes: impl IntoIterator<Item = ImageNode>) -> Draft {
        let (there, gone): (Vec<_>, Vec<_>) =
            delete_order(nodes).into_iter().partition(|node| self.shelf.has(node));
        let told = consequences::deleting(self.shelf, &there);
        let kinds: Vec<&str> = there.iter().map(ImageNode::kind).collect();
        let title = match kinds.first() {
            Some(kind) if kinds.len() == 1 => format!("DELETE {}", kind.to_uppercase()),
            Some(kind) if kinds.iter().all(|other| other == kind) => {
                format!("DELETE {}S", kind.to_uppercase())
            }
            _ => "DELETE IMAGES".to_owned(),
        };
        let command = self.delete_command(&there);
        let items = there
            .iter()
            .filter_map(|node| {
                let label = format!("{} {}", node.kind(), self.shelf.path(node));
                Some(item(label, Vec::new(), delete_change(node)?))
            })
            .collect();
        let mut draft = Draft::new(&title, items, told, command);
        draft.held_back = gone
            .iter()
            .map(|node| HeldChange {
                label: Text::clean(&node.to_string()),
                target: delete_change(node).and_then(|change| change.target_id()),
                reason: Text::clean("not in the list any more"),
            })
            .collect();
        draft
    }

    /// The command that deletes these, where one command can.
    fn delete_command(self, nodes: &[ImageNode]) -> Option<String> {
        let kind = nodes.first()?.kind();
        if nodes.iter().any(|node| node.kind() != kind) {
            return None;
        }
        let below = match kind {
            "version" => "versions ",
            "tag" => "tags ",
            "asset" => "assets ",
            _ => "",
        };
        let targets: Vec<String> = nodes
            .iter()
            .map(|node| match node {
                ImageNode::Asset(id) => shell_quoted(id.raw()),
                _ => shell_quoted(self.shelf.path(node).as_str()),
            })
            .collect();
        Some(format!("foretop images {below}delete {}", targets.join(" ")))
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

/// The change that deletes a node.
fn delete_change(node: &ImageNode) -> Option<Change> {
    Some(match node {
        ImageNode::Stream(id) => Change::DeleteStream(id.clone()),
        ImageNode::Version(id) => Change::DeleteVersion(id.clone()),
        ImageNode::Tag(id) => Change::DeleteTag(id.clone()),
        ImageNode::Asset(id) => Change::DeleteAsset(id.clone()),
        ImageNode::Use(..) => return None,
    })
}

/// What is given for something new, line by line.
fn given<const N: usize>(
    fields: [(&str, Option<String>); N],
    details: &BTreeMap<String, String>,
) -> Vec<Text> {
    let fields = fields.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?)));
    let details = details.iter().map(|(key, value)| format!("{key} = {value}"));
    fields.chain(details).map(|line| Text::clean(&line)).collect()
}

fn push_option(command: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        command.extend([" --", name, " ", &shell_quoted(value)]);
    }
}

fn push_details(command: &mut String, details: &BTreeMap<String, String>) {
    for (key, value) in details {
        push_option(command, "detail", Some(&format!("{key}={value}")));
    }
}

/// What an update changes: in words, and as options of a command.
#[derive(Default)]
struct Changed {
    lines: Vec<Text>,
    options: String,
}

impl Changed {
    fn field(&mut self, name: &str, option: &str, before: Option<&Text>, after: Option<&str>) {
        let Some(after) = after else {
            return;
        };
        let shown = |text: Option<&str>| match text {
            None => "?".to_owned(),
            Some("") => "(empty)".to_owned(),
            Some(text) => text.to_owned(),
        };
        let line = format!("{name}: {} -> {}", shown(before.map(Text::as_str)), shown(Some(after)));
        self.lines.push(Text::clean(&line));
        push_option(&mut self.options, option, Some(after));
    }

    fn details(&mut self, before: &BTreeMap<Text, Text>, after: &BTreeMap<String, Option<String>>) {
        for (key, value) in after {
            let old = before.iter().find(|(known, _)| known.as_str() == key).map(|(_, value)| value.as_str());
            let line = match (old, value) {
                (None, Some(value)) => format!("{key} = {value} (new)"),
                (Some(old), Some(value)) => format!("{key}: {old} -> {value}"),
                (_, None) => format!("{key}: {} -> (removed)", old.unwrap_or("?")),
            };
            self.lines.push(Text::clean(&line));
            match value {
                Some(value) => push_option(&mut self.options, "detail", Some(&format!("{key}={value}"))),
                None => push_option(&mut self.options, "remove-detail", Some(key)),
            }
        }
    }

    fn command(&self, words: &str, target: &str) -> String {
        format!("foretop {words} {}{}", shell_quoted(target), self.options)
    }
}

/// The free keys that change: those given now against those that were there. Keys that cannot be typed stay.
pub(super) fn details_edit(
    before: &BTreeMap<Text, Text>,
    after: &BTreeMap<String, String>,
) -> BTreeMap<String, Option<String>> {
    let mut edit = BTreeMap::new();
    for (key, value) in after {
        let old = before.iter().find(|(known, _)| known.as_str() == key).map(|(_, old)| old.as_str().trim());
        if old != Some(value.as_str()) {
            edit.insert(key.clone(), Some(value.clone()));
        }
    }
    for key in before.keys().filter(|key| can_be_typed(key.as_str())) {
        if !after.contains_key(key.as_str()) {
            edit.insert(key.as_str().to_owned(), None);
        }
    }
    edit
}

#[cfg(test)]
mod tests {
    use super::super::testing::{book, live};
    use super::*;

    #[test]
    fn an_update_shows_the_difference_and_its_command() {
        let (mut book, live) = (book(), live());
        book.streams[0].additional_details =
            [("owner".into(), "it".into()), ("old".into(), "x".into())].into();
        let shelf = Shelf::new(&book, &live);
        let edit = StreamEdit {
            description: Some("September".to_owned()),
            status: Some("DISABLED".to_owned()),
            additional_details: [("owner".to_owned(), Some("desk".to_owned())), ("old".to_owned(), None)]
                .into(),
            ..StreamEdit::default()
        };
        let draft = ImageDrafts::new(&shelf).update_stream(&book.streams[0], edit);
        let details: Vec<&str> = draft.items[0].details.iter().map(Text::as_str).collect();
        assert_eq!(
            details,
            [
                "status: AVAILABLE -> DISABLED",
                "description: ? -> September",
                "old: x -> (removed)",
                "owner: it -> desk"
            ]
        );
        assert_eq!(
            draft.command.unwrap(),
            "foretop images update win11-office --status DISABLED --description September --remove-detail old \
             --detail owner=desk"
        );
        assert!(draft.warnings[0].as_str().contains("used by: 3 pools, 4 sessions"), "{:?}", draft.warnings);
    }

    #[test]
    fn deletes_go_from_below_and_what_is_gone_is_held_back() {
        let (book, live) = (book(), live());
        let shelf = Shelf::new(&book, &live);
        let nodes = [
            ImageNode::Stream("s1".into()),
            ImageNode::Version("v1".into()),
            ImageNode::Tag("t2".into()),
            ImageNode::Tag("t2".into()),
            ImageNode::Tag("gone".into()),
        ];
        let draft = ImageDrafts::new(&shelf).delete(nodes);
        let labels: Vec<&str> = draft.items.iter().map(|item| item.label.as_str()).collect();
        assert_eq!(
            labels,
            ["tag win11-office/rollback", "version win11-office/v24.1", "stream win11-office"]
        );
        assert_eq!(draft.held_back.len(), 1);
        assert_eq!(draft.command, None, "no one command does all that");
        let draft = ImageDrafts::new(&shelf).delete([ImageNode::Tag("t2".into())]);
        assert_eq!(draft.title, "DELETE TAG");
        assert_eq!(draft.command.unwrap(), "foretop images tags delete win11-office/rollback");
    }

    #[test]
    fn a_taken_name_is_said_before_sending_and_sent_all_the_same() {
        let (book, live) = (book(), live());
        let shelf = Shelf::new(&book, &live);
        let stream = |name: &str| NewStream {
            name: name.to_owned(),
            operating_system: "WINDOWS_11".to_owned(),
            source: "UPLOADED".to_owned(),
            status: "AVAILABLE".to_owned(),
            description: None,
            publisher: None,
            additional_details: BTreeMap::new(),
        };
        let draft = ImageDrafts::new(&shelf).create_streams(vec![stream("new-one"), stream("WIN11-DEV")]);
        assert_eq!((draft.items.len(), draft.warnings.len()), (2, 1));
        assert_eq!(draft.title, "CREATE STREAMS");
    }

    #[test]
    fn keys_are_set_removed_and_left_alone() {
        let before: BTreeMap<Text, Text> =
            [("a".into(), "1".into()), ("b".into(), "2".into()), ("c=d".into(), "3".into())].into();
        let after = [("a".to_owned(), "1".to_owned()), ("e".to_owned(), "5".to_owned())].into();
        let edit = details_edit(&before, &after);
        assert_eq!(edit, [("b".to_owned(), None), ("e".to_owned(), Some("5".to_owned()))].into());
    }
}
