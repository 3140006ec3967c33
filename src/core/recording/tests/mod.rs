//! Stand-ins, typed lines and lists, each on its own; whole runs are played in the tests of the runtime.

mod hostile;
mod leaks;
mod meant;
mod messages;
mod whole;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use proptest::prelude::*;
use unicode_width::UnicodeWidthChar as _;

use super::{
    Note, Player, Recorder, Scrambler, expression,
    line::Line,
    mask::mask,
    tables::{Reader, Writer},
};
use crate::{
    core::{
        bulk::journal::{Author, Opened, Record, Recovered, Standing, Work},
        change::ChangePlan,
        effect::RequestId,
        fixtures::{Bench, session},
        key::{Key, KeyCode},
        msg::{Msg, RecordsMsg},
        state::{ComposerField, Overlay, PromptKind, ScreenSize},
        table::{SessionTable, testing::sessions},
    },
    domain::{Fault, FaultKind, SessionState},
};

const KEY: [u8; 32] = [9; 32];

fn width(text: &str) -> usize {
    text.chars().filter_map(char::width).sum()
}

/// A console in a test that is recorded.
struct Taped {
    bench: Bench,
    recorder: Recorder,
    lines: Vec<String>,
}

impl Taped {
    fn begin(bench: Bench) -> Self {
        let (recorder, first) = Recorder::begin(Some(Scrambler::new(&KEY)), &bench.state, "test").unwrap();
        Self { bench, recorder, lines: vec![first] }
    }

    fn tell(&mut self, message: Msg) {
        let note = Note::before(&self.bench.state, &message);
        self.bench.send(message);
        if let Some(note) = note {
            let Self { bench, recorder, lines } = self;
            recorder.note(note.after(&bench.state), &mut |line| lines.push(line)).unwrap();
        }
    }

    fn keys(&mut self, keys: impl IntoIterator<Item = Key>) {
        for key in keys {
            self.tell(Msg::Key(key));
        }
    }

    fn text(&mut self, text: &str) {
        self.keys(text.chars().map(Key::char));
    }

    fn play(&self) -> Player {
        let mut player = Player::begin(&self.lines[0], "test").unwrap();
        for line in &self.lines[1..] {
            if let Some(told) = player.read(line).unwrap() {
                player.tell(told);
            }
        }
        player
    }
}

fn people() -> Vec<crate::domain::Session> {
    let state =
        |disconnected| if disconnected { SessionState::Disconnected } else { SessionState::Connected };
    ["alvarez.m", "alvaro.k", "bauer.s", "王小明", "chen.w"]
        .iter()
        .enumerate()
        .map(|(place, user)| session(&format!("{place}"), user, state(place % 2 == 0), 5))
        .collect()
}

#[test]
fn a_typed_name_finds_the_same_sessions_and_is_not_told() {
    let mut taped = Taped::begin(Bench::with(people()));
    for (typed, found) in
        [("/alva", 2), ("/user:alvarez*", 1), ("/state:d alva", 1), ("/王小", 1), ("/!user:chen*", 4)]
    {
        taped.text(typed);
        taped.keys([Key::plain(KeyCode::Enter)]);
        assert_eq!(taped.bench.state.sessions.view.rows().len(), found, "{typed}");
        let player = taped.play();
        assert_eq!(player.state().sessions.view.rows().len(), found, "{typed}");
        assert_eq!(player.state().next_request, taped.bench.state.next_request);
    }
    let told = taped.lines.join("\n");
    for name in ["alva", "bauer", "CORP", "小明"] {
        assert!(!told.contains(name), "{name}");
    }
    // The letters of a name do not stand in the keys either.
    let keys: String =
        taped.lines.iter().filter_map(|line| line.split("\"Char\":\"").nth(1)?.chars().next()).collect();
    assert!(!keys.contains("alva") && keys.contains(':'), "{keys}");
}

#[test]
fn a_filter_that_is_in_force_from_the_start_stays_one() {
    let mut bench = Bench::with(people());
    bench.press("/state:d user:alva*<enter>");
    let taped = Taped::begin(bench);
    assert_eq!(taped.play().state().sessions.view.rows().len(), taped.bench.state.sessions.view.rows().len());
    assert!(taped.lines[0].contains("state:d user:") && !taped.lines[0].contains("alva"));
}

#[test]
fn messages_and_forms_are_typed_without_being_told() {
    let mut taped = Taped::begin(Bench::with(people()));
    taped.text("mDear Alvarez");
    taped.tell(Msg::Paste(", save {user}\nyour work".to_owned()));
    taped.keys([Key::plain(KeyCode::Left), Key::plain(KeyCode::Backspace), Key::ctrl('o')]);
    let player = taped.play();
    assert_eq!(player.state().overlays.len(), taped.bench.state.overlays.len());
    let told = taped.lines.join("\n");
    for word in ["Dear", "Alvarez", "your", "wok"] {
        assert!(!told.contains(&format!("\"{word}")) && !told.contains(&format!(" {word}")), "{word}");
    }
    assert!(told.contains("{user}"));
}

#[test]
fn what_is_pasted_where_nobody_types_is_not_told() {
    let mut taped = Taped::begin(Bench::with(people()));
    taped.tell(Msg::Paste("hunter2 secret".to_owned()));
    assert!(!taped.lines.join("\n").contains("hunter2"));
    taped.play();
}

#[test]
fn what_is_pasted_in_the_composer_goes_into_the_message_whatever_has_the_keys() {
    let mut taped = Taped::begin(Bench::with(people()));
    taped.text("mDear");
    taped.keys([Key::plain(KeyCode::Tab)]);
    taped.tell(Msg::Paste(" Zacharias, save".to_owned()));
    let text = |state: &crate::core::state::State| match state.overlays.last() {
        Some(Overlay::Composer(composer)) => (composer.field, composer.text.text().to_owned()),
        other => panic!("{other:?}"),
    };
    let (field, typed) = text(&taped.bench.state);
    assert!(field != ComposerField::Text && typed == "Dear Zacharias, save", "{field:?} {typed}");
    let (same, played) = text(taped.play().state());
    assert_eq!((same, played.chars().count()), (field, typed.chars().count()));
    assert!(!taped.lines.join("\n").contains("Zacharias") && played.contains(", "), "{played}");
}

#[test]
fn what_is_typed_on_a_screen_that_shows_nothing_is_not_told() {
    let mut taped = Taped::begin(Bench::with(people()));
    taped.tell(Msg::Resized(ScreenSize { width: 10, height: 3 }));
    let before = taped.lines.len();
    taped.text("zacharias");
    taped.keys([Key::plain(KeyCode::Down)]);
    let told = taped.lines[before..].join("\n");
    assert_eq!(told.matches("{\"Char\":\" \"}").count(), 9, "{told}");
    assert!(told.contains("\"Down\""), "{told}");
    taped.play();
}

#[test]
fn moments_are_kept_by_what_they_are_and_not_by_what_they_look_like() {
    let mut session = session("PT42M", "PT15H", SessionState::Connected, 5);
    session.machine_name = Some("2026-03-02T14:02:20Z".into());
    let masked = mask(&session, &mut Some(Scrambler::new(&KEY))).unwrap();
    assert_eq!(masked["started_at"], serde_json::to_value(session.started_at).unwrap());
    for (field, name) in [("id", "PT42M"), ("machine_name", "2026-03-02T14:02:20Z")] {
        assert_ne!(masked[field], *name, "{field}");
    }
    let span = mask(&jiff::SignedDuration::from_mins(42), &mut Some(Scrambler::new(&KEY))).unwrap();
    assert_eq!(span, "PT42M");
}

#[test]
fn rows_of_jobs_on_record_and_of_events_are_counted() {
    let state = Bench::with(people()).state;
    let rows = |message: &Msg| Note::before(&state, message).unwrap().rows();
    let plan = ChangePlan::new("3f2a".into(), "DELETE PERMISSIONS", state.now);
    let opened = Opened {
        version: 1,
        journal: "20260302T130000Z-3f2a".to_owned(),
        program: "0.1.0".to_owned(),
        by: Author { operator: "a".into(), user: "a".into(), host: "a".into(), pid: 7 },
        estate: "here".into(),
        ticket: None,
        work: Work::Changes(Arc::new(plan)),
    };
    let mut recovered = Recovered::new(opened, state.now);
    recovered.standings = vec![Standing::Unsent; 3];
    let answer = Ok(Arc::new(Record { id: "1".to_owned(), running: false, recovered }));
    let (request, estate) = (RequestId(1), "here".into());
    assert_eq!(rows(&Msg::Records(RecordsMsg::Read { request, estate, answer })), 3);
}

#[test]
fn without_a_scrambler_data_is_as_it_is() {
    let bench = Bench::with(people());
    assert_eq!(mask(&bench.state, &mut None).unwrap(), serde_json::to_value(&bench.state).unwrap());
    let map: BTreeMap<u8, Option<&str>> = [(1, Some("a")), (2, None)].into();
    assert_eq!(mask(&map, &mut None).unwrap(), serde_json::to_value(&map).unwrap());
}

#[test]
fn words_of_servers_are_scrambled_as_far_as_they_may_be_names() {
    let fault =
        Fault::new(FaultKind::Unreachable, "list sessions", "cs1.corp.example refused the connection");
    let masked = mask(&fault, &mut Some(Scrambler::new(&KEY))).unwrap();
    assert_eq!(masked["kind"], "Unreachable");
    assert_eq!(masked["operation"], "list sessions");
    let message = masked["message"].as_str().unwrap();
    assert!(message.ends_with(" refused the connection") && !message.contains("corp"), "{message}");
}

#[test]
fn a_line_that_cannot_be_read_says_where_it_stands() {
    let taped = Taped::begin(Bench::with(people()));
    let mut player = Player::begin(&taped.lines[0], "test").unwrap();
    player.read("{\"told\":{}}").unwrap();
    let error = player.read("{\"told\":{\"message\":{\"Nothing\":1}}}").unwrap_err();
    assert_eq!(error.line, 3);
    assert!(error.to_string().starts_with("line 3: ") && error.words.len() < 120, "{error}");
    assert!(
        player
            .read(
                "{\"told\":{\"message\":{\"SessionsLoaded\":{\"request\":1,\"table\":null}},\"tables\":[9]}}"
            )
            .is_err()
    );
    let other = taped.lines[0].replacen("\"format\":1", "\"format\":2", 1);
    assert!(Player::begin(&other, "test").unwrap_err().words.contains("form 2"));
    assert!(Player::begin("{}", "test").unwrap_err().words.contains("no recording"));
}

fn typed_key() -> impl Strategy<Value = Key> {
    let plain =
        [KeyCode::Left, KeyCode::Right, KeyCode::Home, KeyCode::End, KeyCode::Backspace, KeyCode::Delete];
    prop_oneof![
        6 => prop::sample::select("aluserstate:d !|\"*-王é9 ".chars().collect::<Vec<_>>()).prop_map(Key::char),
        2 => prop::sample::select(plain.to_vec()).prop_map(Key::plain),
        1 => prop::sample::select(&['w', 'u', 'e'][..]).prop_map(Key::ctrl),
    ]
}

proptest! {
    #[test]
    fn names_have_one_stand_in_each_of_the_same_width(names in prop::collection::btree_set("[\\PC]{1,12}", 2..12)) {
        let mut scrambler = Scrambler::new(&KEY);
        let stand_ins: Vec<String> = names.iter().map(|name| scrambler.name(name)).collect();
        for (name, stand_in) in names.iter().zip(&stand_ins) {
            prop_assert_eq!(&scrambler.name(name), stand_in);
            prop_assert_eq!(width(name), width(stand_in));
            prop_assert_eq!(name.chars().count(), stand_in.chars().count());
            prop_assert_eq!(crate::domain::Text::clean(stand_in).as_str().chars().filter(|c| *c == '\u{fffd}').count(),
                crate::domain::Text::clean(name).as_str().chars().filter(|c| *c == '\u{fffd}').count());
        }
        let different: std::collections::BTreeSet<&String> = stand_ins.iter().collect();
        prop_assert_eq!(different.len(), names.len());
    }

    #[test]
    fn beginnings_and_cases_stay(word in "[a-zA-Z0-9éÀ王]{1,12}", length in 1..12_usize) {
        let mut scrambler = Scrambler::new(&KEY);
        let beginning: String = word.chars().take(length).collect();
        let stand_in = scrambler.name(&word);
        prop_assert!(stand_in.starts_with(&scrambler.name(&beginning)));
        prop_assert_eq!(scrambler.name(&word.to_lowercase()), stand_in.to_lowercase());
    }

    #[test]
    fn another_key_makes_other_stand_ins(word in "[a-z]{8,12}") {
        prop_assert_ne!(Scrambler::new(&KEY).name(&word), Scrambler::new(&[8; 32]).name(&word));
    }

    #[test]
    fn the_line_of_the_replay_is_the_stand_in_of_the_line(keys in prop::collection::vec(typed_key(), 0..24)) {
        let mut taped = Taped::begin(Bench::with(people()));
        taped.text("/a");
        taped.keys(keys);
        let mut scrambler = Scrambler::new(&KEY);
        let player = taped.play();
        let of = |state: &crate::core::state::State| {
            let filter = state.prompt.as_ref().filter(|prompt| prompt.kind == PromptKind::Filter);
            filter.map(|prompt| (prompt.input.text().to_owned(), prompt.input.cursor()))
        };
        let expected = of(&taped.bench.state).map(|(text, cursor)| (expression::filter(&mut scrambler, &text), cursor));
        prop_assert_eq!(of(player.state()), expected);
    }

    #[test]
    fn lists_come_back_from_what_is_new_in_them(
        lists in prop::collection::vec(sessions(12), 1..5),
        again in prop::collection::vec(any::<bool>(), 5),
    ) {
        let mut tables: Vec<Arc<SessionTable>> = Vec::new();
        for (list, again) in lists.into_iter().zip(again) {
            let at = Timestamp::from_second(tables.len() as i64).unwrap();
            let table = match tables.last() {
                Some(last) if again => SessionTable::of_rows(Arc::clone(last.rows()), at, true),
                _ => SessionTable::new(list, at, false),
            };
            tables.push(Arc::new(table));
        }
        for scrambler in [None, Some(Scrambler::new(&KEY))] {
            let is_plain = scrambler.is_none();
            let (mut scrambler, mut writer, mut reader) = (scrambler, Writer::default(), Reader::default());
            for table in &tables {
                let mut lines = Vec::new();
                let number = writer.number(table, &mut scrambler, &mut |line| lines.push(line)).unwrap();
                prop_assert_eq!(writer.number(table, &mut scrambler, &mut |_| panic!("it is known")).unwrap(), number);
                for line in lines {
                    let line = serde_json::from_str(&serde_json::to_string(&line).unwrap()).unwrap();
                    match line {
                        Line::Table(line) => drop(reader.begin(line).unwrap()),
                        Line::Rows(line) => reader.rows(line).unwrap(),
                        _ => unreachable!(),
                    }
                }
                let read = reader.table(number).unwrap();
                prop_assert_eq!(read.counts(), table.counts());
                prop_assert_eq!(read.len(), table.len());
                prop_assert!(!is_plain || read == *table);
            }
        }
    }
}
