//! Patterns of paths against git's own pathspecs: every small pattern over every small tree.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a sandbox that does not come up is a failed test")]

use std::collections::BTreeSet;
use std::path::Path;

use freezegate::pattern::{Pattern, PatternSet, PatternSubject};

/// All lists of one to `most` of these segments, joined.
fn joined(segments: &[&str], most: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut last = vec![String::new()];
    for _ in 0..most {
        last = last
            .iter()
            .flat_map(|start| {
                segments.iter().map(move |one| format!("{start}{}{one}", if start.is_empty() { "" } else { "/" }))
            })
            .collect();
        all.extend(last.iter().cloned());
    }
    all
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = crate::support::clean::command("git", folder, folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// `:(glob)` reads a pattern as gitignore(5) and CODEOWNERS do, except that a pattern with a wildcard is not a folder too: so a
/// last segment of fixed text is asked for what lies below it as well.
#[test]
fn patterns_match_what_git_matches() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    git(path, &["init", "--quiet"]);
    let blob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    // no file stands in the place of a folder: those end in `.f`
    let paths: Vec<String> = ["", "a/", "b/", "ab/", "a/a/", "a/b/", "b/a/", "a/b/a/", "b/a/b/"]
        .iter()
        .flat_map(|folder| ["a.f", "b.f", "ab.f", "a.b.f"].map(|file| format!("{folder}{file}")))
        .collect();
    for one in &paths {
        git(path, &["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{one}")]);
    }
    let mut count = 0;
    for text in joined(&["a", "b", "ab", "a.f", "*", "a*", "*.f", "*b*", "**"], 3) {
        let Ok(pattern) = Pattern::parse(&text, PatternSubject::Path) else { continue };
        let set = PatternSet::new([&pattern]);
        let ours: BTreeSet<&str> =
            paths.iter().filter(|one| set.any_exactly(one.as_bytes())).map(String::as_str).collect();
        let (spec, below) = (format!(":(glob){text}"), format!(":(glob){text}/**"));
        let mut arguments = vec!["ls-files", "--", spec.as_str()];
        if !text.rsplit('/').next().unwrap().contains('*') {
            arguments.push(&below);
        }
        let said = git(path, &arguments);
        assert_eq!(ours, said.lines().collect(), "{text}");
        count += 1;
    }
    assert!(count > 800, "{count} patterns");
}

/// What `\` takes as it is, git takes so too.
#[test]
fn escaped_characters_match_what_git_matches() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    git(path, &["init", "--quiet"]);
    let blob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    let names = ["[", "]", "*", "?", "{", "}", "!", "#", " ", "\\", "a", "[a]", "a*b", "a?b", "{a}"];
    for name in names {
        git(path, &["update-index", "--add", "--cacheinfo", &format!("100644,{blob},x/{name}.f")]);
    }
    for name in names {
        let escaped: String =
            name.chars().flat_map(|one| if one.is_ascii_alphabetic() { vec![one] } else { vec!['\\', one] }).collect();
        let text = format!("*/{escaped}.f");
        let pattern = Pattern::parse(&text, PatternSubject::Path).unwrap();
        let said = git(path, &["ls-files", "-z", "--", &format!(":(glob){text}")]);
        let found: Vec<&str> = said.split_terminator('\0').collect();
        assert_eq!(found, [format!("x/{name}.f")], "{text}");
        let set = PatternSet::new([&pattern]);
        for other in names {
            assert_eq!(set.any_exactly(format!("x/{other}.f").as_bytes()), other == name, "{text} {other}");
        }
    }
}
