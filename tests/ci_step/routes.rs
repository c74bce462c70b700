//! Guarded routes in a CI job.

use crate::ci_step::world::{Job, OPEN, World};

const ROUTES: &str = "\n[routes]\npaths = [\"routes/{environment}/**\"]\n";

fn ingress(name: &str, path: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}, namespace: {name}}}\nspec:\n  \
         ingressClassName: nginx\n  rules: [{{host: login.example.com, http: {{paths: [{{path: {path}, pathType: Prefix, \
         backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}}}]\n"
    )
}

/// A push to main that adds a route of staging to one of production.
fn pushed(path: &str) -> World {
    let world = World::empty();
    let policy = crate::ci_step::world::POLICY.to_owned() + ROUTES;
    world.commit(&[("freezegate.toml", &policy), ("routes/production/login.yaml", &ingress("login", "/sso"))]);
    world.git(&["branch", "base"]);
    world.commit(&[("routes/staging/login.yaml", &ingress("login-staging", path))]);
    world.push("main");
    world.git(&["remote", "set-head", "origin", "main"]);
    world
}

#[test]
fn a_job_refuses_a_hijack_and_annotates_the_line() {
    let world = pushed("/sso/us");
    let job = Job::of_push("github/push", &world);
    let answer = world.run(OPEN, &job.variables(), &["check", "staging", "--format", "github"]);
    assert_eq!(answer.status, 1, "{answer}");
    let line = answer.out.lines().find(|line| line.starts_with("::error file=routes/staging/login.yaml,line=1"));
    let line = line.unwrap_or_else(|| panic!("{answer}"));
    assert!(line.contains("route-hijack/login.example.com"), "{answer}");
    assert!(line.contains("GET https://login.example.com/sso/us"), "{answer}");
    let world = pushed("/oauth");
    let job = Job::of_push("github/push", &world);
    let answer = world.run(OPEN, &job.variables(), &["check", "staging", "--format", "json"]);
    assert_eq!((answer.status, &answer.json()["decision"]), (0, &"allowed".into()), "{answer}");
}

#[test]
fn a_job_that_knows_no_base_decides_nothing() {
    let world = pushed("/oauth");
    let job = Job::of("github/manual", &world, &[("head", &world.id("HEAD"))]);
    let answer = world.run(OPEN, &job.variables(), &["check", "staging", "--policy-from", "base"]);
    assert_eq!(answer.status, 2, "{answer}");
    assert!(answer.err.contains("the earlier routes are not known"), "{answer}");
    let range = ["check", "staging", "--policy-from", "base", "--range", "base..HEAD"];
    let answer = world.run(OPEN, &job.variables(), &range);
    assert_eq!(answer.status, 0, "{answer}");
}

/// A record that knows nothing of an environment still knows what was deployed from the branch: its first job is not locked out.
#[test]
fn the_first_job_of_another_environment_is_compared_with_what_the_branch_deployed() {
    let world = pushed("/oauth");
    let record = world.path("record.jsonl").to_str().unwrap().to_owned();
    let job = Job::of_push("github/push", &world);
    for environment in ["staging", "production"] {
        let answer = world.run(OPEN, &job.variables(), &["check", environment, "--record", &record]);
        assert_eq!(answer.status, 0, "{environment}: {answer}");
    }
}
