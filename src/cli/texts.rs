//! Texts of the program, held to what it can do: each command in backticks is one that it reads.

use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::cli::args::Cli;

/// As many characters of a first line are read at a glance.
const MOST: usize = 80;

fn files(folder: &Path, ends: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ends, found);
        } else if ends.iter().any(|end| path.to_string_lossy().ends_with(end)) {
            found.push(path);
        }
    }
}

/// `text` as one line: string literals and comments that go on in the next line, put together.
fn joined(text: &str) -> String {
    let mut one = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_start();
        let line = line.trim_start_matches("//!").trim_start_matches("///").trim_start_matches("//");
        match line.strip_suffix('\\') {
            Some(line) => one.push_str(line.trim_start()),
            None => one.push_str(&format!("{} ", line.trim())),
        }
    }
    one.replace("\\\"", "\"")
        .replace("\\n", "\n")
        .split([' ', '\n'])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The commands of this program that stand in backticks in a text.
fn commands(text: &str) -> Vec<String> {
    let text = joined(text);
    let mut found = Vec::new();
    for (start, _) in text.match_indices("`freezegate ") {
        let rest = text.get(start + 1..).unwrap();
        let Some((command, _)) = rest.split_once('`') else { continue };
        // what the program fills in is tested where it is printed; behind a pipe is another program
        let command = command.split(['|', '>', '#']).next().unwrap().trim();
        let is_any = command.starts_with("freezegate COMMAND");
        if !command.contains(['{', '[']) && !is_any && command.len() < 200 {
            found.push(command.to_owned());
        }
    }
    found
}

/// The words of a command; quotes hold words together.
fn words(command: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (None, ' ') if !word.is_empty() => found.push(std::mem::take(&mut word)),
            (None, ' ') => {}
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (_, other) => word.push(other),
        }
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
}

/// Why a command can't be read, if it can't.
fn fault(command: &str) -> Option<String> {
    let words = words(command);
    let error = Cli::try_parse_from(&words).err()?;
    let is_right = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            // a command that is named with some of its options, not one to run
            | ErrorKind::MissingRequiredArgument
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::MissingSubcommand
    );
    (!is_right).then(|| format!("`{command}`: {}", error.to_string().lines().next().unwrap_or_default()))
}

#[test]
fn each_command_in_a_text_is_one_that_the_program_reads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = vec![root.join("README.md"), root.join("CHANGELOG.md"), root.join("action.yml")];
    files(&root.join("src"), &[".rs", ".json"], &mut all);
    files(&root.join("docs"), &[".md"], &mut all);
    files(&root.join("policies"), &[".toml"], &mut all);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in all.into_iter().filter(|file| !file.ends_with("texts.rs")) {
        let text = fs::read_to_string(&file).unwrap();
        for command in commands(&text) {
            count += 1;
            wrong.extend(fault(&command).map(|fault| format!("{}: {fault}", file.display())));
        }
    }
    assert!(count > 100, "{count} commands");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_example_of_a_help_is_a_command_that_the_program_reads_and_each_command_has_one() {
    let mut wrong = Vec::new();
    each_command(&mut Cli::command(), "", &mut |path, command| {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples = help.split_once("examples:\n").map_or("", |(_, examples)| examples);
        if examples.is_empty() && !path.is_empty() {
            wrong.push(format!("{path}: no examples"));
        }
        for line in examples.lines() {
            let Some((_, command)) = line.split_once("freezegate ") else { continue };
            let command = command.split(['|', '>', '#', ')']).next().unwrap().trim();
            wrong.extend(fault(&format!("freezegate {command}")));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn first_lines_are_read_at_a_glance() {
    let mut wrong = Vec::new();
    each_command(&mut Cli::command(), "", &mut |path, command| {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let length = about.chars().count();
        if !(5..=MOST).contains(&length) {
            wrong.push(format!("{path}: {length} characters: {about}"));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_command_that_the_program_does_not_read_is_found() {
    assert_eq!(commands("see `freezegate check\n/// --nowhere`, `git push`"), ["freezegate check --nowhere"]);
    assert!(fault("freezegate check --nowhere").is_some());
    assert!(fault("freezegate checks production").is_some());
    assert_eq!(fault("freezegate grant new"), None);
    assert_eq!(
        words("freezegate stop --reason \"login down\" 'a b'"),
        ["freezegate", "stop", "--reason", "login down", "a b"]
    );
}

/// Calls `visit` with each command below `command`, and its name in full.
fn each_command(command: &mut clap::Command, path: &str, visit: &mut impl FnMut(&str, &clap::Command)) {
    command.build();
    visit(path, command);
    for below in command.get_subcommands_mut() {
        let path = format!("{path} {}", below.get_name());
        each_command(below, path.trim(), visit);
    }
}
