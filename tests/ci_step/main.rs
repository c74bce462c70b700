//! The CI step where it stands: the variables of every provider's jobs, repositories as those jobs find them, and real clocks.
//!
//! An enforcing job takes no `--at`, so `faketime` gives the program the clock of the outage, or that of a Sunday.
#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a world that does not come up is a failed test"
)]

mod action;
#[path = "../support/clean.rs"]
mod clean;
mod edits;
mod fetch;
mod formats;
#[path = "../support/http.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod http;
mod injection;
mod pipelines;
#[path = "../support/policy_edits.rs"]
mod policy_edits;
mod repository;
mod runner;
mod steps;
mod traffic;
mod trust;
mod typed;
mod world;
