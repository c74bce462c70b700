//! What the library says, without a repository: policies, time, patterns, decisions, comparisons, texts.

mod audit;
mod backtest;
mod book;
mod calendar;
mod cases;
mod commands;
mod compare;
mod escape;
mod exchange;
mod exempt_hazards;
mod explain;
mod facts;
mod hazard_lifts;
mod hazards;
mod layers;
mod lint;
mod manifests;
mod pattern_oracle;
mod plans;
mod policies;
mod resources;
mod routes;
mod saved_plans;
mod schema;
mod stop_entries;
mod time;
mod tools;
mod type_names;
mod words;

/// What several of these use.
#[expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]
mod support {
    pub(crate) mod clean;
    pub(crate) mod schema_objects;
    pub(crate) mod texts;
    pub(crate) mod validator;
}
