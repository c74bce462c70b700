//! Grants from end to end: the program, a real `git` with a server of its own, and a real `ssh-keygen`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::grants::bench::{OUTAGE, POLICY, key, line, program, roster};
use crate::support::clock::FAKETIME;

pub(crate) fn freezegate(folder: &Path) -> Command {
    program(env!("CARGO_BIN_EXE_freezegate"), folder)
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Writes a grant to a file in the place of the one before.
pub(crate) fn write_anew(folder: &Path, arguments: &[&str]) {
    let file = arguments.iter().skip_while(|word| **word != "--output").nth(1).unwrap();
    let file = folder.join(file);
    if file.exists() {
        fs::remove_file(file).unwrap();
    }
    expect(folder, arguments, 0, "");
}

/// The program's whole answer, and its exit status.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    // grants of these tests are of another year, and nobody signs one that is over
    let mut command = match arguments {
        ["grant", "sign", ..] => {
            let mut command = program(FAKETIME, folder);
            command.args(["-f", "2025-07-09 21:50:00 UTC", env!("CARGO_BIN_EXE_freezegate")]);
            command
        }
        _ => freezegate(folder),
    };
    let output = command.args(arguments).output().unwrap();
    // rows are wrapped to the width of a terminal
    (output.status.code().unwrap(), said(&output).split_whitespace().collect::<Vec<_>>().join(" "))
}

pub(crate) fn expect(folder: &Path, arguments: &[&str], status: i32, cause: &str) {
    let (code, text) = run(folder, arguments);
    assert_eq!(code, status, "{arguments:?}: {text}");
    assert!(text.contains(cause), "{arguments:?}: no `{cause}` in {text}");
}

pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Output {
    program("git", folder).args(arguments).output().unwrap()
}

pub(crate) fn git_ok(folder: &Path, arguments: &[&str]) -> String {
    let output = git(folder, arguments);
    assert!(output.status.success(), "git {arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A repository with a policy, a roster and something deployed.
pub(crate) fn repository(policy: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    git_ok(root, &["init", "-q", "-b", "main"]);
    git_ok(root, &["remote", "add", "origin", "https://user@example.com/team/shop.git"]);
    fs::write(root.join("freezegate.toml"), policy).unwrap();
    fs::write(root.join("approvers.allowed_signers"), roster()).unwrap();
    write(root, "one");
    folder
}

/// Commits a change that reaches production in the United States.
pub(crate) fn write(root: &Path, text: &str) -> String {
    fs::create_dir_all(root.join("deploy/production/us")).unwrap();
    fs::write(root.join("deploy/production/us/routes"), text).unwrap();
    git_ok(root, &["add", "-A"]);
    git_ok(root, &["commit", "-q", "-m", text]);
    git_ok(root, &["rev-parse", "HEAD"])
}

const CHECK: [&str; 6] = ["check", "production", "--region", "us", "--at", OUTAGE];

pub(crate) fn with<'a>(before: &[&'a str], behind: &[&'a str]) -> Vec<&'a str> {
    [before, behind].concat()
}

/// Writes a grant for the incident from the refusal, and signs it.
fn granted(root: &Path, signers: &[&str]) -> PathBuf {
    let refusal = freezegate(root).args(with(&CHECK, &["--format", "json"])).output().unwrap();
    assert_eq!(refusal.status.code(), Some(1));
    fs::write(root.join("refusal.json"), refusal.stdout).unwrap();
    let new =
        ["grant", "new", "--from", "refusal.json", "--incident", "INC-7", "--reason", "logins fail", "--any-change"];
    let asked = ["--requester", "r@example.com", "--at", OUTAGE, "--output", "grant.toml"];
    write_anew(root, &with(&new, &asked));
    for signer in signers {
        expect(root, &["grant", "sign", "grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
    }
    root.join("grant.toml")
}

#[test]
fn the_requester_does_not_sign_where_that_would_not_count() {
    let folder = repository(POLICY);
    let root = folder.path();
    let grant = granted(root, &[]);
    let text = fs::read_to_string(&grant).unwrap().replace("\"r@example.com\"", "\"A <a@example.com>\"");
    fs::write(&grant, &text).unwrap();
    let policy = root.join("freezegate.toml");
    fs::write(&policy, POLICY.replace("requester = true\n", "")).unwrap();
    let said = "your signature would not be valid: you (`a@example.com`) requested the grant";
    expect(root, &["grant", "sign", "grant.toml", "--key", key("a").to_str().unwrap()], 2, said);
    assert_eq!(fs::read_to_string(&grant).unwrap(), text);
    // where an entry lets requesters sign, the gate says whether it counts
    fs::write(&policy, POLICY).unwrap();
    expect(root, &["grant", "sign", "grant.toml", "--key", key("a").to_str().unwrap()], 0, "");
}

#[test]
fn a_grant_is_written_signed_shown_verified_and_lifts_what_it_names() {
    let folder = repository(POLICY);
    let root = folder.path();
    let verify = ["grant", "verify", "grant.toml", "--at", OUTAGE];
    granted(root, &[]);
    expect(root, &["grant", "show", "grant.toml"], 0, "signed by nobody yet");
    expect(root, &["grant", "show", "grant.toml"], 0, "permits any change of example.com/team/shop, for the incident");
    expect(
        root,
        &verify,
        1,
        "hard findings need 2 signatures; still missing: one of `oncall` (a@example.com, b@example.com), one of `leads` (c@example.com)",
    );
    expect(root, &["grant", "sign", "grant.toml", "--key", key("a").to_str().unwrap()], 0, "");
    expect(root, &verify, 1, "signed by a@example.com");
    expect(root, &with(&CHECK, &["--grant", "grant.toml"]), 1, "hard findings need 2 signatures");
    let before = fs::read(root.join("grant.toml")).unwrap();
    let key_of_a = key("a");
    let again = ["grant", "sign", "grant.toml", "--key", key_of_a.to_str().unwrap()];
    expect(root, &again, 0, "`grant.toml` has a signature of this key already (");
    assert_eq!(fs::read(root.join("grant.toml")).unwrap(), before);
    expect(root, &["grant", "sign", "grant.toml", "--key", key("c").to_str().unwrap()], 0, "");
    expect(root, &verify, 0, "signed by a@example.com, c@example.com");

    // OpenSSH itself takes the signatures for the same text
    let text = fs::read_to_string(root.join("grant.toml")).unwrap();
    let at = text.find("-----BEGIN").unwrap();
    fs::write(root.join("text"), &text[..at]).unwrap();
    let last = text.rfind("-----BEGIN").unwrap();
    fs::write(root.join("signature"), &text[last..]).unwrap();
    let openssh = program("ssh-keygen", root)
        .args(["-Y", "verify", "-f", "approvers.allowed_signers", "-I", "c@example.com", "-n", "freezegate-grant"])
        .args(["-s", "signature"])
        .stdin(fs::File::open(root.join("text")).unwrap())
        .output()
        .unwrap();
    assert!(openssh.status.success(), "{}", said(&openssh));

    expect(root, &CHECK, 1, "refused: production/us is closed (core hours, hard)");
    expect(
        root,
        &with(&CHECK, &["--grant", "grant.toml"]),
        0,
        "overridden: production/us is closed (core hours, hard) (grant ",
    );
    let all = ["check", "production", "--at", OUTAGE, "--grant", "grant.toml"];
    expect(root, &all, 1, "signed for the region `us`, this reaches `eu`");
    let late = ["check", "production", "--region", "us", "--at", "2025-07-09T23:00:00Z", "--grant", "grant.toml"];
    expect(root, &late, 1, "expired 15 min ago");
    git_ok(root, &["config", "freezegate.repository", "till"]);
    let other = "signed for the repository `example.com/team/shop`, this is `till`";
    expect(root, &with(&CHECK, &["--grant", "grant.toml"]), 1, other);
    expect(root, &with(&CHECK, &["--grant", "grant.toml", "--repository", "example.com/team/shop"]), 0, "overridden: ");
}

#[test]
fn the_json_names_the_grant() {
    let folder = repository(POLICY);
    granted(folder.path(), &["b", "c"]);
    let arguments = with(&CHECK, &["--grant", "grant.toml", "--format", "json"]);
    let output = freezegate(folder.path()).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = fs::read_to_string(folder.path().join("grant.toml")).unwrap();
    let id = text.lines().nth(1).unwrap().trim_start_matches("id = ").trim_matches('"');
    assert_eq!(answer["findings"][0]["lifted_by"], format!("grant {id}"));
    assert_eq!(answer["findings"][0]["id"], "core-hours/us");
    assert_eq!(answer["valid_until"], "2025-07-09T22:45:00Z");
}

#[test]
fn the_environment_may_bring_a_grant_as_path_or_text() {
    let folder = repository(POLICY);
    let path = granted(folder.path(), &["b", "c"]);
    let text = fs::read_to_string(&path).unwrap();
    // as `$(cat grant.toml)` gives it
    for value in ["grant.toml", &text, text.trim_end()] {
        let output = freezegate(folder.path()).args(CHECK).env("FREEZEGATE_GRANT", value).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    let output = freezegate(folder.path()).args(CHECK).env("FREEZEGATE_GRANT", "nowhere.toml").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn what_is_no_grant_is_no_decision() {
    let folder = repository(POLICY);
    let root = folder.path();
    let path = granted(root, &["b", "c"]);
    let text = fs::read_to_string(&path).unwrap();
    for (name, bytes, cause) in [
        ("behind", format!("{text}\nlifts = []\n"), "has text after its signatures"),
        ("crlf", text.replace('\n', "\r\n"), "has a carriage return on line 1"),
        ("large", "#".repeat(10 << 20), "has 10485760 bytes, 10420224 more than the 65536 allowed"),
    ] {
        fs::write(root.join(name), bytes).unwrap();
        expect(root, &with(&CHECK, &["--grant", name]), 2, cause);
        expect(root, &["grant", "verify", name], 2, cause);
        expect(root, &["grant", "show", name], 2, cause);
        expect(root, &["grant", "push-option", name], 2, cause);
    }
    // a key in the place of a grant is not shown to whoever reads the log
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n";
    fs::write(root.join("key"), key).unwrap();
    for arguments in
        [&with(&CHECK, &["--grant", "key"])[..], &["grant", "show", "key"], &["grant", "push-option", "key"]]
    {
        let (status, told) = run(root, arguments);
        assert!(status == 2 && told.contains("holds a private key") && !told.contains("c2VjcmV0"), "{told}");
    }
    expect(
        root,
        &["grant", "new", "lab", "--at", OUTAGE, "--reason", "x", "--requester", "r@example.com"],
        2,
        "the grant names no change, so it would permit any",
    );
}

#[test]
fn a_grant_for_one_change_needs_a_record_to_be_spent_in() {
    let folder = repository(POLICY);
    let root = folder.path();
    let old = git_ok(root, &["rev-parse", "HEAD"]);
    let new = write(root, "two");
    let range = format!("{old}..{new}");
    let asked = [
        "grant",
        "new",
        "--range",
        &range,
        "--ref",
        "refs/heads/main",
        "--incident",
        "INC-7",
        "--reason",
        "logins fail",
    ];
    expect(root, &with(&asked, &["--requester", "r@example.com", "--at", OUTAGE, "--output", "grant.toml"]), 0, "");
    let text = fs::read_to_string(root.join("grant.toml")).unwrap();
    assert!(text.contains("ref = \"refs/heads/main\"\n"), "{text}");
    assert!(text.contains(&format!("range = \"{old}..{new}\"\n")), "{text}");
    for signer in ["a", "c"] {
        expect(root, &["grant", "sign", "grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
    }
    let check = |range: &str, cause: &str| {
        let arguments =
            ["check", "--range", range, "--ref", "refs/heads/main", "--at", OUTAGE, "--grant", "grant.toml"];
        expect(root, &arguments, 1, cause);
    };
    check(&range, "it is single use, and this gate keeps no record");
    let third = write(root, "three");
    check(&format!("{old}..{third}"), "signed for another change of the same ref (difference ");
}

#[test]
fn an_author_of_the_change_may_not_sign() {
    let folder = repository(POLICY);
    let root = folder.path();
    let old = git_ok(root, &["rev-parse", "HEAD"]);
    granted(root, &["a", "c"]);
    fs::write(root.join("deploy/production/us/routes"), "two").unwrap();
    git_ok(root, &["add", "deploy"]);
    git_ok(root, &["commit", "-q", "-m", "two", "-m", "Co-authored-by: C <C@example.com>"]);
    let range = format!("{old}..HEAD");
    let check = ["check", "--range", &range, "--ref", "refs/heads/main", "--at", OUTAGE, "--grant", "grant.toml"];
    expect(root, &check, 1, "`c@example.com` is an author of the change (`C <C@example.com>`), and may not sign");
    // nor are they named as one whose signature counts
    let verify = ["grant", "verify", "grant.toml", "--range", &range, "--ref", "refs/heads/main", "--at", OUTAGE];
    let signed = "signed by a@example.com `c@example.com` is an author of the change (`C <C@example.com>`), and may not sign but hard";
    expect(root, &verify, 1, signed);
    // from before that commit on, nobody of the roster wrote anything
    let clean = write(root, "three");
    let range = format!("HEAD~1..{clean}");
    let check = ["check", "--range", &range, "--ref", "refs/heads/main", "--at", OUTAGE, "--grant", "grant.toml"];
    expect(root, &check, 0, "overridden: production/us");
}

/// Closed at any hour, so that the test stands at whatever instant it is run.
pub(crate) const ALWAYS: &str = r#"version = 1

[regions.us]
timezones  = ["America/New_York"]
core_hours = ["daily 00:00-24:00"]

[environments.production]

[[targets]]
refs  = ["refs/heads/main"]
paths = ["deploy/{environment}/{region}/**"]

[approvers]
allowed_signers = "approvers.allowed_signers"
groups = { oncall = ["a@example.com"] }

[[lifts]]
level    = "hard"
signed   = ["oncall", "any"]
incident = true
"#;

/// A server whose pre-receive hook is the program, with the repository pushed to it before the hook was there.
pub(crate) fn server(root: &Path) -> TempDir {
    let folder = TempDir::new().unwrap();
    let bare = folder.path();
    git_ok(bare, &["init", "-q", "--bare", "-b", "main", "."]);
    git_ok(root, &["push", "-q", bare.to_str().unwrap(), "main"]);
    git_ok(bare, &["config", "receive.advertisePushOptions", "true"]);
    git_ok(bare, &["config", "freezegate.repository", "example.com/team/shop"]);
    let hook = bare.join("hooks/pre-receive");
    fs::create_dir_all(bare.join("hooks")).unwrap();
    fs::write(&hook, format!("#!/bin/sh\nexec '{}' hook pre-receive\n", env!("CARGO_BIN_EXE_freezegate"))).unwrap();
    let mut permissions = fs::metadata(&hook).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    fs::set_permissions(&hook, permissions).unwrap();
    folder
}

/// Writes a grant for an incident that begins now, and gives what `git push -o` takes.
fn push_option(root: &Path, signers: &[&str]) -> String {
    let new = ["grant", "new", "production", "--incident", "INC-7", "--reason", "logins fail", "--any-change"];
    write_anew(root, &with(&new, &["--requester", "r@example.com", "--output", "../grant.toml"]));
    for signer in signers {
        expect(root, &["grant", "sign", "../grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
    }
    let output = freezegate(root).args(["grant", "push-option", "../grant.toml"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn push(root: &Path, bare: &Path, options: &[&str]) -> (bool, String) {
    let mut arguments = vec!["push", bare.to_str().unwrap(), "main"];
    for option in options {
        arguments.extend(["-o", option]);
    }
    let output = git(root, &arguments);
    let plain = said(&output).replace("remote:", " ");
    (output.status.success(), plain.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A repository in a folder of its own, so that the grant can lie beside it.
pub(crate) fn nested() -> (TempDir, PathBuf) {
    let outer = TempDir::new().unwrap();
    let inner = repository(ALWAYS);
    let root = outer.path().join("shop");
    git_ok(outer.path(), &["clone", "-q", inner.path().to_str().unwrap(), "shop"]);
    git_ok(&root, &["remote", "set-url", "origin", "https://example.com/team/shop.git"]);
    (outer, root)
}

#[test]
fn a_push_may_bring_a_grant_to_a_server() {
    let (_outer, root) = nested();
    let server = server(&root);
    write(&root, "two");
    let (done, text) = push(&root, server.path(), &[]);
    assert!(!done && text.contains("refused: production/us is closed"), "{text}");
    let (done, text) = push(&root, server.path(), &["freezegate-grant=not a grant"]);
    assert!(!done && text.contains("is not base64url"), "{text}");
    let (done, text) = push(&root, server.path(), &[&push_option(&root, &["a"])]);
    assert!(!done && text.contains("hard findings need 2 signatures; still missing: any approver ("), "{text}");
    let option = push_option(&root, &["a", "b"]);
    git_ok(server.path(), &["config", "freezegate.repository", "example.com/team/till"]);
    let (done, text) = push(&root, server.path(), &[&option]);
    assert!(!done && text.contains("signed for the repository `example.com/team/shop`"), "{text}");
    git_ok(server.path(), &["config", "freezegate.repository", "example.com/team/shop"]);
    let (done, text) = push(&root, server.path(), &["ci.skip", &option]);
    assert!(done, "{text}");
}

#[test]
fn a_roster_that_is_changed_in_the_same_push_does_not_count() {
    let (_outer, root) = nested();
    let server = server(&root);
    // `d` writes itself into the roster, and signs
    fs::write(root.join("approvers.allowed_signers"), roster() + &line("d", "", "d")).unwrap();
    write(&root, "two");
    let option = push_option(&root, &["a", "d"]);
    expect(&root, &["grant", "verify", "../grant.toml"], 0, "signed by a@example.com, d@example.com");
    let (done, text) = push(&root, server.path(), &[&option]);
    assert!(!done, "{text}");
    assert!(
        text.contains("signature 2 does not count: its key SHA256:") && text.contains("is not in the roster `"),
        "{text}"
    );
}

#[test]
fn authors_of_every_ref_of_a_push_count() {
    let (_outer, root) = nested();
    let server = server(&root);
    git_ok(&root, &["branch", "side"]);
    write(&root, "two");
    git_ok(&root, &["switch", "-q", "side"]);
    fs::write(root.join("notes"), "text").unwrap();
    git_ok(&root, &["add", "notes"]);
    git_ok(&root, &["commit", "-q", "-m", "side", "-m", "Co-authored-by: B <b@example.com>"]);
    let option = push_option(&root, &["a", "b"]);
    let arguments = ["push", server.path().to_str().unwrap(), "main", "side", "-o", &option];
    let output = git(&root, &arguments);
    let text = said(&output).replace("remote:", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!output.status.success(), "{text}");
    assert!(
        text.contains("`b@example.com` is an author of the change (`B <b@example.com>`), and may not sign"),
        "{text}"
    );
}

#[test]
fn the_pre_push_hook_takes_the_grant_of_the_environment() {
    let (_outer, root) = nested();
    let server = TempDir::new().unwrap();
    let bare = server.path().to_str().unwrap();
    git_ok(server.path(), &["init", "-q", "--bare", "-b", "main", "."]);
    git_ok(&root, &["push", "-q", bare, "main"]);
    let old = git_ok(&root, &["rev-parse", "HEAD"]);
    let new = write(&root, "two");
    push_option(&root, &["a", "b"]);
    let push = |grant: &str| {
        let input = root.join("../refs");
        fs::write(&input, format!("refs/heads/main {new} refs/heads/main {old}\n")).unwrap();
        let mut hook = freezegate(&root);
        hook.args(["hook", "pre-push", bare, bare]).stdin(fs::File::open(&input).unwrap());
        if !grant.is_empty() {
            hook.env("FREEZEGATE_GRANT", grant);
        }
        let output = hook.output().unwrap();
        (output.status.code().unwrap(), said(&output))
    };
    let (status, text) = push("");
    assert_eq!(status, 1, "{text}");
    let (status, text) = push("../grant.toml");
    assert_eq!(status, 0, "{text}");
}

#[test]
fn who_pushes_may_not_sign_where_the_server_tells_who_that_is() {
    let (_outer, root) = nested();
    let server = server(&root);
    let hook = server.path().join("hooks/pre-receive");
    let script = fs::read_to_string(&hook).unwrap();
    write(&root, "two");
    let option = push_option(&root, &["a", "b"]);
    fs::write(&hook, script.replace("exec ", "REMOTE_USER=b@example.com exec ")).unwrap();
    let (done, text) = push(&root, server.path(), &[&option]);
    assert!(!done && text.contains("`b@example.com` is the pusher of the change, and may not sign"), "{text}");
    fs::write(&hook, script.replace("exec ", "REMOTE_USER=r@example.com exec ")).unwrap();
    let (done, text) = push(&root, server.path(), &[&option]);
    assert!(done, "{text}");
}

/// An incident that opens nothing says why, in every policy that lets none override.
#[test]
fn an_incident_under_a_policy_that_lets_none_override_says_so() {
    let only = "[[lifts]]";
    let at = POLICY.find(only).unwrap();
    let none = &POLICY[..at];
    let signed = format!("{none}[[lifts]]\nlevel = \"hard\"\nsigned = [\"oncall\"]\n");
    for policy in [none, &signed] {
        let folder = repository(policy);
        let output = freezegate(folder.path()).args(with(&CHECK, &["--incident", "INC-7"])).output().unwrap();
        let seen = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(1), "{seen}");
        assert!(seen.contains("no `[[lifts]]` entry of this policy lets an incident override anything"), "{seen}");
    }
}

#[test]
fn a_new_grant_overwrites_nothing_and_says_what_to_do_with_it() {
    let folder = repository(POLICY);
    let root = folder.path();
    granted(root, &["a"]);
    let before = fs::read(root.join("grant.toml")).unwrap();
    let new =
        ["grant", "new", "--from", "refusal.json", "--incident", "INC-7", "--reason", "logins fail", "--any-change"];
    let again = with(&new, &["--requester", "r@example.com", "--output", "grant.toml"]);
    expect(
        root,
        &again,
        2,
        "`grant.toml` exists and may hold signatures | = help: write another: `--output grant-2.toml`",
    );
    fs::write(root.join("grant-2.toml"), "").unwrap();
    expect(root, &again, 2, "`--output grant-3.toml`");
    let free = with(&new, &["--requester", "r@example.com", "--output", "grant-3.toml"]);
    expect(root, &free, 0, "wrote: grant-3.toml");
    // nothing is asked for that its file could not hold
    let ask = with(&["grant", "ask"], again.get(2..).unwrap());
    expect(root, &ask, 2, "`--output grant-4.toml`");
    let policy = with(&new, &["--requester", "r@example.com", "--output", "freezegate.toml"]);
    expect(root, &policy, 2, "`freezegate.toml` exists");
    assert_eq!(fs::read(root.join("grant.toml")).unwrap(), before);
    assert_eq!(fs::read_to_string(root.join("freezegate.toml")).unwrap(), POLICY);
    let past = with(&new, &["--requester", "r@example.com", "--at", OUTAGE, "--output", "other.toml"]);
    let (status, text) = run(root, &past);
    assert_eq!(status, 0, "{text}");
    assert!(
        text.contains("the grant is over already") && text.contains("`freezegate grant sign other.toml --key KEY`"),
        "{text}"
    );
}

#[test]
fn a_grant_for_any_change_is_asked_for_in_so_many_words() {
    let folder = repository(POLICY);
    let root = folder.path();
    let new = [
        "grant",
        "new",
        "production",
        "--region",
        "us",
        "--at",
        OUTAGE,
        "--incident",
        "INC-7",
        "--reason",
        "logins fail",
    ];
    let asked = ["--requester", "r@example.com"];
    expect(root, &with(&new, &asked), 2, "the grant names no change, so it would permit any");
    expect(root, &with(&new, &[asked.as_slice(), &["--any-change"]].concat()), 0, "incident = \"INC-7\"");
    let long = [asked.as_slice(), &["--any-change", "--lasts", "3d"]].concat();
    expect(root, &with(&new, &long), 2, "`--lasts 3d`: a grant for any change lasts 1 h at most");
}

#[test]
fn a_new_grant_that_no_lift_takes_says_what_to_change() {
    let folder = repository(POLICY);
    let root = folder.path();
    let before = git_ok(root, &["rev-parse", "HEAD"]);
    let range = format!("{before}..{}", write(root, "two"));
    let asked = ["--at", OUTAGE, "--reason", "logins fail", "--requester", "r@example.com"];
    let new = with(&["grant", "new", "--range", &range, "--ref", "refs/heads/main"], &asked);
    expect(root, &new, 2, "only for an incident | = help: add `--incident ID`");
    expect(root, &with(&new, &["--output", "none.toml"]), 2, "only for an incident");
    assert!(!root.join("none.toml").exists());
    let incident = with(&new, &["--incident", "INC-7"]);
    expect(root, &incident, 0, "then: `freezegate grant sign fix.grant --key KEY`");
    let (_, text) = run(root, &incident);
    assert!(!text.contains("will not count"), "{text}");
    expect(root, &with(&incident, &["--lasts", "3h"]), 2, "may last 2 h here, and this one lasts 3 h");
    expect(root, &with(&incident, &["--lasts", "3h"]), 2, "help: give `--lasts 120m`");
    expect(root, &with(&incident, &["--lasts", "120m"]), 0, "");
}

#[test]
fn a_grant_for_nothing_is_refused_in_names_of_the_policy() {
    let folder = repository(POLICY);
    let names = "or name an environment, such as `lab`, `production`, `staging`; or commits: `--range OLD..NEW`";
    for verb in ["new", "ask"] {
        for more in [&[][..], &["--any-change", "--incident", "INC-7"]] {
            expect(folder.path(), &with(&["grant", verb, "--reason", "logins fail"], more), 2, names);
        }
    }
}

/// Whoever signs sees what the grant allows before ssh-keygen(1) asks for a passphrase.
#[test]
fn a_grant_is_shown_before_its_key_is_used() {
    let folder = repository(POLICY);
    let root = folder.path();
    granted(root, &[]);
    let real = key("a");
    // a key that can't be used ends the program where the passphrase would be asked for
    fs::write(root.join("broken"), "no key").unwrap();
    for (key, status) in [("broken", 2), (real.to_str().unwrap(), 0)] {
        let (code, text) = run(root, &["grant", "sign", "grant.toml", "--key", key]);
        assert_eq!(code, status, "{text}");
        let (shown, rest) = text.split_once("before you nobody signed").unwrap();
        assert!(shown.starts_with("you are signing: ") && shown.contains("overrides core-hours/us"), "{text}");
        assert_eq!(rest.contains("signed: grant.toml"), status == 0, "{text}");
    }
}

/// A clone's own name for the repository is not the one that a gate compares; all else is judged.
#[test]
fn a_grant_for_another_name_than_the_clones_is_judged_in_all_else() {
    let folder = repository(POLICY);
    let root = folder.path();
    granted(root, &["a", "c"]);
    git_ok(root, &["config", "freezegate.repository", "clone"]);
    let verify = ["grant", "verify", "grant.toml", "--at", OUTAGE];
    let (status, text) = run(root, &verify);
    assert_eq!(status, 2, "{text}");
    let but = "but not checked here: the repository: the grant is for `example.com/team/shop`, this clone knows it as `clone`";
    assert!(text.starts_with("undecided: ") && text.contains("signed by a@example.com, c@example.com"), "{text}");
    assert!(text.contains(but) && text.contains("`--repository NAME`"), "{text}");
    // a name that is given is the gate's
    expect(root, &with(&verify, &["--repository", "clone"]), 1, "signed for the repository `example.com/team/shop`");
    expect(root, &with(&verify, &["--repository", "example.com/team/shop"]), 0, "valid: ");
    // where pushes arrive, the own name is the gate's
    git_ok(root, &["config", "receive.denyCurrentBranch", "updateInstead"]);
    expect(root, &verify, 1, "signed for the repository `example.com/team/shop`");
}

#[test]
fn a_relative_address_of_origin_names_the_repository_as_its_server_does() {
    let folder = repository(POLICY);
    let root = folder.path();
    fs::create_dir(root.join("team")).unwrap();
    git_ok(root, &["init", "-q", "--bare", "team/shop.git"]);
    git_ok(root, &["remote", "set-url", "origin", "./team/shop.git"]);
    let new = ["grant", "new", "production", "--region", "us", "--at", OUTAGE, "--incident", "INC-7", "--any-change"];
    let name = root.canonicalize().unwrap().join("team/shop");
    let named = format!("repository = \"{}\"", name.display());
    expect(root, &with(&new, &["--reason", "logins fail", "--requester", "r@example.com"]), 0, &named);
}

#[test]
fn a_policy_is_no_grant_and_is_told_so_once() {
    let folder = repository(POLICY);
    let (status, text) = run(folder.path(), &["grant", "verify", "freezegate.toml"]);
    assert_eq!(status, 2, "{text}");
    assert_eq!(text.matches("error[").count(), 1, "{text}");
    assert!(text.contains("this is a policy, not a grant"), "{text}");
}
