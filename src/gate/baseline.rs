//! What the record knows to have been let through: what a CI job's change is compared with.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::change::DeclaredNames;
use crate::change::ci::Pipeline;
use crate::change::git::{Range, RefName, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::base::{STALE, Subject};
use crate::gate::comparison::{Ends, Part, branch_of};
use crate::gate::declared;
use crate::gate::fault::fault;
use crate::gate::landed::is_ancestor;
use crate::gate::named_policy::named;
use crate::gate::policies_then::PoliciesThen;
use crate::gate::recorded_state::{not_as_recorded, revision};
use crate::gate::request::CheckRequest;
use crate::gate::source::{self, Source};
use crate::gate::world::World;
use crate::policy::Policy;
use crate::proof::record::{Base, Current, Extent, Folded, JudgedBy, ref_text};
use crate::report::Examined;

/// How often others may be let through between a look at the record and the decision.
pub(crate) const ATTEMPTS: usize = 10;

/// What [`Current`] told: the ref, and the digest and the commit of the policy.
type CurrentThen = (Option<String>, String, Option<String>);

/// A commit of a repository that the record was asked about, and for each environment whether it is the current state.
#[derive(Debug)]
struct AskedCommit {
    commit: String,
    /// What it is judged for, see [`crate::report::Breadth`].
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

/// What the record told, to be asked again before the decision is kept: somebody else may have been let through meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Known {
    reference: Option<String>,
    /// By environment.
    told: Vec<(String, Told)>,
    /// Each name of an environment as it was given, and what it was taken for.
    names: Vec<(String, String)>,
    /// Commits, each with the environments, and what they were brought there by, if it is what they were brought to last.
    current: Vec<AskedCommit>,
    /// The default branch, and the state of it whose policy is in force, if that was asked.
    in_force: Option<(String, Told)>,
    /// The branches that policies are read from, as far as the change is about them.
    pub(crate) policy_branches: BTreeSet<String>,
    /// Whether there was no decision yet.
    none_yet: bool,
    /// What was declared that narrows the decision, see [`crate::proof::record::Change::narrowed`].
    pub(crate) narrowed: Option<String>,
    /// Whether the environments were declared.
    is_declared: bool,
    overtaken: Cell<bool>,
}

/// [`Base`], without the folded that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Untold,
    Unknown,
    At { commit: Option<String>, tree: Option<String>, sequence: Option<u64> },
}

impl Told {
    fn of(base: Base<'_>) -> Self {
        match base {
            Base::Untold => Self::Untold,
            Base::Unknown => Self::Unknown,
            Base::Known { commit, tree, allowed_by } => {
                Self::At { commit: commit.map(str::to_owned), tree: tree.map(str::to_owned), sequence: allowed_by }
            }
        }
    }

    /// Returns whether both are the same state, whichever decision allowed it: jobs that start from one state do not conflict.
    fn is_same_state(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Untold, Self::Untold) | (Self::Unknown, Self::Unknown) => true,
            (Self::At { commit: one, tree, .. }, Self::At { commit: other, tree: other_tree, .. }) => {
                one == other && tree == other_tree
            }
            (Self::Untold | Self::Unknown | Self::At { .. }, Self::Untold | Self::Unknown | Self::At { .. }) => false,
        }
    }

    /// The number of the decision that allowed it.
    const fn sequence(&self) -> Option<u64> {
        match self {
            Self::At { sequence, .. } => *sequence,
            Self::Untold | Self::Unknown => None,
        }
    }
}

impl Known {
    fn told_of(&self, folded: &Folded, environment: &str) -> Told {
        let reference = self.reference.as_deref();
        // what is declared is judged as a whole tree
        let extent = if self.is_declared { Extent::Tree } else { Extent::Paths };
        let told = Told::of(folded.base(environment, (reference, self.narrowed.as_deref()), extent));
        // what was let through for everything was for a part of it
        if self.narrowed.is_some() && told == Told::Untold {
            return Told::of(folded.base(environment, (reference, None), extent));
        }
        told
    }

    /// Sees that the record still says what the evidence rests on.
    ///
    /// # Errors
    ///
    /// It does not: [`Known::is_overtaken`] then says so, and the evidence has to be gathered anew.
    pub(crate) fn confirm(&self, folded: &Folded) -> Result<(), Faults> {
        let is_in_force =
            |(branch, told): &(String, Told)| Told::of(folded.newest_of_branch(branch)).is_same_state(told);
        let holds = (!self.none_yet || !folded.has_own_entries())
            && self.in_force.as_ref().is_none_or(is_in_force)
            && self.told.iter().all(|(name, told)| self.told_of(folded, name).is_same_state(told))
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
            Diagnostic::error(
                Code::NoRecord,
                "somebody else was let through between the look at the change and the decision",
            )
            .help("try again when fewer jobs run"),
        ))
    }

    /// Returns the state of the default branch whose policy is in force; `None` if the record knows none.
    ///
    /// # Errors
    ///
    /// A state that is missing from this clone, with the command that fetches it, and a branch of which the record knows
    /// nothing but refusals.
    pub(crate) fn last_allowed(
        &mut self,
        folded: &Folded,
        default: &RefName,
        repository: &Repository,
    ) -> Result<Option<Revision>, Faults> {
        let branch = ref_text(&branch_of(default)?);
        let told = Told::of(folded.newest_of_branch(&branch));
        let found = match &told {
            Told::Untold => Ok(None),
            Told::Unknown => {
                let cause = format!("the record knows no allowed state of `{branch}`, only changes that were refused");
                Err(Faults::one(
                    Diagnostic::error(Code::NoPolicy, for_terminal(&cause))
                        .help("name the commit whose policy you trust: `--policy-from COMMIT`"),
                ))
            }
            Told::At { commit: Some(commit), tree: Some(tree), .. } => revision(commit, tree, repository).map(Some),
            Told::At { commit: None, tree: None, .. } => Ok(None),
            Told::At { .. } => Err(not_as_recorded("a commit without its tree")),
        };
        self.policy_branches.insert(branch.clone());
        self.in_force = Some((branch, told));
        found
    }

    /// Whether the state whose policy is in force was allowed; else it is only what the first decision, a refusal, was compared with.
    pub(crate) fn is_in_force_allowed(&self) -> bool {
        self.in_force.as_ref().is_some_and(|(_, told)| told.sequence().is_some())
    }

    /// Whether what it holds was found to be out of date.
    pub(crate) const fn is_overtaken(&self) -> bool {
        self.overtaken.get()
    }

    /// Sees that `policy`, which is read from what the record told, understands the names as they were understood when the
    /// record was asked.
    pub(crate) fn check_names(&self, policy: &Policy) -> Result<(), Faults> {
        for (given, taken_for) in &self.names {
            if let Some(environment) = policy.environment(given)
                && environment.name != *taken_for
            {
                let cause = format!(
                    "`{given}` is the environment `{}` in the policy of the base, and `{taken_for}` in that of the newest decision",
                    environment.name
                );
                return Err(Faults::one(
                    Diagnostic::error(Code::InvalidUsage, for_terminal(&cause))
                        .help("name the environment itself, not an alias"),
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
        subject: &Subject,
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

    /// The `environments` that a commit of a repository is the current state of, by a ref on which it has `landed`, let through for all that
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
        examined.base.push_str(&format!("; record: this commit is what {names} was brought to last, nothing new"));
    }
}

/// Puts what the record knows to have been let through in the place of the old end of `subject`, environment by environment.
///
/// It is asked about the environments that are declared; where none is, about all. A request to merge that declares none is
/// compared with the branch that it targets: it goes to no environment yet.
///
/// # Errors
///
/// A state that is missing from this clone, with the command that fetches it, or that is not what the record says.
pub(crate) fn rebase(
    subject: &mut Subject,
    folded: &Folded,
    names: &DeclaredNames,
    (args, world): (&CheckRequest, &dyn World),
    pipeline: Option<&Pipeline>,
    repository: &Repository,
) -> Result<Known, Faults> {
    let narrowed = declared::narrowed(names, args);
    let proposed = pipeline.is_some_and(Pipeline::is_proposal);
    if proposed && names.environments.is_empty() {
        return Ok(Known { narrowed, ..Known::default() });
    }
    if !folded.has_own_entries() {
        return Ok(Known { none_yet: true, narrowed, ..Known::default() });
    }
    let reference = subject.reference.as_ref().map(ref_text);
    let is_declared = !names.environments.is_empty();
    let mut known = Known { reference, narrowed, is_declared, ..Known::default() };
    let wanted = wanted(&mut known, folded, names, (args, world), repository)?;
    if known.reference.is_none() {
        without_ref(folded, &wanted)?;
    }
    known.told = wanted.iter().map(|name| (name.clone(), known.told_of(folded, name))).collect();
    let mut groups: Vec<(Told, Vec<String>)> = Vec::new();
    for (name, told) in &known.told {
        match groups.iter_mut().find(|(one, _)| one == told) {
            Some((_, names)) => names.push(name.clone()),
            None => groups.push((told.clone(), vec![name.clone()])),
        }
    }
    if groups.iter().all(|(told, _)| *told == Told::Untold) {
        return Ok(known);
    }
    // the policy is that of the newest
    groups.sort_by_key(|(told, _)| std::cmp::Reverse(told.sequence()));
    let is_told = groups.first().is_some_and(|(told, _)| matches!(told, Told::At { .. }));
    let any = names.environments.is_empty();
    let is_only = groups.len() == 1 && !any;
    let (mut labels, mut parts) = (Vec::new(), Vec::new());
    for (told, of_group) in groups.into_iter().filter(|(told, _)| !any || *told != Told::Untold) {
        let (ends, label) = ends(&told, subject, repository)?;
        let whom = of_group.iter().map(|name| format!("`{}`", for_terminal(name))).collect::<Vec<_>>().join(", ");
        labels.push(if is_only { label } else { format!("{label} for {whom}") });
        parts.push(Part { ends, environments: (!is_only).then_some(of_group), exclusive: any, beside: None });
    }
    if any {
        labels.push(subject.base.clone());
        parts.push(Part { ends: subject.fallback()?, environments: None, exclusive: false, beside: None });
    }
    // further merge bases, and what it would change of the default branch
    parts.extend(std::mem::take(&mut subject.parts).into_iter().skip(1));
    subject.is_told = is_told;
    subject.parts = parts;
    subject.lack = None;
    subject.base = labels.join("; ");
    // that is about another base
    subject.warnings.retain(|warning| !warning.starts_with(STALE));
    Ok(known)
}

/// The environments to ask the record about, by the names that it has for them.
///
/// An alias is what the policy of the newest decision says: what was refused must not choose which environment is meant.
fn wanted(
    known: &mut Known,
    folded: &Folded,
    names: &DeclaredNames,
    (args, world): (&CheckRequest, &dyn World),
    repository: &Repository,
) -> Result<Vec<String>, Faults> {
    let told: BTreeSet<&str> = folded.environments().collect();
    let mut wanted: Vec<String> = Vec::new();
    let mut newest = None;
    for given in &names.environments {
        let name = if told.contains(given.as_str()) {
            given.clone()
        } else {
            if newest.is_none() {
                newest = Some(newest_policy(folded, args, world, repository)?);
            }
            let policy = newest.as_ref().and_then(Option::as_ref);
            policy
                .and_then(|source| source.policy.environment(given))
                .map_or_else(|| given.clone(), |one| one.name.clone())
        };
        known.names.push((given.clone(), name.clone()));
        if !wanted.contains(&name) {
            wanted.push(name);
        }
    }
    if names.environments.is_empty() {
        wanted.extend(told.into_iter().map(str::to_owned));
    }
    Ok(wanted)
}

/// The policy of the state that was allowed last, of whatever environment; `None` if it has none.
fn newest_policy(
    folded: &Folded,
    args: &CheckRequest,
    world: &dyn World,
    repository: &Repository,
) -> Result<Option<Arc<Source>>, Faults> {
    if let Some(named) = named(args, world, Some(repository))? {
        return Ok(Some(named.source));
    }
    let Some((commit, tree)) = folded.newest_state().and_then(|state| state.commit.zip(state.tree)) else {
        return Ok(None);
    };
    let revision = revision(commit, tree, repository)?;
    let source = source::in_commit(&args.policy, world, repository, revision, &"the newest state of the record")?;
    Ok(source.map(Arc::new))
}

/// Without a ref all of them are meant, and what one let through was judged by other targets.
fn without_ref(folded: &Folded, wanted: &[String]) -> Result<(), Faults> {
    match wanted.iter().flat_map(|environment| folded.refs_of(environment)).flatten().next() {
        None => Ok(()),
        Some(reference) => {
            let cause = format!("the record knows states by their refs, such as `{reference}`, and no ref is given");
            let help = format!("say which ref is changed: `--ref {reference}`");
            Err(Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help(for_terminal(&help))))
        }
    }
}

/// The ends to compare, and how the old one is called.
fn ends(told: &Told, subject: &mut Subject, repository: &Repository) -> Result<(Ends, String), Faults> {
    let new = subject.ends().head();
    match told {
        Told::Untold => Ok((subject.fallback()?, subject.base.clone())),
        Told::Unknown => {
            Ok((Ends::Unknown { new }, "none: the record knows of nothing that was let through".to_owned()))
        }
        Told::At { commit, tree, sequence } => {
            let old = match (commit, tree) {
                (Some(commit), Some(tree)) => Some(revision(commit, tree, repository)?),
                (None, None) => None,
                (Some(_), None) | (None, Some(_)) => return Err(not_as_recorded("a commit without its tree")),
            };
            let commit =
                old.map_or_else(|| "nothing".to_owned(), |old| old.commit.to_string().chars().take(7).collect());
            let label = match sequence {
                Some(sequence) => format!("record: entry {sequence} ({commit})"),
                None => format!("record: what its first decision was compared with ({commit})"),
            };
            Ok((Ends::Known(Range { old, new }), label))
        }
    }
}
