//! Git evidence against git itself: sandboxes are made with git, and what it says of them is what must come out.
#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a sandbox that does not come up is a failed test"
)]

mod ancestry;
mod attributes;
mod broken_trees;
mod brought;
mod commits;
mod facts;
mod files;
mod incomplete;
mod made_up;
mod opening;
mod paths;
mod quarantine;
mod refs;
mod revisions;
mod sandbox;
mod trees;
