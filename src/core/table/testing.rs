//! Sessions for tests: few different values, so that ties, duplicates and gaps are frequent.

use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;

use super::GroupNames;
use crate::domain::{Principal, PrincipalKind, Session};

/// What one group is called.
pub(in crate::core) fn group_names(sid: &str, name: &str) -> Arc<GroupNames> {
    let mut names = GroupNames::default();
    names.learn(&[sid.into()], &[group(sid, name)]);
    Arc::new(names)
}

/// A group as the directory tells it.
pub(in crate::core) fn group(sid: &str, name: &str) -> Principal {
    Principal {
        id: sid.into(),
        kind: PrincipalKind::Group,
        name: Some(name.into()),
        full_name: None,
        description: None,
        groups: None,
    }
}

fn pick(values: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    prop::option::weighted(0.8, prop::sample::select(values))
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::weighted(0.8, (0_i64..3_000_000).prop_map(|second| Timestamp::from_second(second).unwrap()))
}

/// A session with this id.
pub(in crate::core) fn session(id: String) -> impl Strategy<Value = Session> {
    let words = (
        pick(&["CORP\\alvarez.m", "CORP\\Chen.w", "corp\\chen.w", "jörg", "王伟"]),
        pick(&["CONNECTED", "DISCONNECTED", "PENDING", "HIBERNATING"]),
        pick(&["fin-w11", "fin-vdi", "hr-w11", "Fin RDS"]),
        pick(&["FINW11-001", "HRW11-033"]),
        pick(&["8.9.0", "8.10.0", "8.13.0-77", "beta"]),
        pick(&["WINDOWS", "MAC", "TOASTER"]),
        pick(&["S-1-5-21-1", "S-1-5-21-2"]),
    );
    (words, time(), time(), prop::option::of(-1_i64..5000)).prop_map(move |(words, started, ended, idle)| {
        let (user, state, pool, machine, agent, client, sid) = words;
        let mut session = Session::new(id.as_str().into());
        session.user_name = user.map(Into::into);
        session.user_id = sid.map(Into::into);
        session.state = state.map(Into::into);
        session.pool_name = pool.map(Into::into);
        session.machine_name = machine.map(Into::into);
        session.agent_version = agent.map(Into::into);
        session.client.kind = client.map(Into::into);
        session.groups = sid.map(|sid| vec![sid.into()]);
        session.started_at = started;
        session.disconnected_at = ended;
        session.idle_minutes = idle;
        session
    })
}

/// Sessions with the ids `s0`, `s1`, …, each with a chance to be missing.
pub(in crate::core) fn sessions(most: usize) -> impl Strategy<Value = Vec<Session>> {
    let each: Vec<_> =
        (0..most).map(|number| prop::option::weighted(0.75, session(format!("s{number}")))).collect();
    each.prop_map(|sessions| sessions.into_iter().flatten().collect())
}
