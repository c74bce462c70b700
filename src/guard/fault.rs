//! Why an edit can't be judged.

use crate::route::note::RouteNote;

/// The reason why an edit can't be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuardFault {
    /// Something that may route is not understood.
    NotUnderstood(RouteNote),
    /// Routes are added at the host of an object that is not understood.
    BesideUnread {
        /// The object.
        unread: RouteNote,
        /// A file with such a route.
        file: String,
        /// The host.
        host: String,
    },
    /// The tables can't be compared within bounds.
    NotComputed {
        /// The table.
        table: String,
        /// The reason.
        why: String,
    },
}

impl GuardFault {
    /// Returns what is wrong, for people, not escaped.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::NotUnderstood(note) => {
                format!("{} may route requests and is not understood: {}", note.place(), note.why)
            }
            Self::BesideUnread { unread, file, host } => {
                let (object, why) = (unread.place(), &unread.why);
                format!("{object} is not understood ({why}), and `{file}` adds routes at its host `{host}`")
            }
            Self::NotComputed { table, why } => format!("the routes of {table} can't be compared: {why}"),
        }
    }

    /// Returns how to fix it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NotUnderstood(_) => {
                "write it in a way that `freezegate routes` reads, or leave the file out by `except` of `[routes]`"
            }
            Self::BesideUnread { .. } => "fix that object first, or leave its file out by `except` of `[routes]`",
            Self::NotComputed { .. } => "split the change, or make the regular expressions simpler",
        }
    }
}
