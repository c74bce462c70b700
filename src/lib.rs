//! freezegate: may this change reach that target now?

pub mod cli;
pub mod time;
