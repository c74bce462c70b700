//! What came out of the cases of policies: for people, for machines as `freezegate/test/v1`, and as JUnit's XML.

use serde::Serialize;

use crate::cases::coverage::Untouched;
use crate::cases::judge::{CaseAnswer, CaseResult};
use crate::cases::{CaseFile, PolicyCase};
use crate::diagnostic::{Diagnostic, Sources};
use crate::escape::{for_terminal, markup, xml};
use crate::policy::Policy;
use crate::report::json_parts::{ErrorItem, FileItem, JsonError, error_item, files, line, utc};
use crate::report::rows::{ALLOWED, REFUSED, Rows, WARNING};
use crate::time::zone::{RELEASE, TimeError};

/// The name of the contract for machines.
pub const SCHEMA: &str = "freezegate/test/v1";

/// A file of cases that was judged.
#[derive(Debug, Clone, Copy)]
pub struct TestedFile<'r> {
    /// Its cases.
    pub file: &'r CaseFile,
    /// The policy that they were judged by.
    pub policy: &'r Policy,
    /// The results, case by case.
    pub results: &'r [CaseResult],
}

/// The parts of a policy that no case touches.
#[derive(Debug, Clone)]
pub struct UntouchedParts<'r> {
    /// The policy.
    pub policy: &'r Policy,
    /// The parts.
    pub parts: Vec<Untouched>,
}

/// All that was judged.
#[derive(Debug, Clone, Copy)]
pub struct Tested<'r> {
    /// The files of cases.
    pub files: &'r [TestedFile<'r>],
    /// The parts that no case touches, policy by policy; `None` if nobody asked.
    pub untouched: Option<&'r [UntouchedParts<'r>]>,
}

impl Tested<'_> {
    /// Returns whether every case came out as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.files.iter().flat_map(|file| file.results).all(CaseResult::passed)
    }

    /// Returns whether something is untouched, where that was asked for.
    #[must_use]
    pub fn has_untouched(&self) -> bool {
        self.untouched.is_some_and(|all| all.iter().any(|one| !one.parts.is_empty()))
    }
}

impl<'r> TestedFile<'r> {
    fn path(&self) -> &'r str {
        self.file.sources.files().first().map_or("", |file| file.path.as_str())
    }

    fn cases(&self) -> impl Iterator<Item = (&'r PolicyCase, &'r CaseResult)> {
        self.file.cases.iter().zip(self.results)
    }

    fn policy_path(&self) -> &'r str {
        self.policy.sources.files().first().map_or("", |file| file.path.as_str())
    }
}

/// For people: each case that failed, what no case touches, and how many passed.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown.
pub fn text(tested: &Tested<'_>, width: usize) -> Result<String, TimeError> {
    let mut rows = Rows::default();
    for file in tested.files {
        for (case, result) in file.cases().filter(|(_, result)| !result.passed()) {
            rows.heading(REFUSED, "failed: ", &for_terminal(&case.name));
            rows.row("case", &for_terminal(&file.file.sources.cite(case.place)), None);
            for answer in result.answers.iter().filter(|answer| !answer.differences.is_empty()) {
                rows.row("at", &case.clock.text(answer.at)?, None);
                for difference in &answer.differences {
                    rows.row("differs", &for_terminal(difference), None);
                }
                if !answer.findings.is_empty() {
                    rows.row("refused by", &for_terminal(&answer.findings.join(", ")), None);
                }
            }
        }
    }
    for one in tested.untouched.unwrap_or_default() {
        for part in &one.parts {
            rows.heading(WARNING, "not covered: ", &for_terminal(&part.what));
            rows.row("policy", &for_terminal(&one.policy.sources.cite(part.place)), None);
        }
    }
    for file in tested.files {
        let count = file.results.len();
        let failed = file.results.iter().filter(|result| !result.passed()).count();
        let path = for_terminal(file.path());
        let policy = for_terminal(file.policy_path());
        let cases = if count == 1 { "1 case".to_owned() } else { format!("{count} cases") };
        if failed == 0 {
            rows.heading(ALLOWED, "passed: ", &format!("{cases} of {path}, by {policy}"));
        } else {
            rows.heading(REFUSED, "failed: ", &format!("{failed} of {cases} of {path}, by {policy}"));
        }
    }
    Ok(rows.into_text(width))
}

#[derive(Debug, Serialize)]
struct CasesDocument {
    schema: &'static str,
    result: &'static str,
    files: Vec<TestedItem>,
    untouched: Option<Vec<UntouchedItem>>,
    errors: Vec<ErrorItem>,
    tzdb: &'static str,
}

#[derive(Debug, Serialize)]
struct TestedItem {
    path: String,
    policy: Vec<FileItem>,
    cases: Vec<CaseItem>,
}

#[derive(Debug, Serialize)]
struct CaseItem {
    name: String,
    place: String,
    passed: bool,
    answers: Vec<AnswerItem>,
}

#[derive(Debug, Serialize)]
struct AnswerItem {
    at: String,
    decision: &'static str,
    findings: Vec<String>,
    next_open: Option<String>,
    differences: Vec<String>,
}

#[derive(Debug, Serialize)]
struct UntouchedItem {
    policy: String,
    message: String,
}

/// As one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] if an instant can't be shown, or the document can't be encoded.
pub fn json(tested: &Tested<'_>) -> Result<String, JsonError> {
    let untouched = |one: &UntouchedParts<'_>| {
        let item = |part: &Untouched| UntouchedItem {
            policy: one.policy.sources.cite(part.place),
            message: part.what.clone(),
        };
        one.parts.iter().map(item).collect::<Vec<_>>()
    };
    line(&CasesDocument {
        schema: SCHEMA,
        result: if tested.passed() { "passed" } else { "failed" },
        files: tested.files.iter().map(tested_item).collect::<Result<_, TimeError>>()?,
        untouched: tested.untouched.map(|all| all.iter().flat_map(untouched).collect()),
        errors: Vec::new(),
        tzdb: RELEASE.name,
    })
}

fn tested_item(file: &TestedFile<'_>) -> Result<TestedItem, TimeError> {
    let answer = |answer: &CaseAnswer| {
        Ok(AnswerItem {
            at: utc(answer.at)?,
            decision: answer.outcome.as_str(),
            findings: answer.findings.clone(),
            next_open: answer.next_open.map(utc).transpose()?,
            differences: answer.differences.clone(),
        })
    };
    let case = |(case, result): (&PolicyCase, &CaseResult)| {
        Ok(CaseItem {
            name: case.name.clone(),
            place: file.file.sources.cite(case.place),
            passed: result.passed(),
            answers: result.answers.iter().map(answer).collect::<Result<_, TimeError>>()?,
        })
    };
    Ok(TestedItem {
        path: file.path().to_owned(),
        policy: files(&file.policy.sources),
        cases: file.cases().map(case).collect::<Result<_, TimeError>>()?,
    })
}

/// That nothing was judged, and why; as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] when the document can't be encoded.
pub fn undecided(diagnostics: &[Diagnostic], sources: &Sources) -> Result<String, JsonError> {
    line(&CasesDocument {
        schema: SCHEMA,
        result: "undecided",
        files: Vec::new(),
        untouched: None,
        errors: diagnostics.iter().map(|diagnostic| error_item(diagnostic, sources)).collect(),
        tzdb: RELEASE.name,
    })
}

/// JUnit's XML: a suite for each file, a test case for each case, as in [`crate::report::junit`]. What no case touches is a failure of a suite
/// of its own.
///
/// # Errors
///
/// [`TimeError`] if an instant can't be shown.
pub fn junit(tested: &Tested<'_>) -> Result<String, TimeError> {
    let mut suites = String::new();
    for file in tested.files {
        let mut cases = String::new();
        for (case, result) in file.cases() {
            cases.push_str(&junit_case(file, case, result)?);
        }
        let failed = file.results.iter().filter(|result| !result.passed()).count();
        suites.push_str(&junit_suite(file.path(), (file.results.len(), failed), &cases));
    }
    let parts: Vec<(&UntouchedParts<'_>, &Untouched)> = tested
        .untouched
        .unwrap_or_default()
        .iter()
        .flat_map(|one| one.parts.iter().map(move |part| (one, part)))
        .collect();
    if !parts.is_empty() {
        let case = |(one, part): &(&UntouchedParts<'_>, &Untouched)| {
            let (place, what) = (one.policy.sources.cite(part.place), markup(&part.what));
            format!(
                "    <testcase classname=\"coverage\" name=\"{}\">\n      <failure message=\"{what}\" type=\"untouched\"/>\n    </testcase>\n",
                markup(&format!("{place}: {}", part.what))
            )
        };
        let cases: String = parts.iter().map(case).collect();
        suites.push_str(&junit_suite("coverage", (parts.len(), parts.len()), &cases));
    }
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"freezegate\">\n{suites}</testsuites>\n"
    );
    Ok(xml(&text).into_owned())
}

fn junit_suite(name: &str, (count, failed): (usize, usize), cases: &str) -> String {
    let name = markup(name);
    format!(
        "  <testsuite name=\"{name}\" tests=\"{count}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\">\n{cases}  </testsuite>\n"
    )
}

fn junit_case(file: &TestedFile<'_>, case: &PolicyCase, result: &CaseResult) -> Result<String, TimeError> {
    let path = file.path();
    let head = format!("    <testcase classname=\"{}\" name=\"{}\" file=\"{0}\"", markup(path), markup(&case.name));
    if result.passed() {
        return Ok(format!("{head}/>\n"));
    }
    let mut details = Vec::new();
    for answer in result.answers.iter().filter(|answer| !answer.differences.is_empty()) {
        let by = match answer.findings.as_slice() {
            [] => String::new(),
            findings => format!("; refused by {}", findings.join(", ")),
        };
        details.push(format!("at {}: {}{by}", case.clock.text(answer.at)?, answer.differences.join("; ")));
    }
    let (message, place) = (details.join("; "), file.file.sources.cite(case.place));
    let text = format!("{place}\n{}", details.join("\n"));
    Ok(format!(
        "{head}>\n      <failure message=\"{}\" type=\"differs\">{}</failure>\n    </testcase>\n",
        markup(&message),
        markup(&text)
    ))
}
