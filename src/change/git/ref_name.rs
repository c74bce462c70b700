//! Full names of refs.

use std::fmt;

/// The full name of a ref: `refs/heads/main` and the like, `HEAD`, or another that stands outside `refs/` such as `FETCH_HEAD`;
/// bytes that git-check-ref-format(1) allows.
///
/// A short name such as `main` is none: a tag of that name would hide the branch.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RefName(Vec<u8>);

impl RefName {
    /// The name, if git allows it and it is a full one.
    pub(super) fn checked(name: &[u8]) -> Option<Self> {
        // To git every byte above ASCII is as good as a letter; libgit2's check takes text alone.
        let checked: String = name.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { 'x' }).collect();
        let capitals = name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
        let outside = name == b"HEAD" || (name.ends_with(b"_HEAD") && capitals);
        let is_full = outside || name.starts_with(b"refs/");
        (is_full && git2::Reference::is_valid_name(&checked)).then(|| Self(name.to_vec()))
    }

    /// `HEAD`.
    #[must_use]
    pub fn head() -> Self {
        Self(b"HEAD".to_vec())
    }

    /// The name, which need not be UTF-8.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name as text, if it is UTF-8: all that libgit2 can look up.
    pub(super) fn as_text(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(&self.0)
    }

    /// Returns what people write for it: `main` for `refs/heads/main`; `None` for `HEAD` and its like.
    #[must_use]
    pub fn short_name(&self) -> Option<&[u8]> {
        let prefixes = [&b"refs/heads/"[..], b"refs/tags/", b"refs/"];
        prefixes.into_iter().find_map(|prefix| self.0.strip_prefix(prefix))
    }

    /// The other refs that git may take this one for where people write a short name: of `refs/heads/v7` the tag `v7`, which has
    /// precedence almost everywhere, and of `refs/tags/main` the branch, which has it in `git clone --branch` (gitrevisions(7),
    /// `ref_rev_parse_rules` in git's `refs.c`); of `refs/tags/origin/main` the branch too.
    ///
    /// ```
    /// use freezegate::change::git::RefName;
    ///
    /// let others = RefName::new("refs/tags/origin/main")?.sharing_short_name();
    /// assert!(others.contains(&RefName::new("refs/heads/main")?));
    /// # Ok::<(), freezegate::change::git::EvidenceError>(())
    /// ```
    #[must_use]
    pub fn sharing_short_name(&self) -> Vec<Self> {
        let after = |prefix: &[u8]| self.0.strip_prefix(prefix);
        let Some(short) = self.short_name() else {
            return Vec::new();
        };
        let prefixes = [&b"refs/"[..], b"refs/tags/", b"refs/heads/"];
        let all = prefixes.into_iter().map(|prefix| Self([prefix, short].concat()));
        // a clone gets the tag `origin/main` with whatever it fetches, and takes it for the branch of the remote
        let remotes = [&b"refs/tags/origin/"[..], b"refs/tags/upstream/"];
        let of_remotes = remotes.into_iter().filter_map(after).map(|branch| Self([b"refs/heads/", branch].concat()));
        // and the tag `refs/heads/main` for a branch that it does not have
        let in_full = Some(short).filter(|short| short.starts_with(b"refs/")).map(|short| Self(short.to_vec()));
        all.chain(of_remotes).chain(in_full).filter(|other| other != self).collect()
    }

    /// The branches and tags whose short names mean this ref, if there are none of these: [`Self::sharing_short_name`] of each has it.
    ///
    /// ```
    /// use freezegate::change::git::RefName;
    ///
    /// let others = RefName::new("refs/tags/v9")?.meant_by_short_names();
    /// assert!(others.contains(&RefName::new("refs/heads/tags/v9")?));
    /// # Ok::<(), freezegate::change::git::EvidenceError>(())
    /// ```
    #[must_use]
    pub fn meant_by_short_names(&self) -> Vec<Self> {
        let after = |prefix: &[u8]| self.0.strip_prefix(prefix);
        let full = after(b"refs/").into_iter().chain([self.0.as_slice()]);
        let folders = [&b"refs/heads/"[..], b"refs/tags/"];
        let in_folders = full.flat_map(|name| folders.map(|folder| Self([folder, name].concat())));
        let remotes = [&b"refs/tags/origin/"[..], b"refs/tags/upstream/"];
        let of_remotes =
            after(b"refs/heads/").into_iter().flat_map(|name| remotes.map(|tag| Self([tag, name].concat())));
        in_folders.chain(of_remotes).collect()
    }

    /// The remote of `refs/remotes/REMOTE/HEAD`.
    pub(super) fn remote_of_head(&self) -> Option<&str> {
        let Ok(text) = self.as_text() else { return None };
        text.strip_prefix("refs/remotes/")?.strip_suffix("/HEAD")
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}
