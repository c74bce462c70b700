//! Coverage: whether the targets of a policy and the files of a repository know of each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::escape::bytes_for_terminal;
use crate::pattern::{CaptureSite, PatternSet, TooManyWays};
use crate::policy::{Policy, Target, TargetEnvironment};
use crate::reach::{RefSide, Shown, TargetMatcher};
use crate::time::names::nearest;

/// As many files are told of each folder.
const TOLD: usize = 5;

/// Looks at the paths of a repository, one by one, and returns in the end what the targets miss.
#[derive(Debug)]
pub struct TargetCoverage<'p> {
    /// The captured names, and which are unknown.
    matcher: TargetMatcher<'p>,
    /// The names that may be captured, as they are written.
    names: BTreeSet<&'p [u8]>,
    /// Captured names that the policy does not define.
    misnamed: Vec<Misnamed>,
    paths: PatternSet,
    /// The number of its target, for each pattern of `paths`.
    owners: Vec<usize>,
    /// Everything that each target leaves out on purpose.
    except: Vec<PatternSet>,
    matched: Vec<bool>,
    /// Each pattern of `paths`, and what it matches of a repository.
    patterns: Vec<OfPattern>,
    /// The folder of the path that was looked at last.
    last_folder: Vec<u8>,
    /// The targets that ask for paths.
    asking: Vec<(usize, Place)>,
    folders: Vec<Folder>,
    /// Files of the policy itself, which reach no environment.
    own: BTreeSet<Vec<u8>>,
    /// All files, those that reach no environment, and those of them that a target leaves out; by the folder at the top.
    counts: BTreeMap<Vec<u8>, [usize; 3]>,
}

/// The number of tracked files that reach an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// All tracked files.
    pub files: usize,
    /// Those that reach no environment.
    pub unreached: usize,
    /// Those of `unreached` that a target leaves out by `except`.
    pub excepted: usize,
    /// The folders at the top that hold the other ones of `unreached`: the most first, then by path.
    pub folders: Vec<FolderCount>,
}

/// The number of tracked files of one folder that reach no environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderCount {
    /// Its name, escaped for a terminal; empty for the files at the top of the repository.
    pub path: String,
    /// All tracked files in it and below.
    pub files: usize,
    /// Those that reach no environment, without those that `except` leaves out.
    pub unreached: usize,
}

/// The matches of one pattern.
#[derive(Debug)]
struct OfPattern {
    text: String,
    /// The target.
    place: Place,
    matches_file: bool,
    /// The first folder that it matches, and none of the files in it.
    folder: Option<Vec<u8>>,
}

/// A folder in which a target captures names.
#[derive(Debug)]
struct Folder {
    /// Where in it.
    site: CaptureSite,
    /// The target.
    place: Place,
    /// The first files that no target matches.
    missed: Vec<String>,
    count: usize,
}

/// A name that a target captures, and that the policy does not define.
#[derive(Debug)]
struct Misnamed {
    /// The missing name, such as ``there is no environment `prodution` ``.
    message: String,
    name: String,
    /// The first path.
    path: String,
    /// The target.
    place: Place,
    count: usize,
}

impl<'p> TargetCoverage<'p> {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(policy: &'p Policy) -> Self {
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
            if let Some(site) = pattern.first_capture()
                && !folders.iter().any(|folder| folder.site == site)
            {
                folders.push(Folder { site, place, missed: Vec::new(), count: 0 });
            }
        }
        let environments = policy.environments.iter().flat_map(|one| one.aliases.iter().chain([&one.name]));
        let names = environments
            .chain(policy.regions.iter().map(|one| &one.name))
            .chain(policy.services.iter().map(|one| &one.name));
        Self {
            matcher: TargetMatcher::new(policy),
            names: names.map(|name| name.as_bytes()).collect(),
            misnamed: Vec::new(),
            paths: PatternSet::new(all().map(|(_, pattern)| pattern)),
            owners: all().map(|(index, _)| index).collect(),
            except: policy.targets.iter().map(|target| PatternSet::new(&target.except)).collect(),
            matched: vec![false; policy.targets.len()],
            patterns: all()
                .filter_map(|(index, pattern)| {
                    let place = policy.targets.get(index)?.place;
                    Some(OfPattern { text: pattern.to_string(), place, matches_file: false, folder: None })
                })
                .collect(),
            last_folder: Vec::new(),
            counts: BTreeMap::new(),
            asking: policy
                .targets
                .iter()
                .enumerate()
                .filter(|(_, target)| !target.paths.is_empty())
                .map(|(index, target)| (index, target.place))
                .collect(),
            folders,
            own: BTreeSet::new(),
        }
    }

    /// Takes the path of a file of the policy: it is counted, and not reported as a file that no target matches.
    pub fn own(&mut self, path: Vec<u8>) {
        self.own.insert(path);
    }

    /// Takes a tracked file.
    ///
    /// # Errors
    ///
    /// [`TooManyWays`] for a path that matches a pattern in more ways than can be listed.
    pub fn path(&mut self, path: &[u8]) -> Result<(), TooManyWays> {
        let mut found = Vec::new();
        self.paths.matches(path, &mut found)?;
        let (mut known, mut reaches) = (false, false);
        let captures =
            || found.iter().flat_map(|one| [&one.captures.environment, &one.captures.region, &one.captures.service]);
        if captures().flatten().any(|captured| !self.names.contains(captured.raw)) {
            self.misnamed_by(path);
        }
        self.folders_above(path);
        for one in found {
            if let Some(pattern) = self.patterns.get_mut(one.pattern) {
                pattern.matches_file = true;
            }
            let Some(index) = self.owners.get(one.pattern).copied() else {
                continue;
            };
            // what a target leaves out is known to it all the same
            known = true;
            let excepted = self.except.get(index).is_some_and(|except| except.any_exactly(path));
            reaches |= !excepted;
            if let Some(matched) = self.matched.get_mut(index).filter(|_| !excepted) {
                *matched = true;
            }
        }
        let top = path.iter().position(|byte| *byte == b'/').and_then(|end| path.get(..end)).unwrap_or_default();
        let counts = match self.counts.get_mut(top) {
            Some(counts) => counts,
            None => self.counts.entry(top.to_vec()).or_default(),
        };
        for (count, counts_here) in counts.iter_mut().zip([true, !reaches, known && !reaches]) {
            *count = count.saturating_add(usize::from(counts_here));
        }
        if !known && !self.own.contains(path) {
            for folder in self.folders.iter_mut().filter(|folder| folder.site.is_beside(path)) {
                folder.count = folder.count.saturating_add(1);
                if folder.missed.len() < TOLD {
                    folder.missed.push(format!("`{}`", bytes_for_terminal(path)));
                }
            }
        }
        Ok(())
    }

    /// Notes which patterns match a folder above a path; those that the path before it had in common are known.
    fn folders_above(&mut self, path: &[u8]) {
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(place, _)| place);
        for folder in slashes.filter_map(|place| path.get(..place)) {
            let rest = self.last_folder.strip_prefix(folder);
            if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/")) {
                continue;
            }
            for number in self.paths.which_exactly(folder) {
                if let Some(pattern) = self.patterns.get_mut(number)
                    && pattern.folder.is_none()
                {
                    pattern.folder = Some(folder.to_vec());
                }
            }
        }
        let folder = path.iter().rposition(|byte| *byte == b'/').and_then(|place| path.get(..place));
        self.last_folder = folder.unwrap_or_default().to_vec();
    }

    /// Notes the names in a path of the default branch that the policy does not define, in capitals or not.
    fn misnamed_by(&mut self, path: &[u8]) {
        let side = RefSide::Named { name: b"refs/heads/main", default_branch: Some(true) };
        let mut shown = Shown::default();
        // a path in too many ways is an error of the caller's own look at it
        if !self.matcher.of_ref(side).is_ok_and(|of_ref| of_ref.path(path, &mut shown).is_ok()) {
            return;
        }
        for one in shown.unknown {
            let Some(undefined) = one.undefined else {
                continue;
            };
            match self.misnamed.iter_mut().find(|known| known.message == one.message && known.place == one.place) {
                Some(known) => known.count = known.count.saturating_add(1),
                None => self.misnamed.push(Misnamed {
                    message: one.message,
                    name: undefined.written,
                    path: bytes_for_terminal(path).into_owned(),
                    place: one.place,
                    count: 1,
                }),
            }
        }
    }

    /// Names that targets capture and that the policy does not define.
    fn unknown_names(&self) -> Vec<Diagnostic> {
        let known: Vec<&str> = self.names.iter().filter_map(|name| std::str::from_utf8(name).ok()).collect();
        let warning = |one: &Misnamed| {
            let more = match one.count {
                1 => String::new(),
                count => format!(" and {} more", count.saturating_sub(1)),
            };
            let cause = format!("{}: a change of `{}`{more} is refused at any hour", one.message, one.path);
            let near = nearest(&one.name, known.iter().copied());
            let meant = near.map_or_else(String::new, |near| format!("did you mean `{near}`? else "));
            Diagnostic::warning(Code::UncoveredPath, cause)
                .at(one.place)
                .help(format!("{meant}define the name, or leave the path out by `except`"))
        };
        self.misnamed.iter().map(warning).collect()
    }

    /// Returns how many of the files reach an environment.
    #[must_use]
    pub fn counts(&self) -> FileCounts {
        let sum = |index: usize| {
            let counts = self.counts.values().filter_map(|counts| counts.get(index));
            counts.fold(0_usize, |sum, count| sum.saturating_add(*count))
        };
        let mut folders: Vec<FolderCount> = self
            .counts
            .iter()
            .map(|(path, [files, unreached, excepted])| FolderCount {
                path: bytes_for_terminal(path).into_owned(),
                files: *files,
                unreached: unreached.saturating_sub(*excepted),
            })
            .filter(|folder| folder.unreached > 0)
            .collect();
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.unreached));
        FileCounts { files: sum(0), unreached: sum(1), excepted: sum(2), folders }
    }

    /// Targets and patterns that match no file, and captured names that the policy does not define. A target of every environment may wait for
    /// its first file, and leaves none of them open.
    #[must_use]
    pub fn into_unmatched(self, policy: &Policy) -> Vec<Diagnostic> {
        let only_folders = self.only_folders();
        let is_of_every = |target: &Target| matches!(target.environment, TargetEnvironment::Every);
        let every: Vec<Place> =
            policy.targets.iter().filter(|target| is_of_every(target)).map(|target| target.place).collect();
        // which pattern of the target matches a folder alone says more
        let is_said = |idle: &Diagnostic| {
            only_folders.iter().any(|one| one.place == idle.place)
                || idle.place.is_some_and(|place| every.contains(&place))
        };
        let idle: Vec<Diagnostic> = self.idle().into_iter().filter(|idle| !is_said(idle)).collect();
        idle.into_iter().chain(only_folders).chain(self.unknown_names()).collect()
    }

    /// The targets whose paths match no file, nor a folder, which is reported by itself.
    fn idle(&self) -> Vec<Diagnostic> {
        let is_idle = |index: usize| !self.matched.get(index).copied().unwrap_or(false);
        let idle = self.asking.iter().filter(|(index, _)| is_idle(*index)).map(|(_, place)| {
            Diagnostic::warning(Code::UnmatchedTarget, "the target matches no tracked file")
                .at(*place)
                .help("fix its `paths`, or remove it: it maps no file to an environment")
        });
        idle.collect()
    }

    fn only_folders(&self) -> Vec<Diagnostic> {
        let of_folders = self.patterns.iter().filter(|pattern| !pattern.matches_file);
        let warnings = of_folders.filter_map(|pattern| {
            let folder = bytes_for_terminal(pattern.folder.as_ref()?).into_owned();
            let (text, place) = (&pattern.text, pattern.place);
            let cause = format!("the pattern `{text}` matches the folder `{folder}`, and no file");
            let warning = Diagnostic::warning(Code::UnmatchedTarget, cause).at(place);
            Some(warning.help(format!("for the files in such folders: `{text}/**`")))
        });
        warnings.collect()
    }

    /// Returns what the targets miss.
    #[must_use]
    pub fn into_warnings(self) -> Vec<Diagnostic> {
        let (only_folders, unknown_names) = (self.only_folders(), self.unknown_names());
        let idle = self.idle();
        let Self { folders, .. } = self;
        let missed = folders.into_iter().filter(|folder| folder.count > 0).map(|folder| {
            let more = folder.count.saturating_sub(folder.missed.len());
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            let captured = if folder.site.around.is_some() { "files" } else { "folders" };
            let place = match folder.site.folder.as_slice() {
                [] => "at the top".to_owned(),
                path => format!("in `{}`", bytes_for_terminal(path)),
            };
            Diagnostic::warning(
                Code::UncoveredPath,
                format!("targets match {captured} {place}, but not {}{rest}", folder.missed.join(", ")),
            )
            .at(folder.place)
            .help("a change of such a file reaches no environment: move it, or let a target match it")
        });
        idle.into_iter().chain(only_folders).chain(unknown_names).chain(missed).collect()
    }
}
