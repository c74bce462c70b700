//! Calendars and regions.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::policy::check::context::Context;
use crate::policy::check::names::Names;
use crate::policy::read::Section;
use crate::policy::{ClosedHolidays, CoreHours, Region};
use crate::time::calendar::Calendar;
use crate::time::moment::is_reserved;
use crate::time::window::Rule;

pub(super) const CALENDAR_KEYS: [&str; 2] = ["dates", "valid_until"];
pub(super) const REGION_KEYS: [&str; 4] = ["timezones", "core_hours", "holidays", "on_holidays"];

pub(super) fn calendars(context: &Context<'_>, roots: &[Section<'_, '_>]) -> Names<Calendar> {
    let mut names = Names::new("calendar");
    for (name, section) in roots.iter().flat_map(|root| root.named("calendars", "a calendar", &CALENDAR_KEYS)) {
        if is_reserved(name.value) {
            section.error(
                Code::BadName,
                name.place,
                format!("`{}` is a reserved word of `from` and `until`, so it can't be a calendar's name", name.value),
                "choose another name",
            );
        }
        if name.value.starts_with(|c: char| !c.is_ascii_alphabetic() && c != '_') {
            section.error(
                Code::BadName,
                name.place,
                format!("`{}` means a day or a shift in moments, so no calendar can have it", name.value),
                "begin the name with a letter",
            );
        }
        names.define(name, calendar(name.value, &section).map(Arc::new), context.found);
    }
    names
}

fn calendar(name: &str, section: &Section<'_, '_>) -> Option<Calendar> {
    if section.get("dates").is_none() {
        section.missing("dates", "write `dates = [2026-11-26, 2026-12-25]`");
    }
    let dates = section.dates("dates");
    let valid_until = section.date("valid_until");
    let dates = dates?;
    if dates.is_empty {
        section.error(
            Code::EmptySet,
            dates.place,
            "the calendar has no dates",
            "list its dates, or remove the calendar",
        );
    }
    // where no date can be read, that is reported
    let last = dates.items.iter().map(|date| date.value).max()?;
    let valid_until = match valid_until {
        None => last,
        Some(until) => {
            for late in dates.items.iter().filter(|date| date.value > until.value) {
                section.found.push(
                    Diagnostic::error(Code::Contradiction, format!("`{}` is later than `valid_until`", late.value))
                        .at(late.place)
                        .related(until.place, "valid until here")
                        .help("move `valid_until` to the last day that the list covers"),
                );
            }
            until.value
        }
    };
    let mut sorted: Vec<_> = dates.items.iter().collect();
    sorted.sort_by_key(|date| (date.value, date.place.start));
    for pair in sorted.windows(2) {
        if let [first, second] = pair
            && first.value == second.value
        {
            section.found.push(
                Diagnostic::error(Code::DuplicateName, format!("`{}` appears twice in the calendar", second.value))
                    .at(second.place)
                    .related(first.place, "first here")
                    .help("remove one"),
            );
        }
    }
    Some(Calendar { name: name.to_owned(), dates: sorted.into_iter().map(|date| date.value).collect(), valid_until })
}

pub(super) fn regions(context: &Context<'_>, roots: &[Section<'_, '_>], calendars: &Names<Calendar>) -> Names<Region> {
    let mut names = Names::new("region");
    for (name, section) in roots.iter().flat_map(|root| root.named("regions", "a region", &REGION_KEYS)) {
        let region = region(context, name.value, &section, calendars).map(Arc::new);
        names.define(name, region, context.found);
    }
    names
}

fn region(context: &Context<'_>, name: &str, section: &Section<'_, '_>, calendars: &Names<Calendar>) -> Option<Region> {
    if section.get("timezones").is_none() {
        section.missing("timezones", "write `timezones = [\"America/New_York\", \"America/Los_Angeles\"]`");
    }
    let zones = section.strings("timezones");
    if let Some(zones) = &zones {
        section.report_empty("timezones", zones, "name at least one, such as `Europe/Berlin`");
    }
    let named = section.filled_strings("holidays").map_or_else(Vec::new, |list| list.items);
    let holidays = calendars.resolve_all(&named, context.found).items;
    let closed = closed_on_holidays(section);
    let closed_holidays = closed.map(|place| {
        let place_of =
            |calendar: &Calendar| named.iter().find(|one| one.value == calendar.name).map_or(place, |one| one.place);
        let calendars = holidays.iter().map(|calendar| (Arc::clone(calendar), place_of(calendar))).collect();
        ClosedHolidays { calendars, place }
    });
    let core_hours = section.strings("core_hours").map(|list| {
        let help = "write `core_hours = [\"Mon-Fri 08:00-18:00\"]`, or remove it";
        section.report_empty("core_hours", &list, help);
        // where all of the day is closed, the hours on it are too
        let holidays = if closed.is_some() { Vec::new() } else { holidays };
        CoreHours { rule: Rule::Hours { hours: context.hours(&list.items), holidays }, place: list.place }
    });
    let has = |key: &str| section.get(key).is_some();
    if has("holidays") && !has("core_hours") && !has("on_holidays") {
        section.error(
            Code::Contradiction,
            section.place_of("holidays"),
            "`holidays` without `core_hours` have nothing to drop",
            "add `core_hours`, or `on_holidays = \"closed\"` if nobody may deploy on them, or remove `holidays`",
        );
    }
    let zones = zones?.items;
    let (zones, zone_places) =
        zones.iter().filter_map(|name| Some((context.zone_of_hours(*name)?, name.place))).unzip();
    Some(Region { name: name.to_owned(), place: section.place, zones, zone_places, core_hours, closed_holidays })
}

/// Returns where a region says that it is closed on holidays, if it does.
fn closed_on_holidays(section: &Section<'_, '_>) -> Option<Place> {
    let text = section.string("on_holidays")?;
    if section.get("holidays").is_none() {
        let help = "name the calendars in `holidays`, or remove `on_holidays`";
        section.error(Code::Contradiction, text.place, "`on_holidays` needs `holidays` in the same region", help);
    }
    match text.value {
        "closed" => Some(text.place),
        "open" => {
            if section.get("core_hours").is_none() {
                let help = "write `closed`, or remove it: without `core_hours`, holidays are open anyway";
                section.error(
                    Code::Contradiction,
                    text.place,
                    "`on_holidays = \"open\"` needs `core_hours` in the same region",
                    help,
                );
            }
            None
        }
        _ => {
            section.error(
                Code::BadValue,
                text.place,
                format!("`on_holidays` can't be `{}`", text.value),
                "write `closed` if nobody may deploy on holidays, or `open` if no core hours start on them",
            );
            None
        }
    }
}
