//! Looking at the change itself: which repository, which range, which ref.

use crate::change::git::{Range, RefName, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::base::ChangeSubject;
use crate::gate::comparison::{Ends, Part};
use crate::gate::fault::{fault, too_much};
use crate::gate::look::{look, look_at_lacking};
use crate::gate::messages::Messages;
use crate::gate::request::CheckRequest;
use crate::gate::routes;
use crate::reach::{RefSide, Shown, TargetMatcher};
use crate::report::{Breadth, Compared, Examined};

/// Returns whether the command line asks to look at the change itself.
pub(crate) const fn is_asked_for(args: &CheckRequest) -> bool {
    args.range.is_some() || args.reference.is_some()
}

/// Returns what a change shows of itself.
pub(crate) fn gather(
    subject: &ChangeSubject,
    matcher: &TargetMatcher<'_>,
    repository: &Repository,
) -> Result<(Shown, Examined), Faults> {
    // of a ref that is created, what the default branch has is not new
    let default = match &subject.default {
        Some(name) if subject.parts.iter().any(|part| part.is_created()) => repository.tip_of(name).map_err(fault)?,
        Some(name) => repository.revision_of(name).map_err(fault)?,
        None => None,
    };
    let mut all: Option<Shown> = None;
    let is_plain = |part: &&Part| matches!(part.ends, Ends::Known(_)) && !part.exclusive;
    if let (Some(unknown), None) = (
        subject.parts.iter().find(|part| matches!(part.ends, Ends::Unknown { .. })),
        subject.parts.iter().find(is_plain),
    ) {
        routes::without_base(matcher.policy(), subject.side(unknown))?;
    }
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
        compared.push(Compared {
            reference,
            old,
            new: part.ends.head(),
            everything,
            environments,
            breadth,
            is_by_others: part.is_by_others,
        });
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
        command: None,
        plan: None,
        manifests: None,
    };
    Ok((shown, examined))
}

/// The evidence of a change that is not judged: its states, and that nothing was looked at.
pub(crate) fn nothing(subject: &ChangeSubject) -> (Shown, Examined) {
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
            is_by_others: false,
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

/// Returns what one comparison shows.
fn of_part(
    part: &Part,
    (side, default): (RefSide<'_>, Option<Revision>),
    matcher: &TargetMatcher<'_>,
    repository: &Repository,
) -> Result<Shown, Faults> {
    let mut shown = Shown::default();
    match part.ends {
        Ends::Known(range) => {
            let mut messages = Messages::new(repository, default.map(|revision| revision.commit)).of_check();
            let ends = (|| Ok(range.old), || Ok(range.new));
            look(repository, matcher, side, ends, Some(&mut messages), &mut shown)?;
            if let (None, Some(new), Some(default)) = (range.old, range.new, default) {
                look_at_lacking(repository, matcher, side, (default, new), &mut shown)?;
            }
            routes::show(repository, matcher, side, (range, default), &mut shown)?;
        }
        Ends::Unknown { new } => {
            let of_ref = matcher.of_ref(side).map_err(|error| too_much(&error))?;
            let mut messages = Messages::new(repository, default.map(|revision| revision.commit)).of_check();
            let said = new.map(|new| messages.said(matcher.policy(), None, new, &mut shown)).transpose()?.flatten();
            shown.part(said);
            of_ref.alone(&mut shown).map_err(|error| too_much(&error))?;
            of_ref.any_path("any path: the previous state is not known", &mut shown);
        }
    }
    if let Some(names) = part.environments.as_ref().filter(|_| part.exclusive) {
        let environments = &matcher.policy().environments;
        shown.leave_to_others(environments, |environment| names.contains(&environment.name));
        shown.route_conflicts.retain(|one| one.environments.iter().any(|name| names.contains(name)));
    }
    Ok(shown)
}

/// Returns where parts of the change say of themselves where they go.
pub(crate) fn places(shown: &Shown) -> Vec<String> {
    shown.said.iter().map(|said| said.place.clone()).collect()
}

/// `OLD..NEW` in full, zeros for none.
pub(crate) fn range_text(range: Range) -> String {
    let end = |revision: Option<Revision>| revision.map_or_else(|| "0".repeat(40), |one| one.commit.to_string());
    format!("{}..{}", end(range.old), end(range.new))
}
