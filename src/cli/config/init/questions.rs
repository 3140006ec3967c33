//! What a profile is made of, as it was given or is typed.

use url::Url;

use super::ask::{Asker, TRIES};
use crate::{
    cli::args::{CloudInitArgs, ConfigInitArgs, SecretArgs},
    config::{
        CloudIdentity, CloudProfile, DEFAULT_SESSION_WINDOW, Names, PROJECT_VARIABLE, PasswordCommand,
        PasswordSource, Profile, Target, Trust, nearest, parse_endpoint, parse_pin, parse_server,
        split_account,
    },
    error::Error,
};

/// What has to be given when nobody can be asked.
/// `has_project` says that a variable names the project.
pub(super) fn missing(args: &ConfigInitArgs, has_project: bool) -> Vec<&'static str> {
    let SecretArgs { password_prompt, password_command, password_env, password_keyring, .. } = &args.secret;
    let has_password =
        *password_prompt || *password_keyring || password_command.is_some() || password_env.is_some();
    let names_domain =
        args.domain.is_some() || args.username.as_ref().is_some_and(|username| username.contains('\\'));
    let mut missing = Vec::new();
    let mut need = |is_there: bool, option| {
        if !is_there {
            missing.push(option);
        }
    };
    need(args.name.is_some(), "--name");
    let CloudInitArgs { workspace, region, endpoint, access_key, project_id, .. } = &args.cloud;
    let has_project = has_project || project_id.is_some();
    if *workspace {
        // Without a region there is nothing by which the project could be looked up.
        let (is_there, option) = match (endpoint, has_project) {
            (Some(_), _) => (region.is_some() || has_project, "--region (or --project-id)"),
            (None, true) => (region.is_some(), "--region (or --endpoint)"),
            (None, false) => (region.is_some(), "--region (or --endpoint and --project-id)"),
        };
        need(is_there, option);
    } else {
        need(!args.servers.is_empty(), "--server");
    }
    if access_key.is_some() {
        need(secret_key_of(&args.secret).is_some(), "--secret-key-command (or -env, -keyring, -prompt)");
    } else {
        let user = if *workspace { "--username (or --access-key)" } else { "--username" };
        need(args.username.is_some(), user);
        need(names_domain, "--domain");
        need(has_password, "--password-command (or -env, -keyring, -prompt)");
    }
    missing
}

/// The name of the profile, which no other has.
pub(super) fn name(args: &ConfigInitArgs, taken: &[String], asker: &mut Asker<'_>) -> Result<String, Error> {
    asker.answer("--name", args.name.as_deref(), "Name of the profile, such as emea", |typed| {
        let typed = typed.trim();
        let is_name = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.');
        if typed.is_empty() || typed.starts_with('-') || !typed.chars().all(is_name) {
            return Err("a name has letters, digits, - _ and . only, and does not begin with -".to_owned());
        }
        if taken.iter().any(|name| name == typed) {
            return Err(format!("the profile `{typed}` exists already; it is left as it is"));
        }
        Ok(typed.to_owned())
    })
}

/// Everything about a profile of Horizon.
pub(super) fn horizon(name: String, args: &ConfigInitArgs, asker: &mut Asker<'_>) -> Result<Target, Error> {
    let given = (!args.servers.is_empty()).then(|| args.servers.join(","));
    let question = "Addresses of the connection servers of one pod, a comma between them";
    let servers = asker.answer("--server", given.as_deref(), question, servers_of)?;
    let (domain, username) = account(args, asker)?;
    let password = secret(args, asker, "password", &format!("{name}/{domain}\\{username}"))?;
    let trust = trust(args)?;
    let profile = Profile { name, servers, username, domain, trust, password, is_in_file: true };
    Ok(Target::Profile(profile))
}

fn servers_of(typed: &str) -> Result<Vec<Url>, String> {
    let parts = typed.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let servers = parts.map(parse_server).collect::<Result<Vec<Url>, String>>()?;
    if servers.is_empty() { Err("the address of a server is empty".to_owned()) } else { Ok(servers) }
}

fn account(args: &ConfigInitArgs, asker: &mut Asker<'_>) -> Result<(String, String), Error> {
    let (domain, username) =
        asker.answer("--username", args.username.as_deref(), "User name, or DOMAIN\\name", |typed| {
            split_account(typed, args.domain.as_deref()).map_err(|error| error.to_string())
        })?;
    let domain = match domain {
        Some(domain) => domain,
        None => asker.answer("--domain", None, "Domain of the account", not_empty)?,
    };
    Ok((domain, username))
}

fn not_empty(typed: &str) -> Result<String, String> {
    let typed = typed.trim();
    if typed.is_empty() { Err("it is needed".to_owned()) } else { Ok(typed.to_owned()) }
}

/// Everything about a profile of the cloud.
pub(super) fn cloud(
    name: String,
    args: &ConfigInitArgs,
    names: &Names,
    has_project: bool,
    asker: &mut Asker<'_>,
) -> Result<Target, Error> {
    let given = &args.cloud;
    let (region, endpoint, iam_endpoint) = place(given, names, asker)?;
    let project_id = match &given.project_id {
        None if !asker.is_alone() => project(region.is_some(), has_project, asker)?,
        project => project.clone(),
    };
    let by_key = given.access_key.is_some()
        || (args.username.is_none()
            && !asker.is_alone()
            && asker.choose("Who asks the cloud?", &["an access key", "a user of IAM"])? == 0);
    let identity = if by_key {
        let access_key =
            asker.answer("--access-key", given.access_key.as_deref(), "Access key", not_empty)?;
        let secret_key = secret(args, asker, "secret key", &format!("{name}/{access_key}"))?;
        CloudIdentity::Keys { access_key, secret_key, security_token: None }
    } else {
        let (domain, username) = iam_user(args, asker)?;
        let password = secret(args, asker, "password", &format!("{name}/{domain}\\{username}"))?;
        CloudIdentity::User { domain, username, password }
    };
    Ok(Target::Cloud(Box::new(CloudProfile {
        name,
        region,
        endpoint,
        iam_endpoint,
        project_id,
        identity,
        session_window: DEFAULT_SESSION_WINDOW,
        trust: trust(args)?,
    })))
}

/// The project, which is only optional where something else tells it.
fn project(has_region: bool, has_project: bool, asker: &mut Asker<'_>) -> Result<Option<String>, Error> {
    let (question, is_optional) = match (has_project, has_region) {
        (true, _) => (format!("Project id (nothing: that of {PROJECT_VARIABLE})"), true),
        (false, true) => ("Project id (nothing: it is looked up by the region)".to_owned(), true),
        (false, false) => ("Project id".to_owned(), false),
    };
    let typed = asker.answer("--project-id", None, &question, |typed| {
        if is_optional { Ok(typed.trim().to_owned()) } else { not_empty(typed) }
    })?;
    Ok(Some(typed).filter(|typed| !typed.is_empty()))
}

/// Region, address of Application Streaming, address of IAM.
type Place = (Option<String>, Option<Url>, Option<Url>);

fn place(given: &CloudInitArgs, names: &Names, asker: &mut Asker<'_>) -> Result<Place, Error> {
    let address = |typed: &str| match typed.trim() {
        "" => Ok(None),
        typed => parse_endpoint(typed).map(Some),
    };
    let has_endpoint = given.endpoint.is_some();
    let region = match &given.region {
        None if has_endpoint => None,
        region => {
            let question = "Region, such as cn-north-4 (nothing: an address is asked for)";
            asker.answer("--region", region.as_deref(), question, |typed| match typed.trim() {
                "" => Ok(None),
                typed if has_endpoint || names.regions.iter().any(|name| name == typed) => {
                    Ok(Some(typed.to_owned()))
                }
                typed => Err(unknown_region(typed, names)),
            })?
        }
    };
    let endpoint = match &given.endpoint {
        None if region.is_none() => {
            let question = "Address of Application Streaming";
            asker.answer("--endpoint", None, question, |typed| parse_endpoint(typed).map(Some))?
        }
        None => None,
        given => asker.answer("--endpoint", given.as_deref(), "", address)?,
    };
    let iam_endpoint = match &given.iam_endpoint {
        None if region.is_none() && !asker.is_alone() => {
            let question = "Address of IAM (nothing: the global one)";
            asker.answer("--iam-endpoint", None, question, address)?
        }
        None => None,
        given => asker.answer("--iam-endpoint", given.as_deref(), "", address)?,
    };
    Ok((region, endpoint, iam_endpoint))
}

fn unknown_region(typed: &str, names: &Names) -> String {
    let known = names.regions.iter().map(String::as_str);
    let hint = match nearest(typed, known) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("known: {}", names.regions.join(", ")),
    };
    format!("no region {typed} with Application Streaming is known; {hint}")
}

fn iam_user(args: &ConfigInitArgs, asker: &mut Asker<'_>) -> Result<(String, String), Error> {
    let username = asker.answer("--username", args.username.as_deref(), "Name of the IAM user", not_empty)?;
    if let (None, Some((domain, username))) = (&args.domain, username.split_once('\\')) {
        return Ok((domain.to_owned(), username.to_owned()));
    }
    let question = "Name of the account that the user belongs to";
    let domain = asker.answer("--domain", args.domain.as_deref(), question, not_empty)?;
    Ok((domain, username))
}

fn secret_key_of(args: &SecretArgs) -> Option<PasswordSource> {
    let command = args.secret_key_command.as_ref().map(|line| shell(line));
    let variable = args.secret_key_env.as_ref().map(|name| PasswordSource::Variable(name.clone()));
    let others = [
        args.secret_key_keyring.then_some(PasswordSource::Keyring),
        args.secret_key_prompt.then_some(PasswordSource::Prompt),
    ];
    command.or(variable).or_else(|| others.into_iter().flatten().next())
}

fn password_of(args: &SecretArgs) -> Option<PasswordSource> {
    let command = args.password_command.as_ref().map(|line| shell(line));
    let variable = args.password_env.as_ref().map(|name| PasswordSource::Variable(name.clone()));
    let others = [
        args.password_keyring.then_some(PasswordSource::Keyring),
        args.password_prompt.then_some(PasswordSource::Prompt),
    ];
    command.or(variable).or_else(|| others.into_iter().flatten().next())
}

fn shell(line: &str) -> PasswordSource {
    PasswordSource::Command(PasswordCommand::Shell(line.to_owned()))
}

/// Where password or secret key come from. In clear only when somebody agrees to what that means, and never by an option:
/// every process of the machine reads arguments.
fn secret(
    args: &ConfigInitArgs,
    asker: &mut Asker<'_>,
    what: &str,
    keyring_user: &str,
) -> Result<PasswordSource, Error> {
    let given = if what == "password" { password_of(&args.secret) } else { secret_key_of(&args.secret) };
    match given {
        Some(PasswordSource::Variable(name)) => {
            return variable(&name)
                .map_err(|problem| Error::usage(format!("environment variable: {problem}")));
        }
        Some(given) => return Ok(given),
        None => {}
    }
    let keyring = format!("the system's keyring (service foretop, user {keyring_user})");
    let choices = [
        "it is asked for at each start",
        "a command prints it, such as: pass show emea",
        "an environment variable holds it",
        &keyring,
        "the configuration file holds it in clear text: everybody who gets the file has it",
    ];
    let mut refused = String::new();
    for _ in 0..TRIES {
        let question = format!("{refused}Where does the {what} come from?");
        let source = match asker.choose(&question, &choices)? {
            0 => Some(PasswordSource::Prompt),
            1 => Some(shell(&asker.answer("", None, "Command", not_empty)?)),
            2 => Some(asker.answer("", None, "Name of the variable", variable)?),
            3 => Some(PasswordSource::Keyring),
            _ => in_clear(what, asker)?,
        };
        if let Some(source) = source {
            return Ok(source);
        }
        refused = format!("  the {what} is not stored in clear text: choose where else it comes from\n");
    }
    Err(Error::refused("no usable answer came; nothing was written"))
}

/// The secret itself, for the file. `None` when it is not to be written there after all.
fn in_clear(what: &str, asker: &mut Asker<'_>) -> Result<Option<PasswordSource>, Error> {
    let risk = format!(
        "Whoever reads the configuration file, or a backup of it, has the {what}.\n\
         It is asked for next, and not shown.\n\
         Yes or no: store it there in clear text?"
    );
    if !asker.yes(&risk, false)? {
        return Ok(None);
    }
    asker.secret(&format!("The {what}, not shown")).map(PasswordSource::Plaintext).map(Some)
}

/// A variable by its name. What is typed here by mistake may be the password: it is not repeated.
fn variable(typed: &str) -> Result<PasswordSource, String> {
    let is_name = !typed.is_empty()
        && !typed.starts_with(|first: char| first.is_ascii_digit())
        && typed.chars().all(|character| character == '_' || character.is_ascii_alphanumeric());
    if is_name {
        Ok(PasswordSource::Variable(typed.to_owned()))
    } else {
        Err("a name of a variable has letters, digits and _ only".to_owned())
    }
}

/// Whom to trust, as far as it was given.
fn trust(args: &ConfigInitArgs) -> Result<Trust, Error> {
    if let Some(pin) = &args.pin_sha256 {
        return parse_pin(pin)
            .map(Trust::Pinned)
            .map_err(|problem| Error::usage(format!("--pin-sha256: {problem}")));
    }
    let Some(path) = &args.ca_file else { return Ok(Trust::System) };
    // In the file a relative path would begin beside the file.
    let path = std::path::absolute(path).unwrap_or_else(|_no_folder| path.clone());
    if !path.is_file() {
        return Err(Error::usage(format!("--ca-file: there is no file {}", path.display())));
    }
    Ok(Trust::CaFile(path))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::config::Scripted;

    fn names() -> Names {
        Names { regions: vec!["cn-north-4".to_owned(), "eu-west-101".to_owned()], ..Names::default() }
    }

    #[test]
    fn what_is_missing_is_named_all_at_once() {
        assert_eq!(
            missing(&ConfigInitArgs::default(), false),
            [
                "--name",
                "--server",
                "--username",
                "--domain",
                "--password-command (or -env, -keyring, -prompt)"
            ]
        );
        let args = ConfigInitArgs {
            name: Some("cloud".to_owned()),
            cloud: CloudInitArgs {
                workspace: true,
                region: Some("cn-north-4".to_owned()),
                access_key: Some("AK1".to_owned()),
                ..CloudInitArgs::default()
            },
            secret: SecretArgs { secret_key_env: Some("SK".to_owned()), ..SecretArgs::default() },
            ..ConfigInitArgs::default()
        };
        assert_eq!(missing(&args, false), [""; 0]);
        let mut at_an_address = args.clone();
        at_an_address.cloud.region = None;
        assert_eq!(missing(&at_an_address, false), ["--region (or --endpoint and --project-id)"]);
        at_an_address.cloud.endpoint = Some("https://cloud.example".to_owned());
        assert_eq!(missing(&at_an_address, false), ["--region (or --project-id)"]);
        assert_eq!(missing(&at_an_address, true), [""; 0], "a variable names it");
    }

    #[test]
    fn a_person_is_asked_until_the_answers_can_be_used() {
        let mut person = Scripted::new([
            "http://cs1.example.com",
            "cs1.example.com, cs2.example.com",
            "kaya@corp.example",
            "CORP\\kaya",
            "2",
            "pass show emea",
        ]);
        let mut asker = Asker::new(Some(&mut person));
        let target = horizon("emea".to_owned(), &ConfigInitArgs::default(), &mut asker).unwrap();
        let Target::Profile(profile) = target else { panic!("it is one") };
        assert_eq!(profile.servers.len(), 2);
        assert_eq!((profile.domain.as_str(), profile.username.as_str()), ("CORP", "kaya"));
        assert!(matches!(profile.password, PasswordSource::Command(_)));
        assert!(person.questions[1].contains("clear text") && person.questions[3].contains("DOMAIN\\user"));
    }

    #[test]
    fn a_password_in_clear_needs_a_yes_and_what_is_typed_instead_is_neither_taken_nor_dropped() {
        let source = |answers: &[&str]| {
            let mut person = Scripted::of(answers);
            let asked = &mut Asker::new(Some(&mut person));
            let source = secret(&ConfigInitArgs::default(), asked, "password", "x").unwrap();
            (source, person.questions)
        };
        // The password itself, typed where yes or no is wanted.
        let (stored, asked) = source(&["5", "hunter2", "y", "", "hunter2"]);
        assert!(
            matches!(&stored, PasswordSource::Plaintext(secret) if secret.expose_secret() == "hunter2"),
            "{stored:?}"
        );
        assert!(
            asked[1].starts_with("Whoever reads the configuration file, or a backup of it,"),
            "{asked:?}"
        );
        assert!(asked[1].ends_with("\nYes or no: store it there in clear text? [y/N]: "), "{asked:?}");
        assert!(asked[2].starts_with("  type y or n\n"), "{asked:?}");
        assert_eq!(
            asked[3..],
            ["The password, not shown: ", "  nothing was typed\nThe password, not shown: "]
        );
        assert!(!asked.concat().contains("hunter2"), "{asked:?}");
        // A no is told, and the question comes again.
        let (stored, asked) = source(&["5", "", "4"]);
        assert!(matches!(stored, PasswordSource::Keyring), "{stored:?}");
        assert!(asked[2].starts_with("  the password is not stored in clear text: choose"), "{asked:?}");
    }

    #[test]
    fn whoever_only_ever_says_no_is_not_asked_for_ever() {
        let mut person = Scripted::of(&["5", "n"].repeat(2 * TRIES));
        let mut asker = Asker::new(Some(&mut person));
        let error = secret(&ConfigInitArgs::default(), &mut asker, "password", "x").unwrap_err();
        assert_eq!((error.class().code(), person.questions.len()), (4, 2 * TRIES));
    }

    #[test]
    fn a_name_that_is_taken_or_odd_is_refused() {
        let named = |given: &str| {
            let args = ConfigInitArgs { name: Some(given.to_owned()), ..ConfigInitArgs::default() };
            name(&args, &["emea".to_owned()], &mut Asker::new(None))
        };
        assert_eq!(named("apac").as_deref(), Ok("apac"));
        let error = named("emea").unwrap_err();
        assert_eq!(error.class().code(), 2);
        assert!(error.to_string().contains("exists already"), "{error}");
        assert!(named("--emea").is_err() && named("e mea").is_err());
    }

    #[test]
    fn a_profile_of_the_cloud_needs_a_region_that_is_known() {
        let mut person = Scripted::new(["cn-north-9", "cn-north-4", "", "1", "AK1", "3", "CLOUD_SK"]);
        let mut asker = Asker::new(Some(&mut person));
        let target =
            cloud("cloud".to_owned(), &ConfigInitArgs::default(), &names(), false, &mut asker).unwrap();
        let Target::Cloud(profile) = target else { panic!("it is one") };
        assert_eq!(profile.region.as_deref(), Some("cn-north-4"));
        assert!(person.questions[1].contains("did you mean cn-north-4?"), "{:?}", person.questions);
        assert!(matches!(
            &profile.identity,
            CloudIdentity::Keys { access_key, secret_key: PasswordSource::Variable(name), .. }
                if access_key == "AK1" && name == "CLOUD_SK"
        ));
    }
    #[test]
    fn without_a_region_the_project_has_to_be_named() {
        let answers = ["", "https://cloud.example", "", "", "p1", "1", "AK1", "3", "CLOUD_SK"];
        let mut person = Scripted::new(answers);
        let mut asker = Asker::new(Some(&mut person));
        let target = cloud("c".to_owned(), &ConfigInitArgs::default(), &names(), false, &mut asker).unwrap();
        let Target::Cloud(profile) = target else { panic!("it is one") };
        assert_eq!(profile.project_id.as_deref(), Some("p1"));
        assert_eq!(person.questions[3..5], ["Project id: ", "  it is needed\nProject id: "]);
    }
}
