//! `foretop doctor`: what this terminal, this configuration, these servers and this account allow, and what follows from
//! it. It changes nothing.

mod account;
mod check;
mod files;
mod here;
mod network;

use super::{
    args::{ConnectionArgs, DoctorArgs, LooksArgs},
    looks,
    reach::{Wanted, within_runtime},
    run::{Stop, Streams},
};
use crate::{
    config::{Environment, File, Gravity, Paths, Prompt, SourceFile, Terminal, resolve},
    error::Error,
};

use check::Report;

pub(super) use account::log_in;
pub(super) use check::{Check, Status};
pub(super) use network::{Way, describe};

/// What to do about a configuration whose mistake says nothing more.
const UNUSABLE: &str = "correct it; docs/configuration.md says what is valid there";

/// Runs it. Ends with the exit code of the first failure.
pub(super) fn run(
    args: DoctorArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let connection = args.connection.over(outer);
    let mut report = Report::new(args.json, streams);
    let wanted = configured(&connection, environment, paths, &mut report)?;
    report.all(files::themes(paths, wanted.as_ref().map(|wanted| wanted.settings.theme.as_str())))?;
    report.all(here::checks(environment, wanted.as_ref().map(|wanted| &wanted.settings)))?;
    within_runtime(async {
        report.all(files::state(paths, environment).await)?;
        let Some(wanted) = wanted else {
            report.add(Check::note("network", "not checked: the configuration does not say where to"))?;
            return Ok(());
        };
        if args.offline {
            report.add(Check::note("network", "not checked: --offline"))?;
            return Ok(());
        }
        Box::pin(network::estate(wanted, environment, &mut report)).await
    })?;
    report.end()
}

/// Looks at the configuration. `None` when it does not say which estate is meant; that is a failure then.
fn configured(
    connection: &ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    report: &mut Report<'_, '_>,
) -> Result<Option<Wanted>, Stop> {
    let source = match SourceFile::read(paths) {
        Ok(source) => source,
        Err(error) => {
            report.add(Check::failed("configuration", &error.into(), UNUSABLE))?;
            return Ok(None);
        }
    };
    let names = looks::names(paths);
    let (file, mistakes) = source.as_ref().map(|source| File::parse(source, &names)).unwrap_or_default();
    report.all(files::configuration(paths, source.as_ref(), &mistakes))?;
    if mistakes.iter().any(|mistake| mistake.gravity == Gravity::Error) {
        return Ok(None);
    }
    let mut terminal = person(environment);
    let prompt = terminal.as_mut().map(|terminal| terminal as &mut dyn Prompt);
    let choice = connection.choice(&LooksArgs::default());
    match resolve(&choice, environment, paths, &file, prompt) {
        Ok(resolved) => {
            let wanted = Wanted::of(resolved, &file, paths);
            report.add(files::estate(&wanted, source.is_some()))?;
            Ok(Some(wanted))
        }
        Err(error) => {
            report.add(Check::failed("configuration", &Error::from(error), UNUSABLE))?;
            Ok(None)
        }
    }
}

/// Whoever sits at the keyboard. Other commands also ask when only standard error is a terminal; here nobody expects it.
fn person(environment: &Environment) -> Option<Terminal> {
    environment.stdin_is_terminal.then(|| Terminal::find(environment)).flatten()
}
