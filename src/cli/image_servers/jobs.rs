//! The cloud's jobs on image servers and images: what runs, what is over, and why it failed.

use serde::Serialize;

use super::{is_whole, list::time, of, of_one};
use crate::{
    api::RequestClass,
    cli::{
        args::{Format, ImageJobShowArgs, ImageJobsArgs},
        interrupt::Interrupts,
        output::{self, Heading},
        reach::Reached,
        run::{Stop, Streams},
    },
    core::images::known_word,
    domain::{CloudJobId, CloudJobKind, CloudJobStatus, ImageJob, SubJob, Text},
    error::Error,
};

const KINDS: &[&str] = &["CREATE_SERVER", "CREATE_SERVER_IMAGE", "DELETE_SERVER"];
const STATUSES: &[&str] = &["WAITING", "RUNNING", "SUCCESS", "FAILED"];

/// The fields in CSV, in order.
const FIELDS: &[&str] = &[
    "id",
    "job_type",
    "status",
    "begin_time",
    "end_time",
    "resource_id",
    "resource_name",
    "error_code",
    "error_message",
];

/// A job with the field names of the vendor's API. What is not known is absent; lists do not tell the parts.
#[derive(Debug, Serialize)]
pub(super) struct Row<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    begin_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    /// What it made, once it has succeeded: of a build the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<&'a Text>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_jobs: Option<Vec<Part<'a>>>,
}

#[derive(Debug, Serialize)]
struct Part<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    begin_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a Text>,
}

impl<'a> Row<'a> {
    pub(super) fn new(job: &'a ImageJob) -> Self {
        let product = job.product();
        let failure = job.failure();
        Self {
            id: job.id.raw(),
            job_type: job.kind.as_ref().map(CloudJobKind::word),
            status: job.status.as_ref().map(CloudJobStatus::word),
            begin_time: time(job.began_at.as_ref()),
            end_time: time(job.ended_at.as_ref()),
            resource_id: product.map(|(id, _)| id),
            resource_name: product.and_then(|(_, name)| name),
            error_code: failure.and_then(|(code, _)| code),
            error_message: failure.and_then(|(_, words)| words),
            sub_jobs: job.sub_jobs.as_ref().map(|parts| parts.iter().map(Part::new).collect()),
        }
    }
}

impl<'a> Part<'a> {
    fn new(part: &'a SubJob) -> Self {
        Self {
            id: part.id.raw(),
            job_type: part.kind.as_ref().map(CloudJobKind::word),
            status: part.status.as_ref().map(CloudJobStatus::word),
            begin_time: time(part.began_at.as_ref()),
            end_time: time(part.ended_at.as_ref()),
            resource_id: part.resource_id.as_ref(),
            resource_name: part.resource_name.as_ref(),
            error_code: part.error_code.as_ref(),
            error_message: part.error_message.as_ref(),
        }
    }
}

/// Why a job failed, in one line; nothing when it does not say.
pub(super) fn reason(job: &ImageJob) -> Option<String> {
    let (code, words) = job.failure()?;
    let both: Vec<&str> = [code, words].into_iter().flatten().map(Text::as_str).collect();
    Some(both.join(": "))
}

/// What is to be listed, understood.
#[derive(Debug)]
pub(super) struct Wish {
    kind: Option<CloudJobKind>,
    status: Option<CloudJobStatus>,
    format: Format,
}

impl Wish {
    pub(super) fn new(args: &ImageJobsArgs) -> Result<Self, Error> {
        let known = |option: &str, given: Option<&String>, words| {
            let word = given.map(|given| known_word(given, words)).transpose();
            word.map_err(|message| Error::usage(format!("{option}: {message}")))
        };
        Ok(Self {
            kind: known("--kind", args.kind.as_ref(), KINDS)?.map(CloudJobKind::from),
            status: known("--status", args.status.as_ref(), STATUSES)?.map(CloudJobStatus::from),
            format: args.output.format,
        })
    }

    /// Reads and prints, the newest first.
    pub(super) async fn print(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let reading = reached.estate.image_jobs(RequestClass::Poll, self.kind.clone(), self.status.clone());
        let mut listing = interrupts.or(Box::pin(reading)).await?.map_err(|fault| of(reached, fault))?;
        let began = |job: &ImageJob| job.began_at.as_ref().and_then(|moment| moment.at);
        listing.rows.sort_by_key(|job| std::cmp::Reverse(began(job)));
        let rows = || listing.rows.iter().map(Row::new);
        match self.format {
            Format::Json => output::json_list(streams.out, rows())?,
            Format::Jsonl => output::json_lines(streams.out, rows())?,
            // What only one job tells is left out.
            Format::Csv => output::csv_rows(streams.out, &FIELDS[..5], true, rows())?,
            Format::Table => {
                let titles = ["BEGAN", "ENDED", "STATUS", "KIND", "ID"].map(Heading::left);
                let cells: Vec<Vec<String>> = listing.rows.iter().map(cells).collect();
                output::write(streams.out, &output::columns(&titles, &cells, reached.settings.ascii))?;
            }
        }
        output::flush(streams.out)?;
        is_whole(&listing, "jobs", streams)?;
        Ok(0)
    }
}

fn cells(job: &ImageJob) -> Vec<String> {
    let shown = |text: Option<String>| text.unwrap_or_else(|| "?".to_owned());
    let ended = time(job.ended_at.as_ref());
    vec![
        shown(time(job.began_at.as_ref())),
        ended.unwrap_or_else(|| if job.is_over() == Some(true) { "?" } else { "-" }.to_owned()),
        shown(job.status.as_ref().map(ToString::to_string)),
        shown(job.kind.as_ref().map(ToString::to_string)),
        Text::clean(job.id.raw()).to_string(),
    ]
}

/// Reads and prints one job.
pub(super) async fn print_one(
    args: &ImageJobShowArgs,
    reached: &Reached,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let id = CloudJobId::from(args.id.as_str());
    let read = interrupts.or(reached.estate.image_job(RequestClass::Job, &id)).await?;
    let job = read.map_err(|fault| of_one(reached, "job", "image-servers jobs", fault))?;
    let row = Row::new(&job);
    match args.output.format {
        Format::Json => output::json_object(streams.out, &row)?,
        Format::Jsonl => output::json_lines(streams.out, [row])?,
        Format::Csv => output::csv_rows(streams.out, FIELDS, true, [row])?,
        Format::Table => {
            let titles = ["FIELD", "VALUE"].map(Heading::left);
            output::write(streams.out, &output::columns(&titles, &facts(&job), reached.settings.ascii))?;
        }
    }
    output::flush(streams.out)?;
    Ok(0)
}

fn facts(job: &ImageJob) -> Vec<Vec<String>> {
    let titles = ["began", "ended", "status", "kind", "id"];
    let mut facts: Vec<(&str, String)> = titles.into_iter().zip(cells(job)).rev().collect();
    if let Some((id, name)) = job.product() {
        facts.push(("made", name.map_or_else(|| id.to_string(), |name| format!("{name} ({id})"))));
    }
    facts.extend(reason(job).map(|words| ("why it failed", words)));
    for part in job.sub_jobs.iter().flatten() {
        let status = part.status.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string);
        let what = part.resource_name.as_ref().or(part.resource_id.as_ref());
        let what = what.map(|what| format!(" {what}")).unwrap_or_default();
        facts.push(("part", format!("{}{what}: {status}", Text::clean(part.id.raw()))));
    }
    facts.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect()
}
