//! Reads freeze periods of GitLab.

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::diagnostic::parser;
use crate::exchange::cron::{Cron, CronDays, Dialect};
use crate::exchange::import::{Import, Imported, MOST_WINDOWS, NotImported, moment_text};
use crate::exchange::model::{freeze_period, horizon};
use crate::exchange::sync_windows::unreadable;
use crate::exchange::wall::weekly_pairs;
use crate::time::instant::Instant;
use crate::time::intervals::Intervals;
use crate::time::zone::TimeError;
use crate::yaml;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodItem {
    freeze_start: String,
    freeze_end: String,
    cron_timezone: String,
    #[serde(rename = "id")]
    _id: Option<u64>,
    #[serde(rename = "created_at")]
    _created_at: Option<String>,
    #[serde(rename = "updated_at")]
    _updated_at: Option<String>,
}

/// Reads freeze periods, as the API lists them, into a policy of `environment`.
///
/// # Errors
///
/// All that cannot be said.
pub fn import(
    (path, text): (&str, &str),
    environment: &str,
    now: Instant,
) -> Result<Result<Imported, NotImported>, TimeError> {
    let mut import = Import::new(path, text, "gitlab");
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_documents: 1, max_nodes: 200_000, max_events: 800_000 },
    };
    // JSON is YAML, and its lines are known
    let periods = match serde_saphyr::from_slice_with_options::<Vec<Spanned<PeriodItem>>>(text.as_bytes(), options) {
        Ok(periods) if periods.len() <= MOST_WINDOWS => periods,
        Ok(_) => {
            let cause = format!("holds more than {MOST_WINDOWS} freeze periods");
            return Ok(Err(unreadable(import, &cause, "give fewer")));
        }
        Err(error) => {
            let help = "give the JSON list of `GET /projects/:id/freeze_periods`";
            return Ok(Err(unreadable(import, &parser::in_words(&yaml::cause(&error)), help)));
        }
    };
    let mut read = Vec::new();
    for period in periods {
        let line = period.referenced.line();
        let period = period.value;
        let mut cron = |key: &str, text: &str| {
            let cron = Cron::read(text, Dialect::Fugit);
            cron.map_err(|why| import.refuse(format!("`{key}` (`{text}`) {why}"), line, "write plain numbers")).ok()
        };
        let start = cron("freeze_start", &period.freeze_start);
        let end = cron("freeze_end", &period.freeze_end);
        let zone = import.zone(&period.cron_timezone, line);
        let (Some(start), Some(end), Some(zone)) = (start, end, zone) else {
            continue;
        };
        match (start.days(), end.days()) {
            (Ok(from), Ok(until)) => {
                let starts = import.starts(&start, line);
                let ends = import.starts(&end, line);
                match (from.as_slice(), until.as_slice(), starts.as_slice(), ends.as_slice()) {
                    ([CronDays::Weekdays(from)], [CronDays::Weekdays(until)], [_, ..], [_, ..]) => {
                        import.weekly(weekly_pairs((*from, &starts), (*until, &ends), &zone), false);
                    }
                    (
                        [from @ (CronDays::Monthly(_) | CronDays::Yearly(..))],
                        [until @ (CronDays::Monthly(_) | CronDays::Yearly(..))],
                        [start],
                        [end],
                    ) if std::mem::discriminant(from) == std::mem::discriminant(until) => {
                        import.between(&moment_text(*from, *start), &moment_text(*until, *end), &zone);
                    }
                    _ => import.refuse(
                        format!("`{}` to `{}` mixes several days", period.freeze_start, period.freeze_end),
                        line,
                        "write a period for each day of a month or year",
                    ),
                }
            }
            (from, until) => {
                for (key, days) in [("freeze_start", from), ("freeze_end", until)] {
                    if let Err(why) = days {
                        import.refuse(format!("`{key}` {why}"), line, "a policy can't express that");
                    }
                }
            }
        }
        read.push((start, end, zone));
    }
    if read.is_empty() && import.items.is_empty() {
        // a policy that closes nothing is hardly what is wanted
        import.refuse("the file holds no freeze period", 1, "give a list that is not empty");
    }
    let range = horizon(now);
    let foreign = || {
        let mut all = Vec::new();
        for (start, end, zone) in &read {
            all.extend(freeze_period(start, end, zone, range)?);
        }
        Ok(Intervals::union(all))
    };
    let head = "# Freeze periods of GitLab, by `freezegate import gitlab`.\n";
    import.finish(environment, head, foreign, (false, now))
}
