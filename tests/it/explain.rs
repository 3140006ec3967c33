//! What events mean and what the account may do, by the real program.

use std::process::Command;

use foretop::sim::Simulator;
use serde_json::Value;

use crate::support;

const PROGRAM: &str = env!("CARGO_BIN_EXE_foretop");

/// Runs the program with a home of its own: exit code, results, diagnostics.
async fn foretop(at: Option<(&Simulator, &str)>, args: &[&str]) -> (i32, String, String) {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(args).env_clear().env("XDG_CONFIG_HOME", home.path()).env("XDG_STATE_HOME", home.path());
    command.env("HOME", home.path());
    if let Some((simulator, login)) = at {
        let account = simulator.account(login).expect("an account of the world");
        command
            .env("FORETOP_SERVER", simulator.url())
            .env("FORETOP_DOMAIN", &account.domain)
            .env("FORETOP_USERNAME", &account.username)
            .env("FORETOP_PASSWORD", &account.password);
    }
    let ran = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ran.status.code().unwrap(), text(ran.stdout), text(ran.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn types_are_explained_without_a_server() {
    let (code, out, _) = foretop(None, &["events", "explain", "admin_desktop_session_reset"]).await;
    assert_eq!(code, 0);
    assert!(out.contains("ADMIN_DESKTOP_SESSION_RESET\n") && out.contains("both mean the same"), "{out}");
    let (code, out, err) = foretop(None, &["events", "explain", "ADMIN_PERMISSION_ADDEDD"]).await;
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("nearest is ADMIN_PERMISSION_ADDED"), "{err}");
    let (code, out, _) =
        foretop(None, &["events", "explain", "VLSI_IM_TAG_UPDATED", "AGENT_ENDED", "-o", "json"]).await;
    assert_eq!(code, 0);
    let read: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(read[0]["type"], "VLSI_IM_TAG_UPDATED");
    assert_eq!(read[0]["subject"], "image");
    assert_eq!(read[1]["result"], "happened");
    let (code, out, _) = foretop(None, &["events", "explain"]).await;
    assert_eq!(code, 0);
    assert!(out.lines().count() > 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn listed_events_carry_their_explanation() {
    let simulator = support::simulate(support::small()).await;
    let (code, out, err) = foretop(Some((&simulator, "admin")), &["events", "-o", "json"]).await;
    assert_eq!(code, 0, "{err}");
    let rows: Vec<Value> = serde_json::from_str(&out).unwrap();
    let known: Vec<&Value> = rows.iter().filter(|row| row["type"] == "AGENT_CONNECTED").collect();
    assert!(!known.is_empty());
    assert!(known.iter().all(|row| row["explanation"] == "A user logged in to a new session on a machine."));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoami_says_what_each_account_may_do() {
    let simulator = support::simulate(support::small()).await;
    let answer = async |login: &str, area: &str, action: &str| -> Value {
        let (code, out, err) = foretop(Some((&simulator, login)), &["whoami", "-o", "json"]).await;
        assert_eq!(code, 0, "{err}");
        let read: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(read["rights_known"], true);
        let rights = read["rights"].as_array().unwrap();
        let found = rights.iter().find(|right| right["area"] == area && right["action"] == action);
        let mut found = found.unwrap().clone();
        found["mode"] = read["mode"].clone();
        found
    };
    let reset = answer("admin", "sessions", "reset").await;
    assert_eq!((reset["answer"].as_str(), reset["mode"].as_str()), (Some("yes"), Some("RW")));
    let reset = answer("helpdesk", "sessions", "reset").await;
    assert_eq!(
        (reset["answer"].as_str(), reset["reason"].as_str()),
        (Some("no"), Some("needs MACHINE_REBOOT"))
    );
    let change = answer("viewer", "images", "create, change and delete").await;
    assert_eq!((change["answer"].as_str(), change["mode"].as_str()), (Some("no"), Some("LOOK")));
    let (code, out, _) = foretop(Some((&simulator, "viewer")), &["whoami"]).await;
    assert_eq!(code, 0);
    assert!(out.contains("LOOK") && out.contains("needs GLOBAL_PERMISSION_MANAGEMENT"), "{out}");
}
