//! The lines of a record. A record without a fault holds an entry for each line, and comes to what its entries come to one by one.
#![no_main]

use std::convert::Infallible;
use std::io::Write;
use std::ops::ControlFlow;

use freezegate::proof::record::{FaultKind, Folded, Record, RecordFile};
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
    // a line that is cut off at the end was never a decision that anybody was given; and where all entries are read, what one
    // says that those before it come to does not count
    let is_passed_over = |kind: &FaultKind| matches!(kind, FaultKind::Torn | FaultKind::Misfolded { .. });
    let is_sound = inspection.faults.iter().all(|fault| is_passed_over(&fault.kind));
    let read = record.read();
    assert_eq!(read.is_ok(), is_sound, "{:?}", inspection.faults);
    if let Ok(folded) = read {
        let mut all = Folded::default();
        for (number, (entry, _)) in (1..).zip(&seen) {
            assert_eq!(entry.sequence, number);
            all.add(entry);
        }
        assert_eq!(*folded, all);
        let bytes = all.to_bytes().expect("it can't be written");
        assert_eq!(Folded::from_bytes(&bytes), Ok(all));
    }
    if inspection.faults.is_empty() {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        assert_eq!(inspection.entries, lines as u64);
    }
});
