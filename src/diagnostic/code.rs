//! The stable names of everything that can be wrong with a policy or a question.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The stable name of a diagnostic.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name, such as `unknown-key`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    /// A file that can't be read, or is not text.
    UnreadableFile = "unreadable-file",
    /// Text that is not TOML.
    Syntax = "syntax",
    /// No policy file was found.
    NoPolicy = "no-policy",
    /// A policy without any environment.
    EmptyPolicy = "empty-policy",
    /// A version that this program doesn't know, or none.
    WrongVersion = "wrong-version",
    /// A policy that needs a newer version of this program.
    TooOld = "too-old",
    /// A key that the policy language doesn't have.
    UnknownKey = "unknown-key",
    /// A key that must be there.
    MissingKey = "missing-key",
    /// A value of the wrong type.
    WrongType = "wrong-type",
    /// A value that is not one of those possible.
    BadValue = "bad-value",
    /// A reference to nothing.
    UnknownName = "unknown-name",
    /// A zone that the time zone database doesn't have, or that is an abbreviation or offset.
    UnknownZone = "unknown-zone",
    /// A name that is defined twice.
    DuplicateName = "duplicate-name",
    /// A name that can't be one.
    BadName = "bad-name",
    /// Hours that can't be read.
    BadHours = "bad-hours",
    /// A moment that can't be read.
    InvalidTime = "invalid-time",
    /// A duration that can't be read, or is out of bounds.
    BadDuration = "bad-duration",
    /// A pattern of a path or ref that can't be read.
    BadPattern = "bad-pattern",
    /// A policy with more environments, regions or names than can be decided about.
    TooLarge = "too-large",
    /// A set that could only be empty.
    EmptySet = "empty-set",
    /// Contradicting settings.
    Contradiction = "contradiction",
    /// An include that points outside, or to nothing.
    BadInclude = "bad-include",
    /// A roster that can't be read.
    BadRoster = "bad-roster",
    /// A grant that can't be read, or a signature that can't be made.
    BadGrant = "bad-grant",
    /// Something in a fragment that is not a freeze.
    NotInFragment = "not-in-fragment",
    /// A question that can't be answered as it was put.
    InvalidUsage = "invalid-usage",
    /// Evidence that was asked for and is not to be had.
    NoEvidence = "no-evidence",
    /// A record that can't be read or written.
    NoRecord = "no-record",
    /// A record whose entries are not all as they were written.
    BrokenRecord = "broken-record",
    /// An instant beyond the range of dates.
    InvalidTimestamp = "invalid-timestamp",
    /// Windows that another program, or a policy, can't have exactly.
    Inexact = "inexact",
    /// Output that could not be written.
    Unwritable = "unwritable",
    /// The program met something that it does not expect of itself.
    Internal = "internal",
    /// An environment that never opens.
    NeverOpen = "never-open",
    /// An environment that opens for fewer hours than wanted.
    RarelyOpen = "rarely-open",
    /// A window that never occurs.
    NeverOccurs = "never-occurs",
    /// A freeze that is over.
    PastFreeze = "past-freeze",
    /// A roll-out that is over.
    PastRollout = "past-rollout",
    /// A freeze of more than 60 days.
    LongFreeze = "long-freeze",
    /// A calendar that ends soon, or has ended.
    CalendarExpires = "calendar-expires",
    /// A holiday on a day without core hours.
    IdleHoliday = "idle-holiday",
    /// A zone name that is outdated.
    DeprecatedZone = "deprecated-zone",
    /// A region with holidays whose zones lie in several countries.
    MixedCountryHolidays = "mixed-country-holidays",
    /// A target whose paths match no tracked file.
    UnmatchedTarget = "unmatched-target",
    /// A tracked file beside captured folders that no target matches.
    UncoveredPath = "uncovered-path",
    /// Something that nothing refers to.
    Unused = "unused",
    /// A level that nothing can lift.
    NotLiftable = "not-liftable",
    /// A time zone database that is old, or older than the system's.
    OldZoneRules = "old-zone-rules",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
