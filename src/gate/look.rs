//! Looking at what differs between two states of a ref.

use crate::change::git::{ChangeKind, EntryKind, EvidenceError, Range, RefName, Repository, Revision};
use crate::diagnostic::Faults;
use crate::gate::fault::{fault, too_much};
use crate::gate::messages::Messages;
use crate::reach::matcher::OfRef;
use crate::reach::shown::ShownError;
use crate::reach::{RefSide, Shown, TargetMatcher};
use std::ops::ControlFlow;

/// One end of a range; none for the empty tree.
pub(crate) type RangeEnd = Option<Revision>;

/// Shows what a ref, all that differs between its two ends, and the messages of its new commits, where they are to be read, show to the targets that the
/// ref leaves in question.
///
/// The ends are looked up when they are needed, as what nobody judges may be missing. The range is given back if any target
/// asks for paths.
pub(crate) fn look(
    repository: &Repository,
    matcher: &TargetMatcher<'_>,
    side: RefSide<'_>,
    (old, new): (impl FnOnce() -> Result<RangeEnd, Faults>, impl FnOnce() -> Result<RangeEnd, EvidenceError>),
    messages: Option<&mut Messages<'_>>,
    shown: &mut Shown,
) -> Result<Option<Range>, Faults> {
    let of_ref = matcher.of_ref(side).map_err(|error| too_much(&error))?;
    if !of_ref.is_judged() && !of_ref.wants_paths() {
        return Ok(None);
    }
    let new = match new() {
        Ok(new) => new,
        // a tag of a file is as good a tag as any, until somebody asks for paths
        Err(EvidenceError::NotACommit { .. }) if !of_ref.wants_paths() => None,
        Err(error) => return Err(fault(error)),
    };
    let messages = messages.filter(|_| of_ref.is_judged());
    if !of_ref.wants_paths() && (messages.is_none() || new.is_none()) {
        shown.part(None);
        of_ref.alone(shown).map_err(|error| too_much(&error))?;
        return Ok(None);
    }
    let range = Range { old: old()?, new };
    let said = match (messages, new) {
        (Some(messages), Some(new)) => messages.said(matcher.policy(), range.old, new, shown)?,
        (Some(_), None) | (None, _) => None,
    };
    shown.part(said);
    of_ref.alone(shown).map_err(|error| too_much(&error))?;
    if !of_ref.wants_paths() {
        return Ok(None);
    }
    show_each(repository, &of_ref, range, |_| true, shown)?;
    Ok(Some(range))
}

/// Shows what a ref that is created lacks of what the default branch has: to its targets, those paths are deleted.
pub(crate) fn look_at_lacking(
    repository: &Repository,
    matcher: &TargetMatcher<'_>,
    side: RefSide<'_>,
    (default, new): (Revision, Revision),
    shown: &mut Shown,
) -> Result<(), Faults> {
    let of_ref = matcher.of_ref(side).map_err(|error| too_much(&error))?;
    if !of_ref.wants_paths() {
        return Ok(());
    }
    let range = Range { old: Some(default), new: Some(new) };
    show_each(repository, &of_ref, range, |change| matches!(change, ChangeKind::Deleted { .. }), shown)
}

/// Shows each path that differs between two ends in a way that counts.
fn show_each(
    repository: &Repository,
    of_ref: &OfRef<'_, '_, '_>,
    range: Range,
    counts: impl Fn(&ChangeKind) -> bool,
    shown: &mut Shown,
) -> Result<(), Faults> {
    let mut failed = None;
    let walked = repository.changed_paths(range.old_tree(), range.new_tree(), &mut |path, change| {
        if !counts(&change) {
            return ControlFlow::Continue(());
        }
        match show(repository, of_ref, range, path, change, shown) {
            Ok(()) => ControlFlow::Continue(()),
            Err(faults) => {
                failed = Some(faults);
                ControlFlow::Break(())
            }
        }
    });
    match failed {
        Some(faults) => Err(faults),
        None => walked.map_err(fault),
    }
}

/// Shows one path that differs.
pub(crate) fn show(
    repository: &Repository,
    of_ref: &OfRef<'_, '_, '_>,
    range: Range,
    path: &[u8],
    change: ChangeKind,
    shown: &mut Shown,
) -> Result<(), Faults> {
    let too_much = |error: ShownError| too_much(&error);
    of_ref.path(path, shown).map_err(too_much)?;
    let (old, new) = match change {
        ChangeKind::Added { new } => (None, Some(new)),
        ChangeKind::Deleted { old } => (Some(old), None),
        ChangeKind::Modified { old, new } => (Some(old), Some(new)),
    };
    if let (Some(EntryKind::Link), Some(revision)) = (new, range.new) {
        let leads_to = repository.link_at(revision.commit, path).map_err(fault)?;
        of_ref.link(path, &leads_to, shown).map_err(too_much)?;
    }
    let is_submodule = [old, new].contains(&Some(EntryKind::Submodule));
    if is_submodule || old == Some(EntryKind::Link) {
        of_ref.in_place_of_folder(path, shown).map_err(too_much)?;
    }
    Ok(())
}

/// Returns whether the remote-tracking ref `default` follows the branch `name`.
pub(crate) fn is_branch(default: &RefName, name: &RefName) -> bool {
    let branch = default.as_bytes().strip_prefix(b"refs/remotes/origin/");
    branch.is_some() && branch == name.as_bytes().strip_prefix(b"refs/heads/")
}
