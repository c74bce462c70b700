//! What lint found as SARIF 2.1.0, for code scanning.
//!
//! The properties are those that [GitHub] reads. A finding has the same fingerprint as long as its code, file and message stay.
//!
//! [GitHub]: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::diagnostic::{Code, Diagnostic, Severity, Sources};
use crate::explain::Topic;
use crate::hex::hex;
use crate::report::json_parts::{JsonError, line};

/// The schema of SARIF 2.1.0.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The file in which a policy usually is: GitHub needs a place for each finding.
const USUAL_FILE: &str = "freezegate.toml";

#[derive(Debug, Serialize)]
struct SarifDocument {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Value; 1],
}

/// Warnings, or errors if the policy is wrong, as one line of JSON, with a line end.
///
/// # Errors
///
/// [`JsonError`] if the document can't be encoded.
pub fn sarif(diagnostics: &[Diagnostic], sources: &Sources) -> Result<String, JsonError> {
    let codes: BTreeSet<&str> = diagnostics.iter().map(|one| one.code.as_str()).collect();
    let rule_of = |name: &&str| diagnostics.iter().find(|one| one.code.as_str() == *name).map(|one| rule(one.code));
    let rules: Vec<Value> = codes.iter().filter_map(rule_of).collect();
    let results: Vec<Value> = diagnostics
        .iter()
        .map(|one| result(one, codes.iter().position(|code| *code == one.code.as_str()), sources))
        .collect();
    let failed = diagnostics.iter().any(|one| one.severity == Severity::Error);
    line(&SarifDocument {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [json!({
            "tool": { "driver": {
                "name": "freezegate",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "invocations": [{ "executionSuccessful": !failed }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        })],
    })
}

fn rule(code: Code) -> Value {
    let explanation = Topic::Diagnostic(code).explanation();
    json!({
        "id": code.as_str(),
        "name": code.as_str(),
        "shortDescription": { "text": explanation.summary },
        "fullDescription": { "text": explanation.meaning },
        "help": { "text": explanation.remedy },
    })
}

fn result(diagnostic: &Diagnostic, rule: Option<usize>, sources: &Sources) -> Value {
    let located = diagnostic.place.and_then(|place| Some((place, sources.file(place.file)?)));
    let (path, region) = match located {
        Some((place, file)) => {
            let range = place.range();
            let (start_line, start_column) = position(&file.text, range.start);
            let (end_line, end_column) = position(&file.text, range.end);
            let region = json!({
                "startLine": start_line, "startColumn": start_column, "endLine": end_line, "endColumn": end_column,
            });
            (file.path.clone(), region)
        }
        None => {
            let first = sources.files().first().map_or(USUAL_FILE, |file| file.path.as_str());
            (first.to_owned(), json!({ "startLine": 1 }))
        }
    };
    let help = diagnostic.help.as_ref().map_or_else(String::new, |help| format!("\n{help}"));
    let fingerprint =
        hex(&Sha256::digest(format!("{}\0{path}\0{}", diagnostic.code.as_str(), diagnostic.cause).as_bytes()));
    json!({
        "ruleId": diagnostic.code.as_str(),
        "ruleIndex": rule,
        "level": match diagnostic.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "message": { "text": format!("{}{help}", diagnostic.cause) },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&path) }, "region": region } }],
        "partialFingerprints": { "freezegate/v1": fingerprint },
    })
}

/// The line and the column of a byte, both from 1; columns count characters.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count().saturating_add(1);
    (line, column)
}

/// A path as a relative reference (RFC 3986, section 4.2), without `./` at its start.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.strip_prefix("./").unwrap_or(path).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
