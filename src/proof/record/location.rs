//! Where a record is kept, as people write it.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

use crate::change::git::RefName;

/// Below this every ref of a record lies, so that a slip of the pen writes to no branch.
const FOLDER: &str = "refs/freezegate/";

/// Where a record is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
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

impl Location {
    /// Reads a location:
    ///
    /// - `refs/freezegate/record`: a ref of the repository at hand;
    /// - `origin:refs/freezegate/record`: the same, shared through the remote `origin`; an address may stand for the name;
    /// - anything else: the path of a file (write `./refs/…` for one in a folder `refs`).
    ///
    /// ```
    /// use freezegate::proof::record::Location;
    ///
    /// assert_eq!(Location::parse("/srv/record.jsonl".as_ref())?, Location::File("/srv/record.jsonl".into()));
    /// let Location::Ref { remote, name } = Location::parse("https://example.com/a.git:refs/freezegate/record".as_ref())? else {
    ///     unreachable!()
    /// };
    /// assert_eq!(remote.as_deref(), Some("https://example.com/a.git"));
    /// assert_eq!(name.as_bytes(), b"refs/freezegate/record");
    /// assert!(Location::parse("origin:refs/heads/main".as_ref()).is_err());
    /// # Ok::<(), freezegate::proof::record::LocationError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`LocationError`]: nothing, no remote before the colon, or a ref that lies elsewhere than below `refs/freezegate/`.
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
            None => return Ok(path()),
        };
        if remote.is_some_and(str::is_empty) {
            return Err(LocationError::NoRemote(written.to_owned()));
        }
        match RefName::new(&name) {
            Ok(checked) if name.starts_with(FOLDER) => {
                Ok(Self::Ref { remote: remote.map(str::to_owned), name: checked })
            }
            Ok(_) | Err(_) => Err(LocationError::NotARecord(name)),
        }
    }
}

/// Why text is no location of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationError {
    /// It is empty.
    Nothing,
    /// A colon and a ref without a remote before them.
    NoRemote(String),
    /// A ref that no record is kept in.
    NotARecord(String),
}

impl LocationError {
    /// What mends it.
    #[must_use]
    pub fn help(&self) -> String {
        "write a path, `refs/freezegate/record`, or `origin:refs/freezegate/record` to share it through a remote"
            .to_owned()
    }
}

impl fmt::Display for LocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("the location of the record is empty"),
            Self::NoRemote(written) => write!(f, "`{written}` names no remote before the colon"),
            Self::NotARecord(name) => write!(f, "`{name}` is no ref of a record: those lie below `{FOLDER}`"),
        }
    }
}

impl std::error::Error for LocationError {}
