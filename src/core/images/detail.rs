//! Everything about one node of the tree, in words.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    ImageNode, ImagesTab, Shelf, Usage, deleting, name_or_id,
    usage::{counted, sessions_words},
    use_label,
    words::age,
};
use crate::domain::{Asset, ImagePart, ImageUse, Stream, Tag, Text, Version};

/// So many tags that could be moved to a version are named.
const MOST_MOVES: usize = 3;

/// What a node is, and what would follow from changing it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// Fields: what it is called, and its value; `None` is not known.
    pub fields: Vec<(&'static str, Option<Text>)>,
    /// What would follow, and whether that needs attention.
    pub outlook: Vec<(Text, bool)>,
}

impl Detail {
    fn field(&mut self, label: &'static str, value: Option<impl Into<Text>>) {
        self.fields.push((label, value.map(Into::into)));
    }

    fn free_keys(&mut self, details: &BTreeMap<Text, Text>) {
        for (key, value) in details {
            self.field("detail", Some(format!("{key} = {value}")));
        }
    }

    fn expect(&mut self, words: &str, attention: bool) {
        self.outlook.push((Text::clean(words), attention));
    }
}

/// Everything about a node; `None` when it is not in the book.
pub fn detail(shelf: &Shelf<'_>, node: &ImageNode, tab: &ImagesTab, now: Timestamp) -> Option<Detail> {
    let mut told = Detail::default();
    let status = status_words(shelf, node, tab, now);
    match node {
        ImageNode::Stream(id) => stream(shelf, shelf.stream(id)?, status, &mut told),
        ImageNode::Version(id) => version(shelf, shelf.version(id)?, status, &mut told),
        ImageNode::Tag(id) => tag(shelf, shelf.tag(id)?, &mut told),
        ImageNode::Asset(id) => asset(shelf, shelf.asset(id)?, status, &mut told),
        ImageNode::Use(..) => subscriber(shelf, node, shelf.subscriber(node)?, &mut told),
    }
    if node.is_own() {
        let expected = deleting(shelf, std::slice::from_ref(node));
        let lines = expected.lines.into_iter().map(|line| (line, false));
        for (line, attention) in lines.chain(expected.warnings.into_iter().map(|line| (line, true))) {
            told.expect(&format!("delete: {line}"), attention);
        }
    }
    Some(told)
}

/// The status of a node with its age while something runs: `REPLICATING 41m`, `>=3m` where only this console counted.
pub fn status_words(shelf: &Shelf<'_>, node: &ImageNode, tab: &ImagesTab, now: Timestamp) -> Option<String> {
    let status = shelf.status(node)?;
    let age = running_age(shelf, node, tab, now).map_or_else(String::new, |age| format!(" {age}"));
    Some(format!("{status}{age}"))
}

/// How long a node has been running, if it runs.
pub fn running_age(shelf: &Shelf<'_>, node: &ImageNode, tab: &ImagesTab, now: Timestamp) -> Option<String> {
    if !shelf.is_running(node) {
        return None;
    }
    let seconds = |since: Timestamp| now.as_second().saturating_sub(since.as_second()).max(0);
    let told = shelf.status_since(node).map(|since| age(seconds(since)));
    told.or_else(|| tab.running_since(node).map(|since| format!(">={}", age(seconds(since)))))
}

fn stream(shelf: &Shelf<'_>, stream: &Stream, status: Option<String>, told: &mut Detail) {
    let node = ImageNode::Stream(stream.id.clone());
    told.field("status", status);
    told.field("operating system", stream.operating_system.clone());
    told.field("description", stream.description.clone());
    told.field("publisher", stream.publisher.clone());
    told.field("source", stream.source.clone());
    told.field("usable", stream.usable.map(|usable| if usable { "yes" } else { "no" }));
    told.free_keys(&stream.additional_details);
    let below = [
        (ImagePart::Version, shelf.versions_of(&stream.id).len()),
        (ImagePart::Tag, shelf.tags_of_stream(&stream.id).len()),
        (ImagePart::Asset, shelf.assets_of_stream(&stream.id).len()),
    ];
    let below = below.map(|(part, count)| {
        let known = shelf.knows_all(part, Some(&stream.id));
        if known { counted(count, &part.to_string()) } else { format!("? {part}s") }
    });
    told.field("below it", Some(below.join(", ")));
    used_by(shelf, &node, told);
    told.field("id", Some(stream.id.to_string()));
}

fn version(shelf: &Shelf<'_>, version: &Version, status: Option<String>, told: &mut Detail) {
    let node = ImageNode::Version(version.id.clone());
    told.field("status", status);
    told.field("description", version.description.clone());
    told.field("stream", shelf.stream_of(&node).map(|one| name_or_id(one.name.as_ref(), one.id.raw())));
    told.free_keys(&version.additional_details);
    let names = |tags: &[&Tag]| {
        let mut names: Vec<String> =
            tags.iter().map(|tag| name_or_id(tag.name.as_ref(), tag.id.raw()).to_string()).collect();
        if !shelf.knows_all(ImagePart::Tag, version.stream.as_ref()) {
            names.push("?".to_owned());
        }
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    told.field("tags", Some(names(shelf.tags_of(&version.id))));
    used_by(shelf, &node, told);
    told.field("id", Some(version.id.to_string()));
    let Some(stream) = &version.stream else {
        return;
    };
    let target = name_or_id(version.name.as_ref(), version.id.raw());
    let elsewhere = |tag: &&Tag| tag.version.as_ref() != Some(&version.id);
    let movable: Vec<(&Tag, Usage)> = shelf
        .tags_of_stream(stream)
        .into_iter()
        .filter(elsewhere)
        .map(|tag| (tag, shelf.usage(&ImageNode::Tag(tag.id.clone()))))
        .filter(|(_, usage)| usage.is_unused() != Some(true))
        .collect();
    for (tag, usage) in movable.iter().take(MOST_MOVES) {
        let name = name_or_id(tag.name.as_ref(), tag.id.raw());
        told.expect(&format!("moving tag {name} to {target} would touch: {}", usage.words()), false);
    }
}

fn tag(shelf: &Shelf<'_>, tag: &Tag, told: &mut Detail) {
    let node = ImageNode::Tag(tag.id.clone());
    let name = name_or_id(tag.name.as_ref(), tag.id.raw());
    told.field("version", shelf.version_name(tag.version.as_ref()));
    let version = shelf.version_of(&node);
    told.field("its status", version.and_then(|version| version.status.clone()));
    told.field("stream", shelf.stream_of(&node).map(|one| name_or_id(one.name.as_ref(), one.id.raw())));
    told.field("description", tag.description.clone());
    told.free_keys(&tag.additional_details);
    used_by(shelf, &node, told);
    told.field("id", Some(tag.id.to_string()));
    let usage = shelf.usage(&node);
    if usage.is_unused() == Some(true) {
        told.expect(&format!("moving tag {name} touches nothing: no pool or farm uses it"), false);
    } else {
        told.expect(&format!("moving tag {name} would touch: {}", usage.words()), false);
    }
}

fn asset(shelf: &Shelf<'_>, asset: &Asset, status: Option<String>, told: &mut Detail) {
    let node = ImageNode::Asset(asset.id.clone());
    told.field("status", status);
    told.field("vCenter", asset.vcenter.as_ref().map(|id| shelf.vcenter(id)));
    told.field("clone type", asset.clone_type.clone());
    told.field("image type", asset.image_type.clone());
    if let Some(template) = &asset.template {
        told.field("template", Some(template.clone()));
    } else {
        told.field("machine", asset.base_vm.clone());
        told.field("snapshot", asset.base_snapshot.clone());
    }
    told.field("version", shelf.version_name(asset.version.as_ref()));
    told.field("stream", shelf.stream_of(&node).map(|one| name_or_id(one.name.as_ref(), one.id.raw())));
    told.free_keys(&asset.additional_details);
    told.field("id", Some(asset.id.to_string()));
}

fn subscriber(shelf: &Shelf<'_>, node: &ImageNode, one: &ImageUse, told: &mut Detail) {
    told.field("name", one.name.clone());
    told.field("image", Some(push_words(one)));
    let live = shelf.live().of_use(one);
    let sessions = live.map(|live| sessions_words(Some(live.sessions), Some(live.connected)));
    told.field("sessions", sessions);
    let tag = one.tag.as_ref().and_then(|tag| shelf.tag(tag));
    told.field("tag", tag.map(|tag| name_or_id(tag.name.as_ref(), tag.id.raw())));
    told.field("version", tag.and_then(|tag| shelf.version_name(tag.version.as_ref())));
    told.field("stream", shelf.stream_of(node).map(|one| name_or_id(one.name.as_ref(), one.id.raw())));
    told.field("id", Some(Text::clean(&one.id)));
}

/// Whether a pool or farm has the image of its tag: `current`, `pending, READY_HELD`, or `?`.
pub fn push_words(one: &ImageUse) -> String {
    match (one.pending, &one.push) {
        (Some(false), _) => "current".to_owned(),
        (Some(true), Some(push)) => format!("pending, {push}"),
        (Some(true), None) => "pending".to_owned(),
        (None, Some(push)) => push.to_string(),
        (None, None) => "?".to_owned(),
    }
}

/// Who uses a node: in numbers, then each.
fn used_by(shelf: &Shelf<'_>, node: &ImageNode, told: &mut Detail) {
    let known = shelf.uses_of_node(node);
    let unclear = shelf.unclear(node);
    if let Some(why) = &unclear {
        told.field("used by", Some(format!("cannot be told ({why})")));
    }
    if unclear.is_none() || !known.is_empty() {
        let label = if unclear.is_none() { "used by" } else { "known" };
        told.field(label, Some(shelf.usage(node).words()));
    }
    for one in known {
        let live = shelf.live().of_use(one);
        let sessions = sessions_words(live.map(|live| live.sessions), live.map(|live| live.connected));
        let push = if one.pending == Some(false) { String::new() } else { format!(", {}", push_words(one)) };
        told.field("", Some(format!("{} {}: {sessions}{push}", one.kind, use_label(one))));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{book, live};
    use super::*;

    fn lines(node: &ImageNode) -> Vec<String> {
        let (book, live) = (book(), live());
        let shelf = Shelf::new(&book, &live);
        let told = detail(&shelf, node, &ImagesTab::default(), Timestamp::UNIX_EPOCH).unwrap();
        let fields = told
            .fields
            .iter()
            .map(|(label, value)| format!("{label}: {}", value.as_ref().map_or("?", Text::as_str)));
        let outlook = told
            .outlook
            .iter()
            .map(|(line, attention)| format!("{}{line}", if *attention { "! " } else { "" }));
        fields.chain(outlook).collect()
    }

    #[test]
    fn a_version_tells_which_tags_could_move_to_it() {
        let told = lines(&ImageNode::Version("v4".into()));
        assert!(told.contains(&"tags: canary".to_owned()), "{told:?}");
        assert!(told.contains(&": pool it-w11: no sessions, pending, READY_HELD".to_owned()), "{told:?}");
        assert!(
            told.contains(
                &"moving tag prod to v24.4 would touch: 2 pools, 4 sessions (3 connected)".to_owned()
            ),
            "{told:?}"
        );
    }

    #[test]
    fn every_kind_of_node_has_a_detail_and_its_id_is_the_last_field() {
        for (node, id) in [
            (ImageNode::Stream("s1".into()), "id: s1"),
            (ImageNode::Tag("t1".into()), "id: t1"),
            (ImageNode::Asset("x3".into()), "id: x3"),
            (
                ImageNode::Use("t1".into(), crate::domain::SubscriberKind::Pool, "pool-1".to_owned()),
                "id: pool-1",
            ),
        ] {
            assert!(lines(&node).contains(&id.to_owned()), "{node:?}");
        }
    }

    #[test]
    fn the_age_of_what_runs_is_told_by_the_server_or_counted_here() {
        let (mut book, live) = (book(), live());
        let now = Timestamp::from_second(10_000).unwrap();
        let node = ImageNode::Version("v4".into());
        let mut tab = ImagesTab::default();
        let words = |book: &crate::domain::ImageBook, tab: &ImagesTab| {
            status_words(&Shelf::new(book, &live), &node, tab, now).unwrap()
        };
        assert_eq!(words(&book, &tab), "REPLICATING");
        tab.running.push(super::super::RunningNode {
            node: node.clone(),
            status: "REPLICATING".into(),
            since: Timestamp::from_second(9_800).unwrap(),
        });
        assert_eq!(words(&book, &tab), "REPLICATING >=3m");
        book.versions[1].additional_details = [("last_status_change".into(), "7540000".into())].into();
        assert_eq!(words(&book, &tab), "REPLICATING 41m");
    }
}
