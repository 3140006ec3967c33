//! One binary for all integration tests, which keeps linking short.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "tests stop with a clear message"
)]

mod app_server_commands;
mod changes;
mod cli;
mod client;
mod config_init;
mod console;
mod console_resume;
mod console_workspace;
mod contract;
mod course;
mod crash;
mod detach;
mod docs;
mod doctor;
mod explain;
mod fault_matrix;
mod federation;
mod governor;
mod group_names;
mod image_changes;
mod images;
mod images_cli;
mod job_pace;
mod jobs;
mod journal;
mod lists;
mod methods;
mod permission_commands;
mod permissions;
mod plan_files;
mod pods;
mod recording;
mod resume;
mod session_methods;
mod support;
mod terminal;
mod workspace;
mod workspace_access;
mod workspace_commands;
mod workspace_following;
mod workspace_operator;
mod workspace_sdk;
