//! An environment that a change reaches, and how that is known.

use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::{Environment, KindSet, Region, Service};

/// One environment in one region that a change reaches.
#[derive(Debug, Clone)]
pub struct Reached {
    /// The environment.
    pub environment: Arc<Environment>,
    /// The region; `None` only where the policy has no regions.
    pub region: Option<Arc<Region>>,
    /// The service, if the change shows one; `None` may be any.
    pub service: Option<Arc<Service>>,
    /// Kinds that are shown, not just said; of what is declared, those of the paths that targets map to the environment.
    pub kinds: KindSet,
    /// The way in which that is known.
    pub because: Because,
}

/// An environment, a region and a service, by their places in memory.
pub(crate) type ReachedPlace = (usize, Option<usize>, Option<usize>);

impl Reached {
    /// What is reached.
    pub(crate) fn place(&self) -> ReachedPlace {
        let region = self.region.as_ref().map(|one| Arc::as_ptr(one).addr());
        let service = self.service.as_ref().map(|one| Arc::as_ptr(one).addr());
        (Arc::as_ptr(&self.environment).addr(), region, service)
    }

    /// What is reached, and by which kinds, however that is known.
    pub(crate) fn identity(&self) -> (ReachedPlace, KindSet) {
        (self.place(), self.kinds)
    }
}

/// The way in which it is known that a change reaches something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// Somebody said so.
    Declared,
    /// The CI job that asks is for it.
    Job {
        /// The provider, for people.
        what: String,
        /// The environment's table in the policy.
        policy: Place,
    },
    /// Nothing excludes it: which ref is changed is not known, or not what was there before, so that any path may have changed.
    Possible {
        /// That, for people.
        what: String,
        /// The target.
        policy: Place,
    },
    /// The change edits the policy, and what that opens nobody may override: it is a change of no kind to what it opens.
    PolicyEdit {
        /// The path of the policy.
        what: String,
        /// The line of the policy in force that is weakened, else that of the environment.
        policy: Place,
    },
    /// The change edits what routes of the environment go by, or who answers their requests, as `[routes]` guards it.
    Routes {
        /// The path of the edited manifest.
        what: String,
        /// The table `[routes]`.
        policy: Place,
    },
    /// A path or ref of the change shows it, by the target at this place of the policy.
    Shown {
        /// The path or ref.
        what: String,
        /// The target.
        policy: Place,
    },
}
