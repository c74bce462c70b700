//! A branch that holds the record: it holds nothing else, and no change comes by it.

use crate::change::git::{RefName, Repository};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::comparison::branch_of;
use crate::gate::fault::{fault, too_much};
use crate::gate::request::RecordPlace;
use crate::pattern::fold;
use crate::policy::Policy;
use crate::proof::record::{Record, RecordError, RecordFile, RecordLocation, RecordRef};
use crate::reach::{RefSide, TargetMatcher};
use crate::shell::shell_word;
use std::ffi::OsStr;
use std::path::Path;

/// A branch that `--record` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordBranch(RefName);

impl RecordBranch {
    /// Returns the branch that the record is kept in; `None` if it is kept elsewhere, or nowhere.
    pub(crate) fn of(args: &RecordPlace) -> Result<Option<Self>, Faults> {
        let Some(location) = args.location.as_deref() else {
            return Ok(None);
        };
        match located(location)? {
            RecordLocation::Ref { name, .. } => Ok(Self::named(&name)),
            RecordLocation::File(_) => Ok(None),
        }
    }

    /// Returns the branch of this name; `None` if it is another ref.
    pub(crate) fn named(name: &RefName) -> Option<Self> {
        name.as_bytes().starts_with(b"refs/heads/").then(|| Self(name.clone()))
    }

    /// Returns whether a ref is this branch or lies below it, however a file system spells it.
    pub(crate) fn holds(&self, name: &RefName) -> bool {
        lies_at_or_below(name.as_bytes(), self.0.as_bytes())
    }

    /// Returns whether the branch lies below a ref, which can't be while there is one of that name.
    pub(crate) fn lies_below(&self, name: &RefName) -> bool {
        lies_at_or_below(self.0.as_bytes(), name.as_bytes())
    }

    /// Refuses the record in the branch that is checked out, or that is the default one of a bare repository.
    pub(crate) fn is_not_checked_out(&self, repository: &Repository) -> Result<(), Faults> {
        match repository.head().map_err(fault)?.branch {
            Some(branch) if self.holds(&branch) => {
                Err(self.misplaced("is the branch that `HEAD` of this repository names"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses the record in the default branch: `default`, by its own name or by that of what tracks it.
    pub(crate) fn is_not_default(&self, default: &RefName) -> Result<(), Faults> {
        if self.holds(&branch_of(default)?) { Err(self.misplaced("is the default branch")) } else { Ok(()) }
    }

    /// Refuses the record in a branch that targets select: pushes to it would be changes.
    pub(crate) fn is_not_selected(&self, policy: &Policy) -> Result<(), Faults> {
        let matcher = TargetMatcher::new(policy);
        let side = RefSide::Named { name: self.0.as_bytes(), default_branch: Some(false) };
        if matcher.of_ref(side).map_err(|error| too_much(&error))?.is_judged() {
            return Err(self.misplaced("is selected by the `refs` of a target"));
        }
        Ok(())
    }

    /// Refuses to judge a change of the branch: it holds decisions, and nothing that could be deployed.
    pub(crate) fn is_not_changed(&self, reference: &RefName) -> Result<(), Faults> {
        if !self.holds(reference) {
            return Ok(());
        }
        let cause = format!("the change is one of `{reference}`, the branch that holds the record");
        let short = self.short();
        let help = format!(
            "leave `{short}` out of what starts the job (on GitHub `branches-ignore: [{short}]`): nothing can be deployed from it"
        );
        Err(Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help(for_terminal(&help))))
    }

    fn short(&self) -> String {
        let name = self.0.to_string();
        name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned()
    }

    /// Returns where to keep it instead. Some `refs` of targets select every branch.
    fn misplaced(&self, why: &str) -> Faults {
        let cause = format!("`{}` is not a place for the record: it {why}", self.0);
        let help = format!(
            "keep it in a branch of its own, which no target selects and only the gate may push to, such as `--record {}`, or in a repository of its own",
            shell_word("origin:refs/heads/freezegate-record")
        );
        Faults::one(Diagnostic::error(Code::NoRecord, for_terminal(&cause)).help(for_terminal(&help)))
    }
}

/// Returns whether a file system may take the ref `name` for `own` or for one below it: some ignore case, composition and
/// invisible characters, and some ignore dots and blanks at the end of a name
/// (<https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>).
pub(crate) fn lies_at_or_below(name: &[u8], own: &[u8]) -> bool {
    let (name, own) = (fold(name), fold(own));
    let mut segments = name.split(|byte| *byte == b'/').map(trimmed);
    own.split(|byte| *byte == b'/').map(trimmed).all(|segment| segments.next() == Some(segment))
}

fn trimmed(segment: &[u8]) -> &[u8] {
    let end = segment.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |last| last + 1);
    segment.get(..end).unwrap_or(segment)
}

/// Returns where a record is kept.
pub(crate) fn located(written: &OsStr) -> Result<RecordLocation, Faults> {
    RecordLocation::parse(written).map_err(|error| {
        Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&error.to_string())).help(error.help()))
    })
}

/// Opens a record by its location; the repository is looked for only if it is kept in a ref.
pub(crate) fn open(
    location: &OsStr,
    repository: impl FnOnce() -> Result<Repository, Faults>,
) -> Result<Record, Faults> {
    match located(location)? {
        RecordLocation::File(path) => {
            is_no_remote(&path, repository)?;
            Ok(Record::File(RecordFile::new(path)))
        }
        RecordLocation::Ref { remote, name } => {
            let repository = repository()?;
            if let (None, Some(branch)) = (&remote, RecordBranch::named(&name)) {
                branch.is_not_checked_out(&repository)?;
            }
            Ok(Record::Ref(RecordRef::new(&repository, remote, &name).map_err(RecordError::from)?))
        }
    }
}

/// Refuses a file that is called like a remote and is not there: `--stops origin` means the remote.
fn is_no_remote(path: &Path, repository: impl FnOnce() -> Result<Repository, Faults>) -> Result<(), Faults> {
    let name = path.to_str().filter(|name| !name.contains(['/', '\\', '.'])).filter(|_| !path.exists());
    let (Some(name), Ok(repository)) = (name, repository()) else {
        return Ok(());
    };
    if repository.setting(&format!("remote.{name}.url")).map_err(fault)?.is_none() {
        return Ok(());
    }
    let cause = format!("`--record {name}`: `{name}` is a remote, not a file");
    let help =
        format!("name a branch of it: `{name}:refs/heads/freezegate-record`; for a file of that name: `./{name}`");
    Err(Faults::one(Diagnostic::error(Code::InvalidUsage, for_terminal(&cause)).help(for_terminal(&help))))
}
