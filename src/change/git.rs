//! Git evidence: which paths differ between two trees, what a name stands for, what a commit holds.
//!
//! This module reads repositories and knows nothing of policies. It writes nothing to disk, starts no program, uses no network
//! and reads no environment variable: what git's variables say is handed over as plain data, in a [`GitEnvironment`],
//! and what a clone lacks is brought by a [`Supply`], if one is handed over.
//!
//! What is read is what the objects say. Three things that change what git itself shows have no effect here: replacement
//! objects (`refs/replace/*`, git-replace(1)), grafts (`info/grafts`) and the boundary of a shallow clone (`shallow`). A
//! parent that a commit names and the repository lacks is an error, not the end of history. Diff drivers, attributes,
//! rename detection, `.gitmodules` and `core.quotePath` have none either.
//!
//! Nothing in doubt is turned into an empty answer: whatever is missing, corrupt or not understood is an
//! [`EvidenceError`], and each says how to fix it.
//!
//! Names, paths, messages and identities are bytes that others chose. Escape them wherever they are printed.
//!
//! ```no_run
//! use std::{ops::ControlFlow, path::Path};
//!
//! use freezegate::change::git::Repository;
//!
//! let repository = Repository::discover(Path::new("."))?;
//! let range = repository.range("refs/remotes/origin/main..HEAD")?;
//! repository.changed_paths(range.old_tree(), range.new_tree(), &mut |path, change| {
//!     println!("{change:?} {}", path.escape_ascii());
//!     ControlFlow::Continue(())
//! })?;
//! # Ok::<(), freezegate::change::git::EvidenceError>(())
//! ```

mod ancestry;
mod attributes;
mod authors;
mod brought;
mod commit;
mod difference;
mod digest;
mod dot_name;
mod entry_kind;
mod environment;
mod error;
mod feature;
mod file;
mod from_text;
mod id;
mod identity;
mod kept;
mod limits;
mod link;
mod loose;
mod made_up;
mod open;
mod past;
mod range;
mod ref_name;
mod reference;
mod reflog;
mod repository;
mod revision;
mod setting;
mod supplied;
mod supply;
mod symbolic;
mod trailer;
mod tree;

pub use attributes::AlteringLine;
pub use brought::{Brought, NewCommits};
pub use commit::Commit;
pub use difference::{ChangeKind, PathContents};
pub use digest::DifferenceDigest;
pub use dot_name::DotName;
pub use entry_kind::EntryKind;
pub use environment::GitEnvironment;
pub use error::{Absence, EvidenceError};
pub use feature::Feature;
pub use id::{CommitId, ObjectId, ObjectKind, TreeId};
pub use identity::GitIdentity;
pub use limits::Limits;
pub use link::LinkTarget;
pub use made_up::PathContent;
pub use past::{PastState, PastStates};
pub use range::Range;
pub use ref_name::RefName;
pub use reference::{Head, Ref, RefTarget};
pub use reflog::ReflogEntry;
pub use repository::{Completeness, Repository, keep_objects};
pub use revision::Revision;
pub use setting::GitSetting;
pub use supply::Supply;
pub use symbolic::Refs;
pub use trailer::Trailer;
