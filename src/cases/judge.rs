//! Judges cases by a policy, and compares the answer with what was expected.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use crate::cases::{CaseOutcome, PolicyCase, manifests};
use crate::change::CommandLine;
use crate::change::command::{FileFault, FolderEntry, Surroundings};
use crate::decision::schedule::DecisionQuestion;
use crate::decision::standing::standing;
use crate::decision::{Decision, Schedule, Verdict};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::policy::{FindingId, KindSet, Policy};
use crate::reach::{
    Because, Declared, DeclaredNames, Reach, RefSide, ResourceChanges, Shown, ShownHazard, TargetMatcher, add_plan,
    reach,
};
use crate::time::instant::Instant;

/// The result of a case.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// The answers, one for each instant of the case, in its order.
    pub answers: Vec<CaseAnswer>,
    /// The parts of the policy that the case touched, for the coverage.
    pub touched: Touched,
}

impl CaseResult {
    /// Returns whether all came out as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.answers.iter().all(|answer| answer.differences.is_empty())
    }
}

/// The result at one instant.
#[derive(Debug, Clone)]
pub struct CaseAnswer {
    /// The instant, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
    /// The answer.
    pub outcome: CaseOutcome,
    /// The ids of the findings that refuse, the gravest first.
    pub findings: Vec<String>,
    /// The time when the change may go, in seconds since 1970-01-01T00:00:00Z; `None` if not within 400 days, or without a decision.
    pub next_open: Option<Instant>,
    /// Everything that is not as expected, for people; none where all is.
    pub differences: Vec<String>,
}

/// The parts of a policy that are touched.
#[derive(Debug, Clone, Default)]
pub struct Touched {
    /// The ids of windows by which something was refused or warned of.
    pub windows: BTreeSet<FindingId>,
    /// Environments that were reached.
    pub environments: BTreeSet<String>,
    /// The place where the targets begin that showed something.
    pub targets: BTreeSet<Place>,
    /// The hazards that were shown, by name.
    pub hazards: BTreeSet<String>,
}

impl Touched {
    /// Adds what another one touched.
    pub fn add(&mut self, other: &Self) {
        self.windows.extend(other.windows.iter().cloned());
        self.environments.extend(other.environments.iter().cloned());
        self.targets.extend(other.targets.iter().copied());
        self.hazards.extend(other.hazards.iter().cloned());
    }
}

/// Judges all cases, `threads` at a time, in their order.
///
/// # Errors
///
/// Every name that the policy does not have, every path, ref, command or plan that can't be judged, and every instant that is too near to the first or last
/// date there is, at the place of the case.
pub fn judge(policy: &Policy, cases: &[PolicyCase], threads: usize) -> Result<Vec<CaseResult>, Vec<Diagnostic>> {
    let share = cases.len().div_ceil(threads.max(1)).max(1);
    let judged: Vec<Result<CaseResult, Vec<Diagnostic>>> = thread::scope(|scope| {
        let workers: Vec<_> = cases
            .chunks(share)
            .map(|some| {
                scope.spawn(move || {
                    let matcher = TargetMatcher::new(policy);
                    some.iter().map(|case| judge_case(policy, &matcher, case)).collect::<Vec<_>>()
                })
            })
            .collect();
        let lost = || vec![Err(vec![Diagnostic::error(Code::Internal, "a thread that judged cases ended early")])];
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|_| lost())).collect()
    });
    let mut results = Vec::with_capacity(cases.len());
    let mut faults = Vec::new();
    for one in judged {
        match one {
            Ok(result) => results.push(result),
            Err(diagnostics) => faults.extend(diagnostics),
        }
    }
    if faults.is_empty() { Ok(results) } else { Err(faults) }
}

fn judge_case(policy: &Policy, matcher: &TargetMatcher<'_>, case: &PolicyCase) -> Result<CaseResult, Vec<Diagnostic>> {
    let at_case = |diagnostic: Diagnostic| diagnostic.at(case.place);
    let declared = Declared::resolve(&case.names, policy).map_err(|faults| match unknown_names(policy, case) {
        found if found.is_empty() => faults.into_iter().map(at_case).collect(),
        found => found,
    })?;
    let fault = |cause: String, help: &str| vec![Diagnostic::error(Code::BadValue, cause).help(help).at(case.place)];
    let shown = match &case.paths {
        Some(paths) => Some(shown(matcher, case, paths).map_err(|cause| fault(cause, "write fewer or shorter paths"))?),
        None => None,
    };
    let shown = with_command(matcher, case, shown)?;
    let shown = with_plan(matcher, case, shown)?;
    let shown = manifests::with_routes(matcher, case, shown)?;
    let mut reach = reach(policy, &declared, shown, false);
    if declared.rollback {
        for reached in &mut reach.reached {
            reached.kinds = reached.kinds.union(KindSet::ROLLBACK);
        }
    }
    for name in &case.hazards {
        let Some(hazard) = policy.hazards.iter().find(|hazard| hazard.name == *name) else {
            return Err(fault(
                format!("there is no hazard `{name}`"),
                "name one that the policy defines in `[hazards]`",
            ));
        };
        reach.hazards.push(ShownHazard { hazard: Arc::clone(hazard), changes: Vec::new(), more: 0 });
    }
    apply_plan(policy, case, &mut reach)?;
    manifests::with_hazards(policy, case, &mut reach)?;
    let is_undecided = reach.only_said().iter().any(|environment| environment.requires_evidence);
    let standing = standing(&reach);
    let question =
        DecisionQuestion { policy, reach: &reach, declared: &declared, duration: case.duration, granted: &[] };
    let mut touched = touched_by(&reach);
    let mut answers = Vec::with_capacity(case.at.len());
    for &at in &case.at {
        let decision = Schedule::decide_at(&question, &standing, at)
            .map_err(|error| fault(error.to_string(), "write an instant in the years 1 to 9000"))?;
        touched.windows.extend(decision.findings.iter().map(|finding| finding.id.clone()));
        answers.push(answer(case, &decision, is_undecided));
    }
    Ok(CaseResult { answers, touched })
}

/// The machine of a test case's command, of which it knows nothing.
struct Nowhere;

impl Surroundings for Nowhere {
    fn unknown(&self) -> Option<String> {
        Some("a test case has no variables and no files; give it as an option of the command".to_owned())
    }

    fn set_variable(&self, _name: &str) -> Option<Vec<u8>> {
        None
    }

    fn folder(&self) -> Vec<u8> {
        b"/".to_vec()
    }

    fn read_file(&self, _path: &[u8], _limit: u64) -> Result<Vec<u8>, FileFault> {
        Err(FileFault::Unreadable("a test case knows no files".to_owned()))
    }

    fn read_folder(&self, _path: &[u8]) -> Result<Option<Vec<FolderEntry>>, FileFault> {
        Err(FileFault::Unreadable("a test case knows no folders".to_owned()))
    }
}

/// Adds what the command of the case shows. One that no target has shows nothing: then something else has to say where it goes.
fn with_command(
    matcher: &TargetMatcher<'_>,
    case: &PolicyCase,
    shown: Option<Shown>,
) -> Result<Option<Shown>, Vec<Diagnostic>> {
    let Some(command) = &case.command else {
        return Ok(shown);
    };
    let words: Vec<Vec<u8>> = command.words.iter().map(|word| word.as_bytes().to_vec()).collect();
    let line = CommandLine { program: words.first().cloned().unwrap_or_default(), words, facts: None };
    let line = line.acting_in(&Nowhere);
    let mut of_command = Shown::default();
    let found = matcher.command_line(&line, &mut of_command);
    let fault =
        |cause: String, help: &str| vec![Diagnostic::error(Code::NoEvidence, cause).at(command.place).help(help)];
    let is_known = found.map_err(|error| fault(error.to_string(), "write the command that it starts"))?;
    if is_known {
        return Ok(Some(match shown {
            Some(mut all) => {
                all.join(of_command);
                all
            }
            None => of_command,
        }));
    }
    if case.names.environments.is_empty() && case.paths.is_none() {
        let cause = format!(
            "nothing says where `{}` goes: no `[[targets]]` entry has its `command`",
            command.words.first().map_or("", String::as_str)
        );
        return Err(fault(cause, "add the `environment` to the case, or a target to the policy"));
    }
    Ok(shown)
}

/// Adds what the resources show that the plan of the case changes. A case names no plan in binary form, so it shows no state.
fn with_plan(
    matcher: &TargetMatcher<'_>,
    case: &PolicyCase,
    shown: Option<Shown>,
) -> Result<Option<Shown>, Vec<Diagnostic>> {
    let Some((named, plan)) = case.plan.as_ref().and_then(|named| Some((named, named.plan.as_ref()?))) else {
        return Ok(shown);
    };
    let mut of_plan = Shown::default();
    matcher.resources(ResourceChanges::Planned, &plan.changes, &[], &mut of_plan).map_err(|error| {
        let help = "add the `environment` to the case, and leave the plan out";
        vec![Diagnostic::error(Code::NoEvidence, error.to_string()).help(help).at(named.place)]
    })?;
    Ok(Some(match shown {
        Some(mut all) => {
            all.join(of_plan);
            all
        }
        None => of_plan,
    }))
}

/// Adds the hazards that the plan of the case shows.
fn apply_plan(policy: &Policy, case: &PolicyCase, reach: &mut Reach) -> Result<(), Vec<Diagnostic>> {
    let Some(named) = &case.plan else {
        return Ok(());
    };
    let fault = |cause: String, help: &str| vec![Diagnostic::error(Code::NoEvidence, cause).at(named.place).help(help)];
    let Some(plan) = &named.plan else {
        return Err(fault(format!("the plan `{}` was not read", named.path), "report this to freezegate's developers"));
    };
    if !plan.is_empty() && reach.reached.is_empty() && reach.unknown.is_empty() {
        let cause = "nothing says where the plan is applied: no target matches it".to_owned();
        return Err(fault(cause, "add the `environment` to the case, or a target to the policy"));
    }
    add_plan(policy, plan, reach);
    Ok(())
}

/// The names that the policy does not define, each at its place.
fn unknown_names(policy: &Policy, case: &PolicyCase) -> Vec<Diagnostic> {
    let of_one = |(name, place): &(DeclaredNames, Place)| {
        let faults = Declared::resolve(name, policy).err().unwrap_or_default();
        faults.into_iter().map(|fault| fault.at(*place)).collect::<Vec<Diagnostic>>()
    };
    case.names_at.iter().flat_map(of_one).collect()
}

/// Returns what paths show on the ref of the case.
fn shown(matcher: &TargetMatcher<'_>, case: &PolicyCase, paths: &[String]) -> Result<Shown, String> {
    let (name, is_default) = &case.reference;
    let side = RefSide::Named { name: name.as_bytes(), default_branch: Some(*is_default) };
    let mut shown = Shown::default();
    let of_ref = matcher.of_ref(side).map_err(|error| format!("the ref `{name}`: {error}"))?;
    shown.part(None);
    of_ref.alone(&mut shown).map_err(|error| format!("the ref `{name}`: {error}"))?;
    for path in paths {
        of_ref.path(path.as_bytes(), &mut shown).map_err(|error| format!("the path `{path}`: {error}"))?;
    }
    Ok(shown)
}

fn touched_by(reach: &Reach) -> Touched {
    let mut touched = Touched::default();
    touched.hazards.extend(reach.hazards.iter().map(|shown| shown.hazard.name.clone()));
    for reached in &reach.reached {
        touched.environments.insert(reached.environment.name.clone());
        match &reached.because {
            Because::Shown { policy, .. } | Because::Possible { policy, .. } => {
                touched.targets.insert(*policy);
            }
            Because::Declared | Because::Job { .. } | Because::PolicyEdit { .. } | Because::Routes { .. } => {}
        }
    }
    touched
}

/// The decision, compared with what is expected.
fn answer(case: &PolicyCase, decision: &Decision, is_undecided: bool) -> CaseAnswer {
    let outcome = match decision.verdict {
        Verdict::Allowed | Verdict::Refused if is_undecided => CaseOutcome::Undecided,
        Verdict::Allowed => CaseOutcome::Allowed,
        Verdict::Refused => CaseOutcome::Refused,
    };
    let refusing: Vec<(String, &str)> = decision
        .findings
        .iter()
        .filter(|finding| finding.refuses())
        .map(|finding| (finding.id.to_string(), finding.code.as_str()))
        .collect();
    let next_open = if is_undecided { None } else { decision.next_open };
    let expected = &case.expected;
    let mut differences = Vec::new();
    if outcome != expected.outcome {
        differences.push(format!("`decision`: expected {}, got {}", expected.outcome.as_str(), outcome.as_str()));
    }
    if let (Some(wanted), false) = (&expected.findings, is_undecided) {
        let is_met = |name: &&String| refusing.iter().any(|(id, code)| *name == id || name == code);
        let missing: Vec<&str> = wanted.iter().filter(|name| !is_met(name)).map(String::as_str).collect();
        let is_wanted = |(id, code): &(String, &str)| wanted.iter().any(|name| name == id || name == code);
        let mut more: Vec<&str> = refusing.iter().filter(|one| !is_wanted(one)).map(|(id, _)| id.as_str()).collect();
        more.dedup();
        if !missing.is_empty() {
            differences.push(format!("`findings`: missing {}", quoted(&missing)));
        }
        if !more.is_empty() {
            differences.push(format!("`findings`: unexpected {}", quoted(&more)));
        }
    }
    if let Some(wanted) = expected.next_open
        && wanted != next_open
    {
        differences.push(format!("`next_open`: expected {}, got {}", opens(case, wanted), opens(case, next_open)));
    }
    let mut findings: Vec<String> = Vec::new();
    for (id, _) in refusing {
        if !findings.contains(&id) {
            findings.push(id);
        }
    }
    CaseAnswer { at: decision.at, outcome, findings, next_open, differences }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn opens(case: &PolicyCase, instant: Option<Instant>) -> String {
    let written =
        |second: Instant| case.clock.text(second).unwrap_or_else(|_| format!("second {}", second.as_second()));
    instant.map_or_else(|| "never".to_owned(), written)
}
