//! The words of the program's texts: none that plain English has a better one for.

#![expect(clippy::unwrap_used, reason = "a test that can't read the sources should fail")]

use std::fs;
use std::path::{Path, PathBuf};

/// One retired word a line, a tab, and what is written in its place.
const RETIRED: &str = include_str!("data/retired-words.txt");

fn retired() -> impl Iterator<Item = (&'static str, &'static str)> {
    RETIRED.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('\t').unwrap())
}

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

/// Whether a text has a word, in any case, and not as part of a longer one.
fn has(text: &str, word: &str) -> bool {
    let lower = text.to_lowercase();
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    lower.match_indices(word).any(|(start, _)| {
        let (before, rest) = lower.split_at(start);
        !is_part(before.chars().next_back()) && !is_part(rest.get(word.len()..).and_then(|rest| rest.chars().next()))
    })
}

#[test]
fn no_text_has_a_word_that_is_retired() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = vec![root.join("README.md"), root.join("CONTRIBUTING.md"), root.join("action.yml")];
    files(&root.join("src"), &[".rs", ".json"], &mut all);
    files(&root.join("docs"), &[".md"], &mut all);
    files(&root.join("policies"), &[".toml"], &mut all);
    files(&root.join(".github"), &[".md", ".yml", "Jenkinsfile"], &mut all);
    let mut wrong = Vec::new();
    for file in all {
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            for (word, better) in retired().filter(|(word, _)| has(line, word)) {
                let place = file.strip_prefix(root).unwrap().display();
                wrong.push(format!("{place}:{number}: `{word}`: write {better}\n  {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} lines\n{}", wrong.len(), wrong.join("\n"));
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
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[".rs"], &mut all);
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
