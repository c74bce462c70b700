//! Which module may use which: the picture in the crate's documentation, held true.

#![expect(clippy::unwrap_used, reason = "a test that can't read the sources should fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with those that it may use, the lowest first: data flows one way.
const MAY_USE: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("pattern", &[]),
    ("yaml", &[]),
    ("hex", &[]),
    ("fact", &[]),
    ("route", &["yaml"]),
    ("escape", &["pattern"]),
    ("shell", &["time", "escape"]),
    ("diagnostic", &["escape", "shell", "hex"]),
    ("policy", &["time", "pattern", "diagnostic", "fact"]),
    // these write policies, the one as it goes, the other from names that others chose
    ("stop", &["time", "diagnostic", "policy", "escape", "hex"]),
    ("draft", &["policy", "pattern", "escape", "time"]),
    // what is said of a change is said in the policy's names
    ("change", &["diagnostic", "time", "shell", "yaml", "hex", "fact"]),
    // names of paths are escaped where they enter
    ("reach", &["time", "policy", "fact", "diagnostic", "pattern", "change", "escape"]),
    ("guard", &["policy", "fact", "pattern", "route", "reach", "change", "yaml"]),
    ("decision", &["time", "policy", "diagnostic", "reach"]),
    ("backtest", &["time", "policy", "diagnostic", "reach", "decision"]),
    ("calendar", &["time", "policy", "diagnostic", "reach", "decision"]),
    ("exchange", &["time", "escape", "yaml", "policy", "diagnostic", "reach", "decision", "hex"]),
    ("cases", &["time", "policy", "diagnostic", "change", "reach", "guard", "decision"]),
    // coverage names paths of the repository
    ("lint", &["time", "policy", "diagnostic", "reach", "decision", "pattern", "escape"]),
    ("explain", &["diagnostic", "decision"]),
    // what a grant lifts is said in the words of the decision, which knows nothing of grants
    (
        "proof",
        &[
            "time",
            "pattern",
            "policy",
            "fact",
            "diagnostic",
            "change",
            "reach",
            "decision",
            "shell",
            "escape",
            "stop",
            "hex",
        ],
    ),
    // counts what records hold
    ("audit", &["time", "policy", "proof"]),
    (
        "report",
        &[
            "time",
            "policy",
            "diagnostic",
            "change",
            "reach",
            "decision",
            "pattern",
            "audit",
            "backtest",
            "calendar",
            "cases",
            "lint",
            "explain",
            "proof",
            "shell",
            "escape",
            "route",
            "hex",
        ],
    ),
    // from a question to an answer, whoever asks
    (
        "gate",
        &[
            "time",
            "pattern",
            "escape",
            "shell",
            "diagnostic",
            "policy",
            "fact",
            "change",
            "reach",
            "decision",
            "proof",
            "stop",
            "report",
            "guard",
            "route",
            "hex",
        ],
    ),
    (
        "cli",
        &[
            "time",
            "pattern",
            "escape",
            "shell",
            "diagnostic",
            "policy",
            "fact",
            "stop",
            "draft",
            "change",
            "reach",
            "decision",
            "audit",
            "backtest",
            "calendar",
            "cases",
            "exchange",
            "lint",
            "explain",
            "proof",
            "report",
            "guard",
            "gate",
            "route",
            "hex",
        ],
    ),
];

pub(crate) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The module of a source file: the first part of its path below `src`.
fn module(path: &Path, root: &Path) -> String {
    let first = path.strip_prefix(root).unwrap().components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_use_only_what_lies_before_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let known: BTreeMap<&str, BTreeSet<&str>> =
        MAY_USE.iter().map(|(module, uses)| (*module, uses.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for path in &files {
        let user = module(path, &root);
        if matches!(user.as_str(), "main" | "lib") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for (number, line) in (1..).zip(code) {
            for piece in line.split("crate::").skip(1) {
                let used: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let allowed = known.get(user.as_str()).is_some_and(|uses| uses.contains(used.as_str()));
                seen.insert(user.clone());
                if used != user && !allowed {
                    wrong.push(format!("{}:{number}: `{user}` uses `{used}`", path.display()));
                }
            }
        }
    }
    let modules: BTreeSet<String> = known.keys().map(|name| (*name).to_owned()).collect();
    assert!(
        modules.difference(&seen).all(|name| matches!(name.as_str(), "time" | "pattern" | "yaml" | "hex" | "fact")),
        "{seen:?}"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_edge_reads_the_world() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    // git repositories are read by the module named for it, and the record is kept by its carriers
    let named_for_it = [
        "cli",
        "cli.rs",
        "change/git",
        "proof/record/file",
        "proof/record/file.rs",
        "proof/record/left_out.rs",
        "proof/record/memory.rs",
        "proof/record/sidecar.rs",
        "proof/record/program.rs",
        "proof/record/scratch.rs",
        "proof/shared_text.rs",
        "proof/stops/memory.rs",
    ];
    let named_for_it = named_for_it.map(|path| root.join(path));
    let outside = ["std::env::", "std::fs", "io::stdin", "Timestamp::now", "SystemTime::now", "std::process::Command"];
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| !named_for_it.iter().any(|named| path.starts_with(named))) {
        let text = fs::read_to_string(path).unwrap();
        // unit tests stand below the code
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (number, line) in (1..).zip(code.lines()).filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in outside.iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("{}:{number}: `{word}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The imports of a file, as paths from the root of the crate; whether each is exported again.
fn imports(module: &str, code: &str, files: &BTreeMap<String, String>) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut lines = code.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some((begun, is_exported)) = use_statement(line) else {
            continue;
        };
        let mut statement = begun.to_owned();
        while !statement.ends_with(';') {
            statement.push_str(lines.next().unwrap());
        }
        let mut paths = Vec::new();
        each_path("", statement.trim_end_matches(';'), &mut paths);
        found.extend(paths.into_iter().filter_map(|path| Some((from_root(module, &path, files)?, is_exported))));
    }
    found
}

/// What a line imports, if it begins a `use`, and whether that is exported again.
fn use_statement(line: &str) -> Option<(&str, bool)> {
    if let Some(begun) = line.strip_prefix("use ") {
        return Some((begun, false));
    }
    let (seen_by, begun) = line.split_once("use ")?;
    let is_exported = seen_by == "pub " || (seen_by.starts_with("pub(") && seen_by.ends_with(") "));
    is_exported.then_some((begun, true))
}

/// The code without its imports, the names of its children, and who sees what.
fn body(code: &str) -> String {
    let mut body = String::new();
    let mut lines = code.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if use_statement(line).is_some() {
            let mut end = line;
            while !end.ends_with(';') {
                end = lines.next().unwrap();
            }
        } else if !(line.ends_with(';') && line.split(' ').any(|word| word == "mod")) {
            let mut seen_by = line.split("pub(in ");
            body.push_str(seen_by.next().unwrap());
            seen_by.for_each(|rest| body.push_str(rest.split_once(')').unwrap().1));
            body.push('\n');
        }
    }
    body
}

/// A path as it is from the root of the crate; `None` for one into another crate.
fn from_root(module: &str, path: &str, files: &BTreeMap<String, String>) -> Option<String> {
    if let Some(path) = path.strip_prefix("crate::") {
        return Some(path.to_owned());
    }
    let mut at: Vec<&str> = module.split("::").collect();
    let mut rest = path;
    if let Some(below) = rest.strip_prefix("self::") {
        return Some(format!("{module}::{below}"));
    }
    while let Some(above) = rest.strip_prefix("super::") {
        at.pop();
        rest = above;
    }
    let child = path.split("::").next().map(|first| format!("{module}::{first}"));
    if child.is_some_and(|child| files.contains_key(&child)) {
        return Some(format!("{module}::{path}"));
    }
    (rest.len() < path.len()).then(|| at.into_iter().chain([rest]).collect::<Vec<_>>().join("::"))
}

/// Takes `a::{b, c::{d}}` apart.
fn each_path(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((before, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap();
        paths.push(format!("{prefix}{}", path.trim_end_matches("::self")).trim_end_matches("::").to_owned());
        return;
    };
    let prefix = format!("{prefix}{before}");
    let (mut depth, mut begin) = (0_usize, 0_usize);
    let inner = group.strip_suffix('}').unwrap_or(group);
    for (at, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                each_path(&prefix, inner.get(begin..at).unwrap(), paths);
                begin = at + 1;
            }
            _ => {}
        }
    }
    let last = inner.get(begin..).unwrap().trim();
    if last == "self" {
        paths.push(prefix.trim_end_matches("::").to_owned());
    } else if !last.is_empty() {
        each_path(&prefix, last, paths);
    }
}

/// The files, each with those that it uses, by their paths below the crate.
fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    let name = |path: &Path| path.strip_prefix(&root).unwrap().with_extension("").to_str().unwrap().replace('/', "::");
    let code = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        // unit tests stand below the code
        let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let all: BTreeMap<String, String> = paths.iter().map(|path| (name(path), code(path))).collect();
    let mut exported = BTreeMap::new();
    for (module, text) in &all {
        for (path, _) in imports(module, text, &all).into_iter().filter(|(_, is_exported)| *is_exported) {
            let last = path.rsplit("::").next().unwrap();
            exported.insert(format!("{module}::{last}"), path);
        }
    }
    let file = |path: &str| -> Option<String> {
        let mut path = path;
        while !all.contains_key(path) {
            path = match exported.get(path) {
                Some(exported) => exported,
                None => path.rsplit_once("::")?.0,
            };
        }
        Some(path.to_owned())
    };
    let used = |module: &str, text: &str| -> BTreeSet<String> {
        let body = body(text);
        let is_of_path = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
        let written = body.split(|letter| !is_of_path(letter)).map(|path| path.trim_end_matches(':'));
        let written: BTreeSet<&str> = written.filter(|path| !path.is_empty()).collect();
        let names: BTreeSet<&str> = written.iter().flat_map(|path| path.split("::")).collect();
        // what a file only exports it does not use
        let is_used = |path: &str| names.contains(path.rsplit("::").next().unwrap());
        let imported = imports(module, text, &all).into_iter();
        let imported = imported.filter(|(path, is_exported)| !is_exported || is_used(path)).map(|(path, _)| path);
        let in_code = written.iter().filter(|path| path.contains("::"));
        let in_code = in_code.filter_map(|path| from_root(module, path, &all));
        imported.chain(in_code).filter_map(|path| file(&path)).filter(|found| found != module).collect()
    };
    all.iter().map(|(module, text)| (module.clone(), used(module, text))).collect()
}

/// Such files can't be read one after the other.
#[test]
fn no_files_use_one_another_in_a_circle() {
    let mut circles = BTreeSet::new();
    let uses = graph();
    for module in uses.keys() {
        let (mut waiting, mut reached) = (vec![module.as_str()], BTreeSet::new());
        while let Some(next) = waiting.pop() {
            for used in uses.get(next).into_iter().flatten() {
                if reached.insert(used.as_str()) {
                    waiting.push(used);
                }
            }
        }
        if reached.contains(module.as_str()) {
            circles.insert(module.clone());
        }
    }
    assert!(circles.is_empty(), "these use one another in a circle: {circles:?}");
}

/// The stages that `src/gate.rs` tells of hold.
#[test]
fn no_file_of_the_gate_uses_one_of_a_later_stage() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gate.rs")).unwrap();
    let mut stages: BTreeMap<String, usize> = BTreeMap::new();
    let mut number = 0;
    for line in text.lines().filter_map(|line| line.strip_prefix("//! ")) {
        number = line.split_once(". ").and_then(|(digits, _)| digits.parse().ok()).unwrap_or(number);
        for name in line.split('`').skip(1).step_by(2).filter(|_| number > 0) {
            assert_eq!(stages.insert(name.to_owned(), number), None, "`{name}` has one stage");
        }
    }
    let stage = |module: &str| -> Option<usize> {
        let name = module.strip_prefix("gate::")?.split("::").next()?;
        Some(*stages.get(name).unwrap_or_else(|| panic!("`src/gate.rs` says no stage of `{name}`")))
    };
    let mut seen = BTreeSet::new();
    for (module, uses) in graph() {
        let Some(own) = stage(&module) else {
            continue;
        };
        seen.insert(own);
        for used in uses {
            assert!(stage(&used).is_none_or(|other| other <= own), "{module} of stage {own} uses {used}");
        }
    }
    assert_eq!(seen.len(), 9);
}
