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
mod edits;
mod fetch;
mod formats;
mod injection;
mod pages;
mod pipelines;
mod renew;
mod repository;
mod routes;
mod runner;
mod steps;
mod traffic;
mod trust;
mod typed;
pub(crate) mod world;
