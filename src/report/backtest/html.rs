//! A backtest as a page: one file self-contained, without scripts, for a phone, a screen and paper.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::backtest::tally::Toll;
use crate::escape::{markup, xml};
use crate::policy::Kind;
use crate::policy::duration::{hours, spoken};
use crate::report::backtest::text::{changes, clock, day, held_cells, number, percent, tenths};
use crate::report::backtest::{BacktestView, incident_counts, incident_text, title};
use crate::report::calendar::palette::{properties, rules};
use crate::time::seconds::Seconds;
use crate::time::zone::{RELEASE, TimeError};

/// The most changes with the longest waits that are shown.
const TOLD: usize = 20;
/// The number of bars that a chart has at most before they stand for longer times.
const MOST_BARS: usize = 120;

/// The page.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown.
pub fn html(view: &BacktestView<'_>) -> Result<String, TimeError> {
    let tally = &view.judged.tally;
    let when = match tally.ends {
        Some((first, last)) => format!(", {} to {}", day(view, first)?, day(view, last)?),
        None => String::new(),
    };
    let what = format!("{} of {}{when}", changes(tally.all.changes), view.history.name);
    let what = markup(&what).into_owned();
    let mut body = format!("<header>\n<h1>Backtest</h1>\n<p>{what}</p>\n");
    if view.history.sort.dates_are_claims() {
        body.push_str("<p class=\"quiet\">Dates are what the history claims; no gate wrote them.</p>\n");
    }
    body.push_str("</header>\n<main>\n");
    body.push_str(&numbers(view)?);
    body.push_str(&over_time(view)?);
    body.push_str(&batches(view)?);
    body.push_str(&by_window(view));
    for (heading, tolls) in [
        ("By environment", view.environment_tolls()),
        ("By region", view.region_tolls()),
        (
            "By kind",
            view.kind_tolls().into_iter().map(|(kind, toll)| (kind.map_or("none known", Kind::as_str), toll)).collect(),
        ),
    ] {
        body.push_str(&by_name(heading, &tolls));
    }
    body.push_str(&longest_waits(view)?);
    body.push_str(&incidents(view)?);
    body.push_str(&rest(view));
    body.push_str("</main>\n<footer>\n");
    for file in view.policy.sources.files() {
        let (path, digest) = (markup(&file.path), file.sha256_hex());
        body.push_str(&format!("<p>policy <code>{path}</code>, SHA-256 <code>{digest}</code></p>\n"));
    }
    body.push_str(&format!(
        "<p>made {}; time zone database {}; freezegate {}</p>\n</footer>\n",
        markup(&clock(view, view.now)?),
        RELEASE.name,
        env!("CARGO_PKG_VERSION")
    ));
    let style = format!(
        ":root{{color-scheme:light dark;{}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}\n{}{}{}",
        properties(false),
        properties(true),
        rules(),
        include_str!("../calendar/page.css"),
        include_str!("page.css")
    );
    let head = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n<title>Backtest: {what}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
    );
    Ok(xml(&format!("{head}{body}</body>\n</html>\n")).into_owned())
}

/// The numbers that matter.
fn numbers(view: &BacktestView<'_>) -> Result<String, TimeError> {
    let tally = &view.judged.tally;
    let mut all = vec![(
        percent(tally.all.refused, view.reaching()),
        format!("would have been refused: {} of {}", number(tally.all.refused), changes(view.reaching())),
    )];
    if tally.all.refused > tally.all.never {
        let mean = u64::try_from(tally.all.waited.get())
            .unwrap_or(0)
            .checked_div(tally.all.refused.saturating_sub(tally.all.never));
        let mean = spoken(i64::try_from(mean.unwrap_or(0)).map_or(Seconds::MAX, Seconds::new));
        all.push((
            spoken(tally.all.longest),
            format!(
                "is the longest wait; {mean} on average, {} h all together",
                number(u64::try_from(tally.all.waited.get() / 3600).unwrap_or(0))
            ),
        ));
    }
    if let Some(most) = tally.most_at_once() {
        all.push((number(most.changes), format!("would have been held at once, before {}", clock(view, most.at)?)));
    }
    let items = all
        .iter()
        .map(|(figure, told)| format!("<li><strong>{}</strong><span>{}</span></li>\n", markup(figure), markup(told)));
    let mut text = format!("<ul class=\"numbers\">\n{}</ul>\n", items.collect::<String>());
    if tally.reach_nothing > 0 {
        text.push_str(&format!("<p>{} reach no environment.</p>\n", changes(tally.reach_nothing)));
    }
    if tally.all.never > 0 {
        let told =
            format!("{} would have been refused at any hour, or for more than 400 days.", changes(tally.all.never));
        text.push_str(&format!("<p>{told}</p>\n"));
    }
    Ok(text)
}

/// Of which length the times are that bars stand for.
#[derive(Clone, Copy)]
enum Unit {
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    fn begin(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let behind = i64::from(day.weekday().since(Weekday::Monday));
                day.checked_sub(behind.days()).unwrap_or(day)
            }
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }

    fn next(self, begin: Date) -> Date {
        let span = match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Year => 1.year(),
        };
        begin.saturating_add(span)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// Changes and refusals by day, week, month or year, whichever has few enough bars.
fn over_time(view: &BacktestView<'_>) -> Result<String, TimeError> {
    let days = view.judged.tally.days.iter().map(|(day, toll)| Ok((day.date()?, *toll)));
    let days = days.collect::<Result<BTreeMap<Date, Toll>, TimeError>>()?;
    let (Some(first), Some(last)) = (days.keys().next().copied(), days.keys().next_back().copied()) else {
        return Ok(String::new());
    };
    let length = |unit: Unit| {
        let mut count = 0_usize;
        let mut begin = unit.begin(first);
        while begin <= last && count <= MOST_BARS {
            count += 1;
            let next = unit.next(begin);
            if next == begin {
                break;
            }
            begin = next;
        }
        count
    };
    let units = [Unit::Day, Unit::Week, Unit::Month];
    let unit = units.into_iter().find(|unit| length(*unit) <= MOST_BARS).unwrap_or(Unit::Year);
    let mut bars: Vec<(Date, u64, u64)> = Vec::new();
    let mut begin = unit.begin(first);
    loop {
        let end = unit.next(begin);
        let within = days.range(begin..end.max(begin));
        let sum = within.fold((0_u64, 0_u64), |(all, refused), (_, toll)| {
            (all.saturating_add(toll.changes), refused.saturating_add(toll.refused))
        });
        bars.push((begin, sum.0, sum.1));
        if end > last || end <= begin || bars.len() > 20 * MOST_BARS {
            break;
        }
        begin = end;
    }
    let most = bars.iter().map(|(_, all, _)| *all).max().unwrap_or(0).max(1);
    // a thousand units high
    let scaled = |count: u64| count.saturating_mul(1000).checked_div(most).unwrap_or(0);
    let mut shapes = String::new();
    for (place, (begin, all, refused)) in bars.iter().enumerate() {
        let (all_high, refused_high) = (scaled(*all), scaled(*refused));
        let left = place * 10 + 1;
        let tip = format!("{begin}: {}, {} refused", changes(*all), number(*refused));
        shapes.push_str(&format!(
            "<g><title>{tip}</title><path class=\"open\" d=\"M{left} {}h8v{}h-8z\"/><path class=\"freeze\" d=\"M{left} {}h8v{refused_high}h-8z\"/></g>",
            1000 - all_high,
            all_high - refused_high,
            1000 - refused_high,
        ));
    }
    Ok(format!(
        "<section>\n<h2>Changes by {unit}</h2>\n<ul class=\"key\"><li><span class=\"chip freeze\">&#160;</span>would have been refused</li><li><span class=\"chip open\">&#160;</span>allowed</li></ul>\n<figure class=\"plot\">\n<figcaption class=\"quiet\">at most {most} in one {unit}</figcaption>\n<svg viewBox=\"0 0 {width} 1000\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"changes by {unit}, at most {most}\">{shapes}</svg>\n<div class=\"axis\"><span>{first}</span><span>{last}</span></div>\n</figure>\n</section>\n",
        unit = unit.as_str(),
        most = number(most),
        width = bars.len() * 10,
    ))
}

/// Returns how many openings had batches of which size.
fn batches(view: &BacktestView<'_>) -> Result<String, TimeError> {
    let tally = &view.judged.tally;
    let Some(largest) = tally.largest_batch() else {
        return Ok(String::new());
    };
    const SIZES: [(u64, u64); 8] = [(1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, u64::MAX)];
    let openings = u64::try_from(tally.thaws().len()).unwrap_or(u64::MAX);
    let waiting = tally.all.refused.saturating_sub(tally.all.never);
    let counted: Vec<(String, u64)> = SIZES
        .iter()
        .map(|(least, most)| {
            let name = match (*least, *most) {
                (least, most) if least == most => least.to_string(),
                (least, u64::MAX) => format!("{least} and more"),
                (least, most) => format!("{least} to {most}"),
            };
            let count = tally.thaws().filter(|thaw| (*least..=*most).contains(&thaw.changes)).count();
            (name, u64::try_from(count).unwrap_or(u64::MAX))
        })
        .collect();
    let most = counted.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let rows = counted.iter().filter(|(_, count)| *count > 0).map(|(name, count)| {
        format!(
            "<tr><th scope=\"row\">{name}</th><td>{}</td><td class=\"wide\">{}</td></tr>\n",
            number(*count),
            bar("late", *count, most)
        )
    });
    let told = format!(
        "Changes that wait together go out together: at most {} at one opening, {}; {} on average.",
        changes(largest.changes),
        clock(view, largest.at)?,
        tenths(waiting, openings)
    );
    Ok(format!(
        "<section>\n<h2>Batches at openings</h2>\n<p>{}</p>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<tr><th scope=\"col\">changes at once</th><th scope=\"col\">openings</th><td></td></tr>\n{}</table></div>\n</section>\n",
        markup(&told),
        rows.collect::<String>()
    ))
}

/// A bar as long as a part of the whole.
fn bar(class: &str, part: u64, whole: u64) -> String {
    let long = part.saturating_mul(1000).checked_div(whole).unwrap_or(0).max(u64::from(part > 0) * 4);
    format!(
        "<svg class=\"stripe\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path class=\"{class}\" d=\"M0 0h{long}v10h-{long}z\"/></svg>"
    )
}

fn longest(toll: &Toll) -> String {
    if toll.refused > toll.never { spoken(toll.longest) } else { "-".to_owned() }
}

fn by_window(view: &BacktestView<'_>) -> String {
    let tolls = view.window_tolls();
    if tolls.is_empty() {
        return String::new();
    }
    let most = tolls.iter().map(|(_, toll)| toll.refused).max().unwrap_or(0);
    let rows = tolls.iter().map(|(window, toll)| {
        let place = window.place.map(|place| view.policy.sources.cite(place));
        let reason = window.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let told = format!("{}{reason}", window.level.as_str());
        format!(
            "<tr><th scope=\"row\">{}<div class=\"quiet\">{} <code>{}</code></div></th><td>{}</td><td>{}</td><td>{}</td><td class=\"wide\">{}</td></tr>\n",
            markup(&title(window)),
            markup(&told),
            markup(&place.unwrap_or_default()),
            number(toll.refused),
            longest(toll),
            hours(toll.waited),
            bar("freeze", toll.refused, most)
        )
    });
    format!(
        "<section>\n<h2>Windows that refuse them</h2>\n<p class=\"quiet\">A change that several windows refuse counts for each.</p>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<tr><td></td><th scope=\"col\">refused</th><th scope=\"col\">longest wait</th><th scope=\"col\">hours</th><td></td></tr>\n{}</table></div>\n</section>\n",
        rows.collect::<String>()
    )
}

fn by_name(heading: &str, tolls: &[(&str, &Toll)]) -> String {
    if tolls.is_empty() {
        return String::new();
    }
    let rows = tolls.iter().map(|(name, toll)| {
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"wide\">{}</td></tr>\n",
            markup(name),
            number(toll.changes),
            number(toll.refused),
            percent(toll.refused, toll.changes),
            longest(toll),
            bar("freeze", toll.refused, toll.changes)
        )
    });
    format!(
        "<section>\n<h2>{heading}</h2>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<tr><td></td><th scope=\"col\">changes</th><th scope=\"col\">refused</th><td></td><th scope=\"col\">longest wait</th><td></td></tr>\n{}</table></div>\n</section>\n",
        rows.collect::<String>()
    )
}

fn longest_waits(view: &BacktestView<'_>) -> Result<String, TimeError> {
    let all = view.judged.tally.longest_waits();
    if all.is_empty() {
        return Ok(String::new());
    }
    let rows = all.iter().take(TOLD).map(|held| {
        let [at, wait, name, windows] = held_cells(view, held)?;
        let cells = [at, wait, name, windows].map(|cell| markup(&cell).into_owned());
        Ok(format!("<tr><td>{}</td></tr>\n", cells.join("</td><td>")))
    });
    Ok(format!(
        "<section>\n<h2>The longest waits</h2>\n<div class=\"scroll\" tabindex=\"0\"><table class=\"left\">\n<tr><th scope=\"col\">went</th><th scope=\"col\">would have waited</th><th scope=\"col\">change</th><th scope=\"col\">by</th></tr>\n{}</table></div>\n</section>\n",
        rows.collect::<Result<String, TimeError>>()?
    ))
}

fn incidents(view: &BacktestView<'_>) -> Result<String, TimeError> {
    let Some(all) = view.incidents else {
        return Ok(String::new());
    };
    let rows = all.iter().map(|judged| {
        let at = judged.at.map_or_else(|| Ok(String::new()), |at| clock(view, at))?;
        let cells =
            [judged.incident.id.clone(), at, incident_text(view, judged)].map(|cell| markup(&cell).into_owned());
        Ok(format!("<tr><td>{}</td></tr>\n", cells.join("</td><td>")))
    });
    Ok(format!(
        "<section>\n<h2>Incidents</h2>\n<p>{}.</p>\n<div class=\"scroll\" tabindex=\"0\"><table class=\"left\">\n{}</table></div>\n</section>\n",
        incident_counts(all),
        rows.collect::<Result<String, TimeError>>()?
    ))
}

/// Returns what can't be judged, and what else is to know.
fn rest(view: &BacktestView<'_>) -> String {
    let mut text = String::new();
    if view.judged.unjudged > 0 {
        let items = view
            .judged
            .first_unjudged
            .iter()
            .map(|one| format!("<li>{}: {}</li>\n", markup(&one.place), markup(&one.cause)));
        text.push_str(&format!(
            "<section>\n<h2>Not judged: {}</h2>\n<ul>\n{}</ul>\n</section>\n",
            changes(view.judged.unjudged),
            items.collect::<String>()
        ));
    }
    let notes: String = view.notes().iter().map(|note| format!("<li>{}</li>\n", markup(note))).collect();
    if !notes.is_empty() {
        text.push_str(&format!("<section>\n<h2>Notes</h2>\n<ul>\n{notes}</ul>\n</section>\n"));
    }
    text
}
