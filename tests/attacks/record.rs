//! The record and rollbacks.

use crate::transcript::Transcript;

/// A few small trees that stand for a million paths: refused for what it is, in bounded memory. The limits of the script's own
/// shell end a program that takes more.
#[test]
fn a_tree_bomb_is_refused_within_bounds() {
    let said = Transcript::of("13-tree-bomb.sh", &[("FAN", "40"), ("LIMIT", "600000")]);
    said.says("closed: push of 40^3 paths", &["[git push exit 1]", "KiB"]);
    said.never_says(&["memory allocation", "panicked"]);
    assert!(said.text().contains("production/us is closed"), "{}", said.text());
}

/// The environment is declared, so the whole tree has to go back: a revert that brings new code along is not a rollback.
#[test]
fn a_rollback_brings_no_rider() {
    let said = Transcript::of("06-ci-rollback-rider.sh", &[]);
    said.says("closed, control: code alone", &["[check exit 1]"]);
    said.says("closed: back to S0's one line, and new code with it", &["[check exit 1]"]);
    said.never_says(&["[check exit 2]"]);
    assert!(said.text().contains("=== night: S1 is deployed"));
}
