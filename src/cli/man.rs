//! `foretop man`: the manual, made from the definition of the command line.

use std::{fs, io, path::Path};

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::{
    args::{Cli, ManArgs},
    output,
    run::{Stop, Streams},
};
use crate::{
    domain::Text,
    error::{Class, Error},
};

/// The heading under which clap puts what stands below the help, and a better one.
const EXTRA: (&str, &str) = (".SH EXTRA\n", ".SH NOTES AND EXAMPLES\n");

/// Runs it.
pub(super) fn run(args: &ManArgs, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let mut command = Cli::command();
    command.build();
    let printed = match &args.out {
        None => page(&command).map_err(|error| failed("foretop.1", &error))?,
        Some(folder) => {
            let shown = folder.display().to_string();
            fs::create_dir_all(folder).map_err(|error| failed(&shown, &error))?;
            let count = write_all(&command, folder)?;
            let shown = Text::clean(&shown);
            format!("{count} manual pages are in {shown}; the first one is foretop.1\n")
        }
    };
    output::write(streams.out, &printed)?;
    output::flush(streams.out)?;
    Ok(0)
}

/// Writes the page of a command and those of the commands below it; their number.
fn write_all(command: &clap::Command, folder: &Path) -> Result<usize, Error> {
    let mut count = 1;
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        count += write_all(below, folder)?;
    }
    let name = Man::new(command.clone()).get_filename();
    let text = page(command).map_err(|error| failed(&name, &error))?;
    let path = folder.join(name);
    fs::write(&path, text).map_err(|error| failed(&path.display().to_string(), &error))?;
    Ok(count)
}

/// The page of a command. Examples and tables below the help keep their lines, which would be filled otherwise.
fn page(command: &clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    let page = String::from_utf8(page).map_err(io::Error::other)?;
    let Some((before, extra)) = page.split_once(EXTRA.0) else { return Ok(page) };
    let (extra, behind) = match extra.split_once("\n.SH ") {
        Some((extra, behind)) => (extra, format!(".SH {behind}")),
        None => (extra, String::new()),
    };
    Ok(format!("{before}{}.nf\n{extra}\n.fi\n{behind}", EXTRA.1))
}

fn failed(what: &str, error: &io::Error) -> Error {
    Error::new(Class::Unexpected, "cannot write the manual page").on(what).words(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_keep_their_lines() {
        let mut command = Cli::command();
        command.build();
        let page = page(&command).unwrap();
        assert!(page.contains(".SH NOTES AND EXAMPLES\n.nf\nExamples:\n  foretop  "), "{page}");
        assert!(page.contains("NO_COLOR\n.fi\n.SH VERSION\n"), "{page}");
    }

    #[test]
    fn each_command_has_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Cli::command();
        command.build();
        let count = write_all(&command, folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), count);
        assert!(folder.path().join("foretop-images-tags-move.1").exists());
    }
}
