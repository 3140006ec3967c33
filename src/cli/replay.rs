//! `foretop replay`: a recorded run of the console, played or printed.

use std::{io, path::Path, time::Duration};

use super::{
    args::{ReplayArgs, ReplayScreens},
    looks, output,
    reach::within_runtime,
    run::{Stop, Streams, output_failed, warn},
};
use crate::{
    config::{Environment, Settings},
    error::{Class, Error},
    runtime::{self, ReplayError, ReplayOptions, Screens, Script},
    ui::{Theme, Themes},
};

/// Runs it.
pub(super) fn run(
    args: &ReplayArgs,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let wrong = |error| failed(error, &args.file);
    let script = Script::open(&args.file).map_err(wrong)?;
    if !script.is_whole() {
        let why = if script.is_behind() {
            "more was told than could be written, and the run went on"
        } else {
            "the console was killed, or the disk was full"
        };
        let words = format!("the recording ends after message {} without an end: {why}", script.told());
        warn(streams, &words);
    }
    let themes = themes(environment);
    if let Some(screens) = args.screens {
        let screens = match screens {
            ReplayScreens::Keys => Screens::Keys,
            ReplayScreens::Last => Screens::Last,
        };
        let printed = runtime::print_replay(&script, &themes, screens, streams.out);
        return match printed {
            Ok(()) => {
                output::flush(streams.out)?;
                Ok(0)
            }
            Err(ReplayError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                Err(output_failed(&error))
            }
            Err(error) => Err(wrong(error).into()),
        };
    }
    if !environment.stdin_is_terminal || !environment.stdout_is_terminal {
        return Err(Error::usage("a replay needs a terminal for standard input and output")
            .hint("without one, `--screens` prints the screens as text")
            .into());
    }
    let max_idle = Duration::try_from(args.max_idle).unwrap_or(Duration::MAX);
    let options = ReplayOptions { script, themes, speed: args.speed, max_idle };
    within_runtime(async move {
        Box::pin(runtime::replay(options)).await.map_err(wrong)?;
        Ok(0)
    })
}

/// The shipped themes: a recording tells which one was in force, and no file of this machine is read.
fn themes(environment: &Environment) -> Themes {
    let depth = looks::depth(&Settings::default(), environment);
    let mut themes = Themes::new(Theme::default().with_depth(depth));
    for name in Theme::builtin_names() {
        if let Some(theme) = Theme::builtin(name) {
            themes.add(name, theme.with_depth(depth));
        }
    }
    themes
}

fn failed(error: ReplayError, file: &Path) -> Error {
    let shown = file.display();
    match error {
        ReplayError::Line(unreadable) => Error::usage("cannot play the recording")
            .on(format!("{shown}:{}", unreadable.line))
            .words(unreadable.words),
        error @ ReplayError::NoFile => {
            Error::usage("cannot play the recording").on(shown.to_string()).words(error.to_string())
        }
        ReplayError::Io(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) =>
        {
            Error::usage("cannot read the recording").on(shown.to_string()).words(error.to_string())
        }
        ReplayError::Io(error) => {
            Error::new(Class::Unexpected, "the replay failed").on(shown.to_string()).words(error.to_string())
        }
    }
}
