//! The blast radius of a plan: whom it hits, counted before anything is sent.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{HoldReason, Plan};
use crate::{
    core::table::SessionTable,
    domain::{Session, SessionFacts, SessionState, Text},
};

/// Counts over the targets of a plan. The lists are sorted by count, largest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlastRadius {
    /// Sessions chosen, sent or held back.
    pub sessions: usize,
    /// Different users among those to be sent.
    pub users: usize,
    /// To be sent, with a user that is not known: each may be one more.
    #[serde(default)]
    pub users_unknown: usize,
    /// Different machines and RDS servers among those to be sent.
    pub machines: usize,
    /// To be sent, with a machine that is not known: each may be one more.
    #[serde(default)]
    pub machines_unknown: usize,
    /// To be sent, disconnected now.
    pub disconnected: usize,
    /// To be sent, connected now.
    pub connected: usize,
    /// To be sent, pending now.
    pub pending: usize,
    /// To be sent, in a state that is missing or unknown.
    pub unmeasured: usize,
    /// To be sent, hidden by the filter when the plan was made.
    pub hidden: usize,
    /// Users who have several sessions and lose all of them.
    pub users_losing_all: usize,
    /// Held back, by reason.
    pub held_back: Vec<(HoldReason, usize)>,
    /// To be sent, by pool or farm.
    pub by_pool: Vec<(Text, usize)>,
    /// To be sent, by the pod that hosts them; empty where the list knows no pods.
    pub by_pod: Vec<(Text, usize)>,
    /// To be sent, by gateway.
    pub by_gateway: Vec<(Text, usize)>,
    /// To be sent, by agent version.
    pub by_agent: Vec<(Text, usize)>,
}

impl BlastRadius {
    /// Counts a plan against the list that it was made from.
    pub fn of(plan: &Plan, table: &SessionTable) -> Self {
        let sent = || plan.to_send.iter().map(|target| &target.session);
        let connected = plan.in_state(&SessionState::Connected);
        let disconnected = plan.in_state(&SessionState::Disconnected);
        let pending = plan.in_state(&SessionState::Pending);
        let mut reasons = BTreeMap::new();
        for held in &plan.held_back {
            *reasons.entry(held.reason.clone()).or_insert(0_usize) += 1;
        }
        Self {
            sessions: plan.len(),
            users: sent().filter_map(Session::user_label).collect::<HashSet<_>>().len(),
            users_unknown: sent().filter(|session| session.user_label().is_none()).count(),
            machines_unknown: sent().filter(|session| session.machine_label().is_none()).count(),
            machines: sent().filter_map(Session::machine_label).collect::<HashSet<_>>().len(),
            disconnected,
            connected,
            pending,
            unmeasured: plan.to_send.len() - connected - disconnected - pending,
            hidden: plan.hidden(),
            users_losing_all: users_losing_all(plan, table),
            held_back: largest_first(reasons),
            by_pool: count_by(sent(), Session::pool_label, "?"),
            by_pod: if table.pods().is_empty() {
                Vec::new()
            } else {
                count_by(sent(), Session::pod_label, "?")
            },
            // No gateway told may mean a direct connection, or that nobody knows: it is not called direct.
            by_gateway: count_by(sent(), Session::gateway_label, "?"),
            by_agent: count_by(sent(), |session| session.agent_version.clone(), "?"),
        }
    }
}

/// Users with more than one session in the whole list who would keep none.
fn users_losing_all(plan: &Plan, table: &SessionTable) -> usize {
    let mut lost: BTreeMap<Text, usize> = BTreeMap::new();
    for target in &plan.to_send {
        if let Some(user) = target.session.user_label() {
            *lost.entry(user).or_default() += 1;
        }
    }
    lost.retain(|_, count| *count > 1);
    if lost.is_empty() {
        return 0;
    }
    let mut have: BTreeMap<Text, usize> = BTreeMap::new();
    for user in table.iter().filter_map(SessionFacts::user_label) {
        if lost.contains_key(&user) {
            *have.entry(user).or_default() += 1;
        }
    }
    lost.iter().filter(|(user, count)| have.get(*user) == Some(count)).count()
}

fn count_by<'a>(
    sessions: impl Iterator<Item = &'a Session>,
    label: impl Fn(&Session) -> Option<Text>,
    missing: &str,
) -> Vec<(Text, usize)> {
    let mut counts = BTreeMap::new();
    for session in sessions {
        *counts.entry(label(session).unwrap_or_else(|| Text::clean(missing))).or_insert(0) += 1;
    }
    largest_first(counts)
}

fn largest_first<T: Ord>(counts: BTreeMap<T, usize>) -> Vec<(T, usize)> {
    let mut list: Vec<_> = counts.into_iter().collect();
    list.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{core::bulk::Target, domain::Verb};

    #[test]
    fn unknown_users_and_machines_are_counted_as_such_and_not_as_none() {
        let mut known = Session::new("a".into());
        known.user_name = Some("CORP\\anna".into());
        known.machine_name = Some("M1".into());
        let target = |session| Target { session, hidden: false, pod: None };
        let plan = Plan {
            id: "7f3a".into(),
            verb: Verb::Logoff,
            message: None,
            to_send: vec![target(known), target(Session::new("b".into()))],
            held_back: Vec::new(),
            made_at: jiff::Timestamp::UNIX_EPOCH,
            data_at: jiff::Timestamp::UNIX_EPOCH,
            retry_of: None,
            terms: crate::core::bulk::Terms::default(),
        };
        let table = SessionTable::new(Vec::new(), jiff::Timestamp::UNIX_EPOCH, true);
        let blast = BlastRadius::of(&plan, &table);
        assert_eq!((blast.users, blast.users_unknown), (1, 1));
        assert_eq!((blast.machines, blast.machines_unknown), (1, 1));
        assert_eq!(blast.by_gateway, [(Text::clean("?"), 2)]);
    }
}
