//! What a rollback is in every way of use: pushes, one after the other, each at its own instant.

use std::fs;

/// `[rollback] within` is left out: 72 h.
pub(crate) const POLICY: &str = r#"version = 1
[regions.eu]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["deploy/{environment}/**"]
"#;

/// One push: when, what the files of `deploy/production` are, one letter each for `a`, `b` and `c`, and how it ends.
pub(crate) struct Push {
    pub(crate) at: &'static str,
    pub(crate) files: &'static str,
    /// A file besides.
    pub(crate) also: Option<(&'static str, &'static str)>,
    /// `None`: it passes; else a part of what the row `rollback` says.
    pub(crate) missing: Option<&'static str>,
}

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) pushes: &'static [Push],
    /// What is missing for the last push where the environment is declared, so that the whole tree has to go back.
    pub(crate) of_the_whole_tree: Option<&'static str>,
}

const fn passes(at: &'static str, files: &'static str) -> Push {
    Push { at, files, also: None, missing: None }
}

const fn refused(at: &'static str, files: &'static str, missing: &'static str) -> Push {
    Push { at, files, also: None, missing: Some(missing) }
}

const fn with(also: (&'static str, &'static str), push: Push) -> Push {
    Push { also: Some(also), ..push }
}

/// Sundays and weekday evenings are open, Mondays by day are not.
const NOON: &str = "2025-07-13 12:00:00";
const LATER: &str = "2025-07-13 12:10:00";
const AT_LAST: &str = "2025-07-13 12:20:00";
const MONDAY: &str = "2025-07-14 10:00:00";
const MONDAY_TOO: &str = "2025-07-14 10:10:00";

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "the last change is undone",
        pushes: &[passes(NOON, "11"), passes(LATER, "21"), passes(MONDAY, "11")],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "the last change is undone, and other places moved on since",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "21"),
            with(("README.md", "new"), passes(AT_LAST, "21")),
            passes(MONDAY, "11"),
        ],
        of_the_whole_tree: Some("the state before, at `README.md`"),
    },
    Scenario {
        name: "one of several is undone",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "21"),
            passes(AT_LAST, "22"),
            refused(MONDAY, "12", "the state before, at `deploy/production/"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "several are undone",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "21"),
            passes(AT_LAST, "22"),
            refused(MONDAY, "11", "the state before, at `deploy/production/a`"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "an undo and a new change",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "21"),
            refused(MONDAY, "13", "the state before, at `deploy/production/b`"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "an undo and a new file",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "21"),
            refused(MONDAY, "113", "the state before, at `deploy/production/c`"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "an undo of an undo",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "21"),
            passes(MONDAY, "11"),
            refused(MONDAY_TOO, "21", "was itself rolled back from"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "a change is allowed and taken back in the open, to go out as a rollback when it is closed",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "21"),
            passes(AT_LAST, "11"),
            refused(MONDAY, "21", "was itself rolled back from"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "the same, taken back in part",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "22"),
            passes(AT_LAST, "12"),
            refused(MONDAY, "22", "was itself rolled back from, at `deploy/production/a`"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "in the last second of 72 hours",
        pushes: &[passes(NOON, "11"), passes(LATER, "21"), passes("2025-07-16 12:10:00", "11")],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "after 72 hours",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "21"),
            refused("2025-07-16 12:10:01", "11", "was replaced 3 d 1 h ago; `[rollback] within` is 3 d"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "a state that stood for weeks, replaced yesterday",
        pushes: &[passes("2025-06-15 12:00:00", "11"), passes(NOON, "21"), passes(MONDAY, "11")],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "a state that was never allowed",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "21"),
            refused(MONDAY, "31", "it differs from"),
            refused(MONDAY_TOO, "31", "it differs from"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "what was refused, and what takes that back, are no rollback together",
        pushes: &[
            passes(NOON, "11"),
            passes(LATER, "21"),
            refused(MONDAY, "31", "it differs from"),
            // back to the current state, and with it the state before: that is the rollback, and the only one
            passes(MONDAY_TOO, "11"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "a rollback that touches the policy",
        pushes: &[
            passes(NOON, "11"),
            with(("freezegate.toml", "# a remark"), passes(LATER, "21")),
            with(("freezegate.toml", ""), passes(MONDAY, "11")),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "a rollback that leaves the policy as it is now",
        pushes: &[
            passes(NOON, "11"),
            with(("freezegate.toml", "# a remark"), passes(LATER, "21")),
            passes(MONDAY, "11"),
        ],
        of_the_whole_tree: Some("the state before, at `freezegate.toml`"),
    },
    Scenario {
        name: "another environment's tree",
        pushes: &[
            with(("deploy/staging/a", "3"), passes(NOON, "11")),
            with(("deploy/staging/a", "4"), passes(LATER, "21")),
            refused(MONDAY, "31", "it differs from"),
        ],
        of_the_whole_tree: None,
    },
    Scenario {
        name: "back in one environment, forward in another",
        pushes: &[
            with(("deploy/staging/a", "3"), passes(NOON, "11")),
            with(("deploy/staging/a", "4"), passes(LATER, "21")),
            with(("deploy/staging/a", "5"), refused(MONDAY, "11", "a part of the change goes back, another does not")),
        ],
        of_the_whole_tree: Some("the state before, at `deploy/staging/a`"),
    },
    Scenario {
        name: "back in both",
        pushes: &[
            with(("deploy/staging/a", "3"), passes(NOON, "11")),
            with(("deploy/staging/a", "4"), passes(LATER, "21")),
            with(("deploy/staging/a", "3"), passes(MONDAY, "11")),
        ],
        of_the_whole_tree: None,
    },
];

/// The files of a push, each with its content; none removes.
pub(crate) fn files(push: &Push) -> Vec<(String, Option<String>)> {
    let letters: Vec<char> = push.files.chars().collect();
    let mut files: Vec<(String, Option<String>)> = ["a", "b", "c"]
        .iter()
        .enumerate()
        .map(|(index, name)| (format!("deploy/production/{name}"), letters.get(index).map(char::to_string)))
        .collect();
    files.extend(push.also.map(|(path, text)| {
        let text = if path == "freezegate.toml" { format!("{POLICY}{text}") } else { text.to_owned() };
        (path.to_owned(), Some(text))
    }));
    files
}

/// Writes files below a folder.
pub(crate) fn write(folder: &std::path::Path, files: &[(String, Option<String>)]) {
    for (path, text) in files {
        let whole = folder.join(path);
        fs::create_dir_all(whole.parent().unwrap()).unwrap();
        match text {
            Some(text) => fs::write(whole, text).unwrap(),
            None if whole.exists() => fs::remove_file(whole).unwrap(),
            None => {}
        }
    }
}

/// Returns what is said, in one line.
pub(crate) fn words(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches("remote: "));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}
