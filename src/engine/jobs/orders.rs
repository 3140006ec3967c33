//! What the operator wants of a job that runs.

use std::time::Duration;

use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{core::bulk::Orders, engine::pacing::Break};

/// The newest wishes, and the wish to stop.
#[derive(Debug)]
pub(super) struct OrderBook {
    orders: watch::Receiver<Orders>,
    stop: CancellationToken,
}

impl OrderBook {
    pub(super) fn new(orders: watch::Receiver<Orders>, stop: CancellationToken) -> Self {
        Self { orders, stop }
    }

    /// The wishes as they are now.
    pub(super) fn now(&mut self) -> Orders {
        *self.orders.borrow_and_update()
    }

    /// Whether nothing more may leave.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Waits until the wishes change. Ends with an error when the job is to stop.
    pub(super) async fn changed(&mut self) -> Result<(), Break> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Break::Stopped),
            changed = self.orders.changed() => {
                if changed.is_ok() {
                    return Ok(());
                }
                // Nobody can wish for anything any more; only the stop is left.
                self.stop.cancelled().await;
                Err(Break::Stopped)
            }
        }
    }

    /// Waits so long, or until the wishes change: says which. Ends with an error when the job is to stop.
    pub(super) async fn sleep(&mut self, span: Duration) -> Result<Woken, Break> {
        let end = Instant::now() + span;
        tokio::select! {
            biased;
            changed = self.changed() => changed.map(|()| Woken::ByWish),
            () = tokio::time::sleep_until(end) => Ok(Woken::ByTime),
        }
    }
}

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// The time is over.
    ByTime,
    /// The wishes changed.
    ByWish,
}
