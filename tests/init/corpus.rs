//! Layouts of public kinds as data (`tests/data/layouts.txt`): what each file reaches by the draft, and that none goes unmentioned.

use std::collections::BTreeSet;
use std::path::Path;

use freezegate::draft::{PolicyDraft, Survey};
use freezegate::lint::coverage::TargetCoverage;
use freezegate::policy::Policy;

use crate::init::cases::assert_cases_hold;
use crate::init::judged::{assert_right_by_the_schema, reached, read, survey};
use crate::init::repository::{Repository, text};

/// One layout.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) name: String,
    branches: Vec<String>,
    jobs: Vec<String>,
    zones: Vec<String>,
    has: Vec<String>,
    /// Paths, and what each reaches or why it reaches nothing.
    pub(crate) paths: Vec<(String, String)>,
}

impl Layout {
    fn survey(&self) -> Survey {
        let files: Vec<&str> = self.paths.iter().map(|(path, _)| path.as_str()).collect();
        let mut found = survey(&files);
        found.branches.clone_from(&self.branches);
        found.jobs.clone_from(&self.jobs);
        found
    }
}

/// All layouts of the file.
pub(crate) fn layouts() -> Vec<Layout> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/layouts.txt")).unwrap();
    let mut all: Vec<Layout> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("== ") {
            all.push(Layout { name: name.to_owned(), ..Layout::default() });
            continue;
        }
        let layout = all.last_mut().unwrap();
        if let Some((path, expected)) = line.split_once(" | ") {
            layout.paths.push((path.to_owned(), expected.to_owned()));
            continue;
        }
        let (key, value) = line.split_once(' ').unwrap();
        if key == "zones" {
            layout.zones = value.split(' ').map(str::to_owned).collect();
            continue;
        }
        let list = match key {
            "branch" => &mut layout.branches,
            "job" => &mut layout.jobs,
            _ => &mut layout.has,
        };
        assert!(["branch", "job", "has"].contains(&key), "{line}");
        list.push(value.to_owned());
    }
    all
}

/// Returns what a change of `path` reaches, as the file says it; why it reaches nothing.
fn found(policy: &Policy, path: &str) -> BTreeSet<String> {
    let reach = reached(policy, "refs/heads/main", path);
    assert!(reach.unknown.is_empty(), "{path}: {:?}", reach.unknown);
    let several = policy.regions.len() > 1;
    let mut found: BTreeSet<String> = reach
        .reached
        .iter()
        .map(|one| match &one.region {
            Some(region) if several => format!("{}/{}", one.environment.name, region.name),
            Some(_) | None => one.environment.name.clone(),
        })
        .collect();
    if found.is_empty() {
        let mut coverage = TargetCoverage::new(policy);
        coverage.path(path.as_bytes()).unwrap();
        let counts = coverage.counts();
        // counted or left out, and in no case passed over
        assert_eq!((counts.files, counts.unreached), (1, 1), "{path}");
        assert_eq!(counts.folders.len(), 1 - counts.excepted, "{path}");
        found.insert(if counts.excepted == 1 { "none, except" } else { "none, counted" }.to_owned());
    }
    found
}

#[test]
fn every_file_of_every_layout_reaches_what_it_says_or_is_mentioned() {
    let all = layouts();
    assert!(all.len() >= 25, "{}", all.len());
    let mut wrong = String::new();
    for layout in &all {
        let draft = PolicyDraft::new(&layout.survey());
        let text = draft.text();
        let policy = read(&text);
        assert_right_by_the_schema(&text);
        assert_cases_hold(&draft, "2026-11-21T12:00:00Z");
        let mut own = String::new();
        for (path, expected) in &layout.paths {
            let expected: BTreeSet<String> = match expected.starts_with("none") {
                true => BTreeSet::from([expected.clone()]),
                false => expected.split(' ').map(str::to_owned).collect(),
            };
            let found = found(&policy, path);
            if found != expected {
                own.push_str(&format!("  {path}: {found:?}, not {expected:?}\n"));
            }
        }
        for part in layout.has.iter().filter(|part| !text.contains(part.as_str())) {
            own.push_str(&format!("  lacks {part}\n"));
        }
        let zones: Vec<&str> = policy.regions.iter().map(|region| region.name.as_str()).collect();
        if !layout.zones.is_empty() && zones != layout.zones {
            own.push_str(&format!("  regions {zones:?}\n"));
        }
        if !own.is_empty() {
            wrong.push_str(&format!("== {}\n{own}{text}\n", layout.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The push that brings the policy passes while production is closed, and from then on the policy judges.
#[test]
fn the_push_that_brings_the_draft_passes() {
    for layout in &layouts() {
        let files: Vec<&str> = layout.paths.iter().map(|(path, _)| path.as_str()).collect();
        let repository = Repository::with(&files.iter().filter(|path| **path != "freezegate.toml").collect::<Vec<_>>());
        repository.init(&["--timezone", "Europe/Berlin"]);
        repository.git(&["add", "freezegate.toml", "freezegate.test.toml"]);
        repository.git(&["commit", "-q", "-m", "policy"]);
        let closed = ["--range", "HEAD~1..HEAD", "--ref", "refs/heads/main", "--at", "2026-06-03T16:00:00+02:00"];
        assert_eq!(repository.check(&closed), Some(0), "{}", layout.name);
        assert_eq!(repository.run(&["test"]).status.code(), Some(0), "{}", layout.name);
        // as it is, without options
        let linted = repository.run(&["lint", "--coverage"]);
        assert_eq!(linted.status.code(), Some(0), "{}: {}", layout.name, text(&linted.stdout));
        let (path, _) = layout.paths.iter().find(|(_, reached)| reached.starts_with("production")).unwrap();
        repository.write(path, "y\n");
        repository.commit();
        assert_eq!(repository.check(&closed), Some(1), "{}", layout.name);
    }
}

/// The files are those of the commit, although the work tree has none of them; what it says is what `lint --coverage` says.
#[test]
fn a_clone_without_a_work_tree_is_drafted_for_as_one_with_it() {
    let origin = Repository::with(&["deploy/prod/x", "deploy/dev/x", "src/a", "src/b", "README.md"]);
    origin.write(".github/workflows/deploy.yml", "jobs:\n  a:\n    environment: prod-eu\n");
    origin.commit();
    let clone = Repository::bare();
    clone.git(&["clone", "-q", "--no-checkout", origin.root().to_str().unwrap(), "."]);
    let report = clone.init(&["--timezone", "Europe/Berlin"]);
    assert!(report.contains("files       3 of 6 tracked files reach no environment\n"), "{report}");
    assert!(report.contains("              2 of 2 in `src/`\n              1 of 1 at the top\n"), "{report}");
    origin.init(&["--timezone", "Europe/Berlin"]);
    assert_eq!(clone.policy_text(), origin.policy_text());
    for part in ["deploy/{environment}/**", "[environments.prod-eu]", ".github/workflows/**"] {
        assert!(clone.policy_text().contains(part), "{}", clone.policy_text());
    }
    let told = text(&clone.run(&["lint", "--coverage"]).stdout);
    assert!(told.contains("  files       3 of 6 tracked files reach no environment\n"), "{told}");
}
