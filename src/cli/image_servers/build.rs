//! `foretop image-servers recreate-image`: an image is built, and followed to its end where that is wanted.

use std::{cell::RefCell, time::Duration};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    follow::{Beat, End, Look, follow},
    jobs::{self, reason},
    list::read_one,
};
use crate::{
    api::RequestClass,
    cli::{
        args::{ChangeArgs, RecreateImageArgs},
        carry::{
            plan_id,
            report::{self, Became, Targets, Told, closing},
        },
        changes::{ChangeOrder, carry, verdict_of, within_limit},
        interrupt::Interrupts,
        output::{self, Heading},
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams, note},
    },
    config::Environment,
    core::{
        change::{ChangeJob, ChangePlan},
        cloud,
    },
    domain::{Change, ChangeKind, CloudJobId, CloudJobStatus, FaultKind, ImageJob, NewImage, Outcome, Text},
    error::{Class, Error},
};

/// The verb, as JSON names it.
const VERB: &str = "recreate-image";

/// What is to be built, understood.
#[derive(Debug)]
pub(super) struct Order {
    server: String,
    image: NewImage,
    beat: Option<Beat>,
    change: ChangeArgs,
}

/// What became of the build behind an order.
#[derive(Debug, Default)]
struct Followed {
    /// The cloud's job.
    job: Option<CloudJobId>,
    /// How it was seen last.
    seen: Option<ImageJob>,
}

impl Order {
    /// Understands the arguments; each rule that a text breaks is named.
    pub(super) fn new(args: RecreateImageArgs) -> Result<Self, Error> {
        let sysprep = args.sysprep();
        let every = args.every.map(|every| Duration::try_from(every).unwrap_or(Duration::from_secs(30)));
        let image = NewImage {
            name: args.name,
            description: args.description.filter(|text| !text.is_empty()),
            sysprep,
        };
        let broken: Vec<String> = image.broken_rules().iter().map(ToString::to_string).collect();
        if !broken.is_empty() {
            return Err(Error::usage(broken.join("\n")).hint("nothing was sent"));
        }
        Ok(Self { server: args.id, image, beat: args.wait.then(|| Beat::new(every)), change: args.change })
    }

    /// How it is set going.
    pub(super) fn change(&self) -> &ChangeArgs {
        &self.change
    }

    /// Reads the image server, orders the build, and follows it.
    pub(super) async fn carry_out(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        progress: Progress,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let plan = self.plan(reached, interrupts).await?;
        let order = ChangeOrder { plan, verb: VERB, kind: ChangeKind::BuildImage };
        let job = carry(order, &self.change, reached, interrupts, progress, environment, streams).await?;
        let id = job.created.get(&0).map(|id| CloudJobId::from(id.as_str()));
        let mut followed = Followed { job: id.clone(), seen: None };
        if let (Some(id), Some(evidence)) = (&id, job.evidence.get(&0)) {
            note(streams, &format!("job {id}: {}", evidence.label()));
        }
        if self.change.dry_run {
            self.print(&job, &followed, reached, streams)?;
            within_limit(&job.plan, self.change.max)?;
            return Ok(0);
        }
        let mut ending = Ok(());
        if let (Some(beat), Some(id)) = (self.beat, &id) {
            ending = watch(id, beat, &mut followed, reached, interrupts, progress, streams).await;
        }
        match self.print(&job, &followed, reached, streams) {
            // What was done was done, whether somebody reads of it or not.
            Ok(()) | Err(Stop::NobodyListens) => {}
            Err(stop) => return Err(stop),
        }
        verdict_of(&job, ChangeKind::BuildImage, &reached.capabilities)?;
        ending?;
        if self.beat.is_some() && id.is_none() {
            let words = "the cloud did not say which job builds it: it cannot be followed";
            let hint = "see `foretop image-servers jobs --kind CREATE_SERVER_IMAGE`";
            return Err(Error::new(Class::Partial, words).hint(hint).into());
        }
        Ok(0)
    }

    async fn plan(&self, reached: &Reached, interrupts: &Interrupts) -> Result<ChangePlan, Stop> {
        let server = read_one(&self.server, reached, interrupts).await?;
        let image = self.image.clone();
        Ok(cloud::plan_of_build(image, &server, Some(&server), plan_id(), Timestamp::now()))
    }

    fn print(
        &self,
        job: &ChangeJob,
        followed: &Followed,
        reached: &Reached,
        streams: &mut Streams<'_>,
    ) -> Result<(), Stop> {
        let told = Told {
            verb: VERB,
            ticket: self.change.ticket.as_deref(),
            consequences: &job.plan.consequences,
            warnings: &job.plan.warnings,
            confirm: None,
        };
        let built = Built { job, order: self, followed };
        report::print(job, &told, &built, self.change.output.format, reached.settings.ascii, streams)
    }
}

/// Follows a build, and says on standard error how far it is. The error is what becomes the end of the command.
async fn watch(
    id: &CloudJobId,
    beat: Beat,
    followed: &mut Followed,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) -> Result<(), Error> {
    note(streams, &format!("job {id} builds it; a build cannot be cancelled, Ctrl-c ends the waiting alone"));
    let streams = RefCell::new(streams);
    let last = RefCell::new(None::<ImageJob>);
    // Trouble is said once, until a look shows the job again or it is another trouble.
    let trouble = RefCell::new(None::<(FaultKind, Option<u16>)>);
    let ask = async || reached.estate.image_job(RequestClass::Job, id).await;
    let tell = |look: Look<'_>, since: Duration| {
        let mut streams = streams.borrow_mut();
        let took = cloud::took(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        match look {
            Look::Seen(job) => {
                let word =
                    |job: &ImageJob| job.status.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string);
                let line = format!("job {id}: {}, {took}", word(job));
                let news = last.borrow().as_ref().map(word) != Some(word(job));
                if news {
                    progress.clear(*streams);
                    note(*streams, &line);
                }
                progress.draw(*streams, &line);
                trouble.replace(None);
                *last.borrow_mut() = Some(job.clone());
            }
            Look::Missed(fault) => {
                let now = Some((fault.kind, fault.status));
                if trouble.replace(now) == now {
                    return;
                }
                progress.clear(*streams);
                note(*streams, &format!("job {id} could not be looked at, the build goes on: {fault}"));
            }
        }
    };
    let end = tokio::select! {
        end = follow(ask, beat, tell) => Some(end),
        () = interrupts.first.cancelled() => None,
    };
    progress.clear(streams.into_inner());
    followed.seen = last.into_inner();
    let hint = format!("the build goes on by itself: foretop image-servers jobs show {id}");
    match end {
        None => Err(Error::new(Class::Partial, "not waited for the end of the build").hint(hint)),
        // The build was ordered: that it cannot be followed is not that nothing was done.
        Some(Err(fault)) => {
            let words = "the build cannot be followed any more";
            Err(Error::new(Class::Partial, words).words(fault.to_string()).on(&reached.name).hint(hint))
        }
        Some(Ok(End::Over(job))) => {
            let failed = job.status == Some(CloudJobStatus::Failed);
            let why = reason(&job).unwrap_or_else(|| "the cloud does not say why".to_owned());
            followed.seen = Some(job);
            if failed { Err(Error::new(Class::Partial, "the build failed").words(why)) } else { Ok(()) }
        }
        Some(Ok(End::Gone(fault))) => {
            let hint = "whether the image was built is not known; see the image server's image_id";
            let words =
                format!("the cloud does not know job {id} any more: it cannot be followed to its end");
            Err(Error::new(Class::Partial, words).words(fault.to_string()).on(&reached.name).hint(hint))
        }
        Some(Ok(End::Late(missed))) => {
            let class = missed.as_ref().map_or(Class::Partial, |fault| Class::from(fault.kind));
            let error = Error::new(class, "the build is not over, and nobody waits longer").hint(hint);
            Err(match missed {
                Some(fault) => error.words(fault.to_string()),
                None => error,
            })
        }
    }
}

/// An order as it is printed.
#[derive(Debug, Serialize)]
struct Row<'a> {
    /// Of the image server.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    name: &'a str,
    /// The image's name.
    image: &'a str,
    #[serde(flatten)]
    became: Became,
    /// The cloud's job.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<&'a str>,
    /// How it was seen last.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<jobs::Row<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
}

/// The one target of a build.
struct Built<'a> {
    job: &'a ChangeJob,
    order: &'a Order,
    followed: &'a Followed,
}

impl<'a> Targets for Built<'a> {
    type Row = Row<'a>;

    const FIELDS: &'static [&'static str] = &[
        "id",
        "name",
        "image",
        "outcome",
        "fault",
        "message",
        "job_id",
        "job.status",
        "job.resource_id",
        "job.error_code",
        "job.error_message",
    ];

    fn rows(&self) -> impl Iterator<Item = Row<'a>> {
        let image = self.order.image.name.as_str();
        let followed = self.followed;
        let sent = self.job.plan.items.iter().zip(&self.job.outcomes).map(move |(item, outcome)| Row {
            id: item.change.target_id(),
            name: server_name(&item.change).unwrap_or(item.label.as_str()),
            image,
            became: Became::from(outcome),
            job_id: followed.job.as_ref().map(CloudJobId::raw),
            job: followed.seen.as_ref().map(jobs::Row::new),
            details: item.details.iter().map(ToString::to_string).collect(),
        });
        sent.chain(self.job.plan.held_back.iter().map(move |held| Row {
            id: held.target.clone(),
            name: held.label.as_str(),
            image,
            became: Became::from(&Outcome::HeldBack(held.reason.clone())),
            job_id: None,
            job: None,
            details: Vec::new(),
        }))
    }

    fn table(&self, ascii: bool) -> String {
        let rows: Vec<Vec<String>> = self
            .rows()
            .map(|row| {
                let status = row.job.as_ref().and_then(|job| job.status);
                vec![
                    row.became.outcome.replace('_', " "),
                    row.name.to_owned(),
                    Text::clean(row.image).to_string(),
                    row.job_id.map(|id| Text::clean(id).to_string()).unwrap_or_default(),
                    status.unwrap_or_default().to_owned(),
                    row.became.message.unwrap_or_else(|| {
                        if self.order.change.dry_run { row.details.join("; ") } else { String::new() }
                    }),
                ]
            })
            .collect();
        let titles = ["OUTCOME", "IMAGE SERVER", "IMAGE", "JOB", "STATUS", "MESSAGE"].map(Heading::left);
        let mut text = output::columns(&titles, &rows, ascii);
        if self.order.change.dry_run {
            for line in &self.job.plan.consequences {
                text.extend(["follows: ", line.as_str(), "\n"]);
            }
        }
        for line in &self.job.plan.warnings {
            text.extend(["warning: ", line.as_str(), "\n"]);
        }
        text + &closing(self.job, VERB, self.order.change.ticket.as_deref(), "nothing to build")
    }
}

fn server_name(change: &Change) -> Option<&str> {
    match change {
        Change::BuildImage { server_name, .. } => server_name.as_ref().map(Text::as_str),
        _ => None,
    }
}
