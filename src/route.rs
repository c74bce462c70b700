//! Who answers a request: tables of routes, and what an edit changes between two of them.
//!
//! A route is a conjunction of regular languages over host, path, method, each header and each query parameter. A table
//! lists routes by precedence. [`compare`](compare::compare) says exactly for which requests another backend answers,
//! each with a request as a witness, by products of automata and subtraction; within a budget, else it has no answer.
//!
//! [`manifest`] reads objects from YAML, and [`read`] reads routes from objects (`ingress`, `gateway`, `istio`), each by
//! the precedence of its kind. What they do not understand, they report.

pub(crate) mod automaton;
pub mod compare;
pub(crate) mod gateway;
pub(crate) mod host;
pub(crate) mod host_set;
pub(crate) mod index;
pub(crate) mod ingress;
pub(crate) mod ingress_annotations;
pub(crate) mod ingress_class;
pub(crate) mod istio;
pub(crate) mod istio_gateway;
pub mod json_text;
pub mod language;
pub(crate) mod listener;
pub mod manifest;
pub mod note;
pub(crate) mod place;
pub(crate) mod proxies;
pub mod read;
pub mod reader;
pub mod request;
pub(crate) mod search;
pub(crate) mod services;
pub mod table;
pub mod tables;
