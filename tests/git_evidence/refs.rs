//! Refs, the default branch and reflogs.

use std::{fs, process::Command};

use freezegate::change::git::{EvidenceError, ObjectId, Ref, RefName, RefTarget};
use serde_json::Value;

use crate::git_evidence::sandbox::{Sandbox, ZERO, os};

fn name(text: &str) -> RefName {
    RefName::new(text).unwrap()
}

#[test]
fn names_are_those_that_git_allows() {
    let sandbox = Sandbox::new();
    let facts: Value = serde_json::from_str(include_str!("../data/git_facts.json")).unwrap();
    for branch in facts["branch_names"].as_array().unwrap() {
        let full = format!("refs/heads/{}", branch["name"].as_str().unwrap());
        assert_eq!(RefName::new(&full).is_ok(), branch["git_allows"].as_bool().unwrap(), "{full:?}");
    }
    // Every byte, alone and between letters.
    for byte in 1..=255 {
        for full in [vec![byte], vec![b'a', byte], vec![byte, b'a'], vec![b'a', byte, byte, b'a']] {
            let full = [b"refs/heads/", full.as_slice()].concat();
            let mut command = sandbox.command();
            command.args([os(b"check-ref-format"), os(&full)]);
            let allowed = command.status().unwrap().success();
            assert_eq!(RefName::new(&full).is_ok(), allowed, "{}", full.escape_ascii());
        }
    }
    for wrong in ["", "main", "refs", "refs/", "heads/main", "head", "HEADS", "_HEAD/x", "fetch_HEAD", "refs/heads/a\0"]
    {
        assert_eq!(RefName::new(wrong), Err(EvidenceError::InvalidRefName { name: wrong.as_bytes().to_vec() }));
    }
    for right in ["HEAD", "FETCH_HEAD", "refs/stash", "refs/heads/HEAD", "refs/freezegate/record"] {
        assert_eq!(name(right).to_string(), right);
    }
}

#[test]
fn all_refs_are_listed_packed_or_not() {
    let sandbox = Sandbox::new();
    let one = sandbox.commit("one");
    sandbox.git(["tag", "-a", "-m", "v1", "v1"]);
    let tag = sandbox.git(["rev-parse", "v1"]);
    sandbox.git(["branch", "packed"]);
    sandbox.git(["pack-refs", "--all"]);
    let two = sandbox.commit("two");
    sandbox.git(["update-ref", "refs/remotes/origin/main", &one]);
    sandbox.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    sandbox.git(["symbolic-ref", "refs/heads/dangling", "refs/heads/nowhere"]);
    sandbox.git(["update-ref", "refs/replace/x/y", &one]);
    let bytes = b"refs/heads/\xff";
    assert!(sandbox.command().arg("update-ref").arg(os(bytes)).arg(&one).output().unwrap().status.success());
    // What is no ref by its name is none.
    sandbox.write(".git/refs/heads/main.lock", "");
    sandbox.write(".git/refs/heads/.DS_Store", "x");
    let object = |text: &str| RefTarget::Object(ObjectId::from_hex(text).unwrap());
    let expected = [
        ("refs/heads/dangling", RefTarget::Ref(name("refs/heads/nowhere"))),
        ("refs/heads/main", object(&two)),
        ("refs/heads/packed", object(&one)),
        ("refs/remotes/origin/HEAD", RefTarget::Ref(name("refs/remotes/origin/main"))),
        ("refs/remotes/origin/main", object(&one)),
        ("refs/replace/x/y", object(&one)),
        ("refs/tags/v1", object(&tag)),
    ];
    let repository = sandbox.open();
    let mut expected: Vec<Ref> = expected.map(|(text, target)| Ref { name: name(text), target }).to_vec();
    expected.push(Ref { name: RefName::new(bytes).unwrap(), target: object(&one) });
    expected.sort_by(|one, two| one.name.cmp(&two.name));
    assert_eq!(repository.refs().unwrap(), expected);
    for reference in expected {
        assert_eq!(repository.find_ref(&reference.name).unwrap().as_ref(), Some(&reference));
    }
    assert_eq!(repository.find_ref(&name("refs/heads/none")), Ok(None));
    assert_eq!(repository.find_ref(&RefName::new(b"refs/heads/\xfe").unwrap()), Ok(None));
    let dangling = name("refs/heads/dangling");
    assert_eq!(repository.resolve_ref(&dangling), Err(EvidenceError::DanglingRef { name: dangling.clone() }));
    assert_eq!(repository.revision_of(&name("refs/remotes/origin/HEAD")).unwrap().unwrap().commit.to_string(), one);
}

#[test]
fn broken_refs_are_not_left_out() {
    for content in
        ["", "x", "0123", "ref: ", "ref: refs/heads/a..b", "not an object name, though as long as one is long"]
    {
        let sandbox = Sandbox::new();
        sandbox.commit("one");
        sandbox.write(".git/refs/heads/broken", content);
        let repository = sandbox.open();
        for refused in [
            repository.refs().map(|_| ()).unwrap_err(),
            repository.find_ref(&name("refs/heads/broken")).map(|_| ()).unwrap_err(),
            repository.revision("broken").map(|_| ()).unwrap_err(),
        ] {
            assert!(matches!(refused, EvidenceError::CorruptRef { .. }), "{content:?}: {refused}");
            assert!(refused.help().contains("refs/heads/broken"), "{}", refused.help());
        }
        let help = repository.refs().unwrap_err().help();
        sandbox.shell(&sandbox.path, &command_in(&help));
        assert_eq!(repository.refs().unwrap().len(), 1, "fixed by what the help says");
    }
    let sandbox = Sandbox::new();
    sandbox.commit("one");
    sandbox.git(["symbolic-ref", "refs/heads/a", "refs/heads/b"]);
    sandbox.git(["symbolic-ref", "refs/heads/b", "refs/heads/a"]);
    let refused = sandbox.open().resolve_ref(&name("refs/heads/a")).unwrap_err();
    assert!(matches!(refused, EvidenceError::CorruptRef { .. }), "{refused}");
    sandbox.write(".git/packed-refs", "# pack-refs with: peeled fully-peeled sorted \nnonsense\n");
    assert!(sandbox.open().refs().is_err());
}

#[test]
fn head_is_a_branch_or_a_commit() {
    let sandbox = Sandbox::new();
    let head = sandbox.open().head().unwrap();
    assert_eq!((head.branch, head.revision), (Some(name("refs/heads/main")), None), "no commit yet");
    let unborn = sandbox.open().revision("HEAD").unwrap_err();
    assert_eq!(unborn, EvidenceError::DanglingRef { name: RefName::head() });
    assert_eq!(unborn.help(), "make the first commit, or check out a branch");
    let one = sandbox.commit("one");
    let head = sandbox.open().head().unwrap();
    assert_eq!(head.branch, Some(name("refs/heads/main")));
    assert_eq!(head.revision.unwrap().commit.to_string(), one);
    sandbox.git(["checkout", "--quiet", "--detach"]);
    let head = sandbox.open().head().unwrap();
    assert_eq!((head.branch, head.revision.unwrap().commit.to_string()), (None, one));
}

#[test]
fn the_default_branch_is_the_one_last_fetched() {
    let server = Sandbox::new();
    server.commit("one");
    server.git(["branch", "trunk"]);
    server.git(["checkout", "--quiet", "trunk"]);
    let clone = Sandbox::empty();
    clone.git(["clone", "--quiet", &server.file_url(), "."]);
    let default = || clone.open().default_branch("origin");
    assert_eq!(default(), Ok(Some(name("refs/remotes/origin/trunk"))));
    assert_eq!(clone.open().default_branch("elsewhere"), Ok(None));
    assert!(matches!(clone.open().default_branch("a..b"), Err(EvidenceError::InvalidRefName { .. })));

    clone.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone"]);
    let refused = default().unwrap_err();
    assert_eq!(refused, EvidenceError::DanglingRef { name: name("refs/remotes/origin/HEAD") });
    clone.shell(&clone.path, &command_in(&refused.help()));
    assert_eq!(default(), Ok(Some(name("refs/remotes/origin/trunk"))), "fixed by what the help says");

    clone.git(["remote", "set-head", "origin", "--delete"]);
    assert_eq!(default(), Ok(Some(name("refs/remotes/origin/main"))));
    clone.git(["update-ref", "refs/remotes/origin/master", "HEAD"]);
    assert_eq!(
        default().unwrap_err().to_string(),
        "`refs/remotes/origin/HEAD` may mean `refs/remotes/origin/main` or `refs/remotes/origin/master`"
    );
    clone.git(["update-ref", "-d", "refs/remotes/origin/main"]);
    assert_eq!(default(), Ok(Some(name("refs/remotes/origin/master"))));
    clone.git(["update-ref", "-d", "refs/remotes/origin/master"]);
    assert_eq!(default(), Ok(None));
}

/// The first command in backticks.
pub(crate) fn command_in(help: &str) -> String {
    help.split('`').nth(1).unwrap().to_owned()
}

#[test]
fn reflogs_tell_where_a_ref_stood() {
    let server = Sandbox::new();
    let one = server.commit("one");
    let clone = Sandbox::empty();
    clone.git(["clone", "--quiet", &server.file_url(), "."]);
    let two = server.commit("two");
    let mut fetch = clone.command();
    fetch.env("GIT_COMMITTER_DATE", "2025-07-09T17:45:00-04:00").args(["fetch", "--quiet"]);
    assert!(fetch.status().unwrap().success());
    server.git(["reset", "--quiet", "--hard", &one]);
    clone.git(["fetch", "--quiet"]);
    let log = clone.open().reflog(&name("refs/remotes/origin/main")).unwrap().unwrap();
    let moves: Vec<(String, String, i64)> =
        log.iter().map(|entry| (entry.old.to_string(), entry.new.to_string(), entry.who.seconds.as_second())).collect();
    assert_eq!(
        moves[..2],
        [(two.clone(), one.clone(), 1_751_367_000), (one.clone(), two, 1_752_097_500)],
        "newest first; 21:45 UTC"
    );
    assert_eq!(log[0].message, b"fetch --quiet: forced-update");
    assert_eq!((log[1].who.name.as_slice(), log[1].who.offset_minutes), (&b"Carl"[..], -240));
    let head = clone.open().reflog(&RefName::head()).unwrap().unwrap();
    assert_eq!(head.last().unwrap().old.to_string(), ZERO);
}

#[test]
fn reading_leaves_everything_as_it_was() {
    let sandbox = Sandbox::new();
    sandbox.commit_files("one", &["a"]);
    sandbox.git(["update-ref", "refs/other/x", "HEAD"]);
    let before = sandbox.stored();
    let repository = sandbox.open();
    for unlogged in ["refs/other/x", "refs/heads/nothing", "refs/heads/main/below", "refs/heads", "refs/other"] {
        assert_eq!(repository.reflog(&name(unlogged)), Ok(None), "{unlogged}");
    }
    repository.reflog(&name("refs/heads/main")).unwrap().unwrap();
    repository.refs().unwrap();
    repository.head().unwrap();
    repository.completeness().unwrap();
    let revision = repository.revision("HEAD").unwrap();
    repository.file_at(revision.commit, "a").unwrap().unwrap();
    repository.merge_base(revision.commit, revision.commit).unwrap();
    assert_eq!(sandbox.stored(), before);
}

#[test]
fn a_reflog_with_a_line_that_cannot_be_read_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.commit("one");
    sandbox.commit("two");
    let path = sandbox.path.join(".git/logs/refs/heads/main");
    let good = fs::read_to_string(&path).unwrap();
    let (first, second) = good.split_once('\n').unwrap();
    let no_message = format!("{}\n", first.split('\t').next().unwrap());
    for (text, line) in [
        (format!("{first}\n\n{second}"), Some(2)),
        (format!("nonsense\n{good}"), Some(1)),
        (good.trim_end().to_owned(), Some(2)),
        (format!("{good}\0\0\0\0"), Some(3)),
        (first[41..].to_owned() + "\n", Some(1)),
        (no_message, None),
        (String::new(), None),
    ] {
        fs::write(&path, &text).unwrap();
        let log = sandbox.open().reflog(&name("refs/heads/main"));
        match line {
            Some(line) => {
                let refused = log.unwrap_err();
                assert_eq!(refused, EvidenceError::CorruptReflog { name: name("refs/heads/main"), line }, "{text:?}");
                sandbox.shell(&sandbox.path, &command_in(&refused.help()));
                let fixed = sandbox.open().reflog(&name("refs/heads/main")).unwrap().unwrap();
                assert!(fixed.len() <= 2, "fixed by what the help says");
            }
            None => assert_eq!(log.unwrap().unwrap().len(), text.lines().count()),
        }
    }
}

#[test]
fn linked_work_trees_have_their_own_head() {
    let sandbox = Sandbox::new();
    let one = sandbox.commit("one");
    let linked = sandbox.outside().join("linked");
    sandbox.git(["worktree", "add", "--quiet", "-b", "other", linked.to_str().unwrap()]);
    let mut command: Command = sandbox.command_in(&linked);
    assert!(command.args(["commit", "--quiet", "--allow-empty", "-m", "two"]).status().unwrap().success());
    let repository = freezegate::change::git::Repository::discover(&linked).unwrap();
    assert_eq!(repository.work_tree().unwrap(), linked);
    assert_eq!(repository.head().unwrap().branch, Some(name("refs/heads/other")));
    assert_eq!(repository.revision("main").unwrap().commit.to_string(), one);
    assert_eq!(repository.revision("HEAD~").unwrap().commit.to_string(), one);
    let head = repository.reflog(&RefName::head()).unwrap().unwrap();
    let other = repository.reflog(&name("refs/heads/other")).unwrap().unwrap();
    assert_eq!(head[0].new, other[0].new);
    let environment =
        freezegate::change::git::GitEnvironment { git_dir: Some(repository.git_dir().into()), ..Default::default() };
    let by_environment = freezegate::change::git::Repository::open_in(&environment, &sandbox.path).unwrap();
    assert_eq!(by_environment.head().unwrap(), repository.head().unwrap());
    assert_eq!(by_environment.work_tree().unwrap(), linked);
    assert_ne!(sandbox.open().reflog(&RefName::head()).unwrap().unwrap()[0].new, head[0].new);
}
