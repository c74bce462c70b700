//! One finding for a person: what is closed, by which line of the policy, where the clock stands and until when.

use crate::decision::finding::Met;
use crate::decision::{Finding, FindingCode};
use crate::diagnostic::Place;
use crate::escape::for_terminal;
use crate::policy::duration::spoken;
use crate::reach::{Because, Reached};
use crate::report::clock::{everywhere, here, until, wall};
use crate::report::rows::{Entry, REFUSED, Rows, WARNING, glued};
use crate::report::ways::{About, about};
use crate::report::{Answer, Mode};
use crate::shell::command;
use crate::time::zone::TimeError;

/// One finding in full.
///
/// # Errors
///
/// [`TimeError`] when an instant can't be told in a zone.
pub(in crate::report) fn finding(answer: &Answer<'_>, finding: &Finding) -> Result<Vec<Entry>, TimeError> {
    let mut rows = Rows::default();
    if finding.refuses() {
        refusal(&mut rows, answer, finding)?;
    } else {
        harmless(&mut rows, answer, finding)?;
    }
    Ok(rows.into_entries())
}

/// A finding that refuses nothing.
pub(super) fn harmless(rows: &mut Rows, answer: &Answer<'_>, finding: &Finding) -> Result<(), TimeError> {
    let (label, why) = match &finding.lifted_by {
        Some(lifted) => ("lifted: ", format!("{} ({lifted})", title(finding))),
        None => ("warning: ", title(finding)),
    };
    rows.heading(WARNING, label, &why);
    match &finding.window {
        Some(met) => met_rows(rows, answer, finding, met),
        None => Ok(()),
    }
}

/// The finding in one line, such as `production/us is closed (core hours, hard)`.
pub(super) fn title(finding: &Finding) -> String {
    let environment = finding.environment.as_deref().unwrap_or("the change");
    let place = match &finding.region {
        Some(region) => format!("{environment}/{region}"),
        None => environment.to_owned(),
    };
    let place = for_terminal(&place);
    let level = finding.level.as_str();
    match finding.code {
        FindingCode::CoreHours => format!("{place} is closed (core hours, {level})"),
        FindingCode::Freeze => {
            let name = finding.id.strip_prefix("freeze/").unwrap_or(&finding.id);
            format!("{place} is frozen: {} (freeze, {level})", for_terminal(name))
        }
        FindingCode::OutsideChangeWindow => format!("{place} is outside its change windows ({level})"),
        FindingCode::WindowTooShort => format!("{place} closes too soon ({}, {level})", for_terminal(&finding.id)),
        FindingCode::StaleCalendar => format!("{} ({level})", for_terminal(&finding.message)),
        FindingCode::PolicyChange => format!("{} ({level}, at any hour)", for_terminal(&finding.message)),
        FindingCode::TargetMismatch | FindingCode::UnknownTarget | FindingCode::ClockBehind => {
            format!("{} (at any hour)", for_terminal(&finding.message))
        }
    }
}

pub(super) fn refusal(rows: &mut Rows, answer: &Answer<'_>, finding: &Finding) -> Result<(), TimeError> {
    let label = if answer.dry_run { "would be refused: " } else { "refused: " };
    rows.heading(REFUSED, label, &title(finding));
    if let Some((what, target)) = shown_by(answer, finding) {
        let policy = target.map(|place| answer.policy.sources.cite(place));
        let by_edit = finding.code != FindingCode::PolicyChange && edited(answer, finding).is_some();
        let label = if by_edit { "opened by" } else { "reached by" };
        let what = for_terminal(what);
        let what = if by_edit { format!("the edit of {what}") } else { what.into_owned() };
        rows.row(label, &what, policy.as_deref());
    }
    if answer.is_from_elsewhere(finding) {
        let whose = if answer.mode == Mode::PreReceive { "the server's" } else { "the job's" };
        let text = format!(
            "{whose} own freeze file (`--extra-freezes` or FREEZEGATE_EXTRA_FREEZES), not the policy of the repository"
        );
        rows.row("comes from", &text, None);
    }
    match &finding.window {
        Some(met) => met_rows(rows, answer, finding, met)?,
        None => standing_rows(rows, answer, finding),
    }
    Ok(())
}

/// What to do about a finding that no clock ends.
fn standing_rows(rows: &mut Rows, answer: &Answer<'_>, finding: &Finding) {
    if let (FindingCode::TargetMismatch, Some(reached)) = (finding.code, &finding.environment)
        && let Some(both) = both(answer, reached, finding.region.as_deref())
    {
        rows.row("meant both?", &both, None);
    }
    rows.row("see", &format!("`freezegate explain {}`", finding.code.as_str()), None);
}

/// How to say that a change goes to what was said and to `environment` too, or to `region` if the environment was said;
/// `None` if no arguments say it.
fn both(answer: &Answer<'_>, environment: &String, region: Option<&str>) -> Option<String> {
    let said = &answer.declared.environments;
    let is_said = |name: &String| answer.policy.environment(name).is_some_and(|one| one.name == *environment);
    if let Some(region) = region.filter(|_| said.is_empty() || said.iter().any(is_said)) {
        return Some(format!("add `--region {}`", for_terminal(region)));
    }
    if answer.evidence.is_some_and(|evidence| !evidence.said.is_empty()) {
        let mut names = said.clone();
        if !names.contains(environment) {
            names.push(environment.clone());
        }
        return Some(format!("write `Environment: {}`", for_terminal(&names.join(", "))));
    }
    let About { words, .. } = about(answer, std::slice::from_ref(environment))?;
    let words = ["freezegate", "check"].into_iter().chain(words.iter().map(String::as_str));
    let repeated = answer.repeated.iter().map(String::as_str);
    Some(format!("`{}`", glued(&command(words.chain(repeated)))))
}

/// The path or ref by which it is known that the change meets `finding`, and the line of the policy that says so.
pub(in crate::report) fn shown_by<'a>(
    answer: &'a Answer<'_>,
    finding: &'a Finding,
) -> Option<(&'a str, Option<Place>)> {
    if let Some(what) = &finding.what {
        return Some((what, finding.place));
    }
    finding.window.as_ref()?;
    answer.reach.reached.iter().find_map(|reached| match &reached.because {
        Because::Shown { what, policy }
        | Because::Job { what, policy }
        | Because::Possible { what, policy }
        | Because::PolicyEdit { what, policy }
            if is_about(finding, reached) =>
        {
            Some((what.as_str(), Some(*policy)))
        }
        Because::Shown { .. }
        | Because::Job { .. }
        | Because::Possible { .. }
        | Because::PolicyEdit { .. }
        | Because::Declared => None,
    })
}

/// Returns the path of the policy, if an edit of it is what meets `finding`.
pub(in crate::report) fn edited<'a>(answer: &'a Answer<'_>, finding: &'a Finding) -> Option<&'a str> {
    let (what, _) = shown_by(answer, finding)?;
    let by_edit = answer.reach.reached.iter().any(|reached| {
        is_about(finding, reached) && matches!(&reached.because, Because::PolicyEdit { what: one, .. } if one == what)
    });
    (by_edit || finding.code == FindingCode::PolicyChange).then_some(what)
}

fn is_about(finding: &Finding, reached: &Reached) -> bool {
    let environment = finding.environment.as_ref().is_none_or(|name| *name == reached.environment.name);
    let region = match (&finding.region, &reached.region) {
        (Some(a), Some(b)) => *a == b.name,
        (None, Some(_) | None) => true,
        (Some(_), None) => false,
    };
    environment && region
}

pub(super) fn cite(answer: &Answer<'_>, finding: &Finding) -> Option<String> {
    finding.place.map(|place| answer.policy.sources.cite(place))
}

/// The clock, the end and the reason of the window that was met.
fn met_rows(rows: &mut Rows, answer: &Answer<'_>, finding: &Finding, met: &Met) -> Result<(), TimeError> {
    let now = answer.decision.at;
    let clock = here(&met.last_zone, now, now)?;
    let window = for_terminal(&met.text);
    let state = match finding.code {
        FindingCode::OutsideChangeWindow => format!("{clock}, open only {window}"),
        FindingCode::WindowTooShort => {
            let from = met.from.map_or_else(|| Ok(String::new()), |from| wall(&met.last_zone, from, now))?;
            format!("{clock}, closes {from}")
        }
        FindingCode::StaleCalendar => clock,
        FindingCode::CoreHours
        | FindingCode::Freeze
        | FindingCode::TargetMismatch
        | FindingCode::UnknownTarget
        | FindingCode::ClockBehind
        | FindingCode::PolicyChange => format!("{clock}, closed {window}"),
    };
    rows.row("clock", &state, cite(answer, finding).as_deref());
    if finding.code == FindingCode::WindowTooShort
        && let Some(environment) = finding.environment.as_ref().and_then(|name| answer.policy.environment(name))
    {
        let change = answer.duration.max(environment.duration);
        let total = change.saturating_add(environment.settle);
        rows.row(
            "needs",
            &format!("{}: {} to change, {} to settle", spoken(total), spoken(change), spoken(environment.settle)),
            None,
        );
    }
    if finding.refuses() {
        let end = match met.until {
            Some(end) => format!("{}, {}", everywhere(&[&met.last_zone], answer.asker, end, now)?, until(end, now)),
            None if finding.code == FindingCode::StaleCalendar => "until the calendar is brought up to date".to_owned(),
            None => "not within 400 days".to_owned(),
        };
        // where this window alone stands in the way, its end is when it may go
        let label = if met.until == answer.decision.next_open { "opens" } else { "until" };
        rows.row(label, &end, None);
    }
    if let Some(reason) = &finding.reason {
        rows.row("because", &for_terminal(reason), None);
    }
    Ok(())
}
