//! Every provider, in every sort of pipeline: the variables of a job (and GitHub's event), and what they tell.
//!
//! The values are made up, in the form that the vendors' pages describe; the modules under `src/change/ci` name the pages.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its data is not as it should be")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use freezegate::change::ci::{self, Attempt, Pipeline, PipelineBase, PipelineEvent, PipelineHead};
use serde_json::{Value, json};

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ci");
    let mut found = Vec::new();
    for provider in fs::read_dir(root).unwrap() {
        for file in fs::read_dir(provider.unwrap().path()).unwrap() {
            found.push(file.unwrap().path());
        }
    }
    found.sort();
    found
}

/// Lines `NAME=value`; `#` starts a remark.
fn environment(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once('=').unwrap_or_else(|| panic!("no variable: {line}"))).collect()
}

fn tell(pipeline: &Pipeline) -> Value {
    let kind = match &pipeline.kind {
        PipelineEvent::Push => "push".to_owned(),
        PipelineEvent::Tag => "tag".to_owned(),
        PipelineEvent::Deletion => "deletion".to_owned(),
        PipelineEvent::PullRequest => "pull request".to_owned(),
        PipelineEvent::MergeQueue => "merge queue".to_owned(),
        PipelineEvent::Deployment => "deployment".to_owned(),
        PipelineEvent::Schedule => "schedule".to_owned(),
        PipelineEvent::Manual => "manual".to_owned(),
        PipelineEvent::Triggered => "triggered".to_owned(),
        PipelineEvent::NotTold => "not told".to_owned(),
        PipelineEvent::Other(name) => format!("other: {name}"),
    };
    let attempt = match pipeline.attempt {
        Attempt::First => "first",
        Attempt::Again => "again",
        Attempt::NotTold => "not told",
    };
    let head = match &pipeline.head {
        PipelineHead::Commit(id) => json!({ "commit": id }),
        PipelineHead::CheckedOut => json!("checked out"),
    };
    let base = match &pipeline.base {
        PipelineBase::Commit { id, source, given_by } => {
            json!({ "commit": id, "source": source.to_string(), "given_by": given_by })
        }
        PipelineBase::Stale { id, source, given_by, because } => {
            json!({ "commit": id, "source": source.to_string(), "given_by": given_by, "stale": because.to_string() })
        }
        PipelineBase::TargetBranch { name, given_by } => json!({ "branch": name, "given_by": given_by }),
        PipelineBase::None(why) => json!({ "none": why.to_string() }),
    };
    let mut told = json!({
        "provider": pipeline.provider.to_string(), "kind": kind, "attempt": attempt, "head": head, "base": base,
        "reference": pipeline.reference, "target": pipeline.target, "default_branch": pipeline.default_branch,
        "environment": pipeline.environment,
        "actor": pipeline.actor, "started_by": pipeline.started_by, "repository": pipeline.repository,
        "run": pipeline.run, "url": pipeline.url,
    });
    if let (Some(proposed), Value::Object(told)) = (&pipeline.proposed, &mut told) {
        told.insert("proposed".to_owned(), json!(proposed));
    }
    told
}

#[test]
fn every_fixture_tells_what_is_expected() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for path in fixtures().iter().filter(|path| path.extension().is_some_and(|extension| extension == "env")) {
        cases += 1;
        let text = fs::read_to_string(path).unwrap();
        let variables = environment(&text);
        let read = |name: &str| variables.get(name).map(|value| (*value).to_owned());
        let event = path.with_extension("json");
        let event = event.exists().then(|| fs::read_to_string(event).unwrap());
        let found = match ci::pipeline(&read, event.as_deref()) {
            Ok(pipeline) => pipeline.as_ref().map_or(Value::Null, tell),
            Err(error) => json!({ "error": error.to_string() }),
        };
        let expected: Value =
            serde_json::from_str(&fs::read_to_string(path.with_extension("expected.json")).unwrap()).unwrap();
        if found != expected {
            wrong.push(format!("{}\n found {found:#}\n expected {expected:#}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases >= 100, "only {cases} cases were found");
}

#[test]
fn every_file_belongs_to_a_case() {
    let cases: BTreeSet<PathBuf> =
        fixtures().into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "env")).collect();
    for path in fixtures() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let stem = name.split('.').next().unwrap();
        assert!(cases.contains(&path.with_file_name(format!("{stem}.env"))), "{}", path.display());
    }
}

#[test]
fn github_alone_has_an_event() {
    let read = |name: &str| match name {
        "GITHUB_ACTIONS" => Some("true".to_owned()),
        "GITHUB_EVENT_PATH" => Some("/tmp/event.json".to_owned()),
        _ => None,
    };
    assert_eq!(ci::event_path(&read), Ok(Some("/tmp/event.json".to_owned())));
    let read = |name: &str| (name == "GITLAB_CI" || name == "GITHUB_EVENT_PATH").then(|| "true".to_owned());
    assert_eq!(ci::event_path(&read), Ok(None));
    assert_eq!(ci::event_path(&|_| None), Ok(None));
}
