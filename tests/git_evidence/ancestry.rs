//! Common ancestors, against `git merge-base`.

use freezegate::change::git::{CommitId, EvidenceError};
use proptest::{
    collection::vec,
    sample::Index,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::git_evidence::sandbox::{Sandbox, os};

/// Returns what git finds, in the order of names.
fn bases_by_git(sandbox: &Sandbox, one: &str, two: &str) -> Vec<String> {
    let output = sandbox.command().args(["merge-base", "--all", one, two]).output().unwrap();
    let mut bases: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    bases.sort();
    bases
}

#[test]
fn random_histories_have_the_bases_that_git_finds() {
    let config = Config { cases: 25, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    // Of each commit: its parents, and when it claims to be made.
    let commits = vec((vec(proptest::arbitrary::any::<Index>(), 0..4), 0..50_u32), 2..16);
    let run = runner.run(&commits, |commits| {
        let sandbox = Sandbox::new();
        let mut stream = String::new();
        for (number, (parents, seconds)) in commits.iter().enumerate() {
            stream += &format!("commit refs/heads/{number}\nmark :{}\n", number + 1);
            stream += &format!("committer C <c@example.com> {seconds} +0000\ndata 0\n");
            let mut before: Vec<usize> = match number {
                0 => Vec::new(),
                _ => parents.iter().map(|parent| parent.index(number) + 1).collect(),
            };
            before.sort_unstable();
            before.dedup();
            for (place, parent) in before.iter().enumerate() {
                stream += &format!("{} :{parent}\n", if place == 0 { "from" } else { "merge" });
            }
            stream.push('\n');
        }
        sandbox.git_with(["fast-import", "--quiet"], stream.as_bytes());
        let repository = sandbox.open();
        let id = |number: usize| repository.revision(&format!("refs/heads/{number}")).unwrap().commit;
        for one in 0..commits.len() {
            for two in one.saturating_sub(3)..commits.len() {
                let (one, two) = (id(one), id(two));
                let expected = bases_by_git(&sandbox, &one.to_string(), &two.to_string());
                let found = match repository.merge_base(one, two) {
                    Ok(base) => vec![base],
                    Err(EvidenceError::NoMergeBase { .. }) => Vec::new(),
                    Err(EvidenceError::SeveralMergeBases { bases, .. }) => bases,
                    Err(other) => panic!("{other}"),
                };
                assert_eq!(found.iter().map(CommitId::to_string).collect::<Vec<_>>(), expected);
            }
        }
        Ok(())
    });
    run.unwrap();
}

#[test]
fn grafts_and_replacements_change_nothing() {
    let sandbox = Sandbox::new();
    let base = sandbox.commit_files("base", &["a"]);
    sandbox.git(["checkout", "--quiet", "-b", "one"]);
    let one = sandbox.commit_files("one", &["b"]);
    sandbox.git(["checkout", "--quiet", "-b", "two", &base]);
    let two = sandbox.commit_files("two", &["c"]);
    let orphan = sandbox.commit_files("three", &["d"]);
    sandbox.write(".git/info/grafts", format!("{one}\n{two} {orphan}\n"));
    sandbox.git(["replace", "--graft", &orphan]);
    assert_eq!(bases_by_git(&sandbox, &one, &two), Vec::<String>::new(), "git is led astray");
    let mut unreplaced = sandbox.command();
    unreplaced.env("GIT_NO_REPLACE_OBJECTS", "1").args([os(b"rev-parse"), os(b"one~1")]);
    assert!(!unreplaced.output().unwrap().status.success(), "by the grafts too");
    let repository = sandbox.open();
    let commit = |name: &str| repository.revision(name).unwrap().commit;
    assert_eq!(repository.merge_base(commit(&one), commit(&two)).unwrap(), commit(&base));
    assert_eq!(repository.revision("one~1").unwrap().commit, commit(&base));
    assert_eq!(repository.commit(commit(&one)).unwrap().parents, [commit(&base)]);
}

#[test]
fn a_commit_is_its_own_base() {
    let sandbox = Sandbox::new();
    sandbox.commit("one");
    let repository = sandbox.open();
    let head = repository.revision("HEAD").unwrap().commit;
    assert_eq!(repository.merge_base(head, head), Ok(head));
}
