//! Foretop: a terminal operations console for virtual desktops.
//!
//! ```text
//!  keys, resize ─┐                                     ┌─> frame (only when something changed)
//!  poll results ─┼─> message ─> update(state) ─> state ┤
//!  job progress ─┤                    └────> effects ──┴─> engine ─> governor ─> api ─> server
//!  clock ────────┘                                             results come back as messages
//! ```
//!
//! # Map of the modules
//!
//! Dependencies point downward only; a lower floor never names an upper one.
//!
//! | floor | module | owns |
//! |---|---|---|
//! | 5 | [`cli`] | arguments, the headless commands, exit codes |
//! | 5 | [`config`] | the configuration file, profiles, secrets, paths: read here, passed down as values |
//! | 5 | [`error`] | the error that ends a run, and its exit code |
//! | 5 | [`logging`] | where what the modules trace is written: a file, never the screen |
//! | 4 | [`runtime`] | the console's event loop: performs effects, writes frames, gives the terminal back; records a run and plays it |
//! | 3 | [`engine`] | polling, jobs, the governor: carries out what the core decided, knows no terminal |
//! | 3 | [`ui`] | draws a frame from the state; a pure function |
//! | 2 | [`core`] | the state, `update(state, message) -> effects`, filter language, table, marks, plans, reports, recordings; pure |
//! | 1 | [`api`] | typed clients, one per wire; transport, TLS, tokens, paging, redaction |
//! | 0 | [`domain`] | ids, sessions and long lists of them in columns, events, faults, verbs, outcomes |
//! | beside | [`sim`] | a simulated estate served over real HTTP; reachable from neither `core` nor `ui` |

pub mod api;
pub mod cli;
pub mod config;
pub mod core;
pub mod domain;
pub mod engine;
pub mod error;
pub mod logging;
pub mod runtime;
pub mod sim;
pub mod ui;
