//! Where a change goes, as text, and the spots that it reaches in one policy.
//!
//! The rules are those of [`crate::reach`], which this module may not use; a property test holds the two against each other.

use crate::policy::compare::names::NameText;
use crate::policy::compare::sides::{Side, Spot};

/// A region or a service, as a change names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Part {
    /// Not at all.
    #[default]
    Unnamed,
    /// By this text.
    Named(NameText),
}

/// The environment, as a change names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whereto {
    /// By this text.
    Named(NameText),
    /// All of them, as targets with `environment = "*"` do.
    Every,
}

/// Where a change goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Goal {
    pub(super) environment: Whereto,
    pub(super) region: Part,
    pub(super) service: Part,
}

/// Which of two policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Old,
    New,
}

/// What a goal is in one policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reaching {
    /// What is reached.
    pub(super) spots: Vec<Spot>,
    /// Whether something in it is unknown or excludes each other, which refuses at any hour.
    pub(super) is_unknown: bool,
}

impl Part {
    /// The places in the list of the policy, and whether it is named.
    fn places(&self, which: Which) -> (&[usize], bool) {
        match self {
            Self::Unnamed => (&[], false),
            Self::Named(text) => (of(text, which), true),
        }
    }
}

fn of(text: &NameText, which: Which) -> &[usize] {
    match which {
        Which::Old => &text.old,
        Which::New => &text.new,
    }
}

impl Goal {
    /// What it reaches in `side`.
    pub(super) fn reaching(&self, side: &Side<'_>, which: Which) -> Reaching {
        let every: Vec<usize>;
        let (environments, is_every) = match &self.environment {
            Whereto::Named(text) => (of(text, which), false),
            Whereto::Every => {
                every = (0..side.policy.environments.len()).collect();
                (every.as_slice(), true)
            }
        };
        let (regions, names_region) = self.region.places(which);
        let (services, names_service) = self.service.places(which);
        let unknown_part = (names_region && regions.is_empty()) || (names_service && services.is_empty());
        let mut reaching =
            Reaching { spots: Vec::new(), is_unknown: unknown_part || (environments.is_empty() && !is_every) };
        let services: Vec<Option<usize>> =
            if services.is_empty() { vec![None] } else { services.iter().copied().map(Some).collect() };
        for environment in environments {
            for service in &services {
                let spot = Spot { environment: *environment, region: None, service: *service };
                reach(side, spot, regions, names_region, is_every, &mut reaching);
            }
        }
        reaching
    }
}

/// Adds the regions of an environment that a change reaches for a service.
fn reach(side: &Side<'_>, spot: Spot, regions: &[usize], names_region: bool, is_every: bool, reaching: &mut Reaching) {
    if side.policy.regions.is_empty() {
        reaching.spots.push(spot);
        return;
    }
    let served = side.served.get(spot.environment).map_or(&[][..], Vec::as_slice);
    // of a region that is not known, all that the environment serves are closed to be safe
    let wanted = if regions.is_empty() { served } else { regions };
    let before = reaching.spots.len();
    for region in wanted {
        if served.contains(region) && side.is_reached(spot.service, *region) {
            reaching.spots.push(Spot { region: Some(*region), ..spot });
        } else if names_region && !is_every {
            reaching.is_unknown = true;
        }
    }
    if reaching.spots.len() == before && !is_every {
        reaching.is_unknown = true;
    }
}

impl Side<'_> {
    /// Whether a change of the service reaches the region, if an environment serves it.
    pub(super) fn is_reached(&self, service: Option<usize>, region: usize) -> bool {
        let narrowed = service.and_then(|service| self.reached.get(service));
        narrowed.is_none_or(|regions| regions.is_empty() || regions.contains(&region))
    }
}
