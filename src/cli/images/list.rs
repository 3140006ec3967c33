//! The lists: streams, versions, tags, assets.

use super::{
    find::{What, find},
    has_uses, read_book, read_live,
};
use crate::{
    cli::{
        args::{Format, PartListArgs, StreamListArgs},
        filter,
        interrupt::Interrupts,
        output::{self, Heading},
        reach::Reached,
        run::{Stop, Streams, note},
    },
    config::Environment,
    core::{
        filter::{ImageFilter, Truth},
        images::{
            CLONE_TYPES, IMAGE_TYPES, ImageNode, LiveSessions, STREAM_STATUSES, Shelf, facts, known_word,
            nearest, os_label,
            record::{ASSET_FIELDS, ImageRow, STREAM_FIELDS, TAG_FIELDS, UsedBy, VERSION_FIELDS},
        },
    },
    domain::{ImagePart, StreamQuery, Text, VcenterId},
    error::{Class, Error},
};

/// What stands for what is not known.
const UNKNOWN: &str = "?";

/// What is to be listed, understood.
#[derive(Debug)]
pub(super) struct ListWish {
    what: What,
    query: StreamQuery,
    stream: Option<String>,
    filter: ImageFilter,
    format: Format,
}

/// A word of the API given as an option.
pub(super) fn word(option: &str, given: &str, words: &'static [&'static str]) -> Result<String, Error> {
    known_word(given, words)
        .map(str::to_owned)
        .map_err(|message| Error::usage(format!("{option}: {message}")))
}

impl ListWish {
    /// Understands `images list`.
    pub(super) fn of_streams(args: &StreamListArgs) -> Result<Self, Error> {
        let known = |option: &str, given: Option<&String>, words| {
            given.map(|given| word(option, given, words)).transpose()
        };
        Ok(Self {
            what: What::Stream,
            query: StreamQuery {
                status: known("--status", args.status.as_ref(), STREAM_STATUSES)?,
                clone_type: known("--clone-type", args.clone_type.as_ref(), CLONE_TYPES)?,
                image_type: known("--image-type", args.image_type.as_ref(), IMAGE_TYPES)?,
                vcenter: args.vcenter.as_deref().map(VcenterId::from),
            },
            stream: None,
            filter: filter::images(args.filter.as_deref())?,
            format: args.output.format,
        })
    }

    /// Understands the lists of what is below streams.
    pub(super) fn of_parts(what: What, args: &PartListArgs) -> Result<Self, Error> {
        Ok(Self {
            what,
            query: StreamQuery::default(),
            stream: args.stream.clone(),
            filter: filter::images(args.filter.as_deref())?,
            format: args.output.format,
        })
    }

    /// Reads and prints.
    pub(super) async fn print(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let book = read_book(reached, interrupts, &self.query, streams).await?;
        let nothing = LiveSessions::default();
        let live = if self.what != What::Asset && has_uses(&Shelf::new(&book, &nothing)) {
            read_live(reached, interrupts, streams).await?
        } else {
            nothing
        };
        let shelf = Shelf::new(&book, &live);
        if let Some(vcenter) = &self.query.vcenter {
            is_known(vcenter, &shelf, streams)?;
        }
        let nodes = self.choose(&shelf, streams)?;
        let rows: Vec<ImageRow> = nodes.iter().filter_map(|node| ImageRow::of(node, &shelf)).collect();
        match self.format {
            Format::Json => output::json_list(streams.out, &rows)?,
            Format::Jsonl => output::json_lines(streams.out, &rows)?,
            Format::Csv => output::csv_rows(streams.out, fields(self.what), true, &rows)?,
            Format::Table => {
                let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
                let text = output::columns(&headings(self.what), &cells, reached.settings.ascii);
                output::write(streams.out, &text)?;
            }
        }
        output::flush(streams.out)?;
        if environment.stderr_is_terminal && self.format == Format::Table {
            note(streams, &format!("{} of {}", rows.len(), self.what.all(&shelf).len()));
        }
        self.is_whole(&shelf)?;
        Ok(0)
    }

    /// Fails when not everything that was to be listed could be read, whatever the filter lets through: what is not
    /// in this list may be there all the same.
    fn is_whole(&self, shelf: &Shelf<'_>) -> Result<(), Error> {
        let of = match self.stream.as_deref().map(|given| find(What::Stream, given, shelf)).transpose()? {
            Some(ImageNode::Stream(id)) => Some(id),
            _ => None,
        };
        let part = self.what.part();
        let all = [Some(part), Some(ImagePart::Stream).filter(|_| of.is_none())];
        if all.into_iter().flatten().all(|part| shelf.knows_all(part, of.as_ref())) {
            return Ok(());
        }
        let gap = shelf.book.gaps.first();
        let nothing = self.what.all(shelf).is_empty();
        let class = gap.filter(|_| nothing).map_or(Class::Partial, |gap| Class::from(gap.kind));
        let why = gap.map_or_else(|| "rows could not be understood".to_owned(), ToString::to_string);
        Err(Error::new(class, format!("not all {part}s could be read")).words(why))
    }

    /// What the filter itself lets through. The tree of the console keeps what is above a match; a list that feeds a
    /// deletion must not: a stream in use is not "unused" because one of its versions is.
    fn choose(&self, shelf: &Shelf<'_>, streams: &mut Streams<'_>) -> Result<Vec<ImageNode>, Stop> {
        let of = self.stream.as_deref().map(|given| find(What::Stream, given, shelf)).transpose()?;
        let mut unknown = 0;
        let mut chosen = Vec::new();
        for node in self.what.all(shelf) {
            let stream = shelf.stream_of(&node).map(|stream| ImageNode::Stream(stream.id.clone()));
            if of.is_some() && stream != of {
                continue;
            }
            match if self.filter.is_empty() { Truth::Yes } else { self.filter.matches(&facts(shelf, &node)) }
            {
                Truth::Yes => chosen.push(node),
                Truth::Unknown => unknown += 1,
                Truth::No => {}
            }
        }
        told_unknown(unknown, streams);
        Ok(chosen)
    }
}

/// Fails when a vCenter was named that does not exist: nothing found would look like nothing there.
fn is_known(vcenter: &VcenterId, shelf: &Shelf<'_>, streams: &mut Streams<'_>) -> Result<(), Error> {
    let names = &shelf.book.vcenters;
    if names.contains_key(vcenter) || !shelf.book.assets.is_empty() {
        return Ok(());
    }
    let given = Text::clean(vcenter.raw());
    if names.is_empty() {
        note(streams, &format!("whether there is a vCenter `{given}` is unknown: they could not be read"));
        return Ok(());
    }
    let error = Error::usage(format!("no vCenter with the id `{given}` is known"));
    let by_name = names.iter().find(|(_, name)| name.as_str().eq_ignore_ascii_case(given.as_str()));
    let label = |id: &VcenterId, name: &Text| format!("{} ({name})", Text::clean(id.raw()));
    if let Some((id, name)) = by_name {
        return Err(error.hint(format!("it is the name of one; its id: {}", label(id, name))));
    }
    let words = names.iter().flat_map(|(id, name)| [id.raw(), name.as_str()]);
    let near = nearest(given.as_str(), words);
    let near = names.iter().find(|(id, name)| near.is_some_and(|near| near == id.raw() || **name == *near));
    let all = || names.iter().map(|(id, name)| label(id, name)).collect::<Vec<_>>().join(", ");
    Err(match near {
        Some((id, name)) => error.hint(format!("did you mean {}?", label(id, name))),
        None => error.hint(format!("there are: {}", all())),
    })
}

fn told_unknown(unknown: usize, streams: &mut Streams<'_>) {
    if unknown > 0 {
        note(streams, &format!("{unknown} left out: --where rests on values that are not known there"));
    }
}

pub(super) fn fields(what: What) -> &'static [&'static str] {
    match what {
        What::Stream => STREAM_FIELDS,
        What::Version => VERSION_FIELDS,
        What::Tag => TAG_FIELDS,
        What::Asset => ASSET_FIELDS,
    }
}

fn headings(what: What) -> Vec<Heading> {
    let titles: &[&str] = match what {
        What::Stream => &["NAME", "STATUS", "OS", "VERSIONS", "TAGS", "POOLS", "FARMS", "SESSIONS"],
        What::Version => &["STREAM", "NAME", "STATUS", "TAGS", "POOLS", "FARMS", "SESSIONS", "DESCRIPTION"],
        What::Tag => &["STREAM", "NAME", "VERSION", "POOLS", "FARMS", "SESSIONS", "USED BY"],
        What::Asset => &["STREAM", "VERSION", "VCENTER", "CLONE TYPE", "IMAGE TYPE", "STATUS", "ID"],
    };
    let right = ["VERSIONS", "POOLS", "FARMS", "SESSIONS"];
    titles.iter().map(|title| Heading { right: right.contains(title), ..Heading::left(title) }).collect()
}

fn cells(row: &ImageRow) -> Vec<String> {
    let shown = |text: Option<&Text>| text.map_or_else(|| UNKNOWN.to_owned(), ToString::to_string);
    let numbers = |used: &UsedBy| {
        let count = |names: Option<&Vec<Text>>| {
            names.map_or_else(|| UNKNOWN.to_owned(), |names| names.len().to_string())
        };
        let sessions = used.sessions.map_or_else(|| UNKNOWN.to_owned(), |count| count.to_string());
        [count(used.pools.as_ref()), count(used.farms.as_ref()), sessions]
    };
    match row {
        ImageRow::Stream(one) => {
            let [pools, farms, sessions] = numbers(&one.used_by);
            let os =
                one.operating_system.as_ref().map_or_else(|| UNKNOWN.to_owned(), |os| os_label(os.as_str()));
            let versions =
                one.versions.as_ref().map_or_else(|| UNKNOWN.to_owned(), |names| names.len().to_string());
            let tags = joined_or_unknown(one.tags.as_ref());
            vec![
                shown(one.name.as_ref()),
                shown(one.status.as_ref()),
                os,
                versions,
                tags,
                pools,
                farms,
                sessions,
            ]
        }
        ImageRow::Version(one) => {
            let [pools, farms, sessions] = numbers(&one.used_by);
            let about = one.description.as_ref().map_or_else(String::new, ToString::to_string);
            let [stream, name, status] =
                [&one.stream, &one.name, &one.status].map(|text| shown(text.as_ref()));
            vec![stream, name, status, joined_or_unknown(one.tags.as_ref()), pools, farms, sessions, about]
        }
        ImageRow::Tag(one) => {
            let [pools, farms, sessions] = numbers(&one.used_by);
            let [stream, name, version] =
                [&one.stream, &one.name, &one.version].map(|text| shown(text.as_ref()));
            let names: Option<Vec<Text>> = one
                .used_by
                .pools
                .as_ref()
                .zip(one.used_by.farms.as_ref())
                .map(|(pools, farms)| pools.iter().chain(farms).cloned().collect());
            let used_by = names.map_or_else(|| UNKNOWN.to_owned(), |names| joined(&names));
            vec![stream, name, version, pools, farms, sessions, used_by]
        }
        ImageRow::Asset(one) => {
            let vcenter = one.vcenter.as_ref().map(ToString::to_string);
            let vcenter = vcenter.or_else(|| one.vcenter_id.as_deref().map(|id| Text::clean(id).to_string()));
            let words = [&one.clone_type, &one.image_type, &one.status].map(|text| shown(text.as_ref()));
            let mut cells = vec![shown(one.stream.as_ref()), shown(one.version.as_ref())];
            cells.push(vcenter.unwrap_or_else(|| UNKNOWN.to_owned()));
            cells.extend(words);
            cells.push(Text::clean(&one.id).to_string());
            cells
        }
    }
}

fn joined_or_unknown(names: Option<&Vec<Text>>) -> String {
    names.map_or_else(|| UNKNOWN.to_owned(), |names| joined(names))
}

fn joined(names: &[Text]) -> String {
    if names.is_empty() {
        return "-".to_owned();
    }
    names.iter().map(Text::as_str).collect::<Vec<_>>().join(" ")
}
