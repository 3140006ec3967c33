//! How the servers are being asked, and what holds requests up.

use std::time::Duration;

use ratatui::layout::Rect;

use crate::{
    core::{
        pressure::{Breaker, ServerPressure},
        rows::Rows,
        state::State,
    },
    ui::{
        pen::{Pen, piece},
        theme::Role,
        time::{Clock, duration, seconds},
    },
};

use super::{
    fields::{self, Field},
    sheet::{Sheet, first_line, part_of},
};

/// Columns of the labels.
const LABEL: usize = 15;

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, scroll: usize, clock: &Clock) {
    let sheet = Sheet::open(pen, state, &[piece("GOVERNOR", Role::Accent)], None);
    let body = sheet.body;
    let words = "How the servers are asked. Jobs go before polls, polls before look-ups.";
    pen.line(body, 0, &[piece(words, Role::Muted)], &[]);
    pen.rule(body, 1, Role::Border);
    let mut lines = Vec::new();
    for server in &state.pressure.servers {
        lines.extend(server_lines(state, server, clock));
        lines.push(Field::blank());
    }
    if lines.is_empty() {
        lines.push(Field::new("", "no server was asked yet", Role::Muted));
    }
    let fields = fields::wrapped(lines, LABEL, body.width);
    let height = usize::from(Rows::of(state).sheet);
    let first = first_line(scroll, fields.len(), height);
    let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    fields::draw(pen, list, LABEL, fields.iter().skip(first).take(height));
    sheet.close(pen, state, None, "", &part_of(first, height, fields.len()));
}

fn server_lines(state: &State, server: &ServerPressure, clock: &Clock) -> Vec<Field> {
    let [jobs, polls, lookups] = server.waiting;
    let places = format!("{} of {} at a time, {} out", server.limit, server.most, server.in_flight);
    let role = if server.limit < server.most { Role::Warning } else { Role::Text };
    let waiting = format!("jobs {jobs}  polls {polls}  look-ups {lookups}");
    let mut lines = vec![
        Field::new("SERVER", server.server.to_string(), Role::Heading),
        standing(state, server),
        Field::new("requests", places, role),
        Field::new("waiting", waiting, Role::Text),
    ];
    let mut label = "must wait";
    for held in server.held.iter().filter(|held| held.until > state.now) {
        let left = duration(seconds(state.now, held.until));
        let why = if held.told { "the server said so" } else { "its limit is used up" };
        let words = format!("{}: {left}, until {}; {why}", held.what, clock.time(held.until));
        lines.push(Field::new(std::mem::take(&mut label), words, Role::Warning));
    }
    label = "learned limits";
    for rate in &server.rates {
        let words = format!("{}: {} in {}", rate.what, rate.calls, span(rate.window));
        lines.push(Field::new(std::mem::take(&mut label), words, Role::Text));
    }
    let told = server.told.map(|told| format!(", last told to wait {}", span(told))).unwrap_or_default();
    lines.push(Field::new("429", format!("{}{told}", server.throttled), Role::Text));
    lines.push(Field::new("5xx", server.failed.to_string(), Role::Text));
    lines.push(Field::new("no answer", server.unreached.to_string(), Role::Text));
    lines
}

/// Whether requests go to the server.
fn standing(state: &State, server: &ServerPressure) -> Field {
    if let Some(refusal) = state.refusal() {
        return Field::new("standing", format!("not asked any more: {}", refusal.message), Role::Danger);
    }
    let failures = match server.failures {
        1 => "1 failure".to_owned(),
        several => format!("{several} failures in a row"),
    };
    let (words, role) = match server.breaker {
        Breaker::Closed if server.failures == 0 => ("is asked".to_owned(), Role::Success),
        Breaker::Closed => (format!("is asked; {failures}"), Role::Warning),
        Breaker::HalfOpen => (format!("given up after {failures}; being tried"), Role::Warning),
        Breaker::Open { until } if until > state.now => {
            let left = duration(seconds(state.now, until));
            (format!("given up after {failures}; tried again in {left}"), Role::Danger)
        }
        Breaker::Open { .. } => {
            (format!("given up after {failures}; tried with the next request"), Role::Danger)
        }
    };
    Field::new("standing", words, role)
}

/// `10 s`, or `0.5 s`.
fn span(span: Duration) -> String {
    let tenths = (span.as_secs_f64() * 10.0).round() / 10.0;
    format!("{tenths} s")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{
            pressure::{Held, Rate},
            state::Overlay,
        },
        ui::fixtures::{at, main_screen, picture, pictures},
    };

    fn servers() -> Vec<ServerPressure> {
        let well =
            ServerPressure { server: "cs2.example.com".into(), limit: 8, most: 8, ..Default::default() };
        let ill = ServerPressure {
            server: "cs1.example.com".into(),
            breaker: Breaker::Open { until: at("14:02:26") },
            failures: 5,
            limit: 2,
            unreached: 5,
            failed: 1,
            ..well.clone()
        };
        let busy = ServerPressure {
            in_flight: 3,
            waiting: [1, 4, 0],
            held: vec![
                Held { what: "log off".into(), until: at("14:02:17"), told: false },
                Held { what: "list sessions".into(), until: at("14:02:22"), told: true },
            ],
            rates: vec![Rate { what: "log off".into(), calls: 5, window: Duration::from_secs(10) }],
            throttled: 3,
            told: Some(Duration::from_secs(9)),
            ..well
        };
        vec![ill, busy]
    }

    fn sheet(width: u16, height: u16) -> State {
        let mut state = main_screen(width, height);
        state.pressure.servers = servers();
        state.overlays.push(Overlay::Governor { scroll: 0 });
        state
    }

    #[test]
    fn every_server_with_everything() {
        pictures!("governor", sheet);
    }

    #[test]
    fn before_the_first_request() {
        let mut state = sheet(80, 24);
        state.pressure.servers.clear();
        assert!(picture(&state).contains("no server was asked yet"));
    }

    #[test]
    fn the_status_bar_says_the_most_serious_in_a_few_characters() {
        let mut state = main_screen(80, 24);
        let end = |state: &State| picture(state).lines().next().unwrap_or_default().trim_end().to_owned();
        let [ill, busy] = <[_; 2]>::try_from(servers()).unwrap();
        let narrow = ServerPressure { limit: 3, held: Vec::new(), ..busy.clone() };
        let paced = ServerPressure { held: busy.held[..1].to_vec(), ..busy.clone() };
        state.pressure.servers = vec![ill.clone(), busy.clone()];
        assert!(end(&state).contains("  brk 1/2  "), "{}", end(&state));
        state.pressure.servers = vec![ill];
        assert!(end(&state).contains("  brk  "), "{}", end(&state));
        state.pressure.servers = vec![narrow];
        assert!(end(&state).contains("  gov 3/8  "), "{}", end(&state));
        for (server, words) in [(busy, "429 8s"), (paced, "pace 3s")] {
            let held = server.held.iter().map(|held| (held.what.clone(), held.until));
            state.pressure.cooling = held.collect();
            state.pressure.servers = vec![server];
            assert!(end(&state).ends_with(words), "{}", end(&state));
        }
    }
}
