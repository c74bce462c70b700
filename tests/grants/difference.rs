//! The digest of a difference: what `git diff-tree` and `sha256sum` make of the same trees.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use freezegate::change::git::{Range, Repository};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::grants::bench::program;
use crate::grants::program::git_ok;

const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// The digest as its documentation says that it is made.
fn by_git(folder: &Path, old: Option<&str>, new: Option<&str>) -> String {
    let happens = match (old, new) {
        (None, _) => "created",
        (Some(_), Some(_)) => "moved",
        (Some(_), None) => "deleted",
    };
    let ends = [old.unwrap_or(EMPTY_TREE), new.unwrap_or(EMPTY_TREE)];
    let options = ["diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none"];
    let output = program("git", folder).args(options).args(ends).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut digest = Sha256::new();
    digest.update(format!("freezegate-difference-v1 {happens}\n"));
    digest.update(&output.stdout);
    digest.finalize().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn by_us(repository: &Repository, old: Option<&str>, new: Option<&str>) -> String {
    let end = |name: Option<&str>| name.map(|name| repository.revision(name).unwrap());
    repository.difference_digest(Range { old: end(old), new: end(new) }).unwrap().to_string()
}

/// Commits with files, links, submodules and modes, each differing from the one before.
fn history(folder: &Path) -> Vec<String> {
    git_ok(folder, &["init", "-q", "-b", "main"]);
    let submodule = |id: &str| git_ok(folder, &["update-index", "--add", "--cacheinfo", &format!("160000,{id},lib")]);
    let mut commits = Vec::new();
    let mut commit = || {
        git_ok(folder, &["commit", "-q", "--allow-empty", "-m", "text"]);
        commits.push(git_ok(folder, &["rev-parse", "HEAD"]));
    };
    let add = || git_ok(folder, &["add", "-A", "--", ":!lib"]);
    commit();
    fs::create_dir_all(folder.join("deploy/über")).unwrap();
    fs::write(folder.join("deploy/über/a\nb"), "one").unwrap();
    fs::write(folder.join("deploy/plain"), "one").unwrap();
    fs::write(folder.join("run"), "one").unwrap();
    add();
    submodule(&"1".repeat(40));
    commit();
    fs::set_permissions(folder.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.join("deploy/plain"), "two").unwrap();
    add();
    submodule(&"2".repeat(40));
    commit();
    // a file that becomes a link, and a folder that becomes a file
    fs::remove_file(folder.join("run")).unwrap();
    symlink("deploy/plain", folder.join("run")).unwrap();
    fs::remove_dir_all(folder.join("deploy/über")).unwrap();
    fs::write(folder.join("deploy/über"), "file").unwrap();
    add();
    commit();
    // a rename, and a submodule that becomes a file
    fs::rename(folder.join("deploy/plain"), folder.join("plain")).unwrap();
    git_ok(folder, &["rm", "-q", "--cached", "lib"]);
    fs::write(folder.join("lib"), "file").unwrap();
    git_ok(folder, &["add", "-A"]);
    commit();
    commits
}

#[test]
fn the_digest_is_that_of_what_git_prints() {
    let folder = TempDir::new().unwrap();
    let commits = history(folder.path());
    let repository = Repository::discover(folder.path()).unwrap();
    let ends: Vec<Option<&str>> = commits.iter().map(|id| Some(id.as_str())).chain([None]).collect();
    let mut seen = std::collections::HashSet::new();
    for old in &ends {
        for new in &ends {
            if old.is_none() && new.is_none() {
                continue;
            }
            let ours = by_us(&repository, *old, *new);
            assert_eq!(ours, by_git(folder.path(), *old, *new), "{old:?}..{new:?}");
            // all of these differ but those of nothing: a commit with itself
            assert!(seen.insert(ours) || old == new, "{old:?}..{new:?}");
        }
    }
}

/// Writes one tree of so many files, without a work tree.
fn large(folder: &Path, paths: usize) -> String {
    let mut input = String::from("commit refs/heads/large\ncommitter A <a@example.com> 0 +0000\ndata 1\nx\n");
    for number in 0..paths {
        write!(input, "M 100644 inline d{}/f{number}\ndata 1\nx\n", number / 1000).unwrap();
    }
    let path = folder.join("../input");
    fs::write(&path, input).unwrap();
    let import = program("git", folder)
        .args(["fast-import", "--quiet", "--force"])
        .stdin(fs::File::open(&path).unwrap())
        .status()
        .unwrap();
    assert!(import.success());
    git_ok(folder, &["rev-parse", "refs/heads/large"])
}

/// Quadratic work would take ten thousand times as long for a hundred times as many paths.
#[test]
#[expect(clippy::print_stdout, reason = "`--nocapture` shows the figures")]
fn the_time_for_a_digest_grows_with_the_paths() {
    let outer = TempDir::new().unwrap();
    let folder = outer.path().join("shop");
    fs::create_dir(&folder).unwrap();
    git_ok(&folder, &["init", "-q", "-b", "main"]);
    let times = [1_000, 10_000, 100_000].map(|paths| {
        let commit = large(&folder, paths);
        let repository = Repository::discover(&folder).unwrap();
        let best = (0..3).map(|_| {
            let began = std::time::Instant::now();
            by_us(&repository, None, Some(&commit));
            began.elapsed()
        });
        best.min().unwrap()
    });
    println!("1,000, 10,000 and 100,000 paths: {times:?}");
    assert!(times[2] < times[0] * 1_000 + std::time::Duration::from_millis(100), "{times:?}");
}
