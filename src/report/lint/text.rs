//! What lint found, for a person: each warning with its line underlined, then the table of open hours.

use crate::diagnostic::render::render;
use crate::lint::open_hours::OpenHoursRow;
use crate::policy::duration;
use crate::report::clock::everywhere;
use crate::report::lint::{Linted, tracked};
use crate::report::rows::{ALLOWED, QUIET, Rows, WARNING, glued};
use crate::report::table::table;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;

/// All of it, wrapped to `width` columns, with terminal styles in it.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown in a zone.
pub fn text(linted: &Linted<'_>, width: usize) -> Result<String, TimeError> {
    let warnings = &linted.review.warnings;
    let mut text = render(warnings, linted.sources, width, true);
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&open_hours(linted, width)?);
    let mut rows = Rows::default();
    rows.gap();
    if let Some(counts) = linted.tracked {
        tracked::add(counts, &mut rows);
        rows.gap();
    }
    let mut codes: Vec<&str> = warnings.iter().map(|warning| warning.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let first = match warnings.len() {
        0 => "nothing found".to_owned(),
        1 => "1 warning: ".to_owned(),
        count => format!("{count} warnings: "),
    };
    let allowed = match linted.review.allowed {
        0 => String::new(),
        count => format!("; {count} hidden by `# lint: allow` or `--allow`"),
    };
    if warnings.is_empty() {
        rows.heading(ALLOWED, &first, &allowed);
    } else {
        let see = glued("see `freezegate explain CODE`");
        rows.heading(WARNING, &first, &format!("{}; {see}{allowed}", codes.join(", ")));
    }
    text.push_str(&rows.into_text(width));
    Ok(text)
}

fn open_hours(linted: &Linted<'_>, width: usize) -> Result<String, TimeError> {
    let open_hours = &linted.review.open_hours;
    let weeks = i64::try_from(open_hours.weeks.len()).unwrap_or(i64::MAX).max(1);
    let mean = |seconds: Seconds| tenths(seconds.checked_div(weeks).unwrap_or(seconds));
    let anybody_works = open_hours.has_core_hours;
    let line = |cells: [&str; 5]| -> Vec<String> {
        let shown = if anybody_works { cells.as_slice() } else { cells.get(..3).unwrap_or(&cells) };
        shown.iter().map(|cell| (*cell).to_owned()).collect()
    };
    let mut regions: Vec<&String> = open_hours.rows.iter().filter_map(|row| row.region.as_ref()).collect();
    regions.sort_unstable();
    regions.dedup();
    let mut lines = vec![line(["", "average", "lowest", "at work", "by region"])];
    let of_all = |row: &OpenHoursRow| open_hours.together.iter().find(|all| all.environment == row.environment);
    let last = |row: &OpenHoursRow| open_hours.rows.iter().rfind(|other| other.environment == row.environment);
    let each = open_hours.rows.iter().flat_map(|row| {
        let all = of_all(row).filter(|_| last(row).is_some_and(|last| last.region == row.region));
        [Some((row, false)), all.map(|all| (all, true))].into_iter().flatten()
    });
    for (row, is_of_all) in each {
        let name = match &row.region {
            None if is_of_all => format!("{} (all)", row.environment),
            Some(region) if regions.len() > 1 => format!("{}/{region}", row.environment),
            Some(_) | None => row.environment.clone(),
        };
        let least = tenths(row.open.iter().copied().min().unwrap_or(Seconds::ZERO));
        let by: Vec<String> = row
            .in_core_hours
            .iter()
            .filter(|(_, seconds)| *seconds > Seconds::ZERO)
            .map(|(region, seconds)| glued(&format!("{region} {}", mean(*seconds))))
            .collect();
        lines.push(line([&name, &mean(row.total()), &least, &mean(row.watched), &by.join(", ")]));
    }
    let mut rows = Rows::default();
    let minute = linted.at.start_of_minute();
    let since = everywhere(&[], linted.asker, minute, Instant::EPOCH)?;
    let over = if weeks == 1 { "in the week".to_owned() } else { format!("a week, over {weeks} weeks") };
    rows.heading(QUIET, "open hours ", &format!("{over} from {since}"));
    let mut notes = Rows::default();
    if anybody_works {
        notes.heading(QUIET, "at work: ", "open hours in which a region has core hours");
    }
    if !open_hours.together.is_empty() {
        notes.heading(QUIET, "(all): ", "all regions at once, as for a change of shared files");
    }
    Ok(rows.into_text(width) + &table(&lines, width) + &notes.into_text(width))
}

/// Hours with exactly one decimal, so that a column of them is aligned.
fn tenths(seconds: Seconds) -> String {
    let hours = duration::hours(seconds);
    if hours.contains('.') { hours } else { hours + ".0" }
}
