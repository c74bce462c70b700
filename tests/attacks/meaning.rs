//! What a change means: what it says of itself, and what that costs.

use crate::attacks::transcript::Transcript;

/// Runs the script over `count` trailers of a kind, within 400 MB and 20 s.
fn trailers(kind: &str, count: usize) -> Transcript {
    let count = count.to_string();
    Transcript::of("15-trailers.sh", &[("N", &count), ("KIND", kind), ("LIMIT", "400000"), ("SEC", "20")])
}

#[test]
fn a_trailer_of_many_names_is_refused_within_bounds() {
    let said = trailers("names", 20_000);
    said.says("20000 names", &["KiB"]);
    assert!(said.text().contains("non-zero status 2"), "{}", said.text());
}

#[test]
fn many_trailers_of_an_environment_are_refused_within_bounds() {
    let said = trailers("lines", 20_000);
    said.says("20000 lines", &["KiB"]);
    assert!(said.text().contains("non-zero status 2"), "{}", said.text());
}

#[test]
fn many_trailers_of_other_keys_are_read_up_to_a_limit() {
    let few = trailers("other", 5_000);
    few.says("5000 other", &["[git push exit 0]", "KiB"]);
    assert!(!few.text().contains("non-zero"), "{}", few.text());
    let many = trailers("other", 20_000);
    assert!(many.text().contains("non-zero status 2"), "{}", many.text());
}
