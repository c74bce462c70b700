//! Puts what the record knows in the place of what a provider says was there before.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::change::ci::Pipeline;
use crate::change::git::{Range, Repository};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::base::ChangeSubject;
use crate::gate::baseline::BaselineSnapshot;
use crate::gate::baseline::told::{KnownBase, Provided, ToldBase, Whose};
use crate::gate::comparison::{Ends, Part, branch_of};
use crate::gate::declared;
use crate::gate::named_policy::named;
use crate::gate::recorded_state::{commit_of_record, not_as_recorded, revision};
use crate::gate::request::CheckRequest;
use crate::gate::source::{self, PolicySource};
use crate::gate::world::World;
use crate::proof::record::{Folded, RecordedBase, ref_text};
use crate::reach::DeclaredNames;
use crate::shell::shell_word;

/// Puts what the record knows to have been allowed in the place of the old end of `subject`, environment by environment.
///
/// It is asked about the environments that are declared; where none is, about all. A request to merge that declares none is
/// compared with the branch that it targets: it goes to no environment yet.
///
/// # Errors
///
/// A state that is missing from this clone, with the command that fetches it, or that is not what the record says.
pub(crate) fn rebase(
    subject: &mut ChangeSubject,
    folded: &Folded,
    names: &DeclaredNames,
    (args, world): (&CheckRequest, &dyn World),
    pipeline: Option<&Pipeline>,
    repository: &Repository,
) -> Result<BaselineSnapshot, Faults> {
    let narrowed = declared::narrowed(names, args);
    let proposed = pipeline.is_some_and(Pipeline::is_proposal);
    if proposed && names.environments.is_empty() {
        return Ok(BaselineSnapshot { narrowed, ..BaselineSnapshot::default() });
    }
    if !folded.tells_anything() {
        return Ok(BaselineSnapshot {
            none_yet: true,
            narrowed,
            is_declared: !names.environments.is_empty(),
            ..BaselineSnapshot::default()
        });
    }
    let reference = subject.reference.as_ref().map(ref_text);
    let is_declared = !names.environments.is_empty();
    let mut known = BaselineSnapshot { reference, narrowed, is_declared, ..BaselineSnapshot::default() };
    let default = subject.default.as_ref().map(branch_of).transpose()?.as_ref().map(ref_text);
    let mut newest = NewestPolicy { folded, default: default.as_deref(), args, world, repository, found: None };
    let wanted = wanted(&mut known, &mut newest, names)?;
    if is_declared && known.narrowed.is_some() {
        known.defined = match newest.get() {
            Ok(source) => source.map_or_else(BTreeSet::new, |source| declared::defined(&source.policy)),
            // one that this clone lacks, or that does not load, defines nothing: then any name may be another, and more is compared
            Err(_) => BTreeSet::new(),
        };
    }
    if known.reference.is_none() {
        without_ref(folded, &wanted)?;
    }
    known.told = wanted.into_iter().map(|name| known.told_of(folded, name)).collect();
    let provided = if subject.is_explicit {
        Provided::Range
    } else if subject.parts.iter().all(Part::is_created) {
        Provided::Nothing
    } else {
        Provided::Before
    };
    let mut groups: Vec<(Vec<KnownBase>, Vec<String>)> = Vec::new();
    for told in &known.told {
        let bases = known.bases(told, folded, provided);
        match groups.iter_mut().find(|(one, _)| *one == bases) {
            Some((_, names)) => names.push(told.environment.clone()),
            None => groups.push((bases, vec![told.environment.clone()])),
        }
    }
    let is_untold = |bases: &[KnownBase]| bases.iter().all(|one| one.told == ToldBase::Untold);
    if groups.iter().all(|(bases, _)| is_untold(bases)) {
        return Ok(known);
    }
    // the policy is that of the newest; the own base comes first of each
    groups.sort_by_key(|(bases, _)| std::cmp::Reverse(bases.first().and_then(|own| own.told.sequence())));
    let first = groups.first().and_then(|(bases, _)| bases.first());
    let is_told = first.is_some_and(|one| matches!(one.told, ToldBase::At { .. }));
    let any = names.environments.is_empty();
    let is_only = groups.len() == 1 && !any;
    let (mut labels, mut parts, mut has_gone) = (Vec::new(), Vec::new(), false);
    for (bases, of_group) in groups.into_iter().filter(|(bases, _)| !any || !is_untold(bases)) {
        let whom = of_group.iter().map(|name| format!("`{}`", for_terminal(name))).collect::<Vec<_>>().join(", ");
        let is_new = bases.iter().any(|one| one.whose == Whose::OwnElsewhere);
        let is_alone = is_only && !is_new;
        let for_whom = |label: String| if is_alone { label } else { format!("{label} for {whom}") };
        for KnownBase { told, whose } in bases {
            let mut is_gone = false;
            let (ends, label, is_for_all, is_by_others) = match whose {
                Whose::Own => {
                    // after a forced push it may be gone for good, which only a fetch can say
                    let (ends, label) = if args.fetch {
                        ends_or_unknown(&told, subject, repository)?
                    } else {
                        ends(&told, subject, repository)?
                    };
                    (ends, for_whom(label), is_alone, false)
                }
                Whose::OthersAlone | Whose::Others => {
                    let (ends, label) = ends_or_unknown(&told, subject, repository)?;
                    let is_too = whose == Whose::Others;
                    // what else the change reaches, the own state shows
                    is_gone = is_too && matches!(ends, Ends::Unknown { .. });
                    (ends, for_whom(format!("{label}, by another ref or job")), is_alone && !is_too, is_too)
                }
                Whose::OwnElsewhere => {
                    let (ends, label) = ends_or_unknown(&told, subject, repository)?;
                    (ends, format!("{label} for what else it reaches"), true, true)
                }
            };
            has_gone |= matches!((&told, ends), (ToldBase::At { .. }, Ends::Unknown { .. }));
            labels.push(label);
            let environments = (!is_for_all).then(|| of_group.clone());
            let exclusive = any || (is_new && whose == Whose::Own) || is_gone;
            parts.push(Part { ends, environments, exclusive, beside: None, is_by_others });
        }
    }
    if any {
        labels.push(subject.base.clone());
        let ends = subject.fallback()?;
        parts.push(Part { ends, environments: None, exclusive: false, beside: None, is_by_others: false });
    }
    // what the record names is gone, and the command line says what to compare with instead
    if has_gone && subject.is_explicit {
        labels.push(subject.base.clone());
        parts.push(Part {
            ends: subject.ends(),
            environments: None,
            exclusive: false,
            beside: None,
            is_by_others: true,
        });
    }
    // further merge bases, and what it would change of the default branch
    parts.extend(std::mem::take(&mut subject.parts).into_iter().skip(1));
    subject.is_told = is_told;
    subject.parts = parts;
    subject.lack = None;
    subject.base = labels.join("; ");
    // that is about another base
    subject.stale = None;
    Ok(known)
}

/// The environments to ask the record about, by the names that it has for them.
///
/// An alias is what the policy of the newest decision says: what was refused must not choose which environment is meant.
fn wanted(
    known: &mut BaselineSnapshot,
    newest: &mut NewestPolicy<'_>,
    names: &DeclaredNames,
) -> Result<Vec<String>, Faults> {
    let told: BTreeSet<&str> = newest.folded.environments().collect();
    let mut wanted: Vec<String> = Vec::new();
    for given in &names.environments {
        let name = if told.contains(given.as_str()) {
            given.clone()
        } else {
            let found = newest.get()?.and_then(|source| source.policy.environment(given));
            found.map_or_else(|| given.clone(), |one| one.name.clone())
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

/// The policy of the state of the default branch that was allowed last; where none was, that by which the newest decision was made, else that
/// of what the first one was compared with on that branch. It is read where it is asked for first.
struct NewestPolicy<'n> {
    folded: &'n Folded,
    default: Option<&'n str>,
    args: &'n CheckRequest,
    world: &'n dyn World,
    repository: &'n Repository,
    found: Option<Option<Arc<PolicySource>>>,
}

impl NewestPolicy<'_> {
    /// Returns the policy, read once; `None` if there is none.
    fn get(&mut self) -> Result<Option<&PolicySource>, Faults> {
        if self.found.is_none() {
            self.found = Some(self.read()?);
        }
        Ok(self.found.as_ref().and_then(Option::as_deref))
    }

    fn read(&self) -> Result<Option<Arc<PolicySource>>, Faults> {
        let &Self { folded, default, args, world, repository, .. } = self;
        if let Some(named) = named(args, world, Some(repository))? {
            return Ok(Some(named.source));
        }
        // the states of other branches have policies that nobody judges
        let (of_default, is_allowed) = match default.map(|default| folded.newest_of_branch(default)) {
            Some(RecordedBase::Known { commit, tree, allowed_by }) => (commit.zip(tree), allowed_by.is_some()),
            Some(RecordedBase::Untold | RecordedBase::Unknown) | None => (None, false),
        };
        let revision = match (of_default, folded.newest_policy_commit()) {
            (Some((commit, tree)), _) if is_allowed => revision(commit, tree, repository)?,
            (_, Some(commit)) => commit_of_record(commit, repository)?,
            (Some((commit, tree)), None) => revision(commit, tree, repository)?,
            (None, None) => return Ok(None),
        };
        let source = source::in_commit(&args.policy, world, repository, revision, &"the record's newest decision")?;
        Ok(source.map(Arc::new))
    }
}

/// Refuses a question without a ref if the record knows states by refs: each was judged by the targets of its own.
fn without_ref(folded: &Folded, wanted: &[String]) -> Result<(), Faults> {
    match wanted.iter().flat_map(|environment| folded.refs_of(environment)).flatten().next() {
        None => Ok(()),
        Some(reference) => {
            let cause = format!("the record keeps states by ref, such as `{reference}`, and no ref is given");
            let help = format!("say which ref is changed: `--ref {}`", shell_word(reference));
            Err(Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help(for_terminal(&help))))
        }
    }
}

/// The ends to compare, and how the old one is called. What this clone lacks of it is not known, and then everything counts as changed:
/// branches that were deployed once go.
fn ends_or_unknown(
    told: &ToldBase,
    subject: &mut ChangeSubject,
    repository: &Repository,
) -> Result<(Ends, String), Faults> {
    match ends(told, subject, repository) {
        Ok(found) => Ok(found),
        Err(faults) if faults.diagnostics.iter().all(|fault| fault.code == Code::NoEvidence) => {
            let causes = faults.diagnostics.into_iter().map(|fault| fault.cause).collect::<Vec<String>>().join("; ");
            subject.warnings.push(format!("{causes}; so all that the targets name counts as changed"));
            let label = "none: what was deployed is not in this clone".to_owned();
            Ok((Ends::Unknown { new: subject.ends().head() }, label))
        }
        Err(faults) => Err(faults),
    }
}

/// The ends to compare, and how the old one is called.
fn ends(told: &ToldBase, subject: &mut ChangeSubject, repository: &Repository) -> Result<(Ends, String), Faults> {
    let new = subject.ends().head();
    match told {
        ToldBase::Untold => Ok((subject.fallback()?, subject.base.clone())),
        ToldBase::Unknown => Ok((Ends::Unknown { new }, "none: the record has no allowed state".to_owned())),
        ToldBase::At { commit, tree, sequence } => {
            let old = match (commit, tree) {
                (Some(commit), Some(tree)) => Some(revision(commit, tree, repository)?),
                (None, None) => None,
                (Some(_), None) | (None, Some(_)) => return Err(not_as_recorded("a commit without its tree")),
            };
            let commit = old.map_or_else(|| "nothing".to_owned(), |old| old.commit.short());
            let label = match sequence {
                Some(sequence) => format!("entry {sequence} of the record ({commit})"),
                None => format!("the record's first base ({commit})"),
            };
            Ok((Ends::Known(Range { old, new }), label))
        }
    }
}
