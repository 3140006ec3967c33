//! `foretop config init` as a program: with everything given, and with questions in a terminal.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use crate::{
    cli::{Desk, Ran, Sim},
    terminal::Terminal,
};

/// Everything that has to be given for the simulated estate, but for the certificate.
fn given<'a>(sim: &'a Sim, name: &'a str) -> Vec<&'a str> {
    let line = ["config", "init", "--name", name, "--server", sim.text("url")];
    let account = ["--username", "CORP\\admin", "--password-env", "EMEA_PASSWORD"];
    [&line[..], &account].concat()
}

fn desk(sim: &Sim) -> Desk {
    Desk::bare().with("EMEA_PASSWORD", sim.text("password"))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn with_everything_given_nothing_is_asked_and_the_profile_works() {
    let sim = Sim::start(&["--world", "small", "--tls"]);
    let desk = desk(&sim);
    let mut line = given(&sim, "emea");
    line.extend(["--pin-sha256", sim.text("sha256"), "--read-only"]);
    let ran = desk.foretop(&line).ends(0).says("ok    account");
    assert!(ran.out.contains("next:\n  foretop doctor\n  foretop\n"), "{}", ran.out);
    assert_eq!((mode(&desk.config()), mode(desk.config().parent().unwrap())), (0o600, 0o700));
    desk.foretop(&["config", "check"]).ends(0);
    desk.foretop(&["doctor"]).ends(0);
    assert!(desk.foretop(&["sessions", "list"]).ends(0).out.starts_with("USER "));
    let text = fs::read_to_string(desk.config()).unwrap();
    assert!(text.contains("read_only = true") && !text.contains(sim.text("password")), "{text}");

    let again = desk.foretop(&line).ends(2).says("the profile `emea` exists already");
    assert_eq!((again.out.as_str(), fs::read_to_string(desk.config()).unwrap()), ("", text));
}

#[test]
fn an_unknown_certificate_is_an_error_that_names_its_fingerprint() {
    let sim = Sim::start(&["--world", "small", "--tls"]);
    let desk = desk(&sim);
    let ran = desk.foretop(&given(&sim, "emea")).ends(6).says("the certificate is not trusted");
    ran.says(&format!("--pin-sha256 {}", sim.text("sha256")));
    assert!(!desk.config().exists());
    let mut wrong = given(&sim, "emea");
    let pin = "ab".repeat(32);
    wrong.extend(["--pin-sha256", &pin]);
    desk.foretop(&wrong).ends(6).says(sim.text("sha256"));
    assert!(!desk.config().exists());
}

#[test]
fn what_does_not_work_is_not_written_unless_it_is_not_tried() {
    let sim = Sim::small();
    let desk = Desk::bare().with("EMEA_PASSWORD", "hunter2");
    let ran = desk.foretop(&given(&sim, "emea")).ends(5).says("FAIL  account").says("nothing was written");
    assert!(!ran.err.contains("hunter2") && !desk.config().exists(), "{ran:?}");
    let mut line = given(&sim, "emea");
    line.push("--no-test");
    desk.foretop(&line).ends(0);
    desk.foretop(&["config", "check"]).ends(0);
}

#[test]
fn without_a_terminal_everything_that_is_missing_is_named() {
    let ran = Desk::bare().foretop(&["config", "init", "--name", "emea"]).ends(2);
    ran.says("--server, --username, --domain, --password-command");
}

#[test]
fn without_a_region_the_project_is_missing_too() {
    let line = ["config", "init", "--workspace", "--name", "cloud", "--endpoint", "http://127.0.0.1:1"];
    let key = ["--access-key", "AK1", "--secret-key-env", "CLOUD_SK"];
    let desk = Desk::bare().with("CLOUD_SK", "hunter2");
    desk.foretop(&[&line[..], &key].concat()).ends(2).says("--region (or --project-id) missing");
    desk.foretop(&[&line[..], &key, &["--no-test"]].concat()).ends(2);
    // What the variable says is used when it is tried, too.
    let sim = Sim::small();
    let cloud = sim.workspace();
    let text = |key: &str| cloud[key].as_str().unwrap();
    let desk =
        Desk::bare().with("CLOUD_SK", text("sk")).with("HUAWEICLOUD_SDK_PROJECT_ID", text("project_id"));
    let line = ["config", "init", "--workspace", "--name", "cloud", "--endpoint", text("url")];
    let key = ["--access-key", text("ak"), "--secret-key-env", "CLOUD_SK"];
    desk.foretop(&[&line[..], &key].concat()).ends(0).says("ok    account");
    desk.foretop(&["doctor"]).ends(0);
}

#[test]
fn another_profile_keeps_what_is_there() {
    let sim = Sim::small();
    let old = "# Mine.\n\n[profiles.apac] # the old one\nserver = \"cs9.invalid\"\ndomain = \"A\"\nusername = \"k\"\n";
    let desk = desk(&sim).configured(old);
    let ran = desk.foretop(&given(&sim, "emea")).ends(0);
    assert!(ran.out.contains("default_profile is apac now"), "{}", ran.out);
    assert!(ran.out.contains("  foretop --profile emea\n"), "{}", ran.out);
    let text = fs::read_to_string(desk.config()).unwrap();
    assert!(
        text.replacen("default_profile = \"apac\"\n", "", 1).contains(old.trim_start_matches("# Mine.\n\n"))
    );
    assert!(text.contains("# Mine."), "{text}");
    let shown = desk.foretop(&["config", "show", "--json"]).ends(0).json();
    assert_eq!(shown["estate"], "apac");
    let other = desk.foretop(&["config", "show", "--json", "--profile", "emea"]).ends(0).json();
    let values = other["values"].as_array().unwrap();
    let password = values.iter().find(|value| value["key"] == "password").unwrap();
    assert_eq!(
        (&password["value"], &password["from"]),
        (&"variable EMEA_PASSWORD".into(), &"profile".into())
    );
    assert!(password["line"].as_u64().unwrap() > 6);
}

#[test]
fn a_profile_of_the_cloud_is_written_and_checked() {
    let sim = Sim::small();
    let cloud = sim.workspace();
    let text = |key: &str| cloud[key].as_str().unwrap();
    let desk = Desk::bare().with("CLOUD_SK", text("sk"));
    let line = [
        &["config", "init", "--workspace", "--name", "cloud", "--region", text("region")][..],
        &["--endpoint", text("url"), "--iam-endpoint", text("url"), "--project-id", text("project_id")],
        &["--access-key", text("ak"), "--secret-key-env", "CLOUD_SK"],
    ]
    .concat();
    desk.foretop(&line).ends(0).says("ok    account");
    desk.foretop(&["doctor"]).ends(0);
    let written = fs::read_to_string(desk.config()).unwrap();
    assert!(written.contains("wire = \"workspace\"") && !written.contains(text("sk")), "{written}");
}

#[test]
fn the_manual_is_printed_and_written() {
    let desk = Desk::bare();
    let page: Ran = desk.foretop(&["man"]).ends(0);
    assert!(page.out.contains(".TH foretop 1") && page.out.contains("Exit codes"), "{}", page.out);
    let folder = desk.config().with_file_name("man1");
    desk.foretop(&["man", "--out", folder.to_str().unwrap()]).ends(0);
    for page in ["foretop.1", "foretop-sessions-logoff.1", "foretop-config-init.1", "foretop-doctor.1"] {
        assert!(fs::read_to_string(folder.join(page)).unwrap().contains(".SH NAME"), "{page}");
    }
}

/// The questions in a terminal, with a certificate that has to be pinned by hand.
#[test]
fn in_a_terminal_it_asks_shows_the_certificate_and_pins_it_on_yes_only() {
    let sim = Sim::start(&["--world", "small", "--tls"]);
    let home = tempfile::tempdir().unwrap();
    let folder = |name: &str| home.path().join(name).display().to_string();
    let (config, state) = (folder("config"), folder("state"));
    let variables = [("XDG_CONFIG_HOME", config.as_str()), ("XDG_STATE_HOME", state.as_str())];
    let file = home.path().join("config/foretop/config.toml");
    let start = || Terminal::start((160, 50), &["config", "init"], &variables);
    let answer = |terminal: &mut Terminal, question: &str, typed: &str| {
        terminal.see(question);
        terminal.press(&format!("{typed}<enter>"));
    };
    let up_to_the_certificate = |terminal: &mut Terminal| {
        answer(terminal, "Number [1]:", "");
        answer(terminal, "Name of the profile", "emea");
        answer(terminal, "Addresses of the connection servers", sim.text("url"));
        answer(terminal, "User name, or DOMAIN\\name:", "admin");
        answer(terminal, "Domain of the account:", "CORP");
        terminal.see("Where does the password come from?");
        answer(terminal, "in clear text", "");
        answer(terminal, "Read-only at first", "");
        terminal.see(&format!("SHA-256  {}", sim.text("sha256")));
        terminal.see("subject  CN=");
        terminal.see("valid  ");
    };

    // What is not `yes` pins nothing, and what does not work is not written.
    let mut terminal = start();
    up_to_the_certificate(&mut terminal);
    answer(&mut terminal, "Type yes to trust", "y");
    answer(&mut terminal, "Write the profile all the same? [y/N]:", "");
    assert_eq!(terminal.end(), 6);
    assert!(!file.exists());

    let mut terminal = start();
    up_to_the_certificate(&mut terminal);
    answer(&mut terminal, "Type yes to trust", "yes");
    terminal.see_secret("Password of CORP\\admin on emea:");
    terminal.press(&format!("{}<enter>", sim.text("password")));
    terminal.see("CORP\\admin is logged in");
    terminal.see("foretop doctor");
    assert_eq!(terminal.end(), 0);
    assert!(!terminal.text().contains(sim.text("password")), "it is not shown");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(&format!("pin_sha256 = \"{}\"", sim.text("sha256"))), "{text}");
    assert!(text.contains("read_only = true") && !text.contains(sim.text("password")), "{text}");
    assert_eq!(mode(&file), 0o600);
}

/// A password that is to stand in the file: nothing that is typed at the wrong question is taken for an answer.
#[test]
fn a_password_in_clear_is_agreed_to_and_never_shown() {
    let home = tempfile::tempdir().unwrap();
    let folder = |name: &str| home.path().join(name).display().to_string();
    let (config, state) = (folder("config"), folder("state"));
    let variables = [("XDG_CONFIG_HOME", config.as_str()), ("XDG_STATE_HOME", state.as_str())];
    let given = ["config", "init", "--name", "emea", "--server", "cs1.invalid", "--username", "CORP\\admin"];
    let line = [&given[..], &["--read-only", "--no-test"]].concat();
    let mut terminal = Terminal::start((160, 50), &line, &variables);
    let choose = |terminal: &mut Terminal| {
        terminal.see("in clear text: everybody who gets the file has it");
        terminal.see("Number [1]:");
        terminal.press("5<enter>");
        terminal.see("Yes or no: store it there in clear text? [y/N]:");
    };
    choose(&mut terminal);
    terminal.press("n<enter>");
    terminal.see("the password is not stored in clear text: choose where else it comes from");
    choose(&mut terminal);
    terminal.press("yes<enter>");
    terminal.see_secret("The password, not shown:");
    terminal.press("hunter2<enter>");
    terminal.see("foretop doctor");
    assert_eq!(terminal.end(), 0);
    assert!(!terminal.text().contains("hunter2"), "{}", terminal.text());
    let text = fs::read_to_string(home.path().join("config/foretop/config.toml")).unwrap();
    assert!(text.contains("password_plaintext = \"hunter2\""), "{text}");
}
