//! A backtest for people.

use crate::backtest::tally::{HeldChange, Thaw, Toll};
use crate::escape::{for_terminal, styled_lines};
use crate::policy::Kind;
use crate::policy::duration::{hours, spoken};
use crate::report::backtest::{BacktestView, incident_counts, incident_text, title};
use crate::report::clock::dated;
use crate::report::rows::{ALLOWED, QUIET, REFUSED, Rows, WARNING};
use crate::report::table::table;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// The most changes with the longest waits that are printed.
const TOLD: usize = 5;

/// For people: how many changes would have been refused, what that would have cost, by what, and what can't be judged.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown.
pub fn text(view: &BacktestView<'_>, width: usize) -> Result<String, TimeError> {
    let tally = &view.judged.tally;
    let mut rows = Rows::default();
    let claims = if view.history.sort.dates_are_claims() { "; dates are the authors' claims" } else { "" };
    let when = match tally.ends {
        Some((first, last)) => format!(", {} to {}", day(view, first)?, day(view, last)?),
        None => String::new(),
    };
    let name = for_terminal(&view.history.name);
    rows.heading(QUIET, "backtest: ", &format!("{} of {name}{when}{claims}", changes(tally.all.changes)));
    let reaching = view.reaching();
    if tally.reach_nothing > 0 {
        rows.row(
            "reach",
            &format!("{} reach an environment, {} none", number(reaching), number(tally.reach_nothing)),
            None,
        );
    }
    if tally.all.refused == 0 {
        rows.heading(ALLOWED, "refused: ", &format!("none of {}", changes(reaching)));
    } else {
        let rest = format!(
            "{} of {} ({})",
            number(tally.all.refused),
            changes(reaching),
            percent(tally.all.refused, reaching)
        );
        rows.heading(REFUSED, "refused: ", &rest);
        cost(view, &mut rows)?;
    }
    let mut text = rows.into_text(width);
    for (heading, lines) in [
        ("by window", by_window(view)),
        ("by environment", by_name(view.environment_tolls())),
        ("by region", by_name(view.region_tolls())),
        (
            "by kind",
            by_name(
                view.kind_tolls()
                    .into_iter()
                    .map(|(kind, toll)| (kind.map_or("none known", Kind::as_str), toll))
                    .collect(),
            ),
        ),
    ] {
        if lines.len() > 1 {
            text.push_str(&format!("\n{QUIET}{heading}{QUIET:#}\n"));
            text.push_str(&table(&lines, width));
        }
    }
    let longest = tally.longest_waits();
    if !longest.is_empty() {
        text.push_str(&format!("\n{QUIET}longest waits{QUIET:#}\n"));
        let has_names = longest.iter().any(|held| held.name.is_some());
        let head = ["time", "wait", "commit", "refused by"];
        let head = head.iter().filter(|name| has_names || **name != "commit").map(|name| (*name).to_owned()).collect();
        let rows = longest.iter().take(TOLD).map(|held| held_row(view, held, has_names));
        let lines: Vec<Vec<String>> = [Ok(head)].into_iter().chain(rows).collect::<Result<_, TimeError>>()?;
        text.push_str(&table(&lines, width));
    }
    text.push_str(&incidents(view, width)?);
    text.push_str(&rest(view, width));
    Ok(styled_lines(&text))
}

/// What it would have cost.
fn cost(view: &BacktestView<'_>, rows: &mut Rows) -> Result<(), TimeError> {
    let tally = &view.judged.tally;
    if tally.all.never > 0 {
        let told = format!("{} at any hour, or for more than 400 days: waiting does not help", number(tally.all.never));
        rows.row("for good", &told, None);
    }
    if let Some(Thaw { at, changes: most }) = tally.most_at_once() {
        rows.row("held", &format!("at most {} at once, before {}", number(most), clock(view, at)?), None);
    }
    if let Some(Thaw { at, changes: most }) = tally.largest_batch() {
        let thaws = tally.thaws().len();
        let waiting = tally.all.refused.saturating_sub(tally.all.never);
        let mean = tenths(waiting, u64::try_from(thaws).unwrap_or(u64::MAX));
        let openings = if thaws == 1 {
            "1 opening".to_owned()
        } else {
            format!("{} openings", number(u64::try_from(thaws).unwrap_or(u64::MAX)))
        };
        let told =
            format!("at most {} at one opening, {}; {mean} on average over {openings}", number(most), clock(view, at)?);
        rows.row("batch", &told, None);
        rows.row("longest", &spoken(tally.all.longest), None);
        rows.row("delayed", &format!("{} h, all waits together", hours(tally.all.waited)), None);
    }
    Ok(())
}

fn by_window(view: &BacktestView<'_>) -> Vec<Vec<String>> {
    let head = ["", "refused", "longest wait", "waited", ""].map(str::to_owned).to_vec();
    let rows = view.window_tolls().into_iter().map(|(window, toll)| {
        let place = window.place.map(|place| view.policy.sources.cite(place));
        let told = [window.level.as_str().to_owned()].into_iter().chain(place).collect::<Vec<_>>().join(", ");
        vec![
            for_terminal(&title(window)).into_owned(),
            number(toll.refused),
            longest(toll),
            format!("{} h", hours(toll.waited)),
            for_terminal(&told).into_owned(),
        ]
    });
    [head].into_iter().chain(rows).collect()
}

fn by_name(tolls: Vec<(&str, &Toll)>) -> Vec<Vec<String>> {
    let head = ["", "changes", "refused", "share", "longest wait", "waited", ""].map(str::to_owned).to_vec();
    let rows = tolls.into_iter().map(|(name, toll)| {
        vec![
            for_terminal(name).into_owned(),
            number(toll.changes),
            number(toll.refused),
            percent(toll.refused, toll.changes),
            longest(toll),
            format!("{} h", hours(toll.waited)),
            String::new(),
        ]
    });
    [head].into_iter().chain(rows).collect()
}

fn longest(toll: &Toll) -> String {
    if toll.refused > toll.never { spoken(toll.longest) } else { "-".to_owned() }
}

/// When a change went, how long it would have waited, what it is called, and what refuses it.
pub(super) fn held_cells(view: &BacktestView<'_>, held: &HeldChange) -> Result<[String; 4], TimeError> {
    let wait = if held.wait == Seconds::MAX { "for good".to_owned() } else { spoken(held.wait) };
    let windows: Vec<String> = held.windows.iter().filter_map(|number| view.windows.get(*number)).map(title).collect();
    Ok([clock(view, held.at.0)?, wait, held.name.clone().unwrap_or_default(), windows.join(", ")])
}

fn held_row(view: &BacktestView<'_>, held: &HeldChange, has_names: bool) -> Result<Vec<String>, TimeError> {
    let [at, wait, name, windows] = held_cells(view, held)?;
    let cells = if has_names { vec![at, wait, name, windows] } else { vec![at, wait, windows] };
    Ok(cells.iter().map(|cell| for_terminal(cell).into_owned()).collect())
}

/// Returns what would have become of outages.
fn incidents(view: &BacktestView<'_>, width: usize) -> Result<String, TimeError> {
    let Some(all) = view.incidents else {
        return Ok(String::new());
    };
    let mut rows = Rows::default();
    rows.gap();
    rows.heading(QUIET, "incidents: ", &incident_counts(all));
    let mut text = rows.into_text(width);
    let lines = all.iter().map(|judged| {
        let at = judged.at.map_or_else(|| Ok(String::new()), |at| clock(view, at))?;
        let told = incident_text(view, judged);
        Ok([judged.incident.id.clone(), at, told].map(|cell| for_terminal(&cell).into_owned()).to_vec())
    });
    text.push_str(&table(&lines.collect::<Result<Vec<_>, TimeError>>()?, width));
    Ok(text)
}

/// Returns what can't be judged, and what else is to know.
fn rest(view: &BacktestView<'_>, width: usize) -> String {
    let judged = view.judged;
    let mut rows = Rows::default();
    if judged.unjudged > 0 {
        rows.gap();
        rows.heading(WARNING, "not judged: ", &changes(judged.unjudged));
        for one in judged.first_unjudged.iter().take(2 * TOLD) {
            rows.row(&for_terminal(&one.place), &for_terminal(&one.cause), None);
        }
        let told = u64::try_from(judged.first_unjudged.len().min(2 * TOLD)).unwrap_or(u64::MAX);
        let more = judged.unjudged.saturating_sub(told);
        if more > 0 {
            rows.row("more", &format!("{} more; `--format json` lists 100", number(more)), None);
        }
    }
    let notes = view.notes();
    if !notes.is_empty() {
        rows.gap();
        for note in notes {
            rows.row("note", &for_terminal(&note), None);
        }
    }
    rows.into_text(width)
}

/// `Mon 5 Jan 2026`.
pub(super) fn day(view: &BacktestView<'_>, second: Instant) -> Result<String, TimeError> {
    Ok(view.zone.clock(second)?.strftime("%a %-d %b %Y").to_string())
}

/// `Mon 5 Jan 2026 18:00 Berlin`.
pub(super) fn clock(view: &BacktestView<'_>, second: Instant) -> Result<String, TimeError> {
    Ok(format!("{} {}", dated(view.zone, second, view.now)?, view.zone.city()))
}

pub(super) fn changes(count: u64) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{} changes", number(count)) }
}

/// With a comma between thousands.
pub(in crate::report) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `21 %`, rounded; `below 1 %` and `over 99 %` where there is a rest.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let percents = part.saturating_mul(100).saturating_add(whole / 2).checked_div(whole).unwrap_or(0);
    match percents {
        0 if part > 0 => "below 1 %".to_owned(),
        100 if part < whole => "over 99 %".to_owned(),
        percents => format!("{percents} %"),
    }
}

/// One number by another, with one decimal.
pub(super) fn tenths(part: u64, whole: u64) -> String {
    let tenths = part.saturating_mul(10).saturating_add(whole / 2).checked_div(whole).unwrap_or(0);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::{number, percent, tenths};

    #[test]
    fn numbers_are_told_as_people_write_them() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [(0, 9), (1, 1000), (1, 3), (999, 1000), (9, 9), (0, 0)].map(|(part, whole)| percent(part, whole)),
            ["0 %", "below 1 %", "33 %", "over 99 %", "100 %", "0 %"]
        );
        assert_eq!((tenths(7, 2), tenths(1, 3), tenths(0, 0)), ("3.5".to_owned(), "0.3".to_owned(), "0.0".to_owned()));
    }
}
