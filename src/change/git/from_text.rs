//! Names of objects and refs from text that others wrote.

use super::{
    EvidenceError, ObjectId, RefName,
    id::{is_zeros, parse_full},
};

impl ObjectId {
    /// Reads an object name in full: 40 hexadecimal digits of either case, or zeros of any length for "no object".
    ///
    /// # Errors
    ///
    /// [`EvidenceError::UnknownRevision`] for all else: shortened names, and the 64 digits of SHA-256.
    ///
    /// ```
    /// use freezegate::change::git::ObjectId;
    ///
    /// let tree = ObjectId::from_hex("4b825dc642cb6eb9a060e54bf8d69288fbee4904")?;
    /// assert!(!tree.is_zero());
    /// assert!(ObjectId::from_hex(&"0".repeat(64))?.is_zero());
    /// assert!(ObjectId::from_hex("4b825dc").is_err());
    /// # Ok::<(), freezegate::change::git::EvidenceError>(())
    /// ```
    pub fn from_hex(text: &str) -> Result<Self, EvidenceError> {
        if is_zeros(text) {
            return Ok(Self::from(git2::Oid::ZERO_SHA1));
        }
        parse_full(text).ok_or_else(|| EvidenceError::UnknownRevision { revision: text.to_owned(), near: None })
    }
}

impl RefName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::InvalidRefName`] if it neither begins with `refs/` nor is `HEAD` or `…_HEAD` in capitals, or git
    /// does not allow it.
    ///
    /// ```
    /// use freezegate::change::git::RefName;
    ///
    /// assert_eq!(RefName::new("refs/heads/main")?.as_bytes(), b"refs/heads/main");
    /// assert!(RefName::new(b"refs/heads/\xff").is_ok());
    /// assert!(RefName::new("main").is_err());
    /// assert!(RefName::new("refs/heads/a..b").is_err());
    /// # Ok::<(), freezegate::change::git::EvidenceError>(())
    /// ```
    pub fn new(name: impl AsRef<[u8]>) -> Result<Self, EvidenceError> {
        let name = name.as_ref();
        Self::checked(name).ok_or_else(|| EvidenceError::InvalidRefName { name: name.to_vec() })
    }
}
