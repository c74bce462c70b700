//! Texts of the program, held to what it can do: each command in backticks is one that it reads.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::cli::args::Cli;
use crate::cli::usage::{RENAMED_OPTIONS, renamed};

#[path = "../../tests/support/texts.rs"]
mod texts_of_repository;

/// As many characters of a first line are read at a glance.
const MOST: usize = 80;

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

/// The blocks of a page that hold steps of a shell, a unit or a pipeline.
fn shell_blocks(text: &str) -> Vec<String> {
    let languages = ["sh", "bash", "yaml", "ini", "groovy"];
    let (mut blocks, mut within) = (Vec::new(), None::<String>);
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), &mut within) {
            (Some(_), Some(_)) => blocks.extend(within.take()),
            (Some(language), None) if languages.contains(&language) => within = Some(String::new()),
            (None, Some(block)) => block.push_str(&format!("{line}\n")),
            (Some(_) | None, None) => {}
        }
    }
    blocks
}

/// The commands of this program in the lines of a script or a pipeline, comments left out.
fn script(text: &str) -> Vec<Vec<String>> {
    let is_comment = |line: &&str| ["#", "//"].iter().any(|mark| line.trim_start().starts_with(mark));
    let lines: Vec<&str> = text.lines().filter(|line| !is_comment(line)).collect();
    steps(&lines.join("\n"), &[""])
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
                (quote, word) = (None, Some("$(…)".to_owned()));
                end(&mut all, &mut word);
                all.push(Vec::new());
            }
            (Some(open), close) if open == close => quote = None,
            (_, other) => word.get_or_insert_default().push(other),
        }
    }
    end(&mut all, &mut word);
    // what sets a variable, or runs another command, comes first
    let before = ["sudo", "exec", "if", "then", "!", "-", "run:", "entry:", "script:", "sh"];
    let is_before = |word: &String| word.contains('=') || before.contains(&word.as_str());
    // by its path, as a unit or a job names it
    let by_name = |word: String| if word.ends_with("/freezegate") { "freezegate".to_owned() } else { word };
    // a command that is one word to another program
    let within: Vec<Vec<String>> =
        all.iter().flatten().filter(|word| word.starts_with("freezegate ")).flat_map(|word| calls(word)).collect();
    let all = all.into_iter().map(|words| words.into_iter().map(by_name).collect::<Vec<_>>());
    // the words that a script is given may be any
    let is_said = |word: &String| word != "$@";
    let named =
        all.into_iter().map(|words| words.into_iter().filter(is_said).skip_while(is_before).collect::<Vec<_>>());
    let of_freezegate = |words: &Vec<String>| {
        words.first().is_some_and(|word| word == "freezegate") && words.get(1).is_some_and(|word| !is_placeholder(word))
    };
    named.filter(of_freezegate).chain(within).collect()
}

/// Returns whether a word stands for a command: `COMMAND`, or what the program fills in.
fn is_placeholder(word: &str) -> bool {
    word.starts_with("COMMAND") || word.starts_with('{')
}

/// Returns why a command can't be read, if it can't.
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
    let all = texts_of_repository::all(root).unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in all.into_iter().filter(|file| !file.ends_with("texts.rs")) {
        let text = fs::read_to_string(&file).unwrap();
        let steps = match file.extension().and_then(OsStr::to_str) {
            Some("md") => {
                [steps(&text, &["$ "]), shell_blocks(&text).iter().flat_map(|one| script(one)).collect()].concat()
            }
            Some("yml" | "yaml") => script(&text),
            None => script(&text),
            Some(_) => Vec::new(),
        };
        for command in commands(&text).into_iter().chain(steps) {
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
        if examples.is_empty() {
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
        (
            "$ freezegate check --range \"$(git rev-parse x)..HEAD\"",
            vec![vec!["freezegate", "check", "--range", "$(…)"]],
        ),
        ("$ (cd x && freezegate lint) || true", vec![vec!["freezegate", "lint"]]),
        (
            "$ freezegate check --format json | freezegate grant new --from -",
            vec![vec!["freezegate", "check", "--format", "json"], vec!["freezegate", "grant", "new", "--from", "-"]],
        ),
        (
            "    - run: X=1 freezegate check … --reason \"login down\"",
            vec![vec!["freezegate", "check", "--reason", "login down"]],
        ),
        ("$ exec /usr/local/bin/freezegate lint", vec![vec!["freezegate", "lint"]]),
        ("- run: sh 'freezegate lint --weeks 4'", vec![vec!["freezegate", "lint", "--weeks", "4"]]),
        ("$ install freezegate ~/.local/bin/", vec![]),
        ("freezegate is a gate", vec![]),
        ("freezegate lint:", vec![]),
    ] {
        assert_eq!(steps(text, &["$ ", "- run: "]), expected, "{text}");
    }
    let page = "```sh\nfreezegate lint\n```\ntext\n```toml\nfreezegate = 1\n```\n  ```ini\nExecStart=/bin/freezegate next x\n  ```\n";
    let found: Vec<Vec<String>> = shell_blocks(page).iter().flat_map(|one| script(one)).collect();
    assert_eq!(found, [vec!["freezegate", "lint"], vec!["freezegate", "next", "x"]]);
    assert!(script("# freezegate lint\nname: freezegate\n").is_empty());
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
    assert!(counts.iter().all(|(new, count)| *count > if *new == "--overridden" { 0 } else { 2 }), "{counts:?}");
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
