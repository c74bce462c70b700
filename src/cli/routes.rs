//! `routes`: which requests another backend answers after an edit of manifests, and who answers one request.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::change::git::{ChangeKind, EntryKind, PathContents, Repository};
use crate::cli::args::{RoutesArgs, RoutesFormat};
use crate::cli::edge::Edge;
use crate::cli::output::{Output, unwritten};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{for_terminal, system_words};
use crate::gate::fault::fault;
use crate::gate::repository;
use crate::gate::world::World;
use crate::report::routes::{self as report, RoutesAnswer, RoutesOf};
use crate::route::compare::{STEPS, compare};
use crate::route::language::Languages;
use crate::route::manifest::{FileManifests, manifests_of_all, may_route};
use crate::route::note::RouteNote;
use crate::route::read::read_routes;
use crate::route::reader::{ReadRoutes, changed_labels};
use crate::route::table::RequestPoint;
use crate::route::tables::RouteTables;

/// The largest file that is read.
pub(super) const FILE_BYTES: u64 = 16 << 20;
/// The most bytes of the files of a tree on disk together.
const TREE_BYTES: u64 = 128 << 20;
/// The most files and folders that are looked at.
const MOST_FILES: usize = 200_000;

/// `freezegate routes`: 0 nobody loses a request, 1 somebody does, 2 no answer.
pub(super) fn routes(args: &RoutesArgs, edge: &Edge, output: &mut Output) -> Status {
    let is_json = args.format == RoutesFormat::Json;
    output.answer_or_why(answer(args, edge), (is_json, report::undecided), args.file.as_deref(), edge)
}

fn answer(args: &RoutesArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    if let Some(header) = args.headers.iter().find(|header| !header.contains(':')) {
        return Err(invalid(format!("`--header`: `{header}` is not a header; write it as `name: value`")));
    }
    let request = args.request.as_deref().map(|text| RequestPoint::parse(text, &args.headers)).transpose();
    let request = request.map_err(|why| invalid(format!("`--request`: {why}")))?;
    let mut languages = Languages::default();
    let after = tree(args.after.as_deref(), edge)?;
    // one request is asked of one tree, unless both are named
    let before = match (&args.before, &request) {
        (None, Some(_)) => None,
        (before, _) => Some(tree(Some(before.as_deref().unwrap_or("HEAD")), edge)?),
    };
    let (after_name, before_name) = (after.name.clone(), before.as_ref().map(|tree| tree.name.clone()));
    let known = ParsedTrees::of([Some(&after), before.as_ref()].into_iter().flatten());
    let mut after = known.routes(&after, &mut languages);
    let before = before.as_ref().map(|tree| known.routes(tree, &mut languages));
    if let Some(before) = &before {
        after.notes.extend(changed_labels(before, &after));
    }
    let mut notes: Vec<(RouteNote, &'static str)> = Vec::new();
    for (read, side) in before.iter().map(|read| (read, "before")).chain([(&after, "after")]) {
        notes.extend(read.notes.iter().map(|note| (note.clone(), side)));
    }
    let is_compared = before.is_some();
    let tables = RouteTables::of(before.unwrap_or_default(), after, &mut languages);
    let of = match &request {
        Some(request) => {
            RoutesOf::Request(tables.iter().map(|one| report::asked(one, request, is_compared, &languages)).collect())
        }
        None => {
            let (mut budget, mut known) = (STEPS, BTreeSet::new());
            let compared = tables.iter().map(|one| {
                let found = compare(&languages, &one.before, &one.after, &mut budget);
                let found = found.map(|found| if one.is_doubt { one.beyond(&known, found) } else { found });
                if let (Ok(found), false) = (&found, one.is_doubt) {
                    known = one.pairs(found);
                }
                report::compared(one, found)
            });
            RoutesOf::Edit(compared.collect())
        }
    };
    if let (true, true, Some(before), None) = (tables.is_empty(), notes.is_empty(), &before_name, &request) {
        let cause = format!("there are no routes in `{before}` or in `{after_name}`");
        let help = "name the trees that hold the manifests: `--before TREE`, `--after TREE`";
        return Err(Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(help)));
    }
    let answer = RoutesAnswer { before: before_name, after: after_name, request, of, notes: report::merged(notes) };
    let text = match args.format {
        RoutesFormat::Text => report::text(&answer, edge.width()),
        RoutesFormat::Json => report::json(&answer).map_err(unwritten)?,
    };
    let status = if answer.is_undecided() {
        Status::Undecided
    } else if answer.finds_something() {
        Status::Refused
    } else {
        Status::Allowed
    };
    Ok((text, status))
}

/// The contents of the files of trees; a file that several trees have is read once.
struct ParsedTrees<'t> {
    files: HashMap<(&'t str, &'t [u8]), FileManifests>,
}

impl<'t> ParsedTrees<'t> {
    fn of(trees: impl Iterator<Item = &'t FileTree>) -> Self {
        let mut files: Vec<(&str, &[u8])> = trees.flat_map(FileTree::of_routes).collect();
        files.sort_unstable();
        files.dedup();
        let read = manifests_of_all(&files);
        Self { files: files.into_iter().zip(read).collect() }
    }

    fn routes(&self, tree: &FileTree, languages: &mut Languages) -> ReadRoutes {
        let known: Vec<&FileManifests> = tree.of_routes().filter_map(|file| self.files.get(&file)).collect();
        let notes = known.iter().flat_map(|(_, notes)| notes).cloned().collect();
        read_routes(known.iter().flat_map(|(found, _)| found), notes, languages)
    }
}

/// The files of a tree that may be manifests.
pub(super) struct FileTree {
    /// The way in which it was named.
    name: String,
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl FileTree {
    /// The files that may have routes.
    fn of_routes(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_slice())).filter(|(_, text)| may_route(text))
    }
}

/// A folder or a file on disk, or a revision, `REV:PATH` for what lies below a path; `None`: the work tree.
fn tree(named: Option<&str>, edge: &Edge) -> Result<FileTree, Faults> {
    let Some(named) = named else {
        let root = edge.root().map_err(Faults::one)?;
        return on_disk("work tree", &root, SymbolicLinks::PassedOver);
    };
    let path = edge.absolute(Path::new(named));
    if path.exists() {
        return on_disk(named, &path, SymbolicLinks::PassedOver);
    }
    let Some(repository) = repository::here_if_any(edge)? else {
        return Err(invalid(format!("`{named}` is not a folder, and without a repository not a revision either")));
    };
    in_git(named, &repository)
}

fn invalid(cause: String) -> Faults {
    let help = "give a folder, a file, a revision such as `origin/main`, or `REV:PATH` for a part of one";
    let diagnostic = Diagnostic::error(Code::InvalidUsage, for_terminal(&cause));
    Faults::one(if cause.starts_with("`--") { diagnostic } else { diagnostic.help(help) })
}

fn is_manifest(path: &str) -> bool {
    let end = path.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    end.is_some_and(|end| ["yaml", "yml", "json"].contains(&end.as_str()))
}

fn in_git(named: &str, repository: &Repository) -> Result<FileTree, Faults> {
    let (revision, below) = named.split_once(':').unwrap_or((named, ""));
    let below = below.trim_matches('/');
    let revision = repository.revision(revision).map_err(fault)?;
    let (mut paths, mut unnamed, mut is_there) = (Vec::new(), None, below.is_empty());
    let mut add = |path: &[u8], change: ChangeKind, contents: PathContents| {
        let rest = path.strip_prefix(below.as_bytes());
        let is_below = below.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"));
        is_there |= is_below;
        let text = String::from_utf8_lossy(path);
        let is_file = matches!(change.kinds().1, Some(EntryKind::File | EntryKind::Executable));
        if let (true, Some(id)) = (is_below && is_file && is_manifest(&text), contents.new) {
            match text {
                Cow::Borrowed(path) => paths.push((path.to_owned(), id)),
                Cow::Owned(path) => unnamed = Some(path),
            }
        }
        ControlFlow::Continue(())
    };
    repository.changed_contents(None, Some(revision.tree), &mut add).map_err(fault)?;
    if let Some(path) = unnamed {
        return Err(invalid(format!("the name of `{path}` is not UTF-8")));
    }
    if !is_there {
        return Err(invalid(format!("`{named}` does not exist")));
    }
    let mut files = Vec::new();
    for (path, id) in paths {
        let text = repository.content(id, &path).map_err(fault)?;
        files.push((path, text));
    }
    Ok(FileTree { name: named.to_owned(), files })
}

/// Which symbolic links of a folder are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SymbolicLinks {
    /// None, as nothing reads them in a repository's tree.
    PassedOver,
    /// Those to files, and the folder itself, as `kubectl apply --filename` reads them.
    Followed,
}

/// Reads the files of a folder that may be manifests, or one file.
///
/// # Errors
///
/// What can't be read, and too many or too large files.
pub(super) fn on_disk(named: &str, root: &Path, links: SymbolicLinks) -> Result<FileTree, Faults> {
    let unreadable = |path: &Path, error: &std::io::Error| {
        let cause = format!("`{}` can't be read: {}", path.display(), system_words(error));
        Faults::one(
            Diagnostic::error(Code::UnreadableFile, for_terminal(&cause))
                .help("name a folder or a file that you may read"),
        )
    };
    let mut waiting: Vec<PathBuf> = vec![root.to_path_buf()];
    let (mut paths, mut seen) = (Vec::new(), 0_usize);
    while let Some(path) = waiting.pop() {
        seen += 1;
        if seen > MOST_FILES {
            return Err(invalid(format!("`{named}` has more than {MOST_FILES} files and folders")));
        }
        let mut metadata = path.symlink_metadata().map_err(|error| unreadable(&path, &error))?;
        if metadata.is_symlink()
            && links == SymbolicLinks::Followed
            && (path == root || is_manifest(&path.to_string_lossy()))
        {
            metadata = path.metadata().map_err(|error| unreadable(&path, &error))?;
            if metadata.is_dir() && path != root {
                return Err(invalid(format!("`{}` is a symbolic link to a folder", path.display())));
            }
        }
        let is_git = path.file_name().is_some_and(|name| name == ".git");
        if metadata.is_dir() && !is_git {
            for entry in std::fs::read_dir(&path).map_err(|error| unreadable(&path, &error))? {
                waiting.push(entry.map_err(|error| unreadable(&path, &error))?.path());
            }
        } else if metadata.is_file() && (path == root || is_manifest(&path.to_string_lossy())) {
            paths.push(path);
        }
    }
    paths.sort();
    let (mut files, mut bytes) = (Vec::new(), 0_u64);
    for path in paths {
        let length = path.metadata().map_err(|error| unreadable(&path, &error))?.len();
        if length > FILE_BYTES {
            return Err(invalid(format!("`{}` is larger than 16 MiB", path.display())));
        }
        bytes = bytes.saturating_add(length);
        if bytes > TREE_BYTES {
            return Err(invalid(format!("the manifests in `{named}` are larger than 128 MiB together")));
        }
        let text = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
        let short = path.strip_prefix(root).unwrap_or(&path);
        let short = if short.as_os_str().is_empty() { Path::new(named) } else { short };
        files.push((short.to_string_lossy().replace('\\', "/"), text));
    }
    Ok(FileTree { name: named.to_owned(), files })
}
