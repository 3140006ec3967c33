//! Links between the documents lead somewhere.

use super::markdown::{anchors, blocks, documents, has_ending, links, repository, target, text_of};

#[test]
fn every_link_and_every_anchor_resolves() {
    let mut files = documents();
    files.push("CHANGELOG.md".to_owned());
    let (mut seen, mut wrong) = (0, Vec::new());
    for file in &files {
        for (line, link) in links(file) {
            if link.starts_with("https://") || link.starts_with("http://") {
                continue;
            }
            seen += 1;
            let (path, anchor) = target(file, &link);
            let Ok(path) = path.canonicalize() else {
                wrong.push(format!("{file}:{line}: there is no {link}"));
                continue;
            };
            assert!(path.starts_with(repository().canonicalize().unwrap()), "{file}:{line}: {link}");
            let Some(anchor) = anchor else { continue };
            let name = path.strip_prefix(repository().canonicalize().unwrap()).unwrap();
            let name = name.to_str().unwrap();
            if has_ending(name, "md") && !anchors(name).contains(&anchor) {
                wrong.push(format!("{file}:{line}: {name} has no heading {anchor}"));
            }
        }
    }
    assert!(seen > 100, "{seen} links");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whoever looks for something begins at README: from there every document is one step away.
#[test]
fn readme_names_every_document() {
    let named: Vec<String> = links("README.md").into_iter().map(|(_, link)| link).collect();
    for file in documents().iter().filter(|file| *file != "README.md") {
        let found = named.iter().any(|link| link.split('#').next() == Some(file));
        assert!(found, "README.md does not name {file}");
    }
}

/// What it is, what it looks like, and two commands: all of that without scrolling.
#[test]
fn the_first_screen_of_readme_is_enough_to_begin() {
    let text = text_of("README.md");
    let first: Vec<&str> = text.lines().take(20).collect();
    assert!(
        first[0] == "# Foretop" && first[2].contains("operations console for virtual desktops"),
        "{first:?}"
    );
    let place = |words: &str| first.iter().position(|line| line.starts_with(words));
    assert!(place("![").unwrap() < place("```sh").unwrap(), "{first:?}");
    let commands = blocks("README.md").remove(0);
    assert_eq!((commands.language.as_str(), commands.text.lines().count()), ("sh", 2), "{commands:?}");
    assert!(links("README.md").iter().any(|(line, link)| *line < 20 && link == "docs/getting-started.md"));
}

/// A picture that no document shows is one that nobody would miss.
#[test]
fn every_picture_is_shown_somewhere() {
    let shown: Vec<_> = documents()
        .iter()
        .flat_map(|file| links(file).into_iter().map(|(_, link)| target(file, &link).0).collect::<Vec<_>>())
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    for entry in std::fs::read_dir(repository().join("docs/pictures")).unwrap() {
        let path = entry.unwrap().path().canonicalize().unwrap();
        let is_picture = has_ending(path.to_str().unwrap(), "svg");
        assert!(!is_picture || shown.contains(&path), "{} is shown nowhere", path.display());
    }
}
