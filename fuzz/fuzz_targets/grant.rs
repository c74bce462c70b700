//! The text of a grant. What is read is kept byte for byte, its signed part is its beginning, and its terms as they are
//! written are read as the same terms.
#![no_main]

use freezegate::proof::grant::Grant;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Grant::read("grant.toml", bytes) {
        Ok(grant) => {
            assert_eq!(grant.text().as_bytes(), bytes);
            assert!(grant.text().starts_with(grant.signed()), "what is signed is not its beginning");
            let written = grant.terms.to_text().expect("what was read lies within the range of dates");
            let again = Grant::read("grant.toml", written.as_bytes());
            let again = again.unwrap_or_else(|faults| panic!("what was read can't be written: {faults:?}\n{written}"));
            assert_eq!(again.terms, grant.terms);
            assert_eq!(again.fingerprints().count(), 0);
        }
        Err(faults) => {
            assert!(!faults.diagnostics.is_empty(), "refused without a reason");
            for diagnostic in &faults.diagnostics {
                assert!(!diagnostic.cause.is_empty(), "{diagnostic:?}");
            }
        }
    }
});
