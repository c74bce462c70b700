//! The instant of a decision: the latest that the gate can have, however long it waited before.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::hooks::arena::{Arena, CLOSED, PROGRAM, ROUTES, text};
use crate::support::clock::FAKETIME;

/// The Sunday before, when nobody is at work.
const BEFORE: &str = "2025-07-06 12:00:00";

/// The program with a clock that the file `clock` of the arena tells, whenever it is read.
fn program(arena: &Arena, folder: &Path) -> Command {
    let mut command = arena.command(FAKETIME, folder);
    command.args(["-f", "@2000-01-01 00:00:00", "env", "-u", "FAKETIME", "FAKETIME_NO_CACHE=1", "TZ=UTC"]);
    command.arg(format!("FAKETIME_TIMESTAMP_FILE={}", arena.root().join("clock").display())).arg(PROGRAM);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Sets the clock forward once the program waits, and lets it go on; returns how it ends and what it says.
fn wait_and_go_on(arena: &Arena, later: &str, child: Child, go_on: impl FnOnce()) -> (i32, String) {
    // enough for it to begin; if not, it sees the later clock alone
    sleep(Duration::from_millis(400));
    // in one step, as the clock may be read at any moment
    fs::write(arena.root().join("later"), later).unwrap();
    fs::rename(arena.root().join("later"), arena.root().join("clock")).unwrap();
    go_on();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), text(output.stdout) + &text(output.stderr))
}

/// From open to open, from open to closed, and so on: only what the clock says last counts.
const STORIES: [(&str, &str, i32); 4] =
    [(BEFORE, BEFORE, 0), (BEFORE, CLOSED, 1), (CLOSED, BEFORE, 0), (CLOSED, CLOSED, 1)];

#[test]
fn a_hook_that_waited_decides_by_the_clock_as_it_is_when_it_answers() {
    let arena = Arena::deployed();
    let old = arena.git(["rev-parse", "HEAD"]);
    let new = arena.commit_file(ROUTES, "change");
    arena.git(["push", "--quiet", "--no-verify", "origin", "main:refs/heads/side"]);
    let lines = [
        ("pre-receive", &arena.server, format!("{old} {new} refs/heads/main\n")),
        ("pre-push", &arena.clone, format!("refs/heads/main {new} refs/heads/main {old}\n")),
    ];
    for (hook, folder, line) in lines {
        for (before, later, status) in STORIES {
            arena.clock(before);
            let mut child = program(&arena, folder).args(["hook", hook]).spawn().unwrap();
            let mut input = child.stdin.take().unwrap();
            let ended = wait_and_go_on(&arena, later, child, || {
                input.write_all(line.as_bytes()).unwrap();
                drop(input);
            });
            assert_eq!(ended.0, status, "{hook} from {before} to {later}: {}", ended.1);
        }
    }
}

/// The job waits for the event that its provider writes.
#[test]
fn a_job_that_waited_decides_by_the_clock_as_it_is_when_it_answers() {
    let arena = Arena::deployed();
    let old = arena.git(["rev-parse", "HEAD"]);
    let new = arena.commit_file(ROUTES, "change");
    let event = arena.root().join("event");
    assert!(Command::new("mkfifo").arg(&event).status().unwrap().success());
    let json = format!(
        r#"{{"before":"{old}","after":"{new}","ref":"refs/heads/main","repository":{{"default_branch":"main"}}}}"#
    );
    for (before, later, status) in STORIES {
        arena.clock(before);
        let mut command = program(&arena, &arena.clone);
        command.args(["check", "production"]).env("GITHUB_EVENT_PATH", &event).envs([
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_SHA", &new),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_RUN_ATTEMPT", "1"),
        ]);
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        let ended = wait_and_go_on(&arena, later, child, || {
            OpenOptions::new().write(true).open(&event).unwrap().write_all(json.as_bytes()).unwrap();
        });
        assert_eq!(ended.0, status, "from {before} to {later}: {}", ended.1);
    }
}

/// Whoever may read the record may hold its lock for a while: nobody is allowed by the clock of before.
#[test]
fn whoever_waited_for_the_record_decides_by_the_clock_as_it_is_then() {
    let arena = Arena::deployed();
    let old = arena.git(["rev-parse", "HEAD"]);
    let new = arena.commit_file(ROUTES, "change");
    arena.git(["push", "--quiet", "--no-verify", "origin", "main:refs/heads/side"]);
    for (number, (before, later, status)) in STORIES.into_iter().enumerate() {
        let record = arena.root().join(format!("record{number}.jsonl"));
        let lock = File::create(&record).unwrap();
        lock.lock().unwrap();
        arena.clock(before);
        let mut command = program(&arena, &arena.server);
        let mut child = command.args(["hook", "pre-receive", "--record"]).arg(&record).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(format!("{old} {new} refs/heads/main\n").as_bytes()).unwrap();
        drop(input);
        let ended = wait_and_go_on(&arena, later, child, || lock.unlock().unwrap());
        assert_eq!(ended.0, status, "from {before} to {later}: {}", ended.1);
        let kept = fs::read_to_string(&record).unwrap();
        let decision = if status == 0 { "\"decision\":\"allowed\"" } else { "\"decision\":\"refused\"" };
        assert!(kept.lines().count() == 1 && kept.contains(decision), "{kept}");
    }
}
