//! The audit log of the estate (`events.md`): who wrote what when, rendered only when asked for.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use super::session::NONE;
use super::{Estate, PlaceKind};
use crate::sim::world::EventKind;

/// How many rows the live event table keeps.
const KEPT: usize = 120_000;
/// Numbers of events start here, as in a database that has been in use for a while.
const FIRST_ID: i64 = 98_000;
/// No place or application.
pub(crate) const NO_PLACE: u16 = u16::MAX;

/// Which machine wrote the row (`machine_dns_name`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    /// A connection server of the local pod.
    Broker(u8),
    /// The machine that the event is about.
    Machine,
}

/// Facts that only some events have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Extra {
    pub(crate) message: Option<String>,
    pub(crate) object: Option<String>,
    /// The name of another pod that a request was meant for.
    pub(crate) pod: Option<String>,
    /// The session there.
    pub(crate) remote_session: Option<String>,
    pub(crate) count: Option<usize>,
    pub(crate) method: Option<String>,
    pub(crate) resource: Option<String>,
    /// A user name that belongs to nobody.
    pub(crate) stranger: Option<String>,
    /// Further variables, by their names in the texts.
    pub(crate) more: Vec<(&'static str, String)>,
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: i64,
    pub(crate) time: i64,
    /// Index into [`EventLog::kinds`].
    pub(crate) kind: u16,
    pub(crate) node: Node,
    /// Who did it: user of `user_id` and `UserDisplayName`, or [`NONE`].
    pub(crate) user: u32,
    /// Whom it was done to (`UserName`), or [`NONE`].
    pub(crate) subject: u32,
    pub(crate) machine: u32,
    pub(crate) host: u32,
    pub(crate) place: u16,
    /// An application of the place's farm.
    pub(crate) application: u16,
    pub(crate) extra: Option<Box<Extra>>,
}

/// The rows, oldest first.
#[derive(Debug)]
pub(crate) struct EventLog {
    pub(crate) kinds: Vec<EventKind>,
    numbers: HashMap<String, u16>,
    pub(crate) rows: VecDeque<Event>,
    written: i64,
}

impl EventLog {
    pub(crate) fn new(kinds: &[EventKind]) -> Self {
        let mut numbers = HashMap::new();
        for (number, kind) in kinds.iter().enumerate() {
            // The first of a name wins: the world's own come before the common ones.
            numbers.entry(kind.kind.clone()).or_insert(number as u16);
        }
        Self { kinds: kinds.to_vec(), numbers, rows: VecDeque::new(), written: 0 }
    }

    /// The number of an event type; `None` when the world has no text for it.
    pub(crate) fn kind(&self, name: &str) -> Option<u16> {
        self.numbers.get(name).copied()
    }

    /// Adds a row behind all rows that are not younger.
    pub(crate) fn push(&mut self, mut event: Event) {
        // Neighbours swap numbers: rows of one millisecond are not in the order of ids (events.md section 1).
        event.id = FIRST_ID + (self.written ^ 1);
        self.written += 1;
        let mut at = self.rows.len();
        while at > 0 && self.rows[at - 1].time > event.time {
            at -= 1;
        }
        self.rows.insert(at, event);
        if self.rows.len() > KEPT {
            self.rows.pop_front();
        }
    }

    /// Takes many rows at once, in any order.
    pub(super) fn fill(&mut self, mut events: Vec<Event>) {
        events.sort_by_key(|event| event.time);
        let start = events.len().saturating_sub(KEPT);
        for event in events.drain(start..) {
            self.push(event);
        }
    }

    /// How many rows, counted from the oldest, were written before `moment` and can be read.
    pub(crate) fn readable(&self, moment: i64) -> usize {
        self.rows.partition_point(|event| event.time <= moment)
    }
}

/// What an event is about; the rest is unset.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    pub(crate) user: Option<u32>,
    pub(crate) subject: Option<u32>,
    pub(crate) session: Option<super::Session>,
    pub(crate) place: Option<u16>,
    pub(crate) machine: Option<u32>,
    pub(crate) extra: Option<Extra>,
}

impl Estate {
    /// Writes an event; a type without a text in the world is not written.
    pub(crate) fn log(&mut self, kind: &str, time: i64, about: About) {
        if let Some(event) = self.event(kind, time, about) {
            self.events.push(event);
        }
    }

    /// Makes an event without writing it; none for what another pod would write (events.md section 3.2).
    pub(super) fn event(&self, kind: &str, time: i64, about: About) -> Option<Event> {
        if self.is_of_another_pod(&about) {
            return None;
        }
        let number = self.events.kind(kind)?;
        let by_agent = self.events.kinds[usize::from(number)].module == "Agent";
        let servers = self.servers().len().max(1);
        let mut event = Event {
            id: 0,
            time,
            kind: number,
            node: if by_agent {
                Node::Machine
            } else {
                Node::Broker((about.user.unwrap_or(0) as usize % servers) as u8)
            },
            user: about.user.unwrap_or(NONE),
            subject: about.subject.unwrap_or(NONE),
            machine: about.machine.unwrap_or(NONE),
            host: NONE,
            place: about.place.unwrap_or(NO_PLACE),
            application: NO_PLACE,
            extra: about.extra.map(Box::new),
        };
        if let Some(session) = about.session {
            event.place = self.place_index(&session);
            match session.seat {
                super::Seat::Machine { machine } | super::Seat::Console { machine } => {
                    event.machine = machine;
                }
                super::Seat::RdsDesktop { host } => event.host = host,
                super::Seat::Application { host, applications } => {
                    event.host = host;
                    event.application = applications.trailing_zeros() as u16;
                }
            }
        }
        Some(event)
    }

    /// The connection servers of the local pod.
    pub(crate) fn servers(&self) -> &[String] {
        &self.defined.world.pods[usize::from(self.local_pod)].connection_servers
    }

    /// The name of the machine or host an event is about.
    pub(crate) fn event_machine(&self, event: &Event) -> Option<&str> {
        if let Some(machine) = self.machines.get(event.machine as usize) {
            return Some(&machine.name);
        }
        self.hosts.get(event.host as usize).map(|host| &*host.name)
    }

    /// The application an event is about, by its name as the administrator typed it.
    pub(crate) fn event_application(&self, event: &Event) -> Option<&str> {
        let place = self.places.get(usize::from(event.place))?;
        let PlaceKind::Farm(farm) = place.kind else { return None };
        self.farm(farm).applications.get(usize::from(event.application)).map(|app| app.name.as_str())
    }

    /// The variables of an event, by the names that the texts and the extended attributes use.
    pub(crate) fn variables(&self, event: &Event) -> Vec<(&'static str, String)> {
        let mut found: Vec<(&'static str, String)> = Vec::new();
        let mut add = |name, value: Option<String>| found.extend(value.map(|value| (name, value)));
        let extra = event.extra.as_deref();
        let known = |user: u32| (user != NONE).then(|| self.full_name(user));
        let stranger = extra.and_then(|extra| extra.stranger.clone());
        add("UserDisplayName", known(event.user).or(stranger));
        add("UserName", known(event.subject));
        add("MachineName", self.event_machine(event).map(str::to_owned));
        if event.place != NO_PLACE {
            let pool = self.pool_name(event.place).map(str::to_owned);
            add("PoolId", pool.clone());
            add("DesktopId", pool);
        }
        add("ApplicationId", self.event_application(event).map(str::to_owned));
        if let Node::Broker(broker) = event.node {
            add("BrokerName", self.servers().get(usize::from(broker)).cloned());
        }
        if let Some(extra) = extra {
            add("SessionMessage", extra.message.clone());
            add("ObjectId", extra.object.clone());
            add("PodName", extra.pod.clone());
            add("SessionId", extra.remote_session.clone());
            add("UserCount", extra.count.map(|count| count.to_string()));
            add("RESTHttpMethodName", extra.method.clone());
            add("RESTResourceName", extra.resource.clone());
            for (name, value) in &extra.more {
                add(name, Some(value.clone()));
            }
        }
        found
    }

    /// The text of an event.
    pub(crate) fn render(&self, event: &Event) -> String {
        let template = &self.events.kinds[usize::from(event.kind)].text;
        let variables = self.variables(event);
        let mut text = String::with_capacity(template.len() + 40);
        let mut rest = template.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            let value = variables.iter().find(|(known, _)| *known == name);
            text.push_str(value.map_or("?", |(_, value)| value));
            rest = tail;
        }
        text.push_str(rest);
        text
    }

    /// The FQDN of the machine that wrote an event.
    pub(crate) fn event_node(&self, event: &Event) -> Option<String> {
        let name: Cow<'_, str> = match event.node {
            Node::Broker(broker) => self.servers().get(usize::from(broker))?.into(),
            Node::Machine => self.event_machine(event)?.into(),
        };
        Some(self.dns(&name))
    }
}
