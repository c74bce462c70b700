//! The files that run the gate: whoever can change them could remove it.

use crate::draft::drafted::DraftedTarget;
use crate::draft::layout;
use crate::draft::survey::Survey;
use crate::pattern::{Pattern, PatternSet, PatternSubject};

/// The place where CI services look for what they run.
const PATTERNS: [&str; 19] = [
    ".github/workflows/**",
    ".github/actions/**",
    ".gitlab-ci.yml",
    ".gitlab/**",
    ".circleci/**",
    ".buildkite/**",
    ".azure-pipelines/**",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
    ".drone.yml",
    ".woodpecker.yml",
    ".woodpecker/**",
    ".travis.yml",
    ".tekton/**",
    ".semaphore/**",
    "cloudbuild.yaml",
    "buildspec.yml",
    "appveyor.yml",
];

/// The folders of `PATTERNS`, which are looked into although their names begin with a dot.
pub const FOLDERS: [&str; 8] =
    [".github", ".gitlab", ".circleci", ".buildkite", ".azure-pipelines", ".woodpecker", ".tekton", ".semaphore"];

/// The target of the files of pipelines that are there; `None` if there are none, or if `others` reach them all.
pub(super) fn target(survey: &Survey, others: &[DraftedTarget]) -> Option<DraftedTarget> {
    if others.iter().any(|target| target.paths.iter().any(|path| path == layout::EVERYTHING)) {
        return None;
    }
    let is_there = |text: &&&str| {
        let pattern: Vec<Pattern> = Pattern::parse(text, PatternSubject::Path).into_iter().collect();
        let set = PatternSet::new(&pattern);
        survey.files.iter().any(|file| set.any_exactly(file.as_bytes()))
    };
    let paths: Vec<String> = PATTERNS.iter().filter(is_there).map(|text| (*text).to_owned()).collect();
    (!paths.is_empty()).then(|| DraftedTarget {
        why: "The pipelines that deploy and that run the gate: without this, an edit here could remove it.",
        refs: Vec::new(),
        paths,
        except: Vec::new(),
        environment: Some("*".to_owned()),
    })
}
