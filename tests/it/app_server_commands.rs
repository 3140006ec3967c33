//! App servers without a screen: listed, drained, let in again and rebooted (`docs/workspace.md`).

use std::time::Duration;

use foretop::sim::{FaultSpec, SimOptions};
use serde_json::{Value, json};

use crate::{
    support::small,
    workspace_operator::{Operator, Ran, journals},
};

impl Operator {
    /// Everything about the app servers.
    async fn app_servers(&self) -> Vec<Value> {
        let list = self.run("app-servers list -o json").await.ends(0).json();
        list.as_array().unwrap().clone()
    }

    /// One that runs and has sessions.
    async fn busy(&self) -> Value {
        let busy = |row: &&Value| row["session_count"].as_i64() > Some(1) && row["vm_status"] == "ACTIVE";
        self.app_servers().await.iter().find(busy).unwrap().clone()
    }

    async fn app_server(&self, id: &str) -> Value {
        self.app_servers().await.into_iter().find(|row| row["id"] == id).unwrap()
    }

    fn ordered(&self) -> Vec<Value> {
        let requests = self.simulator.control().requests_to("PATCH", "/app-servers/actions");
        requests.iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect()
    }

    fn fault(&self, spec: &str) {
        self.simulator.control().add_fault(spec.parse::<FaultSpec>().unwrap());
    }
}

async fn operator() -> Operator {
    Operator::new(small()).await
}

fn id(server: &Value) -> &str {
    server["id"].as_str().unwrap()
}

fn outcome(ran: &Ran) -> Value {
    ran.json()["targets"][0]["outcome"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_listed_in_every_format_and_filtered() {
    let operator = operator().await;
    let all = operator.app_servers().await;
    assert_eq!(all.len(), 6);
    assert_eq!(
        (&all[0]["task_status"], &all[0]["os_version"]),
        (&json!("null"), &json!("Windows Server 2022"))
    );
    let some = operator.run("app-servers list --where maintenance:drain -o json").await.ends(0).json();
    assert_eq!((some.as_array().unwrap().len(), &some[0]["maintain_status"]), (1, &json!(true)));
    let table = operator.run("app-servers list").await.ends(0);
    assert!(table.out.starts_with("NAME") && table.out.contains("off"), "{}", table.out);
    let csv = operator.run("app-servers list -o csv").await.ends(0);
    assert!(csv.out.starts_with("id,name,machine_name,"), "{}", csv.out);
    assert_eq!(operator.run("app-servers list -o jsonl").await.ends(0).out.lines().count(), 6);
    operator.run("app-servers list --where colour:red").await.ends(2).says("no field colour");
    operator.fault("status=403@GET/app-servers");
    operator.run("app-servers list").await.ends(5).says("workspace:server:list");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_drained_and_let_in_again() {
    let operator = operator().await;
    let server = operator.busy().await;
    let name = server["name"].as_str().unwrap();
    let order = format!("app-servers drain {name} -o json");
    let dry = operator.run(&format!("{order} --dry-run")).await.ends(0).json();
    assert_eq!((&dry["verb"], &dry["targets"][0]["outcome"]), (&json!("drain"), &json!("unsent")));
    assert_eq!(dry["targets"][0]["session_count"], server["session_count"]);
    operator.run(&order).await.ends(4);
    operator.run(&format!("{order} --yes 1 --read-only")).await.ends(4);
    assert!(operator.ordered().is_empty());
    let ran = operator.run(&format!("{order} --yes 1 --ticket INC-1")).await.ends(0);
    assert_eq!(outcome(&ran), "confirmed");
    assert_eq!(operator.ordered(), [json!({"items": [id(&server)], "maintain_status": true})]);
    let now = operator.app_server(id(&server)).await;
    assert_eq!((&now["maintain_status"], &now["session_count"]), (&json!(true), &server["session_count"]));
    let journal = journals(operator.home.path());
    assert!(journal.contains("\"drain-server\"") && journal.contains(id(&server)), "{journal}");
    operator.run("jobs verify").await.ends(0);
    let back = format!("app-servers undrain --id {} --yes 1 -o json", id(&server));
    assert_eq!(outcome(&operator.run(&back).await.ends(0)), "confirmed");
    assert_eq!(operator.app_server(id(&server)).await["maintain_status"], json!(false));
    operator.run("app-servers drain nobody --yes 1").await.ends(2).says("no app server is called nobody");
    operator.run("app-servers drain --yes 1").await.ends(2);
    let gone = operator.run("app-servers drain --id 1 --yes 1 -o json").await.ends(4);
    assert_eq!(outcome(&gone), "held_back");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_drain_ends_when_the_last_session_has_ended_or_says_how_many_are_left() {
    let operator = operator().await;
    let server = operator.busy().await;
    let order = format!("app-servers drain --id {} --yes 1 --wait --every 1ms -o json", id(&server));
    let ran = operator.run(&format!("{order} --deadline 1ms")).await.ends(3).says("not drained: ");
    let target = &ran.json()["targets"][0];
    assert_eq!(
        (&target["outcome"], &target["sessions_left"]),
        (&json!("confirmed"), &server["session_count"])
    );
    // Who lost the connection comes back in the course of the day and leaves; nobody new gets in.
    let waiting = operator.run(&order);
    tokio::pin!(waiting);
    let ran = loop {
        tokio::select! {
            biased;
            ran = &mut waiting => break ran,
            () = tokio::task::yield_now() => operator.simulator.control().advance(Duration::from_mins(10)),
        }
    };
    let ran = ran.ends(0).says("0 sessions left on 0 of 1 servers");
    assert_eq!(ran.json()["targets"][0]["sessions_left"], 0);
    let table = operator.run(&order.replace(" -o json", "")).await.ends(0);
    assert!(table.out.contains("LEFT"), "{}", table.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reboot_says_how_many_sessions_end_and_is_confirmed_when_it_was_seen() {
    let operator = operator().await;
    let server = operator.busy().await;
    let count = server["session_count"].as_i64().unwrap();
    let order = format!("app-servers reboot --id {} -o json", id(&server));
    let dry = operator.run(&format!("{order} --dry-run")).await.ends(0).json();
    assert!(dry["warnings"][0].as_str().unwrap().starts_with(&format!("{count} sessions END")), "{dry}");
    let asked = operator.run(&order).await.ends(4);
    assert!(asked.err.contains("--yes 1"), "{asked:?}");
    let ran = operator.run(&format!("{order} --yes 1")).await.ends(0);
    assert_eq!(outcome(&ran), "accepted", "nobody waited for its end");
    assert_eq!(operator.ordered(), [json!({"items": [id(&server)], "type": "SOFT"})]);
    let now = operator.app_server(id(&server)).await;
    assert_eq!((&now["task_status"], &now["session_count"]), (&json!("rebooting"), &json!(0)));
    let again = operator.run(&format!("{order} --yes 1")).await.ends(4);
    assert!(again.json()["targets"][0]["message"].as_str().unwrap().contains("busy: rebooting"), "{again:?}");
    operator.simulator.control().advance(Duration::from_mins(1));
    let hard = format!("app-servers reboot --hard --id {} --yes 1 --wait --every 1ms -o json", id(&server));
    let late = operator.run(&format!("{hard} --deadline 1ms")).await.ends(3);
    assert_eq!(outcome(&late.says("not seen to start and to run again")), "accepted");
    operator.simulator.control().advance(Duration::from_mins(1));
    let before = operator.ordered().len();
    let waiting = operator.run(&hard);
    tokio::pin!(waiting);
    let ran = loop {
        let seen = operator.ordered().len() > before;
        tokio::select! {
            biased;
            ran = &mut waiting => break ran,
            () = tokio::task::yield_now() => {
                if seen {
                    operator.simulator.control().advance(Duration::from_millis(1));
                }
            }
        }
    };
    assert_eq!(outcome(&ran.ends(0)), "confirmed");
    assert_eq!(operator.ordered().last().unwrap()["type"], "HARD");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_answer_to_each_action_keeps_its_meaning() {
    let operator = operator().await;
    let busy = operator.busy().await;
    let all = operator.app_servers().await;
    let closed = all.into_iter().find(|row| row["maintain_status"] == true).unwrap();
    for (verb, iam) in [
        ("drain", "workspace:server:batchChangeMaintainMode"),
        ("undrain", "workspace:server:batchChangeMaintainMode"),
        ("reboot", "workspace:server:batchReboot"),
        ("reboot --hard", "workspace:server:batchReboot"),
    ] {
        // One that is as it would become would be seen to be so.
        let server = if verb == "undrain" { &closed } else { &busy };
        for (fault, expected, code) in [
            ("status=400", "refused", 3),
            ("status=401", "unsent", 5),
            ("status=403", "refused", 5),
            ("status=404", "not_found", 3),
            ("status=500", "no_answer", 3),
            ("status=503", "no_answer", 3),
            ("lose", "no_answer", 3),
        ] {
            operator.fault(&format!("{fault}@PATCH/app-servers/actions"));
            let before = operator.ordered().len();
            let line = format!("app-servers {verb} --id {} --yes 1 -o json", id(server));
            let ran = operator.run(&line).await;
            operator.simulator.control().clear_faults();
            assert_eq!((outcome(&ran), ran.code), (json!(expected), code), "{verb} {fault} {ran:#?}");
            assert_eq!(operator.ordered().len(), before + 1, "{verb} {fault}: sent once");
            if fault == "status=403" {
                ran.says(iam);
            }
        }
        assert_eq!(operator.app_server(id(server)).await, *server, "nothing was done");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_without_an_answer_is_seen_and_never_sent_again() {
    let operator = operator().await;
    let server = operator.busy().await;
    operator.fault("drop@PATCH/app-servers/actions");
    for (verb, expected, code) in
        [("drain", "confirmed", 0), ("undrain", "confirmed", 0), ("reboot", "no_answer", 3)]
    {
        let before = operator.ordered().len();
        let ran = operator.run(&format!("app-servers {verb} --id {} --yes 1 -o json", id(&server))).await;
        assert_eq!((outcome(&ran), ran.code), (json!(expected), code), "{verb} {ran:#?}");
        assert_eq!(operator.ordered().len(), before + 1, "{verb}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_travel_in_one_call_and_a_failed_call_says_nothing_of_its_twenty() {
    let world = include_str!("../../src/sim/worlds/small.toml").replace(
        "share = 16\ncount = 3\nservers = \"APS-OFF-{n:2}\"",
        "share = 16\ncount = 45\nservers = \"APS-OFF-{n:2}\"",
    );
    let world = foretop::sim::WorldSource::Toml(world);
    let operator = Operator::new(SimOptions { world, ..small() }).await;
    let order = "app-servers drain --where name:APS-OFF -o json --yes 45";
    operator.fault("status=500@PATCH/app-servers/actions:1");
    let told = operator.run(order).await.ends(3).json();
    assert_eq!(told["counts"], json!({"confirmed": 25, "no_answer": 20}), "{told}");
    let sizes: Vec<usize> =
        operator.ordered().iter().map(|body| body["items"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [20, 20, 5]);
    operator.fault("status=400@PATCH/app-servers/actions:1");
    let told = operator.run(order).await.ends(3).json();
    assert_eq!(told["counts"], json!({"confirmed": 25, "refused": 20}), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn horizon_has_no_app_servers() {
    let operator = operator().await;
    let ran = operator.run("app-servers list --demo=small").await.ends(4);
    ran.says("app servers are not offered by Horizon");
}
