//! Inside a push, while `pre-receive` runs and the pushed objects lie in quarantine.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Child,
    time::{Duration, Instant},
};

use freezegate::change::git::{EvidenceError, GitEnvironment, ObjectId, Repository};

use crate::git_evidence::sandbox::{Sandbox, changes};

/// A hook that writes down what it was given, and waits until the test has looked round.
const HOOK: &str = r#"#!/bin/sh
env >"$OUT/environment.tmp"
cat >"$OUT/lines.tmp"
git update-ref refs/audit HEAD 2>"$OUT/update-ref"
mv "$OUT/environment.tmp" "$OUT/environment"
mv "$OUT/lines.tmp" "$OUT/lines"
turns=0
while [ ! -e "$OUT/done" ] && [ $turns -lt 1200 ]; do
  sleep 0.05
  turns=$((turns + 1))
done
exit 1
"#;

struct Push {
    server: PathBuf,
    out: PathBuf,
    child: Child,
}

impl Push {
    /// Pushes what the arguments say to a bare repository, and comes back while its hook waits.
    fn start(sandbox: &Sandbox, refspecs: &[&str]) -> Self {
        let server = sandbox.outside().join("server.git");
        sandbox.git(["clone", "--quiet", "--bare", ".", server.to_str().unwrap()]);
        let out = sandbox.outside().join("out");
        fs::create_dir(&out).unwrap();
        let hook = server.join("hooks").join("pre-receive");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, HOOK).unwrap();
        let mut permissions = fs::metadata(&hook).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
        fs::set_permissions(&hook, permissions).unwrap();
        sandbox.commit_files("pushed", &["prod/pushed"]);
        let mut command = sandbox.command();
        command.env("OUT", &out).args(["push", "--quiet"]).arg(&server).args(refspecs);
        let child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        let push = Self { server, out, child };
        let began = Instant::now();
        while !push.out.join("lines").exists() {
            assert!(began.elapsed() < Duration::from_secs(60), "the hook does not run");
            std::thread::sleep(Duration::from_millis(10));
        }
        push
    }

    fn environment(&self) -> GitEnvironment {
        let text = fs::read_to_string(self.out.join("environment")).unwrap();
        GitEnvironment::from_variables(|name| {
            let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            value.map(OsString::from)
        })
    }

    /// The old and the new tip of each line.
    fn lines(&self) -> Vec<(ObjectId, ObjectId)> {
        let text = fs::read_to_string(self.out.join("lines")).unwrap();
        let ids = |line: &str| {
            let mut ids = line.split(' ').map(|id| ObjectId::from_hex(id).unwrap());
            (ids.next().unwrap(), ids.next().unwrap())
        };
        text.lines().map(|line| ids(line.rsplit_once(' ').unwrap().0)).collect()
    }

    fn finish(mut self) {
        fs::write(self.out.join("done"), "").unwrap();
        assert!(!self.child.wait().unwrap().success(), "the hook refuses the push");
    }
}

fn paths(repository: &Repository, (old, new): (ObjectId, ObjectId)) -> Vec<String> {
    let tree = |id| repository.revision_at(id).unwrap().map(|revision| revision.tree);
    let changed = changes(repository, tree(old), tree(new)).unwrap();
    changed.into_iter().map(|(path, _)| String::from_utf8(path).unwrap()).collect()
}

#[test]
fn sees_the_objects_in_quarantine_only_with_the_hooks_environment() {
    let sandbox = Sandbox::new();
    sandbox.commit_files("before", &["a"]);
    let push = Push::start(&sandbox, &["HEAD:refs/heads/main", "HEAD:refs/heads/created"]);
    let environment = push.environment();
    assert!(environment.quarantine_path.is_some(), "{environment:?}");
    let lines = push.lines();

    // The hook runs in the repository, and `GIT_DIR` is `.`.
    assert_eq!(environment.git_dir, Some(".".into()));
    let repository = Repository::open_in(&environment, &push.server).unwrap();
    let mut found: Vec<Vec<String>> = lines.iter().map(|line| paths(&repository, *line)).collect();
    found.sort();
    assert_eq!(found, [vec!["a", "prod/pushed"], vec!["prod/pushed"]], "a created ref is all new");
    let before = repository.revision_of(&"refs/heads/main".parse_ref()).unwrap().unwrap();
    let pushed = repository.revision_at(lines[0].1).unwrap().unwrap();
    assert_eq!(repository.merge_base(before.commit, pushed.commit).unwrap(), before.commit);
    assert_eq!(repository.file_at(pushed.commit, "prod/pushed").unwrap().unwrap(), b"pushed: prod/pushed\n");

    // Without it the pushed objects are not to be had, which is an error and not an empty change.
    let without = Repository::open_at(&push.server).unwrap();
    let refused = without.revision_at(lines[0].1).unwrap_err();
    assert!(matches!(refused, EvidenceError::MissingObject { .. }), "{refused}");

    // What the quarantine forbids git is why nothing may be written from a hook.
    let naive = fs::read_to_string(push.out.join("update-ref")).unwrap();
    assert!(naive.contains("ref updates forbidden inside quarantine environment"), "{naive}");
    push.finish();
}

#[test]
fn reading_in_a_push_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.commit_files("before", &["a"]);
    let push = Push::start(&sandbox, &["HEAD:refs/heads/main"]);
    let server = |path: &Path| {
        let mut names = Vec::new();
        let mut folders = vec![path.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                names.push(path);
            }
        }
        names.sort();
        names
    };
    let before = server(&push.server);
    let repository = Repository::open_in(&push.environment(), &push.server).unwrap();
    assert_eq!(paths(&repository, push.lines()[0]), ["prod/pushed"]);
    assert_eq!(repository.reflog(&"refs/heads/main".parse_ref()).unwrap(), None);
    repository.refs().unwrap();
    repository.head().unwrap();
    repository.completeness().unwrap();
    assert_eq!(server(&push.server), before);
    push.finish();
}

#[test]
fn refuses_an_object_directory_that_is_not_there() {
    let sandbox = Sandbox::new();
    sandbox.commit("here");
    for environment in [
        GitEnvironment { object_directory: Some("nowhere".into()), ..GitEnvironment::default() },
        GitEnvironment { quarantine_path: Some("nowhere".into()), ..GitEnvironment::default() },
        GitEnvironment { alternate_object_directories: Some(".git:nowhere".into()), ..GitEnvironment::default() },
        GitEnvironment { object_directory: Some(".git/HEAD".into()), ..GitEnvironment::default() },
        GitEnvironment { git_dir: Some("nowhere".into()), ..GitEnvironment::default() },
    ] {
        let refused = Repository::open_in(&environment, &sandbox.path).unwrap_err();
        let expected = match environment.git_dir {
            Some(_) => matches!(refused, EvidenceError::NoRepository { .. }),
            None => matches!(refused, EvidenceError::CorruptRepository { .. }),
        };
        assert!(expected, "{environment:?}: {refused}");
    }
}

#[test]
fn refuses_what_it_does_not_understand_of_the_environment() {
    let sandbox = Sandbox::new();
    sandbox.commit("here");
    for (environment, message) in [
        (GitEnvironment { namespace: Some("one".into()), ..GitEnvironment::default() }, "`GIT_NAMESPACE`"),
        (GitEnvironment { common_dir: Some("..".into()), ..GitEnvironment::default() }, "`GIT_COMMON_DIR`"),
        (
            GitEnvironment { alternate_object_directories: Some("\"a:b\"".into()), ..GitEnvironment::default() },
            "`GIT_ALTERNATE_OBJECT_DIRECTORIES`",
        ),
    ] {
        let refused = Repository::open_in(&environment, &sandbox.path).unwrap_err();
        assert!(matches!(refused, EvidenceError::Unsupported { .. }), "{refused}");
        assert!(refused.to_string().contains(message), "{refused}");
    }
    let own = GitEnvironment { common_dir: Some(".git".into()), ..GitEnvironment::default() };
    Repository::open_in(&own, &sandbox.path).unwrap();
}

#[test]
fn reads_from_alternates_given_relative_to_the_start() {
    let elsewhere = Sandbox::new();
    let commit = elsewhere.commit("elsewhere");
    let sandbox = Sandbox::new();
    sandbox.commit("here");
    let objects = elsewhere.path.join(".git/objects");
    let environment =
        GitEnvironment { alternate_object_directories: Some(objects.into()), ..GitEnvironment::default() };
    let repository = Repository::open_in(&environment, &sandbox.path).unwrap();
    assert_eq!(repository.revision(&commit).unwrap().commit.to_string(), commit);
    assert!(sandbox.open().revision(&commit).is_err());
}

trait ParseRef {
    fn parse_ref(&self) -> freezegate::change::git::RefName;
}

impl ParseRef for str {
    fn parse_ref(&self) -> freezegate::change::git::RefName {
        freezegate::change::git::RefName::new(self).unwrap()
    }
}
