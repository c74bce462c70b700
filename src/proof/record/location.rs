//! Where a record is kept, as people write it.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

use crate::change::git::RefName;

/// Below this refs of records lie, and below nothing else but [`BRANCHES`].
const FOLDER: &str = "refs/freezegate/";

/// Below this branches lie: forges protect those alone. A branch that holds a record holds nothing else.
const BRANCHES: &str = "refs/heads/";

/// How default branches are called, which hold no record whatever repository they are of: a slip of the pen writes to none.
const USUAL_DEFAULTS: [&str; 2] = ["refs/heads/main", "refs/heads/master"];

/// The place where a record is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordLocation {
    /// In a file.
    File(PathBuf),
    /// In a ref of the repository at hand, shared through a remote if one is named.
    Ref {
        /// The remote, by name or address.
        remote: Option<String>,
        /// The ref.
        name: RefName,
    },
}

impl RecordLocation {
    /// Reads a location:
    ///
    /// - `refs/freezegate/record`: a ref of the repository at hand;
    /// - `origin:refs/freezegate/record`: the same, shared through the remote `origin`; an address may stand for the name;
    /// - `origin:refs/heads/freezegate-record`, and without the remote: a branch that holds nothing else;
    /// - anything else: the path of a file (write `./refs/…` for one in a folder `refs`).
    ///
    /// ```
    /// use freezegate::proof::record::RecordLocation;
    ///
    /// assert_eq!(RecordLocation::parse("/srv/record.jsonl".as_ref())?, RecordLocation::File("/srv/record.jsonl".into()));
    /// let RecordLocation::Ref { remote, name } = RecordLocation::parse("https://example.com/a.git:refs/freezegate/record".as_ref())? else {
    ///     unreachable!()
    /// };
    /// assert_eq!(remote.as_deref(), Some("https://example.com/a.git"));
    /// assert_eq!(name.as_bytes(), b"refs/freezegate/record");
    /// assert!(RecordLocation::parse("origin:refs/heads/main".as_ref()).is_err());
    /// assert!(RecordLocation::parse("origin:record".as_ref()).is_err() && RecordLocation::parse("./origin:record".as_ref()).is_ok());
    /// # Ok::<(), freezegate::proof::record::LocationError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`LocationError`]: nothing, no remote before the colon, a ref that is not written in full, or one that lies elsewhere than below `refs/freezegate/` and
    /// `refs/heads/`. No record lies in `refs/heads/main` or `refs/heads/master`.
    pub fn parse(text: &OsStr) -> Result<Self, LocationError> {
        let path = || Self::File(PathBuf::from(text));
        let Some(written) = text.to_str() else {
            return Ok(path());
        };
        if written.is_empty() {
            return Err(LocationError::Nothing);
        }
        let (remote, name) = match written.rsplit_once(":refs/") {
            Some((remote, name)) => (Some(remote), format!("refs/{name}")),
            None if written.starts_with("refs/") => (None, written.to_owned()),
            None if is_short_ref(written) => return Err(LocationError::ShortRef(written.to_owned())),
            None => return Ok(path()),
        };
        if remote.is_some_and(str::is_empty) {
            return Err(LocationError::NoRemote(written.to_owned()));
        }
        match RefName::new(&name) {
            Ok(checked) if is_of_record(&name) => Ok(Self::Ref { remote: remote.map(str::to_owned), name: checked }),
            Ok(_) | Err(_) => Err(LocationError::NotARecord(name)),
        }
    }
}

/// Returns whether text looks like a remote and a ref that is not written in full, such as `origin:record`. One letter before the colon is a drive.
fn is_short_ref(written: &str) -> bool {
    written
        .split_once(':')
        .is_some_and(|(before, behind)| before.len() > 1 && !before.contains(['/', '\\', '.']) && !behind.is_empty())
}

fn is_of_record(name: &str) -> bool {
    let is_usual = USUAL_DEFAULTS.iter().any(|usual| usual.eq_ignore_ascii_case(name));
    name.starts_with(FOLDER) || (name.starts_with(BRANCHES) && !is_usual)
}

/// The reason why text is no location of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationError {
    /// It is empty.
    Nothing,
    /// A colon and a ref without a remote before them.
    NoRemote(String),
    /// A ref that no record is kept in.
    NotARecord(String),
    /// A remote and a ref that is not written in full.
    ShortRef(String),
}

impl LocationError {
    /// Returns how to fix it.
    #[must_use]
    pub fn help(&self) -> String {
        if let Self::ShortRef(written) = self {
            let (remote, name) = written.split_once(':').unwrap_or((written, ""));
            let name = name.trim_start_matches("heads/");
            return format!(
                "write the ref in full: `{remote}:refs/heads/{name}`, or `{remote}:refs/freezegate/{name}`; for a file, `./{written}`"
            );
        }
        "write a path, `refs/freezegate/record`, or, to share it through a remote, a branch that holds nothing else: \
         `origin:refs/heads/freezegate-record`"
            .to_owned()
    }
}

impl fmt::Display for LocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("the location of the record is empty"),
            Self::ShortRef(written) => write!(f, "`{written}` is neither a file nor a full name of a ref"),
            Self::NoRemote(written) => write!(f, "`{written}` names no remote before the colon"),
            Self::NotARecord(name) => write!(
                f,
                "`{name}` is not a ref of a record: use one below `{FOLDER}`, or a branch that holds nothing else"
            ),
        }
    }
}

impl std::error::Error for LocationError {}
