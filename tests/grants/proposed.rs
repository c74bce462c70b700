//! What a refusal proposes: who is asked to sign, and the command that writes the grant. What is proposed is done, and the change is allowed.

use std::fs;
use std::path::Path;

use crate::grants::bench::{OUTAGE, POLICY, key};
use crate::grants::program::{expect, git_ok, repository, run, with};

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

/// A plan that reaches another environment than was said: the grant that is proposed overrides that too, not only what is closed.
#[test]
fn what_is_proposed_for_a_plan_overrides_all_that_refuses_it() {
    let policy = format!("{POLICY}\n[[targets]]\nmodules = [\"module.{{environment}}\"]\n");
    for (at, environment, refused) in [
        // closed, and not what was said
        (OUTAGE, "staging", &["target-mismatch", "core-hours/us"][..]),
        // open, and not what was said
        ("2025-07-19T12:00:00Z", "staging", &["target-mismatch"]),
        // as was said, and closed
        (OUTAGE, "production", &["core-hours/us"]),
    ] {
        let folder = repository(&policy);
        let root = folder.path();
        let change = r#"{"actions":["update"],"before":{"a":1},"after":{"a":2}}"#;
        let resource = format!(
            r#"{{"address":"module.production.aws_dynamodb_table.t","module_address":"module.production","type":"aws_dynamodb_table","name":"t","mode":"managed","provider_name":"registry.terraform.io/hashicorp/aws","change":{change}}}"#
        );
        let plan = format!(r#"{{"format_version":"1.2","resource_changes":[{resource}]}}"#);
        fs::write(root.join("plan.json"), plan).unwrap();
        let question = ["check", environment, "--plan", "plan.json", "--at", at];
        let (status, text) = run(root, &question);
        assert_eq!(status, 1, "{text}");
        let options = "`--format json --output refusal.json`";
        assert_eq!(
            text.contains(&format!("refusal.json is this answer: ask again with {options}")),
            refused.contains(&"target-mismatch"),
            "{text}"
        );
        expect(root, &with(&question, &["--format", "json", "--output", "refusal.json"]), 1, "");
        let printed = text.split('`').find(|part| part.starts_with("freezegate grant new ")).unwrap();
        let filled = printed.replace("\"…\"", "x").replace('…', "7");
        let words: Vec<&str> = filled.split_whitespace().skip(1).chain(["--requester", "r@example.com"]).collect();
        expect(root, &words, 0, "wrote: fix.grant");
        let grant = fs::read_to_string(root.join("fix.grant")).unwrap();
        for id in refused {
            assert!(grant.contains(&format!("\"{id}\"")), "{id}: {grant}");
        }
        for signer in ["a", "c"] {
            expect(root, &["grant", "sign", "fix.grant", "--key", key(signer).to_str().unwrap()], 0, "");
        }
        expect(root, &with(&question, &["--grant", "fix.grant"]), 0, "allowed: ");
    }
}

/// Several refs have no one change that a grant could be for.
#[test]
fn a_push_of_several_refs_says_to_push_each() {
    let folder = repository(POLICY);
    let root = folder.path();
    let bare = root.join("shop.git");
    git_ok(root, &["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
    git_ok(root, &["remote", "set-url", "origin", bare.to_str().unwrap()]);
    git_ok(root, &["push", "-q", "origin", "main"]);
    git_ok(root, &["remote", "set-head", "origin", "main"]);
    fs::create_dir_all(root.join("deploy/nowhere/us")).unwrap();
    fs::write(root.join("deploy/nowhere/us/routes"), "x").unwrap();
    git_ok(root, &["add", "deploy"]);
    git_ok(root, &["commit", "-qm", "x"]);
    git_ok(root, &["branch", "other"]);
    expect(root, &["hook", "install"], 0, "");
    let output = crate::grants::program::git(root, &["push", "origin", "main", "other"]);
    let text = crate::grants::program::said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!output.status.success(), "{text}");
    assert!(
        text.contains("push each ref on its own: a grant is for the change of one; it needs 2 signatures"),
        "{text}"
    );
}
