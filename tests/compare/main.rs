//! What an edit of a policy opens and closes, held against the decisions of both policies.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where its data is not as it should be"
)]

mod bounds;
#[path = "../policies/change.rs"]
#[expect(dead_code, reason = "shared with the tests of policies")]
mod change;
mod covered;
mod decided;
#[path = "../policies/drafts.rs"]
#[expect(dead_code, reason = "shared with the tests of policies")]
mod drafts;
mod edits;
mod evidence;
#[path = "../policies/files.rs"]
#[expect(dead_code, reason = "shared with the tests of policies")]
mod files;
mod holes;
mod keys;
mod languages;
mod lifting;
mod program;
mod seen;
mod sound;
