//! What every draft must be, whatever the repository.

use freezegate::diagnostic::Code;
use freezegate::draft::{PolicyDraft, Survey};
use freezegate::lint::{LintOptions, lint};
use freezegate::pattern::{Pattern, PatternSet};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use proptest::prelude::{Strategy, any, proptest};
use proptest::sample::{select, subsequence};

use crate::init::cases::assert_cases_hold;
use crate::init::judged::{assert_right_by_the_schema, reached, read, survey};
use crate::init::repository::Repository;

/// Names of which repositories are made: environments, what looks like them, and what does not.
const FOLDERS: [&str; 34] = [
    "deploy",
    "k8s",
    "terraform",
    "charts",
    "environments",
    "overlays",
    "apps",
    "app-a",
    "app-b",
    "src",
    "test",
    "base",
    "modules",
    "prod",
    "production",
    "Prod",
    "staging",
    "stage",
    "pre-prod",
    "dev",
    "qa",
    "prod-us",
    "eu-prod-2",
    "live",
    "product",
    "docs",
    "us",
    "größe",
    "{x}",
    "a*b",
    "we ird",
    "[y]",
    ".hidden",
    "values-prod",
];

const FILES: [&str; 14] = [
    "x.yaml",
    "values.yaml",
    "values-prod.yaml",
    "values-dev.yaml",
    "values.staging.yaml",
    "prod.tfvars",
    "dev.tfvars",
    "common.tfvars",
    "production",
    "README.md",
    "test.sh",
    "{odd}-prod.yaml",
    "pre-prod.yaml",
    "größe-qa.yaml",
];

fn layouts() -> impl Strategy<Value = Vec<String>> {
    let path = (proptest::collection::vec(select(&FOLDERS[..]), 0..5), select(&FILES[..]))
        .prop_map(|(folders, file)| [folders.as_slice(), &[file]].concat().join("/"));
    proptest::collection::vec(path, 0..40)
}

/// What every draft must be, whatever the repository.
fn assert_sound(found: &Survey) {
    let draft = PolicyDraft::new(found);
    let text = draft.text();
    assert_eq!(text, PolicyDraft::new(found).text());
    let policy = read(&text);
    assert_right_by_the_schema(&text);
    assert_cases_hold(&draft, "2026-11-21T12:00:00Z");
    assert!(draft.environments().iter().any(|environment| environment.guarded), "{text}");
    assert_eq!(draft.environments().len(), policy.environments.len());
    let at = Instant::from("2026-11-21T12:00:00Z".parse::<jiff::Timestamp>().unwrap());
    let options = LintOptions {
        at,
        weeks: 4,
        least_open: Seconds::new(10 * 3600),
        system_zone_rules: None,
        allowed: &[Code::NotLiftable],
        coverage: &[],
    };
    let warnings: Vec<String> = lint(&policy, &options).unwrap().warnings.into_iter().map(|one| one.cause).collect();
    assert_eq!(warnings, Vec::<String>::new(), "{text}");
    for drafted in draft.environments() {
        let environment = policy.environment(&drafted.name).unwrap();
        assert_eq!(environment.during_core_hours.is_some(), drafted.guarded, "{text}");
    }
    for file in &found.files {
        let reach = reached(&policy, "refs/heads/main", file);
        assert!(reach.unknown.is_empty(), "{file}: {:?}\n{text}", reach.unknown);
        let deployed = ["deploy", "k8s", "terraform", "charts", "environments", "overlays"];
        let (top, _) = file.split_once('/').unwrap_or(("", file));
        if deployed.contains(&top) && !file.ends_with(".md") {
            assert!(!reach.reached.is_empty(), "{file} reaches nothing\n{text}");
        }
        let steps: Vec<&str> = file.split('/').collect();
        let words = [
            "prod",
            "production",
            "Prod",
            "staging",
            "stage",
            "pre-prod",
            "dev",
            "qa",
            "test",
            "prod-us",
            "eu-prod-2",
            "live",
        ];
        let outer = steps.iter().skip(1).find(|step| words.contains(step));
        let is_document = file.ends_with("README.md");
        if !is_document
            && deployed.contains(&top)
            && outer.is_some_and(|step| ["prod", "production", "Prod", "prod-us"].contains(step))
        {
            assert!(reach.reached.iter().any(|one| one.environment.during_core_hours.is_some()), "{file}\n{text}");
        }
    }
    // nothing is drafted about what is not there
    let folders = found.folders.iter().map(|folder| format!("{folder}/x"));
    let paths: Vec<String> = folders.chain(found.files.iter().cloned()).collect();
    for pattern in policy.targets.iter().flat_map(|target| target.paths.iter().chain(&target.except)) {
        let set = PatternSet::new([pattern]);
        let general = ["**", "**/*.md", "**/README.md", "freezegate.*"].contains(&Pattern::as_str(pattern));
        assert!(general || paths.iter().any(|path| set.any_exactly(path.as_bytes())), "{pattern}\n{text}");
    }
}

proptest! {
    #[test]
    fn every_draft_is_sound(
        files in layouts(),
        branches in subsequence(vec!["main", "prod", "production", "dev", "env/prod", "env/topic", "deploy/qa", "ünï"], 0..8),
        jobs in proptest::collection::vec(any::<String>(), 0..4),
        known in subsequence(vec!["production", "Production", "github-pages", "qa", "a b", "-x", ".y"], 0..7),
    ) {
        let mut found = survey(&files);
        found.branches = branches.into_iter().map(str::to_owned).collect();
        found.jobs = known.into_iter().map(str::to_owned).chain(jobs).collect();
        assert_sound(&found);
    }
}

#[test]
fn random_repositories_on_disk_are_drafted_as_their_surveys_are() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    for _ in 0..25 {
        let files = layouts().new_tree(&mut runner).unwrap().current();
        let found = survey(&files);
        let repository = Repository::new(&found.files);
        repository.init(&[]);
        let drafted = PolicyDraft::new(&Survey {
            timezones: vec!["Europe/Berlin".to_owned()],
            // folders that begin with a dot are seen and not opened
            files: found.files.iter().filter(|file| !file.contains(".hidden/")).cloned().collect(),
            folders: found.folders.iter().filter(|folder| !folder.contains(".hidden/")).cloned().collect(),
            ..found
        });
        assert_eq!(repository.policy_text(), drafted.text());
    }
}
