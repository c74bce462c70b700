//! Finding and reading the policy in the work tree.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::change::git::Repository;
use crate::cli::args::PolicyArgs;
use crate::cli::edge::Edge;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::policy::Policy;
use crate::policy::load::{Fragment, MAX_BYTES, PolicyFiles, ReadFault, load};
use crate::policy::roster::Roster;

/// Where a repository keeps its policy, the first that is there.
const USUAL: [&str; 2] = ["freezegate.toml", "policies/freezegate.toml"];

/// Files as they are on disk.
struct WorkTree;

impl PolicyFiles for WorkTree {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        read_file(Path::new(path))
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, ReadFault> {
    let fault = |error: &std::io::Error| ReadFault {
        cause: format!("can't be read: {}", plain(error)),
        help: if error.kind() == std::io::ErrorKind::NotFound {
            "mend the path, or write a policy with `freezegate init`".to_owned()
        } else {
            "see that it is a file that you may read".to_owned()
        },
    };
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    std::fs::File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(|error| fault(&error))?;
    Ok(bytes)
}

/// The words of an error of the system, without its number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split_once(" (os error").map_or_else(|| text.clone(), |(words, _)| words.to_owned())
}

/// The policy that `args` and the environment name, or that the repository holds.
pub(super) fn read(args: &PolicyArgs, edge: &Edge) -> Result<Policy, Faults> {
    let entries = entries(args, edge).map_err(Faults::one)?;
    let fragments = fragments(args, edge).map_err(Faults::one)?;
    load(&WorkTree, &entries, &fragments)
}

/// The files of `policy` as paths in `repository`, where they lie in its work tree.
pub(super) fn paths_in(repository: &Repository, policy: &Policy, edge: &Edge) -> Vec<Vec<u8>> {
    let Some(root) = repository.work_tree().and_then(|root| root.canonicalize().ok()) else {
        return Vec::new();
    };
    let roster = policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref()).map(Roster::path);
    let files = policy.sources.files().iter().map(|file| file.path.as_str()).chain(roster);
    files
        .filter_map(|path| {
            let whole = edge.absolute(Path::new(path)).canonicalize().ok()?;
            let inside = whole.strip_prefix(&root).ok()?;
            Some(inside.components().map(|part| part.as_os_str().as_encoded_bytes()).collect::<Vec<_>>().join(&b'/'))
        })
        .collect()
}

fn entries(args: &PolicyArgs, edge: &Edge) -> Result<Vec<String>, Diagnostic> {
    let paths: Vec<PathBuf> = if !args.files.is_empty() {
        args.files.clone()
    } else if let Some(variable) = edge.variable("FREEZEGATE_POLICY") {
        std::env::split_paths(&variable).collect()
    } else {
        let root = edge.root();
        let found = USUAL.iter().map(|path| root.join(path)).find(|path| path.exists());
        vec![edge.shorten(&found.ok_or_else(|| {
            Diagnostic::error(
                Code::NoPolicy,
                format!(
                    "there is no policy: neither {} in `{}`",
                    USUAL.map(|path| format!("`{path}`")).join(" nor "),
                    root.display()
                ),
            )
            .help("write one with `freezegate init`, or name it with `--policy FILE`")
        })?)]
    };
    paths.into_iter().map(text_path).collect()
}

fn text_path(path: PathBuf) -> Result<String, Diagnostic> {
    path.into_os_string().into_string().map_err(|path| {
        Diagnostic::error(Code::UnreadableFile, format!("the path `{}` is not UTF-8", path.to_string_lossy()))
            .help("rename the file")
    })
}

fn fragments(args: &PolicyArgs, edge: &Edge) -> Result<Vec<Fragment>, Diagnostic> {
    let mut fragments = Vec::new();
    for path in &args.also {
        fragments.push(fragment(path)?);
    }
    if let Some(variable) = edge.variable("FREEZEGATE_ALSO") {
        let text = variable.into_string().map_err(|_| {
            Diagnostic::error(Code::UnreadableFile, "`FREEZEGATE_ALSO` is not UTF-8")
                .help("give a path, or the text that `freezegate stop` prints")
        })?;
        // a path has neither line ends nor the header that every fragment begins with
        if text.contains('\n') || text.contains("[[") {
            fragments.push(Fragment { name: "FREEZEGATE_ALSO".to_owned(), bytes: text.into_bytes() });
        } else {
            fragments.push(fragment(Path::new(&text))?);
        }
    }
    Ok(fragments)
}

fn fragment(path: &Path) -> Result<Fragment, Diagnostic> {
    let name = text_path(path.to_path_buf())?;
    match read_file(path) {
        Ok(bytes) => Ok(Fragment { name, bytes }),
        Err(fault) => Err(Diagnostic::error(Code::UnreadableFile, format!("the fragment `{name}` {}", fault.cause))
            .help("mend the path of `--also`; a fragment that can't be read might close this change")),
    }
}
