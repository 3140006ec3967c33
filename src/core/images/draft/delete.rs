//! Drafts that delete, from below to above.

use std::collections::BTreeSet;

use super::{Draft, ImageDrafts, item};
use crate::{
    core::{
        change::HeldChange,
        images::{ImageNode, consequences},
        shell::quoted,
    },
    domain::{Change, Text},
};

/// What is said of a node that could not be seen when it was chosen.
const HIDDEN: &str = "hidden: folded away or filtered out";

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

impl ImageDrafts<'_> {
    /// Deletes nodes, what is below before what is above. Those that are not there any more are held back. `shown` are
    /// those that can be seen: the others are counted as hidden, `None` where nothing hides any.
    pub fn delete(
        &self,
        nodes: impl IntoIterator<Item = ImageNode>,
        shown: Option<&BTreeSet<ImageNode>>,
    ) -> Draft {
        let is_hidden = |node: &ImageNode| shown.is_some_and(|shown| !shown.contains(node));
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
                let details = is_hidden(node).then(|| Text::clean(HIDDEN)).into_iter().collect();
                Some(item(label, details, delete_change(node)?))
            })
            .collect();
        let mut draft = Draft::new(&title, items, told, command);
        draft.hidden = there.iter().chain(&gone).filter(|node| is_hidden(node)).count();
        draft.touches_connected = there.iter().any(|node| self.may_touch(node));
        if draft.hidden > 0 {
            let words = format!("{} of them {HIDDEN}", draft.hidden);
            draft.warnings.insert(0, Text::clean(&words));
        }
        draft.held_back = gone
            .iter()
            .map(|node| HeldChange {
                label: Text::clean(&node.to_string()),
                target: delete_change(node).and_then(|change| change.target_id()),
                principal: None,
                reason: Text::clean(if self.shelf.is_whole() {
                    "not in the list any more"
                } else {
                    "not in the list, which could not all be read"
                }),
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
                ImageNode::Asset(id) => quoted(id.raw()),
                _ => quoted(self.shelf.path(node).as_str()),
            })
            .collect();
        Some(format!("foretop images {below}delete {}", targets.join(" ")))
    }
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
