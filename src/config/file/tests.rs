//! Every kind of mistake, and the file that ships.

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;
use crate::config::{DEFAULT_FILE, Environment, PasswordCommand, Settings};

fn names() -> Names {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Names {
        session_columns: owned(&["user", "state", "idle", "pool", "machine"]),
        themes: owned(&["dark", "foretop-dark", "foretop-light", "light", "mono"]),
        template_fields: owned(&["user", "minutes"]),
        regions: owned(&["cn-north-4", "ap-southeast-1"]),
    }
}

fn parse_with(text: &str, mode: Option<u32>) -> (File, Vec<Diagnostic>) {
    let source = SourceFile { path: PathBuf::from("config.toml"), text: text.to_owned(), mode };
    File::parse(&source, &names())
}

fn parse(text: &str) -> (File, Vec<Diagnostic>) {
    parse_with(text, Some(0o600))
}

fn told(text: &str) -> String {
    let (_, mistakes) = parse(text);
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    told.join("\n\n")
}

/// The lines that are a key or a header once the leading `# ` is gone. Prose and the list of alternatives stay comments.
fn uncommented() -> String {
    let is_toml = |line: &str| {
        line.starts_with('[')
            || line.split_once(" = ").is_some_and(|(key, _)| !key.is_empty() && !key.contains(' '))
    };
    let lines = DEFAULT_FILE.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if is_toml(rest) => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_file_changes_nothing() {
    let (file, mistakes) = parse(DEFAULT_FILE);
    assert_eq!(mistakes, []);
    assert_eq!(file.settings.complete(), Settings::default());
    assert!(file.profiles.is_empty());
}

#[test]
fn the_shipped_file_uncommented_is_valid_and_shows_the_preset() {
    let (file, mistakes) = parse(&uncommented());
    assert_eq!(mistakes, []);
    let mut settings = file.settings.complete();
    assert_eq!(settings.event_lines.take(), Some(8));
    assert_eq!(settings.jobs.stop_above_percent.take(), Some(10));
    assert_eq!(std::mem::take(&mut settings.protected).users, ["CORP\\svc-*", "ceo"]);
    assert_eq!(settings.session_columns.take().map(|columns| columns.len()), Some(5));
    assert_eq!(std::mem::take(&mut settings.keymap).overrides().len(), 2);
    assert_eq!(settings, Settings::default());
    let emea = &file.profiles["emea"];
    assert_eq!(emea.servers.len(), 2);
    assert_eq!(emea.settings.chunk_size, Some(10));
    assert!(matches!(emea.password, Some(PasswordSource::Command(PasswordCommand::Shell(_)))));
    assert!(matches!(&emea.trust, Some(Trust::Pinned(pin)) if pin.len() == 64));
}

#[test]
fn the_shipped_file_and_the_manual_name_every_key() {
    let manual = include_str!("../../../docs/configuration.md");
    let keys = [TOP_KEYS, PROFILE_KEYS, COLUMN_KEYS, KEYS_KEYS, GOVERNOR_KEYS, JOB_KEYS, PROTECTED_KEYS];
    for key in keys.into_iter().flatten() {
        assert!(DEFAULT_FILE.contains(key), "default.toml lacks {key}");
        assert!(manual.contains(&format!("`{key}`")), "docs/configuration.md lacks {key}");
    }
}

#[test]
fn every_key_is_either_harmless_or_a_password() {
    let tables = ["columns", "everywhere", "governor", "jobs", "keys", "profiles", "protected", "templates"];
    let keys = [TOP_KEYS, PROFILE_KEYS, COLUMN_KEYS, KEYS_KEYS, GOVERNOR_KEYS, JOB_KEYS, PROTECTED_KEYS];
    for key in keys.into_iter().flatten().filter(|key| !tables.contains(key)) {
        assert!(HARMLESS_KEYS.contains(key) != PASSWORD_KEYS.contains(key), "{key}");
    }
}

#[test]
fn an_unknown_key_is_shown_with_the_nearest() {
    insta::assert_snapshot!(told("[profiles.emea]\nserver = 'cs1'\nread_onyl = true\n"), @"
    config.toml:3:1: unknown key `read_onyl`
       |
     3 | read_onyl …
       | ^^^^^^^^^
      hint: did you mean `read_only`?
    ");
}

#[test]
fn a_broken_line_is_shown() {
    insta::assert_snapshot!(told("theme = \"dark\"\nrefresh_seconds = 5 seconds\n"), @"
    config.toml:2:19: not valid TOML: a number stands alone
       |
     2 | refresh_seconds = 5 seconds
       |                   ^^^^^^^^^
      hint: refresh_seconds = 5
    ");
}

#[test]
fn the_limits_of_the_governor_are_checked() {
    insta::assert_snapshot!(told(concat!(
        "[governor]\n",
        "requests = 4\n",
        "lookups = 5\n",
        "failurs = 3\n",
        "longest_rest_seconds = 0\n",
    )), @r"
    config.toml:3:11: `lookups` must be at most `requests`, which is 4
       |
     3 | lookups = 5
       |           ^

    config.toml:4:1: unknown key `failurs`
       |
     4 | failurs …
       | ^^^^^^^
      hint: did you mean `failures`?

    config.toml:5:24: `longest_rest_seconds`: must be a whole number from 1 to 3600
       |
     5 | longest_rest_seconds = 0
       |                        ^
    ");
}

#[test]
fn all_mistakes_are_told_at_once() {
    insta::assert_snapshot!(told(concat!(
        "default_profile = \"emae\"\n",
        "theme = \"drak\"\n",
        "refresh_seconds = 1\n",
        "mouse = \"yes\"\n",
        "chunk_size = 1001\n",
        "[columns]\n",
        "sessions = [\"user\", \"stat\"]\n",
        "[profiles.emea]\n",
        "server = \"http://cs1.example.com\"\n",
        "pin_sha256 = \"abc\"\n",
        "password_env = \"not a name\"\n",
    )), @r#"
    config.toml:1:19: there is no profile `emae`
       |
     1 | default_profile = "emae"
       |                   ^^^^^^
      hint: did you mean `emea`?

    config.toml:2:9: there is no theme `drak`
       |
     2 | theme = "drak"
       |         ^^^^^^
      hint: did you mean `dark`?

    config.toml:3:19: `refresh_seconds`: must be a whole number from 2 to 3600
       |
     3 | refresh_seconds = 1
       |                   ^

    config.toml:4:9: `mouse` must be true or false, not a text
       |
     4 | mouse = "yes"
       |         ^^^^^

    config.toml:5:14: `chunk_size`: must be a whole number from 1 to 1000
       |
     5 | chunk_size = 1001
       |              ^^^^

    config.toml:7:21: there is no column `stat`
       |
     7 | sessions = ["user", "stat"]
       |                     ^^^^^^
      hint: did you mean `state`?

    config.toml:9:10: `server`: http:// would send the password in clear text; use https://
       |
     9 | server = "http://cs1.example.com"
       |          ^^^^^^^^^^^^^^^^^^^^^^^^

    config.toml:10:14: `pin_sha256`: a SHA-256 fingerprint has 64 hexadecimal digits, not 3
        |
     10 | pin_sha256 = "abc"
        |              ^^^^^

    config.toml:11:16: `password_env`: must be the name of an environment variable
        |
     11 | password_env …
        |              ^
    "#);
}

#[test]
fn mistakes_in_the_looks_leave_the_rest_usable() {
    let (file, mistakes) = parse("theme = 'drak'\nmouse = 3\nevent_lines = -1\nread_only = true\n");
    assert!(mistakes.iter().all(|mistake| mistake.gravity == Gravity::Warning), "{mistakes:?}");
    assert_eq!(mistakes.len(), 3);
    assert_eq!(file.settings.read_only, Some(true));
}

#[test]
fn mistakes_that_could_do_harm_are_errors() {
    let texts = [
        "read_only = 'yes'\n",
        "read_onyl = true\n",
        "chunk_size = 0\n",
        "profiles = 3\n",
        "[profiles.a]\n",
        "[profiles.a]\nserver = 'cs1'\nservers = ['cs2']\n",
        "[profiles.a]\nserver = []\n",
        "[profiles.a]\nserver = ''\n",
        "[profiles.a]\nservers = ['cs1', 'https://cs1/']\n",
        "[profiles.a]\nserver = 'cs1'\nusername = 'kaya@corp.example'\n",
        "[profiles.a]\nserver = 'cs1'\nusername = 'OTHER\\kaya'\ndomain = 'CORP'\n",
        "[profiles.a]\nserver = 'cs1'\npassword_env = 'A'\npassword_keyring = true\n",
        "[profiles.a]\nserver = 'cs1'\npassword_command = []\n",
        "[profiles.a]\nserver = 'cs1'\nca_file = 'a'\npin_sha256 = 'b'\n",
        "[columns]\nsesions = []\n",
        "theme = 'dark'\ntheme = 'light'\n",
    ];
    for text in texts {
        let (_, mistakes) = parse(text);
        assert!(mistakes.iter().any(|mistake| mistake.gravity == Gravity::Error), "{text}: {mistakes:?}");
        assert!(mistakes.iter().all(|mistake| mistake.place.is_some()), "{text}: {mistakes:?}");
    }
}

#[test]
fn a_password_switched_off_leaves_room_for_another() {
    let (file, mistakes) =
        parse("[profiles.a]\nserver = 'cs1'\npassword_keyring = false\npassword_env = 'A'\n");
    assert_eq!(mistakes, []);
    assert!(matches!(file.profiles["a"].password, Some(PasswordSource::Variable(_))));
}

#[test]
fn a_clear_password_is_only_taken_from_a_private_file() {
    let text = "[profiles.a]\nserver = 'cs1'\npassword_plaintext = 'hunter2'\n";
    let (file, mistakes) = parse_with(text, Some(0o600));
    assert_eq!(mistakes, []);
    assert!(
        matches!(&file.profiles["a"].password, Some(PasswordSource::Plaintext(password)) if password.expose_secret() == "hunter2")
    );
    assert!(!format!("{file:?}").contains("hunter2"));
    for mode in [Some(0o640), Some(0o604), Some(0o660), None] {
        let (_, mistakes) = parse_with(text, mode);
        assert_eq!(mistakes.len(), 1, "{mode:?}");
        assert_eq!(mistakes[0].gravity, Gravity::Error);
    }
}

#[test]
fn an_open_file_without_a_password_is_only_mentioned() {
    let (_, mistakes) = parse_with("theme = 'dark'\n", Some(0o644));
    insta::assert_snapshot!(mistakes[0].to_string(), @"
    config.toml: is open to other users (it holds no password)
      hint: chmod 600 config.toml
    ");
    assert_eq!(mistakes[0].gravity, Gravity::Warning);
}

#[test]
fn a_missing_file_is_only_right_when_nobody_named_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = Environment::of([("HOME", folder.path())]);
    let paths = Paths::new(&home).unwrap();
    assert!(File::load(&paths, &names()).unwrap().file.profiles.is_empty());

    let named = home.with("FORETOP_CONFIG", folder.path().join("x.toml").to_str().unwrap());
    let error = File::load(&Paths::new(&named).unwrap(), &names()).unwrap_err();
    assert!(matches!(error, ConfigError::Missing(_)), "{error}");
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    let environment =
        Environment::of([("HOME", "/nowhere")]).with("FORETOP_CONFIG", config.to_str().unwrap());
    let paths = Paths::new(&environment).unwrap();
    fs::write(&config, b"theme = \"\xff\"\n").unwrap();
    assert!(File::load(&paths, &names()).unwrap_err().to_string().contains("UTF-8"));
    fs::write(&config, "read_only = 1\n").unwrap();
    assert!(matches!(File::load(&paths, &names()), Err(ConfigError::Invalid(_))));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,80}") {
        told(&text);
    }

    #[test]
    fn no_damage_to_a_valid_file_makes_it_panic(at in 0..4000_usize, length in 0..40_usize, put in ".{0,3}") {
        let whole: Vec<char> = uncommented().chars().collect();
        let at = at.min(whole.len());
        let rest = (at + length).min(whole.len());
        let damaged: String = whole[..at].iter().copied().chain(put.chars()).chain(whole[rest..].iter().copied()).collect();
        told(&damaged);
    }
}

#[test]
fn mistakes_in_jobs_and_protected_are_errors_with_their_place() {
    let text = concat!(
        "[jobs]\n",
        "canary = \"one\"\n",
        "pause = \"2h\"\n",
        "confirm_logof = \"2m\"\n",
        "confirm_reset = \"0s\"\n",
        "[protected]\n",
        "user = [\"a\"]\n",
        "groups = [\"CORP\\\\VIP\", \"Domain *\"]\n",
    );
    let (_, mistakes) = parse(text);
    assert!(mistakes.iter().all(|mistake| mistake.gravity == Gravity::Error));
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let expected = [
        ("config.toml:2:", "is no canary"),
        ("config.toml:3:", "is no time"),
        ("config.toml:4:", "did you mean `confirm_logoff`?"),
        ("config.toml:5:", "from 1s to 60m"),
        ("config.toml:7:", "did you mean `users`?"),
        ("config.toml:8:", "is no name of a group"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, (place, words)) in told.iter().zip(expected) {
        assert!(told.starts_with(place) && told.contains(words), "{told}");
    }
}

fn told_of_cloud(keys: &str) -> String {
    told(&format!("[profiles.cloud]\nwire = \"workspace\"\n{keys}"))
}

#[test]
fn a_profile_of_the_cloud_is_read() {
    let text = "[profiles.cloud]\nwire = \"workspace\"\nregion = \"mars-1\"\nendpoint = \"https://a.example/x\"\n\
        iam_endpoint = \"https://iam.example\"\nproject_id = \"p1\"\naccess_key = \"AK1\"\n\
        secret_key_command = [\"pass\", \"show\"]\nsession_window = \"12h\"\n";
    let (file, mistakes) = parse(text);
    assert_eq!(mistakes, [], "with an endpoint of its own a region need not be known");
    let cloud = file.profiles["cloud"].cloud.as_ref().unwrap();
    assert_eq!(cloud.endpoint.as_ref().unwrap().as_str(), "https://a.example/x");
    assert_eq!(cloud.session_window.unwrap().as_secs(), 12 * 3600);
    assert!(matches!(cloud.secret_key, Some(PasswordSource::Command(PasswordCommand::Program(_)))));
    assert_eq!(told_of_cloud("region = \"cn-north-4\"\ndomain = \"acme\"\nusername = \"op1\""), "");
}

#[test]
fn mistakes_in_a_profile_of_the_cloud_are_told_with_their_place() {
    let cases = [
        ("region = \"cn-nort-4\"", ":3:10: there is no region with Application Streaming `cn-nort-4`"),
        ("region = \"cn-nort-4\"", "did you mean `cn-north-4`?"),
        ("", "neither region nor endpoint"),
        ("region = \"cn-north-4\"\nservers = [\"cs1\"]", "connection servers belong to Horizon"),
        ("region = \"cn-north-4\"\naccess_key = \"A\"\nusername = \"u\"", "only one of the two"),
        ("region = \"cn-north-4\"\nsecret_key_env = \"A\"\nsecret_key_prompt = true", "one place only"),
        ("region = \"cn-north-4\"\nsession_window = \"30\"", "\"12h\" or \"30d\""),
        ("region = \"cn-north-4\"\nacces_key = \"A\"", "did you mean `access_key`?"),
        ("endpoint = \"http://cloud.example\"", "clear text"),
    ];
    for (keys, words) in cases {
        let told = told_of_cloud(keys);
        assert!(told.contains(words), "{keys}: {told}");
    }
    let told = told("[profiles.x]\nserver = \"cs1\"\nregion = \"cn-north-4\"");
    assert!(told.contains("wire = \"workspace\""), "{told}");
    let wire = told_wire("worspace");
    assert!(wire.contains("did you mean `workspace`?"), "{wire}");
}

fn told_wire(wire: &str) -> String {
    told(&format!("[profiles.x]\nwire = \"{wire}\"\nserver = \"cs1\""))
}

#[test]
fn a_secret_key_in_clear_needs_a_private_file_and_is_not_shown() {
    let text = "[profiles.cloud]\nwire = \"workspace\"\nregion = \"cn-north-4\"\naccess_key = \"A\"\n\
        secret_key_plaintext = \"hunter2\"\n";
    assert_eq!(parse_with(text, Some(0o600)).1, []);
    let (_, mistakes) = parse_with(text, Some(0o644));
    assert_eq!(mistakes[0].gravity, Gravity::Error);
    let told = told_of_cloud("region = \"cn-north-4\"\nsecret_key_plaintxt = \"hunter2\"");
    assert!(told.contains("unknown key") && !told.contains("hunter2"), "{told}");
}

/// Line, column and the beginning of what is told, one mistake a line.
fn listed(text: &str) -> String {
    let (_, mistakes) = parse(text);
    let line = |mistake: &Diagnostic| {
        let place = mistake.whereabouts();
        format!("{} {}", place.trim_start_matches("config.toml:"), mistake.problem)
    };
    mistakes.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_wrong_server_hides_no_other() {
    let servers =
        r#"servers = ["cs1", "cs2/path", "https://u:p@cs3", "", "cs1:99999", "http://x", 7, "cs1"]"#;
    insta::assert_snapshot!(listed(&format!("[profiles.a]\n{servers}\n")), @"
    2:19 `servers`: an address must end behind the host and port
    2:31 `servers`: an address must not hold a user name or password
    2:50 `servers`: is empty
    2:54 `servers`: not the address of a server: invalid port number
    2:67 `servers`: http:// would send the password in clear text; use https://
    2:79 `servers` must be a text in quotes, not a whole number
    2:82 `servers`: the same server twice
    ");
    let both = format!("[profiles.a]\nserver = \"ftp://a\"\n{servers}\n");
    insta::assert_snapshot!(listed(&both), @"
    2:10 `server`: `ftp://` is not supported; use https://
    3:1 `server` and `servers` in one profile: use `servers` for all of them
    3:19 `servers`: an address must end behind the host and port
    3:31 `servers`: an address must not hold a user name or password
    3:50 `servers`: is empty
    3:54 `servers`: not the address of a server: invalid port number
    3:67 `servers`: http:// would send the password in clear text; use https://
    3:79 `servers` must be a text in quotes, not a whole number
    3:82 `servers`: the same server twice
    ");
    assert_eq!(listed("[profiles.a]\nserver = \"cs1\"\nservers = [\"cs1\"]\n").lines().count(), 1);
}

#[test]
fn mistakes_of_a_profile_hide_no_others() {
    insta::assert_snapshot!(listed(concat!(
        "[profiles.cloud]\n",
        "wire = \"workspace\"\n",
        "access_key = \"AK1\"\n",
        "username = \"u\"\n",
        "session_window = \"2m\"\n",
        "secret_key_env = \"not a name\"\n",
        "secret_key_prompt = true\n",
        "[profiles.emea]\n",
        "wire = \"horizon\"\n",
        "region = \"cn-north-4\"\n",
        "access_key = \"\"\n",
        "username = \"kaya@corp.example\"\n",
        "password_env = \"not a name\"\n",
        "password_keyring = true\n",
        "pin_sha256 = \"abc\"\n",
        "ca_file = 3\n",
        "foo = 1\n",
    )), @r#"
    1:11 the profile `cloud` has neither region nor endpoint
    4:1 a user beside an access key: only one of the two can log in
    5:18 `session_window`: must be hours or days such as "12h" or "30d", 366 days at most
    6:18 `secret_key_env`: must be the name of an environment variable
    7:1 `secret_key_prompt` beside `secret_key_env`: the secret key can come from one place only
    8:11 the profile `emea` has no server
    10:1 `region` is a key of profiles with wire = "workspace"
    11:1 `access_key` is a key of profiles with wire = "workspace"
    11:14 `access_key`: is empty
    12:12 `username`: Horizon does not take user@domain; write DOMAIN\user
    13:16 `password_env`: must be the name of an environment variable
    14:1 `password_keyring` beside `password_env`: the password can come from one place only
    15:14 `pin_sha256`: a SHA-256 fingerprint has 64 hexadecimal digits, not 3
    16:1 `pin_sha256` and `ca_file` in one profile: a pinned certificate needs no authority
    16:11 `ca_file` must be a text in quotes, not a whole number
    17:1 unknown key `foo`
    "#);
}

#[test]
fn what_follows_from_a_mistake_is_not_another_one() {
    for (text, count) in [
        // Meant to be a profile of the cloud, which has no servers.
        ("[profiles.a]\nregion = \"cn-north-4\"\naccess_key = \"AK1\"\n", 2),
        ("[profiles.a]\nservrs = [\"cs1\"]\n", 1),
        ("[profiles.a]\nserver = \"\"\n", 1),
        ("[profiles.a]\nwire = \"worspace\"\nregion = \"cn-north-4\"\nusername = \"a@b\"\n", 1),
        ("[profiles.a]\nwires = \"workspace\"\nregion = \"cn-north-4\"\n", 1),
        ("[profiles.a]\nwire = \"workspace\"\nregon = \"cn-north-4\"\n", 1),
        ("[profiles.a]\nwire = \"workspace\"\nendpoint = \"http://cloud.example\"\nregion = \"mars\"\n", 1),
        (
            "[profiles.a]\nwire = \"workspace\"\nregion = \"cn-north-4\"\nusername = \"u\"\nsecret_key_keyring = false\n",
            0,
        ),
    ] {
        assert_eq!(listed(text).lines().count(), count, "{text}: {}", listed(text));
    }
}

#[test]
fn a_password_that_is_no_ones_for_a_mistake_is_there_all_the_same() {
    for line in ["password = 'hunter2'", "\"password_plaintext\" = 'hunter2'\npassword_env = 'Y'"] {
        let text = format!("[profiles.a]\nserver = 'cs1'\nusername = 'u'\ndomain = 'D'\n{line}\n");
        let (_, mistakes) = parse_with(&text, Some(0o644));
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|one| one.contains("holds a password or key in clear")), "{told:?}");
        assert!(
            !told.iter().any(|one| one.contains("holds no password") || one.contains("hunter2")),
            "{told:?}"
        );
    }
}
