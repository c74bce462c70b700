//! Calendars that end soon, on which what a change reaches counts.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::policy::Policy;
use crate::reach::Reach;
use crate::time::calendar::Calendar;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::window::Rule;

/// The time before its end from which on an answer warns of a calendar, in seconds: 30 days.
const SOON: Seconds = Seconds::days(30);

/// One line for each calendar that ends within 30 days of `at` (seconds since 1970-01-01T00:00:00Z), or has ended: which, when, and what is
/// so from then on. Days are those of UTC. Calendars that no region or freeze of what `reach` has counts on are left out.
#[must_use]
pub fn calendars_that_end(policy: &Policy, reach: &Reach, at: Instant) -> Vec<String> {
    let mut ending = Ending { at, found: BTreeMap::new() };
    for reached in &reach.reached {
        if let Some(region) = &reached.region
            && let Some(Rule::Hours { holidays, .. }) = region.core_hours.as_ref().map(|hours| &hours.rule)
        {
            for calendar in holidays {
                ending.add(calendar, || format!("holidays of `{}` count as working days", region.name));
            }
        }
        for freeze in
            policy.freezes_of(&reached.environment).filter(|freeze| freeze.closes_region(reached.region.as_ref()))
        {
            if let Rule::Around { calendar, .. } = &freeze.rule {
                ending.add(calendar, || format!("`{}` stays closed", freeze.name));
            }
        }
    }
    let line = |((name, last), (is_over, then)): ((&str, Date), (bool, String))| {
        let end = if is_over { format!("ended on {last};") } else { format!("ends on {last}; after it") };
        format!("the calendar `{name}` {end} {then} until you add the next dates")
    };
    ending.found.into_iter().map(line).collect()
}

struct Ending<'p> {
    at: Instant,
    /// By name and last day: whether that is over, and what is so after it.
    found: BTreeMap<(&'p str, Date), (bool, String)>,
}

impl<'p> Ending<'p> {
    fn add(&mut self, calendar: &'p Calendar, then: impl FnOnce() -> String) {
        let end = calendar.end();
        if end.saturating_sub(SOON) <= self.at {
            let key = (calendar.name.as_str(), calendar.valid_until);
            self.found.entry(key).or_insert_with(|| (end <= self.at, then()));
        }
    }
}
