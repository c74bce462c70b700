//! Guarded files, and which of them have routes in one table.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use crate::guard::fault::GuardFault;
use crate::guard::guarded::{GroupKey, GuardedRoutes, Seat};
use crate::route::manifest::{RouteManifest, manifests_of_all, may_route};
use crate::route::note::RouteNote;

/// A file of guarded manifests.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GuardedFile {
    /// The path from the root of the repository.
    pub path: String,
    /// The content.
    pub content: Vec<u8>,
}

/// The guarded files of two trees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardedEdit {
    /// Files that both have.
    pub kept: Vec<GuardedFile>,
    /// Files that only the tree before has, or has with another content.
    pub removed: Vec<GuardedFile>,
    /// Files that only the tree after has, or has with another content.
    pub added: Vec<GuardedFile>,
}

/// Manifests whose routes may meet.
#[derive(Debug, Default)]
pub(super) struct ManifestGroup {
    pub(super) kept: Vec<RouteManifest>,
    pub(super) removed: Vec<RouteManifest>,
    pub(super) added: Vec<RouteManifest>,
}

impl ManifestGroup {
    pub(super) fn is_changed(&self) -> bool {
        !self.removed.is_empty() || !self.added.is_empty()
    }

    /// The namespaces of its manifests.
    pub(super) fn namespaces(&self) -> BTreeSet<String> {
        let all = self.kept.iter().chain(&self.removed).chain(&self.added);
        all.map(|manifest| manifest.namespace.clone()).collect()
    }
}

/// In which tree a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TreeOfFile {
    Both,
    Before,
    After,
}

/// A file that may have routes.
struct LookedFile<'e> {
    file: &'e GuardedFile,
    tree: TreeOfFile,
    /// The reason why it may hold other manifests than its text shows.
    hidden: Option<&'static str>,
    seat: Result<Seat, String>,
}

/// Reads the objects of an edit, by what separates tables.
pub(super) fn groups(
    guarded: &GuardedRoutes<'_>,
    edit: &GuardedEdit,
    standing: &mut Vec<RouteNote>,
    faults: &mut Vec<GuardFault>,
) -> BTreeMap<GroupKey, ManifestGroup> {
    let mut groups: BTreeMap<GroupKey, ManifestGroup> = BTreeMap::new();
    let trees = [(&edit.kept, TreeOfFile::Both), (&edit.removed, TreeOfFile::Before), (&edit.added, TreeOfFile::After)];
    let all = trees.into_iter().flat_map(|(files, tree)| files.iter().map(move |file| (file, tree)));
    let looked = all.map(|(file, tree)| (file, tree, hidden(&file.content)));
    let may_matter = looked.filter(|(file, _, hidden)| hidden.is_some() || may_route(&file.content));
    let files: Vec<LookedFile<'_>> = may_matter
        .map(|(file, tree, hidden)| LookedFile { file, tree, hidden, seat: guarded.seat(&file.path) })
        .collect();
    let seated = files.iter().filter(|one| one.seat.is_ok()).map(|one| one.file);
    let texts: Vec<(&str, &[u8])> = seated.map(|file| (file.path.as_str(), file.content.as_slice())).collect();
    let mut read = manifests_of_all(&texts).into_iter();
    for LookedFile { file, tree, hidden, seat } in files {
        let mut notes = Vec::new();
        if let Some(why) = hidden {
            notes.push(RouteNote { file: file.path.clone(), object: String::new(), why: why.to_owned() });
        }
        match seat {
            Ok(seat) => {
                let (found, of_file) = read.next().unwrap_or_else(|| {
                    let why = "it was not read".to_owned();
                    (Vec::new(), vec![RouteNote { file: file.path.clone(), object: String::new(), why }])
                });
                notes.extend(of_file);
                let group = groups.entry(seat.key).or_default();
                match tree {
                    TreeOfFile::Both => group.kept.extend(found),
                    TreeOfFile::Before => group.removed.extend(found),
                    TreeOfFile::After => group.added.extend(found),
                }
            }
            Err(why) => notes.push(RouteNote { file: file.path.clone(), object: String::new(), why }),
        }
        match tree {
            TreeOfFile::Both => standing.extend(notes),
            TreeOfFile::Before => {}
            TreeOfFile::After => faults.extend(notes.into_iter().map(GuardFault::NotUnderstood)),
        }
    }
    groups
}

/// Returns why a file may hold other manifests than its text shows, if it may.
pub(super) fn hidden(content: &[u8]) -> Option<&'static str> {
    let has = |text: &str| memmem::find(content, text.as_bytes()).is_some();
    if is_lfs_pointer(content) {
        return Some("it is a pointer of Git LFS");
    }
    // kubectl reads what such a tag encodes, which may be a kind or a host; `%` spells letters of a tag, and names other ones
    let is_tag = |word: &[u8]| word.starts_with(b"!") && word.contains(&b'%');
    let mut words = content.split(|byte| byte.is_ascii_whitespace() || b"[]{},".contains(byte));
    let mut has_tag = || memchr::memchr(b'%', content).is_some() && words.any(is_tag);
    if has("!!binary") || has("yaml.org,2002:") || content.starts_with(b"%TAG") || has("\n%TAG") || has_tag() {
        return Some("it has a YAML tag that encodes text");
    }
    // kubectl ends lines there, others do not
    if ["\u{85}", "\u{2028}", "\u{2029}"].into_iter().any(has) {
        return Some("it has line ends that some YAML parsers do not recognise");
    }
    // readers that split a file by such lines take what follows for a document of its own
    let is_text = |line: &[u8]| {
        let rest = line.get(3..).unwrap_or_default().trim_ascii_start();
        rest.first().is_some_and(|first| matches!(first, b'|' | b'>' | b'"' | b'\''))
    };
    if content.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"---") && is_text(line)) {
        return Some("a document of it is a text, which some readers take for a manifest");
    }
    let mut marks = content.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"---"));
    if marks.any(|line| is_mark_of_kubectl_alone(&String::from_utf8_lossy(line))) {
        return Some("kubectl ends a document at a line that begins with `---` and that is no mark of YAML");
    }
    // kubectl lets a merge replace what stands before it, others do not
    has_merge(content).then_some("it merges mappings with `<<`, which YAML parsers handle differently")
}

/// Returns whether a document ends at a line for kubectl and not for YAML: it takes any white space of Unicode, and a comment, behind `---`
/// (`YAMLReader.Read` in apimachinery's `pkg/util/yaml/decoder.go`). YAML knows blanks and tabs, and a comment after one of these.
pub(super) fn is_mark_of_kubectl_alone(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("---") else {
        return false;
    };
    let behind = rest.trim_start_matches([' ', '\t']);
    let is_mark = behind.trim_end_matches('\r').is_empty() || (behind.len() < rest.len() && behind.starts_with('#'));
    let text = rest.trim();
    !is_mark && (text.is_empty() || text.starts_with('#'))
}

/// Returns whether Git LFS would check out another file in place of this one: one that names a version of its format, first of all (`DecodePointer`
/// in its `lfs/pointer.go`, whose former names begin with `https://hawser.github.com/` and `http://git-media.io/`).
fn is_lfs_pointer(content: &[u8]) -> bool {
    let text = content.trim_ascii_start();
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text).trim_ascii_start();
    text.strip_prefix(b"version ").is_some_and(|rest| {
        let version = rest.trim_ascii_start();
        version.starts_with(b"http://") || version.starts_with(b"https://")
    })
}

/// Returns whether a key is `<<`, quoted or not.
fn has_merge(content: &[u8]) -> bool {
    let mut rest = content;
    while let Some(at) = memmem::find(rest, b"<<") {
        rest = rest.get(at + 2..).unwrap_or_default();
        let behind = rest.iter().find(|byte| !matches!(byte, b'"' | b'\'' | b' ' | b'\t'));
        if behind == Some(&b':') {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{hidden, is_mark_of_kubectl_alone};

    #[test]
    fn what_ends_a_document_for_kubectl_alone_is_known() {
        for line in [
            "---#",
            "---#a: |",
            "---\u{a0}",
            "--- \u{a0}",
            "---\u{2003}#x",
            "---\u{3000}\r",
            "---\t\u{1680}",
            "---\u{b}",
            "---\u{c}#",
        ] {
            assert!(is_mark_of_kubectl_alone(line), "{line:?}");
        }
        for line in [
            "---",
            "--- ",
            "---\t",
            "---\r",
            "--- #",
            "---\t # x",
            "--- a",
            "---a",
            "----",
            " ---#",
            "--",
            "# ---#",
            "---\u{200b}",
        ] {
            assert!(!is_mark_of_kubectl_alone(line), "{line:?}");
        }
        assert!(hidden(b"a: 1\n---#b: |\n x\n").is_some_and(|why| why.contains("`---`")));
        assert_eq!(hidden(b"a: 1\n--- #b\nc: 1\n"), None);
    }

    /// The former names of the format, and what Git LFS drops before it looks (`lfs/pointer.go`: `v1Aliases`, `DecodePointer`).
    #[test]
    fn pointers_of_git_lfs_are_known_by_each_of_their_names() {
        for text in [
            "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n",
            "version https://hawser.github.com/spec/v1\noid sha256:1\nsize 1\n",
            "version http://git-media.io/v/2\noid sha256:1\nsize 1\n",
            "\n \tversion https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n",
            "version   https://git-lfs.github.com/spec/v1\n",
        ] {
            assert!(hidden(text.as_bytes()).is_some_and(|why| why.contains("LFS")), "{text}");
        }
        for text in ["version: 1\nkind: Ingress\n", "apiVersion: v1\n", "version 1\n"] {
            assert!(hidden(text.as_bytes()).is_none(), "{text}");
        }
    }
}
