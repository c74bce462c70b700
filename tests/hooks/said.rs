//! What a pushed commit says of itself, in trailers `Environment: NAME`.

use crate::hooks::arena::{Arena, CLOSED, OPEN, ROUTES, text};
use crate::hooks::pre_push::refused;

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
    assert!(!push.seen.contains("the trailer says"), "{}", push.seen);

    // says both
    arena.git(["commit", "--quiet", "--amend", "-m", "b\n\nEnvironment: staging,\n production"]);
    let push = arena.push(&["origin", "main"]);
    assert!(!push.passed && !push.seen.contains("the trailer says"), "{}", push.seen);
    arena.clock(OPEN);
    arena.passes(&["origin", "main"]);

    // what any commit of the push says counts, not the last one's word alone
    arena.commit_file(ROUTES, "c\n\nEnvironment: staging");
    arena.commit_file("docs/a", "d");
    refused(&arena.push(&["origin", "main"]), "the trailer says `staging` (`pre-production`), this reaches");
    arena.git(["reset", "--quiet", "--hard", "origin/main"]);

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
fn each_ref_is_compared_with_its_own_commit() {
    let arena = Arena::deployed();
    arena.git(["checkout", "--quiet", "-b", "mistaken"]);
    arena.commit_file(ROUTES, "a\n\nEnvironment: staging");
    arena.git(["checkout", "--quiet", "main"]);
    arena.commit_file(ROUTES, "b\n\nEnvironment: production");
    arena.passes(&["--dry-run", "origin", "main"]);
    let push = arena.push(&["origin", "main", "mistaken:release/1"]);
    refused(&push, "the trailer says `staging` (`pre-production`), this reaches");
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
        assert!(seen.contains("the trailer says `staging` (`pre-production`), this reaches"), "{declared:?}: {seen}");
        assert!(seen.contains("said by     the trailer `Environment: staging`"), "{seen}");
    }
    // the job of another environment leaves production to its own job
    let (code, seen) = check(&["--range", "HEAD~..HEAD", "staging", "--declared-only"]);
    assert_eq!(code, 0, "{seen}");
    let (code, seen) = check(&["--range", "HEAD~..HEAD", "production", "--declared-only"]);
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

/// All commits between the two ends count, those beneath a merge too.
#[test]
fn what_a_commit_beneath_a_merge_says_counts() {
    let arena = Arena::deployed();
    arena.git(["checkout", "--quiet", "-b", "topic"]);
    arena.commit_file(ROUTES, "a\n\nEnvironment: staging");
    arena.commit_file("docs/b", "b");
    arena.git(["checkout", "--quiet", "main"]);
    arena.commit_file("docs/c", "c");
    arena.git(["merge", "--quiet", "--no-ff", "-m", "merge", "topic"]);
    let said = arena.git(["rev-parse", "--short=7", "topic~1"]);
    let push = arena.push(&["origin", "main"]);
    refused(&push, "the trailer says `staging` (`pre-production`), this reaches");
    refused(&push, &format!("the trailer `Environment: staging` of {said}"));
    // a name that nobody knows is fixed where it stands
    arena.git(["reset", "--quiet", "--hard", "origin/main"]);
    arena.commit_file("docs/a", "a\n\nEnvironment: stagign");
    let wrong = arena.git(["rev-parse", "--short=7", "HEAD"]);
    arena.commit_file("docs/b", "b");
    refused(&arena.push(&["origin", "main"]), &format!("git rebase -i {wrong}^"));
}

/// A shallow clone may lack the commits before: that is told, and is no doubt about the decision.
#[test]
fn a_shallow_clone_says_which_trailers_it_does_not_have() {
    let arena = Arena::deployed();
    for name in ["a", "b", "c"] {
        arena.commit_file(format!("docs/{name}"), "more");
    }
    arena.passes(&["origin", "main"]);
    let server = arena.root().join("server.git");
    let from = format!("file://{}", server.display());
    arena.git(["clone", "--quiet", "--depth=1", &from, "../shallow"]);
    let shallow = arena.root().join("shallow");
    let base = arena.git(["rev-parse", "HEAD~3"]);
    arena.git_in(&shallow, ["fetch", "--quiet", "--depth=1", "origin", &base]);
    let output = arena.program(&shallow).args(["check", "--range", &format!("{base}..HEAD")]).output().unwrap();
    let seen = text(output.stdout);
    assert_eq!(output.status.code(), Some(0), "{seen}{}", text(output.stderr));
    assert!(seen.contains("were not read"), "{seen}");
    assert!(seen.contains("git fetch --unshallow"), "{seen}");
}

/// Of a ref that is created, all commits count that the other side does not have yet, and none that it has.
#[test]
fn of_a_created_ref_what_any_new_commit_says_counts_on_both_sides() {
    for hook in ["pre-push", "pre-receive"] {
        let arena = Arena::deployed();
        if hook == "pre-receive" {
            std::fs::remove_file(arena.clone.join(".git/hooks/pre-push")).unwrap();
        }
        // the other side has this one
        arena.commit_file("docs/a", "a\n\nEnvironment: staging");
        arena.passes(&["origin", "main"]);
        arena.commit_file(ROUTES, "b");
        arena.passes(&["origin", "HEAD:refs/heads/release/1"]);

        arena.commit_file(ROUTES, "c\n\nEnvironment: staging");
        let said = arena.git(["rev-parse", "--short=7", "HEAD"]);
        arena.commit_file("docs/a", "d");
        let push = arena.push(&["origin", "HEAD:refs/heads/release/2"]);
        assert!(!push.passed, "{hook}: {}", push.seen);
        let seen = push.seen.replace("remote:", "").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(seen.contains("the trailer says `staging` (`pre-production`), this reaches"), "{hook}: {seen}");
        assert!(seen.contains(&format!("the trailer `Environment: staging` of {said}")), "{hook}: {seen}");
        assert!(!arena.refs().contains_key("refs/heads/release/2"), "{hook}");
    }
}

/// A clone that is not shallow has all parents. One without them has lost objects, and what their messages say is not known.
#[test]
fn a_missing_parent_in_a_clone_that_is_not_shallow_is_no_decision() {
    let arena = Arena::deployed();
    let base = arena.git(["rev-parse", "HEAD"]);
    let lost = arena.commit_file("docs/a", "lost\n\nEnvironment: staging");
    arena.commit_file(ROUTES, "kept");
    std::fs::remove_file(arena.clone.join(".git/objects").join(&lost[..2]).join(&lost[2..])).unwrap();
    let check = |range: &str| {
        let mut command = arena.program(&arena.clone);
        let output = command.args(["check", "--range", range, "--ref", "refs/heads/main"]).output().unwrap();
        (output.status.code(), text(output.stderr).split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let (status, seen) = check(&format!("{base}..HEAD"));
    assert_eq!(status, Some(2), "{seen}");
    assert!(seen.contains(&format!("object `{lost}` is missing")) && !seen.contains("--unshallow"), "{seen}");
}
