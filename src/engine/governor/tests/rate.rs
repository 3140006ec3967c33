//! Learning what a server takes, against a server that counts in fixed windows.

use super::*;

/// Takes so many calls of one API in a window that begins with the first; tells whole seconds, rounded up.
struct Throttle {
    calls: u32,
    window: Duration,
    /// How long a call takes, there and back.
    takes: Duration,
    open: StdMutex<Option<(Instant, u32)>>,
    log: StdMutex<Vec<(Instant, RequestClass, bool)>>,
}

impl Throttle {
    fn new(calls: u32, window: Duration) -> Self {
        let takes = Duration::from_millis(20);
        Self { calls, window, takes, open: StdMutex::default(), log: StdMutex::default() }
    }

    /// `None` when it takes the call.
    fn meet(&self, class: RequestClass) -> Option<Duration> {
        let now = Instant::now();
        let mut open = self.open.lock().unwrap();
        let (began, taken) = open.get_or_insert((now, 0));
        if now.duration_since(*began) >= self.window {
            (*began, *taken) = (now, 0);
        }
        let refused = *taken >= self.calls;
        self.log.lock().unwrap().push((now, class, refused));
        if refused {
            let left = self.window.saturating_sub(now.duration_since(*began));
            return Some(Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0)));
        }
        *taken += 1;
        None
    }

    /// Sends a call as the client does, until it is taken.
    async fn call(&self, gate: &LaneGate, class: RequestClass) {
        loop {
            let permit = gate.admit(class, Operation::Logoff).await.unwrap();
            tokio::time::sleep(self.takes / 2).await;
            let told = self.meet(class);
            tokio::time::sleep(self.takes / 2).await;
            let how = if told.is_some() { Answered::Throttled } else { Answered::Well };
            gate.answered(Operation::Logoff, how, self.takes);
            let Some(wait) = told else { return };
            gate.throttled(Operation::Logoff, wait);
            drop(permit);
        }
    }

    fn refused(&self) -> usize {
        self.log.lock().unwrap().iter().filter(|(.., refused)| *refused).count()
    }

    fn taken(&self, class: RequestClass) -> usize {
        self.log.lock().unwrap().iter().filter(|(_, of, refused)| *of == class && !refused).count()
    }

    /// The calls that could have been taken since the beginning.
    fn allowed(&self, elapsed: Duration) -> f64 {
        f64::from(self.calls) * (elapsed.as_secs_f64() / self.window.as_secs_f64()).ceil()
    }
}

fn lone() -> Lone {
    governor(8, 2)
}

#[tokio::test(start_paused = true)]
async fn after_the_first_429_the_calls_stop_where_the_budget_ends() {
    let (lone, server) = (lone(), Throttle::new(5, Duration::from_secs(10)));
    for _ in 0..50 {
        server.call(&lone, RequestClass::Job).await;
    }
    let status = lone.status().borrow().clone();
    let rate = status.servers[0].rates[0];
    assert_eq!((rate.operation, rate.calls, rate.window.as_secs()), (Operation::Logoff, 5, 10));
    // The first one teaches, a few more see whether there is more to have by now.
    assert!(server.refused() <= 4, "{}", server.refused());
}

/// Of the calls that a throttle allows, a job gets nine of ten and more, while polls want the same API all the time; and
/// the polls get something.
#[tokio::test(start_paused = true)]
async fn a_job_gets_nine_tenths_of_a_scarce_budget_and_polls_do_not_starve() {
    for (calls, window) in [(5, 1_000), (5, 10_000), (1, 2_000), (40, 60_000), (30, 1_000), (3, 1_500)] {
        let (lone, server) = (lone(), Throttle::new(calls, Duration::from_millis(window)));
        let start = Instant::now();
        let job = async {
            for _ in 0..calls * 100 {
                server.call(&lone, RequestClass::Job).await;
            }
            start.elapsed()
        };
        let poll = |class| {
            let (lone, server) = (&lone, &server);
            async move {
                loop {
                    server.call(lone, class).await;
                }
            }
        };
        let polls = async {
            tokio::join!(poll(RequestClass::Poll), poll(RequestClass::Poll), poll(RequestClass::Lookup))
        };
        let elapsed = tokio::select! {
            elapsed = job => elapsed,
            _ = polls => unreachable!("polls never end"),
        };
        let share = server.taken(RequestClass::Job) as f64 / server.allowed(elapsed);
        let (polled, refused) = (server.taken(RequestClass::Poll), server.refused());
        println!("{calls}/{window} ms: job {:.1} %, {polled} polls, {refused} refused", share * 100.0);
        assert!(share >= 0.9 || window % 1000 != 0 && share >= 0.7, "{calls}/{window} ms: {share}");
        assert!(polled > 0, "{calls}/{window} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_job_polls_have_the_whole_budget() {
    let (lone, server) = (lone(), Throttle::new(5, Duration::from_secs(10)));
    let start = Instant::now();
    for _ in 0..100 {
        server.call(&lone, RequestClass::Poll).await;
    }
    let share = 100.0 / server.allowed(start.elapsed());
    assert!(share >= 0.9, "{share}");
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_grows_or_shrinks_is_learned_anew() {
    let lone = lone();
    let (few, many) = (Throttle::new(4, Duration::from_secs(1)), Throttle::new(12, Duration::from_secs(1)));
    let calls = || lone.status().borrow().servers[0].rates[0].calls;
    for (server, expected) in [(&few, 4), (&many, 12), (&few, 4)] {
        for _ in 0..400 {
            server.call(&lone, RequestClass::Job).await;
        }
        assert_eq!(calls(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_before_a_told_time_and_chance_only_adds() {
    let mut waits = Vec::new();
    for seed in 0..20 {
        let governor = Governor::with(Limits::default(), || Timestamp::UNIX_EPOCH, seed);
        let gate = LaneGate(governor.lane(&"cs1".into()));
        let start = Instant::now();
        gate.throttled(Operation::Logoff, Duration::from_secs(7));
        drop(gate.admit(RequestClass::Job, Operation::Logoff).await.unwrap());
        waits.push(start.elapsed());
    }
    assert!(waits.iter().all(|wait| *wait >= Duration::from_secs(7) && *wait < Duration::from_millis(7_500)));
    waits.sort();
    waits.dedup();
    assert!(waits.len() > 10, "not all alike: {waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_answer_nobody_waits_for_holds_nobody_up_for_ever() {
    let (lone, server) = (lone(), Throttle::new(1, Duration::from_secs(2)));
    for _ in 0..3 {
        server.call(&lone, RequestClass::Job).await;
    }
    drop(lone.admit(RequestClass::Job, Operation::Logoff).await.unwrap());
    let next = tokio::time::timeout(Duration::from_mins(1), server.call(&lone, RequestClass::Job));
    assert!(next.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_used_up_budget_is_shown_to_the_job_that_waits() {
    let (lone, server) = (lone(), Throttle::new(2, Duration::from_secs(5)));
    for _ in 0..4 {
        server.call(&lone, RequestClass::Job).await;
    }
    let status = lone.status().borrow().clone();
    let held = status.servers[0].held.first().copied().unwrap();
    assert_eq!((held.operation, held.told), (Operation::Logoff, false));
    assert_eq!(status.cooling.len(), 1);
}
