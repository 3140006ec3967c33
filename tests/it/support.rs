//! What the integration tests share: a simulated estate in this process, and a client that is logged in to it.

use std::sync::Arc;

use foretop::{
    api::{Connection, Password, TlsTrust},
    engine::governor::Governor,
    sim::{self, SimOptions, Simulator, WorldSource},
};

pub(crate) use foretop::api::Estate;

/// The small world on a stepped clock.
pub(crate) fn small() -> SimOptions {
    SimOptions {
        world: WorldSource::Builtin("small".to_owned()),
        seed: 7,
        clock: sim::ClockMode::Manual { start: "2026-03-02T14:00:00Z".parse().unwrap() },
        ..SimOptions::default()
    }
}

/// A plain HTTP client that goes straight to loopback.
pub(crate) fn http() -> reqwest::Client {
    // The second test to come here finds it installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Starts a simulated estate.
pub(crate) async fn simulate(options: SimOptions) -> Simulator {
    sim::start(options).await.expect("the simulator starts")
}

/// A client that is logged in as the administrator, through this address.
pub(crate) async fn connect_to(address: &str, simulator: &Simulator) -> Estate {
    let credentials = simulator.credentials();
    let mut connection = Connection::new(
        vec![address.parse().unwrap()],
        credentials.username.clone(),
        credentials.domain.clone(),
    );
    connection.tls = TlsTrust::System;
    let gate = Arc::new(Governor::default());
    let (estate, _) = Estate::connect(connection, Password::from(credentials.password.clone()), gate)
        .await
        .expect("logged in");
    estate
}
