//! Files of policy text, and places in them.

use std::ops::Range;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::hex::hex;

/// The number of one of the [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// The id of the file that is added to [`Sources`] after `index` others.
    #[must_use]
    pub fn nth(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Returns how many files were added before this one.
    #[must_use]
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// Bytes of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Place {
    /// The bytes `range` of `file`.
    #[must_use]
    pub fn new(file: FileId, range: &Range<usize>) -> Self {
        let (start, end) = narrow(range);
        Self { file, start, end }
    }

    /// The place as a range of bytes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        let index = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        index(self.start)..index(self.end)
    }
}

/// One file of policy text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path by which people know it.
    pub path: String,
    /// The text.
    pub text: String,
    /// Its owner.
    pub layer: SourceLayer,
    /// The SHA-256 of its bytes in lower-case hexadecimal, from when it is first asked for.
    digest: OnceLock<String>,
}

/// The owner of a file of policy text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceLayer {
    /// The policy that was asked for: a repository's own, or an administrator's.
    Repository,
    /// The policy of an organisation, which comes from beside.
    Organisation,
    /// A fragment, which adds freezes from outside and is no part of the policy.
    Fragment,
}

impl SourceFile {
    /// A file of this path and text, of a repository's own policy.
    #[must_use]
    pub const fn new(path: String, text: String) -> Self {
        Self { path, text, layer: SourceLayer::Repository, digest: OnceLock::new() }
    }

    /// The same, of this owner.
    #[must_use]
    pub fn of_layer(self, layer: SourceLayer) -> Self {
        Self { layer, ..self }
    }

    /// Returns whether it is of the policy that was asked for, and comes neither from an organisation nor as a fragment.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.layer == SourceLayer::Repository
    }

    /// The SHA-256 of its bytes in lower-case hexadecimal, computed when it is first asked for: most answers don't name it.
    #[must_use]
    pub fn sha256_hex(&self) -> &str {
        self.digest.get_or_init(|| hex(&Sha256::digest(self.text.as_bytes())))
    }
}

/// All files of a policy.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    /// Where the line ends of each file are, from when they are first asked for.
    line_ends: Vec<OnceLock<Vec<usize>>>,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let id = FileId::nth(self.files.len());
        self.files.push(file);
        self.line_ends.push(OnceLock::new());
        id
    }

    /// The same files, those of the policy itself named `REVISION:PATH`, as git names them: the work tree has files of these names too.
    #[must_use]
    pub fn of_revision(&self, revision: &str) -> Self {
        let named = |file: &SourceFile| {
            let path = if file.is_own() { format!("{revision}:{}", file.path) } else { file.path.clone() };
            SourceFile { path, ..file.clone() }
        };
        Self { files: self.files.iter().map(named).collect(), line_ends: self.line_ends.clone() }
    }

    /// The file of this id.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.index())
    }

    /// All files, in the order in which they were read.
    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// All files, taken out.
    #[must_use]
    pub fn into_files(self) -> Vec<SourceFile> {
        self.files
    }

    /// The digest of the policy, whatever the paths and the order of its files: the SHA-256, in lower-case hexadecimal, of their
    /// digests, sorted, one a line. That is what `sha256sum FILE… | cut -c 1-64 | sort | sha256sum` prints.
    ///
    /// Fragments don't count, as they only close. Nor do the files of an organisation, which have a serial of their own, nor the roster. Grants have a digest of their own, of what they depend on
    /// ([`policy_digest`](crate::proof::grant::policy_digest)).
    ///
    /// ```
    /// use freezegate::diagnostic::{SourceFile, Sources};
    ///
    /// let mut sources = Sources::default();
    /// sources.add(SourceFile::new("freezegate.toml".to_owned(), String::new()));
    /// assert_eq!(sources.digest(), "38acb15d02d5ac0f2a2789602e9df950c380d2799b4bdb59394e4eeabdd3a662");
    /// ```
    #[must_use]
    pub fn digest(&self) -> String {
        let own = self.files.iter().filter(|file| file.is_own());
        let mut lines: Vec<String> = own.map(|file| format!("{}\n", file.sha256_hex())).collect();
        lines.sort_unstable();
        hex(&Sha256::digest(lines.concat().as_bytes()))
    }

    /// The text at `place`.
    #[must_use]
    pub fn text(&self, place: Place) -> Option<&str> {
        self.file(place.file)?.text.get(place.range())
    }

    /// The line of `place`, from 1.
    #[must_use]
    pub fn line(&self, place: Place) -> usize {
        let (Some(file), Some(ends)) = (self.file(place.file), self.line_ends.get(place.file.index())) else {
            return 1;
        };
        let ends = ends.get_or_init(|| file.text.match_indices('\n').map(|(end, _)| end).collect());
        1 + ends.partition_point(|end| *end < place.range().start)
    }

    /// `place` as people read it: `freezegate.toml:31`.
    #[must_use]
    pub fn cite(&self, place: Place) -> String {
        let path = self.file(place.file).map_or("?", |file| file.path.as_str());
        format!("{path}:{}", self.line(place))
    }
}

/// The place where the lines of a text begin; lines are counted from 0.
#[derive(Debug)]
pub(crate) struct LineStarts<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> LineStarts<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let after = text.match_indices('\n').map(|(index, _)| index + 1);
        Self { text, starts: std::iter::once(0).chain(after).collect() }
    }

    /// The line of a byte.
    pub(crate) fn of_byte(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// The first byte of a line; of one that is not there, the end of the text.
    pub(crate) fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// The byte after a line and its end.
    pub(crate) fn end(&self, line: usize) -> usize {
        self.start(line + 1)
    }

    /// A line without its end.
    pub(crate) fn text(&self, line: usize) -> &'t str {
        self.text.get(self.start(line)..self.end(line)).unwrap_or_default().trim_end_matches('\n')
    }

    /// The first line after `line` that is as wanted.
    pub(crate) fn next(&self, line: usize, is_wanted: impl Fn(&str) -> bool) -> Option<usize> {
        (line + 1..self.starts.len()).find(|next| is_wanted(self.text(*next)))
    }
}

/// `range` as two `u32`, saturated: files are bounded far below 4 GiB.
fn narrow(range: &Range<usize>) -> (u32, u32) {
    (u32::try_from(range.start).unwrap_or(u32::MAX), u32::try_from(range.end).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::SourceFile;

    #[test]
    fn the_digest_of_a_file_is_computed_once() {
        let file = SourceFile::new("freezegate.toml".to_owned(), "version = 1\n".to_owned());
        let first = file.sha256_hex();
        assert_eq!(first, "dbab12665d98aef021ba64953c61b0ed8a908cfb56a1c01e2fcb4b052b71a2a1");
        assert!(ptr::eq(first, file.sha256_hex()));
        assert_eq!(file.clone().digest.get().map(String::as_str), Some(first));
    }
}
