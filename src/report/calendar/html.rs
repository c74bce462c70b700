//! The calendar as a page: one file self-contained, without scripts, for a phone, a screen and paper.

use std::collections::BTreeSet;

use crate::calendar::days::{DAY, LocalDay, Period};
use crate::calendar::{EnvironmentTimetable, Lane, LaneWindow};
use crate::decision::FindingCode;
use crate::escape::{markup, xml};
use crate::policy::duration::{hours, in_full};
use crate::report::calendar::palette::{name_of, properties, rules};
use crate::report::calendar::{
    CalendarView, LaneMark, Strip, ahead, between, cities, clock, lane_label, needs, only, short_date, strips, title,
    window_rows, within,
};
use crate::report::clock::last_start;
use crate::time::instant::Instant;
use crate::time::intervals::{Interval, Intervals};
use crate::time::seconds::Seconds;
use crate::time::zone::{RELEASE, TimeError};

/// The most spans and slots that are printed; further ones are folded.
const TOLD: usize = 5;
/// The narrowest part of a bar that has room for a letter.
const ROOM: Seconds = Seconds::minutes(90);

/// The page.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown.
pub fn html(view: &CalendarView<'_>) -> Result<String, TimeError> {
    let days = view.days()?;
    let when = markup(&view.when()?).into_owned();
    let mut body = format!(
        "<a class=\"skip\" href=\"#calendar\">to the calendar</a>\n<header>\n<h1>Change calendar</h1>\n<p>{when}</p>\n"
    );
    let narrowed = view.narrowed();
    if !narrowed.is_empty() {
        body.push_str(&format!("<p>only {}</p>\n", markup(&narrowed)));
    }
    body.push_str(&format!(
        "<p class=\"quiet\">A change may start while it is open: it and its settling end before the next window. Made {}.</p>\n",
        markup(&clock(view.zone, view.now, false)?)
    ));
    body.push_str("</header>\n<nav aria-label=\"Environments\">\n<ul>\n");
    for (place, one) in view.timetable.environments.iter().enumerate() {
        body.push_str(&format!("<li><a href=\"#e{place}\">{}</a></li>\n", markup(&one.environment.name)));
    }
    body.push_str("</ul>\n</nav>\n<main id=\"calendar\">\n");
    for (place, one) in view.timetable.environments.iter().enumerate() {
        body.push_str(&environment(view, &days, place, one)?);
    }
    body.push_str("</main>\n<footer>\n");
    for file in view.sources.files() {
        body.push_str(&format!(
            "<p>policy <code>{}</code>, SHA-256 <code>{}</code></p>\n",
            markup(&file.path),
            file.sha256_hex()
        ));
    }
    body.push_str(&format!(
        "<p>time zone database {}; freezegate {}</p>\n</footer>\n",
        RELEASE.name,
        env!("CARGO_PKG_VERSION")
    ));
    let style = format!(
        ":root{{color-scheme:light dark;{}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}\n{}{}",
        properties(false),
        properties(true),
        rules(),
        include_str!("page.css")
    );
    let head = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n<title>Change calendar, {when}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
    );
    Ok(xml(&format!("{head}{body}</body>\n</html>\n")).into_owned())
}

fn environment(
    view: &CalendarView<'_>,
    days: &[LocalDay],
    place: usize,
    one: &EnvironmentTimetable,
) -> Result<String, TimeError> {
    let span = view.timetable.span;
    let mut text = format!(
        "<section id=\"e{place}\" aria-labelledby=\"h{place}\">\n<h2 id=\"h{place}\">{}</h2>\n",
        markup(&one.environment.name)
    );
    if one.lanes.iter().all(Lane::is_free) {
        text.push_str("<p>Open throughout: no window closes it in this time.</p>\n</section>\n");
        return Ok(text);
    }
    let everywhere = if one.lanes.len() > 1 { " to all regions at once" } else { "" };
    let open = &one.open_everywhere;
    text.push_str(&format!("<p>Open {} h of {} h{everywhere}.</p>\n", hours(open.seconds()), hours(span.seconds())));
    if let Some(needs) = needs(&one.environment) {
        text.push_str(&format!("<p>Needed before the next window: {needs}.</p>\n"));
    }
    let strips = strips(one, span);
    text.push_str(&key(&strips));
    if view.period == Period::Year {
        text.push_str(
            "<p class=\"quiet\">Each column is a day, from midnight at its top to midnight at its bottom.</p>\n",
        );
    }
    text.push_str("<div class=\"lanes\">\n");
    // all regions together first, where there are several
    let lanes = one.lanes.iter().map(Some).chain([None]);
    let mut charts: Vec<(&Strip, Option<&Lane>)> = strips.iter().zip(lanes).collect();
    charts.sort_by_key(|(_, lane)| lane.is_some());
    for (strip, lane) in charts {
        text.push_str(&match view.period {
            Period::Week | Period::Month => by_day(view, days, strip, lane)?,
            Period::Year => by_month(view, days, strip),
        });
    }
    text.push_str("</div>\n<h3>What closes it</h3>\n<ul class=\"windows\">\n");
    for (lanes, window) in window_rows(one) {
        text.push_str(&window_item(view, one, &lanes, window)?);
    }
    text.push_str(&format!("</ul>\n<h3>When it is open{everywhere}</h3>\n"));
    text.push_str(&slots(view, open)?);
    text.push_str("</section>\n");
    Ok(text)
}

/// Returns what the colours and letters stand for.
fn key(strips: &[Strip]) -> String {
    let marks: BTreeSet<LaneMark> = strips.iter().flat_map(|strip| &strip.marks).map(|(mark, _)| *mark).collect();
    let items = marks.iter().rev().map(|mark| {
        let letter =
            if *mark == LaneMark::OPEN { "&#160;".to_owned() } else { markup(&mark.letter.to_string()).into_owned() };
        format!("<li><span class=\"chip {}\">{letter}</span>{}</li>\n", name_of(*mark), markup(&mark.meaning()))
    });
    format!("<ul class=\"key\" aria-label=\"Colours and letters\">\n{}</ul>\n", items.collect::<String>())
}

fn caption(strip: &Strip) -> String {
    match strip.label.as_str() {
        "" => "every region".to_owned(),
        "all" => "all regions at once".to_owned(),
        name => name.to_owned(),
    }
}

/// A part of a day, in hundredths of percents of its width.
fn hundredths(part: Seconds) -> i64 {
    part.get().saturating_mul(10_000).checked_div(DAY.get()).unwrap_or(0)
}

fn percent_text(hundredths: i64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// A time of a day, since midnight, as percents of its width.
fn percent(time: Seconds) -> String {
    percent_text(hundredths(time))
}

/// The width of a span of a day, which ends where the next one begins.
fn width(span: &Interval<Seconds>) -> String {
    percent_text(hundredths(span.until).saturating_sub(hundredths(span.from)))
}

/// A bar for each day, from midnight to midnight.
fn by_day(view: &CalendarView<'_>, days: &[LocalDay], strip: &Strip, lane: Option<&Lane>) -> Result<String, TimeError> {
    let mut text = format!(
        "<figure>\n<figcaption>{}</figcaption>\n<div class=\"row\" aria-hidden=\"true\"><span class=\"label\"></span><div class=\"scale\">",
        markup(&caption(strip))
    );
    for hour in [0, 6, 12, 18, 24] {
        text.push_str(&format!("<span style=\"left:{}\">{hour:02}</span>", percent(Seconds::hours(hour))));
    }
    text.push_str("</div></div>\n");
    for day in days {
        text.push_str(&format!(
            "<div class=\"row\"><span class=\"label\">{}</span><div class=\"bar open\">",
            short_date(day.date)
        ));
        let here = Intervals::union(vec![day.span]);
        let shown = Intervals::union(day.on_clock(&here));
        for gap in shown.complement(Interval { from: Seconds::ZERO, until: DAY }).as_slice() {
            text.push_str(&format!(
                "<span class=\"gap\" style=\"left:{};width:{}\" title=\"the clock skips this\"></span>",
                percent(gap.from),
                width(gap)
            ));
        }
        // the gravest last, so that it covers what the clock shows twice
        for (mark, spans) in strip.marks.iter().rev().filter(|(mark, _)| *mark != LaneMark::OPEN) {
            for piece in spans.intersection(&here).as_slice() {
                for on_clock in day.on_clock(&Intervals::union(vec![*piece])) {
                    let letter = if on_clock.until - on_clock.from >= ROOM {
                        markup(&mark.letter.to_string()).into_owned()
                    } else {
                        String::new()
                    };
                    text.push_str(&format!(
                        "<span class=\"{}\" style=\"left:{};width:{}\" title=\"{}\">{letter}</span>",
                        name_of(*mark),
                        percent(on_clock.from),
                        width(&on_clock),
                        markup(&tip(view, lane, piece.from)?)
                    ));
                }
            }
        }
        if let Some(now) = day.clock_at(view.now) {
            text.push_str(&format!("<span class=\"now\" style=\"left:{}\" title=\"now\"></span>", percent(now)));
        }
        text.push_str("</div></div>\n");
    }
    text.push_str("</figure>\n");
    Ok(text)
}

/// Returns the text about a span by whoever points at it: until when, why and by which lines.
fn tip(view: &CalendarView<'_>, lane: Option<&Lane>, second: Instant) -> Result<String, TimeError> {
    let Some((lane, stretch)) = lane.and_then(|lane| Some((lane, lane.at(second)?))) else {
        return Ok("closed in a region".to_owned());
    };
    let windows = stretch.windows.iter().filter_map(|place| lane.windows.get(*place));
    let windows: Vec<String> = windows
        .map(|window| format!("{} ({}), {}", title(window), window.level.as_str(), view.sources.cite(window.place)))
        .collect();
    Ok(format!("{} {}: {}", between(view, stretch.span)?, stretch.state.as_str(), windows.join("; ")))
}

/// A chart for each month: a day a column, from midnight above to midnight below.
fn by_month(view: &CalendarView<'_>, days: &[LocalDay], strip: &Strip) -> String {
    let mut text = format!(
        "<figure>\n<figcaption>{}</figcaption>\n<div class=\"row\" aria-hidden=\"true\"><span class=\"label\"></span><div class=\"scale\">",
        markup(&caption(strip))
    );
    for day in [1, 5, 10, 15, 20, 25, 31] {
        // the middle of its column
        let left = Seconds::new(DAY.get() * (i64::from(day) * 2 - 1) / 62);
        text.push_str(&format!("<span style=\"left:{}\">{day}</span>", percent(left)));
    }
    text.push_str("</div></div>\n");
    for month in days.chunk_by(|one, other| one.date.month() == other.date.month()) {
        let Some(name) = month.first().map(|day| day.date.strftime("%b %Y").to_string()) else {
            continue;
        };
        text.push_str(&format!("<div class=\"row\"><span class=\"label\">{name}</span><svg class=\"month\" viewBox=\"0 0 31 1440\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{name}\">"));
        // the gravest last
        for (mark, spans) in strip.marks.iter().rev() {
            let mut path = String::new();
            for day in month {
                for on_clock in day.on_clock(spans) {
                    let from = on_clock.from.get() / 60;
                    let minutes = (on_clock.until.get().saturating_add(59) / 60).saturating_sub(from);
                    path.push_str(&format!("M{} {from}h1v{minutes}h-1z", day.date.day() - 1));
                }
            }
            if !path.is_empty() {
                text.push_str(&format!("<path class=\"{}\" d=\"{path}\"/>", name_of(*mark)));
            }
        }
        let lines: String = (1..31).map(|day| format!("M{day} 0v1440")).collect();
        text.push_str(&format!("<path class=\"grid\" d=\"{lines}\"/>"));
        if let Some(today) = month.iter().find(|day| day.span.contains(view.now)) {
            text.push_str(&format!("<path class=\"today\" d=\"M{} 0h1v1440h-1z\"/>", today.date.day() - 1));
        }
        text.push_str("</svg></div>\n");
    }
    text.push_str("</figure>\n");
    text
}

/// A window: what it is, where, why, by which line, and when.
fn window_item(
    view: &CalendarView<'_>,
    one: &EnvironmentTimetable,
    lanes: &[&Lane],
    window: &LaneWindow,
) -> Result<String, TimeError> {
    let mark = LaneMark::of(window);
    let mut text = format!(
        "<li><span class=\"chip {}\">{}</span><strong>{}</strong>, {}",
        name_of(mark),
        mark.letter,
        markup(&title(window)),
        window.level.as_str()
    );
    if lanes.len() < one.lanes.len() {
        let regions = lanes.iter().map(|lane| lane_label(lane)).collect::<Vec<_>>().join(", ");
        text.push_str(&format!(", in {}", markup(&regions)));
    }
    if let Some(only) = only(window) {
        text.push_str(&format!(", {}", markup(&only)));
    }
    if let Some(reason) = &window.reason {
        text.push_str(&format!("<div>{}</div>", markup(reason)));
    }
    let cities = markup(&cities(window)).into_owned();
    text.push_str(&format!(
        "<div class=\"quiet\">{} ({cities}), <code>{}</code></div>",
        markup(&window.text),
        markup(&view.sources.cite(window.place))
    ));
    let spans: Vec<Interval> = within(window, view.timetable.span).collect();
    let told = |spans: &[Interval]| spans.iter().map(|span| between(view, *span)).collect::<Result<Vec<_>, _>>();
    if spans.len() <= TOLD && window.code != FindingCode::CoreHours {
        text.push_str(&format!("<div>{}</div>", markup(&told(&spans)?.join("; "))));
    } else {
        text.push_str(&format!("<details><summary>{} times</summary><ul class=\"times\">", spans.len()));
        for span in told(&spans)? {
            text.push_str(&format!("<li>{}</li>", markup(&span)));
        }
        text.push_str("</ul></details>");
    }
    text.push_str("</li>\n");
    Ok(text)
}

/// Returns when it is open.
fn slots(view: &CalendarView<'_>, open: &Intervals) -> Result<String, TimeError> {
    let item = |slot: &Interval| -> Result<String, TimeError> {
        let from = clock(view.zone, slot.from, false)?;
        let end = match last_start(slot.until) {
            Some(last) => format!("last start {}", clock(view.zone, last, false)?),
            None => format!("to {}", clock(view.zone, slot.until, true)?),
        };
        Ok(format!(
            "<li>{} ({})</li>\n",
            markup(&format!("{from}, {end}")),
            in_full(slot.seconds().saturating_sub(Seconds::new(1)).max(Seconds::new(1)))
        ))
    };
    let list = |slots: &[Interval]| slots.iter().map(item).collect::<Result<String, TimeError>>();
    let when = if open.as_slice().is_empty() { "Not" } else { "No more" };
    let open = ahead(view, open);
    let (first, rest) = open.split_at_checked(2 * TOLD).unwrap_or((open, &[]));
    if first.is_empty() {
        return Ok(format!("<p>{when} in this {}.</p>\n", view.period.as_str()));
    }
    let mut text = format!("<ul class=\"times\">\n{}</ul>\n", list(first)?);
    if !rest.is_empty() {
        text.push_str(&format!(
            "<details><summary>{} more</summary>\n<ul class=\"times\">\n{}</ul>\n</details>\n",
            rest.len(),
            list(rest)?
        ));
    }
    Ok(text)
}
