//! Guarded manifests of two trees.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::change::git::{ChangeKind, EntryKind, ObjectId, PathContents, Range, Repository, Revision, TreeId};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{bytes_for_terminal, for_terminal};
use crate::gate::fault::{fault, too_much};
use crate::gate::routes::altered::{AlteredFile, AttributeFiles, is_attributes};
use crate::gate::routes::blobs::{BlobReader, too_many};
use crate::guard::{GuardFault, GuardedEdit, GuardedRoutes, JudgedRoutes, RenderedManifests};
use crate::policy::Policy;
use crate::reach::routes::AffectedRoute;
use crate::reach::{RefSide, Shown, TargetMatcher};
use crate::route::note::RouteNote;

mod altered;
mod blobs;

/// The most guarded files of a tree.
const MOST_FILES: usize = 20_000;

/// So many things that are not understood are listed.
const LISTED: usize = 5;

/// Shows whose requests another backend would answer after a change, if that concerns guarded manifests. Of a ref that is
/// created, the routes before are those of the default branch.
pub(crate) fn show(
    repository: &Repository,
    matcher: &TargetMatcher<'_>,
    side: RefSide<'_>,
    (range, default): (Range, Option<Revision>),
    shown: &mut Shown,
) -> Result<(), Faults> {
    let Some(guarded) = GuardedRoutes::of(matcher.policy()).filter(|guarded| is_of_side(guarded, side)) else {
        return Ok(());
    };
    // who deletes a ref deploys nothing
    if range.new.is_none() {
        return Ok(());
    }
    let range = Range { old: range.old.or(default), ..range };
    let edited = changed(repository, &guarded, range).and_then(|changed| match changed.files.as_slice() {
        [] if !changed.has_attributes => Ok(None),
        [] | [_, ..] => edit(repository, &guarded, range, changed.files).map(Some),
    });
    match edited {
        Ok(Some(edit)) => {
            let affected = add(guarded.judge(&edit), shown);
            if let Some(guard) = matcher.policy().routes.as_ref().filter(|_| !affected.is_empty()) {
                let of_ref = matcher.of_ref(side).map_err(|error| too_much(&error))?;
                of_ref.affected(&affected, guard.place, shown).map_err(|error| too_much(&error))?;
            }
        }
        Ok(None) => {}
        // a file that came in before it was guarded must not keep anybody from going back
        Err(faults) => shown.unread_routes.extend(faults.diagnostics),
    }
    Ok(())
}

/// The same for rendered manifests; `is_known` tells of which environments it is said or shown that they are applied there.
pub(crate) fn show_rendered(
    policy: &Policy,
    manifests: &RenderedManifests,
    is_known: impl Fn(&str) -> bool,
    shown: &mut Shown,
) -> Result<(), Faults> {
    let Some(guarded) = GuardedRoutes::of_rendered(policy) else {
        return Ok(());
    };
    let Some(judged) = guarded.judge_rendered(manifests) else {
        let cause = "the earlier routes are not known, and `[routes]` guards them";
        let help = "render the state before too: `--manifests-before PATH`";
        return Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(help)));
    };
    let mut affected: Vec<AffectedRoute> = add(judged, shown).into_iter().collect();
    affected.iter_mut().for_each(|one| one.elsewhere.retain(|name| !is_known(name)));
    if let Some(guard) = &policy.routes {
        shown.add_owners(policy, &affected.into_iter().collect(), guard.place);
    }
    Ok(())
}

/// Adds what is found, and returns the routes that are affected.
fn add(judged: Result<JudgedRoutes, Vec<GuardFault>>, shown: &mut Shown) -> BTreeSet<AffectedRoute> {
    let judged = match judged {
        Ok(judged) => judged,
        // a rollback needs no comparison
        Err(faults) => {
            shown.unread_routes.extend(listed_faults(&faults));
            return BTreeSet::new();
        }
    };
    for conflict in judged.conflicts {
        // a ref may be known by several names
        if !shown.route_conflicts.contains(&conflict) {
            shown.route_conflicts.push(conflict);
        }
    }
    shown.moves_routes |= judged.moves;
    let more = judged.standing.len().saturating_sub(LISTED);
    for note in judged.standing.iter().take(LISTED) {
        let doubt = format!("{} is not understood and not compared: {}; it was there before", named(note), note.why);
        if !shown.doubts.contains(&doubt) {
            shown.doubts.push(doubt);
        }
    }
    if more > 0 {
        shown
            .doubts
            .push(format!("{more} more routes are not understood and not compared: `freezegate routes` lists them"));
    }
    judged.affected
}

/// Reports that nothing says which routes there were, if the policy guards any.
pub(crate) fn without_base(policy: &Policy, side: RefSide<'_>) -> Result<(), Faults> {
    match GuardedRoutes::of(policy).filter(|guarded| is_of_side(guarded, side)) {
        None => Ok(()),
        Some(_) => Err(Faults::one(
            Diagnostic::error(Code::NoEvidence, "the earlier routes are not known, and `[routes]` guards them").help(
                "say what changed: `--range OLD..NEW`; or keep a record, so that the last allowed state is known",
            ),
        )),
    }
}

/// Returns a guarded path that differs between a former state, by its commit, and a change.
pub(crate) fn since(
    repository: &Repository,
    policy: &Policy,
    (former, new): (&str, Revision),
) -> Result<Option<String>, Faults> {
    let Some(guarded) = GuardedRoutes::of(policy) else {
        return Ok(None);
    };
    let former = repository.revision(former).map_err(fault)?;
    let changed = changed(repository, &guarded, Range { old: Some(former), new: Some(new) })?;
    Ok(changed.files.into_iter().next().map(|file| file.path))
}

/// Returns the guarded paths that a change of a ref changes.
pub(crate) fn changed_paths(
    repository: &Repository,
    policy: &Policy,
    side: RefSide<'_>,
    range: Range,
) -> Result<BTreeSet<Vec<u8>>, Faults> {
    match GuardedRoutes::of(policy).filter(|guarded| is_of_side(guarded, side)) {
        None => Ok(BTreeSet::new()),
        Some(guarded) => {
            let changed = changed(repository, &guarded, range)?;
            Ok(changed.files.into_iter().map(|file| file.path.into_bytes()).collect())
        }
    }
}

/// Returns whether a policy guards the routes of a ref.
pub(crate) fn are_guarded(policy: &Policy, side: RefSide<'_>) -> bool {
    GuardedRoutes::of(policy).is_some_and(|guarded| is_of_side(&guarded, side))
}

fn is_of_side(guarded: &GuardedRoutes<'_>, side: RefSide<'_>) -> bool {
    match side {
        RefSide::Unknown => true,
        RefSide::Named { name, default_branch } => guarded.is_of_ref(name, default_branch),
    }
}

/// A guarded path that differs, with its content in both trees.
struct ChangedFile {
    path: String,
    contents: PathContents,
}

/// What differs of guarded files.
struct Changes {
    files: Vec<ChangedFile>,
    /// True if attributes differ, which may give them another content.
    has_attributes: bool,
}

/// The guarded paths that differ.
fn changed(repository: &Repository, guarded: &GuardedRoutes<'_>, range: Range) -> Result<Changes, Faults> {
    let mut found = Vec::new();
    let mut has_attributes = false;
    let mut failed = None;
    let walked = repository.changed_contents(range.old_tree(), range.new_tree(), &mut |path, change, contents| {
        has_attributes |= is_attributes(path);
        match changed_file(guarded, path, change, contents) {
            Ok(file) => found.extend(file),
            Err(faults) => {
                failed = Some(faults);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    });
    match (walked, failed) {
        (Ok(()), None) => {}
        (Ok(()) | Err(_), Some(faults)) => return Err(faults),
        (Err(error), None) => return Err(fault(error)),
    }
    let mut reader = BlobReader::new(repository);
    let mut all = Vec::with_capacity(found.len());
    for file in found {
        let mut is_toml = |id: Option<ObjectId>| id.map_or(Ok(true), |id| reader.is_toml(&file.path, id));
        if !(file.path.ends_with(".toml") && is_toml(file.contents.old)? && is_toml(file.contents.new)?) {
            all.push(file);
        }
    }
    Ok(Changes { files: all, has_attributes })
}

fn changed_file(
    guarded: &GuardedRoutes<'_>,
    path: &[u8],
    change: ChangeKind,
    contents: PathContents,
) -> Result<Option<ChangedFile>, Faults> {
    let (old, new) = change.kinds();
    let is_file = |kind: Option<EntryKind>| matches!(kind, Some(EntryKind::File | EntryKind::Executable));
    let is_in_the_way = match new {
        None | Some(EntryKind::File | EntryKind::Executable) => false,
        // what is left out as a file is not left out as a folder, and a link may lead to one
        Some(EntryKind::Link | EntryKind::Submodule) => {
            guarded.is_guarded(path) || guarded.is_above(path) || guarded.is_folder(path)
        }
    };
    if is_in_the_way {
        let name = bytes_for_terminal(path);
        let cause = format!("`{name}` is not a file, and `[routes]` guards it");
        let help = format!(
            "commit manifests in its place, or leave out it and all in it: `except = [\"{name}\", \"{name}/**\"]`"
        );
        return Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(help)));
    }
    if !guarded.is_guarded(path) {
        return Ok(None);
    }
    let contents =
        PathContents { old: contents.old.filter(|_| is_file(old)), new: contents.new.filter(|_| is_file(new)) };
    // what goes may have any name: else it could not go
    let path = if contents.new.is_some() { text(path)? } else { String::from_utf8_lossy(path).into_owned() };
    Ok(Some(ChangedFile { path, contents }))
}

fn text(path: &[u8]) -> Result<String, Faults> {
    String::from_utf8(path.to_vec()).map_err(|_| {
        let cause = format!("the name of `{}` is not UTF-8, and `[routes]` guards it", bytes_for_terminal(path));
        Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("rename the file"))
    })
}

/// The content of guarded files. Each blob is read once.
fn edit(
    repository: &Repository,
    guarded: &GuardedRoutes<'_>,
    range: Range,
    changed: Vec<ChangedFile>,
) -> Result<GuardedEdit, Faults> {
    let mut reader = BlobReader::new(repository);
    let (mut kept, attributes) = files(repository, guarded, range.new_tree(), &text)?;
    let altered = AlteredFile::all(&kept, &attributes, &mut reader)?;
    if !altered.is_empty() {
        // what was there before is no doing of the change, whatever its name
        let lossy = |path: &[u8]| Ok(String::from_utf8_lossy(path).into_owned());
        let (before, attributes) = files(repository, guarded, range.old_tree(), &lossy)?;
        let known = AlteredFile::all(&before, &attributes, &mut reader)?;
        if let Some(new) = altered.difference(&known).next() {
            return Err(new.fault());
        }
    }
    let mut edit = GuardedEdit::default();
    for file in changed {
        kept.remove(&file.path);
        if let Some(id) = file.contents.old {
            edit.removed.push(reader.file(&file.path, id)?);
        }
        if let Some(id) = file.contents.new {
            edit.added.push(reader.file(&file.path, id)?);
        }
    }
    for (path, id) in &kept {
        let file = reader.file(path, *id)?;
        if !GuardedRoutes::is_toml(path.as_bytes(), &file.content) {
            edit.kept.push(file);
        }
    }
    Ok(edit)
}

/// The guarded files of a tree, and all attributes in it.
fn files(
    repository: &Repository,
    guarded: &GuardedRoutes<'_>,
    tree: Option<TreeId>,
    name: &dyn Fn(&[u8]) -> Result<String, Faults>,
) -> Result<(BTreeMap<String, ObjectId>, AttributeFiles), Faults> {
    let mut found: BTreeMap<String, ObjectId> = BTreeMap::new();
    let mut attributes = AttributeFiles::new();
    let mut failed = None;
    let walked = repository.changed_contents(None, tree, &mut |path, change, contents| {
        let is_file = matches!(change.kinds().1, Some(EntryKind::File | EntryKind::Executable));
        let Some(id) = contents.new.filter(|_| is_file) else {
            return ControlFlow::Continue(());
        };
        if is_attributes(path) {
            attributes.insert(path.to_vec(), id);
        }
        if guarded.is_guarded(path) {
            match name(path) {
                Ok(path) => found.insert(path, id),
                Err(faults) => {
                    failed = Some(faults);
                    return ControlFlow::Break(());
                }
            };
        }
        if found.len() > MOST_FILES || attributes.len() > MOST_FILES {
            failed = Some(too_many(&format!("more than {MOST_FILES} files")));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    match (walked, failed) {
        (Ok(()), None) => Ok((found, attributes)),
        (Ok(()) | Err(_), Some(faults)) => Err(faults),
        (Err(error), None) => Err(fault(error)),
    }
}

fn named(note: &RouteNote) -> String {
    for_terminal(&note.place()).into_owned()
}

fn listed_faults(faults: &[GuardFault]) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = faults.iter().take(LISTED).map(diagnostic).collect();
    let more = faults.len().saturating_sub(LISTED);
    if let Some(last) = diagnostics.last_mut().filter(|_| more > 0) {
        last.cause.push_str(&format!(", and {more} more like it"));
    }
    diagnostics
}

fn diagnostic(one: &GuardFault) -> Diagnostic {
    Diagnostic::error(Code::NoEvidence, for_terminal(&one.cause()).into_owned()).help(one.help())
}
