//! What an edit of a policy opens and closes, in words.

use crate::diagnostic::{Place, Sources};
use crate::escape::{bytes_for_terminal, for_terminal};
use crate::policy::compare::{COMPARED_AHEAD, PolicyComparison, PolicyDifference, PolicyPart};
use crate::policy::duration::spoken;
use crate::policy::{Kind, KindSet, Level};
use crate::report::rows::{ALLOWED, QUIET, REFUSED, Rows, WARNING, glued};
use crate::report::spans::spans;
use crate::time::instant::Instant;
use crate::time::intervals::Interval;
use crate::time::seconds::Seconds;
use crate::time::zone::{TimeError, Zone};

/// The number of differences of a kind people that are shown; machines get all.
const MOST_SHOWN: usize = 40;

/// A policy compared with an older one.
#[derive(Debug)]
pub struct ComparedPolicy<'a> {
    /// The openings and closings.
    pub comparison: &'a PolicyComparison,
    /// The name of the older policy for people, such as `origin/main at 1a2b3c4`.
    pub base: &'a str,
    /// The files of the older policy.
    pub old_sources: &'a Sources,
    /// The files of the policy at hand.
    pub sources: &'a Sources,
    /// The instant from which on they are compared, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// The zone of the one who asks, where it is known.
    pub asker: Option<&'a Zone>,
}

impl ComparedPolicy<'_> {
    /// A line of the older policy, else of the one at hand.
    pub(super) fn cite(&self, one: &PolicyDifference) -> Option<String> {
        let cite = |sources: &Sources, place: Option<Place>| place.map(|place| sources.cite(place));
        cite(self.sources, one.new_place)
            .or_else(|| cite(self.old_sources, one.old_place).map(|place| format!("{place} (of {})", self.base)))
    }

    /// One difference in a sentence without its verb: ``production/eu to deploys: Fri 14:00-20:00 Berlin, 6 h a week``.
    ///
    /// # Errors
    ///
    /// [`TimeError`] beyond the range of dates.
    pub fn sentence(&self, one: &PolicyDifference, way: EditWay) -> Result<String, TimeError> {
        let mut text = place_name(one);
        let to = change_of(one);
        if !to.is_empty() {
            text.push_str(" to ");
            text.push_str(&to);
        }
        let mut details = Vec::new();
        if !one.spans.as_slice().is_empty() {
            let range = Interval { from: self.at, until: self.at.saturating_add(COMPARED_AHEAD) };
            let utc = Zone::named("UTC").ok_or(TimeError::UnreadableRules("UTC"))?;
            let zone = one.zone.as_deref().or(self.asker).unwrap_or(&utc);
            // they end so long before the window as a change takes to run and to settle
            details.push(format!("starts {}", spans(zone, &one.spans, range, one.week_seconds)?));
        }
        let what = for_terminal(&one.text);
        details.push(match (one.remains, way) {
            (Some(Level::Hard), EditWay::Opens) if one.level == Level::Soft => {
                format!("hard instead of soft ({what}), so other people may override it")
            }
            (Some(now), EditWay::Opens) => format!("{} instead of {} ({what})", now.as_str(), one.level.as_str()),
            (Some(before), EditWay::Closes) => {
                format!("{} ({what}) instead of {}", one.level.as_str(), before.as_str())
            }
            (None, EditWay::Opens | EditWay::Closes) => format!("{what}; {}", one.level.as_str()),
        });
        if let Some(example) = &one.example {
            details.push(format!("such as `{}`", bytes_for_terminal(example)));
        }
        if let Some(doubt) = &one.doubt {
            details.push(format!("not compared: {doubt}"));
        }
        Ok(format!("{text}: {}", details.join("; ")))
    }
}

/// The direction of a difference: which of two policies refuses something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditWay {
    /// The older one.
    Opens,
    /// The policy at hand.
    Closes,
}

/// As many differences of a kind an answer about a change lists; `lint --against` lists more.
const MOST_IN_ANSWER: usize = 8;

/// Adds to an answer what an edit of the policy, which the change makes, opens and closes, below a line of what it does in sum.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown in a zone.
pub fn edit_rows(edit: &ComparedPolicy<'_>, summed: &str, rows: &mut Rows) -> Result<(), TimeError> {
    let PolicyComparison { openings, closings } = edit.comparison;
    let style = if openings.is_empty() { ALLOWED } else { WARNING };
    rows.heading(style, "policy edit: ", summed);
    for (verb, way, list) in [("edit allows", EditWay::Opens, openings), ("edit closes", EditWay::Closes, closings)] {
        for one in list.iter().take(MOST_IN_ANSWER) {
            rows.row(verb, &edit.sentence(one, way)?, edit.cite(one).as_deref());
        }
        if list.len() > MOST_IN_ANSWER {
            let more = list.len() - MOST_IN_ANSWER;
            rows.row("", &format!("and {more} more: {}, on the branch of the edit", listing(edit)), None);
        }
    }
    Ok(())
}

/// Returns one line for an edit that opens nothing and closes something, for a push that meets nothing else; `None` of any other.
#[must_use]
pub fn closing_line(edit: &ComparedPolicy<'_>) -> Option<String> {
    let PolicyComparison { openings, closings } = edit.comparison;
    if !openings.is_empty() || closings.is_empty() {
        return None;
    }
    let things = if closings.len() == 1 { "1 thing".to_owned() } else { format!("{} things", closings.len()) };
    Some(format!("closes {things}: see {}", listing(edit)))
}

/// Returns the command that lists all that an edit opens and closes, in backticks.
#[must_use]
pub fn listing(edit: &ComparedPolicy<'_>) -> String {
    // the base ends with the commit of the policy in force
    let commit = edit.base.rsplit(' ').next().filter(|word| word.len() >= 7 && is_hexadecimal(word));
    format!("`{}`", glued(&format!("freezegate lint --against {}", commit.unwrap_or("COMMIT"))))
}

fn is_hexadecimal(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns what an edit does, in a few words, and what it is compared with.
#[must_use]
pub fn summary(edit: &ComparedPolicy<'_>) -> String {
    let base = for_terminal(edit.base);
    format!("{}, compared with the policy in force ({base})", counts(edit))
}

/// Returns how much an edit opens and closes, such as `opens 1 thing, closes nothing`.
#[must_use]
pub fn counts(edit: &ComparedPolicy<'_>) -> String {
    let PolicyComparison { openings, closings } = edit.comparison;
    let count = |list: &[PolicyDifference]| match list.len() {
        0 => "nothing".to_owned(),
        1 => "1 thing".to_owned(),
        count => format!("{count} things"),
    };
    format!("opens {}, closes {}", count(openings), count(closings))
}

fn place_name(one: &PolicyDifference) -> String {
    let is_about_people = matches!(one.part, PolicyPart::Lift);
    let mut text = match (&one.environment, &one.region) {
        (Some(environment), Some(region)) => format!("{environment}/{region}"),
        (Some(environment), None) => environment.clone(),
        (None, Some(region)) => format!("region {region}"),
        (None, None) if is_about_people => "overrides".to_owned(),
        (None, None) => "every environment".to_owned(),
    };
    if let Some(service) = &one.service {
        text.push_str(&format!(", service {service},"));
    }
    text
}

/// The changes that a difference is about, for people; empty for all.
fn change_of(one: &PolicyDifference) -> String {
    let kinds = if one.is_rollback { one.kinds.with(Kind::Rollback) } else { one.kinds };
    let names: Vec<&str> = kinds.iter().map(kind_name).collect();
    let alike: Vec<&str> = one.alike.iter().map(Kind::as_str).collect();
    let mut text = match (names.as_slice(), alike.as_slice()) {
        ([], _) => String::new(),
        // what one kind may do, each that is treated alike may
        ([_], [first @ .., last]) if !first.is_empty() => format!("any change of kind {} or {last}", first.join(", ")),
        ([only], _) => (*only).to_owned(),
        (_, _) => format!("changes that are {}", names.join(" and ")),
    };
    if one.duration > Seconds::ZERO {
        let takes = format!("that take {}", spoken(one.duration));
        text = if text.is_empty() { format!("changes {takes}") } else { format!("{text} {takes}") };
    }
    text
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Deploy => "deploys",
        Kind::Config => "configuration changes",
        Kind::Infrastructure => "infrastructure changes",
        Kind::Migration => "migrations",
        Kind::Maintenance => "maintenance",
        Kind::Flag => "feature flags",
        Kind::Security => "security fixes",
        Kind::Rollback => "rollbacks",
    }
}

/// The names of kinds, for machines.
pub(in crate::report) fn kind_names(kinds: KindSet) -> Vec<&'static str> {
    kinds.iter().map(Kind::as_str).collect()
}

/// All of it, wrapped to `width` columns, with terminal styles in it.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown in a zone.
pub fn text(compared: &ComparedPolicy<'_>, width: usize) -> Result<String, TimeError> {
    let PolicyComparison { openings, closings } = compared.comparison;
    let mut rows = Rows::default();
    rows.gap();
    let base = for_terminal(compared.base);
    match openings.len() {
        0 => rows.heading(ALLOWED, "opens nothing ", &format!("compared with {base}")),
        1 => rows.heading(REFUSED, "opens 1 thing ", &format!("compared with {base}")),
        count => rows.heading(REFUSED, &format!("opens {count} things "), &format!("compared with {base}")),
    }
    list(("allows", EditWay::Opens), openings, compared, &mut rows)?;
    if !closings.is_empty() {
        let count = if closings.len() == 1 { "1 thing".to_owned() } else { format!("{} things", closings.len()) };
        rows.heading(QUIET, &format!("closes {count} "), &format!("compared with {base}"));
        list(("closes", EditWay::Closes), closings, compared, &mut rows)?;
    }
    Ok(rows.into_text(width))
}

fn list(
    (verb, way): (&str, EditWay),
    list: &[PolicyDifference],
    compared: &ComparedPolicy<'_>,
    rows: &mut Rows,
) -> Result<(), TimeError> {
    for one in list.iter().take(MOST_SHOWN) {
        rows.row(verb, &compared.sentence(one, way)?, compared.cite(one).as_deref());
    }
    if list.len() > MOST_SHOWN {
        rows.row("", &format!("and {} more: `--format json` lists all", list.len() - MOST_SHOWN), None);
    }
    Ok(())
}
