//! Finding and reading the policy in the work tree.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use crate::change::git::{Absence, EvidenceError, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults, SourceFile};
use crate::escape::system_words;
use crate::gate::fault::fault;
use crate::gate::organisation;
use crate::gate::request::{OrganisationChoice, PolicyPlace};
use crate::gate::world::World;
use crate::policy::load::{Fragment, MAX_BYTES, OrganisationFiles, PolicyFiles, PolicyTexts, ReadFault};
use crate::policy::organisation::DefinitionsOf;
use crate::policy::roster::Roster;
use crate::policy::{Approvers, Policy};
use crate::shell::shell_word;

/// The place where a repository keeps its policy, the first that is there.
pub(crate) const USUAL: [&str; 2] = ["freezegate.toml", "policies/freezegate.toml"];

/// Files as they are on disk.
struct WorkTree<'w> {
    world: &'w dyn World,
    /// The policies that were asked for; others are included, or rosters.
    entries: &'w [String],
}

impl PolicyFiles for WorkTree<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        if path == STANDARD_INPUT && self.entries.iter().any(|entry| entry == path) {
            return from_input(self.world);
        }
        read_file(self.world, Path::new(path)).map_err(|error| {
            let is_asked = self.entries.iter().any(|entry| entry == path);
            let help = match (error.kind(), is_asked) {
                (io::ErrorKind::NotFound, true) => "fix the path, or write a policy with `freezegate init`",
                (io::ErrorKind::NotFound, false) => "fix the path, or add the file",
                _ => "make sure that it is a file that you may read",
            };
            ReadFault { cause: unread(&error), help: help.to_owned() }
        })
    }
}

/// The path of a policy that is read from standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

fn from_input(world: &dyn World) -> Result<Vec<u8>, ReadFault> {
    let fault = |cause: String| ReadFault { cause, help: "pipe a policy in, or name a file".to_owned() };
    if world.input_is_terminal() {
        return Err(fault("is standard input, which is a terminal".to_owned()));
    }
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    world.read_input(limit).map_err(|error| fault(unread(&error)))
}

/// Returns whether a policy is named that no commit of the repository has: an absolute path, or standard input.
pub(crate) fn is_outside(args: &PolicyPlace) -> bool {
    args.files.iter().any(|path| path.is_absolute() || path.as_os_str() == STANDARD_INPUT)
}

fn read_file(world: &dyn World, path: &Path) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    world.read(path, limit)
}

/// Returns why a file can't be read, for people.
fn unread(error: &io::Error) -> String {
    format!("can't be read: {}", system_words(error))
}

/// Files as they are in a commit.
struct InCommit<'r> {
    repository: &'r Repository,
    revision: Revision,
    /// The paths that were asked for, whether they are there or not.
    asked: RefCell<Vec<String>>,
    /// Whether a file that may be there could not be read: then the policy is not known.
    lacks: Cell<bool>,
}

impl PolicyFiles for InCommit<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        self.asked.borrow_mut().push(path.to_owned());
        let error = match self.repository.file_at(self.revision.commit, path) {
            Ok(Some(bytes)) => return Ok(bytes),
            Ok(None) => {
                return Err(ReadFault {
                    cause: format!("is not in the commit {}", self.revision.commit.short()),
                    help: "commit it on the branch that the policy is read from".to_owned(),
                });
            }
            Err(error) => error,
        };
        self.lacks.set(self.lacks.get() || !is_of_the_commit(&error));
        if let EvidenceError::MissingObject { absence: Absence::Partial { .. }, .. } = error {
            return Err(ReadFault {
                cause: format!("of the commit {} is not in this clone, which is partial", self.revision.commit.short()),
                help: format!(
                    "let git fetch it: `git cat-file -e {}`",
                    shell_word(&format!("{}:{path}", self.revision.commit))
                ),
            });
        }
        Err(ReadFault { cause: format!("can't be read: {error}"), help: error.help() })
    }
}

/// Returns whether the fault is in the commit, and not that this repository lacks something of it.
const fn is_of_the_commit(error: &EvidenceError) -> bool {
    matches!(
        error,
        EvidenceError::NotAFile { .. } | EvidenceError::FileTooLong { .. } | EvidenceError::InvalidPath { .. }
    )
}

/// A policy with where it came from.
pub(crate) struct PolicySource {
    pub(crate) policy: Policy,
    /// For people and for JSON.
    pub(crate) from: String,
    /// The commit that it is read from; `None` for files on disk.
    pub(crate) revision: Option<Revision>,
    /// The reason why nothing can be decided by it but edits that end that: it contradicts the organisation's policy that it follows.
    pub(crate) conflict: Option<Conflict>,
    /// True if the caller said that it follows no organisation's policy.
    pub(crate) leaves_organisation: bool,
}

/// A policy that contradicts the organisation's that it follows.
pub(crate) struct Conflict {
    /// The reason why nothing can be decided by it.
    pub(crate) faults: Faults,
    /// The same policy with the organisation's definitions; `None` if the repository's own can't be read.
    pub(crate) ours: Option<Policy>,
}

impl PolicySource {
    /// A policy on disk, as `args` name it.
    fn new(policy: Policy, from: String, args: &PolicyPlace) -> Self {
        let leaves_organisation = args.organisation == OrganisationChoice::None;
        Self { policy, from, revision: None, conflict: None, leaves_organisation }
    }

    /// The paths of its files, the roster among them, the first one first; of a commit, from the root of the repository.
    pub(crate) fn paths(&self) -> Vec<&str> {
        let sources = &self.policy.sources;
        let is_own = |approvers: &&Approvers| sources.file(approvers.place.file).is_some_and(SourceFile::is_own);
        let approvers = self.policy.approvers.as_ref().filter(is_own);
        let roster = approvers.and_then(|approvers| approvers.roster.as_ref()).map(Roster::path);
        let files = sources.files().iter().filter(|file| file.is_own());
        files.map(|file| file.path.as_str()).chain(roster).collect()
    }
}

/// The policy of a commit.
pub(crate) enum CommitPolicy {
    /// One that loads.
    Loads(Box<PolicySource>),
    /// None, at the paths where one is looked for.
    Absent,
    /// One that is wrong, and why.
    Wrong(Faults),
}

/// The policy of a commit, and the paths that decide what it is.
pub(crate) struct CommitPolicyLookup {
    pub(crate) found: CommitPolicy,
    /// With the same at these paths, another commit has the same policy.
    pub(crate) asked: Vec<String>,
}

/// Looks for the policy of a commit by the paths that `args` name, or by its usual names. `place` is how people know the commit.
///
/// # Errors
///
/// Objects that this repository lacks, so that the policy is not known.
pub(crate) fn look_up(
    args: &PolicyPlace,
    world: &dyn World,
    repository: &Repository,
    revision: Revision,
    place: &dyn Display,
) -> Result<CommitPolicyLookup, Faults> {
    let reading = PolicyReading { args, world, is_alone: false, is_of_then: false, load: loading(world) };
    look_up_with(&reading, repository, revision, place)
}

/// The same without the freezes that are added now: a policy of then need not know what they name.
///
/// # Errors
///
/// As [`look_up`].
pub(crate) fn look_up_alone(
    args: &PolicyPlace,
    world: &dyn World,
    repository: &Repository,
    revision: Revision,
    place: &dyn Display,
) -> Result<CommitPolicyLookup, Faults> {
    let reading = PolicyReading { args, world, is_alone: true, is_of_then: false, load: |texts| texts.load_for_good() };
    look_up_with(&reading, repository, revision, place)
}

/// The same of a policy that judged a former state: it may have done so before the repository followed an organisation, and is read without
/// that if it can't be read with it.
///
/// # Errors
///
/// As [`look_up`].
pub(crate) fn look_up_then(
    args: &PolicyPlace,
    world: &dyn World,
    repository: &Repository,
    revision: Revision,
    place: &dyn Display,
) -> Result<CommitPolicyLookup, Faults> {
    let reading = PolicyReading { args, world, is_alone: true, is_of_then: true, load: |texts| texts.load_for_good() };
    look_up_with(&reading, repository, revision, place)
}

/// The way in which a policy of a commit is read.
struct PolicyReading<'r> {
    args: &'r PolicyPlace,
    world: &'r dyn World,
    /// True if nothing is added now, and nothing is decided by it.
    is_alone: bool,
    /// True if it judged a former state.
    is_of_then: bool,
    load: LoadPolicy,
}

fn look_up_with(
    &PolicyReading { args, world, is_alone, is_of_then, load }: &PolicyReading<'_>,
    repository: &Repository,
    revision: Revision,
    place: &dyn Display,
) -> Result<CommitPolicyLookup, Faults> {
    let files = InCommit { repository, revision, asked: RefCell::new(Vec::new()), lacks: Cell::new(false) };
    let named = args.files.iter().cloned().map(text_path).collect::<Result<Vec<_>, _>>().map_err(Faults::one)?;
    let mut entries = named;
    if entries.is_empty() {
        for path in USUAL {
            files.asked.borrow_mut().push(path.to_owned());
            let is_there = match repository.file_at(revision.commit, path) {
                Ok(found) => found.is_some(),
                // the loader names the file
                Err(EvidenceError::MissingObject { absence: Absence::Partial { .. }, .. }) => true,
                Err(error) if is_of_the_commit(&error) => {
                    return Ok(CommitPolicyLookup {
                        found: CommitPolicy::Wrong(fault(error)),
                        asked: files.asked.take(),
                    });
                }
                Err(error) => return Err(fault(error)),
            };
            if is_there {
                entries.push(path.to_owned());
                break;
            }
        }
        if entries.is_empty() {
            return Ok(CommitPolicyLookup { found: CommitPolicy::Absent, asked: files.asked.take() });
        }
    }
    let organisation = organisation_entry(args, world).map_err(Faults::one)?;
    let on_disk = WorkTree { world, entries: organisation.as_slice() };
    let bare = PolicyTexts {
        files: &files,
        entries: &entries,
        fragments: &[],
        organisation: beneath(&on_disk, organisation.as_ref()),
    };
    let load_as = |definitions: DefinitionsOf| {
        let organisation = bare.organisation.map(|one| OrganisationFiles { definitions, ..one });
        let bare = PolicyTexts { organisation, ..bare };
        if is_alone {
            return load(&bare);
        }
        let fragments = fragments(args, world).map_err(Faults::one)?;
        args.stops.load(world, &fragments, &|fragments| load(&PolicyTexts { fragments, ..bare }))
    };
    let of_commit = |policy: Policy| {
        let from = format!("{place} at {}", revision.commit.short());
        PolicySource { revision: Some(revision), ..PolicySource::new(policy, from, args) }
    };
    let found = match load_as(DefinitionsOf::Organisation) {
        Ok(policy) => {
            let conflict = if is_alone { None } else { organisation::conflict(&policy, &bare, world.clock()) };
            let (policy, conflict) = match conflict {
                None => (policy, None),
                // until it is ended, what the repository defines counts, as it did before the organisation defined it too
                Some(faults) => match load_as(DefinitionsOf::Repository) {
                    Ok(theirs) => (theirs, Some(Conflict { faults, ours: Some(policy) })),
                    Err(_) => (policy, Some(Conflict { faults, ours: None })),
                },
            };
            CommitPolicy::Loads(Box::new(PolicySource { conflict, ..of_commit(policy) }))
        }
        Err(faults) if files.lacks.get() => return Err(faults),
        // what comes from elsewhere is no reason to take another policy
        Err(faults) => {
            if let Some(entry) = &organisation {
                let entries = std::slice::from_ref(entry);
                PolicyTexts { files: &on_disk, entries, fragments: &[], organisation: None }.load()?;
            }
            match bare.load() {
                Ok(_) => return Err(faults),
                Err(_) if is_of_then && organisation.is_some() => {
                    match (PolicyTexts { organisation: None, ..bare }).load() {
                        Ok(policy) => CommitPolicy::Loads(Box::new(of_commit(policy))),
                        Err(alone) => CommitPolicy::Wrong(alone),
                    }
                }
                Err(alone) => CommitPolicy::Wrong(alone),
            }
        }
    };
    Ok(CommitPolicyLookup { found, asked: files.asked.take() })
}

/// The policy of a commit; `None` where the commit has none.
///
/// # Errors
///
/// As [`look_up`], and what is wrong with the policy.
pub(crate) fn in_commit(
    args: &PolicyPlace,
    world: &dyn World,
    repository: &Repository,
    revision: Revision,
    place: &dyn Display,
) -> Result<Option<PolicySource>, Faults> {
    match look_up(args, world, repository, revision, place)?.found {
        CommitPolicy::Loads(source) => Ok(Some(*source)),
        CommitPolicy::Absent => Ok(None),
        CommitPolicy::Wrong(faults) => Err(faults),
    }
}

/// Returns the error that there is no policy to judge by, or would be none, with what to do.
pub(crate) fn no_policy(cause: impl Into<String>, help: &str) -> Faults {
    Faults::one(Diagnostic::error(Code::NoPolicy, cause).help(help))
}

/// The policy of the work tree.
pub(crate) fn of_work_tree(args: &PolicyPlace, world: &dyn World) -> Result<PolicySource, Faults> {
    Ok(PolicySource::new(read(args, world)?, "work tree".to_owned(), args))
}

/// An administrator's policy, which no change comes by.
pub(crate) fn of_administrator(args: &PolicyPlace, world: &dyn World) -> Result<PolicySource, Faults> {
    Ok(PolicySource::new(read(args, world)?, "the administrator's file".to_owned(), args))
}

/// The options of `args`, for a command that reads the same policy.
pub(crate) fn repeated(args: &PolicyPlace) -> Vec<String> {
    let option = |name: &str, path: &PathBuf| [name.to_owned(), path.to_string_lossy().into_owned()];
    let files = args.files.iter().flat_map(|path| option("--policy", path));
    let organisation = match &args.organisation {
        OrganisationChoice::Unsaid | OrganisationChoice::None => None,
        OrganisationChoice::File(path) => Some(path),
    };
    files
        .chain(args.extra_freezes.iter().flat_map(|path| option("--extra-freezes", path)))
        .chain(organisation.into_iter().flat_map(|path| option("--organisation-policy", path)))
        .chain(args.stops.written().iter().flat_map(|place| option("--stops", &PathBuf::from(place))))
        .collect()
}

/// The policy that `args` and the environment name, or that the repository holds.
pub(crate) fn read(args: &PolicyPlace, world: &dyn World) -> Result<Policy, Faults> {
    read_with(args, world, None)
}

/// The same, with one more fragment.
pub(crate) fn read_with(args: &PolicyPlace, world: &dyn World, further: Option<Fragment>) -> Result<Policy, Faults> {
    let entries = entries(args, world).map_err(Faults::one)?;
    let mut fragments = fragments(args, world).map_err(Faults::one)?;
    fragments.extend(further);
    let organisation = organisation_entry(args, world).map_err(Faults::one)?;
    let asked: Vec<String> = entries.iter().chain(&organisation).cloned().collect();
    let files = WorkTree { world, entries: &asked };
    let bare = PolicyTexts {
        files: &files,
        entries: &entries,
        fragments: &[],
        organisation: beneath(&files, organisation.as_ref()),
    };
    let load = |fragments: &[Fragment]| loading(world)(&PolicyTexts { fragments, ..bare });
    let policy = args.stops.load(world, &fragments, &load)?;
    match organisation::conflict(&policy, &bare, world.clock()) {
        None => Ok(policy),
        Some(conflict) => Err(conflict),
    }
}

/// The organisation's policy, in these files.
fn beneath<'f>(files: &'f dyn PolicyFiles, entry: Option<&'f String>) -> Option<OrganisationFiles<'f>> {
    entry.map(|entry| OrganisationFiles { files, entry, definitions: DefinitionsOf::Organisation })
}

/// The path of the organisation's policy that `args` name.
fn organisation_entry(args: &PolicyPlace, world: &dyn World) -> Result<Option<String>, Diagnostic> {
    match &args.organisation {
        OrganisationChoice::Unsaid | OrganisationChoice::None => Ok(None),
        OrganisationChoice::File(path) => {
            let path = text_path(path.clone())?;
            // without it, the policy of a repository may not even be readable
            match read_file(world, Path::new(&path)) {
                Ok(_) => Ok(Some(path)),
                Err(error) => {
                    let cause = format!("the organisation's policy `{path}` {}", unread(&error));
                    let help = "fix `--organisation-policy`, or make the file readable: without it nothing is decided";
                    Err(Diagnostic::error(Code::UnreadableFile, cause).help(help))
                }
            }
        }
    }
}

/// The way in which a policy is loaded.
type LoadPolicy = fn(&PolicyTexts<'_>) -> Result<Policy, Faults>;

/// Loads a policy so that what it was parsed into is taken apart only if the program goes on.
fn loading(world: &dyn World) -> LoadPolicy {
    if world.ends_with_answer() { |texts| texts.load_for_good() } else { |texts| texts.load() }
}

fn entries(args: &PolicyPlace, world: &dyn World) -> Result<Vec<String>, Diagnostic> {
    let paths: Vec<PathBuf> = if !args.files.is_empty() {
        args.files.clone()
    } else if let Some(variable) = world.variable("FREEZEGATE_POLICY") {
        world.paths(&variable)
    } else {
        let root = world.root()?;
        let bare = world.bare_repository()?;
        let found = USUAL.iter().map(|path| root.join(path)).find(|path| path.exists());
        vec![world.shorten(&found.ok_or_else(|| {
            match bare {
                Some(bare) => in_bare(&bare).help("run the command in a clone, or name a policy: `--policy FILE`"),
                None => Diagnostic::error(
                    Code::NoPolicy,
                    format!(
                        "there is no policy: neither {} in `{}`",
                        USUAL.map(|path| format!("`{path}`")).join(" nor "),
                        root.display()
                    ),
                )
                .help("write one with `freezegate init`, or name it with `--policy FILE`"),
            }
        })?)]
    };
    paths.into_iter().map(text_path).collect()
}

/// That there is no policy because a bare repository has no files.
pub(crate) fn in_bare(repository: &Path) -> Diagnostic {
    let cause = format!("`{}` is a bare repository: it has no files", repository.display());
    Diagnostic::error(Code::NoPolicy, cause)
}

fn text_path(path: PathBuf) -> Result<String, Diagnostic> {
    path.into_os_string().into_string().map_err(|path| {
        Diagnostic::error(Code::UnreadableFile, format!("the path `{}` is not UTF-8", path.to_string_lossy()))
            .help("rename the file")
    })
}

/// The old name of FREEZEGATE_EXTRA_FREEZES.
const OLD_VARIABLE: &str = "FREEZEGATE_ALSO";

fn fragments(args: &PolicyPlace, world: &dyn World) -> Result<Vec<Fragment>, Diagnostic> {
    let mut fragments = Vec::new();
    for path in &args.extra_freezes {
        fragments.push(fragment(world, path, "--extra-freezes")?);
    }
    // to pass over it would open what it closes
    if world.variable(OLD_VARIABLE).is_some() {
        let cause = format!("`{OLD_VARIABLE}` is called `FREEZEGATE_EXTRA_FREEZES` now");
        return Err(Diagnostic::error(Code::InvalidUsage, cause)
            .help(format!("set `FREEZEGATE_EXTRA_FREEZES` to the same value, and unset `{OLD_VARIABLE}`")));
    }
    if let Some(variable) = world.variable("FREEZEGATE_EXTRA_FREEZES") {
        let text = variable.into_string().map_err(|_| {
            Diagnostic::error(Code::UnreadableFile, "`FREEZEGATE_EXTRA_FREEZES` is not UTF-8")
                .help("give a path, or the text that `freezegate stop` prints")
        })?;
        // a path has neither line ends nor the header that every fragment begins with
        if text.contains('\n') || text.contains("[[") {
            fragments.push(Fragment { name: "FREEZEGATE_EXTRA_FREEZES".to_owned(), bytes: text.into_bytes() });
        } else {
            fragments.push(fragment(world, Path::new(&text), "FREEZEGATE_EXTRA_FREEZES")?);
        }
    }
    Ok(fragments)
}

/// The fragment in a file that `from` names, an option or a variable.
fn fragment(world: &dyn World, path: &Path, from: &str) -> Result<Fragment, Diagnostic> {
    let name = text_path(path.to_path_buf())?;
    match read_file(world, path) {
        Ok(bytes) => Ok(Fragment { name, bytes }),
        Err(error) => {
            let cause = format!("the file of extra freezes `{name}` (from `{from}`) {}", unread(&error));
            let help = format!("fix the path in `{from}`: what can't be read might close this change");
            Err(Diagnostic::error(Code::UnreadableFile, cause).help(help))
        }
    }
}
