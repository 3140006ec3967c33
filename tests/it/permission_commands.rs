//! `foretop permissions` as a program, against a simulated estate in another process: what it prints and how it ends
//! (`docs/permissions.md`).

use rstest::rstest;
use serde_json::Value;

use crate::cli::{Desk, Ran, Sim};

/// A SID that nobody has.
const NOBODY: &str = "S-1-5-21-1593846203-2718281828-3141592653-77777";

fn listed(desk: &Desk, filter: &str) -> Vec<Value> {
    let ran = desk.foretop(&["permissions", "list", "--where", filter, "-o", "json"]).ends(0);
    ran.json().as_array().unwrap().clone()
}

fn id(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}

/// Outcome and message of each change, in their order.
fn outcomes(ran: &Ran) -> Vec<(String, String)> {
    let json = ran.json();
    let rows = json["targets"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    rows.map(|row| (text(&row["outcome"]), text(&row["message"]))).collect()
}

#[test]
fn a_list_says_who_may_do_what() {
    let sim = Sim::small();
    let desk = sim.admin();
    let all = listed(&desk, "");
    assert!(all.len() > 5);
    let helpdesk = &listed(&desk, "principal:helpdesk")[0];
    assert_eq!(helpdesk["display_name"], "CORP\\helpdesk");
    assert_eq!(helpdesk["group"], false);
    assert_eq!(helpdesk["role_name"], "Help Desk Administrators");
    assert_eq!(helpdesk["local_access_group_name"], "Root");
    assert_eq!((&helpdesk["can"]["logoff"], &helpdesk["can"]["reset"]), (&"yes".into(), &"no".into()));
    let dead = &listed(&desk, "flag:dead")[0];
    assert_eq!(dead["flags"][0], "dead");
    assert!(dead.get("display_name").is_none() && dead.get("group").is_none());
    let table = desk.foretop(&["permissions", "list", "--where", "can:permissions"]).ends(0);
    assert!(table.out.lines().count() > 1 && table.out.starts_with("PRINCIPAL"), "{table:?}");
    let csv = desk.foretop(&["permissions", "list", "--where", "flag:dead", "-o", "csv"]).ends(0);
    assert!(csv.out.starts_with("id,ad_user_or_group_id,"), "{csv:?}");
    let shown = desk.foretop(&["permissions", "show", &id(helpdesk), "-o", "json"]).ends(0).json();
    let privileges = shown["privileges"].as_array().unwrap();
    assert!(privileges.contains(&"MACHINE_MANAGE_VDI_SESSION".into()));
    let csv = desk.foretop(&["permissions", "show", &id(helpdesk), "-o", "csv"]).ends(0);
    assert!(csv.out.lines().next().unwrap().ends_with(",privileges"), "{csv:?}");
    assert!(csv.out.contains("MACHINE_MANAGE_VDI_SESSION"), "{csv:?}");
    desk.foretop(&["permissions", "show", "gone"]).ends(1).says("permissions list");
    desk.foretop(&["permissions", "list", "--where", "rol:x"]).ends(2).says("did you mean role?");
}

#[test]
fn two_are_created_in_one_go_and_one_of_them_fails() {
    let sim = Sim::small();
    let desk = sim.admin();
    let line = [
        "permissions",
        "create",
        "--principal",
        "m.ito",
        "--principal",
        NOBODY,
        "--role",
        "help desk administrators",
        "--access-group",
        "Finance",
        "-o",
        "json",
    ];
    let dry = desk.foretop(&[&line[..], &["--dry-run"]].concat()).ends(0);
    assert!(outcomes(&dry).iter().all(|(outcome, _)| outcome == "unsent"));
    desk.foretop(&[&line[..], &["--yes", "1"]].concat()).ends(4).says("--yes 1 is not the number");
    let ran = desk.foretop(&[&line[..], &["--yes", "2"]].concat()).ends(3);
    let outcomes = outcomes(&ran);
    assert_eq!(outcomes[0].0, "confirmed");
    assert_eq!(outcomes[1].0, "refused");
    assert!(outcomes[1].1.contains("does not exist"), "{outcomes:?}");
    assert_eq!(listed(&desk, "principal:m.ito group:finance").len(), 1);
    // Once more: it is there already, and nothing is sent for it.
    let again = desk.foretop(&[&line[..], &["--yes", "1"]].concat());
    assert!(again.out.contains("there already is one like it"), "{again:?}");
    let json = again.json();
    let held = json["targets"].as_array().unwrap().iter().find(|row| row["outcome"] == "held_back").unwrap();
    assert!(held.get("id").is_none(), "a SID is no id of a permission: {held}");
    assert!(held["ad_user_or_group_id"].as_str().unwrap().starts_with("S-1-"), "{held}");
}

#[rstest]
#[case(&["--role", "Help Desk Administrator", "--access-group", "Finance"], "did you mean 'Help Desk Administrators'?")]
#[case(&["--role", "Help Desk Administrators", "--access-group", "Finnance"], "did you mean 'Finance'?")]
#[case(&["--role", "Help Desk Administrators"], "--access-group is missing")]
fn wrong_names_are_mistakes(#[case] line: &[&str], #[case] words: &str) {
    let sim = Sim::small();
    let line = [&["permissions", "create", "--principal", "m.ito"][..], line, &["--yes", "1"]].concat();
    sim.admin().foretop(&line).ends(2).says(words);
}

#[test]
fn of_three_that_are_deleted_one_is_gone_already() {
    let sim = Sim::small();
    let desk = sim.admin();
    let first = id(&listed(&desk, "principal:m.ito")[0]);
    let second = id(&listed(&desk, "flag:dead")[0]);
    let ran = desk
        .foretop(&["permissions", "delete", &first, &second, "gone-already", "--yes", "2", "-o", "json"])
        .ends(3);
    let outcomes: Vec<String> = outcomes(&ran).into_iter().map(|(outcome, _)| outcome).collect();
    assert_eq!(outcomes, ["confirmed", "confirmed", "held_back"]);
    assert!(listed(&desk, "flag:dead").is_empty());
    desk.foretop(&["permissions", "delete"]).ends(2).says("--where");
    desk.foretop(&["permissions", "delete", "--where", " ", "--yes", "0"]).ends(2).says("id:*");
}

#[test]
fn the_own_permission_and_the_last_administrator_ask_for_words() {
    let sim = Sim::small();
    let desk = sim.admin();
    let own = ["permissions", "delete", "--where", "principal:admin", "--yes", "1"];
    desk.foretop(&own).ends(4).says("delete my own permission");
    let all = ["permissions", "delete", "--where", "flag:admin", "--yes", "2"];
    // One phrase for both: neither danger hides the other.
    let words = "delete my own permission and the last administrator";
    desk.foretop(&all).ends(4).says(words).says("who can still change permissions");
    let dry = desk.foretop(&["permissions", "delete", "--where", "flag:admin", "--dry-run"]).ends(0);
    assert!(dry.out.contains(&format!("--confirm '{words}'")), "{dry:?}");
    assert_eq!(listed(&desk, "flag:admin").len(), 2, "nothing was sent");
    desk.foretop(&["permissions", "delete", "--where", "principal:svc-hz-script", "--yes", "1"]).ends(0);
}

#[test]
fn replacing_creates_before_it_deletes() {
    let sim = Sim::small();
    let desk = sim.admin();
    let old = id(&listed(&desk, "principal:m.ito")[0]);
    let line = ["permissions", "replace", &old, "--role", "Inventory Administrators", "-o", "json"];
    let ran = desk.foretop(&[&line[..], &["--yes", "2"]].concat()).ends(0);
    assert_eq!(ran.json()["verb"], "replace-permission");
    let name = ran.json()["targets"][0]["name"].as_str().unwrap().to_owned();
    assert!(name.starts_with("CORP\\m.ito as Inventory Administrators"), "{name}");
    let new = listed(&desk, "principal:m.ito");
    assert_eq!(new.len(), 1);
    assert_eq!(new[0]["role_name"], "Inventory Administrators");
    assert_eq!(new[0]["local_access_group_name"], "Engineering", "what is not named stays");
    // When the new one is refused the old one stays.
    let unknown = "00000000-0000-0000-0000-000000000000";
    let line = ["permissions", "replace", &id(&new[0]), "--role", unknown, "--yes", "2", "-o", "json"];
    let ran = desk.foretop(&line);
    assert_ne!(ran.code, 0);
    assert_eq!(outcomes(&ran)[0].0, "refused");
    assert_eq!(listed(&desk, "principal:m.ito").len(), 1);
}

#[rstest]
#[case(&["helpdesk", "logoff", "Finance"], 0, "yes")]
#[case(&["CORP\\helpdesk", "reset", "Finance"], 4, "no")]
#[case(&["finance-lead", "reset", "group:Finance"], 0, "yes")]
#[case(&["finance-lead", "reset", "group:Engineering"], 4, "no")]
#[case(&["admin", "manage", "images"], 0, "yes")]
#[case(&["viewer", "manage", "permissions"], 4, "no")]
#[case(&["finance-lead", "reset", "no-such-pool"], 3, "unknown")]
#[case(&[NOBODY, "logoff", "Finance"], 3, "unknown")]
#[case(&["helpdesk", "logoff-forced", "fin-w11"], 0, "yes")]
fn questions_are_answered_by_the_exit_code(#[case] line: &[&str], #[case] code: i32, #[case] word: &str) {
    let sim = Sim::small();
    let line = [&["permissions", "can"][..], line, &["-o", "json"]].concat();
    let json = sim.admin().foretop(&line).ends(code).json();
    assert_eq!(json["answer"], word);
    assert!(!json["reasons"].as_array().unwrap().is_empty());
}

#[test]
fn a_release_without_a_view_of_its_own_is_answered_for_from_the_permissions() {
    let sim = Sim::start(&["--world", "small", "--seed", "7", "--release", "2212"]);
    let desk = sim.admin();
    let line = ["permissions", "can", "helpdesk", "reset", "Finance", "-o", "json"];
    let ran = desk.foretop(&line).ends(4).says("the server's own answer is not known");
    assert!(ran.json().get("server_says").is_none());
    desk.foretop(&["permissions", "can", "helpdesk", "logoff", "Finance"]).ends(0);
    desk.foretop(&["permissions", "can", "helpdesk", "fly", "Finance"]).ends(2).says("valid: message");
    desk.foretop(&["permissions", "can", "nobody.here", "logoff", "Finance"]).ends(2).says("nobody.here");
}

#[test]
fn who_may_look_may_not_change() {
    let sim = Sim::small();
    let viewer = sim.account("viewer");
    assert!(!listed(&viewer, "").is_empty());
    viewer
        .foretop(&["permissions", "delete", "--where", "principal:m.ito", "--yes", "1"])
        .ends(5)
        .says("GLOBAL_PERMISSION_MANAGEMENT");
    // Nothing is sent when the rights are known to be lacking, as for sessions; the plan says so.
    let line = ["permissions", "delete", "--where", "principal:m.ito", "-o", "json"];
    let ran = viewer.foretop(&[&line[..], &["--yes", "1"]].concat()).ends(5);
    assert_eq!(outcomes(&ran), [("held_back".to_owned(), "needs GLOBAL_PERMISSION_MANAGEMENT".to_owned())]);
    let dry = viewer.foretop(&[&line[..], &["--dry-run"]].concat()).ends(0);
    assert_eq!(outcomes(&dry)[0].0, "held_back");
    sim.account("finance-lead")
        .foretop(&["permissions", "list"])
        .ends(5)
        .says("hint: needs GLOBAL_PERMISSION_VIEW");
    let old = Sim::start(&["--world", "small", "--seed", "7", "--release", "2111"]);
    let ran = old.admin().foretop(&["permissions", "list"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    let read_only = ["--read-only", "permissions", "delete", "--where", "principal:m.ito", "--yes", "1"];
    sim.admin().foretop(&read_only).ends(4).says("read-only");
}
