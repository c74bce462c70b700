//! What people read where each code is printed: at 60 and at 100 columns, with styles and without.

#![expect(clippy::unwrap_used, reason = "a test ends where its data is not as it should be")]

use crate::support::clock::FAKETIME;
use std::collections::BTreeMap;
use std::path::Path;

use freezegate::decision::FindingCode;
use freezegate::diagnostic::Code;
use freezegate::shell::{GLUE, times_unbroken};

/// A section for each code, and one before all of them.
const SITUATIONS: &str = include_str!("data/situations.sh");

/// What nobody can bring about: a bug, and a machine with newer time zones.
const NOT_SHOWN: [&str; 2] = ["internal", "old-zone-rules"];

/// The most lines of one finding.
const MOST_LINES: usize = 12;

/// The script that comes before each, and the script of each code.
fn situations() -> (&'static str, BTreeMap<&'static str, &'static str>) {
    let mut sections = SITUATIONS.split("\n== ").skip(1).map(|section| section.split_once('\n').unwrap());
    let (name, before) = sections.next().unwrap();
    assert_eq!(name, "before");
    (before, sections.collect())
}

/// What a situation prints.
struct Printed {
    text: String,
    styled: String,
}

/// When each script runs, where it does not say: a Saturday.
const NOW: &str = "2026-11-28 12:00:00";

/// Runs a script of the shell in a folder of its own, with `width` columns, by a clock that stands.
pub(crate) fn run(script: &str, width: usize, styled: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("shop");
    std::fs::create_dir(&here).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_freezegate")).parent().unwrap();
    let mut command = crate::support::clean::command(FAKETIME, &here, &here);
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("FAKETIME_DONT_RESET", "1").env("TZ", "UTC");
    let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path).unwrap().to_owned();
    let path = std::env::join_paths([program.to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    command.env("PATH", path).env("COLUMNS", width.to_string());
    if styled {
        command.env("CLICOLOR_FORCE", "1");
    }
    let output = command.args(["-f", NOW, "sh", "-c", &format!("{{ {script}\n}} 2>&1")]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap().replace(&here.display().to_string(), "/shop");
    // each record has hashes of its own
    text.split_inclusive(|letter: char| !letter.is_ascii_hexdigit()).map(without_hash).collect()
}

/// A word and what ends it, with zeros in place of a SHA-256 digest.
fn without_hash(word: &str) -> String {
    let digits = word.chars().take_while(char::is_ascii_hexdigit).count();
    if digits == 64 { format!("{}{}", "0".repeat(64), word.get(64..).unwrap_or_default()) } else { word.to_owned() }
}

fn printed(before: &str, script: &str, width: usize) -> Printed {
    let script = format!("{before}\n{script}");
    Printed { text: run(&script, width, false), styled: run(&script, width, true) }
}

/// Returns whether a line may be longer than the terminal: it shows a line of a file, or has a word or a command that is copied whole.
fn is_whole(line: &str, width: usize) -> bool {
    let is_excerpt = line.split_once(" | ").is_some_and(|(number, _)| number.trim().parse::<usize>().is_ok());
    // blanks within backticks are no places to break a line
    let within = line.split('`').skip(1).step_by(2).map(|quoted| quoted.chars().count() + 2);
    let longest = line.split(' ').map(|word| word.chars().count()).chain(within).max().unwrap_or(0);
    is_excerpt || longest + 16 > width
}

/// Returns the number of lines of each finding that refuses.
fn lines_of_findings(text: &str) -> Vec<usize> {
    let mut counts = Vec::new();
    let mut is_within = false;
    for line in text.lines() {
        let ends = ["  opens ", "policy edit: ", "judged ", "allowed: "];
        if line.starts_with("refused: ") {
            counts.push(0);
            is_within = true;
        } else if ends.iter().any(|end| line.starts_with(end)) {
            is_within = false;
        }
        if let Some(count) = counts.last_mut().filter(|_| is_within) {
            *count += 1;
        }
    }
    counts
}

#[test]
fn each_code_is_shown() {
    let (_, situations) = situations();
    let mut codes: Vec<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    codes.push("rollback");
    codes.extend(Code::ALL.iter().map(|code| code.as_str()));
    codes.retain(|code| !NOT_SHOWN.contains(code));
    codes.sort_unstable();
    assert_eq!(situations.keys().copied().collect::<Vec<_>>(), codes);
}

#[test]
fn what_each_code_prints_is_read_at_a_glance() {
    let (before, situations) = situations();
    let findings: Vec<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    let mut wrong = Vec::new();
    for (code, script) in situations {
        for width in [60, 100] {
            let Printed { text, styled } = printed(before, script, width);
            let name = match code {
                "rollback" => "  rollback    verified: ".to_owned(),
                _ if findings.contains(&code) => "refused: ".to_owned(),
                _ => format!("[{code}]: "),
            };
            if !text.contains(&name) {
                wrong.push(format!("{code} at {width} is not shown:\n{text}"));
            }
            for line in text.lines().filter(|line| line.chars().count() > width && !is_whole(line, width)) {
                wrong.push(format!("{code} at {width} has a long line: {line}"));
            }
            let lines: Vec<&str> = text.lines().collect();
            for pair in lines.windows(2) {
                let (Some(last), Some(first)) = (pair[0].split(' ').next_back(), pair[1].split_whitespace().next())
                else {
                    continue;
                };
                if times_unbroken(&format!("{last} {first}")).contains(GLUE) {
                    wrong.push(format!("{code} at {width} has a time on two lines: {}\n{}", pair[0], pair[1]));
                }
            }
            for count in lines_of_findings(&text).into_iter().filter(|count| *count > MOST_LINES) {
                wrong.push(format!("{code} at {width} has a finding of {count} lines:\n{text}"));
            }
            let plain = anstream::adapter::strip_str(&styled).to_string();
            if plain != text || styled == text {
                wrong.push(format!("{code} at {width} says something by its styles alone:\n{styled}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An answer with one finding, from its first line to its last: what is closed, until when, why, what to do, and by what it was judged.
#[test]
fn an_answer_with_one_finding_has_at_most_twelve_lines() {
    let (before, situations) = situations();
    let mut counted = 0;
    for code in FindingCode::ALL {
        let text = run(&format!("{before}\n{}", situations.get(code.as_str()).unwrap()), 80, false);
        if text.matches("refused: ").count() == 1 {
            assert!(text.lines().count() <= MOST_LINES, "{}: {} lines\n{text}", code.as_str(), text.lines().count());
            counted += 1;
        }
    }
    // core hours of two regions, and a takeover that is an overlap too, are two findings
    assert_eq!(counted, FindingCode::ALL.len() - 2);
}

#[test]
fn each_finding_is_that_of_its_section() {
    let (before, situations) = situations();
    for code in FindingCode::ALL {
        let script = situations.get(code.as_str()).unwrap().trim_end();
        let text = run(&format!("{before}\n{script} --format json"), 80, false);
        let answer = text.lines().last().unwrap();
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
        let codes: Vec<&str> =
            answer["findings"].as_array().unwrap().iter().filter_map(|one| one["code"].as_str()).collect();
        assert!(codes.contains(&code.as_str()), "{}: {codes:?}", code.as_str());
    }
}
