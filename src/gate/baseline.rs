//! What the record knows to have been allowed: what a CI job's change is compared with.

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::change::git::{RefName, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::base::ChangeSubject;
use crate::gate::baseline::told::{KnownBase, Provided, ToldBase, ToldOf, Whose};
use crate::gate::comparison::branch_of;
use crate::gate::fault::fault;
use crate::gate::policies_then::PoliciesThen;
use crate::gate::recorded_state::{not_as_recorded, revision};
use crate::gate::repository::is_ancestor;
use crate::policy::Policy;
use crate::proof::record::{
    Chain, Current, Extent, Folded, JudgedBy, RecordedMode, RecordedState, narrowing_covers, narrowings_overlap,
    ref_text,
};
use crate::report::Examined;

pub(crate) mod rebase;
mod told;

/// The most times that others may be allowed between a look at the record and the decision.
pub(crate) const ATTEMPTS: usize = 30;

/// The most ways to narrow a decision of which each may have brought an environment elsewhere.
const MOST_BY_OTHERS: usize = 16;

/// The facts of [`Current`]: the ref, and the digest and the commit of the policy.
type CurrentThen = (Option<String>, String, Option<String>);

/// A commit of a repository that the record was asked about, and for each environment whether it is the current state.
#[derive(Debug)]
struct AskedCommit {
    commit: String,
    /// The scope that it is judged for, see [`crate::report::Breadth`].
    scope: Option<String>,
    repository: Option<String>,
    environments: Vec<(String, Option<CurrentThen>)>,
}

impl AskedCommit {
    /// By what an environment was brought to the commit, if that is its current state.
    fn current<'f>(&self, folded: &'f Folded, environment: &str) -> Option<Current<'f>> {
        let commit = (self.commit.as_str(), self.scope.as_deref());
        folded.current_whole(environment, commit, self.repository.as_deref())
    }

    fn then(current: Current<'_>) -> CurrentThen {
        let Current { reference, judged_by: JudgedBy { digest, commit } } = current;
        (reference.map(str::to_owned), digest.to_owned(), commit.map(str::to_owned))
    }
}

/// The state of the record, to be checked again before the decision is kept: another change may have been allowed meanwhile.
#[derive(Debug, Default)]
pub(crate) struct BaselineSnapshot {
    reference: Option<String>,
    told: Vec<ToldOf>,
    /// Each name of an environment as it was given, and what it was taken for.
    names: Vec<(String, String)>,
    /// Commits, each with the environments, and what they were brought there by, if it is what they were brought to last.
    current: Vec<AskedCommit>,
    /// The default branch, and the state of it whose policy is in force, if that was asked.
    in_force: Option<(String, ToldBase)>,
    /// The branches that policies are read from, as far as the change is about them.
    pub(crate) policy_branches: BTreeSet<String>,
    /// True if the change is one of the default branch, or may be, and leaves the policy in force as it is.
    pub(crate) keeps_policy: bool,
    /// True if the policies of refused commits, if there are any, would allow to take back what they close.
    pub(crate) settles_refused: bool,
    /// The commits of the default branch whose policies are asked besides, as they stand on it and differ, though no job refused them.
    pub(crate) asked_too: Vec<String>,
    /// The default branch, and its refused commits that were asked; `None` of more than are known.
    pub(crate) refused: Option<(String, Option<Vec<String>>)>,
    /// True if there was no decision yet.
    none_yet: bool,
    /// The declared names that narrow the decision, see [`crate::proof::record::RecordedChange::narrowed`].
    pub(crate) narrowed: Option<String>,
    /// Everything that the newest policy defines, as words of `narrowed`; empty if nothing is narrowed: then none is compared.
    defined: BTreeSet<String>,
    /// True if the environments were declared.
    is_declared: bool,
    overtaken: Cell<bool>,
}

impl BaselineSnapshot {
    fn told_of(&self, folded: &Folded, environment: String) -> ToldOf {
        let own = self.told_by_own(folded, &environment);
        let (by_others, by_proposals) = self.told_by_others(folded, &environment, &own);
        ToldOf { environment, own, by_others, by_proposals }
    }

    /// Returns whether the environments were named: the job deploys there.
    pub(crate) const fn is_declared(&self) -> bool {
        self.is_declared
    }

    /// The decisions that this one comes after.
    fn chain(&self) -> Chain<'_> {
        Chain::of_job(self.reference.as_deref(), self.narrowed.as_deref())
    }

    fn told_by_own(&self, folded: &Folded, environment: &str) -> ToldBase {
        // what is declared is judged as a whole tree
        let extent = if self.is_declared { Extent::Tree } else { Extent::Paths };
        let told = ToldBase::of(folded.base(environment, self.chain(), extent));
        // what was allowed for everything was for a part of it
        if self.narrowed.is_some() && told == ToldBase::Untold {
            return ToldBase::of(folded.base(environment, Chain { narrowed: None, ..self.chain() }, extent));
        }
        told
    }

    /// Returns what an environment was brought to since by other refs, or by jobs with other options, as far as that may be about the same
    /// regions and services: a job deploys the whole tree, so that it replaces this too.
    ///
    /// If this ref has no state of its own, and none of the others was for all that is asked about, the rest is unknown.
    ///
    /// What jobs deployed from pull requests comes second: the change is compared with it too, but it is not a state of a ref.
    fn told_by_others(&self, folded: &Folded, environment: &str, own: &ToldBase) -> (Vec<ToldBase>, Vec<ToldBase>) {
        if !self.is_declared {
            return (Vec::new(), Vec::new());
        }
        let narrowed = self.narrowed.as_deref();
        let is_defined = |word: &str| self.defined.contains(word);
        let replaces = |state: &RecordedState<'_>| {
            state.mode == RecordedMode::Check
                && state.is_tree_wide
                && narrowings_overlap(narrowed, state.narrowed, &is_defined)
        };
        let states = folded.brought_elsewhere(environment, self.chain(), &replaces);
        let Some(states) = states.filter(|states| states.len() <= MOST_BY_OTHERS) else {
            return (vec![ToldBase::Unknown], Vec::new());
        };
        let (proposed, states): (Vec<RecordedState<'_>>, Vec<RecordedState<'_>>) =
            states.into_iter().partition(|state| state.is_proposed);
        let is_partly_known = *own == ToldBase::Untold
            && !states.is_empty()
            && !states.iter().any(|state| narrowing_covers(state.narrowed, narrowed));
        let mut told: Vec<ToldBase> = if is_partly_known { vec![ToldBase::Unknown] } else { Vec::new() };
        add_each(&mut told, states);
        let mut by_proposals = Vec::new();
        add_each(&mut by_proposals, proposed);
        (told, by_proposals)
    }

    /// Returns what an environment is compared with: what its ref was allowed for last, and what others brought there since.
    ///
    /// Where the record knows only others, that alone: what a provider calls the commit before was perhaps judged by nobody.
    ///
    /// If it knows nothing of the environment, everything counts as changed there: what was deployed elsewhere was not judged for this one.
    /// What else the change reaches is compared with what its ref was deployed at last, wherever to.
    fn bases(&self, told: &ToldOf, folded: &Folded, provided: Provided) -> Vec<KnownBase> {
        let deploys = self.is_declared;
        let (own, others) = match (&told.own, provided, told.by_others.as_slice()) {
            // of what was there on the ref, nothing; in its place goes what others brought
            (ToldBase::Untold, Provided::Nothing, others) => (KnownBase::own(ToldBase::Untold), others),
            (ToldBase::Untold, Provided::Before, []) if deploys => {
                let deployed = folded.newest_deployed_from(self.reference.as_deref()).map(ToldBase::at);
                let elsewhere = deployed.map(|told| KnownBase { whose: Whose::OwnElsewhere, told });
                // everything is more than what is compared with a proposal
                return [KnownBase::own(ToldBase::Unknown)].into_iter().chain(elsewhere).collect();
            }
            (ToldBase::Untold, Provided::Before, [first, others @ ..]) if deploys => {
                (KnownBase { whose: Whose::OthersAlone, told: first.clone() }, others)
            }
            (own, _, others) => (KnownBase::own(own.clone()), others),
        };
        let others = others.iter().chain(&told.by_proposals).filter(|other| !other.is_same_state(&own.told));
        let others: Vec<KnownBase> = others.cloned().map(KnownBase::by_others).collect();
        [own].into_iter().chain(others).collect()
    }

    /// Sees that the record still says what the evidence rests on.
    ///
    /// # Errors
    ///
    /// It does not: [`BaselineSnapshot::is_overtaken`] then says so, and the evidence has to be gathered anew.
    pub(crate) fn confirm(&self, folded: &Folded) -> Result<(), Faults> {
        let is_in_force =
            |(branch, told): &(String, ToldBase)| ToldBase::of(folded.newest_of_branch(branch)).is_same_state(told);
        let holds = (!self.none_yet || !folded.tells_anything())
            && self.in_force.as_ref().is_none_or(is_in_force)
            && self.refused.as_ref().is_none_or(|(branch, then)| refused_of(folded, branch) == *then)
            && self.told.iter().all(|told| self.told_of(folded, told.environment.clone()).is_same(told))
            && self.current.iter().all(|asked| {
                let is_same = |(name, then): &(String, Option<CurrentThen>)| {
                    asked.current(folded, name).map(AskedCommit::then) == *then
                };
                asked.environments.iter().all(is_same)
            });
        if holds {
            return Ok(());
        }
        self.overtaken.set(true);
        Err(Faults::one(
            Diagnostic::error(Code::NoRecord, "another change was allowed while this one was examined")
                .help("try again when fewer jobs run"),
        ))
    }

    /// Returns the state of the default branch whose policy is in force; `None` if the record knows none.
    ///
    /// # Errors
    ///
    /// A state that is missing from this clone, with the command that fetches it.
    pub(crate) fn last_allowed(
        &mut self,
        folded: &Folded,
        default: &RefName,
        repository: &Repository,
    ) -> Result<Option<Revision>, Faults> {
        let branch = ref_text(&branch_of(default)?);
        let told = ToldBase::of(folded.newest_of_branch(&branch));
        let found = match &told {
            ToldBase::Untold | ToldBase::Unknown => Ok(None),
            ToldBase::At { commit: Some(commit), tree: Some(tree), .. } => revision(commit, tree, repository).map(Some),
            ToldBase::At { commit: None, tree: None, .. } => Ok(None),
            ToldBase::At { .. } => Err(not_as_recorded("a commit without its tree")),
        };
        self.policy_branches.insert(branch.clone());
        self.in_force = Some((branch, told));
        found
    }

    /// Sees that the default branch is not one of which the record knows nothing but changes that were refused, or has forgotten what else.
    ///
    /// # Errors
    ///
    /// It is one: what else would be asked may name the very thing that was refused.
    pub(crate) fn check_default_branch(&self) -> Result<(), Faults> {
        match &self.in_force {
            Some((branch, ToldBase::Unknown)) => {
                let cause = format!("the record has no allowed state of `{branch}`, only changes that were refused");
                Err(Faults::one(
                    Diagnostic::error(Code::NoPolicy, for_terminal(&cause))
                        .help("name the commit whose policy you trust: `--policy-from COMMIT`"),
                ))
            }
            Some((_, ToldBase::Untold | ToldBase::At { .. })) | None => Ok(()),
        }
    }

    /// Returns whether the state whose policy is in force was allowed; else it is only what the first decision, a refusal, was compared with.
    pub(crate) fn is_in_force_allowed(&self) -> bool {
        self.in_force.as_ref().is_some_and(|(_, told)| told.sequence().is_some())
    }

    /// Returns whether what it holds was found to be out of date.
    pub(crate) const fn is_overtaken(&self) -> bool {
        self.overtaken.get()
    }

    /// Sees that `policy`, which is read from what the record showed, understands the names as they were understood when the
    /// record was asked.
    pub(crate) fn check_names(&self, policy: &Policy) -> Result<(), Faults> {
        for (given, taken_for) in &self.names {
            if let Some(environment) = policy.environment(given)
                && environment.name != *taken_for
            {
                let cause = format!(
                    "`{given}` is `{}` for the base, but `{taken_for}` for the newest decision",
                    environment.name
                );
                return Err(Faults::one(
                    Diagnostic::error(Code::InvalidUsage, for_terminal(&cause))
                        .help("name the environment itself, not an alias; or the commit whose policy has it: `--policy-from COMMIT`"),
                ));
            }
        }
        Ok(())
    }

    /// The environments that the commit of a tag is the current state of already, by whatever ref: the tag brings them
    /// nothing new.
    ///
    /// An allowance of a job says that the commit may be deployed from its ref. It counts as landed if that ref, as fetched,
    /// holds the commit or leads to it.
    pub(crate) fn settled(
        &mut self,
        folded: &Folded,
        (policy, policies): (&Policy, &PoliciesThen<'_>),
        subject: &ChangeSubject,
        (name, repository): (Option<&str>, &Repository),
        examined: &Examined,
    ) -> Result<Vec<String>, Faults> {
        let is_tag = subject.reference.as_ref().is_some_and(|name| name.as_bytes().starts_with(b"refs/tags/"));
        // what was judged for something alone is nothing new for that alone
        let Some(revision) = subject.ends().head().filter(|_| is_tag && self.narrowed.is_none()) else {
            return Ok(Vec::new());
        };
        let names = policy.environments.iter().map(|one| one.name.as_str());
        let landed = |reference: &RefName| has_landed(repository, reference, revision);
        let scope = examined.compared.first().and_then(|compared| compared.breadth.scope.clone());
        self.current_of(folded, (revision.commit.to_string(), scope, name), (names, policies), &landed)
    }

    /// The `environments` that a commit of a repository is the current state of, by a ref on which it has `landed`, allowed for all that
    /// they serve now.
    pub(crate) fn current_of<'e>(
        &mut self,
        folded: &Folded,
        (commit, scope, repository): (String, Option<String>, Option<&str>),
        (environments, policies): (impl Iterator<Item = &'e str>, &PoliciesThen<'_>),
        landed: &dyn Fn(&RefName) -> Result<bool, Faults>,
    ) -> Result<Vec<String>, Faults> {
        let repository = repository.map(str::to_owned);
        let mut asked = AskedCommit { commit, scope, repository, environments: Vec::new() };
        let mut current = Vec::new();
        for name in environments {
            let found = asked.current(folded, name);
            // a name that is not UTF-8 is written with escapes, and stands for no ref
            if let Some(Current { reference: Some(reference), judged_by }) = found
                && let Ok(reference) = RefName::new(reference)
                && landed(&reference)?
                && policies.covers(judged_by, name)
            {
                current.push(name.to_owned());
            }
            asked.environments.push((name.to_owned(), found.map(AskedCommit::then)));
        }
        self.current.push(asked);
        Ok(current)
    }
}

/// The commits of a branch that were refused since one was allowed.
pub(crate) fn refused_of(folded: &Folded, branch: &str) -> Option<Vec<String>> {
    folded.refused_of_branch(branch).map(|commits| commits.into_iter().map(str::to_owned).collect())
}

/// Adds each of the states that is not there yet.
fn add_each(told: &mut Vec<ToldBase>, states: Vec<RecordedState<'_>>) {
    for state in states.into_iter().map(ToldBase::at) {
        if !told.iter().any(|one| one.is_same_state(&state)) {
            told.push(state);
        }
    }
}

/// Returns whether a ref of this clone points to a commit or to a descendant of it.
fn has_landed(repository: &Repository, reference: &RefName, revision: Revision) -> Result<bool, Faults> {
    let local = match reference.as_bytes().strip_prefix(b"refs/heads/") {
        Some(branch) => RefName::new([b"refs/remotes/origin/", branch].concat()).map_err(fault)?,
        None => reference.clone(),
    };
    let Some(tip) = repository.revision_of(&local).map_err(fault)? else {
        return Ok(false);
    };
    if tip.commit == revision.commit {
        return Ok(true);
    }
    // if that is not known, the tag is judged like any other
    is_ancestor(repository, revision.commit, tip.commit).map_err(fault)
}

/// Says to which environments a tag brings nothing new.
pub(crate) fn tell(settled: &[String], examined: &mut Examined) {
    if !settled.is_empty() {
        let names = settled.iter().map(|name| format!("`{}`", for_terminal(name))).collect::<Vec<_>>().join(", ");
        examined.base.push_str(&format!("; record: this commit is the last state of {names}, nothing new"));
    }
}
