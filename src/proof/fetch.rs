//! Fetches what a clone lacks for a decision: single commits, trees and blobs, and history only if a merge base is looked for.
//!
//! What is fetched lies in a repository of its own (`Scratch`) and goes when the value goes. The checkout keeps its refs, its
//! objects and the place where its history ends. Its configuration has as little say as it has in how a record is reached.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::change::git::{CommitId, EvidenceError, ObjectId, ObjectKind, RefName, Repository, Supply};
use crate::proof::record::RecordError;
use crate::proof::record::program::{abroad, run};
use crate::proof::record::scratch::Scratch;
use crate::shell::shell_word;

/// The remote that is asked, unless the clone does not have it and names another that promised its objects.
const ORIGIN: &str = "origin";

/// The depths, in commits, to which the history of a merge base is fetched, step by step.
const DEPTHS: [u32; 4] = [50, 500, 5_000, 50_000];

/// The limits on what one decision may fetch. They keep a hostile repository from holding a job up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// The most requests to the remote.
    pub requests: u32,
    /// The longest time of one run of git.
    pub git: Duration,
    /// The longest time of all of them together.
    pub all: Duration,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self { requests: 200, git: Duration::from_secs(300), all: Duration::from_secs(600) }
    }
}

/// A remote that brings what a clone lacks.
pub struct Remote {
    name: String,
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// The commit that is checked out: what it holds need not be sent again.
    head: Option<CommitId>,
    /// True if the clone lacks trees or blobs of commits that it has.
    is_partial: bool,
    limits: FetchLimits,
    scratch: Scratch,
    /// The place where history is fetched to: commits without their trees.
    history: OnceCell<Scratch>,
    requests: Cell<u32>,
    left: Cell<Duration>,
    depths: Cell<usize>,
    tips: RefCell<BTreeMap<RefName, Option<ObjectId>>>,
    /// The objects that were asked for, each with why it did not come, if it did not.
    asked: RefCell<BTreeMap<ObjectId, Option<EvidenceError>>>,
}

impl Remote {
    /// Prepares to fetch for `repository`, from `origin`, or if there is none, from the remote that promised its
    /// objects. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NotFetched`] if the repository's own configuration would lead elsewhere or run a program, and what
    /// cannot be read of the repository.
    pub fn of(repository: &Repository, limits: FetchLimits) -> Result<Self, EvidenceError> {
        let promisor = repository.completeness()?.promisor;
        let head = repository.head()?.revision.map(|revision| revision.commit);
        let is_partial = promisor.is_some();
        let has_origin = repository.setting("remote.origin.url")?.is_some();
        let name = promisor.filter(|_| !has_origin).unwrap_or_else(|| ORIGIN.to_owned());
        let (git_dir, common_dir) = (repository.git_dir().to_path_buf(), repository.common_dir().to_path_buf());
        let not_used = |error| refused(&name, "what this clone lacks".to_owned(), &[], error);
        let scratch = Scratch::apart(&git_dir, &name, None).map_err(not_used)?;
        if let (Some(head), false) = (head, is_partial) {
            scratch.knows(&head.to_string()).map_err(|error| of_file(&scratch, &error))?;
        }
        Ok(Self {
            name,
            git_dir,
            common_dir,
            head,
            is_partial,
            limits,
            scratch,
            history: OnceCell::new(),
            requests: Cell::new(0),
            left: Cell::new(limits.all),
            depths: Cell::new(0),
            tips: RefCell::default(),
            asked: RefCell::default(),
        })
    }

    /// Refuses to ask where a branch stands if objects come from another remote than the one whose branches are tracked.
    fn is_origin(&self, what: &dyn Fn() -> String) -> Result<(), EvidenceError> {
        if self.name == ORIGIN {
            return Ok(());
        }
        let cause = format!("the remote that this clone fetches objects from is `{}`", self.name);
        let help = format!("add it: `git remote add {ORIGIN} ADDRESS`");
        Err(EvidenceError::NotFetched { what: what(), remote: ORIGIN.to_owned(), cause, help })
    }

    /// Runs git with the remote. `what` is fetched, for people.
    fn ask(
        &self,
        what: &dyn Fn() -> String,
        tried: &'static str,
        scratch: &Scratch,
        arguments: &[String],
    ) -> Result<String, EvidenceError> {
        let asked = self.requests.get();
        if asked >= self.limits.requests {
            let cause = format!("the remote was asked {asked} times already, which is the limit for one decision");
            let help = self.everything();
            return Err(EvidenceError::NotFetched { what: what(), remote: self.name.clone(), cause, help });
        }
        self.requests.set(asked.saturating_add(1));
        let limit = self.limits.git.min(self.left.get());
        let mut command = abroad(scratch);
        // no other repository is asked for its refs, and whole packs are kept
        command.args(["-c", "core.alternateRefsCommand=true", "-c", "fetch.unpackLimit=1"]);
        if self.is_partial {
            // what the remote thinks is here may be missing
            command.args(["-c", "fetch.negotiationAlgorithm=noop"]);
        }
        // from git 2.45 on: nothing else is fetched on the way
        command.env("GIT_NO_LAZY_FETCH", "1").arg(tried).args(arguments);
        let (waited, printed) = run(tried, command, &[], limit);
        self.left.set(self.left.get().saturating_sub(waited));
        printed.map_err(|error| refused(&self.name, what(), scratch.unused(), error))
    }

    fn fetch(
        &self,
        what: &dyn Fn() -> String,
        scratch: &Scratch,
        options: &[&str],
        ids: &[String],
    ) -> Result<(), EvidenceError> {
        let fixed = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "--no-recurse-submodules"];
        let mut arguments: Vec<String> = fixed.iter().chain(options).map(|option| (*option).to_owned()).collect();
        arguments.extend(["--refmap=".to_owned(), "--".to_owned(), self.name.clone()]);
        arguments.extend_from_slice(ids);
        self.ask(what, "fetch", scratch, &arguments).map(drop)
    }

    /// The command that fetches all that is missing.
    fn everything(&self) -> String {
        let name = shell_word(&self.name);
        if self.is_partial {
            format!("fetch everything first: `git fetch --refetch --no-filter {name}`")
        } else {
            format!("fetch all of history first: `git fetch --unshallow {name}`")
        }
    }
}

impl Supply for Remote {
    fn objects(&self) -> &Path {
        self.scratch.objects()
    }

    fn object(&self, id: ObjectId, kind: ObjectKind) -> Result<(), EvidenceError> {
        let what = || format!("the {kind} `{id}`");
        match self.asked.borrow().get(&id) {
            None => {}
            // the remote is not asked again
            Some(Some(error)) => return Err(error.clone()),
            Some(None) => {
                let cause = "git fetched it, and it is not there".to_owned();
                let help = "run `git fsck`, or clone again".to_owned();
                return Err(EvidenceError::NotFetched { what: what(), remote: self.name.clone(), cause, help });
            }
        }
        let without_blobs = if self.is_partial { "--filter=blob:none" } else { "--no-filter" };
        let options: &[&str] = match kind {
            ObjectKind::Commit | ObjectKind::Tag => &["--depth=1", without_blobs],
            ObjectKind::Tree => &[without_blobs],
            ObjectKind::Blob => &["--no-filter"],
        };
        let fetched = self.fetch(&what, &self.scratch, options, &[id.to_string()]);
        self.asked.borrow_mut().insert(id, fetched.clone().err());
        fetched
    }

    fn commits(&self, ids: &[CommitId]) -> Result<(), EvidenceError> {
        let what = || "the commits since the policy in force".to_owned();
        let without_blobs = if self.is_partial { "--filter=blob:none" } else { "--no-filter" };
        let ids: Vec<String> = ids.iter().map(CommitId::to_string).collect();
        self.fetch(&what, &self.scratch, &["--depth=1", without_blobs], &ids)
    }

    fn tip(&self, branch: &RefName) -> Result<Option<ObjectId>, EvidenceError> {
        if let Some(known) = self.tips.borrow().get(branch) {
            return Ok(*known);
        }
        let name = branch.to_string();
        let what = || format!("where `{name}` stands");
        self.is_origin(&what)?;
        let arguments = ["--refs", "--", &self.name, &name].map(str::to_owned);
        let printed = self.ask(&what, "ls-remote", &self.scratch, &arguments)?;
        // the name is matched from its end, so that longer ones are listed too
        let line = printed.lines().find_map(|line| line.strip_suffix(&name)?.strip_suffix('\t'));
        let tip = line.map(ObjectId::from_hex).transpose()?;
        self.tips.borrow_mut().insert(branch.clone(), tip);
        Ok(tip)
    }

    fn default_branch(&self) -> Result<Option<RefName>, EvidenceError> {
        let arguments = ["--symref", "--", &self.name, "HEAD"].map(str::to_owned);
        let what = || "the name of the default branch".to_owned();
        self.is_origin(&what)?;
        let printed = self.ask(&what, "ls-remote", &self.scratch, &arguments)?;
        let line = printed.lines().find_map(|line| line.strip_prefix("ref: ")?.strip_suffix("\tHEAD"));
        line.map(RefName::new).transpose()
    }

    fn history(&self, of: &[CommitId], most: u32) -> Result<bool, EvidenceError> {
        let Some(depth) = DEPTHS.get(self.depths.get()).filter(|depth| **depth <= most) else {
            return Ok(false);
        };
        self.depths.set(self.depths.get().saturating_add(1));
        let what = || "the history that the change and its base have in common".to_owned();
        let scratch = match self.history.get() {
            Some(scratch) => scratch,
            None => {
                let into = Some(self.scratch.objects());
                let made = Scratch::apart(&self.git_dir, &self.name, into)
                    .map_err(|error| refused(&self.name, what(), &[], error))?;
                if let Some(head) = self.head {
                    made.knows(&head.to_string()).map_err(|error| of_file(&made, &error))?;
                }
                self.history.get_or_init(|| made)
            }
        };
        let ids: BTreeSet<String> = of.iter().map(CommitId::to_string).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        self.fetch(&what, scratch, &[&format!("--depth={depth}"), "--filter=tree:0"], &ids)?;
        Ok(true)
    }

    fn boundary(&self) -> Result<Vec<ObjectId>, EvidenceError> {
        let mut found = Vec::new();
        for scratch in [Some(&self.scratch), self.history.get()].into_iter().flatten() {
            for id in scratch.boundary(&self.common_dir).map_err(|error| of_file(scratch, &error))? {
                found.push(ObjectId::from_hex(&id)?);
            }
        }
        Ok(found)
    }
}

fn of_file(scratch: &Scratch, error: &std::io::Error) -> EvidenceError {
    EvidenceError::CorruptRepository { path: scratch.folder().to_path_buf(), reason: error.to_string() }
}

/// Returns why git did not fetch something. `unused` are settings of the checkout that were left out.
fn refused(remote: &str, what: String, unused: &[String], error: RecordError) -> EvidenceError {
    let asks = "make sure that the remote has it, and that the job may read it; nothing is decided without it";
    let (cause, help) = match error {
        RecordError::Repository(error) => return error,
        RecordError::Git { tried, cause } if unused.is_empty() => (format!("`git {tried}`: {cause}"), asks.to_owned()),
        RecordError::Git { tried, cause } => {
            let error = RecordError::Unreached { tried, cause: cause.clone(), unused: unused.to_vec() };
            let keys = unused.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let help = format!(
                "{}; not used, because it can run programs or switch checks off: {keys} of the repository's own configuration",
                error.help()
            );
            (format!("`git {tried}`: {cause}"), help)
        }
        RecordError::TimedOut { tried, waited } => (
            format!("`git {tried}` did not end within {} s", waited.get()),
            "make sure that the remote answers, and try again".to_owned(),
        ),
        RecordError::Remote { cause, .. } => {
            let lists = "remove the setting; this lists where each comes from: `git config --list --show-origin`";
            (cause, lists.to_owned())
        }
        RecordError::File { tried, path, cause } => (
            format!("`{}` can't be {tried}: {cause}", path.display()),
            "make sure that the git directory may be written here".to_owned(),
        ),
        RecordError::NoGit { .. }
        | RecordError::NotARecord { .. }
        | RecordError::Missing { .. }
        | RecordError::NotAFile { .. }
        | RecordError::NoFolder { .. }
        | RecordError::Locked { .. }
        | RecordError::Replaced { .. }
        | RecordError::Broken { .. }
        | RecordError::Unreached { .. }
        | RecordError::Contended { .. }
        | RecordError::TooLarge { .. }
        | RecordError::Encoding(_) => (error.to_string(), error.help()),
    };
    EvidenceError::NotFetched { what, remote: remote.to_owned(), cause, help }
}
