//! What a plan of changes asks for before it may start, and what the person who is asked sees.

use super::changes;
use crate::{
    cli::{
        args::ChangeArgs,
        carry::confirm::{Asked, Said},
        interrupt::Interrupts,
        run::{Stop, Streams},
    },
    config::Environment,
    core::change::ChangePlan,
    domain::Text,
};

/// So many changes are named before the question.
const NAMED: usize = 25;

/// What a plan asks for.
pub(super) fn asked(plan: &ChangePlan) -> Asked {
    let count = plan.items.len();
    let targets = changes(count);
    Asked {
        count,
        deed: format!("{}, {targets}", plan.deed()),
        targets,
        confirmation: plan.confirmation(),
        why: plan.warnings.iter().map(Text::as_str).collect::<Vec<_>>().join("; "),
    }
}

/// What the arguments say about going ahead.
pub(super) async fn confirm(
    plan: &ChangePlan,
    args: &ChangeArgs,
    environment: &Environment,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<(), Stop> {
    let said = Said { max: args.max, yes: args.yes, confirm: args.confirm.as_deref() };
    asked(plan).confirm(said, || describe(plan), environment, interrupts, streams).await
}

/// What it does, for the person who is asked.
fn describe(plan: &ChangePlan) -> String {
    let mut lines: Vec<String> = plan.warnings.iter().map(|warning| format!("WARNING: {warning}")).collect();
    for item in plan.items.iter().take(NAMED) {
        lines.push(format!("{}: {}", item.change.kind().label(), item.label));
        lines.extend(item.details.iter().map(|detail| format!("    {detail}")));
        lines.extend(item.after.map(|before| format!("    only when change {} has worked", before + 1)));
    }
    if let Some(more) = plan.items.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.push(format!("... and {more} more; --dry-run shows all"));
    }
    lines.extend(plan.held_back.iter().map(|held| format!("held back: {} ({})", held.label, held.reason)));
    lines.extend(plan.consequences.iter().map(ToString::to_string));
    lines.push(format!("{}: {}", plan.title, changes(plan.items.len())));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{core::change::ChangeItem, domain::Change, error::Class};

    fn plan(count: usize, words: Option<&str>) -> ChangePlan {
        let mut plan = ChangePlan::new("3f2a".into(), "DELETE PERMISSIONS", Timestamp::UNIX_EPOCH);
        let item = |number: usize| {
            ChangeItem::new(
                Change::DeletePermission(format!("p{number}").into()),
                format!("permission {number}"),
            )
        };
        plan.items = (0..count).map(item).collect();
        plan.words = words.map(Into::into);
        plan.warnings = words.map(|_| "this is the one that you are using".into()).into_iter().collect();
        plan
    }

    #[test]
    fn the_number_and_the_words_must_be_right() {
        assert!(asked(&plan(2, None)).is_right(2, None).is_ok());
        let wrong = asked(&plan(2, None)).is_right(3, None).unwrap_err();
        assert_eq!(wrong.class(), Class::Refused);
        assert!(wrong.to_string().contains("2 changes would be sent"), "{wrong}");
        assert!(wrong.advice().unwrap().contains("--yes 2"));
        let dangerous = plan(1, Some("lock me out"));
        let missing = asked(&dangerous).is_right(1, None).unwrap_err();
        assert!(missing.to_string().contains("the one that you are using"), "{missing}");
        assert!(missing.advice().unwrap().contains("--confirm 'lock me out'"));
        assert!(asked(&dangerous).is_right(1, Some("lock me")).is_err());
        assert!(asked(&dangerous).is_right(2, Some("lock me out")).is_err());
        assert!(asked(&dangerous).is_right(1, Some("lock me out")).is_ok());
    }

    #[test]
    fn the_person_who_is_asked_sees_everything_that_matters() {
        let text = describe(&plan(27, Some("lock me out")));
        assert!(
            text.starts_with(
                "WARNING: this is the one that you are using\ndelete permission: permission 0\n"
            )
        );
        assert!(
            text.contains("... and 2 more") && text.ends_with("DELETE PERMISSIONS: 27 changes"),
            "{text}"
        );
    }
}
