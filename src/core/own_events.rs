//! What events a job of this console is expected to cause, so that they can be marked as ours when they arrive.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::bulk::Job;
use crate::domain::{AuditEvent, JobId, Verb};

/// How long after a job's end its events may still arrive: event databases lag, clocks differ.
const OURS_UNTIL_SECONDS: i64 = 15 * 60;
/// How far the clock of the server may be behind ours.
const CLOCK_SKEW_SECONDS: i64 = 120;

/// The event types that a verb writes, success first (`method-map.md section 1`, `events.md section 3.1`). Reset has
/// two spellings that are treated as one.
fn event_types(verb: Verb) -> &'static [&'static str] {
    match verb {
        Verb::Disconnect => {
            &["ADMIN_DESKTOP_SESSION_DISCONNECTED", "ADMIN_DESKTOP_SESSION_DISCONNECT_FAILED"]
        }
        Verb::Logoff | Verb::LogoffForced => {
            &["ADMIN_DESKTOP_SESSION_LOGOFF", "ADMIN_DESKTOP_SESSION_LOGOFF_FAILED"]
        }
        Verb::Restart => &["ADMIN_DESKTOP_SESSION_RESTARTED", "ADMIN_DESKTOP_SESSION_RESTART_FAILED"],
        Verb::Reset => &[
            "ADMIN_DESKTOP_SESSION_REBOOTED",
            "ADMIN_DESKTOP_SESSION_REBOOT_FAILED",
            "ADMIN_DESKTOP_SESSION_RESET",
            "ADMIN_DESKTOP_SESSION_RESET_FAILED",
        ],
        Verb::Message => &["ADMIN_SESSION_SENDMSG", "ADMIN_SESSION_SENDMSG_FAILED"],
    }
}

/// What events a job is expected to cause, used to mark them as ours.
///
/// The row has no session id. It is claimed by type, time and machine. Rows about sessions on RDS servers name no
/// machine, and whether their user is the operator or the session's is documented nowhere: they are claimed by user,
/// or else by number. Each target claims one row. A wrong claim only mislabels a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnEvents {
    job: JobId,
    verb: Verb,
    offset: SignedDuration,
    /// By the server's clock, as the end is.
    from: Timestamp,
    until: Option<Timestamp>,
    machines: Vec<String>,
    /// Users of the targets without a machine, as far as known.
    users: Vec<String>,
    /// Targets without a machine that have not claimed a row.
    without_machine: usize,
    /// How many rows were claimed.
    pub claimed: usize,
    /// How many are expected.
    pub expected: usize,
}

impl OwnEvents {
    /// What a job that starts now will cause. `offset` is how far the server's clock, which dates the events, is ahead
    /// of this machine's.
    pub fn expect(job: &Job, offset: SignedDuration) -> Self {
        let mut machines = Vec::new();
        let mut users = Vec::new();
        let mut without_machine = 0;
        for target in &job.plan.to_send {
            if let Some(machine) = &target.session.machine_id {
                machines.push(machine.raw().to_owned());
            } else {
                without_machine += 1;
                users.extend(target.session.user_id.as_ref().map(|user| user.raw().to_owned()));
            }
        }
        machines.sort_unstable();
        users.sort_unstable();
        Self {
            job: job.id,
            verb: job.plan.verb,
            offset,
            from: job.started_at.saturating_add(offset).unwrap_or(job.started_at),
            until: None,
            machines,
            users,
            without_machine,
            claimed: 0,
            expected: job.plan.to_send.len(),
        }
    }

    /// The job it belongs to.
    pub fn job(&self) -> JobId {
        self.job
    }

    /// Notes that the job ended; its events may arrive for a while longer.
    pub fn end(&mut self, at: Timestamp) {
        self.until = Some(at.saturating_add(self.offset).unwrap_or(at));
    }

    /// Whether no more events are waited for.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let now = now.saturating_add(self.offset).unwrap_or(now);
        self.until.is_some_and(|until| now.as_second() - until.as_second() > OURS_UNTIL_SECONDS)
    }

    /// Claims a row if it tells of this job.
    pub(super) fn claim(&mut self, event: &AuditEvent) -> Option<JobId> {
        let kind = event.kind.as_ref()?;
        let time = event.time?.as_second();
        let early = time < self.from.as_second() - CLOCK_SKEW_SECONDS;
        let late = self.until.is_some_and(|until| time > until.as_second() + OURS_UNTIL_SECONDS);
        if early || late || !event_types(self.verb).contains(&kind.as_str()) {
            return None;
        }
        let claimed = if let Some(machine) = &event.machine_id {
            take_one(&mut self.machines, machine.raw())
        } else if self.without_machine > 0 {
            self.without_machine -= 1;
            if let Some(user) = &event.user_id {
                take_one(&mut self.users, user.raw());
            }
            true
        } else {
            false
        };
        if !claimed {
            return None;
        }
        self.claimed += 1;
        Some(self.job)
    }
}

/// Takes one occurrence out of a sorted list.
fn take_one(sorted: &mut Vec<String>, wanted: &str) -> bool {
    let Ok(place) = sorted.binary_search_by(|probe| probe.as_str().cmp(wanted)) else {
        return false;
    };
    sorted.remove(place);
    true
}
