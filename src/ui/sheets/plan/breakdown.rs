//! Where the targets are, and what their users lose.

use crate::{
    core::bulk::{BlastRadius, Plan},
    domain::{Text, Verb},
    ui::{
        pen::piece,
        text::{self, counted, counted_with, up_to},
        theme::Role,
    },
};

use super::summary::{Line, Part};

/// The most buckets of each kind.
const BUCKETS: usize = 5;
/// The columns of a name: fewer tell nothing, more are rarely needed.
const NAME: std::ops::RangeInclusive<usize> = 11..=24;
/// Blanks before a name and between two groups.
const GAP: usize = 2;

/// A title and what stands below it.
type Group = (&'static str, Vec<(String, Role)>);

/// All groups, as many beside each other as leave the names enough room; what they lose stands in the first row.
pub(super) fn lines(plan: &Plan, blast: &BlastRadius, width: u16, ellipsis: &str) -> Vec<Line> {
    let width = usize::from(width);
    let losses = losses(plan, blast);
    let wide = losses.iter().map(|(words, _)| text::width(words) + GAP).max().unwrap_or(0);
    let wide = wide.max(text::width(LOSSES));
    let mut buckets =
        vec![("BY POOL", &blast.by_pool), ("BY GATEWAY", &blast.by_gateway), ("BY AGENT", &blast.by_agent)];
    if plan.goes_to_other_pods() {
        buckets.insert(0, ("BY POD", &blast.by_pod));
    }
    let buckets: Vec<_> = buckets.into_iter().map(|(title, buckets)| (title, first_of(buckets))).collect();
    let all = || buckets.iter().flat_map(|(_, buckets)| buckets);
    let number = all().map(|(_, count)| count.to_string().len()).max().unwrap_or(1);
    let longest =
        all().map(|(name, _)| text::width(name)).max().unwrap_or(0).clamp(*NAME.start(), *NAME.end());
    // Beside a name: its indent, a blank, its number, the gap to the next group.
    let beside = GAP + 1 + number + GAP;
    let room = |groups: usize| (width.saturating_sub(wide) / groups).saturating_sub(beside);
    let groups = [3, 2].into_iter().find(|groups| room(*groups) >= *NAME.start()).unwrap_or(1);
    let name = room(groups).clamp(4, longest);
    let column = name + beside;
    let titled = |(title, buckets): (&'static str, Vec<(String, usize)>)| -> Group {
        let line = |(name_of, count): (String, usize)| {
            let shown = text::left(&name_of, name, ellipsis);
            (format!("{shown} {count:>number$}"), Role::Text)
        };
        (title, buckets.into_iter().map(line).collect())
    };
    let mut beside_losses: Vec<Group> = buckets.into_iter().map(titled).collect();
    let below = beside_losses.split_off(groups);
    beside_losses.push((LOSSES, losses));
    let mut lines = block(beside_losses, column, width);
    let per_row = (width / column).max(1);
    let mut below = below.into_iter().peekable();
    while below.peek().is_some() {
        lines.push(Vec::new());
        lines.extend(block(below.by_ref().take(per_row).collect(), column, width));
    }
    lines
}

/// The title of what they lose.
const LOSSES: &str = "WHAT THEY LOSE";

/// Groups beside each other, each in a column of the same width; the last one has what is left.
fn block(groups: Vec<Group>, column: usize, width: usize) -> Vec<Line> {
    let rows = groups.iter().map(|(_, lines)| lines.len() + 1).max().unwrap_or(0);
    let last = groups.len().saturating_sub(1);
    let mut lines: Vec<Line> = (0..rows).map(|_| Vec::new()).collect();
    for (place, (title, words)) in groups.into_iter().enumerate() {
        let x = place * column;
        let wide = if place == last { width.saturating_sub(x) } else { column - 1 };
        let title = piece(title, Role::Heading);
        let words = words.into_iter().map(|(words, role)| piece(format!("{:GAP$}{words}", ""), role));
        for (line, words) in lines.iter_mut().zip(std::iter::once(title).chain(words)) {
            line.push(Part { x: x as u16, width: wide as u16, left: vec![words], right: Vec::new() });
        }
    }
    lines
}

/// The largest buckets; the others together in one.
fn first_of(buckets: &[(Text, usize)]) -> Vec<(String, usize)> {
    let shown = if buckets.len() > BUCKETS { BUCKETS - 1 } else { BUCKETS };
    let mut list: Vec<(String, usize)> =
        buckets.iter().take(shown).map(|(name, count)| (name.to_string(), *count)).collect();
    let rest = buckets.get(shown..).unwrap_or_default();
    if !rest.is_empty() {
        list.push((format!("{} others", rest.len()), rest.iter().map(|(_, count)| count).sum()));
    }
    list
}

/// What the verb costs the users of the targets, in few words.
fn losses(plan: &Plan, blast: &BlastRadius) -> Vec<(String, Role)> {
    let count = plan.to_send.len();
    if count == 0 {
        return vec![("nothing: nothing is sent".to_owned(), Role::Muted)];
    }
    let machines = counted_with(blast.machines, blast.machines_unknown, "machine", "machines");
    let mut lines = match plan.verb {
        Verb::Message => vec![("nothing".to_owned(), Role::Text)],
        Verb::Disconnect => vec![
            (format!("cut off from work: {}", up_to(blast.connected, blast.unmeasured)), Role::Warning),
            ("the sessions run on".to_owned(), Role::Text),
        ],
        Verb::Logoff | Verb::LogoffForced => vec![(format!("unsaved work: up to {count}"), Role::Danger)],
        Verb::Restart | Verb::Reset => vec![
            (format!("unsaved work: up to {count}"), Role::Danger),
            (format!("down: {machines}"), Role::Danger),
        ],
    };
    if plan.verb.is_destructive() && plan.verb != Verb::Disconnect && blast.connected + blast.unmeasured > 0 {
        let words = match blast.unmeasured {
            0 => counted(blast.connected, "session", "sessions"),
            unknown => up_to(blast.connected, unknown),
        };
        lines.push((format!("in use: {words}"), Role::Danger));
    }
    if plan.verb.is_destructive() && blast.users_losing_all > 0 {
        let words = counted(blast.users_losing_all, "user", "users");
        lines.push((format!("all sessions: {words}"), Role::Warning));
    }
    lines
}
