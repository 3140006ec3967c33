//! All that a console may be set to and remember stands in the first line, and can be read from there.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{
    core::{
        bulk::{Canary, Course, Deadlines, Guard, Pace, Protected, Reminder, Terms, template::Template},
        command::{Command, Context},
        keymap::{Flavour, Keymap, Override, Place},
        lessons::Lesson,
        looks::{Ground, Looks, ThemeChoice},
        remembered::Memory,
        state::Settings,
        table::{Column, Sort},
        views::NamedView,
    },
    domain::{MessageSeverity, MessageText, Text, WireKind},
};

/// A filter that no simple one is.
const GUARD: &str = r"user~^[a-m]\w{2,3}.*(?i)zach|\x{41}";

fn keymap() -> Keymap {
    let change = |place, keys: &str, command| Override { place, keys: keys.to_owned(), command };
    let changes = vec![
        change(Place::In(Context::Sessions), "Ctrl-f", Some(Command::PromptFilter)),
        change(Place::Everywhere, "F9", Some(Command::Quit)),
        change(Place::In(Context::Sessions), "g g", None),
    ];
    Keymap::new(Flavour::default(), changes).unwrap()
}

fn terms() -> Terms {
    let text = || MessageText { severity: MessageSeverity::Warning, text: "Zacharias, save {user}".into() };
    Terms {
        guard: Guard::parse(GUARD).unwrap(),
        pace: Pace { chunk: 7, pause_seconds: 3, canary: Canary::None, stop_above_percent: Some(9) },
        deadlines: Some(Deadlines { logoff: 77, ..Deadlines::default() }),
        course: Some(Course {
            warning: text(),
            wait_seconds: 90,
            reminders: vec![Reminder { before_seconds: 30, text: text() }],
            force_after_seconds: Some(60),
            even_unwarned: true,
        }),
        ticket: Some(Text::clean("CHG zacharias")),
        named: BTreeSet::from(["zacharias".into()]),
    }
}

/// Each field has another value than at first.
fn settings() -> Settings {
    let choice = ThemeChoice {
        former: Some("zacharias-old".into()),
        ground: Ground::Dark,
        pair: Some("zacharias-light".into()),
        own: true,
        objection: Some("zacharias is no colour".into()),
        ..ThemeChoice::new("zacharias")
    };
    let template = Template {
        name: "zacharias".into(),
        severity: MessageSeverity::Warning,
        text: "Dear Zacharias {user}".into(),
    };
    let list = |name: &str| vec![name.to_owned()];
    Settings {
        profile: "zacharias".into(),
        named_profile: Some("zacharias".into()),
        simulated: false,
        demo: Some("zacharias".into()),
        unconfigured: true,
        wire: WireKind::Workspace,
        read_only: true,
        refresh_seconds: 33,
        many_sessions: 44,
        many_targets: 55,
        event_seconds: 66,
        all_pods: true,
        ascii: true,
        utc: false,
        local_offset_seconds: 3600,
        columns: Some(columns()),
        terms: terms(),
        templates: [template].into(),
        protected: Protected {
            users: list("*zacharias"),
            groups: list("CORP\\zacharias"),
            machines: list("zacharias-*"),
            pools: list("zacharias"),
            found: BTreeMap::new(),
        },
        event_lines: Some(8),
        looks: Looks {
            theme: "zacharias".into(),
            choices: [choice].into(),
            has_colours: false,
            kept_in: "/home/zacharias/config.toml".into(),
        },
        keymap: keymap(),
        lessons: true,
        recording: true,
    }
}

fn columns() -> Vec<crate::core::table::ChosenColumn> {
    ["user:24", "state", "idle:9"].iter().map(|text| text.parse().unwrap()).collect()
}

fn memory() -> Memory {
    let view = NamedView {
        filter: "user~zach[a-z]{2}".to_owned(),
        sort: Some(Sort { column: Column::Idle, descending: true }),
        columns: Some(columns()),
        key: Some(7),
    };
    let lines = |kind| (kind, vec!["user:zacharias".to_owned(), "zacharias".to_owned()]);
    Memory {
        views: BTreeMap::from([("zacharias".to_owned(), view.clone())]),
        last: BTreeMap::from([("zacharias".to_owned(), view)]),
        history: [PromptKind::Filter, PromptKind::Command, PromptKind::Pace, PromptKind::Ticket]
            .into_iter()
            .map(lines)
            .collect(),
        learned: BTreeSet::from([Lesson::Help]),
        touched: BTreeSet::new(),
    }
}

#[test]
fn whatever_is_set_and_remembered_can_be_played() {
    let mut bench = Bench::unconnected();
    bench.state.settings = settings();
    bench.state.memory = memory();
    let taped = Taped::begin(bench);
    assert!(!taped.lines[0].to_lowercase().contains("zach"), "{}", taped.lines[0]);
    let player = Player::begin(&taped.lines[0], "test").unwrap();
    let (run, replay) = (&taped.bench.state, player.state());
    assert_eq!(replay.settings.keymap, run.settings.keymap);
    assert_eq!(replay.settings.columns, run.settings.columns);
    assert_eq!(replay.settings.terms.pace, run.settings.terms.pace);
    let views = |memory: &Memory| memory.last.values().map(|view| view.columns.clone()).collect::<Vec<_>>();
    assert_eq!(views(&replay.memory), views(&run.memory));
    // Nothing is as it is at first, so that nothing is forgotten here.
    let first = serde_json::to_value(Settings::default()).unwrap();
    let now = serde_json::to_value(&run.settings).unwrap();
    for (field, value) in now.as_object().unwrap() {
        assert_ne!(Some(value), first.get(field), "{field}");
    }
}

#[test]
fn a_recording_that_nobody_could_read_is_not_begun() {
    let mut bench = Bench::unconnected();
    bench.state.screen.width = 2000;
    let begun = Recorder::begin(Some(Scrambler::new(&KEY)), &bench.state, "test");
    assert!(begun.unwrap_err().to_string().contains("2000x24"));
}
