//! Looking at the change itself: which repository, which range, which ref.

use std::ops::ControlFlow;
use std::path::Path;

use crate::change::git::{EvidenceError, Range, RefName, Repository};
use crate::cli::args::CheckArgs;
use crate::cli::subject::{Ends, Subject};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::policy::Policy;
use crate::reach::shown::ShownError;
use crate::reach::{Matcher, RefSide, Shown};
use crate::report::Examined;

/// Whether the command line asks to look at the change itself.
pub(super) const fn is_asked_for(args: &CheckArgs) -> bool {
    args.range.is_some() || args.reference.is_some()
}

/// The repository of the working directory.
pub(super) fn repository() -> Result<Repository, Faults> {
    Repository::discover(Path::new(".")).map_err(fault)
}

/// What a change shows of itself.
///
/// `on_every_ref` says that the policy is read from whatever ref is changed, not from the default branch alone.
pub(super) fn gather(
    subject: &Subject,
    policy: &Policy,
    repository: &Repository,
    policy_files: Vec<Vec<u8>>,
    on_every_ref: bool,
) -> Result<(Shown, Examined), Faults> {
    let matcher = Matcher::new(policy, policy_files).judging_policy_on_every_ref(on_every_ref);
    let mut shown = Shown::default();
    let side = match &subject.reference {
        None => RefSide::Unknown,
        Some(name) => RefSide::Named { name: name.as_bytes(), default_branch: subject.on_default },
    };
    let range = match subject.ends {
        Ends::Known(range) => {
            look(repository, &matcher, side, || Ok(range), &mut shown)?;
            Some(range_text(range))
        }
        Ends::Unknown { .. } => {
            let of_ref = matcher.of_ref(side, &mut shown).map_err(|error| too_much(&error))?;
            of_ref.any_path("any path: nothing says what was there before", &mut shown);
            None
        }
    };
    let examined = Examined {
        range,
        tree: subject.ends.head().map(|revision| revision.tree.to_string()),
        reference: subject.reference.as_ref().map(RefName::to_string),
        base: subject.base.clone(),
        paths: shown.paths,
    };
    Ok((shown, examined))
}

/// Whether the remote-tracking ref `default` follows the branch `name`.
pub(super) fn is_branch(default: &RefName, name: &RefName) -> bool {
    let branch = default.as_bytes().strip_prefix(b"refs/remotes/origin/");
    branch.is_some() && branch == name.as_bytes().strip_prefix(b"refs/heads/")
}

/// Shows all that differs between the two ends of a range to the targets that the ref leaves in question.
///
/// The range is looked up, and given back, only if any of them asks for paths.
pub(super) fn look(
    repository: &Repository,
    matcher: &Matcher<'_>,
    side: RefSide<'_>,
    range: impl FnOnce() -> Result<Range, Faults>,
    shown: &mut Shown,
) -> Result<Option<Range>, Faults> {
    let of_ref = matcher.of_ref(side, shown).map_err(|error| too_much(&error))?;
    if !of_ref.wants_paths() {
        return Ok(None);
    }
    let range = range()?;
    let mut failed = None;
    let walked =
        repository.changed_paths(range.old_tree(), range.new_tree(), &mut |path, _| match of_ref.path(path, shown) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        });
    match (walked, failed) {
        (Ok(()), None) => Ok(Some(range)),
        (Ok(()) | Err(_), Some(error)) => Err(too_much(&error)),
        (Err(error), None) => Err(Faults::one(no_evidence(&error))),
    }
}

/// `OLD..NEW` in full, zeros for none.
pub(super) fn range_text(range: Range) -> String {
    let end = |revision: Option<crate::change::git::Revision>| {
        revision.map_or_else(|| "0".repeat(40), |one| one.commit.to_string())
    };
    format!("{}..{}", end(range.old), end(range.new))
}

pub(super) fn fault(error: EvidenceError) -> Faults {
    Faults::one(no_evidence(&error))
}

pub(super) fn no_evidence(error: &EvidenceError) -> Diagnostic {
    Diagnostic::error(Code::NoEvidence, error.to_string()).help(error.help())
}

fn too_much(error: &ShownError) -> Faults {
    Faults::one(Diagnostic::error(Code::NoEvidence, error.to_string()).help("split the change, or mend the path"))
}
