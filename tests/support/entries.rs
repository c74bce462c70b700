//! All entries of a record.

use std::convert::Infallible;
use std::ops::ControlFlow;

use freezegate::proof::record::{Inspected, Record, RecordEntry, RecordError};

/// The entries of a record in which nothing is wrong but that its last writer was stopped; none if there is no record.
#[track_caller]
pub(crate) fn entries(record: &Record) -> Vec<RecordEntry> {
    let mut entries = Vec::new();
    let mut visit = |inspected: &Inspected<'_>| {
        entries.push(inspected.entry.clone());
        ControlFlow::<Infallible>::Continue(())
    };
    match record.inspect(&mut visit) {
        Ok(ControlFlow::Continue(inspection)) => {
            let wrong = inspection.faults.iter().find(|fault| fault.kind.as_str() != "torn");
            assert!(wrong.is_none(), "{wrong:?}");
            entries
        }
        Ok(ControlFlow::Break(never)) => match never {},
        Err(RecordError::Missing { .. }) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}
