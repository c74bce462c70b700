//! What a decision looks like to people and to machines.

pub mod escape;
