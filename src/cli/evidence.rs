//! Looking at the change itself: which repository, which range, which ref.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::change::git::{ChangeKind, EntryKind, EvidenceError, Range, RefName, Repository, Revision};
use crate::change::{Declared, DeclaredNames};
use crate::cli::args::CheckArgs;
use crate::cli::subject::{Ends, Part, Subject};
use crate::diagnostic::{Code, Diagnostic, Faults, Sources};
use crate::policy::{Environment, Policy};
use crate::reach::matcher::OfRef;
use crate::reach::shown::{Said, ShownError};
use crate::reach::{Matcher, Reached, RefSide, Shown};
use crate::report::escape::bytes_for_terminal;
use crate::report::{Compared, Examined};

/// Whether the command line asks to look at the change itself.
pub(super) const fn is_asked_for(args: &CheckArgs) -> bool {
    args.range.is_some() || args.reference.is_some()
}

/// What a change shows of itself.
pub(super) fn gather(
    subject: &Subject,
    matcher: &Matcher<'_>,
    repository: &Repository,
) -> Result<(Shown, Examined), Faults> {
    let mut all: Option<Shown> = None;
    let mut compared = Vec::new();
    for part in &subject.parts {
        let shown = of_part(part, subject.side(part), matcher, repository)?;
        match &mut all {
            None => all = Some(shown),
            Some(all) => join(all, shown),
        }
        let (old, everything) = match part.ends {
            Ends::Known(range) => (range.old, false),
            Ends::Unknown { .. } => (None, true),
        };
        let reference = part.beside.clone().or_else(|| subject.reference.clone());
        let environments = part.environments.clone();
        compared.push(Compared { reference, old, new: part.ends.head(), everything, environments });
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

/// What one comparison shows.
fn of_part(part: &Part, side: RefSide<'_>, matcher: &Matcher<'_>, repository: &Repository) -> Result<Shown, Faults> {
    let mut shown = Shown::default();
    match part.ends {
        Ends::Known(range) => {
            look(repository, matcher, side, (|| Ok(range.old), || Ok(range.new)), &mut shown)?;
        }
        Ends::Unknown { new } => {
            let of_ref = matcher.of_ref(side).map_err(|error| too_much(&error))?;
            let said = new.map(|new| said(repository, matcher.policy(), new)).transpose()?.flatten();
            shown.part(said);
            of_ref.alone(&mut shown).map_err(|error| too_much(&error))?;
            of_ref.any_path("any path: nothing says what was there before", &mut shown);
        }
    }
    if let Some(names) = part.environments.as_ref().filter(|_| part.exclusive) {
        shown.hits.retain(|hit| names.contains(&hit.reached.environment.name));
    }
    Ok(shown)
}

/// Adds what another comparison of the same commit shows, each thing once.
fn join(all: &mut Shown, other: Shown) {
    for hit in other.hits {
        let known = all.hits.iter().any(|known| {
            let (one, two) = (&known.reached, &hit.reached);
            let region = |reached: &Reached| reached.region.as_ref().map(|region| region.name.clone());
            let service = |reached: &Reached| reached.service.as_ref().map(|service| service.name.clone());
            known.every == hit.every
                && one.because == two.because
                && one.environment.name == two.environment.name
                && region(one) == region(two)
                && service(one) == service(two)
        });
        if !known {
            all.hits.push(hit);
        }
    }
    for unknown in other.unknown {
        if !all.unknown.iter().any(|known| known.message == unknown.message && known.what == unknown.what) {
            all.unknown.push(unknown);
        }
    }
    for file in other.policy_files {
        if !all.policy_files.contains(&file) {
            all.policy_files.push(file);
        }
    }
    all.paths = all.paths.max(other.paths);
}

/// Where parts of the change say of themselves where they go.
pub(super) fn places(shown: &Shown) -> Vec<String> {
    shown.said.iter().map(|said| said.place.clone()).collect()
}

/// Whether the remote-tracking ref `default` follows the branch `name`.
pub(super) fn is_branch(default: &RefName, name: &RefName) -> bool {
    let branch = default.as_bytes().strip_prefix(b"refs/remotes/origin/");
    branch.is_some() && branch == name.as_bytes().strip_prefix(b"refs/heads/")
}

/// One end of a range; none for the empty tree.
pub(super) type End = Option<Revision>;

/// Shows what a ref, all that differs between its two ends, and the message of its new commit show to the targets that the
/// ref leaves in question.
///
/// The ends are looked up when they are needed, as what nobody judges may be missing. The range is given back if any target
/// asks for paths.
pub(super) fn look(
    repository: &Repository,
    matcher: &Matcher<'_>,
    side: RefSide<'_>,
    (old, new): (impl FnOnce() -> Result<End, Faults>, impl FnOnce() -> Result<End, EvidenceError>),
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
    let said = match new {
        Some(new) if of_ref.is_judged() => said(repository, matcher.policy(), new)?,
        Some(_) | None => None,
    };
    shown.part(said);
    of_ref.alone(shown).map_err(|error| too_much(&error))?;
    if !of_ref.wants_paths() {
        return Ok(None);
    }
    let range = Range { old: old()?, new };
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
pub(super) fn show(
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

/// What the message of a commit says of where it goes: its trailers `Environment: NAME`, names divided by commas. Anybody
/// can write them, so they may close and never open.
fn said(repository: &Repository, policy: &Policy, new: Revision) -> Result<Option<Said>, Faults> {
    let commit = repository.commit(new.commit).map_err(fault)?;
    let short: String = new.commit.to_string().chars().take(7).collect();
    let mut environments: Vec<Arc<Environment>> = Vec::new();
    let mut texts = Vec::new();
    for trailer in commit.trailers().map_err(fault)? {
        if !trailer.key.eq_ignore_ascii_case(b"environment") {
            continue;
        }
        let text = format!("`Environment: {}`", bytes_for_terminal(&trailer.value));
        let names = trailer.value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        let names = DeclaredNames {
            environments: names.map(|name| bytes_for_terminal(name).into_owned()).collect(),
            ..DeclaredNames::default()
        };
        let named = Declared::resolve(&names, policy).map_err(|unknown| unknown_in_trailer(&short, &text, unknown))?;
        for environment in named.environments {
            if !environments.iter().any(|one| Arc::ptr_eq(one, &environment)) {
                environments.push(environment);
            }
        }
        texts.push(text);
    }
    let place = format!("the trailer {} of {short}", texts.join(" and "));
    Ok((!texts.is_empty()).then_some(Said { environments, place }))
}

/// A name that nobody knows may stand for anything, so that is a doubt and no decision.
fn unknown_in_trailer(short: &str, text: &str, unknown: Vec<Diagnostic>) -> Faults {
    let named = |diagnostic: Diagnostic| {
        let near = diagnostic.help.map_or_else(String::new, |help| format!("{help}; "));
        Diagnostic::error(diagnostic.code, format!("the commit {short} says {text}, but {}", diagnostic.cause))
            .help(format!("{near}mend its message with `git commit --amend`"))
    };
    Faults { sources: Sources::default(), diagnostics: unknown.into_iter().map(named).collect() }
}

/// `OLD..NEW` in full, zeros for none.
pub(super) fn range_text(range: Range) -> String {
    let end = |revision: Option<Revision>| revision.map_or_else(|| "0".repeat(40), |one| one.commit.to_string());
    format!("{}..{}", end(range.old), end(range.new))
}

pub(super) fn fault(error: EvidenceError) -> Faults {
    Faults::one(no_evidence(&error))
}

pub(super) fn no_evidence(error: &EvidenceError) -> Diagnostic {
    Diagnostic::error(Code::NoEvidence, error.to_string()).help(error.help())
}

pub(super) fn too_much(error: &ShownError) -> Faults {
    Faults::one(Diagnostic::error(Code::NoEvidence, error.to_string()).help("split the change, or mend the path"))
}
