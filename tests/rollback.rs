//! What the record lets a gate know of the past: the base of the next change, and the way back.
#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed, and says where"
)]

mod base;
mod ci;
mod clone;
mod decision;
mod dixa;
mod kept;
mod manifests;
mod many;
mod plan;
mod printed;
mod scenario;
mod server;
mod tags;
