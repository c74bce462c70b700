//! Coverage: whether the targets of a policy and the files of a repository know of each other.

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::pattern::{PatternSet, TooManyWays};
use crate::policy::Policy;
use crate::report::escape::bytes_for_terminal;

/// As many files are told of each folder.
const TOLD: usize = 5;

/// Looks at the paths of a repository, one by one, and tells in the end what the targets miss.
#[derive(Debug)]
pub struct Coverage {
    paths: PatternSet,
    /// The number of its target, for each pattern of `paths`.
    owners: Vec<usize>,
    /// What each target leaves out on purpose.
    except: Vec<PatternSet>,
    matched: Vec<bool>,
    /// The targets that ask for paths.
    asking: Vec<(usize, Place)>,
    folders: Vec<Folder>,
}

/// A folder in which a target captures names.
#[derive(Debug)]
struct Folder {
    /// Its path with a `/` at the end; empty for the root.
    path: Vec<u8>,
    /// The target.
    place: Place,
    /// The first files that no target matches.
    missed: Vec<String>,
    count: usize,
}

impl Coverage {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        let all = || {
            policy
                .targets
                .iter()
                .enumerate()
                .flat_map(|(index, target)| target.paths.iter().map(move |path| (index, path)))
        };
        let mut folders: Vec<Folder> = Vec::new();
        for (index, pattern) in all() {
            let Some(place) = policy.targets.get(index).map(|target| target.place) else {
                continue;
            };
            if let Some(path) = pattern.folder_of_first_capture()
                && !folders.iter().any(|folder| folder.path == path)
            {
                folders.push(Folder { path, place, missed: Vec::new(), count: 0 });
            }
        }
        Self {
            paths: PatternSet::new(all().map(|(_, pattern)| pattern)),
            owners: all().map(|(index, _)| index).collect(),
            except: policy.targets.iter().map(|target| PatternSet::new(&target.except)).collect(),
            matched: vec![false; policy.targets.len()],
            asking: policy
                .targets
                .iter()
                .enumerate()
                .filter(|(_, target)| !target.paths.is_empty())
                .map(|(index, target)| (index, target.place))
                .collect(),
            folders,
        }
    }

    /// Takes a tracked file.
    ///
    /// # Errors
    ///
    /// [`TooManyWays`] for a path that matches a pattern in more ways than can be listed.
    pub fn path(&mut self, path: &[u8]) -> Result<(), TooManyWays> {
        let mut found = Vec::new();
        self.paths.matches(path, &mut found)?;
        let mut known = false;
        for one in found {
            let Some(index) = self.owners.get(one.pattern).copied() else {
                continue;
            };
            // what a target leaves out is known to it all the same
            known = true;
            let excepted = self.except.get(index).is_some_and(|except| except.any_exactly(path));
            if let Some(matched) = self.matched.get_mut(index).filter(|_| !excepted) {
                *matched = true;
            }
        }
        if !known {
            for folder in self.folders.iter_mut().filter(|folder| path.starts_with(&folder.path)) {
                folder.count = folder.count.saturating_add(1);
                if folder.missed.len() < TOLD {
                    folder.missed.push(format!("`{}`", bytes_for_terminal(path)));
                }
            }
        }
        Ok(())
    }

    /// What the targets miss.
    #[must_use]
    pub fn into_warnings(self) -> Vec<Diagnostic> {
        let Self { matched, asking, folders, .. } = self;
        let idle =
            asking.into_iter().filter(|(index, _)| !matched.get(*index).copied().unwrap_or(false)).map(|(_, place)| {
                Diagnostic::warning(Code::UnmatchedTarget, "the target matches no tracked file")
                    .at(place)
                    .help("mend its `paths`, or take it out: a change there would reach nothing that it names")
            });
        let missed = folders.into_iter().filter(|folder| folder.count > 0).map(|folder| {
            let more = folder.count.saturating_sub(folder.missed.len());
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            let beside = match folder.path.as_slice() {
                [] => "the captured folders".to_owned(),
                path => format!("the captured folders of `{}`", bytes_for_terminal(path)),
            };
            Diagnostic::warning(
                Code::UncoveredPath,
                format!("beside {beside}, no target matches {}{rest}", folder.missed.join(", ")),
            )
            .at(folder.place)
            .help("a change of such a file reaches no environment: move it, or let a target match it")
        });
        idle.chain(missed).collect()
    }
}
