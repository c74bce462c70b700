//! Freezes that come of `on_holidays = "closed"`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Collector, Diagnostic};
use crate::policy::check::names::{Names, holds};
use crate::policy::kind::{KindSet, Level};
use crate::policy::{ClosedHolidays, Environment, Freeze, FreezeScope, FreezeZone, Region};
use crate::time::calendar::Calendar;
use crate::time::moment::Offset;
use crate::time::window::{Rule, WindowEnd};

/// Adds a freeze for each calendar of each region that is closed on holidays: one for all environments that are closed in core hours at the
/// same level, with the same exemptions. Its name is `holidays of REGION`, with what else is needed to be the only one of that name.
pub(super) fn add(
    freezes: &mut Vec<Freeze>,
    (regions, environments): (&Names<Region>, &Names<Environment>),
    found: &Collector,
) {
    let own = freezes.len();
    for region in regions.all() {
        if let Some(closed) = &region.closed_holidays {
            freezes.extend(of_region(region, closed, environments));
        }
    }
    let (written, made) = freezes.split_at(own);
    for freeze in made {
        if let Some(first) = written.iter().find(|one| one.name == freeze.name) {
            found.push(
                Diagnostic::error(
                    Code::DuplicateName,
                    format!("the freeze `{}` has the name of closed holidays", first.name),
                )
                .at(first.place)
                .related(freeze.place, "which are so called because of this")
                .help("give the freeze another name: grants and messages name it by that"),
            );
        }
    }
    if freezes.len() > own {
        freezes.sort_by(|one, other| one.name.cmp(&other.name));
    }
}

fn of_region(region: &Arc<Region>, closed: &ClosedHolidays, environments: &Names<Environment>) -> Vec<Freeze> {
    let mut alike: BTreeMap<(Level, KindSet), Vec<Arc<Environment>>> = BTreeMap::new();
    for environment in environments.all().filter(|environment| holds(&environment.regions, region)) {
        if let Some(level) = environment.during_core_hours {
            alike.entry((level, environment.exempt)).or_default().push(Arc::clone(environment));
        }
    }
    let is_one = alike.len() == 1;
    let mut freezes = Vec::with_capacity(alike.len() * closed.calendars.len());
    for ((level, exempt), environments) in alike {
        for (calendar, place) in &closed.calendars {
            let mut name = format!("holidays of {}", region.name);
            if let [_, _, ..] = closed.calendars[..] {
                name = format!("{name}, {}", calendar.name);
            }
            if !is_one {
                let mut names: Vec<&str> = environments.iter().map(|environment| environment.name.as_str()).collect();
                names.sort_unstable();
                name = format!("{name} ({})", names.join(", "));
            }
            freezes.push(Freeze {
                name,
                place: closed.place,
                rule: whole_days(calendar),
                is_always: false,
                is_of_holidays: true,
                // windows are distinguished by it
                rule_place: *place,
                until_place: *place,
                zone: FreezeZone::Region,
                zone_place: closed.place,
                level,
                environments: FreezeScope::Only(environments.clone()),
                regions: FreezeScope::Only(vec![Arc::clone(region)]),
                services: FreezeScope::All,
                kinds: None,
                hazards: FreezeScope::All,
                exempt,
                reason: None,
            });
        }
    }
    freezes
}

/// From midnight to midnight, on each date of a calendar.
fn whole_days(calendar: &Arc<Calendar>) -> Rule {
    let midnight = |days| Offset { days, minute: 0 };
    Rule::Around { calendar: Arc::clone(calendar), from: midnight(0), until: WindowEnd::At(midnight(1)) }
}
