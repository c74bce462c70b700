//! freezegate: may this change reach that target now?

pub mod cli;
pub mod diagnostic;
pub mod pattern;
pub mod policy;
pub mod time;
