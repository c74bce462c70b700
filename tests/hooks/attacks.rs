//! The attacks of `tests/data/git_facts.json`, each on a clone with a pre-push hook and on a server with a pre-receive hook.
//!
//! Each is prepared on a Sunday, when all may pass, and then tried in the closed window: through the hook of the clone, and
//! past it on the server's. What it would reach is named in the refusal.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::hooks::arena::{Arena, CLOSED, OPEN, PROGRAM, ROUTES, succeeded, text, words};
use crate::support::clock::FAKETIME;

const FACTS: &str = include_str!("../data/git_facts.json");

/// A push in the closed window that neither hook may allowed.
struct Attempt {
    push: Vec<String>,
    environment: Vec<(&'static str, &'static str)>,
    /// What both refusals must show.
    shows: &'static str,
}

impl Attempt {
    fn new<const N: usize>(push: [&str; N], shows: &'static str) -> Self {
        Self { push: push.map(str::to_owned).to_vec(), environment: Vec::new(), shows }
    }

    /// `git push origin main`.
    fn of_main(shows: &'static str) -> Self {
        Self::new(["origin", "HEAD:refs/heads/main"], shows)
    }

    fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }

    /// Neither hook lets the push through, and nothing of it is left on the server.
    #[track_caller]
    fn fails(&self, arena: &Arena) {
        let before = arena.refs();
        arena.clock(CLOSED);
        self.fails_here(arena);
        self.fails_there(arena);
        assert_eq!(arena.refs(), before);
    }

    /// The clone's own hook refuses.
    #[track_caller]
    fn fails_here(&self, arena: &Arena) {
        let push: Vec<&str> = self.push.iter().map(String::as_str).collect();
        let here = arena.push_with(&push, &self.environment);
        assert!(!here.passed && !here.seen.contains("remote:"), "the pre-push hook let it through:\n{}", here.seen);
        assert!(words(&here.seen).contains(&words(self.shows)), "`{}` is not named:\n{}", self.shows, here.seen);
    }

    /// The server refuses what goes past the clone's hook.
    #[track_caller]
    fn fails_there(&self, arena: &Arena) {
        let mut push = vec!["--no-verify"];
        push.extend(self.push.iter().map(String::as_str));
        let there = arena.push_with(&push, &self.environment);
        assert!(!there.passed, "the pre-receive hook let it through:\n{}", there.seen);
        assert!(there.seen.contains("pre-receive hook declined"), "not the hook:\n{}", there.seen);
        assert!(words(&there.seen).contains(&words(self.shows)), "`{}` is not named:\n{}", self.shows, there.seen);
    }
}

/// Tests of these names; the id of the fact that one is about is its name, with hyphens.
macro_rules! attacks {
    ($($test:ident,)*) => {
        $(#[test] fn $test() { attack::$test(); })*

        #[test]
        fn every_fact_is_an_attack() {
            let facts: Value = serde_json::from_str(FACTS).unwrap();
            let facts = facts["facts"].as_array().unwrap();
            let all: BTreeSet<String> = facts.iter().map(|fact| fact["id"].as_str().unwrap().to_owned()).collect();
            assert_eq!(all, BTreeSet::from([$(stringify!($test).replace('_', "-")),*]));
            assert_eq!(all.len(), 26);
        }
    };
}

attacks! {
    rename_out,
    quoted_path,
    newline_path,
    evil_merge,
    rewind,
    symlink_swap,
    mode_only,
    submodule_ignore,
    replace_ref,
    external_diff,
    shallow,
    new_branch,
    delete,
    octopus,
    tag_shadows_branch,
    tag_chain,
    dates,
    trailers,
    trailer_variants,
    env_leak,
    quarantine,
    quarantine_write,
    hook_not_executable,
    no_verify,
    hooks_path,
    replace_also_fools_rev_parse,
}

mod attack {
    use super::*;

    pub(super) fn rename_out() {
        let arena = Arena::deployed();
        arena.git(["mv", ROUTES, "docs/routes.yaml"]);
        arena.commit("tidy up");
        assert_eq!(arena.git(["diff", "--name-only", "HEAD~", "HEAD"]), "docs/routes.yaml", "git hides the old path");
        Attempt::of_main(ROUTES).fails(&arena);
    }

    pub(super) fn quoted_path() {
        let arena = Arena::deployed();
        arena.commit_file("deploy/production/us/é.yaml", "add");
        assert!(arena.git(["diff", "--name-only", "HEAD~", "HEAD"]).starts_with('"'), "git quotes it");
        Attempt::of_main("deploy/production/us/é.yaml").fails(&arena);
    }

    pub(super) fn newline_path() {
        let arena = Arena::deployed();
        arena.commit_file("deploy/production/us/x\n::error::forged\u{1b}[2J", "add");
        let attempt = Attempt::of_main(r"deploy/production/us/x\n::error::forged\u{1b}[2J");
        attempt.fails(&arena);
        let seen = arena.push(&["origin", "main"]).seen;
        assert!(!seen.contains('\u{1b}') && !seen.contains("\n::error"), "{seen:?}");
    }

    pub(super) fn evil_merge() {
        let arena = Arena::deployed();
        arena.git(["checkout", "--quiet", "-b", "side"]);
        arena.commit_file("docs/side", "side");
        arena.git(["checkout", "--quiet", "main"]);
        arena.commit_file("docs/main", "main");
        arena.git(["merge", "--quiet", "--no-commit", "side"]);
        arena.commit_file(ROUTES, "merge side");
        assert!(!arena.git(["log", "--name-only", "origin/main..HEAD"]).contains(ROUTES), "git's log hides it");
        Attempt::of_main(ROUTES).fails(&arena);
    }

    pub(super) fn rewind() {
        let arena = Arena::deployed();
        assert_eq!(arena.git(["diff", "--name-only", "main...main~"]), "", "three dots hide it");
        Attempt::new(["--force", "origin", "HEAD~:refs/heads/main"], ROUTES).fails(&arena);
    }

    /// First the folder is swapped for a link, then what the link leads to changes, where no target looks.
    pub(super) fn symlink_swap() {
        let arena = Arena::deployed();
        fs::create_dir_all(arena.clone.join("live")).unwrap();
        fs::rename(arena.clone.join("deploy/production"), arena.clone.join("live/production")).unwrap();
        std::os::unix::fs::symlink("../live/production", arena.clone.join("deploy/production")).unwrap();
        arena.commit("one place for all that is live");
        let swap = Attempt::of_main("deploy/production");
        swap.fails(&arena);
        // not on a Sunday either: what comes after it would not be seen
        arena.clock(OPEN);
        swap.fails_here(&arena);
        swap.fails_there(&arena);

        // nor where there was no folder before
        let arena = Arena::new();
        arena.write("live/us/routes.yaml", "x\n");
        fs::create_dir_all(arena.clone.join("deploy")).unwrap();
        std::os::unix::fs::symlink("../live", arena.clone.join("deploy/production")).unwrap();
        arena.commit("link");
        swap.fails_here(&arena);
        swap.fails_there(&arena);
    }

    pub(super) fn mode_only() {
        let arena = Arena::deployed();
        arena.git(["update-index", "--chmod=+x", ROUTES]);
        arena.git(["commit", "--quiet", "-m", "mode"]);
        assert_eq!(
            arena.git(["rev-parse", &format!("HEAD:{ROUTES}")]),
            arena.git(["rev-parse", &format!("HEAD~:{ROUTES}")])
        );
        Attempt::of_main(ROUTES).fails(&arena);
    }

    pub(super) fn submodule_ignore() {
        let arena = Arena::deployed();
        let other = arena.root().join("other");
        fs::create_dir(&other).unwrap();
        arena.git_in(&other, ["init", "--quiet", "--initial-branch=main"]);
        arena.git_in(&other, ["commit", "--quiet", "--allow-empty", "-m", "one"]);
        let path = "deploy/production/us/vendor";
        let url = other.to_str().unwrap();
        arena.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, path]);
        arena.git(["config", "--file", ".gitmodules", &format!("submodule.{path}.ignore"), "all"]);
        arena.commit("submodule");
        arena.passes(&["origin", "main"]);
        arena.git_in(&arena.clone.join(path), ["commit", "--quiet", "--allow-empty", "-m", "two"]);
        arena.git(["add", "--force", path]);
        arena.git(["commit", "--quiet", "-m", "bump"]);
        assert_eq!(arena.git(["diff", "--name-only", "HEAD~", "HEAD"]), "", "git ignores it");
        Attempt::of_main(path).fails(&arena);
    }

    /// A replacement makes git show another commit than the one that is there.
    pub(super) fn replace_ref() {
        let arena = Arena::deployed();
        let real = arena.commit_file(ROUTES, "real");
        arena.git(["checkout", "--quiet", "--detach", "HEAD~"]);
        let harmless = arena.commit_file("docs/readme", "harmless");
        arena.git(["replace", &real, &harmless]);
        assert_eq!(arena.git(["diff-tree", "-r", "--name-only", "origin/main", &real]), "docs/readme", "git is fooled");
        let replacement = format!("refs/replace/{real}");

        // the replacement itself, at any hour
        let plant = Attempt::new(["origin", &replacement], "refs/replace/");
        plant.fails_here(&arena);
        plant.fails_there(&arena);
        assert!(!arena.refs().contains_key(&replacement));

        // what it covers, here and where somebody put it on the server
        Attempt::new(["origin", &format!("{real}:refs/heads/main")], ROUTES).fails(&arena);
        arena.git_in(&arena.server, ["fetch", "--quiet", arena.clone.to_str().unwrap(), &replacement]);
        arena.git_in(&arena.server, ["update-ref", &replacement, &harmless]);
        Attempt::new(["origin", &format!("{real}:refs/heads/main")], ROUTES).fails(&arena);
    }

    pub(super) fn external_diff() {
        let arena = Arena::deployed();
        arena.write(".gitattributes", "* diff=nothing\n");
        arena.git(["config", "diff.nothing.command", "true"]);
        arena.commit_file(ROUTES, "change");
        // the first of the two paths that reach production
        let attempt = Attempt::of_main(".gitattributes").with("GIT_EXTERNAL_DIFF", "true");
        let mut diff = arena.command("git", &arena.clone);
        let shown = succeeded(diff.env("GIT_EXTERNAL_DIFF", "true").args(["diff", "HEAD~", "HEAD"]));
        assert_eq!(text(shown.stdout), "", "git is fooled");
        attempt.fails(&arena);
    }

    pub(super) fn shallow() {
        let arena = Arena::deployed();
        arena.commit_file("docs/readme", "more");
        arena.passes(&["origin", "main"]);
        let shallow = arena.root().join("shallow");
        let url = format!("file://{}", arena.server.display());
        arena.git_in(&arena.root(), ["clone", "--quiet", "--depth=1", &url, shallow.to_str().unwrap()]);
        arena.install(&shallow.join(".git"), "pre-push", "");
        fs::write(shallow.join(ROUTES), "changed in a shallow clone\n").unwrap();
        arena.git_in(&shallow, ["commit", "--quiet", "--all", "-m", "change"]);
        arena.clock(CLOSED);
        let here = arena.push_from(&shallow, &["origin", "main"], &[]);
        assert!(!here.passed && here.seen.contains(ROUTES) && !here.seen.contains("remote:"), "{}", here.seen);
        let there = arena.push_from(&shallow, &["--no-verify", "origin", "main"], &[]);
        assert!(!there.passed && there.seen.contains(ROUTES), "{}", there.seen);

        // its own history is missing: that is no empty change
        assert_eq!(arena.git_in(&shallow, ["diff-tree", "HEAD~"]), "", "git shows nothing of the only commit");
        let oldest = arena.git_in(&shallow, ["rev-parse", "HEAD~"]);
        let output = arena.program(&shallow).args(["check", "--range", &format!("{oldest}~..HEAD")]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(output.stderr).contains("git fetch"));

        // and where the server moved on meanwhile, what is overwritten is not known here
        arena.clock(OPEN);
        arena.commit_file("docs/readme", "even more");
        arena.passes(&["origin", "main"]);
        arena.clock(CLOSED);
        let forced = arena.push_from(&shallow, &["--force", "origin", "HEAD~:refs/heads/main"], &[]);
        assert!(!forced.passed && forced.seen.contains("git fetch"), "{}", forced.seen);
    }

    pub(super) fn new_branch() {
        let arena = Arena::deployed();
        Attempt::new(["origin", "HEAD:refs/heads/release/1"], ROUTES).fails(&arena);
    }

    pub(super) fn delete() {
        let arena = Arena::deployed();
        arena.passes(&["origin", "HEAD:refs/heads/release/1"]);
        Attempt::new(["origin", ":refs/heads/release/1"], ROUTES).fails(&arena);
    }

    pub(super) fn octopus() {
        let arena = Arena::deployed();
        for (branch, path) in [("one", "docs/one"), ("two", ROUTES), ("three", "docs/three")] {
            arena.git(["checkout", "--quiet", "-b", branch, "origin/main"]);
            arena.commit_file(path, branch);
        }
        arena.git(["checkout", "--quiet", "main"]);
        arena.git(["merge", "--quiet", "-m", "octopus", "one", "two", "three"]);
        assert_eq!(arena.git(["diff-tree", "-r", "--name-only", "--no-commit-id", "HEAD"]), "", "git shows nothing");
        Attempt::of_main(ROUTES).fails(&arena);
    }

    pub(super) fn tag_shadows_branch() {
        let arena = Arena::deployed();
        arena.git(["tag", "main", "HEAD"]);
        arena.git(["tag", "origin/main", "HEAD~"]);
        arena.commit_file(ROUTES, "change");
        assert_eq!(arena.git(["rev-parse", "main"]), arena.git(["rev-parse", "HEAD~"]), "git takes the tag");
        Attempt::new(["origin", "refs/heads/main:refs/heads/main"], ROUTES).fails(&arena);

        // nor on the server, where such a tag may be from before
        arena.git_in(&arena.server, ["tag", "main", "main"]);
        Attempt::new(["origin", "refs/heads/main:refs/heads/main"], ROUTES).fails(&arena);
    }

    pub(super) fn tag_chain() {
        let arena = Arena::deployed();
        arena.git(["tag", "-a", "-m", "one", "v1-inner", "HEAD"]);
        arena.git(["tag", "-a", "-m", "two", "v1", "v1-inner"]);
        Attempt::new(["origin", "v1"], "refs/tags/v1").fails(&arena);
        let blob = arena.git(["rev-parse", &format!("HEAD:{ROUTES}")]);
        arena.git(["tag", "-a", "-m", "of a file", "v2", &blob]);
        Attempt::new(["origin", "v2"], "refs/tags/v2").fails(&arena);
        // a branch that holds no commit, which git itself refuses too
        let blob = arena.git(["rev-parse", "v2^{}"]);
        Attempt::new(["origin", &format!("{blob}:refs/heads/release/1")], "is a blob, not a commit").fails_here(&arena);
    }

    pub(super) fn dates() {
        let arena = Arena::deployed();
        arena.write(ROUTES, "change\n");
        arena.git(["add", "--all"]);
        let mut commit = arena.command("git", &arena.clone);
        commit.env("GIT_COMMITTER_DATE", "2019-04-06T03:00:00Z").env("GIT_AUTHOR_DATE", "2099-01-03T03:00:00Z");
        succeeded(commit.args(["commit", "--quiet", "-m", "on a Saturday"]));
        let dated = Attempt::of_main("clock       Wed 14:45").with("GIT_COMMITTER_DATE", "2019-04-06T03:00:00Z");
        dated.fails(&arena);
    }

    pub(super) fn trailers() {
        let arena = Arena::deployed();
        arena.commit_file(ROUTES, "change\n\nApproved-by: CTO <cto@example.com>\nReviewed-by: everybody");
        Attempt::of_main(ROUTES).fails(&arena);
    }

    pub(super) fn trailer_variants() {
        let arena = Arena::deployed();
        for trailer in [
            "approved-BY: y",
            "Approved-by : z",
            "Approved-by: x\n  folded line",
            "Freezegate-Grant: all",
            "Kind: rollback",
            "Environment: production",
        ] {
            arena.git(["reset", "--quiet", "--hard", "origin/main"]);
            arena.commit_file(ROUTES, &format!("change\n\n{trailer}"));
            Attempt::of_main(ROUTES).fails(&arena);
        }
    }

    /// A hook's own variables lead to its own repository, also where it looks at another.
    pub(super) fn env_leak() {
        let arena = Arena::deployed();
        let other = arena.root().join("other");
        arena.git_in(&arena.root(), ["clone", "--quiet", arena.server.to_str().unwrap(), other.to_str().unwrap()]);
        fs::write(other.join(ROUTES), "changed elsewhere\n").unwrap();
        arena.git_in(&other, ["commit", "--quiet", "--all", "-m", "elsewhere"]);
        let lines = format!(
            "cd '{}' && TZ=UTC exec '{FAKETIME}' -f '{CLOSED}' '{PROGRAM}' check --range HEAD~..HEAD --ref refs/heads/main >&2\n",
            other.display()
        );
        arena.script(&arena.server.join("hooks/pre-receive"), &lines);
        arena.script(&arena.clone.join(".git/hooks/pre-push"), &lines);
        arena.commit_file("docs/readme", "harmless");
        Attempt::of_main(ROUTES).fails(&arena);
    }

    /// During a push, what is pushed lies apart; without git's variables it can't be seen, and that is no empty change.
    pub(super) fn quarantine() {
        let arena = Arena::deployed();
        arena.commit_file(ROUTES, "change");
        Attempt::of_main(ROUTES).fails(&arena);
        let hook = arena.hook("pre-receive", "");
        let unset = "unset GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_QUARANTINE_PATH\n";
        arena.script(&arena.server.join("hooks/pre-receive"), &format!("{unset}{hook}"));
        Attempt::of_main("is missing").fails_there(&arena);
    }

    /// From inside the quarantine no ref can be written; the hook leaves no trace at all, whatever it says.
    pub(super) fn quarantine_write() {
        let arena = Arena::deployed();
        let stored =
            |arena: &Arena| text(succeeded(arena.command("find", &arena.server).args([".", "-type", "f"])).stdout);
        let before = stored(&arena);
        arena.commit_file(ROUTES, "change");
        Attempt::of_main(ROUTES).fails(&arena);
        assert_eq!(stored(&arena), before);
        arena.clock(OPEN);
        arena.passes(&["origin", "main"]);
        assert_eq!(arena.refs().keys().collect::<Vec<_>>(), ["refs/heads/main"]);
    }

    /// git passes over such a hook with a hint: that it does is seen by `hook status`, and fixed as it says.
    pub(super) fn hook_not_executable() {
        let arena = Arena::deployed();
        for (folder, hook) in [(&arena.clone, "pre-push"), (&arena.server, "pre-receive")] {
            let path = text(succeeded(arena.command("git", folder).args(["rev-parse", "--git-path", "hooks"])).stdout);
            let path = folder.join(path).join(hook);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            let output = arena.program(folder).args(["hook", "status", hook]).output().unwrap();
            assert_eq!(output.status.code(), Some(1));
            assert!(text(output.stdout).contains("chmod +x"));
        }
        arena.commit_file("docs/readme", "harmless");
        let push = arena.push(&["origin", "main"]);
        assert!(push.passed && push.seen.contains("it's not set as executable"), "{}", push.seen);
    }

    pub(super) fn no_verify() {
        let arena = Arena::deployed();
        arena.commit_file(ROUTES, "change");
        arena.clock(CLOSED);
        // the clone's hook says itself that it can be skipped
        Attempt::of_main("git push --no-verify").fails_here(&arena);
        Attempt::of_main(ROUTES).fails_there(&arena);
    }

    pub(super) fn hooks_path() {
        let arena = Arena::deployed();
        arena.commit_file(ROUTES, "change");
        arena.clock(CLOSED);
        let mut push = arena.command("git", &arena.clone);
        let push = crate::hooks::arena::pushed(
            &push.args(["-c", "core.hooksPath=/dev/null", "push", "origin", "main"]).output().unwrap(),
        );
        assert!(!push.passed && push.seen.contains("pre-receive hook declined"), "{}", push.seen);
        assert!(push.seen.contains(ROUTES), "{}", push.seen);
    }

    /// A replacement of the tip: what was there before is told wrong too.
    pub(super) fn replace_also_fools_rev_parse() {
        let arena = Arena::deployed();
        let tip = arena.git(["rev-parse", "HEAD"]);
        let tree = arena.git(["rev-parse", "HEAD~^{tree}"]);
        let root = arena.git(["commit-tree", "-m", "without a past", &tree]);
        for folder in [&arena.clone, &arena.server] {
            arena.git_in(folder, ["fetch", "--quiet", arena.clone.to_str().unwrap(), "main"]);
        }
        arena.git_in(&arena.server, ["fetch", "--quiet", arena.clone.to_str().unwrap(), &root]);
        for folder in [&arena.clone, &arena.server] {
            arena.git_in(folder, ["update-ref", &format!("refs/replace/{tip}"), &root]);
            let mut parent = arena.command("git", folder);
            assert!(!parent.args(["rev-parse", "--verify", "refs/heads/main~1"]).output().unwrap().status.success());
        }
        // back to before the deployment: to git, fooled, nothing changes
        let parent = arena.git(["--no-replace-objects", "rev-parse", "refs/heads/main~1"]);
        assert_eq!(arena.git(["diff-tree", "-r", "--name-only", &tip, &parent]), "");
        Attempt::new(["--force", "origin", &format!("{parent}:refs/heads/main")], ROUTES).fails(&arena);
    }
}
