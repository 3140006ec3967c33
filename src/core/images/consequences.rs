//! What follows from moving a tag, and what is to be expected of a delete.
//!
//! Moving a tag gives its subscribers a new image; when, and what becomes of who is logged on, is up to the server and to
//! the settings of each pool (`horizon-rest.md section 13`). A stream that a pool or farm uses is not deleted
//! (`method-map.md` I2); whether one with versions is, and what becomes of them, is not documented.

use super::{
    ImageNode, Shelf, Usage, name_or_id,
    tree::descendants,
    usage::{counted, sessions_words},
    use_label,
};
use crate::domain::{ImageUse, Tag, Text, VersionId};

/// So many pools and farms are named in one line.
const MOST_NAMED: usize = 4;

/// What follows from a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consequences {
    /// What follows.
    pub lines: Vec<Text>,
    /// What must not be overlooked.
    pub warnings: Vec<Text>,
}

impl Consequences {
    fn line(&mut self, text: &str) {
        self.lines.push(Text::clean(text));
    }

    fn warn(&mut self, text: &str) {
        self.warnings.push(Text::clean(text));
    }

    /// Adds others.
    pub(super) fn extend(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.warnings.extend(other.warnings);
    }
}

/// What follows from pointing a tag at a version.
pub fn moving(shelf: &Shelf<'_>, tag: &Tag, to: &VersionId) -> Consequences {
    let mut told = Consequences::default();
    let name = name_or_id(tag.name.as_ref(), tag.id.raw());
    let target = shelf.version_name(Some(to)).unwrap_or_else(|| Text::clean(to.raw()));
    let from = shelf.version_name(tag.version.as_ref());
    let now = from.as_ref().map_or_else(|| "an unknown version".to_owned(), ToString::to_string);
    let uses = shelf.uses_of_tag(&tag.id);
    let usage = shelf.usage(&ImageNode::Tag(tag.id.clone()));
    if let Some(why) = shelf.unclear(&ImageNode::Tag(tag.id.clone())) {
        let others = if uses.is_empty() { "pools and farms" } else { "more pools and farms" };
        told.warn(&format!("who uses tag {name} cannot be told ({why}): {others} may get a new image"));
    } else if uses.is_empty() {
        told.line(&format!("nothing uses tag {name}: no pool or farm gets a new image"));
    }
    if !uses.is_empty() {
        told.line(&format!("{} get {target} in place of {now}", usage.words()));
        for subscriber in uses {
            told.line(&format!("  {}", subscriber_words(shelf, subscriber)));
        }
    }
    for subscriber in uses.iter().filter(|subscriber| subscriber.pending == Some(true)) {
        let push = subscriber.push.as_ref().map_or_else(String::new, |push| format!(" ({push})"));
        told.warn(&format!("{} {} waits for a push already{push}", subscriber.kind, use_label(subscriber)));
    }
    match shelf.status(&ImageNode::Version(to.clone())).map(Text::as_str) {
        Some("AVAILABLE") => {}
        Some(status) => told.warn(&format!("{target} is {status}, not AVAILABLE")),
        None => told.warn(&format!("the status of {target} is unknown")),
    }
    told
}

/// `pool fin-w11: 431 sessions (300 connected)`.
fn subscriber_words(shelf: &Shelf<'_>, subscriber: &ImageUse) -> String {
    let live = shelf.live().of_use(subscriber);
    let sessions = sessions_words(live.map(|live| live.sessions), live.map(|live| live.connected));
    format!("{} {}: {sessions}", subscriber.kind, use_label(subscriber))
}

/// What is to be expected when nodes are deleted, in the given order.
pub fn deleting(shelf: &Shelf<'_>, nodes: &[ImageNode]) -> Consequences {
    let mut told = Consequences::default();
    for node in nodes {
        told.extend(deleting_one(shelf, node, nodes));
    }
    told
}

fn deleting_one(shelf: &Shelf<'_>, node: &ImageNode, all: &[ImageNode]) -> Consequences {
    let mut told = Consequences::default();
    let what = format!("{} {}", node.kind(), shelf.path(node));
    let uses = shelf.uses_of_node(node);
    let unclear = shelf.unclear(node);
    if !uses.is_empty() {
        let more =
            unclear.map_or_else(String::new, |why| format!(", and it cannot be told who else ({why})"));
        let named = named(shelf, &uses);
        told.warn(&match node {
            ImageNode::Asset(_) => {
                format!("{what}: its version is in use by {named}{more}: the server may refuse")
            }
            _ => format!("{what} is in use by {named}{more}: the server would refuse"),
        });
    } else if let Some(why) = unclear {
        told.warn(&format!("who uses {what} cannot be told ({why}): the server decides"));
    } else if matches!(node, ImageNode::Asset(_)) {
        told.line(&format!("{what}: nothing uses its version"));
    } else {
        told.line(&format!("nothing uses {what}"));
    }
    // What is deleted by itself before does not go along.
    let below: Vec<ImageNode> =
        descendants(shelf, node).into_iter().filter(|child| child.is_own() && !all.contains(child)).collect();
    if !below.is_empty() {
        told.warn(&format!(
            "{what}: {} below it; whether the server refuses or removes them with it is not documented",
            below_words(&below)
        ));
    }
    if !shelf.knows_all_below(node) {
        told.warn(&format!("{what}: parts of the tree could not be read; more may be below it"));
    }
    told
}

/// `3 versions, 2 tags, 4 assets`.
fn below_words(below: &[ImageNode]) -> String {
    let count = |kind: &str| below.iter().filter(|node| node.kind() == kind).count();
    let parts = ["version", "tag", "asset"].map(|kind| (count(kind), kind));
    let parts: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, kind)| counted(count, kind)).collect();
    let is = if below.len() == 1 { "is" } else { "are" };
    format!("{} {is}", parts.join(", "))
}

/// `fin-w11 (pool, 431 sessions), hr-w11 (pool, 167 sessions) and 2 more`.
fn named(shelf: &Shelf<'_>, uses: &[&ImageUse]) -> String {
    let mut seen: Vec<&ImageUse> = Vec::new();
    for subscriber in uses {
        if !seen.iter().any(|one| one.kind == subscriber.kind && one.id == subscriber.id) {
            seen.push(subscriber);
        }
    }
    let names: Vec<String> = seen
        .iter()
        .take(MOST_NAMED)
        .map(|subscriber| {
            let sessions = Usage::of(&[subscriber], shelf.live()).sessions;
            format!("{} ({}, {})", use_label(subscriber), subscriber.kind, sessions_words(sessions, None))
        })
        .collect();
    let more = seen.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::{
        LiveSessions,
        testing::{book, live},
    };
    use super::*;
    use crate::domain::{Fault, FaultKind, SubscriberKind};

    fn words(told: &Consequences) -> Vec<String> {
        let warnings = told.warnings.iter().map(|line| format!("! {line}"));
        told.lines.iter().map(ToString::to_string).chain(warnings).collect()
    }

    #[test]
    fn moving_a_tag_tells_who_gets_the_new_image() {
        let (book, live) = (book(), live());
        let shelf = Shelf::new(&book, &live);
        let told = moving(&shelf, &book.tags[0], &"v4".into());
        assert_eq!(
            words(&told),
            [
                "2 pools, 4 sessions (3 connected) get v24.4 in place of v24.3",
                "  pool fin-w11: 3 sessions (2 connected)",
                "  pool hr-w11: 1 session (1 connected)",
                "! v24.4 is REPLICATING, not AVAILABLE",
            ]
        );
        let told = moving(&shelf, &book.tags[1], &"v3".into());
        assert_eq!(words(&told), ["nothing uses tag rollback: no pool or farm gets a new image"]);
        let told = moving(&shelf, &book.tags[2], &"v3".into());
        assert_eq!(
            words(&told),
            [
                "1 pool, no sessions get v24.3 in place of v24.4",
                "  pool it-w11: no sessions",
                "! pool it-w11 waits for a push already (READY_HELD)",
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_said() {
        let mut book = book();
        let nothing = LiveSessions::default();
        let shelf = Shelf::new(&book, &nothing);
        let told = moving(&shelf, &book.tags[0], &"v3".into());
        assert_eq!(words(&told)[0], "2 pools, ? sessions get v24.3 in place of v24.3");
        book.uses_unknown.insert(
            SubscriberKind::Farm,
            Fault::new(FaultKind::InsufficientPermission, "list farms", "no right"),
        );
        let shelf = Shelf::new(&book, &nothing);
        let told = moving(&shelf, &book.tags[0], &"v3".into());
        assert_eq!(words(&told)[0], "2 pools, ? farms, ? sessions get v24.3 in place of v24.3");
        let more =
            "! who uses tag prod cannot be told (farms could not be read: no right): more pools and farms";
        assert!(words(&told)[3].starts_with(more), "{told:?}");
        let told = moving(&shelf, &book.tags[1], &"v3".into());
        assert!(words(&told)[0].starts_with("! who uses tag rollback cannot be told"), "{told:?}");
        let told = deleting(&shelf, &[ImageNode::Tag("t2".into())]);
        assert_eq!(
            words(&told),
            [
                "! who uses tag win11-office/rollback cannot be told (farms could not be read: no right): the server \
              decides"
            ]
        );
        let told = deleting(&shelf, &[ImageNode::Tag("t4".into())]);
        assert!(
            words(&told)[0]
                .contains("is in use by dev-w11 (pool, ? sessions), and it cannot be told who else (farms")
        );
    }

    #[test]
    fn deletes_are_predicted() {
        let (book, live) = (book(), live());
        let shelf = Shelf::new(&book, &live);
        let told = deleting(&shelf, &[ImageNode::Stream("s1".into())]);
        assert_eq!(
            words(&told),
            [
                "! stream win11-office is in use by fin-w11 (pool, 3 sessions), hr-w11 (pool, 1 session), \
                 it-w11 (pool, no sessions): the server would refuse",
                "! stream win11-office: 3 versions, 3 tags, 3 assets are below it; whether the server refuses or \
                 removes them with it is not documented",
            ]
        );
        let told = deleting(&shelf, &[ImageNode::Version("v1".into()), ImageNode::Tag("t2".into())]);
        assert_eq!(
            words(&told),
            ["nothing uses version win11-office/v24.1", "nothing uses tag win11-office/rollback"]
        );
        let told = deleting(&shelf, &[ImageNode::Asset("x5".into())]);
        assert!(words(&told)[0].contains("its version is in use by fin-rds (farm, 1 session)"), "{told:?}");
    }
}
