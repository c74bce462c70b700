//! Where the files of a policy are read from.

/// The most bytes that a policy file may have: 8 MiB, a hundred times what the largest companies need.
pub const MAX_BYTES: usize = 8 << 20;

/// The most files that a policy may be made of.
pub const MAX_FILES: usize = 256;

/// The reason why a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFault {
    /// The problem, for people.
    pub cause: String,
    /// The fix.
    pub help: String,
}

/// The place where policy files are read from: a work tree, a commit, a test.
pub trait PolicyFiles {
    /// The bytes of the file at `path`, `/` between folders.
    ///
    /// # Errors
    ///
    /// The file is missing, no regular file, unreadable, or larger than [`MAX_BYTES`].
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault>;
}
