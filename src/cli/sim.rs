//! `foretop sim`: a simulated estate for others to connect to.

use super::{
    args::SimArgs,
    interrupt::{Heeded, Interrupts},
    output,
    reach::{no_simulator, within_runtime},
    run::{Stop, Streams, note},
};
use crate::sim::{self, FaultKind, Release, SimOptions};

/// Serves until somebody wants it to end. One line of JSON on standard output says that it is ready.
pub(super) fn run(args: SimArgs, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let SimArgs { listen, world, sessions, seed, clock, faults, release, tls } = args;
    let preset = SimOptions::default();
    let options = SimOptions {
        world,
        sessions,
        seed: seed.unwrap_or(preset.seed),
        clock,
        release: release.unwrap_or(preset.release),
        faults,
        listen,
        tls,
    };
    let throttled = options.faults.iter().any(|fault| matches!(fault.kind, FaultKind::Throttle { .. }));
    if throttled && options.release < Release::R2406 {
        note(streams, "--fault throttle has no effect: servers throttle calls since release 2406");
    }
    within_runtime(async {
        let interrupts = Interrupts::listen(Heeded::All)?;
        let simulator = sim::start(options).await.map_err(|error| no_simulator(&error))?;
        let ready = output::write(streams.out, &format!("{}\n", simulator.ready_line()));
        let told = ready.and_then(|()| output::flush(streams.out));
        if told.is_ok() {
            interrupts.first.cancelled().await;
        }
        simulator.shutdown().await;
        told.map(|()| 0)
    })
}
