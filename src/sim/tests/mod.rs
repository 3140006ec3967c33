//! The simulator over real HTTP, as clients meet it.

mod actions;
mod client;
mod cloud;
mod faults;
mod federation;
mod images;
mod inventory;
mod lifecycle;
mod lists;
mod log_in;
mod rights;
mod workspace;
mod workspace_faults;
mod workspace_gate;
mod workspace_servers;
