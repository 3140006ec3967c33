//! One binary for all integration tests, which keeps linking short.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod cli;
mod client;
mod console;
mod contract;
mod docs;
mod support;
mod terminal;
