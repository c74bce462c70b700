//! What is broken, missing or too much: judged, or no decision, and never allowed unseen.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use crate::hooks::arena::{Arena, CLOSED, POLICY, ROUTES, ZERO, fed, text, words};

/// The code with which the hook of the clone ends on these lines, and what it says.
fn judge(arena: &Arena, lines: &[u8]) -> (i32, String) {
    let output = fed(arena.program(&arena.clone).args(["hook", "pre-push", "origin", "/server.git"]), lines);
    assert!(output.stdout.is_empty(), "a hook says all on standard error");
    (output.status.code().unwrap(), text(output.stderr))
}

#[track_caller]
fn no_decision(arena: &Arena, lines: impl AsRef<[u8]>, shows: &str) {
    let (code, seen) = judge(arena, lines.as_ref());
    assert_eq!(code, 2, "{seen}");
    assert!(words(&seen).contains(&words(shows)), "`{shows}` is not shown:\n{seen}");
}

#[test]
fn malformed_lines() {
    let arena = Arena::deployed();
    let tip = arena.git(["rev-parse", "HEAD"]);
    let none_of_a_push = "git passed a line that does not describe a push";
    no_decision(&arena, "\n", none_of_a_push);
    no_decision(&arena, "hello\n", none_of_a_push);
    no_decision(&arena, format!("refs/heads/main {tip} refs/heads/main\n"), none_of_a_push);
    no_decision(&arena, format!("refs/heads/main {tip} main {tip}\n"), none_of_a_push);
    no_decision(&arena, format!("refs/heads/main {} refs/heads/main {tip}\n", &tip[..39]), none_of_a_push);
    no_decision(&arena, format!("refs/heads/main {tip} refs/heads/main {tip}\nx\n"), none_of_a_push);
    no_decision(&arena, format!("refs/heads/main {tip} refs/heads/main {tip}"), "cut off");
    no_decision(
        &arena,
        [b"\xff\xfe\0\x1b[2J ".as_slice(), &[b'x'; 100_000], b"\n"].concat(),
        r"\xff\xfe\u{0}\u{1b}[2J",
    );
    let (_, seen) = judge(&arena, &[&[b'x'; 100_000][..], b"\n"].concat());
    assert!(seen.len() < 1_000, "a long line is told in short");
}

#[test]
fn more_than_can_be_judged() {
    let arena = Arena::deployed();
    let line = format!("refs/heads/x {ZERO} refs/heads/{} {ZERO}\n", "x".repeat(400));
    no_decision(&arena, line.repeat((33 << 20) / line.len()), "at most 10000 are judged at once");
}

#[test]
fn names_that_are_no_text() {
    let arena = Arena::deployed();
    let tip = arena.git(["rev-parse", "HEAD"]);
    let line = |name: &[u8]| [b"refs/heads/x ", tip.as_bytes(), b" ", name, b" ", ZERO.as_bytes(), b"\n"].concat();
    arena.clock(CLOSED);
    assert_eq!(judge(&arena, &line(b"refs/heads/caf\xe9")), (0, String::new()));
    let (code, seen) = judge(&arena, &line(b"refs/heads/release/caf\xe9"));
    assert_eq!(code, 1, "{seen}");
    let (code, seen) = judge(&arena, &line("refs/tags/v\u{202e}1".as_bytes()));
    assert_eq!(code, 1, "{seen}");
    assert!(seen.contains(r"refs/tags/v\u{202e}1") && !seen.contains('\u{202e}'), "{seen}");
}

#[test]
fn unknown_objects() {
    let arena = Arena::deployed();
    let tip = arena.git(["rev-parse", "HEAD"]);
    let unknown = "1".repeat(40);
    no_decision(&arena, format!("refs/heads/main {unknown} refs/heads/main {tip}\n"), "is missing");
    no_decision(&arena, format!("refs/heads/main {tip} refs/heads/main {unknown}\n"), "`git fetch origin`");
    let blob = arena.git(["rev-parse", &format!("HEAD:{ROUTES}")]);
    no_decision(&arena, format!("refs/heads/main {blob} refs/heads/main {tip}\n"), "is a blob, not a commit");
    no_decision(&arena, format!("refs/heads/main {tip} refs/heads/main {blob}\n"), "is a blob, not a commit");
}

#[test]
fn a_corrupt_repository() {
    let lines = |arena: &Arena| {
        let (old, new) = (arena.git(["rev-parse", "HEAD~"]), arena.git(["rev-parse", "HEAD"]));
        format!("refs/heads/main {new} refs/heads/main {old}\n")
    };
    let object = |arena: &Arena, name: &str| {
        let id = arena.git(["rev-parse", name]);
        arena.clone.join(".git/objects").join(&id[..2]).join(&id[2..])
    };
    let arena = Arena::deployed();
    arena.commit_file(ROUTES, "change");
    let pushed = lines(&arena);
    for name in ["HEAD^{tree}", "HEAD~^{tree}", "HEAD:deploy", "HEAD:deploy/production"] {
        let path = object(&arena, name);
        let sound = fs::read(&path).unwrap();
        for garbage in [None, Some(&b"garbage"[..]), Some(b"")] {
            fs::remove_file(&path).unwrap();
            if let Some(garbage) = garbage {
                fs::write(&path, garbage).unwrap();
            }
            let (code, seen) = judge(&arena, pushed.as_bytes());
            assert_eq!(code, 2, "{name}: {seen}");
            assert!(seen.contains("git fsck"), "{name}: {seen}");
            if garbage.is_some() {
                fs::remove_file(&path).unwrap();
            }
            fs::write(&path, &sound).unwrap();
        }
    }
    assert_eq!(judge(&arena, pushed.as_bytes()), (0, String::new()), "all is sound again, and it is Sunday");
    for (file, content) in
        [("config", "[core\n"), ("refs/remotes/origin/HEAD", "nonsense\n"), ("refs/remotes/origin/main", "1\n")]
    {
        let arena = Arena::deployed();
        let lines = lines(&arena);
        fs::write(arena.clone.join(".git").join(file), content).unwrap();
        let (code, seen) = judge(&arena, lines.as_bytes());
        assert_eq!(code, 2, "{file}: {seen}");
    }
}

#[test]
fn no_repository() {
    let arena = Arena::deployed();
    let line = format!("refs/heads/main {ZERO} refs/heads/main {ZERO}\n");
    let output =
        fed(arena.program(&arena.root().join("home")).args(["hook", "pre-push", "origin", "x"]), line.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(output.stderr).contains("no git repository at or above"));
}

#[test]
fn no_policy_says_what_to_do() {
    let arena = Arena::without_policy();
    arena.commit_file(ROUTES, "begin");
    let push = arena.push(&["origin", "main"]);
    assert!(!push.passed && push.seen.contains("there is no policy"), "{}", push.seen);
    assert!(push.seen.contains("`freezegate init`"), "{}", push.seen);
    // one that nobody can read is not none
    arena.write("freezegate.toml", "version = 1\n[environments\n");
    let push = arena.push(&["origin", "main"]);
    assert!(!push.passed && push.seen.contains("error[syntax]"), "{}", push.seen);
    // one without targets could never refuse
    arena.write("freezegate.toml", "version = 1\n[environments.production]\n");
    let push = arena.push(&["origin", "main"]);
    assert!(!push.passed && push.seen.contains("has no targets"), "{}", push.seen);
}

#[test]
fn three_thousand_refs() {
    let arena = Arena::deployed();
    let tip = arena.git(["rev-parse", "HEAD"]);
    let mut refs = String::new();
    for number in 0..3_000 {
        writeln!(refs, "create refs/heads/b/{number:04} {tip}").unwrap();
    }
    arena.git_with(["update-ref", "--stdin"], refs.as_bytes());
    arena.clock(CLOSED);
    let begun = Instant::now();
    let push = arena.push(&["origin", "refs/heads/b/*", "main:release/1"]);
    assert!(!push.passed && push.seen.contains("on 3001 refs") && push.seen.contains(ROUTES), "{}", push.seen);
    // each of them is one of production, which is told once
    let push = arena.push(&["origin", "refs/heads/b/*:refs/tags/v*"]);
    assert!(!push.passed && push.seen.contains("refs/tags/v0000"), "{}", push.seen);
    assert!(push.seen.len() < 2_000, "{}", push.seen);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    // and on the server
    let push = arena.push(&["--no-verify", "origin", "refs/heads/b/*:refs/heads/release/*"]);
    assert!(!push.passed && push.seen.contains("on 3000 refs") && push.seen.contains(ROUTES), "{}", push.seen);
}

#[test]
fn a_path_of_4096_bytes() {
    let arena = Arena::deployed();
    let start = "deploy/production/us/";
    let folders = "d".repeat(200);
    let mut path = start.to_owned();
    while path.len() + 201 < 4_096 {
        path.push_str(&folders);
        path.push('/');
    }
    path.push_str(&"f".repeat(4_096 - path.len()));
    assert_eq!(path.len(), 4_096);
    let blob = arena.git(["rev-parse", &format!("HEAD:{ROUTES}")]);
    arena.git_with(["update-index", "--add", "--index-info"], format!("100644 {blob}\t{path}\n").as_bytes());
    arena.git(["commit", "--quiet", "-m", "long"]);
    arena.clock(CLOSED);
    for verify in ["--verify", "--no-verify"] {
        let push = arena.push(&[verify, "origin", "main"]);
        assert!(!push.passed && push.seen.contains("production/us is closed"), "{}", push.seen);
    }
    // where nobody looks it is allowed
    arena.git(["reset", "--quiet", "--mixed", "origin/main"]);
    let elsewhere = path.replacen(start, "documentation/of/how/", 1);
    arena.git_with(["update-index", "--add", "--index-info"], format!("100644 {blob}\t{elsewhere}\n").as_bytes());
    arena.git(["commit", "--quiet", "-m", "long"]);
    arena.passes(&["origin", "main"]);
}

/// A tree of a thousand files, a thousand times: a million paths of three objects.
fn million(arena: &Arena, folders: &[&str]) -> String {
    let blob = arena.git(["rev-parse", "HEAD:docs/readme"]);
    let mut files = String::new();
    let mut names = String::new();
    for number in 0..1_000 {
        writeln!(files, "100644 blob {blob}\tf{number:03}").unwrap();
    }
    let files = arena.git_with(["mktree"], files.as_bytes());
    for number in 0..1_000 {
        writeln!(names, "040000 tree {files}\td{number:03}").unwrap();
    }
    let mut tree = arena.git_with(["mktree"], names.as_bytes());
    for folder in folders.iter().rev() {
        tree = arena.git_with(["mktree"], format!("040000 tree {tree}\t{folder}\n").as_bytes());
    }
    // with the policy, which nobody may remove
    let (top, policy) = (arena.git(["ls-tree", &tree]), arena.git(["ls-tree", "HEAD", "freezegate.toml"]));
    tree = arena.git_with(["mktree"], format!("{top}\n{policy}\n").as_bytes());
    arena.git(["commit-tree", "-p", "HEAD", "-m", "a million", &tree])
}

/// Paths are looked at one by one: what a million of them take is bounded, and told.
#[test]
fn a_million_paths() {
    let arena = Arena::deployed();
    let production = million(&arena, &["deploy", "production", "us"]);
    // KiB of addresses: the program's own code, libraries and the mapped packs included
    let lines = arena.hook("pre-push", "");
    arena.script(&arena.clone.join(".git/hooks/pre-push"), &format!("ulimit -v 262144\n{lines}"));
    arena.clock(CLOSED);
    let push = arena.push(&["origin", &format!("{production}:refs/heads/main")]);
    assert!(!push.passed && push.seen.contains("1000002 paths"), "{}", push.seen);
}

/// Different places that one change reaches are bounded, as each is kept.
#[test]
fn more_places_than_anybody_has() {
    let arena = Arena::new();
    let blob = arena.git(["rev-parse", "HEAD:docs/readme"]);
    let mut index = String::new();
    for number in 0..20_000 {
        writeln!(index, "100644 {blob}\tdeploy/e{number}/us/a").unwrap();
    }
    arena.git_with(["update-index", "--add", "--index-info"], index.as_bytes());
    arena.git(["commit", "--quiet", "-m", "many"]);
    for verify in ["--verify", "--no-verify"] {
        let push = arena.push(&[verify, "origin", "main"]);
        assert!(!push.passed && push.seen.contains("more than 10000 different places"), "{}", push.seen);
    }
}

/// What a repository with reftables or SHA-256 holds can't be read, and that is said.
#[test]
fn repositories_of_another_format() {
    let arena = Arena::without_policy();
    let other = arena.root().join("sha256");
    arena.git_in(&arena.root(), ["init", "--quiet", "--object-format=sha256", other.to_str().unwrap()]);
    fs::write(other.join("freezegate.toml"), POLICY).unwrap();
    let line = format!("refs/heads/main {} refs/heads/main {}\n", "1".repeat(64), "0".repeat(64));
    let output = fed(arena.program(&other).args(["hook", "pre-push", "origin", "x"]), line.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(words(&text(output.stderr)).contains("objects named by `sha256`, not by SHA-1"));
    let reftable = arena.root().join("reftable");
    // by hand, as git knows this format since 2.45 alone
    arena.git_in(&arena.root(), ["init", "--quiet", reftable.to_str().unwrap()]);
    let config = reftable.join(".git/config");
    let plain = fs::read_to_string(&config).unwrap();
    let version = plain.replace("repositoryformatversion = 0", "repositoryformatversion = 1");
    fs::write(&config, version + "[extensions]\n\trefstorage = reftable\n").unwrap();
    let line = format!("refs/heads/main {} refs/heads/main {ZERO}\n", "1".repeat(40));
    let output = fed(arena.program(&reftable).args(["hook", "pre-push", "origin", "x"]), line.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(output.stderr).contains("refs stored as `reftable`"));
}
