//! What an entry of a tree is.

/// The kind of a path that is not a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A regular file (mode 100644).
    File,
    /// A regular file that may be executed (mode 100755).
    Executable,
    /// A symbolic link (mode 120000).
    Link,
    /// A pointer to a commit of another repository (mode 160000).
    Submodule,
}
