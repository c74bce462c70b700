//! The record as it is kept: with the program itself, real files, a real git and a real git server.
#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed, and says where; one that can't be run here says so"
)]

mod at_once;
mod branch;
mod checkout;
mod checkpoints;
mod clock;
mod decisions;
mod dice;
mod entry_schema;
mod folded;
mod full_disk;
mod git_ref;
mod hostile;
mod http;
mod jobs;
mod killed;
mod lies;
mod limits;
#[cfg(target_os = "linux")]
mod long;
#[cfg(target_os = "linux")]
mod million;
mod oracle;
pub(crate) mod project;
mod server;
mod shared;
mod shown;
mod states;
mod tampered;
mod torn;
mod waiting;
pub(crate) mod workshop;
mod writers;
