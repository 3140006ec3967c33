//! What a process uses: processor time and memory, as Linux tells it.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::estate::Access;

/// The program that is measured.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_foretop");

/// Ticks of the processor times in `/proc`: 100 a second on every Linux.
const TICKS: u64 = 100;

/// A running process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    id: u32,
}

impl Process {
    pub(crate) fn of(id: u32) -> Self {
        Self { id }
    }

    fn file(self, name: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{name}", self.id)).unwrap_or_default()
    }

    /// The processor time of all its threads so far, those that have ended among them.
    pub(crate) fn cpu(self) -> Duration {
        let stat = self.file("stat");
        // The name of the program may have blanks; behind it the fields are plain.
        let fields: Vec<&str> =
            stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
        let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        Duration::from_millis((ticks(11) + ticks(12)) * 1000 / TICKS)
    }

    fn kilobytes(self, name: &str) -> f64 {
        let status = self.file("status");
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0.0)
    }

    /// The memory that it has now, in MB.
    pub(crate) fn memory(self) -> f64 {
        self.kilobytes("VmRSS:") / 1000.0 * 1.024
    }

    /// The most that it had since the last [`Self::forget_peak`], in MB.
    pub(crate) fn peak(self) -> f64 {
        self.kilobytes("VmHWM:") / 1000.0 * 1.024
    }

    /// Measures the peak anew from here on.
    pub(crate) fn forget_peak(self) {
        fs::write(format!("/proc/{}/clear_refs", self.id), "5").expect("the peak can be measured anew");
    }

    /// Waits until it has done nothing for a while; gives up after half a minute.
    pub(crate) fn rest(self) {
        let end = Instant::now() + Duration::from_secs(30);
        let (mut before, mut since) = (self.cpu(), Instant::now());
        while since.elapsed() < Duration::from_millis(400) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
            let now = self.cpu();
            if now > before {
                (before, since) = (now, Instant::now());
            }
        }
    }
}

/// The environment of a program that is connected to an estate, in an empty home.
pub(crate) fn environment(home: &Path, access: &Access) -> Vec<(&'static str, String)> {
    vec![
        ("TERM", "xterm-256color".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ("HOME", home.display().to_string()),
        ("FORETOP_SERVER", access.url.clone()),
        ("FORETOP_DOMAIN", access.domain.clone()),
        ("FORETOP_USERNAME", access.username.clone()),
        ("FORETOP_PASSWORD", access.password.clone()),
    ]
}
