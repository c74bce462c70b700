//! All entries of a record.

use freezegate::proof::record::{Entry, Record, RecordError};

/// The entries of a record in which nothing is wrong but that its last writer was stopped; none if there is no record.
#[track_caller]
pub(crate) fn entries(record: &Record) -> Vec<Entry> {
    match record.inspect() {
        Ok(inspection) => {
            let wrong = inspection.faults.iter().find(|fault| fault.kind.as_str() != "torn");
            assert!(wrong.is_none(), "{wrong:?}");
            inspection.chain.entries().to_vec()
        }
        Err(RecordError::Missing { .. }) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}
