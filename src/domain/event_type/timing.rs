//! Measurements (`events.md section 4.8`).

use super::{EventMeaning, EventResult::Happened, EventSubject::Timing, EventUrgency::Normal, meaning};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "TIMING_PROFILER_DESKTOP_LAUNCH",
        (Timing, Happened, Normal),
        "How long opening a desktop took; a measurement that newer servers keep elsewhere.",
        "",
    ),
    meaning(
        "TIMING_PROFILER_DESKTOP_RECONNECT",
        (Timing, Happened, Normal),
        "How long coming back to a desktop took; a measurement that newer servers keep elsewhere.",
        "",
    ),
    meaning(
        "TIMING_PROFILER_APPLICATION_LAUNCH",
        (Timing, Happened, Normal),
        "How long opening an application took; a measurement that newer servers keep elsewhere.",
        "",
    ),
    meaning(
        "TIMING_PROFILER_USER_AUTHENTICATION",
        (Timing, Happened, Normal),
        "How long logging a user in took; a measurement that newer servers keep elsewhere.",
        "",
    ),
    meaning(
        "TIMING_PROFILER_GET_LAUNCH_ITEMS",
        (Timing, Happened, Normal),
        "How long listing what a user may open took; a measurement that newer servers keep elsewhere.",
        "",
    ),
    meaning(
        "TIMING_PROFILER_TUNNEL_CONNECTION",
        (Timing, Happened, Normal),
        "How long opening the tunnel took; a measurement that newer servers keep elsewhere.",
        "",
    ),
    meaning(
        "TIMING_PROFILER_START_VM",
        (Timing, Happened, Normal),
        "How long starting a machine took; a measurement that newer servers keep elsewhere.",
        "",
    ),
];
