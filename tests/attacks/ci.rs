//! The CI step: which repository, which policy, which base.

use crate::attacks::transcript::Transcript;

/// A folder of the change that looks like a bare repository is a folder, and nothing that it configures runs.
#[test]
fn a_repository_that_the_change_brings_is_not_taken_for_the_repository() {
    let said = Transcript::of("09-embedded-bare.sh", &[]);
    for title in ["control: GitHub, tag, at the root", "the same step in infra/"] {
        said.says(title, &["refused: production/us is closed", "[check exit 1]"]);
    }
    said.says("CircleCI's step", &["[check exit 2]"]);
    said.says("the remote of a shared record", &["refused: production/us is closed"]);
    said.never_says(&["RUN BY THE GATE\n", "[check exit 0]"]);
}

/// Refused or undecided, whatever the configuration says; nothing of it runs a program, and no record is written elsewhere.
#[test]
fn the_configuration_that_an_earlier_job_left_opens_nothing_and_runs_nothing() {
    let said = Transcript::of("26-ci-config.sh", &[]);
    said.never_says(&["/pwned", "refs/freezegate/record\n"]);
    for title in [
        "core.fsmonitor",
        "remote.origin.uploadpack",
        "core.worktree elsewhere",
        "core.bare\n",
        "core.bigFileThreshold",
    ] {
        said.says(title, &["refused: production/us is closed", "[exit 1]"]);
    }
    for title in ["url.insteadOf to another record", "itself", "an extension", "several providers"] {
        said.says(title, &["[exit 2]"]);
    }
    said.says("url.insteadOf to another record", &["is not used: `url.*.insteadof`"]);
    said.says("safe.directory", &["belongs to", "[exit 2]"]);
    // Kiritimati's 21:45 is a Tuesday night in Los Angeles: open. Advice ends with 0
    let allowed = said.text().matches("[exit 0]").count();
    assert_eq!(allowed, 2, "{}", said.text());
}

/// The policy of a new tag or branch is that of the last state of the default branch that was allowed.
#[test]
fn a_new_ref_does_not_bring_a_policy_that_was_refused() {
    let said = Transcript::of("33-ci-new-ref.sh", &[]);
    said.says("night: S0 deployed", &["[check exit 0]"]);
    for title in ["closed: its job on main", "closed: a tag of the same commit", "closed: or a new branch of it"] {
        said.says(title, &["refused: production/us is closed", "[check exit 1]"]);
    }
    for title in ["closed: a tag of the same commit", "closed: or a new branch of it"] {
        said.says(title, &["as the record last allowed it"]);
    }
}

/// In a closed window no event ends with 0 for a change that reaches production.
#[test]
fn no_event_of_github_lets_a_change_of_production_pass() {
    let said = Transcript::of("42-ci-events.sh", &[]);
    // a range of one line of docs, which the step names itself, and no environment
    let harmless = |line: &&str| line.starts_with("push ") && line.contains("(none)");
    let allowed = said.text().lines().filter(|line| line.contains(" exit 0 ") && !harmless(line));
    assert_eq!(allowed.collect::<Vec<_>>(), Vec::<&str>::new(), "{}", said.text());
    assert!(said.text().lines().filter(|line| line.contains(" exit 1 ")).count() >= 10, "{}", said.text());
}

/// Every eighth of the hostile texts, in every place and format; all of them take a minute and a half.
#[test]
fn hostile_text_is_obeyed_by_no_terminal_and_no_log() {
    for first in ["0", "5"] {
        let said = Transcript::of("22-injection.py", &[("FIRST", first), ("EVERY", "16")]);
        said.never_says(&["HIT ", "STATUS ", "OUTPUTS ", "Traceback"]);
        assert!(said.text().contains(" runs 0 hits"), "{}", said.text());
        let runs = said.text().split_whitespace().next().and_then(|count| count.parse::<u32>().ok());
        assert!(runs.is_some_and(|runs| runs > 200), "{}", said.text());
    }
}
