//! The words that a policy and what shows a change share: what a command, a plan or a manifest acts on, and what a plan does to it.

mod action;
mod key;

pub use action::PlannedAction;
pub use key::{FactKey, FactSource};
