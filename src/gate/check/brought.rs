//! What is brought along to lift findings, compared with the change, and the options that `grant new` repeats.

use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::change::ci::Pipeline;
use crate::change::git::{ChangeKind, EvidenceError, PathContents, Range, Repository};
use crate::diagnostic::Faults;
use crate::escape::for_terminal;
use crate::gate::base::ChangeSubject;
use crate::gate::comparison::{Ends, Part};
use crate::gate::fault::fault;
use crate::gate::lifts::{Lifting, Moved};
use crate::gate::repository_name::name_of;
use crate::gate::request::CheckRequest;
use crate::gate::world::World;
use crate::gate::{repository, source};
use crate::proof::posted::{self, Posted};

/// The options that `grant new` has to repeat for the same question.
pub(super) fn repeated(args: &CheckRequest) -> Vec<String> {
    let mut options = source::repeated(&args.policy);
    for (option, value) in [("--for", &args.duration), ("--at", &args.at), ("--repository", &args.lift.repository)] {
        options.extend(value.iter().flat_map(|value| [option.to_owned(), value.clone()]));
    }
    options
}

/// The option that names the repository as a job knows it, where other clones may know it by another name: the job's settings say it, or
/// its folder does.
pub(super) fn own_name(
    args: &CheckRequest,
    pipeline: Option<&Pipeline>,
    repository: Option<&Repository>,
) -> Result<Vec<String>, Faults> {
    let (Some(_), Some(repository), None) = (pipeline, repository, &args.lift.repository) else {
        return Ok(Vec::new());
    };
    let is_set = repository.setting("freezegate.repository").map_err(fault)?.is_some();
    let name = name_of(repository).map_err(fault)?.filter(|name| is_set || name.starts_with('/'));
    Ok(name.into_iter().flat_map(|name| ["--repository".to_owned(), name]).collect())
}

/// The grants in refs of the repository. None of them keeps a gate from deciding: what can't be read is passed over.
pub(super) fn posted_here(repository: &Repository) -> Posted {
    posted::own(repository)
        .unwrap_or_else(|error| Posted { doubts: vec![unread(&error.to_string())], ..Posted::default() })
}

/// The grants in refs of `origin`, passed over in the same way.
pub(super) fn posted_there(repository: &Repository) -> Posted {
    posted::of_remote(repository, ORIGIN)
        .unwrap_or_else(|error| Posted { doubts: vec![unread(&error.to_string())], ..Posted::default() })
}

/// The remote whose grants are looked for.
const ORIGIN: &str = "origin";

fn unread(cause: &str) -> String {
    let text = format!("the grants in `{}` are ignored: {cause}; to pass one, `--grant FILE`", posted::FOLDER);
    for_terminal(&text).into_owned()
}

/// Returns what was brought along to lift findings, compared with the change.
pub(super) fn lifting(
    brought: &Lifting,
    world: &dyn World,
    repository: Option<&Repository>,
    subject: Option<&ChangeSubject>,
) -> Result<Lifting, Faults> {
    let brought = brought.clone();
    if brought.is_empty() {
        return Ok(brought);
    }
    let parts = subject.map_or(&[][..], |subject| subject.parts.as_slice());
    let moved = |part: &Part| Moved {
        reference: subject.and_then(|subject| subject.reference.clone()),
        range: match part.ends {
            Ends::Known(range) => range,
            // all that led to it, as nothing says what was there before
            Ends::Unknown { new } => Range { old: None, new },
        },
        since: None,
        environments: part.environments.clone().filter(|_| part.exclusive || part.is_by_others),
    };
    let own: Vec<Moved> = parts.iter().filter(|part| !part.is_by_others).map(moved).collect();
    match repository {
        Some(repository) => {
            let mut all = own.clone();
            if brought.is_for_one_change() {
                // it ends with the same commit, which is what is signed, unless it takes back what others deployed besides
                let by_others: Vec<Moved> = parts.iter().filter(|part| part.is_by_others).map(moved).collect();
                all.extend(beyond(repository, by_others, &own).map_err(fault)?);
            }
            Ok(brought.at(repository, &own)?.of_parts(repository, &all))
        }
        // where nothing is looked at, its name alone is asked for, and that can be given otherwise
        None => match repository::here(world) {
            Ok(repository) => brought.at(&repository, &[]),
            Err(_) => Ok(brought),
        },
    }
}

/// The change of a path; `None` if nothing was there before.
type PathChange = Option<(ChangeKind, PathContents)>;

/// Those of `others` in which a path differs that is the same in all of `own`, or was something else there. Where nothing was there
/// before, whatever was deployed at the path is replaced, and the grant is for all that comes.
fn beyond(repository: &Repository, others: Vec<Moved>, own: &[Moved]) -> Result<Vec<Moved>, EvidenceError> {
    if others.is_empty() {
        return Ok(others);
    }
    let mut known: HashMap<Vec<u8>, Vec<PathChange>> = HashMap::new();
    for one in own {
        repository.changed_contents(one.range.old_tree(), one.range.new_tree(), &mut |path, kind, contents| {
            known.entry(path.to_vec()).or_default().push(one.range.old.map(|_| (kind, contents)));
            ControlFlow::Continue(())
        })?;
    }
    let mut beyond = Vec::new();
    for other in others {
        let mut is_beyond = false;
        repository.changed_contents(other.range.old_tree(), other.range.new_tree(), &mut |path, kind, contents| {
            let is_covered = |change: &PathChange| change.is_none_or(|change| change == (kind, contents));
            is_beyond = !known.get(path).is_some_and(|changes| changes.iter().any(is_covered));
            if is_beyond { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if is_beyond {
            beyond.push(other);
        }
    }
    Ok(beyond)
}
