//! The console over Workspace: images are built, app sessions logged off, app groups looked at.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use foretop::sim::{ClockMode, SimOptions, Simulator};
use jiff::Timestamp;

use crate::{
    console::confirm,
    support::{simulate, small},
    terminal::Terminal,
};

/// The small world at the time that it is now: sessions are listed by it, and signatures carry it.
async fn estate() -> Simulator {
    simulate(SimOptions { clock: ClockMode::Manual { start: Timestamp::now() }, ..small() }).await
}

/// Writes a profile of the simulated project, and starts the console with it.
fn console(home: &Path, simulator: &Simulator) -> Terminal {
    let access = simulator.control().workspace_access();
    let access = access.first().expect("an identity");
    let (url, config) = (simulator.url(), home.join("config/foretop"));
    std::fs::create_dir_all(&config).unwrap();
    let text = format!(
        "default_profile = \"cloud\"\n[profiles.cloud]\nwire = \"workspace\"\nregion = \"{}\"\nendpoint = \"{url}\"\n\
         iam_endpoint = \"{url}\"\nproject_id = \"{}\"\naccess_key = \"{}\"\nsecret_key_plaintext = \"{}\"\n",
        access.region, access.project_id, access.access_key, access.secret_key
    );
    let file = config.join("config.toml");
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let folder = |name: &str| home.join(name).display().to_string();
    let (config, state) = (folder("config"), folder("state"));
    let variables = [("XDG_CONFIG_HOME", config.as_str()), ("XDG_STATE_HOME", state.as_str())];
    let mut terminal = Terminal::start((120, 40), &[], &variables);
    terminal.wait("the list", |screen| screen.contains("complete") && screen.contains("since 20"));
    terminal
}

/// Orders a build from the image server under the cursor.
fn order(terminal: &mut Terminal, name: &str) {
    terminal.press("ab");
    terminal.see("Image name");
    terminal.press(&format!("{name}<c-o>"));
    terminal.see("BUILD IMAGE");
    terminal.see("nothing sent so far");
    // Enter opens, it never fires.
    terminal.press("<enter>");
    terminal.see("nothing was sent");
    terminal.press("y");
    terminal.see("JOB ");
}

fn orders(simulator: &Simulator) -> usize {
    simulator.control().requests_to("POST", "recreate-image").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_builds_run_at_once_a_refused_name_is_said_and_the_next_console_finds_them_again() {
    let simulator = estate().await;
    let home = tempfile::tempdir().unwrap();
    tokio::task::block_in_place(|| {
        let mut terminal = console(home.path(), &simulator);
        terminal.press("3");
        terminal.see("img-office");
        // A name that this program lets through and the server does not.
        terminal.press("/name:img-office<enter>");
        terminal.see("1 of 4");
        order(&mut terminal, "office-refused");
        terminal.see("The image name is reserved.");
        terminal.press("q");
        order(&mut terminal, "office-2026-12");
        terminal.see("confirmed 1");
        terminal.press("q/name:img-desktop<enter>");
        terminal.see("1 of 4");
        order(&mut terminal, "desktop-fails");
        terminal.see("confirmed 1");
        terminal.press("q");
        terminal.see("2 builds");
        // While its job is open the console would ask before it leaves.
        terminal.see("1/1 done");
        assert_eq!(orders(&simulator), 3);
        terminal.press("q");
        assert_eq!(terminal.end(), 0);
    });
    // Both run on without anybody looking.
    let running = |job: &foretop::sim::ImageJobTruth| {
        job.job_type == "CREATE_SERVER_IMAGE" && ["WAITING", "RUNNING"].contains(&job.status.as_str())
    };
    assert_eq!(simulator.control().image_jobs().iter().filter(|job| running(job)).count(), 2);
    tokio::task::block_in_place(|| {
        let mut terminal = console(home.path(), &simulator);
        terminal.press("gb");
        terminal.wait("both with the server that is on record", |screen| {
            let row = |image: &str, server: &str| {
                screen.lines().any(|line| line.contains(image) && line.contains(server))
            };
            row("office-2026-12", "img-office")
                && row("desktop-fails", "img-desktop")
                && screen.contains("2 running")
        });
        simulator.control().advance(std::time::Duration::from_mins(1));
        terminal.press("<c-r>");
        terminal.see("0 running");
        terminal.press("q");
        terminal.wait("how both ended", |screen| {
            let line = |verdict: &str, image: &str| {
                screen.lines().any(|line| line.contains(verdict) && line.contains(image))
            };
            line("SUCCESS: build", "\"office-2026-12\"") && line("FAILED: build", "\"desktop-fails\"")
        });
        terminal.press("q");
        assert_eq!(terminal.end(), 0);
    });
    assert_eq!(orders(&simulator), 3, "nothing is ordered again");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_app_sessions_are_logged_off_and_seen_to_be_gone() {
    let simulator = estate().await;
    let home = tempfile::tempdir().unwrap();
    tokio::task::block_in_place(|| {
        let mut terminal = console(home.path(), &simulator);
        terminal.see("Workspace has no audit feed; own records only");
        terminal.press(":reset<enter>");
        terminal.see("reset: not offered by Workspace");
        terminal.press("   ");
        terminal.see("marked 3");
        terminal.press("al");
        terminal.see("LOG OFF (polite)");
        confirm(&mut terminal);
        // The sheet of the job is there before the request is.
        terminal.see("accepted 3");
        let asked = simulator.control().requests_to("POST", "session/logoff");
        assert_eq!(asked.len(), 1, "one call for all of them");
        simulator.control().advance(std::time::Duration::from_secs(30));
        terminal.press("q:interval 2<enter>");
        terminal.wait("all three gone", |screen| screen.contains("done: 3 confirmed"));
        terminal.press("q");
        assert_eq!(terminal.end(), 0);
    });
    let ended = |session: &foretop::sim::AppSessionTruth| session.leaving && session.state == "SignedOut";
    assert_eq!(simulator.control().app_sessions().iter().filter(|session| ended(session)).count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_let_in_and_out_again_and_both_are_seen_in_the_list() {
    let simulator = estate().await;
    let home = tempfile::tempdir().unwrap();
    tokio::task::block_in_place(|| {
        let mut terminal = console(home.path(), &simulator);
        terminal.press("2");
        terminal.see("Front office");
        terminal.press("/front<enter>an");
        terminal.see("AUTHORIZE for Front office");
        terminal.press("night.shift<c-o>");
        terminal.see("nothing sent so far");
        terminal.press("y");
        terminal.see("confirmed 1");
        terminal.press("q/account:night.shift<enter>");
        terminal.see("2 of 20");
        terminal.press("<down>ax");
        terminal.see("TAKE AUTHORIZATIONS");
        terminal.see("nothing sent so far");
        terminal.press("y");
        terminal.see("confirmed 1");
        terminal.press("q");
        terminal.see("NOTHING MATCHES");
        terminal.press("q");
        assert_eq!(terminal.end(), 0);
    });
    assert_eq!(simulator.control().requests_to("POST", "app-groups/authorizations").len(), 1);
    assert_eq!(simulator.control().requests_to("POST", "batch-delete-authorization").len(), 1);
}
