//! The blast radius of a plan: whom it hits, counted before anything is sent.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{HoldReason, Plan};
use crate::{
    core::table::SessionTable,
    domain::{Session, SessionState, Text},
};

/// Counts over the targets of a plan. The lists are sorted by count, largest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlastRadius {
    /// Sessions chosen, sent or held back.
    pub sessions: usize,
    /// Different users among those to be sent.
    pub users: usize,
    /// Different machines and RDS servers among those to be sent.
    pub machines: usize,
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
            users: sent().filter_map(Session::user_label).collect::<BTreeSet<_>>().len(),
            machines: sent().filter_map(Session::machine_label).collect::<BTreeSet<_>>().len(),
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
    for user in table.iter().filter_map(Session::user_label) {
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
