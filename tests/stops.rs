//! Stops that are published: closed in every gate that reads them, until they are over or enough people sign that they are.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a world that does not come up is a failed test")]

mod everywhere;
mod places;
mod resumes;
