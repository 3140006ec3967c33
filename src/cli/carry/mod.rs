//! Carrying out a plan without a screen, the same for sessions, permissions and images: whether it may start, following
//! it, what is printed, and the exit code. What differs between them is told by the commands.

pub(super) mod confirm;
pub(super) mod report;
pub(super) mod verdict;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use super::{
    interrupt::Interrupts,
    progress::Progress,
    run::{Streams, note, warn},
};
use crate::{
    core::bulk::{Job, JobEvent, Planned, Stage},
    domain::{Fault, FaultKind, Outcome, PlanId},
};

/// Events of a job that may wait: a call makes a few, and the engine waits when nobody takes them.
pub(super) const JOB_EVENTS: usize = 16;

/// Waits that are shorter are not worth a line of a log.
const WORTH_SAYING: SignedDuration = SignedDuration::from_secs(5);
/// How often the log says that it waits.
const SAID_AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// An id for a plan that no other run is likely to have.
pub(super) fn plan_id() -> PlanId {
    let digits = uuid::Uuid::new_v4().simple().to_string();
    PlanId::from(digits.get(..8).unwrap_or(&digits))
}

/// Follows what becomes of a job while it is sent. After the first wish to end nothing more is sent; after the second,
/// nothing is waited for, and what is out stays "sent".
pub(super) async fn follow<P: Planned>(
    job: &mut Job<P>,
    sending: impl Future<Output = ()>,
    mut told: mpsc::Receiver<JobEvent>,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) {
    let listening = async {
        let mut said: Option<Timestamp> = None;
        while let Some(event) = told.recv().await {
            let now = Timestamp::now();
            job.apply(&event, now);
            let line = match &event {
                JobEvent::Waiting(wait) => {
                    format!("waiting until {}: {}", wait.until.strftime("%H:%M:%SZ"), wait.why)
                }
                JobEvent::Entered(Stage::Countdown { until: Some(until), .. }) => {
                    format!("warned; log off at {}", until.strftime("%H:%M:%SZ"))
                }
                JobEvent::Entered(Stage::BeforeForce { until }) => {
                    format!("logged off; force at {}", until.strftime("%H:%M:%SZ"))
                }
                JobEvent::Entered(Stage::Outage { until, given_up_at, why }) => {
                    let (until, end) = (until.strftime("%H:%M:%SZ"), given_up_at.strftime("%H:%M:%SZ"));
                    format!("the server is away, waiting until {until}, given up at {end}: {why}")
                }
                _ => format!("{} of {} answered", job.answered(), job.total()),
            };
            progress.draw(streams, &line);
            // Nobody watches a line that is drawn anew; whoever reads the log later must see what the time went on.
            let waits_until = match &event {
                JobEvent::Waiting(wait) => Some(wait.until),
                // That the server is gone is news, however short the first pause is.
                JobEvent::Entered(Stage::Outage { given_up_at, .. }) => Some(*given_up_at),
                _ => None,
            };
            if waits_until.is_some_and(|until| until.duration_since(now) >= WORTH_SAYING)
                && !progress.is_shown()
                && said.is_none_or(|said| now.duration_since(said) >= SAID_AGAIN)
            {
                note(streams, &line);
                said = Some(now);
            }
        }
    };
    let is_cut_off = tokio::select! {
        ((), ()) = async { tokio::join!(sending, listening) } => false,
        () = interrupts.second.cancelled() => true,
    };
    progress.clear(streams);
    if is_cut_off {
        cut_off(job, &mut told);
        if job.outcomes.contains(&Outcome::Sent) {
            warn(streams, "not waited for the last answers: what is \"sent\" may or may not have been done");
        }
    }
    if job.is_running() {
        let fault = Fault::new(FaultKind::Unexpected, "run a job", "it ended without saying so");
        job.apply(&JobEvent::Finished { stopped: false, fault: Some(fault) }, Timestamp::now());
    }
}

/// Ends a job of which nothing has left.
pub(super) fn could_not_begin<P: Planned>(job: &mut Job<P>, fault: Fault) {
    job.apply(&JobEvent::Finished { stopped: false, fault: Some(fault) }, Timestamp::now());
}

/// Ends a job that nobody waits for any more. What the engine has told by then still counts: what left must not be
/// called "unsent".
fn cut_off<P: Planned>(job: &mut Job<P>, told: &mut mpsc::Receiver<JobEvent>) {
    while let Ok(event) = told.try_recv() {
        job.apply(&event, Timestamp::now());
    }
    if job.is_running() {
        job.apply(&JobEvent::Finished { stopped: true, fault: None }, Timestamp::now());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        core::bulk::{JobPhase, Plan, Target},
        domain::{JobId, Session, Verb},
    };

    fn job(targets: usize) -> Job {
        let target =
            |number| Target { session: Session::new(format!("s{number}").into()), hidden: false, pod: None };
        let plan = Plan {
            id: plan_id(),
            verb: Verb::Logoff,
            message: None,
            to_send: (0..targets).map(target).collect(),
            held_back: Vec::new(),
            made_at: Timestamp::UNIX_EPOCH,
            data_at: Timestamp::UNIX_EPOCH,
            retry_of: None,
            terms: crate::core::bulk::Terms::default(),
        };
        Job::new(JobId(1), Arc::new(plan), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_was_told_before_the_cut_still_counts() {
        let mut job = job(3);
        let (events, mut told) = mpsc::channel(JOB_EVENTS);
        for event in [
            JobEvent::Sent { targets: vec![0] },
            JobEvent::Settled { outcomes: vec![(0, Outcome::Accepted)] },
            JobEvent::Sent { targets: vec![1] },
        ] {
            events.try_send(event).unwrap();
        }
        cut_off(&mut job, &mut told);
        assert_eq!(job.outcomes, [Outcome::Accepted, Outcome::Sent, Outcome::Unsent]);
        assert!(matches!(job.phase, JobPhase::Finished { stopped: true, fault: None, .. }));
    }

    #[test]
    fn a_job_that_had_ended_by_itself_was_not_stopped() {
        let mut job = job(1);
        let (events, mut told) = mpsc::channel(JOB_EVENTS);
        for event in [
            JobEvent::Settled { outcomes: vec![(0, Outcome::Accepted)] },
            JobEvent::Finished { stopped: false, fault: None },
        ] {
            events.try_send(event).unwrap();
        }
        cut_off(&mut job, &mut told);
        assert_eq!(job.outcomes, [Outcome::Accepted]);
        assert!(matches!(job.phase, JobPhase::Finished { stopped: false, .. }));
    }
}
