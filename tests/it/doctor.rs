//! `foretop doctor` as a program: what it finds of terminal, files, servers and account, and with which code it ends.

use std::{fs, os::unix::fs::PermissionsExt as _};

use rstest::rstest;
use serde_json::Value;
use tokio::net::TcpSocket;

use crate::{
    cli::{Desk, Ran, Sim},
    support::{simulate, small},
    terminal::Terminal,
};

/// The findings about something. Whatever fails says what to do.
fn of(ran: &Ran, area: &str) -> Vec<Value> {
    let json = ran.json();
    let checks = json["checks"].as_array().unwrap().iter();
    for check in checks.clone().filter(|check| check["status"] == "fail") {
        assert!(check["advice"].as_str().is_some_and(|advice| !advice.is_empty()), "{check}");
    }
    checks.filter(|check| check["area"] == area).cloned().collect()
}

fn statuses(ran: &Ran, area: &str) -> Vec<String> {
    of(ran, area).iter().map(|check| check["status"].as_str().unwrap().to_owned()).collect()
}

/// A profile in the file that the administrator could use.
fn emea(servers: &[&str], sim: &Sim, more: &str) -> String {
    let servers: Vec<String> = servers.iter().map(|server| format!("\"{server}\"")).collect();
    format!(
        "[profiles.emea]\nservers = [{}]\ndomain = 'CORP'\nusername = 'admin'\npassword_plaintext = '{}'\n{more}",
        servers.join(", "),
        sim.text("password")
    )
}

#[test]
fn without_any_configuration_it_checks_the_simulated_estate() {
    let ran = Desk::bare().foretop(&["doctor", "--demo=small"]).ends(0);
    assert_eq!(ran.err, "");
    let begins = |line: &str| ["ok ", "note", "warn", "FAIL"].iter().any(|word| line.starts_with(word));
    assert!(ran.out.lines().all(begins), "{}", ran.out);
    assert!(!ran.out.contains("FAIL"), "{}", ran.out);
    for words in
        ["foretop config init", "simulated estate, world small", "release 2", "sessions everywhere: see"]
    {
        assert!(ran.out.contains(words), "no {words:?} in {}", ran.out);
    }
}

#[test]
fn a_real_profile_is_looked_at_from_the_name_to_the_rights() {
    let sim = Sim::start(&["--world", "small", "--tls"]);
    let pin = format!("pin_sha256 = '{}'\n", sim.text("sha256"));
    let desk = Desk::bare().configured(&emea(&[sim.text("url")], &sim, &pin));
    let ran = desk.foretop(&["doctor", "--json"]).ends(0);
    assert_eq!(ran.json()["ok"], true);
    for area in
        ["configuration", "estate", "state", "network", "certificate", "clock", "account", "server", "rights"]
    {
        assert!(statuses(&ran, area).iter().all(|status| status == "ok"), "{area}: {:?}", of(&ran, area));
        assert!(!of(&ran, area).is_empty(), "{area}");
    }
    assert!(of(&ran, "certificate")[0]["found"].as_str().unwrap().contains("the pinned one"));
    assert!(!ran.out.contains(sim.text("password")));
}

#[test]
fn a_certificate_that_nobody_vouches_for_fails_with_its_fingerprint_and_no_password_leaves() {
    let sim = Sim::start(&["--world", "small", "--tls"]);
    let desk = Desk::bare().configured(&emea(&[sim.text("url")], &sim, ""));
    let ran = desk.foretop(&["doctor", "--json"]).ends(6);
    let [certificate] = &of(&ran, "certificate")[..] else { panic!("{}", ran.out) };
    assert_eq!(certificate["status"], "fail");
    let advice = certificate["advice"].as_str().unwrap();
    assert!(
        advice.contains(&format!("pin_sha256 = \"{}\" to [profiles.emea]", sim.text("sha256"))),
        "{advice}"
    );
    assert_eq!(statuses(&ran, "account"), ["note"], "{}", ran.out);
}

#[test]
fn a_server_that_does_not_answer_keeps_no_other_from_being_checked() {
    let sim = Sim::small();
    // Held for as long as nobody must listen there.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let dead = format!("http://{}", nobody.local_addr().unwrap());
    let desk = Desk::bare().configured(&emea(&[&dead, sim.text("url")], &sim, ""));
    let ran = desk.foretop(&["doctor", "--json"]).ends(6);
    assert_eq!(statuses(&ran, "network"), ["fail", "ok"]);
    assert_eq!(statuses(&ran, "account"), ["ok"], "the other one is used");
    let text = desk.foretop(&["doctor"]).ends(6);
    assert!(text.out.contains("FAIL  network") && text.out.contains("Connection refused"), "{}", text.out);
}

#[test]
fn a_refused_log_in_ends_with_5() {
    let sim = Sim::small();
    let config = emea(&[sim.text("url")], &sim, "").replace(sim.text("password"), "hunter2");
    let ran = Desk::bare().configured(&config).foretop(&["doctor", "--json"]).ends(5);
    let account = &of(&ran, "account")[0];
    assert_eq!((&account["status"], ran.out.contains("hunter2")), (&"fail".into(), false));
    assert!(account["advice"].as_str().unwrap().contains("password"));
}

#[test]
fn nobody_is_asked_for_a_password_without_a_terminal() {
    let sim = Sim::small();
    let config = emea(&[sim.text("url")], &sim, "").replace("password_plaintext", "# ");
    let ran = Desk::bare().configured(&config).foretop(&["doctor", "--json"]).ends(0);
    assert_eq!(statuses(&ran, "account"), ["warn"]);
    assert_eq!(statuses(&ran, "network"), ["ok"]);
}

#[rstest]
#[case::variable("password_env = 'NOT_THERE'", "NOT_THERE is not set", "export it")]
#[case::keyring("password_keyring = true", "keyring", "secret service")]
#[case::command_fails("password_command = 'exit 3'", "exit status: 3", "run it by hand")]
#[case::no_command("password_command = ['/nonexistent/pass']", "could not be run", "PATH")]
#[case::empty("password_command = 'true'", "is empty", "put the password there")]
#[case::not_text("password_command = 'printf \"\\377\"'", "UTF-8", "UTF-8")]
fn a_password_that_cannot_be_had_fails_with_what_to_do(
    #[case] source: &str,
    #[case] found: &str,
    #[case] advice: &str,
) {
    let sim = Sim::small();
    let config = emea(&[sim.text("url")], &sim, "");
    let config: String = config
        .lines()
        .filter(|line| !line.starts_with("password"))
        .fold(String::new(), |text, line| text + line + "\n");
    // No secret service can be reached there, on whatever machine this runs.
    let desk = Desk::bare().configured(&format!("{config}{source}\n"));
    let desk = desk.with("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let ran = desk.foretop(&["doctor", "--json"]).ends(2);
    let [account] = &of(&ran, "account")[..] else { panic!("{}", ran.out) };
    assert_eq!(account["status"], "fail");
    assert!(account["found"].as_str().unwrap().contains(found), "{account}");
    assert!(account["advice"].as_str().unwrap().contains(advice), "{account}");
}

#[test]
fn own_themes_are_checked_and_one_in_force_fails() {
    let desk = Desk::bare().configured("theme = 'mine'\n");
    let themes = desk.config().with_file_name("themes");
    fs::create_dir_all(&themes).unwrap();
    fs::write(themes.join("mine.toml"), "inherits = 'nord'\n").unwrap();
    let ran = desk.foretop(&["doctor", "--offline", "--json"]).ends(0);
    assert_eq!(statuses(&ran, "theme"), ["ok"]);
    fs::write(themes.join("other.toml"), "foo = 3\n").unwrap();
    let ran = desk.foretop(&["doctor", "--offline", "--json"]).ends(0);
    assert_eq!(statuses(&ran, "theme"), ["warn"]);
    fs::write(themes.join("mine.toml"), "inherits = 'nope'\nfoo = 3\n").unwrap();
    let ran = desk.foretop(&["doctor", "--offline", "--json"]).ends(2);
    assert_eq!(statuses(&ran, "theme"), ["fail", "fail", "warn"]);
    let found = of(&ran, "theme")[0]["found"].as_str().unwrap().to_owned();
    assert!(found.contains("mine.toml:1:12: unknown theme \"nope\"; the nearest is"), "{found}");
}

#[rstest]
#[case::mistake("read_onyl = true\n", "did you mean `read_only`?")]
#[case::not_toml("theme = dark\n", "config.toml:1:9")]
#[case::two_profiles(
    "[profiles.a]\nserver = 'a'\n[profiles.b]\nserver = 'b'\n",
    "several profiles and no default"
)]
fn a_configuration_that_cannot_be_used_ends_with_2(#[case] config: &str, #[case] words: &str) {
    let ran = Desk::bare().configured(config).foretop(&["doctor"]).ends(2);
    assert!(ran.out.contains("FAIL  configuration") && ran.out.contains(words), "{}", ran.out);
    assert!(ran.out.contains("network        not checked"), "{}", ran.out);
}

#[test]
fn offline_asks_no_server_and_looks_at_modes_and_locale() {
    let desk =
        Desk::bare().configured("[profiles.emea]\nserver = 'cs1.invalid'\ndomain = 'C'\nusername = 'k'\n");
    fs::set_permissions(desk.config(), fs::Permissions::from_mode(0o644)).unwrap();
    let desk = desk.with("LANG", "POSIX").with("TMUX", "/tmp/tmux").with("SSH_TTY", "/dev/pts/0");
    let ran = desk.foretop(&["doctor", "--offline", "--json"]).ends(0);
    assert_eq!(statuses(&ran, "network"), ["note"]);
    assert_eq!(statuses(&ran, "configuration"), ["warn"]);
    assert!(of(&ran, "configuration")[0]["advice"].as_str().unwrap().starts_with("chmod 600"));
    assert!(of(&ran, "locale")[0]["found"].as_str().unwrap().contains("only ASCII"));
    assert!(of(&ran, "clipboard")[0]["advice"].as_str().unwrap().contains("set-clipboard on"));
}

#[test]
fn a_state_folder_that_cannot_be_written_fails() {
    let desk = Desk::bare();
    // A file where the folder should be: no permission bits keep the superuser out.
    let state = desk.state("");
    fs::create_dir_all(state.parent().unwrap()).unwrap();
    fs::write(state.parent().unwrap(), "").unwrap_err();
    fs::write(state.to_str().unwrap().trim_end_matches('/'), "").unwrap();
    let ran = desk.foretop(&["doctor", "--offline", "--json"]).ends(1);
    assert_eq!(statuses(&ran, "state")[0], "fail");
    assert!(of(&ran, "state")[0]["advice"].as_str().unwrap().contains("no job can begin"));
}

#[test]
fn an_account_that_may_only_look_is_told_in_the_words_of_whoami() {
    let sim = Sim::small();
    let ran = sim.account("viewer").foretop(&["doctor", "--json"]);
    let ran = ran.ends(0);
    let rights = of(&ran, "rights");
    assert!(rights[0]["found"].as_str().unwrap().starts_with("LOOK"), "{rights:?}");
    assert_eq!(rights[0]["status"], "warn");
}

#[test]
fn in_a_terminal_the_password_is_asked_for_and_not_shown() {
    let sim = Sim::small();
    let home = tempfile::tempdir().unwrap();
    let folder = |name: &str| home.path().join(name).display().to_string();
    let (config, state) = (folder("config"), folder("state"));
    let url = sim.text("url").to_owned();
    let variables = [
        ("XDG_CONFIG_HOME", config.as_str()),
        ("XDG_STATE_HOME", state.as_str()),
        ("FORETOP_SERVER", &url),
        ("FORETOP_DOMAIN", "CORP"),
        ("FORETOP_USERNAME", "admin"),
    ];
    let mut terminal = Terminal::start((120, 50), &["doctor"], &variables);
    terminal.see("120x50");
    terminal.see_secret("Password of CORP\\admin");
    terminal.press(&format!("{}<enter>", sim.text("password")));
    terminal.see("CORP\\admin is logged in");
    assert_eq!(terminal.end(), 0);
    assert!(!terminal.text().contains(sim.text("password")) && !terminal.text().contains("FAIL"));
}

#[test]
fn a_server_that_takes_the_line_and_says_nothing_has_a_time_limit() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let sim = Sim::small();
    let server = format!("https://{}", silent.local_addr().unwrap());
    let desk = Desk::bare().configured(&emea(&[&server, sim.text("url")], &sim, ""));
    let ran = desk.foretop(&["doctor", "--json"]).ends(6);
    assert_eq!(statuses(&ran, "network"), ["ok", "fail", "ok"], "{}", ran.out);
    assert!(of(&ran, "network")[1]["found"].as_str().unwrap().contains("no answer within 5 s"));
    assert_eq!(statuses(&ran, "account"), ["ok"]);
}

/// The simulator's clock stands still, far from this machine's.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_far_off_is_told_with_what_to_do() {
    let simulator = simulate(small()).await;
    let account = simulator.credentials();
    let desk = Desk::at(simulator.url(), &account.username, &account.password);
    let ran = desk.foretop(&["doctor", "--json"]).ends(0);
    let clock = &of(&ran, "clock")[0];
    assert_eq!(clock["status"], "warn");
    assert!(clock["advice"].as_str().unwrap().contains("timedatectl"), "{clock}");
    simulator.shutdown().await;
}

#[test]
fn whoever_leaves_the_question_for_the_password_gets_the_terminal_back() {
    let sim = Sim::small();
    let account =
        [("FORETOP_SERVER", sim.text("url")), ("FORETOP_DOMAIN", "CORP"), ("FORETOP_USERNAME", "admin")];
    for line in [&[][..], &["sessions", "list"]] {
        for ending in ["ctrl-c", "TERM", "HUP"] {
            let mut terminal = Terminal::start((80, 24), line, &account);
            terminal.see_secret("Password of CORP\\admin");
            match ending {
                "ctrl-c" => terminal.press("<c-c>"),
                signal => terminal.signal(signal),
            }
            assert_eq!(terminal.end(), 1, "{line:?} {ending}: {}", terminal.text());
            assert!(terminal.is_restored(), "{line:?} {ending}: what is typed is not shown any more");
        }
    }
}

#[test]
fn after_the_question_for_the_password_ctrl_c_still_ends_a_command() {
    // A server that takes the line and says nothing.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let server = format!("http://{}", silent.local_addr().unwrap());
    let account =
        [("FORETOP_SERVER", server.as_str()), ("FORETOP_DOMAIN", "CORP"), ("FORETOP_USERNAME", "admin")];
    let mut terminal = Terminal::start((80, 24), &["sessions", "list"], &account);
    terminal.see_secret("Password of CORP\\admin");
    terminal.press("hunter2<enter>");
    let (line, _) = silent.accept().unwrap();
    terminal.press("<c-c>");
    assert_eq!(terminal.end(), 1, "{}", terminal.text());
    drop(line);
}
