//! The console itself: everything that has to be known before the terminal is taken over.

use std::{
    io::{self, Write as _},
    path::Path,
    sync::Arc,
};

use super::{
    args::{ConnectionArgs, LooksArgs, PodArgs},
    detach::{self, Handover},
    looks,
    reach::{Opened, Wanted, limits, terms, within_runtime},
    run::{Stop, Streams},
    sessions,
};
use crate::{
    config::{self, Environment, Paths},
    core::bulk::Terms,
    core::{effect::ExitReason, state},
    domain::Text,
    engine::journal::JournalStore,
    error::{Class, Error},
    runtime::{self, Blank, ConsoleOptions, LeftJournal},
};

/// What the arguments say beside the estate.
pub(super) struct Shown<'a> {
    /// How it looks.
    pub(super) looks: &'a LooksArgs,
    /// Whose sessions.
    pub(super) pods: PodArgs,
    /// Where the run is recorded.
    pub(super) record: Option<&'a Path>,
}

/// Runs the console. Ends with 0 when the operator left, 1 after a signal, and as the fault says when the first
/// connection failed.
pub(super) fn run(
    connection: &ConnectionArgs,
    shown: &Shown<'_>,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    if !environment.stdin_is_terminal || !environment.stdout_is_terminal {
        return Err(Error::usage("the console needs a terminal for standard input and output")
            .hint("without one, use `foretop sessions list` and its like; see `foretop --help`")
            .into());
    }
    let wanted = Wanted::resolve(connection, shown.looks, environment, paths, streams)?;
    let state_dir = paths.state_dir().to_owned();
    let store = JournalStore::new(&state_dir);
    let (themes, looks) = looks::themes(&wanted.settings, wanted.profile_with_theme(), paths, environment)?;
    let unconfigured = wanted.is_simulated() && connection.demo.is_none();
    let settings =
        state::Settings { all_pods: shown.pods.all_pods, unconfigured, looks, ..console_settings(&wanted) };
    let limits = limits(&wanted.settings);
    let (mouse, name, is_simulated) =
        (wanted.settings.mouse, wanted.name().to_owned(), wanted.is_simulated());
    let settling = sessions::settling(environment);
    let prepared = wanted.prepare(environment)?;
    // Last: no file is left behind by a mistake in the arguments or the configuration.
    let record = shown.record.map(blank).transpose()?;
    within_runtime(async move {
        let handover = prepared.handover();
        let mut opened = prepared.open().await?;
        config::signals_are_heeded();
        let simulator = opened.take_simulator();
        let Opened { login, scribe, .. } = opened;
        let options =
            ConsoleOptions { settings, login, scribe, limits, themes, state_dir, settling, mouse, record };
        // Large, and there is one of it.
        let ended = Box::pin(runtime::run(options)).await;
        Opened::close(simulator).await;
        // Before anything about the terminal: a dropped line is a reason to detach.
        let left = ended.as_ref().map_or(&[][..], |ended| &ended.left);
        // What was simulated is gone: nobody can go on with that.
        let left = if is_simulated { &[][..] } else { left };
        let (told, is_left_behind) = left_jobs(left, handover, &store).await;
        if ended.as_ref().is_ok_and(|ended| ended.terminal_is_dead) {
            return Ok(Class::Unexpected.code());
        }
        let mut words = Vec::new();
        for line in ended.iter().flat_map(|ended| ended.jobs.iter().chain(&ended.recorded)) {
            writeln!(words, "foretop: {line}").ok();
        }
        words.extend(told);
        let error = match ended.and_then(|ended| ended.reason) {
            Ok(ExitReason::Left) => None,
            Ok(ExitReason::Signal) => Some(Error::new(Class::Unexpected, "ended by a signal")),
            Ok(ExitReason::NotConnected(fault)) => Some(Error::from(fault).on(name)),
            Err(error) => Some(Error::new(Class::Unexpected, "the terminal failed").words(error.to_string())),
        };
        if let Some(error) = &error {
            error.report(&mut words).ok();
        }
        // Not through the streams of the commands: the terminal may have died on the way.
        runtime::last_words(words);
        let failed = if is_left_behind { Class::Unexpected.code() } else { 0 };
        Ok(error.map_or(failed, |error| error.class().code()))
    })
}

/// The file for a recording, which must not be there.
fn blank(path: &Path) -> Result<Blank, Error> {
    Blank::create(path).map_err(|error| {
        let shown = path.display().to_string();
        if error.kind() == io::ErrorKind::AlreadyExists {
            let error = Error::usage("the run cannot be recorded: this file exists, and is not written over");
            return error.on(shown).hint("name a file that does not exist, or remove this one first");
        }
        Error::usage("cannot make the file for the recording").on(shown).words(error.to_string())
    })
}

/// Hands on the jobs that a process without a terminal is to go on with, and says of the others how to go on with them.
/// Also says whether one could not be handed on.
async fn left_jobs(
    left: &[LeftJournal],
    handover: Option<Handover>,
    store: &JournalStore,
) -> (Vec<u8>, bool) {
    let (mut words, mut is_left_behind) = (Vec::new(), false);
    for LeftJournal { id, hand_on } in left {
        let record = match store.read(id).await {
            Ok(record) if record.recovered.is_open() => record,
            Ok(_) => continue,
            Err(error) => {
                Error::from(error).report(&mut words).ok();
                continue;
            }
        };
        let resume = format!("`foretop jobs resume {id}` goes on with it");
        let Some(handover) = handover.clone().filter(|_| *hand_on) else {
            writeln!(words, "foretop: {resume}").ok();
            continue;
        };
        let (open, id) = (record.recovered.to_go_on_with(), id.clone());
        let started = tokio::task::spawn_blocking(move || detach::start(&handover, &id, open)?.go()).await;
        match started.unwrap_or_else(|error| Err(Error::new(Class::Unexpected, error.to_string()))) {
            Ok(detached) => {
                for line in detached.lines() {
                    writeln!(words, "foretop: {line}").ok();
                }
            }
            Err(error) => {
                is_left_behind = true;
                error.report(&mut words).ok();
                writeln!(words, "foretop: nothing more was sent; {resume}").ok();
            }
        }
    }
    (words, is_left_behind)
}

/// What the core needs to know.
fn console_settings(wanted: &Wanted) -> state::Settings {
    let settings = &wanted.settings;
    state::Settings {
        profile: Text::clean(wanted.name()),
        named_profile: wanted.profile_name().map(Text::clean),
        simulated: wanted.is_simulated(),
        demo: wanted.world().map(Text::clean),
        wire: wanted.wire(),
        read_only: settings.read_only,
        refresh_seconds: u32::try_from(settings.refresh.as_secs()).unwrap_or(u32::MAX),
        ascii: settings.ascii,
        utc: false,
        local_offset_seconds: jiff::Zoned::now().offset().seconds(),
        columns: looks::columns(settings),
        // Whoever sits before the screen waits for what became of it; a script says so when it does.
        terms: Terms { deadlines: Some(settings.jobs.deadlines), ..terms(settings) },
        templates: Arc::clone(&wanted.templates),
        protected: settings.protected.clone(),
        keymap: settings.keymap.clone(),
        lessons: true,
        event_lines: settings.event_lines.map(|lines| u16::try_from(lines).unwrap_or(u16::MAX)),
        ..state::Settings::default()
    }
}
