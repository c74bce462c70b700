//! Guarded routes in hooks: a route of one environment that takes the requests of another.

use crate::hooks::arena::{Arena, CLOSED, LONG_AGO, OPEN, words};

/// Routes of both environments lie in one folder; no target maps it.
const POLICY: &str = r#"version = 1

[environments.production]
aliases = ["prod"]

[environments.pre-production]
aliases           = ["preprod"]
during_core_hours = "off"

[[targets]]
paths = ["deploy/{environment}/**"]

[routes]
paths  = ["routes/**"]
except = ["**/*.md"]
owners = ["{environment}"]
"#;

const LOGIN: &str = "\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: login, namespace: production}
spec:
  hosts: [login.example.com]
  gateways: [istio-system/public]
  http:
  - route: [{destination: {host: login}}]
";

/// The route of pre-production, for some hosts.
fn pre_production(hosts: &str) -> String {
    format!(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: login, namespace: preprod}}\nspec:\n  \
         hosts: [{hosts}]\n  gateways: [istio-system/public]\n  http:\n  - match: [{{uri: {{regex: \"/(oauth|sso)(/.*)?\"}}, \
         headers: {{x-region: {{prefix: us}}}}}}]\n    route: [{{destination: {{host: login}}}}]\n"
    )
}

const REQUEST: &str = "GET https://login.example.com/sso, x-region: us";

fn arena() -> Arena {
    let arena = Arena::with_policy(POLICY);
    arena.write("routes/login.yaml", LOGIN);
    arena.commit("production");
    arena.passes(&["origin", "main"]);
    arena
}

#[test]
fn both_hooks_refuse_a_hijack_at_any_hour_and_show_the_request() {
    let arena = arena();
    arena.write("routes/preprod.yaml", pre_production("login-pre.example.com, login.example.com"));
    arena.commit("pre-production");
    for hour in [OPEN, CLOSED] {
        arena.clock(hour);
        for option in ["--verify", "--no-verify"] {
            let push = arena.push(&[option, "origin", "main"]);
            let seen = words(&push.seen);
            assert!(!push.passed, "{}", push.seen);
            for part in [
                "`pre-production` takes requests of `production` at `login.example.com` (hard)",
                REQUEST,
                "production/login (routes/login.yaml:1)",
                "preprod/login (routes/preprod.yaml:1)",
                "freezegate explain route-hijack",
            ] {
                assert!(seen.contains(part), "{option}: {part} is not in\n{}", push.seen);
            }
        }
    }
    arena.write("routes/preprod.yaml", pre_production("login-pre.example.com"));
    arena.commit("pre-production alone");
    arena.passes(&["origin", "main"]);
}

#[test]
fn a_change_of_other_files_and_other_branches_is_not_held_up() {
    let arena = arena();
    arena.write("routes/preprod.yaml", pre_production("login.example.com"));
    arena.commit("pre-production");
    // `[routes]` without `refs` guards the default branch
    arena.passes(&["origin", "main:topic"]);
    arena.git(["reset", "--quiet", "--hard", "origin/main"]);
    arena.write("routes/notes.md", "kind: Ingress {{ not a manifest }}\n");
    arena.commit_file("docs/more", "other files");
    arena.passes(&["origin", "main"]);
}

#[test]
fn what_stood_unread_does_not_lock_anybody_out() {
    let arena = Arena::without_policy();
    arena.write("freezegate.toml", POLICY);
    arena.write("routes/chart.yaml", "kind: Ingress\n{{- if .Values }}\n");
    arena.write("routes/login.yaml", LOGIN);
    arena.commit("begin");
    arena.git(["push", "--quiet", "--no-verify", "origin", "main"]);
    arena.git(["remote", "set-head", "origin", "main"]);
    arena.install(&arena.server, "pre-receive", "");
    // a change beside it passes, with a warning
    arena.write("routes/preprod.yaml", pre_production("login-pre.example.com"));
    arena.commit("pre-production");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    assert!(push.passed, "{}", push.seen);
    // one that alters it and leaves it unread does not
    arena.write("routes/chart.yaml", "kind: Ingress\n{{- if .Values.more }}\n");
    arena.commit("alter");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    assert!(!push.passed && words(&push.seen).contains("routes/chart.yaml may route requests"), "{}", push.seen);
    assert!(words(&push.seen).contains("leave the file out by `except` of `[routes]`"), "{}", push.seen);
    // one that removes it does
    arena.git(["rm", "--quiet", "routes/chart.yaml"]);
    arena.commit("remove");
    arena.passes(&["origin", "main"]);
}

#[test]
fn links_are_no_manifests() {
    let arena = arena();
    std::os::unix::fs::symlink("../docs/readme", arena.clone.join("routes/link.yaml")).unwrap();
    arena.commit("link");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    assert!(!push.passed && words(&push.seen).contains("`routes/link.yaml` is not a file"), "{}", push.seen);
}

#[test]
fn a_new_ref_is_compared_with_the_default_branch() {
    let policy = POLICY.replace("owners =", "refs   = [\"refs/heads/main\", \"refs/heads/release/*\"]\nowners =");
    let arena = Arena::with_policy(&policy);
    arena.write("routes/login.yaml", LOGIN);
    arena.commit("production");
    arena.passes(&["origin", "main"]);
    arena.passes(&["origin", "main:release/1"]);
    arena.write("routes/preprod.yaml", pre_production("login.example.com"));
    arena.commit("pre-production");
    for option in ["--verify", "--no-verify"] {
        let push = arena.push(&[option, "origin", "main:release/2"]);
        assert!(!push.passed && words(&push.seen).contains(REQUEST), "{}", push.seen);
    }
}

#[test]
fn by_hand_a_range_is_judged_in_each_format() {
    let arena = arena();
    arena.write("routes/preprod.yaml", pre_production("login.example.com"));
    arena.commit("pre-production");
    let check = |format: &str| {
        let mut command = arena.program(&arena.clone);
        command.args(["check", "--range", "HEAD~1..HEAD", "--no-ci", "--format", format]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    assert!(words(&check("text")).contains(REQUEST));
    let json: serde_json::Value = serde_json::from_str(check("json").lines().next().unwrap()).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(finding["id"], "route-hijack/login.example.com");
    assert_eq!(finding["environment"], "production");
    assert_eq!(finding["because"], "routes/preprod.yaml");
    assert_eq!(finding["routes"]["request"], REQUEST);
    assert_eq!(finding["routes"]["line"], 1);
    let github = check("github");
    let line = github.lines().find(|line| line.starts_with("::error file=routes/preprod.yaml,line=1")).unwrap();
    assert!(line.contains("route-hijack/login.example.com") && line.contains(REQUEST), "{line}");
    assert!(check("markdown").contains("login&#46;example&#46;com&#47;sso"));
}

/// A server that let a hijack pass because its policy only warned of it then.
fn hijacked() -> Arena {
    let target = "paths = [\"deploy/{environment}/**\"]\n";
    let policy =
        POLICY.replace(target, &format!("{target}\n[[targets]]\npaths = [\"routes/**\"]\nenvironment = \"*\"\n"));
    let arena = Arena::with_policy(&policy.replace("owners =", "hijack = \"warn\"\nowners ="));
    arena.git_in(&arena.server, ["config", "core.logAllRefUpdates", "always"]);
    arena.write("routes/login.yaml", LOGIN);
    arena.commit("production");
    pushed(&arena, LONG_AGO);
    arena.write("routes/preprod.yaml", pre_production("login.example.com"));
    arena.commit("pre-production");
    pushed(&arena, "2025-07-13T11:00:00+00:00");
    arena
}

/// Pushes main, at an instant by the clock of the server's reflog.
fn pushed(arena: &Arena, instant: &str) {
    let push = arena.push_with(&["--no-verify", "origin", "main"], &[("GIT_COMMITTER_DATE", instant)]);
    assert!(push.passed, "{}", push.seen);
}

#[test]
fn a_warning_passes_and_so_does_the_way_back() {
    let arena = hijacked();
    arena.git(["revert", "--no-edit", "HEAD"]);
    arena.passes(&["--no-verify", "origin", "main"]);
}

/// With `hijack = "hard"` by an administrator's policy, only the rollback explains why it passes.
#[test]
fn a_verified_rollback_takes_the_requests_back() {
    let arena = hijacked();
    let strict = arena.root().join("strict.toml");
    let target = "paths = [\"deploy/{environment}/**\"]\n";
    let policy =
        POLICY.replace(target, &format!("{target}\n[[targets]]\npaths = [\"routes/**\"]\nenvironment = \"*\"\n"));
    std::fs::write(&strict, policy).unwrap();
    arena.install(&arena.server, "pre-receive", &format!("--policy '{}'", strict.display()));
    let back = arena.git(["rev-parse", "HEAD"]);
    // another change that takes the requests is none
    arena.write("routes/preprod.yaml", pre_production("login-pre.example.com"));
    arena.commit("fix forward");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    assert!(!push.passed && words(&push.seen).contains("`production` takes requests of"), "{}", push.seen);
    arena.git(["reset", "--quiet", "--hard", &back]);
    arena.git(["revert", "--no-edit", "HEAD"]);
    arena.passes(&["--no-verify", "origin", "main"]);
}

#[test]
fn a_rollback_of_other_files_brings_no_hijack_along() {
    let arena = Arena::with_policy(POLICY);
    arena.git_in(&arena.server, ["config", "core.logAllRefUpdates", "always"]);
    arena.write("routes/login.yaml", LOGIN);
    arena.commit_file("deploy/production/api", "one");
    pushed(&arena, LONG_AGO);
    arena.commit_file("deploy/production/api", "two");
    pushed(&arena, "2025-07-13T11:00:00+00:00");
    arena.write("routes/preprod.yaml", pre_production("login.example.com"));
    arena.commit_file("deploy/production/api", "one");
    let push = arena.push(&["--no-verify", "origin", "main"]);
    assert!(!push.passed && words(&push.seen).contains(REQUEST), "{}", push.seen);
}

#[test]
fn the_policy_of_talkdesk_refuses_the_change_of_july_2025() {
    let arena = Arena::without_policy();
    let policies = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    for (from, to) in [("talkdesk.toml", "freezegate.toml"), ("approvers.allowed_signers", "approvers.allowed_signers")]
    {
        arena.write(to, std::fs::read(policies.join(from)).unwrap());
    }
    arena.write("routes/login.yaml", LOGIN);
    arena.commit("production");
    for (hosts, status, shown) in
        [("login-pre.example.com, login.example.com", 1, REQUEST), ("login-pre.example.com", 0, "may change now")]
    {
        arena.write("routes/preprod.yaml", pre_production(hosts));
        arena.commit("pre-production");
        // on a Sunday, when all is open
        let mut command = arena.program(&arena.clone);
        let output = command.args(["check", "--range", "HEAD~1..HEAD", "--no-ci"]).output().unwrap();
        let seen = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(status) && words(&seen).contains(shown), "{hosts}: {seen}");
        arena.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    }
}
