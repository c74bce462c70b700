//! The record of a git server: `hook pre-receive` behind real pushes.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;

use freezegate::change::git::{RefName, Repository};
use freezegate::proof::record::{
    Chain, Extent, Record, RecordEntry, RecordFile, RecordRef, RecordedBase, RecordedMode, RecordedOutcome,
    RecordedStanding,
};

use crate::record::workshop::{Ended, Workshop};
use crate::support::entries::entries;

const MAIN: &str = "refs/heads/main";

/// A bare repository whose hook keeps a record, and a clone of it.
struct Server {
    workshop: Workshop,
    location: String,
}

impl Server {
    fn new(location: &str) -> Self {
        let workshop = Workshop::with_repository();
        workshop.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
        workshop.git(&["clone", "--quiet", "server.git", "clone"]);
        let location = location.replace("FOLDER", workshop.path().to_str().unwrap());
        let server = Self { workshop, location };
        server.set_frozen(false);
        let script = format!(
            "#!/bin/sh\nexec {} hook pre-receive --policy {} --record {}\n",
            env!("CARGO_BIN_EXE_freezegate"),
            server.workshop.join("policy.toml").display(),
            server.location
        );
        let hook = server.workshop.join("server.git/hooks/pre-receive");
        fs::write(&hook, script).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        server
    }

    /// Closes `production`, or opens it.
    fn set_frozen(&self, frozen: bool) {
        let level = if frozen { "hard" } else { "off" };
        let policy = format!(
            r#"version = 1
[regions.all]
timezones  = ["UTC"]
core_hours = ["daily 00:00-24:00"]
[environments.production]
during_core_hours = "{level}"
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["deploy/{{environment}}/**"]
[[targets]]
refs        = ["refs/tags/v*"]
environment = "production"
[[targets]]
refs        = ["refs/heads/develop"]
paths       = ["deploy/**"]
environment = "staging"
"#
        );
        fs::write(self.workshop.join("policy.toml"), policy).unwrap();
    }

    fn clone(&self) -> PathBuf {
        self.workshop.join("clone")
    }

    /// Commits `text` at `path` in the clone, and gives back the commit.
    fn commit(&self, path: &str, text: &str) -> String {
        let whole = self.clone().join(path);
        fs::create_dir_all(whole.parent().unwrap()).unwrap();
        fs::write(whole, text).unwrap();
        self.workshop.git_in(&self.clone(), &["add", "."]);
        self.workshop.git_in(&self.clone(), &["commit", "--quiet", "--message", text]);
        self.workshop.git_in(&self.clone(), &["rev-parse", "HEAD"])
    }

    fn push(&self, arguments: &[&str]) -> Ended {
        let mut command = self.workshop.program("git", &self.clone());
        command.env("GL_USERNAME", "ada").args(["push", "--quiet", "origin"]).args(arguments);
        Ended::of(command.output().unwrap())
    }

    fn entries(&self) -> Vec<RecordEntry> {
        entries(&self.record())
    }

    fn record(&self) -> Record {
        match RefName::new(&self.location) {
            Ok(name) => {
                let repository = Repository::open_at(&self.workshop.join("server.git")).unwrap();
                Record::Ref(RecordRef::new(&repository, None, &name).unwrap())
            }
            Err(_) => Record::File(RecordFile::new(self.location.clone().into())),
        }
    }

    fn base(&self, environment: &str, reference: &str) -> Option<String> {
        match self.record().read().unwrap().base(environment, Chain::of_hook(Some(reference)), Extent::Paths) {
            RecordedBase::Known { commit, .. } => commit.map(str::to_owned),
            RecordedBase::Untold | RecordedBase::Unknown => None,
        }
    }
}

#[test]
fn a_refused_commit_never_becomes_a_base_by_being_followed_by_another() {
    for location in ["FOLDER/record.jsonl", "refs/freezegate/record"] {
        let server = Server::new(location);
        let tree =
            |commit: &str| server.workshop.git_in(&server.clone(), &["rev-parse", &format!("{commit}^{{tree}}")]);

        let first = server.commit("deploy/production/a", "one");
        assert_eq!(server.push(&["main"]).status, Some(0));
        assert_eq!(server.base("production", MAIN).as_ref(), Some(&first));

        server.set_frozen(true);
        let refused = server.commit("deploy/production/a", "two");
        let ended = server.push(&["main"]);
        assert_eq!(ended.status, Some(1), "{ended:?}");
        assert!(ended.errors.contains("refused: production/all is closed"), "{ended:?}");
        assert_eq!(server.base("production", MAIN).as_ref(), Some(&first));

        // what follows it reaches staging alone, and still carries it
        let follower = server.commit("deploy/staging/a", "three");
        assert_eq!(server.push(&["main"]).status, Some(1));
        assert_eq!(server.base("production", MAIN).as_ref(), Some(&first));

        server.set_frozen(false);
        assert_eq!(server.push(&["main"]).status, Some(0));
        assert_eq!(server.base("production", MAIN).as_ref(), Some(&follower));
        assert_eq!(server.base("staging", MAIN).as_ref(), Some(&follower));

        let entries = server.entries();
        let told: Vec<(RecordedOutcome, Option<&str>, Option<&str>)> = entries
            .iter()
            .map(|entry| {
                let change = &entry.decided.changes[0];
                (entry.decided.decision, change.base_commit.as_deref(), change.commit.as_deref())
            })
            .collect();
        let begin = server.workshop.git(&["rev-parse", "HEAD"]);
        assert_eq!(
            told,
            [
                (RecordedOutcome::Allowed, Some(begin.as_str()), Some(first.as_str())),
                (RecordedOutcome::Refused, Some(first.as_str()), Some(refused.as_str())),
                (RecordedOutcome::Refused, Some(first.as_str()), Some(follower.as_str())),
                (RecordedOutcome::Allowed, Some(first.as_str()), Some(follower.as_str())),
            ],
            "{location}"
        );
        let last = &entries.as_slice()[3].decided;
        assert_eq!((last.mode, last.standing), (RecordedMode::PreReceive, RecordedStanding::Enforcement));
        assert_eq!(last.actor.as_deref(), Some("ada"));
        assert_eq!(last.changes[0].reference.as_deref(), Some(MAIN));
        assert_eq!(last.changes[0].tree, Some(tree(&follower)));
        assert_eq!(last.changes[0].base_tree, Some(tree(&first)));
    }
}

#[test]
fn each_ref_of_a_push_is_recorded_with_what_it_reaches_itself() {
    let server = Server::new("FOLDER/record.jsonl");
    let main = server.commit("deploy/production/a", "one");
    server.workshop.git_in(&server.clone(), &["tag", "--annotate", "--message=x", "v1"]);
    server.workshop.git_in(&server.clone(), &["checkout", "--quiet", "-b", "develop", "HEAD~1"]);
    let develop = server.commit("deploy/anything", "two");
    server.workshop.git_in(&server.clone(), &["branch", "aside"]);
    let ended = server.push(&["main", "v1", "develop", "aside"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let entries = server.entries();
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    let mut changes: Vec<(String, String, Option<String>, bool)> = entry
        .decided
        .changes
        .iter()
        .map(|change| {
            let (name, environments) = (change.reference.clone().unwrap(), change.environments.join(" "));
            (name, environments, change.commit.clone(), change.base_commit.is_some())
        })
        .collect();
    changes.sort();
    assert_eq!(
        changes,
        [
            ("refs/heads/develop".to_owned(), "staging".to_owned(), Some(develop), false),
            (MAIN.to_owned(), "production".to_owned(), Some(main.clone()), true),
            ("refs/tags/v1".to_owned(), "production".to_owned(), Some(main.clone()), false),
        ]
    );
    let folded = server.record().read().unwrap();
    let was_allowed = |environment: &str| {
        folded.states_by_any_ref(environment, &|_| true).iter().any(|state| state.commit == Some(main.as_str()))
    };
    assert!(was_allowed("production") && !was_allowed("staging"));

    assert_eq!(server.push(&["--delete", "develop"]).status, Some(0));
    let folded = server.record().read().unwrap();
    let base = folded.base("staging", Chain::of_hook(Some("refs/heads/develop")), Extent::Paths);
    assert!(matches!(base, RecordedBase::Known { commit: None, tree: None, allowed_by: Some(_) }), "{base:?}");
}

#[test]
fn a_record_that_cannot_be_written_or_is_broken_refuses_every_push() {
    let server = Server::new("FOLDER/record.jsonl");
    server.commit("deploy/staging/a", "one");
    assert_eq!(server.push(&["main"]).status, Some(0));
    let record = server.workshop.join("record.jsonl");
    let text = fs::read_to_string(&record).unwrap();
    // not within a digest, which may hold these letters too
    let edited = text.replace("\"ada", "\"bob");
    assert_ne!(edited, text);
    fs::write(&record, edited).unwrap();
    server.commit("deploy/staging/a", "two");
    let ended = server.push(&["main"]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.errors.contains("line 1: entry 1 was changed after it was written"), "{ended:?}");
    fs::remove_file(&record).unwrap();
    fs::create_dir(&record).unwrap();
    let ended = server.push(&["main"]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.errors.contains("is not a regular file"), "{ended:?}");
}

/// Wherever the record is kept, or if there is none: what freezegate remembers is no one else's to move.
#[test]
fn nobody_pushes_to_refs_that_are_freezegates_own() {
    for location in ["refs/freezegate/record", "FOLDER/record.jsonl"] {
        let server = Server::new(location);
        let bare = server.workshop.join("server.git");
        // before the first use, too
        let first = server.push(&["main:refs/freezegate/record"]);
        assert!(first.errors.contains("the push moves `refs/freezegate/record`"), "{first:?}");
        server.commit("deploy/staging/a", "one");
        assert_eq!(server.push(&["main"]).status, Some(0));
        server.workshop.git_in(&bare, &["symbolic-ref", "refs/heads/aside", "refs/freezegate/record"]);
        server.workshop.git_in(&bare, &["update-ref", "refs/freezegate/other", "main"]);
        for arguments in [
            &["main:refs/freezegate/record", "--force"][..],
            &["main:refs/freezegate/record/below"],
            &["main:refs/freezegate/new"],
            &["main:refs/FREEZEGATE/record"],
            &["main:refs/freezegate"],
            &["--delete", "refs/freezegate/other"],
            &["main:refs/heads/aside", "--force"],
            // together with what would be allowed
            &["main:refs/heads/fine", "main:refs/freezegate/new"],
        ] {
            let ended = server.push(arguments);
            assert_eq!(ended.status, Some(1), "{arguments:?}: {ended:?}");
            assert!(ended.errors.contains("freezegate's own"), "{arguments:?}: {ended:?}");
        }
        assert_eq!(server.entries().len(), 1);
        let refs = server.workshop.git_in(&bare, &["for-each-ref", "--format=%(refname)", "refs/freezegate"]);
        assert!(!refs.contains("new") && refs.contains("other"), "{refs}");
    }
}

#[test]
fn the_record_of_a_hook_has_an_absolute_path() {
    let server = Server::new("record.jsonl");
    server.commit("deploy/staging/a", "one");
    let ended = server.push(&["main"]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.errors.contains("`--record record.jsonl` is relative"), "{ended:?}");
}

/// A refused push of 4,000 tags is refused with a small entry; 4,000 tags that could go, which do not fit, are not allowed.
#[test]
fn a_push_of_4000_tags_leaves_a_small_entry_or_none() {
    let server = Server::new("FOLDER/record.jsonl");
    server.commit("deploy/production/a", "one");
    let tags: String = (0..4000).map(|number| format!("create refs/tags/v{number} HEAD\n")).collect();
    let mut command = server.workshop.program("git", &server.clone());
    let mut child = command.args(["update-ref", "--stdin"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(tags.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());

    server.set_frozen(true);
    let ended = server.push(&["--tags"]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.errors.contains("refused: production/all is closed"), "{ended:?}");
    let size = || fs::metadata(server.workshop.join("record.jsonl")).unwrap().len();
    let refused = size();
    assert!(refused < 150_000, "{refused}");
    let unlisted = server.entries()[0].decided.unlisted();
    assert_eq!((unlisted.changes, unlisted.findings), (3900, 0));

    let shown = server.workshop.run(&["record", "show", "record.jsonl"]);
    assert!(shown.printed.contains("more        3900 changes are not listed"), "{shown:?}");
    let verified = server.workshop.run(&["record", "verify", "record.jsonl"]);
    assert_eq!(verified.status, Some(0), "{verified:?}");
    let words = verified.printed.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("partial 1 entry lists a part and counts the rest"), "{words}");

    server.set_frozen(false);
    let ended = server.push(&["--tags"]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let words = ended.errors.replace("remote:", "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("at most 1048576 are kept of one") && words.contains("push fewer refs at a time"),
        "{words}"
    );
    assert_eq!(size(), refused);
    assert_eq!(server.workshop.git_in(&server.workshop.join("server.git"), &["tag"]), "");
    // as the message says
    for part in ["refs/tags/v1*", "refs/tags/v2*"] {
        let ended = server.push(&[&format!("{part}:{part}")]);
        assert_eq!(ended.status, Some(0), "{ended:?}");
    }
}
