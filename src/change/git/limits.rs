//! How much of a repository one answer may need.

/// Bounds that keep a hostile repository from using up stack, memory or time. What passes one is an error, never a
/// shortened answer.
///
/// The defaults leave room for every repository that git itself handles in comfort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The number of folders that may lie in one another. 2,048 is git's own `core.maxTreeDepth` (git-config(1)); a path of 4,096
    /// bytes cannot need more.
    pub depth: usize,
    /// The most tree entries that one walk may look at, entries of both sides counted. A handful of small trees that name one
    /// another can stand for billions of paths.
    pub entries: u64,
    /// The most tree entries that all walks together may have looked at when another one begins.
    pub entries_together: u64,
    /// The longest path, in bytes. No checkout holds more than 4,096 (Linux's `PATH_MAX`); to compare a path takes many
    /// times its length in memory.
    pub path_bytes: usize,
    /// The largest file that [`file_at`](super::Repository::file_at) reads, in bytes.
    pub file_bytes: u64,
    /// The number of tags that may lie in one another before a commit.
    pub tags: usize,
    /// The number of commits that may be looked at to find the authors of a range, those of both ends counted.
    pub history: usize,
    /// The number of authors that a range may have, co-authors among them.
    pub authors: usize,
    /// The longest message whose trailers are read, in bytes.
    pub message_bytes: u64,
    /// The number of trailers that one message may have.
    pub trailers: usize,
    /// The number of commits that the refs of one change may bring together, of which the messages are read.
    pub commits: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 2_048,
            entries: 1 << 28,
            entries_together: u64::MAX,
            path_bytes: 4_096,
            file_bytes: 8 << 20,
            tags: 64,
            history: 100_000,
            authors: 10_000,
            message_bytes: 1 << 20,
            trailers: 10_000,
            commits: 100_000,
        }
    }
}
