//! A grant for a finding about routes.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::grants::bench::{OUTAGE, POLICY, key, roster};
use crate::grants::program::{expect, freezegate, git_ok, with, write_anew};

fn ingress(name: &str, path: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}, namespace: {name}}}\nspec:\n  \
         ingressClassName: nginx\n  rules: [{{host: login.example.com, http: {{paths: [{{path: {path}, pathType: Prefix, \
         backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}}}]\n"
    )
}

fn commit(root: &Path, path: &str, text: &str) {
    fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
    fs::write(root.join(path), text).unwrap();
    git_ok(root, &["add", "-A"]);
    git_ok(root, &["commit", "-q", "-m", path]);
}

const CHECK: [&str; 5] = ["check", "--range", "HEAD~1..HEAD", "--at", OUTAGE];

#[test]
fn it_lifts_the_host_that_it_names_and_counts_until_the_routes_table_changes() {
    let folder = TempDir::new().unwrap();
    let root = &folder.path().join("shop");
    fs::create_dir(root).unwrap();
    git_ok(root, &["init", "-q", "-b", "main"]);
    git_ok(root, &["remote", "add", "origin", "https://user@example.com/team/shop.git"]);
    fs::write(root.join("approvers.allowed_signers"), roster()).unwrap();
    let policy = format!("{POLICY}\n[routes]\npaths = [\"routes/{{environment}}/**\"]\n");
    fs::write(root.join("freezegate.toml"), &policy).unwrap();
    commit(root, "routes/production/login.yaml", &ingress("login", "/"));
    commit(root, "routes/staging/login.yaml", &ingress("login-staging", "/sso"));
    let refusal = freezegate(root).args(with(&CHECK, &["--format", "json"])).output().unwrap();
    assert_eq!(refusal.status.code(), Some(1), "{refusal:?}");
    let document = folder.path().join("refusal.json");
    fs::write(&document, refusal.stdout).unwrap();
    let file = folder.path().join("grant.toml");
    let file = file.to_str().unwrap();
    let new = ["grant", "new", "--from", document.to_str().unwrap(), "--incident", "INC-7", "--reason", "login moves"];
    let asked = ["--any-change", "--requester", "r@example.com", "--at", OUTAGE, "--output", file];
    write_anew(root, &with(&new, &asked));
    assert!(fs::read_to_string(file).unwrap().contains("route-hijack/login.example.com"));
    for signer in ["a", "c"] {
        expect(root, &["grant", "sign", file, "--key", key(signer).to_str().unwrap()], 0, "");
    }
    let granted = with(&CHECK, &["--grant", file]);
    expect(root, &granted, 0, "overridden: `staging` takes requests of `production` at `login.example.com`");
    // it depends on what the policy guards
    fs::write(root.join("freezegate.toml"), format!("{policy}except = [\"routes/**/*.md\"]\n")).unwrap();
    expect(root, &granted, 1, "what it depends on in the policy is not what it was signed for");
}
