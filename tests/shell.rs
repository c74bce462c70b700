//! Completions and the manual: every command is in them, and the programs that read them find no fault.

#![expect(clippy::unwrap_used, reason = "a test ends where its data is not as it should be")]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_freezegate")).args(arguments).env_clear().output().unwrap()
}

fn answer(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.trim().is_empty(), "{arguments:?}");
    text
}

/// The commands, as `--help` lists them.
fn commands() -> BTreeSet<String> {
    let help = answer(&["--help"]);
    let list = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands: BTreeSet<String> =
        list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    for known in ["check", "next", "stop", "init", "schema", "completions", "man"] {
        assert!(commands.contains(known), "{known} in {commands:?}");
    }
    commands
}

/// Returns what `program` says of `text` on its standard input; `None` where the program is not installed.
fn said_by(program: &str, arguments: &[&str], text: &str) -> Option<Output> {
    let child = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        other => other.unwrap(),
    };
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Some(child.wait_with_output().unwrap())
}

#[test]
fn every_shell_completes_every_command() {
    let commands = commands();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = answer(&["completions", shell]);
        for command in &commands {
            assert!(script.contains(command.as_str()), "{command} for {shell}");
        }
        assert!(script.contains("freezegate") && script.contains("incident"), "{shell}");
    }
}

#[test]
fn shells_that_are_here_read_their_script() {
    for (shell, arguments) in [("bash", &["-n"][..]), ("zsh", &["-n"]), ("fish", &["--no-execute"])] {
        let script = answer(&["completions", shell]);
        // bash is what CI and every developer has; the others are asked where they are
        match said_by(shell, arguments, &script) {
            Some(output) => assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr)),
            None => assert_ne!(shell, "bash"),
        }
    }
}

#[test]
fn bash_completes_a_command_and_an_option() {
    let script = answer(&["completions", "bash"]);
    let complete = |words: &str, index: usize| -> Vec<String> {
        let asked = format!(
            "{script}\nCOMP_WORDS=({words}); COMP_CWORD={index}; \
             _freezegate freezegate \"${{COMP_WORDS[{index}]}}\" \"${{COMP_WORDS[{index}-1]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
        );
        let output = said_by("bash", &["--norc", "--noprofile"], &asked).unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    };
    assert_eq!(complete("freezegate st", 1), ["status", "stop"]);
    assert_eq!(complete("freezegate stop --inc", 2), ["--incident"]);
}

#[test]
fn an_unknown_shell_is_told_apart() {
    let output = run(&["completions", "csh"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("bash"));
}

/// Runs groff's macros over a page: every warning that it has is a fault of the page.
fn assert_groff_is_content(name: &str, page: &str) {
    if let Some(output) = said_by("groff", &["-man", "-Tutf8", "-ww", "-z"], page) {
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && complaint.is_empty(), "{name}: {complaint}");
    }
}

#[test]
fn the_manual_names_every_command() {
    let page = answer(&["man"]);
    assert!(page.contains(".TH freezegate 1"), "{page}");
    for command in commands() {
        assert!(page.contains(&format!("freezegate\\-{command}(1)")), "{command}");
    }
    assert!(page.contains("exit status: 0 allowed, 1 refused, 2 no decision"));
    assert_groff_is_content("freezegate.1", &page);
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().to_str().unwrap();
    assert_eq!(run(&["man", "--output", target]).status.code(), Some(0));
    let mut wanted: BTreeSet<String> = commands().iter().map(|command| format!("freezegate-{command}.1")).collect();
    wanted.insert("freezegate.1".to_owned());
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let page = std::fs::read_to_string(entry.path()).unwrap();
        assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{name}");
        assert_groff_is_content(&name, &page);
        found.insert(name);
    }
    // a command with commands of its own has further pages
    assert!(found.is_superset(&wanted), "{found:?} lacks some of {wanted:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("freezegate.1")).unwrap(), answer(&["man"]));
}

#[test]
fn a_folder_that_is_not_there_gets_no_manual() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let output = run(&["man", "--output", missing.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("missing"));
    assert!(!Path::new(&missing).exists());
}
