//! Grants for edits of the policy: from the refusal of a push, by the command that it prints, to the same push that passes, once.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::grants::bench::{key, roster};
use crate::grants::program::{expect, freezegate, git_ok, push, said, server};

/// Closed at no hour, so that nothing but the edit refuses.
const POLICY: &str = r#"version = 1
[regions.us]
timezones  = ["UTC"]
core_hours = ["Sun 00:00-00:01"]
[environments.production]
[environments.staging]
during_core_hours = "soft"
[[targets]]
paths = ["deploy/{environment}/**"]
[approvers]
allowed_signers = "approvers.allowed_signers"
groups = { oncall = ["a@example.com", "b@example.com"], leads = ["c@example.com"] }
[[lifts]]
level  = "hard"
signed = ["oncall", "leads"]
[[lifts]]
level    = "soft"
signed   = ["any"]
incident = true
"#;

struct Case {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    /// What the grant is to lift.
    lifts: &'static str,
    /// True if the printed command asks for an incident.
    incident: bool,
}

const CASES: &[Case] = &[
    Case {
        name: "hard alone",
        from: "[environments.production]\n",
        to: "[environments.production]\nduring_core_hours = \"soft\"\n",
        lifts: "policy-change/production",
        incident: false,
    },
    Case {
        name: "soft alone",
        from: "\"soft\"\n[[targets]]",
        to: "\"warn\"\n[[targets]]",
        lifts: "policy-change/staging",
        incident: true,
    },
    Case {
        name: "both, of which the weaker asks for an incident",
        from: "\"Sun 00:00-00:01\"",
        to: "\"Sun 01:00-01:01\"",
        lifts: "policy-change/staging",
        incident: true,
    },
    Case {
        name: "who may sign",
        from: "leads = [\"c@example.com\"]",
        to: "leads = [\"c@example.com\", \"b@example.com\"]",
        lifts: "policy-change",
        incident: false,
    },
];

/// A clone, and beside it the server that it pushes to, with a record.
fn desk() -> (TempDir, PathBuf, TempDir) {
    let outer = TempDir::new().unwrap();
    let root = outer.path().join("shop");
    fs::create_dir(&root).unwrap();
    git_ok(&root, &["init", "-q", "-b", "main"]);
    git_ok(&root, &["remote", "add", "origin", "https://example.com/team/other.git"]);
    git_ok(&root, &["config", "user.email", "r@example.com"]);
    fs::write(root.join("freezegate.toml"), POLICY).unwrap();
    fs::write(root.join("approvers.allowed_signers"), roster()).unwrap();
    fs::create_dir_all(root.join("deploy/production")).unwrap();
    fs::write(root.join("deploy/production/a"), "one").unwrap();
    git_ok(&root, &["add", "-A"]);
    git_ok(&root, &["commit", "-q", "-m", "one"]);
    let bare = server(&root);
    let hook = bare.path().join("hooks/pre-receive");
    let script = fs::read_to_string(&hook).unwrap();
    let record = bare.path().join("record.jsonl");
    fs::write(&hook, script.trim_end().to_owned() + &format!(" --record '{}'\n", record.display())).unwrap();
    (outer, root, bare)
}

fn option(root: &Path) -> String {
    let output = freezegate(root).args(["grant", "push-option", "../grant.toml"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The command that a refusal prints, with what is left open in it filled in.
fn printed(text: &str) -> String {
    assert!(text.contains("`freezegate grant ask"), "{text}");
    let (_, rest) = text.split_once("`freezegate grant ask").unwrap();
    let (arguments, _) = rest.split_once('`').unwrap();
    let filled = arguments.replace("INC-…", "INC-7").replace("\"…\"", "works");
    // the case has a file carry it
    format!("grant new {}", filled.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn a_refused_edit_passes_with_the_grant_that_its_refusal_shows_and_once() {
    for case in CASES {
        let (_outer, root, bare) = desk();
        let policy = fs::read_to_string(root.join("freezegate.toml")).unwrap();
        assert!(policy.contains(case.from), "{}", case.name);
        fs::write(root.join("freezegate.toml"), policy.replacen(case.from, case.to, 1)).unwrap();
        git_ok(&root, &["commit", "-q", "-a", "-m", "edit", "--author", "n <n@example.com>"]);
        let (done, text) = push(&root, bare.path(), &[]);
        assert!(!done && text.contains("opens"), "{}: {text}", case.name);
        let command = printed(&text);
        assert_eq!(command.contains("--incident INC-7"), case.incident, "{}: {command}", case.name);
        // the clone would write another name
        assert!(command.contains("--repository example.com/team/shop"), "{}: {command}", case.name);
        let mut words: Vec<&str> = command.split_whitespace().collect();
        words.extend(["--output", "../grant.toml"]);
        expect(&root, &words, 0, "");
        let grant = fs::read_to_string(root.join("../grant.toml")).unwrap();
        assert!(grant.contains(&format!("\"{}\"", case.lifts)), "{}: {grant}", case.name);
        for signer in ["a", "c"] {
            expect(&root, &["grant", "sign", "../grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
        }
        expect(&root, &["grant", "verify", "../grant.toml", "--repository", "example.com/team/shop"], 0, "valid: ");
        let old = git_ok(bare.path(), &["rev-parse", "main"]);
        let (done, text) = push(&root, bare.path(), &[&option(&root)]);
        assert!(done && text.contains("overridden: "), "{}: {text}", case.name);
        git_ok(bare.path(), &["update-ref", "refs/heads/main", &old]);
        let (done, text) = push(&root, bare.path(), &[&option(&root)]);
        assert!(!done, "{}: {text}", case.name);
        fs::remove_file(root.join("../grant.toml")).unwrap();
        // so does what a pipeline refused
        let (range, reference) = (format!("{old}..HEAD"), "refs/heads/main");
        let check = ["check", "--range", &range, "--ref", reference, "--format", "json"];
        let refusal = freezegate(&root).args(check).output().unwrap();
        assert_eq!(refusal.status.code(), Some(1), "{}: {}", case.name, said(&refusal));
        fs::write(root.join("../refusal.json"), refusal.stdout).unwrap();
        let from = ["grant", "new", "--from", "../refusal.json", "--incident", "INC-7", "--reason", "works"];
        expect(&root, &from, 0, &format!("\"{}\"", case.lifts));
    }
}

#[test]
fn a_grant_for_another_repository_says_how_to_name_it() {
    let (_outer, root, bare) = desk();
    fs::write(
        root.join("freezegate.toml"),
        POLICY.replace("[environments.production]\n", "[environments.production]\nduring_core_hours = \"soft\"\n"),
    )
    .unwrap();
    git_ok(&root, &["commit", "-q", "-a", "-m", "edit", "--author", "n <n@example.com>"]);
    let (_, text) = push(&root, bare.path(), &[]);
    let command = printed(&text).replace(" --repository example.com/team/shop", "");
    let mut words: Vec<&str> = command.split_whitespace().collect();
    words.extend(["--output", "../grant.toml"]);
    expect(&root, &words, 0, "");
    for signer in ["a", "c"] {
        expect(&root, &["grant", "sign", "../grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
    }
    let (done, text) = push(&root, bare.path(), &[&option(&root)]);
    assert!(!done, "{text}");
    assert!(
        text.contains("signed for the repository `example.com/team/other`, this is `example.com/team/shop`"),
        "{text}"
    );
    assert!(text.contains("`git config freezegate.repository example.com/team/other`"), "{text}");
    assert!(text.contains("`git config freezegate.repository example.com/team/shop`"), "{text}");
    git_ok(bare.path(), &["config", "freezegate.repository", "example.com/team/other"]);
    let (done, text) = push(&root, bare.path(), &[&option(&root)]);
    assert!(done, "{text}");
}

#[test]
fn a_freeze_that_only_the_server_has_is_said_to_be_its_own() {
    let (outer, root, bare) = desk();
    let stop = outer.path().join("server-stop.toml");
    let freeze =
        "[[freezes]]\nname = \"stop\"\nfrom = 2020-01-01T00:00:00Z\nuntil = 2099-01-01T00:00:00Z\ntimezone = \"UTC\"\n";
    fs::write(&stop, freeze).unwrap();
    let hook = bare.path().join("hooks/pre-receive");
    let script = fs::read_to_string(&hook).unwrap();
    let variable = format!("#!/bin/sh\nexport FREEZEGATE_EXTRA_FREEZES='{}'\n", stop.display());
    fs::write(&hook, script.replacen("#!/bin/sh\n", &variable, 1)).unwrap();
    fs::write(root.join("deploy/production/a"), "two").unwrap();
    git_ok(&root, &["commit", "-q", "-a", "-m", "two", "--author", "n <n@example.com>"]);
    let (done, text) = push(&root, bare.path(), &[]);
    assert!(!done && text.contains("comes from the server's own freeze file"), "{text}");
    assert!(text.contains("FILE is not in the repository: ask the gate's administrator for it"), "{text}");
    let command = printed(&text).replace("--extra-freezes FILE", "--extra-freezes ../server-stop.toml");
    assert!(command.contains("--extra-freezes ../server-stop.toml"), "{command}");
    let mut words: Vec<&str> = command.split_whitespace().collect();
    words.extend(["--output", "../grant.toml"]);
    expect(&root, &words, 0, "");
    for signer in ["a", "c"] {
        expect(&root, &["grant", "sign", "../grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
    }
    let (done, text) = push(&root, bare.path(), &[&option(&root)]);
    assert!(done && text.contains("overridden: "), "{text}");
}
