//! The HTTP server around the faces: listening, TLS, turning connections away, ending.

use std::future::{Ready, ready};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum_server::Handle;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::task::JoinHandle;

use super::shared::Shared;
use super::{horizon, workspace};

/// Lets connections in unless the server is down.
#[derive(Debug, Clone)]
struct Gate {
    shared: Arc<Shared>,
}

impl<S> Accept<tokio::net::TcpStream, S> for Gate {
    type Stream = tokio::net::TcpStream;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: tokio::net::TcpStream, service: S) -> Self::Future {
        if self.shared.faults().is_down() {
            return ready(Err(io::Error::new(io::ErrorKind::ConnectionRefused, "simulated: down")));
        }
        self.shared.connections.fetch_add(1, Ordering::Relaxed);
        // Answers are small and awaited one by one.
        ready(stream.set_nodelay(true).map(|()| (stream, service)))
    }
}

/// A server that runs until it is told to stop.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    handle: Handle<SocketAddr>,
    task: JoinHandle<io::Result<()>>,
}

/// Hands a request to the face that its path belongs to.
async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    if workspace::is_for(request.uri().path()) {
        workspace::serve(shared, request).await
    } else {
        horizon::serve(shared, request).await
    }
}

/// Listens and serves in the background.
pub(crate) fn start(
    listen: SocketAddr,
    tls: Option<Arc<rustls::ServerConfig>>,
    shared: Arc<Shared>,
) -> io::Result<Server> {
    let listener = TcpListener::bind(listen)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let handle = Handle::new();
    let service = Router::new().fallback(serve).with_state(Arc::clone(&shared)).into_make_service();
    let server = axum_server::from_tcp(listener)?.handle(handle.clone());
    let gate = Gate { shared };
    let task = match tls {
        Some(config) => {
            let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(config)).acceptor(gate);
            tokio::spawn(server.acceptor(acceptor).serve(service))
        }
        None => tokio::spawn(server.acceptor(gate).serve(service)),
    };
    Ok(Server { address, handle, task })
}

impl Server {
    /// Ends all connections and waits until the server has stopped.
    pub(crate) async fn stop(self) {
        self.handle.graceful_shutdown(Some(Duration::from_millis(200)));
        self.handle.shutdown();
        // Whether it ended well does not matter any more.
        let _ended = self.task.await;
    }
}
