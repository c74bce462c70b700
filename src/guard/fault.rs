//! Why an edit can't be judged.

use crate::route::note::RouteNote;

/// Why an edit can't be judged.
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
        /// Why.
        why: String,
    },
}
