//! The protected set: who is never touched unless named one by one (`screens.md section 4`, capability 21).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::HoldReason;
use crate::domain::{Account, Session, Text, UserId, Verb};

/// Names of users, machines and pools, and SIDs or names of groups; `*` stands for anything, and case never matters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Protected {
    /// Users by login, `DOMAIN\login` or SID.
    pub users: Vec<String>,
    /// Groups by SID, or by `DOMAIN\\name` or name. Sessions tell no names of them: what a name means is looked up
    /// first, and until it is known ([`Self::learn`]) such a rule protects everybody.
    pub groups: Vec<String>,
    /// Machines and RDS hosts by name, DNS name or id.
    pub machines: Vec<String>,
    /// Pools and farms by name or id.
    pub pools: Vec<String>,
    /// The SIDs of groups by the names in the rules, as far as they were found.
    #[serde(skip)]
    pub found: BTreeMap<String, Vec<String>>,
}

/// Whether the rule for a group is made of SIDs.
pub fn is_group_by_sid(rule: &str) -> bool {
    rule == "*" || rule.to_ascii_uppercase().starts_with("S-1-")
}

/// Whether a reason not to send is that a session is protected: such a one may be named all the same.
pub fn is_protection(reason: &HoldReason) -> bool {
    matches!(reason, HoldReason::Protected(_) | HoldReason::Own)
}

impl Protected {
    /// The names of groups whose SIDs are not known yet.
    pub fn groups_to_find(&self) -> Vec<&str> {
        let names = self.groups.iter().map(String::as_str);
        names.filter(|rule| !is_group_by_sid(rule) && !self.found.contains_key(*rule)).collect()
    }

    /// Takes the SIDs of groups by their names, as the rules have them.
    pub fn learn(&mut self, found: impl IntoIterator<Item = (String, Vec<String>)>) {
        self.found.extend(found);
    }

    /// The rules as they are shown: `user CORP\svc-*`.
    pub fn rules(&self) -> Vec<String> {
        let lists = [
            ("user", &self.users),
            ("group", &self.groups),
            ("machine", &self.machines),
            ("pool", &self.pools),
        ];
        lists.iter().flat_map(|(kind, list)| list.iter().map(move |name| format!("{kind} {name}"))).collect()
    }

    /// Why a verb must not touch a session, if it must not: it is the operator's own, a rule protects it, or the server
    /// does not tell what a rule asks for. Messages harm nobody.
    pub fn objection(&self, account: &Account, verb: Verb, session: &Session) -> Option<HoldReason> {
        if !verb.is_destructive() {
            return None;
        }
        if is_own(account, session) {
            return Some(HoldReason::Own);
        }
        let text = |text: &Option<Text>| text.as_ref().map(|text| text.as_str().to_owned());
        let machines = || {
            let ids = [
                session.machine_id.as_ref().map(|id| id.raw().to_owned()),
                session.rds_server_id.as_ref().map(|id| id.raw().to_owned()),
            ];
            let [machine, server] = ids;
            [text(&session.machine_name), text(&session.machine_dns), machine, server]
        };
        let pools = || {
            let pool = session.pool_id.as_ref().map(|id| id.raw().to_owned());
            let farm = session.farm_id.as_ref().map(|id| id.raw().to_owned());
            [text(&session.pool_name), pool, farm]
        };
        self.by_user(session)
            .or_else(|| by_rule("machine", &self.machines, || machines().into_iter().flatten().collect()))
            .or_else(|| by_rule("pool", &self.pools, || pools().into_iter().flatten().collect()))
            .or_else(|| match &session.groups {
                _ if self.groups.is_empty() => None,
                None => Some(unknown("group")),
                // A user who belongs to no group at all is no member of these.
                Some(groups) => self.groups.iter().find_map(|rule| self.by_group(rule, groups)),
            })
    }
}

impl Protected {
    fn by_user(&self, session: &Session) -> Option<HoldReason> {
        if self.users.is_empty() {
            return None;
        }
        let (name, id) = (&session.user_name, session.user_id.as_ref().map(UserId::raw));
        if name.is_none() && id.is_none() {
            return Some(unknown("user"));
        }
        let by_id = |rule: &str| id.is_some_and(|id| matches(rule, id));
        let by_name = |rule: &str| name.as_ref().is_some_and(|name| names_user(rule, name.as_str()));
        let rule = self.users.iter().find(|rule| by_id(rule) || by_name(rule))?;
        Some(protected("user", rule))
    }

    fn by_group(&self, rule: &str, groups: &[Text]) -> Option<HoldReason> {
        let is_in = |rule: &str| groups.iter().any(|group| matches(rule, group.as_str()));
        let is_member = match self.found.get(rule) {
            _ if is_group_by_sid(rule) => is_in(rule),
            Some(sids) => sids.iter().any(|sid| is_in(sid)),
            // Nobody knows who is in it: it must not silently protect nobody.
            None => {
                let words = format!("group {rule} could not be looked up, it may be a member");
                return Some(HoldReason::Protected(Text::clean(&words)));
            }
        };
        is_member.then(|| protected("group", rule))
    }
}

/// Whether a session is of the account that acts. By the SID where both are told, else by the name.
fn is_own(account: &Account, session: &Session) -> bool {
    match (&account.id, &session.user_id) {
        (Some(own), Some(user)) => own.raw().eq_ignore_ascii_case(user.raw()),
        _ => {
            session.user_name.as_ref().is_some_and(|name| is_same_user(account.name.as_str(), name.as_str()))
        }
    }
}

/// A name of a user in its parts: the domain, where it is told, and the login. Servers and people write `DOMAIN\login`,
/// `domain.example\login`, `login@domain.example` or `login` (no document says which of them a session has).
fn parts_of_name(name: &str) -> (Option<&str>, &str) {
    let told = |(domain, login): (&'_ str, &'_ str)| !domain.is_empty() && !login.is_empty();
    let swapped = |(login, domain)| (domain, login);
    let parts = name.rsplit_once('\\').or_else(|| name.rsplit_once('@').map(swapped));
    match parts.filter(|parts| told(*parts)) {
        Some((domain, login)) => (Some(domain), login),
        None => (None, name),
    }
}

/// Whether a rule means the user of this name. A domain that only one of the two tells, or that one of them tells as a DNS
/// name and the other in short, keeps nobody from being protected: the other way round a rule would silently protect
/// nobody.
fn names_user(rule: &str, name: &str) -> bool {
    let ((rule_domain, rule_login), (domain, login)) = (parts_of_name(rule), parts_of_name(name));
    let short = |domain: &str| domain.split('.').next().unwrap_or_default().to_owned();
    let is_of = |rule: &str, domain: &str| matches(rule, domain) || matches(&short(rule), &short(domain));
    let same_domain = rule_domain.zip(domain).is_none_or(|(rule, domain)| is_of(rule, domain));
    matches(rule, name) || (same_domain && matches(rule_login, login))
}

/// Whether two names may be of the same user, by the same measure; nothing in them stands for anything else.
fn is_same_user(own: &str, name: &str) -> bool {
    !own.is_empty() && !own.contains('*') && names_user(own, name)
}

fn by_rule(kind: &str, rules: &[String], values: impl FnOnce() -> Vec<String>) -> Option<HoldReason> {
    if rules.is_empty() {
        return None;
    }
    let values = values();
    if values.is_empty() {
        return Some(unknown(kind));
    }
    let rule = rules.iter().find(|rule| values.iter().any(|value| matches(rule, value)));
    rule.map(|rule| protected(kind, rule))
}

fn protected(kind: &str, rule: &str) -> HoldReason {
    HoldReason::Protected(Text::clean(&format!("{kind} {rule}")))
}

fn unknown(kind: &str) -> HoldReason {
    HoldReason::Protected(Text::clean(&format!("its {kind} is not told, and some are protected")))
}

/// Whether a value is what a rule says; `*` stands for anything.
fn matches(rule: &str, value: &str) -> bool {
    let (rule, value) = (rule.to_lowercase(), value.to_lowercase());
    let mut parts = rule.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = value.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(place) => rest = rest.get(place + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{core::fixtures::session, domain::SessionState};

    fn abel() -> Session {
        session("s1", "abel", SessionState::Disconnected, 300)
    }

    fn told(protected: &Protected, session: &Session) -> Option<String> {
        let account = Account { name: "CORP\\admin".into(), ..Account::default() };
        protected.objection(&account, Verb::Logoff, session).map(|reason| reason.to_string())
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (rule, value, expected) in [
            ("ceo", "CEO", true),
            ("ceo", "ceo2", false),
            ("corp\\svc-*", "CORP\\svc-backup", true),
            ("*rds*01", "finRDS-x01", true),
            ("*rds*01", "finrds-x02", false),
            ("a*a", "a", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(rule, value), expected, "{rule} {value}");
        }
    }

    #[test]
    fn each_kind_of_rule_protects() {
        let list = |rule: &str| vec![rule.to_owned()];
        let groups = Some(vec!["S-1-5-21-512".into()]);
        for (protected, expected) in [
            (Protected { users: list("ab*"), ..Protected::default() }, "protected: user ab*"),
            (Protected { users: list("corp\\abel"), ..Protected::default() }, "protected: user corp\\abel"),
            (Protected { machines: list("finw11-*"), ..Protected::default() }, "protected: machine finw11-*"),
            (Protected { pools: list("FIN-W11"), ..Protected::default() }, "protected: pool FIN-W11"),
            (
                Protected { groups: list("s-1-5-21-512"), ..Protected::default() },
                "protected: group s-1-5-21-512",
            ),
        ] {
            let session = Session { groups: groups.clone(), ..abel() };
            assert_eq!(told(&protected, &session).as_deref(), Some(expected));
        }
        let other = Protected { users: list("baker"), machines: list("x"), ..Protected::default() };
        assert_eq!(told(&other, &abel()), None);
    }

    #[test]
    fn a_group_by_its_name_protects_its_members_and_everybody_until_it_is_found() {
        let mut named = Protected { groups: vec!["CORP\\VIP".to_owned()], ..Protected::default() };
        let member = Session { groups: Some(vec!["S-1-5-21-7".into()]), ..abel() };
        let other = Session { groups: Some(vec!["S-1-5-21-8".into()]), ..abel() };
        let nobody_knows = "protected: group CORP\\VIP could not be looked up, it may be a member";
        for session in [&member, &other] {
            assert_eq!(told(&named, session).as_deref(), Some(nobody_knows));
        }
        assert_eq!(named.groups_to_find(), ["CORP\\VIP"]);
        named.learn([("CORP\\VIP".to_owned(), vec!["S-1-5-21-7".to_owned()])]);
        assert!(named.groups_to_find().is_empty());
        assert_eq!(told(&named, &member).as_deref(), Some("protected: group CORP\\VIP"));
        assert_eq!(told(&named, &other), None);
    }

    #[test]
    fn a_user_is_meant_however_the_domain_is_written_or_left_out() {
        for (rule, name, expected) in [
            ("CORP\\svc-*", "svc-backup", true),
            ("CORP\\svc-*", "corp\\svc-backup", true),
            ("CORP\\svc-*", "corp.example\\svc-backup", true),
            ("CORP\\svc-*", "svc-backup@corp.example", true),
            ("corp.example\\abel", "CORP\\abel", true),
            ("abel@corp.example", "CORP\\abel", true),
            ("abel", "CORP\\abel", true),
            ("*\\abel", "CORP\\abel", true),
            ("CORP\\abel", "LAB\\abel", false),
            ("CORP\\abel", "abel@lab.example", false),
            ("CORP\\abel", "CORP\\baker", false),
            ("CORP\\abel", "abe", false),
        ] {
            assert_eq!(names_user(rule, name), expected, "{rule} {name}");
        }
    }

    #[test]
    fn what_is_not_told_is_protected() {
        let groups = Protected { groups: vec!["S-1-5-21-512".to_owned()], ..Protected::default() };
        assert!(told(&groups, &abel()).unwrap().contains("group is not told"));
        assert_eq!(told(&groups, &Session { groups: Some(Vec::new()), ..abel() }), None);
        let pools = Protected { pools: vec!["x".to_owned()], ..Protected::default() };
        assert!(told(&pools, &Session::new("s1".into())).unwrap().contains("pool is not told"));
    }

    #[test]
    fn the_operators_own_session_is_protected_but_from_messages() {
        let by_name = Account { name: "corp\\ABEL".into(), ..Account::default() };
        let bare = Session { user_id: None, user_name: Some("abel".into()), ..abel() };
        assert_eq!(Protected::default().objection(&by_name, Verb::Reset, &bare), Some(HoldReason::Own));
        let by_sid = Account { id: Some("S-1-5-21-abel".into()), ..Account::default() };
        let of_another = Account { id: Some("S-1-5-21-other".into()), ..by_name.clone() };
        let none = Protected::default();
        for verb in Verb::ALL {
            let own = verb.is_destructive().then_some(HoldReason::Own);
            assert_eq!(none.objection(&by_name, verb, &abel()), own);
            assert_eq!(none.objection(&by_sid, verb, &abel()), own);
            assert_eq!(none.objection(&of_another, verb, &abel()), None, "the SID says more than the name");
        }
    }
}
