//! Mutated and random input through the program, from a fixed seed: it ends with 0, 1 or 2, soon, in little memory, without a
//! panic, and takes no forged grant or record.

use std::os::unix::fs::PermissionsExt;

use crate::attacks::transcript::Transcript;
use crate::support::clock::FAKETIME;

/// Seconds that a script goes on.
const SECONDS: &str = "10";

fn checkout() -> &'static str {
    env!("CARGO_MANIFEST_DIR")
}

/// Returns how many runs the last line counts.
fn runs(transcript: &Transcript) -> u64 {
    let last = transcript.text().lines().rev().find(|line| line.contains(" runs ")).unwrap();
    last.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn mutated_policies_grants_records_events_and_hook_input() {
    // the script's grant is for what core hours refuse, so it takes a working day
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("freezegate");
    let lines = format!(
        "#!/bin/sh\nexec '{FAKETIME}' -f '@2025-07-09 21:45:00' '{}' \"$@\"\n",
        env!("CARGO_BIN_EXE_freezegate")
    );
    std::fs::write(&program, lines).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let set = [("CHECKOUT", checkout()), ("FG", program.to_str().unwrap())];
    let fuzzed = Transcript::with_arguments("30-fuzz.py", &["1", SECONDS], &set);
    fuzzed.never_says(&["FOUND", "RECORD?", "Traceback", "FORGED"]);
    assert!(fuzzed.text().trim_end().ends_with("forged 0"), "{}", fuzzed.text());
    assert!(runs(&fuzzed) > 50, "{}", fuzzed.text());
}

#[test]
fn random_policies_at_odd_instants_and_about_odd_paths() {
    let fuzzed = Transcript::with_arguments("30b-fuzz-deep.py", &["1", SECONDS], &[("CHECKOUT", checkout())]);
    fuzzed.never_says(&["FOUND", "Traceback"]);
    assert!(runs(&fuzzed) > 20, "{}", fuzzed.text());
}
