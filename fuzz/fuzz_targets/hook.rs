//! What git hands to its hooks: the first byte chooses which. Lines that are read say just what they said, and each line is
//! one ref.
#![no_main]

use freezegate::cli::{HookInput, ref_updates};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, input)) = bytes.split_first() else {
        return;
    };
    let hook = if first % 2 == 0 { HookInput::PreReceive } else { HookInput::PrePush };
    match ref_updates(hook, input) {
        Ok(updates) => {
            let lines: Vec<&[u8]> = input.split_inclusive(|byte| *byte == b'\n').collect();
            assert_eq!(updates.len(), lines.len());
            for ((name, old, new), line) in updates.iter().zip(lines) {
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                let fields: Vec<&[u8]> = line.rsplit(|byte| *byte == b' ').take(3).collect();
                let (said_old, said_new, said_name) = match (hook, fields.as_slice()) {
                    (HookInput::PreReceive, [name, new, old]) | (HookInput::PrePush, [old, name, new]) => (*old, *new, *name),
                    (HookInput::PreReceive | HookInput::PrePush, _) => panic!("{line:?} has too few fields"),
                };
                assert_eq!(name.as_bytes(), said_name);
                for (id, said) in [(old, said_old), (new, said_new)] {
                    // zeros are no object, however many there are
                    let is_zero = said.iter().all(|byte| *byte == b'0');
                    assert!(is_zero == id.is_zero() && (is_zero || id.to_string().as_bytes().eq_ignore_ascii_case(said)));
                }
            }
        }
        Err(faults) => {
            assert!(!faults.diagnostics.is_empty(), "refused without a reason");
            assert!(faults.diagnostics.iter().all(|diagnostic| diagnostic.help.is_some()), "{faults:?}");
        }
    }
});
