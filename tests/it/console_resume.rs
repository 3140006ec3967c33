//! A console that is killed in the middle of a job, and the next one that goes on with it.

use std::{path::Path, time::Duration};

use foretop::sim::{FaultSpec, Simulator};

use crate::{
    resume::program,
    support::{simulate, small},
    terminal::Terminal,
};

/// A console against the simulator of this test, with the state in this folder.
fn console(home: &Path, url: &str, (domain, username, password): (&str, &str, &str)) -> Terminal {
    let folder = |name: &str| home.join(name).display().to_string();
    let (config, state) = (folder("config"), folder("state"));
    let variables = [
        ("XDG_CONFIG_HOME", config.as_str()),
        ("XDG_STATE_HOME", state.as_str()),
        ("FORETOP_SERVER", url),
        ("FORETOP_DOMAIN", domain),
        ("FORETOP_USERNAME", username),
        ("FORETOP_PASSWORD", password),
        ("FORETOP_DEBUG_SETTLING_MS", "0"),
    ];
    let mut terminal = Terminal::start((80, 24), &[], &variables);
    terminal.wait("the list", |screen| screen.contains("complete"));
    terminal
}

fn logoffs(simulator: &Simulator) -> Vec<String> {
    let orders = simulator.control().requests_to("POST", "/action/logoff");
    orders.into_iter().map(|request| request.body).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_was_killed_is_gone_on_with_by_the_next_one_and_nobody_gets_two_logoffs() {
    let simulator = simulate(small()).await;
    // Those that refuse, or stay, are rightly asked again.
    for id in simulator.control().ids() {
        simulator.control().set_locked(&id, false);
        simulator.control().set_ghost(&id, false);
    }
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config/foretop");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "chunk_size = 2\n").unwrap();
    let account = simulator.credentials();
    let url = simulator.url().to_owned();
    let start = || {
        let (home, url, account) = (home.path().to_owned(), url.clone(), account.clone());
        let open = move || console(&home, &url, (&account.domain, &account.username, &account.password));
        tokio::task::spawn_blocking(open)
    };
    // The first call is carried out at once, and its answer never comes in time.
    let late = simulator.control().add_fault("latency=600s@action/logoff".parse::<FaultSpec>().unwrap());
    let mut first = start().await.unwrap();
    tokio::task::block_in_place(|| {
        first.press("/state:disc<enter>*al");
        first.see("nothing sent so far");
        let screen = first.text();
        match screen.split("Type ").nth(1).and_then(|rest| rest.split(' ').next()) {
            Some(number) => first.press(&format!("{number}<enter>")),
            None => first.press("y"),
        }
        first.see("JOB ");
    });
    while logoffs(&simulator).is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    first.signal("KILL");
    tokio::task::block_in_place(|| first.end());
    assert_eq!(logoffs(&simulator).len(), 1);
    simulator.control().remove_fault(late);
    // Time in which the server finishes what it was told.
    simulator.control().advance(Duration::from_mins(10));

    let mut second = start().await.unwrap();
    tokio::task::block_in_place(|| {
        second.see("1 job was cut off");
        second.press("gj");
        second.see("goes on with it");
        second.press("r");
        second.see("nothing sent so far");
        second.see("sent without answer");
        // Enter alone sends nothing.
        second.press("<enter>");
        second.see("nothing was sent");
        let screen = second.text();
        match screen.split("Type ").nth(1).and_then(|rest| rest.split(' ').next()) {
            Some(number) => second.press(&format!("{number}<enter>")),
            None => second.press("y"),
        }
        second.see("JOB 1");
        second.wait("the end of what is sent", |screen| {
            screen.contains("confirming") || screen.contains("done")
        });
    });
    let bodies = logoffs(&simulator);
    assert!(bodies.len() > 1, "the rest was sent");
    let ids = bodies.iter().flat_map(|body| serde_json::from_str::<Vec<String>>(body).unwrap());
    let mut ids: Vec<String> = ids.collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "somebody got two logoffs: {bodies:?}");
    tokio::task::block_in_place(|| {
        // Below the job is the list that led to it, below that the sessions.
        second.press("q");
        second.see("by CORP");
        second.press("q");
        second.wait("the main screen", |screen| screen.contains("[1 Sessions]"));
        second.press("<c-c>");
        second.see("stop after");
        second.press("s");
        assert_eq!(second.end(), 0);
    });
    let mut show = program(&simulator, home.path());
    show.args(["jobs", "-o", "json"]);
    let jobs = tokio::task::spawn_blocking(move || show.output().unwrap()).await.unwrap();
    let jobs: serde_json::Value = serde_json::from_slice(&jobs.stdout).unwrap();
    assert_eq!(jobs.as_array().unwrap().len(), 1, "one journal, gone on with");
    assert_eq!(jobs[0]["counts"]["unsent"], 0, "{jobs}");
    let mut verify = program(&simulator, home.path());
    verify.args(["jobs", "verify"]);
    let verified = tokio::task::spawn_blocking(move || verify.output().unwrap()).await.unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
