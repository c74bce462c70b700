//! What closes now: a fragment of policy with one freeze, as `freezegate stop` prints it.

use serde::Serialize;
use toml::value::Datetime;

use crate::time::instant::Instant;

pub mod entry;

/// A closing that was decided on the spot, by names that the policy knows.
///
/// Each list is a scope as in a freeze: empty, everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The environments, each once, by name and not by alias.
    pub environments: Vec<String>,
    /// The regions, each once.
    pub regions: Vec<String>,
    /// The services, each once.
    pub services: Vec<String>,
    /// The time when it begins, in seconds since 1970-01-01T00:00:00Z.
    pub from: Instant,
    /// The first instant at which it is over.
    pub until: Instant,
    /// The incident, if it has a number yet.
    pub incident: Option<String>,
    /// The reason, for those who are refused.
    pub reason: Option<String>,
}

/// The reason why a [`Stop`] can't be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopError {
    /// An end beyond the dates that TOML can hold.
    OutOfRange,
    /// The writer refused, in its words.
    Unwritable(String),
}

impl std::fmt::Display for StopError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OutOfRange => f.write_str("the stop ends beyond the range of dates"),
            Self::Unwritable(cause) => write!(f, "the stop can't be written: {cause}"),
        }
    }
}

impl std::error::Error for StopError {}

/// The keys of the fragment, in this order.
#[derive(Serialize)]
struct FragmentKeys<'s> {
    freezes: [FreezeKeys<'s>; 1],
}

#[derive(Serialize)]
struct FreezeKeys<'s> {
    name: String,
    from: Datetime,
    until: Datetime,
    timezone: &'static str,
    level: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    environments: &'s [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    regions: &'s [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    services: &'s [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Nothing in it comes from outside, as the end of a line would end a comment.
const HEAD: &str = "\
# Written by `freezegate stop`. Add it with `--extra-freezes FILE` or FREEZEGATE_EXTRA_FREEZES. It counts until `until`, or until you
# remove it. `exempt` is left out, so a verified rollback is still allowed: it is often the way out of an incident.
";

impl Stop {
    /// The name of the freeze: incident, scope and beginning, so that two stops differ wherever it matters.
    ///
    /// ```
    /// use freezegate::stop::Stop;
    /// use freezegate::time::instant::Instant;
    ///
    /// let stop = Stop {
    ///     environments: vec!["production".to_owned()],
    ///     regions: vec!["eu".to_owned(), "us".to_owned()],
    ///     services: Vec::new(),
    ///     from: Instant::from_second(1_752_097_500),
    ///     until: Instant::from_second(1_752_104_700),
    ///     incident: Some("INC-7".to_owned()),
    ///     reason: Some("login down".to_owned()),
    /// };
    /// assert_eq!(stop.name()?, "stop INC-7 production/eu+us 2025-07-09T21:45:00Z");
    /// # Ok::<(), freezegate::stop::StopError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StopError::OutOfRange`].
    pub fn name(&self) -> Result<String, StopError> {
        let all = |names: &[String]| if names.is_empty() { "all".to_owned() } else { names.join("+") };
        let mut scope = all(&self.environments);
        if !(self.regions.is_empty() && self.services.is_empty()) {
            scope = format!("{scope}/{}", all(&self.regions));
        }
        if !self.services.is_empty() {
            scope = format!("{scope}/{}", all(&self.services));
        }
        let incident = self.incident.as_ref().map_or_else(String::new, |incident| format!(" {incident}"));
        Ok(format!("stop{incident} {scope} {}", moment(self.from)?))
    }

    /// The text of the fragment: comments and one `[[freezes]]`, so that further ones may be put below it.
    ///
    /// # Errors
    ///
    /// [`StopError`].
    pub fn fragment(&self) -> Result<String, StopError> {
        let text = self.freeze(self.name()?, self.from, self.because())?;
        Ok(format!("{HEAD}{text}"))
    }

    /// The incident and the reason in one line, such as `INC-7: login down`.
    fn because(&self) -> Option<String> {
        match (&self.incident, &self.reason) {
            (Some(incident), Some(reason)) => Some(format!("{incident}: {reason}")),
            (one, other) => one.as_ref().or(other.as_ref()).cloned(),
        }
    }

    /// One `[[freezes]]` of this name that begins at `from`, in seconds since 1970-01-01T00:00:00Z.
    fn freeze(&self, name: String, from: Instant, reason: Option<String>) -> Result<String, StopError> {
        let freeze = FreezeKeys {
            name,
            from: moment(from)?,
            until: moment(self.until)?,
            timezone: "UTC",
            level: crate::policy::Level::Hard.as_str(),
            environments: &self.environments,
            regions: &self.regions,
            services: &self.services,
            reason,
        };
        toml::to_string(&FragmentKeys { freezes: [freeze] }).map_err(|error| StopError::Unwritable(error.to_string()))
    }
}

/// An instant as TOML writes it, with the offset `Z`.
fn moment(second: Instant) -> Result<Datetime, StopError> {
    let instant = second.timestamp().map_err(|_| StopError::OutOfRange)?;
    // TOML's dates have years of four digits (RFC 3339)
    instant.to_string().parse().map_err(|_| StopError::OutOfRange)
}
