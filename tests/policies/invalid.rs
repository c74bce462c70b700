//! Wrong policies: exactly what is wrong is reported, where it is, with what would be right.

use std::collections::BTreeSet;

use freezegate::diagnostic::render::render;
use freezegate::diagnostic::{Code, Diagnostic, Faults, Severity};
use freezegate::policy::load::{Fragment, load};

use crate::policies::files::{Case, Folder, of_repository, report};

/// Every wrong policy and fragment, with what is reported of it.
fn cases() -> Vec<(Case, Faults)> {
    let (mut refused, mut accepted) = (Vec::new(), Vec::new());
    let policies = Case::all("tests/invalid-policies").into_iter().map(|case| (case.load(), case));
    let fragments = Case::all("tests/invalid-fragments").into_iter().map(|case| (load_fragment(&case), case));
    for (loaded, case) in policies.chain(fragments) {
        match loaded {
            Ok(_) => accepted.push(case.name),
            Err(faults) => refused.push((case, faults)),
        }
    }
    assert!(accepted.is_empty(), "accepted: {accepted:?}");
    refused
}

fn load_fragment(case: &Case) -> Result<freezegate::policy::Policy, Faults> {
    let fragment = Fragment { name: case.entry.clone(), bytes: std::fs::read(case.folder.join(&case.entry)).unwrap() };
    let policy = Folder(of_repository("tests/valid-policies/every-table-and-key"));
    load(&policy, &["freezegate.toml".to_owned()], &[fragment])
}

/// To write what is reported now into the files of the expected: `FREEZEGATE_BLESS=1 cargo test --test library policies`.
#[expect(clippy::disallowed_methods, reason = "asked for by the person who runs the tests, and changes no outcome")]
fn is_to_be_blessed() -> bool {
    std::env::var_os("FREEZEGATE_BLESS").is_some()
}

#[test]
fn each_is_reported_as_expected() {
    let mut wrong = Vec::new();
    for (case, faults) in cases() {
        let reported = report(&faults).replace(concat!("this is ", env!("CARGO_PKG_VERSION")), "this is VERSION");
        if is_to_be_blessed() {
            std::fs::write(&case.expected, &reported).unwrap();
        }
        let expected = std::fs::read_to_string(&case.expected).unwrap_or_default();
        if reported != expected {
            wrong.push(format!("=== {}\n--- expected\n{expected}--- reported\n{reported}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    for (case, faults) in cases() {
        for Diagnostic { cause, .. } in &faults.diagnostics {
            // what is quoted is as long as somebody wrote it
            let said = cause.rsplit("`: ").next().unwrap();
            let parts = said.split('`').enumerate();
            let length: usize =
                parts.map(|(nth, part)| part.chars().count().min(if nth % 2 == 1 { 24 } else { 80 })).sum();
            assert!(length <= 80, "{}: {cause}", case.name);
        }
    }
}

/// Commands and settings are copied from a terminal: no line ends within one.
#[test]
fn nothing_is_lost_or_cut_at_any_width() {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (case, faults) in cases() {
        for width in [60, 100] {
            let text = render(&faults.diagnostics, &faults.sources, width, false);
            let words = one_line(&text);
            for fault in &faults.diagnostics {
                let said = [Some(&fault.cause), fault.help.as_ref()].into_iter().flatten();
                for said in said.filter(|said| said.chars().all(|letter| letter == ' ' || !letter.is_whitespace())) {
                    assert!(words.contains(&one_line(said)), "{} at {width} lacks {said:?}:\n{text}", case.name);
                    let quoted = said.split('`').skip(1).step_by(2);
                    let is_command =
                        |part: &&str| ["freezegate ", "git ", "--"].iter().any(|one| part.starts_with(one));
                    let is_setting =
                        |part: &&str| part.len() <= 200 && ["=", ": "].iter().any(|one| part.contains(one));
                    for quoted in quoted.filter(|part| is_command(part) || is_setting(part)) {
                        assert!(text.contains(quoted), "{} at {width} breaks {quoted:?}:\n{text}", case.name);
                    }
                }
            }
        }
    }
}

/// Returns how many faults a case has: one, unless its name says otherwise.
fn faults_of(name: &str) -> usize {
    match name {
        "eight-faults" => 8,
        "two-faults-of-syntax" => 3,
        "fault-of-syntax-and-what-it-hides" | "included-file-of-two-that-names-the-other" => 2,
        _ => 1,
    }
}

#[test]
fn one_fault_is_one_report() {
    for (case, faults) in cases() {
        assert_eq!(faults.diagnostics.len(), faults_of(&case.name), "{}\n{}", case.name, report(&faults));
    }
}

/// Codes of what can be wrong with the text of a policy, as opposed to a question, an answer or a sensible policy.
const OF_POLICIES: [Code; 23] = [
    Code::UnreadableFile,
    Code::Syntax,
    Code::EmptyPolicy,
    Code::WrongVersion,
    Code::TooOld,
    Code::UnknownKey,
    Code::MissingKey,
    Code::WrongType,
    Code::BadValue,
    Code::UnknownName,
    Code::UnknownZone,
    Code::DuplicateName,
    Code::BadName,
    Code::BadHours,
    Code::InvalidTime,
    Code::BadDuration,
    Code::BadPattern,
    Code::TooLarge,
    Code::EmptySet,
    Code::Contradiction,
    Code::BadInclude,
    Code::BadRoster,
    Code::NotInFragment,
];

#[test]
fn every_code_has_a_case() {
    let reported: BTreeSet<Code> =
        cases().iter().flat_map(|(_, faults)| faults.diagnostics.iter().map(|diagnostic| diagnostic.code)).collect();
    assert_eq!(reported, BTreeSet::from(OF_POLICIES));
}

/// Returns what is wrong with how `text` is written.
fn blemish(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("is empty")
    } else if text.ends_with(['.', '!']) {
        Some("ends like a sentence")
    } else if text.starts_with(|c: char| c.is_uppercase()) {
        Some("starts in upper case")
    } else if text.matches('`').count() % 2 == 1 {
        Some("opens a quotation and doesn't close it")
    } else if ["None", "Some(", "Result", "::", "expected_", "DeValue"].iter().any(|word| text.contains(word)) {
        Some("speaks of the program's insides")
    } else {
        None
    }
}

#[test]
fn every_report_is_fit_for_people() {
    for (case, faults) in cases() {
        for Diagnostic { code, severity, cause, place, related, help, .. } in &faults.diagnostics {
            assert_eq!(*severity, Severity::Error, "{}", case.name);
            let help = help.as_deref().unwrap_or_else(|| panic!("{}: no help", case.name));
            for text in [cause.as_str(), help].into_iter().chain(related.iter().map(|(_, label)| label.as_str())) {
                assert_eq!(blemish(text), None, "{}: {text}", case.name);
            }
            assert_eq!(place.is_none(), *code == Code::UnreadableFile, "{}: place of {cause}", case.name);
            for place in place.iter().chain(related.iter().map(|(place, _)| place)) {
                let text = faults.sources.text(*place).unwrap_or_else(|| panic!("{}: {place:?}", case.name));
                assert!(!text.contains('\n'), "{}: `{text}` goes over its line", case.name);
            }
        }
    }
}
