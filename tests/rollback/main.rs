//! What the record lets a gate know of the past: the base of the next change, and the way back.
#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed, and says where"
)]

mod base;
#[path = "../record/project.rs"]
mod project;
mod tags;
#[path = "../record/workshop.rs"]
#[expect(dead_code, reason = "the tests of the record use more of it")]
mod workshop;
