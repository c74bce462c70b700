//! The freezes of each environment, so that none looks at those of all others.

use std::collections::HashMap;
use std::sync::Arc;

use crate::policy::environment::Environment;
use crate::policy::freeze::{Freeze, FreezeScope};

/// The place where the freezes of each environment stand in the policy.
#[derive(Debug, Default)]
pub(super) struct FreezesByEnvironment {
    /// Those of every environment.
    of_all: Vec<usize>,
    /// Those that name an environment, by its place in memory.
    of_one: HashMap<usize, Vec<usize>>,
}

impl FreezesByEnvironment {
    pub(super) fn new(freezes: &[Freeze]) -> Self {
        let mut by_environment = Self::default();
        for (place, freeze) in freezes.iter().enumerate() {
            match &freeze.environments {
                FreezeScope::All => by_environment.of_all.push(place),
                FreezeScope::Only(environments) => {
                    for environment in environments {
                        let known = by_environment.of_one.entry(Arc::as_ptr(environment).addr()).or_default();
                        if known.last() != Some(&place) {
                            known.push(place);
                        }
                    }
                }
            }
        }
        by_environment
    }

    /// The places of the freezes of an environment, in their order.
    pub(super) fn of(&self, environment: &Arc<Environment>) -> Vec<usize> {
        let own = self.of_one.get(&Arc::as_ptr(environment).addr());
        let mut places: Vec<usize> = self.of_all.iter().chain(own.into_iter().flatten()).copied().collect();
        places.sort_unstable();
        places
    }
}
