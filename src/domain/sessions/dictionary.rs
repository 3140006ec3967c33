//! What many sessions share, kept once: pools, gateways, kinds of clients, users, machines.

use std::{borrow::Cow, collections::BTreeMap, hash::BuildHasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{
    SessionParts,
    column::{IdColumn, TextColumn},
    packed::Beginnings,
};
use crate::domain::{
    AccessGroupId, ClientKind, FarmId, GatewayLocation, PodId, PoolId, Protocol, SessionKind, SessionState,
    Text,
};

/// A field as it is looked up.
type Said<'a> = Option<Cow<'a, str>>;

/// Where a session runs, and what of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub(super) access_group_id: Option<AccessGroupId>,
    pub(super) pool_id: Option<PoolId>,
    pub(super) farm_id: Option<FarmId>,
    pub(super) pool_name: Option<Text>,
    pub(super) pool_type: Option<Text>,
    pub(super) pool_source: Option<Text>,
    pub(super) domain_name: Option<Text>,
    pub(super) applications: Option<Box<[Text]>>,
    pub(super) pod_id: Option<PodId>,
    pub(super) pod_name: Option<Text>,
    pub(super) brokering_pod_id: Option<PodId>,
    pub(super) brokering_pod_name: Option<Text>,
}

/// The words about a session that have few values.
#[derive(Debug, Clone, Default)]
pub(super) struct Mode {
    pub(super) kind: Option<SessionKind>,
    pub(super) state: Option<SessionState>,
    pub(super) protocol: Option<Protocol>,
    pub(super) agent_version: Option<Text>,
    pub(super) resourced_remotely: Option<bool>,
    pub(super) brokered_remotely: Option<bool>,
    pub(super) unauthenticated: Option<bool>,
    pub(super) cloud_managed: Option<bool>,
    pub(super) forever: Option<bool>,
}

/// How the user came: through which gateway, with which program.
#[derive(Debug, Clone, Default)]
pub(super) struct Way {
    pub(super) gateway_name: Option<Text>,
    pub(super) gateway_address: Option<Text>,
    pub(super) gateway_location: Option<GatewayLocation>,
    pub(super) client_kind: Option<ClientKind>,
    pub(super) client_version: Option<Text>,
}

/// Different values, each with the bytes that it is told apart by.
#[derive(Debug, Clone)]
pub(super) struct Dictionary<V> {
    table: HashTable<u32>,
    keys: Vec<u8>,
    ends: Vec<u32>,
    pub(super) values: Vec<V>,
}

impl<V> Default for Dictionary<V> {
    fn default() -> Self {
        Self { table: HashTable::new(), keys: Vec::new(), ends: Vec::new(), values: Vec::new() }
    }
}

fn key_at<'a>(keys: &'a [u8], ends: &[u32], place: u32) -> &'a [u8] {
    let place = place as usize;
    let start = place.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or_default();
    let end = ends.get(place).copied().unwrap_or_default();
    keys.get(start as usize..end as usize).unwrap_or_default()
}

impl<V> Dictionary<V> {
    /// The number of the value with this key, which is made when it is new.
    pub(super) fn number(
        &mut self,
        key: &[u8],
        hasher: &DefaultHashBuilder,
        value: impl FnOnce() -> V,
    ) -> u32 {
        let Self { table, keys, ends, values } = self;
        let hash = hasher.hash_one(key);
        if let Some(known) = table.find(hash, |place| key_at(keys, ends, *place) == key) {
            return *known;
        }
        let place = values.len() as u32;
        keys.extend_from_slice(key);
        ends.push(keys.len() as u32);
        values.push(value());
        table.insert_unique(hash, place, |place| hasher.hash_one(key_at(keys, ends, *place)));
        place
    }

    pub(super) fn get(&self, place: u32) -> Option<&V> {
        self.values.get(place as usize)
    }

    /// The bytes that a value is told apart by.
    pub(super) fn key(&self, place: u32) -> &[u8] {
        key_at(&self.keys, &self.ends, place)
    }

    /// Whether the values are the same in the same order.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.keys == other.keys && self.ends == other.ends
    }

    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.keys.capacity() + self.ends.capacity() * 4 + self.values.capacity() * (size_of::<V>() + 100)
    }
}

/// Writes fields behind one another so that different ones never look the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Key(pub(super) Vec<u8>);

impl Key {
    fn text(&mut self, text: &Said<'_>) {
        match text {
            None => self.0.push(0),
            Some(text) => {
                self.0.push(1);
                self.0.extend_from_slice(&(text.len() as u32).to_le_bytes());
                self.0.extend_from_slice(text.as_bytes());
            }
        }
    }

    fn truth(&mut self, truth: Option<bool>) {
        self.0.push(truth.map_or(0, |truth| 1 + u8::from(truth)));
    }

    pub(super) fn texts(&mut self, texts: &[Cow<'_, str>]) {
        for text in texts {
            self.0.extend_from_slice(&(text.len() as u32).to_le_bytes());
            self.0.extend_from_slice(text.as_bytes());
        }
    }
}

fn id<I: for<'t> From<&'t str>>(said: &Said<'_>) -> Option<I> {
    said.as_deref().map(I::from)
}

impl Place {
    pub(super) fn write_key(parts: &SessionParts<'_>, key: &mut Key) {
        key.0.clear();
        for text in [
            &parts.access_group_id,
            &parts.pool_id,
            &parts.farm_id,
            &parts.pool_name,
            &parts.pool_type,
            &parts.pool_source,
            &parts.domain_name,
            &parts.pod_id,
            &parts.pod_name,
            &parts.brokering_pod_id,
            &parts.brokering_pod_name,
        ] {
            key.text(text);
        }
        if let Some(applications) = &parts.applications {
            key.0.push(1);
            key.texts(applications);
        }
    }

    pub(super) fn of(parts: &SessionParts<'_>) -> Self {
        let applications = parts.applications.as_ref();
        Self {
            access_group_id: id(&parts.access_group_id),
            pool_id: id(&parts.pool_id),
            farm_id: id(&parts.farm_id),
            pool_name: id(&parts.pool_name),
            pool_type: id(&parts.pool_type),
            pool_source: id(&parts.pool_source),
            domain_name: id(&parts.domain_name),
            applications: applications.map(|names| names.iter().map(|name| Text::clean(name)).collect()),
            pod_id: id(&parts.pod_id),
            pod_name: id(&parts.pod_name),
            brokering_pod_id: id(&parts.brokering_pod_id),
            brokering_pod_name: id(&parts.brokering_pod_name),
        }
    }
}

impl Mode {
    pub(super) fn write_key(parts: &SessionParts<'_>, key: &mut Key) {
        key.0.clear();
        for text in [&parts.kind, &parts.state, &parts.protocol, &parts.agent_version] {
            key.text(text);
        }
        for truth in [
            parts.resourced_remotely,
            parts.brokered_remotely,
            parts.unauthenticated,
            parts.cloud_managed,
            parts.forever,
        ] {
            key.truth(truth);
        }
    }

    pub(super) fn of(parts: &SessionParts<'_>) -> Self {
        Self {
            kind: id(&parts.kind),
            state: id(&parts.state),
            protocol: id(&parts.protocol),
            agent_version: id(&parts.agent_version),
            resourced_remotely: parts.resourced_remotely,
            brokered_remotely: parts.brokered_remotely,
            unauthenticated: parts.unauthenticated,
            cloud_managed: parts.cloud_managed,
            forever: parts.forever,
        }
    }
}

impl Way {
    pub(super) fn write_key(parts: &SessionParts<'_>, key: &mut Key) {
        key.0.clear();
        for text in [
            &parts.gateway_name,
            &parts.gateway_address,
            &parts.gateway_location,
            &parts.client_kind,
            &parts.client_version,
        ] {
            key.text(text);
        }
    }

    pub(super) fn of(parts: &SessionParts<'_>) -> Self {
        Self {
            gateway_name: id(&parts.gateway_name),
            gateway_address: id(&parts.gateway_address),
            gateway_location: id(&parts.gateway_location),
            client_kind: id(&parts.client_kind),
            client_version: id(&parts.client_version),
        }
    }
}

/// Different users. They are as many as the sessions, so that nothing is kept beside their own columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Users {
    pub(super) ids: IdColumn,
    pub(super) beginnings: Beginnings,
    /// SIDs used at the broker, of those where it is not the user's own.
    pub(super) brokers: BTreeMap<u32, Option<Box<str>>>,
    pub(super) names: TextColumn,
    /// The numbers of their lists of groups, or [`NO_GROUPS`].
    pub(super) groups: Vec<u32>,
}

/// Groups that were not told.
pub(super) const NO_GROUPS: u32 = u32::MAX;

impl Users {
    pub(super) fn broker(&self, user: u32) -> Option<Cow<'_, str>> {
        match self.brokers.get(&user) {
            Some(other) => other.as_deref().map(Cow::Borrowed),
            None => self.ids.get(user, &self.beginnings),
        }
    }

    fn is(&self, user: u32, said: &UserSaid<'_>) -> bool {
        self.ids.packed(user) == said.id
            && self.names.get(user) == said.name
            && self.groups.get(user as usize) == Some(&said.groups)
            && match self.brokers.get(&user) {
                Some(other) => said.is_other_at_broker && other.as_deref() == said.at_broker,
                None => !said.is_other_at_broker,
            }
    }

    pub(super) fn hash(&self, user: u32, hasher: &DefaultHashBuilder) -> u64 {
        hasher.hash_one((self.ids.packed(user), self.names.get(user)))
    }

    /// The number of a user. `index` finds those that are there; `scratch` holds the packed id.
    pub(super) fn number(
        &mut self,
        index: &mut HashTable<u32>,
        parts: &SessionParts<'_>,
        groups: u32,
        scratch: &mut Vec<u8>,
        hasher: &DefaultHashBuilder,
    ) -> u32 {
        scratch.clear();
        let packed = parts.user_id.as_deref().map(|id| {
            super::packed::pack(id, Some(&mut self.beginnings), scratch);
            scratch.as_slice()
        });
        let said = UserSaid {
            id: packed,
            name: parts.user_name.as_deref(),
            groups,
            is_other_at_broker: parts.broker_user_id != parts.user_id,
            at_broker: parts.broker_user_id.as_deref(),
        };
        self.find_or_add(index, &said, hasher)
    }

    /// The number of the user of whom this is said.
    pub(super) fn find_or_add(
        &mut self,
        index: &mut HashTable<u32>,
        said: &UserSaid<'_>,
        hasher: &DefaultHashBuilder,
    ) -> u32 {
        let hash = hasher.hash_one((said.id, said.name));
        if let Some(known) = index.find(hash, |user| self.is(*user, said)) {
            return *known;
        }
        let user = self.groups.len() as u32;
        self.ids.push_packed(said.id);
        self.names.push(said.name);
        self.groups.push(said.groups);
        if said.is_other_at_broker {
            self.brokers.insert(user, said.at_broker.map(Box::from));
        }
        index.insert_unique(hash, user, |user| self.hash(*user, hasher));
        user
    }
}

/// What a list says of a user.
pub(super) struct UserSaid<'a> {
    /// The SID, packed with the beginnings of the list that it is for.
    pub(super) id: Option<&'a [u8]>,
    pub(super) name: Option<&'a str>,
    /// The number of the list of groups, or [`NO_GROUPS`].
    pub(super) groups: u32,
    /// Whether the SID used at the broker is another one, which is then this one if it was told.
    pub(super) is_other_at_broker: bool,
    pub(super) at_broker: Option<&'a str>,
}

/// Different machines and RDS servers.
#[derive(Debug, Clone, Default)]
pub(super) struct Machines {
    pub(super) ids: IdColumn,
    pub(super) rds_servers: IdColumn,
    pub(super) names: TextColumn,
    pub(super) dns: TextColumn,
}

impl Machines {
    pub(super) fn hash(&self, machine: u32, hasher: &DefaultHashBuilder) -> u64 {
        hasher.hash_one((self.ids.packed(machine), self.names.get(machine)))
    }

    /// The number of a machine.
    pub(super) fn number(
        &mut self,
        index: &mut HashTable<u32>,
        parts: &SessionParts<'_>,
        scratch: &mut Vec<u8>,
        hasher: &DefaultHashBuilder,
    ) -> u32 {
        scratch.clear();
        if let Some(id) = &parts.machine_id {
            super::packed::pack(id, None, scratch);
        }
        let split = scratch.len();
        if let Some(id) = &parts.rds_server_id {
            super::packed::pack(id, None, scratch);
        }
        let (machine, server) = scratch.split_at(split);
        let said = MachineSaid {
            id: parts.machine_id.is_some().then_some(machine),
            rds_server: parts.rds_server_id.is_some().then_some(server),
            name: parts.machine_name.as_deref(),
            dns: parts.machine_dns.as_deref(),
        };
        self.find_or_add(index, &said, hasher)
    }

    /// The number of the machine of which this is said.
    pub(super) fn find_or_add(
        &mut self,
        index: &mut HashTable<u32>,
        said: &MachineSaid<'_>,
        hasher: &DefaultHashBuilder,
    ) -> u32 {
        let hash = hasher.hash_one((said.id, said.name));
        let is_same = |place: &u32| {
            self.ids.packed(*place) == said.id
                && self.rds_servers.packed(*place) == said.rds_server
                && self.names.get(*place) == said.name
                && self.dns.get(*place) == said.dns
        };
        if let Some(known) = index.find(hash, is_same) {
            return *known;
        }
        let place = self.ids.len() as u32;
        self.ids.push_packed(said.id);
        self.rds_servers.push_packed(said.rds_server);
        self.names.push(said.name);
        self.dns.push(said.dns);
        index.insert_unique(hash, place, |machine| self.hash(*machine, hasher));
        place
    }
}

/// What a list says of a machine or RDS server. Ids are packed.
pub(super) struct MachineSaid<'a> {
    pub(super) id: Option<&'a [u8]>,
    pub(super) rds_server: Option<&'a [u8]>,
    pub(super) name: Option<&'a str>,
    pub(super) dns: Option<&'a str>,
}
