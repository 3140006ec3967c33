//! What a journal tells: for each target whether it was sent and what became of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Author, CourseLine, CourseSoFar, Entry, JOURNAL_FORMAT, JournalLine, Opened, Work, torn::is_torn,
};
use crate::{
    core::bulk::{Course, Evidence},
    domain::{Fault, Outcome, OutcomeKind, Text, Verb},
};

/// Why it is not known what became of a target that may have been sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Silence {
    /// The request was about to leave, and nothing was written after that.
    NothingTold,
    /// The request left, and no usable answer came.
    NoAnswer(Fault),
    /// A line of the journal is damaged or missing; it may have been the one that sent this target.
    LineLost,
}

/// Where a target stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing has left for it.
    Unsent,
    /// It was, or may have been, sent, and what became of it is not known. To be read from the server before anything is
    /// sent again (`design.md section 4`, rule 4).
    Unanswered(Silence),
    /// It was kept back on purpose when its turn came.
    HeldBack(Text),
    /// The server answered, or it was seen to have happened.
    Answered(Outcome),
}

impl Standing {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::Unanswered(_) => "unanswered",
            Self::HeldBack(_) => "held_back",
            Self::Answered(_) => "answered",
        }
    }

    /// The words for reading.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::Unanswered(_) => "sent without answer",
            Self::HeldBack(_) => "held back",
            Self::Answered(_) => "answered",
        }
    }

    /// The outcome that reports count it under.
    pub fn outcome(&self) -> OutcomeKind {
        match self {
            Self::Unsent => OutcomeKind::Unsent,
            Self::Unanswered(Silence::NoAnswer(_)) => OutcomeKind::NoAnswer,
            Self::Unanswered(Silence::NothingTold | Silence::LineLost) => OutcomeKind::Sent,
            Self::HeldBack(_) => OutcomeKind::HeldBack,
            Self::Answered(outcome) => outcome.kind(),
        }
    }

    /// The fault that came with it.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Unanswered(Silence::NoAnswer(fault)) => Some(fault),
            Self::Answered(outcome) => outcome.fault(),
            Self::Unsent | Self::Unanswered(_) | Self::HeldBack(_) => None,
        }
    }

    /// The server's words, or why nothing is known, or why it was held back.
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Unanswered(Silence::NothingTold) => {
                Some("the request was about to leave; nothing was recorded after that")
            }
            Self::Unanswered(Silence::LineLost) => {
                Some("a line of the record is damaged or missing: it may have been sent")
            }
            Self::HeldBack(reason) => Some(reason.as_str()),
            other => other.fault().map(|fault| fault.message.as_str()),
        }
    }
}

impl From<&Outcome> for Standing {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Unsent => Self::Unsent,
            Outcome::Sent => Self::Unanswered(Silence::NothingTold),
            Outcome::NoAnswer(fault) => Self::Unanswered(Silence::NoAnswer(fault.clone())),
            Outcome::HeldBack(reason) => Self::HeldBack(reason.clone()),
            Outcome::Accepted
            | Outcome::Confirmed
            | Outcome::StillListed
            | Outcome::Refused(_)
            | Outcome::NotFound(_) => Self::Answered(outcome.clone()),
        }
    }
}

impl From<&Standing> for Outcome {
    fn from(standing: &Standing) -> Self {
        match standing {
            Standing::Unsent => Self::Unsent,
            Standing::Unanswered(Silence::NoAnswer(fault)) => Self::NoAnswer(fault.clone()),
            Standing::Unanswered(Silence::NothingTold | Silence::LineLost) => Self::Sent,
            Standing::HeldBack(reason) => Self::HeldBack(reason.clone()),
            Standing::Answered(outcome) => outcome.clone(),
        }
    }
}

/// How many targets stand where. The numbers add up to the targets of the plan, held back ones included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// See [`Standing::Unsent`].
    pub unsent: usize,
    /// See [`Standing::Unanswered`].
    pub unanswered: usize,
    /// See [`Standing::Answered`].
    pub answered: usize,
    /// Kept back, by the plan or when their turn came.
    pub held_back: usize,
}

impl Tally {
    /// All of them.
    pub fn total(self) -> usize {
        self.unsent + self.unanswered + self.answered + self.held_back
    }
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Whether it was stopped before everything was sent.
    pub stopped: bool,
    /// What made it give up.
    pub fault: Option<Fault>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DamageKind {
    /// It cannot be read.
    Unreadable,
    /// So many lines before it are missing.
    Missing(usize),
    /// It has a number that an earlier line has.
    OutOfOrder,
    /// It names targets that the plan does not have.
    NoSuchTarget,
}

/// A line that is not as it was written. An intent may be lost with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// Number of the line in the file, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: DamageKind,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match self.kind {
            DamageKind::Unreadable => write!(formatter, "line {line} cannot be read"),
            DamageKind::Missing(1) => write!(formatter, "a line is missing before line {line}"),
            DamageKind::Missing(count) => write!(formatter, "{count} lines are missing before line {line}"),
            DamageKind::OutOfOrder => write!(formatter, "line {line} is not where it was written"),
            DamageKind::NoSuchTarget => {
                write!(formatter, "line {line} names targets that the plan does not have")
            }
        }
    }
}

/// Why a journal says nothing at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The first line never was written in full: the job had not begun, and nothing was sent.
    #[error("the job had not begun: its first line was never written in full")]
    NeverBegun,
    /// The first line is not what a journal begins with. What was sent is not known.
    #[error("its first line is damaged: which targets it is about is not known")]
    NoBeginning,
    /// A newer Foretop wrote it.
    #[error("it has format {0}, and this Foretop reads up to {JOURNAL_FORMAT}: use a newer one")]
    Newer(u32),
}

/// A journal as it is understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recovered {
    /// The first line.
    pub opened: Opened,
    /// When it was started.
    pub started_at: Timestamp,
    /// When the last line was written.
    pub last_at: Timestamp,
    /// When the newest request was about to leave; `None` when none ever was.
    pub intent_at: Option<Timestamp>,
    /// Where each target stands, by place.
    pub standings: Vec<Standing>,
    /// Ids of what was created, by place.
    pub created: BTreeMap<usize, String>,
    /// How far its course came; nothing is in it for plans without one.
    pub course: CourseSoFar,
    /// What outcomes rest on, by place, where that was written down.
    pub evidence: BTreeMap<usize, Evidence>,
    /// What was noted on the way.
    pub notes: Vec<(Timestamp, Text)>,
    /// When and by whom it was gone on with.
    pub resumed: Vec<(Timestamp, Author)>,
    /// How it ended; `None` while it runs and when it was cut off.
    pub ended: Option<Ended>,
    /// The number that the next request gets.
    pub next_step: usize,
    /// Lines in the file, a torn last one included.
    pub lines: usize,
    /// Lines that were cut off while they were written, as a crash does: no request left because of them.
    pub torn: Vec<usize>,
    /// Lines that are not as they were written.
    pub damage: Vec<Damage>,
    /// Number of the line that comes next.
    due: usize,
}

impl Recovered {
    /// A journal that has only its first line.
    pub fn new(opened: Opened, started_at: Timestamp) -> Self {
        Self {
            standings: vec![Standing::Unsent; opened.work.to_send()],
            opened,
            started_at,
            last_at: started_at,
            intent_at: None,
            created: BTreeMap::new(),
            course: CourseSoFar::default(),
            evidence: BTreeMap::new(),
            notes: Vec::new(),
            resumed: Vec::new(),
            ended: None,
            next_step: 0,
            lines: 1,
            torn: Vec::new(),
            damage: Vec::new(),
            due: 2,
        }
    }

    /// Reads the bytes of a journal, up to wherever it was cut off.
    pub fn replay(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
        let Some((_, first)) = lines.next() else {
            return Err(Unreadable::NeverBegun);
        };
        let mut recovered = Self::begin(first)?;
        for (place, raw) in lines {
            let number = place + 1;
            recovered.lines = number;
            if let Some(entry) = Entry::from_text(raw) {
                recovered.take(number, &entry);
                continue;
            }
            if is_torn(raw) {
                recovered.torn.push(number);
            } else {
                recovered.lose(number, DamageKind::Unreadable);
            }
            recovered.due += 1;
        }
        Ok(recovered)
    }

    fn begin(first: &[u8]) -> Result<Self, Unreadable> {
        // The format comes before the rest of the line can be understood.
        let version = serde_json::from_slice::<serde_json::Value>(first)
            .ok()
            .and_then(|line| line.pointer("/line/opened/version")?.as_u64());
        if let Some(version) = version.and_then(|version| u32::try_from(version).ok())
            && version > JOURNAL_FORMAT
        {
            return Err(Unreadable::Newer(version));
        }
        match Entry::from_text(first) {
            Some(Entry { n: 1, at, line: JournalLine::Opened(opened), .. }) => Ok(Self::new(*opened, at)),
            None if is_torn(first) => Err(Unreadable::NeverBegun),
            _ => Err(Unreadable::NoBeginning),
        }
    }

    /// Takes the next line of a file.
    fn take(&mut self, number: usize, entry: &Entry) {
        if entry.n < self.due {
            self.lose(number, DamageKind::OutOfOrder);
            return;
        }
        if entry.n > self.due {
            self.lose(number, DamageKind::Missing(entry.n - self.due));
        }
        self.apply(entry);
        if self.names_strangers(&entry.line) {
            self.lose(number, DamageKind::NoSuchTarget);
        }
    }

    /// Takes a line that was just written behind the others.
    pub fn written(&mut self, entry: &Entry) {
        self.lines += 1;
        self.apply(entry);
    }

    /// Takes that a line was cut off while it was written: its number is used up.
    pub fn tore(&mut self) {
        self.lines += 1;
        self.torn.push(self.lines);
        self.due += 1;
    }

    fn apply(&mut self, entry: &Entry) {
        self.last_at = entry.at;
        self.due = entry.n.saturating_add(1);
        match &entry.line {
            // A second beginning says nothing new.
            JournalLine::Opened(_) => {}
            JournalLine::Intent { step, places, request } => {
                self.intent_at = Some(entry.at);
                self.course.intent(entry.at, places, request.as_str());
                self.next_step = self.next_step.max(step.saturating_add(1));
                for place in places {
                    self.evidence.remove(place);
                    // Also after an outcome: it was sent once more.
                    self.stand(*place, Standing::Unanswered(Silence::NothingTold));
                }
            }
            JournalLine::Outcomes { outcomes } => {
                for (place, outcome) in outcomes {
                    let was_unanswered = matches!(self.standings.get(*place), Some(Standing::Unanswered(_)));
                    self.course.outcome(*place, outcome, was_unanswered);
                    self.stand(*place, Standing::from(outcome));
                }
            }
            JournalLine::Created { ids } => self.created.extend(ids.iter().cloned()),
            JournalLine::Course { says } => self.course.take(entry.at, says),
            JournalLine::Evidence { found } => self.evidence.extend(found.iter().copied()),
            JournalLine::Note { text } => self.notes.push((entry.at, text.clone())),
            JournalLine::Resumed { by } => {
                self.resumed.push((entry.at, by.clone()));
                self.ended = None;
            }
            JournalLine::Closed { stopped, fault, ended_at } => {
                let at = ended_at.unwrap_or(entry.at);
                self.ended = Some(Ended { at, stopped: *stopped, fault: fault.clone() });
            }
        }
    }

    fn stand(&mut self, place: usize, standing: Standing) {
        if let Some(slot) = self.standings.get_mut(place) {
            *slot = standing;
        }
    }

    fn names_strangers(&self, line: &JournalLine) -> bool {
        let is_strange = |place: &usize| *place >= self.standings.len();
        match line {
            JournalLine::Intent { places, .. } => places.iter().any(is_strange),
            JournalLine::Outcomes { outcomes }
            | JournalLine::Course { says: CourseLine::Messaged { outcomes, .. } } => {
                outcomes.iter().any(|(place, _)| is_strange(place))
            }
            JournalLine::Course { says: CourseLine::Messaging { places, .. } } => {
                places.iter().any(is_strange)
            }
            _ => false,
        }
    }

    /// A line is lost, and perhaps an intent with it: whatever could have been sent by it may have been. Of those that
    /// have an answer that is not so: they are not sent again.
    fn lose(&mut self, line: usize, kind: DamageKind) {
        self.damage.push(Damage { line, kind });
        self.course.forget_warnings();
        for standing in &mut self.standings {
            if *standing == Standing::Unsent {
                *standing = Standing::Unanswered(Silence::LineLost);
            }
        }
    }

    /// How many targets stand where.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally { held_back: self.opened.work.held_back(), ..Tally::default() };
        for standing in &self.standings {
            match standing {
                Standing::Unsent => tally.unsent += 1,
                Standing::Unanswered(_) => tally.unanswered += 1,
                Standing::HeldBack(_) => tally.held_back += 1,
                Standing::Answered(_) => tally.answered += 1,
            }
        }
        tally
    }

    /// Counts by outcome, as reports have them; they add up to the targets of the plan.
    pub fn counts(&self) -> BTreeMap<OutcomeKind, usize> {
        let mut counts = BTreeMap::new();
        for standing in &self.standings {
            *counts.entry(standing.outcome()).or_insert(0) += 1;
        }
        if self.opened.work.held_back() > 0 {
            *counts.entry(OutcomeKind::HeldBack).or_insert(0) += self.opened.work.held_back();
        }
        counts
    }

    /// The places that were never sent.
    pub fn unsent(&self) -> BTreeSet<usize> {
        self.places(|standing| *standing == Standing::Unsent)
    }

    /// The places that must be read from the server before anything is sent again.
    pub fn unanswered(&self) -> BTreeSet<usize> {
        self.places(|standing| matches!(standing, Standing::Unanswered(_)))
    }

    fn places(&self, picks: impl Fn(&Standing) -> bool) -> BTreeSet<usize> {
        let places = self.standings.iter().enumerate();
        places.filter(|(_, standing)| picks(standing)).map(|(place, _)| place).collect()
    }

    /// No request left later than this. With lines lost it is not known better than by the last line.
    pub fn last_request_at(&self) -> Timestamp {
        if self.damage.is_empty() { self.intent_at.unwrap_or(self.started_at) } else { self.last_at }
    }

    /// What became of each target that was to be sent, as a job has it that goes on: by place.
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.standings.iter().map(Outcome::from).collect()
    }

    /// Who carries it out, or did so last.
    pub fn carried_out_by(&self) -> &Author {
        self.resumed.last().map_or(&self.opened.by, |(_, by)| by)
    }

    /// Whether something is left to be sent, or to be read.
    pub fn is_open(&self) -> bool {
        self.standings.iter().any(|standing| matches!(standing, Standing::Unsent | Standing::Unanswered(_)))
            || !self.awaiting_force().is_empty()
            || !self.to_confirm().is_empty()
    }

    /// The places whose request the server took, and of which nobody saw whether it happened: reading them tells. Of a
    /// message nothing is left that could be read.
    pub fn to_confirm(&self) -> BTreeSet<usize> {
        match &self.opened.work {
            Work::Sessions(plan) if plan.verb != Verb::Message => {}
            _ => return BTreeSet::new(),
        }
        let forced_later = self.awaiting_force();
        // A job that came to its end without looking out for them was not meant to.
        let is_done = self.ended.as_ref().is_some_and(|ended| !ended.stopped && ended.fault.is_none());
        let looked_in_vain = |place: &usize| {
            matches!(self.evidence.get(place), Some(Evidence::NothingRead | Evidence::OneList))
        };
        let mut taken = self.places(|standing| *standing == Standing::Answered(Outcome::Accepted));
        taken.retain(|place| !forced_later.contains(place) && (!is_done || looked_in_vain(place)));
        taken
    }

    /// How many targets may be sent when the job is gone on with: the unsent, those without answer, and those whose
    /// force is still to come.
    pub fn to_go_on_with(&self) -> usize {
        let tally = self.tally();
        tally.unsent + tally.unanswered + self.awaiting_force().len()
    }

    /// The places whose force is still to come: they were logged off politely, and the course was left before force.
    pub fn awaiting_force(&self) -> BTreeSet<usize> {
        let is_done = self.ended.as_ref().is_some_and(|ended| !ended.stopped && ended.fault.is_none());
        if is_done || self.plan_course().is_none_or(|course| course.force_after_seconds.is_none()) {
            return BTreeSet::new();
        }
        let standings = self.standings.iter().enumerate();
        let awaits = |(place, standing): &(usize, &Standing)| match standing {
            Standing::Answered(outcome) => self.course.awaits_force(*place, outcome),
            _ => false,
        };
        standings.filter(awaits).map(|(place, _)| place).collect()
    }

    fn plan_course(&self) -> Option<&Course> {
        match &self.opened.work {
            Work::Sessions(plan) => plan.terms.course.as_ref(),
            Work::Changes(_) => None,
        }
    }

    /// Whether its plan may not be started once more: all but a job that has ended, never sent anything and has nothing left
    /// to send, because everything was held back.
    pub fn uses_up_its_plan(&self) -> bool {
        let is_held = |standing: &Standing| matches!(standing, Standing::HeldBack(_));
        let never_sent = self.next_step == 0 && self.course.messages.is_empty() && self.damage.is_empty();
        self.ended.is_none() || !never_sent || !self.standings.iter().all(is_held)
    }

    /// Whether the last line in the file was written in full, its end perhaps aside.
    pub fn last_is_whole(&self) -> bool {
        let lost = self
            .damage
            .iter()
            .any(|damage| damage.line == self.lines && damage.kind == DamageKind::Unreadable);
        !lost && self.torn.last() != Some(&self.lines)
    }

    /// Number of the line that comes next.
    pub fn next_line(&self) -> usize {
        self.due
    }
}
