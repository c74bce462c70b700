//! Freezes: times when nothing may change.

use std::sync::Arc;

use crate::diagnostic::{Place, Sources};
use crate::policy::environment::{Environment, Region, Service};
use crate::policy::hazard::Hazard;
use crate::policy::kind::{KindSet, Level};
use crate::policy::rule_text::rule_text;
use crate::time::window::{FURTHER_NOTICE, Rule, WindowEnd};
use crate::time::zone::Zone;

/// The scope of a freeze.
#[derive(Debug, Clone)]
pub enum FreezeScope<T> {
    /// Everything.
    All,
    /// These; never empty.
    Only(Vec<Arc<T>>),
}

impl<T> FreezeScope<T> {
    /// Returns whether `item` is within; identity, not equality, counts.
    #[must_use]
    pub fn contains(&self, item: &Arc<T>) -> bool {
        match self {
            Self::All => true,
            Self::Only(items) => items.iter().any(|one| Arc::ptr_eq(one, item)),
        }
    }

    /// Returns whether nothing is excluded.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

/// A time when nothing may change.
#[derive(Debug)]
pub struct Freeze {
    /// The name, unique in the policy.
    pub name: String,
    /// The place where it begins in the file.
    pub place: Place,
    /// Its times.
    pub rule: Rule,
    /// True if it is at every hour, `always = true`.
    pub is_always: bool,
    /// True if it is made of the holidays of a region ([`ClosedHolidays`](crate::policy::ClosedHolidays)), not of an entry of `[[freezes]]`.
    pub is_of_holidays: bool,
    /// The place where the start or the hours are written.
    pub rule_place: Place,
    /// The place where the end is written; of hours, the same as [`Freeze::rule_place`].
    pub until_place: Place,
    /// The place where the clock is read.
    pub zone: FreezeZone,
    /// The place where `zone` is written.
    pub zone_place: Place,
    /// Its effect.
    pub level: Level,
    /// The environments that it closes.
    pub environments: FreezeScope<Environment>,
    /// The regions.
    pub regions: FreezeScope<Region>,
    /// The services.
    pub services: FreezeScope<Service>,
    /// The kinds of change; `None`: every kind.
    pub kinds: Option<KindSet>,
    /// The hazards, one of which a change must show to be stopped.
    pub hazards: FreezeScope<Hazard>,
    /// Kinds that it does not stop.
    pub exempt: KindSet,
    /// The reason, for people.
    pub reason: Option<String>,
}

impl Freeze {
    /// Returns whether it closes a region, or what has none.
    #[must_use]
    pub fn closes_region(&self, region: Option<&Arc<Region>>) -> bool {
        region.map_or_else(|| self.regions.is_all(), |region| self.regions.contains(region))
    }

    /// Returns whether it lasts until further notice.
    #[must_use]
    pub fn has_no_end(&self) -> bool {
        matches!(self.rule, Rule::Once { until: WindowEnd::At(FURTHER_NOTICE), .. })
    }

    /// The moments or hours as the policy, whose files are `sources`, wrote them.
    #[must_use]
    pub fn text(&self, sources: &Sources) -> String {
        if self.is_always {
            return "always".to_owned();
        }
        match &self.rule {
            Rule::Hours { .. } => return rule_text(&self.rule),
            Rule::Around { calendar, .. } if self.is_of_holidays => return format!("the dates of {}", calendar.name),
            Rule::Once { .. } | Rule::Recurring { .. } | Rule::Around { .. } => {}
        }
        let written = |place| sources.text(place).unwrap_or("?").trim_matches(['"', '\'']);
        let to = if self.has_no_end() { " until " } else { " to " };
        [written(self.rule_place), to, written(self.until_place)].concat()
    }
}

/// In which zone a freeze is read.
#[derive(Debug, Clone)]
pub enum FreezeZone {
    /// In this one, for all that it closes.
    Zone(Arc<Zone>),
    /// For each region in that region's own zones.
    Region,
}
