//! What a refusal proposes: who is asked to sign.

use std::fs;
use std::path::Path;

use crate::grants::bench::{OUTAGE, POLICY};
use crate::grants::program::{git_ok, repository, run};

/// Commits a change of production as this author.
fn write_as(root: &Path, author: &str, text: &str) -> String {
    fs::write(root.join("deploy/production/us/routes"), text).unwrap();
    git_ok(root, &["commit", "-qam", text, "--author", author]);
    git_ok(root, &["rev-parse", "HEAD"])
}

/// Whoever wrote the change and may not sign is not named among those to ask.
#[test]
fn an_author_who_may_not_sign_is_not_asked() {
    let lets = POLICY.replace("incident     = true\n", "incident     = true\nauthor       = true\n");
    for (policy, author, asked) in [
        (POLICY, "X <x@example.com>", "ask oncall: a@example.com, b@example.com; leads: c@example.com"),
        (POLICY, "B <b@example.com>", "ask oncall: a@example.com; leads: c@example.com"),
        (POLICY, "B <b+work@Example.com>", "ask oncall: a@example.com; leads: c@example.com"),
        (POLICY, "C <c@example.com>", "leads: nobody: its members wrote or push the change"),
        (&lets, "B <b@example.com>", "ask oncall: a@example.com, b@example.com; leads: c@example.com"),
    ] {
        let folder = repository(policy);
        let root = folder.path();
        let old = git_ok(root, &["rev-parse", "HEAD"]);
        let range = format!("{old}..{}", write_as(root, author, "two"));
        let (status, text) = run(root, &["check", "--range", &range, "--ref", "refs/heads/main", "--at", OUTAGE]);
        assert_eq!(status, 1, "{text}");
        assert!(text.contains(asked), "{author}: {text}");
    }
}
