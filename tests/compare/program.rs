//! Bad input, as the program answers it: `lint --against` of two files.

use std::process::Command;

use tempfile::TempDir;

use crate::compare::lifting::roster_line;

/// The exit status of `lint --policy new.toml --against old.toml --deny-opening`, and what it prints.
fn lint(files: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        std::fs::write(folder.path().join(path), text).unwrap();
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_freezegate"));
    program.args(["lint", "--policy", "new.toml", "--against", "old.toml", "--deny-opening"]);
    program.args(["--at", "2027-01-01T00:00:00Z"]);
    let output = program.env_clear().env("COLUMNS", "1000").current_dir(folder.path()).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    // lines are broken at the width of the terminal
    (output.status.code(), text.split_whitespace().collect::<Vec<_>>().join(" "))
}

const SMALL: &str =
    "version = 1\n[environments.e]\n[[freezes]]\nname = \"f\"\nhours = [\"Sat 00:00-24:00\"]\ntimezone = \"UTC\"\n";

#[test]
fn a_policy_of_a_million_lines_is_refused_for_its_size() {
    let large = format!("{SMALL}{}", "# a line of a comment\n".repeat(1_000_000));
    for files in [[("new.toml", large.as_str()), ("old.toml", SMALL)], [("new.toml", SMALL), ("old.toml", &large)]] {
        let (status, text) = lint(&files);
        assert_eq!(status, Some(2), "{text}");
        assert!(text.contains(".toml` is larger than 8 MiB"), "{text}");
        assert!(text.contains("split it into files with `include`"), "{text}");
    }
    let short = format!("{SMALL}{}", "#\n".repeat(1_000_000));
    let (status, text) = lint(&[("new.toml", &short), ("old.toml", SMALL)]);
    // nothing can lift what is hard: lint warns of it
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("opens nothing compared with the file `old.toml`"), "{text}");
}

/// Each file includes two others.
#[test]
fn an_include_that_grows_is_refused() {
    let include = |number: usize| format!("include = [\"f{}.toml\", \"f{}.toml\"]\n", 2 * number + 1, 2 * number + 2);
    let mut files = vec![("old.toml".to_owned(), SMALL.to_owned())];
    files.push(("new.toml".to_owned(), SMALL.replacen('\n', &format!("\n{}", include(0)), 1)));
    files.extend((1..600).map(|number| (format!("f{number}.toml"), format!("version = 1\n{}", include(number)))));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (status, text) = lint(&files);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("more than 256 policy files") && text.contains("include fewer"), "{text}");
}

#[test]
fn two_policies_that_share_nothing_open_what_one_closes() {
    let other = "version = 1\n[environments.other]\n";
    let (status, text) = lint(&[("new.toml", other), ("old.toml", SMALL)]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("opens 1 thing") && text.contains("the name `e` is removed"), "{text}");
}

#[test]
fn a_change_of_ten_thousand_keys_is_one_line() {
    let roster =
        |first: u32| (first..first + 10_000).map(|n| roster_line(&format!("p{n}@example.com"), n)).collect::<String>();
    let policy = |path: &str| {
        format!("{SMALL}[approvers]\nallowed_signers = \"{path}\"\n[[lifts]]\nlevel = \"hard\"\nsigned = [\"any\"]\n")
    };
    let (old, new) = (policy("old.keys"), policy("new.keys"));
    let (old_keys, new_keys) = (roster(0), roster(5_000));
    let (status, text) =
        lint(&[("old.toml", &old), ("new.toml", &new), ("old.keys", &old_keys), ("new.keys", &new_keys)]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("opens 1 thing") && text.contains("9996 others in the roster"), "{text}");
}
