//! Promises to users, kept through HTTP and a real PostgreSQL. One crate, so
//! that it links once; the machinery is in `postgres`, `server`, `hook` and `source`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod embedded;
mod engine;
mod hook;
mod postgres;
mod server;
mod source;

mod api_keys;
mod attachments;
mod browser;
// It reads in /proc what a process uses.
#[cfg(target_os = "linux")]
mod chaos;
mod cli;
mod compiled_forms;
mod database_roles;
mod delivery;
mod documents;
mod faults;
mod forms;
mod fuzz;
mod hardening;
mod hostile_yaml;
mod inbox;
mod life;
mod life_pages;
mod log;
mod migrations;
mod patience;
mod people;
mod posting;
mod queue;
mod ready_schemas;
mod refusals;
mod restoring;
mod routes;
mod schemas;
mod secrets;
mod security;
mod settling;
mod signing_in;
mod sql_api;
mod tidy;
mod undo_pages;
mod waiting;
mod webhook_pages;
