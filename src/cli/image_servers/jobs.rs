//! The cloud's jobs on image servers and images: what runs, what is over, and why it failed.

use serde::Serialize;

use crate::{
    api::RequestClass,
    cli::{
        args::{Format, ImageJobShowArgs, ImageJobsArgs},
        cloud::{self, Shown, is_whole, of, of_one},
        interrupt::Interrupts,
        reach::Reached,
        run::{Stop, Streams},
    },
    core::{
        cloud::record::{Listed, shown, time},
        images::known_word,
    },
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
pub(crate) struct Row<'a> {
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
        let jobs: Vec<&ImageJob> = listing.rows.iter().collect();
        cloud::print_list(&jobs, self.format, reached.settings.ascii, streams)?;
        is_whole(&listing, "jobs", streams)?;
        Ok(0)
    }
}

impl Listed for ImageJob {
    type Row<'a> = Row<'a>;

    // What only one job tells is left out.
    const FIELDS: &'static [&'static str] = FIELDS.split_at(5).0;
    const TITLES: &'static [&'static str] = &["BEGAN", "ENDED", "STATUS", "KIND", "ID"];

    fn row(&self) -> Row<'_> {
        Row::new(self)
    }

    fn cells(&self) -> Vec<String> {
        let ended = time(self.ended_at.as_ref());
        vec![
            shown(time(self.began_at.as_ref())),
            ended.unwrap_or_else(|| if self.is_over() == Some(true) { "?" } else { "-" }.to_owned()),
            shown(self.status.as_ref()),
            shown(self.kind.as_ref()),
            Text::clean(self.id.raw()).to_string(),
        ]
    }
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
    cloud::print_one(&job, args.output.format, reached.settings.ascii, streams)?;
    Ok(0)
}

impl Shown for ImageJob {
    const ALL_FIELDS: &'static [&'static str] = FIELDS;

    fn facts(&self) -> Vec<(&'static str, String)> {
        let titles = ["began", "ended", "status", "kind", "id"];
        let mut facts: Vec<(&str, String)> = titles.into_iter().zip(self.cells()).rev().collect();
        if let Some((id, name)) = self.product() {
            facts.push(("made", name.map_or_else(|| id.to_string(), |name| format!("{name} ({id})"))));
        }
        facts.extend(reason(self).map(|words| ("why it failed", words)));
        for part in self.sub_jobs.iter().flatten() {
            let what = part.resource_name.as_ref().or(part.resource_id.as_ref());
            let what = what.map(|what| format!(" {what}")).unwrap_or_default();
            let status = shown(part.status.as_ref());
            facts.push(("part", format!("{}{what}: {status}", Text::clean(part.id.raw()))));
        }
        facts
    }
}
