//! From a change and a policy to an answer: what `check`, `next` and the hooks share, so that they can't differ.

use std::cell::OnceCell;

use crate::change::ci::Pipeline;
use crate::change::{Declared, DeclaredNames};
use crate::cli::Status;
use crate::cli::answered::{Kept, Setting};
use crate::cli::args::OutputArgs;
use crate::cli::edge::Edge;
use crate::cli::edit::PolicyEdit;
use crate::cli::latest::latest;
use crate::cli::lifting::Lifting;
use crate::cli::output::Rendered;
use crate::cli::past::{self, Back, Past};
use crate::cli::recorded::Known;
use crate::cli::recording::{Recording, Subject};
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
use crate::report::{Examined, Trust};
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
    /// The edits of it that the change makes.
    pub(super) edits: &'a [PolicyEdit],
    pub(super) trust: Trust,
    /// The instant, where another than the latest is asked about.
    pub(super) hypothetical: Option<i64>,
    pub(super) advise: bool,
    pub(super) only: bool,
    /// Whether the caller said what to compare: by `--range`.
    pub(super) is_ranged: bool,
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
    /// What becomes of the decision.
    pub(super) keeping: Keeping,
    /// The first instant at which another policy that was asked too may refuse, if there is one.
    pub(super) deadline: Option<i64>,
    /// Where the answer goes and how it is told; `None`: to people, on standard error.
    pub(super) output: Option<&'a OutputArgs>,
}

/// What becomes of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    /// It is recorded where there is a record.
    Decision,
    /// It is recorded if it is a refusal; an allowance is no decision.
    Refusal,
    /// It is not recorded: another decision rests on it.
    Nothing,
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

/// What takes a change back that is refused at an instant, if that is known.
pub(super) type TakeBack<'t> = &'t dyn Fn(&Declared, i64) -> Result<Option<String>, Faults>;

/// A decision, and the openings ahead where they were asked for.
pub(super) struct Outlook {
    pub(super) decision: Decision,
    pub(super) openings: Option<Vec<Opening>>,
    /// Why something that was brought along lifts nothing.
    pub(super) notes: Vec<String>,
    /// Whether it is a rollback, where that was looked at.
    pub(super) rollback: Option<Rollback>,
    /// The same for each environment.
    pub(super) backs: Vec<Back>,
}

/// An answer, ready to be printed.
pub(super) struct Judged {
    pub(super) answer: Rendered,
    /// The status that it means.
    pub(super) status: Status,
    /// Whether there is more to tell than that it may go.
    pub(super) has_findings: bool,
    /// The verdict, whatever the status.
    pub(super) verdict: Verdict,
    /// The next instant at which the verdict would differ.
    pub(super) valid_until: Option<i64>,
}

/// The answer in the format that was asked for, and the status that it means; where it is a refusal, with what takes the change
/// back, if `take_back` knows that.
///
/// The clock is read once the evidence is there, and the answer holds still when it is given back.
pub(super) fn judge_or_undo(mut case: Case<'_>, edge: &Edge, take_back: TakeBack<'_>) -> Result<Judged, Faults> {
    let faults = |diagnostics| Faults { sources: Sources::default(), diagnostics };
    let declared = Declared::resolve(&case.names, case.policy).map_err(faults)?;
    let (shown, examined) =
        case.evidence.take().map_or((None, None), |(shown, examined)| (Some(shown), Some(examined)));
    // a policy without targets can be edited, or nobody could add any
    let is_edit = !case.edits.is_empty();
    if declared.is_empty() && !is_edit && (shown.is_none() || case.policy.targets.is_empty()) {
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
    for edit in case.edits {
        reach::add_edit(case.policy, &edit.comparison, &edit.file(), &mut reach);
    }
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
        let mut standing = standing(reach);
        standing.extend(clock);
        let decision = Schedule::decide_at(&question, &standing, at).map_err(no_instant)?;
        let openings = match case.mode {
            Mode::Next => Some(openings(&question, &standing, at, OPENINGS).map_err(no_instant)?),
            Mode::Check | Mode::PrePush | Mode::PreReceive => None,
        };
        Ok(Outlook { decision, openings, notes: Vec::new(), rollback: None, backs: Vec::new() })
    };
    let decide = |moment: Moment<'_>| -> Result<Outlook, Faults> {
        let Moment { at, clock, chain } = moment;
        if case.deadline.is_some_and(|deadline| at >= deadline) {
            return Err(closed_meanwhile());
        }
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
        let (rollback, backs) = past.judge(&reach, &stated, chain, at)?;
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
        Ok(Outlook { rollback: Some(rollback), backs, ..outlook })
    };
    let decide = |moment: Moment<'_>| -> Result<Outlook, Faults> {
        let outlook = decide(moment)?;
        match (case.keeping, outlook.decision.verdict) {
            (Keeping::Refusal, Verdict::Allowed) => Err(closed_meanwhile()),
            (Keeping::Refusal | Keeping::Decision | Keeping::Nothing, Verdict::Allowed | Verdict::Refused) => {
                Ok(outlook)
            }
        }
    };
    let setting = Setting {
        case: &case,
        edge,
        declared: &declared,
        names: &names,
        examined: examined.as_ref(),
        doubts: &doubts,
        take_back,
    };
    let answer = |outlook: &Outlook, kept: Kept<'_>| {
        let reach = match &outlook.rollback {
            Some(Rollback::Shown(_)) => mark(),
            Some(Rollback::NotShown(_)) | None => &reach,
        };
        setting.answer(reach, outlook, kept)
    };
    let Some(recording) = case.recording else {
        let moment = |at: i64| Moment { at, clock: None, chain: None };
        let judge = |at: i64| {
            let outlook = decide(moment(at))?;
            let judged = answer(&outlook, Kept::default())?;
            Ok((judged, outlook.decision))
        };
        return match case.hypothetical {
            Some(at) => judge(at).map(|(judged, _)| judged),
            None => latest(&|| edge.clock(), judge),
        };
    };
    let subject = Subject {
        mode: case.mode,
        hypothetical: case.hypothetical,
        advise: case.advise,
        is_kept: case.keeping != Keeping::Nothing,
        trust: case.trust,
        policy: case.policy,
        declared: &declared,
        examined: examined.as_ref(),
        pipeline: case.pipeline,
        reach: &reach,
        lifting: case.lifting,
        known: case.known,
        is_narrowed: case.only || case.is_ranged,
    };
    recording.keep(&subject, &|| edge.clock(), &decide, &answer)
}

fn closed_meanwhile() -> Faults {
    let cause = "what one of the two policies that are asked allowed changed while the other was asked";
    Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("run the check again"))
}

/// The verdict on what a change reaches at an instant, if it takes so long in seconds.
pub(super) fn verdict(
    policy: &Policy,
    declared: &Declared,
    reach: &Reach,
    (at, duration): (i64, Option<i64>),
) -> Result<Verdict, Faults> {
    let question = Question { policy, reach, declared, duration, granted: &[] };
    let decision = Schedule::decide_at(&question, &standing(reach), at).map_err(no_instant)?;
    Ok(decision.verdict)
}

pub(super) fn no_instant(error: TimeError) -> Faults {
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
