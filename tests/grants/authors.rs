//! Who wrote what a range brings: as `git log` says, in histories with merges.

use std::collections::BTreeSet;
use std::path::Path;

use freezegate::change::git::{ObjectId, Repository};
use freezegate::time::instant::Instant;
use tempfile::TempDir;

use crate::grants::bench::program;

/// A number of which the next can't be told by eye; the same at every run (Knuth's MMIX generator).
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 40).unwrap()
}

fn git(folder: &Path, arguments: &[&str], author: &str, second: Instant) -> String {
    let output = program("git", folder)
        .env("GIT_AUTHOR_EMAIL", author)
        .env("GIT_AUTHOR_DATE", format!("{} +0000", second.as_second()))
        .env("GIT_COMMITTER_DATE", format!("{} +0000", second.as_second()))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Forty commits, each by an author of its own, on one to three of those before it.
fn history(folder: &Path, seed: u64, second: impl Fn(usize) -> i64) -> Vec<String> {
    let mut state = seed;
    git(folder, &["init", "-q", "-b", "main"], "a@example.com", Instant::from_second(0));
    let tree = git(folder, &["mktree"], "a@example.com", Instant::from_second(0));
    let mut commits: Vec<String> = Vec::new();
    for number in 0..40 {
        let mut parents = BTreeSet::new();
        for _ in 0..=next(&mut state) % 3 {
            if let Some(parent) = commits.len().checked_sub(1 + next(&mut state) % 6) {
                parents.insert(commits[parent].clone());
            }
        }
        let mut arguments = vec!["commit-tree", "-m", "text", &tree];
        for parent in &parents {
            arguments.extend(["-p", parent]);
        }
        let commit =
            git(folder, &arguments, &format!("author-{number:02}@example.com"), Instant::from_second(second(number)));
        commits.push(commit);
    }
    commits
}

fn ours(repository: &Repository, old: &str, new: &str) -> BTreeSet<String> {
    let commit = |text: &str| repository.revision_at(ObjectId::from_hex(text).unwrap()).unwrap().unwrap().commit;
    repository.authors(Some(commit(old)), commit(new)).unwrap().into_iter().collect()
}

fn gits(folder: &Path, old: &str, new: &str) -> BTreeSet<String> {
    let range = format!("{old}..{new}");
    git(folder, &["log", "--format=%ae", &range], "a@example.com", Instant::from_second(0))
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn authors_are_those_that_git_log_names() {
    for seed in 1..4 {
        let folder = TempDir::new().unwrap();
        let commits = history(folder.path(), seed, |number| 1_750_000_000 + 60 * i64::try_from(number).unwrap());
        let repository = Repository::discover(folder.path()).unwrap();
        let mut several = 0;
        for (index, old) in commits.iter().enumerate().step_by(5) {
            for new in commits.iter().skip(index % 3).step_by(4) {
                let (here, there) = (ours(&repository, old, new), gits(folder.path(), old, new));
                assert_eq!(here, there, "seed {seed}: {old}..{new}");
                several += usize::from(there.len() > 1);
            }
        }
        assert!(several > 10, "the histories should bring more than one author each: {several}");
    }
}

#[test]
fn wrong_clocks_never_hide_an_author() {
    let folder = TempDir::new().unwrap();
    // each third commit is dated before all others
    let second = |number: usize| {
        1_750_000_000 + 60 * i64::try_from(number).unwrap() * if number.is_multiple_of(3) { -1 } else { 1 }
    };
    let commits = history(folder.path(), 9, second);
    let repository = Repository::discover(folder.path()).unwrap();
    for old in commits.iter().step_by(6) {
        for new in commits.iter().step_by(5) {
            let (here, there) = (ours(&repository, old, new), gits(folder.path(), old, new));
            assert!(here.is_superset(&there), "{old}..{new}: {here:?} lacks some of {there:?}");
        }
    }
}
