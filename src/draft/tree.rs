//! The folders and files of a survey, by the folder that holds them.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::survey::Survey;
use crate::pattern::{Pattern, PatternSubject};

/// The contents of a folder.
#[derive(Debug, Default)]
pub(super) struct FolderContents<'s> {
    pub(super) folders: BTreeSet<&'s str>,
    pub(super) files: BTreeSet<&'s str>,
}

/// Folders by path, the root as the empty path.
pub(super) type FolderTree<'s> = BTreeMap<&'s str, FolderContents<'s>>;

pub(super) fn tree(survey: &Survey) -> FolderTree<'_> {
    let mut tree: FolderTree<'_> = BTreeMap::new();
    for folder in &survey.folders {
        let (parent, name) = split(folder);
        tree.entry(parent).or_default().folders.insert(name);
    }
    for file in &survey.files {
        let (parent, name) = split(file);
        tree.entry(parent).or_default().files.insert(name);
    }
    tree
}

/// The folder that holds `path`, and the name of `path` in it.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// `name` in the folder `parent`.
pub(super) fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") }
}

/// The path as fixed text of a pattern; `*` for each segment that a pattern can't say.
pub(super) fn literal(path: &str) -> String {
    let segment = |segment: &str| if is_plain(segment) { segment.to_owned() } else { "*".to_owned() };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// Returns whether a pattern takes the text for itself and nothing else.
pub(super) fn is_plain(text: &str) -> bool {
    // in place of bytes that are not UTF-8, the survey has U+FFFD
    !text.contains(['*', '{', '/', char::REPLACEMENT_CHARACTER]) && Pattern::parse(text, PatternSubject::Path).is_ok()
}
