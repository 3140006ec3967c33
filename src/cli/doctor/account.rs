//! The account: whether it is let in, by which release, and what it may do there.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;
use url::Url;

use super::{
    check::{Check, Report},
    network::name_of,
};
use crate::{
    api::{Estate, Login},
    cli::{reach::Opened, run::Stop},
    core::rights::{EVERYWHERE, Right, RightArea, WriteMode, rights},
    domain::{Capabilities, EventFeed, Text, WireKind},
    engine::governor::{Governor, Limits},
    error::{Class, Error},
};

/// How long logging in may take, with everything that is read then.
const LIMIT: Duration = Duration::from_secs(30);
/// Access groups that are told one by one.
const GROUPS: usize = 4;

/// What to do where there is nothing to log in with.
const NO_SECRET: &str = "correct where the profile takes its account and password from; `foretop config show` tells which line says so";
/// What to do where the server gave a reason for which there is no advice of its own.
const NOT_LOGGED_IN: &str = "mend what these words name; FORETOP_LOG=debug writes each request into the log";

/// Logs in to the servers that can be used, tells what is found, and logs out. `opened` may be the reason why there is
/// nothing to log in with.
pub(super) async fn checks(
    opened: Result<Opened, Error>,
    usable: Vec<Url>,
    read_only: bool,
    report: &mut Report<'_, '_>,
) -> Result<(), Stop> {
    let mut opened = match opened {
        Ok(opened) => opened,
        Err(error) => return report.add(Check::failed("account", &error, NO_SECRET)),
    };
    let simulator = opened.take_simulator();
    let found = log_in(opened.login, usable, read_only).await;
    Opened::close(simulator).await;
    report.all(found)
}

/// That nobody is there to type the password is no failure of the configuration.
pub(super) fn nobody_to_ask() -> Check {
    Check::warn("account", "not checked: the password has to be typed, and standard input is no terminal")
        .advise("run `foretop doctor` at a terminal, or let a command or a variable tell the password")
}

/// Logs in to the servers that can be used, and tells what is found.
pub(in crate::cli) async fn log_in(login: Login, usable: Vec<Url>, read_only: bool) -> Vec<Check> {
    let operator = login.operator();
    let server = usable.first().map(name_of).unwrap_or_default();
    // Only those that answered and are trusted: a password is not tried where it cannot be right.
    let login = match login {
        Login::Horizon { mut connection, password } => {
            connection.servers = usable;
            Login::Horizon { connection, password }
        }
        workspace @ Login::Workspace(_) => workspace,
    };
    let governor = Governor::new(Limits::default());
    let logged_in = timeout(LIMIT, Estate::log_in(login, Arc::new(governor))).await;
    let (estate, capabilities) = match logged_in {
        Ok(Ok(logged_in)) => logged_in,
        Ok(Err(fault)) => {
            return vec![Check::failed("account", &Error::from(fault), NOT_LOGGED_IN).of(&server)];
        }
        Err(_late) => {
            let found = format!("the log-in was not finished within {} s", LIMIT.as_secs());
            let advice = "the server is overloaded or held up; look at its own state";
            return vec![Check::fail(Class::Unreachable, "account", found, advice).of(&server)];
        }
    };
    if timeout(Duration::from_secs(2), estate.logout()).await.is_err() {
        tracing::warn!("the log-out was not answered; the tokens end by themselves");
    }
    let mut checks = vec![Check::ok("account", format!("{operator} is logged in")).of(&capabilities.server)];
    checks.extend(server_checks(&capabilities));
    checks.extend(right_checks(&capabilities, read_only));
    checks
}

/// What the server is.
fn server_checks(capabilities: &Capabilities) -> Vec<Check> {
    const AREA: &str = "server";
    if capabilities.wire == WireKind::Workspace {
        return vec![Check::ok(AREA, "Workspace Application Streaming, API v1").of(&capabilities.server)];
    }
    let product = capabilities.product_version.as_ref();
    let product = product.map_or_else(String::new, |version| format!(" ({version})"));
    let pod = capabilities.pod.as_ref().map_or_else(String::new, |pod| format!(", pod {pod}"));
    let api = capabilities.sessions_version;
    let release = match capabilities.release {
        Some(release) => Check::ok(AREA, format!("release {release}{product}, sessions API v{api}{pod}")),
        None => Check::note(AREA, format!("it does not tell its release{product}; sessions API v{api}{pod}"))
            .advise("what the release has is found out by asking: nothing has to be done"),
    };
    let events = match capabilities.events {
        EventFeed::Available => Check::ok("events", "can be read"),
        EventFeed::NotInRelease => Check::note("events", "this release has no call for them (before 2106)"),
        EventFeed::NoDatabase => Check::warn("events", "no event database is configured on the server")
            .advise("the event pane stays empty; Horizon Console, Event Configuration, sets one up"),
        EventFeed::NotPermitted => Check::warn("events", "the account may not read them")
            .advise("the event pane stays empty; a role with the privilege to view events is needed"),
        EventFeed::NotOffered => Check::note("events", "this API has none"),
    };
    [release, events].map(|check| check.of(&capabilities.server)).into()
}

/// What the account may do, area by area.
fn right_checks(capabilities: &Capabilities, read_only: bool) -> Vec<Check> {
    const AREA: &str = "rights";
    let mode = WriteMode::of(read_only, Some(capabilities));
    let mut checks = vec![match &mode {
        WriteMode::Acts => Check::ok(AREA, "RW: acting is switched on"),
        WriteMode::ReadOnly => {
            Check::note(AREA, "RO: acting is switched off by the configuration or --read-only")
        }
        WriteMode::LooksOnly(why) => Check::warn(
            AREA,
            format!("LOOK: acting is switched on, but the account may change nothing: {why}"),
        )
        .advise("ask for a role that may, or write read_only = true into the profile"),
    }];
    let rights = rights(capabilities);
    if rights.iter().all(|right| right.answer() == "unknown") {
        checks.push(Check::note(
            AREA,
            "the server does not tell what the account may do: it decides when something is tried",
        ));
        return checks;
    }
    let mut told: Vec<(RightArea, Option<&Text>)> = Vec::new();
    for right in &rights {
        let place = (right.area, right.group.as_ref());
        if !told.contains(&place) {
            told.push(place);
        }
    }
    let of_sessions = told.iter().filter(|(area, _)| *area == RightArea::Sessions).count();
    let mut groups = 0;
    for (area, group) in told {
        if area == RightArea::Sessions {
            groups += 1;
            if groups > GROUPS {
                continue;
            }
        }
        let here: Vec<&Right> =
            rights.iter().filter(|right| right.area == area && right.group.as_ref() == group).collect();
        checks.push(one_area(area, group, &here));
    }
    if of_sessions > GROUPS {
        let more = of_sessions - GROUPS;
        checks.push(
            Check::note(AREA, format!("{more} more access groups")).advise("`foretop whoami` lists them"),
        );
    }
    checks
}

/// One line: what it may, what it may not and why.
fn one_area(area: RightArea, group: Option<&Text>, rights: &[&Right]) -> Check {
    let place = match group {
        Some(group) if *group == EVERYWHERE => format!("{} everywhere", area.title()),
        Some(group) => format!("{} in {group}", area.title()),
        None => area.title().to_owned(),
    };
    let with = |answer: &str| -> Vec<&Right> {
        rights.iter().copied().filter(|right| right.answer() == answer).collect()
    };
    let actions = |rights: &[&Right]| rights.iter().map(|right| right.action).collect::<Vec<_>>().join(", ");
    let (yes, no, open) = (with("yes"), with("no"), with("unknown"));
    let mut parts = Vec::new();
    if !yes.is_empty() {
        parts.push(actions(&yes));
    }
    if !no.is_empty() {
        let mut reasons: Vec<&str> = no.iter().filter_map(|right| right.reason()).collect();
        reasons.dedup();
        parts.push(format!("not {} ({})", actions(&no), reasons.join("; ")));
    }
    if !open.is_empty() {
        parts.push(format!("{}: the server decides", actions(&open)));
    }
    let found = format!("{place}: {}", parts.join("; "));
    if no.is_empty() && open.is_empty() { Check::ok("rights", found) } else { Check::note("rights", found) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::doctor::check::Status,
        config::SecretError,
        core::fixtures::capabilities,
        domain::{AccessGroupId, Account, Fault, FaultKind},
    };

    fn with(privileges: &[&str]) -> Capabilities {
        let mut capabilities = capabilities();
        let names = privileges.iter().map(|name| Text::clean(name)).collect();
        capabilities.account.privileges = Some([(AccessGroupId::from("fin"), names)].into());
        capabilities.account.group_names = [("fin".into(), "Finance".into())].into();
        capabilities
    }

    #[test]
    fn no_refusal_and_no_missing_secret_is_left_without_advice() {
        let has_advice =
            |check: &Check| check.advice.as_ref().is_some_and(|advice| !advice.as_str().is_empty());
        for kind in [
            FaultKind::Unauthenticated,
            FaultKind::InsufficientPermission,
            FaultKind::Unreachable,
            FaultKind::Throttled,
            FaultKind::BadAnswer,
            FaultKind::InvalidArgument,
            FaultKind::Unexpected,
        ] {
            for wire in [WireKind::Horizon, WireKind::Workspace] {
                let fault = Fault { wire, ..Fault::new(kind, "log in", "no") };
                assert!(has_advice(&Check::failed("account", &fault.into(), NOT_LOGGED_IN)), "{kind:?}");
            }
        }
        let gone = || std::io::Error::from(std::io::ErrorKind::NotFound);
        for error in [
            SecretError::NobodyToAsk,
            SecretError::Prompt(gone()),
            SecretError::Empty,
            SecretError::NotSet("PW".to_owned()),
            SecretError::NotText("command"),
            SecretError::NotStarted(gone()),
            SecretError::TooLong,
            SecretError::NotInKeyring("emea/CORP\\kaya".to_owned()),
            SecretError::Keyring("it refused".to_owned()),
        ] {
            let own = Check::failed("account", &error.into(), "");
            assert!(has_advice(&own), "it has an advice of its own: {own:?}");
        }
    }

    #[test]
    fn rights_are_told_in_the_words_of_whoami() {
        let checks = right_checks(&with(&["MACHINE_VIEW", "MACHINE_MANAGE_VDI_SESSION"]), false);
        assert_eq!(checks[0].found, "RW: acting is switched on");
        assert_eq!(
            checks[1].found,
            "sessions in Finance: see, message, disconnect, log off; not restart, reset (needs MACHINE_REBOOT)"
        );
        assert_eq!(checks[1].status, Status::Note);
    }

    #[test]
    fn an_account_that_may_only_look_is_told_what_to_do() {
        let checks = right_checks(&with(&["MACHINE_VIEW"]), false);
        assert_eq!(checks[0].status, Status::Warn);
        assert!(checks[0].advice.is_some());
        assert_eq!(right_checks(&with(&["MACHINE_VIEW"]), true)[0].status, Status::Note);
    }

    #[test]
    fn what_the_server_does_not_tell_is_one_line() {
        let capabilities = Capabilities { account: Account::default(), ..capabilities() };
        assert_eq!(right_checks(&capabilities, false).len(), 2);
    }
}
