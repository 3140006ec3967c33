//! A recording as a file: looked through once, so that it is known how long it is and whether it is whole.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};

use crate::core::recording::{Player, Told, Unreadable, glance};

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A line cannot be understood.
    #[error("{0}")]
    Line(#[from] Unreadable),
}

/// A recording.
#[derive(Debug)]
pub struct Script {
    path: PathBuf,
    /// The lines that can be read; what follows was cut off.
    lines: usize,
    /// Lines that tell the console something.
    told: usize,
    began: Option<Timestamp>,
    ended: Option<Timestamp>,
    is_whole: bool,
}

impl Script {
    /// Looks through a recording.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or a line in its midst is none of a recording.
    pub fn open(path: &Path) -> Result<Self, ReplayError> {
        let mut script =
            Self { path: path.to_owned(), lines: 0, told: 0, began: None, ended: None, is_whole: false };
        let mut reader = BufReader::new(File::open(path)?);
        let mut torn: Option<Unreadable> = None;
        let mut line = Vec::new();
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if torn.is_some() {
                // Something follows: it was not cut off there.
                break;
            }
            let number = script.lines + 1;
            let seen = std::str::from_utf8(&line).map_err(|error| error.to_string()).and_then(glance);
            match seen {
                // A line without an end is not whole, whatever it looks like.
                Ok(_) | Err(_) if line.last() != Some(&b'\n') => {
                    torn = Some(Unreadable { line: number, words: "the line is cut off".to_owned() });
                }
                Ok(seen) => {
                    script.lines = number;
                    script.told += usize::from(seen.tells);
                    script.is_whole = seen.ends;
                    script.began = script.began.or(seen.at);
                    script.ended = seen.at.or(script.ended);
                }
                Err(words) => torn = Some(Unreadable { line: number, words }),
            }
        }
        if script.lines == 0 || torn.as_ref().is_some_and(|torn| torn.line == 1) {
            return Err(Unreadable { line: 1, words: "this is no recording of Foretop".to_owned() }.into());
        }
        match torn {
            Some(torn) if !line.is_empty() => Err(torn.into()),
            _ => Ok(script),
        }
    }

    /// How many messages there are.
    pub fn told(&self) -> usize {
        self.told
    }

    /// Whether the console came to its end; if not, it was killed, or the disk was full.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// When the last message was told, from the beginning.
    pub(super) fn length(&self) -> SignedDuration {
        match (self.began, self.ended) {
            (Some(began), Some(ended)) => ended.duration_since(began),
            _ => SignedDuration::ZERO,
        }
    }

    /// Begins to play it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or does not begin as a recording of this version.
    pub fn play(&self) -> Result<Play, ReplayError> {
        let mut reader = BufReader::new(File::open(&self.path)?);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        let player = Player::begin(&first, env!("CARGO_PKG_VERSION"))?;
        Ok(Play { player, reader, left: self.lines - 1, began: self.began })
    }
}

/// A recording while it is played.
#[derive(Debug)]
pub struct Play {
    /// The state, and how it changes.
    pub player: Player,
    reader: BufReader<File>,
    left: usize,
    began: Option<Timestamp>,
}

impl Play {
    /// What the console was told next; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or a line of it.
    pub fn next(&mut self) -> Result<Option<Told>, ReplayError> {
        let mut line = String::new();
        while self.left > 0 {
            self.left -= 1;
            line.clear();
            self.reader.read_line(&mut line)?;
            if let Some(told) = self.player.read(&line)? {
                return Ok(Some(told));
            }
        }
        Ok(None)
    }

    /// How far a moment is from the first one.
    pub fn since_beginning(&self, moment: Timestamp) -> SignedDuration {
        moment.duration_since(self.began.unwrap_or(moment))
    }
}
