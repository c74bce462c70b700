//! freezegate: may this change reach that target now?

pub mod cli;
pub mod pattern;
pub mod time;
