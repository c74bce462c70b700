//! What is refused, as far as a grant is made from it.

use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::cli::grant::advice::fault as grant_fault;
use crate::diagnostic::parser;
use crate::diagnostic::{Code, Faults};
use crate::escape::{for_terminal, system_words};
use crate::policy::{FindingCode, FindingId};
use crate::report::json::SCHEMA;
use crate::report::{Answer, decision};

/// The most bytes of a decision that are read: 16 MiB.
const MAX_DECISION: u64 = 16 << 20;

/// A decision, in the words of `freezegate check --format json`.
#[derive(Debug, Deserialize)]
pub(super) struct RefusedDecision {
    schema: String,
    pub(super) decision: String,
    #[serde(default)]
    pub(super) reached: Vec<RefusedPlace>,
    #[serde(default)]
    pub(super) findings: Vec<RefusedFinding>,
    pub(super) change: Option<RefusedChange>,
}

/// An environment that the change reaches.
#[derive(Debug, Deserialize)]
pub(super) struct RefusedPlace {
    pub(super) environment: String,
    pub(super) region: Option<String>,
}

/// A finding to override.
#[derive(Debug, Deserialize)]
pub(super) struct RefusedFinding {
    pub(super) id: String,
    pub(super) level: String,
    pub(super) environment: Option<String>,
    pub(super) lifted_by: Option<String>,
    /// The hazards of the change that are why a freeze gives it.
    #[serde(default)]
    hazards: Vec<IgnoredAny>,
}

/// The change, if commits or a ref were looked at.
#[derive(Debug, Deserialize)]
pub(super) struct RefusedChange {
    pub(super) range: Option<String>,
    pub(super) tree: Option<String>,
    #[serde(rename = "ref")]
    pub(super) reference: Option<String>,
}

impl RefusedDecision {
    /// Takes it from an answer.
    pub(super) fn of(answer: &Answer<'_>) -> Self {
        let reached = answer.reach.reached.iter().map(|reached| RefusedPlace {
            environment: reached.environment.name.clone(),
            region: reached.region.as_ref().map(|region| region.name.clone()),
        });
        let findings = answer.decision.findings.iter().map(|finding| RefusedFinding {
            id: finding.id.to_string(),
            level: finding.level.as_str().to_owned(),
            environment: finding.environment.clone(),
            lifted_by: finding.lifted_by.clone(),
            hazards: vec![IgnoredAny; finding.hazards.len()],
        });
        Self {
            schema: SCHEMA.to_owned(),
            decision: decision(answer.decision.verdict).to_owned(),
            reached: reached.collect(),
            findings: findings.collect(),
            change: answer.evidence.map(|evidence| RefusedChange {
                range: evidence.range.clone(),
                tree: evidence.tree.clone(),
                reference: evidence.reference.clone(),
            }),
        }
    }

    /// Reads it from a file, or from standard input for `-`.
    ///
    /// # Errors
    ///
    /// A file that can't be read, or is something else.
    pub(super) fn read(path: &Path) -> Result<Self, Faults> {
        serde_json::from_str(&read_decision(path)?).map_err(|error| {
            let path = for_terminal(&path.to_string_lossy()).into_owned();
            grant_fault(
                Code::BadGrant,
                format!("`{path}` is not an answer of `freezegate check --format json`: {}", parser::json(&error)),
                "give what `freezegate check --format json` prints",
            )
        })
    }

    /// Leaves out what edits of the policy open.
    pub(super) fn leave_out_edits(&mut self) {
        self.findings.retain(|finding| !finding.is_edit());
        let refuses = |finding: &RefusedFinding| finding.level != "warn" && finding.lifted_by.is_none();
        if !self.findings.iter().any(refuses) {
            "allowed".clone_into(&mut self.decision);
        }
    }

    /// Returns whether it refuses anything.
    pub(super) fn is_refusal(&self) -> bool {
        self.schema == SCHEMA && self.decision == "refused"
    }
}

impl RefusedFinding {
    /// Returns whether it is an edit of the policy.
    pub(super) fn is_edit(&self) -> bool {
        FindingId::read(&self.id).is_some_and(|id| id.code() == FindingCode::PolicyChange)
    }

    /// Returns whether a freeze gives it for a hazard of the change.
    pub(super) const fn is_for_hazards(&self) -> bool {
        !self.hazards.is_empty()
    }
}

fn read_decision(path: &Path) -> Result<String, Faults> {
    use std::io::Read;
    let unreadable = |error: std::io::Error| {
        grant_fault(
            Code::UnreadableFile,
            format!("the decision `{}` can't be read: {}", path.display(), system_words(&error)),
            "give a file, or `-` for standard input",
        )
    };
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_DECISION).read_to_string(&mut text).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(MAX_DECISION).read_to_string(&mut text).map_err(unreadable)?;
    }
    Ok(text)
}
