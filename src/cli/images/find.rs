//! From a name or id on the command line to what it means.

use crate::{
    core::images::{ImageNode, Shelf, nearest},
    domain::{ImagePart, Stream, Text, VersionId},
    error::Error,
};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Stream,
    Version,
    Tag,
    Asset,
}

impl What {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Version => "version",
            Self::Tag => "tag",
            Self::Asset => "asset",
        }
    }

    /// The part of the book that it is.
    pub(super) fn part(self) -> ImagePart {
        match self {
            Self::Stream => ImagePart::Stream,
            Self::Version => ImagePart::Version,
            Self::Tag => ImagePart::Tag,
            Self::Asset => ImagePart::Asset,
        }
    }

    /// Everything of this kind.
    pub(super) fn all(self, shelf: &Shelf<'_>) -> Vec<ImageNode> {
        let book = shelf.book;
        match self {
            Self::Stream => book.streams.iter().map(|one| ImageNode::Stream(one.id.clone())).collect(),
            Self::Version => book.versions.iter().map(|one| ImageNode::Version(one.id.clone())).collect(),
            Self::Tag => book.tags.iter().map(|one| ImageNode::Tag(one.id.clone())).collect(),
            Self::Asset => book.assets.iter().map(|one| ImageNode::Asset(one.id.clone())).collect(),
        }
    }
}

fn raw(node: &ImageNode) -> &str {
    match node {
        ImageNode::Stream(id) => id.raw(),
        ImageNode::Version(id) => id.raw(),
        ImageNode::Tag(id) => id.raw(),
        ImageNode::Asset(id) => id.raw(),
        ImageNode::Use(_, _, id) => id,
    }
}

/// Finds what a name or id means. An id is preferred; names are compared without regard to case.
pub(super) fn find(what: What, given: &str, shelf: &Shelf<'_>) -> Result<ImageNode, Error> {
    find_all(what, given, shelf)?.ok_or_else(|| unknown(what, given, shelf))
}

/// The same; `None` when nothing has this name or id.
pub(super) fn find_all(what: What, given: &str, shelf: &Shelf<'_>) -> Result<Option<ImageNode>, Error> {
    let all = what.all(shelf);
    if let Some(node) = all.iter().find(|node| raw(node) == given) {
        return Ok(Some(node.clone()));
    }
    let by_path: Vec<&ImageNode> = match what {
        What::Asset => Vec::new(),
        _ => all.iter().filter(|node| shelf.path(node).as_str().eq_ignore_ascii_case(given)).collect(),
    };
    match by_path.as_slice() {
        [only] => Ok(Some((*only).clone())),
        [] => Ok(None),
        many => {
            let ids: Vec<String> = many.iter().map(|node| Text::clean(raw(node)).to_string()).collect();
            let error = Error::usage(format!("`{given}` is the name of {} {}s", many.len(), what.word()));
            Err(error.hint(format!("take the id: {}", ids.join(", "))))
        }
    }
}

/// The name that was meant, if one is near: of a version or tag the stream must be near, and so must the name in it.
/// Two names of one stream have much in common by that alone.
pub(super) fn near(what: What, given: &str, shelf: &Shelf<'_>) -> Option<Text> {
    let paths: Vec<Text> = what.all(shelf).iter().map(|node| shelf.path(node)).collect();
    let paths = paths.iter().map(Text::as_str);
    match (what, given.split_once('/')) {
        (What::Asset, _) | (What::Version | What::Tag, None) => None,
        (What::Stream, _) => nearest(given, paths).map(Text::from),
        (What::Version | What::Tag, Some((stream, name))) => {
            let split: Vec<(&str, &str)> = paths.filter_map(|path| path.split_once('/')).collect();
            let stream = nearest(stream, split.iter().map(|(stream, _)| *stream))?;
            let of_it = split.iter().filter(|(other, _)| *other == stream).map(|(_, name)| *name);
            nearest(name, of_it).map(|name| Text::clean(&format!("{stream}/{name}")))
        }
    }
}

/// What is said of a name that nothing has, where the rest is done without it.
pub(super) fn not_found(what: What, given: &str, shelf: &Shelf<'_>) -> String {
    if !shelf.knows_all(what.part(), None) {
        return "not found, but not everything could be read".to_owned();
    }
    match near(what, given, shelf) {
        Some(near) => format!("not found; did you mean `{near}`?"),
        None => "not found".to_owned(),
    }
}

fn unknown(what: What, given: &str, shelf: &Shelf<'_>) -> Error {
    let word = what.word();
    let error = Error::usage(format!("there is no {word} `{}`", Text::clean(given)));
    match (what, near(what, given, shelf)) {
        (What::Asset, _) => error.hint("take the id from `foretop images assets list`"),
        (_, Some(near)) => error.hint(format!("did you mean `{near}`?")),
        (What::Stream, None) => error.hint("`foretop images list` shows the names"),
        (What::Version | What::Tag, None) if !given.contains('/') => {
            error.hint(format!("name it with its stream, as in STREAM/{given}"))
        }
        (What::Version | What::Tag, None) => {
            error.hint(format!("`foretop images {word}s list` shows the names"))
        }
    }
}

/// Splits `STREAM/NAME` of something new, and finds the stream.
pub(super) fn in_stream<'a>(given: &str, shelf: &Shelf<'a>) -> Result<(&'a Stream, String), Error> {
    let (stream, name) = split(given)?;
    match find(What::Stream, stream, shelf)? {
        ImageNode::Stream(id) => {
            let found =
                shelf.stream(&id).ok_or_else(|| Error::usage(format!("there is no stream `{stream}`")))?;
            Ok((found, name.to_owned()))
        }
        _ => Err(Error::usage(format!("there is no stream `{stream}`"))),
    }
}

/// The stream and the name in `STREAM/NAME`.
pub(super) fn split(given: &str) -> Result<(&str, &str), Error> {
    match given.split_once('/') {
        Some((stream, name)) if !stream.is_empty() && !name.is_empty() => Ok((stream, name)),
        _ => Err(Error::usage(format!("`{}` names no stream; write STREAM/NAME", Text::clean(given)))),
    }
}

/// Finds a version of a stream by its name alone, by `STREAM/VERSION`, or by its id.
pub(super) fn version_of(stream: &Stream, given: &str, shelf: &Shelf<'_>) -> Result<VersionId, Error> {
    let versions = shelf.versions_of(&stream.id);
    let name = given.split_once('/').map_or(given, |(_, name)| name);
    let named =
        |known: &Option<Text>| known.as_ref().is_some_and(|known| known.as_str().eq_ignore_ascii_case(name));
    if let Some(version) = versions.iter().find(|one| one.id.raw() == given) {
        return Ok(version.id.clone());
    }
    let path = shelf.path(&ImageNode::Stream(stream.id.clone()));
    if let Some((other, _)) = given.split_once('/')
        && !path.as_str().eq_ignore_ascii_case(other)
    {
        return Err(Error::usage(format!(
            "`{}` is a version of another stream than {path}",
            Text::clean(given)
        )));
    }
    let found: Vec<_> = versions.iter().filter(|one| named(&one.name)).collect();
    match found.as_slice() {
        [only] => Ok(only.id.clone()),
        [] => {
            let error = Error::usage(format!("{path} has no version `{}`", Text::clean(name)));
            let names: Vec<&str> =
                versions.iter().filter_map(|one| one.name.as_ref()).map(Text::as_str).collect();
            Err(match nearest(name, names.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("versions: {}", names.join(", "))),
            })
        }
        many => Err(Error::usage(format!("{path} has {} versions `{name}`", many.len())).hint("take the id")),
    }
}
