//! The lines of a record. A record without a fault holds an entry for each line, and every entry of it can be found by its
//! hash; whatever was changed in it, the entries that it shares with the one before are the same.
#![no_main]

use std::convert::Infallible;
use std::io::Write;
use std::ops::ControlFlow;

use freezegate::proof::record::{FaultKind, Record, RecordFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("no file for the record");
    file.write_all(bytes).expect("the record can't be written");
    let record = Record::File(RecordFile::new(file.path().to_path_buf()));
    let mut seen = Vec::new();
    let inspected = record.inspect(&mut |inspected| {
        seen.push((inspected.entry.clone(), inspected.is_sound));
        ControlFlow::<Infallible>::Continue(())
    });
    let Ok(ControlFlow::Continue(inspection)) = inspected else {
        assert!(record.read().is_err(), "what can't be inspected is read");
        return;
    };
    assert_eq!(inspection.entries, seen.len() as u64);
    // a line that is cut off at the end was never a decision that anybody was given
    let is_sound = inspection.faults.iter().all(|fault| fault.kind == FaultKind::Torn);
    let read = record.read();
    assert_eq!(read.is_ok(), is_sound, "{:?}", inspection.faults);
    if let Ok(chain) = read {
        assert!(seen.iter().all(|(_, is_sound)| *is_sound));
        assert_eq!(chain.entries(), seen.into_iter().map(|(entry, _)| entry).collect::<Vec<_>>());
        for (number, entry) in (1..).zip(chain.entries()) {
            assert_eq!(entry.sequence, number);
            assert_eq!(chain.entry(&entry.hash), Some(entry));
        }
    }
    if inspection.faults.is_empty() {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        assert_eq!(inspection.entries, lines as u64);
    }
});
