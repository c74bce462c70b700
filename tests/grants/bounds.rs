//! How much work finding the authors of a change may be: bounded, with a message of its own, and linear below the bound.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use freezegate::change::git::{CommitId, Limits, Repository};
use tempfile::TempDir;

use crate::grants::bench::program;
use crate::grants::program::git_ok;

/// A repository of so many commits on one root, each by an author of its own, and two merges of all of them: `old` and `new`.
fn wide(folder: &Path, commits: usize) -> Repository {
    git_ok(folder, &["init", "-q", "-b", "main"]);
    let mut input = String::from("commit refs/heads/root\nmark :1\ncommitter R <r@example.com> 1 +0000\ndata 1\nx\n");
    for number in 2..commits + 2 {
        write!(input, "commit refs/heads/n\nmark :{number}\nauthor A <a{number}@example.com> {number} +0000\n")
            .unwrap();
        write!(input, "committer C <c@example.com> {number} +0000\ndata 1\nx\nfrom :1\n").unwrap();
    }
    for (name, first) in [("old", 3), ("new", 2)] {
        let second = commits + 10;
        write!(input, "commit refs/heads/{name}\ncommitter M <m@example.com> {second} +0000\ndata 1\nx\n").unwrap();
        writeln!(input, "from :{first}").unwrap();
        (first + 1..commits + 2).for_each(|number| writeln!(input, "merge :{number}").unwrap());
    }
    let path = folder.join("input");
    fs::write(&path, input).unwrap();
    let import = program("git", folder)
        .args(["fast-import", "--quiet", "--force"])
        .stdin(fs::File::open(&path).unwrap())
        .status()
        .unwrap();
    assert!(import.success());
    Repository::discover(folder).unwrap()
}

fn ends(repository: &Repository) -> (CommitId, CommitId) {
    let commit = |name: &str| repository.revision(name).unwrap().commit;
    (commit("refs/heads/old"), commit("refs/heads/new"))
}

#[test]
fn too_much_history_and_too_many_authors_are_errors_with_the_bound() {
    let folder = TempDir::new().unwrap();
    let (old, new) = ends(&wide(folder.path(), 20));
    let within = |history: usize, authors: usize| {
        let limits = Limits { history, authors, ..Limits::default() };
        let repository = Repository::discover(folder.path()).unwrap().with_limits(limits);
        repository.authors_of(&[(Some(old), new), (None, new)]).map_err(|error| (error.to_string(), error.help()))
    };
    // both ends, twenty commits and the root; then one end and all of those again
    let authors = within(45, 22).unwrap();
    assert_eq!(authors.len(), 22, "{authors:?}");
    let (cause, help) = within(44, 22).unwrap_err();
    assert_eq!(cause, "more than 44 commits would have to be read to find who wrote the change");
    assert!(help.contains("--range OLD..NEW"), "{help}");
    let (cause, _) = within(45, 21).unwrap_err();
    assert_eq!(cause, "more than 21 people wrote the change");
    let repository = Repository::discover(folder.path()).unwrap();
    assert_eq!(repository.authors(Some(old), new).unwrap(), ["a2@example.com", "m@example.com"]);
    // one range, however often it is given, is read once
    let limits = Limits { history: 23, ..Limits::default() };
    let repository = repository.with_limits(limits);
    assert!(repository.authors_of(&vec![(Some(old), new); 1000]).is_ok());
}

/// Quadratic work would take ten thousand times as long for a hundred times as many commits.
#[test]
#[expect(clippy::print_stdout, reason = "`--nocapture` shows the figures")]
fn the_time_for_authors_grows_with_the_commits() {
    let times = [400, 4_000, 40_000].map(|commits| {
        let folder = TempDir::new().unwrap();
        let repository = wide(folder.path(), commits);
        let (old, new) = ends(&repository);
        let best = (0..3).map(|_| {
            let began = Instant::now();
            assert_eq!(repository.authors(Some(old), new).unwrap().len(), 2);
            began.elapsed()
        });
        best.min().unwrap()
    });
    println!("400, 4,000 and 40,000 commits: {times:?}");
    assert!(times[2] < times[0] * 1_000 + Duration::from_millis(100), "{times:?}");
}

/// Counted, not timed: the smallest bound under which the authors are found is the number of commits that are looked at.
#[test]
fn the_commits_that_are_looked_at_for_authors_grow_with_the_history() {
    let looked_at = [30, 300, 3_000].map(|commits| {
        let folder = TempDir::new().unwrap();
        let (old, new) = ends(&wide(folder.path(), commits));
        let is_enough = |history: usize| {
            let limits = Limits { history, ..Limits::default() };
            let repository = Repository::discover(folder.path()).unwrap().with_limits(limits);
            repository.authors(Some(old), new).is_ok()
        };
        // a hundred for each commit would be found out below
        let (mut too_few, mut enough) = (0, 100 * commits);
        assert!(is_enough(enough), "{commits}");
        while enough - too_few > 1 {
            let middle = usize::midpoint(too_few, enough);
            if is_enough(middle) { enough = middle } else { too_few = middle }
        }
        enough
    });
    // each commit, the root, and both ends
    assert_eq!(looked_at, [33, 303, 3_003]);
}
