//! What a profile is made of, as it was given or is typed.

use url::Url;

use super::ask::Asker;
use crate::{
    cli::args::{CloudInitArgs, ConfigInitArgs, SecretArgs},
    config::{
        CloudIdentity, CloudProfile, DEFAULT_SESSION_WINDOW, Names, PasswordCommand, PasswordSource, Profile,
        Target, Trust, nearest, parse_endpoint, parse_pin, parse_server, split_account,
    },
    error::Error,
};

/// What has to be given when nobody can be asked.
pub(super) fn missing(args: &ConfigInitArgs) -> Vec<&'static str> {
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
    let CloudInitArgs { workspace, region, endpoint, access_key, .. } = &args.cloud;
    if *workspace {
        need(region.is_some() || endpoint.is_some(), "--region (or --endpoint)");
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
    asker: &mut Asker<'_>,
) -> Result<Target, Error> {
    let given = &args.cloud;
    let (region, endpoint, iam_endpoint) = place(given, names, asker)?;
    let project_id = match &given.project_id {
        None if !asker.is_alone() => {
            let question = "Project id (nothing: it is looked up by the region)";
            let typed = asker.answer("--project-id", None, question, |typed| Ok(typed.to_owned()))?;
            Some(typed).filter(|typed| !typed.is_empty())
        }
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

/// Where password or secret key come from. In clear only when that was typed out, and never by an option: every process
/// of the machine reads arguments.
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
    match asker.choose(&format!("Where does the {what} come from?"), &choices)? {
        0 => Ok(PasswordSource::Prompt),
        1 => Ok(shell(&asker.answer("", None, "Command", not_empty)?)),
        2 => asker.answer("", None, "Name of the variable", variable),
        3 => Ok(PasswordSource::Keyring),
        _ => in_clear(what, asker),
    }
}

fn in_clear(what: &str, asker: &mut Asker<'_>) -> Result<PasswordSource, Error> {
    if !asker.typed(&format!("Type `in clear` to store the {what} so"), "in clear")? {
        return Ok(PasswordSource::Prompt);
    }
    let broken_off = || Error::refused("the questions were broken off; nothing was written");
    let prompt = asker.prompt().ok_or_else(broken_off)?;
    prompt
        .secret(&format!("The {what}, not shown: "))
        .map(PasswordSource::Plaintext)
        .map_err(|error| broken_off().words(error.to_string()))
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
            missing(&ConfigInitArgs::default()),
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
        assert_eq!(missing(&args), [""; 0]);
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
    fn a_password_in_clear_has_to_be_typed_out() {
        let source = |answers: [&str; 3]| {
            let mut person = Scripted::new(answers);
            secret(&ConfigInitArgs::default(), &mut Asker::new(Some(&mut person)), "password", "x").unwrap()
        };
        assert!(matches!(source(["5", "yes", "hunter2"]), PasswordSource::Prompt));
        match source(["5", "in clear", "hunter2"]) {
            PasswordSource::Plaintext(secret) => assert_eq!(secret.expose_secret(), "hunter2"),
            other => panic!("{other:?}"),
        }
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
        let target = cloud("cloud".to_owned(), &ConfigInitArgs::default(), &names(), &mut asker).unwrap();
        let Target::Cloud(profile) = target else { panic!("it is one") };
        assert_eq!(profile.region.as_deref(), Some("cn-north-4"));
        assert!(person.questions[1].contains("did you mean cn-north-4?"), "{:?}", person.questions);
        assert!(matches!(
            &profile.identity,
            CloudIdentity::Keys { access_key, secret_key: PasswordSource::Variable(name), .. }
                if access_key == "AK1" && name == "CLOUD_SK"
        ));
    }
}
