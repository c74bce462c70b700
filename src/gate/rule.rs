//! From a change and a policy to an answer: what `check`, `next` and the hooks share, so that they can't differ.

use std::cell::RefCell;

use crate::change::Declared;
use crate::change::DeclaredNames;
use crate::change::ci::Pipeline;
use crate::change::git::Revision;
use crate::decision::Decision;
use crate::decision::Schedule;
use crate::decision::Standing;
use crate::decision::Verdict;
use crate::decision::openings::Opening;
use crate::decision::schedule::Question;
use crate::decision::standing::standing;
use crate::diagnostic::Code;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Faults;
use crate::diagnostic::Sources;
use crate::escape::for_terminal;
use crate::gate::baseline::Known;
use crate::gate::edit::PolicyEdit;
use crate::gate::history::Back;
use crate::gate::history::Past;
use crate::gate::judge::Deciding;
use crate::gate::keep::Recording;
use crate::gate::keep::Steps;
use crate::gate::keep::Subject;
use crate::gate::latest::latest;
use crate::gate::lifts::Lifting;
use crate::gate::ruling::Kept;
use crate::gate::ruling::Setting;
use crate::gate::source::Source;
use crate::gate::world::World;
use crate::policy::Policy;
use crate::proof::record::Folded;
use crate::proof::rollback::Rollback;
use crate::reach::Reach;
use crate::reach::Shown;
use crate::report::Trust;
use crate::report::{Answer, Examined, Mode, Rendered};
use crate::time::zone::TimeError;
use crate::time::zone::Zone;

/// A change to be judged by a policy.
pub(crate) struct Case<'a> {
    pub(crate) mode: Mode,
    pub(crate) policy: &'a Policy,
    /// Where the policy was read from.
    pub(crate) policy_from: &'a str,
    /// The commit that it was read from, if it was.
    pub(crate) policy_revision: Option<Revision>,
    /// Whether it is an administrator's file, not one of a commit of the repository.
    pub(crate) is_administrators: bool,
    /// The edits of it that the change makes.
    pub(crate) edits: &'a [PolicyEdit],
    /// Whether the change brings it, as the first policy of its branch.
    pub(crate) is_first: bool,
    pub(crate) trust: Trust,
    /// The instant, if the question is about another one than now.
    pub(crate) hypothetical: Option<i64>,
    pub(crate) dry_run: bool,
    pub(crate) only: bool,
    /// Whether the caller said what to compare: by `--range`.
    pub(crate) is_ranged: bool,
    pub(crate) names: DeclaredNames,
    /// Further options of the question that a printed command repeats.
    pub(crate) repeated: Vec<String>,
    pub(crate) duration: Option<i64>,
    pub(crate) evidence: Option<(Shown, Examined)>,
    /// The CI job in which it is asked.
    pub(crate) pipeline: Option<&'a Pipeline>,
    /// What is doubtful about the evidence or the policy.
    pub(crate) warnings: Vec<String>,
    /// What is brought along to lift findings.
    pub(crate) lifting: &'a Lifting,
    /// Where the decision is to be kept.
    pub(crate) recording: Option<&'a Recording>,
    /// What the record told when the evidence was gathered.
    pub(crate) known: Option<&'a Known>,
    /// Environments for which nothing is new about the change.
    pub(crate) settled: Vec<String>,
    /// By what it may show that it is a rollback.
    pub(crate) past: Option<&'a Past<'a>>,
    pub(crate) asker: Option<Zone>,
    /// What becomes of the decision.
    pub(crate) keeping: Keeping,
    /// The first instant at which another policy that was asked too may refuse, if there is one.
    pub(crate) deadline: Option<i64>,
    /// Tells the answer in the form that was asked for, and sees that it can be written where it is to be recorded.
    pub(crate) render: Render<'a>,
}

impl<'a> Case<'a> {
    /// An enforced question about a change of which nothing is known yet, answered to people.
    pub(crate) fn new(mode: Mode, source: &'a Source, lifting: &'a Lifting, render: Render<'a>) -> Self {
        Self {
            mode,
            policy: &source.policy,
            policy_from: &source.from,
            policy_revision: source.revision,
            is_administrators: source.revision.is_none(),
            edits: &[],
            is_first: false,
            trust: Trust::Enforcement,
            hypothetical: None,
            dry_run: false,
            only: false,
            is_ranged: false,
            names: DeclaredNames::default(),
            repeated: Vec::new(),
            duration: None,
            evidence: None,
            pipeline: None,
            warnings: Vec::new(),
            lifting,
            recording: None,
            known: None,
            settled: Vec::new(),
            past: None,
            asker: None,
            keeping: Keeping::Decision,
            deadline: None,
            render,
        }
    }
}

/// What becomes of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// It is recorded where there is a record.
    Decision,
    /// A refusal is recorded. An allowance is an error, because the change was refused a moment before.
    Refusal,
    /// It is not recorded: the decision by another policy is, which depends on it.
    Nothing,
}

/// The moment of a decision, with what is known then and not before.
pub(crate) struct Moment<'c> {
    /// The instant that is decided about.
    pub(crate) at: i64,
    /// What is to be said of the clock.
    pub(crate) clock: Option<Standing>,
    /// All that was decided before, where there is a record.
    pub(crate) folded: Option<&'c Folded>,
}

/// Tells an answer in the form that was asked for. `true` says that it is about to be recorded: then it must be possible to write it.
pub(crate) type Render<'r> = &'r dyn Fn(&Answer<'_>, bool) -> Result<Rendered, Faults>;

/// What takes a change back that is refused at an instant, if that is known.
pub(crate) type TakeBack<'t> = &'t dyn Fn(&Declared, i64) -> Result<Option<String>, Faults>;

/// A decision, and the openings ahead where they were asked for.
pub(crate) struct Outlook {
    pub(crate) decision: Decision,
    pub(crate) openings: Option<Vec<Opening>>,
    /// Why something that was brought along lifts nothing.
    pub(crate) notes: Vec<String>,
    /// Whether it is a rollback, where that was looked at.
    pub(crate) rollback: Option<Rollback>,
    /// The same for each environment.
    pub(crate) backs: Vec<Back>,
}

/// An answer, ready to be printed.
pub(crate) struct Judged {
    pub(crate) answer: Rendered,
    /// Whether the change is refused, and not only told what would refuse it.
    pub(crate) is_refused: bool,
    /// Whether there is more to tell than that it may go.
    pub(crate) has_findings: bool,
    /// The verdict, whatever the status.
    pub(crate) verdict: Verdict,
    /// The next instant at which the verdict would differ.
    pub(crate) valid_until: Option<i64>,
}

/// The answer in the format that was asked for, and the status that it means; where it is a refusal, with what takes the change
/// back, if `take_back` knows that.
///
/// The clock is read once the evidence is there, and the answer holds still when it is given back.
pub(crate) fn judge_or_undo(mut case: Case<'_>, world: &dyn World, take_back: TakeBack<'_>) -> Result<Judged, Faults> {
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
    let names = with_said(&case.names, shown.as_ref());
    let deciding = Deciding::new(&case, &declared, shown);
    if case.trust == Trust::Enforcement {
        let lacking = deciding.reach.only_said().into_iter().filter(|environment| environment.requires_evidence);
        let lacking: Vec<Diagnostic> = lacking.map(|one| no_evidence_of(&one.name, examined.as_ref())).collect();
        if !lacking.is_empty() {
            return Err(faults(lacking));
        }
    }
    let setting = Setting {
        case: &case,
        world,
        declared: &declared,
        names: &names,
        examined: examined.as_ref(),
        doubts: &doubts,
        take_back,
        ways: &RefCell::new(None),
    };
    let answer = |outlook: &Outlook, kept: Kept<'_>| setting.answer(deciding.reach_of(outlook), outlook, kept);
    let Some(recording) = case.recording else {
        let moment = |at: i64| Moment { at, clock: None, folded: None };
        let judge = |at: i64| {
            let outlook = deciding.decide(moment(at))?;
            let judged = answer(&outlook, Kept::default())?;
            Ok((judged, outlook.decision))
        };
        return match case.hypothetical {
            Some(at) => judge(at).map(|(judged, _)| judged),
            None => latest(&|| world.clock(), judge),
        };
    };
    let subject = Subject {
        mode: case.mode,
        hypothetical: case.hypothetical,
        dry_run: case.dry_run,
        is_kept: case.keeping != Keeping::Nothing,
        trust: case.trust,
        policy: case.policy,
        policy_revision: case.policy_revision,
        is_administrators: case.is_administrators,
        declared: &declared,
        examined: examined.as_ref(),
        pipeline: case.pipeline,
        reach: &deciding.reach,
        lifting: case.lifting,
        known: case.known,
        reaches_policy: is_edit || case.is_first,
        is_narrowed: case.only || case.is_ranged,
    };
    let steps = Steps {
        decide: &|moment: Moment<'_>| deciding.decide(moment),
        read_ahead: &|outlook: &Outlook, folded: &Folded| setting.ways(outlook, Some(folded)).map(drop),
        answer: &answer,
    };
    recording.keep(&subject, &|| world.clock(), &steps)
}

/// What was declared, with the environments that messages of commits name.
fn with_said(declared: &DeclaredNames, shown: Option<&Shown>) -> DeclaredNames {
    let mut names = declared.clone();
    for environment in shown.iter().flat_map(|shown| &shown.said).flat_map(|said| &said.environments) {
        if !names.environments.contains(&environment.name) {
            names.environments.push(environment.name.clone());
        }
    }
    names
}

/// The verdict on what a change reaches at an instant, if it takes so long in seconds.
pub(crate) fn verdict(
    policy: &Policy,
    declared: &Declared,
    reach: &Reach,
    (at, duration): (i64, Option<i64>),
) -> Result<Verdict, Faults> {
    let question = Question { policy, reach, declared, duration, granted: &[] };
    let decision = Schedule::decide_at(&question, &standing(reach), at).map_err(no_instant)?;
    Ok(decision.verdict)
}

pub(crate) fn no_instant(error: TimeError) -> Faults {
    Faults::one(
        Diagnostic::error(Code::InvalidTimestamp, error.to_string())
            .help("ask about an instant in the years 1 to 9000"),
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
    Diagnostic::error(Code::InvalidUsage, cause).help(format!("name an environment: `freezegate check {first}`"))
}
