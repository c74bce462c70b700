//! Runs a script, and holds what it printed.

use std::path::Path;
use std::time::Duration;

use crate::support::clean::command;
use crate::support::clock::FAKETIME;

/// What a script printed, standard error included.
pub(crate) struct Transcript {
    name: String,
    text: String,
}

impl Transcript {
    /// Runs `scripts/NAME` with the variables `set`, in a folder of its own.
    pub(crate) fn of(name: &str, set: &[(&str, &str)]) -> Self {
        Self::with_arguments(name, &[], set)
    }

    /// Runs `scripts/NAME ARGUMENTS` with the variables `set`, in a folder of its own.
    pub(crate) fn with_arguments(name: &str, arguments: &[&str], set: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks/scripts").join(name);
        let interpreter = if name.ends_with(".py") { "python3" } else { "bash" };
        let log = folder.path().join("log");
        let file = std::fs::File::create(&log).unwrap();
        let root = folder.path().join("root");
        std::fs::create_dir(&root).unwrap();
        let mut run = command("timeout", folder.path(), folder.path());
        let machine = run.get_envs().find_map(|(variable, value)| value.filter(|_| variable == "PATH")).unwrap();
        let tools = Path::new(FAKETIME).parent().unwrap().to_owned();
        let path = std::env::join_paths([tools].into_iter().chain(std::env::split_paths(machine))).unwrap();
        let status = run
            .env("PATH", path)
            .arg(Duration::from_secs(600).as_secs().to_string())
            .arg(interpreter)
            .arg(&script)
            .args(arguments)
            .env("FG", env!("CARGO_BIN_EXE_freezegate"))
            .env("ROOT", &root)
            .envs(set.iter().copied())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .status()
            .unwrap();
        let text = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
        assert_ne!(status.code(), Some(124), "{name} does not end:\n{text}");
        Self { name: name.to_owned(), text }
    }

    /// The part that begins with the line `=== TITLE…`, up to the next such line.
    pub(crate) fn part(&self, title: &str) -> &str {
        let begin = format!("=== {title}");
        let start =
            self.text.find(&begin).unwrap_or_else(|| panic!("{} has no part `{title}`:\n{}", self.name, self.text));
        let (_, rest) = self.text.split_at(start + begin.len());
        rest.split("\n=== ").next().unwrap_or(rest)
    }

    /// Asserts that a part holds each of `expected`.
    #[track_caller]
    pub(crate) fn says(&self, title: &str, expected: &[&str]) {
        let part = self.part(title);
        // lines are broken where they fit
        let words = part.split_whitespace().filter(|word| *word != "remote:").collect::<Vec<_>>().join(" ");
        for text in expected {
            assert!(
                part.contains(text) || words.contains(text),
                "{}: `{title}` does not say `{text}`:\n{part}",
                self.name
            );
        }
    }

    /// Asserts that nothing printed holds any of `unexpected`.
    #[track_caller]
    pub(crate) fn never_says(&self, unexpected: &[&str]) {
        for text in unexpected {
            assert!(!self.text.contains(text), "{} says `{text}`:\n{}", self.name, self.text);
        }
    }

    /// All that was printed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// The exit statuses of the pushes and jobs that a part of a transcript tells of, in order.
pub(crate) fn statuses(part: &str) -> Vec<&str> {
    part.lines()
        .filter_map(|line| line.strip_prefix("[git push exit ").or_else(|| line.strip_prefix("[exit ")))
        .filter_map(|rest| rest.strip_suffix(']'))
        .collect()
}

/// Asserts that a script has these cases, in this order, and with which exit statuses the pushes and jobs of each ended.
#[track_caller]
pub(crate) fn cases_end_with(said: &str, expected: &[(&str, &[&str])]) {
    let cases: Vec<&str> = said.split("\n=== ").skip(1).collect();
    assert_eq!(cases.len(), expected.len(), "{said}");
    for (case, (name, expected)) in cases.iter().zip(expected) {
        assert!(case.starts_with(name), "{name}: {case}");
        assert_eq!(statuses(case), *expected, "{case}");
    }
}
