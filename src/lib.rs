//! freezegate: may this change reach that target now?

pub mod change;
pub mod cli;
pub mod decision;
pub mod diagnostic;
pub mod pattern;
pub mod policy;
pub mod reach;
pub mod report;
pub mod time;
