//! The disk below the records: the real one, or in tests one that fills up or breaks.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// What is done to a disk that may go wrong. A write may take less than it was given.
pub(super) trait Disk: fmt::Debug + Send + Sync {
    /// Appends bytes and says how many of them it took.
    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        let mut file = file;
        file.write(bytes)
    }

    /// Returns when what was written survives a loss of power.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    /// Returns when the names in a folder survive it too.
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        // Elsewhere a folder cannot be opened like a file.
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }
}

/// The real one.
#[derive(Debug)]
pub(super) struct RealDisk;

impl Disk for RealDisk {}

/// Appends all of the bytes. On failure it says how many of them are there.
pub(super) fn append(disk: &dyn Disk, file: &File, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
    let mut done = 0;
    while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
        match disk.write(file, rest) {
            Ok(0) => return Err((done, io::ErrorKind::WriteZero.into())),
            Ok(taken) => done += taken,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((done, error)),
        }
    }
    Ok(())
}

/// Creates a folder that only its owner may enter (0700), with the folders above it. One that exists is left as it is.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Options for a file that only its owner may read (0600), to be read and appended to.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
