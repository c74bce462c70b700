//! The formats, each as its reader reads it, with the same exit status in all of them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use serde_json::Value;

use crate::ci_step::runner::{commands, outputs};
use crate::ci_step::world::{Answer, CLOSED, Job, OPEN, POLICY, World};

const FORMATS: [&str; 6] = ["text", "json", "github", "gitlab", "junit", "markdown"];

/// A push to main in GitHub, with files for the step.
fn step(world: &World) -> Job {
    let file = |name: &str| world.path(name).to_str().unwrap().to_owned();
    Job::of_push("github/push", world)
        .with("GITHUB_OUTPUT", &file("outputs"))
        .with("GITHUB_STEP_SUMMARY", &file("summary"))
}

fn check(world: &World, clock: &str, arguments: &[&str]) -> Answer {
    world.run(clock, &step(world).variables(), &[&["check"], arguments].concat())
}

fn read(world: &World, name: &str) -> String {
    fs::read_to_string(world.path(name)).unwrap()
}

#[test]
fn every_format_ends_alike_and_tells_every_sort_of_answer() {
    let world = World::pushed();
    for (clock, arguments, status) in
        [(OPEN, "production", 0), (CLOSED, "production", 1), (CLOSED, "prodution", 2), (CLOSED, "--for=x", 2)]
    {
        for format in FORMATS {
            let answer = check(&world, clock, &[arguments, "--format", format]);
            assert_eq!(answer.status, status, "{format} {answer}");
            let says_so = match status {
                0 => {
                    format == "gitlab" && answer.out.contains("\"warning\"") && !answer.out.contains("blocker")
                        || answer.out.contains("allowed")
                        || answer.out.contains("may change")
                }
                1 => answer.out.contains("core"),
                _ => answer.err.contains("error") && (format == "text" || !answer.out.is_empty()),
            };
            assert!(says_so, "{format} {answer}");
        }
    }
}

#[test]
fn a_command_line_that_cannot_be_read_is_told_in_the_format_that_it_asks_for() {
    let world = World::pushed();
    for format in FORMATS {
        for asked in [vec!["--format", format], vec![]] {
            let joined = format!("--format={format}");
            let asked = if asked.is_empty() { vec![joined.as_str()] } else { asked };
            let answer = check(&world, CLOSED, &[&["production", "--nonsense"], asked.as_slice()].concat());
            assert_eq!((answer.status, answer.out.is_empty()), (2, format == "text"), "{format} {answer}");
            assert!(format == "text" || answer.out.contains("nonsense"), "{format} {answer}");
        }
    }
    assert_eq!(outputs(&read(&world, "outputs"))["decision"], "undecided");
}

#[test]
fn a_github_step_gets_annotations_a_summary_and_outputs() {
    let world = World::pushed();
    fs::write(world.path("outputs"), "before<<x\nkept\nx\n").unwrap();
    let answer = check(&world, CLOSED, &["staging", "--format", "github"]);
    let found = commands(&answer.out);
    let told: Vec<(&str, &str, &str)> = found
        .iter()
        .map(|one| (one.name.as_str(), one.properties["file"].as_str(), one.properties["title"].as_str()))
        .collect();
    let path = "deploy/production/us/routes.yaml";
    assert_eq!(
        told,
        [
            ("error", path, "freezegate: target-mismatch"),
            ("error", path, "freezegate: core-hours/us"),
            ("notice", "freezegate.toml", "freezegate: typed-only"),
        ],
        "{answer}"
    );
    assert!(found[1].message.contains("\nclock: Wed 14:45 Los Angeles (21:45 UTC)"), "{answer}");
    assert!(answer.out.contains("\nrefused: you said"), "the log has no text for people: {answer}");
    let summary = read(&world, "summary");
    assert!(summary.contains("**refused&#58;**") && summary.contains("core hours"), "{summary}");

    let told = outputs(&read(&world, "outputs"));
    assert_eq!(told["before"], "kept", "what earlier commands of the step wrote is gone");
    assert_eq!(told["decision"], "refused");
    assert_eq!(told["findings"], "[\"target-mismatch\",\"core-hours/us\"]");
    assert_eq!((told["next-open"].as_str(), told["valid-until"].as_str()), ("", ""), "a mismatch does not pass");

    check(&world, CLOSED, &["production", "--format", "github"]);
    let told = outputs(&read(&world, "outputs"));
    assert_eq!(told["next-open"], "2025-07-10T01:00:00Z");
    assert_eq!(told["valid-until"], "2025-07-10T01:00:00Z");
    check(&world, OPEN, &["production", "--format", "github"]);
    let told = outputs(&read(&world, "outputs"));
    assert_eq!((told["decision"].as_str(), told["findings"].as_str()), ("allowed", "[]"));
    let answer = check(&world, OPEN, &["prodution", "--format", "github"]);
    assert_eq!(commands(&answer.out)[0].name, "error");
    let told = outputs(&read(&world, "outputs"));
    assert_eq!((told["decision"].as_str(), told["findings"].as_str()), ("undecided", "[]"));
    assert!(read(&world, "summary").contains("no decision"));

    let delimiters: Vec<String> = read(&world, "outputs")
        .lines()
        .filter_map(|line| line.split_once("<<"))
        .map(|(_, end)| end.to_owned())
        .collect();
    assert_eq!(delimiters.len(), 17);
    assert_eq!(delimiters.iter().collect::<BTreeSet<_>>().len(), 17, "a delimiter was used twice");
}

#[test]
fn advice_annotates_without_errors() {
    let world = World::pushed();
    let answer = check(&world, CLOSED, &["production", "--dry-run", "--format", "github"]);
    assert_eq!(answer.status, 0, "{answer}");
    assert_eq!(commands(&answer.out).iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["warning"]);
    assert_eq!(outputs(&read(&world, "outputs"))["decision"], "refused");
    let answer = check(&world, CLOSED, &["production", "--dry-run", "--format", "junit"]);
    assert!(
        answer.out.contains("failures=\"0\"") && answer.out.contains("<skipped message=\"would be refused"),
        "{answer}"
    );
}

#[test]
fn github_is_shown_at_most_ten_annotations_and_how_many_more_there_are() {
    let world = World::empty();
    let mut policy = POLICY.to_owned();
    for number in 0..15 {
        write!(policy, "\n[[freezes]]\nname = \"f{number}\"\nhours = [\"Mon-Fri 00:00-24:00\"]\ntimezone = \"UTC\"\n")
            .unwrap();
    }
    world.commit(&[("freezegate.toml", &policy)]);
    world.git(&["branch", "base"]);
    world.commit(&[("deploy/production/us/routes.yaml", "two")]);
    let answer = check(&world, CLOSED, &["production", "--format", "github"]);
    let found = commands(&answer.out);
    assert_eq!(found.len(), 10, "{answer}");
    assert!(found[9].message.starts_with("and 7 more"), "{answer}");
    let told = outputs(&read(&world, "outputs"));
    let ids: Vec<String> = serde_json::from_str(&told["findings"]).unwrap();
    assert_eq!(ids.len(), 16);
}

#[test]
fn a_step_whose_files_cannot_be_written_has_no_decision() {
    let world = World::pushed();
    for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
        let job = step(&world).with(name, world.path("nonexistent/file").to_str().unwrap());
        let answer = world.run(OPEN, &job.variables(), &["check", "production", "--format", "github"]);
        assert_eq!(answer.status, 2, "{name} {answer}");
        assert!(answer.err.contains("error[unwritable]"), "{name} {answer}");
    }
    // outside of a step there is nobody to tell
    let job = Job::of_push("github/push", &world);
    assert_eq!(world.run(OPEN, &job.variables(), &["check", "production", "--format", "github"]).status, 0);
}

/// <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>
fn issues(answer: &str) -> Vec<Value> {
    let issues: Vec<Value> = serde_json::from_str(answer).unwrap();
    for issue in &issues {
        for name in ["description", "check_name", "fingerprint"] {
            assert!(issue[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {issue}");
        }
        let severities = ["info", "minor", "major", "critical", "blocker"];
        assert!(severities.iter().any(|known| issue["severity"] == *known), "{issue}");
        assert!(issue["location"]["path"].as_str().is_some_and(|path| !path.starts_with("./")), "{issue}");
        assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{issue}");
    }
    issues
}

#[test]
fn gitlab_gets_a_code_quality_report_that_tells_the_same_finding_alike() {
    let world = World::pushed();
    let first = issues(&check(&world, CLOSED, &["staging", "--format", "gitlab"]).out);
    assert_eq!(first.len(), 4);
    assert_eq!(first[1]["location"]["path"], "deploy/production/us/routes.yaml");
    assert_eq!(first[1]["severity"], "blocker");
    let later = issues(&check(&world, "2025-07-10 16:00:00 UTC", &["staging", "--format", "gitlab"]).out);
    let prints = |issues: &[Value]| issues.iter().map(|one| one["fingerprint"].to_string()).collect::<Vec<_>>();
    assert_eq!(prints(&first), prints(&later), "the same finding an hour later is no new one");
    assert_eq!(prints(&first).iter().collect::<BTreeSet<_>>().len(), 4);
    let allowed = issues(&check(&world, OPEN, &["production", "--format", "gitlab"]).out);
    assert!(allowed.iter().all(|one| one["check_name"] == "warning" && one["severity"] == "minor"), "{allowed:?}");
    assert_eq!(issues(&check(&world, OPEN, &["prodution", "--format", "gitlab"]).out)[0]["severity"], "blocker");
}

#[test]
fn junit_is_a_document_whose_numbers_are_right() {
    let world = World::pushed();
    for (clock, environment, counts) in [
        (OPEN, "production", ["2", "0", "0"]),
        (CLOSED, "production", ["2", "1", "0"]),
        (CLOSED, "staging", ["5", "2", "0"]),
        (OPEN, "prodution", ["1", "0", "1"]),
    ] {
        let answer = check(&world, clock, &[environment, "--format", "junit"]);
        let document = roxmltree::Document::parse(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer}"));
        let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
        let told = ["tests", "failures", "errors"].map(|name| suite.attribute(name).unwrap());
        assert_eq!(told, counts, "{answer}");
        let count = |tag: &str| suite.descendants().filter(|node| node.has_tag_name(tag)).count().to_string();
        assert_eq!(
            [count("testcase"), count("failure"), count("error")].each_ref().map(String::as_str),
            counts,
            "{answer}"
        );
        assert!(
            suite
                .children()
                .filter(|node| node.has_tag_name("testcase"))
                .all(|case| case.attribute("name").is_some() && case.attribute("classname").is_some())
        );
    }
}

#[test]
fn a_report_in_a_file_leaves_the_log_to_people() {
    let world = World::pushed();
    for format in ["json", "gitlab", "junit", "markdown"] {
        for (environment, status, part) in
            [("production", 1, "refused: production/us is closed"), ("prodution", 2, "there is no environment")]
        {
            let file = world.path(&format!("report-{format}"));
            let answer = check(&world, CLOSED, &[environment, "--format", format, "--output", file.to_str().unwrap()]);
            assert_eq!((answer.status, answer.out.as_str()), (status, ""), "{answer}");
            assert!(answer.err.contains(part), "{format} {answer}");
            assert!(!fs::read_to_string(&file).unwrap().is_empty(), "{format}");
        }
    }
}
