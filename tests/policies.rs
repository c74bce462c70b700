//! The policy language and the decision, tested by example policies, by facts and by properties.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where its data is not as it should be"
)]

mod calendar_ends;
pub(crate) mod change;
mod closing;
mod decisions;
pub(crate) mod drafts;
mod examples;
pub(crate) mod files;
mod helps;
mod holidays;
mod incidents;
mod invalid;
mod lockout;
mod organisation;
mod properties;
mod requires;
mod robust;
pub(crate) mod rollout;
mod rule_one;
mod runway;
mod said;
mod size;
mod valid;
