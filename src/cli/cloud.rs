//! What the commands about things of Workspace have in common: how such things are listed and shown, and what is said when
//! they cannot be.

use super::{
    args::Format,
    output::{self, Heading},
    reach::{Reached, Wanted},
    run::{Stop, Streams, warn},
};
use crate::{
    api::Listing,
    core::cloud::record::Listed,
    domain::{Fault, FaultKind, WireKind},
    error::{Class, Error},
};

/// A kind of thing of which one can be shown by itself.
pub(super) trait Shown: Listed {
    /// The fields of one in CSV, in order.
    const ALL_FIELDS: &'static [&'static str] = Self::FIELDS;

    /// Everything about it: name and value.
    fn facts(&self) -> Vec<(&'static str, String)>;
}

/// Prints a list.
pub(super) fn print_list<T: Listed>(
    things: &[&T],
    format: Format,
    ascii: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let rows = || things.iter().map(|thing| thing.row());
    match format {
        Format::Json => output::json_list(streams.out, rows())?,
        Format::Jsonl => output::json_lines(streams.out, rows())?,
        Format::Csv => output::csv_rows(streams.out, T::FIELDS, true, rows())?,
        Format::Table => {
            let titles: Vec<Heading> = T::TITLES.iter().copied().map(Heading::left).collect();
            let cells: Vec<Vec<String>> = things.iter().map(|thing| thing.cells()).collect();
            output::write(streams.out, &output::columns(&titles, &cells, ascii))?;
        }
    }
    output::flush(streams.out)
}

/// Prints one thing.
pub(super) fn print_one<T: Shown>(
    thing: &T,
    format: Format,
    ascii: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    match format {
        Format::Json => output::json_object(streams.out, &thing.row())?,
        Format::Jsonl => output::json_lines(streams.out, [thing.row()])?,
        Format::Csv => output::csv_rows(streams.out, T::ALL_FIELDS, true, [thing.row()])?,
        Format::Table => {
            let titles = ["FIELD", "VALUE"].map(Heading::left);
            let facts: Vec<Vec<String>> =
                thing.facts().into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
            output::write(streams.out, &output::columns(&titles, &facts, ascii))?;
        }
    }
    output::flush(streams.out)
}

/// Refuses what only Workspace has, before anything is asked for.
pub(super) fn must_be_cloud(wanted: &Wanted, what: &str) -> Result<(), Error> {
    if wanted.is_cloud() {
        return Ok(());
    }
    let error = Error::refused(format!("{what} are {}", WireKind::Horizon.not_offered()));
    let hint =
        "they are of Huawei Cloud Workspace: name a profile with wire = \"workspace\"; nothing was asked";
    Err(error.on(wanted.name()).hint(hint))
}

/// A fault of this estate, for a person.
pub(super) fn of(reached: &Reached, fault: Fault) -> Error {
    Error::from(fault).on(&reached.name)
}

/// The same for something that was named by its id.
pub(super) fn of_one(reached: &Reached, what: &str, list: &str, fault: Fault) -> Error {
    let is_gone = fault.kind == FaultKind::EntityNotFound;
    let error = of(reached, fault);
    if is_gone { error.hint(format!("take the {what}'s id from `foretop {list}`")) } else { error }
}

/// Says what a list lacks; fails when it is not whole.
pub(super) fn is_whole<T>(listing: &Listing<T>, what: &str, streams: &mut Streams<'_>) -> Result<(), Error> {
    if listing.unreadable > 0 {
        warn(streams, &format!("{} {what} could not be read and were left out", listing.unreadable));
    }
    if listing.complete && listing.unreadable == 0 {
        return Ok(());
    }
    let words = "the list changed while it was read, or rows could not be understood";
    Err(Error::new(Class::Partial, format!("not all {what} are here")).words(words))
}
