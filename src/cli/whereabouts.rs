//! `where`: which environments a path or a ref reaches, and by which line of the policy.

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};

use crate::change::git::{RefName, Repository};
use crate::cli::args::{WhereArgs, WhereFormat};
use crate::cli::edge::Edge;
use crate::cli::output::{Output, unwritten};
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{bytes_for_terminal, for_terminal};
use crate::gate::base::is_default;
use crate::gate::fault::{fault, too_much};
use crate::gate::world::World;
use crate::gate::{repository, source};
use crate::reach::whereabouts::Whereabouts;
use crate::reach::{Matcher, RefSide};
use crate::report::whereabouts::{self as told, AskedPlace, WhatIsAsked};

/// `freezegate where`: 0 each reaches an environment, 1 one reaches none, 2 no answer.
pub(super) fn whereabouts(args: &WhereArgs, edge: &Edge, output: &mut Output) -> Status {
    let is_json = args.format == WhereFormat::Json;
    output.answer_or_why(answer(args, edge), (is_json, told::undecided), args.file.as_deref(), edge)
}

fn answer(args: &WhereArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let policy = source::read(&args.policy.place(), edge)?;
    let repository = match edge.work_tree().map_err(Faults::one)? {
        Some(root) => Some((repository::here(edge)?, root)),
        None => None,
    };
    let places = Places {
        matcher: Matcher::new(&policy),
        edge,
        repository,
        reference: args.reference.as_deref().map(|name| RefName::new(name).map_err(fault)).transpose()?,
    };
    let all = args.asked.iter().map(|one| places.of(one)).collect::<Result<Vec<AskedPlace>, Faults>>()?;
    let reaches_nothing = all.iter().any(|one| one.found.reached.is_empty());
    let text = match args.format {
        WhereFormat::Text => told::text(&all, &policy.sources, edge.width()),
        WhereFormat::Json => told::json(&all, &policy.sources).map_err(unwritten)?,
    };
    Ok((text, if reaches_nothing { Status::Refused } else { Status::Allowed }))
}

/// Where what is asked about is looked up.
struct Places<'p> {
    matcher: Matcher<'p>,
    edge: &'p Edge,
    /// With the folder of its work tree.
    repository: Option<(Repository, PathBuf)>,
    /// The ref that paths are changed on; `None`: any.
    reference: Option<RefName>,
}

impl Places<'_> {
    fn of(&self, asked: &OsStr) -> Result<AskedPlace, Faults> {
        let bytes = asked.as_encoded_bytes();
        if bytes.starts_with(b"refs/") {
            return self.of_ref(asked);
        }
        let path = self.path_from_root(Path::new(asked))?;
        let mut found = Whereabouts::default();
        let side = self.reference.as_ref().map_or(Ok(RefSide::Unknown), |name| self.side(name))?;
        let of_ref = self.matcher.of_ref(side).map_err(|error| too_much(&error))?;
        let tree = match &self.repository {
            Some((repository, _)) if self.edge.absolute(Path::new(asked)).is_dir() => {
                repository.head().map_err(fault)?.revision.map(|revision| (repository, revision.tree))
            }
            Some(_) | None => None,
        };
        let Some((repository, tree)) = tree else {
            found.add_path(&of_ref, &path).map_err(|error| too_much(&error))?;
            return Ok(AskedPlace { asked: bytes_for_terminal(&path).into_owned(), what: WhatIsAsked::Path, found });
        };
        let folder = if path.is_empty() { Vec::new() } else { [path.as_slice(), b"/"].concat() };
        let mut failed = None;
        let walked = repository.paths(tree, &mut |file, _| {
            if file.starts_with(&folder)
                && let Err(error) = found.add_path(&of_ref, file)
            {
                failed = Some(too_much(&error));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        failed.map_or(Ok(()), Err)?;
        walked.map_err(fault)?;
        let asked = if path.is_empty() { ".".to_owned() } else { bytes_for_terminal(&path).into_owned() };
        Ok(AskedPlace { asked, what: WhatIsAsked::Folder, found })
    }

    fn of_ref(&self, asked: &OsStr) -> Result<AskedPlace, Faults> {
        let name = RefName::new(asked.as_encoded_bytes()).map_err(fault)?;
        let of_ref = self.matcher.of_ref(self.side(&name)?).map_err(|error| too_much(&error))?;
        let mut found = Whereabouts::default();
        found.add_ref(&of_ref).map_err(|error| too_much(&error))?;
        Ok(AskedPlace { asked: bytes_for_terminal(name.as_bytes()).into_owned(), what: WhatIsAsked::Ref, found })
    }

    /// The ref, and whether it is the default branch; where nothing says which that is, every branch may be it.
    fn side<'r>(&self, name: &'r RefName) -> Result<RefSide<'r>, Faults> {
        let default = match &self.repository {
            Some((repository, _)) => repository.default_branch("origin").map_err(fault)?,
            None => None,
        };
        let default_branch = is_default(name, default.as_ref());
        Ok(RefSide::Named { name: name.as_bytes(), default_branch })
    }

    /// A path that is given from the working directory, from the root of the repository, with `/` between its parts.
    fn path_from_root(&self, path: &Path) -> Result<Vec<u8>, Faults> {
        let whole = match &self.repository {
            Some(_) => self.edge.absolute(path),
            None => path.to_path_buf(),
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
        let root = self.repository.iter().flat_map(|(_, root)| root.components().filter(is_name));
        let root: Vec<&OsStr> = root.map(Component::as_os_str).collect();
        match parts.strip_prefix(root.as_slice()) {
            Some(parts) if !leaves => {
                Ok(parts.iter().map(|part| part.as_encoded_bytes()).collect::<Vec<_>>().join(&b'/'))
            }
            Some(_) | None => {
                let cause = format!("`{}` is not in this repository", path.display());
                let help = "give a path in the repository, from the folder that you are in";
                Err(Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help(help)))
            }
        }
    }
}
