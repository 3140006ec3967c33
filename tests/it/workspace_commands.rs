//! A profile of Workspace without a screen: what the program prints, what it sends, and how it ends (`docs/workspace.md`).

use foretop::sim::{FaultSpec, SimOptions};
use serde_json::Value;

use crate::{
    support::small,
    workspace_operator::{Operator, journals},
};

#[tokio::test(flavor = "multi_thread")]
async fn image_servers_are_listed_and_shown_in_every_format() {
    let operator = Operator::new(SimOptions { clock: foretop::sim::ClockMode::default(), ..small() }).await;
    let all = operator.run("image-servers list -o json").await.ends(0).json();
    assert_eq!(all.as_array().unwrap().len(), operator.simulator.control().image_servers().len());
    let named = operator.run("image-servers list --name img-off -o json").await.ends(0).json();
    assert_eq!((named.as_array().unwrap().len(), &named[0]["name"]), (1, &Value::from("img-office")));
    let lines = operator.run("image-servers list -o jsonl").await.ends(0);
    assert_eq!(lines.out.lines().count(), all.as_array().unwrap().len());
    let csv = operator.run("image-servers list -o csv").await.ends(0);
    assert!(csv.out.starts_with("id,name,description,status,image_id,"), "{}", csv.out);
    let table = operator.run("image-servers list").await.ends(0);
    assert!(table.out.starts_with("NAME") && table.out.contains("img-broken"), "{}", table.out);
    let id = operator.server("img-office");
    let one = operator.run(&format!("image-servers show {id} -o json")).await.ends(0).json();
    assert_eq!((&one["id"], &one["status"]), (&Value::from(id.as_str()), &Value::from("ACTIVE")));
    operator.run(&format!("image-servers show {id}")).await.ends(0);
    operator.run("image-servers show 1").await.ends(1).says("foretop image-servers list");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_breaks_rules_is_not_sent_and_each_rule_is_said() {
    let operator = Operator::hasty().await;
    let id = operator.server("img-office");
    let words =
        ["image-servers", "recreate-image", &id, "--name", " a/b ", "--description", "<x>", "--yes", "1"];
    let ran = operator.run_words(&words).await.ends(2);
    let ran = ran.says("must not begin with a blank").says("must not end with a blank");
    ran.says("must not have `/`").says("must not have `<`");
    assert_eq!((operator.orders(), operator.simulator.control().request_count()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_is_confirmed_recorded_and_followed_to_its_end() {
    let operator = Operator::hasty().await;
    let id = operator.server("img-office");
    let order = format!("image-servers recreate-image {id} --name office-7 --sysprep -o json");
    let dry = operator.run(&format!("{order} --dry-run")).await.ends(0).json();
    assert_eq!(dry["targets"][0]["outcome"], "unsent");
    operator.run(&order).await.ends(4);
    operator.run(&format!("{order} --yes 2")).await.ends(4);
    operator.run(&format!("{order} --yes 1 --read-only")).await.ends(4);
    assert_eq!((operator.orders(), journals(operator.home.path()).as_str()), (0, ""));
    let ran = operator.run(&format!("{order} --yes 1 --wait --every 1s --ticket INC-1")).await.ends(0);
    let ran = ran.says("SUCCESS").says("cannot be cancelled");
    let told = ran.json();
    let target = &told["targets"][0];
    assert_eq!(
        (&told["verb"], &target["outcome"]),
        (&Value::from("recreate-image"), &Value::from("confirmed"))
    );
    assert_eq!(
        (&target["job"]["status"], &target["job"]["resource_name"]),
        (&"SUCCESS".into(), &"office-7".into())
    );
    let job = target["job_id"].as_str().unwrap();
    let journal = journals(operator.home.path());
    assert!(journal.contains("\"build-image\"") && journal.contains(job), "{journal}");
    assert!(operator.run("jobs verify").await.ends(0).err.is_empty());
    let shown = operator.run(&format!("image-servers jobs show {job} -o json")).await.ends(0).json();
    assert_eq!((&shown["status"], &shown["resource_name"]), (&"SUCCESS".into(), &"office-7".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_fails_says_why_in_the_clouds_words() {
    let operator = Operator::hasty().await;
    let fault: FaultSpec = "build-fails".parse().unwrap();
    operator.simulator.control().add_fault(fault);
    let id = operator.server("img-desktop");
    let order = format!("image-servers recreate-image {id} --name desk-1 --yes 1 --wait --every 1s -o json");
    let ran = operator.run(&order).await.ends(3).says("the build failed");
    let job = &ran.json()["targets"][0]["job"];
    let words = job["error_message"].as_str().unwrap();
    assert_eq!(job["status"], "FAILED");
    let ran = ran.says(words);
    let jobs = operator.run("image-servers jobs --status failed -o json").await.ends(0).json();
    assert!(jobs.as_array().unwrap().iter().any(|row| row["id"] == job["id"]), "{ran:?} {jobs}");
    operator.run("image-servers jobs").await.ends(0);
    operator.run("image-servers jobs --kind CREATE_SERVER_IMAGE -o csv").await.ends(0);
    operator.run("image-servers jobs --kind build").await.ends(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_in_the_wrong_state_is_held_back() {
    let operator = Operator::hasty().await;
    let id = operator.server("img-broken");
    let ran =
        operator.run(&format!("image-servers recreate-image {id} --name x --yes 1 -o json")).await.ends(4);
    assert_eq!(ran.json()["targets"][0]["outcome"], "held_back");
    assert_eq!(operator.orders(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_shown_and_logged_off_and_the_window_is_told() {
    let operator = Operator::hasty().await;
    let list =
        operator.run("sessions list -o json").await.ends(0).says("are not listed (session_window)").json();
    let id = list[0]["id"].as_str().unwrap().to_owned();
    operator.run(&format!("sessions show {id} -o json")).await.ends(0).says("session_window");
    let ran = operator.run(&format!("sessions logoff --id {id} --yes 1 -o json")).await.ends(0).json();
    assert_eq!(ran["targets"][0]["outcome"], "accepted");
    for verb in ["disconnect", "restart", "reset"] {
        let ran = operator.run(&format!("sessions {verb} --id {id} --yes 1 -o json")).await.ends(4);
        assert_eq!(ran.json()["targets"][0]["message"], "not offered by Workspace");
    }
    operator.run("sessions message --text hello --where id:* --yes 1").await.ends(4);
    operator.run(&format!("sessions logoff --forced --id {id} --yes 1")).await.ends(4);
    let other = list[1]["id"].as_str().unwrap();
    let plan = operator.run(&format!("plan logoff --id {other} --json")).await.ends(0).json();
    let plan = plan["plan"].as_str().unwrap().to_owned();
    let applied = operator.run(&format!("apply {plan} --yes 1 -o json")).await.ends(0).json();
    assert_eq!(applied["targets"][0]["outcome"], "accepted");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_without_a_terminal_with_the_keys_that_were_handed_over() {
    let operator = Operator::hasty().await;
    let list = operator.run("sessions list -o json").await.ends(0).json();
    let id = list[0]["id"].as_str().unwrap();
    let left =
        operator.run(&format!("sessions logoff --id {id} --yes 1 --detach -o json")).await.ends(0).json();
    let journal = left["journal"].as_str().unwrap();
    let log = std::path::PathBuf::from(left["log"].as_str().unwrap());
    // The process holds its log locked for as long as it runs.
    let ended = tokio::task::spawn_blocking(move || std::fs::File::open(log).unwrap().lock_shared());
    ended.await.unwrap().unwrap();
    let shown = operator.run(&format!("jobs show {journal} -o json")).await.ends(0).json();
    assert_eq!(shown["targets"][0]["outcome"], "accepted", "{shown}");
    assert!(!shown.to_string().contains(&operator.simulator.workspace().unwrap().secret_key));
}

#[tokio::test(flavor = "multi_thread")]
async fn app_groups_and_who_may_use_them_are_listed() {
    let operator = Operator::hasty().await;
    let all = operator.run("permissions list -o json").await.ends(0).json();
    let kinds = |kind: &str| all.as_array().unwrap().iter().filter(|row| row["kind"] == kind).count();
    assert!(kinds("app_group") == 2 && kinds("authorization") > 2, "{all}");
    operator.run("permissions list").await.ends(0);
    let csv = operator.run("permissions list -o csv --where kind:group").await.ends(0);
    assert!(csv.out.contains("USER_GROUP") && !csv.out.contains(",USER,"), "{}", csv.out);
    operator.run("permissions list --where role:x").await.ends(2);
    operator.run("permissions show 1").await.ends(4).says("not offered by Workspace");
    operator.run("images list").await.ends(4).says("not offered by Workspace");
}

#[tokio::test(flavor = "multi_thread")]
async fn horizon_has_no_image_servers() {
    let operator = Operator::hasty().await;
    let ran = operator.run("image-servers list --demo=small").await.ends(4);
    ran.says("not offered by Horizon").says("wire = \"workspace\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_whose_order_got_no_answer_is_found_by_its_name_and_followed() {
    let operator = Operator::hasty().await;
    let control = operator.simulator.control();
    let id = operator.server("img-office");
    control.add_fault("drop=0@recreate-image".parse::<FaultSpec>().unwrap());
    let order =
        format!("image-servers recreate-image {id} --name office-8 --yes 1 --wait --every 1s -o json");
    let ran = operator.run(&order).await.ends(0).says("found by its name, the only one that began since");
    let target = &ran.json()["targets"][0];
    assert_eq!((&target["outcome"], &target["job"]["status"]), (&"confirmed".into(), &"SUCCESS".into()));
    assert_eq!(target["job"]["resource_name"], "office-8");
    assert_eq!(operator.orders(), 1, "an order without an answer is not sent again");
    let journal = journals(operator.home.path());
    assert!(
        journal.contains("named_since") && journal.contains(target["job_id"].as_str().unwrap()),
        "{journal}"
    );
    operator.run("jobs verify").await.ends(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_never_began_is_said_to_be_in_no_list_and_looked_for_again_later() {
    let operator = Operator::hasty().await;
    let control = operator.simulator.control();
    let id = operator.server("img-office");
    control.add_fault("lose@recreate-image".parse::<FaultSpec>().unwrap());
    let order =
        format!("image-servers recreate-image {id} --name office-9 --yes 1 --wait --every 1s -o json");
    let ran = operator.run(&order).await.ends(3).says("no build that began since names this image");
    assert_eq!(ran.json()["targets"][0]["outcome"], "no_answer");
    assert_eq!(operator.orders(), 1);
    // Somebody else's build of another name proves nothing.
    control.clear_faults();
    let other = operator.server("img-desktop");
    operator.run(&format!("image-servers recreate-image {other} --name else-1 --yes 1")).await.ends(0);
    let jobs = operator.run("jobs -o json").await.ends(0).json();
    let rows = jobs.as_array().unwrap();
    let lost = rows.iter().find(|job| job["counts"]["unanswered"] == 1).unwrap();
    let job = lost["journal"].as_str().unwrap();
    let ran = operator.run(&format!("jobs resume {job} --yes 1 -o json")).await.ends(3);
    let words = ran.json()["targets"][0]["message"].as_str().unwrap().to_owned();
    assert!(words.ends_with("looked for: no build that began since names this image"), "{words}");
    assert_eq!(operator.orders(), 2);
}
