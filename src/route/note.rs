//! What may route requests and was not understood.

/// Something that may route requests and was not understood.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct RouteNote {
    /// The file.
    pub file: String,
    /// The object in it, if it was read that far.
    pub object: String,
    /// The reason.
    pub why: String,
}

impl RouteNote {
    /// The object and the file, for people, not escaped.
    #[must_use]
    pub fn place(&self) -> String {
        if self.object.is_empty() { self.file.clone() } else { format!("{} in {}", self.object, self.file) }
    }
}
