//! The words of the program's texts: none that plain English has a better one for.

#![expect(clippy::unwrap_used, reason = "a test that can't read the sources should fail")]

use std::fs;
use std::path::Path;

use crate::support::texts;

/// One retired word a line, a tab, and what is written in its place.
const RETIRED: &str = include_str!("data/retired-words.txt");

fn retired() -> impl Iterator<Item = (&'static str, &'static str)> {
    RETIRED.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('\t').unwrap())
}

/// Whether a text has a word, in any case, and not as part of a longer one.
fn has(text: &str, word: &str) -> bool {
    let lower = text.to_lowercase();
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    lower.match_indices(word).any(|(start, _)| {
        let (before, rest) = lower.split_at(start);
        !is_part(before.chars().next_back()) && !is_part(rest.get(word.len()..).and_then(|rest| rest.chars().next()))
    })
}

/// A line without the marks of a comment, a list, a table or a literal that goes on.
fn bare(line: &str) -> &str {
    let line = line.trim().trim_end_matches('\\').trim_end();
    let marks = ["//!", "///", "//", "#", "- ", "* ", "> "];
    marks.iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line).trim_start()
}

/// The places of retired words, by the number of their line, and what to write: also of those that a line ends in the middle of.
fn wrong_words(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut wrong = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let next = lines.get(index + 1).map_or("", |line| bare(line));
        let both = format!("{} {next}", bare(line));
        for (word, better) in retired() {
            let is_over_the_end = !next.is_empty() && has(&both, word) && !has(next, word);
            if has(line, word) || is_over_the_end {
                wrong.push((index + 1, word, better));
            }
        }
    }
    wrong
}

#[test]
fn no_text_has_a_word_that_is_retired() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for file in texts::all(root).unwrap() {
        let text = fs::read_to_string(&file).unwrap();
        for (number, word, better) in wrong_words(&text) {
            let (place, line) = (file.strip_prefix(root).unwrap().display(), text.lines().nth(number - 1).unwrap());
            wrong.push(format!("{place}:{number}: `{word}`: write {better}\n  {}", line.trim()));
        }
    }
    assert!(wrong.is_empty(), "{} lines\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn words_are_found_over_the_ends_of_lines() {
    for (text, numbers) in [
        ("it is let\nthrough", &[1][..]),
        ("    /// it is let\n    /// through\n", &[1]),
        ("\"it is let \\\n   through\"", &[1]),
        ("it is\nlet through", &[2]),
        ("let through\nlet through", &[1, 2]),
        ("let\n\nthrough", &[]),
    ] {
        let found: Vec<usize> = wrong_words(text).into_iter().map(|(number, ..)| number).collect();
        assert_eq!(found, numbers, "{text}");
    }
}

/// What the sources say is wrong, as they write it: the first text of an error or a warning.
fn causes(source: &str) -> Vec<String> {
    // a literal that goes on in the next line
    let mut text = String::with_capacity(source.len());
    for line in source.lines() {
        match line.strip_suffix('\\') {
            Some(line) => text.push_str(if text.ends_with(' ') { line.trim_start() } else { line }),
            None => text.push_str(&format!("{}\n", if text.ends_with(' ') { line.trim_start() } else { line })),
        }
    }
    let starts = ["Diagnostic::error(", "Diagnostic::warning(", "let cause = "];
    let after = starts.iter().flat_map(|start| text.match_indices(start));
    let literal = |(at, start): (usize, &str)| {
        let rest = text.get(at + start.len()..)?;
        let (before, rest) = rest.split_once('"')?;
        let is_call = before.split(['(', ',']).map(str::trim).all(|word| {
            word.is_empty() || word == "format!" || word.strip_prefix("Code::").is_some_and(|code| !code.contains(' '))
        });
        let mut escaped = false;
        let end = rest.find(|letter| {
            let is_end = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            is_end
        })?;
        is_call.then(|| rest.split_at(end).0.replace("\\\"", "\""))
    };
    after.filter_map(literal).collect()
}

#[test]
fn each_error_says_in_one_line_what_is_wrong() {
    let mut all = Vec::new();
    texts::below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[".rs"], &mut all).unwrap();
    let found: Vec<String> = all.iter().flat_map(|file| causes(&fs::read_to_string(file).unwrap())).collect();
    assert!(found.len() > 150, "{}", found.len());
    let long: Vec<_> = found.iter().filter(|cause| cause.chars().count() > 80).collect();
    assert!(long.is_empty(), "{} of {}: {long:#?}", long.len(), found.len());
}

#[test]
fn causes_are_found_where_sources_write_them() {
    for (source, cause) in [
        ("Diagnostic::error(Code::NoPolicy, \"no `a` \\\"b\\\" is\").help(\"c\")", "no `a` \"b\" is"),
        ("Diagnostic::error(\n    Code::NoPolicy,\n    \"there is \\\n     none\",\n)", "there is none"),
        ("let cause = format!(\"{a} of {b}\");", "{a} of {b}"),
    ] {
        assert_eq!(causes(source), [cause], "{source}");
    }
    assert!(causes("Diagnostic::error(code, cause).help(\"no\")").is_empty());
}

#[test]
fn words_are_found_in_any_case_and_not_within_others() {
    for (text, word, is_there) in [
        ("Mend it", "mend", true),
        ("it is let through, once", "let through", true),
        ("we recommend it", "mend", false),
        ("amend_it", "mend", false),
        ("the outlet through it", "let through", false),
    ] {
        assert_eq!(has(text, word), is_there, "{text}: {word}");
    }
}
