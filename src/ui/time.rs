//! Times and durations as the screen shows them.

use jiff::{
    Timestamp, Zoned,
    tz::{Offset, TimeZone},
};

use crate::core::state::Settings;

/// How points in time are shown.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    zone: TimeZone,
    utc: bool,
    now: Timestamp,
}

impl Clock {
    /// As the settings say.
    pub(super) fn new(settings: &Settings, now: Timestamp) -> Self {
        let offset = Offset::from_seconds(settings.local_offset_seconds).unwrap_or(Offset::UTC);
        let zone = if settings.utc { TimeZone::UTC } else { TimeZone::fixed(offset) };
        Self { zone, utc: settings.utc, now }
    }

    /// The zone.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether it is UTC.
    pub(super) fn is_utc(&self) -> bool {
        self.utc
    }

    fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    /// `14:02:11Z`; without the letter in local time.
    pub(super) fn time(&self, at: Timestamp) -> String {
        format!("{}{}", self.local(at).strftime("%H:%M:%S"), self.letter())
    }

    /// `14:02Z`; without the letter in local time.
    pub(super) fn minute(&self, at: Timestamp) -> String {
        format!("{}{}", self.local(at).strftime("%H:%M"), self.letter())
    }

    /// At most nine columns: the time, or weekday and minute when it was not today.
    pub(super) fn short(&self, at: Timestamp) -> String {
        let (then, now) = (self.local(at), self.local(self.now));
        if then.date() == now.date() { self.time(at) } else { then.strftime("%a %H:%M").to_string() }
    }

    /// The time, with its date when it was not today: `11-21 14:02:11Z`.
    pub(super) fn from(&self, at: Timestamp) -> String {
        let (then, now) = (self.local(at), self.local(self.now));
        if then.date() == now.date() {
            self.time(at)
        } else {
            format!("{} {}", then.strftime("%m-%d"), self.time(at))
        }
    }

    /// At most eleven columns: `11-21 14:02`, or the date with its year when it is of another one.
    pub(super) fn day(&self, at: Timestamp) -> String {
        let then = self.local(at);
        let same_year = then.year() == self.local(self.now).year();
        then.strftime(if same_year { "%m-%d %H:%M" } else { "%Y-%m-%d" }).to_string()
    }

    /// Date and minute: `2026-11-21 14:02Z`.
    pub(super) fn since(&self, at: Timestamp) -> String {
        format!("{}{}", self.local(at).strftime("%Y-%m-%d %H:%M"), self.letter())
    }

    /// Date and time: `2026-11-21 14:02:11Z`.
    pub(super) fn full(&self, at: Timestamp) -> String {
        format!("{}{}", self.local(at).strftime("%Y-%m-%d %H:%M:%S"), self.letter())
    }

    fn letter(&self) -> &'static str {
        if self.utc { "Z" } else { "" }
    }
}

/// Whole seconds from one moment to another, 0 when it is the other way round.
pub(super) fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second()).max(0)
}

/// A duration in few characters: `9s`, `4m`, `6h12m`, `3d4h`.
pub(super) fn duration(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m"),
        3600..172_800 => format!("{hours}h{:02}m", minutes % 60),
        172_800.. => format!("{days}d{}h", hours % 24),
        _ => "?".to_owned(),
    }
}

/// A stopwatch: `0:59`, `12:03`, `1:02:03`.
pub(super) fn stopwatch(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_today_are_exact_and_others_name_the_day() {
        let now: Timestamp = "2026-11-21T14:02:11Z".parse().unwrap();
        let clock = Clock::new(&Settings::default(), now);
        assert_eq!(clock.short(now), "14:02:11Z");
        assert_eq!(clock.short("2026-11-20T14:02:11Z".parse().unwrap()), "Fri 14:02");
        assert_eq!(clock.day("2026-10-17T22:52:11Z".parse().unwrap()), "10-17 22:52");
        assert_eq!(clock.day("2025-10-17T22:52:11Z".parse().unwrap()), "2025-10-17");
        let local = Settings { utc: false, local_offset_seconds: 3600, ..Settings::default() };
        assert_eq!(Clock::new(&local, now).full(now), "2026-11-21 15:02:11");
    }

    #[test]
    fn durations_are_short() {
        let shown: Vec<String> = [9, 240, 22_320, 273_600, -1].into_iter().map(duration).collect();
        assert_eq!(shown, ["9s", "4m", "6h12m", "3d4h", "?"]);
        assert_eq!((stopwatch(59), stopwatch(3723)), ("0:59".to_owned(), "1:02:03".to_owned()));
    }
}
