//! Texts of the program, held to what it can do: each command in backticks is one that it reads.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::cli::args::Cli;
use crate::cli::{RENAMED_OPTIONS, renamed};

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

/// The commands of this program that a text has in backticks.
fn commands(text: &str) -> Vec<Vec<String>> {
    let text = joined(text);
    let quoted = text.match_indices("`freezegate ").filter_map(|(start, _)| text.get(start + 1..)?.split_once('`'));
    quoted.flat_map(|(command, _)| calls(command)).collect()
}

/// The commands of this program in the lines of a page or a pipeline that begin with one of these marks.
fn steps(text: &str, marks: &[&str]) -> Vec<Vec<String>> {
    let line = |line: &str| {
        let line = line.trim_start();
        marks.iter().find_map(|mark| line.strip_prefix(mark)).filter(|line| !line.ends_with(':')).map(str::to_owned)
    };
    text.replace("\\\n", " ").lines().filter_map(line).flat_map(|line| calls(&line)).collect()
}

/// The words of each call of this program in a command line, as a shell splits it.
fn calls(line: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let (mut word, mut quote) = (None::<String>, None);
    let end = |all: &mut Vec<Vec<String>>, word: &mut Option<String>| {
        all.last_mut().unwrap().extend(word.take());
    };
    for character in line.chars() {
        match (quote, character) {
            (None, ' ') => end(&mut all, &mut word),
            // what else it takes
            (None, '…') if word.is_none() => {}
            (None, '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            // what is called within double quotes, `"$(…)"`, is a call too
            (None, '|' | ';' | '&' | '(' | ')' | '#' | '<' | '>') => {
                end(&mut all, &mut word);
                all.push(Vec::new());
            }
            (None, '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (Some('"'), '(') if word.as_ref().is_some_and(|word| word == "$") => {
                (quote, word) = (None, None);
                all.push(Vec::new());
            }
            (Some(open), close) if open == close => quote = None,
            (_, other) => word.get_or_insert_default().push(other),
        }
    }
    end(&mut all, &mut word);
    // what sets a variable, or runs another command, comes first
    let is_before = |word: &String| word.contains('=') || ["sudo", "exec", "if", "then", "!"].contains(&word.as_str());
    let named = all.into_iter().map(|words| words.into_iter().skip_while(is_before).collect::<Vec<_>>());
    let of_freezegate = |words: &Vec<String>| {
        words.first().is_some_and(|word| word == "freezegate") && words.get(1).is_some_and(|word| !is_placeholder(word))
    };
    named.filter(of_freezegate).collect()
}

/// Whether a word stands for a command: `COMMAND`, or what the program fills in.
fn is_placeholder(word: &str) -> bool {
    word.starts_with("COMMAND") || word.starts_with('{')
}

/// Why a command can't be read, if it can't.
fn fault(words: &[String]) -> Option<String> {
    let error = Cli::try_parse_from(words).err()?;
    let is_right = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            // a command that is named with some of its options, not one to run
            | ErrorKind::MissingRequiredArgument
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::MissingSubcommand
    );
    // one of several values, which the program fills in
    let is_right = is_right || (error.kind() == ErrorKind::InvalidValue && words.iter().any(|word| word.contains('{')));
    (!is_right).then(|| format!("`{}`: {}", words.join(" "), error.to_string().lines().next().unwrap_or_default()))
}

#[test]
fn each_command_in_a_text_is_one_that_the_program_reads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all: Vec<PathBuf> =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "action.yml", ".pre-commit-hooks.yaml"]
            .map(|name| root.join(name))
            .into();
    files(&root.join("src"), &[".rs", ".json"], &mut all);
    files(&root.join("docs"), &[".md"], &mut all);
    files(&root.join("policies"), &[".toml"], &mut all);
    files(&root.join(".github"), &[".md", ".yml", ".yaml"], &mut all);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in all.into_iter().filter(|file| !file.ends_with("texts.rs")) {
        let text = fs::read_to_string(&file).unwrap();
        let marks = match file.extension().and_then(OsStr::to_str) {
            Some("md") => &["$ "][..],
            Some("yml" | "yaml") => &["entry: "],
            _ => &[],
        };
        for command in commands(&text).into_iter().chain(steps(&text, marks)) {
            count += 1;
            wrong.extend(fault(&command).map(|fault| format!("{}: {fault}", file.display())));
        }
    }
    assert!(count > 250, "{count} commands");
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
        wrong.extend(examples.lines().flat_map(calls).filter_map(|words| fault(&words)));
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
    for (text, expected) in [
        ("see `freezegate check\n/// --nowhere`, `git push`", vec![vec!["freezegate", "check", "--nowhere"]]),
        (
            "`freezegate {}`, `freezegate COMMAND --help`, `freezegate explain {code}`",
            vec![vec!["freezegate", "explain", "{code}"]],
        ),
        ("`freezegate check 'a b' \"c | d\" > x`", vec![vec!["freezegate", "check", "a b", "c | d"]]),
    ] {
        assert_eq!(commands(text), expected, "{text}");
    }
    for (text, expected) in [
        ("$ git push -o \"$(freezegate grant push-option x)\"", vec![vec!["freezegate", "grant", "push-option", "x"]]),
        ("$ (cd x && freezegate lint) || true", vec![vec!["freezegate", "lint"]]),
        (
            "$ freezegate check --format json | freezegate grant new --from -",
            vec![vec!["freezegate", "check", "--format", "json"], vec!["freezegate", "grant", "new", "--from", "-"]],
        ),
        (
            "    - run: X=1 freezegate check … --reason \"login down\"",
            vec![vec!["freezegate", "check", "--reason", "login down"]],
        ),
        ("$ install freezegate ~/.local/bin/", vec![]),
        ("freezegate is a gate", vec![]),
        ("freezegate lint:", vec![]),
    ] {
        assert_eq!(steps(text, &["$ ", "- run: "]), expected, "{text}");
    }
    let is_read = |command: &str| fault(calls(command).first().unwrap()).is_none();
    assert!(!is_read("freezegate check --nowhere"));
    assert!(!is_read("freezegate checks production"));
    assert!(is_read("freezegate grant new"));
    assert!(is_read("freezegate stop production --for {} --reason \"login down\""));
}

#[test]
fn an_old_spelling_of_an_option_is_refused_with_the_new_one_by_each_command_that_has_it() {
    let mut counts = RENAMED_OPTIONS.map(|(_, new)| (new, 0));
    each_command(&mut Cli::command(), "", &mut |path, command| {
        for ((old, new), (_, count)) in RENAMED_OPTIONS.into_iter().zip(&mut counts) {
            let words: Vec<&str> = ["freezegate"].into_iter().chain(path.split_whitespace()).chain([old]).collect();
            let error = Cli::try_parse_from(&words).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnknownArgument, "{words:?}: {error}");
            let has = command.get_arguments().any(|one| one.get_long() == new.strip_prefix("--"));
            let given = words.iter().map(OsString::from);
            assert_eq!(renamed(&error, given), has.then_some(new), "{words:?}");
            *count += usize::from(has);
        }
    });
    assert!(counts.iter().all(|(_, count)| *count > 2), "{counts:?}");
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
