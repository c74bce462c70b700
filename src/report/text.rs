//! A decision for a person, who may be under stress: what was refused, where the clock stands, until when, and what to do.

use crate::decision::finding::Met;
use crate::decision::{Finding, FindingCode};
use crate::diagnostic::Place;
use crate::policy::duration::spoken;
use crate::reach::{Because, Reached};
use crate::report::clock::{everywhere, here, until, wall};
use crate::report::escape::for_terminal;
use crate::report::lint::against::edit_rows;
use crate::report::rows::{ALLOWED, Entry, QUIET, REFUSED, Rows, WARNING, glued};
use crate::report::ways::{About, about, ways};
use crate::report::{Answer, Trust};
use crate::shell::command;
use crate::time::zone::{RELEASE, TimeError, Zone};

/// As many findings are told in full; the rest get a line each.
const IN_FULL: usize = 6;

/// The answer to `check`.
///
/// # Errors
///
/// [`TimeError`] when an instant can't be told in a zone.
pub fn check(answer: &Answer<'_>) -> Result<Vec<Entry>, TimeError> {
    let mut rows = Rows::default();
    head(&mut rows, answer)?;
    let (refusing, others): (Vec<&Finding>, Vec<&Finding>) =
        answer.decision.findings.iter().partition(|finding| finding.refuses());
    for finding in refusing.iter().take(IN_FULL) {
        refusal(&mut rows, answer, finding)?;
    }
    for finding in refusing.iter().skip(IN_FULL) {
        rows.heading(REFUSED, "also: ", &title(finding));
    }
    for finding in &others {
        harmless(&mut rows, answer, finding)?;
    }
    for edit in answer.edits {
        edit_rows(edit, &mut rows)?;
    }
    if !answer.is_refused() {
        allowed(&mut rows, answer)?;
    }
    tail(&mut rows, answer, &refusing)?;
    Ok(rows.into_entries())
}

/// One finding in full.
///
/// # Errors
///
/// As [`check`].
pub fn finding(answer: &Answer<'_>, finding: &Finding) -> Result<Vec<Entry>, TimeError> {
    let mut rows = Rows::default();
    if finding.refuses() {
        refusal(&mut rows, answer, finding)?;
    } else {
        harmless(&mut rows, answer, finding)?;
    }
    Ok(rows.into_entries())
}

/// A finding that refuses nothing.
fn harmless(rows: &mut Rows, answer: &Answer<'_>, finding: &Finding) -> Result<(), TimeError> {
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

/// The answer to `next`: the openings ahead.
///
/// # Errors
///
/// As [`check`].
pub fn next(answer: &Answer<'_>) -> Result<Vec<Entry>, TimeError> {
    let mut rows = Rows::default();
    let now = answer.decision.at;
    head(&mut rows, answer)?;
    let openings = answer.openings.unwrap_or_default();
    if openings.is_empty() {
        rows.heading(REFUSED, "never: ", &format!("{} does not open within 400 days", subject(answer)));
    } else {
        rows.heading(ALLOWED, "next: ", &format!("when {} may change", subject(answer)));
    }
    let zones = zones_of(answer);
    for (number, opening) in (1..).zip(openings) {
        let from = everywhere(&zones, answer.asker, opening.from, now)?;
        rows.row(&format!("{number}"), &format!("{from}, {}", until(opening.from, now)), None);
        let last = match opening.until {
            Some(end) => {
                let (word, end) = if end.rem_euclid(60) == 1 { ("by", end.saturating_sub(1)) } else { ("before", end) };
                let zone = answer.asker.or(zones.first().copied());
                let clock = zone.map_or_else(|| everywhere(&[], None, end, now), |zone| here(zone, end, now))?;
                format!("start {word} {clock}: {} to start in", glued(&spoken(end.saturating_sub(opening.from))))
            }
            None => "stays open for as long as can be seen, 400 days".to_owned(),
        };
        rows.row("", &last, None);
    }
    if let Some(finding) = answer.decision.findings.iter().find(|finding| finding.refuses()) {
        rows.row("closed by", &title(finding), cite(answer, finding).as_deref());
    }
    if let Some(text) = typed_only(answer) {
        rows.heading(WARNING, &text, "");
    }
    foot(&mut rows, answer);
    Ok(rows.into_entries())
}

fn head(rows: &mut Rows, answer: &Answer<'_>) -> Result<(), TimeError> {
    for warning in answer.warnings {
        rows.heading(WARNING, "warning: ", warning);
    }
    if answer.hypothetical {
        let at = everywhere(&[], None, answer.decision.at, 0)?;
        rows.heading(QUIET, "hypothetical: ", &format!("as if it were {at}"));
    }
    Ok(())
}

/// What the answer is about: the environments reached.
fn subject(answer: &Answer<'_>) -> String {
    let mut names: Vec<String> = Vec::new();
    for reached in &answer.reach.reached {
        let name = format!("`{}`", for_terminal(&reached.environment.name));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { "the change".to_owned() } else { names.join(" and ") }
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
        FindingCode::NoRunway => format!("{place} closes too soon ({}, {level})", for_terminal(&finding.id)),
        FindingCode::StaleCalendar => format!("{} ({level})", for_terminal(&finding.message)),
        FindingCode::PolicyChange => format!("{} ({level}, at any hour)", for_terminal(&finding.message)),
        FindingCode::TargetMismatch | FindingCode::UnknownTarget | FindingCode::Clock => {
            format!("{} (at any hour)", for_terminal(&finding.message))
        }
    }
}

fn refusal(rows: &mut Rows, answer: &Answer<'_>, finding: &Finding) -> Result<(), TimeError> {
    let label = if answer.advise { "would be refused: " } else { "refused: " };
    rows.heading(REFUSED, label, &title(finding));
    if let Some((what, target)) = shown_by(answer, finding) {
        let policy = target.map(|place| answer.policy.sources.cite(place));
        let by_edit = answer.reach.reached.iter().any(|reached| {
            is_about(finding, reached)
                && matches!(&reached.because, Because::PolicyEdit { what: one, .. } if one == what)
        });
        let label = if by_edit { "opened by" } else { "reached by" };
        let what = for_terminal(what);
        let what = if by_edit { format!("the edit of {what}") } else { what.into_owned() };
        rows.row(label, &what, policy.as_deref());
    }
    if answer.is_from_elsewhere(finding) {
        let whose = if answer.mode == "pre-receive" { "the server's" } else { "the job's" };
        let text = format!("{whose} own freeze file (`--also` or FREEZEGATE_ALSO), not the policy of the repository");
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
pub(super) fn shown_by<'a>(answer: &'a Answer<'_>, finding: &'a Finding) -> Option<(&'a str, Option<Place>)> {
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

fn is_about(finding: &Finding, reached: &Reached) -> bool {
    let environment = finding.environment.as_ref().is_none_or(|name| *name == reached.environment.name);
    let region = match (&finding.region, &reached.region) {
        (Some(a), Some(b)) => *a == b.name,
        (None, Some(_) | None) => true,
        (Some(_), None) => false,
    };
    environment && region
}

fn cite(answer: &Answer<'_>, finding: &Finding) -> Option<String> {
    finding.place.map(|place| answer.policy.sources.cite(place))
}

/// The clock, the end and the reason of the window that was met.
fn met_rows(rows: &mut Rows, answer: &Answer<'_>, finding: &Finding, met: &Met) -> Result<(), TimeError> {
    let now = answer.decision.at;
    let clock = here(&met.last_zone, now, now)?;
    let window = for_terminal(&met.text);
    let state = match finding.code {
        FindingCode::OutsideChangeWindow => format!("{clock}, open only {window}"),
        FindingCode::NoRunway => {
            let from = met.from.map_or_else(|| Ok(String::new()), |from| wall(&met.last_zone, from, now))?;
            format!("{clock}, closes {from}")
        }
        FindingCode::StaleCalendar => clock,
        FindingCode::CoreHours
        | FindingCode::Freeze
        | FindingCode::TargetMismatch
        | FindingCode::UnknownTarget
        | FindingCode::Clock
        | FindingCode::PolicyChange => format!("{clock}, closed {window}"),
    };
    rows.row("clock", &state, cite(answer, finding).as_deref());
    if finding.code == FindingCode::NoRunway
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

/// The zones that matter for what is reached: the first of each region.
fn zones_of<'a>(answer: &'a Answer<'_>) -> Vec<&'a Zone> {
    let mut zones: Vec<&Zone> = Vec::new();
    for region in answer.reach.reached.iter().filter_map(|reached| reached.region.as_ref()) {
        if let Some(zone) = region.zones.first()
            && !zones.iter().any(|known| known.name() == zone.name())
        {
            zones.push(zone);
        }
    }
    zones
}

fn allowed(rows: &mut Rows, answer: &Answer<'_>) -> Result<(), TimeError> {
    let now = answer.decision.at;
    if answer.reach.reached.is_empty() {
        rows.heading(ALLOWED, "allowed: ", "reaches no environment");
        return Ok(());
    }
    rows.heading(ALLOWED, "allowed: ", &format!("{} may change now", subject(answer)));
    let zones = zones_of(answer);
    let clock = everywhere(zones.get(..zones.len().min(3)).unwrap_or_default(), answer.asker, now, now)?;
    rows.row("clock", &clock, None);
    if let Some(back) = answer.way_back {
        rows.row("rollback", &back.message, None);
    }
    let (label, last) = match answer.decision.valid_until {
        Some(end) => {
            // with a runway, the last second to start in is a whole minute: better told than the one after
            let (label, end) =
                if end.rem_euclid(60) == 1 { ("start by", end.saturating_sub(1)) } else { ("closes", end) };
            let zone = answer.asker.or(zones.first().copied());
            let clock = zone.map_or_else(|| everywhere(&[], None, end, now), |zone| here(zone, end, now))?;
            (label, format!("{clock}, {}", until(end, now)))
        }
        None => ("closes", "not within 400 days".to_owned()),
    };
    rows.row(label, &last, None);
    Ok(())
}

/// What was looked at, and what was not.
fn examined(rows: &mut Rows, answer: &Answer<'_>) {
    if let Some(pipeline) = answer.pipeline {
        rows.row("ci", &for_terminal(&pipeline.to_string()), None);
    }
    match answer.evidence {
        None => {}
        Some(evidence) => {
            let short = |range: &String| {
                range.split("..").map(|end| end.get(..7).unwrap_or(end)).collect::<Vec<_>>().join("..")
            };
            let on = evidence.reference.as_ref().map_or_else(String::new, |name| format!(" on {}", for_terminal(name)));
            let paths = if evidence.paths == 1 { "1 path".to_owned() } else { format!("{} paths", evidence.paths) };
            let base = for_terminal(&evidence.base);
            let text = match &evidence.range {
                Some(range) => format!("{}{on}: {paths} (base: {base})", short(range)),
                None if answer.mode == "check" || answer.mode == "next" => {
                    format!("all that may have changed{on} (base: {base})")
                }
                None => format!("{}: {paths} (base: {base})", on.trim_start()),
            };
            rows.row("judged", &text, None);
            for said in evidence.said.iter().take(IN_FULL) {
                rows.row("said by", &for_terminal(said), None);
            }
        }
    }
    let mut others: Vec<String> = Vec::new();
    for reached in &answer.reach.left_out {
        let region = reached.region.as_ref().map_or_else(String::new, |region| format!("/{}", region.name));
        let name = format!("{}{region}", reached.environment.name);
        if !others.contains(&name) {
            others.push(name);
        }
    }
    if !others.is_empty() {
        rows.row("not judged", &format!("{} (--only)", for_terminal(&others.join(", "))), None);
    }
    if let Some(text) = typed_only(answer) {
        rows.heading(WARNING, &text, "");
    }
}

/// That some environments are judged because somebody typed their names, and nothing that was compared shows them.
pub(super) fn typed_only(answer: &Answer<'_>) -> Option<String> {
    let typed = answer.reach.only_said();
    let names: Vec<String> = typed.iter().map(|one| format!("`{}`", for_terminal(&one.name))).collect();
    let (first, names) = (names.first()?, names.join(", "));
    Some(match answer.evidence {
        None => format!("{TYPED_ONLY}; no files were compared"),
        Some(evidence) if evidence.compared.iter().any(|one| one.everything) => {
            format!("{TYPED_ONLY} for {names}; no files were compared, as nothing says what was there before")
        }
        Some(_) if typed.len() == 1 => format!("{TYPED_ONLY} for {first}; no target maps a changed file to it"),
        Some(_) => format!("{TYPED_ONLY} for {names}; no target maps a changed file to them"),
    })
}

/// How every format marks what only words name.
const TYPED_ONLY: &str = "judged what you typed only";

/// What to do next.
fn tail(rows: &mut Rows, answer: &Answer<'_>, refusing: &[&Finding]) -> Result<(), TimeError> {
    let now = answer.decision.at;
    if answer.is_refused() {
        let told = refusing.iter().take(IN_FULL).any(|finding| {
            finding.window.as_ref().is_some_and(|met| met.until.is_some() && met.until == answer.decision.next_open)
        });
        let timeless = refusing.iter().any(|finding| finding.window.is_none());
        match answer.decision.next_open {
            Some(_) if told => {}
            Some(open) => {
                let zones = zones_of(answer);
                let clock = everywhere(zones.get(..zones.len().min(3)).unwrap_or_default(), answer.asker, open, now)?;
                rows.row("opens", &format!("{clock}, {}", until(open, now)), None);
            }
            None if timeless || refusing.iter().any(|finding| is_endless(finding)) => {}
            None => rows.row("opens", "not within 400 days", None),
        }
        if let Some(undo) = answer.undo {
            rows.row("undo", undo, None);
        }
        if let Some(back) = answer.way_back {
            rows.row("rollback", &back.message, None);
        }
        if let Some(level) = refusing.iter().map(|finding| finding.level).max() {
            let are_edits = refusing.iter().all(|finding| finding.code == FindingCode::PolicyChange);
            for way in ways(answer, level, are_edits) {
                rows.row(way.label, &way.text, None);
            }
        }
        for help in [&answer.policy.help.contact, &answer.policy.help.url].into_iter().flatten() {
            rows.row("wrong?", &for_terminal(help), None);
        }
    }
    examined(rows, answer);
    foot(rows, answer);
    Ok(())
}

fn foot(rows: &mut Rows, answer: &Answer<'_>) {
    let files: Vec<&str> = answer.policy.sources.files().iter().map(|file| file.path.as_str()).collect();
    let trust = match answer.trust {
        Trust::Advice => "advice",
        Trust::Enforcement => "enforced",
    };
    let text = format!("{} ({}), {trust}; zone rules {}", files.join(", "), answer.policy_from, RELEASE.name);
    rows.row("policy", &for_terminal(&text), None);
    if let Some(entry) = answer.recorded {
        // in full, as a part of it would not do for `record verify --expect`
        rows.row("recorded", &format!("entry {}, {}", entry.sequence, entry.hash), None);
    }
}

/// Whether the window that was met is told to have no end that can be seen.
fn is_endless(finding: &Finding) -> bool {
    finding.window.as_ref().is_some_and(|met| met.until.is_none())
}
