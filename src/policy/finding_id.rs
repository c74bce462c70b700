//! The sorts of findings, and by what each finding is named.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// The sort of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingCode {
    /// The change says one thing and reaches another.
    TargetMismatch,
    /// It reaches something that no table names, or a service and a region that exclude each other, or it puts a link where
    /// a target looks that leads to where none does.
    UnknownTarget,
    /// The clock of the machine is behind the newest entry of the record.
    ClockBehind,
    /// It edits the policy, and that opens something.
    PolicyChange,
    /// Another environment would answer requests.
    RouteHijack,
    /// One of two backends would answer requests, and manifests do not say which.
    RouteOverlap,
    /// Another backend of the same environment would answer requests, or nobody.
    RouteTakeover,
    /// A route never answers.
    RouteDead,
    /// A freeze holds.
    Freeze,
    /// A region that it reaches is at work.
    CoreHours,
    /// The environment has change windows, and this is in none.
    OutsideChangeWindow,
    /// Open now, but the change and its settling run into the next window.
    WindowTooShort,
    /// A window depends on dates that its calendar doesn't know any more.
    StaleCalendar,
}

impl FindingCode {
    /// Every code.
    pub const ALL: [Self; 13] = [
        Self::TargetMismatch,
        Self::UnknownTarget,
        Self::ClockBehind,
        Self::PolicyChange,
        Self::RouteHijack,
        Self::RouteOverlap,
        Self::RouteTakeover,
        Self::RouteDead,
        Self::Freeze,
        Self::CoreHours,
        Self::OutsideChangeWindow,
        Self::WindowTooShort,
        Self::StaleCalendar,
    ];

    /// Returns what people call a window of this sort; `None` for what no window of the policy closes.
    #[must_use]
    pub const fn window_name(self) -> Option<&'static str> {
        match self {
            Self::CoreHours => Some("core hours"),
            Self::OutsideChangeWindow => Some("outside the change windows"),
            Self::Freeze => Some("freeze"),
            Self::TargetMismatch
            | Self::UnknownTarget
            | Self::ClockBehind
            | Self::PolicyChange
            | Self::RouteHijack
            | Self::RouteOverlap
            | Self::RouteTakeover
            | Self::RouteDead
            | Self::WindowTooShort
            | Self::StaleCalendar => None,
        }
    }

    /// The first word of the ids of its findings; `None` if its findings have the ids of the windows that they name.
    const fn word_of_id(self) -> Option<&'static str> {
        match self {
            Self::OutsideChangeWindow => Some("change-window"),
            Self::WindowTooShort => None,
            Self::TargetMismatch
            | Self::UnknownTarget
            | Self::ClockBehind
            | Self::PolicyChange
            | Self::RouteHijack
            | Self::RouteOverlap
            | Self::RouteTakeover
            | Self::RouteDead
            | Self::Freeze
            | Self::CoreHours
            | Self::StaleCalendar => Some(self.as_str()),
        }
    }

    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TargetMismatch => "target-mismatch",
            Self::UnknownTarget => "unknown-target",
            Self::ClockBehind => "clock-behind",
            Self::PolicyChange => "policy-change",
            Self::RouteHijack => "route-hijack",
            Self::RouteOverlap => "route-overlap",
            Self::RouteTakeover => "route-takeover",
            Self::RouteDead => "route-dead",
            Self::Freeze => "freeze",
            Self::CoreHours => "core-hours",
            Self::OutsideChangeWindow => "outside-change-window",
            Self::WindowTooShort => "window-too-short",
            Self::StaleCalendar => "stale-calendar",
        }
    }
}

/// By what grants, records and answers name a finding: `core-hours/us`, `freeze/year-end`, `policy-change`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FindingId {
    code: FindingCode,
    name: Option<String>,
}

/// How the name of the freeze of each stop begins.
const STOP: &str = "stop ";

impl FindingId {
    /// The id of findings of a sort that name nothing.
    #[must_use]
    pub const fn of(code: FindingCode) -> Self {
        Self { code, name: None }
    }

    /// The id of a finding about what has a name: a region, an environment, a freeze, a host.
    #[must_use]
    pub fn named(code: FindingCode, name: &str) -> Self {
        Self { code, name: Some(name.to_owned()) }
    }

    /// The id of the finding about a freeze.
    #[must_use]
    pub fn of_freeze(name: &str) -> Self {
        Self::named(FindingCode::Freeze, name)
    }

    /// The id of the finding about the core hours of a region.
    #[must_use]
    pub fn of_core_hours(region: &str) -> Self {
        Self::named(FindingCode::CoreHours, region)
    }

    /// Reads an id; `None` if no finding has such a one.
    ///
    /// ```
    /// use freezegate::policy::{FindingCode, FindingId};
    ///
    /// let id = FindingId::read("freeze/year-end/eu").unwrap();
    /// assert_eq!((id.code(), id.name()), (FindingCode::Freeze, Some("year-end/eu")));
    /// assert_eq!(id.to_string(), "freeze/year-end/eu");
    /// assert_eq!(FindingId::read("outside-change-window/production"), None);
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (word, name) = text.split_once('/').map_or((text, None), |(word, name)| (word, Some(name)));
        let code = FindingCode::ALL.into_iter().find(|code| code.word_of_id() == Some(word))?;
        Some(Self { code, name: name.map(str::to_owned) })
    }

    /// The sort of the finding that it names; of a finding that a window is too short, that of the window.
    #[must_use]
    pub const fn code(&self) -> FindingCode {
        self.code
    }

    /// What it names: a region, an environment, a freeze, a host.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The freeze that it names, if it names one.
    #[must_use]
    pub fn freeze(&self) -> Option<&str> {
        self.name().filter(|_| self.code == FindingCode::Freeze)
    }

    /// The freeze that it names, if that is one of a stop, whether the stop is known or not.
    #[must_use]
    pub fn stop(&self) -> Option<&str> {
        self.freeze().filter(|name| name.starts_with(STOP))
    }

    /// What people call it: the name of a freeze, else the id.
    #[must_use]
    pub fn spoken(&self) -> Cow<'_, str> {
        self.freeze().map_or_else(|| Cow::Owned(self.to_string()), Cow::Borrowed)
    }
}

impl FindingId {
    /// The text before the name.
    fn word(&self) -> &'static str {
        self.code.word_of_id().unwrap_or(self.code.as_str())
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{}/{name}", self.word()),
            None => f.write_str(self.word()),
        }
    }
}

/// By their texts.
impl Ord for FindingId {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.word(), &self.name).cmp(&(other.word(), &other.name))
    }
}

impl PartialOrd for FindingId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
