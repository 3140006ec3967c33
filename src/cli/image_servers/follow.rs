//! Following a build to its end (`workspace.md section 6.5`).

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{CloudJobStatus, Fault, FaultKind, ImageJob};

/// How often the cloud is asked, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beat {
    first: Duration,
    next: Duration,
    longest: Duration,
}

impl Beat {
    /// As often as is wanted; else as the vendor's own provider does.
    pub(super) fn new(every: Option<Duration>) -> Self {
        let (first, next) = (Duration::from_secs(10), Duration::from_secs(30));
        Self { first: every.unwrap_or(first), next: every.unwrap_or(next), longest: Duration::from_hours(1) }
    }
}

/// What became of a build.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    /// It is over: done or failed.
    Over(ImageJob),
    /// The cloud does not know it any more.
    Gone(Fault),
    /// It took longer than anybody waits; with what the last look came to when that was a fault.
    Late(Option<Fault>),
}

/// What a look showed.
#[derive(Debug)]
pub(super) enum Look<'a> {
    /// The job as it is.
    Seen(&'a ImageJob),
    /// Nothing: which is not the build's failure.
    Missed(&'a Fault),
}

/// Asks until it is over. `tell` hears of each look and how long it is since the first wait began.
///
/// # Errors
///
/// When nobody is logged in any more, or the job may not be read: no further look would show more.
pub(super) async fn follow(
    mut ask: impl AsyncFnMut() -> Result<ImageJob, Fault>,
    beat: Beat,
    mut tell: impl FnMut(Look<'_>, Duration),
) -> Result<End, Fault> {
    let began = Instant::now();
    let mut pause = beat.first;
    loop {
        tokio::time::sleep(pause).await;
        pause = beat.next;
        let missed = match ask().await {
            Ok(job) => {
                tell(Look::Seen(&job), began.elapsed());
                if job.status.as_ref().is_some_and(CloudJobStatus::is_final) {
                    return Ok(End::Over(job));
                }
                None
            }
            Err(fault) => match fault.kind {
                FaultKind::EntityNotFound => return Ok(End::Gone(fault)),
                FaultKind::Unauthenticated | FaultKind::InsufficientPermission => return Err(fault),
                _ => {
                    tell(Look::Missed(&fault), began.elapsed());
                    Some(fault)
                }
            },
        };
        if began.elapsed() >= beat.longest {
            return Ok(End::Late(missed));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::VecDeque};

    use super::*;

    fn job(status: &str) -> ImageJob {
        ImageJob {
            id: "7".into(),
            kind: None,
            began_at: None,
            ended_at: None,
            status: Some(status.into()),
            sub_jobs_total: None,
            sub_jobs: None,
        }
    }

    fn fault(kind: FaultKind) -> Fault {
        Fault::new(kind, "read job", "words")
    }

    /// What it comes to, and at which seconds it was asked.
    async fn followed(answers: Vec<Result<ImageJob, Fault>>) -> (Result<End, Fault>, Vec<u64>) {
        let (began, asked) = (Instant::now(), RefCell::new(Vec::new()));
        let mut answers = VecDeque::from(answers);
        let ask = async || {
            asked.borrow_mut().push(began.elapsed().as_secs());
            answers.pop_front().unwrap_or_else(|| Ok(job("RUNNING")))
        };
        let end = follow(ask, Beat::new(None), |_, _| {}).await;
        (end, asked.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_asked_after_ten_seconds_and_then_every_thirty() {
        let (end, asked) = followed(vec![Ok(job("WAITING")), Ok(job("RUNNING")), Ok(job("SUCCESS"))]).await;
        assert_eq!(end, Ok(End::Over(job("SUCCESS"))));
        assert_eq!(asked, [10, 40, 70]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_jobs_own_word_is_its_end() {
        let trouble = [FaultKind::Unexpected, FaultKind::Throttled, FaultKind::Unreachable];
        let mut answers: Vec<_> = trouble.into_iter().map(|kind| Err(fault(kind))).collect();
        answers.extend([Ok(job("ROLLBACK")), Ok(job("Something")), Ok(job("FAILED"))]);
        let (end, asked) = followed(answers).await;
        assert_eq!((end, asked.len()), (Ok(End::Over(job("FAILED"))), 6));
        let (end, _) = followed(vec![Err(fault(FaultKind::EntityNotFound))]).await;
        assert_eq!(end, Ok(End::Gone(fault(FaultKind::EntityNotFound))));
        let (end, _) = followed(vec![Err(fault(FaultKind::Unauthenticated))]).await;
        assert_eq!(end, Err(fault(FaultKind::Unauthenticated)));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let (end, asked) = followed(Vec::new()).await;
        assert_eq!((end, *asked.last().unwrap()), (Ok(End::Late(None)), 3610));
    }
}
