//! The hooks where they stand: repositories made with git, clones of them, bare servers, and pushes from one to the other.
//!
//! Enforcing hooks take no `--at`, so `faketime` gives the program the clock of the outage, or that of a Sunday.
#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a sandbox that does not come up is a failed test"
)]

mod agreed;
pub(crate) mod arena;
mod attacks;
mod bad_input;
mod configured;
mod edits;
mod hidden;
mod install;
mod instant;
mod organisation;
mod pre_commit;
mod pre_push;
mod pre_receive;
mod received;
mod routes;
mod said;
mod servers;
