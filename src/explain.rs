//! What each code means and what to do: of findings, of what can be wrong with a policy or a question, and of lint; and what going
//! back takes.
//!
//! Every text is a constant beside those of its like; the matches here are exhaustive, so that no code is without one.

use crate::decision::FindingCode;
use crate::diagnostic::Code;

mod explanation;
mod finding;
mod lint;
mod policy;
mod question;
mod rollback;

pub use explanation::{Example, Explanation};

/// A code that can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// That of a finding.
    Finding(FindingCode),
    /// That of a diagnostic.
    Diagnostic(Code),
    /// The requirements of a rollback.
    Rollback,
}

impl Topic {
    /// Every topic: findings first, and how to go back.
    pub fn all() -> impl Iterator<Item = Self> {
        let diagnostics = Code::ALL.iter().copied().map(Self::Diagnostic);
        FindingCode::ALL.into_iter().map(Self::Finding).chain([Self::Rollback]).chain(diagnostics)
    }

    /// The topic of the code of this name, such as `core-hours`.
    ///
    /// ```
    /// use freezegate::decision::FindingCode;
    /// use freezegate::explain::Topic;
    ///
    /// assert_eq!(Topic::named("core-hours"), Some(Topic::Finding(FindingCode::CoreHours)));
    /// assert_eq!(Topic::named("core hours"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|topic| topic.as_str() == name)
    }

    /// The name of its code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finding(code) => code.as_str(),
            Self::Diagnostic(code) => code.as_str(),
            Self::Rollback => "rollback",
        }
    }

    /// Returns what it means.
    #[must_use]
    pub const fn explanation(self) -> &'static Explanation {
        match self {
            Self::Finding(code) => of_finding(code),
            Self::Diagnostic(code) => of_diagnostic(code),
            Self::Rollback => &rollback::ROLLBACK,
        }
    }
}

const fn of_finding(code: FindingCode) -> &'static Explanation {
    match code {
        FindingCode::TargetMismatch => &finding::TARGET_MISMATCH,
        FindingCode::UnknownTarget => &finding::UNKNOWN_TARGET,
        FindingCode::ClockBehind => &finding::CLOCK,
        FindingCode::PolicyChange => &finding::POLICY_CHANGE,
        FindingCode::RouteHijack => &finding::ROUTE_HIJACK,
        FindingCode::RouteOverlap => &finding::ROUTE_OVERLAP,
        FindingCode::RouteTakeover => &finding::ROUTE_TAKEOVER,
        FindingCode::RouteDead => &finding::ROUTE_DEAD,
        FindingCode::Freeze => &finding::FREEZE,
        FindingCode::CoreHours => &finding::CORE_HOURS,
        FindingCode::OutsideChangeWindow => &finding::OUTSIDE_CHANGE_WINDOW,
        FindingCode::WindowTooShort => &finding::NO_RUNWAY,
        FindingCode::StaleCalendar => &finding::STALE_CALENDAR,
    }
}

const fn of_diagnostic(code: Code) -> &'static Explanation {
    match code {
        Code::UnreadableFile => &question::UNREADABLE_FILE,
        Code::Syntax => &policy::SYNTAX,
        Code::NoPolicy => &question::NO_POLICY,
        Code::EmptyPolicy => &policy::EMPTY_POLICY,
        Code::WrongVersion => &policy::WRONG_VERSION,
        Code::TooOld => &policy::TOO_OLD,
        Code::UnknownKey => &policy::UNKNOWN_KEY,
        Code::MissingKey => &policy::MISSING_KEY,
        Code::WrongType => &policy::WRONG_TYPE,
        Code::BadValue => &policy::BAD_VALUE,
        Code::UnknownName => &policy::UNKNOWN_NAME,
        Code::UnknownZone => &policy::UNKNOWN_ZONE,
        Code::DuplicateName => &policy::DUPLICATE_NAME,
        Code::BadName => &policy::BAD_NAME,
        Code::BadHours => &policy::BAD_HOURS,
        Code::InvalidTime => &policy::BAD_MOMENT,
        Code::BadDuration => &policy::BAD_DURATION,
        Code::BadPattern => &policy::BAD_PATTERN,
        Code::TooLarge => &policy::TOO_LARGE,
        Code::EmptySet => &policy::EMPTY_SET,
        Code::Contradiction => &policy::CONTRADICTION,
        Code::BadInclude => &policy::BAD_INCLUDE,
        Code::BadRoster => &policy::BAD_ROSTER,
        Code::BadGrant => &question::BAD_GRANT,
        Code::NotInFragment => &question::NOT_IN_FRAGMENT,
        Code::InvalidUsage => &question::BAD_QUESTION,
        Code::NoEvidence => &question::NO_EVIDENCE,
        Code::NoRecord => &question::NO_RECORD,
        Code::BrokenRecord => &question::BROKEN_RECORD,
        Code::InvalidTimestamp => &question::BAD_INSTANT,
        Code::Inexact => &question::INEXACT,
        Code::Unwritable => &question::UNWRITABLE,
        Code::Internal => &question::INTERNAL,
        Code::NeverOpen => &lint::NEVER_OPEN,
        Code::RarelyOpen => &lint::RARELY_OPEN,
        Code::NeverOccurs => &lint::NEVER_OCCURS,
        Code::PastFreeze => &lint::PAST_FREEZE,
        Code::PastRollout => &lint::PAST_ROLLOUT,
        Code::LongFreeze => &lint::LONG_FREEZE,
        Code::CalendarExpires => &lint::CALENDAR_EXPIRES,
        Code::IdleHoliday => &lint::IDLE_HOLIDAY,
        Code::DeprecatedZone => &lint::DEPRECATED_ZONE,
        Code::MixedCountryHolidays => &lint::SEVERAL_COUNTRIES,
        Code::UnmatchedTarget => &lint::UNMATCHED_TARGET,
        Code::UncoveredPath => &lint::UNCOVERED_PATH,
        Code::Unused => &lint::UNUSED,
        Code::NotLiftable => &lint::NO_LIFT,
        Code::OldZoneRules => &lint::OLD_ZONE_RULES,
    }
}
