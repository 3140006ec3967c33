//! Who gets which machine or host: opening sessions.

use super::{Estate, PlaceKind, Seat};

/// How many people are looked at to find one for a session.
const TRIES: usize = 60;

impl Estate {
    /// A place by the shares of the world.
    pub(super) fn draw_place(&mut self) -> u16 {
        let total: u64 = self.places.iter().map(|place| u64::from(place.share)).sum();
        let mut draw = self.random.u64(..total.max(1));
        for (number, place) in self.places.iter().enumerate() {
            let share = u64::from(place.share);
            if draw < share {
                return number as u16;
            }
            draw -= share;
        }
        0
    }

    /// Somebody who works at a place.
    pub(super) fn draw_user(&mut self, place: u16) -> Option<u32> {
        let users = &self.places[usize::from(place)].users;
        if users.is_empty() {
            return None;
        }
        let chosen = self.random.usize(..users.len());
        Some(self.places[usize::from(place)].users[chosen])
    }

    /// Opens a PENDING session at a place; `None` when nobody or nothing is free. A `second`
    /// session is for somebody who has one already, when such a user is found.
    pub(super) fn open(&mut self, place: u16, second: bool) -> Option<usize> {
        let mut user = None;
        for _ in 0..TRIES {
            let candidate = self.draw_user(place)?;
            let busy = self.users[candidate as usize].sessions > 0;
            if busy == second {
                user = Some(candidate);
                break;
            }
        }
        let user = match user {
            Some(user) => user,
            None => self.draw_user(place)?,
        };
        self.open_for(place, user)
    }

    /// Opens a PENDING session for this user.
    pub(super) fn open_for(&mut self, place: u16, user: u32) -> Option<usize> {
        let seat = self.take_seat(place)?;
        let serial = self.next_serial;
        self.next_serial += 1;
        if let Seat::Machine { machine } | Seat::Console { machine } = seat {
            let dedicated = match self.places[usize::from(place)].kind {
                PlaceKind::Pool(pool) => self.pool(pool).dedicated,
                _ => false,
            };
            let row = &mut self.machines[machine as usize];
            row.session = serial;
            if dedicated {
                row.assigned = user;
            }
        }
        let session = self.new_session(serial, user, seat, place);
        self.users[user as usize].sessions = self.users[user as usize].sessions.saturating_add(1);
        self.sessions.push(session);
        self.generation += 1;
        let position = self.sessions.len() - 1;
        self.count(position);
        Some(position)
    }

    fn take_seat(&mut self, place: u16) -> Option<Seat> {
        let row = &mut self.places[usize::from(place)];
        match row.kind {
            PlaceKind::Pool(_) | PlaceKind::Console(_) => {
                let console = matches!(row.kind, PlaceKind::Console(_));
                // The one that has been free for the longest is not last in the list: draw among all.
                if row.free.is_empty() {
                    return None;
                }
                let chosen = self.random.usize(..row.free.len());
                let machine = row.free.swap_remove(chosen);
                Some(if console { Seat::Console { machine } } else { Seat::Machine { machine } })
            }
            PlaceKind::Farm(farm) => {
                let (first, count) = row.hosts;
                let farm = self.farm(farm);
                let (limit, desktops) = (farm.sessions_per_host * 5 / 4 + 1, f64::from(farm.desktop_percent));
                let applications = farm.applications.len().min(16);
                let first_try = first + self.random.u32(..count.max(1));
                let host = (0..count)
                    .map(|offset| first + (first_try - first + offset) % count.max(1))
                    .find(|host| self.hosts[*host as usize].sessions < limit)?;
                self.hosts[host as usize].sessions += 1;
                if self.chance(desktops) {
                    return Some(Seat::RdsDesktop { host });
                }
                let mut mask = 1_u16 << self.random.usize(..applications.max(1));
                if self.chance(35.0) {
                    mask |= 1 << self.random.usize(..applications.max(1));
                }
                Some(Seat::Application { host, applications: mask })
            }
        }
    }
}
