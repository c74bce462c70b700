//! Every code is explained, and each example does what the text beside it says.

#![expect(clippy::unwrap_used, reason = "a test ends where its data is not as it should be")]

use std::collections::HashSet;
use std::path::Path;
use std::process::Output;

use freezegate::decision::FindingCode;
use freezegate::diagnostic::{Code, Faults};
use freezegate::explain::{Example, Topic};
use freezegate::lint::{CODES, LintOptions, lint};
use freezegate::policy::Policy;
use freezegate::policy::load::{PolicyFiles, ReadFault, load};
use freezegate::report::explain;
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

/// What an example leaves out of its policy: each section, with its header.
const REST: [(&str, &str); 3] = [
    ("[regions.us]", "timezones = [\"America/New_York\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]"),
    ("[environments.production]", ""),
    ("[environments.staging]", "during_core_hours = \"off\""),
];

/// The lines of an example as a whole policy.
fn whole(text: &str) -> String {
    if text.starts_with("version") {
        return text.to_owned();
    }
    let mut whole = format!("version = 1\n{text}\n");
    for (header, section) in REST {
        // a section that the example writes, be its header broken, is its own
        let broken = header.trim_end_matches(']');
        if !text.lines().any(|line| line == header || line == broken) {
            whole.push_str(&format!("{header}\n{section}\n"));
        }
    }
    whole
}

struct Files<'e>(&'e Example);

impl PolicyFiles for Files<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        match path {
            "freezegate.toml" => Ok(whole(self.0.policy).into_bytes()),
            "org.toml" => Ok(b"version = 1\n".to_vec()),
            "approvers.allowed_signers" => Ok(include_bytes!("../policies/approvers.allowed_signers").to_vec()),
            _ => Err(ReadFault { cause: "is not there".to_owned(), help: "fix the path".to_owned() }),
        }
    }
}

fn loaded(example: &Example) -> Result<Policy, Faults> {
    load(&Files(example), &["freezegate.toml".to_owned()], &[])
}

fn git(folder: &Path, arguments: &[&str]) {
    let done = crate::support::clean::command("git", folder, folder).args(arguments).output().unwrap();
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Runs the words of `asked` in a repository of two commits, of which the first has `policy` and the second changes a file.
fn run(policy: &str, asked: &Example, more: &[&str], changed: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    git(here, &["init", "--quiet", "--initial-branch=main"]);
    std::fs::write(here.join("freezegate.toml"), whole(policy)).unwrap();
    git(here, &["add", "."]);
    git(here, &["commit", "--quiet", "--message=begin"]);
    let path = here.join(changed);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let before = if path.exists() { std::fs::read_to_string(&path).unwrap() } else { String::new() };
    std::fs::write(&path, before + "# changed\n").unwrap();
    git(here, &["add", "."]);
    git(here, &["commit", "--quiet", "--message=change"]);
    std::fs::write(here.join("stop.toml"), asked.fragment).unwrap();
    let mut words = asked.command.split(' ');
    assert_eq!(words.next(), Some("freezegate"), "{}", asked.command);
    crate::support::clean::command(env!("CARGO_BIN_EXE_freezegate"), here, here)
        .args(words)
        .args(more)
        .output()
        .unwrap()
}

/// The codes of the findings that the command of `asked` tells.
fn findings(policy: &str, asked: &Example, changed: &str) -> Vec<String> {
    let output = run(policy, asked, &["--format", "json"], changed);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer.get("errors"), Some(&serde_json::json!([])), "{answer}");
    let codes = answer.get("findings").unwrap().as_array().unwrap();
    codes.iter().map(|finding| finding.get("code").unwrap().as_str().unwrap().to_owned()).collect()
}

#[test]
fn no_two_codes_have_the_same_name() {
    let mut seen = HashSet::new();
    for topic in Topic::all() {
        assert!(seen.insert(topic.as_str()), "{}", topic.as_str());
    }
    // and how to go back
    assert_eq!(seen.len(), FindingCode::ALL.len() + 1 + Code::ALL.len());
}

#[test]
fn every_code_has_a_text_that_fits_a_narrow_terminal() {
    for topic in Topic::all() {
        let text = anstream::adapter::strip_str(&explain::topic(topic, 60)).to_string();
        let explanation = topic.explanation();
        for line in text.lines() {
            assert!(line.chars().count() <= 60, "{}: {line}", topic.as_str());
        }
        assert!(text.starts_with(&format!("{}: ", topic.as_str())));
        let prose = textwrap::wrap(explanation.meaning, 60).len() + textwrap::wrap(explanation.remedy, 60).len();
        assert!((2..=8).contains(&prose), "{}: {prose} lines", topic.as_str());
        for text in [explanation.meaning, explanation.remedy] {
            assert!(text.ends_with('.') && !text.contains("  "), "{}: {text}", topic.as_str());
        }
        assert!(!explanation.summary.ends_with('.'), "{}", topic.as_str());
    }
}

#[test]
fn no_command_is_broken_and_nothing_is_lost_at_any_width() {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for topic in Topic::all() {
        let explanation = topic.explanation();
        for width in [60, 100] {
            let text = anstream::adapter::strip_str(&explain::topic(topic, width)).to_string();
            let words = one_line(&text);
            for said in [explanation.summary, explanation.meaning, explanation.remedy] {
                assert!(words.contains(&one_line(said)), "{} at {width} lacks {said:?}:\n{text}", topic.as_str());
                let quoted = said.split('`').skip(1).step_by(2);
                for quoted in quoted.filter(|quoted| is_to_be_copied(quoted)) {
                    assert!(text.contains(quoted), "{} at {width} breaks {quoted:?}:\n{text}", topic.as_str());
                }
            }
        }
    }
}

/// Returns whether a text in backticks is a command, an option or a setting.
fn is_to_be_copied(quoted: &str) -> bool {
    ["freezegate ", "git ", "--"].iter().any(|one| quoted.starts_with(one))
        || ["=", ": "].iter().any(|sign| quoted.contains(sign))
}

#[test]
fn the_list_names_every_code_once() {
    let text = anstream::adapter::strip_str(&explain::list(60)).to_string();
    let listed: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(listed.iter().collect::<HashSet<_>>().len(), listed.len());
    assert_eq!(listed.len(), Topic::all().count());
    assert!(Topic::all().all(|topic| listed.contains(&topic.as_str())));
}

#[test]
fn only_what_lines_cannot_show_has_no_example() {
    let without: Vec<&str> =
        Topic::all().filter(|topic| topic.explanation().example.is_none()).map(Topic::as_str).collect();
    assert_eq!(
        without,
        [
            "clock-behind",
            "policy-change",
            "route-hijack",
            "route-overlap",
            "route-takeover",
            "route-dead",
            "rollback",
            "no-policy",
            "too-large",
            "bad-grant",
            "broken-record",
            "internal",
            "unmatched-target",
            "uncovered-path",
            "old-zone-rules"
        ]
    );
}

#[test]
fn examples_of_findings_meet_them_and_the_others_do_not() {
    for topic in Topic::all() {
        let Topic::Finding(code) = topic else { continue };
        let Some((cause, fix)) = &topic.explanation().example else { continue };
        let changed = "deploy/production/api.yaml";
        let met = findings(cause.policy, cause, changed);
        assert!(met.contains(&code.as_str().to_owned()), "{}: {met:?}", code.as_str());
        let policy = if fix.policy.is_empty() { cause.policy } else { fix.policy };
        let left = findings(policy, fix, changed);
        assert!(!left.contains(&code.as_str().to_owned()), "{}: {left:?}", code.as_str());
    }
}

#[test]
fn examples_of_wrong_policies_are_wrong_in_just_that_way_and_the_others_are_right() {
    let mut seen = 0;
    for topic in Topic::all() {
        let Topic::Diagnostic(code) = topic else { continue };
        let Some((cause, fix)) = &topic.explanation().example else { continue };
        if !cause.command.is_empty() || CODES.contains(&code) {
            continue;
        }
        seen += 1;
        match loaded(cause) {
            Ok(_) => panic!("{} loads", code.as_str()),
            Err(faults) => {
                let codes: Vec<Code> = faults.diagnostics.iter().map(|fault| fault.code).collect();
                assert_eq!(codes, [code], "{:?}", faults.diagnostics);
            }
        }
        if let Err(faults) = loaded(fix) {
            panic!("{}: {:?}", code.as_str(), faults.diagnostics);
        }
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn examples_of_lint_are_found_and_the_others_are_not() {
    let at = Instant::from("2026-11-21T12:00:00Z".parse::<jiff::Timestamp>().unwrap());
    let options = LintOptions {
        at,
        weeks: 4,
        least_open: Seconds::hours(10),
        system_zone_rules: None,
        allowed: &[],
        coverage: &[],
    };
    for code in CODES {
        let Some((cause, fix)) = &Topic::Diagnostic(code).explanation().example else { continue };
        let found = |example: &Example| {
            let policy = loaded(example).unwrap_or_else(|faults| panic!("{}: {:?}", code.as_str(), faults.diagnostics));
            let review = lint(&policy, &options).unwrap();
            review.warnings.iter().any(|warning| warning.code == code)
        };
        assert!(found(cause), "{}", code.as_str());
        assert!(!found(fix), "{}", code.as_str());
    }
}

#[test]
fn examples_of_command_lines_fail_with_just_that_code_and_the_others_do_not() {
    let mut seen = 0;
    for topic in Topic::all() {
        let Topic::Diagnostic(code) = topic else { continue };
        let Some((cause, fix)) = &topic.explanation().example else { continue };
        if cause.command.is_empty() {
            continue;
        }
        seen += 1;
        let told = |example: &Example| {
            let output = run(example.policy, example, &[], "README.md");
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        let (status, complaint) = told(cause);
        assert_eq!(status, Some(2), "{}: {complaint}", code.as_str());
        assert_eq!(complaint.matches("error[").count(), 1, "{complaint}");
        assert!(complaint.contains(&format!("error[{}]", code.as_str())), "{}: {complaint}", code.as_str());
        let (status, complaint) = told(fix);
        assert!(status == Some(0) || status == Some(1), "{}: {complaint}", code.as_str());
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn a_code_is_explained_and_an_unknown_one_gets_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let explain = |arguments: &[&str]| {
        crate::support::clean::command(env!("CARGO_BIN_EXE_freezegate"), here, here)
            .arg("explain")
            .args(arguments)
            .output()
            .unwrap()
    };
    let known = explain(&["window-too-short"]);
    assert_eq!(known.status.code(), Some(0));
    assert!(String::from_utf8(known.stdout).unwrap().starts_with("window-too-short: open now"));
    let all = explain(&[]);
    assert_eq!(all.status.code(), Some(0));
    assert!(String::from_utf8(all.stdout).unwrap().contains("\n  window-too-short "));
    let unknown = explain(&["window-to-short"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(unknown.stdout.is_empty());
    let complaint = String::from_utf8(unknown.stderr).unwrap();
    assert!(
        complaint.contains("there is no code `window-to-short`")
            && complaint.contains("did you mean `window-too-short`?"),
        "{complaint}"
    );
    // one that is not spelled alike: those that have the most words of it
    for (code, help) in [
        ("change-window", "did you mean `outside-change-window`?"),
        ("an-old-zone", "did you mean `old-zone-rules`?"),
        ("time", "did you mean `invalid-time`?"),
        ("qqq", "`freezegate explain` lists all codes"),
    ] {
        let complaint = String::from_utf8(explain(&[code]).stderr).unwrap();
        assert!(complaint.contains(help), "{code}: {complaint}");
    }
}

/// Whoever changes who may override prepares the next edit: the rule is not to be guessed.
#[test]
fn that_a_harder_override_opens_too_is_said() {
    let topic = Topic::all().into_iter().find(|topic| topic.as_str() == "policy-change").unwrap();
    let text = anstream::adapter::strip_str(&explain::topic(topic, 80)).to_string();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("who may override a finding also counts as opening, even if it becomes harder"), "{text}");
}
