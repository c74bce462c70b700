//! What the record lets a gate know of the past: the base of the next change, and the way back.
#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed, and says where"
)]

#[path = "../hooks/arena.rs"]
#[expect(dead_code, reason = "the tests of the hooks use more of it")]
mod arena;
mod base;
mod ci;
#[path = "../support/clean.rs"]
mod clean;
mod clone;
mod decision;
mod dixa;
#[path = "../support/entries.rs"]
mod entries;
mod kept;
mod many;
mod printed;
#[path = "../record/project.rs"]
mod project;
mod scenario;
mod server;
mod tags;
#[path = "../record/workshop.rs"]
#[expect(dead_code, reason = "the tests of the record use more of it")]
mod workshop;
