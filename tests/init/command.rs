//! The command: where it writes, where it does not, and what it tells.

use std::path::Path;
use std::sync::Arc;

use freezegate::change::Declared;
use freezegate::decision::schedule::Question;
use freezegate::decision::{Schedule, Verdict};
use freezegate::policy::SCHEMA_FILE;
use freezegate::reach::reach;

use crate::init::judged::{assert_right_by_the_schema, names, reached, read};
use crate::init::repository::{Repository, text};

#[test]
fn a_policy_that_is_there_stays() {
    for present in ["freezegate.toml", "policies/freezegate.toml"] {
        let repository = Repository::with(&["src/x"]);
        repository.write(present, "mine\n");
        let output = repository.run(&["init"]);
        let complaint = text(&output.stderr);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
        assert!(complaint.contains(present) && complaint.contains("help: "), "{complaint}");
        assert!(complaint.contains("`freezegate init --force`"), "{complaint}");
        assert_eq!(std::fs::read_to_string(repository.root().join(present)).unwrap(), "mine\n");
        assert!(present == "freezegate.toml" || !repository.root().join("freezegate.toml").exists());
        repository.init(&["--force"]);
        read(&repository.policy_text());
    }
    let repository = Repository::bare();
    std::os::unix::fs::symlink("nowhere", repository.root().join("freezegate.toml")).unwrap();
    assert_eq!(repository.run(&["init"]).status.code(), Some(2));
    assert!(!repository.root().join("nowhere").exists());
}

#[test]
fn a_named_file_is_written_and_not_over_another() {
    let repository = Repository::with(&["deploy/prod/x"]);
    repository.write("freezegate.toml", "mine\n");
    repository.init(&["--output", "other.toml"]);
    let text = std::fs::read_to_string(repository.root().join("other.toml")).unwrap();
    read(&text);
    assert_eq!(repository.policy_text(), "mine\n");
    assert_eq!(repository.run(&["init", "--output", "other.toml"]).status.code(), Some(2));
    repository.init(&["--output", "other.toml", "--force"]);
    assert_eq!(std::fs::read_to_string(repository.root().join("other.toml")).unwrap(), text);
    assert_eq!(repository.run(&["init", "--output", "no/such/folder.toml"]).status.code(), Some(2));
}

#[test]
fn it_is_written_at_the_root_of_the_repository() {
    let repository = Repository::with(&["deploy/prod/x", "src/deep/x"]);
    let mut command = repository.command();
    let output = command.arg("init").current_dir(repository.root().join("src/deep")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(repository.policy_text().contains("deploy/{environment}/**"), "{}", repository.policy_text());
}

#[test]
fn without_a_repository_there_is_still_a_policy() {
    let folder = Repository::bare();
    let report = folder.init(&[]);
    assert!(report.contains("production") && report.contains("freezegate check production"), "{report}");
    assert_eq!(folder.check(&["production", "--at", "2026-06-03T12:00:00+02:00"]), Some(1));
    assert_eq!(folder.check(&["production", "--at", "2026-06-06T12:00:00+02:00"]), Some(0));
}

#[test]
fn a_repository_that_cannot_be_read_is_told_and_drafted_for_all_the_same() {
    let folder = Repository::bare();
    folder.write(".git/HEAD", "no repository\n");
    folder.write("deploy/prod/x", "");
    let output = folder.run(&["init"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("branches are left out"), "{}", text(&output.stderr));
    assert_eq!(
        names(&reached(&read(&folder.policy_text()), "refs/heads/main", "deploy/prod/x")),
        ["production"].into()
    );
}

#[test]
fn the_zone_is_that_of_the_asker_under_its_name_of_today() {
    for (variable, option, zone) in [
        ("Europe/Berlin", None, "Europe/Berlin"),
        ("US/Eastern", None, "America/New_York"),
        (":Asia/Tokyo", None, "Asia/Tokyo"),
        ("UTC", None, "UTC"),
        ("UTC", Some("America/Los_Angeles"), "America/Los_Angeles"),
        ("Europe/Berlin", Some("UTC"), "UTC"),
    ] {
        let folder = Repository::bare();
        let mut command = folder.command();
        command.env("TZ", variable).arg("init").args(option.iter().flat_map(|zone| ["--timezone", zone]));
        assert_eq!(command.output().unwrap().status.code(), Some(0));
        let policy = read(&folder.policy_text());
        assert_eq!(policy.regions[0].zones[0].name(), zone, "{variable} {option:?}");
    }
    let folder = Repository::bare();
    assert_eq!(folder.run(&["init", "--timezone", "CEST"]).status.code(), Some(2));
    assert!(!folder.root().join("freezegate.toml").exists());
}

#[test]
fn the_hours_that_it_tells_are_those_of_the_decision() {
    let folder = Repository::with(&["deploy/prod/x", "deploy/dev/x"]);
    let report = folder.init(&["--timezone", "UTC"]);
    assert!(report.contains("production: open 114.6 of 168 hours a week"), "{report}");
    assert!(report.contains("development: always open"), "{report}");
    let policy = read(&folder.policy_text());
    let declared =
        Declared { environments: vec![Arc::clone(policy.environment("production").unwrap())], ..Declared::default() };
    let reach = reach(&policy, &declared, None, false);
    let question = Question { policy: &policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
    // a week from a Monday on, in steps whose middle is asked about
    let monday = "2026-06-01T00:05:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    let step = 600;
    let open = (0..7 * 24 * 3600 / step)
        .filter(|index| {
            let decision = Schedule::decide_at(&question, &[], monday + index * step).unwrap();
            decision.verdict == Verdict::Allowed
        })
        .count();
    // a change and its settling take 40 minutes, so 13 h 20 min of each working day are open, and the weekend
    assert_eq!(open * 100 / 60, 1146);
    let table = text(&folder.run(&["lint"]).stdout);
    assert!(table.lines().any(|line| line.starts_with("production") && line.contains(" 114.6 ")), "{table}");
}

#[test]
fn editors_find_its_schema_and_no_fault_by_it() {
    let repository = Repository::with(&["deploy/prod/x", "deploy/base/x", "charts/a/values-dev.yaml"]);
    repository.git(&["branch", "production"]);
    let report = repository.init(&[]);
    let text = repository.policy_text();
    assert_eq!(text.lines().next(), Some(format!("#:schema ./{SCHEMA_FILE}").as_str()));
    assert_eq!(text.lines().nth(1), Some(""));
    assert!(report.contains(&format!("freezegate schema --output {SCHEMA_FILE}")), "{report}");
    assert_right_by_the_schema(&text);
}

#[test]
fn what_it_leaves_commented_out_can_be_taken_in() {
    let repository = Repository::with(&["deploy/prod/x"]);
    repository.init(&[]);
    let mut uncommented = String::new();
    let mut example = false;
    for line in repository.policy_text().lines() {
        example = line.starts_with("# [") || (example && line.starts_with('#'));
        uncommented.push_str(if example { line.trim_start_matches(['#', ' ']) } else { line });
        uncommented.push('\n');
    }
    repository.write("freezegate.toml", &uncommented);
    let roster = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/approvers.allowed_signers");
    std::fs::copy(roster, repository.root().join("approvers.allowed_signers")).unwrap();
    for key in ["\n[[freezes]]", "\n[approvers]", "\n[[lifts]]"] {
        assert!(uncommented.contains(key), "{uncommented}");
    }
    assert_eq!(repository.check(&["production", "--at", "2026-12-26T12:00:00Z"]), Some(1), "{uncommented}");
}
