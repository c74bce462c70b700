//! The manual as a book: what mdBook reads of it, and limits that the program has.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a page that can't be read should fail the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::texts;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every row of a page's tables: its first cell and its limit, in the order of the page. Heads are no rows.
fn rows(page: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = page.lines().collect();
    let is_rule = |line: Option<&&str>| line.is_some_and(|line| line.starts_with("|---"));
    let body = lines
        .iter()
        .enumerate()
        .filter(|(number, line)| line.starts_with('|') && !is_rule(Some(*line)) && !is_rule(lines.get(number + 1)));
    body.map(|(_, line)| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [what, limit] = cells.as_slice() else { panic!("{line}") };
        ((*what).to_owned(), (*limit).to_owned())
    })
    .collect()
}

/// The numbers of a cell in order, each in bytes, seconds or as it is.
fn numbers(cell: &str) -> Vec<i64> {
    let words: Vec<&str> = cell.split([' ', ';']).filter(|word| !word.is_empty()).collect();
    let mut found = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let Ok(number) = word.trim_end_matches(',').replace(',', "").parse::<i64>() else {
            continue;
        };
        let unit = match words.get(place + 1).map(|word| word.trim_end_matches(',')) {
            Some("KiB") => 1 << 10,
            Some("MiB") => 1 << 20,
            Some("min") => 60,
            Some("days") => 24 * 3600,
            // four of which have 1,461 days
            Some("years") => 1461 * 24 * 3600 / 4,
            Some(_) | None => 1,
        };
        found.push(number * unit);
    }
    found
}

/// The numbers that a source writes behind `before`, of an expression or a list of them.
fn written(file: &str, before: &str) -> Vec<i64> {
    let source = read(file);
    let found: Vec<&str> = source.split(before).skip(1).collect();
    let [rest] = found.as_slice() else { panic!("{file}: `{before}` is there {} times", found.len()) };
    let (unit, rest) = match rest.split_once('(') {
        Some(("Seconds::days", rest)) => (24 * 3600, rest),
        Some(("Seconds::hours", rest)) => (3600, rest),
        Some(("Seconds::minutes", rest)) => (60, rest),
        Some(_) | None => (1, *rest),
    };
    let end = rest.find([';', ')', ']', '\n']).unwrap();
    let number = |text: &str| text.trim().replace('_', "").parse::<i64>().ok();
    let factor = |text: &str| match text.split_once('/') {
        Some((above, below)) => Some(number(above)? / number(below)?),
        None => number(text),
    };
    let value = |text: &str| match text.split_once("<<") {
        Some((number_, shift)) => Some(number(number_)? << number(shift)?),
        None => text.split('*').map(factor).product(),
    };
    rest.get(..end).unwrap().split(',').map_while(value).map(|value| value * unit).collect()
}

const SIZE: &str = "src/policy/check/size.rs";
const POLICY_FILES: &str = "src/policy/policy_files.rs";
const GIT: &str = "src/change/git/limits.rs";
const GRANT: &str = "src/proof/grant.rs";
const REPLAY: &str = "src/decision.rs";
const COUNTS: &str = "src/audit/counts.rs";
const LIMIT: &str = "src/proof/record/limit.rs";
const PATIENCE: &str = "src/proof/record/patience.rs";
const FETCH: &str = "src/proof/fetch.rs";
const FOLDED: &str = "src/proof/record/folded/limits.rs";
const SAVED: &str = "src/change/plan/saved.rs";
const ENTRY: &str = "src/stop/entry.rs";

/// A row of the page, and where the numbers of its limit are: a file, and what stands before them.
type Held = (&'static str, &'static [(&'static str, &'static str)]);

/// Rows whose limit is in no constant of ours.
const ELSEWHERE: &[&str] = &["nested values"];

const HELD: &[Held] = &[
    (
        "what an edit must leave open now and then, if nobody may override",
        &[("src/decision/long_closure.rs", "SHORTEST_OPENING: Seconds = ")],
    ),
    (
        "all files together; number of files",
        &[(POLICY_FILES, "MAX_BYTES: usize = "), (POLICY_FILES, "MAX_FILES: usize = ")],
    ),
    (
        "comparisons of their paths with lines of `.gitattributes` that alter contents",
        &[("src/gate/routes/altered.rs", "MOST_COMPARISONS: usize = ")],
    ),
    ("a file of test cases", &[(POLICY_FILES, "MAX_BYTES: usize = ")]),
    ("environments, counting the regions of each", &[(SIZE, "MOST_PLACES: usize = ")]),
    ("places that targets with `environment = \"*\"` reach", &[(SIZE, "MOST_TARGET_PLACES: usize = ")]),
    (
        "places that freezes close; those of stops and extra freezes",
        &[(SIZE, "MOST_FROZEN_PLACES: usize = "), (SIZE, "MOST_ADDED_PLACES: usize = ")],
    ),
    ("names of environments, 3 bytes more for each", &[(SIZE, "MAX_NAME_BYTES: usize = ")]),
    ("a duration", &[("src/policy/duration.rs", "LONGEST: Seconds = ")]),
    ("signatures that an entry of `[[lifts]]` may ask for", &[("src/policy/lift.rs", "MOST_SIGNATURES: usize = ")]),
    (
        "RSA keys of signers",
        &[("src/policy/roster.rs", "LEAST_RSA_BITS: usize = "), ("src/policy/roster.rs", "MOST_RSA_BITS: usize = ")],
    ),
    ("refs of one push", &[("src/gate/push/update.rs", "MOST_REFS: usize = ")]),
    ("a path", &[(GIT, "            path_bytes: ")]),
    (
        "entries of compared folders; of repeated folders",
        &[
            (GIT, "            entries: "),
            ("src/change/git/difference.rs", "FREE_REPEATS: u64 = "),
            ("src/change/git/difference.rs", "MORE_REPEATS: u64 = "),
        ],
    ),
    (
        "entries of all refs of a push, before the last one is compared",
        &[("src/gate/push.rs", "MOST_ENTRIES_TOGETHER: u64 = ")],
    ),
    (
        "grants of one change",
        &[
            ("src/gate/lifts.rs", "MAX_GRANTS: usize = "),
            (GRANT, "MAX_BYTES: usize = "),
            ("src/policy/lift.rs", "MOST_SIGNATURES: usize = "),
        ],
    ),
    ("grants in refs that are read", &[("src/proof/posted.rs", "MOST: usize = "), (GRANT, "MAX_BYTES: usize = ")]),
    ("commits searched for who wrote it; authors", &[(GIT, "            history: "), (GIT, "            authors: ")]),
    (
        "its JSON; its changes",
        &[
            ("src/change/plan/facts.rs", "MAX_PLAN_BYTES: u64 = "),
            ("src/change/plan/facts.rs", "MOST_PLANNED_CHANGES: usize = "),
        ],
    ),
    (
        "its binary form; the plan in it, unpacked",
        &[(SAVED, "MAX_SAVED_PLAN_BYTES: u64 = "), ("src/change/plan/archive.rs", "MOST_ENTRY_BYTES: usize = ")],
    ),
    (
        "attributes of an allowed plan that can be rolled back",
        &[("src/proof/record/plan.rs", "MOST_PLAN_VALUES: usize = ")],
    ),
    (
        "values that allowed plans replaced and that the record keeps",
        &[("src/proof/record/folded/plans.rs", "MOST_REPLACED: usize = ")],
    ),
    ("allowed plans that can be rolled back", &[("src/proof/record/folded/plans.rs", "MOST_PLANS: usize = ")]),
    (
        "steps of the comparisons of one change: states, automata, pairs of routes",
        &[("src/route/compare.rs", "STEPS: usize = ")],
    ),
    (
        "the automaton of a regular expression; of all of them together",
        &[("src/route/automaton.rs", "TABLE_BYTES: usize = "), ("src/route/language.rs", "MOST_BYTES: usize = ")],
    ),
    (
        "a file of manifests, or standard input; its documents",
        &[("src/cli/routes.rs", "FILE_BYTES: u64 = "), ("src/guard/object.rs", "max_documents: ")],
    ),
    (
        "files and folders of a tree on disk; the size of its manifests together",
        &[("src/cli/routes.rs", "MOST_FILES: usize = "), ("src/cli/routes.rs", "TREE_BYTES: u64 = ")],
    ),
    (
        "files that `[routes]` guards; their size together; one of them",
        &[
            ("src/gate/routes.rs", "MOST_FILES: usize = "),
            ("src/gate/routes/blobs.rs", "MOST_BYTES: usize = "),
            (GIT, "            file_bytes: "),
        ],
    ),
    ("a row of CSV, or a line of JSON", &[("src/backtest/rows.rs", "LONGEST_ROW: usize = ")]),
    ("columns of CSV", &[("src/backtest/rows.rs", "MOST_COLUMNS: usize = ")]),
    ("an array of JSON", &[("src/backtest/rows.rs", "LONGEST_ARRAY: usize = ")]),
    ("different combinations of what changes reach", &[("src/backtest/replay.rs", "MOST_PROFILES: usize = ")]),
    ("changes that can't be judged and are listed", &[("src/backtest/judging.rs", "MOST_UNJUDGED: usize = ")]),
    (
        "a file of incidents; its incidents",
        &[
            ("src/cli/backtest.rs", "const MAX_BYTES: u64 = "),
            ("src/backtest/incidents.rs", "MOST_INCIDENTS: usize = "),
        ],
    ),
    ("time between a change and its opening", &[(REPLAY, "HORIZON: Seconds = ")]),
    ("a place; one line of it", &[(ENTRY, "MAX_TEXT: usize = "), (ENTRY, "MAX_LINE: usize = ")]),
    ("stops of one place that hold at one time", &[(ENTRY, "MOST_HOLDING: usize = ")]),
    ("how long a stop holds", &[("src/policy/duration.rs", "LONGEST: Seconds = ")]),
    (
        "decisions that are listed; the size of their entries",
        &[(COUNTS, "MOST_DECISIONS: usize = "), (COUNTS, "MOST_DECISION_BYTES: usize = ")],
    ),
    (
        "repositories; windows, each in each repository",
        &[(COUNTS, "MOST_REPOSITORIES: usize = "), (COUNTS, "MOST_AUDITED_WINDOWS: usize = ")],
    ),
    ("a file of repositories", &[("src/cli/audit.rs", "MOST_LIST_BYTES: u64 = ")]),
    (
        "its size; levels of its components",
        &[("src/exchange/import.rs", "MOST_BYTES: u64 = "), ("src/exchange/ics/lines.rs", "MOST_LEVELS: usize = ")],
    ),
    (
        "freezes written; events listed as not expressible",
        &[("src/exchange/import.rs", "MOST_WINDOWS: usize = "), ("src/exchange/ics/import.rs", "MOST_ITEMS: usize = ")],
    ),
    (
        "dates of all events; days searched for them",
        &[("src/exchange/ics/import.rs", "MOST_INSTANCES: usize = "), ("src/exchange/ics/recurrence.rs", "Self(")],
    ),
    ("how far a VTIMEZONE is compared", &[("src/exchange/ics/zones.rs", "COMPARED: Seconds = ")]),
    ("`next_open`, `next`, `valid_until` look ahead", &[(REPLAY, "HORIZON: Seconds = ")]),
    ("waiting for a lock of the record", &[(PATIENCE, "Self { lock: Duration::from_secs(")]),
    (
        "one run of git; all runs of git of one decision",
        &[(PATIENCE, ", git: Duration::from_secs("), (PATIENCE, ", all: Duration::from_secs(")],
    ),
    ("`--fetch`: requests; time", &[(FETCH, "Self { requests: "), (FETCH, ", all: Duration::from_secs(")]),
    ("`--fetch`: depth of history", &[(FETCH, "DEPTHS: [u32; 4] = [")]),
    ("one entry", &[(LIMIT, "MAX_ENTRY_BYTES: usize = ")]),
    (
        "entry of a refused push: changes, findings, places listed",
        &[(LIMIT, "MOST_LISTED: usize = "), (LIMIT, "MAX_LISTED_BYTES: usize = ")],
    ),
    ("any other entry: findings, places", &[(LIMIT, "MAX_COMPLETE_BYTES: usize = ")]),
    ("recorded refusals of one person", &[(LIMIT, "MOST_REFUSALS_AN_HOUR: u64 = ")]),
    ("remembered refs of an environment", &[(FOLDED, "MOST_REFS: usize = "), (FOLDED, "MOST_REFS: usize = ")]),
    ("remembered states of a ref", &[(FOLDED, "MOST_FORMER_STATES: usize = ")]),
    (
        "refused commits of the policy's branch since an allowed one; their policies",
        &[(FOLDED, "MOST_REFUSED: usize = "), ("src/gate/trust.rs", "MOST_OTHERS: usize = ")],
    ),
    ("faults that `record verify` lists", &[("src/proof/record/fault.rs", "MOST_FAULTS: usize = ")]),
];

#[test]
fn every_limit_of_the_page_is_one_of_the_program() {
    let rows = rows(&read("docs/src/reference/limits.md"));
    let mut wrong = Vec::new();
    for (what, limit) in &rows {
        if ELSEWHERE.contains(&what.as_str()) {
            continue;
        }
        let Some((_, sources)) = HELD.iter().find(|(row, _)| row == what) else {
            wrong.push(format!("`{what}` is compared with no constant: add it to HELD"));
            continue;
        };
        let held: Vec<i64> = sources.iter().flat_map(|(file, before)| written(file, before)).collect();
        if numbers(limit) != held {
            wrong.push(format!("`{what}`: the page has {limit} ({:?}), the program {held:?}", numbers(limit)));
        }
    }
    let known: BTreeSet<&str> = rows.iter().map(|(what, _)| what.as_str()).collect();
    let all = HELD.iter().map(|(row, _)| row).chain(ELSEWHERE);
    wrong.extend(all.filter(|row| !known.contains(**row)).map(|row| format!("limits.md lacks `{row}`")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A chapter of a summary: its title and its page, which is empty if it is a draft.
fn chapters(summary: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in summary.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.chars().all(|letter| letter == '-') {
            continue;
        }
        let link = line.trim_start_matches(['-', '*']).trim_start();
        let (title, page) = link
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(')')?.split_once("]("))
            .unwrap_or_else(|| panic!("mdBook reads `{line}` as no chapter"));
        found.push((title.to_owned(), page.to_owned()));
    }
    found
}

#[test]
fn the_book_builds_as_mdbook_reads_it() {
    let settings: toml::Table = read("docs/book.toml").parse().unwrap();
    let known = ["book", "build", "output"];
    assert!(settings.keys().all(|key| known.contains(&key.as_str())), "{settings}");
    let book = settings.get("book").and_then(toml::Value::as_table).unwrap();
    // mdBook refuses keys that it does not know
    let keys = ["title", "authors", "description", "src", "language", "text-direction"];
    assert!(book.keys().all(|key| keys.contains(&key.as_str())), "{book}");
    let build = settings.get("build").and_then(toml::Value::as_table).unwrap();
    let keys = ["build-dir", "create-missing", "use-default-preprocessors", "extra-watch-dirs"];
    assert!(build.keys().all(|key| keys.contains(&key.as_str())), "{build}");
    // a page that is missing has to fail the build, not be made
    assert_eq!(build.get("create-missing").and_then(toml::Value::as_bool), Some(false));

    let source = root().join("docs").join(book.get("src").and_then(toml::Value::as_str).unwrap());
    let chapters = chapters(&fs::read_to_string(source.join("SUMMARY.md")).unwrap());
    let mut listed = BTreeSet::new();
    for (title, page) in &chapters {
        assert!(!title.trim().is_empty(), "{page} has no title");
        assert!(!page.is_empty(), "`{title}` is a draft: it has no page");
        assert!(listed.insert(source.join(page)), "{page} is listed twice");
        let text = fs::read_to_string(source.join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
        let heading = text.lines().find(|line| !line.trim().is_empty());
        assert!(heading.is_some_and(|line| line.starts_with("# ")), "{page} has no heading");
    }
    let mut pages: Vec<PathBuf> = Vec::new();
    texts::below(&source, &[".md"], &mut pages).unwrap();
    pages.retain(|page| !page.ends_with("SUMMARY.md"));
    let unlisted: Vec<_> = pages.iter().filter(|page| !listed.contains(*page)).collect();
    assert!(unlisted.is_empty(), "in no chapter: {unlisted:?}");
}
