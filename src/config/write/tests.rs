//! What is written, what stays, and what is refused.

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::config::Environment;

const OLD: &str = "# Mine.\ntheme = \"light\" # bright\n\n[profiles.apac] # the old one\nserver = \"cs9.example.com\"\n\
                   domain = \"APAC\"\n# Short.\nusername = \"kaya\"\n\n[governor]\nrequests = 4\n";

fn paths(home: &Path) -> Paths {
    Paths::new(&Environment::of([("HOME", home)])).unwrap()
}

fn with_file(text: &str) -> (tempfile::TempDir, Paths) {
    let home = tempfile::tempdir().unwrap();
    let paths = paths(home.path());
    create_private_dir(paths.config_dir()).unwrap();
    fs::write(paths.config_file(), text).unwrap();
    (home, paths)
}

fn emea(password: PasswordSource) -> NewProfile {
    let target = Target::Profile(Profile {
        name: "emea".to_owned(),
        servers: vec!["https://cs1.example.com".parse().unwrap()],
        username: "a.kaya".to_owned(),
        domain: "CORP".to_owned(),
        trust: Trust::Pinned("ab".repeat(32)),
        password,
        is_in_file: true,
    });
    NewProfile { target, read_only: true }
}

fn add(paths: &Paths, new: &NewProfile, is_default: bool) -> Result<Written, WriteError> {
    Draft::open(paths, &Names::default())?.add(new, is_default, &Names::default())
}

fn shell(line: &str) -> PasswordSource {
    PasswordSource::Command(PasswordCommand::Shell(line.to_owned()))
}

#[test]
fn a_first_profile_makes_a_private_file() {
    let home = tempfile::tempdir().unwrap();
    let paths = paths(home.path());
    let written = add(&paths, &emea(shell("pass show emea")), false).unwrap();
    assert_eq!(written.used_by_default.as_deref(), Some("emea"));
    assert!(!written.default_was_set);
    insta::assert_snapshot!(fs::read_to_string(paths.config_file()).unwrap(), @r#"
    [profiles.emea]
    servers = ["https://cs1.example.com"]
    domain = "CORP"
    username = "a.kaya"
    password_command = "pass show emea"
    pin_sha256 = "abababababababababababababababababababababababababababababababab"
    read_only = true
    "#);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(paths.config_file()), mode(paths.config_dir())), (0o600, 0o700));
    assert_eq!(fs::read_dir(paths.config_dir()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn what_is_there_keeps_its_comments_and_order_and_stays_the_default() {
    let (_home, paths) = with_file(OLD);
    let written = add(&paths, &emea(PasswordSource::Prompt), false).unwrap();
    assert_eq!(written.used_by_default.as_deref(), Some("apac"));
    assert!(written.default_was_set);
    let text = fs::read_to_string(paths.config_file()).unwrap();
    let without = text.replace("default_profile = \"apac\"\n", "");
    assert!(without.starts_with(OLD), "{text}");
    assert!(without.ends_with("read_only = true\n") && without.contains("\n\n[profiles.emea]\n"), "{text}");
    let loaded = File::load(&paths, &Names::default()).unwrap();
    assert!(loaded.warnings.is_empty(), "it is private now: {:?}", loaded.warnings);
    assert_eq!(loaded.file.profiles.len(), 2);
    assert_eq!(loaded.file.settings.governor.requests, Some(4));
}

#[test]
fn comments_at_the_end_stay_with_what_they_stand_behind() {
    let apac = "[profiles.apac]\nserver = \"cs9\"\ndomain = \"A\"\nusername = \"k\"";
    for (old, is_default) in [
        (super::super::DEFAULT_FILE.to_owned(), false),
        (format!("{apac}\n# theme = \"light\"\n\n[governor]\nrequests = 4\n# the end"), true),
        (apac.to_owned(), true),
        (format!("{}\r\n", apac.replace('\n', "\r\n")), true),
    ] {
        let (_home, paths) = with_file(&old);
        add(&paths, &emea(PasswordSource::Prompt), false).unwrap();
        let text = fs::read_to_string(paths.config_file()).unwrap();
        let text = if is_default { text.split_once("\n\n").unwrap().1.to_owned() } else { text };
        let kept = text.replace("\r\n", "\n");
        assert!(kept.starts_with(&old.replace("\r\n", "\n")), "{text}");
        assert!(kept.contains("\n\n[profiles.emea]\n"), "{text}");
        assert!(kept.ends_with("read_only = true\n"), "{text}");
    }
}

#[test]
fn a_key_that_comes_first_stands_apart() {
    let (_home, paths) = with_file("[profiles.apac]\nserver = \"cs9\"\ndomain = \"A\"\nusername = \"k\"\n");
    add(&paths, &emea(PasswordSource::Prompt), false).unwrap();
    let text = fs::read_to_string(paths.config_file()).unwrap();
    assert!(text.starts_with("default_profile = \"apac\"\n\n[profiles.apac]\n"), "{text}");
}

#[test]
fn the_new_one_is_the_default_when_it_is_wanted() {
    let (_home, paths) = with_file(OLD);
    let written = add(&paths, &emea(PasswordSource::Keyring), true).unwrap();
    assert_eq!(written.used_by_default.as_deref(), Some("emea"));
}

#[test]
fn a_profile_of_that_name_is_left_as_it_is() {
    let text = OLD.replace("apac", "emea");
    let (_home, paths) = with_file(&text);
    let error = add(&paths, &emea(PasswordSource::Prompt), false).unwrap_err();
    assert!(matches!(&error, WriteError::Exists(name) if name == "emea"), "{error}");
    assert_eq!(fs::read_to_string(paths.config_file()).unwrap(), text);
}

#[test]
fn a_file_with_mistakes_or_an_inline_table_is_not_touched() {
    for text in ["read_onyl = true\n", "theme = dark\n", "profiles = { a = { server = \"cs1\" } }\n"] {
        let (_home, paths) = with_file(text);
        assert!(add(&paths, &emea(PasswordSource::Prompt), false).is_err(), "{text}");
        assert_eq!(fs::read_to_string(paths.config_file()).unwrap(), text);
        assert_eq!(fs::read_dir(paths.config_dir()).unwrap().count(), 1);
    }
}

#[test]
fn a_link_is_neither_followed_nor_replaced() {
    let (home, paths) = with_file(OLD);
    let elsewhere = home.path().join("elsewhere.toml");
    fs::rename(paths.config_file(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, paths.config_file()).unwrap();
    let error = add(&paths, &emea(PasswordSource::Prompt), false).unwrap_err();
    assert!(error.hint().unwrap().contains("elsewhere.toml"), "{error}");
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), OLD);

    let home = tempfile::tempdir().unwrap();
    let linked = self::paths(home.path());
    fs::create_dir_all(home.path().join("dotfiles")).unwrap();
    fs::create_dir_all(home.path().join(".config")).unwrap();
    std::os::unix::fs::symlink(home.path().join("dotfiles"), linked.config_dir()).unwrap();
    let error = add(&linked, &emea(PasswordSource::Prompt), false).unwrap_err();
    assert!(error.hint().unwrap().contains("dotfiles/config.toml"), "{error}");
}

#[test]
fn a_link_that_ends_nowhere_is_told_with_the_file_that_is_missing() {
    let link = |target: &str, name: &str| {
        let (home, paths) = with_file("");
        fs::remove_file(paths.config_file()).unwrap();
        std::os::unix::fs::symlink(target, paths.config_file()).unwrap();
        std::os::unix::fs::symlink("config.toml", paths.config_dir().join(name)).unwrap();
        let error = add(&paths, &emea(PasswordSource::Prompt), false).unwrap_err();
        (home, paths, error)
    };
    let (_home, paths, error) = link("../../new/real.toml", "other");
    let real =
        fs::canonicalize(paths.config_dir()).unwrap().ancestors().nth(2).unwrap().join("new/real.toml");
    let told = error.to_string();
    assert!(told.ends_with(&format!("to {}, which does not exist", real.display())), "{told}");
    let hint = error.hint().unwrap();
    assert_eq!(hint, format!("set FORETOP_CONFIG={} to mean that file", real.display()));
    // What the hint says works.
    let named = Environment::of([("HOME", "/nowhere")]).with("FORETOP_CONFIG", real.to_str().unwrap());
    add(&Paths::new(&named).unwrap(), &emea(PasswordSource::Prompt), false).unwrap();
    assert!(real.is_file());

    let (_home, _paths, error) = link("other", "other");
    assert!(error.to_string().ends_with("a symbolic link that leads in a circle"), "{error}");
    assert_eq!(error.hint().as_deref(), Some("remove the link"));
}

#[test]
fn a_file_that_changed_meanwhile_wins() {
    let (_home, paths) = with_file(OLD);
    let draft = Draft::open(&paths, &Names::default()).unwrap();
    fs::write(paths.config_file(), "theme = \"dark\"\n").unwrap();
    let error = draft.add(&emea(PasswordSource::Prompt), false, &Names::default()).unwrap_err();
    assert!(matches!(error, WriteError::Changed(_)), "{error}");
    assert_eq!(fs::read_to_string(paths.config_file()).unwrap(), "theme = \"dark\"\n");
    assert_eq!(fs::read_dir(paths.config_dir()).unwrap().count(), 1);
}

#[test]
fn odd_names_and_values_are_quoted_so_that_they_are_read_back() {
    let home = tempfile::tempdir().unwrap();
    let paths = paths(home.path());
    let mut new = emea(shell("printf '%s' \"a\\b\"\t#x"));
    let Target::Profile(profile) = &mut new.target else { panic!("it is one") };
    profile.name = "emea.1 \"x\"".to_owned();
    profile.username = "o'brien \u{00fc}".to_owned();
    add(&paths, &new, false).unwrap();
    let file = File::load(&paths, &Names::default()).unwrap().file;
    let read = &file.profiles["emea.1 \"x\""];
    assert_eq!(read.username.as_deref(), Some("o'brien \u{00fc}"));
    let command = PasswordCommand::Shell("printf '%s' \"a\\b\"\t#x".to_owned());
    assert!(matches!(&read.password, Some(PasswordSource::Command(found)) if *found == command));
}

#[test]
fn a_profile_of_the_cloud_is_written_with_its_wire() {
    let home = tempfile::tempdir().unwrap();
    let paths = paths(home.path());
    let target = Target::Cloud(Box::new(CloudProfile {
        name: "cloud".to_owned(),
        region: Some("cn-north-4".to_owned()),
        endpoint: None,
        iam_endpoint: None,
        project_id: None,
        identity: CloudIdentity::Keys {
            access_key: "AK1".to_owned(),
            secret_key: PasswordSource::Variable("CLOUD_SK".to_owned()),
            security_token: None,
        },
        session_window: crate::config::DEFAULT_SESSION_WINDOW,
        trust: Trust::System,
    }));
    add(&paths, &NewProfile { target, read_only: false }, false).unwrap();
    insta::assert_snapshot!(fs::read_to_string(paths.config_file()).unwrap(), @r#"
    [profiles.cloud]
    wire = "workspace"
    region = "cn-north-4"
    access_key = "AK1"
    secret_key_env = "CLOUD_SK"
    "#);
}
