//! The calendar for people at a terminal: a map of letters, what they stand for, and when every region is open.

use std::collections::BTreeSet;

use textwrap::core::display_width;

use crate::calendar::days::{LocalDay, Period, cells};
use crate::calendar::{EnvironmentTimetable, LaneWindow};
use crate::decision::FindingCode;
use crate::escape::{for_terminal, styled_lines};
use crate::policy::duration::{hours, in_full};
use crate::report::calendar::{
    CalendarView, LaneLook, LaneMark, Strip, ahead, between, cities, clock, labels, lane_label, named, needs,
    short_date, strips, window_rows, within, words,
};
use crate::report::clock::last_start;
use crate::report::rows::{ALLOWED, PrintedItem, QUIET, REFUSED, WARNING, text as rows_text};
use crate::time::intervals::Intervals;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// The most slots and spans that are listed one by one.
const MOST_SLOTS: usize = 14;
const MOST_SPANS: usize = 3;
/// The widest that the name of a row gets.
const WIDEST_NAME: usize = 16;
/// The columns of a date.
const DATE: usize = 10;

/// For people, from 60 columns on.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown.
pub fn text(view: &CalendarView<'_>, width: usize) -> Result<String, TimeError> {
    let days = view.days()?;
    let mut parts = Vec::new();
    let mut entries = Vec::new();
    let narrowed = view.narrowed();
    let rest = if narrowed.is_empty() { view.when()? } else { format!("{}; {narrowed}", view.when()?) };
    let first = format!("{}: ", view.period.as_str());
    entries.push(PrintedItem::Heading { style: QUIET, first, rest: for_terminal(&rest).into_owned(), cite: None });
    for environment in &view.timetable.environments {
        let name = for_terminal(&environment.environment.name).into_owned();
        entries.push(PrintedItem::Gap);
        let is_free = environment.lanes.iter().all(|lane| lane.is_free());
        if is_free {
            let rest = format!("open throughout{}", in_regions(environment));
            entries.push(PrintedItem::Heading { style: ALLOWED, first: format!("{name}: "), rest, cite: None });
            continue;
        }
        let open = environment.open_everywhere.seconds();
        let all = if environment.lanes.len() > 1 { " to all regions at once" } else { "" };
        let rest = format!(
            "open {} h of {} h{all}{}",
            hours(open),
            hours(view.timetable.span.seconds()),
            in_regions(environment)
        );
        entries.push(PrintedItem::Heading { style: QUIET, first: format!("{name}: "), rest, cite: None });
        parts.push(rows_text(&std::mem::take(&mut entries), width));
        let strips = strips(environment, view.timetable.span);
        parts.push(match view.period {
            Period::Week => by_day(view, &days, &strips, width),
            Period::Month => side_by_side(view, &days, &strips, width),
            Period::Year => by_month(view, &days, &strips),
        });
        below(view, environment, &strips, &mut entries)?;
    }
    parts.push(rows_text(&entries, width));
    Ok(styled_lines(&parts.concat()))
}

/// The regions of an environment whose rows have no names.
fn in_regions(environment: &EnvironmentTimetable) -> String {
    match environment.lanes.as_slice() {
        [only] if !only.regions.is_empty() => format!(" in {}", for_terminal(&lane_label(only))),
        _ => String::new(),
    }
}

/// What stands below a map: the letters, the windows, the slots.
fn below(
    view: &CalendarView<'_>,
    environment: &EnvironmentTimetable,
    strips: &[Strip],
    entries: &mut Vec<PrintedItem>,
) -> Result<(), TimeError> {
    let mut row = |label: &str, text: String, cite: Option<String>| {
        entries.push(PrintedItem::Row { label: label.to_owned(), text, cite });
    };
    let mut marks: BTreeSet<LaneMark> =
        strips.iter().flat_map(|strip| strip.marks.iter()).map(|(mark, _)| *mark).collect();
    if view.period == Period::Year {
        marks.insert(LaneMark::PARTLY);
        // a day is not distinguished by minutes
        marks.remove(&LaneMark::TOO_LATE);
    }
    let mut told: Vec<String> = Vec::new();
    for mark in marks.iter().rev() {
        told.push(format!("{} {}", mark.letter, mark.meaning()).replace(' ', "\u{a0}"));
    }
    row("letters", told.join(",  "), None);
    if let Some(needs) = needs(&environment.environment) {
        row("needs", needs, None);
    }
    for (lanes, window) in window_rows(environment) {
        let whose =
            if lanes.len() == environment.lanes.len() { String::new() } else { format!("{}: ", labels(&lanes)) };
        let letter = LaneMark::of(window).letter.to_string();
        let cite = Some(view.sources.cite(window.place));
        if !matches!(window.code, FindingCode::Freeze | FindingCode::StaleCalendar) {
            let rule = format!("{} {}", window.text, cities(window));
            row(&letter, for_terminal(&format!("{whose}{}", words(window, &rule))).into_owned(), cite);
            continue;
        }
        // the dates, then the rule behind them
        row(&letter, for_terminal(&format!("{whose}{} ({})", when(view, window)?, named(window))).into_owned(), None);
        let rule = if window.code == FindingCode::Freeze { window.text.as_str() } else { "as `valid_until` says" };
        if let Some(reason) = &window.reason {
            row("", for_terminal(reason).into_owned(), None);
        }
        row("", for_terminal(&format!("rule: {rule}")).into_owned(), cite);
    }
    let open = ahead(view, &environment.open_everywhere);
    let label = if environment.lanes.len() > 1 { "open to all" } else { "open" };
    if open.is_empty() {
        let is_over = !environment.open_everywhere.as_slice().is_empty();
        let when = if is_over { "no more" } else { "not" };
        row(label, format!("{when} in this {}", view.period.as_str()), None);
    }
    for (place, slot) in open.iter().take(MOST_SLOTS).enumerate() {
        let label = if place == 0 { label } else { "" };
        let from = clock(view.zone, slot.from, false)?;
        let end = match last_start(slot.until) {
            Some(last) => format!("last start {}", clock(view.zone, last, false)?),
            None => format!("to {}", clock(view.zone, slot.until, true)?),
        };
        row(
            label,
            format!("{from}, {end} ({})", in_full(slot.seconds().saturating_sub(Seconds::new(1)).max(Seconds::new(1)))),
            None,
        );
    }
    if open.len() > MOST_SLOTS {
        row("", format!("and {} more: `--format json` has all", open.len() - MOST_SLOTS), None);
    }
    Ok(())
}

/// Returns when a window is closed in the span.
fn when(view: &CalendarView<'_>, window: &LaneWindow) -> Result<String, TimeError> {
    let spans: Vec<_> = within(window, view.timetable.span).collect();
    let told = spans.iter().take(MOST_SPANS).map(|span| between(view, *span)).collect::<Result<Vec<_>, _>>()?;
    let more = spans.len().saturating_sub(MOST_SPANS);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    Ok(format!("{}{more}", told.join(", ")))
}

/// The gravest of the marks of a cell.
fn gravest(strip: &Strip, met: &[usize]) -> Option<LaneMark> {
    met.iter().filter_map(|place| strip.marks.get(*place)).map(|(mark, _)| *mark).min()
}

fn intervals(strip: &Strip) -> Vec<Intervals> {
    strip.marks.iter().map(|(_, spans)| spans.clone()).collect()
}

/// The letters of a day, `length` each; a cell is open only if all of it is.
fn letters(day: &LocalDay, length: Seconds, strip: &Strip) -> Vec<Option<LaneMark>> {
    cells(day, length, &intervals(strip)).into_iter().map(|met| met.and_then(|met| gravest(strip, &met))).collect()
}

/// Letters with their styles.
fn painted(marks: &[Option<LaneMark>]) -> String {
    let mut text = String::new();
    let mut rest = marks;
    while let Some(first) = rest.first() {
        let look = first.map(|mark| mark.look);
        let count = rest.iter().take_while(|mark| mark.map(|mark| mark.look) == look).count();
        let (run, after) = rest.split_at(count);
        let letters: String = run.iter().map(|mark| mark.map_or(' ', |mark| mark.letter)).collect();
        let style = match look {
            Some(LaneLook::Hard) => REFUSED,
            Some(LaneLook::Soft | LaneLook::Warned) => WARNING,
            Some(LaneLook::TooLate) => QUIET,
            Some(LaneLook::Open) => ALLOWED,
            None => anstyle::Style::new(),
        };
        text.push_str(&format!("{style}{letters}{style:#}"));
        rest = after;
    }
    text
}

/// `name`, cut to `width` columns and filled up to it.
fn padded(name: &str, width: usize) -> String {
    let mut text = for_terminal(name).into_owned();
    if display_width(&text) > width {
        while display_width(&text) + 1 > width && text.pop().is_some() {}
        text.push('…');
    }
    let blanks = " ".repeat(width.saturating_sub(display_width(&text)));
    format!("{text}{blanks}")
}

/// `00    03    06`: every third hour, `per_hour` columns each.
fn scale(per_hour: usize) -> String {
    (0..8).map(|third| format!("{:<width$}", format!("{:02}", third * 3), width = 3 * per_hour)).collect()
}

/// A line with nothing at its end.
fn line(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

/// For each day a row for each region: half an hour a column, or finer where there is room.
fn by_day(view: &CalendarView<'_>, days: &[LocalDay], strips: &[Strip], width: usize) -> String {
    let widest = strips.iter().map(|strip| display_width(&for_terminal(&strip.label))).max().unwrap_or(0);
    let name = if strips.len() > 1 { widest.min(WIDEST_NAME) + 1 } else { 0 };
    let before = DATE + 1 + name;
    let per_hour = (width.saturating_sub(before) / 24).clamp(1, 4);
    const HOUR: Seconds = Seconds::hours(1);
    let length = HOUR.checked_div(i64::try_from(per_hour).unwrap_or(1)).unwrap_or(HOUR);
    let mut text = line(&format!("{}{}", " ".repeat(before), scale(per_hour)));
    for day in days {
        for (place, strip) in strips.iter().enumerate() {
            let date = if place == 0 { short_date(day.date) } else { String::new() };
            let name = if strips.len() > 1 { format!("{} ", padded(&strip.label, name - 1)) } else { String::new() };
            text.push_str(&line(&format!("{date:<DATE$} {name}{}", painted(&letters(day, length, strip)))));
        }
        if let Some(clock) = day.clock_at(view.now) {
            let column = before + usize::try_from(clock.get().div_euclid(length.get())).unwrap_or(0);
            let now = format!("now {:02}:{:02}", clock.get() / 3600, clock.get() % 3600 / 60);
            text.push_str(&line(&if column + 2 + now.len() <= width.max(60) {
                format!("{}^ {now}", " ".repeat(column))
            } else {
                format!("{}{now} ^", " ".repeat(column.saturating_sub(now.len() + 1)))
            }));
        }
    }
    text
}

/// For each day a row, an hour a column, as many regions beside each other as have room.
fn side_by_side(view: &CalendarView<'_>, days: &[LocalDay], strips: &[Strip], width: usize) -> String {
    let room = (width.saturating_sub(DATE + 1) / 25).max(1);
    let mut text = String::new();
    for some in strips.chunks(room) {
        let names = some.iter().map(|strip| format!("{} ", padded(&strip.label, 24)));
        if strips.len() > 1 {
            text.push_str(&line(&format!("{}{}", " ".repeat(DATE + 1), names.collect::<String>())));
        }
        let scales: String = some.iter().map(|_| format!("{} ", scale(1))).collect();
        text.push_str(&line(&format!("{}{scales}", " ".repeat(DATE + 1))));
        for day in days {
            let maps: String =
                some.iter().map(|strip| format!("{} ", painted(&letters(day, Seconds::hours(1), strip)))).collect();
            let now = if day.span.contains(view.now) { "< now" } else { "" };
            text.push_str(&line(&format!("{:<DATE$} {maps}{now}", short_date(day.date))));
        }
    }
    text
}

/// For each region a row for each month, a day a column.
fn by_month(view: &CalendarView<'_>, days: &[LocalDay], strips: &[Strip]) -> String {
    let mut text = String::new();
    for strip in strips {
        if strips.len() > 1 {
            text.push_str(&line(&format!("  {}", padded(&strip.label, 40))));
        }
        let scale: String = (1..=6).map(|five| format!("{:>5}", five * 5)).collect();
        text.push_str(&line(&format!("{}{}", " ".repeat(DATE + 1), scale)));
        let intervals = intervals(strip);
        for month in days.chunk_by(|one, other| one.date.month() == other.date.month()) {
            let Some(first) = month.first() else {
                continue;
            };
            let mut marks: Vec<Option<LaneMark>> = vec![None; usize::try_from(first.date.day() - 1).unwrap_or(0)];
            for day in month {
                let met: Vec<usize> = (0..)
                    .zip(&intervals)
                    .filter(|(_, spans)| !day.on_clock(spans).is_empty())
                    .map(|(place, _)| place)
                    .collect();
                let all: Vec<LaneMark> =
                    met.iter().filter_map(|place| strip.marks.get(*place)).map(|(mark, _)| *mark).collect();
                let is_open = all.iter().any(|mark| mark.look >= LaneLook::Warned);
                let is_closed = all.iter().any(|mark| mark.look < LaneLook::Warned);
                marks.push(if is_open && is_closed { Some(LaneMark::PARTLY) } else { gravest(strip, &met) });
            }
            let today = month.iter().find(|day| day.span.contains(view.now));
            let now = today.map_or_else(String::new, |day| format!("  < today: {}", day.date.day()));
            let name = first.date.strftime("%b %Y").to_string();
            text.push_str(&line(&format!("{name:<DATE$} {}{now}", painted(&marks))));
        }
    }
    text
}
