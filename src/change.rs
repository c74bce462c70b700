//! What a change is, as plain data: known, or an error that says why it is not known; never silently
//! empty.
//!
//! Each outside world that a change shows itself in has one module here.

pub mod ci;
pub mod command;
pub mod fact_value;
pub mod git;
pub mod plan;

pub use command::{CommandLine, Readings};
pub use plan::TerraformPlan;
