//! Cases of policies: those that are shipped hold, and what is wrong with a file of cases is said.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't do its work should fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use freezegate::cases::coverage::untouched;
use freezegate::cases::judge::{Touched, judge};
use freezegate::cases::read::{keys, read};
use freezegate::cases::{CaseFile, CaseOutcome};
use freezegate::diagnostic::{Diagnostic, Sources};
use freezegate::policy::Policy;

use crate::policies::files::{Case, Memory, of_repository, report};

/// The cases of a shipped policy.
fn shipped(policy: &Case) -> CaseFile {
    let path = of_repository(&format!("policies/{}.test.toml", policy.name));
    read(&policy.name, fs::read(&path).unwrap())
        .unwrap_or_else(|faults| panic!("{}\n{}", path.display(), report(&faults)))
}

#[test]
fn every_shipped_policy_says_what_its_cases_expect_and_no_part_of_it_is_untouched() {
    for case in Case::all("policies") {
        let (policy, file) = (case.load().unwrap(), shipped(&case));
        let mut touched = Touched::default();
        for (one, result) in file.cases.iter().zip(judge(&policy, &file.cases, 2).unwrap()) {
            assert!(result.passed(), "{}: {}: {:?}", case.name, one.name, result.answers);
            touched.add(&result.touched);
        }
        assert_eq!(untouched(&policy, &touched), [], "{}", case.name);
    }
}

/// A case that expects something else fails, each by the key that is not met, however many threads judge.
#[test]
fn a_case_that_expects_something_else_fails() {
    let mut tried = 0;
    for case in Case::all("policies") {
        let (policy, file) = (case.load().unwrap(), shipped(&case));
        let right = judge(&policy, &file.cases, 1).unwrap();
        for (one, result) in file.cases.iter().zip(right) {
            let answer = &result.answers[0];
            let fails = |change: &dyn Fn(&mut freezegate::cases::PolicyCase), key: &str| {
                let mut wrong = one.clone();
                change(&mut wrong);
                for threads in [0, 1, 3] {
                    let results = judge(&policy, &[one.clone(), wrong.clone(), one.clone()], threads).unwrap();
                    let passed: Vec<bool> = results.iter().map(freezegate::cases::judge::CaseResult::passed).collect();
                    assert_eq!(passed, [true, false, true], "{}: {}", case.name, one.name);
                    assert!(
                        results[1].answers.iter().all(|one| one.differences.iter().all(|text| text.starts_with(key)))
                    );
                }
            };
            for outcome in CaseOutcome::ALL.into_iter().filter(|outcome| *outcome != one.expected.outcome) {
                fails(&|wrong| wrong.expected.outcome = outcome, "`decision`: expected");
            }
            fails(&|wrong| wrong.expected.findings = Some(vec!["clock-behind".to_owned()]), "`findings`");
            if !answer.findings.is_empty() {
                fails(&|wrong| wrong.expected.findings = Some(Vec::new()), "`findings`: unexpected");
            }
            let later = answer.next_open.map_or(Some(0), |open| Some(open + 1));
            fails(&|wrong| wrong.expected.next_open = Some(later), "`next_open`: expected");
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}

/// Each part of a policy that can be touched is told once the cases that touch it are taken away.
#[test]
fn what_no_case_touches_is_told_with_its_line() {
    let names = |policy: &Policy, touched: &Touched| -> BTreeSet<String> {
        untouched(policy, touched)
            .iter()
            .map(|one| format!("{} {}", policy.sources.line(one.place), one.what))
            .collect()
    };
    for case in Case::all("policies") {
        let policy = case.load().unwrap();
        let all = names(&policy, &Touched::default());
        let windows =
            policy.freezes.len() + policy.environments.iter().filter(|one| !one.change_windows.is_empty()).count();
        let is_closed = |region: &std::sync::Arc<freezegate::policy::Region>| {
            region.core_hours.is_some()
                && policy.environments.iter().any(|one| {
                    one.during_core_hours.is_some() && one.regions.iter().any(|known| known.name == region.name)
                })
        };
        let regions = policy.regions.iter().filter(|region| is_closed(region)).count();
        assert_eq!(
            all.len(),
            windows + regions + policy.targets.len() + policy.environments.len(),
            "{}: {all:#?}",
            case.name
        );
        let file = shipped(&case);
        for result in judge(&policy, &file.cases, 1).unwrap() {
            assert!(names(&policy, &result.touched).len() < all.len(), "{}", case.name);
        }
    }
}

#[test]
fn what_needs_evidence_is_undecided_by_its_name_alone() {
    let policy = "version = 1\n[environments.production]\nevidence = \"required\"\n[[targets]]\npaths = [\"app/**\"]\nenvironment = \"production\"\n";
    let policy = Memory::one(policy.to_owned()).load().unwrap();
    let cases = "version = 1\n[[cases]]\nname = \"said\"\nat = 2025-07-06T12:00:00Z\nenvironment = \"production\"\ndecision = \"undecided\"\n\
                 [[cases]]\nname = \"shown\"\nat = 2025-07-06T12:00:00Z\nenvironment = \"production\"\npaths = [\"app/a\"]\ndecision = \"allowed\"\n";
    let file = read("freezegate.test.toml", cases.as_bytes().to_vec()).unwrap();
    for result in judge(&policy, &file.cases, 1).unwrap() {
        assert!(result.passed(), "{result:?}");
    }
}

/// To write what is reported now into the files of the expected: `FREEZEGATE_BLESS=1 cargo test --test library cases`.
#[expect(clippy::disallowed_methods, reason = "asked for by the person who runs the tests, and changes no outcome")]
fn is_to_be_blessed() -> bool {
    std::env::var_os("FREEZEGATE_BLESS").is_some()
}

/// What is wrong with the cases of a file, in itself or under the policy of these tests.
fn reported(path: &Path) -> String {
    let name = path.file_name().unwrap().to_str().unwrap();
    let policy =
        "version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\n[environments.production]\n[services.shop]\n";
    let policy = Memory::one(policy.to_owned()).load().unwrap();
    let told = |sources: Sources, diagnostics: Vec<Diagnostic>| {
        report(&freezegate::diagnostic::Faults { sources, diagnostics })
    };
    match read(name, fs::read(path).unwrap()) {
        Err(faults) => report(&faults),
        Ok(file) => match judge(&policy, &file.cases, 1) {
            Ok(_) => panic!("{name} is right"),
            Err(diagnostics) => told(file.sources, diagnostics),
        },
    }
}

#[test]
fn what_is_wrong_with_a_file_of_cases_is_reported_as_expected() {
    let folder = of_repository("tests/cases/wrong");
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    assert!(paths.len() > 3, "{}", paths.len());
    let mut wrong = Vec::new();
    for path in paths {
        let (expected, reported) = (path.with_extension("expected"), reported(&path));
        if is_to_be_blessed() {
            fs::write(&expected, &reported).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != reported {
            wrong.push(format!("=== {}\n{reported}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The reference of the manual lists every key.
#[test]
fn every_key_stands_in_the_manual() {
    let page = fs::read_to_string(of_repository("docs/src/reference/cases.md")).unwrap();
    for (_, keys) in keys() {
        for key in keys {
            assert!(page.contains(&format!("| `{key}` |")), "`{key}`");
        }
    }
}
