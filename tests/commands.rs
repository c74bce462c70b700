//! Targets of commands: what they match, and how edits of them are compared.

#![expect(clippy::unwrap_used, reason = "a test that can't read its policy should fail")]

use freezegate::change::CommandLine;
use freezegate::pattern::{Pattern, PatternSet, command_text, told_command};
use freezegate::policy::compare::{ComparisonOptions, compare};
use freezegate::reach::{RefSide, Shown, TargetMatcher};
use freezegate::time::instant::Instant;

use crate::policies::files::Memory;

fn is_match(pattern: &[&str], words: &[&str]) -> bool {
    let pattern = Pattern::of_command(pattern).unwrap();
    PatternSet::new([&pattern]).any_exactly(&command_text(words.iter().map(|word| word.as_bytes())))
}

#[test]
fn patterns_are_compared_argument_by_argument() {
    for (pattern, matching, others) in [
        (&["a"][..], &[&["a"][..]][..], &[&["a", "b"][..], &["a", ""], &["A"], &["a b"], &["x/a"]][..]),
        (&["a", "*"], &[&["a", "b"], &["a", "b/c"], &["a", ""], &["a", "-x"]], &[&["a"], &["a", "b", "c"]]),
        (&["a", "**"], &[&["a"], &["a", "b"], &["a", "", "b/c"]], &[&["b"], &["a/b"], &["ab"]]),
        (&["**"], &[&["a"], &["a", "b"], &["", ""]], &[]),
        (&["a", "**", "b"], &[&["a", "b"], &["a", "x", "", "b"]], &[&["a"], &["a", "b", "c"], &["a", "xb"]]),
        (&["/bin/a", "x=*/y"], &[&["/bin/a", "x=1/2/y"]], &[&["/bin", "a", "x=1/y"], &["/bin/a", "x=1", "y"]]),
        (&["a", "."], &[&["a", "."]], &[&["a", ".."]]),
        (&["a", r"\*"], &[&["a", "*"]], &[&["a", "b"]]),
    ] {
        for words in matching {
            assert!(is_match(pattern, words), "{pattern:?} {words:?}");
        }
        for words in others {
            assert!(!is_match(pattern, words), "{pattern:?} {words:?}");
        }
    }
}

#[test]
fn a_text_of_a_command_is_told_with_blanks() {
    let text = command_text([&b"/bin/a"[..], b"b/c"]);
    assert_eq!(told_command(&text), b"/bin/a b/c");
}

fn policy(targets: &str) -> freezegate::policy::Policy {
    let head = "version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n";
    Memory::one(format!("{head}[environments.production]\n[environments.staging]\n{targets}")).load().unwrap()
}

fn target(command: &str) -> String {
    format!("[[targets]]\ncommand = {command}\nenvironment = \"production\"\n")
}

#[test]
fn no_ref_and_no_path_is_a_target_of_commands() {
    let policy = policy(&target("[\"**\"]"));
    let matcher = TargetMatcher::new(&policy);
    let named = RefSide::Named { name: b"refs/heads/main", default_branch: Some(true) };
    for side in [RefSide::Unknown, named] {
        let of_ref = matcher.of_ref(side).unwrap();
        let mut shown = Shown::default();
        of_ref.alone(&mut shown).unwrap();
        of_ref.path(b"deploy/production/a.yaml", &mut shown).unwrap();
        of_ref.any_path("any path", &mut shown);
        assert!(!of_ref.is_judged());
        assert!(!of_ref.wants_paths());
        assert!(shown.hits.is_empty(), "{:?}", shown.hits);
    }
    let mut shown = Shown::default();
    matcher.command([&[b"reboot".to_vec()][..]], "reboot", &mut shown).unwrap();
    assert_eq!(shown.environment_names(), ["production"]);
}

#[test]
fn a_program_of_windows_matches_without_its_ending() {
    let policy = policy(&target("[\"reboot\", \"**\"]"));
    let matcher = TargetMatcher::new(&policy);
    let reaches = |program: &str, path: &str| {
        let words = [program, "now"].map(|word| word.as_bytes().to_vec()).to_vec();
        let command = CommandLine { program: path.as_bytes().to_vec(), words, facts: None };
        let readings = command.readings();
        let mut shown = Shown::default();
        matcher.command(readings.readings.iter().map(Vec::as_slice), "reboot", &mut shown).unwrap();
        shown.environment_names() == ["production"]
    };
    for (program, path, expected) in [
        ("reboot", "/bin/reboot", true),
        ("reboot.exe", "/bin/reboot.exe", true),
        ("./bin/reboot.EXE", "/srv/bin/reboot.EXE", true),
        // called without it, and found with it
        ("reboot", "/bin/reboot.exe", true),
        ("reboot.exe.exe", "/bin/reboot.exe.exe", false),
        ("reboot.ex", "/bin/reboot.ex", false),
        ("exe", "/bin/exe", false),
    ] {
        assert_eq!(reaches(program, path), expected, "{program}");
    }
}

#[test]
fn an_edit_that_narrows_a_command_opens() {
    let wide = target(r#"["reboot-fleet", "**"]"#);
    let region = target(r#"["reboot-fleet", "--pod=*", "**"]"#);
    for (old, new, opens) in [
        (wide.clone(), wide.clone(), false),
        (wide.clone(), String::new(), true),
        (wide.clone(), region.clone(), true),
        (region.clone(), wide.clone(), false),
        (wide.clone(), target(r#"["**"]"#), false),
        (target(r#"["a/b"]"#), target(r#"["a", "b"]"#), true),
        (target(r#"["a", "b"]"#), target(r#"["a/b"]"#), true),
        (target(r#"["a", "**"]"#), target(r#"["a", "*"]"#), true),
        (target(r#"["a", "**"]"#), target(r#"["a"]"#) + &target(r#"["a", "*", "**"]"#), false),
        // paths keep no command, and commands no path
        (wide.clone(), "[[targets]]\npaths = [\"**\"]\nenvironment = \"production\"\n".to_owned(), true),
        ("[[targets]]\npaths = [\"**\"]\nenvironment = \"production\"\n".to_owned(), target(r#"["**"]"#), true),
        ("[[targets]]\nrefs = [\"refs/**\"]\nenvironment = \"production\"\n".to_owned(), target(r#"["**"]"#), true),
        (wide.clone(), wide.replace("production", "staging"), true),
        (wide.clone(), region + &wide, false),
    ] {
        let found = compare(&policy(&old), &policy(&new), &ComparisonOptions::at(Instant::from_second(0))).openings;
        assert_eq!(!found.is_empty(), opens, "{old} to {new}: {found:?}");
    }
}
