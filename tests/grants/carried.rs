//! What a grant for one change covers: the same difference on the same ref, on whatever commits, and nothing else; and that
//! `verify` and `check` say the same of it.

use std::fs;
use std::path::Path;

use crate::grants::bench::key;
use crate::grants::program::{expect, git, git_ok, nested, run, said, server, with, write, write_anew};
use crate::grants::spent::Desk;

const VERIFY: [&str; 3] = ["grant", "verify", "../grant.toml"];

/// Commits a file.
fn put(root: &Path, path: &str, text: &str) -> String {
    fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
    fs::write(root.join(path), text).unwrap();
    git_ok(root, &["add", "-A"]);
    git_ok(root, &["commit", "-q", "-m", path]);
    git_ok(root, &["rev-parse", "HEAD"])
}

/// Asks about a range on `main`, with the grant; without noting anything.
fn asked(desk: &Desk, range: &str, reference: &str) -> (i32, String) {
    let check = ["check", "--range", range, "--ref", reference, "--record", "../record.jsonl", "--dry-run"];
    let (_, text) = run(&desk.root, &with(&check, &["--grant", "../grant.toml"]));
    (i32::from(!text.contains("overridden: ")), text)
}

#[test]
fn a_grant_survives_a_rebase_and_a_squash_and_covers_nothing_more() {
    let desk = Desk::new();
    let root = &desk.root;
    let (old, new) = desk.range.split_once("..").unwrap();
    let main = "refs/heads/main";
    let (status, text) = asked(&desk, &desk.range, main);
    assert_eq!(status, 0, "{text}");

    // rebased onto what somebody else merged meanwhile
    git_ok(root, &["switch", "-q", "-c", "other", old]);
    let base = put(root, "notes/other", "text");
    git_ok(root, &["cherry-pick", new]);
    let (status, text) = asked(&desk, &format!("{base}..HEAD"), main);
    assert_eq!(status, 0, "rebased: {text}");
    let wide = format!("{old}..HEAD");
    let (status, text) = asked(&desk, &wide, main);
    assert!(status == 1 && text.contains("signed for another change of the same ref"), "what others added: {text}");

    // the same content in two commits, and in one
    git_ok(root, &["switch", "-q", "-c", "steps", old]);
    put(root, "deploy/production/us/routes", "half");
    let two = put(root, "deploy/production/us/routes", "two");
    assert_eq!(asked(&desk, &format!("{old}..{two}"), main).0, 0, "in two commits");
    let half = format!("{two}~..{two}");
    assert_eq!(asked(&desk, &half, main).0, 1, "half of it is another difference");

    // somebody changed the same path: what was there is not what was signed for
    git_ok(root, &["switch", "-q", "-c", "moved", old]);
    let base = put(root, "deploy/production/us/routes", "moved");
    let same = put(root, "deploy/production/us/routes", "two");
    let (status, text) = asked(&desk, &format!("{base}..{same}"), main);
    assert!(status == 1 && text.contains("signed for another change of the same ref"), "{text}");

    let (_, text) = asked(&desk, &desk.range, "refs/heads/release");
    assert!(!text.contains("overridden: "), "{text}");
    let unknown = ["check", "--range", &desk.range, "--record", "../record.jsonl", "--grant", "../grant.toml"];
    expect(root, &unknown, 1, "it is for one ref, and which ref is changed is not known: give `--ref REF`");
}

#[test]
fn a_grant_for_a_mode_a_link_or_a_deletion_is_for_that() {
    let desk = Desk::new();
    let root = &desk.root;
    let (_, new) = desk.range.split_once("..").unwrap();
    let file = root.join("deploy/production/us/routes");
    let mut mode = fs::metadata(&file).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(&file, mode).unwrap();
    git_ok(root, &["commit", "-q", "-a", "-m", "mode"]);
    let (status, text) = asked(&desk, &desk.range.replace(new, "HEAD"), "refs/heads/main");
    assert!(status == 1 && text.contains("signed for another change"), "{text}");
    git_ok(root, &["rm", "-q", "-r", "deploy"]);
    git_ok(root, &["commit", "-q", "-m", "gone"]);
    assert_eq!(asked(&desk, &desk.range.replace(new, "HEAD"), "refs/heads/main").0, 1);
}

#[test]
fn verify_and_check_say_the_same() {
    type Prepare = fn(&Desk);
    let cases: [(&str, Prepare, i32, &str); 6] = [
        ("right", |_| {}, 0, "valid: "),
        (
            "a signer wrote the change",
            |desk| {
                git_ok(&desk.root, &["commit", "-q", "--amend", "--no-edit", "--author", "B <b+git@example.com>"]);
                desk.grant(&["a", "b"], &["--range", "HEAD~..HEAD"]);
            },
            1,
            "`b@example.com` is an author of the change (`b+git@example.com`), and may not sign",
        ),
        (
            "a signer is named in a trailer",
            |desk| {
                let text = "two\n\nCo-authored-by: B <1+b@users.noreply.github.com>";
                git_ok(&desk.root, &["commit", "-q", "--amend", "-m", text]);
                desk.grant(&["a", "b"], &["--range", "HEAD~..HEAD"]);
            },
            1,
            "`b@example.com` is an author of the change (`B <1+b@users.noreply.github.com>`), and may not sign",
        ),
        (
            "another repository",
            |desk| {
                git_ok(&desk.root, &["config", "freezegate.repository", "till"]);
                // where pushes arrive, the own name is that of the gate
                git_ok(&desk.root, &["config", "receive.denyCurrentBranch", "updateInstead"]);
            },
            1,
            "signed for the repository `example.com/team/shop`, this is `till`",
        ),
        (
            "a difference that the range does not have",
            |desk| {
                let path = desk.root.join("../grant.toml");
                let text = fs::read_to_string(&path).unwrap();
                let start = text.find("difference = \"").unwrap() + 14;
                let other = text[..start].to_owned() + &"0".repeat(64) + &text[start + 64..];
                fs::write(&path, other.split("-----BEGIN").next().unwrap()).unwrap();
                for signer in ["a", "b"] {
                    expect(
                        &desk.root,
                        &["grant", "sign", "../grant.toml", "--key", key(signer).to_str().unwrap()],
                        0,
                        "",
                    );
                }
            },
            1,
            "signed for another change of the same ref (difference 0000000",
        ),
        (
            "the policy changed",
            |desk| {
                let path = desk.root.join("freezegate.toml");
                let policy = fs::read_to_string(&path).unwrap();
                fs::write(&path, policy.replace("00:00-24:00", "00:00-23:59")).unwrap();
            },
            1,
            "what it depends on in the policy is not what it was signed for",
        ),
    ];
    for (name, prepare, status, cause) in cases {
        let desk = Desk::new();
        prepare(&desk);
        let record = ["--record", "../record.jsonl"];
        let (code, text) = run(&desk.root, &with(&VERIFY, &record));
        assert!(code == status && text.contains(cause), "{name}: {code}, {text}");
        let (code, text) = asked(&desk, "HEAD~..HEAD", "refs/heads/main");
        assert!(code == status && (status == 0 || text.contains(cause)), "{name}: {code}, {text}");
    }
}

#[test]
fn verify_says_what_it_could_not_look_at_and_never_that_it_counts() {
    let desk = Desk::new();
    let elsewhere = tempfile::TempDir::new().unwrap();
    let folder = elsewhere.path();
    for file in ["freezegate.toml", "approvers.allowed_signers", "../grant.toml"] {
        fs::copy(desk.root.join(file), folder.join(file.trim_start_matches("../"))).unwrap();
    }
    let verify = ["grant", "verify", "grant.toml"];
    expect(folder, &verify, 2, "not checked here: the change and the repository: no git repository");
    git_ok(folder, &["init", "-q", "-b", "main"]);
    git_ok(folder, &["config", "freezegate.repository", "example.com/team/shop"]);
    let (status, text) = run(folder, &verify);
    assert!(status == 2 && text.contains("undecided: ") && text.contains("not checked here: the change "), "{text}");
    assert!(!text.contains("valid: "), "{text}");
    expect(&desk.root, &VERIFY, 0, "unless a signer pushes the change, or it was used (check with `--record`)");
    let full = ["--record", "../record.jsonl", "--pusher", "carl"];
    let (status, text) = run(&desk.root, &with(&VERIFY, &full));
    assert!(status == 0 && !text.contains(" if "), "{text}");
    expect(&desk.root, &with(&VERIFY, &["--pusher", "a"]), 1, "is the pusher of the change (`a`)");
}

#[test]
fn a_check_of_a_pull_request_uses_no_grant_up() {
    let desk = Desk::new();
    let job = request_job(&desk);
    for _ in 0..2 {
        let (status, text) = job(&["--record", "../record.jsonl"]);
        assert!(status == 0 && text.contains("overridden: "), "{text}");
    }
    let (status, text) = job(&[]);
    assert!(status == 0 && text.contains("overridden: "), "a pull request needs no record: {text}");
    let record = fs::read_to_string(desk.root.join("../record.jsonl")).unwrap();
    assert!(record.contains("\"spent\":[]") && !record.contains("\"spent\":[\""), "{record}");
    expect(&desk.root, &with(&VERIFY, &["--record", "../record.jsonl"]), 0, "valid: ");
}

/// Such a job deploys.
#[test]
fn a_job_of_a_pull_request_that_names_an_environment_uses_a_grant_up() {
    let desk = Desk::new();
    let job = request_job(&desk);
    let (status, text) = job(&["production"]);
    assert!(
        status == 1
            && text.contains("override add `--record origin:refs/heads/freezegate-record`, which grant")
            && !text.contains("--any-change"),
        "nothing notes the use: {text}"
    );
    let (status, text) = job(&["production", "--record", "../record.jsonl"]);
    assert!(status == 0 && text.contains("overridden: "), "{text}");
    let (status, text) = job(&["production", "--record", "../record.jsonl"]);
    assert!(status == 1, "the grant is for one use: {text}");
}

/// A job of GitHub for a pull request with the change of the desk: with these arguments of `check`, its exit status and what it said.
fn request_job(desk: &Desk) -> impl Fn(&[&str]) -> (i32, String) {
    let (old, new) = desk.range.split_once("..").unwrap();
    git_ok(&desk.root, &["update-ref", "refs/remotes/origin/main", old]);
    let event = format!(
        r#"{{"number":1,"pull_request":{{"base":{{"ref":"main","sha":"{old}"}},"head":{{"ref":"fix","sha":"{new}","repo":{{"fork":false}}}}}},"repository":{{"default_branch":"main"}}}}"#
    );
    fs::write(desk.root.join("../event.json"), event).unwrap();
    move |further: &[&str]| {
        let mut check = crate::grants::program::freezegate(&desk.root);
        check.args(["check", "--grant", "../grant.toml"]).args(further);
        for (name, value) in [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", "pull_request"),
            ("GITHUB_EVENT_PATH", "../event.json"),
            ("GITHUB_REF", "refs/pull/1/merge"),
            ("GITHUB_BASE_REF", "main"),
            ("GITHUB_HEAD_REF", "fix"),
            ("GITHUB_SHA", new),
            ("GITHUB_ACTOR", "r"),
            ("GITHUB_REPOSITORY", "team/shop"),
        ] {
            check.env(name, value);
        }
        let output = check.output().unwrap();
        (output.status.code().unwrap(), said(&output).split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

#[test]
fn each_ref_of_a_push_needs_its_own_grant() {
    let (_outer, root) = nested();
    let policy = fs::read_to_string(root.join("freezegate.toml")).unwrap();
    fs::write(
        root.join("freezegate.toml"),
        policy.replace("\"refs/heads/main\"", "\"refs/heads/main\", \"refs/heads/r\""),
    )
    .unwrap();
    git_ok(&root, &["commit", "-q", "-a", "-m", "two refs"]);
    let server = server(&root);
    git_ok(&root, &["push", "-q", "--no-verify", server.path().to_str().unwrap(), "main:refs/heads/side"]);
    let hook = server.path().join("hooks/pre-receive");
    let script = fs::read_to_string(&hook).unwrap();
    let record = server.path().join("record.jsonl");
    fs::write(&hook, script.trim_end().to_owned() + &format!(" --record '{}'\n", record.display())).unwrap();
    let old = git_ok(&root, &["rev-parse", "HEAD"]);
    git_ok(server.path(), &["update-ref", "refs/heads/r", &old]);
    git_ok(&root, &["branch", "r"]);
    let main = write(&root, "two");
    git_ok(&root, &["switch", "-q", "r"]);
    let other = write(&root, "three");
    let option = |reference: &str, new: &str| {
        let range = format!("{old}..{new}");
        let new = ["grant", "new", "--range", &range, "--ref", reference, "--incident", "INC-7", "--reason", "x"];
        write_anew(&root, &with(&new, &["--requester", "r@example.com", "--output", "../grant.toml"]));
        for signer in ["a", "b"] {
            expect(&root, &["grant", "sign", "../grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
        }
        let output =
            crate::grants::program::freezegate(&root).args(["grant", "push-option", "../grant.toml"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let (first, second) = (option("refs/heads/main", &main), option("refs/heads/r", &other));
    let push = |options: &[&str]| {
        let mut arguments = vec!["push", server.path().to_str().unwrap(), "main", "r"];
        options.iter().for_each(|option| arguments.extend(["-o", option]));
        let output = git(&root, &arguments);
        let text = said(&output).replace("remote:", " ");
        (output.status.success(), text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let (done, text) = push(&[&first]);
    assert!(!done && text.contains("refused: production/us is closed"), "{text}");
    let (done, text) = push(&[&first, &first]);
    assert!(!done && text.contains("refused: production/us is closed"), "{text}");
    let (done, text) = push(&[&first, &second]);
    assert!(done && text.contains(" and grant "), "{text}");
    let spent = fs::read_to_string(&record).unwrap();
    let last: serde_json::Value = serde_json::from_str(spent.lines().last().unwrap()).unwrap();
    assert_eq!(last["decided"]["spent"].as_array().unwrap().len(), 2, "{last}");
}

#[test]
fn a_change_may_bring_sixteen_grants_and_no_more() {
    let desk = Desk::new();
    let many: Vec<&str> = std::iter::repeat_n(["--grant", "../grant.toml"], 17).flatten().collect();
    let check = ["check", "--range", &desk.range, "--ref", "refs/heads/main", "--record", "../record.jsonl"];
    expect(&desk.root, &with(&check, &many), 2, "the change brings more than 16 grants");
    expect(&desk.root, &with(&check, &many[..32]), 0, "overridden: ");
}
