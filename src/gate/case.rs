//! A change to be judged, and what comes of it.

use std::cell::Cell;

use crate::change::CommandLine;
use crate::change::ci::Pipeline;
use crate::change::git::Revision;
use crate::decision::{Finding, Verdict};
use crate::diagnostic::Faults;
use crate::gate::baseline::BaselineSnapshot;
use crate::gate::edit::PolicyEdit;
use crate::gate::history::Past;
use crate::gate::keep::Recording;
use crate::gate::lifts::Lifting;
use crate::gate::plan::GivenPlan;
use crate::gate::source::PolicySource;
use crate::guard::RenderedManifests;
use crate::policy::Policy;
use crate::reach::{Declared, DeclaredNames, Shown};
use crate::report::{Answer, AnswerMode, Examined, FirstPolicy, Rendered, Trust};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::Zone;

/// A change to be judged by a policy.
pub(crate) struct Case<'a> {
    pub(crate) mode: AnswerMode,
    pub(crate) policy: &'a Policy,
    /// The place where the policy was read from.
    pub(crate) policy_from: &'a str,
    /// The commit that it was read from, if it was.
    pub(crate) policy_revision: Option<Revision>,
    /// The reason why nothing can be decided by it, see [`PolicySource::conflict`].
    pub(crate) conflict: Option<&'a Faults>,
    /// True if the caller said that it follows no organisation's policy.
    pub(crate) leaves_organisation: bool,
    /// True if it is an administrator's file, not one of a commit of the repository.
    pub(crate) is_administrators: bool,
    /// The edits of it that the change makes.
    pub(crate) edits: &'a [PolicyEdit],
    /// True if those are all of the change.
    pub(crate) is_edit_alone: bool,
    /// What the change has to do with the first policy of its branch; `None` if there was one before.
    pub(crate) first_policy: Option<FirstPolicy>,
    pub(crate) trust: Trust,
    /// The instant, if the question is about another one than now.
    pub(crate) hypothetical: Option<Instant>,
    pub(crate) dry_run: bool,
    pub(crate) only: bool,
    /// True if the caller said what to compare: by `--range`.
    pub(crate) is_ranged: bool,
    pub(crate) names: DeclaredNames,
    /// Further options of the question that a printed command repeats.
    pub(crate) repeated: Vec<String>,
    pub(crate) duration: Option<Seconds>,
    pub(crate) evidence: Option<(Shown, Examined)>,
    /// The CI job in which it is asked.
    pub(crate) pipeline: Option<&'a Pipeline>,
    /// Everything that is doubtful about the evidence or the policy.
    pub(crate) warnings: Vec<String>,
    /// The grants and the incident that are given to lift findings.
    pub(crate) lifting: &'a Lifting,
    /// The place where the decision is to be kept.
    pub(crate) recording: Option<&'a Recording>,
    /// The state of the record when the evidence was gathered.
    pub(crate) known: Option<&'a BaselineSnapshot>,
    /// Environments for which nothing is new about the change.
    pub(crate) settled: Vec<String>,
    /// By what it may show that it is a rollback.
    pub(crate) past: Option<&'a Past<'a>>,
    /// A guarded path that differs from a former state, by its commit; `None` if there is nothing to compare.
    pub(crate) routes_since: Option<RoutesSince<'a>>,
    pub(crate) asker: Option<Zone>,
    /// The way in which the decision is kept.
    pub(crate) keeping: Keeping,
    /// The first instant at which another policy that was asked too may refuse, if there is one.
    pub(crate) deadline: Option<Instant>,
    /// The first time when the change may go by all policies that are asked, if several are: then it is that, and not when this policy would allow
    /// it.
    pub(crate) opens: Option<Option<Instant>>,
    /// The place where a refusal is noted before anything is recorded, if more is to be looked for then that may lift it.
    pub(crate) if_refused: Option<&'a Cell<bool>>,
    /// Sees that the policy is still the one in force, at the instant of the decision; `None` where it can't change meanwhile.
    pub(crate) check_policy: Option<&'a dyn Fn() -> Result<(), Faults>>,
    /// The command that is started if it is allowed.
    pub(crate) command: Option<&'a CommandLine>,
    /// The plan of infrastructure that is to be applied.
    pub(crate) plan: Option<GivenPlan<'a>>,
    /// The rendered manifests that are to be applied.
    pub(crate) manifests: Option<&'a RenderedManifests>,
    /// Tells the answer in the form that was asked for, and sees that it can be written where it is to be recorded.
    pub(crate) render: Render<'a>,
}

impl<'a> Case<'a> {
    /// An enforced question about a change of which nothing is known yet, answered to people.
    pub(crate) fn new(mode: AnswerMode, source: &'a PolicySource, lifting: &'a Lifting, render: Render<'a>) -> Self {
        Self {
            mode,
            policy: &source.policy,
            policy_from: &source.from,
            policy_revision: source.revision,
            conflict: source.conflict.as_ref().map(|conflict| &conflict.faults),
            leaves_organisation: source.leaves_organisation,
            is_administrators: source.revision.is_none(),
            edits: &[],
            is_edit_alone: false,
            first_policy: None,
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
            routes_since: None,
            asker: None,
            keeping: Keeping::Decision,
            deadline: None,
            opens: None,
            if_refused: None,
            check_policy: None,
            command: None,
            plan: None,
            manifests: None,
            render,
        }
    }
}

/// The zone of whoever reads an answer: as they say it, else that of their machine; but a machine that is set to UTC, as CI runners are, says
/// nothing of where they are, and then it is the zone that the policy names for that.
pub(crate) fn reader(asked: Option<Zone>, is_said: bool, policy: &Policy) -> Option<Zone> {
    let is_known = |zone: &Zone| is_said || !["UTC", "Etc/UTC"].contains(&zone.name());
    match (asked, &policy.help.timezone) {
        (Some(zone), Some(_)) if is_known(&zone) => Some(zone),
        (asked, Some(name)) => Zone::named(name).or(asked),
        (asked, None) => asked,
    }
}

/// The way in which a decision is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// It is recorded where there is a record.
    Decision,
    /// A refusal is recorded. An allowance is an error, because the change was refused a moment before.
    Refusal,
    /// It is not recorded: the decision by another policy is, which depends on it.
    Nothing,
}

/// An answer, ready to be printed.
pub(crate) struct JudgedCase {
    pub(crate) answer: Rendered,
    /// True if the change is refused, and not only told what would refuse it.
    pub(crate) is_refused: bool,
    /// True if a hook prints it although the change may go: there is more to say than that, or git's configuration asks for it.
    pub(crate) is_printed: bool,
    /// The verdict, whatever the status.
    pub(crate) verdict: Verdict,
    /// The first instant at which it would be allowed, in seconds since the Unix epoch.
    pub(crate) next_open: Option<Instant>,
    /// The next instant at which the verdict would differ.
    pub(crate) valid_until: Option<Instant>,
    /// What refuses it unless somebody overrides it, and was overridden.
    pub(crate) overridden: Vec<Finding>,
    /// True if a grant could override what refuses.
    pub(crate) can_be_granted: bool,
}

/// Tells an answer in the form that was asked for. `true` says that it is about to be recorded: then it must be possible to write it.
pub(crate) type Render<'r> = &'r dyn Fn(&Answer<'_>, bool) -> Result<Rendered, Faults>;

/// Returns a guarded path that differs between the change and a former state, by its commit.
pub(crate) type RoutesSince<'r> = &'r dyn Fn(&str) -> Result<Option<String>, Faults>;

/// The function that finds what reverts a change that is refused at an instant.
pub(crate) type TakeBack<'t> = &'t dyn Fn(&Declared, Instant) -> Result<Option<String>, Faults>;
