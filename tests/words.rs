//! The words of the program's texts: none that plain English has a better one for.

#![expect(clippy::unwrap_used, reason = "a test that can't read the sources should fail")]

use std::fs;
use std::path::Path;

use crate::support::texts;

/// One retired word a line, a tab, and what is written in its place.
const RETIRED: &str = include_str!("data/retired-words.txt");

/// Words retired only from what people read: sources have them as names.
const RETIRED_FROM_TEXTS: &[(&str, &str)] = &[
    ("tell", "print, report or say"),
    ("tells", "prints, reports or says"),
    ("lift", "override, or an entry of `[[lifts]]`"),
    ("lifts", "overrides, or entries of `[[lifts]]`"),
    ("lifted", "overridden"),
    ("lifting", "override"),
    ("cannot", "can't"),
    ("altered", "changed"),
];

fn retired() -> impl Iterator<Item = (&'static str, &'static str)> {
    RETIRED.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('\t').unwrap())
}

/// Returns whether a text has a word, in any case, and not as part of a longer one.
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

/// The texts of a Rust source that people read: literals with a blank in them, and in `args` the comments that are helps.
/// Each with the number of its line.
fn texts_of_source(source: &str, has_helps: bool) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut rest = source;
    let number = |rest: &str| {
        source.len().checked_sub(rest.len()).map_or(0, |at| source.get(..at).unwrap().matches('\n').count()) + 1
    };
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let from = rest.get(at..).unwrap();
        let before = rest.get(..at).unwrap();
        let length = if from.starts_with("//") {
            let length = from.find('\n').unwrap_or(from.len());
            if has_helps && from.starts_with("/// ") {
                found.push((number(from), from.get(..length).unwrap().to_owned()));
            }
            length
        } else if from.starts_with('"') {
            let marks = before.len() - before.trim_end_matches('#').len();
            let is_raw = before.trim_end_matches('#').ends_with('r');
            let inner = from.get(1..).unwrap();
            let end = if is_raw {
                inner.find(&format!("\"{}", "#".repeat(marks))).unwrap_or(inner.len())
            } else {
                let mut escaped = false;
                let is_end = |letter: char| {
                    let is_end = letter == '"' && !escaped;
                    escaped = letter == '\\' && !escaped;
                    is_end
                };
                inner.find(is_end).unwrap_or(inner.len())
            };
            let text = inner.get(..end).unwrap();
            if text.contains(' ') {
                found.push((number(from), text.to_owned()));
            }
            end + 2
        } else if from.starts_with("'\"'") {
            3
        } else if from.starts_with("'\\''") || from.starts_with("'\\\"'") {
            4
        } else {
            1
        };
        rest = from.get(length..).unwrap_or_default();
    }
    found
}

/// A text without code, names in braces and tables of a policy.
fn prose(text: &str) -> String {
    let text = text.replace("[[lifts]]", "").replace("\\`", "`");
    let outside = text.split('`').step_by(2).collect::<Vec<_>>().join("`");
    outside
        .split('{')
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once('}').map_or(part, |(_, rest)| rest) })
        .collect()
}

#[test]
fn no_text_for_people_has_a_word_that_only_sources_have() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for file in texts::all(root).unwrap() {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let seen = if name.ends_with(".rs") {
            texts_of_source(&text, name.starts_with("src/cli/args"))
        } else if name.ends_with(".json") {
            let is_text = |line: &&str| line.contains("\"description\": \"");
            (1..).zip(text.lines()).filter(|(_, line)| is_text(line)).map(|(at, line)| (at, line.to_owned())).collect()
        } else {
            (1..).zip(text.lines().map(str::to_owned)).collect()
        };
        for (number, text) in seen {
            let prose = prose(&text);
            // what a digest is made from, not a text for people
            if prose == "lift of hazards" {
                continue;
            }
            let hits = RETIRED_FROM_TEXTS.iter().filter(|(word, _)| has(&prose, word));
            wrong.extend(
                hits.map(|(word, better)| format!("{name}:{number}: `{word}`: write {better}\n  {}", text.trim())),
            );
        }
    }
    assert!(wrong.is_empty(), "{} texts\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn texts_are_found_in_sources() {
    let source = "// \"no text\"\nlet a = \"a \\\"b\\\" c\"; let q = '\"';\n/// Tell it\nfn b() { d(r#\"x \"y\" z\"#, \"one\") }";
    let found = texts_of_source(source, true);
    let expected = [(2, r#"a \"b\" c"#), (3, "/// Tell it"), (4, r#"x "y" z"#)];
    assert_eq!(found, expected.map(|(number, text)| (number, text.to_owned())));
    assert_eq!(prose("who may lift `lifts` of {lifted} [[lifts]]"), "who may lift ` of  ");
}

/// The names of functions of a source, with blanks for `_`.
fn names_of_functions(source: &str) -> impl Iterator<Item = (usize, String)> {
    (1..).zip(source.lines()).filter_map(|(number, line)| {
        let (_, rest) =
            line.trim_start().split_once("fn ").filter(|(before, _)| before.len() < 24 && !before.contains("//"))?;
        Some((number, rest.split(['(', '<']).next()?.replace('_', " ")))
    })
}

#[test]
fn no_name_of_a_function_has_a_phrase_that_is_retired() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        texts::below(&root.join(folder), &[".rs"], &mut files).unwrap();
    }
    let mut wrong = Vec::new();
    for file in files {
        for (number, name) in names_of_functions(&fs::read_to_string(&file).unwrap()) {
            let hits = retired().filter(|(word, _)| has(&name, word));
            let place = file.strip_prefix(root).unwrap().display();
            wrong.extend(hits.map(|(word, better)| format!("{place}:{number}: `{name}`: for `{word}` write {better}")));
        }
    }
    assert!(wrong.is_empty(), "{} names\n{}", wrong.len(), wrong.join("\n"));
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

/// Returns what the sources say is wrong, as they write it: the first text of an error or a warning.
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
