//! `freezegate routes`: trees on disk and in git, answers and exit statuses.

#![expect(clippy::unwrap_used, reason = "a test that can't run the program should fail")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::clean::command;

const PRODUCTION: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: login, namespace: prod}
spec:
  hosts: [login.example.com]
  gateways: [istio-system/public]
  http:
";
const LOGIN: &str = "  - {match: [{uri: {prefix: /}}], route: [{destination: {host: login}}]}\n";
const HIJACK: &str = "  - match: [{uri: {regex: '/(oauth|sso)(/.*)?'}, headers: {x-region: {prefix: us}}}]
    route: [{destination: {host: login.preprod.svc.cluster.local}}]\n";

fn ask(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    let ended = program.arg("routes").args(arguments).env("COLUMNS", "100").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn a_route_of_pre_production_that_takes_the_login_host_is_shown_with_the_request() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let git = |arguments: &[&str]| {
        let ended = command("git", folder, folder).args(arguments).output().unwrap();
        assert!(ended.status.success(), "{arguments:?}: {ended:?}");
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    write(folder, "deploy/login.yaml", &[PRODUCTION, LOGIN].concat());
    // not a manifest, and not YAML
    write(folder, "deploy/values.yaml", "{{ .Values.other }}\n");
    git(&["add", "--all"]);
    git(&["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message", "begin"]);
    let (status, unchanged, _) = ask(folder, &[]);
    assert_eq!((status, unchanged.lines().next()), (Some(0), Some("unchanged: each request is answered as before")));
    write(folder, "deploy/login.yaml", &[PRODUCTION, HIJACK, LOGIN].concat());
    let shown = "taken: prod/login -> preprod/login at Istio gateway istio-system/public
  request     GET https://login.example.com/sso, x-region: us
  before      VirtualService prod/login, route 1 in deploy/login.yaml
  after       VirtualService prod/login, route 1 in deploy/login.yaml
";
    for arguments in [&[] as &[&str], &["--before", "HEAD:deploy"], &["--before", "main", "--after", "deploy"]] {
        let (status, text, error) = ask(folder, arguments);
        assert_eq!((status, error.as_str()), (Some(1), ""), "{arguments:?}");
        assert_eq!(text.replace("in login.yaml", "in deploy/login.yaml").split("compared").next().unwrap(), shown);
    }
    let (status, text, error) = ask(folder, &["--before", "HEAD:deplo"]);
    assert_eq!((status, text.as_str()), (Some(2), ""));
    assert!(error.contains("`HEAD:deplo` does not exist"), "{error}");
    let (status, text, _) = ask(folder, &["--format", "json"]);
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, Some(1));
    assert_eq!(answer["schema"], "freezegate/routes/v1");
    assert_eq!(answer["result"], "answered");
    let change = &answer["places"][0]["changes"][0];
    assert_eq!(change["request"], "GET https://login.example.com/sso, x-region: us");
    assert_eq!([&change["before"]["backend"], &change["after"]["backend"]], ["prod/login", "preprod/login"]);
    // the way back takes them again, without overlap nothing happens
    let (status, text, _) = ask(folder, &["--before", "deploy", "--after", "HEAD"]);
    assert_eq!(status, Some(1));
    assert!(text.starts_with("taken: preprod/login -> prod/login"), "{text}");
    let apart = HIJACK.replace("regex: '/(oauth|sso)(/.*)?'", "exact: /pre");
    let apart = PRODUCTION.replace("login.example.com", "pre.example.com").replace("name: login", "name: pre") + &apart;
    write(folder, "deploy/login.yaml", &format!("{PRODUCTION}{LOGIN}---\n{apart}"));
    let (status, text, _) = ask(folder, &[]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.starts_with("new: no backend -> preprod/login"), "{text}");
}

#[test]
fn who_answers_a_request_is_said() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    write(folder, "after/login.yaml", &[PRODUCTION, HIJACK, LOGIN].concat());
    write(folder, "before/login.yaml", &[PRODUCTION, LOGIN].concat());
    let sso = ["--request", "GET https://login.example.com/sso"];
    let (status, text, _) = ask(folder, &[&["--after", "after"], sso.as_slice()].concat());
    assert_eq!(status, Some(0));
    assert!(text.ends_with("\nread after\n"), "{text}");
    assert!(text.starts_with("prod/login at Istio gateway istio-system/public\n"), "{text}");
    let with = ["--after", "after", "--before", "before", "--header", "X-Region: us-1"];
    let (status, text, _) = ask(folder, &[with.as_slice(), sso.as_slice()].concat());
    assert_eq!(status, Some(0));
    assert_eq!(
        text.split("compared").next().unwrap(),
        "preprod/login at Istio gateway istio-system/public
  request     GET https://login.example.com/sso, x-region: us-1
  by          VirtualService prod/login, route 1 in login.yaml
  before      prod/login by VirtualService prod/login, route 1 in login.yaml
  after it    prod/login by VirtualService prod/login, route 2 in login.yaml
"
    );
    let (status, text, _) = ask(folder, &["--after", "after", "--request", "GET https://other.example.com/"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.starts_with("no backend at "), "{text}");
    for wrong in
        ["GET login.example.com", "GET https:///a", "get https://a/", "GET https://a/b//c", "GET https://a/%2e"]
    {
        let (status, text, error) = ask(folder, &["--after", "after", "--request", wrong]);
        assert_eq!((status, text.as_str()), (Some(2), ""), "{wrong}");
        assert!(error.contains("`--request`"), "{error}");
    }
}

/// A mistyped tree must not pass for one in which nothing changed.
#[test]
fn trees_without_routes_are_no_answer() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    write(folder, "before/values.yaml", "replicas: 1\n");
    write(folder, "after/values.yaml", "replicas: 2\n");
    let (status, text, complaint) = ask(folder, &["--before", "before", "--after", "after"]);
    assert_eq!((status, text.as_str()), (Some(2), ""));
    assert!(complaint.contains("there are no routes in `before` or in `after`"), "{complaint}");
    assert!(complaint.contains("`--before TREE`"), "{complaint}");
    // one that adds the first route is an edit
    write(folder, "after/login.yaml", &[PRODUCTION, LOGIN].concat());
    assert_ne!(ask(folder, &["--before", "before", "--after", "after"]).0, Some(2));
}

#[test]
fn what_is_not_understood_or_not_computed_is_no_answer() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    write(folder, "before/login.yaml", &[PRODUCTION, LOGIN].concat());
    write(folder, "after/login.yaml", &[PRODUCTION, LOGIN].concat());
    write(
        folder,
        "after/grpc.yaml",
        "apiVersion: gateway.networking.k8s.io/v1\nkind: GRPCRoute\nmetadata: {name: a}\n",
    );
    write(folder, "after/chart.yaml", "kind: HTTPRoute\nspec: {{ .Values }\n");
    let trees = ["--before", "before", "--after", "after"];
    let (status, text, _) = ask(folder, &trees);
    assert_eq!(status, Some(2));
    assert!(text.contains("not understood: GRPCRoute default/a in grpc.yaml"), "{text}");
    assert!(text.contains("not understood: chart.yaml: not YAML"), "{text}");
    assert!(!text.contains("unchanged"), "{text}");
    let (_, text, _) = ask(folder, &[trees.as_slice(), &["--format", "json"]].concat());
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["result"], "undecided");
    assert_eq!(answer["not_understood"][1]["tree"], json!("after"));
    for file in ["grpc.yaml", "chart.yaml"] {
        fs::remove_file(folder.join("after").join(file)).unwrap();
    }
    // products of automata that grow beyond any bound
    let route = |number: usize| {
        format!(
            "  - {{match: [{{uri: {{regex: '/.*[^a].{{{number}}}'}}}}], route: [{{destination: {{host: s{number}}}}}]}}\n"
        )
    };
    let tower: String = (9..21).map(route).collect();
    write(folder, "before/login.yaml", &[PRODUCTION, &tower, LOGIN].concat());
    let new = "  - {match: [{uri: {regex: '/.*b.{30}'}}], route: [{destination: {host: new}}]}\n";
    write(folder, "after/login.yaml", &[PRODUCTION, &tower, new, LOGIN].concat());
    let (status, text, _) = ask(folder, &trees);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.starts_with("not computed at Istio gateway istio-system/public"), "{text}");
    let (status, text, error) = ask(folder, &["--before", "nowhere", "--after", "after"]);
    assert_eq!((status, text.as_str()), (Some(2), ""));
    assert!(error.contains("`nowhere` is not a folder"), "{error}");
}

/// Rules of a load balancer in a plan are not read, which is said where `[routes]` is in the policy.
#[test]
fn a_plan_that_changes_a_load_balancer_is_not_compared() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let policy = "version = 1\n[environments.production]\n";
    let rule = |name: &str| {
        format!(
            "{{\"address\":\"aws_lb_listener_rule.{name}\",\"mode\":\"managed\",\"type\":\"aws_lb_listener_rule\",\
             \"name\":\"{name}\",\"provider_name\":\"registry.terraform.io/hashicorp/aws\",\"change\":{{\
             \"actions\":[\"update\"],\"before\":{{\"priority\":2}},\"after\":{{\"priority\":1}},\
             \"after_unknown\":{{}},\"before_sensitive\":{{}},\"after_sensitive\":{{}}}}}}"
        )
    };
    let plan = format!("{{\"format_version\":\"1.2\",\"resource_changes\":[{},{}]}}", rule("login"), rule("shop"));
    write(folder, "plan.json", &plan);
    let check = || {
        let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
        let ended = program.args(["check", "production", "--plan", "plan.json", "--no-ci"]).output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        String::from_utf8(ended.stdout).unwrap() + &String::from_utf8(ended.stderr).unwrap()
    };
    write(folder, "freezegate.toml", policy);
    assert!(!check().contains("aws_lb_listener_rule"));
    write(folder, "freezegate.toml", &format!("{policy}[routes]\npaths = [\"{{environment}}/**\"]\n"));
    let text = check().split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "`aws_lb_listener_rule.login` (and 1 more) may route requests: `[routes]` does not read plans";
    assert!(text.contains(said), "{text}");
}
