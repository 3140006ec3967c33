//! Typed clients, one per wire: how requests are made, sent, repeated and understood.
//!
//! ```text
//!  Estate (estate.rs) ── which server, which version, fail over
//!     ├─ horizon/*   what to ask and what the answers mean: requests as values, wire types to domain types
//!     ├─ auth.rs     tokens of one server: log in, refresh, one at a time
//!     ├─ http.rs     the one place where a request leaves; every one has passed the gate (gate.rs)
//!     ├─ tls.rs      whom to trust; first_contact.rs looks at a server's certificate and clock before anybody logs in
//!     └─ workspace/* the same for the cloud, whose requests are signed
//! ```
//!
//! Wire types stay inside: what comes out are `domain` types and faults. Nothing here knows jobs, screens or polling;
//! the order in which requests leave is the [`Gate`]'s business, which a higher floor implements.

mod auth;
mod changes;
mod cloud;
mod connection;
mod decode;
pub(crate) mod errand;
mod estate;
mod event_details;
mod fault;
mod federation;
mod filter;
mod first_contact;
mod gate;
mod horizon;
mod http;
mod images;
mod operation;
mod page;
mod permissions;
mod read_again;
mod request;
mod retry;
mod room;
mod server;
mod tls;
mod workspace;

pub use changes::{ChangeAnswer, CreatedId};
pub use cloud::Listing;
pub use connection::{Connection, Login, Password, TlsTrust};
pub use errand::{Errand, Witness};
pub use estate::{Action, Estate, EventBatch, ItemAnswer, ListProgress, SessionList};
pub use first_contact::{Certificate, FirstContact, first_contact};
pub use gate::{Answered, Gate, Gates, Permit, RequestClass, ShutOut, Standing};
pub use horizon::{events::EventMark, sessions::read_page};
pub(crate) use images::is_asset;
pub use operation::{Operation, Repeat};
pub use read_again::ReadAgain;
pub use tls::{Fingerprint, check_ca_file, fetch_fingerprint};
pub use workspace::{
    connection::{Identity, WorkspaceConnection},
    endpoints::regions,
};

#[cfg(test)]
mod tests;
