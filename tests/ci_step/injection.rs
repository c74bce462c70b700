//! What others wrote is printed and never obeyed: every line of `tests/data/workflow_commands.json`, wherever it can come in, through the whole program
//! and in every format.

use std::fs;

use crate::ci_step::runner::{commands, facts, is_inert_elsewhere, outputs};
use crate::ci_step::world::{Answer, CLOSED, Job, OPEN, POLICY, World};

const FORMATS: [&str; 6] = ["text", "json", "github", "gitlab", "junit", "markdown"];

/// The lines of the facts, the markers of other providers, and what moves a terminal's cursor.
fn lines() -> Vec<String> {
    let facts = facts();
    let cases = facts["line_cases"].as_array().unwrap().iter().map(|case| case["line"].as_str().unwrap().to_owned());
    let markers = facts["other_ci"].as_array().unwrap().iter().flat_map(|ci| ci["markers"].as_array().unwrap());
    // written in the facts with `\r`, `\e` and `<unix>`
    let markers = markers.map(|marker| {
        marker
            .as_str()
            .unwrap()
            .replace("\\r", "\r")
            .replace("\\e", "\u{1b}")
            .replace("<unix>", "1")
            .replace("...", "x")
    });
    let others = [
        "\u{1b}[2K\u{1b}]0;x\u{7}",
        "\u{202e}::error::x",
        "a\u{2028}::error::x",
        "%0A::error::x",
        "x,line=7::y",
        "\u{9b}2J",
    ];
    let lines: Vec<String> = cases.chain(markers).chain(others.map(str::to_owned)).collect();
    assert!(lines.len() > 20, "too few lines were read");
    lines
}

/// Nothing of the answer is obeyed but the annotations of the format `github`, and those say what we say.
fn is_harmless(format: &str, answer: &Answer, what: &str) {
    for (name, text) in [("out", &answer.out), ("err", &answer.err)] {
        assert!(is_inert_elsewhere(text), "{what} in {format} ({name}): {answer}");
        let found = commands(text);
        if format == "github" && name == "out" {
            let ours = found.iter().all(|one| {
                ["error", "warning", "notice"].contains(&one.name.as_str())
                    && one.properties["title"].starts_with("freezegate")
                    && one.properties.keys().all(|key| ["file", "line", "title"].contains(&key.as_str()))
                    && one.properties.get("line").is_none_or(|line| line.bytes().all(|byte| byte.is_ascii_digit()))
            });
            assert!(ours && found.len() <= 10, "{what}: {found:?} {answer}");
        } else {
            assert!(found.is_empty(), "{what} in {format} ({name}): {found:?} {answer}");
        }
    }
}

/// Runs in every format, and looks at all that is written.
fn every_format(world: &World, job: impl Fn() -> Job, arguments: &[&str], statuses: &[i32], what: &str) {
    formats(&FORMATS, world, job, arguments, statuses, what);
}

/// Runs in one format of each way of escaping: text is told in each of them too, Markdown as GitHub's summary, GitLab's report as JSON.
fn every_escape(world: &World, job: impl Fn() -> Job, arguments: &[&str], statuses: &[i32], what: &str) {
    formats(&["github", "json", "junit"], world, job, arguments, statuses, what);
}

fn formats(formats: &[&str], world: &World, job: impl Fn() -> Job, arguments: &[&str], statuses: &[i32], what: &str) {
    for format in formats {
        let (output, summary) = (world.path("outputs"), world.path("summary"));
        let job = job()
            .with("GITHUB_OUTPUT", output.to_str().unwrap())
            .with("GITHUB_STEP_SUMMARY", summary.to_str().unwrap());
        let answer = world.run(CLOSED, &job.variables(), &[&["check"], arguments, &["--format", format]].concat());
        assert!(statuses.contains(&answer.status), "{what} in {format}: {answer}");
        is_harmless(format, &answer, what);
        if *format == "github" {
            let page = fs::read_to_string(&summary).unwrap();
            assert!(is_inert_elsewhere(&page) && commands(&page).is_empty(), "{what}: {page}");
            assert!(!page.contains("<script") && !page.contains("]("), "{what}: {page}");
            let told = outputs(&fs::read_to_string(&output).unwrap());
            assert_eq!(told.keys().collect::<Vec<_>>(), ["decision", "findings", "next-open", "valid-until"], "{what}");
            for file in [output, summary] {
                fs::remove_file(file).unwrap();
            }
        }
    }
}

#[test]
fn a_path_is_not_obeyed() {
    // a path that is broken into lines by its own blanks as well
    let long = "a".repeat(70);
    for line in lines() {
        let world = World::with_base();
        let file = line.replace('/', "_");
        world.commit(&[
            (&format!("deploy/production/us/{file}"), "x"),
            (&format!("deploy/production/us/{long} {file}/x"), "x"),
        ]);
        every_format(
            &world,
            || Job::of_push("github/push", &world),
            &["production"],
            &[1],
            &format!("the path {line:?}"),
        );
        every_format(
            &world,
            || Job::of_push("github/push", &world),
            &["staging"],
            &[1],
            &format!("the mismatched path {line:?}"),
        );
    }
}

#[test]
fn a_captured_name_is_not_obeyed() {
    for line in lines() {
        let world = World::with_base();
        world.commit(&[(&format!("deploy/{}/us/x", line.replace('/', "_")), "x")]);
        every_format(
            &world,
            || Job::of_push("github/push", &world),
            &["production"],
            &[1],
            &format!("the name {line:?}"),
        );
    }
}

#[test]
fn a_reason_and_a_contact_are_not_obeyed() {
    for line in lines() {
        let world = World::empty();
        let text =
            serde_json::to_string(&format!("x\n{line}")).unwrap().replace("\\/", "/").replace('\u{9b}', "\\u009b");
        let long = format!("\"{} {}", "b".repeat(60), text.trim_start_matches('"'));
        let policy = POLICY.replace("\"#freeze-help\"", &text)
            + &format!(
                "\n[[freezes]]\nname = {text}\nhours = [\"daily 00:00-24:00\"]\ntimezone = \"UTC\"\nreason = {long}\n"
            );
        world.commit(&[("freezegate.toml", &policy)]);
        world.git(&["branch", "base"]);
        world.commit(&[("deploy/production/us/x", "x")]);
        // a name may be one that the policy refuses
        every_format(
            &world,
            || Job::of_push("github/push", &world),
            &["production"],
            &[1, 2],
            &format!("the reason {line:?}"),
        );
    }
}

#[test]
fn a_variable_is_not_obeyed() {
    let world = World::pushed();
    for line in lines() {
        let what = |name: &str| format!("{name} {line:?}");
        // what is only told
        let told = ["GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR", "GITHUB_RUN_ID", "GITHUB_REPOSITORY"];
        let job = || told.iter().fold(Job::of_push("github/push", &world), |job, name| job.with(name, &line));
        every_escape(&world, job, &["production"], &[1], &what("what is told"));
        for name in ["GITHUB_REF", "GITHUB_SHA", "GITHUB_EVENT_NAME"] {
            let job = || Job::of_push("github/push", &world).with(name, &line);
            every_escape(&world, job, &["production"], &[1, 2], &what(name));
        }
        for name in ["CI_COMMIT_BRANCH", "CI_ENVIRONMENT_NAME", "CI_PIPELINE_SOURCE"] {
            let job = || Job::of_push("gitlab/push_to_environment", &world).with(name, &line);
            every_escape(&world, job, &[], &[1, 2], &what(name));
        }
    }
}

#[test]
fn an_argument_is_not_obeyed() {
    let world = World::pushed();
    for line in lines() {
        let job = || Job::of_push("github/push", &world);
        let joined = format!("--for={line}");
        let lines = format!("production\n{line}");
        for arguments in [
            vec![line.as_str()],
            vec![lines.as_str()],
            vec!["production", "--kind", &line],
            vec!["production", joined.as_str()],
            vec!["production", "--range", &line],
            vec!["production", "--ref", &line],
            vec!["production", "--policy-from", &line],
            vec!["production", "--policy", &line],
            vec!["production", "--timezone", &line],
        ] {
            // `---` and `+++` are options that there are not, or names
            every_escape(&world, job, &arguments, &[1, 2], &format!("{arguments:?}"));
        }
    }
}

#[test]
fn a_wrong_policy_is_not_obeyed() {
    for line in lines() {
        let world = World::empty();
        let text = serde_json::to_string(&format!("x\n{line}")).unwrap();
        let remark: String =
            line.chars().filter(|character| !character.is_ascii_control() || *character == '\t').collect();
        let policy =
            format!("version = 1 # {remark}\n{text} = 1 # {remark}\n[regions.us]\ntimezones = [{text}] # {remark}\n");
        world.commit(&[("freezegate.toml", &policy)]);
        world.git(&["branch", "base"]);
        world.commit(&[("deploy/production/us/x", "x")]);
        every_escape(
            &world,
            || Job::of_push("github/push", &world),
            &["production"],
            &[2],
            &format!("the policy {line:?}"),
        );
    }
}

/// The exact text is not lost: who parses the answer gets it back.
#[test]
fn documents_are_exact_all_the_same() {
    for line in ["##[error]x", "section_start:1:x", "a\u{2028}b"] {
        let world = World::with_base();
        let name = line.replace('/', "_");
        world.commit(&[(&format!("deploy/{name}/us/x"), "x")]);
        let job = Job::of_push("github/push", &world);
        let answer = world.run(OPEN, &job.variables(), &["check", "production", "--format", "json"]);
        let findings = answer.json()["findings"].to_string();
        let printed = freezegate::escape::for_terminal(&name).into_owned();
        let told = serde_json::to_string(&printed).unwrap();
        assert!(findings.contains(told.trim_matches('"')), "{answer}");
        let answer = world.run(OPEN, &job.variables(), &["check", "production", "--format", "junit"]);
        let document = roxmltree::Document::parse(&answer.out).unwrap();
        let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
        assert!(failure.attribute("message").unwrap().contains(&printed), "{answer}");
    }
}
