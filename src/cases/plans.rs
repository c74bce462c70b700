//! The plans that cases name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cases::CaseFile;
use crate::change::TerraformPlan;
use crate::change::plan::PlanError;
use crate::diagnostic::{Code, Diagnostic, Faults};

impl CaseFile {
    /// Reads the plans of all cases, each once; `read` is given the path of one, relative to the folder of the file.
    ///
    /// # Errors
    ///
    /// Every plan that can't be read, at the place of the case that names it first.
    pub fn read_plans(
        &mut self,
        read: &mut dyn FnMut(&str) -> Result<TerraformPlan, PlanError>,
    ) -> Result<(), Box<Faults>> {
        let mut known: BTreeMap<String, Option<Arc<TerraformPlan>>> = BTreeMap::new();
        let mut diagnostics = Vec::new();
        for named in self.cases.iter_mut().filter_map(|case| case.plan.as_mut()) {
            let plan = known.entry(named.path.clone()).or_insert_with(|| match read(&named.path) {
                Ok(plan) => Some(Arc::new(plan)),
                Err(error) => {
                    let cause = format!("the plan `{}`: {error}", named.path);
                    let help = if matches!(error, PlanError::Unreadable(_)) {
                        "write the path of a plan from the folder of this file; `terraform show -json` makes one"
                    } else {
                        error.help()
                    };
                    diagnostics.push(Diagnostic::error(Code::NoEvidence, cause).at(named.place).help(help));
                    None
                }
            });
            named.plan.clone_from(plan);
        }
        if diagnostics.is_empty() {
            return Ok(());
        }
        Err(Box::new(Faults { sources: std::mem::take(&mut self.sources), diagnostics }))
    }
}
