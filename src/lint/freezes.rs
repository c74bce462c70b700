//! Freezes that are over, that never come, or that last too long to be meant.

use std::sync::Arc;

use crate::decision::HORIZON;
use crate::diagnostic::{Code, Collector, Diagnostic};
use crate::lint::units::DAY;
use crate::lint::window_spans::spans;
use crate::policy::{Environment, Freeze, FreezeZone, Policy, Region};
use crate::time::instant::Instant;
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::window::{Rule, closed};
use crate::time::zone::{TimeError, Zone};

/// The time that a freeze may last before it is doubted, in days.
const LONGEST_DAYS: i64 = 60;

/// Returns what a freeze closes: each environment and region that it applies to.
fn closes<'p>(policy: &'p Policy, freeze: &Freeze) -> Vec<(&'p Arc<Environment>, Option<&'p Arc<Region>>)> {
    let mut all = Vec::new();
    for environment in policy.environments.iter().filter(|environment| freeze.environments.contains(environment)) {
        if is_exempt(policy, freeze, environment) {
            continue;
        }
        if policy.regions.is_empty() {
            all.push((environment, None));
        }
        let regions = environment.regions.iter().filter(|region| freeze.regions.contains(region));
        all.extend(regions.map(|region| (environment, Some(region))));
    }
    all
}

/// Returns whether a freeze names hazards, and all of them are exempt in an environment.
fn is_exempt(policy: &Policy, freeze: &Freeze, environment: &Environment) -> bool {
    !freeze.hazards.is_all() && policy.hazards_in(environment, freeze).is_empty()
}

/// The zones in which the clock of a freeze is read.
pub(super) fn zones<'p>(policy: &'p Policy, freeze: &'p Freeze) -> Vec<&'p Arc<Zone>> {
    match &freeze.zone {
        FreezeZone::Zone(zone) => vec![zone],
        FreezeZone::Region => {
            let mut zones: Vec<&Arc<Zone>> = Vec::new();
            let regions = closes(policy, freeze).into_iter().filter_map(|(_, region)| region);
            for zone in regions.flat_map(|region| &region.zones) {
                if !zones.iter().any(|known| known.name() == zone.name()) {
                    zones.push(zone);
                }
            }
            zones
        }
    }
}

/// Looks at how long each freeze lasts.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn check(policy: &Policy, at: Instant, found: &Collector) -> Result<(), TimeError> {
    let horizon = Interval { from: at, until: at.saturating_add(HORIZON) };
    for freeze in policy.freezes.iter().filter(|freeze| freeze.level.refuses() && !freeze.is_always) {
        if freeze.has_no_end() {
            if let Some(warning) = age(policy, freeze, at)? {
                found.push(warning);
            }
            continue;
        }
        let longest = spans(&freeze.rule, zones(policy, freeze), horizon)?.into_iter().map(Interval::seconds).max();
        // an hour more may be just a clock that was set back
        let Some(seconds) = longest.filter(|seconds| *seconds > Seconds::days(LONGEST_DAYS) + Seconds::hours(1)) else {
            continue;
        };
        let days = if seconds >= HORIZON {
            "more than 400 days".to_owned()
        } else {
            format!("{} days", seconds.saturating_add(Seconds::hours(12)).get() / DAY.get())
        };
        found.push(
            Diagnostic::warning(Code::LongFreeze, format!("the freeze `{}` lasts {days} without a break", freeze.name))
                .at(freeze.rule_place)
                .help("check both dates; changes that wait this long all go out at once"),
        );
    }
    Ok(())
}

/// Returns how long a freeze has lasted that ends at further notice, if it has begun.
fn age(policy: &Policy, freeze: &Freeze, at: Instant) -> Result<Option<Diagnostic>, TimeError> {
    let mut begun = None;
    for zone in zones(policy, freeze) {
        let spans = closed(zone, &freeze.rule.civil(zone, Interval::FOREVER)?)?;
        begun = spans.iter().map(|span| span.from).chain(begun).min();
    }
    let Some(seconds) = begun.map(|begun| at.since(begun)).filter(|seconds| *seconds >= Seconds::ZERO) else {
        return Ok(None);
    };
    let age = match seconds.get() / DAY.get() {
        0 => "for less than a day".to_owned(),
        1 => "for a day".to_owned(),
        days => format!("for {days} days"),
    };
    let cause = format!("the freeze `{}` has lasted {age}, until further notice", freeze.name);
    let help = "remove it when it is over, or give it an end; changes that wait this long all go out at once";
    Ok(Some(Diagnostic::warning(Code::LongFreeze, cause).at(freeze.rule_place).help(help)))
}

/// Looks whether `freeze` closes anything within `horizon`.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn check_occurrence(
    policy: &Policy,
    freeze: &Freeze,
    horizon: Interval,
    found: &Collector,
) -> Result<(), TimeError> {
    let name = &freeze.name;
    if closes(policy, freeze).is_empty() {
        let mut own = policy.environments.iter().filter(|environment| freeze.environments.contains(environment));
        let (label, help) = if own.any(|environment| is_exempt(policy, freeze, environment)) {
            ("its hazards are exempt in its environments", "remove it, or hazards from `exempt_hazards`")
        } else {
            (
                "none of its environments serves any of its regions",
                "name environments and regions that go together, or remove it",
            )
        };
        let warning = Diagnostic::warning(Code::NeverOccurs, format!("the freeze `{name}` closes nothing"));
        found.push(warning.at(freeze.place).label(label).help(help));
        return Ok(());
    }
    let zones = zones(policy, freeze);
    if !spans(&freeze.rule, zones.iter().copied(), horizon)?.is_empty() {
        return Ok(());
    }
    let warning = match state(freeze, &zones, horizon)? {
        FreezeState::Over => Diagnostic::warning(Code::PastFreeze, format!("the freeze `{name}` is over"))
            .help("remove it, or give it its next dates"),
        FreezeState::Unknown => return Ok(()),
        FreezeState::Later => {
            Diagnostic::warning(Code::NeverOccurs, format!("the freeze `{name}` does not occur within 400 days"))
                .help("check its dates: it closes nothing until then")
        }
        FreezeState::Jumped => Diagnostic::warning(Code::NeverOccurs, format!("the freeze `{name}` never occurs"))
            .label("the clock skips it")
            .help("start it before the clock change, or end it after"),
    };
    found.push(warning.at(freeze.rule_place));
    Ok(())
}

/// The reason why a freeze has no instant within the horizon.
enum FreezeState {
    /// It was.
    Over,
    /// It comes later.
    Later,
    /// Each time the clocks jump over it.
    Jumped,
    /// Its calendar has run out: that is told of the calendar.
    Unknown,
}

fn state(freeze: &Freeze, zones: &[&Arc<Zone>], horizon: Interval) -> Result<FreezeState, TimeError> {
    let at = horizon.from;
    match &freeze.rule {
        Rule::Hours { .. } | Rule::Recurring { .. } => Ok(FreezeState::Jumped),
        Rule::Around { calendar, .. } => {
            let mut to_come = false;
            for zone in zones {
                if freeze.rule.stale_from(zone)?.is_some_and(|(from, _)| from <= at) {
                    return Ok(FreezeState::Unknown);
                }
                let today = zone.date(at)?;
                to_come |= calendar.dates.last().is_some_and(|last| *last >= today);
            }
            Ok(if to_come { FreezeState::Later } else { FreezeState::Over })
        }
        Rule::Once { .. } => {
            let mut state = FreezeState::Over;
            for zone in zones {
                for span in closed(zone, &freeze.rule.civil(zone, Interval::FOREVER)?)? {
                    if span.from >= horizon.until {
                        return Ok(FreezeState::Later);
                    }
                    if span.from > at && span.is_empty() {
                        state = FreezeState::Jumped;
                    }
                }
            }
            Ok(state)
        }
    }
}
