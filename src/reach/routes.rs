//! What an edit of guarded manifests does to requests.

use std::collections::BTreeSet;

use crate::diagnostic::Place;
use crate::policy::Level;

/// The sort of conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteConflictSort {
    /// Another environment would answer requests.
    Hijack,
    /// One of two backends would answer, and manifests do not say which.
    Overlap,
    /// Another backend of the same environment would answer, or nobody.
    Takeover,
    /// A route never answers.
    Dead,
}

/// Requests that another backend would answer after the change, or a route that nobody is asked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteConflict {
    /// Its kind.
    pub sort: RouteConflictSort,
    /// Its level.
    pub level: Level,
    /// The environments that it concerns; first the one whose requests they were, if that is known.
    pub environments: Vec<String>,
    /// The host of the request; `*` for a route of several.
    pub host: String,
    /// The file that the change puts it into.
    pub file: String,
    /// The line of the policy.
    pub place: Place,
    /// The problem, for people.
    pub message: String,
    /// The backends that answer, as proof.
    pub proof: RouteProof,
}

/// A request, and who answers it before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteProof {
    /// The request, such as `GET https://login.example.com/sso, x-region: us`; `None` for a route that none reaches.
    pub request: Option<String>,
    /// The person who answers before, and by which route.
    pub before: String,
    /// The person who answers after, and by which route.
    pub after: String,
    /// The line of the file at which the object begins, from 1; 0 if it is not known.
    pub line: u64,
}

/// A route that an edit of guarded manifests does something to: requests that go by it are answered in another way, or it, or what it goes by, is
/// defined in another way now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AffectedRoute {
    /// The file of the route; `None` for a service that answers by itself, and for rendered manifests.
    pub file: Option<String>,
    /// The environments whose requests go by the route, by their names: they are reached if no target maps its file.
    pub owners: BTreeSet<String>,
    /// Those of them that are reached in any case: the file is in the folder of another one, or there is none.
    pub elsewhere: BTreeSet<String>,
    /// The edited file.
    pub by: String,
}
