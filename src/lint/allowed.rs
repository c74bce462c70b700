//! Comments of a policy that say what not to warn about, because it is intended: `# lint: allow CODE`.

use crate::diagnostic::{FileId, Place, SourceFile, Sources};

/// The beginning of such a comment.
const MARK: &str = "# lint: allow ";

/// Returns the names after the marks in the policy's own files, each with its place.
///
/// What an organisation's policy says about itself does not count for the policies that follow it.
#[must_use]
pub fn named(sources: &Sources) -> Vec<(&str, Place)> {
    let own = sources.files().iter().enumerate().filter(|(_, file)| file.is_own());
    own.flat_map(|(index, file)| in_file(file, FileId::nth(index))).collect()
}

fn in_file(file: &SourceFile, id: FileId) -> Vec<(&str, Place)> {
    let mut found = Vec::new();
    let mut start = 0_usize;
    for line in file.text.split_inclusive('\n') {
        if let Some(names) = line.strip_prefix(MARK) {
            let mut at = start.saturating_add(MARK.len());
            for part in names.split(',') {
                let name = part.trim();
                let begin = at.saturating_add(part.len().saturating_sub(part.trim_start().len()));
                found.push((name, Place::new(id, &(begin..begin.saturating_add(name.len())))));
                at = at.saturating_add(part.len()).saturating_add(1);
            }
        }
        start = start.saturating_add(line.len());
    }
    found
}
