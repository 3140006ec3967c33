//! Passwords: where they come from, and getting them without leaving a trace (`design.md section 4`, rule 10).
//!
//! A password is a [`SecretString`] from the first moment on: it is not printed by `Debug`, it is in no error, and its
//! memory is wiped. All of this waits (for a person, a program, the secret store): call it outside of async code.

use std::{
    fmt,
    io::{self, Read},
    process::{Command, ExitStatus, Stdio},
};

use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

use super::{Environment, Prompt};
use crate::domain::Text;

/// Longest password that a command may print, so that a wrong command cannot fill the memory.
const MAX_PASSWORD_BYTES: u64 = 16 * 1024;

/// Where the password of a profile comes from.
#[derive(Clone)]
pub enum PasswordSource {
    /// A person types it.
    Prompt,
    /// The environment variable of this name.
    Variable(String),
    /// The first line that a command prints.
    Command(PasswordCommand),
    /// The secret store of the system: service `foretop`, user `PROFILE/DOMAIN\user`.
    Keyring,
    /// The configuration file itself, which only its owner may read.
    Plaintext(SecretString),
}

/// A command that prints a password.
#[derive(Clone, PartialEq, Eq)]
pub enum PasswordCommand {
    /// A line for `sh -c`.
    Shell(String),
    /// A program and its arguments, never empty.
    Program(Vec<String>),
}

impl PasswordSource {
    /// What kind of source it is, without anything secret.
    pub fn describe(&self) -> String {
        match self {
            Self::Prompt => "asked for".to_owned(),
            Self::Variable(name) => format!("variable {name}"),
            Self::Command(_) => "command".to_owned(),
            Self::Keyring => "keyring".to_owned(),
            Self::Plaintext(_) => "configuration file, in clear".to_owned(),
        }
    }
}

/// The kind only: commands may hold secrets among their arguments.
impl fmt::Debug for PasswordSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PasswordSource({})", self.describe())
    }
}

impl fmt::Debug for PasswordCommand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordCommand(…)")
    }
}

/// Whose password or secret key is meant.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// Name of the profile.
    pub profile: &'a str,
    /// Domain; empty for an access key.
    pub domain: &'a str,
    /// Short account name, or the access key.
    pub username: &'a str,
}

impl Account<'_> {
    /// The user under which the secret store keeps it.
    pub fn keyring_user(&self) -> String {
        if self.domain.is_empty() {
            return format!("{}/{}", self.profile, self.username);
        }
        format!("{}/{}\\{}", self.profile, self.domain, self.username)
    }

    /// What is asked for: keys have no domain.
    fn secret_name(&self) -> &'static str {
        if self.domain.is_empty() { "Secret key" } else { "Password" }
    }
}

impl fmt::Display for Account<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = if self.domain.is_empty() { String::new() } else { format!("{}\\", self.domain) };
        let name = format!("{domain}{} on {}", self.username, self.profile);
        formatter.write_str(Text::clean(&name).as_str())
    }
}

/// A password that could not be had. Nothing of the password or of a command's output is in it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// There is nobody to ask.
    #[error("the password (or secret key) has to be typed, but this is not a terminal")]
    NobodyToAsk,
    /// The question failed or was broken off.
    #[error("the password was not typed: {0}")]
    Prompt(#[source] io::Error),
    /// An empty line was typed, or an empty line came from the command.
    #[error("the password is empty")]
    Empty,
    /// The variable is not set.
    #[error("the environment variable {0} is not set")]
    NotSet(String),
    /// The variable or the command's output is not valid text.
    #[error("the password from the {0} is not valid UTF-8")]
    NotText(&'static str),
    /// The command could not be started.
    #[error("the password command could not be run: {0}")]
    NotStarted(#[source] io::Error),
    /// The command failed.
    #[error("the password command failed: {0}")]
    CommandFailed(ExitStatus),
    /// The command prints no end of text without a line break.
    #[error("the password command printed too long a line")]
    TooLong,
    /// The secret store has nothing for this account.
    #[error("the keyring has no password for service `foretop`, user `{0}`")]
    NotInKeyring(String),
    /// The secret store did not work.
    #[error("the keyring could not be read: {0}")]
    Keyring(String),
}

impl SecretError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NobodyToAsk => {
                "set password_env, password_command or password_keyring in the profile (for keys secret_key_env and so on), or FORETOP_PASSWORD"
            }
            Self::Prompt(_) => "try again, or let a command, a variable or the keyring tell the password",
            Self::Empty => "it is empty where the profile takes it from: put the password there",
            Self::NotSet(_) => {
                "export it where Foretop is started, or let the profile take the password from elsewhere"
            }
            Self::NotText(_) => "put it there as UTF-8 text",
            Self::NotStarted(_) => "check that the program is there and can be run: its name, its mode, PATH",
            Self::CommandFailed(_) => "run it by hand to see what it says",
            Self::TooLong => {
                "it has to print the password as its first line: run it by hand to see what it prints"
            }
            Self::NotInKeyring(_) => "docs/configuration.md says how to store it",
            Self::Keyring(_) => {
                "start and unlock the secret service of your session (over SSH there mostly is none), or let a command or a variable tell the password"
            }
        }
    }
}

/// Gets the password of an account. `prompt` is `None` when there is nobody to ask.
pub fn obtain(
    source: &PasswordSource,
    account: Account<'_>,
    environment: &Environment,
    prompt: Option<&mut dyn Prompt>,
) -> Result<SecretString, SecretError> {
    let password = match source {
        PasswordSource::Prompt => {
            let prompt = prompt.ok_or(SecretError::NobodyToAsk)?;
            prompt
                .secret(&format!("{} of {account}: ", account.secret_name()))
                .map_err(SecretError::Prompt)?
        }
        PasswordSource::Variable(name) => from_variable(name, environment)?,
        PasswordSource::Command(command) => from_command(command)?,
        PasswordSource::Keyring => from_keyring(account)?,
        PasswordSource::Plaintext(password) => password.clone(),
    };
    if password.expose_secret().is_empty() {
        return Err(SecretError::Empty);
    }
    Ok(password)
}

fn from_variable(name: &str, environment: &Environment) -> Result<SecretString, SecretError> {
    let value = environment.raw(name).ok_or_else(|| SecretError::NotSet(name.to_owned()))?;
    value.to_str().map(SecretString::from).ok_or(SecretError::NotText("environment"))
}

fn from_command(command: &PasswordCommand) -> Result<SecretString, SecretError> {
    let mut process = match command {
        PasswordCommand::Shell(line) => {
            let mut process = Command::new("sh");
            process.arg("-c").arg(line);
            process
        }
        PasswordCommand::Program(parts) => {
            let (program, arguments) = parts.split_first().ok_or(SecretError::Empty)?;
            let mut process = Command::new(program);
            process.args(arguments);
            process
        }
    };
    // Its error output is dropped too: it could repeat the secret, and it would write into a drawn screen.
    process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = process.spawn().map_err(SecretError::NotStarted)?;
    // Room for all of it at once: growing would leave copies behind.
    let mut output = Zeroizing::new(Vec::with_capacity(MAX_PASSWORD_BYTES as usize));
    if let Some(stdout) = child.stdout.take() {
        // Reading stops there; the pipe is closed, and a command that goes on writing ends by it.
        stdout.take(MAX_PASSWORD_BYTES).read_to_end(&mut output).map_err(SecretError::NotStarted)?;
    }
    let is_cut = output.len() as u64 == MAX_PASSWORD_BYTES;
    let status = child.wait().map_err(SecretError::NotStarted)?;
    if is_cut && !output.contains(&b'\n') {
        return Err(SecretError::TooLong);
    }
    if !status.success() && !is_cut {
        return Err(SecretError::CommandFailed(status));
    }
    let line = output.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    std::str::from_utf8(line).map(SecretString::from).map_err(|_not_repeated| SecretError::NotText("command"))
}

#[cfg(feature = "keyring")]
fn from_keyring(account: Account<'_>) -> Result<SecretString, SecretError> {
    use keyring::{Entry, Error};

    let user = account.keyring_user();
    if let Err(error) = Entry::store_status() {
        return Err(SecretError::Keyring(describe_keyring(error)));
    }
    match Entry::new("foretop", &user).and_then(|entry| entry.get_password()) {
        Ok(password) => Ok(SecretString::from(password)),
        Err(Error::NoEntry) => Err(SecretError::NotInKeyring(user)),
        Err(error) => Err(SecretError::Keyring(describe_keyring(&error))),
    }
}

/// Without the bytes that some of the store's errors carry.
#[cfg(feature = "keyring")]
fn describe_keyring(error: &keyring::Error) -> String {
    use keyring::Error;

    match error {
        Error::PlatformFailure(why) | Error::NoStorageAccess(why) => {
            Text::clean(&why.to_string()).to_string()
        }
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "the stored password is not text".to_owned(),
        Error::Ambiguous(found) => format!("it has {} passwords for this account", found.len()),
        Error::NoDefaultStore => "there is no secret store".to_owned(),
        _ => "it refused".to_owned(),
    }
}

#[cfg(not(feature = "keyring"))]
fn from_keyring(_account: Account<'_>) -> Result<SecretString, SecretError> {
    Err(SecretError::Keyring("this build of Foretop has no keyring support".to_owned()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::config::prompt::scripted::Scripted;

    const ACCOUNT: Account<'_> = Account { profile: "emea", domain: "CORP", username: "kaya" };

    fn get(source: &PasswordSource, environment: &Environment) -> Result<String, SecretError> {
        obtain(source, ACCOUNT, environment, None).map(|password| password.expose_secret().to_owned())
    }

    fn shell(line: &str) -> PasswordSource {
        PasswordSource::Command(PasswordCommand::Shell(line.to_owned()))
    }

    #[test]
    fn a_prompt_names_the_account() {
        let mut prompt = Scripted::new(["hunter2"]);
        let password =
            obtain(&PasswordSource::Prompt, ACCOUNT, &Environment::default(), Some(&mut prompt)).unwrap();
        assert_eq!(password.expose_secret(), "hunter2");
        assert_eq!(prompt.questions, ["Password of CORP\\kaya on emea: "]);
    }

    #[test]
    fn without_a_terminal_nobody_is_asked() {
        let error = get(&PasswordSource::Prompt, &Environment::default()).unwrap_err();
        assert!(matches!(error, SecretError::NobodyToAsk), "{error}");
    }

    #[test]
    fn a_variable_is_taken_as_it_is() {
        let environment = Environment::of([("PW", " a b ")]);
        let source = PasswordSource::Variable("PW".to_owned());
        assert_eq!(get(&source, &environment).unwrap(), " a b ");
        let missing = PasswordSource::Variable("NOPE".to_owned());
        assert!(get(&missing, &environment).unwrap_err().to_string().contains("NOPE"));
    }

    #[cfg(unix)]
    #[rstest]
    #[case::first_line("printf 'hunter2\\nmore\\n'", "hunter2")]
    #[case::no_line_break("printf hunter2", "hunter2")]
    #[case::windows_line_break("printf 'hunter2\\r\\n'", "hunter2")]
    #[case::spaces_are_kept("printf ' a b \\n'", " a b ")]
    fn a_command_gives_its_first_line(#[case] line: &str, #[case] expected: &str) {
        assert_eq!(get(&shell(line), &Environment::default()).unwrap(), expected);
    }

    #[cfg(unix)]
    #[test]
    fn a_program_is_run_without_a_shell() {
        let parts = ["printf", "%s", "$HOME;x"].map(str::to_owned).to_vec();
        let source = PasswordSource::Command(PasswordCommand::Program(parts));
        assert_eq!(get(&source, &Environment::default()).unwrap(), "$HOME;x");
    }

    #[cfg(unix)]
    #[rstest]
    #[case::status("echo hunter2; echo hunter2 >&2; exit 3", "exit status: 3")]
    #[case::nothing("true", "empty")]
    #[case::not_text("printf '\\377\\376'", "UTF-8")]
    #[case::endless("yes hunter2 | tr -d '\\n'", "too long")]
    fn a_failing_command_is_told_without_its_output(#[case] line: &str, #[case] expected: &str) {
        let error = get(&shell(line), &Environment::default()).unwrap_err();
        let told = format!("{error} {error:?} {}", error.hint());
        assert!(told.contains(expected) && !told.contains("hunter2"), "{told}");
    }

    #[test]
    fn a_missing_program_is_told() {
        let source = PasswordSource::Command(PasswordCommand::Program(vec!["/nonexistent/x".to_owned()]));
        assert!(matches!(get(&source, &Environment::default()), Err(SecretError::NotStarted(_))));
    }

    #[test]
    fn debug_shows_no_secret() {
        let sources = [
            PasswordSource::Plaintext("hunter2".into()),
            shell("echo hunter2"),
            PasswordSource::Command(PasswordCommand::Program(vec!["hunter2".to_owned()])),
        ];
        for source in sources {
            assert!(!format!("{source:?} {source:#?}").contains("hunter2"), "{source:?}");
        }
    }

    #[test]
    fn the_keyring_user_names_profile_and_account() {
        assert_eq!(ACCOUNT.keyring_user(), "emea/CORP\\kaya");
        let key = Account { domain: "", username: "AK1", ..ACCOUNT };
        assert_eq!((key.keyring_user().as_str(), key.to_string().as_str()), ("emea/AK1", "AK1 on emea"));
        assert_eq!(key.secret_name(), "Secret key");
    }
}
