//! Repositories of every kind, and what a change of each of their files reaches by the draft.

use std::collections::BTreeSet;
use std::path::PathBuf;

use freezegate::draft::PolicyDraft;
use freezegate::policy::Policy;

use crate::init::judged::{names, reached, read, survey};
use crate::init::repository::Repository;

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
                ("clusters/prod-us/app.yaml", &["production"]),
                ("clusters/prod-eu/app.yaml", &["production"]),
                ("clusters/staging-eu/app.yaml", &["staging"]),
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
        ("nothing at all is named", &[("src/main.rs", &["production"]), ("README.md", &[])]),
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
    let text = PolicyDraft::new(&survey(&files)).text();
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
