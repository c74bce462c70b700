//! Validates JSON by JSON Schemas of draft 7, with the package `jsonschema` of Python.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};

use crate::support::clean;

/// The process that validates for all tests of a test program. It ends with the program, when its input ends.
#[derive(Debug)]
struct Validating {
    _process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

fn start() -> Mutex<Validating> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/editors/bin/python");
    let missing = "jsonschema is missing in target/editors: run `.ci/test editors`, which installs it";
    assert!(python.exists(), "{missing}");
    let mut command = clean::command(&python, root, root);
    let installed = command.args(["-c", "import jsonschema, rfc3339_validator"]).output().unwrap();
    assert!(installed.status.success(), "{missing}: {}", String::from_utf8_lossy(&installed.stderr));
    let mut process = clean::command(&python, root, root)
        .arg("tests/support/validator.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let requests = process.stdin.take().unwrap();
    let answers = BufReader::new(process.stdout.take().unwrap());
    Mutex::new(Validating { _process: process, requests, answers })
}

fn ask(request: &Value) -> Value {
    static VALIDATING: OnceLock<Mutex<Validating>> = OnceLock::new();
    let mut validating = VALIDATING.get_or_init(start).lock().unwrap();
    let mut line = request.to_string();
    line.push('\n');
    validating.requests.write_all(line.as_bytes()).unwrap();
    validating.requests.flush().unwrap();
    let mut answer = String::new();
    validating.answers.read_line(&mut answer).unwrap();
    serde_json::from_str(&answer).unwrap()
}

/// A schema to validate documents by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Validator {
    number: u64,
}

impl Validator {
    /// Requires that this is a schema of draft 7.
    #[track_caller]
    pub(crate) fn new(schema: &Value) -> Self {
        let answer = ask(&json!({ "schema": schema }));
        assert!(answer.is_u64(), "not a schema of draft 7: {answer}");
        Self { number: answer.as_u64().unwrap() }
    }

    /// Returns the faults of each document, in their order, with their places.
    pub(crate) fn faults_of_each(self, documents: &[Value]) -> Vec<Vec<String>> {
        let answer = ask(&json!({ "by": self.number, "documents": documents }));
        let faults: Vec<Vec<String>> = serde_json::from_value(answer).unwrap();
        assert_eq!(faults.len(), documents.len());
        faults
    }

    /// Returns the faults of a document, with their places.
    pub(crate) fn faults(self, document: &Value) -> Vec<String> {
        self.faults_of_each(std::slice::from_ref(document)).concat()
    }

    pub(crate) fn is_valid(self, document: &Value) -> bool {
        self.faults(document).is_empty()
    }
}
