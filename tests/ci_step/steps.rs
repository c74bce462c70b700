//! The steps of `.github/ci` that people copy: their scripts, run as the provider's job would, with a deployment that leaves a trace.

use std::fs;
use std::path::{Path, PathBuf};

use crate::ci_step::action::{archive, program};
use crate::ci_step::world::{Answer, CLOSED, Job, OPEN, World};
use crate::support::clock::FAKETIME;

struct Provider {
    file: &'static str,
    /// The fixture of a request to merge, and of a push.
    fixtures: [&'static str; 2],
    /// Those of jobs that somebody or a timetable starts; of Bitbucket and CircleCI, which don't tell them from a push, the same.
    started: &'static [&'static str],
    /// True if the job keeps the branch `deployed/production`.
    keeps: bool,
}

const PROVIDERS: [Provider; 6] = [
    Provider {
        file: "gitlab.yml",
        fixtures: ["gitlab/merge_request", "gitlab/push_to_environment"],
        started: &["gitlab/manual", "gitlab/manual_job", "gitlab/schedule"],
        keeps: false,
    },
    Provider {
        file: "azure-pipelines.yml",
        fixtures: ["azure/pull_request_in_azure_repos", "azure/deployment_job"],
        started: &["azure/manual", "azure/schedule"],
        keeps: true,
    },
    Provider {
        file: "bitbucket-pipelines.yml",
        fixtures: ["bitbucket/pull_request", "bitbucket/branch_to_environment"],
        started: &["bitbucket/branch_to_environment"],
        keeps: true,
    },
    Provider {
        file: "buildkite.yml",
        fixtures: ["buildkite/pull_request", "buildkite/push"],
        started: &["buildkite/manual", "buildkite/schedule"],
        keeps: true,
    },
    Provider {
        file: "circleci.yml",
        fixtures: ["circleci/branch", "circleci/branch"],
        started: &["circleci/branch"],
        keeps: true,
    },
    Provider {
        file: "Jenkinsfile",
        fixtures: ["jenkins/change_request", "jenkins/branch"],
        started: &["jenkins/started_by_person"],
        keeps: false,
    },
];

/// The scripts of a file: of YAML what stands below a line that ends with `|`, of Groovy what stands between three quotes.
pub(crate) fn scripts(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/ci").join(file);
    let text = fs::read_to_string(path).unwrap();
    if file == "Jenkinsfile" {
        return text.split("'''").skip(1).step_by(2).map(str::to_owned).collect();
    }
    let inner = |line: &str| line.len() - line.trim_start().len();
    // a key of an item of a list stands behind its dash
    let indent = |line: &str| inner(line) + if line.contains("- ") && !line.ends_with("- |") { 2 } else { 0 };
    let mut scripts: Vec<String> = Vec::new();
    let mut within = None;
    for line in text.lines() {
        match within {
            Some(outer) if line.trim().is_empty() || inner(line) > outer => {
                let script = scripts.last_mut().unwrap();
                script.push_str(line.trim_start());
                script.push('\n');
            }
            _ => {
                within = line.ends_with('|').then(|| indent(line));
                if within.is_some() {
                    scripts.push(String::new());
                }
            }
        }
    }
    // `buildkite-agent pipeline upload` makes one of two
    scripts.into_iter().map(|script| if file == "buildkite.yml" { script.replace("$$", "$") } else { script }).collect()
}

/// A script in which `archive` and `sum` are what a release writes there.
fn released(script: &str, archive: &str, sum: &str) -> String {
    let line = |line: &str| match line {
        _ if line.starts_with("archive='") => format!("archive='{archive}'\n"),
        _ if line.starts_with("sum='") => format!("sum='{sum}'\n"),
        _ => format!("{line}\n"),
    };
    script.lines().map(line).collect()
}

/// A job of the test's own release.
pub(crate) fn run(world: &World, folder: &Path, clock: &str, job: &Job, scripts: &[String]) -> Answer {
    let (archive, sum) = archive();
    let archive = format!("file://{}", archive.display());
    let scripts: Vec<String> = scripts.iter().map(|script| released(script, &archive, sum)).collect();
    run_as_written(world, folder, clock, job, &scripts)
}

/// A job that runs scripts one after the other until one fails.
fn run_as_written(world: &World, folder: &Path, clock: &str, job: &Job, scripts: &[String]) -> Answer {
    for (name, text) in [("apt-get", "#!/bin/sh\n"), ("buildkite-agent", "#!/bin/sh\ncat > \"$HOME/annotation\"\n")] {
        program(&world.path("home/bin").join(name), text);
    }
    let mut all = Answer { status: 0, out: String::new(), err: String::new() };
    for script in scripts {
        let mut command = world.clean(FAKETIME);
        command.args(["-f", clock, "bash", "-eo", "pipefail", "-c", script]).current_dir(folder).envs(job.variables());
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", world.path("home/bin").display()));
        let answer: Answer = command.output().unwrap().into();
        all = Answer { status: answer.status, out: all.out + &answer.out, err: all.err + &answer.err };
        if all.status != 0 {
            break;
        }
    }
    all
}

fn allow_partial(world: &World) {
    for key in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
        world.git_in(&world.path("server.git"), &["config", key, "true"]);
    }
}

/// A clone of what was pushed to main, as the provider checks it out, with a deployment that leaves a trace.
fn clone(world: &World, provider: &Provider, name: &str) -> PathBuf {
    let server = format!("file://{}", world.path("server.git").display());
    allow_partial(world);
    // https://circleci.com/docs/guides/orchestrate/configuration-reference: `checkout` is blobless if nothing else is said
    let lacking = if provider.file == "circleci.yml" { "--filter=blob:none" } else { "--depth=1" };
    world.git_in(&world.path(""), &["clone", "--quiet", lacking, &server, name]);
    let folder = world.path(name);
    program(&folder.join("deploy.sh"), "#!/bin/sh\necho deployed >> \"$HOME/trace\"\n");
    folder
}

#[test]
fn a_request_to_merge_is_told_what_would_be_refused_and_nothing_more() {
    for provider in &PROVIDERS {
        let world = World::requested();
        if provider.fixtures[0] != "bitbucket/pull_request" && !provider.fixtures[0].starts_with("azure") {
            world.git(&["checkout", "--quiet", "feature"]);
        }
        // the job has not fetched the branch that the request targets
        world.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
        let (head, base) = (world.id("HEAD"), world.id("base"));
        let job = Job::of(provider.fixtures[0], &world, &[("head", &head), ("base", &base), ("merge", &head)]);
        let all = scripts(provider.file);
        let answer = run(&world, &world.path("work"), CLOSED, &job, &all[..1]);
        assert_eq!(answer.status, 0, "{}: {answer}", provider.file);
        let told = answer.out + &answer.err;
        assert!(told.contains("would be refused: production/us is closed"), "{}: {told}", provider.file);

        // as the provider checks it out, with little more than the commit itself
        world.git(&["push", "--quiet", "origin", "HEAD:refs/pull/1/merge"]);
        let (folder, server) = (world.path("checkout"), format!("file://{}", world.path("server.git").display()));
        world.git_in(&world.path(""), &["init", "--quiet", "checkout"]);
        world.git_in(&folder, &["remote", "add", "origin", &server]);
        let lacking = if provider.file == "circleci.yml" { "--filter=blob:none" } else { "--depth=1" };
        allow_partial(&world);
        world.git_in(&folder, &["fetch", "--quiet", "--no-tags", lacking, "origin", &head]);
        world.git_in(&folder, &["checkout", "--quiet", "--detach", &head]);
        let answer = run(&world, &folder, CLOSED, &job, &all[..1]);
        assert_eq!(answer.status, 0, "{}: {answer}", provider.file);
        let told = answer.out + &answer.err;
        assert!(told.contains("would be refused: production/us is closed"), "{}: {told}", provider.file);
        assert!(!told.contains("the policy that the change itself brings"), "{}: {told}", provider.file);
    }
    let world = World::requested();
    assert!(!world.path("home/trace").exists());
}

#[test]
fn a_deployment_waits_until_the_window_opens_and_becomes_the_base_of_the_next() {
    for provider in &PROVIDERS {
        let world = World::pushed();
        let (head, base) = (world.id("HEAD"), world.id("base"));
        if provider.keeps {
            world.git(&["push", "--quiet", "origin", "base:refs/heads/deployed/production"]);
        }
        let job = Job::of(provider.fixtures[1], &world, &[("head", &head), ("base", &base)]);
        let all = scripts(provider.file);
        let trace = world.path("home/trace");

        let refused = run(&world, &clone(&world, provider, "closed"), CLOSED, &job, &all[1..]);
        assert_eq!(refused.status, 1, "{}: {refused}", provider.file);
        let told = format!("{}{}", refused.out, refused.err);
        assert!(told.contains("refused: production/us is closed"), "{}: {told}", provider.file);
        assert!(!trace.exists(), "{} deployed all the same", provider.file);

        let allowed = run(&world, &clone(&world, provider, "open"), OPEN, &job, &all[1..]);
        assert_eq!(allowed.status, 0, "{}: {allowed}", provider.file);
        assert_eq!(fs::read_to_string(&trace).unwrap(), "deployed\n", "{}", provider.file);
        let server = world.path("server.git");
        let kept = world.git_in(&server, &["log", "--format=%s", "refs/freezegate/record"]);
        assert_eq!(kept, "2 allowed production\n1 refused production", "{}", provider.file);
        if provider.keeps {
            assert_eq!(
                world.git_in(&server, &["rev-parse", "refs/heads/deployed/production"]),
                head,
                "{}",
                provider.file
            );
        }
    }
}

/// Whoever or whatever starts the job: it knows no base, so that of the record counts.
#[test]
fn a_job_that_is_started_by_hand_or_by_a_timetable_is_judged_as_any_other() {
    let mut kinds = (0, 0);
    for provider in &PROVIDERS {
        for fixture in provider.started {
            let world = World::pushed();
            if provider.keeps {
                world.git(&["push", "--quiet", "origin", "base:refs/heads/deployed/production"]);
            }
            let all = scripts(provider.file);
            let base = world.id("base");
            // the names that the page gives the job
            let pushed = Job::of(provider.fixtures[1], &world, &[("head", &world.id("HEAD")), ("base", &base)]);
            let started = |head: &str, base: &str| {
                let job = Job::of(fixture, &world, &[("head", head), ("base", base)]);
                let names = ["CI_ENVIRONMENT_NAME", "ENVIRONMENT_NAME", "ENVIRONMENT_ID"];
                let named = pushed.variables().into_iter().filter(|(name, _)| names.contains(name));
                named.fold(job, |job, (name, value)| job.with(name, value))
            };
            let allowed = run(&world, &clone(&world, provider, "first"), OPEN, &pushed, &all[1..]);
            assert_eq!(allowed.status, 0, "{fixture}: {allowed}");
            let before = world.id("HEAD");
            world.commit(&[("deploy/production/us/routes.yaml", "three")]);
            world.push("main");
            let job = started(&world.id("HEAD"), &before);
            let trace = || fs::read_to_string(world.path("home/trace")).unwrap();
            let refused = run(&world, &clone(&world, provider, "closed"), CLOSED, &job, &all[1..]);
            assert_eq!(refused.status, 1, "{fixture}: {refused}");
            let told = format!("{}{}", refused.out, refused.err);
            assert!(told.contains("refused: production/us is closed"), "{fixture}: {told}");
            assert_eq!(trace(), "deployed\n", "{fixture}");
            let allowed = run(&world, &clone(&world, provider, "open"), OPEN, &job, &all[1..]);
            assert_eq!(allowed.status, 0, "{fixture}: {allowed}");
            assert_eq!(trace(), "deployed\ndeployed\n", "{fixture}");
            if fixture.ends_with("schedule") {
                kinds.1 += 1;
            } else {
                kinds.0 += 1;
            }
        }
    }
    assert_eq!(kinds, (7, 3));
}

/// A plan and manifests of the job are judged where the page says, and stop it where they can't be read.
#[test]
fn a_plan_and_manifests_of_the_job_are_judged_before_it_deploys() {
    let change = r#"{"address":"t.x","type":"t","change":{"actions":["update"],"before":{"a":1},"after":{"a":2}}}"#;
    let plan = format!(r#"{{"format_version":"1.2","resource_changes":[{change}]}}"#);
    let object = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
    for provider in &PROVIDERS {
        let world = World::pushed();
        let (head, base) = (world.id("HEAD"), world.id("base"));
        if provider.keeps {
            world.git(&["push", "--quiet", "origin", "base:refs/heads/deployed/production"]);
        }
        let job = Job::of(provider.fixtures[1], &world, &[("head", &head), ("base", &base)]);
        let trace = world.path("home/trace");
        let with = |name: &str, lines: &[(&str, &str)], plan: &str| {
            let folder = clone(&world, provider, name);
            fs::write(folder.join("plan.json"), plan).unwrap();
            fs::write(folder.join("new.yaml"), object).unwrap();
            let edited = scripts(provider.file).into_iter().skip(1).map(|script| {
                lines.iter().fold(script, |script, (name, value)| {
                    let empty = format!("\n{name}=''\n");
                    if script.contains("freezegate\" check") {
                        assert!(script.contains(&empty), "{}: {name}", provider.file);
                    }
                    script.replace(&empty, &format!("\n{name}='{value}'\n"))
                })
            });
            run(&world, &folder, OPEN, &job, &edited.collect::<Vec<_>>())
        };
        let cut = with("cut", &[("plan", "plan.json")], "{");
        assert_eq!(cut.status, 2, "{}: {cut}", provider.file);
        let missing = with("missing", &[("manifests", "gone")], "");
        assert_eq!(missing.status, 2, "{}: {missing}", provider.file);
        let uncompared = [("manifests", "new.yaml"), ("manifests_before", "gone")];
        assert_eq!(with("uncompared", &uncompared, "").status, 2, "{}", provider.file);
        assert!(!trace.exists(), "{} deployed all the same", provider.file);
        let all = [("plan", "plan.json"), ("manifests", "new.yaml"), ("manifests_before", "new.yaml")];
        let allowed = with("all", &all, &plan);
        assert_eq!(allowed.status, 0, "{}: {allowed}", provider.file);
        assert_eq!(fs::read_to_string(&trace).unwrap(), "deployed\n", "{}", provider.file);
        let told = format!("{}{}", allowed.out, allowed.err);
        assert!(
            told.contains("the plan: 1 change") && told.contains("the manifests: 1 object"),
            "{}: {told}",
            provider.file
        );
    }
}

/// Whatever a provider, or the branch that is kept, says was deployed last.
#[test]
fn what_was_refused_is_still_seen_after_what_followed_it() {
    for provider in &PROVIDERS {
        let world = World::pushed();
        let base = world.id("base");
        if provider.keeps {
            world.git(&["push", "--quiet", "origin", "base:refs/heads/deployed/production"]);
        }
        let all = scripts(provider.file);
        let refused = world.id("HEAD");
        let job = Job::of(provider.fixtures[1], &world, &[("head", &refused), ("base", &base)]);
        let answer = run(&world, &clone(&world, provider, "refused"), CLOSED, &job, &all[1..]);
        assert_eq!(answer.status, 1, "{}: {answer}", provider.file);

        world.commit(&[("deploy/staging/us/routes.yaml", "three")]);
        world.push("main");
        if provider.keeps {
            world.git(&["push", "--quiet", "--force", "origin", &format!("{refused}:refs/heads/deployed/production")]);
        }
        let head = world.id("HEAD");
        let job = Job::of(provider.fixtures[1], &world, &[("head", &head), ("base", &refused)]);
        let answer = run(&world, &clone(&world, provider, "follower"), OPEN, &job, &all[1..]);
        let told = format!("{}{}", answer.out, answer.err);
        assert_eq!(answer.status, 1, "{}: {answer}", provider.file);
        assert!(told.contains("this reaches `staging`"), "{}: {told}", provider.file);
        let said = format!("base: the record's first base ({})", base.get(..7).unwrap());
        let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&said), "{}: {told}", provider.file);
        assert!(!world.path("home/trace").exists(), "{}", provider.file);
    }
}

#[test]
fn a_program_that_is_not_the_released_one_is_not_run() {
    let (file, sum) = archive();
    let file = format!("file://{}", file.display());
    let other = "0".repeat(64);
    for provider in &PROVIDERS {
        let world = World::pushed();
        let job = Job::of_push(provider.fixtures[1], &world);
        let folder = clone(&world, provider, "other");
        for (archive, pinned, said) in [
            (
                file.as_str(),
                other.as_str(),
                format!("{file} has SHA-256 {sum}, expected {other}; do not use it: copy the step again, or report it"),
            ),
            ("@ARCHIVE@", "@SHA256@", "this step names no release; copy it from a released version".to_owned()),
        ] {
            let scripts: Vec<String> =
                scripts(provider.file)[1..].iter().map(|script| released(script, archive, pinned)).collect();
            let answer = run_as_written(&world, &folder, OPEN, &job, &scripts);
            // in an annotation, where the provider has any
            let line = format!("freezegate: {said}\n");
            let (out, err) = match provider.file {
                "azure-pipelines.yml" => (format!("##vso[task.logissue type=error]{line}"), String::new()),
                _ => (String::new(), line.clone()),
            };
            assert_eq!((answer.status, answer.out, answer.err), (2, out, err), "{}", provider.file);
            let annotation = world.path("home/annotation");
            assert_eq!(annotation.exists(), provider.file == "buildkite.yml", "{}", provider.file);
            if annotation.exists() {
                assert_eq!(fs::read_to_string(annotation).unwrap(), line);
            }
            assert!(!world.path("home/trace").exists(), "{}", provider.file);
        }
    }
}

#[test]
fn the_timed_job_of_github_says_in_an_annotation_that_it_names_no_release() {
    let world = World::pushed();
    let job = Job::of_push("github/schedule", &world);
    let answer = run_as_written(&world, &world.path("work"), OPEN, &job, &scripts("github-renew.yml"));
    let said = "::error title=freezegate::this step names no release; copy it from a released version\n";
    assert_eq!((answer.status, answer.out.as_str(), answer.err.as_str()), (2, said, ""), "{answer}");
}

/// An annotation says why there is no decision, and the step fails all the same.
#[test]
fn buildkite_is_told_why_there_is_no_decision() {
    let world = World::requested();
    let (head, base) = (world.id("HEAD"), world.id("base"));
    let job = Job::of("buildkite/pull_request", &world, &[("head", &head), ("base", &base), ("merge", &head)]);
    let job = job.with("FREEZEGATE_POLICY", "/nowhere.toml");
    let answer = run(&world, &world.path("work"), CLOSED, &job, &scripts("buildkite.yml")[..1]);
    assert_eq!(answer.status, 2, "{answer}");
    let annotation = fs::read_to_string(world.path("home/annotation")).unwrap();
    assert!(annotation.starts_with("**no decision"), "{annotation}");
}
