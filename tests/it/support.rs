//! What the integration tests share: a simulated estate in this process, and a client that is logged in to it.

use std::{sync::Arc, time::Duration};

use foretop::{
    api::{Answered, Connection, Gate, Gates, Operation, Password, Permit, RequestClass, ShutOut, Standing},
    domain::Text,
    engine::governor::{Governor, Limits},
    sim::{self, Credentials, SimOptions, Simulator, WorldSource},
};
use futures_util::future::BoxFuture;

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
    Estate::connect(connection, password, Arc::new(AtOnce(governor.clone()))).await.unwrap().0
}

/// A governor under which a question without an answer is repeated at once: the pause before it is left to chance, and
/// chance is always zero here.
#[derive(Debug)]
pub(crate) struct AtOnce(pub(crate) Governor);

impl Gates for AtOnce {
    fn gate(self: Arc<Self>, server: &Text) -> Arc<dyn Gate> {
        Arc::new(AtOnceGate(Arc::new(self.0.clone()).gate(server)))
    }
}

/// The gate of one server.
#[derive(Debug)]
struct AtOnceGate(Arc<dyn Gate>);

impl Gate for AtOnceGate {
    fn admit(&self, class: RequestClass, operation: Operation) -> BoxFuture<'_, Result<Permit, ShutOut>> {
        self.0.admit(class, operation)
    }

    fn throttled(&self, operation: Operation, wait: Duration) {
        self.0.throttled(operation, wait);
    }

    fn answered(&self, operation: Operation, how: Answered, elapsed: Duration) {
        self.0.answered(operation, how, elapsed);
    }

    fn standing(&self) -> Standing {
        self.0.standing()
    }

    fn give_up(&self) {
        self.0.give_up();
    }

    fn probe(&self) -> Option<Permit> {
        self.0.probe()
    }

    fn random(&self) -> f64 {
        0.0
    }
}
