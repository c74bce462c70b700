//! What a pushed commit says of itself, in trailers `Environment: NAME`.

use crate::arena::{Arena, CLOSED, OPEN, ROUTES, text};
use crate::pre_push::refused;

#[test]
fn what_a_commit_says_closes_and_never_opens() {
    // says production, and touches nothing of it
    let arena = Arena::deployed();
    arena.commit_file("docs/a", "a\n\nEnvironment: production");
    arena.clock(CLOSED);
    refused(&arena.push(&["origin", "main"]), "production/us is closed");
    arena.clock(OPEN);
    arena.passes(&["origin", "main"]);

    // says what it reaches, and is judged like any
    arena.commit_file(ROUTES, "b\n\nenvironment : prod");
    arena.clock(CLOSED);
    let push = arena.push(&["origin", "main"]);
    refused(&push, "production/us is closed");
    assert!(!push.seen.contains("you said"), "{}", push.seen);

    // says both
    arena.git(["commit", "--quiet", "--amend", "-m", "b\n\nEnvironment: staging,\n production"]);
    let push = arena.push(&["origin", "main"]);
    assert!(!push.passed && !push.seen.contains("you said"), "{}", push.seen);
    arena.clock(OPEN);
    arena.passes(&["origin", "main"]);

    // what an earlier commit says is said of another change
    arena.commit_file(ROUTES, "c\n\nEnvironment: staging");
    arena.commit_file("docs/a", "d");
    arena.passes(&["origin", "main"]);

    // a branch that nobody judges may say what it likes
    arena.commit_file("docs/a", "e\n\nEnvironment: my laptop");
    arena.passes(&["origin", "main:feature"]);
    refused(&arena.push(&["origin", "main"]), "says `Environment: my laptop`, but there is no environment `my laptop`");
    arena.git(["commit", "--quiet", "--amend", "-m", "e\n\nEnvironment: stagign"]);
    let push = arena.push(&["origin", "main"]);
    refused(&push, "did you mean `staging`?");
    refused(&push, "git commit --amend");
}

/// What one ref says is no excuse for another.
#[test]
fn each_ref_is_held_against_its_own_commit() {
    let arena = Arena::deployed();
    arena.git(["checkout", "--quiet", "-b", "mistaken"]);
    arena.commit_file(ROUTES, "a\n\nEnvironment: staging");
    arena.git(["checkout", "--quiet", "main"]);
    arena.commit_file(ROUTES, "b\n\nEnvironment: production");
    arena.passes(&["--dry-run", "origin", "main"]);
    let push = arena.push(&["origin", "main", "mistaken:release/1"]);
    refused(&push, "you said `pre-production`, this reaches `production`");
    refused(&push, "the trailer `Environment: staging` of");
    refused(&push, "the trailer `Environment: production` of");
}

/// The same without a push. What the command line says is held apart from what the commit says.
#[test]
fn a_range_says_what_its_new_commit_says() {
    let arena = Arena::deployed();
    arena.commit_file(ROUTES, "change\n\nEnvironment: staging");
    let check = |arguments: &[&str]| {
        let mut command = arena.program(&arena.clone);
        command.args(["check", "--ref", "refs/heads/main"]).args(arguments);
        let output = command.output().unwrap();
        (output.status.code().unwrap(), text(if output.stdout.is_empty() { output.stderr } else { output.stdout }))
    };
    for declared in [None, Some("production"), Some("staging")] {
        let mut arguments = vec!["--range", "HEAD~..HEAD"];
        arguments.extend(declared);
        let (code, seen) = check(&arguments);
        assert_eq!(code, 1, "{declared:?}: {seen}");
        assert!(seen.contains("you said `pre-production`, this reaches `production`"), "{declared:?}: {seen}");
        assert!(seen.contains("said by     the trailer `Environment: staging`"), "{seen}");
    }
    // the job of another environment leaves production to its own job
    let (code, seen) = check(&["--range", "HEAD~..HEAD", "staging", "--only"]);
    assert_eq!(code, 0, "{seen}");
    let (code, seen) = check(&["--range", "HEAD~..HEAD", "production", "--only"]);
    assert_eq!(code, 1, "{seen}");
    // what an old commit says was said of an old change
    arena.git(["revert", "--no-edit", "HEAD"]);
    let (code, seen) = check(&["--range", "HEAD~..HEAD", "production"]);
    assert_eq!(code, 0, "{seen}");
    arena.git(["commit", "--quiet", "--amend", "-m", "again\n\nEnvironment: stagign"]);
    let (code, seen) = check(&["--range", "HEAD~..HEAD", "production"]);
    assert_eq!(code, 2, "{seen}");
    assert!(seen.contains("did you mean `staging`?"), "{seen}");
}
