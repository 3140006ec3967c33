//! A recording as a file: looked through once, so that it is known how long it is and whether it is whole.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};

use crate::core::recording::{Glance, Player, Told, Unreadable, glance};

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is no regular file.
    #[error("it is no regular file, and a recording is read twice: write it to a file first")]
    NoFile,
    /// A line cannot be understood.
    #[error("{0}")]
    Line(#[from] Unreadable),
}

/// The longest line that is read. Long lists are broken into lines of about a megabyte.
pub(super) const LONGEST_LINE: usize = if cfg!(test) { 1 << 20 } else { 32 << 20 };

/// Reads a line with its end into an empty buffer; nothing at the end of the file.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>, number: usize) -> Result<(), ReplayError> {
    line.clear();
    reader.take(LONGEST_LINE as u64 + 1).read_until(b'\n', line)?;
    if line.len() > LONGEST_LINE {
        let words = format!("the line is longer than {} MB", LONGEST_LINE >> 20);
        return Err(Unreadable::new(number, &words).into());
    }
    Ok(())
}

fn as_text(line: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(line).map_err(|error| error.to_string())
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
    is_behind: bool,
}

impl Script {
    /// Looks through a recording.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or a line in its midst is none of a recording.
    pub fn open(path: &Path) -> Result<Self, ReplayError> {
        let mut script = Self {
            path: path.to_owned(),
            lines: 0,
            told: 0,
            began: None,
            ended: None,
            is_whole: false,
            is_behind: false,
        };
        let file = File::open(path)?;
        // It is read twice.
        if !file.metadata()?.is_file() {
            return Err(ReplayError::NoFile);
        }
        let mut reader = BufReader::new(file);
        let mut torn: Option<Unreadable> = None;
        let mut line = Vec::new();
        loop {
            read_line(&mut reader, &mut line, script.lines + 1 + usize::from(torn.is_some()))?;
            // Where something follows it was not cut off there.
            if line.is_empty() || torn.is_some() {
                break;
            }
            let number = script.lines + 1;
            match as_text(&line).and_then(glance) {
                // A line without an end is not whole, whatever it looks like.
                Ok(_) | Err(_) if line.last() != Some(&b'\n') => {
                    torn = Some(Unreadable::new(number, "the line is cut off"));
                }
                Ok(seen) => script.count(seen),
                Err(words) => torn = Some(Unreadable::new(number, &words)),
            }
        }
        if script.lines == 0 || torn.as_ref().is_some_and(|torn| torn.line == 1) {
            return Err(Unreadable::new(1, "this is no recording of Foretop").into());
        }
        match torn {
            Some(torn) if !line.is_empty() => Err(torn.into()),
            _ => Ok(script),
        }
    }

    fn count(&mut self, seen: Glance) {
        self.lines += 1;
        self.told += usize::from(seen.tells);
        self.is_whole = seen.ends;
        self.is_behind = seen.behind;
        self.began = self.began.or(seen.at);
        self.ended = seen.at.or(self.ended);
    }

    /// How many messages there are.
    pub fn told(&self) -> usize {
        self.told
    }

    /// Whether the console came to its end; if not, it was killed, or the disk was full.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether it ends because more was told than could be written, and the console went on.
    pub fn is_behind(&self) -> bool {
        self.is_behind
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
        let mut line = Vec::new();
        read_line(&mut reader, &mut line, 1)?;
        let first = as_text(&line).map_err(|words| Unreadable::new(1, &words))?;
        let player = Player::begin(first, env!("CARGO_PKG_VERSION"))?;
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
        let mut line = Vec::new();
        while self.left > 0 {
            self.left -= 1;
            let number = self.player.line() + 1;
            read_line(&mut self.reader, &mut line, number)?;
            let text = as_text(&line).map_err(|words| Unreadable::new(number, &words))?;
            if let Some(told) = self.player.read(text)? {
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
