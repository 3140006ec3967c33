//! Trying the new profile before it is written: whom to trust, whether it answers, whether the account is let in.

use std::time::Duration;

use crate::{
    api::{FirstContact, Login, TlsTrust, first_contact},
    cli::{
        args::ConfigInitArgs,
        doctor::{Check, Status, Way, describe, log_in},
        reach::within_runtime,
        run::{Stop, Streams, note},
        way::{cloud_connection, connection, is_typed, tls_trust},
    },
    config::{Environment, NewProfile, PROJECT_VARIABLE, Target, Trust},
    domain::Text,
    error::{Class, Error},
};

use super::ask::Asker;

/// How long one look at a certificate may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Tries the profile, and gives it back as it is to be written, perhaps with a pin.
///
/// # Errors
///
/// When it does not work and nobody says that it is to be written all the same.
pub(super) fn run(
    mut new: NewProfile,
    args: &ConfigInitArgs,
    environment: &Environment,
    asker: &mut Asker<'_>,
    streams: &mut Streams<'_>,
) -> Result<NewProfile, Stop> {
    let failed = match try_everything(&mut new, args, environment, asker, streams) {
        Ok(failed) => failed,
        // Alone there is nobody to go on all the same.
        Err(Stop::Failed(error)) if !asker.is_alone() && error.class() != Class::Refused => {
            error.report(streams.err).ok();
            Some(error.class())
        }
        Err(stop) => return Err(stop),
    };
    let Some(class) = failed else { return Ok(new) };
    if !asker.is_alone() && asker.yes("It does not work yet. Write the profile all the same?", false)? {
        return Ok(new);
    }
    Err(Error::new(class, "the profile does not work: nothing was written")
        .hint("correct what is said above; --no-test writes it untried")
        .into())
}

/// Looks at the servers, then logs in. Gives the class of the first failure.
fn try_everything(
    new: &mut NewProfile,
    args: &ConfigInitArgs,
    environment: &Environment,
    asker: &mut Asker<'_>,
    streams: &mut Streams<'_>,
) -> Result<Option<Class>, Stop> {
    settle_trust(new, args, environment, asker, streams)?;
    let target = completed(&new.target, environment);
    let way = Way::of(&target, Some(target.name()), environment)?;
    let looked = within_runtime(async { Ok(way.look_at_all().await) })?;
    let mut failed = None;
    let mut usable = Vec::new();
    for (server, (checks, is_usable)) in way.servers().iter().zip(looked) {
        failed = failed.or(tell(&checks, streams));
        usable.extend(is_usable.then(|| server.clone()));
    }
    if usable.is_empty() {
        return Ok(failed.or(Some(Class::Unreachable)));
    }
    if asker.is_alone() && is_typed(&target) {
        note(streams, "the log-in was not tried: the password has to be typed, and nobody can be asked");
        return Ok(failed);
    }
    let login = login(&target, environment, asker)?;
    let read_only = new.read_only;
    let checks = within_runtime(async { Ok(Box::pin(log_in(login, usable, read_only)).await) })?;
    Ok(failed.or(tell(&checks, streams)))
}

/// Prints findings, and says how the first of them fails.
fn tell(checks: &[Check], streams: &mut Streams<'_>) -> Option<Class> {
    for check in checks {
        // When standard error is gone, nobody wants to know.
        write!(streams.err, "{}", check.lines()).ok();
    }
    checks.iter().find_map(|check| match check.status {
        Status::Fail(class) => Some(class),
        _ => None,
    })
}

/// The profile as it will be used: completed by what is not written into it.
fn completed(target: &Target, environment: &Environment) -> Target {
    let mut target = target.clone();
    if let Target::Cloud(profile) = &mut target
        && profile.project_id.is_none()
    {
        profile.project_id = environment.get(PROJECT_VARIABLE).map(str::to_owned);
    }
    target
}

/// What logs in. A password that is asked for here is not kept.
fn login(target: &Target, environment: &Environment, asker: &mut Asker<'_>) -> Result<Login, Error> {
    match target {
        Target::Simulated { .. } => Err(Error::usage("a simulated estate needs no profile")),
        Target::Profile(profile) => {
            let connection = connection(profile)?;
            let password = profile.password(environment, asker.prompt())?;
            Ok(Login::Horizon { connection, password })
        }
        Target::Cloud(profile) => {
            let secret = profile.secret(environment, asker.prompt())?;
            Ok(Login::Workspace(Box::new(cloud_connection((**profile).clone(), secret, None)?)))
        }
    }
}

/// Pins a certificate that nobody here trusts, when somebody says so; alone it is an error.
fn settle_trust(
    new: &mut NewProfile,
    args: &ConfigInitArgs,
    environment: &Environment,
    asker: &mut Asker<'_>,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let servers = Way::of(&completed(&new.target, environment), None, environment)?.servers().to_vec();
    let is_chosen = args.pin_sha256.is_some() || args.ca_file.is_some();
    for server in servers {
        let trust = trust_of(new)?;
        let looked = within_runtime(async { Ok(first_contact(&server, &trust, LIMIT).await) })?;
        // What does not answer is told with everything else.
        let Ok(FirstContact { certificate: Some(certificate), distrust: Some(why), .. }) = looked else {
            continue;
        };
        let host = Text::clean(server.host_str().unwrap_or_default());
        let pin = certificate.fingerprint.to_string();
        if asker.is_alone() {
            return Err(Error::new(Class::Unreachable, "the certificate is not trusted")
                .on(host.as_str())
                .words(format!("{why}; {}", describe(&certificate)))
                .hint(format!("if the server itself shows this fingerprint: --pin-sha256 {pin}, or name its CA with --ca-file"))
                .into());
        }
        if is_chosen || trust != TlsTrust::System {
            // Told with everything else: a profile pins one certificate, and that was chosen already.
            continue;
        }
        for line in shown(&host, &why, &certificate) {
            writeln!(streams.err, "  {line}").ok();
        }
        let question = "Compare the fingerprint with what the server itself shows. Type yes to trust exactly this certificate";
        if asker.typed(question, "yes")? {
            set_pin(new, pin);
        } else {
            writeln!(streams.err, "  that was not yes: the certificate is not trusted").ok();
        }
    }
    Ok(())
}

/// What one has to know to decide, line by line.
fn shown(host: &Text, why: &Text, certificate: &crate::api::Certificate) -> Vec<String> {
    let moment = |moment: Option<jiff::Timestamp>| moment.map_or_else(|| "?".to_owned(), |at| at.to_string());
    vec![
        format!("{host}: {why}"),
        format!("SHA-256  {}", certificate.fingerprint),
        format!("subject  {}", certificate.subject),
        format!("issuer   {}", certificate.issuer),
        format!("valid    {} to {}", moment(certificate.from), moment(certificate.until)),
    ]
}

fn trust_of(new: &NewProfile) -> Result<TlsTrust, Error> {
    match &new.target {
        Target::Simulated { .. } => Ok(TlsTrust::System),
        Target::Profile(profile) => tls_trust(&profile.trust),
        Target::Cloud(profile) => tls_trust(&profile.trust),
    }
}

fn set_pin(new: &mut NewProfile, pin: String) {
    match &mut new.target {
        Target::Simulated { .. } => {}
        Target::Profile(profile) => profile.trust = Trust::Pinned(pin),
        Target::Cloud(profile) => profile.trust = Trust::Pinned(pin),
    }
}
