//! One stop, one server with its hook, two clones, a CI job and a command: closed in all of them at once, and open again in all of them.

use std::fs;
use std::path::{Path, PathBuf};

use freezegate::stop::Stop;
use freezegate::stop::entry::{LONGEST_REASON, MAX_TEXT, PublishedStop};
use freezegate::time::instant::Instant;

use crate::ci_step::world::{Answer, Job, OPEN, World};
use crate::support::clock::FAKETIME;

const POLICY: &str = r#"version = 1

[help]
timezone = "UTC"

[environments.production]

[[targets]]
paths = ["deploy/{environment}/**"]

[[targets]]
environment = "production"
command = ["true", "**"]

[approvers]
allowed_signers = "approvers.allowed_signers"
groups = { oncall = ["ben@example.com"], leads = ["cleo@example.com"] }

[[lifts]]
level  = "hard"
signed = ["oncall", "leads"]
"#;

/// The options by which a gate reads what is published to the server.
const STOPS: [&str; 2] = ["--stops", "origin"];

/// A server with the hook, two clones of it, and keys of those who may sign.
struct Company {
    world: World,
}

impl Company {
    fn new() -> Self {
        let world = World::empty();
        let mut roster = String::new();
        for person in ["ben", "cleo", "eve"] {
            let key = world.path(person);
            let mut keygen = world.clean("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(&key);
            assert!(keygen.status().unwrap().success());
            let public = fs::read_to_string(key.with_extension("pub")).unwrap();
            if person != "eve" {
                roster.push_str(&format!("{person}@example.com namespaces=\"freezegate-grant\" {public}"));
            }
        }
        world.commit(&[
            ("freezegate.toml", POLICY),
            ("approvers.allowed_signers", &roster),
            ("deploy/production/app", "one"),
        ]);
        world.git(&["branch", "base"]);
        world.push("main");
        world.git(&["remote", "set-head", "origin", "main"]);
        let url = world.git(&["remote", "get-url", "origin"]);
        world.git_in(&world.path(""), &["clone", "--quiet", &url, "second"]);
        let company = Self { world };
        company.install_hook();
        company
    }

    /// The hook of the server, with the clock of the test.
    fn install_hook(&self) {
        let hook = self.world.path("server.git").join("hooks/pre-receive");
        let text = format!(
            "#!/bin/sh\nexec '{FAKETIME}' -f '{OPEN}' '{}' hook pre-receive --stops refs/freezegate/stops --record '{}'\n",
            env!("CARGO_BIN_EXE_freezegate"),
            self.world.path("record.jsonl").display()
        );
        let draft = self.world.path("draft");
        fs::write(&draft, text).unwrap();
        for command in
            [&["cp", draft.to_str().unwrap(), hook.to_str().unwrap()][..], &["chmod", "+x", hook.to_str().unwrap()]]
        {
            let (program, arguments) = command.split_first().unwrap();
            assert!(self.world.clean(program).args(arguments).status().unwrap().success());
        }
    }

    fn clone(&self, name: &str) -> PathBuf {
        self.world.path(name)
    }

    fn run(&self, clone: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Answer {
        self.world.run_in(&self.clone(clone), OPEN, variables, arguments)
    }

    /// Commits a new file of production in a clone, and pushes it: whether the server takes it, and what it says.
    fn push(&self, clone: &str, content: &str) -> (bool, String) {
        let folder = self.clone(clone);
        fs::write(folder.join("deploy/production/app"), content).unwrap();
        self.world.git_in(&folder, &["commit", "--quiet", "--all", "--message=a change"]);
        let output =
            self.world.clean("git").current_dir(&folder).args(["push", "origin", "HEAD:main"]).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    }

    /// Makes a commit of the stops of `text` in a repository; returns its name.
    fn stops_commit(&self, repository: &Path, text: &[u8]) -> String {
        let path = self.world.path("stops.jsonl");
        fs::write(&path, text).unwrap();
        let blob = self.world.git_in(repository, &["hash-object", "-w", path.to_str().unwrap()]);
        fs::write(self.world.path("tree"), format!("100644 blob {blob}\tstops.jsonl\n")).unwrap();
        let mut mktree = self.world.clean("git");
        mktree.current_dir(repository).arg("mktree").stdin(fs::File::open(self.world.path("tree")).unwrap());
        let tree = String::from_utf8(mktree.output().unwrap().stdout).unwrap();
        self.world.git_in(repository, &["commit-tree", tree.trim(), "-m", "stops"])
    }

    /// Pushes stops in place of those that are published: whether the server takes them, and what it says.
    fn push_stops(&self, text: &[u8]) -> (bool, String) {
        let commit = self.stops_commit(&self.clone("work"), text);
        let refspec = format!("{commit}:refs/freezegate/stops");
        let output = self.world.clean("git").args(["push", "--force", "origin", &refspec]).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    }

    /// Returns what each gate says: the exit status of `check` by hand in each clone, of a CI job, of a command, and of `next`, `status` aside.
    fn gates(&self) -> Vec<(&'static str, Answer)> {
        let job = Job::of_push("github/push", &self.world);
        let record = self.world.path("ci.jsonl");
        let enforced = ["check", "production", "--enforce", "--record", record.to_str().unwrap()];
        let mut answers = Vec::new();
        for clone in ["work", "second"] {
            answers.push(("by hand", self.run(clone, &[], &[&["check", "production"], &STOPS[..]].concat())));
        }
        answers.push(("job", self.run("work", &job.variables(), &[&enforced[..], &STOPS].concat())));
        answers.push(("variable", self.run("second", &[("FREEZEGATE_STOPS", "origin")], &["check", "production"])));
        answers.push((
            "command",
            self.run("second", &[], &[&["run", "production"], &STOPS[..], &["--", "true"]].concat()),
        ));
        answers
    }

    #[track_caller]
    fn stop(&self) -> String {
        self.stop_of("second", "INC-7")
    }

    #[track_caller]
    fn stop_of(&self, clone: &str, incident: &str) -> String {
        let stopped = self.run(
            clone,
            &[],
            &[
                "stop",
                "production",
                "--for",
                "2h",
                "--incident",
                incident,
                "--reason",
                "login down",
                "--by",
                "ada@example.com",
                "--stops",
                "origin",
            ],
        );
        assert_eq!(stopped.status, 0, "{stopped}");
        let id = stopped.out.lines().find_map(|line| line.trim().strip_prefix("id ")).unwrap().trim().to_owned();
        assert!(
            stopped.out.contains(&format!("`freezegate resume {id} --stops origin --key KEY --reason \"…\"`")),
            "{stopped}"
        );
        id
    }

    fn resume(&self, clone: &str, id: &str, person: &str) -> Answer {
        let key = self.world.path(person);
        let by = format!("{person}@example.com");
        let arguments = [
            "resume",
            id,
            "--stops",
            "origin",
            "--key",
            key.to_str().unwrap(),
            "--by",
            &by,
            "--reason",
            "login is back",
        ];
        self.run(clone, &[], &arguments)
    }
}

#[track_caller]
fn all_closed(company: &Company, id: &str) {
    for (gate, answer) in company.gates() {
        assert_eq!(answer.status, if gate == "command" { 125 } else { 1 }, "{gate}: {answer}");
        let seen = format!("{}{}", answer.out, answer.err);
        let seen = seen.split_whitespace().collect::<Vec<_>>().join(" ");
        for told in [
            format!("stop {id} INC-7"),
            "INC-7: login down (stopped by ada@example.com)".to_owned(),
            "closed Sun 13 Jul 12:00 to 14:00".to_owned(),
            format!("`freezegate resume {id} --stops origin --key KEY --reason \"…\"`"),
        ] {
            assert!(seen.contains(&told), "{gate} does not say `{told}`: {seen}");
        }
    }
}

#[track_caller]
fn all_open(company: &Company) {
    for (gate, answer) in company.gates() {
        assert_eq!(answer.status, 0, "{gate}: {answer}");
    }
}

#[test]
fn a_stop_closes_every_gate_until_enough_people_sign() {
    let company = Company::new();
    all_open(&company);
    for content in ["two", "three"] {
        let (passed, seen) = company.push("work", content);
        assert!(passed, "{seen}");
    }
    let id = company.stop();

    all_closed(&company, &id);
    let (passed, seen) = company.push("work", "four");
    assert!(!passed && seen.contains(&format!("stop {id} INC-7")), "{seen}");
    let status = company.run("work", &[], &["status", "--stops", "origin"]);
    assert!(status.status == 0 && status.out.contains("closed: production") && status.out.contains(&id), "{status}");
    let next = company.run("work", &[], &["next", "production", "--stops", "origin"]);
    assert!(
        next.out.contains("Sun 14:00 UTC, in 2 h") && next.out.contains(&format!("freezegate resume {id}")),
        "{next}"
    );
    let json = company.run("work", &[], &["check", "production", "--stops", "origin", "--format", "json"]).json();
    let found = json.pointer("/findings/0/stop").unwrap();
    for (key, value) in [
        ("incident", "INC-7"),
        ("reason", "login down"),
        ("by", "ada@example.com"),
        ("until", "2025-07-13T14:00:00Z"),
        ("place", "origin"),
    ] {
        assert_eq!(found.get(key).unwrap(), value, "{json}");
    }

    // a rollback passes: the change that was let through before the stop, taken back
    let folder = company.clone("work");
    company.world.git_in(&folder, &["reset", "--quiet", "--hard", "origin/main"]);
    let (passed, seen) = company.push("work", "two");
    assert!(passed, "{seen}");

    // neither one signature nor that of a stranger is enough
    for (clone, person) in [("work", "ben"), ("second", "eve"), ("second", "ben")] {
        let resumed = company.resume(clone, &id, person);
        assert!(resumed.status == 1 && resumed.out.contains("still in force"), "{resumed}");
    }
    let unsigned = company.run("work", &[], &["resume", &id, "--stops", "origin"]);
    assert!(
        unsigned.status == 1
            && crate::hooks::arena::words(&unsigned.out)
                .contains("signed by ben@example.com; still missing: one of `leads` (cleo@example.com)"),
        "{unsigned}"
    );
    for (gate, answer) in company.gates() {
        assert_ne!(answer.status, 0, "{gate}: {answer}");
        assert!(format!("{}{}", answer.out, answer.err).contains("does not count"), "{gate}: {answer}");
    }
    let resumed = company.resume("second", &id, "cleo");
    assert!(resumed.status == 0 && resumed.out.starts_with("resumed: "), "{resumed}");
    all_open(&company);
    let (passed, seen) = company.push("work", "five");
    assert!(passed, "{seen}");
    let log = company.world.git_in(&company.world.path("server.git"), &["log", "--format=%s", "refs/freezegate/stops"]);
    assert_eq!(log.lines().count(), 5, "each step has left its trace: {log}");
}

#[test]
fn nobody_pushes_a_stop_away() {
    let company = Company::new();
    let id = company.stop();
    let server = company.world.path("server.git");
    let tip = company.world.git_in(&server, &["rev-parse", "refs/freezegate/stops"]);
    let resumed = company.resume("work", &id, "ben");
    assert_eq!(resumed.status, 1, "{resumed}");
    company.world.git(&["fetch", "--quiet", "origin", "refs/freezegate/stops"]);
    let push = |refspec: &str| {
        let output = company.world.clean("git").args(["push", "--force", "origin", refspec]).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    for refspec in [
        ":refs/freezegate/stops".to_owned(),
        format!("{tip}:refs/freezegate/stops"),
        "main:refs/freezegate/stops".to_owned(),
        "main:refs/freezegate/record".to_owned(),
    ] {
        let (passed, seen) = push(&refspec);
        assert!(!passed, "{refspec}: {seen}");
    }
    all_closed(&company, &id);
}

#[test]
fn a_line_that_nobody_can_read_takes_no_stop_with_it() {
    let company = Company::new();
    let id = company.stop();
    let server = company.world.path("server.git");
    let before = company.world.git_in(&server, &["show", "refs/freezegate/stops:stops.jsonl"]) + "\n";
    for line in [&b"half a line\n"[..], b"\xff\n"] {
        // past the hook
        let commit = company.stops_commit(&server, &[line, before.as_bytes()].concat());
        company.world.git_in(&server, &["update-ref", "refs/freezegate/stops", &commit]);
        company.world.git(&["fetch", "--quiet", "origin", "refs/freezegate/stops"]);
        let (passed, seen) = company.push_stops(b"");
        assert!(!passed && seen.contains("or changes them"), "{seen}");
        // whoever pushes may drop the line alone
        let (passed, seen) = company.push_stops(before.as_bytes());
        assert!(passed, "{seen}");
        all_closed(&company, &id);
    }
}

#[test]
fn a_place_full_of_what_is_over_takes_a_stop_and_keeps_what_holds() {
    let company = Company::new();
    let id = company.stop();
    let server = company.world.path("server.git");
    let before = company.world.git_in(&server, &["show", "refs/freezegate/stops:stops.jsonl"]);
    // `OPEN`, in seconds since 1970-01-01T00:00:00Z, is over a year later
    let over = |number: i64, reason: &str| {
        let stop = Stop {
            environments: Vec::new(),
            regions: Vec::new(),
            services: Vec::new(),
            from: Instant::from_second(1_700_000_000 + number),
            until: Instant::from_second(1_700_003_600 + number),
            incident: None,
            reason: Some(reason.to_owned()),
        };
        PublishedStop::new(stop, "eve@example.com".to_owned()).unwrap()
    };
    let long = "x".repeat(LONGEST_REASON);
    let mut full = before.trim_end().to_owned() + "\n";
    for number in 0.. {
        let entry = over(number, &long);
        if full.len() + entry.line().len() + 1 > MAX_TEXT {
            break;
        }
        full.extend([entry.line(), "\n"]);
    }
    company.world.git(&["fetch", "--quiet", "origin", "refs/freezegate/stops"]);
    let push = |text: &str| company.push_stops(text.as_bytes());
    let (passed, seen) = push(&full);
    assert!(passed, "{seen}");
    // whoever pushes may drop what is over, and nothing else
    let (passed, seen) = push(&format!("{}\n", over(0, "short").line()));
    assert!(!passed && seen.contains("or changes them"), "{seen}");
    let second = company.stop_of("second", "INC-8");
    assert_ne!(second, id);
    let after = company.world.git_in(&server, &["show", "refs/freezegate/stops:stops.jsonl"]);
    assert_eq!(after.lines().count(), 2, "{}", after.len());
    assert_eq!(after.lines().next(), before.lines().next());
    // a short place keeps all
    let (passed, seen) = push(&format!("{}\n", after.lines().next().unwrap()));
    assert!(!passed && seen.contains("or changes them"), "{seen}");
    all_closed(&company, &id);
}

#[test]
fn a_repository_that_has_seen_a_stop_counts_it_when_somebody_takes_it_away() {
    let company = Company::new();
    let id = company.stop();
    all_closed(&company, &id);
    let server = company.world.path("server.git");
    company.world.git_in(&server, &["update-ref", "-d", "refs/freezegate/stops"]);
    all_closed(&company, &id);
    let answer = company.run("second", &[], &["check", "production", "--stops", "origin"]);
    assert!(answer.out.contains("was removed from `origin`"), "{answer}");
    // it ends as any other
    for person in ["ben", "cleo"] {
        company.resume("work", &id, person);
    }
    all_open(&company);
}
