//! A decision for a person, who may be under stress: what was refused, where the clock stands, until when, and what to do.

use crate::decision::{Finding, FindingCode};
use crate::escape::for_terminal;
use crate::hex::short_id;
use crate::policy::duration::in_full;
use crate::report::clock::{everywhere, here_or_utc, last_start, until};
use crate::report::lint::against::{closing_line, counts, edit_rows, listing, summary};
use crate::report::rows::{ALLOWED, PrintedItem, QUIET, REFUSED, Rows, WARNING, glued};
use crate::report::stop::{AnswerReader, resume_way};
use crate::report::stopped_kinds::{STOPS_ONLY, if_kind_is_unknown};
use crate::report::text::findings::{by_window, cite, edited, harmless, refusal, title, title_of};
use crate::report::ways::{ASK, ways};
use crate::report::window_text::{UNTIL_UPDATED, further, others_follow, reason};
use crate::report::{Answer, AnswerMode, Examined, FIRST_POLICY, FirstPolicy, REMOTE_TIP, Trust};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::{RELEASE, TimeError, Zone};

pub(super) mod findings;

/// As many findings are printed in full; the rest get a line each.
const IN_FULL: usize = 6;

/// The answer to `check`.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown in a zone.
pub fn check(answer: &Answer<'_>) -> Result<Vec<PrintedItem>, TimeError> {
    let mut rows = Rows::default();
    head(&mut rows, answer)?;
    let (refusing, others): (Vec<&Finding>, Vec<&Finding>) =
        answer.decision.findings.iter().partition(|finding| finding.refuses());
    let groups = by_window(answer, &refusing);
    for group in groups.iter().take(IN_FULL) {
        refusal(&mut rows, answer, group)?;
    }
    for group in groups.iter().skip(IN_FULL) {
        if let Some(first) = group.first() {
            rows.heading(REFUSED, "also: ", &title_of(answer, first, group));
        }
    }
    for finding in &others {
        harmless(&mut rows, answer, finding)?;
    }
    let is_about_edit = refusing.is_empty() || refusing.iter().any(|finding| edited(answer, finding).is_some());
    for edit in answer.edits {
        // the row of the policy names what it is compared with, if that is the policy in force
        let summed = if edit.base == answer.policy_from { counts(edit) } else { summary(edit) };
        if is_about_edit || edit.comparison.is_empty() {
            edit_rows(edit, &summed, &mut rows)?;
        } else {
            rows.heading(QUIET, "policy edit: ", &format!("{summed}: see {}", listing(edit)));
        }
    }
    if !answer.is_refused() {
        allowed(&mut rows, answer)?;
    }
    tail(&mut rows, answer, &refusing)?;
    Ok(rows.into_entries())
}

/// Returns what a push says if it edits the policy, which opens nothing, and meets nothing else: a line for each edit that closes something.
/// `None` of any other answer.
#[must_use]
pub fn brief(answer: &Answer<'_>) -> Option<Vec<PrintedItem>> {
    let is_push = matches!(answer.mode, AnswerMode::PrePush | AnswerMode::PreReceive);
    let is_edit_alone = answer.decision.findings.is_empty() && answer.warnings.is_empty() && !answer.is_refused();
    if !is_push || !is_edit_alone || answer.edits.is_empty() {
        return None;
    }
    let mut rows = Rows::default();
    for edit in answer.edits.iter().filter(|edit| !edit.comparison.is_empty()) {
        rows.heading(ALLOWED, "policy edit: ", &closing_line(edit)?);
    }
    Some(rows.into_entries())
}

/// The answer to `next`: the openings ahead.
///
/// # Errors
///
/// As [`check`].
pub fn next(answer: &Answer<'_>) -> Result<Vec<PrintedItem>, TimeError> {
    let mut rows = Rows::default();
    let now = answer.decision.at;
    head(&mut rows, answer)?;
    let openings = answer.openings.unwrap_or_default();
    if openings.is_empty() {
        let text = match too_long(answer) {
            Some(text) => format!("{} is {text}", subject(answer)),
            None => never_open(answer),
        };
        rows.heading(REFUSED, "never: ", &text);
    } else {
        rows.heading(ALLOWED, "next: ", &format!("when {} may change", subject(answer)));
    }
    let zones = zones_of(answer);
    for (number, opening) in (1..).zip(openings) {
        let from = everywhere(zones.get(..1).unwrap_or_default(), answer.asker, opening.from, now)?;
        let refuses = answer.decision.findings.iter().any(Finding::refuses);
        let is_hidden = number == 1 && refuses && others_follow(answer.decision.findings.iter(), opening.from);
        let further = if is_hidden { further(answer.duration) } else { "" };
        rows.row(&format!("{number}"), &format!("{from}, {}{further}", until(opening.from, now)), None);
        let last = match opening.until {
            Some(end) => {
                let (word, end) = last_start(end).map_or(("before", end), |last| ("until", last));
                let clock = here_or_utc(answer.asker.or(zones.first().copied()), end, now)?;
                let lasts = if answer.duration > Seconds::ZERO {
                    format!(" of {}", glued(&in_full(answer.duration)))
                } else {
                    String::new()
                };
                format!("a change{lasts} may start {word} {clock}")
            }
            None => "stays open for at least 400 days".to_owned(),
        };
        rows.row("", &last, None);
    }
    if let Some(finding) = answer.decision.findings.iter().find(|finding| finding.refuses()) {
        rows.row("closed by", &closed_by(answer, finding), cite(answer, finding).as_deref());
        if let Some((kinds, target)) = if_kind_is_unknown(answer, finding) {
            rows.row(STOPS_ONLY, &kinds, target.as_deref());
        }
        if let Some(stop) = answer.policy.stops.of_finding(&finding.id) {
            let reason = finding.reason.as_deref().unwrap_or_default();
            rows.row("because", &for_terminal(reason), None);
            rows.row("resume", &resume_way(answer.policy, stop, AnswerReader::of(answer)), None);
        }
    }
    if let Some(text) = typed_only(answer) {
        rows.heading(WARNING, &text, "");
    }
    foot(&mut rows, answer);
    Ok(rows.into_entries())
}

fn head(rows: &mut Rows, answer: &Answer<'_>) -> Result<(), TimeError> {
    // the answer itself says that it is about the first policy
    let is_said = |warning: &str| answer.first_policy.is_some() && warning.starts_with(FIRST_POLICY);
    for warning in answer.warnings.iter().filter(|warning| !is_said(warning)) {
        rows.heading(WARNING, "warning: ", warning);
    }
    if answer.hypothetical {
        let at = everywhere(&[], None, answer.decision.at, Instant::EPOCH)?;
        rows.heading(QUIET, "hypothetical: ", &format!("as if it were {at}"));
    }
    Ok(())
}

/// Returns that what is reached does not open, or, of several environments, not all at once.
fn never_open(answer: &Answer<'_>) -> String {
    if is_of_several(answer) {
        let alone = "if each opens alone, change them one by one";
        format!("{} are not open at the same time within 400 days; {alone}", subject(answer))
    } else {
        format!("{} does not open within 400 days", subject(answer))
    }
}

/// Returns whether more than one environment is reached.
fn is_of_several(answer: &Answer<'_>) -> bool {
    let mut names = answer.reach.reached.iter().map(|reached| &reached.environment.name);
    names.next().is_some_and(|first| names.any(|name| name != first))
}

/// Returns what the answer is about: the environments reached.
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

/// The window that closes, such as `core hours Mon-Fri 08:00-18:00, hard`; with its place, if the question is about several.
fn closed_by(answer: &Answer<'_>, finding: &Finding) -> String {
    // a stop has rows of its own, which say why
    if answer.policy.stops.of_finding(&finding.id).is_some() || finding.window.is_none() {
        return title(answer, finding);
    }
    let places = [&finding.environment, &finding.region].into_iter().flatten().cloned().collect::<Vec<_>>().join("/");
    let place = if answer.reach.reached.len() > 1 { format!("{places}: ") } else { String::new() };
    for_terminal(&format!("{place}{}", reason(finding))).into_owned()
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
    if answer.first_policy == Some(FirstPolicy::Brought) {
        let change = if answer.mode == AnswerMode::PreReceive { "push" } else { "change" };
        let files = answer.policy.sources.files();
        let file = files.first().map_or("the policy", |file| file.path.as_str());
        let text = format!("this {change} adds the first policy (`{}`) and is not judged", for_terminal(file));
        rows.heading(ALLOWED, "allowed: ", &text);
        let names: Vec<String> =
            answer.policy.environments.iter().map(|one| format!("`{}`", for_terminal(&one.name))).collect();
        let names = if names.is_empty() { String::new() } else { format!(" to {}", names.join(", ")) };
        rows.row("from now on", &format!("this policy judges each {change}{names}"), None);
        return Ok(());
    }
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
            // what is overridden goes on: the override ends
            let overridden = answer.decision.findings.iter().filter(|finding| finding.lifted_by.is_some());
            let met: Vec<_> = overridden.filter_map(|finding| finding.window.as_ref()).collect();
            let is_overridden = met.iter().any(|met| met.until.is_none_or(|until| until > end));
            let (label, end) = match last_start(end) {
                Some(last) => ("last start", last),
                None if is_overridden => ("override", end),
                // closed already: what lifts that goes on until then, as a rollback does
                None if !met.is_empty() => ("passes", end),
                None => ("closes", end),
            };
            let clock = here_or_utc(answer.asker.or(zones.first().copied()), end, now)?;
            let text = format!("{clock}, {}", until(end, now));
            (label, if ["override", "passes"].contains(&label) { format!("until {text}") } else { text })
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
        Some(_) if answer.first_policy == Some(FirstPolicy::Brought) => {}
        Some(evidence) => {
            let short = |range: &String| range.split("..").map(short_id).collect::<Vec<_>>().join("..");
            let on = evidence.reference.as_ref().map_or_else(String::new, |name| format!(" on {}", for_terminal(name)));
            let paths = if evidence.paths == 1 { "1 path".to_owned() } else { format!("{} paths", evidence.paths) };
            let base = for_terminal(&evidence.base);
            let change =
                format!("{}{}", evidence.range.as_ref().map(short).unwrap_or_default(), on.replace("refs/heads/", ""));
            let text = match &evidence.range {
                Some(range) => format!("{}{on}: {paths} (base: {base})", short(range)),
                None if answer.mode.is_question() => {
                    format!("all that may have changed{on} (base: {base})")
                }
                None => format!("{}: {paths} (base: {base})", on.trim_start()),
            };
            if let Some(command) = &evidence.command {
                rows.row("judged", &format!("the command {command}"), None);
            }
            if let Some(plan) = &evidence.plan {
                rows.row("judged", &plan.text(), None);
            }
            if let Some(manifests) = &evidence.manifests {
                rows.row("judged", &manifests.text(), None);
            }
            let is_other = evidence.command.is_some() || evidence.plan.is_some() || evidence.manifests.is_some();
            if is_one_row(answer) {
                rows.row("judged", &on_server(answer, evidence, change.trim_start()), None);
            } else if !is_other || evidence.range.is_some() || !evidence.compared.is_empty() {
                rows.row("judged", &text, None);
            }
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
        rows.row("not judged", &format!("{} (--declared-only)", for_terminal(&others.join(", "))), None);
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
        Some(evidence) if evidence.plan.is_some() && evidence.compared.is_empty() => {
            format!("{TYPED_ONLY}: {names}; no target maps the plan to it")
        }
        Some(evidence) if evidence.manifests.is_some() && evidence.compared.is_empty() => {
            format!("{TYPED_ONLY}: {names}; no target maps the manifests to it")
        }
        Some(evidence) if evidence.command.is_some() && evidence.compared.is_empty() => {
            format!("{TYPED_ONLY}: {names}; no target maps the command to it")
        }
        Some(evidence) if evidence.compared.iter().any(|one| one.everything) => {
            format!("{TYPED_ONLY}: {names}; no files were compared, because the previous state is not known")
        }
        Some(_) if typed.len() == 1 => format!("{TYPED_ONLY}: {first}; no changed file maps to it"),
        Some(_) => format!("{TYPED_ONLY}: {names}; no changed file maps to them"),
    })
}

/// The text with which every format marks what only words name.
const TYPED_ONLY: &str = "judged by name only";

/// What to do next.
fn tail(rows: &mut Rows, answer: &Answer<'_>, refusing: &[&Finding]) -> Result<(), TimeError> {
    if answer.is_refused() {
        rows.row("opens", &opens(answer, refusing)?, None);
        if let Some(text) = without_base(answer) {
            rows.row("way out", text, None);
        }
        if let Some(back) = answer.way_back {
            rows.row("rollback", &back.message, None);
        }
        // one row for all people: who signs, who owns what is closed, who helps
        let mut asked: Vec<String> = Vec::new();
        if refusing.iter().any(|finding| finding.code == FindingCode::ClockBehind) {
            rows.row("override", "none: a wrong clock can't be overridden", None);
        } else {
            for way in ways(answer, refusing) {
                match way.label {
                    ASK => asked.push(way.text),
                    label => rows.row(label, &way.text, None),
                }
            }
        }
        asked.extend(owners(answer, refusing));
        let helps = [&answer.policy.help.contact, &answer.policy.help.url].into_iter().flatten();
        asked.extend(helps.map(|help| for_terminal(help).into_owned()));
        if !asked.is_empty() {
            rows.row(ASK, &asked.join("; "), None);
        }
        // it fixes nothing that is deployed: what does comes first
        if let Some(undo) = answer.undo {
            rows.row("undo", undo, None);
        }
        if answer.first_policy == Some(FirstPolicy::NotAtRemote) {
            let text =
                "if this push adds the remote's first policy: `git push --no-verify`; a server with the hook allows it";
            rows.row("first push", text, None);
        }
    }
    examined(rows, answer);
    foot(rows, answer);
    Ok(())
}

/// Returns what to do if nothing says what was there before, so that all that may have changed is judged; `None` of other answers.
fn without_base(answer: &Answer<'_>) -> Option<&'static str> {
    let is_of_job = answer.pipeline.is_some() && answer.evidence?.compared.iter().any(|one| one.everything);
    is_of_job.then_some(if answer.recorded.is_some() {
        "the record has no allowed state to compare files with, so all of it must be open; once this job was allowed, when it opens or with an override, later ones compare files"
    } else {
        "nothing says what was there before, so all of it must be open; with `--range OLD..NEW`, OLD being what is deployed, files are compared"
    })
}

/// The most owners of environments that are named.
const MOST_OWNERS: usize = 3;

/// Returns who answers for the environments that are closed, such as `production: team-payments`; `None` if the policy does not say.
fn owners(answer: &Answer<'_>, refusing: &[&Finding]) -> Option<String> {
    let names = refusing.iter().filter_map(|finding| finding.environment.as_deref());
    let mut told: Vec<String> = Vec::new();
    for environment in names.filter_map(|name| answer.policy.environment(name)) {
        let of_one = environment.owner.as_ref().map(|owner| format!("{}: {owner}", environment.name));
        told.extend(of_one.filter(|text| !told.contains(text)));
    }
    let more = told.len().saturating_sub(MOST_OWNERS);
    told.truncate(MOST_OWNERS);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    (!told.is_empty()).then(|| for_terminal(&format!("{}{more}", told.join("; "))).into_owned())
}

/// Returns when the change may go: one line for all that refuses it.
fn opens(answer: &Answer<'_>, refusing: &[&Finding]) -> Result<String, TimeError> {
    let now = answer.decision.at;
    let timeless = refusing.iter().filter(|finding| finding.window.is_none()).count();
    match answer.decision.next_open {
        Some(open) => {
            // the clock that keeps it closed, where it is one
            let last = refusing.iter().filter_map(|finding| finding.window.as_ref());
            let last = last.filter(|met| met.until == Some(open)).map(|met| &*met.last_zone).next();
            // else the reader's own clock says it best
            let other = || zones_of(answer).first().copied().filter(|_| answer.asker.is_none());
            let zones: Vec<&Zone> = last.or_else(other).into_iter().collect();
            let clock = everywhere(&zones, answer.asker, open, now)?;
            let is_hidden = last.is_none() && others_follow(refusing.iter().copied(), open);
            let further = if is_hidden { further(answer.duration) } else { "" };
            Ok(format!("{clock}, {}{further}", until(open, now)))
        }
        None if refusing.iter().any(|finding| finding.code == FindingCode::ClockBehind) => {
            Ok("when the clock or the record is fixed: see `freezegate explain clock-behind`".to_owned())
        }
        None if refusing.iter().all(|finding| finding.code == FindingCode::PolicyChange) => {
            Ok(format!("never by itself ({})", explained(refusing)))
        }
        None if timeless > 0 && timeless == refusing.len() => Ok(format!("when you fix it ({})", explained(refusing))),
        None if timeless > 0 => {
            let lasting = || refusing.iter().filter(|finding| finding.window.is_none());
            let edited = lasting().find_map(|finding| edited(answer, finding));
            let is_edit_alone = lasting().all(|finding| finding.code == FindingCode::PolicyChange);
            let fixed = match edited.filter(|_| is_edit_alone) {
                Some(path) => format!(
                    "if you push the edit of `{}` on its own ({}); that edit needs an override",
                    for_terminal(path),
                    explained(refusing)
                ),
                None => format!("once you fix what is refused at any hour ({})", explained(refusing)),
            };
            let met = refusing.iter().filter_map(|finding| finding.window.as_ref());
            let last = met.filter_map(|met| Some((met.until?, &*met.last_zone))).max_by_key(|(end, _)| *end);
            Ok(match (answer.decision.opens_once_fixed, last) {
                (Some(open), last) if open > now => {
                    let zones: Vec<&Zone> = last.map(|(_, zone)| zone).into_iter().collect();
                    let clock = everywhere(&zones, answer.asker, open, now)?;
                    format!("{clock}, {}, {fixed}", until(open, now))
                }
                (Some(_), _) => fixed,
                (None, _) => format!("not within 400 days, even {fixed}"),
            })
        }
        None if refusing.iter().all(|finding| finding.code == FindingCode::StaleCalendar) => {
            Ok(UNTIL_UPDATED.to_owned())
        }
        None if refusing.iter().any(|finding| finding.code == FindingCode::WindowTooShort) => {
            Ok(match too_long(answer) {
                Some(text) => format!("not within 400 days: it is {text}"),
                None => "not within 400 days: it is never open long enough for the change".to_owned(),
            })
        }
        None if let Some(text) = too_long(answer) => Ok(format!("not within 400 days: it is {text}")),
        None if is_of_several(answer) => Ok(format!("never: {}", never_open(answer))),
        None => Ok("not within 400 days".to_owned()),
    }
}

/// Returns the commands that explain the findings that do not depend on the time, each once.
fn explained(refusing: &[&Finding]) -> String {
    let mut commands: Vec<String> = Vec::new();
    for finding in refusing.iter().filter(|finding| finding.window.is_none()) {
        let command = format!("`freezegate explain {}`", finding.code.as_str());
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands.join(", ")
}

/// That the change takes longer than any opening lasts; `None` if it is not known to.
fn too_long(answer: &Answer<'_>) -> Option<String> {
    let longest = answer.longest.filter(|longest| *longest < answer.duration)?;
    Some(format!("not open for {} at a time (longest {})", glued(&in_full(answer.duration)), glued(&in_full(longest))))
}

/// Returns whether one row says what was judged, by which policy, and where that is recorded: for whoever pushed and was refused by a server,
/// the rest is in the record.
fn is_one_row(answer: &Answer<'_>) -> bool {
    answer.mode == AnswerMode::PreReceive && answer.is_refused() && answer.evidence.is_some()
}

/// Returns what a server judged, by which policy, and in which entry that is recorded.
fn on_server(answer: &Answer<'_>, evidence: &Examined, change: &str) -> String {
    let paths = if evidence.paths == 1 { "1 path".to_owned() } else { format!("{} paths", evidence.paths) };
    // of a push it is the remote tip, unless somebody is to know why it is another
    let base =
        if evidence.base == REMOTE_TIP { String::new() } else { format!(" (base: {})", for_terminal(&evidence.base)) };
    let files: Vec<&str> = answer.policy.sources.files().iter().map(|file| file.path.as_str()).collect();
    let followed = answer.policy.followed();
    let followed =
        followed.map_or_else(String::new, |one| format!(", organisation {}, serial {}", one.name, one.serial));
    let policy = format!("{} ({}){followed}", files.join(", "), answer.policy_from.replace("refs/heads/", ""));
    let entry = answer
        .recorded
        .map_or_else(String::new, |entry| format!("; {}", glued(&format!("entry {} of the record", entry.sequence))));
    format!("{change}: {paths}{base}, by {}{entry}", for_terminal(&policy))
}

fn foot(rows: &mut Rows, answer: &Answer<'_>) {
    if is_one_row(answer) {
        return;
    }
    let files: Vec<&str> = answer.policy.sources.files().iter().map(|file| file.path.as_str()).collect();
    let trust = match answer.trust {
        Trust::Advice => "advice",
        Trust::Enforcement => "enforced",
    };
    let followed = answer.policy.followed();
    let followed =
        followed.map_or_else(String::new, |one| format!("; organisation {}, serial {}", one.name, one.serial));
    // a remote branch by its short name, so that the row fits on one line
    let from = answer.policy_from.replace("refs/remotes/", "");
    let text = format!("{} ({from}), {trust}{followed}; tzdb {}", files.join(", "), RELEASE.name);
    rows.row("policy", &for_terminal(&text).replace("; tzdb ", &format!("; {}", glued("tzdb "))), None);
    if let Some(entry) = answer.recorded {
        // in full, as a part of it would not do for `record verify --expect`
        rows.row("recorded", &format!("entry {}, {}", entry.sequence, entry.hash), None);
    }
}
