//! What only words name: every format marks it, and a policy may ask for more than words.

use crate::ci_step::world::{Answer, Job, OPEN, POLICY, World};

const MARK: &str = "judged by name only";

/// The policy with `evidence = "required"` for production.
fn policy() -> String {
    let header = "[environments.production]\n";
    assert!(POLICY.contains(header));
    POLICY.replace(header, &format!("{header}evidence = \"required\"\n"))
}

/// A repository whose last push changes `paths`.
fn world(policy: &str, paths: &[&str]) -> World {
    let world = World::empty();
    world.commit(&[("freezegate.toml", policy), ("README", "one")]);
    world.git(&["tag", "base"]);
    world.push("main");
    world.commit(&paths.iter().map(|path| (*path, "two")).collect::<Vec<_>>());
    world.push("main");
    world
}

fn in_job(world: &World, arguments: &[&str]) -> Answer {
    world.run(OPEN, &Job::of_push("github/push", world).variables(), &[&["check"], arguments].concat())
}

fn by_hand(world: &World, arguments: &[&str]) -> Answer {
    world.run(OPEN, &[], &[&["check"], arguments].concat())
}

#[test]
fn every_format_marks_what_only_words_name() {
    let world = world(POLICY, &["docs/a"]);
    for format in ["text", "json", "github", "gitlab", "junit", "markdown"] {
        for answer in [
            in_job(&world, &["production", "--format", format]),
            by_hand(&world, &["production", "--format", format]),
            by_hand(&world, &["production", "--range", "HEAD~..HEAD", "--format", format]),
        ] {
            assert!(answer.out.contains(MARK), "{format}: {answer}");
        }
    }
    let json = by_hand(&world, &["production", "--format", "json"]).json();
    assert_eq!(json["typed_only"]["environments"], serde_json::json!(["production"]));
    assert_eq!(json["typed_only"]["message"], "judged by name only; no files were compared");
    let next = world.run(OPEN, &[], &["next", "production"]);
    assert!(next.out.contains(MARK), "{next}");
}

#[test]
fn what_a_path_shows_is_not_marked_and_of_several_the_typed_one_is_named() {
    let world = world(POLICY, &["deploy/production/us/a"]);
    for format in ["text", "json", "github", "gitlab", "junit", "markdown"] {
        let answer = in_job(&world, &["production", "--format", format]);
        assert!(!answer.out.contains(MARK), "{format}: {answer}");
    }
    assert!(in_job(&world, &["production", "--format", "json"]).json()["typed_only"].is_null());
    let both = by_hand(&world, &["production", "staging", "--range", "HEAD~..HEAD", "--format", "json"]).json();
    assert_eq!(both["typed_only"]["environments"], serde_json::json!(["staging"]));
}

/// The exit status and what is said of an environment that asks for evidence.
#[test]
fn an_environment_can_ask_for_evidence_while_enforcing() {
    let typed = world(&policy(), &["docs/a"]);
    let refused = in_job(&typed, &["production"]);
    assert_eq!(refused.status, 2, "{refused}");
    let told = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("error[no-evidence]: `production` has `evidence = \"required\"`"), "{refused}");
    assert!(told.contains("no target maps a changed file to it"), "{refused}");
    assert!(told.contains("`[[targets]]`"), "{refused}");
    let unlooked = by_hand(&typed, &["production", "--enforce", "--policy-from", "HEAD"]);
    assert_eq!(unlooked.status, 2, "{unlooked}");
    assert!(unlooked.err.contains("--range OLD..NEW"), "{unlooked}");
    // advice stays advice, and what asks for nothing is judged by its name
    for answer in
        [in_job(&typed, &["production", "--dry-run"]), by_hand(&typed, &["production"]), in_job(&typed, &["staging"])]
    {
        assert_eq!(answer.status, 0, "{answer}");
        assert!(answer.out.contains(MARK), "{answer}");
    }
    // a file that a target maps to it is evidence
    let shown = world(&policy(), &["deploy/production/us/a"]);
    assert_eq!(in_job(&shown, &["production"]).status, 0);
}
