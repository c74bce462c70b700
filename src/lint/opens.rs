//! Environments that never open, or for fewer hours than wanted.

use crate::decision::{FindingCode, HORIZON};
use crate::diagnostic::{Code, Collector, Diagnostic, Place};
use crate::lint::openness::{Openness, coming};
use crate::lint::options::LintOptions;
use crate::lint::window_spans::of_change_windows;
use crate::policy::duration::hours;
use crate::policy::{Environment, FindingId};
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// Looks at each environment with all its regions.
///
/// # Errors
///
/// [`TimeError`] beyond the range of dates.
pub(super) fn check(openness: &[Openness<'_>], options: &LintOptions<'_>, found: &Collector) -> Result<(), TimeError> {
    for of_one in openness.chunk_by(|one, next| one.environment.name == next.environment.name) {
        let (never, some): (Vec<&Openness<'_>>, Vec<&Openness<'_>>) =
            of_one.iter().partition(|one| one.open.as_slice().is_empty());
        if let Some(first) = never.first() {
            found.push(never_opens(first.environment, &never, some.is_empty(), options)?);
        }
        let least = options.least_open.saturating_mul(i64::from(options.weeks));
        let rarely: Vec<&Openness<'_>> =
            some.into_iter().filter(|one| one.seconds_in(coming(options)) < least).collect();
        if let Some(first) = rarely.first() {
            found.push(rarely_opens(first.environment, &rarely, options)?);
        }
    }
    Ok(())
}

fn never_opens(
    environment: &Environment,
    never: &[&Openness<'_>],
    nowhere: bool,
    options: &LintOptions<'_>,
) -> Result<Diagnostic, TimeError> {
    let name = &environment.name;
    let regions: Vec<String> =
        never.iter().filter_map(|one| one.region).map(|region| format!("`{}`", region.name)).collect();
    let cause = if nowhere {
        format!("`{name}` does not open within 400 days")
    } else {
        format!("`{name}` does not open within 400 days in {}", regions.join(", "))
    };
    let stale = |(_, id): &(Place, FindingId)| id.code() == FindingCode::StaleCalendar;
    let help = if never.iter().any(|one| one.closing.iter().any(stale)) {
        "add the missing dates to the calendar: until then, its freezes count as in force"
    } else if environment.duration.saturating_add(environment.settle) > longest_window(environment, options)? {
        "lengthen a change window, or shorten `duration` and `settle`: together they must fit into one"
    } else if environment.duration.saturating_add(environment.settle) > Seconds::ZERO {
        "shorten a window, or `duration` and `settle`: together they must fit between two windows"
    } else {
        "shorten one of the windows that close it"
    };
    Ok(with_windows(Diagnostic::warning(Code::NeverOpen, cause).at(environment.place).help(help), never))
}

/// Returns how long the longest change window is, in seconds; without any, there is no end.
fn longest_window(environment: &Environment, options: &LintOptions<'_>) -> Result<Seconds, TimeError> {
    let horizon = Interval { from: options.at, until: options.at.saturating_add(HORIZON) };
    let longest = of_change_windows(environment, horizon)?.as_slice().iter().map(|span| span.seconds()).max();
    Ok(longest.filter(|_| !environment.change_windows.is_empty()).unwrap_or(Seconds::MAX))
}

fn rarely_opens(
    environment: &Environment,
    rarely: &[&Openness<'_>],
    options: &LintOptions<'_>,
) -> Result<Diagnostic, TimeError> {
    let weeks = i64::from(options.weeks);
    let cause = format!("`{}` is open for fewer than {} hours a week", environment.name, hours(options.least_open));
    let way = if environment.change_windows.is_empty() {
        "move or shorten one of the windows that close it"
    } else {
        "add or lengthen a change window"
    };
    let help = format!(
        "{way}, or lower `--min-open-hours`: the hours are the average of the next {}",
        if weeks == 1 { "week".to_owned() } else { format!("{weeks} weeks") }
    );
    let mut warning = Diagnostic::warning(Code::RarelyOpen, cause).at(environment.place).help(help);
    for one in rarely {
        let seconds = one.seconds_in(coming(options));
        let text = match one.open.as_slice().first() {
            Some(next) if seconds == Seconds::ZERO => {
                let next = next.from.timestamp()?;
                format!("closed until {}", next.strftime("%Y-%m-%d %H:%M UTC"))
            }
            Some(_) | None => format!("{} hours a week", hours(seconds.checked_div(weeks).unwrap_or(Seconds::ZERO))),
        };
        warning = match one.region {
            Some(region) => warning.related(region.place, text),
            None => warning.label(text),
        };
    }
    Ok(with_windows(warning, rarely))
}

/// The warning with the windows that close any of `list`, each line once.
fn with_windows(mut warning: Diagnostic, list: &[&Openness<'_>]) -> Diagnostic {
    let mut told: Vec<Place> = Vec::new();
    for (place, id) in list.iter().flat_map(|one| &one.closing) {
        if !told.contains(place) {
            told.push(*place);
            warning = warning.related(*place, format!("closed by `{id}`"));
        }
    }
    warning
}
