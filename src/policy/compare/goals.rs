//! Where a change goes, as text, and the spots that it reaches in one policy.
//!
//! The rules are those of [`crate::reach`], which this module may not use; a property test holds the two against each other.

use crate::policy::compare::names::NameText;
use crate::policy::compare::sides::{PlaceInLists, PolicySide};
use crate::policy::compare::work::{Halt, Work};

/// A region or a service, as a change names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum NamedPlace {
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

/// The destination of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Goal {
    pub(super) environment: Whereto,
    pub(super) region: NamedPlace,
    pub(super) service: NamedPlace,
}

/// One of two policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Old,
    New,
}

/// The form of a goal in one policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reaching {
    /// Everything that is reached.
    pub(super) spots: Vec<PlaceInLists>,
    /// True if something in it is unknown or excludes each other, which refuses at any hour.
    pub(super) is_unknown: bool,
    /// If nothing in an environment is reached, as all excludes each other: the windows of these would close it. Of a region that the
    /// environment does not serve, they are those of all that it does.
    pub(super) besides: Vec<PlaceInLists>,
}

impl NamedPlace {
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
    /// Returns what it reaches in `side`.
    ///
    /// # Errors
    ///
    /// [`Halt::TooMuch`] if the work is used up.
    pub(super) fn reaching(&self, side: &PolicySide<'_>, which: Which, work: &Work) -> Result<Reaching, Halt> {
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
        let is_unknown = unknown_part || (environments.is_empty() && !is_every);
        let mut reaching = Reaching { is_unknown, ..Reaching::default() };
        let services: Vec<Option<usize>> =
            if services.is_empty() { vec![None] } else { services.iter().copied().map(Some).collect() };
        work.spend(environments.len().saturating_add(1))?;
        for environment in environments {
            for service in &services {
                let spot = PlaceInLists { environment: *environment, region: None, service: *service };
                work.spend(1)?;
                reach(side, spot, (regions, names_region, is_every), work, &mut reaching)?;
            }
        }
        Ok(reaching)
    }
}

/// Adds the regions of an environment that a change reaches for a service; `regions` are those that it names.
fn reach(
    side: &PolicySide<'_>,
    spot: PlaceInLists,
    (regions, names_region, is_every): (&[usize], bool, bool),
    work: &Work,
    reaching: &mut Reaching,
) -> Result<(), Halt> {
    if side.policy.regions.is_empty() {
        reaching.spots.push(spot);
        return Ok(());
    }
    let served = side.served.get(spot.environment).map_or(&[][..], Vec::as_slice);
    // of a region that is not known, all that the environment serves are closed to be safe
    let wanted = if regions.is_empty() { served } else { regions };
    work.spend(wanted.len())?;
    let before = reaching.spots.len();
    for region in wanted {
        if side.is_served(spot.environment, *region) && side.is_reached(spot.service, *region) {
            reaching.spots.push(PlaceInLists { region: Some(*region), ..spot });
        } else if names_region && !is_every {
            reaching.is_unknown = true;
        }
    }
    if reaching.spots.len() == before && !is_every {
        reaching.is_unknown = true;
        let known: Vec<usize> =
            wanted.iter().copied().filter(|region| side.is_served(spot.environment, *region)).collect();
        let closing = if known.is_empty() { served } else { known.as_slice() };
        work.spend(closing.len())?;
        reaching.besides.extend(closing.iter().map(|region| PlaceInLists { region: Some(*region), ..spot }));
    }
    Ok(())
}
