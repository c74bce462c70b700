//! The ways to override a refusal, for people.

use crate::change::CommandLine;
use crate::decision::{Finding, FindingCode};
use crate::escape::for_terminal;
use crate::policy::person::same_person;
use crate::policy::{Lift, LiftNeed, LiftedFindings, Signers};
use crate::proof::grant::lift_lasts;
use crate::report::rows::glued;
use crate::report::stop::{AnswerReader, place_for};
use crate::report::{Answer, AnswerMode, Examined, GrantLack, SERVER_FILE, Trust, UnfinishedGrant};
use crate::shell::{command, shell_word, word_of_bytes};

/// The label of the first way to override.
const LABEL: &str = "override";

/// The label of the people to ask.
pub(super) const ASK: &str = "ask";

/// The text in place of a command whose arguments are left out.
const ANY_COMMAND: &str = " -- COMMAND";

/// Where an enforcing gate keeps its record, in commands that are printed: out of reach of a change.
const SHARED_RECORD: &str = "origin:refs/heads/freezegate-record";

/// The file of an answer from which a grant is made.
const SAVED: &str = "refusal.json";

/// One way: what it is for, and what it takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// `override`; `or` for every further way; `and` for what a further finding needs; `ask` for who can sign.
    pub(super) label: &'static str,
    /// The command to begin with, and whose signatures it needs.
    pub(super) text: String,
}

/// Returns the ways to override all of these findings, in the order of the policy: those for the highest level; one that says so if there is
/// none. If all findings are edits of the policy, lifts that name those count too.
pub(super) fn ways(answer: &Answer<'_>, refusing: &[&Finding]) -> Vec<Way> {
    let Some(level) = refusing.iter().map(|finding| finding.level).max() else {
        return Vec::new();
    };
    if let Some(way) = unfinished(answer, refusing) {
        return vec![way];
    }
    let has_none = |finding: &&&Finding| lifts_of(answer, finding).next().is_none();
    let lasting: Vec<&&Finding> = refusing.iter().filter(has_none).collect();
    if let Some(first) = lasting.first().filter(|_| lasting.len() < refusing.len()) {
        let text = format!("none: nobody may override {} ({})", first.id, first.level.as_str());
        return vec![Way { label: LABEL, text: for_terminal(&text).into_owned() }];
    }
    let are_edits = refusing.iter().all(|finding| finding.code == FindingCode::PolicyChange);
    let highest: Vec<&Finding> = refusing.iter().copied().filter(|finding| finding.level == level).collect();
    let is_for_all = |lift: &&Lift| {
        let is_edit_alone = !are_edits && lift.covers == LiftedFindings::PolicyChange;
        !is_edit_alone && highest.iter().all(|finding| lift.is_for(&need(answer, finding)))
    };
    let incident = asks_for_incident(answer);
    let mut lifts: Vec<&Lift> = answer.policy.lifts.iter().filter(is_for_all).collect();
    let labels = std::iter::once(LABEL).chain(std::iter::repeat("or"));
    let mut ways: Vec<Way> =
        lifts.iter().zip(labels).map(|(lift, label)| Way { label, text: way(answer, lift, incident) }).collect();
    if lifts.is_empty() {
        ways = ways_of_each(answer, &highest, incident, &mut lifts);
    }
    ways.extend(members(answer, &lifts).map(|text| Way { label: ASK, text }));
    if ways.is_empty() {
        ways.push(Way {
            label: LABEL,
            text: format!("none: this policy lets nobody override {} findings", level.as_str()),
        });
    }
    ways
}

/// Returns what a grant at hand that would override all of this still lacks: whoever started another would lose its signatures.
fn unfinished(answer: &Answer<'_>, refusing: &[&Finding]) -> Option<Way> {
    let is_for =
        |grant: &&UnfinishedGrant| refusing.iter().all(|finding| grant.lifts.contains(&finding.id.to_string()));
    let grant = answer.unfinished.iter().find(is_for)?;
    let text = match &grant.lack {
        GrantLack::Signatures { missing, signed_as } => {
            let sign = signed_as.as_ref().map_or_else(|| "FILE".to_owned(), |name| shell_word(name).into_owned());
            let sign = glued(&for_terminal(&format!("freezegate grant sign {sign} --key KEY")));
            format!("`{sign}` by {} completes grant {}", for_terminal(missing), for_terminal(&grant.id))
        }
        GrantLack::Record => {
            // a hook keeps the record that it was installed with, and its warning says so
            let record = answer.mode.is_question().then(|| record_option(answer))?;
            format!("add `{}`, which grant {} needs", glued(&record), for_terminal(&grant.id))
        }
    };
    Some(Way { label: LABEL, text })
}

/// Returns the option that keeps a record: where it is enforced, no file of the work tree will do.
fn record_option(answer: &Answer<'_>) -> String {
    let place = if answer.trust == Trust::Enforcement { SHARED_RECORD } else { "record.jsonl" };
    format!("--record {place}")
}

/// Returns whether somebody may override everything that refuses, so that a grant could.
#[must_use]
pub fn can_be_granted(answer: &Answer<'_>) -> bool {
    let mut refusing = answer.decision.findings.iter().filter(|finding| finding.refuses());
    refusing.all(|finding| lifts_of(answer, finding).next().is_some())
}

/// The ways if no entry is for all of the findings: each needs the signatures of one of its own. Adds those entries to `lifts`.
fn ways_of_each<'a>(answer: &Answer<'a>, findings: &[&Finding], incident: bool, lifts: &mut Vec<&'a Lift>) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    for finding in findings {
        for (number, lift) in lifts_of(answer, finding).enumerate() {
            let label = match (ways.is_empty(), number) {
                (true, _) => LABEL,
                (false, 0) => "and",
                (false, _) => "or",
            };
            let text = format!("{} (for {})", way(answer, lift, incident), for_terminal(&finding.id.to_string()));
            ways.push(Way { label, text });
            lifts.push(lift);
        }
    }
    ways
}

/// Returns what it takes to override a finding.
fn need(answer: &Answer<'_>, finding: &Finding) -> LiftNeed {
    LiftNeed::of(&finding.id, finding.level, answer.policy, answer.reach.is_of_hazards())
}

/// The entries that are for a finding, in the order of the policy.
fn lifts_of<'a>(answer: &Answer<'a>, finding: &Finding) -> impl Iterator<Item = &'a Lift> + use<'a> {
    let need = need(answer, finding);
    answer.policy.lifts.iter().filter(move |lift| lift.is_for(&need))
}

/// The most members of a group that are named.
const MOST_MEMBERS: usize = 3;

/// Returns who of the groups that sign may sign, such as `oncall: ben@example.com, cleo@example.com`; `None` if no group does. Whoever wrote or
/// pushes the change is left out, unless an entry lets them sign.
fn members(answer: &Answer<'_>, lifts: &[&Lift]) -> Option<String> {
    let mut told: Vec<String> = Vec::new();
    let asked = lifts.iter().flat_map(|lift| &lift.signed).filter_map(|signers| match signers {
        Signers::Any => None,
        Signers::Group(name) => Some(name),
    });
    for name in asked {
        let of_group: Vec<&Lift> =
            lifts.iter().copied().filter(|lift| lift.signed.contains(&Signers::Group(name.clone()))).collect();
        let may_sign = |member: &&String| of_group.iter().any(|lift| may_sign(answer, lift, member));
        let groups = answer.policy.approvers.iter().flat_map(|approvers| &approvers.groups);
        for group in groups.filter(|group| group.name == *name) {
            let able: Vec<&String> = group.members.iter().filter(may_sign).collect();
            let mut names: Vec<String> = able.iter().take(MOST_MEMBERS).map(|member| (*member).clone()).collect();
            let more = able.len().saturating_sub(MOST_MEMBERS);
            if more > 0 {
                names.push(format!("and {more} more"));
            }
            if names.is_empty() && !group.members.is_empty() {
                names.push("nobody: its members wrote or push the change".to_owned());
            }
            let text = for_terminal(&format!("{name}: {}", names.join(", "))).into_owned();
            if !told.contains(&text) {
                told.push(text);
            }
        }
    }
    (!told.is_empty()).then(|| told.join("; "))
}

/// Returns whether an entry lets a person sign, as far as it is known who wrote and who pushes the change. An author whom it lets sign may push it
/// too.
fn may_sign(answer: &Answer<'_>, lift: &Lift, person: &str) -> bool {
    let is_one_of = |names: &[String]| names.iter().any(|name| same_person(name, person));
    if is_one_of(answer.authors) { lift.author } else { !is_one_of(answer.pushers) }
}

/// Returns whether one of the findings that refuse is lifted for an incident only: one grant lifts them all.
fn asks_for_incident(answer: &Answer<'_>) -> bool {
    answer.decision.findings.iter().filter(|finding| finding.refuses()).any(|finding| {
        let mut entries = lifts_of(answer, finding).peekable();
        entries.peek().is_some() && entries.all(|lift| lift.incident)
    })
}

fn way(answer: &Answer<'_>, lift: &Lift, incident: bool) -> String {
    let is_question = answer.mode.is_question();
    if lift.signed.is_empty() && is_question {
        // an incident alone counts only if it is recorded
        let record = if answer.recorded.is_none() { format!(" {}", record_option(answer)) } else { String::new() };
        let options = glued(&format!("--incident {}{record}", word_of_bytes(incident_of(answer).as_bytes())));
        return format!("add `{options}`: the incident is enough; it is recorded");
    }
    if is_unrecorded(answer) && !is_of_answer(answer) && about(answer, &[]).is_none_or(|about| about.is_bound) {
        let record = match answer.mode {
            AnswerMode::PreReceive => format!(
                "this server keeps no record; its administrator adds one: `{}`",
                glued("freezegate hook install pre-receive --record FILE")
            ),
            AnswerMode::Check | AnswerMode::Next | AnswerMode::Run | AnswerMode::PrePush => {
                "add `--record`, a file outside the work tree or a ref: without a record, a grant for one change is not valid here".to_owned()
            }
        };
        // a signed grant for any change of an incident needs no record
        let can_sign = !lift.signed.is_empty() && lift_lasts(answer.policy, lift, answer.decision.at).is_some();
        return match grant_new(answer, (true, true)).filter(|_| can_sign) {
            Some(command) => {
                let alone = match answer.mode {
                    AnswerMode::PreReceive => format!("Only for this change: {record}"),
                    AnswerMode::Check | AnswerMode::Next | AnswerMode::Run | AnswerMode::PrePush => format!(
                        "To permit only this change, run this again with `{}`: that prints the command",
                        glued(&format!("--record {SHARED_RECORD}"))
                    ),
                };
                let (command, needs) = (glued(&command), signatures(lift));
                let needs = for_terminal(&needs);
                format!("`{command}` needs {needs}. It permits any change for the incident. {alone}")
            }
            None if answer.mode == AnswerMode::PreReceive => format!("none here: {record}"),
            None => record,
        };
    }
    let needs = if lift.signed.is_empty() { "no signature".to_owned() } else { signatures(lift) };
    if lift_lasts(answer.policy, lift, answer.decision.at).is_none() {
        return format!(
            "nobody can sign: too few keys of the roster are valid now ({}); the gate's administrator renews them with another policy: `--policy FILE` on a server, `--policy-from COMMIT` in a job",
            for_terminal(&needs)
        );
    }
    match grant_new(answer, (lift.incident || incident, false)) {
        Some(command) if is_of_answer(answer) => format!(
            "`{}` needs {}; {SAVED} is this answer: ask again with `{}`",
            glued(&command),
            for_terminal(&needs),
            glued(&format!("--format json --output {SAVED}"))
        ),
        Some(command) => {
            let file = if command.contains(&format!(" {SERVER_FILE} ")) {
                format!("; {SERVER_FILE} is not in the repository: ask the gate's administrator for it")
            } else {
                String::new()
            };
            format!("`{}` needs {}{file}{}", glued(&command), for_terminal(&needs), left_out(answer, &command))
        }
        None if answer.evidence.is_some_and(is_of_several_refs) => {
            format!("push each ref on its own: a grant is for the change of one; it needs {}", for_terminal(&needs))
        }
        None => format!("a grant needs {}, and a change whose content is known", for_terminal(&needs)),
    }
}

/// Returns the incident that was typed, else what stands for one.
fn incident_of<'a>(answer: &Answer<'a>) -> &'a str {
    answer.incident.unwrap_or("INC-…")
}

/// Returns whether the answer is that of a gate that notes no use of an override. The check of a pull request that deploys nowhere uses none up.
fn is_unrecorded(answer: &Answer<'_>) -> bool {
    let is_advisory = answer.pipeline.is_some_and(|pipeline| pipeline.is_advisory(answer.dry_run));
    let is_only_proposed = is_advisory && answer.declared.environments.is_empty();
    answer.trust == Trust::Enforcement && answer.recorded.is_none() && !is_only_proposed
}

/// Returns whose signatures an entry asks for, and whose don't count, such as `2 signatures: oncall, leads (not author, requester, pusher)`.
fn signatures(lift: &Lift) -> String {
    let names = lift.signed.iter().map(|signers| match signers {
        Signers::Any => "any approver",
        Signers::Group(name) => name.as_str(),
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let signatures =
        if lift.signed.len() == 1 { "1 signature".to_owned() } else { format!("{} signatures", lift.signed.len()) };
    let others = [(lift.author, "author"), (lift.requester, "requester"), (lift.author, "pusher")];
    let others: Vec<&str> = others.into_iter().filter(|(may_sign, _)| !may_sign).map(|(_, who)| who).collect();
    let but = if others.is_empty() { String::new() } else { format!(" (not {})", others.join(", ")) };
    format!("{signatures}: {names}{but}")
}

/// Returns the command that writes the grant, if there is one: for the commits that were compared, else for the environments that
/// are reached. It names an incident if that is asked for, and is for any change if that is.
fn grant_new(answer: &Answer<'_>, (incident, any): (bool, bool)) -> Option<String> {
    let About { words, is_bound } = if is_of_answer(answer) {
        About { words: ["--from", SAVED].map(str::to_owned).to_vec(), is_bound: false }
    } else {
        about(answer, &[])?
    };
    let is_bound = is_bound && !any;
    // whoever reads a log or what a server says finds those who sign elsewhere too
    let is_job = AnswerReader::of(answer) == AnswerReader::Elsewhere || answer.trust == Trust::Enforcement;
    // a grant for a command is written where that is started
    let travels = is_job && answer.command.is_none();
    let (verb, file) = if travels { ("ask", "") } else { ("new", " --output fix.grant") };
    let mut words: Vec<String> = ["freezegate", "grant", verb].map(str::to_owned).into_iter().chain(words).collect();
    words.extend(answer.repeated.iter().cloned());
    if answer.decision.findings.iter().any(|finding| finding.refuses() && answer.is_from_elsewhere(finding)) {
        words.extend(["--extra-freezes", SERVER_FILE].map(str::to_owned));
    }
    words.extend(stop_options(answer));
    // without a commit to be for, a grant is for an incident
    if !is_bound {
        words.push("--any-change".to_owned());
    }
    if incident || !is_bound {
        words.extend(["--incident", incident_of(answer)].map(str::to_owned));
    }
    let started = answer.command.filter(|_| is_bound).map_or_else(String::new, started);
    // quoted, as what comes in its place has blanks
    Some(format!("{}{file} --reason \"…\"{started}", command(words.iter().map(String::as_str))))
}

/// Returns the options that name the places of the stops which refuse, unless the question names them already.
fn stop_options(answer: &Answer<'_>) -> Vec<String> {
    let mut options: Vec<String> = Vec::new();
    for finding in answer.decision.findings.iter().filter(|finding| finding.refuses()) {
        if let Some(stop) = answer.policy.stops.of_finding(&finding.id) {
            let place = place_for(stop, AnswerReader::of(answer));
            if !answer.repeated.contains(&place) && !options.contains(&place) {
                options.extend(["--stops".to_owned(), place]);
            }
        }
    }
    options
}

/// A command behind the options of another. If it has arguments, `COMMAND` stands for all of it: they may be secret, and an answer goes to
/// the logs of jobs; and what stands in their place must not run.
pub(super) fn started(command: &CommandLine) -> String {
    match command.words.as_slice() {
        [program] => format!(" -- {}", word_of_bytes(program)),
        _ => ANY_COMMAND.to_owned(),
    }
}

/// Returns what `COMMAND` stands for, if it stands in a printed command.
fn left_out(answer: &Answer<'_>, printed: &str) -> String {
    match answer.command.and_then(|command| command.words.first()) {
        Some(program) if printed.ends_with(ANY_COMMAND) => {
            format!("; replace COMMAND with your `{}` command", for_terminal(&word_of_bytes(program)))
        }
        Some(_) | None => String::new(),
    }
}

/// A question as arguments of a command that asks it again.
pub(super) struct About {
    /// The arguments, not quoted.
    pub(super) words: Vec<String>,
    /// True if it is about one commit on one ref, or one command, which a grant can be bound to.
    pub(super) is_bound: bool,
}

/// Returns what the question was about, with `further` environments; `None` if no arguments can say it.
pub(super) fn about(answer: &Answer<'_>, further: &[String]) -> Option<About> {
    let mut environments = answer.declared.environments.clone();
    let add = |name: &String, environments: &mut Vec<String>| {
        if !environments.contains(name) {
            environments.push(name.clone());
        }
    };
    further.iter().for_each(|name| add(name, &mut environments));
    let one = answer.evidence.and_then(one_change);
    let is_command_alone = is_command_alone(answer);
    let has_plan = has_plan(answer);
    if one.is_none() && answer.evidence.is_some() && !is_command_alone {
        // of what is said to be reached, and not shown again, windows alone refuse
        if answer.decision.findings.iter().any(|finding| finding.refuses() && finding.window.is_none()) {
            return None;
        }
        answer.reach.reached.iter().for_each(|reached| add(&reached.environment.name, &mut environments));
    }
    let mut words = environments;
    let mut option = |name: &str, values: &[String]| {
        values.iter().for_each(|value| words.extend([format!("--{name}"), value.clone()]));
    };
    let is_bound = match one {
        Some(OneChange { range, reference, is_deletion }) => {
            option("range", &[range]);
            option("ref", reference.as_slice());
            !is_deletion && !has_plan
        }
        None => is_command_alone && !has_plan,
    };
    option("region", &answer.declared.regions);
    option("service", &answer.declared.services);
    option("kind", &answer.declared.kinds);
    Some(About { words, is_bound })
}

/// Returns whether nothing but the command shows what is reached.
fn is_command_alone(answer: &Answer<'_>) -> bool {
    let is_all = |one: &Examined| one.range.is_none() && one.compared.is_empty();
    answer.command.is_some() && !has_plan(answer) && answer.evidence.is_none_or(is_all)
}

/// Returns whether a plan or manifests were looked at, to which no grant is bound.
fn has_plan(answer: &Answer<'_>) -> bool {
    answer.evidence.is_some_and(|one| one.plan.is_some() || one.manifests.is_some())
}

/// Returns whether a grant is made from this very answer: a question about the same names would not show all that refuses again.
fn is_of_answer(answer: &Answer<'_>) -> bool {
    let Some(evidence) = answer.evidence.filter(|_| answer.mode.is_question() && !is_command_alone(answer)) else {
        return false;
    };
    let has_timeless = answer.decision.findings.iter().any(|finding| finding.refuses() && finding.window.is_none());
    match one_change(evidence) {
        Some(_) => has_plan(answer),
        None => has_timeless,
    }
}

/// A change of one ref of which is known what was there before.
struct OneChange {
    range: String,
    reference: Option<String>,
    is_deletion: bool,
}

/// Returns whether several refs were looked at: no ref has a blank in its name, and then it says how many.
fn is_of_several_refs(examined: &Examined) -> bool {
    examined.reference.as_ref().is_some_and(|name| name.contains(' '))
}

fn one_change(examined: &Examined) -> Option<OneChange> {
    let (old, new) = examined.range.as_deref()?.split_once("..")?;
    let reference = examined.reference.clone();
    // no option takes what is not UTF-8
    let is_no_name = reference.as_ref().is_some_and(|name| name.contains(char::REPLACEMENT_CHARACTER));
    if is_no_name || is_of_several_refs(examined) {
        return None;
    }
    Some(OneChange { range: format!("{}..{}", short(old), short(new)), reference, is_deletion: is_zeros(new) })
}

fn is_zeros(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

/// Twelve digits of an id, which are enough in any repository; zeros, which stand for no commit, in full.
fn short(id: &str) -> &str {
    if is_zeros(id) { id } else { id.get(..12).unwrap_or(id) }
}
