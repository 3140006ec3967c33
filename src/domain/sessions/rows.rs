//! A compact list of sessions: columns of what each has of its own, numbers into what many share.

mod join;

use std::{borrow::Cow, hash::BuildHasher};

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    SessionFacts, SessionParts, SessionRow,
    column::{IdColumn, More, NumberColumn, TextColumn, TimeColumn},
    dictionary::{Dictionary, Key, Machines, Mode, NO_GROUPS, Place, Users, Way},
    packed,
    shared::{ByIds, Firsts},
};
use crate::domain::{Session, SessionId, Text};

/// Sessions, each id once, in the order in which they came. It does not change any more: see [`SessionRowsBuilder`].
#[derive(Debug, Clone, Default)]
pub struct SessionRows {
    pub(super) ids: IdColumn,
    /// Rows by the packed form of their ids.
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
    pub(super) firsts: Firsts,
    pub(super) by_ids: ByIds,
    pub(super) place: Vec<u32>,
    pub(super) mode: Vec<u32>,
    pub(super) way: Vec<u32>,
    pub(super) user: Vec<u32>,
    pub(super) machine: Vec<u32>,
    pub(super) started: TimeColumn,
    pub(super) disconnected: TimeColumn,
    pub(super) idle: NumberColumn,
    pub(super) last_connection: NumberColumn,
    pub(super) client_names: TextColumn,
    pub(super) client_addresses: TextColumn,
    pub(super) client_locations: IdColumn,
    pub(super) guids: IdColumn,
    pub(super) internal_ids: IdColumn,
    pub(super) places: Dictionary<Place>,
    pub(super) modes: Dictionary<Mode>,
    pub(super) ways: Dictionary<Way>,
    pub(super) users: Users,
    pub(super) machines: Machines,
    pub(super) groups: Dictionary<Text>,
    pub(super) group_lists: Dictionary<Box<[u32]>>,
}

impl SessionRows {
    /// Stands for a row of a session that is not in the list.
    pub const NOWHERE: u32 = u32::MAX;

    /// The SIDs of the groups that users of these sessions are in, each once.
    pub fn group_sids(&self) -> &[Text] {
        &self.groups.values
    }

    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.place.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.place.is_empty()
    }

    /// The session in a row.
    pub fn get(&self, row: u32) -> Option<SessionRow<'_>> {
        ((row as usize) < self.len()).then_some(SessionRow { rows: self, row })
    }

    /// The row of a session.
    pub fn find(&self, id: &SessionId) -> Option<u32> {
        self.find_raw(id.raw())
    }

    pub(super) fn find_raw(&self, id: &str) -> Option<u32> {
        let mut packed = Vec::with_capacity(64);
        packed::pack(id, None, &mut packed);
        self.find_packed(&packed)
    }

    /// The row of a session that may stand in this list, in another, or alone.
    pub fn find_session<'a>(&self, session: impl SessionFacts<'a>) -> Option<u32> {
        session.row_in(self)
    }

    pub(super) fn hash_packed(&self, packed: &[u8]) -> u64 {
        self.hasher.hash_one(packed)
    }

    fn find_packed(&self, packed: &[u8]) -> Option<u32> {
        let hash = self.hash_packed(packed);
        self.index.find(hash, |row| self.ids.packed(*row) == Some(packed)).copied()
    }

    /// For each row of another list the row in which its session stands here, or [`Self::NOWHERE`].
    pub fn find_all(&self, other: &Self) -> Vec<u32> {
        let mut next = 0;
        let find = |row| {
            let packed = other.ids.packed(row)?;
            // Two answers to one question are mostly in the same order.
            let found = if self.ids.packed(next) == Some(packed) { next } else { self.find_packed(packed)? };
            next = found + 1;
            Some(found)
        };
        (0..other.len() as u32).map(find).map(|row| row.unwrap_or(Self::NOWHERE)).collect()
    }

    /// The row in which another list's session stands here.
    pub(super) fn find_row(&self, row: SessionRow<'_>) -> Option<u32> {
        self.find_packed(row.rows.ids.packed(row.row)?)
    }

    /// All sessions, in the order of their rows.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SessionRow<'_>> {
        (0..self.len() as u32).map(|row| SessionRow { rows: self, row })
    }

    /// How much memory the list takes, in bytes.
    pub fn bytes(&self) -> usize {
        let codes = [&self.place, &self.mode, &self.way, &self.user, &self.machine, &self.users.groups];
        codes.iter().map(|codes| codes.capacity() * size_of::<u32>()).sum::<usize>()
            + self.index.allocation_size()
            + [&self.ids, &self.client_locations, &self.guids, &self.internal_ids]
                .iter()
                .map(|column| column.bytes())
                .sum::<usize>()
            + [&self.users.ids, &self.machines.ids, &self.machines.rds_servers]
                .iter()
                .map(|column| column.bytes())
                .sum::<usize>()
            + [
                &self.client_names,
                &self.client_addresses,
                &self.users.names,
                &self.machines.names,
                &self.machines.dns,
            ]
            .iter()
            .map(|column| column.bytes())
            .sum::<usize>()
            + self.users.brokers.len() * 80
            + self.started.bytes()
            + self.disconnected.bytes()
            + self.idle.bytes()
            + self.last_connection.bytes()
            + self.places.bytes()
            + self.modes.bytes()
            + self.ways.bytes()
            + self.groups.bytes()
            + self.group_lists.bytes()
    }

    /// Whether all that is kept is the same: sessions that came in the same order look the same, others may as well.
    pub(super) fn looks_same(&self, other: &Self) -> bool {
        self.ids == other.ids
            && self.place == other.place
            && self.mode == other.mode
            && self.way == other.way
            && self.user == other.user
            && self.machine == other.machine
            && self.started == other.started
            && self.disconnected == other.disconnected
            && self.idle == other.idle
            && self.last_connection == other.last_connection
            && self.client_names == other.client_names
            && self.client_addresses == other.client_addresses
            && self.client_locations == other.client_locations
            && self.guids == other.guids
            && self.internal_ids == other.internal_ids
            && self.places.is_same(&other.places)
            && self.modes.is_same(&other.modes)
            && self.ways.is_same(&other.ways)
            && self.groups.is_same(&other.groups)
            && self.group_lists.is_same(&other.group_lists)
            && self.users.ids == other.users.ids
            && self.users.beginnings == other.users.beginnings
            && self.users.brokers == other.users.brokers
            && self.users.names == other.users.names
            && self.users.groups == other.users.groups
            && self.machines.ids == other.machines.ids
            && self.machines.rds_servers == other.machines.rds_servers
            && self.machines.names == other.machines.names
            && self.machines.dns == other.machines.dns
    }

    fn shrink(&mut self) {
        for codes in [
            &mut self.place,
            &mut self.mode,
            &mut self.way,
            &mut self.user,
            &mut self.machine,
            &mut self.users.groups,
        ] {
            codes.shrink_to_fit();
        }
        for ids in [
            &mut self.ids,
            &mut self.client_locations,
            &mut self.guids,
            &mut self.internal_ids,
            &mut self.users.ids,
            &mut self.machines.ids,
            &mut self.machines.rds_servers,
        ] {
            ids.shrink();
        }
        for texts in [
            &mut self.client_names,
            &mut self.client_addresses,
            &mut self.users.names,
            &mut self.machines.names,
            &mut self.machines.dns,
        ] {
            texts.shrink();
        }
        self.started.shrink();
        self.disconnected.shrink();
        self.idle.shrink();
        self.last_connection.shrink();
    }
}

impl PartialEq for SessionRows {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && (self.looks_same(other)
                || self
                    .iter()
                    .zip(other.iter())
                    .all(|(one, two)| SessionParts::of(one) == SessionParts::of(two)))
    }
}

impl Eq for SessionRows {}

impl FromIterator<Session> for SessionRows {
    /// When an id comes twice, the later session counts, in the place of the first.
    fn from_iter<I: IntoIterator<Item = Session>>(sessions: I) -> Self {
        let mut builder = SessionRowsBuilder::default();
        for session in sessions {
            builder.put(&SessionParts::of(&session));
        }
        builder.finish()
    }
}

impl Serialize for SessionRows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(SessionRow::to_session))
    }
}

impl<'de> Deserialize<'de> for SessionRows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Session>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// For no more sessions than this room is made beforehand, whatever a server announces.
const MOST_EXPECTED: usize = 1 << 20;

/// Sessions as they come in.
#[derive(Debug, Clone, Default)]
pub struct SessionRowsBuilder {
    rows: SessionRows,
    users: HashTable<u32>,
    machines: HashTable<u32>,
    key: Key,
    scratch: Vec<u8>,
    /// Once a session was replaced: for each place of the list the row in which it stands.
    places: Option<Vec<u32>>,
}

impl SessionRowsBuilder {
    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.places.as_ref().map_or(self.rows.len(), Vec::len)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room for so many sessions in all, as far as those that are there show how much each takes. Columns that grow
    /// step by step are there twice while they do.
    pub fn expect(&mut self, total: usize) {
        let Self { rows, users, machines, .. } = self;
        let more = More { have: rows.len(), total: total.min(MOST_EXPECTED) };
        for codes in [&mut rows.place, &mut rows.mode, &mut rows.way, &mut rows.user, &mut rows.machine] {
            more.reserve(codes);
        }
        more.reserve(&mut rows.users.groups);
        for ids in [
            &mut rows.ids,
            &mut rows.client_locations,
            &mut rows.guids,
            &mut rows.internal_ids,
            &mut rows.users.ids,
            &mut rows.machines.ids,
            &mut rows.machines.rds_servers,
        ] {
            ids.expect(more);
        }
        for texts in [
            &mut rows.client_names,
            &mut rows.client_addresses,
            &mut rows.users.names,
            &mut rows.machines.names,
            &mut rows.machines.dns,
        ] {
            texts.expect(more);
        }
        rows.started.expect(more);
        rows.disconnected.expect(more);
        rows.idle.expect(more);
        rows.last_connection.expect(more);
        let SessionRows { index, ids, hasher, users: known_users, machines: known_machines, .. } = rows;
        index.reserve(more.of(index.len()), |row| hasher.hash_one(ids.packed(*row).unwrap_or_default()));
        users.reserve(more.of(users.len()), |user| known_users.hash(*user, hasher));
        machines.reserve(more.of(machines.len()), |machine| known_machines.hash(*machine, hasher));
    }

    /// The session with this id.
    pub fn get(&self, id: &str) -> Option<SessionRow<'_>> {
        self.rows.get(self.rows.find_raw(id)?)
    }

    /// The sessions, in their order.
    pub fn iter(&self) -> impl Iterator<Item = SessionRow<'_>> {
        (0..self.len()).filter_map(|place| {
            let row = self.places.as_ref().map_or(Some(place as u32), |rows| rows.get(place).copied());
            self.rows.get(row?)
        })
    }

    /// Takes a session, unless there is one with its id. Says whether it did.
    pub fn add(&mut self, parts: &SessionParts<'_>) -> bool {
        self.pack_id(&parts.id);
        let id = std::mem::take(&mut self.scratch);
        let is_new = self.claim(&id);
        self.scratch = id;
        if is_new {
            self.append(parts);
        }
        is_new
    }

    /// Makes the next row that of a packed id, unless there is one with it. Says whether it did: then all other columns are to
    /// follow.
    fn claim(&mut self, id: &[u8]) -> bool {
        let rows = &mut self.rows;
        let hash = rows.hasher.hash_one(id);
        if rows.index.find(hash, |row| rows.ids.packed(*row) == Some(id)).is_some() {
            return false;
        }
        let row = rows.len() as u32;
        rows.ids.push_packed(Some(id));
        let SessionRows { index, ids, hasher, .. } = rows;
        index.insert_unique(hash, row, |row| hasher.hash_one(ids.packed(*row).unwrap_or_default()));
        if let Some(places) = &mut self.places {
            places.push(row);
        }
        true
    }

    /// Takes a session; one that has its id gives way, and the new one stands in its place.
    pub fn put(&mut self, parts: &SessionParts<'_>) {
        if self.add(parts) {
            return;
        }
        self.pack_id(&parts.id);
        let hash = self.rows.hasher.hash_one(self.scratch.as_slice());
        let rows = &mut self.rows;
        let new = rows.len() as u32;
        let ids = &rows.ids;
        let Some(known) = rows.index.find_mut(hash, |row| ids.packed(*row) == Some(&self.scratch)) else {
            return;
        };
        let old = std::mem::replace(known, new);
        rows.ids.push_packed(Some(&self.scratch));
        let places = self.places.get_or_insert_with(|| (0..new).collect());
        // Rows are in the order of their places, except those that were replaced.
        let place = places
            .get(old as usize)
            .filter(|row| **row == old)
            .map(|_| old as usize)
            .or_else(|| places.iter().position(|row| *row == old));
        if let Some(place) = place.and_then(|place| places.get_mut(place)) {
            *place = new;
        }
        self.append(parts);
    }

    /// The list.
    #[must_use]
    pub fn finish(self) -> SessionRows {
        let mut rows = if self.places.is_none() {
            self.rows
        } else {
            let mut again = Self::default();
            for row in self.iter() {
                again.add(&SessionParts::of(row));
            }
            again.rows
        };
        rows.shrink();
        rows
    }

    fn pack_id(&mut self, id: &str) {
        self.scratch.clear();
        packed::pack(id, None, &mut self.scratch);
    }

    /// Appends all but the id.
    fn append(&mut self, parts: &SessionParts<'_>) {
        let groups = parts.groups.as_ref().map_or(NO_GROUPS, |groups| self.group_list(groups));
        let Self { rows, users, machines, key, scratch, .. } = self;
        let hasher = &rows.hasher;
        Place::write_key(parts, key);
        rows.place.push(rows.places.number(&key.0, hasher, || Place::of(parts)));
        Mode::write_key(parts, key);
        rows.mode.push(rows.modes.number(&key.0, hasher, || Mode::of(parts)));
        Way::write_key(parts, key);
        rows.way.push(rows.ways.number(&key.0, hasher, || Way::of(parts)));
        rows.user.push(rows.users.number(users, parts, groups, scratch, hasher));
        rows.machine.push(rows.machines.number(machines, parts, scratch, hasher));
        rows.started.push(parts.started_at);
        rows.disconnected.push(parts.disconnected_at);
        rows.idle.push(parts.idle_minutes);
        rows.last_connection.push(parts.last_connection_ms);
        rows.client_names.push(parts.client_name.as_deref());
        rows.client_addresses.push(parts.client_address.as_deref());
        rows.client_locations.push(parts.client_location_id.as_deref(), None);
        rows.guids.push(parts.guid.as_deref(), None);
        rows.internal_ids.push(parts.internal_id.as_deref(), None);
    }

    /// The number of a list of groups.
    fn group_list(&mut self, groups: &[Cow<'_, str>]) -> u32 {
        let Self { rows, key, .. } = self;
        key.0.clear();
        key.texts(groups);
        let SessionRows { groups: words, group_lists, hasher, .. } = rows;
        let numbers = || {
            let number = |group: &Cow<'_, str>| words.number(group.as_bytes(), hasher, || Text::clean(group));
            groups.iter().map(number).collect()
        };
        group_lists.number(&key.0, hasher, numbers)
    }
}
