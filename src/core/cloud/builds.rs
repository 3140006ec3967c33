//! Builds of images: jobs of the cloud that are followed to their end (`workspace.md section 6.5`).
//!
//! The cloud's job tells neither the image server nor, while it runs, always the image: both are known of builds that were
//! ordered here, from the journals of these orders.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    core::{
        bulk::journal::{Recovered, Work},
        change::ChangePlan,
        remote::Remote,
        state::Poll,
    },
    domain::{
        Change, CloudJobId, CloudJobStatus, Fault, FaultKind, ImageJob, ImageServerId, JobId, OutcomeKind,
        SubJob, Text,
    },
};

/// The most seconds between two tries to read the list.
const LONGEST_PATIENCE: i64 = 300;
/// Seconds around the time of an order within which its build began: the clocks of both sides differ.
const ABOUT_THEN: std::ops::RangeInclusive<i64> = -120..=600;
/// An order on record that is older than this many seconds is not asked about by its own: its build is over.
const RECENT_ORDER: i64 = 24 * 3600;
/// The most orders on record that are asked about one by one.
const MOST_REMEMBERED: usize = 8;
/// Seconds from the order to the first look, and from one look to the next.
const FIRST_LOOK: i64 = 10;
const NEXT_LOOK: i64 = 30;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The image server.
    pub server: ImageServerId,
    /// Its name when it was chosen.
    pub server_name: Option<Text>,
    /// The image's name.
    pub image: Text,
    /// When it was ordered.
    pub at: Timestamp,
}

impl Asked {
    /// What a change of a plan asked for, if it is a build.
    pub fn of(change: &Change, at: Timestamp) -> Option<Self> {
        let Change::BuildImage { server, server_name, image } = change else { return None };
        Some(Self {
            server: server.clone(),
            server_name: server_name.clone(),
            image: Text::clean(&image.name),
            at,
        })
    }

    /// What to call the image server.
    pub fn server_label(&self) -> Text {
        self.server_name.clone().unwrap_or_else(|| Text::clean(self.server.raw()))
    }
}

/// The orders on record, by the cloud's job.
pub type Orders = BTreeMap<CloudJobId, Asked>;

/// What is on record of the builds that were ordered here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRecord {
    /// Those that were answered, by the cloud's job.
    pub known: Orders,
    /// Those that have no answer: whether a build began is not known of them.
    pub unanswered: Vec<Asked>,
}

impl OrderRecord {
    /// What a journal says of builds.
    pub fn add(&mut self, recovered: &Recovered) {
        let Work::Changes(plan) = &recovered.opened.work else { return };
        self.known.extend(orders_of(plan, &recovered.created, recovered.started_at));
        let at = recovered.intent_at.unwrap_or(recovered.started_at);
        for (place, (item, outcome)) in plan.items.iter().zip(recovered.outcomes()).enumerate() {
            let is_open = matches!(outcome.kind(), OutcomeKind::Sent | OutcomeKind::NoAnswer);
            if is_open && !recovered.created.contains_key(&place) {
                self.unanswered.extend(Asked::of(&item.change, at));
            }
        }
    }
}

/// The orders of builds in a plan: `created` are the cloud's jobs by place.
fn orders_of(plan: &ChangePlan, created: &BTreeMap<usize, String>, at: Timestamp) -> Orders {
    let order = |(place, id): (&usize, &String)| {
        let asked = Asked::of(&plan.items.get(*place)?.change, at)?;
        Some((CloudJobId::from(id.as_str()), asked))
    };
    created.iter().filter_map(order).collect()
}

/// All builds as they were read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BuildList {
    /// The cloud's jobs, with their parts where these could be read.
    pub jobs: Vec<ImageJob>,
    /// Whether all are there.
    pub complete: bool,
}

/// A build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Build {
    /// The cloud's job.
    pub job: CloudJobId,
    /// What was asked for; `None` when it was not ordered here.
    pub asked: Option<Asked>,
    /// The order without an answer that it may have come from: the same name, about the same time.
    #[serde(default)]
    pub perhaps: Option<Asked>,
    /// The console's job that ordered it in this run.
    pub ordered_by: Option<JobId>,
    /// How it was seen last.
    pub seen: Option<ImageJob>,
    /// When it is looked at next; none when it is over.
    pub next_at: Option<Timestamp>,
    /// Whether a look is out.
    pub in_flight: bool,
    /// Why the last look showed nothing. That is not the build's failure.
    pub fault: Option<Fault>,
    /// Whether the cloud knows it no longer: that is final.
    pub gone: bool,
    /// Whether its end was told, or it was over before anybody looked.
    pub told: bool,
}

impl Build {
    fn new(job: CloudJobId) -> Self {
        Self {
            job,
            asked: None,
            perhaps: None,
            ordered_by: None,
            seen: None,
            next_at: None,
            in_flight: false,
            fault: None,
            gone: false,
            told: false,
        }
    }

    /// How far the job is.
    pub fn status(&self) -> Option<&CloudJobStatus> {
        self.seen.as_ref()?.status.as_ref()
    }

    /// Its part: there is one.
    pub fn part(&self) -> Option<&SubJob> {
        self.seen.as_ref()?.sub_jobs.as_ref()?.first()
    }

    /// Whether it is not over, as far as one knows.
    pub fn is_running(&self) -> bool {
        !self.gone && !self.status().is_some_and(CloudJobStatus::is_final)
    }

    /// The image's name: as it was ordered, or else as the cloud tells it.
    pub fn image(&self) -> Option<&Text> {
        let asked = self.asked.as_ref().map(|asked| &asked.image);
        asked.or_else(|| self.part()?.resource_name.as_ref())
    }

    /// The image server's name; not known of those that were not ordered here.
    pub fn server(&self) -> Option<Text> {
        self.asked.as_ref().map(Asked::server_label)
    }

    /// The image server as a column has it: with a `?` behind it where it is only likely.
    pub fn server_words(&self) -> String {
        let perhaps = self.perhaps.as_ref().map(|asked| format!("{}?", asked.server_label()));
        self.server().map(|server| server.to_string()).or(perhaps).unwrap_or_else(|| "?".to_owned())
    }

    /// Code and words of its failure, as the cloud tells them.
    pub fn error(&self) -> Option<Text> {
        let parts = self.seen.as_ref()?.sub_jobs.as_ref()?;
        let (code, words) = parts.iter().find_map(SubJob::error)?;
        let both: Vec<&str> = [code, words].into_iter().flatten().map(Text::as_str).collect();
        Some(Text::clean(&both.join(": ")))
    }

    /// When it began.
    pub fn began_at(&self) -> Option<Timestamp> {
        let began = self.seen.as_ref().and_then(|job| job.began_at.as_ref()).and_then(|moment| moment.at);
        began.or_else(|| self.asked.as_ref().map(|asked| asked.at))
    }

    /// How long it took, or takes until now.
    pub fn seconds(&self, now: Timestamp) -> Option<i64> {
        let ended = self.seen.as_ref().and_then(|job| job.ended_at.as_ref()).and_then(|moment| moment.at);
        let until = match ended {
            Some(ended) => ended,
            None if self.is_running() => now,
            None => return None,
        };
        Some((until.as_second() - self.began_at()?.as_second()).max(0))
    }

    /// The word for how it stands: the cloud's, `?` when it is not known.
    pub fn word(&self) -> &str {
        if self.gone {
            return "GONE";
        }
        self.status().map_or("?", CloudJobStatus::word)
    }

    /// One line for the event pane when it is over.
    pub(in crate::core) fn farewell(&self, now: Timestamp) -> String {
        let name = self.image().map_or_else(|| "?".to_owned(), |name| format!("\"{name}\""));
        let server = self.server().map(|server| format!(" on {server}")).unwrap_or_default();
        let after = self.seconds(now).map(|seconds| format!(", after {}", took(seconds))).unwrap_or_default();
        // The verdict and the name first: a long line loses its middle.
        let what = format!("build {name}{server}");
        match self.status() {
            _ if self.gone => format!("{what}: the cloud does not know job {} any more", self.job),
            Some(CloudJobStatus::Success) => {
                let image = self.seen.as_ref().and_then(ImageJob::product);
                let image = image.map(|(id, _)| format!("; image {id}")).unwrap_or_default();
                format!("SUCCESS: {what}{after}{image}")
            }
            _ => {
                let why = self.error().map_or_else(|| "no reason told".to_owned(), |why| why.to_string());
                format!("{}: {what}{after}: {why}", self.word())
            }
        }
    }
}

/// A duration as builds have them: `45s`, `23m10s`, `2h05m`.
pub fn took(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// The builds, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Builds {
    /// The builds.
    pub rows: Vec<Build>,
    /// How the reading of the list of all builds went: whether it was complete.
    pub list: Remote<bool>,
    /// Reading it.
    pub poll: Poll,
    /// How often in a row it could not be read.
    #[serde(default)]
    pub failures: u32,
    /// The orders on record that have no answer.
    #[serde(default)]
    pub unanswered: Vec<Asked>,
    /// When one of them was last looked at with success.
    #[serde(default)]
    pub looked_at: Option<Timestamp>,
}

impl Default for Builds {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            list: Remote::NotAsked,
            poll: Poll::default(),
            failures: 0,
            unanswered: Vec::new(),
            looked_at: None,
        }
    }
}

impl Builds {
    /// The build of a job of the cloud.
    pub fn get(&self, job: &CloudJobId) -> Option<&Build> {
        self.rows.iter().find(|build| build.job == *job)
    }

    fn entry(&mut self, job: &CloudJobId) -> &mut Build {
        let place = self.rows.iter().position(|build| build.job == *job).unwrap_or_else(|| {
            self.rows.push(Build::new(job.clone()));
            self.rows.len() - 1
        });
        &mut self.rows[place]
    }

    /// How many are not over. One that is only on record and was never seen counts for nothing: it may be over long ago.
    pub fn running(&self) -> usize {
        let is_known = |build: &&Build| build.seen.is_some() || build.ordered_by.is_some();
        self.rows.iter().filter(is_known).filter(|build| build.is_running()).count()
    }

    /// How many are not over, in a word: with a `?` where there may be more of them.
    pub fn running_words(&self) -> String {
        match (self.running(), &self.list) {
            (known, Remote::Loaded { value: true, .. }) => known.to_string(),
            (0, _) => "?".to_owned(),
            (known, _) => format!("{known}+?"),
        }
    }

    /// When the newest of what is known of them was read.
    pub fn read_at(&self) -> Option<Timestamp> {
        self.list.read_at().max(self.looked_at)
    }

    /// Whether the list of all was asked for and could not be read, or not whole.
    pub fn may_be_more(&self) -> bool {
        match &self.list {
            Remote::NotAsked | Remote::Loading => self.failures > 0,
            Remote::Loaded { value: whole, .. } => !whole,
            Remote::Stale { .. } | Remote::Failed { .. } => true,
        }
    }

    /// Seconds until the list is asked for again when it could not be read so often.
    pub(in crate::core) fn patience(&self) -> i64 {
        (NEXT_LOOK << self.failures.saturating_sub(1).min(5)).min(LONGEST_PATIENCE)
    }

    /// The builds on an image server that are not over.
    pub fn running_on(&self, server: &ImageServerId) -> Option<&Build> {
        let is_on = |build: &&Build| build.asked.as_ref().is_some_and(|asked| asked.server == *server);
        self.rows.iter().filter(|build| build.is_running()).find(is_on)
    }

    /// A build was ordered.
    pub(in crate::core) fn ordered(&mut self, job: &CloudJobId, asked: Asked, by: JobId, now: Timestamp) {
        let build = self.entry(job);
        build.asked = Some(asked);
        build.ordered_by = Some(by);
        if build.is_running() {
            build.next_at = Some(after(now, FIRST_LOOK));
        }
        self.sort();
    }

    /// Takes the list of all builds. Returns the jobs that turned out to be over since they were seen running.
    pub fn listed(&mut self, list: BuildList, now: Timestamp) -> Vec<CloudJobId> {
        let mut over = Vec::new();
        for job in list.jobs {
            let known = self.get(&job.id).is_some();
            let build = self.entry(&job.id);
            // A list may be older than the last look: what is over stays so.
            if known && !build.is_running() && job.is_over() != Some(true) {
                continue;
            }
            let id = job.id.clone();
            build.see(job);
            if !known {
                build.told = !build.is_running();
            }
            if build.is_running() {
                build.next_at.get_or_insert(after(now, NEXT_LOOK));
            } else if build.ends() {
                over.push(id);
            }
        }
        self.match_unanswered();
        self.sort();
        over
    }

    /// Takes what is on record: it names the builds that were ordered here.
    pub fn recall(&mut self, record: &OrderRecord) {
        for build in &mut self.rows {
            if let Some(asked) = record.known.get(&build.job) {
                build.asked.get_or_insert_with(|| asked.clone());
            }
        }
        self.unanswered.clone_from(&record.unanswered);
        self.match_unanswered();
        self.sort();
    }

    /// The list cannot be read: the newest builds on record are looked at by their ids.
    pub(in crate::core) fn look_for_recorded(&mut self, record: &OrderRecord, now: Timestamp) {
        let is_recent = |asked: &Asked| now.as_second() - asked.at.as_second() <= RECENT_ORDER;
        let mut recent: Vec<_> = record.known.iter().filter(|(_, asked)| is_recent(asked)).collect();
        recent.sort_by_key(|(_, asked)| std::cmp::Reverse(asked.at));
        for (job, asked) in recent.into_iter().take(MOST_REMEMBERED) {
            if self.get(job).is_none() {
                let build = self.entry(job);
                build.asked = Some(asked.clone());
                build.next_at = Some(now);
            }
        }
        self.sort();
    }

    /// Finds the orders without an answer from which builds may have come that nobody is known to have ordered. An order
    /// that several builds could have come from says nothing.
    fn match_unanswered(&mut self) {
        for build in &mut self.rows {
            build.perhaps = None;
        }
        for asked in &self.unanswered {
            let fits = |build: &&mut Build| {
                let began = build.began_at().map(|at| at.as_second() - asked.at.as_second());
                build.asked.is_none()
                    && build.image() == Some(&asked.image)
                    && began.is_some_and(|after| ABOUT_THEN.contains(&after))
            };
            let mut fitting = self.rows.iter_mut().filter(fits);
            if let (Some(build), None) = (fitting.next(), fitting.next()) {
                build.perhaps = Some(asked.clone());
            }
        }
    }

    /// Takes a look at one build. Says whether it turned out to be over.
    pub fn looked(&mut self, job: &CloudJobId, answer: Result<ImageJob, Fault>, now: Timestamp) -> bool {
        let Some(build) = self.rows.iter_mut().find(|build| build.job == *job) else { return false };
        build.in_flight = false;
        // One that is only on record may have ended long before this run: that is no news.
        build.told |= build.seen.is_none() && build.ordered_by.is_none() && answer_is_final(&answer);
        let wait = match &answer {
            Err(fault) => fault.rest().map_or(NEXT_LOOK, |rest| rest.min(NEXT_LOOK)),
            Ok(_) => NEXT_LOOK,
        };
        match answer {
            Ok(seen) => {
                self.looked_at = Some(now);
                build.fault = None;
                build.see(seen);
            }
            Err(fault) if fault.kind == FaultKind::EntityNotFound => {
                build.gone = true;
                build.fault = Some(fault);
            }
            // Whatever else went wrong is not the build's failure.
            Err(fault) => build.fault = Some(fault),
        }
        build.next_at = build.is_running().then(|| after(now, wait));
        let ends = !build.is_running() && build.ends();
        self.match_unanswered();
        ends
    }

    /// The builds that are to be looked at now; they count as asked.
    pub(in crate::core) fn take_due(&mut self, now: Timestamp) -> Vec<CloudJobId> {
        let due = |build: &&mut Build| !build.in_flight && build.next_at.is_some_and(|at| at <= now);
        self.rows
            .iter_mut()
            .filter(due)
            .map(|build| {
                build.in_flight = true;
                build.job.clone()
            })
            .collect()
    }

    /// When the next look or the next reading of the list is due.
    pub(in crate::core) fn next_at(&self) -> Option<Timestamp> {
        let looks = self.rows.iter().filter(|build| !build.in_flight).filter_map(|build| build.next_at);
        let list = self.poll.next_at.filter(|_| self.poll.in_flight.is_none());
        looks.chain(list).min()
    }

    /// The newest first; those of which the beginning is not known last.
    fn sort(&mut self) {
        self.rows.sort_by(|left, right| {
            let key = |build: &Build| build.began_at();
            key(right).cmp(&key(left)).then_with(|| right.job.cmp(&left.job))
        });
    }
}

impl Build {
    /// Takes what is seen now; parts that a list does not tell stay as they were.
    fn see(&mut self, mut job: ImageJob) {
        if job.sub_jobs.is_none() {
            job.sub_jobs = self.seen.as_mut().and_then(|seen| seen.sub_jobs.take());
        }
        self.gone = false;
        self.seen = Some(job);
    }

    /// It is over: whether that is news.
    fn ends(&mut self) -> bool {
        self.next_at = None;
        !std::mem::replace(&mut self.told, true)
    }
}

/// Whether a look says that a build is over.
fn answer_is_final(answer: &Result<ImageJob, Fault>) -> bool {
    match answer {
        Ok(job) => job.is_over() == Some(true),
        Err(fault) => fault.kind == FaultKind::EntityNotFound,
    }
}

fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}
