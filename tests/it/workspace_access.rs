//! `foretop permissions create` and `delete` over Workspace: accounts that may use app groups, and may not any more.

use foretop::sim::FaultSpec;
use serde_json::Value;

use crate::workspace_operator::{Operator, journals};

const ADD: &str = "app-groups/authorizations";
const REMOVE: &str = "batch-delete-authorization";

fn fault(spec: &str) -> FaultSpec {
    spec.parse().unwrap()
}

/// The names of all app groups, and of somebody who may use the first one.
async fn known(operator: &Operator) -> (Vec<String>, String) {
    let all = operator.run("permissions list -o json").await.ends(0).json();
    let rows = |kind: &str, field: &str| -> Vec<String> {
        let rows = all.as_array().unwrap().iter().filter(|row| row["kind"] == kind);
        rows.map(|row| row[field].as_str().unwrap().to_owned()).collect()
    };
    (rows("app_group", "app_group_id"), rows("authorization", "account").remove(0))
}

fn outcomes(told: &Value) -> Vec<&str> {
    told["targets"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect()
}

/// The lines of the list for an account.
async fn of(operator: &Operator, account: &str) -> Vec<Value> {
    let all =
        operator.run(&format!("permissions list --where account:{account} -o json")).await.ends(0).json();
    all.as_array().unwrap().iter().filter(|row| row["kind"] == "authorization").cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_let_into_app_groups_in_one_call_and_each_is_confirmed() {
    let operator = Operator::hasty().await;
    let (groups, _) = known(&operator).await;
    let pairs = format!("--app-group {} --app-group {}", groups[0], groups[1]);
    let order = format!(
        "permissions create {pairs} --user night.shift --user-group Night=g-77 --user-domain corp.example -o json"
    );
    let dry = operator.run(&format!("{order} --dry-run")).await.ends(0).json();
    assert_eq!(outcomes(&dry), ["unsent"; 4]);
    operator.run(&order).await.ends(4);
    operator.run(&format!("{order} --yes 3")).await.ends(4).says("4 changes would be sent");
    operator.run(&format!("{order} --yes 4 --max 3")).await.ends(4);
    operator.run(&format!("{order} --yes 4 --read-only")).await.ends(4);
    assert_eq!((operator.sent("POST", ADD), journals(operator.home.path()).as_str()), (0, ""));

    let told = operator.run(&format!("{order} --yes 4 --ticket INC-7")).await.ends(0).json();
    assert_eq!((&told["verb"], &told["ticket"]), (&Value::from("add-authorization"), &Value::from("INC-7")));
    assert_eq!(outcomes(&told), ["confirmed"; 4]);
    assert_eq!(operator.sent("POST", ADD), 1, "each account for each group, in one call");
    assert_eq!((of(&operator, "night").await.len(), of(&operator, "night.shift").await.len()), (4, 2));
    assert!(journals(operator.home.path()).contains("add-authorization"));
    operator.run("jobs verify").await.ends(0);

    let again = operator.run(&format!("{order} --yes 4")).await.ends(4);
    let told = again.json();
    assert_eq!(outcomes(&told), ["held_back"; 4]);
    assert_eq!(told["targets"][0]["message"], "may use it already");
    assert_eq!(operator.sent("POST", ADD), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn authorizations_are_taken_away_by_pair_by_id_and_by_filter() {
    let operator = Operator::hasty().await;
    let (groups, _) = known(&operator).await;
    let pairs = format!("--app-group {} --app-group {}", groups[0], groups[1]);
    let add = format!("permissions create {pairs} --user tmp.a --user tmp.b --user tmp.c --yes 6 -o json");
    operator.run(&add).await.ends(0);
    // tmp.z may use none: said, and the others go.
    let pairs = format!("--app-group {} --user tmp.a --user tmp.z", groups[0]);
    let told = operator.run(&format!("permissions delete {pairs} --yes 1 -o json")).await.ends(3).json();
    assert_eq!(outcomes(&told), ["confirmed", "held_back"]);
    assert_eq!(of(&operator, "tmp.a").await.len(), 1);
    let id = of(&operator, "tmp.b").await[0]["id"].as_str().unwrap().to_owned();
    let told = operator.run(&format!("permissions delete {id} {id} 1 --yes 1 -o json")).await.ends(3).json();
    assert_eq!(outcomes(&told), ["confirmed", "held_back"], "one is named twice, one is not there");
    let dry = operator.run("permissions delete --where account:tmp. --dry-run").await.ends(0);
    assert!(dry.out.contains("tmp.c") && dry.out.contains("documented nowhere"), "{}", dry.out);
    let told = operator.run("permissions delete --where account:tmp. --yes 4 -o json").await.ends(0).json();
    assert_eq!(
        (outcomes(&told), &told["verb"]),
        (vec!["confirmed"; 4], &Value::from("remove-authorization"))
    );
    assert!(of(&operator, "tmp.").await.is_empty());
    operator.run("permissions delete --where  --yes 1").await.ends(2);
    operator
        .run_words(&["permissions", "delete", "--where", " ", "--yes", "1"])
        .await
        .ends(2)
        .says("is empty");
    operator.run("permissions delete --where nobody:x --yes 1").await.ends(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_does_not_take_is_refused_before_anything_is_asked() {
    let operator = Operator::hasty().await;
    let many: Vec<String> = (0..11).map(|at| format!(" --app-group 70000000000000000{at}")).collect();
    let many = many.concat();
    operator
        .run(&format!("permissions create{many} --user x --yes 11"))
        .await
        .ends(2)
        .says("takes 10 at most");
    let many = (0..51).map(|at| format!(" --user u{at}")).collect::<Vec<String>>().concat();
    operator
        .run(&format!("permissions create --app-group x{many} --yes 51"))
        .await
        .ends(2)
        .says("takes 50 at most");
    operator.run("permissions create --app-group x --user-group Sales --yes 1").await.ends(2).says("NAME=ID");
    operator.run("permissions create --app-group x --yes 1").await.ends(2);
    operator.run("permissions create --user x --yes 1").await.ends(2);
    operator
        .run("permissions create --principal x --role y --yes 1")
        .await
        .ends(4)
        .says("not offered by Workspace");
    operator
        .run("permissions create --app-group x --user y --yes 1 --demo=small")
        .await
        .ends(4)
        .says("by Horizon");
    assert_eq!(operator.simulator.control().request_count(), 0);
    let near = operator.run("permissions create --app-group Front --user y --yes 1").await.ends(2);
    near.says("there is no app group Front");
    assert_eq!(operator.sent("POST", ADD), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_in_the_servers_words_with_the_action_of_iam_that_is_missing() {
    let operator = Operator::hasty().await;
    let (groups, somebody) = known(&operator).await;
    let control = operator.simulator.control();
    let add =
        format!("permissions create --app-group {} --user new.a --user new.b --yes 2 -o json", groups[0]);
    let remove = format!("permissions delete --where account:{somebody} --yes 1 -o json");
    for (status, code, hint) in [("403", 5, true), ("409", 3, false)] {
        control.add_fault(fault(&format!("status={status}@/app-groups/authorizations")));
        control.add_fault(fault(&format!("status={status}@{REMOVE}")));
        let ran = operator.run(&add).await.ends(code);
        let told = ran.json();
        assert_eq!(outcomes(&told), ["refused"; 2]);
        let words = told["targets"][0]["message"].as_str().unwrap().to_owned();
        assert!(
            words.contains("[WKS.") || words.contains("[APIGW."),
            "the code of the server is shown: {words}"
        );
        let ran = ran.says(&words);
        assert_eq!(ran.err.contains("workspace:appGroup:addAuthorization"), hint, "{ran:?}");
        let removed = operator.run(&remove).await.ends(code);
        assert_eq!(removed.err.contains("workspace:appGroup:batchDeleteAuthorization"), hint, "{removed:?}");
        control.clear_faults();
    }
    // Without the right the first call was the only one; a conflict of two was asked for one by one.
    assert_eq!((operator.sent("POST", ADD), operator.sent("POST", REMOVE)), (4, 2));
    // A conflict that is about one of them does not keep the other out.
    control.add_fault(fault("status=409@/app-groups/authorizations:2"));
    let told = operator.run(&add).await.ends(3).json();
    assert_eq!(outcomes(&told), ["refused", "confirmed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_without_an_answer_is_not_sent_again() {
    let operator = Operator::hasty().await;
    let (groups, somebody) = known(&operator).await;
    let control = operator.simulator.control();
    control.add_fault(fault("status=500@/app-groups/authorizations"));
    control.add_fault(fault(&format!("status=503@{REMOVE}")));
    let add =
        format!("permissions create --app-group {} --user new.a --user new.b --yes 2 -o json", groups[0]);
    let ran = operator.run(&add).await.ends(3).says("list before you try again");
    assert_eq!(outcomes(&ran.json()), ["no_answer"; 2]);
    let remove = format!("permissions delete --where account:{somebody} --yes 1 -o json");
    assert_eq!(outcomes(&operator.run(&remove).await.ends(3).json()), ["no_answer"]);
    assert_eq!((operator.sent("POST", ADD), operator.sent("POST", REMOVE)), (1, 1));
}
