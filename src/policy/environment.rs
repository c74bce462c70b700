//! Environments, with the regions and services that they are divided into.

use std::sync::Arc;

use crate::diagnostic::Place;
use crate::policy::hazard::Hazard;
use crate::policy::kind::{KindSet, Level};
use crate::policy::rollout::Rollout;
use crate::policy::rule_text::rule_text;
use crate::time::calendar::Calendar;
use crate::time::seconds::Seconds;
use crate::time::window::Rule;
use crate::time::zone::Zone;

/// People who share hours and holidays; it may span zones.
#[derive(Debug)]
pub struct Region {
    /// The name.
    pub name: String,
    /// The place where it is defined.
    pub place: Place,
    /// Its zones, in the order of the policy; never empty.
    pub zones: Vec<Arc<Zone>>,
    /// The place where each of `zones` is written.
    pub zone_places: Vec<Place>,
    /// The hours when people are at work, in each of the zones; `None` for a region that only names zones.
    pub core_hours: Option<CoreHours>,
    /// The holidays on which it is closed all day; `None` where no core hours start on holidays.
    pub closed_holidays: Option<ClosedHolidays>,
}

/// The holidays on which a region is closed all day, `on_holidays = "closed"`.
///
/// For each environment that the region serves, unless its `during_core_hours` is `off`, they close as freezes do, at that level.
#[derive(Debug)]
pub struct ClosedHolidays {
    /// The calendars, in the order of the policy, each with the place where the region names it.
    pub calendars: Vec<(Arc<Calendar>, Place)>,
    /// The place where `on_holidays` is written.
    pub place: Place,
}

/// The core hours of a region.
#[derive(Debug)]
pub struct CoreHours {
    /// The window, holidays dropped.
    pub rule: Rule,
    /// The place where it is written.
    pub place: Place,
}

impl CoreHours {
    /// The entries as the policy wrote them, joined.
    #[must_use]
    pub fn text(&self) -> String {
        rule_text(&self.rule)
    }
}

/// A protected environment.
#[derive(Debug)]
pub struct Environment {
    /// The name.
    pub name: String,
    /// The place where it is defined.
    pub place: Place,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// The person who answers for it.
    pub owner: Option<String>,
    /// The regions that it serves; empty only if the policy has none.
    pub regions: Vec<Arc<Region>>,
    /// The effect of core hours on it; `None` is `off`.
    pub during_core_hours: Option<Level>,
    /// Kinds that core hours and change windows do not stop.
    pub exempt: KindSet,
    /// Hazards that do not count here, each once; [`crate::policy::Policy::exempts`] says for which freezes.
    pub exempt_hazards: Vec<Arc<Hazard>>,
    /// The place where `exempt_hazards` is written, else where the environment is.
    pub exempt_hazards_place: Place,
    /// The time that a change takes at least, in seconds.
    pub duration: Seconds,
    /// Open time that must remain after a change, in seconds.
    pub settle: Seconds,
    /// If not empty: only then may it change.
    pub change_windows: Vec<ChangeWindow>,
    /// The place where the change windows are written.
    pub change_windows_place: Place,
    /// True if there is no decision while enforcing where only words name it (`evidence = "required"`).
    pub requires_evidence: bool,
    /// From when on its windows count at which level; `None`: each at its own level, always.
    pub rollout: Option<Rollout>,
}

/// A span of hours in a zone in which an environment may change.
#[derive(Debug)]
pub struct ChangeWindow {
    /// The hours.
    pub rule: Rule,
    /// The zone in which they are read.
    pub zone: Arc<Zone>,
    /// The place where the zone is written.
    pub zone_place: Place,
    /// The place where it is written.
    pub place: Place,
}

/// A part of the product that has its own customers.
#[derive(Debug)]
pub struct Service {
    /// The name.
    pub name: String,
    /// The place where it is defined.
    pub place: Place,
    /// Narrows whom a change of this service reaches; empty: no narrowing.
    pub regions: Vec<Arc<Region>>,
}
