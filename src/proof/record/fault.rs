//! What can be wrong with a chain, and where.

use std::fmt;

/// The most faults of a record that are listed.
pub const MOST_FAULTS: usize = 1000;

/// Something that is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place: `line 3`, `commit 8c1d0e2`, or `the record` as a whole.
    pub place: String,
    /// What.
    pub kind: FaultKind,
}

/// A fault of an entry of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// It is none: no JSON, not all members, members that an entry does not have, or a form that this program does not know.
    Unreadable {
        /// The message of the reader.
        cause: String,
    },
    /// It says something else than when it was written: its hash, or that by which the next entry knows it, is of other text.
    Edited {
        /// Its number.
        sequence: u64,
    },
    /// It does not follow the entry before it, but one elsewhere.
    Reordered {
        /// Its number.
        sequence: u64,
    },
    /// Entries between the one before and this one are missing; of the first, those before it.
    Dropped {
        /// The number of the first that is missing.
        from: u64,
        /// The number of the last that is missing.
        until: u64,
    },
    /// Another entry follows the same one.
    Forked {
        /// Its number.
        sequence: u64,
        /// The place where the other is.
        other: String,
    },
    /// The same entry stands there twice.
    Repeated {
        /// Its number.
        sequence: u64,
        /// The place where it is for the first time.
        first: String,
    },
    /// It follows the entry before it and does not count on from its number.
    Misnumbered {
        /// The number it has.
        sequence: u64,
        /// The number it should have.
        expected: u64,
    },
    /// It is a checkpoint, and the entries before it come to something else than it says.
    Misfolded {
        /// Its number.
        sequence: u64,
    },
    /// The file beside the record knows of entries that are not in it: its end was cut off, or it was begun anew.
    Behind {
        /// The number of the last entry that the file knows of.
        sequence: u64,
        /// The file.
        sidecar: String,
    },
    /// It is cut off: its writer was stopped before it was all there, so that nobody was informed.
    Torn,
    /// The entry that was to be in it is not: the end was cut off, or all from some entry on was written anew.
    Cut {
        /// The hash or commit that was expected.
        expected: String,
    },
}

impl FaultKind {
    /// The name, for machines.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::Edited { .. } => "edited",
            Self::Reordered { .. } => "reordered",
            Self::Dropped { .. } => "dropped",
            Self::Forked { .. } => "forked",
            Self::Repeated { .. } => "repeated",
            Self::Misnumbered { .. } => "misnumbered",
            Self::Misfolded { .. } => "misfolded",
            Self::Behind { .. } => "behind",
            Self::Torn => "torn",
            Self::Cut { .. } => "cut",
        }
    }

    /// Returns what is wrong, without the name.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Unreadable { cause } => format!("this is not an entry of a record: {cause}"),
            Self::Edited { sequence } => {
                format!("entry {sequence} was changed after it was written")
            }
            Self::Reordered { sequence } => {
                format!("entry {sequence} does not follow the entry before it, but one elsewhere")
            }
            Self::Dropped { from, until } if from == until => format!("entry {from} is missing before it"),
            Self::Dropped { from, until } => format!("entries {from} to {until} are missing before it"),
            Self::Forked { sequence, other } => {
                format!("entry {sequence} follows the same entry as {other} does")
            }
            Self::Repeated { sequence, first } => format!("entry {sequence} is already at {first}"),
            Self::Misnumbered { sequence, expected } => {
                format!("the entry has the number {sequence}, and should have {expected}")
            }
            Self::Misfolded { sequence } => {
                format!("the entries before entry {sequence} do not come to the state that it names")
            }
            Self::Behind { sequence, sidecar } => format!(
                "`{sidecar}` knows entry {sequence}, which is not in it: its end was cut off, or it was begun anew; if that was on purpose, delete `{sidecar}`"
            ),
            Self::Torn => "the last entry is incomplete; its decision was not printed".to_owned(),
            Self::Cut { expected } => {
                format!("entry `{expected}`, which was seen before, is missing: the record was truncated or rewritten")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind.cause())
    }
}
