//! Whole runs of the commands that need no estate: what they print, where, and their exit codes.

use std::path::Path;

use super::*;

struct Ran {
    code: u8,
    out: String,
    err: String,
}

/// Runs with this folder as the home.
fn ran_in(home: &Path, variables: &[(&str, &str)], line: &[&str]) -> Ran {
    let mut environment = Environment::of([("HOME", home.as_os_str()), ("LANG", "C.UTF-8".as_ref())]);
    for (name, value) in variables {
        environment = environment.with(name, value);
    }
    let arguments = std::iter::once("foretop").chain(line.iter().copied()).map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(arguments, &environment, &mut Streams { out: &mut out, err: &mut err });
    Ran { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

fn ran(line: &[&str]) -> Ran {
    ran_in(tempfile::tempdir().unwrap().path(), &[], line)
}

/// A home with this configuration, private.
fn home_with(config: &str) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;

    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/foretop");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("config.toml");
    std::fs::write(&file, config).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    home
}

#[test]
fn help_and_version_are_results() {
    let help = ran(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    assert!(help.out.contains("Exit codes:"));
    let version = ran(&["--version"]);
    assert_eq!(version.out, concat!("foretop ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn wrong_arguments_end_with_2_and_print_nothing_to_standard_output() {
    for line in [
        &["sesions", "list"][..],
        &["sessions", "logoff"],
        &["--theme", "mono", "config", "path"],
        &["--demo", "sim"],
        &["--profile", "x", "config", "check"],
    ] {
        let ran = ran(line);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line:?}");
        assert!(!ran.err.is_empty(), "{line:?}");
    }
}

#[test]
fn a_reader_that_went_away_is_not_an_error() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let home = tempfile::tempdir().unwrap();
    let environment = Environment::of([("HOME", home.path())]);
    for line in
        [&["foretop", "--help"][..], &["foretop", "completions", "bash"], &["foretop", "config", "path"]]
    {
        let mut err = Vec::new();
        let arguments = line.iter().map(OsString::from);
        let code = run(arguments, &environment, &mut Streams { out: &mut Closed, err: &mut err });
        assert_eq!((code, err.as_slice()), (0, &b""[..]), "{line:?}");
    }
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = ran(&["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("sessions") && ran.out.contains("dry-run"), "{shell}");
    }
}

#[test]
fn config_path_names_the_files() {
    let home = home_with("");
    let ran = ran_in(home.path(), &[], &["config", "path"]);
    assert_eq!(ran.code, 0);
    let shown = ran.out.replace(home.path().to_str().unwrap(), "~");
    insta::assert_snapshot!(shown, @"
    configuration  ~/.config/foretop/config.toml
    themes         ~/.config/foretop/themes
    state          ~/.local/state/foretop
    log            ~/.local/state/foretop/foretop.log
    ");
}

#[test]
fn config_check_finds_mistakes() {
    let ran = |config: &str| ran_in(home_with(config).path(), &[], &["config", "check"]);
    let fine = ran("theme = 'dark'\n");
    assert_eq!(fine.code, 0);
    assert!(fine.out.contains("no mistakes"));
    let wrong = ran("mouse = 1\nread_onyl = true\n");
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.out.contains("warning: ") && wrong.out.contains("config.toml:1:9: `mouse`"),
        "{}",
        wrong.out
    );
    assert!(
        wrong.out.contains("error: ") && wrong.out.contains("did you mean `read_only`?"),
        "{}",
        wrong.out
    );
    assert_eq!(ran("mouse = 1\n").code, 2);
}

#[test]
fn config_show_tells_the_estate_without_secrets() {
    let config = r#"
        [profiles.emea]
        servers = ["cs1.example.com", "cs2.example.com"]
        username = 'CORP\a.kaya'
        password_command = "echo hunter2"
        [profiles.apac]
        server = "cs3.example.com"
        username = 'APAC\kaya'
        password_plaintext = "hunter2"
        read_only = true
    "#;
    let home = home_with(config);
    let shown = |profile| ran_in(home.path(), &[], &["config", "show", "--profile", profile]);
    let emea = shown("emea");
    assert_eq!((emea.code, emea.err.as_str()), (0, ""));
    let told = emea.out.replace(home.path().to_str().unwrap(), "~");
    insta::assert_snapshot!(told, @r"
    configuration                  ~/.config/foretop/config.toml
    estate                         emea                           command line, --profile
    servers                        https://cs1.example.com/, https://cs2.example.com/  profile emea, config.toml:3
    domain                         CORP                           profile emea, config.toml:4
    username                       a.kaya                         profile emea, config.toml:4
    password                       command                        profile emea, config.toml:5
    certificates                   what the system trusts         default
    read_only                      false                          default
    refresh_seconds                15                             default
    chunk_size                     250                            default
    jobs.canary                    none                           default
    jobs.pause                     0s                             default
    jobs.stop_above                never                          default
    jobs.wait                      false                          default
    jobs.confirm_disconnect        60s                            default
    jobs.confirm_logoff            120s                           default
    jobs.confirm_restart           300s                           default
    jobs.confirm_reset             300s                           default
    jobs.confirm_message           45s                            default
    protected                      your own sessions              default
    theme                          foretop-dark                   default
    monochrome                     false                          default
    ascii                          false                          default
    mouse                          false                          default
    event_lines                    as the terminal's size allows  default
    keys                           vim                            default
    columns.sessions               as the terminal's size allows  default
    governor.requests              8                              default
    governor.lookups               2                              default
    governor.failures              5                              default
    governor.longest_rest_seconds  30                             default
    templates                      none                           default
    ");
    let apac = shown("apac");
    assert!(
        apac.out.contains("read_only                      true ") && !apac.out.contains("hunter2"),
        "{}",
        apac.out
    );
    let nobody = shown("emae");
    assert_eq!(nobody.code, 2);
    assert_eq!(
        nobody.err,
        "foretop: error: there is no profile `emae`\nforetop: hint: did you mean `emea`?\n"
    );
    let demo = ran_in(home.path(), &[], &["config", "show", "--demo=small"]);
    assert!(demo.out.contains("SIMULATED, world small"), "{}", demo.out);
}

#[test]
fn a_broken_configuration_is_told_with_its_line() {
    let home = home_with("theme = dark\n");
    let ran = ran_in(home.path(), &[], &["config", "show"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let shown = ran.err.replace(home.path().to_str().unwrap(), "~");
    insta::assert_snapshot!(shown, @r#"
    foretop: error: ~/.config/foretop/config.toml:1:9: not valid TOML: a text stands in quotes
       |
     1 | theme = dark
       |         ^^^^
      hint: theme = "dark"
    "#);
}
