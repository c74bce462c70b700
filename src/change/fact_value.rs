//! What is known of a thing that a command, a plan or a manifest acts on.

/// The known facts about one thing that a change acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactValue {
    /// Any of these, each of which is judged; none if there is no such thing.
    AnyOf(Vec<Vec<u8>>),
    /// It can't be determined; why, for people, such as "`/srv/config` can't be read".
    NotUnderstood(String),
}
