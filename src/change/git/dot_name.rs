//! Names of files that git and its tools read from a work tree, in every spelling that a file system takes for them.

/// A file that says how others are checked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DotName {
    /// `.git`: git checks out nothing of that name.
    Git,
    /// `.gitattributes` (gitattributes(5)).
    Attributes,
    /// `.gitmodules` (gitmodules(5)).
    Modules,
    /// `.lfsconfig` (git-lfs-config(5)).
    LfsConfig,
}

/// Characters that HFS+ leaves out of names (`next_hfs_char` in git's `utf8.c`).
const IGNORED_BY_HFS: [std::ops::RangeInclusive<char>; 4] =
    ['\u{200c}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{206a}'..='\u{206f}', '\u{feff}'..='\u{feff}'];

/// The names that a tree may hold; the stricter rule is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NameRule {
    /// All that a path can have: what is there already has to be readable, or nobody could remove it.
    AsTheyAre,
    /// Those that git checks out.
    CheckedOut,
}

impl DotName {
    /// Returns what a name is taken for: as it is, in other case, and as HFS+ and NTFS store names, their short forms
    /// (`GIT~1`) included. The rules are those of git's `fsck_tree`.
    ///
    /// ```
    /// use freezegate::change::git::DotName;
    ///
    /// assert_eq!(DotName::of(b".gitattributes"), Some(DotName::Attributes));
    /// assert_eq!(DotName::of(b".GitModules"), Some(DotName::Modules));
    /// assert_eq!(DotName::of("GIT~1".as_bytes()), Some(DotName::Git));
    /// assert_eq!(DotName::of(b".github"), None);
    /// ```
    #[must_use]
    pub fn of(name: &[u8]) -> Option<Self> {
        // nearly every name ends here
        let suspicious = matches!(name.first(), Some(b'.' | b'g' | b'G' | b'l' | b'L' | 0xe2 | 0xef));
        if !suspicious && !name.contains(&b'\\') {
            return None;
        }
        // NTFS divides at a backslash too
        let behind_backslash = || {
            let places = name.iter().enumerate().filter(|(_, byte)| **byte == b'\\');
            places.filter_map(|(place, _)| name.get(place + 1..))
        };
        if is_dot_name(name, b"git") || is_ntfs_git(name) || behind_backslash().any(is_ntfs_git) {
            return Some(Self::Git);
        }
        let modules = |name: &[u8]| is_ntfs_name(name, b"gitmodules", b"gi7eba");
        if is_dot_name(name, b"gitmodules") || modules(name) || behind_backslash().any(modules) {
            return Some(Self::Modules);
        }
        if is_dot_name(name, b"gitattributes") || is_ntfs_name(name, b"gitattributes", b"gi7d29") {
            return Some(Self::Attributes);
        }
        (is_dot_name(name, b"lfsconfig") || is_ntfs_name(name, b"lfsconfig", b"")).then_some(Self::LfsConfig)
    }
}

/// Returns whether HFS+ takes a name for a dot and `rest`. git takes what is not UTF-8 for the end of a name.
fn is_dot_name(name: &[u8], rest: &[u8]) -> bool {
    let valid = name.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let ignored = |character: &char| IGNORED_BY_HFS.iter().any(|range| range.contains(character));
    let mut characters = valid.chars().filter(|character| !ignored(character)).map(|one| one.to_ascii_lowercase());
    let expected = std::iter::once('.').chain(rest.iter().copied().map(char::from));
    for wanted in expected {
        if characters.next() != Some(wanted) {
            return false;
        }
    }
    characters.next().is_none()
}

/// Returns whether NTFS takes a name for `.git` or its short form (`is_ntfs_dotgit` in git's `path.c`).
fn is_ntfs_git(name: &[u8]) -> bool {
    let behind = [&b".git"[..], b"git~1"].into_iter().find_map(|text| behind_prefix(name, text));
    behind.is_some_and(|rest| ends_for_ntfs(rest.split(|byte| *byte == b'\\').next().unwrap_or(rest)))
}

/// Returns whether NTFS takes a name for a dot and `long`, or one of its short forms; `short` is how the last of those begins
/// (`is_ntfs_dot_generic` in git's `path.c`).
fn is_ntfs_name(name: &[u8], long: &[u8], short: &[u8]) -> bool {
    if let Some(behind) = name.strip_prefix(b".").and_then(|rest| behind_prefix(rest, long)) {
        return ends_for_ntfs(behind);
    }
    let first_six = long.get(..6).unwrap_or(long);
    if let Some([b'~', b'1'..=b'4', behind @ ..]) = behind_prefix(name, first_six) {
        return ends_for_ntfs(behind);
    }
    let Some((eight, behind)) = name.split_at_checked(8).filter(|_| !short.is_empty()) else {
        return false;
    };
    let Some(tilde) = eight.iter().position(|byte| *byte == b'~') else {
        return false;
    };
    let (letters, digits) = eight.split_at(tilde);
    let letters_fit = short.get(..tilde).is_some_and(|start| start.eq_ignore_ascii_case(letters));
    let digits_fit = match digits {
        [_, b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    letters_fit && digits_fit && ends_for_ntfs(behind)
}

/// Returns what follows a text, compared without case.
fn behind_prefix<'n>(name: &'n [u8], text: &[u8]) -> Option<&'n [u8]> {
    let (start, rest) = name.split_at_checked(text.len())?;
    start.eq_ignore_ascii_case(text).then_some(rest)
}

/// Returns whether NTFS leaves out all of this at the end of a name: dots and blanks, and what a colon begins.
fn ends_for_ntfs(rest: &[u8]) -> bool {
    let first = rest.iter().find(|byte| !matches!(byte, b'.' | b' '));
    matches!(first, None | Some(b':'))
}
