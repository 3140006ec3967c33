//! Recordings that somebody changed: they are played, or refused with a line, and nothing else happens.

use std::{path::PathBuf, sync::Arc};

use proptest::prelude::*;
use serde_json::Value;

use super::{Screens, Script, print, script::LONGEST_LINE};
use crate::{
    core::{
        bulk::JobEvent,
        fixtures::{Bench, session, start},
        images,
        key::{Key, KeyCode},
        msg::Msg,
        permissions,
        recording::{Note, Player, Recorder, Scrambler},
        state::ScreenSize,
        table::SessionTable,
    },
    domain::{AuditEvent, EventFeed, EventId, JobId, Outcome, Session, SessionState, Text},
    runtime::ReplayError,
    ui::{self, Theme, Themes},
};

fn people(minutes: i64) -> Vec<Session> {
    let state = |place: usize| {
        if place.is_multiple_of(2) { SessionState::Disconnected } else { SessionState::Connected }
    };
    let names = ["alvarez.m", "bauer.s", "王小明", "chen.w", "dogan.é"].into_iter().enumerate();
    names.map(|(place, user)| session(&place.to_string(), user, state(place), minutes)).collect()
}

fn event(id: i64) -> AuditEvent {
    AuditEvent {
        id: EventId(id),
        time: Some(start()),
        severity: Some("ERROR".into()),
        kind: Some("AGENT_CONNECTED".into()),
        module: Some("Agent".into()),
        message: Some("User CORP\\bauer.s has logged in".into()),
        written_by: None,
        user_id: Some("S-1-5-21-bauer.s".into()),
        machine_id: None,
        pool_name: Some("fin".into()),
        application_pool_name: None,
    }
}

/// A console that is recorded as it is.
struct Taped {
    bench: Bench,
    recorder: Recorder,
    lines: Vec<String>,
}

impl Taped {
    fn tell(&mut self, message: Msg) {
        let note = Note::before(&self.bench.state, &message).unwrap();
        self.bench.send(message);
        let Self { bench, recorder, lines } = self;
        recorder.note(note.after(&bench.state), &mut |line| lines.push(line)).unwrap();
    }

    fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            self.tell(Msg::Key(match key {
                '⏎' => Key::plain(KeyCode::Enter),
                '⎋' => Key::plain(KeyCode::Esc),
                '←' => Key::plain(KeyCode::Left),
                '→' => Key::plain(KeyCode::Right),
                '⌫' => Key::plain(KeyCode::Backspace),
                other => Key::char(other),
            }));
        }
    }

    fn list(&mut self, minutes: i64) {
        if let Some(request) = self.bench.state.sessions.poll.in_flight {
            let table = Arc::new(SessionTable::new(people(minutes), self.bench.state.now, true));
            self.tell(Msg::SessionsLoaded { request, table, unreadable: 0 });
        }
    }
}

/// What is pressed before the recording begins, so that there is much in its first line.
const BEFORE: [&str; 10] = [
    "/state:disc user:b<enter>jj ",
    "/state:disc user:",
    "jmDear é王",
    "  *al",
    "  *alg",
    "j<enter>",
    "?us",
    "J",
    ":columns<enter>jj",
    "gf",
];

/// A run in which much happens.
fn recording(before: usize) -> Vec<String> {
    let mut bench = Bench::with(people(5));
    bench.press(BEFORE[before]);
    let scrambler = (before % 2 == 1).then(|| Scrambler::new(&[3; 32]));
    let (recorder, first) = Recorder::begin(scrambler, &bench.state, env!("CARGO_PKG_VERSION")).unwrap();
    let mut taped = Taped { bench, recorder, lines: vec![first] };
    taped.press("←←⌫x→jk⎋⎋⎋");
    taped.press("/alv←x⌫⏎/⎋j ?user⎋⎋mDear é\u{301}王, save←←⌫x⎋⎋");
    let request = taped.bench.state.event_poll.in_flight.unwrap_or(crate::core::effect::RequestId(1));
    let (events, feed) = (vec![event(1), event(2)], EventFeed::Available);
    taped.tell(Msg::EventsLoaded { request, events, feed, truncated: false, unreadable: 0 });
    taped.tell(Msg::Tick(start() + jiff::SignedDuration::from_mins(2)));
    taped.list(9);
    taped.press("*al2⏎");
    taped.press("5⏎y");
    let outcomes = vec![(0, Outcome::Confirmed), (1, Outcome::HeldBack(Text::clean("it changed")))];
    for event in [
        JobEvent::Sent { targets: vec![0, 1] },
        JobEvent::Settled { outcomes },
        JobEvent::Finished { stopped: false, fault: None },
    ] {
        taped.tell(Msg::JobProgressed { job: JobId(1), event });
    }
    taped.press("⎋⎋⎋2");
    let book = Ok(Arc::new(permissions::fixtures::book()));
    taped.tell(Msg::PermissionsRead { request: asked(&taped), answer: book });
    taped.press("j⏎⎋aj⎋3");
    taped.tell(Msg::ImagesRead { request: asked(&taped), answer: Ok(Arc::new(images::testing::book())) });
    taped.press("jzR⏎⎋1");
    taped.tell(Msg::Resized(ScreenSize { width: 120, height: 40 }));
    taped.press("J⏎⎋:save mine 7⏎:columns⏎j⎋!⎋");
    taped.tell(Msg::Tick(start() + jiff::SignedDuration::from_mins(5)));
    taped.list(12);
    let Taped { recorder, lines, .. } = &mut taped;
    recorder.end(false, &mut |line| lines.push(line)).unwrap();
    taped.lines
}

/// The question that was asked last.
fn asked(taped: &Taped) -> crate::core::effect::RequestId {
    crate::core::effect::RequestId(taped.bench.state.next_request.saturating_sub(1))
}

/// A change of a recording; where and how is told by numbers.
#[derive(Debug, Clone, Copy)]
struct Damage {
    what: u8,
    line: usize,
    place: usize,
    how: usize,
}

impl Damage {
    fn is_done_to(self, lines: &mut Vec<String>) {
        let line = self.line % lines.len();
        match self.what {
            0 => lines.insert(line, lines[line].clone()),
            1 => drop(lines.remove(line)),
            2 => {
                let cut = lines[line].char_indices().map(|(at, _)| at).nth(self.place % lines[line].len());
                lines[line].truncate(cut.unwrap_or(0));
            }
            3 => {
                let other = self.place % lines.len();
                lines.swap(line, other);
            }
            what => {
                let Ok(mut value) = serde_json::from_str::<Value>(&lines[line]) else { return };
                let which = if what == 4 { |_: &Value| true } else { Value::is_number };
                let count = leaves(&mut value, usize::MAX, which, &mut |_| {});
                if count == 0 {
                    return;
                }
                leaves(&mut value, self.place % count, which, &mut |leaf| change(leaf, self.how));
                lines[line] = value.to_string();
            }
        }
    }
}

/// Counts such values in a value, and changes one of them.
fn leaves(
    value: &mut Value,
    place: usize,
    which: fn(&Value) -> bool,
    change: &mut dyn FnMut(&mut Value),
) -> usize {
    let mut count = usize::from(which(value));
    if count == 1 && place == 0 {
        change(value);
        // What is in it now is nothing that was told.
        return usize::MAX / 2;
    }
    let mut below = |value: &mut Value| {
        if count <= place {
            count += leaves(value, place - count, which, change);
        }
    };
    match value {
        Value::Array(values) => values.iter_mut().for_each(&mut below),
        Value::Object(fields) => fields.values_mut().for_each(&mut below),
        _ => {}
    }
    count
}

fn change(value: &mut Value, how: usize) {
    const NUMBERS: [i64; 11] =
        [0, 1, -1, 3, 999, 65_535, 4_294_967_295, 1 << 53, -(1 << 53), i64::MAX, i64::MIN];
    const TEXTS: [&str; 8] =
        ["", "é", "\u{1b}[2J\u{202e}", "((((((", "state:", "9999-12-30T22:00:00Z", "PT9999999999H", "~["];
    match value {
        Value::Null => *value = Value::from(NUMBERS[how % NUMBERS.len()]),
        Value::Bool(is) => *is = !*is,
        Value::Number(_) if how % 13 == 12 => *value = u64::MAX.into(),
        Value::Number(_) => *value = NUMBERS[how % NUMBERS.len()].into(),
        Value::String(text) if how.is_multiple_of(2) => {
            text.truncate(text.char_indices().nth(how % 7).map_or(0, |(at, _)| at));
        }
        Value::String(text) => TEXTS[how / 2 % TEXTS.len()].clone_into(text),
        Value::Array(values) => match how % 4 {
            0 => values.clear(),
            1 => values.extend(values.clone()),
            2 => values.reverse(),
            _ => drop(values.pop()),
        },
        Value::Object(fields) => {
            let key = fields.keys().nth(how % fields.len().max(1)).cloned();
            drop(key.and_then(|key| fields.remove(&key)));
        }
    }
}

/// Plays it as far as it goes, and draws what there is to be seen.
fn play(lines: &[String]) -> Result<String, String> {
    let Some((first, rest)) = lines.split_first() else { return Ok(String::new()) };
    let mut player = Player::begin(first, env!("CARGO_PKG_VERSION")).map_err(|error| error.to_string())?;
    let mut screen = ui::text_of(player.state(), &Theme::default());
    for (place, line) in rest.iter().enumerate() {
        let Some(told) = player.read(line).map_err(|error| error.to_string())? else { continue };
        player.tell(told);
        if place % 8 == 0 || place + 1 == rest.len() {
            screen = ui::text_of(player.state(), &Theme::default());
        }
    }
    Ok(screen)
}

#[test]
fn the_recording_that_is_damaged_here_is_whole() {
    for before in 0..BEFORE.len() {
        let lines = recording(before);
        let screen = play(&lines).unwrap();
        let is_named = before % 2 == 1 || screen.contains("PROD") || screen.contains("demo");
        assert!(lines.len() > 100 && is_named, "{screen}");
        for message in ["EventsLoaded", "PermissionsRead", "ImagesRead", "JobProgressed", "SessionsLoaded"] {
            assert!(lines.iter().any(|line| line.contains(message)), "{message}");
        }
    }
    let open = ["\"Composer\"", "\"Plan\"", "\"Detail\"", "\"Help\"", "\"prompt\":{"];
    for overlay in open {
        assert!((0..BEFORE.len()).any(|before| recording(before)[0].contains(overlay)), "{overlay}");
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let what = prop_oneof![1 => 0..4_u8, 2 => Just(4), 4 => Just(5)];
    let line = prop_oneof![1 => Just(0), 3 => any::<usize>()];
    (what, line, any::<usize>(), any::<usize>()).prop_map(|(what, line, place, how)| Damage {
        what,
        line,
        place,
        how,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn no_damage_does_more_than_end_the_replay(
        before in 0..BEFORE.len(),
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        let mut lines = recording(before);
        for damage in damages {
            damage.is_done_to(&mut lines);
        }
        if let Err(words) = play(&lines) {
            prop_assert!(words.starts_with("line "), "{}", words);
        }
    }
}

fn written(home: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = home.path().join("run.jsonl");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_line_without_end_is_refused_before_it_is_in_memory() {
    let home = tempfile::tempdir().unwrap();
    let first = recording(0).remove(0);
    let long = "x".repeat(LONGEST_LINE + 1);
    let path = written(&home, &format!("{first}\n{{\"told\":{{\"{long}\":1}}}}\n"));
    let error = Script::open(&path).unwrap_err();
    assert_eq!(error.to_string(), "line 2: the line is longer than 1 MB");
    assert!(matches!(error, ReplayError::Line(_)));
    let path = written(&home, &long);
    assert!(Script::open(&path).unwrap_err().to_string().starts_with("line 1: "));
}

#[test]
fn what_can_be_read_only_once_is_refused_with_the_reason() {
    let home = tempfile::tempdir().unwrap();
    let error = Script::open(home.path()).unwrap_err();
    assert!(matches!(error, ReplayError::NoFile), "{error}");
    assert!(error.to_string().ends_with("write it to a file first"), "{error}");
}

#[test]
fn what_is_printed_drives_no_terminal() {
    let home = tempfile::tempdir().unwrap();
    let first = recording(0).remove(0);
    let escape = "{\"told\":{\"message\":{\"Key\":{\"code\":{\"Char\":\"\\u001b\"},\"ctrl\":false}}}}";
    let slash = escape.replace("\\u001b", "/");
    let end = "{\"ended\":{}}";
    let typed = "{\"told\":{\"typed\":[\"\\u001b]0;x\\u0007\\u202e\",0]}}";
    let path = written(&home, &format!("{first}\n{escape}\n{slash}\n{typed}\n{escape}\n{end}\n"));
    let mut out = Vec::new();
    let script = Script::open(&path).unwrap();
    print(&script, &Themes::new(Theme::default()), Screens::Keys, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.matches("=== ").count(), 4, "{out}");
    assert!(
        out.chars().all(|letter| letter == '\n' || !letter.is_control() && letter != '\u{202e}'),
        "{out:?}"
    );
}

#[test]
fn a_recording_that_fell_behind_says_so_at_its_end() {
    let home = tempfile::tempdir().unwrap();
    let mut lines = recording(0);
    *lines.last_mut().unwrap() = "{\"ended\":{\"behind\":true}}".to_owned();
    let path = written(&home, &(lines.join("\n") + "\n"));
    let script = Script::open(&path).unwrap();
    assert!(script.is_behind() && !script.is_whole());
    let mut out = Vec::new();
    print(&script, &Themes::new(Theme::default()), Screens::Last, &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().contains(", the run went on\n"));
}
