//! What `freezegate init` drafts is a policy that holds, and that says of each file what its place says.

#![expect(clippy::unwrap_used, reason = "a test ends where its data is not as it should be")]

mod cases;
mod command;
mod corpus;
mod judged;
mod layouts;
mod random;
mod repository;
