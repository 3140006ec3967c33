//! Taking sessions over from another list, column by column: what they share is looked up once, and no id is put together.

use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{SessionRows, SessionRowsBuilder};
use crate::domain::sessions::{
    dictionary::{Dictionary, MachineSaid, Machines, NO_GROUPS, UserSaid, Users},
    packed,
};

/// What the numbers of one list are in another, as far as they were looked up.
struct Numbers(Vec<u32>);

/// Not looked up yet.
const UNSEEN: u32 = u32::MAX;

impl Numbers {
    fn new(count: usize) -> Self {
        Self(vec![UNSEEN; count])
    }

    fn get(&mut self, number: u32, look_up: impl FnOnce() -> u32) -> u32 {
        let Some(known) = self.0.get_mut(number as usize) else { return number };
        if *known == UNSEEN {
            *known = look_up();
        }
        *known
    }
}

/// What the numbers of one list are in another.
struct Translation {
    places: Numbers,
    modes: Numbers,
    ways: Numbers,
    users: Numbers,
    machines: Numbers,
    group_lists: Numbers,
}

impl Translation {
    fn of(list: &SessionRows) -> Self {
        Self {
            places: Numbers::new(list.places.values.len()),
            modes: Numbers::new(list.modes.values.len()),
            ways: Numbers::new(list.ways.values.len()),
            users: Numbers::new(list.users.groups.len()),
            machines: Numbers::new(list.machines.ids.len()),
            group_lists: Numbers::new(list.group_lists.values.len()),
        }
    }
}

impl SessionRowsBuilder {
    /// Takes these rows of another list, each unless there is a session with its id, as [`Self::add`] takes them one by one.
    /// How many it did not take.
    pub fn add_all(&mut self, list: &SessionRows, rows: Range<u32>) -> usize {
        let mut numbers = Translation::of(list);
        rows.filter(|row| !self.join(list, *row, &mut numbers)).count()
    }

    fn join(&mut self, list: &SessionRows, row: u32, numbers: &mut Translation) -> bool {
        let Some(id) = list.ids.packed(row) else { return false };
        if !self.claim(id) {
            return false;
        }
        let Self { rows, users, machines, scratch, .. } = self;
        let hasher = &rows.hasher;
        let number = |column: &Vec<u32>| column.get(row as usize).copied().unwrap_or_default();
        let place = number(&list.place);
        rows.place.push(numbers.places.get(place, || rows.places.number_like(&list.places, place, hasher)));
        let mode = number(&list.mode);
        rows.mode.push(numbers.modes.get(mode, || rows.modes.number_like(&list.modes, mode, hasher)));
        let way = number(&list.way);
        rows.way.push(numbers.ways.get(way, || rows.ways.number_like(&list.ways, way, hasher)));
        let machine = number(&list.machine);
        rows.machine.push(
            numbers.machines.get(machine, || rows.machines.join(machines, &list.machines, machine, hasher)),
        );
        let user = number(&list.user);
        let (groups, group_lists) = (&mut rows.groups, &mut rows.group_lists);
        rows.user.push(numbers.users.get(user, || {
            let told = list.users.groups.get(user as usize).copied().unwrap_or(NO_GROUPS);
            let told = if told == NO_GROUPS {
                NO_GROUPS
            } else {
                numbers.group_lists.get(told, || {
                    group_lists.number(list.group_lists.key(told), hasher, || {
                        let here = |group: &u32| groups.number_like(&list.groups, *group, hasher);
                        list.group_lists.get(told).into_iter().flatten().map(here).collect()
                    })
                })
            };
            rows.users.join(users, &list.users, user, told, scratch, hasher)
        }));
        rows.started.push_from(&list.started, row);
        rows.disconnected.push_from(&list.disconnected, row);
        rows.idle.push(list.idle.get(row));
        rows.last_connection.push(list.last_connection.get(row));
        rows.client_names.push(list.client_names.get(row));
        rows.client_addresses.push(list.client_addresses.get(row));
        rows.client_locations.push_packed(list.client_locations.packed(row));
        rows.guids.push_packed(list.guids.packed(row));
        rows.internal_ids.push_packed(list.internal_ids.packed(row));
        true
    }
}

impl<V: Clone> Dictionary<V> {
    /// The number of a value that has a number in another dictionary.
    fn number_like(&mut self, other: &Self, number: u32, hasher: &DefaultHashBuilder) -> u32 {
        let Some(value) = other.get(number) else { return number };
        self.number(other.key(number), hasher, || value.clone())
    }
}

impl Users {
    /// The number of a user of another list.
    fn join(
        &mut self,
        index: &mut HashTable<u32>,
        other: &Self,
        user: u32,
        groups: u32,
        scratch: &mut Vec<u8>,
        hasher: &DefaultHashBuilder,
    ) -> u32 {
        scratch.clear();
        let packed = other.ids.packed(user).map(|id| {
            packed::pack_again(id, &other.beginnings, &mut self.beginnings, scratch);
            scratch.as_slice()
        });
        let broker = other.brokers.get(&user);
        let said = UserSaid {
            id: packed,
            name: other.names.get(user),
            groups,
            is_other_at_broker: broker.is_some(),
            at_broker: broker.and_then(Option::as_deref),
        };
        self.find_or_add(index, &said, hasher)
    }
}

impl Machines {
    /// The number of a machine of another list.
    fn join(
        &mut self,
        index: &mut HashTable<u32>,
        other: &Self,
        machine: u32,
        hasher: &DefaultHashBuilder,
    ) -> u32 {
        let said = MachineSaid {
            id: other.ids.packed(machine),
            rds_server: other.rds_servers.packed(machine),
            name: other.names.get(machine),
            dns: other.dns.get(machine),
        };
        self.find_or_add(index, &said, hasher)
    }
}
