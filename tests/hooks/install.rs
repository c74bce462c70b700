//! `hook install` and `hook status`, with the git at hand made to say another version where that matters.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::hooks::arena::{Arena, OPEN, PROGRAM, contents, succeeded, text, words};

/// Refuses whatever reaches production, at any time.
const NEVER: &str = r#"version = 1

[environments.production]

[[targets]]
paths       = ["deploy/**"]
environment = "production"

[[freezes]]
name     = "for good"
from     = 2000-01-01T00:00:00Z
until    = 2500-01-01T00:00:00Z
timezone = "UTC"
"#;

/// A server and a clone of it without hooks, and a harmless and a refused commit to push.
pub(crate) struct Place {
    pub(crate) arena: Arena,
    /// A folder that stands first in `PATH`, with a `git` that names this version.
    pub(crate) programs: PathBuf,
}

impl Place {
    pub(crate) fn with_git(version: &str) -> Self {
        let arena = Arena::with_policy(NEVER);
        fs::remove_file(arena.clone.join(".git/hooks/pre-push")).unwrap();
        fs::remove_file(arena.server.join("hooks/pre-receive")).unwrap();
        let programs = arena.root().join("programs");
        let git = text(succeeded(arena.command("sh", &arena.clone).args(["-c", "command -v git"])).stdout);
        let lines =
            format!("[ \"$1\" != version ] || {{ echo 'git version {version}'; exit; }}\nexec '{git}' \"$@\"\n");
        arena.script(&programs.join("git"), &lines);
        Self { arena, programs }
    }

    /// Where git runs no hooks but those in a directory.
    pub(crate) fn new() -> Self {
        Self::with_git("2.47.3")
    }

    pub(crate) fn path(&self) -> String {
        let machine =
            text(succeeded(self.arena.command("sh", &self.arena.clone).args(["-c", "echo \"$PATH\""])).stdout);
        format!("{}:{machine}", self.programs.display())
    }

    pub(crate) fn program(&self, program: &Path, folder: &Path, arguments: &[&str]) -> Output {
        let mut command = self.arena.command(program.to_str().unwrap(), folder);
        command.env("PATH", self.path()).arg("hook").args(arguments).output().unwrap()
    }

    /// Runs `freezegate hook …`: the code, and what it prints on either stream.
    pub(crate) fn hook_in(&self, folder: &Path, arguments: &[&str]) -> (i32, String) {
        let output = self.program(Path::new(PROGRAM), folder, arguments);
        (output.status.code().unwrap(), text([output.stdout, output.stderr].concat()))
    }

    pub(crate) fn hook(&self, arguments: &[&str]) -> (i32, String) {
        self.hook_in(&self.arena.clone, arguments)
    }

    #[track_caller]
    pub(crate) fn status(&self, code: i32, shows: &str) -> String {
        let (ended, seen) = self.hook(&["status"]);
        assert_eq!(ended, code, "{seen}");
        assert!(seen.starts_with(if code == 0 { "active: " } else { "not active: " }), "{seen}");
        assert!(words(&seen).contains(shows), "`{shows}` is not shown:\n{seen}");
        seen
    }

    pub(crate) fn shim(&self) -> PathBuf {
        self.arena.clone.join(".git/hooks/pre-push")
    }

    /// Something harmless passes, and what reaches production does not.
    #[track_caller]
    pub(crate) fn judges(&self, refused_by: &str) {
        let arena = &self.arena;
        arena.git(["reset", "--quiet", "--hard", "origin/main"]);
        arena.commit_file("docs/readme", &format!("harmless {}", arena.git(["rev-list", "--count", "HEAD"])));
        let push = arena.push(&["origin", "main"]);
        assert!(push.passed, "{}", push.seen);
        arena.commit_file("deploy/a", "change");
        let push = arena.push(&["origin", "main"]);
        let first = format!("{refused_by}: production is frozen: for good");
        assert!(!push.passed && push.seen.lines().any(|line| line.starts_with(&first)), "{}", push.seen);
        assert!(push.seen.contains("deploy/a"), "{}", push.seen);
    }
}

/// Copies a program to where it is run. A process of its own writes it: what this one writes stays open for a moment in what another test
/// starts meanwhile, and then can't be run (`ETXTBSY`, execve(2)).
fn copy_program(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg(from).arg(to).status().unwrap();
    assert!(copied.success(), "{} is copied", to.display());
}

#[test]
fn a_clone_gets_the_pre_push_hook() {
    let place = Place::new();
    place.status(1, "no hook is installed");
    let (code, seen) = place.hook(&["install"]);
    assert_eq!(code, 0, "{seen}");
    assert!(seen.starts_with("installed: the pre-push hook\n"), "{seen}");
    assert!(seen.contains("`freezegate hook uninstall pre-push`"), "how to take it away:\n{seen}");
    let seen = place.status(0, "(freezegate ");
    assert!(seen.contains(PROGRAM) && seen.contains("git push --no-verify"), "{seen}");
    place.judges("refused");

    // once more changes nothing
    let before = fs::read(place.shim()).unwrap();
    assert_eq!(place.hook(&["install"]).0, 0);
    assert_eq!(fs::read(place.shim()).unwrap(), before);
    // in narrow terminals too, but for what is copied whole
    let mut narrow = place.arena.command(PROGRAM, &place.arena.clone);
    narrow.env("PATH", place.path()).env("COLUMNS", "60").args(["hook", "install"]);
    let seen = text(succeeded(&mut narrow).stdout);
    let is_whole = |line: &str| line.split(' ').any(|word| word.len() > 46) || line.contains('`');
    assert!(seen.lines().all(|line| is_whole(line) || line.chars().count() <= 60), "{seen}");
    // as it says
    let away = seen_command(&place.hook(&["install"]).1, "remove");
    let (code, seen) = place.hook(&away.split(' ').skip(2).collect::<Vec<_>>());
    assert_eq!((code, seen.starts_with("removed: the pre-push hook\n")), (0, true), "{seen}");
    place.status(1, "no hook is installed");
    assert!(!place.shim().exists());
    // there is none any more
    let (code, seen) = place.hook(&["uninstall"]);
    assert_eq!((code, seen.as_str()), (0, "not installed: the pre-push hook"));
}

/// What `hook install` did not write, or somebody changed, is not deleted.
#[test]
fn what_somebody_else_wrote_is_not_removed() {
    let place = Place::new();
    place.arena.script(&place.shim(), "exec freezegate hook pre-push \"$@\"\n");
    let (code, seen) = place.hook(&["uninstall"]);
    assert_eq!(code, 1, "{seen}");
    assert!(seen.contains("remains     `.git/hooks/pre-push`, which names freezegate"), "{seen}");
    assert!(place.shim().exists());

    fs::remove_file(place.shim()).unwrap();
    assert_eq!(place.hook(&["install"]).0, 0);
    let changed = fs::read_to_string(place.shim()).unwrap().replace("exit 2", "exit 0");
    fs::write(place.shim(), &changed).unwrap();
    let (code, seen) = place.hook(&["uninstall"]);
    assert_eq!(code, 1, "{seen}");
    assert!(seen.contains("which was changed since"), "{seen}");
    assert_eq!(fs::read_to_string(place.shim()).unwrap(), changed);
    // as it says
    let fix = seen_command(&seen, "fix");
    succeeded(place.arena.command("sh", &place.arena.clone).args(["-c", &fix]));
    assert_eq!(place.hook(&["uninstall"]).0, 0);

    // by a link, by a variable, with other blanks
    let elsewhere = place.arena.root().join("elsewhere");
    place.arena.script(&elsewhere, "exec freezegate hook pre-push\n");
    std::os::unix::fs::symlink(&elsewhere, place.shim()).unwrap();
    assert_eq!(place.hook(&["uninstall"]).0, 1);
    assert!(place.shim().is_symlink());
    fs::remove_file(place.shim()).unwrap();
    for script in ["fg=/usr/bin/freezegate\n\"$fg\" hook pre-push\n", "'/usr/bin/freezegate'  hook  pre-push\n"] {
        place.arena.script(&place.shim(), script);
        assert_eq!(place.hook(&["uninstall"]).0, 1, "{script}");
    }
    place.arena.script(&place.shim(), "echo mine\n");
    assert_eq!(place.hook(&["uninstall"]).0, 0, "it runs no hook of freezegate's");
    assert!(place.shim().exists());
}

/// A folder of hooks that several repositories share may hold a hook without its program, which refuses every push.
#[test]
fn a_hook_in_a_shared_folder_is_named_and_not_removed() {
    let place = Place::new();
    assert_eq!(place.hook(&["install"]).0, 0);
    let shared = place.arena.clone.join("shared");
    fs::create_dir(&shared).unwrap();
    let script = fs::read_to_string(place.shim()).unwrap().replace(PROGRAM, "/nowhere/freezegate");
    place.arena.script(&shared.join("pre-push"), "");
    fs::write(shared.join("pre-push"), &script).unwrap();
    place.arena.git(["config", "core.hooksPath", "shared"]);
    let (code, seen) = place.hook(&["uninstall"]);
    assert_eq!(code, 1, "{seen}");
    assert!(
        words(&seen).contains("remains `shared/pre-push`, which was changed since, or is not this repository's alone"),
        "{seen}"
    );
    assert!(!place.shim().exists() && shared.join("pre-push").exists());
    let fix = seen_command(&seen, "fix");
    succeeded(place.arena.command("sh", &place.arena.clone).args(["-c", &fix]));
    assert_eq!(place.hook(&["uninstall"]).0, 0);
}

/// The command in backticks in the row of this label.
pub(crate) fn seen_command(seen: &str, label: &str) -> String {
    let row = seen.lines().find(|line| line.trim_start().starts_with(label)).unwrap_or_else(|| panic!("{seen}"));
    row.split('`').nth(1).unwrap().to_owned()
}

#[test]
fn a_bare_repository_gets_the_pre_receive_hook() {
    let place = Place::new();
    let server = place.arena.server.clone();
    assert_eq!(place.hook_in(&server, &["status"]).0, 1);
    let (code, seen) = place.hook_in(&server, &["install"]);
    assert_eq!(code, 0, "{seen}");
    assert!(seen.starts_with("installed: the pre-receive hook\n"), "{seen}");
    // nobody may override anything by signatures yet
    let says_grants = |seen: &str| {
        seen.contains("git config freezegate.repository ") && seen.contains("git config receive.advertisePushOptions ")
    };
    assert!(says_grants(&seen), "{seen}");
    let (code, seen) = place.hook_in(&server, &["status"]);
    assert_eq!(code, 0, "{seen}");
    assert!(!seen.contains("--no-verify") && says_grants(&seen), "{seen}");
    place.judges("remote: refused");
}

#[test]
fn a_bare_repository_whose_policy_asks_for_signatures_says_what_grants_need() {
    let place = Place::new();
    let server = place.arena.server.clone();
    let signed = "[approvers]\nallowed_signers = \"signers\"\n[[lifts]]\nlevel = \"hard\"\nsigned = [\"any\"]\n";
    place.arena.write("freezegate.toml", format!("{NEVER}{signed}"));
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE1BuNnEFpzVHEeX2wVnTQkCbCVz0C5wFUePTqGPAZ7B";
    place.arena.write("signers", format!("ben@example.com {key}\n"));
    place.arena.commit("who may override");
    place.arena.passes(&["--no-verify", "origin", "main"]);
    assert_eq!(place.hook_in(&server, &["install"]).0, 0);
    for (lack, value) in [("freezegate.repository", "example.com/shop"), ("receive.advertisePushOptions", "true")] {
        let set = "  grants      ";
        let seen = [place.hook_in(&server, &["status"]).1, place.hook_in(&server, &["install"]).1];
        assert!(
            seen.iter().all(|seen| seen.contains(set) && seen.contains(&format!("git config {lack} "))),
            "{seen:?}"
        );
        place.arena.git_in(&server, ["config", lack, value]);
        let seen = place.hook_in(&server, &["status"]).1;
        assert!(!seen.contains(lack), "{seen}");
        assert!(seen.lines().all(|line| line.chars().count() <= 80), "{seen}");
    }
    // the other hook is not there
    assert_eq!(place.hook_in(&server, &["status", "pre-push"]).0, 1);
}

#[test]
fn an_administrators_policy_is_written_into_the_hook() {
    let place = Place::new();
    let server = place.arena.server.clone();
    let file = place.arena.root().join("it's mine.toml");
    fs::write(&file, NEVER.replace("for good", "mine")).unwrap();
    let (code, seen) = place.hook_in(&server, &["install", "pre-receive", "--policy", "../it's mine.toml"]);
    assert_eq!(code, 0, "{seen}");
    let (code, seen) = place.hook_in(&server, &["status"]);
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("it's mine.toml"), "{seen}");
    place.arena.commit_file("deploy/a", "change");
    let push = place.arena.push(&["origin", "main"]);
    assert!(!push.passed && push.seen.contains("is frozen: mine"), "{}", push.seen);

    // one that nothing could be judged by is not
    fs::write(&file, "version = 2\n").unwrap();
    let before = contents(&server);
    let (code, seen) = place.hook_in(&server, &["install", "--policy", "../it's mine.toml"]);
    assert_eq!(code, 2, "{seen}");
    assert!(seen.contains("wrong-version"), "{seen}");
    assert_eq!(place.hook_in(&server, &["install", "--policy", "nowhere.toml"]).0, 2);
    assert_eq!(contents(&server), before);
}

#[test]
fn the_record_is_written_into_the_hook_by_its_absolute_path() {
    let place = Place::new();
    let server = place.arena.server.clone();
    let (code, seen) = place.hook_in(&server, &["install", "pre-receive", "--record", "../it's kept.jsonl"]);
    assert_eq!(code, 0, "{seen}");
    let (code, seen) = place.hook_in(&server, &["status"]);
    assert!(code == 0 && seen.contains("it's kept.jsonl"), "{seen}");
    place.arena.commit_file("deploy/a", "change");
    assert!(!place.arena.push(&["origin", "main"]).passed);
    let record = fs::read_to_string(place.arena.root().join("it's kept.jsonl")).unwrap();
    assert_eq!(record.lines().count(), 1, "{record}");

    let (code, seen) = place.hook_in(&server, &["install", "--record", "origin:refs/heads/main"]);
    assert!(code == 2 && seen.contains("is not a ref of a record"), "{seen}");
}

#[test]
fn options_of_the_hook_that_was_there_are_kept() {
    for version in ["2.47.3", "2.54.0"] {
        let place = Place::with_git(version);
        let server = place.arena.server.clone();
        let (code, seen) = place.hook_in(&server, &["install", "--record", "../it's kept.jsonl"]);
        assert_eq!(code, 0, "{seen}");
        let (code, seen) = place.hook_in(&server, &["install"]);
        assert!(code == 0 && seen.contains("--record of the hook that was there"), "{seen}");
        assert!(seen.contains("it's kept.jsonl"), "{seen}");
        let (code, seen) = place.hook_in(&server, &["install", "--record", "../other.jsonl"]);
        assert!(code == 0 && seen.contains("other.jsonl") && !seen.contains("it's kept"), "{seen}");
    }
    // what it does not know it does not drop
    let place = Place::new();
    let server = place.arena.server.clone();
    assert_eq!(place.hook_in(&server, &["install"]).0, 0);
    let file = server.join("hooks/pre-receive");
    let script = fs::read_to_string(&file).unwrap().replace(" \"$@\"\n", " --dry-run \"$@\"\n");
    fs::write(&file, &script).unwrap();
    let (code, seen) = place.hook_in(&server, &["install", "--record", "../record.jsonl"]);
    assert!(code == 1 && seen.starts_with("left alone: ") && seen.contains("`--dry-run`"), "{seen}");
    assert_eq!(fs::read_to_string(&file).unwrap(), script);
}

#[test]
fn without_the_program_nothing_passes() {
    let place = Place::new();
    let own = place.arena.root().join("a 'quoted' folder/freezegate");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    copy_program(PROGRAM.as_ref(), own.as_ref());
    assert_eq!(place.program(&own, &place.arena.clone, &["install"]).status.code(), Some(0));
    place.judges("refused");
    fs::remove_file(&own).unwrap();
    place.arena.git(["reset", "--quiet", "--hard", "origin/main"]);
    place.arena.commit_file("docs/readme", "more");
    let push = place.arena.push(&["origin", "main"]);
    assert!(
        !push.passed && push.seen.contains("the program is missing here, so every push is refused"),
        "{}",
        push.seen
    );
    assert!(push.seen.contains("freezegate hook install pre-push"), "{}", push.seen);
    place.status(1, "which is not there: every push is refused");
    // another one, found by its name
    copy_program(PROGRAM.as_ref(), place.programs.join("freezegate").as_ref());
    let path = place.path();
    let push = place.arena.push_with(&["origin", "main"], &[("PATH", &path)]);
    assert!(push.passed, "{}", push.seen);
    place.status(0, place.programs.join("freezegate").to_str().unwrap());
    // and not just anything
    place.arena.script(&place.programs.join("freezegate"), "echo 'something else'\n");
    place.status(1, "which is another program");
    place.arena.script(&place.programs.join("freezegate"), "exit 3\n");
    place.status(1, "which fails");
}

/// A path that an update of the program leaves where it is.
#[test]
fn the_program_is_named_as_path_leads_to_it() {
    let place = Place::new();
    let linked = place.programs.join("freezegate");
    std::os::unix::fs::symlink(PROGRAM, &linked).unwrap();
    let (code, seen) = place.hook(&["install"]);
    assert_eq!(code, 0, "{seen}");
    place.status(0, linked.to_str().unwrap());
}

#[test]
fn what_somebody_else_put_there_stays() {
    let foreign = "#!/bin/sh\necho mine\n";
    for (file, shows) in [
        (".pre-commit-config.yaml", "entry: freezegate hook pre-push"),
        ("lefthook.yml", "use_stdin: true"),
        (".config/lefthook.yml", "run: freezegate hook pre-push {1} {2}"),
        (".husky/pre-push", "freezegate hook pre-push \"$@\""),
        ("hk.pkl", "stdin = \"{{hook_stdin}}\""),
        ("docs/other", "add these lines to `.git/hooks/pre-push`"),
    ] {
        let place = Place::new();
        let arena = &place.arena;
        arena.write(file, "# nothing yet\n");
        arena.script(&place.shim(), "echo mine\n");
        let before = contents(&arena.root());
        let (code, seen) = place.hook(&["install"]);
        assert_eq!(code, 1, "{seen}");
        assert!(seen.starts_with("left alone: `.git/hooks/pre-push` is not freezegate's\n"), "{seen}");
        assert!(seen.contains(shows), "{file}:\n{seen}");
        // nothing is told of tools that are not used here
        let tools = ["pre-commit, in", "lefthook, in", "husky, in", "hk, in"];
        let told = tools.iter().filter(|tool| seen.contains(**tool)).count();
        assert_eq!(told, usize::from(file != "docs/other"), "{file}:\n{seen}");
        place.status(1, "may not run the hook");
        assert_eq!(contents(&arena.root()), before);
        assert_eq!(fs::read_to_string(place.shim()).unwrap(), foreign);
    }
    // a link is somebody's as well, wherever it leads
    let place = Place::new();
    std::os::unix::fs::symlink("nowhere", place.shim()).unwrap();
    assert_eq!(place.hook(&["install"]).0, 1);
    assert!(place.shim().is_symlink());
}

#[test]
fn a_directory_of_hooks_elsewhere_stays() {
    let place = Place::new();
    let arena = &place.arena;
    arena.git(["config", "core.hooksPath", "shared"]);
    fs::create_dir(arena.clone.join("shared")).unwrap();
    let before = contents(&arena.root());
    let (code, seen) = place.hook(&["install"]);
    assert_eq!(code, 1, "{seen}");
    assert!(seen.starts_with("left alone: `core.hooksPath` is `shared`"), "{seen}");
    place.status(1, "`core.hooksPath` is `shared`, and no pre-push hook is there");
    assert_eq!(contents(&arena.root()), before);

    // with what it says, written there by hand, it is active
    let lines = seen.rsplit("once:\n\n").next().unwrap();
    arena.script(
        &arena.clone.join("shared/pre-push"),
        &format!("PATH='{}'\n{lines}\necho \"read: $input\" >&2\n", place.path()),
    );
    copy_program(PROGRAM.as_ref(), place.programs.join("freezegate").as_ref());
    place.status(0, "`shared/pre-push`, which freezegate did not write");
    arena.git(["reset", "--quiet", "--hard", "origin/main"]);
    let push = arena.push(&["origin", "main"]);
    assert!(push.passed && push.seen.contains("read: \n"), "an empty push passes:\n{}", push.seen);
    place.judges("refused");

    // a shim that stands where git no longer looks
    let place = Place::new();
    assert_eq!(place.hook(&["install"]).0, 0);
    place.arena.git(["config", "core.hooksPath", "/dev/null"]);
    place.status(1, "`core.hooksPath` is `/dev/null`, so git does not look at `.git/hooks/pre-push`");
    // said by another name, it is the same place
    place.arena.git(["config", "core.hooksPath", place.arena.clone.join(".git/hooks").to_str().unwrap()]);
    place.status(0, "(freezegate ");
    assert_eq!(place.hook(&["install"]).0, 0);
}

#[test]
fn other_tools_that_say_to_run_it() {
    for (script, file, lines, code) in [
        (
            "# File generated by pre-commit: https://pre-commit.com\nexec pre-commit hook-impl\n",
            ".pre-commit-config.yaml",
            "repos:\n  - repo: local\n    hooks:\n      - id: freezegate\n        entry: freezegate hook pre-push\n",
            0,
        ),
        (
            "call_lefthook run \"pre-push\" \"$@\"\n",
            "lefthook.yml",
            "pre-push:\n  jobs:\n    - run: freezegate hook pre-push {1} {2}\n",
            0,
        ),
        (
            "call_lefthook run \"pre-push\" \"$@\"\n",
            "lefthook.yml",
            "pre-push:\n  jobs:\n    # - run: freezegate hook pre-push\n",
            1,
        ),
        ("call_lefthook run \"pre-push\" \"$@\"\n", "hk.pkl", "check = \"freezegate hook pre-push\"\n", 1),
        (". \"$(dirname \"$0\")/h\"\n", ".husky/pre-push", "freezegate hook pre-push \"$@\"\n", 0),
        ("exec hk run pre-push \"$@\"\n", "hk.pkl", "check = \"freezegate hook pre-push {{hook_args}}\"\n", 0),
    ] {
        let place = Place::new();
        place.arena.script(&place.shim(), script);
        place.arena.write(file, lines);
        place.status(code, if code == 0 { file } else { "may not run the hook" });
    }
}

#[test]
fn a_hook_that_git_would_not_run_as_it_was_written() {
    let place = Place::new();
    assert_eq!(place.hook(&["install"]).0, 0);
    let written = fs::read_to_string(place.shim()).unwrap();
    fs::set_permissions(place.shim(), fs::Permissions::from_mode(0o644)).unwrap();
    let fix = seen_command(&place.status(1, "is not executable, so git ignores it"), "fix");
    succeeded(place.arena.command("sh", &place.arena.clone).args(["-c", &fix]));
    place.status(0, "(freezegate ");
    for changed in [
        written.replace("#!/bin/sh\n", "#!/bin/sh\n\nexit 0\n"),
        written.replace("exit 2", "exit 0"),
        written.replace("exec", "#"),
    ] {
        fs::write(place.shim(), changed).unwrap();
        let (code, _) = place.hook(&["status"]);
        assert_eq!(code, 1);
    }
    // what is ours is fixed
    fs::write(place.shim(), written.replace("exit 2", "exit 0")).unwrap();
    place.status(1, "was changed since freezegate wrote it");
    assert_eq!(place.hook(&["install"]).0, 0);
    assert_eq!(fs::read_to_string(place.shim()).unwrap(), written);
    place.status(0, "(freezegate ");
}

#[test]
fn wherever_the_repository_lies() {
    let place = Place::new();
    let arena = &place.arena;
    // a linked work tree shares its hooks; a folder deep inside is as good as the root
    let linked = arena.root().join("a linked 'tree'");
    arena.git(["worktree", "add", "--quiet", "--detach", linked.to_str().unwrap()]);
    assert_eq!(place.hook_in(&linked, &["install"]).0, 0);
    place.status(0, "(freezegate ");
    let deep = arena.clone.join("docs");
    assert_eq!(place.hook_in(&deep, &["status"]).0, 0);
    assert_eq!(place.hook_in(&deep, &["install"]).0, 0);
    place.judges("refused");
    // a clone made without a directory of hooks
    let bare = arena.root().join("none");
    arena.git_in(&arena.root(), ["init", "--quiet", "--template=", bare.to_str().unwrap()]);
    assert!(!bare.join(".git/hooks").exists());
    assert_eq!(place.hook_in(&bare, &["install"]).0, 0);
    assert_eq!(place.hook_in(&bare, &["status"]).0, 0);
    // no repository, and no git
    let (code, seen) = place.hook_in(&arena.root(), &["install"]);
    assert_eq!(code, 2, "{seen}");
    assert!(words(&seen).contains("this folder is not in a git repository"), "{seen}");
    let mut alone = arena.command(PROGRAM, &arena.clone);
    let output = alone.env("PATH", "/nowhere").args(["hook", "status"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(output.stderr).contains("git can't be run"));
}

/// Whatever git is at hand: after `hook install`, it refuses.
#[test]
fn the_git_at_hand_runs_what_is_installed() {
    let place = Place::new();
    place.arena.clock(OPEN);
    let mut install = place.arena.command(PROGRAM, &place.arena.clone);
    succeeded(install.args(["hook", "install"]));
    let mut status = place.arena.command(PROGRAM, &place.arena.clone);
    succeeded(status.args(["hook", "status"]));
    place.judges("refused");
    let mut version: Command = place.arena.command("git", &place.arena.clone);
    assert!(text(succeeded(version.arg("version")).stdout).starts_with("git version "));
}
