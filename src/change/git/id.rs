//! Object names.

use std::fmt;

use sha1::{Digest as _, Sha1};

use crate::hex::short_id;

/// The number of bytes that a tree spends on an object name.
pub(super) const ID_BYTES: usize = 20;

/// The name of any object: 20 bytes of SHA-1, written as 40 hexadecimal digits.
///
/// git writes 40 zeros where there is no object: the old tip of a new branch, the new tip of a deleted one
/// (githooks(5), `pre-receive`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(git2::Oid);

impl ObjectId {
    /// The 20 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Returns whether this is "no object".
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Reads an object name from the 20 bytes that trees hold.
    pub(super) fn from_raw(bytes: &[u8]) -> Option<Self> {
        match git2::Oid::from_bytes(bytes) {
            Ok(oid) => Some(Self(oid)),
            Err(_) => None,
        }
    }

    /// The name of an object of this content: SHA-1 over its kind, its size in bytes and itself (gitformat-loose(5)).
    pub(super) fn of(kind: ObjectKind, content: &[u8]) -> Option<Self> {
        let head = format!("{kind} {}\0", content.len());
        Self::from_raw(&Sha1::new().chain_update(head).chain_update(content).finalize())
    }

    pub(super) fn oid(self) -> git2::Oid {
        self.0
    }
}

impl From<git2::Oid> for ObjectId {
    fn from(oid: git2::Oid) -> Self {
        Self(oid)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns whether the text is made of zeros alone, which stands for "no object" at any length.
pub(super) fn is_zeros(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'0')
}

/// An object name of exactly 40 digits.
pub(super) fn parse_full(text: &str) -> Option<ObjectId> {
    if text.len() != 40 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    match git2::Oid::from_str(text) {
        Ok(oid) => Some(ObjectId(oid)),
        Err(_) => None,
    }
}

/// An object name of exactly 40 digits, as objects and reflogs write it.
pub(super) fn parse_full_bytes(text: &[u8]) -> Option<ObjectId> {
    match std::str::from_utf8(text) {
        Ok(text) => parse_full(text),
        Err(_) => None,
    }
}

macro_rules! checked_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(ObjectId);

        impl $name {
            pub(super) fn checked(id: ObjectId) -> Self {
                Self(id)
            }

            /// The name, as that of any object.
            #[must_use]
            pub fn object(self) -> ObjectId {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

checked_id! {
    /// The name of a commit. Only a [`Repository`](super::Repository) makes one: from a commit that it has read, or as a
    /// parent that such a commit names, which the repository may lack.
    CommitId
}

impl CommitId {
    /// Returns the first seven digits, for people.
    #[must_use]
    pub fn short(self) -> String {
        short_id(&self.to_string()).to_owned()
    }
}

checked_id! {
    /// The name of a tree. Only a [`Repository`](super::Repository) makes one, from a commit that it has read.
    TreeId
}

/// The four sorts of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// A folder.
    Tree,
    /// The content of a file, or the target of a symbolic link.
    Blob,
    /// An annotated tag.
    Tag,
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        })
    }
}
