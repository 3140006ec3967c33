//! The side of the process that goes on without a terminal.

use std::{
    io::{self, Read as _, Write as _},
    os::{fd::AsFd as _, unix::net::UnixStream},
};

use super::{Answer, GO, Handover};
use crate::error::{Class, Error};

/// The line to whoever started this process. The job goes on when the other end has said "go", whatever becomes of it
/// afterwards.
#[derive(Debug)]
pub(in crate::cli) struct Line {
    socket: UnixStream,
    is_settled: bool,
}

impl Line {
    /// Leaves the terminal for good, and takes the line up.
    pub(in crate::cli) fn open() -> Result<Self, Error> {
        let socket =
            UnixStream::from(io::stdin().as_fd().try_clone_to_owned().map_err(|error| failed(&error))?);
        if socket.peer_addr().is_err() {
            return Err(Error::usage("--detached is for processes that Foretop starts itself")
                .hint("--detach hands a job to such a process"));
        }
        // A session of its own has no terminal: nothing that happens to one reaches this process.
        rustix::process::setsid().map_err(|error| failed(&error.into()))?;
        Ok(Self { socket, is_settled: false })
    }

    /// Where the job is carried out, and as whom.
    pub(in crate::cli) fn handover(&mut self) -> Result<Handover, Error> {
        Handover::receive(&mut self.socket).map_err(|error| failed(&error))
    }

    /// Says that the job is under its lock, and waits for the word to begin. Fails when nobody is there any more who would
    /// tell the operator: then nothing may leave.
    pub(in crate::cli) fn taken(&mut self) -> Result<(), Error> {
        self.answer(&Answer::Taken).map_err(|error| failed(&error))?;
        let mut word = [0; GO.len()];
        self.socket.read_exact(&mut word).map_err(|error| {
            Error::new(Class::Unexpected, "whoever started this has gone: nothing was sent")
                .words(error.to_string())
        })?;
        Ok(())
    }

    /// Says why the job is not gone on with, unless it was.
    pub(in crate::cli) fn failed(&mut self, error: &Error) {
        if !self.is_settled {
            let hint = error.advice().map(str::to_owned);
            if let Err(error) = self.answer(&Answer::Failed { words: error.to_string(), hint }) {
                tracing::warn!(%error, "nobody listens to why a job was not gone on with");
            }
        }
    }

    fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        self.is_settled = true;
        let mut line = serde_json::to_vec(answer)?;
        line.push(b'\n');
        self.socket.write_all(&line)
    }
}

fn failed(error: &io::Error) -> Error {
    Error::new(Class::Unexpected, "cannot take the job over").words(error.to_string())
}
