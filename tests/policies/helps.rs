//! Each help for what people write proposes what they mean, and nothing else: it is written back and asked.

use std::collections::BTreeSet;

use freezegate::policy::Policy;
use serde::Deserialize;

use crate::policies::change::Change;
use crate::policies::files::{Memory, report};

#[derive(Deserialize)]
struct Helps {
    cases: Vec<Help>,
}

/// What somebody wrote, and what the help has to propose.
#[derive(Deserialize)]
struct Help {
    written: String,
    also: Vec<String>,
    forms: Vec<Form>,
}

#[derive(Deserialize)]
struct Form {
    quotes: Vec<String>,
    write: String,
    closed: Vec<String>,
    open: Vec<String>,
}

fn load(lines: &str) -> Result<Policy, freezegate::diagnostic::Faults> {
    let head = "version = 1\n[regions.all]\ntimezones = [\"UTC\"]\n[environments.production]\nduring_core_hours = \
                \"off\"\n";
    let lines = if lines.contains("environment =") {
        format!(
            "[[targets]]\n{lines}\n[[freezes]]\nname = \"all\"\nhours = [\"daily 00:00-24:00\"]\ntimezone = \"UTC\"\n[[lifts]]\nlevel = \"hard\"\nincident = true\nsigned = []\n"
        )
    } else {
        format!("[[freezes]]\nname = \"it\"\n{lines}\n")
    };
    Memory::one(format!("{head}{lines}")).load()
}

/// Returns what stands in backticks.
fn quoted(help: &str) -> BTreeSet<&str> {
    help.split('`').skip(1).step_by(2).collect()
}

fn is_allowed(policy: &Policy, lines: &str, at_or_path: &str) -> bool {
    if lines.starts_with("paths") {
        return Change::of(&[at_or_path]).under(policy).is_allowed("2026-12-01T00:00:00Z");
    }
    Change::to("production").under(policy).is_allowed(at_or_path)
}

#[test]
fn each_proposal_written_back_closes_what_was_meant() {
    let helps: Helps = serde_json::from_str(include_str!("../data/helps.json")).unwrap();
    let mut wrong = Vec::new();
    for case in helps.cases {
        let faults = match load(&case.written) {
            Ok(_) => {
                wrong.push(format!("accepted: {}", case.written));
                continue;
            }
            Err(faults) => faults,
        };
        let [only] = faults.diagnostics.as_slice() else {
            wrong.push(format!("{}\n{}", case.written, report(&faults)));
            continue;
        };
        let help = only.help.as_deref().unwrap_or_default();
        let forms = case.forms.iter().flat_map(|form| &form.quotes);
        let expected: BTreeSet<&str> = forms.chain(&case.also).map(String::as_str).collect();
        if quoted(help) != expected {
            wrong.push(format!("{}\n  {}\n  {help}\n  expected {expected:?}", case.written, only.cause));
        }
        for form in &case.forms {
            let policy = load(&form.write).unwrap_or_else(|faults| panic!("{}\n{}", form.write, report(&faults)));
            let met = |at: &&String| is_allowed(&policy, &form.write, at);
            wrong.extend(form.closed.iter().filter(met).map(|at| format!("{}: open at {at}", form.write)));
            let open = form.open.iter().filter(|at| !met(at));
            wrong.extend(open.map(|at| format!("{}: closed at {at}", form.write)));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn globs_that_look_a_little_like_regular_expressions_stay_globs() {
    for (key, pattern) in [
        ("paths", ".github/**"),
        ("paths", "**/.*"),
        ("paths", "values.*"),
        ("paths", "compose.*.yml"),
        ("paths", ".*rc"),
        ("paths", "app/(shop)/page.tsx"),
        ("paths", "app/routes/$"),
        ("paths", "app/routes/$id.tsx"),
        ("except", ".*"),
        ("except", "services/.*"),
    ] {
        let paths = if key == "except" { "paths = [\"**\"]\n" } else { "" };
        let lines = format!("{paths}{key} = [\"{pattern}\"]\nenvironment = \"production\"");
        let loaded = load(&lines);
        assert!(loaded.is_ok(), "{pattern}: {}", loaded.err().map(|faults| report(&faults)).unwrap_or_default());
    }
}
