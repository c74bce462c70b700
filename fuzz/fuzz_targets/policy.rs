//! The text of a policy. What is read once is read again as the same; what is refused is refused with words that a person can
//! be shown.
#![no_main]

use freezegate::policy::load::{PolicyFiles, ReadFault, load};
use freezegate::diagnostic::render::render;
use libfuzzer_sys::fuzz_target;

struct OneFile<'b>(&'b [u8]);

impl PolicyFiles for OneFile<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        if path == "freezegate.toml" {
            Ok(self.0.to_vec())
        } else {
            Err(ReadFault { cause: "is not there".to_owned(), help: "write it".to_owned() })
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let entries = ["freezegate.toml".to_owned()];
    let read = load(&OneFile(bytes), &entries, &[]);
    let again = load(&OneFile(bytes), &entries, &[]);
    match (read, again) {
        (Ok(one), Ok(two)) => {
            assert_eq!(one.sources.digest(), two.sources.digest());
            assert!(!one.environments.is_empty(), "a policy without environments protects nothing");
            // order and comments mean nothing
            let mut commented = bytes.to_vec();
            commented.extend_from_slice(b"\n# a comment\n");
            assert!(load(&OneFile(&commented), &entries, &[]).is_ok(), "a comment at the end makes it wrong");
        }
        (Err(one), Err(two)) => {
            assert_eq!(one.diagnostics.len(), two.diagnostics.len());
            assert!(!one.diagnostics.is_empty(), "refused without a reason");
            for diagnostic in &one.diagnostics {
                assert!(!diagnostic.cause.is_empty(), "{diagnostic:?}");
            }
            let shown = render(&one.diagnostics, &one.sources, 80, false);
            assert!(shown.chars().all(|shown| shown == '\n' || !shown.is_control()), "{shown:?}");
        }
        (one, two) => panic!("read once as {:?}, once as {:?}", one.is_ok(), two.is_ok()),
    }
});
