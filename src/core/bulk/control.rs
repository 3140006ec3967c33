//! What an operator can ask of a job that runs.

use serde::{Deserialize, Serialize};

use super::Pace;

/// One wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobControl {
    /// Nothing more leaves until [`Self::Resume`]; what is out is waited for.
    Pause,
    /// It goes on.
    Resume,
    /// Another pace, from the next chunk on.
    SetPace(Pace),
    /// The countdown stands still.
    HoldCountdown,
    /// The countdown goes on.
    ReleaseCountdown,
    /// So many seconds less of the countdown; not below zero.
    Shorten(u32),
    /// So many seconds more.
    Lengthen(u32),
    /// The countdown ends, and with it the job: nothing is logged off.
    CancelCountdown,
}

/// What the operator wants of a job, all wishes taken together: what the engine looks at before each step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders {
    /// Nothing leaves.
    pub paused: bool,
    /// Another pace than the plan's.
    pub pace: Option<Pace>,
    /// The countdown stands still.
    pub countdown_held: bool,
    /// Seconds added to the countdown; negative when it was shortened.
    pub countdown_change: i64,
    /// The countdown was cancelled.
    pub countdown_cancelled: bool,
}

impl Orders {
    /// Takes a wish.
    pub fn take(&mut self, control: JobControl) {
        match control {
            JobControl::Pause => self.paused = true,
            JobControl::Resume => self.paused = false,
            JobControl::SetPace(pace) => self.pace = Some(pace),
            JobControl::HoldCountdown => self.countdown_held = true,
            JobControl::ReleaseCountdown => self.countdown_held = false,
            JobControl::Shorten(seconds) => self.countdown_change -= i64::from(seconds),
            JobControl::Lengthen(seconds) => self.countdown_change += i64::from(seconds),
            JobControl::CancelCountdown => self.countdown_cancelled = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_add_up() {
        let mut orders = Orders::default();
        for control in [
            JobControl::Pause,
            JobControl::Shorten(60),
            JobControl::Lengthen(10),
            JobControl::HoldCountdown,
            JobControl::Resume,
        ] {
            orders.take(control);
        }
        let expected = Orders { countdown_held: true, countdown_change: -50, ..Orders::default() };
        assert_eq!(orders, expected);
    }
}
