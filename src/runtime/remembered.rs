//! What the console remembers from one run to the next: `console.json` in the state folder.

use std::{fs, io, path::Path};

use super::perform::write_for_owner;
use crate::core::remembered::Memory;

/// The name of the file, without its ending.
const NAME: &str = "console";
const ENDING: &str = "json";

/// Reads it. What cannot be read is as if nothing was remembered: a console must start. It is kept aside, once.
pub(super) fn load(state_dir: &Path) -> Memory {
    let path = state_dir.join(format!("{NAME}.{ENDING}"));
    match read(&path) {
        Ok(memory) => memory.checked(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Memory::default(),
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "what was remembered cannot be read");
            drop(fs::rename(&path, path.with_extension("unreadable")));
            Memory::default()
        }
    }
}

fn read(path: &Path) -> io::Result<Memory> {
    let text = fs::read_to_string(path)?;
    serde_json::from_str(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Writes it over what is there: other consoles may have written meanwhile.
///
/// # Errors
///
/// Those of reading and writing files.
pub(super) fn store(state_dir: &Path, memory: Memory) -> io::Result<()> {
    let record = load(state_dir);
    let text = serde_json::to_string_pretty(&memory.over(record)).map_err(io::Error::other)?;
    write_for_owner(state_dir, NAME, &[(ENDING.to_owned(), text + "\n")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{state::PromptKind, views::NamedView};

    #[test]
    fn what_is_stored_comes_back_and_nonsense_is_kept_aside() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(load(home.path()), Memory::default());
        let mut memory = Memory::default();
        memory.views.insert("morning".to_owned(), NamedView { key: Some(9), ..NamedView::default() });
        memory.touched.insert("morning".to_owned());
        memory.history.insert(PromptKind::Filter, vec!["state:disc".to_owned()]);
        store(home.path(), memory.clone()).unwrap();
        memory.touched.clear();
        assert_eq!(load(home.path()), memory);
        fs::write(home.path().join("console.json"), "{").unwrap();
        assert_eq!(load(home.path()), Memory::default());
        assert!(home.path().join("console.unreadable").exists());
    }
}
