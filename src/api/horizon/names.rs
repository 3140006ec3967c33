//! Names for ids that the session lists of older releases lack (`horizon-rest.md section 18`).
//!
//! Nothing here may fail or hold up a list: what cannot be looked up stays an id.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use serde::Deserialize;
use tokio::time::Instant;

use super::{versions::Resource, wire::Horizon};
use crate::{
    api::{
        Operation, RequestClass, decode,
        filter::Filter,
        http::Answer,
        page::{self, Keyed, PAGE_SIZE, Page, Reading},
        request::Request,
    },
    domain::{
        AccessGroupId, FarmId, Fault, FaultKind, MachineId, PoolId, PoolNames, RdsServerId, Session, Text,
        UserId,
    },
};

/// How many users are looked up in one call: keeps the address below a few kilobytes.
const USERS_PER_CALL: usize = 50;

/// A list is not read again before this, however many unknown ids show up.
const REST: Duration = Duration::from_mins(3);

/// What is known of a pool, farm, machine or server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Named {
    name: Option<Text>,
    dns: Option<Text>,
    kind: Option<Text>,
    source: Option<Text>,
    /// The name that administrators know a pool by, where `name` is the one that users see.
    own_name: Option<Text>,
    access_group: Option<AccessGroupId>,
}

/// One inventory list, read as a whole.
#[derive(Debug, Default)]
struct Inventory {
    rows: HashMap<String, Named>,
    /// When it was last asked for, whether it worked or not.
    asked: Option<Instant>,
    /// The account may not read it, or the server has none: asking again would only fill its log.
    barred: bool,
    /// The last reading did not work: what is there may be old, or nothing.
    failed: bool,
}

impl Inventory {
    /// Whether to read it (again), given the ids that are wanted.
    fn wants<'a>(&self, now: Instant, mut ids: impl Iterator<Item = &'a str>) -> bool {
        !self.barred
            && self.asked.is_none_or(|asked| now.duration_since(asked) >= REST)
            && ids.any(|id| !self.rows.contains_key(id))
    }
}

/// All that was looked up so far; shared by all servers of the estate, because they share the directory.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// By SID; `None` for one that does not exist any more.
    users: HashMap<String, Option<Text>>,
    users_asked: Option<Instant>,
    users_barred: bool,
    pools: Inventory,
    farms: Inventory,
    machines: Inventory,
    rds_servers: Inventory,
}

/// The lists, with where they are.
#[derive(Debug, Clone, Copy)]
enum List {
    Pools,
    Farms,
    Machines,
    RdsServers,
}

impl List {
    fn operation(self) -> Operation {
        match self {
            Self::Pools => Operation::ListPools,
            Self::Farms => Operation::ListFarms,
            Self::Machines => Operation::ListMachines,
            Self::RdsServers => Operation::ListRdsServers,
        }
    }

    /// One page. The low versions carry all that is needed and are small; pools and farms know paging from v2 on.
    fn request(self, number: usize) -> (Option<Resource>, Request) {
        let (resource, path) = match self {
            Self::Pools => (Some(Resource::Pools), "/inventory/{v}/desktop-pools"),
            Self::Farms => (Some(Resource::Farms), "/inventory/{v}/farms"),
            Self::Machines => (None, "/inventory/v1/machines"),
            Self::RdsServers => (None, "/inventory/v1/rds-servers"),
        };
        (resource, Request::get(self.operation(), path).page(number, PAGE_SIZE))
    }

    /// The id of a session that this list explains, if it lacks the name.
    fn wanted_by(self, session: &Session) -> Option<&str> {
        match self {
            Self::Pools if session.pool_name.is_none() => session.pool_id.as_ref().map(PoolId::raw),
            Self::Farms if session.pool_name.is_none() && session.pool_id.is_none() => {
                session.farm_id.as_ref().map(FarmId::raw)
            }
            Self::Machines if session.machine_name.is_none() => {
                session.machine_id.as_ref().map(MachineId::raw)
            }
            Self::RdsServers if session.machine_name.is_none() => {
                session.rds_server_id.as_ref().map(RdsServerId::raw)
            }
            _ => None,
        }
    }

    fn of(self, directory: &mut Directory) -> &mut Inventory {
        match self {
            Self::Pools => &mut directory.pools,
            Self::Farms => &mut directory.farms,
            Self::Machines => &mut directory.machines,
            Self::RdsServers => &mut directory.rds_servers,
        }
    }

    /// The lists that a version of the session list makes necessary.
    fn needed(version: u8) -> &'static [Self] {
        match version {
            ..6 => &[Self::Pools, Self::Farms, Self::RdsServers, Self::Machines],
            6 => &[Self::RdsServers, Self::Machines],
            _ => &[],
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireNamed {
    id: Option<String>,
    name: Option<String>,
    display_name: Option<String>,
    dns_name: Option<String>,
    access_group_id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    source: Option<String>,
}

#[derive(Debug)]
struct Row {
    id: String,
    named: Named,
}

impl Keyed for Row {
    type Key = String;

    fn key(&self) -> String {
        self.id.clone()
    }
}

fn read_page(list: List, answer: &Answer) -> Result<Page<Row>, Fault> {
    let read = decode::rows::<WireNamed>(list.operation(), &answer.body)?;
    let full = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Text::from);
    let rows = read.rows.into_iter().filter_map(|wire| {
        // The session lists of newer releases show the display name of a pool, but the name of a farm.
        let display_name = full(wire.display_name).filter(|_| matches!(list, List::Pools));
        let is_pool = matches!(list, List::Pools);
        let own_name = wire.name.clone().filter(|_| is_pool);
        let named = Named {
            name: display_name.or_else(|| full(wire.name)),
            dns: full(wire.dns_name),
            kind: full(wire.kind).filter(|_| is_pool),
            source: full(wire.source).filter(|_| is_pool),
            own_name: full(own_name),
            access_group: wire.access_group_id.filter(|id| !id.is_empty()).map(AccessGroupId::from),
        };
        Some(Row { id: wire.id?, named })
    });
    Ok(Page {
        rows: rows.collect(),
        sent: read.sent,
        unreadable: read.unreadable,
        unreadable_fields: read.unreadable_fields,
        more: answer.more,
        total: answer.total,
    })
}

/// Asks for some users by their SIDs. `Or` may hold nothing else than `Equals`.
fn users_request(sids: &[String]) -> Request {
    let filters = sids.iter().map(|sid| Filter::equals("id", sid.as_str())).collect();
    Request::get(Operation::ListUsers, "/external/v1/ad-users-or-groups")
        .page(1, PAGE_SIZE)
        .with("filter", &Filter::Or { filters }.json())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireUser {
    id: Option<String>,
    display_name: Option<String>,
    login_name: Option<String>,
    name: Option<String>,
}

impl WireUser {
    /// The short account name, which is what newer releases write into a session: `corp.example\kaya` is `kaya`.
    fn login(self) -> Option<Text> {
        let account = |name: &String| name.rsplit('\\').next().map(str::to_owned);
        let names = [self.login_name, self.display_name.as_ref().and_then(account), self.name];
        names.into_iter().flatten().find(|name| !name.is_empty()).map(Text::from)
    }
}

/// The lists of this version and later ones have all names.
pub(crate) const COMPLETE: u8 = 7;

/// Fills in what is missing, looking up what is not known yet, but not for longer than `budget`: what has not come by
/// then comes with the next list.
pub(crate) async fn fill(
    inner: &Horizon,
    class: RequestClass,
    version: u8,
    budget: Duration,
    sessions: &mut [Session],
) {
    if version >= COMPLETE {
        return;
    }
    fill_from(inner, class, version < 4, List::needed(version), budget, sessions).await;
}

/// Fills in names of users where they are missing, and nothing else: lists of a federation have all other names, or
/// nothing to look them up by.
pub(crate) async fn fill_users(
    inner: &Horizon,
    class: RequestClass,
    budget: Duration,
    sessions: &mut [Session],
) {
    if sessions.iter().any(|session| session.user_name.is_none()) {
        fill_from(inner, class, true, &[], budget, sessions).await;
    }
}

async fn fill_from(
    inner: &Horizon,
    class: RequestClass,
    users: bool,
    lists: &[List],
    budget: Duration,
    sessions: &mut [Session],
) {
    if sessions.is_empty() {
        return;
    }
    let looked_up = tokio::time::timeout(budget, async {
        let mut directory = inner.directory.lock().await;
        if users {
            look_up_users(inner, class, &mut directory, sessions).await;
        }
        for list in lists {
            look_up(inner, class, *list, &mut directory, sessions).await;
        }
    });
    if looked_up.await.is_err() {
        tracing::debug!("names are still being looked up");
    }
    // Not `lock`: whoever holds it is looking names up for another list, which this one need not wait for.
    if let Ok(directory) = inner.directory.try_lock() {
        for session in sessions {
            directory.complete(session);
        }
    }
}

/// Whether a fault means that asking again is pointless.
fn bars(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::InsufficientPermission | FaultKind::EntityNotFound)
        || fault.status == Some(404)
}

async fn look_up(
    inner: &Horizon,
    class: RequestClass,
    list: List,
    directory: &mut Directory,
    sessions: &[Session],
) {
    let ids = sessions.iter().filter_map(|session| list.wanted_by(session));
    if list.of(directory).wants(Instant::now(), ids) {
        read(inner, class, list, directory).await;
    }
}

/// Reads a list into the directory.
async fn read(inner: &Horizon, class: RequestClass, list: List, directory: &mut Directory) {
    let now = Instant::now();
    let fetch = |number| async move {
        let (resource, request) = list.request(number);
        let versioned = inner.put(class, resource, &request).await?;
        read_page(list, &versioned.answer)
    };
    let reading = Reading { size: PAGE_SIZE, in_flight: 2, limit: usize::MAX };
    let read = page::read_all(reading, fetch, |_| {}).await;
    let inventory = list.of(directory);
    inventory.asked = Some(now);
    inventory.failed = read.is_err();
    match read {
        Ok(whole) => inventory.rows.extend(whole.rows.into_iter().map(|row| (row.id, row.named))),
        Err(fault) => {
            inventory.barred = bars(&fault);
            tracing::debug!(%fault, "names stay ids");
        }
    }
}

async fn look_up_users(
    inner: &Horizon,
    class: RequestClass,
    directory: &mut Directory,
    sessions: &[Session],
) {
    let rested = directory.users_asked.is_none_or(|asked| asked.elapsed() >= REST);
    if directory.users_barred || !rested {
        return;
    }
    let unknown: HashSet<&str> = sessions
        .iter()
        .filter(|session| session.user_name.is_none())
        .filter_map(|session| session.user_id.as_ref().map(UserId::raw))
        .filter(|sid| !directory.users.contains_key(*sid))
        .collect();
    let mut unknown: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
    unknown.sort_unstable();
    for sids in unknown.chunks(USERS_PER_CALL) {
        let request = users_request(sids);
        let answer = inner.put(class, None, &request).await;
        let users =
            answer.and_then(|answered| decode::rows::<WireUser>(Operation::ListUsers, &answered.answer.body));
        match users {
            Ok(users) => {
                // Whoever is not in the answer does not exist any more: remembered too, not asked for again.
                directory.users.extend(sids.iter().map(|sid| (sid.clone(), None)));
                directory.users.extend(users.rows.into_iter().filter_map(|mut user| {
                    let id = user.id.take()?;
                    Some((id, user.login()))
                }));
            }
            Err(fault) => {
                directory.users_barred = bars(&fault);
                directory.users_asked = Some(Instant::now());
                tracing::debug!(%fault, "names stay ids");
                return;
            }
        }
    }
}

/// The pools by all their names, read at most every few minutes; `None` when they cannot be read.
pub(crate) async fn pools(inner: &Horizon, class: RequestClass) -> Option<Vec<PoolNames>> {
    let mut directory = inner.directory.lock().await;
    let list = List::Pools;
    let known = list.of(&mut directory);
    if !known.barred && known.asked.is_none_or(|asked| asked.elapsed() >= REST) {
        read(inner, class, list, &mut directory).await;
    }
    let known = list.of(&mut directory);
    if known.barred || known.failed {
        return None;
    }
    let names = |(id, pool): (&String, &Named)| PoolNames {
        id: PoolId::from(id.as_str()),
        name: pool.own_name.clone(),
        display_name: pool.name.clone(),
        access_group: pool.access_group.clone(),
        kind: pool.kind.clone(),
    };
    let mut pools: Vec<PoolNames> = known.rows.iter().map(names).collect();
    pools.sort_by(|one, other| one.id.cmp(&other.id));
    Some(pools)
}

impl Directory {
    /// Fills in what is known.
    fn complete(&self, session: &mut Session) {
        if session.user_name.is_none() {
            let user = session.user_id.as_ref().and_then(|id| self.users.get(id.raw()));
            session.user_name = user.cloned().flatten();
        }
        let pool = session.pool_id.as_ref().and_then(|id| self.pools.rows.get(id.raw()));
        let farm = session.farm_id.as_ref().and_then(|id| self.farms.rows.get(id.raw()));
        if let Some(pool) = pool.or(farm) {
            fill_in(&mut session.pool_name, pool.name.as_ref());
            fill_in(&mut session.pool_type, pool.kind.as_ref());
            fill_in(&mut session.pool_source, pool.source.as_ref());
        }
        let machine = session.machine_id.as_ref().and_then(|id| self.machines.rows.get(id.raw()));
        let server = session.rds_server_id.as_ref().and_then(|id| self.rds_servers.rows.get(id.raw()));
        if let Some(machine) = machine.or(server) {
            fill_in(&mut session.machine_name, machine.name.as_ref());
            fill_in(&mut session.machine_dns, machine.dns.as_ref());
        }
    }
}

fn fill_in(field: &mut Option<Text>, known: Option<&Text>) {
    if field.is_none() {
        *field = known.cloned();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_is_called_by_the_short_account_name() {
        let login = |row| serde_json::from_value::<WireUser>(row).unwrap().login();
        let both = json!({"login_name": "kaya", "display_name": "corp.example\\k", "name": "Kaya, Deniz"});
        assert_eq!(login(both), Some("kaya".into()));
        assert_eq!(login(json!({"display_name": "corp.example\\kaya", "name": "Kaya"})), Some("kaya".into()));
        assert_eq!(login(json!({"login_name": "", "display_name": "kaya"})), Some("kaya".into()));
        assert_eq!(login(json!({"display_name": "corp\\", "name": "Kaya"})), Some("Kaya".into()));
        assert_eq!(login(json!({})), None);
    }
}
