//! Grants, with signatures that real programs made: OpenSSH's published ones, and those of the `ssh-keygen` that is installed.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test that can't do its work should fail"
)]

mod authors;
pub(crate) mod bench;
mod bounds;
mod carried;
mod command;
mod conditions;
mod depends;
mod difference;
mod edits;
mod persons;
mod program;
mod proposed;
mod refused;
mod routes;
mod spent;
mod sshsig;
mod told;
