//! Grants and the record: what is good for one use has it once, and what lifts is written down.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::grants::bench::key;
use crate::grants::program::{expect, freezegate, git_ok, nested, push, run, said, server, with, write, write_anew};

/// A repository with one change that may not go, the range of it, and beside it a grant for it.
pub(crate) struct Desk {
    _outer: TempDir,
    pub(crate) root: PathBuf,
    pub(crate) range: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let (outer, root) = nested();
        let old = git_ok(&root, &["rev-parse", "HEAD"]);
        let range = format!("{old}..{}", write(&root, "two"));
        let desk = Self { _outer: outer, root, range };
        desk.grant(&["a", "b"], &[]);
        desk
    }

    /// Writes a grant for the change, and has it signed.
    pub(crate) fn grant(&self, signers: &[&str], further: &[&str]) {
        let new = ["grant", "new", "--incident", "INC-7", "--reason", "logins fail"];
        let asked = ["--requester", "r@example.com", "--output", "../grant.toml"];
        let range: &[&str] = if further.contains(&"--range") { &[] } else { &["--range", &self.range] };
        write_anew(&self.root, &[&new[..], &asked, range, further].concat());
        for signer in signers {
            expect(&self.root, &["grant", "sign", "../grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
        }
    }

    pub(crate) fn check<'a>(&'a self, further: &[&'a str]) -> Vec<&'a str> {
        with(&["check", "--range", &self.range, "--ref", "refs/heads/main", "--record", "../record.jsonl"], further)
    }

    fn entries(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.root.join("../record.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn id(&self) -> String {
        let text = fs::read_to_string(self.root.join("../grant.toml")).unwrap();
        text.lines().nth(1).unwrap().trim_start_matches("id = ").trim_matches('"').to_owned()
    }
}

const GRANT: [&str; 2] = ["--grant", "../grant.toml"];

#[test]
fn a_grant_for_one_change_lifts_once() {
    let desk = Desk::new();
    let verify = ["grant", "verify", "../grant.toml", "--record", "../record.jsonl"];
    expect(&desk.root, &desk.check(&[]), 1, "refused: production/us is closed");
    expect(&desk.root, &verify, 0, "valid: ");
    expect(&desk.root, &desk.check(&GRANT), 0, "overridden: production/us is closed (core hours, hard) (grant ");
    expect(&desk.root, &desk.check(&GRANT), 1, "it is single use, and was used: write a new grant");
    expect(&desk.root, &verify, 1, "it is single use, and was used: write a new grant");
    let entries = desk.entries();
    let decided = &entries[1]["decided"];
    assert_eq!(decided["spent"], serde_json::json!([desk.id()]));
    assert_eq!(decided["signers"], serde_json::json!(["a@example.com", "b@example.com"]));
    assert_eq!(decided["requesters"], serde_json::json!(["r@example.com"]));
    assert_eq!(decided["incident"], "INC-7");
    for (filter, shown) in [
        (["--overridden", ""], "2 allowed (overridden): production/us"),
        (["--person", "b@example.com"], "signed by a@example.com, b@example.com"),
        (["--incident", "INC-7"], "reason logins fail"),
    ] {
        let arguments: Vec<&str> = ["record", "show", "../record.jsonl"].into_iter().chain(filter).collect();
        let arguments: Vec<&str> = arguments.into_iter().filter(|argument| !argument.is_empty()).collect();
        expect(&desk.root, &arguments, 0, shown);
    }
    expect(&desk.root, &["record", "show", "../record.jsonl", "--overridden"], 0, "logins fail");
}

#[test]
fn a_grant_that_is_only_asked_about_is_not_spent() {
    let desk = Desk::new();
    for further in [&["--dry-run"][..], &["--at", "2099-01-01T00:00:00Z"]] {
        let (_, text) = run(&desk.root, &desk.check(&with(&GRANT, further)));
        assert!(!text.contains("was used"), "{text}");
    }
    expect(&desk.root, &desk.check(&GRANT), 0, "overridden: ");
}

#[test]
fn a_grant_that_does_not_suffice_is_not_spent() {
    let desk = Desk::new();
    let freeze =
        "[[freezes]]\nname = \"stop\"\nfrom = 2020-01-01T00:00:00Z\nuntil = 2099-01-01T00:00:00Z\ntimezone = \"UTC\"\n";
    fs::write(desk.root.join("../stop.toml"), freeze).unwrap();
    let frozen = desk.check(&["--grant", "../grant.toml", "--extra-freezes", "../stop.toml"]);
    expect(&desk.root, &frozen, 1, "refused: production is frozen: stop");
    assert_eq!(desk.entries()[0]["decided"]["spent"], serde_json::json!([]));
    // the fragment is gone, and the grant is good for what it names
    expect(&desk.root, &desk.check(&GRANT), 0, "overridden: ");
}

/// Kills the program when it has recorded its decision, and has not told it yet.
fn kill_between(desk: &Desk) {
    let answer = desk.root.join("../answer");
    assert!(crate::grants::bench::program("mkfifo", &desk.root).arg(&answer).status().unwrap().success());
    // a pipe that nobody reads holds whoever would write the answer
    let arguments = desk.check(&with(&GRANT, &["--output", "../answer"]));
    let mut child = freezegate(&desk.root).args(arguments).spawn().unwrap();
    let began = Instant::now();
    let record = desk.root.join("../record.jsonl");
    while !fs::read_to_string(&record).is_ok_and(|text| text.ends_with('\n')) {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing was recorded");
        assert!(child.try_wait().unwrap().is_none(), "it ended before its answer was read");
        sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
}

#[test]
fn a_grant_is_spent_also_where_the_program_is_killed_before_it_answers() {
    let desk = Desk::new();
    kill_between(&desk);
    assert_eq!(desk.entries()[0]["decided"]["spent"], serde_json::json!([desk.id()]));
    expect(&desk.root, &desk.check(&GRANT), 1, "it is single use, and was used: write a new grant");
    expect(&desk.root, &["record", "verify", "../record.jsonl"], 0, "");
}

#[test]
fn a_record_that_cannot_be_written_spends_nothing_and_allows_nothing() {
    let desk = Desk::new();
    let arguments =
        ["check", "--range", &desk.range, "--grant", "../grant.toml", "--record", "../nowhere/record.jsonl"];
    expect(&desk.root, &arguments, 2, "no-record");
    expect(&desk.root, &desk.check(&GRANT), 0, "overridden: ");
}

/// A policy in which an incident suffices.
pub(crate) fn incident_suffices(root: &Path) {
    let policy = fs::read_to_string(root.join("freezegate.toml")).unwrap();
    let policy = policy.replace("signed   = [\"oncall\", \"any\"]\n", "signed   = []\n");
    fs::write(root.join("freezegate.toml"), policy).unwrap();
}

#[test]
fn an_incident_alone_lifts_where_the_policy_asks_for_nothing_else_and_is_recorded() {
    let desk = Desk::new();
    let incident = ["--incident", "INC-8"];
    expect(&desk.root, &desk.check(&incident), 1, "the incident `INC-8` alone overrides nothing");
    incident_suffices(&desk.root);
    expect(&desk.root, &desk.check(&[]), 1, "override add `--incident INC-…`: the incident is enough; it is recorded");
    let unrecorded = ["check", "--range", &desk.range, "--incident", "INC-8"];
    expect(
        &desk.root,
        &unrecorded,
        1,
        "`--incident INC-8` needs `--record`: an override without signatures must be recorded",
    );
    expect(&desk.root, &desk.check(&incident), 0, "(incident INC-8)");
    let last = desk.entries().pop().unwrap();
    assert_eq!(last["decided"]["incident"], "INC-8");
    assert_eq!(last["decided"]["findings"][0]["lifted_by"], "incident INC-8");
    expect(&desk.root, &["record", "show", "../record.jsonl", "--overridden"], 0, "incident INC-8");
}

#[test]
fn a_server_spends_the_grant_of_a_push() {
    let desk = Desk::new();
    let bare = server(&desk.root);
    // the server has what was there before
    let (old, new) = desk.range.split_once("..").unwrap();
    git_ok(bare.path(), &["update-ref", "refs/heads/main", old]);
    let hook = bare.path().join("hooks/pre-receive");
    let script = fs::read_to_string(&hook).unwrap();
    let record = bare.path().join("record.jsonl");
    fs::write(&hook, script.trim_end().to_owned() + &format!(" --record '{}'\n", record.display())).unwrap();
    let output = freezegate(&desk.root).args(["grant", "push-option", "../grant.toml"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let option = String::from_utf8(output.stdout).unwrap();
    let (done, text) = push(&desk.root, bare.path(), &[option.trim()]);
    assert!(done, "{text}");
    assert_eq!(git_ok(bare.path(), &["rev-parse", "main"]), new);
    // the same change once more
    git_ok(bare.path(), &["update-ref", "refs/heads/main", old]);
    let (done, text) = push(&desk.root, bare.path(), &[option.trim()]);
    assert!(!done && text.contains("it is single use, and was used: write a new grant"), "{text}");
}

#[test]
fn the_pre_push_hook_sees_in_the_record_whether_a_grant_is_spent() {
    let desk = Desk::new();
    let (old, new) = desk.range.split_once("..").unwrap();
    fs::write(desk.root.join("../refs"), format!("refs/heads/main {new} refs/heads/main {old}\n")).unwrap();
    let push = |record: &[&str]| {
        let mut hook = freezegate(&desk.root);
        hook.args(with(&["hook", "pre-push", "origin", "https://example.com/team/shop.git"], record));
        hook.env("FREEZEGATE_GRANT", "../grant.toml").stdin(fs::File::open(desk.root.join("../refs")).unwrap());
        let output = hook.output().unwrap();
        let text = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        (output.status.code().unwrap(), text)
    };
    let (status, text) = push(&[]);
    assert!(status == 1 && text.contains("it is single use, and this gate keeps no record: give `--record FILE`; for a hook, `freezegate hook install --record FILE`"), "{text}");
    let (status, text) = push(&["--record", "../record.jsonl"]);
    assert_eq!(status, 0, "{text}");
    assert!(!desk.root.join("../record.jsonl").exists(), "advice was recorded");
    expect(&desk.root, &desk.check(&GRANT), 0, "overridden: ");
    let (status, text) = push(&["--record", "../record.jsonl"]);
    assert!(status == 1 && text.contains("and was used"), "{text}");
}

#[test]
fn whose_doing_a_job_is_may_not_sign_for_it() {
    let desk = Desk::new();
    let (old, new) = desk.range.split_once("..").unwrap();
    fs::write(
        desk.root.join("../event.json"),
        format!(r#"{{"ref":"refs/heads/main","before":"{old}","after":"{new}","deleted":false,"repository":{{"default_branch":"main"}}}}"#),
    )
    .unwrap();
    let job = |actor: &str| {
        let mut check = freezegate(&desk.root);
        check.args([
            "check",
            "production",
            "--region",
            "us",
            "--grant",
            "../grant.toml",
            "--record",
            "../record.jsonl",
        ]);
        for (name, value) in [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_EVENT_PATH", "../event.json"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_SHA", new),
            ("GITHUB_ACTOR", actor),
            ("GITHUB_REPOSITORY", "team/shop"),
        ] {
            check.env(name, value);
        }
        let output = check.output().unwrap();
        (output.status.code().unwrap(), said(&output).split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let (status, text) = job("b@example.com");
    assert!(status == 1 && text.contains("`b@example.com` is the pusher of the change, and may not sign; or let somebody who did not sign push it"), "{text}");
    let (status, text) = job("r@example.com");
    assert_eq!(status, 0, "{text}");
    assert_eq!(desk.entries().pop().unwrap()["decided"]["standing"], "enforcement");
}
