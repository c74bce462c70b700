//! The policy that `lint --against` compares with: of a commit, or in a file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::change::git::{EvidenceError, Repository, Revision};
use crate::cli::args::LintArgs;
use crate::cli::edge::Edge;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::fault::fault;
use crate::gate::repository;
use crate::gate::request::PolicyPlace;
use crate::gate::source::{self, PolicySource};
use crate::gate::world::World;

/// The policy that `name` means: the revision of that name, or the file. If there are both, it is an error that says how to
/// write which.
pub(super) fn base(name: &OsStr, args: &LintArgs, edge: &Edge) -> Result<PolicySource, Faults> {
    let path = Path::new(name);
    let shown = path.display();
    let revision = name.to_str().map_or(Ok(None), |name| revision(name, edge))?;
    match (revision, path.exists()) {
        (Some(_), true) => Err(Faults::one(
            Diagnostic::error(Code::InvalidUsage, format!("`--against {shown}` is a commit and a file"))
                .help(format!("write `--against ./{shown}` for the file, `--against {shown}^0` for the commit")),
        )),
        (Some((repository, revision)), false) => of_commit(&repository, revision, &shown.to_string(), args, edge),
        (None, true) => {
            let files = PolicyPlace { files: vec![path.to_path_buf()], ..args.policy.place() };
            Ok(PolicySource { from: format!("the file `{shown}`"), ..source::of_work_tree(&files, edge)? })
        }
        (None, false) => Err(Faults::one(
            Diagnostic::error(Code::InvalidUsage, format!("`--against {shown}` is neither a commit nor a file"))
                .help("name a commit, such as `origin/main` or `HEAD~1`, or the path of a policy file"),
        )),
    }
}

/// The commit of a name, if there is a repository and it has one of that name.
fn revision(name: &str, edge: &Edge) -> Result<Option<(Repository, Revision)>, Faults> {
    // without a repository there are files alone
    let Ok(repository) = repository::here(edge) else {
        return Ok(None);
    };
    match repository.revision(name) {
        Ok(revision) => Ok(Some((repository, revision))),
        Err(EvidenceError::UnknownRevision { .. } | EvidenceError::UnsupportedRevision { .. }) => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

fn of_commit(
    repository: &Repository,
    revision: Revision,
    name: &str,
    args: &LintArgs,
    edge: &Edge,
) -> Result<PolicySource, Faults> {
    let mut files = args.policy.files.clone();
    if files.is_empty()
        && let Some(variable) = edge.variable("FREEZEGATE_POLICY")
    {
        files = std::env::split_paths(&variable).collect();
    }
    let files: Vec<PathBuf> = files.iter().map(|path| in_repository(repository, path, edge)).collect();
    let args = PolicyPlace { files, ..args.policy.place() };
    let found = source::in_commit(&args, edge, repository, revision, &format!("`{name}`"));
    let found = found.map_err(|faults| named(faults, name))?;
    found.ok_or_else(|| {
        let cause = format!("there is no policy in the commit {} (`{name}`)", revision.commit);
        Faults::one(
            Diagnostic::error(Code::NoPolicy, cause)
                .help("compare with a commit that has one, or with a file: `--against FILE`"),
        )
    })
}

/// The same, with the files of the commit named `REV:PATH`, as git names them: the work tree has files of these names too.
fn named(faults: Faults, revision: &str) -> Faults {
    Faults { sources: faults.sources.of_revision(revision), ..faults }
}

/// A path as the commits of the repository have it, from its root; one outside stays as it is.
pub(super) fn in_repository(repository: &Repository, path: &Path, edge: &Edge) -> PathBuf {
    let whole = edge.absolute(path);
    let inside = repository.work_tree().and_then(|root| {
        let root = root.canonicalize().ok()?;
        let folder = whole.parent()?.canonicalize().ok()?;
        Some(folder.join(whole.file_name()?).strip_prefix(root).ok()?.to_path_buf())
    });
    inside.unwrap_or_else(|| path.to_path_buf())
}
