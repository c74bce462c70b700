//! Guarded files that a checkout has with another content than the commit.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::git::{AlteringLine, ObjectId};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::{bytes_for_terminal, for_terminal};
use crate::gate::routes::blobs::{BlobReader, too_many};

/// The most comparisons of a line of `.gitattributes` with a guarded file.
const MOST_COMPARISONS: usize = 2_000_000;

/// The name of such a file.
const NAME: &[u8] = b".gitattributes";

/// The attributes of a tree, by their paths.
pub(super) type AttributeFiles = BTreeMap<Vec<u8>, ObjectId>;

/// Returns whether git reads attributes from a path, on a file system that ignores case too.
pub(super) fn is_attributes(path: &[u8]) -> bool {
    path.rsplit(|byte| *byte == b'/').next().is_some_and(|name| name.eq_ignore_ascii_case(NAME))
}

/// A guarded file, and a line that alters it: the path of its file, its number and its attribute.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AlteredFile {
    path: String,
    content: ObjectId,
    by: (Vec<u8>, usize, &'static str),
}

impl AlteredFile {
    /// Everything that is altered of guarded files, by their paths.
    ///
    /// # Errors
    ///
    /// More comparisons than that, and what can't be read.
    pub(super) fn all(
        files: &BTreeMap<String, ObjectId>,
        attributes: &AttributeFiles,
        reader: &mut BlobReader<'_>,
    ) -> Result<BTreeSet<Self>, Faults> {
        let mut altered = BTreeSet::new();
        let mut count = 0_usize;
        for (at, id) in attributes {
            let text = reader.file(&bytes_for_terminal(at), *id)?.content;
            let folder = at.get(..at.len().saturating_sub(NAME.len())).unwrap_or_default();
            for line in AlteringLine::all(&text) {
                count = count.saturating_add(files.len());
                if count > MOST_COMPARISONS {
                    return Err(too_many("too many files for all lines of `.gitattributes`"));
                }
                let inside = files.iter().filter_map(|(path, content)| {
                    let below = path.get(folder.len()..).filter(|_| path.as_bytes().starts_with(folder))?;
                    line.may_match(below).then_some((path, content))
                });
                altered.extend(inside.map(|(path, content)| Self {
                    path: path.clone(),
                    content: *content,
                    by: (at.clone(), line.number, line.attribute),
                }));
            }
        }
        Ok(altered)
    }

    /// What is wrong.
    pub(super) fn fault(&self) -> Faults {
        let (at, number, attribute) = &self.by;
        let (path, at) = (for_terminal(&self.path), bytes_for_terminal(at));
        let cause = format!("`{attribute}` changes `{path}` at checkout, and `[routes]` guards it");
        let help = format!("take `{attribute}` out of `{at}`, line {number}, for that file");
        Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(help))
    }
}
