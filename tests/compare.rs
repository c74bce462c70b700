//! What an edit of a policy opens and closes, held against the decisions of both policies.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where its data is not as it should be"
)]

mod bounds;
mod chains;
mod covered;
mod decided;
mod edits;
mod evidence;
mod exempt;
mod followers;
mod holes;
mod keys;
mod languages;
mod lifting;
mod program;
mod rollouts;
mod routes;
mod seen;
mod sound;
