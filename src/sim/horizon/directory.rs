//! Users and groups of the directory (`horizon-rest.md section 18.2`).

use super::call::{Answer, Call};
use super::error::ApiError;
use super::fields::{CO, EQ, Field, Row, SW, Value};
use super::filter::{Comparison, Filter, Grammar, Literal};
use super::json::Json;
use super::query::slice;
use crate::sim::estate::{Estate, Principal};
use crate::sim::ids::Kind;

/// The version number under which the short rows of the v1 list are described.
pub(crate) const SUMMARY: u8 = 0;

/// The fields of a user or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Container,
    Description,
    DisplayName,
    DistinguishedName,
    Domain,
    Email,
    FirstName,
    Group,
    GroupGuids,
    GroupIds,
    Guid,
    Id,
    Kiosk,
    LastName,
    LoginName,
    LongDisplayName,
    Name,
    NetBios,
    Principal,
    SubGroups,
    Unauthenticated,
    UserCount,
    UserDisplayName,
}

struct AdRow<'a> {
    estate: &'a Estate,
    who: Principal,
}

impl Row for AdRow<'_> {
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::Container, "container", 0, 0, false),
        Field::new(Of::Description, "description", 0, EQ | SW | CO, false),
        Field::new(Of::DisplayName, "display_name", 0, 0, false),
        Field::new(Of::DistinguishedName, "distinguished_name", 0, 0, false),
        Field::new(Of::Domain, "domain", 0, EQ, false),
        Field::new(Of::NetBios, "domain_net_biosname", 4, 0, false),
        Field::new(Of::Email, "email", 0, EQ | SW | CO, false),
        Field::new(Of::FirstName, "first_name", 0, 0, false),
        Field::new(Of::Group, "group", 0, 0, false),
        Field::new(Of::GroupGuids, "group_membership_guids", 2, 0, false),
        Field::new(Of::GroupIds, "group_membership_ids", 1, EQ | SW | CO, false),
        Field::new(Of::Guid, "guid", 0, EQ, false),
        Field::new(Of::Id, "id", 0, EQ, false),
        Field::new(Of::Kiosk, "kiosk_user", 0, 0, false),
        Field::new(Of::LastName, "last_name", 0, 0, false),
        Field::new(Of::LoginName, "login_name", 0, EQ | SW | CO, false),
        Field::new(Of::LongDisplayName, "long_display_name", 0, 0, false),
        Field::new(Of::Name, "name", 0, EQ | SW | CO, false),
        Field::new(Of::SubGroups, "sub_group_count", 1, EQ, false),
        Field::new(Of::Unauthenticated, "unauthenticated_user", 4, EQ, false),
        Field::new(Of::UserCount, "user_count", 1, EQ, false),
        Field::new(Of::UserDisplayName, "user_display_name", 0, 0, false),
        Field::new(Of::Principal, "user_principal_name", 0, EQ | SW | CO, false),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        let domain = &self.estate.defined.world.domain;
        match field {
            Of::Container => Value::owned(format!("{}/{}", domain.dns, self.unit())),
            Of::DistinguishedName => {
                let parts: Vec<String> = domain.dns.split('.').map(|part| format!("DC={part}")).collect();
                Value::owned(format!("CN={},OU={},{}", self.name(), self.unit(), parts.join(",")))
            }
            Of::DisplayName => Value::owned(self.estate.display_name(self.who)),
            Of::Description => Value::optional(self.estate.description(self.who).map(Into::into)),
            // The groups that it belongs to directly; whether a real server adds those that these belong to is not said.
            Of::GroupIds => {
                let groups = self.estate.groups_of(self.who);
                Value::Texts(groups.iter().map(|group| self.estate.group_sid(*group).into()).collect())
            }
            Of::GroupGuids => {
                let groups = self.estate.groups_of(self.who);
                Value::Texts(groups.iter().map(|group| self.guid(Principal::Group(*group)).into()).collect())
            }
            Of::Domain => Value::text(&domain.dns),
            Of::NetBios => Value::text(&domain.netbios),
            Of::Name => Value::text(self.name()),
            Of::LoginName => Value::text(self.login()),
            Of::LongDisplayName => Value::owned(format!("{}@{} ({})", self.login(), domain.dns, self.name())),
            Of::Group => Value::Boolean(matches!(self.who, Principal::Group(_))),
            Of::Id => Value::owned(self.estate.sid_of(self.who)),
            Of::Guid => Value::owned(self.guid(self.who)),
            Of::Kiosk | Of::Unauthenticated => Value::Boolean(false),
            _ => match self.who {
                Principal::User(_) => self.of_user(field),
                Principal::Group(group) => self.of_group(field, group),
            },
        }
    }
}

impl AdRow<'_> {
    fn unit(&self) -> &'static str {
        match self.who {
            Principal::User(_) => "Users",
            Principal::Group(_) => "Groups",
        }
    }

    fn name(&self) -> &str {
        match self.who {
            Principal::User(user) => &self.estate.users[user as usize].display,
            Principal::Group(group) => &self.estate.groups[usize::from(group)],
        }
    }

    fn login(&self) -> &str {
        match self.who {
            Principal::User(user) => &self.estate.users[user as usize].login,
            Principal::Group(group) => &self.estate.groups[usize::from(group)],
        }
    }

    fn guid(&self, who: Principal) -> String {
        let number = match who {
            Principal::User(user) => user + u32::from(u16::MAX),
            Principal::Group(group) => u32::from(group),
        };
        self.estate.ids.id(Kind::AdObject, number).to_uppercase()
    }

    fn of_user(&self, field: Of) -> Value<'_> {
        let domain = &self.estate.defined.world.domain.dns;
        // Names are kept as "family, given".
        let parts = self.name().split_once(", ");
        match field {
            Of::Email | Of::Principal => Value::owned(format!("{}@{domain}", self.login())),
            Of::FirstName => Value::optional(parts.map(|(_, given)| given.into())),
            Of::LastName => Value::optional(parts.map(|(family, _)| family.into())),
            Of::UserDisplayName => Value::text(self.name()),
            _ => Value::Absent,
        }
    }

    fn of_group(&self, field: Of, group: u16) -> Value<'_> {
        match field {
            Of::SubGroups => Value::Integer(self.estate.members(group).1 as i64),
            Of::UserCount => Value::Integer(self.estate.members(group).0 as i64),
            _ => Value::Absent,
        }
    }
}

/// A row as a filter sees it: a directory compares without regard to case.
struct Folded<'a>(AdRow<'a>);

impl Row for Folded<'_> {
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = AdRow::FIELDS;

    fn value(&self, field: Of) -> Value<'_> {
        match self.0.value(field) {
            Value::Text(text) => Value::owned(text.to_lowercase()),
            Value::Texts(texts) => {
                Value::Texts(texts.iter().map(|text| text.to_lowercase().into()).collect())
            }
            other => other,
        }
    }
}

/// The ids of an `Equals` on `id`, or of an `Or` of them: found without looking at everybody.
fn ids_only(filter: &Filter<Of>) -> Option<Vec<&str>> {
    match filter {
        Filter::Compare(Comparison::Equals, Of::Id, Literal::Text(id)) => Some(vec![id]),
        Filter::Or(parts) => {
            let mut ids = Vec::new();
            for part in parts {
                ids.extend(ids_only(part)?);
            }
            Some(ids)
        }
        _ => None,
    }
}

/// GET `/external/vN/ad-users-or-groups`.
pub(crate) fn list(call: &Call<'_>, version: u8) -> Answer {
    let shape = if version == 1 { SUMMARY } else { version };
    let release = call.release();
    let group_only = call.query.boolean("group_only")?;
    let grammar =
        Grammar { fields: AdRow::FIELDS, version: shape, release, or_only: Some(&["id", "domain"]) };
    let filter = call.filter(grammar)?;
    let page = call.query.page()?;

    let estate = call.shared.estate();
    let mut found: Vec<Principal> = Vec::new();
    if let Some(ids) = filter.as_ref().and_then(ids_only) {
        for who in ids.into_iter().filter_map(|id| estate.by_sid(id)) {
            if !found.contains(&who) {
                found.push(who);
            }
        }
    } else {
        let filter = filter.map(Filter::in_lower_case);
        let row = |who: &Principal| Folded(AdRow { estate: &estate, who: *who });
        let groups = (0..estate.groups.len() as u16).map(Principal::Group);
        let everybody = groups.chain((0..estate.users.len() as u32).map(Principal::User));
        found.extend(everybody.filter(|who| filter.as_ref().is_none_or(|filter| filter.matches(&row(who)))));
    }
    found.retain(|who| group_only.is_none_or(|only| matches!(who, Principal::Group(_)) == only));
    let cut = slice(page, found.len())?;
    let mut json = Json::default();
    json.begin_array();
    for (number, who) in found.get(cut.rows.clone()).unwrap_or_default().iter().enumerate() {
        let row = AdRow { estate: &estate, who: *who };
        super::fields::write(&row, shape, release, call.quirks.at(number), &mut json);
    }
    json.end_array();
    Ok(super::call::Reply::page(json, &cut))
}

/// GET `/external/vN/ad-users-or-groups/{sid}`.
pub(crate) fn get(call: &Call<'_>, version: u8, sid: &str) -> Answer {
    let estate = call.shared.estate();
    let who = estate.by_sid(sid).ok_or_else(|| ApiError::not_found("Entity does not exist."))?;
    Ok(call.one(&AdRow { estate: &estate, who }, version))
}
