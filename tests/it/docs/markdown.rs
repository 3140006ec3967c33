//! As much of Markdown as the tests of the documents need: blocks of code with their marks, headings, links, tables.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The folder of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README and everything in `docs/`, by their paths in the repository.
pub(crate) fn documents() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(repository().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| has_ending(name, "md"))
        .map(|name| format!("docs/{name}"))
        .collect();
    names.push("README.md".to_owned());
    names.sort();
    names
}

/// Whether a name ends in this, behind a dot.
pub(crate) fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|given| given == ending)
}

/// The text of a document.
pub(crate) fn text_of(file: &str) -> String {
    fs::read_to_string(repository().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A block of code.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// In which document.
    pub(crate) file: String,
    /// On which line it begins.
    pub(crate) line: usize,
    /// The language behind the fence.
    pub(crate) language: String,
    /// The comment that stands directly above it and is shown to nobody: what a test does with it.
    pub(crate) mark: Option<String>,
    pub(crate) text: String,
}

impl Block {
    /// Where it is.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// The blocks of code of a document.
pub(crate) fn blocks(file: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut inside, mut mark) = (false, None);
    for (index, line) in text_of(file).lines().enumerate() {
        let trimmed = line.trim();
        if let Some(language) = trimmed.strip_prefix("```") {
            if !inside {
                blocks.push(Block {
                    file: file.to_owned(),
                    line: index + 1,
                    language: language.to_owned(),
                    mark: mark.take(),
                    text: String::new(),
                });
            }
            inside = !inside;
        } else if inside {
            let block = blocks.last_mut().unwrap();
            block.text.push_str(line);
            block.text.push('\n');
        } else if let Some(comment) = trimmed.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->")) {
            mark = Some(comment.trim().to_owned());
        } else if !trimmed.is_empty() {
            mark = None;
        }
    }
    assert!(!inside, "{file}: a block of code has no end");
    blocks
}

/// The lines outside of blocks of code, with their numbers.
pub(crate) fn prose(file: &str) -> Vec<(usize, String)> {
    let mut inside = false;
    let mut lines = Vec::new();
    for (index, line) in text_of(file).lines().enumerate() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            lines.push((index + 1, line.to_owned()));
        }
    }
    lines
}

/// The names by which the headings of a document can be linked to, as GitHub makes them.
pub(crate) fn anchors(file: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = Vec::new();
    for (_, line) in prose(file) {
        let Some(heading) = line.strip_prefix('#').map(|rest| rest.trim_start_matches('#')) else { continue };
        let Some(heading) = heading.strip_prefix(' ') else { continue };
        let name: String = heading
            .trim()
            .to_lowercase()
            .chars()
            .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'))
            .map(|letter| if letter == ' ' { '-' } else { letter })
            .collect();
        let times = seen.entry(name.clone()).or_default();
        anchors.push(if *times == 0 { name.clone() } else { format!("{name}-{times}") });
        *times += 1;
    }
    anchors
}

/// Where the links and pictures of a document point, with the lines on which they stand.
pub(crate) fn links(file: &str) -> Vec<(usize, String)> {
    let pattern = regex::Regex::new(r"\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)").unwrap();
    let html = regex::Regex::new(r#"(?:src|srcset|href)="([^"\s]+)""#).unwrap();
    let mut found = Vec::new();
    for (number, line) in prose(file) {
        let line = without_code(&line);
        for pattern in [&pattern, &html] {
            found.extend(pattern.captures_iter(&line).map(|link| (number, link[1].to_owned())));
        }
    }
    found
}

/// A line without what stands between backticks in it, which links nowhere.
fn without_code(line: &str) -> String {
    // What is at odd places stands between two backticks, if the last of them has a partner.
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The rows of the first table under a heading, cell by cell, without its head.
pub(crate) fn table(file: &str, heading: &str) -> Vec<Vec<String>> {
    let lines = prose(file).into_iter().map(|(_, line)| line);
    let below = lines.skip_while(|line| line.trim_start_matches(['#', ' ']) != heading).skip(1);
    let rows: Vec<Vec<String>> = below
        .take_while(|line| !line.starts_with('#'))
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .map(|line| cells(&line))
        .collect();
    assert!(rows.len() > 2, "{file} has no table under {heading:?}");
    rows.into_iter().skip(2).collect()
}

/// The cells of a row; `\|` is no border.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|').replace("\\|", "\u{1f}");
    let row = row.strip_suffix('|').unwrap_or(&row);
    row.split('|').map(|cell| cell.replace('\u{1f}', "|").trim().to_owned()).collect()
}

/// What stands between backticks in a text.
pub(crate) fn spans(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The file that a link in a document means, and the heading in it.
pub(crate) fn target(file: &str, link: &str) -> (PathBuf, Option<String>) {
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (link, None),
    };
    if path.is_empty() {
        return (repository().join(file), anchor);
    }
    let folder = repository().join(file).parent().unwrap().to_owned();
    (folder.join(path), anchor)
}

#[test]
fn blocks_know_their_language_and_the_mark_above_them() {
    let marked: Vec<Block> =
        documents().iter().flat_map(|file| blocks(file)).filter(|block| block.mark.is_some()).collect();
    assert!(marked.iter().any(|block| block.language == "sh" && block.mark.as_deref() == Some("runs")));
    assert!(without_code("a `[b](c)` [d](e)").contains("[d](e)"));
    assert!(!without_code("a `[b](c)` [d](e)").contains("[b](c)"));
}
