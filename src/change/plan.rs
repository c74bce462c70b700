//! A plan of Terraform or OpenTofu, as `terraform show -json` writes it: what it would change, as facts.
//!
//! Read are formats 1.x, as a stream: what a change does not name is skipped, so that a plan takes as much memory as it has
//! changes. Values are compared and digested, never kept; of sensitive ones there is no digest either.

use std::io::{BufRead, BufReader, Read};

mod address;
mod archive;
mod backend;
mod cloud;
mod error;
mod facts;
mod node;
mod saved;
mod written;

pub use backend::StateBackend;
pub use error::PlanError;
pub use facts::{
    MAX_PLAN_BYTES, MOST_PLANNED_CHANGES, PlannedAction, PlannedAttribute, PlannedChange, TerraformPlan, ValueDigest,
};

pub use saved::{MAX_SAVED_PLAN_BYTES, PlanMismatch, SavedPlan, SavedPlanError};

use written::Gathered;

impl TerraformPlan {
    /// Reads a plan.
    ///
    /// ```
    /// use freezegate::change::plan::{PlannedAction, TerraformPlan};
    ///
    /// let text = r#"{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"aws_kms_key.logs",
    ///   "mode":"managed","type":"aws_kms_key","change":{"actions":["update"],
    ///   "before":{"is_enabled":true},"after":{"is_enabled":false}}}],"errored":false}"#;
    /// let plan = TerraformPlan::read(text.as_bytes())?;
    /// assert_eq!(plan.changes[0].action, PlannedAction::Update);
    /// assert_eq!(&*plan.changes[0].attributes[0].name, "is_enabled");
    /// # Ok::<(), freezegate::change::plan::PlanError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PlanError`] for what is not a whole plan in a format that is known.
    pub fn read(reader: impl Read) -> Result<Self, PlanError> {
        Self::read_limited(reader, MAX_PLAN_BYTES)
    }

    /// The same of at most `limit` bytes.
    fn read_limited(reader: impl Read, limit: u64) -> Result<Self, PlanError> {
        let mut limited = BufReader::with_capacity(1 << 16, reader.take(limit));
        let start = limited.fill_buf().map_err(|error| PlanError::Unreadable(error.to_string()))?;
        if let Some(other) = error::other_form(start) {
            return Err(other);
        }
        let gathered = Gathered::read(&mut limited);
        let is_cut = limited.get_ref().limit() == 0;
        match gathered {
            Err(_) if is_cut => Err(PlanError::TooLarge),
            Err(error) => Err(error),
            Ok(gathered) => gathered.into_plan(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PlanError, TerraformPlan};

    #[test]
    fn no_more_is_read_than_the_limit() {
        let text = br#"{"format_version":"1.2","planned_values":{}}"#;
        let read = |limit| TerraformPlan::read_limited(text.as_slice(), limit);
        assert_eq!(read(20), Err(PlanError::TooLarge));
        assert_eq!(read(1000), Ok(TerraformPlan::default()));
    }
}
