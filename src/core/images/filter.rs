//! What a filter sees in a node of the tree.
//!
//! Names of streams and versions, operating system, publisher and source are those of what a node belongs to as well;
//! kind, clone type and vCenter of a stream or version are those of the assets below it, as the server's own query has
//! it (`method-map.md` I4). Everything else is the node's own.

use super::{ImageNode, Shelf, is_trouble, name_or_id, os_label, use_label};
use crate::{
    core::filter::{ImageFacts, ImageField, Truth},
    domain::{Asset, ImagePart, ImageUse, SubscriberKind, Text},
};

/// What there is to know of a node.
pub fn facts(shelf: &Shelf<'_>, node: &ImageNode) -> ImageFacts {
    let mut facts = ImageFacts::default();
    inherited(shelf, node, &mut facts);
    own_texts(shelf, node, &mut facts);
    let status = shelf.status(node);
    add(&mut facts, ImageField::Status, status, !matches!(node, ImageNode::Tag(_) | ImageNode::Use(..)));
    let word = status.map(Text::as_str);
    facts.is("RUNNING", Truth::from(shelf.is_running(node)));
    facts.is("TROUBLE", Truth::from(word.is_some_and(is_trouble)));
    let unused = match node {
        ImageNode::Asset(_) | ImageNode::Use(..) => Some(Truth::No),
        _ => shelf.usage(node).is_unused().map(Truth::from),
    };
    let used = match node {
        ImageNode::Asset(_) => Truth::No,
        _ => unused.map_or(Truth::Unknown, |unused| !unused),
    };
    facts.is("UNUSED", unused.unwrap_or(Truth::Unknown));
    facts.is("USED", used);
    if unused == Some(Truth::Yes) {
        facts.add_words("unused");
    }
    for asset in assets_at(shelf, node) {
        add_asset(shelf, asset, &mut facts);
    }
    let stream = shelf.stream_of(node).map(|stream| &stream.id);
    let has_assets = matches!(node, ImageNode::Stream(_) | ImageNode::Version(_));
    if has_assets && !shelf.knows_all(ImagePart::Asset, stream) {
        for field in [ImageField::Kind, ImageField::Clone, ImageField::Vcenter] {
            facts.unknown(field);
        }
    }
    facts
}

/// What a node has from the stream and version above it.
fn inherited(shelf: &Shelf<'_>, node: &ImageNode, facts: &mut ImageFacts) {
    if let Some(stream) = shelf.stream_of(node) {
        facts.add(ImageField::Stream, name_or_id(stream.name.as_ref(), stream.id.raw()).as_str());
        add(facts, ImageField::Publisher, stream.publisher.as_ref(), true);
        add(facts, ImageField::Source, stream.source.as_ref(), true);
        add(facts, ImageField::Os, stream.operating_system.as_ref(), true);
        if let Some(os) = &stream.operating_system {
            let label = os_label(os.as_str());
            facts.add(ImageField::Os, label.replace(' ', ""));
            facts.add(ImageField::Os, label);
        }
    }
    if let Some(version) = shelf.version_of(node) {
        facts.add(ImageField::Version, name_or_id(version.name.as_ref(), version.id.raw()).as_str());
    }
}

/// The names of a node and the words in which it is searched.
fn own_texts(shelf: &Shelf<'_>, node: &ImageNode, facts: &mut ImageFacts) {
    let label = shelf.label(node);
    facts.add(ImageField::Name, label.as_str());
    facts.add_words(label.as_str());
    let mut also = |text: Option<&Text>| {
        if let Some(text) = text {
            facts.add_words(text.as_str());
        }
    };
    also(shelf.status(node));
    match node {
        ImageNode::Stream(id) => {
            if let Some(stream) = shelf.stream(id) {
                also(stream.description.as_ref());
                also(stream.operating_system.as_ref());
                also(stream.publisher.as_ref());
                stream.additional_details.values().for_each(|value| also(Some(value)));
                if let Some(os) = &stream.operating_system {
                    facts.add_words(&os_label(os.as_str()));
                }
            }
        }
        ImageNode::Version(id) => {
            if let Some(version) = shelf.version(id) {
                also(version.description.as_ref());
                version.additional_details.values().for_each(|value| also(Some(value)));
            }
        }
        ImageNode::Tag(id) => {
            if let Some(tag) = shelf.tag(id) {
                also(tag.description.as_ref());
            }
            facts.add(ImageField::Tag, label.as_str());
            for subscriber in shelf.uses_of_tag(id) {
                facts.add_words(use_label(subscriber).as_str());
                add_use(subscriber, facts);
            }
            let usage = shelf.usage(node);
            for (count, field) in [(usage.pools, ImageField::Pool), (usage.farms, ImageField::Farm)] {
                if count.is_none() {
                    facts.unknown(field);
                }
            }
        }
        ImageNode::Asset(id) => {
            if let Some(asset) = shelf.asset(id) {
                also(asset.clone_type.as_ref());
                also(asset.image_type.as_ref());
            }
        }
        ImageNode::Use(..) => {
            if let Some(subscriber) = shelf.subscriber(node) {
                add_use(subscriber, facts);
            }
        }
    }
}

fn add_use(subscriber: &ImageUse, facts: &mut ImageFacts) {
    let field = match subscriber.kind {
        SubscriberKind::Pool => ImageField::Pool,
        SubscriberKind::Farm => ImageField::Farm,
    };
    facts.add(field, use_label(subscriber).as_str());
}

fn assets_at<'a>(shelf: &Shelf<'a>, node: &ImageNode) -> Vec<&'a Asset> {
    match node {
        ImageNode::Stream(id) => shelf.assets_of_stream(id),
        ImageNode::Version(id) => shelf.assets_of(id).to_vec(),
        ImageNode::Asset(id) => shelf.asset(id).into_iter().collect(),
        ImageNode::Tag(_) | ImageNode::Use(..) => Vec::new(),
    }
}

fn add_asset(shelf: &Shelf<'_>, asset: &Asset, facts: &mut ImageFacts) {
    add(facts, ImageField::Kind, asset.image_type.as_ref(), true);
    add(facts, ImageField::Clone, asset.clone_type.as_ref(), true);
    match &asset.vcenter {
        Some(id) => {
            facts.add(ImageField::Vcenter, shelf.vcenter(id).as_str());
            facts.add(ImageField::Vcenter, id.raw());
        }
        None => facts.unknown(ImageField::Vcenter),
    }
}

/// Adds a value; where there should be one and is none, it is unknown.
fn add(facts: &mut ImageFacts, field: ImageField, value: Option<&Text>, expected: bool) {
    match value {
        Some(value) => facts.add(field, value.as_str()),
        None if expected => facts.unknown(field),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::{LiveSessions, outline, testing::book};
    use super::*;
    use crate::core::filter::ImageFilter;

    /// What a filter matches by itself, in the order of the tree.
    fn matching(text: &str) -> Vec<String> {
        let (book, live) = (book(), LiveSessions::default());
        let shelf = Shelf::new(&book, &live);
        let filter = ImageFilter::parse(text).unwrap();
        let everything = outline(&shelf, |_| true, &ImageFilter::default());
        let nodes = everything.rows.into_iter().map(|row| row.node);
        nodes
            .filter(|node| filter.matches(&facts(&shelf, node)).is_yes())
            .map(|node| format!("{} {}", node.kind(), shelf.path(&node)))
            .collect()
    }

    #[rstest]
    #[case("september", &["version win11-office/v24.4"])]
    #[case("os:win11 tag:prod", &["tag win11-office/prod"])]
    #[case("is:trouble", &["asset win11-office/v24.4/vc02 full clone, VDI desktop"])]
    #[case("is:running", &["version win11-office/v24.4", "asset win11-office/v24.4/vc02 full clone, VDI desktop"])]
    #[case("name:win11-*", &["stream win11-office", "stream win11-dev"])]
    #[case("kind:rdsh-apps name:apps", &["stream apps"])]
    #[case("pool:fin-w11", &["tag win11-office/prod", "pool win11-office/fin-w11"])]
    #[case("farm:*", &["tag apps/stable", "farm apps/fin-rds"])]
    #[case("status:disabled", &["version win11-office/v24.1"])]
    #[case("unused", &["tag win11-office/rollback", "version win11-office/v24.1"])]
    #[case("vcenter:vc02 name:v*", &["version win11-office/v24.4", "asset win11-office/v24.4/vc02 full clone, VDI desktop"])]
    fn fields_look_at_what_they_say(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(matching(text), expected);
    }
}
