//! What the integration tests share: a simulated estate in this process, and a client that is logged in to it.

use std::{sync::Arc, time::Duration};

use foretop::{
    api::{Connection, Password},
    engine::governor::{Governor, Limits},
    sim::{self, Credentials, SimOptions, Simulator, WorldSource},
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

/// A governor of its own, that looks soon whether a server is back: tests have no half minute.
pub(crate) fn governor() -> Governor {
    Governor::new(Limits { longest_rest: Duration::from_millis(100), ..Limits::default() })
}

/// A client that is logged in as the administrator, through this address.
pub(crate) async fn connect_to(address: &str, simulator: &Simulator) -> Estate {
    connect_with(address, simulator, &governor()).await
}

/// The same under a governor that the test looks at.
pub(crate) async fn connect_with(address: &str, simulator: &Simulator, governor: &Governor) -> Estate {
    log_in(address, &simulator.credentials(), governor).await
}

/// A client that is logged in as somebody.
pub(crate) async fn connect_as(address: &str, credentials: &Credentials) -> Estate {
    log_in(address, credentials, &governor()).await
}

async fn log_in(address: &str, credentials: &Credentials, governor: &Governor) -> Estate {
    let server = address.parse().unwrap();
    let connection = Connection::new(vec![server], credentials.username.clone(), credentials.domain.clone());
    let password = Password::from(credentials.password.clone());
    Estate::connect(connection, password, Arc::new(governor.clone())).await.unwrap().0
}
