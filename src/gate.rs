//! From a question to a ruling: what the hooks, a CI step and a person share, so that they can not differ.

pub(crate) mod base;
pub(crate) mod baseline;
pub(crate) mod breadth;
pub(crate) mod check;
pub(crate) mod declared;
pub(crate) mod edit;
pub(crate) mod gather;
pub(crate) mod history;
pub(crate) mod in_force;
pub(crate) mod judge;
pub(crate) mod keep;
pub(crate) mod landed;
pub(crate) mod latest;
pub(crate) mod lifts;
pub(crate) mod locked_out;
pub(crate) mod messages;
pub(crate) mod policies_then;
pub(crate) mod proposal;
pub(crate) mod push;
pub(crate) mod record_branch;
pub(crate) mod repository;
pub(crate) mod rule;
pub(crate) mod ruling;
pub(crate) mod source;
pub(crate) mod trust;
pub(crate) mod way_back;
