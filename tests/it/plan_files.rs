//! Plans as files, guards, protection and waiting, with the real program against a simulated estate.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use foretop::sim::Simulator;

use crate::{
    cli::{Desk, Sim},
    support::{simulate, small},
};

const OLD: &str = "state:disconnected idle>4h";

fn sim() -> Sim {
    Sim::start(&["--world", "small", "--seed", "7"])
}

/// A desk at an estate whose clock the test moves.
fn admin(simulator: &Simulator) -> Desk {
    let account = simulator.credentials();
    Desk::at(simulator.url(), &account.username, &account.password)
}

/// Lets time pass until a session that was logged off has ended; nobody else has the time to do much.
fn wait_until_gone(simulator: &Simulator, id: &str) {
    let control = simulator.control();
    for _ in 0..600 {
        if !control.is_present(id) {
            return;
        }
        control.advance(Duration::from_secs(1));
    }
    panic!("{id} is still there");
}

/// Plans a logoff of old sessions; the name, the file and how many would be sent.
fn planned(desk: &Desk, more: &[&str]) -> (String, String, usize) {
    let line = [&["plan", "logoff", "--where", OLD, "--json"], more].concat();
    let json = desk.foretop(&line).ends(0).json();
    let text = |key: &str| json[key].as_str().unwrap().to_owned();
    let count = json["to_send"].as_u64().unwrap() as usize;
    assert!(count > 0);
    assert!(text("command").ends_with(&format!("--yes {count}")));
    (text("plan"), text("path"), count)
}

#[test]
fn a_plan_is_private_applied_once_and_only_with_its_number() {
    let sim = sim();
    let desk = sim.admin();
    let (name, path, count) = planned(&desk, &["--ticket", "INC-1"]);
    let rights = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(rights(path.as_ref()), 0o600);
    assert_eq!(rights(Path::new(&path).parent().unwrap()), 0o700);

    let wrong = (count + 1).to_string();
    desk.foretop(&["apply", &name, "--yes", &wrong]).ends(4).says("is not the number");
    desk.foretop(&["apply", &name, "--yes", &count.to_string(), "--max", "1"]).ends(4).says("--max allows 1");
    desk.foretop(&["apply", &name, "--read-only", "--yes", &count.to_string()]).ends(4).says("read-only");
    let dry = desk.foretop(&["apply", &name, "--dry-run", "-o", "json"]).ends(0);
    assert_eq!(dry.targets("unsent").len(), count);

    // By the beginning of its name.
    let ran = desk.foretop(&["apply", &name[..6], "--yes", &count.to_string(), "-o", "json"]);
    assert!([0, 3].contains(&ran.code), "{ran:?}");
    assert_eq!((ran.json()["ticket"].as_str(), ran.json()["plan"].as_str()), (Some("INC-1"), Some(&*name)));
    assert!(!ran.targets("accepted").is_empty());
    let again = desk.foretop(&["apply", &name, "--yes", &count.to_string()]).ends(4).says("applied already");
    assert_eq!(again.out, "", "nothing was sent");
    desk.foretop(&["apply", "nothing-like-it", "--yes", "1"]).ends(2).says("no saved plan");
}

#[test]
fn another_person_applies_it_and_an_edit_or_another_estate_is_refused() {
    let sim = sim();
    let maker = sim.admin();
    let (_, path, count) = planned(&maker, &[]);
    let count = count.to_string();

    let edited = format!("{path}.edited.json");
    fs::write(&edited, fs::read_to_string(&path).unwrap().replace("idle>4h", "idle>0h")).unwrap();
    sim.admin().foretop(&["apply", &edited, "--yes", &count]).ends(4).says("was changed");
    let other = Sim::start(&["--world", "federation", "--seed", "7"]);
    other.admin().foretop(&["apply", &path, "--yes", &count]).ends(4).says("another estate");

    let applier = sim.admin();
    let ran = applier.foretop(&["apply", &path, "--yes", &count, "-o", "json"]);
    assert!([0, 3].contains(&ran.code), "{ran:?}");
    applier.foretop(&["jobs", "verify"]).ends(0);
    let audit = fs::read_to_string(applier.state("audit.jsonl")).unwrap();
    let applied = audit.lines().find(|line| line.contains("\"applied\"")).unwrap();
    let applied: serde_json::Value = serde_json::from_str(applied).unwrap();
    assert_eq!(applied["made_by"], applied["operator"], "{applied}");
    maker.foretop(&["apply", &path, "--yes", &count]).ends(4).says("applied already");
}

#[test]
fn nobody_is_told_of_a_ticket_that_there_is_not() {
    let desk = sim().admin();
    let text = "ticket {ticket}: save";
    for line in [
        &["sessions", "message", "--text", text, "--where", OLD, "--yes", "1"][..],
        &["sessions", "logoff", "--warn", text, "--after", "5m", "--where", OLD, "--yes", "1"],
        &["plan", "logoff", "--warn", text, "--after", "5m", "--where", OLD],
    ] {
        desk.foretop(line).ends(2).says("{ticket}").says("--ticket");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_weighs_the_targets_as_they_are_now() {
    let simulator = simulate(small()).await;
    let desk = admin(&simulator);
    let (name, path, count) = planned(&desk, &[]);
    let saved = foretop::core::bulk::SavedPlan::from_text(&fs::read_to_string(&path).unwrap()).unwrap();
    let gone = saved.plan.to_send[0].session.id.raw();
    desk.foretop(&["sessions", "logoff", "--forced", "--id", gone, "--yes", "1"]).ends(0);
    wait_until_gone(&simulator, gone);
    let dry = desk.foretop(&["apply", &name, "--dry-run", "-o", "json"]).ends(0);
    assert_eq!(dry.targets("unsent").len(), count - 1);
    let held = dry.targets("held_back");
    assert_eq!((held.len(), held[0]["id"].as_str()), (1, Some(gone)));
    assert_eq!(held[0]["message"], "gone already");
}

#[test]
fn a_plan_expires() {
    let sim = sim();
    let desk = sim.admin();
    let (name, path, count) = planned(&desk, &["--expires", "15m"]);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("expires_at"));
    let mut saved = foretop::core::bulk::SavedPlan::from_text(&text).unwrap();
    saved.expires_at = saved.saved_at;
    fs::write(&path, saved.to_text().unwrap()).unwrap();
    desk.foretop(&["apply", &name, "--yes", &count.to_string()]).ends(4).says("expired at");
}

#[test]
fn a_guard_of_its_own_holds_back_whom_it_does_not_hold_for() {
    let sim = sim();
    let desk = sim.admin();
    let dry = |more: &[&str]| {
        let line = [&["sessions", "logoff", "--where", OLD, "--dry-run", "-o", "json"], more].concat();
        desk.foretop(&line)
    };
    let all = dry(&[]).ends(0).targets("unsent").len();
    let guarded = dry(&["--guard", "state:connected"]);
    assert_eq!(guarded.targets("held_back").len(), all, "{guarded:?}");
    assert!(guarded.targets("held_back")[0]["message"].as_str().unwrap().contains("guard"));
    assert_eq!(dry(&["--guard", ""]).ends(0).targets("unsent").len(), all);
    dry(&["--guard", "sate:x"]).ends(2).says("--guard").says("state");
    dry(&["--canary", "x"]).ends(2).says("no canary");
    dry(&["--stop-above", "0%"]).ends(2).says("from 1% to 100%");
}

#[test]
fn the_protected_are_held_back_unless_named() {
    let sim = sim();
    let desk = sim.admin().configured("[protected]\npools = [\"*\"]\n");
    let line = ["sessions", "logoff", "--where", OLD, "--dry-run", "-o", "json"];
    let ran = desk.foretop(&line);
    let held = ran.targets("held_back");
    assert!(!held.is_empty() && ran.targets("unsent").is_empty());
    assert_eq!(held[0]["message"], "protected: pool *");
    let id = held[0]["id"].as_str().unwrap();
    let named = ["sessions", "logoff", "--id", id, "--include-protected", "--dry-run", "-o", "json"];
    assert_eq!(desk.foretop(&named).ends(0).targets("unsent").len(), 1);
    desk.foretop(&["sessions", "logoff", "--where", OLD, "--include-protected", "--dry-run"]).ends(2);
}

#[test]
fn a_plan_keeps_who_was_named_on_purpose_for_whoever_named_them_only() {
    const RULE: &str = "[protected]\npools = [\"*\"]\n";
    let sim = sim();
    let maker = sim.admin().configured(RULE);
    let line = ["sessions", "logoff", "--where", OLD, "--dry-run", "-o", "json"];
    let held = maker.foretop(&line).targets("held_back");
    let id = held[0]["id"].as_str().unwrap();
    let line = ["plan", "logoff", "--id", id, "--include-protected", "--json"];
    let path = maker.foretop(&line).ends(0).json()["path"].as_str().unwrap().to_owned();
    let dry = ["apply", &path, "--dry-run", "-o", "json"];
    assert_eq!(maker.foretop(&dry).ends(0).targets("unsent").len(), 1, "the same person");
    let other = sim.account("helpdesk").configured(RULE);
    let held = other.foretop(&dry).targets("held_back");
    assert_eq!(held[0]["message"], "protected: pool *", "another one, with a protected set of their own");
    assert_eq!(sim.account("helpdesk").foretop(&dry).ends(0).targets("unsent").len(), 1);
}

#[test]
fn a_group_is_protected_by_its_name_and_one_that_nobody_knows_protects_everybody() {
    let sim = sim();
    let line = ["sessions", "logoff", "--where", OLD, "--dry-run", "-o", "json"];
    let all = sim.admin().foretop(&line).ends(0).targets("unsent").len();
    for name in ["CORP\\\\Domain Users", "domain users"] {
        let ran = sim.admin().configured(&format!("[protected]\ngroups = [\"{name}\"]\n")).foretop(&line);
        let held = ran.targets("held_back");
        assert_eq!(held.len(), all, "{ran:?}");
        let words = held[0]["message"].as_str().unwrap().to_lowercase();
        assert!(words.starts_with("protected: group") && words.ends_with("domain users"), "{words}");
        assert!(!ran.err.contains("could not be looked up"), "{ran:?}");
    }
    let leads = sim.admin().configured("[protected]\ngroups = [\"Finance Leads\"]\n").foretop(&line);
    assert!(!leads.targets("unsent").is_empty(), "others are not meant: {leads:?}");
    let typo = sim.admin().configured("[protected]\ngroups = [\"Finanz\"]\n").foretop(&line);
    let typo = typo.says("the protected group Finanz could not be looked up");
    assert_eq!(typo.targets("held_back").len(), all);
    assert!(typo.targets("unsent").is_empty());
}

#[test]
fn a_plan_keeps_its_course_guard_pace_and_ticket() {
    let sim = sim();
    let desk = sim.admin();
    let more = ["--warn", "{ticket}: save", "--after", "2s", "--remind", "1s", "--force-after", "1s"];
    let terms = ["--ticket", "INC-1", "--chunk", "3", "--canary", "1"];
    let (name, path, count) = planned(&desk, &[&more[..], &terms[..]].concat());
    let saved = foretop::core::bulk::SavedPlan::from_text(&fs::read_to_string(path).unwrap()).unwrap();
    let terms = &saved.plan.terms;
    assert_eq!(terms.guard.as_ref().map(ToString::to_string).as_deref(), Some(OLD));
    assert_eq!((terms.pace.chunk, terms.ticket.as_ref().unwrap().as_str()), (3, "INC-1"));
    let course = terms.course.as_ref().unwrap();
    assert_eq!((course.wait_seconds, course.force_after_seconds, course.reminders.len()), (2, Some(1), 1));
    let ran = desk.foretop(&["apply", &name, "--yes", &count.to_string(), "-o", "json"]);
    assert!([0, 3].contains(&ran.code), "{ran:?}");
    let json = ran.json();
    assert_eq!(json["ticket"], "INC-1");
    assert_eq!(json["targets"].as_array().unwrap().len(), count);
    assert!(json["targets"].as_array().unwrap().iter().all(|target| target["warned"] == true), "{ran:?}");
    desk.foretop(&["plan", "logoff", "--forced", "--where", OLD, "--warn", "x", "--after", "1m"]).ends(2);
}

#[test]
fn a_plan_is_started_once_however_many_files_it_has() {
    let sim = sim();
    let desk = sim.admin();
    let (name, path, count) = planned(&desk, &[]);
    let copy = format!("{path}.copy.json");
    fs::copy(&path, &copy).unwrap();
    let yes = count.to_string();
    let ran = desk.foretop(&["apply", &name, "--yes", &yes, "-o", "json"]);
    assert!([0, 3].contains(&ran.code), "{ran:?}");
    let before = desk.foretop(&["jobs", "list", "-o", "json"]).json();
    let again = desk.foretop(&["apply", &copy, "--yes", &yes]).ends(4).says("was started already, as job");
    assert_eq!(again.out, "", "nothing was sent");
    assert_eq!(desk.foretop(&["jobs", "list", "-o", "json"]).json(), before, "no second job");
    assert!(!Path::new(&copy).with_extension("applied").exists(), "the copy is not marked for nothing");
    // Whoever reads the first file is told by whom.
    sim.admin().foretop(&["apply", &path, "--yes", &yes]).ends(4).says("(applied by CORP");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_sends_nothing_does_not_use_the_plan_up() {
    let simulator = simulate(small()).await;
    let desk = admin(&simulator);
    let line = ["sessions", "list", "--where", OLD, "-o", "json"];
    let listed = desk.foretop(&line).ends(0).json();
    let rows = listed.as_array().or_else(|| listed["sessions"].as_array()).expect("a list").clone();
    let id = rows[0]["id"].as_str().unwrap();
    let plan = desk.foretop(&["plan", "logoff", "--forced", "--id", id, "--json"]).ends(0).json();
    let (name, path) = (plan["plan"].as_str().unwrap(), plan["path"].as_str().unwrap());
    // Somebody else was quicker.
    admin(&simulator).foretop(&["sessions", "logoff", "--forced", "--id", id, "--yes", "1"]).ends(0);
    wait_until_gone(&simulator, id);
    let ran = desk.foretop(&["apply", name, "--yes", "1", "-o", "json"]);
    assert_eq!(ran.targets("held_back").len(), 1, "{ran:?}");
    assert!(!Path::new(path).with_extension("applied").exists());
    let ran = desk.foretop(&["apply", name, "--yes", "1", "-o", "json"]);
    assert_eq!(ran.targets("held_back").len(), 1, "it may be tried again: {ran:?}");
    desk.foretop(&["jobs", "verify"]).ends(0);
}

#[test]
fn a_plan_for_another_estate_is_refused_although_its_cluster_has_the_same_name() {
    let (one, other) = (sim(), Sim::start(&["--world", "small", "--seed", "8"]));
    let maker = one.admin();
    let (_, path, count) = planned(&maker, &[]);
    let refused = other.admin().foretop(&["apply", &path, "--yes", &count.to_string()]);
    refused.ends(4).says("is for another estate");
}
