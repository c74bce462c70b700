//! Where the files of a policy are read from.

use memchr::memchr;

use crate::policy::organisation::DefinitionsOf;

/// The most bytes that a policy file may have: 8 MiB, a hundred times what the largest companies need.
pub const MAX_BYTES: usize = 8 << 20;

/// The most files that a policy may be made of.
pub const MAX_FILES: usize = 256;

/// The reason why a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFault {
    /// The problem, for people.
    pub cause: String,
    /// The fix.
    pub help: String,
}

/// The place where policy files are read from: a work tree, a commit, a test.
pub trait PolicyFiles {
    /// The bytes of the file at `path`, `/` between folders.
    ///
    /// # Errors
    ///
    /// The file is missing, no regular file, unreadable, or larger than [`MAX_BYTES`].
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault>;
}

/// A text of freezes from anywhere, as `--extra-freezes` gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// By what people know it, such as its path.
    pub name: String,
    /// The TOML text.
    pub bytes: Vec<u8>,
}

/// An organisation's policy, beneath which that of a repository is read.
#[derive(Clone, Copy)]
pub struct OrganisationFiles<'f> {
    /// The place where its files are read from.
    pub files: &'f dyn PolicyFiles,
    /// The path of its first file.
    pub entry: &'f str,
    /// The definition that counts if both have one of the same name.
    pub definitions: DefinitionsOf,
}

/// Bytes as the text of a policy file.
pub(crate) fn into_text(bytes: Vec<u8>) -> Result<String, ReadFault> {
    let fault = |cause: &str, help: &str| Err(ReadFault { cause: cause.to_owned(), help: help.to_owned() });
    if bytes.len() > MAX_BYTES {
        return fault("is larger than 8 MiB", "split it into files with `include`, or check whether it is a policy");
    }
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return fault("begins with a byte order mark", "save it as UTF-8 without one");
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return fault("is UTF-16", "save it as UTF-8");
    }
    if memchr(0, &bytes).is_some() {
        return fault("is binary", "name a TOML file");
    }
    match String::from_utf8(bytes) {
        // one policy must have one digest, whatever machine checks it out
        Ok(text) if memchr(b'\r', text.as_bytes()).is_some() => fault(
            "has carriage returns",
            "save it with LF line ends; `*.toml text eol=lf` in .gitattributes keeps them",
        ),
        Ok(text) => Ok(text),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count();
            fault(&format!("is not UTF-8 on line {line}"), "save it as UTF-8")
        }
    }
}
