//! A plan of Terraform, as JSON or in binary form. What is read once is read again as the same, holds no control characters that a cut could
//! bring, and fits itself; what is refused says why.
#![no_main]

use freezegate::change::plan::{SavedPlan, TerraformPlan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match (TerraformPlan::read(bytes), TerraformPlan::read(bytes)) {
        (Ok(one), Ok(two)) => {
            assert_eq!(one, two, "read otherwise the second time");
            assert!(one.changes.iter().all(|change| !change.address.is_empty()), "a change of nothing");
            // what is cut off is not a plan
            let cut = bytes.trim_ascii_end();
            assert!(TerraformPlan::read(&cut[..cut.len() - 1]).is_err(), "a plan that is cut off is read");
        }
        (Err(one), Err(two)) => {
            assert_eq!(one.to_string(), two.to_string());
            assert!(!one.to_string().is_empty(), "refused without a reason");
        }
        (one, two) => panic!("read otherwise the second time: {} {}", one.is_ok(), two.is_ok()),
    }
    let saved = SavedPlan::read(bytes);
    assert_eq!(saved, SavedPlan::read(bytes), "read otherwise the second time");
    match saved {
        Ok(plan) => {
            assert!(!plan.workspace.is_empty(), "a plan of no workspace");
            assert!(plan.state().is_ok_and(|state| !state.is_empty()) || plan.state().is_err_and(|why| !why.is_empty()));
        }
        Err(error) => assert!(!error.to_string().is_empty() && !error.help().is_empty()),
    }
});
