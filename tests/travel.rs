//! Grants that travel: asked for from the log of a job or the refusal of a server, signed on other machines, found by the gate.

#![cfg(unix)]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a world that does not come up is a failed test")]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use crate::ci_step::world::{Answer, Job, OPEN, World};
use crate::support::clock::FAKETIME;

const POLICY: &str = r#"version = 1

[environments.production]

[[targets]]
paths = ["deploy/{environment}/**"]

[[freezes]]
name     = "launch"
from     = 2025-07-13T00:00:00
until    = 2025-07-14T00:00:00
timezone = "UTC"

[approvers]
allowed_signers = "approvers.allowed_signers"
groups = { oncall = ["ben@example.com"], leads = ["cleo@example.com"] }

[[lifts]]
level    = "hard"
signed   = ["oncall", "leads"]
incident = true
"#;

/// A server, the checkout of a job, and a clone for each person.
struct Company {
    world: World,
    /// What jobs are started with, beside the record.
    options: Vec<String>,
}

/// Whoever names an incident may go past what is soft.
const INCIDENT_ALONE: &str = r#"version = 1

[environments.production]

[[targets]]
paths = ["deploy/{environment}/**"]

[[freezes]]
name     = "launch"
from     = 2025-07-13T00:00:00
until    = 2025-07-14T00:00:00
timezone = "UTC"
level    = "soft"

[[lifts]]
level    = "soft"
signed   = []
incident = true
"#;

impl Company {
    /// A frozen change of production on the server's main, which `work` has checked out.
    fn new() -> Self {
        Self::of(POLICY, &[])
    }

    /// The same by another policy, in jobs with further options.
    fn of(policy: &str, options: &[&str]) -> Self {
        let world = World::empty();
        let mut roster = String::new();
        for person in ["ben", "cleo"] {
            let key = world.path(&format!("{person}.key"));
            let mut keygen = world.clean("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(&key);
            assert!(keygen.status().unwrap().success());
            let public = fs::read_to_string(key.with_extension("key.pub")).unwrap();
            roster.push_str(&format!("{person}@example.com namespaces=\"freezegate-grant\" {public}"));
        }
        world.commit(&[
            ("deploy/production/app", "zero"),
            ("freezegate.toml", policy),
            ("approvers.allowed_signers", &roster),
        ]);
        world.git(&["branch", "begin"]);
        world.commit(&[("deploy/production/app", "one")]);
        world.git(&["branch", "base"]);
        world.push("main");
        world.git(&["remote", "set-head", "origin", "main"]);
        let options = options.iter().map(|option| option.replace("WORLD", world.path("").to_str().unwrap())).collect();
        let company = Self { world, options };
        // beside the repository lies what an organisation's policy would be
        let organisation =
            POLICY.replacen("version = 1\n", "version = 1\n\n[organisation]\nname = \"example\"\nserial = 1\n", 1);
        fs::write(company.world.path("organisation.toml"), organisation).unwrap();
        fs::write(company.world.path("approvers.allowed_signers"), &roster).unwrap();
        let before = company.job_at("2025-07-12 12:00:00 UTC", "begin");
        assert_eq!(before.status, 0, "{before}");
        company.deploy("two");
        for person in ["dora", "ben", "cleo"] {
            company.clone(person);
        }
        company
    }

    /// Commits and pushes a state of production.
    fn deploy(&self, content: &str) {
        self.world.commit(&[("deploy/production/app", content)]);
        self.world.push("main");
    }

    fn clone(&self, person: &str) {
        let url = self.world.git(&["remote", "get-url", "origin"]);
        self.world.git_in(&self.world.path(""), &["clone", "--quiet", &url, person]);
        self.world.git_in(&self.world.path(person), &["config", "user.email", &format!("{person}@example.com")]);
    }

    /// The job of the push to main that `HEAD` is, since `base`.
    fn job(&self, base: &str) -> Answer {
        self.job_at(OPEN, base)
    }

    fn job_at(&self, clock: &str, base: &str) -> Answer {
        let commits = [("head", self.world.id("HEAD")), ("base", self.world.id(base))];
        let commits = commits.each_ref().map(|(name, id)| (*name, id.as_str()));
        let job = Job::of("github/push", &self.world, &commits);
        let record = self.world.path("record.jsonl");
        let mut check = vec!["check", "production", "--enforce", "--fetch", "--record", record.to_str().unwrap()];
        check.extend(self.options.iter().map(String::as_str));
        self.world.run(clock, &job.variables(), &check)
    }

    /// The program in somebody's clone; what it says comes in one line.
    fn run(&self, person: &str, arguments: &[&str]) -> (i32, String) {
        let answer = self.world.run_in(&self.world.path(person), OPEN, &[], arguments);
        (answer.status, words(&format!("{}{}", answer.out, answer.err)))
    }

    /// Runs a printed command in somebody's clone, as it was printed, but for what it leaves open.
    fn paste(&self, person: &str, printed: &str) -> (i32, String) {
        let printed = printed.replace("INC-…", "INC-7").replace("\"…\"", "\"login down\"");
        let arguments: Vec<String> = printed.split_whitespace().skip(1).map(|word| word.replace('"', "")).collect();
        // the reason has a blank
        let text = arguments.join("\n").replace("login\ndown", "login down");
        let words: Vec<&str> = text.split('\n').collect();
        self.run(person, &words)
    }

    fn sign(&self, person: &str, id: &str) -> (i32, String) {
        let key: PathBuf = self.world.path(&format!("{person}.key"));
        self.run(person, &["grant", "sign", id, "--key", key.to_str().unwrap()])
    }

    /// Sets a ref of the server to a commit with one file.
    fn put(&self, name: &str, file: &str, content: &str) {
        let server = self.world.path("server.git");
        let mut hash = self.world.clean("git");
        hash.current_dir(&server).args(["hash-object", "-w", "--stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = hash.spawn().unwrap();
        child.stdin.take().unwrap().write_all(content.as_bytes()).unwrap();
        let blob = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let mut tree = self.world.clean("git");
        tree.current_dir(&server).arg("mktree").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = tree.spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("100644 blob {}\t{file}\n", blob.trim()).as_bytes()).unwrap();
        let tree = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let commit = self.world.git_in(&server, &["commit-tree", "-m", "put", tree.trim()]);
        self.world.git_in(&server, &["update-ref", name, &commit]);
    }

    /// Has the server judge what is pushed to it, with a record.
    fn install(&self) {
        let world = &self.world;
        let hook = format!(
            "#!/bin/sh\nexec '{FAKETIME}' -f '{OPEN}' '{}' hook pre-receive --record '{}'\n",
            env!("CARGO_BIN_EXE_freezegate"),
            world.path("server.jsonl").display()
        );
        let (draft, path) = (world.path("draft"), world.path("server.git/hooks/pre-receive"));
        fs::write(&draft, hook).unwrap();
        for command in
            [["cp", draft.to_str().unwrap(), path.to_str().unwrap()], ["chmod", "+x", path.to_str().unwrap()]]
        {
            assert!(world.clean(command[0]).args(&command[1..]).status().unwrap().success());
        }
    }

    /// Pushes to the server: whether it passed, and what was said.
    fn push(&self, refspec: &str) -> (bool, String) {
        let output = self.world.clean("git").args(["push", "origin", refspec]).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    }

    /// Has Dora ask for what a refusal prints; returns the id.
    #[track_caller]
    fn asked(&self, refusal: &str) -> String {
        let (status, said) = self.paste("dora", &printed(refusal));
        assert_eq!(status, 0, "{said}");
        said.split_whitespace().skip_while(|word| *word != "grant").nth(1).unwrap().to_owned()
    }
}

fn words(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches("remote:"));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The line to paste in a refusal.
#[track_caller]
fn printed(refusal: &str) -> String {
    let said = words(refusal);
    let command = said.split('`').find(|part| part.starts_with("freezegate grant ask "));
    command.unwrap_or_else(|| panic!("no line to paste: {said}")).to_owned()
}

#[test]
fn a_requested_grant_for_the_change_that_expired_is_told() {
    let company = Company::new();
    let refused = company.job("base");
    let id = company.asked(&format!("{}{}", refused.out, refused.err));
    let late = company.job_at("2025-07-13 13:30:00 UTC", "base");
    let said = words(&format!("{}{}", late.out, late.err));
    assert!(late.status == 1 && said.contains(&format!("grant `{id}` for this change expired 30 min ago")), "{late}");
}

#[test]
fn a_job_that_is_refused_at_night_passes_once_with_two_signatures_from_two_machines() {
    let company = Company::new();
    // 1: the job
    let refused = company.job("base");
    assert_eq!(refused.status, 1, "{refused}");
    // 2: asked, with what its log says
    let id = company.asked(&format!("{}{}", refused.out, refused.err));
    let waiting = company.job("base");
    let said = words(&format!("{}{}", waiting.out, waiting.err));
    assert!(waiting.status == 1 && said.contains(&format!("grant `{id}` is waiting: hard findings need 2 signatures; still missing: one of `oncall` (ben@example.com), one of `leads` (cleo@example.com)")), "{waiting}");
    assert!(said.contains(&format!("to sign grant `{id}`: `freezegate grant sign {id} --key KEY`")), "{waiting}");
    // 3, 4: signed by two, each on their own machine
    let (status, said) = company.sign("ben", &id);
    assert!(
        status == 0
            && said.contains("overrides freeze/launch")
            && said.contains("because login down (INC-7)")
            && said.contains("see whether it is valid: `freezegate grant list`"),
        "{said}"
    );
    let one = company.job("base");
    assert!(
        one.status == 1 && words(&format!("{}{}", one.out, one.err)).contains(&format!("grant `{id}` is waiting")),
        "{one}"
    );
    // 5: whose is missing
    let (status, said) = company.run("dora", &["grant", "list"]);
    assert!(
        status == 0
            && said.contains(&format!("waiting: {id} for production"))
            && said.contains("signed by ben@example.com")
            && said.contains("still missing: one of `leads` (cleo@example.com)"),
        "{said}"
    );
    let (status, said) = company.sign("cleo", &id);
    assert!(
        status == 0
            && said.contains("it has the required signatures next dora@example.com, who asked, runs the job again with `--fetch`; or pushes again: `git push --no-verify` if the clone has the hook but a signer may not push the change"),
        "{said}"
    );
    let (_, said) = company.run("dora", &["grant", "list"]);
    assert!(
        said.contains(&format!("valid unless used: {id}"))
            && said.contains("unless a signer pushes the change, or it was used"),
        "{said}"
    );
    // 6: the same job
    let passed = company.job("base");
    assert!(passed.status == 0 && words(&passed.out).contains(&format!("(grant {id})")), "{passed}");
    let record = company.world.path("record.jsonl");
    let (_, said) = company.run("dora", &["grant", "list", "--record", record.to_str().unwrap()]);
    assert!(said.contains(&format!("used: {id}")), "{said}");

    // the same change a second time, after it was taken back
    company.deploy("one");
    let back = company.job("HEAD~");
    assert_eq!(back.status, 0, "{back}");
    company.deploy("two");
    let again = company.job("HEAD~");
    let said = words(&format!("{}{}", again.out, again.err));
    assert!(
        again.status == 1 && said.contains(&format!("grant `{id}` is not valid: it is single use, and was used")),
        "{again}"
    );
    // another change is none of its business
    company.deploy("three");
    let other = company.job("HEAD~");
    assert!(other.status == 1 && !format!("{}{}", other.out, other.err).contains("grant `"), "{other}");
}

#[test]
fn whatever_lies_beside_a_grant_neither_opens_nor_stops_anything() {
    let company = Company::new();
    let refused = company.job("base");
    let id = company.asked(&format!("{}{}", refused.out, refused.err));
    for person in ["ben", "cleo"] {
        let (status, said) = company.sign(person, &id);
        assert_eq!(status, 0, "{said}");
    }
    let server = company.world.path("server.git");
    let name = format!("refs/freezegate/grants/{id}");
    let text = company.world.git_in(&server, &["show", &format!("{name}:grant")]) + "\n";
    company.world.git_in(&server, &["update-ref", "refs/kept", &name]);

    // altered on its way: not counted, and said
    company.put(&name, "grant", &text.replace("login down", "login is down"));
    let altered = company.job("base");
    let said = words(&format!("{}{}", altered.out, altered.err));
    assert!(altered.status == 1 && said.contains("the text was changed after it was signed"), "{altered}");
    let (_, listed) = company.run("dora", &["grant", "list"]);
    assert!(listed.contains("the text was changed after it was signed"), "{listed}");
    // cut short, of another id, of garbage, of too much
    for (name, file, content) in [
        (name.as_str(), "grant", text.get(..200).unwrap().to_owned()),
        ("refs/freezegate/grants/0123456789abcdef", "grant", text.clone()),
        ("refs/freezegate/grants/00000000", "other", "x".to_owned()),
        ("refs/freezegate/grants/00000001", "grant", "\u{1b}[2K\u{202e}".to_owned()),
        ("refs/freezegate/grants/00000002", "grant", "x".repeat(70_000)),
        ("refs/freezegate/grants/of/another", "grant", text.clone()),
    ] {
        company.put(name, file, &content);
    }
    company.world.git_in(
        &server,
        &[
            "update-ref",
            "refs/freezegate/grants/00000003",
            &company.world.git_in(&server, &["rev-parse", "main:freezegate.toml"]),
        ],
    );
    let hostile = company.job("base");
    let said = words(&format!("{}{}", hostile.out, hostile.err));
    assert!(hostile.status == 1 && said.contains("is ignored") && said.contains("more refs below"), "{hostile}");
    assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'), "{said}");
    // beside all of that, the true one counts
    company.world.git_in(&server, &["update-ref", &name, "refs/kept"]);
    let passed = company.job("base");
    assert!(passed.status == 0 && words(&passed.out).contains(&format!("(grant {id})")), "{passed}");
}

#[test]
fn two_may_sign_at_once() {
    let company = Company::new();
    let refused = company.job("base");
    let id = company.asked(&format!("{}{}", refused.out, refused.err));
    let (company, id) = (&company, id.as_str());
    std::thread::scope(|scope| {
        let signing = ["ben", "cleo"].map(|person| scope.spawn(move || company.sign(person, id)));
        for done in signing {
            let (status, said) = done.join().unwrap();
            assert_eq!(status, 0, "{said}");
        }
    });
    // a second time changes nothing
    let (status, said) = company.sign("ben", id);
    assert!(status == 0 && said.contains("has a signature of this key already"), "{said}");
    let passed = company.job("base");
    assert_eq!(passed.status, 0, "{passed}");
}

#[test]
fn a_server_finds_the_grants_that_were_pushed_to_it() {
    let company = Company::new();
    let world = &company.world;
    let server = world.path("server.git");
    // the server is where it was before the change
    world.git_in(&server, &["update-ref", "refs/heads/main", &world.id("base")]);
    company.install();
    let push = |refspec: &str| company.push(refspec);
    let (passed, refusal) = push("main");
    assert!(!passed, "{refusal}");
    let id = company.asked(&refusal);
    for person in ["ben", "cleo"] {
        let (status, said) = company.sign(person, &id);
        assert_eq!(status, 0, "{said}");
    }
    // nothing else comes in below that folder
    for name in ["refs/freezegate/grants/0123456789abcdef", "refs/freezegate/grants/x", "refs/freezegate/record"] {
        let (passed, said) = push(&format!("base:{name}"));
        assert!(!passed, "{name}: {said}");
    }
    let (passed, said) = push("main");
    assert!(passed && words(&said).contains(&format!("(grant {id})")), "{said}");
    // once
    world.git_in(&server, &["update-ref", "refs/heads/main", &world.id("base")]);
    let (passed, said) = push("main");
    assert!(!passed && words(&said).contains("it is single use, and was used"), "{said}");
}

#[test]
fn where_no_signature_is_asked_for_a_grant_counts_as_it_was_asked_for() {
    let company = Company::of(INCIDENT_ALONE, &[]);
    let (world, server) = (&company.world, company.world.path("server.git"));
    world.git_in(&server, &["update-ref", "refs/heads/main", &world.id("base")]);
    company.install();
    let (passed, refusal) = company.push("main");
    assert!(!passed && words(&refusal).contains("needs no signature"), "{refusal}");
    let (status, said) = company.paste("dora", &printed(&refusal));
    assert!(
        status == 0
            && said.contains("it needs no signature")
            && said.contains("1. see it `freezegate grant list` 2. go run the job again")
            && !said.contains("grant sign"),
        "{said}"
    );
    let id = said.split_whitespace().skip_while(|word| *word != "grant").nth(1).unwrap();
    let (_, said) = company.run("dora", &["grant", "list"]);
    assert!(said.contains(&format!("valid unless used: {id} for production")), "{said}");

    // what is for any change counts for whoever brings it, and opens nothing for others
    let (status, said) = company
        .run("dora", &["grant", "ask", "production", "--any-change", "--incident", "INC-8", "--reason", "login down"]);
    let command = said.split('`').find(|part| part.starts_with("git push -o ")).unwrap_or_default().to_owned();
    assert!(status == 0 && command.contains("freezegate grant push-option "), "{said}");
    let any = command.split_whitespace().last().unwrap().replace([')', '"'], "");
    let (_, said) = company.run("dora", &["grant", "list"]);
    assert!(said.contains(&command), "{said}");
    let (_, option) = company.run("dora", &["grant", "push-option", &any]);
    world.git_in(&server, &["config", "receive.advertisePushOptions", "true"]);
    world.git_in(&server, &["update-ref", "refs/aside", &format!("refs/freezegate/grants/{id}")]);
    world.git_in(&server, &["update-ref", "-d", &format!("refs/freezegate/grants/{id}")]);
    let (passed, said) = company.push("main");
    assert!(!passed && said.contains("refused: production is frozen"), "{said}");
    let mut brings = world.clean("git");
    let brings = brings.args(["push", "-o", option.trim(), "origin", "main"]).output().unwrap();
    let said = words(&String::from_utf8(brings.stderr).unwrap());
    assert!(brings.status.success() && said.contains(&format!("(grant {any})")), "{said}");
    world.git_in(&server, &["update-ref", "refs/heads/main", &world.id("base")]);
    world.git_in(&server, &["update-ref", &format!("refs/freezegate/grants/{id}"), "refs/aside"]);

    // what its text does not say opens nothing: another change, another incident, none, another policy
    let name = format!("refs/freezegate/grants/{id}");
    let text = world.git_in(&server, &["show", &format!("{name}:grant")]) + "\n";
    world.git_in(&server, &["update-ref", "refs/kept", &name]);
    for (key, count) in [("difference", 64), ("policy", 64), ("incident", 5)] {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        let other = if key == "incident" {
            String::new()
        } else {
            let value = line.split('"').nth(1).unwrap();
            assert_eq!(value.len(), count, "{line}");
            line.replace(value, &"0".repeat(count))
        };
        company.put(
            &name,
            "grant",
            &text.replace(&format!("{line}\n"), &if other.is_empty() { other } else { other + "\n" }),
        );
        let (passed, said) = company.push("main");
        assert!(!passed && said.contains("refused: production is frozen"), "{key}: {said}");
        let altered = company.job("base");
        assert_eq!(altered.status, 1, "{key}: {altered}");
    }
    world.git_in(&server, &["update-ref", &name, "refs/kept"]);

    let (pushed, said) = company.push("main");
    assert!(pushed && words(&said).contains(&format!("(grant {id})")), "{said}");
    // the job that follows has a record of its own
    let passed = company.job("base");
    assert!(passed.status == 0 && words(&passed.out).contains(&format!("(grant {id})")), "{passed}");
    // once, and for this change
    fs::remove_file(server.join("hooks/pre-receive")).unwrap();
    company.deploy("three");
    let other = company.job("HEAD~");
    assert_eq!(other.status, 1, "{other}");
    company.deploy("one");
    let back = company.job("HEAD~");
    assert_eq!(back.status, 0, "{back}");
    company.deploy("two");
    let again = company.job("HEAD~");
    assert!(
        again.status == 1 && words(&format!("{}{}", again.out, again.err)).contains("it is single use, and was used"),
        "{again}"
    );
}

#[test]
fn every_command_that_is_printed_names_the_policy_of_the_organisation_again() {
    // a policy of its own, with an environment that is not the organisation's
    let own = "version = 1\n\n[environments.staging]\n";
    let company = Company::of(own, &["--organisation-policy", "WORLDorganisation.toml"]);
    let beside = company.world.path("organisation.toml");
    let named = format!("--organisation-policy {}", beside.display());
    let hint = "if the repository follows an organisation's policy, name it: `--organisation-policy FILE`";
    let refused = company.job("base");
    assert_eq!(refused.status, 1, "{refused}");
    let ask = printed(&format!("{}{}", refused.out, refused.err));
    // without it, the environment is unknown, or nothing refuses
    let without = ask.replace(&named, "");
    let (status, said) = company.paste("dora", &without);
    assert!(status == 2 && said.contains("there is no environment `production`") && said.contains(hint), "{said}");
    let (status, said) = company.paste("dora", &without.replace(" production ", " staging "));
    assert!(status == 2 && said.contains("nothing to override") && said.contains(hint), "{said}");
    let (status, said) = company.paste("dora", &ask);
    assert!(
        status == 0
            && said.contains(&format!("--key KEY {named}`"))
            && said.contains(&format!("`freezegate grant list {named}`")),
        "{said}"
    );
    let id = said.split_whitespace().skip_while(|word| *word != "grant").nth(1).unwrap().to_owned();
    for (person, told) in [
        ("ben", format!("see whether it is valid: `freezegate grant list {named}`")),
        ("cleo", "it has the required signatures next dora@example.com, who asked, runs the job again with `--fetch`; or pushes again: `git push --no-verify` if the clone has the hook but a signer may not push the change".to_owned()),
    ] {
        let key = company.world.path(&format!("{person}.key"));
        let sign =
            ["grant", "sign", &id, "--key", key.to_str().unwrap(), "--organisation-policy", beside.to_str().unwrap()];
        let (status, said) = company.run(person, &sign);
        assert!(status == 0 && said.contains(&told), "{said}");
    }
    for command in [vec!["grant", "list"], vec!["grant", "verify", &id]] {
        let (_, said) = company.run("dora", &command);
        assert!(said.contains("not valid: ") && said.contains(hint), "{said}");
        let (_, said) = company.run("dora", &[command, named.split(' ').collect()].concat());
        assert!(
            (said.contains("signed: ") || said.contains("valid unless used: ") || said.contains("valid: "))
                && !said.contains(hint),
            "{said}"
        );
    }
    let passed = company.job("base");
    assert!(passed.status == 0 && words(&passed.out).contains(&format!("(grant {id})")), "{passed}");
}

/// The hook of a clone reads no grants of the remote: with a signed one, it would refuse the push once more.
#[test]
fn whoever_has_the_hook_is_told_to_push_past_it() {
    let company = Company::new();
    let refused = company.job("base");
    let (status, said) = company.run("dora", &["hook", "install"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = company.paste("dora", &printed(&format!("{}{}", refused.out, refused.err)));
    let push =
        "with `--fetch`; or push again: `git push --no-verify` (the hook of this clone does not read requested grants";
    assert!(status == 0 && said.contains(push), "{said}");
    let id = said.split_whitespace().skip_while(|word| *word != "grant").nth(1).unwrap().to_owned();
    let (status, said) = company.run("cleo", &["hook", "install"]);
    assert_eq!(status, 0, "{said}");
    for (person, is_hooked) in [("ben", false), ("cleo", true)] {
        let (status, said) = company.sign(person, &id);
        assert!(status == 0 && said.contains("--no-verify") == is_hooked, "{said}");
    }
}

#[test]
fn a_grant_in_a_ref_that_names_another_repository_is_told() {
    let company = Company::new();
    let (world, server) = (&company.world, company.world.path("server.git"));
    world.git_in(&server, &["update-ref", "refs/heads/main", &world.id("base")]);
    company.install();
    let (passed, refusal) = company.push("main");
    assert!(!passed, "{refusal}");
    let ask = printed(&refusal);
    let (before, named) = ask.split_once(" --repository ").unwrap();
    let after = named.split_once(' ').map_or("", |(_, after)| after);
    let (status, said) = company.paste("dora", &format!("{before} --repository example.com/other {after}"));
    assert_eq!(status, 0, "{said}");
    let id = said.split_whitespace().skip_while(|word| *word != "grant").nth(1).unwrap().to_owned();
    for person in ["ben", "cleo"] {
        let (status, said) = company.sign(person, &id);
        assert_eq!(status, 0, "{said}");
    }
    let (passed, said) = company.push("main");
    let why = format!("grant `{id}` is not valid: signed for the repository `example.com/other`, this is `");
    assert!(!passed && words(&said).contains(&why), "{said}");
}

#[test]
fn a_key_that_the_roster_lacks_signs_with_a_warning() {
    let company = Company::new();
    let refused = company.job("base");
    let id = company.asked(&format!("{}{}", refused.out, refused.err));
    let key = company.world.path("dora.key");
    let mut keygen = company.world.clean("ssh-keygen");
    assert!(keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap().success());
    let (status, said) = company.sign("dora", &id);
    assert!(
        status == 0
            && said.contains("you are signing: ")
            && said.contains("before you nobody signed")
            && said.contains("warning: this signature does not count: your key SHA256:")
            && said.contains("is not in the roster `approvers.allowed_signers`"),
        "{said}"
    );
}

#[test]
fn what_names_no_grant_is_told_apart() {
    let company = Company::new();
    let refused = company.job("base");
    let id = company.asked(&format!("{}{}", refused.out, refused.err));
    let short = id.get(..6).unwrap();
    for command in ["sign", "show", "verify"] {
        let key = ["--key".to_owned(), company.world.path("ben.key").display().to_string()];
        let all = ["grant".to_owned(), command.to_owned(), short.to_owned()].into_iter();
        let all: Vec<String> = all.chain(key.into_iter().filter(|_| command == "sign")).collect();
        let (status, said) = company.run("ben", &all.iter().map(String::as_str).collect::<Vec<_>>());
        let why = format!("`{short}` is neither a file nor the id of a grant, which has 16 digits");
        assert!(status == 2 && said.contains(&why) && said.contains("`freezegate grant list`"), "{said}");
    }
    let (status, said) = company.run("ben", &["check", "production", "--grant", &id]);
    assert!(status == 2 && said.contains(&format!("there is no file `{id}`")) && said.contains("`--fetch`"), "{said}");
    for command in [&["grant", "list"][..], &["grant", "show", &id]] {
        let (status, said) = company.run("ben", &[command, &["--remote", "orgin"]].concat());
        assert!(status == 2 && said.contains("bad-grant") && said.contains("`git remote -v` lists"), "{said}");
        assert!(!said.contains("record"), "{said}");
    }
}
