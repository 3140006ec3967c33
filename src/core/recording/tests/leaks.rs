//! Places where a name may stand although something else belongs there.

use rstest::rstest;

use super::*;
use crate::{
    core::{
        bulk::journal::ListedJob,
        change::{ChangeItem, ChangePlan},
        fixtures::start,
        line_input::LineInput,
        looks::{Looks, ThemeChoice},
        msg::{Interrupted, RecordsMsg},
        remembered::Memory,
        state::{ChangeSheet, Overlay},
    },
    domain::{AppServer, Capabilities, Change, CloudJobStatus, JobId, Moment, Session, SubJob, Text},
};

/// A value as it stands in a recording.
fn masked<T: serde::Serialize>(value: &T) -> String {
    mask(value, &mut Some(Scrambler::new(&KEY))).unwrap().to_string()
}

fn with_versions(version: &str) -> Session {
    let mut session = Session::new("1".into());
    session.agent_version = Some(Text::clean(version));
    session.client.version = Some(Text::clean(version));
    session
}

#[test]
fn versions_are_kept_and_what_is_none_is_not() {
    let kept = masked(&with_versions("8.12.0-23149323"));
    assert_eq!(kept.matches("8.12.0-23149323").count(), 2, "{kept}");
    let other = masked(&with_versions("8.12.0-zacharias"));
    assert!(!other.contains("zacharias"), "{other}");
    let server = |text: &str| AppServer { os_version: Some(text.into()), ..AppServer::new("1".into()) };
    assert!(
        masked(&server("Windows Server 2019 Datacenter 64bit"))
            .contains("Windows Server 2019 Datacenter 64bit")
    );
    assert!(!masked(&server("zacharias")).contains("zacharias"));
    let server = |text: &str| Capabilities {
        product_version: Some(text.into()),
        ..crate::core::fixtures::capabilities()
    };
    assert!(masked(&server("8.14.0")).contains("8.14.0"));
    assert!(!masked(&server("zacharias")).contains("zacharias"));
}

#[test]
fn times_are_kept_and_what_is_none_is_not() {
    let moment = |raw: &str| Moment { at: None, raw: Text::clean(raw) };
    assert!(masked(&moment("2022-08-13 07:00:20")).contains("2022-08-13 07:00:20"));
    for name in ["zacharias", "+49 170 1234567", "2022-08-13 zacharias"] {
        assert!(!masked(&moment(name)).contains(name), "{name}");
    }
}

#[test]
fn ids_of_journals_and_plans_are_kept_in_the_form_that_they_are_made_in() {
    let listed = |id: &str| ListedJob { id: id.to_owned(), told: Err("it cannot be read".into()) };
    let opened = |id: &str| Msg::Records(RecordsMsg::Opened { job: JobId(1), journal: id.to_owned() });
    let left = |id: &str| {
        let (journal, plan, verb) = (Text::clean(id), Text::clean(id), Text::clean("logoff"));
        Interrupted { journal, plan, verb, unsent: 1, unanswered: 0, to_confirm: 0 }
    };
    let all = |id: &str| [masked(&listed(id)), masked(&opened(id)), masked(&left(id))].join("\n");
    assert_eq!(all("20260302T140220Z-7f3a-2").matches("20260302T140220Z-7f3a-2").count(), 4);
    for name in ["zacharias-backup", "20260302T140220Z-zacharias", "20260302T140220Z-7f3a-zacharias"] {
        let told = all(name);
        assert!(!told.contains("zacharias") && !told.contains("backup"), "{told}");
    }
    assert!(all("7f3a").contains("\"logoff\""));
    let of_verb = Interrupted { verb: "zacharias".into(), ..left("7f3a") };
    assert!(!masked(&of_verb).contains("zacharias"));
}

#[test]
fn names_of_own_themes_are_names() {
    let mut looks = Looks {
        choices: [ThemeChoice::new("nord"), ThemeChoice::new("zacharias")].into(),
        ..Looks::default()
    };
    let told = masked(&looks);
    assert!(
        told.contains("\"nord\"") && told.contains("\"foretop-dark\"") && !told.contains("zacharias"),
        "{told}"
    );
    looks.theme = "zacharias".into();
    assert!(!masked(&looks).contains("zacharias"));
}

#[rstest]
#[case("WKS.00211902", true)]
#[case("ENTITY_NOT_FOUND", true)]
#[case("zacharias", false)]
#[case("Zacharias77", false)]
fn codes_of_errors(#[case] code: &str, #[case] kept: bool) {
    let job = SubJob {
        id: "1".into(),
        job_id: None,
        kind: Some(code.into()),
        began_at: None,
        ended_at: None,
        status: Some(CloudJobStatus::Failed),
        resource_id: None,
        resource_name: None,
        error_code: Some(code.into()),
        error_message: None,
    };
    let fault = Fault { key: Some(code.into()), ..Fault::new(FaultKind::Unexpected, "list sessions", "no") };
    let told = masked(&job);
    assert_eq!(told.contains(code), kept, "{told}");
    assert!(told.contains("FAILED"));
    assert_eq!(masked(&fault).contains(code), kept);
}

#[test]
fn a_state_that_is_a_name_is_no_state() {
    let session = |state: &str| Session { state: Some(state.into()), ..Session::new("1".into()) };
    assert!(masked(&session("HIBERNATED")).contains("HIBERNATED"), "a new word of the server");
    for name in ["zacharias", "Zacharias", "zacharias_1", "PC0042"] {
        assert!(!masked(&session(name)).contains(name), "{name}");
    }
}

#[test]
fn a_name_in_the_line_of_the_pace_is_replaced() {
    let mut taped = Taped::begin(Bench::with(people()));
    taped.text("  *al");
    assert!(matches!(taped.bench.state.overlays.last(), Some(Overlay::Plan(_))));
    taped.text("p");
    assert_eq!(taped.bench.state.prompt.as_ref().map(|prompt| prompt.kind), Some(PromptKind::Pace));
    taped.keys([Key::ctrl('u')]);
    taped.text("canary 1, 25 per call, zacharias");
    let player = taped.play();
    let typed = player.state().prompt.as_ref().unwrap().input.text().to_owned();
    assert!(typed.starts_with("canary 1, 25 per call, ") && !typed.contains("zach"), "{typed}");
    assert!(!pressed(&taped.lines).contains("zachar"), "{}", pressed(&taped.lines));
    let history = [(PromptKind::Pace, vec!["zacharias".to_owned(), "25 per call".to_owned()])];
    let memory = Memory { history: history.into_iter().collect(), ..Memory::default() };
    let told = masked(&memory);
    assert!(told.contains("25 per call") && !told.contains("zacharias"), "{told}");
}

/// The characters of the keys in a recording.
fn pressed(lines: &[String]) -> String {
    lines.iter().filter_map(|line| line.split("\"Char\":\"").nth(1)?.chars().next()).collect()
}

/// A console that asks for a number or words before it carries out changes.
fn asking(changes: usize, words: Option<&str>) -> Taped {
    let mut bench = Bench::with(people());
    let mut plan = ChangePlan::new("3f2a".into(), "DELETE PERMISSIONS", start());
    plan.items = (0..changes)
        .map(|number| ChangeItem::new(Change::DeletePermission(number.to_string().into()), "permission"))
        .collect();
    plan.words = words.map(Text::clean);
    let sheet = ChangeSheet { plan, typed: LineInput::default(), scroll: 0, complaint: None };
    bench.state.overlays.push(Overlay::Change(Box::new(sheet)));
    Taped::begin(bench)
}

fn typed_on_sheet(player: &Player) -> String {
    match player.state().overlays.last() {
        Some(Overlay::Change(sheet)) => sheet.typed.text().to_owned(),
        Some(Overlay::Plan(sheet)) => sheet.typed.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_a_number_on_a_sheet_only_what_is_asked_for_is_told() {
    for (typed, told) in [("26", "26"), ("2", "2"), ("026", "026"), ("4711", "0000"), ("27", "00")] {
        let mut taped = asking(26, None);
        taped.text(typed);
        assert_eq!(typed_on_sheet(&taped.play()), told, "{typed}");
    }
    // More than there is room for.
    let mut taped = asking(26, None);
    taped.text("98765432198");
    assert_eq!(typed_on_sheet(&taped.play()), "0000000");
    assert!(pressed(&taped.lines).chars().all(|digit| digit == '0'), "{}", pressed(&taped.lines));
    taped.keys([Key::plain(KeyCode::Enter)]);
    assert_eq!(typed_on_sheet(&taped.play()), "");
}

#[test]
fn of_the_digits_on_the_sheet_of_a_plan_only_the_count_is_told() {
    let mut taped = Taped::begin(Bench::with(people()));
    taped.text("  *al47110815");
    let player = taped.play();
    assert_eq!(typed_on_sheet(&player), "0000000");
    assert!(!pressed(&taped.lines).contains(['4', '7', '8']), "{}", pressed(&taped.lines));
}

#[test]
fn of_words_on_a_sheet_only_those_asked_for_are_told() {
    let mut taped = asking(1, Some("delete the last administrator"));
    taped.text("delete the user 123");
    let told = typed_on_sheet(&taped.play());
    assert!(!told.contains("user") && !told.contains("123"), "{told}");
    let mut taped = asking(1, Some("delete the last administrator"));
    taped.text("delete the last administrator");
    assert_eq!(typed_on_sheet(&taped.play()), "delete the last administrator");
}
