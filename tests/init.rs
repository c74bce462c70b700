//! What `freezegate init` drafts is a policy that holds, and that says of each file what its place says.

#![expect(clippy::unwrap_used, reason = "a test ends where its data is not as it should be")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use freezegate::change::Declared;
use freezegate::decision::schedule::Question;
use freezegate::decision::{Schedule, Verdict};
use freezegate::diagnostic::Code;
use freezegate::draft::{Draft, Survey};
use freezegate::lint::{Options, lint};
use freezegate::pattern::{Pattern, PatternSet};
use freezegate::policy::load::{PolicyFiles, ReadFault, load};
use freezegate::policy::{Policy, SCHEMA, SCHEMA_FILE};
use freezegate::reach::{Matcher, Reach, RefSide, Shown, reach};
use proptest::prelude::{Strategy, any, proptest};
use proptest::sample::{select, subsequence};
use tempfile::TempDir;

/// A folder to draft a policy in, and an environment that is the test's alone.
struct Repository {
    folder: TempDir,
}

impl Repository {
    /// A folder without git.
    fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A repository with these files and no commit yet.
    fn new<P: AsRef<str>>(files: &[P]) -> Self {
        let repository = Self::bare();
        repository.git(&["init", "-q", "-b", "main"]);
        for file in files {
            repository.write(file.as_ref(), "x\n");
        }
        repository
    }

    /// A repository with these files in its one commit.
    fn with<P: AsRef<str>>(files: &[P]) -> Self {
        let repository = Self::new(files);
        repository.commit();
        repository
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.root()).env("TZ", "Europe/Berlin").current_dir(self.root());
        command
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = self.command("git");
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "a").env(format!("GIT_{role}_EMAIL"), "a@example.com");
            command.env(format!("GIT_{role}_DATE"), "2026-01-05T12:00:00Z");
        }
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self) {
        self.git(&["add", "-A", "."]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_freezegate")).args(arguments).output().unwrap()
    }

    /// What `init` reports.
    fn init(&self, arguments: &[&str]) -> String {
        let output = self.run(&[&["init"], arguments].concat());
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
        text(&output.stdout)
    }

    fn policy_text(&self) -> String {
        std::fs::read_to_string(self.root().join("freezegate.toml")).unwrap()
    }

    fn check(&self, arguments: &[&str]) -> Option<i32> {
        self.run(&[&["check"], arguments].concat()).status.code()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

struct Drafted<'t>(&'t str);

impl PolicyFiles for Drafted<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        assert_eq!(path, "freezegate.toml");
        Ok(self.0.as_bytes().to_vec())
    }
}

fn read(text: &str) -> Policy {
    match load(&Drafted(text), &["freezegate.toml".to_owned()], &[]) {
        Ok(policy) => policy,
        Err(faults) => {
            let causes: Vec<String> = faults.diagnostics.into_iter().map(|one| one.cause).collect();
            assert_eq!(causes, Vec::<String>::new(), "{text}");
            read("")
        }
    }
}

/// What a change of `path` on the ref reaches.
fn reached(policy: &Policy, name: &str, path: &str) -> Reach {
    let matcher = Matcher::new(policy, []);
    let mut shown = Shown::default();
    let side = RefSide::Named { name: name.as_bytes(), default_branch: Some(name == "refs/heads/main") };
    let of_ref = matcher.of_ref(side).unwrap();
    of_ref.alone(&mut shown).unwrap();
    of_ref.path(path.as_bytes(), &mut shown).unwrap();
    reach(policy, &Declared::default(), Some(shown), false)
}

fn names(reach: &Reach) -> BTreeSet<&str> {
    reach.reached.iter().map(|reached| reached.environment.name.as_str()).collect()
}

/// The survey of a repository of these files.
fn survey<P: AsRef<str>>(files: &[P]) -> Survey {
    let files: BTreeSet<String> = files.iter().map(|file| file.as_ref().to_owned()).collect();
    let folders: BTreeSet<String> = files
        .iter()
        .flat_map(|file| Path::new(file).ancestors().skip(1).filter_map(Path::to_str))
        .filter(|folder| !folder.is_empty())
        .map(str::to_owned)
        .collect();
    let files = files.into_iter().filter(|file| !folders.contains(file)).collect();
    Survey { folders: folders.into_iter().collect(), files, ..Survey::default() }
}

/// A path, and the environments that a change of it reaches.
type Row = (&'static str, &'static [&'static str]);

#[test]
fn each_file_reaches_what_its_place_says() {
    let layouts: &[(&str, &[Row])] = &[
        (
            "a folder for each environment, and nothing else",
            &[
                ("deploy/production/us/api.yaml", &["production"]),
                ("deploy/staging/api.yaml", &["staging"]),
                ("src/main.rs", &[]),
            ],
        ),
        (
            "short names, and what all share",
            &[
                ("k8s/prod/app.yaml", &["production"]),
                ("k8s/dev/app.yaml", &["development"]),
                ("k8s/base/app.yaml", &["development", "production"]),
                ("k8s/kustomization.yaml", &["development", "production"]),
                ("k8s/README.md", &[]),
            ],
        ),
        (
            "two spellings side by side are two things",
            &[
                ("envs/prod/main.tf", &["prod"]),
                ("envs/production/main.tf", &["production"]),
                ("envs/staging/main.tf", &["staging"]),
            ],
        ),
        (
            "two spellings in two places are one",
            &[("deploy/prod/x", &["production"]), ("terraform/environments/production/x.tf", &["production"])],
        ),
        (
            "modules beside environments",
            &[
                ("environments/live/main.tf", &["live"]),
                ("environments/qa/main.tf", &["qa"]),
                ("modules/net/main.tf", &["live", "qa"]),
                ("modules/README.md", &[]),
            ],
        ),
        (
            "folders of environments at the top, outside of any folder of deployments",
            &[
                ("production/main.tf", &["production"]),
                ("staging/main.tf", &["staging"]),
                ("modules/main.tf", &["production", "staging"]),
                ("docs/x.txt", &[]),
            ],
        ),
        (
            "files that are named for environments",
            &[
                ("helm/values-production.yaml", &["production"]),
                ("helm/values-staging.yaml", &["staging"]),
                ("helm/values.yaml", &["production", "staging"]),
                ("helm/templates/app.yaml", &["production", "staging"]),
            ],
        ),
        (
            "files of one form, of which some are of no environment",
            &[
                ("terraform/prod.tfvars", &["production"]),
                ("terraform/common.tfvars", &["production"]),
                ("terraform/main.tf", &["production"]),
            ],
        ),
        (
            "clusters in several places",
            &[
                ("clusters/prod-us/app.yaml", &["prod-us"]),
                ("clusters/prod-eu/app.yaml", &["prod-eu"]),
                ("clusters/staging-eu/app.yaml", &["staging-eu"]),
            ],
        ),
        (
            "what is almost production is not production",
            &[
                ("overlays/pre-prod/app.yaml", &["pre-production"]),
                ("overlays/nonprod/app.yaml", &["non-production"]),
                ("overlays/prod/app.yaml", &["production"]),
            ],
        ),
        (
            "tests of the deployment, and words that only look like names",
            &[
                ("deploy/test/run.sh", &["production"]),
                ("deploy/product/x", &["production"]),
                ("src/test/java/X.java", &[]),
                ("test/x", &[]),
                ("src/production/lot.py", &[]),
            ],
        ),
        (
            "an overlay within an environment belongs to it",
            &[("deploy/production/staging/x", &["production"]), ("deploy/staging/values-prod.yaml", &["staging"])],
        ),
        (
            "names in capitals",
            &[("Deploy/PROD/x", &["production"]), ("Deploy/Staging/x", &["staging"]), ("deploy.sh", &[])],
        ),
        ("nothing at all is named", &[("src/main.rs", &["production"]), ("README.md", &["production"])]),
    ];
    for (name, rows) in layouts {
        let files: Vec<&str> = rows.iter().map(|(path, _)| *path).collect();
        let repository = Repository::with(&files);
        repository.init(&[]);
        let policy = read(&repository.policy_text());
        for (path, environments) in *rows {
            let reach = reached(&policy, "refs/heads/main", path);
            let told = format!("{name}: {path}\n{}", repository.policy_text());
            assert_eq!(names(&reach), environments.iter().copied().collect(), "{told}");
            assert!(reach.unknown.is_empty(), "{told}");
            assert!(names(&reached(&policy, "refs/heads/topic", path)).is_empty(), "{told}");
        }
    }
}

#[test]
fn only_what_is_known_not_to_face_customers_is_open_in_core_hours() {
    let repository = Repository::with(&["deploy/prd/x", "deploy/stage/x", "deploy/qa2/x", "deploy/eu-live/x"]);
    repository.write(
        ".github/workflows/ship.yaml",
        "jobs:\n  a:\n    environment: pypi\n  b:\n    environment:\n      name: dev\n  c:\n    environment: 'Prod (EU)'\n  \
         d:\n    environment: ${{ inputs.x }}\n  e:\n    environment: \"a\\nb\"\n",
    );
    repository.init(&[]);
    let policy = read(&repository.policy_text());
    let guarded: BTreeSet<(&str, bool)> = policy
        .environments
        .iter()
        .map(|environment| (environment.name.as_str(), environment.during_core_hours.is_some()))
        .collect();
    let wanted = [
        ("production", true),
        ("staging", false),
        ("qa2", false),
        ("eu-live", true),
        ("pypi", true),
        ("development", false),
    ];
    assert_eq!(guarded, wanted.into());
    assert!(repository.policy_text().contains("#   Prod (EU)\n"), "{}", repository.policy_text());
    // in core hours of the one region, whose zone is that of the machine
    let at = |environment: &str| repository.check(&[environment, "--at", "2026-06-03T12:00:00+02:00"]);
    assert_eq!(
        [at("production"), at("prd"), at("pypi"), at("staging"), at("stage"), at("dev")].map(Option::unwrap),
        [1, 1, 1, 0, 0, 0]
    );
    let evening = |environment: &str| repository.check(&[environment, "--at", "2026-06-03T20:00:00+02:00"]);
    assert_eq!([evening("production"), evening("pypi")], [Some(0); 2]);
}

#[test]
fn branches_name_environments_where_production_is_one_of_them() {
    let on = |policy: &Policy, name: &str| -> Vec<String> {
        names(&reached(policy, name, "src/x")).into_iter().map(str::to_owned).collect()
    };
    let repository = Repository::with(&["src/x"]);
    for branch in ["production", "dev", "topic/prod", "release/1.0"] {
        repository.git(&["branch", branch]);
    }
    repository.git(&["update-ref", "refs/remotes/origin/staging", "HEAD"]);
    repository.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    repository.init(&[]);
    let policy = read(&repository.policy_text());
    assert_eq!(on(&policy, "refs/heads/production"), ["production"]);
    assert_eq!(on(&policy, "refs/heads/staging"), ["staging"]);
    assert_eq!(on(&policy, "refs/heads/dev"), ["development"]);
    for other in ["refs/heads/main", "refs/heads/topic/prod", "refs/heads/release/1.0", "refs/tags/production"] {
        assert!(on(&policy, other).is_empty(), "{other}");
    }

    // without it they are branches like any other
    let repository = Repository::with(&["src/x"]);
    repository.git(&["branch", "dev"]);
    repository.git(&["branch", "test"]);
    repository.init(&[]);
    let policy = read(&repository.policy_text());
    assert_eq!(policy.environments.len(), 1);
    assert!(on(&policy, "refs/heads/dev").is_empty());

    // a prefix that only environments have
    let repository = Repository::with(&["src/x"]);
    repository.git(&["branch", "env/prod"]);
    repository.git(&["branch", "env/qa"]);
    repository.init(&[]);
    let policy = read(&repository.policy_text());
    assert!(repository.policy_text().contains("refs/heads/env/{environment}"));
    assert_eq!(on(&policy, "refs/heads/env/prod"), ["production"]);
    assert_eq!(on(&policy, "refs/heads/env/qa"), ["qa"]);
}

#[test]
fn a_commit_is_judged_by_the_draft_from_end_to_end() {
    let repository = Repository::with(&["deploy/prod/api.yaml", "deploy/staging/api.yaml", "src/x"]);
    repository.init(&[]);
    repository.commit();
    let judge = |path: &str| {
        repository.write(path, "y\n");
        repository.commit();
        let asked = ["--range", "HEAD~1..HEAD", "--ref", "refs/heads/main", "--at", "2026-06-03T12:00:00+02:00"];
        repository.check(&asked)
    };
    assert_eq!(judge("deploy/prod/api.yaml"), Some(1));
    assert_eq!(judge("deploy/staging/api.yaml"), Some(0));
    assert_eq!(judge("src/x"), Some(0));
    // a folder that no environment is called by
    assert_eq!(judge("deploy/prud/api.yaml"), Some(1));
}

#[test]
fn a_policy_that_is_there_stays() {
    for present in ["freezegate.toml", "policies/freezegate.toml"] {
        let repository = Repository::with(&["src/x"]);
        repository.write(present, "mine\n");
        let output = repository.run(&["init"]);
        let complaint = text(&output.stderr);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
        assert_eq!(complaint.trim_end().lines().count(), 1, "{complaint}");
        assert!(complaint.contains(present) && complaint.contains("--force"), "{complaint}");
        assert_eq!(std::fs::read_to_string(repository.root().join(present)).unwrap(), "mine\n");
        assert!(present == "freezegate.toml" || !repository.root().join("freezegate.toml").exists());
        repository.init(&["--force"]);
        read(&repository.policy_text());
    }
    let repository = Repository::bare();
    std::os::unix::fs::symlink("nowhere", repository.root().join("freezegate.toml")).unwrap();
    assert_eq!(repository.run(&["init"]).status.code(), Some(2));
    assert!(!repository.root().join("nowhere").exists());
}

#[test]
fn a_named_file_is_written_and_not_over_another() {
    let repository = Repository::with(&["deploy/prod/x"]);
    repository.write("freezegate.toml", "mine\n");
    repository.init(&["--output", "other.toml"]);
    let text = std::fs::read_to_string(repository.root().join("other.toml")).unwrap();
    read(&text);
    assert_eq!(repository.policy_text(), "mine\n");
    assert_eq!(repository.run(&["init", "--output", "other.toml"]).status.code(), Some(2));
    repository.init(&["--output", "other.toml", "--force"]);
    assert_eq!(std::fs::read_to_string(repository.root().join("other.toml")).unwrap(), text);
    assert_eq!(repository.run(&["init", "--output", "no/such/folder.toml"]).status.code(), Some(2));
}

#[test]
fn it_is_written_at_the_root_of_the_repository() {
    let repository = Repository::with(&["deploy/prod/x", "src/deep/x"]);
    let mut command = repository.command(env!("CARGO_BIN_EXE_freezegate"));
    let output = command.arg("init").current_dir(repository.root().join("src/deep")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(repository.policy_text().contains("deploy/{environment}/**"), "{}", repository.policy_text());
}

#[test]
fn without_a_repository_there_is_still_a_policy() {
    let folder = Repository::bare();
    let report = folder.init(&[]);
    assert!(report.contains("production") && report.contains("freezegate check production"), "{report}");
    assert_eq!(folder.check(&["production", "--at", "2026-06-03T12:00:00+02:00"]), Some(1));
    assert_eq!(folder.check(&["production", "--at", "2026-06-06T12:00:00+02:00"]), Some(0));
}

#[test]
fn a_repository_that_cannot_be_read_is_told_and_drafted_for_all_the_same() {
    let folder = Repository::bare();
    folder.write(".git/HEAD", "no repository\n");
    folder.write("deploy/prod/x", "");
    let output = folder.run(&["init"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("branches are left out"), "{}", text(&output.stderr));
    assert_eq!(
        names(&reached(&read(&folder.policy_text()), "refs/heads/main", "deploy/prod/x")),
        ["production"].into()
    );
}

#[test]
fn the_zone_is_that_of_the_asker_under_its_name_of_today() {
    for (variable, option, zone) in [
        ("Europe/Berlin", None, "Europe/Berlin"),
        ("US/Eastern", None, "America/New_York"),
        (":Asia/Tokyo", None, "Asia/Tokyo"),
        ("UTC", None, "UTC"),
        ("UTC", Some("America/Los_Angeles"), "America/Los_Angeles"),
        ("Europe/Berlin", Some("UTC"), "UTC"),
    ] {
        let folder = Repository::bare();
        let mut command = folder.command(env!("CARGO_BIN_EXE_freezegate"));
        command.env("TZ", variable).arg("init").args(option.iter().flat_map(|zone| ["--timezone", zone]));
        assert_eq!(command.output().unwrap().status.code(), Some(0));
        let policy = read(&folder.policy_text());
        assert_eq!(policy.regions[0].zones[0].name(), zone, "{variable} {option:?}");
    }
    let folder = Repository::bare();
    assert_eq!(folder.run(&["init", "--timezone", "CEST"]).status.code(), Some(2));
    assert!(!folder.root().join("freezegate.toml").exists());
}

#[test]
fn the_hours_that_it_tells_are_those_of_the_decision() {
    let folder = Repository::with(&["deploy/prod/x", "deploy/dev/x"]);
    let report = folder.init(&["--timezone", "UTC"]);
    assert!(report.contains("production: open 114.6 of 168 hours a week"), "{report}");
    assert!(report.contains("development: always open"), "{report}");
    let policy = read(&folder.policy_text());
    let declared =
        Declared { environments: vec![Arc::clone(policy.environment("production").unwrap())], ..Declared::default() };
    let reach = reach(&policy, &declared, None, false);
    let question = Question { policy: &policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
    // a week from a Monday on, in steps whose middle is asked about
    let monday = "2026-06-01T00:05:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    let step = 600;
    let open = (0..7 * 24 * 3600 / step)
        .filter(|index| {
            let decision = Schedule::decide_at(&question, &[], monday + index * step).unwrap();
            decision.verdict == Verdict::Allowed
        })
        .count();
    // a change and its settling take 40 minutes, so 13 h 20 min of each working day are open, and the weekend
    assert_eq!(open * 100 / 60, 1146);
    let table = text(&folder.run(&["lint"]).stdout);
    assert!(table.lines().any(|line| line.starts_with("production") && line.contains(" 114.6 ")), "{table}");
}

#[test]
fn editors_find_its_schema_and_no_fault_by_it() {
    let repository = Repository::with(&["deploy/prod/x", "deploy/base/x", "charts/a/values-dev.yaml"]);
    repository.git(&["branch", "production"]);
    let report = repository.init(&[]);
    let text = repository.policy_text();
    assert_eq!(text.lines().next(), Some(format!("#:schema ./{SCHEMA_FILE}").as_str()));
    assert_eq!(text.lines().nth(1), Some(""));
    assert!(report.contains(&format!("freezegate schema --output {SCHEMA_FILE}")), "{report}");
    assert_right_by_the_schema(&text);
}

fn assert_right_by_the_schema(text: &str) {
    let policy: toml::Table = text.parse().unwrap();
    // the draft has no dates, the one type of TOML that JSON lacks
    let policy = serde_json::to_value(&policy).unwrap();
    let validator = jsonschema::draft7::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let faults: Vec<String> = validator.iter_errors(&policy).map(|error| error.to_string()).collect();
    assert_eq!(faults, Vec::<String>::new(), "{text}");
}

#[test]
fn what_it_leaves_commented_out_can_be_taken_in() {
    let repository = Repository::with(&["deploy/prod/x"]);
    repository.init(&[]);
    let mut uncommented = String::new();
    let mut example = false;
    for line in repository.policy_text().lines() {
        example = line.starts_with("# [") || (example && line.starts_with('#'));
        uncommented.push_str(if example { line.trim_start_matches(['#', ' ']) } else { line });
        uncommented.push('\n');
    }
    repository.write("freezegate.toml", &uncommented);
    let roster = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/approvers.allowed_signers");
    std::fs::copy(roster, repository.root().join("approvers.allowed_signers")).unwrap();
    for key in ["\n[[freezes]]", "\n[approvers]", "\n[[lifts]]"] {
        assert!(uncommented.contains(key), "{uncommented}");
    }
    assert_eq!(repository.check(&["production", "--at", "2026-12-26T12:00:00Z"]), Some(1), "{uncommented}");
}

#[test]
fn hundreds_of_folders_make_a_short_policy() {
    let mut files = vec!["infra/main.tf".to_owned()];
    for app in 0..400 {
        for environment in ["prod", "staging"] {
            files.push(format!("apps/app{app}/overlays/{environment}/x.yaml"));
        }
        files.push(format!("apps/app{app}/base/x.yaml"));
        files.push(format!("apps/app{app}/src/main.rs"));
    }
    // one that is not like the others keeps what it is
    files.push("apps/odd/overlays/prod/x.yaml".to_owned());
    files.push("apps/odd/overlays/tools/x.yaml".to_owned());
    let repository = Repository::new(&files);
    repository.init(&[]);
    let text = repository.policy_text();
    assert!(text.lines().count() < 100, "{text}");
    let policy = read(&text);
    for (path, environments) in [
        ("apps/app7/overlays/prod/x.yaml", &["production"][..]),
        ("apps/app399/overlays/staging/x.yaml", &["staging"]),
        ("apps/app1/base/x.yaml", &["production", "staging"]),
        ("apps/app1/src/main.rs", &[]),
        ("apps/odd/overlays/prod/x.yaml", &["production"]),
        ("apps/odd/overlays/tools/x.yaml", &["production", "staging"]),
    ] {
        let reach = reached(&policy, "refs/heads/main", path);
        assert_eq!(names(&reach), environments.iter().copied().collect(), "{path}");
        assert!(reach.unknown.is_empty(), "{path}");
    }
}

#[test]
fn alike_folders_become_one_pattern() {
    let files: Vec<String> =
        (0..50).flat_map(|app| ["prod", "dev"].map(|name| format!("apps/a{app}/k8s/{name}/x.yaml"))).collect();
    let text = Draft::new(&survey(&files)).text();
    assert!(text.contains("\"apps/*/k8s/{environment}/**\""), "{text}");
    assert!(text.lines().count() < 80, "{text}");
}

#[test]
fn links_are_not_followed_and_odd_names_do_no_harm() {
    let repository = Repository::with(&[
        "deploy/production/x",
        "deploy/staging/x",
        "deploy/we ird/x",
        "deploy/{x}/x",
        "deploy/a*b/x",
        "deploy/[c]/x",
        "deploy/\"q\"/x",
        "deploy/new\nline/x",
        "deploy/back\\slash/x",
        "deploy/größe/x",
        "deploy/.hidden/x",
        "k8s/{y}/overlays/prod/x",
        "k8s/*/values-prod.yaml",
        "k8s/\u{202e}/prod/x",
        "helm/values-{z}-prod.yaml",
    ]);
    let root = repository.root();
    let non_utf8: PathBuf = root.join(std::os::unix::ffi::OsStrExt::from_bytes(b"deploy/\xff\xfe") as &std::ffi::OsStr);
    std::fs::create_dir(&non_utf8).unwrap();
    std::fs::write(non_utf8.join("x"), "").unwrap();
    std::os::unix::fs::symlink("..", root.join("deploy/loop")).unwrap();
    std::os::unix::fs::symlink("production", root.join("deploy/live")).unwrap();
    std::os::unix::fs::symlink("/", root.join("terraform")).unwrap();
    repository.init(&[]);
    let policy = read(&repository.policy_text());
    for (path, environments) in [
        ("deploy/production/x", &["production"][..]),
        ("deploy/staging/x", &["staging"]),
        ("deploy/new\nline/x", &["production", "staging"]),
        ("deploy/größe/x", &["production", "staging"]),
        ("deploy/live", &["production", "staging"]),
        ("k8s/{y}/overlays/prod/x", &["production"]),
    ] {
        let reach = reached(&policy, "refs/heads/main", path);
        assert!(names(&reach).is_superset(&environments.iter().copied().collect()), "{path}: {:?}", names(&reach));
        assert!(reach.unknown.is_empty(), "{path}");
    }
    assert!(policy.environment("live").is_none());
}

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
    let draft = Draft::new(found);
    let text = draft.text();
    assert_eq!(text, Draft::new(found).text());
    let policy = read(&text);
    assert_right_by_the_schema(&text);
    assert!(draft.environments().iter().any(|environment| environment.guarded), "{text}");
    assert_eq!(draft.environments().len(), policy.environments.len());
    let at = "2026-11-21T12:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    let options = Options {
        at,
        weeks: 4,
        least_open: 10 * 3600,
        system_zone_rules: None,
        allowed: &[Code::NoLift],
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
        if deployed.contains(&top) && outer.is_some_and(|step| ["prod", "production", "Prod", "prod-us"].contains(step))
        {
            assert!(reach.reached.iter().any(|one| one.environment.during_core_hours.is_some()), "{file}\n{text}");
        }
    }
    // nothing is drafted about what is not there
    let folders = found.folders.iter().map(|folder| format!("{folder}/x"));
    let paths: Vec<String> = folders.chain(found.files.iter().cloned()).collect();
    for pattern in policy.targets.iter().flat_map(|target| target.paths.iter().chain(&target.except)) {
        let set = PatternSet::new([pattern]);
        let general = ["**", "**/*.md"].contains(&Pattern::as_str(pattern));
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
        let drafted = Draft::new(&Survey {
            timezone: Some("Europe/Berlin".to_owned()),
            // folders that begin with a dot are seen and not opened
            files: found.files.iter().filter(|file| !file.contains(".hidden/")).cloned().collect(),
            folders: found.folders.iter().filter(|folder| !folder.contains(".hidden/")).cloned().collect(),
            ..found
        });
        assert_eq!(repository.policy_text(), drafted.text());
    }
}
