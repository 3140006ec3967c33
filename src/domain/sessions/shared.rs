//! What many rows of a list have in common, and what follows for them: whatever is true of a pool or a user needs to be
//! found out once, not for each of their sessions.

use std::{collections::HashMap, sync::OnceLock};

use hashbrown::HashTable;

use super::{SessionRow, SessionRows, column::TextColumn, packed};
use crate::domain::{MachineId, UserId};

/// What rows may have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Common {
    /// The user: SIDs, name, groups.
    User,
    /// The machine or RDS server: ids and names.
    Machine,
    /// Pool or farm, access group, domain, applications, pods.
    Place,
    /// Kind, state, protocol, agent, and what is yes or no.
    Mode,
    /// Gateway, kind and version of the client.
    Way,
    /// Nothing: client name and address, times, ids.
    Row,
}

/// For each of the things that rows have in common the first row that has it, made when it is first needed.
#[derive(Debug, Clone, Default)]
pub(super) struct Firsts([OnceLock<Vec<u32>>; 5]);

/// Where users and machines are found by their ids, made when it is first needed.
#[derive(Debug, Clone, Default)]
pub(super) struct ByIds {
    users: OnceLock<HashTable<u32>>,
    machines: OnceLock<HashTable<u32>>,
}

/// A row that stands for nothing.
const NO_ROW: u32 = u32::MAX;

impl SessionRows {
    /// For each row the number of what it has in common with others; `None` where it has nothing.
    pub fn numbers(&self, common: Common) -> Option<&[u32]> {
        match common {
            Common::User => Some(&self.user),
            Common::Machine => Some(&self.machine),
            Common::Place => Some(&self.place),
            Common::Mode => Some(&self.mode),
            Common::Way => Some(&self.way),
            Common::Row => None,
        }
    }

    /// One row for each of the things that rows have in common, in the order of their numbers; all rows where there is
    /// nothing.
    pub fn representatives(&self, common: Common) -> impl ExactSizeIterator<Item = SessionRow<'_>> {
        let firsts = self.numbers(common).map(|numbers| self.firsts(common, numbers));
        let count = firsts.map_or(self.len(), <[u32]>::len);
        (0..count).map(move |place| {
            let row = firsts.map_or(Some(place as u32), |firsts| firsts.get(place).copied());
            SessionRow { rows: self, row: row.unwrap_or(NO_ROW) }
        })
    }

    fn firsts(&self, common: Common, numbers: &[u32]) -> &[u32] {
        let make = || {
            // Numbers are given in the order of the rows.
            let mut firsts = Vec::new();
            for (row, number) in (0..).zip(numbers) {
                if *number as usize >= firsts.len() {
                    firsts.resize(*number as usize + 1, NO_ROW);
                }
                if let Some(first) = firsts.get_mut(*number as usize).filter(|first| **first == NO_ROW) {
                    *first = row;
                }
            }
            firsts
        };
        self.firsts.0.get(common as usize).map_or(&[], |firsts| firsts.get_or_init(make))
    }

    /// For each [`Common::User`] the number of the person, from 0 on, and how many persons there are: users of one SID are
    /// one, and without a SID those of one name, whatever its case. `None` for who has neither.
    pub fn people(&self) -> (Vec<Option<u32>>, u32) {
        let users = &self.users;
        let mut by_id: HashTable<(u32, u32)> = HashTable::new();
        let mut by_name: HashMap<String, u32> = HashMap::new();
        let mut count = 0;
        let mut next = || {
            count += 1;
            count - 1
        };
        let mut person = |user: u32| {
            let Some(packed) = users.ids.packed(user) else {
                return users
                    .names
                    .get(user)
                    .map(|name| *by_name.entry(name.to_lowercase()).or_insert_with(&mut next));
            };
            let hash = self.hash_packed(packed);
            if let Some((_, person)) = by_id.find(hash, |(known, _)| users.ids.packed(*known) == Some(packed))
            {
                return Some(*person);
            }
            let new = (user, next());
            by_id.insert_unique(hash, new, |(user, _)| {
                self.hash_packed(users.ids.packed(*user).unwrap_or_default())
            });
            Some(new.1)
        };
        let people = (0..users.groups.len() as u32).map(&mut person).collect();
        (people, count)
    }

    /// The texts of a column that can be searched as a whole.
    fn column(&self, column: Searched) -> &TextColumn {
        match column {
            Searched::UserName => &self.users.names,
            Searched::MachineName => &self.machines.names,
            Searched::MachineDns => &self.machines.dns,
            Searched::ClientName => &self.client_names,
            Searched::ClientAddress => &self.client_addresses,
        }
    }

    /// The numbers of the texts of a column that hold a word, in ascending order. `lower` is in small letters.
    pub fn holding(&self, column: Searched, lower: &str, found: impl FnMut(u32)) {
        super::search::each(self.column(column), lower, found);
    }

    /// Finds out now what another list was asked for, so that nobody waits for it later.
    pub fn prepare_like(&self, before: &Self) {
        if before.by_ids.users.get().is_some() {
            self.users_by_id();
        }
        if before.by_ids.machines.get().is_some() {
            self.machines_by_id();
        }
        for common in [Common::User, Common::Machine, Common::Place, Common::Mode, Common::Way] {
            let is_known = before.firsts.0.get(common as usize).is_some_and(|firsts| firsts.get().is_some());
            if let (true, Some(numbers)) = (is_known, self.numbers(common)) {
                self.firsts(common, numbers);
            }
        }
    }

    fn users_by_id(&self) -> &HashTable<u32> {
        let make = || {
            self.index_of(self.users.groups.len(), &|user| self.users.ids.packed(user), &|user| {
                self.users.names.get(user)
            })
        };
        self.by_ids.users.get_or_init(make)
    }

    fn machines_by_id(&self) -> &HashTable<u32> {
        let make = || {
            self.index_of(self.machines.ids.len(), &|machine| self.machines.ids.packed(machine), &|machine| {
                self.machines.names.get(machine)
            })
        };
        self.by_ids.machines.get_or_init(make)
    }

    /// The name of the user with this SID, as it was said last.
    pub fn user_named(&self, id: &UserId) -> Option<&str> {
        let mut beginnings = self.users.beginnings.clone();
        let mut packed = Vec::new();
        packed::pack(id.raw(), Some(&mut beginnings), &mut packed);
        let hash = self.hash_packed(&packed);
        let is_it = |user: &u32| self.users.ids.packed(*user) == Some(packed.as_slice());
        let user = self.users_by_id().find(hash, is_it)?;
        self.users.names.get(*user)
    }

    /// The name of the machine with this id, as it was said last.
    pub fn machine_named(&self, id: &MachineId) -> Option<&str> {
        let mut packed = Vec::new();
        packed::pack(id.raw(), None, &mut packed);
        let hash = self.hash_packed(&packed);
        let is_it = |machine: &u32| self.machines.ids.packed(*machine) == Some(packed.as_slice());
        self.machines.names.get(*self.machines_by_id().find(hash, is_it)?)
    }

    /// Where those of so many are found that have an id and a name; of several with one id, the last.
    fn index_of<'a>(
        &'a self,
        count: usize,
        id: &dyn Fn(u32) -> Option<&'a [u8]>,
        name: &dyn Fn(u32) -> Option<&'a str>,
    ) -> HashTable<u32> {
        let mut index = HashTable::with_capacity(count);
        for number in (0..count as u32).rev() {
            let (Some(packed), Some(_)) = (id(number), name(number)) else { continue };
            let hash = self.hash_packed(packed);
            if index.find(hash, |known| id(*known) == Some(packed)).is_none() {
                index.insert_unique(hash, number, |known| self.hash_packed(id(*known).unwrap_or_default()));
            }
        }
        index
    }
}

/// A column of texts that can be searched as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Searched {
    /// By [`Common::User`].
    UserName,
    /// By [`Common::Machine`].
    MachineName,
    /// By [`Common::Machine`].
    MachineDns,
    /// By [`Common::Row`].
    ClientName,
    /// By [`Common::Row`].
    ClientAddress,
}
