//! Rows that belong together are one line: the same said again, and troubles of one kind within a short time.

use hashbrown::HashMap;
use jiff::{SignedDuration, Timestamp};

use super::{Entry, EntryBody, EventPane, RecordLevel};
use crate::domain::{Severity, Text};

/// From the first to the last row of a fold at most so long.
const WITHIN: SignedDuration = SignedDuration::from_secs(30);
/// Among so many of the newest rows is looked for what to fold while the newest are followed.
const NEWEST: usize = 2_000;
/// So many rows of one kind are a burst; the same text again is folded from the second on.
const BURST: usize = 3;
/// The type of a connection that broke: many at once are trouble, although each of them is nothing.
const DROPPED: &str = "AGENT_DISCONNECTED";

/// What a folded line stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Fold<'a> {
    /// Its rows, oldest first.
    pub members: Vec<&'a Entry>,
    /// Whether all say the same.
    pub repeats: bool,
}

impl Fold<'_> {
    /// Seconds from the first to the last.
    pub fn seconds(&self) -> i64 {
        let ends = self.members.first().zip(self.members.last());
        ends.map_or(0, |(first, last)| last.time.as_second() - first.time.as_second())
    }

    /// Whether these are sessions that dropped.
    pub fn is_of_drops(&self) -> bool {
        self.members.first().is_some_and(|entry| kind(entry).is_some_and(|kind| kind.as_str() == DROPPED))
    }
}

/// A line of the pane.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// The row, or the last one of those that are folded.
    pub entry: &'a Entry,
    /// What is folded.
    pub fold: Option<Fold<'a>>,
}

impl Row<'_> {
    /// Whether it shows the row with this number, alone or among others.
    pub fn holds(&self, number: u64) -> bool {
        let folded = self.fold.iter().flat_map(|fold| &fold.members);
        self.entry.number == number || folded.into_iter().any(|entry| entry.number == number)
    }
}

/// Rows that may be folded, while others can still join them.
struct Group {
    began: Timestamp,
    members: Vec<usize>,
    repeats: bool,
}

fn kind(entry: &Entry) -> Option<&Text> {
    match &entry.body {
        EntryBody::Audit { event, .. } => event.kind.as_ref(),
        EntryBody::Own(_) => None,
    }
}

fn text(entry: &Entry) -> Option<&Text> {
    match &entry.body {
        EntryBody::Audit { event, .. } => event.message.as_ref().or(event.kind.as_ref()),
        EntryBody::Own(record) => Some(&record.text),
    }
}

/// What rows that may be folded have in common: type, module and severity, and the text unless it is of a kind that is folded
/// whatever it says.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Likeness<'a> {
    Audit(Option<&'a Text>, Option<&'a Text>, Option<&'a Severity>, Option<&'a Text>),
    Own(RecordLevel, &'a Text),
}

impl<'a> Likeness<'a> {
    fn of(entry: &'a Entry) -> Self {
        match &entry.body {
            EntryBody::Audit { event, .. } => {
                let words = if is_trouble(entry) { None } else { text(entry) };
                Self::Audit(event.kind.as_ref(), event.module.as_ref(), event.severity.as_ref(), words)
            }
            EntryBody::Own(record) => Self::Own(record.level, &record.text),
        }
    }
}

/// Whether rows of its kind are folded although they say different things.
fn is_trouble(entry: &Entry) -> bool {
    kind(entry).is_some_and(|kind| entry.rank() > 0 || kind.as_str() == DROPPED)
}

/// Rows that tell of a job of ours, or of a session alone, are looked for one by one.
fn stands_alone(entry: &Entry) -> bool {
    match &entry.body {
        EntryBody::Audit { ours, .. } => ours.is_some(),
        EntryBody::Own(record) => record.job.is_some() || record.session.is_some(),
    }
}

impl EventPane {
    /// The lines that the filters let through, oldest first, folded unless they were opened.
    pub fn rows(&self) -> Vec<Row<'_>> {
        self.folded(&self.shown().collect::<Vec<_>>())
    }

    /// The newest lines, at least so many if there are: nobody waits for the folds of a whole night.
    pub(super) fn newest_rows(&self, least: usize) -> Vec<Row<'_>> {
        let mut shown: Vec<&Entry> = self.shown().rev().take(least.max(NEWEST)).collect();
        shown.reverse();
        self.folded(&shown)
    }

    fn folded<'a>(&self, shown: &[&'a Entry]) -> Vec<Row<'a>> {
        let groups = groups(shown);
        let mut folds: Vec<Option<usize>> = vec![None; shown.len()];
        for (number, group) in groups.iter().enumerate().filter(|(_, group)| !self.is_open(group, shown)) {
            for member in &group.members {
                if let Some(fold) = folds.get_mut(*member) {
                    *fold = Some(number);
                }
            }
        }
        let stands = |place: usize| -> Option<(usize, Option<usize>)> {
            let Some(group) = folds.get(place).copied().flatten() else { return Some((place, None)) };
            let is_last = groups.get(group).and_then(|group| group.members.last()) == Some(&place);
            is_last.then_some((place, Some(group)))
        };
        let places: Vec<(usize, Option<usize>)> = (0..shown.len()).filter_map(stands).collect();
        let fold = |group: usize| {
            let group = groups.get(group)?;
            let members = group.members.iter().filter_map(|place| shown.get(*place).copied()).collect();
            Some(Fold { members, repeats: group.repeats })
        };
        let row = |(place, group): (usize, Option<usize>)| {
            Some(Row { entry: shown.get(place).copied()?, fold: group.and_then(fold) })
        };
        places.into_iter().filter_map(row).collect()
    }

    fn is_open(&self, group: &Group, shown: &[&Entry]) -> bool {
        let first = group.members.first().and_then(|place| shown.get(*place));
        first.is_some_and(|entry| self.opened.contains(&entry.number))
    }

    /// Opens what is folded under the cursor, or folds it again. Says whether there was anything.
    pub fn toggle_fold(&mut self) -> bool {
        let Some(current) = self.current().map(|entry| entry.number) else { return false };
        let shown: Vec<&Entry> = self.shown().collect();
        let numbers = |group: &Group| -> Vec<u64> {
            group.members.iter().filter_map(|place| Some(shown.get(*place)?.number)).collect()
        };
        let group = groups(&shown).iter().map(numbers).find(|numbers| numbers.contains(&current));
        let Some((first, last)) = group.and_then(|numbers| Some((*numbers.first()?, *numbers.last()?)))
        else {
            return false;
        };
        if self.opened.remove(&first) {
            // What was under the cursor is in the line that stands for it.
            self.cursor = self.cursor.map(|_| last);
        } else {
            self.opened.insert(first);
        }
        true
    }
}

/// The rows that belong together, by their places. A row looks for its group by its likeness: in a large pod there are
/// hundreds within the time of a fold, and all of this is done for each frame.
fn groups(shown: &[&Entry]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut newest: HashMap<Likeness<'_>, usize> = HashMap::new();
    for (place, entry) in shown.iter().enumerate().filter(|(_, entry)| !stands_alone(entry)) {
        let known = newest.entry(Likeness::of(entry)).or_insert(usize::MAX);
        if let Some(group) =
            groups.get_mut(*known).filter(|group| entry.time.duration_since(group.began) <= WITHIN)
        {
            let first = group.members.first().and_then(|place| shown.get(*place));
            group.repeats &= first.and_then(|first| text(first)) == text(entry);
            group.members.push(place);
        } else {
            *known = groups.len();
            groups.push(Group { began: entry.time, members: vec![place], repeats: true });
        }
    }
    let is_fold = |group: &Group| group.members.len() >= if group.repeats { 2 } else { BURST };
    groups.retain(is_fold);
    groups
}

#[cfg(test)]
mod tests;
