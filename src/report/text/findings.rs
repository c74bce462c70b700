//! One finding for a person: what is closed, by which line of the policy, where the clock stands and until when.

use std::borrow::Cow;
use std::sync::Arc;

use crate::decision::finding::{HeldBack, Met};
use crate::decision::{EXEMPT, Finding, FindingCode};
use crate::diagnostic::Place;
use crate::escape::for_terminal;
use crate::policy::duration::in_full;
use crate::policy::{Environment, Level};
use crate::reach::{Because, Misdirected, NameKind};
use crate::report::clock::{dated, everywhere, here, until, wall};
use crate::report::rows::{CLOCK, PrintedItem, REFUSED, Rows, WARNING, glued};
use crate::report::stop::{AnswerReader, resume_way};
use crate::report::stopped_kinds::{STOPS_ONLY, if_kind_is_unknown};
use crate::report::ways::{About, about, started};
use crate::report::window_text::UNTIL_UPDATED;
use crate::report::{Answer, AnswerMode, Trust};
use crate::shell::command;
use crate::time::instant::Instant;
use crate::time::names::nearest;
use crate::time::seconds::Seconds;
use crate::time::zone::{TimeError, Zone};

/// One finding in full.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown in a zone.
pub(in crate::report) fn finding(answer: &Answer<'_>, finding: &Finding) -> Result<Vec<PrintedItem>, TimeError> {
    let mut rows = Rows::default();
    if finding.refuses() {
        refusal(&mut rows, answer, &[finding])?;
        // a note stands alone, without the line that ends an answer
        if let Some(met) = &finding.window {
            end_row(&mut rows, answer, finding, met)?;
        }
    } else {
        harmless(&mut rows, answer, finding)?;
    }
    Ok(rows.into_entries())
}

/// Findings that one window makes for several environments or regions, in the order of the first of each. What an edit of the policy opens
/// is distinguished from what the change reaches: the first of a group speaks for all.
pub(super) fn by_window<'f>(answer: &Answer<'_>, findings: &[&'f Finding]) -> Vec<Vec<&'f Finding>> {
    let is_alike = |one: &Finding, other: &Finding| {
        is_same_window(one, other) && edited(answer, one).is_some() == edited(answer, other).is_some()
    };
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| is_alike(first, finding))) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

fn is_same_window(one: &Finding, other: &Finding) -> bool {
    let (Some(window), Some(of_other)) = (&one.window, &other.window) else {
        return false;
    };
    // what is left of the time, and what is needed, is told of one
    let is_short = one.code == FindingCode::WindowTooShort;
    if is_short && (window.from, &one.environment) != (of_other.from, &other.environment) {
        return false;
    }
    (one.code, &one.id, one.level, one.held_back, one.place, &one.reason)
        == (other.code, &other.id, other.level, other.held_back, other.place, &other.reason)
}

/// A finding that refuses nothing.
pub(super) fn harmless(rows: &mut Rows, answer: &Answer<'_>, finding: &Finding) -> Result<(), TimeError> {
    let (label, why) = match &finding.lifted_by {
        Some(lifted) => match lifted.strip_prefix(EXEMPT) {
            Some(by) => ("exempt: ", format!("{} ({by})", title(answer, finding))),
            None => ("overridden: ", format!("{} ({lifted})", title(answer, finding))),
        },
        None => ("warning: ", title(answer, finding)),
    };
    let place = finding.window.as_ref().and_then(|_| cite(answer, finding));
    rows.heading_of(WARNING, label, &why, place.as_deref());
    match &finding.window {
        Some(met) => met_rows(rows, answer, (finding, &[finding]), met),
        None => {
            proof_rows(rows, finding);
            Ok(())
        }
    }
}

/// A minute, in seconds.
const MINUTE: Seconds = Seconds::minutes(1);

/// So many places are named in a title.
const NAMED: usize = 3;

/// The finding in one line, such as `production/us is closed (core hours, hard)`.
pub(super) fn title(answer: &Answer<'_>, finding: &Finding) -> String {
    title_of(answer, finding, &[finding])
}

/// The findings of one window in one line, such as `production/us, production/eu: closed (core hours, hard)`.
pub(super) fn title_of(answer: &Answer<'_>, finding: &Finding, group: &[&Finding]) -> String {
    let mut places: Vec<String> = Vec::new();
    for one in group {
        let environment = one.environment.as_deref().unwrap_or("the change");
        let place = match &one.region {
            Some(region) => format!("{environment}/{region}"),
            None => environment.to_owned(),
        };
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let more = places.len().saturating_sub(NAMED);
    let are = if places.len() > 1 { "are" } else { "is" };
    places.truncate(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let place = format!("{}{more}", places.join(", "));
    let place = for_terminal(&place);
    let level = finding.level.as_str();
    let title = match finding.code {
        FindingCode::CoreHours => format!("{place} {are} closed (core hours, {level})"),
        FindingCode::Freeze => {
            format!("{place} {are} frozen: {} (freeze, {level})", freeze_name(finding))
        }
        FindingCode::OutsideChangeWindow => {
            format!("{place} {are} outside {} change windows ({level})", if are == "is" { "its" } else { "their" })
        }
        FindingCode::WindowTooShort => {
            let closes = if group.len() > 1 { "close" } else { "closes" };
            let left = finding.window.as_ref().and_then(|met| met.from);
            let left = left.map_or(Seconds::ZERO, |from| from.since(answer.decision.at));
            let (change, settle) = needed(answer, finding);
            // rounded down, so that what is too short never reads as long enough
            let left = if left < MINUTE { left } else { left.rounded_down(MINUTE) };
            let (needed, left) = (in_full(change.saturating_add(settle)), in_full(left));
            format!("not enough time left: this change needs {needed}, {place} {closes} in {left} ({level})")
        }
        FindingCode::PolicyChange => {
            format!("{} ({}, {level})", for_terminal(&finding.message), finding.code.as_str())
        }
        FindingCode::StaleCalendar
        | FindingCode::RouteHijack
        | FindingCode::RouteOverlap
        | FindingCode::RouteTakeover
        | FindingCode::RouteDead => format!("{} ({level})", for_terminal(&finding.message)),
        FindingCode::TargetMismatch | FindingCode::UnknownTarget | FindingCode::ClockBehind => {
            for_terminal(&finding.message).into_owned()
        }
    };
    let is_about_time = finding.window.is_some() && finding.code != FindingCode::PolicyChange;
    match edited(answer, finding).filter(|_| is_about_time) {
        Some(path) => {
            let joint = if finding.code == FindingCode::WindowTooShort { "with" } else { "while" };
            format!("the edit of `{}` opens something {joint} {title}", for_terminal(path))
        }
        None => title,
    }
}

/// The name of the freeze of a finding.
fn freeze_name(finding: &Finding) -> Cow<'_, str> {
    for_terminal(finding.id.freeze().unwrap_or_default())
}

/// Findings of one window, the first told for all of them.
pub(super) fn refusal(rows: &mut Rows, answer: &Answer<'_>, group: &[&Finding]) -> Result<(), TimeError> {
    let Some(finding) = group.first() else {
        return Ok(());
    };
    let label = if answer.dry_run { "would be refused: " } else { "refused: " };
    let place = finding.window.as_ref().and_then(|_| cite(answer, finding));
    rows.heading_of(REFUSED, label, &title_of(answer, finding, group), place.as_deref());
    // the title names the policy that is edited, and the rows of its routes the manifest that is
    let is_named = edited(answer, finding).is_some();
    let is_in_route = |what: &str| {
        let routes = finding.proof.iter().flat_map(|proof| [&proof.before, &proof.after]);
        routes
            .filter_map(|route| in_file(route))
            .any(|(_, file)| file.rsplit_once(':').is_some_and(|(path, _)| path == what))
    };
    if let Some((what, target)) = shown_by(answer, finding).filter(|(what, _)| !is_named && !is_in_route(what)) {
        let policy = target.map(|place| answer.policy.sources.cite(place));
        let label = if finding.proof.is_some() { "changed by" } else { "reached by" };
        // a path is never broken at its blanks: what begins a line could be taken for an answer
        rows.row(label, &glued(&for_terminal(what)), policy.as_deref());
    }
    if answer.is_from_elsewhere(finding) {
        let whose = if answer.mode == AnswerMode::PreReceive { "the server's" } else { "the job's" };
        let text = format!(
            "{whose} own freeze file (`--extra-freezes` or FREEZEGATE_EXTRA_FREEZES), not the policy of the repository"
        );
        rows.row("comes from", &text, None);
    }
    match &finding.window {
        Some(met) => met_rows(rows, answer, (finding, group), met)?,
        None => standing_rows(rows, answer, finding),
    }
    if let Some(stop) = answer.policy.stops.of_finding(&finding.id) {
        rows.row("resume", &resume_way(answer.policy, stop, AnswerReader::of(answer)), None);
    }
    Ok(())
}

/// The backends of requests, by routes.
fn proof_rows(rows: &mut Rows, finding: &Finding) {
    let Some(proof) = &finding.proof else {
        return;
    };
    if let Some(request) = &proof.request {
        rows.row("request", &for_terminal(request), None);
    }
    let (before, after) = match finding.code {
        FindingCode::RouteOverlap => ("one", "other"),
        FindingCode::RouteDead => ("because", "route"),
        FindingCode::RouteHijack
        | FindingCode::RouteTakeover
        | FindingCode::CoreHours
        | FindingCode::Freeze
        | FindingCode::OutsideChangeWindow
        | FindingCode::WindowTooShort
        | FindingCode::StaleCalendar
        | FindingCode::TargetMismatch
        | FindingCode::UnknownTarget
        | FindingCode::ClockBehind
        | FindingCode::PolicyChange => ("before", "after"),
    };
    for (label, route) in [(before, &proof.before), (after, &proof.after)] {
        // the path of a manifest is never broken at its blanks
        let short =
            in_file(route).map(|(backend, file)| format!("{} ({})", for_terminal(backend), glued(&for_terminal(file))));
        rows.row(label, &short.unwrap_or_else(|| for_terminal(route).into_owned()), None);
    }
}

/// Returns the backend and the line of the file of a route, without its name, which the line has: `login/web:80` and `login.yaml:7` of
/// `login/web:80: Ingress login/web, rule 1 in login.yaml:7`. `None` of a route without a file.
fn in_file(route: &str) -> Option<(&str, &str)> {
    let (backend, named) = route.split_once(": ")?;
    // no name has a blank, and a path may
    let (_, file) = named.split_once(" in ")?;
    Some((backend, file))
}

/// What to do about a finding that does not depend on the time.
fn standing_rows(rows: &mut Rows, answer: &Answer<'_>, finding: &Finding) {
    proof_rows(rows, finding);
    if let (FindingCode::TargetMismatch, Some(reached)) = (finding.code, &finding.environment)
        && let Some(both) = both(answer, finding, reached)
    {
        if let Some(fixed) = amended(answer, finding) {
            rows.row("fix", &fixed, None);
        }
        rows.row("meant both?", &both, None);
        let is_of_job = answer.trust == Trust::Enforcement && answer.mode.is_question();
        let is_said = || !answer.declared.environments.is_empty() && amended(answer, finding).is_none();
        if is_of_job && is_said() {
            rows.row("its share?", "add `--declared-only`: another job then judges the rest", None);
        }
    }
    if let (FindingCode::UnknownTarget, Some(defined)) = (finding.code, defined(answer, finding)) {
        rows.row(defined.0, &defined.1, None);
        if let Some(shared) = shared(answer, finding).filter(|_| defined.0 == DEFINED) {
            rows.row("shared?", &shared, None);
        }
        if defined.0 == DEFINED && is_environment(answer, finding) {
            rows.row("new?", "define it first, in a push of its own", None);
        }
    }
}

/// Returns what the policy defines instead of the name that `finding` misses: the name that was meant, if one is near, else the first few.
fn defined(answer: &Answer<'_>, finding: &Finding) -> Option<(&'static str, String)> {
    let missed = answer.reach.unknown.iter().find(|one| one.message == finding.message && one.what == finding.what)?;
    let undefined = missed.undefined.as_ref()?;
    let names = undefined.kind.names(answer.policy);
    if let Some(near) = nearest(&undefined.written, names.iter().copied()) {
        return Some(("meant?", format!("`{}`", for_terminal(near))));
    }
    let more = names.len().saturating_sub(NAMED);
    let known: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{}`", for_terminal(name))).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!known.is_empty()).then(|| (DEFINED, format!("{}{more}", known.join(", "))))
}

/// The label of what the policy defines.
const DEFINED: &str = "defined";

/// Returns what to do if a folder that a target takes for an environment is one that all environments share; `None` of other names.
fn shared(answer: &Answer<'_>, finding: &Finding) -> Option<String> {
    let missed = answer.reach.unknown.iter().find(|one| one.message == finding.message && one.what == finding.what)?;
    let is_folder = missed.undefined.as_ref()?.kind == NameKind::Environment
        && finding.what.as_ref().is_some_and(|what| what.contains("/") && !what.starts_with("refs/"));
    is_folder
        .then(|| "add the folder to `except` of this target, and a target for it with `environment = \"*\"`".to_owned())
}

/// Returns whether the name that `finding` misses is one of an environment.
fn is_environment(answer: &Answer<'_>, finding: &Finding) -> bool {
    let mut missed = answer.reach.unknown.iter();
    let missed = missed.find(|one| one.message == finding.message && one.what == finding.what);
    missed.and_then(|one| one.undefined.as_ref()).is_some_and(|undefined| undefined.kind == NameKind::Environment)
}

/// Returns the trailer with the environments that the files show, if a trailer names others; `None` if the mismatch is not one of a trailer.
fn amended(answer: &Answer<'_>, finding: &Finding) -> Option<String> {
    let mismatch = answer.reach.mismatched.iter().find(|one| one.message == finding.message)?;
    if mismatch.said_by_part.is_empty() {
        return None;
    }
    let mut shown: Vec<&str> = Vec::new();
    for reached in answer.reach.reached.iter().filter(|one| matches!(one.because, Because::Shown { .. })) {
        if !shown.contains(&reached.environment.name.as_str()) {
            shown.push(&reached.environment.name);
        }
    }
    let names = for_terminal(&shown.join(", ")).into_owned();
    (!shown.is_empty()).then(|| amend(mismatch, &names))
}

/// How to write a trailer that names these environments into the commit that has another.
fn amend(mismatch: &Misdirected, names: &str) -> String {
    match &mismatch.earlier_commit {
        Some(commit) => format!("`git rebase -i {commit}^`, and `reword` it: `Environment: {names}`"),
        None => format!("amend the trailer: `Environment: {names}`"),
    }
}

/// Returns how to say that a change goes to what was said and to `environment` too, or to `region` if the environment was said;
/// `None` if no arguments say it.
fn both(answer: &Answer<'_>, finding: &Finding, environment: &String) -> Option<String> {
    let mismatch = answer.reach.mismatched.iter().find(|one| one.message == finding.message);
    if let Some(mismatch) = mismatch.filter(|one| !one.said_by_part.is_empty()) {
        let by_part = mismatch.said_by_part.iter();
        let names: Vec<&str> = by_part.map(|one| one.name.as_str()).chain([environment.as_str()]).collect();
        return Some(amend(mismatch, &for_terminal(&names.join(", "))));
    }
    let said = &answer.declared.environments;
    let is_said = |name: &String| answer.policy.environment(name).is_some_and(|one| one.name == *environment);
    if let Some(region) = finding.region.as_ref().filter(|_| said.is_empty() || said.iter().any(is_said)) {
        return Some(format!("add `--region {}`", for_terminal(region)));
    }
    // where their files are is not known here, and without them the command would ask about something else
    if answer.evidence.is_some_and(|evidence| evidence.plan.is_some() || evidence.manifests.is_some()) {
        let options = "with the other options as they are";
        return Some(format!("name `{}` too, {options}", for_terminal(environment)));
    }
    let About { words, .. } = about(answer, std::slice::from_ref(environment))?;
    let mode = if answer.command.is_some() { "run" } else { "check" };
    let words = ["freezegate", mode].into_iter().chain(words.iter().map(String::as_str));
    let repeated = answer.repeated.iter().map(String::as_str);
    let behind = answer.command.map_or_else(String::new, started);
    Some(format!("`{}`", glued(&format!("{}{behind}", command(words.chain(repeated))))))
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
        | Because::Routes { what, policy }
            if finding.is_about(reached) =>
        {
            Some((what.as_str(), Some(*policy)))
        }
        Because::Shown { .. }
        | Because::Job { .. }
        | Because::Possible { .. }
        | Because::PolicyEdit { .. }
        | Because::Routes { .. }
        | Because::Declared => None,
    })
}

/// Returns the path of the policy, if an edit of it is what meets `finding`.
pub(in crate::report) fn edited<'a>(answer: &'a Answer<'_>, finding: &'a Finding) -> Option<&'a str> {
    let (what, _) = shown_by(answer, finding)?;
    let by_edit = answer.reach.reached.iter().any(|reached| {
        finding.is_about(reached) && matches!(&reached.because, Because::PolicyEdit { what: one, .. } if one == what)
    });
    (by_edit || finding.code == FindingCode::PolicyChange).then_some(what)
}

pub(super) fn cite(answer: &Answer<'_>, finding: &Finding) -> Option<String> {
    finding.place.map(|place| answer.policy.sources.cite(place))
}

/// The clock, the end and the reason of the window that was met.
fn met_rows(
    rows: &mut Rows,
    answer: &Answer<'_>,
    (finding, group): (&Finding, &[&Finding]),
    met: &Met,
) -> Result<(), TimeError> {
    let now = answer.decision.at;
    let mut names = group.iter().filter_map(|one| one.window.as_ref().map(|met| met.last_zone.name()));
    let first = names.next();
    // of several clocks none is better than another
    let clock = if names.all(|name| Some(name) == first) {
        here(&met.last_zone, now, now)?
    } else {
        everywhere(&[], None, now, now)?
    };
    let window = for_terminal(&met.text);
    let state = match finding.code {
        FindingCode::OutsideChangeWindow => format!("{clock}, open only {window}"),
        FindingCode::WindowTooShort => {
            let from = met.from.map_or_else(|| Ok(String::new()), |from| wall(&met.last_zone, from, now))?;
            format!("{clock}, closes {from} ({})", for_terminal(&finding.id.to_string()))
        }
        FindingCode::StaleCalendar => clock,
        FindingCode::CoreHours
        | FindingCode::Freeze
        | FindingCode::TargetMismatch
        | FindingCode::UnknownTarget
        | FindingCode::ClockBehind
        | FindingCode::RouteHijack
        | FindingCode::RouteOverlap
        | FindingCode::RouteTakeover
        | FindingCode::RouteDead
        | FindingCode::PolicyChange => format!("{clock}, closed {}", closed(finding, group, met, now)?),
    };
    rows.row(CLOCK, &state, None);
    if finding.code == FindingCode::WindowTooShort {
        let (change, settle) = needed(answer, finding);
        let settling = if settle > Seconds::ZERO { format!(", {} to settle", in_full(settle)) } else { String::new() };
        rows.row("needs", &format!("{} to change{settling}", in_full(change)), None);
    }
    if let Some((kinds, target)) = if_kind_is_unknown(answer, finding).filter(|_| finding.lifted_by.is_none()) {
        rows.row(STOPS_ONLY, &kinds, target.as_deref());
    }
    if finding.code == FindingCode::StaleCalendar && finding.refuses() {
        rows.row("see", "`freezegate explain stale-calendar`", None);
    }
    for shown in &finding.hazards {
        let place = answer.policy.sources.cite(shown.hazard.place);
        rows.row("hazard", &format!("{}: {}", shown.hazard.name, shown.text()), Some(&place));
        if let Some(reason) = &shown.hazard.reason {
            rows.row("effect", &for_terminal(reason), None);
        }
        if let Some(source) = &shown.hazard.source {
            rows.row("see", &for_terminal(source), None);
        }
    }
    if let Some(reason) = &finding.reason {
        rows.row("because", &for_terminal(reason), None);
    }
    if let Some(held_back) = &finding.held_back {
        let clock = here(&met.last_zone, held_back.from, now)?;
        let place = answer.policy.sources.cite(held_back.place);
        rows.row("roll-out", &staged(finding.level, held_back, &clock), Some(&place));
    }
    Ok(())
}

/// Returns what a roll-out does to a window of the level `now`, `clock` being when its next stage begins.
fn staged(now: Level, held_back: &HeldBack, clock: &str) -> String {
    let (next, own) = (held_back.next.as_str(), held_back.own.as_str());
    let later = if next == own { String::new() } else { format!(", later {own}") };
    match now {
        Level::Warn => format!("a warning until {clock}, then refused ({next}{later})"),
        Level::Soft | Level::Hard => format!("{} until {clock}, then {next}{later}", now.as_str()),
    }
}

/// Returns how long the change takes, and how long it has to settle, in seconds.
fn needed(answer: &Answer<'_>, finding: &Finding) -> (Seconds, Seconds) {
    let environment = finding.environment.as_ref().and_then(|name| answer.policy.environment(name));
    let times =
        |environment: &Arc<Environment>| (environment.duration, answer.reach.settle_in(answer.policy, environment));
    let (duration, settle) = environment.map_or((Seconds::ZERO, Seconds::ZERO), times);
    (answer.duration.max(duration), settle)
}

/// Returns when the windows of `group` are closed: a freeze by its dates, hours of the week as the policy wrote them.
fn closed(finding: &Finding, group: &[&Finding], met: &Met, now: Instant) -> Result<String, TimeError> {
    if finding.code != FindingCode::Freeze {
        return Ok(for_terminal(&met.text).into_owned());
    }
    // one day is named once
    let end = |from: &str, until: String| match (from.rsplit_once(' '), until.rsplit_once(' ')) {
        (Some((day, _)), Some((same, time))) if day == same => time.to_owned(),
        (Some(_) | None, Some(_) | None) => until,
    };
    let mut spans: Vec<(String, String)> = Vec::new();
    let mut zones: Vec<&str> = Vec::new();
    let windows = || group.iter().filter_map(|one| one.window.as_ref());
    for met in windows() {
        let until = met.until.map(|until| dated(&met.last_zone, until, now)).transpose()?;
        let Some(until) = until else {
            return Ok(for_terminal(&met.text).into_owned());
        };
        let from = met.from.map(|from| dated(&met.zone, from, now)).transpose()?.unwrap_or_default();
        let until = end(&from, until);
        if !spans.contains(&(from.clone(), until.clone())) {
            spans.push((from, until));
        }
        for name in [met.zone.name(), met.last_zone.name()] {
            if !zones.contains(&name) {
                zones.push(name);
            }
        }
    }
    let span = |from: &str, until: &str, place: &str| {
        let start = if from.is_empty() { String::new() } else { format!("{} ", glued(from)) };
        format!("{start}to {}{place}", glued(until))
    };
    match spans.as_slice() {
        [(from, until)] => Ok(span(from, until, if zones.len() > 1 { " (local)" } else { "" })),
        _ => {
            let utc = Zone::named("UTC").ok_or(TimeError::UnreadableRules("UTC"))?;
            let from = windows().filter_map(|met| met.from).min().map(|from| dated(&utc, from, now)).transpose()?;
            let until = windows().filter_map(|met| met.until).max().map(|end| dated(&utc, end, now)).transpose()?;
            let from = from.unwrap_or_default();
            let until = end(&from, until.unwrap_or_default());
            Ok(span(&from, &until, " UTC (varies by region)"))
        }
    }
}

/// The end of the window that was met.
fn end_row(rows: &mut Rows, answer: &Answer<'_>, finding: &Finding, met: &Met) -> Result<(), TimeError> {
    let now = answer.decision.at;
    let clock = |at: Instant| -> Result<String, TimeError> {
        Ok(format!("{}, {}", everywhere(&[&met.last_zone], answer.asker, at, now)?, until(at, now)))
    };
    let end = match met.until {
        Some(end) => clock(end)?,
        None if finding.code == FindingCode::StaleCalendar => UNTIL_UPDATED.to_owned(),
        None => "not within 400 days".to_owned(),
    };
    // if this window alone refuses, its end is when the change may go
    let label = if met.until == answer.decision.next_open { "opens" } else { "until" };
    rows.row(label, &end, None);
    // where each finding stands alone, as in an annotation, nobody may take that for when the change may go
    if let Some(open) = answer.decision.next_open.filter(|open| Some(*open) != met.until) {
        rows.row("opens", &clock(open)?, None);
    }
    Ok(())
}
