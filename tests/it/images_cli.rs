//! `foretop images` as a program, against a simulated estate in this process: what it prints, what it sends, and how it
//! ends (`docs/images.md`).

use std::process::{Command, Stdio};

use foretop::sim::{FaultSpec, SimOptions, Simulator};
use serde_json::Value;

use crate::support::{simulate, small};

const PROGRAM: &str = env!("CARGO_BIN_EXE_foretop");

/// What a run left behind.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "no {words:?} in {self:#?}");
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The outcomes of the targets, in their order.
    #[track_caller]
    fn outcomes(&self) -> Vec<String> {
        let json = self.json();
        let targets = json["targets"].as_array().unwrap().iter();
        targets.map(|target| target["outcome"].as_str().unwrap().to_owned()).collect()
    }
}

/// Runs the program as the administrator.
async fn run(simulator: &Simulator, line: &str) -> Ran {
    run_as(simulator, "admin", line).await
}

/// Runs the program as somebody, in an empty home. Words of the line are separated by blanks.
async fn run_as(simulator: &Simulator, user: &str, line: &str) -> Ran {
    let credentials = simulator.credentials();
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("HOME", home.path()).current_dir(home.path()).stdin(Stdio::null());
    command.env("XDG_CONFIG_HOME", home.path().join("config"));
    command.env("XDG_STATE_HOME", home.path().join("state"));
    command.env("FORETOP_SERVER", simulator.url()).env("FORETOP_DOMAIN", &credentials.domain);
    command.env("FORETOP_USERNAME", user).env("FORETOP_PASSWORD", &credentials.password);
    command.arg("images").args(line.split_whitespace());
    // The simulated estate answers in this process: its thread must not be the one that waits.
    let ran = tokio::task::spawn_blocking(move || {
        let ran = command.output();
        drop(home);
        ran
    });
    let ran = ran.await.unwrap().unwrap();
    Ran {
        code: ran.status.code().unwrap_or(-1),
        out: String::from_utf8(ran.stdout).unwrap(),
        err: String::from_utf8(ran.stderr).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_listed_in_every_format_with_who_uses_them() {
    let simulator = simulate(small()).await;
    let list = run(&simulator, "list -o json").await.ends(0).json();
    let office = list.as_array().unwrap().iter().find(|row| row["name"] == "win11-office").unwrap().clone();
    assert_eq!(office["operating_system"], "WINDOWS_11");
    assert!(!office["pools"].as_array().unwrap().is_empty(), "{office}");
    assert!(office["sessions"].as_u64().unwrap() > 0, "{office}");
    let lines = run(&simulator, "list -o jsonl").await.ends(0);
    assert_eq!(lines.out.lines().count(), list.as_array().unwrap().len());
    let csv = run(&simulator, "list -o csv").await.ends(0);
    assert!(csv.out.starts_with("id,name,description,operating_system,"), "{}", csv.out);
    let table = run(&simulator, "list").await.ends(0);
    assert!(table.out.starts_with("NAME"), "{}", table.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_asked_for_less_and_the_filter_looks_at_the_answer() {
    let simulator = simulate(small()).await;
    let all = run(&simulator, "list -o json").await.ends(0).json().as_array().unwrap().len();
    run(&simulator, "list --status AVAILABLE --clone-type instant --image-type vdi -o json").await.ends(0);
    let asked = simulator.control().requests();
    let query = asked
        .iter()
        .rfind(|request| request.path.ends_with("/im-streams") && !request.query.is_empty())
        .unwrap();
    assert!(query.query.contains("clone_type=INSTANT_CLONE"), "{}", query.query);
    assert!(query.query.contains("image_type=VDI_DESKTOP"), "{}", query.query);
    let rows = run(&simulator, "list --where name:win11-office -o json").await.ends(0).json();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert!(all > 1);
    for row in run(&simulator, "list --where is:unused -o json").await.ends(0).json().as_array().unwrap() {
        assert_eq!(row["pools"].as_array().map(Vec::len), Some(0), "{row}");
        assert_eq!(row["farms"].as_array().map(Vec::len), Some(0), "{row}");
    }
    run(&simulator, "list --where staus:x").await.ends(2).says("did you mean status?");
    run(&simulator, "list --status AVAILABEL").await.ends(2).says("did you mean AVAILABLE?");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_shown_by_name_or_id_and_a_wrong_name_has_a_nearest_one() {
    let simulator = simulate(small()).await;
    let office = run(&simulator, "show win11-office -o json").await.ends(0).json();
    let by_id = run(&simulator, &format!("show {} -o json", office["id"].as_str().unwrap())).await.ends(0);
    assert_eq!(by_id.json(), office);
    let version = office["versions"][0].as_str().unwrap();
    let shown =
        run(&simulator, &format!("versions show win11-office/{version} -o json")).await.ends(0).json();
    assert_eq!(shown["im_stream_id"], office["id"]);
    run(&simulator, "show win11-ofice").await.ends(2).says("did you mean `win11-office`?");
    let text = run(&simulator, "show win11-office").await.ends(0);
    assert!(text.out.contains("the server would refuse"), "{}", text.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_streams_of_which_one_has_a_taken_name_are_partly_created() {
    let simulator = simulate(small()).await;
    let words = "--operating-system WINDOWS_11 --source UPLOADED --status AVAILABLE";
    let dry = run(&simulator, &format!("create one win11-office {words} --dry-run -o json")).await.ends(0);
    assert_eq!(dry.outcomes(), ["unsent", "unsent"]);
    assert!(dry.json()["warnings"][0].as_str().unwrap().contains("is there already"), "{}", dry.out);
    run(&simulator, &format!("create one win11-office {words} --yes 1")).await.ends(4);
    run(&simulator, &format!("create one win11-office {words}")).await.ends(4);
    let ran = run(&simulator, &format!("create one win11-office {words} --yes 2 -o json")).await.ends(3);
    assert_eq!(ran.outcomes()[1], "refused");
    assert_ne!(ran.outcomes()[0], "refused");
    run(&simulator, "show one").await.ends(0);
    run(&simulator, &format!("create b@d {words} --yes 1")).await.ends(2).says("cannot be in a name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_moved_with_its_consequences() {
    let simulator = simulate(small()).await;
    let prod = run(&simulator, "tags show win11-office/prod -o json").await.ends(0).json();
    let versions = run(&simulator, "versions list win11-office -o json").await.ends(0).json();
    let now = prod["version"].as_str().unwrap();
    let mut names = versions.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap());
    let other = names.find(|name| *name != now).unwrap();
    let line = format!("tags move win11-office/prod --to {other}");
    let dry = run(&simulator, &format!("{line} --dry-run -o json")).await.ends(0).json();
    assert_eq!(dry["verb"], "move-tag");
    assert!(
        dry["consequences"][0].as_str().unwrap().contains(&format!("get {other} in place of {now}")),
        "{dry}"
    );
    run(&simulator, &format!("{line} --yes 1 -o json")).await.ends(0);
    let moved = run(&simulator, "tags show win11-office/prod -o json").await.ends(0).json();
    assert_eq!(moved["version"], other);
    run(&simulator, "tags move win11-office/prod --to nosuch --yes 1").await.ends(2).says("has no version");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_in_use_is_refused_by_the_server_as_predicted() {
    let simulator = simulate(small()).await;
    let ran = run(&simulator, "delete win11-office --yes 1 -o json").await.ends(3);
    assert_eq!(ran.outcomes(), ["refused"]);
    let json = ran.json();
    assert_eq!(json["targets"][0]["fault"], "EntityInUse", "{json}");
    assert!(json["warnings"][0].as_str().unwrap().contains("the server would refuse"), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_below_a_stream_is_created_changed_and_deleted() {
    let simulator = simulate(small()).await;
    let words = "--operating-system WINDOWS_11 --source UPLOADED --status AVAILABLE";
    run(&simulator, &format!("create fresh {words} --yes 1")).await.ends(0);
    run(&simulator, "versions create fresh/v1.0 --status AVAILABLE --description first --yes 1")
        .await
        .ends(0);
    run(&simulator, "tags create fresh/blue --to v1.0 --yes 1").await.ends(0);
    let assets = run(&simulator, "assets list win11-office -o json").await.ends(0).json();
    let vcenter = assets[0]["vcenter_id"].as_str().unwrap().to_owned();
    let asset = format!(
        "assets create fresh/v1.0 --vcenter {vcenter} --clone-type full --image-type vdi --status AVAILABLE \
         --template t-1 --yes 1"
    );
    run(&simulator, &asset).await.ends(0);
    run(&simulator, "update fresh --description September --detail owner=me --yes 1").await.ends(0);
    run(&simulator, "versions update fresh/v1.0 --status DISABLED --yes 1").await.ends(0);
    run(&simulator, "tags update fresh/blue --name green --yes 1").await.ends(0);
    let made = run(&simulator, "assets list fresh -o json").await.ends(0).json();
    let id = made[0]["id"].as_str().unwrap().to_owned();
    run(&simulator, &format!("assets update {id} --status DISABLED --yes 1")).await.ends(0);
    let fresh = run(&simulator, "show fresh -o json").await.ends(0).json();
    assert_eq!(fresh["description"], "September");
    assert_eq!(fresh["additional_details"]["owner"], "me");
    assert_eq!(fresh["tags"], serde_json::json!(["green"]));
    run(&simulator, "update fresh --yes 1").await.ends(2).says("nothing is to be changed");
    for line in ["tags delete fresh/green", "versions delete fresh/v1.0", "delete fresh"] {
        if line.starts_with("versions") {
            run(&simulator, &format!("assets delete {id} --yes 1")).await.ends(0);
        }
        run(&simulator, &format!("{line} --yes 1")).await.ends(0);
    }
    run(&simulator, "show fresh").await.ends(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_look_changes_nothing() {
    let simulator = simulate(small()).await;
    run_as(&simulator, "viewer", "list").await.ends(0);
    let ran = run_as(&simulator, "viewer", "update win11-office --description x --yes 1").await;
    assert_eq!(ran.code, 5, "{ran:#?}");
    let ran = run(&simulator, "update win11-office --description x --yes 1 --read-only").await.ends(4);
    assert!(ran.err.contains("read-only"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_uses_an_image_is_not_told_from_half_of_the_lists() {
    let simulator = simulate(SimOptions { release: "2012".parse().unwrap(), ..small() }).await;
    let tags = run(&simulator, "tags list -o json").await.ends(0).says("not all farms could be read").json();
    for tag in tags.as_array().unwrap() {
        assert!(tag["pools"].is_array() && tag["farms"].is_null() && tag["sessions"].is_null(), "{tag}");
    }
    let unused = run(&simulator, "tags list --where is:unused -o json").await.ends(0).says("left out");
    assert_eq!(unused.json(), serde_json::json!([]));
    let table = run(&simulator, "list").await.ends(0);
    assert!(table.out.contains('?'), "{}", table.out);
    let dry = run(&simulator, "delete rds-office --dry-run -o json").await.ends(0).json();
    let warning = dry["warnings"][0].as_str().unwrap();
    assert!(warning.contains("cannot be told (farms could not be read"), "{dry}");
    let shown = run(&simulator, "show rds-office").await.ends(0);
    assert!(shown.out.contains("cannot be told (farms could not be read"), "{}", shown.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_could_not_be_read_whole_says_so_with_its_exit_code() {
    let simulator = simulate(small()).await;
    let fault = simulator.control().add_fault("status=500@im-tags".parse::<FaultSpec>().unwrap());
    run(&simulator, "tags list -o json").await.ends(1).says("not all tags could be read");
    simulator.control().remove_fault(fault);
    // What is never repeated, so that nothing is waited for.
    let fault = simulator.control().add_fault("status=501@im-tags".parse::<FaultSpec>().unwrap());
    let streams = run(&simulator, "list -o json").await.ends(0).says("not all was read").json();
    assert!(streams[0]["tags"].is_null() && streams[0]["versions"].is_array(), "{streams}");
    let versions = run(&simulator, "versions list -o json").await.ends(0).json();
    assert!(versions[0]["tags"].is_null() && versions[0]["pools"].is_null(), "{versions}");
    simulator.control().remove_fault(fault);
    let once = simulator.control().add_fault("status=501@im-versions:1".parse::<FaultSpec>().unwrap());
    let ran = run(&simulator, "versions list -o json").await.ends(3).says("not all versions could be read");
    assert!(!ran.json().as_array().unwrap().is_empty());
    simulator.control().remove_fault(once);
    for list in ["farms", "desktop-pools"] {
        let fault = simulator.control().add_fault(format!("status=501@{list}").parse::<FaultSpec>().unwrap());
        let rows = run(&simulator, "list --where is:unused -o json").await.ends(0).says("left out").json();
        assert_eq!(rows, serde_json::json!([]), "{list}");
        simulator.control().remove_fault(fault);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_change_nothing_is_held_back_before_it_is_sent() {
    let simulator = simulate(small()).await;
    let prod = run(&simulator, "tags show win11-office/prod -o json").await.ends(0).json();
    let now = prod["version"].as_str().unwrap();
    simulator.control().clear_requests();
    for line in [
        format!("tags move win11-office/prod --to {now}"),
        format!("tags update win11-office/prod --name prod --to {now}"),
        "update win11-office --status AVAILABLE".to_owned(),
    ] {
        let ran =
            run(&simulator, &format!("{line} --yes 1 -o json")).await.ends(4).says("nothing would change");
        assert_eq!(ran.outcomes(), ["held_back"], "{line}");
    }
    assert!(simulator.control().requests_to("PUT", "/im-").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_found_is_held_back_and_the_rest_is_deleted() {
    let simulator = simulate(small()).await;
    run(&simulator, "tags create win11-office/old --to v24.3 --yes 1").await.ends(0);
    let line = "tags delete win11-office/nosuch win11-office/old";
    let ran = run(&simulator, &format!("{line} --yes 1 -o json")).await.ends(3).says("not found");
    let outcomes = ran.outcomes();
    assert!(
        outcomes.contains(&"confirmed".to_owned()) && outcomes.contains(&"held_back".to_owned()),
        "{ran:?}"
    );
    assert!(!ran.err.contains("did you mean"), "nothing is near: {ran:?}");
    run(&simulator, "tags delete win11-office/prodd --yes 1")
        .await
        .ends(4)
        .says("did you mean `win11-office/prod`?");
    let far = run(&simulator, "tags show win11-office/nosuch").await.ends(2);
    assert!(!far.err.contains("did you mean"), "{far:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vcenter_that_does_not_exist_is_no_empty_list() {
    let simulator = simulate(small()).await;
    let ran = run(&simulator, "list --vcenter nope").await.ends(2);
    assert!(ran.out.is_empty() && ran.err.contains("no vCenter with the id `nope` is known"), "{ran:?}");
    run(&simulator, "list --vcenter vc01-amz").await.ends(2).says("(vc01-ams)?");
    run(&simulator, "list --vcenter vc01-ams").await.ends(2).says("it is the name of one");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_privilege_it_is_held_back_and_named() {
    let simulator = simulate(small()).await;
    simulator.control().clear_requests();
    let ran =
        run_as(&simulator, "viewer", "update win11-office --description x --yes 1 -o json").await.ends(5);
    let ran = ran.says("needs GLOBAL_CONFIG_MANAGEMENT");
    assert_eq!(ran.outcomes(), ["held_back"]);
    assert!(simulator.control().requests_to("PUT", "/im-").is_empty());
    run_as(&simulator, "finance-lead", "list")
        .await
        .ends(5)
        .says("needs GLOBAL_CONFIG_VIEW or VC_CONFIG_VIEW");
}
