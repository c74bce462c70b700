//! Who answers requests: the comparison of tables of routes, and what manifests say.

mod bounds;
mod engine;
mod envoy;
mod guarded;
mod readers;
