//! An estate from a world: people, machines, sessions in a believable mixture, and their recent past.

use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;

use super::session::Client;
use super::{
    ACTIVE, Counts, Estate, EventLog, Flags, Host, Images, Machine, NONE, Place, PlaceKind, Protocol, Seat,
    Session, State, User,
};
use crate::sim::ids::Ids;
use crate::sim::names::Pattern;
use crate::sim::world::{CheckedWorld, Name, Weighted, World};

/// Builds the estate as it is at `now`.
pub(crate) fn build(defined: &Arc<CheckedWorld>, sessions: Option<usize>, seed: u64, now: i64) -> Estate {
    let wanted = sessions.unwrap_or(defined.world.sessions);
    let world = &defined.world;
    let position = |found: Option<usize>| found.unwrap_or(0) as u16;
    let mut estate = Estate {
        ids: Ids::new(seed),
        users: Vec::new(),
        groups: vec!["Domain Users".to_owned()],
        places: Vec::new(),
        machines: Vec::new(),
        hosts: Vec::new(),
        versions: Vec::new(),
        sessions: Vec::with_capacity(wanted + wanted / 8),
        counts: Counts::default(),
        events: EventLog::new(&world.events),
        images: Images::default(),
        workspace: None,
        rights: super::rights::Rights::default(),
        generation: 0,
        now,
        target: wanted,
        messages: VecDeque::new(),
        endings: BTreeMap::new(),
        local_pod: position(world.pods.iter().position(|pod| pod.local)),
        several_pods: world.pods.len() > 1,
        next_serial: 0,
        next_life_at: i64::MAX,
        tasks: BinaryHeap::new(),
        task_count: 0,
        gone: 0,
        random: fastrand::Rng::with_seed(seed),
        defined: Arc::clone(defined),
    };
    let shares = estate.add_places(&defined.world, wanted);
    estate.add_users(defined, &shares);
    estate.add_rights();
    estate.add_sessions(&shares);
    estate.seat_on_two_pods();
    estate.add_history();
    estate.draw_next();
    estate.add_images(defined);
    estate.workspace = super::workspace::build(defined, &estate.users, seed, now);
    estate
}

impl Estate {
    /// Adds pools, farms and consoles with their machines; returns how many sessions each of them gets.
    fn add_places(&mut self, world: &World, wanted: usize) -> Vec<usize> {
        let shares: Vec<u32> = (world.pools.iter().map(|pool| pool.share))
            .chain(world.farms.iter().map(|farm| farm.share))
            .chain(world.consoles.iter().map(|console| console.share))
            .collect();
        let counts = apportion(wanted, &shares);
        let mut sizes = counts.iter().copied();
        for (number, pool) in world.pools.iter().enumerate() {
            let size = sizes.next().unwrap_or(0);
            let kind = PlaceKind::Pool(number as u16);
            self.add_place(world, kind, &pool.access_group, pool.pod.as_ref(), pool.share, &pool.groups);
            self.add_machines(pool.machines.get_ref(), &pool.agents, size + size / 8 + 3);
        }
        for (number, farm) in world.farms.iter().enumerate() {
            let size = sizes.next().unwrap_or(0);
            let kind = PlaceKind::Farm(number as u16);
            self.add_place(world, kind, &farm.access_group, farm.pod.as_ref(), farm.share, &farm.groups);
            let count = size.div_ceil(farm.sessions_per_host.max(1) as usize) + 1;
            self.add_hosts(farm.hosts.get_ref(), &farm.agents, count);
        }
        for (number, console) in world.consoles.iter().enumerate() {
            let size = sizes.next().unwrap_or(0);
            let kind = PlaceKind::Console(number as u16);
            self.add_place(world, kind, &console.access_group, None, console.share, &[]);
            self.add_machines(console.machines.get_ref(), &console.agents, size + size / 8 + 1);
        }
        counts
    }

    fn add_place(
        &mut self,
        world: &World,
        kind: PlaceKind,
        access_group: &Name,
        pod: Option<&Name>,
        share: u32,
        groups: &[String],
    ) {
        let group = world.access_groups.iter().position(|group| group.name == *access_group.get_ref());
        let pod = pod.and_then(|pod| world.pods.iter().position(|known| known.name == *pod.get_ref()));
        let groups = groups.iter().map(|group| self.group(group)).collect();
        self.places.push(Place {
            kind,
            access_group: group.unwrap_or(0) as u16,
            pod: pod.map_or(self.local_pod, |pod| pod as u16),
            share,
            groups,
            free: Vec::new(),
            users: Vec::new(),
            hosts: (0, 0),
        });
    }

    pub(super) fn group(&mut self, name: &str) -> u16 {
        let known = self.groups.iter().position(|group| group == name);
        known.unwrap_or_else(|| {
            self.groups.push(name.to_owned());
            self.groups.len() - 1
        }) as u16
    }

    fn version(&mut self, version: &str) -> u16 {
        let known = self.versions.iter().position(|known| known == version);
        known.unwrap_or_else(|| {
            self.versions.push(version.to_owned());
            self.versions.len() - 1
        }) as u16
    }

    fn weighted(&mut self, versions: &[Weighted]) -> u16 {
        let total: u32 = versions.iter().map(|version| version.weight).sum();
        let mut draw = self.random.u32(..total.max(1));
        let mut chosen = versions.first().map_or("", |version| version.version.as_str());
        for version in versions {
            if draw < version.weight {
                chosen = &version.version;
                break;
            }
            draw -= version.weight;
        }
        self.version(chosen)
    }

    fn add_machines(&mut self, pattern: &str, agents: &[Weighted], count: usize) {
        let place = self.places.len() as u16 - 1;
        let pattern = Pattern::parse(pattern);
        for number in 1..=count as u32 {
            let name = pattern.as_ref().map_or_else(|| number.to_string(), |pattern| pattern.name(number));
            let agent = self.weighted(agents);
            let machine = self.machines.len() as u32;
            self.machines.push(Machine {
                place,
                name: name.into(),
                agent,
                session: NONE,
                assigned: NONE,
                starting: false,
            });
            self.places[usize::from(place)].free.push(machine);
        }
    }

    fn add_hosts(&mut self, pattern: &str, agents: &[Weighted], count: usize) {
        let place = self.places.len() as u16 - 1;
        let pattern = Pattern::parse(pattern);
        let first = self.hosts.len() as u32;
        for number in 1..=count as u32 {
            let name = pattern.as_ref().map_or_else(|| number.to_string(), |pattern| pattern.name(number));
            let agent = self.weighted(agents);
            self.hosts.push(Host { place, name: name.into(), agent, sessions: 0 });
        }
        self.places[usize::from(place)].hosts = (first, count as u32);
    }

    /// Adds the administrators, the people with hard names, and enough users for every place.
    fn add_users(&mut self, defined: &CheckedWorld, shares: &[usize]) {
        let add = |login: &str, display: &str, home: Option<u16>| User {
            login: login.into(),
            display: display.into(),
            home,
            sessions: 0,
        };
        for account in &defined.world.accounts {
            self.users.push(add(&account.login, &account.display, None));
        }
        let homes: Vec<u16> = (0..self.places.len() as u16)
            .filter(|place| matches!(self.places[usize::from(*place)].kind, PlaceKind::Pool(_)))
            .filter(|place| self.places[usize::from(*place)].pod == self.local_pod)
            .collect();
        for (number, hard) in defined.users.hard.iter().enumerate() {
            let home = homes.get(number % homes.len().max(1)).copied().unwrap_or(0);
            self.places[usize::from(home)].users.push(self.users.len() as u32);
            self.users.push(add(&hard.login, &hard.display, Some(home)));
        }
        let (given, family) = (&defined.users.given, &defined.users.family);
        let combinations = (given.len() * family.len()).max(1);
        let stride = coprime(combinations);
        let mut made = self.random.usize(..combinations);
        let start = made;
        for (place, share) in shares.iter().enumerate() {
            let count = (*share as f64 * defined.users.per_session.max(1.0)).ceil() as usize + 2;
            for _ in 0..count {
                let slot = (made % combinations) * stride % combinations;
                let first = given.get(slot % given.len().max(1)).map_or("user", String::as_str);
                let last = family.get(slot / given.len().max(1)).map_or("user", String::as_str);
                let round = (made - start) / combinations;
                let login = login(first, last, round);
                self.places[place].users.push(self.users.len() as u32);
                self.users.push(add(&login, &format!("{last}, {first}"), Some(place as u16)));
                made += 1;
            }
        }
    }

    fn add_sessions(&mut self, shares: &[usize]) {
        let mut order: Vec<u16> =
            shares.iter().enumerate().flat_map(|(place, count)| vec![place as u16; *count]).collect();
        self.random.shuffle(&mut order);
        self.add_hard_users(&mut order);
        let mut next_user = vec![0_usize; self.places.len()];
        for place in order {
            let second = self.chance(self.defined.mix.duplicates);
            let position = if second {
                self.open(place, true)
            } else {
                // People in turn: everybody has a session before anybody has two.
                let users = &self.places[usize::from(place)].users;
                let mut user = None;
                while let Some(candidate) = users.get(next_user[usize::from(place)]) {
                    next_user[usize::from(place)] += 1;
                    if self.users[*candidate as usize].sessions == 0 {
                        user = Some(*candidate);
                        break;
                    }
                }
                match user {
                    Some(user) => self.open_for(place, user),
                    None => self.open(place, false),
                }
            };
            if let Some(position) = position {
                self.give_past(position);
            }
        }
    }

    /// Sessions for the people with hard names, taken out of the shares of their places.
    fn add_hard_users(&mut self, order: &mut Vec<u16>) {
        let administrators = self.defined.world.accounts.len();
        for number in 0..self.defined.users.hard.len() {
            let user = (administrators + number) as u32;
            let Some(home) = self.users[user as usize].home else { continue };
            let Some(at) = order.iter().position(|place| *place == home) else { continue };
            order.remove(at);
            let Some(position) = self.open_for(home, user) else { continue };
            if let (Seat::Machine { machine }, Some(name)) =
                (self.sessions[position].seat, &self.defined.users.hard[number].machine)
            {
                self.machines[machine as usize].name = name.as_str().into();
            }
            self.give_past(position);
        }
    }

    /// A PENDING session that begins now.
    pub(super) fn new_session(&mut self, serial: u32, user: u32, seat: Seat, place: u16) -> Session {
        let mix = self.defined.mix.clone();
        let console = matches!(seat, Seat::Console { .. });
        let old = self.chance(mix.old_agents);
        let protocol = match self.random.u32(..100) {
            _ if console => Protocol::Console,
            0..=77 => Protocol::Blast,
            78..=92 => Protocol::Pcoip,
            _ => Protocol::Rdp,
        };
        let agent = match seat {
            Seat::Machine { machine } | Seat::Console { machine } => self.machines[machine as usize].agent,
            Seat::RdsDesktop { host } | Seat::Application { host, .. } => self.hosts[host as usize].agent,
        };
        let mut flags = Flags::default();
        flags.set(Flags::OLD, old);
        flags.set(Flags::UNAUTHENTICATED, !console && self.chance(mix.unauthenticated));
        let application = matches!(seat, Seat::Application { .. });
        flags.set(Flags::FOREVER, application && self.chance(mix.forever_applications));
        // Somebody else's log-in at the broker: single sign-on was not used (horizon-rest.md section 7.3).
        let other = self.chance(0.5);
        let users = &self.places[usize::from(place)].users;
        let broker_user = match users.get(self.random.usize(..users.len().max(1))) {
            _ if console => NONE,
            Some(someone) if other => *someone,
            _ => user,
        };
        Session {
            serial,
            user,
            broker_user,
            seat,
            state: State::Pending,
            protocol,
            flags,
            start: self.now,
            since: self.now,
            last_duration: 0,
            last_input: ACTIVE,
            dropped_at: 0,
            client: if console {
                Client { kind: u8::MAX, version: 0, number: 0 }
            } else {
                self.draw_client()
            },
            gateway: if console || old { u8::MAX } else { self.draw_gateway() },
            agent,
        }
    }

    fn draw_client(&mut self) -> Client {
        let defined = Arc::clone(&self.defined);
        let clients = &defined.world.clients;
        let kind = self.draw_weight(clients.iter().map(|client| client.weight));
        let versions = clients.get(kind).map_or(&[][..], |client| &client.versions);
        let version = self.weighted(versions);
        Client { kind: kind as u8, version, number: self.random.u32(1..90_000) }
    }

    fn draw_gateway(&mut self) -> u8 {
        let defined = Arc::clone(&self.defined);
        self.draw_weight(defined.world.gateways.iter().map(|gateway| gateway.weight)) as u8
    }

    fn draw_weight(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total: u32 = weights.clone().sum();
        let mut draw = self.random.u32(..total.max(1));
        for (number, weight) in weights.enumerate() {
            if draw < weight {
                return number;
            }
            draw -= weight;
        }
        0
    }
}

/// Shares `total` out by weights, so that the parts add up to it exactly.
fn apportion(total: usize, shares: &[u32]) -> Vec<usize> {
    let weight: u64 = shares.iter().map(|share| u64::from(*share)).sum::<u64>().max(1);
    let mut given = 0;
    let mut seen: u64 = 0;
    let mut parts = Vec::with_capacity(shares.len());
    for share in shares {
        seen += u64::from(*share);
        let upto = (total as u128 * u128::from(seen) / u128::from(weight)) as usize;
        parts.push(upto - given);
        given = upto;
    }
    parts
}

/// A stride that visits every number below `count` once.
fn coprime(count: usize) -> usize {
    [1009, 617, 419, 211, 101].into_iter().find(|stride| !count.is_multiple_of(*stride)).unwrap_or(1)
}

/// `alvarez.m` for Marta Alvarez, with a number when the round is not the first.
fn login(given: &str, family: &str, round: usize) -> String {
    let family: String =
        family.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).map(plain).collect();
    let given: String = given.to_lowercase().chars().map(plain).take(3).collect();
    if round == 0 { format!("{family}.{given}") } else { format!("{family}.{given}{}", round + 1) }
}

/// Letters as an administrator would type them in a log-in name.
fn plain(letter: char) -> char {
    match letter {
        'á' | 'à' | 'ä' | 'ă' => 'a',
        'é' | 'è' | 'ë' => 'e',
        'í' | 'ı' => 'i',
        'ó' | 'ö' | 'ø' => 'o',
        'ú' | 'ü' => 'u',
        'ć' | 'č' => 'c',
        'š' => 's',
        'ñ' => 'n',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up() {
        assert_eq!(apportion(10, &[1, 1, 1]), [3, 3, 4]);
        assert_eq!(apportion(0, &[5]), [0]);
        let parts = apportion(4999, &[16, 3, 8, 9, 14]);
        assert_eq!(parts.iter().sum::<usize>(), 4999);
    }

    #[test]
    fn logins_are_typeable() {
        assert_eq!(login("Marta", "Alvarez", 0), "alvarez.mar");
        assert_eq!(login("Jörg", "O'Brien", 2), "obrien.jor3");
    }
}
