//! Which estate is chosen, from what, and what is refused.

use super::*;
use crate::config::{
    CloudIdentity, CloudProfile, DEFAULT_SESSION_WINDOW, Names, SourceFile, prompt::scripted::Scripted,
};

const TWO: &str = r#"
default_profile = "emea"
theme = "dark"
refresh_seconds = 30
[profiles.emea]
servers = ["cs1.example.com", "https://cs2.example.com:8443"]
username = 'CORP\a.kaya'
password_env = "EMEA_PASSWORD"
read_only = true
[profiles.apac]
server = "cs3.example.com"
domain = "APAC"
username = "kaya"
refresh_seconds = 60
"#;

fn file(text: &str) -> File {
    let source = SourceFile { path: "config.toml".into(), text: text.to_owned(), mode: Some(0o600) };
    let (file, mistakes) = File::parse(&source, &Names::default());
    assert_eq!(mistakes, []);
    file
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    let base = [("HOME", "/home/ops"), ("LANG", "C.UTF-8")];
    Environment::of(base.into_iter().chain(variables.iter().copied()))
}

fn run(choice: &Choice, variables: &[(&str, &str)], text: &str) -> Result<Resolved, ConfigError> {
    let environment = environment(variables);
    resolve(choice, &environment, &Paths::new(&environment)?, &file(text), None)
}

fn profile_of(resolved: &Resolved) -> &Profile {
    match &resolved.target {
        Target::Profile(profile) => profile,
        other => panic!("{other:?}"),
    }
}

fn world_of(resolved: &Resolved) -> &str {
    match &resolved.target {
        Target::Simulated { world } => world,
        other => panic!("connects to {}", other.name()),
    }
}

fn choose(profile: &str) -> Choice {
    Choice { profile: Some(profile.to_owned()), ..Choice::default() }
}

#[test]
fn with_nothing_configured_it_is_the_simulated_estate() {
    let resolved = run(&Choice::default(), &[], "").unwrap();
    assert_eq!(world_of(&resolved), DEFAULT_WORLD);
}

#[test]
fn demo_beats_everything() {
    let choice =
        Choice { demo: Some("small".to_owned()), profile: Some("emea".to_owned()), ..Choice::default() };
    assert_eq!(world_of(&run(&choice, &[("FORETOP_SERVER", "cs9")], TWO).unwrap()), "small");
}

#[test]
fn the_default_profile_is_taken_with_its_account_split() {
    let resolved = run(&Choice::default(), &[], TWO).unwrap();
    let profile = profile_of(&resolved);
    assert_eq!(
        (profile.name.as_str(), profile.domain.as_str(), profile.username.as_str()),
        ("emea", "CORP", "a.kaya")
    );
    let servers: Vec<&str> = profile.servers.iter().map(Url::as_str).collect();
    assert_eq!(servers, ["https://cs1.example.com/", "https://cs2.example.com:8443/"]);
    assert_eq!(profile.trust, Trust::System);
    assert!(resolved.settings.read_only);
    assert_eq!(resolved.settings.refresh.as_secs(), 30);
}

#[test]
fn an_argument_beats_the_environment_which_beats_the_default() {
    let variables = [("FORETOP_PROFILE", "apac")];
    assert_eq!(profile_of(&run(&Choice::default(), &variables, TWO).unwrap()).name, "apac");
    assert_eq!(profile_of(&run(&choose("emea"), &variables, TWO).unwrap()).name, "emea");
}

#[test]
fn settings_come_from_the_nearest_layer() {
    let mut choice = choose("apac");
    choice.settings.theme = Some("mono".to_owned());
    let settings = run(&choice, &[("NO_COLOR", "1"), ("LC_ALL", "C")], TWO).unwrap().settings;
    assert_eq!(settings.theme, "mono");
    assert_eq!(settings.refresh.as_secs(), 60);
    assert!(settings.ascii && settings.monochrome && !settings.read_only);
}

#[test]
fn the_only_profile_needs_no_default() {
    let text = "[profiles.lab]\nserver = 'cs1'\nusername = 'LAB\\x'\n";
    assert_eq!(profile_of(&run(&Choice::default(), &[], text).unwrap()).name, "lab");
}

#[test]
fn several_profiles_without_a_default_are_not_guessed_at() {
    let text = TWO.replace("default_profile = \"emea\"\n", "");
    let error = run(&Choice::default(), &[], &text).unwrap_err();
    assert!(matches!(error, ConfigError::NoDefaultProfile { .. }));
    assert!(error.hint().unwrap().contains("emea, apac"));
}

#[test]
fn an_unknown_profile_names_the_nearest() {
    let error = run(&choose("emae"), &[], TWO).unwrap_err();
    assert_eq!(error.to_string(), "there is no profile `emae`");
    assert_eq!(error.hint().as_deref(), Some("did you mean `emea`?"));
    let error = run(&choose("emae"), &[], "").unwrap_err();
    assert!(error.hint().unwrap().contains("no profiles"));
}

#[test]
fn an_estate_from_variables_alone() {
    let pin = "AB".repeat(32);
    let variables = [
        ("FORETOP_SERVER", "cs1.example.com, cs2.example.com:8443"),
        ("FORETOP_USERNAME", "kaya"),
        ("FORETOP_DOMAIN", "CORP"),
        ("FORETOP_PASSWORD", "hunter2"),
        ("FORETOP_PIN_SHA256", pin.as_str()),
    ];
    let resolved = run(&Choice::default(), &variables, TWO).unwrap();
    let profile = profile_of(&resolved);
    assert_eq!(profile.name, "cs1.example.com");
    assert_eq!(profile.servers.len(), 2);
    assert_eq!(profile.trust, Trust::Pinned(pin.to_lowercase()));
    assert!(matches!(&profile.password, PasswordSource::Variable(name) if name == "FORETOP_PASSWORD"));
    assert!(!format!("{resolved:?}").contains("hunter2"));
}

#[test]
fn two_estates_in_the_environment_are_refused() {
    let variables = [("FORETOP_SERVER", "cs1"), ("FORETOP_PROFILE", "emea")];
    assert!(matches!(run(&Choice::default(), &variables, TWO), Err(ConfigError::TwoEstates)));
    assert_eq!(profile_of(&run(&choose("apac"), &variables, TWO).unwrap()).name, "apac");
}

#[test]
fn variables_complete_a_profile_but_never_replace_what_it_says() {
    let text = "[profiles.lab]\nserver = 'cs1'\ndomain = 'LAB'\n";
    let variables = [("FORETOP_USERNAME", "x"), ("FORETOP_DOMAIN", "LAB"), ("FORETOP_PASSWORD", "hunter2")];
    let resolved = run(&Choice::default(), &variables, text).unwrap();
    assert_eq!(profile_of(&resolved).username, "x");
    assert!(matches!(profile_of(&resolved).password, PasswordSource::Variable(_)));

    let resolved = run(&choose("emea"), &variables, TWO).unwrap();
    assert_eq!(profile_of(&resolved).username, "a.kaya");
    assert!(
        matches!(&profile_of(&resolved).password, PasswordSource::Variable(name) if name == "EMEA_PASSWORD")
    );
}

#[test]
fn variables_of_another_server_do_not_reach_a_profile() {
    let text = "[profiles.lab]\nserver = 'cs1'\nusername = 'LAB\\x'\n";
    let variables = [("FORETOP_SERVER", "cs9"), ("FORETOP_PASSWORD", "hunter2")];
    let resolved = run(&choose("lab"), &variables, text).unwrap();
    assert!(matches!(profile_of(&resolved).password, PasswordSource::Prompt));
}

#[test]
fn companions_without_a_server_never_mean_the_simulated_estate() {
    for variables in
        [vec![("FORETOP_USERNAME", "kaya")], vec![("FORETOP_SERVER", ""), ("FORETOP_PASSWORD", "x")]]
    {
        let error = run(&Choice::default(), &variables, "").unwrap_err();
        assert!(matches!(error, ConfigError::NoServer { .. }), "{error}");
    }
    let demo = Choice { demo: Some("small".to_owned()), ..Choice::default() };
    assert!(run(&demo, &[("FORETOP_USERNAME", "kaya")], "").is_ok());
}

#[test]
fn a_missing_account_says_what_to_set() {
    let error = run(&Choice::default(), &[("FORETOP_SERVER", "cs1")], "").unwrap_err();
    assert_eq!(error.to_string(), "FORETOP_SERVER does not say which user name to log in with");
    assert_eq!(error.hint().as_deref(), Some("set FORETOP_USERNAME"));

    let error = run(&Choice::default(), &[], "[profiles.lab]\nserver = 'cs1'\nusername = 'x'\n").unwrap_err();
    assert_eq!(error.to_string(), "the profile `lab` does not say which domain to log in with");
    assert_eq!(error.hint().as_deref(), Some("set `domain` in [profiles.lab], or FORETOP_DOMAIN"));
}

#[test]
fn a_missing_account_is_asked_for() {
    let environment = environment(&[]);
    let file = file("[profiles.lab]\nserver = 'cs1'\n");
    let paths = Paths::new(&environment).unwrap();
    let ask = |answers: &mut Scripted| {
        let resolved = resolve(&Choice::default(), &environment, &paths, &file, Some(answers)).unwrap();
        let profile = profile_of(&resolved);
        format!("{}\\{}", profile.domain, profile.username)
    };
    let mut both = Scripted::new(["kaya", "CORP"]);
    assert_eq!(ask(&mut both), "CORP\\kaya");
    assert_eq!(both.questions, ["User name for lab: ", "Domain for lab: "]);
    let mut at_once = Scripted::new(["CORP\\kaya"]);
    assert_eq!(ask(&mut at_once), "CORP\\kaya");
    assert_eq!(at_once.questions.len(), 1);
}

#[test]
fn accounts_that_cannot_work_are_refused() {
    assert!(split_account("kaya@corp.example.com", None).unwrap_err().to_string().contains("DOMAIN\\user"));
    assert!(split_account("LAB\\kaya", Some("CORP")).unwrap_err().to_string().contains("LAB"));
    assert!(split_account("CORP\\", None).is_err());
    assert!(split_account("\\kaya", None).is_err());
    assert!(split_account(" ", None).is_err());
    assert_eq!(
        split_account("corp\\kaya", Some("CORP")).unwrap(),
        (Some("CORP".to_owned()), "kaya".to_owned())
    );
}

#[test]
fn wrong_variables_are_named_without_their_values() {
    let variables = [("FORETOP_SERVER", "https://kaya:hunter2@cs1"), ("FORETOP_USERNAME", "x")];
    let error = run(&Choice::default(), &variables, "").unwrap_err().to_string();
    assert!(error.starts_with("FORETOP_SERVER:") && !error.contains("hunter2"), "{error}");
    let variables = [("FORETOP_SERVER", "cs1"), ("FORETOP_USERNAME", "D\\x"), ("FORETOP_PIN_SHA256", "abc")];
    let error = run(&Choice::default(), &variables, "").unwrap_err().to_string();
    assert!(error.starts_with("FORETOP_PIN_SHA256:"), "{error}");
}

#[test]
fn a_ca_file_is_found_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["cs1".to_owned()]).unwrap();
    std::fs::write(folder.path().join("lab.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), "no certificate").unwrap();
    let config = folder.path().join("config.toml");
    let environment = environment(&[("FORETOP_CONFIG", config.to_str().unwrap())]);
    let paths = Paths::new(&environment).unwrap();
    let with = |ca: &str| {
        let text = format!("[profiles.lab]\nserver = 'cs1'\nusername = 'LAB\\x'\nca_file = '{ca}'\n");
        resolve(&Choice::default(), &environment, &paths, &file(&text), None)
    };
    assert_eq!(profile_of(&with("lab.pem").unwrap()).trust, Trust::CaFile(folder.path().join("lab.pem")));
    let error = with("~/missing.pem").unwrap_err().to_string();
    assert!(error.contains("/home/ops/missing.pem"), "{error}");
    let error = with("key.pem").unwrap_err().to_string();
    assert!(error.contains("key.pem: the CA file holds no certificate in PEM form"), "{error}");
    let error = with(".").unwrap_err().to_string();
    assert!(error.contains("cannot be read"), "a folder: {error}");
}

const CLOUD: &str = r#"
[profiles.cloud]
wire = "workspace"
region = "cn-north-4"
access_key = "AK1"
secret_key_env = "MY_SK"
session_window = "7d"
"#;

fn cloud_of(resolved: &Resolved) -> &CloudProfile {
    match &resolved.target {
        Target::Cloud(profile) => profile,
        other => panic!("{other:?}"),
    }
}

fn keys_of(profile: &CloudProfile) -> (&str, String, bool) {
    match &profile.identity {
        CloudIdentity::Keys { access_key, secret_key, security_token } => {
            (access_key, secret_key.describe(), security_token.is_some())
        }
        CloudIdentity::User { username, .. } => panic!("the user {username}"),
    }
}

#[test]
fn a_profile_of_the_cloud_is_not_completed_by_the_variables_of_horizon() {
    let variables = [("FORETOP_USERNAME", "kaya"), ("FORETOP_DOMAIN", "CORP"), ("FORETOP_PASSWORD", "x")];
    let resolved = run(&choose("cloud"), &variables, CLOUD).unwrap();
    let profile = cloud_of(&resolved);
    assert_eq!(keys_of(profile), ("AK1", "variable MY_SK".to_owned(), false));
    assert_eq!(profile.session_window.as_secs(), 7 * 24 * 3600);
    assert_eq!(profile.project_id, None);
}

#[test]
fn the_vendors_variables_complete_what_the_file_leaves_open_and_are_never_mixed() {
    let theirs = [
        ("HUAWEICLOUD_SDK_AK", "AK2"),
        ("HUAWEICLOUD_SDK_SK", "sk2"),
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "st2"),
        ("HUAWEICLOUD_SDK_PROJECT_ID", "p2"),
    ];
    let open = "[profiles.cloud]\nwire = \"workspace\"\nregion = \"cn-north-4\"\n";
    let resolved = run(&choose("cloud"), &theirs, open).unwrap();
    let profile = cloud_of(&resolved);
    assert_eq!(keys_of(profile), ("AK2", "variable HUAWEICLOUD_SDK_SK".to_owned(), true));
    assert_eq!(profile.project_id.as_deref(), Some("p2"));
    assert_eq!(profile.session_window, DEFAULT_SESSION_WINDOW);

    let resolved = run(&choose("cloud"), &theirs, CLOUD).unwrap();
    assert_eq!(keys_of(cloud_of(&resolved)), ("AK1", "variable MY_SK".to_owned(), false));

    let other = format!("{open}access_key = \"AK1\"\n");
    let resolved = run(&choose("cloud"), &theirs, &other).unwrap();
    assert_eq!(keys_of(cloud_of(&resolved)), ("AK1", "asked for".to_owned(), false), "not the secret of AK2");

    let user = format!("{open}domain = \"acme\"\nusername = \"op1\"\npassword_env = \"PW\"\n");
    let resolved = run(&choose("cloud"), &theirs, &user).unwrap();
    assert!(matches!(&cloud_of(&resolved).identity, CloudIdentity::User { domain, .. } if domain == "acme"));

    let error = run(&choose("cloud"), &[], open).unwrap_err();
    assert!(error.to_string().contains("access key"), "{error}");
}
