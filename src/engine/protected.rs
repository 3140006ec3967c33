//! The groups of the protected set that are named and not given by SID: sessions tell the SIDs of groups only.

use std::collections::BTreeMap;

use crate::{
    api::Estate,
    domain::{Principal, PrincipalKind, Text},
};

/// So many that begin with a name are looked at for the one that is called so.
const LOOKED_AT: usize = 50;

/// What became of looking for groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundGroups {
    /// The SIDs of those that were found, by the name that was looked for.
    pub found: BTreeMap<String, Vec<String>>,
    /// Those that were not, each with the reason in words. Until they are found their rules protect everybody.
    pub unfound: Vec<Text>,
    /// Whether any of these was not found because the server did not answer: looking again may help.
    pub again: bool,
}

/// Looks groups up by `DOMAIN\\name` or name. A name that several domains have means all of them.
pub async fn find_groups(estate: &Estate, names: &[String]) -> FoundGroups {
    let mut all = FoundGroups::default();
    for name in names {
        let why = match estate.search_principals(name, LOOKED_AT).await {
            Ok(found) => {
                let sids: Vec<String> = found
                    .iter()
                    .filter(|principal| is_called(principal, name))
                    .map(|group| group.id.raw().to_owned())
                    .collect();
                if !sids.is_empty() {
                    all.found.insert(name.clone(), sids);
                    continue;
                }
                "the server knows no group of that name".to_owned()
            }
            Err(fault) => {
                all.again = true;
                fault.to_string()
            }
        };
        all.unfound.push(Text::clean(&format!(
            "the protected group {name} could not be looked up: {why}; until it is, everybody counts as protected"
        )));
    }
    all
}

/// Whether something is a group with this name, with or without its domain.
fn is_called(principal: &Principal, wanted: &str) -> bool {
    let same = |name: &str| name.to_lowercase() == wanted.to_lowercase();
    let name = principal.name.as_ref().map(Text::as_str).unwrap_or_default();
    let bare = name.rsplit_once('\\').map_or(name, |(_, bare)| bare);
    principal.kind == PrincipalKind::Group
        && (same(name)
            || !wanted.contains('\\')
                && (same(bare) || principal.full_name.as_ref().is_some_and(|full| same(full.as_str()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_called_by_its_name_with_or_without_the_domain() {
        let group = |kind| Principal {
            id: "S-1-5-21-7".into(),
            kind,
            name: Some("CORP\\VIP".into()),
            full_name: Some("Very Important".into()),
            description: None,
            groups: None,
        };
        for (wanted, expected) in [
            ("VIP", true),
            ("corp\\vip", true),
            ("very important", true),
            ("OTHER\\VIP", false),
            ("VI", false),
            ("VIPS", false),
        ] {
            assert_eq!(is_called(&group(PrincipalKind::Group), wanted), expected, "{wanted}");
        }
        assert!(!is_called(&group(PrincipalKind::User), "VIP"), "a user of that name is no group");
    }
}
