//! Rendered manifests, and behind a line of `%` those that they replace. What is read once is read again as the same; what does not change
//! shows no change, and what is refused says why.
#![no_main]

use freezegate::guard::{GuardedFile, RenderedManifests};
use libfuzzer_sys::fuzz_target;

fn file(bytes: &[u8]) -> Vec<GuardedFile> {
    vec![GuardedFile { path: "all.yaml".to_owned(), content: bytes.to_vec() }]
}

fuzz_target!(|bytes: &[u8]| {
    let (after, before) = match bytes.windows(3).position(|window| window == b"\n%\n") {
        Some(at) => (&bytes[..at + 1], Some(&bytes[at + 3..])),
        None => (bytes, None),
    };
    let read = || RenderedManifests::read(file(after), before.map(file));
    match (read(), read()) {
        (Ok(one), Ok(two)) => {
            assert_eq!(one, two, "read otherwise the second time");
            let same = RenderedManifests::read(file(after), Some(file(after)));
            assert!(same.is_ok_and(|same| same.changes.is_empty()), "what stays the same changes");
            if before.is_none() {
                assert_eq!(one.changes.len(), one.objects, "each object may be new");
            }
        }
        (Err(one), Err(two)) => {
            assert_eq!(one.to_string(), two.to_string());
            assert!(!one.to_string().is_empty(), "refused without a reason");
        }
        (one, two) => panic!("read otherwise the second time: {} {}", one.is_ok(), two.is_ok()),
    }
});
