//! Reports of jobs as files that only their owner may read.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::Shared;
use crate::{
    core::msg::Msg,
    domain::{JobId, Text},
};

/// Writes the files and tells where they are.
pub(super) async fn write(
    shared: Arc<Shared>,
    job: Option<JobId>,
    folder: PathBuf,
    name: String,
    files: Vec<(String, String)>,
) {
    let written = tokio::task::spawn_blocking(move || {
        let path = folder.join(format!("{name}.*")).display().to_string();
        write_for_owner(&folder, &name, &files)
            .map(|()| Text::clean(&path))
            .map_err(|error| Text::clean(&format!("{error}: {path}")))
    });
    let answer = written.await.unwrap_or_else(|_| Err(Text::clean("it was not finished")));
    shared.send(Msg::ReportWritten { job, answer }).await;
}

/// Makes a text beside the keys, writes it to a file and tells where that is.
pub(super) async fn write_text(
    shared: Arc<Shared>,
    folder: PathBuf,
    name: String,
    ending: &'static str,
    text: impl FnOnce() -> String + Send + 'static,
) {
    let written = tokio::task::spawn_blocking(move || {
        let path = folder.join(format!("{name}.{ending}")).display().to_string();
        write_for_owner(&folder, &name, &[(ending.to_owned(), text())])
            .map(|()| Text::clean(&path))
            .map_err(|error| Text::clean(&format!("{error}: {path}")))
    });
    let answer = written.await.unwrap_or_else(|_| Err(Text::clean("it was not finished")));
    shared.send(Msg::FileWritten { answer }).await;
}

/// Writes each file anew, for its owner only: under another name first, so that what is there stays whole when the disk is full.
pub(in crate::runtime) fn write_for_owner(
    folder: &Path,
    name: &str,
    files: &[(String, String)],
) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    for (ending, text) in files {
        let (path, begun) =
            (folder.join(format!("{name}.{ending}")), folder.join(format!(".{name}.{ending}")));
        drop(fs::remove_file(&begun));
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&begun)?;
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        fs::rename(&begun, &path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_for_their_owner_only_and_can_be_written_again() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("foretop/reports");
        let files =
            |text: &str| vec![("md".to_owned(), text.to_owned()), ("csv".to_owned(), text.to_owned())];
        write_for_owner(&folder, "20260302T140220Z-7f3a", &files("one, longer")).unwrap();
        write_for_owner(&folder, "20260302T140220Z-7f3a", &files("two")).unwrap();
        let path = folder.join("20260302T140220Z-7f3a.md");
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let rights = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((rights(&path), rights(&folder)), (0o600, 0o700));
        }
    }
}
