//! Everything about one stream, version, tag or asset.

use super::{
    find::{What, find},
    list::fields,
    of, read_book, read_live,
};
use crate::{
    cli::{
        args::{Format, ImageShowArgs},
        interrupt::Interrupts,
        output::{self, Heading},
        reach::Reached,
        run::{Stop, Streams},
    },
    core::images::{ImageNode, ImagesTab, Shelf, detail, record::ImageRow},
    domain::{StreamQuery, Text},
};

/// Reads and prints it. A stream is asked for by its id once more, so that it is as it is now.
pub(super) async fn print(
    what: What,
    args: &ImageShowArgs,
    reached: &Reached,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let mut book = read_book(reached, interrupts, &StreamQuery::default(), streams).await?;
    let live = read_live(reached, interrupts, streams).await?;
    let node = find(what, &args.target, &Shelf::new(&book, &live))?;
    if let ImageNode::Stream(id) = &node {
        let newest = interrupts.or(reached.estate.stream(id)).await?.map_err(|fault| of(reached, fault))?;
        if let Some(old) = book.streams.iter_mut().find(|stream| stream.id == *id) {
            *old = newest;
        }
    }
    let shelf = Shelf::new(&book, &live);
    let Some(row) = ImageRow::of(&node, &shelf) else {
        return Ok(0);
    };
    match args.output.format {
        Format::Json => output::json_object(streams.out, &row)?,
        Format::Jsonl => output::json_lines(streams.out, [row])?,
        Format::Csv => output::csv_rows(streams.out, fields(what), true, [row])?,
        Format::Table => {
            let lines = lines(&shelf, &node, reached);
            let text = output::columns(&[Heading::left("FIELD"), Heading::left("VALUE")], &lines, false);
            output::write(streams.out, &text)?;
        }
    }
    output::flush(streams.out)?;
    Ok(0)
}

/// The same lines as the details in the console.
fn lines(shelf: &Shelf<'_>, node: &ImageNode, reached: &Reached) -> Vec<Vec<String>> {
    let mut lines = vec![vec![node.kind().to_owned(), shelf.path(node).to_string()]];
    let Some(told) = detail(shelf, node, &ImagesTab::default(), reached.server_now()) else {
        return lines;
    };
    for (label, value) in told.fields {
        let value = value.as_ref().map_or("?", Text::as_str).to_owned();
        lines.push(vec![label.to_owned(), value]);
    }
    for (words, attention) in told.outlook {
        let label = if attention { "attention" } else { "outlook" };
        lines.push(vec![label.to_owned(), words.to_string()]);
    }
    lines
}
