//! `check --fetch`: what is fetched, by how many requests, what never runs, and what is said when it does not come.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use freezegate::change::git::{EvidenceError, ObjectId, Repository};
use freezegate::proof::fetch::{FetchLimits, Remote};

use crate::ci_step::traffic::traffic;
use crate::ci_step::world::{Answer, CLOSED, Job, OPEN, POLICY, World};
use crate::support::http::HttpServer;

const CHECK: &[&str] = &["check", "production", "--format", "json", "--fetch"];

/// As forges have it.
fn forge(world: &World) -> PathBuf {
    let server = world.path("server.git");
    for key in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
        world.git_in(&server, &["config", key, "true"]);
    }
    server
}

/// A clone of `main` without all that `lacking` leaves out.
fn clone(world: &World, name: &str, lacking: &[&str]) -> PathBuf {
    let address = format!("file://{}", forge(world).display());
    world.git_in(&world.path(""), &[&["clone", "--quiet", "--no-tags"], lacking, &[&address, name]].concat());
    world.path(name)
}

/// All files of a git directory, with their sizes.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            match entry.metadata().unwrap() {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind => found.push((entry.path(), kind.len())),
            }
        }
    }
    found.sort();
    found
}

/// A run in `folder`, and what git was started with while it lasted.
fn traced(world: &World, folder: &Path, clock: &str, job: &Job, arguments: &[&str]) -> (Answer, Vec<String>) {
    let trace = world.path("trace2");
    drop(fs::remove_file(&trace));
    let named = [("GIT_TRACE2_EVENT", trace.to_str().unwrap())];
    let variables = [&job.variables()[..], &named[..]].concat();
    let answer = world.run_in(folder, clock, &variables, arguments);
    let text = fs::read_to_string(&trace).unwrap_or_default();
    let starts = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let words = |event: serde_json::Value| {
        let argv = event["argv"].as_array()?;
        let words: Vec<&str> = argv.iter().filter_map(serde_json::Value::as_str).collect();
        (event["event"] == "start" && words.contains(&"core.hooksPath=/dev/null")).then(|| words.join(" "))
    };
    (answer, starts.filter_map(words).collect())
}

fn words(answer: &Answer) -> String {
    answer.json()["errors"].to_string()
}

#[test]
fn no_git_is_started_and_no_remote_asked_unless_fetch_is_given() {
    let world = World::pushed();
    let folder = clone(&world, "shallow", &["--depth=1"]);
    let job = Job::of_push("github/push", &world);
    let (answer, started) = traced(&world, &folder, OPEN, &job, &["check", "production", "--format", "json"]);
    assert_eq!((answer.status, started.len()), (2, 0), "{answer}");
    assert!(words(&answer).contains("`--fetch`"), "{answer}");
    // nor if nothing is missing
    let (answer, started) = traced(&world, &world.path("work"), OPEN, &job, CHECK);
    assert_eq!((answer.status, started.len()), (0, 0), "{answer}: {started:?}");
    let (answer, started) = traced(&world, &folder, OPEN, &job, CHECK);
    assert_eq!((answer.status, started.len()), (0, 1), "{answer}: {started:?}");
}

#[test]
fn a_clone_is_the_same_before_and_after_whatever_was_fetched() {
    let world = World::pushed();
    let job = Job::of_push("github/push", &world);
    for lacking in [
        &["--depth=1"][..],
        &["--filter=blob:none", "--no-checkout"],
        &["--depth=1", "--filter=tree:0", "--no-checkout"],
    ] {
        let name = lacking.concat().replace(['-', ':', '='], "");
        let folder = clone(&world, &name, lacking);
        let before = files(&folder.join(".git"));
        let (answer, started) = traced(&world, &folder, CLOSED, &job, CHECK);
        assert_eq!(answer.status, 1, "{answer}");
        assert!(!started.is_empty() && started.len() < 10, "{started:?}");
        assert_eq!(files(&folder.join(".git")), before, "{name}");
        assert!(!started.iter().any(|line| line.contains("unshallow")), "{started:?}");
        // each object is asked for once
        let mut distinct = started.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), started.len(), "{started:?}");
    }
}

#[test]
fn a_merge_base_is_looked_for_in_steps_and_by_commits_alone() {
    let world = World::with_base();
    world.push("main");
    world.git(&["checkout", "--quiet", "-b", "feature"]);
    for number in 0..60 {
        world.commit(&[("deploy/production/us/routes.yaml", &number.to_string())]);
    }
    world.git(&["push", "--quiet", "origin", "feature"]);
    world.git(&["checkout", "--quiet", "main"]);
    let merged = world.commit(&[("deploy/production/us/more.yaml", "of others")]);
    world.push("main");
    let (feature, base) = (world.id("feature"), world.id("base"));
    let folder = clone(&world, "shallow", &["--depth=1", "--branch=feature"]);
    let job = Job::of("buildkite/pull_request", &world, &[("head", &feature)]);
    let (answer, started) = traced(&world, &folder, CLOSED, &job, &["check", "--format", "json", "--fetch"]);
    assert_eq!(answer.status, 1, "{answer}");
    let json = answer.json();
    assert_eq!(json["change"]["range"], format!("{base}..{feature}"), "{answer}");
    assert_eq!(json["reached"].as_array().unwrap().len(), 1, "{answer}");
    assert!(json["policy"]["from"].as_str().unwrap().contains(merged.get(..7).unwrap()), "{answer}");
    let deepened: Vec<&String> = started.iter().filter(|line| line.contains("--filter=tree:0")).collect();
    assert_eq!(deepened.len(), 2, "{started:?}");
    assert!(deepened[0].contains("--depth=50 ") && deepened[1].contains("--depth=500 "), "{started:?}");
    assert!(started.len() <= 7, "{started:?}");

    // two that have nothing in common are told so
    world.git(&["checkout", "--quiet", "--orphan", "apart"]);
    world.commit(&[("README.md", "apart")]);
    world.git(&["push", "--quiet", "origin", "apart"]);
    let folder = clone(&world, "apart", &["--depth=1", "--branch=apart"]);
    let job = Job::of("buildkite/pull_request", &world, &[("head", &world.id("apart"))]);
    let answer = world.run_in(&folder, CLOSED, &job.variables(), &["check", "--format", "json", "--fetch"]);
    assert!(answer.status == 2 && words(&answer).contains("have no common ancestor"), "{answer}");
}

/// What an earlier commit of a push says of itself closes too.
#[test]
fn trailers_of_all_commits_of_a_push_are_read() {
    let world = World::with_base();
    world.git(&["commit", "--quiet", "--allow-empty", "--message=a change\n\nEnvironment: production"]);
    world.commit(&[("deploy/staging/us/routes.yaml", "two")]);
    world.push("main");
    let job = Job::of_push("github/push", &world);
    let arguments = ["check", "staging", "--format", "json", "--fetch"];
    let whole = world.run(CLOSED, &job.variables(), &arguments);
    let folder = clone(&world, "shallow", &["--depth=1"]);
    let lacking = world.run_in(&folder, CLOSED, &job.variables(), &arguments);
    assert_eq!((whole.status, lacking.status), (1, 1), "{whole}{lacking}");
    assert_eq!(whole.json()["findings"], lacking.json()["findings"]);
    assert_eq!(whole.json()["warnings"], lacking.json()["warnings"]);
}

/// Of a branch that is new, all that the default branch does not have is new.
#[test]
fn trailers_of_all_commits_of_a_new_branch_are_read() {
    let world = World::with_base();
    for _ in 0..5 {
        world.git(&["commit", "--quiet", "--allow-empty", "--message=before\n\nEnvironment: production"]);
    }
    world.push("main");
    world.git(&["checkout", "--quiet", "-b", "hotfix"]);
    world.git(&["commit", "--quiet", "--allow-empty", "--message=a change\n\nEnvironment: staging"]);
    world.commit(&[("deploy/production/us/routes.yaml", "two")]);
    world.git(&["push", "--quiet", "origin", "hotfix"]);
    let folder = clone(&world, "shallow", &["--depth=1", "--branch=hotfix"]);
    let job = Job::of("github/push_of_new_branch", &world, &[("head", &world.id("HEAD"))]);
    let (answer, started) = traced(&world, &folder, OPEN, &job, &["check", "production", "--declared-only", "--fetch"]);
    assert_eq!(answer.status, 1, "{answer}");
    let said = format!("{}{}", answer.out, answer.err);
    assert!(said.contains("the trailer `Environment: staging` of"), "{said}");
    assert!(!said.contains("trailer `Environment: production` of") && !said.contains("were not read"), "{said}");
    assert!(started.len() <= 4, "{started:?}");
}

/// Who wrote a change may not approve it, so the authors of all of its commits are asked for.
#[test]
fn the_authors_of_a_change_are_found_in_history_that_is_fetched() {
    let world = World::with_base();
    for number in 0..55 {
        let author = format!("--author=Person {number} <person{number}@example.com>");
        world.git(&["commit", "--quiet", "--allow-empty", "--message=a change", &author]);
    }
    world.push("main");
    let folder = clone(&world, "shallow", &["--depth=1"]);
    let authors = |repository: &Repository| {
        let [old, new] = ["base", "HEAD"].map(|name| ObjectId::from_hex(&world.id(name)).unwrap());
        let [old, new] = [old, new].map(|id| repository.revision_at(id).unwrap().unwrap().commit);
        repository.with_history(&[old, new], |repository| repository.authors(Some(old), new))
    };
    let whole = authors(&Repository::open_at(&world.path("work")).unwrap()).unwrap();
    let lacking = Repository::open_at(&folder).unwrap();
    let remote = Remote::of(&lacking, FetchLimits::default()).unwrap();
    assert_eq!(authors(&lacking.supplied_by(Box::new(remote)).unwrap()).unwrap(), whole);
    assert_eq!(whole.len(), 55);
}

/// A freeze that came after the clone was made is in force for every branch and tag.
#[test]
fn the_default_branch_is_taken_as_the_remote_has_it_now() {
    let world = World::beside();
    let hotfix = world.id("HEAD");
    world.git(&["push", "--quiet", "origin", "hotfix"]);
    let folder = clone(&world, "stale", &["--depth=1", "--no-single-branch", "--branch=hotfix"]);
    world.git(&["checkout", "--quiet", "main"]);
    let freeze =
        "\n[[freezes]]\nname = \"all of July\"\nfrom = \"Jul 1 00:00\"\nuntil = \"Aug 1 00:00\"\ntimezone = \"UTC\"\n";
    let newer = world.commit(&[("freezegate.toml", &format!("{POLICY}{freeze}"))]);
    world.push("main");
    let job = Job::of("github/push_of_new_branch", &world, &[("head", &hotfix)]);
    let arguments = ["check", "production", "--declared-only", "--format", "json"];
    assert_eq!(world.run_in(&folder, OPEN, &job.variables(), &arguments).status, 0);
    let answer = world.run_in(&folder, OPEN, &job.variables(), &[&arguments[..], &["--fetch"]].concat());
    assert_eq!(answer.status, 1, "{answer}");
    assert!(answer.json()["policy"]["from"].as_str().unwrap().contains(newer.get(..7).unwrap()), "{answer}");
}

#[test]
fn a_rollback_is_known_by_former_states_that_are_fetched() {
    let world = World::with_base();
    let record = world.path("record.jsonl").to_str().unwrap().to_owned();
    let run = |folder: &str, clock: &str, before: &str, head: &str| {
        let job = Job::of("github/push", &world, &[("head", head), ("base", before)]);
        let arguments = [CHECK, &["--record", &record]].concat();
        world.run_in(&world.path(folder), clock, &job.variables(), &arguments)
    };
    let base = world.id("base");
    let first = world.commit(&[("deploy/production/us/routes.yaml", "two")]);
    world.push("main");
    assert_eq!(run("work", "2025-07-08 02:00:00 UTC", &base, &first).status, 0);
    let second = world.commit(&[("deploy/production/us/routes.yaml", "three"), ("README.md", "more")]);
    world.push("main");
    assert_eq!(run("work", "2025-07-09 02:00:00 UTC", &first, &second).status, 0);
    let back = world.commit(&[("deploy/production/us/routes.yaml", "two"), ("README.md", "other")]);
    world.push("main");
    for (name, lacking) in [
        ("shallow", &["--depth=1"][..]),
        ("blobless", &["--filter=blob:none", "--no-checkout"]),
        ("treeless", &["--filter=tree:0", "--no-checkout"]),
        ("both", &["--depth=1", "--filter=blob:none", "--no-checkout"]),
    ] {
        clone(&world, name, lacking);
        let kept = fs::read(&record).unwrap();
        let answer = run(name, CLOSED, &second, &back);
        assert_eq!(answer.status, 1, "{name}: {answer}");
        // it is declared for the whole environment, and not all of the tree goes back
        let whole = answer.json();
        fs::write(&record, &kept).unwrap();
        let oracle = run("work", CLOSED, &second, &back).json();
        fs::write(&record, &kept).unwrap();
        for part in ["findings", "rollback", "reached", "change", "warnings"] {
            assert_eq!(whole[part], oracle[part], "{name}: {part}");
        }
    }
    // all of the tree
    let back = world.commit(&[("deploy/production/us/routes.yaml", "two"), ("README.md", "one")]);
    world.push("main");
    for (name, lacking) in [("shallow2", &["--depth=1"][..]), ("treeless2", &["--filter=tree:0", "--no-checkout"])] {
        clone(&world, name, lacking);
        let kept = fs::read(&record).unwrap();
        let answer = run(name, CLOSED, &second, &back);
        assert_eq!(answer.status, 0, "{name}: {answer}");
        fs::write(&record, &kept).unwrap();
    }
}

/// The policy was edited with the former state, so another judged that one.
#[test]
fn the_policy_that_judged_a_former_state_is_fetched() {
    let edits = [
        ("a target beside", "[[targets]]\npaths = [\"batch/**\"]\nenvironment = \"staging\"\n", 0),
        ("another region", "[regions.eu]\ntimezones = [\"Europe/Berlin\"]\n", 1),
    ];
    for (what, edit, expected) in edits {
        let world = World::with_base();
        let record = world.path("record.jsonl").to_str().unwrap().to_owned();
        let run = |folder: &str, clock: &str, before: &str, head: &str, further: &[&str]| {
            let job = Job::of("github/push", &world, &[("head", head), ("base", before)]);
            let arguments = [&["check", "production", "--format", "json", "--record", &record], further].concat();
            world.run_in(&world.path(folder), clock, &job.variables(), &arguments)
        };
        let base = world.id("base");
        let edited = format!("{POLICY}{edit}");
        let file = "deploy/production/us/routes.yaml";
        let first = world.commit(&[(file, "two"), ("freezegate.toml", &edited)]);
        world.push("main");
        assert_eq!(run("work", "2025-07-08 02:00:00 UTC", &base, &first, &[]).status, 0, "{what}");
        let second = world.commit(&[(file, "three")]);
        world.push("main");
        assert_eq!(run("work", "2025-07-09 02:00:00 UTC", &first, &second, &[]).status, 0, "{what}");
        let back = world.commit(&[(file, "two")]);
        world.push("main");
        clone(&world, "shallow", &["--depth=3"]);
        let kept = fs::read(&record).unwrap();
        let answer = run("shallow", CLOSED, &second, &back, &[]);
        let missing = answer.json()["rollback"]["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!(answer.status, 1, "{what}: {answer}");
        assert!(missing.contains(&base) && missing.contains("git fetch --depth=1 origin"), "{what}: {answer}");
        for (folder, further) in [("shallow", &["--fetch"][..]), ("work", &[])] {
            fs::write(&record, &kept).unwrap();
            let answer = run(folder, CLOSED, &second, &back, further);
            assert_eq!(answer.status, expected, "{what} in {folder}: {answer}");
            let missing = answer.json()["rollback"]["message"].as_str().unwrap_or_default().to_owned();
            assert_eq!(missing.contains("was not judged for all"), expected == 1, "{what} in {folder}: {answer}");
        }
    }
}

#[test]
fn nothing_that_a_checkout_names_is_run_by_a_fetch() {
    let world = World::pushed();
    let job = Job::of_push("github/push", &world);
    let trace = world.path("trace");
    for (number, text) in [
        "[core]\n\tsshCommand = touch TRACE\n\tfsmonitor = touch TRACE\n\tgitProxy = touch TRACE\n\taskPass = touch TRACE\n\tpager = touch TRACE\n\talternateRefsCommand = touch TRACE\n\thooksPath = hooks\n",
        "[remote \"origin\"]\n\tuploadpack = touch TRACE; git-upload-pack\n\tvcs = touch\n",
        "[credential]\n\thelper = \"!touch TRACE; :\"\n[alias]\n\tfetch = \"!touch TRACE\"\n\tls-remote = \"!touch TRACE\"\n",
        "[hook \"a.b\"]\n\tcommand = touch TRACE\n\tevent = reference-transaction\n[gc]\n\tauto = 1\n",
        "[uploadpack]\n\tpackObjectsHook = touch TRACE\n[fetch]\n\tbundleURI = file:///nowhere\n\trecurseSubmodules = true\n[transfer]\n\tbundleURI = true\n",
        "[remote \"origin\"]\n\tpromisor = true\n\tpartialclonefilter = blob:none\n\tuploadpack = touch TRACE; git-upload-pack\n",
        "[extensions]\n\tworktreeConfig = true\n[remote \"origin\"]\n\tpushurl = \"ext::touch TRACE\"\n",
        "[url \"ext::touch TRACE \"]\n\tinsteadOf = file://\n[protocol]\n\tallow = always\n",
    ]
    .iter()
    .enumerate()
    {
        let folder = clone(&world, &format!("job{number}"), &["--depth=1"]);
        let config = folder.join(".git/config");
        let text = text.replace("TRACE", trace.to_str().unwrap());
        fs::write(&config, fs::read_to_string(&config).unwrap() + &text).unwrap();
        for name in ["reference-transaction", "post-checkout", "pre-auto-gc"] {
            for place in ["hooks", ".git/hooks"] {
                let hook = folder.join(place).join(name);
                fs::create_dir_all(hook.parent().unwrap()).unwrap();
                fs::write(&hook, format!("#!/bin/sh\ntouch {}\n", trace.display())).unwrap();
                fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        let before = files(&folder.join(".git"));
        let answer = world.run_in(&folder, OPEN, &job.variables(), CHECK);
        let is_led_away = text.contains("ext::");
        assert_eq!(answer.status, if is_led_away { 2 } else { 0 }, "{text}: {answer}");
        assert!(!trace.exists(), "{text}: {answer}");
        assert_eq!(files(&folder.join(".git")), before, "{text}");
        if is_led_away {
            assert!(words(&answer).contains("the repository's own configuration"), "{answer}");
        }
    }
    // nor is a folder of the change that has the name of the remote
    let folder = clone(&world, "unnamed", &["--depth=1"]);
    world.git_in(&folder, &["remote", "remove", "origin"]);
    world.git_in(&folder, &["clone", "--quiet", "--bare", &world.path("server.git").display().to_string(), "origin"]);
    let answer = world.run_in(&folder, OPEN, &job.variables(), CHECK);
    assert!(answer.status == 2 && words(&answer).contains("`git fetch`: fatal: 'origin' does not appear"), "{answer}");
}

#[test]
fn what_does_not_come_is_named_with_what_git_says() {
    let world = World::pushed();
    let folder = clone(&world, "shallow", &["--depth=1"]);
    let run = |fixture: &str, base: &str| {
        let job = Job::of(fixture, &world, &[("head", &world.id("HEAD")), ("base", base)]);
        world.run_in(&folder, OPEN, &job.variables(), CHECK)
    };
    // an object that the remote lacks
    let answer = run("github/push", &"9".repeat(40));
    assert_eq!(answer.status, 2, "{answer}");
    for part in [
        "the base (github: before) is not available",
        "was not fetched from `origin`",
        "`git fetch`: fatal:",
        "not our ref",
    ] {
        assert!(words(&answer).contains(part), "{part}: {answer}");
    }
    // a tree where a commit should be
    let answer = run("github/push", &world.git(&["rev-parse", "HEAD~1^{tree}"]));
    assert!(answer.status == 2 && words(&answer).contains("is a tree, not a commit"), "{answer}");
    // a remote that is not there
    world.git_in(&folder, &["remote", "set-url", "origin", "file:///nowhere.git"]);
    let answer = run("github/push", &world.id("base"));
    assert!(
        answer.status == 2 && words(&answer).contains("'/nowhere.git' does not appear to be a git repository"),
        "{answer}"
    );
}

#[test]
fn what_is_fetched_is_bounded_in_number_and_time() {
    let world = World::pushed();
    let folder = clone(&world, "treeless", &["--filter=tree:0", "--no-checkout"]);
    let base = ObjectId::from_hex(&world.id("base")).unwrap();
    let with = |limits: FetchLimits| {
        let repository = Repository::open_at(&folder).unwrap();
        let remote = Remote::of(&repository, limits).unwrap();
        let repository = repository.supplied_by(Box::new(remote)).unwrap();
        let base = repository.revision_at(base).unwrap().unwrap();
        (repository.file_at(base.commit, "freezegate.toml"), repository.file_at(base.commit, "README.md"))
    };
    let cause = |answer: Result<Option<Vec<u8>>, EvidenceError>| {
        let error = answer.unwrap_err();
        format!("{error}; {}", error.help())
    };
    let usual = FetchLimits::default();
    let (policy, readme) = with(usual);
    assert_eq!((policy.unwrap().unwrap(), readme.unwrap().unwrap()), (POLICY.into(), b"one".to_vec()));
    // an object that did not come is not asked for again
    let repository = Repository::open_at(&folder).unwrap();
    let remote = Remote::of(&repository, FetchLimits { requests: 2, ..usual }).unwrap();
    let repository = repository.supplied_by(Box::new(remote)).unwrap();
    let lost = ObjectId::from_hex(&"9".repeat(40)).unwrap();
    let said: Vec<String> = (0..3).map(|_| repository.revision_at(lost).unwrap_err().to_string()).collect();
    assert!(said[0].contains("not our ref") && said.iter().all(|one| *one == said[0]), "{said:?}");
    assert!(repository.revision_at(base).unwrap().is_some());
    // the tree with what lies below it, and each of the files
    let (policy, readme) = with(FetchLimits { requests: 2, ..usual });
    assert_eq!(policy.unwrap().unwrap(), POLICY.as_bytes());
    let said = cause(readme);
    assert!(said.contains("asked 2 times already"), "{said}");
    assert!(said.contains("`git fetch --refetch --no-filter origin`"), "{said}");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("git://{}/x", listener.local_addr().unwrap());
    world.git_in(&folder, &["remote", "set-url", "origin", &address]);
    let second = Duration::from_secs(1);
    for (limits, said) in [
        (FetchLimits { git: second, ..usual }, "did not end within 1 s"),
        (FetchLimits { all: second / 2, ..usual }, "did not end within 0 s"),
    ] {
        assert!(cause(with(limits).0).contains(said));
    }
}

/// As actions/checkout leaves its token behind.
#[test]
fn over_http_few_requests_and_few_bytes_are_enough() {
    let world = World::with_base();
    let noise: String =
        (0_u64..60_000).map(|number| format!("{:x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    world.commit(&[("big", &noise), ("old", &format!("{noise}."))]);
    for number in 0..20 {
        world.commit(&[("big", &format!("{noise}{number}"))]);
    }
    world.git(&["branch", "--force", "base"]);
    world.commit(&[("deploy/production/us/routes.yaml", "two")]);
    world.push("main");
    let header = "basic eC1hY2Nlc3MtdG9rZW46czNjcmV0";
    let http = HttpServer::for_authorized(&world.path(""), header).unwrap();
    let url = http.url("server.git");
    let job = Job::of_push("github/push", &world);
    for (name, lacking, most) in [
        ("shallow", &["--depth=1"][..], 4),
        ("blobless", &["--filter=blob:none", "--no-checkout"], 4),
        ("both", &["--depth=1", "--filter=blob:none", "--no-checkout"], 8),
    ] {
        let folder = clone(&world, name, lacking);
        world.git_in(&folder, &["remote", "set-url", "origin", &url]);
        // without the header
        let answer = world.run_in(&folder, CLOSED, &job.variables(), CHECK);
        assert!(answer.status == 2 && words(&answer).contains("403"), "{name}: {answer}");
        let key = format!("http.{}.extraheader", url.split_once("git/").unwrap().0);
        world.git_in(&folder, &["config", &key, &format!("Authorization: {header}")]);
        let trace = world.path(&format!("{name}.curl"));
        let traced = [("GIT_TRACE_CURL", trace.to_str().unwrap())];
        let answer = world.run_in(&folder, CLOSED, &[&job.variables()[..], &traced].concat(), CHECK);
        assert_eq!(answer.status, 1, "{name}: {answer}");
        let (requests, bytes) = traffic(&trace);
        assert!((1..=most).contains(&requests), "{name}: {requests} requests");
        assert!((100..20_000).contains(&bytes), "{name}: {bytes} bytes");
        assert!(!answer.out.contains("eC1hY2Nl") && !answer.err.contains("eC1hY2Nl"), "{answer}");
    }
}
