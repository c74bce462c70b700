//! freezegate: may this change reach that target now?

pub mod cli;
