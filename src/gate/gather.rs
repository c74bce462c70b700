//! Looking at the change itself: which repository, which range, which ref.

use std::ops::ControlFlow;

use crate::change::git::{ChangeKind, EntryKind, EvidenceError, Range, RefName, Repository, Revision};
use crate::cli::args::CheckArgs;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::base::{Ends, Part, Subject};
use crate::gate::messages::Messages;
use crate::reach::matcher::OfRef;
use crate::reach::shown::ShownError;
use crate::reach::{Matcher, RefSide, Shown};
use crate::report::{Breadth, Compared, Examined};

/// Whether the command line asks to look at the change itself.
pub(crate) const fn is_asked_for(args: &CheckArgs) -> bool {
    args.range.is_some() || args.reference.is_some()
}

/// What a change shows of itself.
pub(crate) fn gather(
    subject: &Subject,
    matcher: &Matcher<'_>,
    repository: &Repository,
) -> Result<(Shown, Examined), Faults> {
    // of a ref that is created, what the default branch has is not new
    let default = match &subject.default {
        Some(name) if subject.parts.iter().any(|part| part.is_created()) => repository.tip_of(name).map_err(fault)?,
        Some(name) => repository.revision_of(name).map_err(fault)?,
        None => None,
    };
    let mut all: Option<Shown> = None;
    let mut compared = Vec::new();
    for part in &subject.parts {
        let shown = of_part(part, (subject.side(part), default), matcher, repository)?;
        let breadth = Breadth::of(&shown, matcher.policy(), part.beside.as_ref().or(subject.reference.as_ref()));
        match &mut all {
            None => all = Some(shown),
            Some(all) => all.join(shown),
        }
        let (old, everything) = match part.ends {
            Ends::Known(range) => (range.old, false),
            Ends::Unknown { .. } => (None, true),
        };
        let reference = part.beside.clone().or_else(|| subject.reference.clone());
        let environments = part.environments.clone();
        compared.push(Compared { reference, old, new: part.ends.head(), everything, environments, breadth });
    }
    let shown = all.ok_or_else(|| {
        Faults::one(
            Diagnostic::error(Code::Internal, "there is nothing to compare the change with")
                .help("report this to freezegate's developers"),
        )
    })?;
    let range = match subject.ends() {
        Ends::Known(range) if compared.iter().all(|one| !one.everything) => Some(range_text(range)),
        Ends::Known(_) | Ends::Unknown { .. } => None,
    };
    let examined = Examined {
        range,
        tree: subject.ends().head().map(|revision| revision.tree.to_string()),
        reference: subject.reference.as_ref().map(RefName::to_string),
        base: subject.base.clone(),
        paths: shown.paths,
        said: places(&shown),
        compared,
    };
    Ok((shown, examined))
}

/// The evidence of a change that is not judged: its states, and that nothing was looked at.
pub(crate) fn nothing(subject: &Subject) -> (Shown, Examined) {
    let compared = subject.parts.iter().take(1).map(|part| {
        let (old, everything) = match part.ends {
            Ends::Known(range) => (range.old, false),
            Ends::Unknown { .. } => (None, true),
        };
        let reference = subject.reference.clone();
        Compared {
            reference,
            old,
            new: part.ends.head(),
            everything,
            environments: Some(Vec::new()),
            breadth: Breadth::default(),
        }
    });
    let examined = Examined {
        tree: subject.ends().head().map(|revision| revision.tree.to_string()),
        reference: subject.reference.as_ref().map(RefName::to_string),
        base: subject.base.clone(),
        compared: compared.collect(),
        ..Examined::default()
    };
    (Shown::default(), examined)
}

/// What one comparison shows.
fn of_part(
    part: &Part,
    (side, default): (RefSide<'_>, Option<Revision>),
    matcher: &Matcher<'_>,
    repository: &Repository,
) -> Result<Shown, Faults> {
    let mut shown = Shown::default();
    match part.ends {
        Ends::Known(range) => {
            let mut messages = Messages::new(repository, default.map(|revision| revision.commit)).of_check();
            let ends = (|| Ok(range.old), || Ok(range.new));
            look(repository, matcher, side, ends, Some(&mut messages), &mut shown)?;
        }
        Ends::Unknown { new } => {
            let of_ref = matcher.of_ref(side).map_err(|error| too_much(&error))?;
            let mut messages = Messages::new(repository, default.map(|revision| revision.commit)).of_check();
            let said = new.map(|new| messages.said(matcher.policy(), None, new, &mut shown)).transpose()?.flatten();
            shown.part(said);
            of_ref.alone(&mut shown).map_err(|error| too_much(&error))?;
            of_ref.any_path("any path: nothing says what was there before", &mut shown);
        }
    }
    if let Some(names) = part.environments.as_ref().filter(|_| part.exclusive) {
        let environments = &matcher.policy().environments;
        shown.leave_to_others(environments, |environment| names.contains(&environment.name));
    }
    Ok(shown)
}

/// Where parts of the change say of themselves where they go.
pub(crate) fn places(shown: &Shown) -> Vec<String> {
    shown.said.iter().map(|said| said.place.clone()).collect()
}

/// Whether the remote-tracking ref `default` follows the branch `name`.
pub(crate) fn is_branch(default: &RefName, name: &RefName) -> bool {
    let branch = default.as_bytes().strip_prefix(b"refs/remotes/origin/");
    branch.is_some() && branch == name.as_bytes().strip_prefix(b"refs/heads/")
}

/// One end of a range; none for the empty tree.
pub(crate) type End = Option<Revision>;

/// Shows what a ref, all that differs between its two ends, and the messages of its new commits, where they are to be read, show to the targets that the
/// ref leaves in question.
///
/// The ends are looked up when they are needed, as what nobody judges may be missing. The range is given back if any target
/// asks for paths.
pub(crate) fn look(
    repository: &Repository,
    matcher: &Matcher<'_>,
    side: RefSide<'_>,
    (old, new): (impl FnOnce() -> Result<End, Faults>, impl FnOnce() -> Result<End, EvidenceError>),
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
    let mut failed = None;
    let walked = repository.changed_paths(range.old_tree(), range.new_tree(), &mut |path, change| match show(
        repository, &of_ref, range, path, change, shown,
    ) {
        Ok(()) => ControlFlow::Continue(()),
        Err(faults) => {
            failed = Some(faults);
            ControlFlow::Break(())
        }
    });
    match (walked, failed) {
        (Ok(()), None) => Ok(Some(range)),
        (Ok(()) | Err(_), Some(faults)) => Err(faults),
        (Err(error), None) => Err(fault(error)),
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

/// `OLD..NEW` in full, zeros for none.
pub(crate) fn range_text(range: Range) -> String {
    let end = |revision: Option<Revision>| revision.map_or_else(|| "0".repeat(40), |one| one.commit.to_string());
    format!("{}..{}", end(range.old), end(range.new))
}

pub(crate) fn fault(error: EvidenceError) -> Faults {
    Faults::one(no_evidence(&error))
}

pub(crate) fn no_evidence(error: &EvidenceError) -> Diagnostic {
    Diagnostic::error(Code::NoEvidence, error.to_string()).help(error.help())
}

pub(crate) fn too_much(error: &ShownError) -> Faults {
    Faults::one(Diagnostic::error(Code::NoEvidence, error.to_string()).help("split the change, or mend the path"))
}
