//! Edits of the policy as a job sees them: which policy judges them, and what every format tells of them.

use std::fs;
use std::os::unix::fs::symlink;

use crate::ci_step::runner::commands;
use crate::ci_step::world::{Answer, CLOSED, Job, OPEN, POLICY, World};
use crate::support::policy_edits;

/// The Sunday before [`CLOSED`].
const EARLIER: &str = "2025-07-06 12:00:00 UTC";

const CHECK: &[&str] = &["check", "production", "--declared-only", "--format", "json"];

/// The policy with core hours that are over at [`CLOSED`], and less of them.
fn weaker() -> String {
    policy_edits::weaker(POLICY)
}

/// The policy with a freeze of the Sunday that is open without it.
fn frozen() -> String {
    policy_edits::frozen(POLICY)
}

fn push(world: &World, clock: &str, arguments: &[&str]) -> Answer {
    let job = Job::of_push("github/push", world);
    world.run(clock, &job.variables(), &[CHECK, arguments].concat())
}

#[track_caller]
fn is_refused(answer: &Answer, shown: &str) {
    assert_eq!(answer.status, 1, "{answer}");
    assert!(answer.out.contains(shown), "`{shown}` is not shown: {answer}");
}

#[track_caller]
fn opens(answer: &Answer, status: i32, something: bool) {
    assert_eq!(answer.status, status, "{answer}");
    let edits = &answer.json()["policy_edits"];
    assert_eq!(edits.as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!(edits[0]["opens"].as_array().map(|list| !list.is_empty()), Some(something), "{answer}");
}

/// What a push to main may not leave, and a part of what is told.
#[test]
fn a_push_leaves_a_policy_that_loads() {
    let approvers = "\n[approvers]\nallowed_signers = \"none\"\n\n[[lifts]]\nlevel = \"soft\"\nsigned = [\"any\"]\n";
    let wrong = |old: &str, new: &str| POLICY.replacen(old, new, 1);
    let cases: [(&str, Option<String>, &str); 6] = [
        ("deleted", None, "is gone from the new state of"),
        ("a wrong key", Some(wrong("core_hours", "core_hour")), "core_hour"),
        ("a key of another program", Some(format!("{POLICY}\n[weather]\nrain = true\n")), "weather"),
        ("a newer program", Some(wrong("version = 1", "version = 1\nrequires = \"99.0\"")), "99.0"),
        ("a missing include", Some(wrong("version = 1", "version = 1\ninclude = [\"none.toml\"]")), "none.toml"),
        ("a missing roster", Some(format!("{POLICY}{approvers}")), "none"),
    ];
    for (name, text, shown) in cases {
        let world = World::with_base();
        match text {
            Some(text) => world.write(&[("freezegate.toml", &text)]),
            None => fs::remove_file(world.path("work/freezegate.toml")).unwrap(),
        }
        let head = world.commit(&[]);
        for clock in [CLOSED, OPEN] {
            let answer = push(&world, clock, &[]);
            assert_eq!(answer.status, 2, "{name}: {answer}");
            let errors = answer.json()["errors"].to_string();
            assert!(errors.contains(shown), "{name}: {answer}");
            assert!(
                name == "deleted" || answer.err.contains(&format!("{}:freezegate.toml", head.get(..7).unwrap())),
                "{name}: {answer}"
            );
        }
    }
}

#[test]
fn a_link_and_another_case_of_the_name_are_no_policy() {
    let world = World::with_base();
    world.write(&[("Freezegate.toml", POLICY)]);
    world.commit(&[]);
    let answer = push(&world, OPEN, &[]);
    assert!(answer.status == 2 && answer.out.contains("only in case"), "{answer}");

    let world = World::with_base();
    world.git(&["mv", "freezegate.toml", "real.toml"]);
    symlink("real.toml", world.path("work/freezegate.toml")).unwrap();
    world.commit(&[]);
    let answer = push(&world, OPEN, &[]);
    assert!(answer.status == 2 && answer.out.contains("is a symbolic link"), "{answer}");
}

#[test]
fn a_push_is_judged_by_what_its_edit_opens() {
    let cases = [
        ("a remark", format!("{POLICY}# a remark\n"), false),
        ("a freeze", frozen(), false),
        ("less core hours", weaker(), true),
        ("a zone less", POLICY.replace("\"America/New_York\", ", ""), true),
        ("an exception", POLICY.replacen("paths = [", "except = [\"**/*.md\"]\npaths = [", 1), true),
        ("a settle", POLICY.replace("aliases = [\"prod\"]", "aliases = [\"prod\"]\nsettle = \"30m\""), false),
    ];
    for (name, text, something) in cases {
        let world = World::with_base();
        world.commit(&[("freezegate.toml", &text)]);
        // whatever environment the job is for
        let job = Job::of_push("github/push", &world);
        for (clock, status) in [(CLOSED, i32::from(something)), (OPEN, 0)] {
            let answer =
                world.run(clock, &job.variables(), &["check", "staging", "--declared-only", "--format", "json"]);
            assert_eq!(answer.status, status, "{name}: {answer}");
            opens(&answer, status, something);
        }
    }
}

#[test]
fn another_place_of_the_policy_counts_by_what_it_says() {
    for (text, something) in [(POLICY.to_owned(), false), (weaker(), true)] {
        let world = World::with_base();
        fs::create_dir(world.path("work/policies")).unwrap();
        world.git(&["mv", "freezegate.toml", "policies/freezegate.toml"]);
        world.commit(&[("policies/freezegate.toml", &text)]);
        opens(&push(&world, OPEN, &[]), 0, something);
        // and one that comes to stand before it
        world.git(&["branch", "--force", "base"]);
        world.commit(&[("freezegate.toml", &text.replace("\"America/New_York\", ", ""))]);
        opens(&push(&world, OPEN, &[]), 0, true);
    }
}

/// What closes for good is let in only where an override could be recorded that opens it again.
#[test]
fn an_override_that_a_job_cannot_record_leaves_no_way_back() {
    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDKlvAk0hg3LIfCIdEjL/a8ppLfMp/zLKVQ2PAD6cUvV";
    let approvers = "\n[approvers]\nallowed_signers = \"signers\"\n\n[[lifts]]\nlevel = \"hard\"\nsigned = [\"any\"]\n";
    let base = format!("{POLICY}{approvers}");
    let long = format!(
        "{base}\n[[freezes]]\nname = \"long\"\nfrom = 2025-07-20T00:00:00\nuntil = 2099-01-01T00:00:00\ntimezone = \"UTC\"\n"
    );
    for (records, status) in [(false, 2), (true, 0)] {
        let world = World::with_base();
        world.commit(&[("freezegate.toml", &base), ("signers", &format!("ana@example.com {KEY}\n"))]);
        world.git(&["branch", "--force", "base"]);
        world.commit(&[("freezegate.toml", &long)]);
        world.push("main");
        let record = world.path("record.jsonl").to_str().unwrap().to_owned();
        let options: &[&str] = if records { &["--record", &record] } else { &[] };
        let answer = push(&world, OPEN, options);
        assert_eq!(answer.status, status, "{answer}");
        let said = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(records || said.contains("no record is kept"), "{answer}");
    }
}

/// A push that the record has, allowed, and then one that was refused and stands on main all the same.
fn after_a_refusal(policy: &str) -> (World, String) {
    let world = World::pushed();
    let record = world.path("record.jsonl").to_str().unwrap().to_owned();
    let first = push(&world, EARLIER, &["--record", &record]);
    assert_eq!(first.status, 0, "{first}");
    world.git(&["branch", "--force", "base"]);
    world.commit(&[("freezegate.toml", policy), ("deploy/production/us/routes.yaml", "refused")]);
    world.push("main");
    let second = push(&world, CLOSED, &["--record", &record]);
    assert_eq!(second.status, 1, "{second}");
    (world, record)
}

/// One more change of production, on top of what stands on main.
fn bring_three(world: &World) {
    world.git(&["branch", "--force", "base"]);
    world.commit(&[("deploy/production/us/routes.yaml", "three")]);
    world.push("main");
}

#[test]
fn a_freeze_of_a_refused_commit_is_asked_too() {
    let (world, record) = after_a_refusal(&frozen());
    bring_three(&world);
    let answer = push(&world, OPEN, &["--record", &record]);
    is_refused(&answer, "freeze/stop");
    assert!(answer.json()["policy"]["from"].to_string().contains("also applied"), "{answer}");
    // by another ref too
    let job = Job::of("github/push_of_new_tag", &world, &[("head", &world.id("HEAD"))]);
    is_refused(&world.run(OPEN, &job.variables(), &[CHECK, &["--record", &record]].concat()), "freeze/stop");
}

#[test]
fn what_a_refused_commit_opens_has_no_effect() {
    let (world, record) = after_a_refusal(&weaker());
    bring_three(&world);
    let answer = push(&world, CLOSED, &["--record", &record]);
    is_refused(&answer, "Mon-Fri 08:00-18:00");
    opens(&answer, 1, true);
    assert!(answer.json()["policy"]["from"].to_string().contains("as the record last allowed it"), "{answer}");
    let job = Job::of("github/push_of_new_tag", &world, &[("head", &world.id("HEAD"))]);
    let tag = world.run(CLOSED, &job.variables(), &[CHECK, &["--record", &record]].concat());
    is_refused(&tag, "Mon-Fri 08:00-18:00");
    // once it is allowed, it holds
    let open = push(&world, OPEN, &["--record", &record]);
    opens(&open, 0, true);
    world.git(&["branch", "--force", "base"]);
    world.commit(&[("deploy/production/us/routes.yaml", "four")]);
    world.push("main");
    assert_eq!(push(&world, "2025-07-16 21:45:00 UTC", &["--record", &record]).status, 0);
}

/// The job of a pull request that changes the policy alone.
fn request(policy: &str) -> (World, Vec<(String, String)>) {
    let world = World::with_base();
    world.push("main");
    world.git(&["remote", "set-head", "origin", "main"]);
    world.git(&["checkout", "--quiet", "-b", "feature"]);
    world.commit(&[("freezegate.toml", policy)]);
    world.git(&["checkout", "--quiet", "--detach", "main"]);
    world.git(&["merge", "--quiet", "--no-ff", "--message=merge", "feature"]);
    let (head, merge, base) = (world.id("feature"), world.id("HEAD"), world.id("base"));
    let job = Job::of("github/pull_request", &world, &[("head", &head), ("merge", &merge), ("base", &base)])
        .with("GITHUB_STEP_SUMMARY", world.path("summary").to_str().unwrap());
    let variables = job.variables().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    (world, variables)
}

#[test]
fn a_pull_request_is_told_in_every_format_what_its_edit_opens() {
    let (world, variables) = request(&weaker());
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let run = |clock, format| world.run(clock, &variables, &["check", "--format", format]);
    for (clock, status) in [(CLOSED, 1), (OPEN, 0)] {
        let json = run(clock, "json");
        opens(&json, status, true);
        assert_eq!(json.json()["policy_edits"][0]["opens"][0]["environment"], "production", "{json}");
        for format in ["text", "markdown", "github"] {
            let answer = run(clock, format);
            assert_eq!(answer.status, status, "{format}: {answer}");
            let said = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains("policy edit") && said.contains("opens 1 thing"), "{format}: {answer}");
            assert!(said.contains("core hours of"), "{format}: {answer}");
        }
        let github = run(clock, "github");
        let told = commands(&github.out);
        let told: Vec<&str> = told.iter().map(|one| one.message.as_str()).collect();
        assert!(told.iter().any(|message| message.starts_with("policy edit: opens 1 thing")), "{told:?}: {github}");
        // the line of the edited file that opens
        let line = weaker().lines().position(|line| line.starts_with("core_hours")).unwrap() + 1;
        for one in
            commands(&github.out).iter().filter(|one| one.name == "error" || one.message.starts_with("policy edit"))
        {
            assert_eq!(one.properties.get("file").map(String::as_str), Some("freezegate.toml"), "{github}");
            assert_eq!(one.properties.get("line"), Some(&line.to_string()), "{github}");
        }
        assert_eq!(commands(&github.out).iter().filter(|one| one.name == "error").count(), usize::from(status == 1));
    }
    assert!(fs::read_to_string(world.path("summary")).unwrap().contains("core hours of"));
}

#[test]
fn a_pull_request_that_opens_nothing_says_so() {
    let (world, variables) = request(&frozen());
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    opens(&world.run(CLOSED, &variables, &["check", "--format", "json"]), 0, false);
    let text = world.run(CLOSED, &variables, &["check"]);
    assert!(text.status == 0 && text.out.contains("policy edit: opens nothing"), "{text}");
}

#[test]
fn a_release_branch_is_judged_by_the_policy_of_main_and_edits_none() {
    let world = World::with_base();
    world.git(&["checkout", "--quiet", "-b", "release/1"]);
    world.git(&["checkout", "--quiet", "-b", "main-now", "main"]);
    world.commit(&[("freezegate.toml", &frozen())]);
    world.push("main");
    world.git(&["checkout", "--quiet", "release/1"]);
    world.commit(&[("freezegate.toml", &weaker()), ("deploy/production/us/routes.yaml", "two")]);
    let job = Job::of("gitlab/push", &world, &[("head", &world.id("HEAD")), ("base", &world.id("base"))])
        .with("CI_COMMIT_BRANCH", "release/1");
    let answer = world.run(OPEN, &job.variables(), CHECK);
    is_refused(&answer, "freeze/stop");
    assert_eq!(answer.json()["policy_edits"], serde_json::json!([]), "{answer}");
}

#[test]
fn a_forced_push_to_an_older_state_opens_what_came_since() {
    let world = World::empty();
    let old = world.commit(&[("freezegate.toml", &weaker())]);
    let new = world.commit(&[("freezegate.toml", POLICY)]);
    world.push("main");
    world.git(&["reset", "--quiet", "--hard", &old]);
    world.push("main");
    // no branch holds the commit before any more
    let job = Job::of("github/push_forced", &world, &[("head", &old), ("train", &new)]);
    for (clock, status) in [(CLOSED, 1), (OPEN, 0)] {
        let answer = world.run(clock, &job.variables(), &["check", "staging", "--declared-only", "--format", "json"]);
        opens(&answer, status, true);
    }
}

#[test]
fn a_merge_is_compared_with_the_branch_whichever_parent_is_first() {
    let world = World::with_base();
    world.git(&["checkout", "--quiet", "-b", "side", "base"]);
    world.commit(&[("freezegate.toml", &weaker())]);
    world.git(&["checkout", "--quiet", "main"]);
    world.commit(&[("README.md", "two")]);
    world.git(&["branch", "--force", "base"]);
    world.git(&["checkout", "--quiet", "side"]);
    world.git(&["merge", "--quiet", "--no-ff", "--message=merge", "main"]);
    world.push("main");
    let job = Job::of_push("github/push", &world);
    for (clock, status) in [(CLOSED, 1), (OPEN, 0)] {
        let answer = world.run(clock, &job.variables(), &["check", "staging", "--declared-only", "--format", "json"]);
        opens(&answer, status, true);
    }
}

/// A world whose record has a push that the repository's own policy allowed, then one of `files` that an administrator's file
/// allowed, which closes nothing.
fn after_an_administrators_job(files: &[(&str, &str)]) -> (World, String) {
    let world = World::pushed();
    let record = world.path("record.jsonl").to_str().unwrap().to_owned();
    let first = push(&world, EARLIER, &["--record", &record]);
    assert_eq!(first.status, 0, "{first}");
    let other = by_administrator(&world, files, &record);
    assert_eq!(other.status, 0, "{other}");
    (world, record)
}

/// The job of a push of `files` by an administrator's file, which closes nothing.
fn by_administrator(world: &World, files: &[(&str, &str)], record: &str) -> Answer {
    let file = world.path("administrator.toml");
    fs::write(&file, POLICY.replace("aliases = [\"prod\"]", "aliases = [\"prod\"]\nduring_core_hours = \"off\""))
        .unwrap();
    world.git(&["branch", "--force", "base"]);
    world.commit(files);
    world.push("main");
    push(world, CLOSED, &["--record", record, "--policy", file.to_str().unwrap()])
}

/// Such a job looks at no edit of the repository's policy, so what it allows brings none into force.
#[test]
fn what_an_administrators_policy_allowed_puts_no_edit_in_force() {
    let (world, record) = after_an_administrators_job(&[("freezegate.toml", &weaker())]);
    bring_three(&world);
    let answer = push(&world, CLOSED, &["--record", &record]);
    is_refused(&answer, "Mon-Fri 08:00-18:00");
    opens(&answer, 1, true);
    // in open hours it passes, and is in force from then on
    opens(&push(&world, OPEN, &["--record", &record]), 0, true);
    world.git(&["branch", "--force", "base"]);
    world.commit(&[("deploy/production/us/routes.yaml", "four")]);
    world.push("main");
    assert_eq!(push(&world, "2025-07-16 21:45:00 UTC", &["--record", &record]).status, 0);
}

/// Nor does it take the policy away from the jobs that read it.
#[test]
fn what_an_administrators_policy_allowed_locks_nobody_out() {
    let (world, record) = after_an_administrators_job(&[("freezegate.toml", "version = \n")]);
    world.git(&["branch", "--force", "base"]);
    world.commit(&[("freezegate.toml", POLICY), ("deploy/production/us/routes.yaml", "three")]);
    world.push("main");
    is_refused(&push(&world, CLOSED, &["--record", &record]), "Mon-Fri 08:00-18:00");
    assert_eq!(push(&world, OPEN, &["--record", &record]).status, 0);

    // where the record knows no other job, the commit before the change is asked, and the answer says so
    let world = World::with_base();
    let record = world.path("record.jsonl").to_str().unwrap().to_owned();
    let first = by_administrator(&world, &[("deploy/production/us/routes.yaml", "two")], &record);
    assert_eq!(first.status, 0, "{first}");
    bring_three(&world);
    let closed = push(&world, CLOSED, &["--record", &record]);
    is_refused(&closed, "Mon-Fri 08:00-18:00");
    assert!(closed.out.contains("has no allowed state of the default branch yet"), "{closed}");
    let open = push(&world, OPEN, &["--record", &record]);
    assert_eq!(open.status, 0, "{open}");
}

/// A job judges the update of a calendar together with what was refused before it.
#[test]
fn a_calendar_that_has_run_out_is_renewed_after_other_commits_by_naming_the_policy() {
    let policy = "version = 1
include = [\"holidays.toml\"]

[regions.eu]
timezones   = [\"Europe/Berlin\"]
holidays    = [\"company\"]
on_holidays = \"closed\"

[environments.production]

[[targets]]
paths       = [\"**\"]
environment = \"production\"
";
    let list = |end: &str| format!("version = 1\n[calendars.company]\ndates = [2025-01-01]\nvalid_until = {end}\n");
    let world = World::empty();
    world.commit(&[("freezegate.toml", policy), ("holidays.toml", &list("2025-06-30"))]);
    world.push("main");
    world.git(&["branch", "base"]);
    world.git(&["remote", "set-head", "origin", "main"]);
    let record = world.path("record.jsonl").to_str().unwrap().to_owned();
    let job = |arguments: &[&str]| {
        let job = Job::of_push("github/push", &world);
        world.run(OPEN, &job.variables(), &[&["check", "production", "--record", &record], arguments].concat())
    };
    let next = |files: &[(&str, &str)]| {
        world.git(&["branch", "--force", "base"]);
        world.commit(files);
        world.push("main");
    };
    next(&[("app", "one")]);
    let refused = job(&[]);
    assert!(refused.status == 1 && refused.out.contains("has ended"), "{refused}");
    next(&[("holidays.toml", &list("2025-12-31"))]);
    let refused = job(&[]);
    assert!(refused.status == 1 && refused.out.contains("has ended"), "{refused}");
    let renewed = job(&["--policy-from", "HEAD"]);
    assert_eq!(renewed.status, 0, "{renewed}");
    // from then on it is the policy of every job
    next(&[("app", "two")]);
    assert_eq!(job(&[]).status, 0);
}
