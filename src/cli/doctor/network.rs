//! The way to each server: its name, its port, its certificate, its clock. Nothing secret travels.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::{net::TcpStream, time::timeout};
use url::Url;

use super::{account, check::Check, person};
use crate::{
    api::{Certificate, Connection, FirstContact, Login, TlsTrust, WorkspaceConnection, first_contact},
    cli::{
        reach::{Prepared, Wanted},
        run::Stop,
        way::{cloud_connection, is_typed, tls_trust},
    },
    config::{CloudIdentity, CloudProfile, Environment, Prompt, Target},
    domain::{Text, WireKind},
    error::{Class, Error},
};

/// How long each step to one server may take. The servers are looked at side by side.
const LIMIT: Duration = Duration::from_secs(5);
/// How long a command or the secret store may take to tell the password.
const PASSWORD_LIMIT: Duration = Duration::from_secs(20);
/// A clock that is off by more is told.
const CLOCK_OFF: SignedDuration = SignedDuration::from_secs(10);
/// The cloud refuses signatures that are further off.
const CLOCK_REFUSED: SignedDuration = SignedDuration::from_mins(15);
/// A certificate that ends sooner is told.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What to do where it cannot even be told how to connect.
const NO_WAY: &str = "correct what the profile, the variables or the arguments say of it; `foretop config show` tells which one does";

/// The variables by which requests go through a proxy.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// What is looked at, and how.
pub(in crate::cli) struct Way<'a> {
    servers: Vec<Url>,
    trust: TlsTrust,
    wire: WireKind,
    /// The profile of the file into which a pin would be written.
    profile: Option<&'a str>,
    /// The variable that names a proxy.
    proxy: Option<&'static str>,
}

impl<'a> Way<'a> {
    /// To the servers of a profile.
    pub(in crate::cli) fn of(
        target: &Target,
        profile: Option<&'a str>,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let (servers, trust) = match target {
            Target::Simulated { .. } => (Vec::new(), TlsTrust::System),
            Target::Profile(profile) => (profile.servers.clone(), tls_trust(&profile.trust)?),
            Target::Cloud(profile) => of_cloud(profile)?,
        };
        let wire = match target {
            Target::Cloud(_) => WireKind::Workspace,
            Target::Profile(_) | Target::Simulated { .. } => WireKind::Horizon,
        };
        let proxy = PROXIES.into_iter().find(|name| environment.raw(name).is_some());
        Ok(Self { servers, trust, wire, profile, proxy })
    }

    /// The servers.
    pub(in crate::cli) fn servers(&self) -> &[Url] {
        &self.servers
    }

    /// Looks at all servers side by side: one that does not answer holds up no other. Says of each whether it can be used.
    pub(in crate::cli) async fn look_at_all(&self) -> Vec<(Vec<Check>, bool)> {
        join_all(self.servers.iter().map(|server| look_at(server, self))).await
    }
}

/// Looks at every server of an estate, then logs in.
pub(super) async fn estate(
    wanted: Wanted,
    environment: &Environment,
    report: &mut super::Report<'_, '_>,
) -> Result<(), Stop> {
    let read_only = wanted.settings.read_only;
    if wanted.is_simulated() {
        let opened = match wanted.prepare_asking(environment, None) {
            Ok(prepared) => prepared.open().await,
            Err(error) => Err(error),
        };
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => return report.add(Check::failed("network", &error, NO_WAY)),
        };
        let Login::Horizon { connection, .. } = &opened.login else { return Ok(()) };
        let (servers, trust) = (connection.servers.clone(), connection.tls.clone());
        let way = Way { servers, trust, wire: WireKind::Horizon, profile: None, proxy: None };
        let usable = tell(&way, report).await?;
        return account::checks(Ok(opened), usable, read_only, report).await;
    }
    let usable = match Way::of(wanted.target(), wanted.profile_name(), environment) {
        Ok(way) => tell(&way, report).await?,
        Err(error) => return report.add(Check::failed("network", &error, NO_WAY)),
    };
    if usable.is_empty() {
        return report.add(Check::note("account", "not checked: no server can be used"));
    }
    if is_typed(wanted.target()) && person(environment).is_none() {
        return report.add(account::nobody_to_ask());
    }
    let opened = match prepared(wanted, environment).await {
        Ok(prepared) => prepared.open().await,
        Err(error) => Err(error),
    };
    account::checks(opened, usable, read_only, report).await
}

/// Gets the password. A person may take long to type it, a program may not.
async fn prepared(wanted: Wanted, environment: &Environment) -> Result<Prepared, Error> {
    if is_typed(wanted.target()) {
        return tokio::task::block_in_place(|| {
            let mut terminal = person(environment);
            let prompt = terminal.as_mut().map(|terminal| terminal as &mut dyn Prompt);
            wanted.prepare_asking(environment, prompt)
        });
    }
    let environment = environment.clone();
    let told = tokio::task::spawn_blocking(move || wanted.prepare_asking(&environment, None));
    match timeout(PASSWORD_LIMIT, told).await {
        Ok(Ok(prepared)) => prepared,
        Ok(Err(error)) => Err(Error::new(Class::Unexpected, error.to_string())),
        Err(_late) => {
            let seconds = PASSWORD_LIMIT.as_secs();
            Err(Error::usage(format!("the password was not told within {seconds} s"))
                .hint("run the password command by hand: does it wait for something to be typed?"))
        }
    }
}

/// Tells what is found of all servers; those that can be used.
async fn tell(way: &Way<'_>, report: &mut super::Report<'_, '_>) -> Result<Vec<Url>, Stop> {
    let mut usable = Vec::new();
    for (server, (checks, is_usable)) in way.servers.iter().zip(way.look_at_all().await) {
        report.all(checks)?;
        usable.extend(is_usable.then(|| server.clone()));
    }
    Ok(usable)
}

fn of_cloud(profile: &CloudProfile) -> Result<(Vec<Url>, TlsTrust), Error> {
    // Only the addresses are wanted, which need no secret.
    let connection = cloud_connection(profile.clone(), "".into(), None)?;
    let is_user = matches!(profile.identity, CloudIdentity::User { .. });
    let addresses = cloud_addresses(&connection, is_user || connection.project.is_none());
    Ok((addresses, connection.tls))
}

/// The endpoint, and IAM where it is asked: for a token, or for the project.
fn cloud_addresses(connection: &WorkspaceConnection, asks_iam: bool) -> Vec<Url> {
    let mut addresses = vec![connection.endpoint.clone()];
    addresses.extend(Some(connection.iam.clone()).filter(|iam| asks_iam && *iam != connection.endpoint));
    addresses
}

async fn look_at(server: &Url, way: &Way<'_>) -> (Vec<Check>, bool) {
    let name = name_of(server);
    let reached = match reach(server).await {
        Ok(words) => Check::ok("network", words),
        Err((words, advice)) => {
            let Some(proxy) = way.proxy else {
                let failed = Check::fail(Class::Unreachable, "network", words, advice);
                return (vec![failed.of(&name)], false);
            };
            // What decides is whether the proxy reaches it, which the certificate shows.
            Check::note("network", format!("not reached directly: {words}; {proxy} is set"))
        }
    };
    let mut checks = vec![reached];
    let is_usable = match first_contact(server, &way.trust, LIMIT).await {
        Ok(contact) => {
            checks.push(certificate(&contact, way));
            checks.extend(ends(&contact, Timestamp::now()));
            checks.extend(contact.clock_offset.map(|offset| clock(offset, way.wire)));
            contact.distrust.is_none()
        }
        Err(fault) => {
            let found = format!("no usable answer: {}", fault.message);
            let advice = "look what listens there: is it a connection server, or a proxy in between?";
            checks.push(Check::fail(Class::Unreachable, "network", found, advice));
            false
        }
    };
    (checks.into_iter().map(|check| check.of(&name)).collect(), is_usable)
}

/// Whether a server has a name that is known and a port that is open; what was found, or what is wrong and what to do.
async fn reach(server: &Url) -> Result<String, (String, &'static str)> {
    let host = server.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = server.port_or_known_default().unwrap_or(443);
    let resolver =
        "check the spelling of the name, and the name server (`getent hosts NAME`); is a VPN needed?";
    let addresses: Vec<SocketAddr> = match timeout(LIMIT, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => return Err((format!("the name is not known: {error}"), resolver)),
        Err(_late) => {
            let words = format!("the name server does not answer within {} s", LIMIT.as_secs());
            return Err((words, resolver));
        }
    };
    let begun = Instant::now();
    let mut last = "the name has no address".to_owned();
    for address in addresses {
        let left = LIMIT.saturating_sub(begun.elapsed());
        match timeout(left, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                let named = if server.domain().is_some() { format!("{address} ") } else { String::new() };
                return Ok(format!("{named}answers in {} ms", begun.elapsed().as_millis()));
            }
            Ok(Err(error)) => last = format!("{address}: {error}"),
            Err(_late) => last = format!("{address} does not answer within {} s", LIMIT.as_secs()),
        }
    }
    Err((last, "check address and port, that the server is up, and that no firewall stands in between"))
}

/// Whether the certificate is trusted, and by what; if not, what one would have to compare and write.
fn certificate(contact: &FirstContact, way: &Way<'_>) -> Check {
    const AREA: &str = "certificate";
    let Some(certificate) = &contact.certificate else {
        return Check::ok(AREA, "none: plain HTTP on this machine");
    };
    if let Some(why) = &contact.distrust {
        let pin = certificate.fingerprint;
        let place = way.profile.map_or_else(
            || format!("set FORETOP_PIN_SHA256={pin}"),
            |profile| format!("add pin_sha256 = \"{pin}\" to [profiles.{profile}]"),
        );
        let advice =
            format!("if the server itself shows this fingerprint: {place}; or name its CA in ca_file");
        let found = format!("{why}; {}", describe(certificate));
        return Check::fail(Class::Unreachable, AREA, found, advice);
    }
    let by = match &way.trust {
        TlsTrust::System => "trusted by the operating system",
        TlsTrust::CaFile(_) => "trusted by ca_file",
        TlsTrust::Pinned(_) => "the pinned one",
    };
    Check::ok(AREA, format!("{by}; {}", describe(certificate)))
}

/// A certificate in one line.
pub(in crate::cli) fn describe(certificate: &Certificate) -> String {
    let day = |moment: Option<Timestamp>| {
        moment.map_or_else(|| "?".to_owned(), |moment| moment.strftime("%Y-%m-%d").to_string())
    };
    let by = if certificate.is_self_signed() {
        "by itself".to_owned()
    } else {
        format!("by {}", certificate.issuer)
    };
    format!(
        "SHA-256 {}, made out to {} {by}, valid {} to {}",
        certificate.fingerprint,
        if certificate.subject.as_str().is_empty() { "nobody" } else { certificate.subject.as_str() },
        day(certificate.from),
        day(certificate.until)
    )
}

/// A certificate that is trusted today and will not be soon.
fn ends(contact: &FirstContact, now: Timestamp) -> Option<Check> {
    let until = contact.certificate.as_ref()?.until.filter(|_| contact.distrust.is_none())?;
    let left = until.duration_since(now);
    (left < ENDS_SOON).then(|| {
        let found = if left.is_negative() {
            "it has expired; it is trusted because it is pinned".to_owned()
        } else {
            format!("it ends in {} days", left.as_hours() / 24)
        };
        Check::warn("certificate", found).advise(
            "ask for a new one; a pin has to be changed with it, `foretop doctor` shows the new fingerprint",
        )
    })
}

/// How far the clocks are apart.
fn clock(offset: SignedDuration, wire: WireKind) -> Check {
    const AREA: &str = "clock";
    let apart = offset.abs();
    if apart <= CLOCK_OFF {
        return Check::ok(AREA, "agrees with this machine");
    }
    let side = if offset.is_negative() { "behind" } else { "ahead of" };
    let found = format!("{} {side} this machine", words_of(apart));
    let advice = "switch on time synchronisation (`timedatectl` tells), on whichever of the two is wrong";
    if wire == WireKind::Workspace && apart >= CLOCK_REFUSED {
        let found = format!("{found}: the cloud refuses signatures that are 15 minutes off");
        return Check::fail(Class::Denied, AREA, found, advice);
    }
    Check::warn(AREA, format!("{found}; ages are worked out by the server's clock")).advise(advice)
}

fn words_of(time: SignedDuration) -> String {
    match (time.as_secs(), time.as_mins(), time.as_hours()) {
        (seconds, 0..=1, _) => format!("{seconds} s"),
        (_, minutes, 0..=1) => format!("{minutes} minutes"),
        (_, _, hours @ 0..=47) => format!("{hours} hours"),
        (_, _, hours) => format!("{} days", hours / 24),
    }
}

/// The name of a server in findings.
pub(super) fn name_of(server: &Url) -> Text {
    Connection::new(vec![server.clone()], "", "").server_names().into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::Fingerprint, cli::doctor::check::Status};

    fn way(trust: TlsTrust) -> Way<'static> {
        Way { servers: Vec::new(), trust, wire: WireKind::Horizon, profile: Some("emea"), proxy: None }
    }

    fn seen(distrust: Option<&str>) -> FirstContact {
        let certificate = Certificate {
            fingerprint: Fingerprint::of(b"x"),
            subject: "CN=cs1".into(),
            issuer: "CN=Corp CA".into(),
            from: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            until: Some("2026-06-01T00:00:00Z".parse().unwrap()),
        };
        FirstContact {
            certificate: Some(certificate),
            distrust: distrust.map(Text::clean),
            clock_offset: None,
        }
    }

    #[test]
    fn a_certificate_that_is_not_trusted_says_what_to_compare_and_where_to_write_it() {
        let check = certificate(&seen(Some("nobody vouches")), &way(TlsTrust::System));
        assert_eq!(check.status, Status::Fail(Class::Unreachable));
        let pin = Fingerprint::of(b"x").to_string();
        assert!(
            check.found.as_str().contains("made out to CN=cs1 by CN=Corp CA, valid 2026-01-01 to 2026-06-01")
        );
        let advice = check.advice.unwrap();
        assert!(advice.as_str().contains(&format!("pin_sha256 = \"{pin}\" to [profiles.emea]")), "{advice}");
        let check = certificate(&seen(None), &way(TlsTrust::Pinned(Vec::new())));
        assert_eq!(check.status, Status::Ok);
        assert!(check.found.as_str().starts_with("the pinned one; SHA-256 "));
    }

    #[test]
    fn a_certificate_that_ends_soon_is_told_in_time() {
        let at = |time: &str| ends(&seen(None), time.parse().unwrap());
        assert_eq!(at("2026-05-01T00:00:00Z"), None);
        assert_eq!(at("2026-05-30T00:00:00Z").unwrap().found.as_str(), "it ends in 2 days");
        assert!(at("2026-07-01T00:00:00Z").unwrap().found.as_str().starts_with("it has expired"));
    }

    #[test]
    fn clocks_that_are_apart_are_told_by_what_follows() {
        let told = |seconds, wire| clock(SignedDuration::from_secs(seconds), wire);
        assert_eq!(told(-3, WireKind::Horizon).status, Status::Ok);
        let behind = told(-600, WireKind::Horizon);
        assert_eq!(behind.status, Status::Warn);
        assert!(behind.found.as_str().starts_with("10 minutes behind this machine"), "{behind:?}");
        assert_eq!(told(600, WireKind::Workspace).status, Status::Warn);
        assert_eq!(told(1000, WireKind::Workspace).status, Status::Fail(Class::Denied));
        assert_eq!(words_of(SignedDuration::from_hours(72)), "3 days");
    }
}
