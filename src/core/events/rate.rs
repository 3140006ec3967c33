//! How many events there are from minute to minute.

use super::EventPane;

/// What came within one minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Minute {
    /// Rows.
    pub events: u32,
    /// The rank of the most serious one: 0 informative, 1 warning, 2 error.
    pub rank: u8,
}

const MINUTE: i64 = 60;

impl EventPane {
    /// The last minutes, oldest first. They end with that of the newest row, not with the present one: an idle screen stays as it
    /// is.
    pub fn rate(&self, minutes: usize) -> Vec<Minute> {
        let minute = |entry: &super::Entry| entry.time.as_second().div_euclid(MINUTE);
        let mut rate = vec![Minute::default(); minutes];
        let Some(last) = self.entries.back().map(minute) else { return rate };
        for entry in self.entries.iter().rev() {
            let back = usize::try_from(last - minute(entry)).unwrap_or(usize::MAX);
            let Some(slot) = minutes.checked_sub(back + 1).and_then(|place| rate.get_mut(place)) else {
                break;
            };
            slot.events += 1;
            slot.rank = slot.rank.max(entry.rank());
        }
        rate
    }
}
