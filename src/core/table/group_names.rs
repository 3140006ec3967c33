//! What groups of users are called: sessions tell their SIDs only, the directory is asked for the names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::value::login_part;
use crate::domain::{Principal, Text, UserId};

/// The names of groups, as far as they were asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupNames {
    /// By SID in small letters; `None` for one that the directory does not know.
    known: BTreeMap<String, Option<Text>>,
    /// Whether they are of several domains: then the domain is part of what tells them apart.
    mixed: bool,
}

impl GroupNames {
    /// Takes an answer: of these that were asked for, those that are missing are not known to the directory.
    pub fn learn(&mut self, asked: &[UserId], found: &[Principal]) {
        for sid in asked {
            self.known.entry(small(sid.raw())).or_default();
        }
        for group in found {
            let name = group.name.as_ref().or(group.full_name.as_ref());
            if let Some(slot) = self.known.get_mut(&small(group.id.raw())) {
                *slot = name.filter(|name| !name.is_empty()).cloned();
            }
        }
        let mut domains = self.known.values().flatten().map(|name| domain(name.as_str()));
        let first = domains.next();
        self.mixed = domains.any(|other| Some(other) != first);
    }

    /// Whether none was asked for yet.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether a group was asked for and an answer came.
    pub fn is_asked(&self, sid: &str) -> bool {
        self.find(sid).is_some()
    }

    /// The whole name, `DOMAIN\name`.
    pub fn name(&self, sid: &str) -> Option<&str> {
        self.find(sid)?.as_ref().map(Text::as_str)
    }

    /// What it is called on the screen: without the domain where all have the same.
    pub fn label(&self, sid: &str) -> Option<&str> {
        let name = self.name(sid)?;
        Some(if self.mixed { name } else { login_part(name) })
    }

    fn find(&self, sid: &str) -> Option<&Option<Text>> {
        // As a rule a SID is written alike everywhere.
        if sid.bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.known.get(&small(sid))
        } else {
            self.known.get(sid)
        }
    }
}

fn small(sid: &str) -> String {
    sid.to_ascii_lowercase()
}

fn domain(name: &str) -> Option<String> {
    name.split_once('\\').map(|(domain, _)| domain.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PrincipalKind;

    fn group(sid: &str, name: Option<&str>) -> Principal {
        Principal {
            id: sid.into(),
            kind: PrincipalKind::Group,
            name: name.map(Into::into),
            full_name: None,
            description: None,
            groups: None,
        }
    }

    #[test]
    fn a_group_is_named_asked_for_in_vain_or_not_asked_for() {
        let mut names = GroupNames::default();
        names.learn(&["S-1-5-1".into(), "S-1-5-2".into()], &[group("s-1-5-1", Some("CORP\\finance"))]);
        assert_eq!((names.name("S-1-5-1"), names.label("S-1-5-1")), (Some("CORP\\finance"), Some("finance")));
        assert!(names.is_asked("S-1-5-2") && names.name("S-1-5-2").is_none());
        assert!(!names.is_asked("S-1-5-3"));
        // Nobody asked for this one: the answer of another question is not mixed in.
        names.learn(&["S-1-5-3".into()], &[group("S-1-5-4", Some("CORP\\hr")), group("S-1-5-3", None)]);
        assert!(!names.is_asked("S-1-5-4") && names.is_asked("S-1-5-3"));
    }

    #[test]
    fn groups_of_several_domains_keep_theirs() {
        let mut names = GroupNames::default();
        names.learn(&["S-1-5-1".into()], &[group("S-1-5-1", Some("CORP\\finance"))]);
        names.learn(&["S-1-5-2".into()], &[group("S-1-5-2", Some("corp\\hr"))]);
        assert_eq!(names.label("S-1-5-2"), Some("hr"));
        names.learn(&["S-1-6-2".into()], &[group("S-1-6-2", Some("LAB\\hr"))]);
        assert_eq!((names.label("S-1-5-2"), names.label("S-1-6-2")), (Some("corp\\hr"), Some("LAB\\hr")));
    }
}
