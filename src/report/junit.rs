//! JUnit's XML, which nearly every CI system shows as test results: a finding that refuses is a failure, no decision an error.
//!
//! There is no one standard; this is what Jenkins' and GitLab's readers share (<https://docs.gitlab.com/ci/testing/unit_test_reports/>,
//! <https://github.com/jenkinsci/junit-plugin>).

use crate::escape::{markup, xml};
use crate::report::Answer;
use crate::report::note::{Grade, Note};

/// The notes and the names of what passed as one document.
#[must_use]
pub fn report(notes: &[Note<'_>], passed: &[String]) -> String {
    let count = |grades: &[Grade]| notes.iter().filter(|note| grades.contains(&note.grade)).count();
    let totals = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        notes.len().saturating_add(passed.len()),
        count(&[Grade::Refused]),
        count(&[Grade::Undecided]),
        count(&[Grade::Advised])
    );
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"freezegate\" {totals}>\n  <testsuite name=\"freezegate\" {totals}>\n"
    );
    for name in passed {
        text.push_str(&format!("    <testcase classname=\"freezegate\" name=\"{}\"/>\n", markup(name)));
    }
    for note in notes {
        text.push_str(&case(note));
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    xml(&text).into_owned()
}

/// Returns what is open of all that the change reaches.
#[must_use]
pub fn passed(answer: &Answer<'_>) -> Vec<String> {
    if answer.reach.reached.is_empty() && answer.decision.findings.is_empty() {
        return vec!["reaches no environment".to_owned()];
    }
    let mut names: Vec<String> = Vec::new();
    for reached in &answer.reach.reached {
        let environment = &reached.environment.name;
        let region = reached.region.as_ref().map(|region| &region.name);
        let closed = answer.decision.findings.iter().any(|finding| {
            finding.refuses()
                && finding.environment.as_ref().is_none_or(|name| name == environment)
                && (finding.region.is_none() || finding.region.as_ref() == region)
        });
        let name = region.map_or_else(|| environment.clone(), |region| format!("{environment}/{region}"));
        let name = format!("{name} may change");
        if !closed && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn case(note: &Note<'_>) -> String {
    let name = markup(&format!("{}: {}", note.subject, note.id)).into_owned();
    let file = note.spot.as_ref().map_or_else(String::new, |spot| format!(" file=\"{}\"", markup(&spot.path)));
    let (title, kind) = (markup(&note.title), markup(note.code));
    let details = markup(&note.details.join("\n")).into_owned();
    let result = match note.grade {
        Grade::Undecided => format!("<error message=\"{title}\" type=\"{kind}\">{details}</error>"),
        Grade::Refused => format!("<failure message=\"{title}\" type=\"{kind}\">{details}</failure>"),
        Grade::Advised => format!("<skipped message=\"{title}\"/>"),
        Grade::Warned | Grade::Lifted | Grade::Told => format!("<system-out>{title}&#10;{details}</system-out>"),
    };
    format!("    <testcase classname=\"freezegate\" name=\"{name}\"{file}>\n      {result}\n    </testcase>\n")
}
