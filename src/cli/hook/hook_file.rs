//! Files that git may run as a hook, whoever put them there.

use std::fs;
use std::io;
use std::path::Path;

use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::system_words;
use crate::shell::word_of_bytes;

/// Returns what stands at a path: none if nothing does. What is not text is somebody's too.
pub(super) fn script(path: &Path) -> Result<Option<String>, Faults> {
    match fs::symlink_metadata(path) {
        // `/dev/null` as a place for hooks is a way to have none
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(path, &error)),
        // what a link leads to is somebody else's
        Ok(metadata) if !metadata.is_file() => return Ok(Some(String::new())),
        Ok(_) => {}
    }
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Returns whether two paths name one place, there or not.
pub(super) fn same_place(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| match (path.parent().map(Path::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        (Some(Err(_)) | None, _) | (_, None) => path.to_path_buf(),
    };
    real(one) == real(other)
}

/// A path as one word of a command.
pub(super) fn path_word(path: &Path) -> std::borrow::Cow<'_, str> {
    word_of_bytes(path.as_os_str().as_encoded_bytes())
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Faults {
    Faults::one(
        Diagnostic::error(Code::UnreadableFile, format!("`{}` can't be read: {}", path.display(), system_words(error)))
            .help("make sure that you may read it"),
    )
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Faults {
    Faults::one(
        Diagnostic::error(Code::Unwritable, format!("`{}` can't be written: {}", path.display(), system_words(error)))
            .help("make sure that you may write there"),
    )
}
