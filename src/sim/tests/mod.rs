//! The simulator over real HTTP, as clients meet it.

mod actions;
mod client;
mod faults;
mod federation;
mod images;
mod inventory;
mod lifecycle;
mod lists;
mod log_in;
mod rights;
