//! From a change and a policy to an answer: what `check`, `next` and the hooks share, so that they can't differ.

use std::cell::OnceCell;

use crate::change::ci::Pipeline;
use crate::change::{Declared, DeclaredNames};
use crate::cli::Status;
use crate::cli::args::Format;
use crate::cli::edge::Edge;
use crate::cli::lifting::Lifting;
use crate::cli::output::Rendered;
use crate::cli::past::{self, Past};
use crate::cli::recorded::Known;
use crate::cli::recording::{Recording, Subject};
use crate::cli::spots;
use crate::cli::undo::{self, Asked};
use crate::decision::openings::{Opening, openings};
use crate::decision::schedule::Question;
use crate::decision::standing::standing;
use crate::decision::{Decision, Granted, Schedule, Standing, Verdict};
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::policy::Policy;
use crate::proof::record::Chain;
use crate::proof::rollback::{Missing, Rollback};
use crate::reach::{self, Reach, Shown};
use crate::report::escape::for_terminal;
use crate::report::json::JsonError;
use crate::report::{Answer, Examined, Trust, github, gitlab, json, junit, markdown, note, rows, text};
use crate::time::zone::{TimeError, Zone};

/// How many openings `next` tells.
const OPENINGS: usize = 5;

/// The columns that are left of 80 behind git's `remote: `.
const WIDTH_OF_REMOTE: usize = 72;

/// By which way the question came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Check,
    Next,
    PrePush,
    PreReceive,
}

impl Mode {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Next => "next",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    /// The columns that the one who asked sees.
    pub(super) fn width(self, edge: &Edge) -> usize {
        match self {
            Self::Check | Self::Next | Self::PrePush => edge.width(),
            // how wide the terminal is of the one who pushes is not known here
            Self::PreReceive => WIDTH_OF_REMOTE,
        }
    }
}

/// A change to be judged by a policy.
pub(super) struct Case<'a> {
    pub(super) mode: Mode,
    pub(super) policy: &'a Policy,
    /// Where the policy was read from.
    pub(super) policy_from: &'a str,
    pub(super) trust: Trust,
    pub(super) at: i64,
    pub(super) hypothetical: bool,
    pub(super) advise: bool,
    pub(super) only: bool,
    pub(super) names: DeclaredNames,
    /// Further options of the question that a printed command repeats.
    pub(super) repeated: Vec<String>,
    pub(super) duration: Option<i64>,
    pub(super) evidence: Option<(Shown, Examined)>,
    /// The CI job in which it is asked.
    pub(super) pipeline: Option<&'a Pipeline>,
    /// What is doubtful about the evidence or the policy.
    pub(super) warnings: Vec<String>,
    /// What is brought along to lift findings.
    pub(super) lifting: &'a Lifting,
    /// Where the decision is to be kept.
    pub(super) recording: Option<&'a Recording>,
    /// What the record told when the evidence was gathered.
    pub(super) known: Option<&'a Known>,
    /// Environments to which the change brings nothing new.
    pub(super) settled: Vec<String>,
    /// By what it may show that it is a rollback.
    pub(super) past: Option<&'a Past<'a>>,
    pub(super) asker: Option<Zone>,
    pub(super) format: Format,
}

/// The moment of a decision, with what is known then and not before.
pub(super) struct Moment<'c> {
    /// The instant that is decided about.
    pub(super) at: i64,
    /// What is to be said of the clock.
    pub(super) clock: Option<Standing>,
    /// All that was decided before, where there is a record.
    pub(super) chain: Option<&'c Chain>,
}

/// A decision, and the openings ahead where they were asked for.
pub(super) struct Outlook {
    pub(super) decision: Decision,
    openings: Option<Vec<Opening>>,
    /// Why something that was brought along lifts nothing.
    notes: Vec<String>,
    /// Whether it is a rollback, where that was looked at.
    pub(super) rollback: Option<Rollback>,
}

/// An answer, ready to be printed.
pub(super) struct Judged {
    pub(super) answer: Rendered,
    /// The status that it means.
    pub(super) status: Status,
    /// Whether there is more to tell than that it may go.
    pub(super) has_findings: bool,
}

/// The answer in the format that was asked for, and the status that it means; where it is a refusal, with what takes the change
/// back, if `take_back` knows that.
pub(super) fn judge_or_undo(
    case: Case<'_>,
    edge: &Edge,
    take_back: impl FnOnce(&Declared, i64) -> Result<Option<String>, Faults>,
) -> Result<Judged, Faults> {
    let faults = |diagnostics| Faults { sources: Sources::default(), diagnostics };
    let declared = Declared::resolve(&case.names, case.policy).map_err(faults)?;
    let (shown, examined) = case.evidence.map_or((None, None), |(shown, examined)| (Some(shown), Some(examined)));
    if declared.is_empty() && (shown.is_none() || case.policy.targets.is_empty()) {
        return Err(Faults::one(nothing_to_judge(case.policy, &declared)));
    }
    let doubts = shown.as_ref().map_or_else(Vec::new, |shown| shown.doubts.clone());
    let mut names = case.names.clone();
    let mut stated: Vec<String> = declared.environments.iter().map(|one| one.name.clone()).collect();
    for environment in shown.iter().flat_map(|shown| &shown.said).flat_map(|said| &said.environments) {
        if !names.environments.contains(&environment.name) {
            names.environments.push(environment.name.clone());
        }
        stated.push(environment.name.clone());
    }
    let mut reach = reach::reach(case.policy, &declared, shown, case.only);
    reach.reached.retain(|reached| !case.settled.contains(&reached.environment.name));
    if case.trust == Trust::Enforcement {
        let lacking = reach.only_said().into_iter().filter(|environment| environment.requires_evidence);
        let lacking: Vec<Diagnostic> = lacking.map(|one| no_evidence_of(&one.name, examined.as_ref())).collect();
        if !lacking.is_empty() {
            return Err(faults(lacking));
        }
    }
    let marked = OnceCell::new();
    let mark = || marked.get_or_init(|| past::rolled_back(&reach));
    let decide_as = |reach: &Reach, at: i64, clock: Option<Standing>, granted: &[Granted]| -> Result<Outlook, Faults> {
        let question = Question { policy: case.policy, reach, declared: &declared, duration: case.duration, granted };
        let mut standing = standing(case.policy, reach);
        standing.extend(clock);
        let decision = Schedule::decide_at(&question, &standing, at).map_err(no_instant)?;
        let openings = match case.mode {
            Mode::Next => Some(openings(&question, &standing, at, OPENINGS).map_err(no_instant)?),
            Mode::Check | Mode::PrePush | Mode::PreReceive => None,
        };
        Ok(Outlook { decision, openings, notes: Vec::new(), rollback: None })
    };
    let decide = |moment: Moment<'_>| -> Result<Outlook, Faults> {
        let Moment { at, clock, chain } = moment;
        let (granted, notes) = case.lifting.granted(case.policy, &reach, at, chain);
        let plain = Outlook { notes, ..decide_as(&reach, at, clock.clone(), &granted)? };
        let Some(past) = case.past else {
            let missing = Rollback::NotShown(Missing::NoEvidence);
            return Ok(Outlook { rollback: declared.rollback.then_some(missing), ..plain });
        };
        if plain.decision.verdict == Verdict::Allowed && !declared.rollback {
            return Ok(plain);
        }
        let mut as_rollback = decide_as(mark(), at, clock.clone(), &granted)?;
        // where nothing would come of it, it is not looked at
        if as_rollback.decision.verdict == Verdict::Refused && !declared.rollback {
            return Ok(plain);
        }
        let rollback = past.judge(&reach, &stated, chain, at)?;
        let outlook = match &rollback {
            Rollback::Shown(back) => {
                // from then on it is a change like any other
                if as_rollback.decision.verdict == Verdict::Allowed
                    && as_rollback.decision.valid_until.is_none_or(|until| until >= back.until)
                {
                    let then = decide_as(&reach, back.until, clock, &granted)?.decision;
                    as_rollback.decision.valid_until = match then.verdict {
                        Verdict::Refused => Some(back.until),
                        Verdict::Allowed => then.valid_until,
                    };
                }
                Outlook { notes: plain.notes, ..as_rollback }
            }
            Rollback::NotShown(_) => plain,
        };
        Ok(Outlook { rollback: Some(rollback), ..outlook })
    };
    let (Outlook { decision, openings: ahead, notes, rollback }, entry) = match case.recording {
        None => (decide(Moment { at: case.at, clock: None, chain: None })?, None),
        Some(recording) => {
            let subject = Subject {
                mode: case.mode,
                hypothetical: case.hypothetical.then_some(case.at),
                advise: case.advise,
                trust: case.trust,
                policy: case.policy,
                declared: &declared,
                examined: examined.as_ref(),
                pipeline: case.pipeline,
                reach: &reach,
                lifting: case.lifting,
                known: case.known,
            };
            recording.keep(&subject, edge, &decide)?
        }
    };
    let reach = match &rollback {
        Some(Rollback::Shown(_)) => mark(),
        Some(Rollback::NotShown(_)) | None => &reach,
    };
    let way_back = match (&rollback, case.past) {
        (Some(rollback), Some(past)) => {
            let chain = case.recording.map(Recording::chain).transpose()?;
            let asked = Asked { declared: &declared, only: case.only, chain: chain.as_ref(), at: decision.at };
            undo::way_back(past, rollback, &asked, case.mode == Mode::PreReceive)?
        }
        (Some(rollback), None) => Some(undo::told(rollback)),
        (None, Some(_) | None) => None,
    };
    let undo = match decision.verdict {
        Verdict::Refused => take_back(&declared, decision.at)?,
        Verdict::Allowed => None,
    };
    let mut warnings = edge.warnings(decision.at);
    warnings.extend(case.warnings);
    warnings.extend(doubts);
    warnings.extend(notes);
    if entry.as_ref().is_some_and(|entry| entry.sequence == 1) {
        warnings.push("the record is new: it begins with this decision".to_owned());
    }
    let question = Question { policy: case.policy, reach, declared: &declared, duration: case.duration, granted: &[] };
    let longest = reach.reached.iter().map(|reached| question.duration_in(&reached.environment)).max();
    let answer = Answer {
        mode: case.mode.as_str(),
        trust: case.trust,
        hypothetical: case.hypothetical,
        advise: case.advise,
        policy: case.policy,
        policy_from: case.policy_from,
        declared: &names,
        repeated: &case.repeated,
        kinds: declared.kinds,
        duration: longest.or(case.duration).unwrap_or(0),
        evidence: examined.as_ref(),
        pipeline: case.pipeline,
        reach,
        decision: &decision,
        undo: undo.as_deref(),
        way_back: way_back.as_ref(),
        openings: ahead.as_deref(),
        asker: case.asker.as_ref(),
        warnings: &warnings,
        recorded: entry.as_ref(),
    };
    let entries = match case.mode {
        Mode::Next => text::next(&answer),
        Mode::Check | Mode::PrePush | Mode::PreReceive => text::check(&answer),
    };
    let entries = entries.map_err(no_instant)?;
    let people = rows::text(&entries, case.mode.width(edge));
    let unwritten = |error: JsonError| {
        Faults::one(Diagnostic::error(Code::Internal, error.to_string()).help("report this to freezegate's developers"))
    };
    let mut summary = None;
    let sources = &case.policy.sources;
    let notes = || note::of_answer(&answer).map_err(no_instant);
    let all_notes = || notes().map(|notes| [notes, note::of_warnings(&answer)].concat());
    let machine = match case.format {
        Format::Text => None,
        Format::Json => Some(json::answer(&answer).map_err(unwritten)?),
        Format::Github => {
            summary = Some((markdown::page(&entries), github::outputs(&answer).map_err(unwritten)?));
            Some(github::annotations(&spots::in_work_tree(notes()?, sources, edge)))
        }
        Format::Gitlab => Some(gitlab::report(&spots::everywhere(all_notes()?, sources, edge)).map_err(unwritten)?),
        Format::Junit => {
            Some(junit::report(&spots::in_work_tree(all_notes()?, sources, edge), &junit::passed(&answer)))
        }
        Format::Markdown => Some(markdown::page(&entries)),
    };
    let status = if answer.is_refused() && !case.advise { Status::Refused } else { Status::Allowed };
    Ok(Judged { answer: Rendered { people, machine, summary }, status, has_findings: !decision.findings.is_empty() })
}

/// The verdict on what a change reaches.
pub(super) fn verdict(policy: &Policy, declared: &Declared, reach: &Reach, at: i64) -> Result<Verdict, Faults> {
    let question = Question { policy, reach, declared, duration: None, granted: &[] };
    let decision = Schedule::decide_at(&question, &standing(policy, reach), at).map_err(no_instant)?;
    Ok(decision.verdict)
}

fn no_instant(error: TimeError) -> Faults {
    Faults::one(
        Diagnostic::error(Code::BadInstant, error.to_string()).help("ask about an instant in the years 1 to 9000"),
    )
}

/// That the policy wants to see how a change reaches an environment, and nothing but its name tells.
fn no_evidence_of(environment: &str, examined: Option<&Examined>) -> Diagnostic {
    let name = for_terminal(environment);
    let cause = |why: &str| format!("`{name}` has `evidence = \"required\"`, and {why}");
    let (cause, help) = match examined {
        None => (cause("no files were compared"), "say what changed: `--range OLD..NEW`".to_owned()),
        Some(examined) if examined.compared.iter().any(|one| one.everything) => (
            cause("nothing says what was there before, so no files were compared"),
            "say what changed: `--range OLD..NEW`".to_owned(),
        ),
        Some(_) => (
            cause("no target maps a changed file to it"),
            format!(
                "map its files with a `[[targets]]` entry, `environment = \"{name}\"`, or do not name it for this change"
            ),
        ),
    };
    Diagnostic::error(Code::NoEvidence, cause).help(help)
}

fn nothing_to_judge(policy: &Policy, declared: &Declared) -> Diagnostic {
    let is_narrowed = !declared.regions.is_empty() || !declared.services.is_empty();
    let cause = if is_narrowed && !policy.targets.is_empty() {
        "a region or a service alone does not say where the change goes"
    } else if policy.targets.is_empty() {
        "nothing is declared and the policy has no targets, so nothing could ever be refused"
    } else {
        "nothing is declared and no evidence is given"
    };
    let first = policy.environments.first().map_or("production", |environment| environment.name.as_str());
    Diagnostic::error(Code::BadQuestion, cause).help(format!("name an environment: `freezegate check {first}`"))
}
