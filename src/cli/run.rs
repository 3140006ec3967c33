//! From arguments to an exit code.

use std::{
    ffi::OsString,
    fmt,
    io::{self, Write},
};

use clap::{CommandFactory, Parser};

use super::args::{Cli, Command, ConnectionArgs};
use crate::{
    config::{Environment, Paths},
    error::{Class, Error},
    logging,
};

/// Where results and diagnostics go.
pub struct Streams<'a> {
    /// Results, for programs and people.
    pub out: &'a mut dyn Write,
    /// Progress and diagnostics.
    pub err: &'a mut dyn Write,
}

impl fmt::Debug for Streams<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Streams").finish_non_exhaustive()
    }
}

/// Why a command ended early.
pub(super) enum Stop {
    /// With an error to be reported.
    Failed(Error),
    /// The reader of standard output has gone, as `head` does: nothing more to say, and nothing wrong.
    NobodyListens,
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Turns a failed write of results into the end of the command.
pub(super) fn output_failed(error: &io::Error) -> Stop {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Stop::NobodyListens;
    }
    Stop::Failed(Error::new(Class::Unexpected, "cannot write to standard output").words(error.to_string()))
}

/// Runs the program with these arguments, the first of which is its name. Returns the exit code.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return report_usage(&error, environment, streams),
    };
    let stop = match dispatch(cli, environment, streams) {
        Ok(code) => match streams.out.flush() {
            Ok(()) => return code,
            Err(error) => output_failed(&error),
        },
        Err(stop) => stop,
    };
    match stop {
        Stop::NobodyListens => 0,
        Stop::Failed(error) => {
            // Nothing is left to do when standard error is gone too.
            error.report(streams.err).ok();
            error.class().code()
        }
    }
}

/// Prints help and version to standard output, wrong arguments to standard error.
fn report_usage(error: &clap::Error, environment: &Environment, streams: &mut Streams<'_>) -> u8 {
    let is_wrong = error.use_stderr();
    let is_terminal = if is_wrong { environment.stderr_is_terminal } else { environment.stdout_is_terminal };
    let text = error.render();
    let text =
        if is_terminal && !environment.wants_no_color() { text.ansi().to_string() } else { text.to_string() };
    let stream: &mut dyn Write = if is_wrong { streams.err } else { streams.out };
    let prefix = if is_wrong { "foretop: " } else { "" };
    match write!(stream, "{prefix}{text}").and_then(|()| stream.flush()) {
        Ok(()) => {}
        // Whoever asked for help and closed the pipe has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(_nowhere_to_say_it) => return Class::Unexpected.code(),
    }
    if is_wrong { Class::Usage.code() } else { 0 }
}

fn dispatch(cli: Cli, environment: &Environment, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let Cli { command, connection, looks, pods, record } = cli;
    if let Some(command) = &command {
        if looks.theme.is_some() || looks.ascii {
            return Err(misplaced("--theme and --ascii", command).into());
        }
        if pods.all_pods {
            return Err(Error::usage("--all-pods stands behind the command that it is for")
                .hint("as in: foretop sessions list --all-pods")
                .into());
        }
        if record.is_some() {
            return Err(misplaced("--record", command)
                .hint("it records the console: foretop --record FILE")
                .into());
        }
        if !takes_connection(command) && connection != ConnectionArgs::default() {
            return Err(misplaced("--profile, --demo and --read-only", command).into());
        }
    }
    let paths = Paths::new(environment)?;
    if !matches!(
        command,
        Some(Command::Completions { .. } | Command::Config { .. } | Command::Doctor(_) | Command::Man(_))
    ) {
        begin_log(&paths, environment, streams)?;
    }
    match command {
        None => {
            let shown = super::console::Shown { looks: &looks, pods, record: record.as_deref() };
            super::console::run(&connection, &shown, environment, &paths, streams)
        }
        Some(Command::Replay(args)) => super::replay::run(&args, environment, streams),
        Some(Command::Sessions(args)) => super::sessions::run(args, connection, environment, &paths, streams),
        Some(Command::Images(args)) => super::images::run(args, connection, environment, &paths, streams),
        Some(Command::ImageServers(args)) => {
            super::image_servers::run(args, connection, environment, &paths, streams)
        }
        Some(Command::AppServers(args)) => {
            super::app_servers::run(args, connection, environment, &paths, streams)
        }
        Some(Command::Events(args)) => super::events::run(args, connection, environment, &paths, streams),
        Some(Command::Whoami(args)) => super::whoami::run(args, connection, environment, &paths, streams),
        Some(Command::Permissions(args)) => {
            super::permissions::run(args, connection, environment, &paths, streams)
        }
        Some(Command::Plan(args)) => super::sessions::plan(&args, connection, environment, &paths, streams),
        Some(Command::Apply(args)) => super::sessions::apply(&args, connection, environment, &paths, streams),
        Some(Command::Jobs(args)) => super::jobs::run(args, connection, environment, &paths, streams),
        Some(Command::Sim(args)) => super::sim::run(args, streams),
        Some(Command::Config { command }) => {
            let names = super::looks::names(&paths);
            super::config::run(command, connection, environment, &paths, &names, streams)
        }
        Some(Command::Doctor(args)) => super::doctor::run(args, connection, environment, &paths, streams),
        Some(Command::Man(args)) => super::man::run(&args, streams),
        Some(Command::Completions { shell }) => print_completions(shell, streams),
    }
}

fn print_completions(shell: clap_complete::Shell, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "foretop", &mut script);
    streams.out.write_all(&script).map_err(|error| output_failed(&error))?;
    Ok(0)
}

/// Begins the log. Without one the program goes on and says so; a wrong `FORETOP_LOG` is a mistake to correct.
fn begin_log(paths: &Paths, environment: &Environment, streams: &mut Streams<'_>) -> Result<(), Error> {
    match logging::init(paths, environment) {
        Ok(()) => Ok(()),
        Err(error @ logging::LogError::UnknownLevel { .. }) => Err(Error::usage(error.to_string())),
        Err(error) => {
            warn(streams, &error.to_string());
            Ok(())
        }
    }
}

/// Says something on standard error that does not end the run.
pub(super) fn warn(streams: &mut Streams<'_>, message: &str) {
    // When standard error is gone, nobody wants to know.
    writeln!(streams.err, "foretop: warning: {message}").ok();
}

/// Says something on standard error that is worth knowing.
pub(super) fn note(streams: &mut Streams<'_>, message: &str) {
    writeln!(streams.err, "foretop: note: {message}").ok();
}

fn takes_connection(command: &Command) -> bool {
    match command {
        Command::Sessions(_)
        | Command::Images(_)
        | Command::ImageServers(_)
        | Command::AppServers(_)
        | Command::Events(_)
        | Command::Whoami(_)
        | Command::Permissions(_)
        | Command::Plan(_)
        | Command::Apply(_)
        | Command::Doctor(_) => true,
        Command::Config { command } => matches!(command, super::args::ConfigCommand::Show(_)),
        Command::Jobs(args) => matches!(args.command, Some(super::args::JobsCommand::Resume(_))),
        Command::Sim(_) | Command::Replay(_) | Command::Completions { .. } | Command::Man(_) => false,
    }
}

fn misplaced(what: &str, command: &Command) -> Error {
    let name = match command {
        Command::Sessions(_) => "sessions",
        Command::Images(_) => "images",
        Command::ImageServers(_) => "image-servers",
        Command::AppServers(_) => "app-servers",
        Command::Events(_) => "events",
        Command::Whoami(_) => "whoami",
        Command::Permissions(_) => "permissions",
        Command::Plan(_) => "plan",
        Command::Apply(_) => "apply",
        Command::Jobs(_) => "jobs",
        Command::Replay(_) => "replay",
        Command::Sim(_) => "sim",
        Command::Config { .. } => "config",
        Command::Doctor(_) => "doctor",
        Command::Completions { .. } => "completions",
        Command::Man(_) => "man",
    };
    Error::usage(format!("{what} have no meaning for `foretop {name}`"))
}

#[cfg(test)]
mod tests;
