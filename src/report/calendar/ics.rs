//! The calendar for calendar programs: iCalendar ([RFC 5545](https://www.rfc-editor.org/rfc/rfc5545)), an event for each closed span.
//!
//! Instants are in UTC, so that no program has to know the zones. An event keeps its `UID` as long as the policy has the window, however
//! often and from whatever day the calendar is made. Nobody is busy because of one.

use sha2::{Digest, Sha256};

use crate::calendar::{EnvironmentTimetable, Lane, LaneWindow};
use crate::escape::ics::{ics_text, push_ics_line};
use crate::hex::hex;
use crate::policy::Level;
use crate::report::calendar::{CalendarView, ends, labels, needs, title, window_rows, within, words};
use crate::report::environment_in;
use crate::time::instant::Instant;
use crate::time::intervals::Interval;
use crate::time::zone::TimeError;

/// The events of the calendar.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown.
pub fn ics(view: &CalendarView<'_>) -> Result<String, TimeError> {
    let mut text = String::new();
    for (name, value) in [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", concat!("-//freezegate//freezegate ", env!("CARGO_PKG_VERSION"), "//EN")),
        ("CALSCALE", "GREGORIAN"),
        ("NAME", "Change freezes"),
        ("X-WR-CALNAME", "Change freezes"),
        ("REFRESH-INTERVAL;VALUE=DURATION", "PT12H"),
    ] {
        push_ics_line(&mut text, name, value);
    }
    let stamp = basic(view.now)?;
    let mut is_empty = true;
    for environment in &view.timetable.environments {
        for (lanes, window) in window_rows(environment) {
            for span in within(window, view.timetable.span) {
                is_empty = false;
                event(&mut text, &of_window(view, environment, &lanes, window, span), span, &stamp)?;
            }
        }
    }
    if is_empty {
        // a calendar has at least one component (RFC 5545, section 3.6)
        let names: Vec<&str> = view.timetable.environments.iter().map(|one| one.environment.name.as_str()).collect();
        let event_text = EventText {
            identity: format!("open throughout {}", names.join(" ")),
            summary: format!("{} open throughout", names.join(", ")),
            description: "no window of the policy closes in this time".to_owned(),
            category: "open",
        };
        event(&mut text, &event_text, view.timetable.span, &stamp)?;
    }
    push_ics_line(&mut text, "END", "VCALENDAR");
    Ok(text)
}

/// The content of an event.
struct EventText {
    /// The identity that makes it the same event tomorrow.
    identity: String,
    summary: String,
    description: String,
    category: &'static str,
}

fn of_window(
    view: &CalendarView<'_>,
    environment: &EnvironmentTimetable,
    lanes: &[&Lane],
    window: &LaneWindow,
    span: Interval,
) -> EventText {
    let regions: Vec<&str> = lanes.iter().flat_map(|lane| &lane.regions).map(|region| region.name.as_str()).collect();
    let place = environment_in(&environment.environment, &regions);
    let verb = if window.level == Level::Warn { "warns" } else { "closed" };
    let mut lines = vec![words(window, &window.text), format!("policy: {}", view.sources.cite(window.place))];
    if let Some(needs) = needs(&environment.environment).filter(|_| window.level.refuses()) {
        lines.push(format!("start a change earlier than this: it takes {needs}"));
    }
    // the start of what is laid out is another one each day
    let begin = ends(view, span).0.map_or_else(|| "before".to_owned(), |from| from.as_second().to_string());
    EventText {
        identity: format!("{}\n{}\n{}\n{begin}", environment.environment.name, labels(lanes), window.id),
        summary: format!("{place} {verb}: {}", title(window)),
        description: lines.join("\n"),
        category: window.code.as_str(),
    }
}

fn event(text: &mut String, said: &EventText, span: Interval, stamp: &str) -> Result<(), TimeError> {
    let mut digest = hex(&Sha256::digest(&said.identity));
    digest.truncate(32);
    push_ics_line(text, "BEGIN", "VEVENT");
    push_ics_line(text, "UID", &format!("{digest}@freezegate"));
    push_ics_line(text, "DTSTAMP", stamp);
    push_ics_line(text, "DTSTART", &basic(span.from)?);
    push_ics_line(text, "DTEND", &basic(span.until)?);
    push_ics_line(text, "SUMMARY", &ics_text(&said.summary));
    push_ics_line(text, "DESCRIPTION", &ics_text(&said.description));
    push_ics_line(text, "CATEGORIES", said.category);
    push_ics_line(text, "TRANSP", "TRANSPARENT");
    push_ics_line(text, "END", "VEVENT");
    Ok(())
}

/// `20261126T000000Z`.
fn basic(second: Instant) -> Result<String, TimeError> {
    let instant = second.timestamp()?;
    Ok(instant.strftime("%Y%m%dT%H%M%SZ").to_string())
}
