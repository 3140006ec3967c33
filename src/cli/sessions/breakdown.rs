//! `foretop sessions list --by FACET`: how many of the chosen sessions each value has, and how that compares with all.

use serde::Serialize;

use crate::{
    cli::{
        args::Format,
        output::{self, Heading},
        run::{Stop, Streams},
    },
    config::nearest,
    core::{
        facets::{Breakdown, Facet, FacetValue},
        table::{Names, SessionTable},
    },
    domain::Text,
    error::Error,
};

/// By what, and in which order.
#[derive(Debug, Clone, Copy)]
pub(super) struct By {
    facet: Facet,
    lift: bool,
}

/// A bucket as data. The keys are part of the documented output.
#[derive(Debug, Serialize)]
struct BucketRecord {
    facet: &'static str,
    value: Option<String>,
    sessions: u32,
    of_all: u32,
    lift: Option<f64>,
    filter: String,
    name: Option<String>,
}

/// The keys, for CSV.
const FIELDS: &[&str] = &["facet", "value", "sessions", "of_all", "lift", "filter", "name"];

impl By {
    /// Understands the arguments.
    pub(super) fn new(name: &str, sort: Option<&str>) -> Result<Self, Error> {
        let facet = Facet::from_name(name.trim()).ok_or_else(|| {
            let names = || Facet::ALL.iter().map(|facet| facet.name());
            let error = Error::usage(format!("there is no facet `{name}`"));
            match nearest(name, names()) {
                Some(nearest) => error.hint(format!("did you mean `{nearest}`?")),
                None => error.hint(format!("facets: {}", names().collect::<Vec<_>>().join(", "))),
            }
        })?;
        let lift = match sort {
            None | Some("count") => false,
            Some("lift") => true,
            Some(other) => {
                let error = Error::usage(format!("with --by nothing is sorted by `{other}`"));
                return Err(error.hint("--sort count, or --sort lift"));
            }
        };
        Ok(Self { facet, lift })
    }

    /// Whether it tells of groups of users.
    pub(super) fn is_of_groups(self) -> bool {
        self.facet == Facet::Group
    }

    /// Prints the breakdown of some rows of a table. Says how many buckets are left out at its end.
    pub(super) fn print(
        self,
        rows: &[u32],
        table: &SessionTable,
        names: &Names,
        format: Format,
        ascii: bool,
        streams: &mut Streams<'_>,
    ) -> Result<usize, Stop> {
        let breakdown = Breakdown::of(self.facet, table.rows(), rows, self.lift);
        let records = breakdown.buckets.iter().map(|bucket| {
            let value = breakdown.value(*bucket);
            BucketRecord {
                facet: self.facet.name(),
                value: value.said(),
                sessions: bucket.shown,
                of_all: bucket.overall,
                lift: breakdown.lift(*bucket).map(|lift| (lift * 100.0).round() / 100.0),
                filter: value.terms(),
                name: self.name_of(&value, names),
            }
        });
        let printed = match format {
            Format::Json => output::json_list(streams.out, records),
            Format::Jsonl => output::json_lines(streams.out, records),
            Format::Csv => output::csv_rows(streams.out, FIELDS, true, records),
            Format::Table => {
                let heading = |title: &str| Heading { title: title.to_owned(), right: true, limit: None };
                let headings = [
                    Heading::left(&self.facet.name().to_uppercase()),
                    heading("HERE"),
                    heading("ALL"),
                    heading("LIFT"),
                ];
                let cells: Vec<Vec<String>> = breakdown
                    .buckets
                    .iter()
                    .map(|bucket| {
                        let lift = breakdown.lift(*bucket);
                        vec![
                            breakdown.value(*bucket).label(names),
                            bucket.shown.to_string(),
                            bucket.overall.to_string(),
                            lift.map_or_else(|| "?".to_owned(), |lift| format!("x{lift:.1}")),
                        ]
                    })
                    .collect();
                output::write(streams.out, &output::columns(&headings, &cells, ascii))
            }
        };
        printed.map(|()| breakdown.more)
    }

    /// The whole name of a group or farm, where it is known; its value is the SID or the id.
    fn name_of(self, value: &FacetValue<'_>, names: &Names) -> Option<String> {
        if let Some(farm) = value.farm_name() {
            return Some(Text::clean(farm).to_string());
        }
        let sid = value.said().filter(|_| self.is_of_groups())?;
        names.groups.name(&sid).map(str::to_owned)
    }
}
