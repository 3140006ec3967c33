//! Users and groups of the directory (`horizon-rest.md section 18.2`).

use std::collections::HashMap;

use serde::Deserialize;

use crate::{
    api::{
        Operation, decode, fault,
        filter::Filter,
        request::{Request, encode},
    },
    domain::{Fault, Principal, PrincipalKind, Release, Text, UserId},
};

/// How many are looked up in one call: keeps the address below a few kilobytes.
pub(crate) const PER_CALL: usize = 50;

/// The fields that a search looks into. An `Or` may not hold them: each is a call of its own.
pub(crate) const SEARCHED: [&str; 3] = ["login_name", "name", "email"];

/// Asks for some by their SIDs: [`PER_CALL`] at most.
pub(crate) fn some_request(sids: &[&UserId]) -> Request {
    let mut filters: Vec<Filter> = sids.iter().map(|sid| Filter::equals("id", sid.raw())).collect();
    let filter = match filters.len() {
        1 => filters.remove(0),
        _ => Filter::Or { filters },
    };
    list_request(PER_CALL, &filter)
}

/// Asks for those whose field begins with this.
pub(crate) fn search_request(field: &'static str, text: &str, limit: usize) -> Request {
    list_request(limit, &Filter::starts_with(field, text))
}

fn list_request(size: usize, filter: &Filter) -> Request {
    Request::get(Operation::ListUsers, "/external/v1/ad-users-or-groups")
        .page(1, size)
        .with("filter", &filter.json())
}

/// Asks for one, with the groups it belongs to.
pub(crate) fn one_request(sid: &UserId, version: u8) -> Request {
    let path = format!("/external/v{version}/ad-users-or-groups/{}", encode(sid.raw()));
    Request::get(Operation::ReadUser, path)
}

/// The newest version of the call for one that a release has; there is no v3. An unknown release is taken for the
/// newest: a 404 may mean both the version and the SID, so v1, which every release has, is asked next.
pub(crate) fn version_of(release: Option<Release>) -> u8 {
    match release {
        Some(Release(..2312)) => 1,
        Some(Release(..2512)) => 2,
        Some(_) | None => 4,
    }
}

/// NetBIOS names of the domains with their DNS names; since 2209.
pub(crate) fn domains_request() -> Request {
    Request::get(Operation::ListUsers, "/external/v1/domains")
}

/// How domains are called: people say `CORP\kaya`, the directory says `corp.example\kaya`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Domains {
    /// NetBIOS name by DNS name in lower case.
    short: HashMap<String, String>,
}

impl Domains {
    /// Reads the answer; what cannot be read is unknown.
    pub(crate) fn read(body: &[u8]) -> Self {
        let names: HashMap<String, serde_json::Value> = serde_json::from_slice(body).unwrap_or_default();
        let short = names.into_iter().filter_map(|(netbios, dns)| {
            let dns = dns.as_str().filter(|dns| !dns.is_empty())?.to_lowercase();
            (!netbios.is_empty()).then_some((dns, netbios))
        });
        Self { short: short.collect() }
    }

    /// `CORP\kaya` for `corp.example\kaya`; as it is when the domain is not known.
    pub(crate) fn shorten(&self, name: Text) -> Text {
        let Some((domain, login)) = name.as_str().split_once('\\') else { return name };
        match self.short.get(&domain.to_lowercase()) {
            Some(netbios) => Text::from(format!("{netbios}\\{login}")),
            None => name,
        }
    }
}

/// `DOMAIN\name` as it should be: some answers double the backslash. `None` when nothing is there.
pub(crate) fn tidy(name: &str) -> Option<String> {
    let name = name.trim().replacen("\\\\", "\\", 1);
    (!name.is_empty()).then_some(name)
}

/// `ADUserOrGroupSummary`, `ADUserOrGroupInfo` and their later versions.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WirePrincipal {
    id: Option<String>,
    group: Option<bool>,
    login_name: Option<String>,
    display_name: Option<String>,
    domain_net_biosname: Option<String>,
    name: Option<String>,
    user_display_name: Option<String>,
    description: Option<String>,
    group_membership_ids: Option<Vec<String>>,
}

impl WirePrincipal {
    fn principal(self, domains: &Domains) -> Option<Principal> {
        let full = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let login = full(self.login_name);
        let with_domain = full(self.domain_net_biosname).zip(login.clone());
        let name = with_domain
            .map(|(domain, login)| format!("{domain}\\{login}"))
            .or_else(|| self.display_name.as_deref().and_then(tidy))
            .or(login);
        Some(Principal {
            id: self.id.filter(|id| !id.is_empty())?.into(),
            kind: match self.group {
                Some(true) => PrincipalKind::Group,
                Some(false) => PrincipalKind::User,
                None => PrincipalKind::Unknown,
            },
            name: name.map(|name| domains.shorten(Text::from(name))),
            full_name: full(self.user_display_name).or_else(|| full(self.name)).map(Text::from),
            description: full(self.description).map(Text::from),
            groups: self
                .group_membership_ids
                .map(|ids| ids.into_iter().filter(|id| !id.is_empty()).map(UserId::from).collect()),
        })
    }
}

/// Reads a list of users and groups; rows without a SID are left out.
pub(crate) fn read_list(body: &[u8], domains: &Domains) -> Result<Vec<Principal>, Fault> {
    let rows = decode::rows::<WirePrincipal>(Operation::ListUsers, body)?.rows;
    Ok(rows.into_iter().filter_map(|row| row.principal(domains)).collect())
}

/// Reads one user or group.
pub(crate) fn read_one(body: &[u8], domains: &Domains) -> Result<Principal, Fault> {
    let operation = Operation::ReadUser;
    let (wire, _) = decode::object::<WirePrincipal>(operation, body)?;
    wire.principal(domains).ok_or_else(|| fault::bad_answer(operation, "the answer has no id"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn domains() -> Domains {
        Domains::read(br#"{"CORP":"corp.example","":"x","EMPTY":""}"#)
    }

    #[rstest]
    #[case(r#"{"id":"S-1","login_name":"kaya","display_name":"corp.example\\kaya"}"#, Some("CORP\\kaya"))]
    #[case(
        r#"{"id":"S-1","login_name":"kaya","domain_net_biosname":"LAB","display_name":"x\\y"}"#,
        Some("LAB\\kaya")
    )]
    #[case(r#"{"id":"S-1","display_name":"Corp.Example\\\\kaya"}"#, Some("CORP\\kaya"))]
    #[case(r#"{"id":"S-1","display_name":"other.example\\kaya"}"#, Some("other.example\\kaya"))]
    #[case(r#"{"id":"S-1","login_name":"kaya","display_name":""}"#, Some("kaya"))]
    #[case(r#"{"id":"S-1","group":"perhaps","group_membership_ids":7}"#, None)]
    fn names_are_the_short_ones(#[case] body: &str, #[case] name: Option<&str>) {
        let principal = read_one(body.as_bytes(), &domains()).unwrap();
        assert_eq!(principal.name.as_ref().map(Text::as_str), name);
    }

    #[test]
    fn memberships_are_unknown_unless_they_are_told() {
        let read = |body: &[u8]| read_one(body, &Domains::default()).unwrap();
        assert_eq!(read(br#"{"id":"S-1"}"#).groups, None);
        let told = read(br#"{"id":"S-1","group":true,"group_membership_ids":["S-2",7]}"#);
        assert_eq!((told.groups, told.kind), (Some(vec!["S-2".into()]), PrincipalKind::Group));
        assert!(read_one(br#"{"name":"nobody"}"#, &Domains::default()).is_err());
        assert_eq!(Domains::read(b"<html>"), Domains::default());
    }

    #[test]
    fn releases_have_their_versions() {
        let of = |release: u16| version_of(Some(Release(release)));
        assert_eq!([of(2206), of(2309), of(2312), of(2506), of(2512), version_of(None)], [1, 1, 2, 2, 4, 4]);
    }

    #[test]
    fn one_sid_needs_no_or() {
        assert!(!some_request(&[&"S-1".into()]).query.contains("Or"));
        assert!(some_request(&[&"S-1".into(), &"S-2".into()]).query.contains("Or"));
    }
}
