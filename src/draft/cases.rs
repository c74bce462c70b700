//! Cases that hold for a draft, for `freezegate test`.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::Offset;

use crate::draft::PolicyDraft;
use crate::draft::text::{CUSTOMERS, aligned, quoted};
use crate::time::instant::Instant;
use crate::time::zone::{ClockReading, TimeError, Zone};

const HEAD: &str = "\
# Test cases for the policy beside this file: `freezegate test` runs them. Drafted by `freezegate init`.
# Edit it with the policy, and add a case for each outage that the policy should have stopped.
version  = 1
";

/// The start of core hours in a draft.
const BEGIN: &str = "08:00:00";

/// In the night from Saturday to Sunday it is weekend in all zones, from UTC-12 to UTC+14, wherever that night is.
const NIGHT: &str = "22:00:00";

impl PolicyDraft {
    /// The text of cases that hold for the draft, whatever time zones are added to it: for each environment, a working day and a Saturday night of
    /// the year of `at`, in seconds since 1970-01-01T00:00:00Z; for the first one also the working days around those on which the clocks change.
    ///
    /// # Errors
    ///
    /// [`TimeError`] beyond the range of dates.
    pub fn cases(&self, at: Instant) -> Result<String, TimeError> {
        let region = self.regions.first();
        let names = region.map_or_else(|| self.zones(), |region| region.timezones.clone());
        let name = names.first().map_or("UTC", String::as_str);
        let zone = Zone::named(name).ok_or(TimeError::OutOfRange)?;
        let year = zone.date(at)?.year();
        let wednesday = day_of(year, 6, 1)?.nth_weekday_of_month(2, Weekday::Wednesday).map_err(out_of_range)?;
        let saturday = wednesday.checked_add(3.days()).map_err(out_of_range)?;
        let changes = clock_changes(&zone, year)?;
        let is_known = region.is_some() || !self.timezones.is_empty();
        let todo = if is_known { "" } else { " # TODO: the first of `timezones` in freezegate.toml" };
        let mut text = format!("{HEAD}timezone = {}{todo}\n", quoted(name));
        for (index, environment) in self.environments.iter().enumerate() {
            let name = &environment.name;
            let case = |what: &str, at: String, rest: &[(&'static str, String)]| {
                let mut rows =
                    vec![("name", quoted(&format!("{name} {what}"))), ("at", at), ("environment", quoted(name))];
                rows.extend(region.map(|region| ("region", quoted(&region.name))));
                rows.extend_from_slice(rest);
                format!("\n[[cases]]\n{}", aligned(&rows))
            };
            let decision = |word: &str| ("decision", quoted(word));
            let noon = |day: Date| format!("{day}T12:00:00");
            if !environment.guarded {
                text.push_str(&case("on a working day", noon(wednesday), &[decision("allowed")]));
                continue;
            }
            let refused = [
                decision("refused"),
                (
                    "findings",
                    format!("[{}]", quoted(&format!("core-hours/{}", region.map_or(CUSTOMERS, |one| &one.name)))),
                ),
            ];
            text.push_str(&case("on a working day", noon(wednesday), &refused));
            text.push_str(&case("on a Saturday night", format!("{saturday}T{NIGHT}"), &[decision("allowed")]));
            if index > 0 || changes.is_empty() {
                continue;
            }
            let days = changes.iter().flat_map(|(before, after)| [before, after]);
            let around = format!("[{}]", days.map(|day| format!("{day}T{BEGIN}")).collect::<Vec<_>>().join(", "));
            let what = "at 08:00, the working days before and after the clocks change";
            text.push_str(&case(what, around, &[decision("refused")]));
        }
        Ok(text)
    }
}

fn out_of_range<E>(_: E) -> TimeError {
    TimeError::OutOfRange
}

fn day_of(year: i16, month: i8, day: i8) -> Result<Date, TimeError> {
    Date::new(year, month, day).map_err(out_of_range)
}

/// The working days before and after each day of a year on which the clocks of a zone change.
fn clock_changes(zone: &Zone, year: i16) -> Result<Vec<(Date, Date)>, TimeError> {
    let offset = |day: Date| -> Result<Offset, TimeError> {
        Ok(zone.local(zone.instant(day.at(12, 0, 0, 0), ClockReading::First)?)?.offset())
    };
    let is_working = |day: &Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let mut changes = Vec::new();
    let mut before = day_of(year, 1, 1)?;
    while before < day_of(year, 12, 31)? {
        let after = before.tomorrow().map_err(out_of_range)?;
        if offset(before)? != offset(after)? {
            // on the day itself, core hours may begin before the change
            let earlier = before.series((-1).day()).find(is_working);
            let later = after.series(1.day()).skip(1).find(is_working);
            changes.extend(earlier.zip(later));
        }
        before = after;
    }
    Ok(changes)
}
