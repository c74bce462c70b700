//! From a change to what it reaches, and why: pure, and complete or nothing.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::policy::Environment;
use crate::policy::Policy;
use crate::time::seconds::Seconds;

pub mod covered;
pub mod declaration;
mod declared;
mod edit;
pub mod hazard;
mod joined;
pub mod matcher;
mod misdirected;
mod policy_opening;
mod reached;
pub mod routes;
mod said;
pub mod shown;
mod shown_hazard;
pub mod whereabouts;

pub use declaration::{Declared, DeclaredNames};
pub use declared::declared;
pub(crate) use declared::holds;
pub use edit::add_edit;
pub use edit::edit_of;
pub use hazard::{add_manifests, add_plan};
pub use joined::reach;
pub use matcher::RefSide;
pub use matcher::TargetMatcher;
pub use matcher::{ResourceChanges, UnmatchedChanges};
pub use misdirected::{Misdirected, NameKind, UndefinedName};
pub use policy_opening::PolicyOpening;
pub use reached::{Because, Reached};
pub use shown::Shown;
pub use shown_hazard::{HazardousChange, ShownHazard};

/// Everything that a change reaches.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Each pair of environment and region, with its service.
    pub reached: Vec<Reached>,
    /// Services and regions that exclude each other, names that no table has, and links to where no target looks:
    /// `unknown-target`.
    pub unknown: Vec<Misdirected>,
    /// Everything that is reached and not said, although something is said: `target-mismatch`.
    pub mismatched: Vec<Misdirected>,
    /// Everything that is reached and, with `--declared-only`, left to another job to judge.
    pub left_out: Vec<Reached>,
    /// Everything that an edit of the policy opens that somebody may override: `policy-change`.
    pub policy_openings: Vec<PolicyOpening>,
    /// The requests that another backend would answer: `route-hijack` and its like.
    pub route_conflicts: Vec<routes::RouteConflict>,
    /// True if requests are answered in another way, or what routes go by is another definition.
    pub moves_routes: bool,
    /// The reason why routes that `[routes]` guards can't be compared, if they can't: only a rollback is decided about without.
    pub unread_routes: Vec<Diagnostic>,
    /// The hazards that a plan shows.
    pub hazards: Vec<ShownHazard>,
    /// True if the change edits the policy, whatever that opens.
    pub loosens_policy: bool,
    /// True if the change is an edit of the policy and touches no other file: then a calendar that has run out does not close, or nobody could
    /// give it its next dates where a target maps the policy's own files.
    pub is_policy_alone: bool,
}

impl Reach {
    /// Returns whether hazards of the change are why freezes that name some meet it: it shows some, and edits no policy in a way that would meet
    /// them too.
    #[must_use]
    pub fn is_of_hazards(&self) -> bool {
        let is_edit = |reached: &Reached| matches!(reached.because, Because::PolicyEdit { .. });
        !self.hazards.is_empty() && !self.reached.iter().any(is_edit)
    }

    /// Returns whether it reaches an environment by routes that it affects.
    #[must_use]
    pub fn is_by_routes(&self, environment: &str) -> bool {
        let is_one = |reached: &Reached| matches!(reached.because, Because::Routes { .. });
        self.reached.iter().any(|reached| reached.environment.name == environment && is_one(reached))
    }

    /// Returns how long `environment` must stay open after the change, in seconds: as it says, or a hazard of the change if that is more.
    #[must_use]
    pub fn settle_in(&self, policy: &Policy, environment: &Environment) -> Seconds {
        let of_hazards = self.hazards.iter().map(|shown| policy.settle_of(environment, &shown.hazard)).max();
        environment.settle.max(of_hazards.unwrap_or(Seconds::ZERO))
    }

    /// The environments that are judged because somebody said so, and for no other reason: nothing that was compared shows
    /// them. In the order in which they were said, each once.
    #[must_use]
    pub fn only_said(&self) -> Vec<&Arc<Environment>> {
        let mut said: Vec<&Arc<Environment>> = Vec::new();
        let mut shown = HashSet::new();
        for reached in &self.reached {
            let environment = &reached.environment;
            match reached.because {
                Because::Declared | Because::Job { .. } if !holds_ref(&said, environment) => said.push(environment),
                Because::Shown { .. } => {
                    shown.insert(Arc::as_ptr(environment).addr());
                }
                Because::Declared
                | Because::Job { .. }
                | Because::Possible { .. }
                | Because::PolicyEdit { .. }
                | Because::Routes { .. } => {}
            }
        }
        said.retain(|environment| !shown.contains(&Arc::as_ptr(environment).addr()));
        said
    }
}

fn holds_ref<T>(list: &[&Arc<T>], item: &Arc<T>) -> bool {
    list.iter().any(|one| Arc::ptr_eq(one, item))
}
