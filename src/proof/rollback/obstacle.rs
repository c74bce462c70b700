//! Why states can't be compared.

/// The reason why two states can't be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// Something can't be read, for people.
    Unreadable(String),
    /// There is more to compare than is looked at.
    TooMuch {
        /// The things of which there are too many, such as `paths`.
        what: &'static str,
        /// The most that is looked at.
        limit: u64,
    },
}
