//! What a change prints of its targets (`design.md section 7`).

use indexmap::IndexMap;
use serde::Serialize;

use crate::{
    cli::{
        args::Format,
        carry::report::{self, Became, Targets, Told, closing},
        output::{self, Heading},
        run::{Stop, Streams},
    },
    core::change::{ChangeItem, ChangeJob, HeldChange},
    domain::{Outcome, Text, UserId},
};

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order<'a> {
    /// The verb, as JSON names it.
    pub(super) verb: &'static str,
    /// The ticket that it is done for.
    pub(super) ticket: Option<&'a str>,
    /// Whether nothing was to be sent.
    pub(super) dry_run: bool,
}

/// One change.
#[derive(Debug, Serialize)]
struct Row<'a> {
    /// Of what is changed, or of what was created where the server told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    /// Of who gets a permission.
    #[serde(skip_serializing_if = "Option::is_none")]
    ad_user_or_group_id: Option<&'a str>,
    name: &'a str,
    /// The kind; missing for those that were held back from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<&'static str>,
    #[serde(flatten)]
    became: Became,
    /// What exactly changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
}

impl<'a> Row<'a> {
    fn sent(item: &'a ChangeItem, outcome: &Outcome, id: Option<&'a str>) -> Self {
        let after = item.after.map(|before| format!("only when change {} has worked", before + 1));
        Self {
            id,
            ad_user_or_group_id: item.change.principal().map(UserId::raw),
            name: item.label.as_str(),
            change: Some(item.change.kind().name()),
            became: outcome.into(),
            details: item.details.iter().map(ToString::to_string).chain(after).collect(),
        }
    }

    fn held(held: &'a HeldChange) -> Self {
        Self {
            id: held.target.as_deref(),
            ad_user_or_group_id: held.principal.as_ref().map(UserId::raw),
            name: held.label.as_str(),
            change: None,
            became: Became::from(&Outcome::HeldBack(held.reason.clone())),
            details: Vec::new(),
        }
    }
}

/// The ids of what is changed or was created, by place.
fn ids(job: &ChangeJob) -> Vec<Option<String>> {
    let places = job.plan.items.iter().enumerate();
    places.map(|(place, item)| item.change.target_id().or_else(|| job.created.get(&place).cloned())).collect()
}

/// Prints the outcomes of a job; before it was started they are "unsent" and "held back".
pub(super) fn print(
    job: &ChangeJob,
    order: Order<'_>,
    format: Format,
    ascii: bool,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let told = Told {
        verb: order.verb,
        ticket: order.ticket,
        consequences: &job.plan.consequences,
        warnings: &job.plan.warnings,
        confirm: job.plan.words.as_ref().filter(|_| order.dry_run),
    };
    report::print(job, &told, &Changed { job, order, ids: &ids(job) }, format, ascii, streams)
}

/// The counts of what did not go well, with the words of each cause; the first few causes only.
pub(super) fn troubles(job: &ChangeJob) -> String {
    let held = job.plan.held_back.iter().map(|held| Outcome::HeldBack(held.reason.clone()).cause());
    let mut counts = IndexMap::new();
    for cause in job.outcomes.iter().map(Outcome::cause).chain(held) {
        *counts.entry(cause).or_insert(0_usize) += 1;
    }
    report::name_causes(counts.iter().map(|(cause, count)| (cause, *count)))
}

/// The targets of a change.
struct Changed<'a> {
    job: &'a ChangeJob,
    order: Order<'a>,
    ids: &'a [Option<String>],
}

impl<'a> Targets for Changed<'a> {
    type Row = Row<'a>;

    const FIELDS: &'static [&'static str] =
        &["change", "id", "ad_user_or_group_id", "name", "outcome", "fault", "message", "details"];

    fn rows(&self) -> impl Iterator<Item = Row<'a>> {
        let sent = self.job.plan.items.iter().zip(&self.job.outcomes).zip(self.ids);
        sent.map(|((item, outcome), id)| Row::sent(item, outcome, id.as_deref()))
            .chain(self.job.plan.held_back.iter().map(Row::held))
    }

    /// Before anything is sent it also says what exactly changes, what follows and what must not be overlooked.
    fn table(&self, ascii: bool) -> String {
        let label = |outcome: &str| outcome.replace('_', " ");
        let list: Vec<Vec<String>> = self
            .rows()
            .map(|row| {
                let message = row.became.message;
                let details = self.order.dry_run.then(|| row.details.join("; "));
                vec![
                    label(row.became.outcome),
                    row.change.unwrap_or_default().to_owned(),
                    row.name.to_owned(),
                    row.id.map(|id| Text::clean(id).to_string()).unwrap_or_default(),
                    row.became.fault.unwrap_or_default().to_owned(),
                    message.or(details).unwrap_or_default(),
                ]
            })
            .collect();
        let last = if self.order.dry_run { "WHAT CHANGES" } else { "MESSAGE" };
        let headings = ["OUTCOME", "CHANGE", "NAME", "ID", "FAULT", last].map(Heading::left);
        let mut text = if list.is_empty() { String::new() } else { output::columns(&headings, &list, ascii) };
        if self.order.dry_run {
            for line in &self.job.plan.consequences {
                text.extend(["follows: ", line.as_str(), "\n"]);
            }
        }
        for line in &self.job.plan.warnings {
            text.extend(["warning: ", line.as_str(), "\n"]);
        }
        if let Some(words) = self.job.plan.words.as_ref().filter(|_| self.order.dry_run) {
            text.extend(["asks for: --confirm '", words.as_str(), "'\n"]);
        }
        text + &closing(self.job, &self.order.verb.replace('-', " "), self.order.ticket, "no changes")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use insta::assert_snapshot;
    use jiff::Timestamp;

    use super::*;
    use crate::{
        core::{bulk::JobEvent, change::ChangePlan},
        domain::{Change, Fault, FaultKind, JobId, NewPermission},
    };

    fn job(sent: bool) -> ChangeJob {
        let mut plan = ChangePlan::new("3f2a".into(), "REPLACE PERMISSION", Timestamp::UNIX_EPOCH);
        let create = Change::CreatePermission(NewPermission {
            principal: "S-1-5-21-7".into(),
            role: "role".into(),
            local_group: None,
            federation_group: None,
        });
        plan.items = vec![
            ChangeItem::new(create, "CORP\\kaya as Help Desk on finance")
                .with_details(vec!["role: Administrators -> Help Desk".into()]),
            ChangeItem::new(Change::DeletePermission("p1".into()), "CORP\\kaya as Administrators").after(0),
        ];
        plan.held_back = vec![HeldChange {
            label: "CORP\\old".into(),
            target: Some("p\u{202e}2".into()),
            principal: None,
            reason: "gone already".into(),
        }];
        plan.consequences = vec!["1 user loses change permissions".into()];
        plan.warnings = vec!["this is the permission that you are using".into()];
        plan.words = Some("lock me out".into());
        let mut job = ChangeJob::new(JobId(1), Arc::new(plan), Timestamp::UNIX_EPOCH);
        if sent {
            let fault = Fault::new(FaultKind::InsufficientPermission, "delete permissions", "not yours");
            let outcomes = vec![(0, Outcome::Confirmed), (1, Outcome::Refused(fault))];
            for event in [
                JobEvent::Settled { outcomes },
                JobEvent::Created { ids: vec![(0, "p9".to_owned())] },
                JobEvent::Finished { stopped: false, fault: None },
            ] {
                job.apply(&event, Timestamp::UNIX_EPOCH);
            }
        }
        job
    }

    fn printed(job: &ChangeJob, format: Format, dry_run: bool) -> String {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let order = Order { verb: "replace-permission", ticket: Some("INC-1"), dry_run };
        let mut streams = Streams { out: &mut out, err: &mut err };
        assert!(print(job, order, format, false, &mut streams).is_ok());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_dry_run_shows_what_would_change() {
        assert_snapshot!("dry_run_table", printed(&job(false), Format::Table, true));
        assert_snapshot!("dry_run_json", printed(&job(false), Format::Json, true));
    }

    #[test]
    fn outcomes_are_told_in_every_format() {
        assert_snapshot!("outcomes_table", printed(&job(true), Format::Table, false));
        assert_snapshot!("outcomes_json", printed(&job(true), Format::Json, false));
        assert_snapshot!("outcomes_jsonl", printed(&job(true), Format::Jsonl, false));
        assert_snapshot!("outcomes_csv", printed(&job(true), Format::Csv, false));
    }
}
