//! Cases of a policy: changes and instants, each with what the policy has to say of it.
//!
//! A file of cases lies beside its policy, `freezegate.test.toml` beside `freezegate.toml`. Nothing of the world is asked: a case says which
//! paths change, on which ref and when, and is judged as an enforced change is.

use std::sync::Arc;

use jiff::tz::Offset;

use crate::change::TerraformPlan;
use crate::diagnostic::{Place, Sources};
use crate::guard::RenderedManifests;
use crate::reach::DeclaredNames;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::{TimeError, Zone};

pub mod coverage;
pub mod judge;
mod manifests;
pub mod plans;
pub mod read;

/// The JSON Schema of files of cases, as `freezegate schema cases` prints it.
pub const CASES_SCHEMA: &str = include_str!("cases/cases.schema.json");

/// A file of cases, as read.
#[derive(Debug)]
pub struct CaseFile {
    /// The file, for places.
    pub sources: Sources,
    /// The policy that the cases are of, relative to the folder of the file, if it says that.
    pub policy: Option<String>,
    /// The cases, in the order of the file; at least one.
    pub cases: Vec<PolicyCase>,
}

/// A change at an instant, and what the policy has to say of it.
#[derive(Debug, Clone)]
pub struct PolicyCase {
    /// Its name, unique in its file.
    pub name: String,
    /// The place where it begins in the file.
    pub place: Place,
    /// The instants that it is about, in seconds since 1970-01-01T00:00:00Z; at least one.
    pub at: Vec<Instant>,
    /// The way in which its instants are shown to people.
    pub clock: CaseClock,
    /// The declared names.
    pub names: DeclaredNames,
    /// Each declared name by itself, and where it stands in the file.
    pub names_at: Vec<(DeclaredNames, Place)>,
    /// The time that the change takes, in seconds, if the case says it.
    pub duration: Option<Seconds>,
    /// The changed paths; `None` where nothing is known but what is declared, none where only a ref changes.
    pub paths: Option<Vec<String>>,
    /// The command that is started, if the case says it.
    pub command: Option<CaseCommand>,
    /// The plan that is applied, if the case names one.
    pub plan: Option<CasePlan>,
    /// The rendered manifests that are applied, if the case names some.
    pub manifests: Option<CaseManifests>,
    /// The hazards that its plan shows, by name; none if the plan itself is named.
    pub hazards: Vec<String>,
    /// The full name of the ref, and whether it is the default branch.
    pub reference: (String, bool),
    /// The expected result.
    pub expected: ExpectedResult,
}

/// The command of a case.
#[derive(Debug, Clone)]
pub struct CaseCommand {
    /// The program as it is called, and its arguments; at least the program.
    pub words: Vec<String>,
    /// The place where it stands in the file.
    pub place: Place,
}

/// The plan of a case.
#[derive(Debug, Clone)]
pub struct CasePlan {
    /// Its path, relative to the folder of the file of cases.
    pub path: String,
    /// The place where it is named in the file of cases.
    pub place: Place,
    /// The plan; `None` until it is read.
    pub plan: Option<Arc<TerraformPlan>>,
}

/// The rendered manifests of a case.
#[derive(Debug, Clone)]
pub struct CaseManifests {
    /// The path of a file or a folder, relative to the folder of the file of cases.
    pub path: String,
    /// The same of those that they replace, if the case names them.
    pub before: Option<String>,
    /// The place where they are named in the file of cases.
    pub place: Place,
    /// The manifests; `None` until they are read.
    pub read: Option<Arc<RenderedManifests>>,
}

/// The clock by which a case reads times: the one in which its authors wrote it.
#[derive(Debug, Clone)]
pub enum CaseClock {
    /// That of the `timezone` of the case or of its file.
    Zone(Arc<Zone>),
    /// Without a `timezone`, that of the offset with which its first instant is written.
    Offset(Offset),
}

impl CaseClock {
    /// An instant as RFC 3339 writes it by this clock, such as `2026-11-27T17:50:00+01:00`; `second` counts from 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    ///
    /// [`TimeError`] beyond the range of dates.
    pub fn text(&self, second: Instant) -> Result<String, TimeError> {
        let instant = second.timestamp()?;
        let offset = match self {
            Self::Zone(zone) => zone.local(second)?.offset(),
            Self::Offset(offset) => *offset,
        };
        // written `Z`, as authors do
        if offset.is_zero() { Ok(instant.to_string()) } else { Ok(instant.display_with_offset(offset).to_string()) }
    }
}

/// The expected result of a case.
#[derive(Debug, Clone)]
pub struct ExpectedResult {
    /// The answer.
    pub outcome: CaseOutcome,
    /// All that refuses, each by the id or the code of the finding; `None` if the case does not say it.
    pub findings: Option<Vec<String>>,
    /// The first time when the change may go, in seconds since 1970-01-01T00:00:00Z; `Some(None)` for never within 400 days, `None` if the case does
    /// not say it.
    pub next_open: Option<Option<Instant>>,
}

/// The way in which a case ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseOutcome {
    /// The change may go.
    Allowed,
    /// It may not.
    Refused,
    /// There is no decision: `evidence = "required"`, and nothing but a name shows where the change goes.
    Undecided,
}

impl CaseOutcome {
    /// All outcomes, in the order in which messages list them.
    pub const ALL: [Self; 3] = [Self::Allowed, Self::Refused, Self::Undecided];

    /// The word for it, as in `decision` of `freezegate/decision/v1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Undecided => "undecided",
        }
    }
}
