//! From a question to an answer: what a hook, a CI step and a person share, so that they can't differ.
//!
//! These are the stages; no file uses one of a later stage:
//!
//! 1. `request`, `stop_places`, `world`: what is asked, and whom the gate asks for clock, environment and files; `fault`, `comparison`, `look`, `messages`:
//!    what all stages use.
//! 2. `repository`, `repository_name`, `organisation`, `stops`, `source`, `in_force`, `named_policy`: the repository, and the policies in it.
//! 3. `base`, `base_commit`, `proposal`, `declared`: what is compared with what, and what is said of it; `gather`, `routes`, `command`, `plan`, `manifests`, `breadth`,
//!    `edit`: what that shows, and how it edits the policy; `recorded_state`.
//! 4. `history`, `policies_then`, `landed`: what was allowed before, and whether the change goes back to it.
//! 5. `baseline`, `trust`: what the record knows to begin at, and which policy may be believed; `again`: how often a decision is made anew.
//! 6. `unfinished`, `lifts`, `judgement`, `locked_out`, `latest`, `record_branch`: what a decision rests on besides, and when it is made.
//! 7. `case`, `judge`, `keep`: the decision at an instant, recorded before it is printed.
//! 8. `way_back`, `ruling`, `rule`: the answer, with what takes the change back.
//! 9. `check`, `push`: the whole of it, for a question by hand or of a job, and for the refs of a push.

pub(crate) mod again;
pub(crate) mod base;
pub(crate) mod base_commit;
pub(crate) mod baseline;
pub(crate) mod breadth;
pub(crate) mod case;
pub(crate) mod check;
pub(crate) mod command;
pub(crate) mod comparison;
pub(crate) mod declared;
pub(crate) mod edit;
pub(crate) mod fault;
pub(crate) mod gather;
pub(crate) mod history;
pub(crate) mod in_force;
pub(crate) mod judge;
pub(crate) mod judgement;
pub(crate) mod keep;
pub(crate) mod landed;
pub(crate) mod latest;
pub(crate) mod lifts;
pub(crate) mod locked_out;
pub(crate) mod look;
pub(crate) mod manifests;
pub(crate) mod messages;
pub(crate) mod named_policy;
pub(crate) mod organisation;
pub(crate) mod plan;
pub(crate) mod policies_then;
pub(crate) mod proposal;
pub(crate) mod push;
pub(crate) mod record_branch;
pub(crate) mod recorded_state;
pub(crate) mod repository;
pub(crate) mod repository_name;
pub(crate) mod request;
pub(crate) mod routes;
pub(crate) mod rule;
pub(crate) mod ruling;
pub(crate) mod source;
pub(crate) mod stop_places;
pub(crate) mod stops;
pub(crate) mod trust;
mod unfinished;
pub(crate) mod way_back;
pub(crate) mod world;
