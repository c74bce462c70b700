//! Ways past the gate, each a script that was run against version 0.1.0: a bare server with the hook, a clone and a clock.
//!
//! `scripts/` holds them as they were tried; the head of each says what should come. A module holds the tests of one part
//! of the program, and says of each script which of its lines must be there and which must not.
#![cfg(unix)]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a sandbox that does not come up is a failed test")]

mod ci;
mod edits;
mod evidence;
mod grants;
mod history;
mod lockouts;
mod meaning;
mod record;
mod scope;
mod steps;
mod transcript;
mod upkeep;
