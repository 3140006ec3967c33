//! Recordings that no console wrote.

use serde_json::{Value, json};

use super::*;

/// A recording whose lists are to be read, from a console that was told nothing yet.
fn player() -> Player {
    let taped = Taped::begin(Bench::unconnected());
    Player::begin(&taped.lines[0], "test").unwrap()
}

fn read(player: &mut Player, line: &Value) -> Result<(), String> {
    player.read(&line.to_string()).map(drop).map_err(|error| error.to_string())
}

fn table(number: u64, base: Option<u64>, lines: usize) -> Value {
    let head =
        mask(&SessionTable::new(Vec::new(), Timestamp::UNIX_EPOCH, true).without_rows(), &mut None).unwrap();
    json!({"table": {"number": number, "base": base, "head": head, "lines": lines}})
}

/// A line of new rows with these ids.
fn rows(ids: std::ops::Range<usize>) -> Value {
    let values: Vec<String> = ids.clone().map(|id| id.to_string()).collect();
    let which: Vec<usize> = (0..ids.len()).collect();
    json!({"rows": {"from": [[null, ids.len()]], "set": {"id": {"values": values, "which": which}}}})
}

#[test]
fn a_list_has_no_more_rows_than_a_list_may_have() {
    let mut player = player();
    let error = read(&mut player, &table(1, None, 10_000_000)).unwrap_err();
    assert_eq!(error, "line 2: a list of more than 1000000 rows");
}

#[test]
fn a_row_of_the_list_before_stands_in_a_list_once() {
    let mut player = player();
    read(&mut player, &table(1, None, 1)).unwrap();
    read(&mut player, &rows(0..10)).unwrap();
    read(&mut player, &table(2, Some(1), 400)).unwrap();
    read(&mut player, &json!({"rows": {"from": [[0, 10]]}})).unwrap();
    let error = read(&mut player, &json!({"rows": {"from": [[3, 7]]}})).unwrap_err();
    assert_eq!(error, "line 6: row 3 of the list before stands twice in a list");
    // Nor is there one that it does not have.
    let mut player = self::player();
    read(&mut player, &table(1, None, 1)).unwrap();
    assert!(read(&mut player, &json!({"rows": {"from": [[0, 10]]}})).unwrap_err().contains("has no row 0"));
}

#[test]
fn a_value_is_not_made_many_until_there_is_no_memory() {
    let mut player = player();
    read(&mut player, &table(1, None, 400)).unwrap();
    let long = "x".repeat(1 << 20);
    let values: Vec<String> = (0..2048).map(|id| id.to_string()).collect();
    let which: Vec<usize> = (0..2048).collect();
    let ids = json!({"values": values, "which": which});
    let error = read(
        &mut player,
        &json!({"rows": {"from": [[null, 2048]], "set": {"id": ids, "user_name": {"values": [long]}}}}),
    );
    assert_eq!(error.unwrap_err(), "line 3: lists of more than 2048 MB");
    // Rows that the line does not have, and fields that no session has.
    let mut player = self::player();
    read(&mut player, &table(1, None, 2)).unwrap();
    let beyond = json!({"rows": {"from": [[null, 1]], "set": {"id": {"rows": [0, 7], "values": ["a"]}}}});
    assert!(read(&mut player, &beyond).unwrap_err().contains("values of id are missing"));
    let mut player = self::player();
    read(&mut player, &table(1, None, 1)).unwrap();
    let more =
        json!({"rows": {"from": [[null, 1]], "set": {"id": {"values": ["a"]}, "new": {"values": [1]}}}});
    read(&mut player, &more).unwrap();
}

#[test]
fn empty_texts_take_memory_as_well() {
    let mut player = player();
    read(&mut player, &table(1, None, 4)).unwrap();
    let ids: Vec<String> = (0..110).map(|id| id.to_string()).collect();
    let which: Vec<usize> = (0..110).collect();
    let none = vec![""; 1_000_000];
    let line = json!({"rows": {"from": [[null, 110]], "set": {
        "id": {"values": ids, "which": which}, "groups": {"values": [none]}}}});
    assert_eq!(read(&mut player, &line).unwrap_err(), "line 3: lists of more than 2048 MB");
}

#[test]
fn what_lists_take_is_counted_together_and_once() {
    let mut player = player();
    let long = "x".repeat(1 << 20);
    let line = |from: usize, rows: usize| {
        let ids: Vec<String> = (from..from + rows).map(|id| id.to_string()).collect();
        let which: Vec<usize> = (0..rows).collect();
        json!({"rows": {"from": [[null, rows]], "set": {
            "id": {"values": ids, "which": which}, "user_name": {"values": [long.as_str()]}}}})
    };
    read(&mut player, &table(1, None, 1)).unwrap();
    read(&mut player, &line(0, 8)).unwrap();
    let size = player.lists().size();
    assert!(size > 8 << 20 && size < 9 << 20, "{size}");
    for number in 2..4 {
        read(&mut player, &table(number, Some(1), 1)).unwrap();
        read(&mut player, &json!({"rows": {"from": [[0, 8]]}})).unwrap();
        assert_eq!(player.lists().size(), size, "the same rows");
    }
    for number in 4..9 {
        read(&mut player, &table(number, None, 1)).unwrap();
        read(&mut player, &line(0, 8)).unwrap();
    }
    assert_eq!(player.lists().size(), 4 * size, "the last four");
}

#[test]
fn a_long_list_that_is_the_same_again_comes_back() {
    let sessions: Vec<_> =
        (0..5_000).map(|id| session(&id.to_string(), "x", SessionState::Connected, 1)).collect();
    let first = Arc::new(SessionTable::new(sessions, Timestamp::UNIX_EPOCH, true));
    let at = Timestamp::from_second(9).unwrap();
    let again = Arc::new(SessionTable::of_rows(Arc::clone(first.rows()), at, true));
    let (mut scrambler, mut writer, mut player) = (None, Writer::default(), player());
    let mut reader = Reader::default();
    for table in [&first, &again] {
        let mut lines = Vec::new();
        let number = writer.number(table, &mut scrambler, &mut |line| lines.push(line)).unwrap();
        for line in lines {
            let line = serde_json::to_string(&line).unwrap();
            player.read(&line).unwrap();
            match serde_json::from_str(&line).unwrap() {
                Line::Table(line) => drop(reader.begin(line).unwrap()),
                Line::Rows(line) => reader.rows(line).unwrap(),
                _ => unreachable!(),
            }
        }
        assert!(reader.table(number).unwrap() == *table);
    }
    let (one, other) = (reader.table(1).unwrap(), reader.table(2).unwrap());
    assert!(Arc::ptr_eq(one.rows(), other.rows()), "the rows are there once");
}

#[test]
fn a_screen_is_no_larger_than_a_screen_may_be() {
    let taped = Taped::begin(Bench::unconnected());
    let mut player = Player::begin(&taped.lines[0], "test").unwrap();
    let resized = |width: u32| json!({"told": {"message": {"Resized": {"width": width, "height": 24}}}});
    read(&mut player, &resized(1000)).unwrap();
    let large = json!({"told": {"message": {"Resized": {"width": 1000, "height": 201}}}});
    let error = self::player().read(&large.to_string()).unwrap_err();
    assert_eq!(error.to_string(), "line 2: a screen of 1000x201: more than 200000 cells are not played");
    let error = read(&mut player, &resized(65_535)).unwrap_err();
    assert_eq!(error, "line 3: a screen of 65535x24: more than 1000x1000 is not played");
    for place in ["/recording/screen/height", "/recording/state/screen/height"] {
        let mut head: Value = serde_json::from_str(&taped.lines[0]).unwrap();
        *head.pointer_mut(place).unwrap() = 65_535.into();
        let error = Player::begin(&head.to_string(), "test").unwrap_err();
        assert_eq!((error.line, error.words.contains("80x65535")), (1, true), "{error}");
    }
}

#[test]
fn a_run_is_not_at_the_end_of_all_times() {
    let mut player = player();
    for at in ["9999-12-30T22:00:00.999999999Z", "-009999-01-02T01:59:59Z"] {
        let error = read(&mut player, &json!({"told": {"at": at}})).unwrap_err();
        assert!(error.contains("is none of a run"), "{error}");
        assert!(read(&mut player, &json!({"told": {"message": {"Tick": at}}})).is_err());
    }
}

#[test]
fn a_number_is_none_from_which_nobody_can_count_on() {
    let taped = Taped::begin(Bench::unconnected());
    let mut head: Value = serde_json::from_str(&taped.lines[0]).unwrap();
    *head.pointer_mut("/recording/state/next_job").unwrap() = u64::MAX.into();
    let error = Player::begin(&head.to_string(), "test").unwrap_err();
    assert_eq!(error.to_string(), "line 1: the number 18446744073709551615 is larger than any of a run");
    let mut player = player();
    let progress =
        json!({"SessionsProgressed": {"request": 1, "received": 9_007_199_254_740_993_u64, "total": null}});
    let error = read(&mut player, &json!({"told": {"message": progress}})).unwrap_err();
    assert!(error.starts_with("line 2: the number "), "{error}");
}

#[test]
fn marks_are_counted_and_not_believed() {
    let mut bench = Bench::with(people());
    bench.press(" ");
    let taped = Taped::begin(bench);
    let mut head: Value = serde_json::from_str(&taped.lines[0]).unwrap();
    let count = head.pointer_mut("/recording/state/sessions/view/marks/rows/len").unwrap();
    assert_eq!(*count, 1);
    *count = 0.into();
    let player = Player::begin(&head.to_string(), "test").unwrap();
    assert_eq!(player.state().sessions.view.counts().marked, 1);
}

#[test]
fn lists_are_asked_as_messages_are() {
    let mut player = player();
    let mut late = table(1, None, 1);
    *late.pointer_mut("/table/head/fetched_at").unwrap() = "9999-12-30T22:00:00Z".into();
    assert!(read(&mut player, &late).unwrap_err().ends_with("is none of a run"));
    let mut player = self::player();
    read(&mut player, &table(1, None, 1)).unwrap();
    let mut line = rows(0..2);
    *line.pointer_mut("/rows/set/id/values/1").unwrap() = u64::MAX.into();
    assert!(read(&mut player, &line).unwrap_err().contains("is larger than any of a run"));
}

#[test]
fn what_is_said_of_a_file_drives_no_terminal() {
    let mut player = player();
    let words = player.read("{\"told\":{\"message\":{\"\\u001b[2J\\u202e\":1}}}").unwrap_err().to_string();
    assert!(!words.contains(['\u{1b}', '\u{202e}']), "{words:?}");
    let head = Taped::begin(Bench::unconnected()).lines.remove(0);
    let head =
        head.replacen("\"format\":1,\"foretop\":\"test\"", "\"format\":2,\"foretop\":\"\\u001b]0;x\"", 1);
    let words = Player::begin(&head, "test").unwrap_err().to_string();
    assert!(words.contains("form 2") && !words.contains('\u{1b}'), "{words:?}");
}

#[test]
fn forgotten_stand_ins_are_made_again_as_they_were() {
    let names: Vec<String> = (0..1_000)
        .flat_map(|number| {
            [format!("user{number}"), format!("0f3a9c{number:026x}"), format!("S-1-5-21-{number}")]
        })
        .collect();
    let mut scrambler = Scrambler::new(&KEY);
    let first: Vec<String> = names.iter().map(|name| scrambler.name(name)).collect();
    for (name, stand_in) in names.iter().zip(&first).rev() {
        assert_eq!(scrambler.name(name), *stand_in);
    }
    let different: std::collections::BTreeSet<&String> = first.iter().collect();
    assert_eq!(different.len(), names.len());
    let debug = format!("{scrambler:?}");
    let remembered: usize = debug.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    assert!(remembered <= 100, "{debug}");
}
