//! Cases of policies: those that are shipped hold, and what is wrong with a file of cases is said.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't do its work should fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use freezegate::cases::coverage::untouched;
use freezegate::cases::judge::{Touched, judge};
use freezegate::cases::read::{keys, read};
use freezegate::cases::{CaseFile, CaseOutcome};
use freezegate::change::TerraformPlan;
use freezegate::change::plan::PlanError;
use freezegate::diagnostic::{Diagnostic, Sources};
use freezegate::policy::Policy;
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::policies::files::{Case, Memory, of_repository, report};

/// The cases of a shipped policy.
fn shipped(policy: &Case) -> CaseFile {
    let path = of_repository(&format!("policies/{}.test.toml", policy.name));
    let mut file = read(&policy.name, fs::read(&path).unwrap())
        .unwrap_or_else(|faults| panic!("{}\n{}", path.display(), report(&faults)));
    let mut plan = |name: &str| TerraformPlan::read(fs::File::open(of_repository("policies").join(name)).unwrap());
    file.read_plans(&mut plan).unwrap_or_else(|faults| panic!("{}\n{}", path.display(), report(&faults)));
    file
}

/// A policy that names what harms has a plan that does that, the one that the tests of plans read.
#[test]
fn every_shipped_policy_with_hazards_is_tested_by_a_plan() {
    let mut found = 0;
    for case in Case::all("policies") {
        let policy = case.load().unwrap();
        if policy.hazards.is_empty() {
            continue;
        }
        let plans: BTreeSet<String> =
            shipped(&case).cases.iter().filter_map(|one| one.plan.as_ref().map(|plan| plan.path.clone())).collect();
        assert!(!plans.is_empty(), "{}", case.name);
        found += 1;
    }
    assert_eq!(found, 1);
    let bytes = |path: &str| fs::read(of_repository(path)).unwrap();
    assert_eq!(bytes("policies/dixa.plan.json"), bytes("tests/data/plans/dixa-change.json"));
}

/// A command is read as `run` reads it, behind wrappers too, and where a target says nothing of it, as it is declared.
#[test]
fn a_command_shows_where_it_goes_by_the_targets_of_commands() {
    let policy = "version = 1\n[regions.us]\ntimezones = [\"America/New_York\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n\
                  [regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n[environments.production]\n\
                  [environments.staging]\nduring_core_hours = \"off\"\n\
                  [[targets]]\ncommand = [\"reboot-fleet\", \"--pod={region}\", \"**\"]\nenvironment = \"production\"\n";
    let policy = Memory::one(policy.to_owned()).load().unwrap();
    // 09:00 in New York, 15:00 in Berlin; 16:00 and 22:00
    let (both, us) = ("2026-07-15T13:00:00Z", "2026-07-15T20:00:00Z");
    let one = |name: &str, at: &str, rest: &str| format!("[[cases]]\nname = \"{name}\"\nat = {at}\n{rest}\n");
    let cases = [
        "version = 1\n".to_owned(),
        one(
            "us",
            us,
            "command = [\"reboot-fleet\", \"--pod=us\", \"--now\"]\ndecision = \"refused\"\nfindings = [\"core-hours/us\"]",
        ),
        one("eu", us, "command = [\"reboot-fleet\", \"--pod=eu\"]\ndecision = \"allowed\""),
        one(
            "sudo",
            both,
            "command = [\"sudo\", \"-u\", \"ops\", \"/opt/reboot-fleet\", \"--pod=eu\"]\ndecision = \"refused\"\nfindings = [\"core-hours/eu\"]",
        ),
        one(
            "pod",
            us,
            "command = [\"reboot-fleet\", \"--pod=mars\"]\ndecision = \"refused\"\nfindings = [\"unknown-target\", \"core-hours/us\"]",
        ),
        one("declared", us, "command = [\"make\", \"x\", \"x\"]\nenvironment = \"staging\"\ndecision = \"allowed\""),
        one(
            "mismatch",
            us,
            "command = [\"reboot-fleet\", \"--pod=eu\"]\nenvironment = \"staging\"\ndecision = \"refused\"\nfindings = [\"target-mismatch\"]",
        ),
    ];
    let file = read("freezegate.test.toml", cases.concat().into_bytes())
        .unwrap_or_else(|faults| panic!("{}", report(&faults)));
    let mut touched = Touched::default();
    for (one, result) in file.cases.iter().zip(judge(&policy, &file.cases, 1).unwrap()) {
        assert!(result.passed(), "{}: {:?}", one.name, result.answers);
        touched.add(&result.touched);
    }
    assert_eq!(untouched(&policy, &touched), []);
    let no_command =
        file.cases.iter().filter(|one| one.command.as_ref().is_none_or(|command| command.words[0] == "make"));
    let mut touched = Touched::default();
    for result in judge(&policy, &no_command.cloned().collect::<Vec<_>>(), 1).unwrap() {
        touched.add(&result.touched);
    }
    assert!(untouched(&policy, &touched).iter().any(|one| one.what.starts_with("no case matches the target `")));
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
            let later = answer.next_open.map_or(Some(Instant::EPOCH), |open| Some(open + Seconds::new(1)));
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
            windows + regions + policy.targets.len() + policy.environments.len() + policy.hazards.len(),
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

/// Returns what is wrong with the cases of a file, in itself or under the policy of these tests.
fn reported(path: &Path) -> String {
    let name = path.file_name().unwrap().to_str().unwrap();
    let policy =
        "version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\n[environments.production]\n[services.shop]\n";
    let policy = Memory::one(policy.to_owned()).load().unwrap();
    let told = |sources: Sources, diagnostics: Vec<Diagnostic>| {
        report(&freezegate::diagnostic::Faults { sources, diagnostics })
    };
    let mut plan = |name: &str| {
        let file = fs::File::open(path.with_file_name(name));
        file.map_err(|error| PlanError::Unreadable(error.kind().to_string())).and_then(TerraformPlan::read)
    };
    let mut file = match read(name, fs::read(path).unwrap()) {
        Err(faults) => return report(&faults),
        Ok(file) => file,
    };
    if let Err(faults) = file.read_plans(&mut plan) {
        return report(&faults);
    }
    match judge(&policy, &file.cases, 1) {
        Ok(_) => panic!("{name} is right"),
        Err(diagnostics) => told(file.sources, diagnostics),
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
