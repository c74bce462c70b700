//! `where`: which environments a path or a ref reaches, and by which line of the policy.

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};

use crate::change::git::{ChangeKind, EntryKind, Range, RefName, Repository, Revision};
use crate::cli::args::{WhereArgs, WhereFormat};
use crate::cli::edge::Edge;
use crate::cli::output::{Output, unwritten};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{bytes_for_terminal, for_terminal};
use crate::gate::base::is_default;
use crate::gate::fault::{fault, of_option, too_much};
use crate::gate::look::show;
use crate::gate::world::World;
use crate::gate::{repository, source};
use crate::reach::matcher::OfRef;
use crate::reach::whereabouts::Whereabouts;
use crate::reach::{RefSide, Shown, TargetMatcher};
use crate::report::whereabouts::{self as report, AskedPlace, WhatIsAsked};

/// `freezegate where`: 0 each reaches an environment, 1 one reaches none, 2 no answer.
pub(super) fn whereabouts(args: &WhereArgs, edge: &Edge, output: &mut Output) -> Status {
    let is_json = args.format == WhereFormat::Json;
    output.answer_or_why(answer(args, edge), (is_json, report::undecided), args.file.as_deref(), edge)
}

fn answer(args: &WhereArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let policy = source::read(&args.policy.place(), edge)?;
    let repository = repository::here_if_any(edge)?;
    let head = match &repository {
        Some(repository) => repository.head().map_err(fault)?.revision,
        None => None,
    };
    let root = repository.as_ref().and_then(Repository::work_tree).map(real);
    let places = LookupPlaces {
        matcher: TargetMatcher::new(&policy),
        environments: policy
            .environments
            .iter()
            .flat_map(|one| [&one.name].into_iter().chain(&one.aliases))
            .map(String::as_str)
            .collect(),
        policies: policy.sources.files().iter().map(|file| real(&edge.absolute(Path::new(&file.path)))).collect(),
        edge,
        tracked: repository.as_ref().zip(head),
        default: match &repository {
            Some(repository) => repository.default_branch("origin").map_err(fault)?,
            None => None,
        },
        root,
        reference: args
            .reference
            .as_deref()
            .map(|name| RefName::new(name).map_err(|error| of_option("--ref", name, error)))
            .transpose()?,
    };
    let all = args.asked.iter().map(|one| places.of(one)).collect::<Result<Vec<AskedPlace>, Faults>>()?;
    let asks_for_ref = args.reference.is_none()
        && policy.targets.iter().any(|target| !target.refs.is_empty())
        && all.iter().any(|one| one.what != WhatIsAsked::Ref);
    let reaches_nothing = all.iter().any(|one| one.found.reached.is_empty());
    let text = match args.format {
        WhereFormat::Text => report::text(&all, &policy.sources, asks_for_ref, edge.width()),
        WhereFormat::Json => report::json(&all, &policy.sources).map_err(unwritten)?,
    };
    Ok((text, if reaches_nothing { Status::Refused } else { Status::Allowed }))
}

/// The places in which paths and refs are looked up.
struct LookupPlaces<'p> {
    matcher: TargetMatcher<'p>,
    /// The files of the policy, by their real paths.
    policies: Vec<PathBuf>,
    edge: &'p Edge,
    /// The environments of the policy, by each of their names.
    environments: Vec<&'p str>,
    /// The commit that is checked out, whose files are the tracked ones.
    tracked: Option<(&'p Repository, Revision)>,
    /// The default branch, as `origin` has it.
    default: Option<RefName>,
    /// The work tree, by its real path.
    root: Option<PathBuf>,
    /// The ref that paths are changed on; `None`: any.
    reference: Option<RefName>,
}

impl LookupPlaces<'_> {
    fn of(&self, asked: &OsStr) -> Result<AskedPlace, Faults> {
        if asked.as_encoded_bytes().starts_with(b"refs/") {
            return self.of_ref(asked);
        }
        let on_disk = real(&self.edge.absolute(Path::new(asked)));
        let path = self.path_from_root(Path::new(asked), &on_disk)?;
        let side = self.reference.as_ref().map_or(RefSide::Unknown, |name| self.side(name));
        let of_ref = self.matcher.of_ref(side).map_err(|error| too_much(&error))?;
        let mut found = Whereabouts::default();
        if self.reference.is_some() {
            let mut shown = Shown::default();
            of_ref.alone(&mut shown).map_err(|error| too_much(&error))?;
            found.add_ref(shown);
        }
        let is_entry = self.add_tracked(&of_ref, &path, &mut found)?;
        let is_folder = !is_entry && (found.files > 0 || path.is_empty() || is_folder(&on_disk));
        if !is_entry && !is_folder {
            let mut shown = Shown::default();
            of_ref.path(&path, &mut shown).map_err(|error| too_much(&error))?;
            found.add_file(&path, shown, of_ref.left_out(&path).map_err(|error| too_much(&error))?);
        }
        let is_missing = !is_entry && !is_folder && on_disk.symlink_metadata().is_err();
        Ok(AskedPlace {
            is_missing,
            asked: if path.is_empty() { ".".to_owned() } else { bytes_for_terminal(&path).into_owned() },
            what: if is_folder { WhatIsAsked::Folder } else { WhatIsAsked::Path },
            found,
            is_policy: self.policies.contains(&on_disk),
            ref_name: if is_missing { self.ref_called(asked) } else { None },
            is_environment: is_missing && asked.to_str().is_some_and(|name| self.environments.contains(&name)),
        })
    }

    /// The full name of the branch or tag that people call so.
    fn ref_called(&self, asked: &OsStr) -> Option<String> {
        let (repository, _) = self.tracked?;
        let short = asked.to_str()?;
        let full = ["refs/heads/", "refs/tags/"].map(|folder| format!("{folder}{short}"));
        full.into_iter().find(|name| {
            RefName::new(name.as_str()).is_ok_and(|name| matches!(repository.revision_of(&name), Ok(Some(_))))
        })
    }

    /// Adds what each tracked file at a path or below it shows, as a change of it would; whether the path itself is one.
    fn add_tracked(&self, of_ref: &OfRef<'_, '_, '_>, path: &[u8], found: &mut Whereabouts) -> Result<bool, Faults> {
        let Some((repository, head)) = self.tracked else {
            return Ok(false);
        };
        let below = if path.is_empty() { Vec::new() } else { [path, b"/"].concat() };
        let unchanged = Range { old: Some(head), new: Some(head) };
        let (mut is_entry, mut failed): (bool, Option<Faults>) = (false, None);
        let mut add = |file: &[u8], kind: EntryKind| -> Result<(), Faults> {
            let mut shown = Shown::default();
            show(repository, of_ref, unchanged, file, ChangeKind::Modified { old: kind, new: kind }, &mut shown)?;
            found.add_file(file, shown, of_ref.left_out(file).map_err(|error| too_much(&error))?);
            Ok(())
        };
        let walked = repository.paths(head.tree, &mut |file, kind| {
            is_entry |= file == path;
            if (file == path || file.starts_with(&below))
                && let Err(faults) = add(file, kind)
            {
                failed = Some(faults);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        failed.map_or(Ok(()), Err)?;
        walked.map_err(fault)?;
        Ok(is_entry)
    }

    fn of_ref(&self, asked: &OsStr) -> Result<AskedPlace, Faults> {
        let name = RefName::new(asked.as_encoded_bytes()).map_err(fault)?;
        let of_ref = self.matcher.of_ref(self.side(&name)).map_err(|error| too_much(&error))?;
        let (mut found, mut shown) = (Whereabouts::default(), Shown::default());
        of_ref.alone(&mut shown).map_err(|error| too_much(&error))?;
        of_ref.any_path("any path", &mut shown);
        found.add_ref(shown);
        let asked = bytes_for_terminal(name.as_bytes()).into_owned();
        Ok(AskedPlace {
            asked,
            what: WhatIsAsked::Ref,
            found,
            is_missing: false,
            is_policy: false,
            ref_name: None,
            is_environment: false,
        })
    }

    /// The ref, and whether it is the default branch; where nothing says which that is, every branch may be it.
    fn side<'r>(&self, name: &'r RefName) -> RefSide<'r> {
        RefSide::Named { name: name.as_bytes(), default_branch: is_default(name, self.default.as_ref()) }
    }

    /// A path that is given from the working directory, from the root of the repository, with `/` between its parts. Without a work tree it
    /// is as it is given.
    fn path_from_root(&self, given: &Path, on_disk: &Path) -> Result<Vec<u8>, Faults> {
        let (whole, root) = match &self.root {
            Some(root) => (on_disk, root.as_path()),
            None => (given, Path::new("")),
        };
        let mut parts: Vec<&OsStr> = Vec::new();
        let mut leaves = false;
        for part in whole.components() {
            match part {
                Component::Normal(part) => parts.push(part),
                Component::ParentDir => leaves |= parts.pop().is_none(),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_));
        let root: Vec<&OsStr> = root.components().filter(is_name).map(Component::as_os_str).collect();
        match parts.strip_prefix(root.as_slice()) {
            Some(parts) if !leaves => {
                Ok(parts.iter().map(|part| part.as_encoded_bytes()).collect::<Vec<_>>().join(&b'/'))
            }
            Some(_) | None => {
                let cause = format!("`{}` is not in this repository", given.display());
                let help = "give a path in the repository, from the folder that you are in";
                Err(Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help(help)))
            }
        }
    }
}

/// A path with the links in it followed, but for the last: that may be a tracked link. What is not there stays as it is written.
fn real(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => parent.canonicalize().unwrap_or_else(|_| real(parent)).join(name),
        (Some(_) | None, Some(_) | None) => path.canonicalize().unwrap_or_else(|_| path.to_path_buf()),
    }
}

/// Returns whether a path is a folder, and not a link to one.
fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}
