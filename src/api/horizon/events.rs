//! Audit events: what to ask for, and how far the log has been read (`horizon-rest.md section 14`).

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::sessions::moment;
use crate::{
    api::{
        Operation, decode,
        filter::Filter,
        http::Answer,
        page::{Keyed, Page},
        request::Request,
    },
    domain::{AuditEvent, EventId, Fault},
};

/// How far back each reading overlaps the one before: rows are written by several servers, and a row may reach the
/// database after another that is newer.
const OVERLAP_MS: i64 = 60_000;

/// A day: how far past the present a span reaches when its end is open.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How far the event log has been read. Plain data: it may be kept and used with another connection to the same pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMark {
    /// Time of the newest event that was seen; epoch milliseconds.
    newest: Option<i64>,
    /// The events that were seen shortly before it, with their times: several may share a millisecond, and those are
    /// not in the order of their numbers.
    seen: BTreeMap<EventId, i64>,
}

impl EventMark {
    /// The span to ask for next; `None` before anything was seen.
    pub(in crate::api) fn filter(&self, now: Timestamp) -> Option<Filter> {
        let newest = self.newest?;
        let end = newest.max(now.as_millisecond()).saturating_add(DAY_MS);
        Some(Filter::between("time", newest.saturating_sub(OVERLAP_MS).max(0), end))
    }

    /// Takes in rows as the server gives them, newest first; returns the new ones, oldest first.
    pub(in crate::api) fn take(&mut self, newest_first: Vec<AuditEvent>) -> Vec<AuditEvent> {
        let mut events = newest_first;
        events.retain(|event| !self.seen.contains_key(&event.id));
        oldest_first(&mut events);
        for event in &events {
            let time = event.time.map(Timestamp::as_millisecond);
            self.newest = self.newest.max(time);
            if let Some(time) = time.or(self.newest) {
                self.seen.insert(event.id, time);
            }
        }
        if let Some(newest) = self.newest {
            self.seen.retain(|_, time| *time >= newest.saturating_sub(OVERLAP_MS));
        }
        events
    }
}

/// Turns newest first into oldest first. Rows of one millisecond keep the (turned) order of the server; one without a
/// time stays beside the row before it.
pub(crate) fn oldest_first(events: &mut Vec<AuditEvent>) {
    let mut time = Timestamp::MAX;
    let mut dated: Vec<_> = std::mem::take(events)
        .into_iter()
        .map(|event| {
            time = event.time.unwrap_or(time);
            (Reverse(time), event)
        })
        .collect();
    dated.sort_by_key(|(time, _)| *time);
    events.extend(dated.into_iter().rev().map(|(_, event)| event));
}

/// The filter of a span of time; open at the end when `to` is `None`.
pub(crate) fn span(from: Timestamp, to: Option<Timestamp>, now: Timestamp) -> Filter {
    let end = to.unwrap_or_else(|| now.max(from)).as_millisecond();
    let end = if to.is_none() { end.saturating_add(DAY_MS) } else { end };
    Filter::between("time", from.as_millisecond().max(0), end)
}

/// One page of events.
pub(crate) fn request(page: usize, size: usize, filter: Option<&Filter>) -> Request {
    let request = Request::get(Operation::ListEvents, "/external/{v}/audit-events").page(page, size);
    match filter {
        Some(filter) => request.with("filter", &filter.json()),
        None => request,
    }
}

/// `AuditEventSummary` and `AuditEventSummaryV2`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireEvent {
    id: Option<i64>,
    time: Option<i64>,
    severity: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    module: Option<String>,
    message: Option<String>,
    machine_dns_name: Option<String>,
    machine_id: Option<String>,
    user_id: Option<String>,
    desktop_pool_name: Option<String>,
    application_pool_name: Option<String>,
}

impl Keyed for AuditEvent {
    type Key = EventId;

    fn key(&self) -> EventId {
        self.id
    }
}

/// One page of events.
pub(crate) fn read_page(answer: &Answer) -> Result<Page<AuditEvent>, Fault> {
    let read = decode::rows::<WireEvent>(Operation::ListEvents, &answer.body)?;
    let rows: Vec<_> = read.rows.into_iter().filter_map(event).collect();
    Ok(Page {
        // An event without an id is none.
        unreadable: read.sent - rows.len(),
        unreadable_fields: read.unreadable_fields,
        rows,
        sent: read.sent,
        more: answer.more,
        total: answer.total,
    })
}

fn event(wire: WireEvent) -> Option<AuditEvent> {
    Some(AuditEvent {
        id: EventId(wire.id?),
        time: moment(wire.time),
        severity: wire.severity.map(|word| word.as_str().into()),
        kind: wire.kind.map(Into::into),
        module: wire.module.map(Into::into),
        message: wire.message.map(Into::into),
        written_by: wire.machine_dns_name.map(Into::into),
        user_id: wire.user_id.filter(|id| !id.is_empty()).map(Into::into),
        machine_id: wire.machine_id.filter(|id| !id.is_empty()).map(Into::into),
        pool_name: wire.desktop_pool_name.map(Into::into),
        application_pool_name: wire.application_pool_name.map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event_at(id: i64, time: Option<i64>) -> AuditEvent {
        event(WireEvent { id: Some(id), time, ..WireEvent::default() }).unwrap()
    }

    fn ids(events: &[AuditEvent]) -> Vec<i64> {
        events.iter().map(|event| event.id.0).collect()
    }

    fn ms(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    #[test]
    fn the_first_reading_turns_the_order_round() {
        let mut mark = EventMark::default();
        assert_eq!(mark.filter(ms(1)), None);
        let events =
            mark.take(vec![event_at(9, Some(900_000)), event_at(8, Some(900_000)), event_at(7, Some(100))]);
        assert_eq!(ids(&events), [7, 8, 9]);
        let filter = mark.filter(ms(1_000_000)).unwrap().json();
        assert_eq!(filter, r#"{"type":"Between","name":"time","fromValue":840000,"toValue":87400000}"#);
    }

    #[test]
    fn rows_seen_before_are_dropped_and_late_ones_are_not() {
        let mut mark = EventMark::default();
        mark.take(vec![event_at(20, Some(900_000)), event_at(18, Some(880_000))]);
        // 19 came late; 21 shares its millisecond with 20.
        let again = [
            event_at(21, Some(900_000)),
            event_at(20, Some(900_000)),
            event_at(19, Some(890_000)),
            event_at(18, Some(880_000)),
        ];
        assert_eq!(ids(&mark.take(again.to_vec())), [19, 21]);
        assert_eq!(ids(&mark.take(again.to_vec())), [0; 0]);
    }

    #[test]
    fn the_memory_of_seen_rows_stays_small() {
        let mut mark = EventMark::default();
        for second in 0..10_000 {
            mark.take(vec![event_at(second, Some(second * 1000 + 1))]);
        }
        assert_eq!(mark.seen.len(), 61);
    }

    #[test]
    fn a_server_clock_ahead_of_ours_does_not_cut_the_span() {
        let mut mark = EventMark::default();
        mark.take(vec![event_at(1, Some(5_000_000_000))]);
        let filter = mark.filter(ms(1_000)).unwrap().json();
        assert!(filter.ends_with(r#""toValue":5086400000}"#), "{filter}");
    }

    #[test]
    fn a_row_without_a_time_stays_beside_its_neighbour() {
        let mut events = vec![event_at(3, Some(300)), event_at(2, None), event_at(1, Some(100))];
        oldest_first(&mut events);
        assert_eq!(ids(&events), [1, 2, 3]);
    }

    #[test]
    fn a_mark_survives_being_written_down() {
        let mut mark = EventMark::default();
        mark.take(vec![event_at(3, Some(300))]);
        let written = serde_json::to_string(&mark).unwrap();
        assert_eq!(serde_json::from_str::<EventMark>(&written).unwrap(), mark);
    }

    #[test]
    fn the_request_of_a_page() {
        let request = request(2, 200, Some(&span(ms(5), Some(ms(9)), ms(0))));
        assert_eq!(request.at_version(2).path, "/external/v2/audit-events");
        assert_eq!(
            request.query,
            "page=2&size=200&filter=%7B%22type%22%3A%22Between%22%2C%22name%22%3A%22time%22%2C%22fromValue%22%3A5%2C%22toValue%22%3A9%7D"
        );
    }
}
