//! What lint finds: one policy for each thing, and the example policies as they stand.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its data is not as it should be")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use freezegate::decision::schedule::DecisionQuestion;
use freezegate::decision::{HORIZON, Schedule, Verdict};
use freezegate::diagnostic::Code;
use freezegate::lint::{CODES, LintOptions, Review, lint};
use freezegate::policy::Policy;
use freezegate::policy::load::{PolicyFiles, ReadFault, load};
use freezegate::reach;
use freezegate::reach::Declared;
use freezegate::report::lint::{Linted, json, text};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use serde_json::Value;

/// When the example policies are looked at.
const EXAMPLES_AT: &str = "2026-11-21T12:00:00Z";

/// Files below the root of the repository.
struct Repository;

impl PolicyFiles for Repository {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        std::fs::read(root().join(path))
            .map_err(|_| ReadFault { cause: "is not there".to_owned(), help: "fix the path".to_owned() })
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the policies in `folder`, without `.toml`.
fn names(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !name.ends_with(".test") && name != "hazards")
        .collect();
    names.sort_unstable();
    assert!(!names.is_empty(), "{folder}");
    names
}

fn policy(path: &str) -> Policy {
    load(&Repository, &[path.to_owned()], &[]).unwrap_or_else(|faults| panic!("{path}: {:?}", faults.diagnostics))
}

fn second(instant: &str) -> Instant {
    instant.parse::<jiff::Timestamp>().unwrap().into()
}

fn options(at: Instant) -> LintOptions<'static> {
    LintOptions {
        at,
        weeks: 4,
        least_open: Seconds::new(10 * 3600),
        system_zone_rules: None,
        allowed: &[],
        coverage: &[],
    }
}

fn linted<'a>(at: Instant, policy: &'a Policy, review: &'a Review) -> Linted<'a> {
    Linted { at, review, sources: &policy.sources, asker: None, tracked: None }
}

/// Returns what people read.
fn told(at: Instant, policy: &Policy, review: &Review, width: usize) -> String {
    anstream::adapter::strip_str(&text::text(&linted(at, policy, review), width).unwrap()).to_string()
}

/// The policies of `tests/lint`: the first line of each names the instant from which on it is looked at.
fn cases() -> impl Iterator<Item = (String, Instant, Policy)> {
    names("tests/lint").into_iter().map(|name| {
        let path = format!("tests/lint/{name}.toml");
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        let at = text.lines().next().unwrap().strip_prefix("# linted at ").unwrap();
        (name, second(at), policy(&path))
    })
}

/// To write what is found now into the files of the expected: `FREEZEGATE_BLESS=1 cargo test --test library lint`.
#[expect(clippy::disallowed_methods, reason = "asked for by the person who runs the tests, and changes no outcome")]
fn is_to_be_blessed() -> bool {
    std::env::var_os("FREEZEGATE_BLESS").is_some()
}

/// Compares each text with the file that it is expected to be.
fn compare(found: impl Iterator<Item = (PathBuf, String)>) {
    let mut wrong = Vec::new();
    for (path, text) in found {
        if is_to_be_blessed() {
            std::fs::write(&path, &text).unwrap();
        }
        let expected = if path.exists() { std::fs::read_to_string(&path).unwrap() } else { String::new() };
        if text != expected {
            wrong.push(format!("=== {}\n--- expected\n{expected}--- found\n{text}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_case_is_told_as_expected() {
    compare(cases().map(|(name, at, policy)| {
        let review = lint(&policy, &options(at)).unwrap();
        (root().join(format!("tests/lint/{name}.expected")), told(at, &policy, &review, 80))
    }));
}

#[test]
fn each_example_policy_is_told_as_expected() {
    let at = second(EXAMPLES_AT);
    compare(names("policies").into_iter().map(|name| {
        let policy = policy(&format!("policies/{name}.toml"));
        let review = lint(&policy, &options(at)).unwrap();
        (root().join(format!("tests/lint/policies/{name}.expected")), told(at, &policy, &review, 80))
    }));
}

#[test]
fn each_case_finds_what_its_name_says_and_every_code_has_a_case() {
    let mut seen = BTreeSet::new();
    for (name, at, policy) in cases() {
        let review = lint(&policy, &options(at)).unwrap();
        let codes: Vec<&str> = review.warnings.iter().map(|warning| warning.code.as_str()).collect();
        if name.starts_with("nothing-found") {
            assert!(codes.is_empty(), "{name}: {codes:?}");
        } else {
            let code = codes.iter().find(|code| name.starts_with(&format!("{code}-")));
            seen.insert((*code.unwrap_or_else(|| panic!("{name}: {codes:?}"))).to_owned());
        }
        assert!(
            review.warnings.iter().all(|warning| CODES.contains(&warning.code) && warning.help.is_some()),
            "{name}"
        );
    }
    // these two need the files of a repository: the tests of the command line have them
    let coverage = [Code::UnmatchedTarget, Code::UncoveredPath];
    let of_policies = CODES.iter().filter(|code| !coverage.contains(code));
    assert_eq!(seen, of_policies.map(|code| code.as_str().to_owned()).collect());
}

#[test]
fn open_hours_are_the_time_for_which_check_says_allowed() {
    let at = second(EXAMPLES_AT);
    let mut rows = 0;
    for name in names("policies") {
        let policy = policy(&format!("policies/{name}.toml"));
        let review = lint(&policy, &options(at)).unwrap();
        for row in &review.open_hours.rows {
            rows += 1;
            let declared = Declared {
                environments: vec![policy.environment(&row.environment).unwrap().clone()],
                regions: row.region.iter().map(|region| policy.region(region).unwrap().clone()).collect(),
                ..Declared::default()
            };
            let reach = reach::declared(&policy, &declared);
            let question =
                DecisionQuestion { policy: &policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
            for (week, open) in review.open_hours.weeks.iter().zip(&row.open) {
                // from one answer of check to the next, by what each says of how long it holds
                let (mut instant, mut allowed) = (week.from, Seconds::ZERO);
                while instant < week.until {
                    let decision = Schedule::decide_at(&question, &[], instant).unwrap();
                    let next = decision.valid_until.unwrap_or(instant + HORIZON).min(week.until);
                    if decision.verdict == Verdict::Allowed {
                        allowed += next - instant;
                    }
                    instant = next;
                }
                assert_eq!(
                    allowed,
                    *open,
                    "{name}: {}/{:?} from {}",
                    row.environment,
                    row.region,
                    week.from.as_second()
                );
            }
        }
    }
    assert!(rows > 15, "{rows}");
}

#[test]
fn hours_are_watched_while_any_region_is_in_core_hours() {
    // Berlin's day of 10 hours and New York's overlap by 4: 5 × (10 + 10 - 4)
    let path = "tests/lint/unused-region.toml";
    let policy = policy(path);
    let review = lint(&policy, &options(second(EXAMPLES_AT))).unwrap();
    let row = &review.open_hours.rows[0];
    let parts: Seconds = row.in_core_hours.iter().map(|(_, seconds)| *seconds).sum();
    assert_eq!(row.in_core_hours, [("eu".to_owned(), Seconds::hours(4 * 5 * 6)), ("us".to_owned(), Seconds::ZERO)]);
    assert_eq!((row.watched, row.total()), (parts, Seconds::hours(4 * (168 - 50))));
}

#[test]
fn what_is_allowed_is_counted_and_not_told() {
    let policy = policy("policies/dixa.toml");
    let at = second(EXAMPLES_AT);
    let review = lint(&policy, &LintOptions { allowed: &[Code::NotLiftable], ..options(at) }).unwrap();
    assert!(review.warnings.is_empty());
    assert_eq!(review.allowed, 1);
    assert!(told(at, &policy, &review, 80).ends_with("\nnothing found; 1 hidden by `# lint: allow` or `--allow`\n"));
}

#[test]
fn a_time_zone_database_older_than_that_of_the_system_is_reported() {
    let policy = policy("tests/lint/nothing-found.toml");
    let at = second(EXAMPLES_AT);
    let codes = |release| {
        let review = lint(&policy, &LintOptions { system_zone_rules: Some(release), ..options(at) }).unwrap();
        review.warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(codes("2099z"), ["old-zone-rules"]);
    assert!(codes("2026a").is_empty());
}

#[test]
fn the_threshold_is_a_mean_over_the_weeks_asked_for() {
    // open on Tuesdays from 20:00 to 22:00
    let policy = policy("tests/lint/rarely-open-on-one-evening.toml");
    let at = second(EXAMPLES_AT);
    for weeks in [1, 4, 57] {
        let found = |least_open| {
            let review = lint(&policy, &LintOptions { weeks, least_open, ..options(at) }).unwrap();
            !review.warnings.is_empty()
        };
        assert!(!found(Seconds::new(2 * 3600)), "{weeks}");
        assert!(found(Seconds::new(2 * 3600 + 1)), "{weeks}");
    }
}

#[test]
fn text_fits_60_columns_but_for_lines_of_the_policy() {
    for (name, at, policy) in cases() {
        let review = lint(&policy, &options(at)).unwrap();
        for line in told(at, &policy, &review, 60).lines() {
            // a line of the policy, with what stands below it, and its place
            let quoted = line.contains(" | ") || line.contains("--> ");
            assert!(quoted || line.chars().count() <= 60, "{name}: {line}");
        }
    }
}

#[test]
fn json_tells_the_same() {
    for (name, at, policy) in cases() {
        let review = lint(&policy, &options(at)).unwrap();
        let answer: Value = serde_json::from_str(&json::json(&linted(at, &policy, &review)).unwrap()).unwrap();
        assert_eq!(answer["schema"], "freezegate/lint/v1");
        assert_eq!(answer["result"], if review.warnings.is_empty() { "clean" } else { "warnings" }, "{name}");
        let warnings = answer["warnings"].as_array().unwrap();
        assert_eq!(warnings.len(), review.warnings.len());
        for (item, warning) in warnings.iter().zip(&review.warnings) {
            assert_eq!(item["code"], warning.code.as_str());
            assert_eq!(item["message"], warning.cause.as_str());
            assert_eq!(item["help"], warning.help.as_deref().unwrap());
            let place = warning.place.map(|place| policy.sources.cite(place));
            assert_eq!(item["place"].as_str(), place.as_deref());
        }
        for (item, row) in answer["open_hours"].as_array().unwrap().iter().zip(&review.open_hours.rows) {
            assert_eq!(item["environment"], row.environment.as_str());
            assert_eq!(item["open_seconds"], row.total().get());
            let weeks = item["weeks"].as_array().unwrap();
            assert_eq!(weeks.iter().map(|week| week["open_seconds"].as_i64().unwrap()).sum::<i64>(), row.total().get());
        }
    }
}

#[test]
fn json_is_as_expected() {
    let policy = policy("tests/lint/rarely-open-in-one-of-two-regions.toml");
    let at = second(EXAMPLES_AT);
    let review = lint(&policy, &options(at)).unwrap();
    let answer: Value = serde_json::from_str(&json::json(&linted(at, &policy, &review)).unwrap()).unwrap();
    let pretty = serde_json::to_string_pretty(&answer).unwrap() + "\n";
    compare([(root().join("tests/lint/rarely-open-in-one-of-two-regions.json"), pretty)].into_iter());
}

/// `freezegate lint` in the root of the repository, knowing nothing of the machine or the person but the zone rules.
fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_freezegate"));
    command.current_dir(root()).env_clear().env("TZ", "UTC").arg("lint");
    // the zone rules of the machine may be newer than those built in
    command.args(["--at", EXAMPLES_AT, "--allow", "old-zone-rules"]).args(arguments).output().unwrap()
}

fn status(arguments: &[&str]) -> Option<i32> {
    run(arguments).status.code()
}

#[test]
fn exit_status_tells_nothing_warnings_and_errors_apart() {
    assert_eq!(status(&["--policy", "tests/lint/nothing-found.toml"]), Some(0));
    assert_eq!(status(&["--policy", "policies/dixa.toml"]), Some(1));
    assert_eq!(status(&["--policy", "policies/dixa.toml", "--allow", "not-liftable"]), Some(0));
    assert_eq!(status(&["--policy", "tests/invalid-policies/empty.toml"]), Some(2));
    let rare = ["--policy", "tests/lint/rarely-open-on-one-evening.toml"];
    assert_eq!(status(&rare), Some(1));
    assert_eq!(status(&[&rare[..], &["--min-open-hours", "1.5"]].concat()), Some(0));
    assert_eq!(status(&[&rare[..], &["--min-open-hours", "2.5", "--weeks", "1"]].concat()), Some(1));
}

#[test]
fn a_policy_that_does_not_load_is_told_as_check_tells_it() {
    let path = "tests/invalid-policies/zone-misspelled.toml";
    let output = run(&["--policy", path, "--format", "json"]);
    let complaint = String::from_utf8(output.stderr).unwrap();
    let mut check = Command::new(env!("CARGO_BIN_EXE_freezegate"));
    check.current_dir(root()).env_clear().args(["check", "production", "--policy", path]);
    assert_eq!(complaint, String::from_utf8(check.output().unwrap().stderr).unwrap());
    assert!(complaint.contains("error[unknown-zone]"), "{complaint}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["result"], "undecided");
    assert_eq!(answer["errors"][0]["code"], "unknown-zone");
    assert_eq!(answer["errors"][0]["place"], format!("{path}:4"));
}

#[test]
fn questions_that_cannot_be_answered_end_with_2() {
    for arguments in [
        ["--min-open-hours", "ten"],
        ["--min-open-hours", "-1"],
        ["--min-open-hours", "168.1"],
        ["--min-open-hours", "nan"],
        ["--weeks", "0"],
        ["--weeks", "58"],
        ["--allow", "not-liftables"],
        ["--allow", "core-hours"],
        ["--policy", "missing.toml"],
    ] {
        let policy = ["--policy", "tests/lint/nothing-found.toml"];
        let output = run(&[&policy[..], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
    let unknown =
        String::from_utf8(run(&["--policy", "policies/dixa.toml", "--allow", "not-liftables"]).stderr).unwrap();
    assert!(unknown.contains("did you mean `not-liftable`?"), "{unknown}");
}

#[test]
fn the_answer_goes_to_the_file_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answer.json");
    let arguments = ["--policy", "policies/dixa.toml", "--format", "json", "--output", file.to_str().unwrap()];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let answer: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(answer["warnings"][0]["code"], "not-liftable");
    assert_eq!(answer["policy"][0]["path"], "policies/dixa.toml");
}

#[test]
fn only_the_formats_that_there_are_are_offered() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freezegate"));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).env_clear().args(arguments).output().unwrap()
    };
    let help = String::from_utf8(run(&["lint", "--help"]).stdout).unwrap();
    for (format, is_offered) in
        [("text", true), ("json", true), ("github", false), ("gitlab", false), ("junit", false), ("markdown", false)]
    {
        let arguments = ["lint", "--format", format, "--policy", "tests/lint/nothing-found.toml", "--at", EXAMPLES_AT];
        assert_eq!(run(&arguments).status.code() == Some(2), !is_offered, "{format}");
        assert_eq!(help.contains(&format!("- {format}:")), is_offered, "{format}: {help}");
    }
}
